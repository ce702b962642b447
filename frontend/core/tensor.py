"""`Tensor`: a handle to an array. Its operators are attached by `frontend/ops/operators.py`.

`x[key] = v` gives the tensor object new values, which every name of the object sees. Its array may be shared, with other tensors
and with NumPy: it is written to only when nobody else can see it, else the tensor gets another one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from tfc.core import dtypes
from tfc.core.dtypes import DType
from tfc.core.errors import TFCTypeError
from tfc.core.operands import Operands
from tfc.core.recording import ACTIVE, STATE
from tfc.core.shape import TensorShape
from tfc.dialects.tfc.semantics.types import ArrayType

_AS_VECTOR = "make it a vector first: tf.reshape(x, [1])"


_new = object.__new__
_new_tuple = tuple.__new__


class Tensor(Operands):
    """An array. `x[key] = v` changes it; what was computed from it before, and arrays that it gave, keep their values.

    Made by `tf.constant`, `tf.convert_to_tensor` and by ops. `numpy()` gives the values; NumPy functions take tensors as they
    are. While a function is being compiled its values are `SymbolicTensor`s, a subclass without values.
    """

    # The last two are those of `SymbolicTensor`: a tensor becomes one when it is assigned something not yet known.
    # `_origin` is that of an item of a variable: the variable and the key.
    __slots__ = ("__weakref__", "_array", "_origin", "_scope", "_value")

    __array_priority__ = 100

    stands_for_array = False
    adapts_dtype = False
    """Of tensors that stand for an array of NumPy, or a Python number, while a function is traced."""

    _array: np.ndarray
    _origin: tuple[Any, Any]
    _scope: Any
    _value: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TFCTypeError(
            "TFC108", "tf.Tensor is not called to make one", "use tf.constant(value)"
        )

    @classmethod
    def _wrap(cls, array: Any) -> Tensor:
        """A tensor around `array`, which may be shared with others that do not write to it. NumPy scalars become rank 0."""
        tensor = _new(cls)
        tensor._array = array if array.__class__ is np.ndarray else np.asarray(array)
        return tensor

    @property
    def key(self) -> int:
        """Identifies this value to gradient tapes for as long as the tensor lives and is not assigned."""
        return id(self)

    def snapshot(self) -> Tensor:
        """Another tensor with the values that this one has now."""
        return Tensor._wrap(self._array)

    def become(self, other: Tensor) -> None:
        """Take the values of another tensor, whatever tapes or a trace know of this one."""
        if other.__class__ is Tensor:
            self._array = other._array
        else:
            if self.__class__ is Tensor:
                del self._array
            self._value, self._scope = other._value, other._scope
        self.__class__ = other.__class__  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def type(self) -> ArrayType:
        """dtype and shape as the compiler sees them."""
        array = self._array
        return _new_tuple(ArrayType, (array.dtype, array.shape))  # half the time of ArrayType(...)

    @property
    def dtype(self) -> DType:
        return dtypes.from_numpy(self.type.dtype)

    @property
    def shape(self) -> TensorShape:
        return TensorShape.of(self.type.shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def ndim(self) -> int:
        return len(self.type.shape)

    @property
    def name(self) -> str:
        return ""

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def numpy(self) -> Any:
        """The values: an ndarray that must not be written to, or a NumPy scalar for rank 0."""
        array = self._array
        if array.ndim == 0:
            return array[()]
        view = array.view()
        view.flags.writeable = False
        return view

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self._array
        if dtype is not None and np.dtype(dtype) != array.dtype:
            return array.astype(dtype)
        if copy:
            return array.copy()
        view = array.view()
        view.flags.writeable = False
        return view

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(cast(Any, self.__array__()))

    def __bool__(self) -> bool:
        array = self._array
        if array.size != 1:
            raise TFCTypeError(
                "TFC111",
                f"the truth value of a tensor of shape {self.shape} is ambiguous",
                "use tf.reduce_any(x) or tf.reduce_all(x)",
            )
        return bool(array)

    def __int__(self) -> int:
        return int(self._item())

    def __trunc__(self) -> int:
        return int(self)

    def __float__(self) -> float:
        return float(self._item())

    def __complex__(self) -> complex:
        return complex(self._item())

    def _item(self) -> Any:
        if self._array.size != 1:
            raise TFCTypeError(
                "TFC112", f"a tensor of shape {self.shape} is not one number", "take an item: x[0]"
            )
        return self._array.item()

    def __index__(self) -> int:
        array = self._array
        if array.ndim or array.dtype.kind not in "iu":
            raise TFCTypeError(
                "TFC112",
                f"only integer scalars can be used as an index, got {self.type}",
                "take an item, x[0]" if array.ndim else "convert it: tf.cast(x, tf.int32)",
            )
        return int(array[()])

    def __len__(self) -> int:
        shape = self.type.shape
        if not shape:
            raise TFCTypeError("TFC113", "a scalar tensor has no len()", _AS_VECTOR)
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.type.shape:
            raise TFCTypeError("TFC113", "cannot iterate over a scalar tensor", _AS_VECTOR)
        return self._rows()

    def _rows(self) -> Iterator[Tensor]:
        rows = (
            self.__copy__() if STATE.tapes else self
        )  # those of now, whatever is assigned meanwhile
        array = rows._array
        for index in range(len(array)):
            if ACTIVE and STATE.tapes:
                yield rows[index]
            else:
                row = _new(Tensor)
                row._array = array[index, ...]
                yield row

    def __format__(self, spec: str) -> str:
        if self._array.ndim == 0:
            return format(self._array[()].item() if spec else self._array[()], spec)
        return format(self._array, spec)

    def __hash__(self) -> int:
        raise TFCTypeError(
            "TFC114",
            "tensors are not hashable, since == compares their values",
            "use x.ref() as a dictionary key",
        )

    def ref(self) -> TensorReference:
        """A hashable stand-in for this very tensor: `d[x.ref()]`."""
        return TensorReference(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self.__copy__()

    def __copy__(self) -> Tensor:
        from tfc.ops.shape import identity

        return identity(self)

    def __reduce__(self) -> Any:
        return _rebuild, (self._array,)

    def __repr__(self) -> str:
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={values_text(self._array)}>"

    def __str__(self) -> str:
        body = _on_lines_of_its_own(str(self._array if self.ndim else self._array[()]))
        return f"tf.Tensor({body}, shape={self.shape}, dtype={self.dtype.name})"


def values_text(array: np.ndarray) -> str:
    """The values of a tensor or variable as its `repr` shows them."""
    return _on_lines_of_its_own(repr(array)) if array.ndim else repr(array.item())


def _on_lines_of_its_own(text: str) -> str:
    return "\n" + text if "\n" in text else text


_UNSHARED = 3
"""References that `sys.getrefcount` counts in `unshared` when only the holder has the array."""


def unshared(holder: Any) -> np.ndarray:
    """The array of a tensor or variable, to write to: a copy when something else can see it."""
    array = holder._array
    flags = array.flags
    is_own = flags.carray and flags.owndata
    del flags  # refers to the array
    if is_own and sys.getrefcount(array) <= _UNSHARED:
        return array
    return np.array(array, order="C")


def _rebuild(array: np.ndarray) -> Tensor:
    return Tensor._wrap(array)


class TensorReference:
    """A hashable reference to a tensor or variable; equal when it is the same object."""

    __slots__ = ("_target",)

    def __init__(self, target: Any) -> None:
        self._target = target

    def deref(self) -> Any:
        """The tensor or variable itself."""
        return self._target

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorReference) and self._target is other._target

    def __hash__(self) -> int:
        return id(self._target)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._target!r}>"
