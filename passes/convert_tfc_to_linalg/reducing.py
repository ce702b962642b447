"""Reductions as `linalg.generic`: any combination over any axes, to a tensor or to one scalar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import is_float, orders_as_unsigned
from tfc.dialects.tfc.semantics.reduction import reduced_shape
from tfc.passes import builders
from tfc.passes.builders import PARALLEL, REDUCTION, tensor_type
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.arith import FastMathFlagsAttr
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    ArrayAttr,
    TensorType,
    i64,
)
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.utils.fast_math import FastMathFlag
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

Combine = Callable[[Rewriter, SSAValue, SSAValue], SSAValue]
"""Builds the new accumulator from an element and the accumulator so far."""

REASSOC = FastMathFlagsAttr((FastMathFlag.REASSOC,))


def reassociable(cls: type[Operation]) -> Combine:
    """The combination by one scalar op, whose floating-point form may be evaluated in any order."""

    def combine(rewriter: Rewriter, item: SSAValue, so_far: SSAValue) -> SSAValue:
        flags = {"fastmath": REASSOC} if cls.name.endswith("f") else None
        return rewriter.value(cls, (so_far, item), so_far.type, flags)

    return combine


def maximum(dtype: np.dtype) -> Combine:
    if is_float(dtype):
        return reassociable(arith.MaximumfOp)
    return reassociable(arith.MaxUIOp if orders_as_unsigned(dtype) else arith.MaxSIOp)


def minimum(dtype: np.dtype) -> Combine:
    if is_float(dtype):
        return reassociable(arith.MinimumfOp)
    return reassociable(arith.MinUIOp if orders_as_unsigned(dtype) else arith.MinSIOp)


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor, `DYNAMIC_INDEX` where a size is unknown."""
    return cast("TensorType[Any]", value.type).get_shape()


@cache
def without_axes(rank: int, axes: tuple[int, ...]) -> AffineMapAttr:
    """The map to all dims but `axes`: that of a reduction's result."""
    kept = tuple(AffineDimExpr(axis) for axis in range(rank) if axis not in axes)
    return AffineMapAttr(AffineMap(rank, 0, kept))


@cache
def iterators(rank: int, axes: tuple[int, ...]) -> ArrayAttr[IteratorTypeAttr]:
    """The iterator types of a reduction over `axes`."""
    return ArrayAttr([REDUCTION if axis in axes else PARALLEL for axis in range(rank)])


def initial(
    rewriter: Rewriter, source: SSAValue, axes: tuple[int, ...], scalar: SSAValue
) -> SSAValue:
    """The tensor that a reduction of `source` over `axes` starts from: `scalar` everywhere."""
    shape = reduced_shape(shape_of(source), axes, False)
    if not shape:
        return _rank_zero(rewriter, scalar)
    sizes = [
        builders.dim(rewriter, source, axis)
        for axis, size in enumerate(shape_of(source))
        if axis not in axes and size == DYNAMIC_INDEX
    ]
    kind = tensor_type(cast("tuple[int, ...]", shape), scalar.type)
    return builders.fill(rewriter, scalar, builders.empty(rewriter, kind, sizes))


def _rank_zero(rewriter: Rewriter, scalar: SSAValue) -> SSAValue:
    return rewriter.value(tensor.FromElementsOp, (scalar,), tensor_type((), scalar.type))


def reduce_many(
    rewriter: Rewriter,
    sources: Sequence[SSAValue],
    axes: tuple[int, ...],
    starts: Sequence[SSAValue],
    body: Callable[[Rewriter, tuple[SSAValue, ...]], Sequence[SSAValue]],
) -> Sequence[SSAValue]:
    """Reduce tensors of one shape over `axes` from the scalars `starts`; `body` gets elements, then accumulators."""
    rank = len(shape_of(sources[0]))
    if not rank:
        elements = [
            rewriter.value(tensor.ExtractOp, (source,), builders.element_type(source.type))
            for source in sources
        ]
        scalars = body(rewriter, (*elements, *starts))
        return [_rank_zero(rewriter, scalar) for scalar in scalars]
    outputs = [initial(rewriter, sources[0], axes, start) for start in starts]
    maps = [builders.identity_map(rank)] * len(sources) + [without_axes(rank, axes)] * len(starts)
    generic = builders.generic(rewriter, sources, outputs, maps, iterators(rank, axes), body=body)
    return generic.results


def reduce(
    rewriter: Rewriter,
    source: SSAValue,
    axes: tuple[int, ...],
    start: SSAValue,
    combine: Combine,
) -> SSAValue:
    """Reduce a tensor over `axes` (removed) from the scalar `start`, in the type of `start`."""

    def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> Sequence[SSAValue]:
        return (combine(inner, *arguments),)

    return reduce_many(rewriter, (source,), axes, (start,), body)[0]


def reduce_to_scalar(
    rewriter: Rewriter, source: SSAValue, start: SSAValue, combine: Combine
) -> SSAValue:
    """Reduce all of a tensor to a scalar."""
    axes = tuple(range(len(shape_of(source))))
    total = reduce(rewriter, source, axes, start, combine)
    return rewriter.value(tensor.ExtractOp, (total,), start.type)


@cache
def _groups(rank: int, axes: tuple[int, ...]) -> ArrayAttr[Any]:
    """For each dim that is kept, the dims of the shape with size-1 dims at `axes` that it becomes."""
    groups: list[list[int]] = []
    leading: list[int] = []
    for axis in range(rank):
        if axis not in axes:
            groups.append([*leading, axis])
            leading = []
        elif groups:
            groups[-1].append(axis)
        else:
            leading.append(axis)
    return ArrayAttr(
        [ArrayAttr([builders.integer_attr(axis, i64) for axis in group]) for group in groups]
    )


def with_unit_axes(rewriter: Rewriter, value: SSAValue, axes: tuple[int, ...]) -> SSAValue:
    """`value` with dims of size 1 inserted so that they are `axes` of the result (`tensor.expand_shape`)."""
    if not axes:
        return value
    shape = shape_of(value)
    element = cast("TensorType[Any]", value.type).element_type
    if not shape:
        scalar = rewriter.value(tensor.ExtractOp, (value,), element)
        kind = tensor_type((1,) * len(axes), element)
        return rewriter.value(tensor.FromElementsOp, (scalar,), kind)
    rank = len(shape) + len(axes)
    given = iter(range(len(shape)))
    origin = [None if axis in axes else next(given) for axis in range(rank)]
    static = tuple(1 if source is None else shape[source] for source in origin)
    dynamic = [
        builders.dim(rewriter, value, source)
        for source in origin
        if source is not None and shape[source] == DYNAMIC_INDEX
    ]
    return rewriter.value(
        tensor.ExpandShapeOp,
        (value, *dynamic),
        tensor_type(static, element),
        {
            "reassociation": _groups(rank, axes),
            "static_output_shape": builders.dense_i64(static),
        },
    )


ADD = (arith.AddfOp, arith.AddiOp)
MULTIPLY = (arith.MulfOp, arith.MuliOp)
