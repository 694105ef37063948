"""What the pages' matplotlib remembers changes no pixel. It is made for one version of it: the oldest supported one is near."""

import matplotlib
import numpy as np
import pytest
from matplotlib.axis import Axis, XTick, YTick
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
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
        (Text, ["_get_layout", "_cm_set"]),
        (Axis, ["draw", "_update_ticks", "_get_ticklabel_bboxes", "_get_tick_boxes_siblings"]),
        (XTick, ["update_position"]),
        (YTick, ["update_position"]),
        (RendererAgg, ["draw_text"]),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, getattr(owner, name))  # put back at the end
    return quicker.begin


MOVES = [
    ("sinusoidal.Table", dict(dim=live.dim(64, 32, 128), base=live.base())),
    ("sinusoidal.Shift", dict(pos=live.whole(7, 0, 500), dim=live.dim(16, 4, 64))),
    ("sinusoidal.Bases", dict(positions=live.positions(128), dim=live.dim(64, 32))),
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


def test_the_same_word_in_many_looks(remembering):
    def frames():
        figure = Figure(dpi=100)
        canvas = FigureCanvasAgg(figure)
        words = [
            figure.text(0.1 + 0.2 * place, 0.5, "10 tokens", **look)
            for place, look in enumerate([{}, {"size": 20}, {"style": "italic"}, {"rotation": 40}, {"antialiased": False}])
        ]
        for text in ("10 tokens", "two\nlines", "10 tokens", "$x_i$"):
            for word in words:
                word.set(text=text, x=word.get_position()[0] + 0.013)
            canvas.draw()
            yield np.array(canvas.buffer_rgba())

    before = list(frames())
    remembering()
    for number, (old, new) in enumerate(zip(before, frames(), strict=True)):
        np.testing.assert_array_equal(old, new, err_msg=f"frame {number}")
