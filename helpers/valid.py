"""Argument checks shared by every helper that computes.

Each check takes the argument's name and value and returns the cleaned value, or raises a ValueError with three parts:
the name, what is allowed, and the value it got. One kind of error for every bad input: a live picture can show it in
words. `checked` applies them by name, so that a formula's function is its docstring and its formula.
"""

import functools
import inspect
import math
import numbers

import numpy as np


def fail(name, allowed, value):
    """Raise the one error of this package: `name must be allowed; got name = value`."""
    raise ValueError(f"{name} must be {allowed}; got {name} = {_short(value)}")


def one_of(name, value, known):
    """One of a few known words. Returns it as it is."""
    if value not in known:
        fail(name, "one of " + ", ".join(known), value)
    return value


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


def count(name, value):
    """How many: a whole number of at least 1. Returns an int."""
    return integer(name, value, 1)


def even_dim(name, value):
    """dim: the number of components, two per pair. Returns an int."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not whole or value < 2 or value % 2:
        fail(name, "a positive even integer", value)
    return int(value)


def ntk_dim(name, value):
    """dim where the exponent dim / (dim - 2) exists. Returns an int."""
    dim = even_dim(name, value)
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


def above_one(name, value):
    """The base of the frequencies, or a length whose logarithm divides: a finite number above 1. Returns a float."""
    return real(name, value, "a finite number greater than 1", above=1.0)


def at_least_one(name, value):
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


def positions(name, value):
    """Positions in tokens, any shape, as float64: only those that can still be told from their neighbours.

    From 2^53 on float64 skips whole numbers, and float16 does so from 2,048 on.
    """
    cleaned = array(name, value)
    raw = np.asarray(value)
    if raw.dtype == np.float16:
        raise ValueError(f"{name} must not be float16 (convert first: float16 cannot write 2049); got {name}.dtype = float16")
    far = np.abs(cleaned) >= 2**53
    if far.any():
        _fail_at(name, "numbers between -2^53 and 2^53, which float64 can tell apart", raw, far)
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


def frequencies(name, value):
    """theta: (pairs,) with at least one pair, each finite and above 0. Returns float64."""
    allowed = "a one-dimensional array of positive finite numbers, one per pair"
    theta = array(name, value, allowed, above=0.0)
    if theta.ndim != 1 or theta.size == 0:
        raise ValueError(f"{name} must be {allowed}; got {name}.shape = {theta.shape}")
    return theta


BY_NAME = {  # names that mean the same in every function (CONTRIBUTING.md, "Notation"), and the check of each
    "dim": even_dim,
    "base": above_one,
    "k": at_least_one,
    "count": count,
    "theta": frequencies,
    "theta_scaled": frequencies,
    "train_len": positive,
    "test_len": positive,
    "length": positive,
    "pos": positions,
    "angle": array,
    "distance": positions,
}


def checked(function=None, /, **others):
    """Check a function's arguments by their names, in their order, before it runs: `@checked`, `@checked(lag=real)`.

    others: checks of this function alone, each called as check(name, value); None leaves an argument as it is. All
    other names are checked as in BY_NAME, and those that are not there are left alone. Defaults are taken as they are.
    A wrong call raises what it would raise without this: a TypeError in Python's own words, before any check.
    """
    if function is None:
        return functools.partial(checked, **others)
    parameters = inspect.signature(function).parameters
    places = [name for name, one in parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    keywords = [name for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY]
    if places + keywords != list(parameters) or not others.keys() <= parameters.keys():
        plain = f"each of {sorted(others)}, and nothing by *, ** or before a /"
        raise TypeError(f"{function.__qualname__} must take {plain}")
    needed = {name for name, one in parameters.items() if one.default is one.empty}
    # after so many arguments by place: the keywords that a call must have, and those that it may have
    rest = [(needed.difference(places[:n]), parameters.keys() - places[:n]) for n in range(len(places) + 1)]
    checks = BY_NAME | others
    own = [(place, name, checks[name]) for place, name in enumerate(parameters) if checks.get(name)]

    @functools.wraps(function)
    def inner(*args, **kwargs):
        given = len(args)
        if given >= len(rest) or not rest[given][0] <= kwargs.keys() <= rest[given][1]:
            return function(*args, **kwargs)
        args = list(args)
        for place, name, check in own:
            if place < given:
                args[place] = check(name, args[place])
            elif name in kwargs:
                kwargs[name] = check(name, kwargs[name])
        return function(*args, **kwargs)

    return inner


def _fail_at(name, allowed, values, bad):
    """Name the first offending entry, so that one bad number among a million is found."""
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    label = f"{name}[{', '.join(map(str, where))}]" if where else name
    raise ValueError(f"{name} must be {allowed}; got {label} = {_short(values[where])}")
