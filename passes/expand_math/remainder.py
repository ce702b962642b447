"""The remainder of floats, exactly as C's fmod.

One step `r - trunc(r / y) * y` with a fused multiply-add is exact: the residual of a rounded quotient always is a float. It is
smaller than y, or than r by the precision of the quotient: one step is enough but for huge quotients, which have a loop.
"""

from __future__ import annotations

from tfc.passes.expand_math.emitter import Emitter, Value
from xdsl.dialects import math, scf, vector
from xdsl.dialects.builtin import i1
from xdsl.ir import Block, Region, SSAValue

FAR = (2.0**100, 2.0**900)
"""What a divisor is scaled by, once or twice, where the quotient would overflow: a multiple of it leaves the same remainder."""


def remainder(e: Emitter, x: Value, y: Value) -> Value:
    """`x - trunc(x / y) * y` without rounding, with the sign of `x`; nan for an infinite `x` or a zero `y`."""
    dividend, divisor = x.abs(), y.abs()
    quotient = dividend / divisor
    overflows = quotient.equals(float("inf"))
    rest = e.select(overflows, dividend, _residual(e, dividend, quotient, divisor))
    rest = _until_small(e, rest, divisor)
    # A rounded quotient may have been one too large.
    rest = e.select(rest < 0.0, rest + divisor, rest)
    rest = e.select(dividend < divisor, dividend, rest)
    return e.op(math.CopySignOp, (rest.ssa, x.ssa), e.float)


def _residual(e: Emitter, rest: Value, quotient: Value, divisor: Value) -> Value:
    """What a step leaves, of either sign."""
    count = e.op(math.TruncOp, (quotient.ssa,), e.float)
    return e.exact_fma(-count, divisor, rest)


def _until_small(e: Emitter, start: Value, divisor: Value) -> Value:
    """Steps for those that are not smaller than the divisor, until all are."""
    rewriter = e.rewriter
    kind = e.float.type
    before, after = Block(arg_types=[kind]), Block(arg_types=[kind])
    infinity = e.constant(float("inf"))
    point = rewriter.point()

    rewriter.at_end(before)
    rest = Value(e, before.args[0], e.float)
    rewriter.create(scf.ConditionOp, (_some(e, rest.abs() >= divisor), rest.ssa))

    rewriter.at_end(after)
    rest = Value(e, after.args[0], e.float)
    far = e.pick(*FAR)
    step = divisor
    for _ in range(2):
        overflows = (rest / step).abs().equals(infinity)
        step = e.select(overflows, step * far, step)
    smaller = _residual(e, rest, rest / step, step)
    following = e.select(rest.abs() >= divisor, smaller, rest)
    rewriter.create(scf.YieldOp, (following.ssa,))

    rewriter.restore(point)
    regions = (Region(before), Region(after))
    loop = rewriter.create(scf.WhileOp, (start.ssa,), (kind,), regions=regions)
    return Value(e, loop.results[0], e.float)


def _some(e: Emitter, condition: Value) -> SSAValue:
    """Whether it holds in some lane."""
    if e.shape is None:
        return condition.ssa
    either = {"kind": vector.CombiningKindAttr(vector.CombiningKindFlag.OR)}
    return e.rewriter.value(vector.ReductionOp, (condition.ssa,), i1, either)
