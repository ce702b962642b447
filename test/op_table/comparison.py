"""Rows of comparisons."""

from __future__ import annotations

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import comparison as semantics

from op_table.arithmetic import BINARY_WRONG
from op_table.row import BINARY_SHAPES, FLOATS, NUMBERS, UNARY_SHAPES, Row, Wrong

FLOAT_ONLY = (Wrong(([1],), {}, "TFC102", "expected a floating-point dtype, got int32"),)
DIFFERENT = (BINARY_WRONG[0], BINARY_WRONG[2])


def _order(spec, function, oracle) -> Row:
    return Row(spec, function, oracle, BINARY_SHAPES, gradient=False, wrong=BINARY_WRONG)


def _equality(spec, function, oracle) -> Row:
    dtypes = ["bool", *NUMBERS]
    return Row(spec, function, oracle, BINARY_SHAPES, dtypes, gradient=False, wrong=DIFFERENT)


def _test(spec, function, oracle) -> Row:
    return Row(spec, function, oracle, UNARY_SHAPES, FLOATS, gradient=False, wrong=FLOAT_ONLY)


ROWS = [
    _equality(semantics.equal, tf.equal, np.equal),
    _equality(semantics.not_equal, tf.not_equal, np.not_equal),
    _order(semantics.less, tf.less, np.less),
    _order(semantics.less_equal, tf.less_equal, np.less_equal),
    _order(semantics.greater, tf.greater, np.greater),
    _order(semantics.greater_equal, tf.greater_equal, np.greater_equal),
    _test(semantics.is_nan, tf.math.is_nan, np.isnan),
    _test(semantics.is_inf, tf.math.is_inf, np.isinf),
    _test(semantics.is_finite, tf.math.is_finite, np.isfinite),
]
