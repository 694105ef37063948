"""A small language model that was really trained, run in NumPy alone: next-byte logits, loss by position, attention.

Tokens are bytes, 0 … 255. The network is a decoder-only transformer with tied embeddings, RMSNorm and squared ReLU;
its positions come from RoPE, from a learned table, or from the sinusoidal table. Weights are in `assets/model/`, made by
`training/` (PyTorch), which this module does not need.

The mathematics is in float32, the angles in float64 (`rope.cis`). Causal attention goes block by block: a block of
queries meets the keys up to its own end only, so no whole (n, n) matrix is made.
Every bad argument is a ValueError that names the argument, its value and what is allowed.
Taught in notebook 07; its table and its queries and keys also in 01 and 02.
"""

import copy
import json
import math
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers import encodings, rope, scaling, valid

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "model"
LONGEST = 8192  # bytes in one call: as much as a laptop runs in a few seconds
SLOW = sys.platform == "emscripten"  # NumPy in the browser: no fast matrix product, one thread
_BLOCK = 64  # queries at a time


class Model:
    """One trained network.

    weights: name -> float array, as `load` reads them. shape: the sizes, as in the weights' file: position ("rope",
    "learned" or "sinusoidal"), dim, layers, heads, train_len (tokens), base.
    theta: (head_dim/2,) rad/token, the frequencies it was trained with; None unless position is "rope".
    Raises ValueError if a size or an array is missing or wrong.
    Source: Vaswani et al., arXiv 1706.03762, decoder; Zhang and Sennrich, arXiv 1910.07467 (RMSNorm); So et al.,
    arXiv 2109.08668 (squared ReLU); Su et al., arXiv 2104.09864 (RoPE). Notebook 07.
    """

    def __init__(self, weights, shape):
        _check(weights, shape)
        self.shape = dict(shape)
        self.position, self.train_len = shape["position"], shape["train_len"]
        self.heads, self.layers = shape["heads"], shape["layers"]
        self.head_dim, self.base = shape["dim"] // shape["heads"], shape["base"]
        self.theta = rope.frequencies(self.head_dim, self.base) if self.position == "rope" else None
        float32 = {name: np.ascontiguousarray(value, np.float32) for name, value in weights.items()}
        self.embed, self.norm, self.table = float32["embed"], float32["norm"], float32.get("table")
        # transposed once, so that every product below is rows times columns
        self._layers = [
            {name: np.ascontiguousarray(float32[f"{layer}.{name}"].T) for name in
             ("norm1", "qkv", "out", "norm2", "up", "down")}
            for layer in range(self.layers)
        ]  # fmt: skip
        self._unembed = np.ascontiguousarray(self.embed.T)
        self._room = threading.local()

    def stretched(self, method, k=1.0, test_len=None, fast=None):
        """What `logits` needs to run a method of `scaling.METHODS`: {"theta": (head_dim/2,), "sharpen": a number}.

        method: its key. k: scale, at least 1. test_len: tokens, by default k · train_len; dynamic NTK asks for it.
        fast: turns from which NTK-by-parts and YaRN leave a pair alone, above 1; by default the 32 of their authors.
        sharpen multiplies the scores of attention: the square of YaRN's factor, 1 for the others.
        Raises ValueError for a bad argument, for LongRoPE (its factors are searched), or if the model has no RoPE.
        Source: that of the method. Notebook 07.
        """
        self._needs_rope()
        k = valid.at_least_one("k", k)
        sizes = self.head_dim, self.base, k, self.train_len
        theta = scaling.frequencies(method, *sizes, k * self.train_len if test_len is None else test_len)
        if fast is not None:
            fast = valid.real("fast", fast, "a finite number of turns greater than 1", above=1.0)
            if method not in ("ntk_by_parts", "yarn"):
                valid.fail("fast", "None for every method but ntk_by_parts and yarn", fast)
            made = scaling.ntk_by_parts if method == "ntk_by_parts" else scaling.yarn
            theta = made(*sizes, **{"beta" if method == "ntk_by_parts" else "beta_fast": fast})
        return {"theta": theta, "sharpen": scaling.yarn_attention_factor(k) ** 2 if method == "yarn" else 1.0}

    def with_rows(self, rows, length):
        """The same model with a longer learned table, for what users try past its last row.

        rows: what the new rows are: "last" (the last trained row again) or "fresh" (random, as large as the trained ones).
        length: rows in all, at least those that were trained. Returns a new `Model`; seed 0.
        Raises ValueError for another word or length, or if the model has no learned table. Notebooks 01 and 07.
        """
        if self.table is None:
            raise ValueError(f"model must have a learned table for this; got model.position = {self.position!r}")
        if rows not in ("last", "fresh"):
            valid.fail("rows", "last or fresh", rows)
        more = valid.integer("length", length, len(self.table)) - len(self.table)
        new = np.repeat(self.table[-1:], more, axis=0)
        if rows == "fresh":
            new = self.table.std() * np.random.default_rng(0).standard_normal(new.shape).astype(np.float32)
        longer = copy.copy(self)
        longer.table = np.concatenate([self.table, new])
        return longer

    def logits(self, tokens, theta=None, sharpen=1.0, window=None):
        """Scores of the next byte after every position.

        tokens: (n,) bytes (`tokens`). theta: (head_dim/2,) rad/token, by default the trained ones.
        sharpen: what the scores of attention are multiplied by: a number above 0, or (n,), one for each query.
        window: how many keys a query sees, itself included, tokens; None for all before it.
        Returns float32 (n, 256). Raises ValueError for a bad argument, or where the learned table has no row.
        Notebook 07.
        """
        return next(self._forward(tokens, theta, sharpen, window))

    def losses(self, tokens, theta=None, sharpen=1.0, window=None):
        """How surprising each next byte was: -ln of the probability the model gave it.

        Arguments as for `logits`, with n-1 queries. Returns float32 (n-1,), nats; entry m is the loss of byte m + 1, told at position m.
        Raises ValueError like `logits`, or for fewer than 2 tokens. Notebook 07.
        """
        return next(self.reading(tokens, theta, sharpen, window))

    def reading(self, tokens, theta=None, sharpen=1.0, window=None, piece=None):
        """`losses`, the next `piece` of them whenever they are asked for: to show a curve while it is computed.

        piece: queries at a time, at least 1; by default all. Other arguments as for `losses`.
        An iterator of float32 (piece,), the last one shorter. Raises ValueError like `losses`. Notebook 07.
        """
        tokens = _bytes(tokens, 2)
        return _losses(self._forward(tokens[:-1], theta, sharpen, window, piece), tokens[1:])

    def attention(self, tokens, layer, theta=None, sharpen=1.0, window=None):
        """The weights with which each query looks at each key, in one layer.

        layer: from 0. Other arguments as for `logits`. Returns float32 (heads, n, n): rows are queries and sum to 1.
        Raises ValueError like `logits`. Notebook 07.
        """
        layer = valid.integer("layer", layer, 0, self.layers - 1)
        n = len(_bytes(tokens))
        kept = np.zeros((self.heads, n, n), np.float32)
        next(self._forward(tokens, theta, sharpen, window, keep=(layer, kept)))
        return kept

    def query_key(self, layer):
        """What stands between two rows in a score of attention: W = diag(g) Wqᵀ Wk diag(g), g the gain of norm1.

        Without RoPE, the score of query row x and key row y in head h is x W[h] y / sqrt(head_dim), once x and y are
        divided by their root mean square, as the norm does.
        layer: from 0. Returns float64 (heads, dim, dim), dim the width of the model; each of rank head_dim at most.
        Raises ValueError for a bad layer. Source: arXiv 1706.03762, equation 1; arXiv 1910.07467 (the gain).
        Notebook 02.
        """
        weights = self._layers[valid.integer("layer", layer, 0, self.layers - 1)]
        dim = len(weights["qkv"])
        wide = weights["norm1"].astype(float)[:, None] * weights["qkv"]  # (dim, 3·dim): rows times columns
        q, k, _ = wide.reshape(dim, 3, self.heads, self.head_dim).transpose(1, 2, 0, 3)
        return q @ k.transpose(0, 2, 1)

    def _needs_rope(self):
        if self.theta is None:
            raise ValueError(f"model must have RoPE for this; got model.position = {self.position!r}")

    def _forward(self, tokens, theta, sharpen, window, piece=None, keep=None):
        """Logits, piece by piece, by default in one; each layer keeps its keys and values for the next piece."""
        tokens = _bytes(tokens)
        n = len(tokens)
        sharpen = _sharpen(sharpen, n)
        if window is not None:
            window = valid.integer("window", window, 1)
        piece = n if piece is None else valid.integer("piece", piece, 1)
        rows = self.embed[tokens]
        turn = None
        if self.position == "rope":
            turn = rope.cis(np.arange(n), self._theta(theta))
        elif theta is not None:
            self._needs_rope()
        if self.position == "learned":
            if n > len(self.table):
                most = len(self.table)
                raise ValueError(
                    f"tokens must be at most {most} here, one per row of the learned table; got tokens.size = {n}"
                )
            rows = rows + self.table[:n]
        elif self.position == "sinusoidal":
            rows = rows + np.float32(0.02) * encodings.sinusoidal(np.arange(n), rows.shape[1]).astype(np.float32)
        layers = 1 if piece >= n else self.layers  # all at once: each layer leaves its room to the next one
        keys = np.empty((layers, self.heads, self.head_dim, n), np.float32)
        values = np.empty_like(keys).swapaxes(2, 3) if SLOW else np.empty_like(keys.swapaxes(2, 3), order="C")

        def through(at):
            how = (turn if turn is None else turn[at]), (sharpen[at] if sharpen.ndim else sharpen), window
            return self._through(rows[at], [(at, *of) for of in zip(keys, values, strict=True)], how, keep)

        return map(through, (slice(start, min(start + piece, n)) for start in range(0, n, piece)))

    def _through(self, x, seen, how, keep):
        """(n, dim) -> (n, 256): through all layers. seen: for each of them, or for all, what `_attend` asks for."""
        for number, layer in enumerate(self._layers):
            kept = keep[1] if keep and keep[0] == number else None
            qkv = _product(_normed(x, layer["norm1"]), layer["qkv"])
            x = x + _product(self._attend(qkv, seen[number % len(seen)], *how, kept), layer["out"])
            if kept is not None:
                return None
            wide = _product(_normed(x, layer["norm2"]), layer["up"])
            np.maximum(wide, 0, out=wide)
            wide *= wide
            x = x + _product(wide, layer["down"])
        return _product(_normed(x, self.norm), self._unembed)

    def _theta(self, theta):
        if theta is None:
            return self.theta
        theta = valid.frequencies("theta", theta)
        if theta.shape != self.theta.shape:
            raise ValueError(
                f"theta must have shape (head_dim/2,) = {self.theta.shape}; got theta.shape = {theta.shape}"
            )
        return theta

    def _attend(self, qkv, seen, turn, sharpen, window, kept):
        """(n, 3·dim) -> (n, dim): attention of all heads, block of queries by block.

        seen: their positions, a slice; keys (heads, head_dim, positions) and values (heads, positions, head_dim) so far,
        to which theirs are added.
        """
        at, keys, values = seen
        n = len(qkv)
        q, k, v = qkv.reshape(n, 3, self.heads, self.head_dim).transpose(1, 2, 0, 3)
        q, k = np.ascontiguousarray(q), np.ascontiguousarray(k)
        if turn is not None:
            rope.rotate(q, turn, out=q)
            rope.rotate(k, turn, out=k)
        q *= sharpen / np.float32(math.sqrt(self.head_dim))
        keys[..., at], values[:, at] = k.transpose(0, 2, 1), v
        out = np.empty((self.heads, n, self.head_dim), np.float32)
        for start in range(at.start, at.stop, _BLOCK):
            stop = min(start + _BLOCK, at.stop)
            here = slice(start - at.start, stop - at.start)
            first = 0 if window is None else max(0, start - window + 1)
            scores = self._scratch(self.heads * (stop - start) * (stop - first)).reshape(
                self.heads, stop - start, stop - first
            )
            _product(q[:, here], keys[..., first:stop], scores)
            back = np.arange(start, stop)[:, None] - np.arange(start if window is None else first, stop)
            hidden = back < 0 if window is None else (back < 0) | (back >= window)
            np.copyto(scores[..., -hidden.shape[1] :], -np.inf, where=hidden)
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            total = scores.sum(axis=-1, keepdims=True)
            _product(scores, values[:, first:stop], out[:, here])
            out[:, here] /= total
            if kept is not None:
                np.divide(scores, total, out=kept[:, start:stop, first:stop])
        return out.transpose(1, 0, 2).reshape(n, -1)

    def _scratch(self, size):
        """Memory for scores, used again and again: fresh pages would cost as much as the arithmetic."""
        kept = getattr(self._room, "scores", None)
        if kept is None or kept.size < size:
            kept = self._room.scores = np.empty(size, np.float32)
        return kept[:size]


@valid.checked(n=valid.count, train_len=valid.above_one)
def log_n(n, train_len):
    """Su's attention scale: ln(m + 1) / ln(train_len), at least 1, for the queries 0 … n-1. For `sharpen`.

    n, train_len: tokens; n at least 1, train_len above 1. Returns float64 (n,).
    Raises ValueError for a bad argument. Source: Su, kexue.fm 8823; used in 9675 and 9706. Notebook 07.
    """
    return np.maximum(1.0, np.log(np.arange(1, n + 1)) / math.log(train_len))


@valid.checked(losses=valid.array, reference=valid.array, nats=valid.positive)
def break_point(losses, reference, nats=0.4):
    """Where a curve of losses first lies more than `nats` above its reference, and lies so in the next entry too.

    losses, reference: (n,) nats, of the same bytes. nats: above 0. Returns the index, an int; n where it never does.
    Raises ValueError for a bad argument. Source: computed here. Notebook 07.
    """
    if losses.ndim != 1 or losses.size == 0:
        raise ValueError(f"losses must have shape (n,) with n of at least 1; got losses.shape = {losses.shape}")
    if reference.shape != losses.shape:
        raise ValueError(
            f"reference must have the shape of losses, {losses.shape}; got reference.shape = {reference.shape}"
        )
    above = losses - reference > nats
    above[:-1] &= above[1:]
    return int(np.argmax(above)) if above.any() else above.size


def tokens(text, at_least=2, at_most=LONGEST):
    """A text as the model reads it: bytes.

    text: a str; a `pathlib.Path` of a text file; or bytes. at_least, at_most: how many bytes are allowed.
    Returns uint8 (n,), all of the text. Raises ValueError for anything else: another type, a file that is not there,
    bytes that are no UTF-8 text, or too few or too many of them. Notebook 07.
    """
    at_least = valid.integer("at_least", at_least, 1)
    at_most = valid.integer("at_most", at_most, at_least)
    name = "text"
    if isinstance(text, Path):
        name = f"text from {text.name}"
        try:
            with text.open("rb") as file:
                text = file.read(at_most + 1)
                left = file.read(1)
        except OSError as error:
            raise ValueError(
                f"text must be a file that can be read; got text = {str(text)!r} ({error.strerror})"
            ) from None
        if left or len(text) > at_most:
            raise ValueError(f"text must be at most {at_most:,} bytes; got {name}, which has more")
    if isinstance(text, str):
        try:
            text = text.encode()
        except UnicodeEncodeError:
            valid.fail("text", "text that UTF-8 can write", text)
    if not isinstance(text, bytes):
        valid.fail("text", "a str, a pathlib.Path of a text file, or bytes", text)
    try:
        plain = "\0" not in text.decode()
    except UnicodeDecodeError:
        plain = False
    if not plain:
        raise ValueError(f"text must be UTF-8 text; got {name} that holds other bytes")
    if not at_least <= len(text) <= at_most:
        size = f"{len(text):,} byte" + ("s" if len(text) != 1 else "")
        raise ValueError(f"text must be from {at_least:,} to {at_most:,} bytes; got {name} of {size}")
    return np.frombuffer(text, np.uint8)


def load(name="rope-0", folder=FOLDER):
    """A trained model by its name: "rope-0" ("rope-1", "rope-2": the same from other seeds), "learned-0", "sinusoidal-0".

    folder: where NAME.npz lies. Returns a `Model`; each is read once and kept.
    Raises ValueError if there is none of that name. Source: `assets/model/README.md`. Notebooks 01 and 07.
    """
    folder = _folder(folder)
    names = sorted(file.stem for file in folder.glob("*-*.npz"))
    if name not in names:
        valid.fail(
            "name", "one of " + ", ".join(names) if names else f"a model in {folder.name}, which holds none", name
        )
    key = folder / f"{name}.npz"
    if key not in _LOADED:
        with np.load(key) as file:
            weights = {entry: file[entry] for entry in file.files}
        _LOADED[key] = Model(weights, json.loads(str(weights.pop("shape"))))
    return _LOADED[key]


_LOADED = {}


def texts(folder=FOLDER):
    """16 texts that no model here was trained on: pieces of this project's own source, the same on every machine.

    folder: where texts.npz lies. Returns uint8 (16, 2049): 16 · train_len bytes each, and one more to predict.
    Raises ValueError if there is no such file. Source: `training/texts.py`. Notebook 07.
    """
    with np.load(_stored(folder, "texts.npz")) as file:
        return file["texts"]


def measured(name, folder=FOLDER):
    """Stored measurements of these models: "measured" (by `training/measure.py`) or "race" (by `training/race.py`).

    Each says with which seed, versions and command it was made. folder: where NAME.json lies. Returns what the file holds.
    Raises ValueError for another name, or if there is no such file. Notebook 07.
    """
    if name not in ("measured", "race"):
        valid.fail("name", "measured or race", name)
    return json.loads(_stored(folder, f"{name}.json").read_text(encoding="utf-8"))


def _folder(folder):
    if not isinstance(folder, str | Path) or not Path(folder).is_dir():
        valid.fail("folder", "a folder that exists", folder)
    return Path(folder)


def _stored(folder, name):
    file = _folder(folder) / name
    if not file.is_file():
        raise ValueError(f"folder must hold {name}; got folder = {str(folder)!r}")
    return file


_SIZES = ("dim", "layers", "heads", "train_len", "tokens")


def _check(weights, shape):
    """Are these the sizes and arrays of a network? ValueError if not."""
    if not isinstance(shape, Mapping) or not {"position", "base", *_SIZES} <= set(shape):
        valid.fail("shape", "a mapping of position, base, " + ", ".join(_SIZES), shape)
    for name in _SIZES:
        valid.integer(f"shape[{name!r}]", shape[name], 1)
    valid.above_one("shape['base']", shape["base"])
    if shape["position"] not in ("rope", "learned", "sinusoidal"):
        valid.fail("shape['position']", "rope, learned or sinusoidal", shape["position"])
    if shape["dim"] % (2 * shape["heads"]):
        valid.fail("shape['dim']", "an even number for each head", shape["dim"])
    dim = shape["dim"]
    sizes = {"embed": (shape["tokens"], dim), "norm": (dim,)}
    for layer in range(shape["layers"]):
        parts = {
            "norm1": (dim,),
            "qkv": (3 * dim, dim),
            "out": (dim, dim),
            "norm2": (dim,),
            "up": (4 * dim, dim),
            "down": (dim, 4 * dim),
        }
        sizes |= {f"{layer}.{name}": size for name, size in parts.items()}
    if shape["position"] == "learned":
        sizes["table"] = (shape["train_len"], dim)
    if not isinstance(weights, Mapping) or {name: np.shape(value) for name, value in weights.items()} != sizes:
        names = ", ".join(weights) if isinstance(weights, Mapping) else type(weights).__name__
        valid.fail("weights", "the arrays that shape asks for, in their sizes", names)


def _losses(pieces, right):
    """From pieces of logits (piece, 256) and the bytes that come: nats, piece by piece."""
    for logits in pieces:
        now, right = right[: len(logits)], right[len(logits) :]
        top = logits.max(axis=1)
        yield np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top - logits[np.arange(len(logits)), now]


def _bytes(tokens, at_least=1):
    try:
        given = np.asarray(tokens)
    except ValueError:
        valid.fail("tokens", "one row of integers from 0 to 255", tokens)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        what = f"tokens.shape = {given.shape}, tokens.dtype = {given.dtype}"
        raise ValueError(f"tokens must be one row of integers from 0 to 255; got {what}")
    if not at_least <= len(given) <= LONGEST + 1:
        raise ValueError(f"tokens must be {at_least} to {LONGEST + 1:,} bytes; got tokens.size = {len(given)}")
    return valid.whole_array("tokens", given, 0, 255)


def _sharpen(sharpen, n):
    given = valid.array("sharpen", sharpen, "numbers above 0 and below 1e9", above=0.0, below=1e9).astype(np.float32)
    if given.shape not in ((), (n,)):
        raise ValueError(
            f"sharpen must be one number, or one for each of {n} queries; got sharpen.shape = {given.shape}"
        )
    return given if given.ndim == 0 else given[:, None]


def _normed(x, gain):
    """RMSNorm: every row scaled to a root mean square of 1."""
    return x * (gain / np.sqrt(np.einsum("nd,nd->n", x, x)[:, None] / x.shape[1] + np.float32(1e-5)))


def _product(a, b, out=None):
    """a @ b. Without a fast matrix product NumPy's einsum is four times as fast as its matmul."""
    if not SLOW:
        return np.matmul(a, b, out=out)
    if a.ndim == 2:
        return np.einsum("ij,jk->ik", a, b, out=out)
    for head in zip(a, b, out, strict=True):
        _product(*head)
    return out
