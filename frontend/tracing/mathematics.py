"""`math.*` on values of run time: the tensor op, and Python's errors where its result would be nan or infinity."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from tfc.tracing import primitives, staging
from tfc.tracing.frame import Frame
from tfc.tracing.intrinsics import Intrinsic, define, defines
from tfc.tracing.library import as_scalar, is_run_time
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import KIND_DTYPES, SymbolicTensor

_FLOAT64 = np.dtype(np.float64)

_MATH_NAMES = {
    "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "asinh", "acosh": "acosh",
    "atanh": "atanh", "exp": "exp", "expm1": "expm1", "log1p": "log1p", "sqrt": "sqrt",
    "erf": "erf", "erfc": "erfc", "lgamma": "lgamma", "fabs": "abs", "atan2": "atan2",
    "pow": "pow", "isnan": "is_nan", "isinf": "is_inf", "isfinite": "is_finite",
}  # fmt: skip


def _math_function(function: Any, name: str) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if not any(map(is_run_time, arguments)):
            return function(*arguments, **keywords)
        values = [_as_float(frame, item) for item in arguments]
        result = primitives.apply_named(name, *values)
        _check_domain(frame, name, values, result)
        return SymbolicNumber(bool if name.startswith("is_") else float, result)

    return run


_NAN_OUTSIDE = frozenset(
    ("sin", "cos", "tan", "asin", "acos", "acosh", "atanh", "log", "log1p", "sqrt", "pow")
)
_INFINITE_OUTSIDE = frozenset(("log", "log1p", "atanh", "lgamma"))
_TOO_LARGE = frozenset(("exp", "expm1", "sinh", "cosh", "pow"))


def _check_domain(
    frame: Frame, name: str, values: list[SymbolicTensor], result: SymbolicTensor
) -> None:
    """Raise what `math` raises where tensor ops give nan or infinity for numbers."""
    if name in _NAN_OUTSIDE:
        given = _any([primitives.apply_named("is_nan", item) for item in values])
        wrong = primitives.apply_named("is_nan", result)
        _raise_if(frame, wrong, given, ValueError("math domain error"))
    if name in _INFINITE_OUTSIDE or name in _TOO_LARGE:
        finite = [primitives.apply_named("is_finite", item) for item in values]
        given = _any([primitives.apply_named("logical_not", item) for item in finite])
        wrong = primitives.apply_named("is_inf", result)
        if name == "pow":
            zero = primitives.apply_named("equal", values[0], frame.trace.constant(0.0, _FLOAT64))
            at_zero = primitives.apply_named("logical_and", wrong, zero)
            _raise_if(frame, at_zero, given, ValueError("math domain error"))
        if name in _TOO_LARGE:
            _raise_if(frame, wrong, given, OverflowError("math range error"))
        else:
            _raise_if(frame, wrong, given, ValueError("math domain error"))


def _any(tests: list[Any]) -> Any:
    return functools.reduce(lambda x, y: primitives.apply_named("logical_or", x, y), tests)


def _raise_if(frame: Frame, wrong: Any, excused: Any, error: Exception) -> None:
    def fail() -> Any:
        raise error

    bad = primitives.apply_named(
        "logical_and", wrong, primitives.apply_named("logical_not", excused)
    )
    staging.branch(frame, frame.node, SymbolicNumber(bool, bad), fail, lambda: None)


def _as_float(frame: Frame, value: Any) -> SymbolicTensor:
    dtype = KIND_DTYPES[float]
    if isinstance(value, SymbolicNumber):
        return value.as_kind(float)
    if isinstance(value, SymbolicTensor):
        return as_scalar(value, dtype)
    return frame.trace.constant(float(value), dtype)


for _name, _op in _MATH_NAMES.items():
    _function = getattr(math, _name)
    define(_function, _math_function(_function, _op))


@defines(math.log)
def _log(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if not any(map(is_run_time, arguments)):
        return math.log(*arguments)
    log = _math_function(math.log, "log")
    logs = [log(frame, (item,), {}) if is_run_time(item) else math.log(item) for item in arguments]
    return logs[0] if len(logs) == 1 else logs[0] / logs[1]


def _rounding(function: Any) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        (value,) = arguments
        if isinstance(value, SymbolicTensor):
            value = SymbolicNumber(float, _as_float(frame, value))
        return function(value)

    return run


for _function in (math.floor, math.ceil, math.trunc):
    define(_function, _rounding(_function))
