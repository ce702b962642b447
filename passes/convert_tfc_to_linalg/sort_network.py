"""Short rows, several at a time: a sorting network on vectors that hold one element of each row.

The network is Batcher's merge exchange (Knuth, TAOCP 5.3.4, Algorithm M). Which elements it compares does not depend on the
data, so that all rows go through it together, without a branch. A row is padded to a multiple of 2**`UNROLLED` with keys that
stay last; steps over distances below that are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tfc.dialects.vector import FromElementsOp, ToElementsOp
from tfc.passes import builders
from tfc.passes.builders import INDEX, vector_type
from tfc.passes.convert_tfc_to_linalg.loops import load, loop_nest, store
from tfc.passes.convert_tfc_to_linalg.scalars import apply
from tfc.passes.convert_tfc_to_linalg.sizes import element_of, empty
from tfc.passes.convert_tfc_to_linalg.sort_keys import lane, splat
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import IntegerType, VectorType
from xdsl.dialects.vector import BroadcastOp
from xdsl.ir import SSAValue

VECTOR_BYTES = 32
"""A vector of words, so that those of 1024 elements stay in the first-level cache."""

UNROLLED = 3
"""Distances below two to this power are written out."""


class Column(NamedTuple):
    """What is sorted: for each place of `length` a vector of words, compared as signed numbers."""

    word: IntegerType
    length: int

    @property
    def lanes(self) -> int:
        """Rows that are sorted together."""
        return min(8, VECTOR_BYTES * 8 // self.word.width.data)

    @property
    def padded(self) -> int:
        block = 1 << UNROLLED
        return -(-self.length // block) * block

    def scratch(self, rewriter: Rewriter) -> SSAValue:
        """The column, uninitialised."""
        return empty(rewriter, [self.padded], vector_type(self.word, self.lanes))

    def in_all_lanes(self, rewriter: Rewriter, scalar: SSAValue) -> SSAValue:
        """The vector that repeats a scalar."""
        return rewriter.value(BroadcastOp, (scalar,), vector_type(scalar.type, self.lanes))

    def sort(self, rewriter: Rewriter, column: SSAValue) -> SSAValue:
        """Sort a column whose first `length` places are filled."""
        last = splat(rewriter, 2 ** (self.word.width.data - 1) - 1, element_of(column))
        for place in range(self.length, self.padded):
            where = builders.index_constant(rewriter, place)
            column = store(rewriter, last, column, where)
        return _network(rewriter, self.padded, column)


def from_lanes(rewriter: Rewriter, lanes: Sequence[SSAValue]) -> SSAValue:
    """The vector of these scalars."""
    return rewriter.value(FromElementsOp, lanes, vector_type(lanes[0].type, len(lanes)))


def lanes_of(rewriter: Rewriter, vector: SSAValue) -> Sequence[SSAValue]:
    """The scalars of a vector."""
    kind = vector.type
    assert isinstance(kind, VectorType)
    return rewriter.create(ToElementsOp, (vector,), [lane(vector)] * kind.get_shape()[0]).results


def _exchange(rewriter: Rewriter, column: SSAValue, first: SSAValue, second: SSAValue) -> SSAValue:
    """Put the words at two places into order."""
    a, b = load(rewriter, column, first), load(rewriter, column, second)
    low, high = apply(arith.MinSIOp, rewriter, a, b), apply(arith.MaxSIOp, rewriter, a, b)
    return store(rewriter, high, store(rewriter, low, column, first), second)


def _network(rewriter: Rewriter, length: int, column: SSAValue) -> SSAValue:
    """Merge exchange over `length` places, a multiple of 2**UNROLLED."""
    levels = (length - 1).bit_length()
    long = levels - UNROLLED

    def level(
        inner: Rewriter, number: list[SSAValue], held: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        top = builders.index_constant(inner, levels - 1)
        one = builders.index_constant(inner, 1)
        run = apply(arith.ShLIOp, inner, one, builders.subi(inner, top, number[0]))
        return [_level(inner, length, levels, number[0], run, held[0])]

    if long > 0:
        (column,) = loop_nest(rewriter, [long], [column], level)
    for number in range(max(long, 0), levels):
        run = builders.index_constant(rewriter, 1 << (levels - 1 - number))
        place = builders.index_constant(rewriter, number)
        column = _level(rewriter, length, levels, place, run, column)
    return column


def _level(
    rewriter: Rewriter,
    length: int,
    levels: int,
    number: SSAValue,
    run: SSAValue,
    column: SSAValue,
) -> SSAValue:
    """Exchange runs of 2**(levels - 1 - number) neighbours, first over that distance, then over ever shorter ones."""
    zero, one = builders.index_constant(rewriter, 0), builders.index_constant(rewriter, 1)
    column = _runs(rewriter, length, run, zero, run, column)
    end = builders.addi(rewriter, number, one)
    loop, block = builders.for_loop(rewriter, one, end, one, [column])
    point = rewriter.point()
    rewriter.at_end(block)
    step, held = block.args
    shift = builders.subi(rewriter, builders.index_constant(rewriter, levels), step)
    distance = builders.subi(rewriter, apply(arith.ShLIOp, rewriter, one, shift), run)
    held = _runs(rewriter, length, run, run, distance, held)
    rewriter.create(scf.YieldOp, [held])
    rewriter.restore(point)
    return loop.results[0]


def _runs(
    rewriter: Rewriter,
    length: int,
    run: SSAValue,
    first: SSAValue,
    distance: SSAValue,
    column: SSAValue,
) -> SSAValue:
    """Exchange each place of every other run, from `first` on, with the one `distance` further on."""
    end = builders.subi(rewriter, builders.index_constant(rewriter, length), distance)
    stride = builders.muli(rewriter, run, builders.index_constant(rewriter, 2))
    loop, block = builders.for_loop(rewriter, first, end, stride, [column])
    point = rewriter.point()
    rewriter.at_end(block)
    start, held = block.args
    known = builders.constant_int(run)
    if known is not None:
        # Whole: the length and all distances are multiples of the run.
        for offset in range(known):
            place = builders.addi(rewriter, start, builders.index_constant(rewriter, offset))
            other = builders.addi(rewriter, place, distance)
            held = _exchange(rewriter, held, place, other)
    else:
        stop = builders.addi(rewriter, start, run)
        stop = rewriter.value(arith.MinSIOp, (stop, end), INDEX)
        one = builders.index_constant(rewriter, 1)
        inner, body = builders.for_loop(rewriter, start, stop, one, [held])
        rewriter.at_end(body)
        place, carried = body.args
        other = builders.addi(rewriter, place, distance)
        rewriter.create(scf.YieldOp, [_exchange(rewriter, carried, place, other)])
        rewriter.at_end(block)
        held = inner.results[0]
    rewriter.create(scf.YieldOp, [held])
    rewriter.restore(point)
    return loop.results[0]
