"""`split-reductions`: long reductions become several that can run at the same time, and one over their results."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from tfc.passes import builders
from tfc.passes.builders import INDEX, PARALLEL, REDUCTION
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import Structured, loop_sizes, map_array, map_attribute, tensor_shape
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import ArrayAttr, IntegerType, i64
from xdsl.dialects.linalg.ops import GenericOp, IndexOp
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp


MUCH_LONGER = 16
"""Iterations of the other reductions from which on a sum for each element of the last loop is worth its memory."""


@dataclass(frozen=True)
class SplitReductionsPass(ModulePass):
    """Split the first loop of long reductions in two, so that its pieces can run at the same time.

    Before:
        %s = linalg.generic {iterators = ["reduction"]} ins(%x : tensor<65536xf32>) outs(%init : tensor<f32>) { add }
    After:
        %rows = tensor.expand_shape %x : tensor<65536xf32> into tensor<8x8192xf32>
        %parts = linalg.generic {iterators = ["parallel", "reduction"]} ins(%rows) outs(%neutral : tensor<8xf32>) { add }
        %s = linalg.generic {iterators = ["reduction"]} ins(%parts) outs(%init) { add }

    The number of pieces depends on sizes alone, at most `pieces`, so that results are the same for any number of threads.
    Only for known sizes, `min-elements` elements or more, and one result that is combined by a single associative op.

    Likewise a last loop of at most `short-row` iterations beside a longer reduction, with a loop of the result between them
    in memory (the channels of a group): each of its elements has a sum of its own, so that vectors run over both. The longer
    one is cut into pieces of at most `block` elements, so that what is summed one by one stays accurate.

        %s = linalg.generic {(n, g, c) -> (g), sum over n and c} ins(%x : tensor<1024x32x4xf32>)

    becomes a sum over `n` with a result of 32x4, and the sum of that over `c`.

    Pre-condition: tensors.
    """

    name = "split-reductions"

    pieces: int = 8
    min_elements: int = 1 << 19
    short_row: int = 32
    block: int = 512

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in [i for i in op.walk() if isinstance(i, GenericOp)]:
            view = Structured(inner)
            if all(view.parallel) or view.is_contraction or (combine := _combination(view)) is None:
                continue
            if (count := self._pieces(view)) > 1:
                _split(rewriter, view, combine, 0, count)
            elif self._ends_in_short_rows(view):
                longest, count = self._blocks(view)
                partial = _split(rewriter, view, combine, longest, count) if count > 1 else inner
                _split_last(rewriter, Structured(partial))

    def _pieces(self, view: Structured) -> int:
        """Into how many pieces the first loop is cut; 1 where it stays."""
        sizes = loop_sizes(view)
        if view.parallel[0] or len(sizes) < view.rank or prod(sizes.values()) < self.min_elements:
            return 1
        if not _can_be_cut(view, 0):
            return 1
        return next((n for n in range(self.pieces, 1, -1) if sizes[0] % n == 0), 1)

    def _blocks(self, view: Structured) -> tuple[int, int]:
        """The longest reduction, and into how many pieces it is cut so that a sum of few elements is left."""
        sizes = loop_sizes(view)
        longer = [dim for dim in range(view.rank - 1) if not view.parallel[dim]]
        longest = max(longer, key=lambda dim: sizes[dim])
        least = -(-prod(sizes[dim] for dim in longer) // self.block)
        extent = sizes[longest]
        if not _can_be_cut(view, longest):
            return longest, 1
        return longest, next(n for n in range(min(least, extent), extent + 1) if extent % n == 0)

    def _ends_in_short_rows(self, view: Structured) -> bool:
        """Whether the last loop is a short reduction, behind a loop of the result that is behind a longer reduction."""
        sizes, last = loop_sizes(view), view.rank - 1
        if view.parallel[-2:] != (True, False) or len(sizes) < view.rank:
            return False
        longer = prod(sizes[dim] for dim in range(last) if not view.parallel[dim])
        neighbours = AffineDimExpr(last - 1), AffineDimExpr(last)
        return (
            1 < sizes[last] <= self.short_row
            and longer >= MUCH_LONGER
            and any(map.results[-2:] == neighbours for map in view.input_maps)
        )


def _can_be_cut(view: Structured, dim: int) -> bool:
    """Whether an operand has a loop as a dim of its own, or not at all."""
    return all(
        isinstance(expr, AffineDimExpr) or dim not in expr.used_dims()
        for map in view.input_maps
        for expr in map.results
    )


def _combination(view: Structured) -> Operation | None:
    """The associative op that combines elements with the one result, if that is all that happens to it."""
    if len(view.outputs) != 1:
        return None
    (yielded,) = view.yielded
    held = view.block.args[-1]
    op = yielded.owner
    if not isinstance(op, Operation) or held not in op.operands or not held.has_one_use():
        return None
    return op if _neutral(op) is not None else None


def _neutral(op: Operation) -> float | None:
    """What an op combines with anything without a change; None for ops that are not known to be associative."""
    kind = op.results[0].type
    infinity = float("inf")
    floats = {
        "arith.addf": -0.0,
        "arith.mulf": 1.0,
        "arith.maximumf": -infinity,
        "arith.minimumf": infinity,
    }
    if op.name in floats:
        sums = op.name in ("arith.addf", "arith.mulf")
        if sums and "reassoc" not in str(op.properties.get("fastmath")):
            return None
        return floats[op.name]
    if not isinstance(kind, IntegerType) or kind.width.data == 1:
        return None
    top = 2 ** (kind.width.data - 1)
    return {
        "arith.addi": 0, "arith.muli": 1, "arith.ori": 0, "arith.xori": 0, "arith.andi": -1,
        "arith.maxsi": -top, "arith.minsi": top - 1, "arith.maxui": 0, "arith.minui": -1,
    }.get(op.name)  # fmt: skip


def _parts(rewriter: Rewriter, combine: Operation, shape: tuple[int, ...]) -> SSAValue:
    """What partial results of a shape start from."""
    element = combine.results[0].type
    neutral = _neutral(combine)
    assert neutral is not None
    start = builders.constant(rewriter, neutral, element)
    empty = builders.empty(rewriter, builders.tensor_type(shape, element))
    return builders.fill(rewriter, start, empty)


def _split(
    rewriter: Rewriter, view: Structured, combine: Operation, dim: int, count: int
) -> GenericOp:
    """`count` results of pieces of a loop, and these combined; gives the op that makes the former."""
    op = view.op
    rewriter.before(op)
    output = view.outputs[0]
    parts = _parts(rewriter, combine, (count, *tensor_shape(output)))
    extents: list[int] = []
    inputs: list[SSAValue] = []
    maps: list[AffineMap] = []
    for value, map in zip(view.inputs, view.input_maps, strict=True):
        axis = next((i for i, e in enumerate(map.results) if e == AffineExpr.dimension(dim)), None)
        inputs.append(value if axis is None else _pieces_of(rewriter, value, axis, count))
        if axis is not None:
            extents.append(tensor_shape(value)[axis] // count)
        maps.append(_shifted(map, axis))
    maps.append(AffineMap(view.rank + 1, 0, (AffineDimExpr(0), *_shifted(view.maps[-1]).results)))
    partial = rewriter.create(
        GenericOp,
        (*inputs, parts),
        (parts.type,),
        {
            "indexing_maps": map_array(maps),
            "iterator_types": ArrayAttr([PARALLEL, *view.iterators.data]),
            "operandSegmentSizes": builders.segments(len(inputs), 1),
        },
        regions=(_body_of_pieces(view, dim, extents[0]),),
    )
    rewriter.replace(op, _total(rewriter, partial.results[0], output, combine, 0))
    return partial


def _split_last(rewriter: Rewriter, view: Structured) -> None:
    """A result for each iteration of the last loop, and these combined."""
    op, (output,), last = view.op, view.outputs, view.rank - 1
    combine = _combination(view)
    assert combine is not None
    rewriter.before(op)
    parts = _parts(rewriter, combine, (*tensor_shape(output), loop_sizes(view)[last]))
    written = AffineMap(view.rank, 0, (*view.maps[-1].results, AffineDimExpr(last)))
    partial = rewriter.create(
        GenericOp,
        (*view.inputs, parts),
        (parts.type,),
        {
            "indexing_maps": map_array([*view.input_maps, written]),
            "iterator_types": ArrayAttr([*view.iterators.data[:last], PARALLEL]),
            "operandSegmentSizes": builders.segments(len(view.inputs), 1),
        },
        regions=(op.detach_region(0),),
    )
    axis = len(written.results) - 1
    rewriter.replace(op, _total(rewriter, partial.results[0], output, combine, axis))


def _pieces_of(rewriter: Rewriter, value: SSAValue, axis: int, count: int) -> SSAValue:
    """`value` with dim `axis` as two: the pieces, and the places in a piece."""
    shape = tensor_shape(value)
    split = (*shape[:axis], count, shape[axis] // count, *shape[axis + 1 :])
    groups = [[a] if a < axis else [a, a + 1] if a == axis else [a + 1] for a in range(len(shape))]
    properties: dict[str, Attribute] = {
        "reassociation": ArrayAttr(
            [ArrayAttr([builders.integer_attr(a, i64) for a in group]) for group in groups]
        ),
        "static_output_shape": builders.dense_i64(split),
    }
    kind = builders.tensor_type(split, builders.element_type(value.type))
    return rewriter.value(tensor.ExpandShapeOp, (value,), kind, properties)


def _shifted(map: AffineMap, axis: int | None = None) -> AffineMap:
    """`map` with the loop over pieces in front; result `axis` is split into that and the loop that is cut."""
    dims = [AffineExpr.dimension(d + 1) for d in range(map.num_dims)]
    results = [expr.replace_dims_and_symbols(dims, ()) for expr in map.results]
    if axis is not None:
        results.insert(axis, AffineExpr.dimension(0))
    return AffineMap(map.num_dims + 1, 0, tuple(results))


def _body_of_pieces(view: Structured, cut: int, extent: int) -> Region:
    """The body; the index of the loop that is cut is counted on through the pieces."""
    region = view.op.regions[0].clone()
    inner = Rewriter()
    for op in [op for op in region.block.ops if isinstance(op, IndexOp)]:
        dim = op.dim.value.data
        op.properties["dim"] = builders.integer_attr(dim + 1, i64)
        if dim == cut:
            inner.before(op)
            piece = inner.value(IndexOp, (), INDEX, {"dim": builders.integer_attr(0, i64)})
            first = builders.muli(inner, piece, builders.index_constant(inner, extent))
            here = inner.value(IndexOp, (), INDEX, {"dim": builders.integer_attr(dim + 1, i64)})
            inner.replace(op, inner.value(arith.AddiOp, (first, here), INDEX))
    return region


def _total(
    rewriter: Rewriter, parts: SSAValue, output: SSAValue, combine: Operation, axis: int
) -> SSAValue:
    """The pieces' results combined along `axis`, in order, with what the reduction starts from."""
    rank = len(tensor_shape(parts))
    kept = AffineMap(rank, 0, tuple(AffineDimExpr(d) for d in range(rank) if d != axis))
    generic = builders.generic(
        rewriter,
        [parts],
        [output],
        [builders.identity_map(rank), map_attribute(kept)],
        ArrayAttr([REDUCTION if d == axis else PARALLEL for d in range(rank)]),
        body=lambda inner, arguments: (
            inner.value(
                type(combine),
                (arguments[1], arguments[0]),
                arguments[0].type,
                dict(combine.properties),
            ),
        ),
    )
    return generic.results[0]
