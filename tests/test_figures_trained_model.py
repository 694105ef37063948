"""The pictures of notebook 07 show what the model says, and what was measured."""

import functools

import numpy as np
import pytest

from helpers import model, published, scaling, style
from helpers.figures import method_name
from helpers.figures import trained_model as pictures
from helpers.labels import say
from helpers.painter import Painter

LM = model.load("rope-0")


def curve(texts, **how):
    """Mean loss in bins of 32 bytes, text by text: (texts, bins)."""
    return np.array([LM.losses(text, **how).astype(float).reshape(-1, 32).mean(axis=1) for text in texts])


HOW = {
    "pi": LM.stretched("pi", 4),
    "ntk_aware": LM.stretched("ntk_aware", 4),
    "ntk_by_parts": LM.stretched("ntk_by_parts", 4, fast=4),
    "yarn": LM.stretched("yarn", 4, fast=4),
}


@pytest.mark.parametrize("method", pictures.TRIED)
def test_perplexity_grows_text_by_text(method):
    picture = pictures.Perplexity(test_len=256, k=4.0, method=method)
    texts = model.texts()[:, :257]
    for count in (1, 2, 3):
        for key, how in (("direct", {}), ("window", {"window": 128}), (method, HOW[method])):
            x, y = picture[key].get_data()
            expected = curve(texts[:count], **how)
            np.testing.assert_allclose(x, np.arange(16, 256, 32))
            np.testing.assert_allclose(y, np.exp(expected.mean(axis=0)), rtol=1e-5)
        progress = say("texts read: {done} of {all}", done=count, all=16)
        assert picture.unfinished and picture["progress"].get_text() == progress
        assert picture["bar"].get_width() == pytest.approx(count / 16)
        picture.more()
    expected = curve(texts[:4])
    error = expected.std(axis=0, ddof=1) / 2
    band = picture["direct", "error"].get_paths()[0].vertices
    assert picture.axes.get_xlim() == (0, 256)
    np.testing.assert_allclose(band[8:16, 1][::-1], np.exp(expected.mean(axis=0) + error), rtol=1e-5)
    np.testing.assert_allclose(band[:8, 1], np.exp(expected.mean(axis=0) - error), rtol=1e-5)
    picture.finish()
    assert not picture.unfinished and len(picture.found) == 16
    lines = [line for line in picture.axes.lines if line in picture.moving]
    assert lines == [picture[key] for key in ("window", "direct", method)]
    assert all(line.get_visible() and len(line.get_xdata()) > 0 for line in lines)


@pytest.fixture
def in_pieces(monkeypatch):
    """As where the model is slow, and as slow as can be: a part of a picture is one piece of one text."""
    monkeypatch.setattr(pictures, "PIECE", 64)
    monkeypatch.setattr(pictures, "SECONDS", 0)
    for kept in (pictures.binned, pictures.twin):
        kept.cache_clear()
    yield
    for kept in (pictures.binned, pictures.twin):
        kept.cache_clear()


def test_perplexity_grows_within_the_first_text(in_pieces):
    picture = pictures.Perplexity(test_len=256, k=4.0, method="yarn")
    keys = ("window", "direct", "yarn")
    text = model.texts()[:1, :257]
    expected = [np.exp(curve(text, **how)[0]) for how in ({"window": 128}, {}, HOW["yarn"])]
    for part in range(1, 13):
        assert picture.unfinished and len(picture.found) == part // 12
        for column, (key, right) in enumerate(zip(keys, expected, strict=True)):
            pieces = (part + 2 - column) // 3
            if pieces:
                y = picture[key].get_ydata()
                assert len(y) == 2 * pieces
                np.testing.assert_allclose(y, right[: len(y)], rtol=1e-4)
            assert ((key, 0) in picture._parts, (key, 1) in picture._parts) == (pieces >= 2, pieces == 4)
        assert picture["bar"].get_width() == pytest.approx(part / 12 / 16)
        if part < 12:
            picture.more()
    for _ in range(11):  # the second text is not shown before it is whole
        picture.more()
        np.testing.assert_allclose(picture["yarn"].get_ydata(), expected[2], rtol=1e-4)
    assert picture["bar"].get_width() == pytest.approx(23 / 12 / 16)
    picture.more()
    np.testing.assert_allclose(
        picture["yarn"].get_ydata(), np.exp(curve(model.texts()[:2, :257], **HOW["yarn"]).mean(axis=0)), rtol=1e-4
    )


def test_a_move_forgets_what_is_half_read_and_no_longer_asked_for(in_pieces):
    picture = pictures.Perplexity(test_len=256, k=4.0)
    for _ in range(5):
        picture.more()
    window, direct, dropped = picture.now
    picture.update(k=5.0)
    assert picture.now[:2] == [window, direct] and len(window.bins) == len(direct.bins) == 4
    assert dropped.pieces is None and len(dropped.bins) == 0
    picture.update(k=4.0)
    picture.finish()
    assert dropped.done and dropped.pieces is None


def test_twins_grow(in_pieces):
    picture = pictures.Twins()
    expected = [np.exp(model.load(name).losses(model.texts()[0][:513]).reshape(-1, 16).mean(axis=1))
                for name in ("rope-0", "sinusoidal-0")]  # fmt: skip
    for _ in range(5):
        assert "wall" not in picture._parts and not picture.now[2].done
        picture.more()
    assert picture.now[2].done and picture["wall"] in picture.moving
    assert picture["progress"].get_text() == say("texts read: {done} of {all}", done=0, all=16)
    for _ in range(12):
        picture.more()
    assert len(picture.found) == 1
    for name, right in zip(("rope-0", "sinusoidal-0"), expected, strict=True):
        np.testing.assert_allclose(picture[name].get_ydata(), right, rtol=1e-4)


def test_numbers_beside_the_curves_are_theirs():
    picture = pictures.Perplexity(test_len=512, k=8.0)
    picture.finish()
    keys = ("window", "direct", "ntk_aware")
    shown = [[picture[key, row].get_text() for key in ("stretch", *keys)] for row in range(3)]
    cells = [text for text in picture.table.texts if text in picture.moving]
    assert len(cells) == 3 + 3 * 4 and all(cell.get_visible() for cell in cells)  # heads, and three rows of numbers
    direct = curve(model.texts()[:, :513]).mean(axis=0)
    assert [row[0] for row in shown] == ["0–L", "L–2L", "2L–4L"]
    for row, (low, high) in zip(shown, ((0, 4), (4, 8), (8, 16)), strict=True):
        assert row[2] == f"{np.exp(direct[low:high].mean()):.2f}"
        for column, how in ((1, {"window": 128}), (3, LM.stretched("ntk_aware", 8))):
            assert row[column] == f"{np.exp(curve(model.texts()[:, :513], **how).mean(axis=0)[low:high].mean()):.2f}"
    heads = [picture[key, "head"] for key in keys]
    assert [head.get_text() for head in heads] == [say("last $L$"), "direct", "NTK-aware"]
    assert [head.get_color() for head in heads] == [style.readable(pictures.line_of(key)["color"]) for key in keys]


def named(axes, lines, names):
    """The legend's entries, each with the colour of its line."""
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == names
    handles = legend.legend_handles
    assert [handle.get_color() for handle in handles] == [line.get_color() for line in lines]
    return True


def test_legends_name_the_right_lines():
    methods = [method_name(key) for key in ("direct", *pictures.TRIED)]
    picture = pictures.Perplexity(test_len=256)
    for method in pictures.TRIED:
        picture.update(method=method)
    keys = ("window", "direct", *pictures.TRIED)
    assert named(picture.axes, [picture[key] for key in keys], [say("last $L$ keys only"), *methods])
    assert all(picture[key].get_color() == pictures.line_of(key)["color"] for key in keys)
    picture = pictures.Twins()
    assert named(
        picture.axes,
        [picture[name] for name in ("rope-0", "sinusoidal-0", "learned-0")],
        [say("RoPE, direct"), say("sinusoidal"), say("learned table")],
    )
    assert picture["rope-0"].get_color() == pictures.line_of("direct")["color"]
    picture = pictures.Race()
    assert named(
        picture.axes["perplexity"],
        [*(picture["perplexity", key] for key in picture.raced), _dotted(picture)],
        [*(method_name(key) for key in picture.raced), say("last $L$")],
    )
    picture = pictures.Breaks()
    texts = [text.get_text() for text in picture.left.get_legend().get_texts()]
    assert texts[:2] == [say("heuristic of notebook 05"), say("reach = $k$ · trained length")]
    heuristic, promised = picture.left.get_legend().legend_handles[:2]
    assert heuristic.get_color() == pictures.line_of("ntk_aware")["color"] != promised.get_color()
    line = next(line for line in picture.left.lines if line.get_color() == heuristic.get_color())
    x, y = line.get_data()
    np.testing.assert_allclose(np.interp(16, x, y), scaling.effective_length(32, 500, 16, 128) / 128, rtol=1e-6)


def _dotted(picture):
    return next(line for line in picture.axes["perplexity"].lines if line.get_color() == pictures.WINDOW["color"])


def test_another_method_leaves_nothing_of_the_old_one():
    picture = pictures.Perplexity(test_len=256, method="pi")
    picture.more()
    picture.update(method="yarn")
    old = [picture[part] for part in ("pi", ("pi", "error"), ("pi", "head"), ("pi", 0), ("pi", 1))]
    assert not any(part.get_visible() or part in picture.moving for part in old)


def test_a_refused_move_leaves_the_last_good_picture():
    picture = pictures.Perplexity(test_len=256)
    for bad in ({"k": 0.5}, {"test_len": 0}, {"test_len": 4096}, {"method": "direct"}):
        with pytest.raises(ValueError, match=f"^{next(iter(bad))} must be"):
            picture.update(**bad)
    picture.finish()
    assert picture.values["k"] == 8.0 and len(picture.found) == 16


def test_a_text_of_one_s_own():
    text = model.tokens("x = 1\n" * 100)
    picture = pictures.Perplexity(text=text, test_len=256)
    assert not picture.unfinished
    np.testing.assert_allclose(picture["direct"].get_ydata(), np.exp(curve([text[:257]])[0]), rtol=1e-5)
    with pytest.raises(ValueError, match="^test_len must be at most 599 for this text.*; got test_len = 1024$"):
        picture.update(test_len=1024)
    with pytest.raises(ValueError, match="at most 255"):
        pictures.Perplexity(text=text[:256], test_len=256)
    longer = pictures.Perplexity(text=model.tokens("x = 1\n" * 700), test_len=4096)
    assert longer["stretch", 4].get_text() == "8L–32L"
    with pytest.raises(ValueError, match="^method must be one of"):
        picture.update(method="direct")


def test_the_model_breaks_and_heals_as_the_notebook_says():
    """Not a picture's data, but what all are about: direct breaks, slow pairs are the cause, most methods heal."""
    texts = model.texts()[:, :1025]

    def past(**how):
        return float(np.exp(curve(texts, **how)[:, 16:].mean()))  # from position 512 on

    slow = scaling.rope.turns(LM.theta, 128) < 1
    healed, ruined = LM.theta.copy(), LM.theta.copy()
    healed[slow] /= 8
    ruined[~slow] /= 8
    window = past(window=128)
    assert window < 7 and past() > 3 * window
    assert past(theta=healed) < 1.4 * window and past(theta=ruined) > 3 * window
    assert past(**LM.stretched("yarn", 8, fast=4)) < 1.4 * window and past(**LM.stretched("pi", 8)) > 3 * window


@pytest.mark.parametrize("layer, head, method", [(1, 2, "ntk_aware"), (0, 0, "pi"), (3, 3, "yarn")])
def test_attention_maps(layer, head, method):
    picture = pictures.Attention(layer=layer, head=head, k=4.0, method=method)
    tokens = np.resize(model.texts()[0][:40], 512)
    for side, how in (("direct", {}), ("method", HOW[method])):
        weight = LM.attention(tokens, layer, **how)[head]
        shown = np.asarray(picture[side, "map"].get_array())
        for row, column in ((0, 0), (50, 45), (63, 3), (20, 20), (5, 30)):
            assert shown[row, column] == pytest.approx(
                weight[4 * row : 4 * row + 4, 4 * column : 4 * column + 4].max(), abs=1e-6
            )
        title, below = picture[side, "title"], picture[side, "below"]
        assert title.get_text() == ("direct" if side == "direct" else f"{method_name(method)}, k = 4")
        assert title.get_color() == style.readable(pictures.line_of("direct" if side == "direct" else method)["color"])
        before, after = picture.on_target(weight)
        words = say("on the bytes to copy:\n{before:.0f} % before position 128, {after:.0f} % from 256 on",
                    before=100 * before, after=100 * after)  # fmt: skip
        assert below.get_text() == words
        kept = [
            sum(weight[m, j] for j in range(m) if tokens[j] == tokens[m + 1] and (m + 1 - j) % 40 == 0)
            for m in (300, 400)
        ]
        np.testing.assert_allclose((weight * picture.target).sum(axis=1)[[300, 400]], kept, rtol=1e-4)


def test_kept_attention_is_that_of_its_layer_and_k():
    picture = pictures.Attention(k=4.0)
    for change in ({"k": 8.0}, {"layer": 3}, {"method": "pi"}):
        picture.update(**change)
        anew = pictures.Attention(**picture.values)
        assert np.array_equal(picture["method", "map"].get_array(), anew["method", "map"].get_array())
    for head in (4, -1):
        with pytest.raises(ValueError, match="^head must be an integer from 0 to 3"):
            picture.update(head=head)


def test_this_head_copies_within_the_training_and_ntk_heals_it():
    picture = pictures.Attention()
    weights = functools.partial(pictures.attended, picture.name, picture.repeated, 1)
    before, after = picture.on_target(weights("direct", 1.0)[2])
    healed = picture.on_target(weights("ntk_aware", 8.0)[2])[1]
    assert before > 0.5 and after < 0.35 and healed > 0.55


@pytest.mark.parametrize("nats", [0.1, 0.4, 1.0])
def test_breaks_are_read_off_the_stored_curves(nats):
    picture = pictures.Breaks(nats=nats)
    stored = model.measured("measured")
    for name in picture.seeds:
        curves = {(one["method"], one["fast"], one["k"]): one["loss"] for one in stored[name]["curves"]}
        for k, shown in zip(*picture[name].get_data(), strict=True):
            key = ("ntk_aware", None, k) if k > 1 else ("direct", None, 1)
            above = [a - b > nats for a, b in zip(curves[key], curves["window", None, 1], strict=True)]
            first = next((at for at in range(64) if above[at] and (at == 63 or above[at + 1])), 64)
            assert shown == first / 4
    for method, fast in (("pi", None), ("yarn", 4)):
        scales, price = picture.price(method)
        assert scales.tolist() == [2, 4, 8, 16]
        for name, row in zip(picture.seeds, price, strict=True):
            curves = {(one["method"], one["fast"], one["k"]): one["loss"] for one in stored[name]["curves"]}
            expected = [np.mean(curves[method, fast, k][:4]) - np.mean(curves["direct", None, 1][:4]) for k in scales]
            np.testing.assert_allclose(row, expected)


def test_our_table_beside_his():
    picture = pictures.SuAgain()
    stored = model.measured("measured")
    seeds = [name for name in stored if name != "about"]
    assert len(seeds) == 3
    his = {"direct": "direct", "pi": "PI", "base_times_k": "old = base · k", "ntk_fixed": "fixed", "ntk_mixed": "mixed",
           "ntk_fixed.log_n": "fixed, log n added", "ntk_mixed.log_n": "mixed, log n added"}  # fmt: skip
    assert {label: published.SU_K8.rows[row] for label, row in his.items()} == picture.drawn["his"]
    both = {"direct", "pi", "ntk_aware", "base_times_k", "ntk_fixed", "ntk_mixed"}
    assert set(picture.drawn["ours"]) == {*both, *(f"{key}.log_n" for key in both), "yarn", "yarn.window", "window"}
    markers = [(line.get_marker(), *line.get_data()) for line in picture.figure.axes[1].lines]
    for y, (label, values) in enumerate(picture.drawn["ours"].items()):
        method, _, more = label.partition(".")
        key = (method + "_window" if more == "window" else method, 4 if method == "yarn" else None, more == "log_n")
        rows = [
            next(one for one in stored[name]["su"] if (one["method"], one["fast"], one["log_n"]) == key)
            for name in seeds
        ]
        expected = [np.mean([row[test] for row in rows]) for test in ("short", "repeated", "plain")]
        np.testing.assert_allclose(values, expected)
        drawn = {marker: float(x[0]) for marker, x, at in markers if len(x) == 1 and float(at[0]) == y}
        np.testing.assert_allclose([drawn["|"], drawn["s"], drawn["D"]], expected)


@pytest.mark.parametrize("data", ["mixture", "plain"])
def test_the_race_shows_what_was_measured(data):
    picture = pictures.Race(data=data)
    for one in model.measured("race"):
        if one["data"] != data:
            continue
        for what, value in (
            ("perplexity", lambda at: np.exp(at["loss"])),
            ("copied", lambda at: 100 * np.mean(at["copied"][2:])),
        ):
            x, y = picture[what, one["method"], one["from"]].get_data()
            assert list(x) == [at["step"] for at in one["measured"]]
            np.testing.assert_allclose(y, [value(at) for at in one["measured"]])
    for what, value in (
        ("perplexity", lambda at: np.exp(at["loss"])),
        ("copied", lambda at: 100 * np.mean(at["copied"][2:])),
    ):
        for method in picture.raced:
            runs = [one for one in model.measured("race") if (one["method"], one["data"]) == (method, data)]
            steps, thick = picture[what, method].get_data()
            expected = [
                np.mean([value(at) for run in runs for at in run["measured"] if at["step"] == step]) for step in steps
            ]
            np.testing.assert_allclose(thick, expected)
    far = [distance for distance in one["distances"] if distance >= 128]
    assert far == one["distances"][2:]
    with pytest.raises(ValueError, match="^data must be one of mixture, plain; got data = 'other'$"):
        picture.update(data="other")


def test_twins():
    picture = pictures.Twins()
    picture.finish()
    assert picture["progress"].get_text() == ""
    x, y = picture["learned-0"].get_data()
    wall = picture["wall"]
    assert x[-1] == 120 and wall.get_xdata() == [128] and wall.get_ydata() == [y[-1]] and wall in picture.moving
    losses = np.mean([model.load("learned-0").losses(text[:129]) for text in model.texts()], axis=0)
    np.testing.assert_allclose(y, np.exp(losses.reshape(-1, 16).mean(axis=1)), rtol=1e-5)
    for rows in ("last", "fresh"):
        picture.update(rows=rows)
        picture.finish()
        longer = model.load("learned-0").with_rows(rows, 512)
        expected = np.mean([longer.losses(text[:513]) for text in model.texts()], axis=0).reshape(-1, 16).mean(axis=1)
        np.testing.assert_allclose(picture["learned-0"].get_ydata(), np.exp(expected), rtol=1e-5)
        assert len(picture["learned-0"].get_xdata()) == 32 and not wall.get_visible()
        assert picture["learned-0"].get_ydata()[10:].min() > 3 * y.mean()
    with pytest.raises(ValueError, match="^rows must be one of"):
        picture.update(rows="none")


def test_a_frame_without_new_computing_is_light():
    """All curves are kept: moving back to a place costs no forward pass."""
    picture = pictures.Perplexity(test_len=256)
    picture.finish()
    before = pictures.binned.cache_info().misses
    picture.update(k=8.0)
    picture.finish()
    assert pictures.binned.cache_info().misses == before
    Painter(picture).quick()


def test_what_is_told_grows_with_the_curves():
    picture = pictures.Perplexity(test_len=256, k=4.0, method="yarn")
    texts = model.texts()[:, :257]
    for count in (1, 2):
        assert f"L = 128; texts read: {count} of 16." in picture.told
        for name, how in (("last L keys only", {"window": 128}), ("direct", {}), ("YaRN with k = 4", HOW["yarn"])):
            near, far = (np.exp(part.mean()) for part in np.split(curve(texts[:count], **how), 2, axis=1))
            assert f"Curve {name}: 0 to L {near:.2f}, L to 2L {far:.2f}." in picture.told
        picture.more()


def test_what_is_told_before_a_stretch_is_read(in_pieces):
    picture = pictures.Perplexity(test_len=256)
    assert picture.told.endswith("texts read: 0 of 16.") and "Curve" not in picture.told
    while "Curve" not in picture.told:
        picture.more()
    assert picture.told.count("Curve") == picture.told.count("0 to L") == 1 and "L to 2L" not in picture.told
    assert "RoPE, direct none and none" not in pictures.Twins().told  # its first part is there at once


def test_what_is_told_of_the_twins():
    picture = pictures.Twins(rows="last")
    picture.finish()
    losses = np.mean([LM.losses(text[:513]) for text in model.texts()], axis=0)
    assert f"RoPE, direct {np.exp(losses[:128].mean()):.1f} and {np.exp(losses[128:].mean()):.1f}; " in picture.told
    assert "the table gives its last row again" in picture.told
    picture.update(rows="stop")
    assert picture.told.endswith(" and none.")


def test_what_is_told_of_the_attention():
    told = pictures.Attention(k=4.0).told
    weight = LM.attention(np.resize(model.texts()[0][:40], 512), 1)[2]
    back = [100 * np.mean([weight[m, m - far] for m in range(256, 512)]) for far in (39, 79, 119)]
    assert "there {:.1f} %, {:.1f} % and {:.1f} % on those 39, 79, 119 back. Map NTK-aware with k = 4".format(*back) in told


def test_what_is_told_of_the_measurements():
    stored = model.measured("measured")
    told = pictures.Breaks(nats=0.4).told
    assert "Seed 1: 1.25, 2, 2.75, 4.25, 6, 1." in told  # as the notebook prints them
    prices = []
    for name in ("rope-0", "rope-1", "rope-2"):
        curves = {(one["method"], one["k"]): one["loss"] for one in stored[name]["curves"] if one["fast"] is None}
        prices.append(np.mean(curves["pi", 8][:4]) - np.mean(curves["direct", 1][:4]))
    assert f"nats a byte: PI {np.mean(prices):.2f}; " in told
    told = pictures.SuAgain().told
    ours = [one for name in ("rope-0", "rope-1", "rope-2") for one in stored[name]["su"] if (one["method"], one["log_n"]) == ("window", False)]
    assert "Su: direct 24.2 and 23.2; PI 15.0 and 13.5; " in told
    assert told.endswith("last L {:.1f} and {:.1f}.".format(*(np.mean([one[test] for one in ours]) for test in ("repeated", "plain"))))


def test_what_is_told_of_the_race():
    told = pictures.Race(data="mixture").told
    runs = [run for run in model.measured("race") if (run["method"], run["data"]) == ("yarn", "mixture")]
    copied = [np.mean([100 * np.mean(at["copied"][2:]) for run in runs for at in run["measured"] if at["step"] == step]) for step in (0, 200)]
    assert "YaRN {:.1f} and {:.1f}; a blind guess {:.1f}.".format(*copied, 100 / 26) in told
    long = {run["method"]: run["measured"][-1] for run in model.measured("race") if run["measured"][-1]["step"] == 1000}
    words = "; ".join(f"{name} {np.exp(long[key]['loss']):.1f} and {100 * np.mean(long[key]['copied'][2:]):.1f}" for name, key in (("direct", "direct"), ("PI", "pi")))
    assert f"After 1,000 steps, one model, perplexity and letters copied: {words}." in told
    assert "1,000 steps" not in pictures.Race(data="plain").told
