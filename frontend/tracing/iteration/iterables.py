"""Iterables whose items are known at run time: a length and an item by its number."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

from tfc.core.convert import convert
from tfc.core.errors import CompileError
from tfc.core.recording import STATE
from tfc.dialects.tfc.semantics.creation import range_
from tfc.graph import origins
from tfc.graph.nodes import Value
from tfc.tracing import messages, operations
from tfc.tracing.containers import columns, rows, tables
from tfc.tracing.containers.growable import growable_of, table_of
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import iterators
from tfc.tracing.ndarrays import arrays
from tfc.tracing.ndarrays.array_updates import note_item
from tfc.tracing.paths import staging
from tfc.tracing.strings import characters, text
from tfc.tracing.values import primitives, shapes, structures
from tfc.tracing.values.numbers import SymbolicNumber, fits_int64
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor, make_symbolic

_COUNTER = KIND_DTYPES[int]


class StagedIterable:
    """Base: `length` items, number `index` made by `item`."""

    length: Any
    """At the beginning."""

    def current_length(self, frame: Frame) -> Any:
        """The very object `length`, unless a list that is iterated over has another length by now."""
        return self.length

    def item(self, frame: Frame, index: Any) -> Any:
        raise NotImplementedError

    def __iter__(self) -> Any:
        raise CompileError(
            *iterators.UNKNOWN_POSITION, messages.site_of_frame(cast(Any, STATE.recorder).frame)
        )


def _item_of_range(start: Any, step: Any, index: Any) -> Any:
    """`start + index * step`, which fits into 64 bits where both ends of the range do: it lies between them."""
    if not (isinstance(index, SymbolicNumber) and fits_int64(start) and fits_int64(step)):
        return start + index * step
    is_one = step.__class__ is int and step == 1
    scaled = index if is_one else index.unchecked("multiply", step)
    return scaled if _is_zero(start) else scaled.unchecked("add", start)


class SymbolicRange(structures.Record, StagedIterable):
    """`range` with a bound that is known at run time; it has no length before a loop asks for one."""

    def __init__(self, start: Any, stop: Any, step: Any) -> None:
        self.start, self.stop, self.step = start, stop, step

    def size(self, frame: Frame) -> Any:
        """`len(range)`."""
        count = self.count(frame)
        if count.__class__ is int:
            return max(count, 0)
        return staging.branch(frame, frame.node, count < 0, lambda: count * 0, lambda: count)

    def count(self, frame: Frame) -> Any:
        """The number of items, as a Python int."""
        step = self.step
        if isinstance(step, SymbolicNumber):

            def fail() -> Any:
                raise ValueError("range() arg 3 must not be zero")

            staging.branch(frame, frame.node, step == 0, fail, lambda: None)
            distance = staging.branch(
                frame,
                frame.node,
                step > 0,
                lambda: (self.stop - self.start + step - 1) // step,
                lambda: (self.start - self.stop - step - 1) // -step,
            )
        elif step > 0:
            span = self.stop if _is_zero(self.start) else self.stop - self.start
            distance = span if step == 1 else (span + (step - 1)) // step
        else:
            span = self.start - self.stop
            distance = span if step == -1 else (span + (-step - 1)) // -step
        return distance  # may be negative: no iterations either

    def item(self, frame: Frame, index: Any) -> Any:
        return _item_of_range(self.start, self.step, index)


class KeptRange:
    """A known range whose loop is better kept one than unrolled."""

    def __init__(self, items: range) -> None:
        self.items = items


class _Counted(StagedIterable):
    """The items of a range, with their number."""

    def __init__(self, frame: Frame, source: SymbolicRange) -> None:
        self.source = source
        self.length = source.count(frame)

    def item(self, frame: Frame, index: Any) -> Any:
        return self.source.item(frame, index)


def _is_zero(value: Any) -> bool:
    return value.__class__ is int and value == 0


class Rows(StagedIterable):
    """The rows of a tensor."""

    def __init__(self, tensor: SymbolicTensor) -> None:
        self.source = tensor
        self.tensor = tensor.snapshot()
        self.length = shapes.length_of(tensor)

    def item(self, frame: Frame, index: Any) -> Any:
        key = index.tensor if isinstance(index, SymbolicNumber) else index
        row = self.tensor[key]
        if not isinstance(self.source, arrays.SymbolicArray):
            return row
        row = arrays.as_array(row)
        note_item(frame, self.source, row, key)
        return row


class Characters(StagedIterable):
    """The characters of a string."""

    def __init__(self, whole: text.SymbolicText) -> None:
        self.text = whole
        self.length = characters.count(whole)

    def item(self, frame: Frame, index: Any) -> Any:
        return self.text[index]


class Counts(StagedIterable):
    """The items of an integer `tf.range`: numbers that are counted, without making the tensor."""

    def __init__(self, tensor: SymbolicTensor, operands: Sequence[Value]) -> None:
        start, step, size = operands
        scope = tensor._scope
        self.dtype = tensor.type.dtype
        self.start = None if origins.is_constant(start, 0) else make_symbolic(start, scope)
        self.step = None if origins.is_constant(step, 1) else make_symbolic(step, scope)
        length = primitives.cast(make_symbolic(size, scope), _COUNTER)
        self.length = SymbolicNumber(int, length)

    def item(self, frame: Frame, index: Any) -> Any:
        number = index.tensor if isinstance(index, SymbolicNumber) else convert(index, _COUNTER)
        number = primitives.cast(number, self.dtype)
        if self.step is not None:
            number = number * self.step
        return number if self.start is None else self.start + number


def _rows(tensor: SymbolicTensor) -> StagedIterable:
    made = tensor._value.node
    if made is None or made.spec is not range_ or len(made.inputs) != 3:
        return Rows(tensor)
    return Counts(tensor, made.inputs) if tensor.type.dtype.kind in "iu" else Rows(tensor)


class Items(StagedIterable):
    """The items of a list that grows at run time, also while it is iterated over."""

    def __init__(self, buffer: columns.Growable, owner: Any = None) -> None:
        self.buffer = buffer
        self.owner = owner
        self.length = buffer.length

    def current_length(self, frame: Frame) -> Any:
        if self.owner is None:
            return self.length
        buffer = growable_of(self.owner)
        return len(self.owner) if buffer is None else buffer.length

    def item(self, frame: Frame, index: Any) -> Any:
        held = growable_of(self.owner) or self.buffer
        return rows.item_of(frame, self.owner, held, index)


class Fixed(StagedIterable):
    """A known sequence beside a staged one, in `zip`."""

    def __init__(self, values: Any) -> None:
        self.values = values
        self.length = len(values)

    def item(self, frame: Frame, index: Any) -> Any:
        if isinstance(self.values, range):
            return _item_of_range(self.values.start, self.values.step, index)
        return operations.load_item(frame, self.values, index)


class Combined(StagedIterable):
    """`zip`, `enumerate`, `map`, `reversed`: items made from the items of others."""

    def __init__(
        self, sources: list[StagedIterable], length: Any, make: Callable[[Frame, Any], Any]
    ) -> None:
        self.sources = sources
        """Those that end it; with none it has the length that it began with."""
        self.length = length
        self.make = make

    def current_length(self, frame: Frame) -> Any:
        lengths = [source.current_length(frame) for source in self.sources]
        if all(map(operator.is_, lengths, [source.length for source in self.sources])):
            return self.length
        return shortest(frame, lengths)

    def item(self, frame: Frame, index: Any) -> Any:
        return self.make(frame, index)


def staged(frame: Frame, value: Any) -> StagedIterable | None:
    """The value as a staged iterable; None when its items are known one by one."""
    if isinstance(value, SymbolicRange):
        return _Counted(frame, value)
    if isinstance(value, StagedIterable):
        return value
    if isinstance(value, SymbolicTensor):
        shape = value.type.shape
        return _rows(value) if shape and shape[0] is None else None
    buffer = growable_of(value)
    if buffer is not None:
        return Items(buffer, value)
    if value.__class__ is text.SymbolicText:
        return Characters(value)
    if table_of(value) is None:
        return None

    keys = tables.view(value, "keys") if isinstance(value, dict) else tables.refuse_order(frame)
    return Items(keys[0])


def as_staged(frame: Frame, value: Any) -> StagedIterable:
    """Any indexable value as a staged iterable."""
    found = staged(frame, value)
    if found is not None:
        return found
    if isinstance(value, SymbolicTensor):
        return _rows(value)
    items = operations.iterate(frame, value)
    return Fixed(items if isinstance(items, range | list | tuple) else list(items))


def shortest(frame: Frame, lengths: list[Any]) -> Any:
    """The least of some lengths, known or not."""
    best = lengths[0]
    for length in lengths[1:]:
        if isinstance(best, int) and isinstance(length, int):
            best = min(best, length)
        else:
            smaller = length < best
            best = staging.branch(
                frame, frame.node, smaller, lambda new=length: new, lambda old=best: old
            )
    return best
