"""Rows of reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import reduction as semantics

from op_table.domains import nonzero
from op_table.row import FLOATS, NUMBERS, Row, Sample, Wrong

SAMPLES = (
    Sample(((3, 5),), {"axis": 1}),
    Sample(((3, 5),)),
    Sample(((3, 5),), {"axis": 0, "keepdims": True}),
    Sample(((2, 3, 17),), {"axis": (0, -1)}),
    Sample(((2, 3, 4),), {"axis": [1], "keepdims": True}),
    Sample(((2, 3, 4),), {"axis": ()}),
    Sample(((),)),
    Sample(((1, 4),), {"axis": 0}),
    Sample(((40, 33),), {"axis": 0}),
)
EMPTY = (Sample(((0, 3),), {"axis": 0}), Sample(((2, 0),), {"axis": 0}), Sample(((0,),)))
AXIS_WRONG = (
    Wrong(([1.0],), {"axis": 1}, "TFC104", "axis 1 is out of range for a tensor of rank 1"),
    Wrong(([[1.0]],), {"axis": (0, -2)}, "TFC104", "duplicate axis"),
    Wrong(([[1.0]],), {"axis": "rows"}, "TFC108", "axis: expected integers, got 'rows'"),
    Wrong(([[1.0]],), {"axis": [0, [1]]}, "TFC108", "axis: expected integers, got [1]"),
)
NUMBER_WRONG = (*AXIS_WRONG, Wrong(([True],), {}, "TFC102", "a numeric dtype, got bool"))
FLOAT_WRONG = (*AXIS_WRONG, Wrong(([1],), {}, "TFC102", "a floating-point dtype, got int32"))


def _wide(x: Any) -> Any:
    return x.astype(np.float64) if x.dtype.kind not in "iub" else x


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _exact(function: Callable[..., Any]) -> Callable[..., Any]:
    """Floats reduced in float64 and rounded once, integers in their own dtype."""

    def oracle(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        options = {"dtype": x.dtype} if x.dtype.kind in "iu" else {}
        result = function(_wide(x), axis=_axis(axis), keepdims=keepdims, **options)
        return np.asarray(result).astype(x.dtype)

    return oracle


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    def oracle(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(x, axis=_axis(axis), keepdims=keepdims)

    return oracle


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    wide = x.astype(np.longdouble if x.dtype == np.float64 else np.float64)
    total = np.log(np.exp(wide).sum(axis=_axis(axis), keepdims=keepdims))
    return np.asarray(total).astype(x.dtype)


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.dtype.kind not in "iu":
        return _exact(np.mean)(x, axis, keepdims)
    total = np.sum(x, axis=_axis(axis), dtype=x.dtype, keepdims=keepdims)
    count = max(x.size // max(total.size, 1), 1)
    return np.trunc(total / count).astype(x.dtype)


def _euclidean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sqrt(np.sum(_wide(x) ** 2, axis=_axis(axis), keepdims=keepdims)).astype(x.dtype)


def _norm(ord: Any) -> Callable[..., Any]:
    def oracle(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        axis = _axis(axis)
        x64 = _wide(x)
        if axis is None:
            x64, axis = x64.reshape(-1), 0
        return np.linalg.norm(x64, ord, axis, keepdims).astype(x.dtype)

    return oracle


def _count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.asarray(np.count_nonzero(x, axis=_axis(axis), keepdims=keepdims), np.int64)


def _float_row(spec, function, oracle, ulp: float, samples=SAMPLES, **options: Any) -> Row:
    return Row(
        spec,
        function,
        oracle,
        samples,
        FLOATS,
        special=False,
        ulp=ulp,
        oracle_ulp=ulp,
        wrong=FLOAT_WRONG,
        **options,
    )


ARG_SAMPLES = (
    Sample(((3, 5),), {"axis": 1}),
    Sample(((3, 5),)),
    Sample(((2, 3, 17),), {"axis": -1, "output_type": "int32"}),
    Sample(((6,),)),
    Sample(((40, 33),), {"axis": 0}),
    Sample(((2, 0, 3),), {"axis": 2}),
)
ARG_WRONG = (
    Wrong(([1.0],), {"axis": 1}, "TFC104", "axis 1 is out of range"),
    Wrong(([1.0],), {"axis": 0.5}, "TFC108", "axis: expected integers, got 0.5"),
    Wrong((np.zeros((0, 3)),), {"axis": 0}, "TFC121", "axis 0 has no elements"),
    Wrong(([1.0],), {"output_type": "float32"}, "TFC107", "an integer dtype, got float32"),
)


def _arg(function: Callable[..., Any]) -> Callable[..., Any]:
    def oracle(x: Any, axis: int = 0, output_type: str = "int64") -> Any:
        return np.asarray(function(x, axis)).astype(output_type)

    return oracle


ROWS = [
    Row(
        semantics.reduce_sum,
        tf.reduce_sum,
        _exact(np.sum),
        SAMPLES + EMPTY,
        special=False,
        ulp=8,
        oracle_ulp=8,
        wrong=NUMBER_WRONG,
    ),
    Row(
        semantics.reduce_prod,
        tf.reduce_prod,
        _exact(np.prod),
        SAMPLES[:8] + EMPTY,
        special=False,
        domain=(nonzero,),
        ulp=32,
        oracle_ulp=32,
        wrong=NUMBER_WRONG,
    ),
    Row(
        semantics.reduce_max,
        tf.reduce_max,
        _plain(np.max),
        SAMPLES,
        ulp=1e-9,
        oracle_ulp=1e-9,
        wrong=NUMBER_WRONG,
    ),
    Row(
        semantics.reduce_min,
        tf.reduce_min,
        _plain(np.min),
        SAMPLES,
        ulp=1e-9,
        oracle_ulp=1e-9,
        wrong=NUMBER_WRONG,
    ),
    Row(
        semantics.reduce_any,
        tf.reduce_any,
        _plain(np.any),
        SAMPLES + EMPTY,
        ["bool"],
        gradient=False,
        wrong=(Wrong(([1],), {}, "TFC102", "a bool dtype, got int32"),),
    ),
    Row(
        semantics.reduce_all,
        tf.reduce_all,
        _plain(np.all),
        SAMPLES + EMPTY,
        ["bool"],
        gradient=False,
        wrong=(Wrong(([1],), {}, "TFC102", "a bool dtype, got int32"),),
    ),
    _float_row(semantics.reduce_logsumexp, tf.reduce_logsumexp, _logsumexp, 8, SAMPLES + EMPTY),
    Row(
        semantics.argmax,
        tf.argmax,
        _arg(np.argmax),
        ARG_SAMPLES,
        ["bool", *NUMBERS],
        gradient=False,
        wrong=ARG_WRONG,
    ),
    Row(
        semantics.argmin,
        tf.argmin,
        _arg(np.argmin),
        ARG_SAMPLES,
        ["bool", *NUMBERS],
        gradient=False,
        wrong=ARG_WRONG,
    ),
    Row(
        semantics.reduce_sum,
        tf.reduce_mean,
        _mean,
        SAMPLES,
        special=False,
        ulp=8,
        oracle_ulp=8,
        wrong=NUMBER_WRONG,
    ),
    _float_row(semantics.reduce_sum, tf.math.reduce_variance, _exact(np.var), 16),
    _float_row(semantics.reduce_sum, tf.math.reduce_std, _exact(np.std), 16, SAMPLES[:5]),
    _float_row(semantics.reduce_sum, tf.norm, _norm(None), 8, SAMPLES[:3]),
    Row(
        semantics.reduce_sum,
        tf.math.reduce_euclidean_norm,
        _euclidean,
        SAMPLES,
        FLOATS,
        special=False,
        domain=(nonzero,),
        ulp=8,
        oracle_ulp=8,
        wrong=AXIS_WRONG,
    ),
    Row(
        semantics.reduce_sum,
        tf.math.count_nonzero,
        _count_nonzero,
        SAMPLES + EMPTY,
        ["bool", *NUMBERS],
        gradient=False,
        special=False,
        wrong=AXIS_WRONG,
    ),
]
