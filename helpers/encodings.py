"""Absolute positions: a learned table, and the sinusoidal table with its shift matrices.

Sinusoidal tables are interleaved: column 2i is sin(pos · theta_i), column 2i+1 is cos(pos · theta_i).
Every bad argument is a ValueError that names the argument, its value and what is allowed.

Source: Vaswani et al., "Attention Is All You Need", arXiv 1706.03762. Taught in notebooks 01 and 02.
"""

import numpy as np

from helpers import valid


class LearnedTable:
    """A learned position table: one row per position, and no row beyond the last.

    max_len: how many rows. dim: components per row (odd is fine here). rng: a seed or a numpy Generator.
    scale: standard deviation of the random start, 0.02 as in GPT-2 and BERT.
    `rows` is the float64 array (max_len, dim) that training would change.
    Raises ValueError for a bad argument. Source: Gehring et al., arXiv 1705.03122; BERT; GPT-2. Notebook 01.
    """

    @valid.checked(max_len=valid.count, dim=valid.count, scale=valid.positive)
    def __init__(self, max_len, dim, rng=0, scale=0.02):
        if not isinstance(rng, np.random.Generator):
            rng = np.random.default_rng(valid.integer("rng", rng, 0))
        self.rows = scale * rng.standard_normal((max_len, dim))

    def look_up(self, pos):
        """The rows of these positions.

        pos: integers 0 … max_len-1, any shape. Returns float64, shape of pos + (dim,), a copy.
        Raises ValueError for a row past the end, a negative one, or a position that is no integer.
        Source: a row of a matrix, as in PyTorch's nn.Embedding. Notebook 01.
        """
        return self.rows[valid.whole_array("pos", pos, 0, len(self.rows) - 1)]

    @valid.checked(x=valid.array, pos=None)
    def add(self, x, pos=None):
        """x plus the rows of its positions.

        x: (..., n, dim). pos: (n,) integers, by default 0 … n-1. Returns a new float64 array like x.
        Raises ValueError if x does not end in (n, dim), or a position has no row.
        Source: Gehring et al., arXiv 1705.03122, section 3.1. Notebook 01.
        """
        if x.ndim < 2 or x.shape[-1] != self.rows.shape[1]:
            raise ValueError(f"x must have shape (..., n, dim) with dim = {self.rows.shape[1]}; "
                             f"got x.shape = {x.shape}")
        n = x.shape[-2]
        rows = self.look_up(np.arange(n) if pos is None else pos)
        if rows.shape[:-1] != (n,):
            raise ValueError(f"pos must have shape (n,) = ({n},), one per row of x; "
                             f"got pos.shape = {rows.shape[:-1]}")
        return x + rows


@valid.checked
def sinusoidal(pos, dim, base=10_000.0):
    """The sinusoidal table: sin and cos of pos · base^(-2i/dim), interleaved.

    pos: (n,) tokens, or any shape, or one number; fractions and negative values are fine; may be empty.
    dim: positive even integer. base: finite, above 1.
    Returns float64, shape of pos + (dim,), every number from -1 to 1.
    Raises ValueError for a bad pos, dim or base.
    Source: "Attention Is All You Need", section 3.5. Notebook 02.
    """
    angle = pos[..., None] * _theta(dim, base)
    table = np.empty(pos.shape + (2 * angle.shape[-1],))
    np.sin(angle, out=table[..., 0::2])
    np.cos(angle, out=table[..., 1::2])
    return table


@valid.checked(lag=valid.real)
def shift_matrix(lag, dim, base=10_000.0):
    """The matrix M that moves every position by lag: M @ PE(pos) = PE(pos + lag), whatever pos is.

    Block-diagonal, one block [[cos, sin], [-sin, cos]] of angle lag · theta_i per pair; orthogonal.
    lag: one number, tokens, may be negative. dim: positive even integer. base: finite, above 1.
    Returns float64 (dim, dim). Raises ValueError for a bad argument.
    Source: stated in "Attention Is All You Need", section 3.5; the blocks are the addition theorem.
    Notebook 02.
    """
    angle = lag * _theta(dim, base)
    even = np.arange(0, 2 * angle.size, 2)
    matrix = np.zeros((2 * angle.size, 2 * angle.size))
    matrix[even, even] = matrix[even + 1, even + 1] = np.cos(angle)
    matrix[even, even + 1] = np.sin(angle)
    matrix[even + 1, even] = -np.sin(angle)
    return matrix


@valid.checked(lag=valid.array)
def shift_inner_product(lag, dim, base=10_000.0):
    """PE(pos) · PE(pos + lag) = Σ_i cos(lag · theta_i): the same for every pos, and for lag and -lag.

    lag: tokens, any shape, may be empty. dim: positive even integer. base: finite, above 1.
    Returns float64, shape of lag; dim/2 at lag 0. It falls by trend only: single steps rise.
    Raises ValueError for a bad lag, dim or base.
    Source: the cosine addition theorem. Notebook 02.
    """
    return sum(np.cos(lag * theta) for theta in _theta(dim, base))  # pair by pair: little memory


@valid.checked(scores=valid.array)
def lag_share(scores, causal=False):
    """The share of the variance of a square of scores that the lag n - m alone explains: 1 when each diagonal is flat.

    scores: (n, n), rows m, columns n, not all equal. causal: count only n ≤ m, what a causal mask lets through.
    Returns a float from 0 to 1.
    Raises ValueError for another shape, a number that is not finite, or scores that do not vary.
    Source: computed here (the correlation ratio of analysis of variance). Notebook 02.
    """
    if scores.ndim != 2 or scores.shape[0] != scores.shape[1] or scores.size == 0:
        raise ValueError(f"scores must have shape (n, n) with n of at least 1; got scores.shape = {scores.shape}")
    if scores.var() == 0:
        raise ValueError("scores must vary, or there is no variance to share out; got scores all equal")
    n = len(scores)
    if not isinstance(causal, (bool, np.bool_)):
        valid.fail("causal", "True or False", causal)
    kept = np.tri(n, dtype=bool) if causal else np.ones((n, n), bool)
    lag, scores = np.subtract.outer(np.arange(n), np.arange(n))[kept] + n - 1, scores[kept]
    mean = np.bincount(lag, scores) / np.maximum(np.bincount(lag), 1)
    return float(1 - ((scores - mean[lag]) ** 2).mean() / scores.var())


def _theta(dim, base):
    """base^(-2i/dim), (dim/2,). `rope.frequencies` says the same; a test holds the two together."""
    return base ** (-np.arange(0, dim, 2) / dim)
