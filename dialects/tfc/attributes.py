"""Python attribute values of an `OpSpec` to and from xDSL attributes, and `ArrayType` to and from tensor types."""

from __future__ import annotations

import functools
from typing import Any, cast

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import bfloat16
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.types import ArrayType, VariableType
from tfc.dialects.tfc.types import VariableHandleType
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    BFloat16Type,
    BoolAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    Float64Type,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    NoneAttr,
    Signedness,
    StringAttr,
    TensorType,
    UnitAttr,
    f32,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute, TypeAttribute

_FLOATS: dict[str, Attribute] = {
    "float16": Float16Type(),
    "float32": f32,
    "float64": f64,
    "bfloat16": BFloat16Type(),
}
_FLOAT_DTYPES: dict[type[Attribute], np.dtype] = {
    Float16Type: np.dtype(np.float16),
    Float32Type: np.dtype(np.float32),
    Float64Type: np.dtype(np.float64),
}


@functools.cache
def element_type(dtype: np.dtype) -> TypeAttribute:
    """The element type of `dtype` in the tensor stage: `i1` for bool, `ui8`... for unsigned integers."""
    if dtype.kind == "b":
        return i1
    if dtype.kind in "iu":
        signedness = Signedness.UNSIGNED if dtype.kind == "u" else Signedness.SIGNLESS
        return IntegerType(8 * dtype.itemsize, signedness)
    return cast(TypeAttribute, _FLOATS[dtype.name])


@functools.cache
def dtype_of(element: Attribute) -> np.dtype:
    """The NumPy dtype of an element type; raises `KeyError` for a type that tensors cannot hold."""
    if isinstance(element, IntegerType):
        width = element.width.data
        if width == 1:
            return np.dtype(np.bool_)
        unsigned = element.signedness.data is Signedness.UNSIGNED
        return np.dtype(f"{'u' if unsigned else ''}int{width}")
    if isinstance(element, BFloat16Type):
        return bfloat16()
    return _FLOAT_DTYPES[type(element)]


@functools.cache
def tensor_type(kind: ArrayType) -> TensorType[Any]:
    """The tensor type of `kind`, `?` where a size is unknown."""
    shape = [DYNAMIC_INDEX if size is None else size for size in kind.shape]
    return TensorType(element_type(kind.dtype), shape)


@functools.cache
def array_type(tensor: TensorType[Any]) -> ArrayType:
    """The `ArrayType` of a tensor type."""
    shape = tuple(None if size == DYNAMIC_INDEX else size for size in tensor.get_shape())
    return ArrayType(dtype_of(tensor.element_type), shape)


@functools.cache
def value_type(kind: Attribute) -> ArrayType | VariableType:
    """What inference calls the type of a value; raises `OpError` TFC108 for what no op takes."""
    if isinstance(kind, VariableHandleType):
        return VariableType(array_type(kind.content))
    if isinstance(kind, TensorType):
        return array_type(cast("TensorType[Any]", kind))
    raise OpError("TFC108", f"expected a tensor, got {kind}")


@functools.cache
def ir_type(kind: ArrayType | VariableType) -> TypeAttribute:
    """The type of a value in the tensor stage."""
    if isinstance(kind, VariableType):
        return VariableHandleType(tensor_type(kind.content))
    return tensor_type(kind)


def dense_attribute(array: np.ndarray) -> DenseIntOrFPElementsAttr:
    """A dense constant with the bytes of `array`."""
    from xdsl.dialects.builtin import BytesAttr

    kind = tensor_type(ArrayType(array.dtype, array.shape))
    data = np.ascontiguousarray(array).tobytes()
    return DenseIntOrFPElementsAttr(kind, BytesAttr(data))


def is_splat(attribute: DenseIntOrFPElementsAttr) -> bool:
    """Whether there are elements and all have the same bytes: unlike by `==`, 0.0 and -0.0 differ, and nan may repeat."""
    data = attribute.data.data
    width = attribute.get_element_type().compile_time_size
    return bool(data) and data == data[:width] * (len(data) // width)


def dense_array(attribute: DenseIntOrFPElementsAttr) -> np.ndarray:
    """The array held by a dense constant."""
    kind = array_type(cast(TensorType[Any], attribute.type))
    shape = cast(tuple[int, ...], kind.shape)
    data = np.frombuffer(attribute.data.data, kind.dtype)
    if data.size == 1 and shape != ():
        return np.broadcast_to(data.reshape(()), shape).copy()
    return data.reshape(shape)


def to_attribute(value: Any) -> Attribute:
    """The xDSL attribute for a Python attribute value; raises `TypeError` for anything else."""
    if isinstance(value, bool):
        return BoolAttr.from_bool(value)
    if isinstance(value, int):
        return IntegerAttr(value, i64)
    if isinstance(value, float):
        return FloatAttr(value, f64)
    if isinstance(value, str):
        return StringAttr(value)
    if isinstance(value, np.dtype):
        return element_type(cast("np.dtype[Any]", value))
    if isinstance(value, np.ndarray):
        return dense_attribute(cast("np.ndarray[Any, Any]", value))
    if value is None:
        return NoneAttr()
    if isinstance(value, tuple):
        items = cast("tuple[Any, ...]", value)
        if all(type(item) is int for item in items):
            return DenseArrayBase.from_list(i64, list(items))
        return ArrayAttr([to_attribute(item) for item in items])
    raise TypeError(f"no attribute for {value!r}")


def from_attribute(attribute: Attribute) -> Any:
    """The Python value of an attribute made by `to_attribute`; raises `TypeError` for anything else."""
    match attribute:
        case IntegerAttr():
            value = attribute.value.data
            return bool(value) if attribute.type == i1 else value
        case FloatAttr():
            return attribute.value.data
        case StringAttr():
            return attribute.data
        case DenseArrayBase():
            return tuple(cast("DenseArrayBase[Any]", attribute).get_values())
        case DenseIntOrFPElementsAttr():
            return dense_array(attribute)
        case ArrayAttr():
            return tuple(from_attribute(item) for item in attribute.data)
        case NoneAttr():
            return None
        case UnitAttr():
            return True
        case _:
            try:
                return dtype_of(attribute)
            except KeyError:
                raise TypeError(f"no Python value for {attribute}") from None
