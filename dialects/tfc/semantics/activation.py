"""Activation functions whose direct form is better than the composition: in numerics or in their gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.elementwise import define
from tfc.dialects.tfc.semantics.reduction import accumulator_dtype
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("activation")


def _relu(x: Any) -> Any:
    return np.maximum(x, np.zeros((), x.dtype))


def _in_float32(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`function`, whose operand and result are float32 where `x` has 16 bits."""

    def evaluate(x: Any) -> Any:
        if x.dtype.itemsize > 2:
            return function(x)
        return function(x.astype(np.float32)).astype(x.dtype)

    return evaluate


def _sigmoid(x: Any) -> Any:
    return np.reciprocal(1 + np.exp(-x))


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, np.zeros((), x.dtype))


def _shifted(x: Any, axis: int) -> Any:
    wide = x.astype(accumulator_dtype(x.dtype), copy=False)
    return wide - np.maximum.reduce(wide, axis=axis, keepdims=True, initial=-np.inf)


def _softmax(x: Any, *, axis: int) -> Any:
    powers = np.exp(_shifted(x, axis))
    return (powers / np.add.reduce(powers, axis=axis, keepdims=True)).astype(x.dtype, copy=False)


def _log_softmax(x: Any, *, axis: int) -> Any:
    shifted = _shifted(x, axis)
    total = np.add.reduce(np.exp(shifted), axis=axis, keepdims=True)
    return (shifted - np.log(total)).astype(x.dtype, copy=False)


def _infer_softmax(x: ArrayType, *, axis: int) -> ArrayType:
    require_group("softmax", "float", x)
    normalize_axis("softmax", axis, x.rank)
    return x


relu = define(FAMILY, "relu", _relu, ("x",))
sigmoid = define(FAMILY, "sigmoid", _in_float32(_sigmoid), ("x",), "float")
softplus = define(FAMILY, "softplus", _in_float32(_softplus), ("x",), "float")
softmax = FAMILY.op("softmax", _softmax, _infer_softmax, ("x",), ("axis",))
log_softmax = FAMILY.op("log_softmax", _log_softmax, _infer_softmax, ("x",), ("axis",))
