"""Positions written in digits of base beta: the story behind NTK-aware scaling.

A number n with `count` digits is an array (..., count), most significant digit first. The base of the
digits is called `beta`, to keep it apart from RoPE's `base`; `beta_of_rope` joins the two.
Every bad argument is a ValueError that names the argument, its value and what is allowed.

Source: Su, kexue.fm 9675. Taught in notebook 05.
"""

import functools

import numpy as np

from helpers import valid

_EXACT = 2 ** 53  # whole numbers below this are exact in float64

_from_2 = functools.partial(valid.integer, at_least=2)
_exact = functools.partial(valid.array, allowed="numbers from 0 to below 2^53", at_least=0.0, below=_EXACT)


@valid.checked(beta=_from_2)
def digits(n, beta, count):
    """The digits of n in base beta, most significant first; a fraction of n stays in the last digit.

    digits(759, 10, 3) is [7, 5, 9]; digits(874.5, 10, 3) is [8, 7, 4.5]; digits(1749, 16, 3) is [6, 13, 5].
    n: numbers from 0 to below beta^count and below 2^53, any shape. beta: integer ≥ 2. count: integer ≥ 1.
    Returns float64, shape of n + (count,). Raises ValueError otherwise, also where n needs one digit more.
    Source: kexue.fm 9675. Notebook 05.
    """
    limit = min(beta ** count, _EXACT)
    rest = valid.array("n", n, f"numbers from 0 to below beta^count = {limit}", at_least=0.0, below=limit)
    out = np.empty(rest.shape + (count,))
    for place in range(count - 1, -1, -1):
        rest, out[..., place] = np.divmod(rest, beta)
    return out


@valid.checked(beta=_from_2)
def interpolated(n, beta, count, k):
    """The digits of n / k: Position Interpolation in digits. Only the last digit gets crowded.

    interpolated(1749, 10, 3, k=2) is [8, 7, 4.5].
    n: numbers from 0 to below k · beta^count, any shape. beta, count: as in `digits`. k: finite, at least 1.
    Returns float64, shape of n + (count,). Raises ValueError otherwise. Source: kexue.fm 9675. Notebook 05.
    """
    limit = min(beta ** count, _EXACT)
    allowed = f"numbers from 0 to below k · beta^count = {limit * k:g}"
    n = valid.array("n", n, allowed, at_least=0.0, below=limit * k)
    return digits(np.minimum(n / k, np.nextafter(limit, 0)), beta, count)  # rounding may reach the limit


@valid.checked(digits=functools.partial(valid.array, allowed="finite numbers of at least 0", at_least=0.0),
               beta=valid.above_one)
def value(digits, beta):
    """The number that these digits stand for in base beta: undoes `digits`. value([7, 4, 9], 10) is 749.

    digits: (..., count), count ≥ 1, each ≥ 0; fractions, and digits of beta or more, are fine.
    beta: number above 1. Returns float64, shape (...). Raises ValueError otherwise. Notebook 05.
    """
    if digits.ndim == 0 or digits.shape[-1] == 0:
        raise ValueError(f"digits must have at least one digit; got digits.shape = {digits.shape}")
    total = np.zeros(digits.shape[:-1])
    for place in range(digits.shape[-1]):
        total = total * beta + digits[..., place]
    return total


@valid.checked(n=_exact, m=functools.partial(valid.integer, at_least=1, at_most=_EXACT), beta=valid.above_one)
def digit(n, m, beta):
    """The m-th digit of n from the right: ⌊n / beta^(m-1)⌋ mod beta. m = 1 is the last digit.

    n: numbers from 0 to below 2^53, any shape. m: integer from 1. beta: number above 1, need not be whole.
    Returns float64, shape of n. Raises ValueError otherwise.
    RoPE takes cos and sin of the same quotient n / beta^(m-1), where this takes mod. Notebook 05.
    """
    with np.errstate(over="ignore"):  # beta^(m-1) beyond float64 is infinity, and the digit 0
        quotient = n / np.float64(beta) ** (m - 1)
    return np.mod(np.floor(quotient), beta)


@valid.checked(limit=valid.count)
def smallest_base(limit, count):
    """The smallest whole base whose count digits tell limit numbers apart, 0 … limit-1.

    smallest_base(2000, 3) is 13.
    limit: integer ≥ 1. count: integer ≥ 1. Returns an int ≥ 2. Raises ValueError otherwise. Notebook 05.
    """
    low, high = 1, 2  # low never suffices, except for limit 1
    while high ** count < limit:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if middle ** count >= limit else (middle, high)
    return high


@valid.checked
def beta_of_rope(dim, base=10_000.0):
    """The beta of RoPE seen as digits: base^(2/dim), so that theta_i = 1 / beta^i.

    1.155 at dim 128 and base 10 000: not a whole number.
    dim: positive even. base: above 1. Returns a float. Raises ValueError otherwise. Notebook 05.
    """
    return base ** (2 / dim)
