"""Lists that hold tensors become one tensor: `tf.constant([x, 1.0])`, `tf.stack([[a, b], [c, d]])`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import joining
from tfc.ops.applying import convert_array, is_array, is_tensor_like


def pack(value: Sequence[Any], dtype: np.dtype | None = None) -> Tensor:
    """The tensor of shape (len(value), ...) that holds the items; numbers among them take the tensors' dtype.

    Raises `TypeError` (TFC101) when dtypes differ and `ValueError` (TFC106) when shapes do.
    """
    return _pack(value, dtype or _dtype_of_tensors(value))


def _pack(value: Any, dtype: np.dtype | None) -> Tensor:
    if is_tensor_like(value) or not isinstance(value, list | tuple):
        return convert(value, dtype)
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    if not items:
        return Tensor._wrap(np.zeros((0,), dtype))
    return apply(joining.stack, *[_pack(item, dtype) for item in items], axis=0)


def _dtype_of_tensors(value: Any) -> np.dtype | None:
    """The dtype of the first tensor in a nested list."""
    if is_tensor_like(value):
        return convert(value).type.dtype
    if isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            found = _dtype_of_tensors(item)
            if found is not None:
                return found
    return None


def as_tensors(values: Any, op: str) -> Sequence[Tensor]:
    """The operands of `tf.stack`, `tf.concat` and their like; numbers among tensors take the tensors' dtype.

    A tensor stands for its rows. Raises `TypeError` TFC108 for what is not a sequence.
    """
    if values.__class__ is list or values.__class__ is tuple:
        for item in values:
            if item.__class__ is not Tensor:
                break
        else:
            return values
    if is_tensor_like(values) or is_array(values):
        return list(convert(values))
    if not isinstance(values, Sequence):
        try:
            values = list(values)
        except TypeError:
            raise TFCTypeError(
                "TFC108", f"{op}: expected a list of tensors, got {values!r}", "pass [x, y, ...]"
            ) from None
    dtype = _dtype_of_tensors(list(values))  # pyright: ignore[reportUnknownArgumentType]
    tensors: list[Tensor] = []
    for item in values:  # pyright: ignore[reportUnknownVariableType]
        if item.__class__ is Tensor:
            tensors.append(item)
        elif is_tensor_like(item):
            tensors.append(convert(item))
        elif is_array(item):
            tensors.append(convert_array(item, dtype))
        else:
            tensors.append(convert(item, dtype))
            dtype = dtype or tensors[0].type.dtype
    return tensors
