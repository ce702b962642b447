"""Maximum over a window, and the way back. Sums and means over a window are convolutions with ones.

The attributes hold one entry for each dimension: the window's size, its step, the distance of its elements, and how many
elements of padding (which never win) come before and after. A dimension without a window has 1, 1, 1, 0, 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import (
    INT32,
    is_bfloat16,
    require_group,
    require_same_dtype,
)
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("pooling")

Ints = tuple[int, ...]
ATTRIBUTES = ("window", "strides", "dilations", "low", "high")


def lowest(dtype: np.dtype) -> float:
    """The value that no other is less than."""
    if dtype.kind in "iu":
        return int(np.iinfo(dtype).min)
    return -np.inf


def pooled_size(
    size: int | None, window: int, stride: int, dilation: int, low: int, high: int
) -> int | None:
    """How often the window fits."""
    if size is None:
        return None if (window, stride, low, high) != (1, 1, 0, 0) else size
    return max(0, (size + low + high - (window - 1) * dilation - 1) // stride + 1)


def _infer(
    x: ArrayType, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> ArrayType:
    require_group("max_pool", "number", x)
    for attribute in (window, strides, dilations, low, high):
        if len(attribute) != len(x.shape):
            raise OpError(
                "TFC105",
                f"max_pool: {len(attribute)} entries for {x}",
                "give one entry for each dimension",
            )
    if min((*window, *strides, *dilations), default=1) < 1 or min((*low, *high), default=0) < 0:
        raise OpError(
            "TFC107",
            f"max_pool: window {window}, strides {strides}, dilations {dilations}, padding {low}, {high}",
            "sizes, strides and dilations are at least 1, padding at least 0",
        )
    shape = tuple(map(pooled_size, x.shape, window, strides, dilations, low, high))
    return ArrayType(x.dtype, shape)


def _taps(
    x: np.ndarray, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> Iterator[tuple[Ints, np.ndarray]]:
    """For each element of the window: its position and the slice of the padded input that it reads."""
    shape = [
        pooled_size(*sizes) or 0
        for sizes in zip(x.shape, window, strides, dilations, low, high, strict=True)
    ]
    if any(low) or any(high):
        widths = list(zip(low, high, strict=True))
        x = np.pad(x, widths, constant_values=np.array(lowest(x.dtype)).astype(x.dtype))
    for tap, place in zip(
        np.ndindex(*window), _places(shape, window, strides, dilations), strict=True
    ):
        yield tap, x[place]


def _places(
    shape: Sequence[int], window: Ints, strides: Ints, dilations: Ints
) -> Iterator[tuple[slice, ...]]:
    """For each element of the window, where a result of `shape` reads the padded input."""
    for tap in np.ndindex(*window):
        yield tuple(
            slice(k * d, k * d + (n - 1) * s + 1 if n else k * d, s)
            for k, d, n, s in zip(tap, dilations, shape, strides, strict=True)
        )


def _prepare_max_pool(
    x: ArrayType, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> Callable[[np.ndarray], np.ndarray]:
    sizes: list[int] = [size or 0 for size in x.shape]
    padded = tuple([n + a + b for n, a, b in zip(sizes, low, high, strict=True)])
    inner = tuple([slice(a, a + n) for n, a in zip(sizes, low, strict=True)])
    fill = np.array(lowest(x.dtype)).astype(x.dtype)
    walks = [
        _walk(axis, pooled_size(*fit) or 0, *fit[1:4])
        for axis, fit in enumerate(zip(sizes, window, strides, dilations, low, high, strict=True))
        if fit[1:3] != (1, 1)
    ]

    is_new = any(second is not None for _, second, _ in walks)

    def evaluate(x: np.ndarray) -> np.ndarray:
        if padded != x.shape:
            wide = np.full(padded, fill, x.dtype)
            wide[inner] = x
            x = wide
        for first, second, others in walks:
            result = x[first] if second is None else np.maximum(x[first], x[second])
            for place in others:
                np.maximum(result, x[place], out=result)
            x = result
        return x if is_new else x.copy()

    return evaluate


Place = tuple[slice, ...]


def _walk(
    axis: int, size: int, window: int, stride: int, dilation: int
) -> tuple[Place, Place | None, list[Place]]:
    """Where windows along one axis have their first, their second and their other elements."""
    length = (size - 1) * stride + 1 if size else 0
    places: list[Place] = [
        (slice(None),) * axis + (slice(k * dilation, k * dilation + length, stride),)
        for k in range(window)
    ]
    first, *rest = places
    return first, rest[0] if rest else None, rest[1:]


max_pool = FAMILY.op("max_pool", None, _infer, ("x",), ATTRIBUTES, prepare=_prepare_max_pool)


def _max_pool_taps(
    x: np.ndarray, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> np.ndarray:
    best: np.ndarray | None = None
    where = np.zeros((), INT32)
    is_padded = any(low) or any(high)
    taps = _taps(x, window, strides, dilations, low, high)
    for number, (tap, view) in enumerate(taps):
        if best is None:
            best, where = view.copy(), np.zeros(view.shape, INT32)
            if is_padded:
                where -= ~_inside(x.shape, view.shape, tap, strides, dilations, low)
            continue
        better = (view > best) | (_isnan(view) & ~_isnan(best))
        if is_padded:
            better |= where < 0
            better &= _inside(x.shape, view.shape, tap, strides, dilations, low)
        np.copyto(best, view, where=better)
        where[better] = number
    return where


def _isnan(x: np.ndarray) -> np.ndarray:
    return np.isnan(x) if x.dtype.kind == "f" or is_bfloat16(x.dtype) else np.zeros(x.shape, bool)


def _inside(
    shape: Ints, result: Ints, tap: Ints, strides: Ints, dilations: Ints, low: Ints
) -> np.ndarray:
    """Whether each element of the result reads an element of the input for one tap, not padding."""
    inside = np.ones(result, np.bool_)
    for axis, size in enumerate(shape):
        index = np.arange(result[axis]) * strides[axis] + tap[axis] * dilations[axis] - low[axis]
        inside &= ((index >= 0) & (index < size)).reshape(-1, *[1] * (len(shape) - 1 - axis))
    return inside


def _infer_taps(
    x: ArrayType, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> ArrayType:
    kind = _infer(x, window=window, strides=strides, dilations=dilations, low=low, high=high)
    return ArrayType(INT32, kind.shape)


max_pool_taps = FAMILY.op("max_pool_taps", _max_pool_taps, _infer_taps, ("x",), ATTRIBUTES)


def _max_unpool(
    x: np.ndarray,
    taps: np.ndarray,
    grad: np.ndarray,
    *,
    window: Ints,
    strides: Ints,
    dilations: Ints,
    low: Ints,
    high: Ints,
) -> np.ndarray:
    sizes = [n + before + after for n, before, after in zip(x.shape, low, high, strict=True)]
    padded = np.zeros(sizes, x.dtype)
    zero = np.zeros((), x.dtype)
    for number, place in enumerate(_places(grad.shape, window, strides, dilations)):
        padded[place] += np.where(taps == number, grad, zero)
    return padded[tuple(slice(before, before + n) for n, before in zip(x.shape, low, strict=True))]


def _infer_unpool(
    x: ArrayType,
    taps: ArrayType,
    grad: ArrayType,
    *,
    window: Ints,
    strides: Ints,
    dilations: Ints,
    low: Ints,
    high: Ints,
) -> ArrayType:
    kind = _infer_taps(x, window=window, strides=strides, dilations=dilations, low=low, high=high)
    require_same_dtype("max_unpool", x, grad)
    for operand, dtype in ((taps, INT32), (grad, x.dtype)):
        shapes = zip(operand.shape, kind.shape, strict=False)
        differ = any(a != b for a, b in shapes if a is not None and b is not None)
        if operand.dtype != dtype or len(operand.shape) != len(kind.shape) or differ:
            raise OpError(
                "TFC106",
                f"max_unpool: {taps} and {grad} for windows over {x}",
                f"give both the shape of the pooled tensor, {kind}",
            )
    return x


max_unpool = FAMILY.op("max_unpool", _max_unpool, _infer_unpool, ("x", "taps", "grad"), ATTRIBUTES)
