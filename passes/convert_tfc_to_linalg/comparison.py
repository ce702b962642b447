"""Comparisons: `arith.cmpf` or `arith.cmpi` by kind of dtype."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics import comparison as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_signed_int
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Scalars
from tfc.passes.convert_tfc_to_linalg.scalars import apply, compare_floats, rule
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import math
from xdsl.ir import SSAValue

Dtypes = tuple[np.dtype, ...]


def _compare(relation: str) -> Rule:
    """`relation` is eq, ne, lt, le, gt or ge; comparisons with nan are false, but for ne."""
    on_floats = "une" if relation == "ne" else "o" + relation

    def body(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
        if is_float(dtypes[0]):
            return compare_floats(rewriter, on_floats, *scalars)
        sign = "" if relation in ("eq", "ne") else "s" if is_signed_int(dtypes[0]) else "u"
        return builders.compare(rewriter, sign + relation, *scalars)

    return rule(body)


def _is_nan(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
    return compare_floats(rewriter, "uno", scalars[0], scalars[0])


def _against_infinity(predicate: str) -> Rule:
    def body(rewriter: Rewriter, scalars: Scalars, dtypes: Dtypes) -> SSAValue:
        size = apply(math.AbsFOp, rewriter, scalars[0])
        infinity = builders.constant(rewriter, float("inf"), size.type)
        return compare_floats(rewriter, predicate, size, infinity)

    return rule(body)


RULES: dict[OpSpec, Rule] = {
    semantics.equal: _compare("eq"),
    semantics.not_equal: _compare("ne"),
    semantics.less: _compare("lt"),
    semantics.less_equal: _compare("le"),
    semantics.greater: _compare("gt"),
    semantics.greater_equal: _compare("ge"),
    semantics.is_nan: rule(_is_nan),
    semantics.is_inf: _against_infinity("oeq"),
    semantics.is_finite: _against_infinity("olt"),
}
