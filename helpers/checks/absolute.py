"""Exercise checkers of notebook 01: the learned table."""

import numpy as np

from helpers.checks import NotYet, close, expect, handed_over, right, tried
from helpers.labels import said


def clamped_tokens(answer):
    """Exercise 1. answer: how many of 2048 clamped tokens share their row of a 512-row table with another token."""
    if not tried(answer):
        return
    is_number = isinstance(answer, (int, float, np.integer, np.floating)) and not isinstance(answer, bool)
    expect(is_number, f"The answer should be one number; got {type(answer).__name__}.")
    expect(answer != 1536, "Those are the tokens past the table. One token inside it sits on the last row too. Which one?")
    expect(answer != 512, "That is how many different rows are used. How many tokens share one of them?")
    expect(answer != 511, "Those tokens have a row of their own. Count the others.")
    expect(answer == 1537, "Write down np.minimum(pos, 511) for pos = 509, 510, 511, 512, 513. Which tokens get the same row?")
    right("1,537: the tokens at positions 511 … 2,047 all get row 511. Only 511 of 2,048 have a row of their own.")


def table_gradient(function):
    """Exercise 2. function(pos, gradient, max_len): the gradient of the loss with respect to the table, (max_len, dim)."""
    if not handed_over(function):
        return
    first = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
    answer = _ask(function, np.array([0, 1, 2]), first, 4)
    if not tried(answer):
        return
    close(answer, [[1, 0], [0, 2], [3, 3], [0, 0]], "Each row of the table gets the gradient of the token that used it.")

    repeated = _ask(function, np.array([2, 0, 2, 2]), np.array([[1.0, 0.0], [5.0, 5.0], [10.0, 1.0], [100.0, 2.0]]), 3)
    close(
        repeated,
        [[5, 5], [0, 0], [111, 3]],
        "Three tokens used row 2, so it gets the sum of three gradients. `table[pos] += g` adds only one of them.",
    )
    rng = np.random.default_rng(11)
    for n, dim, max_len in ((40, 3, 7), (5, 1, 64), (1, 8, 1)):
        pos, gradient = rng.integers(0, max_len, n), rng.standard_normal((n, dim))
        close(
            _ask(function, pos, gradient, max_len),
            np.eye(max_len)[pos].T @ gradient,
            f"It should hold for any sizes; here n = {n}, dim = {dim}, max_len = {max_len}.",
        )
    right("Each row collects the gradients of all tokens that used it. A row that no token used gets zero.")


def _ask(function, pos, gradient, max_len):
    """The function's answer, after making sure that it left its arguments as they were."""
    kept = pos.copy(), gradient.copy()
    answer = function(pos, gradient, max_len)
    unchanged = np.array_equal(pos, kept[0]) and np.array_equal(gradient, kept[1])
    expect(unchanged, "The function changed pos or gradient. Add into a new array.")
    return answer


def unnoticed(order):
    """Exercise 3. order: a new order of 8 tokens that a model with 4 rows and clamping cannot tell from 0 … 7."""
    if not tried(order):
        return
    try:
        order = [int(token) for token in order if token == int(token)]
    except (TypeError, ValueError):
        raise NotYet(said("The answer should be a list of the eight numbers 0 … 7.")) from None
    expect(sorted(order) == list(range(8)), "The list should hold each of the numbers 0 … 7 exactly once.")
    expect(order != list(range(8)), "That is the order they came in. Move at least two tokens.")

    rng = np.random.default_rng(5)
    words, table, projections = rng.standard_normal((8, 6)), rng.standard_normal((4, 6)), rng.standard_normal((3, 6, 6))
    rows = table[np.minimum(np.arange(8), 3)]
    before, after = (_attention(words[tokens] + rows, projections) for tokens in (list(range(8)), order))
    moved = np.linalg.norm(after - before[order], axis=1)
    expect(
        np.allclose(moved, 0, atol=1e-9),
        f"The model notices: the output of token {order[int(moved.argmax())]} changes by {moved.max():.2f}. "
        "Which tokens may move without getting another row?",
    )
    right("Every token kept its output. From the last row on, the model sees a bag of words.")


def _attention(x, projections):
    """One attention layer without a mask. x: (n, dim). projections: (3, dim, dim). Returns (n, dim)."""
    q, k, v = x @ projections
    score = q @ k.T / np.sqrt(x.shape[1])
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True) @ v
