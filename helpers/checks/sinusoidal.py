"""Checkers of notebook 02: sinusoidal positions."""

import numpy as np

from helpers import encodings
from helpers.checks import NotYet, expect, handed_over, right, tried
from helpers.labels import said


def _numbers(given, shape, hint):
    """`given` as a float array of this shape; NotYet with `hint` if it is not one."""
    try:
        given = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(said(f"The answer should be numbers; got {type(given).__name__}. {hint}")) from None
    expect(given.shape == shape, f"The shape should be {shape}; got {given.shape}. {hint}")
    return given


def half_way(lags):
    """Exercise 1. lags: two numbers, where the trend line is one half for base 10,000 and for base 10^8 (within 10 %)."""
    if not tried(lags):
        return
    exact = np.array([np.exp(np.log(base) / 2 - np.euler_gamma) for base in (1e4, 1e8)])
    given = _numbers(lags, (2,), "Give two lags in tokens: one for base 10,000, one for base 10^8.")
    without = "That is the line without its constant: put 0.577 beside the logarithm of the lag."
    expect(not np.allclose(given, [100, 10_000], rtol=0.05), without)
    expect(not np.allclose(given, exact[::-1], rtol=0.1), "These are the right two, in the other order.")
    hint = "Set 1 - (ln(lag) + 0.577) / ln(base) to 1/2 and solve for the lag."
    expect(np.allclose(given, exact, rtol=0.1), hint)
    right("The lag at one half grows with the square root of the base: the base squared, a hundred times as far.")


def previous_token(build):
    """Exercise 2. build(dim) gives W (dim, dim); PE(m) · W PE(n) peaks at n = m - 1 and depends on n - m alone."""
    if not handed_over(build, "previous_token"):
        return
    for dim in (32, 128):
        matrix = build(dim)
        if not tried(matrix):
            return
        matrix = _numbers(matrix, (dim, dim), f"W should be a matrix of shape (dim, dim); dim was {dim}.")
        expect(np.isfinite(matrix).all(), "W holds a number that is not finite.")
        table = encodings.sinusoidal(np.arange(200), dim)
        scores = table @ matrix @ table.T
        best = scores[1:].argmax(axis=1) - np.arange(1, 200)
        expect(np.abs(scores).max() > 1e-9, "Every score is zero.")
        expect(not (best[:-1] == 1).all(), "Every position looks at the next one. Turn the other way.")
        expect(not (best == 0).all(), "Every position looks at itself. Shift one side before the product.")
        expect((best == -1).all(), "For some m the best n is not m - 1. Which matrix turns PE(n) into PE(n + 1)?")
        flat = all(np.ptp(scores.diagonal(lag)) < 1e-6 * np.abs(scores).max() for lag in range(-150, 151))
        expect(flat, "The best n is right, but the score also depends on m. Use rotation blocks only.")
    right("One fixed matrix, and every position looks one token back, at any length.")


def lookalike(pair):
    """Exercise 3. pair: two different whole positions from 0 to 999 whose codes at dim 2 are less than 0.001 apart."""
    if not tried(pair):
        return
    m, n = _numbers(pair, (2,), "Give two positions, such as (0, 500).")
    expect(m == np.round(m) and n == np.round(n), f"Positions are whole numbers; got {pair}.")
    expect(0 <= min(m, n) and max(m, n) <= 999, f"Both positions should be from 0 to 999; got {pair}.")
    expect(m != n, "These are one and the same position.")
    distance = np.linalg.norm(encodings.sinusoidal(m, 2) - encodings.sinusoidal(n, 2))
    expect(distance < 1e-3, f"Their codes are {distance:.4f} apart. Find a lag closer to a whole number of turns.")
    right(f"Their codes are {distance:.5f} apart: {abs(m - n):.0f} tokens are almost exactly 113 turns.")
