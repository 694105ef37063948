"""Pictures of notebook 01: the learned table of absolute positions.

The trained table is that of the model "learned-0" (`helpers.model`).
"""

import matplotlib
import numpy as np
from matplotlib.colors import Normalize, to_rgba
from matplotlib.patches import Rectangle

from helpers import encodings, model, style
from helpers.figures import Picture
from helpers.labels import say

MAX_LEN = 128  # rows of every table drawn here: the trained one's
TRAINED = "learned-0"  # whose table it is
TABLES = ("fresh", "trained")
MODES = ("truncate", "clamp", "extend", "refuse")
UNUSED = "#eeeeee"  # what is not there


def tables():
    """{table: its name in the language in use}, for a row of buttons."""
    return {table: say(f"absolute.table.{table}") for table in TABLES}


def modes():
    """{mode: its name in the language in use}, for a row of buttons."""
    return {mode: say(f"absolute.mode.{mode}") for mode in MODES}


def _cosines(rows):
    """Cosine similarity of every row with every row, (n, n). rows: (n, dim)."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def _bar(figure, image, place, ticks):
    """A colour bar in its own axes: made once, never moved. What it measures stands in the panel's title."""
    bar = figure.colorbar(image, cax=figure.add_axes(place), ticks=ticks)
    bar.outline.set_visible(False)


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
        self.words = say("absolute.words").split()
        self.shown = None  # the shuffle that the tick labels of (b) spell

        left, middle, right = self.panels(1, 3, width_ratios=(1.0, 1.08, 1.0))
        self.grids = []
        for panel, place, key in (
            (left, (0.27, 0.2, 0.68, 0.66), "absolute.order.before"),
            (middle, (0.17, 0.2, 0.63, 0.66), "absolute.order.after"),
        ):
            axes = panel.add_axes(place)
            axes.grid(False)
            axes.set(title=say(key), xlabel=say("absolute.attends"), xticks=range(5), yticks=range(5))
            axes.tick_params(length=0)
            edges = np.arange(6) - 0.5
            image = axes.pcolormesh(edges, edges, np.zeros((5, 5)), cmap=style.SEQUENTIAL, vmin=0, vmax=0.7)
            axes.set(xlim=(-0.5, 4.5), ylim=(4.5, -0.5))
            box = axes.add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=style.WARM, linewidth=4, clip_on=False))
            value = axes.text(0, 0, "", color="white", ha="center", va="center", fontsize=14)
            self.moves(image, box, value)
            self.grids.append((axes, image, box, value))
        self.grids[0][0].set(ylabel=say("absolute.looks"), xticklabels=self.words, yticklabels=self.words)
        _bar(middle, self.grids[1][1], (0.835, 0.2, 0.035, 0.66), (0, 0.2, 0.4, 0.6))

        self.changes = axes = right.add_axes((0.24, 0.2, 0.7, 0.66))
        axes.set(title=say("absolute.change.title"), xlabel=say("absolute.change"), xlim=(-0.1, 3), ylim=(4.5, -0.5))
        axes.set(yticks=range(5), yticklabels=self.words)
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=style.MUTED, linewidth=0.8)
        self.stems = [self.moves(axes.plot([], [], color=style.ACCENT, linewidth=6)[0]) for _ in self.words]
        self.dots = self.moves(axes.plot([], [], "o", color=style.ACCENT, markersize=11)[0])

    def attend(self, order, strength):
        """Weights (5, 5) and outputs (5, 8) of one attention layer over the words in this order."""
        x = self.tokens[list(order)] + strength * self.rows
        q, k, v = x @ self.projections
        weight = np.exp(q @ k.T / np.sqrt(8))
        weight /= weight.sum(axis=1, keepdims=True)
        return weight, weight @ v

    def move(self, *, strength=0.0, shuffle=1):
        orders = (tuple(range(5)), self.ORDERS[shuffle - 1])
        outputs = []
        for (axes, image, box, value), order in zip(self.grids, orders, strict=True):
            weight, output = self.attend(order, strength)
            image.set_array(weight)
            row, column = order.index(self.FROM), order.index(self.TO)
            box.set_xy((column - 0.5, row - 0.5))
            value.set_position((column, row))
            value.set_text(f"{weight[row, column]:.2f}")
            value.set_color("white" if weight[row, column] < 0.5 else style.INK)
            outputs.append(output[np.argsort(order)])  # back to the first order, word by word
        if self.shown != shuffle:  # asking an axis for its labels would mark it stale
            names = [self.words[word] for word in orders[1]]
            self.grids[1][0].set(xticklabels=names, yticklabels=names)
            self.shown = shuffle
        change = np.linalg.norm(outputs[1] - outputs[0], axis=1)
        for place, (stem, length) in enumerate(zip(self.stems, change, strict=True)):
            stem.set_data([0, length], [place, place])
        self.dots.set_data(change, np.arange(5))


class Table(Picture):
    """A position table (a), its rows compared (b), and one row's similarity to all others (c).

    table: "trained", or "fresh": a random start as the trained one had. dim: only the first components of each row count;
    (a) shows the first 32, grey where they do not count. The band in (c) is where unrelated random rows fall 95 times
    in 100.
    """

    size = (12.6, 4.3)
    SHOWN = 32  # components in (a); absolute.component says so

    def build(self):
        trained = model.load(TRAINED).table.astype(float)
        self.all = {"fresh": encodings.LearnedTable(*trained.shape).rows, "trained": trained}
        left, middle, right = self.panels(1, 3, width_ratios=(0.98, 1.02, 1.1))
        edges = (-0.5, MAX_LEN - 0.5)
        ticks = range(0, MAX_LEN + 1, 32)

        axes = left.add_axes((0.2, 0.17, 0.55, 0.7))
        axes.grid(False)
        colours = matplotlib.colormaps[style.DIVERGING].with_extremes(bad=UNUSED)
        self.rows = axes.imshow(
            np.zeros((MAX_LEN, self.SHOWN)), cmap=colours, vmin=-0.15, vmax=0.15, aspect="auto", interpolation="nearest"
        )  # fmt: skip
        axes.set(title=say("absolute.table"), xlabel=say("absolute.component"), ylabel=say("pos"))
        axes.set(xticks=range(0, self.SHOWN, 8), yticks=ticks, xlim=(-0.5, self.SHOWN - 0.5), ylim=edges[::-1])
        _bar(left, self.rows, (0.785, 0.17, 0.035, 0.7), (-0.1, 0, 0.1))

        axes = middle.add_axes((0.16, 0.17, 0.65, 0.7))
        axes.grid(False)
        self.similar = axes.imshow(
            np.zeros((MAX_LEN, MAX_LEN)), cmap=style.DIVERGING, vmin=-1, vmax=1, aspect="auto", interpolation="nearest"
        )  # fmt: skip
        axes.set(title=say("absolute.similar"), xlabel=say("absolute.other"), ylabel=say("pos"))
        axes.set(xticks=ticks, yticks=ticks, xlim=edges, ylim=edges[::-1])
        _bar(middle, self.similar, (0.845, 0.17, 0.03, 0.7), (-1, 0, 1))
        self.marks = [
            axes.plot([], [], color=style.INK, linewidth=1.5, linestyle=(0, (4, 2)))[0] for axes in (self.rows.axes, axes)
        ]

        axes = right.add_axes((0.17, 0.17, 0.785, 0.7))
        axes.set(title=say("absolute.profile"), xlabel=say("absolute.other"), ylabel=say("absolute.cosine"))
        axes.set(xticks=ticks, xlim=(-2, MAX_LEN + 1), ylim=(-1.05, 1.4), yticks=(-1, -0.5, 0, 0.5, 1))
        across = axes.get_yaxis_transform()  # not axhspan: it is no Rectangle before matplotlib 3.9
        self.band = axes.add_patch(Rectangle((0, -1), 1, 2, transform=across, color=style.WARM, alpha=0.28, linewidth=0))
        self.here = axes.plot([], [], color=style.INK, linewidth=1.5, linestyle=(0, (4, 2)))[0]
        self.profile = axes.plot([], [], "o-", color=style.MIDDLE, markersize=3.5, linewidth=1.2)[0]
        axes.legend(
            [self.here, self.band], [say("absolute.here"), say("absolute.noise")], ncols=2, loc="upper right", borderpad=0.1,
            handlelength=1.6, columnspacing=1.0, handletextpad=0.5,
        )  # fmt: skip
        self.moves(self.rows, self.similar, *self.marks, self.band, self.here, self.profile)

    def move(self, *, pos=20, dim=128, table="trained"):
        if table not in TABLES:
            raise ValueError(f"table must be one of {', '.join(TABLES)}; got table = {table!r}")
        rows = self.all[table]
        cosines = _cosines(rows[:, :dim])
        self.rows.set_data(np.where(np.arange(self.SHOWN) < dim, rows[:, : self.SHOWN], np.nan))
        self.similar.set_data(cosines)
        for mark in self.marks:
            mark.set_data([-0.5, MAX_LEN - 0.5], [pos, pos])
        noise = 2 / np.sqrt(dim)
        self.band.set_y(-noise)
        self.band.set_height(2 * noise)
        self.here.set_data([pos, pos], [-1.05, 1.05])
        self.profile.set_data(np.arange(MAX_LEN), cosines[pos])


class Wall(Picture):
    """The trained table meets a longer text: the row each token gets (a), those rows compared (b), what still works (c).

    mode: what happens past the last row, one of MODES. The rows that `extend` adds are random, as large as the trained.
    """

    size = (12.6, 4.6)
    LONGEST = 384
    EVERY = 16  # tokens past the table for which one square stands; absolute.beyond says so

    def build(self):
        rows = model.load(TRAINED).with_rows("fresh", self.LONGEST).table.astype(float)
        colours = matplotlib.colormaps[style.DIVERGING](Normalize(-1, 1)(_cosines(rows)), bytes=True)
        self.colours = colours  # coloured once: a frame only picks rows and columns
        self.nothing = np.uint8(np.multiply(255, to_rgba(UNUSED)))
        top, body = self.panels(2, 1, height_ratios=(0.13, 1.0))
        left, middle, right = body.subfigures(1, 3, width_ratios=(1.0, 1.05, 1.05))
        axes = top.add_axes((0, 0, 1, 1))  # matplotlib saves an animated text inside axes only
        axes.axis("off")
        self.says = axes.text(0.012, 0.25, "", fontsize=16)
        ticks = range(0, self.LONGEST + 1, MAX_LEN)

        axes = left.add_axes((0.19, 0.18, 0.76, 0.7))
        axes.set(title=say("absolute.taken"), xlabel=say("pos"), ylabel=say("absolute.row"))
        axes.set(xticks=ticks, yticks=ticks, xlim=(-8, self.LONGEST + 8), ylim=(-8, self.LONGEST + 8))
        axes.axhline(MAX_LEN - 1, color=style.INK, linewidth=1.2, linestyle=(0, (4, 2)))
        axes.text(self.LONGEST + 4, MAX_LEN - 14, say("absolute.last"), ha="right", va="top")
        self.inside = axes.plot([], [], color=style.SEEN, linewidth=4)[0]
        self.beyond = axes.plot([], [], "s", markevery=self.EVERY, color=style.UNSEEN, markersize=6)[0]
        axes.legend(
            [self.inside, self.beyond], [say("absolute.inside"), say("absolute.beyond")], loc="upper left", borderpad=0.1,
            handlelength=1.0, handletextpad=0.4, labelspacing=0.2, fontsize=13,
        )  # fmt: skip

        axes = middle.add_axes((0.16, 0.18, 0.65, 0.7))
        axes.grid(False)
        self.given = axes.imshow(
            np.zeros((self.LONGEST, self.LONGEST)), cmap=style.DIVERGING, vmin=-1, vmax=1, aspect="auto"
        )  # fmt: skip
        axes.set(title=say("absolute.given"), xlabel=say("absolute.other"), ylabel=say("pos"))
        axes.set(xticks=ticks, yticks=ticks)
        _bar(middle, self.given, (0.845, 0.18, 0.03, 0.7), (-1, 0, 1))

        axes = right.add_axes((0.33, 0.18, 0.61, 0.7))
        keys = ("absolute.read", "absolute.apart", "absolute.trained")
        axes.set(xlabel=say("absolute.share"), xlim=(0, 100), ylim=(2.6, -0.6))
        axes.set_title(say("absolute.works"), loc="right")
        axes.set(yticks=range(3), yticklabels=[say(key) for key in keys])
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
        self.bars = []
        for place in range(3):
            axes.add_patch(Rectangle((0, place - 0.28), 100, 0.56, facecolor=UNUSED, edgecolor=style.MUTED))
            bar = axes.add_patch(Rectangle((0, place - 0.28), 100, 0.56, facecolor=style.SEEN))
            text = axes.text(50, place, "", ha="center", va="center", fontsize=14)
            self.bars.append((bar, text))
        self.moves(self.inside, self.beyond, self.says, self.given, *(part for pair in self.bars for part in pair))

    @staticmethod
    def rows_taken(test_len, mode):
        """The row that each token read gets: (n,) integers; n < test_len where tokens are dropped."""
        pos = np.arange(test_len)
        if test_len <= MAX_LEN or mode == "extend":
            return pos
        if mode == "truncate":
            return pos[:MAX_LEN]
        if mode == "clamp":
            return np.minimum(pos, MAX_LEN - 1)
        return pos[:0]

    def move(self, *, test_len=192, mode="clamp"):
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}; got mode = {mode!r}")
        taken = self.rows_taken(test_len, mode)
        pos = np.arange(len(taken))
        self.inside.set_data(pos[:MAX_LEN], taken[:MAX_LEN])
        self.beyond.set_data(pos[MAX_LEN:], taken[MAX_LEN:])
        self.says.set_text(say(f"absolute.says.{mode}" if test_len > MAX_LEN else "absolute.says.inside"))

        given = np.tile(self.nothing, (self.LONGEST, self.LONGEST, 1))
        given[: len(taken), : len(taken)] = self.colours[np.ix_(taken, taken)]
        self.given.set_data(given)

        _, which, times = np.unique(taken, return_inverse=True, return_counts=True)
        counts = (len(taken), np.sum(times[which] == 1), np.sum(taken < MAX_LEN))
        for (bar, text), count in zip(self.bars, counts, strict=True):
            share = 100 * count / test_len
            bar.set_width(share)
            bar.set_facecolor(style.SEEN if share == 100 else style.MUTED)
            text.set_text(say("absolute.percent", share=share))
            inside = share > 50  # in the bar, or in the empty part beside it
            text.set_x(share / 2 if inside else (share + 100) / 2)
            text.set_color("white" if inside else style.INK)
