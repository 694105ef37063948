"""The checkers of notebook 08 accept right answers in any form and refuse the usual wrong ones."""

import numpy as np
import pytest

from helpers.checks import NotYet
from helpers.checks import todays_models as check


@pytest.mark.parametrize("answer", [(24, 4), [24.0, 4.0], np.array([24, 4])])
def test_a_quarter_turns_right(answer, capsys):
    check.a_quarter_turns(answer)
    assert "✓ 24 of 96 components turn, in 12 pairs; 4 of these" in capsys.readouterr().out


@pytest.mark.parametrize("answer, words", [
    ((96, 4), "whole head"), ((12, 4), "two components"), ((24, 8), "did make a full turn"), ((24, 5), "d the part"),
    ((25, 4), "rotary_pct"), (24, "two numbers"), ((24, 4, 1), "two numbers"),
])  # fmt: skip
def test_a_quarter_turns_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.a_quarter_turns(answer)


def theta_of(config, part=True, base="rope_theta", scale=True):
    head_dim = config["hidden_size"] // config["num_attention_heads"]
    dim = int(head_dim * (config.get("partial_rotary_factor", 1) if part else 1))
    block = config.get("rope_scaling") or {}
    k = block.get("factor", 1) if scale else 1
    return np.array([(config[base] if base else 1e4) ** (-2 * i / dim) / k for i in range(dim // 2)])


def test_frequencies_of_right(capsys):
    check.frequencies_of(theta_of)
    check.frequencies_of(lambda config: list(theta_of(config)))
    assert capsys.readouterr().out.count("✓") == 2


def whole_head_in_the_exponent(config):
    theta = theta_of(config, part=False)
    return theta[: int(theta.size * config.get("partial_rotary_factor", 1))]


@pytest.mark.parametrize("wrong, words", [
    (lambda config: theta_of(config, part=False), "partial factor"), (lambda config: theta_of(config, base=None), "rope_theta"),
    (lambda config: theta_of(config, scale=False), "linear is PI"), (whole_head_in_the_exponent, "in the exponent"),
    (lambda config: 1 / theta_of(config), "No scaling"), (lambda config: "x", "should be numbers"), (np.ones(64), "without calling it"),
])  # fmt: skip
def test_frequencies_of_wrong(wrong, words):
    with pytest.raises(NotYet, match=words):
        check.frequencies_of(wrong)


@pytest.mark.parametrize("answer", [("InternLM3 8B", 32768), ("InternLM3 8B", np.int64(50_000))])
def test_one_model_two_tables_right(answer, capsys):
    check.one_model_two_tables(answer)
    assert "✓ One token more" in capsys.readouterr().out


@pytest.mark.parametrize("answer, words", [
    (("InternLM3 8B", 32767), "one table at 32,767"), (("LLaMA 7B", 2048), "one table"), (("GPT-9", 5), "should be one of LLaMA 7B"),
    (("Phi-4-mini", 4096), "Find another"), (("LLaMA 7B", 0), "above 0"), (("LLaMA 7B", 1.5), "whole number"), ("LLaMA 7B", "a name of configs.MODELS"),
])  # fmt: skip
def test_one_model_two_tables_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.one_model_two_tables(answer)


def test_stubs_are_not_tried_yet(capsys):
    for stub in (check.a_quarter_turns, check.frequencies_of, check.one_model_two_tables):
        stub(None)
    check.frequencies_of(lambda config: None)
    assert capsys.readouterr().out.count("Not tried yet") == 4
