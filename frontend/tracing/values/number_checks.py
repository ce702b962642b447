"""Where Python's numbers differ from 64-bit ones: they raise, or become numbers that no native type holds.

Each check is a branch whose other arm raises. `BeyondNativeError` is for results that Python has and compiled code cannot hold
(an int of more than 64 bits, the complex root of a negative number): the call then runs again as plain Python, if it has done
nothing yet that is seen outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.core.errors import TFCTypeError
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.graph.control import CALL
from tfc.graph.nodes import Graph
from tfc.tracing.paths import staging
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber

_FLOAT64 = np.dtype(np.float64)
_INT64 = np.dtype(np.int64)
_LIMIT = 2.0**63


class BeyondNativeError(OverflowError):
    """A number of Python's that compiled code cannot hold."""


TOO_LARGE = "an int that is computed at run time needs more than 64 bits"
_FIX = "\n  fix: keep it smaller, or compute it outside of the compiled function"


def effects_of(graph: Graph, hand_overs: set[int]) -> set[Effect]:
    """What a program does besides computing its results; `hand_overs` are host functions that only failing paths call."""
    regions = (graph.body, *graph.functions.values())
    return {
        node.spec.effect
        for region in regions
        for node in region.walk()
        if node.spec is not CALL and node.attributes.get("function") not in hand_overs
    }


def is_repeatable(graph: Graph, hand_overs: set[int]) -> bool:
    """Whether a call that fails has changed nothing outside: it may be done again."""
    return not effects_of(graph, hand_overs) & {Effect.WRITE, Effect.HOST}


def _apply(name: str, *operands: Any) -> Any:
    return primitives.apply_named(name, *operands)


def _require(trace: Any, condition: Any, fail: Callable[[], Any]) -> None:
    """Raise what `fail` raises where `condition`, a bool tensor, does not hold."""
    frame = trace.frame
    staging.branch(frame, frame.node, SymbolicNumber(bool, condition), lambda: None, fail)


def _raiser(error: Exception) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail


def require_nonzero(trace: Any, divisor: Any, operation: str, is_float: bool) -> Any:
    """Python's `ZeroDivisionError` at run time; the divisor to use, which is 1 where it would be 0 and that is caught."""
    fail = _raiser(ZeroDivisionError(_DIVISION_TEXTS[operation, is_float]))
    if not isinstance(divisor, SymbolicNumber):
        return divisor if divisor else fail()
    is_safe = divisor != 0
    _require(trace, is_safe.tensor, fail)
    if not trace.try_depth:
        return divisor
    frame = trace.frame
    return staging.branch(frame, frame.node, is_safe, lambda: divisor, lambda: divisor.kind(1))


_DIVISION_TEXTS = {
    ("divide", False): "division by zero",
    ("divide", True): "float division by zero",
    ("floordiv", False): "integer division or modulo by zero",
    ("floordiv", True): "float floor division by zero",
    ("floormod", False): "integer modulo by zero",
    ("floormod", True): "float modulo",
    ("divmod", False): "integer division or modulo by zero",
    ("divmod", True): "float divmod()",
}
"""What Python says, by operation and whether a float takes part."""


def require_no_overflow(trace: Any, name: str, left: Any, right: Any, result: Any) -> None:
    """Python's ints do not overflow: 64 bits must be enough for the result of an int operation."""
    if name == "add":
        wrapped = _apply("bitwise_and", _xor(left, result), _xor(right, result))
    elif name == "subtract":
        wrapped = _apply("bitwise_and", _xor(left, right), _xor(left, result))
    elif name == "left_shift":
        fine = _apply("equal", _apply("right_shift", result, right), left)
        _require(trace, fine, _raiser(BeyondNativeError(TOO_LARGE + _FIX)))
        return
    else:
        # The product of two numbers that are rounded: close to the limits it may be refused though it fits.
        x, y = primitives.cast(left, _FLOAT64), primitives.cast(right, _FLOAT64)
        size = _apply("pow" if name == "pow" else "multiply", x, y)
        _require(trace, _fits(trace, size), _raiser(BeyondNativeError(TOO_LARGE + _FIX)))
        return
    _require(trace, _not_negative(trace, wrapped), _raiser(BeyondNativeError(TOO_LARGE + _FIX)))


def require_fitting(trace: Any, name: str, value: Any, known: int, swapped: bool) -> None:
    """The same of an operation with a known number, as bounds of the other one."""
    least, most = -(2**63), 2**63 - 1
    if name == "multiply":
        least, most = sorted((_toward_zero(least, known), _toward_zero(most, known)))
    elif name == "add":
        least, most = least - known, most - known
    elif swapped:
        least, most = known - most, known - least
    else:
        least, most = least + known, most + known
    tests = [("greater_equal", least)] if least > -(2**63) else []
    tests += [("less_equal", most)] if most < 2**63 - 1 else []
    fine = [_apply(test, value, trace.constant(bound, _INT64)) for test, bound in tests]
    if fine:
        both = _apply("logical_and", *fine) if len(fine) == 2 else fine[0]
        _require(trace, both, _raiser(BeyondNativeError(TOO_LARGE + _FIX)))


def _toward_zero(bound: int, factor: int) -> int:
    """The last multiple of a factor before a bound, in factors."""
    quotient = abs(bound) // abs(factor)
    return quotient if (bound < 0) == (factor < 0) else -quotient


def require_unwrapped(trace: Any, value: Any) -> None:
    """An int that a uint64 became: negative where 64 bits with a sign do not hold it."""
    _require(trace, _not_negative(trace, value), _raiser(BeyondNativeError(TOO_LARGE + _FIX)))


def int_beyond_native(trace: Any) -> Any:
    """Stands for a known int of more than 64 bits that is computed with."""
    never = trace.constant(False, np.dtype(np.bool_))
    _require(trace, trace.as_symbolic(never), _raiser(BeyondNativeError(TOO_LARGE + _FIX)))
    return trace.constant(0, _INT64)


def _xor(left: Any, right: Any) -> Any:
    return _apply("bitwise_xor", left, right)


def _fits(trace: Any, value: Any) -> Any:
    """Whether a float64 is the value of an int64, after rounding; not for nan."""
    return _apply("less", _apply("abs", value), trace.constant(_LIMIT, _FLOAT64))


def require_int(trace: Any, value: Any) -> None:
    """What `int(value)` of a float64 raises."""

    def fail() -> Any:
        frame = trace.frame
        is_nan = SymbolicNumber(bool, _apply("is_nan", value))
        nan = _raiser(ValueError("cannot convert float NaN to integer"))
        return staging.branch(frame, frame.node, is_nan, nan, too_large)

    def too_large() -> Any:
        frame = trace.frame
        is_inf = SymbolicNumber(bool, _apply("is_inf", value))
        infinite = _raiser(OverflowError("cannot convert float infinity to integer"))
        finite = _raiser(BeyondNativeError(TOO_LARGE + _FIX))
        return staging.branch(frame, frame.node, is_inf, infinite, finite)

    _require(trace, _fits(trace, value), fail)


def require_range(trace: Any, value: Any, dtype: np.dtype) -> None:
    """An int becomes a tensor of a smaller dtype only where it fits."""
    limits = np.iinfo(dtype)
    least, most = (trace.constant(n, _INT64) for n in (limits.min, min(limits.max, 2**63 - 1)))
    fine = _apply("greater_equal", value, least)
    if limits.max < 2**63 - 1:
        fine = _apply("logical_and", fine, _apply("less_equal", value, most))
    fix = "give dtype=tf.int64, or a float"
    error = TFCTypeError("TFC108", f"a Python int does not fit into {dtype.name}", fix)
    _require(trace, fine, _raiser(error))


def require_int_power(trace: Any, exponent: Any) -> None:
    """An int to the power of an int is an int unless the exponent is negative."""
    text = "an int to a negative power, which is a float\n  fix: make the base a float first"
    _require(trace, _not_negative(trace, exponent), _raiser(BeyondNativeError(text)))


def require_shift(trace: Any, count: Any) -> None:
    """Python shifts to one side only."""
    error = ValueError("negative shift count")
    _require(trace, _not_negative(trace, count), _raiser(error))


def _not_negative(trace: Any, value: Any) -> Any:
    return _apply("greater_equal", value, trace.constant(0, _INT64))


def require_real_power(trace: Any, base: Any, exponent: Any, known: Any, result: Any) -> None:
    """What `base ** exponent` of floats raises; `known` is the exponent where it is known while compiling."""
    zero = trace.constant(0.0, _FLOAT64)
    if known is None or known < 0:
        fine = _apply("not_equal", base, zero)
        if known is None:
            fine = _apply("logical_or", fine, _apply("greater_equal", exponent, zero))
        error = ZeroDivisionError("0.0 cannot be raised to a negative power")
        _require(trace, fine, _raiser(error))
    if known is None or not float(known).is_integer():
        is_nan = _apply("is_nan", result)
        given = _apply("logical_or", _apply("is_nan", base), _apply("is_nan", exponent))
        fine = _apply("logical_or", _apply("logical_not", is_nan), given)
        text = "a negative number to a fractional power, which is complex"
        _require(trace, fine, _raiser(BeyondNativeError(text + "\n  fix: test for it first")))
    if known is None or not 0 <= known <= 1:
        finite = [_apply("is_finite", item) for item in (base, exponent)]
        given = _apply("logical_not", _apply("logical_and", *finite))
        fine = _apply("logical_not", _apply("is_inf", result))
        error = OverflowError(34, "Numerical result out of range")
        _require(trace, _apply("logical_or", fine, given), _raiser(error))
