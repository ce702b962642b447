"""Searching: `tf.sort`, `tf.argsort`, `tf.math.top_k`, `tf.searchsorted`, `tf.unique`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, OutOfRangeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing
from tfc.dialects.tfc.semantics import searching as semantics
from tfc.dialects.tfc.semantics import shape as shapes
from tfc.ops.applying import convert_pair
from tfc.ops.assertion import require
from tfc.ops.comparison import greater_equal, less_equal
from tfc.ops.logical import logical_and
from tfc.ops.shape import reshape, static_axis
from tfc.ops.sizes import Size, as_size, dims
from tfc.ops.slicing import basic_slice, entry


class TopK(NamedTuple):
    """What `tf.math.top_k` gives."""

    values: Tensor
    indices: Tensor


class Unique(NamedTuple):
    """What `tf.unique` gives."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """What `tf.unique_with_counts` gives."""

    y: Tensor
    idx: Tensor
    count: Tensor  # pyright: ignore[reportIncompatibleMethodOverride] - TensorFlow's name


def _last_axis(op: str, x: Tensor, axis: Any) -> tuple[int, ...] | None:
    """The permutation that brings `axis` to the end, which is its own inverse; None when it is there."""
    if axis.__class__ is int and axis == -1:
        return None
    last = len(x.type.shape) - 1
    if last < 0 or (position := static_axis(op, axis, x)) == last:
        return None
    permutation = list(range(last + 1))
    permutation[position], permutation[last] = last, position
    return tuple(permutation)


def _is_descending(op: str, direction: Any) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise InvalidArgumentError(
            "TFC107",
            f"{op}: unknown direction {direction!r}",
            "use 'ASCENDING' or 'DESCENDING'",
        )
    return direction == "DESCENDING"


def sort(
    values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None
) -> Tensor:
    """The elements in order along `axis`; NaNs are last in both directions.

    Raises:
        ValueError: the direction is neither "ASCENDING" nor "DESCENDING" (TFC107), `values` is a scalar (TFC105), the axis is
            out of range (TFC104).

    >>> import tfc as tf
    >>> tf.sort([3, 1, 2], direction="DESCENDING").numpy()
    array([3, 2, 1], dtype=int32)
    """
    x = convert(values)
    descending = _is_descending("sort", direction)
    permutation = _last_axis("sort", x, axis)
    if permutation is None:
        return apply(semantics.sort, x, descending=descending)
    moved = apply(shapes.transpose, x, permutation=permutation)
    result = apply(semantics.sort, moved, descending=descending)
    return apply(shapes.transpose, result, permutation=permutation)


def argsort(
    values: Any,
    axis: Any = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: str | None = None,
) -> Tensor:
    """The positions of the elements in order along `axis`, as int32; always stable. Arguments and errors as `tf.sort`.

    >>> import tfc as tf
    >>> tf.argsort([3, 1, 2]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    x = convert(values)
    return order_of(x, axis, _is_descending("argsort", direction), dtypes.int32.numpy)


def order_of(
    x: Tensor, axis: Any, descending: bool, dtype: np.dtype, most: int | None = None
) -> Tensor:
    """The positions of the elements in order along `axis`, in an integer dtype: all, or the first `most`."""
    attributes = {"descending": descending, "dtype": dtype, "most": most}
    permutation = _last_axis("argsort", x, axis)
    if permutation is None:
        return apply(semantics.argsort, x, **attributes)
    moved = apply(shapes.transpose, x, permutation=permutation)
    result = apply(semantics.argsort, moved, **attributes)
    return apply(shapes.transpose, result, permutation=permutation)


def top_k(
    input: Any,
    k: Any = 1,
    sorted: bool = True,
    index_type: Any = dtypes.int32,
    name: str | None = None,
) -> TopK:
    """The `k` largest elements of each row and their positions, largest first; of equal ones the first comes first.

    Raises:
        ValueError: a row has fewer than `k` elements (TFC201), or `input` is a scalar (TFC105).

    >>> import tfc as tf
    >>> tf.math.top_k([1, 9, 5], k=2).values.numpy()
    array([9, 5], dtype=int32)
    """
    x = convert(input)
    count = as_size(k, "top_k: k")
    most = count if isinstance(count, int) and count >= 0 else None
    known = x.type.shape[-1] if x.type.shape else None
    if most is not None and known is not None and most > known:
        raise OutOfRangeError(
            "TFC201", f"top_k: k={most} is more than the {known} elements of a row", "ask for less"
        )
    if x.type.shape and (most is None or known is None):
        rest = dims(x)[-1]
        fits = logical_and(less_equal(count, rest), greater_equal(count, 0))
        require(fits, "top_k: k is negative, or more than the elements of a row", code="TFC201")
    order = order_of(x, -1, True, dtypes.as_dtype(index_type).numpy, most)
    sizes = dims(order)
    rank = len(sizes)
    begin: list[Size] = [0] * rank
    indices = basic_slice(order, begin, [*sizes[:-1], count])
    values = apply(
        indexing.gather, x, indices, axis=rank - 1, batch_dims=rank - 1, negative="error"
    )
    return TopK(values, indices)


def searchsorted(
    sorted_sequence: Any,
    values: Any,
    side: str = "left",
    out_type: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """Where each of `values` would be inserted into the sorted last axis of the same row of `sorted_sequence`.

    Args:
        side: "left" gives the place before equal elements, "right" the place behind them.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: the other axes differ (TFC106), or the side is unknown (TFC107).

    >>> import tfc as tf
    >>> tf.searchsorted([1, 3, 5], [3, 4]).numpy()
    array([1, 2], dtype=int32)
    """
    sequence, wanted = convert_pair(sorted_sequence, values)
    dtype = dtypes.as_dtype(out_type).numpy
    if len(sequence.type.shape) == 1 and len(wanted.type.shape) != 1:
        flat = reshape(wanted, [-1])
        found = apply(semantics.searchsorted, sequence, flat, side=side, dtype=dtype)
        return reshape(found, dims(wanted))
    return apply(semantics.searchsorted, sequence, wanted, side=side, dtype=dtype)


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Unique:
    """The distinct elements of a vector in order of first occurrence, and for each element which of them it is.

    NaNs are equal to nothing and so are all distinct.

    Raises:
        ValueError: `x` is not a vector (TFC105).

    >>> import tfc as tf
    >>> [t.numpy().tolist() for t in tf.unique([5, 3, 5])]
    [[5, 3], [0, 1, 0]]
    """
    dtype = dtypes.as_dtype(out_idx).numpy
    y, index, _ = apply(semantics.unique, convert(x), dtype=dtype)
    return Unique(y, index)


def unique_with_counts(
    x: Any, out_idx: Any = dtypes.int32, name: str | None = None
) -> UniqueWithCounts:
    """As `tf.unique`, with the number of times that each of them occurs.

    >>> import tfc as tf
    >>> tf.unique_with_counts([5, 3, 5]).count.numpy()
    array([2, 1], dtype=int32)
    """
    dtype = dtypes.as_dtype(out_idx).numpy
    return UniqueWithCounts(*apply(semantics.unique, convert(x), dtype=dtype))


def positions_of(mask: Tensor) -> Tensor:
    """The positions of the elements that are not zero: int64 of shape (?, rank)."""
    return apply(semantics.nonzero, mask)


def mask_columns(mask: Tensor) -> list[Tensor]:
    """The positions of the true elements of a mask, an index vector for each of its axes."""
    positions = positions_of(mask)
    return [entry(positions, 1, axis) for axis in range(len(mask.type.shape))]
