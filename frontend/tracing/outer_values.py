"""What guards ask of outside values: their kind, whether they are still the same, and how to show them."""

from __future__ import annotations

import sys
import types
from enum import Enum
from typing import Any

import numpy as np
from tfc.core.tensor import Tensor
from tfc.tracing.frame import UNBOUND
from tfc.tracing.syntax import source
from tfc.tracing.values.numbers import INT64

SCALARS = (bool, int, float, str, bytes, complex, type(None))
"""Classes whose values are compared."""


def class_attribute_of(owner: Any, name: str) -> Any:
    """A plain value that the class of an object has as attribute `name`; `UNBOUND` for methods, properties and none."""
    for base in type(owner).__mro__:
        if name in base.__dict__:
            value = base.__dict__[name]
            return UNBOUND if hasattr(value, "__get__") else value
    return UNBOUND


def has_state(value: Any) -> bool:
    """Whether a class or function is the user's, who may change its attributes."""
    if isinstance(value, types.FunctionType):
        return source.is_user_function(value)
    if not isinstance(value, type) or issubclass(value, Enum) or value.__module__ == "builtins":
        return False
    module = sys.modules.get(value.__module__)
    is_own = value.__module__.partition(".")[0] == "tfc"
    return not is_own and not source.is_library_file(getattr(module, "__file__", None) or "")


def brief(value: Any) -> str:
    """A guarded value in a few characters; objects by their class, since they may be large."""
    if isinstance(value, SCALARS):
        text = repr(value)
        return text if len(text) <= 30 else f"{text[:27]}..."
    if isinstance(value, Tensor):
        return str(value.type)
    if isinstance(value, np.ndarray):
        return f"an array {value.dtype.name}{list(value.shape)}"
    name = getattr(value, "__qualname__", "")
    return name if isinstance(name, str) and name else f"another {type(value).__name__}"


def is_held(value: Any) -> bool:
    """Whether a number fits the type that holds it at run time."""
    return isinstance(value, float) or value in INT64


def same_array(left: Any, right: np.ndarray) -> bool:
    """Whether an outer array still holds the values that were compiled in."""
    if not isinstance(left, np.ndarray | np.generic):
        return False
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    if left.dtype.kind in "fc":
        return left.tobytes() == right.tobytes()
    return bool(np.array_equal(left, right))


def same_float(left: Any, right: Any) -> bool:
    """Equality that tells -0.0 from 0.0 and takes nan for equal to itself."""
    return left == right and str(left) == str(right) if left == left else right != right  # noqa: PLR0124
