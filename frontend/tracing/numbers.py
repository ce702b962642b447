"""`SymbolicNumber`: a Python int, float or bool that is known at run time.

It behaves as Python's number does: exact division, floor semantics, bool is an int, and it adapts to the dtype of a tensor that
it meets. It is held as int64, float64 or bool.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from tfc.core.errors import TFCTypeError
from tfc.core.tensor import Tensor
from tfc.tracing import primitives
from tfc.tracing.symbolic import KIND_DTYPES, SymbolicTensor

_NUMBERS = (bool, int, float)


class SymbolicNumber:
    """A Python number of class `kind` whose value is the rank-0 `tensor`."""

    __slots__ = ("kind", "tensor")

    __array_ufunc__ = None
    adapts_dtype = True
    """It takes the dtype of the tensor that it is combined with."""

    def __init__(self, kind: type, tensor: SymbolicTensor) -> None:
        self.kind = kind
        self.tensor = tensor

    # -- conversions ------------------------------------------------------------------------------

    def __tf_tensor__(self, dtype: np.dtype | None = None) -> Tensor:
        """The number as a tensor of `dtype`, by the rules for Python numbers."""
        if dtype is None:
            dtype = np.dtype({bool: np.bool_, int: np.int32, float: np.float32}[self.kind])
        wrong = (self.kind is float and dtype.kind in "iub") or (
            (self.kind is bool) != (dtype.kind == "b")
        )
        if wrong:
            raise TFCTypeError(
                "TFC108",
                f"cannot convert a Python {self.kind.__name__} to a {dtype.name} tensor",
                f"use tf.cast(x, tf.{dtype.name})",
            )
        return primitives.cast(self.tensor, dtype)

    def as_kind(self, kind: type) -> SymbolicTensor:
        """The value held as another class of number."""
        if self.kind is kind:
            return self.tensor
        return primitives.cast(self.tensor, KIND_DTYPES[kind])

    def __bool__(self) -> bool:
        return bool(self._known("a truth value"))

    def __int__(self) -> int:
        return int(self._known("an int"))

    def __float__(self) -> float:
        return float(self._known("a float"))

    def __complex__(self) -> complex:
        return complex(self._known("a complex number"))

    def __index__(self) -> int:
        if self.kind is float:
            raise TypeError("'float' object cannot be interpreted as an integer")
        return int(self._known("a Python int"))

    def __hash__(self) -> int:
        return hash(self.kind(self._known("a hashable value")))

    def __str__(self) -> str:
        return str(self.kind(self._known("a string")))

    def __format__(self, style: str) -> str:
        return format(self.kind(self._known("a string")), style)

    def __repr__(self) -> str:
        return f"<{self.kind.__name__} known at run time>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.kind(self._known("a NumPy array")), dtype)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(self.kind, name):
            raise AttributeError(f"'{self.kind.__name__}' object has no attribute '{name}'")
        return getattr(self.kind(self._known(f"'{name}'")), name)

    def __reduce__(self) -> NoReturn:
        self.tensor._scope.trace.refuse_value(self.tensor, "a pickle")

    def _known(self, what: str) -> Any:
        return self.tensor._scope.trace.known_value(self.tensor, what)

    # -- arithmetic -------------------------------------------------------------------------------

    def _arithmetic(self, other: Any, name: str, swapped: bool = False) -> Any:
        kind = number_kind(other)
        if kind is None:
            return NotImplemented
        result: type = float if float in (kind, self.kind) else int
        left, right = self.as_kind(result), number_tensor(self, other, result)
        if swapped:
            left, right = right, left
        value = primitives.apply_named(name, left, right)
        if result is int and name in _GROWING and not _is_small(other):
            primitives.require_no_overflow(self.tensor._scope.trace, name, left, right, value)
        return SymbolicNumber(result, value)

    def __add__(self, other: Any) -> Any:
        return self._arithmetic(other, "add")

    def __radd__(self, other: Any) -> Any:
        return self._arithmetic(other, "add", swapped=True)

    def __sub__(self, other: Any) -> Any:
        return self._arithmetic(other, "subtract")

    def __rsub__(self, other: Any) -> Any:
        return self._arithmetic(other, "subtract", swapped=True)

    def __mul__(self, other: Any) -> Any:
        return self._arithmetic(other, "multiply")

    def __rmul__(self, other: Any) -> Any:
        return self._arithmetic(other, "multiply", swapped=True)

    def _division(self, other: Any, name: str, swapped: bool) -> Any:
        if number_kind(other) is None:
            return NotImplemented
        divisor = self if swapped else other
        safe = primitives.require_nonzero(self.tensor._scope.trace, divisor, name)
        if swapped:
            return safe._arithmetic(other, name, True)
        return self._arithmetic(safe, name)

    def __floordiv__(self, other: Any) -> Any:
        return self._division(other, "floordiv", False)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._division(other, "floordiv", True)

    def __mod__(self, other: Any) -> Any:
        return self._division(other, "floormod", False)

    def __rmod__(self, other: Any) -> Any:
        return self._division(other, "floormod", True)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def _true_division(self, other: Any, swapped: bool) -> Any:
        if number_kind(other) is None:
            return NotImplemented
        divisor = self if swapped else other
        primitives.require_nonzero(
            self.tensor._scope.trace, divisor, "division"
        )  # float division never traps
        left, right = self.as_kind(float), number_tensor(self, other, float)
        if swapped:
            left, right = right, left
        return SymbolicNumber(float, primitives.apply_named("divide", left, right))

    def __truediv__(self, other: Any) -> Any:
        return self._true_division(other, False)

    def __rtruediv__(self, other: Any) -> Any:
        return self._true_division(other, True)

    def __pow__(self, other: Any) -> Any:
        kind = number_kind(other)
        if kind is None:
            return NotImplemented
        if self.kind is not float and kind is not float and not isinstance(other, int):
            other = int(other)  # whether the result is an int depends on the sign of the exponent
        if isinstance(other, int) and self.kind is not float and other < 0:
            return SymbolicNumber(float, self.as_kind(float)) ** float(other)
        return self._arithmetic(other, "pow")

    def __rpow__(self, other: Any) -> Any:
        if number_kind(other) is None:
            return NotImplemented
        if isinstance(other, int) and self.kind is not float:
            return other ** int(self)
        return self._arithmetic(other, "pow", swapped=True)

    def __neg__(self) -> SymbolicNumber:
        kind = float if self.kind is float else int
        return SymbolicNumber(kind, primitives.apply_named("negative", self.as_kind(kind)))

    def __pos__(self) -> SymbolicNumber:
        kind = float if self.kind is float else int
        return SymbolicNumber(kind, self.as_kind(kind))

    def __abs__(self) -> SymbolicNumber:
        kind = float if self.kind is float else int
        return SymbolicNumber(kind, primitives.apply_named("abs", self.as_kind(kind)))

    def __round__(self, digits: int | None = None) -> Any:
        if self.kind is not float:
            return +self
        if digits is not None:
            return round(float(self), digits)
        return SymbolicNumber(
            int, primitives.cast(primitives.apply_named("round", self.tensor), KIND_DTYPES[int])
        )

    def _integral(self, name: str) -> SymbolicNumber:
        if self.kind is not float:
            return +self
        rounded = primitives.apply_named(name, self.tensor)
        return SymbolicNumber(int, primitives.cast(rounded, KIND_DTYPES[int]))

    def __floor__(self) -> SymbolicNumber:
        return self._integral("floor")

    def __ceil__(self) -> SymbolicNumber:
        return self._integral("ceil")

    def __trunc__(self) -> SymbolicNumber:
        return SymbolicNumber(int, self.as_kind(int))

    # -- bits -------------------------------------------------------------------------------------

    def _bits(self, other: Any, name: str, swapped: bool = False) -> Any:
        kind = number_kind(other)
        if kind is None or float in (kind, self.kind):
            return NotImplemented
        both_bool = kind is bool and self.kind is bool and name in _LOGICAL
        result = bool if both_bool else int
        left, right = self.as_kind(result), number_tensor(self, other, result)
        if swapped:
            left, right = right, left
        operation = _LOGICAL[name] if both_bool else name
        value = primitives.apply_named(operation, left, right)
        if name == "left_shift":
            primitives.require_no_overflow(self.tensor._scope.trace, name, left, right, value)
        return SymbolicNumber(result, value)

    def __and__(self, other: Any) -> Any:
        return self._bits(other, "bitwise_and")

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return self._bits(other, "bitwise_or")

    __ror__ = __or__

    def __xor__(self, other: Any) -> Any:
        return self._bits(other, "bitwise_xor")

    __rxor__ = __xor__

    def __lshift__(self, other: Any) -> Any:
        return self._bits(other, "left_shift")

    def __rlshift__(self, other: Any) -> Any:
        return self._bits(other, "left_shift", swapped=True)

    def __rshift__(self, other: Any) -> Any:
        return self._bits(other, "right_shift")

    def __rrshift__(self, other: Any) -> Any:
        return self._bits(other, "right_shift", swapped=True)

    def __invert__(self) -> SymbolicNumber:
        if self.kind is float:
            raise TypeError("bad operand type for unary ~: 'float'")
        return -1 - self

    # -- comparisons ------------------------------------------------------------------------------

    def _compare(self, other: Any, name: str) -> Any:
        kind = number_kind(other)
        if kind is None:
            return NotImplemented
        common: type = float if float in (kind, self.kind) else int
        if kind is bool and self.kind is bool and name in ("equal", "not_equal"):
            common = bool
        left, right = self.as_kind(common), number_tensor(self, other, common)
        return SymbolicNumber(bool, primitives.apply_named(name, left, right))

    def __eq__(self, other: object) -> Any:
        return self._compare(other, "equal")

    def __ne__(self, other: object) -> Any:
        return self._compare(other, "not_equal")

    def __lt__(self, other: Any) -> Any:
        return self._compare(other, "less")

    def __le__(self, other: Any) -> Any:
        return self._compare(other, "less_equal")

    def __gt__(self, other: Any) -> Any:
        return self._compare(other, "greater")

    def __ge__(self, other: Any) -> Any:
        return self._compare(other, "greater_equal")


_GROWING = ("add", "subtract", "multiply", "pow")

_LOGICAL = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor"}


def _is_small(value: Any) -> bool:
    """Whether adding a known number can overflow only after more steps than any program takes."""
    return value.__class__ in (bool, int) and -2 <= value <= 2


def number_kind(value: Any) -> type | None:
    """`bool`, `int` or `float` for a Python number, known or not; None for anything else."""
    kind = value.__class__
    if kind is SymbolicNumber:
        return value.kind
    if kind in _NUMBERS:
        return kind
    return None


def number_tensor(like: SymbolicNumber, value: Any, kind: type) -> SymbolicTensor:
    """A Python number as the rank-0 tensor that holds class `kind`."""
    if value.__class__ is SymbolicNumber:
        return value.as_kind(kind)
    return like.tensor._scope.trace.constant(kind(value), KIND_DTYPES[kind])
