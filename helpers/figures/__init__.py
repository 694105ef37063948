"""Pictures: one small class each, built once, then moved.

A picture draws where it is told and keeps quiet: no pyplot, no file, no slider. The same class serves the static figure
in a notebook, the live one (`helpers.live`), the file in `assets/` and the test.
"""

import inspect
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as Pixels

from helpers import style
from helpers.labels import say


class Picture:
    """Base of all pictures. A subclass writes two methods and needs nothing else.

    build(self): make axes, labels and artists once. Hand every artist that changes from frame to frame to
        `self.moves(artist, ...)`; all the rest is a background that is painted once and kept.
    move(self, *, name=default, ...): put the artists where these parameters want them (`set_data` and the like).
        Its keyword defaults are the picture's defaults. Raise ValueError, saying what is allowed, for a bad combination.

    A picture that takes long to compute writes a third one:
    more(self): add the next part, in at most a tenth of a second, and set `self.unfinished` to whether one is left. `move`
        then does the first part only. A live picture shows each part as it comes; a saved one waits for the last.

    Picture(**values) shows itself when it is the last line of a notebook cell; `update(**changes)` moves it.
    Picture(panel, **values) builds on a figure or sub-figure that is already there.
    """

    size = (11.0, 4.2)  # inches; times style.DPI are pixels on the page
    fineness = style.SHARP  # of a saved notebook's picture; less where a notebook has many
    unfinished = False  # whether `more` has anything left to add

    def __init__(self, figure=None, /, **values):
        self.defaults = {p.name: p.default for p in inspect.signature(self.move).parameters.values()}
        with style.context():
            if figure is None:
                figure = Figure(figsize=self.size, dpi=style.DPI)
                FigureCanvasAgg(figure)
            self.figure = figure
            self.moving = []
            self.values = dict(self.defaults)
            self.build()
        self.update(**values)

    def build(self):
        raise NotImplementedError(f"{type(self).__name__} must write build()")

    def move(self):
        raise NotImplementedError(f"{type(self).__name__} must write move()")

    def more(self):
        # not NotImplementedError: IPython takes that for "no picture to show" and says nothing
        raise TypeError(f"{type(self).__name__} says that it is unfinished and must write more()")

    def finish(self):
        """All that is left to add, at once."""
        while self.unfinished:
            self.more()

    def moves(self, *artists):
        """Mark artists as moving: redrawn each frame on top of the kept background. Returns them (one, or a tuple).

        They must live in an axes: matplotlib leaves a moving artist of the figure itself out of every saved file.
        """
        for artist in artists:
            if artist.axes is None:
                raise ValueError(f"a moving artist must belong to an axes; got {artist!r} of the figure itself")
            artist.set_animated(True)
            self.moving.append(artist)
        return artists[0] if len(artists) == 1 else artists

    def panels(self, rows=1, columns=1, **options):
        """White sub-figures in a row-major list; new limits in one of them repaint that one alone."""
        made = self.figure.subfigures(rows, columns, squeeze=False, **options)
        for panel in made.flat:
            panel.set_facecolor("white")
        return list(made.flat)

    def update(self, **changes):
        """Move to the present values with these changes. ValueError for a name the picture does not have."""
        for name in changes:
            if name not in self.defaults:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self.defaults)}")
        values = {**self.values, **changes}
        self.move(**values)
        self.values = values  # only once the move worked: a bad combination leaves the last good one

    def save(self, file, **options):
        """Write the finished picture to a path or an open binary file; options go to matplotlib's savefig."""
        self.finish()
        metadata = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
        kind = options.setdefault("format", str(file).rsplit(".", 1)[-1])
        options.setdefault("metadata", metadata.get(kind))
        options.setdefault("dpi", style.DPI * style.SHARP)
        with style.context():
            self.figure.savefig(file, **options)

    def png(self):
        """The picture at rest, sharp, as PNG bytes: 256 colours, which halves a notebook's size and shows no difference."""
        whole, small = io.BytesIO(), io.BytesIO()
        self.save(whole, format="png", dpi=style.DPI * self.fineness)
        colours = Pixels.open(whole).convert("RGB").quantize(256, Pixels.Quantize.MAXCOVERAGE, dither=Pixels.Dither.NONE)
        colours.save(small, "PNG", optimize=True)
        return small.getvalue()

    def __repr__(self):
        inner = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({inner})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        width, height = (round(side * style.DPI) for side in self.figure.get_size_inches())
        data = {"text/plain": repr(self), "image/png": self.png()}
        return data, {"image/png": {"width": width, "height": height}}


class Beside(Picture):
    """One picture at several settings, for a page that is read and not dragged.

    Beside(Frequencies, {"base": 100}, {"base": 1e8}) stacks them; columns=2 puts narrow ones side by side. Each carries
    its settings as a heading.
    """

    def __init__(self, picture_class, /, *settings, columns=1):
        rows = -(-len(settings) // columns)
        heading = 0.34  # inches
        width, height = picture_class.size
        figure = Figure(figsize=(width * columns, (height + heading) * rows), dpi=style.DPI)
        FigureCanvasAgg(figure)
        self.pictures, self.moving, self.defaults, self.values = [], [], {}, {}
        self.figure = figure
        self.about = f"{picture_class.__name__}, {', '.join(map(str, settings))}"
        with style.context():
            cells = figure.subfigures(rows, columns, squeeze=False).flat
            for cell, setting in zip(cells, settings, strict=False):
                top, body = cell.subfigures(2, 1, height_ratios=(heading, height))
                words = ", ".join(f"{say(f'slider.{name}')} = {_short(value)}" for name, value in setting.items())
                top.text(0.02, 0.35, words, fontsize=15, va="center")
                self.pictures.append(picture_class(body, **setting))

    def __repr__(self):
        return f"Beside({self.about})"


def _short(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return str(value)


def envelope(x, y, columns=600):
    """What a pixel can show of a long curve: its smallest and largest value in each of `columns` bins.

    x, y: (n,). Returns x, y of at most 2 * columns points, in order; short curves come back as they are. A line through
    them covers the same pixels as the whole curve.
    """
    n = len(x)
    if n <= 2 * columns:
        return x, y
    edges = np.linspace(0, n, columns + 1).astype(int)[:-1]
    low, high = np.minimum.reduceat(y, edges), np.maximum.reduceat(y, edges)
    return np.repeat(x[edges], 2), np.column_stack([low, high]).ravel()


def round_limit(value, *, down=False):
    """The power of ten beyond `value`: axes that take few limits keep their background while a slider moves."""
    power = np.log10(value)
    return float(10.0 ** (np.floor(power) if down else np.ceil(power)))
