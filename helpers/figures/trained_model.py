"""Pictures of notebook 07: a trained model past its training length.

The curves are computed while they are looked at, text by text (`Growing`); the stored measurements come from
`helpers.model.measured`. Colours and lines of the methods are those of notebooks 04 and 05.
"""

import functools
import itertools
import math
import threading
import time

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import MultipleLocator

from helpers import model, published, scaling, style, valid
from helpers.figures import Picture, count_in_doublings, listed, look, method_name, round_limit, ticks
from helpers.figures.ntk_aware import su_legend, su_row
from helpers.labels import say

BIN = 32  # bytes in one point of a curve
FINENESS = 1.6  # seven pictures must fit into one notebook
STEP = 16  # ... of the twins' curves
FAST = dict(ntk_by_parts=4, yarn=4)  # turns from which these two leave a pair alone, as in Llama 3.1
TRIED = ("pi", "ntk_aware", "ntk_by_parts", "yarn")
# Where the model is slow: bytes read before a look at the clock, and seconds of it for one part of a picture
PIECE, SECONDS = (64, 0.15) if model.SLOW else (None, math.inf)
WINDOW = dict(color=style.MUTED, linestyle=(0, (1, 1.4)))


def options(lm, method, k):
    """What `Model.losses` needs for a method as the pictures show it. "window": the last train_len keys only."""
    return {"window": lm.train_len} if method == "window" else lm.stretched(method, k, fast=FAST.get(method))


def line_of(key):
    """Colour and line of a method, or of the window."""
    return WINDOW if key == "window" else look(key)


def name_of(key):
    """What a method, or the window, is called."""
    return say("last $L$") if key == "window" else method_name(key)


class Reading:
    """The loss of one text in bins of `size` bytes, nats: `bins`, as far as it has been read; `more` reads a piece.

    lm: the model. text: bytes, one more than a whole number of bins. how: as for `Model.losses`.
    Pictures share it, each maybe in a thread of its own.
    """

    def __init__(self, lm, text, size, **how):
        self.start = functools.partial(lm.reading, np.frombuffer(text, np.uint8), piece=PIECE, **how)
        self.count, self.size, self.lock = len(text) // size, size, threading.Lock()
        self.bins, self.pieces = np.empty(0), None

    @property
    def done(self):
        return len(self.bins) == self.count

    def more(self):
        with self.lock:
            if not self.done:
                self.pieces = self.pieces or self.start()
                losses = next(self.pieces).astype(float)
                self.bins = np.append(self.bins, losses.reshape(-1, self.size).mean(axis=1))
            if self.done:
                self.pieces = None

    def forget(self):
        """Back to the beginning, if it is not done: a half read text holds megabytes of keys and values."""
        with self.lock:
            if not self.done:
                self.bins, self.pieces = np.empty(0), None


@functools.lru_cache(maxsize=4096)
def binned(name, text, method, k):
    """The reading of one text with a method and its k, in bins of BIN bytes. text: bytes."""
    lm = model.load(name)
    return Reading(lm, text, BIN, **options(lm, method, k))


@functools.lru_cache(maxsize=256)
def twin(name, text, rows):
    """The reading of a text, by its number, by one of `Twins`, in bins of STEP bytes. rows: None without a table."""
    lm, length = model.load(name), Twins.length
    if rows == "stop":
        length = lm.train_len
    elif rows is not None:
        lm = lm.with_rows(rows, length)
    return Reading(lm, model.texts()[text][: length + 1].tobytes(), STEP)


class Growing(Picture):
    """Curves that are means over texts and grow as they are looked at: by a text, or by what is read in SECONDS of it.

    `move` calls `begin`. A subclass writes show(self), which draws `curves`, as far as they are known.
    """

    now = ()

    def begin(self, readings, texts):
        """readings: from a text's number to its `Reading` for each curve. texts: how many there are."""
        self.readings, self.texts, self.found = readings, texts, []
        self.more()

    def more(self):
        before, self.now = self.now, self.readings(len(self.found))
        for dropped in set(before) - set(self.now):
            dropped.forget()
        end = time.perf_counter() + SECONDS
        while left := [one for one in self.now if not one.done]:
            min(left, key=lambda one: len(one.bins)).more()
            if time.perf_counter() > end:
                break
        if all(one.done for one in self.now):
            self.found.append([one.bins for one in self.now])
        self.unfinished = len(self.found) < self.texts
        self.show()

    def curves(self):
        """Losses for each curve: (texts, bins); of the first text as many bins as were read."""
        return [np.array(curve) for curve in zip(*(self.found or [[one.bins for one in self.now]]), strict=True)]

    def progress(self):
        """The share that was read, and the same in words."""
        part = sum(len(one.bins) for one in self.now) / sum(one.count for one in self.now) % 1  # of the text at hand
        words = say("texts read: {done} of {all}", done=len(self.found), all=self.texts)
        return (len(self.found) + part) / self.texts, words


@functools.lru_cache(maxsize=8)
def attended(name, text, layer, method, k):
    """Attention of all heads of one layer over a text: (heads, n, n). text: n bytes."""
    lm = model.load(name)
    return lm.attention(np.frombuffer(text, np.uint8), layer, **options(lm, method, k))


def _perplexity_axes(picture, place, train_len, low):
    """Axes for perplexity, from `low` to 100, by position. Dashed: the trained length."""
    axes = picture.add_axes(place, yscale="log", ylim=(low, 100), xlabel=say("position $m$ (bytes)"),
                            ylabel=say("perplexity of the next byte"))  # fmt: skip
    ticks(axes.yaxis, (low, 5, 10, 20, 50, 100, 1000, 10_000))
    axes.set_ylim(low, 100)  # ticks widened it
    axes.axvline(train_len, color=style.INK, linewidth=1.2, linestyle=(0, (4, 2)))
    return axes


class Perplexity(Growing):
    """Perplexity by position: direct, one method with its k, and the last-L window, averaged text by text.

    Shade: the standard error over texts. text: bytes to read instead of the project's 16 texts, at least test_len + 1.
    The numbers on the right are means over stretches of the text, by the same curves.
    """

    size, fineness = (11.6, 4.5), FINENESS
    name = "rope-0"
    columns = (0.43, 0.66, 0.995)  # right edges of the three columns of numbers

    def build(self):
        self.lm = model.load(self.name)
        self.axes = axes = _perplexity_axes(self, (0.07, 0.145, 0.56, 0.69), self.lm.train_len, 2)
        for key in ("window", "direct", *TRIED):  # for the legend alone
            words = say("last $L$ keys only") if key == "window" else method_name(key)
            axes.plot([], [], linewidth=2.6, label=words, **line_of(key))
        axes.legend(loc="lower left", bbox_to_anchor=(-0.015, 1.0), ncols=6, handlelength=1.9, columnspacing=0.9,
                    handletextpad=0.4, borderpad=0.1, fontsize=12)  # fmt: skip
        self.table = self.add_axes((0.66, 0.145, 0.335, 0.69), off=True, xlim=(0, 1), ylim=(6.7, -0.3))
        self.table.text(0, 0.1, say("perplexity, by stretch of the text"), fontsize=13)
        self.bar = self.add_axes((0.66, 0.06, 0.33, 0.035), off=True, xlim=(0, 1), ylim=(0, 1))
        self.bar.add_patch(Rectangle((0, 0), 1, 1, facecolor=style.INK, alpha=0.1))

    def move(self, *, test_len=1024, k=8.0, method="ntk_aware", text=None):
        valid.one_of("method", method, TRIED)
        self.own = text is not None
        given = model.texts() if text is None else np.asarray(text, np.uint8)[None]
        test_len = valid.integer("test_len", test_len, BIN)
        if given.shape[1] <= test_len:
            most = f"at most {given.shape[1] - 1} for this text, one byte less than it has"
            valid.fail("test_len", most, test_len)
        rows = [row[: test_len - test_len % BIN + 1].tobytes() for row in given]
        binned(self.name, rows[0], method, float(k))  # before anything is changed: a bad k leaves the last good picture
        self.asked = asked = {"window": 1.0, "direct": 1.0, method: float(k)}
        if self.axes.get_xlim() != (0, test_len):
            self.axes.set_xlim(0, test_len)
            self.axes.xaxis.set_major_locator(MultipleLocator(max(self.lm.train_len, test_len // 8)))
        self.begin(lambda number: [binned(self.name, rows[number], *one) for one in asked.items()], len(rows))

    def show(self):
        count, bins, per_length = len(self.found), self.now[0].count, self.lm.train_len // BIN
        edges = [times * per_length for times in (0, 1, 2, 4, 8) if times * per_length < bins] + [bins]
        stretches = list(enumerate(itertools.pairwise(edges)))
        highest, told = 100.0, []
        spans = [f"{_times(start / per_length)}–{_times(stop / per_length)}" for _, (start, stop) in stretches]
        for key, x, losses in zip(self.asked, self.columns, self.curves(), strict=True):
            mean, how = losses.mean(axis=0), line_of(key)
            if not mean.size:
                continue
            error = losses.std(axis=0, ddof=1) / count**0.5 if count > 1 else np.zeros_like(mean)
            at, low, high = BIN * (np.arange(mean.size) + 0.5), np.exp(mean - error), np.exp(mean + error)
            shade = functools.partial(self.axes.fill_between, at, 1, 1, color=how["color"], alpha=0.22, linewidth=0)
            outline = np.column_stack([np.append(at, at[::-1]), np.append(low, high[::-1])])
            self.put((key, "error"), shade).set_verts([outline])  # a `band` would lie half a pixel higher
            self.line(key, self.axes, at, np.exp(mean), linewidth=2.6, **how)
            highest = max(highest, np.exp(mean).max())
            self.text((key, "head"), self.table, x, 0.95, name_of(key), color=style.readable(how["color"]), ha="right", fontsize=13)
            numbers = []
            for row, (start, stop) in stretches:
                if stop <= mean.size:
                    words = f"{np.exp(mean[start:stop].mean()):.2f}"
                    self.text((key, row), self.table, x, 1.8 + row, words, ha="right", fontsize=14)
                    numbers.append(f"{spans[row].replace('–', say(' to '))} {words}")
            told += [(key, say(", ").join(numbers))] if numbers else []
        for row, words in enumerate(spans):
            self.text(("stretch", row), self.table, 0, 1.8 + row, words, fontsize=13)
        self.limits(self.axes, y=(2, round_limit(highest) if self.own else 100))  # a text of another language can be far worse
        share, words = self.progress()
        done = functools.partial(Rectangle, (0, 0), 0, 1, facecolor=style.MIDDLE)
        self.patch("bar", self.bar, done, width=share)
        self.text("progress", self.bar, 0, 1.6, words, fontsize=12)
        self.tell(
            say("Perplexity of the next byte by position, up to {length:,}; trained length L = {trained}; {progress}.",
                length=bins * BIN, trained=self.lm.train_len, progress=words),
            *(say("Curve {name}: {numbers}.", name=_with_k(key, self.asked[key]), numbers=numbers) for key, numbers in told),
        )  # fmt: skip


def _with_k(key, k):
    """A method and its k, or the window, as told: without formulas."""
    if key == "window":
        return say("last $L$ keys only").replace("$", "")
    return method_name(key) if key == "direct" else say("{method} with k = {k:.3g}", method=method_name(key), k=k)


def _times(value):
    return "0" if value == 0 else "L" if value == 1 else f"{value:g}L"


class Attention(Picture):
    """Where one head looks in a text that repeats every 40 bytes: direct (left), and by one method (right).

    Rows are queries, columns keys; each dot is the largest weight among CELL x CELL of them. Below each map: the
    attention on the bytes to copy, which followed earlier copies of the query's byte: its mean over queries before L,
    and over those from 2L on.
    """

    size, fineness = (10.4, 5.3), FINENESS
    name, period, n = "rope-0", 40, 512
    backs = (39, 79, 119)  # the nearest bytes to copy
    CELL = 4

    def build(self):
        self.lm = model.load(self.name)
        self.repeated = np.resize(model.texts()[0][: self.period], self.n).tobytes()
        back = np.arange(self.n)[:, None] - np.arange(self.n)
        self.target = (back > 0) & ((back + 1) % self.period == 0)
        marks, edge = range(0, self.n + 1, 128), self.lm.train_len
        square = dict(xlim=(0, self.n), ylim=(self.n, 0), xticks=marks, yticks=marks)
        self.axes = {}
        for side, x, query in (("direct", 0.08, say("query: position $m$ (bytes)")), ("method", 0.575, "")):
            self.axes[side] = axes = self.add_axes((x, 0.25, 0.41, 0.66), xlabel=say("key: position $n$ (bytes)"),
                                                   ylabel=query, **square)  # fmt: skip
            axes.grid(False)
            across, down = [0, self.n, np.nan, edge, edge], [edge, edge, np.nan, 0, self.n]
            lines = axes.plot(across, down, color="white", linewidth=1.4, linestyle=(0, (4, 2)))
            self.moves(*lines)  # on top of the map, which moves

    def move(self, *, layer=1, head=2, k=8.0, method="ntk_aware"):
        valid.one_of("method", method, TRIED)
        head = valid.integer("head", head, 0, self.lm.heads - 1)
        asked = ("direct", 1.0), (method, float(k))
        found = [attended(self.name, self.repeated, layer, *one)[head] for one in asked]
        cells, told = self.n // self.CELL, []
        for (side, axes), (key, scale), weight in zip(self.axes.items(), asked, found, strict=True):
            largest = weight.reshape(cells, self.CELL, cells, self.CELL).max(axis=(1, 3))
            self.image((side, "map"), axes, largest, cmap=style.SEQUENTIAL, norm=PowerNorm(0.5, 0, 1),
                       extent=(0, self.n, self.n, 0))  # fmt: skip
            title = method_name(key) + ("" if key == "direct" else f", k = {scale:.3g}")
            before, after = self.on_target(weight)
            below = say("on the bytes to copy:\n{before:.0f} % before position 128, {after:.0f} % from 256 on",
                        before=100 * before, after=100 * after)  # fmt: skip
            beside, middle = dict(transform=axes.transAxes), dict(ha="center", va="center", linespacing=1.3)
            self.text((side, "title"), axes, 0, 1.02, title, color=style.readable(look(key)["color"]), fontsize=15, **beside)
            self.text((side, "below"), axes, 0.5, -0.3, below, fontsize=14, **middle, **beside)
            stripes = [100 * weight.diagonal(-back)[-self.n // 2 :].mean() for back in self.backs]
            told.append(say(
                "Map {name}: {before:.0f} % on the bytes to copy before position 128, {after:.0f} % from 256 on; there {one:.1f} %, {two:.1f} % and {three:.1f} % on those {backs} back.",
                name=_with_k(key, scale), before=100 * before, after=100 * after, one=stripes[0], two=stripes[1],
                three=stripes[2], backs=say(", ").join(map(str, self.backs))))  # fmt: skip
        self.tell(say("Attention of layer {layer}, head {head}, over {n} bytes that repeat every {period}.",
                      layer=layer, head=head, n=self.n, period=self.period), *told)  # fmt: skip

    def on_target(self, weight):
        """Attention on the bytes to copy, mean over queries: from the second copy on up to L, and from 2L on."""
        share, length = (weight * self.target).sum(axis=1), self.lm.train_len
        return share[self.period : length].mean(), share[2 * length :].mean()


class Breaks(Picture):
    """Where NTK-aware scaling breaks for each k (left), and what each method costs inside the trained length (right).

    From the stored measurements. A curve breaks where it first lies `nats` above the last-L window. Marks: one for each
    seed. Source of the line: `scaling.effective_length`.
    """

    size, fineness = (11.0, 4.4), FINENESS
    scales = (1, 2, 4, 8, 16, 32)
    marks = dict(color=style.ACCENT, linestyle="none", markersize=10, markerfacecolor="none", markeredgewidth=2.2)

    def build(self):
        stored = model.measured("measured")
        about = stored.pop("about")
        self.bin, self.train_len, self.seeds = about["bin"], about["train_len"], list(stored)
        self.curves = {
            name: {(one["method"], one["fast"], one["k"]): np.array(one["loss"]) for one in of["curves"]}
            for name, of in stored.items()
        }
        self.shapes = dict(zip(self.seeds, "osD^v", strict=False))
        left, right = self.panels(1, 2, width_ratios=(1.15, 1))
        above = dict(loc="lower left", ncols=2, columnspacing=1.2, borderpad=0.1, labelspacing=0.25, fontsize=12)

        self.left = axes = self.add_axes((0.12, 0.15, 0.86, 0.64), left, xlim=(0.9, 36), ylim=(0.9, 18),
                                         xlabel=say("scale $k$"), ylabel=say("breaks at / trained length"))  # fmt: skip
        count_in_doublings(axes)
        lm, fine = model.load(self.seeds[0]), 2.0 ** np.linspace(0, 5, 41)
        reach = [scaling.effective_length(lm.head_dim, lm.base, k, lm.train_len) / lm.train_len for k in fine]
        promised = axes.plot(fine, fine, color=style.INK, linewidth=1.6, linestyle=(0, (1, 1.6)),
                             label=say("reach = $k$ · trained length"))  # fmt: skip
        heuristic = axes.plot(fine, reach, linewidth=2.6, label=say("heuristic of notebook 05"), **look("ntk_aware"))
        top = axes.axhline(16, color=style.MUTED, linewidth=1.2, label=say("measured up to here"))
        handles = [*heuristic, *promised, top]
        for name, shape in self.shapes.items():  # for the legend alone
            handles += axes.plot([], [], marker=shape, label=say("measured, seed {seed}", seed=name[-1]), **self.marks)
        axes.legend(handles=handles, bbox_to_anchor=(-0.1, 1.0), handlelength=2.0, **above)

        axes = self.add_axes((0.16, 0.15, 0.8, 0.64), right, xlim=(1.8, 36), xlabel=say("scale $k$"),
                             ylabel=say("price inside $L$ (nats a byte)"))  # fmt: skip
        count_in_doublings(axes, "x")
        axes.set_yscale("symlog", linthresh=0.1)
        ticks(axes.yaxis, (0, 0.1, 0.2, 0.5, 1, 2))
        axes.set_ylim(-0.02, 3)
        self.eight = {}  # mean price at k = 8
        for method in TRIED:
            scales, price = self.price(method)
            self.eight[method] = price[:, scales == 8].mean()
            colour = look(method)["color"]
            axes.vlines(scales, price.min(axis=0), price.max(axis=0), color=colour, linewidth=5, alpha=0.35)
            axes.plot(scales, price.mean(axis=0), marker="o", linewidth=2.6, markersize=6, label=method_name(method),
                      **look(method))  # fmt: skip
        axes.legend(bbox_to_anchor=(-0.12, 1.0), handlelength=2.4, **above)

    def price(self, method):
        """Mean loss inside the trained length beyond direct's, nats: the scales (s,), and (seeds, s)."""
        inside, fast = self.train_len // self.bin, FAST.get(method)
        scales = sorted(k for one, two, k in self.curves[self.seeds[0]] if (one, two) == (method, fast))
        return np.array(scales), np.array([
            [(curves[method, fast, k] - curves["direct", None, 1])[:inside].mean() for k in scales]
            for curves in self.curves.values()
        ])  # fmt: skip

    def broken(self, name, k, nats):
        """Where this k breaks, in trained lengths; the end of the measurement where it does not."""
        curves = self.curves[name]
        curve = curves["direct", None, 1] if k == 1 else curves["ntk_aware", None, k]
        return model.break_point(curve, curves["window", None, 1], nats) * self.bin / self.train_len

    def move(self, *, nats=0.4):
        told = []
        for name, shape in self.shapes.items():
            broken = [self.broken(name, k, nats) for k in self.scales]
            self.line(name, self.left, self.scales, broken, marker=shape, **self.marks)
            told.append(say("Seed {seed}: {places}.", seed=name[-1], places=say(", ").join(f"{one:g}" for one in broken)))
        self.tell(
            say("Where NTK-aware scaling breaks, in trained lengths, by a threshold of {nats:.2f} nats, for k = {scales}; 16 is the end of the measurement.",
                nats=nats, scales=say(", ").join(map(str, self.scales))),
            *told,
            say("Price inside L at k = 8, nats a byte: {methods}.",
                methods=listed((method_name(key), f"{one:.2f}") for key, one in self.eight.items())),
        )  # fmt: skip


class SuAgain(Picture):
    """Su's test at k = 8 (left, `published.SU_K8`), the same three tests on our models (right, stored measurements).

    Bar, square, diamond: the trained length; eight times as long with the text repeated; not repeated. Ours: mean over
    the seeds; the thin line from the lowest to the highest.
    """

    size, fineness = (11.4, 5.6), FINENESS
    rows = {  # ours: the same row of SU_K8. Our log n is put in after training: his is too, or stays out
        "direct": "direct", "direct.log_n": None, "pi": "PI", "pi.log_n": None,
        "ntk_aware": None, "ntk_aware.log_n": None, "base_times_k": "old = base · k", "base_times_k.log_n": None,
        "ntk_fixed": "fixed", "ntk_fixed.log_n": "fixed, log n added",
        "ntk_mixed": "mixed", "ntk_mixed.log_n": "mixed, log n added",
        "yarn": None, "yarn.window": None, "window": None,
    }  # fmt: skip
    tests = ("short", "repeated", "plain")

    def build(self):
        stored = [of["su"] for of in model.measured("measured").values() if "su" in of]  # not in "about"
        ours = [{(one["method"], one["fast"], one["log_n"]): one for one in of} for of in stored]
        places = range(len(self.rows))
        across = dict(xlim=(0, 100), ylim=(len(places) - 0.5, -0.5), yticks=places)
        his = self.add_axes((0.185, 0.17, 0.385, 0.755), title=say("Su: 100 M parameters, L = 512 tokens"),
                            xlabel=say("next-token accuracy (%)"), **across)  # fmt: skip
        mine = self.add_axes((0.6, 0.17, 0.385, 0.755), title=say("ours: 0.8 M, L = 128 bytes"),
                             xlabel=say("next-byte accuracy (%)"), **across)  # fmt: skip
        for axes in (his, mine):
            axes.tick_params(axis="y", length=0)
            for y in places[::4]:
                axes.axhspan(y - 0.5, y + 1.5, color=style.INK, alpha=0.05, linewidth=0, zorder=0)
        self.drawn, names = {"his": {}, "ours": {}}, []
        endings = {"": "", "log_n": " + log n", "window": ", " + say("last $L$")}
        for y, (label, row) in enumerate(self.rows.items()):
            method, _, more = label.partition(".")
            names.append(name_of(method) + endings[more])
            colour = line_of(method)["color"]
            if row is not None:
                self.drawn["his"][label] = published.SU_K8.rows[row]
                su_row(his, y, published.SU_K8.rows[row], colour, size=9)
            key = (f"{method}_window" if more == "window" else method, FAST.get(method), more == "log_n")
            values = np.array([[one[key][test] for test in self.tests] for one in ours])
            self.drawn["ours"][label] = values.mean(axis=0)
            mine.hlines([y - 0.13, y, y + 0.13], values.min(axis=0), values.max(axis=0), color=colour, linewidth=1.4)
            su_row(mine, y, values.mean(axis=0), colour, size=9)
        his.set_yticklabels(names)
        mine.set_yticklabels([""] * len(names))
        words = say("$L$, as trained"), say("8$L$, repeated text"), say("8$L$, not repeated")
        su_legend(his, words, size=9, loc="upper left", bbox_to_anchor=(0, -0.115), columnspacing=1.4, borderpad=0.1)
        plain = {label: name_of(label).replace("$", "") for label in self.rows if "." not in label}
        told = {
            who: listed((plain[label], *(f"{one:.1f}" for one in row[1:])) for label, row in of.items() if label in plain)
            for who, of in self.drawn.items()
        }
        self.tell(
            say("Su's test at k = 8, his model and ours: accuracy in per cent at eight times the trained length, text repeated and not repeated, without log n."),
            say("Su: {rows}.", rows=told["his"]),
            say("Ours, mean over three seeds: {rows}.", rows=told["ours"]),
        )  # fmt: skip


class Race(Picture):
    """The fine-tuning race at 8 times the length, by steps: perplexity (a), copying from beyond the trained length (b).

    From the stored measurements. data: what was fine-tuned on, "mixture" or "plain" text. Thin lines: the single
    models. Thick: their mean. (b) is the share of a word's letters that are copied, mean over all distances tested from
    train_len on. Dotted: the last-L window, untuned, on the same texts (a), and a blind guess among 26 letters (b).
    """

    size, fineness = (11.0, 4.2), FINENESS
    raced = ("direct", "pi", "ntk_aware", "yarn")
    tuned_on = {"mixture": "the training mixture", "plain": "running text"}

    def build(self):
        self.entries, stored = model.measured("race"), model.measured("measured")
        steps = sorted({at["step"] for one in self.entries for at in one["measured"]})
        seeds = sorted({one["from"] for one in self.entries})
        untuned = np.exp(np.mean([stored[seed]["race_window"] for seed in seeds]))
        left, right = self.panels(1, 2)
        self.axes, self.dotted = {}, {}
        for what, panel, title, level, words in (
            ("perplexity", left, say("(a) perplexity over 8$L$"), untuned, say("last $L$")),
            ("copied", right, say("(b) letters copied from beyond $L$ (%)"), 100 / 26, say("a blind guess")),
        ):
            self.axes[what] = axes = self.add_axes((0.13, 0.15, 0.83, 0.66), panel, xlabel=say("fine-tuning steps"))
            axes.set_title(title, fontsize=13, pad=34)
            axes.set_xscale("symlog", linthresh=10)
            ticks(axes.xaxis, steps, [str(step) if step != 500 else "" for step in steps])  # no room
            axes.set_xlim(-1, steps[-1] * 1.15)
            self.dotted[what] = axes.axhline(level, linewidth=2.4, **WINDOW), words
        self.axes["perplexity"].set(yscale="log", ylim=(2, 40))
        ticks(self.axes["perplexity"].yaxis, (2, 3, 5, 10, 20, 40))
        self.axes["copied"].set_ylim(0, 50)

    @staticmethod
    def far(at, run):
        """Share of letters copied, %, mean over the distances from train_len on (the race is at 8 times that)."""
        length = (max(run["distances"]) + 32) / run["k"]
        shares = zip(at["copied"], run["distances"], strict=True)
        return 100 * np.mean([share for share, distance in shares if distance >= length])

    def move(self, *, data="mixture"):
        valid.one_of("data", data, sorted({one["data"] for one in self.entries}))
        told = {}
        for (what, axes), value in zip(self.axes.items(), (lambda at, _: np.exp(at["loss"]), self.far), strict=True):
            for method in self.raced:
                runs = [run for run in self.entries if (run["method"], run["data"]) == (method, data)]
                curves = {run["from"]: {at["step"]: value(at, run) for at in run["measured"]} for run in runs}
                for name, curve in curves.items():
                    self.line((what, method, name), axes, list(curve), list(curve.values()), linewidth=1, alpha=0.7,
                              color=look(method)["color"], zorder=2.1)  # fmt: skip
                steps = sorted(set().union(*curves.values()))
                means = [np.mean([curve[step] for curve in curves.values() if step in curve]) for step in steps]
                self.line((what, method), axes, steps, means, marker="o", linewidth=3, markersize=7,
                          label=method_name(method) if what == "perplexity" else "", **look(method))  # fmt: skip
                told[what, method] = dict(zip(steps, means, strict=True))
            self.legend(axes, "above left", extra=[self.dotted[what]], ncols=5, bbox_to_anchor=(-0.03, 0.985),
                        handlelength=1.7, columnspacing=0.8, handletextpad=0.35, fontsize=11.5)  # fmt: skip
        self._words(data, told)

    def _words(self, data, told):
        rows = {
            what: listed((method_name(one), *(f"{told[what, one][step]:.1f}" for step in (0, 200))) for one in self.raced)
            for what in self.axes
        }
        last, went_on = max(told["copied", "direct"]), []
        if last > 200:
            both = ((method_name(one), *(f"{told[what, one][last]:.1f}" for what in self.axes)) for one in ("direct", "pi"))
            went_on = [say("After {last:,} steps, one model, perplexity and letters copied: {rows}.", last=last, rows=listed(both))]
        self.tell(
            say("Fine-tuning at 8 times the trained length on {data}.", data=say(self.tuned_on[data])),
            say("Perplexity untuned and after 200 steps: {rows}; last L, untuned {window:.1f}.",
                rows=rows["perplexity"], window=self.dotted["perplexity"][0].get_ydata()[0]),
            say("Letters copied from beyond L, per cent: {rows}; a blind guess {guess:.1f}.",
                rows=rows["copied"], guess=self.dotted["copied"][0].get_ydata()[0]),
            *went_on,
        )  # fmt: skip


class Twins(Growing):
    """Three twins that differ in their positions alone, past the trained length: RoPE, sinusoidal, and a learned table.

    rows: what the learned table does past its last row: "stop" (there is no row), "last" (the last row for all),
    "fresh" (rows that were never trained).
    """

    size, fineness = (10.4, 4.2), FINENESS
    length = 512
    twins = {  # words, colour and line
        "rope-0": ("RoPE, direct", look("direct")),
        "sinusoidal-0": ("sinusoidal", dict(color=style.SLOW, linestyle=(0, (6, 2)))),
        "learned-0": ("learned table", dict(color=style.ACCENT, linestyle="-")),
    }

    tables = {"stop": "stops", "last": "gives its last row again", "fresh": "gives fresh rows"}

    def build(self):
        self.axes = _perplexity_axes(self, (0.085, 0.15, 0.895, 0.72), 128, 3)
        self.axes.set_xlim(0, self.length)
        self.axes.xaxis.set_major_locator(MultipleLocator(64))

    def move(self, *, rows="stop"):
        valid.one_of("rows", rows, ("stop", "last", "fresh"))
        table, self.rows = {"learned-0": rows}, rows
        self.begin(lambda number: [twin(name, number, table.get(name)) for name in self.twins], len(model.texts()))

    def show(self):
        told, edge = [], 128 // STEP
        for (name, (words, how)), losses in zip(self.twins.items(), self.curves(), strict=True):
            mean = losses.mean(axis=0)
            values = np.exp(mean)
            at = STEP * (np.arange(len(values)) + 0.5)
            self.line(name, self.axes, at, values, linewidth=2.8, label=say(words), **how)
            parts = (mean[:edge], mean[edge:])
            told.append((say(words), *(f"{np.exp(part.mean()):.1f}" if part.size else say("none") for part in parts)))
        if len(values) == self.now[-1].count < self.length // STEP:  # where the last curve, the table's, ends
            self.line("wall", self.axes, [STEP * len(values)], [values[-1]], "X", color=style.ACCENT, markersize=14,
                      markeredgecolor="white")  # fmt: skip
        words = self.progress()[1] if self.unfinished else ""
        self.text("progress", self.axes, 0.985, 0.05, words, transform=self.axes.transAxes, ha="right", fontsize=12)
        self.tell(
            say("Perplexity of the next byte for three twins; {progress}. Past its last row the table {table}.",
                progress=self.progress()[1], table=say(self.tables[self.rows])),
            say("Before position 128, as trained, and from there to {length}: {rows}.", length=self.length, rows=listed(told)),
        )  # fmt: skip
        self.legend(self.axes, "above left", ncols=3, handlelength=2.4)
