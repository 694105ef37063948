"""The last page of the series, made from the marks that the notebooks carry: `python3 run.py claims`.

Writes `notebooks/10_what_stands.ipynb`. A test fails if it is not what the notebooks say now.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools.notebooks import MAP, MARKS, NOTEBOOKS, all_notebooks, dumps, normalise, read  # noqa: E402

PAGE = NOTEBOOKS / "10_what_stands.ipynb"
DEFINED = "### Four marks"  # the cell that defines the marks makes no claim
SHORT = 45  # letters: a shorter sentence says too little alone, and the one before it comes with it ...
LEANS = re.compile(r"\W*(It|That|This|These|Those|So|Both|No|Yes|Then|And|But|They|He|The other)\b")  # ... as with these
LONG = 340  # letters: not more than this together

SAID = {
    "corrected": ("The usual telling is wrong, or too simple", "Where this series contradicts what is often said, its source article included."),
    "computed here": ("Shown by a cell", "Open the notebook, change the numbers, and see."),
    "published": ("Measured by others", "The source stands beside the claim, with how it was read."),
    "asserted": ("Said, and not shown", "Each of these is a question that somebody could answer. Why not you?"),
}  # fmt: skip

SOURCES = {
    "1705.03122": "Gehring et al., *Convolutional Sequence to Sequence Learning*",
    "1706.03762": "Vaswani et al., *Attention Is All You Need*",
    "1806.07572": "Jacot et al., *Neural Tangent Kernel*",
    "1810.04805": "Devlin et al., *BERT*",
    "1905.12173": "Bietti and Mairal, *On the Inductive Bias of Neural Tangent Kernels*",
    "1907.11692": "Liu et al., *RoBERTa*",
    "2004.05150": "Beltagy et al., *Longformer*",
    "2006.10739": "Tancik et al., *Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains*",
    "2010.04903": "Wang and Chen, *What Do Position Embeddings Learn?*",
    "2010.11929": "Dosovitskiy et al., *An Image is Worth 16x16 Words*",
    "2104.09864": "Su et al., *RoFormer*",
    "2108.12409": "Press et al., *Train Short, Test Long* (ALiBi)",
    "2203.16634": "Haviv et al., *Transformer Language Models without Positional Encodings Still Learn Positional Information*",
    "2205.01068": "Zhang et al., *OPT*",
    "2306.15595": "Chen et al., *Extending Context Window of Large Language Models via Positional Interpolation*",
    "2309.00071": "Peng et al., *YaRN*",
    "2310.05209": "Liu et al., *Scaling Laws of RoPE-based Extrapolation*",
    "2401.01325": "Jin et al., *LLM Maybe LongLM: Self-Extend LLM Context Window Without Tuning*",
    "2402.13753": "Ding et al., *LongRoPE*",
    "2405.14591": "Men et al., *Base of RoPE Bounds Context Length*",
    "2407.21783": "Grattafiori et al., *The Llama 3 Herd of Models*",
    "2410.06205": "Barbero et al., *Round and Round We Go! What makes Rotary Positional Encodings useful?*",
}

READ_ON = """## Where to read on

- Vaswani et al., section 3.5, and the RoFormer paper, sections 3.2 to 3.4: short, and the source of nearly everything here.
- Su's blog in Chinese, kexue.fm 8265 (RoPE), 9675 (digits) and 9706 (mixed): by the author of RoPE, thought by thought.
- The YaRN paper, sections 3.1 to 3.4: how one method grew out of the others.
- Barbero et al.: what trained models do with fast and slow pairs. It answers what this series could only ask.
- Men et al.: how large the base must be for a length."""


@dataclass(frozen=True)
class Claim:
    mark: str
    notebook: str  # its file's stem
    words: str  # markdown, one line


def claims(path):
    """Every claim of a notebook that carries a mark, in its own words and order."""
    found, before = [], ""
    for cell in read(path).cells:
        if cell.cell_type != "markdown" or DEFINED in cell.source:
            continue
        for block in _blocks(cell.source):
            sentences = _sentences(block)
            for place, sentence in enumerate(sentences):
                marks = [mark for mark in MARKS if f"**{mark}**" in sentence]
                found += [Claim(mark, path.stem, _plain(_whole(sentence, before, place))) for mark in marks]
                before = sentence
    return found


def _whole(sentence, before, place):
    """With the sentence before it, if it says too little alone. A block that begins with its mark judges the block before."""
    judges = sentence.startswith("**") and any(sentence.startswith(f"**{mark}**") for mark in MARKS)
    leans = place and (len(_bare(sentence)) < SHORT or LEANS.match(sentence))
    together = f"{before} {sentence}"
    return together if before and (judges or leans) and len(together) < LONG else sentence


def _blocks(source):
    """Paragraphs, points of a list, rows of a table: without what makes them so, each in one line."""
    lines = [re.sub(r"^\s*(>|[-*] |\d+\. )\s*", r"\n", line) if re.match(r"\s*(>|[-*] |\d+\. )", line) else line
             for line in re.sub(r"</?(details|summary)>", "\n", source).splitlines()]  # fmt: skip
    lines = [f"\n{line.strip().strip('|').replace('|', ' · ')}\n" if line.startswith("|") else line for line in lines]
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", "\n".join(lines)) if block.strip()]


def _sentences(block):
    """Cut after a full stop, a question mark or a colon that ends one, but not inside brackets or a formula."""
    sentences, depth, formula, start = [], 0, False, 0
    for at, letter in enumerate(block):
        formula ^= letter == "$"
        depth += (letter in "([") - (letter in ")]")
        ends = letter in ".?!" and block[at + 1 : at + 2] in ("", " ") and re.match(r"\s*(?:[\"'*(\[$]*[A-Z0-9]|$)", block[at + 1 :])
        if ends and depth <= 0 and not formula and not re.search(r"\b(?:al|e\.g|i\.e|vs|Fig)$", block[start:at]):
            sentences.append(block[start : at + 1].strip())
            start = at + 1
    return [sentence for sentence in (*sentences, block[start:].strip()) if sentence]


def _bare(sentence):
    return re.sub(r"\(?\*\*[^*]+\*\*[^)]*\)?", "", sentence)


def _plain(words):
    return re.sub(r"^#+ ", "", words).strip(" ·")


def sources(paths):
    """The papers that the notebooks name, as lines of markdown. KeyError for one that SOURCES does not know."""
    texts = {path.stem: "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown") for path in paths}
    named = {number: [stem for stem, text in texts.items() if number in text] for number in SOURCES}
    unknown = {number for text in texts.values() for number in re.findall(r"\b\d{4}\.\d{5}\b", text)} - set(SOURCES)
    if unknown:
        raise KeyError(f"SOURCES of tools/claims.py has no title for arXiv {', '.join(sorted(unknown))}")
    return [f"- {title}, arXiv {number}: {', '.join(_link(stem) for stem in named[number])}"
            for number, title in SOURCES.items() if named[number]]  # fmt: skip


def _link(stem):
    return f"[{stem[:2]}]({stem}.ipynb)"


def cells():
    """The page's cells, markdown."""
    paths = [path for path in all_notebooks() if path.parent == NOTEBOOKS and path != PAGE]
    found = [claim for path in paths for claim in claims(path)]
    name = re.search(rf"\[(.+) →\]\({paths[-1].name}\)", read(paths[-2]).cells[0].source)[1]
    ways = f"[← {name}]({paths[-1].name}) | [map]({MAP})"
    count = Counter((claim.notebook, claim.mark) for claim in found)
    rows = [f"| {_link(path.stem)} | " + " | ".join(str(count[path.stem, mark]) for mark in SAID) + " |" for path in paths]
    total = Counter(claim.mark for claim in found)
    table = "\n".join(
        [
            "| notebook | " + " | ".join(SAID) + " |",
            "|---" * (1 + len(SAID)) + "|",
            *rows,
            "| all | " + " | ".join(f"{total[mark]}" for mark in SAID) + " |",
        ]
    )
    yield ways
    yield (
        "# 10 · See what stands\n\n**In one sentence:** you will be able to say of every claim of this series how well it is supported.\n\n"
        "**Needs:** nothing. **Time:** 10 minutes.\n\n1. How much of each.\n2. The claims.\n3. The sources, and where to read on."
    )
    yield (
        "## How much of each\n\nEvery claim that is not obvious carried one of four [marks](00_start_here.ipynb). This page is made "
        "from them by a program, in the notebooks' own words: a sentence that leans on the one before it is clearer in its "
        f"place, so each has a link.\n\n{table}"
    )
    for mark, (title, words) in SAID.items():
        lines = "\n".join(f"- {_link(one.notebook)} {one.words}" for one in found if one.mark == mark)
        shown = f"<details><summary>{total[mark]} claims</summary>\n\n{lines}\n\n</details>"
        yield f"## {title}: {mark}\n\n{words}\n\n{lines if mark == 'corrected' else shown}"
    yield "## Papers\n\n" + "\n".join(sources(paths)) + "\n\nPosts, pull requests and code are named where they are used."
    yield READ_ON
    yield ways


def made():
    """The page as a notebook in the normal form."""
    made = [nbformat.v4.new_markdown_cell(cell, id=f"stands-{number}") for number, cell in enumerate(cells())]
    notebook = nbformat.v4.new_notebook(cells=made)
    notebook.metadata = read(NOTEBOOKS / MAP).metadata
    return normalise(notebook)


def main():
    PAGE.write_text(dumps(made()), encoding="utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    sys.exit(main())
