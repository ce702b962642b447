"""`split-concatenations`: an elementwise op on slices that were put together reads the slices where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, cast

from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import (
    Structured,
    is_permutation,
    map_array,
    tensor_shape,
)
from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, ModuleOp
from xdsl.dialects.linalg.ops import GenericOp, IndexOp
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr
from xdsl.passes import ModulePass

MOST_PARTS = 5
"""Loops that one op becomes at most."""

LEAST_ELEMENTS = 1024
"""Elements that are worth the code of several loops."""


class SplitConcatenationsPass(ModulePass):
    """Make an op for each part of an elementwise op over which its operands are slices of other tensors.

    Before:
        %a = tensor.extract_slice %x[7] [1] [1]
        %b = tensor.extract_slice %x[0] [7] [1]
        %r0 = tensor.insert_slice %a into %empty[0] [1] [1]
        %r = tensor.insert_slice %b into %r0[1] [7] [1]     // tf.roll(x, 1, 0)
        %y = linalg.generic {add} ins(%x, %r : tensor<8xf32>, tensor<8xf32>)
    After:
        %y0 = linalg.generic {add} ins(%x[0] [1] [1], %a)
        %y1 = linalg.generic {add} ins(%x[1] [7] [1], %b)
        %y = the two inserted into one tensor

    So the operand is never put together. Only where nothing else reads it, the longest part is half of the whole, and there are
    few parts.

    Pre-condition: `fuse-elementwise`. Numbers do not change.
    """

    name = "split-concatenations"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        ops = walk(op)
        joins: dict[SSAValue, _Join] = {}
        for inner in ops:
            join = _join(inner) if isinstance(inner, tensor.InsertSliceOp) else None
            if join is not None:
                joins[inner.results[0]] = join
        if not joins:
            return
        plans: dict[Operation, _Plan] = {
            inner: plan
            for inner in ops
            if isinstance(inner, GenericOp) and (plan := _plan(Structured(inner), joins))
        }
        for value in joins:
            users = [use.operation for use in value.uses]
            if not all(user in plans and value in plans[user].joins for user in users):
                for plan in plans.values():
                    plan.joins.pop(value, None)
        for plan in plans.values():
            if plan.joins and plan.cuts():
                _split(rewriter, plan)


@dataclass(frozen=True)
class _Join:
    """Slices that are put together along an axis: where each begins, and the last one's end."""

    axis: int
    starts: tuple[int, ...]
    parts: tuple[SSAValue, ...]

    def slice(self, rewriter: Rewriter, start: int, size: int) -> SSAValue:
        """Some places along the axis, all of which are in one part."""
        at = max(index for index, begin in enumerate(self.starts[:-1]) if begin <= start)
        return _sliced(rewriter, self.parts[at], self.axis, start - self.starts[at], size)


def _sliced(rewriter: Rewriter, value: SSAValue, axis: int, start: int, size: int) -> SSAValue:
    shape = list(tensor_shape(value))
    if shape[axis] == size:
        return value
    offsets = [0] * len(shape)
    offsets[axis], shape[axis] = start, size
    return mixed.extract_slice(rewriter, value, offsets, shape, [1] * len(shape), frozenset())


def _join(op: tensor.InsertSliceOp) -> _Join | None:
    """What the last of a row of insertions has put together; None when that is not all slices, side by side."""
    shape = tensor_shape(op.results[0])
    found: list[tuple[tuple[int, ...], SSAValue]] = []
    value: SSAValue = op.results[0]
    while isinstance(step := value.owner, tensor.InsertSliceOp):
        if found and not value.has_one_use():
            return None
        source = step.operands[0]
        offsets = _numbers(step, "offsets")
        plain = len(step.operands) == 2 and set(_numbers(step, "strides")) <= {1}
        if not plain or not isinstance(source.owner, tensor.ExtractSliceOp):
            return None
        if _numbers(step, "sizes") != tensor_shape(source) or DYNAMIC_INDEX in offsets:
            return None
        found.append((offsets, source))
        value = step.operands[1]
        if len(found) > MOST_PARTS:
            return None
    if not isinstance(value.owner, tensor.EmptyOp) or len(found) < 2:
        return None
    found.sort(key=lambda item: item[0])
    axes = [axis for axis in range(len(shape)) if len({item[0][axis] for item in found}) > 1]
    if len(axes) != 1:
        return None
    (axis,) = axes
    starts = [0]
    for offsets, source in found:
        own = tensor_shape(source)
        if offsets != tuple(starts[-1] if at == axis else 0 for at in range(len(shape))):
            return None
        if own[:axis] + own[axis + 1 :] != shape[:axis] + shape[axis + 1 :]:
            return None
        starts.append(starts[-1] + own[axis])
    if starts[-1] != shape[axis] or DYNAMIC_INDEX in shape:
        return None
    return _Join(axis, tuple(starts), tuple(source for _, source in found))


def _numbers(op: Operation, name: str) -> tuple[int, ...]:
    return tuple(cast(Any, op.properties[f"static_{name}"]).get_values())


@dataclass
class _Plan:
    """An op that can be split along a loop, and which of its operands are joined along that."""

    view: Structured
    loop: int
    joins: dict[SSAValue, _Join]

    def cuts(self) -> list[int]:
        """Where the parts begin, and the end; empty when it is better left whole."""
        cuts = sorted({start for join in self.joins.values() for start in join.starts})
        longest = max(end - start for start, end in pairwise(cuts))
        return cuts if len(cuts) <= MOST_PARTS + 1 and 2 * longest >= cuts[-1] else []


def _plan(view: Structured, joins: dict[SSAValue, _Join]) -> _Plan | None:
    if not any(value in joins for value in view.inputs):
        return None
    if (
        not view.is_elementwise
        or len(view.op.results) != 1
        or not is_permutation(view.output_maps[0])
    ):
        return None
    if any(isinstance(inner, IndexOp) or inner.regions for inner in view.block.ops):
        return None
    reads = (expr for map in view.input_maps for expr in map.results)
    if not all(isinstance(expr, AffineDimExpr | AffineConstantExpr) for expr in reads):
        return None
    shape = tensor_shape(view.op.results[0])
    if DYNAMIC_INDEX in shape or prod(shape) < LEAST_ELEMENTS:
        return None
    loops = {
        value: [
            expr.position
            if isinstance(expr := map.results[joins[value].axis], AffineDimExpr)
            else -1
            for other, map in zip(view.inputs, view.input_maps, strict=True)
            if other is value
        ]
        for value in view.inputs
        if value in joins
    }
    loop = next(iter(loops.values()))[0]
    along = {value: joins[value] for value, own in loops.items() if set(own) == {loop}}
    return _Plan(view, loop, along) if loop >= 0 and along else None


def _split(rewriter: Rewriter, plan: _Plan) -> None:
    """An op for each part, and their results put together."""
    view, cuts = Structured(plan.view.op), plan.cuts()
    result = view.op.results[0]
    shape = list(tensor_shape(result))
    axis = _axes(view.output_maps[0], plan.loop)[0]
    rewriter.before(view.op)
    whole = builders.empty(rewriter, cast(Any, result.type))
    for start, end in pairwise(cuts):
        operands = [
            plan.joins[value].slice(rewriter, start, end - start)
            if value in plan.joins
            else _along(rewriter, value, _axes(map, plan.loop), start, end - start)
            for value, map in zip(view.inputs, view.input_maps, strict=True)
        ]
        shape[axis] = end - start
        target = builders.empty(
            rewriter, builders.tensor_type(tuple(shape), builders.element_type(result.type))
        )
        part = rewriter.create(
            GenericOp,
            (*operands, target),
            (target.type,),
            {
                "indexing_maps": map_array(view.maps),
                "iterator_types": view.iterators,
                "operandSegmentSizes": builders.segments(len(operands), 1),
            },
            regions=(view.op.regions[0].clone(),),
        )
        offsets = [0] * len(shape)
        offsets[axis] = start
        whole = mixed.insert_slice(rewriter, part.results[0], whole, offsets, shape)
    rewriter.replace(view.op, whole)
    for value in (*view.inputs, *view.outputs):
        rewriter.erase_dead(value)


def _axes(map: Any, loop: int) -> list[int]:
    """The axes of an operand that a loop runs along."""
    return [axis for axis, expr in enumerate(map.results) if expr == AffineDimExpr(loop)]


def _along(
    rewriter: Rewriter, value: SSAValue, axes: Sequence[int], start: int, size: int
) -> SSAValue:
    for axis in axes:
        value = _sliced(rewriter, value, axis, start, size)
    return value
