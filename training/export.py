"""Write finished networks into `assets/model/` as float16: `python -m training.export`.

NAME.npz holds the weights and the sizes. `reference.npz` holds a short text and PyTorch's logits on it, computed from the
float16 weights, so that `helpers.model` can be checked without PyTorch.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import torch

from helpers import scaling
from training.network import Network, Shape

HERE = Path(__file__).parent
ASSETS = HERE.parent / "assets" / "model"


def weights_of(state):
    """PyTorch's names to ours, float16."""
    short = {}
    for name, value in state.items():
        name = name.removesuffix(".weight").removeprefix("layer.")
        short[name] = value.numpy().astype(np.float16)
    return short


def state_of(weights):
    """Ours back to PyTorch's, float32."""
    state = {}
    for name, value in weights.items():
        if name[0].isdigit():
            name = f"layer.{name}" + ("" if "norm" in name else ".weight")
        elif name == "embed":
            name = "embed.weight"
        state[name] = torch.from_numpy(value.astype(np.float32))
    return state


def read(file):
    """A network from NAME.npz."""
    with np.load(file) as stored:
        weights = {name: stored[name] for name in stored.files}
    network = Network(Shape(**json.loads(str(weights.pop("shape")))))
    network.load_state_dict(state_of(weights))
    return network.eval()


def reference(networks, size=300):
    """A text of ours and PyTorch's logits on it: {"tokens", "NAME", "NAME.yarn", "NAME.window"}."""
    text = (HERE / "corpus.py").read_bytes()[:size]
    tokens = torch.from_numpy(np.frombuffer(text, np.uint8).astype(np.int64))[None]
    out = {"tokens": tokens[0].numpy().astype(np.uint8)}
    back = torch.arange(size)[:, None] - torch.arange(size)
    with torch.no_grad():
        for name, network in networks.items():
            shape = network.shape
            if shape.position != "rope":
                out[name] = network(tokens[:, : shape.train_len])[0].numpy()
                continue
            out[name] = network(tokens)[0].numpy()
            theta = scaling.yarn(shape.dim // shape.heads, shape.base, 8, shape.train_len)
            factor = scaling.yarn_attention_factor(8)
            out[f"{name}.yarn"] = network(tokens, theta, factor)[0].numpy()
            out[f"{name}.window"] = network(tokens, mask=(back >= 0) & (back < 100))[0].numpy()
    return out


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=HERE / "runs")
    parser.add_argument("--out", type=Path, default=ASSETS)
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    (HERE / "logs").mkdir(exist_ok=True)
    networks = {}
    for file in sorted(options.runs.glob("*.pt")):
        kept = torch.load(file)
        if kept["done"] < kept["steps"]:
            print(f"{file.stem}: at step {kept['done']} of {kept['steps']}, left out")
            continue
        made = options.out / f"{file.stem}.npz"
        np.savez_compressed(made, shape=np.array(json.dumps(kept["shape"])), **weights_of(kept["network"]))
        shutil.copy(file.with_suffix(".jsonl"), HERE / "logs")
        networks[file.stem] = read(made)
        print(
            f"{made.name}: {made.stat().st_size / 1e6:.2f} MB, sha256 {hashlib.sha256(made.read_bytes()).hexdigest()}"
        )
    first = {name: networks[name] for name in networks if name.endswith("-0")}
    np.savez_compressed(options.out / "reference.npz", **reference(first))


if __name__ == "__main__":
    main()
