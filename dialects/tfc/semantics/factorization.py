"""Factorisations of matrices and what they solve, by NumPy's LAPACK; batches in the leading dimensions.

Compiled code calls these functions on the host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.dtypes import FLOAT32, FLOAT64, INT32, require_same_dtype
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("factorization")

_SINGULAR_FIX = "add a small multiple of the identity, or use tf.linalg.pinv or tf.linalg.lstsq"


def _failing(op: str, what: str, fix: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with LAPACK's failure as an `OpError` TFC206."""

    def evaluate(*arrays: np.ndarray, **attributes: Any) -> Any:
        try:
            return function(*arrays, **attributes)
        except np.linalg.LinAlgError:
            raise OpError("TFC206", f"{op}: {what}", fix) from None

    return evaluate


def _require_matrix(op: str, x: ArrayType, square: bool = True) -> None:
    if x.dtype not in (FLOAT32, FLOAT64):
        raise OpError(
            "TFC102",
            f"{op}: expected float32 or float64, got {x.dtype.name}",
            "convert with tf.cast(x, tf.float32)",
        )
    if len(x.shape) < 2:
        raise OpError(
            "TFC105",
            f"{op}: expected a matrix or a batch of matrices, got {x}",
            "pass rank 2 or more",
        )
    rows, columns = x.shape[-2:]
    if square and rows != columns and rows is not None and columns is not None:
        raise OpError(
            "TFC106",
            f"{op}: expected square matrices, got {x}",
            "use tf.linalg.lstsq, tf.linalg.pinv, tf.linalg.svd or tf.linalg.qr for others",
        )


def _smaller(rows: int | None, columns: int | None) -> int | None:
    return None if rows is None or columns is None else min(rows, columns)


# -- cholesky, inverse, determinant -------------------------------------------------------------


def _cholesky(x: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(x)


def _infer_cholesky(x: ArrayType) -> ArrayType:
    _require_matrix("cholesky", x)
    return x


cholesky = FAMILY.op(
    "cholesky",
    _failing(
        "cholesky",
        "the matrix is not positive definite",
        "make it symmetric and add a small multiple of the identity",
        _cholesky,
    ),
    _infer_cholesky,
    ("x",),
)


def _inverse(x: np.ndarray, *, adjoint: bool) -> np.ndarray:
    return np.linalg.inv(x.swapaxes(-1, -2) if adjoint else x)


def _infer_inverse(x: ArrayType, *, adjoint: bool) -> ArrayType:
    _require_matrix("inv", x)
    return x


matrix_inverse = FAMILY.op(
    "matrix_inverse",
    _failing("inv", "the matrix is not invertible", _SINGULAR_FIX, _inverse),
    _infer_inverse,
    ("x",),
    ("adjoint",),
)


def _determinant(x: np.ndarray) -> np.ndarray:
    return np.linalg.det(x)


def _infer_determinant(x: ArrayType) -> ArrayType:
    _require_matrix("det", x)
    return ArrayType(x.dtype, x.shape[:-2])


determinant = FAMILY.op("determinant", _determinant, _infer_determinant, ("x",))


def _slogdet(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sign, logarithm = np.linalg.slogdet(x)
    return np.asarray(sign), np.asarray(logarithm)


def _infer_slogdet(x: ArrayType) -> tuple[ArrayType, ArrayType]:
    _require_matrix("slogdet", x)
    kind = ArrayType(x.dtype, x.shape[:-2])
    return kind, kind


log_determinant = FAMILY.op("log_determinant", _slogdet, _infer_slogdet, ("x",))


# -- solving ------------------------------------------------------------------------------------


def _solve(a: np.ndarray, b: np.ndarray, *, adjoint: bool) -> np.ndarray:
    return np.linalg.solve(a.swapaxes(-1, -2) if adjoint else a, b)


def _infer_solve(a: ArrayType, b: ArrayType, *, adjoint: bool) -> ArrayType:
    return _infer_system("solve", a, b)


def _infer_system(op: str, a: ArrayType, b: ArrayType) -> ArrayType:
    """The type of x in `a x = b`."""
    require_same_dtype(op, a, b)
    _require_matrix(op, a)
    _require_matrix(op, b, square=False)
    size, rows = a.shape[-1], b.shape[-2]
    if size is None:
        size = a.shape[-2]
    if rows != size and rows is not None and size is not None:
        raise OpError(
            "TFC106",
            f"{op}: the right-hand side has {rows} rows, expected {size}, in {a} and {b}",
            "give one row for each unknown",
        )
    batch = broadcast_shapes(
        f"{op} (batch dimensions)",
        ArrayType(a.dtype, a.shape[:-2]),
        ArrayType(b.dtype, b.shape[:-2]),
    )
    return ArrayType(a.dtype, (*batch, rows if size is None else size, b.shape[-1]))


solve = FAMILY.op(
    "solve",
    _failing("solve", "the matrix is not invertible", _SINGULAR_FIX, _solve),
    _infer_solve,
    ("a", "b"),
    ("adjoint",),
)


_TRIANGLE = 64
"""Unknowns of a triangular system that NumPy solves at once, as one of any matrix; larger ones are divided."""


def _triangular_solve(a: np.ndarray, b: np.ndarray, *, lower: bool, adjoint: bool) -> np.ndarray:
    """Substitution by blocks: products of matrices, but for the triangles on the diagonal."""
    if adjoint:
        a, lower = a.swapaxes(-1, -2), not lower
    size, triangle = a.shape[-1], np.tril if lower else np.triu
    if size <= _TRIANGLE:
        return np.linalg.solve(triangle(a), b)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.array(np.broadcast_to(b, (*batch, *b.shape[-2:])))
    blocks = [slice(start, start + _TRIANGLE) for start in range(0, size, _TRIANGLE)]
    for rows in blocks if lower else blocks[::-1]:
        known = slice(0, rows.start) if lower else slice(rows.stop, size)
        rest = x[..., rows, :] - a[..., rows, known] @ x[..., known, :]
        x[..., rows, :] = np.linalg.solve(triangle(a[..., rows, rows]), rest)
    return x


def _infer_triangular_solve(a: ArrayType, b: ArrayType, *, lower: bool, adjoint: bool) -> ArrayType:
    return _infer_system("triangular_solve", a, b)


triangular_solve = FAMILY.op(
    "triangular_solve",
    _failing(
        "triangular_solve",
        "the matrix has a zero on its diagonal",
        "check the factor",
        _triangular_solve,
    ),
    _infer_triangular_solve,
    ("a", "b"),
    ("lower", "adjoint"),
)


# -- qr, svd, eigenvalues -----------------------------------------------------------------------


def _qr(x: np.ndarray, *, full_matrices: bool) -> tuple[np.ndarray, np.ndarray]:
    q, r = np.linalg.qr(x, "complete" if full_matrices else "reduced")
    return q, r


def _infer_qr(x: ArrayType, *, full_matrices: bool) -> tuple[ArrayType, ArrayType]:
    _require_matrix("qr", x, square=False)
    *batch, rows, columns = x.shape
    inner = rows if full_matrices else _smaller(rows, columns)
    return (
        ArrayType(x.dtype, (*batch, rows, inner)),
        ArrayType(x.dtype, (*batch, inner, columns)),
    )


qr = FAMILY.op("qr", _qr, _infer_qr, ("x",), ("full_matrices",))


def _svd(x: np.ndarray, *, full_matrices: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u, s, vh = np.linalg.svd(x, full_matrices)
    return s, u, vh.swapaxes(-1, -2)


def _infer_svd(x: ArrayType, *, full_matrices: bool) -> tuple[ArrayType, ArrayType, ArrayType]:
    _require_matrix("svd", x, square=False)
    *batch, rows, columns = x.shape
    count = _smaller(rows, columns)
    u: Shape = (*batch, rows, rows if full_matrices else count)
    v: Shape = (*batch, columns, columns if full_matrices else count)
    return ArrayType(x.dtype, (*batch, count)), ArrayType(x.dtype, u), ArrayType(x.dtype, v)


_NOT_CONVERGED = "the iteration did not converge"
_FINITE_FIX = "check the matrix for nan and inf: tf.debugging.check_numerics(x, 'x')"

svd = FAMILY.op(
    "svd",
    _failing("svd", _NOT_CONVERGED, _FINITE_FIX, _svd),
    _infer_svd,
    ("x",),
    ("full_matrices",),
)


def _singular_values(x: np.ndarray) -> np.ndarray:
    return np.linalg.svd(x, compute_uv=False)


def _infer_singular_values(x: ArrayType) -> ArrayType:
    return _infer_svd(x, full_matrices=False)[0]


singular_values = FAMILY.op(
    "singular_values",
    _failing("svd", _NOT_CONVERGED, _FINITE_FIX, _singular_values),
    _infer_singular_values,
    ("x",),
)


def _eigh(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = np.linalg.eigh(x)
    return values, vectors


def _infer_eigh(x: ArrayType) -> tuple[ArrayType, ArrayType]:
    _require_matrix("eigh", x)
    return ArrayType(x.dtype, x.shape[:-1]), x


eigh = FAMILY.op("eigh", _failing("eigh", _NOT_CONVERGED, _FINITE_FIX, _eigh), _infer_eigh, ("x",))


def _eigvalsh(x: np.ndarray) -> np.ndarray:
    return np.linalg.eigvalsh(x)


def _infer_eigvalsh(x: ArrayType) -> ArrayType:
    return _infer_eigh(x)[0]


eigvalsh = FAMILY.op(
    "eigvalsh",
    _failing("eigvalsh", _NOT_CONVERGED, _FINITE_FIX, _eigvalsh),
    _infer_eigvalsh,
    ("x",),
)


# -- lu -----------------------------------------------------------------------------------------


def _lu(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Partial pivoting, one column of all matrices at a time."""
    n = x.shape[-1]
    factors = x.reshape(-1, n, n).copy()
    every = np.arange(len(factors))
    order = np.tile(np.arange(n, dtype=INT32), (len(factors), 1))
    for k in range(n):
        pivot = k + np.argmax(np.abs(factors[:, k:, k]), axis=1)
        for rows in (factors, order):
            rows[every, k], rows[every, pivot] = rows[every, pivot], rows[every, k].copy()
        if np.any(factors[:, k, k] == 0):
            raise np.linalg.LinAlgError
        factors[:, k + 1 :, k] /= factors[:, k, k, None]
        factors[:, k + 1 :, k + 1 :] -= factors[:, k + 1 :, k, None] * factors[:, k, None, k + 1 :]
    return factors.reshape(x.shape), order.reshape(x.shape[:-1])


def _infer_lu(x: ArrayType) -> tuple[ArrayType, ArrayType]:
    _require_matrix("lu", x)
    return x, ArrayType(INT32, x.shape[:-1])


lu = FAMILY.op(
    "lu",
    _failing("lu", "a matrix is not invertible", _SINGULAR_FIX, _lu),
    _infer_lu,
    ("x",),
)


# -- functions of matrices ----------------------------------------------------------------------

_PADE = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
    129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0,
    40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
"""The Pade approximation of degree 13 (Higham, "The scaling and squaring method for the matrix exponential", 2005)."""
_PADE_REACH = 5.37
"""Up to this 1-norm it is exact to the precision of float64."""


def _matrix_exponential(x: np.ndarray) -> np.ndarray:
    if not x.size:
        return x.copy()
    a = x.astype(np.float64)
    if not np.all(np.isfinite(a)):
        raise np.linalg.LinAlgError
    norm = np.abs(a).sum(axis=-2).max(axis=-1)
    squarings = np.maximum(0, np.ceil(np.log2(np.maximum(norm, 1e-300) / _PADE_REACH))).astype(int)
    a = a * np.exp2(-squarings)[..., None, None]
    powers = [np.broadcast_to(np.eye(a.shape[-1]), a.shape), a @ a]
    for _ in range(5):
        powers.append(powers[-1] @ powers[1])
    even = sum((c * p for c, p in zip(_PADE[0::2], powers, strict=True)), np.zeros(()))
    odd = a @ sum((c * p for c, p in zip(_PADE[1::2], powers, strict=True)), np.zeros(()))
    result = np.linalg.solve(even - odd, even + odd)
    for done in range(int(squarings.max())):
        result = np.where((squarings > done)[..., None, None], result @ result, result)
    return result.astype(x.dtype)


def _infer_matrix_exponential(x: ArrayType) -> ArrayType:
    _require_matrix("matrix_exponential", x)
    return x


matrix_exponential = FAMILY.op(
    "matrix_exponential",
    _failing("expm", "the matrix is not finite", _FINITE_FIX, _matrix_exponential),
    _infer_matrix_exponential,
    ("x",),
)


def _matrix_square_root(x: np.ndarray) -> np.ndarray:
    """Denman and Beavers' iteration, scaled by determinants while it is far from its limit."""
    n = x.shape[-1]
    y = x.astype(np.float64)
    z = np.broadcast_to(np.eye(n), y.shape)
    for _ in range(100):
        inverse_y, inverse_z = np.linalg.inv(y), np.linalg.inv(z)
        scale = np.abs(np.linalg.det(y) * np.linalg.det(z)) ** (-0.5 / max(n, 1))
        scale = np.where(np.abs(scale - 1) > 1e-2, scale, 1.0)[..., None, None]
        after = (scale * y + inverse_z / scale) / 2
        z = (scale * z + inverse_y / scale) / 2
        change = np.max(np.abs(after - y), initial=0.0)
        y = after
        if change <= 1e-14 * np.max(np.abs(y), initial=0.0):
            return y.astype(x.dtype)
    raise np.linalg.LinAlgError


def _infer_matrix_square_root(x: ArrayType) -> ArrayType:
    _require_matrix("matrix_square_root", x)
    return x


matrix_square_root = FAMILY.op(
    "matrix_square_root",
    _failing(
        "sqrtm",
        "the matrix has no real square root, or is not invertible",
        "its eigenvalues must not be zero or negative",
        _matrix_square_root,
    ),
    _infer_matrix_square_root,
    ("x",),
)
