"""The picture of notebook 00 shows what counting says, and its self-check asks for what the project asks for."""

import ast
import math
import re
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import labels
from helpers.figures import start_here as pictures

ROOT = Path(__file__).parents[1]
STEPS = [10_000 ** (-clock / 6) for clock in range(6)]  # rad/token, written out again
SETTINGS = [
    dict(pos=400, train_len=512, k=1.0), dict(pos=600, train_len=512, k=1.0), dict(pos=1130, train_len=512, k=1.0),
    dict(pos=4000, train_len=512, k=8.0), dict(pos=4000, train_len=128, k=8.0), dict(pos=4000, train_len=2048, k=1.0),
    dict(pos=0, train_len=128, k=16.0), dict(pos=120, train_len=128, k=1.3),
]  # fmt: skip


def new_hands(pos, train_len, k):
    """Clock by clock: does the hand lie on the arc that the unrolled dial [0, train_len) covers?"""
    new = []
    for step in STEPS:
        wavelength = 2 * math.pi / step
        into_this_turn = math.fmod(pos / k, wavelength)  # tokens since the hand last passed the top
        new.append(wavelength > train_len and into_this_turn >= train_len)
    return new


def shown_fan(picture, clock):
    """The fan from this hand to where it will be; None if the present frame has none."""
    try:
        fan = picture["fan", clock]
    except KeyError:  # not in any frame so far
        return None
    return fan if fan in picture.moving and fan.get_visible() else None


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_dials_hands_and_words(setting):
    picture, new = pictures.Clocks(), new_hands(**setting)
    picture.update(**setting)
    assert len(picture.dials) == len(STEPS)
    for clock, (step, is_new) in enumerate(zip(STEPS, new, strict=True)):
        ring, hand = picture["ring", clock], picture["hand", clock]
        angle = setting["pos"] / setting["k"] * step
        tip = [line[1] / 0.9 for line in hand.get_data()]
        assert tip == pytest.approx([math.sin(angle), math.cos(angle)], abs=1e-9)
        assert (hand.get_marker(), hand.get_color()) == (("X", "#D55E00") if is_new else ("o", "#0072B2"))
        assert hand.is_dashed() == is_new
        assert ring.theta2 - ring.theta1 == pytest.approx(min(360, math.degrees(setting["train_len"] * step)))
        fan = shown_fan(picture, clock)
        assert (fan is not None) == (math.degrees(step / setting["k"]) > 1)  # else it is thinner than the hand
        if fan is None:
            continue
        assert fan.theta2 - fan.theta1 == pytest.approx(math.degrees(step / setting["k"]))
        on_hand = math.radians(90 - fan.theta2)  # the fan starts at the hand ...
        assert [math.sin(on_hand), math.cos(on_hand)] == pytest.approx(tip, abs=1e-9)
        ends = math.radians(90 - fan.theta1)  # ... and ends where the next position is
        assert math.cos(ends) == pytest.approx(math.cos((setting["pos"] + 1) / setting["k"] * step), abs=1e-9)
    assert picture["count"].get_text() == f"hands where they never were: {sum(new)} of 6"
    assert picture["gap"].get_text() == f"next position: clock 0 moves {57.29578 / setting['k']:.0f}°"
    assert picture["mark"].get_xdata()[0] == pytest.approx(setting["pos"] / setting["k"])
    assert picture["dots"].get_xdata()[1] == pytest.approx(250 / setting["k"])
    assert set(picture["trained"].get_xy()[:, 0]) == {0, setting["train_len"]}


def test_the_places_named_in_the_notebook():
    def new(pos, **more):
        return np.flatnonzero(new_hands(pos, **{"train_len": 512, "k": 1.0, **more})).tolist()

    assert new(511) == [] and new(512) == new(600) == new(628) == [3, 4, 5]
    assert new(629) == new(1140) == [4, 5] and new(1141) == [3, 4, 5]
    assert new(1256) == [3, 4, 5] and new(1257) == [4, 5]
    assert 4 not in new(3428) and 4 in new(3429) and new(4000) == [4, 5] and len(new(4000, k=7)) == 3
    assert 4 in new(2916) and 4 not in new(2917) and all(5 in new(pos) for pos in range(512, 4001))
    assert new(4000, k=7.82) == [] and new(4000, k=7.81) != []
    for pos in (511, 512, 628, 629, 1140, 1141, 1256, 1257, 2916, 2917, 3428, 3429, 4000):
        assert pictures.Clocks(pos=pos)["count"].get_text().endswith(f" {len(new(pos))} of 6")


@pytest.mark.parametrize("bad", [{"pos": -1}, {"pos": math.nan}, {"train_len": 0}, {"k": 0.5}, {"k": math.inf}])
def test_bad_values_are_named(bad):
    with pytest.raises(ValueError, match=f"^{next(iter(bad))} must be"):
        pictures.Clocks(**bad)


def test_chinese():
    labels.use("zh")
    try:
        assert re.search(r"3 / 6$", pictures.Clocks(pos=600)["count"].get_text())
    finally:
        labels.use("en")


def test_the_self_check_asks_for_the_project_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = dict(wanted.split(">=") for wanted in project["dependencies"])
    bounds["python"] = project["requires-python"].removeprefix(">=")
    notebook = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    cell = next(cell.source for cell in notebook.cells if cell.source.startswith("import platform"))
    asked = ast.literal_eval(re.search(r"^lowest = (\{.*\})$", cell, re.MULTILINE)[1])
    assert asked.keys() >= {"python", "numpy", "matplotlib", "ipywidgets"}
    assert asked == {name: bounds[name] for name in asked}
