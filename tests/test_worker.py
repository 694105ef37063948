"""Pictures moved by messages show what the same pictures show in Jupyter."""

import numpy as np
import pytest

from helpers import labels, style, worker
from helpers.figures import Picture, rope
from helpers.painter import Painter


class Grows(Picture):
    """Two parts: the second comes with `more`."""

    def build(self):
        self.axes = self.add_axes((0.1, 0.1, 0.8, 0.8), xlim=(0, 1), ylim=(0, 1))

    def move(self, *, height=0.5):
        if height > 1:
            raise ValueError(f"height must be at most 1; got height = {height}")
        if height < 0:
            raise RuntimeError("a fault of ours")
        self.height, self.unfinished = height, True
        self.line("first", self.axes, [0, 1], [height, height])

    def more(self):
        self.unfinished = False
        self.line("second", self.axes, [0, 1], [0, self.height])


@pytest.fixture
def key():
    worker.build("key", Grows, {"height": 0.5})
    return "key"


def test_a_frame_is_what_the_painter_paints():
    worker.build(1, rope.Frequencies, {"dim": 128})
    answer = worker.move(1, {"base": 500.0})
    assert (answer["words"], answer["unfinished"]) == ("", False)
    np.testing.assert_array_equal(answer["pixels"], Painter(rope.Frequencies(dim=128, base=500.0)).pixels())


def test_the_frame_at_rest_is_finer():
    worker.build(1, rope.Frequencies, {})
    quick, fine = worker.move(1, {})["pixels"].shape, worker.fine(1)["pixels"].shape
    width, height = (round(side * style.DPI * style.SHARP) for side in rope.Frequencies.size)
    assert fine == (height, width, 4)
    np.testing.assert_allclose(quick[:2], np.array(fine[:2]) / style.SHARP, atol=1)  # an old matplotlib cuts, a new one rounds


def test_a_picture_grows_part_by_part(key):
    first = worker.move(key, {"height": 0.25})
    assert first["unfinished"]
    before = first["pixels"].copy()  # a view: the next frame overwrites it
    second = worker.more(key)
    assert not second["unfinished"]
    assert (second["pixels"] != before).any()


def test_a_refused_move_says_why_and_leaves_the_last_good_picture(key):
    good = worker.move(key, {"height": 0.25})["pixels"].copy()
    answer = worker.move(key, {"height": 2})
    assert answer["words"] == "height must be at most 1; got height = 2"
    assert answer["pixels"] is None
    assert answer["unfinished"]  # the last good one may go on
    assert worker.fine(key)["pixels"] is not None
    np.testing.assert_array_equal(worker.move(key, {})["pixels"], good)


def test_a_fault_of_ours_is_named(key):
    assert worker.move(key, {"height": -1})["words"] == "RuntimeError: a fault of ours"


def test_pictures_are_kept_apart(key):
    worker.build("other", Grows, {"height": 0.1})
    worker.move("other", {"height": 0.2})
    assert worker._stage[key].picture.values == {"height": 0.5}


def test_the_language_is_that_of_the_page():
    worker.speak("zh")
    assert labels.language() == "zh"
    with pytest.raises(ValueError, match="language must be one of en, zh; got language = 'fr'"):
        worker.speak("fr")
