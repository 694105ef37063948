"""The doing door: JupyterLite runs a notebook whole, as JupyterLab does, and asks no other server."""

import json

import nbformat
import pytest
from built import Opened
from lab import Live, Notebook
from series import PATHS

from tools import notebooks

pytestmark = pytest.mark.browser

# The page asks its own service worker, which answers before any server; the very first time it is not there yet.
HEARTBEAT = "/api/service-worker-heartbeat"


class Lite(Notebook):
    """A notebook in a JupyterLite page: what the tests of JupyterLab know how to ask."""

    def __init__(self, opened):
        self.opened, self.page = opened, opened.page
        self.listen()

    def cells(self):
        """The notebook as it stands in the page."""
        found = self.page.evaluate("() => JSON.stringify(window.jupyterapp.shell.currentWidget.context.model.toJSON())")
        return notebooks.normalise(nbformat.from_dict(json.loads(found)))


def opened(site, browser, name):
    found = Opened(browser, site, f"lab/notebooks/index.html?path={name}")
    found.page.set_default_timeout(300_000)  # Python starts in the page
    return found


def outside(found):
    return [url for url in found.outside() if not url.endswith(HEARTBEAT)]


def text(output):
    data = output.get("data", {})
    return output.get("text", "") or data.get("text/plain", "") + data.get("text/html", "")


def check_same_words(path, fresh):
    """Every cell has the outputs that are saved, of the same kinds, and says the same. Pictures: another matplotlib."""
    saved = notebooks.normalise(notebooks.read(path))
    assert [cell.source for cell in saved.cells] == [cell.source for cell in fresh.cells]
    for number, (old, new) in enumerate(zip(saved.cells, fresh.cells, strict=True)):
        if old.cell_type == "code":
            kinds = [[output.output_type for output in cell.outputs] for cell in (old, new)]
            assert kinds[0] == kinds[1], f"cell {number}"
            assert list(map(text, old.outputs)) == list(map(text, new.outputs)), f"cell {number}"


@pytest.fixture(scope="module")
def rope(site, browser):
    found = opened(site, browser, "03_rope.ipynb")
    lite = Lite(found)
    lite.run_all()
    yield lite
    assert outside(found) == []
    found.context.close()


def test_a_notebook_runs_whole_and_says_what_is_saved(rope):
    path = next(path for path in PATHS if path.stem == "03_rope")
    assert rope.complaints() == []
    check_same_words(path, rope.cells())


def test_a_slider_moves_its_picture(rope):
    live = Live(rope.page, rope.live(rope.live_cells()[3]).cell)  # Frequencies
    before, readout = live.source(), live.readout(3)
    live.handles.nth(3).focus()
    rope.page.keyboard.press("ArrowRight")
    live.changed(before)
    assert live.readout(3) != readout
    live.rest()
    assert rope.complaints() == []


def test_the_solutions_pass(site, browser):
    name = "zh/solutions/03_rope_solutions.ipynb"
    path = notebooks.NOTEBOOKS / name
    found = opened(site, browser, name)
    lite = Lite(found)
    lite.run_all()
    assert lite.complaints() == []
    check_same_words(path, lite.cells())
    assert outside(found) == []
    found.context.close()


def test_an_address_opens_a_notebook_at_its_cell(site, browser):
    path = next(path for path in PATHS if path.stem == "03_rope")
    number, cell = [(number, cell) for number, cell in enumerate(nbformat.read(path, 4).cells) if "explore(" in cell.source][3]
    found = Opened(browser, site, f"lab/lab/index.html?path=03_rope.ipynb#cell-id={cell.id}")
    found.page.wait_for_function(
        "number => window.jupyterapp?.shell.currentWidget?.content?.activeCellIndex === number", arg=number
    )
    found.context.close()


def test_the_notebooks_are_those_of_the_project(site):
    files = site.folder / "lab" / "files"
    there = {path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file()}
    assert there == {path.relative_to(notebooks.NOTEBOOKS).as_posix() for path in PATHS}
    for path in PATHS:
        assert (files / path.relative_to(notebooks.NOTEBOOKS)).read_bytes() == path.read_bytes()


def test_nothing_is_asked_from_elsewhere(site):
    """Every place of a file in JupyterLite's settings is in the site."""
    config = json.loads((site.folder / "lab" / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    (kernel,) = (one for name, one in config["litePluginSettings"].items() if "pyodide" in name)
    assert kernel["disablePyPIFallback"] is True
    lab = site.folder / "lab"
    for url in [kernel["pyodideUrl"], kernel["loadPyodideOptions"]["lockFileURL"], *kernel["pipliteUrls"]]:
        assert (lab / url.partition("?")[0]).is_file(), url
    assert not list(lab.rglob("*.map"))
