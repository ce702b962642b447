"""Conversions between dtypes: `tf.cast`, `tf.saturate_cast`, `tf.bitcast`."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply
from tfc.core.dtypes import from_numpy
from tfc.core.errors import TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import casting as semantics
from tfc.dialects.tfc.semantics.dtypes import is_bool, is_float, is_int
from tfc.ops.sizes import Size


def _target(dtype: Any) -> np.dtype:
    target = as_numpy_dtype(dtype)
    if target is None:
        raise TFCTypeError("TFC107", "cast: a dtype is needed, got None", "give tf.float32")
    return target


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`x` converted by value to `dtype`.

    Floats become integers by cutting the fraction off; values outside of the integers become the nearest one and nan
    becomes 0. Numbers become bools by `x != 0`. Narrower integers keep the low bits.

    Raises:
        TypeError: `x` or `dtype` is not a number or bool (TFC102, TFC108).

    >>> import tfc as tf
    >>> tf.cast([1.8, -2.2], tf.int32).numpy()
    array([ 1, -2], dtype=int32)
    """
    target = _target(dtype)
    tensor = x if x.__class__ is Tensor else convert(x)
    if (tensor._array if tensor.__class__ is Tensor else tensor.type).dtype == target:
        return tensor
    return apply(semantics.cast, tensor, dtype=target)


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`value` converted to `dtype`, with values that do not fit replaced by the nearest one that does.

    Errors as `tf.cast`.

    >>> import tfc as tf
    >>> tf.saturate_cast([300, -5], tf.uint8).numpy()
    array([255,   0], dtype=uint8)
    """
    tensor = convert(value)
    source, target = tensor.type.dtype, _target(dtype)
    if is_bool(source) or is_bool(target):
        return cast(tensor, target)
    limits = from_numpy(target)
    if is_int(source):
        low, high, have = int(limits.min), int(limits.max), np.iinfo(source)
        tensor = _clip(tensor, low if low > have.min else None, high if high < have.max else None)
    elif is_float(target) and target.itemsize < source.itemsize:
        tensor = _clip(tensor, float(limits.min), float(limits.max))
    return cast(tensor, target)


def _clip(tensor: Tensor, low: float | None, high: float | None) -> Tensor:
    from tfc.ops.arithmetic import maximum, minimum

    if low is not None:
        tensor = maximum(tensor, low)
    return tensor if high is None else minimum(tensor, high)


def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The bits of `input` seen as the numeric dtype `type`.

    A narrower dtype adds a last dimension, a wider one consumes it.

    Raises:
        TypeError: a dtype is bool (TFC102).
        ValueError: the last dimension is not the ratio of the widths (TFC106).

    >>> import tfc as tf
    >>> hex(tf.bitcast(1.0, tf.int32).numpy())
    '0x3f800000'
    """
    tensor = convert(input)
    target = _target(type)
    if tensor.type.dtype == target:
        return tensor
    return apply(semantics.bitcast, tensor, dtype=target)


def to_float(x: Tensor) -> Tensor:
    """`x` in a dtype that sums and means of it are exact enough in: 16-bit floats in float32, the rest as it is."""
    dtype = (x._array if x.__class__ is Tensor else x.type).dtype
    return cast(x, np.float32) if dtype.itemsize == 2 and is_float(dtype) else x


def wide_size(size: Size) -> Tensor:
    """A size as int64."""
    return convert(size, np.dtype(np.int64)) if isinstance(size, int) else cast(size, np.int64)
