"""A model's own settings, read: what its `config.json` does to positions.

Nothing is guessed in silence: a value that the settings leave out is taken as Hugging Face transformers takes it, and
listed in `defaults`; a key about positions that changes nothing here is listed in `unused`. What cannot be read is a
ValueError that names the key, its value and what is allowed.

Source: Hugging Face transformers, modeling_rope_utils.py (version 5.24.0; `tests/make_configs.py` compares).
Taught in notebook 08.
"""

import dataclasses
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from helpers import labels, rope, scaling, valid

# What files call a method, and what this series calls it.
KINDS = MappingProxyType({
    "default": "direct", "linear": "pi", "dynamic": "dynamic_ntk", "yarn": "yarn", "llama3": "llama3",
    "longrope": "longrope", "su": "longrope",
})  # fmt: skip
_BLOCKS = ("rope_parameters", "rope_scaling")
_BASES = ("rope_theta", "rotary_emb_base", "global_rope_theta")
_NEAR = ("rope_local_base_freq", "local_rope_theta")  # a second base, for layers that look at near tokens only
_PARTS = ("partial_rotary_factor", "rotary_pct")
_ORIGINAL, _LONGEST = "original_max_position_embeddings", "max_position_embeddings"


@dataclass(frozen=True, eq=False)
class Positions:
    """What settings say about positions; made by `read`.

    method: a key of `scaling.METHODS`. head_dim: components of a head; dim: how many of them turn, the first ones.
    base, k, train_len (tokens): as everywhere in the series. theta: float64 (dim/2,), rad/token, read-only.
    attention_factor: cos and sin are multiplied by it. defaults: what the settings left out, in words.
    unused: keys about positions that change nothing here, with their values; the model's own code may read them.
    layers: {name: Positions} where kinds of layers differ, else empty; the fields are then those of the last of them.
    """

    method: str
    head_dim: int
    dim: int
    base: float
    k: float
    train_len: float
    theta: np.ndarray
    attention_factor: float
    defaults: tuple = ()
    unused: tuple = ()
    layers: Mapping = field(default_factory=dict)

    def _rows(self):
        name = scaling.METHODS[self.method].name
        turns = rope.turns(rope.frequencies(self.dim, self.base), self.train_len)
        rows = {
            "method": name,
            "turned": f"{self.dim} of {self.head_dim} components, {self.dim // 2} pairs",
            "base": f"{self.base:,.10g}",
            "trained length": f"{self.train_len:,.10g} tokens",
            "scale k": f"{self.k:g}",
            "theta": f"{self.theta[0]:.4g} to {self.theta[-1]:.4g} rad/token",
            "full turns in training": f"{int((turns >= 1).sum())} of {self.dim // 2} pairs",
            "cos, sin times": f"{self.attention_factor:.6g}",
            "taken as default": "; ".join(self.defaults) or "nothing",
        }
        return {**rows, "not used": "; ".join(self.unused)} if self.unused else rows

    def __repr__(self):
        if self.layers:
            return "\n\n".join(f"{name}\n{one!r}" for name, one in self.layers.items())
        return "\n".join(f"{labels.said(name):24s}{labels.said(words)}" for name, words in self._rows().items())

    def _repr_html_(self):
        if self.layers:
            return "".join(f"<p><b>{html.escape(name)}</b></p>{one._repr_html_()}" for name, one in self.layers.items())
        left = 'style="text-align:left"'
        rows = ((labels.said(name), html.escape(labels.said(words))) for name, words in self._rows().items())
        return f"<table>{''.join(f'<tr><th {left}>{name}</th><td {left}>{words}</td></tr>' for name, words in rows)}</table>"


def read(config, length=None):
    """What a model's settings say about positions.

    config: a dictionary or JSON text: a whole `config.json`, or the part that matters. Both the older keys
        (`rope_scaling` beside `rope_theta`) and the newer ones (all in `rope_parameters`) are understood, with kinds
        default, linear, dynamic, yarn, llama3 and longrope (also called su), and a dictionary for each kind of layer.
        A second base, as Gemma 3 and ModernBERT were published with, makes two kinds of layers too.
    length: tokens of the text, or None for a text that is not longer than in training. Two kinds look at it:
        dynamic recomputes its base beyond the trained length, longrope takes its long list there.
    Returns `Positions`. Raises ValueError for settings that cannot be read; the words name the key.
    Source: Hugging Face transformers, modeling_rope_utils.py. Notebook 08.
    """
    config = _settings(config)
    if length is not None:
        length = valid.positive("length", length)
    config, block = _near_and_far(config, _block(config))
    named = {name: part for name, part in block.items() if isinstance(part, Mapping)}
    if not named:
        return _one(config, block, length)
    plain = {name: part for name, part in block.items() if name not in named and part is not None}
    if plain:
        valid.fail(f"the block for {', '.join(named)}", "dictionaries alone, one for each kind of layer", plain)
    layers = {name: _one(config, part, length) for name, part in named.items()}
    return dataclasses.replace(list(layers.values())[-1], layers=MappingProxyType(layers))


# --- the parts of a configuration ---------------------------------------------------------------------------------


def _settings(config):
    if isinstance(config, (str, bytes)):
        try:
            config = json.loads(config)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"config must be JSON, the text of a config.json; {error}") from None
    if not isinstance(config, Mapping):
        valid.fail("config", "a dictionary, or JSON text of one", config)
    if isinstance(config.get("text_config"), Mapping):
        raise ValueError("config must be that of a language model; this one holds several models: hand over its text_config")
    return config


def _block(config):
    """The dictionary that tells how positions are scaled; empty if there is none."""
    found = {}
    for key in _BLOCKS:
        block = config.get(key)
        if block is None:
            continue
        if not isinstance(block, Mapping):
            valid.fail(key, "a dictionary or null", block)
        found[key] = dict(block)
    if len(found) == 2 and found[_BLOCKS[0]] != found[_BLOCKS[1]]:
        raise ValueError("rope_parameters and rope_scaling must not contradict each other; got both, and they differ")
    return next(iter(found.values()), {})


def _near_and_far(config, block):
    """Two kinds of layers where the settings hold two bases; the scaling is for those that see the whole text."""
    near = {key: config[key] for key in _NEAR if config.get(key) is not None}
    if not near or any(isinstance(part, Mapping) for part in block.values()):
        return config, block
    config = {key: value for key, value in config.items() if key not in _NEAR}
    return config, {"sliding_attention": near, "full_attention": block}


def _kind(block):
    kinds = {key: block[key] for key in ("rope_type", "type") if block.get(key) is not None}
    given = {key for key, value in block.items() if value is not None}
    for key, kind in kinds.items():
        if kind == "mrope" or "mrope_section" in given:
            raise ValueError(f"{key} must be one of {', '.join(KINDS)}; multimodal sections (mrope) are not covered")
        if not isinstance(kind, str) or kind not in KINDS:
            valid.fail(key, f"one of {', '.join(KINDS)}", kind)
    methods = {KINDS[kind] for kind in kinds.values()}
    if len(methods) > 1:
        raise ValueError(f"rope_type and type must not contradict each other; got {kinds['rope_type']!r} and {kinds['type']!r}")
    if "mrope_section" in given:
        raise ValueError("mrope_section must not be there: multimodal sections are not covered")
    if not methods and given & {"factor", "short_factor", "long_factor", "low_freq_factor", "beta_fast"}:
        raise ValueError(f"rope_type is missing, and there is scaling: it must be one of {', '.join(KINDS)}")
    return methods.pop() if methods else "direct"


class _Reader:
    """Numbers of one configuration by their keys, and a list of those that were not there."""

    def __init__(self, config, block):
        self.config, self.block, self.defaults, self.known = config, block, [], {"rope_type", "type", *_BLOCKS}

    def find(self, *keys):
        """(key, value) of the first that is there and not null, in the block first; None if none is."""
        self.known.update(keys)
        for place in (self.block, self.config):
            for key in keys:
                if place.get(key) is not None:
                    return key, place[key]
        return None

    def number(self, keys, default=None, words="a finite number greater than 0", **bounds):
        keys = (keys,) if isinstance(keys, str) else keys
        found = self.find(*keys)
        if found is None:
            if default is None:
                raise ValueError(f"{keys[0]} is missing; it must be {words}")
            self.defaults.append(f"{keys[0]} = {default:,g}")
            return float(default)
        return valid.real(*found, words, **(bounds or {"above": 0.0}))

    def unused(self):
        """Keys of the block, and those beside it that are about rotation by their name, for which nobody asked."""
        beside = {key: value for key, value in self.config.items() if "rope" in str(key) or "rotary" in str(key)}
        left = {key: value for key, value in {**beside, **self.block}.items() if key not in self.known}
        return tuple(f"{key} = {str(value)[:40]}" for key, value in left.items() if value is not None)

    def whole(self, key):
        """A whole number of at least 1, or None if it is not there."""
        found = self.find(key)
        return None if found is None else valid.integer(*found, 1)


def _head_dim(reader):
    for key in ("qk_rope_head_dim", "head_dim"):  # the first: only these components are a head, as far as positions go
        size = reader.whole(key)
        if size is not None:
            return size
    hidden = reader.whole("hidden_size") or reader.whole("n_embd")
    heads = reader.whole("num_attention_heads") or reader.whole("n_head")
    if hidden is None or heads is None:
        raise ValueError("head_dim is missing, and so is hidden_size or num_attention_heads, from which it follows")
    if hidden % heads:
        raise ValueError(f"hidden_size must be a multiple of num_attention_heads; got {hidden} and {heads}")
    return hidden // heads


def _dim(reader, head_dim):
    """How many components turn."""
    given = reader.whole("rotary_dim")
    part = reader.find(*_PARTS)
    if given is None and part is None:
        dim = head_dim
    elif given is not None:
        dim = given
    else:
        dim = int(head_dim * valid.real(*part, "a share, above 0 and at most 1", above=0.0))
    if dim > head_dim or dim < 2 or dim % 2:
        key = "rotary_dim" if given is not None else part[0] if part else "head_dim"
        value = given if given is not None else part[1] if part else head_dim
        valid.fail(key, f"such that an even number of components turns, 2 to {head_dim}; {dim} would", value)
    return dim


def _one(config, block, length):
    method, reader = _kind(block), _Reader(config, block)
    head_dim = _head_dim(reader)
    dim = _dim(reader, head_dim)
    bases = _BASES + tuple(key for key in _NEAR if key in block)
    base = reader.number(bases, 10_000.0, "a finite number greater than 1", above=1.0)
    longest = reader.number(_LONGEST) if method in ("direct", "pi", "dynamic_ntk") or reader.find(_LONGEST) else None
    make = {"direct": _direct, "pi": _linear, "dynamic_ntk": _dynamic, "yarn": _yarn, "llama3": _llama3,
            "longrope": _longrope}[method]  # fmt: skip
    k, train_len, theta, factor = make(reader, dim, base, longest, length)
    theta.flags.writeable = False
    return Positions(method, head_dim, dim, base, k, train_len, theta, factor, tuple(reader.defaults), reader.unused())


def _factor(reader):
    return reader.number("factor", words="a number of at least 1", at_least=1.0)


def _original(reader, longest):
    """The trained length: inside the block or beside it; else, as transformers does, the longest."""
    inside, beside = (place.get(_ORIGINAL) for place in (reader.block, reader.config))
    if inside is not None and beside is not None and inside != beside:
        raise ValueError(f"{_ORIGINAL} must be one number; got {inside} in the block and {beside} beside it")
    if reader.find(_ORIGINAL):
        return reader.number(_ORIGINAL, words="a finite number greater than 1", above=1.0)
    if longest is None:
        raise ValueError(f"{_ORIGINAL} is missing, and so is {_LONGEST}, which would stand for it")
    reader.defaults.append(f"{_ORIGINAL} = {_LONGEST}")
    return longest


def _promised(reader, longest):
    """The trained length of settings that do not tell it: the longest text they allow."""
    if reader.find(_ORIGINAL):
        return reader.number(_ORIGINAL)
    reader.defaults.append(f"trained length = {_LONGEST}")
    return longest


def _direct(reader, dim, base, longest, length):
    return 1.0, _promised(reader, longest), rope.frequencies(dim, base), 1.0


def _linear(reader, dim, base, longest, length):
    k = _factor(reader)
    return k, _promised(reader, longest), scaling.interpolate(dim, base, k), 1.0


def _dynamic(reader, dim, base, longest, length):
    k = _factor(reader)
    reader.defaults.append(f"trained length = {_LONGEST}")
    return k, longest, scaling.dynamic_ntk(dim, base, k, longest, max(length or longest, longest)), 1.0


def _llama3(reader, dim, base, longest, length):
    k, train_len = _factor(reader), _original(reader, longest)
    low = reader.number("low_freq_factor")
    high = reader.number("high_freq_factor", words=f"greater than low_freq_factor = {low:g}", above=low)
    return k, train_len, scaling.llama3(dim, base, k, train_len, low, high), 1.0


def _stretch(reader, longest, train_len):
    """k: the factor; where none is given, the longest text over the trained length."""
    if reader.find("factor") or longest is None:
        return _factor(reader)
    reader.defaults.append(f"factor = {_LONGEST} / {_ORIGINAL} = {longest / train_len:g}")
    return max(1.0, longest / train_len)


def _yarn(reader, dim, base, longest, length):
    train_len = _original(reader, longest)
    k = _stretch(reader, longest, train_len)
    slow = reader.number("beta_slow", 1)
    fast = reader.number("beta_fast", 32, f"at least beta_slow = {slow:g}", at_least=slow)
    truncate = reader.find("truncate")
    if truncate is None:
        reader.defaults.append("truncate = true")
    elif not isinstance(truncate[1], bool):
        valid.fail("truncate", "true or false", truncate[1])
    theta = scaling.yarn(dim, base, k, train_len, fast, slow, truncate is None or truncate[1])
    scales = [reader.find(key) for key in ("mscale", "mscale_all_dim")]
    scales = [valid.real(*found, "a finite number of at least 0", at_least=0.0) if found else 0.0 for found in scales]
    if reader.find("attention_factor"):
        return k, train_len, theta, reader.number("attention_factor")
    if all(scales):
        return k, train_len, theta, scaling.yarn_attention_factor(k, *scales)
    reader.defaults.append("attention_factor = 0.1 ln k + 1")
    return k, train_len, theta, scaling.yarn_attention_factor(k)


def _longrope(reader, dim, base, longest, length):
    train_len = _original(reader, longest)
    k = _stretch(reader, longest, train_len)
    lists = {}
    for key in ("short_factor", "long_factor"):
        found = reader.find(key)
        if found is None:
            raise ValueError(f"{key} is missing; it must be a list of {dim // 2} numbers, one for each pair that turns")
        lists[key] = valid.array(key, found[1], f"a list of {dim // 2} numbers above 0", above=0.0)
        if lists[key].shape != (dim // 2,):
            raise ValueError(f"{key} must be a list of {dim // 2} numbers, one for each pair that turns; got {lists[key].size}")
    factors = lists["long_factor" if length is not None and length > train_len else "short_factor"]
    if reader.find("attention_factor"):
        attention = reader.number("attention_factor")
    else:
        reader.defaults.append("attention_factor = √(1 + ln k / ln L)")
        attention = scaling.longrope_attention_factor(k, train_len)
    return k, train_len, scaling.longrope(dim, base, factors), attention


# --- public configurations ----------------------------------------------------------------------------------------


def _sizes(hidden, heads, longest, base=10_000.0, **more):
    sizes = {"hidden_size": hidden, "num_attention_heads": heads, "max_position_embeddings": longest, "rope_theta": base}
    return {**sizes, **more}


_PHI_LONG = [
    1, 1.118320672, 1.250641126, 1.398617824, 1.564103225, 1.74916897, 1.956131817, 2.187582649, 2.446418898, 2.735880826,
    3.059592084, 3.421605075, 3.826451687, 4.279200023, 4.785517845, 5.351743533, 5.984965424, 6.693110555, 7.485043894,
    8.370679318, 9.36110372, 10.4687158, 11.70738129, 13.09260651, 14.64173252, 16.37415215, 18.31155283, 20.47818807,
    22.90118105, 25.61086418, 28.64115884, 32.03, 32.1, 32.13, 32.23, 32.6, 32.61, 32.64, 32.66, 32.7, 32.71, 32.93, 32.97,
    33.28, 33.49, 33.5, 44.16, 47.77,
]  # fmt: skip

# The keys that matter for positions, as the models' own files have them; where they were read stands in SOURCES.
# Gemma 3 is written as version 5 of transformers writes it, a dictionary for each kind of layer. GLM-4's file has
# rope_ratio = 500, which its code multiplies with 10,000. Qwen2.5's second line is what its model card tells users to
# add for long texts.
MODELS = MappingProxyType({
    "LLaMA 7B": _sizes(4096, 32, 2048),
    "Llama 2 7B": _sizes(4096, 32, 4096),
    "Code Llama 7B": _sizes(4096, 32, 16384, 1_000_000.0),
    "Llama 3.1 8B": _sizes(4096, 32, 131072, 500_000.0, rope_scaling={
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192}),
    "Mistral 7B v0.3": _sizes(4096, 32, 32768, 1_000_000.0),
    "Qwen2.5 7B": _sizes(3584, 28, 32768, 1_000_000.0),
    "Qwen2.5 7B, long": _sizes(3584, 28, 32768, 1_000_000.0, rope_scaling={
        "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}),
    "Qwen3 8B": _sizes(4096, 32, 40960, 1_000_000.0, head_dim=128),
    "DeepSeek-V3": _sizes(7168, 128, 163840, 10_000.0, qk_rope_head_dim=64, rope_scaling={
        "type": "yarn", "factor": 40, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0, "mscale_all_dim": 1.0,
        "original_max_position_embeddings": 4096}),
    "gpt-oss 20B": _sizes(2880, 64, 131072, 150_000.0, head_dim=64, rope_scaling={
        "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
        "original_max_position_embeddings": 4096}),
    "Phi-4-mini": _sizes(3072, 24, 131072, 10_000.0, partial_rotary_factor=0.75, original_max_position_embeddings=4096,
        rope_scaling={"type": "longrope", "short_factor": [1.0] * 48, "long_factor": _PHI_LONG}),
    "InternLM3 8B": _sizes(4096, 32, 32768, 50_000_000.0, head_dim=128, rope_scaling={
        "rope_type": "dynamic", "factor": 6.0}),
    "GLM-4 9B chat": _sizes(4096, 32, 131072, 5_000_000.0, head_dim=128, partial_rotary_factor=0.5),
    "GPT-NeoX 20B": {"hidden_size": 6144, "num_attention_heads": 64, "max_position_embeddings": 2048,
                     "rotary_emb_base": 10_000, "rotary_pct": 0.25},
    "Gemma 3 4B": {"hidden_size": 2560, "num_attention_heads": 8, "head_dim": 256, "max_position_embeddings": 131072,
                   "rope_parameters": {
                       "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
                       "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1_000_000.0}}},
})  # fmt: skip

_LITGPT, _COPIES = "litgpt, litgpt/config.py", "copies of its config.json in other public repositories"
_CLASS = "transformers 5.24.0, defaults of "
# name in MODELS: the model's own repository, and where whoever typed the numbers read them.
SOURCES = MappingProxyType({
    "LLaMA 7B": ("huggyllama/llama-7b", _CLASS + "configuration_llama.py"),
    "Llama 2 7B": ("meta-llama/Llama-2-7b-hf", _LITGPT),
    "Code Llama 7B": ("codellama/CodeLlama-7b-hf", _LITGPT),
    "Llama 3.1 8B": ("meta-llama/Llama-3.1-8B", _LITGPT),
    "Mistral 7B v0.3": ("mistralai/Mistral-7B-v0.3", _LITGPT),
    "Qwen2.5 7B": ("Qwen/Qwen2.5-7B-Instruct", f"{_LITGPT}; 32,768 in a list made from its config.json"),
    "Qwen2.5 7B, long": ("Qwen/Qwen2.5-7B-Instruct", "what its model card says to add, in copies of it"),
    "Qwen3 8B": ("Qwen/Qwen3-8B", f"{_LITGPT}; {_COPIES}"),
    "DeepSeek-V3": ("deepseek-ai/DeepSeek-V3", _COPIES),
    "gpt-oss 20B": ("openai/gpt-oss-20b", _CLASS + "configuration_gpt_oss.py"),
    "Phi-4-mini": ("microsoft/Phi-4-mini-instruct", _COPIES),
    "InternLM3 8B": ("internlm/internlm3-8b-instruct", _COPIES),
    "GLM-4 9B chat": ("THUDM/glm-4-9b-chat", f"{_COPIES}; base and half: transformers, convert_glm_weights_to_hf.py and "
                      "configuration_glm.py"),
    "GPT-NeoX 20B": ("EleutherAI/gpt-neox-20b", _CLASS + "configuration_gpt_neox.py"),
    "Gemma 3 4B": ("google/gemma-3-4b-it", f"{_LITGPT}; the form: transformers, configuration_gemma3.py"),
})  # fmt: skip
