"""The Chinese edition's glossary says what its pictures and its notebooks say."""

import json
import re

import pytest

from tools.notebooks import MARKS, MARKS_ZH, NOTEBOOKS, all_notebooks, is_chinese, read

PAGE = (NOTEBOOKS / "zh" / "glossary.md").read_text(encoding="utf-8")
TERMS = re.findall(r"^\| (?!English)(\w.*?) \| (.*?) \|(.*)\|$", PAGE.split("## ")[0], re.M)
WORDS = json.loads((NOTEBOOKS.parent / "helpers" / "words" / "zh.json").read_text(encoding="utf-8"))


def labels(words):
    for english, chinese in words.items():
        yield from labels(chinese) if isinstance(chinese, dict) else [(english, chinese)]


def prose(chinese):
    paths = [path for path in all_notebooks() if is_chinese(path) is chinese]
    return "\n".join(cell.source for path in paths for cell in read(path).cells).lower()


PROSE = {chinese: prose(chinese) for chinese in (False, True)}


@pytest.mark.parametrize("english, chinese, symbol", TERMS, ids=[row[0] for row in TERMS])
def test_a_term_is_the_one_that_is_used(english, chinese, symbol):
    said = [label for key, label in labels(WORDS) if key == english]
    assert all(chinese in label for label in said), f"{english} is {chinese} here, and {said} in helpers/words/zh.json"
    for words, language in ((english, False), (chinese, True)):
        assert re.split(r" \(|（", words)[0].lower() in PROSE[language], f"{words}: in no notebook"
    for one in re.findall(r"\$(.*?)\$", symbol.replace(", ", "$, $")):
        assert one.lower() in PROSE[True], f"{one}: in no notebook"


def test_the_marks_are_those_of_the_notebooks():
    rows = re.findall(r"^\| (\w[\w ]*) \| (\w+) \|$", PAGE.split("## ")[1], re.M)[1:]
    assert rows == list(zip(MARKS, MARKS_ZH, strict=True))


def test_a_term_has_one_row():
    assert len(TERMS) > 40
    assert len({row[0] for row in TERMS}) == len(TERMS)
