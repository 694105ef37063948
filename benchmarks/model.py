"""How fast is the NumPy forward pass of `helpers.model`, beside PyTorch's on the same weights?

    python benchmarks/model.py [--threads 2] [--rounds 15]

Times the loss by position of one text: 1,024 bytes, eight times the trained length. Both in turn, in one run; only the
ratio compares across machines. PyTorch is not part of the series: install the `training` extra first. Without it NumPy is
timed alone.
"""

import argparse
import os
import statistics
import sys
import timeit
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before NumPy is imported

    import numpy as np

    from helpers import model

    lm, text = model.load("rope-0"), model.texts()[0][:1025]
    ways = {"NumPy": lambda: lm.losses(text), "NumPy, last 128 keys": lambda: lm.losses(text, window=128)}
    try:
        import torch
        from torch.nn import functional

        from training import export
    except ImportError:
        print("PyTorch is not installed: NumPy alone")
    else:
        torch.set_num_threads(options.threads)
        network = export.read(model.FOLDER / "rope-0.npz")
        tokens = torch.from_numpy(text.astype(np.int64))[None]

        @torch.no_grad()
        def with_torch():
            return functional.cross_entropy(network(tokens[:, :-1])[0], tokens[0, 1:], reduction="none")

        assert np.abs(with_torch().numpy() - lm.losses(text)).max() < 1e-4
        ways["PyTorch"] = with_torch
    times = {name: [] for name in ways}
    for call in ways.values():
        call()
    for _ in range(options.rounds):
        for name, call in ways.items():
            times[name].append(timeit.timeit(call, number=1))
    reference = statistics.median(times.get("PyTorch", times["NumPy"]))
    print(f"{options.threads} threads, {options.rounds} rounds, load {os.getloadavg()[0]:.1f}; medians")
    for name, taken in times.items():
        print(f"{name:22s} {1000 * statistics.median(taken):7.1f} ms   {statistics.median(taken) / reference:5.2f}")


if __name__ == "__main__":
    main()
