"""Diagonals: `tf.linalg.diag`, `diag_part`, `set_diag`, `trace`, `band_part`."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import diagonal as semantics
from tfc.ops.applying import convert_like
from tfc.ops.arithmetic import maximum, minimum
from tfc.ops.assertion import require_size
from tfc.ops.casting import cast, wide_size
from tfc.ops.creation import range as tf_range
from tfc.ops.creation import zeros_like
from tfc.ops.indexing import gather
from tfc.ops.joining import pad, stack
from tfc.ops.logical import select as where
from tfc.ops.reduction import reduce_sum
from tfc.ops.shape import expand_dims, reshape, static_int, static_ints, transpose
from tfc.ops.sizes import constant_value, dim, dims, require_matrix


def diagonal(x: Any, offset: int = 0, axis1: int = -2, axis2: int = -1) -> Tensor:
    """The diagonal of `axis1` and `axis2` as a new last dimension, as `np.diagonal`."""
    return apply(semantics.diagonal, convert(x), offset=offset, axis1=axis1, axis2=axis2)


ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def _band(function: str, k: Any, align: str) -> tuple[int, int]:
    """The lowest and the highest of the diagonals that `k` names, `(low, high)` or one; TFC107 when there are none."""
    ends = static_ints(k, f"{function}: k")
    if not 1 <= len(ends) <= 2 or ends[0] > ends[-1]:
        raise InvalidArgumentError(
            "TFC107", f"{function}: k must be an int or (low, high), got {k!r}", "write k=(-1, 1)"
        )
    if align not in ALIGNMENTS:
        raise InvalidArgumentError(
            "TFC107", f"{function}: unknown align {align!r}", f"use one of {', '.join(ALIGNMENTS)}"
        )
    return ends[0], ends[-1]


def diag(
    diagonal: Any,
    name: str = "diag",
    k: Any = 0,
    num_rows: Any = -1,
    num_cols: Any = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Matrices with given diagonals: `[..., n]` gives `[..., n + |k|, n + |k|]`, `[..., high - low + 1, n]` a band.

    Args:
        diagonal: the diagonal, or with `k=(low, high)` a row for each from the highest to the lowest.
        k: how far above (positive) or below (negative) the main diagonal; an int, or `(low, high)`.
        num_rows, num_cols: sizes of the matrices; -1: as small as possible, and square when both are.
        padding_value: what stands elsewhere.
        align: where diagonals that are shorter than the longest lie in their rows: those above the main one first.

    Raises:
        ValueError: rank 0 (TFC105); a malformed band (TFC107); sizes that the diagonals do not fit (TFC106).

    >>> import tfc as tf
    >>> tf.linalg.diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    >>> tf.linalg.diag([[0, 8, 9], [1, 2, 3], [4, 5, 0]], k=(-1, 1)).numpy()
    array([[1, 8, 0],
           [4, 2, 9],
           [0, 5, 3]], dtype=int32)
    """
    x = convert(diagonal)
    low, high = _band("diag", k, align)
    given = static_int(num_rows, "diag: num_rows"), static_int(num_cols, "diag: num_cols")
    padding = cast(padding_value, x.dtype)
    if low == high and given == (-1, -1) and constant_value(padding) == 0:
        return apply(semantics.diagonal_matrix, x, offset=low)
    bands = _bands("diag", x, low, high)
    rows, columns = _matrix_sizes(bands, low, high, given)
    inside, values = _spread(bands, rows, columns, low, high, align)
    return where(inside, values, padding)


def _matrix_sizes(
    bands: Tensor, low: int, high: int, given: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """The sizes of the matrix that has these diagonals; -1 where none is given. TFC106 when they do not fit."""
    longest = wide_size(dim(bands, len(bands.type.shape) - 1))
    needed = longest - min(high, 0), longest + max(low, 0)
    if given == (-1, -1):
        size = maximum(*needed)
        return size, size
    known = [(constant_value(size), wanted) for size, wanted in zip(needed, given, strict=True)]
    if any(size is not None and -1 != wanted < size for size, wanted in known):
        raise InvalidArgumentError(
            "TFC106", f"diag: {given[0]}x{given[1]} has no room for {bands.type}", "make it larger"
        )
    if all(size is not None and wanted not in (-1, size) for size, wanted in known):
        raise InvalidArgumentError(
            "TFC106", f"diag: {bands.type} is too short for {given[0]}x{given[1]}", "leave one out"
        )
    rows, columns = (
        size if wanted == -1 else wide_size(wanted)
        for size, wanted in zip(needed, given, strict=True)
    )
    return rows, columns


def diag_part(
    input: Any,
    name: str = "diag_part",
    k: Any = 0,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """The diagonals of matrices: `[..., m, n]` gives `[..., length]`, of a band `[..., high - low + 1, length]`.

    Args:
        input: a tensor of rank 2 or more.
        k, align: which diagonals, and how they lie in their rows; as in `tf.linalg.diag`.
        padding_value: what fills up the rows of the shorter ones.

    Raises:
        ValueError: rank below 2 (TFC105); a malformed band (TFC107).

    >>> import tfc as tf
    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    >>> tf.linalg.diag_part([[1, 2], [3, 4]], k=(0, 1)).numpy()
    array([[0, 2],
           [1, 4]], dtype=int32)
    """
    x = convert(input)
    low, high = _band("diag_part", k, align)
    if low == high:
        return diagonal(x, low)
    require_matrix("diag_part", x)
    *batch, rows, columns = (wide_size(size) for size in dims(x))
    longest = _longest(rows, columns, low, high)
    offset = expand_dims(high - tf_range(high - low + 1, dtype=np.int64), -1)
    along = tf_range(longest) - _moved(offset, rows, columns, longest, align)
    row, column = along - minimum(offset, 0), along + maximum(offset, 0)
    inside = (along >= 0) & (row < rows) & (column < columns)
    flat = reshape(x, stack([*batch, rows * columns]))
    taken = _taken(flat, inside, row * columns + column)
    return where(inside, taken, cast(padding_value, x.dtype))


def _taken(flat: Tensor, inside: Tensor, index: Tensor) -> Tensor:
    """What `index` names of the rows of `flat`, and anything where it is not `inside`, also of rows without elements."""
    if not flat.type.shape[-1]:
        flat = pad(flat, [*[[0, 0]] * (len(flat.type.shape) - 1), [0, 1]])
    return gather(flat, where(inside, index, wide_size(0)), axis=-1)


def _longest(rows: Tensor, columns: Tensor, low: int, high: int) -> Tensor:
    """The length of the longest diagonal of a band."""
    return maximum(minimum(rows + min(high, 0), columns - max(low, 0)), 0)


def _moved(offset: Tensor, rows: Tensor, columns: Tensor, longest: Tensor, align: str) -> Tensor:
    """How far to the right the diagonals `offset` of a matrix lie in rows of `longest` entries."""
    above, below = (side == "RIGHT" for side in align.split("_"))
    length = minimum(rows + minimum(offset, 0), columns - maximum(offset, 0))
    right = ((offset >= 0) & above) | ((offset <= 0) & below)
    return where(right, longest - length, wide_size(0))


def _bands(function: str, x: Tensor, low: int, high: int) -> Tensor:
    """`x` with a row for each diagonal of the band; TFC105 and TFC106 when it has not so many."""
    if low == high:
        if not x.type.shape:
            raise InvalidArgumentError(
                "TFC105",
                f"{function}: expected a vector or a batch of them, got {x.type}",
                "pass rank 1 or more",
            )
        return expand_dims(x, -2)
    if require_matrix(function, x).type.shape[-2] not in (None, high - low + 1):
        raise InvalidArgumentError(
            "TFC106",
            f"{function}: k=({low}, {high}) has {high - low + 1} diagonals, got {x.type}",
            "give a row for each",
        )
    return x


def _spread(
    bands: Tensor, rows: Tensor, columns: Tensor, low: int, high: int, align: str
) -> tuple[Tensor, Tensor]:
    """Which elements of a matrix are in the band, and a matrix that has the values of `bands` there."""
    row, column = expand_dims(tf_range(rows), -1), tf_range(columns)
    offset = column - row
    inside = (offset >= low) & (offset <= high)
    *batch, count, longest = (wide_size(size) for size in dims(bands))
    along = minimum(row, column) + _moved(offset, rows, columns, longest, align)
    flat = reshape(bands, stack([*batch, count * longest]))
    return inside, _taken(flat, inside, (high - offset) * longest + along)


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
    """`input` with the values of `diagonal` on its main diagonal, or on those of a band.

    Args:
        input: `[..., m, n]`.
        diagonal: of the same dtype, and of the shape that `tf.linalg.diag_part` gives for the same `k`.
        k, align: which diagonals, and how they lie in their rows; as in `tf.linalg.diag`.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: shapes do not agree (TFC105, TFC106), a malformed band (TFC107).

    >>> import tfc as tf
    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [0, 0]).numpy()
    array([[0, 2],
           [3, 0]], dtype=int32)
    """
    x = require_matrix("set_diag", convert(input))
    low, high = _band("set_diag", k, align)
    values = convert_like(diagonal, x)
    height, width = x.type.shape[-2:]
    longest = semantics.diagonal_size(height, width, max(low, min(high, 0)))
    expected = (*x.type.shape[:-2], *([] if low == high else [high - low + 1]), longest)
    if len(values.type.shape) != len(expected) or any(
        have is not None and want is not None and have != want
        for have, want in zip(values.type.shape, expected, strict=True)
    ):
        raise InvalidArgumentError(
            "TFC106",
            f"set_diag: the diagonal is {values.type}, that of {x.type} has shape {list(expected)}",
            "give one value for each element of the diagonal",
        )
    *_, rows, columns = (wide_size(size) for size in dims(x))
    if longest is None or values.type.shape[-1] is None:
        size = _longest(rows, columns, low, high)
        message = f"set_diag: {values.type} is not as long as the diagonal of {x.type}"
        require_size(dim(values, len(values.type.shape) - 1), size, message)
    if low == high:
        row, column = _positions(x)
        return where(column - row == low, _along(values, x, low), x)
    inside, spread = _spread(values, rows, columns, low, high, align)
    return where(inside, spread, x)


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
    x = require_matrix("band_part", convert(input))
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
    if isinstance(have, int) and isinstance(want, int) and have == want:
        return spread
    paddings: list[list[Any]] = [[0, 0] for _ in matrix.type.shape]
    paddings[axis] = [0, want - have]
    return pad(spread, paddings)
