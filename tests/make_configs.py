"""Write tests/configs.json: what Hugging Face transformers makes of the settings in tests/test_configs.py.

    python tests/make_configs.py        needs transformers and PyTorch, which are not part of the series

`computed` is also used by the test where transformers is installed.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STORED = Path(__file__).with_name("configs.json")


def computed(config, length):
    """{"theta": float32 numbers, "attention_factor": number} as transformers computes them for one layer kind."""
    import torch
    from transformers import PretrainedConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS, RotaryEmbeddingConfigMixin

    class Config(PretrainedConfig, RotaryEmbeddingConfigMixin):
        pass

    config = json.loads(json.dumps(config))
    # what each model's own configuration class does before
    config.setdefault("rope_theta", config.pop("rotary_emb_base", 10_000.0))
    if config.get("rotary_pct") is not None:
        config["partial_rotary_factor"] = config.pop("rotary_pct")
    if config.get("qk_rope_head_dim") is not None:
        config["head_dim"] = config["qk_rope_head_dim"]
    config.setdefault("hidden_size", 0)
    config.setdefault("num_attention_heads", 1)
    if config.get("head_dim") is None:
        config["head_dim"] = config["hidden_size"] // config["num_attention_heads"]
    if config.get("rotary_dim") is not None:
        config["partial_rotary_factor"] = config.pop("rotary_dim") / config["head_dim"]
    block = dict(config.pop("rope_parameters", None) or config.pop("rope_scaling", None) or {})
    config.pop("rope_scaling", None)
    kind = block.get("rope_type") or block.pop("type", None) or "default"
    block["rope_type"] = {"su": "longrope"}.get(kind, kind)
    for key in ("rope_theta", "partial_rotary_factor"):
        if config.get(key) is not None:
            block.setdefault(key, config.pop(key))
        config.pop(key, None)
    if block["rope_type"] in ("yarn", "longrope"):
        block.setdefault("factor", None)
    made = Config()
    for key, value in config.items():
        if value is not None:
            setattr(made, key, value)
    made.rope_parameters = block
    made.standardize_rope_params()
    if block["rope_type"] == "default":
        dim = int(made.head_dim * block.get("partial_rotary_factor", 1.0))
        theta, factor = 1.0 / block["rope_theta"] ** (torch.arange(0, dim, 2).float() / dim), 1.0
    else:
        theta, factor = ROPE_INIT_FUNCTIONS[block["rope_type"]](made, seq_len=length)
    return {"theta": theta.tolist(), "attention_factor": float(factor)}


def main():
    import torch
    import transformers

    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from test_configs import settings

    found = {"transformers": transformers.__version__, "torch": torch.__version__, "command": "python tests/make_configs.py"}
    found["cases"] = [
        {"theta": [float(f"{one:.8g}") for one in case["theta"][::3] + case["theta"][-1:]], "attention_factor": case["attention_factor"]}
        for case in (computed(config, length) for config, length in settings())
    ]
    STORED.write_text(json.dumps(found) + "\n", encoding="utf-8")
    print(f"{len(found['cases'])} cases, {STORED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
