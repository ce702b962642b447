"""How public functions apply an op: operands converted together, then dispatched."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert, home_of
from tfc.core.dispatch import apply, apply_quick, apply_to_one
from tfc.core.errors import TFCTypeError, user_error
from tfc.core.recording import ACTIVE, STATE
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import OpSpec

_NUMBERS = (float, int, bool)
_EXACT = 1 << 24
"""Up to this every integer is a float32."""


def unary(spec: OpSpec, x: Any) -> Tensor:
    """Apply an op with one operand."""
    if x.__class__ is Tensor and x._array.dtype in spec.quick:
        return apply_to_one(spec, x)
    return apply(spec, x if x.__class__ is Tensor else convert(x))


def binary(spec: OpSpec, x: Any, y: Any) -> Tensor:
    """Apply an op with two operands of one dtype; a Python number or array adapts to the other operand."""
    if x.__class__ is Variable:
        x = x.value()
    if y.__class__ is Variable:
        y = y.value()
    if x.__class__ is Tensor:
        left = x._array
        dtype = left.dtype
        if dtype in spec.quick:
            if y.__class__ is Tensor:
                right = y._array
                if right.dtype is dtype:
                    result = apply_quick(spec, left, right)
                    if ACTIVE:
                        for tape in STATE.tapes:
                            tape.record(spec, (x, y), {}, (result,))
                    return result
            elif not (ACTIVE and STATE.tapes):
                if is_weak(y, dtype):
                    return apply_quick(spec, left, _weak(spec, y, dtype))
                if y.__class__ is np.ndarray and y.dtype is dtype:
                    return apply_quick(spec, left, y)
    elif y.__class__ is Tensor and not (ACTIVE and STATE.tapes):
        right = y._array
        dtype = right.dtype
        if dtype in spec.quick:
            if is_weak(x, dtype):
                return apply_quick(spec, _weak(spec, x, dtype), right)
            if x.__class__ is np.ndarray and x.dtype is dtype:
                return apply_quick(spec, x, right)
    if x.__class__ is not Tensor or y.__class__ is not Tensor:
        x, y = convert_pair(x, y)
    return apply(spec, x, y)


def is_weak(number: Any, dtype: np.dtype) -> bool:
    """Whether NumPy itself adapts a Python number to `dtype` exactly as `convert_like` does."""
    if number.__class__ is float:
        return dtype.kind == "f"
    if number.__class__ is not int:
        return False
    if 0 <= number < 128:
        return dtype.kind != "b"
    return dtype.itemsize >= 4 and dtype.kind in "if" and -_EXACT <= number <= _EXACT


def _weak(spec: OpSpec, number: Any, dtype: np.dtype) -> Any:
    """A weak number as an operand: ufuncs take it as it is."""
    return number if spec.evaluate.__class__ is np.ufunc else np.array(number, dtype)


def convert_pair(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Two operands as tensors: what is not a tensor yet takes the dtype of the one that is, if it fits."""
    if x.__class__ is Variable:
        x = x.value()
    if y.__class__ is Variable:
        y = y.value()
    if x.__class__ is Tensor and y.__class__ is Tensor:
        return x, y
    if is_tensor_like(x):
        left = convert(x)
        return left, convert_like(y, left)
    if is_tensor_like(y):
        right = convert(y)
        return convert_like(x, right), right
    left, right = convert(x), convert(y)
    if left.type.dtype != right.type.dtype:
        if is_number(x) and not (is_number(y) and left.type.dtype.kind == "f"):
            return convert_like(x, right), right
        if is_number(y):
            return left, convert_like(y, left)
    return left, right


def is_number(value: Any) -> bool:
    """Whether `value` is a number of Python, also one of a trace."""
    return isinstance(value, bool | int | float) or getattr(value, "adapts_dtype", False)


def convert_like(value: Any, other: Tensor | Variable) -> Tensor:
    """`value` as a tensor, in the dtype of `other` where its kind allows."""
    dtype = other.type.dtype
    if value.__class__ not in _NUMBERS:
        if is_tensor_like(value):
            return convert(value)
        if is_array(value):
            return convert_array(value, dtype)
    try:
        return convert(value, dtype)
    except TFCTypeError as error:
        if not isinstance(value, bool | int | float):
            raise
        raise TFCTypeError(
            error.code,
            f"{error.message}, the dtype of the other operand",
            f"convert the other operand: tf.cast(x, tf.{home_of(value)})",
        ) from None


def convert_array(value: Any, dtype: np.dtype | None) -> Tensor:
    """An array of NumPy as a tensor of `dtype` where its kind allows: integers become floats, floats no integers."""
    if dtype is not None and not np.can_cast(value.dtype, dtype, "same_kind"):
        dtype = dtype if value.dtype.kind in "iu" and dtype.kind in "iu" else None
    return convert(value, dtype)


def is_array(value: Any) -> bool:
    """Whether `value` is an array or scalar of NumPy, or stands for one that a compiled function closes over."""
    return isinstance(value, np.ndarray | np.generic) or getattr(value, "stands_for_array", False)


def is_tensor_like(value: Any) -> bool:
    """Whether `value` has a dtype of its own that must not be adapted: tensors and variables, not numbers of a trace."""
    if value.__class__ is Tensor:
        return True
    if getattr(value, "stands_for_array", False):
        return False
    if isinstance(value, Tensor):
        return True
    return hasattr(value, "__tf_tensor__") and not getattr(value, "adapts_dtype", False)


def require_floats(op: str, x: Tensor) -> Tensor:
    """`x`; raises `TypeError` TFC102 unless it has a floating-point dtype."""
    try:
        require_group(op, "float", x.type)
    except OpError as error:
        raise user_error(error) from None
    return x
