"""Pictures of notebook 05: digits, a changed base, and what it buys.

`SeenAngles`, `Multiplier` and `Neighbours` are those of notebook 04, on the same axes with the same colours; here they
are asked for one method more.
"""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, NullLocator

from helpers import digits, published, rope, scaling, style
from helpers.figures import Picture
from helpers.figures.interpolation import Multiplier, Neighbours, SeenAngles, method_name, method_theta
from helpers.labels import say

__all__ = ["Digits", "Multiplier", "Neighbours", "Plane", "Reach", "SeenAngles", "SuTable", "digit_rows"]

KEPT = 3  # digits used in training ...
COUNT = KEPT + 1  # ... and one to spare


def digit_rows(n, base, k):
    """The digit vectors and dial angles of one number, three ways: what `Digits` draws.

    n: whole number below base^4. base: of the digits, integer ≥ 2. k: scale, at least 1.
    Trained were 0 … base³-1, written with three digits and a spare one that stayed 0.
    Returns {"direct", "pi", "ntk_aware": (digits, angles, next_angles, beta)}: digits (4,), most significant first;
    angles and next_angles (4,) rad, of n and n + 1, in the same order (slowest pair first), from RoPE with dim 8 and
    base^4, so that theta_i = 1 / base^i; beta: the base of these digits, a whole number.
    Raises ValueError for a bad argument.
    """
    wider = max(base, digits.smallest_base(int(np.ceil(k * base**KEPT - 1e-9)), KEPT))
    dim, whole = 2 * COUNT, float(base) ** COUNT
    rows = {}
    for key, vector, beta in (
        ("direct", digits.digits(n, base, COUNT), base),
        ("pi", digits.interpolated(n, base, COUNT, k), base),
        ("ntk_aware", digits.digits(n, wider, COUNT), wider),
    ):
        theta = method_theta(key, dim, whole, k, base**KEPT, k * base**KEPT)[::-1]
        rows[key] = vector, n * theta, (n + 1) * theta, beta
    return rows


class Digits(Picture):
    """A number as digits (left) and as dials (right): direct, interpolated, base changed.

    Trained were 0 … base³-1. Boxes and hands say whether this digit, this angle (`rope.unseen`), occurred in training. The thin hand is
    the next number. A dial's hand stands at n / base^i rad, counted from the right, anticlockwise; its thick arc was seen.
    """

    size = (12.6, 6.4)
    methods = ("direct", "pi", "ntk_aware")
    rows_at = (4.62, 3.0, 1.38)
    boxes_at = (3.45, 4.3, 5.15, 6.0)
    dials_at = (7.65, 9.0, 10.35, 11.7)
    radius = 0.52

    def build(self):
        self.axes = axes = self.figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, self.size[0]), ylim=(0, self.size[1]))
        axes.set_axis_off()
        self.number = self.moves(axes.text(0.3, 5.85, "", fontsize=24, va="center"))
        axes.text(4.72, 6.1, say("ntk_aware.digits"), ha="center", va="center", fontsize=14)
        axes.text(9.68, 6.1, say("ntk_aware.dials"), ha="center", va="center", fontsize=14)
        for place, (box, dial) in enumerate(zip(self.boxes_at, self.dials_at, strict=True)):
            i = COUNT - 1 - place
            axes.text(box, 5.55, say("ntk_aware.spare") if place == 0 else f"$m={i + 1}$", ha="center", va="center")
            axes.text(dial, 5.55, f"$i={i}$", ha="center", va="center")
        self.names, self.cells, self.texts, self.angles = [], [], [], []
        turn = np.linspace(0, 2 * np.pi, 121)
        for y, key in zip(self.rows_at, self.methods, strict=True):
            colour = scaling.METHODS[key].colour
            axes.plot([0.12, 0.12], [y - 0.58, y + 0.58], color=colour, linewidth=7, solid_capstyle="butt")
            title = say("ntk_aware.changed") if key == "ntk_aware" else method_name(key)
            axes.text(0.3, y + 0.3, title, fontsize=15, va="center")
            self.names.append(self.moves(axes.text(0.3, y - 0.18, "", va="center", linespacing=1.3)))
            for x in self.boxes_at:
                self.cells.append(self.moves(axes.add_patch(
                    Rectangle((x - 0.39, y - 0.45), 0.78, 0.9, linewidth=1.6)
                )))  # fmt: skip
                self.texts.append(self.moves(axes.text(x, y - 0.02, "", fontsize=21, ha="center", va="center")))
            for place, x in enumerate(self.dials_at):
                axes.plot(x + self.radius * np.cos(turn), y + self.radius * np.sin(turn), color=style.MUTED, linewidth=0.8)
                # theta_i · base³ = base^(3 - i): one radian for the slowest dial, more than a turn for all others
                seen = turn if place else turn * (1 / (2 * np.pi))
                axes.plot(x + self.radius * np.cos(seen), y + self.radius * np.sin(seen), color=style.SEEN, linewidth=7,
                          solid_capstyle="butt", alpha=0.45)  # fmt: skip
                self.angles.append(self.moves(axes.text(x, y - 0.75, "", fontsize=12, ha="center", va="center")))
        line = dict(solid_capstyle="round", linewidth=3.2)
        self.next = self.moves(axes.plot([], [], color=style.MUTED, linewidth=1.6, linestyle=(0, (3, 1.5)))[0])
        self.hands = {
            "seen": self.moves(axes.plot([], [], color=style.SEEN, **line)[0]),
            "unseen": self.moves(axes.plot([], [], color=style.UNSEEN, **line)[0]),
        }
        self.tips = {
            "seen": self.moves(axes.plot([], [], "o", color=style.SEEN, markersize=9, markeredgecolor="white")[0]),
            "unseen": self.moves(axes.plot([], [], "X", color=style.UNSEEN, markersize=12, markeredgecolor="white")[0]),
        }
        looks = [Rectangle((0, 0), 1, 1, **self.look(state)) for state in ("seen", "between", "new")]
        names = [say(f"ntk_aware.state.{state}") for state in ("seen", "between", "new")]
        axes.legend(
            [*looks, self.next], [*names, say("ntk_aware.state.next")], loc="lower center", bbox_to_anchor=(0.5, 0.005),
            ncols=4, columnspacing=1.8, handlelength=1.9, borderpad=0,
        )  # fmt: skip

    @staticmethod
    def look(state):
        return {
            "seen": dict(facecolor="#CFE3F2", edgecolor="#CFE3F2", linestyle="-", hatch=None),
            "between": dict(facecolor="#EAF3FA", edgecolor=style.SEEN, linestyle="--", hatch=None),
            "new": dict(facecolor="#F6B795", edgecolor="white", linestyle="-", hatch="//"),
        }[state]

    def move(self, *, n=1749, base=10, k=2.0):
        rows = digit_rows(n, base, k)
        self.number.set_text(f"n = {n:,}")
        names = (
            say("ntk_aware.name.direct", beta=base, last=base**KEPT - 1),
            say("ntk_aware.name.pi", short=f"{n / k:,.4g}" if n / k < 1000 else f"{n / k:,.1f}"),
            say("ntk_aware.name.changed", beta=rows["ntk_aware"][3], exact=base * k ** (1 / KEPT)),
        )
        trained = rope.frequencies(2 * COUNT, float(base) ** COUNT)[::-1]
        hands, ghosts, tips = {"seen": [], "unseen": []}, [], {"seen": [], "unseen": []}
        for row, (key, y) in enumerate(zip(self.methods, self.rows_at, strict=True)):
            vector, angles, nexts, _ = rows[key]
            unseen = rope.unseen(angles, trained, base**KEPT)
            self.names[row].set_text(names[row])
            for place in range(COUNT):
                cell = row * COUNT + place
                value = float(np.round(vector[place], 9))
                top = 0 if place == 0 else base - 1
                state = "new" if value > top else "seen" if value == int(value) else "between"
                self.cells[cell].set(**self.look(state))
                self.texts[cell].set_text(_cut(value))
                angle = angles[place]
                kind = "unseen" if unseen[place] else "seen"
                x = self.dials_at[place]
                hands[kind].append([(x, y), self.tip(x, y, angle), (np.nan, np.nan)])
                tips[kind].append(self.tip(x, y, angle))
                ghosts.append([(x, y), self.tip(x, y, nexts[place], 1.12), (np.nan, np.nan)])
                self.angles[cell].set_text(f"{angle:.4g}" if angle < 1000 else f"{angle:,.0f}")
        for kind in ("seen", "unseen"):
            self.hands[kind].set_data(*np.reshape(hands[kind], (-1, 2)).T)
            self.tips[kind].set_data(*np.reshape(tips[kind], (-1, 2)).T)
        self.next.set_data(*np.reshape(ghosts, (-1, 2)).T)

    def tip(self, x, y, angle, longer=1.0):
        reach = self.radius * longer
        return x + reach * np.cos(angle), y + reach * np.sin(angle)


def _cut(value):
    """A digit in at most four characters: cut, not rounded, so that 9.99 does not turn into the digit 10."""
    if value == int(value):
        return f"{value:.0f}"
    tenths = 10 if value >= 10 else 100
    return f"{np.floor(value * tenths) / tenths:.{1 if tenths == 10 else 2}f}".rstrip("0").rstrip(".") + (
        "" if np.floor(value * tenths) % tenths else "+"
    )


class Reach(Picture):
    """How far NTK-aware scaling reaches for each k, by the heuristic of the notebook, and what users reported.

    Both axes count trained lengths, so that every model fits. The dot: the k that `test_len` needs.
    """

    size = (12.0, 5.0)
    scales = 2.0 ** np.linspace(0, 6, 25)

    def build(self):
        self.axes = axes = self.figure.add_axes((0.085, 0.14, 0.56, 0.745))
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set(xlabel=say("ntk_aware.scale"), ylabel=say("ntk_aware.reach"), xlim=(1, 64), ylim=(1, 64))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
            axis.set_minor_locator(NullLocator())
        self.wanted = self.moves(axes.plot([], [], color=style.MUTED, linewidth=1.4)[0])
        promised = axes.plot(self.scales, self.scales, color=style.INK, linewidth=1.6, linestyle=(0, (1, 1.6)))[0]
        look = dict(color=scaling.METHODS["ntk_aware"].colour, linestyle=scaling.METHODS["ntk_aware"].linestyle)
        self.curve = self.moves(axes.plot([], [], linewidth=3.4, **look)[0])
        known = []
        self.reports = {}
        for name, length, marker, colour in (
            ("llama", 2048, "s", style.ACCENT), ("llama2", 4096, "D", style.WARM),
        ):  # fmt: skip
            reach = [scaling.effective_length(128, 10_000.0, scale, length) / length for scale in self.scales]
            dash = "-" if name == "llama" else "--"
            known.append(axes.plot(self.scales, reach, color=colour, linewidth=1.4, linestyle=dash)[0])
            self.reports[name] = axes.plot(
                *zip(*reported(name), strict=True), marker, color=colour, markersize=15 if marker == "s" else 8,
                markerfacecolor="none" if marker == "s" else colour, markeredgewidth=2.4, zorder=5,
            )[0]  # fmt: skip
        self.dot = self.moves(axes.plot([], [], "o", color=look["color"], markersize=13, markeredgecolor="white")[0])
        self.words = self.moves(axes.text(0, 1.06, "", transform=axes.transAxes, fontsize=15))
        axes.legend(
            [self.curve, promised, known[0], self.reports["llama"], known[1], self.reports["llama2"]],
            [say(f"ntk_aware.{key}") for key in ("here", "promised", "llama", "llama.users", "llama2", "llama2.users")],
            loc="center left", bbox_to_anchor=(1.02, 0.5), labelspacing=1.2, handlelength=2.6,
        )  # fmt: skip

    def move(self, *, train_len=2048, test_len=8192, dim=128, base=10_000.0):
        theta = rope.frequencies(dim, base)
        first = rope.first_unfinished_pair(theta, train_len)
        if first == dim // 2:
            for line in (self.curve, self.dot, self.wanted):
                line.set_data([], [])
            self.words.set_text(say("ntk_aware.all_finished"))
            return
        self.curve.set_data(self.scales, self.scales ** (2 * first / (dim - 2)))
        needed = scaling.ntk_scale_for_length(dim, base, train_len, test_len)
        stretch = test_len / train_len
        self.dot.set_data([needed], [stretch])
        self.wanted.set_data([1, needed, needed], [stretch, stretch, 1])
        words = say("ntk_aware.needs", first=first, pairs=dim // 2, length=test_len, k=_plain(needed))
        self.words.set_text(say("ntk_aware.inside") if stretch <= 1 else words)


def _plain(k):
    """k without an exponent."""
    if k > 1e6:
        return "> 1,000,000"
    return f"{k:.3g}" if k < 999.5 else f"{k:,.0f}"


def reported(model):
    """Users' reports as (k, reach in trained lengths), for "llama" or "llama2". All **published**, read by eye."""
    if model == "llama":
        table = published.REACH_LLAMA
        return [(k, length / 2048) for k, length in zip(table.columns, table.rows["reported"], strict=True)]
    return [(2.0, published.REACH_LLAMA_2.value("reported", 2) / 4096),
            (published.SCALE_LLAMA_2.value("reported", 8192), 8192 / 4096)]  # fmt: skip


class Plane(Picture):
    """What a method leaves unsolved (right) against what it keeps (up). Each method is a point; its line is all its k.

    Across: the worst overshoot of the pairs that made no full turn in training, test_len · theta' / (train_len · theta).
    Up: the squared distance of neighbouring positions.
    """

    size = (12.0, 5.2)
    scales = 2.0 ** np.linspace(0, 5, 21)
    markers = dict(zip(scaling.METHODS, "Xos^vDPph", strict=False))
    sizes = {"ntk_by_parts": 21, "yarn": 13, "llama3": 8}  # these three often share a place: one inside the other
    lefts, rights = (1 / 5, 1 / 10, 1 / 20, 1 / 40), (5, 20, 80)  # few limits: each new one repaints the background

    def build(self):
        self.axes = axes = self.figure.add_axes((0.085, 0.14, 0.645, 0.81))
        axes.set_xscale("log", base=2)
        axes.set(xlabel=say("ntk_aware.overshoot"), ylabel=say("interpolation.neighbours"), xlim=(self.lefts[1], self.rights[0]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}" if value >= 1 else f"1/{1 / value:.0f}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.axvspan(self.lefts[-1], 1, color=style.SEEN, alpha=0.1, linewidth=0)
        for x, side, key, colour in ((0.94, "right", "safe", style.SEEN), (1.06, "left", "unsafe", style.UNSEEN)):
            axes.text(x, 0.98, say(f"ntk_aware.{key}"), color=colour, ha=side, va="top", transform=axes.get_xaxis_transform())
        self.paths, self.points = {}, {}
        for order, (key, one) in enumerate(scaling.METHODS.items()):
            if one.needs:
                continue
            self.paths[key] = self.moves(axes.plot([], [], color=one.colour, linestyle=one.linestyle, linewidth=1.8)[0])
            hollow = key == "ntk_by_parts"
            self.points[key] = self.moves(
                axes.plot([], [], self.markers[key], color=one.colour, markersize=self.sizes.get(key, 13),
                          markeredgewidth=2.6 if hollow else 0.8,
                          markerfacecolor="none" if hollow else one.colour, markeredgecolor=one.colour if hollow else "white",
                          zorder=4 + order / 100, clip_on=False)[0]
            )  # fmt: skip
        axes.legend(
            list(self.points.values()), [method_name(key) for key in self.points], loc="center left",
            bbox_to_anchor=(1.02, 0.5), labelspacing=1.15, handlelength=1.6, handletextpad=0.9,
        )  # fmt: skip
        self.known = None

    def place(self, key, dim, base, k, train_len, test_len):
        """(overshoot, squared distance) of one method."""
        theta = rope.frequencies(dim, base)
        scaled = method_theta(key, dim, base, k, train_len, test_len)
        return scaling.worst_overshoot(scaled, theta, train_len, test_len), scaling.neighbour_distance(scaled)

    def move(self, *, test_len=8192, dim=128, base=10_000.0, k=4.0, train_len=2048):
        places = {key: self.place(key, dim, base, k, train_len, test_len) for key in self.points}
        if places["direct"][0] == 0:
            raise ValueError(f"base must be larger here: with base = {base:g} every pair made a full turn in training")
        if self.known != (test_len, dim, base, train_len):  # k alone moves the points alone
            self.known = (test_len, dim, base, train_len)
            for key, path in self.paths.items():
                scales = self.scales if key != "direct" else self.scales[:1]
                path.set_data(*np.transpose([self.place(key, dim, base, one, train_len, test_len) for one in scales]))
            top = 1.12 * 2.0 ** np.ceil(np.log2(places["direct"][1]))
            across = np.concatenate([path.get_xdata() for path in self.paths.values()])
            left = next((limit for limit in self.lefts if limit * 1.1 < across.min()), self.lefts[-1])
            right = next((limit for limit in self.rights if limit > 1.1 * across.max()), self.rights[-1])
            if self.axes.get_xlim() != (left, right):
                self.axes.set_xlim(left, right)
            if self.axes.get_ylim() != (0, top):
                self.axes.set_ylim(0, top)
        for key, (x, y) in places.items():
            self.points[key].set_data([x], [y])


class SuTable(Picture):
    """Su's table at k = 8, all ten rows, from `helpers.published`. Nothing here is computed."""

    size = (11.4, 5.3)
    columns = (1.07, 1.19)  # of the numbers, in widths of the axes

    def build(self):
        self.axes = axes = self.figure.add_axes((0.215, 0.205, 0.6, 0.69))
        table = published.SU_K8
        axes.set(xlim=(0, 75), xlabel=say("ntk_aware.accuracy"))
        axes.set_yticks(range(len(table.rows)), list(table.rows))
        axes.set_ylim(len(table.rows) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.axvline(table.rows["Baseline (direct)"][0], color=style.MUTED, linewidth=1.2)
        markers = (("|", style.INK, 15), ("s", None, 10), ("D", None, 9))
        for y, (name, row) in enumerate(table.rows.items()):
            colour = scaling.METHODS["direct" if y < 2 else "pi" if y < 4 else "ntk_aware"].colour
            if y % 4 < 2:
                axes.axhspan(y - 0.5, y + 0.5, color="#F4F4F4", linewidth=0, zorder=0)
            axes.plot(row[1:], (y, y), color=colour, linewidth=1.6, alpha=0.5)
            for x, (marker, ink, size) in zip(row, markers, strict=True):
                hollow = marker == "D"
                axes.plot([x], [y], marker, color=ink or colour, markersize=size, markeredgewidth=2.4 if size != 10 else 0,
                          markerfacecolor="white" if hollow else colour, zorder=4)  # fmt: skip
            for column, x in zip(self.columns, row[1:], strict=True):
                axes.text(column, y, f"{x:.2f}", transform=axes.get_yaxis_transform(), ha="center", va="center")
        for column, key in zip(self.columns, ("su.repeated", "su.plain"), strict=True):
            axes.text(column, 1.01, say(f"ntk_aware.{key}"), transform=axes.transAxes, ha="center", va="bottom", fontsize=12)
        handles = [
            axes.plot([], [], marker, color=style.INK, markerfacecolor="white" if marker == "D" else style.INK, markersize=size,
                      markeredgewidth=2.4 if size != 10 else 0, linestyle="none")[0]
            for marker, _, size in markers
        ]  # fmt: skip
        axes.legend(handles, [say(f"ntk_aware.{key}.long") for key in ("su.trained", "su.repeated", "su.plain")],
                    loc="upper center", bbox_to_anchor=(0.45, -0.15), ncols=3, handletextpad=0.2, columnspacing=1.6)  # fmt: skip

    def move(self):
        pass
