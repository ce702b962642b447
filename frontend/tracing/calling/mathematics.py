"""`math.*` on run-time values: the tensor op, and Python's errors where the result would be nan or infinity."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics import host
from tfc.tracing import operations
from tfc.tracing.calling.intrinsics import Intrinsic, define, defines
from tfc.tracing.calling.library import as_scalar, is_run_time
from tfc.tracing.frame import Frame
from tfc.tracing.paths import choices, staging
from tfc.tracing.values import number_checks, primitives
from tfc.tracing.values.numbers import SymbolicNumber, fits_int64
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

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

    return choices.of_each(run)


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
@choices.of_each
def _log(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if not any(map(is_run_time, arguments)):
        return math.log(*arguments)
    log = _math_function(math.log, "log")
    logs = [log(frame, (item,), {}) if is_run_time(item) else math.log(item) for item in arguments]
    return logs[0] if len(logs) == 1 else logs[0] / logs[1]


_ON_HOST = {
    float: ("copysign", "fmod", "remainder", "hypot", "log2", "log10", "degrees", "radians", "cbrt", "exp2", "gamma",
            "nextafter", "ulp", "ldexp"),
    int: ("gcd", "lcm", "isqrt", "comb", "perm", "factorial"),
    bool: ("isclose",),
}  # fmt: skip
"""Functions whose every digit counts, which no arithmetic on floats gives: Python's own is called. By class of result."""


@functools.cache
def _host_function(
    function: Any, kind: type, given: tuple[Any, ...], named: tuple[tuple[str, Any], ...]
) -> int:
    """The number of the host function; `given` are the known arguments, None where one comes at run time."""

    def run(*arrays: np.ndarray) -> np.ndarray:
        values = iter(arrays)
        full = [next(values).item() if item is None else item for item in given]
        result = function(*full, **dict(named))
        if kind is int and not fits_int64(result):
            raise number_checks.BeyondNativeError(number_checks.TOO_LARGE)
        return np.array(result, KIND_DTYPES[kind])

    return host.register(run)


def _hosted(function: Any, kind: type) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if not any(map(is_run_time, arguments)):
            return function(*arguments, **keywords)
        operands: list[SymbolicTensor] = []
        for item in arguments:
            if isinstance(item, SymbolicNumber):
                operands.append(item.tensor)
            elif isinstance(item, SymbolicTensor):
                is_int = item.type.dtype.kind in "iu"
                operands.append(as_scalar(item, KIND_DTYPES[int if is_int else float]))
        if function in (math.log2, math.log10):
            wrong = SymbolicNumber(float, _as_float(frame, arguments[0])) <= 0.0
            error = ValueError("math domain error")
            staging.branch(frame, frame.node, wrong, _raiser(error), lambda: None)
            one = primitives.cast(frame.trace.constant(1.0, _FLOAT64), operands[0].type.dtype)
            operands[0] = primitives.select(wrong.tensor, one, operands[0])  # where it is caught
        given = tuple([None if is_run_time(item) else item for item in arguments])
        number = _host_function(function, kind, given, tuple(sorted(keywords.items())))
        attributes = {"function": number, "result_types": ((KIND_DTYPES[kind], ()),)}
        result = frame.trace.record(host.pure_host_call, tuple(operands), attributes)
        return SymbolicNumber(kind, result)

    return choices.of_each(run)


def _raiser(error: Exception) -> Any:
    def fail() -> Any:
        raise error

    return fail


for _kind, _names in _ON_HOST.items():
    for _name in _names:
        define(getattr(math, _name), _hosted(getattr(math, _name), _kind))


def _mantissa(x: float) -> float:
    return math.frexp(x)[0]


def _exponent(x: float) -> int:
    return math.frexp(x)[1]


def _exact_sum(*items: float) -> float:
    return math.fsum(items)


@defines(math.frexp)
def _frexp(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    parts = _hosted(_mantissa, float), _hosted(_exponent, int)
    return tuple([part(frame, arguments, keywords) for part in parts])


@defines(math.fsum)
def _fsum(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    items = tuple(operations.iterate(frame, *arguments))
    return _hosted(_exact_sum, float)(frame, items, keywords)


_METHODS = {int: (int.bit_length, int.bit_count), bool: (float.is_integer,)}
"""Methods of numbers whose bits count. By class of result."""

for _kind, _functions in _METHODS.items():
    for _function in _functions:
        define(_function, _hosted(_function, _kind))

_power = _hosted(pow, int)


@defines(pow)
@choices.of_each
def _pow(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) == 2 and any(map(is_run_time, arguments)):
        return arguments[0] ** arguments[1]
    if any(isinstance(item, SymbolicTensor) for item in arguments):
        return pow(*arguments, **keywords)
    return _power(frame, arguments, keywords)


def _rounding(function: Any) -> Intrinsic:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        (value,) = arguments
        if isinstance(value, SymbolicTensor):
            value = SymbolicNumber(float, _as_float(frame, value))
        return function(value)

    return choices.of_each(run)


for _function in (math.floor, math.ceil, math.trunc):
    define(_function, _rounding(_function))
