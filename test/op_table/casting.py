"""Rows of conversions between dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import casting as semantics

from op_table.domains import wide
from op_table.row import NUMBERS, Row, Sample, Wrong


def _numpy(dtype: Any) -> np.dtype:
    return tf.as_dtype(dtype).numpy


def _cast(x: Any, dtype: Any) -> Any:
    """By way of Python's integers, so that saturation is exact."""
    target = _numpy(dtype)
    if target.kind not in "iu" or x.dtype.kind in "iub":
        return x.astype(target)
    limits = np.iinfo(target)

    def convert(value: float) -> int:
        if np.isnan(value):
            return 0
        if np.isinf(value):
            return limits.max if value > 0 else limits.min
        return min(max(int(value), limits.min), limits.max)

    flat = [convert(float(value)) for value in x.reshape(-1)]
    return np.array(flat, target).reshape(x.shape)


def _saturate(x: Any, dtype: Any) -> Any:
    target = _numpy(dtype)
    if target.kind in "iu" and x.dtype.kind in "iu":
        limits = np.iinfo(target)
        flat = [min(max(int(value), limits.min), limits.max) for value in x.reshape(-1)]
        return np.array(flat, target).reshape(x.shape)
    return _cast(x, dtype)


def _bitcast(x: Any, type: Any) -> Any:
    target = _numpy(type)
    data = np.frombuffer(x.tobytes(), target)
    if target.itemsize < x.dtype.itemsize:
        return data.reshape(*x.shape, -1)
    return data.reshape(x.shape if target.itemsize == x.dtype.itemsize else x.shape[:-1])


HUGE = [0.0, 0.9, -0.9, 254.6, 256.0, -129.0, 3e9, -3e9, 1e19, -1e19, 2e19, 6.5e4]
CASTS = [
    Row(
        semantics.cast,
        tf.cast,
        _cast,
        (
            Sample(((4,),), {"dtype": target}),
            Sample(((),), {"dtype": target}),
            Sample(((2, 0),), {"dtype": target}),
        ),
        ["bool", *NUMBERS],
        gradient=target.startswith("float"),
        domain=(wide,),
    )
    for target in ("bool", *NUMBERS)
]
OUT_OF_RANGE = Row(
    semantics.cast,
    tf.cast,
    _cast,
    [Sample((HUGE,), {"dtype": target}) for target in NUMBERS],
    ["float32", "float64"],
    gradient=False,
    operand_dtypes=("float64",),
    wrong=(Wrong(("x", "int32"), {}, "TFC108", "cannot convert"),),
)
SATURATE = Row(
    semantics.cast,
    tf.saturate_cast,
    _saturate,
    [
        Sample(([0, 1, 127, 128, 255, 256, -1, -129, 70000],), {"dtype": target})
        for target in ("int8", "uint8", "int16", "int32", "uint64", "float32")
    ],
    ["int64"],
    gradient=False,
)
ROWS = [
    *CASTS,
    OUT_OF_RANGE,
    SATURATE,
    Row(
        semantics.bitcast,
        tf.bitcast,
        _bitcast,
        (
            Sample(((3, 4),), {"type": "int32"}),
            Sample(((3, 4),), {"type": "float32"}),
            Sample(((3, 4),), {"type": "uint8"}),
            Sample(((3, 2),), {"type": "float64"}),
            Sample(((),), {"type": "int16"}),
        ),
        ["int32", "float32"],
        gradient=False,
        wrong=(
            Wrong(([True], "uint8"), {}, "TFC102", "expected a numeric dtype, got bool"),
            Wrong(([1, 2, 3], "int64"), {}, "TFC106", "a last dimension of size 2"),
        ),
    ),
]
