"""Whole sentences in Chinese: every word of a checker, and every refusal that a slider can reach."""

import ast
import re
from pathlib import Path

import pytest

from helpers import bugs, checks, labels
from helpers.painter import words

ROOT = Path(__file__).resolve().parents[1]
CJK = re.compile(r"[\u3400-\u9fff]")
MODULES = sorted((ROOT / "helpers" / "checks").glob("*.py"))


@pytest.fixture
def chinese():
    labels.use("zh")
    yield
    labels.use("en")


def sentences(path):
    """What a module says: its texts of several words, with {} where a value stands; no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    silent = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    silent |= {id(part) for string in strings for part in ast.walk(string) if part is not string}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        else:
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.search(r"[A-Za-z]", text) and " " in text.strip():
            yield text


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_everything_a_checker_says_has_a_translation(path, chinese):
    missing = [text for text in sentences(path) if not CJK.search(labels.said(text.replace("{}", "7")))]
    assert not missing, f"not in helpers/words/zh-sentences.json: {missing}"


def test_what_is_said_of_each_bug_has_a_translation(chinese):
    for bug in bugs.CASES:
        for text in (bug.hint, bug.cause):
            assert CJK.search(labels.said(text)), text


def test_every_translation_has_the_same_gaps_and_no_half_width_stop():
    for english, other in labels.SENTENCES["zh"].items():
        assert english.count("{}") == other.count("{}") and not re.search(r"[{}]", other.replace("{}", "")), english
        assert not re.search(r"[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff]\.(?!\.)", other), other


@pytest.mark.parametrize("english, other", [
    ("Every score is zero.", "所有得分都是零。"),
    ("The shape should be (3,); got (4,). Every score is zero.", "形状应为 (3,)；得到的是 (4,)。所有得分都是零。"),
    ("k must be an integer from 1 to 5; got k = 7", "k 必须是 1 到 5 的整数；现在 k = 7"),
    ("pair must be 0 to dim/2 - 1 = 31; got pair = 40", "维度对 pair 必须在 0 到 dim/2 - 1 = 31 之间；现在 pair = 40"),
    ("Nobody translated this.", "Nobody translated this."),
])  # fmt: skip
def test_a_sentence_is_found_by_its_shape(english, other, chinese):
    assert labels.said(english) == other
    labels.use("en")
    assert labels.said(english) == english


def test_checkers_and_refusals_speak_chinese(chinese, capsys):
    checks.tried(None)
    checks.right("Every score is zero.")
    assert capsys.readouterr().out == "… 还没有作答。请把上面的占位内容换成你的答案，再运行这个单元。\n✓ 所有得分都是零。\n"
    with pytest.raises(checks.NotYet) as caught:
        checks.expect(False, "Every score is zero.")
    assert caught.value._render_traceback_() == ["✗ 还不对。所有得分都是零。"]
    assert words(ValueError("factor is missing; it must be a number of at least 1")) == "缺少 factor；它必须是不小于 1 的数"
    assert words(TypeError("x")) == "TypeError: x"
