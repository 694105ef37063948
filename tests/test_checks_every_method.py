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


@pytest.mark.parametrize("answer", [(9497, 9498), [9498, 9497], np.array([9702.0, 9703.0])])
def test_one_row_for_two_right(answer, capsys):
    check.one_row_for_two(answer)
    out = capsys.readouterr().out
    assert "✓" in out and "Under NTK-aware" in out and "Under NTK-aware 0 " not in out


@pytest.mark.parametrize("answer, words", [
    ((9496, 9497), "of their 128 numbers"), ((2499, 2500), "of their 128 numbers"), ((0, 1), "of their 128 numbers"),
    ((9497, 9497), "must differ"), ((2**14 - 1, 2**14), "below 16,384"), ((-1, 1), "below 16,384"),
    ((1.5, 2), "whole"), (7, "whole"), ("ab", "whole"), ((1, 2, 3), "whole"),
])  # fmt: skip
def test_one_row_for_two_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.one_row_for_two(answer)


def test_one_row_for_two_takes_every_pair_of_neighbours_with_one_row(capsys):
    """PI, k = 10^6, by hand: position / 10^6 in float64, cos and sin cast to float16."""
    angle = np.arange(2**14)[:, None] / 1e6 * 10_000.0 ** (-np.arange(64) / 64)
    table = np.hstack([np.cos(angle), np.sin(angle)]).astype(np.float16)
    alike = np.flatnonzero((table[1:] == table[:-1]).all(axis=1))
    assert alike[0] == 9497
    for m in alike[::10]:
        check.one_row_for_two((m, m + 1))
    assert capsys.readouterr().out.count("✓") == len(alike[::10])


@pytest.mark.parametrize("checker", [check.dynamic_scale, check.one_row_for_two, check.by_parts])
def test_not_tried_yet(checker, capsys):
    checker(None)
    assert "Not tried yet" in capsys.readouterr().out


def test_a_stub_is_not_tried_yet(capsys):
    check.by_parts(lambda theta, k, turns: None)
    assert "Not tried yet" in capsys.readouterr().out
