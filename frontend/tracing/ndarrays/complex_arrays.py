"""Arrays of complex numbers: held as real arrays whose last axis is two, on which NumPy computes at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from tfc.core.errors import CompileError
from tfc.tracing import messages, operations
from tfc.tracing.ndarrays import numpy_calls, numpy_functions
from tfc.tracing.values import structures
from tfc.tracing.values.symbolic import Choice

REAL_DTYPES = {
    np.dtype(np.complex64): np.dtype(np.float32),
    np.dtype(np.complex128): np.dtype(np.float64),
}
"""What the parts of complex numbers are."""


def joined(parts: np.ndarray) -> Any:
    """The complex numbers with these parts."""
    dtype = np.complex64 if parts.dtype == np.float32 else np.complex128
    return np.ascontiguousarray(parts).view(dtype)[..., 0][()]


def parted(values: Any) -> np.ndarray:
    """The parts of complex numbers."""
    return np.stack([values.real, values.imag], -1)


class ComplexArray(structures.Record):
    """An ndarray of complex numbers, or for rank 0 a NumPy scalar, that is known at run time only."""

    stands_for_array = True
    __array_ufunc__ = None
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __init__(self, parts: Any) -> None:
        self.parts = parts

    @property
    def parts(self) -> Any:
        """The real array. Raises `CompileError` where it has one dtype on one path and another one on another."""
        held = self.__dict__["parts"]
        if held.__class__ is Choice:
            raise CompileError(
                "TFC012",
                "an array is complex64 on one path or iteration, and complex128 on another one",
                "give it one dtype before: psi = psi.astype(np.complex128)",
                messages.site_of_frame(held.tag._scope.trace.frame),
            )
        return held

    @parts.setter
    def parts(self, parts: Any) -> None:
        self.__dict__["parts"] = parts

    @property
    def _trace(self) -> Any:
        return self.parts._scope.trace

    def _apply(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        return numpy_calls.call_numpy(self._trace, function, arguments, keywords)

    # -- items ----------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        items = operations.load_item(self._trace.running, self.parts, _of_parts(key))
        return ComplexArray(items)

    def __setitem__(self, key: Any, value: Any) -> None:
        operations.store_item(
            self._trace.running, self.parts, _of_parts(key), self._parts_of(value)
        )

    def _parts_of(self, value: Any) -> Any:
        if isinstance(value, ComplexArray):
            return value.parts
        if numpy_calls.has_run_time(value):
            real = numpy_functions.tensor_of(value)
            return numpy_functions.stack([real, numpy_functions.zeros_like(real)], -1)
        return parted(np.asarray(value))

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return iter([self[index] for index in range(len(self))])

    # -- attributes -----------------------------------------------------------------------------------

    @property
    def real(self) -> Any:
        return operations.load_item(self._trace.running, self.parts, (Ellipsis, 0))

    @property
    def imag(self) -> Any:
        return operations.load_item(self._trace.running, self.parts, (Ellipsis, 1))

    @property
    def shape(self) -> Any:
        return self.parts.shape[:-1]

    @property
    def ndim(self) -> int:
        return len(self.parts.type.shape) - 1

    @property
    def size(self) -> Any:
        return self.parts.size // 2

    @property
    def dtype(self) -> np.dtype:
        return next(key for key, real in REAL_DTYPES.items() if real == self.parts.type.dtype)

    @property
    def T(self) -> Any:
        return self._apply(np.transpose, self)

    def reshape(self, *shape: Any) -> Any:
        return self._apply(np.reshape, self, shape[0] if len(shape) == 1 else shape)

    def astype(self, dtype: Any) -> Any:
        return self._apply(np.array, self, dtype)

    def flatten(self) -> Any:
        return self._apply(np.ravel, self)


def _of_parts(key: Any) -> Any:
    """The index of the parts of some items."""
    items = key if isinstance(key, tuple) else (key,)
    return (*items, slice(None)) if any(item is Ellipsis for item in items) else key


def _operator(function: Any, is_swapped: bool) -> Callable[[Any, Any], Any]:
    def operate(self: ComplexArray, other: Any) -> Any:
        return self._apply(function, *((other, self) if is_swapped else (self, other)))  # pyright: ignore[reportPrivateUsage]

    return operate


def _method(function: Any) -> Callable[..., Any]:
    def method(self: ComplexArray, *arguments: Any, **keywords: Any) -> Any:
        return self._apply(function, self, *arguments, **keywords)  # pyright: ignore[reportPrivateUsage]

    return method


for _name, _function in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "pow": np.power,
    "matmul": np.matmul,
}.items():  # fmt: skip
    setattr(ComplexArray, f"__{_name}__", _operator(_function, False))
    setattr(ComplexArray, f"__r{_name}__", _operator(_function, True))
ComplexArray.__eq__ = _operator(np.equal, False)
ComplexArray.__ne__ = _operator(np.not_equal, False)
for _name in ("negative", "positive", "absolute"):
    setattr(ComplexArray, f"__{_name[:3]}__", _method(getattr(np, _name)))
for _name in (
    "all", "any", "conj", "copy", "cumprod", "cumsum", "diagonal", "dot", "mean", "prod", "ravel", "repeat", "round",
    "squeeze", "std", "sum", "swapaxes", "take", "trace", "transpose", "var",
):  # fmt: skip
    setattr(ComplexArray, _name, _method(getattr(np, _name)))
