"""The checker of notebook 09: what a function does wrong, where to look, and, once it is mended, what it was."""

import numpy as np

from helpers import bugs
from helpers.checks import expect, handed_over, right, tried
from helpers.labels import said

_BY_NAME = {bug.name: bug for bug in bugs.CASES}


def hunt(function):
    """One case of the hunt. function: named as in the notebook, faulty as it stands there, or mended by the reader.

    Faulty still: says how many of the trials are wrong, and where to look. Mended: says what it was, and where it was met.
    """
    if not handed_over(function):
        return
    expect(function.__name__ in _BY_NAME, f"The function should be one of {', '.join(_BY_NAME)}; got {function.__name__}.")
    bug = _BY_NAME[function.__name__]
    wanted = bug.tries(bug.mended)
    try:
        given = bug.tries(function)
    except Exception as error:
        expect(False, f"It stops: {type(error).__name__}: {error}")
    wrong = [not _same(one, two) for one, two in zip(given, wanted, strict=True)]
    if not any(wrong):
        right(f"{bug.cause} Met in: {bug.source}.")
    elif all(_same(one, two) for one, two in zip(given, bug.tries(bug.broken), strict=True)):
        print(said(f"… Not mended yet: wrong in {sum(wrong)} of {len(wrong)} trials. Look here: {bug.hint}"))
    else:
        expect(False, f"It is different now, and still wrong in {sum(wrong)} of {len(wrong)} trials. {bug.hint}")


def _same(given, wanted):
    given, wanted = np.asarray(given), np.asarray(wanted)
    return given.dtype.kind in "iuf" and given.shape == wanted.shape and np.allclose(given, wanted, rtol=1e-7, atol=1e-12)


def seen_too_late(answer):
    """Exercise 1. answer: the cases that are right in every text of up to 2,048 tokens, if no longer one came before."""
    if not tried(answer):
        return
    try:
        given = {int(case) for case in answer}
    except (TypeError, ValueError):
        expect(False, "Give a list of case numbers, such as [1, 2].")
    late = set()
    for number, bug in enumerate(bugs.CASES, 1):
        lengths = [2**power for power in range(5, 12)]
        if bug.name == "frequencies_by_length":  # its scores come after a long text
            made = [make(128, 1e4, 4.0, 2048) for make in (bug.broken, bug.mended)]
            worst = max(np.abs(made[0](n) - made[1](n)).max() for n in lengths)
        else:
            worst = max(np.abs(bug.scores(bug.broken, np.arange(n)) - bug.scores(bug.mended, np.arange(n))).max() for n in lengths)
        late |= {number} if worst < 1e-9 else set()
    expect(given <= late, f"Case {min(given - late, default=0)} shows within 2,048 tokens. Look at panel (a) left of the dotted line.")
    expect(given == late, "Those are right, but not all of them.")
    first, second, third = sorted(late)
    right(f"Cases {first}, {second} and {third}. A test with short texts can never find them.")


def remembers(function):
    """Exercise 2. function(theta): whether theta, from a length to frequencies, remembers the texts that came before."""
    if not handed_over(function):
        return
    (bug,) = (bug for bug in bugs.CASES if bug.name == "frequencies_by_length")

    for made, wanted, words in (
        (bug.broken(128, 1e4, 4.0, 2048), True, "The faulty function of case 9 keeps the frequencies of the longest text"),
        (bug.mended(128, 1e4, 4.0, 2048), False, "The mended one gives every length its own frequencies, each time"),
        (lambda length: np.ones(4), False, "One table for all lengths remembers nothing"),
        (bug.broken(64, 1e6, 8.0, 32768), True, "The trained length may be anything up to 100,000 tokens: use a longer text still"),
    ):
        given = function(made)
        if not tried(given):
            return
        expect(isinstance(given, (bool, np.bool_)), f"Return True or False; got {type(given).__name__}.")
        expect(given == wanted, f"{words}. Your answer was {given}.")
    right("Short, long, short again: three calls find what a hundred short texts cannot.")


def passes_both(function):
    """Exercise 3. function(x, angle): keeps lengths, scores by distance alone, and is not the rotation of the model."""
    if not handed_over(function):
        return
    rng = np.random.default_rng(1)
    theta = np.array([1.0, 0.3, 0.07, 0.01])
    x, pos = rng.standard_normal((1, 8)), np.arange(12.0)
    q, k = (np.tile(rng.standard_normal(8), (12, 1)) for _ in range(2))

    def turned(vectors, at):
        return function(vectors.copy(), np.outer(at, theta))

    first = turned(x, [3.0])
    if not tried(first):
        return
    expect(np.shape(first) == (1, 8), f"x is (n, dim), and so is the result; got shape {np.shape(first)}.")
    expect(np.isclose(np.linalg.norm(first), np.linalg.norm(x)), "The first test fails: the length of a vector changes.")
    expect(not np.allclose(first, x), "It turns nothing. Turn, but not as the model does.")
    near, far = (turned(q, pos + start) @ turned(k, pos + start).T for start in (0, 1000))
    expect(np.allclose(near, far, atol=1e-6), "The second test fails: moving query and key together changes the score.")
    (bug,) = (bug for bug in bugs.CASES if bug.name == "turn")
    expect(not np.allclose(first, bug.mended(x, np.outer([3.0], theta))), "Both tests pass. But this is the model's own rotation.")
    right("Both tests pass, and the model would talk nonsense. Only numbers from elsewhere can tell: a second witness.")
