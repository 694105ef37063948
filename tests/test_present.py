"""For a lecture hall: one switch makes everything large, folds the code and fits a picture and its sliders on one screen."""

import shutil

import pytest
from built import Opened
from coloraide import Color
from lab import Lab

from tools.notebooks import NOTEBOOKS

pytestmark = pytest.mark.browser
SIZES = [(1280, 720), (1920, 1080)]
TOP = "box => box.closest('.jp-OutputArea-child').scrollIntoView({block: 'start'})"
CUT = "names => names.filter(name => name.scrollWidth > name.clientWidth + 1).map(name => name.textContent)"
PANEL = "() => [...document.querySelectorAll('.jp-NotebookPanel, .jp-NotebookPanel > *')].map(part => [part.offsetWidth, part.offsetHeight])"


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hall")
    shutil.copy(NOTEBOOKS / "03_rope.ipynb", folder / "03.ipynb")
    shutil.copy(NOTEBOOKS / "zh" / "06_every_method.ipynb", folder / "zh06.ipynb")
    with Lab(folder, browser=browser) as running:
        yield running


@pytest.fixture(scope="module")
def notebook(lab):
    found = lab.open("03.ipynb")
    found.run_all()
    return found


def test_in_jupyterlab(notebook):
    present_on_both(notebook)


def test_in_jupyterlab_in_chinese(lab, notebook):
    other = lab.open("zh06.ipynb", page=notebook.page)
    other.run_all()
    present_on_both(other)
    other.close()


def present_on_both(notebook):
    assert notebook.complaints() == []
    for width, height in SIZES:
        notebook.page.set_viewport_size({"width": width, "height": height})
        present(notebook, width, height)
    assert notebook.console == []


def present(notebook, width, height):
    """Every live picture of the notebook, there and back again."""
    page = notebook.page
    first, *others = notebook.live_cells()
    live = notebook.live(first)
    usual = page.evaluate(PANEL)
    button = live.cell.get_by_role("button", name="Escape")  # of its name: how to come back
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    page.wait_for_function("() => document.documentElement.classList.contains('presenting')")
    assert button.get_attribute("aria-pressed") == "true"

    for number in (first, *others):
        live = notebook.live(number)
        box = live.cell.locator(".live-sliders")
        box.evaluate(TOP)
        page.wait_for_timeout(300)  # for Jupyter to lay out what has come into view
        sliders, picture = box.bounding_box(), live.image.bounding_box()
        assert sliders["y"] > -2 and picture["y"] + picture["height"] < height + 1, f"cell {number} does not fit one screen"
        assert picture["width"] > 0.9 * width
        assert box.locator(".widget-label").evaluate_all(CUT) == []
        assert not live.cell.locator(".jp-Cell-inputWrapper").is_visible()
    letters = page.locator(".jp-RenderedMarkdown:visible p").first.evaluate("p => [parseFloat(getComputedStyle(p).fontSize), getComputedStyle(p).color]")
    assert letters[0] >= 20 and letters[1] == "rgb(0, 0, 0)"

    # it can be dragged, and Escape brings the usual page back as it was
    before = live.source()
    live.handles.first.focus()
    page.keyboard.press("ArrowRight")
    live.changed(before)
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.documentElement.classList.contains('presenting')")
    assert page.evaluate(PANEL) == usual
    assert live.cell.locator(".jp-Cell-inputWrapper").is_visible()


def test_dark_theme(notebook):
    """Words and sliders stay readable on dark, and so does a refusal's red."""
    page = notebook.page
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    live = notebook.live(notebook.live_cells()[0])
    page.evaluate("document.querySelector('.jp-RenderedHTML')?.insertAdjacentHTML('beforeend', '<p class=live-words>no</p>')")
    for part, least in ((".widget-label", 7), (".widget-readout", 7), (".live-words", 4.5)):
        colours = page.locator(part).first.evaluate(
            """part => {
                const numbers = words => words.match(/[\\d.]+/g).map(Number);
                let ground = part;
                while (numbers(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
                return [getComputedStyle(part).color, getComputedStyle(ground).backgroundColor].map(numbers);
            }"""
        )
        written, ground = (Color("srgb", [one / 255 for one in colour[:3]]) for colour in colours)
        assert written.contrast(ground) >= least, (part, colours)
    assert live.image.evaluate("image => image.naturalWidth") > 0  # a picture brings its own white ground


@pytest.mark.parametrize("width, height", SIZES)
def test_on_the_site(width, height, site, browser):
    opened = Opened(browser, site, "read/zh/07_trained_model.html", viewport={"width": width, "height": height}).awake()
    page, root = opened.page, "document.documentElement.classList.contains('presenting')"
    page.get_by_role("button", name="投影").click()
    assert page.evaluate(root)
    for number in range(page.locator("figure.live").count()):
        figure = page.locator("figure.live").nth(number)
        figure.evaluate("figure => figure.scrollIntoView({block: 'start'})")
        box = figure.bounding_box()
        assert box["y"] > -2 and box["y"] + box["height"] < height + 1, f"picture {number} does not fit one screen"
        assert not figure.locator("xpath=..").locator("details").first.is_visible()
    page.goto(site.url + "read/zh/03_rope.html")
    assert page.evaluate(root), "the next page presents too"
    page.keyboard.press("Escape")
    assert not page.evaluate(root)
    assert opened.complaints == []
    opened.context.close()
