"""Diagonals: read through an indexing map, written by comparing indices."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import diagonal as semantics
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap


def _diagonal(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    attributes = op.python_attributes()
    offset: int = attributes["offset"]
    rank = len(mixed.shape_of(x))
    first = normalize_axis("diagonal", attributes["axis1"], rank)
    second = normalize_axis("diagonal", attributes["axis2"], rank)
    rewriter = lowering.rewriter
    sizes = mixed.sizes_of(rewriter, x)
    rows = mixed.add(rewriter, sizes[first], min(offset, 0))
    columns = mixed.subtract(rewriter, sizes[second], max(offset, 0))
    count = mixed.maximum(rewriter, mixed.minimum(rewriter, rows, columns), 0)
    rest = [axis for axis in range(rank) if axis not in (first, second)]
    result_sizes = [*(sizes[axis] for axis in rest), count]
    # The square whose main diagonal it is: an indexing map (d0, d0) walks dims of one size.
    offsets, square = [0] * rank, list(sizes)
    offsets[first], offsets[second] = max(-offset, 0), max(offset, 0)
    square[first] = square[second] = count
    if square != sizes:
        offsets = [mixed.minimum(rewriter, o, s) for o, s in zip(offsets, sizes, strict=True)]
        x = mixed.extract_slice(rewriter, x, offsets, square)
    along = AffineDimExpr(rank - 2)
    read = [along] * rank
    for position, axis in enumerate(rest):
        read[axis] = AffineDimExpr(position)
    result = builders.generic(
        rewriter,
        [x],
        [mixed.empty(rewriter, result_sizes, mixed.element_of(x))],
        [
            builders.map_attr(AffineMap(rank - 1, 0, tuple(read))),
            builders.identity_map(rank - 1),
        ],
        builders.parallel_iterators(rank - 1),
        body=lambda _, arguments: (arguments[0],),
    ).results[0]
    return mixed.fit(rewriter, result, lowering.result_type(op))


def _diagonal_matrix(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    offset: int = op.python_attributes()["offset"]
    rewriter = lowering.rewriter
    sizes = mixed.sizes_of(rewriter, x)
    square = [*sizes, sizes[-1]]
    matrix = _on_main_diagonal(rewriter, x, square)
    if offset:
        size = mixed.add(rewriter, sizes[-1], abs(offset))
        zero = builders.constant(rewriter, 0, mixed.element_of(x))
        target = mixed.fill(rewriter, zero, [*sizes[:-1], size, size])
        offsets = [*[0] * (len(sizes) - 1), max(-offset, 0), max(offset, 0)]
        matrix = mixed.insert_slice(rewriter, matrix, target, offsets, square)
    return mixed.fit(rewriter, matrix, lowering.result_type(op))


def _on_main_diagonal(rewriter: Rewriter, x: SSAValue, square: Sequence[mixed.Size]) -> SSAValue:
    rank = len(square)

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        indices = [
            inner.value(IndexOp, (), builders.INDEX, {"dim": builders.integer_attr(axis, i64)})
            for axis in (rank - 2, rank - 1)
        ]
        same = builders.compare(inner, "eq", *indices)
        zero = builders.constant(inner, 0, arguments[0].type)
        return (inner.value(arith.SelectOp, (same, arguments[0], zero), zero.type),)

    read = AffineMap(rank, 0, tuple(map(AffineDimExpr, range(rank - 1))))
    return builders.generic(
        rewriter,
        [x],
        [mixed.empty(rewriter, square, mixed.element_of(x))],
        [builders.map_attr(read), builders.identity_map(rank)],
        builders.parallel_iterators(rank),
        body=body,
    ).results[0]


RULES: dict[OpSpec, Rule] = {
    semantics.diagonal: _diagonal,
    semantics.diagonal_matrix: _diagonal_matrix,
}
