"""Many entries combined into few: a scatter whose pieces run side by side, each with a table of its own.

Entries that go to one place wait for each other. Ids are often sorted, and then each one waits for the one before it.
So the entries are cut into `PIECES` for the threads and each piece into `CHAINS` that take turns; every chain has a table, and
the tables are combined in order at the end, whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.reduction import highest, lowest
from tfc.passes import builders
from tfc.passes.builders import INDEX
from tfc.passes.convert_tfc_to_linalg.loops import load, loop_nest, store
from tfc.passes.convert_tfc_to_linalg.scalars import select
from tfc.passes.convert_tfc_to_linalg.sizes import Size, element_of, fill, shape_of
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.ir import SSAValue

Combine = Callable[[Rewriter, SSAValue, SSAValue], SSAValue]
"""What a combiner does to one element: (old, update) to new."""

Locate = Callable[[Rewriter, SSAValue], SSAValue]
"""The place that an id stands for, as `index`; negative where the entry is to be left out."""

PIECES = 4
CHAINS = 4

ENTRIES = 8
"""Entries for each place of a table that make it worth while."""

LONGEST = 1 << 14
"""Places of a table, so that those of a piece stay in the second-level cache."""


def neutral(combiner: str, dtype: np.dtype) -> float | None:
    """What changes nothing when it is combined; None where order matters."""
    if combiner == "add":
        return -0.0 if is_float(dtype) else 0
    if combiner == "mul":
        return 1
    if combiner == "min":
        return highest(dtype)
    return lowest(dtype) if combiner == "max" else None


def is_worth_tables(size: Size, entries: Size) -> bool:
    """Whether there are many more entries than places."""
    if not isinstance(size, int) or not isinstance(entries, int):
        return False
    return 0 < size <= LONGEST and entries >= ENTRIES * PIECES * CHAINS * size


def scatter_in_tables(
    rewriter: Rewriter,
    x: SSAValue,
    ids: SSAValue,
    updates: SSAValue,
    locate: Locate,
    combine: Combine,
    start: float,
) -> SSAValue:
    """`x` with `updates[i]` combined into the place that `ids[i]` stands for; all are vectors of known length."""
    (size,), (count,) = shape_of(x), shape_of(ids)
    nothing = builders.constant(rewriter, start, element_of(x))
    tables = fill(rewriter, nothing, [PIECES, CHAINS, size])
    zero = builders.index_constant(rewriter, 0)
    entries = _Entries(ids, updates, locate, combine, zero)
    tables = _in_pieces(rewriter, entries, tables, count // (PIECES * CHAINS))
    tables = _the_rest(rewriter, entries, tables, count)
    return _sum_up(rewriter, x, tables, combine)


class _Entries(NamedTuple):
    """What is combined into tables."""

    ids: SSAValue
    updates: SSAValue
    locate: Locate
    combine: Combine
    zero: SSAValue

    def enter(
        self, inner: Rewriter, target: SSAValue, table: Sequence[SSAValue], where: SSAValue
    ) -> SSAValue:
        """Tables with entry `where` in one of them."""
        place = self.locate(inner, load(inner, self.ids, where))
        dropped = builders.compare(inner, "slt", place, self.zero)
        place = inner.value(arith.MaxSIOp, (place, self.zero), INDEX)
        old = load(inner, target, *table, place)
        combined = self.combine(inner, old, load(inner, self.updates, where))
        return store(inner, select(inner, dropped, old, combined), target, *table, place)


def _in_pieces(rewriter: Rewriter, entries: _Entries, tables: SSAValue, length: int) -> SSAValue:
    """Each piece of the entries goes to tables of its own, one for each of the chains that are made side by side."""

    def piece(
        inner: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        first = builders.muli(inner, number[0], builders.index_constant(inner, CHAINS * length))

        def turn(
            innermost: Rewriter, step: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            (target,) = held
            here = builders.addi(innermost, first, *step)
            for chain in range(CHAINS):
                table = (*number, builders.index_constant(innermost, chain))
                ahead = builders.index_constant(innermost, chain * length)
                where = builders.addi(innermost, here, ahead)
                target = entries.enter(innermost, target, table, where)
            return [target]

        return loop_nest(inner, [length], carried, turn)

    return loop_nest(rewriter, [PIECES], [tables], piece, independent=True)[0]


def _the_rest(rewriter: Rewriter, entries: _Entries, tables: SSAValue, count: int) -> SSAValue:
    """The entries that fill no piece go to the first table."""
    left = count % (PIECES * CHAINS)
    done = builders.index_constant(rewriter, count - left)

    def enter(
        inner: Rewriter, step: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        table = (entries.zero, entries.zero)
        return [entries.enter(inner, carried[0], table, builders.addi(inner, done, *step))]

    return loop_nest(rewriter, [left], [tables], enter)[0] if left else tables


def _sum_up(rewriter: Rewriter, x: SSAValue, tables: SSAValue, combine: Combine) -> SSAValue:
    """`x` with what all tables have for each place."""

    def add_up(
        inner: Rewriter, place: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        def table(
            innermost: Rewriter, number: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            (total,) = held
            return [combine(innermost, total, load(innermost, tables, *number, *place))]

        old = load(inner, carried[0], *place)
        (new,) = loop_nest(inner, [PIECES, CHAINS], [old], table)
        return [store(inner, new, carried[0], *place)]

    return loop_nest(rewriter, list(shape_of(x)), [x], add_up, independent=True)[0]
