"""Pictures of notebook 03: rotary position embedding."""

import functools

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle, Wedge

from helpers import encodings, rope, scaling, style
from helpers.figures import Picture, envelope, method_name, round_limit
from helpers.labels import say

SCHEMES = (  # name, words, look: what came before RoPE; RoPE as it is, with no scaling
    ("added", "sinusoidal table added", dict(color=style.ACCENT, linestyle=style.DASHES[1])),
    ("turned", "RoPE: vectors turned", dict(color=scaling.METHODS["direct"].colour)),
)


def _signed(value, digits):
    """A number as text, with a true minus sign and never minus zero."""
    return f"{round(value, digits) + 0:.{digits}f}".replace("-", "−")


def _complex_plane(picture, place, panel, ends, ticks):
    """Axes for complex numbers, both ways from ends[0] to ends[1], in one unit."""
    names = dict(xlabel=say("real part"), ylabel=say("imaginary part"))
    axes = picture.add_axes(place, panel, xlim=ends, ylim=ends, xticks=ticks, yticks=ticks, **names)
    axes.set_aspect("equal", anchor="W")
    return axes


class Translation(Picture):
    """The same two tokens in two sentences: same distance, another place (a), and what each scheme scores there (b).

    One query token and one key token, with fixed random contents and projections. Dashed: sinusoidal rows added before
    the projection. Solid: RoPE after it. Circles: sentence 1. Squares: sentence 2. The contents and projections are the
    first numbers of seed 0, the same that notebook 03 computes with by hand.
    Source: figure 3-1 of the article the series follows.
    """

    size = (10.6, 4.7)
    positions = 256
    dim = 32
    heights = (1.1, 0)  # of the two sentences

    def build(self):
        draw = np.random.default_rng(0).standard_normal
        self.x, self.y = draw((2, self.dim))
        self.w_q, self.w_k = draw((2, self.dim, self.dim)) / np.sqrt(self.dim)

        top, bottom = self.panels(2, 1, height_ratios=(1.0, 2.1))
        across = (-3, self.positions)
        self.strip = self.add_axes((0.16, 0.08, 0.81, 0.74), top, xlim=across, ylim=(-0.6, 2.0), title="(a)")
        self.strip.set_yticks(self.heights, [say("sentence 1"), say("sentence 2")])
        self.strip.tick_params(labelbottom=False, length=0)
        self.strip.grid(False)
        for height in self.heights:
            self.strip.axhline(height, color=style.MUTED, linewidth=0.8, zorder=0)
        self.scores = self.add_axes((0.16, 0.185, 0.81, 0.685), bottom, xlim=across, ylim=(-23.5, 26), title="(b)",
                                    xlabel=say("position $n$ of the key (tokens)"), ylabel=say("score"))  # fmt: skip

    def curves(self, lag, base):
        """Scores of both schemes with the key at 0, 1, 2, ... and the query `lag` tokens later: added, turned."""
        n, theta = np.arange(self.positions - lag), rope.frequencies(self.dim, base)

        def both(x, w, pos):
            """One token at these positions, projected: with sinusoidal rows added before, or turned after."""
            turned = rope.rotate(np.tile(w @ x, (len(pos), 1)), rope.cis(pos, theta))
            return np.array([(x + encodings.sinusoidal(pos, self.dim, base)) @ w.T, turned])

        return (both(self.x, self.w_q, n + lag) * both(self.y, self.w_k, n)).sum(axis=2)

    def move(self, *, offset=100, lag=12, base=10_000.0):
        if not 0 <= offset < self.positions - lag:
            raise ValueError(f"offset must be 0 to {self.positions - lag - 1} at distance {lag}; got offset = {offset}")
        t = np.linspace(0, np.pi, 40)
        for sentence, (place, height) in enumerate(zip((0, offset), self.heights, strict=True)):
            self.line(("arc", sentence), self.strip, place + lag * (1 - np.cos(t)) / 2, height + 0.6 * np.sin(t),
                      color=style.INK, linewidth=1.5)  # fmt: skip
        self.line("keys", self.strip, [0, offset], self.heights, "o", color=style.MIDDLE, markersize=10,
                  label=say("key token, at $n$"))  # fmt: skip
        self.line("queries", self.strip, [lag, offset + lag], self.heights, "D", color=style.WARM, markersize=9,
                  label=say("query token, at $m$"))  # fmt: skip
        curves = self.curves(lag, base)
        for (scheme, words, look), curve in zip(SCHEMES, curves, strict=True):
            self.line(scheme, self.scores, np.arange(len(curve)), curve, label=say(words), **look)
            for mark, place, size in (("o", 0, 9), ("s", offset, 10)):
                self.line((scheme, mark), self.scores, [place], [curve[place]], mark, color=look["color"],
                          markersize=size, zorder=3)  # fmt: skip
        self.legend(self.strip, bbox_to_anchor=(1.01, 0.95), handletextpad=0.2)
        self.legend(self.scores, parts=("turned", "added"), bbox_to_anchor=(1.01, 0.97), columnspacing=1.2)
        added, turned = curves
        self.tell(
            say("The same two tokens, {lag} apart, in two sentences: the key at 0 and at {offset}, the query at {lag} "
                "and at {query}; base {base:,.0f}.", lag=lag, offset=offset, query=offset + lag, base=base),
            say("RoPE scores {first:z.2f} and {second:z.2f}; over all places, {low:z.2f} to {high:z.2f}.",
                first=turned[0], second=turned[offset], low=turned.min(), high=turned.max()),
            say("With the sinusoidal table added, the scores are {first:z.2f} and {second:z.2f}; over all places, "
                "{low:z.2f} to {high:z.2f}.", first=added[0], second=added[offset], low=added.min(), high=added.max()),
        )  # fmt: skip


class Plane(Picture):
    """One query and one key of two components, turned by their positions m and n: the same distance at two places.

    Dashed: near the start, the key at 0 and the query at m - n. Solid: at m and n. The wedges are the angle from key to
    query. They are equal: one depends on m - n by its making, the other because rotations keep angles.
    """

    size = (6.4, 4.2)
    q = 1.8 * np.exp(1.0j)
    k = 1.4 * np.exp(0.4j)
    places = (  # radius of the wedge, look of the hands, names of query and key
        (0.45, dict(linewidth=1.5, markersize=6, linestyle=style.DASHES[1]), ("$q\\,e^{\\mathrm{i}(m-n)\\theta}$", "$k$")),
        (0.6, dict(linewidth=3.0, markersize=9), ("$q\\,e^{\\mathrm{i}m\\theta}$", "$k\\,e^{\\mathrm{i}n\\theta}$")),
    )
    hands = (("q", style.FAST, "s"), ("k", style.MIDDLE, "o"))

    def build(self):
        self.plane = _complex_plane(self, (0.11, 0.16, 0.6, 0.81), None, ends=(-2.1, 2.1), ticks=range(-2, 3))

    def move(self, *, m=9, n=7, theta=0.3):
        for place, (at_q, at_k) in enumerate(((m - n, 0), (m, n))):
            radius, look, names = self.places[place]
            q, k = self.q * np.exp(1j * at_q * theta), self.k * np.exp(1j * at_k * theta)
            opening = np.degrees(np.angle(q * np.conj(k)))  # from the key to the query, the short way round
            start = np.degrees(np.angle(k))
            low, high = sorted((start, start + opening))
            wedge = functools.partial(Wedge, (0, 0), radius, 0, 1, color=style.MUTED, alpha=0.35, linewidth=0)
            self.patch(("wedge", place), self.plane, wedge, theta1=low, theta2=high)
            for (hand, colour, mark), number, name in zip(self.hands, (q, k), names, strict=True):
                self.line((hand, place), self.plane, [0, number.real], [0, number.imag], marker=mark, markevery=[1],
                          color=colour, label=name, **look)  # fmt: skip
        self.legend(self.plane, "upper left", bbox_to_anchor=(1.0, 1.0), handlelength=2.4, borderpad=0.4)
        beside = dict(transform=self.plane.transAxes, linespacing=1.35)
        angle = say("angle between:\n{degrees}°", degrees=_signed(opening, 0))
        score = say("score:\n{score}", score=_signed((q * np.conj(k)).real, 2))
        self.text("angle", self.plane, 1.08, 0.3, angle, **beside)
        self.text("score", self.plane, 1.08, 0.06, score, **beside)
        of_q, of_k = np.degrees(np.angle((q, k))) % 360  # of the solid hands
        self.tell(
            say("A query at position {m} and a key at position {n}, of two components each, turned by θ = {theta:g} "
                "rad/token: the query points to {query:.0f}°, the key to {key:.0f}°.", m=m, n=n, theta=theta,
                query=of_q, key=of_k),
            say("From key to query it is {degrees:z.0f}°, and as much with the key at 0 and the query at {apart}; the "
                "score of both is {score:z.2f}.", degrees=opening, apart=m - n, score=(q * np.conj(k)).real),
        )  # fmt: skip


class Blocks(Picture):
    """The rotation matrices of two positions, and their product: again a rotation, of the difference.

    Block-diagonal: one 2 × 2 rotation per pair, zeros (white) everywhere else.
    """

    size = (10.4, 3.4)
    titles = ("$R(m)^{T}$", "times $R(n)$", "equals $R(n-m)$")

    def build(self):
        *panels, scale = self.panels(1, 4, width_ratios=(1, 1, 1, 0.26))
        frame = dict(place=(0.1, 0.05, 0.86, 0.8), xticks=(), yticks=())
        self.squares = [self.add_axes(panel=p, title=say(t), **frame) for p, t in zip(panels, self.titles, strict=True)]
        self.colour_bar((0.1, 0.09, 0.16, 0.72), scale, style.DIVERGING, -1, 1, (-1, 0, 1))

    def move(self, *, m=7, n=3, dim=8, base=100.0):
        theta = rope.frequencies(dim, base)
        left, right = rope.block_rotation(m, theta).T, rope.block_rotation(n, theta)
        edges = (-0.5, dim - 0.5, dim - 0.5, -0.5)  # the axes follow them
        for number, matrix in enumerate((left, right, left @ right)):
            self.image(("matrix", number), self.squares[number], matrix, extent=edges, aspect="equal",
                       cmap=style.DIVERGING, vmin=-1, vmax=1)  # fmt: skip
        told = [say("Three matrices of {dim} × {dim}: R({m}) transposed, times R({n}), equals R({both}). Zeros, but "
                    "for a 2 × 2 rotation for each pair.", dim=dim, m=m, n=n, both=n - m)]  # fmt: skip
        for pair in sorted({0, dim // 2 - 1}):
            back, on, both = np.degrees(theta[pair] * np.array([-m, n, n - m]))
            told.append(say("Pair {pair} turns by {back:z,.0f}°, by {on:z,.0f}°, and in the product by {both:z,.0f}°.",
                            pair=pair, back=back, on=on, both=both))  # fmt: skip
        self.tell(*told)


class Pairings(Picture):
    """Eight components, paired in the two usual ways. Grey lines: where each moves when one becomes the other."""

    size = (8.6, 3.45)
    order = (0, 2, 4, 6, 1, 3, 5, 7)

    def build(self):
        self.plot = self.add_axes((0.01, 0.01, 0.98, 0.98), off=True, xlim=(-3.1, 8), ylim=(-1.35, 3.55))
        self._row(1.8, tuple(range(8)), say("interleaved:\n$x_{2i}$ with $x_{2i+1}$"), up=True)
        self._row(0.0, self.order, say("half-split:\n$i$ with $i+d/2$"), up=False)
        for place, component in enumerate(self.order):
            self.plot.plot([component + 0.4, place + 0.4], [1.68, 0.62], color=style.MUTED, linewidth=1.2, zorder=0)

    def move(self):
        self.tell(
            say("Eight components in two orders; each pair keeps its number."),
            say("Interleaved, pair i is x2i and x2i+1: pair 0 in seats 0 and 1, pair 1 in 2 and 3, pair 2 in 4 and 5, "
                "pair 3 in 6 and 7."),
            say("Half-split, x0, x2, x4, x6 come first, then x1, x3, x5, x7: seat i with seat i + d/2, pair 0 in seats "
                "0 and 4, pair 1 in 1 and 5, pair 2 in 2 and 6, pair 3 in 3 and 7."),
        )  # fmt: skip

    def _row(self, height, order, name, up):
        """Eight boxes, each pair joined by an arc: above the boxes, with its number, or below."""
        self.plot.text(-0.35, height + 0.25, name, ha="right", va="center", fontsize=15, linespacing=1.3)
        edge = height + (0.62 if up else -0.12)
        for pair, (colour, dashes) in enumerate(zip(style.PAIRS, style.DASHES, strict=True)):
            start, end = (order.index(component) for component in (2 * pair, 2 * pair + 1))
            for place, component in ((start, 2 * pair), (end, 2 * pair + 1)):
                box = dict(facecolor="white", edgecolor=colour, linewidth=2.5)
                self.plot.add_patch(Rectangle((place, height - 0.1), 0.8, 0.7, **box))
                self.plot.text(place + 0.4, height + 0.25, f"$x_{component}$", ha="center", va="center", fontsize=17,
                               color=style.readable(colour))  # fmt: skip
            bend = 0.45 if end - start < 2 else 0.2 + 0.03 * pair
            arc = dict(arrowstyle="-", connectionstyle=f"arc3,rad={-bend if up else bend}", linestyle=dashes)
            ends = (start + 0.4, edge), (end + 0.4, edge)
            self.plot.add_patch(FancyArrowPatch(*ends, color=colour, linewidth=2.5, **arc))
            if up:
                words = say("$i={pair}$", pair=pair)
                self.plot.text((start + end) / 2 + 0.4, edge + 0.42, words, ha="center", color=style.readable(colour), fontsize=14)


_TURN = np.exp(1j * np.linspace(0, 2 * np.pi, 181)).view(float).reshape(-1, 2).T  # x and y of the unit circle


class Frequencies(Picture):
    """One frequency per pair (a), each pair's response to distance (b), two pairs' tracks in the complex plane (c).

    After the source figure script (three panels: frequencies, responses, tracks); the figure of
    `assets/2_rope_frequency`. Panel (b) shows single cosines: they do not decay, only their sum does. Up to 256 tokens
    they are drawn between whole distances too. Panel (c) shows one dot per token, not a curve through them: a fast pair
    jumps a radian from token to token. Circle: position 0. Squares: the present position.

    All three show the frequencies of `method`, a key of `helpers.scaling.METHODS`, at scale k, trained on 2,048 tokens
    and tested on k times as many. Where a method is not "direct", the trained frequencies stay behind in grey in (a).
    """

    size = (11.8, 4.1)
    widths = (1.2, 1.6, 1.8, 2.2)  # of the four cosines
    train_len = 2048  # tokens

    def build(self):
        left, middle, right = self.panels(1, 3, width_ratios=(1.0, 1.12, 1.0))
        self.spectrum = self.add_axes((0.21, 0.17, 0.75, 0.71), left, yscale="log", xlabel=say("pair index $i$"),
                                      ylabel=say("frequency $\\theta_i$ (rad/token, log)"))  # fmt: skip
        self.spectrum.minorticks_off()
        self.spectrum.xaxis.get_major_locator().set_params(integer=True)
        inside = dict(transform=self.spectrum.transAxes)
        fast, slow = say("fast:\nhigh frequency\n(locally sensitive)"), say("slow:\nlow frequency\n(global dependence)")
        self.spectrum.text(0.97, 0.95, fast, color=style.FAST, ha="right", va="top", **inside)
        self.spectrum.text(0.03, 0.05, slow, color=style.SLOW, va="bottom", **inside)

        self.response = self.add_axes((0.182, 0.17, 0.78, 0.71), middle, xlabel=say("distance $|m-n|$ (tokens)"),
                                      ylabel=say("$\\cos(\\theta_i\\,|m-n|)$"), ylim=(-1.15, 1.15))  # fmt: skip
        self.response.axhline(0, color=style.MUTED, linewidth=0.8)

        self.plane = _complex_plane(self, (0.19, 0.17, 0.78, 0.71), right, ends=(-1.4, 1.75), ticks=(-1, 0, 1))
        self.plane.plot(*_TURN, color=style.MUTED, linewidth=0.8, linestyle="--")
        self.plane.text(1.12, 0.14, say("$m=0$"), color=style.INK, fontsize=12)
        for axes, name, x in (self.spectrum, "(a)", -0.255), (self.response, "(b)", -0.175), (self.plane, "(c)", -0.18):
            axes.text(x, 1.045, name, transform=axes.transAxes)

    def move(self, *, positions=128, pos=64, dim=64, base=10_000.0, k=1.0, method="direct"):
        trained, last = rope.frequencies(dim, base), dim // 2 - 1
        theta = scaling.frequencies(method, dim, base, k, self.train_len, k * self.train_len)
        # the source's pairs 0, 5, 15, 31 of 32, and the same places along the axis for other dimensions
        chosen = [round(share * last / 31) for share in (0, 5, 15, 31)]

        margin = last / 24 + 0.2
        low = round_limit(min(theta[-1], trained[-1] / k), down=True)  # the same for direct, PI and NTK-aware
        high = 9.0 if k > 1 and trained[-1] > 0.03 else 3.0  # room for the words above a flat line
        self.limits(self.spectrum, (-margin, last + margin), (0.6 * low, high))
        self.limits(self.response, (0, positions))
        ink = style.MUTED
        if method != "direct":
            ink, named = scaling.METHODS[method].colour, say("{method} (grey: trained)", method=method_name(method))
            self.line("trained", self.spectrum, np.arange(dim // 2), trained, color=style.MUTED, alpha=0.5, linewidth=4)
            above = dict(ha="right", fontsize=12, transform=self.spectrum.transAxes)
            self.text("named", self.spectrum, 1, 1.045, named, **above)
        self.line("theta", self.spectrum, np.arange(dim // 2), theta, "o-", color=ink, markersize=4, linewidth=1.2)
        distance = np.arange(0, positions + 0.1, min(1, max(0.25, positions / 512)))  # tokens; as fine as pixels
        looks, lowest = zip(style.PAIRS, style.DASHES, self.widths, strict=True), []
        for order, (pair, (colour, dashes, width)) in enumerate(zip(chosen, looks, strict=True)):
            self.line(("mark", order), self.spectrum, [pair], [theta[pair]], "o", color=colour, markersize=10)
            x, y = envelope(distance, np.cos(theta[pair] * distance), 350)
            lowest.append(f"{y.min():z.2f}")
            self.line(("cosine", order), self.response, x, y, color=colour, linestyle=dashes, linewidth=width,
                      label=say("$i={pair}$", pair=pair))  # fmt: skip
        together = dict(columnspacing=0.8, handlelength=1.6 if last < 100 else 1.3, handletextpad=0.3)
        self.legend(self.response, bbox_to_anchor=(1.025, 0.985), **together)
        _tracks(self, self.plane, pos, theta)
        self.tell(*self._words(positions, pos, base, k, method, theta, chosen, lowest))

    def _words(self, positions, pos, base, k, method, theta, chosen, lowest):
        trained, comma = dict(pairs=len(theta), base=base), say(", ")
        if method == "direct":
            yield say("RoPE's frequencies for {pairs} pairs, base {base:,.0f}.", **trained)
        else:
            yield say("RoPE's frequencies for {pairs} pairs, base {base:,.0f}, changed by {method} with k = {k:g}.",
                      **trained, method=method_name(method), k=k)  # fmt: skip
        first, last = rope.wavelengths(theta[[0, -1]])
        yield say("One turn takes {first:,.2f} tokens in pair 0, {last:,.0f} in pair {slowest}.", first=first,
                  last=last, slowest=len(theta) - 1)  # fmt: skip
        yield say("Up to distance {positions:,}, the cosines of pairs {chosen} come down to {lowest}.",
                  positions=positions, chosen=comma.join(map(str, chosen)), lowest=comma.join(lowest))  # fmt: skip
        yield say("At position {pos:,}, pair 0 has made {fast}, pair {slowest} {slow}.", pos=pos,
                  slowest=len(theta) - 1, fast=_turned(theta[0] * pos), slow=_turned(theta[-1] * pos))  # fmt: skip


def _tracks(picture, axes, pos, theta):
    """Panel (c) of `Frequencies`: the fastest and the slowest pair, from position 0 to `pos`."""
    angle, last = theta[0] * np.arange(pos + 1), len(theta) - 1
    picture.line("dots", axes, np.cos(angle), np.sin(angle), ".", color=style.FAST, markersize=5)
    arc = np.linspace(0, min(theta[last] * pos, 2 * np.pi), 181)  # a second turn would hide nothing new
    picture.line("arc", axes, np.cos(arc), np.sin(arc), color=style.SLOW, linewidth=4)
    for track, pair, colour, size, height, words in (
        ("fast", 0, style.FAST, 8, 1.57, "i = {pair} (fast): {turned}"),
        ("slow", last, style.SLOW, 11, 1.27, "i = {pair} (slow): {turned}"),
    ):
        end = theta[pair] * pos
        picture.line((track, "hand"), axes, [0, np.cos(end)], [0, np.sin(end)], "s-", markevery=[1],
                  color=colour, markersize=size, linewidth=1.3)  # fmt: skip
        picture.text((track, "turned"), axes, -1.33, height, say(words, pair=pair, turned=_turned(end)), color=colour,
                  va="center")  # fmt: skip
    # after the hands, so that it shows where a slow pair has not yet left
    picture.line("start", axes, [1], [0], "o", color=style.INK, markersize=5, zorder=3)
    picture.text("reached", axes, -1.33, -1.27, say("squares: m = {pos:,}", pos=pos), va="center", fontsize=12)


def _turned(angle):
    """An angle, rad, in words: turns, or degrees below one turn."""
    turns = angle / (2 * np.pi)
    return say("{turns:,.1f} turns", turns=turns) if turns >= 1 else f"{360 * turns:.3g}°"


class Decay(Picture):
    """RoFormer's bound factor (a), and exact scores, which are something else (b), against distance.

    (a) (1/(dim/2)) Σ_j |S_j|. The dashed level is its mean if all phases were random: the mean of √(πj)/2.
    (b) Scores divided by Σ_i |q_i||k_i|: of a key equal to the query; of the same key turned so that its score peaks at
    distance `peak`; and of one random query and key.
    """

    size = (11.0, 4.15)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.0, 1.35))
        distance = say("distance $m-n$ (tokens)")
        self.bound = self.add_axes((0.155, 0.16, 0.815, 0.68), left, xlabel=distance, ylabel=say("factor in the bound"))
        self.scores = self.add_axes((0.121, 0.16, 0.854, 0.68), right, xlabel=distance, ylim=(-0.85, 1.08),
                                    ylabel=say("score / largest possible"), yticks=(-0.5, 0, 0.5, 1))  # fmt: skip
        for axes, name in ((self.bound, "(a)"), (self.scores, "(b)")):
            axes.text(0, 1.05, name, transform=axes.transAxes)

    def move(self, *, positions=1024, peak=700, dim=128, base=10_000.0):
        turns, bound, same, random = _decay(positions, dim, base)
        self.limits(self.bound, (0, positions), (0, 1.1 * (dim / 2 + 1) / 2))
        self.limits(self.scores, (0, positions))
        distance = np.arange(positions + 1)
        self.line("bound", self.bound, *envelope(distance, bound), color=style.INK, linewidth=1.3, label=say("RoPE"))
        level = np.sqrt(np.pi * np.arange(1, dim // 2 + 1)).mean() / 2
        self.line("level", self.bound, [0, positions], [level, level], color=style.ACCENT, linestyle=style.DASHES[1],
                  label=say("random unit numbers"))  # fmt: skip
        self.line("random", self.scores, *envelope(distance, random), color=style.MUTED, linewidth=1.0,
                  label=say("random $q$, $k$"))  # fmt: skip
        aim = np.exp(-1j * peak * rope.frequencies(dim, base)) / (dim // 2)
        aimed = (turns @ aim).real
        self.line("aimed", self.scores, *envelope(distance, aimed), color=style.FAST, linewidth=2.4,
                  label=say("aimed key"))  # fmt: skip
        # on top and thinner: aimed at distance 0 the two are one curve, and both should show
        self.line("same", self.scores, *envelope(distance, same), color=style.MIDDLE, linewidth=1.3,
                  linestyle=style.DASHES[1], label=say("key = query"))  # fmt: skip
        together = dict(columnspacing=1.2, handlelength=1.8)
        self.legend(self.bound, **together)
        self.legend(self.scores, parts=("same", "aimed", "random"), **together)
        (low_bound, low_same), top = (np.argmin(curve) for curve in (bound, same)), np.argmax(aimed)
        self.tell(
            say("RoPE's bound and exact scores, up to distance {positions:,}: d = {dim}, base {base:,.0f}.",
                positions=positions, dim=dim, base=base),
            say("The factor in the bound falls from {first:.1f} to {low:.1f} at distance {at:,}; random unit numbers: "
                "{level:.1f}.", first=bound[0], low=bound[low_bound], at=low_bound, level=level),
            say("Scores over the largest possible: a key equal to the query, 1 at distance 0 and lowest at {at:,}, "
                "{low:z.2f}; the key aimed at {peak:,}, highest at {top:,}, {high:z.2f}; a random query and key, "
                "{least:z.2f} to {most:z.2f}.", at=low_same, low=same[low_same], peak=peak, top=top, high=aimed[top],
                least=random.min(), most=random.max()),
        )  # fmt: skip


@functools.lru_cache(maxsize=4)
def _decay(positions, dim, base):
    """What `peak` does not change: e^(i·distance·theta), (positions + 1, dim/2), and three curves, (positions + 1,)."""
    theta = rope.frequencies(dim, base)
    fine, coarse = np.arange(64), np.arange(0, positions + 1, 64)  # e^i(a+b) = e^ia e^ib: fewer cosines
    turns = rope.cis(coarse, theta, np.complex128)[:, None] * rope.cis(fine, theta, np.complex128)
    turns = turns.reshape(-1, dim // 2)[: positions + 1]
    bound = np.abs(np.cumsum(turns, axis=1)).mean(axis=1)
    q, k = np.random.default_rng(0).standard_normal((dim // 2, 4)).view(complex).T
    product = q * np.conj(k)
    product /= np.abs(product).sum()  # of one Gaussian query and key, over the largest score that they could have
    return turns, bound, turns.real.mean(axis=1), (turns @ product).real
