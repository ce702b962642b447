"""Rows of logic and of the choice between two tensors."""

from __future__ import annotations

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import logical as semantics
from tfc.ops.logical import select

from op_table.row import BINARY_SHAPES, NUMBERS, UNARY_SHAPES, Row, Sample, Wrong

BOOL_ONLY = (
    Wrong(([1], [0]), {}, "TFC102", "expected a bool dtype, got int32"),
    Wrong(([True] * 2, [True] * 3), {}, "TFC103", "bool[2] and bool[3]"),
)


def _binary(spec, function, oracle) -> Row:
    return Row(spec, function, oracle, BINARY_SHAPES, ["bool"], gradient=False, wrong=BOOL_ONLY)


ROWS = [
    _binary(semantics.logical_and, tf.logical_and, np.logical_and),
    _binary(semantics.logical_or, tf.logical_or, np.logical_or),
    _binary(semantics.logical_xor, tf.math.logical_xor, np.logical_xor),
    Row(
        semantics.logical_not,
        tf.logical_not,
        np.logical_not,
        UNARY_SHAPES,
        ["bool"],
        gradient=False,
        wrong=(Wrong(([1],), {}, "TFC102", "expected a bool dtype, got int32"),),
    ),
    Row(
        semantics.select,
        select,
        np.where,
        (
            Sample(((4,), (4,), (4,))),
            Sample(((3, 4), (4,), (3, 1))),
            Sample(((), (3,), ())),
            Sample(((), (), ())),
            Sample(((3, 1), (), (1, 4))),
            Sample(((0,), (0,), (1,))),
        ),
        ["bool", *NUMBERS],
        operand_dtypes=("bool", None, None),
        wrong=(
            Wrong(([1], [1.0], [2.0]), {}, "TFC102", "expected a bool dtype, got int32"),
            Wrong(([True], [1.0], [2]), {}, "TFC101", "float32 and int32"),
            Wrong(([True] * 2, [1] * 3, [2]), {}, "TFC103", "do not broadcast"),
        ),
    ),
]
