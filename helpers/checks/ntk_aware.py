"""Exercise checkers of notebook 05."""

import numpy as np

from helpers import rope, scaling
from helpers.checks import close, expect, right, tried


def bases_for_more(answer):
    """Exercise 1. answer: two bases that hold eight times as much: of three decimal digits, of RoPE's 64."""
    if not tried(answer):
        return
    expect(np.shape(answer) == (2,), "Give two numbers: the base for three digits, then the base for 64.")
    hint = "Three digits of base 10 hold 1,000 numbers. Which whole base holds 8,000? Its third power counts."
    close(answer[0], 20, hint)
    beta = 10_000 ** (2 / 128)
    raw = np.asarray(answer[1])
    if raw.size == 1 and raw.dtype.kind in "iuf":
        before = np.isclose(raw, beta, rtol=5e-4)
        expect(not before, "That is the base before the change. It must grow a little: by what factor?")
    # digit capacity gives 1.1929, NTK-aware's own base 1.1935: to two decimals they agree, and both pass
    hint = "64 digits share the growth: each takes the 64th root of 8. Start from 1.155."
    close(answer[1], beta * 8 ** (1 / 64), hint, rtol=3e-3)
    right("20 and 1.19. With three digits the base doubles; with 64 each digit grows by 3 %.")


def scale_for(function):
    """Exercise 2. function(dim, base, train_len, test_len): the k that reaches test_len."""
    trial = function(128, 10_000.0, 4096, 8192)
    if not tried(trial):
        return
    cases = (
        ((128, 10_000.0, 4096, 8192), "Solve L_eff = L' for k"),
        ((128, 10_000.0, 2048, 8192), "four times the length needs more than k = 8"),
        ((64, 500_000.0, 8192, 32768), "try it with dim 64 and base 500,000"),
        ((128, 10_000.0, 4096, 2048), "inside the trained length nothing has to change: k = 1"),
        ((128, 10_000.0, 4096, 4096), "at the trained length nothing has to change: k = 1"),
        ((64, 10.0, 2048, 8192), "with base 10 every pair made a full turn in training: k = 1"),
    )
    for case, words in cases:
        close(function(*case), scaling.ntk_scale_for_length(*case), f"At (dim, base, train_len, test_len) = {case}: {words}.")
    right("The scale to give is larger than the stretch you want, because the pairs that matter are not the last one.")


def crowded_neighbours(answer):
    """Exercise 3. answer: a base for which NTK-aware at k = 8 leaves less than half of direct's neighbour distance."""
    if not tried(answer):
        return
    raw = np.asarray(answer)
    expect(raw.shape == () and raw.dtype.kind in "iuf" and np.isfinite(raw), "Give one number: a base.")
    expect(answer > 1, "A base must be larger than 1.")
    before = scaling.neighbour_distance(rope.frequencies(128, answer))
    after = scaling.neighbour_distance(scaling.ntk_aware(128, answer, 8))
    expect(
        after < before / 2,
        f"With base {answer:g} it leaves {after:.2f} of {before:.2f}. Which pairs keep neighbours apart, fast or slow "
        "ones? With which base are there more of those that NTK-aware slows?",
    )
    right(f"{after:.2f} of {before:.2f}. What NTK-aware keeps is a matter of the base.")
