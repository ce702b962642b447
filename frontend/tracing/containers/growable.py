"""Containers that grow at run time: how their items are read and written.

A list whose length is known is a Python list of values. One that grows under staged control flow holds a single `Growable`, and
so does a set whose members are known at run time only; a dict with such keys has it as the value of its only key, `TABLE`: its
items are pairs of key and value. What is done with them is in `list_items` and `tables`.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, cast

from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.dialects.tfc.semantics import slicing
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.containers import ragged, rows, tables, widening
from tfc.tracing.containers.columns import (
    Column,
    Growable,
    Lists,
    Segment,
    column_types,
    empty,
    flat,
    growable_from,
    joined,
    plus,
    rearranged,
    row_buffers,
)
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import iterables
from tfc.tracing.paths import comprehension_staging, staging
from tfc.tracing.paths.journal import fill
from tfc.tracing.trace import Trace
from tfc.tracing.values import primitives, shapes, structures
from tfc.tracing.values.abstract import (
    Array,
    Const,
    Skeleton,
    Struct,
    Union,
    abstract,
    abstract_key,
    flatten_choice,
    join,
    without_unbound,
)
from tfc.tracing.values.identity import kept_in
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor

SEQUENCES = (list, deque, tuple)
"""What may grow at run time."""


class _Table:
    """The type of `TABLE`."""

    def __repr__(self) -> str:
        return "<keys known at run time>"


TABLE = _Table()
"""The only key of a dict whose keys are known at run time only."""


SETS = (set, frozenset)


def growable_of(value: Any) -> Growable | None:
    """What a list, deque or tuple of a length of run time holds; None for any other value."""
    if value.__class__ in SEQUENCES and len(value) == 1 and isinstance(value[0], Growable):
        return value[0]
    return None


def table_of(value: Any) -> Growable | None:
    """What a dict or set holds whose keys are known at run time only; None for any other value."""
    if isinstance(value, dict):
        return dict.get(value, TABLE) if len(value) == 1 else None
    if value.__class__ in SETS and len(value) == 1:
        (item,) = value
        return item if isinstance(item, Growable) else None
    return None


def hold(owner: Any, buffer: Growable) -> None:
    """Make a container one that grows at run time."""
    if isinstance(owner, dict):
        fill(owner, [(TABLE, buffer)])
        return
    owner.clear()
    if isinstance(owner, set):
        owner.add(buffer)
    else:
        owner.append(buffer)


def holding(cls: type, items: Growable, factory: Any = None) -> Any:
    """A container of class `cls` that grows at run time, or a tuple of a length of run time."""
    if cls is tuple or cls is frozenset:
        return cls((items,))
    made = structures.new_container(cls, factory)
    hold(made, items)
    return made


def item_at(frame: Frame, source: Growable, index: Any) -> Any:
    """Item number `index`, which is in range."""
    if isinstance(source, Segment):
        return item_at(frame, source.rows, plus(source.start, index))
    assert source.item is not None
    place = index.tensor if isinstance(index, SymbolicNumber) else index
    cells: list[Any] = [
        _list_at(column, place) if isinstance(column, Lists) else row_at(column, place)
        for column in source.columns
    ]
    return source.item.rebuild(iter(cells))


def row_at(tensor: SymbolicTensor, place: Any) -> Any:
    """One row of a buffer."""
    return primitives.chosen(primitives.function_named("gather")(tensor, place))


def _list_at(column: Lists, place: Any) -> Segment:
    counts = (column.starts, column.capacities, column.lengths)
    start, capacity, length = [SymbolicNumber(int, row_at(count, place)) for count in counts]
    return Segment(column.rows, start, capacity, length, column.rows)


def with_row(
    trace: Trace, tensor: SymbolicTensor, place: SymbolicTensor, row: SymbolicTensor
) -> SymbolicTensor:
    """A buffer with one row replaced."""
    return _with_rows(trace, tensor, place, primitives.function_named("expand_dims")(row, 0))


def _with_rows(
    trace: Trace, tensor: SymbolicTensor, place: SymbolicTensor, block: Any
) -> SymbolicTensor:
    """A buffer with the rows from a place on replaced."""
    begin = (None, *[0] * (len(tensor.type.shape) - 1))
    return trace.as_symbolic(apply(slicing.slice_update, tensor, block, place, begin=begin))


# -- writing ------------------------------------------------------------------------------------


class Cells(list[Any]):
    """A value in flat form, with containers that grow as they are where that is known: a `Growable` for their tensors."""


Cell = SymbolicTensor | Growable


def cells_of(trace: Trace, item: Skeleton, value: Any) -> list[Cell]:
    """What goes into the columns for a value: a tensor, or the items of a container."""
    given: Any = Cells()
    item.flatten(trace, value, given)
    rest: Any = iter(given)
    found: list[Cell] = []
    for leaf in item.leaves():
        first = next(rest)
        is_whole = isinstance(leaf, ArrayType) or isinstance(first, Growable)
        found.append(
            first if is_whole else growable_from(leaf, cast(Any, itertools.chain([first], rest)))
        )
    return found


def append(
    frame: Frame, source: Growable, value: Any, skeleton: Skeleton | None = None
) -> Growable:
    """The list with one more item, behind the last one."""
    longer = put(frame, source, source.length, value, skeleton)
    return longer.of_length(plus(source.length, 1))


def put(
    frame: Frame,
    source: Growable,
    place: SymbolicNumber,
    value: Any,
    skeleton: Skeleton | None = None,
) -> Growable:
    """The items with `value`, of the given skeleton, as number `place`, at most one behind the last.

    Buffers that are full become twice as long.
    """
    item = join_items(source.item, skeleton or abstract(value))
    widened = widening.widen(frame.trace, source, item)
    cells = cells_of(frame.trace, item, value)
    if isinstance(widened, Segment):
        roomy = _moved_if_full(frame, widened, place)
    else:
        roomy = _with_room(frame, widened, plus(place, 1), cells)
    is_there = False if place is source.length else place < source.length
    return _written(frame, roomy, place, cells, is_there)


def replace(frame: Frame, source: Growable, place: SymbolicNumber, value: Any) -> Growable:
    """The items with number `place`, which is in range, replaced."""
    item = join_items(source.item, abstract(value))
    widened = widening.widen(frame.trace, source, item)
    return _written(frame, widened, place, cells_of(frame.trace, item, value), True)


def _written(
    frame: Frame, target: Growable, place: SymbolicNumber, cells: list[Cell], is_there: Any
) -> Growable:
    """The items with one replaced whose row is there; `is_there` if it holds an item."""
    if isinstance(target, Segment):
        rows = _written(frame, target.rows, plus(target.start, place), cells, False)
        return Segment(rows, target.start, target.capacity, target.length, target.origin)
    columns: list[Column] = []
    for column, cell in zip(target.columns, cells, strict=True):
        if isinstance(column, Lists):
            assert isinstance(cell, Growable)
            columns.append(_with_list(frame, column, place, cell, is_there))
        else:
            assert isinstance(cell, SymbolicTensor)
            require_same_sizes(frame, column, cell)
            columns.append(with_row(frame.trace, column, place.tensor, cell))
    return Growable(target.item, flat(columns), target.length)


def _with_list(
    frame: Frame, column: Lists, place: SymbolicNumber, source: Growable, is_there: Any
) -> Lists:
    """A column with the container at a row replaced: it is that very one, or is copied."""
    if isinstance(source, Segment) and source.origin.is_same(column.rows):
        start, capacity, rows = source.start, source.capacity, source.rows
    else:
        start, capacity, rows = _copied(frame, column, place, source, is_there)
    trace, counts = frame.trace, (start, capacity, source.length)
    columns = (column.starts, column.capacities, column.lengths)
    starts, capacities, lengths = [
        with_row(trace, tensor, place.tensor, count.tensor)
        for tensor, count in zip(columns, counts, strict=True)
    ]
    return Lists(starts, capacities, lengths, rows)


def _copied(
    frame: Frame, column: Lists, place: SymbolicNumber, source: Growable, is_there: Any
) -> tuple[SymbolicNumber, SymbolicNumber, Growable]:
    """Start and capacity of a segment with a copy of some items, and the rows with it: the old one if it is large enough."""
    rows, length = column.rows, source.length
    start, capacity, end = rows.length, length, plus(rows.length, length)
    if is_there is not False:
        old = _list_at(column, place.tensor)
        fits = length <= old.capacity
        fits = fits if is_there is True else fits & is_there
        pairs = ((old.start, start), (old.capacity, capacity), (rows.length, end))
        start, capacity, end = [
            SymbolicNumber(int, primitives.select(fits.tensor, one.tensor, other.tensor))
            for one, other in pairs
        ]
    if rows.item is None:
        return start, capacity, rows.of_length(end)
    rows = _with_block(frame, _with_room(frame, rows, end, source.columns, 1), start, source)
    return start, capacity, rows.of_length(end)


def _with_block(
    frame: Frame, target: Growable, start: SymbolicNumber, source: Growable
) -> Growable:
    """The items with those from `start` on replaced; there is room for them."""
    if any(isinstance(column, Lists) for column in target.columns):
        return _with_items(frame, target, start, source)
    columns: list[Column] = []
    for column, given in zip(target.buffers, source.buffers, strict=True):
        require_same_sizes(frame, column, given, 1)
        block = given[: source.length.tensor]
        columns.append(_with_rows(frame.trace, column, start.tensor, block))
    return Growable(target.item, flat(columns), target.length)


def _with_items(
    frame: Frame, target: Growable, start: SymbolicNumber, source: Growable
) -> Growable:
    """The same one by one: each item has containers that are copied."""

    def add(held: list[Growable], index: Any) -> list[Growable]:
        item = source.item
        assert item is not None
        cells = cells_of(frame.trace, item, item_at(frame, source, index))
        return [_written(frame, held[0], plus(start, index), cells, False)]

    return comprehension_staging.fold(
        frame, iterables.SymbolicRange(0, source.length, 1), [target], add
    )[0]


def _moved_if_full(frame: Frame, source: Segment, place: SymbolicNumber) -> Segment:
    """A segment with room for an item at `place`: one that is full moves behind the last segment."""
    is_full, old = (place >= source.capacity).tensor, source.rows.length

    def if_full(new: SymbolicNumber, kept: SymbolicNumber) -> SymbolicNumber:
        return SymbolicNumber(int, primitives.select(is_full, new.tensor, kept.tensor))

    longer = plus(plus(source.capacity, source.capacity), 4)
    start, capacity = if_full(old, source.start), if_full(longer, source.capacity)
    end = if_full(plus(old, longer), old)
    rows = _with_room(frame, source.rows, end, source.rows.columns, 1)

    def moved() -> list[Growable]:
        function = primitives.function_named
        one = frame.trace.constant(1, KIND_DTYPES[int])
        last = plus(source.start, source.length).tensor
        places = function("range")(source.start.tensor, last, one)
        columns: list[Column] = []
        part = rearranged(rows, lambda column: function("gather")(column, places), source.length)
        for column, block in zip(rows.columns, part.columns, strict=True):
            columns.append(_with_part(frame.trace, column, old.tensor, block))
        return [Growable(rows.item, flat(columns), rows.length)]

    (held,) = staging.branch(frame, frame.node, is_full, moved, lambda: [rows])
    return Segment(held.of_length(end), start, capacity, source.length, source.origin)


def _with_part(trace: Trace, column: Column, start: SymbolicTensor, part: Column) -> Column:
    """A column with the rows from `start` on replaced by other rows of it."""
    if not isinstance(column, Lists):
        return _with_rows(trace, column, start, part)
    assert isinstance(part, Lists)
    pairs = (
        (column.starts, part.starts),
        (column.capacities, part.capacities),
        (column.lengths, part.lengths),
    )
    starts, capacities, lengths = [_with_rows(trace, old, start, new) for old, new in pairs]
    return Lists(starts, capacities, lengths, column.rows)


def _with_room(
    frame: Frame, source: Growable, needed: SymbolicNumber, like: Sequence[Any], rank: int = 0
) -> Growable:
    """The items with room for `needed`; buffers without rows take sizes, after `rank` axes, of what is put into them."""
    trace, samples = frame.trace, list[Any]()
    for column, sample in zip(source.columns, like, strict=True):
        samples += [None] * 3 if isinstance(column, Lists) else [sample]
    tensors = row_buffers(source)
    if not tensors:
        return source
    capacity = shapes.dynamic_size(tensors[0], 0)

    def longer() -> tuple[SymbolicTensor, ...]:
        pairs = zip(tensors, samples, strict=True)
        return tuple(
            [_of_rows(trace, plus(plus(needed, needed), 2), *pair, rank) for pair in pairs]
        )

    roomy = iter(
        staging.branch(frame, frame.node, needed <= capacity, lambda: tuple(tensors), longer)
    )
    return rearranged(source, lambda _: next(roomy), source.length)


def _of_rows(
    trace: Trace, rows: SymbolicNumber, tensor: SymbolicTensor, sample: Any, rank: int
) -> SymbolicTensor:
    """A buffer with more rows."""
    concat, sizes = primitives.function_named("concat"), tensor.type.shape[1:]
    zero, zeros = trace.constant(0, tensor.type.dtype), primitives.function_named("broadcast_to")
    if None not in sizes:
        added = rows.tensor - shapes.dynamic_size(tensor, 0).tensor
        return trace.as_symbolic(concat([tensor, zeros(zero, [added, *sizes])], 0))
    shape = primitives.function_named("shape")(sample, out_type=KIND_DTYPES[int])[rank:]
    made, begin = zeros(zero, concat([[rows.tensor], shape], 0)), (0,) * (len(sizes) + 1)
    return trace.as_symbolic(apply(slicing.slice_update, made, tensor, begin=begin))


def require_same_sizes(
    frame: Frame, tensor: SymbolicTensor, row: SymbolicTensor, rank: int = 0
) -> None:
    """The rows of a buffer have one shape, checked where it is known at run time only; that of `row` after `rank` axes."""

    def fail() -> Any:
        raise InvalidArgumentError(
            "TFC106",
            "the items of a list that grows at run time have different sizes",
            "give them one size (tf.pad, slicing), or join them: tf.concat([whole, item], 0)",
        )

    for axis, size in enumerate(row.type.shape[rank:]):
        if size is None or tensor.type.shape[axis + 1] is None:
            same = shapes.dynamic_size(tensor, axis + 1) == shapes.dynamic_size(row, axis + rank)
            staging.branch(frame, frame.node, same, lambda: None, fail)


# -- made of known items, or of others ----------------------------------------------------------


def without_row(frame: Frame, source: Growable, place: SymbolicNumber) -> Growable:
    """The items without number `place`."""
    return without_rows(source, place, place + 1)


def without_rows(source: Growable, start: SymbolicNumber, stop: SymbolicNumber) -> Growable:
    """The items without those from `start` to `stop`."""
    concat = primitives.function_named("concat")

    def kept(rows: SymbolicTensor) -> Any:
        return concat([rows[: start.tensor], rows[stop.tensor :]], 0)

    return rearranged(source, kept, source.length - (stop - start))


def from_items(trace: Trace, values: list[Any], item: Skeleton) -> Growable:
    """A list of known items as a growable one."""
    if not values:
        return empty(trace, item)
    stack = primitives.function_named("stack")
    columns: list[Column] = []
    rows = [cells_of(trace, item, value) for value in values]
    for leaf, cells in zip(item.leaves(), zip(*rows, strict=True), strict=True):
        if isinstance(leaf, ArrayType):
            columns.append(trace.as_symbolic(stack(list(cells))))
        else:
            columns.append(_lists_of(trace, leaf, cells))  # pyright: ignore[reportArgumentType]
    length = SymbolicNumber(int, trace.constant(len(values), KIND_DTYPES[int]))
    return Growable(item, flat(columns), length)


def _lists_of(trace: Trace, leaf: Any, lists: tuple[Growable, ...]) -> Lists:
    """A column of some containers."""
    stack = primitives.function_named("stack")
    end = SymbolicNumber(int, trace.constant(0, KIND_DTYPES[int]))
    starts: list[Any] = []
    for held in lists:
        starts.append(end.tensor)
        end = plus(end, held.length)
    lengths = trace.as_symbolic(stack([held.length.tensor for held in lists]))
    rows = empty(trace, None) if leaf.item is None else joined(trace, leaf.item, list(lists))
    return Lists(trace.as_symbolic(stack(starts)), lengths, lengths, rows.of_length(end))


def trace_value(frame: Frame, tensor: Any) -> SymbolicTensor:
    """A tensor as a value of the trace."""
    return frame.trace.as_symbolic(tensor)


def join_items(left: Skeleton | None, right: Skeleton) -> Skeleton:
    """The skeleton for one more item."""
    item = _as_held(right)
    return item if left is None else _as_held(join(left, item))


def _as_held(item: Skeleton) -> Skeleton:
    """The skeleton of an item with copies of the sets in it, which are held natively, and tensors of sizes of their own."""
    if isinstance(item, Const) and item.value.__class__ in SETS:
        return Grow(None, item.value.__class__).merged(item) or item
    if isinstance(item, Struct):
        return Struct(item.cls, item.keys, tuple(map(_as_held, item.items)), item.factory)
    if isinstance(item, Union):
        return Union(tuple(map(_as_held, item.alternatives)))
    return ragged.of(item) if isinstance(item, Array) and ragged.is_needed(item) else item


def note_items(trace: Trace, items: Any) -> None:
    """Items of known places become rows: objects among them that are copied must not change any more."""
    for item in items:
        trace.journal.hold_as_themselves(kept_in(item))
        rows.note_lost(trace, item)


class Grow(Skeleton):
    """The skeleton of a container that grows at run time."""

    item: Skeleton | None
    cls: type = list
    """`list`, `deque`, `set`, `frozenset` or a class of dicts."""
    factory: Any = None
    """That of a `defaultdict`."""

    def leaves(self) -> list[Any]:
        return [self]

    def types(self) -> list[ArrayType]:
        length = ArrayType(KIND_DTYPES[int], ())
        return [length] if self.item is None else [length, *column_types(self.item)]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        if value.__class__ is Choice:
            flatten_choice(self, trace, value, out)
            return
        held, item = growable_of(value) or table_of(value), self.item
        if held is not None:
            held = held if item is None else widening.widen(trace, held, item)
        elif self.cls in SEQUENCES:
            note_items(trace, value)
            held = from_items(trace, list(value), item or Const(None))
        else:
            held = tables.from_entries(trace, value, self.cls not in SETS, item)
        if out.__class__ is Cells:
            cast("list[Any]", out).append(held)
            return
        out.append(held.length.tensor)
        if item is not None:
            out.extend(held.buffers)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        first: Any = next(tensors)
        if not isinstance(first, Growable):
            first = growable_from(self, itertools.chain([first], tensors))
        return holding(self.cls, first, self.factory)

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
        if self.cls in SETS:
            if isinstance(other, Struct) and other.cls in (self.cls, dict):
                return list(map(abstract_key, other.keys))
            if isinstance(other, Const) and other.value.__class__ is self.cls:
                return list(map(abstract_key, other.value))
        elif isinstance(other, Struct) and (other.cls, other.factory) == (self.cls, self.factory):
            if self.cls in SEQUENCES:
                return list(other.items)
            pairs = zip(other.keys, map(without_unbound, other.items), strict=True)
            return [Struct(tuple, (0, 1), (abstract_key(key), value)) for key, value in pairs]
        return None
