"""The picture of notebook 00: a position told by the hands of a row of clocks."""

from functools import partial

import numpy as np
from matplotlib.patches import Patch, Rectangle, Wedge

from helpers import rope, style, valid
from helpers.figures import Picture
from helpers.labels import say

DIM, BASE = 12, 10_000.0  # six clocks: the last two turn less than once within the positions drawn
REACH, STEP = 4000, 250  # tokens: end of the position axis, and how far apart its dots are
_NEW = dict(facecolor="white", edgecolor=style.UNSEEN, hatch="////", linewidth=1)
_FAN = dict(facecolor="#E3D3EA", edgecolor=style.ACCENT)  # style.ACCENT, washed out
_KEYS = {
    "met in training": dict(facecolor=style.SEEN),
    "never met in training": _NEW,
    "from this position to the next": _FAN,
}
_HANDS = (  # where training has met them, and where it never did
    dict(color=style.SEEN, linestyle="-", marker="o"),
    dict(color=style.UNSEEN, linestyle=(0, (2, 0.8)), marker="X"),
)
_ring = partial(Wedge, (0, 0), 1, 0, 360, width=0.2)


class Clocks(Picture):
    """Six dials, the fastest first, and below them the axis of positions that the clocks are told.

    The tip of a hand is (sin, cos) of its angle: clockwise from the top, as on a clock, and as in the sinusoidal
    encoding.
    """

    size = (12.6, 4.6)

    def build(self):
        top, bottom = self.panels(2, 1, height_ratios=(2.85, 1.75))
        self.theta = rope.frequencies(DIM, BASE)
        self.dials, width = [], 1 / self.theta.size
        for clock, turn in enumerate(rope.wavelengths(self.theta)):
            axes = self.add_axes((clock * width + 0.005, 0.2, width - 0.01, 0.68), top, off=True, aspect="equal",
                                 xlim=(-1.04, 1.04), ylim=(-1.04, 1.04))  # fmt: skip
            axes.text(0, 1.12, say("clock {clock}", clock=clock), ha="center", fontsize=14)
            axes.text(0, -1.14, say("one turn:\n{tokens:,.0f} tokens", tokens=turn), ha="center", va="top", fontsize=13)
            axes.add_patch(_ring(**_NEW))
            self.dials.append(axes)
        self.ruler = self.add_axes((0.02, 0.42, 0.55, 0.2), bottom, xlim=(0, REACH), ylim=(0, 1), yticks=[],
                                   xlabel=say("position told to the clocks: $m/k$ (tokens)"))  # fmt: skip
        self.ruler.xaxis.set_major_formatter("{x:,.0f}")
        self.ruler.spines["left"].set_visible(False)
        self.ruler.grid(False)
        self.ruler.add_patch(Rectangle((0, 0), REACH, 1, **_NEW))
        self.words = self.add_axes((0.615, 0, 0.385, 1), bottom, off=True)
        areas, words = [Patch(**look) for look in _KEYS.values()], [say(text) for text in _KEYS]
        self.words.legend(areas, words, loc="upper left", bbox_to_anchor=(0, 0.5), borderpad=0, borderaxespad=0,
                          labelspacing=0.25, fontsize=13)  # fmt: skip

    def move(self, *, pos=400, train_len=512, k=1.0):
        pos = valid.real("pos", pos, "a number of tokens, at least 0", at_least=0)
        train_len = valid.positive("train_len", train_len)
        k = valid.real("k", k, "a number of at least 1", at_least=1)
        angle = pos / k * self.theta  # the clocks stay as they are; the position they are told is divided
        new = rope.unseen(angle, self.theta, train_len)
        # degrees; a clock counts from the top, clockwise; matplotlib from the right, the other way
        seen, hand = 90 - np.minimum(np.degrees(train_len * self.theta), 360), 90 - np.degrees(angle)
        step = np.degrees(self.theta / k)
        for clock, axes in enumerate(self.dials):
            ring = partial(_ring, facecolor=style.SEEN, edgecolor=style.SEEN)
            self.patch(("ring", clock), axes, ring, theta1=seen[clock], theta2=90)
            if step[clock] > 1:  # else thinner than the hand
                fan = partial(Wedge, (0, 0), 0.68, 0, 90, linewidth=1.3, **_FAN)
                self.patch(("fan", clock), axes, fan, theta1=hand[clock] - step[clock], theta2=hand[clock])
            tip = 0.9 * np.sin(angle[clock]), 0.9 * np.cos(angle[clock])
            self.line(("hand", clock), axes, [0, tip[0]], [0, tip[1]], linewidth=4, markevery=[1], markersize=12,
                      markeredgecolor="white", zorder=3, **_HANDS[int(new[clock])])  # fmt: skip

        self.band("trained", self.ruler, [0, min(train_len, REACH)], [0, 0], [1, 1], facecolor=style.SEEN)
        dots = np.arange(0, REACH + 1, STEP) / k
        self.line("dots", self.ruler, dots, np.full(dots.size, 0.5), "o", color="white", markeredgecolor=style.INK,
                  markersize=8, zorder=3, clip_on=False, label=say("every {step}th position", step=STEP))  # fmt: skip
        self.line("mark", self.ruler, [pos / k], [1.25], "v", color=style.INK, markersize=14, zorder=4, clip_on=False,
                  label=say("this position"))  # fmt: skip
        self.legend(self.ruler, "upper left", parts=("mark", "dots"), ncols=2, fontsize=13, handlelength=1, borderpad=0,
                    borderaxespad=0, bbox_to_anchor=(-0.02727, 2.6))  # fmt: skip
        count = say("hands where they never were: {new} of {clocks}", new=int(new.sum()), clocks=new.size)
        colour = style.readable(style.UNSEEN if new.any() else style.SEEN)
        self.text("count", self.words, 0, 0.88, count, fontsize=17, va="center", color=colour)
        self.tell(
            say("{clocks} clocks, the fastest first; position {pos:,.0f}, divided by {k:g}; trained on positions 0 to {last:,.0f}.",
                clocks=new.size, pos=pos, k=k, last=train_len - 1),
            say("Hands that point where training never took them: {which}.",
                which=", ".join(map(str, np.flatnonzero(new))) or say("none")),
            say("From one position to the next, clock 0 moves {degrees:.0f}°.", degrees=step[0]),
        )  # fmt: skip
        gap = say("next position: clock 0 moves {degrees:.0f}°", degrees=step[0])
        self.text("gap", self.words, 0, 0.67, gap, fontsize=17, va="center", color=style.ACCENT)
