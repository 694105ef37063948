"""Measure the RoPE models on held-out text, in NumPy alone: `python -m training.measure`. Writes `measured.json`.

Three things, for each model rope-0, rope-1, ...: loss by position for many methods and k; next-byte accuracy in Su's
three tests; accuracy of the last-train_len window, as a reference. Every number stands with its spread over texts.
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np
from tqdm import tqdm

from helpers import model
from training import corpus

TEXTS, LENGTHS, BIN = 32, 16, 32  # held-out windows; their length in train_len; bytes of one point of a curve
K = 8
FAST = 4  # turns from which a pair is left alone, as in Llama 3.1; YaRN's own 32 is more than any pair makes here
# method and fast: the k that are tried
CURVES = {
    ("direct", None): (1,), ("pi", None): (2, 4, 8, 16), ("ntk_aware", None): (2, 4, 8, 16, 32),
    ("base_times_k", None): (2, 4, 8, 16), ("ntk_fixed", None): (2, 4, 8, 16), ("ntk_mixed", None): (2, 4, 8, 16),
    ("ntk_by_parts", FAST): (2, 4, 8, 16), ("yarn", FAST): (2, 4, 8, 16), ("ntk_by_parts", None): (8,), ("yarn", None): (8,),
}  # fmt: skip
SU = (
    ("direct", None),
    ("pi", None),
    ("ntk_aware", None),
    ("base_times_k", None),
    ("ntk_fixed", None),
    ("ntk_mixed", None),
    ("ntk_by_parts", FAST),
    ("yarn", FAST),
    ("ntk_by_parts", None),
    ("yarn", None),
    ("window", None),
    ("yarn_window", FAST),
)


def how(lm, method, k, fast=None):
    """What `Model.losses` needs. "window", "yarn_window": direct, or YaRN, where a query sees the last train_len keys."""
    if method == "window":
        return {"window": lm.train_len}
    if method == "yarn_window":
        return lm.stretched("yarn", k, fast=fast) | {"window": lm.train_len}
    return lm.stretched(method, k, fast=fast)


def race_window(lm, text):
    """Mean loss of the untuned window on the texts of `training.race`, nats."""
    rng, size = np.random.default_rng(2), K * lm.train_len
    rows = [corpus.plain(text, rng, size + 1) for _ in range(24)]
    return round(float(np.mean([lm.losses(row, window=lm.train_len).mean() for row in rows])), 4)


def windows(text, count, size, seed):
    """(count, size) uint8: one from each of `count` held-out files, as long as there are; then again from the first."""
    rng = np.random.default_rng(seed)
    long = [one for one in text.texts if len(one) > size]
    return np.stack([corpus.plain(long[number % len(long)], rng, size) for number in range(count)])


def spread(values):
    """Mean and standard error over texts."""
    values = np.asarray(values, float)
    return values.mean(0).round(4).tolist(), (values.std(0, ddof=1) / len(values) ** 0.5).round(4).tolist()


def curves(lm, rows, bar):
    """Loss in each bin of BIN bytes, nats: {"method k": {"loss", "error"}}; error of the difference to the window."""
    made, reference = [], None
    for method, fast, k in [("window", None, 1), *((*one, k) for one, ks in CURVES.items() for k in ks)]:
        losses = np.array([lm.losses(row, **how(lm, method, k, fast)).reshape(-1, BIN).mean(1) for row in rows])
        reference = losses if reference is None else reference
        loss, error = spread(losses)
        made.append(
            {
                "method": method,
                "k": k,
                "fast": fast,
                "loss": loss,
                "error": error,
                "error_of_difference": spread(losses - reference)[1],
            }
        )
        bar.update()
    return made


def su(lm, rows, bar):
    """Next-byte accuracy, %: at train_len, at 8·train_len not repeated, and with the first train_len bytes repeated."""
    size, made = lm.train_len, []
    for method, fast in SU:
        for log_n in (False, True):
            options = how(lm, method, K, fast)
            hits = {"short": [], "plain": [], "repeated": []}
            for row in rows:
                for name, text in (
                    ("short", row[: size + 1]),
                    ("plain", row),
                    ("repeated", np.resize(row[:size], K * size + 1)),
                ):
                    n = len(text) - 1
                    scores = options
                    if log_n:
                        scores = options | {"sharpen": options.get("sharpen", 1.0) * model.log_n(n, size)}
                    hits[name].append(100 * np.mean(lm.logits(text[:-1], **scores).argmax(1) == text[1:]))
            entry = {"method": method, "fast": fast, "log_n": log_n}
            for name, values in hits.items():
                entry[name], entry[f"{name}_error"] = spread(values)
            made.append(entry)
            bar.update()
    return made


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=model.FOLDER / "measured.json")
    options = parser.parse_args(argv)
    text = corpus.Corpus()
    names = sorted(file.stem for file in model.FOLDER.glob("rope-*.npz"))
    bar = tqdm(total=len(names) * (1 + sum(map(len, CURVES.values())) + 2 * len(SU)))
    made = {}
    for name in names:
        lm = model.load(name)
        long = windows(text, TEXTS, LENGTHS * lm.train_len + 1, 5)
        made[name] = {
            "curves": curves(lm, long, bar),
            "su": su(lm, long[:, : K * lm.train_len + 1], bar),
            "race_window": race_window(lm, text.held_out),
        }
    about = {
        "texts": TEXTS,
        "bin": BIN,
        "train_len": lm.train_len,
        "text": text.digest,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "command": "python -m training.measure",
    }
    lines = [f'"about": {json.dumps(about)}']
    for name, entry in made.items():
        rows = [
            f'"{part}": [\n' + ",\n".join(json.dumps(one) for one in entry[part]) + "\n]" for part in ("curves", "su")
        ]
        rows.append(f'"race_window": {entry["race_window"]}')
        lines.append(f'"{name}": {{' + ",\n".join(rows) + "}")
    options.out.write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
