"""Comparisons: `tf.equal`, `x < y`, and tests for nan and infinity."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import comparison as semantics
from tfc.ops.applying import binary, convert_pair, unary
from tfc.ops.arithmetic import abs, subtract


def equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x == y` elementwise as bools, for tensors of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.equal([1, 2], 2).numpy()
    array([False,  True])
    """
    return binary(semantics.equal, x, y)


def not_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x != y` elementwise as bools, for tensors of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.not_equal([1, 2], 2).numpy()
    array([ True, False])
    """
    return binary(semantics.not_equal, x, y)


def less(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x < y` elementwise as bools, for numeric tensors of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.less([1, 2], 2).numpy()
    array([ True, False])
    """
    return binary(semantics.less, x, y)


def less_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x <= y` elementwise as bools, for numeric tensors of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.less_equal([1, 3], 2).numpy()
    array([ True, False])
    """
    return binary(semantics.less_equal, x, y)


def greater(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x > y` elementwise as bools, for numeric tensors of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.greater([1, 3], 2).numpy()
    array([False,  True])
    """
    return binary(semantics.greater, x, y)


def greater_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x >= y` elementwise as bools, for numeric tensors of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.greater_equal([1, 2], 2).numpy()
    array([False,  True])
    """
    return binary(semantics.greater_equal, x, y)


def approximate_equal(x: Any, y: Any, tolerance: float = 1e-05, name: str | None = None) -> Tensor:
    """Whether `abs(x - y) < tolerance` elementwise; arguments and errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.math.approximate_equal([1.0, 2.0], [1.000001, 2.1]).numpy()
    array([ True, False])
    """
    x, y = convert_pair(x, y)
    return less(abs(subtract(x, y)), tolerance)


def is_nan(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of a tensor of floats is nan (other dtypes: `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.math.is_nan([float("nan"), float("inf"), 1.0]).numpy()
    array([ True, False, False])
    """
    return unary(semantics.is_nan, x)


def is_inf(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of a tensor of floats is infinite (other dtypes: `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.math.is_inf([float("nan"), float("inf"), 1.0]).numpy()
    array([False,  True, False])
    """
    return unary(semantics.is_inf, x)


def is_finite(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of a tensor of floats is neither nan nor infinite (other dtypes: `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.math.is_finite([float("nan"), float("inf"), 1.0]).numpy()
    array([False, False,  True])
    """
    return unary(semantics.is_finite, x)
