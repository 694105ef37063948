"""Pictures of notebook 01: the learned table of absolute positions.

The trained table is that of the model "learned-0" (`helpers.model`).
"""

from functools import partial

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

from helpers import encodings, model, style, valid
from helpers.figures import Picture
from helpers.labels import say

MAX_LEN = 128  # rows of every table drawn here: the trained one's
TRAINED = "learned-0"  # whose table it is
TABLES = ("fresh", "trained")
MODES = {  # what may happen past the last row, and what is said of it
    "truncate": "truncate: tokens past the last row are not read.",
    "clamp": "clamp: all tokens past the last row get the last row.",
    "extend": "extend: fresh random rows, never trained.",
    "refuse": "refuse: even one token too many, and no answer.",
}
UNUSED = "#eeeeee"  # what is not there: NaN, in an image
_SIGNED = matplotlib.colormaps[style.DIVERGING].with_extremes(bad=UNUSED)
_WEIGHTS = dict(cmap=style.SEQUENTIAL, vmin=0, vmax=0.7)
_ROWS = dict(cmap=_SIGNED, vmin=-0.15, vmax=0.15)
_COSINES = dict(cmap=_SIGNED, vmin=-1, vmax=1)
_DASHED = dict(color=style.INK, linewidth=1.5, linestyle=(0, (4, 2)))


def tables():
    """{table: its name in the language in use}, for a row of buttons."""
    return {table: say(table) for table in TABLES}


def modes():
    """{mode: its name in the language in use}, for a row of buttons."""
    return {mode: say(mode) for mode in MODES}


def _cosines(rows):
    """Cosine similarity of every row with every row, (n, n). rows: (n, dim)."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def _coloured(picture, place, panel, look, ticks, width=0.03, **settings):
    """Axes for an image, and beside them the bar of its colours. What it measures stands in the panel's title."""
    axes = picture.add_axes(place, panel, **settings)
    axes.grid(False)
    beside = (place[0] + place[2] + 0.035, place[1], width, place[3])
    picture.colour_bar(beside, panel, look["cmap"], look["vmin"], look["vmax"], ticks).outline.set_visible(False)
    return axes


class Shuffle(Picture):
    """Attention over five words in one order (a) and in another (b); how far each word's output moved (c).

    Words, projections and positions are seeded random vectors of 8 components. `strength` scales the position rows that
    are added to the words: at 0, (b) is (a) with rows and columns re-ordered, and no output moves.
    """

    size = (12.6, 4.3)
    # new order of the words 0 … 4, for shuffle = 1, 2, …
    ORDERS = ((0, 4, 2, 3, 1), (3, 4, 2, 0, 1), (3, 1, 2, 0, 4), (4, 3, 2, 1, 0), (4, 0, 1, 2, 3))
    FROM, TO = 1, 4  # the outlined weight: how much the cat looks at the dog

    def build(self):
        rng = np.random.default_rng(115)
        self.tokens, self.rows = rng.standard_normal((2, 5, 8))
        self.projections = rng.standard_normal((3, 8, 8)) / np.sqrt(8)
        self.words = say("the cat saw a dog").split()
        self.spelt = None  # the shuffle that the tick labels of (b) spell
        left, middle, right = self.panels(1, 3, width_ratios=(1.0, 1.08, 1.0))
        down = dict(yticks=range(5), yticklabels=self.words, ylim=(4.5, -0.5))
        both = dict(xticks=range(5), xticklabels=self.words, xlim=(-0.5, 4.5), xlabel=say("is looked at"), **down)
        self.first = self.add_axes((0.27, 0.2, 0.68, 0.66), left, title=say("(a) first order"), **both)
        self.first.set_ylabel(say("word that looks"))
        self.second = _coloured(self, (0.17, 0.2, 0.63, 0.66), middle, _WEIGHTS, (0, 0.2, 0.4, 0.6), width=0.035,
                                title=say("(b) shuffled order"), **both)  # fmt: skip
        self.changes = self.add_axes((0.24, 0.2, 0.7, 0.66), right, title=say("(c) effect of the shuffle"),
                                     xlabel=say("change of the word's output"), xlim=(-0.1, 3), **down)  # fmt: skip
        self.changes.axvline(0, color=style.MUTED, linewidth=0.8)
        for axes, which in ((self.first, "both"), (self.second, "both"), (self.changes, "y")):
            axes.grid(False, axis=which)  # its places are words
            axes.tick_params(axis=which, length=0)

    def attend(self, order, strength):
        """Weights (5, 5) and outputs (5, 8) of one attention layer over the words in this order."""
        x = self.tokens[list(order)] + strength * self.rows
        q, k, v = x @ self.projections
        weight = np.exp(q @ k.T / np.sqrt(8))
        weight /= weight.sum(axis=1, keepdims=True)
        return weight, weight @ v

    def move(self, *, strength=0.0, shuffle=1):
        outputs, edges = [], np.arange(6) - 0.5
        shown = ("a", self.first, tuple(range(5))), ("b", self.second, self.ORDERS[shuffle - 1])
        for name, axes, order in shown:
            weight, output = self.attend(order, strength)
            outputs.append(output[np.argsort(order)])  # back to the first order, word by word
            squares = partial(axes.pcolormesh, edges, edges, weight, **_WEIGHTS)  # painted faster than an image
            self.put(("weights", name), squares, array=weight)
            row, column = order.index(self.FROM), order.index(self.TO)
            box = partial(Rectangle, (0, 0), 1, 1, fill=False, edgecolor=style.WARM, linewidth=4, clip_on=False)
            self.patch(("box", name), axes, box, xy=(column - 0.5, row - 0.5))
            value = weight[row, column]
            self.text(("value", name), axes, column, row, f"{value:.2f}", color="white" if value < 0.3 else "black",
                      ha="center", va="center", fontsize=14)  # fmt: skip
        if self.spelt != shuffle:  # asking an axis for its labels would mark it stale
            names = [self.words[word] for word in order]
            self.second.set(xticklabels=names, yticklabels=names)
            self.spelt = shuffle
        changes = np.linalg.norm(outputs[1] - outputs[0], axis=1)
        for word, change in enumerate(changes):
            self.line(("change", word), self.changes, [0, change], [word, word], color=style.ACCENT, linewidth=6,
                      marker="o", markevery=[1], markersize=11)  # fmt: skip
        self.tell(*self._words(strength, order, changes))

    def _words(self, strength, order, changes):
        old, new = " ".join(self.words), " ".join(self.words[word] for word in order)
        yield say("Attention weights of five words, in the order “{old}” and in the order “{new}”; position strength "
                  "{strength:g}.", old=old, new=new, strength=strength)  # fmt: skip
        before, after = (self["value", name].get_text() for name in "ab")
        yield say("The weight with which {one} looks at {other} is {before}; after the shuffle, {after}.",
                  one=self.words[self.FROM], other=self.words[self.TO], before=before, after=after)  # fmt: skip
        low, high = np.argmin(changes), np.argmax(changes)
        if changes[high] < 1e-9:
            yield say("The shuffle changes no word's output.")
        else:
            yield say("The shuffle changes every word's output, from {low:.2f} ({word}) to {high:.2f} ({other}).",
                      low=changes[low], word=self.words[low], high=changes[high], other=self.words[high])  # fmt: skip


class Table(Picture):
    """A position table (a), its rows compared (b), and one row's similarity to all others (c).

    table: "trained", or "fresh": a random start as the trained one had. dim: only the first components of each row
    count; (a) shows the first 32, grey where they do not count. The band in (c) is where unrelated random rows fall 95
    times in 100.
    """

    size = (12.6, 4.3)
    SHOWN = 32  # components in (a); its label says so

    def build(self):
        trained = model.load(TRAINED).table.astype(float)
        self.all = {"fresh": encodings.LearnedTable(*trained.shape).rows, "trained": trained}
        left, middle, right = self.panels(1, 3, width_ratios=(0.98, 1.02, 1.1))
        ticks, edges = range(0, MAX_LEN + 1, 32), (-0.5, MAX_LEN - 0.5)
        m = dict(ylabel=say("position $m$ (tokens)"), yticks=ticks, ylim=edges[::-1])
        n = dict(xlabel=say("position $n$ (tokens)"), xticks=ticks)
        self.table = _coloured(
            self, (0.2, 0.17, 0.55, 0.7), left, _ROWS, (-0.1, 0, 0.1), width=0.035, title=say("(a) the table $P$"), **m,
            xlabel=say("component (first 32)"), xticks=range(0, self.SHOWN, 8), xlim=(-0.5, self.SHOWN - 0.5),
        )  # fmt: skip
        self.compared = _coloured(self, (0.16, 0.17, 0.65, 0.7), middle, _COSINES, (-1, 0, 1),
                                  title=say("(b) cosine of rows $m$ and $n$"), **m, **n, xlim=edges)  # fmt: skip
        self.one = self.add_axes(
            (0.17, 0.17, 0.785, 0.7), right, title=say("(c) row $m$ against all rows"), **n, xlim=(-2, MAX_LEN + 1),
            ylabel=say("cosine similarity"), ylim=(-1.05, 1.4), yticks=(-1, -0.5, 0, 0.5, 1),
        )  # fmt: skip

    def move(self, *, pos=20, dim=128, table="trained"):
        valid.one_of("table", table, TABLES)
        rows = self.all[table]
        cosines = _cosines(rows[:, :dim])
        profile, noise = cosines[pos], 2 / np.sqrt(dim)
        self.image("rows", self.table, np.where(np.arange(self.SHOWN) < dim, rows[:, : self.SHOWN], np.nan), **_ROWS)
        self.image("cosines", self.compared, cosines, **_COSINES)
        for axes, name in ((self.table, "a"), (self.compared, "b")):
            self.line(("row", name), axes, [-0.5, MAX_LEN - 0.5], [pos, pos], **_DASHED)
        self.band("noise", self.one, self.one.get_xlim(), [-noise] * 2, [noise] * 2, color=style.WARM, alpha=0.28,
                  label=say("$\\pm 2/\\sqrt{d}$: unrelated"))  # fmt: skip
        self.line("here", self.one, [pos, pos], [-1.05, 1.05], **_DASHED, label=say("$n = m$"))
        self.line("profile", self.one, range(MAX_LEN), profile, "o-", color=style.MIDDLE, markersize=3.5, linewidth=1.2)
        self.legend(self.one, "upper right", parts=("here", "noise"), ncols=2, handlelength=1.6, columnspacing=1.0,
                    handletextpad=0.5)  # fmt: skip
        others = np.where(np.arange(MAX_LEN) == pos, np.nan, profile)
        most, least = np.nanargmax(others), np.nanargmin(others)
        self.tell(
            say("Position table ({table}): {rows} rows, the first {dim} components of each.", table=say(table),
                rows=MAX_LEN, dim=dim),
            say("Mean cosine of neighbouring rows {near:z.2f}, of rows 64 apart {far:z.2f}.",
                near=cosines.diagonal(1).mean(), far=cosines.diagonal(64).mean()),
            say("Row {pos} is most like row {most}, cosine {high:z.2f}, and least like row {least}, cosine {low:z.2f}.",
                pos=pos, most=most, high=others[most], least=least, low=others[least]),
            say("Unrelated rows fall within ±{noise:.2f}; {outside} of the {others} others lie outside.", noise=noise,
                outside=np.sum(np.abs(others) > noise), others=MAX_LEN - 1),
        )  # fmt: skip


class Wall(Picture):
    """The trained table meets a longer text: each token's row (a), those rows compared (b), what still works (c).

    mode: what happens past the last row, one of MODES. The rows that `extend` adds are random, as large as the trained.
    """

    size = (12.6, 4.6)
    LONGEST = 384
    EVERY = 16  # tokens past the table for which one square stands; the legend says so

    def build(self):
        rows = model.load(TRAINED).with_rows("fresh", self.LONGEST).table.astype(float)
        cosines = np.pad(_cosines(rows), (0, 1), constant_values=np.nan)  # the last row and column: of no row
        self.colours = _SIGNED((1 + cosines) / 2, bytes=True)  # once: a frame only picks rows and columns
        top, body = self.panels(2, 1, height_ratios=(0.13, 1.0))
        left, middle, right = body.subfigures(1, 3, width_ratios=(1.0, 1.05, 1.05))
        self.top = self.add_axes((0, 0, 1, 1), top, off=True)  # matplotlib saves an animated text inside axes only
        whole = range(0, self.LONGEST + 1, MAX_LEN)
        ticks = dict(xticks=whole, yticks=whole)
        ends, edges = (-8, self.LONGEST + 8), (-0.5, self.LONGEST)
        m = say("position $m$ (tokens)")
        self.taken = self.add_axes((0.19, 0.18, 0.76, 0.7), left, title=say("(a) the row each token gets"), xlabel=m,
                                   ylabel=say("row of the table"), **ticks, xlim=ends, ylim=ends)  # fmt: skip
        self.taken.axhline(MAX_LEN - 1, **_DASHED | dict(linewidth=1.2))
        self.taken.text(self.LONGEST + 4, MAX_LEN - 14, say("last row, 127"), ha="right", va="top")
        self.given = _coloured(
            self, (0.16, 0.18, 0.65, 0.7), middle, _COSINES, (-1, 0, 1), title=say("(b) cosine of the rows given"),
            xlabel=say("position $n$ (tokens)"), ylabel=m, **ticks, xlim=edges, ylim=edges[::-1],
        )  # fmt: skip
        works = say("are read"), say("have a row\nof their own"), say("have a\ntrained row")
        self.works = self.add_axes((0.33, 0.18, 0.61, 0.7), right, xlabel=say("share of the tokens (%)"), xlim=(0, 100),
                                   yticks=range(3), yticklabels=works, ylim=(2.6, -0.6))  # fmt: skip
        self.works.set_title(say("(c) what still works (grey: in part)"), loc="right")
        self.works.barh(range(3), 100, 0.56, color=UNUSED, edgecolor=style.MUTED)
        self.works.grid(False, axis="y")
        self.works.tick_params(axis="y", length=0)

    @staticmethod
    def rows_taken(test_len, mode):
        """The row that each token read gets: (n,) integers; n < test_len where tokens are dropped."""
        pos = np.arange(test_len)
        past = {"truncate": pos[:MAX_LEN], "clamp": np.minimum(pos, MAX_LEN - 1), "extend": pos, "refuse": pos[:0]}
        return past[mode] if test_len > MAX_LEN else pos

    def move(self, *, test_len=192, mode="clamp"):
        valid.one_of("mode", mode, MODES)
        taken = self.rows_taken(test_len, mode)
        pos = np.arange(len(taken))
        words = say(MODES[mode] if test_len > MAX_LEN else "Inside the table: nothing special happens.")
        self.text("words", self.top, 0.012, 0.25, words, fontsize=16)
        self.line("inside", self.taken, pos[:MAX_LEN], taken[:MAX_LEN], color=style.SEEN, linewidth=4,
                  label=say("inside the table"))  # fmt: skip
        self.line("beyond", self.taken, pos[MAX_LEN:], taken[MAX_LEN:], "s", markevery=self.EVERY, color=style.UNSEEN,
                  markersize=6, label=say("past it: every 16th"))  # fmt: skip
        self.legend(self.taken, "upper left", handlelength=1.0, handletextpad=0.4, labelspacing=0.2, fontsize=13)
        picked = np.pad(taken, (0, self.LONGEST - len(taken)), constant_values=-1)
        self.image("given", self.given, self.colours.take(picked, 0).take(picked, 1), **_COSINES)
        counts = len(taken), np.sum(np.bincount(taken) == 1), np.sum(taken < MAX_LEN)
        for place, count in enumerate(counts):
            share = 100 * count / test_len
            bar = partial(Rectangle, (0, place - 0.28), 100, 0.56)
            colour = style.SEEN if share == 100 else style.MUTED
            self.patch(("bar", place), self.works, bar, width=share, facecolor=colour)
            # in the bar, or in the empty part beside it
            at, colour = (share / 2, "white") if share > 50 else ((share + 100) / 2, style.INK)
            self.text(("share", place), self.works, at, place, say("{share:.0f} %", share=share), color=colour,
                      ha="center", va="center", fontsize=14)  # fmt: skip
        read, own, trained = (
            say("{count} ({share:.0f} %)", count=count, share=100 * count / test_len) for count in counts
        )
        self.tell(
            say("A text of {test_len} tokens and a trained table of {rows} rows.", test_len=test_len, rows=MAX_LEN),
            words,
            say("Of the tokens, {read} are read, {own} have a row of their own, {trained} have a trained row.",
                read=read, own=own, trained=trained),
        )  # fmt: skip
