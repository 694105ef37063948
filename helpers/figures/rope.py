"""Pictures of notebook 03: rotary position embedding."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle, Wedge

from helpers import encodings, rope, style
from helpers.figures import Picture, envelope, round_limit
from helpers.labels import say
from helpers.scaling import METHODS

TURNED = METHODS["direct"].colour  # RoPE as it is, with no scaling
ADDED = style.ACCENT


def _limits(axes, x=None, y=None):
    """Set limits only where they differ: setting them repaints the background."""
    if x is not None and axes.get_xlim() != tuple(x):
        axes.set_xlim(x)
    if y is not None and axes.get_ylim() != tuple(y):
        axes.set_ylim(y)


def _signed(value, digits):
    """A number as text, with a true minus sign and never minus zero."""
    return f"{round(value, digits) + 0:.{digits}f}".replace("-", "−")


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

    def build(self):
        draw = np.random.default_rng(0).standard_normal
        self.x, self.y = draw((2, self.dim))
        self.w_q, self.w_k = draw((2, self.dim, self.dim)) / np.sqrt(self.dim)

        top, bottom = self.panels(2, 1, height_ratios=(1.0, 2.1))
        self.strip = axes = top.add_axes((0.16, 0.08, 0.81, 0.74))
        axes.set(xlim=(-3, self.positions), ylim=(-0.6, 2.0), yticks=(1.1, 0), title="(a)")
        axes.set_yticklabels([say("rope.sentence_1"), say("rope.sentence_2")])
        axes.tick_params(labelbottom=False, length=0)
        axes.grid(False)
        for height in (1.1, 0):
            axes.axhline(height, color=style.MUTED, linewidth=0.8, zorder=0)
        self.arcs = [
            self.moves(axes.plot([], [], color=style.INK, linewidth=1.5)[0]),
            self.moves(axes.plot([], [], color=style.INK, linewidth=1.5)[0]),
        ]
        self.keys = self.moves(axes.plot([], [], "o", color=style.MIDDLE, markersize=10)[0])
        self.queries = self.moves(axes.plot([], [], "D", color=style.WARM, markersize=9)[0])
        axes.legend(
            [self.keys, self.queries], [say("rope.key_token"), say("rope.query_token")], ncols=2, loc="lower right",
            bbox_to_anchor=(1.01, 0.95), borderpad=0.1, handletextpad=0.2,
        )  # fmt: skip

        self.scores = axes = bottom.add_axes((0.16, 0.185, 0.81, 0.685))
        axes.set(xlim=(-3, self.positions), ylim=(-23.5, 26), xlabel=say("rope.place"), ylabel=say("rope.score"))
        axes.set_title("(b)")
        self.added = self.moves(axes.plot([], [], color=ADDED, linestyle=style.DASHES[1])[0])
        self.turned = self.moves(axes.plot([], [], color=TURNED)[0])
        self.first = [self.moves(axes.plot([], [], "o", color=c, markersize=9)[0]) for c in (ADDED, TURNED)]
        self.second = [self.moves(axes.plot([], [], "s", color=c, markersize=10)[0]) for c in (ADDED, TURNED)]
        axes.legend(
            [self.turned, self.added], [say("rope.turned"), say("rope.added")], ncols=2, loc="lower right",
            bbox_to_anchor=(1.01, 0.97), borderpad=0.1, columnspacing=1.2,
        )  # fmt: skip

    def curves(self, lag, base):
        """Scores of both schemes with the key at 0, 1, 2, ... and the query `lag` tokens later: added, turned."""
        n = np.arange(self.positions - lag)
        table = encodings.sinusoidal(np.arange(self.positions), self.dim, base)
        q = (self.x + table[lag:]) @ self.w_q.T
        k = (self.y + table[: self.positions - lag]) @ self.w_k.T
        theta = rope.frequencies(self.dim, base)
        turned_q = rope.rotate(np.tile(self.w_q @ self.x, (len(n), 1)), rope.cis(n + lag, theta))
        turned_k = rope.rotate(np.tile(self.w_k @ self.y, (len(n), 1)), rope.cis(n, theta))
        return n, (q * k).sum(1), (turned_q * turned_k).sum(1)

    def move(self, *, offset=100, lag=12, base=10_000.0):
        if not 0 <= offset < self.positions - lag:
            raise ValueError(f"offset must be 0 to {self.positions - lag - 1} at distance {lag}; got offset = {offset}")
        n, added, turned = self.curves(lag, base)
        for arc, place, height in zip(self.arcs, (0, offset), (1.1, 0), strict=True):
            t = np.linspace(0, np.pi, 40)
            arc.set_data(place + lag * (1 - np.cos(t)) / 2, height + 0.6 * np.sin(t))
        self.keys.set_data([0, offset], [1.1, 0])
        self.queries.set_data([lag, offset + lag], [1.1, 0])
        self.added.set_data(n, added)
        self.turned.set_data(n, turned)
        for first, second, curve in zip(self.first, self.second, (added, turned), strict=True):
            first.set_data([0], [curve[0]])
            second.set_data([offset], [curve[offset]])


class Plane(Picture):
    """One query and one key of two components, turned by their positions m and n: the same distance at two places.

    Dashed: near the start, the key at 0 and the query at m - n. Solid: at m and n. The wedges are the angle from key to
    query. They are equal: one depends on m - n by its making, the other because rotations keep angles.
    """

    size = (6.4, 4.2)
    q = 1.8 * np.exp(1.0j)
    k = 1.4 * np.exp(0.4j)

    def build(self):
        self.axes = axes = self.figure.add_axes((0.11, 0.16, 0.6, 0.81))
        axes.set(xlim=(-2.1, 2.1), ylim=(-2.1, 2.1), xlabel=say("real"), ylabel=say("imaginary"))
        axes.set_aspect("equal", anchor="W")
        axes.set(xticks=(-2, -1, 0, 1, 2), yticks=(-2, -1, 0, 1, 2))
        self.wedges = [
            self.moves(axes.add_patch(Wedge((0, 0), radius, 0, 1, color=style.MUTED, alpha=0.35, linewidth=0)))
            for radius in (0.45, 0.6)
        ]
        looks = [
            dict(linewidth=1.5, markersize=6, linestyle=style.DASHES[1]),
            dict(linewidth=3.0, markersize=9, linestyle="-"),
        ]
        self.hands = [
            [
                self.moves(axes.plot([], [], marker, markevery=[1], color=colour, **look)[0])
                for colour, marker in ((style.FAST, "s"), (style.MIDDLE, "o"))
            ]
            for look in looks
        ]
        words = ["$q\\,e^{i(m-n)\\theta}$", "$k$", "$q\\,e^{im\\theta}$", "$k\\,e^{in\\theta}$"]
        axes.legend(sum(self.hands, []), words, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=2.4)
        self.readings = [
            self.moves(axes.text(1.08, height, "", transform=axes.transAxes, linespacing=1.35))
            for height in (0.3, 0.06)
        ]

    def move(self, *, m=9, n=7, theta=0.3):
        for hands, wedge, places in zip(self.hands, self.wedges, ((m - n, 0), (m, n)), strict=True):
            q, k = (number * np.exp(1j * place * theta) for number, place in zip((self.q, self.k), places, strict=True))
            for hand, number in zip(hands, (q, k), strict=True):
                hand.set_data([0, number.real], [0, number.imag])
            opening = np.degrees(np.angle(q * np.conj(k)))  # from the key to the query, the short way round
            start = np.degrees(np.angle(k))
            wedge.set_theta1(min(start, start + opening))
            wedge.set_theta2(max(start, start + opening))
        self.readings[0].set_text(say("rope.angle_between", degrees=_signed(opening, 0)))
        self.readings[1].set_text(say("rope.score_is", score=_signed((q * np.conj(k)).real, 2)))


class Blocks(Picture):
    """The rotation matrices of two positions, and their product: again a rotation, of the difference.

    Block-diagonal: one 2 × 2 rotation per pair, zeros (white) everywhere else.
    """

    size = (10.4, 3.4)

    def build(self):
        *panels, scale = self.panels(1, 4, width_ratios=(1, 1, 1, 0.26))
        self.images, self.all_axes = [], []
        for panel, key in zip(panels, ("rope.matrix_m", "rope.matrix_n", "rope.matrix_product"), strict=True):
            axes = panel.add_axes((0.1, 0.05, 0.86, 0.8))
            axes.set(xticks=(), yticks=(), title=say(key))
            axes.title.set_fontsize(15)
            axes.grid(False)
            axes.set_aspect("equal")
            self.images.append(
                self.moves(axes.imshow(np.zeros((2, 2)), cmap=style.DIVERGING, vmin=-1, vmax=1))
            )
            self.all_axes.append(axes)
        bar = scale.add_axes((0.1, 0.09, 0.16, 0.72))
        self.figure.colorbar(self.images[0], cax=bar, ticks=(-1, 0, 1))

    def move(self, *, m=7, n=3, dim=8, base=100.0):
        theta = rope.frequencies(dim, base)
        left, right = rope.block_rotation(m, theta).T, rope.block_rotation(n, theta)
        for axes, image, matrix in zip(self.all_axes, self.images, (left, right, left @ right), strict=True):
            _limits(axes, (-0.5, dim - 0.5), (dim - 0.5, -0.5))
            image.set_data(matrix)
            image.set_extent((-0.5, dim - 0.5, dim - 0.5, -0.5))


class Pairings(Picture):
    """Eight components, paired in the two usual ways. Grey lines: where each moves when one becomes the other."""

    size = (8.6, 3.45)
    order = (0, 2, 4, 6, 1, 3, 5, 7)

    def build(self):
        self.axes = axes = self.figure.add_axes((0.01, 0.01, 0.98, 0.98))
        axes.set(xlim=(-3.1, 8), ylim=(-1.35, 3.55))
        axes.axis("off")
        rows = ((1.8, tuple(range(8)), "rope.interleaved", 1), (0.0, self.order, "rope.half_split", -1))
        for height, order, key, side in rows:
            axes.text(-0.35, height + 0.25, say(key), ha="right", va="center", fontsize=15, linespacing=1.3)
            places = {}
            for place, component in enumerate(order):
                pair = component // 2
                colour = style.PAIRS[pair]
                corner, middle = (place, height - 0.1), (place + 0.4, height + 0.25)
                axes.add_patch(Rectangle(corner, 0.8, 0.7, facecolor="white", edgecolor=colour, linewidth=2.5))
                axes.text(*middle, f"$x_{component}$", ha="center", va="center", fontsize=17, color=colour)
                places.setdefault(pair, []).append(place + 0.4)
            for pair, (start, end) in places.items():
                edge = height + (0.62 if side > 0 else -0.12)
                style_ = f"arc3,rad={-side * (0.45 if end - start < 2 else 0.2 + 0.03 * pair)}"
                axes.add_patch(
                    FancyArrowPatch(
                        (start, edge), (end, edge), arrowstyle="-", connectionstyle=style_, color=style.PAIRS[pair],
                        linewidth=2.5, linestyle=style.DASHES[pair],
                    )  # fmt: skip
                )
                if side > 0:
                    words = say("rope.pair_is", pair=pair)
                    axes.text((start + end) / 2, edge + 0.42, words, ha="center", color=style.PAIRS[pair], fontsize=14)
        for place, component in enumerate(self.order):
            axes.plot([component + 0.4, place + 0.4], [1.68, 0.62], color=style.MUTED, linewidth=1.2, zorder=0)

    def move(self):
        pass


class Frequencies(Picture):
    """One frequency per pair (a), each pair's response to distance (b), two pairs' tracks in the complex plane (c).

    The figure of `assets/2_rope_frequency`. Panel (b) shows single cosines: they do not decay, only their sum does. Up
    to 256 tokens they are drawn between whole distances too. Panel (c) shows one dot per token, not a curve through
    them: a fast pair jumps a radian from token to token. Circle: position 0. Squares: the present position.
    """

    size = (11.8, 4.1)

    def build(self):
        left, middle, right = self.panels(1, 3, width_ratios=(1.0, 1.12, 1.0))

        self.spectrum = axes = left.add_axes((0.21, 0.17, 0.75, 0.71))
        axes.set(yscale="log", xlabel=say("pair"), ylabel=say("rope.theta"))
        axes.minorticks_off()
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.text(0.97, 0.95, say("rope.fast"), color=style.FAST, ha="right", va="top", transform=axes.transAxes)
        axes.text(0.03, 0.05, say("rope.slow"), color=style.SLOW, ha="left", va="bottom", transform=axes.transAxes)
        self.theta_line = self.moves(axes.plot([], [], "o-", color=style.MUTED, markersize=4, linewidth=1.2)[0])
        self.theta_marks = [self.moves(axes.plot([], [], "o", color=color, markersize=10)[0]) for color in style.PAIRS]

        self.response = axes = middle.add_axes((0.182, 0.17, 0.78, 0.71))
        axes.set(xlabel=say("rope.distance"), ylabel=say("rope.response"), ylim=(-1.15, 1.15))
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        self.cosines = [
            self.moves(axes.plot([], [], color=color, linestyle=dash, linewidth=width)[0])
            for color, dash, width in zip(style.PAIRS, style.DASHES, (1.2, 1.6, 1.8, 2.2), strict=True)
        ]
        self.legend = axes.legend(
            self.cosines, [""] * 4, ncols=4, loc="lower right", bbox_to_anchor=(1.025, 0.985),
            columnspacing=0.8, handlelength=1.6, handletextpad=0.3, borderpad=0.1,
        )  # fmt: skip

        self.plane = axes = right.add_axes((0.19, 0.17, 0.78, 0.71))
        axes.set(xlabel=say("real"), ylabel=say("imaginary"), xlim=(-1.4, 1.75), ylim=(-1.4, 1.75))
        axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        axes.set_aspect("equal", anchor="W")
        turn = np.linspace(0, 2 * np.pi, 181)
        axes.plot(np.cos(turn), np.sin(turn), color=style.MUTED, linewidth=0.8, linestyle="--")
        self.fast_dots = self.moves(axes.plot([], [], ".", color=style.FAST, markersize=5)[0])
        self.slow_arc = self.moves(axes.plot([], [], color=style.SLOW, linewidth=4)[0])
        self.hands = [
            self.moves(axes.plot([], [], "s-", markevery=[1], color=color, markersize=size, linewidth=1.3)[0])
            for color, size in ((style.FAST, 8), (style.SLOW, 11))
        ]
        start = axes.plot([1], [0], "o", color=style.INK, markersize=5, zorder=3, label=say("rope.start"))
        self.moves(*start)  # drawn after the hands, so that it shows where a slow pair has not yet left
        axes.text(1.12, 0.14, say("rope.start"), color=style.INK, fontsize=12)
        self.turned = [
            self.moves(axes.text(-1.33, height, "", color=color, va="center"))
            for height, color in ((1.57, style.FAST), (1.27, style.SLOW))
        ]
        self.reached = self.moves(axes.text(-1.33, -1.27, "", va="center", fontsize=12))

        names = ((self.spectrum, "(a)", -0.255), (self.response, "(b)", -0.175), (self.plane, "(c)", -0.18))
        for axes, name, place in names:
            axes.text(place, 1.045, name, transform=axes.transAxes)

    def move(self, *, positions=128, pos=64, dim=64, base=10_000.0):
        theta = rope.frequencies(dim, base)
        last = dim // 2 - 1
        # the source's pairs 0, 5, 15, 31 of 32, and the same places along the axis for other dimensions
        chosen = [round(share * last / 31) for share in (0, 5, 15, 31)]

        margin = last / 24 + 0.2
        _limits(self.spectrum, (-margin, last + margin), (0.6 * round_limit(theta[-1], down=True), 3.0))
        self.theta_line.set_data(np.arange(dim // 2), theta)
        for mark, pair in zip(self.theta_marks, chosen, strict=True):
            mark.set_data([pair], [theta[pair]])

        _limits(self.response, (0, positions))
        distance = np.arange(0, positions + 0.1, min(1, max(0.25, positions / 512)))  # tokens; as fine as pixels
        for line, label, pair in zip(self.cosines, self.legend.get_texts(), chosen, strict=True):
            line.set_data(*envelope(distance, np.cos(theta[pair] * distance), 350))
            text = say("rope.pair_is", pair=pair)
            if label.get_text() != text:
                label.set_text(text)
                self.response.stale = True

        angle = theta[0] * np.arange(pos + 1)
        self.fast_dots.set_data(np.cos(angle), np.sin(angle))
        arc = np.linspace(0, min(theta[last] * pos, 2 * np.pi), 181)  # a second turn would hide nothing new
        self.slow_arc.set_data(np.cos(arc), np.sin(arc))
        for hand, text, pair, key in zip(self.hands, self.turned, (0, last), ("fast", "slow"), strict=True):
            end = theta[pair] * pos
            hand.set_data([0, np.cos(end)], [0, np.sin(end)])
            turns = end / (2 * np.pi)
            turned = say("rope.turns", turns=turns) if turns >= 1 else say("rope.degrees", degrees=360 * turns)
            text.set_text(say(f"rope.track.{key}", pair=pair, turned=turned))
        self.reached.set_text(say("rope.reached", pos=pos))


class Decay(Picture):
    """RoFormer's bound factor (a), and exact scores, which are something else (b), against distance.

    (a) (1/(dim/2)) Σ_j |S_j|. The dashed level is its mean if all phases were random: the mean of √(πj)/2.
    (b) Scores divided by Σ_i |q_i||k_i|: of a key equal to the query; of the same key turned so that its score peaks at
    distance `peak`; and of one random query and key.
    """

    size = (11.0, 4.15)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.0, 1.35))
        self.bound_axes = axes = left.add_axes((0.155, 0.16, 0.815, 0.68))
        axes.set(xlabel=say("distance"), ylabel=say("rope.bound"))
        axes.text(0, 1.05, "(a)", transform=axes.transAxes)
        self.bound = self.moves(axes.plot([], [], color=style.INK, linewidth=1.3)[0])
        self.level = self.moves(axes.plot([], [], color=style.ACCENT, linestyle=style.DASHES[1])[0])
        axes.legend(
            [self.bound, self.level], [say("rope.bound_curve"), say("rope.random_level")], ncols=2, loc="lower right",
            bbox_to_anchor=(1.02, 0.985), columnspacing=1.2, borderpad=0.1, handlelength=1.8,
        )  # fmt: skip

        self.scores = axes = right.add_axes((0.121, 0.16, 0.854, 0.68))
        axes.set(xlabel=say("distance"), ylabel=say("rope.score_relative"))
        axes.set(ylim=(-0.85, 1.08), yticks=(-0.5, 0, 0.5, 1))
        axes.text(0, 1.05, "(b)", transform=axes.transAxes)
        self.one = self.moves(axes.plot([], [], color=style.MUTED, linewidth=1.0)[0])
        self.aimed = self.moves(axes.plot([], [], color=style.FAST, linewidth=2.4)[0])
        # on top and thinner: aimed at distance 0 the two are one curve, and both should show
        self.same = self.moves(axes.plot([], [], color=style.MIDDLE, linewidth=1.3, linestyle=style.DASHES[1])[0])
        names = ("rope.same", "rope.aimed", "rope.one_random")
        axes.legend(
            [self.same, self.aimed, self.one], [say(name) for name in names], ncols=3, loc="lower right",
            bbox_to_anchor=(1.02, 0.985), columnspacing=1.2, borderpad=0.1, handlelength=1.8, labelspacing=0.25,
        )  # fmt: skip
        self.known = None

    def _turns(self, positions, dim, base):
        """e^(i·distance·theta) for every distance, (positions + 1, dim/2); kept while only `peak` moves."""
        if self.known != (positions, dim, base):
            theta = rope.frequencies(dim, base)
            fine, coarse = np.arange(64), np.arange(0, positions + 1, 64)  # e^i(a+b) = e^ia e^ib: fewer cosines
            turns = rope.cis(coarse, theta, np.complex128)[:, None] * rope.cis(fine, theta, np.complex128)
            self.turns = turns.reshape(-1, dim // 2)[: positions + 1]
            self.known = (positions, dim, base)
        return self.turns

    def _random(self, dim):
        """q_i conj(k_i) of one Gaussian query and key, over the largest score that they could have."""
        numbers = np.random.default_rng(0).standard_normal((dim // 2, 4)) @ [[1, 0], [1j, 0], [0, 1], [0, 1j]]
        product = numbers[:, 0] * np.conj(numbers[:, 1])
        return product / np.abs(product).sum()

    def move(self, *, positions=1024, peak=700, dim=128, base=10_000.0):
        fresh = self.known != (positions, dim, base)
        turns = self._turns(positions, dim, base)
        distance = np.arange(positions + 1)
        aim = np.exp(-1j * peak * rope.frequencies(dim, base)) / (dim // 2)
        self.aimed.set_data(*envelope(distance, turns.real @ aim.real - turns.imag @ aim.imag))
        if not fresh:
            return
        top = 1.1 * (dim / 2 + 1) / 2
        _limits(self.bound_axes, (0, positions), (0, top))
        _limits(self.scores, (0, positions))
        self.bound.set_data(*envelope(distance, np.abs(np.cumsum(turns, axis=1)).mean(axis=1)))
        self.level.set_data([0, positions], [np.sqrt(np.pi * np.arange(1, dim // 2 + 1)).mean() / 2] * 2)
        self.same.set_data(*envelope(distance, turns.real.mean(axis=1)))
        product = self._random(dim)
        self.one.set_data(*envelope(distance, turns.real @ product.real - turns.imag @ product.imag))
