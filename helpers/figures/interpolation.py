"""Pictures of notebooks 04 and 05: what a method does to every pair.

Notebook 05 uses the same classes on the same axes with the same colours and only adds its method: each picture takes
`method` or `methods`, keys of `helpers.scaling.METHODS`.

An angle counts as seen as `helpers.rope.unseen` says: if it lies on the arc that the pair covered in training, from 0
to just below train_len · theta. A pair that made a full turn has seen every angle.
"""

import functools

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers import published, rope, scaling, style, valid
from helpers.figures import Picture, count_in_doublings, envelope, look, method_name, round_limit, ticks
from helpers.labels import say

FINENESS = 1.5  # of the saved pictures: eight must fit into one notebook
_UNUSED = "#B9D7EA"  # style.SEEN, washed out: seen in training but not used at test
_NAMED = dict(place="above left", ncols=4, handlelength=2.6, columnspacing=1.4)  # the legend of the methods


def stretch(k, train_len, test_len):
    """k itself, or, if it is None, what the test length asks for: test_len / train_len, at least 1."""
    return max(1.0, test_len / train_len) if k is None else k


def _known_methods(methods):
    methods = (methods,) if isinstance(methods, str) else tuple(methods)
    known = [key for key, one in scaling.METHODS.items() if not one.needs]
    for method in methods:
        if method not in known:
            raise ValueError(f"methods must be among {', '.join(known)}; got method = {method!r}")
    return methods


def _arcs(seen, met):
    """From where to where each arc of `SeenAngles` goes, in turns, for one pair or for all."""
    return {"unused": (0, seen), "seen": (0, np.minimum(seen, met)), "unseen": (seen, np.maximum(seen, met))}


class SeenAngles(Picture):
    """Per pair, the arc seen in training against the arc met at the test length.

    Left: one bar a pair, a full turn high. Right: three of the pairs as dials: the first, the first one without a full
    turn in training, and the last. k = None means test_len / train_len.
    """

    size, fineness = (12.2, 4.6), FINENESS
    heights = (0, -2.85, -5.7)  # of the dials' centres
    looks = {  # words, colour, what else marks a bar, what else marks a dial's arc
        "unused": ("seen, not met", _UNUSED, {}, {}),
        "seen": ("seen in training, met at test", style.SEEN, {}, {}),
        "unseen": ("never seen, met at test", style.UNSEEN, dict(edgecolor="white", hatch="//"),
                   dict(linestyle=(0, (0.7, 0.25)))),
    }  # fmt: skip

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(2.1, 1))
        words = dict(xlabel=say("pair index $i$"), ylabel=say("angle within one turn (degrees)"))
        self.bars = self.add_axes((0.1, 0.145, 0.88, 0.665), left, ylim=(0, 360), yticks=range(0, 361, 90), **words)
        self.bars.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.dials = self.add_axes((0.06, 0.02, 0.94, 0.96), right, off=True, xlim=(-1.2, 4.3), ylim=(-6.95, 1.25))
        self.dials.set_aspect("equal", anchor="W")
        turn = np.linspace(0, 2 * np.pi, 121)
        for y in self.heights:
            self.dials.plot(np.cos(turn), y + np.sin(turn), color=style.MUTED, linewidth=0.8)
            self.dials.plot([0, 1], [y, y], color=style.MUTED, linewidth=0.8)

    def move(self, *, train_len=2048, test_len=8192, dim=128, base=10_000.0, k=None, method="direct"):
        theta = rope.frequencies(dim, base)
        scaled = scaling.frequencies(method, dim, base, stretch(k, train_len, test_len), train_len, test_len)
        turns, met_turns = rope.turns(theta, train_len), rope.turns(scaled, test_len)
        # the last 1e-9 is rounding: PI at test_len = k · train_len ends exactly where training ended
        seen, met = np.minimum(turns, 1), np.minimum(met_turns * (1 - 1e-9), 1)
        pairs = dim // 2
        edges = np.arange(pairs + 1) - 0.5
        self.limits(self.bars, x=(-0.5, pairs - 0.5))
        for key, (start, end) in _arcs(seen, met).items():
            words, colour, bar, _ = self.looks[key]
            self.stairs(key, self.bars, 360 * end, edges, 360 * start, facecolor=colour, label=say(words), **bar)
        words = say("{method}: {new} of {pairs} pairs meet angles never seen in training", method=method_name(method),
                    new=int((met > seen).sum()), pairs=pairs)  # fmt: skip
        self.text("count", self.bars, 0, 1.15, words, fontsize=15, transform=self.bars.transAxes)
        self.legend(self.bars, "above left", parts=("seen", "unused", "unseen"), ncols=3, columnspacing=1.4,
                    handlelength=1.6)  # fmt: skip

        first = min(rope.first_unfinished_pair(theta, train_len), pairs - 1)
        for y, pair, row in zip(self.heights, (0, first, pairs - 1), range(3), strict=True):
            for key, (start, end) in _arcs(seen[pair], met[pair]).items():
                _, colour, _, arc = self.looks[key]
                if end > start:
                    angle = 2 * np.pi * np.linspace(start, end, 121)
                    self.line((key, row), self.dials, np.cos(angle), y + np.sin(angle), color=colour, linewidth=8,
                              solid_capstyle="butt", **arc)  # fmt: skip
            words = say("pair {pair}\ntrained: {seen} turns\ntest: {met} turns", pair=pair, seen=_turns(turns[pair]),
                        met=_turns(met_turns[pair]))  # fmt: skip
            self.text(("dial", row), self.dials, 1.45, y, words, va="center", linespacing=1.45)
        lengths = dict(train_len=train_len, test_len=test_len, pairs=pairs, base=base)
        self.tell(*self._words(lengths, method, k, np.flatnonzero(met > seen)),
                  *(say("Pair {pair}: {seen} turns in training, {met} at test.", pair=pair, seen=_turns(turns[pair]),
                        met=_turns(met_turns[pair])) for pair in sorted({0, first, pairs - 1})))  # fmt: skip

    def _words(self, lengths, method, k, new):
        yield say("Trained at {train_len:,.0f} tokens, tested at {test_len:,.0f}; {pairs} pairs, base {base:,.0f}.",
                  **lengths)  # fmt: skip
        name = method_name(method)
        if k is not None and method != "direct":
            name = say("{method} with k = {k:g}", method=name, k=k)
        if new.size:
            yield say("{method}: {new} pairs meet angles never seen in training, from pair {first} to pair {last}.",
                      method=name, new=new.size, first=new[0], last=new[-1])  # fmt: skip
        else:
            yield say("{method}: no pair meets an angle never seen in training.", method=name)


def _turns(turns):
    """Three digits of a number of turns, without an exponent."""
    if turns < 0.001:
        return "< 0.001"
    return f"{turns:,.0f}" if turns >= 99.95 else f"{turns:.3g}"


class TrainedRange(Picture):
    """One pair's cosine, and where the positions of a longer text land on it (the source's figures 4-1 and 4-2).

    Above direct, below `method`. Dots stand at every eighth of the trained length, from position 0 on. Shape says which
    position it is (below train_len or not), colour whether its angle was met in training.
    """

    size, fineness = (12.0, 5.1), FINENESS
    dots = 8  # for each trained length
    marks = {  # words, look
        "inside": ("position in the trained range", dict(marker="o", markersize=8, color=style.SEEN)),
        "seen": ("beyond it, angle seen", dict(marker="D", markersize=6.5, color=style.SEEN)),
        "unseen": ("beyond it, angle never seen", dict(marker="X", markersize=10, color=style.UNSEEN)),
    }
    dot = dict(linestyle="", markeredgecolor="white")

    def build(self):
        upper, lower = self.panels(2, 1, height_ratios=(1.0, 1.36))
        self.above = self.add_axes((0.085, 0.09, 0.875, 0.7), upper, ylabel=say("cosine"))
        self.above.tick_params(labelbottom=False)
        self.below = self.add_axes((0.085, 0.345, 0.875, 0.515), lower, ylabel=say("cosine"), xlabel=say(
            "where position $m$ lands on the trained cosine, $m\\,\\theta'_i/\\theta_i$ (tokens; shaded: trained)"
        ))  # fmt: skip
        for axes in (self.above, self.below):
            axes.xaxis.set_major_formatter("{x:,.0f}")
        for words, mark in self.marks.values():  # dots for the legend alone: they keep their rims
            self.below.plot([], [], label=say(words), markeredgewidth=0.6, **self.dot, **mark)
        self.below.legend(loc="upper center", bbox_to_anchor=(0.47, -0.38), ncols=3, columnspacing=2.0,
                          handletextpad=0.2, borderpad=0)  # fmt: skip

    def move(self, *, pair=54, train_len=2048, dim=128, base=10_000.0, k=2.0, method="pi"):
        own, test_len = [valid.integer("pair", pair, 0, valid.even_dim("dim", dim) // 2 - 1)], k * train_len
        theta, scaled = (
            scaling.frequencies(key, dim, base, k, train_len, test_len)[own] for key in ("direct", method)
        )
        pos = np.arange(int(np.ceil(self.dots * k - 1e-9))) * train_len / self.dots
        beyond = pos >= train_len
        reach = 2.0 ** max(1, np.ceil(np.log2(k) - 1e-9)) * train_len
        told = [say("The cosine of pair {pair} of {pairs}, base {base:,.0f}: trained on positions 0 to {last:,.0f}, "
                    "where it makes {turns} turns; tested up to {end:,.0f}.", pair=pair, pairs=dim // 2, base=base,
                    last=train_len - 1, turns=_turns(rope.turns(theta, train_len)[0]), end=test_len - 1)]  # fmt: skip
        for row, axes, key, turning in (("above", self.above, "direct", theta), ("below", self.below, method, scaled)):
            (share,) = scaling.unseen_share(turning, theta, train_len, test_len)
            self._trained_cosine(row, axes, theta[0], train_len, reach)
            lands = pos * (turning / theta)
            new = rope.unseen(lands[:, None] * theta, theta, train_len)[:, 0]
            for name, mask in (("inside", ~beyond), ("seen", beyond & ~new), ("unseen", beyond & new)):
                rim = 0.6 if k <= 4 else 0  # white rims of crowded dots hide them
                x, (_, mark) = lands[mask], self.marks[name]
                self.line((name, row), axes, x, np.cos(theta * x), markeredgewidth=rim, **self.dot, **mark)
            words = say("{method}: {share:.1f} % of the positions beyond $L$ meet an unseen angle",
                        method=method_name(key), share=100 * share)  # fmt: skip
            self.text(("share", row), axes, 0, 1.06, words, color=style.readable(look(key)["color"]), fontsize=14,
                      transform=axes.transAxes)  # fmt: skip
            told.append(say("{method}: the positions land from 0 to {end:,.0f} on this cosine; {share:.1f} % of those "
                            "beyond L meet an unseen angle.", method=method_name(key),
                            end=test_len * turning[0] / theta[0], share=100 * share))  # fmt: skip
        self.tell(*told)

    def _trained_cosine(self, row, axes, theta, train_len, reach):
        end = reach * 1.02
        if axes.get_xlim() != (0, end):  # ticks repaint the background, as limits do
            axes.set(xlim=(0, end), xticks=np.linspace(0, reach, 5))
        lowest = np.cos(min(theta * reach, np.pi))
        bottom = next((floor for floor in (0.96, 0.8, 0.0) if lowest > floor), -1.0)
        self.limits(axes, y=(bottom - 0.1 * (1 - bottom), 1 + 0.1 * (1 - bottom)))
        self.band(("trained", row), axes, (0, train_len), (0, 0), (1, 1), transform=axes.get_xaxis_transform(),
                  color=style.SEEN, alpha=0.1)  # fmt: skip
        if theta * reach > 500:  # too many turns for a curve: what a pixel can show is a band
            low, high, edges = cosine_band(theta, end)
            self.stairs(("band", row), axes, high, edges, low, color=style.MUTED, alpha=0.35)
        else:
            x = np.linspace(0, end, int(theta * reach * 5) + 101)
            self.line(("curve", row), axes, x, np.cos(theta * x), color=style.MUTED, linewidth=1.3)


def cosine_band(theta, end, columns=500):
    """Lowest and highest value of cos(theta x) in each of `columns` equal parts of 0 <= x <= end, exactly.

    However many turns that is, it costs the same. Returns low (columns,), high (columns,), edges (columns + 1,).
    """
    edges = np.linspace(0, end, columns + 1)
    turn = theta * edges / (2 * np.pi)
    y = np.cos(theta * edges)
    low, high = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    high[np.floor(turn[1:]) > np.floor(turn[:-1])] = 1.0  # a crest inside
    low[np.floor(turn[1:] - 0.5) > np.floor(turn[:-1] - 0.5)] = -1.0  # a trough inside
    return low, high, edges


class Multiplier(Picture):
    """What each method multiplies each pair's frequency by: theta'_i / theta_i, on one axis.

    The shaded pairs made no full turn in training: only they can meet an angle never seen.
    """

    size = (11.4, 4.4)

    def build(self):
        self.plot = self.add_axes((0.095, 0.145, 0.885, 0.73), xlabel=say("pair index $i$"),
                                  ylabel=say("multiplier $\\theta'_i/\\theta_i$"))  # fmt: skip
        count_in_doublings(self.plot, "y")
        self.plot.xaxis.set_major_locator(MaxNLocator(integer=True))

    def move(self, *, dim=128, base=10_000.0, k=4.0, train_len=2048, methods=("direct", "pi")):
        theta, pairs, plot = rope.frequencies(dim, base), dim // 2, self.plot
        methods = _known_methods(methods)
        curves = [scaling.frequencies(key, dim, base, k, train_len, k * train_len) / theta for key in methods]
        power = np.ceil(-np.log2(min(np.min(curves), 0.5)) - 1e-9)
        first, upright = rope.first_unfinished_pair(theta, train_len), plot.get_xaxis_transform()
        self.limits(plot, (-0.5, pairs - 0.5), (2.0 ** -(power * 1.22), 2.0 ** (power * 0.08)))
        self.band("zone", plot, (first - 0.5, pairs - 0.5), (0, 0), (1, 1), transform=upright, color=style.UNSEEN,
                  alpha=0.13)  # fmt: skip
        for words, at, side, colour, fits in (
            ("a full turn in training: every angle seen", 0.012 * pairs, "left", style.SEEN, first > 0.3 * pairs),
            ("no full turn", 0.99 * pairs, "right", style.FAST, first < 0.7 * pairs),
        ):
            if fits:
                self.text(words, plot, at - 0.5, 0.03, say(words), color=colour, ha=side, transform=upright)
        for key, curve in zip(methods, curves, strict=True):
            self.line(key, plot, np.arange(pairs), curve, linewidth=3, label=method_name(key), **look(key))
        self.legend(plot, **_NAMED)
        self.tell(*self._words(dim, base, k, train_len, first, methods, curves))

    def _words(self, dim, base, k, train_len, first, methods, curves):
        read, comma = sorted({0, dim // 4, dim // 2 - 1}), say(", ")  # the first pair, one in the middle and the last
        yield say("Each pair's frequency, multiplied by a method: {pairs} pairs, base {base:,.0f}, k = {k:g}.",
                  pairs=dim // 2, base=base, k=k)  # fmt: skip
        yield say("At pairs {read}: {curves}.", read=comma.join(map(str, read)), curves=comma.join(
            say("{name} ({values})", name=method_name(key), values=comma.join(f"{curve[pair]:.3g}" for pair in read))
            for key, curve in zip(methods, curves, strict=True)
        ))  # fmt: skip
        if first < dim // 2:
            yield say("Pairs {first} to {last} make no full turn within {train_len:,.0f} trained tokens.", first=first,
                      last=dim // 2 - 1, train_len=train_len)  # fmt: skip
        else:
            yield say("Every pair makes a full turn within {train_len:,.0f} trained tokens.", train_len=train_len)


class Neighbours(Picture):
    """How far apart neighbouring positions are, against k, and the first positions on one pair's circle.

    Left: the squared distance Σ_i (2 - 2 cos theta'_i) of the codes of m and m + 1, the same for every m.
    Right: positions 0 ... 6 as the pair turns them, one ring a method.
    """

    size, fineness = (12.0, 4.6), FINENESS
    scales = 2.0 ** np.linspace(0, 6, 49)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.75, 1))
        self.plot = self.add_axes((0.125, 0.145, 0.85, 0.73), left, yscale="log", xlim=(1, 64), xlabel=say("scale $k$"),
                                  ylabel=say("squared distance of neighbours"))  # fmt: skip
        count_in_doublings(self.plot, "x")
        self.ring_axes = self.add_axes((0.02, 0.03, 0.96, 0.84), right, off=True, xlim=(-1.15, 1.3), ylim=(-1.15, 1.15))
        self.ring_axes.set_aspect("equal")

    def move(self, *, pair=0, dim=128, base=10_000.0, k=4.0, train_len=2048, methods=("direct", "pi")):
        methods, pair = _known_methods(methods), valid.integer("pair", pair, 0, valid.even_dim("dim", dim) // 2 - 1)
        thetas = [scaling.frequencies(key, dim, base, k, train_len, k * train_len) for key in methods]
        curves = [_distances(key, dim, base, train_len) for key in methods]
        self.limits(self.plot, y=(round_limit(np.min(curves), down=True), round_limit(np.max(curves))))
        circle = np.exp(1j * np.linspace(0, 2 * np.pi, 121))
        told = [say("Neighbouring positions: d = {dim}, base {base:,.0f}, k = {k:g}.", dim=dim, base=base, k=k)]
        for order, (key, theta, curve) in enumerate(zip(methods, thetas, curves, strict=True)):
            colour, distance = look(key)["color"], scaling.neighbour_distance(theta)
            self.line(("line", key), self.plot, self.scales, curve, linewidth=3, label=method_name(key), **look(key))
            self.line(("mark", key), self.plot, [k], [distance], "o", color=colour, markersize=11)
            radius = 1 - order * min(0.26, 0.7 / len(methods))
            ring, dots = radius * circle, radius * np.exp(1j * theta[pair] * np.arange(7))
            self.line(("ring", key), self.ring_axes, ring.real, ring.imag, linewidth=1, **look(key))
            self.line(("dots", key), self.ring_axes, dots.real, dots.imag, "o", color=colour, markersize=10,
                      markeredgecolor="white")  # fmt: skip
            told.append(say("{method}: squared distance {distance:.3g}; pair {pair} turns {degrees:.3g}° from one "
                            "position to the next.", method=method_name(key), distance=distance, pair=pair,
                            degrees=np.degrees(theta[pair])))  # fmt: skip
        step = thetas[0][pair]
        for n in range(7 if step > 0.15 else 1):  # else they would stand on one another
            place = 1.12 * np.exp(1j * step * n)
            self.text(("number", n), self.ring_axes, place.real, place.imag, str(n), ha="center", va="center")
        self.text("pair", self.ring_axes, 0.5, 1.06, say("pair {pair}: positions 0 to 6", pair=pair), ha="center",
                  fontsize=14, transform=self.ring_axes.transAxes)  # fmt: skip
        self.legend(self.plot, **_NAMED)
        self.tell(*told)


@functools.lru_cache(maxsize=64)
def _distances(method, dim, base, train_len):
    """What the slider of k does not change: the distance of neighbours at each of `Neighbours.scales`."""
    frequencies = functools.partial(scaling.frequencies, method, dim, base, train_len=train_len)
    return tuple(scaling.neighbour_distance(frequencies(k=k, test_len=k * train_len)) for k in Neighbours.scales)


class Scores(Picture):
    """The score of a key that equals its query, against the distance: the mean over pairs of cos(t · theta'_i).

    One curve a method, 1 at distance 0.
    """

    size, fineness = (11.4, 4.2), FINENESS

    def build(self):
        self.plot = self.add_axes((0.085, 0.15, 0.895, 0.72), xlabel=say("distance $m-n$ (tokens)"),
                                  ylabel=say("score / largest possible"))  # fmt: skip

    def move(self, *, positions=256, dim=128, base=10_000.0, k=8.0, train_len=2048, methods=("direct", "pi")):
        positions, methods = valid.integer("positions", positions, 1), _known_methods(methods)
        curves = [_scores(key, positions, dim, base, k, train_len) for key in methods]
        bottom = min(0.0, np.floor(4 * np.min(curves)) / 4)
        self.limits(self.plot, (0, positions), (bottom - 0.03, 1.03))
        for key, curve in zip(methods, curves, strict=True):
            x, y = envelope(np.arange(positions + 1), curve)
            self.line(key, self.plot, x, y, linewidth=2.6, label=method_name(key), **look(key))
        self.legend(self.plot, **_NAMED)
        told = [say("The score of a key equal to its query, over the largest possible, up to distance {positions:,}: "
                    "d = {dim}, base {base:,.0f}, k = {k:g}.", positions=positions, dim=dim, base=base, k=k)]  # fmt: skip
        for key, curve in zip(methods, curves, strict=True):
            low = np.argmin(curve)
            told.append(say("{method}: {next:.3f} at distance 1, lowest at {at:,}, {low:z.2f}.",
                            method=method_name(key), next=curve[1], at=low, low=curve[low]))  # fmt: skip
        self.tell(*told)


@functools.lru_cache(maxsize=32)
def _scores(method, positions, dim, base, k, train_len):
    theta = scaling.frequencies(method, dim, base, 1.0 if method == "direct" else k, train_len, k * train_len)
    return rope.mean_cos(np.arange(positions + 1), theta)


class Fitted(Picture):
    """Scores fitted to random points within the trained length, read beyond it and between its integers.

    The fit of the PI paper's figure 2, by `rope.fit_scores`: d = 128, base 10,000, L = 2048, points and values random.
    Left: the fit. Middle: the same function further on, on an axis that is logarithmic beyond ±1. Right: twelve
    distances of it, and what a stretch of 4 reads between them. The largest values are those of all whole distances,
    and of all quarters.
    """

    size, fineness = (12.4, 4.3), FINENESS
    train_len, height, zoom = 2048, 1e6, (1000, 1012)

    def build(self):
        left, middle, right = self.panels(1, 3, width_ratios=(1, 1.12, 0.92))
        words = dict(xlabel=say("distance $s$ (tokens)"), ylim=(-2, 2))
        self.inside = self.add_axes((0.19, 0.15, 0.72, 0.69), left, xlim=(0, self.train_len),
                                    ylabel=say("score"), **words)  # fmt: skip
        self.beyond = self.add_axes((0.16, 0.15, 0.76, 0.69), middle, **words)
        self.between = self.add_axes((0.15, 0.15, 0.77, 0.69), right, **words,
                                     xlim=(self.zoom[0] - 0.4, self.zoom[1] + 0.4))  # fmt: skip
        self.beyond.set_yscale("symlog", linthresh=1)
        self.beyond.set_ylim(-self.height, self.height)
        ticks(self.beyond.yaxis, (-1e6, -1e3, -1, 1, 1e3, 1e6),
              ("$-10^6$", "$-10^3$", "$-1$", "$1$", "$10^3$", "$10^6$"))  # fmt: skip
        self.inside.set_xticks((0, 1024, 2048))
        self.between.set_xticks(range(self.zoom[0], self.zoom[1] + 1, 4))
        self.beyond.axvspan(0, self.train_len, color=style.SEEN, alpha=0.1, linewidth=0)
        for axes in (self.inside, self.beyond, self.between):
            axes.xaxis.set_major_formatter("{x:,.0f}")

    def move(self, *, test_len=8192, points=512, ridge=1e-8, seed=0):
        length = self.train_len
        test_len, points = valid.integer("test_len", test_len, length + 1), valid.integer("points", points, 2)
        where, wanted, query = _fit(points, valid.positive("ridge", ridge), valid.integer("seed", seed, 0), length)
        whole = np.arange(test_len + 1)
        scores, quarters = _basis(test_len, 1) @ query, _basis(length - 1, 4) @ query
        if self.beyond.get_xlim() != (0, test_len):
            self.beyond.set(xlim=(0, test_len), xticks=np.linspace(0, test_len, 3))
        self.line("points", self.inside, where, wanted, "o", color=style.MUTED, markersize=3.2)
        self.line("fit", self.inside, *envelope(whole[:length], scores[:length], 400), color=style.SEEN)
        self.line("known", self.beyond, *envelope(whole[:length], scores[:length], 200), color=style.SEEN)
        self.line("far", self.beyond, *envelope(whole[length:], scores[length:], 400), color=style.UNSEEN)
        (first, last), largest = self.zoom, []
        self.line("quarters", self.between, np.arange(4 * first, 4 * last + 1) / 4, quarters[4 * first:4 * last + 1],
                  "o", markersize=5, color=look("pi")["color"], linestyle="-", linewidth=1.5)  # fmt: skip
        self.line("whole", self.between, whole[first:last + 1], scores[first:last + 1], "o",
                  color=style.INK, markersize=8)  # fmt: skip
        for axes, words, values in (
            (self.inside, "within $L$: at most {most}", scores[:length]),
            (self.beyond, "beyond $L$: up to {most}", scores[length:]),
            (self.between, "quarters within $L$: at most {most}", quarters),
        ):
            most = float(f"{np.abs(values).max():.3g}")
            most = f"{most:,.0f}" if most >= 100 else f"{most:.3g}"
            largest.append(most)
            self.text(words, axes, 0, 1.06, say(words, most=most), fontsize=13, transform=axes.transAxes)
        inside, beyond, between = largest
        self.tell(
            say("{points} random points between −1 and 1, up to distance {length:,}, seed {seed}, and a score fitted "
                "to them, ridge {ridge:g}.", points=points, length=length, seed=seed, ridge=ridge),
            say("The fit is at most {inside} in size at whole distances within L, and at most {between} at quarters.",
                inside=inside, between=between),
            say("Beyond L, up to {test_len:,}, it reaches {beyond}, at distance {at:,}.", test_len=test_len,
                beyond=beyond, at=length + np.argmax(np.abs(scores[length:]))),
        )  # fmt: skip


@functools.lru_cache(maxsize=16)
def _fit(points, ridge, seed, train_len):
    """Random places in [0, train_len], random scores in [-1, 1], and the query that fits them."""
    rng = np.random.default_rng(seed)
    where, wanted = rng.uniform(0, train_len, points), rng.uniform(-1, 1, points)
    return where, wanted, rope.fit_scores(where, wanted, rope.frequencies(128), ridge)


@functools.lru_cache(maxsize=4)
def _basis(last, steps):
    """What turns `fit_scores`'s query into scores at 0, 1/steps, 2/steps, ..., last: (last · steps + 1, 128)."""
    angle = np.arange(last * steps + 1)[:, None] / steps * rope.frequencies(128)
    return np.stack([np.cos(angle), -np.sin(angle)], axis=-1).reshape(len(angle), -1)


# --- What others measured (notebook 04) -------------------------------------------------------------------

_ROWS = {  # one look per row of the PI paper's tables; direct and PI to 8192 keep the looks of their methods
    "direct": dict(marker="s", zorder=4, **look("direct")),
    "fine-tuned 8192": dict(marker="^", color=style.ACCENT, linestyle=(0, (1, 1.2))),
    "PI 8192": dict(marker="o", **look("pi")),
    "PI 16384": dict(marker="D", color="#4FA3D8", linestyle=(0, (4, 1.5))),
    "PI 32768": dict(marker="v", color="#123A66", linestyle=(0, (6, 1.5, 1, 1.5))),
}


class PaperTables(Picture):
    """Tables 1, 3 and 4 of the Position Interpolation paper, from `helpers.published`. Nothing here is computed."""

    size, fineness = (12.6, 4.7), FINENESS
    tables = (  # table, what it measures, lowest and highest number shown, ticks of a logarithmic axis
        (published.PI_TABLE_1, "perplexity", 6.6, 8.0, ()),
        (published.PI_TABLE_3, "perplexity (log)", 4, 128 * 1.3, (4, 8, 16, 32, 64, 128)),
        (published.PI_TABLE_4, "$k_{\\mathrm{max}}$ (tokens)", 2048 / 1.4, 32768 * 1.3,
         (2048, 4096, 8192, 16384, 32768)),
    )  # fmt: skip
    read = (  # what is said of each table, and of which of its columns
        ("Table 1, perplexity at 8,192 tokens: {rows}.", (2,)),
        ("Table 3, perplexity without fine-tuning and after 1,000 steps: {rows}.", (0, 5)),
        ("Table 4, k_max in tokens after 200, 1,000 and, without PI, 10,000 steps: {rows}.", (0, 4, 5)),
    )

    def build(self):
        panels = self.panels(1, 3, width_ratios=(1, 1, 1.3))
        first, _, last = (self._draw(panel, *table) for panel, table in zip(panels, self.tables, strict=True))
        beyond = [x for x, y in enumerate(published.PI_TABLE_1.rows["direct"]) if y == published.MORE_THAN_1000]
        off, colour = say("direct: > 1000"), look("direct")["color"]
        first.plot(beyond, [7.98] * len(beyond), "^", color=colour, markersize=10, clip_on=False, label=off)
        first.text(beyond[0] - 0.1, 7.86, say("> 1000"), color=style.readable(colour), va="top")
        gap = len(published.PI_TABLE_4.columns) - 1.5  # the last column is far away: 1,000 to 10,000 steps in one tick
        last.text(gap, 0, "//", transform=last.get_xaxis_transform(), ha="center", va="center", fontsize=15, zorder=5,
                  bbox=dict(facecolor="white", edgecolor="none", pad=0.5))  # fmt: skip
        self.figure.legend(*first.get_legend_handles_labels(), loc="lower center", ncols=6, columnspacing=1.4,
                           handlelength=2.2, bbox_to_anchor=(0.5, 0.0))  # fmt: skip

    def _draw(self, panel, table, measured, lowest, highest, values):
        title = say("Chen et al. (2023), Table {number}", number=table.table.split()[-1])
        axes = self.add_axes((0.2, 0.27, 0.76, 0.61), panel, title=title, xlabel=say(table.across),
                             ylabel=say(measured), yscale="log" if values else "linear", ylim=(lowest, highest),
                             xlim=(-0.3, len(table.columns) - 0.7))  # fmt: skip
        axes.set_xticks(range(len(table.columns)), [_short(column) for column in table.columns])
        if values:
            ticks(axes.yaxis, values, [f"{value:,}" for value in values])
        for name, row in table.rows.items():
            points = [(x, y) for x, y in enumerate(row) if y is not None and np.isfinite(y)]
            axes.plot(*zip(*points, strict=True), markersize=8, label=self.name(name), **_ROWS[name])
        return axes

    def move(self):
        told, comma = [], say(", ")
        for (table, *_), (words, columns) in zip(self.tables, self.read, strict=True):
            shown = {name: [row[at] for at in columns if row[at] is not None] for name, row in table.rows.items()}
            told.append(say(words, rows=comma.join(
                say("{name} ({values})", name=self.name(name), values=comma.join(map(_number, row)))
                for name, row in shown.items()
            )))  # fmt: skip
        self.tell(say("Tables 1, 3 and 4 of Chen et al. (2023): LLaMA-7B, trained at 2,048 tokens."), *told)

    @staticmethod
    def name(row):
        if row.startswith("PI "):
            return say("PI to {length}", length=f"{int(row.split()[1]):,}")
        return method_name("direct") if row == "direct" else say("fine-tuned to 8k, no PI")


def _number(value):
    if value == published.MORE_THAN_1000:
        return say("> 1000")
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"


def _short(value):
    return f"{value // 1024}k" if value % 1024 == 0 and value else f"{value:,}"
