"""The pictures of notebook 03 show what the mathematics says: their data, not only that they ran."""

import cmath
import itertools
import math

import numpy as np
import pytest
from matplotlib.transforms import Bbox

from helpers import rope, scaling, style
from helpers.figures import rope as pictures


def theta(pair, dim, base):
    return base ** (-2 * pair / dim)


# ---------------------------------------------------------------- the three panels


def test_frequencies_are_the_formula_and_four_pairs_are_marked():
    picture = pictures.Frequencies(dim=64, base=10_000.0)
    pairs, values = picture["theta"].get_data()
    assert list(pairs) == list(range(32))
    assert values == pytest.approx([10_000 ** (-2 * i / 64) for i in range(32)], rel=1e-12)
    for mark, pair in zip((picture["mark", n] for n in range(4)), (0, 5, 15, 31), strict=True):
        assert (mark.get_xdata()[0], mark.get_ydata()[0]) == pytest.approx((pair, theta(pair, 64, 1e4)))
    words = [text.get_text() for text in picture.response.get_legend().get_texts()]
    assert words == ["$i=0$", "$i=5$", "$i=15$", "$i=31$"]
    picture.update(dim=16, base=10.0)
    assert picture["theta"].get_ydata()[-1] == pytest.approx(10 ** (-14 / 16))
    low, high = picture.spectrum.get_ylim()
    assert low < 10 ** (-14 / 16) and high > 1


@pytest.mark.parametrize("positions", [16, 128, 256])
def test_responses_are_single_cosines_and_do_not_decay(positions):
    picture = pictures.Frequencies(positions=positions)
    for line, pair in zip((picture["cosine", n] for n in range(4)), (0, 5, 15, 31), strict=True):
        distance, shown = line.get_data()
        assert distance[-1] == positions == picture.response.get_xlim()[1]
        assert np.allclose(np.diff(distance), 0.5 if positions == 256 else 0.25)
        assert shown == pytest.approx([math.cos(theta(pair, 64, 1e4) * t) for t in distance], abs=1e-9)
    for line in (picture["cosine", 0], picture["cosine", 1]):
        last = line.get_ydata()[-len(line.get_ydata()) // 3 :]
        assert positions < 100 or last.max() > 0.99 and last.min() < -0.99


def test_long_ranges_show_the_same_extremes_with_few_points():
    picture = pictures.Frequencies(positions=4096)
    for line, pair in zip((picture["cosine", n] for n in range(4)), (0, 5, 15, 31), strict=True):
        exact = np.cos(theta(pair, 64, 1e4) * np.arange(4097))
        assert len(line.get_xdata()) <= 700
        assert (line.get_ydata().max(), line.get_ydata().min()) == (exact.max(), exact.min())


def test_the_track_is_one_dot_a_token_and_the_slow_pair_has_hardly_moved():
    picture = pictures.Frequencies(pos=64)
    x, y = picture["dots"].get_data()
    assert len(x) == 65 and picture["dots"].get_linestyle() == "None"
    steps = [cmath.phase(complex(*b) / complex(*a)) for a, b in zip(zip(x, y), zip(x[1:], y[1:]), strict=False)]
    assert steps == pytest.approx([1.0] * 64)
    arc = picture["arc"].get_xydata()
    assert math.degrees(math.atan2(*arc[-1][::-1])) == pytest.approx(0.489, abs=5e-4)
    fast, slow = picture["fast", "turned"], picture["slow", "turned"]
    assert "10.2 turns" in fast.get_text() and "0.489°" in slow.get_text() and "64" in picture["reached"].get_text()
    for hand, pair in zip((picture["fast", "hand"], picture["slow", "hand"]), (0, 31), strict=True):
        tip = cmath.exp(1j * 64 * theta(pair, 64, 1e4))
        assert hand.get_xydata()[-1] == pytest.approx([tip.real, tip.imag])


def test_many_turns_stay_one_circle():
    arc = pictures.Frequencies(pos=4096, dim=64, base=10.0)["arc"].get_xydata()
    assert np.allclose(np.hypot(*arc.T), 1)
    chords = np.hypot(*np.diff(arc, axis=0).T)
    assert chords.max() < 0.04


def scaled(method, pair, dim, base, k):
    """The frequency of one pair, written a second time."""
    return {
        "direct": base ** (-2 * pair / dim),
        "pi": base ** (-2 * pair / dim) / k,
        "ntk_aware": (base * k ** (dim / (dim - 2))) ** (-2 * pair / dim),
    }[method]


@pytest.mark.parametrize("method", ["direct", "pi", "ntk_aware"])
def test_all_three_panels_show_the_scaled_frequencies(method):
    picture = pictures.Frequencies(positions=256, k=8, method=method)
    exact = [scaled(method, pair, 64, 1e4, 8) for pair in range(32)]
    assert picture["theta"].get_ydata() == pytest.approx(exact, rel=1e-12)
    for order, pair in enumerate((0, 5, 15, 31)):
        assert picture["mark", order].get_ydata()[0] == pytest.approx(exact[pair])
        distance, shown = picture["cosine", order].get_data()
        assert shown == pytest.approx([math.cos(exact[pair] * t) for t in distance], abs=1e-9)
    for hand, pair in (("fast", 0), ("slow", 31)):
        tip = cmath.exp(64j * exact[pair])
        assert picture[hand, "hand"].get_xydata()[-1] == pytest.approx([tip.real, tip.imag])
    x, y = picture["dots"].get_data()
    assert complex(x[1], y[1]) == pytest.approx(cmath.exp(1j * exact[0]))


def test_the_trained_line_stays_behind_and_is_named():
    picture = pictures.Frequencies(k=8, method="ntk_aware")
    trained, line, named = picture["trained"], picture["theta"], picture["named"]
    assert trained.get_ydata() == pytest.approx([theta(i, 64, 1e4) for i in range(32)], rel=1e-12)
    assert picture.moving.index(trained) < picture.moving.index(line)
    assert line.get_color() == scaling.METHODS["ntk_aware"].colour != trained.get_color() == style.MUTED
    assert named.get_text() == "NTK-aware (grey: trained)"
    limits = picture.spectrum.get_ylim()
    assert limits[0] < line.get_ydata()[-1]
    picture.update(method="pi")
    assert named.get_text() == "PI (grey: trained)" and picture.spectrum.get_ylim() == limits
    picture.update(method="direct")
    assert picture.spectrum.get_ylim() == limits  # so that the eye sees the line move, not the axis
    assert not trained.get_visible() and not named.get_visible() and line.get_color() == style.MUTED


def test_direct_is_the_same_at_every_k():
    picture = pictures.Frequencies()
    before = [picture[name].get_ydata().copy() for name in ("theta", ("cosine", 1), "dots")]
    assert "trained" not in picture._parts
    picture.update(k=4)
    for name, kept in zip(("theta", ("cosine", 1), "dots"), before, strict=True):
        assert np.array_equal(picture[name].get_ydata(), kept)


def test_the_words_of_the_source_script_stand_in_panel_a():
    words = [text.get_text() for text in pictures.Frequencies().spectrum.texts]
    assert "fast:\nhigh frequency\n(locally sensitive)" in words and "slow:\nlow frequency\n(global dependence)" in words


def boxes(text):
    """One box of pixels for each line of a text."""
    renderer = text.figure.canvas.get_renderer()
    whole, lines = text.get_window_extent(renderer), text.get_text().split("\n")
    height = whole.height / len(lines)
    for number, line in enumerate(lines):
        width = renderer.get_text_width_height_descent(line, text.get_fontproperties(), False)[0]
        left = whole.x1 - width if text.get_ha() == "right" else whole.x0
        yield Bbox.from_bounds(left, whole.y1 - (number + 1) * height, width, height)


@pytest.mark.parametrize("base", [10.0, 30.0, 1e4, 1e8])
def test_no_line_crosses_the_words_in_panel_a(base):
    picture = pictures.Frequencies(base=base, method="pi")
    words = [box for text in picture.spectrum.texts[:2] for box in boxes(text)]
    assert len(words) == 6
    for dim, k, method in itertools.product((16, 64, 512), (1.0, 8.0, 32.0), ("pi", "ntk_aware")):
        picture.update(dim=dim, k=k, method=method)
        for line in (picture["trained"], picture["theta"]):
            ends = picture.spectrum.transData.transform(line.get_xydata()[[0, -1]])  # straight on these axes
            for point in np.linspace(*ends, 300):
                assert not any(box.contains(*point) for box in words), (dim, k, method)


@pytest.mark.parametrize(
    "wrong, words",
    [(dict(k=0.5), "^k must"), (dict(method="longrope"), "^method must"), (dict(dim=2, method="ntk_aware"), "^dim must")],
)
def test_a_scaling_that_does_not_exist_is_refused_in_words(wrong, words):
    picture = pictures.Frequencies()
    with pytest.raises(ValueError, match=words):
        picture.update(**wrong)
    assert picture.values == picture.defaults


# ---------------------------------------------------------------- translation


def written_out(picture, m, n, base):
    """Both scores of query at m and key at n, by matrices: added, turned."""
    dim = picture.dim

    def row(pos):
        return np.array([(math.sin, math.cos)[j % 2](pos * theta(j // 2, dim, base)) for j in range(dim)])

    def matrix(pos):
        full = np.zeros((dim, dim))
        for i in range(dim // 2):
            c, s = math.cos(pos * theta(i, dim, base)), math.sin(pos * theta(i, dim, base))
            full[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[c, -s], [s, c]]
        return full

    added = (picture.w_q @ (picture.x + row(m))) @ (picture.w_k @ (picture.y + row(n)))
    turned = (matrix(m) @ picture.w_q @ picture.x) @ (matrix(n) @ picture.w_k @ picture.y)
    return added, turned


@pytest.mark.parametrize("lag, base", [(1, 10.0), (12, 1e4), (60, 1e8)])
def test_translation_leaves_the_turned_score_alone(lag, base):
    picture = pictures.Translation(offset=100, lag=lag, base=base)
    added, turned = picture["added"].get_ydata(), picture["turned"].get_ydata()
    assert np.ptp(turned) < 1e-5 and np.ptp(added) > 1
    for n in (0, 100, len(added) - 1):
        assert (added[n], turned[n]) == pytest.approx(written_out(picture, n + lag, n, base), abs=1e-5)
    for dot, curve in ((picture["added", "o"], added), (picture["turned", "o"], turned)):
        assert list(dot.get_xydata()[0]) == [0, curve[0]]
    for square, curve in ((picture["added", "s"], added), (picture["turned", "s"], turned)):
        assert list(square.get_xydata()[0]) == [100, curve[100]]
    low, high = picture.scores.get_ylim()
    assert low < min(added.min(), turned.min()) and max(added.max(), turned.max()) < high
    assert list(picture["keys"].get_xdata()) == [0, 100] and list(picture["queries"].get_xdata()) == [lag, 100 + lag]
    for arc, start in ((picture["arc", 0], 0), (picture["arc", 1], 100)):
        assert arc.get_xdata()[[0, -1]] == pytest.approx([start, start + lag])


def test_translation_shows_the_numbers_that_the_notebook_computes_by_hand():
    added = pictures.Translation(lag=12)["added"].get_ydata()
    assert [f"{added[n]:.2f}" for n in (0, 100)] == ["-3.19", "-5.89"]


def test_a_sentence_past_the_end_is_refused_in_words():
    picture = pictures.Translation(offset=190)
    with pytest.raises(ValueError, match="offset must be 0 to 55 at distance 200; got offset = 190"):
        picture.update(lag=200)
    assert picture.values["lag"] == 12


# ---------------------------------------------------------------- two dimensions, and many


@pytest.mark.parametrize("m, n, step", [(9, 7, 0.3), (0, 40, 1.5), (40, 0, 0.1), (5, 5, 0.0)])
def test_the_two_wedges_are_equal_and_hands_keep_their_lengths(m, n, step):
    picture = pictures.Plane(m=m, n=n, theta=step)
    dashed, solid = ([complex(*picture[hand, place].get_xydata()[-1]) for hand in "qk"] for place in (0, 1))
    assert [abs(z) for z in dashed + solid] == pytest.approx([1.8, 1.4] * 2)
    angles = [cmath.phase(q / k) for q, k in (dashed, solid)]
    assert angles[0] == pytest.approx(angles[1])
    assert solid == pytest.approx([picture.q * cmath.exp(1j * m * step), picture.k * cmath.exp(1j * n * step)])
    for wedge, angle in zip((picture["wedge", 0], picture["wedge", 1]), angles, strict=True):
        assert math.radians(wedge.theta2 - wedge.theta1) == pytest.approx(abs(angle))
    score = 1.8 * 1.4 * math.cos(1.0 - 0.4 + (m - n) * step)
    shown = picture["score"].get_text().split("\n")[1].replace("−", "-")
    assert float(shown) == pytest.approx(score, abs=0.005)
    assert float(picture["angle"].get_text().split("\n")[1][:-1].replace("−", "-")) == pytest.approx(
        math.degrees(angles[0]), abs=0.5
    )


def test_the_signs_of_numbers():
    assert [pictures._signed(x, 2) for x in (-0.001, 0.0, -1.5, 2)] == ["0.00", "0.00", "−1.50", "2.00"]
    assert [pictures._signed(x, 0) for x in (-0.2, -163.4)] == ["0", "−163"]


@pytest.mark.parametrize("m, n, dim", [(7, 3, 8), (0, 20, 2), (5, 5, 16)])
def test_two_rotations_make_one_of_the_difference(m, n, dim):
    picture = pictures.Blocks(m=m, n=n, dim=dim, base=100.0)
    left, right, product = (np.asarray(picture["matrix", number].get_array()) for number in range(3))
    assert product.shape == (dim, dim)
    assert np.allclose(left @ right, product) and np.allclose(product @ product.T, np.eye(dim))
    for i in range(dim // 2):
        angle = (n - m) * theta(i, dim, 100.0)
        block = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        assert np.allclose(product[2 * i : 2 * i + 2, 2 * i : 2 * i + 2], block)
    assert np.count_nonzero(np.abs(product) > 1e-12) <= 2 * dim
    assert (m != n) or np.allclose(product, np.eye(dim))


def test_pairings_seat_the_components_as_the_helper_does():
    picture = pictures.Pairings()
    seats = {}
    for text in picture.plot.texts:
        if text.get_text().startswith("$x_") and text.get_fontsize() == 17:
            x, y = text.get_position()
            seats.setdefault(y, {})[int(x)] = int(text.get_text()[3])
    upper, lower = (seats[y] for y in sorted(seats, reverse=True))
    assert [upper[j] for j in range(8)] == list(range(8))
    assert [lower[j] for j in range(8)] == list(rope.interleaved_to_half(np.arange(8)))
    lines = {tuple(int(x) for x in line.get_xdata()) for line in picture.plot.lines}
    assert lines == {(component, place) for place, component in lower.items()}


# ---------------------------------------------------------------- decay


def partial_sums(distance, dim, base):
    total, sizes = 0, []
    for i in range(dim // 2):
        total += cmath.exp(1j * distance * theta(i, dim, base))
        sizes.append(abs(total))
    return sum(sizes) / len(sizes)


def test_the_bound_has_the_named_values_and_rises_often():
    shown = pictures.Decay(positions=1024, dim=128)["bound"].get_ydata()
    assert shown[[0, 50, 100, 256, 512]] == pytest.approx([32.50, 12.63, 10.23, 6.54, 5.31], abs=0.005)
    assert np.count_nonzero(np.diff(shown[:257]) > 0) == 115
    for distance in (0, 63, 64, 700):
        assert shown[distance] == pytest.approx(partial_sums(distance, 128, 1e4), rel=1e-9)
    level = pictures.Decay(dim=128)["level"].get_ydata()[0]
    assert level == pytest.approx(4.8, abs=0.05) and abs(level - shown[512:].mean()) < 2


@pytest.mark.parametrize("peak", [0, 50, 700, 1000])
def test_the_aimed_key_peaks_where_it_was_aimed(peak):
    shown = pictures.Decay(positions=1024, peak=peak)["aimed"].get_ydata()
    assert shown.argmax() == peak and shown[peak] == pytest.approx(1)
    for distance in (0, 333, 1024):
        exact = sum(math.cos((distance - peak) * theta(i, 128, 1e4)) for i in range(64)) / 64
        assert shown[distance] == pytest.approx(exact, abs=1e-9)


def test_scores_are_exact_and_moving_the_peak_moves_nothing_else():
    picture = pictures.Decay(positions=256, dim=64, base=500.0)
    before = [line.get_ydata().copy() for line in (picture["bound"], picture["same"], picture["random"])]
    assert before[1][100] == pytest.approx(sum(math.cos(100 * theta(i, 64, 500.0)) for i in range(32)) / 32)
    numbers = np.random.default_rng(0).standard_normal((32, 4))
    q, k = numbers[:, :2].ravel(), numbers[:, 2:].ravel()
    exact = rope.score_curve(q, k, np.arange(257), rope.frequencies(64, 500.0))
    largest = (np.hypot(*numbers[:, :2].T) * np.hypot(*numbers[:, 2:].T)).sum()
    assert before[2] == pytest.approx(exact / largest, abs=1e-9)
    picture.update(peak=10)
    for line, kept in zip((picture["bound"], picture["same"], picture["random"]), before, strict=True):
        assert np.array_equal(line.get_ydata(), kept)
    assert picture["aimed"].get_ydata().argmax() == 10
    picture.update(positions=128, base=50.0)
    fresh = pictures.Decay(positions=128, peak=10, dim=64, base=50.0)
    for line in ("bound", "level", "same", "random", "aimed"):
        assert np.array_equal(picture[line].get_xydata(), fresh[line].get_xydata())


# ---------------------------------------------------------------- what is told


def test_what_is_told_of_the_frequencies_is_the_formula():
    told = pictures.Frequencies(positions=4096, pos=100).told.replace("−", "-")
    lowest = ", ".join(f"{math.cos(min(math.pi, 4096 * theta(pair, 64, 1e4))):.2f}" for pair in (0, 5, 15, 31))
    assert lowest.endswith("0.85")  # as the notebook says
    assert f"the cosines of pairs 0, 5, 15, 31 come down to {lowest}." in told
    assert f"{2 * math.pi / theta(31, 64, 1e4):,.0f} in pair 31" in told and f"{100 / (2 * math.pi):.1f} turns" in told
    assert "changed by PI with k = 8." in pictures.Frequencies(k=8, method="pi").told.replace("−", "-")


def test_what_is_told_of_the_plane_and_the_blocks_is_their_angle():
    told = pictures.Plane(m=9, n=7, theta=0.3).told.replace("−", "-")
    score = 1.8 * 1.4 * math.cos(0.6 + 2 * 0.3)
    assert f"From key to query it is {math.degrees(0.6 + 2 * 0.3):.0f}°" in told and told.endswith(f"is {score:.2f}.")
    last = [f"{math.degrees(turns * theta(3, 8, 100.0)):.0f}°" for turns in (-7, 3, 3 - 7)]
    assert pictures.Blocks(m=7, n=3).told.replace("−", "-").endswith("Pair 3 turns by {}, by {}, and in the product by {}.".format(*last))


def test_what_is_told_of_translation_and_decay_is_computed_twice():
    picture = pictures.Translation(offset=50, lag=20)
    added, turned = (picture[scheme].get_ydata() for scheme in ("added", "turned"))
    assert f"RoPE scores {turned[7]:.2f} and {turned[7]:.2f}" in picture.told.replace("−", "-")
    ends = f"{min(added):.2f} to {max(added):.2f}"
    assert f"are {added[0]:.2f} and {added[50]:.2f}; over all places, {ends}." in picture.told.replace("−", "-")
    same = [sum(math.cos(distance * theta(i, 64, 1e4)) for i in range(32)) / 32 for distance in range(201)]
    told = pictures.Decay(positions=200, dim=64, peak=150).told.replace("−", "-")
    assert f"lowest at {same.index(min(same))}, {min(same):.2f}; the key aimed at 150, highest at 150, 1.00;" in told
