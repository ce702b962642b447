"""Rows of operations on bits."""

from __future__ import annotations

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import bitwise as semantics
from tfc.ops.bitwise import population_count

from op_table.row import BINARY_SHAPES, INTS, UNARY_SHAPES, Row, Wrong

BINARY_WRONG = (
    Wrong(([1], np.ones(1, np.int64)), {}, "TFC101", "int32 and int64"),
    Wrong(([1.0], [1.0]), {}, "TFC102", "expected an integer dtype, got float32"),
    Wrong(([1, 2], [1, 2, 3]), {}, "TFC103", "int32[2] and int32[3]"),
)
UNARY_WRONG = (Wrong(([1.0],), {}, "TFC102", "expected an integer dtype, got float32"),)


def _binary(spec, function, oracle) -> Row:
    return Row(spec, function, oracle, BINARY_SHAPES, INTS, gradient=False, wrong=BINARY_WRONG)


def _population_count(x: np.ndarray) -> np.ndarray:
    bits = 8 * x.dtype.itemsize
    flat = [(int(value) % (1 << bits)).bit_count() for value in x.reshape(-1)]
    return np.array(flat, np.uint8).reshape(x.shape)


ROWS = [
    _binary(semantics.bitwise_and, tf.bitwise.bitwise_and, np.bitwise_and),
    _binary(semantics.bitwise_or, tf.bitwise.bitwise_or, np.bitwise_or),
    _binary(semantics.bitwise_xor, tf.bitwise.bitwise_xor, np.bitwise_xor),
    _binary(semantics.left_shift, tf.bitwise.left_shift, np.left_shift),
    _binary(semantics.right_shift, tf.bitwise.right_shift, np.right_shift),
    Row(
        semantics.invert,
        tf.bitwise.invert,
        np.invert,
        UNARY_SHAPES,
        INTS,
        gradient=False,
        wrong=UNARY_WRONG,
    ),
    Row(
        semantics.population_count,
        population_count,
        _population_count,
        UNARY_SHAPES,
        INTS,
        gradient=False,
        wrong=UNARY_WRONG,
    ),
]
