"""The bugs of notebook 09: the notebook shows them as they are here, and what is called mended is right."""

import ast
import inspect
import textwrap

import nbformat
import numpy as np
import pytest

from helpers import bugs, configs, precision, rope, scaling
from tools.notebooks import NOTEBOOKS

CASES = [pytest.param(bug, id=bug.name) for bug in bugs.CASES]


def functions(path):
    """{name: source} of every function at the top of a notebook's cells."""
    found = {}
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef):
                    found[node.name] = ast.unparse(node)
    return found


@pytest.mark.parametrize("bug", CASES)
def test_the_notebook_shows_it_word_for_word(bug):
    shown = functions(NOTEBOOKS / "09_bug_hunt.ipynb")[bug.name]
    assert shown == ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(bug.broken))).body[0])
    lines = [line for line in inspect.getsource(bug.broken).splitlines() if line.strip()]
    assert 3 <= len(lines) <= 9


@pytest.mark.parametrize("bug", CASES)
def test_faulty_and_mended_differ_and_the_picture_shows_it(bug):
    assert inspect.signature(bug.broken) == inspect.signature(bug.mended)
    same = [np.shape(one) == np.shape(two) and np.allclose(one, two)
            for one, two in zip(bug.tries(bug.broken), bug.tries(bug.mended), strict=True)]  # fmt: skip
    assert not all(same)
    worst = 0
    for length in (64, 512, 4096, 32768):
        pos = length - 1 - np.arange(48)[::-1]
        right, faulty = (bug.scores(function, pos) for function in (bug.mended, bug.broken))
        assert right.shape == faulty.shape == (48,)
        worst = max(worst, np.abs(right - faulty).max())
    assert worst > 0.05


def test_names_reports_and_sources_are_all_there():
    assert len({bug.name for bug in bugs.CASES}) == len(bugs.CASES) == 15
    for bug in bugs.CASES:
        assert bug.report.endswith(".") and bug.cause.endswith(".") and bug.source and bug.hint[-1] in "?.)"


THETA, POS = rope.frequencies(128), np.array([0.0, 1, 7, 3000])
TURNS = rope.turns(THETA, 2048)
SHIPPED = configs.MODELS["DeepSeek-V3"]
WITNESSES = {  # each mended function against the helpers or a formula of its own
    "theta_of": lambda f: (f(64, 500.0), np.exp(-np.log(500) * np.arange(32) / 32)),
    "part_theta": lambda f: (
        f({"rope_theta": 1e4, "partial_rotary_factor": 0.25}, 96),
        configs.read({"head_dim": 96, "partial_rotary_factor": 0.25, "max_position_embeddings": 1}).theta,
    ),
    "attention_factor": lambda f: (
        [f({"factor": 8.0}), f({"factor": 8.0, "attention_factor": 1.5})],
        [configs.read({"head_dim": 64, "max_position_embeddings": 64, "rope_scaling": {"type": "yarn", "factor": 8.0, **more}})
         .attention_factor for more in ({}, {"attention_factor": 1.5})],
    ),
    "share_kept": lambda f: (
        f(TURNS, {"beta_fast": 16, "beta_slow": 2}) * THETA * 0.75 + THETA / 4,
        scaling.ntk_by_parts(128, 1e4, 4, 2048, 2, 16),
    ),
    "score_factor": lambda f: (
        f(40, 1.0, 1.0),
        configs.read(SHIPPED).attention_factor ** 2 * (1 + 0.1 * np.log(40)) ** 2,
    ),
    "by_parts": lambda f: (f(THETA, 4.0, TURNS), scaling.ntk_by_parts(128, 1e4, 4.0, 2048)),
    "dynamic_base": lambda f: (rope.frequencies(128, f(8192, 1e4, 128, 4.0, 2048)), scaling.dynamic_ntk(128, 1e4, 4.0, 2048, 8192)),
    "base_for": lambda f: (
        rope.frequencies(128, f(np.zeros((1, 2, 5000, 1)), 1e4, 128, 4.0, 2048)),
        scaling.dynamic_ntk(128, 1e4, 4.0, 2048, 5000),
    ),
    "frequencies_by_length": lambda f: (
        [theta := f(128, 1e4, 4.0, 2048), theta(9000), theta(100)][1:],
        [scaling.dynamic_ntk(128, 1e4, 4.0, 2048, 9000), THETA],
    ),
    "longrope_theta": lambda f: (
        [f(configs.MODELS["Phi-4-mini"], length) for length in (4096, 4097)],
        [configs.read(configs.MODELS["Phi-4-mini"], length).theta for length in (4096, 4097)],
    ),
    "query_and_keys": lambda f: (f(POS, lambda length: THETA / length)[1], rope.angles(POS, THETA / 3001)),
    "angles_of": lambda f: (f(POS, THETA, {"type": "dynamic", "factor": 2.0}), rope.angles(POS, THETA)),
    "ntk_angles": lambda f: (f(POS, 128, 1e4, 4.0), rope.angles(POS, scaling.ntk_aware(128, 1e4, 4.0))),
    "table_angles": lambda f: (f(POS, THETA), rope.angles(POS, THETA)),
    "turn": lambda f: (f(np.eye(4, 8), np.outer(POS, [1, 0.1, 0.01, 0.001])),
                       rope.rotate(np.eye(4, 8), rope.cis(POS, [1, 0.1, 0.01, 0.001], np.complex128))),
}  # fmt: skip


@pytest.mark.parametrize("bug", CASES)
def test_mended_is_right_by_a_second_witness(bug):
    given, wanted = WITNESSES[bug.name](bug.mended)
    np.testing.assert_allclose(given, wanted, rtol=1e-9, atol=1e-12)


def test_what_the_notebook_says_of_two_tests():
    """Distance alone finds case 14, distance 0 case 3; and the second would accuse the right code of case 5."""
    pos, by_distance, at_zero = np.arange(64), set(), set()
    for number, bug in enumerate(bugs.CASES, 1):
        here, there = (bug.scores(bug.broken, start + pos) for start in (0, 1000))
        by_distance |= set() if np.allclose(here, there, atol=1e-6) else {number}
        at_zero |= set() if np.isclose(here[-1], 1) else {number}
    assert (by_distance, at_zero) == ({14}, {3})
    assert bugs.CASES[4].scores(bugs.CASES[4].mended, pos)[-1] == pytest.approx(1.874, abs=1e-3)


def test_the_format_of_case_14():
    assert precision.rounded(257, "bfloat16") == 256
