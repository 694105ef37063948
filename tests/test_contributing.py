"""The example of CONTRIBUTING.md runs as it stands there, and is as short as it says."""

import re
from pathlib import Path

import numpy as np
from IPython.utils.capture import capture_output
from series import Shown, cut_off, no_complaints, stops

from helpers.figures import Picture
from helpers.live import Explorer
from tools.living import shell

TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
(CODE,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)


def made():
    with shell() as running, capture_output() as said, no_complaints():
        result = running.run_cell(CODE)
        assert result.success, said.stdout
        return running.user_ns["Beat"], result.result


def test_the_example_is_short():
    lines = [line for line in CODE.splitlines() if line.strip()]
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 120


def test_the_example_is_a_live_picture_that_follows_its_sliders():
    picture_class, explorer = made()
    assert isinstance(explorer, Explorer) and issubclass(picture_class, Picture)
    explorer._image, explorer._words = Shown(), Shown()
    assert list(explorer.sliders) == ["positions", "pair", "base"]
    with no_complaints():
        for name, slider in explorer.sliders.items():
            frames = []
            for value in stops(slider):
                slider.value = value
                if explorer.error is None:
                    frames.append(explorer.painter.pixels().copy())
                    assert not cut_off(explorer.painter), explorer.picture
            assert any(not np.array_equal(frames[0], frame) for frame in frames[1:]), name
            explorer.reset()
        explorer.sliders["pair"].value = 0
    assert "pair must be an integer from 1 to 31; got pair = 0" in explorer._words.things[-1].data


def test_the_example_draws_what_its_docstring_says():
    picture_class, _ = made()
    picture = picture_class(positions=64, pair=5, dim=32, base=100.0)
    x, y = picture["pair"].get_data()
    assert list(x) == list(range(65))
    slow = [np.cos(m * 100.0 ** (-10 / 32)) for m in range(65)]
    np.testing.assert_allclose(y, slow, atol=1e-12)
    np.testing.assert_allclose(picture["sum"].get_ydata(), [a + np.cos(m) for m, a in enumerate(slow)], atol=1e-12)
