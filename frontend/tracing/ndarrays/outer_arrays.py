"""NumPy arrays that a program closes over: inputs that each call reads again, unless the trace needs their values.

An array reaches interpreted code as an `OuterArray`. Where it meets a tensor or an op of tfc it is a hidden input, guarded by
dtype and shape; changes in place cost nothing and are seen. NumPy's own code needs its values, as do sizes and Python's `if`,
`for` and `int`: then the trace starts again with this array as a constant, guarded by its contents.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from tfc.tracing.containers.columns import Growable
from tfc.tracing.inputs import Assumptions, Restart
from tfc.tracing.ndarrays import arrays
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor

if TYPE_CHECKING:
    from tfc.core.tensor import Tensor
    from tfc.tracing.trace import Trace

_KNOWN = frozenset(("shape", "dtype", "ndim", "size", "nbytes", "itemsize"))
"""Attributes that do not depend on the values."""


class OuterArray:
    """Stands for an array outside of the trace: an operand of tensor ops; whatever else is asked of it starts the trace again."""

    __slots__ = ("about", "array", "tensor", "trace")

    stands_for_array = True
    adapts_dtype = True

    def __init__(self, array: np.ndarray, tensor: SymbolicTensor, trace: Trace, about: str) -> None:
        self.array = array
        self.tensor = tensor
        self.trace = trace
        self.about = about

    @property
    def key(self) -> tuple[str, str]:
        """What names it among the values that a trace can need."""
        return ("outer", self.about)

    def __tf_tensor__(self, dtype: np.dtype | None = None) -> Tensor:
        return self.tensor.snapshot() if dtype is None else primitives.cast(self.tensor, dtype)

    def as_operand(self, other: Any) -> SymbolicTensor:
        """What it is beside a tensor, or beside an array or number of run time."""
        is_array = isinstance(other, SymbolicNumber) or hasattr(other, "stands_for_array")
        return arrays.new_array(self.tensor.snapshot()) if is_array else self.tensor

    def _need(self, *_: Any, **__: Any) -> NoReturn:
        needed = Assumptions(constants=frozenset((self.key,)))
        raise Restart(needed, self.trace.location, "the contents of an array")

    def __getattr__(self, name: str) -> Any:
        if name in _KNOWN:
            return getattr(self.array, name)
        if not hasattr(self.array, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")
        return self._need()

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, key: Any) -> Any:
        if has_tensor(key):
            return arrays.new_array(self.tensor.snapshot())[key]
        return self._need()

    __array__ = __array_ufunc__ = __array_function__ = __buffer__ = __dlpack__ = _need
    __bool__ = __int__ = __float__ = __complex__ = __index__ = __iter__ = __contains__ = _need
    __setitem__ = __repr__ = __str__ = __format__ = __reduce__ = __reduce_ex__ = _need
    __neg__ = __pos__ = __abs__ = __invert__ = __round__ = __divmod__ = __rdivmod__ = _need
    __hash__ = None  # pyright: ignore[reportAssignmentType]


def has_tensor(key: Any) -> bool:
    """Whether an index depends on run-time values."""
    if isinstance(key, tuple | list):
        return any(map(has_tensor, key))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(key, slice):
        return any(map(has_tensor, (key.start, key.stop, key.step)))
    return isinstance(key, SymbolicTensor | SymbolicNumber | Growable)


def _operand(array: OuterArray, other: Any) -> bool:
    """Whether an operator with `other` is one of tensors, with NumPy's result."""
    if isinstance(other, SymbolicNumber):
        return other.kind is not bool and array.array.dtype.kind == "f"
    return hasattr(other, "__tf_tensor__") and not isinstance(other, OuterArray)


def _operator(apply: Callable[[Any, Any], Any], is_swapped: bool) -> Callable[..., Any]:
    def method(self: OuterArray, other: Any) -> Any:
        if not _operand(self, other):
            self._need()  # pyright: ignore[reportPrivateUsage]
        own = self.as_operand(other)
        return apply(other, own) if is_swapped else apply(own, other)

    return method


for _name in (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "and", "or", "xor",
):  # fmt: skip
    _apply = getattr(operator, f"__{_name}__")
    setattr(OuterArray, f"__{_name}__", _operator(_apply, False))
    setattr(OuterArray, f"__r{_name}__", _operator(_apply, True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(OuterArray, f"__{_name}__", _operator(getattr(operator, _name), False))


def underlying(value: Any) -> Any:
    """The array itself for an `OuterArray`: for questions about class and identity."""
    return value.array if value.__class__ is OuterArray else value


def require_values(values: Any) -> None:
    """Code that reads arrays is about to be called with `values`: the outer arrays among them must be constants."""
    found: list[OuterArray] = []
    _collect(values, found)
    if found:
        needed = Assumptions(constants=frozenset([item.key for item in found]))
        raise Restart(needed, found[0].trace.location, "the contents of an array")


def _collect(value: Any, found: list[OuterArray]) -> None:
    kind = value.__class__
    if kind is OuterArray:
        found.append(value)
    elif kind is tuple or kind is list:
        for item in value:
            _collect(item, found)
    elif kind is dict:
        _collect(list(value.values()), found)
