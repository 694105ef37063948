"""The checkers of notebook 06 accept right answers in any form and refuse the usual wrong ones."""

import numpy as np
import pytest

from helpers.checks import NotYet
from helpers.checks import every_method as check


@pytest.mark.parametrize("answer", [(5, 2), [5.0, 2.0], np.array([5, 2])])
def test_dynamic_scale_right(answer, capsys):
    check.dynamic_scale(answer)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [(8, 2), (5, 4), (2, 5), 5, (5, 2, 1), ("a", "b")])
def test_dynamic_scale_wrong(answer):
    with pytest.raises(NotYet):
        check.dynamic_scale(answer)


def mixed(theta, k, turns, low=1, high=32):
    keep = np.clip((turns - low) / (high - low), 0, 1)
    return keep * theta + (1 - keep) * theta / k


def test_by_parts_right(capsys):
    check.by_parts(mixed)
    check.by_parts(lambda theta, k, turns: np.interp(turns, [1, 32], [1 / k, 1]) * theta)
    assert capsys.readouterr().out.count("✓") == 2


@pytest.mark.parametrize("wrong", [
    lambda theta, k, turns: theta / k,
    lambda theta, k, turns: theta,
    lambda theta, k, turns: mixed(theta, k, turns, 1, 4),
    lambda theta, k, turns: np.where(turns < 1, theta / k, theta),
    lambda theta, k, turns: np.interp(np.arange(len(theta)), [0, len(theta)], [1, 1 / k]) * theta,
    lambda theta, k, turns: theta[:-1],
    "by_parts",
])  # fmt: skip
def test_by_parts_wrong(wrong):
    with pytest.raises(NotYet):
        check.by_parts(wrong)


@pytest.mark.parametrize("answer", [(2**24, 2**24 + 1), [16_777_217, 16_777_216], np.array([2**24 + 3, 2**24 + 4])])
def test_collision_right(answer, capsys):
    check.one_row_for_two(answer)
    assert "1 rad apart" in capsys.readouterr().out


@pytest.mark.parametrize("answer, words", [
    ((2**24 - 1, 2**24), "of their 64 angles"), ((5, 5), "must differ"), ((2**25, 2**25 + 1), "below 2"), ((-1, 1), "below 2"),
    ((1.5, 2), "whole"), (7, "whole"), ("ab", "whole"), ((1, 2, 3), "whole"), ((2**24 + 1, 2**24 + 2), "of their 64 angles"),
])  # fmt: skip
def test_collision_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.one_row_for_two(answer)


@pytest.mark.parametrize("checker", [check.dynamic_scale, check.one_row_for_two, check.by_parts])
def test_not_tried_yet(checker, capsys):
    checker(None)
    assert "Not tried yet" in capsys.readouterr().out


def test_a_stub_is_not_tried_yet(capsys):
    check.by_parts(lambda theta, k, turns: None)
    assert "Not tried yet" in capsys.readouterr().out
