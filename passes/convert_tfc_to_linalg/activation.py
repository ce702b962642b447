"""Activation functions; softmax as generics over one row that fuse."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import activation as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, Scalars
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import (
    reassociable,
    reduce,
    shape_of,
    with_unit_axes,
)
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    float_to,
    rule,
    scalar_type,
    wide_rule,
    wide_type,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.ir import SSAValue


def _relu(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
    (x,) = scalars
    if is_unsigned_int(dtypes[0]):
        return x
    zero = builders.constant(rewriter, 0, x.type)
    cls = arith.MaximumfOp if is_float(dtypes[0]) else arith.MaxSIOp
    return apply(cls, rewriter, x, zero)


def sigmoid(rewriter: Rewriter, x: SSAValue) -> SSAValue:
    """`1 / (1 + exp(-x))`."""
    one = builders.constant(rewriter, 1.0, x.type)
    power = apply(math.ExpOp, rewriter, apply(arith.NegfOp, rewriter, x))
    return apply(arith.DivfOp, rewriter, one, apply(arith.AddfOp, rewriter, one, power))


def _softplus(rewriter: Rewriter, x: SSAValue) -> SSAValue:
    zero = builders.constant(rewriter, 0.0, x.type)
    size = apply(math.AbsFOp, rewriter, x)
    power = apply(math.ExpOp, rewriter, apply(arith.NegfOp, rewriter, size))
    top = apply(arith.MaximumfOp, rewriter, x, zero)
    return apply(arith.AddfOp, rewriter, top, apply(math.Log1pOp, rewriter, power))


def _softmax(lowering: Lowering, op: TfcOp) -> SSAValue:
    return _by_rows(lowering, op, is_log=False)


def _log_softmax(lowering: Lowering, op: TfcOp) -> SSAValue:
    return _by_rows(lowering, op, is_log=True)


def _by_rows(lowering: Lowering, op: TfcOp, is_log: bool) -> SSAValue:
    """The row's maximum, the powers below it, their sum, and the quotient or the difference of logarithms."""
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    axes = (op.python_attributes()["axis"] % len(shape_of(source)),)
    result = scalar_type(lowering.dtype(op.operands[0]))
    kind = wide_type(result)
    start = builders.constant(rewriter, float("-inf"), kind)
    top = reduce(
        rewriter,
        source,
        axes,
        start,
        lambda inner, x, m: reassociable(arith.MaximumfOp)(inner, float_to(inner, x, kind), m),
    )

    def shift(inner: Rewriter, x: SSAValue, m: SSAValue) -> SSAValue:
        return apply(arith.SubfOp, inner, float_to(inner, x, kind), m)

    shifted = map_elements(rewriter, (source, with_unit_axes(rewriter, top, axes)), shift, kind)
    powers = map_elements(rewriter, (shifted,), lambda inner, x: apply(math.ExpOp, inner, x))
    zero = builders.constant(rewriter, 0.0, kind)
    total = reduce(rewriter, powers, axes, zero, reassociable(arith.AddfOp))
    if is_log:
        total = map_elements(rewriter, (total,), lambda inner, s: apply(math.LogOp, inner, s))

    def finish(inner: Rewriter, x: SSAValue, s: SSAValue) -> SSAValue:
        cls = arith.SubfOp if is_log else arith.DivfOp
        return float_to(inner, apply(cls, inner, x, s), result)

    rows = (shifted if is_log else powers, with_unit_axes(rewriter, total, axes))
    return map_elements(rewriter, rows, finish, result)


RULES: dict[OpSpec, Rule] = {
    semantics.relu: rule(_relu),
    semantics.sigmoid: wide_rule(sigmoid),
    semantics.softplus: wide_rule(_softplus),
    semantics.softmax: _softmax,
    semantics.log_softmax: _log_softmax,
}
