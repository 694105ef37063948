"""The lecturer's pages: links, stops, settings and numbers, in both languages.

A stop names sliders and values. Here the live picture of that very cell is moved through them, and what the page puts
in quotation marks must stand on the picture. Every number of the marking key is computed a second time.
"""

import functools
import re

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.text import Text
from series import name_of, numbered, speaking
from test_editions import CJK, numbers

from helpers import configs, encodings, model, published, rope, scaling
from helpers.figures.trained_model import Race
from tools.notebooks import MARKS, MARKS_ZH, NOTEBOOKS, ROOT, read

FOLDER = ROOT / "teaching"
PAGES = {
    language: (FOLDER / name).read_text(encoding="utf-8")
    for language, name in (("en", "README.md"), ("zh", "README.zh-CN.md"))
}
LANGUAGES = pytest.mark.parametrize("language", PAGES)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)")
DRAG = re.compile(r"\*\*([^*]+)\*\* ([^*;；|]+?)(?=[;；|]|$)")
FIGURE = re.compile(r"(?<![\w.])−?\d[\d,]*\d(?:\.\d+)?|(?<![\w.])−?\d(?:\.\d+)?")
STOPS, MISTAKES, SHEET, SOURCES, SKIP = 1, 2, 3, 4, 5  # which second heading of a page, from 0

# ---------------------------------------------------------------- a page, taken apart


def section(page, number):
    return re.split(r"^## .*\n", page, flags=re.M)[1:][number]


def rows(text):
    """The cells of every row of the tables in `text`, heads and rules left out."""
    found = []
    for table in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        found += [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return found


def stops(page):
    return rows(section(page, STOPS))


def mistakes(page):
    return rows(section(page, MISTAKES))


def questions(page):
    """{number: (points, text)} of the exam sheet."""
    sheet = section(page, SHEET).split("\n### ")[0]
    parts = re.split(r"^\*\*(?:Question |第 )(\d+)(?: 题)?\*\*[ （(]+(\d+) (?:points|分)[)）][.。]", sheet, flags=re.M)[
        1:
    ]
    return {int(parts[at]): (int(parts[at + 1]), parts[at + 2].strip()) for at in range(0, len(parts), 3)}


def key(page):
    return {int(row[0]): row[1:] for row in rows(section(page, SHEET).split("\n### ")[1])}


def figures(text):
    """Every number that stands in `text`, links and code left out, as it is written."""
    text = re.sub(r"`[^`]*`", "", LINK.sub("", text))
    return [one.rstrip(",") for one in FIGURE.findall(text)]


def heading_ids(text):
    return {
        re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)
    }


def missing_link(target):
    """Why `target`, as written on a page, leads nowhere; None if it leads somewhere."""
    name, _, place = target.partition("#")
    path = (FOLDER / name).resolve()
    if not path.is_file():
        return f"{target}: no such file"
    places = (
        {f"cell-id={cell.id}" for cell in read(path).cells}
        if path.suffix == ".ipynb"
        else heading_ids(path.read_text(encoding="utf-8"))
    )
    return None if not place or place in places else f"{target}: no such place"


def row_links(row):
    return [target for cell in row for _, target in LINK.findall(cell)]


# ---------------------------------------------------------------- the live picture of a cell


def path_and_cell(target):
    name, _, cell = target.partition("#cell-id=")
    return (FOLDER / name).resolve(), cell


def explorer_of(target):
    path, cell = path_and_cell(target)
    ids = [one.id for one in read(path).cells]
    found = [explorer for number, explorer in numbered(path) if ids[number] == cell]
    assert len(found) == 1, f"{target}: {len(found)} live pictures in that cell"
    return found[0]


def readout(slider, value):
    """`value` as the slider shows it."""
    if hasattr(slider, "options"):
        return next(
            option[0] if isinstance(option, tuple) else option
            for option in slider.options
            if value in (option, option[-1])
        )
    return format(value, slider.readout_format)


def positions_of(slider):
    """{text: value} of every place where the slider can stand."""
    if hasattr(slider, "options"):
        values = [option[1] if isinstance(option, tuple) else option for option in slider.options]
    else:
        values = [slider.min + slider.step * step for step in range(round((slider.max - slider.min) / slider.step) + 1)]
        if isinstance(slider, widgets.FloatLogSlider):
            values = [slider.base**value for value in values]
        elif isinstance(slider, widgets.IntSlider):
            values = [int(value) for value in values]
    return {readout(slider, value): value for value in values}


def walk(target, words):
    """Move the picture at `target` through the settings in `words`. Returns all texts that it showed on the way."""
    explorer = explorer_of(target)
    drags = DRAG.findall(words)
    assert drags, f"{target}: no slider named in {words}"
    seen = []
    with speaking(path_and_cell(target)[0]):
        explorer.reset()
        names = {slider.description: slider for slider in explorer.sliders.values()}
        try:
            for name, values in drags:
                assert name in names, f"{target}: no slider {name}, but {', '.join(names)}"
                slider, (first, *others) = names[name], values.strip().split(" → ")
                assert readout(slider, slider.value) == first, (
                    f"{target}: {name} stands at {readout(slider, slider.value)}, not {first}"
                )
                places = positions_of(slider)
                seen += shown(explorer)
                for value in others:
                    assert value in places, f"{target}: {name} cannot be {value}"
                    slider.value = places[value]
                    assert explorer.error is None, f"{target}: {name} = {value}: {explorer.error}"
                    seen += shown(explorer)
        finally:
            explorer.reset()
    return seen


def shown(explorer):
    texts = explorer.picture.figure.findobj(Text)
    return [" ".join(text.get_text().split()) for text in texts if text.get_visible() and text.get_text().strip()]


def stands_on(words, seen):
    return any(re.search(rf"(?<![\d.]){re.escape(words)}(?![\d.])", text) for text in seen)


# ---------------------------------------------------------------- every number, a second time


def turned(q, k, distance, theta):
    return (q * np.conj(k) * np.exp(1j * distance * theta)).real


@functools.cache
def far_letters(method, steps):
    """(perplexity, % of the far letters) of a fine-tuned model of notebook 07."""
    run = next(
        one
        for one in model.measured("race")
        if (one["from"], one["method"], one["data"]) == ("rope-0", method, "mixture")
    )
    at = next(one for one in run["measured"] if one["step"] == steps)
    return np.exp(at["loss"]), Race.far(at, run)


def key_numbers():
    """{question: every number that its row of the marking key may hold}."""
    eight, hundred = rope.frequencies(8), 10_000.0
    wavelength = rope.wavelengths(eight)
    clamped = np.minimum(np.arange(192), 127)
    slow = int(np.flatnonzero(wavelength > 1000)[0])
    assert slow == len(eight) - 1 == rope.first_unfinished_pair(eight, 1000)
    q, k = 1 + 2j, 3 - 1j
    pair = rope.frequencies(4, 100)
    ntk, plain = scaling.ntk_aware(4, 100, 2), scaling.base_times_k(4, 100, 2)
    assert np.allclose(ntk, [1, 0.05]) and np.allclose(scaling.interpolate(4, 100, 2), [0.5, 0.05])
    first = rope.first_unfinished_pair(eight, 100)
    theta = rope.frequencies(128)
    query = np.random.default_rng(0).standard_normal(128)
    aimed = rope.rotate(query[None], rope.cis([700], theta, np.complex128))[0]
    reach = scaling.effective_length(128, 10_000, 8, 2048)
    wrong, right = np.outer(np.arange(8) // 4, [1.0])[:, 0], np.arange(8) / 4
    one = rope.rotate(np.array([[1.0, 0, 0, 0]]), rope.cis([1], rope.frequencies(4), np.complex128))[0]
    assert np.isclose(turned(q, k, 1, np.pi / 2), rope.score_curve([1, 2], [3, -1], 1, [np.pi / 2]))
    assert rope.first_unfinished_pair(theta, 2048) == 41 and 2 * 41 == 82 and 128 - 2 == 126
    return {
        1: [],
        2: [192 - 128, np.sum(clamped == 127), 0, 127],
        3: [],
        4: [*(f"{value:g}" for value in eight), f"{wavelength[3]:,.0f}", slow, f"{np.degrees(1000 * eight[3]):.1f}",
            f"{1000 * eight[3]:.0f}", f"{hundred ** (-1 / 8):.3f}", 2, f"{wavelength[2]:,.0f}"],
        5: [f"{(q * k.conjugate()).real:.0f}", f"{(q * k.conjugate()).imag:.0f}", f"{turned(q, k, 0, np.pi / 2):.0f}",
            *(f"{turned(q, k, distance, np.pi / 2):.0f}".replace("-", "−") for distance in (1, -1, 1003 - 1002)),
            f"{(q * k).real:.0f}", f"{(q * k).imag:.0f}", 1 * 3, 2, 0],
        6: [*(f"{value:g}" for value in pair), "0.5", "0.05", f"{scaling.ntk_base(4, 100, 2):.0f}", f"{plain[1]:.3f}",
            f"{pair[1] / plain[1]:.2f}", 2, f"{100 * 2}"],
        7: [first, f"{scaling.ntk_base(8, 10_000, 8):,.0f}", f"{scaling.effective_length(8, 10_000, 8, 100):.0f}",
            f"{scaling.ntk_scale_for_length(8, 10_000, 100, 800):.1f}", 800 // 100, 8 * 100, f"{10_000 * 8:,}"],
        8: [int(rope.score_curve(query, aimed, np.arange(4097), theta).argmax()), len(theta) - 1, "1,000",
            f"{np.cos(1000 * theta[63]):.3f}"],
        9: ["2,048", 8, 82, 126, f"{reach:,.0f}", f"{reach / 2048:.2f}",
            f"{published.REACH_LLAMA.value('suggested', 8):,}"],
        10: [f"{far_letters('direct', 1000)[1]:.1f}", f"{far_letters('pi', 1000)[1]:.1f}", 1, 26, f"{100 / 26:.1f}"],
        11: [*(f"{value:g}" for value in {*wrong, right[0], right[1], right[-1]}), int(np.sum(wrong == 0)), 4,
             len({float(value) for value in right})],
        12: [f"{one[0]:.3f}", f"{one[1]:.3f}", *(f"{value:.0f}" for value in one[2:])],
    }  # fmt: skip


def neighbours(base, k=1):
    return scaling.neighbour_distance(rope.frequencies(128, base) / k)


def stop_numbers():
    """{stop: numbers of its last column that stand on no picture as words}."""
    said = {
        cell.id: cell.outputs[0].text
        for cell in read(NOTEBOOKS / "07_trained_model.ipynb").cells
        if cell.id in ("cell-13", "cell-17")
    }
    direct = re.search(r"direct +\[(.*?)\]", said["cell-13"])[1].split()
    pi = re.search(r"PI *\[(.*?)\]", said["cell-17"])[1].split()
    parts, yarn, llama = (getattr(scaling, name)(128, 1e4, 4, 2048) for name in ("ntk_by_parts", "yarn", "llama3"))
    distances = [f"{scaling.neighbour_distance(theta):.2f}" for theta in (parts, yarn, llama)]
    needed = f"{scaling.ntk_scale_for_length(128, 1e4, 2048, 8192):.2f}"
    met = configs.MODELS["Qwen2.5 7B"]
    assert (met["rope_theta"], met["max_position_embeddings"]) == (1_000_000, 32768)
    return {
        4: [f"{neighbours(1e4):.2f}", f"{neighbours(1e8):.2f}"],
        8: [41, 63],
        9: [f"{neighbours(1e4, 4):.3f}", f"{neighbours(1e4, 8):.3f}"],
        10: [needed, 8.98],
        11: [*distances, needed, f"{scaling.neighbour_distance(scaling.ntk_aware(128, 1e4, 8.57)):.1f}"],
        12: [direct[0], direct[3], f"{float(pi[0]):.2f}", f"{float(pi[3]):.2f}"],
    }


def mistake_numbers():
    D = encodings.shift_inner_product(np.arange(100), 128)
    rise = int((np.diff(D) > 0).argmax())
    reach = scaling.effective_length(128, 1e4, 8, 2048) / 2048
    loss, letters = far_letters("direct", 1000)
    return {
        2: [rise, rise + 1],
        3: [f"{neighbours(1e4):.2f}", f"{neighbours(1e8):.2f}"],
        6: [f"{published.PI_TABLE_1.value('direct', 2048):.2f}", "2,048", "1,000", "4,096"],
        7: [f"{neighbours(1e4):.3f}", f"{neighbours(1e4, 4):.3f}"],
        8: [f"{reach:.2f}", f"{scaling.ntk_scale_for_length(128, 1e4, 2048, 16384):.1f}"],
        10: ["1,000", f"{loss:.2f}", f"{letters:.1f}"],
    }


# ---------------------------------------------------------------- the tests


@LANGUAGES
def test_every_link_leads_somewhere(language):
    page = PAGES[language]
    assert [] == [why for _, target in LINK.findall(page) if (why := missing_link(target))]
    assert all(len(text) > 3 or text == "中文" for text, _ in LINK.findall(page))
    if language == "zh":
        assert not re.search(r"\(\.\./notebooks/(?!zh/)", page)


@LANGUAGES
def test_one_text_leads_to_one_place(language):
    places = {}
    for text, target in LINK.findall(PAGES[language]):
        assert places.setdefault(text, target) == target, f"{text} leads to {places[text]} and to {target}"


def by_notebook(table):
    """The rows of a table of both pages, each with its notebook's name first in its id (conftest.py asks for it)."""
    found = [row for page in PAGES.values() for row in table(page)]
    links = [next(iter(row_links(row)), "") for row in found]
    return [pytest.param(row, id=f"{name_of(path_and_cell(link)[0])}, row {row[0]}") for row, link in zip(found, links, strict=True)]


@pytest.mark.parametrize("row", by_notebook(stops))
def test_a_stop_can_be_dragged_and_shows_what_is_said(row):
    (target,) = row_links(row)
    seen = walk(target, row[4])
    for words in re.findall("“(.*?)”", row[7]):
        assert stands_on(words, seen), f"{words} stands nowhere on the picture"


@pytest.mark.parametrize("row", by_notebook(mistakes))
def test_a_misconception_has_a_picture_that_can_be_set(row):
    (target,) = row_links(row)
    walk(target, LINK.sub("", row[2]))


@LANGUAGES
def test_there_are_as_many_as_promised(language):
    page = PAGES[language]
    assert [row[0] for row in stops(page)] == [str(number) for number in range(1, 14)]
    assert [row[0] for row in mistakes(page)] == [str(number) for number in range(1, 11)]
    assert [*questions(page)] == [*key(page)] == [*range(1, 13)]
    assert [row[0] for row in rows(section(page, SOURCES))] == [str(number) for number in range(1, 13)]
    assert len(rows(section(page, SKIP))) == 11
    assert "<!--" not in page, "something was still to be filled in"


@LANGUAGES
@pytest.mark.parametrize("path, column, fewest, most", [(45, 1, 6, 8), (90, 2, 11, 13)])
def test_the_minutes_of_a_path_fit(language, path, column, fewest, most):
    minutes = [int(row[column]) for row in stops(PAGES[language]) if row[column] != "–"]
    assert sum(minutes) <= path
    assert fewest <= len(minutes) <= most


@LANGUAGES
def test_a_question_of_a_stop_can_be_voted_on(language):
    for row in stops(PAGES[language]):
        answers = re.findall(r"\b([A-D]) ", row[5])
        assert answers == list("ABCD")[: len(answers)] and 2 <= len(answers) <= 4, row[5]
        assert re.match(r"[A-D]\b", row[7]) and row[7][0] in answers, row[7]
        assert not row[6].startswith(row[7][0]), f"{row[0]}: the usual answer is the right one"


@LANGUAGES
def test_a_misconception_has_one_mark(language):
    marks = MARKS if language == "en" else MARKS_ZH
    for row in mistakes(PAGES[language]):
        found = re.findall(r"\*\*(.*?)\*\*", row[3])
        assert len(found) == 1 and found[0] in marks, row[3]


@LANGUAGES
def test_the_key_gives_the_stated_points(language):
    page = PAGES[language]
    sheet, marking = questions(page), key(page)
    for number, (points, _) in sheet.items():
        given, counts, _half = marking[number]
        assert points == int(given) == sum(map(int, re.findall(r"\((\d)\)", counts))), f"question {number}"
    total = int(re.search(r"(\d+) (?:points|分)[,，]", section(page, SHEET))[1])
    assert sum(points for points, _ in sheet.values()) == total == 60
    groups = ((1, 4), (4, 8), (8, 11), (11, 13))
    sums = [sum(sheet[number][0] for number in range(*group)) for group in groups]
    last = section(page, SHEET).strip().splitlines()[-1]
    assert [int(one) for one in figures(re.sub(r"[(（].*?[)）]", "", last.split("Sum:")[-1].split("合计")[-1]))] == sums


@LANGUAGES
@pytest.mark.parametrize("number", range(1, 13))
def test_a_number_of_the_marking_key_is_computed(language, number):
    _, counts, half = key(PAGES[language])[number]
    computed = {str(value) for value in key_numbers()[number]}
    counts = re.sub(r"\(\d\)", "", counts)
    written = figures(counts)
    assert {one for one in written if one not in computed} == set()
    assert {one for one in figures(half) if one not in computed | {"0", "1", "2"}} == set()
    missing = computed - {*written, *figures(half)}
    assert not missing, f"not in the key: {missing}"


@LANGUAGES
def test_a_number_of_a_question_is_the_measured_one(language):
    text = questions(PAGES[language])[10][1]
    for method in ("direct", "pi"):
        perplexity, letters = far_letters(method, 1000)
        assert f"{perplexity:.2f}" in text and f"{letters:.1f} %" in text


@LANGUAGES
@pytest.mark.parametrize("which, column", [("stops", 7), ("mistakes", 3)])
def test_a_number_of_a_path_is_computed(language, which, column):
    table, computed = (stops, stop_numbers()) if which == "stops" else (mistakes, mistake_numbers())
    for row in table(PAGES[language]):
        mine = {str(value) for value in computed.get(int(row[0]), [])}
        words = re.sub("“.*?”", "", row[column])
        allowed = (
            mine | {one for values in (row[4 if which == "stops" else 2], row[5]) for one in figures(values)}
            if which == "stops"
            else mine
        )
        large = {one for one in figures(words) if "." in one or float(one.replace(",", "").replace("−", "-")) > 12}
        assert large <= allowed, f"{which} {row[0]}: {large - allowed}"
        assert mine <= set(figures(words)), f"{which} {row[0]}: {mine - set(figures(words))} not said"


def test_both_languages_have_the_same_links_and_numbers():
    ours = [
        [target for _, target in LINK.findall(PAGES[language]) if "/notebooks/" in target] for language in ("en", "zh")
    ]
    assert ours[0] == [target.replace("/zh/", "/") for target in ours[1]]
    for at in range(len(re.findall("^## ", PAGES["en"], re.M))):
        english, chinese = (section(PAGES[language], at) for language in ("en", "zh"))
        assert len(rows(english)) == len(rows(chinese))
        for one, two in zip(rows(english), rows(chinese), strict=True):
            assert numbers(" ".join(one)) == numbers(" ".join(two)), one[0]
        assert numbers(re.sub(r"^\|.*\|$", "", english, flags=re.M)) == numbers(
            re.sub(r"^\|.*\|$", "", chinese, flags=re.M)
        )
    assert re.findall(r"```.*?```", PAGES["en"], re.S) == re.findall(r"```.*?```", PAGES["zh"], re.S)
    for english, chinese in zip(stops(PAGES["en"]), stops(PAGES["zh"]), strict=True):
        assert english[:3] == chinese[:3] and english[7][0] == chinese[7][0]
        values = [[re.findall(r"[\d.,]+", drag) for _, drag in DRAG.findall(row[4])] for row in (english, chinese)]
        assert values[0] == values[1]


def test_the_chinese_page_is_set_as_chinese():
    text = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|<!--.*?-->", "", PAGES["zh"], flags=re.S)
    assert [] == re.findall(r"[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u3400-\u9fff]", text)
    assert [] == re.findall(r"[\u3400-\u9fff][,;:?!]|[\u3400-\u9fff]\.(?!\d)", text)
    assert CJK.search(text)


def test_the_pages_are_short():
    assert all(len(page.splitlines()) <= 220 for page in PAGES.values())


def test_the_bug_of_question_11_shows_where_the_key_says():
    pos, theta = np.arange(8), rope.frequencies(8)
    faulty, sound = np.outer(pos // 4, theta), np.outer(pos, theta / 4)
    assert np.allclose(faulty[[0, 4]], sound[[0, 4]]) and not np.allclose(faulty[1], sound[1])
    assert len(np.unique(faulty, axis=0)) == 2 and len(np.unique(sound, axis=0)) == 8
