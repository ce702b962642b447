"""Where a loop saves a value of each iteration for its gradient.

`RowStack` is one tensor with a row per iteration: of the right length when the number of iterations is known beforehand, else
doubled when it is full. `FlatStack` is for values whose shape changes from one iteration to the next: their elements one
after the other, with the places where they start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.control import IF
from tfc.graph.nodes import Region, Value
from tfc.tracing.values.symbolic import SymbolicTensor

if TYPE_CHECKING:
    from tfc.gradients.staged_loops import Loop
    from tfc.tracing.values.templates import Template

_INT64 = np.dtype(np.int64)
_ROWS = 4
"""Rows of a stack when it grows for the first time."""


class Stack:
    """A value of each iteration."""

    def load(self, position: Tensor) -> SymbolicTensor:
        """The value that iteration number `position` had."""
        raise NotImplementedError


def stack_for(loop: Loop, template: Template, value: Value) -> Stack:
    """Make `loop` save a value of one of its parts in each iteration."""
    if None in value.type.shape:
        return FlatStack(loop, template, value)
    return RowStack(loop, template, value)


class RowStack(Stack):
    """Values of one static shape; when `following` is the value of the next iteration, the last of these as well."""

    def __init__(
        self, loop: Loop, template: Template, value: Value, following: Value | None = None
    ) -> None:
        from tfc.ops.creation import zeros_of
        from tfc.ops.shape import expand_dims
        from tfc.ops.slicing import basic_slice_update

        self.trace = loop.trace
        kind = value.type
        shape = kind.shape
        rows = loop.static_capacity()
        more = int(following is not None)
        rows = None if rows is None else rows + more
        is_growing = rows is None and not loop.is_counted

        def initial() -> Tensor:
            return zeros_of((0 if is_growing else loop.capacity() + more, *shape), kind.dtype)  # pyright: ignore[reportArgumentType]

        def update(stack: SymbolicTensor) -> Tensor:
            position = loop.position(template)
            roomy = grown(loop, stack, position + 1, _ROWS) if is_growing else stack
            for index, item in enumerate([value] if following is None else [value, following]):
                row = expand_dims(template.tensor(item), 0)
                roomy = basic_slice_update(roomy, row, [position + index, *[0] * len(shape)])
            return roomy

        self.rows = loop.carry(template, initial, ArrayType(kind.dtype, (rows, *shape)), update)
        self.shape = shape

    def load(self, position: Tensor) -> SymbolicTensor:
        from tfc.ops.shape import squeeze
        from tfc.ops.slicing import basic_slice

        zeros = [0] * len(self.shape)
        row = basic_slice(self.rows, [position, *zeros], [1, *self.shape])  # pyright: ignore[reportArgumentType]
        return self.trace.as_symbolic(squeeze(row, [0]))


class Following(Stack):
    """What the iteration after has in another stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def load(self, position: Tensor) -> SymbolicTensor:
        return self.stack.load(position + 1)


class FlatStack(Stack):
    """Values of changing shapes."""

    def __init__(self, loop: Loop, template: Template, value: Value) -> None:
        from tfc.ops.creation import zeros_of
        from tfc.ops.shape import reshape
        from tfc.ops.slicing import basic_slice_update

        trace = self.trace = loop.trace
        kind = value.type
        self.sizes: list[Any] = []
        size: Any = 1
        with loop.appending(template):
            for axis, known in enumerate(kind.shape):
                if known is None:
                    attributes = {"axis": axis, "dtype": _INT64}
                    dim = template.dim(trace, value, attributes)
                    self.sizes.append(loop.save(template, dim))
                    size = template.tensor(dim) * size
                else:
                    self.sizes.append(known)
                    size = size * known
        zero = Tensor._wrap(np.zeros((), _INT64))
        number = len(loop.outputs)
        loop.carry(template, lambda: zero, ArrayType(_INT64, ()), lambda start: start + size)
        start = template.tensor(loop.arguments(template)[number])
        self.starts = loop.save(template, start._value)

        def update(stack: SymbolicTensor) -> Tensor:
            roomy = grown(loop, stack, start + size, size)
            return basic_slice_update(roomy, reshape(template.tensor(value), [-1]), [start])

        flat = ArrayType(kind.dtype, (None,))
        self.elements = loop.carry(template, lambda: zeros_of((0,), kind.dtype), flat, update)

    def load(self, position: Tensor) -> SymbolicTensor:
        from tfc.ops.shape import reshape
        from tfc.ops.slicing import basic_slice

        sizes = [item.load(position) if isinstance(item, Stack) else item for item in self.sizes]
        total: Any = 1
        for item in sizes:
            total = item * total
        elements = basic_slice(self.elements, [self.starts.load(position)], [total])
        return self.trace.as_symbolic(reshape(elements, sizes))


def grown(loop: Loop, stack: SymbolicTensor, needed: Any, least: Any) -> SymbolicTensor:
    """A stack with room for `needed` rows: twice as large when there is none, and by `least` rows at least."""
    from tfc.ops.creation import zeros_of
    from tfc.ops.joining import concat
    from tfc.ops.sizes import dim

    trace = loop.trace
    kind = stack.type
    same, larger = Region(), Region()
    room = dim(stack, 0, _INT64)
    with trace.inside(same):
        same.results = [trace.value_of(stack)]
    with trace.inside(larger):
        more = zeros_of((least, *kind.shape[1:]), kind.dtype)  # pyright: ignore[reportArgumentType]
        larger.results = [trace.value_of(concat([stack, stack, more], 0))]
    condition = trace.as_symbolic(needed <= room)
    return trace.emit_control(IF, [condition], {}, [kind], [same, larger])[0]
