"""Digits in base beta: against Python's whole numbers and fractions, and the examples of the story."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers import digits, rope, scaling

LIGHT = settings(derandomize=True, deadline=None, max_examples=100, database=None)


def digits_by_hand(n, beta, count):
    """Exact, for whole numbers and fractions: only the last digit keeps what is left over."""
    rest, result = Fraction(n), []
    for place in range(count - 1, 0, -1):
        digit = rest // beta**place
        rest -= digit * beta**place
        result.append(digit)
    return [*result, rest]


@LIGHT
@given(st.integers(2, 40), st.integers(1, 12), st.data())
def test_digits_of_whole_numbers(beta, count, data):
    n = data.draw(st.integers(0, min(beta**count, 2**53) - 1))
    got = digits.digits(n, beta, count)
    assert got.shape == (count,) and got.tolist() == digits_by_hand(n, beta, count)
    assert digits.value(got, beta) == n
    assert [digits.digit(n, m, beta) for m in range(count, 0, -1)] == got.tolist()


@LIGHT
@given(st.integers(2, 16), st.integers(1, 5), st.floats(1, 64), st.data())
def test_digits_of_interpolated_numbers(beta, count, k, data):
    n = data.draw(st.integers(0, math.ceil(k * beta**count) - 1))
    got = digits.interpolated(n, beta, count, k)
    want = digits_by_hand(min(n / k, math.nextafter(beta**count, 0)), beta, count)
    np.testing.assert_allclose(got, [float(d) for d in want], rtol=0, atol=1e-9)
    assert np.all(got >= 0) and np.all(got < beta)
    assert np.array_equal(got[:-1], np.floor(got[:-1]))
    assert digits.value(got, beta) == pytest.approx(n / k, rel=1e-12)


@LIGHT
@given(st.integers(0, 10**9), st.integers(1, 60), st.floats(1.01, 40))
def test_one_digit_for_any_base(n, m, beta):
    quotient = Fraction(n) / Fraction(beta) ** (m - 1)
    assume(quotient == int(quotient) or 1e-6 < quotient % 1 < 1 - 1e-6)  # else rounding decides the floor
    want = float(math.floor(quotient) % Fraction(beta))
    got = digits.digit(n, m, beta)
    apart = abs(got - want)
    assert min(apart, beta - apart) <= 1e-6  # digits are a circle: next to beta comes 0


def test_the_numbers_of_the_story():
    assert digits.digits(759, 10, 3).tolist() == [7, 5, 9]
    assert digits.interpolated(1749, 10, 3, 2).tolist() == digits.digits(874.5, 10, 3).tolist() == [8, 7, 4.5]
    assert digits.interpolated(1498, 10, 3, 2).tolist() == [7, 4, 9] and digits.value([7, 4, 9], 10) == 749
    assert digits.digits(1749, 16, 3).tolist() == [6, 13, 5]
    assert digits.value([15, 15, 15], 16) == 4095
    assert digits.digits(1749, 10, 4).tolist() == [1, 7, 4, 9]  # the spare digit of direct extrapolation
    assert digits.smallest_base(2000, 3) == 13 and 13**3 == 2197
    assert digits.digits(1749, 13, 3).tolist() == [10, 4, 7]


def test_arrays_of_numbers():
    n = np.arange(1000).reshape(10, 100)
    got = digits.digits(n, 10, 3)
    assert got.shape == (10, 100, 3)
    assert np.array_equal(digits.value(got, 10), n)
    assert np.array_equal(digits.digit(n, 2, 10), got[..., 1])
    assert digits.interpolated(n, 10, 3, 1.5).shape == (10, 100, 3)
    assert digits.digits([], 10, 3).shape == digits.interpolated([], 10, 3, 2).shape == (0, 3)
    assert digits.digit([], 1, 10).shape == digits.value(np.zeros((0, 3)), 10).shape == (0,)


def test_a_number_that_needs_another_digit_is_refused():
    with pytest.raises(ValueError, match=r"^n must be .* below beta\^count = 1000; got n = 1749$"):
        digits.digits(1749, 10, 3)
    with pytest.raises(ValueError, match=r"got n\[1\] = 2000"):
        digits.interpolated([1999, 2000], 10, 3, 2)


def test_a_far_digit_is_zero_without_complaint():
    assert digits.digit(759, 10_000, 10.0) == 0
    assert digits.digit(2**53 - 1, 1, 2) == 1


@LIGHT
@given(st.integers(1, 10**12), st.integers(1, 20))
def test_the_smallest_base_suffices_and_the_next_smaller_does_not(limit, count):
    beta = digits.smallest_base(limit, count)
    assert beta >= 2 and beta**count >= limit
    assert beta == 2 or (beta - 1) ** count < limit


@LIGHT
@given(st.integers(1, 96).map(lambda half: 2 * half), st.floats(1.01, 1e9))
def test_rope_is_written_in_this_base(dim, base):
    beta = digits.beta_of_rope(dim, base)
    assert beta == pytest.approx(math.exp(2 / dim * math.log(base)), rel=1e-13)
    np.testing.assert_allclose(rope.frequencies(dim, base), [beta**-i for i in range(dim // 2)], rtol=1e-12)


def test_the_base_of_rope_is_no_whole_number_and_grows_by_lambda():
    assert digits.beta_of_rope(128) == pytest.approx(1.155, abs=5e-4)
    by_frequency = digits.beta_of_rope(128, scaling.ntk_base(128, 1e4, 8)) / digits.beta_of_rope(128)
    assert by_frequency == pytest.approx(8 ** (2 / 126), rel=1e-13)  # lambda = k^(2 / (d - 2))
    by_capacity = digits.beta_of_rope(128, 8e4) / digits.beta_of_rope(128)
    assert by_capacity == pytest.approx(8 ** (2 / 128), rel=1e-13)  # lambda = k^(2 / d)


def test_where_the_analogy_ends():
    """Digit m repeats after beta^m numbers; the cosine of the same quotient after 2π·beta^(m-1)."""
    n = np.arange(1000)
    assert np.array_equal(digits.digit(n, 2, 10), digits.digit(n + 100, 2, 10))
    assert not np.array_equal(digits.digit(n, 2, 10), digits.digit(n + 63, 2, 10))
    wave = 2 * math.pi * 10
    np.testing.assert_allclose(np.cos(n / 10), np.cos((n + wave) / 10), rtol=0, atol=1e-12)
