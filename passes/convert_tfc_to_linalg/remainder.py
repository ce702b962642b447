"""The remainder of floats, exactly as C's fmod: MLIR's `arith.remf` becomes a library call, and xDSL lacks it."""

from __future__ import annotations

from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.scalars import F64, apply, compare_floats, float_to, select
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math, scf
from xdsl.ir import Block, Region, SSAValue

_FAR = 2.0**900
"""What a divisor is scaled by where the quotient would overflow: a multiple of it leaves the same remainder."""


def float_remainder(rewriter: Rewriter, x: SSAValue, y: SSAValue) -> SSAValue:
    """`x - trunc(x / y) * y` without rounding, in f64, with the sign of `x`; nan for an infinite `x` or a zero `y`.

    One step `r - trunc(r / y) * y` with a fused multiply-add is exact: the residual of a rounded quotient always is a float.
    It is smaller than y, or than r by the precision of the quotient, so most operands need one step and none needs many.
    """
    dividend = float_to(rewriter, x, F64)
    divisor = apply(math.AbsFOp, rewriter, float_to(rewriter, y, F64))
    start = apply(math.AbsFOp, rewriter, dividend)
    rest = _reduce(rewriter, start, divisor)
    zero = builders.constant(rewriter, 0.0, F64)
    below = compare_floats(rewriter, "olt", rest, zero)
    rest = select(rewriter, below, apply(arith.AddfOp, rewriter, rest, divisor), rest)
    is_nan = compare_floats(rewriter, "uno", divisor, divisor)
    return apply(math.CopySignOp, rewriter, select(rewriter, is_nan, divisor, rest), dividend)


def _reduce(rewriter: Rewriter, start: SSAValue, divisor: SSAValue) -> SSAValue:
    """A residual of `start` smaller than `divisor`, of either sign."""
    far = builders.constant(rewriter, _FAR, F64)
    infinity = builders.constant(rewriter, float("inf"), F64)
    point = rewriter.point()

    before = Block(arg_types=[F64])
    rewriter.at_end(before)
    (rest,) = before.args
    size = apply(math.AbsFOp, rewriter, rest)
    again = compare_floats(rewriter, "oge", size, divisor)
    rewriter.create(scf.ConditionOp, (again, rest))

    after = Block(arg_types=[F64])
    rewriter.at_end(after)
    (rest,) = after.args
    quotient = apply(math.AbsFOp, rewriter, apply(arith.DivfOp, rewriter, rest, divisor))
    overflows = compare_floats(rewriter, "oeq", quotient, infinity)
    scaled = apply(arith.MulfOp, rewriter, divisor, far)
    step = select(rewriter, overflows, scaled, divisor)
    count = apply(math.TruncOp, rewriter, apply(arith.DivfOp, rewriter, rest, step))
    minus = apply(arith.NegfOp, rewriter, count)
    rewriter.create(scf.YieldOp, (apply(math.FmaOp, rewriter, minus, step, rest),))

    rewriter.restore(point)
    loop = rewriter.create(scf.WhileOp, (start,), (F64,), regions=(Region(before), Region(after)))
    return loop.results[0]
