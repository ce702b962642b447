"""How a reduction's value is carried, so that long sums stay accurate.

A block of a sum is added up in the element type, starting from the neutral -0.0. The totals of the
blocks are added in f64 for narrower types, and in f64 with a compensation (Knuth's two-sum) for f64
itself. The compensation is dropped where it is not finite: infinities add up as they should.

Counts in 64 bits are made of blocks that are counted in 32.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import body, output_count, summand
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, Float64Type, f64, i64
from xdsl.ir import Attribute, Operation, SSAValue


class Accumulator:
    """One value carried through the loops as it is."""

    width = 1
    wide = False
    block = 0
    """How many elements a block may have at least."""

    def open(self, rewriter: Rewriter, value: SSAValue) -> list[SSAValue]:
        """What to carry for an initial value."""
        return [value]

    def start_block(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        """What the innermost loop starts from."""
        return total[0]

    def end_block(
        self, rewriter: Rewriter, total: Sequence[SSAValue], block: SSAValue
    ) -> list[SSAValue]:
        """The total after the innermost loop gave `block`."""
        return [block]

    def close(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        """The value to store."""
        return total[0]


class WideSum(Accumulator):
    """A sum of a type narrower than f64: blocks are added in f64."""

    wide = True

    def __init__(self, type: Attribute) -> None:
        self.type = type

    def open(self, rewriter: Rewriter, value: SSAValue) -> list[SSAValue]:
        return [rewriter.value(arith.ExtFOp, (value,), f64)]

    def start_block(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        return builders.constant(rewriter, -0.0, self.type)

    def end_block(
        self, rewriter: Rewriter, total: Sequence[SSAValue], block: SSAValue
    ) -> list[SSAValue]:
        extended = rewriter.value(arith.ExtFOp, (block,), f64)
        return [rewriter.value(arith.AddfOp, (total[0], extended), f64)]

    def close(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        return rewriter.value(arith.TruncFOp, (total[0],), self.type)


class Count(Accumulator):
    """A count in 64 bits: blocks are counted in 32, twice as many at a time."""

    wide = True
    block = 1 << 20

    def __init__(self, type: Attribute) -> None:
        self.type = type

    def start_block(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        return builders.constant(rewriter, 0, builders.I32)

    def end_block(
        self, rewriter: Rewriter, total: Sequence[SSAValue], block: SSAValue
    ) -> list[SSAValue]:
        extended = rewriter.value(arith.ExtUIOp, (block,), self.type)
        return [rewriter.value(arith.AddiOp, (total[0], extended), self.type)]


class CompensatedSum(Accumulator):
    """A sum of f64: blocks are added with the rounding errors kept beside the total."""

    wide = True
    width = 2

    def open(self, rewriter: Rewriter, value: SSAValue) -> list[SSAValue]:
        return [value, builders.constant(rewriter, -0.0, f64)]

    def start_block(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        return builders.constant(rewriter, -0.0, f64)

    def end_block(
        self, rewriter: Rewriter, total: Sequence[SSAValue], block: SSAValue
    ) -> list[SSAValue]:
        def emit(cls: type[Operation], lhs: SSAValue, rhs: SSAValue) -> SSAValue:
            return rewriter.value(cls, (lhs, rhs), f64)

        old, error = total
        new = emit(arith.AddfOp, old, block)
        share = emit(arith.SubfOp, new, old)
        lost_old = emit(arith.SubfOp, old, emit(arith.SubfOp, new, share))
        lost_block = emit(arith.SubfOp, block, share)
        lost = emit(arith.AddfOp, lost_old, lost_block)
        return [new, emit(arith.AddfOp, error, lost)]

    def close(self, rewriter: Rewriter, total: Sequence[SSAValue]) -> SSAValue:
        value, error = total
        # error - error is 0 for a finite error and nan for others, and a compare with nan is false.
        difference = rewriter.value(arith.SubfOp, (error, error), f64)
        finite = rewriter.value(
            arith.CmpfOp,
            (difference, difference),
            builders.I1,
            {"predicate": builders.integer_attr(_ORDERED, i64)},
        )
        corrected = rewriter.value(arith.AddfOp, (value, error), f64)
        return rewriter.value(arith.SelectOp, (finite, corrected, value), f64)


_ORDERED = arith.CMPF_COMPARISON_OPERATIONS.index("ord")


def accumulators(op: Operation, outputs: Sequence[int], *, wide: bool) -> list[Accumulator]:
    """How each of the `outputs` of a reduction is carried; `wide` where sums are long."""
    return [_accumulator(op, index) if wide else Accumulator() for index in outputs]


def _accumulator(op: Operation, index: int) -> Accumulator:
    if _count_in_32_bits(op, index):
        return Count(builders.I64)
    found = summand(op, index)
    if found is None:
        return Accumulator()
    type = found[1].type
    assert isinstance(type, AnyFloat)
    return CompensatedSum() if isinstance(type, Float64Type) else WideSum(type)


def _count_in_32_bits(op: Operation, index: int) -> bool:
    """Make the body count in 32 bits if what it adds to an i64 is a bit."""
    block = body(op)
    argument = block.args[len(block.args) - output_count(op) + index]
    terminator = block.last_op
    assert terminator is not None
    total = terminator.operands[index].owner
    if not isinstance(total, arith.AddiOp) or not argument.has_one_use():
        return False
    bits = [value.owner for value in total.operands if value is not argument]
    if len(bits) != 1 or argument.type != builders.I64 or not total.results[0].has_one_use():
        return False
    (bit,) = bits
    if not isinstance(bit, arith.ExtUIOp) or bit.operands[0].type != builders.I1:
        return False
    if not bit.results[0].has_one_use():
        return False
    rewriter = Rewriter().before(total)
    narrow = rewriter.value(arith.ExtUIOp, bit.operands, builders.I32)
    held = block.insert_arg(builders.I32, argument.index)
    rewriter.replace(total, rewriter.value(arith.AddiOp, (held, narrow), builders.I32))
    rewriter.erase(bit)
    block.erase_arg(argument)
    return True
