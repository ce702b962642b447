"""Lists in compiled code: with items known one by one, or grown at run time.

A list whose length is known is a Python list of values. One that grows under staged control flow holds a single `Growable`:
a buffer per tensor of an item, and the length.
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
    describe,
    flatten_choice,
    join,
    map_tag,
    zeros_of,
)
from tfc.tracing.frame import Frame
from tfc.tracing.messages import appends, name_of_value, site_of_frame
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.shapes import dynamic_size
from tfc.tracing.symbolic import KIND_DTYPES, Choice, SymbolicTensor
from tfc.tracing.trace import Trace

SEQUENCES = (list, deque)
"""What may grow at run time."""


class Growable:
    """The items of a list that grows at run time; the only item of that list."""

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


def hold(owner: Any, buffer: Growable) -> None:
    """Make a list or deque one that grows at run time."""
    owner.clear()
    owner.append(buffer)


def index_of(frame: Frame, key: Any) -> SymbolicNumber | None:
    """A run-time index as a Python int; None when the key is an ordinary one."""
    if isinstance(key, SymbolicNumber):
        if key.kind is float:
            raise TypeError("list indices must be integers or slices, not float")
        return key
    if isinstance(key, SymbolicTensor):
        kind = key.type
        if kind.shape or kind.dtype.kind not in "iu":
            raise TypeError(f"list indices must be integers or slices, not {kind}")
        return SymbolicNumber(int, primitives.cast(key, KIND_DTYPES[int]))
    return None


def load_item(frame: Frame, owner: Any, key: Any) -> Any:
    """`owner[key]` for a list or tuple."""
    index = index_of(frame, key)
    buffer = growable_of(owner)
    if buffer is not None:
        if isinstance(key, slice):
            return _slice(frame, buffer, key)
        place = checked_place(
            frame, buffer.length, key if index is None else index, "list index out of range"
        )
        return item_at(frame, buffer, place)
    if isinstance(key, slice) and any(
        isinstance(part, SymbolicNumber | SymbolicTensor)
        for part in (key.start, key.stop, key.step)
    ):
        return _slice(frame, _made_growable(frame, owner), key)
    if index is None:
        value = owner[key]
        if isinstance(key, slice):
            frame.trace.guards.load_all(owner)
            return value
        return frame.trace.guards.load_item(owner, key, value)
    known = frame.trace.guards.load_all(owner)
    return _pick(frame, known, index, f"{type(owner).__name__} index out of range")


def _made_growable(frame: Frame, owner: Any) -> Growable:
    """A list of known items as one of run time."""
    values = frame.trace.guards.load_all(owner)
    skeleton: Skeleton | None = None
    for value in values:
        skeleton = join_items(skeleton, abstract(value))
    return from_items(frame.trace, list(values), skeleton or Const(None))


def _slice(frame: Frame, buffer: Growable, key: slice) -> list[Any]:
    """`items[a:b]` as a list of run time; a step other than 1 only over all of them."""
    if key.step not in (None, 1):
        return _strided(frame, buffer, key)
    length = buffer.length

    def bound(value: Any, default: Any) -> Any:
        if value is None:
            return default
        number = number_of(frame, value)
        place = staging.branch(
            frame, frame.node, number < 0, lambda: number + length, lambda: number
        )
        zero = as_number(frame, 0)
        place = staging.branch(frame, frame.node, place < 0, lambda: zero, lambda: place)
        return staging.branch(frame, frame.node, place > length, lambda: length, lambda: place)

    start, stop = bound(key.start, as_number(frame, 0)), bound(key.stop, length)
    stop = staging.branch(frame, frame.node, stop < start, lambda: start, lambda: stop)
    parts = [trace_value(frame, tensor[start.tensor : stop.tensor]) for tensor in buffer.buffers]
    return [Growable(buffer.item, parts, stop - start)]


def _strided(frame: Frame, buffer: Growable, key: slice) -> list[Any]:
    """`items[::step]`."""
    if key.start is not None or key.stop is not None or key.step.__class__ is not int:
        return known_items(frame, buffer)
    rows = [tensor[: buffer.length.tensor] for tensor in buffer.buffers]
    parts = [trace_value(frame, tensor[key]) for tensor in rows]
    if key.step == 0:
        raise ValueError("slice step cannot be zero")
    stride = abs(key.step)
    return [Growable(buffer.item, parts, (buffer.length + (stride - 1)) // stride)]


def _pick(frame: Frame, known: Any, index: SymbolicNumber, message: str) -> Any:
    """The item at a run-time index: a branch per item."""
    place = _checked_index(frame, index, len(known), message)
    arms = [lambda item=item: item for item in known]
    return staging.switch(frame, place.tensor, arms)


def _checked_index(frame: Frame, index: SymbolicNumber, count: int, message: str) -> SymbolicNumber:
    """The index from 0, after a check that raises `IndexError` at run time."""

    def fail() -> Any:
        raise IndexError(message)

    if count == 0:
        fail()
    inside = (index >= -count) & (index < count)
    staging.branch(frame, frame.node, inside, lambda: None, fail)
    return index % count


def store_item(frame: Frame, owner: list[Any], key: Any, value: Any) -> None:
    """`owner[key] = value` for a list."""
    index = index_of(frame, key)
    frame.trace.journal.touch(owner)
    frame.trace.guards.writing(owner)
    buffer = growable_of(owner)
    if buffer is not None:
        if isinstance(key, slice):
            known_items(frame, owner)
        place = checked_place(
            frame,
            buffer.length,
            key if index is None else index,
            "list assignment index out of range",
        )
        hold(owner, _with_row(frame, buffer, place, value))
        return
    if index is None:
        owner[key] = value
        return
    place = _checked_index(frame, index, len(owner), "list assignment index out of range")
    for position in range(len(owner)):
        old = owner[position]
        owner[position] = staging.branch(
            frame, frame.node, place == position, lambda: value, lambda old=old: old
        )


def _with_row(frame: Frame, buffer: Growable, place: SymbolicNumber, value: Any) -> Growable:
    """The list with one item replaced."""
    item = join_items(buffer.item, abstract(value))
    widened = widen(frame.trace, buffer, item)
    tensors: list[SymbolicTensor] = []
    item.flatten(frame.trace, value, tensors)
    for tensor, row in zip(widened.buffers, tensors, strict=True):
        _require_same_sizes(frame, tensor, row)
    rows = [
        with_row(frame.trace, tensor, place.tensor, row)
        for tensor, row in zip(widened.buffers, tensors, strict=True)
    ]
    return Growable(item, rows, widened.length)


def extend(frame: Frame, owner: list[Any], source: Any) -> None:
    """`owner += items`."""
    from tfc.tracing import operations, producers

    if not producers.is_staged(frame, source):
        source = list(operations.iterate(frame, source))
    producers.visit(frame, source, lambda item: call_method(frame, owner, "append", (item,)))


def known_items(frame: Frame, value: Any) -> Any:
    """Refuse what needs to know the number of items of a growable list."""
    name = name_of_value(frame, value)
    raise CompileError(
        "TFC010",
        f"{repr(name) if name else 'a list'} has a number of items that is known only at run time",
        "iterate over it with 'for', or stack it: tf.stack(items)",
        site_of_frame(frame, appends(frame, name)),
        "it grows in a loop over a tensor",
    )


# -- lists that grow at run time -----------------------------------------------------------------


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


def checked_place(frame: Frame, length: Any, index: Any, message: str) -> SymbolicNumber:
    """The place of an index that may be negative, after a check at run time."""

    def fail() -> Any:
        raise IndexError(message)

    index = number_of(frame, index)
    place = staging.branch(frame, frame.node, index < 0, lambda: index + length, lambda: index)
    inside = (place >= 0) & (place < length)
    staging.branch(frame, frame.node, inside, lambda: None, fail)
    return place


def number_of(frame: Frame, index: Any) -> SymbolicNumber:
    """An index, known or not, as a number of run time."""
    found = index_of(frame, index)
    return as_number(frame, index) if found is None else found


def as_number(frame: Frame, value: int) -> SymbolicNumber:
    """A known int as one of run time."""
    return SymbolicNumber(int, frame.trace.constant(value, KIND_DTYPES[int]))


def append(frame: Frame, buffer: Growable, value: Any) -> Growable:
    """The list with one more item: written behind the last one, into a buffer of twice the size when it is full."""
    trace = frame.trace
    item = abstract(value) if buffer.item is None else join(buffer.item, abstract(value))
    widened = widen(trace, buffer, item)
    tensors: list[SymbolicTensor] = []
    item.flatten(trace, value, tensors)
    length = widened.length
    if not tensors:
        return Growable(item, [], length + 1)
    capacity = dynamic_size(widened.buffers[0], 0)
    roomy = staging.branch(
        frame,
        frame.node,
        length < capacity,
        lambda: tuple(widened.buffers),
        lambda: tuple(
            [
                _doubled(trace, tensor, row)
                for tensor, row in zip(widened.buffers, tensors, strict=True)
            ]
        ),
    )
    for tensor, row in zip(roomy, tensors, strict=True):
        _require_same_sizes(frame, tensor, row)
    written = [
        with_row(trace, tensor, length.tensor, row)
        for tensor, row in zip(roomy, tensors, strict=True)
    ]
    return Growable(item, written, length + 1)


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


def _require_same_sizes(frame: Frame, tensor: SymbolicTensor, row: SymbolicTensor) -> None:
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
    converted: list[SymbolicTensor] = []
    convert_rows(trace, buffer.item, item, iter(buffer.buffers), buffer.length, converted)
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


def pop(frame: Frame, owner: list[Any], buffer: Growable, arguments: tuple[Any, ...]) -> Any:
    """`list.pop()` or `list.pop(i)`."""

    def fail() -> Any:
        raise IndexError("pop from empty list")

    empty = buffer.length == 0
    staging.branch(frame, frame.node, empty, fail, lambda: None)
    last = buffer.length - 1
    if not arguments or (arguments[0].__class__ is int and arguments[0] == -1):
        value = item_at(frame, buffer, last)
        hold(owner, Growable(buffer.item, buffer.buffers, last))
        return value
    index = arguments[0] if arguments[0].__class__ is int else index_of(frame, arguments[0])
    place = checked_place(frame, buffer.length, index, "pop index out of range")
    value = item_at(frame, buffer, place)
    concat = primitives.function_named("concat")
    moved = [
        trace_value(frame, concat([tensor[: place.tensor], tensor[(place + 1).tensor :]], 0))
        for tensor in buffer.buffers
    ]
    hold(owner, Growable(buffer.item, moved, last))
    return value


def trace_value(frame: Frame, tensor: Any) -> SymbolicTensor:
    """A tensor as a value of the trace."""
    return frame.trace.as_symbolic(tensor)


def insert(frame: Frame, buffer: Growable, index: Any, value: Any) -> Growable:
    """The list with an item put in before `index`."""
    trace, length = frame.trace, buffer.length
    number = number_of(frame, index)
    place = staging.branch(frame, frame.node, number < 0, lambda: number + length, lambda: number)
    place = staging.branch(frame, frame.node, place < 0, lambda: as_number(frame, 0), lambda: place)
    place = staging.branch(frame, frame.node, place > length, lambda: length, lambda: place)
    single = from_items(trace, [value], join_items(buffer.item, abstract(value)))
    widened = widen(trace, buffer, single.item)  # pyright: ignore[reportArgumentType]
    concat = primitives.function_named("concat")
    joined = [
        trace_value(frame, concat([tensor[: place.tensor], new, tensor[place.tensor :]], 0))
        for tensor, new in zip(widened.buffers, single.buffers, strict=True)
    ]
    return Growable(single.item, joined, length + 1)


def join_items(left: Skeleton | None, right: Skeleton) -> Skeleton:
    return right if left is None else join(left, right)


def stacked(frame: Frame, buffer: Growable) -> Any:
    """The items as one tensor."""
    if buffer.item is None or len(buffer.buffers) != 1:
        return _refuse_mixed(frame, buffer)
    return buffer.buffers[0][: buffer.length.tensor]


def _refuse_mixed(frame: Frame, buffer: Growable) -> Any:
    """Items without a common type cannot be one tensor."""
    name = next((key for key, held in frame.vars.items() if growable_of(held) is buffer), "")
    item = buffer.item
    kinds = [item] if item is None else item.alternatives if isinstance(item, Union) else [item]
    shown = " and ".join("nothing" if kind is None else describe(kind) for kind in kinds)
    raise CompileError(
        "TFC012",
        f"{repr(name) if name else 'the list'} holds {shown}, which are no rows of one tensor",
        "append tensors of one dtype and shape: tf.cast, tf.reshape",
        site_of_frame(frame, appends(frame, name)),
    )


_STACKING = ("stack", "convert_to_tensor", "constant", "concat", "add_n")


def call_library(
    frame: Frame, callee: Any, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A library function called with a list that grows at run time: those of tfc that join tensors take it as one."""
    name = getattr(callee, "__name__", "")
    if name not in _STACKING or not str(getattr(callee, "__module__", "")).startswith("tfc"):
        return known_items(frame, owner)
    buffer = growable_of(owner)
    assert buffer is not None
    whole = stacked(frame, buffer)
    axis = keywords.get("axis", arguments[1] if len(arguments) > 1 else 0)
    if name == "add_n":
        return primitives.function_named("reduce_sum")(whole, 0)
    if name in ("constant", "convert_to_tensor"):
        return callee(whole, *arguments[1:], **keywords)
    if axis != 0:
        rank = len(whole.type.shape)
        order = [*range(1, axis % rank + 1), 0, *range(axis % rank + 1, rank)]
        whole = primitives.function_named("transpose")(whole, order)
    if name == "stack":
        return whole
    shape = primitives.function_named("shape")(whole)
    if axis != 0:
        return known_items(frame, owner)
    merged = primitives.function_named("concat")([[-1], shape[2:]], 0)
    return primitives.function_named("reshape")(whole, merged)


def call_method(frame: Frame, owner: list[Any], name: str, arguments: tuple[Any, ...]) -> Any:
    """A method of a list that changes it."""
    frame.trace.journal.touch(owner)
    frame.trace.guards.load_all(owner)
    frame.trace.guards.writing(owner)
    buffer = growable_of(owner)
    if buffer is None:
        if name in ("pop", "insert") and arguments and index_of(frame, arguments[0]) is not None:
            skeleton: Skeleton | None = None
            for value in owner:
                skeleton = join_items(skeleton, abstract(value))
            if skeleton is not None:
                hold(owner, from_items(frame.trace, owner, skeleton))
                return call_method(frame, owner, name, arguments)
        return getattr(owner, name)(*arguments)
    if name in ("popleft", "appendleft"):
        name, arguments = ("pop", (0,)) if name == "popleft" else ("insert", (0, *arguments))
    if name == "append":
        hold(owner, append(frame, buffer, *arguments))
        return None
    if name == "pop":
        return pop(frame, owner, buffer, arguments)
    if name == "insert":
        hold(owner, insert(frame, buffer, *arguments))
        return None
    if name == "clear":
        owner.clear()
        return None
    return known_items(frame, owner)


class Grow(Skeleton):
    """The skeleton of a list that grows at run time."""

    __slots__ = ("cls", "item")

    def __init__(self, item: Skeleton | None, cls: type = list) -> None:
        self.item = item
        self.cls = cls
        """`list` or `deque`."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grow) and self.item == other.item and self.cls is other.cls

    def __hash__(self) -> int:
        return hash((Grow, self.item, self.cls))

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
        buffer = growable_of(value)
        item = self.item
        if buffer is None:
            buffer = from_items(trace, list(value), item or Const(None))
        elif item is not None:
            buffer = widen(trace, buffer, item)
        out.append(buffer.length.tensor)
        if item is not None:
            out.extend(buffer.buffers)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        length = SymbolicNumber(int, next(tensors))
        count = len(self.types()) - 1
        buffers = [next(tensors) for _ in range(count)]
        return self.cls((Growable(self.item, buffers, length),))

    def merged(self, other: Skeleton) -> Skeleton | None:
        """The skeleton for this list or another one."""
        if isinstance(other, Grow):
            if other.cls is not self.cls:
                return None
            if other.item is None:
                return self
            return other if self.item is None else Grow(join(self.item, other.item), self.cls)
        if isinstance(other, Struct) and other.cls is self.cls:
            item = self.item
            for skeleton in other.items:
                item = join_items(item, skeleton)
            return Grow(item, self.cls)
        return None
