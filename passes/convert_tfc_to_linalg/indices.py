"""Index values: negative ones made positive, and one check of all of them before the loop that uses them."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from tfc.passes import builders
from tfc.passes.builders import I1, INDEX
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.ranges import range_of
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    as_value,
    compare,
    element_of,
    extract_slice,
    product,
    shape_of,
    sizes_of,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    IntegerType,
    i64,
)
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineMap


def to_index(rewriter: Rewriter, scalar: SSAValue, dtype: np.dtype) -> SSAValue:
    """An integer of `dtype` as `index`."""
    if dtype.kind == "u" and dtype.itemsize < 8:
        scalar = rewriter.value(arith.ExtUIOp, (scalar,), i64)
    return rewriter.value(arith.IndexCastOp, (scalar,), INDEX)


def position(
    rewriter: Rewriter, scalar: SSAValue, dtype: np.dtype, size: Size, negative: str
) -> SSAValue:
    """The index as a position on an axis of `size`: from the end where it is negative and wraps."""
    index = to_index(rewriter, scalar, dtype)
    if negative != "wrap" or dtype.kind == "u":
        return index
    known = builders.constant_int(scalar)
    if known is not None:
        return index if known >= 0 else _from_end(rewriter, index, size)
    is_negative = builders.compare(rewriter, "slt", index, builders.index_constant(rewriter, 0))
    return rewriter.value(
        arith.SelectOp, (is_negative, _from_end(rewriter, index, size), index), INDEX
    )


def _from_end(rewriter: Rewriter, index: SSAValue, size: Size) -> SSAValue:
    return builders.addi(rewriter, index, as_value(rewriter, size))


def check_indices(
    lowering: Lowering,
    indices: SSAValue,
    given: SSAValue,
    size: Size,
    axis: int,
    negative: str,
) -> None:
    """Fail at run time unless every index is valid for an axis of `size`: one reduction before the loop.

    `given` is what `indices` were before lowering: where that tells that they are, nothing is checked.
    """
    if lowering.is_certain or 0 in shape_of(indices):
        return
    if isinstance(size, int):
        low = {"error": 0, "wrap": -size, "drop": -(2**63)}[negative]
        least, greatest = range_of(lowering, given)
        if low <= least and greatest < size:
            return
    dtype = lowering.dtype(given)
    rewriter = lowering.rewriter
    worst = _worst(lowering, indices, dtype, size, negative)
    # An index that is negative, or still is after wrapping, is a huge unsigned number.
    predicate = "slt" if negative == "drop" else "ult"
    ok = builders.compare(rewriter, predicate, worst, as_value(rewriter, size))
    if not isinstance(size, int) or size == 0:
        count = product(rewriter, sizes_of(rewriter, indices))
        none = compare(rewriter, "eq", count, 0)
        ok = rewriter.value(arith.OrIOp, (ok, none), I1)
    if negative == "wrap":
        # Report what the user wrote.
        shifted = builders.subi(rewriter, worst, as_value(rewriter, size))
        is_negative = builders.compare(rewriter, "slt", worst, builders.index_constant(rewriter, 0))
        worst = rewriter.value(arith.SelectOp, (is_negative, shifted, worst), INDEX)
    message = f"index {{0}} is out of range for axis {axis} of size {{1}}"
    fail_unless(lowering, ok, "TFC201", message, [worst, as_value(rewriter, size)])


def _worst(
    lowering: Lowering, indices: SSAValue, dtype: np.dtype, size: Size, negative: str
) -> SSAValue:
    """The index that is the first to be out of range if any is, as `index`."""
    rewriter = lowering.rewriter
    if not shape_of(indices):
        return position(rewriter, lowering.scalar(indices), dtype, size, negative)
    # 32-bit indices are compared as such: twice as many fit into a vector register.
    narrow = dtype == np.dtype(np.int32)
    element = cast(IntegerType, element_of(indices)) if narrow else i64
    length: SSAValue | None = None
    if negative == "wrap":
        length = rewriter.value(arith.IndexCastOp, (as_value(rewriter, size),), element)
    start = -1 if negative == "drop" else 0
    init = lowering.from_scalar(builders.constant(rewriter, start, element))
    rank = len(shape_of(indices))
    combine = arith.MaxSIOp if negative == "drop" else arith.MaxUIOp

    def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> tuple[SSAValue]:
        index, worst = arguments
        if index.type != element:
            widen = arith.ExtUIOp if dtype.kind == "u" else arith.ExtSIOp
            index = inner.value(widen, (index,), element)
        if length is not None:
            zero = builders.constant(inner, 0, element)
            is_negative = builders.compare(inner, "slt", index, zero)
            from_end = inner.value(arith.AddiOp, (index, length), element)
            index = inner.value(arith.SelectOp, (is_negative, from_end, index), element)
        return (inner.value(combine, (worst, index), element),)

    generic = builders.generic(
        rewriter,
        [indices],
        [init],
        [builders.identity_map(rank), AffineMapAttr(AffineMap(rank, 0, ()))],
        ArrayAttr([builders.REDUCTION] * rank),
        body=body,
    )
    worst = rewriter.value(tensor.ExtractOp, (generic.results[0],), element)
    return rewriter.value(arith.IndexCastOp, (worst,), INDEX)


def component(lowering: Lowering, indices: SSAValue, number: int) -> SSAValue:
    """Entry `number` of the last axis of `indices`, for all positions before it."""
    rewriter = lowering.rewriter
    sizes = sizes_of(rewriter, indices)
    last = len(sizes) - 1
    offsets: list[Any] = [0] * last + [number]
    return extract_slice(rewriter, indices, offsets, [*sizes[:last], 1], dropped=frozenset((last,)))
