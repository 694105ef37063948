"""Pictures of notebook 02: sinusoidal positions."""

import numpy as np
from matplotlib.patches import Polygon

from helpers import encodings, rope, style
from helpers.figures import Picture, envelope
from helpers.labels import say


def _limits(axes, x=None, y=None):
    """Set limits only where they differ: setting them repaints the background."""
    if x is not None and axes.get_xlim() != x:
        axes.set_xlim(x)
    if y is not None and axes.get_ylim() != y:
        axes.set_ylim(y)


class Table(Picture):
    """The table as stripes (a), one pair of its rows as waves (b), every pair's wavelength (c).

    Panels (a) and (c) share the pair axis. A frame in (a) and a ring in (c) mark the pair whose waves are in (b). Pairs to
    the right of the dashed line in (c) make no full turn within the positions shown.
    """

    size = (12.6, 4.9)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.55, 1.0))

        self.stripes = axes = left.add_axes((0.115, 0.475, 0.78, 0.445))
        axes.grid(False)
        axes.set(ylabel=say("pair"), title=say("sinusoidal.table"))
        axes.tick_params(labelbottom=False)
        axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
        axes.set_autoscale_on(False)
        self.image = self.moves(
            axes.imshow(np.zeros((2, 2)), vmin=-1, vmax=1, cmap=style.DIVERGING, aspect="auto", origin="upper")
        )
        self.frame = self.moves(
            axes.plot([], [], color=style.INK, linewidth=2.5, clip_on=False, solid_joinstyle="miter")[0]
        )
        scale = left.add_axes((0.91, 0.475, 0.02, 0.445))
        self.figure.colorbar(self.image, cax=scale, ticks=(-1, 0, 1))
        scale.tick_params(length=0)

        self.waves = axes = left.add_axes((0.115, 0.135, 0.78, 0.235))
        axes.set(xlabel=say("pos"), ylim=(-1.25, 1.25), yticks=(-1, 0, 1))
        axes.text(0, 1.06, say("sinusoidal.waves"), transform=axes.transAxes)
        self.sine = self.moves(axes.plot([], [], color=style.FAST)[0])
        self.cosine = self.moves(axes.plot([], [], color=style.MIDDLE, linestyle=style.DASHES[1])[0])
        axes.legend(
            [self.sine, self.cosine], [say("sinusoidal.sin"), say("sinusoidal.cos")], ncols=2, loc="lower right",
            bbox_to_anchor=(1.015, 0.93), handlelength=2.2, columnspacing=1.2, borderpad=0.1,
        )  # fmt: skip

        self.lengths = axes = right.add_axes((0.15, 0.135, 0.79, 0.785))
        axes.set(xscale="log", xlim=(2, 2e9), xlabel=say("wavelength"), ylabel=say("pair"), title="(c)")
        axes.set_xticks([1e1, 1e3, 1e5, 1e7, 1e9])
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.minorticks_off()
        self.curve = self.moves(axes.plot([], [], "o-", color=style.MUTED, markersize=4, linewidth=1.5)[0])
        self.ring = self.moves(
            axes.plot([], [], "o", markersize=13, markeredgewidth=2.5, color=style.INK, markerfacecolor="none", clip_on=False)[0]
        )
        self.end = self.moves(axes.plot([], [], color=style.ACCENT, linestyle=style.DASHES[1])[0])
        axes.legend(
            [self.end], [say("sinusoidal.shown")], loc="lower right", bbox_to_anchor=(1.02, 0.985), borderpad=0.1
        )

    def move(self, *, positions=128, dim=64, pair=8, base=10_000.0):
        if not 0 <= pair < dim // 2:
            raise ValueError(f"pair must be 0 to dim/2 - 1 = {dim // 2 - 1}; got pair = {pair}")
        pos = np.arange(positions)
        extent = (-0.5, positions - 0.5, dim / 2 - 0.5, -0.5)
        for axes in (self.stripes, self.waves):
            _limits(axes, x=extent[:2])
        for axes in (self.stripes, self.lengths):
            _limits(axes, y=extent[2:])

        self.image.set_data(encodings.sinusoidal(pos, dim, base).T)
        self.image.set_extent(extent)
        low, high = pair - 0.5, pair + 0.5
        self.frame.set_data(np.array(extent[:2])[[0, 1, 1, 0, 0]], [low, low, high, high, low])

        wavelength = rope.wavelengths(rope.frequencies(dim, base))
        self.curve.set_data(wavelength, np.arange(dim // 2))
        self.ring.set_data(wavelength[[pair]], [pair])
        self.end.set_data([positions] * 2, extent[2:])

        fine = np.linspace(0, positions - 1, 1200)  # the functions behind the table, between positions as well
        angle = fine * rope.frequencies(dim, base)[pair]
        self.sine.set_data(*envelope(fine, np.sin(angle)))
        self.cosine.set_data(*envelope(fine, np.cos(angle)))


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
        self.near = axes = left.add_axes((0.12, 0.16, 0.85, 0.71))
        axes.set(xlabel=say("sinusoidal.lag"), ylabel=say("sinusoidal.product"), ylim=(-0.85, 1.08), yticks=(-0.5, 0, 0.5, 1))
        axes.xaxis.get_major_locator().set_params(nbins=5)
        axes.text(0, 1.05, "(a)", transform=axes.transAxes)
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        self.line = self.moves(axes.plot([], [], color=style.MIDDLE, linewidth=1.5)[0])
        self.rising = self.moves(axes.plot([], [], color=style.UNSEEN, linewidth=4, solid_capstyle="butt")[0])
        axes.legend(
            [self.line, self.rising], [say("sinusoidal.curve"), say("sinusoidal.rises")], ncols=2, loc="lower right",
            bbox_to_anchor=(1.02, 0.985), handlelength=1.8, columnspacing=1.2,
        )  # fmt: skip

        self.far = axes = right.add_axes((0.088, 0.16, 0.867, 0.71))
        axes.set(xscale="log", xlim=(0.8, 1.2e6), ylim=(-0.85, 1.08), xlabel=say("sinusoidal.far"))
        axes.set(yticks=(-0.5, 0, 0.5, 1))
        axes.minorticks_off()
        axes.text(0, 1.05, "(b)", transform=axes.transAxes)
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        self.dots = self.moves(axes.plot([], [], ".", color=style.MIDDLE, markersize=4)[0])
        self.trend = self.moves(axes.plot([], [], color=style.INK, linestyle=style.DASHES[1])[0])
        self.mark = self.moves(axes.plot([], [], color=style.ACCENT, linestyle=style.DASHES[3])[0])
        axes.legend(
            [self.trend, self.mark], [say("sinusoidal.trend"), say("sinusoidal.at_base")], ncols=2, loc="lower right",
            bbox_to_anchor=(1.02, 0.985), handlelength=2.2, columnspacing=1.2,
        )  # fmt: skip

    def move(self, *, positions=256, dim=128, base=10_000.0):
        _limits(self.near, x=(-positions, positions))
        lag = np.arange(positions + 1)
        product = encodings.shift_inner_product(lag, dim, base) / (dim / 2)
        both, curve = np.concatenate([-lag[:0:-1], lag]), np.concatenate([product[:0:-1], product])
        self.line.set_data(*envelope(both, curve))

        up = np.flatnonzero(np.diff(product) > 0)  # each rising step is its own short piece: gaps in between
        x = np.column_stack([up, up + 1, np.full(len(up), np.nan)]).ravel()
        y = np.column_stack([product[up], product[up + 1], np.full(len(up), np.nan)]).ravel()
        self.rising.set_data(np.concatenate([-x, x]), np.concatenate([y, y]))
        self.rising.set_linewidth(4 if positions <= 256 else 2)

        self.dots.set_data(self._far, encodings.shift_inner_product(self._far, dim, base) / (dim / 2))
        ends = np.array([1.0, base * np.exp(-np.euler_gamma)])
        self.trend.set_data(ends, 1 - (np.log(ends) + np.euler_gamma) / np.log(base))
        self.mark.set_data([base] * 2, [-0.85, 1.08])


class Bases(Picture):
    """One pair's sine for three bases (a), and the trend of the inner product for the same three (b).

    (a) is figure 2-2 of the article the series follows, with its numbers: d = 100, pair 10, positions 0 to 100.
    (b) is the mean inner product over lags from l / 1.5 to 1.5 l: the noise is averaged out.
    """

    size = (12.6, 4.5)
    bases = (10.0, 1e4, 1e8)
    _names = ("10", "10^4", "10^8")
    _far = np.logspace(0, 6, 180)

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.25, 1.0))
        looks = list(zip((style.FAST, style.MIDDLE, style.SLOW), style.DASHES[:3], strict=True))
        self.rows, self.waves, self.words = [], [], []
        for number, (color, dash) in enumerate(looks):
            axes = left.add_axes((0.075, 0.685 - 0.2625 * number, 0.67, 0.225))
            axes.set(ylim=(-1.3, 1.3), yticks=(-1, 0, 1))
            axes.tick_params(labelbottom=number == 2)
            self.rows.append(axes)
            self.waves.append(self.moves(axes.plot([], [], color=color, linestyle=dash)[0]))
            self.words.append(
                self.moves(axes.text(1.02, 0.5, "", color=color, va="center", transform=axes.transAxes))
            )
        self.rows[0].set_title(say("sinusoidal.one_pair"))
        self.rows[2].set_xlabel(say("pos"))

        self.far = axes = right.add_axes((0.136, 0.16, 0.814, 0.71))
        axes.set(xscale="log", xlim=(0.8, 1.2e6), ylim=(-0.4, 1.08))
        axes.set(xlabel=say("sinusoidal.far"), ylabel=say("sinusoidal.mean_product"))
        axes.minorticks_off()
        self.averaged = self.moves(axes.text(0, 1.05, "", transform=axes.transAxes))
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        self.products = [
            self.moves(axes.plot([], [], color=color, linestyle=dash, linewidth=2.5)[0]) for color, dash in looks
        ]
        axes.legend(
            self.products, [say("sinusoidal.base", base=name) for name in self._names], loc="upper right",
            bbox_to_anchor=(1.03, 1.02), handlelength=2.0, labelspacing=0.25, borderpad=0.1,
        )  # fmt: skip

    def move(self, *, positions=100, dim=100, pair=10):
        if not 0 <= pair < dim // 2:
            raise ValueError(f"pair must be 0 to dim/2 - 1 = {dim // 2 - 1}; got pair = {pair}")
        pos = np.linspace(0, positions, 1001)
        self.averaged.set_text(say("sinusoidal.averaged", dim=dim))
        for base, name, axes, wave, words, product in zip(
            self.bases, self._names, self.rows, self.waves, self.words, self.products, strict=True
        ):
            _limits(axes, x=(0, positions))
            theta = rope.frequencies(dim, base)
            wave.set_data(pos, np.sin(pos * theta[pair]))
            turns = positions * theta[pair] / (2 * np.pi)
            words.set_text(say("sinusoidal.base_turns", base=name, turns=f"{turns:,.3g}"))
            product.set_data(self._far, self._mean(self._far, theta))

    @staticmethod
    def _mean(lag, theta):
        low, high = lag[:, None] / 1.5, lag[:, None] * 1.5
        return ((np.sin(high * theta) - np.sin(low * theta)) / ((high - low) * theta)).mean(axis=1)  # the integral of cos


class Dial(Picture):
    """Position scores PE(m) · W PE(n) with W = I + eps · noise: every pair of positions (a), and against the lag n - m (b).

    noise: a Gaussian matrix with entries of variance 1/d ("any"), or rotation blocks [[a, b], [-b, a]] of the same total
    size ("blocks"). Scores are divided by the largest, so that colours and axis stay. In (b) the band runs from the
    smallest to the largest score at each lag; two query positions, at 1/4 and 3/4 of the text, are drawn through it.
    Source: figure 2-3 of the article the series follows, with a dial.
    """

    size = (12.6, 4.7)
    dim = 128

    def build(self):
        self._kept_for = None
        left, right = self.panels(1, 2, width_ratios=(1.0, 1.45))
        self.square = axes = left.add_axes((0.16, 0.15, 0.68, 0.73))
        axes.grid(False)
        axes.set(xlabel=say("sinusoidal.key"), ylabel=say("sinusoidal.query"), title=say("sinusoidal.scores"))
        axes.set_autoscale_on(False)
        axes.xaxis.get_major_locator().set_params(nbins=4)
        axes.yaxis.get_major_locator().set_params(nbins=4)
        self.image = self.moves(
            axes.imshow(np.zeros((2, 2)), vmin=-1, vmax=1, cmap=style.DIVERGING, aspect="auto", origin="upper")
        )
        scale = left.add_axes((0.87, 0.15, 0.03, 0.73))
        self.figure.colorbar(self.image, cax=scale, ticks=(-1, 0, 1))
        scale.tick_params(length=0)

        self.plot = axes = right.add_axes((0.1, 0.15, 0.87, 0.65))
        axes.set(xlabel=say("sinusoidal.lag"), ylabel=say("sinusoidal.score"), ylim=(-1.1, 1.1), yticks=(-1, -0.5, 0, 0.5, 1))
        axes.axhline(0, color=style.MUTED, linewidth=0.8)
        self.band = self.moves(axes.add_patch(Polygon(np.zeros((3, 2)), facecolor="#c9d8e6", edgecolor="none")))
        self.mean = self.moves(axes.plot([], [], color=style.INK, linewidth=3)[0])
        self.queries = [
            self.moves(axes.plot([], [], color=color, linestyle=dash, linewidth=1.6)[0])
            for color, dash in ((style.FAST, style.DASHES[1]), (style.SLOW, style.DASHES[2]))
        ]
        words = [say("sinusoidal.band"), say("sinusoidal.mean"), say("sinusoidal.early"), say("sinusoidal.late")]
        axes.legend(
            [self.band, self.mean, *self.queries], words, ncols=4, loc="lower right", bbox_to_anchor=(1.02, 0.985),
            handlelength=1.7, columnspacing=1.0, handletextpad=0.5,
        )  # fmt: skip
        self.share = self.moves(axes.text(0.105, 1.155, "", transform=axes.transAxes, ha="right", fontsize=14))
        axes.text(0.115, 1.155, say("sinusoidal.share"), transform=axes.transAxes, fontsize=14)
        axes.text(0, 1.155, "(b)", transform=axes.transAxes, fontsize=14)

    def move(self, *, positions=128, eps=0.3, seed=0, noise="any"):
        if noise not in ("any", "blocks"):
            raise ValueError(f"noise must be 'any' or 'blocks'; got noise = {noise!r}")
        n = positions
        if self._kept_for != (n, seed, noise):  # what eps does not change is kept while it moves
            table = encodings.sinusoidal(np.arange(n), self.dim)
            self._plain, self._noisy = table @ table.T, table @ self._noise(seed, noise) @ table.T
            lag = np.subtract.outer(-np.arange(n), -np.arange(n)).ravel()  # n - m of every score
            self._by_lag = np.argsort(lag, kind="stable")
            self._starts = np.searchsorted(lag[self._by_lag], np.arange(1 - n, n))
            self._kept_for = n, seed, noise
        scores = self._plain + eps * self._noisy
        scores /= np.abs(scores).max()
        extent = (-0.5, n - 0.5, n - 0.5, -0.5)
        _limits(self.square, extent[:2], extent[2:])
        self.image.set_data(scores)
        self.image.set_extent(extent)

        reach = 3 * n // 4  # farther out too few pairs of positions are left for a band
        lags = np.arange(-reach, reach + 1)
        _limits(self.plot, (-reach, reach))
        sorted_scores, shown = scores.ravel()[self._by_lag], slice(n - 1 - reach, n + reach)
        low = np.minimum.reduceat(sorted_scores, self._starts)[shown]
        high = np.maximum.reduceat(sorted_scores, self._starts)[shown]
        mean = (np.add.reduceat(sorted_scores, self._starts) / (n - np.abs(np.arange(1 - n, n))))[shown]
        self.band.set_xy(np.column_stack([np.concatenate([lags, lags[::-1]]), np.concatenate([low, high[::-1]])]))
        self.mean.set_data(lags, mean)
        for line, m in zip(self.queries, (n // 4, 3 * n // 4), strict=True):
            line.set_data(np.arange(n) - m, scores[m])
        self.share.set_text(f"{100 * encodings.lag_share(scores):.0f}")

    def _noise(self, seed, kind):
        rng = np.random.default_rng(seed)
        if kind == "any":
            return rng.standard_normal((self.dim, self.dim)) / np.sqrt(self.dim)
        even = np.arange(0, self.dim, 2)
        a, b = rng.standard_normal((2, len(even)))
        blocks = np.zeros((self.dim, self.dim))
        blocks[even, even] = blocks[even + 1, even + 1] = a / np.sqrt(2)
        blocks[even, even + 1], blocks[even + 1, even] = b / np.sqrt(2), -b / np.sqrt(2)
        return blocks
