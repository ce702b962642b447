"""Bits of integers: `tf.bitwise`."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import bitwise as semantics
from tfc.ops.applying import binary, unary


def bitwise_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Bitwise and of integers of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.bitwise.bitwise_and(6, 3).numpy()
    np.int32(2)
    """
    return binary(semantics.bitwise_and, x, y)


def bitwise_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Bitwise or of integers of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.bitwise.bitwise_or(6, 3).numpy()
    np.int32(7)
    """
    return binary(semantics.bitwise_or, x, y)


def bitwise_xor(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Bitwise exclusive or of integers of one dtype, with broadcasting; errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.bitwise.bitwise_xor(6, 3).numpy()
    np.int32(5)
    """
    return binary(semantics.bitwise_xor, x, y)


def left_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x << y` of integers of one dtype, with broadcasting; errors as `tf.add`.

    A shift by the width of the type or more leaves 0 or the sign.

    >>> import tfc as tf
    >>> tf.bitwise.left_shift(6, 3).numpy()
    np.int32(48)
    """
    return binary(semantics.left_shift, x, y)


def right_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x >> y`, which copies the sign of signed integers of integers of one dtype, with broadcasting; errors as `tf.add`.

    A shift by the width of the type or more leaves 0 or the sign.

    >>> import tfc as tf
    >>> tf.bitwise.right_shift(-8, 1).numpy()
    np.int32(-4)
    """
    return binary(semantics.right_shift, x, y)


def invert(x: Any, name: str | None = None) -> Tensor:
    """All bits of integers inverted; `TypeError` (TFC102) for other dtypes.

    >>> import tfc as tf
    >>> tf.bitwise.invert(0).numpy()
    np.int32(-1)
    """
    return unary(semantics.invert, x)


def population_count(x: Any) -> Tensor:
    """The number of bits set in each integer, as uint8; `TypeError` (TFC102) for other dtypes."""
    return unary(semantics.population_count, x)
