"""How fast is `rope.rotate`? Beside a plain copy of the same bytes and the usual forms, in one run.

    python benchmarks/rotate.py            a table
    python benchmarks/rotate.py --json     the same numbers as JSON

Every form rotates the same float32 numbers, and is checked against the others before it is timed. All forms
of a shape take turns, round after round. The ratio is the median over rounds of (time of the form / time of
the copy in the same round), with the middle half of these ratios in brackets; "best" divides fastest times.
A busy machine blurs the median; the best suffers less. One thread everywhere.

The targets hold where the arrays are larger than the caches. The last shape fits into them: there a copy
does not wait for memory, and the arithmetic shows.
"""

import argparse
import json
import math
import platform
import statistics
import sys
import timeit
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import rope  # noqa: E402

SHAPES = [(1, 32, 2048, 128), (8, 16, 1024, 64), (1, 8, 8192, 128), (1, 32, 128, 128)]
TARGETS = {"rotate, out=": 1.2, "rotate, new array": 2.2}
COPY = "copy (np.copyto)"


def forms_of(shape):
    """{name: function without arguments}, {name: result as interleaved pairs}; results are for checking."""
    n, dim = shape[-2:]
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape, dtype=np.float32)
    x_half = rope.interleaved_to_half(x)
    theta = rope.frequencies(dim)
    table, fine = rope.cis(np.arange(n), theta), rope.cis(np.arange(n), theta, np.complex128)
    cos, sin = (np.concatenate([part, part], axis=-1) for part in (table.real, table.imag))
    out = np.empty_like(x)

    def copy():
        np.copyto(out, x)
        return out

    def rotate_half():
        half = dim // 2
        return x_half * cos + np.concatenate([-x_half[..., half:], x_half[..., :half]], axis=-1) * sin

    def even_odd():
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = even * table.real - odd * table.imag, even * table.imag + odd * table.real
        return np.stack(turned, axis=-1).reshape(shape)

    same = lambda result: result  # noqa: E731
    forms = {
        COPY: (copy, None),
        "rotate, out=": (lambda: rope.rotate(x, table, out=out), same),
        "rotate, new array": (lambda: rope.rotate(x, table), same),
        "rotate, out=, complex128 table": (lambda: rope.rotate(x, fine, out=out), same),
        "rotate-half with concatenation": (rotate_half, rope.half_to_interleaved),
        "even and odd, stacked": (even_odd, same),
    }
    forms |= torch_forms(x, x_half, table, cos, sin)
    want = rope.rotate(x, fine)
    for name, (form, back) in forms.items():
        if back is not None:
            np.testing.assert_allclose(back(np.asarray(form())), want, atol=1e-5, err_msg=name)
    return {name: form for name, (form, _) in forms.items()}


def torch_forms(x, x_half, table, cos, sin):
    """The two forms most models use in PyTorch, if it is installed; one thread, like the rest."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    x, x_half, table, cos, sin = (torch.from_numpy(part) for part in (x, x_half, table, cos, sin))
    half = x.shape[-1] // 2

    def rotate_half():
        return x_half * cos + torch.cat((-x_half[..., half:], x_half[..., :half]), dim=-1) * sin

    def complex_view():
        pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(pairs * table).flatten(-2)

    return {"PyTorch rotate-half": (rotate_half, rope.half_to_interleaved),
            "PyTorch view_as_complex": (complex_view, lambda result: result)}


def measure(shape, rounds):
    """[{form, milliseconds, ratio, spread, best}], the copy first. spread: the middle half of the ratios."""
    forms = forms_of(shape)
    calls = max(1, round(2e-3 / max(timeit.timeit(forms[COPY], number=1), 1e-7)))  # a round takes 2 ms or more
    times = {name: [] for name in forms}
    for _ in range(rounds):  # in turns: pyperf and asv time one form after the other
        for name, form in forms.items():
            times[name].append(timeit.timeit(form, number=calls) / calls)
    rows = []
    for name, taken in times.items():
        low, ratio, high = statistics.quantiles([t / c for t, c in zip(taken, times[COPY], strict=True)], n=4)
        target = TARGETS.get(name) if math.prod(shape) >= 1 << 22 else None
        rows.append({"form": name, "milliseconds": 1e3 * statistics.median(taken), "ratio": ratio,
                     "spread": [low, high], "best": min(taken) / min(times[COPY]), "target": target})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=25, help="rounds per shape (default 25)")
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("--rounds must be at least 2")
    report = {"numpy": np.__version__, "python": platform.python_version(), "machine": platform.machine(),
              "rounds": options.rounds, "dtype": "float32", "shapes": []}
    for shape in SHAPES:
        report["shapes"].append({"shape": shape, "mebibytes": math.prod(shape) * 4 / 2**20,
                                 "forms": measure(shape, options.rounds)})
    if options.json:
        print(json.dumps(report, indent=1))
        return
    print(f"float32, numpy {np.__version__}, {options.rounds} rounds; ratios to the copy")
    for entry in report["shapes"]:
        print(f"\n{'x'.join(map(str, entry['shape']))}, {entry['mebibytes']:.1f} MiB")
        for row in entry["forms"]:
            low, high = row["spread"]
            target = f"   target {row['target']}" if row["target"] else ""
            print(f"  {row['form']:32}{row['milliseconds']:9.3f} ms  {row['ratio']:6.2f} x"
                  f"  ({low:.2f} - {high:.2f})  best {row['best']:5.2f} x{target}")


if __name__ == "__main__":
    main()
