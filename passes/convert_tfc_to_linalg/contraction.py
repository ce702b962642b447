"""Contractions: `linalg.matmul` when it is one, else a `linalg.generic` whose maps carry every transpose and broadcast.

Loops are in the order batch, other result dimensions, then summed ones. float16 and bfloat16 sums are kept in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import contraction as semantics
from tfc.dialects.tfc.semantics.contraction import is_narrow
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    as_value,
    empty,
    expand_shape,
    fill,
    fit,
    shape_of,
    size_of,
    sizes_of,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    AnyFloat,
    ArrayAttr,
    TensorType,
    f32,
)
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.linalg.ops import MatmulOp, YieldOp
from xdsl.dialects.utils.fast_math import FastMathFlag
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

REASSOC = arith.FastMathFlagsAttr([FastMathFlag.REASSOC, FastMathFlag.ALLOW_CONTRACT])
CONTRACT = arith.FastMathFlagsAttr([FastMathFlag.ALLOW_CONTRACT])

Expressions = Sequence[AffineExpr]


def sum_of_products(
    lowering: Lowering,
    operands: Sequence[SSAValue],
    expressions: Sequence[Expressions],
    result: TensorType[Any],
    sizes: Sequence[Size],
    reductions: int,
    dtype: np.dtype,
) -> SSAValue:
    """`result[d] = sum over the last `reductions` loops of x[expressions[0]] * y[expressions[1]]`.

    The dims of `expressions` are the result's dimensions, of `sizes`, then the sums. A batch, which both operands have, comes
    first, so that it is seen which matrices are multiplied. Other dimensions of size 1 get no loop: a product with a single
    row or column is seen to be one of a matrix and a vector.
    """
    rewriter = lowering.rewriter
    batch = set[int].intersection(
        *({d for e in exprs for d in e.used_dims()} for exprs in expressions)
    )
    kept = [axis for axis, size in enumerate(sizes) if size != 1 or axis in batch]
    rank = len(kept)
    element = f32 if is_narrow(dtype) else result.element_type
    start = zeros(rewriter, [sizes[axis] for axis in kept], element)
    loops = rank + reductions
    dims: list[AffineExpr] = [AffineConstantExpr(0)] * len(sizes)
    for loop, axis in enumerate(sorted(kept, key=lambda axis: axis not in batch)):
        dims[axis] = AffineDimExpr(loop)
    dims += map(AffineDimExpr, range(rank, loops))
    maps = [
        AffineMapAttr(
            AffineMap(loops, 0, tuple(e.replace_dims_and_symbols(dims, ()) for e in exprs))
        )
        for exprs in expressions
    ]
    maps.append(builders.map_attr(AffineMap(loops, 0, tuple(dims[axis] for axis in kept))))
    total = builders.generic(
        rewriter, operands, [start], maps, iterators(rank, reductions), body=multiply_add
    ).results[0]
    if element != result.element_type:
        total = narrowed(rewriter, total, result.element_type)
    if rank < len(sizes):
        total = expand_shape(rewriter, total, _with_units(kept, len(sizes)), sizes)
    return fit(rewriter, total, result)


def _with_units(kept: Sequence[int], rank: int) -> list[list[int]]:
    """The groups of axes that put dimensions of size 1 around the axes `kept`."""
    starts = [0, *kept[1:], rank]
    return [list(range(*ends)) for ends in pairwise(starts)] if kept else []


def multiply_add(rewriter: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
    """`accumulator + x * y`, operands widened to the accumulator first."""
    x, y, accumulator = arguments
    kind = accumulator.type
    if x.type != kind:
        x = rewriter.value(arith.ExtFOp, (x,), kind)
        y = rewriter.value(arith.ExtFOp, (y,), kind)
    if isinstance(kind, AnyFloat):
        product = rewriter.value(arith.MulfOp, (x, y), kind, {"fastmath": CONTRACT})
        return (rewriter.value(arith.AddfOp, (accumulator, product), kind, {"fastmath": REASSOC}),)
    product = rewriter.value(arith.MuliOp, (x, y), kind)
    return (rewriter.value(arith.AddiOp, (accumulator, product), kind),)


def iterators(parallel: int, reductions: int) -> ArrayAttr[IteratorTypeAttr]:
    """`parallel` loops followed by `reductions`."""
    return ArrayAttr([builders.PARALLEL] * parallel + [builders.REDUCTION] * reductions)


def zeros(rewriter: Rewriter, sizes: Sequence[Size], element: Attribute) -> SSAValue:
    """A tensor of zeros to accumulate into; of rank 0 too."""
    zero = builders.constant(rewriter, 0, element)
    return fill(rewriter, zero, sizes)


def narrowed(rewriter: Rewriter, value: SSAValue, element: Attribute) -> SSAValue:
    """`value` rounded to the float type `element`, elementwise."""
    shape = shape_of(value)

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        return (inner.value(arith.TruncFOp, (arguments[0],), element),)

    return builders.generic(
        rewriter,
        [value],
        [empty(rewriter, sizes_of(rewriter, value), element)],
        [builders.identity_map(len(shape))] * 2,
        builders.parallel_iterators(len(shape)),
        body=body,
    ).results[0]


def require_equal_sizes(
    lowering: Lowering, x: SSAValue, axis_x: int, y: SSAValue, axis_y: int, what: str
) -> None:
    """Check at run time that two dimensions agree, unless both are static (inference has compared those)."""
    rewriter = lowering.rewriter
    left, right = size_of(rewriter, x, axis_x), size_of(rewriter, y, axis_y)
    if isinstance(left, int) and isinstance(right, int):
        return
    values = as_value(rewriter, left), as_value(rewriter, right)
    ok = builders.compare(rewriter, "eq", *values)
    fail_unless(lowering, ok, "TFC106", f"{what} sizes differ: {{0}} and {{1}}", values)


def _contract(lowering: Lowering, op: TfcOp) -> SSAValue:
    x, y = lowering.operands(op)
    attributes = op.python_attributes()
    x_labels, y_labels = attributes["x_labels"], attributes["y_labels"]
    out_labels = attributes["out_labels"]
    for axis, label in enumerate(x_labels):
        if label in y_labels:
            require_equal_sizes(lowering, x, axis, y, y_labels.index(label), "contract: shared")
    summed = [label for label in x_labels if label not in out_labels]
    dims = {label: AffineDimExpr(i) for i, label in enumerate((*out_labels, *summed))}
    kind = lowering.result_type(op)
    rewriter = lowering.rewriter
    known = dict(zip(x_labels, sizes_of(rewriter, x), strict=True))
    for label, size in zip(y_labels, sizes_of(rewriter, y), strict=True):
        if not isinstance(known.get(label), int):
            known[label] = size
    sizes = [known[label] for label in out_labels]
    expressions = [[dims[label] for label in labels] for labels in (x_labels, y_labels)]
    dtype = lowering.dtype(op.results[0])
    return sum_of_products(lowering, (x, y), expressions, kind, sizes, len(summed), dtype)


def _matmul(lowering: Lowering, op: TfcOp) -> SSAValue:
    x, y = lowering.operands(op)
    attributes = op.python_attributes()
    transpose_x, transpose_y = attributes["transpose_x"], attributes["transpose_y"]
    row_axis, inner_x = (-1, -2) if transpose_x else (-2, -1)
    inner_y, column_axis = (-1, -2) if transpose_y else (-2, -1)
    shape_x, shape_y = shape_of(x), shape_of(y)
    require_equal_sizes(
        lowering, x, len(shape_x) + inner_x, y, len(shape_y) + inner_y, "matmul: inner"
    )
    kind = lowering.result_type(op)
    rank = len(kind.get_shape())
    rewriter = lowering.rewriter
    sizes = _batch_sizes(lowering, x, y, kind)
    sizes.append(size_of(rewriter, x, len(shape_x) + row_axis))
    sizes.append(size_of(rewriter, y, len(shape_y) + column_axis))
    dtype = lowering.dtype(op.results[0])
    if rank == 2 and not (transpose_x or transpose_y or is_narrow(dtype) or 1 in sizes):
        return _plain_matmul(rewriter, x, y, kind, sizes)
    rows, columns, inner = AffineDimExpr(rank - 2), AffineDimExpr(rank - 1), AffineDimExpr(rank)
    batch = kind.get_shape()[:-2]
    expressions = (
        [*_batch_expressions(shape_x, batch), *((inner, rows) if transpose_x else (rows, inner))],
        [
            *_batch_expressions(shape_y, batch),
            *((columns, inner) if transpose_y else (inner, columns)),
        ],
    )
    return sum_of_products(lowering, (x, y), expressions, kind, sizes, 1, dtype)


def _plain_matmul(
    rewriter: Rewriter, x: SSAValue, y: SSAValue, kind: TensorType[Any], sizes: Sequence[Size]
) -> SSAValue:
    start = zeros(rewriter, sizes, kind.element_type)
    elements: list[Attribute] = [kind.element_type] * 3
    block = Block(arg_types=elements)
    point = rewriter.point()
    rewriter.at_end(block)
    rewriter.create(YieldOp, multiply_add(rewriter, block.args))
    rewriter.restore(point)
    product = rewriter.create(
        MatmulOp,
        (x, y, start),
        (start.type,),
        {"operandSegmentSizes": builders.segments(2, 1)},
        regions=(Region(block),),
    )
    return fit(rewriter, product.results[0], kind)


def _batch_expressions(shape: tuple[int, ...], batch: tuple[int, ...]) -> list[AffineExpr]:
    """Where an operand's batch dims are read in the loops over the result's, aligned from the last."""
    own = shape[:-2]
    first = len(batch) - len(own)
    return [
        AffineConstantExpr(0) if size == 1 and batch[first + i] != 1 else AffineDimExpr(first + i)
        for i, size in enumerate(own)
    ]


def _batch_sizes(lowering: Lowering, x: SSAValue, y: SSAValue, kind: TensorType[Any]) -> list[Size]:
    """The sizes of the batch, checked where both operands have one."""
    batch = kind.get_shape()[:-2]
    sizes: list[Size] = list(batch)
    for axis, size in enumerate(batch):
        sources: list[tuple[SSAValue, int]] = []
        for value in (x, y):
            position = axis - (len(batch) - (len(shape_of(value)) - 2))
            if position >= 0 and shape_of(value)[position] != 1:
                sources.append((value, position))
        if len(sources) == 2:
            (left, i), (right, j) = sources
            require_equal_sizes(lowering, left, i, right, j, "matmul: batch")
        if size == DYNAMIC_INDEX and sources:
            sizes[axis] = size_of(lowering.rewriter, *sources[0])
    return sizes


RULES: dict[OpSpec, Rule] = {
    semantics.matmul: _matmul,
    semantics.contract: _contract,
}
