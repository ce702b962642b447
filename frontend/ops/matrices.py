"""Functions of matrices and what is made of their factors: `tf.linalg.expm`, `sqrtm`, `lu`, `lu_solve`, `cross`, ..."""

from __future__ import annotations

from typing import Any

from tfc.core import dtypes
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import factorization as semantics
from tfc.ops.applying import convert_pair
from tfc.ops.casting import cast
from tfc.ops.contraction import matmul
from tfc.ops.creation import eye, ones_like
from tfc.ops.diagonal import band_part, diag, diag_part, diagonal, set_diag
from tfc.ops.factorization import triangular_solve
from tfc.ops.indexing import gather
from tfc.ops.rearranging import roll
from tfc.ops.reduction import norm
from tfc.ops.searching import argsort
from tfc.ops.shape import reshape
from tfc.ops.sizes import Size, dims, require_matrix


def expm(input: Any, name: str | None = None) -> Tensor:
    """The exponentials of square matrices: the sum of `input^k / k!`.

    Args:
        input: float32 or float64 `[..., n, n]`.

    Raises:
        ValueError: not square (TFC106), rank below 2 (TFC105), not finite (TFC206).

    >>> import tfc as tf
    >>> tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy()
    array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    return apply(semantics.matrix_exponential, convert(input))


def sqrtm(input: Any, name: str | None = None) -> Tensor:
    """The principal square roots of real matrices whose eigenvalues are not zero or negative.

    Raises:
        ValueError: not square (TFC106), rank below 2 (TFC105), no real square root (TFC206).

    >>> import tfc as tf
    >>> tf.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]]).numpy()
    array([[2., 0.],
           [0., 3.]], dtype=float32)
    """
    return apply(semantics.matrix_square_root, convert(input))


def lu(
    input: Any, output_idx_type: Any = dtypes.int32, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Triangular factors of invertible matrices, with rows exchanged: `(factors, p)`.

    The factors are in one matrix: above and on the diagonal the upper one, below it the lower one, whose diagonal is 1. Row i
    of their product is row `p[i]` of `input`.

    Raises:
        ValueError: not square (TFC106), rank below 2 (TFC105), not invertible (TFC206).

    >>> import tfc as tf
    >>> factors, p = tf.linalg.lu([[1.0, 2.0], [4.0, 2.0]])
    >>> factors.numpy(), p.numpy()
    (array([[4.  , 2.  ],
           [0.25, 1.5 ]], dtype=float32), array([1, 0], dtype=int32))
    """
    factors, order = apply(semantics.lu, convert(input))
    return factors, cast(order, output_idx_type)


def lu_solve(
    lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """x in `a @ x = rhs`, given `tf.linalg.lu(a)`.

    >>> import tfc as tf
    >>> tf.linalg.lu_solve(*tf.linalg.lu([[0.0, 2.0], [4.0, 0.0]]), [[2.0], [4.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    factors, right = convert_pair(lower_upper, rhs)
    order = convert(perm)
    right = gather(right, order, batch_dims=len(order.type.shape) - 1)
    middle = triangular_solve(_unit_lower(factors), right)
    return triangular_solve(band_part(factors, 0, -1), middle, lower=False)


def lu_matrix_inverse(
    lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The inverse of `a`, given `tf.linalg.lu(a)`. Errors as `tf.linalg.lu_solve`.

    >>> import tfc as tf
    >>> tf.linalg.lu_matrix_inverse(*tf.linalg.lu([[2.0, 0.0], [0.0, 4.0]])).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    factors = require_matrix("lu_matrix_inverse", convert(lower_upper))
    *batch, n, _ = dims(factors)
    return lu_solve(factors, perm, eye(n, batch_shape=batch, dtype=factors.type.dtype))


def lu_reconstruct(
    lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """`a`, given `tf.linalg.lu(a)`.

    >>> import tfc as tf
    >>> tf.linalg.lu_reconstruct(*tf.linalg.lu([[1.0, 2.0], [4.0, 2.0]])).numpy()
    array([[1., 2.],
           [4., 2.]], dtype=float32)
    """
    factors, order = convert(lower_upper), convert(perm)
    rows = matmul(_unit_lower(factors), band_part(factors, 0, -1))
    return gather(rows, argsort(order), batch_dims=len(order.type.shape) - 1)


def _unit_lower(factors: Tensor) -> Tensor:
    return set_diag(band_part(factors, -1, 0), ones_like(diagonal(factors)))


def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The cross products of vectors of 3 elements along the last dimension.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: the last dimension is not 3 (TFC106).

    >>> import tfc as tf
    >>> tf.linalg.cross([1, 0, 0], [0, 1, 0]).numpy()
    array([0, 0, 1], dtype=int32)
    """
    x, y = convert_pair(a, b)
    for operand in (x, y):
        shape = operand.type.shape
        if not shape or shape[-1] not in (3, None):
            raise InvalidArgumentError(
                "TFC106", f"cross: expected vectors of 3 elements, got {operand.type}"
            )
    return roll(x, -1, -1) * roll(y, -2, -1) - roll(x, -2, -1) * roll(y, -1, -1)


def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """`tensor` divided by its `tf.norm` along `axis`, and that norm with its dimensions kept.

    >>> import tfc as tf
    >>> tf.linalg.normalize([3.0, 4.0])[0].numpy()
    array([0.6, 0.8], dtype=float32)
    """
    x = convert(tensor)
    length = norm(x, ord=ord, axis=axis, keepdims=True)
    return x / length, length


def tensor_diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Zeros but for `result[i..., i...] = diagonal[i...]`: the shape of `diagonal` twice.

    >>> import tfc as tf
    >>> tf.linalg.tensor_diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    x = convert(diagonal)
    return reshape(diag(reshape(x, [-1])), [*dims(x), *dims(x)])


def tensor_diag_part(input: Any, name: str | None = None) -> Tensor:
    """`result[i...] = input[i..., i...]`: undoes `tf.linalg.tensor_diag`.

    Raises:
        ValueError: the two halves of the shape differ (TFC106).

    >>> import tfc as tf
    >>> tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    x = convert(input)
    shape = x.type.shape
    half = len(shape) // 2
    if len(shape) % 2 or any(
        a is not None and b is not None and a != b
        for a, b in zip(shape[:half], shape[half:], strict=True)
    ):
        raise InvalidArgumentError(
            "TFC106", f"tensor_diag_part: the halves of the shape differ in {x.type}"
        )
    sizes = dims(x)
    length: Size = 1
    for size in sizes[:half]:
        length = length * size
    return reshape(diag_part(reshape(x, [length, length])), sizes[:half])
