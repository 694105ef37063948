"""The checkers of notebook 01 accept right answers in any form and refuse the usual wrong ones."""

import numpy as np
import pytest

from helpers.checks import NotYet
from helpers.checks import absolute as check


def test_a_stub_is_not_tried_yet(capsys):
    check.clamped_tokens(None)
    check.table_gradient(lambda pos, gradient, max_len: None)
    check.unnoticed(None)
    assert capsys.readouterr().out.count("Not tried yet") == 3


@pytest.mark.parametrize("answer", [1537, 1537.0, np.int64(1537)])
def test_clamped_tokens_accepts(answer, capsys):
    check.clamped_tokens(answer)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, hint",
    [
        (1536, "One token inside it"),
        (512, "different rows"),
        (511, "Count the others"),
        (1538, "Write down"),
        (0, "Write down"),
        (True, "one number"),
        ("1537", "one number"),
        ([1537], "one number"),
    ],
)
def test_clamped_tokens_refuses_with_the_hint_that_helps(answer, hint):
    with pytest.raises(NotYet, match=hint):
        check.clamped_tokens(answer)


def _one_hot(pos, gradient, max_len):
    return np.eye(max_len)[pos].T @ gradient


def _loop(pos, gradient, max_len):
    total = [[0.0] * gradient.shape[1] for _ in range(max_len)]
    for row, line in zip(pos, gradient, strict=True):
        total[row] = [a + b for a, b in zip(total[row], line, strict=True)]
    return total


@pytest.mark.parametrize("function", [_one_hot, _loop])
def test_table_gradient_accepts(function, capsys):
    check.table_gradient(function)
    assert "✓" in capsys.readouterr().out


def _only_the_last(pos, gradient, max_len):
    total = np.zeros((max_len, gradient.shape[1]))
    total[pos] += gradient
    return total


def _mean(pos, gradient, max_len):
    return _one_hot(pos, gradient, max_len) / np.maximum(np.bincount(pos, minlength=max_len), 1)[:, None]


def _too_short(pos, gradient, max_len):
    return _one_hot(pos, gradient, max_len)[: pos.max() + 1]


def _changes_its_argument(pos, gradient, max_len):
    total = _one_hot(pos, gradient, max_len)
    gradient *= 0
    return total


@pytest.mark.parametrize(
    "function, hint",
    [
        (_only_the_last, "sum of three gradients"),
        (_mean, "sum of three gradients"),
        (_too_short, "The shape should be"),
        (_changes_its_argument, "changed pos or gradient"),
        (lambda *_: "rows", "should be numbers"),
        (lambda pos, gradient, max_len: gradient, "The shape should be"),
        (lambda pos, gradient, max_len: np.zeros((max_len, gradient.shape[1])), "the token that used it"),
    ],
)
def test_table_gradient_refuses_with_the_hint_that_helps(function, hint):
    with pytest.raises(NotYet, match=hint):
        check.table_gradient(function)


@pytest.mark.parametrize("order", [[0, 1, 2, 7, 6, 5, 4, 3], (0, 1, 2, 3, 4, 5, 7, 6), np.array([0, 1, 2, 4, 3, 5, 6, 7])])
def test_unnoticed_accepts(order, capsys):
    check.unnoticed(order)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize(
    "order",
    [
        list(range(8)),  # nothing moved
        list(range(8))[::-1],
        [1, 0, 2, 3, 4, 5, 6, 7],  # two rows that differ
        [0, 1, 3, 2, 4, 5, 6, 7],  # one of the two has a row of its own
        [0, 1, 2, 7, 7, 5, 4, 3],  # no permutation
        [0, 1, 2],
        [0, 1, 2, 7, 6, 5, 4, 3.5],
        "01276543",
        7,
    ],
)
def test_unnoticed_refuses(order):
    with pytest.raises(NotYet):
        check.unnoticed(order)
