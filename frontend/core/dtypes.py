"""`DType`: TensorFlow's names for element types."""

from __future__ import annotations

import builtins
from typing import Any, cast

import numpy as np
from tfc.core.errors import TFCTypeError, user_error
from tfc.dialects.tfc.semantics import dtypes as groups
from tfc.dialects.tfc.semantics.errors import OpError


class DType:
    """An element type, such as `tf.float32`. Equal to the NumPy dtype and to the name of the same type.

    >>> import tfc as tf
    >>> tf.float32 == "float32", tf.float32.size
    (True, 4)
    """

    __slots__ = ("name", "numpy")

    numpy: np.dtype
    """The NumPy dtype. That of bfloat16 is looked up when first asked for: it needs a package of its own."""

    def __init__(self, name: str, numpy: np.dtype | None) -> None:
        self.name = name
        if numpy is not None:
            self.numpy = numpy

    def __getattr__(self, attribute: str) -> Any:
        if attribute != "numpy":
            raise AttributeError(f"'DType' object has no attribute '{attribute}'")
        try:
            self.numpy = groups.bfloat16()
        except OpError as error:
            raise user_error(error) from None
        _BY_NUMPY[self.numpy] = self
        return self.numpy

    @property
    def as_numpy_dtype(self) -> type[Any]:
        """The NumPy scalar type: `np.float32`."""
        return self.numpy.type

    @property
    def size(self) -> int:
        """Bytes an element."""
        return self.numpy.itemsize

    @property
    def is_floating(self) -> builtins.bool:
        return groups.is_float(self.numpy)

    @property
    def is_integer(self) -> builtins.bool:
        return groups.is_int(self.numpy)

    @property
    def is_numeric(self) -> builtins.bool:
        return not self.is_bool

    @property
    def is_unsigned(self) -> builtins.bool:
        return groups.is_unsigned_int(self.numpy)

    @property
    def is_bool(self) -> builtins.bool:
        return groups.is_bool(self.numpy)

    @property
    def is_complex(self) -> builtins.bool:
        return False

    @property
    def is_quantized(self) -> builtins.bool:
        return False

    @property
    def is_numpy_compatible(self) -> builtins.bool:
        return True

    @property
    def base_dtype(self) -> DType:
        return self

    @property
    def real_dtype(self) -> DType:
        return self

    def is_compatible_with(self, other: Any) -> builtins.bool:
        return self == as_dtype(other)

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range of values of images: 0 and 1 for floats, 0 and the largest value for integers."""
        return (0, 1) if self.is_floating else (0, True if self.is_bool else self.max)

    @property
    def min(self) -> Any:
        """The smallest finite value."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest finite value."""
        return self._limits().max

    def _limits(self) -> Any:
        if self.name == "bfloat16":
            import ml_dtypes

            return ml_dtypes.finfo(self.numpy)
        if self.is_bool:
            raise TFCTypeError("TFC102", "bool has no min and no max", "cast to an integer dtype")
        return np.iinfo(self.numpy) if self.is_integer else np.finfo(self.numpy)

    def __eq__(self, other: object) -> builtins.bool:
        if self is other:
            return True
        if isinstance(other, DType) or other is None:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)


bool = DType("bool", np.dtype(np.bool_))
int8 = DType("int8", np.dtype(np.int8))
int16 = DType("int16", np.dtype(np.int16))
int32 = DType("int32", np.dtype(np.int32))
int64 = DType("int64", np.dtype(np.int64))
uint8 = DType("uint8", np.dtype(np.uint8))
uint16 = DType("uint16", np.dtype(np.uint16))
uint32 = DType("uint32", np.dtype(np.uint32))
uint64 = DType("uint64", np.dtype(np.uint64))
float16 = DType("float16", np.dtype(np.float16))
bfloat16 = DType("bfloat16", None)
float32 = DType("float32", np.dtype(np.float32))
float64 = DType("float64", np.dtype(np.float64))
half = float16
double = float64

ALL = (
    bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
    float16, bfloat16, float32, float64,
)  # fmt: skip

_BY_NAME = {dtype.name: dtype for dtype in ALL} | {"half": half, "double": double}
_BY_NUMPY: dict[np.dtype, DType] = {dtype.numpy: dtype for dtype in ALL if dtype is not bfloat16}
_BY_TYPE: dict[object, DType] = {
    builtins.bool: bool,
    int: int32,
    float: float32,
    **{dtype.numpy.type: dtype for dtype in _BY_NUMPY.values()},
}


def from_numpy(dtype: np.dtype) -> DType:
    """The `DType` of a NumPy dtype; raises `TypeError` when tensors cannot hold it."""
    found = _BY_NUMPY.get(dtype)
    if found is None:
        if groups.is_bfloat16(dtype):
            bfloat16.numpy  # noqa: B018 - registers the dtype
            return bfloat16
        native = _BY_NUMPY.get(dtype.newbyteorder("="))
        if native is None:
            raise TFCTypeError(
                "TFC108",
                f"no tensor dtype for NumPy's {dtype}",
                f"use one of {', '.join(item.name for item in ALL)}",
            )
        return native
    return found


def can_hold(dtype: np.dtype) -> builtins.bool:
    """Whether tensors can have elements of this dtype, as it is."""
    return dtype in _BY_NUMPY or groups.is_bfloat16(dtype)


_OF_OBJECTS: tuple[object, ...] = (list, tuple, dict, set, object)


def as_dtype(type_value: object) -> DType:
    """`type_value` as a `DType`: a DType, a NumPy dtype or scalar type, a name, or Python's bool, int, float.

    Python's `int` means int32 and `float` float32, as in TensorFlow. Raises `TypeError` for anything else.

    >>> import tfc as tf
    >>> tf.as_dtype("half"), tf.as_dtype(float)
    (tf.float16, tf.float32)
    """
    if type_value.__class__ is type and type_value in _BY_TYPE:
        return _BY_TYPE[type_value]
    if isinstance(type_value, DType):
        return type_value
    if isinstance(type_value, str) and type_value in _BY_NAME:
        return _BY_NAME[type_value]
    try:
        if type_value is None or type_value in _OF_OBJECTS:
            raise TypeError  # NumPy takes None for float64, and other classes for the dtype of objects
        dtype = np.dtype(cast(Any, type_value))
    except (TypeError, ValueError):
        raise TFCTypeError("TFC102", f"not a dtype: {type_value!r}", _meant(type_value)) from None
    return from_numpy(dtype)


def _meant(value: object) -> str:
    """The edit for what is no dtype."""
    if isinstance(value, int):
        return "sizes are one list: tf.ones([2, 3])"
    if isinstance(value, str):
        import difflib

        close = difflib.get_close_matches(value, _BY_NAME, 1)
        return f"use tf.{close[0]}" if close else "use tf.float32, ..."
    return "use tf.float32, ..."
