"""The NumPy forward pass against PyTorch's stored logits, and against a plain one written here."""

import hashlib
import json
import math
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from helpers import encodings, model, rope, scaling

REFERENCE = np.load(model.FOLDER / "reference.npz")
NAMES = sorted(file.stem for file in model.FOLDER.glob("*-*.npz"))
TEXT = model.texts()[3]


def test_the_models_that_notebooks_name_are_there():
    assert {"rope-0", "rope-1", "rope-2", "learned-0", "sinusoidal-0"} <= set(NAMES)


@pytest.mark.parametrize("entry", [entry for entry in REFERENCE.files if entry != "tokens"])
def test_logits_are_pytorch_s(entry):
    """Computed by PyTorch from the same float16 weights, on a text longer than the training."""
    name, _, way = entry.partition(".")
    lm, tokens = model.load(name), REFERENCE["tokens"]
    expected = REFERENCE[entry]
    more = {"": {}, "window": {"window": 100}}[way] if way != "yarn" else lm.stretched("yarn", 8)
    given = lm.logits(tokens[: len(expected)], **more)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, expected, rtol=0, atol=1e-4)


def test_the_reference_goes_past_the_training_length_for_rope():
    assert len(REFERENCE["rope-0"]) == 300 > 2 * model.load("rope-0").train_len
    assert {"rope-0", "rope-0.yarn", "rope-0.window", "learned-0", "sinusoidal-0"} <= set(REFERENCE.files)


def plainly(lm, tokens, theta=None, sharpen=1.0, window=None):
    """The network once more: float64, one head and one query at a time, rotation matrices in place of complex numbers."""
    with np.load(model.FOLDER / f"{lm_name(lm)}.npz") as file:
        weights = {name: file[name].astype(float) for name in file.files if name != "shape"}

    def normed(x, gain):
        return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5) * gain

    n, width = len(tokens), lm.head_dim
    x = weights["embed"][tokens]
    if lm.position == "learned":
        x = x + weights["table"][:n]
    if lm.position == "sinusoidal":
        angle = np.arange(n)[:, None] / 10_000 ** (np.arange(0, x.shape[1], 2) / x.shape[1])
        x = x + 0.02 * np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(n, -1)
    turned = [np.eye(width)] * n
    if lm.position == "rope":
        turned = [rope.block_rotation(m, lm.theta if theta is None else theta) for m in range(n)]
    for layer in range(lm.layers):
        get = {part: weights[f"{layer}.{part}"] for part in ("norm1", "qkv", "out", "norm2", "up", "down")}
        qkv = normed(x, get["norm1"]) @ get["qkv"].T
        mixed = np.zeros_like(x)
        for head in range(lm.heads):
            at = head * width
            q, k, v = (qkv[:, part * x.shape[1] + at : part * x.shape[1] + at + width] for part in range(3))
            for m in range(n):
                first = 0 if window is None else max(0, m - window + 1)
                score = np.array([(turned[m] @ q[m]) @ (turned[j] @ k[j]) for j in range(first, m + 1)])
                score = score / math.sqrt(width) * np.broadcast_to(sharpen, n)[m]
                share = np.exp(score - score.max())
                mixed[m, at : at + width] = share / share.sum() @ v[first : m + 1]
        x = x + mixed @ get["out"].T
        x = x + np.maximum(normed(x, get["norm2"]) @ get["up"].T, 0) ** 2 @ get["down"].T
    return normed(x, weights["norm"]) @ weights["embed"].T


def lm_name(lm):
    return next(name for name in NAMES if model.load(name) is lm)


@pytest.mark.parametrize("name, more", [
    ("rope-0", {}), ("rope-0", {"window": 5}), ("rope-0", {"sharpen": 1.7}), ("rope-0", {"sharpen": np.linspace(1, 2, 23)}),
    ("rope-0", {"theta": np.linspace(1, 0.01, 16)}), ("learned-0", {}), ("sinusoidal-0", {}),
], ids=str)  # fmt: skip
def test_logits_are_those_of_a_plain_network(name, more):
    lm = model.load(name)
    np.testing.assert_allclose(lm.logits(TEXT[:23], **more), plainly(lm, TEXT[:23], **more), rtol=0, atol=1e-4)


@pytest.mark.parametrize("window", [None, 100, 128, 300])
def test_blocks_make_no_difference(monkeypatch, window):
    lm, tokens = model.load("rope-0"), TEXT[:333]
    expected = lm.logits(tokens, window=window)
    for block in (1000, 37):
        monkeypatch.setattr(model, "_BLOCK", block)
        np.testing.assert_allclose(lm.logits(tokens, window=window), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("name, more", [
    ("rope-0", {}), ("rope-0", {"window": 100}), ("rope-0", {"sharpen": np.linspace(1, 2, 330)}), ("sinusoidal-0", {}),
], ids=["all keys", "window", "sharpened", "sinusoidal"])  # fmt: skip
def test_reading_in_pieces_makes_no_difference(monkeypatch, name, more, slow):
    lm, tokens = model.load(name), TEXT[:331]
    expected = lm.losses(tokens, **more)
    monkeypatch.setattr(model, "SLOW", slow)
    for piece, sizes in ((None, [330]), (128, [128, 128, 74]), (37, [37] * 8 + [34]), (330, [330]), (1000, [330])):
        given = list(lm.reading(tokens, **more, piece=piece))
        assert [len(one) for one in given] == sizes and given[0].dtype == np.float32
        np.testing.assert_allclose(np.concatenate(given), expected, rtol=0, atol=1e-4)
    for bad in (0, 1.5):
        with pytest.raises(ValueError, match="^piece must be"):
            next(lm.reading(tokens, piece=bad))


def test_the_browser_s_numpy_gives_the_same_numbers(monkeypatch):
    lm, tokens = model.load("rope-0"), REFERENCE["tokens"][:300]
    attention = lm.attention(tokens, 2)
    monkeypatch.setattr(model, "SLOW", True)
    monkeypatch.setattr(np, "matmul", None)
    np.testing.assert_allclose(lm.logits(tokens), REFERENCE["rope-0"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(lm.attention(tokens, 2), attention, rtol=0, atol=1e-5)


def test_a_byte_knows_nothing_of_what_follows():
    lm = model.load("rope-0")
    whole = lm.logits(TEXT[:300])
    np.testing.assert_allclose(lm.logits(TEXT[:140]), whole[:140], rtol=0, atol=1e-4)
    other = TEXT[:300].copy()
    other[200] ^= 1
    changed = np.abs(lm.logits(other) - whole).max(axis=1)
    assert changed[:200].max() < 1e-4 < changed[200]


def test_a_window_as_long_as_the_text_is_none():
    lm = model.load("rope-0")
    assert np.array_equal(lm.logits(TEXT[:200], window=200), lm.logits(TEXT[:200]))
    assert np.abs(lm.logits(TEXT[:200], window=199) - lm.logits(TEXT[:200])).max() > 1e-3


def test_losses_are_minus_the_log_of_the_probability():
    lm, tokens = model.load("rope-0"), TEXT[:150]
    logits = lm.logits(tokens[:-1]).astype(float)
    share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = -np.log([share[m, tokens[m + 1]] for m in range(149)])
    np.testing.assert_allclose(lm.losses(tokens), expected, rtol=1e-5, atol=1e-5)
    assert np.exp(lm.losses(tokens).mean()) < 20, "worse than guessing among twenty: not trained, or not these weights"


def test_attention_is_what_the_layer_uses():
    lm, tokens = model.load("rope-0"), TEXT[:140]
    for window in (None, 50):
        weight = lm.attention(tokens, 1, window=window)
        assert weight.shape == (4, 140, 140)
        np.testing.assert_allclose(weight.sum(axis=-1), 1, rtol=1e-5)
        back = np.arange(140)[:, None] - np.arange(140)
        hidden = (back < 0) | (back >= (window or 140))
        assert not weight[:, hidden].any() and weight[:, ~hidden].all()
    # by hand, for the first layer: RMSNorm, q and k, one rotation, softmax
    with np.load(model.FOLDER / "rope-0.npz") as file:
        x, qkv, gain = (file[name].astype(float) for name in ("embed", "0.qkv", "0.norm1"))
    x = x[tokens]
    q, k, _ = np.split((x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-5) * gain) @ qkv.T, 3, axis=1)
    cis = rope.cis(np.arange(140), lm.theta, np.complex128)
    for head in range(4):
        part = slice(32 * head, 32 * head + 32)
        a, b = (rope.rotate(np.ascontiguousarray(one[:, part]), cis) for one in (q, k))
        score = np.where(np.tri(140, dtype=bool), a @ b.T / math.sqrt(32), -np.inf)
        share = np.exp(score - score.max(axis=1, keepdims=True))
        np.testing.assert_allclose(lm.attention(tokens, 0)[head], share / share.sum(1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("name, layer", [("sinusoidal-0", 0), ("sinusoidal-0", 2), ("learned-0", 1), ("rope-0", 3)])
def test_query_key_gives_the_scores_of_the_forward_pass(name, layer):
    """Its scores, with the norm's division, are the logarithms of the attention, up to one number for each query."""
    with np.load(model.FOLDER / f"{name}.npz") as file:
        weights = {entry: file[entry] for entry in file.files if entry != "shape"}
    for number in range(4):  # layers that add nothing: the input of each is the input of the first
        weights[f"{number}.out"] = np.zeros((128, 128))
        weights[f"{number}.down"] = np.zeros((128, 512))
    rng = np.random.default_rng(3)
    weights |= {"embed": rng.standard_normal((256, 128)), f"{layer}.norm1": rng.uniform(0.5, 2, 128)}
    lm, tokens = model.Model(weights, model.load(name).shape), TEXT[:40]
    x = weights["embed"][tokens]
    if name == "learned-0":
        x = x + weights["table"][:40]
    if name == "sinusoidal-0":
        x = x + 0.02 * encodings.sinusoidal(np.arange(40), 128)
    x = x / np.sqrt((x**2).mean(axis=1, keepdims=True))
    given = lm.query_key(layer)
    assert given.shape == (4, 128, 128) and given.dtype == np.float64
    assert all(np.linalg.matrix_rank(one) == 32 for one in given)
    still = {"theta": np.full(16, 1e-12)} if name == "rope-0" else {}  # so slow that nothing turns
    share = np.log(
        lm.attention(tokens, layer, **still).astype(float), where=np.tri(40, dtype=bool), out=np.zeros((4, 40, 40))
    )
    for head in range(4):
        score = x @ given[head] @ x.T / math.sqrt(32)
        for m in range(1, 40):
            np.testing.assert_allclose(
                share[head, m, : m + 1] - share[head, m, 0], score[m, : m + 1] - score[m, 0], atol=2e-3
            )


@pytest.mark.parametrize("method", [key for key, one in scaling.METHODS.items() if not one.needs])
def test_stretched_gives_the_method_s_frequencies(method):
    lm = model.load("rope-0")
    given = lm.stretched(method, 4, test_len=700)
    expected = scaling.METHODS[method].frequencies(dim=32, base=500.0, k=4, train_len=128, test_len=700)
    assert np.array_equal(given["theta"], expected)
    assert given["sharpen"] == ((0.1 * math.log(4) + 1) ** 2 if method == "yarn" else 1)


def test_stretched_knows_k_and_refuses_fast_elsewhere():
    lm = model.load("rope-0")
    assert np.array_equal(
        lm.stretched("dynamic_ntk", 4)["theta"], lm.stretched("dynamic_ntk", 4, test_len=512)["theta"]
    )
    with pytest.raises(ValueError, match="^fast must be None for every method but"):
        lm.stretched("pi", 8, fast=4)


def test_losses_and_attention_pass_their_options_on():
    lm, tokens = model.load("rope-0"), TEXT[:160]
    for more in ({"window": 20}, {"sharpen": 2.0}, {"theta": lm.theta / 2}):
        logits = lm.logits(tokens[:-1], **more).astype(float)
        share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        expected = -np.log(share[np.arange(159), tokens[1:]])
        np.testing.assert_allclose(lm.losses(tokens, **more), expected, rtol=1e-4, atol=1e-4)
        assert np.abs(lm.attention(tokens, 3, **more) - lm.attention(tokens, 3)).max() > 0.01


@pytest.mark.parametrize("layer", range(4))
def test_attention_of_every_layer_sums_to_one(layer):
    lm, tokens = model.load("rope-0"), TEXT[:140]
    weight = lm.attention(tokens, layer)
    np.testing.assert_allclose(weight.sum(axis=-1), 1, rtol=1e-5)
    assert len({round(float(lm.attention(tokens, one)[0, 139, 5]), 9) for one in range(4)}) == 4


def test_threads_do_not_share_their_scratch():
    lm = model.load("rope-0")
    texts = [TEXT[: 200 + 97 * number] for number in range(4)]
    expected = [lm.logits(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lm.logits, texts * 5))
    for number, logits in enumerate(given):
        np.testing.assert_allclose(logits, expected[number % 4], rtol=0, atol=1e-5)


def test_fast_moves_the_upper_threshold_alone():
    lm = model.load("rope-0")
    by_parts = lm.stretched("ntk_by_parts", 8, fast=4)["theta"]
    np.testing.assert_allclose(by_parts, scaling.llama3(32, 500, 8, 128))
    assert np.array_equal(lm.stretched("yarn", 8, fast=4)["theta"], scaling.yarn(32, 500, 8, 128, beta_fast=4))
    assert np.array_equal(lm.stretched("yarn", 8, fast=32)["theta"], lm.stretched("yarn", 8)["theta"])


def test_more_rows_for_the_learned_table():
    lm = model.load("learned-0")
    for rows in ("last", "fresh"):
        longer = lm.with_rows(rows, 200)
        assert longer.table.shape == (200, 128) and lm.table.shape == (128, 128)
        assert np.array_equal(longer.logits(TEXT[:128]), lm.logits(TEXT[:128]))
        longer.logits(TEXT[:200])
    assert np.array_equal(lm.with_rows("last", 130).table[128:], [lm.table[127]] * 2)
    assert np.array_equal(lm.with_rows("fresh", 200).table, lm.with_rows("fresh", 200).table)
    assert lm.with_rows("fresh", 300).table[128:].std() == pytest.approx(lm.table.std(), rel=0.05)


def test_log_n():
    np.testing.assert_allclose(model.log_n(4, 2), [1, 1, math.log(3) / math.log(2), 2], rtol=1e-14)
    assert np.array_equal(model.log_n(128, 128), np.ones(128))


def test_break_point():
    flat = np.zeros(6)
    assert model.break_point([0, 0, 1, 1, 0, 0], flat) == 2
    assert model.break_point([0, 1, 0, 1, 1, 0], flat) == 3  # one high entry alone is noise
    assert model.break_point([0, 0, 0, 0, 0, 1], flat) == 5  # but nothing follows the last
    assert model.break_point([0.4, 0.4, 0, 0, 0, 0], flat) == 6
    assert model.break_point(flat - 1, flat) == 6  # far below is no break
    assert model.break_point(flat + 1, flat + 0.7, nats=0.2) == 0


def test_loading_reads_once_and_names_what_there_is(tmp_path):
    assert model.load("rope-0") is model.load("rope-0")
    with pytest.raises(ValueError, match=r"^name must be one of learned-0, .*; got name = 'rope-9'$"):
        model.load("rope-9")
    shutil.copy(model.FOLDER / "learned-0.npz", tmp_path / "rope-0.npz")
    assert model.load("rope-0", tmp_path).position == "learned"
    with pytest.raises(
        ValueError, match="^name must be one of learned-0, rope-0, rope-1, rope-2, sinusoidal-0; got name = 'texts'"
    ):
        model.load("texts")
    with pytest.raises(ValueError, match="^name must be a model in tests, which holds none"):
        model.load("rope-0", folder=Path(__file__).parent)


# ------------------------------------------------------------------------------------------------- a reader's own text


def test_a_text_is_its_bytes(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("π = 3\n", encoding="utf-8")
    for text in ("π = 3\n", "π = 3\n".encode(), file):
        assert bytes(model.tokens(text)) == "π = 3\n".encode()
    assert len(model.tokens("x" * 2048)) == 2048
    assert len(model.tokens("xy")) == 2 and len(model.tokens("x" * 9, at_most=9)) == 9
    file.write_text("x" * 9)
    assert len(model.tokens(file, at_most=9)) == 9


def test_the_longest_text_has_one_byte_to_predict(monkeypatch):
    monkeypatch.setattr(model, "LONGEST", 8)
    lm = model.load("rope-0")
    assert len(lm.losses(TEXT[:9])) == 8
    with pytest.raises(ValueError, match="got tokens.size = 10"):
        lm.losses(TEXT[:10])


@pytest.mark.parametrize("text, words", [
    ("x", r"text must be from 2 to 9 bytes; got text of 1 byte$"),
    ("x" * 10, r"text must be from 2 to 9 bytes; got text of 10 bytes$"),
    (b"\xff\xfe\x00a", r"text must be UTF-8 text; got text that holds other bytes$"),
    (b"a\0b", r"text must be UTF-8 text; got text that holds other bytes$"),
    ("\ud800a", r"text must be text that UTF-8 can write; got text = "),
    (3, r"text must be a str, a pathlib.Path of a text file, or bytes; got text = 3$"),
    (None, r"text must be a str, a pathlib.Path of a text file, or bytes; got text = None$"),
    (Path("no such file.py"), r"text must be a file that can be read; got text = 'no such file.py' \(No such file"),
    (Path(__file__).parent, r"text must be a file that can be read; got text = "),
    (Path(__file__), r"text must be at most 9 bytes; got text from test_model.py, which has more$"),
], ids=str)  # fmt: skip
def test_another_text_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match="^" + words):
        model.tokens(text, at_most=9)


def test_a_picture_is_no_text(tmp_path):
    file = tmp_path / "picture.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValueError, match="^text must be UTF-8 text; got text from picture.png that holds other bytes$"):
        model.tokens(file)


# ------------------------------------------------------------------------------------------------- what is shipped


def test_the_card_names_every_file_with_its_checksum():
    card = (model.FOLDER / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"`([\w-]+\.(?:npz|json))`.*?`([0-9a-f]{64})`", card))
    files = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in model.FOLDER.glob("*.*")
        if file.suffix != ".md"
    }
    assert named == files


def test_weights_are_float16_and_small():
    for name in NAMES:
        with np.load(model.FOLDER / f"{name}.npz") as file:
            shape = json.loads(str(file["shape"]))
            assert all(file[entry].dtype == np.float16 for entry in file.files if entry != "shape")
        assert shape["train_len"] == 128 and shape["position"] == name[:-2]
    assert sum(file.stat().st_size for file in model.FOLDER.iterdir()) < 12e6


def test_stored_measurements_say_how_they_were_made():
    about = model.measured("measured")["about"]
    assert about["command"] == "python -m training.measure" and about["texts"] >= 24
    race = model.measured("race")
    assert {one["method"] for one in race} == {"direct", "pi", "ntk_aware", "yarn"}
    for one in race:
        assert one["command"].startswith("python -m training.race") and {"torch", "numpy", "python", "seed"} <= set(one)
    for name in ("other", None):
        with pytest.raises(ValueError, match="^name must be measured or race"):
            model.measured(name)


def test_a_log_for_every_model():
    """The log ends with the same number of steps as the head promises, and the loss went down."""
    for name in NAMES:
        lines = (model.FOLDER.parents[1] / "training" / "logs" / f"{name}.jsonl").read_text().splitlines()
        head, first, last = (json.loads(lines[at]) for at in (0, 1, -1))
        assert last["step"] == head["steps"] and last["plain"] < first["plain"] - 0.3
        assert f"{head['position']}-{head['seed']}" == name


def test_the_learned_table_ends():
    with pytest.raises(ValueError) as caught:
        model.load("learned-0").logits(TEXT[:129])
    assert (
        str(caught.value) == "tokens must be at most 128 here, one per row of the learned table; got tokens.size = 129"
    )
