"""The last page of the series, made from the marks that the notebooks carry: `python3 run.py claims`.

Writes `notebooks/10_what_stands.ipynb`. A test fails if it is not what the notebooks say now.
"""

import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools.notebooks import MAP, MARKS, MARKS_ZH, NOTEBOOKS, all_notebooks, dumps, is_chinese, normalise, other_edition, read  # noqa: E402

PAGE = NOTEBOOKS / "10_what_stands.ipynb"
PAGES = (PAGE, other_edition(PAGE))
DEFINED = ("### Four marks", "### 四种标记")  # the cell that defines the marks makes no claim
SHORT = {False: 45, True: 18}  # letters, not Chinese or so: a shorter sentence says too little alone ...
LEANS = re.compile(r"\W*((It|That|This|These|Those|So|Both|No|Yes|Then|And|But|They|He|The other)\b|[它这那]|所以|两者|不会|不一样|是的|但|他的)")
LONG = 340  # letters: ... then the sentence before it comes with it, if that is not more than this together

ENGLISH = {
    "title": "# 10 · See what stands\n\n**In one sentence:** you will be able to say of every claim of this series how well it is "
    "supported.\n\n**Needs:** the notebooks that you have read. **Time:** 10 minutes.\n\n1. How much of each.\n2. The claims.\n3. The sources, and where "
    "to read on.",
    "how much": "## How much of each\n\nEvery claim that is not obvious carried one of four [marks](00_start_here.ipynb). This page "
    "is made from them by a program, in the notebooks' own words: a sentence that leans on the one before it is clearer in its "
    "place, so each has a link.",
    "notebook": "notebook", "all": "all", "claims": "{count} claims", "map": "map", "papers": "## Papers",
    "posts": "Posts, pull requests and code are named where they are used.",
    "corrected": ("The usual telling is wrong, or too simple", "Where this series contradicts what is often said, its source article included."),
    "computed here": ("Shown by a cell", "Open the notebook, change the numbers, and see."),
    "published": ("Measured by others", "The source stands beside the claim, with how it was read."),
    "asserted": ("Said, and not shown", "Each of these is a question that somebody could answer. Why not you? Some were answered on the way: that new angles make a model fail is computed in [07](07_trained_model.ipynb), for three small models; that dynamic NTK kept state is published, [09](09_bug_hunt.ipynb), case 9."),
    "read on": """## Where to read on

- Vaswani et al., section 3.5, and the RoFormer paper, sections 3.2 to 3.4: short, and the source of nearly everything here.
- Su's blog in Chinese, kexue.fm 8265 (RoPE), 9675 (digits) and 9706 (mixed): by the author of RoPE, thought by thought.
- The YaRN paper, sections 3.1 to 3.4: how one method grew out of the others.
- Barbero et al.: what trained models do with fast and slow pairs. It answers what this series could only ask.
- Men et al.: how large the base must be for a length.""",
}  # fmt: skip
CHINESE = {
    "title": "# 10 · 看看哪些站得住\n\n**一句话：** 读完本篇，你能说出本系列每个论断的依据有多可靠。\n\n**预备：** 读过的各篇。**用时：** 10 分钟。\n\n"
    "1. 各有多少。\n2. 逐条看。\n3. 出处，以及接着读什么。",
    "how much": "## 各有多少\n\n论断只要不是一目了然，都带着四种[标记](00_start_here.ipynb)之一。本页由程序按这些标记生成，照录各篇笔记本的原话。"
    "有些句子要靠上文才明白，回到原处看更清楚，所以每句都附链接。",
    "notebook": "笔记本", "all": "合计", "claims": "{count} 条", "map": "地图", "papers": "## 论文",
    "posts": "帖子、pull request 和代码，在用到的地方注明。",
    "corrected": ("通常的说法有误，或过于简单", "在这些地方，本系列与常见的说法不同，也包括与本系列依据的文章不同。"),
    "computed here": ("有单元为证", "打开笔记本，改改数字，自己看看。"),
    "published": ("别人测过", "出处就写在论断旁边，并注明读的是原文还是转述。"),
    "asserted": ("有人说过，没有证据", "每一条都是一个等人回答的问题，何不由你来？有几条在后面已有答案：新角度使模型失效，[07](07_trained_model.ipynb) 在三个小模型上算出来了；动态 NTK 会保留状态，有公开的记录，见 [09](09_bug_hunt.ipynb) 的案例 9。"),
    "read on": """## 接着读什么

- Vaswani 等，第 3.5 节；RoFormer 论文，第 3.2 到 3.4 节：都很短，本系列的内容几乎全由此而来。
- 苏剑林的博客，kexue.fm 8265（RoPE）、9675（β 进制）和 9706（mixed）：RoPE 的作者亲笔，思路一步步写出。
- YaRN 论文，第 3.1 到 3.4 节：看一种方法怎样由别的方法发展而来。
- Barbero 等：训练好的模型怎样分别使用快的和慢的维度对。本系列只提了问题，答案在那里。
- Men 等：要读多长，底数至少得多大。""",
}  # fmt: skip
ORDER = ("corrected", "computed here", "published", "asserted")

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

@dataclass(frozen=True)
class Claim:
    mark: str
    notebook: str  # its file's stem
    cell: str  # the id of the cell that says it
    words: str  # markdown, one line


def claims(path):
    """Every claim of a notebook that carries a mark, in its own words and order."""
    found, before, marks_here = [], "", dict(zip(MARKS, MARKS_ZH if is_chinese(path) else MARKS, strict=True))
    for cell in read(path).cells:
        if cell.cell_type != "markdown" or any(title in cell.source for title in DEFINED):
            continue
        for block in _blocks(cell.source):
            sentences = _sentences(block)
            for place, sentence in enumerate(sentences):
                marks = [mark for mark, said in marks_here.items() if f"**{said}**" in sentence]
                found += [Claim(mark, path.stem, cell.id, _plain(_whole(sentence, before, place))) for mark in marks]
                before = before if "$$" in sentence else sentence
    return found


def _whole(sentence, before, place):
    """With the sentence before it, if it says too little alone. A block that begins with its mark judges the block before."""
    judges = any(sentence.startswith(f"**{mark}**") for mark in (*MARKS, *MARKS_ZH))
    chinese = bool(re.search(r"[\u4e00-\u9fff]", sentence))
    leans = place and (len(_bare(sentence)) < SHORT[chinese] or LEANS.match(sentence))
    together = (_plain(before) if judges else before) + ("" if chinese else " ") + sentence
    return together if before and (judges or leans) and len(together) < LONG else sentence


def _blocks(source):
    """Paragraphs, points of a list, rows of a table: without what makes them so, each in one line."""
    source = re.sub(r"^\|.*\|\n(?=\|[-| ]+\|$)", "", source, flags=re.M)  # a table's head claims nothing
    lines = [re.sub(r"^\s*(>|[-*] |\d+\. )\s*", r"\n", line) if re.match(r"\s*(>|[-*] |\d+\. )", line) else line
             for line in re.sub(r"</?(details|summary)>", "\n", source).splitlines()]  # fmt: skip
    lines = [f"\n{line.strip().strip('|').replace('|', ' · ')}\n" if line.startswith("|") else line for line in lines]
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", "\n".join(lines)) if block.strip()]


def _sentences(block):
    """Cut after a full stop, a question mark or a colon that ends one, but not inside brackets or a formula."""
    sentences, depth, formula, start = [], 0, False, 0
    for at, letter in enumerate(block):
        formula ^= letter == "$"
        depth += (letter in "([（") - (letter in ")]）")
        ends = letter in "。？！" or letter in ".?!" and block[at + 1 : at + 2] in ("", " ") and re.match(r"\s*(?:`|[\"'*(\[$]*[A-Z0-9]|$)", block[at + 1 :])
        if ends and depth <= 0 and not formula and not re.search(r"\b(?:al|e\.g|i\.e|vs|Fig)$", block[start:at]):
            sentences.append(block[start : at + 1].strip())
            start = at + 1
    return [sentence for sentence in (*sentences, block[start:].strip()) if sentence]


def _bare(sentence):
    return re.sub(r"[(（]?\*\*[^*]+\*\*[^)）]*[)）]?", "", sentence)


def _plain(words):
    words = re.sub(r"^#+ ", "", words).strip(" ·")
    return words[:-1] + {":": ".", "：": "。"}[words[-1]] if words[-1:] in (":", "：") else words


def sources(paths):
    """The papers that the notebooks name, as lines of markdown. KeyError for one that SOURCES does not know."""
    texts = {path.stem: "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown") for path in paths}
    named = {number: [stem for stem, text in texts.items() if number in text] for number in SOURCES}
    unknown = {number for text in texts.values() for number in re.findall(r"\b\d{4}\.\d{5}\b", text)} - set(SOURCES)
    if unknown:
        raise KeyError(f"SOURCES of tools/claims.py has no title for arXiv {', '.join(sorted(unknown))}")
    return [f"- {title}, arXiv {number}: {', '.join(_link(stem) for stem in named[number])}"
            for number, title in SOURCES.items() if named[number]]  # fmt: skip


def _link(stem, cell=None):
    return f"[{stem[:2]}]({stem}.ipynb{f'#cell-id={cell}' if cell else ''})"


def cells(page=PAGE):
    """The page's cells, markdown; page: that of one edition."""
    said = CHINESE if is_chinese(page) else ENGLISH
    paths = [path for path in all_notebooks(page.parent) if path.parent == page.parent and path.name != page.name]
    found = [claim for path in paths for claim in claims(path)]
    name = re.search(rf"\[([^\[]+) →\]\({paths[-1].name}\)", read(paths[-2]).cells[0].source)[1]
    ways = f"[← {name}]({paths[-1].name}) | [{said['map']}]({MAP})"
    other = other_edition(page)
    label = "English" if is_chinese(page) else "中文"
    yield ways + (f" | [{label}]({os.path.relpath(other, page.parent).replace(os.sep, '/')})" if other.parent.is_dir() else "")
    yield said["title"]
    words = dict(zip(MARKS, MARKS_ZH if is_chinese(page) else MARKS, strict=True))
    count, total = Counter((claim.notebook, claim.mark) for claim in found), Counter(claim.mark for claim in found)
    rows = [[_link(path.stem), *(count[path.stem, mark] for mark in ORDER)] for path in paths]
    table = [[said["notebook"], *(words[mark] for mark in ORDER)], ["---"] * 5, *rows, [said["all"], *(total[mark] for mark in ORDER)]]
    yield said["how much"] + "\n\n" + "\n".join("| " + " | ".join(map(str, row)) + " |" for row in table)
    for mark in ORDER:
        title, about = said[mark]
        lines = "\n".join(f"- {_link(one.notebook, one.cell)} {one.words}" for one in found if one.mark == mark)
        shown = f"<details><summary>{said['claims'].format(count=total[mark])}</summary>\n\n{lines}\n\n</details>"
        colon = "：" if is_chinese(page) else ": "
        yield f"## {title}{colon}{words[mark]}\n\n{about}\n\n{lines if mark == 'corrected' else shown}"
    yield said["papers"] + "\n\n" + "\n".join(sources(paths)) + "\n\n" + said["posts"]
    yield said["read on"]
    yield ways


def made(page=PAGE):
    """The page as a notebook in the normal form."""
    made = [nbformat.v4.new_markdown_cell(cell, id=f"stands-{number}") for number, cell in enumerate(cells(page))]
    notebook = nbformat.v4.new_notebook(cells=made)
    notebook.metadata = read(page.parent / MAP).metadata
    return normalise(notebook)


def main():
    for page in PAGES:
        page.write_text(dumps(made(page)), encoding="utf-8")
        print(f"wrote {page.relative_to(NOTEBOOKS)}")


if __name__ == "__main__":
    sys.exit(main())
