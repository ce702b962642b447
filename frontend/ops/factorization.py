"""Factorisations and linear systems: `tf.linalg.*`. LAPACK by NumPy, eagerly and from compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import factorization as semantics
from tfc.ops.applying import convert_pair
from tfc.ops.contraction import matmul
from tfc.ops.diagonal import diagonal
from tfc.ops.shape import expand_dims, shape, transpose
from tfc.ops.sizes import require_matrix


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """`a` with its last two dimensions swapped.

    Raises:
        ValueError: rank below 2 (TFC105).

    >>> import tfc as tf
    >>> tf.linalg.matrix_transpose([[1, 2], [3, 4]]).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    x = require_matrix("matrix_transpose", convert(a))
    rank = len(x.type.shape)
    return transpose(x, [*range(rank - 2), rank - 1, rank - 2])


def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The conjugate transpose; for real numbers, which all tensors hold, this is `tf.linalg.matrix_transpose`.

    >>> import tfc as tf
    >>> tf.linalg.adjoint([[1.0, 2.0], [3.0, 4.0]]).numpy()
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    """
    return matrix_transpose(matrix)


def cholesky(input: Any, name: str | None = None) -> Tensor:
    """The lower triangular L with `input = L @ transpose(L)`, of symmetric positive definite matrices.

    Args:
        input: float32 or float64 `[..., n, n]`; only the lower triangle is read.

    Raises:
        ValueError: not square (TFC106), rank below 2 (TFC105), not positive definite (TFC206).

    >>> import tfc as tf
    >>> tf.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy()
    array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    return apply(semantics.cholesky, convert(input))


def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverses of square matrices; of their transposes with `adjoint`.

    Args:
        input: float32 or float64 `[..., n, n]`.

    Raises:
        ValueError: not square (TFC106), not invertible (TFC206).

    >>> import tfc as tf
    >>> tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    return apply(semantics.matrix_inverse, convert(input), adjoint=bool(adjoint))


def det(input: Any, name: str | None = None) -> Tensor:
    """The determinants of square matrices: `[..., n, n]` gives `[...]`.

    >>> import tfc as tf
    >>> tf.linalg.det([[2.0, 0.0], [0.0, 4.0]]).numpy()
    np.float32(8.0)
    """
    return apply(semantics.determinant, convert(input))


def slogdet(input: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Sign and logarithm of the absolute value of determinants: `[..., n, n]` gives two of `[...]`.

    >>> import tfc as tf
    >>> sign, log_abs = tf.linalg.slogdet([[1.0, 0.0], [0.0, -1.0]])
    >>> sign.numpy(), log_abs.numpy()
    (np.float32(-1.0), np.float32(0.0))
    """
    return apply(semantics.log_determinant, convert(input))


def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of positive definite matrices, through their Cholesky factors.

    >>> import tfc as tf
    >>> tf.linalg.logdet([[1.0, 0.0], [0.0, 1.0]]).numpy()
    np.float32(0.0)
    """
    from tfc.ops.reduction import reduce_sum
    from tfc.ops.transcendental import log

    return 2.0 * reduce_sum(log(diagonal(cholesky(matrix))), axis=[-1])


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """x in `matrix @ x = rhs`, with the transpose of `matrix` when `adjoint`.

    Args:
        matrix: float32 or float64 `[..., n, n]`.
        rhs: `[..., n, k]` of the same dtype; batch dimensions broadcast.

    Raises:
        ValueError: shapes do not agree (TFC105, TFC106, TFC103), not invertible (TFC206).

    >>> import tfc as tf
    >>> tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy()
    array([[1. ],
           [0.5]], dtype=float32)
    """
    a, b = convert_pair(matrix, rhs)
    return apply(semantics.solve, a, b, adjoint=bool(adjoint))


def triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """As `tf.linalg.solve` for the lower (or upper) triangle of `matrix`; the rest is not read.

    >>> import tfc as tf
    >>> tf.linalg.triangular_solve([[2.0, 9.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy()
    array([[1. ],
           [0.5]], dtype=float32)
    """
    a, b = convert_pair(matrix, rhs)
    return apply(semantics.triangular_solve, a, b, lower=bool(lower), adjoint=bool(adjoint))


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """x in `a @ x = rhs`, given the Cholesky factor of `a`; errors as `tf.linalg.solve`.

    >>> import tfc as tf
    >>> tf.linalg.cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[4.0], [3.0]]).numpy()
    array([[1.],
           [3.]], dtype=float32)
    """
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """`input = q @ r`, q with orthonormal columns and r upper triangular.

    Args:
        input: float32 or float64 `[..., m, n]`.
        full_matrices: q is `[..., m, m]` and r `[..., m, n]`; else min(m, n) columns and rows.

    The signs are LAPACK's.

    >>> import tfc as tf
    >>> q, r = tf.linalg.qr([[3.0], [4.0]])
    >>> tf.matmul(q, r).numpy()
    array([[3.],
           [4.]], dtype=float32)
    """
    return apply(semantics.qr, convert(input), full_matrices=bool(full_matrices))


def svd(
    tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Any:
    """Singular values, then left and right singular vectors: `tensor = u @ diag(s) @ transpose(v)`.

    Args:
        tensor: float32 or float64 `[..., m, n]`.
        full_matrices: u is `[..., m, m]` and v `[..., n, n]`; else min(m, n) columns.
        compute_uv: without it only s.

    Returns:
        `s, u, v`, s in descending order; or s.

    >>> import tfc as tf
    >>> s, u, v = tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]])
    >>> s.numpy()
    array([4., 3.], dtype=float32)
    """
    x = convert(tensor)
    if not compute_uv:
        return apply(semantics.singular_values, x)
    return apply(semantics.svd, x, full_matrices=bool(full_matrices))


def eigh(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Eigenvalues (ascending) and eigenvectors (columns) of symmetric matrices; the lower triangle is read.

    >>> import tfc as tf
    >>> values, vectors = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> values.numpy()
    array([1., 2.], dtype=float32)
    """
    return apply(semantics.eigh, convert(tensor))


def eigvalsh(tensor: Any, name: str | None = None) -> Tensor:
    """Eigenvalues of symmetric matrices, ascending; the lower triangle is read.

    >>> import tfc as tf
    >>> tf.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy()
    array([1., 2.], dtype=float32)
    """
    return apply(semantics.eigvalsh, convert(tensor))


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The Moore-Penrose pseudo-inverse: `[..., m, n]` gives `[..., n, m]`.

    Args:
        a: float32 or float64 `[..., m, n]`.
        rcond: singular values up to `rcond * max(s)` count as zero; by default 10 * max(m, n) * eps.

    >>> import tfc as tf
    >>> tf.linalg.pinv([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    from tfc.ops.creation import zeros_like
    from tfc.ops.logical import select as where
    from tfc.ops.reduction import reduce_max

    x = convert(a)
    s, u, v = svd(x)
    cutoff = _tolerance(x, 10.0) if rcond is None else convert(rcond, x.type.dtype)
    large = s > reduce_max(s, axis=-1, keepdims=True) * expand_dims(cutoff, -1)
    # Zeros are kept out of the division, so that they do not turn the gradient into nan.
    inverse = where(large, 1.0 / where(large, s, zeros_like(s) + 1.0), zeros_like(s))
    return matmul(v * expand_dims(inverse, -2), u, transpose_b=True)


def _tolerance(x: Tensor, factor: float) -> Tensor:
    """`factor * max(m, n) * eps` for matrices `[..., m, n]`."""
    dtype = x.type.dtype
    eps = factor * float(np.finfo(dtype).eps)
    rows, columns = x.type.shape[-2:]
    if rows is not None and columns is not None:
        return convert(eps * max(rows, columns), dtype)
    from tfc.ops.casting import cast
    from tfc.ops.reduction import reduce_max

    return cast(reduce_max(shape(x)[-2:]), dtype) * eps


def matrix_rank(
    a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """How many singular values exceed `tol`: `[..., m, n]` gives int32 `[...]`.

    Args:
        a: float32 or float64 `[..., m, n]`.
        tol: by default `max(s) * max(m, n) * eps`.

    >>> import tfc as tf
    >>> tf.linalg.matrix_rank([[1.0, 0.0], [0.0, 0.0]]).numpy()
    np.int32(1)
    """
    from tfc.core.dtypes import int32
    from tfc.ops.casting import cast
    from tfc.ops.reduction import reduce_max, reduce_sum

    x = convert(a)
    s = svd(x, compute_uv=False)
    if tol is None:
        limit = reduce_max(s, axis=-1, keepdims=True) * _tolerance(x, 1.0)
    else:
        limit = expand_dims(convert(tol, x.type.dtype), -1)
    return reduce_sum(cast(s > limit, int32), axis=-1)


def lstsq(
    matrix: Any,
    rhs: Any,
    l2_regularizer: float = 0.0,
    fast: bool = True,
    name: str | None = None,
) -> Tensor:
    """x that minimises `|matrix @ x - rhs|^2 + l2_regularizer * |x|^2`; the shortest such x when there are many.

    Args:
        matrix: float32 or float64 `[..., m, n]`.
        rhs: `[..., m, k]` of the same dtype.
        fast: through the normal equations, which square the condition number; else through the
            pseudo-inverse, without the regulariser, as in TensorFlow.

    Raises:
        ValueError: shapes do not agree (TFC106), rank-deficient `matrix` with `fast` (TFC206).

    >>> import tfc as tf
    >>> tf.linalg.lstsq([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], [[1.0], [4.0], [9.0]]).numpy()
    array([[1.],
           [2.]], dtype=float32)
    """
    a, b = convert_pair(matrix, rhs)
    if not fast:
        return matmul(pinv(a), b)
    rows, columns = require_matrix("lstsq", a).type.shape[-2:]
    if rows is None or columns is None:
        # Not known which of the two normal equations is regular: with a regulariser both are, else neither is needed.
        if isinstance(l2_regularizer, int | float) and l2_regularizer == 0:
            return matmul(pinv(a), b)
    elif rows < columns:
        gram = _regularized(matmul(a, a, transpose_b=True), l2_regularizer)
        return matmul(a, cholesky_solve(cholesky(gram), b), transpose_a=True)
    gram = _regularized(matmul(a, a, transpose_a=True), l2_regularizer)
    return cholesky_solve(cholesky(gram), matmul(a, b, transpose_a=True))


def _regularized(gram: Tensor, amount: float) -> Tensor:
    if isinstance(amount, int | float) and amount == 0:
        return gram
    from tfc.ops.diagonal import set_diag

    return set_diag(gram, diagonal(gram) + amount)
