"""Joining: tensors put side by side, stacked, padded and repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.dtypes import require_same_dtype
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import (
    check_not_negative,
    check_size_operands,
    fill_sizes,
    shown,
)
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("joining")
PAD_MODES = ("constant", "reflect", "symmetric")


def _prepare_concat(*values: ArrayType, axis: int) -> Callable[..., np.ndarray]:
    return lambda *values: np.concatenate(values, axis)


def _infer_concat(*values: ArrayType, axis: int) -> ArrayType:
    dtype = require_same_dtype("concat", *values)
    first = values[0]
    if not first.rank:
        raise OpError(
            "TFC105",
            "concat: expected tensors with at least one axis, got a scalar",
            "use tf.stack",
        )
    axis = normalize_axis("concat", axis, first.rank)
    shape = list(first.shape)
    for kind in values[1:]:
        if kind.rank != first.rank:
            raise _unequal("concat", values, "all of one rank")
        for position, size in enumerate(kind.shape):
            if position == axis:
                continue
            if shape[position] is None:
                shape[position] = size
            elif size is not None and size != shape[position]:
                raise _unequal("concat", values, f"equal sizes but along axis {axis}")
    along = [kind.shape[axis] for kind in values]
    shape[axis] = None if None in along else sum(size for size in along if size is not None)
    return ArrayType(dtype, tuple(shape))


def _unequal(op: str, values: Sequence[ArrayType], wanted: str) -> OpError:
    listed = ", ".join(map(str, values[:6])) + (", ..." if len(values) > 6 else "")
    return OpError("TFC106", f"{op}: expected {wanted}, got {listed}", "make the shapes agree")


def _prepare_stack(*values: ArrayType, axis: int) -> Callable[..., np.ndarray]:
    shape = list(values[0].shape)
    shape.insert(normalize_axis("stack", axis, len(shape) + 1), 1)
    return lambda *values: np.concatenate([value.reshape(shape) for value in values], axis)


def _infer_stack(*values: ArrayType, axis: int) -> ArrayType:
    dtype = require_same_dtype("stack", *values)
    shape = list(values[0].shape)
    for kind in values[1:]:
        if kind.rank != len(shape):
            raise _unequal("stack", values, "equal shapes")
        for position, size in enumerate(kind.shape):
            if shape[position] is None:
                shape[position] = size
            elif size is not None and size != shape[position]:
                raise _unequal("stack", values, "equal shapes")
    shape.insert(normalize_axis("stack", axis, len(shape) + 1), len(values))
    return ArrayType(dtype, tuple(shape))


def _evaluate_pad(
    x: np.ndarray,
    value: np.ndarray,
    *sizes: np.ndarray,
    low: tuple[int | None, ...],
    high: tuple[int | None, ...],
    mode: str,
) -> np.ndarray:
    filled = fill_sizes((*low, *high), sizes)
    if sizes:
        check_not_negative("pad", "paddings", filled)
    pairs = list(zip(filled[: len(low)], filled[len(low) :], strict=True))
    for axis, pair in enumerate(pairs):
        _check_mirror(mode, axis, x.shape[axis], *pair)
    if not pairs:
        return x
    if mode == "constant":  # np.pad takes ten times as long for a few elements
        shape = [
            before + size + after for size, (before, after) in zip(x.shape, pairs, strict=True)
        ]
        result = np.full(shape, value, x.dtype)
        result[tuple([slice(low, low + n) for n, (low, _) in zip(x.shape, pairs, strict=True)])] = x
        return result
    return np.pad(x, pairs, mode="reflect" if mode == "reflect" else "symmetric")


def _infer_pad(
    x: ArrayType,
    value: ArrayType,
    *sizes: ArrayType,
    low: tuple[int | None, ...],
    high: tuple[int | None, ...],
    mode: str,
) -> ArrayType:
    if mode not in PAD_MODES:
        raise OpError(
            "TFC107", f"pad: unknown mode {mode!r}", "use 'CONSTANT', 'REFLECT' or 'SYMMETRIC'"
        )
    if len(low) != x.rank or len(high) != x.rank:
        raise OpError(
            "TFC105",
            f"pad: expected paddings of shape [{x.rank}, 2] for {x}, got {len(low)} pairs",
            "give one [before, after] for each axis",
        )
    require_same_dtype("pad", x, value)
    if value.rank:
        raise OpError("TFC105", f"pad: expected a scalar as value, got {value}", "use a scalar")
    check_size_operands("pad", sizes, low, high)
    check_not_negative("pad", "paddings", (*low, *high))
    shape: list[int | None] = []
    for axis, (size, before, after) in enumerate(zip(x.shape, low, high, strict=True)):
        if size is None or before is None or after is None:
            shape.append(None)
            continue
        _check_mirror(mode, axis, size, before, after)
        shape.append(size + before + after)
    return ArrayType(x.dtype, tuple(shape))


def _check_mirror(mode: str, axis: int, size: int, before: int, after: int) -> None:
    if mode == "constant":
        return
    limit = size - 1 if mode == "reflect" else size
    if max(before, after) > limit and (before or after):
        raise OpError(
            "TFC106",
            f"pad: {mode} padding of axis {axis} is at most {max(limit, 0)} for size {size}, got {max(before, after)}",
            "pad less, or in two steps",
        )


def _prepare_tile(
    x: ArrayType, *sizes: ArrayType, multiples: tuple[int | None, ...]
) -> Callable[..., np.ndarray]:
    if None not in multiples and None not in x.shape:
        return _tiled(x, multiples)

    def evaluate(x: np.ndarray, *sizes: np.ndarray) -> np.ndarray:
        filled = fill_sizes(multiples, sizes)
        check_not_negative("tile", "multiples", filled)
        return _tiled(ArrayType(x.dtype, x.shape), filled)(x)

    return evaluate


def _tiled(kind: ArrayType, multiples: Sequence[Any]) -> Callable[[np.ndarray], np.ndarray]:
    """What repeats an array of this type, each axis so often."""
    dtype = kind.dtype
    pairs: list[tuple[Any, Any]] = list(zip(multiples, kind.shape, strict=True))
    spread = [size for pair in pairs for size in pair]
    folded = [n for _, size in pairs for n in (1, size)]
    shape = [times * size for times, size in pairs]

    def evaluate(x: np.ndarray) -> np.ndarray:
        result = np.empty(spread, dtype)
        result[...] = x.reshape(folded)
        return result.reshape(shape)

    return evaluate


def _infer_tile(x: ArrayType, *sizes: ArrayType, multiples: tuple[int | None, ...]) -> ArrayType:
    if len(multiples) != x.rank:
        raise OpError(
            "TFC105",
            f"tile: expected {x.rank} multiples for {x}, got {shown(multiples)}",
            "give one multiple for each axis",
        )
    if sizes or None in multiples:
        check_size_operands("tile", sizes, multiples)
    check_not_negative("tile", "multiples", multiples)
    shape = tuple(
        None if size is None or times is None else size * times
        for size, times in zip(x.shape, multiples, strict=True)
    )
    return ArrayType(x.dtype, shape)


concat = FAMILY.op(
    "concat", None, _infer_concat, ("first", "*rest"), ("axis",), prepare=_prepare_concat
)
stack = FAMILY.op(
    "stack", None, _infer_stack, ("first", "*rest"), ("axis",), prepare=_prepare_stack
)
pad = FAMILY.op("pad", _evaluate_pad, _infer_pad, ("x", "value", "*sizes"), ("low", "high", "mode"))
tile = FAMILY.op("tile", None, _infer_tile, ("x", "*sizes"), ("multiples",), prepare=_prepare_tile)
