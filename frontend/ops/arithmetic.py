"""Arithmetic: `tf.add`, `tf.math.add`, `x + y`."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import arithmetic as semantics
from tfc.ops.applying import binary, unary


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


def negative(x: Any, name: str | None = None) -> Tensor:
    """`-x` elementwise, for a numeric tensor of any shape.

    >>> import tfc as tf
    >>> tf.negative([1, -2]).numpy()
    array([-1,  2], dtype=int32)
    """
    return unary(semantics.negative, x)
