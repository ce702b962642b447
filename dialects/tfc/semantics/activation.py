"""Activation functions whose direct form is better than the composition: in numerics or in their gradient."""

from __future__ import annotations

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


def _sigmoid(x: Any) -> Any:
    wide = x.astype(accumulator_dtype(x.dtype), copy=False)
    return np.divide(1, 1 + np.exp(-wide), dtype=wide.dtype).astype(x.dtype, copy=False)


def _softplus(x: Any) -> Any:
    wide = x.astype(accumulator_dtype(x.dtype), copy=False)
    result = np.maximum(wide, 0) + np.log1p(np.exp(-np.absolute(wide)))
    return result.astype(x.dtype, copy=False)


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
sigmoid = define(FAMILY, "sigmoid", _sigmoid, ("x",), "float")
softplus = define(FAMILY, "softplus", _softplus, ("x",), "float")
softmax = FAMILY.op("softmax", _softmax, _infer_softmax, ("x",), ("axis",))
log_softmax = FAMILY.op("log_softmax", _log_softmax, _infer_softmax, ("x",), ("axis",))
