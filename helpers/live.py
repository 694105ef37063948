"""Sliders that move a picture, fast enough to follow the hand.

    live.explore(pictures.Frequencies, positions=live.positions(128), base=live.base(10_000))

`explore` knows neither figures nor mathematics: it is given a picture class (see `helpers.figures.Picture`), makes
the sliders, and shows frames. While a slider moves, a frame is the kept background with the moving artists on top,
sent as a quick JPEG; a moment after the last move a sharp PNG takes its place. A picture that takes long to compute is
shown part by part, and a move that comes between two parts drops the rest. Frames travel as updates of an
ordinary displayed image, so that a saved notebook shows its pictures without a kernel. ipywidgets keeps one slider
message under way and merges the rest: the newest value wins and nothing queues behind the hand.
"""

import asyncio
import html
import io
import threading
from dataclasses import dataclass
from typing import Any, Callable

import ipywidgets as widgets
import numpy as np
from IPython.display import HTML, Image, display
from matplotlib.backends.backend_agg import RendererAgg
from PIL import Image as Pixels

from helpers import labels, style

REST = 0.25  # seconds without a move after which the sharp picture is drawn
PAUSE = 0.01  # seconds between two parts of a picture that is computed while it is looked at: room for a move
QUALITY = 92  # of the quick JPEG; its colours are not subsampled, so thin lines stay clean


# ------------------------------------------------------------------------------------------------- frames


class Painter:
    """Paints a picture's figure into pixels, keeping the background of every panel that did not change.

    Axes, ticks, labels, grids and legends cost a hundred times what a curve costs. They are painted when matplotlib's
    own `stale` flag says that they changed, panel by panel, and the moving artists are drawn on a copy of that.
    """

    def __init__(self, picture):
        self.picture = picture
        self.figure = picture.figure
        self.canvas = self.figure.canvas
        self._rc = style.rc()
        self._background = None
        self._fine = None  # the renderer of the sharp picture

    def _panels(self):
        """The parts that can be repainted alone: the sub-figures, or else the figure itself."""

        def leaves(part):
            return [leaf for inner in part.subfigs for leaf in leaves(inner)] if part.subfigs else [part]

        return leaves(self.figure)

    def pixels(self):
        """The present frame as an (height, width, 4) uint8 view that the next call overwrites."""
        with style.context(self._rc):
            renderer = self.canvas.get_renderer()
            panels = self._panels()
            if self._background is None:
                self.figure.draw(renderer)
                changed = panels
            else:
                self.canvas.restore_region(self._background)
                changed = [panel for panel in panels if any(axes.stale for axes in panel.axes)]
                for panel in changed:
                    panel.draw(renderer)
            if changed:
                self._background = self.canvas.copy_from_bbox(self.figure.bbox)
            self._draw_moving(renderer)
        return np.asarray(self.canvas.buffer_rgba())

    def _draw_moving(self, renderer):
        for artist in sorted(self.picture.moving, key=lambda artist: artist.zorder):
            artist.draw(renderer)

    def quick(self):
        """The present frame as JPEG bytes."""
        return _encoded(self.pixels(), "JPEG", quality=QUALITY, subsampling=0)

    def sharp(self):
        """The picture at rest as lossless PNG bytes, `style.SHARP` times as fine; not the smallest, but quickly made.

        Painted on a renderer that is kept. matplotlib's savefig makes one each time (9 MB), and a formula that it could
        not read at once (an exception, and so a ring of references) keeps it alive until Python next clears up.
        """
        self.pixels()  # first the kept background: after a full drawing nothing says any more what of it is stale
        with style.context(self._rc):
            self.figure.set_dpi(style.DPI * style.SHARP)
            try:
                if self._fine is None:
                    self._fine = RendererAgg(*np.rint(self.figure.bbox.size), self.figure.dpi)  # 819.999... is 820
                self.figure.draw(self._fine)  # white all over first
                self._draw_moving(self._fine)
            finally:
                self.figure.set_dpi(style.DPI)
        return _encoded(np.asarray(self._fine.buffer_rgba()), "PNG", compress_level=1)


def _encoded(pixels, form, **options):
    """(height, width, 4) uint8 pixels as the bytes of an image file."""
    height, width = pixels.shape[:2]
    file = io.BytesIO()
    Pixels.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1).convert("RGB").save(file, form, **options)
    return file.getvalue()


# ------------------------------------------------------------------------------------------------- sliders


@dataclass(frozen=True)
class Control:
    """What a slider will be: its place in the written order, its first value, and how to make it."""

    rank: int  # 0 position range, 1 dimension or pair, 2 base, 3 scale k, 4 view: everywhere the same order
    value: Any
    make: Callable[[str], widgets.Widget]
    key: str | None = None  # of its name in `labels`; default "slider.<parameter>"


# Names and values that the last row can read: letters grow with the window, and everything else with the letters.
LOOKS = """<style>.live-sliders {--jp-widgets-font-size: clamp(14px, 0.9vw, 22px);}
.live-sliders .jupyter-widgets {font-size: var(--jp-widgets-font-size);}
.live-sliders .widget-readout {font-weight: 600; min-width: 7.4em; max-width: none;}</style>"""


def _row(**options):
    return dict(
        style={"description_width": "8em"},
        layout=widgets.Layout(width="25.5em", max_width="100%"),
        continuous_update=True,
        **options,
    )


def whole(value, low, high, *, step=1, rank=0, key=None):
    """A slider over whole numbers."""

    def make(name):
        return widgets.IntSlider(value, low, high, step, description=name, readout_format=",d", **_row())

    return Control(rank, value, make, key)


def number(value, low, high, *, step=0.1, rank=3, key=None, form=".2f"):
    """A slider over numbers, evenly spaced."""

    def make(name):
        return widgets.FloatSlider(value, min=low, max=high, step=step, description=name, readout_format=form, **_row())

    return Control(rank, value, make, key)


def logarithmic(value, low, high, *, step=0.05, rank=2, key=None, form=",.0f"):
    """A slider over numbers, evenly spaced in their logarithm (`step` in powers of ten)."""
    low, high = float(np.log10(low)), float(np.log10(high))

    def make(name):
        return widgets.FloatLogSlider(
            value, base=10, min=low, max=high, step=step, description=name, readout_format=form, **_row()
        )

    return Control(rank, value, make, key)


def steps(value, options, *, rank=0, key=None):
    """A slider over a list of numbers: for ranges and sizes, where a few round steps keep the axes still."""

    def make(name):
        return widgets.SelectionSlider(
            options=[(f"{option:,}", option) for option in options], value=value, description=name, **_row()
        )

    return Control(rank, value, make, key)


def choice(value, options, *, rank=4, key=None):
    """Buttons: one of a few views. options: {value: text shown}, or a list of values that are shown as they are."""
    pairs = [(text, option) for option, text in options.items()] if isinstance(options, dict) else list(options)

    def make(name):
        return widgets.ToggleButtons(
            options=pairs, value=value, description=name, style={"description_width": "8em", "button_width": "auto"}
        )

    return Control(rank, value, make, key)


def doublings(low, high):
    """[low, 2 low, 4 low, ..., high]."""
    made = [low]
    while made[-1] < high:
        made.append(made[-1] * 2)
    return made


def positions(value=128, low=16, high=4096, *, key=None):
    """How far the position axis reaches, in doublings (tokens)."""
    return steps(value, doublings(low, high), rank=0, key=key)


def dim(value=64, low=4, high=512):
    """Dimension d of a head, in doublings."""
    return steps(value, doublings(low, high), rank=1)


def pair(value, high, low=0):
    """One pair i of the d/2."""
    return whole(value, low, high, rank=1)


def base(value=10_000.0, low=10, high=1e8):
    """The base of the frequencies, on a logarithmic scale."""
    return logarithmic(float(value), low, high, rank=2)


def k(value=1.0, low=1, high=32, step=0.05):
    """How many times longer than in training, on a logarithmic scale.

    step: in powers of ten, made a little larger or smaller so that 2, 4, 8, ... are reached exactly: a slider snaps to
    its steps, and 8 must not become 7.94.
    """
    doubling = float(np.log10(2))
    return logarithmic(float(value), low, high, step=doubling / round(doubling / step), rank=3, form=".2f")


# ------------------------------------------------------------------------------------------------- together


class _Controls(widgets.VBox):
    """The sliders' box. Its text stands in its place for a reader without a kernel."""

    hint = ""

    def __repr__(self):
        return self.hint


class Explorer:
    """A picture and its sliders. Made by `explore`; shows itself when it is the last line of a cell."""

    def __init__(self, picture_class, controls):
        fixed = {name: value for name, value in controls.items() if not isinstance(value, Control)}
        free = {name: value for name, value in controls.items() if isinstance(value, Control)}
        free = dict(sorted(free.items(), key=lambda item: item[1].rank))  # stable: equal ranks stay as written
        self.picture = picture_class(**fixed, **{name: control.value for name, control in free.items()})
        self.painter = Painter(self.picture)
        self.sliders = {
            name: control.make(labels.say(control.key or f"slider.{name}")) for name, control in free.items()
        }
        self.start = {name: slider.value for name, slider in self.sliders.items()}
        self.error = None  # the last move's exception, or None
        self.frames = 0  # quick frames sent
        self._image = self._words = None
        self._resetting = False
        # JupyterLab sends slider messages to threads of the kernel, now one, now another: one move at a time.
        self._lock = threading.RLock()
        self._last = 0  # number of the last move
        narrow = widgets.Layout(width="6.5em")
        reset = widgets.Button(description=labels.say("slider.reset"), icon="undo", layout=narrow)
        reset.on_click(self.reset)
        self.reset_button = reset
        row = widgets.Layout(display="flex", flex_flow="row wrap", align_items="center", grid_gap="2px 12px")
        looks = widgets.HTML(LOOKS, layout=widgets.Layout(display="none"))
        self.box = _Controls([looks, widgets.Box([*self.sliders.values(), reset], layout=row)])
        self.box.add_class("live-sliders")
        self.box.hint = labels.say(
            "slider.hint", names=", ".join(slider.description for slider in self.sliders.values())
        )
        width, height = self.picture.figure.get_size_inches() * style.DPI
        self._page_size = {"width": round(width), "height": round(height)}
        for slider in self.sliders.values():
            slider.observe(self._moved, names="value")

    def _ipython_display_(self):
        first = self.picture.png()  # small, for the saved notebook
        self.painter.pixels()  # the background, so that the first move is as quick as the others
        display(self.box)
        self._image = display(self._frame(first, "png"), display_id=True)
        self._words = display(HTML(""), display_id=True)

    def _frame(self, data, form):
        return Image(data=data, format=form, **self._page_size)

    def _moved(self, _change):
        if not self._resetting:
            self.refresh()

    def reset(self, _button=None):
        """Every slider back to where it began."""
        with self._lock:
            self._resetting = True
            try:
                for name, slider in self.sliders.items():
                    slider.value = self.start[name]
            finally:
                self._resetting = False
            self.refresh()

    def refresh(self):
        """Move the picture to where the sliders are and send the frame.

        A ValueError is a combination that cannot be drawn: its words appear under the picture, which stays as it was.
        Any other exception shows in the same place and is raised again, for a test or a log to see.
        """
        with self._lock:
            before, self.error = self.error, None
            if self._show(self._move) and before is not None:
                self._say(None)

    def _move(self):
        self.picture.update(**{name: slider.value for name, slider in self.sliders.items()})

    def _show(self, change, again=True):
        """Change the picture and send the frame, or say why not. Returns whether it worked.

        again: after a refusal, go back to the last good place and on from there.
        """
        try:
            change()
            frame = self.painter.quick()
        except Exception as error:
            self.error = error
            self._last += 1  # nothing more of a half-made move
            self._say(error)
            if not isinstance(error, ValueError):
                raise
            if again:
                self.picture.update()
                if self._image is not None:
                    self._later()
            return False
        self.frames += 1
        if self._image is not None:
            self._image.update(self._frame(frame, "jpeg"))
            self._later()
        return True

    def _say(self, error):
        if self._words is None:
            return
        words = ""
        if error is not None:
            kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
            words = f'<p style="color:#a00000;font-size:1.1em" role="alert">{html.escape(f"{kind}{error}")}</p>'
        self._words.update(HTML(words))

    def _later(self):
        """What follows when no move comes first: the next part of an unfinished picture, or the sharp frame."""
        self._last += 1
        wait, then = (PAUSE, self._grow) if self.picture.unfinished else (REST, self._sharpen)
        try:
            asyncio.get_running_loop().call_later(wait, then, self._last)
        except RuntimeError:  # a script or a test: no loop, no later
            pass

    def _grow(self, move):
        with self._lock:
            if move == self._last:  # nothing moved since
                self._show(self.picture.more, again=False)  # words of a refused move stay where they are

    def _sharpen(self, move):
        with self._lock:
            if move == self._last:  # nothing moved since
                self._image.update(self._frame(self.painter.sharp(), "png"))


def explore(picture_class, /, **controls):
    """A live picture: sliders above, the picture below.

    picture_class: a class made like `helpers.figures.Picture`.
    controls: for each of its parameters that a hand may move, a slider (`live.base()`, `live.pair(3, 31)`, ...); any
        other value holds that parameter fixed. Sliders stand in the order position range, dimension or pair, base,
        scale k, view, whatever the order here.
    """
    return Explorer(picture_class, controls)
