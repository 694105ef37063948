"""The reading door: pages that are complete without a script, and whose sliders Python in the browser moves."""

import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from built import Opened
from series import PATHS
from test_access import violations

from tools import living
from tools.notebooks import NOTEBOOKS, is_chinese

WEB = NOTEBOOKS.parent / "tools" / "web"
pytestmark = pytest.mark.browser  # needs the built site; some of them need no browser


def name(path):
    return path.relative_to(NOTEBOOKS).with_suffix("").as_posix()


def address(path):
    return f"read/{name(path)}.html"


def shown(path):
    """The live pictures that a reader sees; a cell may also make one and move it by code."""
    cells = nbformat.read(path, 4).cells
    return [made for number, made in living.explorers(path, show=False) if any("image/png" in o.get("data", {}) for o in cells[number].outputs)]


@pytest.fixture(scope="module")
def pages(site):
    return {path: BeautifulSoup((site.folder / address(path)).read_text(encoding="utf-8"), "html.parser") for path in PATHS}


# ------------------------------------------------------------------------------------------------- without a script


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_a_page_says_all_that_the_saved_notebook_says(path, pages):
    page = pages[path]
    said = " ".join(page.get_text().split())
    for cell in nbformat.read(path, 4).cells:
        there = page.find(id=cell.id)
        assert there, f"cell {cell.id} is missing"
        if cell.cell_type == "code":
            assert " ".join(cell.source.split()) in said
            pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
            assert len(there.find_all("img")) == len(pictures)
            for output in cell.outputs:
                assert " ".join(output.get("text", "").split()) in said
        else:
            first = re.match(r"[A-Za-z \u4e00-\u9fff]*", cell.source.lstrip("#*[←→ ")).group().strip()
            assert first in said


def test_formulas_are_set_and_none_is_left_as_source(pages):
    formulas = [formula for page in pages.values() for formula in page.find_all("math")]
    assert len(formulas) > 500
    for page in pages.values():
        prose = BeautifulSoup(str(page), "html.parser")
        for code in prose.find_all(["code", "pre", "math", "script"]):
            code.decompose()
        assert "$" not in prose.get_text()
        assert "\\" not in prose.get_text()


def test_every_address_leads_somewhere_in_the_site(site):
    for file in [site.folder / "index.html", *(site.folder / "read").rglob("*.html")]:
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        loaded = [tag[name] for tag in page.find_all(True) for name in ("src", "href") if tag.get(name) and tag.name != "a"]
        assert not [url for url in loaded if re.match(r"[a-z]+:(?!,)", url)], "something is loaded from elsewhere"
        for url in loaded + [link["href"] for link in page.find_all("a", href=True)]:
            if re.match(r"https?:|data:|#", url):
                continue
            target = file.parent / re.split("[?#]", url)[0]
            assert target.exists(), f"{file.name}: {url} leads nowhere"


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_the_sliders_are_those_of_the_notebook(path, pages):
    """A saved notebook says which sliders stand above a picture; the page has them, in that order, in that cell."""
    said = {}
    for cell in nbformat.read(path, 4).cells:
        for output in cell.get("outputs", ()):
            if names := re.match(r"(?:sliders: |滑块：)(.*?)(?:: run|。在)", output.get("data", {}).get("text/plain", "")):
                said[cell.id] = re.split(", |、", names[1]), cell.source
    figures = {figure.find_parent("section")["id"]: figure for figure in pages[path].select("figure.live")}
    assert figures.keys() == said.keys()
    for cell, figure in figures.items():
        names, source = said[cell]
        assert [name.get_text() for name in figure.select(".control .name, .control legend")] == names
        assert figure.select_one("[type=reset]").get_text() == ("重置" if is_chinese(path) else "Reset")
        assert json.loads(figure["data-live"])["picture"].rpartition(".")[2] in source


@pytest.mark.parametrize("readme, first", [("README.md", "index.html"), ("README.zh-CN.md", "zh.html")])
def test_the_first_page_lists_what_the_readme_lists(readme, first, site):
    readme = (site.folder.parent / readme).read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(.*?)\]\(notebooks/(.*?)\.ipynb\) \| (\d+) \|", readme, re.M)
    assert len(rows) == 11
    page = BeautifulSoup((site.folder / first).read_text(encoding="utf-8"), "html.parser")
    found = [(row.a.get_text(), row.a["href"], row.find_all("td")[1].get_text()) for row in page.select("tbody tr")]
    assert found == [(title, f"read/{name}.html", minutes) for title, name, minutes in rows]


def test_a_page_speaks_its_language_alone(pages, site):
    """The page's own words, and those that its script says, are in the language of its notebook."""
    script = (WEB / "page.js").read_text(encoding="utf-8")
    said = set(re.findall(r'\bsay\("(.+?)"', script)) | {"fold code", "show code", "less", "more"}
    templates = {word for file in WEB.glob("*.html") for word in re.findall(r"\[\[(.+?)\]\]", file.read_text(encoding="utf-8"))}
    assert said | templates | {"change it", "this cell in JupyterLab, in this browser"} == set(json.loads((WEB / "words.zh.json").read_text(encoding="utf-8")))
    for path, page in pages.items():
        chinese = is_chinese(path)
        assert page.html["lang"] == ("zh" if chinese else "en")
        assert bool(re.search("[\u4e00-\u9fff]", page.header.get_text() + page.title.get_text())) == chinese
        assert (page.find(id="words") is not None) == chinese


def test_without_scripts_pictures_stand_and_no_slider_pretends(site, browser):
    opened = Opened(browser, site, "read/03_rope.html", java_script_enabled=False)
    assert opened.page.locator("figure.live img").count() == 5
    assert not opened.page.locator("form.sliders").first.is_visible()
    assert opened.complaints == []
    opened.context.close()


# ------------------------------------------------------------------------------------------------- with a hand


@pytest.fixture(scope="module")
def rope(site, browser):
    opened = Opened(browser, site, "read/03_rope.html").awake()
    yield opened
    assert opened.outside() == []
    assert opened.complaints == []
    opened.context.close()


def test_keys_mouse_and_reset(rope):
    live = rope.live(3)  # Frequencies: positions, position, dimension, base
    start, seen = live.readouts(), live.frames()
    base = live.sliders.last
    base.focus()
    rope.page.keyboard.press("ArrowRight")
    live.after(seen)
    assert live.readouts()[:-1] == start[:-1]
    assert live.readouts()[-1] == "11,220"  # one step of a twentieth of a power of ten
    stepped = live.fine()

    box = base.bounding_box()
    rope.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    rope.page.mouse.down()
    rope.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=8)
    seen = live.frames()
    rope.page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2, steps=2)
    live.after(seen)  # while the button is still down
    rope.page.mouse.up()
    assert live.fine() != stepped

    seen = live.frames()
    live.figure.get_by_role("button", name="Reset").click()
    live.after(seen)
    assert live.readouts() == start


def test_the_values_are_those_of_the_notebook(site, browser):
    """What the page would send to Python at the start is what the notebook's sliders hold."""
    path = NOTEBOOKS / "05_ntk_aware.ipynb"
    opened = Opened(browser, site, address(path)).awake()
    for number, explorer in enumerate(shown(path)):
        live = opened.live(number)
        seen = live.frames()
        live.figure.get_by_role("button", name="Reset").click()
        live.after(seen)
        asked = live.figure.evaluate("figure => figure.asked")
        wanted = {name: slider.value for name, slider in explorer.sliders.items()}
        assert asked.keys() == wanted.keys()
        for name, value in wanted.items():
            assert asked[name] == (pytest.approx(value) if isinstance(value, float) else value), name
        assert live.words() == ""

    # a refused combination says why, the picture stays, and the next good move takes the words away
    live = opened.live(0)  # Digits: number, base, k
    good = live.fine()
    live.sliders.nth(1).focus()
    opened.page.keyboard.press("Home")
    live.figure.locator(".words:not(:empty)").wait_for()
    assert live.words() == "n must be numbers from 0 to below beta^count = 16; got n = 1749"
    assert live.pixels() == good
    opened.page.locator("main summary").first.click()  # code folded and unfolded
    assert violations(opened.page) == {}, "what axe finds when pictures have moved, and one is refused"
    live.sliders.nth(1).focus()
    opened.page.keyboard.press("End")
    live.figure.locator(".words:empty").wait_for(state="attached")
    assert opened.complaints == []
    opened.context.close()


def test_a_picture_that_takes_long_grows(site, browser):
    opened = Opened(browser, site, "read/07_trained_model.html").awake()
    live = opened.live(1)  # Perplexity
    seen = live.frames()
    live.sliders.first.focus()
    opened.page.keyboard.press("ArrowLeft")
    for _ in range(3):  # part by part
        live.after(seen)
        seen = live.frames()
    opened.page.keyboard.press("ArrowRight")  # in the middle: the rest is dropped
    live.after(seen)
    assert opened.complaints == []
    assert opened.outside() == []
    opened.context.close()


def test_a_phone_wakes_python_at_the_first_touch(site, browser):
    opened = Opened(browser, site, "read/03_rope.html", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = opened.page
    assert page.evaluate("document.documentElement.dataset.python") == "asleep"
    assert not [url for url in opened.asked if "pyodide" in url]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
    live = opened.live(0)
    figure, screen = live.figure.bounding_box(), page.viewport_size["height"]
    assert figure["height"] <= screen, "a picture and its sliders do not fit one screen"
    box = live.sliders.first.bounding_box()
    assert box["height"] >= 40, "a thumb needs more room"
    page.touchscreen.tap(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    opened.awake()
    live.after(0)
    assert opened.complaints == []
    opened.context.close()


LATE = """const Quick = Worker;
window.Worker = class extends Quick {
    set onmessage(heard) { super.onmessage = (event) => setTimeout(() => heard(event), event.data.kind === "move" ? 400 : 0); }
};"""


def test_a_device_too_slow_to_follow_says_so_and_steps(site, browser):
    opened = Opened(browser, site, "index.html", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = opened.page
    page.add_init_script(LATE)
    page.goto(site.url + "read/03_rope.html")
    live = opened.live(1)
    live.sliders.first.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(3):
        assert live.figure.locator(".less").count() == 0
        live.after(live.frames())
        page.keyboard.press("ArrowRight")
    live.figure.locator(".note").wait_for()
    said = re.fullmatch(r"One picture takes about (\d\.\d) s on this device: move in steps\.", live.figure.locator(".note").inner_text())
    assert float(said[1]) >= 0.4
    assert live.figure.bounding_box()["height"] <= page.viewport_size["height"], "a picture and its sliders do not fit one screen"
    live.fine()
    for name, way in (("more", 1), ("less", -1)):
        before, frames = float(live.sliders.nth(1).input_value()), live.frames()
        button = live.figure.get_by_role("button", name=f": {name}").nth(1)
        assert min(button.bounding_box()[side] for side in ("width", "height")) >= 40
        button.tap()
        live.figure.and_(page.locator(".drawing")).wait_for()
        live.after(frames)
        assert (float(live.sliders.nth(1).input_value()) - before) * way > 0
        assert live.figure.and_(page.locator(".drawing")).count() == 0
    assert opened.complaints == []
    opened.context.close()


def test_a_readers_own_settings_are_pasted_read_and_refused_in_words(site, browser):
    opened = Opened(browser, site, "read/08_todays_models.html").awake()
    live = opened.live(1)
    box = live.figure.get_by_role("textbox", name="your config.json")
    assert "paste here" in box.get_attribute("placeholder")
    live.sliders.first.focus()
    opened.page.keyboard.press("ArrowRight")
    before, frames = live.fine(), live.frames()
    box.fill('{"head_dim": 16, "max_position_embeddings": 512}')
    live.after(frames)
    mine = live.fine()
    assert mine != before
    box.fill('{"head_dim": 16, "max_position_embeddings": 512, "rope_scaling": {"type": "linear"}}')
    live.figure.locator(".words", has_text="factor is missing; it must be a number of at least 1").wait_for()
    frames = live.frames()
    live.figure.get_by_role("button", name="Reset").click()
    live.after(frames)
    assert live.words() == "" and box.input_value() == ""
    assert opened.complaints == []
    opened.context.close()


def test_a_chinese_page_moves_in_chinese(site, browser):
    opened = Opened(browser, site, "zh.html").awake()
    assert opened.page.locator("#python").inner_text() == "Python 醒了：拖动滑块吧"
    opened.page.get_by_role("link", name="05 NTK-aware 缩放").click()
    opened.page.wait_for_url("**/read/zh/05_ntk_aware.html")
    opened.awake()
    live = opened.live(0)
    live.sliders.nth(1).focus()
    opened.page.keyboard.press("Home")
    live.figure.locator(".words:not(:empty)").wait_for()
    assert re.search("[\u4e00-\u9fff]", live.words()), "a refusal in English on a Chinese page"
    live.figure.get_by_role("button", name="重置").click()
    live.figure.locator(".words:empty").wait_for(state="attached")
    opened.page.get_by_role("link", name="English").first.click()
    opened.page.wait_for_url("**/read/05_ntk_aware.html")
    assert opened.complaints == []
    assert opened.outside() == []
    opened.context.close()


def test_on_paper_all_is_unfolded(site, browser):
    opened = Opened(browser, site, "read/03_rope.html", asleep=True)
    page, folded = opened.page, opened.page.locator("main details:not([open])")
    page.evaluate("document.querySelector('main details').open = true")
    before = folded.count()
    assert before > 5
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before
    opened.context.close()


def test_the_first_page_moves_by_itself_until_a_hand_comes(site, browser):
    opened = Opened(browser, site, "index.html").awake()
    live = opened.live()
    live.after(3)
    live.sliders.first.focus()
    opened.page.keyboard.press("Home")
    assert live.readouts()[0] == "0"
    live.fine()
    opened.page.get_by_role("link", name="03 RoPE").click()
    opened.page.wait_for_url("**/read/03_rope.html")
    assert opened.complaints == []
    assert opened.outside() == []
    opened.context.close()
