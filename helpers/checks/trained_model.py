"""Exercise checkers of notebook 07."""

import numpy as np

from helpers import model, scaling
from helpers.checks import close, expect, right, tried


def scale_for_four(answer):
    """Exercise 1. answer: the k that the heuristic asks for, to reach four times the trained length."""
    if not tried(answer):
        return
    lm = model.load("rope-0")
    needed = scaling.ntk_scale_for_length(lm.head_dim, lm.base, lm.train_len, 4 * lm.train_len)
    raw = np.asarray(answer)
    if raw.size == 1 and raw.dtype.kind in "iuf":
        expect(
            not np.isclose(raw, 4, atol=0.01), "k = 4 reaches 2.1 times the length, by the heuristic. More is needed."
        )
    close(answer, needed, "k = (L'/L)^((d-2)/(2 i_c)), with d = 32 and the first slow pair i_c = 8.", rtol=0, atol=0.06)
    right("13.5. The table above says where k = 16 broke: farther out than 4 L.")


def sharpening(function):
    """Exercise 2. function(n, train_len): the factor of each query, (n,)."""
    trial = function(4, 2)
    if not tried(trial):
        return
    expect(np.shape(trial) == (4,), f"One factor for each of the n = 4 queries, please; got shape {np.shape(trial)}.")
    expect(
        np.all(np.isfinite(np.asarray(trial, float))),
        "Every factor should be finite. Query 0 stands at m = 0: what is ln(m + 1)?",
    )
    for n, train_len in ((4, 2), (300, 128), (1, 512)):
        close(
            function(n, train_len),
            model.log_n(n, train_len),
            f"At n = {n}, train_len = {train_len}: ln(m + 1) / ln(train_len), and 1 where that is less.",
        )
    text = np.resize(model.texts()[0][:128], 1025)
    before, after = (_perplexity(text, more) for more in ({}, {"sharpen": function(1024, 128)}))
    right(
        f"Used as `sharpen` on 128 bytes repeated, it takes NTK-aware at k = 8 from {before:.2f} to {after:.2f} past 128."
    )


def far_text_pays(answer):
    """Exercise 3. answer: (text, method, k) that beats the last-128 window, its own too, by a factor of two from 512 on."""
    if not tried(answer):
        return
    expect(isinstance(answer, tuple | list) and len(answer) == 3, "Give three things: (text, method, k).")
    text, method, k = answer
    if isinstance(text, str | bytes):
        text = model.tokens(text)
    expect(np.shape(text) == (1025,), f"The text should have 1,025 bytes; got shape {np.shape(text)}.")
    lm = model.load("rope-0")
    expect(
        isinstance(method, str) and method in scaling.METHODS and method != "longrope",
        "The method should be a key of scaling.METHODS, such as 'yarn'.",
    )
    ways = [lm.stretched(method, k)]
    if method in ("yarn", "ntk_by_parts"):
        ways.append(lm.stretched(method, k, fast=4))  # as in the picture, or as shipped: the better one counts
    found, near = min((_far(lm, text, **way), _far(lm, text, **way, window=lm.train_len)) for way in ways)
    window = _far(lm, text, window=lm.train_len)
    expect(found <= window / 2, f"Perplexity {found:.2f} from position 512 on, and {window:.2f} with the last 128 keys. "
                                "What could lie more than 128 bytes back, and be of use?")  # fmt: skip
    expect(found <= near / 2, f"It is {found:.2f} against {window:.2f}. But the same method with the last 128 keys alone gets "
                              f"{near:.2f}: the text to copy is not far enough away.")  # fmt: skip
    right(f"{found:.2f}; with the last 128 keys {window:.2f}, by the same method {near:.2f}. "
          "Reading further pays where something far back is worth copying.")  # fmt: skip


def _far(lm, text, **options):
    return np.exp(lm.losses(text, **options)[512:].mean())


def _perplexity(text, more):
    lm = model.load("rope-0")
    return np.exp(lm.losses(text, **lm.stretched("ntk_aware", 8) | more)[128:].mean())
