"""No runner of notebooks ever moves a slider: this test moves every one, through its range and into the corners."""

import contextlib
import itertools
import re
from unittest import mock

import ipywidgets as widgets
import numpy as np
import pytest
from series import PATHS, Shown, cut_off, explorers, name_of, no_complaints, speaking, stops

from helpers import labels
from tools.notebooks import NOTEBOOKS, is_chinese

MOST_CONTROLS = 4
SCREEN = 600, 848  # pixels that JupyterLab leaves for a picture with its sliders on a projector of 1280 x 720
EXPLAINS = re.compile(r"\b(must|at least|at most|between|allowed|needs?)\b")


def test_there_are_notebooks_to_sweep():
    assert {path.name[:2] for path in PATHS} >= {"00", "01", "02", "03"}


def unpainted(explorer):
    """Within this, a move changes the picture and lays nothing on the screen."""
    return mock.patch.object(explorer.painter, "quick", return_value=b"")


class Sweep:
    """One live picture under test: moves its sliders and judges what happens."""

    def __init__(self, explorer):
        self.explorer = explorer
        self.sliders = explorer.sliders
        self.words = explorer._words = Shown()
        self.image = explorer._image = Shown()
        self.moves = self.refused = 0

    def where(self):
        values = {name: slider.value for name, slider in self.sliders.items()}
        return f"{type(self.explorer.picture).__name__} at {values}"

    def move(self, values):
        """Put the sliders there, one after the other. False if the picture was refused, in good words."""
        try:
            with no_complaints():
                for name, value in values.items():
                    self.moves += 1
                    self.sliders[name].value = value
                error = self.explorer.error
        except Exception as error:
            raise AssertionError(f"{self.where()}: {type(error).__name__}: {error}") from error
        if error is None:
            return True
        self.refused += 1
        words = str(error)
        assert isinstance(error, ValueError), f"{self.where()}: {error!r}"
        assert EXPLAINS.search(words), f"{self.where()}: does not say what is allowed: {words}"
        assert any(name in words for name in self.sliders), f"{self.where()}: names no argument: {words}"
        shown = self.words.things[-1].data
        assert "role=" in shown, f"{self.where()}: the words are not shown"
        assert labels.language() == "en" or re.search("[\u4e00-\u9fff]", shown), f"{self.where()}: refused in English: {words}"
        return False

    def pixels(self):
        with no_complaints():
            return self.explorer.painter.pixels().copy()

    def alone(self, name):
        """The distinct pictures of one slider over its range, all others at their start."""
        self.explorer.reset()
        return self.along(name)

    def along(self, name):
        with unpainted(self.explorer):  # by the move; it is below
            return [self.pixels() for value in stops(self.sliders[name]) if self.move({name: value})]

    def corners(self):
        ends = []
        for slider in self.sliders.values():
            found = stops(slider, 0)
            ends.append(found if isinstance(slider, widgets.ToggleButtons) else {found[0], found[-1]})
        for values in neighbours(ends):
            if self.move(dict(zip(self.sliders, values, strict=True))):
                assert not (found := cut_off(self.explorer.painter)), f"{self.where()}: cut off, by panel: {found}"


def neighbours(choices):
    """Every combination, each unlike the one before in one place only: no frame is drawn on the way."""
    if not choices:
        return [()]
    rest = neighbours(choices[1:])
    return [(first, *others) for turn, first in enumerate(choices[0]) for others in rest[:: -1 if turn % 2 else 1]]


def test_neighbours_are_every_combination_one_step_apart():
    found = neighbours([{1, 2}, ["a", "b", "c"], (True, False)])
    assert len(found) == 12 and set(found) == set(itertools.product({1, 2}, "abc", (True, False)))
    assert all(sum(a != b for a, b in zip(*pair, strict=True)) == 1 for pair in itertools.pairwise(found))


def differ(pictures):
    return any(not np.array_equal(pictures[0], other) for other in pictures[1:])


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_every_slider_through_its_range_and_corners(path):
    found = explorers(path)
    if path.parent == NOTEBOOKS and path.stem[:2] in ("00", "02", "03", "04", "05", "06", "07"):
        assert found, "no live picture in this notebook"
    with speaking(path):
        moves, refused = sweep(found, again=is_chinese(path))
    print(f"{path.name}: {len(found)} live pictures, {moves} moves, {refused} refused in words")


def sweep(found, again=False):
    """Move every slider of these live pictures. Returns the numbers of moves, and of those that were refused.

    again: the same in another language: only what words can spoil, into the corners. Where words stand, and whether the
    font has them, is found without painting: so they are laid out there, and painted once at the start.
    """
    moves = refused = 0
    for explorer in found:
        one = Sweep(explorer)
        name = type(explorer.picture).__name__
        assert one.sliders, f"{name}: a live picture without a slider"
        assert len(one.sliders) <= MOST_CONTROLS, f"{name}: {len(one.sliders)} controls"
        for slider in () if again else one.sliders:
            views = {k: v for k, v in one.sliders.items() if isinstance(v, widgets.ToggleButtons) and k != slider}
            changes = differ(one.alone(slider))
            for view, value in ((k, value) for k, v in views.items() for value in stops(v)):
                if not changes:  # perhaps it matters in another view
                    one.move({view: value})
                    changes = differ(one.along(slider))
            assert changes, f"{name}: the picture does not change when {slider!r} moves over its whole range"
        with unpainted(explorer) if again else contextlib.nullcontext():
            one.corners()
        explorer.reset()
        with no_complaints():
            explorer.painter.sharp()
        moves, refused = moves + one.moves, refused + one.refused
    return moves, refused


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_sliders_stand_in_the_written_order_and_fit_on_a_projector(path):
    order = {"positions": 0, "pos": 0, "train_len": 0, "test_len": 0, "dim": 1, "pair": 1, "base": 2, "k": 3}
    height, width = SCREEN
    for explorer in explorers(path):
        name = type(explorer.picture).__name__
        ranks = [order[slider] for slider in explorer.sliders if slider in order]
        assert ranks == sorted(ranks), f"{name}: {list(explorer.sliders)}"
        views = [isinstance(slider, widgets.ToggleButtons) for slider in explorer.sliders.values()]
        assert views == sorted(views), f"{name}: a view stands before a number: {list(explorer.sliders)}"
        wide, high = explorer.picture.figure.get_size_inches() * 100
        rows = -(-len(explorer.sliders) // 2)
        needed = high * min(1, width / wide) + 34 * rows
        assert needed <= height, f"{name}: {needed:.0f} of {height} pixels: the sliders and the picture need a scroll"
