"""Arithmetic on numbers: what each op means in NumPy, and the type of its result."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.elementwise import define
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family

FAMILY = Family("arithmetic")

_XY = ("x", "y")


def _checked_divisor(op: str, x: Any, y: Any) -> bool:
    """Whether the operands are integers; raises `OpError` TFC202 when one of the divisors is zero."""
    if x.dtype.kind not in "iu":
        return False
    if np.count_nonzero(y) != y.size and x.size:
        raise division_by_zero(op)
    return True


def division_by_zero(op: str) -> OpError:
    """The error for an integer divided by zero, the same eagerly and compiled."""
    return OpError("TFC202", f"{op.removeprefix('tfc.')}: integer division by zero")


def negative_exponent() -> OpError:
    """The error for an integer raised to a negative power, the same eagerly and compiled."""
    return OpError(
        "TFC203",
        "pow: an integer cannot be raised to a negative power",
        "cast to a floating-point dtype first: tf.cast(x, tf.float32)",
    )


def _floordiv(x: Any, y: Any) -> Any:
    if _checked_divisor("floordiv", x, y):
        return np.floor_divide(x, y)
    return np.floor(np.divide(x, y))


def _floormod(x: Any, y: Any) -> Any:
    _checked_divisor("floormod", x, y)
    return np.remainder(x, y)


def _truncatediv(x: Any, y: Any) -> Any:
    if not _checked_divisor("truncatediv", x, y):
        return np.trunc(np.divide(x, y))
    quotient = np.floor_divide(x, y)
    return quotient + ((quotient < 0) & (quotient * y != x)).astype(quotient.dtype)


def _truncatemod(x: Any, y: Any) -> Any:
    _checked_divisor("truncatemod", x, y)
    return np.fmod(x, y)


def _pow(x: Any, y: Any) -> Any:
    if y.dtype.kind == "i" and np.count_nonzero(np.less(y, 0)):
        raise negative_exponent()
    return np.power(x, y)


def _multiply_no_nan(x: Any, y: Any) -> Any:
    return np.where(y, np.multiply(x, y), np.zeros((), x.dtype))


def _divide_no_nan(x: Any, y: Any) -> Any:
    return np.where(y, np.divide(x, y), np.zeros((), x.dtype))


add = define(FAMILY, "add", np.add, _XY)
subtract = define(FAMILY, "subtract", np.subtract, _XY)
multiply = define(FAMILY, "multiply", np.multiply, _XY)
divide = define(FAMILY, "divide", np.divide, _XY, "float")
floordiv = define(FAMILY, "floordiv", _floordiv, _XY)
floormod = define(FAMILY, "floormod", _floormod, _XY)
truncatediv = define(FAMILY, "truncatediv", _truncatediv, _XY)
truncatemod = define(FAMILY, "truncatemod", _truncatemod, _XY)
pow = define(FAMILY, "pow", _pow, _XY)
maximum = define(FAMILY, "maximum", np.maximum, _XY)
minimum = define(FAMILY, "minimum", np.minimum, _XY)
multiply_no_nan = define(FAMILY, "multiply_no_nan", _multiply_no_nan, _XY, "float")
divide_no_nan = define(FAMILY, "divide_no_nan", _divide_no_nan, _XY, "float")
negative = define(FAMILY, "negative", np.negative, ("x",))
abs = define(FAMILY, "abs", np.absolute, ("x",))
sign = define(FAMILY, "sign", np.sign, ("x",))
