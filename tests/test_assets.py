"""The files in assets/ are what their command writes: the same bytes each time, every glyph there, no complaint."""

import re
import unicodedata
import zlib

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager, ft2font
from matplotlib.text import Text
from PIL import Image

from helpers import labels, style
from helpers.figures import rope as pictures
from tools import make_assets

FILES = ["2_rope_frequency.pdf", "2_rope_frequency.png", "2_rope_frequency_en.pdf", "2_rope_frequency_en.png"]
SOURCE = (  # the labels of the figure as its author wrote them
    "(a) (b) (c) 维度对索引 旋转频率 (对数刻度) 高频 (局部位置敏感) 低频 (全局依赖) 相对位置距离 注意力得分贡献 实部 Re 虚部 Im"
).split()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    make_assets.main(folder)
    return folder


def test_every_letter_of_the_chinese_font_stands_where_it_was_drawn():
    """A left side bearing that is not the outline's own moves a letter onto its neighbour."""
    font = TTFont(str(style._FONT))
    outlines, widths = font["glyf"], font["hmtx"]
    drawn = {name: outlines[name].xMin for name in font.getGlyphOrder() if hasattr(outlines[name], "xMin")}
    assert len(drawn) > 4000
    assert [name for name, left in drawn.items() if widths[name][1] != left] == []


def streams(path):
    """The parts of a PDF that are not fonts, unpacked: drawing commands and the tables from glyphs to characters."""
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", path.read_bytes(), re.S):
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            found.append(packed)
    return [part for part in found if part[:4] not in (b"\x00\x01\x00\x00", b"true", b"OTTO")]


def characters(path):
    """Every character that the fonts embedded in a PDF can be copied out as."""
    found = set()
    for part in streams(path):
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", part, re.S):
            for _, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
                found |= set(bytes.fromhex(text.decode()).decode("utf-16-be"))
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", part, re.S):
            for first, last, start, several in re.findall(rb"<(\w+)>\s*<(\w+)>\s*(?:<(\w+)>|\[([^\]]*)\])", block):
                if start:
                    one = int(start, 16)
                    found |= {chr(one + n) for n in range(int(last, 16) - int(first, 16) + 1)}
                for text in re.findall(rb"<(\w+)>", several):
                    found |= set(bytes.fromhex(text.decode()).decode("utf-16-be"))
    return found


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def words(picture):
    return [text.get_text() for text in picture.figure.findobj(Text) if text.get_text() and text.get_visible()]


def test_one_command_writes_four_files_and_says_nothing_else(tmp_path, capfd):
    made = make_assets.main(tmp_path / "new" / "folder")
    assert [path.name for path in made] == FILES
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == FILES
    assert capfd.readouterr() == ("", "")
    assert labels.language() == "en"


def test_the_same_bytes_each_time_and_no_date(fresh, tmp_path):
    for path in make_assets.main(tmp_path):
        data = path.read_bytes()
        assert data == (fresh / path.name).read_bytes(), path.name
        assert not re.search(rb"CreationDate|ModDate|tIME|Software|Matplotlib", data), path.name


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("pdf")])
def test_a_pdf_has_the_size_of_the_source_and_carries_its_fonts(fresh, name):
    data = (fresh / name).read_bytes()
    assert re.search(rb"/MediaBox \[ ?0 0 1008 288 ?\]", data)  # 14 x 4 inches
    fonts = re.findall(rb"/FontName /(?:[A-Z]{6}\+)?([\w-]+)", data)
    assert fonts and len(re.findall(rb"/FontFile2", data)) >= len(set(fonts))
    assert any(b"NotoSansSC" in font for font in fonts) == ("_en" not in name)


def test_the_chinese_figure_carries_the_labels_of_the_source(fresh):
    text = unicodedata.normalize("NFKC", " ".join(words(make_assets.frequencies("zh"))))
    missing = [word for word in SOURCE if word not in text]
    assert not missing
    printable = unicodedata.normalize("NFKC", "".join(characters(fresh / FILES[0])))
    assert set("".join(SOURCE)) <= set(printable)
    english = characters(fresh / FILES[2])
    assert set("pairindexfrequencydistancetokensrealimaginarypart") <= english
    assert not any(unicodedata.name(c, "").startswith("CJK") for c in english)


@pytest.mark.parametrize("language", labels.LANGUAGES)
def test_every_character_is_in_the_first_font_of_its_text(language):
    """Only the first family counts for a string with a formula, so the first family must have every character."""
    picture = make_assets.frequencies(language)
    for text in picture.figure.findobj(Text):
        font = ft2font.FT2Font(font_manager.findfont(text.get_fontproperties().get_family()[0]))
        plain = re.sub(r"\$[^$]*\$|\s", "", text.get_text())
        assert all(ord(c) in font.get_charmap() for c in plain), text.get_text()


def test_the_picture_is_the_one_of_the_notebook(fresh):
    picture = make_assets.frequencies("en")
    assert type(picture) is pictures.Frequencies and picture.values == picture.defaults
    source = {"positions": 128, "pos": 64, "dim": 64, "base": 10_000.0}
    assert picture.values == source | {"k": 1.0, "method": "direct"}
    assert "0.489°" in " ".join(words(picture))
    assert {pixels(fresh / name).shape for name in FILES if name.endswith("png")} == {(800, 2800, 3)}


@pytest.mark.parametrize(
    "english, text, complaint",
    [
        ("fast:\nhigh frequency\n(locally sensitive)", "\U00013000", "Glyph 77824"),
        ("frequency $\\theta_i$ (rad/token, log)", "\u5344 $\\theta$", "Glyph|substitut"),
    ],
)
def test_a_missing_glyph_stops_the_command(english, text, complaint, tmp_path, monkeypatch):
    assert english in labels.CHINESE
    monkeypatch.setitem(make_assets.SOURCE, english, text)
    with pytest.raises(RuntimeError, match=complaint):
        make_assets.main(tmp_path)


def test_a_font_log_line_stops_the_command(tmp_path, monkeypatch):
    settings = make_assets.pictures.style.rc
    monkeypatch.setattr(
        make_assets.pictures.style, "rc", lambda *a: {**settings(*a), "mathtext.fontset": "cm"}
    )
    with pytest.raises(RuntimeError, match="timestamp seems very low"):
        make_assets.main(tmp_path)


# ---------------------------------------------------------------- what is committed


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_there(name):
    assert (make_assets.FOLDER / name).is_file(), "run: python3 run.py assets"


@pytest.mark.pinned
@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("png")])
def test_a_committed_png_is_what_the_command_draws_now(fresh, name):
    saved, now = pixels(make_assets.FOLDER / name), pixels(fresh / name)
    assert saved.shape == now.shape
    off = np.abs(saved - now).max(axis=2)
    wrong = np.count_nonzero(off > 8)
    assert wrong < 1e-5 * off.size, f"{wrong} pixels differ by up to {off.max()}: run python3 run.py assets"


@pytest.mark.pinned
@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("pdf")])
def test_a_committed_pdf_draws_what_the_command_draws_now(fresh, name):
    # fonts are written in an order that depends on where they are installed
    assert sorted(streams(make_assets.FOLDER / name)) == sorted(streams(fresh / name)), "run: python3 run.py assets"
