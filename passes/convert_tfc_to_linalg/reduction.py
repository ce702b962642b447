"""Reductions: one `linalg.generic`; 16-bit floats are summed and multiplied in f32, as in `evaluate`."""

from __future__ import annotations

from typing import Any

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import reduction as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.reduction import accumulator_dtype, highest, lowest
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.extrema import position_of_extremum
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import (
    ADD,
    MULTIPLY,
    Combine,
    maximum,
    minimum,
    reassociable,
    reduce,
    with_unit_axes,
)
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    compare_floats,
    float_to,
    scalar_type,
    select,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Operation, SSAValue

Classes = tuple[type[Operation], type[Operation]]


def _axes(op: TfcOp) -> tuple[tuple[int, ...], bool]:
    attributes = op.python_attributes()
    return attributes["axes"], attributes["keepdims"]


def _finish(lowering: Lowering, op: TfcOp, value: SSAValue) -> SSAValue:
    """The reduced `value` in the dtype and shape of the result."""
    axes, keepdims = _axes(op)
    kind = scalar_type(lowering.dtype(op.results[0]))
    if value.type.element_type != kind:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        value = map_elements(
            lowering.rewriter, (value,), lambda inner, x: float_to(inner, x, kind), kind
        )
    return with_unit_axes(lowering.rewriter, value, axes) if keepdims else value


def _reduce(lowering: Lowering, op: TfcOp, start: Any, combine: Combine) -> SSAValue:
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    kind = scalar_type(accumulator_dtype(lowering.dtype(op.operands[0])))

    def widened(inner: Rewriter, item: SSAValue, so_far: SSAValue) -> SSAValue:
        if not isinstance(item.type, IntegerType):
            item = float_to(inner, item, kind)
        return combine(inner, item, so_far)

    initial = builders.constant(rewriter, start, kind)
    return _finish(lowering, op, reduce(rewriter, source, _axes(op)[0], initial, widened))


def _accumulation(classes: Classes, start: int) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        cls = classes[0] if is_float(lowering.dtype(op.operands[0])) else classes[1]
        return _reduce(lowering, op, start, reassociable(cls))

    return rule


def _max(lowering: Lowering, op: TfcOp) -> SSAValue:
    dtype = lowering.dtype(op.operands[0])
    return _reduce(lowering, op, lowest(dtype), maximum(dtype))


def _min(lowering: Lowering, op: TfcOp) -> SSAValue:
    dtype = lowering.dtype(op.operands[0])
    return _reduce(lowering, op, highest(dtype), minimum(dtype))


def finite_or_zero(rewriter: Rewriter, x: SSAValue) -> SSAValue:
    """`x`, or 0 for infinities and nan."""
    size = apply(math.AbsFOp, rewriter, x)
    infinity = builders.constant(rewriter, float("inf"), x.type)
    finite = compare_floats(rewriter, "olt", size, infinity)
    return select(rewriter, finite, x, builders.constant(rewriter, 0.0, x.type))


def _logsumexp(lowering: Lowering, op: TfcOp) -> SSAValue:
    """The maximum, then the sum of the powers below it, then its logarithm: three generics that fuse by rows."""
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    axes, _ = _axes(op)
    kind = scalar_type(accumulator_dtype(lowering.dtype(op.operands[0])))
    start = builders.constant(rewriter, float("-inf"), kind)
    top = reduce(
        rewriter,
        source,
        axes,
        start,
        lambda inner, x, m: reassociable(arith.MaximumfOp)(inner, float_to(inner, x, kind), m),
    )
    shift = map_elements(rewriter, (top,), finite_or_zero)
    zero = builders.constant(rewriter, 0.0, kind)

    def power(inner: Rewriter, x: SSAValue, m: SSAValue) -> SSAValue:
        return apply(math.ExpOp, inner, apply(arith.SubfOp, inner, float_to(inner, x, kind), m))

    powers = map_elements(rewriter, (source, with_unit_axes(rewriter, shift, axes)), power, kind)
    total = reduce(rewriter, powers, axes, zero, reassociable(arith.AddfOp))

    def finish(inner: Rewriter, s: SSAValue, m: SSAValue) -> SSAValue:
        return apply(arith.AddfOp, inner, apply(math.LogOp, inner, s), m)

    return _finish(lowering, op, map_elements(rewriter, (total, shift), finish))


def _logical(cls: type[Operation], start: int) -> Rule:
    return lambda lowering, op: _reduce(lowering, op, start, reassociable(cls))


RULES: dict[OpSpec, Rule] = {
    semantics.reduce_sum: _accumulation(ADD, 0),
    semantics.reduce_prod: _accumulation(MULTIPLY, 1),
    semantics.reduce_max: _max,
    semantics.reduce_min: _min,
    semantics.reduce_any: _logical(arith.OrIOp, 0),
    semantics.reduce_all: _logical(arith.AndIOp, 1),
    semantics.reduce_logsumexp: _logsumexp,
    semantics.argmax: position_of_extremum(True),
    semantics.argmin: position_of_extremum(False),
}
