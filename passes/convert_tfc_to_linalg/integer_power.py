"""Integer powers by repeated squaring, modulo the width of the type."""

from __future__ import annotations

from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.scalars import apply, select
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf
from xdsl.ir import Block, Region, SSAValue


def integer_power(rewriter: Rewriter, base: SSAValue, exponent: SSAValue) -> SSAValue:
    """`base ** exponent` for integers of one type; the exponent counts as unsigned. A constant one is unrolled."""
    known = builders.constant_int(exponent)
    if known is not None and known >= 0:
        return _unrolled(rewriter, base, known)
    kind = base.type
    zero, one = builders.constant(rewriter, 0, kind), builders.constant(rewriter, 1, kind)
    point = rewriter.point()

    before = Block(arg_types=[kind] * 3)
    rewriter.at_end(before)
    rewriter.create(
        scf.ConditionOp, (builders.compare(rewriter, "ne", before.args[2], zero), *before.args)
    )

    after = Block(arg_types=[kind] * 3)
    rewriter.at_end(after)
    result, square, rest = after.args
    low = apply(arith.AndIOp, rewriter, rest, one)
    odd = builders.compare(rewriter, "ne", low, zero)
    product = apply(arith.MuliOp, rewriter, result, square)
    rewriter.create(
        scf.YieldOp,
        (
            select(rewriter, odd, product, result),
            apply(arith.MuliOp, rewriter, square, square),
            apply(arith.ShRUIOp, rewriter, rest, one),
        ),
    )

    rewriter.restore(point)
    loop = rewriter.create(
        scf.WhileOp,
        (one, base, exponent),
        [kind] * 3,
        regions=(Region(before), Region(after)),
    )
    return loop.results[0]


def _unrolled(rewriter: Rewriter, base: SSAValue, exponent: int) -> SSAValue:
    result: SSAValue | None = None
    while exponent:
        if exponent & 1:
            result = base if result is None else apply(arith.MuliOp, rewriter, result, base)
        exponent >>= 1
        if exponent:
            base = apply(arith.MuliOp, rewriter, base, base)
    return builders.constant(rewriter, 1, base.type) if result is None else result
