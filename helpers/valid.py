"""Argument checks shared by every helper that computes.

Each check returns the cleaned value, or raises a ValueError with three parts: the argument's name, what is
allowed, and the value it got. One kind of error for every bad input: a live picture can show it in words.
"""

import math
import numbers

import numpy as np


def fail(name, allowed, value):
    """Raise the one error of this package: `name must be allowed; got name = value`."""
    raise ValueError(f"{name} must be {allowed}; got {name} = {_short(value)}")


def _short(value):
    """A value as a reader may see it: one line, not a screen of numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def integer(name, value, at_least, at_most=None):
    """A whole number, at_least ≤ value ≤ at_most. Returns an int. Booleans and floats are refused."""
    allowed = f"an integer of at least {at_least}"
    if at_most is not None:
        allowed = f"an integer from {at_least} to {at_most}"
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not whole or value < at_least or (at_most is not None and value > at_most):
        fail(name, allowed, value)
    return int(value)


def even_dim(value, name="dim"):
    """dim: the number of components, two per pair. Returns an int."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not whole or value < 2 or value % 2:
        fail(name, "a positive even integer", value)
    return int(value)


def ntk_dim(value, name="dim"):
    """dim where the exponent dim / (dim - 2) exists. Returns an int."""
    dim = even_dim(value, name)
    if dim == 2:
        fail(name, "an even integer of at least 4 here, because dim / (dim - 2) divides by zero at 2", value)
    return dim


def real(name, value, allowed="a finite number", above=-math.inf, at_least=-math.inf):
    """One finite real number with value > above and value ≥ at_least. Returns a float."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, numbers.Real) or isinstance(value, (bool, np.bool_)):
        fail(name, allowed, value)
    try:
        number = float(value)
    except OverflowError:
        fail(name, allowed, value)
    if not math.isfinite(number) or not number > above or not number >= at_least:
        fail(name, allowed, value)
    return number


def base(value, name="base"):
    """The base of the frequencies: a finite number above 1. Returns a float."""
    return real(name, value, "a finite number greater than 1", above=1.0)


def scale(value, name="k"):
    """k = test_len / train_len: a finite number of at least 1. Returns a float."""
    return real(name, value, "a finite number of at least 1", at_least=1.0)


def positive(name, value):
    """A finite number above 0: a length in tokens, a number of turns. Returns a float."""
    return real(name, value, "a finite number greater than 0", above=0.0)


def array(name, value, allowed="finite real numbers", at_least=-math.inf, above=-math.inf, below=math.inf):
    """Finite real numbers of any shape within these limits, as float64. May be empty."""
    try:
        raw = np.asarray(value)
    except (ValueError, TypeError):
        fail(name, allowed, value)
    if raw.dtype.kind not in "iuf":
        fail(name, allowed, value)
    cleaned = raw.astype(np.float64, copy=False)
    bad = ~((cleaned > above) & (cleaned >= at_least) & (cleaned < below))  # NaN fails every comparison
    if bad.any():
        _fail_at(name, allowed, raw, bad)
    return cleaned


def whole_array(name, value, at_least, at_most):
    """Integers of any shape, each from at_least to at_most. Returns int64. Floats are refused, even 3.0."""
    allowed = f"integers from {at_least} to {at_most}"
    try:
        raw = np.asarray(value)
    except (ValueError, TypeError):
        fail(name, allowed, value)
    if raw.size == 0 and raw.dtype.kind in "iuf":
        return raw.astype(np.int64)
    if raw.dtype.kind not in "iu":
        fail(name, allowed, value)
    bad = (raw < at_least) | (raw > at_most)
    if bad.any():
        _fail_at(name, allowed, raw, bad)
    return raw.astype(np.int64, copy=False)


def frequencies(value, name="theta"):
    """theta: (pairs,) with at least one pair, each finite and above 0. Returns float64."""
    allowed = "a one-dimensional array of positive finite numbers, one per pair"
    theta = array(name, value, allowed, above=0.0)
    if theta.ndim != 1 or theta.size == 0:
        raise ValueError(f"{name} must be {allowed}; got {name}.shape = {theta.shape}")
    return theta


def _fail_at(name, allowed, values, bad):
    """Name the first offending entry, so that one bad number among a million is found."""
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    label = f"{name}[{', '.join(map(str, where))}]" if where else name
    raise ValueError(f"{name} must be {allowed}; got {label} = {_short(values[where])}")
