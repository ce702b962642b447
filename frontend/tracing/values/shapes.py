"""The shape of a symbolic tensor with sizes that are known only at run time."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from tfc.core.shape import TensorShape
from tfc.tracing.values import primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor


class TracedShape(TensorShape):
    """A `TensorShape` whose unknown sizes, wherever they are asked for, are Python ints known at run time."""

    __slots__ = ("_size_of",)

    def __init__(self, known: Iterable[int | None], size_of: Callable[[int], Any]) -> None:
        super().__init__(known)
        self._size_of = size_of

    def size(self, axis: int) -> Any:
        """The size of an axis: an int, known or symbolic."""
        known = self._known()[axis]
        return known if known is not None else self._size_of(axis % len(self))

    @property
    def dims(self) -> Any:
        return tuple(self)

    def as_list(self) -> Any:
        return list(self)

    def as_tuple(self) -> Any:
        return tuple(self)

    def is_fully_defined(self) -> bool:
        return True

    def num_elements(self) -> Any:
        return math.prod(self)

    def is_compatible_with(self, other: Any) -> Any:
        theirs = TensorShape(None) if other is None else shape_of_sizes(other)
        return True if theirs.rank is None else self._agrees(theirs)

    def concatenate(self, other: Any) -> TensorShape:
        return shape_of_sizes([*self, *other])

    def __radd__(self, other: Any) -> TensorShape:
        return shape_of_sizes([*other, *self])

    def __iter__(self) -> Iterator[Any]:
        return iter([self.size(axis) for axis in range(len(self))])

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return shape_of_sizes([self.size(axis) for axis in range(len(self))[key]])
        return self.size(key)

    def _agrees(self, others: Any) -> Any:
        """Whether all sizes are equal, apart from those that the other shape leaves open."""
        if len(self) != len(others):
            return False
        pairs = [pair for pair in zip(self, others, strict=True) if pair[1] is not None]
        return functools.reduce(operator.and_, (mine == theirs for mine, theirs in pairs), True)

    def __eq__(self, other: object) -> Any:
        return isinstance(other, TensorShape | tuple | list) and self._agrees(other)

    def __ne__(self, other: object) -> Any:
        return (self == other) ^ True

    def __hash__(self) -> int:
        return hash(tuple(map(operator.index, self)))  # which needs to know the sizes


def shape_of(tensor: SymbolicTensor) -> TensorShape:
    """The shape of a tensor that has sizes of run time."""
    return TracedShape(tensor.type.shape, lambda axis: dynamic_size(tensor, axis))


def shape_of_sizes(sizes: Iterable[Any]) -> TensorShape:
    """The shape with these sizes, each an int, known or symbolic, or None."""
    whole = list(sizes)
    if not any(isinstance(size, SymbolicNumber) for size in whole):
        return TensorShape(whole)
    known = [None if isinstance(size, SymbolicNumber) else size for size in whole]
    return TracedShape(known, whole.__getitem__)


def dynamic_size(tensor: SymbolicTensor, axis: int) -> SymbolicNumber:
    """The run-time size of an axis as a Python int."""
    from tfc.ops.items import get_item

    sizes = primitives.function_named("shape")(tensor, out_type=KIND_DTYPES[int])
    return SymbolicNumber(int, cast(SymbolicTensor, get_item(sizes, axis)))


def length_of(tensor: SymbolicTensor) -> Any:
    """`len(tensor)`: an int, known or symbolic."""
    shape = tensor.type.shape
    if not shape:
        raise TypeError("a scalar tensor has no len()")
    return shape[0] if shape[0] is not None else dynamic_size(tensor, 0)
