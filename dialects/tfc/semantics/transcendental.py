"""Roots, exponentials, logarithms, trigonometric and special functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics import special
from tfc.dialects.tfc.semantics.elementwise import define
from tfc.dialects.tfc.semantics.spec import Family, OpSpec

FAMILY = Family("transcendental")


def _unary(mnemonic: str, evaluate: Callable[[Any], Any]) -> OpSpec:
    return define(FAMILY, mnemonic, evaluate, ("x",), "float")


def _in_float64(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of float64 arrays, for every float dtype."""

    def evaluate(*operands: Any) -> Any:
        wide = [np.asarray(operand, np.float64) for operand in operands]
        return function(*wide).astype(operands[0].dtype)

    return evaluate


def _rsqrt(x: Any) -> Any:
    if x.dtype.itemsize == 2:
        return _rsqrt(x.astype(np.float32)).astype(x.dtype)
    return np.reciprocal(np.sqrt(x))


sqrt = _unary("sqrt", np.sqrt)
rsqrt = _unary("rsqrt", _rsqrt)
exp = _unary("exp", np.exp)
expm1 = _unary("expm1", np.expm1)
log = _unary("log", np.log)
log1p = _unary("log1p", np.log1p)
sin = _unary("sin", np.sin)
cos = _unary("cos", np.cos)
tan = _unary("tan", np.tan)
asin = _unary("asin", np.arcsin)
acos = _unary("acos", np.arccos)
atan = _unary("atan", np.arctan)
atan2 = define(FAMILY, "atan2", np.arctan2, ("y", "x"), "float")
sinh = _unary("sinh", np.sinh)
cosh = _unary("cosh", np.cosh)
tanh = _unary("tanh", np.tanh)
asinh = _unary("asinh", np.arcsinh)
acosh = _unary("acosh", np.arccosh)
atanh = _unary("atanh", np.arctanh)
erf = _unary("erf", _in_float64(special.erf))
erfc = _unary("erfc", _in_float64(special.erfc))
erfinv = _unary("erfinv", _in_float64(special.erfinv))
ndtri = _unary("ndtri", _in_float64(special.ndtri))
lgamma = _unary("lgamma", _in_float64(special.lgamma))
digamma = _unary("digamma", _in_float64(special.digamma))
zeta = define(FAMILY, "zeta", _in_float64(special.zeta), ("x", "q"), "float")
