"""Who cannot see or hold a mouse: axe-core finds nothing on the site's pages, and every control works by keyboard.

axe-core is what comes with `axe-playwright-python`. It sees what is broken for sure (no name, too pale, no way in); whether
a name is a good one is for people to say.

In JupyterLab only the box of sliders and the picture are ours. ipywidgets gives a slider's handle no name, and as its value
the place in its list, or its logarithm; JupyterLab drops the words of a picture. `helpers/live.js` gives all of them. On the
site's pages the same sliders are native ones.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import Opened

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
    opened = Opened(browser, site, "read/02_sinusoidal.html", asleep=True)
    page, group = opened.page, opened.page.locator("fieldset.buttons").first
    name = group.locator("legend").inner_text()
    assert page.get_by_role("group", name=name, exact=True).first.get_by_role("radio").count() > 1
    group.get_by_role("radio", checked=True).focus()
    page.keyboard.press("ArrowRight")
    stop = page.evaluate(FOCUS)
    assert stop["kind"] == "radio" and stop["seen"]
    assert page.evaluate("document.activeElement.checked")
    opened.context.close()
