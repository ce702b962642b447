"""`unroll-small-dims`: reductions over dims of a few elements need no loops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from tfc.passes import builders
from tfc.passes.remarks import Remark, list_ops, listener, place_of
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import (
    Structured,
    body_cost,
    loop_sizes,
    map_array,
    plain_dims,
    tensor_shape,
    used_dims,
)
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, i64
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp, YieldOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp

Point = tuple[int, ...]
"""Values of some loops."""


@dataclass(frozen=True)
class UnrollSmallDimsPass(ModulePass):
    """Unroll the loops of reductions over dims of a few elements, so that what is left are the loops worth vectorising.

    Before (distances of points in the plane):
        %r = linalg.generic {(i, j, c) -> (i, j), sum over c} ins(%d : tensor<64x64x2xf32>)
    After:
        %r = linalg.generic {ins (i, j) -> (i, j, 0), (i, j) -> (i, j, 1), elementwise} ins(%d, %d)

    A sum over few elements is elementwise then and fuses with what is before and after it. Beside a longer reduction, a small dim
    of the result gives one result for each of its elements, which all come out of one loop:

        %s = linalg.generic {(j, c) -> (c), sum over j} ins(%x : tensor<1024x3xf32>)

    becomes one generic with three results, each of which is put into its place of `%s`. That is done when an input has the small
    dim inside the reduction, so that the elements of one sum are not neighbours, or when an input lacks it.

    Options: `max-size`, the most elements of all unrolled dims together; `max-cost`, of a body after unrolling.

    Pre-condition: `fold-unit-reshapes`. Numbers do not change: elements are combined in the same order.
    """

    name = "unroll-small-dims"

    max_size: int = 8
    max_cost: int = 256

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        unroller = _Unroller()
        for inner in walk(op):
            if isinstance(inner, GenericOp) and inner.results:  # on tensors
                view = Structured(inner)
                dims = self._small_dims(view)
                if dims:
                    unroller.unroll(view, dims)
        unroller.clean_up()

    def _small_dims(self, view: Structured) -> dict[int, int]:
        """The loops to unroll and how long they are."""
        if all(view.parallel) or view.is_contraction:
            return {}
        sizes = loop_sizes(view)
        small = {dim: size for dim, size in sizes.items() if 0 < size <= self.max_size}
        reductions = [dim for dim, is_parallel in enumerate(view.parallel) if not is_parallel]
        if all(dim in small for dim in reductions):
            chosen = {dim: small[dim] for dim in reductions}
        else:
            chosen = {dim: size for dim, size in small.items() if _hinders(view, dim)}
        total = prod(chosen.values())
        if total > self.max_size or total * body_cost(view.block.ops) > self.max_cost:
            return {}
        if len(chosen) == view.rank or not _can_be_split(view, chosen):
            return {}
        return chosen


def _hinders(view: Structured, dim: int) -> bool:
    """Whether a small dim keeps a longer reduction from running through neighbours, or makes it read elements again."""
    longer = frozenset(
        d for d, is_parallel in enumerate(view.parallel) if not is_parallel and d != dim
    )
    for map in view.input_maps:
        used = used_dims(map)
        if not used & longer:
            continue
        if dim not in used:
            return True
        innermost = map.results[-1].used_dims()
        if view.parallel[dim] and dim in innermost:
            return True
    return False


def _can_be_split(view: Structured, dims: Mapping[int, int]) -> bool:
    """Whether results have the unrolled parallel loops as dims of their own, and the other loops keep their bounds."""
    parallel = {dim for dim in dims if view.parallel[dim]}
    for map in view.output_maps:
        if used_dims(map) & dims.keys() != parallel or not parallel <= plain_dims(map):
            return False
    # A window, `(i, k) -> (i + k)`, would become `(i) -> (i)`, which says that the input is as long as the loop.
    return not any(
        len(used) > 1 and used & dims.keys()
        for map in view.maps
        for used in (expr.used_dims() for expr in map.results)
    )


class _Unroller:
    def __init__(self) -> None:
        self.rewriter = Rewriter()
        self.parts: dict[SSAValue, tuple[list[int], dict[Point, SSAValue]]] = {}
        """Results that were put together: along which axes, and of what."""

    def unroll(self, view: Structured, dims: Mapping[int, int]) -> None:
        """Replace a generic by one without the loops `dims`."""
        rewriter = self.rewriter
        rewriter.before(view.op)
        remarks = listener()
        if remarks is not None:
            lengths = " x ".join(str(size) for size in dims.values())
            text = f"{list_ops([view.op])}: {lengths} elements in one body"
            remarks.append(Remark("unroll-small-dims", place_of(view.op), text))
        unrolled = _Unrolled(rewriter, view, dims, self.parts)
        results = iter(unrolled.emit())
        parallel = [dim for dim in dims if view.parallel[dim]]
        joined: list[SSAValue] = []
        for value, map in zip(view.outputs, view.output_maps, strict=True):
            parts = {point: next(results) for point in _points(dims, parallel)}
            joined.append(self._join(value, [_axis_of(map, dim) for dim in parallel], parts))
        for old, new in zip(view.op.results, joined, strict=True):
            new.name_hint = old.name_hint
        operands = view.outputs
        rewriter.replace(view.op, joined)
        for value in operands:
            rewriter.erase_dead(value)

    def _join(self, value: SSAValue, axes: list[int], parts: dict[Point, SSAValue]) -> SSAValue:
        """The result whose elements along `axes` are `parts`; `value` has its sizes."""
        if not axes:
            return parts[()]
        whole = _empty_like(self.rewriter, value, {})
        for point, part in parts.items():
            fixed = dict(zip(axes, point, strict=True))
            whole = builders.insert_at(self.rewriter, part, whole, fixed)
        self.parts[whole] = axes, parts
        return whole

    def clean_up(self) -> None:
        """Erase what was put together and is read by its parts alone."""
        for value in reversed(self.parts):
            self.rewriter.erase_dead(value)


class _Unrolled:
    """One generic being made out of another one, without the loops `dims`."""

    def __init__(
        self,
        rewriter: Rewriter,
        view: Structured,
        dims: Mapping[int, int],
        parts: Mapping[SSAValue, tuple[list[int], dict[Point, SSAValue]]],
    ) -> None:
        self.rewriter = rewriter
        self.view = view
        self.dims = dims
        self.parts = parts
        self.parallel = [dim for dim in dims if view.parallel[dim]]
        self.summed = [dim for dim in dims if not view.parallel[dim]]
        self.kept = [dim for dim in range(view.rank) if dim not in dims]
        self.is_reduction = not all(view.parallel[dim] for dim in self.kept)
        self.inputs: dict[tuple[SSAValue, AffineMap], None] = {}

    def emit(self) -> Sequence[SSAValue]:
        """The results: of each old one, those for each value of the unrolled parallel loops."""
        view, rewriter = self.view, self.rewriter
        for point in _points(self.dims, list(self.dims)):
            at = dict(zip(self.dims, point, strict=True))
            for index in range(len(view.inputs)):
                self.inputs[self._read(index, at)] = None
        outputs: list[SSAValue] = []
        maps: list[AffineMap] = []
        initial: list[tuple[SSAValue, AffineMap] | SSAValue | None] = []
        for number, (value, map) in enumerate(zip(view.outputs, view.output_maps, strict=True)):
            for point in _points(self.dims, self.parallel):
                at = dict(zip(self.parallel, point, strict=True))
                maps.append(self._without(map, at, [_axis_of(map, dim) for dim in at]))
                target, start = self._output(number, value, map, at, maps[-1])
                outputs.append(target)
                initial.append(start)
        values = [*(value for value, _ in self.inputs), *outputs]
        block = Block(arg_types=[builders.element_type(value.type) for value in values])
        arguments = dict(zip(self.inputs, block.args, strict=False))
        starts = [
            arguments[start] if isinstance(start, tuple) else start or argument
            for start, argument in zip(initial, block.args[len(self.inputs) :], strict=True)
        ]
        rewriter_point = rewriter.point()
        rewriter.at_end(block)
        rewriter.create(YieldOp, self._bodies(arguments, starts))
        rewriter.restore(rewriter_point)
        return rewriter.create(
            GenericOp,
            values,
            [value.type for value in outputs],
            {
                "indexing_maps": map_array([*(map for _, map in self.inputs), *maps]),
                "iterator_types": ArrayAttr([view.iterators.data[dim] for dim in self.kept]),
                "operandSegmentSizes": builders.segments(len(self.inputs), len(outputs)),
            },
            regions=(Region(block),),
        ).results

    # -- operands -------------------------------------------------------------------------------

    def _without(self, map: AffineMap, at: Mapping[int, int], axes: Sequence[int]) -> AffineMap:
        """A map where some loops have known values, and without the results `axes`."""
        dims: list[AffineExpr] = [AffineConstantExpr(0)] * map.num_dims
        for new, dim in enumerate(self.kept):
            dims[dim] = AffineDimExpr(new)
        for dim, value in at.items():
            dims[dim] = AffineConstantExpr(value)
        kept = [expr for axis, expr in enumerate(map.results) if axis not in axes]
        results = tuple(expr.replace_dims_and_symbols(dims, ()) for expr in kept)
        return AffineMap(len(self.kept), 0, results)

    def _read(self, index: int, at: Mapping[int, int]) -> tuple[SSAValue, AffineMap]:
        """What an input is where the unrolled loops have known values; of what was put together, the part."""
        value, map = self.view.inputs[index], self._without(self.view.maps[index], at, ())
        if value in self.parts:
            axes, parts = self.parts[value]
            where = [map.results[axis] for axis in axes]
            point = tuple(expr.value for expr in where if isinstance(expr, AffineConstantExpr))
            if len(point) == len(axes):
                kept = tuple(e for axis, e in enumerate(map.results) if axis not in axes)
                return parts[point], AffineMap(map.num_dims, 0, kept)
        return value, map

    def _output(
        self, number: int, value: SSAValue, map: AffineMap, at: Mapping[int, int], inner: AffineMap
    ) -> tuple[SSAValue, tuple[SSAValue, AffineMap] | SSAValue | None]:
        """Where a result goes, and what it starts from: an input, a scalar, or None for what is there."""
        rewriter = self.rewriter
        fixed = {_axis_of(map, dim): index for dim, index in at.items()}
        if self.is_reduction and not fixed:
            return value, None
        fill = value.owner if isinstance(value.owner, FillOp) else None
        place = value if fill is None else fill.operands[1]
        is_read = self.view.block.args[len(self.view.inputs) + number].first_use is not None
        if fill is not None or not is_read:
            target = _empty_like(rewriter, place, fixed) if fixed else place
            if fill is None or not is_read:
                return target, None
            if self.is_reduction:
                return builders.fill(rewriter, fill.operands[0], target), None
            return target, fill.operands[0]
        old = builders.extract_at(rewriter, value, fixed) if fixed else value
        if self.is_reduction:
            return old, None
        self.inputs[old, inner] = None
        return _empty_like(rewriter, old, {}), (old, inner)

    # -- body -----------------------------------------------------------------------------------

    def _bodies(
        self, arguments: Mapping[tuple[SSAValue, AffineMap], SSAValue], starts: Sequence[SSAValue]
    ) -> list[SSAValue]:
        """The body for each value of the unrolled loops; gives what is yielded."""
        view = self.view
        count = prod(self.dims[dim] for dim in self.parallel)
        results: list[SSAValue] = list(starts)
        for number, outer in enumerate(_points(self.dims, self.parallel)):
            held = [results[index * count + number] for index in range(len(view.outputs))]
            for inner in _points(self.dims, self.summed):
                at = dict(zip((*self.parallel, *self.summed), (*outer, *inner), strict=True))
                own = [arguments[self._read(index, at)] for index in range(len(view.inputs))]
                held = self._body((*own, *held), at)
            for index, value in enumerate(held):
                results[index * count + number] = value
        return results

    def _body(self, arguments: Sequence[SSAValue], at: Mapping[int, int]) -> list[SSAValue]:
        view, rewriter = self.view, self.rewriter
        mapping: dict[SSAValue, SSAValue] = dict(zip(view.block.args, arguments, strict=True))
        for op in view.block.ops:
            if isinstance(op, YieldOp):
                break
            rewriter.location = op.location
            if isinstance(op, IndexOp):
                dim = op.dim.value.data
                if dim in at:
                    mapping[op.results[0]] = builders.index_constant(rewriter, at[dim])
                else:
                    number = builders.integer_attr(self.kept.index(dim), i64)
                    properties = {"dim": number}
                    mapping[op.results[0]] = rewriter.value(IndexOp, (), builders.INDEX, properties)
                continue
            copy = op.clone(mapping)
            copy.location = op.location
            rewriter.insert(copy)
        return [mapping.get(value, value) for value in view.yielded]


def _points(sizes: Mapping[int, int], dims: Sequence[int]) -> Iterator[Point]:
    """All values of some loops, the last fastest."""
    return product(*(range(sizes[dim]) for dim in dims))


def _axis_of(map: AffineMap, dim: int) -> int:
    """The result of a map that is the loop `dim`."""
    return next(
        axis
        for axis, expr in enumerate(map.results)
        if isinstance(expr, AffineDimExpr) and expr.position == dim
    )


def _empty_like(rewriter: Rewriter, value: SSAValue, without: Mapping[int, int]) -> SSAValue:
    """An empty tensor with the sizes of `value`, except of some axes."""
    shape = [size for axis, size in enumerate(tensor_shape(value)) if axis not in without]
    unknown = [
        builders.dim(rewriter, value, axis)
        for axis, size in enumerate(tensor_shape(value))
        if axis not in without and size == DYNAMIC_INDEX
    ]
    kind = builders.tensor_type(tuple(shape), builders.element_type(value.type))
    return builders.empty(rewriter, kind, unknown)
