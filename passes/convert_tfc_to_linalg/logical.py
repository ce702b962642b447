"""Logic on i1, and `arith.select`."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics import logical as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I1
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Scalars
from tfc.passes.convert_tfc_to_linalg.scalars import apply, op_rule, rule, select
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.ir import SSAValue


def _not(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
    return apply(arith.XOrIOp, rewriter, scalars[0], builders.constant(rewriter, 1, I1))


def _select(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
    return select(rewriter, *scalars)


RULES: dict[OpSpec, Rule] = {
    semantics.logical_and: op_rule(None, arith.AndIOp),
    semantics.logical_or: op_rule(None, arith.OrIOp),
    semantics.logical_xor: op_rule(None, arith.XOrIOp),
    semantics.logical_not: rule(_not),
    semantics.select: rule(_select),
}
