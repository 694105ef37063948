"""Arguments checked by their names: what `valid.checked` does to a function, and what it leaves alone."""

import inspect

import numpy as np
import pytest

from helpers import model, rope, scaling, valid


def plain(dim, base=10_000.0, *, k="a key", lag=0, other=None):
    """Says what it got."""
    return dim, base, k, lag, other


example = valid.checked(lag=valid.real, k=None)(plain)


def words(call, error=ValueError):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


def test_values_come_in_cleaned_however_they_are_given():
    assert example(8, 100, lag=3, other=[1]) == (8, 100.0, "a key", 3.0, [1])
    assert example(base=100, dim=8) == (8, 100.0, "a key", 0, None)
    for call in (example(np.int64(8), 100, lag=3), example(dim=np.int64(8), base=100, lag=3)):
        assert [type(value) for value in call] == [int, float, str, float, type(None)]


@pytest.mark.parametrize("call, said", [
    (lambda: example(7), "dim must be a positive even integer; got dim = 7"),
    (lambda: example(dim=7), "dim must be a positive even integer; got dim = 7"),
    (lambda: example(8, 1), "base must be a finite number greater than 1; got base = 1"),
    (lambda: example(8, lag="x"), "lag must be a finite number; got lag = 'x'"),
    (lambda: example(7, 1, lag="x"), "dim must be a positive even integer; got dim = 7"),
    (lambda: example(lag="x", base=1, dim=7), "dim must be a positive even integer; got dim = 7"),
    (lambda: example(lag="x", base=1, dim=8), "base must be a finite number greater than 1; got base = 1"),
])  # fmt: skip
def test_a_bad_value_is_refused_by_name_the_first_parameter_first(call, said):
    assert words(call) == said


@pytest.mark.parametrize("name", valid.BY_NAME)
def test_every_name_of_the_table_is_checked(name):
    scope = {}
    exec(f"def function({name}): return {name}", scope)
    said = words(lambda: valid.checked(scope["function"])(None))
    assert said == words(lambda: valid.BY_NAME[name](name, None)) and said.startswith(f"{name} must")


def test_a_check_may_be_another_for_one_function():
    @valid.checked(dim=valid.ntk_dim, base=valid.array)
    def function(dim, base):
        return base

    assert function(4, [0.5]).tolist() == [0.5]
    assert words(lambda: function(2, 1)).startswith("dim must be an even integer of at least 4")


def test_none_leaves_an_argument_as_it_is():
    assert example(8, k=-5)[2] == -5
    key = object()
    assert example(8, k=key, other=key)[2::2] == (key, key)


def test_a_default_is_taken_as_it_is():
    @valid.checked
    def function(k=None):
        return k

    assert function() is None
    assert words(lambda: function(None)).startswith("k must")


@pytest.mark.parametrize("dim", [8, 7])
@pytest.mark.parametrize("args, kwargs", [
    ((), {}), ((), {"base": 1}), ((None, 100, 1), {}), ((None,), {"dim": 8}), ((None,), {"wrong": 1}),
    ((None, 1), {"base": 1}), ((None, 1, 2, 3), {"lag": 1}), ((), {"lag": "x", "other": 1}),
    ((), {"dim": 7, "wrong": 1}),
])  # fmt: skip
def test_a_wrong_call_is_a_type_error_in_python_s_own_words_before_any_check(dim, args, kwargs):
    args = (dim, *args[1:]) if args else ()
    said = words(lambda: example(*args, **kwargs), TypeError)
    assert said == words(lambda: plain(*args, **kwargs), TypeError) and said.startswith("plain()")


def test_name_words_and_signature_stay():
    for part in ("__name__", "__qualname__", "__doc__", "__module__"):
        assert getattr(example, part) == getattr(plain, part)
    assert inspect.signature(example) == inspect.signature(plain)
    assert inspect.signature(rope.frequencies).parameters["base"].default == 10_000.0


def test_methods_are_checked_too():
    class Clock:
        @valid.checked(base=None)
        def __init__(self, dim, base=3):
            self.dim = dim

        @valid.checked
        def turn(self, theta, k=1.0):
            return self, theta, k

    clock = Clock(np.int64(8))
    assert type(clock.dim) is int and list(inspect.signature(Clock).parameters) == ["dim", "base"]
    own, theta, k = clock.turn([1, 2], k=4)
    assert own is clock and theta.tolist() == [1.0, 2.0] and type(k) is float
    assert words(lambda: clock.turn([])).startswith("theta must")
    assert words(lambda: Clock(7)).startswith("dim must")
    assert words(lambda: clock.turn(), TypeError).endswith("turn() missing 1 required positional argument: 'theta'")


def test_what_the_function_itself_raises_comes_through():
    @valid.checked
    def function(dim):
        raise TypeError(f"no {dim}")

    assert words(lambda: function(8), TypeError) == "no 8"


def test_a_check_for_a_name_that_is_no_parameter_is_a_mistake():
    assert "['lagg']" in words(lambda: valid.checked(lagg=valid.real)(plain), TypeError)


@pytest.mark.parametrize("function", [lambda *dim: dim, lambda dim, **k: k, lambda dim, /: dim])
def test_a_function_that_could_slip_past_the_checks_is_refused(function):
    assert "must take" in words(lambda: valid.checked(function), TypeError)


# --- the functions that use it ------------------------------------------------------------------------------

def test_a_refused_length_is_shown_as_it_was_given():
    assert words(lambda: scaling.ntk_scale_for_length(8, 1e4, 6, 600)).endswith("; got train_len = 6")
    assert words(lambda: scaling.ntk_scale_for_length(128, 1e4, 7, 10**300)).endswith(f"; got test_len = {10**56}...")


def test_a_scale_of_a_small_type_does_not_overflow():
    lm = model.load("rope-0")
    assert np.array_equal(lm.stretched("dynamic_ntk", np.int8(4))["theta"], lm.stretched("dynamic_ntk", 4)["theta"])


@pytest.mark.parametrize("method", scaling.METHODS.values(), ids=lambda method: method.key)
def test_a_method_takes_no_argument_that_nobody_knows(method):
    call = {"dim": 8, "base": 1e4, "k": 2.0, "train_len": 8, "test_len": 16, "factors": np.ones(4)}
    assert method.frequencies(**call).shape == (4,)
    for wrong in ("lenght", "alpha", "length"):
        assert f"'{wrong}'" in words(lambda wrong=wrong: method.frequencies(**call, **{wrong: 9}), TypeError)


@pytest.mark.parametrize("name", ["dim", "base", "k", "train_len", "test_len"])
@pytest.mark.parametrize("method", ["direct", "dynamic_ntk"])
def test_frequencies_of_a_method_names_the_argument_as_its_caller_does(method, name):
    call = {"dim": 8, "base": 1e4, "k": 2.0, "train_len": 8, "test_len": 16}
    assert words(lambda: scaling.frequencies(method, **call | {name: None})).startswith(f"{name} must")
