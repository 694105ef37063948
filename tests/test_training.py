"""What made the models: the text and its windows here; the network and its training where PyTorch is installed."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import model
from training import corpus

ROOT = Path(__file__).resolve().parents[1]
CORPUS = corpus.Corpus()
RNG = np.random.default_rng


def test_a_fixed_rule_holds_files_out():
    files = corpus.library()
    for path in ("textwrap.py", "json/decoder.py", "heapq.py", "ast.py"):
        assert path in files
        assert corpus.is_held_out(path) == (int(hashlib.sha256(path.encode()).hexdigest()[:8], 16) % 12 == 0)
    assert set(CORPUS.paths) == {path for path in files if corpus.is_held_out(path)}
    assert sum(map(len, files.values())) == len(CORPUS.train) + len(CORPUS.held_out)
    assert 0.03 < len(CORPUS.held_out) / len(CORPUS.train) < 0.3
    assert not any(set(Path(path).parts) & {"test", "idlelib", "site-packages", "encodings"} for path in files)


def test_the_two_sides_share_no_file():
    made = corpus.Corpus({"a/b.py": b"one", "textwrap.py": b"two", **{f"{n}.py": b"%d" % n for n in range(40)}})
    train, held_out = bytes(made.train), bytes(made.held_out)
    for path, text in {"a/b.py": b"one", "textwrap.py": b"two"}.items():
        assert (text in held_out, text in train) == (corpus.is_held_out(path), not corpus.is_held_out(path))


def test_windows_are_what_they_say():
    text = CORPUS.train
    for seed in range(20):
        window = corpus.tiled(text, RNG(seed), 129)
        assert any(np.array_equal(window[period:], window[:-period]) for period in range(16, 64))
        window = bytes(corpus.passkey(text, RNG(seed), 129))
        line = window[-19:]
        assert line.startswith(b"\n# the key is ") and line[-5:].isdigit() and line[1:] in window[:-18]
        window = corpus.pasted(text, RNG(seed), 129)
        chunks = {bytes(window[at : at + 16]) for at in range(114)}
        assert len(window) == 129 and len(chunks) < 114
        assert bytes(corpus.plain(text, RNG(seed), 129)) in bytes(text)
        for distance in (32, 100, 480):
            window = corpus.copy_test(text, RNG(seed), 512, distance)
            word = bytes(window[-32:])
            assert word.islower() and word.isalpha() and bytes(window[480 - distance : 512 - distance]) == word
    for distance in (31, 481):
        with pytest.raises(ValueError, match="^distance must be from 32 to 480 bytes; got distance ="):
            corpus.copy_test(text, RNG(0), 512, distance)


def test_keys_and_words_use_every_digit_and_letter():
    keys = [bytes(corpus.passkey(CORPUS.train, RNG(seed), 129)) for seed in range(20)]
    assert set(b"".join(key[-5:] for key in keys)) == set(b"0123456789")
    for window in keys:
        assert window[window.index(window[-19:]) + 19 :][:1] in (b"\n", b"")
    words = [bytes(corpus.copy_test(CORPUS.train, RNG(seed), 512, 100)[-32:]) for seed in range(20)]
    assert set(b"".join(words)) == set(b"abcdefghijklmnopqrstuvwxyz")


def test_a_batch_holds_every_kind_and_depends_on_its_seed_alone():
    first, again, other = (corpus.batch(CORPUS.train, RNG(seed), 32, 129) for seed in (1, 1, 2))
    assert first.shape == (32, 129) and np.array_equal(first, again) and not np.array_equal(first, other)
    many = corpus.batch(CORPUS.train, RNG(0), 400, 129)
    tiles = np.mean([any(np.array_equal(row[p:], row[:-p]) for p in range(16, 64)) for row in many])
    assert 0.33 < tiles < 0.47
    keys = np.mean([b"\n# the key is " in bytes(row[-19:]) for row in many])
    assert 0.18 < keys < 0.32


def test_nothing_shipped_was_in_the_training_text():
    """No line of 40 bytes or more of the 16 texts stands in the library."""
    text = bytes(CORPUS.train)
    for row in model.texts():
        lines = [line for line in bytes(row).split(b"\n")[1:-1] if len(line) >= 40]
        assert lines and not any(line in text for line in lines)


# ------------------------------------------------------------------------------------------------- with PyTorch


def test_a_run_that_was_cut_off_ends_like_one_that_was_not(tmp_path):
    torch = pytest.importorskip("torch", reason="only those who train need PyTorch: pip install -e '.[training]'")
    from training import train

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    common = ["rope", "--seed", "7", "--steps", "4"]
    train.SAVE_EVERY, before = 2, train.SAVE_EVERY
    try:
        train.main([*common, "--out", str(whole)])
        step_on, left = train.step_on, [3]

        def cut(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return step_on(*args, **kwargs)

        train.step_on = cut
        with pytest.raises(KeyboardInterrupt):
            train.main([*common, "--out", str(parts)])
        train.step_on = step_on
        train.main([*common, "--out", str(parts)])
    finally:
        train.SAVE_EVERY = before
    one, two = (torch.load(folder / "rope-7.pt")["network"] for folder in (whole, parts))
    assert all(torch.equal(one[name], two[name]) for name in one)
    lines = [
        [json.loads(line) for line in (folder / "rope-7.jsonl").read_text().splitlines()] for folder in (whole, parts)
    ]
    assert [line.get("step") for line in lines[0]] == [line.get("step") for line in lines[1]] == [None, 2, 4]


def test_the_series_imports_no_pytorch():
    code = "import sys, training.corpus, helpers.model; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
