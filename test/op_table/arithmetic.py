"""Rows of arithmetic."""

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import arithmetic as semantics

from op_table.row import BINARY_SHAPES, UNARY_SHAPES, Row, Wrong

BINARY_WRONG = (
    Wrong(([1, 2], [1.0, 2.0]), {}, "TFC101", "different dtypes: int32 and float32"),
    Wrong(([True], [False]), {}, "TFC102", "expected a numeric dtype, got bool"),
    Wrong(([1, 2], [1, 2, 3]), {}, "TFC103", "int32[2] and int32[3]"),
)

ROWS = [
    Row(semantics.add, tf.add, np.add, BINARY_SHAPES, wrong=BINARY_WRONG),
    Row(semantics.subtract, tf.subtract, np.subtract, BINARY_SHAPES, wrong=BINARY_WRONG),
    Row(semantics.multiply, tf.multiply, np.multiply, BINARY_SHAPES, wrong=BINARY_WRONG),
    Row(semantics.negative, tf.negative, np.negative, UNARY_SHAPES),
]
