"""In JupyterLab: a person opens a notebook, runs it and moves a slider, by mouse and by keyboard; a lecturer presents it.

One page for all, in which the first notebook stays open beside the others.
"""

import base64
import json
import os
import shutil
from pathlib import Path

import pytest
from coloraide import Color
from lab import Lab
from test_access import FOCUS, stops, violations
from test_present import SIZES

from tools.notebooks import NOTEBOOKS

pytestmark = pytest.mark.browser
NOTEBOOK = NOTEBOOKS / "03_rope.ipynb"


@pytest.fixture(scope="module")
def lab(program, tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab"), program=program) as running:
        yield running


@pytest.fixture(scope="module")
def opened(lab):
    shutil.copy(NOTEBOOK, lab.folder / "copy.ipynb")
    found = lab.open("copy.ipynb")
    found.run_all()
    return found


def test_a_person_opens_runs_and_drags(lab, opened):
    notebook = opened
    assert notebook.complaints() == []
    cells = notebook.live_cells()
    assert cells, "the notebook has no live picture"
    live = notebook.live(cells[0])
    last = live.handles.count() - 1
    first = live.source()
    start = [live.readout(number) for number in range(last + 1)]

    # the keyboard: one step to the right, and the picture is another
    live.handles.nth(last).focus()
    notebook.page.keyboard.press("ArrowRight")
    stepped = live.changed(first)
    assert live.readout(last) != start[last]

    # the mouse: a drag to the right, and another again; at rest it is sharp
    at = live.handles.nth(last).bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x + 40, y, steps=10)
    live.changed(stepped)
    notebook.page.mouse.up()
    moved = live.rest()
    shots = Path(os.environ.get("BROWSER_SHOTS") or lab.folder)
    notebook.screenshot(shots / "03_dragged.png")

    # the sliders and the picture fit on one screen, and the picture keeps its shape
    picture, box = live.image.bounding_box(), live.cell.locator(".live-sliders").bounding_box()
    room = notebook.page.locator(".jp-WindowedPanel-outer").bounding_box()["height"]
    assert picture["y"] + picture["height"] - box["y"] <= room, "the picture ends below the screen"
    natural = live.image.evaluate("image => image.naturalWidth / image.naturalHeight")
    assert abs(picture["width"] / picture["height"] / natural - 1) < 0.01

    # the largest values can be read too
    for number in range(last + 1):
        live.handles.nth(number).focus()
        notebook.page.keyboard.press("End")
    assert live.cut_readouts() == []

    # Reset: every value as at the start
    live.changed(moved)  # on a busy machine the keys' pictures come late, and the old one is at rest
    at_the_end = live.rest()
    assert at_the_end != moved
    live.cell.get_by_role("button", name="Reset").click()
    live.changed(at_the_end)
    live.rest()
    assert [live.readout(number) for number in range(last + 1)] == start

    assert live.words() == []
    assert notebook.complaints() == []
    assert notebook.console == []

    # what is saved shows the picture without a kernel
    notebook.save()
    outputs = json.loads((lab.folder / "copy.ipynb").read_text(encoding="utf-8"))["cells"][cells[0]]["outputs"]
    images = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(images) == 1
    assert base64.b64decode(images[0]).startswith(b"\x89PNG")
    assert any("run this notebook" in "".join(output["data"].get("text/plain", "")) for output in outputs)


GROWING = """import numpy as np
from helpers import live
from helpers.figures import trained_model as pictures
live.explore(pictures.Perplexity, test_len=live.steps(512, [256, 512, 1024]), k=live.k(8))"""


def test_a_picture_that_takes_long_grows_and_never_freezes(lab, opened):
    """Sixteen texts, one after the other: the hand need not wait for the last, and the last is waited for at rest."""
    lab.write("growing.ipynb", GROWING)
    notebook = lab.open("growing.ipynb", page=opened.page)
    notebook.run_all()
    assert notebook.complaints() == []
    live = notebook.live(0)
    last = live.handles.count() - 1
    finished = live.source()
    live.handles.nth(last).focus()
    notebook.page.keyboard.press("ArrowRight")
    seen = [live.changed(finished)]  # the first text of sixteen
    assert seen[0].startswith("data:image/jpeg")
    first = live.readout(last)
    notebook.page.keyboard.press("ArrowRight")  # before it has grown
    seen.append(live.changed(seen[-1]))
    assert live.readout(last) != first
    for _ in range(5):
        seen.append(live.changed(seen[-1]))
    assert len(set(seen)) == 7
    grown = live.rest()
    assert grown.startswith("data:image/png") and grown not in (finished, *seen)
    assert notebook.complaints() == []
    assert notebook.console == []
    notebook.close()


# ------------------------------------------------------------------------------------------------- keys and screen readers

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


def test_the_sliders_box(lab, opened):
    """What breaks a rule there is not ours; all controls work by keyboard; what has the focus, and is chosen, can be seen."""
    lab.write("keys.ipynb", CELL)
    notebook = lab.open("keys.ipynb", page=opened.page)
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
    notebook.close()


# ------------------------------------------------------------------------------------------------- a lecture hall

TOP = "box => box.closest('.jp-OutputArea-child').scrollIntoView({block: 'start'})"
CUT = "names => names.filter(name => name.scrollWidth > name.clientWidth + 1).map(name => name.textContent)"
PANEL = "() => [...document.querySelectorAll('.jp-NotebookPanel, .jp-NotebookPanel > *')].map(part => [part.offsetWidth, part.offsetHeight])"


def test_presenting(opened):
    present_on_both(opened)


def test_presenting_in_chinese(lab, opened):
    shutil.copy(NOTEBOOKS / "zh" / "06_every_method.ipynb", lab.folder / "zh06.ipynb")
    other = lab.open("zh06.ipynb", page=opened.page)
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


def test_dark_theme(opened):
    """Words and sliders stay readable on dark, and so does a refusal's red."""
    notebook, page = opened, opened.page
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
