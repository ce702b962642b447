"""Arithmetic: `tf.add`, `tf.math.add`, `x + y`, and what TensorFlow composes from it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError
from tfc.core.requirements import require_list
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import arithmetic as semantics
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.ops.applying import binary, convert_pair, unary
from tfc.ops.casting import cast


def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x + y` elementwise, with broadcasting.

    Args:
        x, y: numeric tensors of one dtype, shapes that broadcast. A Python number takes the other's dtype.

    Raises:
        TypeError: dtypes differ (TFC101) or are not numeric (TFC102).
        ValueError: shapes do not broadcast (TFC103).

    >>> import tfc as tf
    >>> tf.add([1, 2], 3).numpy()
    array([4, 5], dtype=int32)
    """
    return binary(semantics.add, x, y)


def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x - y` elementwise, with broadcasting; arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.subtract([1.0, 2.0], 3.0).numpy()
    array([-2., -1.], dtype=float32)
    """
    return binary(semantics.subtract, x, y)


def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * y` elementwise, with broadcasting; arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.multiply([1, 2], [3, 4]).numpy()
    array([3, 8], dtype=int32)
    """
    return binary(semantics.multiply, x, y)


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y` elementwise, as Python divides: integers become floats first.

    Integers of 8 and 16 bits become float32, wider ones float64. Division by zero gives inf or nan.
    Arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.truediv([1, 2], 4).numpy()
    array([0.25, 0.5 ])
    """
    if not (_has_floats(x) or _has_floats(y)):
        x, y = convert_pair(x, y)
        if x.type.dtype == y.type.dtype and is_int(x.type.dtype):
            target = np.float32 if x.type.dtype.itemsize <= 2 else np.float64
            x, y = cast(x, target), cast(y, target)
    return binary(semantics.divide, x, y)


def _has_floats(x: Any) -> bool:
    return x.__class__ is Tensor and x._array.dtype.kind == "f"


def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y`, the same as `tf.truediv`.

    >>> import tfc as tf
    >>> tf.divide([1.0, 3.0], 2.0).numpy()
    array([0.5, 1.5], dtype=float32)
    """
    return truediv(x, y)


def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x // y` elementwise: the quotient rounded towards minus infinity.

    Arguments and errors as `tf.add`; also `ValueError` and `ZeroDivisionError` (TFC202) for an integer divided by zero.

    >>> import tfc as tf
    >>> tf.math.floordiv([7, -7], 2).numpy()
    array([ 3, -4], dtype=int32)
    """
    return binary(semantics.floordiv, x, y)


def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x % y` elementwise: the remainder of `tf.math.floordiv`, with the sign of `y`. Arguments and errors as there.

    >>> import tfc as tf
    >>> tf.math.floormod([7, -7], 3).numpy()
    array([1, 2], dtype=int32)
    """
    return binary(semantics.floormod, x, y)


def truncatediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y` rounded towards zero, as C divides integers. Arguments and errors as `tf.math.floordiv`.

    >>> import tfc as tf
    >>> tf.truncatediv([7, -7], 2).numpy()
    array([ 3, -3], dtype=int32)
    """
    return binary(semantics.truncatediv, x, y)


def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The remainder of `tf.truncatediv`, with the sign of `x`. Arguments and errors as there.

    >>> import tfc as tf
    >>> tf.truncatemod([7, -7], 3).numpy()
    array([ 1, -1], dtype=int32)
    """
    return binary(semantics.truncatemod, x, y)


def pow(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x ** y` elementwise. Arguments and errors as `tf.add`; also `ValueError` (TFC203) for an integer to a negative power.

    >>> import tfc as tf
    >>> tf.pow([2.0, 3.0], 2.0).numpy()
    array([4., 9.], dtype=float32)
    """
    return binary(semantics.pow, x, y)


def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The larger of `x` and `y` elementwise; nan where either is. Arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.maximum([1, 5], 3).numpy()
    array([3, 5], dtype=int32)
    """
    return binary(semantics.maximum, x, y)


def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The smaller of `x` and `y` elementwise; nan where either is. Arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.minimum([1, 5], 3).numpy()
    array([1, 3], dtype=int32)
    """
    return binary(semantics.minimum, x, y)


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * y`, and 0 where `y` is 0 even if `x` is nan or infinite. Floats; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.math.multiply_no_nan([float("nan"), 2.0], [0.0, 3.0]).numpy()
    array([0., 6.], dtype=float32)
    """
    return binary(semantics.multiply_no_nan, x, y)


def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y`, and 0 where `y` is 0. Integers become floats as in `tf.truediv`; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.math.divide_no_nan([3.0, 1.0], [2.0, 0.0]).numpy()
    array([1.5, 0. ], dtype=float32)
    """
    x, y = convert_pair(x, y)
    if x.type.dtype == y.type.dtype and is_int(x.type.dtype):
        target = np.float32 if x.type.dtype.itemsize <= 2 else np.float64
        x, y = cast(x, target), cast(y, target)
    return binary(semantics.divide_no_nan, x, y)


def negative(x: Any, name: str | None = None) -> Tensor:
    """`-x` elementwise, for a numeric tensor of any shape.

    >>> import tfc as tf
    >>> tf.negative([1, -2]).numpy()
    array([-1,  2], dtype=int32)
    """
    return unary(semantics.negative, x)


def abs(x: Any, name: str | None = None) -> Tensor:
    """The absolute value elementwise, for a numeric tensor of any shape; the lowest integer stays itself.

    >>> import tfc as tf
    >>> tf.abs([1, -2]).numpy()
    array([1, 2], dtype=int32)
    """
    return unary(semantics.abs, x)


def sign(x: Any, name: str | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of each element of a numeric tensor; nan for nan.

    >>> import tfc as tf
    >>> tf.sign([5, 0, -2]).numpy()
    array([ 1,  0, -1], dtype=int32)
    """
    return unary(semantics.sign, x)


# -- compositions -------------------------------------------------------------------------------


def square(x: Any, name: str | None = None) -> Tensor:
    """`x * x` elementwise, for a numeric tensor of any shape.

    >>> import tfc as tf
    >>> tf.square([2, -3]).numpy()
    array([4, 9], dtype=int32)
    """
    x = convert(x)
    return binary(semantics.multiply, x, x)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`(x - y) * (x - y)` elementwise; arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.math.squared_difference([1, 5], 3).numpy()
    array([4, 4], dtype=int32)
    """
    return square(subtract(x, y))


def reciprocal(x: Any, name: str | None = None) -> Tensor:
    """`1 / x` elementwise, for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.reciprocal([2.0, 4.0]).numpy()
    array([0.5 , 0.25], dtype=float32)
    """
    x = convert(x)
    return binary(semantics.divide, 1, x)


def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """`1 / x` elementwise, and 0 where `x` is 0; for floats of any shape.

    >>> import tfc as tf
    >>> tf.math.reciprocal_no_nan([2.0, 0.0]).numpy()
    array([0.5, 0. ], dtype=float32)
    """
    x = convert(x)
    return binary(semantics.divide_no_nan, 1, x)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Tensor:
    """`scalar * x`, where `scalar` has rank 0 (else `ValueError`, TFC105).

    >>> import tfc as tf
    >>> tf.math.scalar_mul(2.0, [1.0, 3.0]).numpy()
    array([2., 6.], dtype=float32)
    """
    factor, x = convert_pair(scalar, x)
    if factor.type.rank:
        raise InvalidArgumentError(
            "TFC105", f"scalar_mul: expected a scalar, got {factor.type}", "use tf.multiply"
        )
    return binary(semantics.multiply, factor, x)


def add_n(inputs: Sequence[Any], name: str | None = None) -> Tensor:
    """The sum of a list of tensors of one dtype and one shape.

    Raises:
        ValueError: the list is empty (TFC107) or shapes differ (TFC106).

    >>> import tfc as tf
    >>> tf.add_n([[1, 2], [3, 4], [5, 6]]).numpy()
    array([ 9, 12], dtype=int32)
    """
    values = [convert(value) for value in require_list("add_n: inputs", inputs)]
    if not values:
        raise InvalidArgumentError("TFC107", "add_n: the list is empty", "pass at least one tensor")
    first = values[0].type
    for value in values[1:]:
        differs = value.type.is_static and first.is_static and value.type.shape != first.shape
        if differs or value.type.rank != first.rank:
            raise InvalidArgumentError(
                "TFC106",
                f"add_n: all tensors must have one shape, got {first} and {value.type}",
                "use tf.add, which broadcasts",
            )
    return functools.reduce(add, values)


def accumulate_n(
    inputs: Sequence[Any], shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Tensor:
    """The same as `tf.add_n`; `shape` and `tensor_dtype` have no effect.

    >>> import tfc as tf
    >>> tf.math.accumulate_n([tf.constant([1, 2]), tf.constant([3, 4])]).numpy()
    array([4, 6], dtype=int32)
    """
    return add_n(inputs)
