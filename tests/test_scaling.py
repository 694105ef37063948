"""Scaling methods: against formulas written here pair by pair, and the numbers the series quotes."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import rope, scaling

LIGHT = settings(derandomize=True, deadline=None, max_examples=80, database=None)
dims = st.integers(1, 96).map(lambda half: 2 * half)
ntk_dims = st.integers(2, 96).map(lambda half: 2 * half)
bases = st.floats(1.5, 1e9)
scales = st.one_of(st.just(1.0), st.floats(1, 1e4))
lengths = st.floats(1, 1e8)


def exact(got, want):
    """The bar for every method: 1e-12 relative, pair by pair."""
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=0)


def plain(dim, base):
    return [math.exp(-2 * i / dim * math.log(base)) for i in range(dim // 2)]


# --- Position Interpolation and the base --------------------------------------------------------------------

@LIGHT
@given(dims, bases, scales)
def test_interpolation_divides_every_frequency(dim, base, k):
    exact(scaling.interpolate(dim, base, k), [t / k for t in plain(dim, base)])


@LIGHT
@given(dims, bases, scales, st.lists(st.floats(0, 1e5), min_size=1, max_size=3))
def test_interpolated_positions_are_interpolated_frequencies(dim, base, k, pos):
    on_positions = rope.angles(np.divide(pos, k), rope.frequencies(dim, base))
    on_frequencies = rope.angles(pos, scaling.interpolate(dim, base, k))
    np.testing.assert_allclose(on_frequencies, on_positions, rtol=1e-14, atol=1e-300)


@LIGHT
@given(ntk_dims, bases, st.floats(1.01, 100))
def test_interpolation_is_a_larger_base_only_pair_by_pair(dim, base, k):
    needed = scaling.interpolation_base(dim, base, k)
    interpolated = scaling.interpolate(dim, base, k)
    assert np.isinf(needed[0])
    for i in range(1, dim // 2):
        if needed[i] < 1e300:
            assert math.exp(-2 * i / dim * math.log(needed[i])) == pytest.approx(interpolated[i], rel=1e-12)
    assert needed[-1] == pytest.approx(scaling.ntk_base(dim, base, k), rel=1e-13)
    assert np.all(scaling.interpolation_base(dim, base, 1) == base)


@LIGHT
@given(ntk_dims, bases, scales)
def test_ntk_keeps_the_first_pair_and_interpolates_the_last(dim, base, k):
    theta = scaling.ntk_aware(dim, base, k)
    exact(theta, [t * math.exp(-2 * i / (dim - 2) * math.log(k)) for i, t in enumerate(plain(dim, base))])
    assert theta[0] == 1
    assert theta[-1] == pytest.approx(scaling.interpolate(dim, base, k)[-1], rel=1e-12)
    wanted = math.log(base) + dim / (dim - 2) * math.log(k)
    assert math.log(scaling.ntk_base(dim, base, k)) == pytest.approx(wanted, rel=1e-13)


@LIGHT
@given(dims, bases, scales)
def test_base_times_k(dim, base, k):
    exact(scaling.base_times_k(dim, base, k), plain(dim, base * k))


def test_the_two_derivations_of_the_base():
    """dim 128, k 8: the base grows 8.268 or 8 times; the latter slows the last pair 7.74 times only."""
    assert scaling.ntk_base(128, 1e4, 8) / 1e4 == pytest.approx(8.268, abs=5e-4)
    for dim, slowed, short in ((128, 7.74, 3.2), (64, None, 6.3)):
        stretch = (rope.frequencies(dim) / scaling.base_times_k(dim, 1e4, 8))[-1]
        assert slowed is None or stretch == pytest.approx(slowed, abs=5e-3)
        assert 100 * (1 - stretch / 8) == pytest.approx(short, abs=0.05)


@LIGHT
@given(ntk_dims, bases, st.floats(1, 64), lengths, st.floats(0.1, 100))
def test_dynamic_ntk_both_ways(dim, base, k, train_len, ratio):
    length = train_len * ratio
    alpha = k * max(length, train_len) / train_len - (k - 1)
    exact(scaling.dynamic_ntk(dim, base, k, train_len, length), plain(dim, base * alpha ** (dim / (dim - 2))))
    needed = length / train_len if length > train_len else 1.0
    want = plain(dim, base * needed ** (dim / (dim - 2)))
    exact(scaling.dynamic_ntk_paper(dim, base, train_len, length), want)


def test_shipped_dynamic_ntk_overdoes_it_at_its_full_length():
    exact(scaling.dynamic_ntk(128, 1e4, 4, 2048, 4 * 2048), scaling.ntk_aware(128, 1e4, 13))  # k² - k + 1
    exact(scaling.dynamic_ntk_paper(128, 1e4, 2048, 4 * 2048), scaling.ntk_aware(128, 1e4, 4))
    exact(scaling.dynamic_ntk(128, 1e4, 4, 2048, 100), rope.frequencies(128))


# --- by parts -----------------------------------------------------------------------------------------------

def by_parts_pair(theta, k, train_len, low, high):
    """As model code writes it: three cases by wavelength."""
    wavelength = 2 * math.pi / theta
    if wavelength < train_len / high:
        return theta
    if wavelength > train_len / low:
        return theta / k
    keep = (train_len / wavelength - low) / (high - low)
    return (1 - keep) * theta / k + keep * theta


@LIGHT
@given(dims, bases, scales, lengths, st.floats(0.1, 8), st.floats(0.1, 64))
def test_by_parts_and_llama3(dim, base, k, train_len, low, more):
    high = low + more
    want = [by_parts_pair(t, k, train_len, low, high) for t in plain(dim, base)]
    exact(scaling.ntk_by_parts(dim, base, k, train_len, alpha=low, beta=high), want)
    exact(scaling.llama3(dim, base, k, train_len, low=low, high=high), want)


def test_the_usual_limits_of_by_parts_and_llama3():
    args = (128, 5e5, 8, 8192)
    exact(scaling.ntk_by_parts(*args), [by_parts_pair(t, 8, 8192, 1, 32) for t in plain(128, 5e5)])
    exact(scaling.llama3(*args), [by_parts_pair(t, 8, 8192, 1, 4) for t in plain(128, 5e5)])
    exact(scaling.llama3(*args), scaling.ntk_by_parts(*args, alpha=1, beta=4))


def yarn_by_hand(dim, base, k, train_len, fast, slow, truncate):
    """As model code writes it, one pair at a time."""
    def pair_of(turns):
        return dim * math.log(train_len / (2 * math.pi * turns)) / (2 * math.log(base))

    low, high = pair_of(fast), pair_of(slow)
    if truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    if low == high:
        high += 0.001
    result = []
    for i, theta in enumerate(plain(dim, base)):
        ramp = min(max((i - low) / (high - low), 0.0), 1.0)
        result.append(theta / k * ramp + theta * (1 - ramp))
    return result


@LIGHT
@given(dims, bases, scales, lengths, st.floats(0.1, 4), st.floats(1, 64), st.booleans())
def test_yarn(dim, base, k, train_len, slow, more, truncate):
    fast = slow + more
    got = scaling.yarn(dim, base, k, train_len, beta_fast=fast, beta_slow=slow, truncate=truncate)
    exact(got, yarn_by_hand(dim, base, k, train_len, fast, slow, truncate))


def test_yarn_of_a_real_model_and_its_distance_from_the_paper():
    """DeepSeek V3: rope dim 64, factor 40 on 4096. Ramp from pair 10 to 23, linear in the index."""
    theta, plain_theta = scaling.yarn(64, 1e4, 40, 4096), rope.frequencies(64)
    exact(theta, yarn_by_hand(64, 1e4, 40, 4096, 32, 1, True))
    assert np.array_equal(theta[:11], plain_theta[:11]) and theta[11] < 0.95 * plain_theta[11]
    exact(theta[23:], plain_theta[23:] / 40)
    assert theta[22] > 1.5 * plain_theta[22] / 40
    ratio = theta / scaling.ntk_by_parts(64, 1e4, 40, 4096)
    assert max(ratio.max(), 1 / ratio.min()) > 2


def test_yarn_as_shipped_interpolates_all_where_every_pair_made_many_turns():
    theta = rope.frequencies(64, 2.0)
    assert rope.turns(theta, 1e6).min() > 32
    exact(scaling.yarn(64, 2.0, 4, 1e6), theta / 4)
    exact(scaling.ntk_by_parts(64, 2.0, 4, 1e6), theta)


# --- temperatures, LongRoPE ---------------------------------------------------------------------------------

@LIGHT
@given(scales, st.floats(0.01, 10), st.floats(1.5, 1e9))
def test_attention_factors(k, mscale, train_len):
    by_hand = 1 + mscale * math.log10(k) * math.log(10) / 10
    assert scaling.yarn_attention_factor(k, mscale) == pytest.approx(by_hand, rel=1e-12)
    assert scaling.longrope_attention_factor(k, train_len) ** 2 == pytest.approx(1 + math.log(k, train_len))


def test_attention_factors_known_values():
    assert scaling.yarn_attention_factor(1) == scaling.longrope_attention_factor(1, 4096) == 1
    assert scaling.yarn_attention_factor(40) == pytest.approx(1.3688879454113936, rel=1e-14)
    assert scaling.longrope_attention_factor(32, 4096) == pytest.approx(math.sqrt(17 / 12), rel=1e-14)


@LIGHT
@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=30), bases)
def test_longrope_divides_by_the_searched_factors(factors, base):
    dim = 2 * len(factors)
    want = [t / f for t, f in zip(plain(dim, base), factors, strict=True)]
    exact(scaling.longrope(dim, base, factors), want)


# --- reach and price ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("train_len, k, reach", [(2048, 2, 3215), (2048, 4, 5048), (2048, 8, 7926),
                                                 (4096, 2, 6795)])
def test_effective_length_of_llama_1_and_2(train_len, k, reach):
    assert round(scaling.effective_length(128, 1e4, k, train_len)) == reach


def test_the_scale_llama_2_needs_for_8192():
    assert scaling.ntk_scale_for_length(128, 1e4, 4096, 8192) == pytest.approx(2.58, abs=5e-3)


@LIGHT
@given(ntk_dims, bases, st.floats(1, 50), st.floats(7, 1e6))
def test_effective_length_keeps_unfinished_pairs_inside_and_inverts(dim, base, k, train_len):
    reach = scaling.effective_length(dim, base, k, train_len)
    theta, scaled = rope.frequencies(dim, base), scaling.ntk_aware(dim, base, k)
    unfinished = [i for i, t in enumerate(theta) if 2 * math.pi / t > train_len]
    if not unfinished:
        assert reach == math.inf and scaling.ntk_scale_for_length(dim, base, train_len, 10 * train_len) == 1
        return
    by_search = min(train_len * theta[i] / scaled[i] for i in unfinished)  # the first to leave
    assert reach == pytest.approx(by_search, rel=1e-12)
    assert scaling.worst_overshoot(scaled, theta, train_len, reach) == pytest.approx(1, rel=1e-12)
    assert scaling.ntk_scale_for_length(dim, base, train_len, reach) == pytest.approx(k, rel=1e-6)


def test_the_ends_of_the_heuristic():
    for test_len in (9, 4096):
        assert scaling.ntk_scale_for_length(128, 1e4, 4096, test_len) == 1
    assert scaling.effective_length(128, 1e4, 8, 6) == 6  # pair 0 is unfinished, and no k slows it
    with pytest.raises(ValueError, match="^train_len must be at least 2π tokens here"):
        scaling.ntk_scale_for_length(128, 1e4, 6, 12)
    with pytest.raises(ValueError, match="^test_len must be smaller"):
        scaling.ntk_scale_for_length(128, 1e4, 7, 1e300)


@LIGHT
@given(st.lists(st.tuples(st.floats(1e-9, 3), st.floats(1e-9, 3)), min_size=1, max_size=20), lengths, lengths)
def test_worst_overshoot_and_neighbour_distance_by_hand(pairs, train_len, test_len):
    theta, scaled = [a for a, _ in pairs], [b for _, b in pairs]
    worst = 0.0
    for a, b in pairs:
        if a * train_len < 2 * math.pi * (1 - 1e-12):
            worst = max(worst, test_len * b / (train_len * a))
    assert scaling.worst_overshoot(scaled, theta, train_len, test_len) == pytest.approx(worst, rel=1e-12)
    want = math.fsum((math.sin(a) - 0) ** 2 + (math.cos(a) - 1) ** 2 for a in theta)
    assert scaling.neighbour_distance(theta) == pytest.approx(want, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("name, k, overshoot, distance", [
    ("direct", 4, 4.00, 3.813), ("pi", 4, 1.00, 0.249), ("ntk_aware", 4, 1.62, 3.374),
    ("ntk_aware", 8, 1.03, 3.195), ("ntk_by_parts", 4, 1.00, 3.799), ("llama3", 4, 1.00, 3.812),
    ("base_times_k", 4, 1.65, 3.380)])
def test_the_trade_off_plane(name, k, overshoot, distance):
    scaled = scaling.METHODS[name].frequencies(dim=128, base=1e4, k=k, train_len=2048, test_len=8192)
    assert round(scaling.worst_overshoot(scaled, rope.frequencies(128), 2048, 8192), 2) == overshoot
    assert round(scaling.neighbour_distance(scaled), 3) == distance


def test_neighbours_crowd_with_a_larger_base_or_a_larger_k():
    got = [round(scaling.neighbour_distance(rope.frequencies(128, base)), 2) for base in (10, 1e4, 1e8)]
    assert got == [13.65, 3.81, 2.17]
    assert round(scaling.neighbour_distance(scaling.ntk_aware(128, 1e4, 8)), 2) == 3.20


# --- the registry -------------------------------------------------------------------------------------------

def test_the_registry_in_teaching_order():
    assert list(scaling.METHODS) == ["direct", "pi", "ntk_aware", "base_times_k", "ntk_fixed", "ntk_mixed",
                                     "dynamic_ntk", "ntk_by_parts", "yarn", "llama3", "longrope"]
    for key, method in scaling.METHODS.items():
        assert method.key == key and method.name and method.source and method.notebook in ("03", "04", "05", "06")
        assert len(method.colour) == 7 and int(method.colour[1:], 16) >= 0
    assert len({m.colour for m in scaling.METHODS.values()}) == len(scaling.METHODS)
    assert len({m.linestyle for m in scaling.METHODS.values()}) == len(scaling.METHODS)
    with pytest.raises(TypeError):
        scaling.METHODS["mine"] = scaling.METHODS["pi"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        scaling.METHODS["pi"].colour = "#000000"


def test_every_method_answers_the_same_call():
    call = {"dim": 64, "base": 5e5, "k": 4.0, "train_len": 1024, "test_len": 3000}
    direct = {
        "direct": rope.frequencies(64, 5e5), "pi": scaling.interpolate(64, 5e5, 4),
        "ntk_aware": scaling.ntk_aware(64, 5e5, 4), "base_times_k": scaling.base_times_k(64, 5e5, 4),
        "ntk_fixed": scaling.ntk_fixed(64, 5e5, 4), "ntk_mixed": scaling.ntk_mixed(64, 5e5, 4),
        "dynamic_ntk": scaling.dynamic_ntk(64, 5e5, 4, 1024, 3000),
        "ntk_by_parts": scaling.ntk_by_parts(64, 5e5, 4, 1024),
        "yarn": scaling.yarn(64, 5e5, 4, 1024), "llama3": scaling.llama3(64, 5e5, 4, 1024),
        "longrope": scaling.longrope(64, 5e5, np.arange(1, 33))}
    for key, method in scaling.METHODS.items():
        more = {"factors": np.arange(1, 33)} if method.needs else {}
        assert set(more) == set(method.needs)
        assert np.array_equal(method.frequencies(**call, **more), direct[key]), key
    with pytest.raises(ValueError, match="^factors must be"):
        scaling.METHODS["longrope"].frequencies(**call)


@LIGHT
@given(ntk_dims, bases, lengths)
def test_at_scale_one_every_method_is_plain_rope(dim, base, train_len):
    for method in scaling.METHODS.values():
        if not method.needs:
            got = method.frequencies(dim=dim, base=base, k=1.0, train_len=train_len, test_len=train_len)
            plain_theta = rope.frequencies(dim, base)
            np.testing.assert_allclose(got, plain_theta, rtol=1e-14, atol=0, err_msg=method.key)


# --- what the series says about them ------------------------------------------------------------------------

@LIGHT
@given(ntk_dims, bases, scales, lengths)
def test_no_method_goes_outside_plain_and_interpolated(dim, base, k, train_len):
    """Every pair lies between theta / k and theta (shipped dynamic NTK aside)."""
    theta = rope.frequencies(dim, base)
    for key in ("pi", "ntk_aware", "base_times_k", "ntk_by_parts", "yarn", "llama3"):
        method = scaling.METHODS[key]
        got = method.frequencies(dim=dim, base=base, k=k, train_len=train_len, test_len=k * train_len)
        assert np.all(got <= theta * (1 + 1e-12)) and np.all(got >= theta / k * (1 - 1e-12)), key


@LIGHT
@given(ntk_dims, st.floats(1, 64))
def test_the_overshoot_of_ntk_falls_from_k_to_one(dim, k):
    overshoot = k * scaling.ntk_aware(dim, 1e4, k) / rope.frequencies(dim)
    want = [k ** (1 - 2 * i / (dim - 2)) for i in range(dim // 2)]
    np.testing.assert_allclose(overshoot, want, rtol=1e-12)
    assert overshoot[0] == k and overshoot[-1] == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("dim, base, k, train_len, test_len", [
    (128, 1e4, 1, 2048, 8192), (128, 1e4, 4, 2048, 8192), (128, 1e4, 8, 2048, 8192), (16, 500.0, 1.3, 100, 4001.5),
    (64, 5e5, 2, 300, 300), (64, 5e5, 2, 300, 200), (8, 10.0, 2, 500, 2000),
])  # fmt: skip
def test_share_of_unseen_angles_counted_one_by_one(dim, base, k, train_len, test_len):
    theta = rope.frequencies(dim, base)
    for scaled in (theta / k, scaling.ntk_aware(dim, base, k)):
        pos = np.arange(train_len, math.ceil(test_len))
        wanted = np.zeros(dim // 2)
        if pos.size:
            turned = np.mod(pos[:, None] * scaled, 2 * np.pi)
            wanted = ((turned >= train_len * theta * (1 - 1e-9)) & (train_len * theta < 2 * np.pi)).mean(axis=0)
        assert scaling.unseen_share(scaled, theta, train_len, test_len) == pytest.approx(wanted, abs=1e-12)


# ------------------------------------------------------------------------------------------------- Su's later digits


@pytest.mark.parametrize("dim, base, k", [(2, 10.0, 3.0), (8, 1e4, 8.0), (128, 1e4, 8.0), (64, 5e5, 40.0)])
def test_fixed_and_mixed_are_the_products_of_their_digit_bases(dim, base, k):
    """Digit m divides by beta^(m-1) and by every lambda up to its own: kexue.fm 9706, written out factor by factor."""
    pairs, beta = dim // 2, base ** (2 / dim)
    for b, made in ((1.0, scaling.ntk_fixed(dim, base, k)), (0.625, scaling.ntk_mixed(dim, base, k))):
        a = math.log(k) / pairs**b
        product, expected = 1.0, []
        for m in range(1, pairs + 1):
            product *= math.exp(a * m**b - a * (m - 1) ** b)  # lambda_m
            expected.append(1 / (beta ** (m - 1) * product))
        assert made == pytest.approx(expected, rel=1e-12)
    lam = k ** (2 / dim)
    fixed = [1 / (lam * (beta * lam) ** (m - 1)) for m in range(1, pairs + 1)]
    assert scaling.ntk_fixed(dim, base, k) == pytest.approx(fixed, rel=1e-12)


def test_mixed_runs_from_pi_to_fixed():
    for k in (1.0, 2.0, 8.0):
        assert scaling.ntk_mixed(64, 1e4, k, b=1.0) == pytest.approx(scaling.ntk_fixed(64, 1e4, k), rel=1e-12)
        assert scaling.ntk_mixed(64, 1e4, k, b=0.0) == pytest.approx(scaling.interpolate(64, 1e4, k), rel=1e-12)
    assert scaling.ntk_mixed(64, 1e4, 8.0) == pytest.approx(scaling.ntk_mixed(64, 1e4, 8.0, b=0.625))


def test_fixed_slows_pair_0_a_little_and_the_last_pair_as_pi_does():
    theta = rope.frequencies(128)
    multiplier = scaling.ntk_fixed(128, 1e4, 8.0) / theta
    assert multiplier[0] == pytest.approx(8 ** (-2 / 128), rel=1e-12)
    assert multiplier[-1] == pytest.approx(1 / 8, rel=1e-12)
    assert (scaling.ntk_mixed(128, 1e4, 8.0) / theta)[-1] == pytest.approx(1 / 8, rel=1e-12)
    old = scaling.base_times_k(128, 1e4, 8.0)
    assert scaling.ntk_fixed(128, 1e4, 8.0) == pytest.approx(old * 8 ** (-2 / 128), rel=1e-12)
