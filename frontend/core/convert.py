"""Turning Python and NumPy values into tensors, with TensorFlow's rules for dtypes."""

from __future__ import annotations

import functools
from typing import Any, cast

import numpy as np
from tfc.core import dtypes
from tfc.core.dtypes import DType
from tfc.core.errors import TFCTypeError
from tfc.core.tensor import Tensor

_FLOAT32 = np.dtype(np.float32)
_INT32 = np.dtype(np.int32)
_INT64 = np.dtype(np.int64)
_UINT64 = np.dtype(np.uint64)
_BOOL = np.dtype(np.bool_)
CACHE_LINE = 64
LARGE = 1 << 20
"""Bytes from which on it matters to compiled code where an array begins."""

_INTS, _FLOATS, _NUMBERS = {int}, {float}, {bool, int, float}


def convert(value: Any, dtype: np.dtype | None = None) -> Tensor:
    """`value` as a tensor of `dtype`, or of its natural one.

    Tensors and arrays keep their dtype and it is an error when another is asked for; Python numbers (and lists of them) take
    `dtype`, else int32, float32 or bool. Raises `TypeError` (TFC101, TFC108).
    """
    if value.__class__ is list or value.__class__ is tuple:
        return _from_sequence(value, dtype)
    if isinstance(value, Tensor):
        if dtype is not None and value.type.dtype != dtype:
            if getattr(value, "stands_for_array", False):
                return cast(Any, value).__tf_tensor__(dtype)
            raise TFCTypeError(
                "TFC101",
                f"expected a {dtype.name} tensor, got {value.type.dtype.name}",
                f"convert it with tf.cast(x, tf.{dtype.name})",
            )
        return value
    if isinstance(value, np.ndarray | np.generic):
        return Tensor._wrap(_from_numpy(np.asarray(value), dtype))
    to_tensor = getattr(value, "__tf_tensor__", None)
    if to_tensor is not None:
        return to_tensor(dtype)
    return _from_python(value, dtype)


def _from_numpy(array: np.ndarray, dtype: np.dtype | None) -> np.ndarray:
    dtypes.from_numpy(array.dtype)  # raises for dtypes that tensors cannot hold
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if dtype is not None and array.dtype != dtype:
        array = array.astype(dtype)
    elif array.flags.writeable:
        array = _aligned_copy(array)  # the caller may write to theirs, tensors do not change
    return array


def _aligned_copy(array: np.ndarray) -> np.ndarray:
    """A copy; a large one begins at a cache line, which NumPy's do not: half of their vectors lie across two."""
    if array.nbytes < LARGE or array.dtype.hasobject:
        return array.copy()
    memory = np.empty(array.nbytes + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def _from_python(value: Any, dtype: np.dtype | None) -> Tensor:
    kind = type(value)
    if kind is bool:
        natural = _BOOL
    elif kind is int:
        natural = _INT32
    elif kind is float:
        natural = _FLOAT32
    else:
        return _from_sequence(value, dtype)
    target = dtype or natural
    _check_scalar(value, natural, target)
    return Tensor._wrap(np.array(value, target))


def home_of(value: float) -> str:
    """The name of a dtype that holds a Python number."""
    if isinstance(value, float):
        return "float32"
    for dtype in (_INT32, _INT64, _UINT64):
        if value in _range_of(dtype):
            return dtype.name
    return "float64"


@functools.cache
def _range_of(dtype: np.dtype) -> range:
    """The integers that a dtype holds."""
    limits = np.iinfo(dtype)
    return range(int(limits.min), int(limits.max) + 1)


def _check_scalar(value: Any, natural: np.dtype, target: np.dtype) -> None:
    if natural is _FLOAT32 and target.kind in "iu" and value - value != 0:
        raise TFCTypeError(
            "TFC108",
            f"cannot convert {value!r} to {target.name}: no integer stands for it",
            "use a float dtype, or select with tf.where(tf.math.is_nan(x), 0.0, x) first",
        )
    if natural is _FLOAT32 and target.kind in "iub":
        raise TFCTypeError(
            "TFC108",
            f"cannot convert {value!r} to {target.name}",
            f"write tf.cast({value!r}, tf.{target.name}) to cut the fraction off",
        )
    if natural is not _BOOL and target.kind == "b":
        raise TFCTypeError(
            "TFC108",
            f"cannot convert {value!r} to {target.name}",
            f"use tf.cast(x, tf.{target.name})",
        )
    if natural is _INT32 and target.kind in "iu" and value not in _range_of(target):
        raise TFCTypeError(
            "TFC108",
            f"{value} does not fit into {target.name}",
            f"give dtype=tf.{home_of(value)}",
        )


def _from_sequence(value: Any, dtype: np.dtype | None) -> Tensor:
    flat = _from_flat(value, dtype)
    if flat is not None:
        return Tensor._wrap(flat)
    if isinstance(value, list | tuple | range) and _holds_tensors(value):
        from tfc.ops.packing import pack

        return pack(value, dtype)
    try:
        array = np.array(value)
    except ValueError as error:
        raise TFCTypeError(
            "TFC108",
            f"not a rectangular array of numbers: {error}",
            "make all rows the same length",
        ) from None
    if value is None:
        raise TFCTypeError(
            "TFC108", "None is used as a tensor", "test it before: if x is not None: ..."
        )
    if array.dtype.kind not in "biufV":
        raise TFCTypeError(
            "TFC108",
            f"cannot convert the {type(value).__name__} {_shorten(value)} to a tensor",
            "pass numbers, or lists and arrays of numbers",
        )
    if dtype is None and not hasattr(value, "__array__"):
        dtype = _natural_dtype(value, array)
    if dtype is not None and array.dtype != dtype:
        _check_array(array, dtype)
        array = array.astype(dtype)
    dtypes.from_numpy(array.dtype)
    return Tensor._wrap(array)


def _from_flat(value: Any, dtype: np.dtype | None) -> np.ndarray | None:
    """A list of ints as integers, or of floats as floats, when that is all there is to it."""
    if value.__class__ is not list and value.__class__ is not tuple:
        return None
    kinds = {*map(type, value)}
    try:
        if kinds == _INTS and (dtype is None or dtype.kind in "iu"):
            return np.array(value, dtype or _INT32)
        if kinds == _FLOATS and (dtype is None or dtype.kind == "f"):
            return np.array(value, dtype or _FLOAT32)
    except OverflowError:  # what follows has the message
        pass
    return None


def _natural_dtype(value: Any, array: np.ndarray) -> np.dtype:
    """The dtype of a sequence that became `array`: floats of NumPy keep theirs where they come first."""
    if array.dtype.kind == "f":
        while isinstance(value, list | tuple) and value:
            value = value[0]
        return value.dtype if isinstance(value, np.floating) else _FLOAT32
    if array.dtype.kind in "iu":
        return _INT32
    return array.dtype


def _check_array(array: np.ndarray, dtype: np.dtype) -> None:
    if array.dtype.kind == "f" and dtype.kind in "iub" and array.size:
        _check_scalar(array.flat[0].item(), _FLOAT32, dtype)
    if array.dtype.kind in "iu" and dtype.kind in "iu" and array.size and array.dtype != dtype:
        for extreme in (array.min(), array.max()):
            _check_scalar(int(extreme), _INT32, dtype)


def _holds_tensors(value: Any) -> bool:
    if _NUMBERS.issuperset(map(type, value)):
        return False
    for item in value:
        if item.__class__ in _NUMBERS:
            continue
        if isinstance(item, Tensor):
            return True
        if hasattr(item, "__tf_tensor__"):
            return not getattr(item, "stands_for_array", False)  # NumPy stacks arrays
        if isinstance(item, list | tuple):
            if _holds_tensors(item):
                return True
        else:
            return False
    return False


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def as_numpy_dtype(dtype: Any) -> np.dtype | None:
    """The NumPy dtype of what a user gives as `dtype=`; None stays None."""
    if dtype.__class__ is DType:
        return dtype.numpy
    return None if dtype is None else dtypes.as_dtype(dtype).numpy


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Tensor:
    """A constant tensor: a copy of `value`, reshaped or filled to `shape`.

    Python ints become int32, floats float32. Raises `TypeError` when `value` is not an array of numbers and `ValueError`
    when it does not fit `shape`.

    >>> import tfc as tf
    >>> tf.constant([1.0, 2.0]).shape
    TensorShape([2])
    """
    target = as_numpy_dtype(dtype)
    if isinstance(value, np.ndarray) and target is not None:
        value = value.astype(target)
    tensor = convert(value, target)
    if shape is None:
        return tensor
    from tfc.ops.shape import broadcast_to, reshape, static_ints

    wanted = static_ints(shape, "constant: shape")

    return (
        broadcast_to(tensor, wanted)
        if tensor.shape.num_elements() == 1
        else reshape(tensor, wanted)
    )


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Tensor:
    """`value` as a tensor: tensors pass through, arrays are copied when writeable, numbers take `dtype` or `dtype_hint`.

    Raises:
        ValueError: `value` is a tensor of another dtype than `dtype` (TFC101), or numbers that it does not hold (TFC108).
        TypeError: `value` is not an array of numbers (TFC108).

    >>> import tfc as tf
    >>> tf.convert_to_tensor([1, 2], dtype_hint=tf.float32)
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>
    """
    target = as_numpy_dtype(dtype)
    if target is None and dtype_hint is not None and not isinstance(value, Tensor):
        try:
            return convert(value, as_numpy_dtype(dtype_hint))
        except TFCTypeError:
            return convert(value)
    return convert(value, target)
