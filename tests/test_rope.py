"""RoPE: against formulas written here with decimal, fractions and math, and the numbers the series quotes."""

import math
import tracemalloc
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import encodings, rope

LIGHT = settings(derandomize=True, deadline=None, max_examples=60, database=None)
dims = st.integers(1, 96).map(lambda half: 2 * half)
small_dims = st.integers(1, 24).map(lambda half: 2 * half)
seeds = st.integers(0, 2**32)
bases = st.floats(1.01, 1e9)
positions = st.integers(-(2**31), 2**31)
TWO_PI = Decimal("6.283185307179586476925286766559005768394338798750211641949889184615632812572418")


def exact_theta(dim, base):
    """base^(-2i/dim) with 50 digits."""
    with localcontext() as context:
        context.prec = 50
        return [Decimal(base) ** (Decimal(-2 * i) / Decimal(dim)) for i in range(dim // 2)]


def exact_cos_sin(pos, theta):
    """cos and sin of pos · theta with the angle brought below one turn in 80 digits. theta: a Decimal."""
    with localcontext() as context:
        context.prec = 80
        small = float(Decimal(pos) * theta % TWO_PI)
    return math.cos(small), math.sin(small)


def rotated_by_hand(x, pos, theta):
    """One vector, one pair at a time, real numbers only."""
    result = []
    for i, frequency in enumerate(theta):
        a, b, angle = float(x[2 * i]), float(x[2 * i + 1]), pos * float(frequency)
        result += [a * math.cos(angle) - b * math.sin(angle), a * math.sin(angle) + b * math.cos(angle)]
    return result


# --- frequencies, wavelengths, turns ------------------------------------------------------------------------

@LIGHT
@given(dims, bases)
def test_frequencies_are_exact(dim, base):
    theta = rope.frequencies(dim, base)
    assert theta.dtype == np.float64 and theta.shape == (dim // 2,) and theta[0] == 1
    np.testing.assert_allclose(theta, [float(t) for t in exact_theta(dim, base)], rtol=1e-14, atol=0)


@LIGHT
@given(dims, bases, st.floats(1e-3, 1e9))
def test_wavelengths_and_turns(dim, base, train_len):
    theta = rope.frequencies(dim, base)
    exact = exact_theta(dim, base)
    waves = [float(TWO_PI / t) for t in exact]
    np.testing.assert_allclose(rope.wavelengths(theta), waves, rtol=1e-12, atol=0)
    turns = [float(Decimal(train_len) * t / TWO_PI) for t in exact]
    np.testing.assert_allclose(rope.turns(theta, train_len), turns, rtol=1e-12, atol=0)
    first = next((i for i, t in enumerate(turns) if t < 1), dim // 2)
    if min(abs(t - 1) for t in turns) > 1e-9:
        assert rope.first_unfinished_pair(theta, train_len) == first


@pytest.mark.parametrize("dim, base, train_len, pair", [
    (128, 1e4, 2048, 41), (128, 1e4, 4096, 46), (128, 5e5, 8192, 35), (128, 1e6, 32768, 40),
    (64, 1e4, 4096, 23), (128, 10.0, 2048, 64), (128, 1e4, 6.0, 0)])
def test_the_first_unfinished_pair_of_real_models(dim, base, train_len, pair):
    """Llama 1, Llama 2, Llama 3, Qwen 2.5, DeepSeek V3; then: every pair finished, none finished."""
    assert rope.first_unfinished_pair(rope.frequencies(dim, base), train_len) == pair


def test_a_wavelength_equal_to_the_training_length_counts_as_finished():
    theta = rope.frequencies(8)
    assert rope.first_unfinished_pair(theta, rope.wavelengths(theta)[2]) == 3


def test_unseen_angles():
    """Pair by pair, position by position: an angle is met if it lies on the arc of positions 0 to 2047."""
    theta = rope.frequencies(128)
    pos = np.array([0, 1, 2047, 2048, 2294, 2295, 4096, 50_000, 54_411])
    new = rope.unseen(rope.angles(pos, theta), theta, 2048)
    assert new.shape == (9, 64) and not new[:, :41].any()  # 41 pairs went round
    assert not new[:3].any() and new[3, 41:].all()  # 2048 is the first new position
    assert not rope.unseen([-1e-18], [1.0], 2 * math.pi)  # exactly one turn: nothing is new, whatever the rounding
    # pair 41 takes 2294.54 tokens for a turn, pair 63 takes 54410.1
    assert new[:, 41].tolist() == [False, False, False, True, True, False, False, False, False]
    assert new[:, 63].tolist() == [False, False, False, True, True, True, True, True, False]


@pytest.mark.parametrize("k", [1, 1.5, 2, 3, 7, 32])
def test_interpolation_shows_no_new_angle_below_k_times_the_training_length(k):
    theta = rope.frequencies(64, 5e5)
    last = k * 600
    new = rope.unseen(rope.angles(np.arange(last + 1), theta / k), theta, 600)
    assert not new[:-1].any() and new[-1].any()  # position k · train_len itself is the first new one


def test_the_last_wavelength_is_not_two_pi_times_base():
    last = rope.wavelengths(rope.frequencies(512))[-1]
    assert last == pytest.approx(2 * math.pi * 10_000 ** (510 / 512), rel=1e-12)
    assert round(last) == 60611


def test_how_a_base_sets_the_period():
    """dim 100, pair 10: 2.5 turns in 100 positions at base 1e4; half a turn needs a base of 3.3e7 or more."""
    assert rope.wavelengths(rope.frequencies(100, 1e4))[10] == pytest.approx(39.6, abs=0.05)
    assert rope.turns(rope.frequencies(100, 1e4), 100)[10] == pytest.approx(2.5, abs=0.03)
    before, after = (rope.turns(rope.frequencies(100, base), 100)[10] for base in (3.2e7, 3.4e7))
    assert before > 0.5 > after


def test_the_worked_example_of_dimension_2000():
    """The text (dim 2048, pair 1000) leaves the trained range of cos; its code (dim 4096) does not."""
    def trained_and_beyond(theta):
        cos = np.cos(rope.angles(np.arange(4097), [theta]))[:, 0]
        return cos[1:2049], cos[2048:]

    theta = rope.frequencies(2048)[1000]
    assert theta == pytest.approx(1.241e-4, rel=1e-3) and round(2 * math.pi / theta) == 50633
    trained, beyond = trained_and_beyond(theta)
    assert (round(trained.min(), 3), round(trained.max(), 3)) == (0.968, 1.0)
    assert (round(beyond.min(), 3), round(beyond.max(), 3)) == (0.874, 0.968)
    assert round(100 * np.mean(beyond < trained.min()), 2) == 99.95
    as_coded = rope.frequencies(4096)[1000]  # 10000 ** (-2000 / 4096)
    assert as_coded == pytest.approx(0.01114, rel=1e-3) and round(2 * math.pi / as_coded) == 564
    assert rope.turns([as_coded], 2048)[0] == pytest.approx(3.63, abs=5e-3)
    trained, beyond = trained_and_beyond(as_coded)
    assert not np.any((beyond < trained.min()) | (beyond > trained.max()))


# --- angles, cis --------------------------------------------------------------------------------------------

@LIGHT
@given(st.lists(positions, max_size=5), dims, bases)
def test_angles_are_exact_products(pos, dim, base):
    theta = rope.frequencies(dim, base)
    angle = rope.angles(pos, theta)
    assert angle.shape == (len(pos), dim // 2) and angle.dtype == np.float64
    want = [[float(p * Fraction(t)) for t in theta.tolist()] for p in pos]
    np.testing.assert_allclose(angle, np.reshape(want, angle.shape), rtol=1e-15, atol=0)


@LIGHT
@given(positions, dims, bases)
def test_cis_against_80_digits(pos, dim, base):
    theta = rope.frequencies(dim, base)
    want = np.array([complex(*exact_cos_sin(pos, t)) for t in exact_theta(dim, base)])
    rounding = abs(pos) * 2.0**-50 + 1e-15  # of theta and of the product, in float64
    assert np.abs(rope.cis(pos, theta, np.complex128) - want).max() <= rounding
    table = rope.cis(pos, theta)
    assert table.dtype == np.complex64 and np.abs(table - want).max() <= rounding + 1e-7


def test_float32_angles_are_wrong_at_one_million_and_ours_are_not():
    theta, pos = rope.frequencies(128), np.arange(10**6 - 50, 10**6)
    exact = [[complex(*exact_cos_sin(int(p), t)) for t in exact_theta(128, 10_000)] for p in pos]
    ours = np.abs(rope.cis(pos, theta) - exact).max()
    float32 = pos.astype(np.float32)[:, None] * theta.astype(np.float32)
    theirs = np.abs(np.cos(float32) + 1j * np.sin(float32) - exact).max()
    assert ours < 1e-7 and 2e-2 < theirs < 8e-2


def test_narrow_numbers_merge_far_positions():
    """Near 2e9, 128 positions share one float32 row; float16 rounds 2049 to 2048; float64 does neither."""
    pos = 2_000_000_000 + np.arange(-300, 300)
    rows, counts = np.unique(pos.astype(np.float32), return_counts=True)
    assert counts.max() in (128, 129) and len(rows) < 8  # a tie at an end may add one
    assert np.float16(2049) == 2048
    assert len(np.unique(rope.angles(pos, rope.frequencies(128))[:, 0])) == len(pos)


def test_shapes_of_one_number_and_of_none():
    theta = rope.frequencies(8)
    assert rope.angles(3, theta).shape == rope.cis(3, theta).shape == (4,)
    assert rope.angles([], theta).shape == rope.cis([], theta).shape == (0, 4)
    assert rope.angles(np.zeros((2, 3)), theta).shape == (2, 3, 4)
    assert rope.decay_bound([], theta).shape == rope.mean_cos([], theta).shape == (0,)
    assert rope.rotate(np.zeros((0, 8)), rope.cis([], theta)).shape == (0, 8)
    assert rope.rotate(np.zeros((0, 16))[:, ::2], rope.cis([], theta)).shape == (0, 8)


# --- rotate -------------------------------------------------------------------------------------------------

@LIGHT
@given(small_dims, bases, st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=4), seeds)
def test_rotate_by_hand_and_by_matrix(dim, base, pos, seed):
    theta = rope.frequencies(dim, base)
    x = np.random.default_rng(seed).standard_normal((len(pos), dim))
    turned = rope.rotate(x, rope.cis(pos, theta, np.complex128))
    by_hand = [rotated_by_hand(v, p, theta) for v, p in zip(x, pos, strict=True)]
    by_matrix = [rope.block_rotation(p, theta) @ v for v, p in zip(x, pos, strict=True)]
    np.testing.assert_allclose(turned, by_hand, rtol=0, atol=1e-13)
    np.testing.assert_allclose(turned, by_matrix, rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-13)


@LIGHT
@given(small_dims, bases, st.integers(-5000, 5000), st.integers(-5000, 5000), seeds)
def test_scores_depend_on_the_distance_alone(dim, base, m, n, seed):
    theta = rope.frequencies(dim, base)
    q, k = np.random.default_rng(seed).standard_normal((2, dim))
    score = np.dot(rotated_by_hand(q, m, theta), rotated_by_hand(k, n, theta))
    assert rope.score_curve(q, k, m - n, theta) == pytest.approx(score, abs=1e-11 * dim)
    both = rope.rotate(np.stack([q, k]), rope.cis([m, n], theta, np.complex128))
    assert both[0] @ both[1] == pytest.approx(score, abs=1e-11 * dim)


@pytest.fixture
def batch():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((2, 3, 5, 8)).astype(np.float32)
    theta = rope.frequencies(8)
    want = np.array([[[rotated_by_hand(v, p, theta) for p, v in enumerate(head)] for head in b] for b in x])
    return x, rope.cis(np.arange(5), theta), want


def test_a_part_of_a_head_turns_and_the_rest_stays(batch):
    """GPT-NeoX turns a quarter: here 4 of 8 components, with the frequencies of a head of 4."""
    x, _, _ = batch
    theta = rope.frequencies(4)
    before = x.copy()
    got = rope.rotate_part(x, rope.cis(np.arange(5), theta))
    np.testing.assert_array_equal(got[..., 4:], x[..., 4:])
    want = [[[rotated_by_hand(v[:4], p, theta) for p, v in enumerate(head)] for head in one] for one in x]
    np.testing.assert_allclose(got[..., :4], want, atol=1e-6)
    np.testing.assert_array_equal(x, before)
    assert got.dtype == x.dtype
    whole = rope.cis(np.arange(5), rope.frequencies(8))
    np.testing.assert_array_equal(rope.rotate_part(x, whole), rope.rotate(x, whole))


@pytest.mark.parametrize("x_type, table_type", [("f4", "c8"), ("f4", "c16"), ("f8", "c8"), ("f8", "c16")])
def test_rotate_keeps_the_type_of_x(batch, x_type, table_type):
    x, table, want = batch
    got = rope.rotate(x.astype(x_type), table.astype(table_type))
    assert got.dtype == x_type and got.shape == x.shape
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_rotate_takes_any_memory_layout(batch):
    x, table, want = batch
    wide = np.repeat(x, 2, axis=-1)
    layouts = {"every second number": wide[..., ::2],
               "backwards": x[..., ::-1].copy()[..., ::-1],
               "Fortran": np.asfortranarray(x),
               "heads after positions": x.transpose(0, 2, 1, 3).copy().transpose(0, 2, 1, 3),
               "odd offset": np.concatenate([np.zeros(1, "f4"), x.ravel()])[1:].reshape(x.shape),
               "odd stride": np.concatenate([x, x[..., :1]], axis=-1)[..., :8]}
    for name, layout in layouts.items():
        before = layout.copy()
        np.testing.assert_allclose(rope.rotate(layout, table), want, atol=1e-6, err_msg=name)
        assert np.array_equal(layout, before), f"rotate changed its input: {name}"
    stretched = np.broadcast_to(x[0, 0], x.shape)
    np.testing.assert_allclose(rope.rotate(stretched, table), np.broadcast_to(want[0, 0], x.shape), atol=1e-6)
    frozen = x.copy()
    frozen.flags.writeable = False
    np.testing.assert_allclose(rope.rotate(frozen, table), want, atol=1e-6)


def test_rotate_writes_into_out_and_into_x_itself(batch):
    x, table, want = batch
    out = np.full_like(x, np.nan)
    assert rope.rotate(x, table, out=out) is out
    np.testing.assert_allclose(out, want, atol=1e-6)
    same = x.copy()
    assert rope.rotate(same, table, out=same) is same
    assert np.array_equal(same, out)
    shared = np.concatenate([x.ravel(), np.zeros(8, "f4")])  # x and out overlap, eight numbers apart
    rope.rotate(shared[:-8].reshape(x.shape), table, out=shared[8:].reshape(x.shape))
    assert np.array_equal(shared[8:], out.ravel())


def test_rotate_broadcasts_the_table_and_never_x(batch):
    x, table, want = batch
    for shape in [(1, 5, 4), (1, 1, 5, 4)]:
        np.testing.assert_allclose(rope.rotate(x, table.reshape(shape)), want, atol=1e-6)
    one = rope.rotate(x, table[3:4])  # one position for all rows
    np.testing.assert_allclose(one[0, 0, 3], want[0, 0, 3], atol=1e-6)
    np.testing.assert_allclose(rope.rotate(x[0, 0, 3], table[3]), want[0, 0, 3], atol=1e-6)
    for shape in [(4,), (1, 4)]:
        got = rope.rotate(x, table[2].reshape(shape))
        np.testing.assert_allclose(got[..., 2, :], want[..., 2, :], atol=1e-6)
    with pytest.raises(ValueError, match=r"^cis must .* got cis.shape = \(4, 2, 3, 5, 4\)"):
        rope.rotate(x, np.broadcast_to(table, (4, 2, 3, 5, 4)))


def test_a_large_new_array_is_whole_and_its_own():
    """Large results start on a page of their own: same numbers, no memory shared with x."""
    x = np.random.default_rng(0).standard_normal((600, 2048)).astype(np.float32)  # 4.7 MiB
    table = rope.cis(np.arange(600), rope.frequencies(2048))
    got = rope.rotate(x, table)
    assert got.shape == x.shape and got.flags.c_contiguous and got.flags.writeable
    assert not np.shares_memory(got, x)
    want = x[:, 0::2] * table.real - x[:, 1::2] * table.imag
    np.testing.assert_allclose(got[:, 0::2], want, atol=1e-5)


def test_values_are_not_inspected():
    x = np.array([[np.nan, 1.0, 2.0, 3.0]])
    got = rope.rotate(x, rope.cis([1], rope.frequencies(4)))
    assert np.isnan(got[0, :2]).all() and np.isfinite(got[0, 2:]).all()


# --- the two layouts ----------------------------------------------------------------------------------------

@LIGHT
@given(dims)
def test_the_layouts_are_this_permutation_and_its_inverse(dim):
    order = list(range(0, dim, 2)) + list(range(1, dim, 2))
    x = np.arange(3 * dim).reshape(3, dim)
    assert np.array_equal(rope.interleaved_to_half(x), x[:, order])
    assert np.array_equal(rope.half_to_interleaved(rope.interleaved_to_half(x)), x)
    assert np.array_equal(rope.interleaved_to_half(rope.half_to_interleaved(x)), x)
    assert not np.shares_memory(rope.interleaved_to_half(x), x)


def test_half_split_rotation_of_common_libraries_agrees():
    """half(x[p]) = interleaved(x)[p]; the logits agree only if q and k are both permuted."""
    theta = rope.frequencies(16)
    q, k = np.random.default_rng(1).standard_normal((2, 6, 16))
    angle = np.concatenate([rope.angles(np.arange(6), theta)] * 2, axis=-1)

    def rotate_half(x):
        return x * np.cos(angle) + np.concatenate([-x[:, 8:], x[:, :8]], axis=-1) * np.sin(angle)

    table = rope.cis(np.arange(6), theta, np.complex128)
    to_half = rope.interleaved_to_half
    np.testing.assert_allclose(rotate_half(to_half(q)), to_half(rope.rotate(q, table)), atol=1e-14)
    logits = rope.rotate(q, table) @ rope.rotate(k, table).T
    np.testing.assert_allclose(rotate_half(to_half(q)) @ rotate_half(to_half(k)).T, logits, atol=1e-13)
    assert np.abs(rotate_half(to_half(q)) @ rotate_half(k).T - logits).max() > 1


# --- curves -------------------------------------------------------------------------------------------------

@LIGHT
@given(st.integers(1, 16).map(lambda half: 2 * half), bases, st.floats(-1e5, 1e5))
def test_mean_cos_and_decay_bound_by_hand(dim, base, distance):
    theta = [float(t) for t in exact_theta(dim, base)]
    mean = math.fsum(math.cos(distance * t) for t in theta) / len(theta)
    partial, total = 0j, 0.0
    for t in theta:
        partial += complex(math.cos(distance * t), math.sin(distance * t))
        total += math.hypot(partial.real, partial.imag)
    ours = rope.frequencies(dim, base)
    assert rope.mean_cos(distance, ours) == pytest.approx(mean, abs=1e-10)
    assert rope.decay_bound(distance, ours) == pytest.approx(total / len(theta), abs=1e-9)
    assert rope.mean_cos(-distance, ours) == rope.mean_cos(distance, ours)


@pytest.mark.parametrize("dim, points, ridge", [
    (128, 512, 1e-8), (128, 512, 1.0), (8, 5, 0.1), (2, 1, 3.0), (16, 40, 1e-3),
])  # fmt: skip
def test_fit_scores_is_least_squares_with_the_ridge_as_further_equations(dim, points, ridge):
    rng = np.random.default_rng(dim + points)
    where, wanted, theta = rng.uniform(0, 2048, points), rng.uniform(-1, 1, points), rope.frequencies(dim)
    query, key = rope.fit_scores(where, wanted, theta, ridge), np.tile([1.0, 0.0], dim // 2)
    unit = np.eye(dim)
    rows = np.column_stack([rope.score_curve(one, key, where, theta) for one in unit])  # a score is linear in the query
    rows = np.vstack([rows, math.sqrt(ridge) * unit])
    best = np.linalg.lstsq(rows, np.append(wanted, np.zeros(dim)), rcond=None)[0]
    assert query == pytest.approx(best, rel=1e-6, abs=1e-6 * np.abs(best).max())


def test_the_decay_bound_at_named_distances():
    theta = rope.frequencies(128)
    got = rope.decay_bound([0, 50, 100, 256, 512, 2048, 4096], theta)
    assert got.round(2).tolist() == [32.5, 12.63, 10.23, 6.54, 5.31, 3.62, 4.88]
    curve = rope.decay_bound(np.arange(257), theta)
    assert np.count_nonzero(np.diff(curve) > 0) == 115  # so it is no falling curve


def test_the_decay_bound_settles_at_the_level_of_random_phases():
    phases = np.exp(2j * np.pi * np.random.default_rng(0).random((20_000, 64)))
    level = np.abs(np.cumsum(phases, axis=1)).mean()
    assert level == pytest.approx(4.80, abs=0.05)
    far = rope.decay_bound(np.linspace(1e6, 1e8, 4001), rope.frequencies(128)).mean()
    assert far == pytest.approx(level, rel=0.1)


@LIGHT
@given(small_dims, st.integers(0, 3000), seeds)
def test_the_decay_bound_does_bound_the_score(dim, distance, seed):
    """|score| ≤ max |h_{i+1} - h_i| · Σ_j |S_j|, with h after the last pair 0."""
    theta = rope.frequencies(dim)
    q, k = np.random.default_rng(seed).standard_normal((2, dim))
    h = (q[0::2] + 1j * q[1::2]) * np.conj(k[0::2] + 1j * k[1::2])
    steps = np.abs(np.diff(np.append(h, 0)))
    bound = steps.max() * rope.decay_bound(distance, theta) * dim / 2
    assert abs(rope.score_curve(q, k, distance, theta)) <= bound + 1e-9


def test_random_queries_and_keys_have_no_decay_and_a_key_can_ask_for_700():
    rng = np.random.default_rng(3)
    theta = rope.frequencies(128)
    draws = [rope.score_curve(*rng.standard_normal((2, 128)), [0, 10, 1000], theta) for _ in range(4000)]
    assert np.all(np.abs(np.mean(draws, axis=0)) < 5 * math.sqrt(128 / 4000))  # a draw has variance 128
    q = rng.standard_normal(128)
    wanted = rope.rotate(q, rope.cis(700, theta, np.complex128))  # a distance of 700 turns it into q
    curve = rope.score_curve(q, wanted, np.arange(2000), theta)
    assert curve.argmax() == 700 and curve[700] == pytest.approx(q @ q)


def test_rope_tells_before_from_after_and_the_sinusoidal_product_does_not():
    q, k = np.random.default_rng(0).standard_normal((2, 64))
    theta = rope.frequencies(64)
    lag = np.arange(1, 50)
    assert np.abs(rope.score_curve(q, k, lag, theta) - rope.score_curve(q, k, -lag, theta)).max() > 5
    assert np.array_equal(encodings.shift_inner_product(lag, 64), encodings.shift_inner_product(-lag, 64))


def test_curves_take_millions_of_distances_in_blocks(monkeypatch):
    theta = rope.frequencies(16)
    q, k = np.random.default_rng(0).standard_normal((2, 16))
    distance = np.arange(1001.0).reshape(7, 143)
    curves = [lambda: rope.score_curve(q, k, distance, theta), lambda: rope.mean_cos(distance, theta),
              lambda: rope.decay_bound(distance, theta)]
    whole = [curve() for curve in curves]
    monkeypatch.setattr(rope, "_BLOCK_ANGLES", 100)
    blocks = [curve() for curve in curves]
    for a, b in zip(whole, blocks, strict=True):
        assert a.shape == (7, 143)
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-13)


def test_many_distances_need_little_memory():
    theta, distance = rope.frequencies(128), np.arange(1e5)
    tracemalloc.start()
    rope.decay_bound(distance, theta)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * 2**20  # all angles at once would be 51 MB of float64 and 102 MB of complex128


# --- matrices -----------------------------------------------------------------------------------------------

@LIGHT
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_rotation_matrices_turn_add_up_and_keep_length(a, b):
    matrix = rope.rotation_matrix(a)
    want = [[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]]
    np.testing.assert_allclose(matrix, want, rtol=0, atol=1e-15)
    both = rope.rotation_matrix(b) @ matrix
    np.testing.assert_allclose(both, rope.rotation_matrix(a + b), rtol=0, atol=1e-12)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(2), rtol=0, atol=1e-15)
    assert rope.rotation_matrix([[a, b, a]]).shape == (1, 3, 2, 2)


def test_block_rotation_holds_the_small_matrices_and_zeros():
    theta = rope.frequencies(6)
    matrix = rope.block_rotation(2.5, theta)
    want = np.zeros((6, 6))
    for i in range(3):
        c, s = math.cos(2.5 * theta[i]), math.sin(2.5 * theta[i])
        want[2 * i, 2 * i] = want[2 * i + 1, 2 * i + 1] = c
        want[2 * i, 2 * i + 1], want[2 * i + 1, 2 * i] = -s, s
    np.testing.assert_allclose(matrix, want, rtol=0, atol=1e-15)
    np.testing.assert_allclose(rope.block_rotation(7, theta).T @ rope.block_rotation(10, theta),
                               rope.block_rotation(3, theta), rtol=0, atol=1e-14)
