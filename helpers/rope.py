"""Rotary position embedding (RoPE), with its pairing named here and nowhere else.

**Pairing: interleaved.** Pair i of x is (x[2i], x[2i+1]), read as the complex number x[2i] + 1j·x[2i+1].
This is the pairing of the RoFormer paper and of Meta's Llama. Some libraries use the half-split pairing
(x[i], x[i + dim/2]); `interleaved_to_half` and `half_to_interleaved` convert.

Words, everywhere: `pos` and `wavelength` in tokens, `theta` in rad/token, `angle` in rad; `dim` is even,
`base` above 1.
Every bad argument is a ValueError that names the argument, its value and what is allowed.

Source: Su et al., "RoFormer", arXiv 2104.09864; equations numbered as in its fifth version.
Taught in notebook 03.
"""

import math

import numpy as np

from helpers import valid

# Long curves are computed in blocks of this many angles: 1 Mi angles are 8 MiB of float64.
_BLOCK_ANGLES = 1 << 20

# NumPy asks for huge pages from 4 MiB on. One huge page is 2 MiB on most machines.
_LARGE_BYTES, _HUGE_PAGE = 4 << 20, 2 << 20


@valid.checked
def frequencies(dim, base=10_000.0):
    """One frequency per pair: theta_i = base^(-2i/dim), i = 0 … dim/2-1.

    dim: positive even integer. base: finite, above 1.
    Returns float64 (dim/2,), rad/token, falling from exactly 1.
    Raises ValueError for any other dim or base.
    Source: RoFormer, section 3.2.2; the same numbers as "Attention Is All You Need", section 3.5.
    Notebooks 02 and 03.
    """
    return base ** (-np.arange(0, dim, 2) / dim)


@valid.checked
def wavelengths(theta):
    """How many tokens one full turn takes: 2π / theta.

    theta: (dim/2,) rad/token. Returns float64 (dim/2,), tokens.
    Raises ValueError if theta is not a one-dimensional array of positive finite numbers.
    Source: YaRN, arXiv 2309.00071, section 2.3. Notebooks 02, 03 and 04.
    """
    return 2 * math.pi / theta


@valid.checked
def turns(theta, train_len):
    """How many full turns each pair makes over the training length: train_len · theta / 2π.

    theta: (dim/2,) rad/token. train_len: tokens, above 0. Returns float64 (dim/2,), turns.
    Raises ValueError for a bad theta or train_len.
    Source: YaRN, section 3.2. Notebooks 03 and 04.
    """
    return train_len * theta / (2 * math.pi)


@valid.checked
def first_unfinished_pair(theta, train_len):
    """The first pair whose wavelength exceeds train_len; dim/2 if every pair made a full turn.

    theta: (dim/2,) rad/token. train_len: tokens, above 0. Returns an int.
    Raises ValueError for a bad theta or train_len.
    Source: the critical dimension of Liu et al., arXiv 2310.05209, section 3. Notebooks 04 and 05.
    """
    unfinished = 2 * math.pi / theta > train_len  # `wavelengths`, without a second check of theta
    return int(np.argmax(unfinished)) if unfinished.any() else unfinished.size


@valid.checked
def unseen(angle, theta, train_len):
    """Which angles a pair never met while training told it the positions 0 … train_len - 1.

    Training covers the arc from 0 up to, but not including, train_len · theta; gaps between two positions count as met.
    So position train_len is the first new one, and PI's m / k is new from m = k · train_len on. A pair that made a
    full turn has no new angle.
    angle: (..., dim/2) rad, of any size. theta: (dim/2,) rad/token, of training. train_len: tokens, above 0.
    Returns bool, shape of angle. Raises ValueError for a bad argument.
    Source: computed here. Notebooks 00, 04 and 05.
    """
    arc = train_len * theta
    if angle.shape[-1:] != theta.shape:
        raise ValueError(f"angle must have shape (..., dim/2), here (..., {theta.size}); got angle.shape = {angle.shape}")
    # the last 1e-9 is rounding: k · train_len · (theta / k) is train_len · theta
    return (arc < 2 * math.pi) & (angle % (2 * math.pi) >= arc * (1 - 1e-9))


@valid.checked
def angles(pos, theta):
    """The angle of every pair at every position: pos · theta.

    pos: (n,) tokens, or any shape, or one number; fractions and negative values are fine; may be empty.
    theta: (dim/2,) rad/token.
    Returns float64, shape of pos + (dim/2,), rad. Never float32: that is wrong by 4e-2 rad at one million.
    Raises ValueError if pos or theta holds anything but finite real numbers, and for positions that rounding has made
    alike: float16 (2049 is 2048 there), or 2^53 and above, where float64 skips whole numbers.
    Source: RoFormer, eq. 15 (the mθ inside cos and sin). Notebook 03.
    """
    return pos[..., None] * theta


def cis(pos, theta, dtype=np.complex64):
    """cos + i·sin of every angle: the table that `rotate` multiplies with.

    pos: (n,) tokens. theta: (dim/2,) rad/token. dtype: complex64 or complex128.
    Returns shape of pos + (dim/2,). Angles, cos and sin are float64; only the finished numbers are cast.
    Raises ValueError for a bad pos, theta or dtype.
    Source: RoFormer, eq. 12. Notebook 03.
    """
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        wanted = None
    if wanted not in (np.complex64, np.complex128):
        valid.fail("dtype", "complex64 or complex128", dtype)
    angle = angles(pos, theta)
    table = np.empty(angle.shape, wanted)
    np.cos(angle, out=table.real, casting="same_kind")
    np.sin(angle, out=table.imag, casting="same_kind")
    return table


def rotate(x, cis, out=None):
    """Turn every pair of x by its angle: one complex multiplication per pair.

    x: (..., n, dim), float32 or float64, interleaved pairs. Values are not inspected: a NaN stays a NaN.
    cis: (n, dim/2), complex64 or complex128, or any shape that broadcasts to (..., n, dim/2).
    out: an array like x to write into (x itself is allowed), or None for a new one.
    Returns out, or a new array of the shape and dtype of x.
    Raises ValueError for another dtype (float16: convert first), an odd dim, or shapes that do not fit.
    A complex64 table on float32 x runs at the speed of memory; a complex128 table is several times slower.
    Source: RoFormer, eq. 34, written with complex numbers. Notebook 03.
    """
    x = _floats("x", x)
    pairs = x.shape[:-1] + (x.shape[-1] // 2,)
    table = np.asarray(cis)
    if table.dtype not in (np.complex64, np.complex128):
        raise ValueError(f"cis must be complex64 or complex128; got cis.dtype = {table.dtype}")
    if not _fits(table.shape, pairs):
        raise ValueError(f"cis must have shape (n, dim/2) and broadcast to {pairs}; "
                         f"got cis.shape = {table.shape}")
    if out is None:
        out = _empty(x.shape, x.dtype)
    elif not isinstance(out, np.ndarray) or out.shape != x.shape or out.dtype != x.dtype:
        got = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise ValueError(f"out must be an array like x, {x.dtype} {x.shape}; got out = {got}")
    elif not out.flags.writeable or not _joined(out):
        raise ValueError(f"out must be writeable and have adjacent components; got out.flags.writeable = "
                         f"{out.flags.writeable}, out.strides = {out.strides}")
    # Two neighbouring floats are one complex number: a view, no copy. A strided last axis is copied first.
    complex_type = np.complex64 if x.dtype == np.float32 else np.complex128
    numbers = (x if _joined(x) else np.ascontiguousarray(x)).view(complex_type)
    np.multiply(numbers, table, out=out.view(complex_type), casting="same_kind")
    return out


def rotate_part(x, cis):
    """Turn the first components of a larger head, and leave the others as they are.

    x: (..., n, head_dim), float32 or float64, interleaved pairs. cis: as for `rotate`, (..., n, dim/2) with dim of at
    most head_dim: the first dim components turn. Returns a new array like x. Raises ValueError like `rotate`, and for
    a table of more pairs than a head has.
    Source: GPT-NeoX (`rotary_pct`), GLM (`partial_rotary_factor`). Notebook 08.
    """
    x = _floats("x", x)
    dim = 2 * np.shape(cis)[-1] if np.ndim(cis) else 0
    if not 2 <= dim <= x.shape[-1]:
        raise ValueError(f"cis must have shape (..., n, dim/2) with dim from 2 to head_dim = {x.shape[-1]}; "
                         f"got cis.shape = {np.shape(cis)}")
    turned = _empty(x.shape, x.dtype)
    turned[..., dim:] = x[..., dim:]
    turned[..., :dim] = rotate(x[..., :dim], cis)
    return turned


def interleaved_to_half(x):
    """Move interleaved pairs (x[2i], x[2i+1]) to half-split places (i, i + dim/2).

    x: (..., dim), any dtype, dim even. Returns a new array of the same shape.
    Rotating in the half-split layout gives interleaved_to_half(rotate(x)).
    Convert q and k alike, or the logits change.
    Raises ValueError if the last axis is missing, empty or odd.
    Source: the two layouts are RoFormer's and GPT-NeoX's. Notebook 03.
    """
    x = _even_last_axis("x", x)
    half = x.shape[-1] // 2
    out = np.empty(x.shape, x.dtype)
    out[..., :half] = x[..., 0::2]
    out[..., half:] = x[..., 1::2]
    return out


def half_to_interleaved(x):
    """Move half-split pairs (x[i], x[i + dim/2]) to interleaved places (2i, 2i+1).

    Undoes `interleaved_to_half`.
    x: (..., dim), any dtype, dim even. Returns a new array of the same shape.
    Raises ValueError if the last axis is missing, empty or odd.
    Source: the two layouts are RoFormer's and GPT-NeoX's. Notebook 03.
    """
    x = _even_last_axis("x", x)
    half = x.shape[-1] // 2
    out = np.empty(x.shape, x.dtype)
    out[..., 0::2] = x[..., :half]
    out[..., 1::2] = x[..., half:]
    return out


@valid.checked(k=None)
def score_curve(q, k, distance, theta):
    """The exact attention score of one query and one key, for every distance between them.

    score = Re Σ_i q_i · conj(k_i) · e^(i·distance·theta_i), q_i and k_i the pairs read as complex numbers.
    q, k: (dim,) real, interleaved. Here k is the key, not the scale.
    distance: query position minus key position, tokens; any shape, negative or not; millions are fine.
    theta: (dim/2,) rad/token.
    Returns float64, shape of distance. Not divided by √dim.
    Raises ValueError if shapes do not fit or a number is not finite.
    Source: RoFormer, eq. 35. Notebook 03.
    """
    dim = 2 * theta.size
    q, k = _vector("q", q, dim), _vector("k", k, dim)
    product = (q[0::2] + 1j * q[1::2]) * (k[0::2] - 1j * k[1::2])
    # Re[(a + ib)(cos + i sin)] = a cos - b sin: real products need half the memory of complex ones.
    return _over(distance, theta, lambda angle: np.cos(angle) @ product.real - np.sin(angle) @ product.imag)


@valid.checked(score=valid.array, ridge=valid.positive)
def fit_scores(distance, score, theta, ridge):
    """The query whose scores with the key (1, 0, 1, 0, ...) come closest to given ones, by ridge regression.

    It minimises Σ_j (score_curve(q, key, distance_j, theta) - score_j)² + ridge · |q|², by singular values.
    distance: (n,) tokens. score: (n,). theta: (dim/2,) rad/token. ridge: above 0; no unit but the basis functions'.
    Returns q, float64 (dim,), interleaved; q_2i + i·q_2i+1 is the h_i of the source.
    Without a ridge slow pairs are too much alike for float64: then rounding would choose the answer.
    Raises ValueError for a bad argument, or if distance and score are not of one length.
    Source: Chen et al., arXiv 2306.15595, eq. 3 and figure 2 (least squares), end of section 2 (ridge). Notebook 04.
    """
    if distance.ndim != 1:
        raise ValueError(f"distance must have shape (n,); got distance.shape = {distance.shape}")
    if score.shape != distance.shape:
        raise ValueError(f"score must have the shape of distance, {distance.shape}; got score.shape = {score.shape}")
    angle = distance[:, None] * theta
    basis = np.stack([np.cos(angle), -np.sin(angle)], axis=-1).reshape(distance.size, -1)
    left, size, right = np.linalg.svd(basis, full_matrices=False)
    return right.T @ (size / (size**2 + ridge) * (left.T @ score))


@valid.checked
def mean_cos(distance, theta):
    """The mean over pairs of cos(distance · theta): 1 at distance 0.

    It is the score of a query and a key that are equal in every pair, scaled.
    distance: tokens, any shape, may be negative. theta: (dim/2,) rad/token.
    Returns float64, shape of distance, from -1 to 1. Times dim/2 it is the sinusoidal inner product.
    It falls by trend only: single steps rise. Raises ValueError for a bad distance or theta.
    Source: RoFormer, section 3.4.3, with q = k = 1. Notebooks 02 and 03.
    """
    return _over(distance, theta, lambda angle: np.cos(angle).mean(axis=-1))


@valid.checked
def decay_bound(distance, theta):
    """The factor in RoFormer's upper bound: the mean of |S_j| over j = 1 … dim/2.

    S_j is the sum of the first j pairs' e^(i·distance·theta_i). It bounds the score; it is not the score.
    distance: tokens, any shape, may be negative. theta: (dim/2,) rad/token.
    Returns float64, shape of distance; (dim/2 + 1)/2 at distance 0.
    Raises ValueError for a bad distance or theta.
    Source: RoFormer, section 3.4.3, eq. 36 and 37, and the curve of its figure 2. Notebook 03.
    """

    def bound(angle):
        partial = np.empty(angle.shape, np.complex128)
        np.cos(angle, out=partial.real)
        np.sin(angle, out=partial.imag)
        return np.abs(np.cumsum(partial, axis=-1, out=partial)).mean(axis=-1)

    return _over(distance, theta, bound)


@valid.checked
def rotation_matrix(angle):
    """The 2×2 matrix that turns a column by angle: [[cos, -sin], [sin, cos]].

    angle: rad, one number or any shape. Returns float64, shape of angle + (2, 2).
    Raises ValueError if angle is not finite and real.
    Source: RoFormer, eq. 13. Notebook 03.
    """
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cos, -sin], axis=-1), np.stack([sin, cos], axis=-1)], axis=-2)


@valid.checked(pos=valid.real)
def block_rotation(pos, theta):
    """All pairs at one position as one block-diagonal matrix: for teaching, and to check `rotate`.

    pos: one position, tokens. theta: (dim/2,) rad/token.
    Returns float64 (dim, dim): block_rotation(pos, theta) @ x is x rotated.
    Raises ValueError for a bad pos or theta.
    Source: RoFormer, eq. 15. Notebook 03.
    """
    matrix = np.zeros((2 * theta.size, 2 * theta.size))
    for i, block in enumerate(rotation_matrix(pos * theta)):
        matrix[2 * i:2 * i + 2, 2 * i:2 * i + 2] = block
    return matrix


def _over(distance, theta, reduce):
    """reduce(angles) for every distance, block by block, so that millions of distances need little memory."""
    flat = distance.reshape(-1)
    out = np.empty(flat.size)
    step = max(1, _BLOCK_ANGLES // theta.size)
    for start in range(0, flat.size, step):
        block = slice(start, start + step)
        out[block] = reduce(flat[block, None] * theta)
    return out.reshape(distance.shape)[()]  # one distance gives one number


def _empty(shape, dtype):
    """np.empty, but a large array starts on a huge page.

    Else its two ends lie on hundreds of small pages, and getting those takes about as long as rotating.
    """
    size = math.prod(shape) * dtype.itemsize
    if size < _LARGE_BYTES:
        return np.empty(shape, dtype)
    raw = np.empty(size + _HUGE_PAGE, np.uint8)
    start = -raw.ctypes.data % _HUGE_PAGE
    return raw[start:start + size].view(dtype).reshape(shape)


def _floats(name, x):
    x = np.asarray(x)
    if x.dtype not in (np.float32, np.float64):
        raise ValueError(f"{name} must be float32 or float64 (convert first); got {name}.dtype = {x.dtype}")
    return _even_last_axis(name, x)


def _even_last_axis(name, x):
    x = np.asarray(x)
    if x.ndim == 0 or x.shape[-1] == 0 or x.shape[-1] % 2:
        raise ValueError(f"{name} must have a positive even last axis; got {name}.shape = {x.shape}")
    return x


def _vector(name, value, dim):
    vector = valid.array(name, value)
    if vector.shape != (dim,):
        raise ValueError(f"{name} must have shape (dim,) = ({dim},), two components per theta; "
                         f"got {name}.shape = {vector.shape}")
    return vector


def _fits(shape, pairs):
    """Does a table of this shape broadcast to pairs without stretching anything, with every pair given?"""
    if len(shape) == 0 or len(shape) > len(pairs) or shape[-1] != pairs[-1]:
        return False
    return all(have in (1, want) for have, want in zip(shape[::-1], pairs[::-1], strict=False))


def _joined(x):
    """Are the two components of every pair neighbours in memory?"""
    return x.strides[-1] == x.itemsize
