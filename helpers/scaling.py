"""Ways to run RoPE past its training length: each changes the frequencies theta and nothing else.

Every method returns theta, float64 (dim/2,), in rad/token, ready for `rope.cis`. Nothing here keeps state.
`METHODS` lists them in teaching order.

Words, everywhere: `dim` positive even (at least 4 where a base is stretched), `base` finite and above 1,
`k` = test_len / train_len finite and at least 1, `train_len`, `test_len` and `length` in tokens, above 0.
Every bad argument is a ValueError that names the argument, its value and what is allowed.

Taught in notebooks 04 (Position Interpolation), 05 (NTK-aware scaling) and 06 (what came after).
"""

import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from helpers import rope, valid

# --- Position Interpolation -------------------------------------------------------------------------------

@valid.checked
def interpolate(dim, base, k):
    """Position Interpolation (PI): theta_i / k, the same as position pos / k.

    dim: positive even. base: above 1. k: at least 1. Returns float64 (dim/2,), rad/token.
    Raises ValueError for a bad argument.
    Source: Chen et al., arXiv 2306.15595, eq. 4. Notebook 04.
    """
    return rope.frequencies(dim, base) / k


@valid.checked
def interpolation_base(dim, base, k):
    """The base that would give each pair PI's frequency: base · k^(dim / 2i), a different one for every pair.

    Returns float64 (dim/2,). Pair 0 has none: infinity there (k > 1). The last pair's is `ntk_base`.
    Raises ValueError for a bad dim, base or k. Source: computed here. Notebook 04.
    """
    if k == 1.0:
        return np.full(dim // 2, base)
    needed = np.full(dim // 2, np.inf)
    with np.errstate(over="ignore"):  # a base beyond float64 is infinity, like pair 0's
        needed[1:] = base * k ** (dim / (2.0 * np.arange(1, dim // 2)))
    return needed


# --- NTK-aware: change the base ---------------------------------------------------------------------------

@valid.checked(dim=valid.ntk_dim)
def ntk_base(dim, base, k):
    """The NTK-aware base: base · k^(dim / (dim - 2)).

    dim: even, at least 4. base: above 1. k: at least 1. Returns a float.
    Raises ValueError for a bad argument, and where the result is too large for float64.
    Source: bloc97's NTK-aware post, 2023; YaRN, arXiv 2309.00071, section 3.1. Notebook 05.
    """
    return _finite_base(base, k, dim / (dim - 2))


def ntk_aware(dim, base, k):
    """NTK-aware scaling: the frequencies of `ntk_base`.

    Pair i is multiplied by k^(-2i / (dim - 2)): pair 0 keeps its frequency, the last pair gets exactly PI's.
    dim: even, at least 4. base: above 1. k: at least 1. Returns float64 (dim/2,), rad/token.
    Raises ValueError for a bad argument. Source: as `ntk_base`. Notebook 05.
    """
    return rope.frequencies(dim, ntk_base(dim, base, k))


@valid.checked
def base_times_k(dim, base, k):
    """The digit derivation: base · k, so that dim/2 digits hold k times as many positions.

    The last pair is slowed by k^((dim - 2) / dim), a little less than PI's k. dim 2 is allowed here.
    Returns float64 (dim/2,), rad/token. Raises ValueError for a bad dim, base or k.
    Source: Su, kexue.fm 9675; the "NTK-RoPE-old" of 9706. Notebook 05.
    """
    return rope.frequencies(dim, _finite_base(base, k, 1.0))


@valid.checked
def ntk_fixed(dim, base, k):
    """Su's "fixed" NTK: theta_i · k^(-2(i + 1) / dim), the digits of base · k with their period stretched as well.

    Pair 0 is slowed by k^(2/dim), the last pair by exactly k, as under PI. dim 2 is allowed here.
    Returns float64 (dim/2,), rad/token. Raises ValueError for a bad dim, base or k.
    Source: Su, kexue.fm 9706, "NTK-RoPE-fixed". Notebook 05.
    """
    return rope.frequencies(dim, base) * k ** (-2 * np.arange(1, dim // 2 + 1) / dim)


@valid.checked(b=functools.partial(valid.real, allowed="a finite number of at least 0", at_least=0.0))
def ntk_mixed(dim, base, k, b=0.625):
    """Su's "mixed" NTK, each digit in a base of its own: theta_i · exp(-a (i + 1)^b), a = ln k / (dim/2)^b.

    The last pair is slowed by exactly k. b = 1 is `ntk_fixed`, b = 0 is PI; below 1 the fast pairs take more of the load.
    b: at least 0; 0.625 served his model best. Returns float64 (dim/2,), rad/token.
    Raises ValueError for a bad argument. Source: Su, kexue.fm 9706, "NTK-RoPE-mixed". Notebook 05.
    """
    slowed = (np.arange(1, dim // 2 + 1) / (dim // 2)) ** b * math.log(k)
    return rope.frequencies(dim, base) * np.exp(-slowed)


@valid.checked(dim=valid.ntk_dim)
def dynamic_ntk(dim, base, k, train_len, length):
    """Dynamic NTK as widely shipped: NTK-aware with alpha = k·s/train_len - (k - 1) in place of k.

    s = max(length, train_len). length: tokens in the present sequence.
    At length = k · train_len alpha is k² - k + 1, not k. dim: even, at least 4.
    Shipped code keeps state between calls; this is a pure function.
    Returns float64 (dim/2,), rad/token. Raises ValueError for a bad argument.
    Source: Hugging Face transformers, rope type "dynamic". Notebook 06.
    """
    alpha = 1 + k * (max(length / train_len, 1.0) - 1)  # written so that rounding cannot bring it below 1
    return ntk_aware(dim, base, alpha)


@valid.checked(dim=valid.ntk_dim)
def dynamic_ntk_paper(dim, base, train_len, length):
    """Dynamic NTK as the YaRN paper defines it: NTK-aware with k = max(1, length / train_len).

    length: tokens in the present sequence. dim: even, at least 4.
    Returns float64 (dim/2,), rad/token. Raises ValueError for a bad argument.
    Source: YaRN, arXiv 2309.00071, section 3.3. Notebook 06.
    """
    return ntk_aware(dim, base, max(1.0, length / train_len))


# --- Part of the pairs interpolated, part left alone ------------------------------------------------------

@valid.checked(alpha=valid.positive)
def ntk_by_parts(dim, base, k, train_len, alpha=1.0, beta=32.0):
    """NTK-by-parts: pairs with fewer than alpha turns get PI, with more than beta stay, in between a mix.

    gamma = clip((turns - alpha) / (beta - alpha), 0, 1), linear in turns.
    theta' = (1 - gamma) · theta / k + gamma · theta.
    alpha, beta: turns, 0 < alpha < beta. Returns float64 (dim/2,), rad/token.
    Raises ValueError for a bad argument.
    Source: YaRN, arXiv 2309.00071, section 3.2. Notebook 06.
    """
    return _by_turns(dim, base, k, train_len, "alpha", alpha, "beta", beta)


@valid.checked(low=valid.positive)
def llama3(dim, base, k, train_len, low=1.0, high=4.0):
    """Llama 3.1 scaling: by parts with alpha = low = 1 turn and beta = high = 4 turns, and no temperature.

    low, high: turns, 0 < low < high. Returns float64 (dim/2,), rad/token.
    Raises ValueError for a bad argument.
    Source: Meta's Llama 3.1 reference code; Hugging Face transformers, rope type "llama3". Notebook 06.
    """
    return _by_turns(dim, base, k, train_len, "low", low, "high", high)


@valid.checked(beta_slow=valid.positive)
def yarn(dim, base, k, train_len, beta_fast=32.0, beta_slow=1.0, truncate=True):
    """YaRN's frequencies as shipped: as `ntk_by_parts`, but linear in the pair index and not in turns.

    c(r) = dim · ln(train_len / (2π r)) / (2 ln base) is the pair that makes r turns.
    lo = c(beta_fast), hi = c(beta_slow),
    ramp = clip((i - lo) / (hi - lo), 0, 1); theta' = theta · ((1 - ramp) + ramp / k).
    truncate: round lo down and hi up to whole pairs, as most models do. 0 < beta_slow ≤ beta_fast, in turns;
    equal ones, as in Kimi K2, make the ramp a step.
    Also as shipped: hi is held below dim, not dim/2. So with a small base and a long train_len, where every
    pair makes many turns, lo can pass hi, and then all pairs are interpolated.
    The temperature is apart: `yarn_attention_factor`.
    Returns float64 (dim/2,), rad/token. Raises ValueError for a bad argument.
    Source: Peng et al., arXiv 2309.00071, section 3.4, and the authors' code; Hugging Face transformers,
    rope type "yarn". Notebook 06.
    """
    theta = rope.frequencies(dim, base)
    from_slow = f"a finite number of at least beta_slow = {beta_slow:g}"
    beta_fast = valid.real("beta_fast", beta_fast, from_slow, at_least=beta_slow)
    if not isinstance(truncate, (bool, np.bool_)):
        valid.fail("truncate", "True or False", truncate)
    lo, hi = (dim * math.log(train_len / (2 * math.pi * turns)) / (2 * math.log(base))
              for turns in (beta_fast, beta_slow))
    if truncate:
        lo, hi = math.floor(lo), math.ceil(hi)
    lo, hi = max(lo, 0), min(hi, dim - 1)
    if lo == hi:
        hi += 0.001  # as shipped: no division by zero
    ramp = np.clip((np.arange(theta.size) - lo) / (hi - lo), 0, 1)
    return theta * ((1 - ramp) + ramp / k)


@valid.checked(mscale=valid.positive)
def yarn_attention_factor(k, mscale=1.0, mscale_all_dim=None):
    """YaRN's temperature: cos and sin times 0.1 · mscale · ln k + 1, so logits times its square. 1 at k = 1.

    k: at least 1. mscale: above 0. mscale_all_dim: above 0, or None. With it cos and sin get the quotient of the two
    factors: DeepSeek's models multiply the logits by the square of the second one elsewhere, in the attention itself.
    Returns a float. Raises ValueError otherwise.
    Source: YaRN, arXiv 2309.00071, section 3.4; DeepSeek's modelling code for the quotient. Notebooks 06 and 08.
    """
    factor = 0.1 * mscale * math.log(k) + 1.0
    if mscale_all_dim is None:
        return factor
    return factor / (0.1 * valid.positive("mscale_all_dim", mscale_all_dim) * math.log(k) + 1.0)


@valid.checked(factors=valid.frequencies)
def longrope(dim, base, factors):
    """LongRoPE: theta_i / factors_i, one factor per pair, found by search on a model.

    factors: (dim/2,), each above 0; a search gives them, so there is no default.
    Returns float64 (dim/2,), rad/token. Raises ValueError for a bad argument.
    Source: Ding et al., arXiv 2402.13753. Notebook 06.
    """
    theta = rope.frequencies(dim, base)
    if factors.shape != theta.shape:
        raise ValueError(f"factors must have shape (dim/2,) = {theta.shape}; "
                         f"got factors.shape = {factors.shape}")
    return theta / factors


@valid.checked(train_len=valid.above_one)
def longrope_attention_factor(k, train_len):
    """LongRoPE's temperature: cos and sin times √(1 + ln k / ln train_len). 1 at k = 1.

    k: at least 1. train_len: tokens, above 1. Returns a float. Raises ValueError otherwise.
    Source: Phi-3's reference code; Hugging Face transformers, rope type "longrope". Notebook 06.
    """
    return math.sqrt(1 + math.log(k) / math.log(train_len))


# --- How far does it reach, and at what price? ------------------------------------------------------------

@valid.checked(dim=valid.ntk_dim)
def effective_length(dim, base, k, train_len):
    """How far NTK-aware scaling with this k reaches: a heuristic.

    Up to this length no pair that made less than one turn in training meets an unseen angle:
    train_len · k^(2·i_c / (dim - 2)), i_c the first pair that made no full turn in training.
    Returns a float, tokens; infinity if every pair made a full turn.
    Raises ValueError for a bad argument. Source: computed here; that the scale must be larger than the stretch is in
    YaRN, arXiv 2309.00071, section 3.1. Notebook 05.
    """
    theta = rope.frequencies(dim, base)
    pair = rope.first_unfinished_pair(theta, train_len)
    return math.inf if pair == theta.size else train_len * k ** (2 * pair / (dim - 2))


@valid.checked(dim=valid.ntk_dim, train_len=None, test_len=None)  # refused below as they were given
def ntk_scale_for_length(dim, base, train_len, test_len):
    """The k that NTK-aware scaling needs for `effective_length` to reach test_len, its inverse.

    (test_len / train_len)^((dim - 2) / (2·i_c)); 1 if test_len ≤ train_len or every pair made a full turn.
    Returns a float. Raises ValueError for a bad argument, and where no k does it: pair 0 never changes, so
    nothing helps if it made no full turn (train_len < 2π).
    Source: computed here. Notebook 05.
    """
    theta = rope.frequencies(dim, base)
    pair = rope.first_unfinished_pair(theta, train_len)
    stretch = valid.positive("test_len", test_len) / float(train_len)
    if stretch <= 1 or pair == theta.size:
        return 1.0
    if pair == 0:
        valid.fail("train_len", "at least 2π tokens here, a turn of pair 0, which no k slows down", train_len)
    try:
        return stretch ** ((dim - 2) / (2 * pair))
    except OverflowError:
        valid.fail("test_len", "smaller: the k it needs is too large for a float", test_len)


@valid.checked
def worst_overshoot(theta_scaled, theta, train_len, test_len):
    """How far past its trained angles the worst unfinished pair goes.

    The largest test_len · theta'_i / (train_len · theta_i) of the pairs that made no full turn in training
    with theta. 1 is just inside; 0 means that there is no such pair.
    theta_scaled, theta: (dim/2,) rad/token. train_len, test_len: tokens. Returns a float.
    Raises ValueError for a bad argument. Source: computed here. Notebook 06 (the trade-off plane).
    """
    _same_shape(theta_scaled, theta)
    unfinished = rope.wavelengths(theta) > train_len
    return float(np.max(test_len / train_len * (theta_scaled / theta)[unfinished], initial=0.0))


@valid.checked
def unseen_share(theta_scaled, theta, train_len, test_len):
    """For each pair, the share of the positions from train_len to test_len - 1 whose angle is `rope.unseen`.

    Counted turn by turn and not position by position, so a long text costs little. 0 if there is no such position.
    theta_scaled, theta: (dim/2,) rad/token, at test and in training. train_len, test_len: tokens.
    Returns float64 (dim/2,), from 0 to 1. Raises ValueError for a bad argument.
    Source: computed here. Notebook 04 (the source article's figure 4-2).
    """
    _same_shape(theta_scaled, theta)
    first, stop = math.ceil(train_len), math.ceil(test_len * (1 - 1e-12))  # 1.1 · 2000 is not quite 2200
    share = np.zeros(theta.size)
    if stop <= first:
        return share
    for pair in np.flatnonzero(rope.wavelengths(theta) > train_len):
        turn = 2 * math.pi / theta_scaled[pair]  # tokens for one turn at test
        start = turn * np.arange(int(stop / turn) + 1)
        end = start + train_len * theta[pair] / theta_scaled[pair] * (1 - 1e-9)
        met = np.minimum(np.ceil(end), stop) - np.maximum(np.ceil(start), first)
        share[pair] = 1 - np.maximum(met, 0).sum() / (stop - first)
    return share


@valid.checked
def neighbour_distance(theta):
    """The squared distance between the sinusoidal codes of neighbouring positions: Σ_i (2 - 2 cos theta_i).

    theta: (dim/2,) rad/token. Returns a float, from 0 to 4 · dim/2. Small means crowded.
    Raises ValueError for a bad theta. Source: computed here. Notebooks 02, 04 and 05.
    """
    # 4 sin²(θ/2) is 2 - 2 cos θ without losing digits where θ is small.
    return float(np.sum(4 * np.sin(theta / 2) ** 2))


# --- The registry -----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Method:
    """One method as pictures and tables name it.

    frequencies(dim=, base=, k=, train_len=, test_len=) returns theta (dim/2,). Unused arguments are ignored.
    needs: further keywords that frequencies must be given. Only LongRoPE has one, its searched `factors`.
    colour and linestyle are this method's in every picture of the series.
    """

    key: str
    name: str
    colour: str
    linestyle: str | tuple
    source: str
    notebook: str
    frequencies: Callable
    needs: tuple = ()


def _method(key, name, colour, linestyle, source, notebook, function, needs=()):
    """A record whose `frequencies` gives `function` those arguments that it takes; `length` is test_len."""
    takes = inspect.signature(function).parameters

    def frequencies(*, dim, base, k, train_len, test_len, factors=None):
        given = dict(dim=dim, base=base, k=k, train_len=train_len, length=test_len, factors=factors)
        return function(**{name: value for name, value in given.items() if name in takes})

    return Method(key, name, colour, linestyle, source, notebook, frequencies, needs)


_ALL = (
    _method("direct", "direct", "#D55E00", "solid", "Su et al., arXiv 2104.09864", "03", rope.frequencies),
    _method("pi", "PI", "#0072B2", "dashed", "Chen et al., arXiv 2306.15595", "04", interpolate),
    _method("ntk_aware", "NTK-aware", "#009E73", "dashdot", "bloc97, LocalLLaMA post, 2023", "05", ntk_aware),
    _method("base_times_k", "base · k", "#999933", "dotted", "Su, kexue.fm 9675", "05", base_times_k),
    _method("ntk_fixed", "NTK-fixed", "#44AA99", (0, (5, 1, 1, 1)), "Su, kexue.fm 9706", "05", ntk_fixed),
    _method("ntk_mixed", "NTK-mixed", "#332288", (0, (3, 1, 3, 1, 1, 1)), "Su, kexue.fm 9706", "05", ntk_mixed),
    _method("dynamic_ntk", "dynamic NTK (shipped)", "#56B4E9", (0, (7, 2)),
            "Hugging Face transformers, rope type dynamic", "06", dynamic_ntk),
    _method("ntk_by_parts", "NTK-by-parts", "#CC79A7", (0, (4, 1, 1, 1, 1, 1)),
            "Peng et al., arXiv 2309.00071, section 3.2", "06", ntk_by_parts),
    _method("yarn", "YaRN", "#882255", (0, (2, 1)), "Peng et al., arXiv 2309.00071, authors' code", "06", yarn),
    _method("llama3", "Llama 3.1", "#E69F00", (0, (8, 2, 2, 2)), "Meta, Llama 3.1 reference code", "06", llama3),
    _method("longrope", "LongRoPE", "#666666", (0, (1, 3)), "Ding et al., arXiv 2402.13753", "06", longrope,
            needs=("factors",)),
)  # fmt: skip

METHODS = MappingProxyType({method.key: method for method in _ALL})


@valid.checked
def frequencies(method, dim, base, k, train_len, test_len):
    """The frequencies of one method of `METHODS` by its key.

    method: a key of METHODS that needs nothing further (not "longrope"). Other arguments as everywhere in this module.
    Returns float64 (dim/2,), rad/token. Raises ValueError for another key or a bad argument.
    Source: that of the method. Notebooks 04, 05 and 07.
    """
    valid.one_of("method", method, [key for key, one in METHODS.items() if not one.needs])
    return METHODS[method].frequencies(dim=dim, base=base, k=k, train_len=train_len, test_len=test_len)


def _finite_base(base, k, power):
    try:
        scaled = base * k ** power
    except OverflowError:
        scaled = math.inf
    if math.isinf(scaled):
        valid.fail("k", f"smaller: base · k^{power:g} with base = {base:g} is too large for a float", k)
    return scaled


def _same_shape(theta_scaled, theta):
    if theta_scaled.shape != theta.shape:
        raise ValueError(f"theta_scaled must have the shape of theta, {theta.shape}; "
                         f"got theta_scaled.shape = {theta_scaled.shape}")


def _by_turns(dim, base, k, train_len, low_name, low, high_name, high):
    theta = rope.frequencies(dim, base)
    high = valid.real(high_name, high, f"a finite number greater than {low_name} = {low:g}", above=low)
    gamma = np.clip((rope.turns(theta, train_len) - low) / (high - low), 0, 1)
    return (1 - gamma) * theta / k + gamma * theta
