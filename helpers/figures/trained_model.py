"""Pictures of notebook 06: a trained model past its training length.

The curves are computed while they are looked at, text by text (`Picture.more`); the stored measurements come from
`helpers.model.measured`. Colours and lines of the methods are those of notebooks 04 and 05.
"""

import functools

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MultipleLocator, NullLocator

from helpers import model, published, scaling, style, valid
from helpers.figures import Picture
from helpers.figures.interpolation import method_name
from helpers.labels import say

BIN = 32  # bytes in one point of a curve
FINENESS = 1.6  # seven pictures must fit into one notebook
STEP = 16  # ... of the twins' curves
FAST = 4  # turns from which NTK-by-parts and YaRN leave a pair alone, as in Llama 3.1
TRIED = ("pi", "ntk_aware", "ntk_by_parts", "yarn")
WINDOW = dict(color=style.MUTED, linestyle=(0, (1, 1.4)))


def options(lm, method, k):
    """What `Model.losses` needs for a method as the pictures show it. "window": the last train_len keys only."""
    if method == "window":
        return {"window": lm.train_len}
    return lm.stretched(method, k, fast=FAST if method in ("ntk_by_parts", "yarn") else None)


def look(method):
    """Colour and line of a method, or of the window."""
    if method == "window":
        return WINDOW
    return dict(color=scaling.METHODS[method].colour, linestyle=scaling.METHODS[method].linestyle)


@functools.lru_cache(maxsize=4096)
def binned(name, text, method, k):
    """Loss of one text in bins of BIN bytes, nats: (bins,). text: bytes, one more than a whole number of bins."""
    lm = model.load(name)
    losses = lm.losses(np.frombuffer(text, np.uint8), **options(lm, method, k))
    return losses.astype(float).reshape(-1, BIN).mean(axis=1)


class Perplexity(Picture):
    """Perplexity by position: direct, one method with its k, and the last-L window, averaged text by text.

    Shade: the standard error over texts. text: bytes to read instead of the project's 16 texts, at least test_len + 1.
    The numbers on the right are means over stretches of the text, by the same curves.
    """

    size, fineness = (11.6, 4.5), FINENESS
    name = "rope-0"
    limits = (2.0, 100.0)

    def build(self):
        self.lm = model.load(self.name)
        self.axes = axes = self.figure.add_axes((0.07, 0.145, 0.56, 0.69))
        axes.set(
            yscale="log",
            ylim=self.limits,
            xlim=(0, 1024),
            xlabel=say("trained_model.pos"),
            ylabel=say("trained_model.perplexity"),
        )
        axes.set_yticks((2, 5, 10, 20, 50, 100), ("2", "5", "10", "20", "50", "100"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(MultipleLocator(self.lm.train_len))
        axes.axvline(self.lm.train_len, color=style.INK, linewidth=1.2, linestyle=(0, (4, 2)))
        self.bands, self.lines = {}, {}
        for key in ("window", "direct", *TRIED):
            self.bands[key] = self.moves(
                axes.fill_between([0, 1], 1, 1, color=look(key)["color"], alpha=0.22, linewidth=0)
            )
            self.lines[key] = self.moves(axes.plot([], [], linewidth=2.6, **look(key))[0])
        names = {"window": say("trained_model.window"), **{key: method_name(key) for key in ("direct", *TRIED)}}
        axes.legend(
            [self.lines[key] for key in names], list(names.values()), loc="lower left", bbox_to_anchor=(-0.015, 1.0),
            ncols=6, handlelength=1.9, columnspacing=0.9, handletextpad=0.4, borderpad=0.1, fontsize=12,
        )  # fmt: skip
        self.table = axes = self.figure.add_axes((0.66, 0.145, 0.335, 0.69))
        axes.set(xlim=(0, 1), ylim=(6.7, -0.3))
        axes.set_axis_off()
        columns = (0.43, 0.66, 0.995)
        axes.text(0, 0.1, say("trained_model.mean"), fontsize=13)
        self.heads = [self.moves(axes.text(x, 0.95, "", ha="right", fontsize=13)) for x in columns]
        self.cells = []
        for y in np.arange(1.8, 6.5):
            row = [axes.text(0.0, y, "", fontsize=13), *(axes.text(x, y, "", ha="right", fontsize=14) for x in columns)]
            self.cells.append(self.moves(*row))
        bar = self.figure.add_axes((0.66, 0.06, 0.33, 0.035))
        bar.set(xlim=(0, 1), ylim=(0, 1))
        bar.set_axis_off()
        bar.add_patch(Rectangle((0, 0), 1, 1, facecolor="#E8E8E8"))
        self.bar = self.moves(bar.add_patch(Rectangle((0, 0), 0, 1, facecolor=style.MIDDLE)))
        self.progress = self.moves(bar.text(0, 1.6, "", fontsize=12))

    def move(self, *, test_len=1024, k=8.0, method="ntk_aware", text=None):
        if method not in TRIED:
            raise ValueError(f"method must be one of {', '.join(TRIED)}; got method = {method!r}")
        given = model.texts() if text is None else np.asarray(text)[None]
        test_len = valid.integer("test_len", test_len, BIN)
        if given.shape[1] <= test_len:
            raise ValueError(
                f"test_len must be at most {given.shape[1] - 1} for this text, one byte less than it has; "
                f"got test_len = {test_len}"
            )
        rows = [row[: test_len - test_len % BIN + 1].tobytes() for row in given]
        asked = (("window", 1.0), ("direct", 1.0), (method, float(k)))
        first = self.part(rows[0], asked)  # before anything is changed: a bad k leaves the last good picture
        self.rows, self.asked, self.found = rows, asked, []
        if self.axes.get_xlim() != (0, test_len):
            self.axes.set_xlim(0, test_len)
            self.axes.xaxis.set_major_locator(MultipleLocator(max(self.lm.train_len, test_len // 8)))
        self.add(first)

    def part(self, row, asked):
        return [binned(self.name, row, method, k) for method, k in asked]

    def more(self):
        self.add(self.part(self.rows[len(self.found)], self.asked))

    def add(self, part):
        self.found.append(part)
        self.unfinished = len(self.found) < len(self.rows)
        self.show()

    def show(self):
        losses = np.array(self.found)  # (texts, 3, bins)
        mean, count = losses.mean(axis=0), len(losses)
        error = losses.std(axis=0, ddof=1) / count**0.5 if count > 1 else np.zeros_like(mean)
        at = BIN * (np.arange(mean.shape[1]) + 0.5)
        shown = [method for method, _ in self.asked]
        for key, line in self.lines.items():
            if key in shown:
                place = shown.index(key)
                line.set_data(at, np.exp(mean[place]))
                low, high = np.exp(mean[place] - error[place]), np.exp(mean[place] + error[place])
                self.bands[key].set_verts([np.concatenate([np.stack([at, low], 1), np.stack([at, high], 1)[::-1]])])
            else:
                line.set_data([], [])
                self.bands[key].set_verts([])
        for head, key in zip(self.heads, shown, strict=True):
            head.set_text(say("trained_model.window.short") if key == "window" else method_name(key))
            head.set_color(look(key)["color"])
        length, end = self.lm.train_len, mean.shape[1] * BIN
        edges = [edge for edge in (0, 1, 2, 4, 8) if edge * length < end] + [end / length]
        for number, texts in enumerate(self.cells):
            if number < len(edges) - 1:
                low, high = edges[number : number + 2]
                part = mean[:, int(low * length / BIN) : int(high * length / BIN)]
                texts[0].set_text(f"{_times(low)}–{_times(high)}")
                for text, value in zip(texts[1:], np.exp(part.mean(axis=1)), strict=True):
                    text.set_text(f"{value:.2f}")
            else:
                for text in texts:
                    text.set_text("")
        self.bar.set_width(count / len(self.rows))
        self.progress.set_text(say("trained_model.progress", done=count, all=len(self.rows)))


def _times(value):
    return "0" if value == 0 else "L" if value == 1 else f"{value:g}L"


class Attention(Picture):
    """Where one head looks in a text that repeats every 40 bytes: direct (left), and by one method (right).

    Rows are queries, columns keys; each dot is the largest weight among CELL x CELL of them. Below each map: the attention
    on the bytes to copy, which followed earlier copies of the query's byte: its mean over queries before L, and over those
    from 2L on.
    """

    size, fineness = (10.4, 5.3), FINENESS
    name, period, n = "rope-0", 40, 512
    CELL = 4

    def build(self):
        self.lm = model.load(self.name)
        self.tokens = np.resize(model.texts()[0][: self.period], self.n)
        back = np.arange(self.n)[:, None] - np.arange(self.n)
        self.target = (back > 0) & ((back + 1) % self.period == 0)
        self.kept, self.maps, self.words = {}, {}, {}
        ticks = range(0, self.n + 1, 128)
        for side, x in (("direct", 0.08), ("method", 0.575)):
            axes = self.figure.add_axes((x, 0.25, 0.41, 0.66))
            axes.grid(False)
            blank = np.zeros((self.n // self.CELL, self.n // self.CELL))
            image = axes.imshow(blank, cmap=style.SEQUENTIAL, norm=PowerNorm(0.5, 0, 1), aspect="auto", interpolation="nearest",
                                extent=(0, self.n, self.n, 0))  # fmt: skip
            axes.set(xlabel=say("trained_model.key"), xticks=ticks, yticks=ticks)
            axes.set_ylabel(say("trained_model.query") if side == "direct" else "")
            edge, dashes = self.lm.train_len, dict(color="white", linewidth=1.4, linestyle=(0, (4, 2)))
            lines = [
                axes.plot([0, self.n], [edge, edge], **dashes)[0],
                axes.plot([edge, edge], [0, self.n], **dashes)[0],
            ]
            axes.set(xlim=(0, self.n), ylim=(self.n, 0))
            title = axes.text(0, 1.02, "", transform=axes.transAxes, fontsize=15)
            below = axes.text(
                0.5, -0.3, "", transform=axes.transAxes, ha="center", va="center", fontsize=14, linespacing=1.3
            )
            self.maps[side], self.words[side] = image, (title, below)
            self.moves(image, *lines, title, below)

    def weights(self, layer, method, k):
        key = layer, method, k
        if key not in self.kept:
            if len(self.kept) > 8:
                self.kept.clear()
            self.kept[key] = self.lm.attention(self.tokens, layer, **options(self.lm, method, k))
        return self.kept[key]

    def move(self, *, layer=1, head=2, k=8.0, method="ntk_aware"):
        if method not in TRIED:
            raise ValueError(f"method must be one of {', '.join(TRIED)}; got method = {method!r}")
        head = valid.integer("head", head, 0, self.lm.heads - 1)
        for side, key, scale in (("direct", "direct", 1.0), ("method", method, float(k))):
            weight = self.weights(layer, key, scale)[head]
            cells = self.n // self.CELL
            self.maps[side].set_data(weight.reshape(cells, self.CELL, cells, self.CELL).max(axis=(1, 3)))
            title, below = self.words[side]
            title.set_text(method_name(key) + ("" if key == "direct" else f", k = {scale:.3g}"))
            title.set_color(look(key)["color"])
            before, after = self.on_target(weight)
            below.set_text(say("trained_model.target", before=100 * before, after=100 * after))

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

    def build(self):
        stored = model.measured("measured")
        self.bin, self.train_len = stored["about"]["bin"], stored["about"]["train_len"]
        self.seeds = [name for name in stored if name != "about"]
        self.curves = {
            name: {(one["method"], one["fast"], one["k"]): np.array(one["loss"]) for one in stored[name]["curves"]}
            for name in self.seeds
        }
        lm = model.load(self.seeds[0])
        self.scales = (1, 2, 4, 8, 16, 32)
        left, right = self.panels(1, 2, width_ratios=(1.15, 1))
        self.left = axes = left.add_axes((0.12, 0.15, 0.86, 0.64))
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set(xlim=(0.9, 36), ylim=(0.9, 18), xlabel=say("trained_model.scale"), ylabel=say("trained_model.break"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
            axis.set_minor_locator(NullLocator())
        fine = 2.0 ** np.linspace(0, 5, 41)
        promised = axes.plot(fine, fine, color=style.INK, linewidth=1.6, linestyle=(0, (1, 1.6)))[0]
        reach = [scaling.effective_length(lm.head_dim, lm.base, k, lm.train_len) / lm.train_len for k in fine]
        heuristic = axes.plot(fine, reach, linewidth=2.6, **look("ntk_aware"))[0]
        top = axes.axhline(16, color=style.MUTED, linewidth=1.2)
        markers = ("o", "s", "D", "^", "v")
        self.points = [self.moves(axes.plot([], [], marker, color=style.ACCENT, markersize=10, markerfacecolor="none",
                                            markeredgewidth=2.2)[0]) for _, marker in zip(self.seeds, markers, strict=False)]  # fmt: skip
        names = [
            say("trained_model.heuristic"),
            say("ntk_aware.promised"),
            say("trained_model.measured_end"),
            *(say("trained_model.seed", seed=name[-1]) for name in self.seeds),
        ]
        axes.legend([heuristic, promised, top, *self.points], names, loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=2,
                    handlelength=2.0, columnspacing=1.2, borderpad=0.1, labelspacing=0.25, fontsize=12)  # fmt: skip
        axes = right.add_axes((0.16, 0.15, 0.8, 0.64))
        axes.set_xscale("log", base=2)
        axes.set(xlim=(1.8, 36), xlabel=say("trained_model.scale"), ylabel=say("trained_model.price"))
        axes.set_yscale("symlog", linthresh=0.1)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_yticks((0, 0.1, 0.2, 0.5, 1, 2), ("0", "0.1", "0.2", "0.5", "1", "2"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_ylim(-0.02, 3)
        lines = []
        for method in TRIED:
            scales, price = self.price(method)
            axes.vlines(
                scales, price.min(axis=0), price.max(axis=0), color=look(method)["color"], linewidth=5, alpha=0.35
            )
            lines.append(axes.plot(scales, price.mean(axis=0), "o", linewidth=2.6, markersize=6, **look(method))[0])
            lines[-1].set_linestyle(look(method)["linestyle"])
        axes.legend(lines, [method_name(method) for method in TRIED], loc="lower left", bbox_to_anchor=(-0.12, 1.0), ncols=2,
                    handlelength=2.4, columnspacing=1.2, borderpad=0.1, labelspacing=0.25, fontsize=12)  # fmt: skip

    def price(self, method):
        """Mean loss inside the trained length beyond direct's, nats: the scales (s,), and (seeds, s)."""
        inside, fast = self.train_len // self.bin, FAST if method in ("ntk_by_parts", "yarn") else None
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
        for name, points in zip(self.seeds, self.points, strict=True):
            points.set_data(self.scales, [self.broken(name, k, nats) for k in self.scales])


class SuAgain(Picture):
    """Su's test at k = 8 (left, `published.SU_K8`), and the same three tests on our models (right, stored measurements).

    Bar, square, diamond: the trained length; eight times as long with the text repeated; not repeated. Ours: mean over
    the seeds; the thin line from the lowest to the highest.
    """

    size, fineness = (11.4, 4.6), FINENESS
    rows = (  # label, row of SU_K8, our (method, fast, log n)
        ("direct", "Baseline (direct)", ("direct", None, False)),
        ("direct.log_n", "Baseline, log n", ("direct", None, True)),
        ("pi", "PI-RoPE", ("pi", None, False)),
        ("pi.log_n", "PI-RoPE, log n", ("pi", None, True)),
        ("ntk_aware", "NTK-RoPE (old)", ("ntk_aware", None, False)),
        ("ntk_aware.log_n", "NTK-RoPE, log n (old)", ("ntk_aware", None, True)),
        ("base_times_k", "NTK-fixed", ("base_times_k", None, False)),
        ("base_times_k.log_n", "NTK-fixed, log n", ("base_times_k", None, True)),
        ("yarn", None, ("yarn", FAST, False)),
        ("yarn.window", None, ("yarn_window", FAST, False)),
        ("window", None, ("window", None, False)),
    )
    tests = ("short", "repeated", "plain")

    def build(self):
        stored = model.measured("measured")
        ours = [
            {(one["method"], one["fast"], one["log_n"]): one for one in stored[name]["su"]}
            for name in stored
            if name != "about"
        ]
        first = self.figure.add_axes((0.185, 0.2, 0.385, 0.7))
        second = self.figure.add_axes((0.6, 0.2, 0.385, 0.7))
        names = []
        for label, _, _ in self.rows:
            key, _, more = label.partition(".")
            name = say("trained_model.window.short") if key == "window" else method_name(key)
            names.append(name + {"": "", "log_n": " + log n", "window": ", " + say("trained_model.window.short")}[more])
        for axes, title in ((first, "trained_model.su.his"), (second, "trained_model.su.ours")):
            axes.set(xlim=(0, 100), ylim=(len(self.rows) - 0.5, -0.5), title=say(title))
            axes.set_xlabel(say("trained_model.accuracy" if axes is first else "trained_model.accuracy.bytes"))
            axes.set_yticks(range(len(self.rows)), names if axes is first else [""] * len(self.rows))
            axes.tick_params(axis="y", length=0)
            for y in range(0, len(self.rows), 4):
                axes.add_patch(
                    Rectangle((0, y - 0.5), 100, min(2, len(self.rows) - y), color="#F4F4F4", linewidth=0, zorder=0)
                )
        self.drawn = {"his": {}, "ours": {}}
        for y, (label, row, key) in enumerate(self.rows):
            colour = look(label.partition(".")[0])["color"]
            if row is not None:
                self.drawn["his"][label] = published.SU_K8.rows[row]
                self._row(first, y, published.SU_K8.rows[row], colour)
            values = np.array([[one[key][test] for test in self.tests] for one in ours])
            self.drawn["ours"][label] = values.mean(axis=0)
            second.hlines([y - 0.13, y, y + 0.13], values.min(axis=0), values.max(axis=0), color=colour, linewidth=1.4)
            self._row(second, y, values.mean(axis=0), colour)
        handles = [
            first.plot(
                [],
                [],
                marker,
                color=style.INK,
                markerfacecolor=style.INK if marker != "D" else "white",
                markersize=size,
                markeredgewidth=width,
                linestyle="none",
            )[0]
            for marker, size, width in self._marks()
        ]
        names = [say(f"trained_model.su.{test}") for test in self.tests]
        first.legend(handles, names, loc="upper left", bbox_to_anchor=(0, -0.15), ncols=3, handletextpad=0.2, columnspacing=1.4,
                     borderpad=0.1)  # fmt: skip

    @staticmethod
    def _marks():
        return (("|", 15, 2.4), ("s", 9, 0), ("D", 8, 2.2))

    def _row(self, axes, y, values, colour):
        axes.plot(values[1:], (y, y), color=colour, linewidth=1.6, alpha=0.5)
        for x, (marker, size, width) in zip(values, self._marks(), strict=True):
            axes.plot([x], [y], marker, color=style.INK if marker == "|" else colour, markersize=size, markeredgewidth=width,
                      markerfacecolor="white" if marker == "D" else colour, zorder=4)  # fmt: skip

    def move(self):
        pass


class Race(Picture):
    """The fine-tuning race at 8 times the length, by steps: perplexity (a), and copying from beyond the trained length (b).

    From the stored measurements. data: what was fine-tuned on, "mixture" or "plain" text. Thin lines: the single models.
    Thick: their mean. (b) is the share of a word's letters that are copied, mean over all distances tested from train_len
    on. Dotted: the last-L window, untuned, on the same texts (a), and a blind guess among 26 letters (b).
    """

    size, fineness = (11.0, 4.2), FINENESS
    raced = ("direct", "pi", "ntk_aware", "yarn")

    def build(self):
        self.entries = model.measured("race")
        self.seeds = sorted({one["from"] for one in self.entries})
        self.steps = sorted({at["step"] for one in self.entries for at in one["measured"]})
        left, right = self.panels(1, 2)
        self.axes, self.lines, self.thin = {}, {}, {}
        for panel, what in ((left, "perplexity"), (right, "copied")):
            axes = panel.add_axes((0.13, 0.15, 0.83, 0.66))
            axes.set(xlabel=say("trained_model.race.steps"))
            axes.set_title(say(f"trained_model.race.{what}"), fontsize=13, pad=34)
            axes.set_xscale("symlog", linthresh=10)
            axes.set_xticks(self.steps, [str(step) if step != 500 else "" for step in self.steps])  # no room
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xlim(-1, self.steps[-1] * 1.15)
            if what == "perplexity":
                axes.set(yscale="log", ylim=(2, 40))
                axes.set_yticks((2, 3, 5, 10, 20, 40), ("2", "3", "5", "10", "20", "40"))
                axes.yaxis.set_minor_locator(NullLocator())
            else:
                axes.set(ylim=(0, 50))
            self.lines[what] = {
                key: self.moves(axes.plot([], [], "o", linewidth=3, markersize=7, **look(key))[0]) for key in self.raced
            }
            self.thin[what] = {
                (key, seed): self.moves(axes.plot([], [], linewidth=1, color=look(key)["color"], alpha=0.7)[0])
                for key in self.raced
                for seed in self.seeds
            }
            for key, line in self.lines[what].items():
                line.set_linestyle(look(key)["linestyle"])
            self.axes[what] = axes
        stored = model.measured("measured")
        untuned = np.exp(np.mean([stored[seed]["race_window"] for seed in self.seeds]))
        dotted = self.axes["perplexity"].axhline(untuned, linewidth=2.4, **WINDOW)
        guess = self.axes["copied"].axhline(100 / 26, linewidth=2.4, **WINDOW)
        options = dict(loc="lower left", bbox_to_anchor=(-0.03, 0.985), handlelength=1.7, columnspacing=0.8, handletextpad=0.35,
                       borderpad=0.1, fontsize=11.5)  # fmt: skip
        self.axes["perplexity"].legend(
            [*self.lines["perplexity"].values(), dotted],
            [*(method_name(key) for key in self.raced), say("trained_model.window.short")], ncols=5, **options,
        )  # fmt: skip
        self.axes["copied"].legend([guess], [say("trained_model.race.guess")], **options)

    @staticmethod
    def far(at, run):
        """Share of letters copied, %, mean over the distances from train_len on (the race is at 8 times that)."""
        length = (max(run["distances"]) + 32) / run["k"]
        return 100 * np.mean(
            [share for share, distance in zip(at["copied"], run["distances"], strict=True) if distance >= length]
        )

    def move(self, *, data="mixture"):
        known = sorted({one["data"] for one in self.entries})
        if data not in known:
            raise ValueError(f"data must be one of {', '.join(known)}; got data = {data!r}")
        for what in self.lines:
            for key in self.raced:
                by_step = {}
                for seed in self.seeds:
                    runs = [
                        one for one in self.entries if (one["from"], one["method"], one["data"]) == (seed, key, data)
                    ]
                    points = [(at["step"], np.exp(at["loss"]) if what == "perplexity" else self.far(at, one))
                              for one in runs for at in one["measured"]]  # fmt: skip
                    self.thin[what][key, seed].set_data(np.reshape(points, (-1, 2)).T)
                    for step, value in points:
                        by_step.setdefault(step, []).append(value)
                self.lines[what][key].set_data(list(by_step), [np.mean(values) for values in by_step.values()])


class Twins(Picture):
    """Three twins that differ in their positions alone, past the trained length: RoPE, sinusoidal, and a learned table.

    rows: what the learned table does past its last row: "stop" (there is no row), "last" (the last row for all), "fresh"
    (rows that were never trained).
    """

    size, fineness = (10.4, 4.2), FINENESS
    names = ("rope-0", "sinusoidal-0", "learned-0")
    texts, length = 16, 512

    def build(self):
        self.kept = {}
        self.axes = axes = self.figure.add_axes((0.085, 0.15, 0.895, 0.72))
        axes.set(
            yscale="log",
            ylim=(3, 100),
            xlim=(0, self.length),
            xlabel=say("trained_model.pos"),
            ylabel=say("trained_model.perplexity"),
        )
        axes.xaxis.set_major_locator(MultipleLocator(64))
        axes.set_yticks((3, 5, 10, 20, 50, 100), ("3", "5", "10", "20", "50", "100"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.axvline(128, color=style.INK, linewidth=1.2, linestyle=(0, (4, 2)))
        looks = {
            "rope-0": look("direct"),
            "sinusoidal-0": dict(color=style.SLOW, linestyle=(0, (6, 2))),
            "learned-0": dict(color=style.ACCENT, linestyle="-"),
        }
        self.lines = {name: self.moves(axes.plot([], [], linewidth=2.8, **looks[name])[0]) for name in self.names}
        self.wall = self.moves(axes.plot([], [], "X", color=style.ACCENT, markersize=14, markeredgecolor="white")[0])
        axes.legend(list(self.lines.values()), [say(f"trained_model.twin.{name[:-2]}") for name in self.names], loc="lower left",
                    bbox_to_anchor=(-0.01, 1.0), ncols=3, handlelength=2.4, borderpad=0.1)  # fmt: skip

    def curve(self, name, rows):
        lm = model.load(name)
        size = self.length
        if name == "learned-0":
            if rows == "stop":
                size = lm.train_len
            else:
                lm = lm.with_rows(rows, self.length)
        losses = np.mean([lm.losses(text[: size + 1]) for text in model.texts()[: self.texts]], axis=0)
        return np.exp(losses.reshape(-1, STEP).mean(axis=1))

    def move(self, *, rows="stop"):
        if rows not in ("stop", "last", "fresh"):
            raise ValueError(f"rows must be one of stop, last, fresh; got rows = {rows!r}")
        for name, line in self.lines.items():
            key = name, rows if name == "learned-0" else "stop"
            if key not in self.kept:
                self.kept[key] = self.curve(*key)
            values = self.kept[key]
            line.set_data(STEP * (np.arange(len(values)) + 0.5), values)
        stopped = rows == "stop"
        self.wall.set_data([STEP * len(values)] if stopped else [], [values[-1]] if stopped else [])
