"""The shape of a symbolic tensor with sizes that are known at run time only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from tfc.core.shape import TensorShape
from tfc.tracing import primitives
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import KIND_DTYPES, SymbolicTensor


class TracedShape(TensorShape):
    """A `TensorShape` whose unknown sizes, asked for one by one, are Python ints known at run time."""

    __slots__ = ("_tensor",)

    def __init__(self, tensor: SymbolicTensor) -> None:
        super().__init__(tensor.type.shape)
        self._tensor = tensor

    def size(self, axis: int) -> Any:
        """The size of an axis: an int, known or symbolic."""
        known = self._known()[axis]
        return known if known is not None else dynamic_size(self._tensor, axis % len(self))

    def __iter__(self) -> Iterator[Any]:
        return iter([self.size(axis) for axis in range(len(self))])

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return [self.size(axis) for axis in range(len(self))[key]]
        return self.size(key)


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
