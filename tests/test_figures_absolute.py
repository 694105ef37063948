"""Pictures of notebook 01 show what they claim: read from the artists, not from pixels."""

import numpy as np
import pytest

from helpers import encodings
from helpers.figures import absolute as pictures


def test_smoothed_table_is_the_fresh_start_at_zero_and_keeps_its_size():
    fresh = encodings.LearnedTable(64, 256, rng=3).rows
    np.testing.assert_array_equal(encodings.smoothed_table(64, 256, 0, rng=3), fresh)
    assert encodings.smoothed_table(64, 256, 6, rng=3).std() == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize("smooth", [1.0, 2.5, 6.0])
def test_smoothed_table_has_the_stated_cosine(smooth):
    table = encodings.smoothed_table(200, 4096, smooth, rng=1)
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    middle = np.arange(60, 130)  # away from both ends
    for distance in (1, 3, 8):
        cosine = np.sum(unit[middle] * unit[middle + distance], axis=1).mean()
        assert cosine == pytest.approx(np.exp(-(distance**2) / (4 * smooth**2)), abs=0.02)


@pytest.mark.parametrize("smooth", [-1, np.nan, np.inf, "4", None])
def test_smoothed_table_refuses_a_bad_smoothness(smooth):
    with pytest.raises(ValueError, match="smooth must be a finite number of at least 0; got smooth = "):
        encodings.smoothed_table(8, 4, smooth)


@pytest.mark.parametrize("shuffle", [1, 2, 3, 4, 5])
def test_a_shuffle_moves_no_output_without_positions_and_every_output_with_them(shuffle):
    picture = pictures.Shuffle(strength=0, shuffle=shuffle)
    order = pictures.Shuffle.ORDERS[shuffle - 1]
    (_, first, _, one), (axes, second, _, other) = picture.grids
    np.testing.assert_allclose(picture.dots.get_xdata(), 0, atol=1e-12)
    np.testing.assert_allclose(second.get_array(), first.get_array()[np.ix_(order, order)])
    assert one.get_text() == other.get_text() == "0.39"  # the notebook says 0.39
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == [picture.words[word] for word in order] != picture.words

    for strength in np.linspace(0.05, 1, 20):
        picture.update(strength=strength)
        assert (picture.dots.get_xdata() > 1e-3).all()
        assert picture.dots.get_xdata().max() < picture.changes.get_xlim()[1]
        np.testing.assert_allclose(first.get_array().sum(axis=1), 1)


def test_weights_differ_where_the_folded_answer_says_so():
    picture = pictures.Shuffle(strength=0.5, shuffle=4)
    (_, _, _, one), (_, _, _, other) = picture.grids
    assert one.get_text() != other.get_text()


def test_table_shows_its_rows_their_cosines_and_the_chosen_line():
    picture = pictures.Table(pos=7, dim=16, smooth=3, seed=2)
    rows = encodings.smoothed_table(64, 16, 3, rng=2)
    np.testing.assert_allclose(picture.rows.get_array(), rows[:, :16])
    cosines = picture.similar.get_array()
    expected = rows[7] @ rows[9] / np.linalg.norm(rows[7]) / np.linalg.norm(rows[9])
    assert cosines[7, 9] == pytest.approx(expected)
    np.testing.assert_allclose(picture.profile.get_ydata(), cosines[7])
    assert picture.band.get_y() == -0.5 and picture.band.get_height() == 1.0  # 2 / sqrt(16)


def test_unrelated_rows_lie_in_the_band_nineteen_times_in_twenty():
    cosines = pictures.Table(dim=64, smooth=0).similar.get_array()
    others = cosines[~np.eye(64, dtype=bool)]
    assert np.mean(np.abs(others) < 2 / np.sqrt(64)) == pytest.approx(0.954, abs=0.02)


@pytest.mark.parametrize(
    "mode, shares",
    [("truncate", (50, 50, 50)), ("clamp", (100, 63 / 1.28, 100)), ("extend", (100, 100, 50)), ("refuse", (0, 0, 0))],
)
def test_each_way_past_the_wall_leaves_a_bar_short(mode, shares):
    picture = pictures.Wall(test_len=128, mode=mode)
    widths = [bar.get_width() for bar, _ in picture.bars]
    np.testing.assert_allclose(widths, shares)
    assert min(widths) < 100
    assert picture.says.get_text().startswith(mode)
    last = dict(truncate=63, clamp=63, extend=127, refuse=-1)[mode]
    taken = picture.rows_taken(128, mode)
    assert (taken.max() if len(taken) else -1) == last

    picture.update(test_len=64)
    assert [bar.get_width() for bar, _ in picture.bars] == [100, 100, 100]
    assert not picture.says.get_text().startswith(mode)


def test_wall_says_how_many_tokens_a_square_stands_for():
    picture = pictures.Wall()
    words = [text.get_text() for text in picture.beyond.axes.get_legend().get_texts()]
    assert words[1].endswith(f"every {picture.beyond.get_markevery()}th")


def test_clamped_rows_are_one_row_and_unread_tokens_show_nothing():
    shown = pictures.Wall(test_len=100, mode="clamp").given.get_array()
    assert (shown[63:100, 63:100] == shown[0, 0]).all()  # cosine 1, as on the diagonal
    assert (shown[100:] == shown[-1, -1]).all() and (shown[-1, -1] != shown[0, 0]).any()
    shown = pictures.Wall(test_len=100, mode="truncate").given.get_array()
    assert (shown[64:] == shown[-1, -1]).all()


def test_wall_refuses_an_unknown_way():
    with pytest.raises(ValueError, match="mode must be one of truncate, clamp, extend, refuse; got mode = 'wrap'"):
        pictures.Wall(mode="wrap")
