"""The checkers of notebook 04 accept right answers in any form and refuse the usual wrong ones."""

import numpy as np
import pytest

from helpers import rope, scaling
from helpers.checks import NotYet
from helpers.checks import interpolation as check


def solution(dim, base, k, train_len, test_len):
    theta = rope.frequencies(dim, base)
    return np.flatnonzero((train_len * theta < 2 * np.pi) & (test_len * theta / k > train_len * theta))


def forgets_full_turns(dim, base, k, train_len, test_len):
    theta = rope.frequencies(dim, base)
    return np.flatnonzero(test_len * theta / k > train_len * theta)


def forgets_k(dim, base, k, train_len, test_len):
    return solution(dim, base, 1.0, train_len, test_len)


def multiplies(dim, base, k, train_len, test_len):
    return solution(dim, base, 1 / k, train_len, test_len)


def half_turns(dim, base, k, train_len, test_len):
    return solution(dim, base, k, 2 * train_len, 2 * test_len)


def ignores_length(dim, base, k, train_len, test_len):
    return np.flatnonzero(train_len * rope.frequencies(dim, base) < 2 * np.pi)


def mask(dim, base, k, train_len, test_len):
    theta = rope.frequencies(dim, base)
    return (train_len * theta < 2 * np.pi) & (test_len * theta / k > train_len * theta)


def counts(*values):
    return len(solution(*values))


@pytest.mark.parametrize("answer", [(29, 29), [29.0, 29], np.array([29, 29])])
def test_count_right(answer, capsys):
    check.pairs_with_new_angles(answer)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [(35, 35), (29, 64), (29, 30), (0, 29), 29, (29, 29, 29), "many", ("a", "b")])
def test_count_wrong(answer):
    with pytest.raises(NotYet):
        check.pairs_with_new_angles(answer)


@pytest.mark.parametrize("function", [solution, lambda *v: list(solution(*v)), lambda *v: solution(*v)[::-1]])
def test_function_right(function, capsys):
    check.unseen_pairs(function)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize(
    "function", [forgets_full_turns, forgets_k, multiplies, half_turns, ignores_length, mask, counts]
)
def test_function_wrong(function):
    with pytest.raises(NotYet):
        check.unseen_pairs(function)


def test_a_mask_is_told_apart_from_indices():
    with pytest.raises(NotYet, match="not a mask"):
        check.unseen_pairs(mask)


def test_one_base(capsys):
    one = 10_000.0 * 4.0**64
    check.one_base_for_all(scaling.interpolate(128, 10_000.0, 4.0)[-1] / rope.frequencies(128, one)[-1])
    check.one_base_for_all(4**62)
    assert capsys.readouterr().out.count("✓") == 2


@pytest.mark.parametrize("answer, words", [
    (4.0**63, "compare with θ / k"), (4.0**-62, "inverse"), (4.0, "base that fits pair 1"),
    (62, "base that fits pair 1"), ("slow", "numbers"), ([1, 2], "shape"),
])  # fmt: skip
def test_one_base_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.one_base_for_all(answer)


@pytest.mark.parametrize("ask", [
    lambda: check.pairs_with_new_angles(None), lambda: check.unseen_pairs(lambda *v: None),
    lambda: check.one_base_for_all(None),
])  # fmt: skip
def test_stub_is_not_an_error(ask, capsys):
    ask()
    assert "Not tried yet" in capsys.readouterr().out
