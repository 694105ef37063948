"""Train one network: `python -m training.train rope --seed 0`. Start it again and it goes on where it stopped.

Everything random comes from (seed, step), so a run that was cut off ends with the same weights as one that was not.
Writes `OUT/POSITION-SEED.pt` (to go on from) and `.jsonl` (the log).
"""

import argparse
import json
import math
import os
import platform
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from training import corpus
from training.network import Network, Shape

STEPS, ROWS, PEAK, WARM_UP, FLOOR = 2000, 32, 3e-3, 100, 0.05
SAVE_EVERY = TEST_EVERY = 100


def rate(step, steps=STEPS, peak=PEAK):
    """Learning rate: up in a line, then down along half a cosine."""
    if step < WARM_UP:
        return peak * (step + 1) / WARM_UP
    gone = (step - WARM_UP) / max(1, steps - WARM_UP)
    return peak * (FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * gone)) / 2)


def optimizer(network, peak=PEAK):
    """AdamW; weight decay on matrices alone."""
    matrices = [weight for weight in network.parameters() if weight.dim() == 2]
    vectors = [weight for weight in network.parameters() if weight.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.95))


def loss(network, windows, bfloat16=False, **options):
    """Mean loss of the next byte, nats. windows: (rows, n + 1) uint8."""
    tokens = torch.from_numpy(windows.astype(np.int64))
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        logits = network(tokens[:, :-1], **options)
    return F.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())


def step_on(network, adam, windows, learning_rate, bfloat16=False, **options):
    """One step of training. Returns the loss before it, nats."""
    for group in adam.param_groups:
        group["lr"] = learning_rate
    adam.zero_grad(set_to_none=True)
    value = loss(network, windows, bfloat16, **options)
    value.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    adam.step()
    return value.item()


def held_out_loss(network, text):
    """On running text and on tiled windows, the same ones each time, nats."""
    size = network.shape.train_len + 1
    with torch.no_grad():
        return {
            name: round(loss(network, corpus.batch(text, np.random.default_rng(1), 64, size, ((1, kind),))).item(), 4)
            for name, kind in (("plain", corpus.plain), ("tiled", corpus.tiled), ("passkey", corpus.passkey))
        }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("position", choices=("rope", "learned", "sinusoidal"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--bfloat16", action="store_true", help="faster where the processor has it; not the same numbers"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "runs")
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    name = f"{options.position}-{options.seed}"
    saved, log = options.out / f"{name}.pt", options.out / f"{name}.jsonl"

    text = corpus.Corpus()
    network = Network(Shape(options.position))
    adam = optimizer(network)
    done, seconds = 0, 0.0
    if saved.exists():
        kept = torch.load(saved)
        if kept["steps"] != options.steps or kept["digest"] != text.digest:
            parser.error(
                f"{saved} was made with --steps {kept['steps']} on text {kept['digest']}; "
                f"now --steps {options.steps} on text {text.digest}. Move it away to start anew."
            )
        network.load_state_dict(kept["network"])
        adam.load_state_dict(kept["adam"])
        done, seconds = kept["done"], kept["seconds"]
    else:
        size = sum(weight.numel() for weight in network.parameters())
        head = {
            "position": options.position,
            "seed": options.seed,
            "parameters": size,
            "steps": options.steps,
            "bytes": options.steps * ROWS * network.shape.train_len,
            "text": text.digest,
            "train_bytes": len(text.train),
            "held_out_bytes": len(text.held_out),
            "held_out_files": len(text.paths),
            "bfloat16": options.bfloat16,
            "threads": options.threads,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        }
        log.write_text(json.dumps(head) + "\n")
    bar = tqdm(total=options.steps, initial=done, unit="step", desc=name)
    begin, recent = time.perf_counter() - seconds, []
    for step in range(done, options.steps):
        windows = corpus.batch(
            text.train, np.random.default_rng([options.seed, step]), ROWS, network.shape.train_len + 1
        )
        recent.append(step_on(network, adam, windows, rate(step, options.steps), options.bfloat16))
        bar.update()
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == options.steps:
            seconds = time.perf_counter() - begin
            line = {
                "step": step + 1,
                "seconds": round(seconds),
                "train": round(float(np.mean(recent)), 4),
                **held_out_loss(network, text.held_out),
            }
            recent = []
            with log.open("a") as file:
                file.write(json.dumps(line) + "\n")
            bar.set_postfix({key: line[key] for key in ("train", "plain", "tiled", "passkey")})
            part = saved.with_suffix(".part")
            torch.save(
                {
                    "network": network.state_dict(),
                    "adam": adam.state_dict(),
                    "done": step + 1,
                    "steps": options.steps,
                    "seconds": seconds,
                    "digest": text.digest,
                    "shape": network.shape.as_dict(),
                },
                part,
            )
            os.replace(part, saved)  # a run cut off here keeps the older one
    bar.close()


if __name__ == "__main__":
    main()
