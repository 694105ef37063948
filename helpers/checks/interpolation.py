"""Exercise checkers of notebook 04."""

import numpy as np

from helpers import rope, scaling
from helpers.checks import close, expect, right, tried


def pairs_with_new_angles(answer):
    """Exercise 1. answer: two counts of pairs, at twice and at sixteen times the trained length."""
    if not tried(answer):
        return
    unfinished = 64 - rope.first_unfinished_pair(rope.frequencies(128, 500_000.0), 8192)
    expect(
        np.shape(answer) == (2,),
        "Give two numbers: the count at 16,384 tokens, then the count at 131,072 tokens.",
    )
    close(answer[0], unfinished, "At 16,384 tokens: count the pairs that made less than one turn in 8,192 tokens.")
    close(
        answer[1], unfinished,
        "At 131,072 tokens: can a pair that has seen its whole circle meet a new angle if you only wait longer?",
    )  # fmt: skip
    right("29 and 29. A pair either has seen its whole circle or has not; a longer text only grows the unseen arcs.")


def unseen_pairs(function):
    """Exercise 2. function(dim, base, k, train_len, test_len): indices of the pairs that meet a new angle under PI."""
    trial = function(128, 10_000.0, 1.0, 2048, 8192)
    if not tried(trial):
        return
    cases = (
        ((128, 10_000.0, 1.0, 2048, 8192), "k = 1 is direct extrapolation"),
        ((128, 10_000.0, 4.0, 2048, 8192), "k = 4 brings 8,192 positions back exactly, and no pair is left"),
        ((128, 10_000.0, 2.0, 2048, 8192), "k = 2 brings back only half of what 8,192 needs"),
        ((128, 10_000.0, 8.0, 2048, 8192), "k = 8 is more than 8,192 needs, and no pair is left"),
        ((128, 10_000.0, 1.0, 2048, 1024), "a test shorter than the training meets nothing new"),
        ((64, 500_000.0, 2.0, 512, 4096), "try it with dim 64 and base 500,000"),
        ((64, 10.0, 1.0, 2048, 8192), "with base 10 every pair made full turns in training, and no pair is left"),
    )
    for case, words in cases:
        dim, base, k, train_len, test_len = case
        theta = rope.frequencies(dim, base)
        new = (rope.turns(theta, train_len) < 1) & (test_len * scaling.interpolate(dim, base, k) > train_len * theta)
        given = np.asarray(function(dim, base, k, train_len, test_len))
        hint = f"At (dim, base, k, train_len, test_len) = {case}: {words}."
        expect(given.ndim == 1 or given.size != 1, f"Return the indices of the pairs, not how many there are. {hint}")
        expect(given.dtype != bool, f"Return the indices of the pairs, not a mask: np.flatnonzero(mask). {hint}")
        close(np.sort(given.ravel()), np.flatnonzero(new), hint)
    right("A pair meets a new angle if it had not finished its circle and now turns further than in training.")


def one_base_for_all(answer):
    """Exercise 3. answer: how many times slower than PI's the last pair is, if the base is chosen for pair 1."""
    if not tried(answer):
        return
    fitted = scaling.interpolation_base(128, 10_000.0, 4.0)[1]
    slow = scaling.interpolate(128, 10_000.0, 4.0)[-1]
    ratio = slow / rope.frequencies(128, fitted)[-1]
    hint = "Take base · k^(d / 2), the base that fits pair 1. Then compare the last pair's frequency with PI's."
    if np.size(answer) == 1 and np.asarray(answer).dtype.kind in "iufO":
        given = float(np.ravel(answer)[0])
        inverse = np.isclose(given, 1 / ratio, rtol=1e-3, atol=0)
        expect(not inverse, "That is the inverse. How many times slower: PI's frequency over the new one.")
        unscaled = np.isclose(given, 4 * ratio, rtol=1e-3, atol=0)
        expect(not unscaled, "That compares with the unscaled pair. PI slows the last pair too: compare with θ / k.")
    close(answer, ratio, hint, rtol=1e-3)
    right("About 2e37 times too slow, k^62. No single base divides every frequency by k.")
