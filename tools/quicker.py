"""For the pages alone: what Pyodide's matplotlib (3.8) computes at each repaint, though nothing of it changed, is remembered.

In a browser Python is several times slower, and most of a repaint goes into finding out how large words are. This reaches
into matplotlib's own methods, so it is used with the one version that the site pins; `tools/bundle.py` puts it there.
"""

from contextlib import nullcontext
from math import cos, radians, sin

import numpy as np
from matplotlib.axis import Axis, XTick, YTick
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.text import Text


def remember_layouts(lay_out=Text._get_layout):
    """A text's box and lines: laid out anew only if the words or how they stand have changed."""

    def remembered(self, renderer):
        if self.get_wrap() or self.get_transform_rotates_text():
            return lay_out(self, renderer)
        stands = self._rotation, self._rotation_mode, self._horizontalalignment, self._verticalalignment
        key = (self._text, hash(self._fontproperties), *stands, self._multialignment, self._linespacing, self.figure.dpi)
        if getattr(self, "laid_out", (None,))[0] != key:
            self.laid_out = key, lay_out(self, renderer)
        return self.laid_out[1]

    Text._get_layout = remembered


def remember_ticks(
    draw=Axis.draw, update=Axis._update_ticks, measure=Axis._get_ticklabel_bboxes, place=Axis._get_tick_boxes_siblings
):
    """While an axis is drawn, it asks twice which ticks there are and how large their labels: the second time it remembers."""

    def drawn(self, renderer, *args, **options):
        self.ticked = updated(self)
        try:
            return draw(self, renderer, *args, **options)
        finally:
            del self.ticked

    def updated(self):
        if "ticked" in self.__dict__:
            return self.ticked
        self.__dict__.pop("measured", None)
        return update(self)

    def measured(self, ticks, renderer=None):
        self.measured = measure(self, ticks, renderer)
        return self.measured

    Axis.draw, Axis._update_ticks, Axis._get_ticklabel_bboxes = drawn, updated, measured
    Axis._get_tick_boxes_siblings = lambda self, renderer: self.__dict__.get("measured") or place(self, renderer)


def leave_ticks():
    """A tick that stays where it is need not have its lines made anew."""

    def staying(move):
        return lambda self, loc: None if loc == self._loc else move(self, loc)

    for kind in (XTick, YTick):
        kind.update_position = staying(kind.update_position)


def remember_words(draw=RendererAgg.draw_text, most=400):
    """Words are made into pixels once; after that the pixels are put down."""
    made = {}

    def drawn(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if ismath:
            return draw(self, gc, x, y, s, prop, angle, ismath, mtext)
        smooth = gc.get_antialiased()
        key = s, hash(prop), self.dpi, smooth
        if key not in made:
            if len(made) >= most:
                made.clear()
            font = self._prepare_font(prop)
            font.set_text(s, 0, flags=get_hinting_flag())
            font.draw_glyphs_to_bitmap(antialiased=smooth)
            made[key] = np.array(font.get_image()), font.get_descent() / 64, [one / 64 for one in font.get_bitmap_offset()]
        pixels, down, (right, up) = made[key]
        x, y = round(x + right + down * sin(radians(angle))), round(y + up + down * cos(radians(angle)))
        self._renderer.draw_text_image(pixels, x, y + 1, angle, gc)

    RendererAgg.draw_text = drawn


def leave_words(change=Text._cm_set):
    """Words are wrapped for each drawing, and the old ones put back: not if they are the same."""
    Text._cm_set = lambda self, **to: nullcontext() if to == {"text": self._text} else change(self, **to)


def begin():
    remember_layouts()
    remember_ticks()
    leave_ticks()
    remember_words()
    leave_words()
