"""Running totals: a loop along the axis inside loops over the other dims, in NumPy's order and so with its bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import scan as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.loops import loop_nest
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.reducing import ADD, MULTIPLY, shape_of
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    compare_floats,
    float_to,
    select,
    wide_type,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math, tensor
from xdsl.ir import Operation, SSAValue

Step = Callable[[Rewriter, SSAValue, SSAValue], SSAValue]
Classes = tuple[type[Operation], type[Operation]]


def _scan(start: float, classes: Classes | None) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        (source,) = lowering.operands(op)
        if classes is None:
            return _loops(lowering, op, source, start, logaddexp)
        cls = classes[0] if is_float(lowering.dtype(op.operands[0])) else classes[1]

        def step(rewriter: Rewriter, total: SSAValue, item: SSAValue) -> SSAValue:
            return apply(cls, rewriter, total, item)

        return _loops(lowering, op, source, start, step)

    return rule


def logaddexp(rewriter: Rewriter, x: SSAValue, y: SSAValue) -> SSAValue:
    """`log(exp(x) + exp(y))` as NumPy has it: exact for equal infinities."""
    kind = x.type
    x, y = (float_to(rewriter, value, wide_type(kind)) for value in (x, y))
    top = apply(arith.MaximumfOp, rewriter, x, y)
    gap = apply(math.AbsFOp, rewriter, apply(arith.SubfOp, rewriter, x, y))
    power = apply(math.ExpOp, rewriter, apply(arith.NegfOp, rewriter, gap))
    total = apply(arith.AddfOp, rewriter, top, apply(math.Log1pOp, rewriter, power))
    equal = compare_floats(rewriter, "oeq", x, y)
    two = builders.constant(rewriter, 0.6931471805599453, x.type)
    result = select(rewriter, equal, apply(arith.AddfOp, rewriter, x, two), total)
    return float_to(rewriter, result, kind)


def _loops(lowering: Lowering, op: TfcOp, source: SSAValue, start: float, step: Step) -> SSAValue:
    rewriter = lowering.rewriter
    attributes = op.python_attributes()
    kind = lowering.result_type(op)
    shape = shape_of(source)
    axis = attributes["axis"] % len(shape)
    sizes = [builders.dim(rewriter, source, position) for position in range(len(shape))]
    one = builders.index_constant(rewriter, 1)
    initial = builders.constant(rewriter, start, kind.element_type)
    last = builders.subi(rewriter, sizes[axis], one)
    output = lowering.empty_like(kind, sizes)

    others = [position for position in range(len(shape)) if position != axis]

    def row(
        rewriter: Rewriter, fixed: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        def one_step(
            rewriter: Rewriter, counter: list[SSAValue], carried: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            target, total = carried
            position = counter[0]
            if attributes["reverse"]:
                position = builders.subi(rewriter, last, position)
            places = dict(zip(others, fixed, strict=True)) | {axis: position}
            indices = [places[dim] for dim in range(len(shape))]
            item = rewriter.value(tensor.ExtractOp, (source, *indices), kind.element_type)
            updated = step(rewriter, total, item)
            stored = total if attributes["exclusive"] else updated
            return rewriter.value(tensor.InsertOp, (stored, target, *indices), kind), updated

        return loop_nest(rewriter, [sizes[axis]], (carried[0], initial), one_step)[:1]

    return loop_nest(rewriter, [sizes[position] for position in others], (output,), row)[0]


RULES: dict[OpSpec, Rule] = {
    semantics.cumsum: _scan(0, ADD),
    semantics.cumprod: _scan(1, MULTIPLY),
    semantics.cumulative_logsumexp: _scan(float("-inf"), None),
}
