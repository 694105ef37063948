"""Both editions say the same: the same cells, the same computation, the same numbers, formulas, links and marks.

The Chinese edition stands in notebooks/zh under the same names. What differs is language alone.
"""

import ast
import re
from collections import Counter

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tools.notebooks import MARKS, MARKS_ZH, NOTEBOOKS, all_notebooks, is_chinese, other_edition, read

CHINESE = [path for path in all_notebooks() if is_chinese(path)]
OWN = [path for path in CHINESE if path.stem != "10_what_stands"]  # that one is made from the others: tests/test_claims.py
CJK = re.compile(r"[\u3400-\u9fff]")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


def name(path):
    return path.relative_to(NOTEBOOKS).as_posix()


# ---------------------------------------------------------------- what must agree


def code_differs(english, chinese):
    """Where the computation of two sources differs, or None. Texts may differ where the Chinese one is Chinese."""

    def differ(one, two, at):
        if isinstance(one, ast.AST) and type(one) is type(two):
            if isinstance(one, ast.JoinedStr):
                return _strings_differ(one, two, at)
            if isinstance(one, ast.Call) and ast.unparse(one.func) == ast.unparse(two.func) == "style.apply":
                return None
            pairs = [(getattr(one, field), getattr(two, field)) for field in one._fields]
        elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
            pairs = list(zip(one, two, strict=True))
        elif isinstance(one, str) and isinstance(two, str):
            return None if one == two or CJK.search(two) else f"{at}: {one!r} became {two!r}"
        else:
            return None if one == two and type(one) is type(two) else f"{at}: {_told(one)} became {_told(two)}"
        at = f"line {one.lineno}" if hasattr(one, "lineno") else at
        return next((found for pair in pairs if (found := differ(*pair, at))), None)

    def _strings_differ(one, two, at):
        kept = {node.value for node in ast.walk(two) if isinstance(node, ast.Constant)}
        values = [Counter(_value(part, kept) for part in string.values if isinstance(part, ast.FormattedValue)) for string in (one, two)]
        words = ["".join(part.value for part in string.values if isinstance(part, ast.Constant)) for string in (one, two)]
        if values[0] != values[1]:
            return f"line {one.lineno}: {ast.unparse(one)} became {ast.unparse(two)}"
        same = words[0].split() == words[1].split() or CJK.search(words[1]) or not re.search("[A-Za-z]", words[0] + words[1])
        return None if same else f"line {one.lineno}: {words[0]!r} became {words[1]!r}"

    def _value(part, kept):
        """A value of a string, as text; words in it that the other language says otherwise are left out."""
        words = [node.value for node in ast.walk(part) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        nested = {ast.dump(node) for node in ast.walk(part) if isinstance(node, ast.JoinedStr)}
        text = ast.dump(part)
        for word in sorted({word for word in words if word not in kept or CJK.search(word)}, key=len, reverse=True):
            text = text.replace(repr(word), "'…'")
        return "".join(sorted(text)) if nested else text  # words around a value may stand before it or after it

    return differ(ast.parse(_python(english)), ast.parse(_python(chinese)), "line 1")


def _python(source):
    return "\n".join(line for line in source.splitlines() if not line.startswith("%"))


def _told(node):
    return ast.unparse(node) if isinstance(node, ast.AST) else repr(node)


def numbers(text, least=13):
    """Numbers that both editions write as digits: those from `least` on, and decimals. How often each."""
    plain = re.sub(r"\]\([^)]*\)", "]", text)  # addresses
    plain = re.sub(r"(?<=\d)\{,\}(?=\d)", ",", plain)
    found = (word.rstrip(",").replace(",", "") for word in NUMBER.findall(plain))
    return Counter(word for word in found if "." in word or int(word) >= least)


def formulas(text):
    """Formulas without the words in them, each with how often."""
    found = re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", text, re.S)
    return Counter(re.sub(r"\\(?:text|mathrm)\s*\{[^}]*\}|[\s，。]+", "", one or two).rstrip(",.") for one, two in found)


def addresses(text, chinese):
    """Targets of links between the notebooks and to files, as seen from the English edition."""
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return Counter(target.replace("../../", "../", 1) if chinese and target.startswith("../../") else target for target in found)


def prose_differs(english, chinese, first=False):
    """What of a text is not the same in the other language, in words; a list."""
    found = []
    for what, one, two in (
        ("numbers", numbers(english), numbers(chinese)),
        ("formulas", formulas(english), formulas(chinese)),
        ("links", addresses(english, False), addresses(chinese, True)),
        ("code", Counter(re.findall(r"`([^`]+)`", english)), Counter(re.findall(r"`([^`]+)`", chinese.replace("run.py lab zh", "run.py lab")))),
        ("headings", Counter(re.findall(r"^#+", english, re.M)), Counter(re.findall(r"^#+", chinese, re.M))),
        ("marks", Counter({m: english.count(f"**{m}**") for m in MARKS}), Counter({m: chinese.count(f"**{z}**") for m, z in zip(MARKS, MARKS_ZH, strict=True)})),
        ("folded parts", english.count("<details>"), chinese.count("<details>")),
    ):  # fmt: skip
        if what == "links" and first:  # the ways to the other edition
            one, two = (Counter({key: n for key, n in links.items() if "zh/" not in key and not key.startswith("../")}) for links in (one, two))
        if one != two:
            less, more = (one - two, two - one) if isinstance(one, Counter) else ({one}, {two})
            found.append(f"{what}: English alone has {list(less)}, Chinese alone has {list(more)}")
    return found


def said(cell):
    """The text that a cell's outputs hold."""
    texts = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(text for text in texts if "sliders:" not in text and "滑块" not in text)


def differences(english, chinese):
    """Every difference of two lists of cells, in words."""
    if [cell.cell_type for cell in english] != [cell.cell_type for cell in chinese]:
        return [f"{len(english)} cells against {len(chinese)}, or of other kinds"]
    found = []
    for number, (one, two) in enumerate(zip(english, chinese, strict=True)):
        if one.cell_type == "markdown":
            words = prose_differs(one.source, two.source, first=number in (0, len(english) - 1))
        else:
            words = [code] if (code := code_differs(one.source, two.source)) else []
            if numbers(said(one), least=0) != numbers(said(two), least=0):
                words.append(f"outputs: {said(one)!r} against {said(two)!r}")
        found += [f"cell {number}: {word}" for word in words]
    return found


# ---------------------------------------------------------------- the editions


@pytest.mark.parametrize("path", OWN, ids=name)
def test_the_editions_agree(path):
    assert other_edition(path).exists(), f"{name(path)} has no English edition"
    found = differences(read(other_edition(path)).cells, read(path).cells)
    assert not found, f"{name(path)}:\n" + "\n".join(found)


@pytest.mark.parametrize("path", CHINESE, ids=name)
def test_chinese_is_set_as_chinese(path):
    """Full-width punctuation after Chinese, a space between Chinese and Latin, no English sentence left."""
    wrong = []
    for number, cell in enumerate(read(path).cells):
        if cell.cell_type != "markdown":
            continue
        text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`]*`|\]\([^)]*\)|<[^>]*>|\*\*", " X ", cell.source, flags=re.S)
        text = re.sub(r" X ", "", text) if "X" not in cell.source else text
        for pattern, words in (
            (r"[\u4e00-\u9fff][,;:?!](?!\d)", "half-width punctuation"),
            (r"[\u4e00-\u9fff]\.(?=\s|$)", "half-width full stop"),
            (r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", "no space between Chinese and Latin"),
            (r"(?:\b[a-z]{2,}\b[ ,]+){7,}", "an English sentence"),
        ):
            wrong += [f"cell {number}: {words}: …{text[max(0, m.start() - 12) : m.end() + 12]!r}" for m in re.finditer(pattern, text)]
    assert not wrong, f"{name(path)}:\n" + "\n".join(wrong)


# ---------------------------------------------------------------- the tool


@pytest.mark.parametrize("english, chinese, words", [
    ("print('two')", "print('两个')", None),
    ("style.apply()", "style.apply('zh')", None),
    ("print(f'{a} of {b} pairs')", "print(f'共 {b} 对,其中 {a} 对')", None),
    ("x = 2  # two", "x = 2  # 二", None),
    ("x = 2", "x = 3", "2 became 3"),
    ("x = 2", "x = 2.0", "2 became 2.0"),
    ("load('rope-0')", "load('rope-1')", "'rope-0' became 'rope-1'"),
    ("print(f'{a:.2f} pairs')", "print(f'{a:.1f} 对')", "became"),
    ("print('two')", "print('zwei')", "'two' became 'zwei'"),
    ("f(1)\ng(2)", "f(1)", "became"),
])  # fmt: skip
def test_code_that_computes_something_else_is_found(english, chinese, words):
    found = code_differs(english, chinese)
    assert found is None if words is None else words in found


@pytest.mark.parametrize("english, chinese, words", [
    ("At 2,048 tokens it is 7.20.", "在 2,048 个词元处为 7.20。", None),
    ("Three of six (**computed here**).", "6 个中的 3 个（**当场计算**）。", None),
    ("At 2,048 tokens.", "在 2,047 个词元处。", "numbers"),
    ("$x_i$ and `pos`", "`pos` 与 $x_i$", None),
    ("$x_i$", "$x_j$", "formulas"),
    ("`pos`", "`position`", "code"),
    ("It is **published**.", "这是 **仅断言**。", "marks"),
    ("See [03](03_rope.ipynb).", "见 [03](04_position_interpolation.ipynb)。", "links"),
    ("## A", "### 甲", "headings"),
])  # fmt: skip
def test_prose_that_says_something_else_is_found(english, chinese, words):
    found = prose_differs(english, chinese)
    assert found == [] if words is None else words in found[0]


def test_a_changed_output_and_a_lost_cell_are_found():
    def code(text):
        return new_code_cell("print(x)", outputs=[new_output("stream", name="stdout", text=text)])

    one, two = [new_markdown_cell("a"), code("7 pairs")], [new_markdown_cell("甲"), code("8 对")]
    assert "cell 1: outputs: '7 pairs' against '8 对'" in differences(one, two)
    assert "2 cells against 1" in differences(one, two[:1])[0]
