"""Numbers as a processor stores them: which positions still have rows of their own in 64, 32 or 16 bits.

bfloat16, which NumPy lacks, is float32 with the last 16 bits rounded away.
Every bad argument is a ValueError that names the argument, its value and what is allowed.
Taught in notebook 06.
"""

import functools

import numpy as np

from helpers import valid

FORMATS = ("float64", "float32", "bfloat16", "float16")
_form = functools.partial(valid.one_of, known=FORMATS)


@valid.checked(x=valid.array, form=_form)
def rounded(x, form):
    """x as the nearest numbers of this format, ties to even, given back as float64.

    x: finite real numbers, any shape. form: one of FORMATS. What is too large for the format becomes infinite.
    Returns float64, shape of x. Raises ValueError for another x or form. Source: IEEE 754. Notebook 06.
    """
    return _cast(x, form)


@valid.checked(form=_form)
def rows(pos, theta, form):
    """cos and sin of pos · theta, with every step in this format: positions, frequencies, angles, cos and sin.

    pos: (n,) tokens. theta: (dim/2,) rad/token. form: one of FORMATS. bfloat16 is rounded after each step, the steps
    between are exact. Returns float64 (n, dim), cos first; NaN where an angle is too large for the format.
    Raises ValueError for a bad argument. Source: computed here. Notebook 06.
    """
    if pos.ndim != 1:
        raise ValueError(f"pos must have shape (n,); got pos.shape = {pos.shape}")
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        angle = _times(_cast(pos, form)[:, None], _cast(theta, form), form)
        return np.concatenate([_cast(function(_native(angle, form)), form) for function in (np.cos, np.sin)], axis=1)


@valid.checked(form=_form)
def different_rows(pos, theta, form):
    """How many different rows these positions get in this format: as many as there are positions, if all is well.

    Arguments as for `rows`; pos may also be (..., n): then each set of n positions is counted by itself.
    Returns integers, shape of pos without its last axis. Raises ValueError for a bad argument.
    Source: computed here. Notebook 06.
    """
    if pos.ndim == 0 or pos.shape[-1] == 0:
        raise ValueError(f"pos must have shape (..., n) with n of at least 1; got pos.shape = {pos.shape}")
    table = rows(pos.ravel(), theta, form) + 0.0  # -0.0 becomes 0.0
    table[np.isnan(table)] = np.nan  # one kind of NaN
    # one number for each row: rows are equal if and only if these are, but for one chance in 2^64
    odd = np.random.default_rng(0).integers(2**63, size=table.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    mark = np.sort((table.view(np.uint64) * odd).sum(axis=1).reshape(pos.shape), axis=-1)
    return 1 + (mark[..., 1:] != mark[..., :-1]).sum(axis=-1)


def _native(x, form):
    """The format in which NumPy computes for this one."""
    return x.astype(np.float64 if form == "bfloat16" else form, copy=False)


def _cast(x, form):
    if form != "bfloat16":
        with np.errstate(over="ignore"):
            return x.astype(form).astype(np.float64)
    bits = x.astype(np.float32).view(np.uint32)
    kept = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), np.nan, kept.view(np.float32)).astype(np.float64)


def _times(a, b, form):
    return _cast(_native(a, form) * _native(b, form), form)
