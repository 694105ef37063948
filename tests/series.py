"""The notebooks as the tests see them: executed here, with every live picture they make; and every picture class."""

import contextlib
import functools
import importlib
import pkgutil
import unittest
import warnings
from dataclasses import dataclass, field

import ipywidgets as widgets
import matplotlib
import numpy as np
from matplotlib.figure import Figure

from helpers import figures, labels, style
from tools import living
from tools.notebooks import NOTEBOOKS, all_notebooks, is_chinese

PATHS = all_notebooks()
# With these versions nbval runs the notebooks too, and draws what cells show. With the oldest ones only we do.
PINNED = f"matplotlib=={matplotlib.__version__} " in (NOTEBOOKS.parent / "requirements.txt").read_text(encoding="utf-8")


def name_of(path):
    """A short name for a test's id: zh/03_rope. By it, the tests of a notebook's pictures find together (conftest.py)."""
    return ("zh/" if is_chinese(path) else "") + path.stem


@contextlib.contextmanager
def no_complaints():
    """Fail on a warning or a line in matplotlib's log: a missing glyph shows in one or the other."""
    with unittest.TestCase().assertNoLogs("matplotlib", "WARNING"), warnings.catch_warnings():
        warnings.simplefilter("error")
        # what the oldest supported versions say about each other's old ways is not about us
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("error", category=DeprecationWarning, module=r"helpers|__main__")
        yield


@contextlib.contextmanager
def speaking(path):
    """The language of the notebook at `path`: its pictures speak it whenever they move, not only when they are made."""
    before = labels.language()
    labels.use("zh" if is_chinese(path) else "en")
    try:
        yield
    finally:
        labels.use(before)


@functools.cache
def numbered(path):
    """[(cell number, live picture)] of the notebook at `path`, in order."""
    return living.explorers(path, no_complaints, show=not PINNED)


def explorers(path):
    """Every live picture that the notebook at `path` makes, in order."""
    return [explorer for _, explorer in numbered(path)]


def stops(slider, between=2):
    """The least, the first and the largest value of a slider, and a few between, in order."""

    def steps(count):
        return {round(share * count / (between + 1)) for share in range(between + 2)}

    if isinstance(slider, widgets.Textarea):
        return [slider.value, '{"head_dim": 16, "max_position_embeddings": 512}']  # settings of a model, so far the only text
    if isinstance(slider, (widgets.SelectionSlider, widgets.ToggleButtons)):
        options = [option[1] if isinstance(option, tuple) else option for option in slider.options]
        if isinstance(slider, widgets.ToggleButtons):
            return options
        return [options[place] for place in sorted({*steps(len(options) - 1), options.index(slider.value)})]
    values = [slider.min + slider.step * step for step in steps(round((slider.max - slider.min) / slider.step))]
    if isinstance(slider, widgets.FloatLogSlider):
        values = [slider.base**value for value in values]
    return sorted({*values, slider.value})


def picture_classes():
    """Every picture class of helpers.figures, by its name in the package."""
    found = {}
    for module in pkgutil.iter_modules(figures.__path__):
        there = importlib.import_module(f"helpers.figures.{module.name}")
        for name, thing in vars(there).items():
            is_picture = isinstance(thing, type) and issubclass(thing, figures.Picture)
            if is_picture and thing.__module__ == there.__name__ and thing.build is not figures.Picture.build:
                found[f"{module.name}.{name}"] = thing
    return found


def cut_off(painter):
    """Pixels by which something crosses the edge of its panel: cut off, or painted over by the panel beside it."""
    found = {}
    with style.context():
        for number, panel in enumerate(painter._panels()):
            inner = panel.get_tightbbox(painter.canvas.get_renderer())
            if inner is None:
                continue
            unit = panel.dpi if isinstance(panel, Figure) else 1  # a sub-figure's is in pixels
            low, high = np.array(inner.get_points()) * unit
            beyond = max(*(panel.bbox.min - low), *(high - panel.bbox.max))
            if beyond > 1:
                found[number] = round(float(beyond), 1)
    return found


@dataclass
class Shown:
    """Stands in for a display handle: keeps what was shown in it."""

    things: list = field(default_factory=list)

    def update(self, thing):
        self.things.append(thing)
