"""The pictures of notebook 05 show what an independent calculation says."""

import math
import re

import numpy as np
import pytest

from helpers import labels, published, scaling
from helpers.figures import ntk_aware as pictures
from helpers.painter import Painter


def spelled(n, beta, count=4):
    """Digits by repeated division, most significant first."""
    out = []
    for _ in range(count):
        n, rest = divmod(n, beta)
        out.append(rest)
    return out[::-1]


def cells(dials, part):
    """Its parts of this kind, row by row, from left to right."""
    return [dials[part, row, place] for row in range(3) for place in range(4)]


def tips(dials, kind):
    """Where the hands of this kind end: x and y, (hands,) each. Checks that each starts in the middle of its dial."""
    hands = dials["hands", kind]
    x, y = (np.reshape(data, (12, 3)) for data in hands.get_data())  # middle, tip, gap
    assert np.isnan(x[:, 2]).all() and hands.get_markevery() == (1, 3)
    np.testing.assert_array_equal(x[:, 0], np.tile(dials.dials_at, 3))
    np.testing.assert_array_equal(y[:, 0], np.repeat(dials.rows_at, 4))
    return np.column_stack([x[:, 1], y[:, 1]])[np.isfinite(x[:, 1])].T


@pytest.fixture(scope="module")
def dials():
    return pictures.Digits()


@pytest.mark.parametrize("n, base, k, wider", [
    (1749, 10, 2.0, 13), (1749, 10, 4.0, 16), (0, 10, 1.0, 10), (999, 10, 1.0, 10), (1000, 10, 1.0, 10),
    (1999, 10, 2.0, 13), (3999, 8, 8.0, 16), (3999, 16, 1.0, 16), (3999, 16, 8.0, 32), (512, 8, 1.05, 9),
])  # fmt: skip
def test_digits_and_dials(dials, n, base, k, wider):
    dials.update(n=n, base=base, k=k)
    digit = np.array([float(text.get_text().rstrip("+")) for text in cells(dials, "digit")]).reshape(3, 4)
    assert digit[0].tolist() == spelled(n, base)
    assert digit[1][:3].tolist() == spelled(int(n / k), base)[:3]
    cut = n / k - np.dot(digit[1], base ** np.arange(3, -1, -1))  # what is shown is cut to four characters
    assert -1e-9 <= cut < (0.1 if digit[1][3] >= 10 else 0.01)
    assert digit[2].tolist() == spelled(n, wider)
    # β' is the smallest base that holds k · base³ with three digits
    assert wider**3 >= k * base**3 - 1e-6 and (wider == base or (wider - 1) ** 3 < k * base**3)
    slower = np.array([[1, 1, 1, 1], [k] * 4, [k, k ** (2 / 3), k ** (1 / 3), 1]])
    angle = n / (float(base) ** np.array([3, 2, 1, 0]) * slower)
    for kind in ("seen", "unseen"):
        for px, py in zip(*tips(dials, kind), strict=True):
            column = int(np.argmin(np.abs(np.array(dials.dials_at) - px)))
            row = int(np.argmin(np.abs(np.array(dials.rows_at) - py)))
            turned = math.atan2(py - dials.rows_at[row], px - dials.dials_at[column])
            assert math.cos(turned - angle[row, column]) == pytest.approx(1, abs=1e-9)
            # the slowest dial saw angles below one radian; at most 3999 / 512 = 7.8 rad: one turn and a bit
            assert (kind == "unseen") == (column == 0 and math.fmod(angle[row, column], 2 * math.pi) > 1 - 1e-9)
    assert sum(tips(dials, kind).shape[1] for kind in ("seen", "unseen")) == 12


def test_what_is_new_is_marked(dials):
    dials.update(n=1749, base=10, k=2.0)
    hatched = [cell.get_hatch() is not None for cell in cells(dials, "box")]
    assert hatched == [True] + [False] * 8 + [True] + [False] * 2  # 1 749; 10 4 7
    dashed = [cell.get_linestyle() == "--" for cell in cells(dials, "box")]
    assert dashed == [False] * 7 + [True] + [False] * 4  # 4.5
    dials.update(n=749)
    assert not any(cell.get_hatch() for cell in cells(dials, "box")[:4])


@pytest.mark.parametrize("k", [2.0, 3.0, 5.5])
def test_spare_digit_and_slowest_dial_turn_new_together(dials, k):
    for n, places in ((999, 0), (1000, 1)):
        dials.update(n=n, base=10, k=k)
        assert (dials["box", 0, 0].get_hatch() is not None) == (tips(dials, "unseen").shape[1] == 1) == bool(places)
    dials.update(n=int(1000 * k) if k < 4 else 3999, base=10, k=k)  # PI at n = 1000 k: told 1,000
    assert (dials["box", 1, 0].get_hatch() is not None) == (k < 4)
    assert tips(dials, "unseen").shape[1] == (3 if k < 4 else 1)


def test_interpolation_meets_a_last_digit_above_nine(dials):
    dials.update(n=19, base=10, k=2.0)  # 9.5
    assert dials["box", 1, 3].get_hatch() and not any(cell.get_hatch() for cell in cells(dials, "box")[:7])


@pytest.mark.parametrize("value, shown", [
    (0.0, "0"), (7.0, "7"), (4.5, "4.5"), (3.875, "3.87"), (9.999, "9.99"), (14.11, "14.1"), (15.99, "15.9"),
    (2.004, "2+"), (12.04, "12+"), (9.5, "9.5"), (0.25, "0.25"),
])  # fmt: skip
def test_a_fraction_is_cut_to_fit_its_box(value, shown):
    assert pictures._cut(value) == shown


@pytest.mark.parametrize("train_len, dim, base, first", [
    (2048, 128, 1e4, 41), (4096, 128, 1e4, 46), (8192, 128, 5e5, 35),
])  # fmt: skip
def test_reach(train_len, dim, base, first):
    picture = pictures.Reach(train_len=train_len, test_len=4 * train_len, dim=dim, base=base)
    k, stretch = picture["curve"].get_data()
    assert stretch == pytest.approx(np.asarray(k) ** (2 * first / (dim - 2)))
    (needed,), (reached,) = picture["dot"].get_data()
    assert reached == 4 and needed ** (2 * first / (dim - 2)) == pytest.approx(4)
    assert f"pair {first} of {dim // 2}" in picture["words"].get_text()


def test_reach_at_its_edges():
    nothing_slow = dict(base=1000.0, dim=16, train_len=2**15)
    moved = pictures.Reach()
    named = [text.get_text() for text in moved.axes.get_legend().get_texts()]
    moved.update(**nothing_slow)
    for picture in (moved, pictures.Reach(**nothing_slow)):
        assert picture.moving == [picture["words"]]  # no curve, no dot
        assert "every pair" in picture["words"].get_text()
        assert [text.get_text() for text in picture.axes.get_legend().get_texts()] == named and len(named) == 6
    picture.update(base=1e4, dim=128, train_len=8192, test_len=4096)
    assert picture["dot"].get_xdata()[0] == 1 and "inside" in picture["words"].get_text()


def test_reports_stand_where_users_put_them():
    lengths = {2: 3400, 4: 6200, 8: 8800, 16: 13_000, 32: 20_000}
    assert pictures.reported("llama") == [(k, length / 2048) for k, length in lengths.items()]
    assert pictures.reported("llama2") == [(2, 6800 / 4096), (2.6, 2)]
    picture = pictures.Reach()
    assert list(zip(*picture.reports["llama"].get_data(), strict=True)) == pictures.reported("llama")


@pytest.mark.parametrize("k, key, overshoot, distance", [
    (4.0, "direct", 4.00, 3.813), (4.0, "pi", 1.00, 0.249), (4.0, "ntk_aware", 1.62, 3.374),
    (8.0, "ntk_aware", 1.03, 3.195), (4.0, "ntk_by_parts", 1.00, 3.799), (4.0, "llama3", 1.00, 3.812),
    (4.0, "base_times_k", 1.65, 3.380),
])  # fmt: skip
def test_points_of_the_plane(k, key, overshoot, distance):
    picture = pictures.Plane(k=k)
    (x,), (y,) = picture["point", key].get_data()
    assert x == pytest.approx(overshoot, abs=6e-3) and y == pytest.approx(distance, abs=6e-4)
    assert picture["point", key].get_color() == scaling.METHODS[key].colour


def test_a_point_lies_on_its_line_and_k_alone_moves_no_line():
    picture = pictures.Plane(k=4.0)
    before = {key: picture["path", key].get_xydata().copy() for key in picture.markers}
    computed = pictures._paths.cache_info().misses
    picture.update(k=float(picture.scales[10]))
    assert pictures._paths.cache_info().misses == computed  # not even computed again
    for key in picture.markers:
        path = picture["path", key]
        np.testing.assert_array_equal(path.get_xydata(), before[key])
        at = 0 if key == "direct" else 10
        assert picture["point", key].get_xdata()[0] == pytest.approx(path.get_xdata()[at])
        assert picture["point", key].get_ydata()[0] == pytest.approx(path.get_ydata()[at])


def test_the_plane_says_so_where_nothing_is_slow():
    with pytest.raises(ValueError, match="base must be larger here"):
        pictures.Plane(base=10.0)


@pytest.mark.parametrize("dim", [16, 512])
@pytest.mark.parametrize("base", [1000.0, 1e8])
@pytest.mark.parametrize("test_len", [4096, 2**17])
def test_no_point_leaves_the_plane(dim, base, test_len):
    for k in (1.0, 32.0):
        picture = pictures.Plane(dim=dim, base=base, test_len=test_len, k=k)
        top = picture.axes.get_ylim()[1]
        for key in picture.markers:
            (x,), (y,) = picture["point", key].get_data()
            left, right = picture.axes.get_xlim()
            assert left <= x <= right, (key, x)
            assert 0 <= y <= top


def test_su_table_shows_every_number():
    picture = pictures.SuTable()
    words = [text.get_text() for text in picture.axes.texts]
    dots = [line for line in picture.axes.lines if len(line.get_xdata()) == 1]
    shown = {(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in dots}
    for y, row in enumerate(published.SU_K8.rows.values()):
        assert {(x, float(y)) for x in row} <= shown
        marks = {line.get_marker(): line.get_xdata()[0] for line in dots if line.get_ydata()[0] == y}
        assert marks == dict(zip("|sD", row, strict=True))
        assert all(f"{x:.2f}" in words for x in row[1:])
    assert [label.get_text() for label in picture.axes.get_yticklabels()] == list(published.SU_K8.rows)
    assert [handle.get_marker() for handle in picture.axes.get_legend().legend_handles] == ["|", "s", "D"]


@pytest.mark.parametrize("language", labels.LANGUAGES)
def test_draws_in_every_language(language):
    before = labels.language()
    try:
        labels.use(language)
        for picture_class in (pictures.Digits, pictures.Reach, pictures.Plane, pictures.SuTable):
            Painter(picture_class()).pixels()  # a missing glyph is a warning, and a warning an error
    finally:
        labels.use(before)


def test_bad_values_are_explained():
    with pytest.raises(ValueError, match="n must be"):
        pictures.Digits(n=10_000)
    with pytest.raises(ValueError, match="k must be"):
        pictures.Digits(k=0.5)


def test_what_is_told_of_the_digits(dials):
    dials.update(n=1749, base=10, k=4.0)  # with a quarter of it 437.25
    rows = re.findall(r"digits ([^;]*); never seen: (\d) of the digits, (\d) of the dials' angles", dials.told)
    shown = [text.get_text() for text in cells(dials, "digit")]
    assert rows == [(", ".join(shown[:4]), "1", "1"), (", ".join(shown[4:8]), "0", "0"), ("0, 6, 13, 5", "1", "0")]
    assert [int(digit, 16) for digit in f"{1749:04x}"] == [0, 6, 13, 5] and "β′ = 16" in dials.told
    assert rows[1][0] == "0, 4, 3, 7.25" and "trained on 0 to 999" in dials.told


def test_what_is_told_of_the_reach():
    told = pictures.Reach(train_len=8192, test_len=32_768, base=5e5).told
    slow = next(i for i in range(64) if 2 * math.pi * 5e5 ** (2 * i / 128) > 8192)
    assert f"The first slow pair is {slow} of 64: k = 8 reaches {8 ** (slow / 63):.2f} trained lengths" in told
    assert f"32,768 tokens, 4 trained lengths, need k = {4 ** (63 / slow):.1f}" in told
    assert f"users suggested {8800 / 2048:.2f}" in told


def test_what_is_told_of_the_plane_and_of_su():
    told = pictures.Plane(k=2.0, test_len=4096).told
    steps = 2 - 2 * np.cos(1e4 ** (-np.arange(64) / 64) / 2)
    assert f"PI 1.00 and {steps.sum():.2f}; " in told and "direct 2.00 and 3.81; " in told
    assert told.endswith("No unseen angle: PI, dynamic NTK (shipped), NTK-by-parts, YaRN, Llama 3.1.")
    rows = published.SU_K8.rows
    best = max(rows.values(), key=sum)
    told = pictures.SuTable().told
    assert f"mixed, log n with {best[1]} and {best[2]}." in told and "PI 15.04 and 13.54; " in told
