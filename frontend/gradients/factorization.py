"""Gradients of factorisations and of linear systems, as in TensorFlow.

Derivations: M. Giles, "Collected matrix derivative results", 2008; I. Murray, "Differentiation of the Cholesky
decomposition", 2016; J. Townsend, "Differentiating the singular value decomposition", 2016; S. Walter and L. Lehmann, 2010 (QR).
"""

from __future__ import annotations

from tfc.core.dispatch import apply
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import factorization as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.contraction import matmul
from tfc.ops.creation import eye, ones_like, zeros_like
from tfc.ops.diagonal import band_part, diag, diagonal, set_diag
from tfc.ops.einsum import einsum
from tfc.ops.factorization import (
    eigh,
    inv,
    matrix_transpose,
    solve,
    svd,
    triangular_solve,
)
from tfc.ops.indexing import gather
from tfc.ops.joining import concat
from tfc.ops.logical import select as where
from tfc.ops.searching import argsort
from tfc.ops.shape import expand_dims, reshape
from tfc.ops.sizes import Size, dim, dims
from tfc.ops.slicing import slice as tf_slice


def _cholesky(op: RecordedOp, grad: Tensor) -> Tensor:
    (factor,) = op.outputs
    middle = matmul(factor, grad, transpose_a=True)
    middle = band_part(set_diag(middle, 0.5 * diagonal(middle)), -1, 0)
    # factor^-T middle factor^-1, by two triangular solves
    left = triangular_solve(factor, middle, adjoint=True)
    both = matrix_transpose(triangular_solve(factor, matrix_transpose(left), adjoint=True))
    return 0.5 * (both + matrix_transpose(both))


def _matrix_inverse(op: RecordedOp, grad: Tensor) -> Tensor:
    (inverse,) = op.outputs
    if op.attributes["adjoint"]:
        return -matmul(matmul(inverse, grad, transpose_b=True), inverse)
    left = matmul(inverse, grad, transpose_a=True)
    return -matmul(left, inverse, transpose_b=True)


def _determinant(op: RecordedOp, grad: Tensor) -> Tensor:
    (x,), (value,) = op.inputs, op.outputs
    return _spread(grad * value) * inv(x, adjoint=True)


def _log_determinant(op: RecordedOp, _sign: Tensor | None, grad: Tensor | None) -> Tensor | None:
    return None if grad is None else _spread(grad) * inv(op.inputs[0], adjoint=True)


def _spread(scalars: Tensor) -> Tensor:
    """A number for each matrix, to multiply the matrices with."""
    return expand_dims(expand_dims(scalars, -1), -1)


def _solve(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    (a, b), (x,) = op.inputs, op.outputs
    adjoint: bool = op.attributes["adjoint"]
    to_b = solve(a, grad, adjoint=not adjoint)
    return unbroadcast(_to_matrix(to_b, x, adjoint), a), unbroadcast(to_b, b)


def _triangular_solve(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    (a, b), (x,) = op.inputs, op.outputs
    lower, adjoint = op.attributes["lower"], op.attributes["adjoint"]
    to_b = triangular_solve(a, grad, lower=lower, adjoint=not adjoint)
    to_a = _to_matrix(to_b, x, adjoint)
    to_a = band_part(to_a, -1, 0) if lower else band_part(to_a, 0, -1)
    return unbroadcast(to_a, a), unbroadcast(to_b, b)


def _to_matrix(to_b: Tensor, x: Tensor, adjoint: bool) -> Tensor:
    if adjoint:
        return -matmul(x, to_b, transpose_b=True)
    return -matmul(to_b, x, transpose_b=True)


def _qr(op: RecordedOp, to_q: Tensor | None, to_r: Tensor | None) -> Tensor:
    (x,), (q, r) = op.inputs, op.outputs
    rows, columns = x.type.shape[-2:]
    if op.attributes["full_matrices"] and (rows is None or columns is None or rows > columns):
        raise CompileError(
            "TFC122",
            f"qr: no gradient for full_matrices=True and {x.type}",
            "use full_matrices=False",
        )
    to_q = zeros_like(q) if to_q is None else to_q
    to_r = zeros_like(r) if to_r is None else to_r
    if rows is not None and columns is not None and rows >= columns:
        return _qr_tall(q, r, to_q, to_r)
    # The first columns are a square or tall problem, the others depend on its q. (There may be no others.)
    count = dim(r, len(r.type.shape) - 2)
    square, rest = _split_columns(r, count)[0], _split_columns(x, count)[1]
    to_square, to_rest = _split_columns(to_r, count)
    to_q = to_q + matmul(rest, to_rest, transpose_b=True)
    return concat([_qr_tall(q, square, to_q, to_square), matmul(q, to_rest)], -1)


def _split_columns(x: Tensor, count: Size) -> tuple[Tensor, Tensor]:
    """The first `count` columns of matrices, and the others."""
    sizes = dims(x)
    last = len(sizes) - 1
    begin: list[Size] = [0] * len(sizes)
    first = tf_slice(x, begin, [*sizes[:last], count])
    begin[last] = count
    return first, tf_slice(x, begin, [*sizes[:last], sizes[last] - count])


def _qr_tall(q: Tensor, r: Tensor, to_q: Tensor, to_r: Tensor) -> Tensor:
    qdq = matmul(q, to_q, transpose_a=True)
    rdr = matmul(r, to_r, transpose_b=True)
    lower = band_part(qdq - matrix_transpose(qdq) + rdr - matrix_transpose(rdr), -1, 0)
    first = matmul(q, to_r + _divide_by_upper(lower, r))
    return first + _divide_by_upper(to_q - matmul(q, qdq), r)


def _divide_by_upper(x: Tensor, r: Tensor) -> Tensor:
    """`x @ r^-T` for upper triangular r."""
    return matrix_transpose(triangular_solve(r, matrix_transpose(x), lower=False))


def _svd(op: RecordedOp, to_s: Tensor | None, to_u: Tensor | None, to_v: Tensor | None) -> Tensor:
    (x,), (s, u, v) = op.inputs, op.outputs
    rows, columns = x.type.shape[-2:]
    if op.attributes["full_matrices"] and (rows is None or rows != columns):
        raise CompileError(
            "TFC122",
            f"svd: no gradient for full_matrices=True and {x.type}",
            "use full_matrices=False",
        )
    across = expand_dims(s, -2)
    middle = diag(zeros_like(s) if to_s is None else to_s)
    gaps = _reciprocal(across * across - expand_dims(s * s, -1))
    outside: Tensor | None = None
    if to_u is not None:
        skew = _skew(matmul(u, to_u, transpose_a=True))
        middle = middle + skew * gaps * across
        beyond = (to_u - matmul(u, matmul(u, to_u, transpose_a=True))) * _reciprocal(across)
        outside = matmul(beyond, v, transpose_b=True)
    if to_v is not None:
        skew = _skew(matmul(v, to_v, transpose_a=True))
        middle = middle + expand_dims(s, -1) * skew * gaps
        beyond = (to_v - matmul(v, matmul(v, to_v, transpose_a=True))) * _reciprocal(across)
        more = matmul(u, beyond, transpose_b=True)
        outside = more if outside is None else outside + more
    inside = matmul(matmul(u, middle), v, transpose_b=True)
    return inside if outside is None else inside + outside


def _skew(x: Tensor) -> Tensor:
    return x - matrix_transpose(x)


def _reciprocal(x: Tensor) -> Tensor:
    """1 / x, 0 where x is 0: equal singular or eigenvalues do not turn everything into nan."""
    one, zero = zeros_like(x) + 1.0, zeros_like(x)
    return where(x == 0.0, zero, 1.0 / where(x == 0.0, one, x))


def _singular_values(op: RecordedOp, grad: Tensor) -> Tensor:
    _, u, v = svd(op.inputs[0])
    return matmul(u * expand_dims(grad, -2), v, transpose_b=True)


def _eigh(op: RecordedOp, to_values: Tensor | None, to_vectors: Tensor | None) -> Tensor:
    values, vectors = op.outputs
    middle = diag(zeros_like(values) if to_values is None else to_values)
    if to_vectors is not None:
        gaps = _reciprocal(expand_dims(values, -2) - expand_dims(values, -1))
        middle = middle + gaps * matmul(vectors, to_vectors, transpose_a=True)
    return _to_lower(matmul(matmul(vectors, middle), vectors, transpose_b=True))


def _eigvalsh(op: RecordedOp, grad: Tensor) -> Tensor:
    _, vectors = eigh(op.inputs[0])
    return _to_lower(matmul(vectors * expand_dims(grad, -2), vectors, transpose_b=True))


def _to_lower(x: Tensor) -> Tensor:
    """The gradient of a symmetric matrix of which only the lower triangle is read."""
    both = band_part(x + matrix_transpose(x), -1, 0)
    return set_diag(both, 0.5 * diagonal(both))


def _lu(op: RecordedOp, grad: Tensor | None, _order: Tensor | None) -> Tensor | None:
    if grad is None:
        return None
    factors, order = op.outputs
    lower = set_diag(band_part(factors, -1, 0), ones_like(diagonal(factors)))
    upper = band_part(factors, 0, -1)
    left = matmul(lower, _strictly_lower(grad), transpose_a=True)
    right = matmul(band_part(grad, 0, -1), upper, transpose_b=True)
    middle = _strictly_lower(left) + band_part(right, 0, -1)
    middle = triangular_solve(lower, middle, adjoint=True)
    middle = triangular_solve(upper, matrix_transpose(middle), lower=False)
    permuted = matrix_transpose(middle)
    return gather(permuted, argsort(order), batch_dims=len(order.type.shape) - 1)


def _strictly_lower(x: Tensor) -> Tensor:
    return x - band_part(x, 0, -1)


def _matrix_exponential(op: RecordedOp, grad: Tensor) -> Tensor:
    """Frechet's derivative at the transpose: the corner of the exponential of [[x^T, grad], [0, x^T]]."""
    x = matrix_transpose(op.inputs[0])
    above = concat([x, grad], -1)
    below = concat([zeros_like(x), x], -1)
    both = apply(semantics.matrix_exponential, concat([above, below], -2))
    sizes = dims(x)
    begin: list[Size] = [0] * len(sizes)
    begin[-1] = sizes[-1]
    return tf_slice(both, begin, sizes)


def _matrix_square_root(op: RecordedOp, grad: Tensor) -> Tensor:
    """z in y^T z + z y^T = grad (Sylvester), as one system for the elements of z."""
    (root,) = op.outputs
    y = matrix_transpose(root)
    *batch, n, _ = dims(y)
    unit = eye(n, dtype=y.type.dtype)
    system = einsum("...ij,kl->...ikjl", y, unit) + einsum("ij,...lk->...ikjl", unit, y)
    system = reshape(system, [*batch, n * n, n * n])
    return reshape(solve(system, reshape(grad, [*batch, n * n, 1])), dims(y))


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.cholesky: _cholesky,
    semantics.matrix_inverse: _matrix_inverse,
    semantics.determinant: _determinant,
    semantics.log_determinant: _log_determinant,
    semantics.solve: _solve,
    semantics.triangular_solve: _triangular_solve,
    semantics.qr: _qr,
    semantics.svd: _svd,
    semantics.singular_values: _singular_values,
    semantics.eigh: _eigh,
    semantics.eigvalsh: _eigvalsh,
    semantics.lu: _lu,
    semantics.matrix_exponential: _matrix_exponential,
    semantics.matrix_square_root: _matrix_square_root,
}
