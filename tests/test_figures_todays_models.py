"""The pictures of notebook 08 show what the settings, the methods, the temperature and the formats say."""

import json
import re

import numpy as np
import pytest

from helpers import configs, precision, rope, scaling
from helpers.figures import todays_models as pictures


def points(picture, name):
    return np.array(picture[name].get_data())


@pytest.mark.parametrize("model", configs.MODELS)
def test_settings_draws_the_turns_of_every_pair(model):
    picture = pictures.Settings(model=model, test_len=16384)
    read = configs.read(configs.MODELS[model], length=16384)
    plain = read.base ** (-np.arange(0, read.dim, 2) / read.dim)
    trained, reached = read.train_len * plain / (2 * np.pi), 16384 * read.theta / (2 * np.pi)
    shown = np.hstack([points(picture, "complete"), points(picture, "incomplete")])
    np.testing.assert_allclose(shown, [np.arange(plain.size), trained])
    assert (points(picture, "complete")[1] >= 1).all() and (points(picture, "incomplete")[1] < 1).all()
    new = [pair for pair in range(plain.size) if trained[pair] < 1 and reached[pair] > trained[pair] * 1.000001]
    assert list(points(picture, "new")[0]) == new
    np.testing.assert_allclose(points(picture, "new")[1], reached[new])
    assert points(picture, "known").shape[1] == plain.size - len(new)
    np.testing.assert_allclose(points(picture, "change")[1], read.theta / plain)
    told = [picture["value", row].get_text() for row in range(8)]
    assert told[0] == f"{read.dim} of {read.head_dim}" and told[-1] == f"{len(new)} pairs"


def test_settings_reads_what_is_pasted_and_says_what_is_wrong():
    mine = {"head_dim": 16, "rope_theta": 100.0, "max_position_embeddings": 32}
    picture = pictures.Settings(model="LLaMA 7B", config=json.dumps(mine))
    assert picture["value", 0].get_text() == "16 of 16" and picture["value", 2].get_text() == "32"
    with pytest.raises(ValueError, match="config must be JSON"):
        picture.update(config='{"head_dim": ')
    with pytest.raises(ValueError, match="factor is missing"):
        picture.update(config=json.dumps({**mine, "rope_scaling": {"type": "linear"}}))
    picture.update(config="  ")
    assert picture["value", 0].get_text() == "128 of 128"


def test_llama_3_promises_twice_what_its_scaling_covers():
    picture = pictures.Settings(model="Llama 3.1 8B", test_len=65536)
    assert points(picture, "new").size == 0
    picture.update(test_len=131072)
    assert points(picture, "new").shape[1] == 29


def test_methods_draws_each_and_how_far_yarn_is_from_itself():
    picture = pictures.Methods(train_len=4096, dim=64, base=50_000.0, k=8.0)
    theta = rope.frequencies(64, 50_000.0)
    for key in picture.methods:
        shown = scaling.frequencies(key, 64, 50_000.0, 8.0, 4096, 8 * 4096) / theta
        np.testing.assert_allclose(points(picture, key)[1], shown)
    ratio = scaling.yarn(64, 5e4, 8, 4096) / scaling.ntk_by_parts(64, 5e4, 8, 4096)
    np.testing.assert_allclose(points(picture, "ratio")[1], ratio)
    low, high = picture.ratio.get_ylim()
    assert low < ratio.min() and ratio.max() <= high


def test_what_the_notebook_says_of_the_two_yarns():
    for dim, k, most in ((128, 4, 1.8), (64, 32, 4.4)):
        ratio = scaling.yarn(dim, 1e4, k, 2048) / scaling.ntk_by_parts(dim, 1e4, k, 2048)
        assert round(ratio.max(), 1) == most


def test_entropy_against_its_definition_and_its_limits():
    score = np.random.default_rng(0).standard_normal((pictures.Sharpening.most, 32), dtype=np.float32)[:300].T.astype(float)
    weight = np.exp(1.5 * score)
    weight /= weight.sum(axis=1, keepdims=True)
    assert pictures.entropy(1.5, 300) == pytest.approx(-(weight * np.log(weight)).sum(axis=1).mean(), rel=1e-5)
    assert pictures.entropy(0.0, 300) == pytest.approx(np.log(300), rel=1e-6)
    # for many keys and a moderate spread: ln n - s²/2, the entropy of a Gaussian's exponential tilt
    assert pictures.entropy(0.7, 32768) == pytest.approx(np.log(32768) - 0.7**2 / 2, abs=0.01)
    np.testing.assert_allclose(pictures.weights(1.5, 300), -np.sort(-weight, axis=1)[:, :16], rtol=1e-5)


def test_sharpening_draws_three_ways_and_what_training_knew():
    picture = pictures.Sharpening(test_len=1024, train_len=256, spread=1.5, k=4.0)
    counts, plain = points(picture, "plain")
    assert list(counts) == [2**power for power in range(6, 16)]
    np.testing.assert_allclose(plain, [pictures.entropy(1.5, int(n)) for n in counts])
    squared = (1 + 0.1 * np.log(4)) ** 2
    np.testing.assert_allclose(points(picture, "yarn")[1], [pictures.entropy(1.5 * squared, int(n)) for n in counts])
    growth = np.maximum(np.log(counts) / np.log(256), 1)
    np.testing.assert_allclose(points(picture, "log")[1], [pictures.entropy(1.5 * g, int(n)) for n, g in zip(counts, growth, strict=True)])
    assert set(points(picture, "known")[1]) == {pictures.entropy(1.5, 256)}
    assert points(picture, ("here", "plain"))[1, 0] == pictures.entropy(1.5, 1024)
    assert points(picture, ("top", "yarn"))[1, 0] > points(picture, ("top", "plain"))[1, 0]


def test_a_spread_of_2_2_comes_back():
    squared = scaling.yarn_attention_factor(8) ** 2
    gaps = {spread: pictures.entropy(spread * squared, 4096) - pictures.entropy(spread, 512) for spread in (1.9, 2.2, 2.5)}
    assert gaps[1.9] > 0.2 and abs(gaps[2.2]) < 0.05 and gaps[2.5] < -0.2


def test_rounding_against_long_division_of_the_circle():
    theta, pos = rope.frequencies(64, 1e4), 1234
    made = pictures.rounding(pos, theta)
    right = np.column_stack([np.cos(pos * theta), np.sin(pos * theta)])

    def off(cos, sin):
        return np.hypot(cos - right[:, 0], sin - right[:, 1])

    whole = precision.rows(np.array([1234.0]), theta, "bfloat16")[0].reshape(2, -1)
    np.testing.assert_allclose(made["positions"], off(*whole))
    late = [precision.rounded(column, "bfloat16") for column in right.T]
    np.testing.assert_allclose(made["late"], off(*late))
    angle = pos * precision.rounded(theta, "bfloat16")
    np.testing.assert_allclose(made["frequencies"], off(np.cos(angle), np.sin(angle)))
    single = np.float32(pos) * theta.astype(np.float32)
    np.testing.assert_allclose(made["float32"], off(np.cos(single), np.sin(single)), rtol=1e-6, atol=1e-9)


def test_what_the_notebook_says_of_rounding():
    theta = rope.frequencies(128)
    token = 2 * np.sin(theta / 2)
    early = [int((pictures.rounding(pos, theta)["frequencies"] > token).sum()) for pos in (300, 1000)]
    assert early == [1, 45]
    for pos in (300, 4097, 123_457, 1_000_000):
        made = pictures.rounding(pos, theta)
        assert made["late"].max() < 0.003
        assert pos > 1_000 or made["frequencies"][0] < 1e-12
    assert 0.03 < pictures.rounding(1_000_000, theta)["float32"].max() < 0.06


def test_rounded_draws_the_five_ways_and_the_grey_part():
    picture = pictures.Rounded(pos=5000, dim=32, base=500.0)
    theta = rope.frequencies(32, 500.0)
    for name, error in pictures.rounding(5000, theta).items():
        np.testing.assert_allclose(points(picture, name)[1], np.maximum(error, 2e-9))
    outline = picture["token"].get_xy()[:16]
    np.testing.assert_allclose(outline[:, 1], np.abs(1 - np.exp(1j * theta)))


def test_what_is_told_of_settings():
    told = pictures.Settings(model="Llama 3.1 8B", test_len=131_072).told
    turns = 8192 * 5e5 ** (-np.arange(64) / 64) / (2 * np.pi)
    full, slowed = (turns >= 1).sum(), (turns < 4).sum()
    assert f"{full} of 64 pairs made a full turn in training; pairs with new angles by 131,072 tokens: {64 - full}." in told
    assert f"The scaling slows {slowed} of 64 pairs, by up to 8 times." in told
    told = pictures.Settings(config='{"head_dim": 16, "max_position_embeddings": 32, "rope_theta": 100.0}').told
    assert "Settings of your config.json: 16 of 16 components turn, base 100, trained on 32 tokens" in told
    assert "The scaling slows no pair." in told


def test_what_is_told_of_the_methods():
    told = pictures.Methods(train_len=4096, dim=64, k=8.0).told
    assert f"dynamic NTK (shipped) {1 / (8 * 8 - 7):.3g}; " in told and "PI 0.125; NTK-aware 0.125; " in told
    assert f"{(4096 * 1e4 ** (-np.arange(32) / 32) < 2 * np.pi).sum()} of 32 pairs made no full turn." in told
    assert "Pair 0 is slowed by: PI, NTK-fixed, NTK-mixed." in told
    ratio = scaling.yarn(64, 1e4, 8, 4096) / scaling.ntk_by_parts(64, 1e4, 8, 4096)
    assert f"at most {max(ratio):.2f} times as fast as written, at pair {list(ratio).index(max(ratio))}." in told


def test_what_is_told_of_attention_and_of_rounding():
    told = pictures.Sharpening(test_len=1024, train_len=256, spread=1.5, k=4.0).told
    score = np.random.default_rng(0).standard_normal((pictures.Sharpening.most, 32), dtype=np.float32)[:1024]
    for name, factor in (("as it is", 1), ("YaRN's factor", (1 + 0.1 * np.log(4)) ** 2), ("log n", 10 / 8)):
        weight = np.exp(1.5 * factor * score.astype(float))
        weight /= weight.sum(axis=0)
        spread, largest = -(weight * np.log(weight)).sum(axis=0).mean(), 100 * weight.max(axis=0).mean()
        assert f"{name} {spread:.2f} and {largest:.1f} %" in told
    told = pictures.Rounded(pos=1000).told
    theta = 1e4 ** (-np.arange(64) / 64)
    kept = precision.rounded(theta, "bfloat16")
    off = (2 * np.abs(np.sin(500 * (kept - theta))) >= 2 * np.sin(theta / 2)).sum()
    assert re.search(rf"frequencies in bfloat16 [\d.]+ and {off};", told) and off == 45
    told = pictures.Rounded(pos=1e6).told  # past the largest float16
    assert told.endswith("all in float16 no number at all and 64.")
