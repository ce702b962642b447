"""Rounding: `tf.floor`, `tf.math.ceil`, `tf.round`."""

from __future__ import annotations

from typing import Any

from tfc.core.convert import convert
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import rounding as semantics
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.ops.applying import unary


def floor(x: Any, name: str | None = None) -> Tensor:
    """The largest integral value that is not larger, for floats of any shape (else `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.floor([1.5, -1.5]).numpy()
    array([ 1., -2.], dtype=float32)
    """
    return unary(semantics.floor, x)


def ceil(x: Any, name: str | None = None) -> Tensor:
    """The smallest integral value that is not smaller, for floats of any shape (else `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.math.ceil([1.5, -1.5]).numpy()
    array([ 2., -1.], dtype=float32)
    """
    return unary(semantics.ceil, x)


def round(x: Any, name: str | None = None) -> Tensor:
    """The nearest integral value, ties to even, for numbers of any shape; integers stay as they are.

    >>> import tfc as tf
    >>> tf.round([0.5, 1.5, -1.7]).numpy()
    array([ 0.,  2., -2.], dtype=float32)
    """
    tensor = convert(x)
    return tensor if is_int(tensor.type.dtype) else unary(semantics.round, tensor)


def rint(x: Any, name: str | None = None) -> Tensor:
    """The nearest integral value, ties to even, for floats of any shape (else `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.math.rint([0.5, 1.5]).numpy()
    array([0., 2.], dtype=float32)
    """
    return unary(semantics.round, x)


def trunc(x: Tensor) -> Tensor:
    """The integral value next towards zero, for floats of any shape."""
    return unary(semantics.trunc, x)
