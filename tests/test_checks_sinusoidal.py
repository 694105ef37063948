"""The checkers of notebook 02 refuse typical wrong answers and accept any right one."""

import numpy as np
import pytest

from helpers import encodings
from helpers.checks import NotYet
from helpers.checks import sinusoidal as check


@pytest.mark.parametrize("ask", [check.half_way, check.previous_token, check.lookalike])
def test_an_untouched_stub_is_only_told_so(ask, capsys):
    ask(None)
    assert "Not tried yet" in capsys.readouterr().out


def test_a_stub_function_is_only_told_so(capsys):
    check.previous_token(lambda dim: None)
    assert "Not tried yet" in capsys.readouterr().out


RIGHT = [
    (check.half_way, (56, 5600)),
    (check.half_way, [56.146, 5614.6]),
    (check.half_way, np.array([55.0, 5700.0])),
    (check.previous_token, lambda dim: encodings.shift_matrix(1, dim)),
    (check.previous_token, lambda dim: 3 * encodings.shift_matrix(-1, dim).T),
    (check.previous_token, lambda dim: encodings.shift_matrix(1, dim).tolist()),
    (check.lookalike, (0, 710)),
    (check.lookalike, [999, 289]),
    (check.lookalike, np.array([100, 810])),
]


@pytest.mark.parametrize("ask, answer", RIGHT)
def test_right_answers_pass(ask, answer, capsys):
    ask(answer)
    assert capsys.readouterr().out.startswith("✓")


def tilted(dim):
    """Peaks one token back, but leans on absolute positions too."""
    noise = np.random.default_rng(0).standard_normal((dim, dim))
    return encodings.shift_matrix(1, dim) + 1e-4 * noise


WRONG = [
    (check.half_way, (100, 10_000), "without its constant"),
    (check.half_way, (5615, 56), "other order"),
    (check.half_way, (56, 56), "solve"),
    (check.half_way, 56, "shape"),
    (check.half_way, "56", "numbers|shape"),
    (check.half_way, (np.nan, np.nan), "solve"),
    (check.previous_token, np.eye(32), "itself"),
    (check.previous_token, lambda dim: np.eye(dim), "looks at itself"),
    (check.previous_token, lambda dim: encodings.shift_matrix(-1, dim), "next one"),
    (check.previous_token, lambda dim: encodings.shift_matrix(2, dim), "not m - 1"),
    (check.previous_token, lambda dim: encodings.shift_matrix(1, 128), "shape"),
    (check.previous_token, lambda dim: np.zeros((dim, dim)), "zero"),
    (check.previous_token, lambda dim: np.full((dim, dim), np.nan), "finite"),
    (check.previous_token, tilted, "depends on m"),
    (check.lookalike, (0, 44), "apart"),
    (check.lookalike, (0, 355), "apart"),
    (check.lookalike, (0, 0), "same position"),
    (check.lookalike, (0, 1420), "0 to 999"),
    (check.lookalike, (-710, 0), "0 to 999"),
    (check.lookalike, (0, 2 * np.pi), "whole"),
    (check.lookalike, (0, np.nan), "whole"),
    (check.lookalike, 710, "two positions"),
]


@pytest.mark.parametrize("ask, answer, hint", WRONG)
def test_wrong_answers_get_a_hint(ask, answer, hint):
    with pytest.raises(NotYet, match=hint):
        ask(answer)
