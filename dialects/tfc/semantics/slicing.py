"""Slicing: a box of a tensor, read or replaced, exact or with Python's clamping of bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import require_same_dtype
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import check_size_operands, fill_sizes, shown
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("slicing")

OPEN = 2**62
"""As an end (negated: as a start or end of a negative step), an open bound of an axis whose size is not known."""

Mixed = tuple[int | None, ...]


# -- exact boxes --------------------------------------------------------------------------------


def _evaluate_slice(x: np.ndarray, *operands: np.ndarray, begin: Mixed, size: Mixed) -> np.ndarray:
    filled = fill_sizes((*begin, *size), operands)
    start, extent = filled[: len(begin)], filled[len(begin) :]
    if operands:
        _check_box("slice", x.shape, start, extent)
    return x[_box(start, extent)] if start else x


def _prepare_slice(
    x: ArrayType, *operands: ArrayType, begin: Mixed, size: Mixed
) -> Callable[..., np.ndarray]:
    if operands:
        return partial(_evaluate_slice, begin=begin, size=size)
    key = (*_box(fill_sizes(begin, ()), fill_sizes(size, ())), ...)
    return lambda x: x[key]


def _box(start: Sequence[int], extent: Sequence[int]) -> tuple[slice, ...]:
    return tuple(slice(first, first + count) for first, count in zip(start, extent, strict=True))


def _infer_slice(x: ArrayType, *operands: ArrayType, begin: Mixed, size: Mixed) -> ArrayType:
    _check_lengths("slice", x, begin, size)
    if operands or None in begin or None in size:
        check_size_operands("slice", operands, begin, size)
    _check_box("slice", x.shape, begin, size)
    return ArrayType(x.dtype, size)


def _check_lengths(op: str, x: ArrayType, *bounds: Sequence[int | None]) -> None:
    for given in bounds:
        if len(given) != x.rank:
            raise OpError(
                "TFC105",
                f"{op}: expected {x.rank} bounds for {x}, got {shown(given)}",
                "give one for each axis",
            )


def _check_box(
    op: str,
    shape: Sequence[int | None],
    begin: Sequence[int | None],
    size: Sequence[int | None],
) -> None:
    for axis, (have, first, count) in enumerate(zip(shape, begin, size, strict=True)):
        if (first is not None and first < 0) or (count is not None and count < 0):
            raise OpError(
                "TFC201",
                f"{op}: expected begin and size >= 0 along axis {axis}, got {first} and {count}",
                "count from the start of the axis",
            )
        if have is None:
            continue
        end = (first or 0) + (count or 0)
        if end > have:
            box = f"{'?' if first is None else first} + {'?' if count is None else count}"
            raise OpError(
                "TFC201",
                f"{op}: begin + size = {box} is beyond the end of axis {axis} of size {have}",
                "ask for less",
            )


def _evaluate_slice_update(
    x: np.ndarray, value: np.ndarray, *operands: np.ndarray, begin: Mixed
) -> np.ndarray:
    start = fill_sizes(begin, operands)
    _check_box("slice_update", x.shape, start, value.shape)
    result = x.copy()
    result[_box(start, value.shape)] = value
    return result


def _infer_slice_update(
    x: ArrayType, value: ArrayType, *operands: ArrayType, begin: Mixed
) -> ArrayType:
    require_same_dtype("slice_update", x, value)
    _check_lengths("slice_update", x, begin, value.shape)
    if operands or None in begin:
        check_size_operands("slice_update", operands, begin)
    _check_box("slice_update", x.shape, begin, value.shape)
    return x


# -- Python's slices ----------------------------------------------------------------------------


def _slices(
    begin: Sequence[int], end: Sequence[int], strides: Sequence[int], shrink: Sequence[int]
) -> tuple[slice | int, ...]:
    # A negative end of -OPEN means "past the first element", which Python writes as None.
    return tuple(
        first
        if axis in shrink
        else slice(first, None if step < 0 and last <= -OPEN else last, step)
        for axis, (first, last, step) in enumerate(zip(begin, end, strides, strict=True))
    )


def _evaluate_strided_slice(
    x: np.ndarray,
    *operands: np.ndarray,
    begin: Mixed,
    end: Mixed,
    strides: tuple[int, ...],
    shrink: tuple[int, ...],
) -> np.ndarray:
    filled = fill_sizes((*begin, *end), operands)
    count = len(begin)
    result = x[_slices(filled[:count], filled[count:], strides, shrink)]
    return result if isinstance(result, np.ndarray) else np.asarray(result)


def _prepare_strided_slice(
    x: ArrayType,
    *operands: ArrayType,
    begin: Mixed,
    end: Mixed,
    strides: tuple[int, ...],
    shrink: tuple[int, ...],
) -> Callable[..., np.ndarray]:
    if operands:
        bounds = {"begin": begin, "end": end, "strides": strides, "shrink": shrink}
        return partial(_evaluate_strided_slice, **bounds)
    key = (*_slices(fill_sizes(begin, ()), fill_sizes(end, ()), strides, shrink), ...)
    return lambda x: x[key]  # `...` makes an array also of a single element


def sliced_size(size: int | None, first: int | None, last: int | None, step: int) -> int | None:
    """How many elements `first:last:step` selects of `size`, None when a bound or the size is unknown."""
    if first is None or last is None:
        return None
    if size is None:
        return _sliced_unknown(first, last, step)
    end = None if step < 0 and last <= -OPEN else last
    return len(range(*slice(first, end, step).indices(size)))


def _sliced_unknown(first: int, last: int, step: int) -> int | None:
    """The few slices of an axis of unknown size that have a known one: those that are empty by their bounds."""
    same_end = (first < 0) == (last < 0)
    if same_end and abs(last) < OPEN and (last <= first if step > 0 else last >= first):
        return 0
    return None


def _infer_strided_slice(
    x: ArrayType,
    *operands: ArrayType,
    begin: Mixed,
    end: Mixed,
    strides: tuple[int, ...],
    shrink: tuple[int, ...],
) -> ArrayType:
    return ArrayType(
        x.dtype, _sliced_shape("strided_slice", x, operands, begin, end, strides, shrink)
    )


def _sliced_shape(
    op: str,
    x: ArrayType,
    operands: Sequence[ArrayType],
    begin: Mixed,
    end: Mixed,
    strides: tuple[int, ...],
    shrink: tuple[int, ...],
) -> tuple[int | None, ...]:
    _check_lengths(op, x, begin, end, strides)
    if operands or None in begin or None in end:
        check_size_operands(op, operands, begin, end)
    shape: list[int | None] = []
    for axis, size in enumerate(x.shape):
        if axis in shrink:
            _check_index(op, axis, size, begin[axis])
            continue
        if strides[axis] == 0:
            raise OpError("TFC107", f"{op}: the step of axis {axis} is 0", "use another step")
        shape.append(sliced_size(size, begin[axis], end[axis], strides[axis]))
    return tuple(shape)


def _check_index(op: str, axis: int, size: int | None, index: int | None) -> None:
    if size is None or index is None:
        raise OpError(
            "TFC107",
            f"{op}: axis {axis} can be dropped only with a static index and size",
            "use tfc.gather for an index known at run time",
        )
    if not -size <= index < size:
        raise OpError(
            "TFC201",
            f"index {index} is out of range for axis {axis} of size {size}",
            f"use an index from {-size} to {size - 1}" if size else "the axis is empty",
        )


def _evaluate_strided_slice_update(
    x: np.ndarray,
    value: np.ndarray,
    *operands: np.ndarray,
    begin: Mixed,
    end: Mixed,
    strides: tuple[int, ...],
    shrink: tuple[int, ...],
) -> np.ndarray:
    filled = fill_sizes((*begin, *end), operands)
    count = len(begin)
    where = _slices(filled[:count], filled[count:], strides, shrink)
    result = x.copy()
    if operands:
        _check_value(result[where].shape, value.shape)
    result[where] = value
    return result


def _check_value(wanted: Sequence[int | None], got: Sequence[int | None]) -> None:
    agree = len(wanted) == len(got) and all(
        a is None or b is None or a == b for a, b in zip(wanted, got, strict=True)
    )
    if not agree:
        raise OpError(
            "TFC106",
            f"strided_slice_update: expected a value of shape {shown(wanted)}, got {shown(got)}",
            "broadcast the value to the shape of the slice",
        )


def _infer_strided_slice_update(
    x: ArrayType,
    value: ArrayType,
    *operands: ArrayType,
    begin: Mixed,
    end: Mixed,
    strides: tuple[int, ...],
    shrink: tuple[int, ...],
) -> ArrayType:
    op = "strided_slice_update"
    require_same_dtype(op, x, value)
    _check_value(_sliced_shape(op, x, operands, begin, end, strides, shrink), value.shape)
    return x


_BOUNDS = ("begin", "end", "strides", "shrink")

slice_ = FAMILY.op(
    "slice",
    _evaluate_slice,
    _infer_slice,
    ("x", "*bounds"),
    ("begin", "size"),
    Effect.FAIL,
    prepare=_prepare_slice,
)
slice_update = FAMILY.op(
    "slice_update",
    _evaluate_slice_update,
    _infer_slice_update,
    ("x", "value", "*bounds"),
    ("begin",),
    Effect.FAIL,
)
strided_slice = FAMILY.op(
    "strided_slice",
    _evaluate_strided_slice,
    _infer_strided_slice,
    ("x", "*bounds"),
    _BOUNDS,
    prepare=_prepare_strided_slice,
)
strided_slice_update = FAMILY.op(
    "strided_slice_update",
    _evaluate_strided_slice_update,
    _infer_strided_slice_update,
    ("x", "value", "*bounds"),
    _BOUNDS,
)
