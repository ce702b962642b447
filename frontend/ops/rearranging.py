"""Rearranging: `tf.repeat` and `tf.roll`."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import convert, convert_to_tensor
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing, searching, slicing
from tfc.dialects.tfc.semantics import shape as shapes
from tfc.ops.arithmetic import maximum
from tfc.ops.assertion import require_size
from tfc.ops.casting import cast
from tfc.ops.creation import indices_of
from tfc.ops.joining import concat
from tfc.ops.shape import reshape, static_axis, static_ints
from tfc.ops.sizes import Size, as_size, as_sizes, dim, dims, split_sizes


def repeat(input: Any, repeats: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """Each entry of `axis` repeated: all of them `repeats` times, or entry i `repeats[i]` times; flattened without an axis.

    Raises:
        ValueError: a count is negative (TFC107), or there is not one for each entry (TFC106).

    >>> import tfc as tf
    >>> tf.repeat([1, 2], 2).numpy()
    array([1, 1, 2, 2], dtype=int32)
    >>> tf.repeat([1, 2], [1, 2]).numpy()
    array([1, 2, 2], dtype=int32)
    """
    x = convert(input)
    if axis is None or not x.type.shape:
        x, axis = reshape(x, [-1]), 0 if axis is None else axis
    position = static_axis("repeat", axis, x)
    counts = convert_to_tensor(repeats, dtype_hint=np.int32)
    if len(counts.type.shape) == 0 or counts.type.shape == (1,):
        return _repeat_all(x, as_size(reshape(counts, []), "repeat: repeats"), position)
    have, want = counts.type.shape[0], x.type.shape[position]
    if len(counts.type.shape) != 1 or (have is not None and want is not None and have != want):
        raise InvalidArgumentError(
            "TFC106",
            f"repeat: expected {want} counts for axis {position} of {x.type}, got {counts.type}",
            "give one count for each entry",
        )
    if have is None or want is None:
        message = f"repeat: not as many counts as axis {position} of {x.type} has entries"
        require_size(dim(counts, 0), dim(x, position), message)
    indices = apply(searching.repeat_indices, counts)
    return apply(indexing.gather, x, indices, axis=position, batch_dims=0, negative="error")


def _repeat_all(x: Tensor, times: Size, axis: int) -> Tensor:
    sizes = dims(x)
    wide = apply(shapes.expand_dims, x, axes=(axis + 1,))
    static, operands = split_sizes([*sizes[: axis + 1], times, *sizes[axis + 1 :]])
    spread = apply(shapes.broadcast_to, wide, *operands, shape=static)
    return reshape(spread, [*sizes[:axis], _product(sizes[axis], times), *sizes[axis + 1 :]])


def _product(a: Size, b: Size) -> Size:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return cast(a, dtypes.int64) * cast(b, dtypes.int64)
    return a * b


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """The elements moved `shift` places along `axis`, those that leave at one end entering at the other.

    Args:
        shift, axis: an integer each, or as many shifts as axes.

    Raises:
        ValueError: the numbers of shifts and axes differ (TFC106), an axis is out of range (TFC104).

    >>> import tfc as tf
    >>> tf.roll([1, 2, 3, 4], shift=1, axis=0).numpy()
    array([4, 1, 2, 3], dtype=int32)
    """
    x = convert(input)
    axes = static_ints(axis, "roll: axis")
    shifts = as_sizes(shift, "roll: shift")
    if len(axes) != len(shifts):
        raise InvalidArgumentError(
            "TFC106",
            f"roll: got {len(shifts)} shifts for {len(axes)} axes",
            "give one for each axis",
        )
    rank = len(x.type.shape)
    for position, places in zip(axes, shifts, strict=True):
        if not -rank <= position < rank:
            raise InvalidArgumentError(
                "TFC104",
                f"roll: axis {position} is out of range for a tensor of rank {rank}",
                f"use an axis from {-rank} to {rank - 1}",
            )
        x = _roll(x, places, position % rank)
    return x


def _roll(x: Tensor, places: Size, axis: int) -> Tensor:
    """One axis rolled: two pieces swapped where the cut is known, else a gather."""
    size = x.type.shape[axis]
    if isinstance(places, int) and size is not None:
        cut = size - places % size if size else 0
        if cut in (0, size):
            return x
        return _swap(x, cut, axis)
    length = dims(x)[axis]
    step = cast(places, dtypes.int64) if isinstance(places, Tensor) else places
    # At least 1: an empty axis has no places, but the remainder must be defined.
    extent = maximum(cast(length, dtypes.int64), 1) if isinstance(length, Tensor) else length
    if size == 0:
        return x
    source = (indices_of(length, np.dtype(np.int64)) - step) % extent
    return apply(indexing.gather, x, source, axis=axis, batch_dims=0, negative="error")


def _swap(x: Tensor, cut: int, axis: int) -> Tensor:
    rank = len(x.type.shape)
    attributes: dict[str, Any] = {"strides": (1,) * rank, "shrink": ()}
    begin = [0] * rank
    end = [slicing.OPEN if size is None else size for size in x.type.shape]
    first_end, second_begin = list(end), list(begin)
    first_end[axis] = second_begin[axis] = cut
    head = apply(slicing.strided_slice, x, begin=tuple(begin), end=tuple(first_end), **attributes)
    tail = apply(slicing.strided_slice, x, begin=tuple(second_begin), end=tuple(end), **attributes)
    return concat([tail, head], axis)
