"""Who cannot see or hold a mouse: axe-core finds nothing on the site's pages, and every control works by keyboard.

axe-core is what comes with `axe-playwright-python`. It sees what is broken for sure (no name, too pale, no way in); whether
a name is a good one is for people to say.

In JupyterLab only the box of sliders and the picture are ours. ipywidgets gives a slider's handle no name, and as its value
the place in its list, or its logarithm; JupyterLab drops the words of a picture. `helpers/live.js` gives all of them. On the
site's pages the same sliders are native ones.
"""

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from built import Opened
from lab import Lab
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["index.html", "read/03_rope.html", "read/07_trained_model.html", "read/08_todays_models.html",
         "zh.html", "read/zh/05_ntk_aware.html", "read/teaching.html"]  # fmt: skip


def violations(page, parts=None):
    """{rule: [what breaks it]} on the page, or in these parts of it."""
    context = {"include": [[part] for part in parts]} if parts else None
    answer = Axe().run(page, context=context, options={"runOnly": RULES, "resultTypes": ["violations"]}).response
    assert len(answer["passes"]) > 5, "axe looked at nothing"
    return {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in answer["violations"]}


# ------------------------------------------------------------------------------------------------- the site


CASES = [*((page, "light", 1280) for page in PAGES), *((page, "dark", 1280) for page in PAGES[:2]), *((page, "light", 390) for page in PAGES[1::2])]


@pytest.mark.parametrize("address, scheme, width", CASES)
def test_a_page_breaks_no_rule(address, scheme, width, site, browser):
    opened = Opened(browser, site, address, asleep=True, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert violations(opened.page) == {}
    opened.context.close()


def test_a_live_picture_breaks_no_rule_when_it_moved_and_when_it_is_refused(site, browser):
    opened = Opened(browser, site, "read/05_ntk_aware.html").awake()
    live = opened.live(0)
    live.sliders.nth(1).focus()
    opened.page.keyboard.press("Home")
    live.figure.locator(".words:not(:empty)").wait_for()
    opened.page.locator("main summary").first.click()  # folded and unfolded code
    assert violations(opened.page) == {}
    opened.context.close()


def test_a_slider_says_its_name_and_its_value(site, browser):
    opened = Opened(browser, site, "read/03_rope.html", asleep=True, reduced_motion="reduce")
    count = 0
    for figure in opened.page.locator("figure.live").all():
        for control in figure.locator("label.control").filter(has=opened.page.locator("input[type=range]")).all():
            words = control.locator(".name").inner_text()
            slider = control.get_by_role("slider", name=words, exact=True)  # its name, and nothing but its name
            for key in ("Home", "End"):
                slider.press(key)
                assert slider.get_attribute("aria-valuetext") == control.locator("output").inner_text() != ""
            count += 1
    assert count > 10
    opened.context.close()


FOCUS = """() => {
    const part = document.activeElement, look = getComputedStyle(part.type === 'radio' ? part.nextElementSibling : part);
    return {kind: part.type || part.localName, figure: Boolean(part.closest('figure.live')), words: part.textContent,
            seen: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2};
}"""


def stops(page, until):
    """Where the Tab key leads from here: what has the focus, step by step, until a step for which until(step)."""
    found = []
    while not found or not until(found[-1]):
        assert len(found) < 60, f"the Tab key does not come there: {found}"
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUS))
    return found


def test_all_controls_of_a_page_work_by_keyboard_alone(site, browser):
    opened = Opened(browser, site, "read/08_todays_models.html").awake()
    page = opened.page
    stop = stops(page, lambda stop: stop["figure"])[-1]  # from the top of the page to the first slider
    live = opened.live(0)
    start, seen = live.readouts(), live.frames()
    assert stop["kind"] == "range" and stop["seen"]
    page.keyboard.press("ArrowRight")
    live.after(seen)
    assert live.readouts() != start
    found = stops(page, lambda stop: stop["kind"] == "reset")
    assert all(stop["seen"] for stop in found)
    seen = live.frames()
    page.keyboard.press("Enter")
    live.after(seen)
    assert live.readouts() == start

    found = stops(page, lambda stop: stop["kind"] == "textarea")
    assert all(stop["seen"] for stop in found)
    live = opened.live(1)
    seen = live.frames()
    page.keyboard.insert_text('{"head_dim": 16, "max_position_embeddings": 512}')
    live.after(seen)
    stops(page, lambda stop: stop["kind"] == "reset")
    page.keyboard.press("Space")
    live.figure.get_by_role("textbox", name="your config.json").and_(page.locator(":placeholder-shown")).wait_for()
    assert opened.complaints == []
    opened.context.close()


def test_buttons_of_a_choice_are_one_group_with_a_name_and_move_by_arrows(site, browser):
    opened = Opened(browser, site, "read/02_sinusoidal.html").awake()
    page, group = opened.page, opened.page.locator("fieldset.buttons").first
    name = group.locator("legend").inner_text()
    assert page.get_by_role("group", name=name, exact=True).first.get_by_role("radio").count() > 1
    group.get_by_role("radio", checked=True).focus()
    page.keyboard.press("ArrowRight")
    stop = page.evaluate(FOCUS)
    assert stop["kind"] == "radio" and stop["seen"]
    assert page.evaluate("document.activeElement.checked")
    opened.context.close()


# ------------------------------------------------------------------------------------------------- JupyterLab

CELL = """from helpers import live, rope
from helpers.figures import Picture


class Wave(Picture):
    def build(self):
        self.plot = self.add_axes(xlim=(0, 1), ylim=(0, 9))

    def move(self, *, positions=128, k=2.0, view="up", config=""):
        if config == "bad":
            raise ValueError("config must be good; got bad")
        self.line("line", self.plot, [0, 1], [0, k] if view == "up" else [k, 0])
        self.tell(f"A line from 0 to {k:.1f}." if view == "up" else f"A line from {k:.1f} to 0.")


shown = live.explore(Wave, positions=live.positions(128), k=live.k(2.0, high=8), view=live.choice("up", ["up", "down"]),
                     config=live.paste("paste here"))
shown"""


def test_the_sliders_box_of_jupyterlab(browser, tmp_path):
    """What breaks a rule there is not ours; all controls work by keyboard; what has the focus, and is chosen, can be seen."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[new_code_cell(CELL)], metadata=kernel), tmp_path / "keys.ipynb")
    with Lab(tmp_path, browser=browser) as lab:
        notebook = lab.open("keys.ipynb")
        notebook.run_all()
        assert notebook.complaints() == []
        live, page = notebook.live(0), notebook.page
        box = live.cell.locator(".live-sliders")
        found = violations(page, [".live-sliders", ".jp-RenderedImage img"])
        assert found == {}

        # the name before each slider, the value after it; no tip that says "null"
        read = box.evaluate("box => box.innerText.split('\\n').map(line => line.trim()).filter(line => line)")
        start = [live.readout(number) for number in range(2)]
        assert read[:4] == ["positions", start[0], "scale k", start[1]]
        assert box.locator("[title=null]:visible").count() == 0

        # a slider's name and value, the picture's words; at rest they are spoken, and the picture has them too
        slider = page.get_by_role("slider", name="scale k", exact=True)
        assert slider.get_attribute("aria-valuetext") == start[1] == "2.00"
        assert live.image.get_attribute("alt") == "A line from 0 to 2.0." == box.get_by_role("status").inner_text()
        slider.focus()
        page.keyboard.press("ArrowRight")
        live.rest()
        assert slider.get_attribute("aria-valuetext") == live.readout(1) != start[1]
        told = f"A line from 0 to {float(live.readout(1)):.1f}."
        assert box.get_by_role("status").filter(has_text=told).count() == 1
        assert live.image.get_attribute("alt") == told
        page.get_by_role("button", name="Reset").click()
        live.changed(live.source())

        # by keyboard alone, and always with a frame around what has the focus
        before = live.source()
        live.handles.first.focus()
        page.keyboard.press("ArrowRight")
        moved = live.changed(before)
        assert live.readout(0) != start[0]
        reached = [page.evaluate(FOCUS), *stops(page, lambda stop: "Reset" in stop["words"])]
        assert all(stop["seen"] for stop in reached), reached
        assert [stop["kind"] for stop in reached if stop["kind"] != "div"] == ["button", "button", "textarea", "submit"]
        page.keyboard.press("Enter")
        moved = live.changed(moved)
        assert [live.readout(number) for number in range(2)] == start

        # a value is typed where it is read
        box.locator(".widget-readout").nth(1).focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("4")
        page.keyboard.press("Enter")
        moved = live.changed(moved)
        assert live.readout(1) == "4.00"

        # a choice: the chosen one is marked by more than a colour, also for a screen reader
        assert page.get_by_role("button", name="✓ up", exact=True).count() == 1
        page.get_by_role("button", name="down", exact=True).focus()
        page.keyboard.press("Space")
        moved = live.changed(moved)
        assert page.get_by_role("button", name="✓ down", exact=True).count() == 1
        assert page.get_by_role("button", name="up", exact=True).count() == 1

        # a text, and the words of a refusal, which a screen reader is told of
        page.get_by_role("textbox", name="your config.json", exact=True).focus()
        page.keyboard.type("bad")
        page.get_by_role("alert").wait_for()
        assert page.get_by_role("alert").inner_text() == "config must be good; got bad"
        assert violations(page, [".live-sliders", ".jp-RenderedImage img", "[role=alert]"]) == {}
        assert notebook.complaints() == []
