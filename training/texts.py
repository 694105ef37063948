"""Cut the 16 texts that notebook 07 reads: `python -m training.texts CHECKOUT`. Writes `assets/model/texts.npz`.

They are this project's own source, so they were never in the training text, may be shipped, and are the same on every
machine. CHECKOUT: a copy of the project at commit 897cfa8, the last one before there was a model.
"""

import sys
from pathlib import Path

import numpy as np

from helpers import model

COUNT, SIZE = 16, 2049  # 16 · train_len bytes, and one to predict


def main(checkout):
    files = [
        path
        for path in sorted((Path(checkout) / "helpers").rglob("*.py"))
        if path.name not in ("labels.py", "__init__.py")
    ]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    source = source.replace("θ", "theta").encode("ascii", "replace")  # the training text is nearly all ASCII
    starts = [source.index(b"\n\n", number * (len(source) - SIZE) // COUNT) + 2 for number in range(COUNT)]
    texts = np.stack([np.frombuffer(source, np.uint8)[start : start + SIZE] for start in starts])
    np.savez_compressed(model.FOLDER / "texts.npz", texts=texts)
    print(texts.shape, "from", len(source), "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
