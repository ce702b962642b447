"""Containers that grow at run time: a buffer per tensor of an item, and the length.

A list whose length is known is a Python list of values. One that grows under staged control flow holds a single `Growable`, and
so does a set whose members are known at run time only; a dict with such keys has it as the value of its only key, `TABLE`: its
items are pairs of key and value. What is done with them is in `list_items` and `tables`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from tfc.core.dispatch import apply
from tfc.core.errors import CompileError, InvalidArgumentError
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing import primitives, staging
from tfc.tracing.abstract import (
    Const,
    Skeleton,
    Struct,
    Union,
    abstract,
    abstract_key,
    flatten_choice,
    join,
    map_tag,
    without_unbound,
    zeros_of,
)
from tfc.tracing.frame import Frame
from tfc.tracing.messages import site_of_frame
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.shapes import dynamic_size
from tfc.tracing.structures import (
    new_container,
)
from tfc.tracing.symbolic import KIND_DTYPES, Choice, SymbolicTensor
from tfc.tracing.trace import Trace

SEQUENCES = (list, deque)
"""What may grow at run time."""


class _Table:
    """The type of `TABLE`."""

    def __repr__(self) -> str:
        return "<keys known at run time>"


TABLE = _Table()
"""The only key of a dict whose keys are known at run time only."""


class Growable:
    """The items of a list, deque or set, or the pairs of a dict, that are known at run time."""

    __slots__ = ("buffers", "item", "length")

    def __init__(
        self, item: Skeleton | None, buffers: list[SymbolicTensor], length: SymbolicNumber
    ) -> None:
        self.item = item
        """The skeleton of an item; None while nothing was ever appended."""
        self.buffers = buffers
        """For each tensor of an item, those of all items; may be longer than `length`."""
        self.length = length


def growable_of(value: Any) -> Growable | None:
    """What a list or deque that grows at run time holds; None for any other value."""
    if value.__class__ in SEQUENCES and len(value) == 1 and value[0].__class__ is Growable:
        return value[0]
    return None


def table_of(value: Any) -> Growable | None:
    """What a dict or set holds whose keys are known at run time only; None for any other value."""
    if isinstance(value, dict):
        return dict.get(value, TABLE) if len(value) == 1 else None
    if value.__class__ is set and len(value) == 1:
        (item,) = value
        return item if item.__class__ is Growable else None
    return None


def hold(owner: Any, buffer: Growable) -> None:
    """Make a container one that grows at run time."""
    owner.clear()
    if isinstance(owner, dict):
        dict.__setitem__(owner, TABLE, buffer)
    elif isinstance(owner, set):
        owner.add(buffer)
    else:
        owner.append(buffer)


def item_at(frame: Frame, buffer: Growable, index: Any) -> Any:
    """Item number `index`, which is in range."""
    assert buffer.item is not None
    place = index.tensor if isinstance(index, SymbolicNumber) else index
    rows = [row_at(tensor, place) for tensor in buffer.buffers]
    return buffer.item.rebuild(iter(rows))


def row_at(tensor: SymbolicTensor, place: Any) -> Any:
    """One row of a buffer."""
    return primitives.function_named("gather")(tensor, place)


def with_row(
    trace: Trace, tensor: SymbolicTensor, place: SymbolicTensor, row: SymbolicTensor
) -> SymbolicTensor:
    """A buffer with one row replaced."""
    from tfc.dialects.tfc.semantics import slicing

    block = primitives.function_named("expand_dims")(row, 0)
    begin = (None, *[0] * len(row.type.shape))
    return trace.as_symbolic(apply(slicing.slice_update, tensor, block, place, begin=begin))


def append(
    frame: Frame, buffer: Growable, value: Any, skeleton: Skeleton | None = None
) -> Growable:
    """The list with one more item, behind the last one."""
    longer = put(frame, buffer, buffer.length, value, skeleton)
    longer.length = buffer.length + 1
    return longer


def put(
    frame: Frame,
    buffer: Growable,
    place: SymbolicNumber,
    value: Any,
    skeleton: Skeleton | None = None,
) -> Growable:
    """The rows with `value`, of the given skeleton, as number `place`, at most one behind the last.

    Buffers that are full become twice as long.
    """
    trace = frame.trace
    item = join_items(buffer.item, skeleton or abstract(value))
    widened = widen(trace, buffer, item)
    tensors: list[SymbolicTensor] = []
    item.flatten(trace, value, tensors)
    if not tensors:
        return Growable(item, [], widened.length)
    capacity = dynamic_size(widened.buffers[0], 0)
    roomy = staging.branch(
        frame,
        frame.node,
        place < capacity,
        lambda: tuple(widened.buffers),
        lambda: tuple(
            [
                _doubled(trace, tensor, row)
                for tensor, row in zip(widened.buffers, tensors, strict=True)
            ]
        ),
    )
    for tensor, row in zip(roomy, tensors, strict=True):
        require_same_sizes(frame, tensor, row)
    written = [
        with_row(trace, tensor, place.tensor, row)
        for tensor, row in zip(roomy, tensors, strict=True)
    ]
    return Growable(item, written, widened.length)


def without_row(frame: Frame, buffer: Growable, place: SymbolicNumber) -> Growable:
    """The rows without number `place`."""
    concat = primitives.function_named("concat")
    moved = [
        trace_value(frame, concat([tensor[: place.tensor], tensor[(place + 1).tensor :]], 0))
        for tensor in buffer.buffers
    ]
    return Growable(buffer.item, moved, buffer.length - 1)


def _doubled(trace: Trace, tensor: SymbolicTensor, row: SymbolicTensor) -> Any:
    """A buffer with room for as many rows again, and for four at least; without rows it takes the sizes of `row`."""
    concat = primitives.function_named("concat")
    shape = tensor.type.shape[1:]
    if None not in shape:
        four = trace.as_symbolic(zeros_of(trace, tensor.type.dtype, (4, *[s or 0 for s in shape])))
        return concat([tensor, tensor, four], 0)
    from tfc.dialects.tfc.semantics import slicing

    rows = dynamic_size(tensor, 0) * 2 + 4
    sizes = concat([[rows], primitives.function_named("shape")(row)], 0)
    zero = trace.constant(0, tensor.type.dtype)
    made = primitives.function_named("broadcast_to")(zero, sizes)
    return apply(slicing.slice_update, made, tensor, begin=(0,) * len(tensor.type.shape))


def require_same_sizes(frame: Frame, tensor: SymbolicTensor, row: SymbolicTensor) -> None:
    """The rows of a buffer have one shape, which is checked where it is known at run time only."""

    def fail() -> Any:
        raise InvalidArgumentError(
            "TFC106",
            "the items of a list that grows at run time have different sizes",
            "give them one size (tf.pad, slicing), or join them: tf.concat([whole, item], 0)",
        )

    for axis, size in enumerate(row.type.shape):
        if size is None or tensor.type.shape[axis + 1] is None:
            same = dynamic_size(tensor, axis + 1) == dynamic_size(row, axis)
            staging.branch(frame, frame.node, same, lambda: None, fail)


def widen(trace: Trace, buffer: Growable, item: Skeleton) -> Growable:
    """The list with items of a wider skeleton."""
    if buffer.item == item:
        return buffer
    if buffer.item is None:
        return Growable(item, empty_buffers(trace, item), buffer.length)
    given, converted = buffer.buffers, []
    if len(item.types()) != len(given):  # new columns have as many rows as there are items
        given = [trace.as_symbolic(tensor[: buffer.length.tensor]) for tensor in given]
    convert_rows(trace, buffer.item, item, iter(given), buffer.length, converted)
    return Growable(item, converted, buffer.length)


def convert_rows(
    trace: Trace,
    old: Skeleton,
    new: Skeleton,
    rows: Iterator[SymbolicTensor],
    length: SymbolicNumber,
    out: list[SymbolicTensor],
) -> None:
    """The buffers of items of skeleton `old` as those of items of the wider skeleton `new`."""
    if old == new:
        out.extend(next(rows) for _ in old.types())
    elif isinstance(new, Union):
        _rows_of_union(trace, old, new, rows, length, out)
    elif isinstance(old, Const):
        tensors: list[SymbolicTensor] = []
        new.flatten(trace, old.value, tensors)
        out.extend([_repeated(trace, tensor, length) for tensor in tensors])
    elif isinstance(old, Struct) and isinstance(new, Struct) and old.keys == new.keys:
        for before, after in zip(old.items, new.items, strict=True):
            convert_rows(trace, before, after, rows, length, out)
    elif len(old.types()) == 1 and len(new.types()) == 1:
        out.append(trace.as_symbolic(primitives.cast(next(rows), new.types()[0].dtype)))
    else:
        raise CompileError(
            "TFC012",
            "the items of a list that grows at run time have different types",
            "append items of one dtype and structure: tf.cast(x, dtype)",
            site_of_frame(trace.frame),
        )


def _rows_of_union(
    trace: Trace,
    old: Skeleton,
    new: Union,
    rows: Iterator[SymbolicTensor],
    length: SymbolicNumber,
    out: list[SymbolicTensor],
) -> None:
    given = list(old.alternatives) if isinstance(old, Union) else [old]
    slots = [new.slot_of(item) for item in given]
    if isinstance(old, Union):
        tags = next(rows)
        if slots != list(range(len(slots))):
            tags = map_tag(trace, tags, slots)
    else:
        tags = _repeated(trace, trace.constant_tag(slots[0]), length)
    out.append(trace.as_symbolic(tags))
    parts: dict[int, list[SymbolicTensor]] = {}
    for slot, item in zip(slots, given, strict=True):
        parts[slot] = []
        convert_rows(trace, item, new.alternatives[slot], rows, length, parts[slot])
    for index, item in enumerate(new.alternatives):
        if index in parts:
            out.extend(parts[index])
            continue
        zeros: list[SymbolicTensor] = []
        item.zeros(trace, zeros)
        out.extend([_repeated(trace, tensor, length) for tensor in zeros])


def _repeated(trace: Trace, tensor: SymbolicTensor, length: SymbolicNumber) -> SymbolicTensor:
    """`length` times the same row."""
    sizes = [length.tensor, *tensor.type.shape]
    if None in sizes:
        row = primitives.function_named("shape")(tensor, out_type=KIND_DTYPES[int])
        stack = primitives.function_named("stack")
        sizes = primitives.function_named("concat")([stack([length.tensor]), row], 0)
    return trace.as_symbolic(primitives.function_named("broadcast_to")(tensor, sizes))


def empty_buffers(trace: Trace, item: Skeleton) -> list[SymbolicTensor]:
    """Buffers without items."""
    return [
        trace.as_symbolic(zeros_of(trace, kind.dtype, (0, *[size or 0 for size in kind.shape])))
        for kind in item.types()
    ]


def from_items(trace: Trace, values: list[Any], item: Skeleton) -> Growable:
    """A list of known items as a growable one."""
    length = SymbolicNumber(int, trace.constant(len(values), KIND_DTYPES[int]))
    if not values:
        return Growable(item, empty_buffers(trace, item), length)
    rows: list[list[SymbolicTensor]] = []
    for value in values:
        tensors: list[SymbolicTensor] = []
        item.flatten(trace, value, tensors)
        rows.append(tensors)
    stack = primitives.function_named("stack")
    buffers = [trace.as_symbolic(stack(list(column))) for column in zip(*rows, strict=True)]
    return Growable(item, buffers, length)


def trace_value(frame: Frame, tensor: Any) -> SymbolicTensor:
    """A tensor as a value of the trace."""
    return frame.trace.as_symbolic(tensor)


def join_items(left: Skeleton | None, right: Skeleton) -> Skeleton:
    return right if left is None else join(left, right)


def note_items(trace: Trace, items: Any) -> None:
    """Items of known places become rows: objects among them must not change any more."""
    from tfc.tracing import rows

    for item in items:
        rows.note(trace, item)


class Grow(Skeleton):
    """The skeleton of a container that grows at run time."""

    item: Skeleton | None
    cls: type = list
    """`list`, `deque`, `set` or a class of dicts."""
    factory: Any = None
    """That of a `defaultdict`."""

    def types(self) -> list[ArrayType]:
        length = ArrayType(KIND_DTYPES[int], ())
        if self.item is None:
            return [length]
        rows = [ArrayType(kind.dtype, (None, *kind.shape)) for kind in self.item.types()]
        return [length, *rows]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        if value.__class__ is Choice:
            flatten_choice(self, trace, value, out)
            return
        buffer = growable_of(value) or table_of(value)
        item = self.item
        if buffer is not None:
            buffer = buffer if item is None else widen(trace, buffer, item)
        elif self.cls in SEQUENCES:
            note_items(trace, value)
            buffer = from_items(trace, list(value), item or Const(None))
        else:
            from tfc.tracing.tables import from_entries

            buffer = from_entries(trace, value, self.cls is not set, item)
        out.append(buffer.length.tensor)
        if item is not None:
            out.extend(buffer.buffers)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        length = SymbolicNumber(int, next(tensors))
        count = len(self.types()) - 1
        made = new_container(self.cls, self.factory)
        hold(made, Growable(self.item, [next(tensors) for _ in range(count)], length))
        return made

    def merged(self, other: Skeleton) -> Skeleton | None:
        """The skeleton for this container or another one."""
        if isinstance(other, Grow):
            if (other.cls, other.factory) != (self.cls, self.factory):
                return None
            found = [] if other.item is None else [other.item]
        else:
            found = self._items_of(other)
        if found is None:
            return None
        item = self.item
        for skeleton in found:
            item = join_items(item, skeleton)
        return Grow(item, self.cls, self.factory)

    def _items_of(self, other: Skeleton) -> list[Skeleton] | None:
        """The items of a container of known length and keys; None when it is no such container."""
        if self.cls is set:
            if isinstance(other, Struct) and other.cls in (set, dict):
                return list(map(abstract_key, other.keys))
            if isinstance(other, Const) and other.value.__class__ is set:
                return list(map(abstract_key, other.value))
        elif isinstance(other, Struct) and (other.cls, other.factory) == (self.cls, self.factory):
            if self.cls in SEQUENCES:
                return list(other.items)
            pairs = zip(other.keys, map(without_unbound, other.items), strict=True)
            return [Struct(tuple, (0, 1), (abstract_key(key), value)) for key, value in pairs]
        return None
