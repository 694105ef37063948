"""Pictures of notebook 06: why "neural tangent kernel", every method on one plane, and a million-fold stretch."""

import functools

import numpy as np

from helpers import kernels, precision, scaling, style, valid
from helpers.figures import Picture, count_in_doublings, listed, look, method_name, ticks
from helpers.figures.interpolation import Multiplier
from helpers.figures.ntk_aware import Plane
from helpers.labels import say

__all__ = ["Distinct", "Learning", "Multiplier", "Plane"]

TOLD = ("direct", "pi", "ntk_aware")  # the ways in which `Learning` tells a position by sines and cosines


class Learning(Picture):
    """What a wide network has learned of two waves (a), and how fast it learns each wavelength (b).

    The network is told the position as one number (grey), or as the sines and cosines of a method's frequencies. Its
    kernel is `kernels.tangent_kernel`. (b) The share learned of one wave after so many steps, for each wavelength.
    Source: Tancik et al., arXiv 2006.10739, figures 1 and 2, with RoPE's frequencies as Fourier features.
    """

    size = (12.0, 4.5)
    n, dim = 128, 128
    waves = (64, 8)  # tokens: of the target

    def build(self):
        left, right = self.panels(1, 2, width_ratios=(1.35, 1.0))
        self.curves = self.add_axes((0.115, 0.15, 0.86, 0.69), left, xlim=(0, self.n - 1), ylim=(-2.2, 2.2),
                                    xlabel=say("position $m$ (tokens)"), ylabel=say("what is learned"))  # fmt: skip
        self.speed = self.add_axes((0.135, 0.15, 0.83, 0.69), right, xlim=(2, 128), ylim=(-3, 103),
                                   xlabel=say("wavelength of one wave (tokens)"),
                                   ylabel=say("learned (%)"))  # fmt: skip
        count_in_doublings(self.speed, "x")
        for axes, name in ((self.curves, "(a)"), (self.speed, "(b)")):
            axes.text(0, 1.045, name, transform=axes.transAxes)
        pos = np.arange(self.n)
        self.target = sum(np.sin(2 * np.pi * pos / wave) for wave in self.waves)
        self.curves.plot(pos, self.target, color=style.GRID, linewidth=5, label=say("target"))
        self.curves.legend(loc="lower right", bbox_to_anchor=(1.02, 0.985), borderpad=0.1)

    def move(self, *, steps=300.0, k=8.0, method="pi"):
        valid.one_of("method", method, TOLD)
        pos = np.arange(self.n)
        rows = []
        told = {"raw": dict(color=style.MUTED, linestyle=style.DASHES[3], linewidth=2.4)}
        told |= {key: dict(linewidth=2.4, **look(key)) for key in dict.fromkeys(("direct", method))}
        for key, looks in told.items():
            name = say("told as one number") if key == "raw" else method_name(key)
            parts, wavelengths, shares = _speeds(key, self.n, self.dim, 1.0 if key in ("raw", "direct") else k)
            grown = -np.expm1(-parts[0] * steps / self.n)
            self.line(("curve", key), self.curves, pos, parts[1] @ (grown * (parts[1].T @ self.target)), **looks)
            learned = 100 * (shares * grown[:, None]).sum(axis=0)
            self.line(("speed", key), self.speed, wavelengths[:-2], learned[:-2], label=name, **looks)
            rows.append((name, *(f"{share:.0f} %" for share in learned[-2:])))
        self.legend(self.speed, columnspacing=1.0, handlelength=1.8, handletextpad=0.4)
        self.tell(
            say("A wide network at step {steps:,.0f}; its target is a wave of {slow} tokens plus one of {fast}.",
                steps=steps, slow=self.waves[0], fast=self.waves[1]),
            say("Learned of a single wave of {slow} tokens, and of one of {fast}: {rows}.",
                rows=listed(rows), slow=self.waves[0], fast=self.waves[1]),
            *([say("{method} is used with k = {k:.3g}.", method=method_name(method), k=k)] if method != "direct" else []),
        )  # fmt: skip


@functools.lru_cache(maxsize=64)
def _speeds(key, n, dim, k):
    """Kernel of one way to tell a position: (eigenvalues (n,), eigenvectors (n, n)); wavelengths tried (w,), tokens,
    the last two those of the target; and how each wave is made of the eigenvectors, shares (n, w), columns of sum 1."""
    if key == "raw":
        cosine = kernels.raw_cosine(n, n)
    else:
        cosine = kernels.feature_cosine(n, scaling.frequencies(key, dim, 10_000.0, k, 2048, 2048 * k))
    speeds, shapes = np.linalg.eigh(kernels.tangent_kernel(cosine))
    wavelengths = np.append(2.0 ** np.linspace(1.05, 7, 97), Learning.waves)
    waves = np.exp(2j * np.pi * np.arange(n)[:, None] / wavelengths)
    shares = np.abs(shapes.T @ waves) ** 2
    return (np.maximum(speeds, 0), shapes), wavelengths, shares / shares.sum(axis=0)


class Distinct(Picture):
    """How many different rows of cos and sin 32 positions, `apart` tokens each, get from 2^0, 2^1, ... 2^30 on.

    Four number formats. Every step is rounded: position, frequency, angle, cos and sin. The lines only join the points.
    The last points stand on the upright line, the reach of the claim: 2048 tokens, stretched a million times.
    NTK-aware, d = 128, base 10,000; for direct and PI the points are the same.
    """

    size = (11.0, 4.5)
    starts, count = np.append(2.0 ** np.arange(31), 2048 * 1e6), 32
    looks = {
        "float64": dict(color=style.SLOW, marker="o", markersize=11),
        "float32": dict(color=style.MIDDLE, linestyle=style.DASHES[1], marker="s", markersize=8),
        "float16": dict(color=style.FAST, linestyle=style.DASHES[2], marker="^", markersize=7.5),
        "bfloat16": dict(color=style.ACCENT, linestyle=style.DASHES[3], marker="D", markersize=4.5),
    }

    def build(self):
        names = dict(xlabel=say("first of 32 positions (tokens)"), ylabel=say("different rows"))
        self.plot = self.add_axes((0.075, 0.15, 0.9, 0.72), xlim=(0.75, 2.0**31.4), **names)
        self.plot.set_xscale("log", base=2)
        count_in_doublings(self.plot, "y")
        self.plot.set_ylim(0.85, 38)
        powers = (0, 4, 8, 11, 16, 20, 24, 28)  # among them the ends of bfloat16, float16 and float32
        names = [f"{2**power:,}" if power < 17 else f"$2^{{{power}}}$" for power in powers]
        ticks(self.plot.xaxis, [2.0**power for power in powers], names)
        self.claimed = self.plot.axvline(self.starts[-1], color=style.INK, linestyle=(0, (1, 1.6)), linewidth=1.6)

    def move(self, *, apart=1, method="ntk_aware"):
        apart = valid.integer("apart", apart, 1)
        theta = scaling.frequencies(method, 128, 10_000.0, 1e6, 2048, 2048 * 1e6)
        pos = self.starts[:, None] + apart * np.arange(self.count)
        first, last = [], []
        for form, looks in self.looks.items():
            rows = precision.different_rows(pos, theta, form)
            self.line(form, self.plot, self.starts, rows, label=form, linewidth=1.4, **looks)
            lost = rows < self.count
            first.append((form, f"{self.starts[lost.argmax()]:,.0f}" if lost.any() else say("none")))
            last.append((form, f"{rows[-1]:.0f}"))
        self.legend(self.plot, extra=[(self.claimed, say("two billion"))], handlelength=3.2)
        self.tell(
            say("How many different rows {count} positions get at a spacing of {apart:,} (tokens), from 1 up to two billion; {method}, stretched a million times.",
                count=self.count, apart=apart, method=method_name(method)),
            say("The first start with fewer than {count}: {formats}.", count=self.count, formats=listed(first)),
            say("From two billion on: {formats}.", formats=listed(last)),
        )  # fmt: skip
