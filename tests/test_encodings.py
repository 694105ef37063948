"""Absolute positions: the sinusoidal table, its four properties and the learned table."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import encodings, rope

LIGHT = settings(derandomize=True, deadline=None, max_examples=60, database=None)
dims = st.integers(1, 64).map(lambda half: 2 * half)
bases = st.floats(1.01, 1e9)


def sinusoidal_by_hand(pos, dim, base):
    row = []
    for i in range(dim // 2):
        angle = pos * math.exp(-2 * i / dim * math.log(base))
        row += [math.sin(angle), math.cos(angle)]
    return row


@LIGHT
@given(st.lists(st.floats(-1e4, 1e4), max_size=4), dims, bases)
def test_the_table_by_hand(pos, dim, base):
    table = encodings.sinusoidal(pos, dim, base)
    assert table.shape == (len(pos), dim) and table.dtype == np.float64
    want = np.reshape([sinusoidal_by_hand(p, dim, base) for p in pos], table.shape)
    np.testing.assert_allclose(table, want, rtol=0, atol=1e-10)


def test_four_numbers_everyone_can_check():
    want = [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)]
    np.testing.assert_allclose(encodings.sinusoidal(1, 4), want, rtol=1e-15)
    assert encodings.sinusoidal([0], 6).tolist() == [[0, 1, 0, 1, 0, 1]]


@LIGHT
@given(dims, bases)
def test_the_frequencies_are_those_of_rope(dim, base):
    """Two modules hold the formula, so that each reads alone; here they are held together."""
    pos = np.arange(5)
    angle = rope.angles(pos, rope.frequencies(dim, base))
    assert np.array_equal(encodings.sinusoidal(pos, dim, base)[:, 0::2], np.sin(angle))
    assert np.array_equal(encodings.sinusoidal(pos, dim, base)[:, 1::2], np.cos(angle))


@LIGHT
@given(st.integers(-3000, 3000), st.integers(-3000, 3000), dims, bases)
def test_one_matrix_shifts_every_position(pos, lag, dim, base):
    matrix = encodings.shift_matrix(lag, dim, base)
    here, there = (encodings.sinusoidal(p, dim, base) for p in (pos, pos + lag))
    np.testing.assert_allclose(matrix @ here, there, rtol=0, atol=1e-11)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(dim), rtol=0, atol=1e-14)
    np.testing.assert_allclose(matrix.T, encodings.shift_matrix(-lag, dim, base), rtol=0, atol=1e-15)
    assert here @ there == pytest.approx(encodings.shift_inner_product(lag, dim, base), abs=1e-10 * dim)


def test_a_shift_matrix_has_these_blocks_and_zeros():
    matrix = encodings.shift_matrix(3, 4, 100.0)
    a, b = 3.0, 0.3
    want = [[math.cos(a), math.sin(a), 0, 0], [-math.sin(a), math.cos(a), 0, 0],
            [0, 0, math.cos(b), math.sin(b)], [0, 0, -math.sin(b), math.cos(b)]]
    np.testing.assert_allclose(matrix, want, rtol=0, atol=1e-15)


@LIGHT
@given(st.floats(-1e4, 1e4), dims, bases)
def test_the_inner_product_by_hand(lag, dim, base):
    want = math.fsum(math.cos(lag * base ** (-2 * i / dim)) for i in range(dim // 2))
    assert encodings.shift_inner_product(lag, dim, base) == pytest.approx(want, abs=1e-10 * dim)
    assert encodings.shift_inner_product(-lag, dim, base) == encodings.shift_inner_product(lag, dim, base)
    assert encodings.shift_inner_product(lag, dim, base) == pytest.approx(
        dim / 2 * rope.mean_cos(lag, rope.frequencies(dim, base)), abs=1e-12 * dim)


def test_the_trend_falls_but_the_curve_does_not():
    product = encodings.shift_inner_product(np.arange(20_001), 128)
    rises = np.diff(product) > 0
    assert product[0] == 64 and rises.argmax() == 11 and np.count_nonzero(rises[:2048]) == 997
    assert product.argmin() == 17156 and product.min() == pytest.approx(-17.9, abs=0.05)
    windows = product[:2048].reshape(4, 512).mean(axis=1)
    assert np.all(np.diff(windows) < 0)  # what does fall is the mean over windows
    assert (np.diff(encodings.shift_inner_product(np.arange(60), 512)) > 0).argmax() == 43


def test_a_mixing_matrix_breaks_the_property_and_a_commuting_one_does_not():
    """PE(t)ᵀ W PE(t+lag) at one lag: constant if W commutes with the shift, spread out if W is Gaussian."""
    pos = np.arange(200)
    table = encodings.sinusoidal(pos, 128)
    rng = np.random.default_rng(0)

    def spread(mixing):
        """Variance over t at a fixed lag, over variance over the lags of the mean."""
        score = table @ mixing @ table.T
        per_lag = [np.diagonal(score, lag)[:100] for lag in range(100)]
        return np.mean([values.var() for values in per_lag]) / np.var([values.mean() for values in per_lag])

    blocks = np.zeros((128, 128))
    for i in range(64):
        a, b = rng.standard_normal(2)
        blocks[2 * i:2 * i + 2, 2 * i:2 * i + 2] = [[a, b], [-b, a]]
    noise = rng.standard_normal((128, 128)) / math.sqrt(128)
    assert spread(np.eye(128)) < 1e-20 and spread(blocks) < 1e-20
    assert spread(np.eye(128) + 0.3 * noise) < 1 < 5 < spread(noise)


def test_empty_positions_give_an_empty_table():
    assert encodings.sinusoidal([], 8).shape == (0, 8)
    assert encodings.shift_inner_product([], 8).shape == (0,)
    assert encodings.LearnedTable(4, 8).look_up([]).shape == (0, 8)


# --- the learned table --------------------------------------------------------------------------------------

def test_a_learned_table_looks_up_and_adds():
    table = encodings.LearnedTable(5, 3, rng=1)
    assert table.rows.shape == (5, 3)
    r = table.rows
    assert np.array_equal(table.look_up([[4, 0], [0, 2]]), [[r[4], r[0]], [r[0], r[2]]])
    assert np.array_equal(table.look_up(np.uint8(4)), table.rows[4])
    x = np.random.default_rng(0).standard_normal((2, 4, 3))
    np.testing.assert_array_equal(table.add(x), x + table.rows[:4])
    np.testing.assert_array_equal(table.add(x, [3, 1, 1, 0]), x + table.rows[[3, 1, 1, 0]])
    table.look_up([0])[:] = 99
    table.add(x)[:] = 99
    assert np.abs(table.rows).max() < 1 and np.abs(x).max() < 9  # both gave copies


def test_the_start_is_random_seeded_and_scaled():
    table = encodings.LearnedTable(400, 50, rng=0)
    assert np.array_equal(table.rows, encodings.LearnedTable(400, 50, rng=np.random.default_rng(0)).rows)
    assert not np.array_equal(table.rows, encodings.LearnedTable(400, 50, rng=1).rows)
    assert table.rows.std() == pytest.approx(0.02, rel=0.03) and abs(table.rows.mean()) < 1e-3
    np.testing.assert_allclose(encodings.LearnedTable(400, 50, rng=0, scale=1).rows, 50 * table.rows)


@pytest.mark.parametrize("pos, shown", [(5, "pos = 5"), ([0, 5], r"pos\[1\] = 5"), (-1, "pos = -1"),
                                        ([[0, 1], [2, -3]], r"pos\[1, 1\] = -3")])
def test_a_row_that_does_not_exist_is_refused(pos, shown):
    with pytest.raises(ValueError, match=f"^pos must be integers from 0 to 4; got {shown}$"):
        encodings.LearnedTable(5, 3).look_up(pos)


def test_a_text_longer_than_the_table_is_refused():
    with pytest.raises(ValueError, match=r"^pos must be integers from 0 to 4; got pos\[5\] = 5$"):
        encodings.LearnedTable(5, 3).add(np.zeros((6, 3)))
    with pytest.raises(ValueError, match=r"^pos must have shape \(n,\) = \(4,\)"):
        encodings.LearnedTable(5, 3).add(np.zeros((4, 3)), [1, 2])


def test_lag_share_by_hand():
    n = np.arange(6)
    assert encodings.lag_share(np.subtract.outer(n, n) ** 2.0) == pytest.approx(1)
    scores = np.random.default_rng(0).standard_normal((6, 6))
    rest = sum(((d := scores.diagonal(lag)) - d.mean()) @ (d - d.mean()) for lag in range(-5, 6))
    assert encodings.lag_share(scores) == pytest.approx(1 - rest / (36 * scores.var()))
    below = [scores.diagonal(-lag) for lag in range(6)]  # n <= m
    rest = sum((d - d.mean()) @ (d - d.mean()) for d in below)
    assert encodings.lag_share(scores, causal=True) == pytest.approx(1 - rest / (21 * np.concatenate(below).var()))
