"""Pictures of notebook 02: sinusoidal positions."""

import functools

import numpy as np

from helpers import encodings, rope, style
from helpers.figures import Picture, envelope
from helpers.labels import say

_COLOURS = dict(vmin=-1, vmax=1, cmap=style.DIVERGING)
NOISES = {"any": "noise from any matrix", "blocks": "noise from rotation blocks"}  # what is said of each kind
_PALE = "#C9D8E6"  # style.MIDDLE, washed out


def _check_pair(pair, dim):
    if not 0 <= pair < dim // 2:
        raise ValueError(f"pair must be 0 to dim/2 - 1 = {dim // 2 - 1}; got pair = {pair}")


def _square(picture, panel, place, bar, **settings):
    """Axes for an image of numbers from -1 to 1, and the bar that names its colours."""
    axes = picture.add_axes(place, panel, **settings)
    axes.grid(False)
    picture.colour_bar(bar, panel, style.DIVERGING, -1, 1, ticks=(-1, 0, 1)).ax.tick_params(length=0)
    return axes


def _against_lag(picture, panel, place, name="", *, far=False, **settings):
    """Axes for scores against the lag, with a line at zero. far: against its size, to a million, logarithmic."""
    axes = picture.add_axes(place, panel, xlabel=say("lag $n-m$ (tokens)"), **settings)
    if far:
        axes.set(xscale="log", xlim=(0.8, 1.2e6), xlabel=say("lag $|n-m|$ (tokens, log)"))
        axes.minorticks_off()
    axes.text(0, 1.05, name, transform=axes.transAxes)
    axes.axhline(0, color=style.MUTED, linewidth=0.8)
    return axes


class Table(Picture):
    """The table as stripes (a), one pair of its rows as waves (b), every pair's wavelength (c).

    Panels (a) and (c) share the pair axis. A frame in (a) and a ring in (c) mark the pair whose waves are in (b). Pairs
    to the right of the dashed line in (c) make no full turn within the positions shown.
    """

    size = (12.6, 4.9)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.55, 1.0))
        self.stripes = _square(self, left, (0.115, 0.475, 0.78, 0.445), bar=(0.91, 0.475, 0.02, 0.445),
                               ylabel=say("pair index $i$"), title=say("(a) the table PE"))  # fmt: skip
        self.stripes.tick_params(labelbottom=False)
        self.stripes.locator_params("y", integer=True, nbins=5)
        self.waves = self.add_axes((0.115, 0.135, 0.78, 0.235), left, xlabel=say("position $m$ (tokens)"),
                                   ylim=(-1.25, 1.25), yticks=(-1, 0, 1))  # fmt: skip
        self.waves.text(0, 1.06, say("(b) one pair"), transform=self.waves.transAxes)
        self.lengths = self.add_axes((0.15, 0.135, 0.79, 0.785), right, xscale="log", xlim=(2, 2e9), title="(c)",
                                     xticks=(1e1, 1e3, 1e5, 1e7, 1e9), xlabel=say("wavelength $\\lambda_i$ (tokens)"),
                                     ylabel=say("pair index $i$"))  # fmt: skip
        self.lengths.locator_params("y", integer=True)
        self.lengths.minorticks_off()

    def move(self, *, positions=128, dim=64, pair=8, base=10_000.0):
        _check_pair(pair, dim)
        theta = rope.frequencies(dim, base)
        x, y = (-0.5, positions - 0.5), (dim / 2 - 0.5, -0.5)
        self.limits(self.stripes, x, y)
        self.limits(self.waves, x)
        self.limits(self.lengths, y=y)

        table = encodings.sinusoidal(np.arange(positions), dim, base).T
        self.image("table", self.stripes, table, extent=(*x, *y), **_COLOURS)
        low, high = pair - 0.5, pair + 0.5
        self.line("frame", self.stripes, np.take(x, [0, 1, 1, 0, 0]), [low, low, high, high, low], color=style.INK,
                  linewidth=2.5, clip_on=False, solid_joinstyle="miter")  # fmt: skip

        fine = np.linspace(0, positions - 1, 1200)  # the functions behind the table, between positions as well
        angle = fine * theta[pair]
        self.line("sine", self.waves, fine, np.sin(angle), color=style.FAST, label=say("$\\sin(m\\theta_i)$"))
        self.line("cosine", self.waves, fine, np.cos(angle), color=style.MIDDLE, linestyle=style.DASHES[1],
                  label=say("$\\cos(m\\theta_i)$"))  # fmt: skip

        length, pairs = rope.wavelengths(theta), np.arange(dim // 2)
        self.line("curve", self.lengths, length, pairs, "o-", color=style.MUTED, markersize=4, linewidth=1.5)
        self.line("ring", self.lengths, length[[pair]], [pair], "o", color=style.INK, markersize=13, clip_on=False,
                  markeredgewidth=2.5, markerfacecolor="none")  # fmt: skip
        self.line("end", self.lengths, [positions] * 2, y, color=style.ACCENT, linestyle=style.DASHES[1],
                  label=say("positions shown"))  # fmt: skip
        self.legend(self.waves, bbox_to_anchor=(1.015, 0.93), handlelength=2.2, columnspacing=1.2)
        self.legend(self.lengths)
        self.tell(
            say("The sinusoidal table: {positions} positions, {pairs} pairs, base {base:,.0f}.", positions=positions,
                pairs=dim // 2, base=base),
            say("One turn takes {first:.2f} tokens in pair 0 and {last:,.0f} in pair {slowest}; {done} pairs complete "
                "a turn within these positions.", first=length[0], last=length[-1], slowest=pairs[-1],
                done=np.sum(length <= positions)),
            say("Pair {pair}: one turn in {length:,.1f} tokens, {turns:,.2f} turns here.", pair=pair,
                length=length[pair], turns=positions / length[pair]),
        )  # fmt: skip


class Shift(Picture):
    """The matrix M that moves a position by a lag (a), a position's code (b), and M times it (c).

    In (c) the rings are the code of the position reached, from the formula: M times (b) ends in them. The frames in (a)
    are the blocks of the pairs, one for each pair of stems. Moving the position leaves (a) as it is.
    """

    size = (12.6, 4.7)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.0, 1.45))
        self.square = _square(self, left, (0.14, 0.15, 0.7, 0.75), bar=(0.87, 0.15, 0.03, 0.75),
                              xlabel=say("component of $\\mathrm{PE}(m)$"),
                              ylabel=say("component of $\\mathrm{PE}(m+\\ell)$"))  # fmt: skip
        heights = dict(ylim=(-1.3, 1.3), yticks=(-1, 0, 1))
        self.start = self.add_axes((0.075, 0.58, 0.895, 0.32), right, **heights)
        self.end = self.add_axes((0.075, 0.15, 0.895, 0.32), right, xlabel=say("component"), **heights)
        self.start.tick_params(labelbottom=False)
        self.square.locator_params(integer=True, nbins=8, steps=(1, 2, 4, 8, 10))
        for axes in (self.start, self.end):
            axes.axhline(0, color=style.MUTED, linewidth=0.8)
            axes.locator_params("x", integer=True, nbins=8, steps=(1, 2, 4, 8, 10))
        titles = "(a) $M_\\ell$", "(b) $\\mathrm{PE}(m)$", say("(c) $M_\\ell$ times (b)")
        for axes, title in zip((self.square, self.start, self.end), titles, strict=True):
            axes.set_title(title)

    def move(self, *, pos=7, shift=5, dim=16, base=10_000.0):
        matrix = encodings.shift_matrix(shift, dim, base)
        here, there = (encodings.sinusoidal(m, dim, base) for m in (pos, pos + shift))
        ends = (-0.5, dim - 0.5)
        self.limits(self.square, ends, ends[::-1])
        self.image("matrix", self.square, matrix, extent=(*ends, *ends[::-1]), **_COLOURS)
        corner = np.arange(0, dim, 2)[:, None] - 0.5
        frame = corner + [0, 2, 2, 0, 0, np.nan], corner + [0, 0, 2, 2, 0, np.nan]
        self.line("blocks", self.square, *map(np.ravel, frame), color=style.INK, linewidth=0.8,
                  clip_on=False)  # fmt: skip
        self._stems(self.start, "here", here)
        made = matrix @ here
        self._stems(self.end, "made", made)
        self.line("rings", self.end, np.arange(dim), there, "o", color=style.INK, markerfacecolor="none", markersize=9,
                  markeredgewidth=1.5, label=say("$\\mathrm{PE}(m+\\ell)$"))  # fmt: skip
        self.legend(self.start)
        self.legend(self.end, parts=["rings"])
        words = ((self.square, 0.17, 1.031, say("lag {lag}", lag=shift)),
                 (self.start, 0.14, 1.074, say("position {pos}, length {length}", pos=pos, length=_length(here))),
                 (self.end, 0.22, 1.074, say("length {length}", length=_length(made))))  # fmt: skip
        for axes, x, y, text in words:  # beside the titles, and no formula in them: those take long to set
            self.text(("words", axes), axes, x, y, text, transform=axes.transAxes)
        turned = np.degrees(shift * rope.frequencies(dim, base))
        self.tell(
            say("The matrix of lag {lag} has {pairs} blocks; pair 0 turns by {first:z,.0f}°, pair {slowest} by "
                "{last:z,.2f}°.", lag=shift, pairs=dim // 2, first=turned[0], slowest=dim // 2 - 1, last=turned[-1]),
            say("Times the code of position {pos} it makes the code of position {there}; both have length {length}.",
                pos=pos, there=pos + shift, length=_length(made)),
            say("Pair 0 goes from sine {sine:z.2f}, cosine {cosine:z.2f} to sine {new_sine:z.2f}, cosine "
                "{new_cosine:z.2f}.", sine=here[0], cosine=here[1], new_sine=made[0], new_cosine=made[1]),
        )  # fmt: skip

    def _stems(self, axes, name, values):
        """One stem for each component, sines and cosines in their colours."""
        self.limits(axes, x=(-0.8, len(values) - 0.2))
        for first, color, label in ((0, style.FAST, say("sine")), (1, style.MIDDLE, say("cosine"))):
            at, height = np.arange(first, len(values), 2), values[first::2]
            x, y = (np.ravel(np.column_stack([one, two, np.full(len(at), np.nan)]))
                    for one, two in ((at, at), (np.zeros(len(at)), height)))  # fmt: skip
            self.line((name, first), axes, x, y, color=color, linewidth=4, solid_capstyle="butt",
                      linestyle=style.DASHES[0], label=label)  # fmt: skip


def _length(vector):
    return f"{np.linalg.norm(vector):.2f}"


class Decay(Picture):
    """Inner product of two positions against their lag n - m: the curve (a) and its trend (b).

    (a) Every whole lag, both directions. Thick pieces are steps outward on which the product rises. (b) Lags evenly
    spaced on a logarithmic axis, rounded to whole tokens, and the straight line 1 - (ln lag + 0.577) / ln base.
    Source: figure 2-1 of the article the series follows; the line is the integral over pairs, valid for 1 < lag < base.
    Past the base the mean dips below zero before it settles there.
    """

    size = (12.6, 4.5)
    _far = np.unique(np.round(np.logspace(0, 6, 700)))

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.15, 1.0))
        heights = dict(ylim=(-0.85, 1.08), yticks=(-0.5, 0, 0.5, 1))
        self.near = _against_lag(self, left, (0.12, 0.16, 0.85, 0.71), "(a)", ylabel=say("inner product / (d/2)"),
                                 **heights)  # fmt: skip
        self.near.locator_params("x", nbins=5)
        self.far = _against_lag(self, right, (0.088, 0.16, 0.867, 0.71), "(b)", far=True, **heights)

    def move(self, *, positions=256, dim=128, base=10_000.0):
        near, far = (encodings.shift_inner_product(lag, dim, base) / (dim / 2)
                     for lag in (np.arange(positions + 1), self._far))  # fmt: skip
        self.limits(self.near, x=(-positions, positions))
        lag = np.arange(-positions, positions + 1)
        self.line("curve", self.near, *envelope(lag, near[np.abs(lag)]), color=style.MIDDLE, linewidth=1.5,
                  label=say("inner product"))  # fmt: skip
        up = np.flatnonzero(np.diff(near) > 0)
        steps = np.ravel(up[:, None] + [0, 1, np.nan])  # each rising step is its own short piece: gaps in between
        steps = np.concatenate([-steps, steps])
        self.line("rising", self.near, steps, np.interp(np.abs(steps), np.arange(len(near)), near), color=style.UNSEEN,
                  linewidth=4, solid_capstyle="butt", label=say("rises outward"))  # fmt: skip

        self.line("dots", self.far, self._far, far, ".", color=style.MIDDLE, markersize=4)
        ends = np.array([1.0, base * np.exp(-np.euler_gamma)])
        self.line("trend", self.far, ends, 1 - (np.log(ends) + np.euler_gamma) / np.log(base), color=style.INK,
                  linestyle=style.DASHES[1], label=say("trend line"))  # fmt: skip
        self.line("mark", self.far, [base] * 2, self.far.get_ylim(), color=style.ACCENT, linestyle=style.DASHES[3],
                  label=say("lag = base"))  # fmt: skip
        self.legend(self.near, handlelength=1.8, columnspacing=1.2, borderpad=0.4)
        self.legend(self.far, handlelength=2.2, columnspacing=1.2, borderpad=0.4)
        self["rising"].set_linewidth(4 if positions <= 256 else 2)  # after the legend, which shows it thick
        self.tell(*self._words(positions, dim, base, near, up, ends[-1]))

    def _words(self, positions, dim, base, near, up, zero):
        yield say("Inner product of two positions, over d/2, against their lag: d = {dim}, base {base:,.0f}.", dim=dim,
                  base=base)  # fmt: skip
        low = np.argmin(near)
        yield say("It is the same both ways: 1 at lag 0, {next:z.2f} at lag 1, and up to lag {positions:,} lowest at "
                  "lag {at:,}, {low:z.2f}.", next=near[1], positions=positions, at=low, low=near[low])  # fmt: skip
        if up.size:
            yield say("Going outward, it first rises from lag {lag} to {after}; {share:.0f} % of the steps rise.",
                      lag=up[0], after=up[0] + 1, share=100 * up.size / positions)  # fmt: skip
        else:
            yield say("Going outward, it never rises.")
        yield say("The trend line reaches zero at lag {zero:,.0f}.", zero=zero)


class Bases(Picture):
    """One pair's sine for four bases (a), and the trend of the inner product for the same four (b).

    (a) is figure 2-2 of the article the series follows, with its numbers: d = 100, pair 10, positions 0 to 100, and one
    base more, which moves. (b) is the mean inner product over lags from l / 1.5 to 1.5 l: the noise is averaged out.
    """

    size = (12.6, 4.9)
    bases = (10.0, 1e4, 1e8)
    _names = ("10", "10^4", "10^8")
    _colours = (style.FAST, style.MIDDLE, style.SLOW, style.ACCENT)
    _far = np.logspace(0, 6, 180)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.25, 1.0))
        self.rows = [self.add_axes((0.07, bottom, 0.65, 0.165), left, ylim=(-1.3, 1.3), yticks=(-1, 0, 1))
                     for bottom in (0.75, 0.545, 0.34, 0.135)]  # fmt: skip
        for axes in self.rows[:-1]:
            axes.tick_params(labelbottom=False)
        self.rows[0].set_title(say("(a) sine of one pair"))
        for axes, name, color in zip(self.rows, self._names, self._colours, strict=False):
            axes.text(1.02, 0.55, say("base ${base}$", base=name), color=color, transform=axes.transAxes)
        self.rows[-1].set_xlabel(say("position $m$ (tokens)"))
        self.far = _against_lag(self, right, (0.136, 0.135, 0.814, 0.755), far=True, ylim=(-0.4, 1.08),
                                ylabel=say("mean inner product / (d/2)"))  # fmt: skip

    def move(self, *, positions=100, dim=100, pair=10, base=1e6):
        _check_pair(pair, dim)
        pos = np.linspace(0, positions, 1001)
        labels = [*(say("base ${base}$", base=name) for name in self._names), say("your base")]
        looks, told = zip(labels, self._colours, style.DASHES, strict=True), []
        for row, (value, (label, color, dash)) in enumerate(zip((*self.bases, base), looks, strict=True)):
            axes, theta, mean = self.rows[row], rope.frequencies(dim, value), _mean_over_lags(dim, value)
            self.limits(axes, x=(0, positions))
            self.line(("wave", row), axes, pos, np.sin(pos * theta[pair]), color=color, linestyle=dash)
            turns = say("{turns:,.2f} turns", turns=positions * theta[pair] / (2 * np.pi))
            told.append(say("Base {base:,.0f}: {turns}; {mean:z.2f}.", base=value, turns=turns,
                            mean=np.interp(1000, self._far, mean)))  # fmt: skip
            self.text(("turns", row), axes, 1.02, 0.45, turns, color=color, va="top", transform=axes.transAxes)
            self.line(("mean", row), self.far, self._far, mean, color=color, linestyle=dash, linewidth=2.5, label=label)
        self.text("base", self.rows[3], 1.02, 0.55, say("base {base:,.0f}", base=base), color=color,
                  transform=self.rows[3].transAxes)  # fmt: skip
        words = say("(b) mean over lags $\\ell/1.5$ to $1.5\\,\\ell$, $d = {dim}$", dim=dim)
        self.text("averaged", self.far, 0, 1.04, words, transform=self.far.transAxes)
        self.legend(self.far, "upper right", bbox_to_anchor=(1.03, 1.02), handlelength=2.0, labelspacing=0.25)
        self.tell(say("Turns of pair {pair} from position 0 to {positions}, and the mean inner product, over d/2, at "
                      "lag 1,000: d = {dim}, four bases, yours the last.", pair=pair, positions=positions, dim=dim),
                      *told)  # fmt: skip


@functools.lru_cache(maxsize=8)
def _mean_over_lags(dim, base):
    """The mean of the inner product over lags from l / 1.5 to 1.5 l, over d/2: the integral of each cosine."""
    low, high = Bases._far[:, None] / 1.5, Bases._far[:, None] * 1.5
    theta = rope.frequencies(dim, base)
    return ((np.sin(high * theta) - np.sin(low * theta)) / ((high - low) * theta)).mean(axis=1)


class Dial(Picture):
    """Position scores PE(m) · W PE(n) with W = I + eps · noise: for every pair m, n (a), and against the lag n - m (b).

    noise: a Gaussian matrix with entries of variance 1/d ("any"), or rotation blocks [[a, b], [-b, a]] of the same
    total size ("blocks"). Scores are divided by the largest, so that colours and axis stay. In (b) the band runs from
    the smallest to the largest score at each lag; two query positions, at 1/4 and 3/4 of the text, are drawn through
    it. Source: figure 2-3 of the article the series follows, with a dial.
    """

    size = (12.6, 4.7)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.0, 1.45))
        self.square = _square(self, left, (0.16, 0.15, 0.68, 0.73), bar=(0.87, 0.15, 0.03, 0.73),
                              xlabel=say("key position $n$"), ylabel=say("query position $m$"),
                              title=say("(a) score / largest"))  # fmt: skip
        self.square.locator_params(nbins=4)
        self.plot = _against_lag(self, right, (0.1, 0.15, 0.87, 0.65), ylabel=say("score / largest"), ylim=(-1.1, 1.1),
                                 yticks=(-1, -0.5, 0, 0.5, 1))  # fmt: skip
        for x, words in ((0, "(b)"), (0.115, say("% of the variance is explained by the lag alone"))):
            self.plot.text(x, 1.155, words, transform=self.plot.transAxes, fontsize=14)

    def move(self, *, positions=128, dim=128, base=10_000.0, eps=0.3, seed=0, noise="any"):
        if noise not in NOISES:
            raise ValueError(f"noise must be 'any' or 'blocks'; got noise = {noise!r}")
        n = positions
        plain, noisy = _products(n, dim, base, seed, noise)
        scores = plain + eps * noisy
        scores /= np.abs(scores).max()
        share = f"{100 * encodings.lag_share(scores):.0f}"
        ends = (-0.5, n - 0.5)
        self.limits(self.square, ends, ends[::-1])
        self.image("scores", self.square, scores, extent=(*ends, *ends[::-1]), **_COLOURS)

        reach = 3 * n // 4  # farther out too few pairs of positions are left for a band
        lags = np.arange(-reach, reach + 1)
        self.limits(self.plot, x=(-reach, reach))
        by_lag = np.full((n, 2 * n - 1), np.nan)  # one column for each lag from 1 - n to n - 1
        for m, row in enumerate(scores):
            by_lag[m, n - 1 - m : 2 * n - 1 - m] = row
        by_lag = by_lag[:, n - 1 + lags]
        self.band("band", self.plot, lags, np.fmin.reduce(by_lag), np.fmax.reduce(by_lag), facecolor=_PALE,
                  label=say("all $m$"))  # fmt: skip
        mean = np.nanmean(by_lag, axis=0)
        self.line("mean", self.plot, lags, mean, color=style.INK, linewidth=3, label=say("mean"))
        looks = (style.FAST, style.DASHES[1], say("$m$ at 1/4")), (style.SLOW, style.DASHES[2], say("$m$ at 3/4"))
        for quarter, (color, dash, words) in zip((1, 3), looks, strict=True):
            m = quarter * n // 4
            self.line(("query", quarter), self.plot, np.arange(n) - m, scores[m], color=color, linestyle=dash,
                      linewidth=1.6, label=words)  # fmt: skip
        self.text("share", self.plot, 0.105, 1.155, share, transform=self.plot.transAxes, ha="right", fontsize=14)
        self.legend(self.plot, handlelength=1.7, columnspacing=1.0, handletextpad=0.5, borderpad=0.4)
        one, other = n // 4, 3 * n // 4
        self.tell(
            say("Scores of {n} positions with one another: d = {dim}, base {base:,.0f}, ε = {eps:g}, {noise}.", n=n,
                dim=dim, base=base, eps=eps, noise=say(NOISES[noise])),
            say("{share} % of the variance is explained by the lag alone.", share=share),
            say("The mean over m is highest at lag {top}, {high:z.2f} of the largest score; the query at {one} scores "
                "highest at lag {first}, the query at {other} at lag {second}.", top=lags[np.argmax(mean)],
                high=mean.max(), one=one, first=np.argmax(scores[one]) - one, other=other,
                second=np.argmax(scores[other]) - other),
        )  # fmt: skip


@functools.lru_cache(maxsize=4)
def _products(n, dim, base, seed, kind):
    """What `eps` does not change: PE(m) · PE(n), and PE(m) · noise PE(n), each (n, n)."""
    table = encodings.sinusoidal(np.arange(n), dim, base)
    return table @ table.T, table @ _noise(dim, seed, kind) @ table.T


@functools.lru_cache(maxsize=4)
def _noise(dim, seed, kind):
    rng = np.random.default_rng(seed)
    if kind == "any":
        return rng.standard_normal((dim, dim)) / np.sqrt(dim)
    a, b = rng.standard_normal((2, dim // 2)) / np.sqrt(2)
    return np.kron(np.diag(a), np.eye(2)) + np.kron(np.diag(b), [[0, 1], [-1, 0]])
