"""The last page says what the notebooks say, by their own marks."""

import re
from pathlib import Path

import nbformat
import pytest

from tools import claims
from tools.notebooks import MARKS, NOTEBOOKS, all_notebooks, dumps, other_edition, read

PATHS = [path for path in all_notebooks() if path.parent == NOTEBOOKS and path != claims.PAGE]


@pytest.mark.parametrize("page", claims.PAGES, ids=["English", "Chinese"])
def test_the_page_is_what_the_notebooks_say_now(page):
    assert dumps(claims.made(page)) == page.read_text(encoding="utf-8"), "run: python3 run.py claims"


def test_both_editions_claim_the_same():
    english, chinese = (
        [(one.notebook, one.mark) for path in PATHS for one in claims.claims(edition(path))] for edition in (Path, other_edition)
    )
    assert sorted(english) == sorted(chinese)


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_no_mark_is_lost(path):
    sources = [c.source for c in read(path).cells if c.cell_type == "markdown" and claims.DEFINED[0] not in c.source]
    for mark in MARKS:
        sentences = {(one.mark, one.words) for one in claims.claims(path)}
        marked = sum(text.count(f"**{mark}**") for text in sources)
        found = sum(1 for one, words in sentences if one == mark)
        twice = sum(words.count(f"**{mark}**") - 1 for one, words in sentences if one == mark)  # two in one claim
        assert found <= marked <= found + twice, (path.stem, mark)


def notebook(tmp_path, *cells):
    path = tmp_path / "03_words.ipynb"
    path.write_text(dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(cell) for cell in cells])), "utf-8")
    return path


@pytest.mark.parametrize("source, words", [
    ("One. Waves grow with 3.5 tokens a turn, from the first to the last (**asserted**). Two.",
     ["Waves grow with 3.5 tokens a turn, from the first to the last (**asserted**)."]),
    ("Curves fall for every head of the model, said Su. It does (**corrected**: by 2. Or 3.).",
     ["Curves fall for every head of the model, said Su. It does (**corrected**: by 2. Or 3.)."]),
    ("- first\n- second point, which is long enough to stand alone (**published**: Chen et al., Table 1)",
     ["second point, which is long enough to stand alone (**published**: Chen et al., Table 1)"]),
    ("| a | b |\n|---|---|\n| PI | is a line of the table that holds a claim (**published**) |",
     ["PI  ·  is a line of the table that holds a claim (**published**)"]),
    ("> The article says so.\n\n**corrected**: it does not.", ["The article says so. **corrected**: it does not."]),
    ("Nothing **bold** here, and (published) is no mark.", []),
])  # fmt: skip
def test_a_claim_is_a_sentence_that_can_be_read(source, words, tmp_path):
    found = claims.claims(notebook(tmp_path, source))
    assert [re.sub(" +", " ", one.words) for one in found] == [re.sub(" +", " ", one) for one in words]


def test_the_cell_that_defines_the_marks_claims_nothing(tmp_path):
    assert claims.claims(notebook(tmp_path, "### Four marks\n\n- **published**: a source says it.")) == []


def test_a_paper_without_a_title_is_named(tmp_path):
    with pytest.raises(KeyError, match="no title for arXiv 2999.99999"):
        claims.sources([notebook(tmp_path, "See arXiv 2999.99999.")])
