"""Paints a picture's frames, fast enough to follow a hand: the kept background, and what moves on top of it.

Knows neither sliders nor a page, so that a frame can be made wherever Python runs. `helpers.live` is one user, `helpers.worker`
the other.
"""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from PIL import Image as Pixels

from helpers import labels, style

QUALITY = 92  # of the quick JPEG; its colours are not subsampled, so thin lines stay clean
LIGHT = 60  # the same at half the bytes, with some grain: for a slow line


class Painter:
    """Paints a picture's figure into pixels, keeping the background of every panel that did not change.

    Axes, ticks, labels, grids and legends cost a hundred times what a curve costs. They are painted when matplotlib's
    own `stale` flag says that they changed, panel by panel, and the moving artists are drawn on a copy of that.
    """

    def __init__(self, picture):
        self.picture = picture
        self.figure = picture.figure
        self.canvas = self.figure.canvas
        self._rc = style.rc()
        self._background = None
        self._fine = None  # the renderer of the sharp picture

    def _panels(self):
        """The parts that can be repainted alone: the sub-figures, or else the figure itself."""

        def leaves(part):
            return [leaf for inner in part.subfigs for leaf in leaves(inner)] if part.subfigs else [part]

        return leaves(self.figure)

    def pixels(self):
        """The present frame as an (height, width, 4) uint8 view that the next call overwrites."""
        with style.context(self._rc):
            renderer = self.canvas.get_renderer()
            panels = self._panels()
            if self._background is None:
                self.figure.draw(renderer)
                changed = panels
            else:
                self.canvas.restore_region(self._background)
                changed = [panel for panel in panels if any(axes.stale for axes in panel.axes)]
                for panel in changed:
                    panel.draw(renderer)
            if changed:
                self._background = self.canvas.copy_from_bbox(self.figure.bbox)
            self._draw_moving(renderer)
        return np.asarray(self.canvas.buffer_rgba())

    def _draw_moving(self, renderer):
        for artist in sorted(self.picture.moving, key=lambda artist: artist.zorder):
            artist.draw(renderer)

    def quick(self, quality=QUALITY):
        """The present frame as JPEG bytes."""
        return _encoded(self.pixels(), "JPEG", quality=quality, subsampling=0)

    def fine(self):
        """The picture at rest, `style.SHARP` times as fine: pixels as an (height, width, 4) uint8 view, as above.

        Painted on a renderer that is kept. matplotlib's savefig makes one each time (9 MB), and a formula that it could
        not read at once (an exception, and so a ring of references) keeps it alive until Python next clears up.
        """
        self.pixels()  # first the kept background: after a full drawing nothing says any more what of it is stale
        with style.context(self._rc):
            self.figure.set_dpi(style.DPI * style.SHARP)
            try:
                if self._fine is None:
                    self._fine = RendererAgg(*np.rint(self.figure.bbox.size), self.figure.dpi)  # 819.999... is 820
                self.figure.draw(self._fine)  # white all over first
                self._draw_moving(self._fine)
            finally:
                self.figure.set_dpi(style.DPI)
        return np.asarray(self._fine.buffer_rgba())

    def forget(self):
        """Keep no pixels; the next frame makes them anew."""
        self._background = self._fine = None
        self.canvas = FigureCanvasAgg(self.figure)

    def sharp(self):
        """The picture at rest as lossless PNG bytes; not the smallest, but quickly made."""
        return _encoded(self.fine(), "PNG", compress_level=1)


def words(error):
    """What a reader is told of a move that failed: a ValueError speaks for itself."""
    return labels.said(f"{error}") if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def _encoded(pixels, form, **options):
    """(height, width, 4) uint8 pixels as the bytes of an image file."""
    height, width = pixels.shape[:2]
    file = io.BytesIO()
    Pixels.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1).convert("RGB").save(file, form, **options)
    return file.getvalue()
