"""Arguments checked by their names: what `valid.checked` does to a function, and what it leaves alone."""

import inspect

import pytest

from helpers import rope, valid


@valid.checked(lag=valid.real, k=None)
def example(dim, base=10_000.0, *, k="a key", lag=0, other=None):
    """Says what it got."""
    return dim, base, k, lag, other


def test_values_come_in_cleaned_however_they_are_given():
    assert example(8, 100, lag=3, other=[1]) == (8, 100.0, "a key", 3.0, [1])
    assert example(base=100, dim=8) == (8, 100.0, "a key", 0, None)
    assert [type(value) for value in example(8, 100, lag=3)[:2]] == [int, float]


@pytest.mark.parametrize("call, words", [
    (lambda: example(7), "dim must be a positive even integer; got dim = 7"),
    (lambda: example(dim=7), "dim must be a positive even integer; got dim = 7"),
    (lambda: example(8, 1), "base must be a finite number greater than 1; got base = 1"),
    (lambda: example(8, lag="x"), "lag must be a finite number; got lag = 'x'"),
    (lambda: example(7, 1, lag="x"), "dim must be a positive even integer; got dim = 7"),
])  # fmt: skip
def test_a_bad_value_is_refused_by_name_the_first_parameter_first(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == words


def test_none_leaves_an_argument_as_it_is():
    assert example(8, k=-5)[2] == -5


@pytest.mark.parametrize("call", [lambda: example(), lambda: example(8, wrong=1), lambda: example(8, 100, 1)])
def test_a_wrong_call_is_a_type_error_in_python_s_own_words(call):
    with pytest.raises(TypeError, match=r"example\(\)"):
        call()


def test_name_words_and_signature_stay():
    assert example.__name__ == "example" and example.__doc__ == "Says what it got."
    assert list(inspect.signature(example).parameters) == ["dim", "base", "k", "lag", "other"]
    assert inspect.signature(rope.frequencies).parameters["base"].default == 10_000.0


def test_methods_are_checked_too():
    class Clock:
        @valid.checked
        def turn(self, theta):
            return theta

    assert Clock().turn([1, 2]).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="^theta must"):
        Clock().turn([])


def test_a_default_is_taken_as_it_is():
    @valid.checked
    def function(k=None):
        return k

    assert function() is None
    with pytest.raises(ValueError, match="^k must"):
        function(None)
