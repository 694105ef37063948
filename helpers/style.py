"""How everything looks: one colour per idea, type large enough for the last row, fonts that have every glyph.

Nothing happens at import. A notebook calls `apply()` once; a picture draws inside `context()` whether or not anyone did.
Colours of the *methods* (direct, PI, NTK-aware, ...) belong to the registry in `helpers.scaling`; here are all the others.
"""

import contextlib
import functools
import threading
from pathlib import Path

import matplotlib
from matplotlib import colors, font_manager

from helpers import labels

DPI = 100  # a picture's inches times this are its pixels on the page
SHARP = 2  # how much finer the picture at rest is, for high-resolution screens and projectors

# Okabe and Ito's colours, darkened where a projector washes them out. They differ in lightness as well as in hue.
INK = "#222222"
MUTED = "#767676"
GRID = "#d9d9d9"
FAST = "#C4320A"  # high frequency
SLOW = "#00785A"  # low frequency
MIDDLE = "#0072B2"
WARM = "#D98E04"
ACCENT = "#7B3294"
SEEN = "#0072B2"  # met in training
UNSEEN = "#D55E00"  # never met in training
PAIRS = (FAST, WARM, MIDDLE, SLOW)  # four pairs from fast to slow ...
DASHES = ("-", (0, (6, 2)), (0, (3, 1.5, 1, 1.5)), (0, (1, 1.2)))  # ... that differ without colour too
SEQUENTIAL = "viridis"  # maps for images: amounts ...
DIVERGING = "RdBu_r"  # ... and signed amounts, white at zero

READABLE = 4.5  # the contrast with white that words need (WCAG 2.1)

_FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular-subset.ttf"


@functools.cache
def _chinese_family():
    """Name of the shipped Chinese font, registered with matplotlib on first use."""
    font_manager.fontManager.addfont(str(_FONT))
    return font_manager.FontProperties(fname=str(_FONT)).get_name()


@functools.cache
def readable(colour):
    """A colour for words: the same if it has enough contrast with white, else its shade that just has."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colors.to_rgb(colour)]
    light = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    less = min((1.05 / READABLE - 0.05) / light, 1) if light else 1
    if less == 1:
        return colour
    shade = [part * less for part in linear]
    shade = [part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in shade]
    return colors.to_hex([int(255 * part) / 255 for part in shade])  # rounded down: the darker side


def rc(language=None):
    """The settings as a dictionary for `matplotlib.rcParams`.

    language: "en", "zh" or None for the one in use. The Chinese family stands first, because matplotlib takes only the
    first family for a string that also holds a formula.
    """
    language = labels.language() if language is None else labels.known(language)
    family = ["DejaVu Sans"] if language == "en" else [_chinese_family(), "DejaVu Sans"]
    return {
        "font.family": family,
        "mathtext.fontset": "dejavusans",  # not "cm": its fonts' broken dates fill the log when a PDF is written
        "font.size": 13,
        "axes.labelsize": 13,
        "axes.titlesize": 13,
        "axes.titlelocation": "left",
        "axes.titley": 1.0,  # else matplotlib measures every tick of the panel at each repaint, to see if a title hits one
        "axes.titlepad": 8,
        "legend.fontsize": 12,
        "xtick.labelsize": 12,
        "ytick.labelsize": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
        "legend.frameon": False,
        "figure.facecolor": "white",
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
        "savefig.bbox": None,
        "image.interpolation": "nearest",
        "pdf.fonttype": 42,  # text in a PDF stays text
        "svg.hashsalt": "positional-encoding",
    }


def apply(language=None):
    """Set language and looks for everything drawn from now on; call it once at the top of a notebook.

    language: "en", "zh", or None to keep the one in use. ValueError for any other.
    """
    if language is not None:
        labels.use(language)
    matplotlib.rcParams.update(rc())


_drawing = threading.RLock()  # matplotlib's settings belong to the whole process; see `context`


@contextlib.contextmanager
def context(settings=None):
    """The same looks for a `with` block only; settings: a dictionary as `rc` makes it, else the one in use.

    Only one thread at a time is inside: JupyterLab moves sliders on a thread of their own while a cell still runs.
    """
    with _drawing, matplotlib.rc_context(rc() if settings is None else settings):
        yield
