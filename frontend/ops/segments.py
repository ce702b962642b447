"""Entries gathered into groups: `tf.math.segment_sum`, `tf.math.unsorted_segment_max` and their like."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.plans import planned
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_float, is_int
from tfc.ops.arithmetic import maximum, truncatediv
from tfc.ops.assertion import require
from tfc.ops.comparison import greater, greater_equal
from tfc.ops.creation import full, ones_like, zeros_like
from tfc.ops.indexing import scatter_along
from tfc.ops.logical import logical_and, select
from tfc.ops.reduction import reduce_all, reduce_max
from tfc.ops.selection import flatten_entries
from tfc.ops.shape import reshape
from tfc.ops.sizes import Size, as_size, constant_value, dims, looked_at
from tfc.ops.transcendental import sqrt

_FEW = 32
"""Numbers that Python sorts faster than NumPy compares them."""


@planned  # also for callers that have looked at the ids
def _combined(
    op: str, data: Any, segment_ids: Any, segments: Size, combiner: str, empty: Any
) -> Tensor:
    """The entries of each segment combined, starting from the number `empty`; negative ids are left out."""
    x, ids = flatten_entries(op, convert(data), _ids(op, segment_ids))
    start = full([segments, *dims(x)[1:]], Tensor._wrap(np.array(empty, x.type.dtype)))
    return scatter_along(start, ids, x, 0, combiner=combiner, negative="drop")


def _ids(op: str, segment_ids: Any) -> Tensor:
    ids = convert(segment_ids)
    if not is_int(ids.type.dtype):
        raise TFCTypeError(
            "TFC102",
            f"{op}: expected integer segment ids, got {ids.type.dtype.name}",
            "convert with tf.cast(segment_ids, tf.int32)",
        )
    return ids


def _lowest(data: Any) -> Any:
    return dtypes.from_numpy(convert(data).type.dtype).min


def _highest(data: Any) -> Any:
    return dtypes.from_numpy(convert(data).type.dtype).max


def unsorted_segment_sum(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The sums of the entries of `data` with equal ids: `result[i]` is that of the entries whose id is i.

    Args:
        data: a numeric tensor whose shape begins with that of `segment_ids`.
        segment_ids: integers below `num_segments`; entries with a negative id are left out.

    Raises:
        IndexError: an id is too large (TFC201).
        TypeError: the ids are no integers (TFC102).
        ValueError: the shapes do not fit (TFC106).

    >>> import tfc as tf
    >>> tf.math.unsorted_segment_sum([1, 2, 3], [0, 1, 0], 2).numpy()
    array([4, 2], dtype=int32)
    """
    op = "unsorted_segment_sum"
    return _combined(op, data, segment_ids, as_size(num_segments, op), "add", 0)


def unsorted_segment_max(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The largest of the entries with each id, the lowest number for none; arguments as `tf.math.unsorted_segment_sum`.

    >>> import tfc as tf
    >>> tf.math.unsorted_segment_max([1, 2, 3], [0, 1, 0], 2).numpy()
    array([3, 2], dtype=int32)
    """
    op = "unsorted_segment_max"
    return _combined(op, data, segment_ids, as_size(num_segments, op), "max", _lowest(data))


def unsorted_segment_min(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The smallest of the entries with each id, the highest number for none; arguments as `tf.math.unsorted_segment_sum`.

    >>> import tfc as tf
    >>> tf.math.unsorted_segment_min([1, 2, 3], [0, 1, 0], 2).numpy()
    array([1, 2], dtype=int32)
    """
    op = "unsorted_segment_min"
    return _combined(op, data, segment_ids, as_size(num_segments, op), "min", _highest(data))


def unsorted_segment_prod(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The products of the entries with each id, 1 for none; arguments as `tf.math.unsorted_segment_sum`.

    >>> import tfc as tf
    >>> tf.math.unsorted_segment_prod([1, 2, 3], [0, 1, 0], 2).numpy()
    array([3, 2], dtype=int32)
    """
    op = "unsorted_segment_prod"
    return _combined(op, data, segment_ids, as_size(num_segments, op), "mul", 1)


def _counts(op: str, data: Tensor, segment_ids: Any, segments: Size) -> Tensor:
    """How many entries each segment has, in the dtype of `data` and with axes of size 1 for the rest of its shape."""
    ids = _ids(op, segment_ids)
    ones = ones_like(ids, data.type.dtype)
    counts = _combined(op, ones, ids, segments, "add", 0)
    behind = len(data.type.shape) - len(ids.type.shape)
    return reshape(counts, [*dims(counts), *[1] * behind])


def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The means of the entries with each id, 0 for none, as floats; arguments as `tf.math.unsorted_segment_sum`.

    >>> import tfc as tf
    >>> tf.math.unsorted_segment_mean([1.0, 2.0, 3.0], [0, 1, 0], 2).numpy()
    array([2., 2.], dtype=float32)
    """
    op = "unsorted_segment_mean"
    x, segments = convert(data), as_size(num_segments, "unsorted_segment_mean")
    total = _combined(op, x, segment_ids, segments, "add", 0)
    return total / maximum(_counts(op, x, segment_ids, segments), 1)


def unsorted_segment_sqrt_n(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """The sums of the float entries with each id, divided by the square root of their number.

    >>> import tfc as tf
    >>> tf.math.unsorted_segment_sqrt_n([1.0, 2.0, 3.0, 0.0, 0.0], [0, 1, 0, 0, 0], 2).numpy()
    array([2., 2.], dtype=float32)
    """
    op = "unsorted_segment_sqrt_n"
    x, segments = convert(data), as_size(num_segments, "unsorted_segment_sqrt_n")
    total = _combined(op, x, segment_ids, segments, "add", 0)
    return total / sqrt(maximum(_counts(op, x, segment_ids, segments), 1))


# -- sorted ids ---------------------------------------------------------------------------------


def _sorted_segments(op: str, segment_ids: Any) -> Size:
    """One more than the last id.

    Known ids that are not sorted raise `ValueError` TFC107; those of compiled code are checked when it runs (TFC204).
    """
    ids = _ids(op, segment_ids)
    if len(ids.type.shape) != 1:
        raise InvalidArgumentError(
            "TFC105", f"{op}: expected a vector of segment ids, got {ids.type}", "use tf.reshape"
        )
    known = looked_at(ids, _count_of)
    wanted = f"{op}: segment ids must not be negative and must ascend"
    fix = f"sort them, or use tf.math.unsorted_{op}"
    if known is None:
        ascends = reduce_all(greater_equal(ids[1:], ids[:-1]))
        require(logical_and(ascends, reduce_all(greater_equal(ids[:1], 0))), f"{wanted}; {fix}")
        return maximum(reduce_max(ids) + 1, 0)
    if known < 0:
        got = constant_value(ids)
        raise InvalidArgumentError("TFC107", f"{wanted}, got {got.tolist()[:8]}", fix)  # pyright: ignore[reportOptionalMemberAccess]
    return known


def _count_of(ids: np.ndarray) -> int:
    """One more than the last of ids that ascend from 0 or more, 0 for none, -1 for others."""
    if not ids.size:
        return 0
    if ids.size <= _FEW:
        listed = ids.tolist()
        ascend = listed == sorted(listed)
    else:
        ascend = not np.count_nonzero(ids[1:] < ids[:-1])
    return ids.item(-1) + 1 if ascend and ids.item(0) >= 0 else -1


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The sums of the entries of `data` with equal ids; the ids ascend, and ids in between that do not occur give 0.

    Raises:
        TypeError: the ids are no integers (TFC102).
        ValueError: the ids do not ascend (TFC107, in compiled code TFC204), or are not one for each entry (TFC105, TFC106).

    >>> import tfc as tf
    >>> tf.math.segment_sum([1, 2, 3], [0, 0, 1]).numpy()
    array([3, 3], dtype=int32)
    """
    segments = _sorted_segments("segment_sum", segment_ids)
    return _combined("segment_sum", data, segment_ids, segments, "add", 0)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The products of the entries with each id, 1 for none; arguments and errors as `tf.math.segment_sum`.

    >>> import tfc as tf
    >>> tf.math.segment_prod([1, 2, 3], [0, 0, 1]).numpy()
    array([2, 3], dtype=int32)
    """
    segments = _sorted_segments("segment_prod", segment_ids)
    return _combined("segment_prod", data, segment_ids, segments, "mul", 1)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The largest of the entries with each id, 0 for none; arguments and errors as `tf.math.segment_sum`.

    >>> import tfc as tf
    >>> tf.math.segment_max([1, 2, 3], [0, 0, 1]).numpy()
    array([2, 3], dtype=int32)
    """
    return _extreme("segment_max", data, segment_ids, "max", _lowest(data))


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The smallest of the entries with each id, 0 for none; arguments and errors as `tf.math.segment_sum`.

    >>> import tfc as tf
    >>> tf.math.segment_min([1, 2, 3], [0, 0, 1]).numpy()
    array([1, 3], dtype=int32)
    """
    return _extreme("segment_min", data, segment_ids, "min", _highest(data))


def _extreme(op: str, data: Any, segment_ids: Any, combiner: str, empty: Any) -> Tensor:
    segments = _sorted_segments(op, segment_ids)
    x = convert(data)
    found = _combined(op, x, segment_ids, segments, combiner, empty)
    return select(greater(_counts(op, x, segment_ids, segments), 0), found, zeros_like(found))


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The means of the entries with each id, 0 for none; arguments and errors as `tf.math.segment_sum`.

    >>> import tfc as tf
    >>> tf.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 1]).numpy()
    array([1.5, 3. ], dtype=float32)
    """
    segments = _sorted_segments("segment_mean", segment_ids)
    x = convert(data)
    total = _combined("segment_mean", x, segment_ids, segments, "add", 0)
    counts = maximum(_counts("segment_mean", x, segment_ids, segments), 1)
    return total / counts if is_float(total.type.dtype) else truncatediv(total, counts)
