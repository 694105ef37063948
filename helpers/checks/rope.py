"""Checkers of notebook 03: rotary position embedding."""

import numpy as np

from helpers import rope
from helpers.checks import NotYet, close, expect, handed_over, right, tried
from helpers.labels import said


def before_after(answers):
    """Exercise 1. answers: three booleans: is the score at +5 that at -5 for k = q, for k = -3q, for an unrelated k?"""
    if not tried(answers):
        return
    try:
        given = [bool(answer) for answer in answers if isinstance(answer, (bool, np.bool_)) or answer in (0, 1)]
    except (TypeError, ValueError):
        raise NotYet(said("Give three answers, such as (True, True, True).")) from None
    expect(len(given) == len(answers) == 3, f"Give three answers, each True or False; got {answers!r}.")
    expect(
        given == [True, True, False],
        "At least one is wrong. The score is a sum of Re[c e^(i·distance·theta)], with c = q k* in each pair. "
        "Which c make that the same for +5 and -5?",
    )
    right("With q k* real in every pair only the cosine is left. Any other key can tell before from after.")


def to_half_split(convert):
    """Exercise 2. convert(W, heads): W (heads·dim, width) of an interleaved model, rows moved for half-split code."""
    if not handed_over(convert, "to_half_split"):
        return
    rng = np.random.default_rng(0)
    for heads, dim, width in ((1, 8, 5), (3, 4, 6), (2, 16, 32)):
        weights = rng.standard_normal((2, heads * dim, width))
        kept = weights.copy()
        converted = [convert(matrix, heads) for matrix in weights]
        if not all(tried(matrix) for matrix in converted[:1]):
            return
        expect(np.array_equal(weights, kept), "The function changed the weights that it was given. Return a new array.")
        shape = (heads * dim, width)
        for matrix in converted:
            expect(np.shape(matrix) == shape, f"The shape should stay {shape}; got {np.shape(matrix)}.")
        x, pos = rng.standard_normal((7, width)), np.arange(3, 10)
        given = _scores(x, converted, heads, pos, _half_split)
        hint = "In half-split code the scores are not those of the interleaved model."
        if heads > 1:
            hint += f" There are {heads} heads: move rows inside each head, never from one head to another."
        else:
            hint += " Which component sits where? See rope.interleaved_to_half(np.arange(8))."
        close(given, _scores(x, weights, heads, pos, _interleaved), hint, rtol=1e-5, atol=1e-5)
    right("Same scores from the other layout. Libraries that load foreign weights do this, once, to W_q and W_k.")


def no_decay(q, k):
    """Exercise 3. q, k: (128,) each; their score stays within 1 % of its value at distance 0, up to distance 1000."""
    if not (tried(q) and tried(k)):
        return
    vectors = []
    for name, vector in (("q", q), ("k", k)):
        try:
            vectors.append(np.asarray(vector, dtype=float))
        except (TypeError, ValueError):
            raise NotYet(said(f"{name} should be 128 numbers; got {type(vector).__name__}.")) from None
        expect(vectors[-1].shape == (128,), f"{name} should have shape (128,); got {vectors[-1].shape}.")
        expect(np.isfinite(vectors[-1]).all(), f"{name} holds a number that is not finite.")
    curve = rope.score_curve(*vectors, np.arange(1001), rope.frequencies(128))
    expect(abs(curve[0]) > 1e-6, "The score at distance 0 is zero. Its size should stay the same, but not at nothing.")
    off = np.abs(curve / curve[0] - 1)
    expect(
        off.max() <= 0.01,
        f"At distance {off.argmax()} the score is {off.max():.1%} off. Which pairs have hardly turned by then?",
    )
    right(f"At most {off.max():.2%} off up to distance 1,000: this query and key do not care how far apart they are.")


def _interleaved(x, pos, theta):
    return rope.rotate(x, rope.cis(pos, theta, np.complex128))


def _half_split(x, pos, theta):
    angle = pos[:, None] * theta
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = x[..., : theta.size], x[..., theta.size :]
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def _scores(x, weights, heads, pos, turn):
    """Scores (heads, n, n) of x (n, width) under W_q and W_k, (heads·dim, width) each."""
    made = [x @ np.asarray(matrix, float).T for matrix in weights]
    queries, keys = (rows.reshape(len(x), heads, -1).swapaxes(0, 1) for rows in made)
    theta = rope.frequencies(queries.shape[-1])
    return turn(queries, pos, theta) @ turn(keys, pos, theta).swapaxes(1, 2)
