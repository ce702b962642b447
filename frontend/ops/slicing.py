"""Slicing: `tf.slice`, `tf.strided_slice`, and the boxes that other functions cut out."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing
from tfc.dialects.tfc.semantics import slicing as semantics
from tfc.dialects.tfc.semantics.slicing import OPEN
from tfc.ops.casting import cast
from tfc.ops.comparison import equal
from tfc.ops.logical import select
from tfc.ops.shape import static_int, static_ints
from tfc.ops.sizes import Size, as_sizes, dim, parts_of, split_sizes


def basic_slice(x: Tensor, begin: Sequence[Size], size: Sequence[Size]) -> Tensor:
    """The box of `size` at `begin`, which must lie inside `x`."""
    static, operands = split_sizes((*begin, *size))
    rank = len(begin)
    return apply(semantics.slice_, x, *operands, begin=static[:rank], size=static[rank:])


def basic_slice_update(x: Tensor, value: Tensor, begin: Sequence[Size]) -> Tensor:
    """`x` with the box of the shape of `value` at `begin` replaced."""
    static, operands = split_sizes(begin)
    return apply(semantics.slice_update, x, value, *operands, begin=static)


def entry(x: Tensor, axis: int, index: int) -> Tensor:
    """Entry `index` of `axis`, without that axis; negative indices count from the end."""
    shape = x.type.shape
    if len(shape) == 1 and x.__class__ is not Tensor:
        parts = parts_of(x)
        if parts is not None and -len(parts) <= index < len(parts):
            return parts[index]
    if shape[axis] is None:
        position = convert(index)
        return apply(indexing.gather, x, position, axis=axis, batch_dims=0, negative="wrap")
    rank = len(shape)
    begin, end = [0] * rank, [OPEN if size is None else size for size in shape]
    begin[axis], end[axis] = index, index + 1
    return apply(
        semantics.strided_slice,
        x,
        begin=tuple(begin),
        end=tuple(end),
        strides=(1,) * rank,
        shrink=(axis,),
    )


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The box of `size` that starts at `begin`; a size of -1 reaches to the end of its axis.

    Args:
        input_: a tensor of any dtype.
        begin, size: an integer for each axis: ints, an integer vector, or a list that mixes ints and scalar tensors.

    Raises:
        ValueError: the box is not inside the tensor (TFC201), or a length is not the rank (TFC105).

    >>> import tfc as tf
    >>> tf.slice([1, 2, 3, 4], [1], [2]).numpy()
    array([2, 3], dtype=int32)
    """
    x = convert(input_)
    start = as_sizes(begin, "slice: begin")
    extent = as_sizes(size, "slice: size")
    if len(start) != len(x.type.shape) or len(extent) != len(start):
        raise InvalidArgumentError(
            "TFC105",
            f"slice: expected {len(x.type.shape)} bounds for {x.type}, got {len(start)} and {len(extent)}",
            "give begin and size for each axis",
        )
    for axis, count in enumerate(extent):
        if isinstance(count, int) and count != -1:
            continue
        first = start[axis]
        whole = dim(x, axis)
        left = whole if isinstance(first, int) and first == 0 else whole - first
        if isinstance(left, int):
            left = max(left, 0)  # begin is beyond the end: the op says so
        if isinstance(count, int):
            extent[axis] = left
        else:
            left = left if isinstance(left, int) else cast(left, count.dtype)
            extent[axis] = select(equal(count, -1), left, count)
    return basic_slice(x, start, extent)


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """`input_[begin:end:strides]`; bit i of a mask says that entry i is open, `...`, `tf.newaxis` or a plain index.

    Raises:
        ValueError: a step is 0 (TFC107), an index is out of range (TFC201), there are too many entries (TFC105).

    >>> import tfc as tf
    >>> tf.strided_slice([1, 2, 3, 4], [0], [4], [2]).numpy()
    array([1, 3], dtype=int32)
    """
    from tfc.ops.items import get_item

    starts = as_sizes(begin, "strided_slice: begin")
    stops = as_sizes(end, "strided_slice: end")
    steps = [1] * len(starts) if strides is None else static_ints(strides, "strided_slice: strides")
    if not len(starts) == len(stops) == len(steps):
        raise InvalidArgumentError(
            "TFC105",
            f"strided_slice: begin, end and strides have lengths {len(starts)}, {len(stops)} and {len(steps)}",
            "make them equally long",
        )
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask = (
        static_int(mask, "strided_slice: mask") for mask in masks
    )
    key: list[Any] = []
    for position, (start, stop, step) in enumerate(zip(starts, stops, steps, strict=True)):
        bit = 1 << position
        if ellipsis_mask & bit:
            key.append(...)
        elif new_axis_mask & bit:
            key.append(None)
        elif shrink_axis_mask & bit:
            key.append(start)
        else:
            low = None if begin_mask & bit else start
            high = None if end_mask & bit else stop
            key.append(builtins.slice(low, high, step))
    return get_item(convert(input_), tuple(key))
