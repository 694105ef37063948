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


def one_row_for_two(answer):
    """Exercise 3. answer: two positions below 2^25 that get the same row of float32 angles."""
    if not tried(answer):
        return
    try:
        m, n = (int(x) for x in answer)
        whole = m == answer[0] and n == answer[1]
    except (TypeError, ValueError):
        m, n, whole = 0, 0, False
    expect(whole, "Give two whole numbers: (m, n).")
    expect(m != n, "The two positions must differ.")
    expect(0 <= min(m, n) and max(m, n) < 2**25, "Both positions must be from 0 to below 2^25.")
    theta = scaling.ntk_aware(128, 10_000.0, 1e6).astype(np.float32)
    first, second = (np.float32(x) * theta for x in (m, n))
    same = int(np.count_nonzero(first == second))
    expect(same == 64, f"{same} of their 64 angles are equal. Which whole numbers can float32 not write?")
    exact = rope.angles([m, n], scaling.ntk_aware(128, 10_000.0, 1e6))
    right(f"One row for two positions. In float64 they are {np.abs(exact[0] - exact[1]).max():g} rad apart.")
