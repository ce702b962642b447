"""`SymbolicNumber`: a Python int, float or bool that is known at run time.

It behaves as Python's number does: exact division, floor semantics, bool is an int, and it adapts to the dtype of a tensor that
it meets. It is held as int64, float64 or bool.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from enum import Flag
from types import MethodType
from typing import Any, NoReturn

import numpy as np
from tfc.core.errors import TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import host
from tfc.tracing.calling import intrinsics
from tfc.tracing.values import number_checks, primitives
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

_NUMBERS = (bool, int, float)
_INT64 = np.dtype(np.int64)

INT64 = range(-(2**63) + 2**32, 2**63 - 2**32)
"""Ints that are passed at run time. `sys.maxsize` and its like, to which nothing can be added, are constants."""


def fits_int64(value: Any) -> bool:
    """Whether an int, known or not, is held in 64 bits."""
    return value.__class__ is not int or -(2**63) <= value < 2**63


def is_run_time_number(value: Any) -> bool:
    """Whether a Python number is an input of compiled code."""
    return value.__class__ is float or (value.__class__ is int and value in INT64)


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
            self.kind is not bool and dtype.kind == "b"
        )
        if wrong:
            raise TFCTypeError(
                "TFC108",
                f"cannot convert a Python {self.kind.__name__} to {dtype.name}",
                f"use tf.cast(x, tf.{dtype.name})",
            )
        if self.kind is int and dtype.kind in "iu" and dtype != _INT64:
            _checks().require_range(self._trace, self.tensor, dtype)
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

    def as_size(self) -> int | SymbolicTensor:
        """The number as a size of a tensor; one that comes from Python's arguments alone becomes a constant of the trace."""
        if self.kind is not int:
            return operator.index(self)
        self._trace.restart_with(self.tensor, "a size")
        return self.tensor

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
        if name in ("real", "numerator"):
            return +self
        if name in ("imag", "denominator"):
            return getattr(self.kind(0), name)

        method = getattr(self.kind, name)
        if name == "conjugate" or intrinsics.intrinsic(method) is not None:
            return MethodType(SymbolicNumber.__pos__ if name == "conjugate" else method, self)
        return getattr(self.kind(self._known(f"'{name}'")), name)

    def __copy__(self) -> SymbolicNumber:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SymbolicNumber:
        return self

    def __reduce__(self) -> NoReturn:
        self.tensor._scope.trace.refuse_value(self.tensor, "a pickle")

    def _known(self, what: str) -> Any:
        return self._trace.known_value(self.tensor, what)

    @property
    def _trace(self) -> Any:
        return self.tensor._scope.trace

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
        if result is int and name in _GROWING and not _is_harmless(name, other):
            if isinstance(other, SymbolicNumber):
                _checks().require_no_overflow(self._trace, name, left, right, value)
            else:
                given = right if swapped else left
                _checks().require_fitting(self._trace, name, given, int(other), swapped)
        return SymbolicNumber(result, value)

    def unchecked(self, name: str, other: Any) -> SymbolicNumber:
        """An operation of ints whose result is known to fit into 64 bits."""
        operand = number_tensor(self, other, int)
        return SymbolicNumber(int, primitives.apply_named(name, self.as_kind(int), operand))

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

    def _nonzero(self, other: Any, operation: str, swapped: bool) -> Any:
        """The divisor, which is checked."""
        is_float = float in (self.kind, number_kind(other))
        divisor = self if swapped else other
        return _checks().require_nonzero(self._trace, divisor, operation, is_float)

    def _division(self, other: Any, name: str, swapped: bool, operation: str = "") -> Any:
        if number_kind(other) is None:
            return NotImplemented
        safe = self._nonzero(other, operation or name, swapped)
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
        if number_kind(other) is None:
            return NotImplemented
        return self._division(other, "floordiv", False, "divmod"), self % other

    def __rdivmod__(self, other: Any) -> Any:
        if number_kind(other) is None:
            return NotImplemented
        return self._division(other, "floordiv", True, "divmod"), other % self

    def _true_division(self, other: Any, swapped: bool) -> Any:
        if number_kind(other) is None:
            return NotImplemented
        self._nonzero(other, "divide", swapped)  # float division never traps
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
        is_float = float in (kind, self.kind) or (
            not isinstance(other, SymbolicNumber) and other < 0
        )
        if is_float:
            known = None if isinstance(other, SymbolicNumber) else other
            return self._float_power(self.as_kind(float), number_tensor(self, other, float), known)
        return self._int_power(self.as_kind(int), number_tensor(self, other, int), other)

    def __rpow__(self, other: Any) -> Any:
        kind = number_kind(other)
        if kind is None:
            return NotImplemented
        if float in (kind, self.kind):
            return self._float_power(number_tensor(self, other, float), self.as_kind(float), None)
        return self._int_power(number_tensor(self, other, int), self.as_kind(int), self)

    def _float_power(self, base: Any, exponent: Any, known: Any) -> SymbolicNumber:
        result = primitives.apply_named("pow", base, exponent)
        _checks().require_real_power(self._trace, base, exponent, known, result)
        return SymbolicNumber(float, result)

    def _int_power(self, base: Any, exponent: Any, given: Any) -> SymbolicNumber:
        if isinstance(given, SymbolicNumber):
            _checks().require_int_power(self._trace, exponent)
        result = primitives.apply_named("pow", base, exponent)
        if not (given.__class__ is int and given <= 1):
            _checks().require_no_overflow(self._trace, "pow", base, exponent, result)
        return SymbolicNumber(int, result)

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
        if digits is None:
            return self._integral("round")
        kind, digits = (float if self.kind is float else int), int(digits)
        if kind is int and digits >= 0:
            return +self
        # Python rounds the decimal expansion of the number, which no arithmetic on floats does.
        attributes = {"function": _rounder(digits), "result_types": ((KIND_DTYPES[kind], ()),)}
        rounded = self._trace.record(host.pure_host_call, (self.as_kind(kind),), attributes)
        return SymbolicNumber(kind, rounded)

    def _integral(self, name: str) -> SymbolicNumber:
        if self.kind is not float:
            return +self
        return SymbolicNumber(float, primitives.apply_named(name, self.tensor)).truncated()

    def truncated(self) -> SymbolicNumber:
        """`int(self)`."""
        if self.kind is not float:
            return SymbolicNumber(int, self.as_kind(int))
        _checks().require_int(self._trace, self.tensor)
        result = self.as_kind(int)
        if not self._trace.try_depth and result._value.node is not None:
            result._value.node.is_certain = True
        return SymbolicNumber(int, result)

    def __floor__(self) -> SymbolicNumber:
        return self._integral("floor")

    def __ceil__(self) -> SymbolicNumber:
        return self._integral("ceil")

    def __trunc__(self) -> SymbolicNumber:
        return self.truncated()

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
        return SymbolicNumber(result, primitives.apply_named(operation, left, right))

    def __and__(self, other: Any) -> Any:
        return self._bits(other, "bitwise_and")

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return self._bits(other, "bitwise_or")

    __ror__ = __or__

    def __xor__(self, other: Any) -> Any:
        return self._bits(other, "bitwise_xor")

    __rxor__ = __xor__

    def _shift(self, other: Any, name: str, swapped: bool = False) -> Any:
        kind = number_kind(other)
        if kind is None or float in (kind, self.kind):
            return NotImplemented
        left, right = self.as_kind(int), number_tensor(self, other, int)
        if swapped:
            left, right = right, left
        count = self if swapped else other
        if isinstance(count, SymbolicNumber) or count < 0:
            _checks().require_shift(self._trace, right)
        if name == "right_shift":  # beyond 63 places only the sign is left
            right = primitives.apply_named("minimum", right, self._trace.constant(63, _INT64))
        value = primitives.apply_named(name, left, right)
        if name == "left_shift":
            _checks().require_no_overflow(self._trace, name, left, right, value)
        return SymbolicNumber(int, value)

    def __lshift__(self, other: Any) -> Any:
        return self._shift(other, "left_shift")

    def __rlshift__(self, other: Any) -> Any:
        return self._shift(other, "left_shift", swapped=True)

    def __rshift__(self, other: Any) -> Any:
        return self._shift(other, "right_shift")

    def __rrshift__(self, other: Any) -> Any:
        return self._shift(other, "right_shift", swapped=True)

    def __invert__(self) -> SymbolicNumber:
        if self.kind is float:
            raise TypeError("bad operand type for unary ~: 'float'")
        return -1 - self

    # -- comparisons ------------------------------------------------------------------------------

    def _compare(self, other: Any, name: str) -> Any:
        kind = number_kind(other)
        if kind is None:
            return NotImplemented
        if kind is int and self.kind is not float and not fits_int64(other):
            return _BEYOND[name](0, other)  # any int of 64 bits does as well
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


_BEYOND: dict[str, Callable[[int, int], bool]] = {
    "equal": operator.eq, "not_equal": operator.ne, "less": operator.lt,
    "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
}  # fmt: skip


def _checks() -> Any:
    return number_checks


@functools.cache
def _rounder(digits: int) -> int:
    """The number of the host function that rounds to so many digits."""
    return host.register(lambda value: np.array(round(value.item(), digits), value.dtype))


_GROWING = ("add", "subtract", "multiply")

_LOGICAL = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor"}


def _is_harmless(name: str, value: Any) -> bool:
    """Whether an operation with a known number overflows never, or after more steps than any program takes."""
    most = 1 if name == "multiply" else 2
    return value.__class__ in (bool, int) and -most <= value <= most


def number_kind(value: Any) -> type | None:
    """`bool`, `int` or `float` for a Python number, known or not; None for anything else."""
    kind = value.__class__
    if kind is SymbolicNumber:
        return value.kind
    if kind in _NUMBERS:
        return kind
    # members of an IntEnum count as the ints that they are; those of a Flag stay flags
    return int if isinstance(value, int) and not isinstance(value, Flag) else None


def number_tensor(like: SymbolicNumber, value: Any, kind: type) -> SymbolicTensor:
    """A Python number as the rank-0 tensor that holds class `kind`."""
    if value.__class__ is SymbolicNumber:
        return value.as_kind(kind)
    if kind is int and not fits_int64(value):
        return _checks().int_beyond_native(like._trace)
    return like._trace.constant(kind(value), KIND_DTYPES[kind])
