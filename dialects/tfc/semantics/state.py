"""Variables: references that are read and assigned in program order."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType, VariableType

FAMILY = Family("state")


def _read(cell: list[np.ndarray]) -> np.ndarray:
    """A variable is evaluated as a list that holds its array."""
    return cell[0]


def _infer_read(variable: VariableType) -> ArrayType:
    return variable.content


def _assign(cell: list[np.ndarray], value: np.ndarray) -> tuple[()]:
    cell[0] = value
    return ()


def _infer_assign(variable: VariableType, value: ArrayType) -> tuple[()]:
    content = variable.content
    if value.dtype != content.dtype:
        raise OpError(
            "TFC101",
            f"assign: the variable holds {content.dtype.name}, the value is {value.dtype.name}",
            f"convert the value: tf.cast(value, tf.{content.dtype.name})",
        )
    agrees = len(value.shape) == len(content.shape) and all(
        a is None or b is None or a == b for a, b in zip(value.shape, content.shape, strict=True)
    )
    if not agrees:
        raise OpError(
            "TFC106",
            f"assign: the variable holds {content}, the value is {value}",
            "assign a value of the variable's shape, or create it with shape=tf.TensorShape(None)",
        )
    return ()


read = FAMILY.op("read", _read, _infer_read, ("variable",), effect=Effect.READ)
assign = FAMILY.op("assign", _assign, _infer_assign, ("variable", "value"), effect=Effect.WRITE)
