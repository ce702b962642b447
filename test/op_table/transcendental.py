"""Rows of roots, exponentials, logarithms, trigonometric and special functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import transcendental as semantics

from op_table.domains import above_one, inside, positive, probability, same, wide
from op_table.row import BINARY_SHAPES, FLOATS, UNARY_SHAPES, Row, Wrong

WRONG = (Wrong(([1],), {}, "TFC102", "expected a floating-point dtype, got int32"),)


def _scalar(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of Python floats on arrays, in float64 and rounded once."""

    def oracle(x: Any) -> Any:
        flat = [function(float(value)) for value in x.reshape(-1)]
        return np.array(flat, np.float64).reshape(x.shape).astype(x.dtype)

    return oracle


def _lgamma(x: float) -> float:
    if math.isinf(x) or (x <= 0 and x == int(x)):
        return math.inf
    return math.lgamma(x)


def _erfinv(p: float) -> float:
    """By bisection."""
    if not -1 < p < 1:
        return math.copysign(math.inf, p) if abs(p) == 1 else math.nan
    low, high = -7.0, 7.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle) < p else (low, middle)
    return (low + high) / 2


def _digamma(x: float) -> float:
    """The central difference of lgamma, in steps that leave ten digits."""
    h = 1e-4
    points = [math.lgamma(x + k * h) for k in (-2, -1, 1, 2)]
    return (points[0] - 8 * points[1] + 8 * points[2] - points[3]) / (12 * h)


def _zeta(s: Any, q: Any) -> Any:
    """A sum of 20,000 terms and the integral of the rest."""
    a, b = (np.asarray(v, np.float64)[..., None] for v in np.broadcast_arrays(s, q))
    total = ((b + np.arange(20000)) ** -a).sum(-1)
    end = b[..., 0] + 20000
    power = a[..., 0]
    total = total + end ** (1 - power) / (power - 1) + 0.5 * end**-power
    return np.where((power > 1) & (b[..., 0] > 0), total, np.nan).astype(np.asarray(s).dtype)


def _rsqrt(x: Any) -> Any:
    return (1 / np.sqrt(x.astype(np.float64))).astype(x.dtype)


def _unary(spec, function, oracle, domain=same, ulp=4.0, oracle_ulp=1.0, special=True) -> Row:
    return Row(
        spec,
        function,
        oracle,
        UNARY_SHAPES,
        FLOATS,
        domain=(domain,),
        ulp=ulp,
        oracle_ulp=oracle_ulp,
        special=special,
        wrong=WRONG,
    )


def _binary(spec, function, oracle, domain, ulp=4.0, oracle_ulp=1.0, **options) -> Row:
    return Row(
        spec,
        function,
        oracle,
        BINARY_SHAPES,
        FLOATS,
        domain=domain,
        ulp=ulp,
        oracle_ulp=oracle_ulp,
        wrong=(Wrong(([1.0], np.ones(1)), {}, "TFC101", "float32 and float64"),),
        **options,
    )


ROWS = [
    _unary(semantics.sqrt, tf.sqrt, np.sqrt, positive, 0, 0),
    _unary(semantics.rsqrt, tf.math.rsqrt, _rsqrt, positive, 2, 2),
    _unary(semantics.exp, tf.exp, np.exp, wide),
    _unary(semantics.expm1, tf.math.expm1, np.expm1),
    _unary(semantics.log, tf.math.log, np.log, positive),
    _unary(semantics.log1p, tf.math.log1p, np.log1p, inside),
    _unary(semantics.sin, tf.sin, np.sin, wide),
    _unary(semantics.cos, tf.cos, np.cos, wide),
    _unary(semantics.tan, tf.tan, np.tan),
    _unary(semantics.asin, tf.asin, np.arcsin, inside),
    _unary(semantics.acos, tf.acos, np.arccos, inside),
    _unary(semantics.atan, tf.atan, np.arctan),
    _binary(semantics.atan2, tf.atan2, np.arctan2, (positive, positive)),
    _unary(semantics.sinh, tf.sinh, np.sinh),
    _unary(semantics.cosh, tf.cosh, np.cosh),
    _unary(semantics.tanh, tf.tanh, np.tanh),
    _unary(semantics.asinh, tf.asinh, np.arcsinh),
    _unary(semantics.acosh, tf.acosh, np.arccosh, above_one),
    _unary(semantics.atanh, tf.atanh, np.arctanh, inside),
    _unary(semantics.erf, tf.math.erf, _scalar(math.erf), oracle_ulp=4),
    _unary(semantics.erfc, tf.math.erfc, _scalar(math.erfc), ulp=8, oracle_ulp=8),
    _unary(semantics.erfinv, tf.math.erfinv, _scalar(_erfinv), inside, 16, 16, special=False),
    _unary(
        semantics.ndtri,
        tf.math.ndtri,
        _scalar(lambda p: math.sqrt(2) * _erfinv(2 * p - 1)),
        probability,
        32,
        32,
        special=False,
    ),
    _unary(semantics.lgamma, tf.math.lgamma, _scalar(_lgamma), above_one, 64, 4),
    _unary(
        semantics.digamma, tf.math.digamma, _scalar(_digamma), above_one, 64, 1e6, special=False
    ),
    _binary(
        semantics.zeta,
        tf.math.zeta,
        _zeta,
        (above_one, positive),
        64,
        1e5,
        special=False,
        gradient=False,
    ),
]
