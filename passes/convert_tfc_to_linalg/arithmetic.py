"""Arithmetic on numbers: one scalar op for floats, one for integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import arithmetic as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, Scalars, elementwise
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.ir import Operation, SSAValue


def _scalar_op(on_floats: type[Operation], on_ints: type[Operation]) -> Rule:
    def body(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
        cls = on_floats if is_float(dtypes[0]) else on_ints
        return rewriter.value(cls, scalars, scalars[0].type)

    return lambda lowering, op: elementwise(lowering, op, body)


def _negative(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
    (x,) = scalars
    if is_float(dtypes[0]):
        return rewriter.value(arith.NegfOp, (x,), x.type)
    zero = builders.constant(rewriter, 0, x.type)
    return rewriter.value(arith.SubiOp, (zero, x), x.type)


def _with(body: Callable[..., SSAValue]) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        return elementwise(lowering, op, body)

    return rule


RULES: dict[OpSpec, Rule] = {
    semantics.add: _scalar_op(arith.AddfOp, arith.AddiOp),
    semantics.subtract: _scalar_op(arith.SubfOp, arith.SubiOp),
    semantics.multiply: _scalar_op(arith.MulfOp, arith.MuliOp),
    semantics.negative: _with(_negative),
}
