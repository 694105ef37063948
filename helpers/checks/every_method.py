"""Exercise checkers of notebook 06."""

import numpy as np

from helpers import precision, rope, scaling
from helpers.checks import close, expect, handed_over, right, tried


def dynamic_scale(answer):
    """Exercise 1. answer: two numbers: the k that NTK-aware gets at 2L with k = 4, as shipped and by the YaRN paper."""
    if not tried(answer):
        return
    expect(np.shape(answer) == (2,), "Give two numbers: as shipped, then by the paper.")
    close(answer[0], 5, "As shipped: k·s/L - (k - 1), with s twice L and k = 4.")
    close(answer[1], 2, "By the paper k is the stretch itself, s/L; the k of the configuration does not enter.")
    right("5 and 2. One name, two methods: at 4L they get 13 and 4.")


def by_parts(function):
    """Exercise 2. function(theta, k, turns): the new frequencies of NTK-by-parts with limits 1 and 32."""
    if not handed_over(function, "by_parts"):
        return
    cases = ((128, 10_000.0, 4.0, 2048), (64, 500_000.0, 8.0, 8192), (32, 10.0, 2.0, 4096), (16, 10_000.0, 40.0, 4))
    for case, words in zip(
        cases,
        (
            "Below 1 turn theta/k, above 32 theta, between them a mix that is linear in the turns",
            "Count with the turns you are given: another base, another length",
            "With many turns in every pair nothing changes",
            "With less than a turn in every pair all of it is theta/k",
        ),
        strict=True,
    ):
        dim, base, k, train_len = case
        theta = rope.frequencies(dim, base)
        given = function(theta.copy(), k, rope.turns(theta, train_len))
        if not tried(given):
            return
        wanted, turned = scaling.ntk_by_parts(dim, base, k, train_len), rope.turns(theta, train_len)
        if np.shape(given) == wanted.shape:
            wrong = ~np.isclose(given, wanted)
            for part, where in ((turned < 1, "below 1 turn"), (turned > 32, "above 32 turns"), (turned >= 1, "between 1 and 32 turns")):
                expect(not (wrong & part).any(), f"Look at the pairs {where}. {words} (dim, base, k, L = {case}).")
        close(given, wanted, f"{words} (dim, base, k, L = {case}).")
    right("Fast pairs stay, slow pairs are PI's, and the mix between has no jump.")


def one_row_for_two(answer):
    """Exercise 3. answer: two positions below 2^14 that get the same row under PI, k = 10^6, cos and sin in float16."""
    if not tried(answer):
        return
    try:
        m, n = (int(x) for x in answer)
        whole = m == answer[0] and n == answer[1]
    except (TypeError, ValueError):
        m, n, whole = 0, 0, False
    expect(whole, "Give two whole numbers: (m, n).")
    expect(m != n, "The two positions must differ.")
    expect(0 <= min(m, n) and max(m, n) < 2**14, "Both positions must be from 0 to below 16,384.")

    def equal(theta):
        angle = rope.angles([m, n], theta)
        first, second = precision.rounded(np.hstack([np.cos(angle), np.sin(angle)]), "float16")
        return int(np.count_nonzero(first == second))

    same = equal(scaling.interpolate(128, 10_000.0, 1e6))
    expect(same == 128, f"{same} of their 128 numbers are equal. Compare the rows of all neighbours, as the cell in "
                        "section 5 does for bfloat16.")  # fmt: skip
    differ = 128 - equal(scaling.ntk_aware(128, 10_000.0, 1e6))
    right(f"One row for two positions. Under NTK-aware {differ} of their 128 numbers differ.")
