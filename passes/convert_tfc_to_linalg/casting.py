"""Casts by value, which saturate from floats to integers, and by bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import casting as semantics
from tfc.dialects.tfc.semantics.casting import integer_bounds
from tfc.dialects.tfc.semantics.dtypes import is_bool, is_float, is_unsigned_int
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import INDEX, PARALLEL, REDUCTION, tensor_type
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering, Scalars, elementwise
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import shape_of
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    bit_width,
    compare_floats,
    float_to,
    scalar_type,
    select,
    wide_type,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import DYNAMIC_INDEX, AffineMapAttr, ArrayAttr, IntegerType, i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap


def cast_scalar(rewriter: Rewriter, x: SSAValue, source: np.dtype, target: np.dtype) -> SSAValue:
    """`x` of dtype `source` as `target`, with the meaning of `tfc.cast`."""
    kind = scalar_type(target)
    if source == target:
        return x
    if is_bool(target):
        return _nonzero(rewriter, x, source)
    if is_float(source):
        if is_float(target):
            return float_to(rewriter, x, kind)
        return _float_to_integer(rewriter, float_to(rewriter, x, wide_type(x.type)), target)
    if is_float(target):
        cls = arith.UIToFPOp if _is_unsigned(source) else arith.SIToFPOp
        return float_to(rewriter, rewriter.value(cls, (x,), wide_type(kind)), kind)
    return resize(rewriter, x, kind, _is_unsigned(source))


def _is_unsigned(dtype: np.dtype) -> bool:
    return is_bool(dtype) or is_unsigned_int(dtype)


def resize(rewriter: Rewriter, x: SSAValue, kind: Attribute, unsigned: bool) -> SSAValue:
    """An integer in another width."""
    have, want = bit_width(x.type), bit_width(kind)
    if have == want:
        return x
    cls = arith.TruncIOp if want < have else arith.ExtUIOp if unsigned else arith.ExtSIOp
    return rewriter.value(cls, (x,), kind)


def _nonzero(rewriter: Rewriter, x: SSAValue, source: np.dtype) -> SSAValue:
    zero = builders.constant(rewriter, 0, x.type)
    if is_float(source):
        return compare_floats(rewriter, "une", x, zero)
    return builders.compare(rewriter, "ne", x, zero)


def _float_to_integer(rewriter: Rewriter, x: SSAValue, target: np.dtype) -> SSAValue:
    """The conversion is undefined outside of the integers; what it gives there is not selected."""
    kind = scalar_type(target)
    low, high = integer_bounds(target)
    limits = np.iinfo(target)
    cls = arith.FPToUIOp if is_unsigned_int(target) else arith.FPToSIOp
    converted = rewriter.value(cls, (x,), kind)
    above = compare_floats(rewriter, "oge", x, builders.constant(rewriter, high, x.type))
    below = compare_floats(rewriter, "ole", x, builders.constant(rewriter, low, x.type))
    highest = builders.constant(rewriter, _as_signed(int(limits.max), kind), kind)
    lowest = builders.constant(rewriter, int(limits.min), kind)
    converted = select(rewriter, above, highest, converted)
    converted = select(rewriter, below, lowest, converted)
    is_nan = compare_floats(rewriter, "uno", x, x)
    return select(rewriter, is_nan, builders.constant(rewriter, 0, kind), converted)


def _as_signed(value: int, kind: Attribute) -> int:
    """`value` as the signed number with its bits: how signless constants are written."""
    bits = bit_width(kind)
    return value - (1 << bits) if value >= 1 << (bits - 1) else value


def _cast(lowering: Lowering, op: TfcOp) -> SSAValue:
    is_certain = lowering.is_certain

    def body(rewriter: Rewriter, scalars: Scalars, dtypes: tuple[np.dtype, ...]) -> SSAValue:
        source, target = dtypes
        if is_certain and is_float(source) and target.kind == "i":  # it is in range
            return rewriter.value(arith.FPToSIOp, scalars, scalar_type(target))
        return cast_scalar(rewriter, scalars[0], source, target)

    return elementwise(lowering, op, body)


# -- bits ---------------------------------------------------------------------------------------


def _reinterpret(rewriter: Rewriter, x: SSAValue, kind: Attribute) -> SSAValue:
    return x if x.type == kind else rewriter.value(arith.BitcastOp, (x,), kind)


def _bitcast(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    (source,) = lowering.operands(op)
    have = builders.element_type(source.type)
    want = scalar_type(lowering.dtype(op.results[0]))
    if bit_width(have) == bit_width(want):
        return map_elements(
            rewriter, (source,), lambda inner, x: _reinterpret(inner, x, want), want
        )
    if bit_width(have) > bit_width(want):
        return _split(rewriter, source, want)
    return _join(rewriter, source, want)


def _word(element: Attribute) -> IntegerType:
    return IntegerType(bit_width(element))


def _offset(rewriter: Rewriter, axis: int, width: int, word: IntegerType) -> SSAValue:
    """The first bit of part number `axis`'s index, lowest part first."""
    index = rewriter.value(IndexOp, (), INDEX, {"dim": builders.integer_attr(axis, i64)})
    part = rewriter.value(arith.IndexCastOp, (index,), word)
    return apply(arith.MuliOp, rewriter, part, builders.constant(rewriter, width, word))


def _dynamic_sizes(rewriter: Rewriter, source: SSAValue, rank: int) -> list[SSAValue]:
    shape = shape_of(source)
    return [
        builders.dim(rewriter, source, axis) for axis in range(rank) if shape[axis] == DYNAMIC_INDEX
    ]


def _leading_map(rank: int, count: int) -> AffineMapAttr:
    """The map from `rank` loops to the first `count` of them."""
    return builders.map_attr(AffineMap(rank, 0, tuple(AffineDimExpr(i) for i in range(count))))


def _split(rewriter: Rewriter, source: SSAValue, want: Attribute) -> SSAValue:
    """One element becomes a last dim of narrower ones."""
    shape = shape_of(source)
    rank = len(shape)
    have = builders.element_type(source.type)
    word, part = _word(have), _word(want)
    kind = tensor_type((*shape, bit_width(have) // bit_width(want)), want)
    output = builders.empty(rewriter, kind, _dynamic_sizes(rewriter, source, rank))

    def body(inner: Rewriter, arguments: Scalars) -> Sequence[SSAValue]:
        bits = _reinterpret(inner, arguments[0], word)
        shifted = apply(arith.ShRUIOp, inner, bits, _offset(inner, rank, bit_width(want), word))
        return (_reinterpret(inner, inner.value(arith.TruncIOp, (shifted,), part), want),)

    maps = [_leading_map(rank + 1, rank), builders.identity_map(rank + 1)]
    iterators = builders.parallel_iterators(rank + 1)
    return builders.generic(rewriter, (source,), (output,), maps, iterators, body=body).results[0]


def _join(rewriter: Rewriter, source: SSAValue, want: Attribute) -> SSAValue:
    """The last dim becomes one wider element: an or over its parts."""
    shape = shape_of(source)
    rank = len(shape)
    have = builders.element_type(source.type)
    word, part = _word(want), _word(have)
    sizes = _dynamic_sizes(rewriter, source, rank - 1)
    empty = builders.empty(rewriter, tensor_type(shape[:-1], word), sizes)
    output = builders.fill(rewriter, builders.constant(rewriter, 0, word), empty)

    def body(inner: Rewriter, arguments: Scalars) -> Sequence[SSAValue]:
        bits = inner.value(arith.ExtUIOp, (_reinterpret(inner, arguments[0], part),), word)
        placed = apply(arith.ShLIOp, inner, bits, _offset(inner, rank - 1, bit_width(have), word))
        return (apply(arith.OrIOp, inner, arguments[1], placed),)

    maps = [builders.identity_map(rank), _leading_map(rank, rank - 1)]
    iterators = ArrayAttr([PARALLEL] * (rank - 1) + [REDUCTION])
    joined = builders.generic(rewriter, (source,), (output,), maps, iterators, body=body)
    return map_elements(
        rewriter, joined.results, lambda inner, x: _reinterpret(inner, x, want), want
    )


RULES: dict[OpSpec, Rule] = {
    semantics.cast: _cast,
    semantics.bitcast: _bitcast,
}
