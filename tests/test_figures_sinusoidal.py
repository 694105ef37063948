"""The pictures of notebook 02 show what the mathematics says: their data, not only that they ran."""

import math

import numpy as np
import pytest

from helpers.figures import sinusoidal as pictures


def product(lag, dim, base):
    """The inner product over d/2, written out."""
    return sum(math.cos(lag * base ** (-2 * i / dim)) for i in range(dim // 2)) / (dim / 2)


def product_of(lags, dim, base):
    return np.cos(np.outer(lags, base ** (-2 * np.arange(dim // 2) / dim))).mean(axis=1)


def test_table_shows_the_formula():
    picture = pictures.Table(positions=64, dim=32, pair=3, base=100.0)
    shown = np.asarray(picture["table"].get_array())
    assert shown.shape == (32, 64)
    for row, m in ((0, 5), (7, 63), (31, 40)):
        wave = (math.sin, math.cos)[row % 2]
        assert shown[row, m] == pytest.approx(wave(m * 100.0 ** (-2 * (row // 2) / 32)))
    wavelength, pair = picture["curve"].get_data()
    assert wavelength[pair == 3] == pytest.approx(2 * math.pi * 100 ** (6 / 32))
    assert [side[0] for side in picture["ring"].get_data()] == pytest.approx([2 * math.pi * 100 ** (6 / 32), 3])
    assert list(picture["end"].get_xdata()) == [64, 64]
    x, y = picture["sine"].get_data()
    assert y[600] == pytest.approx(math.sin(x[600] * 100 ** (-6 / 32)))
    assert set(picture["frame"].get_ydata()) == {2.5, 3.5}


@pytest.mark.parametrize("picture", [pictures.Table(dim=32), pictures.Bases(dim=32)])
@pytest.mark.parametrize("pair", [-1, 16])
def test_a_pair_that_is_not_there_is_refused_in_words(picture, pair):
    with pytest.raises(ValueError, match=f"pair must be 0 to dim/2 - 1 = 15; got pair = {pair}"):
        picture.update(pair=pair)


def test_decay_is_symmetric_and_marks_every_rise():
    picture = pictures.Decay(positions=64, dim=128, base=1e4)
    lag, curve = picture["curve"].get_data()
    assert list(lag) == list(range(-64, 65))
    assert np.array_equal(curve, curve[::-1])
    for k in (0, 1, 11, 12, 50):
        assert curve[64 + k] == pytest.approx(product(k, 128, 1e4))
    rises = {k for k in range(64) if product(k + 1, 128, 1e4) > product(k, 128, 1e4)}
    starts = picture["rising"].get_xdata()[::3]
    assert set(starts[starts >= 0]) == rises and set(-starts[starts < 0]) == rises
    assert min(rises) == 11


@pytest.mark.parametrize("dim, base", [(128, 1e4), (512, 1e4), (256, 1e3)])
def test_decay_follows_the_line_on_average_and_not_exactly(dim, base):
    picture = pictures.Decay(dim=dim, base=base)
    lag, value = picture["dots"].get_data()
    ends, heights = picture["trend"].get_data()
    assert heights[-1] == pytest.approx(0)
    assert ends[-1] == pytest.approx(0.5615 * base, rel=1e-3)
    line = np.interp(np.log(lag), np.log(ends), heights)
    inside = (lag >= 2) & (lag < base / 3)
    assert abs((value - line)[inside].mean()) < 0.02
    assert np.abs(value - line)[inside].max() > 0.02
    assert abs(value[lag > 10 * base].mean()) < 0.02
    assert picture["mark"].get_xdata()[0] == base


@pytest.mark.parametrize("base, depth", [(10.0, -0.18), (1e4, -0.045)])
@pytest.mark.parametrize("dim", [128, 512])
def test_decay_dips_below_zero_past_the_base(dim, base, depth):
    lags = np.unique(np.round(np.linspace(base, 2.5 * base, 2000)))
    assert np.mean(product_of(lags, dim, base)) == pytest.approx(depth, abs=0.006)
    lag, value = pictures.Decay(dim=dim, base=base)["dots"].get_data()
    assert value[(lag >= base) & (lag <= 2.5 * base)].mean() < depth / 2


def stems(picture, name, dim):
    """Heights of the stems by component; each stem is drawn from 0."""
    heights = np.full(dim, np.nan)
    for first in (0, 1):
        x, y = (np.asarray(side).reshape(-1, 3) for side in picture[name, first].get_data())
        assert np.array_equal(x[:, 0], np.arange(first, dim, 2)) and np.array_equal(x[:, 0], x[:, 1])
        assert not y[:, 0].any() and np.isnan(x[:, 2]).all() and np.isnan(y[:, 2]).all()
        heights[first::2] = y[:, 1]
    return heights


@pytest.mark.parametrize("pos, shift, dim, base", [(7, 5, 16, 1e4), (500, -64, 4, 1e4), (0, 0, 64, 10.0)])
def test_shift_moves_a_position_by_one_orthogonal_matrix(pos, shift, dim, base):
    def code(m):
        return [(math.sin, math.cos)[j % 2](m * base ** (-(j - j % 2) / dim)) for j in range(dim)]

    picture = pictures.Shift(pos=pos, shift=shift, dim=dim, base=base)
    matrix = np.asarray(picture["matrix"].get_array())
    assert matrix.shape == (dim, dim)
    assert stems(picture, "here", dim) == pytest.approx(code(pos))
    assert stems(picture, "made", dim) == pytest.approx(matrix @ code(pos))
    assert picture["rings"].get_ydata() == pytest.approx(code(pos + shift))
    assert stems(picture, "made", dim) == pytest.approx(picture["rings"].get_ydata())
    assert matrix.T @ matrix == pytest.approx(np.eye(dim))
    blocks = np.kron(np.eye(dim // 2), np.ones((2, 2)))
    assert not matrix[blocks == 0].any()
    for axes in (picture.start, picture.end):
        assert f"length {math.sqrt(dim / 2):.2f}" in picture["words", axes].get_text()


def test_shift_s_matrix_knows_the_lag_only():
    picture = pictures.Shift(pos=7, shift=5)
    first = np.array(picture["matrix"].get_array())
    picture.update(pos=300)
    assert np.array_equal(first, picture["matrix"].get_array())
    picture.update(shift=-5)
    assert np.asarray(picture["matrix"].get_array()) == pytest.approx(first.T)
    assert picture["words", picture.square].get_text() == "lag -5"


def test_shift_frames_its_blocks():
    x, y = (np.asarray(side).reshape(-1, 6) for side in pictures.Shift(dim=8)["blocks"].get_data())
    assert np.array_equal(x[:, 0], [-0.5, 1.5, 3.5, 5.5]) and np.array_equal(y[:, 0], x[:, 0])
    assert np.ptp(x[:, :5], axis=1) == pytest.approx(2) and np.ptp(y[:, :5], axis=1) == pytest.approx(2)


def test_bases_shows_two_and_a_half_turns_where_half_a_turn_is_told():
    picture = pictures.Bases()
    words = [picture["turns", row].get_text() for row in range(4)]
    assert words == ["10.04 turns", "2.52 turns", "0.40 turns", "1.00 turns"]
    pos, wave = picture["wave", 1].get_data()
    assert wave[500] == pytest.approx(math.sin(50 * 10_000 ** (-20 / 100)))
    assert picture["averaged"].get_text().endswith("$d = 100$")
    near = [picture["mean", row].get_ydata()[0] for row in range(3)]
    assert near == sorted(near)  # the larger the base, the more alike are neighbours


def test_bases_has_one_base_that_moves_and_three_that_stay():
    picture = pictures.Bases(positions=200, dim=64, pair=3)
    still = [np.array(picture["wave", row].get_ydata()) for row in range(3)]
    picture.update(base=10**7.5)
    assert all(np.array_equal(one, picture["wave", row].get_ydata()) for row, one in enumerate(still))
    pos, wave = picture["wave", 3].get_data()
    assert pos[-1] == 200 and wave == pytest.approx(np.sin(pos * 10 ** (-7.5 * 6 / 64)))
    assert picture["turns", 3].get_text() == f"{200 * 10 ** (-7.5 * 6 / 64) / (2 * math.pi):.2f} turns"
    assert picture["base"].get_text() == "base 31,622,777"
    picture.update(base=1e4)  # one of the three: the same curves
    for part in ("wave", "mean"):
        assert np.array_equal(picture[part, 3].get_ydata(), picture[part, 1].get_ydata())


def test_bases_with_its_first_pair_no_base_matters():
    picture = pictures.Bases(pair=0)
    assert {picture["turns", row].get_text() for row in range(4)} == {"15.92 turns"}


def test_bases_averages_over_a_window_of_distances():
    k, mean = pictures.Bases()["mean", 1].get_data()
    at = np.searchsorted(k, 40)
    window = np.linspace(k[at] / 1.5, k[at] * 1.5, 2001)
    assert mean[at] == pytest.approx(np.mean([product(lag, 100, 1e4) for lag in window]), abs=1e-3)


def share_shown(picture):
    return int(picture["share"].get_text())


def band_width(picture):
    corners = picture["band"].get_xy()[:-1]
    half = len(corners) // 2
    return corners[half:, 1][::-1] - corners[:half, 1]


@pytest.mark.parametrize(
    "settings",
    [{"eps": 0}, {"eps": 5, "noise": "blocks"}, {"eps": 1, "noise": "blocks", "seed": 7, "dim": 16, "base": 10.0}],
)
def test_dial_keeps_the_lag_where_the_noise_commutes_with_shifts(settings):
    picture = pictures.Dial(positions=64, **settings)
    assert band_width(picture).max() < 1e-9
    assert share_shown(picture) == 100
    # with blocks the two directions differ: the sign of the lag is seen
    lag, mean = map(np.asarray, picture["mean"].get_data())
    assert mean[(lag >= -20) & (lag < 44)] == pytest.approx(np.asarray(picture["scores"].get_array())[20])


def test_dial_without_noise_is_the_inner_product_over_its_largest():
    picture = pictures.Dial(positions=64, eps=0)
    lag, mean = picture["mean"].get_data()
    assert list(lag) == list(range(-48, 49))
    for dim, base in ((128, 1e4), (32, 1e4), (128, 10.0)):
        picture.update(dim=dim, base=base)
        assert picture["mean"].get_ydata()[48 + 7] == pytest.approx(product(7, dim, base))
        assert np.asarray(picture["scores"].get_array())[3, 10] == pytest.approx(product(7, dim, base))


def test_dial_loses_the_lag_step_by_step():
    shares = [share_shown(pictures.Dial(eps=eps)) for eps in (0.1, 0.3, 1, 3, 5)]
    assert shares == sorted(shares, reverse=True)
    assert shares[1] > 90 and shares[-1] < 35


def test_dial_keeps_the_lag_longer_with_more_dimensions_and_a_base_that_fits():
    shares = [share_shown(pictures.Dial(eps=3, dim=dim)) for dim in (16, 128, 512)]
    assert shares == sorted(shares) and shares[-1] > 60
    shares = [share_shown(pictures.Dial(eps=1.8, base=base)) for base in (100, 1e4, 1e8)]
    assert shares == sorted(shares, reverse=True) and shares[0] > 60


def test_dial_has_noise_of_one_size_in_both_kinds():
    kinds, dim = ("any", "blocks"), 128
    sizes = {kind: [np.linalg.norm(pictures._noise(dim, seed, kind)) for seed in range(20)] for kind in kinds}
    assert np.mean(sizes["any"]) == pytest.approx(np.sqrt(128), rel=0.05)
    assert np.mean(sizes["blocks"]) == pytest.approx(np.sqrt(128), rel=0.05)


def test_dial_draws_two_rows_of_its_square():
    picture = pictures.Dial(positions=64, eps=2, seed=3)
    square = np.asarray(picture["scores"].get_array())
    assert np.abs(square).max() == pytest.approx(1)
    for quarter, m in ((1, 16), (3, 48)):
        line = picture["query", quarter]
        assert np.array_equal(line.get_ydata(), square[m])
        assert line.get_xdata()[m] == 0


def test_dial_refuses_an_unknown_noise():
    with pytest.raises(ValueError, match="noise must be 'any' or 'blocks'; got noise = 'pink'"):
        pictures.Dial(noise="pink")


@pytest.mark.parametrize("positions, done", [(64, 9), (128, 11), (256, 13), (512, 16)])
def test_what_is_told_of_the_table_are_the_notebook_s_counts(positions, done):
    told = pictures.Table(positions=positions).told.replace("−", "-")
    assert f"{done} pairs complete a turn within these positions." in told
    length = 2 * math.pi * 10  # of pair 8
    assert f"Pair 8: one turn in {length:.1f} tokens, {positions / length:.2f} turns here." in told


def test_what_is_told_of_the_decay_is_the_inner_product():
    near = [product(lag, 64, 1e3) for lag in range(101)]
    rises = [lag for lag in range(100) if near[lag + 1] > near[lag]]
    told = pictures.Decay(positions=100, dim=64, base=1e3).told.replace("−", "-")
    assert f"up to lag 100 lowest at lag {near.index(min(near))}, {min(near):.2f}." in told
    assert f"first rises from lag {rises[0]} to {rises[0] + 1}; {len(rises)} % of the steps rise." in told


def test_what_is_told_of_shift_bases_and_dial_is_computed_twice():
    told = pictures.Shift(pos=7, shift=5).told.replace("−", "-")
    assert f"pair 0 turns by {math.degrees(5):.0f}°" in told
    assert f"to sine {math.sin(12):.2f}, cosine {math.cos(12):.2f}." in told
    near = np.mean(product_of(np.linspace(1000 / 1.5, 1500, 2001), 100, 1e6))
    assert pictures.Bases(base=1e6).told.replace("−", "-").endswith(f"Base 1,000,000: 1.00 turns; {near:.2f}.")
    picture = pictures.Dial(positions=64, eps=3)
    square = np.asarray(picture["scores"].get_array())
    means = {lag: np.diagonal(square, lag).mean() for lag in range(-48, 49)}
    assert f"highest at lag {max(means, key=means.get)}, {max(means.values()):.2f} of" in picture.told.replace("−", "-")
    assert f"the query at 48 at lag {square[48].argmax() - 48}." in picture.told.replace("−", "-")
