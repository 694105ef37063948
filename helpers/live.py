"""Sliders that move a picture, fast enough to follow the hand.

    live.explore(pictures.Frequencies, positions=live.positions(128), base=live.base(10_000))

`explore` knows neither figures nor mathematics: it is given a picture class (see `helpers.figures.Picture`) and
sliders, and shows frames (see `helpers.painter`). While a slider moves, a frame is a quick JPEG; soon after the last
move a sharp PNG takes its place. A picture that takes long to compute is shown part by part, and a move that comes
between two parts drops the rest. Frames travel as updates of an ordinary displayed image: so a saved notebook shows
its pictures without a kernel. ipywidgets keeps one slider message under way and merges the rest: the newest value wins
and nothing queues behind the hand.
"""

import asyncio
import collections
import html
import math
import os
import sys
import threading
import time
from pathlib import Path

import ipywidgets as widgets
from IPython import get_ipython
from IPython.display import HTML, Image, display

from helpers import hints, labels, painter, style

REST = 0.25  # seconds without a move after which the sharp picture is drawn
LONG = 0.06  # seconds between frame and next move, three times in a row: the line or the machine is slow, frames get lighter
PAUSED = 2.0  # seconds without a move after which nothing is known any more of the line
SLOW = sys.platform == "emscripten"  # in a browser: nobody waits there for what may grow while it is looked at
PAUSE = 0.01  # seconds between two parts of a picture that is computed while it is looked at: room for a move

# Looks, and a script for what ipywidgets leaves out. It has no place for a script: an image that cannot load runs it.
_HERE = Path(__file__).parent
_STYLE = f"<style>{(_HERE / 'live.css').read_text(encoding='utf-8')}</style>"
_SCRIPT = html.escape(f"({(_HERE / 'live.js').read_text(encoding='utf-8')})(this)")
PRESENT = "POSITIONAL_ENCODING_PRESENT"  # set by `run.py lab --present`: begin with large type and folded code


# --- sliders: plain ipywidgets, with names and looks; `explore` names each after its parameter -----------------


def _slider(kind, **options):
    layout = widgets.Layout(width="25em", max_width="100%")
    return kind(style={"description_width": "8em"}, layout=layout, continuous_update=True, **options)


def whole(value, low, high, *, step=1):
    """A slider over whole numbers."""
    return _slider(widgets.IntSlider, value=value, min=low, max=high, step=step, readout_format=",d")


def number(value, low, high, *, step=0.1, form=".2f"):
    """A slider over numbers, evenly spaced."""
    return _slider(widgets.FloatSlider, value=value, min=low, max=high, step=step, readout_format=form)


def logarithmic(value, low, high, *, step=0.05, form=",.0f"):
    """A slider over numbers, evenly spaced in their logarithm (`step` in powers of ten)."""
    ends = dict(min=math.log10(low), max=math.log10(high), step=step)
    return _slider(widgets.FloatLogSlider, value=float(value), base=10, readout_format=form, **ends)


def steps(value, options):
    """A slider over a list: of numbers, where a few round steps keep the axes still, or of names."""
    if value not in options:
        raise ValueError(f"value must be one of {', '.join(map(str, options))}; got value = {value!r}")
    pairs = [(option if isinstance(option, str) else f"{option:,}", option) for option in options]
    return _slider(widgets.SelectionSlider, value=value, options=pairs)


def choice(value, options):
    """Buttons: one of a few views. options: {value: text shown}, or a list of values that are shown as they are."""
    pairs = [(text, option) for option, text in options.items()] if isinstance(options, dict) else list(options)
    looks = {"description_width": "8em", "button_width": "auto"}
    return widgets.ToggleButtons(options=pairs, value=value, style=looks)


def paste(hint, value=""):
    """A box for a text of the reader's own, such as a file's content. hint: what stands in it while it is empty."""
    layout = widgets.Layout(width="51.5em", max_width="100%", height="4.4em")
    return widgets.Textarea(value=value, placeholder=hint, style={"description_width": "8em"}, layout=layout)


def doublings(low, high):
    """[low, 2 low, 4 low, ..., high]."""
    made = [low]
    while made[-1] < high:
        made.append(made[-1] * 2)
    return made


def positions(value=128, low=16, high=4096):
    """How far the position axis reaches, in doublings (tokens)."""
    return steps(value, doublings(low, high))


def dim(value=64, low=4, high=512):
    """Dimension d of a head, in doublings."""
    return steps(value, doublings(low, high))


def pair(value, high, low=0):
    """One pair i of the d/2."""
    return whole(value, low, high)


def base(value=10_000.0, low=10, high=1e8):
    """The base of the frequencies, on a logarithmic scale."""
    return logarithmic(value, low, high)


def k(value=1.0, low=1, high=32, step=0.05):
    """How many times longer than in training, on a logarithmic scale.

    step: in powers of ten, made a little larger or smaller so that 2, 4, 8, ... are reached exactly: a slider snaps to
    its steps, and 8 must not become 7.94.
    """
    doubling = math.log10(2)
    return logarithmic(value, low, high, step=doubling / round(doubling / step), form=".2f")


# --- together ----------------------------------------------------------------------------------------------


class _Controls(widgets.VBox):
    """The sliders' box. Its text stands in its place for a reader without a kernel."""

    hint = ""

    def __repr__(self):
        return self.hint


def _troubles():
    """Sentences that wait in the page for the day when the kernel cannot send one; `live.css` shows them in time."""
    ended = labels.say("The kernel that drew this picture has ended or begun anew: these sliders move nothing. "
                       "Choose Kernel > Restart Kernel and Run All Cells, then drag again.")  # fmt: skip
    cut = labels.say("No connection: the picture stands still, and follows by itself when the connection is back. "
                     "If JupyterLab was stopped, start it again (python3 run.py lab) and use the page that it opens.")  # fmt: skip
    said = (("live-ended", ended), ("live-cut", cut))
    words = widgets.HTML("".join(f'<p class="{name}" role="status">{html.escape(one)}</p>' for name, one in said))
    return words.add_class("live-troubles")


class Explorer:
    """A picture and its sliders. Made by `explore`; shows itself when it is the last line of a cell."""

    def __init__(self, picture_class, controls):
        self.sliders = {name: value for name, value in controls.items() if isinstance(value, widgets.ValueWidget)}
        self.start = {name: slider.value for name, slider in self.sliders.items()}
        self.picture = picture_class(**{**controls, **self.start})
        self.painter = painter.Painter(self.picture)
        for name, slider in self.sliders.items():
            slider.description = labels.slider(name)
            slider.tooltip = ""  # else its name has a tip that says "null"
            slider.observe(self._moved, names="value")
        self.error = None  # the last move's exception, or None
        self.frames = 0  # quick frames sent
        self._sent, self._gaps = 0.0, collections.deque(maxlen=3)  # when the last one was, and how long the next move took to come
        self._image = self._words = None
        self._resetting = False
        # JupyterLab sends slider messages to threads of the kernel, now one, now another: one move at a time.
        self._lock = threading.RLock()
        self._last = 0  # number of the last move
        self.reset_button = widgets.Button(description=labels.say("Reset"), icon="undo")
        self.reset_button.on_click(self.reset)
        present = widgets.Button(icon="expand", tooltip=labels.say("Present: large type, code folded (Escape: back)"))
        present.add_class("live-present")
        row = widgets.Layout(display="flex", flex_flow="row wrap", align_items="center", grid_gap="2px 12px")
        start = "yes" if os.environ.get(PRESENT) else "no"
        script = f'<img src="data:," alt="" data-present="{start}" onerror="{_SCRIPT}">'
        looks = widgets.HTML(_STYLE + script, layout=widgets.Layout(display="none"))
        self.told = widgets.HTML(html.escape(self.picture.told))  # spoken by a screen reader when it changes, seen by nobody
        self.told.add_class("live-told")
        controls = widgets.Box([*self.sliders.values(), self.reset_button, present], layout=row)
        self.box = _Controls([looks, _troubles(), controls, self.told])
        self.box.add_class("live-sliders")
        names = labels.say(", ").join(slider.description for slider in self.sliders.values())
        self.box.hint = labels.say("sliders: {names}: run this notebook in JupyterLab to drag them", names=names)
        width, height = self.picture.figure.get_size_inches() * style.DPI
        self._page_size = {"width": round(width), "height": round(height)}

    def _ipython_display_(self):
        grows = SLOW and self.picture.unfinished
        first = self.painter.sharp() if grows else self.picture.png()  # finished and small, for the saved notebook
        self.painter.pixels()  # the background, so that the first move is as quick as the others
        display(self.box)
        # Shown twice, it moves in both places.
        self._image = display(self._frame(first, "png"), display_id=self._image.display_id if self._image else True)
        self._words = display(HTML(""), display_id=self._words.display_id if self._words else True)
        if _shell:
            _shown.append(self)
        if grows:
            self._later()

    def _frame(self, data, form):
        alt = self.picture.told if form == "png" else None  # at rest; frames would only carry it along
        return Image(data=data, format=form, alt=alt, **self._page_size)

    def _moved(self, _change):
        if not self._resetting:
            gap = time.monotonic() - self._sent
            if gap > PAUSED:
                self._gaps.clear()
            else:
                self._gaps.append(gap)
            self.refresh()

    @property
    def gap(self):
        """Seconds from a frame to the next move of a moving hand, at the least; 0 where that is not known.

        The page sends a move when the frame before it has arrived: so a long gap means a slow line, or too many at once.
        """
        return min(self._gaps) if len(self._gaps) == self._gaps.maxlen else 0.0

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
            frame = self.painter.quick(painter.LIGHT if self.gap > LONG else painter.QUALITY)
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
        self._sent = time.monotonic()
        return True

    def _say(self, error):
        if self._words is None:
            return
        words = ""
        if error is not None:
            told = html.escape(painter.words(error))
            words = f'<p class="live-words" role="alert">{told}</p>'
        self._words.update(HTML(words))

    def _later(self):
        """What follows when no move comes first: the next part of an unfinished picture, or the sharp frame."""
        self._last += 1
        # a sharp picture in mid-drag would hold up the next frame, which would look like rest again
        rest = max(REST, 3 * self.gap)
        wait, then = (PAUSE, self._grow) if self.picture.unfinished else (rest, self._sharpen)
        try:
            asyncio.get_running_loop().call_later(wait, then, self._last)
        except RuntimeError:  # a script or a test: no loop, no later
            pass

    def _grow(self, move):
        with self._lock:
            if move == self._last:  # nothing moved since
                self._show(self.picture.more, again=False)  # words of a refused move stay where they are

    def forget(self):
        """Keep no pixels, and draw nothing more of what is under way; the next move makes them anew."""
        with self._lock:
            self._last += 1
            self.painter.forget()

    def _sharpen(self, move):
        with self._lock:
            if move == self._last:  # nothing moved since
                self._image.update(self._frame(self.painter.sharp(), "png"))
                self.told.value = html.escape(self.picture.told)


# --- a cell that is run again ----------------------------------------------------------------------------------

_shown = []  # by the cell that runs
_last_shown = {}  # by each cell, when it ran last


def _after_a_cell(result):
    """What a cell showed before and shows no more keeps no pixels: ipywidgets keeps every slider, and so its picture."""
    cell = getattr(result.info, "cell_id", None)
    if cell is None:  # a program that tells cells apart by nothing
        return _shown.clear()
    before = _last_shown.pop(cell, [])
    if _shown:
        _last_shown[cell] = _shown.copy()
        _shown.clear()
    for explorer in before:
        if not any(explorer in shown for shown in _last_shown.values()):
            explorer.forget()


if _shell := get_ipython():
    hints.load_ipython_extension(_shell)
    _shell.events.register("post_run_cell", _after_a_cell)


def explore(picture_class, /, **controls):
    """A live picture: sliders above, the picture below.

    picture_class: a class made like `helpers.figures.Picture`.
    controls: for each of its parameters that a hand may move, a slider (`live.base()`, `live.pair(3, 31)`, or any other
        of ipywidgets); any other value holds that parameter fixed. Sliders stand in the order of the arguments; the
        series always gives position range, dimension or pair, base, scale k, view.
    """
    if not isinstance(picture_class, type):
        raise TypeError(f"explore needs the class, {type(picture_class).__name__}, and not a picture of it")
    return Explorer(picture_class, controls)
