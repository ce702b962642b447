"""Tensors of different sizes as items of containers that grow: their rows follow one another, as those of lists do.

`rows.append(x[start:i])` in a loop gives items with as many rows as the slice has. They are a column of `Lists` whose segments
are read as tensors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from tfc.core.errors import InvalidArgumentError
from tfc.dialects.records import Record
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.containers import growable
from tfc.tracing.containers.columns import Growable, Lists, Segment
from tfc.tracing.frame import Frame
from tfc.tracing.paths import staging
from tfc.tracing.trace import Trace
from tfc.tracing.values import abstract, primitives, shapes
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor


class AnyItem(Record):
    """Stands for each of the items in turn, for what takes them apart in Python."""

    is_numpy: bool
    held: Growable


class Ragged(growable.Grow):
    """The skeleton of a tensor or array of a number of rows of its own; `item` is that of a row, `cls` a class of tensors."""

    @property
    def array(self) -> abstract.Array:
        """The skeleton of such a value that is no item."""
        row = cast(abstract.Array, self.item)
        kind = ArrayType(row.kind.dtype, (None, *row.kind.shape))
        return abstract.Array(kind, row.is_numpy, row.is_view, True)

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        if value.__class__ is Choice:
            abstract.flatten_choice(self, trace, value, out)
            return
        made: list[SymbolicTensor] = []
        self.array.flatten(trace, value, made)
        length = shapes.length_of(made[0])
        if not isinstance(length, SymbolicNumber):
            length = SymbolicNumber(int, trace.constant(length, KIND_DTYPES[int]))
        if out.__class__ is growable.Cells:
            cast("list[Any]", out).append(Growable(self.item, made, length))
        else:
            out += [length.tensor, *made]

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        first: Any = next(tensors)
        if first.__class__ is Growable:
            return AnyItem(self.array.is_numpy, first)
        rows = first.buffers[0] if isinstance(first, Segment) else next(tensors)
        return self.array.rebuild(iter([rows]))

    def merged(self, other: abstract.Skeleton) -> abstract.Skeleton | None:
        mine = self.array
        theirs = other.array if isinstance(other, Ragged) else abstract.array_of(other, mine)
        joined = None if theirs is None else abstract.merge_arrays(mine, theirs)
        return None if joined is None else of(joined)


def of(array: abstract.Array) -> Ragged:
    """The skeleton of such arrays as items."""
    kind = ArrayType(array.kind.dtype, array.kind.shape[1:])
    return Ragged(abstract.Array(kind, array.is_numpy, array.is_view), SymbolicTensor)


def is_needed(array: abstract.Array) -> bool:
    """Whether such arrays may have different numbers of rows."""
    return array.has_varying_sizes and array.kind.shape[:1] == (None,)


def from_rows(trace: Trace, item: Ragged, rows: SymbolicTensor, length: SymbolicNumber) -> Lists:
    """A column of tensors that have been held as the rows of one."""
    function = primitives.function_named
    sizes = function("shape")(rows, out_type=KIND_DTYPES[int])
    count, whole = sizes[1], trace.as_symbolic(sizes[0] * sizes[1])
    merged = function("reshape")(rows, function("concat")([[whole], sizes[2:]], 0))
    numbers = function("range")(sizes[0])
    counts = trace.as_symbolic(function("broadcast_to")(count, [sizes[0]]))
    held = Growable(item.item, [trace.as_symbolic(merged)], SymbolicNumber(int, whole))
    return Lists(trace.as_symbolic(numbers * count), counts, counts, held)


def stacked(frame: Frame, column: Lists) -> SymbolicTensor:
    """The tensors of a column as the rows of one; they must have one size."""
    function, trace = primitives.function_named, frame.trace
    count = function("reduce_max")(function("concat")([column.lengths, [0]], 0))
    are_equal = function("reduce_all")(function("equal")(column.lengths, count))
    staging.branch(frame, frame.node, SymbolicNumber(bool, are_equal), lambda: None, _fail)
    places = column.starts[:, None] + function("range")(count)
    return trace.as_symbolic(function("gather")(column.rows.buffers[0], places))


def _fail() -> Any:
    raise InvalidArgumentError(
        "TFC106",
        "the items of a list that grows at run time have different sizes",
        "give them one size (tf.pad, slicing), or join them: tf.concat(items, 0)",
    )


def joined(frame: Frame, column: Lists) -> SymbolicTensor:
    """The rows of the tensors of a column, one tensor after the other."""
    function = primitives.function_named
    ends = function("cumsum")(column.lengths)
    shifts = function("repeat")(column.starts - ends + column.lengths, column.lengths)
    places = shifts + function("range")(function("reduce_sum")(column.lengths))
    return frame.trace.as_symbolic(function("gather")(column.rows.buffers[0], places))
