"""How the items of a container that grows at run time are held: a buffer for each tensor of an item.

An item that is itself such a container has no tensor of a known size. All of those of a column are in one `Growable`, each in a
segment of its own; the column says where it begins, how many items have room there, and how many there are. One that is full
moves to the end, to a segment of twice the size, so that an item is added in constant time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.values import abstract, primitives
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace
    from tfc.tracing.values.abstract import Skeleton

_COUNTS = ArrayType(KIND_DTYPES[int], (None,))


class Growable:
    """The items of a list, deque or set, or the pairs of a dict, that are known at run time."""

    __slots__ = ("buffers", "item", "length")

    def __init__(
        self, item: Skeleton | None, buffers: list[SymbolicTensor], length: SymbolicNumber
    ) -> None:
        self.item = item
        """The skeleton of an item; None while nothing was ever appended."""
        self.buffers = buffers
        """The columns of the items, flat; those with a row per item may be longer than `length`."""
        self.length = length

    @property
    def columns(self) -> list[Column]:
        """What holds each leaf of the skeleton of an item."""
        return [] if self.item is None else columns_of(self.item, iter(self.buffers))

    def of_length(self, length: SymbolicNumber) -> Growable:
        """The same with another number of items."""
        return Growable(self.item, self.buffers, length)

    def is_same(self, other: Growable) -> bool:
        """Whether both are the very same tensors."""
        mine, others = (
            [item.length.tensor._value, *[tensor._value for tensor in item.buffers]]
            for item in (self, other)
        )
        return len(mine) == len(others) and all(map(lambda a, b: a is b, mine, others))


class View(Growable):
    """What the view of a dict shows: keys, values or, if it `has_pairs`, entries, no two of which have the same key."""

    __slots__ = ("has_pairs", "source")

    def __init__(self, shown: Growable, source: Any = None, has_pairs: bool = False) -> None:
        super().__init__(shown.item, shown.buffers, shown.length)
        self.source = source
        self.has_pairs = has_pairs


class Lists:
    """A column of containers that grow: their items are segments of `rows`."""

    __slots__ = ("capacities", "lengths", "rows", "starts")

    def __init__(
        self,
        starts: SymbolicTensor,
        capacities: SymbolicTensor,
        lengths: SymbolicTensor,
        rows: Growable,
    ) -> None:
        self.starts = starts
        self.capacities = capacities
        self.lengths = lengths
        self.rows = rows
        """Its length is the end of the last segment."""


Column = SymbolicTensor | Lists


class Segment(Growable):
    """One container of a column of `Lists`, read where it is."""

    __slots__ = ("capacity", "origin", "rows", "start")

    def __init__(
        self,
        rows: Growable,
        start: SymbolicNumber,
        capacity: SymbolicNumber,
        length: SymbolicNumber,
        origin: Growable,
    ) -> None:
        self.rows = rows
        self.start = start
        self.capacity = capacity
        self.origin = origin
        """`rows` of the column that it was read from; those of its own may have been written since."""
        self.item = rows.item
        self.length = length

    @property
    def buffers(self) -> list[SymbolicTensor]:  # pyright: ignore[reportIncompatibleVariableOverride]
        end = plus(self.start, self.length).tensor
        return rearranged(
            self.rows, lambda rows: rows[self.start.tensor : end], self.length
        ).buffers

    def of_length(self, length: SymbolicNumber) -> Segment:
        return Segment(self.rows, self.start, self.capacity, length, self.origin)


def plus(left: SymbolicNumber, right: SymbolicNumber | int) -> SymbolicNumber:
    """The sum of two sizes, which fits."""
    other = right.tensor if isinstance(right, SymbolicNumber) else right
    return SymbolicNumber(int, left.tensor._scope.trace.as_symbolic(left.tensor + other))


def column_types(item: Skeleton) -> list[ArrayType]:
    """The types of the columns of items of a skeleton."""
    found: list[ArrayType] = []
    for leaf in item.leaves():
        if isinstance(leaf, ArrayType):
            found.append(ArrayType(leaf.dtype, (None, *leaf.shape)))
        else:
            found += [_COUNTS, _COUNTS, _COUNTS, *leaf.types()]
    return found


def columns_of(item: Skeleton, tensors: Iterator[SymbolicTensor]) -> list[Column]:
    """Flat columns, as `Growable.buffers` holds them, leaf by leaf."""
    found: list[Column] = []
    for leaf in item.leaves():
        first = next(tensors)
        if isinstance(leaf, ArrayType):
            found.append(first)
        else:
            found.append(Lists(first, next(tensors), next(tensors), growable_from(leaf, tensors)))
    return found


def growable_from(leaf: Any, tensors: Iterator[SymbolicTensor]) -> Growable:
    """What the tensors of the skeleton of a container that grows stand for."""
    length = SymbolicNumber(int, next(tensors))
    return Growable(leaf.item, [next(tensors) for _ in leaf.types()[1:]], length)


def flat(columns: list[Column]) -> list[SymbolicTensor]:
    """The inverse of `columns_of`."""
    found: list[SymbolicTensor] = []
    for column in columns:
        if isinstance(column, Lists):
            rows = column.rows
            found += [column.starts, column.capacities, column.lengths, rows.length.tensor]
            found += rows.buffers
        else:
            found.append(column)
    return found


def row_buffers(source: Growable) -> list[SymbolicTensor]:
    """The columns with a row per item."""
    found: list[SymbolicTensor] = []
    for column in source.columns:
        if isinstance(column, Lists):
            found += [column.starts, column.capacities, column.lengths]
        else:
            found.append(column)
    return found


def rearranged(
    source: Growable, change: Callable[[SymbolicTensor], Any], length: SymbolicNumber
) -> Growable:
    """A container of `length` of the same items: `change` picks their rows out of a buffer."""

    def changed(tensor: SymbolicTensor) -> SymbolicTensor:
        return tensor._scope.trace.as_symbolic(change(tensor))

    def changed_column(column: Column) -> Column:
        if not isinstance(column, Lists):
            return changed(column)
        counts = (column.starts, column.capacities, column.lengths)
        starts, capacities, lengths = map(changed, counts)
        return Lists(starts, capacities, lengths, column.rows)

    columns = [changed_column(column) for column in source.columns]
    return Growable(source.item, flat(columns), length)


def joined(trace: Trace, item: Skeleton, parts: list[Growable]) -> Growable:
    """The items of some containers with items of one skeleton, one after the other."""
    parts = [part for part in parts if not _is_known_empty(part)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return empty(trace, item)
    length = parts[0].length
    for part in parts[1:]:
        length = plus(length, part.length)
    whole = [
        rearranged(part, lambda rows, part=part: rows[: part.length.tensor], part.length)
        for part in parts
    ]
    columns = [
        _joined_column(trace, column)
        for column in zip(*[part.columns for part in whole], strict=True)
    ]
    return Growable(item, flat(columns), length)


def _is_known_empty(part: Growable) -> bool:
    return part.__class__ is Growable and any(
        tensor.type.shape[:1] == (0,) for tensor in part.buffers
    )


def _joined_column(trace: Trace, columns: tuple[Column, ...]) -> Column:
    concat = primitives.function_named("concat")

    def along(tensors: list[Any]) -> SymbolicTensor:
        return trace.as_symbolic(concat(tensors, 0))

    if not isinstance(columns[0], Lists):
        return along(list(columns))
    lists: list[Lists] = [column for column in columns if isinstance(column, Lists)]
    end, starts = lists[0].rows.length, [lists[0].starts]
    for column in lists[1:]:
        starts.append(trace.as_symbolic(column.starts + end.tensor))
        end = plus(end, column.rows.length)
    item = lists[0].rows.item
    rows = (
        lists[0].rows.of_length(end)
        if item is None
        else joined(trace, item, [column.rows for column in lists])
    )
    return Lists(
        along(starts),
        along([column.capacities for column in lists]),
        along([column.lengths for column in lists]),
        rows,
    )


def empty(trace: Trace, item: Skeleton | None) -> Growable:
    """A container without items."""
    buffers = [
        trace.as_symbolic(
            abstract.filled(trace, kind.dtype, tuple([size or 0 for size in kind.shape]), 0)
        )
        for kind in ([] if item is None else column_types(item))
    ]
    return Growable(item, buffers, SymbolicNumber(int, trace.constant(0, KIND_DTYPES[int])))


def row_of(item: Skeleton, columns: list[np.ndarray], index: int) -> Iterator[np.ndarray]:
    """The arrays of item number `index`, as its skeleton wants them, of the arrays of the columns."""
    given = iter(columns)
    for leaf in item.leaves():
        if isinstance(leaf, ArrayType):
            yield np.asarray(next(given)[index])
            continue
        start, _, length = (int(next(given)[index]) for _ in range(3))
        next(given)
        yield np.asarray(length)
        for has_rows, column in zip(_row_flags(leaf.item), given, strict=False):
            yield column[start : start + length] if has_rows else column


def _row_flags(item: Skeleton | None) -> list[bool]:
    """Which of the flat columns have a row per item."""
    found: list[bool] = []
    for leaf in () if item is None else item.leaves():
        if isinstance(leaf, ArrayType):
            found.append(True)
        else:
            found += [True, True, True, *[False] * len(leaf.types())]
    return found
