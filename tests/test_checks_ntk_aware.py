"""The checkers of notebook 05 accept right answers in any form and refuse the usual wrong ones."""

import numpy as np
import pytest

from helpers import rope
from helpers.checks import NotYet
from helpers.checks import ntk_aware as check


def solution(dim, base, train_len, test_len):
    slow = np.flatnonzero(train_len * rope.frequencies(dim, base) < 2 * np.pi)
    if test_len <= train_len or slow.size == 0:
        return 1.0
    return (test_len / train_len) ** ((dim - 2) / (2 * slow[0]))


def stretch_alone(dim, base, train_len, test_len):
    return max(1.0, test_len / train_len)


def not_inverted(dim, base, train_len, test_len):
    return test_len / train_len if test_len <= train_len else solution(dim, base, train_len, test_len) ** 0.5


def dim_for_dim_minus_two(dim, base, train_len, test_len):
    return solution(dim, base, train_len, test_len) ** (dim / (dim - 2))


def one_pair_late(dim, base, train_len, test_len):
    first = np.argmax(train_len * rope.frequencies(dim, base) < 2 * np.pi)
    return max(1.0, test_len / train_len) ** ((dim - 2) / (2 * (first + 1)))


def below_one(dim, base, train_len, test_len):
    first = rope.first_unfinished_pair(rope.frequencies(dim, base), train_len)
    return (test_len / train_len) ** ((dim - 2) / (2 * first))


def shrinks_inside(dim, base, train_len, test_len):
    return below_one(dim, base, train_len, test_len) if test_len < train_len else solution(dim, base, train_len, test_len)


def forgets_that_no_pair_is_slow(dim, base, train_len, test_len):
    return below_one(dim, base, train_len, max(train_len, test_len))


@pytest.mark.parametrize("answer", [(20, 1.19), (20, 1.193), [20.0, 1.1929], np.array([20, 1.1935])])
def test_bases_right(answer, capsys):
    check.bases_for_more(answer)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("answer, words", [
    ((19, 1.193), "8,000"), ((80, 1.193), "8,000"), ((20, 1.1548), "before the change"), ((20, 2.31), "64th root"),
    ((20, 1.238), "64th root"), ((20, 9.24), "64th root"), (20, "two numbers"), ((20, 1.193, 1), "two numbers"),
    ((20, "more"), "numbers"), ("20", "two numbers"),
])  # fmt: skip
def test_bases_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.bases_for_more(answer)


@pytest.mark.parametrize("function", [solution, lambda *v: np.array(solution(*v))])
def test_scale_right(function, capsys):
    check.scale_for(function)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("function", [
    stretch_alone, not_inverted, dim_for_dim_minus_two, one_pair_late, below_one, shrinks_inside,
    forgets_that_no_pair_is_slow, lambda *v: 2.58, lambda *v: [solution(*v)],
])  # fmt: skip
def test_scale_wrong(function):
    with pytest.raises(NotYet):
        check.scale_for(function)


@pytest.mark.parametrize("answer", [2, 2.0, 1.5, np.float64(5)])
def test_crowded_neighbours_right(answer, capsys):
    check.crowded_neighbours(answer)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("answer, words", [
    (10, "Which pairs keep neighbours"), (1e4, "With base 10000 it leaves 3.20 of 3.81"), (1.0, "larger than 1"),
    (-3, "larger than 1"), ("2", "one number"), ((2, 3), "one number"), (float("nan"), "one number"),
])  # fmt: skip
def test_crowded_neighbours_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.crowded_neighbours(answer)


@pytest.mark.parametrize("ask", [
    lambda: check.bases_for_more(None), lambda: check.scale_for(lambda *v: None), lambda: check.crowded_neighbours(None),
])  # fmt: skip
def test_stub_is_not_an_error(ask, capsys):
    ask()
    assert "Not tried yet" in capsys.readouterr().out
