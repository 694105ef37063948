"""What a model's own settings say, against Hugging Face transformers and against formulas written once more."""

import copy
import itertools
import json
import math

import numpy as np
import pytest
from make_configs import STORED, computed

from helpers import configs, rope, scaling

SIZES = {"hidden_size": 2048, "num_attention_heads": 16, "max_position_embeddings": 65536}
LLAMA = {**SIZES, "rope_theta": 500_000.0}


def with_block(sizes=LLAMA, key="rope_scaling", **block):
    return {**sizes, key: block}


def settings():
    """(settings of one kind of layer, length): every public configuration, and every rule of every kind."""
    made = []
    for config in configs.MODELS.values():
        block = config.get("rope_parameters", {})
        layers = [part for part in block.values() if isinstance(part, dict)]
        made += [{**config, "rope_parameters": part} for part in layers] or [config]
    short, long = [1.0 + 0.01 * i for i in range(64)], [1.0 + 0.5 * i for i in range(64)]
    yarn = dict(type="yarn", factor=16.0, original_max_position_embeddings=4096)
    made += [
        with_block(rope_type="linear", factor=factor) for factor in (1.0, 2.5, 8)
    ] + [
        with_block(rope_type="dynamic", factor=factor) for factor in (1.0, 4.0)
    ] + [
        with_block(**{**yarn, **more})
        for more in (
            {}, {"beta_fast": 16.0}, {"beta_slow": 2.0}, {"beta_fast": 8, "beta_slow": 4}, {"truncate": False}, {"factor": None},
            {"attention_factor": 1.7}, {"mscale": 0.707, "mscale_all_dim": 1.2}, {"mscale": 0.707}, {"mscale_all_dim": 0.5},
            {"mscale": 1.0, "mscale_all_dim": 0}, {"attention_factor": None, "beta_fast": None},
        )
    ] + [
        with_block(rope_type="llama3", factor=32.0, low_freq_factor=1.0, high_freq_factor=high,
                   original_max_position_embeddings=original) for high, original in ((4.0, 8192), (2.0, 1024))
    ] + [
        with_block({**LLAMA, **beside}, rope_type=kind, short_factor=short, long_factor=long, **inside)
        for kind, beside, inside in (
            ("longrope", {"original_max_position_embeddings": 4096}, {}),
            ("su", {}, {"original_max_position_embeddings": 4096}),
            ("longrope", {}, {"original_max_position_embeddings": 4096, "attention_factor": 1.3}),
            ("longrope", {}, {"original_max_position_embeddings": 4096, "factor": 4.0}),
        )
    ] + [
        {**SIZES, "rope_parameters": {"rope_type": "default", "rope_theta": 20_000.0}},
        {**SIZES, "rope_parameters": {"rope_type": "yarn", "rope_theta": 20_000.0, "factor": 4.0, "partial_rotary_factor": 0.5,
                                      "original_max_position_embeddings": 2048}},
        {**LLAMA, "rope_scaling": None, "head_dim": None},
        {**LLAMA, "head_dim": 96}, {**LLAMA, "partial_rotary_factor": 0.25}, {**LLAMA, "rotary_dim": 64},
        {**SIZES, "rotary_pct": 0.5, "rotary_emb_base": 5000},
        {**with_block(type="linear", factor=2.0), "partial_rotary_factor": 0.375}, {"head_dim": 64, "max_position_embeddings": 512},
    ]  # fmt: skip
    return [(config, length) for config, length in itertools.product(made, (None, 4096, 4097, 100_000))]


def stored():
    return json.loads(STORED.read_text(encoding="utf-8"))["cases"]


def test_every_rule_as_transformers_has_it():
    cases = stored()
    assert len(cases) == len(settings()) > 100
    for (config, length), case in zip(settings(), cases, strict=True):
        found = configs.read(config, length)
        theta = np.append(found.theta[::3], found.theta[-1])
        message = f"{config}, length {length}"
        np.testing.assert_allclose(theta, case["theta"], rtol=3e-6, err_msg=message)
        assert found.attention_factor == pytest.approx(case["attention_factor"], rel=1e-7), message


def test_the_same_now_where_transformers_is_installed():
    pytest.importorskip("transformers")
    pytest.importorskip("torch")
    for config, length in settings():
        found, theirs = configs.read(config, length), computed(config, length)
        np.testing.assert_allclose(found.theta, theirs["theta"], rtol=3e-6, err_msg=f"{config}, length {length}")
        assert found.attention_factor == pytest.approx(theirs["attention_factor"], rel=1e-7)


def test_json_text_and_dictionary_are_the_same_and_left_alone():
    for name, config in configs.MODELS.items():
        before = copy.deepcopy(config)
        one, other = configs.read(config), configs.read(json.dumps(config))
        np.testing.assert_array_equal(one.theta, other.theta)
        assert repr(one) == repr(other), name
        assert config == before


def test_llama_3_by_hand():
    found = configs.read(configs.MODELS["Llama 3.1 8B"])
    theta = np.exp(-np.log(500_000) * np.arange(64) / 64)
    wavelength = 2 * math.pi / theta
    mix = np.clip((8192 / wavelength - 1) / 3, 0, 1)
    np.testing.assert_allclose(found.theta, theta * (mix + (1 - mix) / 8))
    assert (found.method, found.head_dim, found.dim, found.base, found.k) == ("llama3", 128, 128, 500_000, 8)
    assert (found.train_len, found.attention_factor, found.defaults) == (8192, 1.0, ())
    with pytest.raises(ValueError, match="read-only"):
        found.theta[0] = 1
    with pytest.raises(AttributeError):
        found.k = 2


def test_two_scales_of_deepseek():
    """The tables get the quotient; the square of the second one is for the scores."""
    found = configs.read(configs.MODELS["DeepSeek-V3"])
    assert found.attention_factor == 1.0 and found.dim == found.head_dim == 64
    assert scaling.yarn_attention_factor(40, 0.707, 1.2) == pytest.approx(
        (1 + 0.0707 * math.log(40)) / (1 + 0.12 * math.log(40))
    )


def test_the_long_list_from_one_token_beyond():
    phi = configs.MODELS["Phi-4-mini"]
    plain = 10_000.0 ** (-np.arange(0, 96, 2) / 96)
    for length, factors in ((None, 1), (4096, 1), (4097, np.array(phi["rope_scaling"]["long_factor"]))):
        np.testing.assert_allclose(configs.read(phi, length).theta, plain / factors)
    assert configs.read(phi).attention_factor == pytest.approx(math.sqrt(1 + math.log(32) / math.log(4096)))


def test_dynamic_keeps_its_base_up_to_the_trained_length():
    model = configs.MODELS["InternLM3 8B"]
    plain = rope.frequencies(128, 5e7)
    for length in (None, 100, 32768):
        np.testing.assert_array_equal(configs.read(model, length).theta, plain)
    base = 5e7 * (6 * 2 - 5) ** (128 / 126)
    np.testing.assert_allclose(configs.read(model, 65536).theta, base ** (-np.arange(64) / 64))


def test_each_kind_of_layer_is_read_and_named():
    found = configs.read(configs.MODELS["Gemma 3 4B"])
    assert list(found.layers) == ["sliding_attention", "full_attention"]
    near, far = found.layers.values()
    assert (near.method, near.base, near.k) == ("direct", 10_000, 1)
    assert (far.method, far.base, far.k) == ("pi", 1_000_000, 8)
    assert found.theta is far.theta
    assert "sliding_attention" in repr(found) and "full_attention" in found._repr_html_()


@pytest.mark.parametrize("config, taken", [
    ({"head_dim": 64, "max_position_embeddings": 512}, ["rope_theta = 10,000", "trained length = max_position_embeddings"]),
    (with_block(type="dynamic", factor=4.0), ["trained length = max_position_embeddings"]),
    (with_block(type="yarn", factor=4.0), ["original_max_position_embeddings = max_position_embeddings", "beta_slow = 1",
                                           "beta_fast = 32", "truncate = true", "attention_factor = 0.1 ln k + 1"]),
    (with_block(type="yarn", original_max_position_embeddings=4096, beta_fast=32, beta_slow=1, truncate=True,
                attention_factor=1.0), ["factor = max_position_embeddings / original_max_position_embeddings = 16"]),
])  # fmt: skip
def test_what_is_taken_as_default_is_listed(config, taken):
    found = configs.read(config)
    assert list(found.defaults) == taken
    assert all(one in repr(found) for one in taken)


LISTS = dict(short_factor=[1.0] * 64, long_factor=[2.0] * 64)
BAD = {
    "not JSON": ("{head_dim: 64}", "config must be JSON"),
    "too deep": ("[" * 100_000, "config must be JSON"),
    "not a dictionary": ([1, 2], r"config must be a dictionary, or JSON text of one; got config = \[1, 2\]"),
    "JSON of something else": ("[1, 2]", "config must be a dictionary"),
    "several models": ({"text_config": LLAMA}, "hand over its text_config"),
    "no factor": (with_block(type="linear"), "factor is missing; it must be a number of at least 1"),
    "factor below 1": (with_block(type="dynamic", factor=0.5), "factor must be a number of at least 1; got factor = 0.5"),
    "factor as text": (with_block(type="yarn", factor="4"), "factor must be a number of at least 1; got factor = '4'"),
    "factor true": (with_block(type="linear", factor=True), "factor must be a number of at least 1; got factor = True"),
    "unknown kind": (with_block(type="ntk", factor=2.0), "type must be one of default, linear, .*; got type = 'ntk'"),
    "kind not text": (with_block(rope_type=3, factor=2.0), "rope_type must be one of .*; got rope_type = 3"),
    "two kinds": (with_block(rope_type="yarn", type="linear", factor=2.0), "must not contradict each other; got 'yarn' and 'linear'"),
    "two blocks": ({**LLAMA, "rope_scaling": {"type": "linear", "factor": 2.0}, "rope_parameters": {"type": "linear", "factor": 4.0}},
                   "rope_parameters and rope_scaling must not contradict each other"),
    "block not a dictionary": ({**LLAMA, "rope_scaling": "linear"}, "rope_scaling must be a dictionary or null; got rope_scaling = 'linear'"),
    "scaling without a kind": (with_block(factor=2.0), "rope_type is missing, and there is scaling"),
    "list too short": (with_block(type="longrope", original_max_position_embeddings=4096, **{**LISTS, "long_factor": [1.0] * 63}),
                       "long_factor must be a list of 64 numbers, one for each pair that turns; got 63"),
    "list with zero": (with_block(type="su", original_max_position_embeddings=4096, **{**LISTS, "short_factor": [0.0] * 64}),
                       "short_factor must be a list of 64 numbers above 0"),
    "no list": (with_block(type="longrope", short_factor=[1.0] * 64), "long_factor is missing; it must be a list of 64 numbers"),
    "no dimension": ({"rope_theta": 10_000.0, "max_position_embeddings": 2048}, "head_dim is missing, and so is hidden_size"),
    "heads do not divide": ({**LLAMA, "num_attention_heads": 24}, "hidden_size must be a multiple of num_attention_heads; got 2048 and 24"),
    "odd part": ({**LLAMA, "partial_rotary_factor": 0.06}, "partial_rotary_factor must be such that an even number of components turns"),
    "part above 1": ({**LLAMA, "partial_rotary_factor": 1.5}, "partial_rotary_factor must be such that .* 2 to 128; 192 would"),
    "part below 0": ({**LLAMA, "rotary_pct": -0.5}, "rotary_pct must be a share, above 0 and at most 1; got rotary_pct = -0.5"),
    "part too large": ({**LLAMA, "rotary_dim": 130}, "rotary_dim must be such that .*; got rotary_dim = 130"),
    "base 1": ({**LLAMA, "rope_theta": 1.0}, "rope_theta must be a finite number greater than 1; got rope_theta = 1.0"),
    "near base 1": ({**LLAMA, "rope_local_base_freq": 1.0}, "rope_local_base_freq must be a finite number greater than 1"),
    "trained on one token": (with_block(type="longrope", original_max_position_embeddings=1, **LISTS),
                             "original_max_position_embeddings must be a finite number greater than 1"),
    "no length": ({"head_dim": 64}, "max_position_embeddings is missing"),
    "length 0": ({**LLAMA, "max_position_embeddings": 0}, "max_position_embeddings must be a finite number greater than 0"),
    "sections": (with_block(type="mrope", mrope_section=[16, 24, 24]), "multimodal sections"),
    "sections of a plain kind": (with_block(type="default", mrope_section=[16, 24, 24]), "multimodal sections"),
    "betas the wrong way": (with_block(type="yarn", factor=2.0, beta_fast=1, beta_slow=32), "beta_fast must be at least beta_slow = 32; got beta_fast = 1"),
    "limits the wrong way": (with_block(type="llama3", factor=8.0, low_freq_factor=4, high_freq_factor=1),
                             "high_freq_factor must be greater than low_freq_factor = 4"),
    "no limit": (with_block(type="llama3", factor=8.0, low_freq_factor=1), "high_freq_factor is missing"),
    "truncate as text": (with_block(type="yarn", factor=2.0, truncate="no"), "truncate must be true or false; got truncate = 'no'"),
    "two trained lengths": ({**with_block(type="yarn", factor=2.0, original_max_position_embeddings=1024),
                             "original_max_position_embeddings": 2048}, "must be one number; got 1024 in the block and 2048 beside it"),
    "layers and more": (with_block(key="rope_parameters", full_attention={"rope_type": "default"}, factor=2.0),
                        "dictionaries alone, one for each kind of layer"),
}  # fmt: skip


@pytest.mark.parametrize("config, words", BAD.values(), ids=list(BAD))
def test_bad_settings_are_refused_in_words(config, words):
    with pytest.raises(ValueError, match=words):
        configs.read(config)


@pytest.mark.parametrize("length", [0, -5, "4096", math.nan])
def test_a_bad_length_is_refused(length):
    with pytest.raises(ValueError, match="length must be a finite number greater than 0; got length"):
        configs.read(LLAMA, length)


def test_the_table_hides_no_text():
    found = configs.read({**LLAMA, "rope_scaling": {"type": "linear", "factor": 2.0}})
    page = found._repr_html_()
    assert "PI" in page and "500,000" in page and page.count("<tr>") == page.count("</tr>") == 9
    marked = configs.read({**LLAMA, "rope_<b>": "<i>", "rope_parameters": {"<u>": {"rope_type": "default"}}})
    page = marked._repr_html_()
    assert not any(tag in page for tag in ("<u>", "<i>", "rope_<b>")) and "&lt;u&gt;" in page and "rope_&lt;b&gt;" in page


def test_every_model_has_a_source():
    assert list(configs.SOURCES) == list(configs.MODELS)
    for repository, read in configs.SOURCES.values():
        assert len(repository.split("/")) == 2 and len(read) > 8


def test_two_bases_are_two_kinds_of_layers():
    """Gemma 3 and ModernBERT as they were published: the second base stands beside the first."""
    new = configs.MODELS["Gemma 3 4B"]
    old = {**new, "rope_parameters": None, "rope_theta": 1_000_000, "rope_local_base_freq": 10_000,
           "rope_scaling": {"factor": 8.0, "rope_type": "linear"}}
    assert repr(configs.read(old)) == repr(configs.read(new))
    bert = {"hidden_size": 768, "num_attention_heads": 12, "max_position_embeddings": 8192, "global_rope_theta": 160_000.0}
    found = configs.read({**bert, "local_rope_theta": 10_000.0}).layers
    for name, base in (("sliding_attention", 10_000.0), ("full_attention", 160_000.0)):
        np.testing.assert_allclose(found[name].theta, base ** (-np.arange(32) / 32))
        assert found[name].unused == ()
    only_near = configs.read({**bert, "global_rope_theta": None, "local_rope_theta": 500.0}).layers
    assert [one.base for one in only_near.values()] == [500, 10_000]
    assert "rope_theta = 10,000" in only_near["full_attention"].defaults
    both = configs.read({**new, "rope_local_base_freq": 500.0})
    assert both.layers["sliding_attention"].base == 10_000 and both.unused == ("rope_local_base_freq = 500.0",)
    alone = configs.read({**bert, "local_rope_theta": None})
    assert not alone.layers and alone.base == 160_000


@pytest.mark.parametrize("truncate", [True, False])
def test_equal_betas_of_kimi_k2(truncate):
    """One turn for both ends of the ramp: pairs before it stay, those after it get theta / k."""
    block = dict(type="yarn", factor=32.0, beta_fast=1.0, beta_slow=1.0, mscale=1.0, mscale_all_dim=1.0, truncate=truncate,
                 original_max_position_embeddings=4096)  # fmt: skip
    sizes = {"qk_rope_head_dim": 64, "max_position_embeddings": 131072, "rope_theta": 50_000.0}
    found = configs.read({**sizes, "rope_scaling": block})
    plain = 50_000.0 ** (-np.arange(32) / 32)
    done = plain * 4096 / (2 * np.pi) >= 1
    np.testing.assert_allclose(found.theta, np.where(done, plain, plain / 32))
    assert done.sum() == 20 and found.attention_factor == 1


def test_the_low_limit_of_llama_3_by_hand():
    block = dict(rope_type="llama3", factor=8.0, low_freq_factor=0.5, high_freq_factor=3.0,
                 original_max_position_embeddings=4096)  # fmt: skip
    theta = 500_000.0 ** (-np.arange(64) / 64)
    keep = np.clip((4096 * theta / (2 * np.pi) - 0.5) / 2.5, 0, 1)
    np.testing.assert_allclose(configs.read(with_block(**block)).theta, theta * (keep + (1 - keep) / 8))


@pytest.mark.parametrize("config, wanted", [
    ({"qk_rope_head_dim": 32, "head_dim": 192}, {"head_dim": 32, "dim": 32}),
    ({"rope_theta": 10_000.0, "rope_parameters": {"rope_type": "default", "rope_theta": 20_000.0}}, {"base": 20_000}),
    ({"hidden_size": None, "num_attention_heads": None, "n_embd": 512, "n_head": 8}, {"head_dim": 64}),
    ({"rope_scaling": {"type": "linear", "factor": 2.0, "original_max_position_embeddings": 4096}},
     {"k": 2, "train_len": 4096}),
    ({"rope_scaling": {"type": "longrope", "original_max_position_embeddings": 131072, "short_factor": [1.0] * 64,
                       "long_factor": [2.0] * 64}}, {"k": 1, "attention_factor": 1}),
    ({"rope_scaling": {"type": None, "factor": None}}, {"method": "direct"}),
    ({"rope_scaling": {"type": "default", "mrope_section": None}}, {"method": "direct"}),
])  # fmt: skip
def test_which_of_two_keys_counts(config, wanted):
    found = configs.read({**LLAMA, **config})
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize("block, beside, unused", [
    (dict(type="dynamic", factor=1.0, alpha=1000.0), {}, ["alpha = 1000.0"]),  # HunYuan stretches its base with it
    (dict(type="longrope", original_max_position_embeddings=4096, short_mscale=1.24, long_mscale=None,
          short_factor=[1.0] * 64, long_factor=[2.0] * 64), {}, ["short_mscale = 1.24"]),
    (dict(type="yarn", factor=4.0, attention_factor=1.0, mscale=1.0, finetuned=True), {}, ["finetuned = True"]),
    (dict(type="default", factor=8.0), {"rope_interleave": True, 3: 4}, ["rope_interleave = True", "factor = 8.0"]),
])  # fmt: skip
def test_keys_that_change_nothing_are_listed(block, beside, unused):
    found = configs.read({**with_block(**block), **beside})
    assert list(found.unused) == unused
    assert f"not used                {'; '.join(unused)}" in repr(found) and "not used" in found._repr_html_()


def test_no_public_configuration_has_an_unused_key():
    for name, config in configs.MODELS.items():
        found = configs.read(config)
        assert not any(one.unused for one in (found, *found.layers.values())) and "not used" not in repr(found), name
