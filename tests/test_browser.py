"""A person opens a notebook in JupyterLab, runs it and moves a slider, with the mouse and with the keyboard."""

import base64
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from lab import Lab
from nbformat.v4 import new_code_cell, new_notebook

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
    return lab.open("copy.ipynb")


def test_a_person_opens_runs_and_drags(lab, opened):
    notebook = opened
    notebook.run_all()
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
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}  # else the page asks for one
    nbformat.write(new_notebook(cells=[new_code_cell(GROWING)], metadata=kernel), lab.folder / "growing.ipynb")
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
