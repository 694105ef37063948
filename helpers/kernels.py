"""How fast a wide network learns a function of the position, by its neural tangent kernel: an analogy, not RoPE itself.

A wide network with one hidden layer of rectified units, fed with unit vectors and trained by small steps on the squared
error, learns as a kernel does. Which functions it learns first depends on how it is told the position.
Every bad argument is a ValueError that names the argument, its value and what is allowed.

Source: Jacot et al., arXiv 1806.07572; Tancik et al., arXiv 2006.10739. Taught in notebook 06.
"""

import functools

import numpy as np

from helpers import valid

_from_1 = functools.partial(valid.integer, at_least=1)
_cosine = functools.partial(valid.array, allowed="numbers from -1 to 1", at_least=-1 - 1e-9, below=1 + 1e-9)


@valid.checked(cosine=_cosine)
def tangent_kernel(cosine):
    """The neural tangent kernel of one wide hidden layer of rectified units, for two inputs of length 1.

    cosine: of the angle between the two inputs, any shape, from -1 to 1 (rounding beyond that is cut off).
    K = (2 u (π - arccos u) + √(1 - u²)) / (2 π): 1 for equal inputs. Returns float64, shape of cosine.
    Raises ValueError for a number outside -1 … 1.
    Source: Bietti and Mairal, arXiv 1905.12173, section 2 (arc-cosine kernels of Cho and Saul, 2009). Notebook 06.
    """
    u = np.clip(cosine, -1, 1)
    return (2 * u * (np.pi - np.arccos(u)) + np.sqrt(1 - u * u)) / (2 * np.pi)


@valid.checked(n=_from_1)
def raw_cosine(n, length):
    """Cosines between positions told as one number: the vector (pos / length, 1), scaled to length 1.

    n: how many positions, 0 … n-1. length: tokens that are told as 1, above 0.
    Returns float64 (n, n). Raises ValueError for a bad argument. Source: computed here. Notebook 06.
    """
    told = np.stack([np.arange(n) / length, np.ones(n)])
    told /= np.linalg.norm(told, axis=0)
    return np.clip(told.T @ told, -1, 1)


@valid.checked(n=_from_1)
def feature_cosine(n, theta):
    """Cosines between positions told as the sines and cosines of pos · theta: the mean over pairs of cos(lag · theta).

    n: how many positions, 0 … n-1. theta: (dim/2,) rad/token.
    Returns float64 (n, n). Raises ValueError for a bad argument. Source: as `rope.mean_cos`. Notebook 06.
    """
    by_lag = np.cos(np.arange(n)[:, None] * theta).mean(axis=1)
    return by_lag[np.abs(np.subtract.outer(np.arange(n), np.arange(n)))]


@valid.checked(
    kernel=valid.array,
    target=valid.array,
    steps=functools.partial(valid.real, allowed="a finite number of at least 0", at_least=0.0),
)
def learned(kernel, target, steps):
    """What a network with this kernel has learned of a target after so many small steps, from zero.

    f = U (1 - e^(-λ · steps / n)) Uᵀ target, with kernel = U diag(λ) Uᵀ: each eigenvector at the speed of its own λ.
    kernel: (n, n), symmetric. target: (n,). steps: at least 0, in units of one over the learning rate.
    Returns float64 (n,). Raises ValueError for a bad argument.
    Source: Jacot et al., arXiv 1806.07572, section 5 (gradient flow of the squared error). Notebook 06.
    """
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or not np.allclose(kernel, kernel.T):
        raise ValueError(f"kernel must be a symmetric square; got kernel.shape = {kernel.shape}")
    if target.shape != kernel.shape[:1]:
        raise ValueError(f"target must have shape (n,) = {kernel.shape[:1]}; got target.shape = {target.shape}")
    speed, shapes = np.linalg.eigh(kernel)
    return shapes @ (-np.expm1(-np.maximum(speed, 0) * steps / len(target)) * (shapes.T @ target))
