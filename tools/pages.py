"""The reading door: a static page for every notebook, complete without scripts, whose sliders Python in the browser moves.

A page says what the saved notebook says. Formulas become MathML, pictures become files, and a live cell also says which
class of `helpers.figures` it shows and what its sliders are: all that `web/page.js` needs to ask `helpers.worker`.
"""

import base64
import functools
import hashlib
import html
import itertools
import json
import re
import shutil
import sys
from pathlib import Path
from unittest import mock

import ipywidgets as widgets
import nbformat
import numpy as np
from bs4 import BeautifulSoup
from latex2mathml.converter import convert
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)] * (str(ROOT) not in sys.path)

from helpers import style  # noqa: E402
from helpers.figures import Picture  # noqa: E402
from tools import living, notebooks  # noqa: E402
from tools.pyodide import MODEL  # noqa: E402

WEB = Path(__file__).parent / "web"
NEEDS_MODEL = ("absolute", "trained_model")  # pictures that load the trained model's weights
LAB = "lab/index.html"  # of JupyterLite's apps, the one with a list of files
FIRST = {"en": "index.html", "zh": "zh.html"}  # the first page, by language
README = {"en": "README.md", "zh": "README.zh-CN.md"}
DOCUMENTS = (  # other pages in words: file, name of its page, language
    ("notebooks/zh/glossary.md", "zh/glossary", "zh"),
    ("teaching/README.md", "teaching", "en"),
    ("teaching/README.zh-CN.md", "zh/teaching", "zh"),
)
WORDS = {"zh": json.loads((WEB / "words.zh.json").read_text(encoding="utf-8"))}


# ---------------------------------------------------------------- what a live cell shows


def _steps(slider):
    """What a native slider needs: its range and steps, and how its value becomes a number and words."""
    if isinstance(slider, (widgets.SelectionSlider, widgets.ToggleButtons)):
        pairs = [option if isinstance(option, tuple) else (str(option), option) for option in slider.options]
        kind = "buttons" if isinstance(slider, widgets.ToggleButtons) else "list"
        place = [value for _, value in pairs].index(slider.value)
        return {"kind": kind, "start": place, "options": [{"words": words, "value": value} for words, value in pairs]}
    if isinstance(slider, widgets.Textarea):
        return {"kind": "text", "start": slider.value, "hint": slider.placeholder}
    found = {"kind": "number", "min": slider.min, "max": slider.max, "step": slider.step, "form": slider.readout_format}
    if isinstance(slider, widgets.FloatLogSlider):
        exponent = round((np.log10(slider.value) - slider.min) / slider.step) * slider.step + slider.min
        return {**found, "kind": "power", "start": float(exponent)}
    return {**found, "start": slider.value}


def _plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def spec(explorer):
    """A live picture as JSON-ready data: the class, what is held fixed, the sliders in their order, the size."""
    picture = explorer.picture
    module = type(picture).__module__.rpartition(".")[2]
    held = {name: _plain(value) for name, value in picture.values.items() if name not in explorer.sliders}
    fixed = {name: value for name, value in held.items() if value != _plain(picture.defaults[name])}
    width, height = (round(side * style.DPI) for side in picture.figure.get_size_inches())
    sliders = [
        {"name": name, "label": slider.description, **_steps(slider)} for name, slider in explorer.sliders.items()
    ]
    return {
        "picture": f"{module}.{type(picture).__name__}",
        "fixed": fixed,
        "sliders": sliders,
        "width": width,
        "height": height,
        "reset": explorer.reset_button.description,
        "packages": [MODEL] if module in NEEDS_MODEL else [],
    }


# ---------------------------------------------------------------- prose


class Prose(IPythonRenderer):
    """nbconvert's markdown, with formulas as MathML: they stand there without a script and without a font of ours."""

    def block_math(self, body):
        return formula(body, "block")

    def inline_math(self, body):
        return formula(body, "inline")

    def latex_environment(self, name, body):
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


@functools.cache
def formula(latex, display):
    """MathML of a formula; its LaTeX stays with it, for whoever copies it."""
    made = convert(latex.strip(), display=display)
    if "merror" in made or re.search(r"\\[a-zA-Z]", re.sub(r"<[^>]*>", "", made)):
        raise ValueError(f"a formula that could not be set: {latex}")
    # without a mathematical font, a prime as a superscript is a speck
    made = re.sub(r"<msup>(<mi>\w</mi>)<mi>&#x02032;</mi></msup>", r"<mrow>\1<mtext>′</mtext></mrow>", made)
    return made.replace("<math ", f'<math data-latex="{html.escape(latex.strip())}" ', 1)


def prose(markdown, links):
    """HTML of a markdown cell; `links` turns each address of it into one of this site."""
    soup = BeautifulSoup(MarkdownWithMath(renderer=Prose(escape=False, exclude_anchor_links=True)).render(markdown), "html.parser")
    for link in soup.find_all("a", href=True):
        link["href"] = links(link["href"])
    for table in soup.find_all("table"):
        table.wrap(soup.new_tag("div", attrs={"class": "wide", "tabindex": "0"}))
        for corner in table.find_all("th"):
            corner.name = "th" if corner.get_text(strip=True) else "td"  # an empty corner heads nothing
    return str(soup)


def site_links(path, top, language):
    """What turns an address in a text of the repository at `path` into one of the site, from `top`, the way to its first page.

    Notebooks and DOCUMENTS are pages; for any other file the first page in this language stands.
    """
    pages = {(ROOT / file).resolve(): f"{name}.html" for file, name, _ in DOCUMENTS}

    def link(address):
        target, _, place = address.partition("#")
        if ":" in target or not target:
            return address
        there = (path.parent / target).resolve()
        if there.suffix == ".ipynb":
            page = there.relative_to(notebooks.NOTEBOOKS).with_suffix(".html").as_posix()
        elif there in pages:
            page = pages[there]
        else:
            return top + FIRST[language]
        return f"{top}read/{page}" + (f"#{place.removeprefix('cell-id=')}" if place else "")

    return link


# ---------------------------------------------------------------- cells


class Page:
    """One notebook on its way to a page."""

    def __init__(self, path, out):
        self.path, self.out = path, out
        self.notebook = nbformat.read(path, 4)
        with mock.patch.object(Picture, "png", lambda self: b""):  # the pictures are those that were saved
            self.live = {number: spec(explorer) for number, explorer in living.explorers(path, show=False)}
        self.name = path.relative_to(notebooks.NOTEBOOKS).with_suffix("").as_posix()  # of its address, too
        self.top = "../" * (self.name.count("/") + 1)  # the way to the site's first page
        self.language = "zh" if notebooks.is_chinese(path) else "en"
        self.links = site_links(path, self.top, self.language)

    @property
    def title(self):
        first = next(cell.source for cell in self.notebook.cells if cell.source.startswith("# "))
        return first.splitlines()[0].lstrip("# ")

    @property
    def there(self):
        """The same notebook behind the other door, from the site's first page."""
        return f"lab/{LAB}?path={self.name}.ipynb"

    def picture(self, data, words, size):
        """A saved picture as a file of its own: pages stay small, and pictures far down are not loaded yet."""
        content = base64.b64decode(data)
        file = f"pictures/{hashlib.sha256(content).hexdigest()[:16]}.png"
        (self.out / file).parent.mkdir(exist_ok=True)
        (self.out / file).write_bytes(content)
        width, height = size
        return f'<img src="{self.top}{file}" width="{width}" height="{height}" alt="{html.escape(words)}" loading="lazy" decoding="async">'

    def outputs(self, cell, live):
        """The saved outputs; a live picture's own become one figure with its sliders."""
        found = []
        for output in cell.outputs:
            if output.output_type == "stream":
                found.append(f"<pre>{html.escape(output.text)}</pre>")
                continue
            if output.output_type == "error":
                found.append(f"<pre>{html.escape(output.ename)}: {html.escape(output.evalue)}</pre>")
                continue
            data = output.data
            words = "".join(data.get("text/plain", ""))
            if "image/png" in data:
                size = output.metadata.get("image/png", {})
                image = self.picture(data["image/png"], size.get("alt", words), (size.get("width", ""), size.get("height", "")))
                found.append(live_figure(image, live) if live else f'<figure class="still"><div class="wide">{image}</div></figure>')
            elif data.get("text/html"):
                found.append(data["text/html"])
            elif not live and "text/html" not in data:
                found.append(f"<pre>{html.escape(words)}</pre>")
        return "".join(found)

    def cell(self, number, cell):
        if cell.cell_type == "markdown":
            return f'<section class="prose" id="{cell.id}">{prose(cell.source, self.links)}</section>'
        live = self.live.get(number)
        code = Highlight2HTML()(cell.source)
        first = html.escape(cell.source.splitlines()[0] if cell.source else "")
        there = f"{self.top}{self.there}#cell-id={cell.id}"
        return (
            f'<section class="code" id="{cell.id}"><details{"" if live else " open"}><summary><code>{first}</code></summary>{code}'
            f'<a class="there" href="{there}" title="{said("this cell in JupyterLab, in this browser", self.language)}">'
            f"{said('change it', self.language)}</a></details>"
            f"{self.outputs(cell, live)}</section>"
        )

    def render(self):
        body = "\n".join(self.cell(number, cell) for number, cell in enumerate(self.notebook.cells))
        return page(self.title, body, self.language, self.top, self.there)

    def write(self):
        target = self.out / "read" / f"{self.name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.render(), encoding="utf-8")


def page(title, body, language, top, there):
    """A whole page. top: the way to the site's first page; there: from that one, the address behind the other door."""
    colours = f'<link rel="stylesheet" href="{top}web/code.css">'
    head = fill("head.html", language, title=html.escape(title), top=top, more=colours + script_words(language))
    return fill("page.html", language, head=head, home=top + FIRST[language], body=body, lab=top + there)


def document(out, file, name, language):
    """A text of the repository as a page."""
    path, top = ROOT / file, "../" * (name.count("/") + 1)
    text = path.read_text(encoding="utf-8")
    body = f'<section class="prose">{prose(text, site_links(path, top, language))}</section>'
    whole = page(text.splitlines()[0].lstrip("# "), body, language, top, f"lab/{LAB}")
    (out / "read" / f"{name}.html").write_text(whole, encoding="utf-8")


def live_figure(image, live):
    """A picture, its sliders as native inputs, and room for words. Sliders are hidden where no script runs."""
    rows = "".join(map(control, live["sliders"]))
    data = html.escape(json.dumps({key: value for key, value in live.items() if key != "sliders"}))
    options = html.escape(json.dumps(live["sliders"]))
    return (
        f'<figure class="live" data-live="{data}" data-sliders="{options}"><form class="sliders" autocomplete="off">{rows}'
        f'<button type="reset">{html.escape(live["reset"])}</button></form><div class="wide" tabindex="-1" style="--width:{live["width"]};--height:{live["height"]}">{image}</div>'
        f'<p class="words" role="alert"></p><p class="told" role="status"></p></figure>'
    )


_groups = itertools.count(1)  # buttons of one choice share a name that no other choice of the page has


def control(slider):
    """One native control: a range with its name and value, a row of buttons, or a box for a text."""
    name = html.escape(slider["label"])
    if slider["kind"] == "buttons":
        group = f"choice-{next(_groups)}"
        buttons = "".join(
            f'<label><input type="radio" name="{group}" value="{place}"{" checked" * (place == slider["start"])}>'
            f'<span>{html.escape(option["words"])}</span></label>'
            for place, option in enumerate(slider["options"])
        )
        return f'<fieldset class="control buttons"><legend>{name}</legend>{buttons}</fieldset>'
    if slider["kind"] == "text":
        return (
            f'<label class="control text"><span class="name">{name}</span><textarea rows="3" spellcheck="false" '
            f'placeholder="{html.escape(slider["hint"])}">{html.escape(slider["start"])}</textarea></label>'
        )
    if slider["kind"] == "list":
        low, high, step = 0, len(slider["options"]) - 1, 1
    else:
        low, high, step = slider["min"], slider["max"], slider["step"]
    return (
        f'<label class="control"><span class="name">{name}</span><input type="range" min="{low}" max="{high}" '
        f'step="{step}" value="{slider["start"]}"><output aria-hidden="true"></output></label>'  # aria-valuetext says it
    )


def said(text, language):
    """A page's own English word or sentence in its language; KeyError for one without translation."""
    return text if language == "en" else WORDS[language][text]


def script_words(language):
    """The words of page.js in this language, for it to read; nothing for English, which it speaks."""
    if language == "en":
        return ""
    return f'<script type="application/json" id="words">{json.dumps(WORDS[language], ensure_ascii=False)}</script>'


def fill(template, language, **fields):
    """A template of `web/` with its {{fields}} filled in and its [[words]] said; one without a value is an error."""
    text = (WEB / template).read_text(encoding="utf-8")
    text = re.sub(r"\[\[(.+?)\]\]", lambda found: said(found[1], language), text)
    return re.sub(r"{{(\w+)}}", lambda found: {**fields, "language": language}[found[1]], text)


def code_colours():
    """Pygments' colours for a light and a dark page."""
    light = HtmlFormatter(style="default").get_style_defs(".highlight").replace("#A2F", "#91E")  # on grey, too pale
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    system = f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}"
    return f"{light}\n{system}\n:root[data-theme=dark] {{ {dark} }}\n"


# ---------------------------------------------------------------- the whole


ABOUT = {
    "en": "A transformer's attention does not notice the order of its words: position has to be put in by hand, and every way of "
    "doing it has a price. This series of notebooks shows the ways and the prices: a learned table, sine waves, rotations "
    "(RoPE), and the stretches that let a model read past the length it was trained on.",
    "zh": "Transformer 的注意力看不出词的先后。位置要另外放进去，每种放法都有代价。这套笔记本讲的就是这些放法和代价：学习的位置表、"
    "正弦波、旋转（RoPE），以及让模型读得比训练时更远的各种办法。",
}


def readme(language):
    """The README's title and its table of notebooks, as markdown."""
    text = (ROOT / README[language]).read_text(encoding="utf-8")
    table = re.search(r"^\| \[00 ", text, re.M).start()
    head = text.rindex("\n\n", 0, table) + 2
    return re.match(r"# (.*)", text)[1], text[head : text.index("\n\n", table)]


def start(out, first, **sizes):
    """The site's first page in one language. first: the page of notebook 00, which lends it a picture. sizes: what is
    loaded, in words."""
    language = first.language
    title, table = readme(language)

    number, live = next(iter(first.live.items()))
    first.top = ""
    picture = first.outputs(first.notebook.cells[number], {**live, "play": "pos"})
    title, about = html.escape(title), html.escape(ABOUT[language], quote=True)
    description = f'<meta name="description" content="{about}">'
    head = fill("head.html", language, title=title, top="", more=description + script_words(language))
    page = fill("start.html" if language == "en" else f"start.{language}.html", language, head=head, title=title, about=about,
                table=prose(table, site_links(ROOT / README[language], "", language)), picture=picture, lab=first.there, **sizes)  # fmt: skip
    (out / FIRST[language]).write_text(page, encoding="utf-8")


def build(out):
    """Write every notebook's page, and what the pages share, into the folder `out`. Returns the pages."""
    shutil.copytree(WEB, out / "web", ignore=shutil.ignore_patterns("*.html"), dirs_exist_ok=True)
    (out / "web" / "code.css").write_text(code_colours(), encoding="utf-8")
    pages = [Page(path, out) for path in notebooks.all_notebooks()]
    for made in pages:
        made.write()
    for file, name, language in DOCUMENTS:
        document(out, file, name, language)
    return pages
