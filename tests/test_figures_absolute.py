"""Pictures of notebook 01 show what they claim: read from the artists, not from pixels."""

import matplotlib
import numpy as np
import pytest

from helpers import encodings, model
from helpers.figures import absolute as pictures
from training import corpus


def changes(picture):
    """How far each of the five words' outputs moved, as its stem in (c) says: (5,)."""
    return np.array([picture["change", word].get_xdata()[-1] for word in range(5)])


def outlined(picture):
    return [picture["value", panel].get_text() for panel in "ab"]


@pytest.mark.parametrize("shuffle", [1, 2, 3, 4, 5])
def test_a_shuffle_moves_no_output_without_positions_and_every_output_with_them(shuffle):
    picture = pictures.Shuffle(strength=0, shuffle=shuffle)
    order = pictures.Shuffle.ORDERS[shuffle - 1]
    first, second = picture["weights", "a"], picture["weights", "b"]
    np.testing.assert_allclose(changes(picture), 0, atol=1e-12)
    np.testing.assert_allclose(second.get_array(), first.get_array()[np.ix_(order, order)])
    assert outlined(picture) == ["0.39", "0.39"]  # the notebook says 0.39
    names = [label.get_text() for label in second.axes.get_xticklabels()]
    assert names == [picture.words[word] for word in order] != picture.words

    for strength in np.linspace(0.05, 1, 20):
        picture.update(strength=strength)
        assert (changes(picture) > 1e-3).all()
        assert changes(picture).max() < picture.changes.get_xlim()[1]
        np.testing.assert_allclose(first.get_array().sum(axis=1), 1)


def test_weights_differ_where_the_folded_answer_says_so():
    picture = pictures.Shuffle(strength=0.5, shuffle=4)
    one, other = outlined(picture)
    assert one != other


TRAINED = model.load("learned-0").table.astype(float)


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def edges(picture):
    """The lower and the upper edge of the band in (c)."""
    return sorted({*picture["noise"].get_xy()[:, 1]})


@pytest.mark.parametrize("table, rows", [("fresh", encodings.LearnedTable(128, 128, rng=0).rows), ("trained", TRAINED)])
def test_table_shows_its_rows_their_cosines_and_the_chosen_line(table, rows):
    picture = pictures.Table(pos=7, table=table)
    np.testing.assert_allclose(picture["rows"].get_array(), rows[:, :32])
    assert picture["rows"].axes.get_xlabel().endswith(f"(first {picture['rows'].get_array().shape[1]})")
    cosines = picture["cosines"].get_array()
    assert cosines[7, 9] == pytest.approx(cosine(rows[7], rows[9]))
    np.testing.assert_allclose(picture["profile"].get_ydata(), cosines[7])
    assert edges(picture) == pytest.approx([-2 / np.sqrt(128), 2 / np.sqrt(128)])


def test_only_the_first_components_count():
    picture = pictures.Table(pos=7, dim=16)
    assert picture["cosines"].get_array()[7, 9] == pytest.approx(cosine(TRAINED[7, :16], TRAINED[9, :16]))
    assert edges(picture) == [-0.5, 0.5]  # 2 / sqrt(16)
    shown = picture["rows"].get_array()
    np.testing.assert_allclose(shown[:, :16], TRAINED[:, :16])
    assert np.ma.getmaskarray(shown)[:, 16:].all() and not np.ma.getmaskarray(shown)[:, :16].any()
    picture.update(dim=32)
    assert not np.ma.getmaskarray(picture["rows"].get_array()).any()


def test_table_refuses_an_unknown_table():
    with pytest.raises(ValueError, match="table must be one of fresh, trained; got table = 'made'"):
        pictures.Table(table="made")


def test_unrelated_rows_lie_in_the_band_nineteen_times_in_twenty():
    cosines = pictures.Table(table="fresh")["cosines"].get_array()
    others = cosines[~np.eye(128, dtype=bool)]
    assert np.mean(np.abs(others) < 2 / np.sqrt(128)) == pytest.approx(0.954, abs=0.01)


def test_the_trained_table_is_what_the_notebook_says():
    """Neighbours alike, opposite ends opposite, the last row apart, a line at row 109; and it grew from 0.02."""
    assert len(TRAINED) == pictures.MAX_LEN and TRAINED.std() > 0.06
    cosines = pictures.Table(table="trained")["cosines"].get_array()
    assert np.diagonal(cosines, 1).mean() > 0.75 > 0.4 > np.diagonal(cosines, 32).mean() > 0
    assert np.diagonal(cosines, 96).mean() < -0.5
    assert cosines[126, 127] < 0.5 < 0.9 < cosines[115:126, 116:127].diagonal().min()
    beside = np.diagonal(cosines, 1)
    assert beside[108:110].max() < 0.8 < 0.89 < np.delete(beside[98:118], [10, 11, 12]).min()


def test_the_line_at_row_109_is_where_the_training_texts_say_so():
    """A quarter of them end in a line of the passkey kind; its newline is the byte that position 109 predicts."""
    shares = {kind.__name__: share for share, kind in corpus.MIXTURE}
    assert shares["passkey"] / sum(shares.values()) == 0.25
    rng = np.random.default_rng(0)
    window = corpus.passkey(np.full(1000, ord("x"), np.uint8), rng, pictures.MAX_LEN + 1)
    assert bytes(window[110:]).startswith(b"\n# the key is ")
    assert b"the key is" not in model.texts().tobytes()  # so what the model expects in them comes from the table


@pytest.mark.parametrize(
    "mode, shares",
    [("truncate", (50, 50, 50)), ("clamp", (100, 127 / 2.56, 100)), ("extend", (100, 100, 50)), ("refuse", (0, 0, 0))],
)
def test_each_way_past_the_wall_leaves_a_bar_short(mode, shares):
    picture = pictures.Wall(test_len=256, mode=mode)
    widths = [picture["bar", place].get_width() for place in range(3)]
    np.testing.assert_allclose(widths, shares)
    assert min(widths) < 100
    assert picture["words"].get_text().startswith(mode)
    last = dict(truncate=127, clamp=127, extend=255, refuse=-1)[mode]
    taken = picture.rows_taken(256, mode)
    assert (taken.max() if len(taken) else -1) == last

    picture.update(test_len=128)
    assert [picture["bar", place].get_width() for place in range(3)] == [100, 100, 100]
    assert not picture["words"].get_text().startswith(mode)


def test_wall_says_how_many_tokens_a_square_stands_for():
    picture = pictures.Wall()
    words = [text.get_text() for text in picture["beyond"].axes.get_legend().get_texts()]
    assert words[1].endswith(f"every {picture['beyond'].get_markevery()}th")


def test_wall_names_the_last_row():
    words = [text.get_text() for text in pictures.Wall()["inside"].axes.texts]
    assert words == [f"last row, {len(TRAINED) - 1}"]


def test_clamped_rows_are_one_row_and_unread_tokens_show_nothing():
    shown = pictures.Wall(test_len=200, mode="clamp")["given"].get_array()
    assert (shown[127:200, 127:200] == shown[0, 0]).all()  # cosine 1, as on the diagonal
    assert (shown[200:] == shown[-1, -1]).all() and (shown[-1, -1] != shown[0, 0]).any()
    shown = pictures.Wall(test_len=200, mode="truncate")["given"].get_array()
    assert (shown[128:] == shown[-1, -1]).all()


def test_wall_shows_the_trained_rows_and_after_them_fresh_ones():
    picture = pictures.Wall(test_len=384, mode="extend")
    shown = picture["given"].get_array()
    rows = model.load("learned-0").with_rows("fresh", 384).table.astype(float)
    colours = matplotlib.colormaps[picture["given"].get_cmap().name]
    for m, n in ((3, 4), (0, 127), (20, 300), (200, 201)):
        np.testing.assert_array_equal(shown[m, n], colours(0.5 + cosine(rows[m], rows[n]) / 2, bytes=True))
    assert cosine(rows[3], rows[4]) > 0.9 and abs(cosine(rows[200], rows[201])) < 0.3


def test_wall_refuses_an_unknown_way():
    with pytest.raises(ValueError, match="mode must be one of truncate, clamp, extend, refuse; got mode = 'wrap'"):
        pictures.Wall(mode="wrap")


def test_what_is_told_of_a_row_is_what_its_cosines_say():
    others = {n: cosine(TRAINED[20, :64], TRAINED[n, :64]) for n in range(128) if n != 20}
    most, least = max(others, key=others.get), min(others, key=others.get)
    outside = sum(abs(value) > 2 / 8 for value in others.values())
    told = pictures.Table(pos=20, dim=64).told.replace("−", "-")
    assert f"most like row {most}, cosine {others[most]:.2f}, and least like row {least}, " in told
    assert f"row {least}, cosine {others[least]:.2f}." in told
    assert f"within ±0.25; {outside} of the 127 others" in told


def test_what_is_told_of_the_wall_is_counted():
    assert "200 (100 %) are read, 127 (64 %) have a row of their own, 200 (100 %)" in pictures.Wall(test_len=200).told.replace("−", "-")
    assert "128 (64 %) are read, 128 (64 %) have" in pictures.Wall(test_len=200, mode="truncate").told.replace("−", "-")


def test_what_is_told_of_a_shuffle_follows_the_strength():
    picture = pictures.Shuffle(strength=0, shuffle=4)
    assert "“dog a saw cat the”" in picture.told.replace("−", "-") and picture.told.replace("−", "-").endswith("The shuffle changes no word's output.")
    picture.update(strength=0.5)
    least, most = f"{changes(picture).min():.2f} (saw)", f"{changes(picture).max():.2f} (cat)"
    assert picture.told.replace("−", "-").endswith(f"every word's output, from {least} to {most}.")
