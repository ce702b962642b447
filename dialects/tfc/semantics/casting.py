"""Conversions between dtypes: by value and by bits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import GROUPS, is_float, is_int
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("casting")


@functools.cache
def integer_bounds(dtype: np.dtype) -> tuple[float, float]:
    """The floats up to which and from which on a conversion to an integer `dtype` saturates: its lowest value, and one past
    its highest. Both are powers of two or zero, so every float dtype that reaches them holds them exactly."""
    limits = np.iinfo(dtype)
    return float(limits.min), float(int(limits.max) + 1)


def _float_to_integer(dtype: np.dtype, wide: np.dtype) -> Callable[[Any], Any]:
    """As C where the value cut to an integer fits; nan becomes 0, all others the nearest integer that `dtype` has."""
    bounds = integer_bounds(dtype)
    low, high = np.array(bounds[0], wide), np.array(bounds[1], wide)
    minus_one = np.array(-1, wide)

    def fits(x: Any) -> Any:
        # The lowest integer is minus that past the highest, or 0; a number next to it, for which this is not true, may fit.
        return np.abs(x) < high if bounds[0] else (x > minus_one) & (x < high)

    def evaluate(x: Any) -> Any:
        if x.dtype is not wide:
            x = x.astype(wide)
        if np.count_nonzero(fits(x)) == x.size:
            return x.astype(dtype)
        inside = (x > low) & (x < high)
        limits = np.iinfo(dtype)
        result = np.where(inside, x, np.zeros((), x.dtype)).astype(dtype)
        result = np.where(x >= high, dtype.type(limits.max), result)
        return np.where(x <= low, dtype.type(limits.min), result)

    return evaluate


def _prepare_cast(x: ArrayType, *, dtype: np.dtype) -> Callable[[Any], Any]:
    if dtype.kind in "iu" and is_float(x.dtype):
        return _float_to_integer(dtype, np.dtype(np.float32) if x.dtype.itemsize < 4 else x.dtype)
    return lambda x: x.astype(dtype)


def _infer_cast(x: ArrayType, *, dtype: np.dtype) -> ArrayType:
    for kind in (x.dtype, dtype):
        if not GROUPS["any"](kind):
            raise OpError("TFC102", f"cast: expected numbers or bools, got {kind.name}")
    return ArrayType(dtype, x.shape)


def _prepare_bitcast(x: ArrayType, *, dtype: np.dtype) -> Callable[[Any], Any]:
    if x.dtype.itemsize == dtype.itemsize:
        return lambda x: x.view(dtype)

    def evaluate(x: Any) -> Any:
        contiguous = np.ascontiguousarray(x)
        if x.dtype.itemsize > dtype.itemsize:
            return contiguous.reshape(*x.shape, 1).view(dtype)
        return contiguous.view(dtype).reshape(x.shape[:-1])

    return evaluate


def _infer_bitcast(x: ArrayType, *, dtype: np.dtype) -> ArrayType:
    for kind in (x.dtype, dtype):
        if not (is_int(kind) or is_float(kind)):
            raise OpError(
                "TFC102",
                f"bitcast: expected a numeric dtype, got {kind.name}",
                "convert with tf.cast(x, dtype)",
            )
    have, want = x.dtype.itemsize, dtype.itemsize
    if have == want:
        return ArrayType(dtype, x.shape)
    if have > want:
        return ArrayType(dtype, (*x.shape, have // want))
    ratio = want // have
    if not x.shape or x.shape[-1] not in (ratio, None):
        raise OpError(
            "TFC106",
            f"bitcast: {x.dtype.name} to {dtype.name} needs a last dimension of size {ratio}, got {x}",
            f"reshape x to [..., {ratio}]",
        )
    return ArrayType(dtype, x.shape[:-1])


cast = FAMILY.op(
    "cast", None, _infer_cast, ("x",), ("dtype",), is_elementwise=True, prepare=_prepare_cast
)
bitcast = FAMILY.op("bitcast", None, _infer_bitcast, ("x",), ("dtype",), prepare=_prepare_bitcast)
