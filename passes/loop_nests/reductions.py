"""How a reduction's value is carried, so that long sums stay accurate.

A block of a sum is added up in the element type, starting from the neutral -0.0. The totals of the
blocks are added in f64 for narrower types, and in f64 with a compensation (Knuth's two-sum) for f64
itself. The compensation is dropped where it is not finite: infinities add up as they should.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import summand
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, Float64Type, f64, i64
from xdsl.ir import Attribute, Operation, SSAValue


class Accumulator:
    """One value carried through the loops as it is."""

    width = 1
    wide = False

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
    result: list[Accumulator] = []
    for index in outputs:
        found = summand(op, index) if wide else None
        if found is None:
            result.append(Accumulator())
            continue
        type = found[1].type
        assert isinstance(type, AnyFloat)
        result.append(CompensatedSum() if isinstance(type, Float64Type) else WideSum(type))
    return result
