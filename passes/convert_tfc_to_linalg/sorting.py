"""Sorting: a bottom-up merge sort of each row, with its positions carried along.

Runs of 1, 2, 4, ... elements are merged from one half of a scratch buffer into the other and back, so that one tensor is
carried and everything happens in place. Stable; about n log2(n) steps of a few instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.passes import builders
from tfc.passes.builders import I1, INDEX
from tfc.passes.convert_tfc_to_linalg.loops import while_loop
from tfc.passes.convert_tfc_to_linalg.sizes import Size, element_of, empty
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, SSAValue

Before = Callable[[Rewriter, SSAValue, SSAValue], SSAValue]
"""Whether the first element must stand before the second: strictly, so that equal elements keep their order."""


def before(dtype: np.dtype, descending: bool) -> Before:
    """The order of elements of `dtype`, NaNs last."""

    def floats(rewriter: Rewriter, a: SSAValue, b: SSAValue) -> SSAValue:
        less = compare_floats(rewriter, "ogt" if descending else "olt", a, b)
        a_is_number = compare_floats(rewriter, "ord", a, a)
        b_is_nan = compare_floats(rewriter, "uno", b, b)
        numbers_first = rewriter.value(arith.AndIOp, (a_is_number, b_is_nan), I1)
        return rewriter.value(arith.OrIOp, (less, numbers_first), I1)

    def integers(rewriter: Rewriter, a: SSAValue, b: SSAValue) -> SSAValue:
        sign = "u" if is_unsigned_int(dtype) or dtype.kind == "b" else "s"
        return builders.compare(rewriter, f"{sign}{'gt' if descending else 'lt'}", a, b)

    return floats if is_float(dtype) else integers


def compare_floats(rewriter: Rewriter, predicate: str, a: SSAValue, b: SSAValue) -> SSAValue:
    """`arith.cmpf` with the predicate by name."""
    number = arith.CMPF_COMPARISON_OPERATIONS.index(predicate)
    attribute = builders.integer_attr(number, builders.I64)
    return rewriter.value(arith.CmpfOp, (a, b), I1, {"predicate": attribute})


class Scratch(NamedTuple):
    """Two halves for elements and, if asked for, two for their positions: tensors of shape (2, n)."""

    keys: SSAValue
    positions: SSAValue | None

    @property
    def tensors(self) -> tuple[SSAValue, ...]:
        return (self.keys,) if self.positions is None else (self.keys, self.positions)


def make_scratch(
    rewriter: Rewriter, length: Size, element: Attribute, position: Attribute | None
) -> Scratch:
    """Scratch for rows of `length`; with positions of that element type, if one is given."""
    keys = empty(rewriter, [2, length], element)
    return Scratch(keys, None if position is None else empty(rewriter, [2, length], position))


def sort_row(
    rewriter: Rewriter,
    x: SSAValue,
    row: Sequence[SSAValue],
    length: SSAValue,
    scratch: Scratch,
    order: Before,
) -> tuple[Scratch, SSAValue]:
    """Sort `x[row, :]`; the scratch afterwards, and which half of it (as `index`) holds the result."""
    filled = _load_row(rewriter, x, row, length, scratch)
    one = builders.index_constant(rewriter, 1)
    zero = builders.index_constant(rewriter, 0)

    def unsorted(inner: Rewriter, carried: Sequence[SSAValue]) -> SSAValue:
        return builders.compare(inner, "slt", carried[0], length)

    def merge(inner: Rewriter, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
        width, half, *tensors = carried
        merged = _merge_runs(inner, width, half, length, _scratch(tensors), order)
        doubled = builders.muli(inner, width, builders.index_constant(inner, 2))
        other = builders.subi(inner, builders.index_constant(inner, 1), half)
        return (doubled, other, *merged)

    results = while_loop(rewriter, (one, zero, *filled.tensors), unsorted, merge)
    return _scratch(results[2:]), results[1]


def _scratch(tensors: Sequence[SSAValue]) -> Scratch:
    return Scratch(tensors[0], tensors[1] if len(tensors) > 1 else None)


def _load_row(
    rewriter: Rewriter, x: SSAValue, row: Sequence[SSAValue], length: SSAValue, scratch: Scratch
) -> Scratch:
    """Copy a row into the first half, with positions 0, 1, ..."""
    zero = builders.index_constant(rewriter, 0)
    one = builders.index_constant(rewriter, 1)
    loop, block = builders.for_loop(rewriter, zero, length, one, scratch.tensors)
    point = rewriter.point()
    rewriter.at_end(block)
    place, keys, *positions = block.args
    element = rewriter.value(tensor.ExtractOp, (x, *row, place), element_of(x))
    results = [rewriter.value(tensor.InsertOp, (element, keys, zero, place), keys.type)]
    for held in positions:
        number = _as_position(rewriter, place, element_of(held))
        results.append(rewriter.value(tensor.InsertOp, (number, held, zero, place), held.type))
    rewriter.create(scf.YieldOp, results)
    rewriter.restore(point)
    return _scratch(loop.results)


def _as_position(rewriter: Rewriter, index: SSAValue, element: Attribute) -> SSAValue:
    if isinstance(element, IntegerType):
        return rewriter.value(arith.IndexCastOp, (index,), element)
    return index


def _merge_runs(
    rewriter: Rewriter,
    width: SSAValue,
    half: SSAValue,
    length: SSAValue,
    scratch: Scratch,
    order: Before,
) -> Sequence[SSAValue]:
    """Merge each two neighbouring runs of `width` elements from one half into the other."""
    zero = builders.index_constant(rewriter, 0)
    twice = builders.muli(rewriter, width, builders.index_constant(rewriter, 2))
    other = builders.subi(rewriter, builders.index_constant(rewriter, 1), half)
    runs, block = builders.for_loop(rewriter, zero, length, twice, scratch.tensors)
    point = rewriter.point()
    rewriter.at_end(block)
    first, *tensors = block.args
    middle = _least(rewriter, builders.addi(rewriter, first, width), length)
    last = _least(rewriter, builders.addi(rewriter, first, twice), length)
    one = builders.index_constant(rewriter, 1)
    merge, body = builders.for_loop(rewriter, first, last, one, (first, middle, *tensors))
    rewriter.at_end(body)
    place, left, right, *held = body.args
    _merge_step(rewriter, place, left, right, held, (half, other, middle, last), order)
    rewriter.at_end(block)
    rewriter.create(scf.YieldOp, merge.results[2:])
    rewriter.restore(point)
    return runs.results


def _least(rewriter: Rewriter, a: SSAValue, b: SSAValue) -> SSAValue:
    return rewriter.value(arith.MinSIOp, (a, b), INDEX)


def _merge_step(
    rewriter: Rewriter,
    place: SSAValue,
    left: SSAValue,
    right: SSAValue,
    held: Sequence[SSAValue],
    ends: tuple[SSAValue, SSAValue, SSAValue, SSAValue],
    order: Before,
) -> None:
    """Put the smaller head of the two runs at `place`: the left one unless the right one must stand before it."""
    half, other, middle, last = ends
    keys = held[0]
    element = element_of(keys)
    # Heads beyond the end are read from within, and not chosen.
    one = builders.index_constant(rewriter, 1)
    end = builders.subi(rewriter, last, one)
    safe_left, safe_right = _least(rewriter, left, end), _least(rewriter, right, end)
    a = rewriter.value(tensor.ExtractOp, (keys, half, safe_left), element)
    b = rewriter.value(tensor.ExtractOp, (keys, half, safe_right), element)
    has_left = builders.compare(rewriter, "slt", left, middle)
    has_right = builders.compare(rewriter, "slt", right, last)
    must = order(rewriter, b, a)
    true = builders.constant(rewriter, 1, I1)
    no_left = rewriter.value(arith.XOrIOp, (has_left, true), I1)
    wins = rewriter.value(arith.OrIOp, (no_left, must), I1)
    from_right = rewriter.value(arith.AndIOp, (has_right, wins), I1)
    chosen = rewriter.value(arith.SelectOp, (from_right, b, a), element)
    results = [rewriter.value(tensor.InsertOp, (chosen, keys, other, place), keys.type)]
    for positions in held[1:]:
        source = rewriter.value(arith.SelectOp, (from_right, safe_right, safe_left), INDEX)
        kind = element_of(positions)
        number = rewriter.value(tensor.ExtractOp, (positions, half, source), kind)
        operands = (number, positions, other, place)
        results.append(rewriter.value(tensor.InsertOp, operands, positions.type))
    taken = rewriter.value(
        arith.SelectOp, (from_right, builders.index_constant(rewriter, 0), one), INDEX
    )
    next_left = builders.addi(rewriter, left, taken)
    next_right = builders.addi(rewriter, right, builders.subi(rewriter, one, taken))
    rewriter.create(scf.YieldOp, (next_left, next_right, *results))
