"""Make the figures in assets/ from the picture classes that the notebooks show.

    python tools/make_assets.py [folder]

Writes 2_rope_frequency (Chinese labels) and 2_rope_frequency_en (English), each as PDF and PNG, to `folder`, by default
assets/. The same versions of matplotlib and the fonts give the same bytes: no file holds a time. Stops with an error,
and says why, if anything complains on the way: a warning, a missing glyph, a missing font.
"""

import logging
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from helpers import labels  # noqa: E402
from helpers.figures import rope as pictures  # noqa: E402

FOLDER = ROOT / "assets"
SIZE = (14.0, 4.0)  # inches, the size of the figure in the article
NAMES = {"2_rope_frequency": "zh", "2_rope_frequency_en": "en"}
SOURCE = {  # the Chinese figure says what its author wrote; in the notebooks the same picture has the letters of the text
    "pair index $i$": "维度对索引 $i$",
    "frequency $\\theta_i$ (rad/token, log)": "旋转频率 $\\theta_i$（对数刻度）",
    "fast:\nhigh frequency\n(locally sensitive)": "高频\n（局部位置敏感）",
    "slow:\nlow frequency\n(global dependence)": "低频\n（全局依赖）",
    "distance $|m-n|$ (tokens)": "相对位置距离 $|t_1-t_2|$",
    "$\\cos(\\theta_i\\,|m-n|)$": "注意力得分贡献",
    "$m=0$": "$t=0$",
    "squares: m = {pos:,}": "方块：t = {pos:,}",
}
METADATA = {  # nothing that changes from day to day
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


@contextmanager
def no_complaints():
    """Turn warnings, and what matplotlib and fontTools log at the level of a warning, into one error at the end."""
    lines = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())
    logs = [logging.getLogger(name) for name in ("matplotlib", "fontTools")]
    for log in logs:
        log.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    finally:
        for log in logs:
            log.removeHandler(handler)
    lines += [str(one.message) for one in caught]
    if lines:
        raise RuntimeError("while drawing: " + "; ".join(dict.fromkeys(lines)))


@contextmanager
def speaking(language):
    """Draw and save in this language. The language in use stays as it was."""
    before = labels.language()
    labels.use(language)
    try:
        yield
    finally:
        labels.use(before)


def frequencies(language):
    """The three-panel picture in this language, at the size of the file. The language in use stays as it was."""
    with speaking(language), mock.patch.dict(labels.CHINESE, SOURCE):
        figure = Figure(figsize=SIZE)
        FigureCanvasAgg(figure)
        return pictures.Frequencies(figure)


def main(folder=FOLDER):
    """Write all files into `folder`, which is made if it is not there. Returns their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, language in NAMES.items():
        with no_complaints(), speaking(language):  # fonts are looked up once more while saving
            picture = frequencies(language)
            for kind, metadata in METADATA.items():
                written.append(folder / f"{name}.{kind}")
                picture.save(written[-1], metadata=metadata)
    return written


if __name__ == "__main__":
    for made in main(*sys.argv[1:]):
        print(f"{made.name}: {made.stat().st_size / 1e3:.0f} kB")
