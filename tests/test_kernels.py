"""The kernel of a wide network, against a network that is really there, and really trained."""

import math

import numpy as np
import pytest

from helpers import kernels, rope, scaling


def network(x, width, seed):
    """A hidden layer of rectified units as NTK theory has it: weights (width, inputs), outputs (width,), all N(0, 1)."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((width, x.shape[1])), rng.standard_normal(width)


def told_raw(n, length):
    x = np.array([(m / length, 1.0) for m in range(n)])
    return x / np.sqrt((x**2).sum(axis=1, keepdims=True))


def told_by_features(n, theta):
    x = np.array([[f(m * t) for t in theta for f in (math.sin, math.cos)] for m in range(n)])
    return x / np.sqrt(len(theta))


def test_cosines_are_those_of_the_vectors():
    x = told_raw(20, 50.0)
    np.testing.assert_allclose(kernels.raw_cosine(20, 50.0), x @ x.T, atol=1e-12)
    theta = scaling.ntk_aware(16, 1e4, 4)
    x = told_by_features(20, theta)
    np.testing.assert_allclose(kernels.feature_cosine(20, theta), x @ x.T, atol=1e-12)
    np.testing.assert_allclose(kernels.feature_cosine(20, theta)[0], rope.mean_cos(np.arange(20), theta), atol=1e-12)


@pytest.mark.parametrize("x", [told_raw(6, 6.0), told_by_features(6, rope.frequencies(8))], ids=["raw", "features"])
def test_the_kernel_is_the_gradients_of_a_wide_network(x):
    width = 200_000
    inner, outer = network(x, width, 3)
    hidden = x @ inner.T
    active = hidden > 0
    by_outer = np.maximum(hidden, 0) @ np.maximum(hidden, 0).T / width  # gradients in the output weights
    by_inner = (active * outer) @ (active * outer).T / width * (x @ x.T)  # ... and in the hidden ones
    np.testing.assert_allclose(kernels.tangent_kernel(x @ x.T), by_outer + by_inner, atol=0.02)
    assert kernels.tangent_kernel(1.0) == pytest.approx(1.0) and kernels.tangent_kernel(-1.0) == pytest.approx(0.0)


def test_a_network_trained_by_small_steps_learns_what_the_kernel_says():
    n, width, rate = 12, 8192, 0.05
    theta = rope.frequencies(16)
    x = told_by_features(n, theta)
    target = np.array([math.sin(2 * math.pi * m / 6) for m in range(n)])
    inner, outer = network(x, width, 0)
    start = np.maximum(x @ inner.T, 0) @ outer / math.sqrt(width)
    for _ in range(240):
        hidden = x @ inner.T
        error = np.maximum(hidden, 0) @ outer / math.sqrt(width) - start - target
        step = rate / n / math.sqrt(width)
        outer, inner = (
            outer - step * np.maximum(hidden, 0).T @ error,
            inner - step * ((hidden > 0) * error[:, None] * outer).T @ x,
        )
    trained = np.maximum(x @ inner.T, 0) @ outer / math.sqrt(width) - start
    told = kernels.learned(kernels.tangent_kernel(kernels.feature_cosine(n, theta)), target, 240 * rate)
    assert 0.2 < np.linalg.norm(told) / np.linalg.norm(target) < 0.9  # half-way: neither nothing nor all
    np.testing.assert_allclose(trained, told, atol=0.06)


def test_learning_starts_at_nothing_and_ends_at_the_target():
    kernel = kernels.tangent_kernel(kernels.feature_cosine(10, rope.frequencies(32)))
    target = np.cos(np.arange(10.0))
    assert not kernels.learned(kernel, target, 0).any()
    np.testing.assert_allclose(kernels.learned(kernel, target, 1e9), target, atol=1e-6)


def test_small_steps_one_by_one_come_to_the_same():
    kernel = kernels.tangent_kernel(kernels.raw_cosine(8, 8.0))
    target, f = np.sin(np.arange(8.0)), np.zeros(8)
    for _ in range(20_000):
        f = f + 0.01 / 8 * kernel @ (target - f)
    np.testing.assert_allclose(kernels.learned(kernel, target, 200.0), f, atol=1e-4)
