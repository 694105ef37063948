"""The fine-tuning race: how many steps until a model works at 8 times its length, with and without interpolation?

    python -m training.race --from rope-0 --method pi --data plain

Fine-tunes one network from `assets/model/` on windows of 8·train_len bytes and measures on the way:
perplexity over the whole window on held-out text, and how far away a word can stand to be copied (`corpus.copy_test`).
The latter is in place of the passkey test of the Position Interpolation paper (arXiv 2306.15595, section 3.4.3), which
these models fail at every distance. Adds one entry to `assets/model/race.json`.
"""

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from helpers import scaling
from training import corpus, export
from training.train import optimizer, step_on

K = 8
SEED = 4  # of the windows to train on
ROWS, PEAK, WARM_UP = 4, 3e-4, 20  # rows of 8·train_len bytes: as many bytes a step as in training
STOPS = (0, 10, 30, 100, 200, 500, 1000)  # steps at which to measure
TEXTS, TRIALS = 24, 20  # windows for the perplexity; words to copy at each distance
REACHED = 0.2  # share of letters copied at which a distance counts as reached, the paper's share of passkeys

METHODS = ("direct", "pi", "ntk_aware", "yarn")
FAST = 4  # turns from which YaRN leaves a pair alone: its own 32 is more than any pair makes here


def long_chunks(text, rng, size):
    """`corpus.tiled`, with chunks as much longer as the windows are."""
    return corpus.tiled(text, rng, size, K * corpus.CHUNK[0], K * corpus.CHUNK[1])


DATA = {
    "plain": ((1, corpus.plain),),
    "mixture": ((4, long_chunks), (4, corpus.tiled), (5, corpus.passkey), (3, corpus.pasted), (4, corpus.plain)),
}


def stretched(method, shape):
    """theta, and the factor on queries and keys, for `network.Network`."""
    sizes = shape.dim // shape.heads, shape.base, K, shape.train_len
    if method == "yarn":
        return {"theta": scaling.yarn(*sizes, beta_fast=FAST), "factor": scaling.yarn_attention_factor(K)}
    sizes = dict(zip(("dim", "base", "k", "train_len"), sizes, strict=True))
    return {"theta": scaling.METHODS[method].frequencies(**sizes, test_len=K * shape.train_len)}


@torch.no_grad()
def perplexity(network, text, options):
    """(TEXTS, 8) mean loss in each stretch of train_len, on the same windows of held-out text each time, nats."""
    size = K * network.shape.train_len
    rng = np.random.default_rng(2)
    rows = []
    for _ in range(TEXTS):
        tokens = torch.from_numpy(corpus.plain(text, rng, size + 1).astype(np.int64))[None]
        losses = F.cross_entropy(network(tokens[:, :-1], **options)[0], tokens[0, 1:], reduction="none")
        rows.append(losses.reshape(K, -1).mean(1).numpy())
    return np.array(rows)


@torch.no_grad()
def copies(network, text, options, distances):
    """Share of the letters that are the likeliest next byte, over TRIALS words at each distance."""
    size, asked = K * network.shape.train_len, corpus.LETTERS - corpus.GIVEN
    share = []
    for distance in distances:
        rng = np.random.default_rng([3, distance])
        rows = np.stack([corpus.copy_test(text, rng, size + 1, distance) for _ in range(TRIALS)])
        hits = []
        for part in torch.from_numpy(rows.astype(np.int64)).split(5):
            answer = network(part[:, :-1], **options)[:, -asked:].argmax(-1)
            hits.append((answer == part[:, -asked:]).float().mean(1))
        share.append(round(torch.cat(hits).mean().item(), 4))
    return share


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="start", default="rope-0", help="a model in assets/model/")
    parser.add_argument("--method", choices=METHODS, default="pi")
    parser.add_argument("--data", choices=DATA, default="plain")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rate", type=float, default=PEAK)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=export.ASSETS / "race.json")
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    text = corpus.Corpus()
    network = export.read(export.ASSETS / f"{options.start}.npz")
    train_len = network.shape.train_len
    how = stretched(options.method, network.shape)
    distances = [48, 80, *range(train_len, K * train_len, train_len), K * train_len - corpus.LETTERS]
    adam = optimizer(network, options.rate)
    stops, measured = [stop for stop in STOPS if stop <= options.steps], []
    begin = time.perf_counter()
    bar = tqdm(range(options.steps + 1), desc=f"{options.start} {options.method} {options.data}", unit="step")
    for step in bar:
        if step in stops:
            network.eval()
            losses = perplexity(network, text.held_out, how)
            share = copies(network, text.held_out, how, distances)
            reached = max([d for d, s in zip(distances, share, strict=True) if s >= REACHED], default=0)
            measured.append(
                {
                    "step": step,
                    "loss": losses.mean().round(4).item(),
                    "error": (losses.mean(1).std(ddof=1) / TEXTS**0.5).round(4).item(),
                    "by_length": losses.mean(0).round(4).tolist(),
                    "copied": share,
                    "k_max": reached,
                }
            )
            bar.write(f"{step}: perplexity {np.exp(losses.mean()):.2f}, k_max {reached}")
            network.train()
        if step == options.steps:
            break
        rng = np.random.default_rng([SEED, step])
        windows = corpus.batch(text.train, rng, ROWS, K * train_len + 1, DATA[options.data])
        step_on(network, adam, windows, options.rate * min(1, (step + 1) / WARM_UP), **how)
    entry = {"from": options.start, "method": options.method, "data": options.data, "k": K, "rate": options.rate,
             "rows": ROWS, "seed": SEED, "distances": distances, "trials": TRIALS, "texts": TEXTS, "text": text.digest,
             "minutes": round((time.perf_counter() - begin) / 60, 1), "python": platform.python_version(),
             "torch": torch.__version__, "numpy": np.__version__,
             "command": f"python -m training.race --from {options.start} --method {options.method} --data {options.data}"
                        f" --steps {options.steps} --rate {options.rate:g}",
             "measured": measured}  # fmt: skip
    before = json.loads(options.out.read_text()) if options.out.exists() else []
    same = ("from", "method", "data", "rate")
    kept = [one for one in before if any(one[key] != entry[key] for key in same)]
    options.out.write_text("[\n" + ",\n".join(json.dumps(one) for one in [*kept, entry]) + "\n]\n")


if __name__ == "__main__":
    main()
