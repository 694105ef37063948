"""Execute the notebooks, save them in one normal form, and check what is saved.

    python3 run.py notebooks                 execute every notebook and save it
    python3 run.py notebooks 03 solutions    only these: a number, a name, a path, or `solutions`
    python3 run.py notebooks --normalise     save in the normal form without executing
    python3 run.py notebooks --check         change nothing; fail if a saved notebook is not what its code gives

Saved outputs let a notebook be read without a kernel, and give the tests something to compare with. The normal form
makes a second run change no line: no widget state, no timing, no editor's metadata, counted executions, stable ids.
"""

import argparse
import ast
import asyncio
import base64
import copy
import difflib
import functools
import hashlib
import io
import os
import re
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
from bs4 import BeautifulSoup
from nbconvert.filters import markdown2html
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
MAP = "00_start_here.ipynb"
MARKS = ("computed here", "published", "asserted", "corrected")
MARKS_ZH = ("当场计算", "已发表", "仅断言", "已更正")  # the same, in the same order, in the Chinese edition
LARGEST = 520_000  # bytes of a saved notebook
TIMEOUT = 120  # seconds for one cell
TOLERANCE = 32  # of 255: another processor rounds an edge differently and moves the palette by up to 24; a moved line differs by 100
WIDGET = "application/vnd.jupyter.widget-view+json"
PNG = "image/png"
KEPT_CELL_METADATA = ("tags", "slideshow")
KEPT_FORMATS = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", PNG)

# Written in pieces, so that this file does not contain what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"(?<![\w.])/(?:ho" r"me|ro" r"ot|wo" r"rk|tm" r"p|Us" r"ers|o" r"pt)/\w",  # a folder of one machine
            r"\b[A-Za-z]:\\\\?Us" r"ers\\",
            r"pyp" r"i\.org|python" r"hosted|ana" r"conda\.org|npm" r"js\.|deb" r"ian\.org",  # a registry's host
        ]
    )
)


# ---------------------------------------------------------------- which notebooks


MOVED = {"06_trained_model": "07_trained_model"}  # old names: a page is left that says where the notebook went


def all_notebooks(folder=NOTEBOOKS):
    """Paths in reading order: 00, 01, ..., then the solutions, then the same of the Chinese edition."""
    folder = Path(folder)
    read = [path for path in folder.glob("[0-9][0-9]_*.ipynb") if path.stem not in MOVED]
    other = all_notebooks(folder / "zh") if (folder / "zh").is_dir() else []
    return sorted(read) + sorted((folder / "solutions").glob("*.ipynb")) + other


def is_chinese(path):
    return "zh" in Path(path).parent.parts[-2:]


def other_edition(path):
    """The path of the same notebook in the other language; it need not exist."""
    path = Path(path)
    deep = path.parent.name == "solutions"
    folder = path.parent.parent if deep else path.parent
    folder = folder.parent if folder.name == "zh" else folder / "zh"
    return folder / "solutions" / path.name if deep else folder / path.name


def choose(names, folder=NOTEBOOKS):
    """Paths that `names` stand for; ValueError for a name that fits none. No names: all."""
    every, chosen = all_notebooks(folder), []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        fits = [
            path
            for path in every
            if stem in (path.stem, path.parent.name)
            or (stem == "zh" and is_chinese(path))
            or (path.parent.name != "solutions" and path.stem.startswith(stem + "_"))
        ]
        if not fits:
            raise ValueError(f"no notebook fits {name!r}; there are: {', '.join(path.stem for path in every)}")
        chosen += [path for path in fits if path not in chosen]
    return chosen if names else every


def read(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing or doubled cell id is mended by `normalise`
        return nbformat.read(path, as_version=4)


def dumps(notebook):
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


# ---------------------------------------------------------------- the normal form
# nbstripout, nb-clean and nbconvert's preprocessors keep or drop an output as a whole; none counts executions anew.


def _image(data):
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    image.load()
    return image


def pixels(data):
    """(height, width, 4) uint8 of a base64 PNG."""
    return np.asarray(_image(data).convert("RGBA"))


def lean_png(data):
    """The same pixels in fewer bytes: no metadata (maker, date, resolution), no alpha where all is opaque."""
    image = _image(data)
    if image.mode == "RGBA" and image.getextrema()[3][0] == 255:
        image = image.convert("RGB")
    image.info.clear()
    out = io.BytesIO()
    image.save(out, format="PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii")


def shrink_pictures(notebook):
    """Save each picture in fewer bytes where that gains something. In place; the pixels stay as they are."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PNG in data:
                lean = lean_png(data[PNG])
                if len(lean) < 0.98 * len(data[PNG]):
                    data[PNG] = lean
    return notebook


def png_has_metadata(data):
    """True if a PNG carries more than its pixels and how to show them."""
    image = _image(data)
    return bool(image.text or image.getexif())


def _normal_outputs(outputs, count):
    normal = []
    for output in copy.deepcopy(outputs):
        if output.output_type == "stream":
            output.text = output.text.replace("\r\n", "\n")
            if normal and normal[-1].output_type == "stream" and normal[-1].name == output.name:
                normal[-1].text += output.text  # how often a buffer was flushed is chance
                continue
        elif output.output_type in ("display_data", "execute_result"):
            output.data = {k: v.replace("\r\n", "\n") if isinstance(v, str) else v for k, v in output.data.items()}
            output.data.pop(WIDGET, None)  # without its model it would read "model not found"
            if PNG in output.data and ("\n" in output.data[PNG] or png_has_metadata(output.data[PNG])):
                output.data[PNG] = lean_png(output.data[PNG])
            output.metadata = {k: v for k, v in output.get("metadata", {}).items() if k in output.data}
            if "execution_count" in output:
                output.execution_count = count
            if not output.data:
                continue
        normal.append(output)
    return normal


def _normal_ids(cells):  # nbformat mends ids too, but with random ones
    used = set()
    for cell in cells:
        wanted = cell.get("id", "")
        number = 0
        while not wanted or wanted in used:
            text = f"{cell.cell_type}\n{cell.source}\n{number}"
            wanted, number = hashlib.sha256(text.encode()).hexdigest()[:8], number + 1
        cell["id"] = wanted
        used.add(wanted)


def normalise(notebook):
    """A copy in the normal form. Normalising twice gives the same."""
    normal = copy.deepcopy(notebook)
    normal.nbformat, normal.nbformat_minor = 4, 5
    normal.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    _normal_ids(normal.cells)
    count = 0
    for cell in normal.cells:
        cell.source = cell.source.replace("\r\n", "\n")
        kept = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            kept["jupyter"] = {"source_hidden": True}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            if cell.get("execution_count") is not None:
                count += 1
                cell.execution_count = count
            cell.outputs = _normal_outputs(cell.outputs, cell.get("execution_count"))
    return normal


# ---------------------------------------------------------------- execution
# nbclient is what nbconvert --execute and papermill run too; what they add to it would have to be taken out again.


def execute(notebook, folder):
    """A copy with fresh outputs in the normal form: a new kernel of this Python, started in `folder`.

    A cell that raises ends it with nbclient.exceptions.CellExecutionError. Nothing is written.
    """
    from nbclient import NotebookClient

    fresh = copy.deepcopy(notebook)
    _normal_ids(fresh.cells)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # this Python's kernel, not one from the home folder
    env = {key: value for key, value in os.environ.items() if key not in ("MPLBACKEND", "PYTHONSTARTUP")}
    env.setdefault("OPENBLAS_NUM_THREADS", "1")  # as run.py sets it
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as own:
        env["IPYTHONDIR"] = own  # no start-up file of the person who runs this
        client = NotebookClient(
            fresh,
            timeout=TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            store_widget_state=False,
            record_timing=False,
            extra_arguments=["--IPKernelApp.log_level=40"],  # its notes about transport are not for readers
        )
        asyncio.run(client.async_execute(env=env))  # a loop of its own, closed at the end, in any thread
    return normalise(fresh)


def keep_same_pictures(fresh, saved):
    """Where a picture shows what the saved one shows, keep the saved bytes: another zlib is no change."""
    for new, old in zip(fresh.cells, normalise(saved).cells):
        if new.cell_type != "code" or old.cell_type != "code" or new.source != old.source:
            continue
        for output, before in zip(new.outputs, old.outputs):
            a, b = output.get("data", {}).get(PNG), before.get("data", {}).get(PNG)
            if a and b and not picture_difference(b, a):
                output.data[PNG] = b
    return fresh


# ---------------------------------------------------------------- comparison
# nbval skips pictures; nbdime, and pytest-notebook with it, asks for equal bytes.


# matplotlib and pytest-mpl compare by a mean: a moved line drowns in it. pixelmatch forgives what looks like an edge.
def picture_difference(saved, fresh):
    """'' if two base64 PNGs show the same, else what differs."""
    if saved == fresh:
        return ""
    a, b = pixels(saved), pixels(fresh)
    if a.shape != b.shape:
        return f"size {a.shape[1]} x {a.shape[0]} saved, {b.shape[1]} x {b.shape[0]} now"
    difference = np.abs(a.astype(np.int16) - b).max(axis=2)
    largest = int(difference.max())
    if largest <= TOLERANCE:
        return ""
    return f"{int((difference > TOLERANCE).sum())} of {difference.size} pixels differ, by up to {largest} of 255"


def _text_difference(saved, fresh):
    lines = difflib.unified_diff(saved.splitlines(), fresh.splitlines(), "saved", "now", lineterm="", n=1)
    return "\n".join(list(lines)[:30])


def _where(number, cell):
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"cell {number} ({first[:60]})"


def differences(saved, fresh):
    """What differs between two notebooks of the same cells, in words. Text must be equal, pictures look equal."""
    found = []
    for number, (old, new) in enumerate(zip(saved.cells, fresh.cells, strict=True)):
        if old.cell_type == "code":
            found += [f"{_where(number, old)}: {words}" for words in output_differences(old.outputs, new.outputs)]
    return found


def output_differences(saved, fresh):
    """What differs between two lists of a cell's outputs, in words."""
    saved, fresh = _normal_outputs(saved, None), _normal_outputs(fresh, None)
    kinds = [
        [(output.output_type, output.get("name", ""), *sorted(output.get("data", {}))) for output in outputs]
        for outputs in (saved, fresh)
    ]
    if kinds[0] != kinds[1]:
        return [f"other outputs.\n  saved: {kinds[0]}\n  now:   {kinds[1]}"]
    found = []
    for a, b in zip(saved, fresh, strict=True):
        if a.output_type == "stream" and a.text != b.text:
            found.append(f"{a.name} differs.\n{_text_difference(a.text, b.text)}")
        for form, value in a.get("data", {}).items():
            if form == PNG:
                if words := picture_difference(value, b.data[form]):
                    found.append(f"the picture differs: {words}.")
            elif value != b.data[form]:
                found.append(f"{form} differs.\n{_text_difference(str(value), str(b.data[form]))}")
        told, now = (str(output.get("metadata", {}).get(PNG, {}).get("alt", "")) for output in (a, b))
        if told != now:
            found.append(f"what the picture tells differs.\n{_text_difference(told, now)}")
    return found


# ---------------------------------------------------------------- what a saved notebook must be


@functools.cache
def page(source):
    """A markdown text as HTML, to look for tags in: what stands in code and formulas is no tag."""
    source = source.replace("](attachment:", "](data:")  # else nbconvert asks for the attachment itself
    return BeautifulSoup(markdown2html(source), "html.parser")


def links(source):
    """Targets of the links and pictures of a markdown text."""
    return [tag.get("href") or tag["src"] for tag in page(source).select("[href]:not(.anchor-link), [src]")]


def anchors(notebook):
    """The fragments that JupyterLab knows: a notebook's headings, explicit ids, and its cells by `cell-id=`."""
    pages = [page(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    named = {unquote(tag.get("id") or tag["name"]) for one in pages for tag in one.select("[id], [name]")}
    return named | {f"cell-id={cell.id}" for cell in notebook.cells}


@functools.cache
def _anchors_at(file, _changed):
    return anchors(read(file))


# pytest-check-links does this, but needs a pytest older than ours.
def broken_links(source, path, own_anchors=()):
    """Relative links of a markdown text at `path` that lead nowhere."""
    broken = []
    for target in links(source):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue  # another site, an attachment, a mail address
        name, _, fragment = unquote(target).partition("#")
        file = (Path(path).parent / name) if name else Path(path)
        if not file.exists():
            broken.append(target)
        elif fragment and (not name or file.suffix == ".ipynb"):
            if fragment not in (_anchors_at(file, file.stat().st_mtime_ns) if name else own_anchors):
                broken.append(target)
    return broken


def _last_statement(source):
    """The text of a cell's last statement: what the cell shows. '' if it cannot be read."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic command
        return ""
    return ast.get_source_segment(source, body[-1]) if body else ""


def _wrong_marks(source, marks):
    for tag in page(source).select("strong, em, b"):
        said = tag.get_text()
        plain = re.sub(r"[\s_-]+", " ", said).strip(" .:,;()：，；（）").casefold()
        near = (*MARKS, *MARKS_ZH, "computed", "correction", "assertion", "计算", "发表", "断言", "更正", "订正")
        if plain in near and not (tag.name == "strong" and said in marks):
            yield said


def _missing_ways(notebook, path):
    """Neighbours that the first or last cell does not link to."""
    path = Path(path)
    if path.parent.name == "solutions":
        wanted = {"../" + path.name.replace("_solutions", "")}
        ends = notebook.cells[:1]
    else:
        series = [file.name for file in all_notebooks(path.parent) if file.parent == path.parent]
        place = series.index(path.name)
        wanted = set(series[max(place - 1, 0) : place + 2]) | {MAP}
        wanted.discard(path.name)
        ends = [notebook.cells[0], notebook.cells[-1]]
    other = other_edition(path)
    language = {os.path.relpath(other, path.parent).replace(os.sep, "/")} if other.exists() else set()
    for cell, which in zip(ends, ("first", "last")):
        there = {target.partition("#")[0] for target in links(cell.source)} if cell.cell_type == "markdown" else set()
        for name in sorted((wanted | language if which == "first" else wanted) - there):
            yield f"the {which} cell has no link to {name}"


def problems(path):
    """What is wrong with a saved notebook that can be seen without running it. A list of sentences."""
    path = Path(path)
    raw = path.read_bytes()
    notebook = read(path)
    found = []
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"not a valid notebook: {error.message}"]
    if len(raw) > LARGEST:
        found.append(f"{len(raw) // 1000} kB; at most {LARGEST // 1000} kB (fewer or smaller pictures)")
    if raw.decode("utf-8") != dumps(normalise(notebook)):
        found.append("not in the normal form: run `python3 run.py notebooks --normalise`")
    found += _missing_ways(notebook, path)
    own_anchors = anchors(notebook)
    for number, cell in enumerate(notebook.cells):
        where = _where(number, cell)
        found += [f"{where}: forbidden here: {text!r}" for text in FORBIDDEN.findall(cell.source)]
        if cell.cell_type == "markdown":
            broken = broken_links(cell.source, path, own_anchors)
            found += [f"{where}: the link {target} leads nowhere" for target in broken]
            marks = MARKS_ZH if is_chinese(path) else MARKS
            use = "**" + "**, **".join(marks) + "**"
            found += [f"{where}: {mark!r} is no mark; use one of {use}" for mark in _wrong_marks(cell.source, marks)]
        if cell.cell_type != "code":
            continue
        if not cell.source.strip():
            found.append(f"{where}: an empty code cell")
        elif cell.execution_count is None:
            found.append(f"{where}: not executed, so nothing is compared")
        if cell.source.rstrip().endswith(";"):
            found.append(f"{where}: ends with a semicolon: nbval prints the value all the same")
        shows = re.match(r"(pictures\.[A-Z]|figures\.|live\.explore\()", _last_statement(cell.source))
        if shows and not any(PNG in output.get("data", {}) for output in cell.outputs):
            found.append(f"{where}: saved without its picture")
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("nbval") or tag == "raises-exception"]
        if tags or re.search(r"NBVAL_|PYTEST_VALIDATE_", cell.source):
            found.append(f"{where}: hides its output from the comparison")
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"{where}: saved with an error: {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                found.append(f"{where}: saved with words on stderr: {output.text.strip()[:200]}")
            for form, value in output.get("data", {}).items():
                if form not in KEPT_FORMATS:
                    found.append(f"{where}: saved with {form}")
                elif form != PNG and FORBIDDEN.search(str(value)):
                    found.append(f"{where}: {form} names a folder of one machine or a registry")
            if FORBIDDEN.search(output.get("text", "")):
                found.append(f"{where}: {output.name} names a folder of one machine or a registry")
    return found


def check(path):
    """All that is wrong with a saved notebook: what can be seen, and what executing it again shows."""
    path = Path(path)
    saved = read(path)
    found = problems(path)
    try:
        fresh = execute(saved, path.parent)
    except Exception as error:  # whatever a cell or a kernel raises is a finding, not a crash of the check
        return [*found, f"does not run to its end: {str(error)[-2000:]}"]
    return found + differences(saved, fresh)


# ---------------------------------------------------------------- command


def _process(path, mode):
    started = time.monotonic()
    try:
        if mode == "check":
            found = check(path)
        else:
            before, saved = path.read_text(encoding="utf-8"), read(path)
            new = normalise(saved)
            if mode == "execute":
                new = keep_same_pictures(execute(saved, path.parent), saved)
            after = dumps(shrink_pictures(new))
            if after != before:
                path.write_text(after, encoding="utf-8", newline="\n")
            found = problems(path)
            mode = "saved" if after != before else "unchanged"
    except Exception as error:
        found = [f"does not run to its end; not saved: {str(error)[-2000:]}"]
    return path, mode, found, time.monotonic() - started


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="run.py notebooks", description="Execute, save and check the notebooks.")
    parser.add_argument("names", nargs="*", help="03 (both editions), a path, solutions, or zh (default: all)")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_const", const="check", dest="mode", help="change nothing")
    either.add_argument("--normalise", action="store_const", const="normalise", dest="mode", help="do not execute")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="notebooks at a time")
    options = parser.parse_args(arguments)
    try:
        paths = choose(options.names)
    except ValueError as error:
        parser.error(str(error))
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for path, done, found, seconds in pool.map(lambda path: _process(path, options.mode or "execute"), paths):
            print(f"{('zh/' if is_chinese(path) else '') + path.stem:<40} {seconds:5.1f} s  {'PROBLEMS' if found else done}", flush=True)
            for words in found:
                print("    " + words.replace("\n", "\n    "), flush=True)
            failed += bool(found)
    print(f"{len(paths)} notebooks, {failed} with problems")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
