"""The pictures of notebooks 04 and 05 show what an independent calculation says."""

import math

import numpy as np
import pytest

from helpers import labels, published, scaling
from helpers.figures import interpolation as pictures
from helpers.figures import method_name


def theta_of(pair, dim, base):
    return base ** (-2 * pair / dim)


@pytest.mark.parametrize("dim, base, train_len, test_len", [
    (128, 1e4, 2048, 8192), (64, 5e5, 8192, 2**20), (4, 10.0, 64, 4096), (128, 1e4, 2048, 1024), (256, 1e8, 256, 2**22),
])  # fmt: skip
def test_seen_angles_direct(dim, base, train_len, test_len):
    picture = pictures.SeenAngles(dim=dim, base=base, train_len=train_len, test_len=test_len)
    new = 0
    for pair in range(dim // 2):
        seen = min(360.0, math.degrees(train_len * theta_of(pair, dim, base)))
        met = min(360.0, math.degrees(test_len * theta_of(pair, dim, base)))
        assert picture["unused"].get_data().values[pair] == pytest.approx(seen)
        assert picture["seen"].get_data().values[pair] == pytest.approx(min(seen, met))
        assert picture["unseen"].get_data().values[pair] == pytest.approx(max(seen, met))
        assert picture["unseen"].get_data().baseline[pair] == pytest.approx(seen)
        new += met > seen
    assert f"{new} of {dim // 2} " in picture["count"].get_text()


@pytest.mark.parametrize("k", [1, 2, 3, 7.3, 10, 32])
def test_no_new_angle_under_pi_up_to_its_length(k):
    picture = pictures.SeenAngles(method="pi", k=float(k), test_len=k * 2048)
    assert picture["count"].get_text().startswith("PI: 0 of 64")
    picture.update(test_len=k * 2048 * 1.01)
    assert picture["count"].get_text().startswith("PI: 23 of 64")


def test_seen_angles_follows_the_test_length_if_no_k_is_given():
    picture = pictures.SeenAngles(method="ntk_aware", test_len=8192)
    alone = pictures.SeenAngles(method="ntk_aware", test_len=8192, k=4.0)
    assert picture["count"].get_text() == alone["count"].get_text()
    assert pictures.SeenAngles(method="ntk_aware", k=8.0)["count"].get_text().startswith("NTK-aware: 1 of 64")
    assert [picture["dial", row].get_text().splitlines()[0] for row in range(3)] == ["pair 0", "pair 41", "pair 63"]


@pytest.mark.parametrize("method", ["direct", "pi", "ntk_aware"])
@pytest.mark.parametrize(
    "pair, k", [(0, 4), (500, 2), (600, 7.7), (643, 2), (644, 32), (700, 8), (1000, 2), (1023, 1.0)]
)
def test_share_of_unseen_positions_counted_one_by_one(pair, k, method):
    dim, base, train_len = 2048, 1e4, 2048
    picture = pictures.TrainedRange(dim=dim, pair=pair, k=float(k), method=method)
    theta = theta_of(pair, dim, base)
    slower = {"direct": 1.0, "pi": 1 / k, "ntk_aware": k ** (-2 * pair / (dim - 2))}[method]
    angle = np.mod(theta * slower * np.arange(train_len, math.ceil(k * train_len - 1e-6)), 2 * math.pi)
    new = (angle >= train_len * theta * (1 - 1e-9)) if train_len * theta < 2 * math.pi else np.zeros_like(angle, bool)
    share = 100 * new.mean() if new.size else 0.0
    shown = float(picture["share", "below"].get_text().split(": ")[1].split(" %")[0])
    assert shown == pytest.approx(share, abs=0.06)


def test_positions_on_the_cosine():
    picture = pictures.TrainedRange(pair=1000, dim=2048, k=2.0)
    theta = theta_of(1000, 2048, 1e4)
    trained = np.arange(8) * 256  # positions 0 to 2047 were trained: 2048 is the first new one
    assert picture["inside", "above"].get_xdata() == pytest.approx(trained)
    assert picture["unseen", "above"].get_xdata() == pytest.approx(trained + 2048)
    assert picture["unseen", "above"].get_ydata() == pytest.approx(np.cos(theta * (trained + 2048)))
    assert picture["inside", "below"].get_xdata() == pytest.approx(trained / 2)
    assert picture["seen", "below"].get_xdata() == pytest.approx((trained + 2048) / 2)
    assert len(picture["seen", "above"].get_xdata()) == len(picture["unseen", "below"].get_xdata()) == 0
    picture.update(pair=500)  # the frequency of the source's code: nothing is new
    assert len(picture["unseen", "above"].get_xdata()) == 0 and len(picture["seen", "above"].get_xdata()) == 8


@pytest.mark.parametrize("theta, end", [(1.0, 4000), (0.3, 65536), (0.01, 900), (1e-4, 4096)])
def test_band_holds_every_value_of_the_cosine(theta, end):
    low, high, edges = pictures.cosine_band(theta, end, columns=50)
    for column in range(50):
        y = np.cos(theta * np.linspace(edges[column], edges[column + 1], 20_001))
        assert low[column] == pytest.approx(y.min(), abs=1e-6)
        assert high[column] == pytest.approx(y.max(), abs=1e-6)


def test_multipliers():
    picture = pictures.Multiplier(methods=("direct", "pi", "ntk_aware"), k=8.0)
    shown = {line.get_label(): line.get_ydata() for line in picture.plot.lines if line.get_visible()}
    pair = np.arange(64)
    assert set(shown) == {"direct", "PI", "NTK-aware"}
    assert shown["direct"] == pytest.approx(np.ones(64))
    assert shown["PI"] == pytest.approx(np.full(64, 1 / 8))
    assert shown["NTK-aware"] == pytest.approx(8.0 ** (-pair / 63))
    zone = picture["zone"].get_xy()
    assert zone[:, 0].min() == 40.5 and zone[:, 0].max() == 40.5 + 23
    assert [text.get_text() for text in picture.plot.get_legend().get_texts()] == ["direct", "PI", "NTK-aware"]
    picture.update(methods=("pi",))
    assert [line.get_label() for line in picture.plot.lines if line.get_visible()] == ["PI"]
    assert [text.get_text() for text in picture.plot.get_legend().get_texts()] == ["PI"]


def test_neighbours():
    picture = pictures.Neighbours(methods=("direct", "pi", "ntk_aware"), k=4.0)
    for key, value in (("direct", 3.813), ("pi", 0.249), ("ntk_aware", 3.374)):  # facts, rounded
        assert picture["mark", key].get_data() == ([4.0], [pytest.approx(value, abs=6e-4)])
        curve = picture["line", key].get_ydata()
        assert curve[16] == pytest.approx(value, abs=6e-4)  # the curve passes through the mark: scales[16] is 4
        assert curve[0] == pytest.approx(3.813, abs=6e-4)
    x, y = picture["dots", "pi"].get_data()
    assert np.arctan2(y, x) == pytest.approx(np.arange(7) / 4)
    parts = [("line", "yarn"), ("mark", "yarn"), ("ring", "yarn"), ("dots", "yarn")]
    for part in parts:
        with pytest.raises(KeyError):  # not asked for, not there
            picture[part]
    picture.update(methods=("direct", "yarn"))
    assert all(picture[part].get_visible() for part in parts)
    picture.update(methods=("direct", "pi", "ntk_aware"))
    assert not any(picture[part].get_visible() for part in parts)


@pytest.mark.parametrize(
    "dim, pair, share", [(2048, 1000, 100.0), (4096, 1000, 0.0), (4096, 2000, 100.0), (2048, 500, 0.0)]
)
def test_the_example_of_the_source_as_its_text_and_as_its_code_has_it(dim, pair, share):
    words = pictures.TrainedRange(dim=dim, pair=pair, k=2.0)["share", "above"].get_text()
    assert words.startswith(f"direct: {share} %")


@pytest.mark.parametrize("positions, dim, base, k", [(256, 128, 1e4, 8.0), (40, 16, 5e5, 3.7), (12, 4, 10.0, 1.0)])
def test_scores_are_a_mean_of_cosines(positions, dim, base, k):
    picture = pictures.Scores(methods=("direct", "pi", "ntk_aware"), positions=positions, dim=dim, base=base, k=k)
    for key, slower in (
        ("direct", lambda pair: 1.0), ("pi", lambda pair: 1 / k),
        ("ntk_aware", lambda pair: k ** (-2 * pair / (dim - 2))),
    ):  # fmt: skip
        x, y = picture[key].get_data()
        assert list(x) == list(range(positions + 1))
        for distance in (0, 1, 7, positions):
            angles = [distance * theta_of(pair, dim, base) * slower(pair) for pair in range(dim // 2)]
            assert y[distance] == pytest.approx(math.fsum(map(math.cos, angles)) / (dim // 2), abs=1e-9)
    assert [text.get_text() for text in picture.plot.get_legend().get_texts()] == ["direct", "PI", "NTK-aware"]
    assert picture["pi"].get_color() == scaling.METHODS["pi"].colour
    low, high = picture.plot.get_ylim()
    assert low < min(picture[key].get_ydata().min() for key in ("direct", "pi", "ntk_aware")) and high > 1


def test_pi_stretches_the_curve_of_scores():
    picture = pictures.Scores(positions=256, k=8.0)
    direct, squeezed = picture["direct"].get_ydata(), picture["pi"].get_ydata()
    assert squeezed[::8] == pytest.approx(direct[:33])
    before = picture["direct"].get_ydata().copy()
    picture.update(k=2.0)
    assert picture["direct"].get_ydata() == pytest.approx(before)


@pytest.mark.parametrize(
    "test_len, points, ridge, seed", [(8192, 512, 1e-8, 0), (4096, 256, 1e-2, 3), (16384, 512, 1.0, 1)]
)
def test_a_fit_within_the_trained_length_is_read_beyond_it_and_between(test_len, points, ridge, seed):
    picture = pictures.Fitted(test_len=test_len, points=points, ridge=ridge, seed=seed)
    where, wanted = picture["points"].get_data()
    assert len(where) == points and 0 <= where.min() and where.max() <= 2048 and np.abs(wanted).max() <= 1
    theta = np.array([theta_of(pair, 128, 1e4) for pair in range(64)])

    def basis(s):
        return np.hstack([np.cos(np.outer(s, theta)), np.sin(np.outer(s, theta))])

    rows = np.vstack([basis(where), math.sqrt(ridge) * np.eye(128)])
    fit = np.linalg.lstsq(rows, np.append(wanted, np.zeros(128)), rcond=None)[0]
    far, quarters = basis(np.arange(2048, test_len + 1)) @ fit, basis(np.arange(4 * 2047 + 1) / 4) @ fit
    largest = np.abs(far).max()
    assert np.abs(picture["far"].get_ydata()).max() == pytest.approx(largest, rel=1e-4)
    assert picture["quarters"].get_ydata() == pytest.approx(quarters[4000:4049], abs=1e-5)
    assert picture["whole"].get_ydata() == pytest.approx(quarters[4000:4049:4], abs=1e-5)
    for part, value in (("within $L$: at most {most}", np.abs(quarters[::4]).max()),
                        ("beyond $L$: up to {most}", largest),
                        ("quarters within $L$: at most {most}", np.abs(quarters).max())):  # fmt: skip
        shown = float(picture[part].get_text().rsplit(maxsplit=1)[1].replace(",", ""))
        assert shown == pytest.approx(value, rel=6e-3)


def test_a_ridge_ends_the_explosion_beyond_and_hardly_changes_the_fit_within():
    picture = pictures.Fitted(ridge=1e-8)
    exploded, inside = np.abs(picture["far"].get_ydata()).max(), picture["fit"].get_ydata()
    picture.update(ridge=1.0)
    assert exploded > 1000 > 1.5 > np.abs(picture["far"].get_ydata()).max()
    assert np.abs(inside - picture["fit"].get_ydata()).mean() < 0.1


def test_paper_tables_show_the_published_numbers():
    picture = pictures.PaperTables()
    tables = (published.PI_TABLE_1, published.PI_TABLE_3, published.PI_TABLE_4)
    drawn = [axes for panel in picture.figure.subfigs for axes in panel.axes]
    for axes, table in zip(drawn, tables, strict=True):
        wanted = {
            tuple((x, y) for x, y in enumerate(row) if y is not None and math.isfinite(y))
            for row in table.rows.values()
        }
        shown = {tuple(zip(*map(list, line.get_data()), strict=True)) for line in axes.lines}
        assert wanted <= shown
        assert table.table.split()[-1] in axes.get_title(loc="left")
    legend = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert legend[0] == "direct" and legend[-1] == "direct: > 1000" and len(legend) == 6
    assert "//" in [text.get_text() for text in drawn[2].texts]  # from 1,000 to 10,000 steps in one tick


@pytest.mark.parametrize("call, words", [
    (lambda: pictures.TrainedRange(pair=64), "pair must be an integer from 0 to 63; got pair = 64"),
    (lambda: pictures.Neighbours(pair=-1), "pair must be"),
    (lambda: pictures.SeenAngles(method="alibi"), "method must be one of direct, pi"),
    (lambda: pictures.Multiplier(methods=("longrope",)), "methods must be among direct, pi"),
    (lambda: pictures.Multiplier(methods=("ntk_aware",), dim=2), "dim must be"),
    (lambda: pictures.TrainedRange(k=0.5), "k must be"),
    (lambda: pictures.TrainedRange(pair=2047, dim=2048), "pair must be an integer from 0 to 1023; got pair = 2047"),
    (lambda: pictures.Scores(methods=("longrope",)), "methods must be among direct, pi"),
    (lambda: pictures.Scores(positions=0), "positions must be"),
    (lambda: pictures.Fitted(test_len=2048), "test_len must be an integer of at least 2049"),
    (lambda: pictures.Fitted(ridge=0.0), "ridge must be"),
    (lambda: pictures.Fitted(seed=-1), "seed must be"),
])  # fmt: skip
def test_bad_values_are_explained(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_every_method_has_its_name_in_the_labels():
    for key, method in scaling.METHODS.items():
        assert method_name(key) == method.name
        assert method.name in labels.CHINESE


def test_what_is_told_of_the_angles_is_counted():
    new = [pair for pair in range(64) if 2048 * theta_of(pair, 128, 1e4) < 2 * math.pi]
    told = pictures.SeenAngles().told.replace("−", "-")
    assert f"direct: {len(new)} pairs meet angles never seen in training, from pair {new[0]} to pair {new[-1]}." in told
    turns = [length * theta_of(new[0], 128, 1e4) / (2 * math.pi) for length in (2048, 8192)]
    assert f"Pair {new[0]}: {turns[0]:.3g} turns in training, {turns[1]:.3g} at test." in told
    assert "PI with k = 4: no pair meets" in pictures.SeenAngles(method="pi", k=4.0).told.replace("−", "-")
    assert "on this cosine; 100.0 % of those" in pictures.TrainedRange(dim=2048, pair=1000).told.replace("−", "-")


def test_what_is_told_of_the_methods_is_the_formula():
    middle = (4 ** (128 / 126)) ** (-64 / 128)
    told = pictures.Multiplier(methods=("pi", "ntk_aware")).told.replace("−", "-")
    assert f"At pairs 0, 32, 63: PI (0.25, 0.25, 0.25), NTK-aware (1, {middle:.3g}, 0.25). Pairs 41 to 63 make" in told
    apart = sum(2 - 2 * math.cos(theta_of(pair, 128, 1e4) / 4) for pair in range(64))
    assert f"PI: squared distance {apart:.3g}; pair 0 turns {math.degrees(1 / 4):.3g}°" in pictures.Neighbours().told.replace("−", "-")
    score = [sum(math.cos(t * theta_of(pair, 128, 1e4)) for pair in range(64)) / 64 for t in range(257)]
    lowest = f"lowest at {score.index(min(score))}, {min(score):.2f}."
    assert f"direct: {score[1]:.3f} at distance 1, {lowest}" in pictures.Scores().told.replace("−", "-")


def test_what_is_told_of_the_fit_and_of_the_paper():
    assert "Beyond L, up to 8,192, it reaches 6,630," in pictures.Fitted().told.replace("−", "-")  # the notebook prints 6,629.1
    told = pictures.PaperTables().told.replace("−", "-")
    assert "no PI (7.69), PI to 8,192 (6.95)" in told and "PI to 16,384 (112.13, 6.83)" in told
    assert "no PI (1,792, 2,304, 2,560)" in told
