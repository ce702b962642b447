"""Broadcasting to the shape of another tensor, and summing back to one."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import broadcast as semantics
from tfc.dialects.tfc.semantics.broadcast import summed_axes
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.reduction import accumulator_dtype
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, broadcast_map
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import (
    ADD,
    reassociable,
    reduce,
    shape_of,
    with_unit_axes,
)
from tfc.passes.convert_tfc_to_linalg.scalars import float_to, scalar_type
from tfc.passes.rewriting import Rewriter
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import SSAValue


def _broadcast(lowering: Lowering, op: TfcOp) -> SSAValue:
    """A generic over the shape of `like`, of which only the sizes are asked."""
    rewriter = lowering.rewriter
    source, like = lowering.operands(op)
    kind = lowering.result_type(op)
    shape = shape_of(like)
    if shape == shape_of(source) and DYNAMIC_INDEX not in shape:
        return source
    if not shape:
        return source
    sizes = [
        builders.dim(rewriter, like, axis) if size == DYNAMIC_INDEX else None
        for axis, size in enumerate(shape)
    ]
    output = lowering.empty_like(kind, sizes)
    maps = [broadcast_map(shape_of(source), shape), builders.identity_map(len(shape))]
    iterators = builders.parallel_iterators(len(shape))
    generic = builders.generic(
        rewriter, (source,), (output,), maps, iterators, body=lambda _, arguments: arguments[:1]
    )
    return generic.results[0]


def _sum(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    source, like = lowering.operands(op)
    dtype = lowering.dtype(op.operands[0])
    kind = scalar_type(dtype)
    wide = scalar_type(accumulator_dtype(dtype))
    target = shape_of(like)
    axes = summed_axes(shape_of(source), target)
    if not axes:
        return source
    add = reassociable(ADD[0] if is_float(dtype) else ADD[1])

    def widened(inner: Rewriter, item: SSAValue, so_far: SSAValue) -> SSAValue:
        return add(inner, float_to(inner, item, wide) if wide != kind else item, so_far)

    total = reduce(rewriter, source, axes, builders.constant(rewriter, 0, wide), widened)
    if wide != kind:
        total = map_elements(rewriter, (total,), lambda inner, x: float_to(inner, x, kind), kind)
    lead = len(shape_of(source)) - len(target)
    kept = tuple(axis - lead for axis in axes if axis >= lead)
    return with_unit_axes(rewriter, total, kept)


RULES: dict[OpSpec, Rule] = {
    semantics.broadcast_to_shape_of: _broadcast,
    semantics.sum_to_shape_of: _sum,
}
