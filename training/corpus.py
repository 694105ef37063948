"""The text: Python's own standard library, split by a fixed rule, and the windows cut from it. No text is shipped.

A file is held out when the SHA-256 of its path says so (`is_held_out`), so every version of Python holds out the same
paths. Bytes are the tokens: 256 of them.
"""

import hashlib
import sysconfig
from pathlib import Path

import numpy as np

# Tests, generated tables and bundled demonstrations: long, repetitive, or different on every machine.
LEFT_OUT = {
    "test",
    "tests",
    "idle_test",
    "encodings",
    "idlelib",
    "pydoc_data",
    "turtledemo",
    "lib2to3",
    "site-packages",
    "dist-packages",
    "ensurepip",
    "__pycache__",
}
ONE_IN = 12  # one file in so many is held out
CHUNK = (16, 63)  # length of a repeated chunk, bytes, in windows of 128


def is_held_out(path):
    """path: relative to the library, with forward slashes. The rule: SHA-256 of the path, first four bytes, mod 12."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:4], "big") % ONE_IN == 0


def library():
    """{relative path: bytes} of the standard library's own source files, in order of path."""
    root = Path(sysconfig.get_path("stdlib"))
    files = {}
    for file in sorted(root.rglob("*.py"), key=lambda file: file.relative_to(root).as_posix()):
        path = file.relative_to(root)
        if not LEFT_OUT & set(path.parts) and not path.name.startswith("_sysconfigdata"):
            files[path.as_posix()] = file.read_bytes()
    return files


class Corpus:
    """train, held_out: uint8 arrays, the files of each side one after the other. texts: the held-out files apart."""

    def __init__(self, files=None):
        files = library() if files is None else files
        held_out = {path: text for path, text in files.items() if is_held_out(path)}
        self.paths = tuple(held_out)
        self.texts = tuple(np.frombuffer(text, np.uint8) for text in held_out.values())
        self.held_out = np.concatenate(self.texts)
        self.train = np.frombuffer(b"".join(text for path, text in files.items() if path not in held_out), np.uint8)
        self.digest = hashlib.sha256(self.train.tobytes() + self.held_out.tobytes()).hexdigest()[:16]


def plain(text, rng, size):
    """size bytes of running text, from a random place."""
    start = rng.integers(len(text) - size)
    return text[start : start + size].copy()


def tiled(text, rng, size, low=CHUNK[0], high=CHUNK[1]):
    """A chunk of low ... high bytes, repeated to the end of the window."""
    return np.resize(plain(text, rng, rng.integers(low, high + 1)), size)


def pasted(text, rng, size, low=CHUNK[0], high=CHUNK[1]):
    """Running text in which one chunk comes again, anywhere later."""
    window = plain(text, rng, size)
    chunk = min(int(rng.integers(low, high + 1)), size // 2)
    first = rng.integers(size - 2 * chunk + 1)
    second = rng.integers(first + chunk, size - chunk + 1)
    window[second : second + chunk] = window[first : first + chunk]
    return window


KEY = 5  # digits of a passkey


def passkey(text, rng, size):
    """Running text, somewhere in it a line that tells a key, and at the end the same line again."""
    key = rng.integers(10, size=KEY).astype(np.uint8) + ord("0")
    line = np.concatenate([np.frombuffer(b"\n# the key is ", np.uint8), key])
    window = plain(text, rng, size)
    window[size - len(line) :] = line
    first = rng.integers(size - 2 * len(line) + 1)
    window[first : first + len(line)] = line
    window[first + len(line)] = ord("\n")
    return window


LETTERS = 32  # length of a word to copy
GIVEN = 5  # of its letters, by which it is known again; the others are to be told


def copy_test(text, rng, size, distance):
    """Running text in which a word of random letters stands twice: at the end, and `distance` bytes before that.

    Nothing but copying tells the last LETTERS - GIVEN letters: a guess is right once in 26 times.
    """
    if not LETTERS <= distance <= size - LETTERS:
        raise ValueError(f"distance must be from {LETTERS} to {size - LETTERS} bytes; got distance = {distance}")
    window = plain(text, rng, size)
    word = rng.integers(ord("a"), ord("z") + 1, LETTERS).astype(np.uint8)
    window[size - LETTERS :] = word
    window[size - LETTERS - distance : size - distance] = word
    return window


# Share of each kind of window, out of 20. Running text alone never teaches a model this small to copy.
MIXTURE = ((8, tiled), (5, passkey), (3, pasted), (4, plain))


def batch(text, rng, rows, size, mixture=MIXTURE):
    """(rows, size) uint8 windows, each of a kind drawn by its share."""
    shares = np.array([share for share, _ in mixture], float)
    kinds = rng.choice(len(mixture), rows, p=shares / shares.sum())
    return np.stack([mixture[kind][1](text, rng, size) for kind in kinds])
