"""What the pages' matplotlib remembers changes no pixel. It is made for one version of it: the oldest supported one is near."""

import matplotlib
import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.text import Text
from series import picture_classes, stops

from helpers import live
from helpers.painter import Painter
from tools import pyodide, quicker

PINNED = pyodide.known()["packages"]["matplotlib"]["version"]


@pytest.fixture
def remembering(monkeypatch):
    if matplotlib.__version__.rsplit(".", 1)[0] != PINNED.rsplit(".", 1)[0]:
        pytest.skip(f"for matplotlib {PINNED} alone, as the site has it; run.py test --lowest comes here")
    for owner, names in (
        (Text, ["_get_layout"]),
        (Axis, ["_update_ticks", "_get_ticklabel_bboxes", "_get_tick_boxes_siblings"]),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, getattr(owner, name))  # put back at the end
    return quicker.begin


MOVES = [
    ("sinusoidal.Table", dict(dim=live.dim(64, 32, 128), base=live.base())),
    ("sinusoidal.Shift", dict(pos=live.whole(7, 0, 500), dim=live.dim(16, 4, 64))),
    ("rope.Frequencies", dict(positions=live.positions(128), dim=live.dim(64, 16), base=live.base())),
    ("rope.Decay", dict(positions=live.positions(1024, 64), dim=live.dim(128, 16, 256))),
    ("interpolation.SeenAngles", dict(train_len=live.positions(2048, 256, 2**17), base=live.base())),
    ("ntk_aware.Multiplier", dict(base=live.base(), k=live.k(4))),
]


@pytest.mark.parametrize("name, sliders", MOVES, ids=[name for name, _ in MOVES])
def test_frames_are_the_same(name, sliders, remembering):
    made = picture_classes()[name]
    moves = [{parameter: value} for parameter, slider in sliders.items() for value in stops(slider, 1)]

    def frames():
        painter = Painter(made())
        for move in moves:
            painter.picture.update(**move)
            yield painter.pixels().copy()
        yield painter.fine().copy()

    before = list(frames())
    remembering()
    for move, old, new in zip([*moves, "at rest"], before, frames(), strict=True):
        np.testing.assert_array_equal(old, new, err_msg=f"{name}, {move}")
