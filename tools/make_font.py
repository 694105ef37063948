"""Make helpers/fonts/NotoSansSC-Regular-subset.ttf, the one font that every Chinese label is set in.

    python tools/make_font.py [path/to/NotoSansSC-Regular.otf]

Needs fonttools and, unless a path is given, the package pylopdf-fonts-zh-cn, which carries the static Regular
(SIL Open Font License 1.1). Keeps Latin, Greek, common punctuation, arrows and signs, and the 3 755 characters of
GB 2312 level 1: enough for a translator to write any ordinary label without coming back here; and what else the labels
have. Outlines are turned from
cubic to quadratic, because a TrueType font embeds in a PDF as text.
"""

import importlib.util
import sys
from pathlib import Path

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

HELPERS = Path(__file__).parent.parent / "helpers"
TARGET = HELPERS / "fonts" / "NotoSansSC-Regular-subset.ttf"


def characters():
    """Code points to keep."""
    level_1 = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    chinese = "".join(code.decode("gb2312", errors="ignore") for code in level_1)
    latin = "".join(map(chr, range(0x20, 0x7F))) + "".join(map(chr, range(0xA0, 0x180)))
    greek = "".join(map(chr, range(0x391, 0x3CA)))
    signs = "′″–—‘’“”…·×÷±−≤≥≠≈∞√∑∏∂∫→←↑↓↔⇒⌊⌋⟨⟩∈⊕⊗°‖²³¹½%‰、。,:;?!()【】《》「」~¥"
    full_width = "".join(map(chr, range(0xFF01, 0xFF5F)))
    said = (HELPERS / "words" / "zh.json").read_text(encoding="utf-8")
    return {ord(c) for c in chinese + latin + greek + signs + full_width + said if c.isprintable()}


# foundrytools does this too, but brings afdko and ufo2ft; otf2ttf keeps the side bearings of the old outlines.
def to_truetype(font):
    """Replace the CFF outlines of `font` by quadratic ones, in place."""
    glyphs, outlines = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    del font["CFF "]
    builder = FontBuilder(font=font)
    builder.isTTF = True
    builder.setupGlyf(outlines)
    builder.setupMaxp()
    font["maxp"].maxZones = 1
    advances = font["hmtx"].metrics.items()
    builder.setupHorizontalMetrics({name: (advance, outlines[name].xMin) for name, (advance, _) in advances})
    font.sfntVersion = "\000\001\000\000"


def main(source=None):
    if source is None:
        found = importlib.util.find_spec("pylopdf_fonts_zh_cn")
        if found is None:
            sys.exit("make_font: pip install pylopdf-fonts-zh-cn, or give the path of NotoSansSC-Regular.otf")
        source = Path(found.submodule_search_locations[0]) / "NotoSansSC-Regular.otf"
    options = subset.Options(layout_features=[], hinting=False, desubroutinize=True, name_IDs=["*"], notdef_outline=True)
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    to_truetype(font)
    TARGET.parent.mkdir(exist_ok=True)
    font["head"].created = font["head"].modified = 3_600_000_000  # seconds since 1904: the same file every time
    font.save(TARGET)
    print(f"{TARGET.name}: {len(font.getBestCmap())} characters, {TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
