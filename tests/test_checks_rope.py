"""The checkers of notebook 03 accept right answers in any form and refuse the usual wrong ones."""

import numpy as np
import pytest

from helpers import rope
from helpers.checks import NotYet
from helpers.checks import rope as check


def said(capsys):
    return capsys.readouterr().out


def test_stubs_are_not_tried_yet(capsys):
    check.before_after(None)
    check.to_half_split(lambda W, heads: None)
    check.to_half_split(None)
    check.no_decay(None, None)
    check.no_decay(np.ones(128), None)
    assert said(capsys).count("Not tried yet") == 5


# ---------------------------------------------------------------- 1: before and after


@pytest.mark.parametrize("answer", [(True, True, False), [1, 1, 0], np.array([True, True, False])])
def test_before_after_right(answer, capsys):
    check.before_after(answer)
    assert "✓" in said(capsys)


@pytest.mark.parametrize("bits", [bits for bits in range(8) if bits != 0b110])
def test_before_after_wrong(bits):
    answer = tuple(bool(bits >> place & 1) for place in (2, 1, 0))
    with pytest.raises(NotYet, match="At least one is wrong"):
        check.before_after(answer)


@pytest.mark.parametrize(
    "answer", [True, (True, True), (True, True, False, False), ("yes", "yes", "no"), "TTF", 3, (1, 1, 0.5)]
)
def test_before_after_no_answer(answer):
    with pytest.raises(NotYet, match="[Gg]ive three answers"):
        check.before_after(answer)


def test_before_after_is_true():
    q, other = np.random.default_rng(4).standard_normal((2, 128))
    same = []
    for k in (q, -3 * q, other):
        ahead, behind = rope.score_curve(q, k, [5, -5], rope.frequencies(128))
        same.append(bool(np.isclose(ahead, behind)))
    check.before_after(same)


# ---------------------------------------------------------------- 2: weights for the other layout


def by_reshape(W, heads):
    return W.reshape(heads, -1, 2, W.shape[1]).swapaxes(1, 2).reshape(W.shape)


def by_list(W, heads):
    dim = len(W) // heads
    order = [h * dim + j for h in range(heads) for j in [*range(0, dim, 2), *range(1, dim, 2)]]
    return [list(W[row]) for row in order]


def by_helper(W, heads):
    return rope.interleaved_to_half(W.reshape(heads, -1, W.shape[1]).swapaxes(1, 2)).swapaxes(1, 2).reshape(W.shape)


def in_float32(W, heads):
    return by_reshape(W, heads).astype(np.float32)


@pytest.mark.parametrize("convert", [by_reshape, by_list, by_helper, in_float32])
def test_to_half_split_right(convert, capsys):
    check.to_half_split(convert)
    assert "✓" in said(capsys)


def unchanged(W, heads):
    return W


def the_wrong_way_round(W, heads):
    return W.reshape(heads, 2, -1, W.shape[1]).swapaxes(1, 2).reshape(W.shape)


def across_heads(W, heads):
    return W.reshape(-1, 2, W.shape[1]).swapaxes(0, 1).reshape(W.shape)


def swapped_in_pairs(W, heads):
    return by_reshape(W.reshape(-1, 2, W.shape[1])[:, ::-1].reshape(W.shape), heads)


def columns(W, heads):
    return W[:, [*range(0, W.shape[1], 2), *range(1, W.shape[1], 2)]]


@pytest.mark.parametrize("convert", [unchanged, the_wrong_way_round, across_heads, swapped_in_pairs, columns])
def test_to_half_split_wrong(convert):
    with pytest.raises(NotYet, match="the scores are not those of the interleaved model"):
        check.to_half_split(convert)


def test_to_half_split_other_faults():
    with pytest.raises(NotYet, match="shape should stay"):
        check.to_half_split(lambda W, heads: W.T)
    with pytest.raises(NotYet, match="without calling it"):
        check.to_half_split(np.ones((4, 4)))

    def in_place(W, heads):
        W[:] = by_reshape(W, heads)
        return W

    with pytest.raises(NotYet, match="Return a new array"):
        check.to_half_split(in_place)


# ---------------------------------------------------------------- 3: no decay


def only(*pairs, k=1.0):
    q = np.zeros(128)
    for pair in pairs:
        q[2 * pair : 2 * pair + 2] = 1
    return q, k * q


@pytest.mark.parametrize("q, k", [only(63), only(63, k=-2.0), only(62, 63), [list(map(float, v)) for v in only(63)]])
def test_no_decay_right(q, k, capsys):
    check.no_decay(q, k)
    assert "✓" in said(capsys)


@pytest.mark.parametrize("q, k", [only(0), only(50), only(61), only(*range(64)), only(0, 63)])
def test_no_decay_wrong(q, k):
    with pytest.raises(NotYet, match="hardly turned"):
        check.no_decay(q, k)


def test_no_decay_other_faults():
    q, k = only(63)
    with pytest.raises(NotYet, match="zero"):
        check.no_decay(q, 0 * k)
    with pytest.raises(NotYet, match=r"q should have shape \(128,\)"):
        check.no_decay(q[:64], k)
    with pytest.raises(NotYet, match="k should be 128 numbers"):
        check.no_decay(q, "k")
    with pytest.raises(NotYet, match="not finite"):
        check.no_decay(q, k * np.nan)
