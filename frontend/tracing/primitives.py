"""The ops that the interpreter itself records: arithmetic and comparisons of numbers, casts, selection."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.core.tensor import Tensor

_PLACES = ("tfc", "tfc.math", "tfc.bitwise")


@functools.cache
def function_named(name: str) -> Callable[..., Any]:
    """The public function `tf.<name>`, `tf.math.<name>` or `tf.bitwise.<name>`."""
    import importlib

    for place in _PLACES:
        try:
            found = getattr(importlib.import_module(place), name, None)
        except ModuleNotFoundError:
            continue
        if found is not None:
            return found
    raise AttributeError(f"tfc has no op called {name}")


def apply_named(name: str, *inputs: Tensor) -> Any:
    """Apply the op behind the public function `name`."""
    return function_named(name)(*inputs)


def cast(tensor: Tensor, dtype: np.dtype) -> Any:
    """`tensor` in another dtype; nothing is recorded when it has it already."""
    if tensor.type.dtype == dtype:
        return tensor
    return function_named("cast")(tensor, dtype)


def select(condition: Tensor, x: Tensor, y: Tensor) -> Any:
    """`x` where `condition` holds, else `y`."""
    from tfc.ops.logical import select as apply_select

    return apply_select(condition, x, y)


def require_nonzero(trace: Any, divisor: Any, operation: str) -> Any:
    """Python's `ZeroDivisionError` at run time; the divisor to use, which is 1 where it would be 0 and that is caught."""
    from tfc.tracing import staging
    from tfc.tracing.numbers import SymbolicNumber

    if not isinstance(divisor, SymbolicNumber):
        return divisor

    def fail() -> Any:
        texts = {
            "floordiv": "integer division or modulo by zero",
            "floormod": "integer modulo by zero",
        }
        if divisor.kind is float or operation == "division":
            text = "division by zero" if operation == "division" else "float floor division by zero"
        else:
            text = texts[operation]
        raise ZeroDivisionError(text)

    frame = trace.frame
    is_safe = divisor != 0
    staging.branch(frame, frame.node, is_safe, lambda: None, fail)
    if not trace.try_depth:
        return divisor
    return staging.branch(frame, frame.node, is_safe, lambda: divisor, lambda: divisor.kind(1))


LIMIT = 2.0**63


def require_no_overflow(trace: Any, name: str, left: Any, right: Any, result: Any) -> None:
    """Python's ints do not overflow: where 64 bits are too few, the call ends in an `OverflowError`."""
    from tfc.tracing import staging
    from tfc.tracing.numbers import SymbolicNumber

    xor, conjunction = function_named("bitwise_xor"), function_named("bitwise_and")
    if name == "add":
        wrapped = less_than_zero(trace, conjunction(xor(left, result), xor(right, result)))
    elif name == "subtract":
        wrapped = less_than_zero(trace, conjunction(xor(left, right), xor(left, result)))
    else:
        wide = np.dtype(np.float64)
        x, y = cast(left, wide), cast(right, wide)
        if name == "left_shift":
            y = function_named("pow")(trace.constant(2.0, wide), y)
        size = function_named("pow")(x, y) if name == "pow" else function_named("multiply")(x, y)
        magnitude = function_named("abs")(size)
        wrapped = function_named("greater_equal")(magnitude, trace.constant(LIMIT, wide))

    def fail() -> Any:
        raise OverflowError("an int that is computed at run time needs more than 64 bits")

    frame = trace.frame
    staging.branch(frame, frame.node, SymbolicNumber(bool, wrapped), fail, lambda: None)


def less_than_zero(trace: Any, value: Any) -> Any:
    """Whether an int64 tensor is negative."""
    return function_named("less")(value, trace.constant(0, np.dtype(np.int64)))
