"""The checker of notebook 09 tells faulty, mended and otherwise wrong apart, for every case."""

import numpy as np
import pytest

from helpers import bugs
from helpers.checks import NotYet
from helpers.checks import bug_hunt as check

CASES = [pytest.param(bug, id=bug.name) for bug in bugs.CASES]


def named(name, function):
    function.__name__ = name
    return function


@pytest.mark.parametrize("bug", CASES)
def test_faulty_gets_the_hint_and_mended_the_cause(bug, capsys):
    check.hunt(bug.broken)
    out = capsys.readouterr().out
    assert out.startswith("… Not mended yet: wrong in ") and bug.hint in out and bug.cause not in out
    check.hunt(bug.mended)
    assert capsys.readouterr().out == f"✓ {bug.cause} Met in: {bug.source}.\n"


@pytest.mark.parametrize("bug", CASES)
def test_wrong_in_another_way_is_refused(bug):
    with pytest.raises(NotYet, match="It stops|still wrong"):
        check.hunt(named(bug.name, lambda *args, **kwargs: None))
    with pytest.raises(NotYet, match="It stops: ZeroDivisionError"):
        check.hunt(named(bug.name, lambda *args, **kwargs: 1 / 0))


def test_what_is_no_case_is_refused(capsys):
    with pytest.raises(NotYet, match="should be one of theta_of"):
        check.hunt(named("other", lambda: None))
    with pytest.raises(NotYet, match="without calling it"):
        check.hunt(np.ones(3))
    check.hunt(None)
    assert "Not tried yet" in capsys.readouterr().out


def test_a_half_mended_one_is_not_enough():
    """YaRN's fast limit from the settings, the slow one still fixed."""

    def share_kept(turns, block):
        return np.clip((turns - 1) / (block.get("beta_fast", 32) - 1), 0, 1)

    with pytest.raises(NotYet, match="wrong in 1 of 3 trials"):
        check.hunt(share_kept)


@pytest.mark.parametrize("answer", [[8, 9, 11], (11, 8, 9), np.array([8, 9, 11])])
def test_seen_too_late_right(answer, capsys):
    check.seen_too_late(answer)
    assert "✓ Cases 8, 9 and 11." in capsys.readouterr().out


@pytest.mark.parametrize("answer, words", [([8, 11], "not all of them"), ([8, 11, 14], "Case 14 shows"), (8, "list"), ("ab", "list"), ([], "not all of them")])
def test_seen_too_late_wrong(answer, words):
    with pytest.raises(NotYet, match=words):
        check.seen_too_late(answer)


def remembers(theta):
    before = theta(100)
    theta(100_000)
    return not np.array_equal(theta(100), before)


def test_remembers_right(capsys):
    check.remembers(remembers)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [
    lambda theta: True, lambda theta: False, lambda theta: 1,
    lambda theta: not np.array_equal(theta(100), theta(100_000)),
    lambda theta: not np.array_equal(*(theta(n) for n in (100, 100))),
    "remembers",
])  # fmt: skip
def test_remembers_wrong(wrong):
    with pytest.raises(NotYet):
        check.remembers(wrong)


def test_remembers_with_a_text_too_short():
    def short(theta):
        before = theta(100)
        theta(20_000)
        return not np.array_equal(theta(100), before)

    with pytest.raises(NotYet, match="use a longer text still"):
        check.remembers(short)


def rotated(x, angle, sign=-1, swap=False):
    a, b = x[:, 0::2], x[:, 1::2]
    a, b = (b, a) if swap else (a, b)
    turned = np.empty_like(x)
    turned[:, 0::2] = a * np.cos(angle) - sign * b * np.sin(angle)
    turned[:, 1::2] = sign * a * np.sin(angle) + b * np.cos(angle)
    return turned


@pytest.mark.parametrize("broken", [rotated, lambda x, angle: rotated(x, 2 * angle, 1), lambda x, angle: rotated(x, angle[:, ::-1], 1)], ids=["backwards", "twice", "reversed"])  # fmt: skip
def test_passes_both_right(broken, capsys):
    check.passes_both(broken)
    assert "✓" in capsys.readouterr().out


@pytest.mark.parametrize("broken, words", [
    (lambda x, angle: rotated(x, angle, 1), "the model's own rotation"), (lambda x, angle: x, "turns nothing"),
    (lambda x, angle: 2 * rotated(x, angle), "length of a vector changes"),
    (lambda x, angle: rotated(x, angle**2), "changes the score"),
    (lambda x, angle: x[:, :4], "shape"),
])  # fmt: skip
def test_passes_both_wrong(broken, words):
    with pytest.raises(NotYet, match=words):
        check.passes_both(broken)


def test_stubs_are_not_tried_yet(capsys):
    for stub in (check.seen_too_late, check.remembers, check.passes_both):
        stub(None)
    check.remembers(lambda theta: None)
    check.passes_both(lambda x, angle: None)
    assert capsys.readouterr().out.count("Not tried yet") == 5
