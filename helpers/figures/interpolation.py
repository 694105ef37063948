"""Pictures of notebooks 04 and 05: what a method does to every pair.

Notebook 05 uses the same classes on the same axes with the same colours and only adds its method: each picture takes
`method` or `methods`, keys of `helpers.scaling.METHODS`.

An angle counts as seen as `helpers.rope.unseen` says: if it lies on the arc that the pair covered in training, from 0 to
just below train_len · theta. A pair that made a full turn has seen every angle.
"""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from helpers import published, rope, scaling, style
from helpers.figures import Picture, round_limit
from helpers.labels import say

_UNUSED = "#B9D7EA"  # style.SEEN, washed out: seen in training but not used at test


def method_theta(method, dim, base, k, train_len, test_len):
    """Frequencies of one method of the registry. ValueError for a key that it does not have."""
    if method not in scaling.METHODS:
        raise ValueError(f"method must be one of {', '.join(scaling.METHODS)}; got method = {method!r}")
    return scaling.METHODS[method].frequencies(dim=dim, base=base, k=k, train_len=train_len, test_len=test_len)


def method_name(key):
    """What pictures call a method, in the language in use."""
    return say(f"method.{key}")


def stretch(k, train_len, test_len):
    """k itself, or, if it is None, what the test length asks for: test_len / train_len, at least 1."""
    return max(1.0, test_len / train_len) if k is None else k


def _upright(axes, **look):
    """A band from bottom to top, for `set_x` and `set_width`: axvspan gives no Rectangle before matplotlib 3.9."""
    return Rectangle((0, 0), 1, 1, transform=axes.get_xaxis_transform(), linewidth=0, **look)


def _set_limits(axes, **limits):
    """Set xlim or ylim only where they change: an unchanged one would repaint the background too."""
    for name, limit in limits.items():
        if getattr(axes, f"get_{name}")() != limit:
            getattr(axes, f"set_{name}")(limit)


def _set_text(text, words):
    if text.get_text() != words:
        text.set_text(words)
        return True
    return False


def _name_lines(axes, legend, lines, keys):
    """Show the lines of these methods alone and name them in the legend, if that is not how it stands."""
    shown = [line.get_visible() for line in lines.values()]
    wanted = [key in keys for key in lines]
    if shown == wanted and legend is not None:
        return legend
    for line, visible in zip(lines.values(), wanted, strict=True):
        line.set_visible(visible)
    axes.stale = True
    with style.context():
        return axes.legend(
            [lines[key] for key in lines if key in keys], [method_name(key) for key in lines if key in keys],
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=4, handlelength=2.6, columnspacing=1.4, borderpad=0.1,
        )  # fmt: skip


def _known_methods(methods):
    if isinstance(methods, str):
        methods = (methods,)
    for method in methods:
        if method not in scaling.METHODS or scaling.METHODS[method].needs:
            known = ", ".join(key for key, one in scaling.METHODS.items() if not one.needs)
            raise ValueError(f"methods must be among {known}; got method = {method!r}")
    return tuple(methods)


class SeenAngles(Picture):
    """Per pair, the arc seen in training against the arc met at the test length.

    Left: one bar a pair, a full turn high. Right: three of the pairs as dials: the first, the first one without a full
    turn in training, and the last. k = None means test_len / train_len.
    """

    size = (12.2, 4.6)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(2.1, 1))

        self.bars = axes = left.add_axes((0.1, 0.145, 0.88, 0.665))
        axes.set(xlabel=say("pair"), ylabel=say("interpolation.turned"), ylim=(0, 360), yticks=range(0, 361, 90))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        looks = {
            "unused": dict(color=_UNUSED),
            "seen": dict(color=style.SEEN),
            "unseen": dict(facecolor=style.UNSEEN, edgecolor="white", hatch="//", linewidth=0),
        }
        self.patches = {
            key: self.moves(axes.stairs([0], [0, 1], baseline=0, fill=True, **look)) for key, look in looks.items()
        }
        axes.legend(
            [self.patches[key] for key in ("seen", "unused", "unseen")],
            [say(f"interpolation.arc.{key}") for key in ("seen", "unused", "unseen")],
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, columnspacing=1.4, handlelength=1.6, borderpad=0.1,
        )  # fmt: skip
        self.count = self.moves(axes.text(0, 1.15, "", fontsize=15, transform=axes.transAxes))

        self.dials = axes = right.add_axes((0.06, 0.02, 0.94, 0.96))
        axes.set(xlim=(-1.2, 4.3), ylim=(-6.95, 1.25))
        axes.set_aspect("equal", anchor="W")
        axes.set_axis_off()
        turn = np.linspace(0, 2 * np.pi, 121)
        self.arcs, self.names = [], []
        for row in range(3):
            y = -2.85 * row
            axes.plot(np.cos(turn), y + np.sin(turn), color=style.MUTED, linewidth=0.8)
            axes.plot([0, 1], [y, y], color=style.MUTED, linewidth=0.8)
            self.arcs.append(
                {
                    "unused": self.moves(axes.plot([], [], color=_UNUSED, linewidth=8, solid_capstyle="butt")[0]),
                    "seen": self.moves(axes.plot([], [], color=style.SEEN, linewidth=8, solid_capstyle="butt")[0]),
                    "unseen": self.moves(
                        axes.plot([], [], color=style.UNSEEN, linewidth=8, linestyle=(0, (0.7, 0.25)))[0]
                    ),
                    "y": y,
                }
            )
            self.names.append(self.moves(axes.text(1.45, y, "", va="center", linespacing=1.45)))

    def move(self, *, train_len=2048, test_len=8192, dim=128, base=10_000.0, k=None, method="direct"):
        theta = rope.frequencies(dim, base)
        scaled = method_theta(method, dim, base, stretch(k, train_len, test_len), train_len, test_len)
        turns, met_turns = rope.turns(theta, train_len), rope.turns(scaled, test_len)
        # the last 1e-9 is rounding: PI at test_len = k · train_len ends exactly where training ended
        seen, met = np.minimum(turns, 1), np.minimum(met_turns * (1 - 1e-9), 1)
        new = met > seen
        pairs = dim // 2

        _set_limits(self.bars, xlim=(-0.5, pairs - 0.5))
        edges = np.arange(pairs + 1) - 0.5
        self.patches["unused"].set_data(360 * seen, edges, 0)
        self.patches["seen"].set_data(360 * np.minimum(seen, met), edges, 0)
        self.patches["unseen"].set_data(360 * np.maximum(seen, met), edges, 360 * seen)
        _set_text(self.count, say("interpolation.count", method=method_name(method), new=int(new.sum()), pairs=pairs))

        first = min(rope.first_unfinished_pair(theta, train_len), pairs - 1)
        for arc, name, pair in zip(self.arcs, self.names, (0, first, pairs - 1), strict=True):
            ends = {
                "unused": (0, seen[pair]),
                "seen": (0, min(seen[pair], met[pair])),
                "unseen": (seen[pair], max(seen[pair], met[pair])),
            }
            for key, (start, end) in ends.items():
                angle = 2 * np.pi * np.linspace(start, end, 121) if end > start else np.empty(0)
                arc[key].set_data(np.cos(angle), arc["y"] + np.sin(angle))
            words = say("interpolation.dial", pair=pair, seen=_turns(turns[pair]), met=_turns(met_turns[pair]))
            _set_text(name, words)


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

    size = (12.0, 5.1)
    dots = 8  # for each trained length

    def build(self):
        self.rows = []
        for panel, bottom, height in zip(self.panels(2, 1, height_ratios=(1.0, 1.36)), (0.09, 0.345), (0.7, 0.515),
                                         strict=True):  # fmt: skip
            axes = panel.add_axes((0.085, bottom, 0.875, height))
            axes.set_ylabel(say("interpolation.cosine"))
            trained = axes.add_patch(_upright(axes, color=style.SEEN, alpha=0.1))
            row = {"axes": axes, "trained": trained}
            row["curve"] = self.moves(axes.plot([], [], color=style.MUTED, linewidth=1.3)[0])
            row["band"] = self.moves(axes.stairs([0], [0, 1], fill=True, color=style.MUTED, alpha=0.35))
            for key, marker, size, colour in (
                ("inside", "o", 8, style.SEEN), ("seen", "D", 6.5, style.SEEN), ("unseen", "X", 10, style.UNSEEN),
            ):  # fmt: skip
                row[key] = self.moves(
                    axes.plot([], [], marker, color=colour, markersize=size, markeredgecolor="white",
                              markeredgewidth=0.6)[0]
                )  # fmt: skip
            row["name"] = self.moves(axes.text(0, 1.06, "", transform=axes.transAxes, fontsize=14))
            self.rows.append(row)
        above, below = self.rows
        above["axes"].tick_params(labelbottom=False)
        below["axes"].set_xlabel(say("interpolation.lands"))
        for row in self.rows:
            row["axes"].xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        below["axes"].legend(
            [above["inside"], above["seen"], above["unseen"]],
            [say(f"interpolation.dot.{key}") for key in ("inside", "seen", "unseen")],
            loc="upper center", bbox_to_anchor=(0.47, -0.38), ncols=3, columnspacing=2.0, handletextpad=0.2,
            borderpad=0,
        )  # fmt: skip

    def move(self, *, pair=54, train_len=2048, dim=128, base=10_000.0, k=2.0, method="pi"):
        theta = rope.frequencies(dim, base)
        if not 0 <= pair < dim // 2:
            raise ValueError(f"pair must be an integer from 0 to {dim // 2 - 1}; got pair = {pair}")
        pos = np.arange(int(np.ceil(self.dots * k - 1e-9))) * train_len / self.dots
        reach = 2.0 ** max(1, np.ceil(np.log2(k) - 1e-9)) * train_len
        beyond = pos >= train_len
        lowest = -1.0 if theta[pair] * reach > np.pi else np.cos(theta[pair] * reach)
        bottom = next((floor for floor in (0.96, 0.8, 0.0) if lowest > floor), -1.0)
        ylim = (bottom - 0.1 * (1 - bottom), 1 + 0.1 * (1 - bottom))
        for row, key in zip(self.rows, ("direct", method), strict=True):
            scaled = method_theta(key, dim, base, k, train_len, k * train_len)
            multiplier, own = scaled[pair] / theta[pair], slice(pair, pair + 1)
            axes = row["axes"]
            if axes.get_xlim() != (0, reach * 1.02) or row["trained"].get_width() != train_len:
                row["trained"].set_width(train_len)
                axes.set_xlim(0, reach * 1.02)
                axes.set_xticks(np.linspace(0, reach, 5))
            _set_limits(axes, ylim=ylim)
            dense = theta[pair] * reach > 500  # too many turns for a curve: what a pixel can show is a band
            row["curve"].set_visible(not dense)
            row["band"].set_visible(dense)
            if dense:
                low, high, edges = cosine_band(theta[pair], reach * 1.02)
                row["band"].set_data(high, edges, low)
            else:
                x = np.linspace(0, reach * 1.02, int(theta[pair] * reach * 5) + 101)
                row["curve"].set_data(x, np.cos(theta[pair] * x))
            lands = pos * multiplier
            new = rope.unseen(lands[:, None] * theta[own], theta[own], train_len)[:, 0]
            y = np.cos(theta[pair] * lands)
            for name, mask in (("inside", ~beyond), ("seen", beyond & ~new), ("unseen", beyond & new)):
                row[name].set_data(lands[mask], y[mask])
                row[name].set_markeredgewidth(0.6 if k <= 4 else 0)  # white rims of crowded dots hide them
            (share,) = scaling.unseen_share(scaled[own], theta[own], train_len, k * train_len)
            row["name"].set_color(scaling.METHODS[key].colour)
            _set_text(row["name"], say("interpolation.share", method=method_name(key), share=100 * share))


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
        self.axes = axes = self.figure.add_axes((0.095, 0.145, 0.885, 0.73))
        axes.set_yscale("log", base=2)
        axes.set(xlabel=say("pair"), ylabel=say("interpolation.multiplier"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "1" if value == 1 else f"1/{1 / value:.0f}"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        self.zone = self.moves(axes.add_patch(_upright(axes, color=style.UNSEEN, alpha=0.13)))
        self.finished = self.moves(axes.text(0, 0.03, say("interpolation.finished"), color=style.SEEN, ha="left",
                                             transform=axes.get_xaxis_transform()))  # fmt: skip
        self.no_full_turn = self.moves(axes.text(0, 0.03, say("interpolation.unfinished"), color=style.FAST, ha="right",
                                                 transform=axes.get_xaxis_transform()))  # fmt: skip
        self.lines = {
            key: self.moves(axes.plot([], [], color=one.colour, linestyle=one.linestyle, linewidth=3)[0])
            for key, one in scaling.METHODS.items()
            if not one.needs
        }
        self.legend = None

    def move(self, *, dim=128, base=10_000.0, k=4.0, train_len=2048, methods=("direct", "pi")):
        methods = _known_methods(methods)
        theta = rope.frequencies(dim, base)
        curves = {
            key: method_theta(key, dim, base, k, train_len, k * train_len) / theta for key in methods
        }
        self.legend = _name_lines(self.axes, self.legend, self.lines, methods)
        pairs = dim // 2
        bottom = min(min(curve.min() for curve in curves.values()), 0.5)
        power = np.ceil(-np.log2(bottom) - 1e-9)
        _set_limits(self.axes, xlim=(-0.5, pairs - 0.5), ylim=(2.0 ** -(power * 1.22), 2.0 ** (power * 0.08)))
        for key, curve in curves.items():
            self.lines[key].set_data(np.arange(pairs), curve)
        first = rope.first_unfinished_pair(theta, train_len)
        self.zone.set_x(first - 0.5)
        self.zone.set_width(pairs - first)
        self.finished.set_x(-0.5 + 0.012 * pairs)
        self.no_full_turn.set_x(pairs * 0.99 - 0.5)
        self.finished.set_visible(first > 0.3 * pairs)
        self.no_full_turn.set_visible(first < 0.7 * pairs)


class Neighbours(Picture):
    """How far apart neighbouring positions are, against k, and the first positions on one pair's circle.

    Left: the squared distance Σ_i (2 - 2 cos theta'_i) of the codes of m and m + 1, the same for every m.
    Right: positions 0 ... 6 as the pair turns them, one ring a method.
    """

    size = (12.0, 4.6)
    scales = 2.0 ** np.linspace(0, 6, 49)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.75, 1))
        self.axes = axes = left.add_axes((0.125, 0.145, 0.85, 0.73))
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set(xlabel=say("interpolation.k"), ylabel=say("interpolation.neighbours"), xlim=(1, 64))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
        self.ring_axes = right.add_axes((0.02, 0.03, 0.96, 0.84))
        self.ring_axes.set(xlim=(-1.15, 1.3), ylim=(-1.15, 1.15))
        self.ring_axes.set_aspect("equal")
        self.ring_axes.set_axis_off()
        self.title = self.moves(
            self.ring_axes.text(0.5, 1.06, "", transform=self.ring_axes.transAxes, ha="center", fontsize=14)
        )
        keys = [key for key, one in scaling.METHODS.items() if not one.needs]
        self.lines, self.marks, self.rings, self.dots = {}, {}, {}, {}
        for key in keys:
            look = dict(color=scaling.METHODS[key].colour, linestyle=scaling.METHODS[key].linestyle)
            self.lines[key] = self.moves(axes.plot([], [], linewidth=3, **look)[0])
            self.marks[key] = self.moves(axes.plot([], [], "o", color=look["color"], markersize=11)[0])
            self.rings[key] = self.moves(self.ring_axes.plot([], [], linewidth=1, **look)[0])
            self.dots[key] = self.moves(
                self.ring_axes.plot([], [], "o", color=look["color"], markersize=10, markeredgecolor="white")[0]
            )
        self.numbers = [self.moves(self.ring_axes.text(0, 0, str(n), ha="center", va="center")) for n in range(7)]
        self.legend, self.known = None, None

    def move(self, *, pair=0, dim=128, base=10_000.0, k=4.0, train_len=2048, methods=("direct", "pi")):
        methods = _known_methods(methods)
        if not 0 <= pair < dim // 2:
            raise ValueError(f"pair must be an integer from 0 to {dim // 2 - 1}; got pair = {pair}")
        if self.known is None or self.known[0] != (dim, base, train_len, methods):  # k alone moves the marks alone
            curves = {
                key: [
                    scaling.neighbour_distance(method_theta(key, dim, base, scale, train_len, scale * train_len))
                    for scale in self.scales
                ]
                for key in methods
            }
            self.known = (dim, base, train_len, methods), curves
            self.legend = _name_lines(self.axes, self.legend, self.lines, methods)
            values = np.concatenate(list(curves.values()))
            _set_limits(self.axes, ylim=(round_limit(values.min(), down=True), round_limit(values.max())))
            for key, curve in curves.items():
                self.lines[key].set_data(self.scales, curve)
            for key in self.lines:
                for artist in (self.marks[key], self.rings[key], self.dots[key]):
                    artist.set_visible(key in methods)
        turn = np.linspace(0, 2 * np.pi, 121)
        for order, key in enumerate(methods):
            theta = method_theta(key, dim, base, k, train_len, k * train_len)
            self.marks[key].set_data([k], [scaling.neighbour_distance(theta)])
            radius = 1 - order * min(0.26, 0.7 / len(methods))
            self.rings[key].set_data(radius * np.cos(turn), radius * np.sin(turn))
            angle = theta[pair] * np.arange(7)
            self.dots[key].set_data(radius * np.cos(angle), radius * np.sin(angle))
            if order == 0:
                for number, a in zip(self.numbers, angle, strict=True):
                    number.set_position((1.12 * np.cos(a), 1.12 * np.sin(a)))
                    number.set_visible(theta[pair] > 0.15 or number is self.numbers[0])
        _set_text(self.title, say("interpolation.first", pair=pair))


# --- What others measured (notebook 04) -------------------------------------------------------------------

_LOOKS = {  # one look per row of the PI paper's tables; direct and PI to 8192 keep the colours of their methods
    "direct": (scaling.METHODS["direct"].colour, "s", "-"),
    "fine-tuned 8192": (style.ACCENT, "^", (0, (1, 1.2))),
    "PI 8192": (scaling.METHODS["pi"].colour, "o", "--"),
    "PI 16384": ("#4FA3D8", "D", (0, (4, 1.5))),
    "PI 32768": ("#123A66", "v", (0, (6, 1.5, 1, 1.5))),
}


class PaperTables(Picture):
    """Tables 1, 3 and 4 of the Position Interpolation paper, from `helpers.published`. Nothing here is computed."""

    size = (12.6, 4.7)

    def build(self):
        tables = (published.PI_TABLE_1, published.PI_TABLE_3, published.PI_TABLE_4)
        ylabels = ("perplexity", "perplexity.log", "kmax")
        named = {}
        for panel, table, ylabel in zip(self.panels(1, 3, width_ratios=(1, 1, 1.3)), tables, ylabels, strict=True):
            axes = panel.add_axes((0.2, 0.27, 0.76, 0.61))
            across = "evaluated" if table is published.PI_TABLE_1 else "steps"
            axes.set(title=say("interpolation.source", number=table.table.split()[-1]),
                     xlabel=say(f"interpolation.{across}"), ylabel=say(f"interpolation.{ylabel}"))  # fmt: skip
            ticks = [_short(column) for column in table.columns]
            axes.set_xticks(range(len(ticks)), ticks)
            axes.set_xlim(-0.3, len(ticks) - 0.7)
            for name, row in table.rows.items():
                colour, marker, dash = _LOOKS[name]
                points = [(x, y) for x, y in enumerate(row) if y is not None and np.isfinite(y)]
                line = axes.plot(*zip(*points, strict=True), marker=marker, markersize=8, color=colour, linestyle=dash,
                                 zorder=4 if name == "direct" else 2)  # fmt: skip
                named.setdefault(name, line[0])
                if table is published.PI_TABLE_1 and name == "direct":
                    beyond = [x for x, y in enumerate(row) if y == published.MORE_THAN_1000]
                    above = axes.plot(beyond, [7.98] * len(beyond), "^", color=colour, markersize=10, clip_on=False)
                    axes.text(beyond[0] - 0.1, 7.86, say("interpolation.more"), color=colour, va="top")
            if table is published.PI_TABLE_1:
                axes.set_ylim(6.6, 8.0)
            else:
                axes.set_yscale("log", base=10 if table is published.PI_TABLE_3 else 2)
                values = (4, 8, 16, 32, 64, 128) if table is published.PI_TABLE_3 else (2048, 4096, 8192, 16384, 32768)
                axes.set_ylim(values[0] / (1.0 if table is published.PI_TABLE_3 else 1.4), values[-1] * 1.3)
                axes.set_yticks(values, [f"{value:,}" for value in values])
                axes.yaxis.set_minor_locator(NullLocator())
            if table is published.PI_TABLE_4:  # the last column is far away: 1,000 to 10,000 steps in one tick
                axes.text(len(ticks) - 1.5, 0, "//", transform=axes.get_xaxis_transform(), ha="center", va="center",
                          fontsize=15, bbox=dict(facecolor="white", edgecolor="none", pad=0.5), zorder=5)  # fmt: skip
        names = [self.name(name) for name in named]
        self.figure.legend(
            [*named.values(), above[0]], [*names, say("interpolation.direct_more")], loc="lower center", ncols=6,
            columnspacing=1.4, handlelength=2.2, bbox_to_anchor=(0.5, 0.0),
        )  # fmt: skip

    @staticmethod
    def name(row):
        if row.startswith("PI "):
            return say("interpolation.pi_to", length=f"{int(row.split()[1]):,}")
        return method_name("direct") if row == "direct" else say("interpolation.finetuned")

    def move(self):
        pass


def _short(value):
    return f"{value // 1024}k" if value % 1024 == 0 and value else f"{value:,}"
