"""Saved notebooks are what their code gives, in the normal form, and know each other.

nbval executes each notebook and compares the text of the outputs; `conftest.py` compares the pictures of the same run. The
first half tests the tool on tiny notebooks, the second half looks at the saved series.
"""

import base64
import copy
import io
import shutil
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image, PngImagePlugin

from tools import notebooks

SERIES = notebooks.all_notebooks()
NAMES = [str(path.relative_to(notebooks.NOTEBOOKS).with_suffix("")) for path in SERIES]

TINY = [
    new_markdown_cell("# Tiny\n\n[the notebook](../00_tiny.ipynb)"),
    new_code_cell(
        "%matplotlib inline\nimport ipywidgets as widgets\n"
        "from matplotlib.figure import Figure\nfrom IPython.display import display"
    ),
    new_code_cell("slope = 1\nprint('slope', slope)"),
    new_code_cell(
        "figure = Figure(figsize=(3, 2), dpi=72)\nfigure.subplots().plot([0, slope])\n"
        "class Box(widgets.VBox):\n    __repr__ = lambda self: 'sliders: slope'\n"
        "display(Box([widgets.FloatSlider()]))\nfigure"
    ),
    new_code_cell("slope + 1"),
]


def png(colour=(255, 0, 0), size=(40, 30), dot=None, **text):
    image = Image.new("RGBA", size, (*colour, 255))
    if dot:
        image.putpixel((5, 5), (*dot, 255))
    info = PngImagePlugin.PngInfo()
    for key, value in text.items():
        info.add_text(key, value)
    out = io.BytesIO()
    image.save(out, format="PNG", pnginfo=info)
    return base64.encodebytes(out.getvalue()).decode()


def with_output(*outputs, source="x"):
    return new_notebook(cells=[new_code_cell(source, outputs=list(outputs), execution_count=7)])


def picture(data):
    return new_output("display_data", {"image/png": data, "text/plain": "<Figure>"})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with one executed, saved notebook. Do not change it: copy it."""
    folder = tmp_path_factory.mktemp("series") / "solutions"
    folder.mkdir()
    (folder.parent / "00_tiny.ipynb").touch()
    path = folder / "00_tiny_solutions.ipynb"
    notebook = notebooks.execute(new_notebook(cells=copy.deepcopy(TINY)), folder)
    path.write_text(notebooks.dumps(notebooks.shrink_pictures(notebook)), encoding="utf-8")
    return path


@pytest.fixture
def own(tiny, tmp_path):
    """A copy of `tiny` that may be changed."""
    shutil.copytree(tiny.parent.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "solutions" / tiny.name


def change(path, number, **values):
    notebook = notebooks.read(path)
    for key, value in values.items():
        setattr(notebook.cells[number], key, value)
    path.write_text(notebooks.dumps(notebook), encoding="utf-8")


# ---------------------------------------------------------------- the tool: execution and comparison


def test_executing_twice_changes_no_byte(tiny, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "no_such_backend")  # a person's own settings must not reach the kernel
    saved = notebooks.read(tiny)
    again = notebooks.execute(saved, tiny.parent)
    assert notebooks.problems(tiny) == notebooks.differences(saved, again) == []
    again = notebooks.shrink_pictures(notebooks.keep_same_pictures(again, saved))
    assert notebooks.dumps(again) == tiny.read_text(encoding="utf-8")


def test_a_picture_stays_and_a_widget_leaves_its_words(tiny):
    box, figure = notebooks.read(tiny).cells[3].outputs
    assert dict(box.data) == {"text/plain": "sliders: slope"}
    assert "image/png" in figure.data and not notebooks.png_has_metadata(figure.data["image/png"])


def test_a_changed_number_is_seen_in_the_text_and_in_the_picture(own):
    change(own, 2, source="slope = 1.1\nprint('slope', slope)")
    found = "\n".join(notebooks.check(own))
    assert "cell 2" in found and "-slope 1\n+slope 1.1" in found
    assert "cell 4" in found and "text/plain differs" in found
    assert "cell 3" in found and "text/plain differs" not in found.split("cell 3")[1].split("cell 4")[0]


def test_a_changed_line_in_a_picture_and_a_warning_are_seen(own):
    source = notebooks.read(own).cells[3].source
    change(own, 2, source="import warnings; slope = 1\nwarnings.warn('careful')\nprint('slope', slope)")
    change(own, 3, source=source.replace("slope])", "slope], linewidth=3)"))
    warned, drawn = notebooks.check(own)
    assert "cell 2" in warned and "other outputs" in warned and "stderr" in warned
    assert "cell 3" in drawn and "the picture differs" in drawn and "pixels differ, by up to" in drawn


def repaint(path, number, output):
    """Change one pixel of a saved picture."""
    notebook = notebooks.read(path)
    data = notebook.cells[number].outputs[output].data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    image.putpixel((5, 5), (0, 0, 255))
    image.save(out := io.BytesIO(), format="PNG")
    data["image/png"] = base64.b64encode(out.getvalue()).decode()
    path.write_text(notebooks.dumps(notebook), encoding="utf-8")


def test_nbval_s_own_run_compares_the_pictures(own, tiny):
    """As the whole series is tested: one of two notebooks has a pixel that its code does not give."""
    repaint(own, 3, 1)
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "conftest", "-n", "0", "--color=no"]
    done = subprocess.run([*command, str(own), str(tiny)], cwd=notebooks.ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "1 failed, 7 passed" in done.stdout, done.stdout + done.stderr
    assert "the picture differs: 1 of " in done.stdout


def test_what_a_picture_tells_is_compared_too():
    def told(words):
        return [new_output("display_data", {"image/png": png()}, metadata={"image/png": {"alt": words}})]

    assert notebooks.output_differences(told("a line"), told("a line")) == []
    (found,) = notebooks.output_differences(told("a line"), told("two lines"))
    assert "-a line\n+two lines" in found


def test_an_error_while_executing_is_told(own):
    change(own, 2, source="raise ValueError('dim must be even')")
    assert any("does not run to its end" in words and "dim must be even" in words for words in notebooks.check(own))


def test_command_line(own, monkeypatch, capsys):
    monkeypatch.setattr(notebooks, "NOTEBOOKS", own.parent.parent)
    (own.parent.parent / "00_tiny.ipynb").unlink()
    monkeypatch.setattr(notebooks, "all_notebooks", lambda *_: [own])
    change(own, 0, source="# Tiny")
    assert notebooks.main(["--normalise"]) == 1
    out = capsys.readouterr().out
    assert "no link to ../00_tiny.ipynb" in out and "1 notebooks, 1 with problems" in out
    with pytest.raises(SystemExit):
        notebooks.main(["--check", "77"])
    assert "no notebook fits '77'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "saved, fresh, seen",
    [
        (png(), png(Software="Matplotlib"), ""),
        (png(), png(colour=(255, 24, 0)), ""),
        (png(), png(colour=(255, 40, 0)), "1200 of 1200 pixels differ, by up to 40 of 255"),
        (png(), png(dot=(0, 0, 255)), "1 of 1200 pixels differ, by up to 255 of 255"),
        (png(), png(size=(41, 30)), "size 40 x 30 saved, 41 x 30 now"),
    ],
)
def test_pictures_are_compared_by_their_pixels(saved, fresh, seen):
    assert notebooks.picture_difference(saved, fresh) == seen
    found = notebooks.differences(with_output(picture(saved)), with_output(picture(fresh)))
    assert len(found) == bool(seen) and seen in "".join(found)


def test_a_missing_or_added_output_is_seen():
    one, two = with_output(picture(png())), with_output(picture(png()), picture(png()))
    assert notebooks.differences(one, two) and notebooks.differences(two, one) and not notebooks.differences(two, two)


# ---------------------------------------------------------------- the tool: the normal form


def test_normal_form():
    messy = with_output(
        new_output("stream", name="stdout", text="a\n"),
        new_output("stream", name="stdout", text="b\n"),
        new_output("display_data", {notebooks.WIDGET: {"model_id": "1"}, "text/plain": "sliders"}),
        new_output("display_data", {notebooks.WIDGET: {"model_id": "1"}}),
        picture(png(Software="Matplotlib version 3")),
    )
    messy.cells[0].metadata.update(execution={"iopub.execute_input": "now"}, tags=["keep"], scrolled=True)
    messy.metadata.update(widgets={"state": {}}, kernelspec={"name": "my-env", "display_name": "Mine"})
    messy.cells.append(copy.deepcopy(messy.cells[0]))  # the same id twice
    normal = notebooks.normalise(messy)
    first, second = normal.cells
    assert [output.output_type for output in first.outputs] == ["stream", "display_data", "display_data"]
    assert first.outputs[0].text == "a\nb\n"
    assert dict(first.outputs[1].data) == {"text/plain": "sliders"}
    assert not notebooks.png_has_metadata(first.outputs[2].data["image/png"])
    assert notebooks.png_has_metadata(png(Software="x")), "or else the line above says nothing"
    assert dict(first.metadata) == {"tags": ["keep"]}
    assert (first.execution_count, second.execution_count) == (1, 2)
    assert first.id == messy.cells[0].id != second.id
    assert normal.metadata.kernelspec.name == "python3" and "widgets" not in normal.metadata
    assert notebooks.dumps(notebooks.normalise(normal)) == notebooks.dumps(normal)
    assert notebooks.dumps(notebooks.normalise(messy)) == notebooks.dumps(normal), "made ids must not be random"
    assert notebooks.dumps(normal).endswith("}\n")


def test_shrinking_keeps_every_pixel_and_is_done_once():
    data = png(colour=(12, 200, 90), dot=(1, 2, 3), Software="x" * 300)
    notebook = with_output(picture(data))
    lean = notebooks.shrink_pictures(notebook).cells[0].outputs[0].data["image/png"]
    assert len(lean) < len(data) and (notebooks.pixels(lean) == notebooks.pixels(data)).all()
    assert notebooks.shrink_pictures(notebook).cells[0].outputs[0].data["image/png"] == lean


# ---------------------------------------------------------------- the tool: what must not be saved

FOREIGN = "/ho" "me/ada/notes"
BAD_CELLS = {
    "ends with a semicolon": new_code_cell("x = 1;", execution_count=1),
    "not executed": new_code_cell("x = 1"),
    "saved without its picture": new_code_cell("x = 3\npictures.Line(\n    x=x,\n)", execution_count=1),
    "without its picture": new_code_cell("live.explore(pictures.Line)", execution_count=1),
    "empty code cell": new_code_cell("", execution_count=1),
    "hides its output": new_code_cell("# NBVAL_IGNORE_OUTPUT\nx", execution_count=1),
    "hides its output from": new_code_cell("x", execution_count=1, metadata={"tags": ["raises-exception"]}),
    "saved with an error": new_code_cell(
        "x", execution_count=1, outputs=[new_output("error", ename="NameError", evalue="x", traceback=[])]
    ),
    "words on stderr": new_code_cell(
        "x", execution_count=1, outputs=[new_output("stream", name="stderr", text="UserWarning")]
    ),
    "saved with image/jpeg": new_code_cell(
        "x", execution_count=1, outputs=[new_output("display_data", {"image/jpeg": "AAAA"})]
    ),
    "forbidden here": new_code_cell(f"open('{FOREIGN}')", execution_count=1),
    "stdout names a folder": new_code_cell(
        "x", execution_count=1, outputs=[new_output("stream", name="stdout", text=FOREIGN)]
    ),
    "link 99_none.ipynb leads nowhere": new_markdown_cell("[next](99_none.ipynb)"),
    "link 98_none.ipynb leads nowhere": new_markdown_cell("[next][one]\n\n[one]: 98_none.ipynb"),
    "link #No-such-heading leads nowhere": new_markdown_cell("[there](#No-such-heading)"),
    "'Computed here' is no mark": new_markdown_cell("It is 3 (**Computed here**)."),
    "'published' is no mark": new_markdown_cell("It is 3 (*published*)."),
    "'computed' is no mark": new_markdown_cell("It is 3 (**computed**)."),
    "at most 520 kB": new_markdown_cell("x" * 520_001),
}


@pytest.mark.parametrize("words", BAD_CELLS)
def test_a_bad_cell_is_named(own, words):
    notebook = notebooks.read(own)
    notebook.cells.append(BAD_CELLS[words])
    own.write_text(notebooks.dumps(notebooks.normalise(notebook)), encoding="utf-8")
    found = notebooks.problems(own)
    assert len(found) == 1 and words in found[0], found


def test_good_prose_is_let_through(own):
    notebook = notebooks.read(own)
    good = (
        "## A *good* place\n\n(**computed here**, **published**) [up](#A-good-place) "
        "[out](https://arxiv.org/abs/2104.09864) $f[x](y)$ `a[b](c)`"
    )
    notebook.cells.append(new_markdown_cell(good))
    own.write_text(notebooks.dumps(notebooks.normalise(notebook)), encoding="utf-8")
    assert notebooks.problems(own) == []


def test_a_file_saved_by_an_editor_is_named(own):
    own.write_text(own.read_text(encoding="utf-8").replace('"name": "python3"', '"name": "my-env"'), encoding="utf-8")
    (found,) = notebooks.problems(own)
    assert "not in the normal form" in found


def test_neighbours_must_be_linked_at_both_ends(tmp_path):
    ways = "[map](00_start_here.ipynb) | [previous](01_a.ipynb) | [next](03_c.ipynb)"
    for name in ("00_start_here", "01_a", "02_b", "03_c"):
        cells = [new_markdown_cell(ways), new_markdown_cell("text"), new_markdown_cell(ways)]
        text = notebooks.dumps(notebooks.normalise(new_notebook(cells=cells)))
        (tmp_path / f"{name}.ipynb").write_text(text, encoding="utf-8")
    assert notebooks.problems(tmp_path / "02_b.ipynb") == []
    change(tmp_path / "02_b.ipynb", 2, source="[map](00_start_here.ipynb) | [previous](01_a.ipynb)")
    assert notebooks.problems(tmp_path / "02_b.ipynb") == ["the last cell has no link to 03_c.ipynb"]
    change(tmp_path / "02_b.ipynb", 0, source="# Title")
    assert len(notebooks.problems(tmp_path / "02_b.ipynb")) == 4
    assert "the first cell has no link to 02_b.ipynb" in notebooks.problems(tmp_path / "03_c.ipynb")


def test_choosing_by_number_and_name(tmp_path):
    (tmp_path / "solutions").mkdir()
    for name in ("00_start_here", "03_rope", "solutions/03_rope_solutions"):
        (tmp_path / f"{name}.ipynb").touch()
    chosen = lambda *names: [path.stem for path in notebooks.choose(names, tmp_path)]  # noqa: E731
    assert chosen() == ["00_start_here", "03_rope", "03_rope_solutions"]
    assert chosen("03") == chosen("notebooks/03_rope.ipynb") == ["03_rope"]
    assert chosen("solutions") == chosen("03_rope_solutions") == ["03_rope_solutions"]
    with pytest.raises(ValueError, match="no notebook fits '09'"):
        chosen("09")


# ---------------------------------------------------------------- the series itself


def test_the_series_is_there():
    """Every test below runs once for each notebook found; this one makes sure that they are found."""
    names = [path.name for path in SERIES if not notebooks.is_chinese(path)]
    assert names[:4] == ["00_start_here.ipynb", "01_absolute.ipynb", "02_sinusoidal.ipynb", "03_rope.ipynb"]
    numbers = [name[:2] for name in names if not name.endswith("_solutions.ipynb")]
    assert numbers == [f"{number:02}" for number in range(len(numbers))], "no number twice, none left out"
    solved = {name.replace("_solutions", "") for name in names if name.endswith("_solutions.ipynb")}
    assert solved == {name for name in names if not name.endswith("_solutions.ipynb")} - {"00_start_here.ipynb", "10_what_stands.ipynb"}


def test_the_four_marks_are_defined_once():
    source = "\n".join(cell.source for cell in notebooks.read(notebooks.NOTEBOOKS / notebooks.MAP).cells)
    assert [mark for mark in notebooks.MARKS if f"**{mark}**" not in source] == []


@pytest.mark.parametrize("path", SERIES, ids=NAMES)
def test_saved_well(path):
    assert notebooks.problems(path) == []


@pytest.mark.parametrize("old, new", notebooks.MOVED.items())
def test_an_old_link_still_leads_to_the_notebook(old, new):
    page = notebooks.read(notebooks.NOTEBOOKS / f"{old}.ipynb")
    assert [cell.cell_type for cell in page.cells] == ["markdown"]
    assert page.cells[0].source.count(f"]({new}.ipynb)") == 2 and (notebooks.NOTEBOOKS / f"{new}.ipynb").exists()
    assert notebooks.dumps(page) == (notebooks.NOTEBOOKS / f"{old}.ipynb").read_text(encoding="utf-8")
