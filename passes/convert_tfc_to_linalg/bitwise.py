"""Bits of integers. A shift by the width or more leaves nothing (or copies of the sign), where LLVM leaves it undefined."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics import bitwise as semantics
from tfc.dialects.tfc.semantics.dtypes import is_signed_int
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Scalars
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    bit_width,
    op_rule,
    rule,
    scalar_type,
    select,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue

Dtypes = tuple[np.dtype, ...]


def _left_shift(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    x, y = scalars
    width = builders.constant(rewriter, bit_width(x.type), x.type)
    inside = builders.compare(rewriter, "ult", y, width)
    zero = builders.constant(rewriter, 0, x.type)
    return select(rewriter, inside, apply(arith.ShLIOp, rewriter, x, y), zero)


def _right_shift(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    x, y = scalars
    width = builders.constant(rewriter, bit_width(x.type), x.type)
    inside = builders.compare(rewriter, "ult", y, width)
    if is_signed_int(dtypes[0]):
        last = builders.constant(rewriter, bit_width(x.type) - 1, x.type)
        return apply(arith.ShRSIOp, rewriter, x, select(rewriter, inside, y, last))
    zero = builders.constant(rewriter, 0, x.type)
    return select(rewriter, inside, apply(arith.ShRUIOp, rewriter, x, y), zero)


def _invert(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    (x,) = scalars
    return apply(arith.XOrIOp, rewriter, x, builders.constant(rewriter, -1, x.type))


def _population_count(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    (x,) = scalars
    count = apply(math.CtPopOp, rewriter, x)
    kind = scalar_type(dtypes[1])
    return count if count.type == kind else rewriter.value(arith.TruncIOp, (count,), kind)


RULES: dict[OpSpec, Rule] = {
    semantics.bitwise_and: op_rule(None, arith.AndIOp),
    semantics.bitwise_or: op_rule(None, arith.OrIOp),
    semantics.bitwise_xor: op_rule(None, arith.XOrIOp),
    semantics.left_shift: rule(_left_shift),
    semantics.right_shift: rule(_right_shift),
    semantics.invert: rule(_invert),
    semantics.population_count: rule(_population_count),
}
