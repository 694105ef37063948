"""Pictures: one small class each. `build` sets the stage once; `move` says what stands on it.

A picture draws where it is told and keeps quiet: no pyplot, no file, no slider. The same class serves the static figure
in a notebook, the live one (`helpers.live`), the file in `assets/` and the test. CONTRIBUTING.md shows how to add one.
"""

import inspect
import io
import re
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.ticker import FuncFormatter, NullLocator
from PIL import Image as Pixels

from helpers import labels, scaling, style
from helpers.labels import say, slider

_PLACES = {  # of a legend: options of matplotlib's
    "above": dict(loc="lower right", bbox_to_anchor=(1.02, 0.985)),
    "above left": dict(loc="lower left", bbox_to_anchor=(-0.01, 1.0)),
    "right": dict(loc="center left", bbox_to_anchor=(1.02, 0.5)),
}


class Picture:
    """Base of all pictures. A subclass writes two methods and needs nothing else.

    build(self): make the panels and axes, and all that never changes, with matplotlib's own methods: a background that
        is painted once and kept.
    move(self, *, name=default, ...): say what stands on it at these values, by `line`, `text`, `image`, `band`,
        `stairs`, `patch` and `legend`. The first argument of each is the part's name, under which `picture[name]` finds
        the artist. What one move says and the next does not is hidden. The keyword defaults are the picture's defaults.
        Raise ValueError, saying what is allowed, for a bad combination. `tell` says in words what the picture shows.

    A picture that takes long to compute writes a third one:
    more(self): add the next part, in at most a tenth of a second, and set `self.unfinished` to whether one is left.
        `move` then does the first part only. A live picture shows each part as it comes; a saved one waits for all.

    Picture(**values) shows itself when it is the last line of a notebook cell; `update(**changes)` moves it.
    Picture(panel, **values) builds on a figure or sub-figure that is already there.
    """

    size = (11.0, 4.2)  # inches; times style.DPI are pixels on the page
    fineness = style.SHARP  # of a saved notebook's picture; less where a notebook has many
    unfinished = False  # whether `more` has anything left to add
    told = ""  # what the present picture shows, in words: its alternative text

    def __init__(self, figure=None, /, **values):
        self.defaults = {p.name: p.default for p in inspect.signature(self.move).parameters.values()}
        for name, default in self.defaults.items():
            if default is inspect.Parameter.empty:
                raise TypeError(f"{type(self).__name__}.move: {name} needs a default, its value in the first picture")
        self.values = dict(self.defaults)
        self._parts, self._given, self._shown = {}, {}, {}  # by name: artists, their last settings, what was said last
        self._always, self._legends, self._unplaced, self._moving = [], {}, [], False
        with style.context():
            if figure is None:
                figure = Figure(figsize=self.size, dpi=style.DPI)
                FigureCanvasAgg(figure)
            self.figure = figure
            self.build()
        self.update(**values)
        if self._unplaced:
            self._lay_out()

    def build(self):
        raise NotImplementedError(f"{type(self).__name__} must write build()")

    def move(self):
        """Nothing moves here."""

    def more(self):
        # not NotImplementedError: IPython takes that for "no picture to show" and says nothing
        raise TypeError(f"{type(self).__name__} says that it is unfinished and must write more()")

    def finish(self):
        """All that is left to add, at once."""
        while self.unfinished:
            self.more()

    # --- the stage -------------------------------------------------------------------------------------------

    def panels(self, rows=1, columns=1, **options):
        """White sub-figures in a row-major list; new limits in one of them repaint that one alone."""
        made = self.figure.subfigures(rows, columns, squeeze=False, **options)
        for panel in made.flat:
            panel.set_facecolor("white")
        return list(made.flat)

    def add_axes(self, place=None, panel=None, *, off=False, **settings):
        """Axes in a panel (the whole figure, if there is none).

        place: (left, bottom, width, height) in parts of the panel; without it matplotlib finds one that leaves room for
            every word. off: no frame, ticks or grid. settings: as for `set` of matplotlib's Axes.
        """
        panel = self.figure if panel is None else panel
        axes = panel.add_axes(place) if place else panel.add_subplot()
        self._unplaced += [] if place else [axes]
        axes.set(**settings)
        if off:
            axes.set_axis_off()
        return axes

    def colour_bar(self, place, panel, cmap, low, high, ticks):
        """A bar that tells which number from low to high a colour of `cmap` means. Returns matplotlib's colorbar."""
        scale = ScalarMappable(Normalize(low, high), cmap)
        return panel.colorbar(scale, cax=panel.add_axes(place), ticks=ticks)

    def limits(self, axes, x=None, y=None):
        """Set limits only where they differ: setting them repaints the panel's background."""
        if x is not None and axes.get_xlim() != tuple(x):
            axes.set_xlim(x)
        if y is not None and axes.get_ylim() != tuple(y):
            axes.set_ylim(y)

    # --- what stands on it -----------------------------------------------------------------------------------

    def put(self, name, make, **settings):
        """The part of this name: made by make() the first time; after that, what differs of the settings is set.

        name: any word, or a tuple such as ("hand", 3); it belongs to the whole picture, not to its axes. make: returns
        an artist that belongs to an axes. settings: as for the artist's `set`. Returns the artist. The others below are
        short forms of this. TypeError for a name that was said already in this move.
        """
        if self._moving and name in self._shown:
            raise TypeError(f"part {name!r} is said twice; in a loop, give each its own name, such as ({name!r}, 1)")
        artist, given = self._parts.get(name), self._given.get(name)
        if artist is None:
            with style.context():
                artist = self._parts[name] = _movable(make())
            given = {}
        changed = {key: value for key, value in settings.items() if key not in given or not _same(given[key], value)}
        if changed:
            artist.set(**changed)
            self._given[name] = {**given, **changed}
        if not artist.get_visible():
            artist.set_visible(True)
        self._shown.pop(name, None)  # to its place in the order of this move
        self._shown[name] = artist
        return artist

    def line(self, name, axes, x, y, form="", **look):
        """A line or dots through (x, y), each (n,). form: as for matplotlib's `plot`, such as "o"."""
        line = self.put(name, lambda: axes.plot([], [], *[form] * bool(form), **look)[0], **look)
        line.set_data(x, y)
        return line

    def text(self, name, axes, x, y, words, **look):
        """Words at (x, y) in data units; `transform=axes.transAxes`: in parts of the axes."""
        return self.put(name, lambda: axes.text(x, y, words, **look), position=(x, y), text=words, **look)

    def image(self, name, axes, data, **look):
        """Numbers or colours as an image, as for matplotlib's `imshow`; `extent` may change with them."""
        extent = {"extent": look["extent"]} if "extent" in look else {}
        image = self.put(name, lambda: axes.imshow(data, **{"aspect": "auto", **look}), **extent)
        image.set_data(data)
        return image

    def stairs(self, name, axes, values, edges, baseline=0, **look):
        """Filled steps: values (n,), edges (n + 1,), from a number or (n,) as baseline."""
        steps = self.put(name, lambda: axes.stairs([0], [0, 1], baseline=0, fill=True, **look))
        steps.set_data(values, edges, baseline)
        return steps

    def band(self, name, axes, x, low, high, **look):
        """The area between two curves, low and high (n,) over x (n,)."""
        outline = np.column_stack([np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])])
        area = self.put(name, lambda: axes.add_patch(Polygon(outline, **{"linewidth": 0, **look})))
        area.set_xy(outline)
        return area

    def patch(self, name, axes, make, **settings):
        """A patch of matplotlib's: make() returns it, e.g. `lambda: Rectangle((0, 0), 1, 1)`."""
        return self.put(name, lambda: axes.add_patch(make()), **settings)

    def legend(self, axes, place="above", *, parts=None, extra=(), **options):
        """Name the parts of these axes that have a label; drawn again only when that changes.

        place: "above", "above left" or "right" of the axes, or a `loc` of matplotlib's, inside them.
        parts: names of the parts to list, in this order, also of other axes. extra: further (artist, words) pairs.
        options: as for matplotlib's `legend`.
        """
        if parts is None:
            parts = [name for name, part in self._shown.items() if part.axes is axes]
        handles = [self._parts[name] for name in parts]
        entries = [(part, part.get_label()) for part in handles if part.get_label()[:1] not in ("", "_")]
        entries += extra
        before, looked = self._legends.get(axes, ((), None))
        if entries == before and options == looked:
            return
        self._legends[axes] = entries, options
        if options == looked and [part for part, _ in entries] == [part for part, _ in before]:
            for text, (_, words) in zip(axes.get_legend().get_texts(), entries, strict=True):
                text.set_text(words)
        else:
            place = _PLACES.get(place, dict(loc=place))
            columns = len(entries) if place is _PLACES["above"] else 1
            with style.context():
                axes.legend(*zip(*entries, strict=True), **{**place, "ncols": columns, "borderpad": 0.1, **options})
        axes.stale = True

    def tell(self, *sentences):
        """Say what the picture shows at these values, for who cannot see it: a few finished sentences (`say` them).

        They become the picture's alternative text, in a saved notebook, in an export and on the site; a screen reader
        speaks them when a slider comes to rest. Say what is there and the numbers that matter, not how it looks.
        """
        self.told = re.sub(r"(?<![\w.])-(?=\d)", "\N{MINUS SIGN}", labels.say(" ").join(sentences))  # a hyphen is not spoken

    def moves(self, *artists):
        """Artists made by hand, drawn at each frame on top of the kept background. Returns them (one, or a tuple)."""
        self._always += [_movable(artist) for artist in artists]
        return artists[0] if len(artists) == 1 else artists

    @property
    def moving(self):
        """The artists of the present frame, in the order in which they were said."""
        return [*self._always, *self._shown.values()]

    def __getitem__(self, name):
        """The part of this name. KeyError if no move has said it yet."""
        if name not in self._parts:
            raise KeyError(f"no part {name!r} yet; there are {', '.join(map(repr, self._parts))}")
        return self._parts[name]

    # --- the whole -------------------------------------------------------------------------------------------

    def update(self, **changes):
        """Move to the present values with these changes. ValueError for a name the picture does not have."""
        for name in changes:
            if name not in self.defaults:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(self.defaults)}")
        values = {**self.values, **changes}
        before, told = self._shown, self.told
        self._shown, self._moving = {}, True
        try:
            self.move(**values)
        except Exception:
            self._shown, self.told = {**before, **self._shown}, told
            raise
        finally:
            self._moving = False
        for name, artist in before.items():
            if name not in self._shown:
                artist.set_visible(False)
        self.values = values  # only once the move worked: a bad combination leaves the last good one

    def _lay_out(self):
        """Find a place, and limits if they have none, for the axes that were given no place: by matplotlib, once."""
        for axes in self._unplaced:
            axes.relim()
            axes.autoscale_view()
        whole = self.figure.canvas.figure
        with style.context():
            whole.set_layout_engine("constrained")
            whole.draw_without_rendering()
            whole.set_layout_engine("none")

    def save(self, file, **options):
        """Write the finished picture to a path or an open binary file; options go to matplotlib's savefig."""
        self.finish()
        metadata = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
        named = str(file).rsplit(".", 1)[-1] if isinstance(file, str | Path) else "png"
        kind = options.setdefault("format", named)
        options.setdefault("metadata", metadata.get(kind))
        options.setdefault("dpi", style.DPI * style.SHARP)
        with style.context():
            self.figure.savefig(file, **options)

    def png(self):
        """The picture at rest, sharp, as PNG bytes: in 256 colours, half the size and no difference to the eye."""
        whole, small = io.BytesIO(), io.BytesIO()
        self.save(whole, format="png", dpi=style.DPI * self.fineness)
        colours = dict(colors=256, method=Pixels.Quantize.MAXCOVERAGE, dither=Pixels.Dither.NONE)
        Pixels.open(whole).convert("RGB").quantize(**colours).save(small, "PNG", optimize=True)
        return small.getvalue()

    def __repr__(self):
        inner = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{type(self).__name__}({inner})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        width, height = (round(side * style.DPI) for side in self.figure.get_size_inches())
        data = {"text/plain": repr(self), "image/png": self.png()}
        size = {"width": width, "height": height}
        return data, {"image/png": {**size, "alt": self.told} if self.told else size}


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
        self.pictures, self.defaults, self.values, told = [], {}, {}, []
        self._always, self._shown = [], {}
        self.figure = figure
        self.about = f"{picture_class.__name__}, {', '.join(map(str, settings))}"
        with style.context():
            cells = figure.subfigures(rows, columns, squeeze=False).flat
            for cell, setting in zip(cells, settings, strict=False):
                top, body = cell.subfigures(2, 1, height_ratios=(heading, height))
                words = ", ".join(f"{slider(name)} = {_short(value)}" for name, value in setting.items())
                top.text(0.02, 0.35, words, fontsize=15, va="center")
                self.pictures.append(picture_class(body, **setting))
                told.append(f"{words}{labels.say(': ')}{self.pictures[-1].told}")
        self.tell(*told)

    def __repr__(self):
        return f"Beside({self.about})"


def _movable(artist):
    """Keep it out of the background. It must live in an axes: else matplotlib leaves it out of every saved file."""
    if artist.axes is None:
        raise ValueError(f"a moving artist must belong to an axes; got {artist!r} of the figure itself")
    artist.set_animated(True)
    return artist


def _same(old, new):
    try:
        return old is new or bool(old == new)
    except ValueError:  # arrays
        return False


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


def count_in_doublings(axes, which="xy"):
    """Logarithmic axes whose ticks are 1, 2, 4, ..., and 1/2, 1/4, ... below 1. which: "x", "y" or "xy"."""
    for name in which:
        axis = getattr(axes, f"{name}axis")
        getattr(axes, f"set_{name}scale")("log", base=2)
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}" if value >= 1 else f"1/{1 / value:.0f}"))
        axis.set_minor_locator(NullLocator())


def ticks(axis, values, words=None):
    """Ticks at these values alone, named as they are, or by `words`: for a logarithmic axis with few numbers."""
    axis.set_ticks(values, [f"{value:g}" for value in values] if words is None else words)
    axis.set_minor_locator(NullLocator())


def method_name(key):
    """What pictures call a method of `scaling.METHODS`, in the language in use."""
    return say(scaling.METHODS[key].name)


def listed(rows):
    """For `tell`: "direct 24.17 and 23.16; PI 15.04 and 13.54". rows: a name and its numbers each, all texts."""
    return say("; ").join(f"{name} {say(' and ').join(numbers)}" for name, *numbers in rows).replace("） ", "）")


def look(key):
    """Colour and line of a method, everywhere."""
    return dict(color=scaling.METHODS[key].colour, linestyle=scaling.METHODS[key].linestyle)
