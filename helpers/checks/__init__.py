"""Exercise checkers: one module per notebook, kind words, and no mercy for a wrong answer.

An exercise starts as a stub that returns `None`. Its checker then says "not tried yet" and nothing later depends on it.
A wrong answer raises `NotYet`, which shows its hint alone, without a traceback; so a wrong solution fails in CI too.
"""

import numpy as np

from helpers.labels import said


class NotYet(AssertionError):
    """The answer is not right yet. Its message is a hint, and the only thing a notebook shows."""

    def _render_traceback_(self):
        return [said(f"✗ Not yet. {self}")]


def tried(answer):
    """Whether there is an answer at all; says so if not."""
    if answer is None:
        print(said("… Not tried yet. Replace the stub above, then run this cell again."))
    return answer is not None


def handed_over(function, name=None):
    """Whether there is a function to try; says so if there is none yet. Raises NotYet for what is no function.

    name: what it is called, where the hint says so.
    """
    if not callable(function) and tried(function):
        unnamed, named = "Hand over the function itself, without calling it.", f"Hand over the function itself, {name}, without calling it."
        expect(False, named if name else unnamed)
    return callable(function)


def expect(condition, hint):
    """Raise NotYet with `hint` unless `condition` holds."""
    if not condition:
        raise NotYet(said(hint))


def right(words):
    """Say that the answer is right, and why."""
    print(f"✓ {said(words)}")


def close(given, expected, hint, rtol=1e-6, atol=1e-9):
    """Raise NotYet with `hint` unless `given` is a number, or an array of the right shape, close to `expected`."""
    try:
        given = np.asarray(given, dtype=np.result_type(np.asarray(expected), float))
    except (TypeError, ValueError):
        raise NotYet(said(f"The answer should be numbers; got {type(given).__name__}. {hint}")) from None
    expect(given.shape == np.shape(expected), f"The shape should be {np.shape(expected)}; got {given.shape}. {hint}")
    expect(np.allclose(given, expected, rtol=rtol, atol=atol), hint)
