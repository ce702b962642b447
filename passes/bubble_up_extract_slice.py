"""`bubble-up-extract-slice`: where only slices of a result are read, only these are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, cast

from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import Structured, is_permutation, map_array, tensor_shape
from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, ModuleOp
from xdsl.dialects.linalg.ops import GenericOp, IndexOp
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass


class BubbleUpExtractSlicePass(ModulePass):
    """Slice what an elementwise op reads rather than what it gives, where nothing but slices of its result is read.

    Before:
        %y = linalg.generic {sub} ins(%a, %b : tensor<8x2xf32>, tensor<8x2xf32>)
        %u = tensor.extract_slice %y[0, 0] [8, 1] [1, 1] : tensor<8x2xf32> to tensor<8xf32>
        %v = tensor.extract_slice %y[0, 1] [8, 1] [1, 1] : tensor<8x2xf32> to tensor<8xf32>
    After:
        %a0 = tensor.extract_slice %a[0, 0] [8, 1] [1, 1] : tensor<8x2xf32> to tensor<8xf32>
        %b0 = ...
        %u = linalg.generic {sub} ins(%a0, %b0 : tensor<8xf32>, tensor<8xf32>)
        %v = the same of the other column

    So coordinates, gates and halves that are worked on together and used one by one fuse with what uses them. The slices must
    not hold more elements than the whole: nothing is computed more often than before.

    Pre-condition: `fold-unit-reshapes`. Numbers do not change.
    """

    name = "bubble-up-extract-slice"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in reversed(walk(op)):
            if isinstance(inner, GenericOp) and inner.parent is not None:
                slices = _slices(inner)
                if slices:
                    _bubble_up(rewriter, Structured(inner), slices)


@dataclass(frozen=True)
class _Slice:
    """A `tensor.extract_slice`, by axes of its source."""

    op: tensor.ExtractSliceOp
    offsets: tuple[Size, ...]
    sizes: tuple[Size, ...]
    strides: tuple[int, ...]
    dropped: frozenset[int]
    """Axes that the result does not have."""

    def share(self) -> Fraction:
        """How much of its source it is, as far as that is known."""
        known = [
            Fraction(size, whole)
            for size, whole in zip(self.sizes, tensor_shape(self.op.source), strict=True)
            if isinstance(size, int) and whole > 0
        ]
        return prod(known, start=Fraction(1))


def _slices(op: GenericOp) -> list[_Slice]:
    """The slices that are all that is read of an elementwise op and not more than it; none where that is not so."""
    view = Structured(op)
    if not view.is_elementwise or len(op.results) != 1 or not is_permutation(view.output_maps[0]):
        return []
    if any(isinstance(inner, IndexOp) or inner.regions for inner in view.block.ops):
        return []
    reads = (expr for map in view.input_maps for expr in map.results)
    if not all(isinstance(expr, AffineDimExpr | AffineConstantExpr) for expr in reads):
        return []
    found: list[_Slice] = []
    for user in dict.fromkeys(use.operation for use in op.results[0].uses):
        one = _slice(user) if user.parent is op.parent else None
        if one is None:
            return []
        found.append(one)
    return found if sum(one.share() for one in found) <= 1 else []


def _slice(op: Operation) -> _Slice | None:
    """What a slice takes; None where it is none, or where it is not plain which axes of size 1 it leaves out."""
    if not isinstance(op, tensor.ExtractSliceOp):
        return None
    dynamic = iter(op.operands[1:])
    offsets, sizes, strides = (
        tuple(
            next(dynamic) if number == DYNAMIC_INDEX else int(number)
            for number in cast(Any, op.properties[f"static_{name}"]).get_values()
        )
        for name in ("offsets", "sizes", "strides")
    )
    ones = frozenset(axis for axis, size in enumerate(sizes) if size == 1)
    dropped = len(sizes) - len(tensor_shape(op.results[0]))
    if dropped not in (0, len(ones)):
        return None
    known = tuple(step for step in strides if isinstance(step, int))
    if len(known) < len(strides):
        return None
    return _Slice(op, offsets, sizes, known, ones if dropped else frozenset())


def _bubble_up(rewriter: Rewriter, view: Structured, slices: Sequence[_Slice]) -> None:
    """Compute each slice by itself, in its place."""
    loops = [cast(AffineDimExpr, expr).position for expr in view.output_maps[0].results]
    for one in slices:
        rewriter.before(one.op)
        axis_of = {loop: axis for axis, loop in enumerate(loops)}
        kept = [loop for loop in range(view.rank) if axis_of[loop] not in one.dropped]
        renumbered: list[AffineExpr] = [AffineConstantExpr(0)] * view.rank
        for number, loop in enumerate(kept):
            renumbered[loop] = AffineDimExpr(number)

        def inner_map(map: AffineMap, gone: frozenset[int]) -> AffineMap:
            own = [expr for axis, expr in enumerate(map.results) if axis not in gone]
            results = [expr.replace_dims_and_symbols(renumbered, ()) for expr in own]  # noqa: B023
            return AffineMap(len(kept), 0, tuple(results))  # noqa: B023

        operands: list[SSAValue] = []
        maps: list[AffineMap] = []
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            part, gone = _part(rewriter, value, [axis_of.get(_loop(e)) for e in map.results], one)
            operands.append(part)
            maps.append(inner_map(map, gone))
        maps.append(inner_map(view.output_maps[0], one.dropped))
        sizes = [size for size in one.sizes if not isinstance(size, int)]
        target = builders.empty(rewriter, cast(Any, one.op.results[0].type), sizes)
        new = rewriter.create(
            GenericOp,
            (*operands, target),
            (target.type,),
            {
                "indexing_maps": map_array(maps),
                "iterator_types": builders.parallel_iterators(len(kept)),
                "operandSegmentSizes": builders.segments(len(operands), 1),
            },
            regions=(view.op.regions[0].clone(),),
        )
        rewriter.replace(one.op, new.results[0])
    outputs = view.outputs
    rewriter.erase(view.op)
    for value in outputs:
        rewriter.erase_dead(value)


def _loop(expr: AffineExpr) -> int:
    return expr.position if isinstance(expr, AffineDimExpr) else -1


def _part(
    rewriter: Rewriter, value: SSAValue, axes: Sequence[int | None], one: _Slice
) -> tuple[SSAValue, frozenset[int]]:
    """What a slice needs of an input, given which of its axes each axis of the input is; and which of these it then lacks."""
    offsets: list[Size] = []
    sizes: list[Size] = []
    strides: list[int] = []
    for at, (axis, whole) in enumerate(zip(axes, tensor_shape(value), strict=True)):
        if axis is None:
            offsets.append(0)
            sizes.append(whole if whole != DYNAMIC_INDEX else builders.dim(rewriter, value, at))
            strides.append(1)
        else:
            offsets.append(one.offsets[axis])
            sizes.append(one.sizes[axis])
            strides.append(one.strides[axis])
    gone = frozenset(at for at, axis in enumerate(axes) if axis in one.dropped)
    if not gone and tuple(sizes) == tensor_shape(value) and set(strides) <= {1}:
        return value, gone
    return mixed.extract_slice(rewriter, value, offsets, sizes, strides, gone), gone
