"""Diagonals: `tf.linalg.diag`, `diag_part`, `set_diag`, `trace`, `band_part`."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import diagonal as semantics
from tfc.ops.applying import convert_like, is_array
from tfc.ops.casting import cast
from tfc.ops.creation import range as tf_range
from tfc.ops.creation import zeros_like
from tfc.ops.joining import pad
from tfc.ops.logical import select as where
from tfc.ops.reduction import reduce_sum
from tfc.ops.shape import expand_dims, transpose
from tfc.ops.sizes import dim


def diagonal(x: Any, offset: int = 0, axis1: int = -2, axis2: int = -1) -> Tensor:
    """The diagonal of `axis1` and `axis2` as a new last dimension, as `np.diagonal`."""
    return apply(semantics.diagonal, convert(x), offset=offset, axis1=axis1, axis2=axis2)


def _scalar_offset(function: str, k: Any) -> int:
    if isinstance(k, Tensor) or is_array(k):
        k = np.asarray(k).tolist()
    if isinstance(k, list | tuple) and len(k) == 2 and k[0] == k[1]:
        k = k[0]
    if isinstance(k, list | tuple) and len(k) == 1:
        k = k[0]
    if not isinstance(k, int):
        raise InvalidArgumentError(
            "TFC107", f"{function}: k must be one int, got {k!r}", "take one diagonal at a time"
        )
    return k


def diag(
    diagonal: Any,
    name: str = "diag",
    k: Any = 0,
    num_rows: int = -1,
    num_cols: int = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Square matrices with given diagonals: `[..., n]` gives `[..., n + |k|, n + |k|]`.

    Args:
        diagonal: a tensor of rank 1 or more; its last dimension goes on the diagonal.
        k: how far above (positive) or below (negative) the main diagonal; one int.
        num_rows, num_cols: sizes of the matrices, as far as they are what `k` and the diagonal make them.
        padding_value: only 0.
        align: has no meaning for one diagonal.

    Raises:
        ValueError: rank 0 (TFC105); several diagonals, other sizes or padding (TFC107).

    >>> import tfc as tf
    >>> tf.linalg.diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    x = convert(diagonal)
    offset = _scalar_offset("diag", k)
    result = apply(semantics.diagonal_matrix, x, offset=offset)
    for given, size in zip((num_rows, num_cols), result.type.shape[-2:], strict=True):
        if given not in (-1, size) or padding_value != 0:
            raise InvalidArgumentError(
                "TFC107",
                f"diag: num_rows={num_rows}, num_cols={num_cols}, padding_value={padding_value} for {x.type}",
                "leave them out and use tf.pad",
            )
    return result


def diag_part(
    input: Any,
    name: str = "diag_part",
    k: Any = 0,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """The diagonals of matrices: `[..., m, n]` gives `[..., length]`.

    Args:
        input: a tensor of rank 2 or more.
        k: how far above (positive) or below (negative) the main diagonal; one int.
        padding_value, align: have no meaning for one diagonal.

    Raises:
        ValueError: rank below 2 (TFC105); several diagonals (TFC107).

    >>> import tfc as tf
    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    return diagonal(input, _scalar_offset("diag_part", k))


def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum of the main diagonal of the last two dimensions; errors as `tf.linalg.diag_part`.

    >>> import tfc as tf
    >>> tf.linalg.trace([[1, 2], [3, 4]]).numpy()
    np.int32(5)
    """
    return reduce_sum(diagonal(x), axis=[-1])


def set_diag(
    input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """`input` with the values of `diagonal` on its main diagonal.

    Args:
        input: `[..., m, n]`.
        diagonal: `[..., min(m, n)]` of the same dtype.
        k: only 0 for matrices of unequal sizes; one int.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: shapes do not agree (TFC103), several diagonals (TFC107).

    >>> import tfc as tf
    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [0, 0]).numpy()
    array([[0, 2],
           [3, 0]], dtype=int32)
    """
    x = convert(input)
    offset = _scalar_offset("set_diag", k)
    values = convert_like(diagonal, x)
    expected = apply(semantics.diagonal, x, offset=offset, axis1=-2, axis2=-1).type.shape
    if len(values.type.shape) != len(expected) or any(
        have is not None and want is not None and have != want
        for have, want in zip(values.type.shape, expected, strict=True)
    ):
        raise InvalidArgumentError(
            "TFC106",
            f"set_diag: the diagonal is {values.type}, that of {x.type} has shape {list(expected)}",
            "give one value for each element of the diagonal",
        )
    rows, columns = _positions(x)
    return where(columns - rows == offset, _along(values, x, offset), x)


def _positions(x: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column numbers that broadcast over the last two dimensions of `x`, int64."""
    rank = len(x.type.shape)
    rows, columns = (tf_range(dim(x, axis), dtype=np.int64) for axis in (rank - 2, rank - 1))
    return expand_dims(rows, -1), columns


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """The last two dimensions with everything outside a band around the diagonal set to zero.

    Args:
        input: a tensor of rank 2 or more.
        num_lower, num_upper: how many diagonals below and above the main one to keep; negative: all.

    Raises:
        ValueError: rank below 2 (TFC105).

    >>> import tfc as tf
    >>> tf.linalg.band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    x = convert(input)
    if len(x.type.shape) < 2:
        raise InvalidArgumentError(
            "TFC105", f"band_part: expected rank 2 or more, got {x.type}", "pass a matrix"
        )
    rows, columns = _positions(x)
    lower, upper = cast(num_lower, np.int64), cast(num_upper, np.int64)
    below = (lower < 0) | (rows - columns <= lower)
    above = (upper < 0) | (columns - rows <= upper)
    return where(below & above, x, zeros_like(x))


def embed_diagonal(values: Tensor, like: Tensor, offset: int, axis1: int, axis2: int) -> Tensor:
    """Zeros of the shape of `like` with `values` on a diagonal: the adjoint of `diagonal`."""
    rank = len(like.type.shape)
    axis1, axis2 = axis1 % rank, axis2 % rank
    # The matrix that diagonal() made `values` from has its two axes last here.
    rest = [axis for axis in range(rank) if axis not in (axis1, axis2)]
    order = [*rest, axis1, axis2]
    matrix = transpose(like, order)
    rows, columns = _positions(matrix)
    zero = Tensor._wrap(np.zeros((), values.type.dtype))
    placed = where(columns - rows == offset, _along(values, matrix, offset), zero)
    return transpose(placed, [order.index(axis) for axis in range(rank)])


def _along(values: Tensor, matrix: Tensor, offset: int) -> Tensor:
    """A tensor that broadcasts to `matrix` and has `values` on its diagonal `offset`; anything elsewhere.

    The position along the diagonal is the row for a diagonal above the main one, else the column.
    """
    axis = len(matrix.type.shape) - (2 if offset >= 0 else 1)
    spread = expand_dims(values, -1 if offset >= 0 else -2)
    have, want = dim(spread, axis), dim(matrix, axis)
    if isinstance(have, int) and have == want:
        return spread
    paddings: list[list[Any]] = [[0, 0] for _ in matrix.type.shape]
    paddings[axis] = [0, want - have]
    return pad(spread, paddings)
