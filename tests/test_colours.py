"""Colour is never the only way to tell two things apart, for any of the three kinds of colour blindness; words can be read.

The pictures are asked themselves: every class of `helpers.figures` as it first stands, and every live picture of the
notebooks at the ends of its sliders. The rules:

- Two entries of one legend, or two visible parts of one axes, have the same form if both are lines with the same dashes and
  marker, dots with the same marker, or areas with the same hatch and the same dashes of their rim. Width, size, and how much
  of a part is seen through are not form.
- Of the same form, two entries of a legend differ in colour by ENOUGH, for everybody. So do two parts, unless both have the
  same colour, or their picture stands in BY_PLACE.
- Of different form, they may have any colours.
"""

import functools
import itertools

import matplotlib
import numpy as np
import pytest
from coloraide import Color
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from series import PATHS, explorers, name_of, picture_classes, stops

from helpers import painter, scaling, style
from tools.notebooks import is_chinese

# Of CIEDE2000. 1 is just seen where two large patches touch. Thin lines and small dots that lie apart need several times
# as much, the more the smaller they are (measured by Stone, Szafir and Setlur, 2014, and by Szafir, 2018). 10 is where the
# palette of Okabe and Ito ends, which was made to be told apart by everybody: see the test of it.
ENOUGH = 10.0
READABLE, LARGE = 4.5, 3.0  # WCAG 2.1, 1.4.3: contrast of words with what is behind them
LARGE_FROM = 24 / style.DPI * 72  # points of a picture; WCAG's 18 points are 24 pixels of a page
EYES = (None, "protan", "deutan", "tritan")  # coloraide's at full strength: Viénot 1999; Brettel 1997 for the last
BY_PLACE = {  # pictures in which unnamed parts are told apart by where they stand
    "interpolation.TrainedRange": "grey is where the curve is, blue is behind it",
    "ntk_aware.Frequencies": "(a): a dot stands above the number of its pair",
    "ntk_aware.SuTable": "a row has its name at its left",
    "rope.Frequencies": "(a): a dot stands above the number of its pair",
    "rope.Pairings": "a box and an arc have their number",
    "trained_model.Perplexity": "a shade is around its curve, which has dashes of its own",
    "trained_model.Race": "thin lines are around a thick one, which has dashes of its own",
    "trained_model.SuAgain": "a row has its name at its left",
}
PICTURES = picture_classes()


@functools.cache
def seen(colour, eyes):
    """How a colour looks to these eyes."""
    return Color(colour) if eyes is None else Color(colour).filter(eyes)


@functools.cache
def distance(one, other):
    """(the least difference of two colours to any eyes, whose eyes)."""
    return min((seen(one, eyes).delta_e(seen(other, eyes), method="2000"), eyes or "all") for eyes in EYES)


@functools.cache
def contrast(one, other):
    """WCAG's, from 1 to 21."""
    return Color(one).contrast(other)


def on_white(colour, alpha=None):
    """A colour as it looks on the page, "#rrggbb"; None if it is not there."""
    *rgb, opaque = to_rgba(colour, alpha)
    return to_hex([1 - opaque * (1 - part) for part in rgb]) if opaque else None


# ------------------------------------------------------------------------------------------------- what a picture shows


def looks(part):
    """(form, colour) of a part, or None: all that tells it from others but its words, place and size."""
    if isinstance(part, Line2D):
        marker = None if part.get_marker() in ("None", "none", "", " ", None) else part.get_marker()
        if part.get_linestyle() not in ("None", "none", "", " "):
            return ("line", _dashes(part), marker), on_white(part.get_color(), part.get_alpha())
        hollow = on_white(part.get_markerfacecolor()) in (None, "#ffffff")
        inked = part.get_markeredgecolor() if hollow else part.get_markerfacecolor()
        return (("dots", hollow, marker), on_white(inked, part.get_alpha())) if marker else None
    if isinstance(part, Patch):
        face, edge = on_white(part.get_facecolor()), on_white(part.get_edgecolor()) if part.get_linewidth() else None
        rim = _dashes(part) if edge not in (None, face) else None
        if face in (None, "#ffffff"):
            return (("outline", rim, part.get_hatch()), edge) if edge else None
        return ("area", rim, part.get_hatch()), face
    if isinstance(part, Collection) and part.get_array() is None and len(part.get_facecolors()) == 1:
        colour = on_white(part.get_facecolors()[0])
        return (("area", None, part.get_hatch()), colour) if colour else None
    return None


def _dashes(part):
    """Dashes as in DASHES, whatever the width."""
    pattern = part._unscaled_dash_pattern[1]
    return None if pattern is None else tuple(np.round(pattern, 2))


def parts(axes):
    """[(name, form, colour)] of all that is visible on these axes."""
    drawn = [part for part in axes.get_children() if part.get_visible() and part is not axes.patch]
    drawn = [part for part in drawn if not isinstance(part, Line2D) or len(part.get_xdata())]  # not those for a legend alone
    return [(part.get_label(), *look) for part in drawn if (look := looks(part))]


def entries(axes):
    """[(words, form, colour)] of the legend of these axes."""
    legend = axes.get_legend()
    pairs = zip(legend.get_texts(), legend.legend_handles, strict=True) if legend else ()
    return [(words.get_text(), *look) for words, handle in pairs if (look := looks(handle))]


def alike(things, same_colour):
    """Pairs of one form that somebody takes for one another. same_colour: whether two of the same colour are meant."""
    for (name, form, colour), (other, same, near) in itertools.combinations(things, 2):
        if form == same and (colour != near or not same_colour):
            least, eyes = distance(colour, near)
            if least < ENOUGH:
                yield f"{name!r} {colour} and {other!r} {near}, both {form}: {least:.1f} for {eyes}"


def confused(picture):
    """What cannot be told apart in a picture as it stands."""
    name = f"{type(picture).__module__.rpartition('.')[2]}.{type(picture).__name__}"
    for axes in picture.figure.axes:
        yield from alike(entries(axes), same_colour=False)
        if name not in BY_PLACE:
            yield from alike(parts(axes), same_colour=True)


def words(artists):
    """[(Text, its colour)] of all visible words among these."""
    for text in artists:
        colour = on_white(text.get_color(), text.get_alpha())
        if text.get_visible() and text.get_text().strip() and colour:
            yield text, colour


def is_text(artist):
    return isinstance(artist, Text)


def pale(text, colour, back):
    """Why these words cannot be read on a ground of colour `back`; "" if they can."""
    needed, found = LARGE if text.get_fontsize() >= LARGE_FROM else READABLE, contrast(colour, back)
    return "" if found >= needed else f"{text.get_text()!r}, {colour} on {back}: {found:.2f}, not {needed}"


def behind(picture):
    """[(Text, its colour, the colour behind most of it)], found by painting the picture without its words."""
    found = list(words(picture.figure.findobj(Text)))
    for text, _ in found:
        text.set_visible(False)
    pixels = painter.Painter(picture).pixels()[..., :3].copy()
    for text, _ in found:
        text.set_visible(True)
    renderer, height = picture.figure.canvas.get_renderer(), len(pixels)
    for text, colour in found:
        left, bottom, right, top = np.rint(text.get_window_extent(renderer).extents).astype(int)
        there = pixels[max(height - top, 0) : height - bottom, max(left, 0) : right].reshape(-1, 3)
        colours, counts = np.unique(there, axis=0, return_counts=True)
        yield text, colour, to_hex(colours[counts.argmax()] / 255)


# ------------------------------------------------------------------------------------------------- as it first stands


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_as_it_first_stands(name):
    picture = PICTURES[name]()
    picture.finish()
    assert [*confused(picture)] == []
    assert [why for each in behind(picture) if (why := pale(*each))] == []


@pytest.mark.parametrize("path", [path for path in PATHS if not is_chinese(path)], ids=name_of)
def test_live_pictures_at_the_ends_of_their_sliders(path):
    """One slider after the other to each of its ends, or of its views; then all together."""
    for explorer in explorers(path):
        picture = type(explorer.picture)(**explorer.picture.values)  # not the one that other tests paint
        ends = {name: stops(slider, 0) for name, slider in explorer.sliders.items()}
        alone = [{name: value} for name, values in ends.items() for value in values]
        corners = [{name: values[place] for name, values in ends.items()} for place in (0, -1)]
        for values in [*alone, *corners]:
            try:
                picture.update(**{**explorer.start, **values})
            except ValueError:  # a combination that cannot be drawn
                continue
            if values in corners:  # one that grows takes seconds
                picture.finish()
            written = [(*each, "#ffffff") for each in words(filter(is_text, picture.moving))]
            if any(colour == "#ffffff" for _, colour, _ in written):  # on a ground of their own
                written = behind(picture)
            assert [*confused(picture), *(why for each in written if (why := pale(*each)))] == [], f"{picture!r}"


def test_every_exception_is_one():
    assert set(BY_PLACE) <= set(PICTURES)


# ------------------------------------------------------------------------------------------------- the colours themselves


def test_what_enough_means():
    """Okabe and Ito's colours, all 28 pairs: one lies below ENOUGH, orange and pink to tritan eyes. The next is 10.6."""
    palette = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
    found = sorted(distance(*pair) + pair for pair in itertools.combinations(palette, 2))
    assert found[0][1:] == ("tritan", "#e69f00", "#cc79a7") and 7 < found[0][0] < ENOUGH < found[1][0] < 11


def test_the_eyes_are_those_of_the_literature():
    """Red and green of one lightness: apart for all but protan and deutan eyes; blue and green: for all but tritan ones."""
    def difference(one, other, eyes):
        return seen(one, eyes).delta_e(seen(other, eyes), method="2000")

    assert difference("#d55e00", "#999933", None) > 25 and difference("#d55e00", "#999933", "deutan") < ENOUGH
    assert difference("#0072b2", "#00785a", None) > 25 and difference("#0072b2", "#00785a", "tritan") < ENOUGH


def test_every_method_has_a_line_of_its_own():
    """Some of eleven colours must come close to each other: so no two methods share their dashes."""
    lines = [str(method.linestyle) for method in scaling.METHODS.values()]
    assert len(set(lines)) == len(lines) == 11


@pytest.mark.parametrize("colour", [method.colour for method in scaling.METHODS.values()] + [style.UNSEEN, style.WARM])
def test_words_in_a_colour_can_be_read(colour):
    written = style.readable(colour)
    assert contrast(written, "#ffffff") >= READABLE
    if contrast(colour, "#ffffff") >= READABLE:
        assert written == colour
    else:  # darker, no darker than needed, and still of that hue
        assert contrast(written, "#ffffff") < READABLE + 0.3
        hues = [Color(one).convert("oklch")["hue"] for one in (colour, written)]
        assert abs(hues[0] - hues[1]) < 8


def lightness(name, eyes):
    """CIELAB's L of a map's 256 colours to these eyes."""
    colours = matplotlib.colormaps[name](np.linspace(0, 1, 256))
    return np.array([seen(to_hex(colour), eyes).convert("lab")["lightness"] for colour in colours])


@pytest.mark.parametrize("eyes", EYES)
def test_a_map_of_amounts_grows_lighter_throughout(eyes):
    steps = np.diff(lightness(style.SEQUENTIAL, eyes))
    assert steps.min() > -0.2  # of 100: what 8 bits of a colour round off
    assert steps.sum() > 70


@pytest.mark.parametrize("eyes", EYES)
def test_a_map_of_signed_amounts_is_lightest_at_zero_and_fair_to_both_sides(eyes):
    light = lightness(style.DIVERGING, eyes)
    assert np.diff(light[:128]).min() > -0.2 and np.diff(light[128:]).max() < 0.2
    assert light[127:129].min() > 96
    assert np.abs(light - light[::-1]).max() < 0.2 * np.ptp(light)  # to protan eyes red is darker: by 16 of 84
    colours = matplotlib.colormaps[style.DIVERGING]
    for amount in (0.3, 0.6, 1.0):
        low, high = (seen(to_hex(colours(0.5 + sign * amount / 2)), eyes) for sign in (-1, 1))
        assert low.delta_e(high, method="2000") > ENOUGH, f"{amount} and -{amount} look the same"


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_has_another_map(name):
    picture = PICTURES[name]()
    maps = {image.get_cmap().name for image in picture.figure.findobj(AxesImage) if image.get_array().ndim == 2}
    assert maps <= {style.SEQUENTIAL, style.DIVERGING}
