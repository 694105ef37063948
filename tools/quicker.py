"""For the pages alone: what Pyodide's matplotlib (3.8) computes at each repaint, though nothing of it changed, is remembered.

In a browser Python is several times slower, and most of a repaint goes into finding out how large words are. This reaches
into matplotlib's own methods, so it is used with the one version that the site pins; `tools/bundle.py` puts it there.
"""

from matplotlib.axis import Axis
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


def remember_ticks(update=Axis._update_ticks, measure=Axis._get_ticklabel_bboxes, place=Axis._get_tick_boxes_siblings):
    """An axis measures its ticks' labels to draw them, and once more to place its own name: the second time it remembers."""

    def updated(self):
        self.__dict__.pop("measured", None)
        return update(self)

    def measured(self, ticks, renderer=None):
        self.measured = measure(self, ticks, renderer)
        return self.measured

    Axis._update_ticks, Axis._get_ticklabel_bboxes = updated, measured
    Axis._get_tick_boxes_siblings = lambda self, renderer: self.__dict__.get("measured") or place(self, renderer)


def begin():
    remember_layouts()
    remember_ticks()
