"""Containers that grow at run time whose items get a wider skeleton: the items that they have are converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tfc.core.errors import CompileError
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing import messages
from tfc.tracing.containers import ragged
from tfc.tracing.containers.columns import (
    Column,
    Growable,
    Lists,
    empty,
    flat,
    joined,
    rearranged,
)
from tfc.tracing.strings.held_text import HeldText, as_column
from tfc.tracing.trace import Trace
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import Const, Skeleton, Struct, Union, equals_tag, map_tag
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor


def widen(trace: Trace, source: Growable, item: Skeleton) -> Growable:
    """The container with items of a wider skeleton."""
    if source.item == item:
        return source
    if source.item is None:
        return empty(trace, item).of_length(source.length)
    given = Growable(source.item, source.buffers, source.length)
    if _makes_columns(source.item, item):  # which have as many rows as there are items
        given = rearranged(given, lambda rows: rows[: source.length.tensor], source.length)
    columns = _converted(trace, source.item, item, iter(given.columns), source.length)
    return Growable(item, flat(columns), source.length)


def _makes_columns(old: Skeleton, new: Skeleton) -> bool:
    """Whether some columns of items of skeleton `new` are others than those of `old` in another dtype."""
    kinds = [[isinstance(leaf, ArrayType) for leaf in item.leaves()] for item in (old, new)]
    return kinds[0] != kinds[1] or _has_choice(old)


def _has_choice(item: Skeleton) -> bool:
    return isinstance(item, Union) or (
        isinstance(item, Struct) and any(map(_has_choice, item.items))
    )


def _converted(
    trace: Trace, old: Skeleton, new: Skeleton, columns: Iterator[Column], length: SymbolicNumber
) -> list[Column]:
    """The columns of items of skeleton `old` as those of items of the wider skeleton `new`."""
    if old == new:
        return [next(columns) for _ in old.leaves()]
    if isinstance(new, HeldText) and old.leaves():
        given = [next(columns) for _ in old.leaves()]
        return [as_column(trace, old, flat(given), length)]
    if isinstance(new, Union):
        return _as_union(trace, old, new, columns, length)
    if isinstance(new, ragged.Ragged) and not _is_growing(old):
        (rows,) = _converted(trace, old, new.array, columns, length)
        assert isinstance(rows, SymbolicTensor)
        return [ragged.from_rows(trace, new, rows, length)]
    if _is_growing(new):
        return [_as_lists(trace, old, new, columns, length)]
    if isinstance(old, Const):
        tensors: list[SymbolicTensor] = []
        new.flatten(trace, old.value, tensors)
        return _repeated(trace, new, tensors, length)
    if isinstance(old, Struct) and isinstance(new, Struct) and old.keys == new.keys:
        pairs = zip(old.items, new.items, strict=True)
        return [
            column
            for before, after in pairs
            for column in _converted(trace, before, after, columns, length)
        ]
    if len(old.leaves()) == 1 and len(new.leaves()) == 1:
        (column,), dtype = columns, new.types()[0].dtype
        assert isinstance(column, SymbolicTensor)
        return [trace.as_symbolic(primitives.cast(column, dtype))]
    return _refuse(trace)


def _refuse(trace: Trace) -> Any:
    raise CompileError(
        "TFC012",
        "the items of a list that grows at run time have different types",
        "append items of one dtype and structure: tf.cast(x, dtype)",
        messages.site_of_frame(trace.frame),
    )


def _is_growing(skeleton: Skeleton) -> bool:
    return len(skeleton.leaves()) == 1 and skeleton.leaves()[0] is skeleton


def _as_union(
    trace: Trace, old: Skeleton, new: Union, columns: Iterator[Column], length: SymbolicNumber
) -> list[Column]:
    given = list(old.alternatives) if isinstance(old, Union) else [old]
    slots = [new.slot_of(item) for item in given]
    old_tags = None
    if isinstance(old, Union):
        tags = next(columns)
        assert isinstance(tags, SymbolicTensor)
        old_tags = tags
        if slots != list(range(len(slots))):
            tags = map_tag(trace, tags, slots)
    else:
        tags = repeated(trace, trace.constant_tag(slots[0]), length)
    found: list[Column] = [trace.as_symbolic(tags)]
    held = [[next(columns) for _ in item.leaves()] for item in given]
    parts = {
        slot: _converted(trace, item, new.alternatives[slot], iter(own), length)
        for slot, item, own in zip(slots, given, held, strict=True)
    }
    if new.widest >= 0:
        wide = new.alternatives[new.widest]
        ways = [
            _converted(trace, item, wide, iter(own), length)
            for item, own in zip(given, held, strict=True)
        ]
        parts[new.widest] = ways[0] if old_tags is None else _chosen(trace, old_tags, ways)
    for index, item in enumerate(new.alternatives):
        if index in parts:
            found += parts[index]
        else:
            zeros: list[SymbolicTensor] = []
            item.zeros(trace, zeros)
            found += _repeated(trace, item, zeros, length)
    return found


def _chosen(trace: Trace, tags: SymbolicTensor, ways: list[list[Column]]) -> list[Column]:
    """Of columns of numbers, one per tag, in each row those of its tag."""
    where = primitives.function_named("where")
    (chosen,) = ways[0]
    for tag, (column,) in enumerate(ways[1:], 1):
        chosen = where(equals_tag(trace, tags, tag), column, chosen)
    return [chosen]


def _repeated(
    trace: Trace, item: Skeleton, tensors: list[SymbolicTensor], length: SymbolicNumber
) -> list[Column]:
    """Columns with `length` times the same item, in which no container holds anything."""
    given = iter(tensors)
    found: list[Column] = []
    for leaf in item.leaves():
        first = next(given)
        if isinstance(leaf, ArrayType):
            found.append(repeated(trace, first, length))
        else:
            for _ in leaf.types()[1:]:
                next(given)
            found.append(_empty_lists(trace, leaf, length))
    return found


def _empty_lists(trace: Trace, leaf: Any, length: SymbolicNumber) -> Lists:
    zeros = repeated(trace, trace.constant(0, KIND_DTYPES[int]), length)
    return Lists(zeros, zeros, zeros, empty(trace, leaf.item))


def _as_lists(
    trace: Trace, old: Skeleton, new: Any, columns: Iterator[Column], length: SymbolicNumber
) -> Lists:
    """A column of containers that grow, where there were such, or those of as many known items each."""
    if _is_growing(old):
        column = next(columns)
        assert isinstance(column, Lists)
        if new.item is None:
            return column
        rows = widen(trace, column.rows, new.item)
        return Lists(column.starts, column.capacities, column.lengths, rows)
    parts = [
        Growable(new.item, flat(_converted(trace, item, new.item, columns, length)), length)
        for item in _items_of(trace, old)
    ]
    if not parts:
        return _empty_lists(trace, new, length)
    count = len(parts)
    numbers = primitives.function_named("range")(
        trace.constant(0, KIND_DTYPES[int]), length.tensor, trace.constant(1, KIND_DTYPES[int])
    )
    counts = repeated(trace, trace.constant(count, KIND_DTYPES[int]), length)
    whole = joined(trace, new.item, parts)
    if count > 1:
        whole = rearranged(whole, lambda rows: _interleaved(rows, count, length), whole.length)
    return Lists(trace.as_symbolic(numbers * count), counts, counts, whole)


def _interleaved(rows: SymbolicTensor, count: int, length: SymbolicNumber) -> Any:
    """The first row of each of `count` parts of equal length, then the second of each, ..."""
    function = primitives.function_named
    sizes = function("shape")(rows, out_type=KIND_DTYPES[int])[1:]

    def shape(*leading: Any) -> Any:
        return function("concat")([function("stack")(leading), sizes], 0)

    split = function("reshape")(rows, shape(count, length.tensor))
    moved = function("transpose")(split, [1, 0, *range(2, len(rows.type.shape) + 1)])
    return function("reshape")(moved, shape((length * count).tensor))


def _items_of(trace: Trace, old: Skeleton) -> list[Skeleton]:
    """The skeletons of the items of a container of known length and keys, in the order of its columns."""
    if isinstance(old, Const):
        return [Const(item) for item in old.value]
    if not isinstance(old, Struct):
        return _refuse(trace)
    if issubclass(old.cls, dict):
        pairs = zip(old.keys, old.items, strict=True)
        return [Struct(tuple, (0, 1), (Const(key), value)) for key, value in pairs]
    return list(old.items)


def repeated(trace: Trace, tensor: SymbolicTensor, length: SymbolicNumber) -> SymbolicTensor:
    """`length` times the same row."""
    sizes = [length.tensor, *tensor.type.shape]
    if None in sizes:
        row = primitives.function_named("shape")(tensor, out_type=KIND_DTYPES[int])
        stack = primitives.function_named("stack")
        sizes = primitives.function_named("concat")([stack([length.tensor]), row], 0)
    return trace.as_symbolic(primitives.function_named("broadcast_to")(tensor, sizes))
