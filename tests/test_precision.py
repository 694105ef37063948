"""Number formats against Python's own arithmetic and a definition of bfloat16 by fractions."""

import math
import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import precision, rope, scaling


def nearest_bfloat16(x):
    """The nearest number of 8 significant bits, ties to even, by exact fractions (normal range)."""
    if x == 0:
        return 0.0
    power = math.floor(math.log2(abs(x)))
    unit = Fraction(2) ** (power - 7)
    return float(round(Fraction(x) / unit) * unit)  # Python rounds a tie to the even whole number


@given(st.floats(1e-30, 1e30) | st.integers(0, 70_000).map(float))
def test_bfloat16_is_float32_with_eight_bits(x):
    x = float(np.float32(x))
    assert precision.rounded(x, "bfloat16") == nearest_bfloat16(x)
    assert precision.rounded(-x, "bfloat16") == -nearest_bfloat16(x)


@given(st.floats(-60_000, 60_000))
def test_the_other_formats_are_those_of_python_s_struct(x):
    for form, letter in (("float64", "d"), ("float32", "f"), ("float16", "e")):
        assert precision.rounded(x, form) == struct.unpack(letter, struct.pack(letter, x))[0]


def test_too_large_is_infinite():
    assert precision.rounded(1e6, "float16") == math.inf
    assert precision.rounded(3.4e38, "bfloat16") == math.inf
    assert precision.rounded(1e300, "float32") == math.inf


@pytest.mark.parametrize("form", precision.FORMATS)
def test_rows_are_cosines_and_sines_as_good_as_the_format(form):
    theta = rope.frequencies(8)
    table = precision.rows(np.arange(16), theta, form)
    exact = np.array([[f(m * t) for f in (math.cos, math.sin) for t in theta] for m in range(16)])
    error = {"float64": 1e-14, "float32": 2e-6, "bfloat16": 0.08, "float16": 0.01}[form]
    np.testing.assert_allclose(table, exact, atol=error)
    if form != "float64":
        assert np.abs(table - exact).max() > error / 100


def test_where_rows_begin_to_fall_together():
    theta, count = scaling.ntk_aware(128, 1e4, 8), {}
    for form in precision.FORMATS:
        starts = 2.0 ** np.arange(32)
        count[form] = precision.different_rows(starts[:, None] + np.arange(32), theta, form)
    first = {form: int(np.argmax(rows < 32)) for form, rows in count.items()}
    assert (count["float64"] == 32).all()
    # 2^24 + 1 is no float32, 2^11 + 1 no float16, 2^8 + 1 no bfloat16
    assert (first["float32"], first["float16"], first["bfloat16"]) == (24, 11, 8)
    assert count["float32"][-1] == 1


@pytest.mark.parametrize("form", precision.FORMATS)
def test_counting_is_what_a_set_counts(form):
    theta = rope.frequencies(16, 100.0)
    for start in (0, 200, 3000, 70_000, 2**24):
        pos = start + np.arange(40)
        table = precision.rows(pos, theta, form)
        rows = {tuple("nan" if math.isnan(x) else x + 0.0 for x in row) for row in table}
        assert precision.different_rows(pos, theta, form) == len(rows)


def test_one_number_is_rounded_as_an_array_is():
    """The oldest supported NumPy widens a lone uint32 that meets a Python integer."""
    for form in precision.FORMATS:
        assert float(precision.rounded(2**24 + 1, form)) == precision.rounded(np.array([2**24 + 1]), form)[0]
    assert precision.rounded(2**8 + 1, "bfloat16") == 2**8
