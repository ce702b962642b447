"""Maximum over a window. Sums and means over a window are convolutions with ones.

The attributes hold one entry for each dimension: the window's size, its step, the distance of its elements, and how many
elements of padding (which never win) come before and after. A dimension without a window has 1, 1, 1, 0, 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import INT64, is_bfloat16, require_group
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
    for tap in np.ndindex(*window):
        place = tuple(
            slice(k * d, k * d + (n - 1) * s + 1 if n else k * d, s)
            for k, d, n, s in zip(tap, dilations, shape, strides, strict=True)
        )
        yield tap, x[place]


def _max_pool(
    x: np.ndarray, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> np.ndarray:
    result: np.ndarray | None = None
    for _, view in _taps(x, window, strides, dilations, low, high):
        result = view.copy() if result is None else np.maximum(result, view, out=result)
    assert result is not None
    return result


max_pool = FAMILY.op("max_pool", _max_pool, _infer, ("x",), ATTRIBUTES)


def _max_pool_indices(
    x: np.ndarray, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> np.ndarray:
    best: np.ndarray | None = None
    where = np.zeros((), INT64)
    for tap, view in _taps(x, window, strides, dilations, low, high):
        at, valid = _positions(x.shape, view.shape, tap, strides, dilations, low)
        if best is None:
            best, where = view.copy(), np.where(valid, at, -1)
            continue
        better = (view > best) | (_isnan(view) & ~_isnan(best)) | (where < 0)
        better &= valid
        best[better] = view[better]
        where = np.where(better, at, where)
    return np.ascontiguousarray(where, INT64)


def _isnan(x: np.ndarray) -> np.ndarray:
    return np.isnan(x) if x.dtype.kind == "f" or is_bfloat16(x.dtype) else np.zeros(x.shape, bool)


def _positions(
    shape: Ints, result: Ints, tap: Ints, strides: Ints, dilations: Ints, low: Ints
) -> tuple[np.ndarray, np.ndarray]:
    """The flat index in the input that each element of the result reads for one tap, and whether it is inside."""
    flat = np.zeros(result, INT64)
    valid = np.ones(result, np.bool_)
    step = 1
    for axis in reversed(range(len(shape))):
        index = np.arange(result[axis]) * strides[axis] + tap[axis] * dilations[axis] - low[axis]
        index = index.reshape(-1, *[1] * (len(shape) - 1 - axis))
        flat += index * step
        valid &= (index >= 0) & (index < shape[axis])
        step *= shape[axis]
    return flat, valid


def _infer_indices(
    x: ArrayType, *, window: Ints, strides: Ints, dilations: Ints, low: Ints, high: Ints
) -> ArrayType:
    kind = _infer(x, window=window, strides=strides, dilations=dilations, low=low, high=high)
    return ArrayType(INT64, kind.shape)


max_pool_indices = FAMILY.op(
    "max_pool_indices", _max_pool_indices, _infer_indices, ("x",), ATTRIBUTES
)
