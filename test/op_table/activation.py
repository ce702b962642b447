"""Rows of activation functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import activation, arithmetic, logical

from op_table.domains import nonzero, wide
from op_table.row import FLOATS, UNARY_SHAPES, Row, Sample, Wrong

WRONG = (Wrong(([1],), {}, "TFC102", "expected a floating-point dtype, got int32"),)
AXIS = (
    Sample(((3, 5),)),
    Sample(((3, 5),), {"axis": 0}),
    Sample(((2, 3, 4),), {"axis": 1}),
    Sample(((7,),)),
    Sample(((3, 1),)),
    Sample(((0, 3),)),
    Sample(((3, 0),)),
)
AXIS_WRONG = (
    *WRONG,
    Wrong(([1.0],), {"axis": 1}, "TFC104", "axis 1 is out of range"),
    Wrong(([1.0],), {"axis": "rows"}, "TFC108", "axis: expected integers"),
    Wrong((1.0,), {}, "TFC104", "a tensor of rank 0"),
)


def _in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    def oracle(x: Any, **attributes: Any) -> Any:
        wide = x.astype(np.longdouble if x.dtype == np.float64 else np.float64)
        return function(wide, **attributes).astype(x.dtype)

    return oracle


def _softmax(x: Any, axis: int = -1) -> Any:
    powers = np.exp(x)
    return powers / powers.sum(axis, keepdims=True)


def _gelu(x: Any) -> Any:
    erf = np.vectorize(math.erf, otypes=[np.float64])
    return 0.5 * x * (1 + erf((x / math.sqrt(2)).astype(np.float64)))


SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def _composition(spec, function, oracle, ulp: float = 16) -> Row:
    return Row(
        spec,
        function,
        _in_double(oracle),
        UNARY_SHAPES,
        FLOATS,
        domain=(nonzero,),
        ulp=ulp,
        oracle_ulp=ulp,
        special=False,
    )


ROWS = [
    Row(
        activation.relu,
        tf.nn.relu,
        lambda x: np.where(x <= 0, np.zeros((), x.dtype), x),
        UNARY_SHAPES,
        domain=(nonzero,),
        ulp=1e-9,
        oracle_ulp=1e-9,
        wrong=(Wrong(([True],), {}, "TFC102", "a numeric dtype, got bool"),),
    ),
    Row(
        activation.sigmoid,
        tf.sigmoid,
        _in_double(lambda x: 1 / (1 + np.exp(-x))),
        UNARY_SHAPES,
        FLOATS,
        domain=(wide,),
        ulp=4,
        oracle_ulp=4,
        wrong=WRONG,
    ),
    Row(
        activation.softplus,
        tf.math.softplus,
        _in_double(lambda x: np.logaddexp(x, 0)),
        UNARY_SHAPES,
        FLOATS,
        domain=(wide,),
        ulp=4,
        oracle_ulp=4,
        wrong=WRONG,
    ),
    Row(
        activation.softmax,
        tf.nn.softmax,
        _in_double(_softmax),
        AXIS,
        FLOATS,
        special=False,
        ulp=8,
        oracle_ulp=8,
        wrong=AXIS_WRONG,
    ),
    Row(
        activation.log_softmax,
        tf.nn.log_softmax,
        _in_double(lambda x, axis=-1: np.log(_softmax(x, axis))),
        AXIS,
        FLOATS,
        special=False,
        ulp=16,
        oracle_ulp=16,
        wrong=AXIS_WRONG,
    ),
    _composition(logical.select, tf.nn.relu6, lambda x: np.clip(x, 0, 6)),
    _composition(logical.select, tf.nn.leaky_relu, lambda x: np.where(x > 0, x, 0.2 * x)),
    _composition(logical.select, tf.nn.elu, lambda x: np.where(x > 0, x, np.expm1(x))),
    _composition(
        logical.select,
        tf.nn.selu,
        lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(x)),
    ),
    _composition(arithmetic.multiply, tf.nn.gelu, _gelu, 64),
    _composition(arithmetic.multiply, tf.nn.silu, lambda x: x / (1 + np.exp(-x))),
    _composition(arithmetic.divide, tf.nn.softsign, lambda x: x / (1 + abs(x))),
    _composition(activation.softplus, tf.math.log_sigmoid, lambda x: -np.logaddexp(-x, 0)),
]
