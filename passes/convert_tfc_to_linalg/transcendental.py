"""Roots, exponentials, logarithms, trigonometric and special functions: `math` ops, or code where MLIR has none."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import transcendental as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.hurwitz_zeta import hurwitz_zeta
from tfc.passes.convert_tfc_to_linalg.scalars import apply, wide_op_rule, wide_rule
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue


def _special(name: str) -> Rule:
    """The rule of a function that `expand-math` has code for but MLIR has no op."""

    def body(rewriter: Rewriter, x: SSAValue) -> SSAValue:
        from tfc.passes.expand_math.special import emit

        return emit(rewriter, name, x)

    return wide_rule(body)


def _rsqrt(rewriter: Rewriter, x: SSAValue) -> SSAValue:
    one = builders.constant(rewriter, 1.0, x.type)
    return apply(arith.DivfOp, rewriter, one, apply(math.SqrtOp, rewriter, x))


RULES: dict[OpSpec, Rule] = {
    semantics.sqrt: wide_op_rule(math.SqrtOp),
    semantics.rsqrt: wide_rule(_rsqrt),
    semantics.exp: wide_op_rule(math.ExpOp),
    semantics.expm1: wide_op_rule(math.ExpM1Op),
    semantics.log: wide_op_rule(math.LogOp),
    semantics.log1p: wide_op_rule(math.Log1pOp),
    semantics.sin: wide_op_rule(math.SinOp),
    semantics.cos: wide_op_rule(math.CosOp),
    semantics.tan: wide_op_rule(math.TanOp),
    semantics.asin: wide_op_rule(math.AsinOp),
    semantics.acos: wide_op_rule(math.AcosOp),
    semantics.atan: wide_op_rule(math.AtanOp),
    semantics.atan2: wide_op_rule(math.Atan2Op),
    semantics.sinh: wide_op_rule(math.SinhOp),
    semantics.cosh: wide_op_rule(math.CoshOp),
    semantics.tanh: wide_op_rule(math.TanhOp),
    semantics.asinh: wide_op_rule(math.AsinhOp),
    semantics.acosh: wide_op_rule(math.AcoshOp),
    semantics.atanh: wide_op_rule(math.AtanhOp),
    semantics.erf: wide_op_rule(math.ErfOp),
    semantics.erfc: _special("erfc"),
    semantics.erfinv: _special("erfinv"),
    semantics.ndtri: _special("ndtri"),
    semantics.lgamma: _special("lgamma"),
    semantics.digamma: _special("digamma"),
    semantics.zeta: wide_rule(hurwitz_zeta),
}
