"""Truth values: of plain values at once, of symbolic ones as a `SymbolicNumber` of class bool."""

from __future__ import annotations

from collections import deque
from types import FunctionType
from typing import Any

from tfc.core.errors import TFCTypeError
from tfc.core.recording import STATE
from tfc.core.variable import Variable
from tfc.tracing import operations
from tfc.tracing.calling import calls
from tfc.tracing.frame import Frame
from tfc.tracing.operators import PLAIN
from tfc.tracing.paths import choices
from tfc.tracing.strings import text
from tfc.tracing.syntax.source import is_user_function
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice, SymbolicTensor


def truth(frame: Frame, value: Any) -> Any:
    """True, False, or a symbolic bool."""
    kind = value.__class__
    if kind is bool:
        return value
    if kind is SymbolicNumber:
        return value if value.kind is bool else value != 0
    if isinstance(value, Variable):
        value = value.value()
    if isinstance(value, SymbolicTensor):
        return tensor_truth(value)
    if kind is Choice:
        return truth(frame, choices.over_choices(frame, lambda item: truth(frame, item), value))
    if kind in PLAIN:
        return bool(value)
    method = user_method(value, "__bool__") or user_method(value, "__len__")
    if method is not None:
        return truth(frame, calls.call_value(frame, method, (value,), {}))
    if (
        isinstance(value, list | dict | set | frozenset | tuple | deque)
        or kind is text.SymbolicText
    ):
        return truth(frame, operations.length(frame, value) != 0)
    return bool(value)


def tensor_truth(tensor: SymbolicTensor) -> Any:
    """The truth of a tensor of one element; raises `TypeError` TFC111 for a larger one."""
    kind = tensor.type
    if any(size != 1 for size in kind.shape):
        raise TFCTypeError(
            "TFC111",
            f"the truth value of a tensor of shape {tensor.shape} is ambiguous",
            "use tf.reduce_any(x) or tf.reduce_all(x)",
        )
    if kind.shape:
        tensor = primitives.function_named("reshape")(tensor, ())
    if kind.dtype.kind != "b":
        zero = tensor._scope.trace.constant(0, kind.dtype)
        tensor = primitives.apply_named("not_equal", tensor, zero)
    return SymbolicNumber(bool, tensor.snapshot())


def find_method(kind: type, name: str) -> FunctionType | None:
    """The Python function behind a special method of a class; None when it is C code or absent."""
    for base in kind.__mro__:
        found = base.__dict__.get(name)
        if found is not None:
            return found if isinstance(found, FunctionType) else None
    return None


def user_method(value: Any, name: str) -> FunctionType | None:
    """The user's own Python function behind a special method of a value, to be interpreted."""
    if not name or value.__class__ in PLAIN:
        return None
    kind = value.__class__
    found = find_method(kind, name)
    if found is None or not is_user_function(found):
        return None
    recorder: Any = STATE.recorder
    if recorder is not None:
        recorder.guards.require_class_attribute(kind, name, found)
    return found
