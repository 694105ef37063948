"""Pictures of notebook 05: digits, a changed base, and what it buys.

`Frequencies` is that of notebook 03, `SeenAngles`, `Multiplier` and `Scores` are those of notebook 04, on the same axes
with the same colours; here they are asked for one method more.
"""

import functools

import numpy as np
from matplotlib.patches import Rectangle

from helpers import digits, published, rope, scaling, style
from helpers.figures import Picture, count_in_doublings, interpolation, listed, look, method_name
from helpers.figures import rope as rope_pictures
from helpers.labels import say

FINENESS = 1.5  # of the saved pictures: seven must fit into one notebook
KEPT = 3  # digits used in training ...
COUNT = KEPT + 1  # ... and one to spare

SeenAngles, Scores = interpolation.SeenAngles, interpolation.Scores


class Frequencies(rope_pictures.Frequencies):
    __doc__ = rope_pictures.Frequencies.__doc__
    fineness = FINENESS


class Multiplier(interpolation.Multiplier):
    __doc__ = interpolation.Multiplier.__doc__
    fineness = FINENESS


def su_row(axes, y, values, colour, *, size=10):
    """One row of Su's accuracy table at height y: a bar, a square and a hollow diamond, the last two joined.

    values: accuracies (3,), %: at the trained length; at eight times that, text repeated; the same, not repeated.
    size: of the square, in points.
    """
    axes.plot(values[1:], (y, y), color=colour, linewidth=1.6, alpha=0.5)
    for x, ink, mark in zip(values, (style.INK, colour, colour), _su_marks(size), strict=True):
        axes.plot([x], [y], color=ink, zorder=4, **mark)


def su_method(row):
    """The key in `scaling.METHODS` of a row of `published.SU_K8`."""
    starts = {"direct": "direct", "PI": "pi", "old": "base_times_k", "fixed": "ntk_fixed", "mixed": "ntk_mixed"}
    return next(key for start, key in starts.items() if row.startswith(start))


def su_legend(axes, words, *, size=10, **options):
    """Name the three marks of `su_row`. words: three texts. options: as for matplotlib's `legend`."""
    marks = [axes.plot([], [], color=style.INK, **mark)[0] for mark in _su_marks(size)]
    axes.legend(marks, words, ncols=3, handletextpad=0.2, **options)


def _su_marks(size):
    marks = (("|", 15, 2.4, None), ("s", size, 0, None), ("D", size - 1, size / 5 + 0.4, "white"))
    names = "marker", "markersize", "markeredgewidth", "markerfacecolor"
    return [dict(zip(names, mark, strict=True), linestyle="none") for mark in marks]


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
    rows = {}
    for key, vector, beta in (
        ("direct", digits.digits(n, base, COUNT), base),
        ("pi", digits.interpolated(n, base, COUNT, k), base),
        ("ntk_aware", digits.digits(n, wider, COUNT), wider),
    ):
        theta = scaling.frequencies(key, 2 * COUNT, float(base) ** COUNT, k, base**KEPT, k * base**KEPT)[::-1]
        rows[key] = vector, n * theta, (n + 1) * theta, beta
    return rows


_BOXES = {  # how the box of a digit looks that is ...; style.SEEN and style.UNSEEN, washed out
    "seen in training": dict(facecolor="#CFE3F2", edgecolor="#CFE3F2", linestyle="-", hatch=None),
    "a fraction: between seen digits": dict(facecolor="#EAF3FA", edgecolor=style.SEEN, linestyle="--", hatch=None),
    "never seen": dict(facecolor="#F6B795", edgecolor="white", linestyle="-", hatch="//"),
}
_MIDDLE = dict(ha="center", va="center")


class Digits(Picture):
    """A number as digits (left) and as dials (right): direct, interpolated, base changed.

    Trained were 0 … base³-1. Boxes and hands say whether this digit, this angle (`rope.unseen`), occurred in training.
    The thin hand is the next number. A dial's hand stands at n / base^i rad, counted from the right, anticlockwise; its
    thick arc was seen.
    """

    size, fineness = (12.6, 6.4), FINENESS
    methods = ("direct", "pi", "ntk_aware")
    rows_at = (4.62, 3.0, 1.38)
    boxes_at = (3.45, 4.3, 5.15, 6.0)
    dials_at = (7.65, 9.0, 10.35, 11.7)
    radius = 0.52
    centres = np.add.outer(1j * np.array(rows_at), dials_at)  # of the dials, x + iy
    following = dict(color=style.MUTED, linewidth=1.6, linestyle=(0, (3, 1.5)))  # the hand of the next number

    def build(self):
        self.axes = axes = self.add_axes((0, 0, 1, 1), off=True, xlim=(0, self.size[0]), ylim=(0, self.size[1]))
        axes.text(4.72, 6.1, say("digits  $\\lfloor n/\\beta^{m-1}\\rfloor$ mod $\\beta$"), fontsize=14, **_MIDDLE)
        axes.text(9.68, 6.1, say("dials of RoPE: angle $n/\\beta^{i}$ (rad)"), fontsize=14, **_MIDDLE)
        for i, box, dial in zip(reversed(range(COUNT)), self.boxes_at, self.dials_at, strict=True):
            axes.text(box, 5.55, f"$m={i + 1}$" if i < KEPT else say("spare"), **_MIDDLE)
            axes.text(dial, 5.55, f"$i={i}$", **_MIDDLE)
        for y, key in zip(self.rows_at, self.methods, strict=True):
            axes.plot([0.12, 0.12], [y - 0.58, y + 0.58], color=look(key)["color"], linewidth=7, solid_capstyle="butt")
            title = say("base changed") if key == "ntk_aware" else method_name(key)
            axes.text(0.3, y + 0.3, title, fontsize=15, va="center")
        turn, radian = (self.radius * np.exp(1j * np.linspace(0, end, 121)) for end in (2 * np.pi, 1))
        for (_, place), centre in np.ndenumerate(self.centres):
            # theta_i · base³ = base^(3 - i): one radian for the slowest dial, more than a turn for all others
            ring, seen = centre + turn, centre + (turn if place else radian)
            axes.plot(ring.real, ring.imag, color=style.MUTED, linewidth=0.8)
            axes.plot(seen.real, seen.imag, color=style.SEEN, linewidth=7, solid_capstyle="butt", alpha=0.45)
        boxes = [Rectangle((0, 0), 1, 1, label=say(words), **box) for words, box in _BOXES.items()]
        hands = axes.plot([], [], label=say("next number, $n+1$"), **self.following)
        axes.legend(handles=boxes + hands, loc="lower center", bbox_to_anchor=(0.5, 0.005), ncols=4, columnspacing=1.8,
                    handlelength=1.9, borderpad=0)  # fmt: skip

    def hands(self, name, angle, longer=1.0, **options):
        """All hands as one line: middle, tip, gap, middle, tip, gap, ... angle: (3, 4), NaN for no hand."""
        tips = self.centres + longer * self.radius * np.exp(1j * np.array(angle))
        path = np.stack([self.centres, tips, np.full(tips.shape, np.nan)], axis=-1).ravel()
        self.line(name, self.axes, path.real, path.imag, **options)

    def move(self, *, n=1749, base=10, k=2.0):
        vectors, angles, nexts, (*_, wider) = zip(*digit_rows(n, base, k).values(), strict=True)
        axes = self.axes
        self.text("number", axes, 0.3, 5.85, f"n = {n:,}", fontsize=24, va="center")
        names = (
            say("β = {beta}\ntrained: 0 to {last:,}", beta=base, last=base**KEPT - 1),
            f"n / k = {n / k:,.4g}" if n / k < 1000 else f"n / k = {n / k:,.1f}",
            say("digits: β′ = {beta}\ndials: β′ = {exact:.3f}", beta=wider, exact=base * k ** (1 / KEPT)),
        )
        for y, key, name in zip(self.rows_at, self.methods, names, strict=True):
            self.text(("name", key), axes, 0.3, y - 0.18, name, va="center", linespacing=1.3)
        for (row, place), value in np.ndenumerate(np.round(vectors, 9)):
            x, y, dial, angle = self.boxes_at[place], self.rows_at[row], self.dials_at[place], angles[row][place]
            box = functools.partial(Rectangle, (x - 0.39, y - 0.45), 0.78, 0.9, linewidth=1.6)
            self.patch(("box", row, place), axes, box, **_BOXES[_state(value, base - 1 if place else 0)])
            self.text(("digit", row, place), axes, x, y - 0.02, _cut(value), fontsize=21, **_MIDDLE)
            words = f"{angle:.4g}" if angle < 1000 else f"{angle:,.0f}"
            self.text(("angle", row, place), axes, dial, y - 0.75, words, fontsize=12, **_MIDDLE)
        self.hands("next", nexts, 1.12, **self.following)
        unseen = rope.unseen(angles, rope.frequencies(2 * COUNT, float(base) ** COUNT)[::-1], base**KEPT)
        for kind, mask, colour, marker, size in (
            ("seen", ~unseen, style.SEEN, "o", 9), ("unseen", unseen, style.UNSEEN, "X", 12),
        ):  # fmt: skip
            self.hands(("hands", kind), np.where(mask, angles, np.nan), color=colour, linewidth=3.2, marker=marker,
                       markersize=size, markeredgecolor="white", markevery=(1, 3))  # fmt: skip
        self._words(n, base, k, vectors, unseen, (f"β = {base}", names[1], f"β′ = {wider}"))

    def _words(self, n, base, k, vectors, unseen, ways):
        new = np.round(vectors, 9) > [0, *[base - 1] * KEPT]
        titles = method_name("direct"), method_name("pi"), say("base changed")
        self.tell(
            say("The number {n:,} in digits, the spare one first, and on dials, the slowest first; k = {k:g}; trained on 0 to {last:,}.",
                n=n, k=k, last=base**KEPT - 1),
            *(say("Row {name} ({way}): digits {digits}; never seen: {new} of the digits, {angles} of the dials' angles.",
                  name=name, way=way, digits=say(", ").join(map(_cut, np.round(row, 9))), new=few.sum(), angles=far.sum())
              for name, way, row, few, far in zip(titles, ways, vectors, new, unseen, strict=True)),
        )  # fmt: skip


def _state(value, largest):
    """Which of _BOXES a digit gets, if training saw the whole numbers 0 … largest in its place."""
    if value > largest:
        return "never seen"
    return "seen in training" if value == int(value) else "a fraction: between seen digits"


def _cut(value):
    """A digit in at most four characters: cut, not rounded, so that 9.99 does not turn into the digit 10."""
    if value == int(value):
        return f"{value:.0f}"
    tenths = 10 if value >= 10 else 100
    shown = np.floor(value * tenths) / tenths
    return f"{shown:.12g}+" if shown == int(shown) else f"{shown:.12g}"


class Reach(Picture):
    """How far NTK-aware scaling reaches for each k, by the heuristic of the notebook, and what users reported.

    Both axes count trained lengths, so that every model fits. The dot: the k that `test_len` needs.
    """

    size, fineness = (12.0, 5.0), FINENESS
    scales = 2.0 ** np.linspace(0, 6, 25)
    here = dict(linewidth=3.4, **look("ntk_aware"))
    models = (  # of `reported`: trained length, words for line and marks, colour, dashes, marks
        ("llama", 2048, "heuristic, LLaMA", "suggested by users, LLaMA", style.ACCENT, "-",
         dict(marker="s", markersize=15, markerfacecolor="none")),
        ("llama2", 4096, "heuristic, Llama 2", "reported by users, Llama 2", style.WARM, "--",
         dict(marker="D", markersize=8)),
    )  # fmt: skip

    def build(self):
        self.axes = axes = self.add_axes((0.085, 0.14, 0.56, 0.745), ylabel=say("reach / trained length"))
        axes.set(xlim=(1, 64), ylim=(1, 64), xlabel=say("scale $k$ given to NTK-aware (users' $\\alpha$)"))
        count_in_doublings(axes)
        axes.plot([], [], label=say("heuristic, at the sliders"), **self.here)  # for the legend alone
        axes.plot(self.scales, self.scales, color=style.INK, linewidth=1.6, linestyle=(0, (1, 1.6)),
                  label=say("reach = $k$ · trained length"))  # fmt: skip
        self.reports = {}
        for name, length, words, users, colour, dashes, marks in self.models:
            reach = [scaling.effective_length(128, 10_000.0, scale, length) / length for scale in self.scales]
            axes.plot(self.scales, reach, color=colour, linewidth=1.4, linestyle=dashes, label=say(words))
            (self.reports[name],) = axes.plot(*zip(*reported(name), strict=True), color=colour, linestyle="none",
                                              markeredgewidth=2.4, zorder=5, label=say(users), **marks)  # fmt: skip
        axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), labelspacing=1.2, handlelength=2.6)
        self.eight = scaling.effective_length(128, 10_000.0, 8, 2048) / 2048, dict(reported("llama"))[8]

    def move(self, *, train_len=2048, test_len=8192, dim=128, base=10_000.0):
        axes, pairs = self.axes, dim // 2
        first = rope.first_unfinished_pair(rope.frequencies(dim, base), train_len)
        words = say("every pair made a full turn in training: no unseen angle")
        told = say("Every pair made a full turn in training: no unseen angle, and no line.")
        if first < pairs:
            needed, stretch = scaling.ntk_scale_for_length(dim, base, train_len, test_len), test_len / train_len
            self.line("wanted", axes, [1, needed, needed], [stretch, stretch, 1], color=style.MUTED, linewidth=1.4)
            self.line("curve", axes, self.scales, self.scales ** (2 * first / (dim - 2)), **self.here)
            self.line("dot", axes, [needed], [stretch], "o", color=self.here["color"], markersize=13,
                      markeredgecolor="white")  # fmt: skip
            words = say("inside the trained length: $k$ = 1 will do") if stretch <= 1 else say(
                "first slow pair {first} of {pairs}: {length:,} tokens need k = {k}",
                first=first, pairs=pairs, length=test_len, k=_plain(needed),
            )  # fmt: skip
            told = say("The first slow pair is {first} of {pairs}: k = 8 reaches {reach:.2f} trained lengths; {length:,} tokens, {stretch:.3g} trained lengths, need k = {k}.",
                       first=first, pairs=pairs, reach=8 ** (2 * first / (dim - 2)), length=test_len, stretch=stretch,
                       k=_plain(needed))  # fmt: skip
        self.text("words", axes, 0, 1.06, words, transform=axes.transAxes, fontsize=15)
        self.tell(
            say("Reach of NTK-aware scaling for k from 1 to 64, by the heuristic: trained on {length:,} tokens, d = {dim}, base {base:,.0f}.",
                length=train_len, dim=dim, base=base),
            told,
            say("For LLaMA k = 8 reaches {expected:.2f}; users suggested {users:.2f}.",
                expected=self.eight[0], users=self.eight[1]),
        )  # fmt: skip


def _plain(k):
    """k without an exponent."""
    if k > 1e6:
        return "> 1,000,000"
    return f"{k:.3g}" if k < 999.5 else f"{k:,.0f}"


def reported(model):
    """What users said, as (k, reach in trained lengths), for "llama" or "llama2". All **published**, none measured."""
    if model == "llama":
        table = published.REACH_LLAMA
        return [(k, length / 2048) for k, length in zip(table.columns, table.rows["suggested"], strict=True)]
    return [(2.0, published.REACH_LLAMA_2.value("reported", 2) / 4096),
            (published.SCALE_LLAMA_2.value("reported", 8192), 8192 / 4096)]  # fmt: skip


class Plane(Picture):
    """What a method leaves unsolved (right) against what it keeps (up). Each method is a point; its line is all its k.

    Across: the worst overshoot of the pairs that made no full turn in training, test_len · theta' / (train_len ·
    theta). Up: the squared distance of neighbouring positions.
    """

    size = (12.0, 5.2)
    scales = 2.0 ** np.linspace(0, 5, 21)
    markers = dict(zip((key for key, one in scaling.METHODS.items() if not one.needs), "Xos^<>vDPp", strict=True))
    sizes = {"ntk_by_parts": 21, "yarn": 13, "llama3": 8}  # these three often share a place: one inside the other
    lefts, rights = (1 / 5, 1 / 10, 1 / 20, 1 / 40), (5, 20, 80)  # few limits: each new one repaints the background

    def build(self):
        self.axes = axes = self.add_axes((0.085, 0.14, 0.645, 0.81), ylabel=say("squared distance of neighbours"))
        axes.set_xlabel(say("worst overshoot of the slow pairs, $L'\\theta'_i/(L\\theta_i)$"))
        count_in_doublings(axes, "x")
        axes.axvspan(self.lefts[-1], 1, color=style.SEEN, alpha=0.09, linewidth=0)
        top = dict(va="top", transform=axes.get_xaxis_transform())
        axes.text(0.94, 0.98, say("no unseen angle"), color=style.SEEN, ha="right", **top)
        axes.text(1.06, 0.98, say("unseen angles"), color=style.readable(style.UNSEEN), ha="left", **top)

    def move(self, *, test_len=8192, dim=128, base=10_000.0, k=4.0, train_len=2048):
        setting = dim, base, train_len, test_len
        points = {key: _places(key, [k], *setting) for key in self.markers}
        (overshoot,), (distance,) = points["direct"]
        if overshoot == 0:
            raise ValueError(f"base must be larger here: with base = {base:g} every pair made a full turn in training")
        paths = _paths(*setting)
        across = np.concatenate([x for x, _ in paths.values()])
        left = next((limit for limit in self.lefts if limit * 1.1 < across.min()), self.lefts[-1])
        right = next((limit for limit in self.rights if limit > 1.1 * across.max()), self.rights[-1])
        self.limits(self.axes, (left, right), (0, 1.12 * 2.0 ** np.ceil(np.log2(distance))))
        for key, point in points.items():
            self.put(("path", key), lambda key=key: self.axes.plot([], [], linewidth=1.8, **look(key))[0],
                     data=paths[key])  # the same object is not set again  # fmt: skip
            colour = look(key)["color"]
            face, edge, width = ("none", colour, 2.6) if key == "ntk_by_parts" else (colour, "white", 0.8)
            self.line(("point", key), self.axes, *point, self.markers[key], color=colour, markerfacecolor=face,
                      markeredgecolor=edge, markeredgewidth=width, markersize=self.sizes.get(key, 13), zorder=4,
                      clip_on=False, label=method_name(key))  # fmt: skip
        self.legend(self.axes, "right", labelspacing=1.15, handlelength=1.6, handletextpad=0.9, borderpad=0.4)
        places = {method_name(key): (across, up) for key, ((across,), (up,)) in points.items()}
        self.tell(
            say("{count} methods at k = {k:.3g}: trained on {length:,} tokens, test length {test_len:,}, d = {dim}, base {base:,.0f}.",
                count=len(places), k=k, length=train_len, test_len=test_len, dim=dim, base=base),
            say("Worst overshoot of the slow pairs, and squared distance of neighbours: {methods}.",
                methods=listed((name, f"{across:.2f}", f"{up:.2f}") for name, (across, up) in places.items())),
            say("No unseen angle: {methods}.",
                methods=say(", ").join(name for name, (across, _) in places.items() if across < 1 + 1e-9) or say("none")),
        )  # fmt: skip


def _places(key, scales, dim, base, train_len, test_len):
    """Where a method stands on the plane at each of these k: overshoots, squared distances of neighbours."""
    theta = rope.frequencies(dim, base)
    scaled = [scaling.frequencies(key, dim, base, k, train_len, test_len) for k in scales]
    across = [scaling.worst_overshoot(one, theta, train_len, test_len) for one in scaled]
    return across, [scaling.neighbour_distance(one) for one in scaled]


@functools.lru_cache(maxsize=4)
def _paths(*setting):
    """What k alone does not move: each method's places at all `Plane.scales`."""
    return {key: _places(key, [1.0] if key == "direct" else Plane.scales, *setting) for key in Plane.markers}


class SuTable(Picture):
    """Su's tables at k = 8, all twelve rows, from `helpers.published`. Nothing here is computed."""

    size, fineness = (11.4, 5.7), FINENESS
    columns = (1.07, 1.19)  # of the numbers, in widths of the axes

    def build(self):
        rows = published.SU_K8.rows
        self.axes = axes = self.add_axes((0.215, 0.19, 0.6, 0.72), xlim=(0, 75), ylim=(len(rows) - 0.5, -0.5),
                                         xlabel=say("next-token accuracy (%)"))  # fmt: skip
        axes.set_yticks(range(len(rows)), [say(name) for name in rows])
        axes.tick_params(axis="y", length=0)
        axes.axvline(rows["direct"][0], color=style.MUTED, linewidth=1.2)
        starts = [y for y, name in enumerate(rows) if "," not in name]  # a method's first row; its log n follows
        for start, end in zip(starts[::2], [*starts[1::2], len(rows)], strict=False):
            axes.axhspan(start - 0.5, end - 0.5, color=style.INK, alpha=0.05, linewidth=0, zorder=0)
        for y, (name, row) in enumerate(rows.items()):
            su_row(axes, y, row, look(su_method(name))["color"])
            for column, x in zip(self.columns, row[1:], strict=True):
                axes.text(column, y, f"{x:.2f}", transform=axes.get_yaxis_transform(), ha="center", va="center")
        for column, words in zip(self.columns, (say("repeated"), say("not rep.")), strict=True):
            axes.text(column, 1.01, words, transform=axes.transAxes, ha="center", va="bottom", fontsize=12)
        words = say("512 tokens, as trained"), say("4096, repeated text"), say("4096, not repeated")
        su_legend(axes, words, loc="upper center", bbox_to_anchor=(0.45, -0.14), columnspacing=1.6)
        best = max(rows, key=lambda name: rows[name][1])
        main = {name: row for name, row in rows.items() if "," not in name}
        self.tell(
            say("Su's test at k = 8, twelve rows: next-token accuracy in per cent, with 512 tokens, as trained, {trained:.1f} in every row.",
                trained=rows["direct"][0]),
            say("With 4,096 tokens, text repeated and not repeated: {rows}.",
                rows=listed((say(name), f"{row[1]:.2f}", f"{row[2]:.2f}") for name, row in main.items())),
            say("Highest: {name} with {repeated:.2f} and {plain:.2f}.",
                name=say(best), repeated=rows[best][1], plain=rows[best][2]),
        )  # fmt: skip
