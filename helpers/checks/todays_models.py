"""Exercise checkers of notebook 08."""

import numpy as np

from helpers import configs, rope
from helpers.checks import close, expect, handed_over, right, tried

NEOX = {"hidden_size": 6144, "num_attention_heads": 64, "rotary_pct": 0.25, "rotary_emb_base": 10000,
        "max_position_embeddings": 2048}  # fmt: skip


def a_quarter_turns(answer):
    """Exercise 1. answer: (components of a head that turn, pairs without a full turn) for GPT-NeoX-20B."""
    if not tried(answer):
        return
    expect(np.shape(answer) == (2,), "Give two numbers: components that turn, pairs without a full turn.")
    read = configs.read(NEOX)
    turned, unfinished = answer
    expect(turned != read.head_dim, "That is the whole head. A quarter of it turns.")
    expect(turned != read.dim // 2, "That is the number of pairs. A pair has two components.")
    close(turned, read.dim, "A head has hidden size / heads components, and rotary_pct of them turn.")
    slow = int((rope.turns(read.theta, read.train_len) < 1).sum())
    expect(unfinished != read.dim // 2 - slow, "Those are the pairs that did make a full turn.")
    close(unfinished, slow, "Pair i turns by base^(-2i/d) with d the part that turns, and L is 2,048 tokens.")
    right(f"{read.dim} of {read.head_dim} components turn, in {read.dim // 2} pairs; {slow} of these made no full turn.")


def frequencies_of(function):
    """Exercise 2. function(config): theta of a plain or a linear configuration, with or without a partial factor."""
    if not handed_over(function):
        return
    sizes = {"hidden_size": 1024, "num_attention_heads": 8, "max_position_embeddings": 4096}
    cases = (
        ({**sizes, "rope_theta": 10_000.0}, "No scaling, every component turns"),
        ({**sizes, "rope_theta": 500_000.0}, "The base is in the settings: rope_theta"),
        ({**sizes, "rope_theta": 10_000.0, "rope_scaling": None}, "rope_scaling may be there and empty (None)"),
        (
            {**sizes, "rope_theta": 10_000.0, "rope_scaling": {"rope_type": "linear", "factor": 4.0}},
            "linear is PI: every frequency is divided by the factor",
        ),
        (
            {**sizes, "rope_theta": 10_000.0, "partial_rotary_factor": 0.5},
            "With a partial factor d is the part that turns, in the length and in the exponent",
        ),
        (
            {**sizes, "rope_theta": 10_000.0, "partial_rotary_factor": 0.5, "rope_scaling": {"rope_type": "linear", "factor": 2.0}},
            "Both at once: the factor of a half, and linear by 2",
        ),
    )
    for config, words in cases:
        given = function(dict(config))
        if not tried(given):
            return
        close(given, configs.read(config).theta, f"{words}. The settings were {config}.")
    right("Four keys decide: the size of a head, the part of it that turns, the base, the scaling.")


def one_model_two_tables(answer):
    """Exercise 3. answer: (model, n): the frequencies for a text of n tokens differ from those for n + 1."""
    if not tried(answer):
        return
    expect(isinstance(answer, (tuple, list)) and len(answer) == 2, "Give a name of configs.MODELS and a number: (model, n).")
    model, n = answer
    expect(model in configs.MODELS, f"The model should be one of {', '.join(configs.MODELS)}; got {model!r}.")
    expect(model != "Phi-4-mini", "That is the one shown above. Find another.")
    expect(isinstance(n, (int, np.integer)) and n > 0, "n should be a whole number of tokens above 0.")
    before, after = (configs.read(configs.MODELS[model], length=int(length)) for length in (n, n + 1))
    expect(
        not np.array_equal(before.theta, after.theta),
        f"{model} has one table at {n:,} and at {n + 1:,} tokens. Which scaling looks at the length of the text?",
    )
    change = np.abs(after.theta / before.theta - 1).max()
    angle = n * np.abs(after.theta - before.theta).max()
    right(
        f"One token more, and a frequency changes by {100 * change:.2g} %. A key at position {n:,}, turned before and kept, "
        f"is up to {angle:.2g} rad from where the new table would put it."
    )
