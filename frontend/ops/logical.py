"""Logic: `tf.logical_and`, and the choice between two tensors that `tf.where` makes."""

from __future__ import annotations

from typing import Any

from tfc.core.convert import convert
from tfc.core.dispatch import apply, apply_quick
from tfc.core.recording import ACTIVE, STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import logical as semantics
from tfc.dialects.tfc.semantics.dtypes import BOOL
from tfc.ops.applying import binary, convert_pair, unary


def logical_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Elementwise and of bools, with broadcasting.

    Raises `TypeError` (TFC102) for other dtypes and `ValueError` (TFC103) for shapes that do not broadcast.

    >>> import tfc as tf
    >>> tf.math.logical_and([True, False], [True, True]).numpy()
    array([ True, False])
    """
    return binary(semantics.logical_and, x, y)


def logical_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Elementwise or of bools, with broadcasting.

    Raises `TypeError` (TFC102) for other dtypes and `ValueError` (TFC103) for shapes that do not broadcast.

    >>> import tfc as tf
    >>> tf.math.logical_or([True, False], [True, True]).numpy()
    array([ True,  True])
    """
    return binary(semantics.logical_or, x, y)


def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Tensor:
    """Elementwise exclusive or of bools, with broadcasting.

    Raises `TypeError` (TFC102) for other dtypes and `ValueError` (TFC103) for shapes that do not broadcast.

    >>> import tfc as tf
    >>> tf.math.logical_xor([True, False], [True, True]).numpy()
    array([False,  True])
    """
    return binary(semantics.logical_xor, x, y)


def logical_not(x: Any, name: str | None = None) -> Tensor:
    """Elementwise not of bools; `TypeError` (TFC102) for other dtypes.

    >>> import tfc as tf
    >>> tf.math.logical_not([True, False]).numpy()
    array([False,  True])
    """
    return unary(semantics.logical_not, x)


def select(condition: Any, x: Any, y: Any) -> Tensor:
    """`x` where `condition` is true, `y` elsewhere; all three broadcast. `tf.where` with three arguments.

    Raises:
        TypeError: `condition` is not bool (TFC102), or `x` and `y` have different dtypes (TFC101).
        ValueError: shapes do not broadcast (TFC103).
    """
    x, y = convert_pair(x, y)
    if condition.__class__ is x.__class__ is y.__class__ is Tensor and not (ACTIVE and STATE.tapes):
        mask, left, right = condition._array, x._array, y._array
        if mask.dtype is BOOL and left.dtype is right.dtype:
            return apply_quick(semantics.select, mask, left, right)
    return apply(semantics.select, convert(condition), x, y)
