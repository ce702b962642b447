"""Broadcasting to the shape of another tensor, and summing back to one."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import broadcast as semantics
from tfc.dialects.tfc.semantics.broadcast import summed_axes
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.reduction import accumulator_dtype
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.loops import loop_nest
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, broadcast_map, elementwise
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import (
    ADD,
    Combine,
    reassociable,
    reduce,
    shape_of,
    with_unit_axes,
)
from tfc.passes.convert_tfc_to_linalg.scalars import float_to, scalar_type
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import SSAValue


def _broadcast(lowering: Lowering, op: TfcOp) -> SSAValue:
    """A generic over the shape of `like`, of which only the sizes are asked."""
    rewriter = lowering.rewriter
    source, like = lowering.operands(op)
    kind = lowering.result_type(op)
    shape = shape_of(like)
    if _uncertain_axes(lowering, op, repeated=0, other=1):
        return elementwise(lowering, op, lambda _, scalars, dtypes: scalars[0])
    if not shape or (shape == shape_of(source) and source.type == kind):
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


def _uncertain_axes(lowering: Lowering, op: TfcOp, repeated: int, other: int) -> tuple[int, ...]:
    """The axes of operand `repeated` that run time decides on: 1 and repeated, or as large as in operand `other`."""
    small, large = op.operands[repeated], op.operands[other]
    lead = len(shape_of(large)) - len(shape_of(small))
    dimensions = lowering.dimensions
    found: list[int] = []
    for axis, static in enumerate(shape_of(small)):
        if static != DYNAMIC_INDEX:
            continue
        size = dimensions.size(small, axis)
        same = dimensions.are_same(size, dimensions.size(large, lead + axis))
        if not same and dimensions.may_be_one(size):
            found.append(axis)
    return tuple(found)


def _sum(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    source, like = lowering.operands(op)
    dtype = lowering.dtype(op.operands[0])
    kind = scalar_type(dtype)
    wide = scalar_type(accumulator_dtype(dtype))
    target = shape_of(like)
    add = reassociable(ADD[0] if is_float(dtype) else ADD[1])

    def widened(inner: Rewriter, item: SSAValue, so_far: SSAValue) -> SSAValue:
        return add(inner, float_to(inner, item, wide) if wide != kind else item, so_far)

    zero = builders.constant(rewriter, 0, wide)
    uncertain = _uncertain_axes(lowering, op, repeated=1, other=0)
    axes = summed_axes(shape_of(source), target)
    if uncertain:
        total = _accumulate(rewriter, source, like, uncertain, zero, widened)
    elif axes:
        total = reduce(rewriter, source, axes, zero, widened)
    else:
        return source
    if wide != kind:
        total = map_elements(rewriter, (total,), lambda inner, x: float_to(inner, x, kind), kind)
    if uncertain:
        return total
    lead = len(shape_of(source)) - len(target)
    return with_unit_axes(rewriter, total, tuple(axis - lead for axis in axes if axis >= lead))


def _accumulate(
    rewriter: Rewriter,
    source: SSAValue,
    like: SSAValue,
    uncertain: tuple[int, ...],
    zero: SSAValue,
    add: Combine,
) -> SSAValue:
    """Add each element of `source` to the one of the result that it was repeated from, found at run time."""
    shape = shape_of(like)
    lead = len(shape_of(source)) - len(shape)
    first, one = builders.index_constant(rewriter, 0), builders.index_constant(rewriter, 1)
    sizes = {axis: builders.dim(rewriter, like, axis) for axis, n in enumerate(shape) if n < 0}
    is_one = {axis: builders.compare(rewriter, "eq", sizes[axis], one) for axis in uncertain}
    kind = builders.tensor_type(shape, zero.type)
    start = builders.fill(rewriter, zero, builders.empty(rewriter, kind, list(sizes.values())))

    def body(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        (target,) = carried
        places: list[SSAValue] = []
        for axis, size in enumerate(shape):
            index = first if size == 1 else indices[lead + axis]
            if axis in is_one:
                index = inner.value(arith.SelectOp, (is_one[axis], first, index), index.type)
            places.append(index)
        element = builders.element_type(source.type)
        item = inner.value(tensor.ExtractOp, (source, *indices), element)
        so_far = inner.value(tensor.ExtractOp, (target, *places), zero.type)
        total = add(inner, item, so_far)
        return (inner.value(tensor.InsertOp, (total, target, *places), kind),)

    bounds = [builders.dim(rewriter, source, axis) for axis in range(len(shape_of(source)))]
    return loop_nest(rewriter, bounds, (start,), body)[0]


RULES: dict[OpSpec, Rule] = {
    semantics.broadcast_to_shape_of: _broadcast,
    semantics.sum_to_shape_of: _sum,
}
