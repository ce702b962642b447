"""Rows of assertions; the op has no result, so the function under test is `check_numerics`."""

from __future__ import annotations

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import assertion as semantics

from op_table.row import FLOATS, UNARY_SHAPES, Row, Wrong

ROWS = [
    Row(
        semantics.assert_,
        lambda x: tf.debugging.check_numerics(x, "x"),
        np.array,
        UNARY_SHAPES,
        FLOATS,
        gradient=False,
        special=False,
        wrong=(
            Wrong(([1.0, float("nan")],), {}, "TFC204", "x : Tensor had Inf or NaN"),
            Wrong(([1],), {}, "TFC102", "expected a floating-point dtype, got int32"),
        ),
    ),
]
