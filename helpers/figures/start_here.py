"""The picture of notebook 00: a position told by the hands of a row of clocks."""

import numpy as np
from matplotlib.patches import Rectangle, Wedge

from helpers import rope, style, valid
from helpers.figures import Picture
from helpers.labels import say

DIM, BASE = 12, 10_000.0  # six clocks: the last two turn less than once within the positions drawn
REACH, STEP = 4000, 250  # tokens: end of the position axis, and how far apart its dots are
_TURN = 2 * np.pi
_FAN = "#E3D3EA"  # style.ACCENT, washed out
_DASHED = (0, (2, 0.8))


class Clocks(Picture):
    """Six dials, the fastest first, and below them the axis of positions that the clocks are told.

    The tip of a hand is (sin, cos) of its angle: clockwise from the top, as on a clock, and as in the sinusoidal encoding.
    """

    size = (12.6, 4.6)

    def build(self):
        top, bottom = self.panels(2, 1, height_ratios=(2.85, 1.75))
        self.theta = rope.frequencies(DIM, BASE)
        clocks = self.theta.size
        self.rings, self.fans, self.hands = [], [], []
        for clock, wavelength in enumerate(rope.wavelengths(self.theta)):
            axes = top.add_axes((clock / clocks + 0.005, 0.2, 1 / clocks - 0.01, 0.68))
            axes.set(xlim=(-1.04, 1.04), ylim=(-1.04, 1.04), aspect="equal")
            axes.axis("off")
            axes.text(0, 1.12, say("start_here.clock", clock=clock), ha="center", fontsize=14)
            axes.text(0, -1.14, say("start_here.turn", tokens=wavelength), ha="center", va="top", fontsize=13)
            axes.add_patch(Wedge((0, 0), 1, 0, 360, width=0.2, **self._new()))
            ring = Wedge((0, 0), 1, 0, 90, width=0.2, facecolor=style.SEEN, edgecolor=style.SEEN)
            fan = Wedge((0, 0), 0.68, 0, 90, facecolor=_FAN, edgecolor=style.ACCENT, linewidth=1.3)
            for patches, patch in ((self.rings, ring), (self.fans, fan)):
                patches.append(self.moves(axes.add_patch(patch)))
            self.hands.append(self.moves(axes.plot([], [], linewidth=4, markevery=[1], markersize=12, zorder=3)[0]))

        self.ruler = axes = bottom.add_axes((0.02, 0.42, 0.55, 0.2))
        axes.set(xlim=(0, REACH), ylim=(0, 1), yticks=[], xlabel=say("start_here.told"))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.spines["left"].set_visible(False)
        axes.grid(False)
        axes.add_patch(Rectangle((0, 0), REACH, 1, **self._new()))
        self.trained = self.moves(axes.add_patch(Rectangle((0, 0), 1, 1, facecolor=style.SEEN)))
        self.dots = self.moves(
            axes.plot([], [], "o", color="white", markeredgecolor=style.INK, markersize=8, zorder=3, clip_on=False)[0]
        )
        self.mark = self.moves(axes.plot([], [], "v", color=style.INK, markersize=14, zorder=4, clip_on=False)[0])

        words = bottom.add_axes((0.615, 0, 0.385, 1))
        words.axis("off")
        self.count = self.moves(words.text(0, 0.88, "", fontsize=17, va="center"))
        self.gap = self.moves(words.text(0, 0.67, "", fontsize=17, va="center", color=style.ACCENT))
        keys = (
            (Rectangle((0, 0), 1, 1, facecolor=style.SEEN), "start_here.seen"),
            (Rectangle((0, 0), 1, 1, **self._new()), "start_here.unseen"),
            (Rectangle((0, 0), 1, 1, facecolor=_FAN, edgecolor=style.ACCENT), "start_here.step"),
        )
        words.legend(
            [key for key, _ in keys], [say(text) for _, text in keys], loc="upper left", bbox_to_anchor=(0.0, 0.5),
            borderpad=0, borderaxespad=0, labelspacing=0.25, fontsize=13,
        )  # fmt: skip
        bottom.legend(
            [self.mark, self.dots], [say("start_here.this"), say("start_here.every", step=STEP)], ncols=2, fontsize=13,
            loc="upper left", bbox_to_anchor=(0.005, 0.94), borderpad=0, borderaxespad=0, handlelength=1,
        )  # fmt: skip

    @staticmethod
    def _new():
        return dict(facecolor="white", edgecolor=style.UNSEEN, hatch="////", linewidth=1)

    def move(self, *, pos=400, train_len=512, k=1.0):
        pos = valid.real("pos", pos, "a number of tokens, at least 0", at_least=0)
        train_len = valid.positive("train_len", train_len)
        k = valid.real("k", k, "a number of at least 1", at_least=1)
        told = pos / k  # the clocks stay as they are; the position they are told is divided
        angle = told * self.theta
        new = rope.unseen(angle, self.theta, train_len)
        shown = np.degrees(np.minimum(train_len * self.theta, _TURN))
        start, step = np.degrees(angle % _TURN), np.degrees(self.theta / k)
        for clock, (ring, fan, hand) in enumerate(zip(self.rings, self.fans, self.hands, strict=True)):
            ring.set_theta1(90 - shown[clock])  # degrees from the top, clockwise; matplotlib counts the other way
            fan.set_theta1(90 - start[clock] - step[clock])
            fan.set_theta2(90 - start[clock])
            fan.set_visible(step[clock] > 1)  # thinner than the hand
            hand.set_data([0, 0.9 * np.sin(angle[clock])], [0, 0.9 * np.cos(angle[clock])])
            hand.set(
                color=style.UNSEEN if new[clock] else style.SEEN,
                linestyle=_DASHED if new[clock] else "-",
                marker="X" if new[clock] else "o",
                markeredgecolor="white",
            )
        self.trained.set_width(min(train_len, REACH))
        dots = np.arange(0, REACH + 1, STEP) / k
        self.dots.set_data(dots, np.full(dots.size, 0.5))
        self.mark.set_data([told], [1.25])
        self.count.set_text(say("start_here.new", new=int(new.sum()), clocks=new.size))
        self.count.set_color(style.UNSEEN if new.any() else style.SEEN)
        self.gap.set_text(say("start_here.gap", degrees=step[0]))
