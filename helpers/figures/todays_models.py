"""Pictures of notebook 08: a model read from its settings, every method on one axis, sharper attention, rounding."""

import functools

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers import configs, precision, rope, scaling, style, valid
from helpers.figures import Picture, count_in_doublings, listed, look, method_name
from helpers.figures.interpolation import Multiplier
from helpers.labels import say

__all__ = ["Methods", "Rounded", "Settings", "Sharpening"]


class Settings(Picture):
    """What a configuration's positions do: turns of each pair (a), how far each is slowed (b), what was read (c).

    (a) Dots: turns in training; triangles: turns by test_len, with the scaling. A dot below the line made no full turn,
    so a triangle above it is an angle never met. model: a name of `configs.MODELS`. config: JSON text of the reader's
    own, read in its place; empty for none.
    """

    size, fineness = (12.6, 4.7), 1.6

    def build(self):
        left, middle, right = self.panels(1, 3, width_ratios=(1.25, 1.0, 0.72))
        self.turned = self.add_axes((0.155, 0.145, 0.825, 0.7), left, yscale="log", xlabel=say("pair index $i$"),
                                    ylabel=say("turns"))  # fmt: skip
        self.turned.text(0, 1.13, say("(a) turns of each pair"), transform=self.turned.transAxes)
        self.turned.axhline(1, color=style.INK, linewidth=1)
        self.slowed = self.add_axes((0.185, 0.145, 0.785, 0.7), middle, xlabel=say("pair index $i$"),
                                    ylabel=say("multiplier $\\theta'_i/\\theta_i$"))  # fmt: skip
        self.slowed.text(0, 1.13, say("(b) what the scaling changes"), transform=self.slowed.transAxes)
        count_in_doublings(self.slowed, "y")
        for axes in (self.turned, self.slowed):
            axes.minorticks_off()
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        self.words = self.add_axes((0.04, 0.145, 0.94, 0.7), right, off=True, xlim=(0, 1), ylim=(0, 1))

    def move(self, *, test_len=8192, model="LLaMA 7B", config=""):
        valid.one_of("model", model, configs.MODELS)
        read = configs.read(config if config.strip() else configs.MODELS[model], length=test_len)
        plain = rope.frequencies(read.dim, read.base)
        pairs = np.arange(read.dim // 2)
        trained, reached = rope.turns(plain, read.train_len), rope.turns(read.theta, test_len)
        met = trained >= 1
        new = ~met & (reached > trained * (1 + 1e-9))
        low, high = np.floor(np.log10(min(trained.min(), reached.min()))), np.ceil(np.log10(max(trained[0], reached[0])))
        ends = (-0.03 * pairs.size - 0.5, 1.03 * pairs.size - 0.5)
        self.limits(self.turned, ends, (10.0**low / 2, 10.0**high * 2))
        for name, which, color, label in (
            ("complete", met, style.SEEN, say("in training: full turns")),
            ("incomplete", ~met, style.FAST, say("no full turn")),
        ):
            self.line(name, self.turned, pairs[which], trained[which], "o", color=color, markersize=7, label=label)
        for name, which, color, filled, label in (
            ("known", ~new, style.MUTED, "none", say("by the test length")),
            ("new", new, style.UNSEEN, style.UNSEEN, say("new angles")),
        ):
            self.line(name, self.turned, pairs[which], reached[which], "^", color=color, markersize=7, label=label,
                      markerfacecolor=filled)  # fmt: skip
        self.legend(self.turned, "lower left", ncols=1, handletextpad=0.2, fontsize=11, borderpad=0.3, frameon=True)

        change = read.theta / plain
        deepest = np.ceil(-np.log2(min(change.min(), 0.5)) - 1e-9)
        self.limits(self.slowed, ends, (2.0 ** -(deepest * 1.15), 2.0 ** (deepest * 0.1)))
        self.line("change", self.slowed, pairs, change, "o-", color=style.ACCENT, markersize=4, linewidth=1.5)
        self._what_was_read(read, met, new, test_len)
        self._words(say("your config.json") if config.strip() else model, read, met, new, test_len, change)

    def _words(self, name, read, met, new, test_len, change):
        slowed, pairs = (change < 1 - 1e-9).sum(), met.size
        words = say("The scaling slows no pair.") if not slowed else say(
            "The scaling slows {slowed} of {pairs} pairs, by up to {most:.3g} times.",
            slowed=slowed, pairs=pairs, most=1 / change.min(),
        )  # fmt: skip
        self.tell(
            say("Settings of {name}: {dim} of {head_dim} components turn, base {base:,.0f}, trained on {length:,.0f} tokens, method {method}, k = {k:.3g}; cos and sin times {factor:.3f}.",
                name=name, dim=read.dim, head_dim=read.head_dim, base=read.base, length=read.train_len,
                method=method_name(read.method), k=read.k, factor=read.attention_factor),
            say("{met} of {pairs} pairs made a full turn in training; pairs with new angles by {length:,} tokens: {new}.",
                met=met.sum(), pairs=pairs, length=test_len, new=new.sum()),
            words,
        )  # fmt: skip

    def _what_was_read(self, read, met, new, test_len):
        """Panel (c), in words and numbers."""
        told = [
            (say("turned"), say("{dim} of {head_dim}", dim=read.dim, head_dim=read.head_dim)),
            (say("base"), f"{read.base:,.0f}"),
            (say("trained length L"), f"{read.train_len:,.0f}"),
            (say("method"), method_name(read.method)),
            (say("scale k"), f"{read.k:g}"),
            (say("cos, sin times"), f"{read.attention_factor:.3f}"),
            (say("full turns"), say("{met} of {pairs} pairs", met=met.sum(), pairs=met.size)),
            (say("new by {test_len:,}", test_len=test_len), say("{new} pairs", new=new.sum())),
        ]
        for row, (name, value) in enumerate(told):
            height = 1 - row / (len(told) - 1)
            self.text(("name", row), self.words, 0, height, name, color=style.MUTED, va="center", fontsize=12)
            self.text(("value", row), self.words, 1, height, value, va="center", ha="right", fontsize=12)


class Methods(Multiplier):
    """What every method multiplies each pair's frequency by; below, YaRN as shipped over YaRN as its paper writes it.

    The shaded pairs made no full turn in training. dynamic NTK: for a text of k · train_len tokens.
    """

    size = (12.6, 5.6)
    methods = ("pi", "ntk_aware", "ntk_fixed", "ntk_mixed", "dynamic_ntk", "ntk_by_parts", "yarn", "llama3")

    def build(self):
        super().build()
        self.plot.set_position((0.085, 0.375, 0.895, 0.5))
        self.plot.set_xlabel("")
        self.plot.tick_params(labelbottom=False)
        self.ratio = self.add_axes((0.085, 0.115, 0.895, 0.19), xlabel=say("pair index $i$"))
        self.ratio.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.ratio.text(0, 1.08, say("YaRN: as shipped, over as written"), transform=self.ratio.transAxes)

    def move(self, *, train_len=2048, dim=128, base=10_000.0, k=4.0):
        super().move(dim=dim, base=base, k=k, train_len=train_len, methods=self.methods)
        ratio = scaling.yarn(dim, base, k, train_len) / scaling.ntk_by_parts(dim, base, k, train_len)
        top = max(1.5, np.ceil(2 * ratio.max()) / 2)
        self.limits(self.ratio, (-0.5, dim // 2 - 0.5), (min(0.9, np.floor(10 * ratio.min()) / 10), top))
        self.line("ratio", self.ratio, np.arange(dim // 2), ratio, linewidth=2.5, **look("yarn"))
        self._tell_ours(train_len, dim, base, k, ratio)

    def _tell_ours(self, train_len, dim, base, k, ratio):
        factors = {method_name(key): self[key].get_ydata() for key in self.methods}
        fewer = dim // 2 - rope.first_unfinished_pair(rope.frequencies(dim, base), train_len)
        self.tell(
            say("Multiplier of each pair's frequency by {count} methods: trained on {length:,} tokens, d = {dim}, base {base:,.0f}, k = {k:.3g}; {slow} of {pairs} pairs made no full turn.",
                count=len(factors), length=train_len, dim=dim, base=base, k=k, slow=fewer, pairs=dim // 2),
            say("At the last pair: {methods}.",
                methods=listed((name, f"{one[-1]:.3g}") for name, one in factors.items())),
            say("Pair 0 is slowed by: {methods}.",
                methods=say(", ").join(name for name, one in factors.items() if one[0] < 1 - 1e-9) or say("none")),
            say("YaRN as shipped is at most {most:.2f} times as fast as written, at pair {pair}.",
                most=ratio.max(), pair=ratio.argmax()),
        )  # fmt: skip


_NAMES = {"plain": "as it is", "yarn": "YaRN's factor", "log": "log n"}


class Sharpening(Picture):
    """Attention over n keys with random scores: its entropy against n (a), the largest weights at n (b).

    Scores are normal with the standard deviation `spread`. They are taken as they are, times the square of YaRN's
    factor for k, and times ln n / ln train_len (Su's "log n", never below 1). The dotted line is the entropy at
    train_len: what training knew. Averages over 32 draws. Source: YaRN, arXiv 2309.00071, section 3.4.
    """

    size = (12.0, 4.5)
    looks = {
        "plain": dict(color=style.MUTED, linestyle=style.DASHES[0]),
        "yarn": look("yarn"),
        "log": dict(color=style.MIDDLE, linestyle=style.DASHES[2]),
    }
    most = 2**15

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.35, 1.0))
        self.plot = self.add_axes((0.105, 0.15, 0.87, 0.71), left, xscale="log", xlim=(64, self.most),
                                  xlabel=say("keys $n$"), ylabel=say("entropy (nats)"))  # fmt: skip
        count_in_doublings(self.plot, "x")
        self.bars = self.add_axes((0.2, 0.15, 0.77, 0.71), right, xlim=(0.5, 16.5), xticks=(1, 4, 8, 12, 16), xlabel=say("key, largest weight first"),
                                  ylabel=say("weight (%)"))  # fmt: skip
        self.plot.text(0, 1.045, "(a)", transform=self.plot.transAxes)
        self.bars.text(0, 1.045, "(b)", transform=self.bars.transAxes)

    def move(self, *, test_len=4096, train_len=512, spread=1.9, k=8.0):
        counts = 2 ** np.arange(6, 16)
        factors = {
            "plain": np.ones(counts.size),
            "yarn": np.full(counts.size, scaling.yarn_attention_factor(k) ** 2),
            "log": np.maximum(np.log(counts) / np.log(train_len), 1),
        }
        at = int(np.argmin(abs(counts - test_len)))
        largest, rows = 0.0, []
        for name, factor in factors.items():
            found = [entropy(spread * one, int(n)) for n, one in zip(counts, factor, strict=True)]
            self.line(name, self.plot, counts, found, label=say(_NAMES[name]), linewidth=2.6, **self.looks[name])
            self.line(("here", name), self.plot, [test_len], found[at : at + 1], "o", color=self.looks[name]["color"])
            top = 100 * weights(spread * factor[at], test_len)[:, :16].mean(axis=0)
            self.line(("top", name), self.bars, np.arange(1, 17), top, "o", markersize=5, linewidth=1.6,
                      **self.looks[name])  # fmt: skip
            largest = max(largest, top[0])
            rows.append((say(_NAMES[name]), f"{found[at]:.2f}", f"{top[0]:.1f} %"))
        known = entropy(spread, train_len)
        self.line("known", self.plot, [64, self.most], [known] * 2, color=style.INK, linewidth=1.6,
                  linestyle=style.DASHES[3], label=say("known from training"))  # fmt: skip
        floor = np.floor(min(entropy(spread * float(factor.max()), 64) for factor in factors.values()))
        self.limits(self.plot, y=(max(0.0, floor), np.ceil(np.log(self.most))))
        step = 10.0 ** np.floor(np.log10(largest))
        self.limits(self.bars, y=(0, step * np.ceil(largest / step)))
        self.legend(self.plot, "upper left")
        self.tell(
            say("Attention with random scores of spread {spread:.1f}; YaRN's factor for k = {k:.3g} multiplies them by {factor:.2f}.",
                spread=spread, k=k, factor=factors["yarn"][0]),
            say("Known from training, with {length:,} keys: an entropy of {known:.2f} nats.", length=train_len, known=known),
            say("With {count:,} keys, entropy and largest weight: {rows}.", count=test_len, rows=listed(rows)),
        )  # fmt: skip


@functools.lru_cache(maxsize=2)
def _scores(n):
    """(32, n) standard normal numbers; the first are the same for every n."""
    return np.random.default_rng(0).standard_normal((Sharpening.most, 32), dtype=np.float32)[:n].T


@functools.lru_cache(maxsize=256)
def weights(spread, n):
    """(32, up to 16) the largest weights of a softmax over n scores of this standard deviation, falling."""
    score = spread * _scores(n)
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return -np.sort(-weight, axis=1)[:, :16]


@functools.lru_cache(maxsize=1024)
def entropy(spread, n):
    """Mean entropy, nats, of a softmax over n normal scores of this standard deviation; 32 draws."""
    score = spread * _scores(n)
    score = score - score.max(axis=1, keepdims=True)
    weight = np.exp(score)
    total = weight.sum(axis=1)
    return float((np.log(total) - (weight * score).sum(axis=1) / total).mean())


class Rounded(Picture):
    """How far off each pair's cos and sin are at one position, for five ways of rounding.

    The error is the distance between the right point of the circle and the one that is stored. The grey band is one
    token: a pair whose error lies in it cannot tell neighbours apart.
    """

    size = (11.4, 4.7)
    ways = {
        "float32": dict(color=style.SLOW, linestyle=style.DASHES[0]),
        "late": dict(color=style.MIDDLE, linestyle=style.DASHES[1]),
        "frequencies": dict(color=style.WARM, linestyle=style.DASHES[2]),
        "positions": dict(color=style.UNSEEN, linestyle=(0, (8, 2, 2, 2))),
        "float16": dict(color=style.ACCENT, linestyle=style.DASHES[3]),
    }
    names = {
        "float32": "all in float32",
        "late": "cos, sin in bfloat16",
        "frequencies": "frequencies in bfloat16",
        "positions": "all in bfloat16",
        "float16": "all in float16",
    }

    def build(self):
        self.plot = self.add_axes((0.09, 0.14, 0.61, 0.8), yscale="log", ylim=(1e-9, 4), xlabel=say("pair index $i$"),
                                  ylabel=say("error of cos and sin"))  # fmt: skip
        self.plot.minorticks_off()
        self.plot.xaxis.set_major_locator(MaxNLocator(integer=True))

    def move(self, *, pos=4097, dim=128, base=10_000.0):
        theta, pairs = rope.frequencies(dim, base), np.arange(dim // 2)
        self.limits(self.plot, x=(-0.5, dim // 2 - 0.5))
        step = 2 * np.sin(theta / 2)
        self.band("token", self.plot, pairs, step, np.full(pairs.size, 4.0), color=style.GRID, alpha=0.75,
                  label=say("a token or more"))  # fmt: skip
        rows = []
        for name, error in rounding(pos, theta).items():
            self.line(name, self.plot, pairs, np.maximum(error, 2e-9), linewidth=2.4, label=say(self.names[name]),
                      **self.ways[name])  # fmt: skip
            rows.append((say(self.names[name]), _off(error.max()), f"{(error >= step).sum()}"))
        self.legend(self.plot, "right", handlelength=3.2)
        self.tell(
            say("Error of cos and sin at position {pos:,.0f}, five ways to round; d = {dim}, {pairs} pairs, base {base:,.0f}.",
                pos=pos, dim=dim, pairs=dim // 2, base=base),
            say("Largest error, and number of pairs that are off by a token or more: {rows}.", rows=listed(rows)),
        )  # fmt: skip


def _off(error):
    """A largest error in words: two points of the circle are at most 2 apart."""
    if error > 2:
        return say("no number at all")
    return f"{error:.2g}" if error >= 1e-4 else "< 0.0001"


def rounding(pos, theta):
    """{way: (dim/2,)}: the distance between e^(i pos theta) and what is stored, for the ways of `Rounded`."""
    angle = pos * theta
    exact = np.exp(1j * angle)

    def stored(angle, form):
        return precision.rounded(np.cos(angle), form) + 1j * precision.rounded(np.sin(angle), form)

    def all_in(form):
        cos, sin = np.split(precision.rows(np.array([pos], float), theta, form)[0], 2)
        return np.nan_to_num(cos + 1j * sin, nan=-2.0)  # no number at all: as wrong as can be, and more

    made = {
        "float32": all_in("float32"),
        "late": stored(angle, "bfloat16"),
        "frequencies": np.exp(1j * (pos * precision.rounded(theta, "bfloat16"))),
        "positions": all_in("bfloat16"),
        "float16": all_in("float16"),
    }
    return {name: np.abs(one - exact) for name, one in made.items()}
