"""Reductions: one `linalg.generic`; 16-bit floats are summed and multiplied in f32, as in `evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import reduction as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.dialects.tfc.semantics.reduction import accumulator_dtype, highest, lowest
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I32, I64
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import (
    ADD,
    MULTIPLY,
    Combine,
    initial,
    iterators,
    reassociable,
    reduce,
    reduce_many,
    shape_of,
    with_unit_axes,
    without_axes,
)
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    bit_width,
    both,
    compare_floats,
    either,
    float_to,
    scalar_type,
    select,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import IntegerType
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Operation, SSAValue

Classes = tuple[type[Operation], type[Operation]]


def _axes(op: TfcOp) -> tuple[tuple[int, ...], bool]:
    attributes = op.python_attributes()
    return attributes["axes"], attributes["keepdims"]


def _finish(lowering: Lowering, op: TfcOp, value: SSAValue) -> SSAValue:
    """The reduced `value` in the dtype and shape of the result."""
    axes, keepdims = _axes(op)
    kind = scalar_type(lowering.dtype(op.results[0]))
    if value.type.element_type != kind:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        value = map_elements(
            lowering.rewriter, (value,), lambda inner, x: float_to(inner, x, kind), kind
        )
    return with_unit_axes(lowering.rewriter, value, axes) if keepdims else value


def _reduce(lowering: Lowering, op: TfcOp, start: Any, combine: Combine) -> SSAValue:
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    kind = scalar_type(accumulator_dtype(lowering.dtype(op.operands[0])))

    def widened(inner: Rewriter, item: SSAValue, so_far: SSAValue) -> SSAValue:
        if not isinstance(item.type, IntegerType):
            item = float_to(inner, item, kind)
        return combine(inner, item, so_far)

    initial = builders.constant(rewriter, start, kind)
    return _finish(lowering, op, reduce(rewriter, source, _axes(op)[0], initial, widened))


def _accumulation(classes: Classes, start: int) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        cls = classes[0] if is_float(lowering.dtype(op.operands[0])) else classes[1]
        return _reduce(lowering, op, start, reassociable(cls))

    return rule


def _is_unsigned(dtype: np.dtype) -> bool:
    """Whether integers of `dtype`, or its truth values, are ordered as unsigned numbers."""
    return is_unsigned_int(dtype) or dtype.kind == "b"


def _maximum(dtype: np.dtype) -> Combine:
    if is_float(dtype):
        return reassociable(arith.MaximumfOp)
    return reassociable(arith.MaxUIOp if _is_unsigned(dtype) else arith.MaxSIOp)


def _minimum(dtype: np.dtype) -> Combine:
    if is_float(dtype):
        return reassociable(arith.MinimumfOp)
    return reassociable(arith.MinUIOp if _is_unsigned(dtype) else arith.MinSIOp)


def _max(lowering: Lowering, op: TfcOp) -> SSAValue:
    dtype = lowering.dtype(op.operands[0])
    return _reduce(lowering, op, lowest(dtype), _maximum(dtype))


def _min(lowering: Lowering, op: TfcOp) -> SSAValue:
    dtype = lowering.dtype(op.operands[0])
    return _reduce(lowering, op, highest(dtype), _minimum(dtype))


def finite_or_zero(rewriter: Rewriter, x: SSAValue) -> SSAValue:
    """`x`, or 0 for infinities and nan."""
    size = apply(math.AbsFOp, rewriter, x)
    infinity = builders.constant(rewriter, float("inf"), x.type)
    finite = compare_floats(rewriter, "olt", size, infinity)
    return select(rewriter, finite, x, builders.constant(rewriter, 0.0, x.type))


def _logsumexp(lowering: Lowering, op: TfcOp) -> SSAValue:
    """The maximum, then the sum of the powers below it, then its logarithm: three generics that fuse by rows."""
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    axes, _ = _axes(op)
    kind = scalar_type(accumulator_dtype(lowering.dtype(op.operands[0])))
    start = builders.constant(rewriter, float("-inf"), kind)
    top = reduce(
        rewriter,
        source,
        axes,
        start,
        lambda inner, x, m: reassociable(arith.MaximumfOp)(inner, float_to(inner, x, kind), m),
    )
    shift = map_elements(rewriter, (top,), finite_or_zero)
    zero = builders.constant(rewriter, 0.0, kind)

    def power(inner: Rewriter, x: SSAValue, m: SSAValue) -> SSAValue:
        return apply(math.ExpOp, inner, apply(arith.SubfOp, inner, float_to(inner, x, kind), m))

    powers = map_elements(rewriter, (source, with_unit_axes(rewriter, shift, axes)), power, kind)
    total = reduce(rewriter, powers, axes, zero, reassociable(arith.AddfOp))

    def finish(inner: Rewriter, s: SSAValue, m: SSAValue) -> SSAValue:
        return apply(arith.AddfOp, inner, apply(math.LogOp, inner, s), m)

    return _finish(lowering, op, map_elements(rewriter, (total, shift), finish))


def _logical(cls: type[Operation], start: int) -> Rule:
    return lambda lowering, op: _reduce(lowering, op, start, reassociable(cls))


# -- positions of extrema -----------------------------------------------------------------------


def _position(is_maximum: bool) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        return _arg(lowering, op, is_maximum)

    return rule


def _arg(lowering: Lowering, op: TfcOp, is_maximum: bool) -> SSAValue:
    """Positions are found in 32 bits where they fit: twice as many at a time."""
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    attributes = op.python_attributes()
    shape = shape_of(source)
    axis = attributes["axis"] % len(shape)
    _check_not_empty(lowering, op, source, axis)
    wanted = scalar_type(attributes["dtype"])
    kind = I32 if 0 <= shape[axis] < 2**31 else I64
    find = _first_equal if axis == len(shape) - 1 else _best_so_far
    position = find(rewriter, source, axis, lowering.dtype(op.operands[0]), kind, is_maximum)

    def convert(inner: Rewriter, x: SSAValue) -> SSAValue:
        cls = arith.ExtUIOp if bit_width(wanted) > bit_width(kind) else arith.TruncIOp
        return inner.value(cls, (x,), wanted)

    return position if wanted == kind else map_elements(rewriter, (position,), convert, wanted)


def _first_equal(
    rewriter: Rewriter,
    source: SSAValue,
    axis: int,
    dtype: np.dtype,
    kind: IntegerType,
    is_maximum: bool,
) -> SSAValue:
    """The extremum, then the least position that has it: two reductions in vectors, which `fuse-rows` brings together."""
    element = scalar_type(dtype)
    start = builders.constant(rewriter, lowest(dtype) if is_maximum else highest(dtype), element)
    combine = _maximum(dtype) if is_maximum else _minimum(dtype)
    extremum = reduce(rewriter, source, (axis,), start, combine)
    rank = len(shape_of(source))
    nowhere = builders.constant(rewriter, 2 ** (bit_width(kind) - 1) - 1, kind)

    def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> Sequence[SSAValue]:
        x, best, least = arguments
        if is_float(dtype):
            found = either(
                inner, compare_floats(inner, "oeq", x, best), compare_floats(inner, "uno", x, x)
            )
        else:
            found = builders.compare(inner, "eq", x, best)
        here = select(inner, found, _position_along(inner, axis, kind), nowhere)
        return (inner.value(arith.MinSIOp, (least, here), kind),)

    kept = without_axes(rank, (axis,))
    return builders.generic(
        rewriter,
        (source, extremum),
        (initial(rewriter, source, (axis,), nowhere),),
        (builders.identity_map(rank), kept, kept),
        iterators(rank, (axis,)),
        body=body,
    ).results[0]


def _best_so_far(
    rewriter: Rewriter,
    source: SSAValue,
    axis: int,
    dtype: np.dtype,
    kind: IntegerType,
    is_maximum: bool,
) -> SSAValue:
    """Value and position carried together through a loop that other dims are vectorised in; the first of equals stays.

    Neither is a select of what it was before: LLVM would store it under a mask, which takes some machines 20 cycles.
    Positions grow, so the later one is the larger one.
    """
    start = lowest(dtype) if is_maximum else highest(dtype)
    nowhere = builders.constant(rewriter, 0, kind)
    starts = (builders.constant(rewriter, start, scalar_type(dtype)), nowhere)
    extremum = _maximum(dtype) if is_maximum else _minimum(dtype)

    def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> Sequence[SSAValue]:
        x, best, position = arguments
        better = _is_better(inner, x, best, dtype, is_maximum)
        here = select(inner, better, _position_along(inner, axis, kind), nowhere)
        return extremum(inner, x, best), inner.value(arith.MaxSIOp, (position, here), kind)

    return reduce_many(rewriter, (source,), (axis,), starts, body)[1]


def _position_along(rewriter: Rewriter, axis: int, kind: IntegerType) -> SSAValue:
    dim = {"dim": builders.integer_attr(axis, I64)}
    here = rewriter.value(IndexOp, (), builders.INDEX, dim)
    return rewriter.value(arith.IndexCastOp, (here,), kind)


def _is_better(
    rewriter: Rewriter, x: SSAValue, best: SSAValue, dtype: np.dtype, is_maximum: bool
) -> SSAValue:
    """Whether `x` is beyond `best`, or the first nan."""
    if not is_float(dtype):
        sign = "u" if _is_unsigned(dtype) else "s"
        return builders.compare(rewriter, sign + ("gt" if is_maximum else "lt"), x, best)
    beyond = compare_floats(rewriter, "ugt" if is_maximum else "ult", x, best)
    return both(rewriter, beyond, compare_floats(rewriter, "ord", best, best))


def _check_not_empty(lowering: Lowering, op: TfcOp, source: SSAValue, axis: int) -> None:
    if shape_of(source)[axis] >= 0:
        return
    rewriter = lowering.rewriter
    size = builders.dim(rewriter, source, axis)
    ok = builders.compare(rewriter, "ne", size, builders.index_constant(rewriter, 0))
    error = semantics.empty_axis(op.spec.name.removeprefix("tfc."), axis)
    fail_unless(lowering, ok, error.code, error.message)


RULES: dict[OpSpec, Rule] = {
    semantics.reduce_sum: _accumulation(ADD, 0),
    semantics.reduce_prod: _accumulation(MULTIPLY, 1),
    semantics.reduce_max: _max,
    semantics.reduce_min: _min,
    semantics.reduce_any: _logical(arith.OrIOp, 0),
    semantics.reduce_all: _logical(arith.AndIOp, 1),
    semantics.reduce_logsumexp: _logsumexp,
    semantics.argmax: _position(True),
    semantics.argmin: _position(False),
}
