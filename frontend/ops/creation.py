"""Creation: `tf.zeros`, `tf.fill`, `tf.range`, `tf.one_hot` and their like.

While a function is traced, what is larger than a few elements becomes an op of the program instead of a constant in it.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply, apply_late
from tfc.core.errors import InvalidArgumentError, ResourceExhaustedError, TFCTypeError
from tfc.core.recording import ACTIVE, STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import creation as semantics
from tfc.dialects.tfc.semantics import shape as shapes
from tfc.dialects.tfc.semantics.dtypes import BOOL, INT32, INT64, is_float
from tfc.dialects.tfc.semantics.sizes import INT32_MAX
from tfc.ops.applying import convert_like, is_tensor_like
from tfc.ops.arithmetic import maximum
from tfc.ops.casting import cast
from tfc.ops.comparison import equal, less
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_max
from tfc.ops.shape import (
    broadcast_dynamic_shape,
    broadcast_to,
    expand_dims,
    reshape,
    shape,
    static_int,
)
from tfc.ops.sizes import (
    LARGEST_SIZE,
    Size,
    as_size,
    as_sizes,
    constant_value,
    dims,
    scalar,
    split_sizes,
)

CONSTANT_ELEMENTS = 16
"""Up to this many elements a constant stays a constant in a trace, so that its values are known there."""


def full(sizes: Sequence[Size], value: Tensor) -> Tensor:
    """A tensor of `sizes` with the scalar `value` everywhere."""
    if not (ACTIVE and STATE.is_active) and value.__class__ is Tensor:
        try:
            return Tensor._wrap(np.full(sizes, value._array, value._array.dtype))  # pyright: ignore[reportArgumentType, reportCallIssue]
        except (ValueError, TypeError):
            pass  # what follows says what is wrong
        except MemoryError:
            raise _no_memory(sizes, value) from None
    static, operands = split_sizes(sizes)
    count = 0 if operands else math.prod(sizes)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]
    if count * value.type.dtype.itemsize > LARGEST_SIZE:
        raise _no_memory(sizes, value)
    late = apply if count <= CONSTANT_ELEMENTS else apply_late
    return late(shapes.broadcast_to, value, *operands, shape=static)


def _no_memory(sizes: Sequence[Size], value: Tensor) -> ResourceExhaustedError:
    dtype = value.type.dtype
    size = math.prod(sizes) * dtype.itemsize  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]
    shape = list(sizes)
    message = f"{dtype.name}{shape} takes {size:.3g} bytes, more than there is memory"
    return ResourceExhaustedError("TFC208", message, "make less of it at once")


def zeros_of(sizes: Sequence[Size], dtype: np.dtype) -> Tensor:
    """Zeros (False for bool) of `sizes`."""
    return full(sizes, Tensor._wrap(np.zeros((), dtype)))


def _dtype(dtype: Any) -> np.dtype:
    return dtypes.as_dtype(dtype).numpy


def zeros(
    shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None
) -> Tensor:
    """Zeros of `shape` and `dtype`; False for bool.

    Args:
        shape: ints, an integer vector, or a list that mixes ints and scalar tensors.

    Raises:
        ValueError: a size is negative (TFC107).

    >>> import tfc as tf
    >>> tf.zeros([2]).numpy()
    array([0., 0.], dtype=float32)
    """
    return zeros_of(as_sizes(shape, "zeros"), _dtype(dtype))


def ones(
    shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None
) -> Tensor:
    """Ones of `shape` and `dtype`; True for bool. Arguments and errors as `tf.zeros`.

    >>> import tfc as tf
    >>> tf.ones([2], tf.int32).numpy()
    array([1, 1], dtype=int32)
    """
    return full(as_sizes(shape, "ones"), Tensor._wrap(np.ones((), _dtype(dtype))))


def zeros_like(
    input: Any, dtype: Any = None, name: str | None = None, layout: Any = None
) -> Tensor:
    """Zeros of the shape of `input`, and of its dtype unless another is given.

    >>> import tfc as tf
    >>> tf.zeros_like([[1, 2]]).numpy()
    array([[0, 0]], dtype=int32)
    """
    x = convert(input)
    target = as_numpy_dtype(dtype) or x.type.dtype
    return zeros_of(dims(x), target)


def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Tensor:
    """Ones of the shape of `input`, and of its dtype unless another is given.

    >>> import tfc as tf
    >>> tf.ones_like([[1, 2]]).numpy()
    array([[1, 1]], dtype=int32)
    """
    x = convert(input)
    target = as_numpy_dtype(dtype) or x.type.dtype
    return full(dims(x), Tensor._wrap(np.ones((), target)))


def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of shape `dims` with the scalar `value` everywhere.

    Raises:
        ValueError: `value` is not a scalar (TFC105), or a size is negative (TFC107).

    >>> import tfc as tf
    >>> tf.fill([2], 7).numpy()
    array([7, 7], dtype=int32)
    """
    scalar = convert(value)
    if scalar.type.shape:
        raise InvalidArgumentError(
            "TFC105", f"fill: expected a scalar as value, got {scalar.type}", "use tf.broadcast_to"
        )
    return full(as_sizes(dims, "fill"), scalar)


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The identity matrix, or one for each entry of `batch_shape`.

    >>> import tfc as tf
    >>> tf.eye(2).numpy()
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    rows = _count(num_rows, "eye: num_rows")
    columns = rows if num_columns is None else _count(num_columns, "eye: num_columns")
    matrix = cast(equal(expand_dims(indices_of(rows), 1), indices_of(columns)), dtype)
    if batch_shape is None:
        return matrix
    return broadcast_to(matrix, [*as_sizes(batch_shape, "eye: batch_shape"), rows, columns])


def _count(value: Any, what: str) -> Size:
    """A size that the user gives; one that is known at run time only is checked then, as `indices_of` does not."""
    from tfc.ops.assertion import require
    from tfc.ops.comparison import greater_equal

    size = as_size(value, what)
    if isinstance(size, Tensor):
        require(greater_equal(size, 0), f"{what}: expected a size >= 0", code="TFC107")
    return size


def indices_of(size: Size, dtype: np.dtype = INT32) -> Tensor:
    """0, 1, ..., size - 1."""
    return _range(Tensor._wrap(np.array(0, dtype)), Tensor._wrap(np.array(1, dtype)), size)


def _range(start: Tensor, delta: Tensor, size: Size) -> Tensor:
    static, operands = split_sizes([size])
    late = apply if isinstance(size, int) and size <= CONSTANT_ELEMENTS else apply_late
    return late(semantics.range_, start, delta, *operands, size=static)


def range(
    start: Any,
    limit: Any = None,
    delta: Any = 1,
    dtype: Any = None,
    name: str = "range",
) -> Tensor:
    """The numbers from `start` up to, but without, `limit`, in steps of `delta`; `tf.range(n)` starts at 0.

    Args:
        start, limit, delta: scalars; the widest of their dtypes is the result's, unless `dtype` is given.

    Raises:
        ValueError: `delta` is 0 (TFC107), or an argument is not a scalar (TFC105).

    >>> import tfc as tf
    >>> tf.range(1, 6, 2).numpy()
    array([1, 3, 5], dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    if (
        STATE.recorder is None
        and dtype is None
        and start.__class__ is limit.__class__ is delta.__class__ is int
        and delta != 0
        and max(abs(start), abs(limit)) <= INT32_MAX
    ):
        return Tensor._wrap(np.arange(start, limit, delta, dtype=np.int32))
    first, last, step = _range_operands([start, limit, delta], as_numpy_dtype(dtype))
    return _range(first, step, _range_size(first, last, step))


_WIDTH = ("int32", "int64", "float32", "float64")


def _range_operands(values: list[Any], dtype: np.dtype | None) -> list[Tensor]:
    """Start, limit and delta as scalars of one dtype."""
    if dtype is None:
        found = [convert(value).type.dtype for value in values if is_tensor_like(value)]
        tensors = [convert(value) for value in values]
        kinds = {tensor.type.dtype.name for tensor in tensors}
        if found and all(kind == found[0] for kind in found):
            dtype = found[0]
            if not is_float(dtype) and any(name.startswith("float") for name in kinds):
                dtype = None
        if dtype is None:
            known = [name for name in _WIDTH if name in kinds]
            dtype = np.dtype(known[-1]) if known else tensors[0].type.dtype
    scalars: list[Tensor] = []
    for value in values:
        tensor = convert(value) if is_tensor_like(value) else convert(_plain(value, dtype), dtype)
        if tensor.type.shape:
            raise InvalidArgumentError(
                "TFC105", f"range: expected scalars, got {tensor.type}", "pass scalars"
            )
        if tensor.type.dtype != dtype:
            tensor = cast(tensor, dtype)
        scalars.append(tensor)
    return scalars


def _plain(value: Any, dtype: np.dtype) -> Any:
    """A Python number in the kind of `dtype`, where nothing is lost by that."""
    if isinstance(value, float | np.floating) and not is_float(dtype):
        if value != int(value):
            raise TFCTypeError(
                "TFC108", f"range: {value} is not of dtype {dtype.name}", "give dtype=tf.float32"
            )
        return int(value)
    return value.item() if isinstance(value, np.generic) else value


def _range_size(start: Tensor, limit: Tensor, delta: Tensor) -> Size:
    """How many steps of `delta` fit between `start` and `limit`."""
    known = [constant_value(tensor) for tensor in (start, limit, delta)]
    if known[2] is not None and known[2] == 0:
        raise InvalidArgumentError("TFC107", "range: delta is 0", "use another delta")
    if all(value is not None for value in known):
        first, last, step = (value.item() for value in known)  # pyright: ignore[reportOptionalMemberAccess]
        if isinstance(first, int):
            return max(0, -((first - last) // step))
        if not all(map(math.isfinite, (first, last, step))):
            raise InvalidArgumentError("TFC107", "range: expected finite numbers", "check them")
        return as_size(max(0, math.ceil((last - first) / step)), "range")
    from tfc.ops.arithmetic import maximum
    from tfc.ops.assertion import require
    from tfc.ops.comparison import is_finite
    from tfc.ops.rounding import ceil

    if known[2] is None:
        require(delta != 0, "range: delta is 0", code="TFC107")
    if is_float(start.type.dtype):
        steps = (limit - start) / delta
        require(is_finite(steps), "range: expected finite numbers")
        return maximum(cast(ceil(steps), dtypes.int64), 0)
    wide = [cast(tensor, dtypes.int64) for tensor in (start, limit, delta)]
    if known[2] is not None and known[2] == 1:
        return maximum(wide[1] if known[0] == 0 else wide[1] - wide[0], 0)
    return maximum(-((wide[0] - wide[1]) // wide[2]), 0)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: Any = 0) -> Tensor:
    """`num` numbers from `start` to `stop`, both included, at equal distances along the new axis `axis`.

    Args:
        start, stop: float tensors of one dtype, whose shapes broadcast (integers become float64).
        num: an integer.

    Raises:
        ValueError: `num` is negative (TFC107).

    >>> import tfc as tf
    >>> tf.linspace(0.0, 1.0, 5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    first = convert(start)
    last = convert_like(stop, first) if is_tensor_like(start) else convert(stop)
    if not is_float(first.type.dtype):
        first = cast(first, last.type.dtype if is_float(last.type.dtype) else dtypes.float64)
    if last.type.dtype != first.type.dtype and not is_float(last.type.dtype):
        last = cast(last, first.type.dtype)
    count = as_size(num, "linspace: num")
    if isinstance(count, int) and count < 0:
        raise InvalidArgumentError(
            "TFC107", f"linspace: expected num >= 0, got {count}", "use num=1"
        )
    if first.type.shape != last.type.shape:
        both = broadcast_dynamic_shape(shape(first), shape(last))
        first, last = broadcast_to(first, both), broadcast_to(last, both)
    position = static_int(axis, "linspace: axis")
    first, last = expand_dims(first, position), expand_dims(last, position)
    if isinstance(count, int) and count == 1:
        return first
    rank = len(first.type.shape)
    steps = reshape(
        indices_of(count),
        [count if place == position % rank else 1 for place in builtins.range(rank)],
    )
    dtype = first.type.dtype
    intervals = maximum(convert(count) - 1, 1)  # one number is the first
    distance = (last - first) / cast(intervals, dtype)
    end = equal(steps, cast(intervals, steps.type.dtype))
    return select(end, last, first + cast(steps, dtype) * distance)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: Any = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """A new axis of size `depth` with `on_value` (1) where the index is and `off_value` (0) elsewhere.

    Args:
        indices: integers; one that is not in 0..depth-1 gives `off_value` everywhere.
        axis: where the new axis is, last by default.
        dtype: the result's, float32 unless the values say otherwise.

    Raises:
        TypeError: the indices are no integers (TFC102), or the values' dtypes differ (TFC101).

    >>> import tfc as tf
    >>> tf.one_hot([0, 2], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    positions = convert(indices)
    kind = positions.type.dtype
    if kind.kind not in "iu":
        raise TFCTypeError(
            "TFC102", f"one_hot: expected integer indices, got {kind.name}", "use tf.cast"
        )
    if kind.itemsize < 4:
        positions, kind = cast(positions, dtypes.int32), INT32
    on, off = _one_hot_values(on_value, off_value, as_numpy_dtype(dtype))
    rank = len(positions.type.shape)
    place = -1 if axis is None else static_int(axis, "one_hot: axis")
    wide = expand_dims(positions, place)
    behind = rank - (place % (rank + 1))
    classes = indices_of(_count(depth, "one_hot: depth"), kind)
    if behind:
        classes = apply(shapes.expand_dims, classes, axes=tuple(builtins.range(behind + 1)[1:]))
    return select(equal(wide, classes), on, off)


def _one_hot_values(on: Any, off: Any, dtype: np.dtype | None) -> tuple[Tensor, Tensor]:
    if dtype is None:
        given = next((value for value in (on, off) if value is not None), None)
        dtype = np.dtype(np.float32) if given is None else convert(given).type.dtype
    one = Tensor._wrap(np.ones((), dtype)) if on is None else convert(on, dtype)
    zero = Tensor._wrap(np.zeros((), dtype)) if off is None else convert(off, dtype)
    return one, zero


def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None
) -> Tensor:
    """True in the first `lengths[...]` places of a new last axis of size `maxlen`, which is the longest length by default.

    >>> import tfc as tf
    >>> tf.sequence_mask([1, 2], 3).numpy()
    array([[ True, False, False],
           [ True,  True, False]])
    """
    counts = convert(lengths)
    if counts.type.dtype.kind not in "iu":
        raise TFCTypeError(
            "TFC102", f"sequence_mask: expected integers, got {counts.type.dtype.name}", "tf.cast"
        )
    longest = maximum(reduce_max(counts), 0)
    size = (
        scalar(longest, "sequence_mask")
        if maxlen is None
        else _count(maxlen, "sequence_mask: maxlen")
    )
    kind = counts.type.dtype
    if kind.itemsize < 4:
        counts, kind = cast(counts, dtypes.int64), INT64
    mask = less(indices_of(size, kind), expand_dims(counts, -1))
    target = _dtype(dtype)
    return mask if target == BOOL else cast(mask, target)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """Vectors as coordinates of a grid: one tensor of the grid's shape for each.

    With "xy" the first two axes are those of the second and the first vector, as in NumPy.

    Raises:
        ValueError: `indexing` is neither "xy" nor "ij" (TFC107).

    >>> import tfc as tf
    >>> [x.numpy().tolist() for x in tf.meshgrid([1, 2], [3, 4])]
    [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
    """
    if indexing not in ("xy", "ij"):
        raise InvalidArgumentError(
            "TFC107", f"meshgrid: unknown indexing {indexing!r}", "use 'xy' or 'ij'"
        )
    vectors = [reshape(arg, [-1]) for arg in args]
    rank = len(vectors)
    order = list(builtins.range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = [1, 0]
    sizes: list[Size] = [0] * rank
    for number, vector in enumerate(vectors):
        sizes[order[number]] = dims(vector)[0]
    grids: list[Tensor] = []
    for number, vector in enumerate(vectors):
        axes = tuple(place for place in builtins.range(rank) if place != order[number])
        grids.append(broadcast_to(apply(shapes.expand_dims, vector, axes=axes), sizes))
    return grids
