"""NumPy arrays whose values are known at run time: array arguments, and results of NumPy's functions.

Such an array has NumPy's methods, and NumPy's rules for dtypes among its own; together with a tensor it is an operand of
tensor ops, as it is eagerly. How it is changed in place, and what a view of it may do, is in `array_updates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.core.tensor import Tensor
from tfc.tracing.calling import library
from tfc.tracing.iteration import producers
from tfc.tracing.ndarrays import array_views, numpy_calls
from tfc.tracing.paths import comprehension_staging
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Scope, SymbolicTensor


class SymbolicArray(SymbolicTensor):
    """An ndarray, or for rank 0 a NumPy scalar, that is known at run time only."""

    __slots__ = ()

    stands_for_array = True

    def __hash__(self) -> int:
        if self.type.shape:
            raise TypeError("unhashable type: 'numpy.ndarray'")
        return self._need_value("a hashable value")

    def become(self, other: Tensor) -> None:
        value = self._scope.trace.as_symbolic(other)
        self._value, self._scope = value._value, value._scope

    def __tf_tensor__(self, dtype: np.dtype | None = None) -> Tensor:
        return self.snapshot() if dtype is None else primitives.cast(self, dtype)

    def __getitem__(self, key: Any) -> SymbolicArray:
        return as_array(super().__getitem__(key))

    # -- attributes -----------------------------------------------------------------------------------

    @property
    def shape(self) -> Any:
        return tuple(super().shape)

    @property
    def dtype(self) -> Any:
        return self.type.dtype

    @property
    def T(self) -> Any:
        return self._call("transpose")

    @property
    def size(self) -> Any:
        return self._call("size")

    @property
    def itemsize(self) -> int:
        return self.type.dtype.itemsize

    @property
    def nbytes(self) -> Any:
        return self.size * self.itemsize

    @property
    def flat(self) -> Any:
        return array_views.flat_view(self)

    @property
    def mT(self) -> Any:
        return self._call("matrix_transpose")

    @property
    def real(self) -> Any:
        return self._call("asarray")

    # -- methods: those not here are NumPy's functions, see below ------------------------------------------

    def _call(self, function: str, *arguments: Any, **keywords: Any) -> Any:
        return self._apply(getattr(np, function), self, *arguments, **keywords)

    def _apply(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        return numpy_calls.call_numpy(self._scope.trace, function, arguments, keywords)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        return self._call("reshape", shape[0] if len(shape) == 1 else shape, **options)

    def transpose(self, *axes: Any) -> Any:
        return self._call("transpose", (axes[0] if len(axes) == 1 else axes) or None)

    def flatten(self) -> Any:
        return self._call("ravel")._call("copy")

    def view(self) -> Any:
        return self._call("transpose", tuple(range(len(self.type.shape))))

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        return self._call("array", dtype, copy=copy or None)

    def compress(self, condition: Any, axis: Any = None) -> Any:
        return self._apply(np.compress, condition, self, axis)

    def conj(self) -> Any:
        return self._call("copy")

    def item(self, *place: Any) -> Any:
        """The only element, one by its number in the flattened array, or one by its indices, as a Python number."""
        if len(place) > 1 or (place and isinstance(place[0], tuple)):
            element = self[place if len(place) > 1 else place[0]]
        elif place or self.type.shape:
            element = self._call("ravel")[place[0] if place else 0]
        else:
            element = self
        kind = {"b": bool, "f": float}.get(self.type.dtype.kind, int)
        return SymbolicNumber(kind, library.as_scalar(element, KIND_DTYPES[kind]))

    def __round__(self, digits: Any = None) -> Any:
        if self.type.shape or self.type.dtype.kind == "b":
            name = "ndarray" if self.type.shape else "bool"
            raise TypeError(f"type numpy.{name} doesn't define __round__ method")
        return round(self.item()) if digits is None else self._call("round", digits)

    def tolist(self) -> Any:
        if not self.type.shape:
            return self.item()
        if self.type.shape[0] is not None:
            return [as_array(row).tolist() for row in self]
        frame: Any = self._scope.trace.frame
        rows = producers.Mapped(frame, self, lambda row: as_array(row).tolist())
        return comprehension_staging.collect_items(frame, rows)

    # -- methods that change the array ------------------------------------------------------------------

    def fill(self, value: Any) -> None:
        self._call("copyto", self._call("full_like", value))

    def sort(self, axis: int = -1) -> None:
        self._call("copyto", self._call("sort", axis))

    def partition(self, kth: Any, axis: int = -1) -> None:
        self._call("copyto", self._call("partition", kth, axis))


SymbolicArray.__name__ = SymbolicArray.__qualname__ = np.ndarray.__name__
SymbolicArray.__module__ = np.ndarray.__module__


def as_array(tensor: Tensor) -> SymbolicArray:
    """The same values as an array."""
    array = object.__new__(SymbolicArray)
    array._value, array._scope = tensor._value, tensor._scope
    return array


def new_array(tensor: Tensor) -> SymbolicArray:
    """An array that an expression has made."""
    array = array_of_its_own(tensor)
    array._scope.trace.journal.created(array)
    return array


def array_of_its_own(tensor: Tensor, scope: Scope | None = None) -> SymbolicArray:
    """An array of its own: changes of it in place are seen through every name it has. (Scalars never change.)

    It is of that region, else of the innermost one, though its values may be known outside.
    """
    array = as_array(tensor)
    if array.type.shape:
        trace = array._scope.trace
        array._scope = scope or trace.scope
        trace.outer.arrays.arrays[id(array)] = array
    return array


def class_of_array(array: Any) -> type:
    """The class that Python sees: of an array, or of a NumPy scalar."""
    return np.ndarray if array.ndim else array.dtype.type


def _method(name: str) -> Callable[..., Any]:
    def method(self: SymbolicArray, *arguments: Any, **keywords: Any) -> Any:
        return self._call(name, *arguments, **keywords)

    return method


for _name in (
    "all", "any", "argmax", "argmin", "argsort", "clip", "copy", "cumprod", "cumsum", "diagonal", "dot",
    "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "round", "searchsorted", "squeeze", "std", "sum",
    "swapaxes", "take", "trace", "var",
):  # fmt: skip
    setattr(SymbolicArray, _name, _method(_name))


def _is_of_arrays(other: Any) -> bool:
    """Whether NumPy decides what an operator with `other` means."""
    if getattr(other, "stands_for_array", False) or isinstance(other, SymbolicNumber):
        return True
    return isinstance(other, np.ndarray | np.generic | bool | int | float | complex | list | tuple)


def _binary(name: str, ufunc: str, is_swapped: bool) -> Callable[[Any, Any], Any]:
    of_tensors, function = getattr(SymbolicTensor, name), getattr(np, ufunc)

    def operate(self: SymbolicArray, other: Any) -> Any:
        if not _is_of_arrays(other):
            return of_tensors(self, other)
        operands = (other, self) if is_swapped else (self, other)
        return self._apply(function, *operands)

    return operate


def _unary(ufunc: str) -> Callable[[Any], Any]:
    return lambda self: self._call(ufunc)


for _name, _ufunc in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "matmul": "matmul", "divmod": "divmod", "lshift": "left_shift",
    "rshift": "right_shift", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
}.items():  # fmt: skip
    setattr(SymbolicArray, f"__{_name}__", _binary(f"__{_name}__", _ufunc, False))
    setattr(SymbolicArray, f"__r{_name}__", _binary(f"__r{_name}__", _ufunc, True))
for _name, _ufunc in {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}.items():  # fmt: skip
    setattr(SymbolicArray, f"__{_name}__", _binary(f"__{_name}__", _ufunc, False))
for _name, _ufunc in {
    "neg": "negative",
    "pos": "positive",
    "abs": "absolute",
    "invert": "invert",
}.items():
    setattr(SymbolicArray, f"__{_name}__", _unary(_ufunc))
