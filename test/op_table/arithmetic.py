"""Rows of arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import arithmetic as semantics

from op_table.domains import above_one, nonzero, positive, same
from op_table.row import BINARY_SHAPES, FLOATS, INTS, UNARY_SHAPES, Row, Sample, Wrong

BINARY_WRONG = (
    Wrong(([1, 2], [1.0, 2.0]), {}, "TFC101", "different dtypes: int32 and float32"),
    Wrong(([True], [False]), {}, "TFC102", "expected a numeric dtype, got bool"),
    Wrong(([1, 2], [1, 2, 3]), {}, "TFC103", "int32[2] and int32[3]"),
)
FLOAT_WRONG = (
    Wrong(([1.0], np.ones(1)), {}, "TFC101", "float32 and float64"),
    Wrong(([1.0, 2.0], [1.0, 2.0, 3.0]), {}, "TFC103", "float32[2] and float32[3]"),
)
UNARY_WRONG = (Wrong(([True],), {}, "TFC102", "expected a numeric dtype, got bool"),)
ZERO_WRONG = (Wrong(([1, 2], [1, 0]), {}, "TFC202", "integer division by zero"),)


def _floordiv(x: Any, y: Any) -> Any:
    return x // y if x.dtype.kind in "iu" else np.floor(x / y)


def _truncatediv(x: Any, y: Any) -> Any:
    if x.dtype.kind not in "iu":
        return np.trunc(x / y)
    exact = [
        int(a) // int(b) if int(a) * int(b) >= 0 else -(-int(a) // int(b))
        for a, b in np.nditer(np.broadcast_arrays(x, y), flags=["zerosize_ok"])
    ]
    return np.array(exact, x.dtype).reshape(np.broadcast_shapes(x.shape, y.shape))


def _no_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: np.where(y == 0, np.zeros((), x.dtype), function(x, y)).astype(x.dtype)


ROWS = [
    Row(semantics.add, tf.add, np.add, BINARY_SHAPES, wrong=BINARY_WRONG),
    Row(semantics.subtract, tf.subtract, np.subtract, BINARY_SHAPES, wrong=BINARY_WRONG),
    Row(semantics.multiply, tf.multiply, np.multiply, BINARY_SHAPES, wrong=BINARY_WRONG),
    Row(
        semantics.divide,
        tf.divide,
        np.divide,
        BINARY_SHAPES,
        FLOATS,
        domain=(same, nonzero),
        wrong=FLOAT_WRONG,
    ),
    Row(
        semantics.floordiv,
        tf.math.floordiv,
        _floordiv,
        BINARY_SHAPES,
        gradient=False,
        domain=(same, nonzero),
        wrong=BINARY_WRONG + ZERO_WRONG,
    ),
    Row(
        semantics.floormod,
        tf.math.floormod,
        np.remainder,
        BINARY_SHAPES,
        domain=(same, nonzero),
        wrong=BINARY_WRONG + ZERO_WRONG,
    ),
    Row(
        semantics.truncatediv,
        tf.truncatediv,
        _truncatediv,
        BINARY_SHAPES,
        gradient=False,
        domain=(same, nonzero),
        wrong=BINARY_WRONG + ZERO_WRONG,
    ),
    Row(
        semantics.truncatemod,
        tf.truncatemod,
        np.fmod,
        BINARY_SHAPES,
        domain=(same, nonzero),
        wrong=BINARY_WRONG + ZERO_WRONG,
    ),
    Row(
        semantics.pow,
        tf.pow,
        np.power,
        BINARY_SHAPES,
        FLOATS,
        domain=(positive, above_one),
        ulp=8,
        oracle_ulp=1,
        wrong=BINARY_WRONG,
    ),
    Row(
        semantics.pow,
        tf.pow,
        np.power,
        (
            Sample(([-3, -1, 0, 2, 5], [0, 5, 3, 7, 2])),
            Sample(([[-3], [2]], [3, 1, 0])),
        ),
        INTS,
        gradient=False,
        operand_dtypes=("int32", "int32"),
        wrong=(Wrong(([2], [-1]), {}, "TFC203", "negative power"),),
    ),
    Row(semantics.maximum, tf.maximum, np.maximum, BINARY_SHAPES, ulp=1e-9, wrong=BINARY_WRONG),
    Row(semantics.minimum, tf.minimum, np.minimum, BINARY_SHAPES, ulp=1e-9, wrong=BINARY_WRONG),
    Row(
        semantics.multiply_no_nan,
        tf.math.multiply_no_nan,
        _no_nan(np.multiply),
        BINARY_SHAPES,
        FLOATS,
        wrong=FLOAT_WRONG,
    ),
    Row(
        semantics.divide_no_nan,
        tf.math.divide_no_nan,
        _no_nan(np.divide),
        BINARY_SHAPES,
        FLOATS,
        domain=(same, nonzero),
        wrong=FLOAT_WRONG,
    ),
    Row(semantics.negative, tf.negative, np.negative, UNARY_SHAPES, wrong=UNARY_WRONG),
    Row(semantics.abs, tf.abs, np.abs, UNARY_SHAPES, domain=(nonzero,), wrong=UNARY_WRONG),
    Row(semantics.sign, tf.sign, np.sign, UNARY_SHAPES, gradient=False, wrong=UNARY_WRONG),
]
