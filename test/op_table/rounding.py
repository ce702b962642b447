"""Rows of rounding."""

from __future__ import annotations

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import rounding as semantics
from tfc.ops.rounding import trunc

from op_table.domains import wide
from op_table.row import FLOATS, UNARY_SHAPES, Row, Wrong

WRONG = (Wrong(([1],), {}, "TFC102", "expected a floating-point dtype, got int32"),)


def _row(spec, function, oracle, wrong=WRONG) -> Row:
    return Row(
        spec, function, oracle, UNARY_SHAPES, FLOATS, gradient=False, domain=(wide,), wrong=wrong
    )


ROWS = [
    _row(semantics.floor, tf.floor, np.floor),
    _row(semantics.ceil, tf.math.ceil, np.ceil),
    _row(semantics.round, tf.math.rint, np.rint),
    _row(semantics.round, tf.round, np.round, ()),
    _row(semantics.trunc, trunc, np.trunc),
]
