"""Pictures moved by messages: for a page whose Python runs in the browser, beside it, with no kernel and no widgets.

The page holds the sliders and asks; each answer is a frame as raw pixels, or the words why there is none. When a hand
rests, when a half-made picture grows, which move is dropped: the page decides that, as `helpers.live` does in Jupyter.
"""

from helpers import painter, style

_stage = {}  # the pictures by the page's own key


def build(key, picture_class, values):
    """Make a picture at these values, ready to be asked for frames."""
    _stage[key] = painter.Painter(picture_class(**values))
    _stage[key].pixels()  # the background, so that the first move is as quick as the others


def move(key, values):
    """The frame at these values. After a refusal the picture stands at the last good place."""

    def change():
        _stage[key].picture.update(**values)

    return _answer(key, change, refused=_stage[key].picture.update)


def more(key):
    """The frame with the next part of a picture that is computed while it is looked at."""
    return _answer(key, _stage[key].picture.more)


def fine(key):
    """The frame of a hand at rest, finer."""
    return _answer(key, lambda: None, frame=_stage[key].fine)


def _answer(key, change, frame=None, refused=None):
    """{"pixels": (height, width, 4) uint8 view or None, "words": "" or why, "unfinished": whether `more` has more,
    "told": what the picture shows, in words}."""
    pixels, words = None, ""
    try:
        change()
        pixels = (frame or _stage[key].pixels)()
    except Exception as error:
        words = painter.words(error)
        if refused and isinstance(error, ValueError):
            refused()
    picture = _stage[key].picture
    return {"pixels": pixels, "words": words, "unfinished": picture.unfinished, "told": picture.told}


def speak(language):
    """Words and looks of every picture built from now on, in this language."""
    style.apply(language)
