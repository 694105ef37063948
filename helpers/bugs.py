"""Fifteen bugs that people really made with positions, each in a few lines: faulty, mended, and how it shows.

The faulty functions are ours, after errors met in public code (`source` says where). They stand in notebook 09 word for
word: a test compares. `mended` holds the same functions as they should be.
Taught in notebook 09.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from helpers import precision, rope, scaling

DIM, BASE, TRAINED, K = 128, 10_000.0, 2048, 4.0
_THETA = rope.frequencies(DIM, BASE)
_PART = {"rope_theta": BASE, "partial_rotary_factor": 0.5}
_LISTS = {"max_position_embeddings": 131072, "original_max_position_embeddings": 4096, "rope_theta": BASE,
          "rope_scaling": {"short_factor": [1.0] * 48, "long_factor": list(np.geomspace(1, 48, 48))}}  # fmt: skip


@dataclass(frozen=True)
class Bug:
    """One case. broken, mended: the function. report: what a user would write. hint, cause: for the reader.

    tries(function): what it gives, at settings that tell right from wrong: a list of arrays.
    scores(function, pos): score of the last position's query with the key of each position, (n,), at most 1 if right:
    all components of query and key are equal. source: where such an error was met. trained: length of training, tokens.
    """

    broken: Callable
    mended: Callable
    report: str
    hint: str
    cause: str
    source: str
    tries: Callable
    scores: Callable
    trained: int = TRAINED  # tokens

    @property
    def name(self):
        return self.broken.__name__


def _score(query, keys, pairs=DIM // 2, gain=1.0):
    """Mean cosine of angles query (p,) and keys (n, p); the pairs beyond p do not turn."""
    turned = np.cos(query - keys)
    return gain * (turned.sum(axis=1) + pairs - turned.shape[1]) / pairs


def _own(angles):
    return _score(angles[-1], angles)


def _by_theta(theta, pos, pairs=DIM // 2, gain=1.0):
    return _score(pos[-1] * theta, pos[:, None] * theta, pairs, gain)


# --- what reads the settings --------------------------------------------------------------------------------------


def part_theta(config, head_dim):
    dim = int(head_dim * config["partial_rotary_factor"])

    def frequencies(dim):
        dim = int(dim * config["partial_rotary_factor"])
        return config["rope_theta"] ** (-np.arange(0, dim, 2) / dim)

    return frequencies(dim)


def attention_factor(block):
    k = block["factor"]
    return 0.1 * np.log(k) + 1 if k > 1 else 1.0


def share_kept(turns, block):
    slow, fast = 1, 32
    return np.clip((turns - slow) / (fast - slow), 0, 1)


def score_factor(k, mscale, mscale_all_dim):
    tables = scaling.yarn_attention_factor(k, mscale) / scaling.yarn_attention_factor(k, mscale_all_dim)
    return tables**2  # cos and sin of query and key: twice in a score


def by_parts(theta, k, turns, low=1, high=32):
    share = np.clip((turns - low) / (high - low), 0, 1)
    return share * theta / k + (1 - share) * theta


# --- what looks at the length -------------------------------------------------------------------------------------


def dynamic_base(length, base, dim, k, train_len):
    longest = k * train_len
    stretch = k * longest / train_len - (k - 1)
    return base * stretch ** (dim / (dim - 2))


def base_for(queries, base, dim, k, train_len):  # queries: (batch, heads, tokens, dim)
    length = max(queries.shape[1], train_len)
    stretch = k * length / train_len - (k - 1)
    return base * stretch ** (dim / (dim - 2))


def frequencies_by_length(dim, base, k, train_len):
    kept = {"length": train_len, "theta": rope.frequencies(dim, base)}

    def theta(length):
        if length > kept["length"]:
            kept["length"], kept["theta"] = length, scaling.dynamic_ntk(dim, base, k, train_len, length)
        return kept["theta"]

    return theta


def longrope_theta(config, length):
    block = config["rope_scaling"]
    stretched = config["max_position_embeddings"] > config["original_max_position_embeddings"]
    divisor = np.array(block["long_factor" if stretched else "short_factor"])
    return 1 / (divisor * config["rope_theta"] ** (np.arange(divisor.size) / divisor.size))


def query_and_keys(pos, theta_for):  # theta_for(n): frequencies for a text of n tokens
    keys = np.array([n * theta_for(n + 1) for n in pos])  # turned as they arrive, and kept
    query = pos[-1] * theta_for(pos[-1] + 1)
    return query, keys


# --- what turns ---------------------------------------------------------------------------------------------------


def angles_of(pos, theta, block):
    step = 1 / block["factor"] if block and block["type"] == "linear" else 2.0
    return np.outer(step * pos, theta)


def ntk_angles(pos, dim, base, k):
    base = base * k ** (dim / (dim - 2))
    theta = base ** (-np.arange(0, dim, 2) / dim)
    return np.outer(pos / k, theta)


def table_angles(pos, theta):
    pos, theta = (precision.rounded(x, "bfloat16") for x in (pos, theta))  # the model's own format
    return np.outer(pos, theta)


def turn(x, angle):  # x: (n, dim), pairs are neighbours; angle: (n, dim/2)
    half = x.shape[1] // 2
    a, b = x[:, :half], x[:, half:]
    turned = np.empty_like(x)
    turned[:, 0::2] = a * np.cos(angle) - b * np.sin(angle)
    turned[:, 1::2] = a * np.sin(angle) + b * np.cos(angle)
    return turned


def theta_of(dim, base):
    i = np.arange(dim // 2)
    return base ** (2 * i / dim)


# --- as they should be --------------------------------------------------------------------------------------------


def _mended():
    def part_theta(config, head_dim):
        dim = int(head_dim * config["partial_rotary_factor"])
        return config["rope_theta"] ** (-np.arange(0, dim, 2) / dim)

    def attention_factor(block):
        if block.get("attention_factor") is not None:
            return block["attention_factor"]
        k = block["factor"]
        return 0.1 * np.log(k) + 1 if k > 1 else 1.0

    def share_kept(turns, block):
        slow, fast = block.get("beta_slow", 1), block.get("beta_fast", 32)
        return np.clip((turns - slow) / (fast - slow), 0, 1)

    def score_factor(k, mscale, mscale_all_dim):
        tables = scaling.yarn_attention_factor(k, mscale, mscale_all_dim)
        return tables**2 * scaling.yarn_attention_factor(k, mscale_all_dim) ** 2

    def by_parts(theta, k, turns, low=1, high=32):
        share = np.clip((turns - low) / (high - low), 0, 1)
        return share * theta + (1 - share) * theta / k

    def dynamic_base(length, base, dim, k, train_len):
        stretch = k * max(length, train_len) / train_len - (k - 1)
        return base * stretch ** (dim / (dim - 2))

    def base_for(queries, base, dim, k, train_len):
        return dynamic_base(queries.shape[2], base, dim, k, train_len)

    def frequencies_by_length(dim, base, k, train_len):
        return lambda length: scaling.dynamic_ntk(dim, base, k, train_len, max(length, train_len))

    def longrope_theta(config, length):
        block = config["rope_scaling"]
        divisor = np.array(block["long_factor" if length > config["original_max_position_embeddings"] else "short_factor"])
        return 1 / (divisor * config["rope_theta"] ** (np.arange(divisor.size) / divisor.size))

    def query_and_keys(pos, theta_for):
        theta = theta_for(pos[-1] + 1)
        return pos[-1] * theta, np.outer(pos, theta)

    def angles_of(pos, theta, block):
        step = 1 / block["factor"] if block and block["type"] == "linear" else 1.0
        return np.outer(step * pos, theta)

    def ntk_angles(pos, dim, base, k):
        return np.outer(pos, scaling.ntk_aware(dim, base, k))

    def table_angles(pos, theta):
        return np.outer(pos, theta)

    def turn(x, angle):
        a, b = x[:, 0::2], x[:, 1::2]
        turned = np.empty_like(x)
        turned[:, 0::2] = a * np.cos(angle) - b * np.sin(angle)
        turned[:, 1::2] = a * np.sin(angle) + b * np.cos(angle)
        return turned

    def theta_of(dim, base):
        return rope.frequencies(dim, base)

    return SimpleNamespace(**locals())


mended = _mended()


# --- how each is tried, and how it shows --------------------------------------------------------------------------


def _base_shows(base_at):
    """Scores with the base that a text of this length gets."""
    return lambda function, pos: _by_theta(rope.frequencies(DIM, base_at(function, int(pos[-1]) + 1)), pos)


def _queries(length):
    return np.broadcast_to(np.float32(0), (1, 32, length, DIM))  # no memory behind it


def _after_a_long_text(function, length):
    theta = function(DIM, BASE, K, TRAINED)
    theta(131072)
    return theta(length)


def _growing(length):
    return scaling.dynamic_ntk(DIM, BASE, K, TRAINED, max(float(length), TRAINED))


def _turned(function, pos):
    x = np.random.default_rng(3).standard_normal(DIM)
    rows = function(np.tile(x, (len(pos), 1)), np.outer(pos, _THETA))
    return rows @ rows[-1] / (x @ x)


_X = np.random.default_rng(0).standard_normal((5, 8))
_TURNS = rope.turns(_THETA, TRAINED)
_SOME = np.array([0, 1, 5, 300, 1000, 5000])

CASES = tuple(
    Bug(broken, getattr(mended, broken.__name__), report, hint, cause, source, tries, scores, *trained)
    for broken, report, hint, cause, source, tries, scores, *trained in (
        (
            theta_of,
            "Scores look like noise at every distance but 0.",
            "What are the first and the last frequency?",
            "The exponent lost its sign: frequencies grow from 1 to nearly the base, instead of falling.",
            "onnxruntime-genai, pull request 2228",
            lambda f: [f(8, 1e4), f(64, 500.0)],
            lambda f, pos: _by_theta(f(DIM, BASE), pos),
        ),
        (
            part_theta,
            "Half of each head should turn. Ours is close to the reference at the start of a text, and drifts away.",
            "How many frequencies come back for head_dim = 128 and a factor of 0.5? How many should?",
            "The factor is taken twice: the caller hands over the part, and the callee takes the part of it again.",
            "vLLM, pull request 30384",
            lambda f: [f({"rope_theta": base, "partial_rotary_factor": part}, 64) for base, part in ((1e4, 0.5), (1e6, 0.25), (1e4, 1.0))],
            lambda f, pos: _by_theta(f(_PART, DIM), pos),
        ),
        (
            attention_factor,
            "The file says attention_factor: 1.0. Attention is sharper than in the reference, at every length.",
            "Which key of the block is never read? (It may also be there and empty.)",
            "An explicit attention_factor replaces the rule; here the rule is used all the same.",
            "mlx-lm, pull request 1507",
            lambda f: [f(block) for block in ({"factor": 4.0}, {"factor": 1.0}, {"factor": 4.0, "attention_factor": 1.0},
                                              {"factor": 8.0, "attention_factor": 1.3}, {"factor": 2.0, "attention_factor": None})],
            lambda f, pos: _by_theta(_THETA, pos, gain=f({"factor": 4.0, "attention_factor": 1.0}) ** 2),
        ),
        (
            share_kept,
            "YaRN models with the usual settings are right. One with beta_fast: 4 is wrong, most at long distances.",
            "Change the block. Does anything change?",
            "The two limits are written into the code, and the settings are not asked.",
            "daScript, pull request 3479",
            lambda f: [f(_TURNS, block) for block in ({}, {"beta_fast": 4}, {"beta_fast": 16, "beta_slow": 2})],
            lambda f, pos: _by_theta((1 - f(_TURNS, {"beta_fast": 4})) * _THETA / K + f(_TURNS, {"beta_fast": 4}) * _THETA, pos),
        ),
        (
            score_factor,
            "A DeepSeek model: position 0, with a single key, is right to the last digit. Everything after it is too flat.",
            "Print it for the model's own settings: k = 40, mscale = mscale_all_dim = 1.",
            "The quotient is 1 when both scales are equal. The square of the second one belongs to the scores, and is missing.",
            "onnxruntime/mobius, pull request 548",
            lambda f: [f(40, 1.0, 1.0), f(40, 0.707, 0.707), f(8, 1.0, 0.5), f(1, 1.0, 1.0)],
            lambda f, pos: _by_theta(_THETA, pos, gain=f(40, 1.0, 1.0)),
        ),
        (
            by_parts,
            "Long texts work as badly as without scaling, and short ones got worse too.",
            "What happens to a pair with 300 turns, and to one with 0.1?",
            "The bands are swapped: fast pairs are slowed, slow ones kept.",
            "a public explainer of these methods",
            lambda f: [f(_THETA, k, _TURNS) for k in (1.0, 4.0, 32.0)],
            lambda f, pos: _by_theta(f(_THETA, K, _TURNS), pos),
        ),
        (
            dynamic_base,
            "Dynamic scaling is on, and a text of 100 tokens already comes out different from the unscaled model.",
            "On which of its arguments does the result depend? And up to train_len nothing should change.",
            "The longest possible text stands where this text should: the length cancels, and the base is a constant.",
            "vLLM, issue 41236",
            lambda f: [f(length, BASE, DIM, k, TRAINED) for length in (10, 2048, 2049, 8192, 65536) for k in (2.0, 4.0)],
            _base_shows(lambda f, length: f(length, BASE, DIM, K, TRAINED)),
        ),
        (
            base_for,
            "Dynamic scaling never begins, however long the prompt is.",
            "Print the length that it finds, for queries of shape (1, 32, 5000, 128).",
            "Axis 1 holds the heads. There are 32 of them, and 32 is never beyond the trained length. Tokens are on axis 2.",
            "mlx-lm, pull request 1553",
            lambda f: [f(_queries(length), BASE, DIM, k, TRAINED) for length in (10, 2048, 2049, 8192) for k in (2.0, 4.0)],
            _base_shows(lambda f, length: f(_queries(length), BASE, DIM, K, TRAINED)),
        ),
        (
            frequencies_by_length,
            "The first answers of the day are right. After one long document, short questions get worse ones.",
            "Call it with 100, then 100,000, then 100.",
            "The frequencies of the longest text so far stay: nothing brings them back for a short one.",
            "Hugging Face transformers, pull request 27227",
            lambda f: [theta(length) for theta in (f(DIM, BASE, K, TRAINED), f(64, BASE, 2.0, 512)) for length in (100, 9000, 100, 3000, 2048)],
            lambda f, pos: _by_theta(_after_a_long_text(f, int(pos[-1]) + 1), pos),
        ),
        (
            longrope_theta,
            "A Phi model: long documents are fine, short chats are worse than in the reference.",
            "For which lengths does it take the short list?",
            "The list is chosen by what the model could read, not by the text at hand: the long one at every length.",
            "llama.cpp, issue 8995",
            lambda f: [f(_LISTS, length) for length in (1, 4096, 4097, 100_000)],
            lambda f, pos: _by_theta(f(_LISTS, int(pos[-1]) + 1), pos, pairs=48),
            4096,
        ),
        (
            query_and_keys,
            "Reading a prompt at once is right. Writing token by token beyond the trained length slowly goes wrong.",
            "With which frequencies was key 100 turned, and with which is the query?",
            "The base grows with the text, and kept keys were turned with an older one. Keep them unturned, or turn them anew.",
            "Hugging Face transformers, issue 25104",
            lambda f: list(f(_SOME, _growing)) + list(f(_SOME[:4], _growing)),
            lambda f, pos: _score(*f(pos, _growing)),
        ),
        (
            angles_of,
            "Models with linear scaling are right. All others are off at every length, though they still talk.",
            "What is the angle at position 1, without any scaling?",
            "Only linear scaling touches positions, by 1/factor. For all the rest the step must be 1, and here it is 2.",
            "mlx-lm, issue 1545",
            lambda f: [f(_SOME, _THETA, block) for block in (None, {"type": "linear", "factor": 4.0}, {"type": "dynamic", "factor": 6.0})],
            lambda f, pos: _own(f(pos, _THETA, None)),
        ),
        (
            ntk_angles,
            "NTK-aware scaling by 4 blurs neighbours as much as Position Interpolation does, and more.",
            "How far does pair 0 turn with one token? It should be one radian.",
            "The stretch is applied twice: to the base, and to the positions.",
            "ggml, issue 835",
            lambda f: [f(_SOME, dim, base, k) for dim, base, k in ((8, 1e4, 4.0), (64, 1e6, 2.0), (8, 1e4, 1.0))],
            lambda f, pos: _own(f(pos, DIM, BASE, K)),
        ),
        (
            table_angles,
            "All is well up to a few hundred tokens. Then words swap places: red and green in a list, digits in a number.",
            "Compare the rows of positions 256 and 257.",
            "Positions and frequencies were cast to the model's format first. bfloat16 cannot write 257. Cast neither; cos and sin, later, may be cast.",
            "Hugging Face transformers, pull request 29285",
            lambda f: [f(np.arange(5.0), _THETA), f(np.arange(250.0, 260.0), _THETA), f(np.array([5001.0]), _THETA)],
            lambda f, pos: _own(f(pos.astype(float), _THETA)),
        ),
        (
            turn,
            "The first token is right. After it come words, and no sentence.",
            "Turn (1, 0, 0, 0, 0, 0, 0, 0) by 90 degrees in pair 0. Where does it end?",
            "Components half a head apart are read, neighbours are written. Weights made for neighbours need neighbours, both times.",
            "hipfire, pull request 241",
            lambda f: [f(_X, np.outer(np.arange(5), rope.frequencies(8)))],
            _turned,
        ),
    )
)  # fmt: skip
