"""Selection: `tf.where`, `tf.boolean_mask`, `tf.dynamic_partition`, `tf.dynamic_stitch`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing
from tfc.ops.assertion import assert_less, assert_non_negative
from tfc.ops.comparison import equal
from tfc.ops.creation import zeros_of
from tfc.ops.indexing import scatter_along
from tfc.ops.logical import select
from tfc.ops.packing import as_tensors
from tfc.ops.reduction import reduce_max
from tfc.ops.searching import mask_columns, positions_of
from tfc.ops.shape import reshape, static_int
from tfc.ops.sizes import Size, dims


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`x` where `condition` is true and `y` elsewhere; without them, the positions of the true elements.

    Args:
        condition: a bool tensor (without `x` and `y`, numbers that are not zero count as true).
        x, y: tensors of one dtype; all three broadcast.

    Returns:
        A tensor of the broadcast shape; without `x` and `y` int64 positions of shape (number of true elements, rank).

    Raises:
        TypeError: `condition` is not bool (TFC102), or dtypes differ (TFC101).
        ValueError: shapes do not broadcast (TFC103), or only one of `x` and `y` is given (TFC107).

    >>> import tfc as tf
    >>> tf.where([True, False], [1, 2], 0).numpy()
    array([1, 0], dtype=int32)
    >>> tf.where([False, True, True]).numpy()
    array([[1],
           [2]])
    """
    if x is None and y is None:
        return positions_of(convert(condition))
    if x is None or y is None:
        raise InvalidArgumentError("TFC107", "where: got only one of x and y", "give both or none")
    return select(condition, x, y)


def boolean_mask(
    tensor: Any, mask: Any, axis: Any = None, name: str | None = "boolean_mask"
) -> Tensor:
    """The entries of `tensor` where `mask` is true, in row-major order.

    Args:
        mask: a bool tensor whose shape is that of the axes of `tensor` from `axis` (0) on.

    Raises:
        TypeError: the mask is not bool (TFC102).
        ValueError: the mask is a scalar (TFC105), its axes are not the tensor's (TFC106), or have other sizes (TFC207).

    >>> import tfc as tf
    >>> tf.boolean_mask([1, 2, 3], [True, False, True]).numpy()
    array([1, 3], dtype=int32)
    """
    x, chosen = convert(tensor), convert(mask)
    if chosen.type.dtype.kind != "b":
        raise TFCTypeError(
            "TFC102",
            f"boolean_mask: expected a bool mask, got {chosen.type.dtype.name}",
            "compare, for example mask != 0",
        )
    rank, covered = len(x.type.shape), len(chosen.type.shape)
    if not covered:
        raise InvalidArgumentError("TFC105", "boolean_mask: the mask is a scalar", "use tf.where")
    first = 0 if axis is None else static_int(axis, "boolean_mask: axis")
    first = first + rank if first < 0 else first
    if first < 0 or first + covered > rank:
        raise InvalidArgumentError(
            "TFC106",
            f"boolean_mask: a mask of rank {covered} from axis {first} on does not fit {x.type}",
            "make a mask of the shape of what it selects from",
        )
    from tfc.ops.items import get_item

    return get_item(x, (*[slice(None)] * first, chosen))


def dynamic_partition(
    data: Any, partitions: Any, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """`data` sorted into `num_partitions` tensors: entry i goes to number `partitions[i]`, in order.

    Raises:
        ValueError: the shape of `partitions` is not the beginning of that of `data` (TFC106), or one of its numbers is not in
            `range(num_partitions)` (TFC204).

    >>> import tfc as tf
    >>> [t.numpy().tolist() for t in tf.dynamic_partition([1, 2, 3], [0, 1, 0], 2)]
    [[1, 3], [2]]
    """
    x, numbers = convert(data), convert(partitions)
    flat, keys = flatten_entries("dynamic_partition", x, numbers)
    count = static_int(num_partitions, "dynamic_partition: num_partitions")
    assert_non_negative(keys, "dynamic_partition: numbers of partitions are not negative")
    assert_less(keys, count, f"dynamic_partition: there are {count} partitions")
    parts: list[Tensor] = []
    for number in range(count):
        (rows,) = mask_columns(equal(keys, number))
        parts.append(apply(indexing.gather, flat, rows, axis=0, batch_dims=0, negative="error"))
    return parts


def flatten_entries(op: str, data: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """`data` and `keys` with the axes of `keys`, which `data` begins with, as one."""
    leading = len(keys.type.shape)
    begins = data.type.shape[:leading]
    agree = len(begins) == leading and all(
        a is None or b is None or a == b for a, b in zip(begins, keys.type.shape, strict=True)
    )
    if not agree:
        raise InvalidArgumentError(
            "TFC106",
            f"{op}: the shape of {data.type} does not begin with that of {keys.type}",
            "give one number for each entry of data",
        )
    if leading == 1:
        return data, keys
    rest = dims(data)[leading:]
    return reshape(data, [_leading(data, leading), *rest]), reshape(keys, [-1])


def _leading(x: Tensor, count: int) -> Size:
    """How many entries the first `count` axes have together; -1 stands for what `tf.reshape` can work out."""
    total = 1
    for size in x.type.shape[:count]:
        if size is None:
            return -1
        total *= size
    return total


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """The tensors in `data` interleaved: entry j of number i becomes entry `indices[i][j]`; of several, the last one stays.

    Raises:
        ValueError: the lists differ in length, or the shapes do not fit (TFC106).

    >>> import tfc as tf
    >>> tf.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).numpy()
    array([10, 20, 30], dtype=int32)
    """
    keys = as_tensors(indices, "dynamic_stitch")
    values = as_tensors(data, "dynamic_stitch")
    if len(keys) != len(values) or not keys:
        raise InvalidArgumentError(
            "TFC106",
            f"dynamic_stitch: got {len(keys)} lists of indices for {len(values)} tensors",
            "give one for each",
        )
    pairs = [
        flatten_entries("dynamic_stitch", value, key)
        for key, value in zip(keys, values, strict=True)
    ]
    size = _stitched_size([key for _, key in pairs])
    first = pairs[0][0]
    result = zeros_of([size, *dims(first)[1:]], first.type.dtype)
    for value, key in pairs:
        result = scatter_along(result, key, value, 0, combiner="update")
    return result


def _stitched_size(keys: Sequence[Tensor]) -> Size:
    """One more than the largest index."""
    from tfc.ops.arithmetic import maximum
    from tfc.ops.sizes import constant_value

    known = [constant_value(key) for key in keys]
    if all(value is not None for value in known):
        return max(
            (int(np.max(value)) + 1 for value in known if value is not None and value.size),
            default=0,
        )
    largest = [reduce_max(key) + 1 for key in keys]
    result = maximum(largest[0], 0)
    for other in largest[1:]:
        result = maximum(result, other)
    return result
