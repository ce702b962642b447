"""Loops that a contraction's nest is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.passes import builders
from tfc.passes.builders import INDEX
from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf
from xdsl.ir import Block, Region, SSAValue

SHARED_LEAST = 4
"""A loop of fewer iterations leaves threads to the loops inside it."""


class Loops:
    """Emits loops around what a function emits. One parallel loop at most is open at a time."""

    def __init__(self, rewriter: Rewriter, at: Addressing, *, parallel: bool) -> None:
        self.rewriter = rewriter
        self.at = at
        self.may_split = parallel
        """Whether the next independent loop may be shared among threads."""

    def serial(
        self, lower: SSAValue, upper: SSAValue, step: SSAValue, body: Callable[[SSAValue], None]
    ) -> None:
        """`scf.for` around what `body` emits; nothing but `body` where there is one iteration for sure."""
        first, last, by = map(builders.constant_int, (lower, upper, step))
        if first is not None and last is not None and by is not None and last <= first + by:
            if last > first:
                body(lower)
            return
        builders.counted_loop(self.rewriter, lower, upper, step, body)

    def independent(
        self, lower: SSAValue, upper: SSAValue, step: SSAValue, body: Callable[[SSAValue], None]
    ) -> None:
        """`scf.parallel`, where threads are not busy already and there is something to share; else `serial`."""
        rewriter = self.rewriter
        more = builders.subi(rewriter, step, self.at.one)
        length = builders.addi(rewriter, builders.subi(rewriter, upper, lower), more)
        count = self.divide(length, step)
        known = builders.constant_int(count)
        if not self.may_split or (known is not None and known < SHARED_LEAST):
            self.serial(lower, upper, step, body)
            return
        self.may_split = False
        block = Block(arg_types=[INDEX])
        rewriter.create(
            scf.ParallelOp,
            (self.at.zero, count, self.at.one),
            (),
            {"operandSegmentSizes": builders.segments(1, 1, 1, 0)},
            regions=(Region(block),),
        )
        point = rewriter.point()
        rewriter.at_end(block)
        offset = builders.muli(rewriter, block.args[0], step)
        body(builders.addi(rewriter, lower, offset))
        rewriter.create(scf.ReduceOp)
        rewriter.restore(point)
        self.may_split = True

    def over(
        self, loops: Sequence[int], body: Callable[[], None], *, independent: bool = False
    ) -> None:
        """A nest over whole loops of the contraction, outermost first."""
        if not loops:
            body()
            return
        first, *rest = loops
        at = self.at

        def inner(index: SSAValue) -> None:
            at.position[first] = index
            self.over(rest, body, independent=independent)
            del at.position[first]

        emit = self.independent if independent else self.serial
        emit(at.zero, at.size(first), at.one, inner)

    def minimum(self, a: SSAValue, b: SSAValue) -> SSAValue:
        """The smaller one."""
        x, y = builders.constant_int(a), builders.constant_int(b)
        if x is not None and y is not None:
            return a if x <= y else b
        return self.rewriter.value(arith.MinSIOp, (a, b), INDEX)

    def divide(self, value: SSAValue, divisor: SSAValue) -> SSAValue:
        """The quotient of two numbers that are not negative, rounded down."""
        a, b = builders.constant_int(value), builders.constant_int(divisor)
        if a is not None and b is not None:
            return builders.index_constant(self.rewriter, a // b)
        return self.rewriter.value(arith.DivUIOp, (value, divisor), INDEX)

    def round_down(self, value: SSAValue, unit: SSAValue) -> SSAValue:
        """The largest multiple of `unit` that is not above `value`."""
        return builders.muli(self.rewriter, self.divide(value, unit), unit)
