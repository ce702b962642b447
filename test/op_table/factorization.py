"""Rows of factorisations. What is unique up to sign or order is multiplied together again."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import factorization as semantics

from op_table.row import Row, Sample, Wrong

DTYPES = ("float32", "float64")


def _regular(x: np.ndarray) -> np.ndarray:
    """A matrix with a diagonal that dominates."""
    return x + 3 * np.eye(x.shape[-2], x.shape[-1])


def _positive(x: np.ndarray) -> np.ndarray:
    """A symmetric positive definite matrix."""
    return x @ np.swapaxes(x, -1, -2) + 2 * np.eye(x.shape[-1])


def _lower_half(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`function` of the symmetric matrix that the lower triangle of its argument gives: any argument is valid then."""

    def call(x: Any) -> Any:
        if x.shape[-1] != x.shape[-2]:
            return function(x)
        lower = tf.linalg.band_part(x, -1, 0)
        strict = lower - tf.linalg.diag(tf.linalg.diag_part(x))
        return function(lower + tf.linalg.matrix_transpose(strict))

    call.__name__ = function.__name__
    return call


def _symmetric(x: np.ndarray) -> np.ndarray:
    return np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2)


def _qr(x: Any, full_matrices: bool = False) -> Any:
    q, r = tf.linalg.qr(x, full_matrices)
    return tf.matmul(q, r)


def _svd(x: Any, full_matrices: bool = False) -> Any:
    s, u, v = tf.linalg.svd(x, full_matrices)
    count = s.shape[-1]
    return s, tf.matmul(u[..., :count] * s[..., None, :], v[..., :count], transpose_b=True)


def _oracle_svd(x: np.ndarray, full_matrices: bool = False) -> Any:
    return np.linalg.svd(x, compute_uv=False), x


def _expm(x: np.ndarray) -> np.ndarray:
    """The series itself."""
    term = np.broadcast_to(np.eye(x.shape[-1]), x.shape)
    total = term
    for k in range(1, 60):
        term = term @ x.astype(np.float64) / k
        total = total + term
    return total.astype(x.dtype)


def _sqrtm(x: np.ndarray) -> np.ndarray:
    """By the eigenvalues, of symmetric matrices."""
    values, vectors = np.linalg.eigh(x)
    return (vectors * np.sqrt(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)


def _doolittle(x: np.ndarray) -> Any:
    """Element by element, of matrices that need no exchange of rows."""
    factors = x.copy()
    n = x.shape[-1]
    for i, j in np.ndindex(n, n):
        for k in range(min(i, j)):
            factors[..., i, j] -= factors[..., i, k] * factors[..., k, j]
        if j < i:
            factors[..., i, j] /= factors[..., j, j]
    return factors, np.broadcast_to(np.arange(n, dtype=np.int32), x.shape[:-1])


def _solved(x: Any, b: Any) -> Any:
    return tf.linalg.lu_solve(*tf.linalg.lu(x), b)


def _singular_values(x: Any) -> Any:
    return tf.linalg.svd(x, compute_uv=False)


def _eigh(x: Any) -> Any:
    values, vectors = tf.linalg.eigh(x)
    return values, tf.matmul(vectors * values[..., None, :], vectors, transpose_b=True)


def _eigvalsh(x: Any) -> Any:
    """Each eigenvalue times its number, so that the gradient of the sum is no multiple of the identity."""
    values = tf.linalg.eigvalsh(x)
    return values * tf.cast(tf.range(1, tf.shape(values)[-1] + 1), values.dtype)


SQUARE = (Sample(((3, 3),)), Sample(((2, 4, 4),)), Sample(((1, 1),)))
SYSTEMS = (
    Sample(((3, 3), (3, 2))),
    Sample(((2, 3, 3), (2, 3, 1))),
    Sample(((3, 3), (2, 3, 2))),
)
ANY = (Sample(((4, 3),)), Sample(((2, 3, 4),)), Sample(((3, 3),)))
NOT_SQUARE = Wrong((np.ones((2, 3)),), {}, "TFC106", "expected square matrices")
VECTOR = Wrong((np.ones(3),), {}, "TFC105", "expected a matrix")
INTEGERS = Wrong(([[1]],), {}, "TFC102", "expected float32 or float64, got int32")


def _row(
    spec: Any,
    function: Any,
    oracle: Any,
    samples: Sequence[Sample],
    domain: Any = None,
    **more: Any,
) -> Row:
    return Row(
        spec,
        function,
        oracle,
        samples,
        dtypes=DTYPES,
        domain=None if domain is None else (domain, lambda x: x),
        special=False,
        ulp=16,
        oracle_ulp=64,
        **more,
    )


ROWS = [
    _row(
        semantics.cholesky,
        _lower_half(tf.linalg.cholesky),
        lambda x: np.linalg.cholesky(_symmetric(x)),
        SQUARE,
        _positive,
        wrong=(
            NOT_SQUARE,
            Wrong((-np.eye(2),), {}, "TFC206", "not positive definite"),
        ),
    ),
    _row(
        semantics.matrix_inverse,
        tf.linalg.inv,
        lambda x, adjoint=False: np.linalg.inv(np.swapaxes(x, -1, -2) if adjoint else x),
        (*SQUARE, Sample(((3, 3),), {"adjoint": True})),
        _regular,
        wrong=(
            NOT_SQUARE,
            VECTOR,
            INTEGERS,
            Wrong((np.zeros((2, 2)),), {}, "TFC206", "not invertible"),
        ),
    ),
    _row(semantics.determinant, tf.linalg.det, np.linalg.det, SQUARE, _regular),
    _row(
        semantics.log_determinant,
        tf.linalg.slogdet,
        lambda x: tuple(np.linalg.slogdet(x)),
        SQUARE,
        _regular,
    ),
    _row(
        semantics.solve,
        tf.linalg.solve,
        lambda a, b, adjoint=False: np.linalg.solve(np.swapaxes(a, -1, -2) if adjoint else a, b),
        (*SYSTEMS, Sample(((3, 3), (3, 2)), {"adjoint": True})),
        _regular,
        wrong=(
            Wrong((np.eye(3), np.ones((2, 1))), {}, "TFC106", "2 rows, expected 3"),
            Wrong((np.eye(2), np.ones((2, 1), "f4")), {}, "TFC101", "float64 and float32"),
            Wrong((np.zeros((2, 2)), np.ones((2, 1))), {}, "TFC206", "not invertible"),
        ),
    ),
    _row(
        semantics.triangular_solve,
        tf.linalg.triangular_solve,
        lambda a, b, lower=True: np.linalg.solve(np.tril(a) if lower else np.triu(a), b),
        (*SYSTEMS, Sample(((3, 3), (3, 2)), {"lower": False})),
        _regular,
        wrong=(Wrong((np.zeros((2, 2)), np.ones((2, 1))), {}, "TFC206", "zero on its diagonal"),),
    ),
    _row(
        semantics.qr,
        _qr,
        lambda x: x,
        (Sample(((4, 3),)), Sample(((2, 3, 4),))),
        _regular,
    ),
    _row(semantics.svd, _svd, _oracle_svd, ANY, _regular),
    _row(
        semantics.singular_values,
        _singular_values,
        lambda x: np.linalg.svd(x, compute_uv=False),
        ANY,
        _regular,
    ),
    _row(
        semantics.eigh,
        _lower_half(_eigh),
        lambda x: (np.linalg.eigvalsh(_symmetric(x)), _symmetric(x)),
        SQUARE,
    ),
    _row(
        semantics.eigvalsh,
        _lower_half(_eigvalsh),
        lambda x: np.linalg.eigvalsh(_symmetric(x)) * np.arange(1, x.shape[-1] + 1, dtype=x.dtype),
        SQUARE,
        wrong=(NOT_SQUARE,),
    ),
    _row(
        semantics.matrix_exponential,
        tf.linalg.expm,
        _expm,
        SQUARE,
        lambda x: 3 * x,
        wrong=(NOT_SQUARE, Wrong((np.full((2, 2), np.nan),), {}, "TFC206", "not finite")),
    ),
    _row(
        semantics.matrix_square_root,
        tf.linalg.sqrtm,
        _sqrtm,
        SQUARE,
        _positive,
        wrong=(NOT_SQUARE, Wrong((np.zeros((2, 2)),), {}, "TFC206", "no real square root")),
    ),
    _row(
        semantics.lu,
        tf.linalg.lu,
        _doolittle,
        SQUARE,
        _regular,
        wrong=(NOT_SQUARE, Wrong((np.zeros((2, 2)),), {}, "TFC206", "not invertible")),
    ),
    _row(
        semantics.lu,
        _solved,
        np.linalg.solve,
        (Sample(((3, 3), (3, 2))), Sample(((2, 3, 3), (2, 3, 1)))),
        lambda x: np.roll(_regular(x), 1, axis=-2) if x.shape[-1] == x.shape[-2] else x,
    ),
]
