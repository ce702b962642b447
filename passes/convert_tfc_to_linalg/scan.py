"""Running totals: a loop along the axis inside loops over the other dims, in NumPy's order and so with its bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import scan as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
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
from xdsl.dialects import arith, math, scf, tensor
from xdsl.ir import Operation, SSAValue

Step = Callable[[Rewriter, SSAValue, SSAValue], SSAValue]
Classes = tuple[type[Operation], type[Operation]]


def _scan(start: float, classes: Classes | None) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        (source,) = lowering.operands(op)
        step: Step = logaddexp
        if classes is not None:
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
    zero, one = builders.index_constant(rewriter, 0), builders.index_constant(rewriter, 1)
    initial = builders.constant(rewriter, start, kind.element_type)
    last = builders.subi(rewriter, sizes[axis], one)
    output = lowering.empty_like(kind, sizes)

    def outer(target: SSAValue, fixed: dict[int, SSAValue], axes: Sequence[int]) -> SSAValue:
        if not axes:
            return inner(target, fixed)
        loop, block = builders.for_loop(rewriter, zero, sizes[axes[0]], one, (target,))
        point = rewriter.point()
        rewriter.at_end(block)
        fixed = {**fixed, axes[0]: block.args[0]}
        rewriter.create(scf.YieldOp, (outer(block.args[1], fixed, axes[1:]),))
        rewriter.restore(point)
        return loop.results[0]

    def inner(target: SSAValue, fixed: dict[int, SSAValue]) -> SSAValue:
        loop, block = builders.for_loop(rewriter, zero, sizes[axis], one, (target, initial))
        point = rewriter.point()
        rewriter.at_end(block)
        position, target, total = block.args
        if attributes["reverse"]:
            position = builders.subi(rewriter, last, position)
        indices = [fixed.get(dim, position) for dim in range(len(shape))]
        item = rewriter.value(tensor.ExtractOp, (source, *indices), kind.element_type)
        updated = step(rewriter, total, item)
        stored = total if attributes["exclusive"] else updated
        result = rewriter.value(tensor.InsertOp, (stored, target, *indices), kind)
        rewriter.create(scf.YieldOp, (result, updated))
        rewriter.restore(point)
        return loop.results[0]

    return outer(output, {}, [position for position in range(len(shape)) if position != axis])


RULES: dict[OpSpec, Rule] = {
    semantics.cumsum: _scan(0, ADD),
    semantics.cumprod: _scan(1, MULTIPLY),
    semantics.cumulative_logsumexp: _scan(float("-inf"), None),
}
