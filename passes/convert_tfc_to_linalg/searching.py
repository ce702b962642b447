"""Searching: loops over rows; results of a size that depends on the data are counted first, then filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import searching as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, orders_as_unsigned
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I1, I32, I64, INDEX
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.indices import to_index
from tfc.passes.convert_tfc_to_linalg.loops import load, loop_nest, store, sum_i64, while_loop
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.radix_sort import RadixSort, Words
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    both,
    compare_floats,
    select,
)
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    compare,
    divide,
    element_of,
    empty,
    fill,
    fit,
    minimum,
    product,
    same_size,
    shape_of,
    size_of,
    sizes_of,
    subtract,
)
from tfc.passes.convert_tfc_to_linalg.sort_keys import Order, resized
from tfc.passes.convert_tfc_to_linalg.sorting import sorted_rows
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import SSAValue


def _sort(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    order = Order(lowering.dtype(op.operands[0]), element_of(x), _is_descending(op))
    return fit(
        lowering.rewriter, sorted_rows(lowering.rewriter, x, order), lowering.result_type(op)
    )


def _argsort(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    kind = lowering.result_type(op)
    order = Order(lowering.dtype(op.operands[0]), element_of(x), _is_descending(op))
    most = op.python_attributes().get("most")
    positions = sorted_rows(lowering.rewriter, x, order, kind.element_type, most)
    return fit(lowering.rewriter, positions, kind)


def _is_descending(op: TfcOp) -> bool:
    return op.python_attributes()["descending"]


def _stands_before(rewriter: Rewriter, a: SSAValue, b: SSAValue, dtype: np.dtype) -> SSAValue:
    """Whether `a` is strictly before `b` in ascending order, NaNs last."""
    if not is_float(dtype):
        sign = "u" if orders_as_unsigned(dtype) else "s"
        return builders.compare(rewriter, f"{sign}lt", a, b)
    not_after = compare_floats(rewriter, "ult", a, b)
    return both(rewriter, not_after, compare_floats(rewriter, "ord", a, a))


def _searchsorted(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    sequence, values = lowering.operands(op)
    attributes = op.python_attributes()
    kind = lowering.result_type(op)
    for axis in range(len(shape_of(values)) - 1):
        left, right = size_of(rewriter, sequence, axis), size_of(rewriter, values, axis)
        if not same_size(left, right):
            message = f"searchsorted: axis {axis} has size {{0}} in the sequence, {{1}} in values"
            reported = [as_value(rewriter, left), as_value(rewriter, right)]
            ok = compare(rewriter, "eq", left, right)
            fail_unless(lowering, ok, "TFC106", message, reported)
    find = _BinarySearch(sequence, lowering.dtype(op.operands[0]), attributes["side"] == "left")
    *rows, count = sizes_of(rewriter, values)
    together = min(count, SEARCHES) if isinstance(count, int) else SEARCHES
    groups = divide(rewriter, add(rewriter, count, together - 1), max(together, 1))
    last = subtract(rewriter, count, 1)

    def search(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        *row, number = indices
        first = builders.muli(inner, number, builders.index_constant(inner, together))
        places = [
            as_value(inner, minimum(inner, add(inner, first, each), last))
            for each in range(together)
        ]
        keys = [load(inner, values, *row, place) for place in places]
        target = carried[0]
        for place, low in zip(places, find.lower_bounds(inner, row, keys), strict=True):
            found = inner.value(arith.IndexCastOp, (low,), kind.element_type)
            target = store(inner, found, target, *row, place)
        return [target]

    result = empty(rewriter, [*rows, count], kind.element_type)
    found = loop_nest(rewriter, [*rows, groups], [result], search, independent=True)
    return fit(rewriter, found[0], kind)


SEARCHES = 8
"""Searches that run side by side: each waits for memory at every step. The last is repeated where there are fewer left."""


class _BinarySearch(NamedTuple):
    sequence: SSAValue
    dtype: np.dtype
    left: bool

    def lower_bounds(
        self, rewriter: Rewriter, row: Sequence[SSAValue], keys: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        """Where each of `keys` would be inserted into a row.

        How much is left does not depend on what was found, so that all searches end together and no branch depends on the data.
        """
        zero, one = builders.index_constant(rewriter, 0), builders.index_constant(rewriter, 1)
        length = as_value(rewriter, sizes_of(rewriter, self.sequence)[-1])

        def halve(inner: Rewriter, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            left, *lows = carried
            rest = inner.value(arith.ShRUIOp, (left, one), INDEX)
            half = builders.subi(inner, left, rest)
            return rest, *(
                self._step(inner, row, key, low, half) for key, low in zip(keys, lows, strict=True)
            )

        return while_loop(
            rewriter,
            (length, *[zero] * len(keys)),
            lambda inner, carried: builders.compare(inner, "sgt", carried[0], zero),
            halve,
        )[1:]

    def _step(
        self,
        rewriter: Rewriter,
        row: Sequence[SSAValue],
        key: SSAValue,
        low: SSAValue,
        half: SSAValue,
    ) -> SSAValue:
        """`low`, or the place behind the next `half` elements where the last of those is before `key`."""
        after = builders.addi(rewriter, low, half)
        middle = builders.subi(rewriter, after, builders.index_constant(rewriter, 1))
        found = load(rewriter, self.sequence, *row, middle)
        if self.left:
            before = _stands_before(rewriter, found, key, self.dtype)
            operands = (before, after, low)
        else:
            operands = (_stands_before(rewriter, key, found, self.dtype), low, after)
        hint = {"tfc.unpredictable": UnitAttr()}
        return rewriter.create(arith.SelectOp, operands, (low.type,), attributes=hint).results[0]


# -- results whose size depends on the data -----------------------------------------------------


def _is_nonzero(rewriter: Rewriter, scalar: SSAValue, dtype: np.dtype) -> SSAValue:
    if dtype.kind == "b":
        return scalar
    zero = builders.constant(rewriter, 0, scalar.type)
    if is_float(dtype):
        return compare_floats(rewriter, "une", scalar, zero)
    return builders.compare(rewriter, "ne", scalar, zero)


PIECE = 1 << 16
"""Elements of a vector that are looked through as one row."""


def _nonzero(lowering: Lowering, op: TfcOp) -> SSAValue:
    """Row by row: count, add up the counts, and fill each row's part of the result; rows are independent of one another."""
    rewriter = lowering.rewriter
    (x,) = lowering.operands(op)
    kind = lowering.result_type(op)
    dtype = lowering.dtype(op.operands[0])
    sizes = sizes_of(rewriter, x)
    rank = len(sizes)
    if not rank:
        one = rewriter.value(
            arith.ExtUIOp, (_is_nonzero(rewriter, lowering.scalar(x), dtype),), I64
        )
        return fit(rewriter, empty(rewriter, [resized(rewriter, one, INDEX), 0], I64), kind)
    rows = _Rows(x, dtype, sizes)
    count = rows.number(rewriter)
    # The last entry is the total.
    totals = empty(rewriter, [add(rewriter, count, 1)], INDEX)

    def tally(
        inner: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        return [store(inner, rows.nonzeros(inner, number[0]), carried[0], *number)]

    totals = loop_nest(rewriter, [count], [totals], tally, independent=True)[0]
    zero = builders.index_constant(rewriter, 0)

    def add_up(
        inner: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        held, so_far = carried
        more = load(inner, held, *number)
        return store(inner, so_far, held, *number), builders.addi(inner, so_far, more)

    starts, total = loop_nest(rewriter, [count], [totals, zero], add_up)
    starts = store(rewriter, total, starts, as_value(rewriter, count))

    def find(
        inner: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        following = builders.addi(inner, number[0], builders.index_constant(inner, 1))
        part = load(inner, starts, *number), load(inner, starts, following)
        return [rows.find(inner, number[0], part, carried[0])]

    result = empty(rewriter, [total, rank], I64)
    return fit(rewriter, loop_nest(rewriter, [count], [result], find, independent=True)[0], kind)


class _Rows(NamedTuple):
    """The rows of a tensor, which are those along its last axis, or pieces of a vector."""

    x: SSAValue
    dtype: np.dtype
    sizes: list[Size]

    def number(self, rewriter: Rewriter) -> Size:
        if len(self.sizes) == 1:
            return divide(rewriter, add(rewriter, self.sizes[0], PIECE - 1), PIECE)
        return product(rewriter, self.sizes[:-1])

    def _place(
        self, rewriter: Rewriter, number: SSAValue
    ) -> tuple[list[SSAValue], SSAValue, SSAValue]:
        """The leading indices of a row, and where it begins and ends along the last axis."""
        *leading, last = [as_value(rewriter, size) for size in self.sizes]
        if not leading:
            piece = builders.index_constant(rewriter, PIECE)
            first = builders.muli(rewriter, number, piece)
            end = builders.addi(rewriter, first, piece)
            return [], first, rewriter.value(arith.MinSIOp, (end, last), INDEX)
        indices: list[SSAValue] = []
        for size in leading[:0:-1]:
            indices.insert(0, rewriter.value(arith.RemUIOp, (number, size), INDEX))
            number = rewriter.value(arith.DivUIOp, (number, size), INDEX)
        return [number, *indices], builders.index_constant(rewriter, 0), last

    def _is_nonzero(
        self, rewriter: Rewriter, leading: Sequence[SSAValue], column: SSAValue
    ) -> SSAValue:
        return _is_nonzero(rewriter, load(rewriter, self.x, *leading, column), self.dtype)

    def nonzeros(self, rewriter: Rewriter, number: SSAValue) -> SSAValue:
        """How many elements of a row are not zero."""
        leading, first, end = self._place(rewriter, number)
        last = self.sizes[-1]
        short = len(self.sizes) == 1 or (isinstance(last, int) and last < 1 << 31)
        kind = I32 if short else I64
        one = builders.index_constant(rewriter, 1)
        nothing = builders.constant(rewriter, 0, kind)
        loop, block = builders.for_loop(rewriter, first, end, one, [nothing])
        point = rewriter.point()
        rewriter.at_end(block)
        found = self._is_nonzero(rewriter, leading, block.args[0])
        more = rewriter.value(arith.ExtUIOp, (found,), kind)
        rewriter.create(scf.YieldOp, [apply(arith.AddiOp, rewriter, block.args[1], more)])
        rewriter.restore(point)
        return resized(rewriter, loop.results[0], INDEX)

    def find(
        self,
        rewriter: Rewriter,
        number: SSAValue,
        part: tuple[SSAValue, SSAValue],
        target: SSAValue,
    ) -> SSAValue:
        """Put the places of a row's nonzero elements into its part of the result.

        Every place is written, and overwritten by the next one unless its element was not zero: no branch
        depends on the data but the last, which ends the row at its last nonzero element.
        """
        leading, first, _ = self._place(rewriter, number)
        entries = [rewriter.value(arith.IndexCastOp, (index,), I64) for index in leading]
        place, until = part

        def body(inner: Rewriter, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            column, place, held = carried
            for axis, entry in enumerate([*entries, resized(inner, column, I64)]):
                held = store(inner, entry, held, place, builders.index_constant(inner, axis))
            found = self._is_nonzero(inner, leading, column)
            more = resized(inner, inner.value(arith.ExtUIOp, (found,), I64), INDEX)
            one = builders.index_constant(inner, 1)
            return builders.addi(inner, column, one), builders.addi(inner, place, more), held

        return while_loop(
            rewriter,
            (first, place, target),
            lambda inner, carried: builders.compare(inner, "slt", carried[1], until),
            body,
        )[2]


def _repeat_indices(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    (repeats,) = lowering.operands(op)
    dtype = lowering.dtype(op.operands[0])

    def widened(inner: Rewriter, scalar: SSAValue) -> SSAValue:
        return inner.value(arith.IndexCastOp, (to_index(inner, scalar, dtype),), I64)

    def negative(inner: Rewriter, scalar: SSAValue) -> SSAValue:
        zero = builders.constant(inner, 0, I64)
        is_negative = builders.compare(inner, "slt", widened(inner, scalar), zero)
        return inner.value(arith.ExtUIOp, (is_negative,), I64)

    if dtype.kind != "u":
        wrong = sum_i64(lowering, repeats, negative)
        zero = builders.constant(rewriter, 0, I64)
        ok = builders.compare(rewriter, "eq", wrong, zero)
        fail_unless(lowering, ok, "TFC107", "repeat: {0} repeats are negative", [wrong])
    total = to_index(rewriter, sum_i64(lowering, repeats, widened), np.dtype(np.int64))
    result = empty(rewriter, [total], I64)

    def visit(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        scalar = inner.value(tensor.ExtractOp, (repeats, *indices), element_of(repeats))
        times = to_index(inner, scalar, dtype)
        entry = inner.value(arith.IndexCastOp, (indices[0],), I64)

        def put(
            innermost: Rewriter, _: list[SSAValue], held: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            target, place = held
            one = builders.index_constant(innermost, 1)
            target = innermost.value(tensor.InsertOp, (entry, target, place), target.type)
            return target, builders.addi(innermost, place, one)

        return loop_nest(inner, [times], carried, put)

    start = builders.index_constant(rewriter, 0)
    return loop_nest(rewriter, sizes_of(rewriter, repeats), [result, start], visit)[0]


def _unique(lowering: Lowering, op: TfcOp) -> Sequence[SSAValue]:
    rewriter = lowering.rewriter
    (x,) = lowering.operands(op)
    dtype = lowering.dtype(op.operands[0])
    sizes = sizes_of(rewriter, x)
    words = Words(Order(dtype, element_of(x), False), sizes[0], positions=True)
    sort = RadixSort(words)

    def source(inner: Rewriter, place: SSAValue, _: Sequence[SSAValue]) -> Sequence[SSAValue]:
        return words.make(inner, load(inner, x, place), place)

    scratch, half = sort.sort(rewriter, source, sort.scratch(rewriter))
    firsts = _first_occurrences(rewriter, words, scratch, half)
    index_type: Any = lowering.result_type(op, 1)
    index, count = _number_groups(rewriter, firsts, sizes, index_type.element_type)
    values = empty(rewriter, [count], element_of(x))
    zero = builders.constant(rewriter, 0, index_type.element_type)
    counts = fill(rewriter, zero, [count])

    def collect(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        held, tally = carried
        group = inner.value(tensor.ExtractOp, (index, *indices), index_type.element_type)
        place = inner.value(arith.IndexCastOp, (group,), INDEX)
        old = inner.value(tensor.ExtractOp, (tally, place), index_type.element_type)
        # The first one stays: 0.0 and -0.0 are equal, but not the same.
        zero = builders.constant(inner, 0, index_type.element_type)
        is_new = builders.compare(inner, "eq", old, zero)
        element = inner.value(tensor.ExtractOp, (x, *indices), element_of(x))
        present = inner.value(tensor.ExtractOp, (held, place), element_of(x))
        kept = inner.value(arith.SelectOp, (is_new, element, present), element_of(x))
        one = builders.constant(inner, 1, index_type.element_type)
        more = inner.value(arith.AddiOp, (old, one), index_type.element_type)
        return (
            inner.value(tensor.InsertOp, (kept, held, place), held.type),
            inner.value(tensor.InsertOp, (more, tally, place), tally.type),
        )

    values, counts = loop_nest(rewriter, sizes, [values, counts], collect)
    return values, fit(rewriter, index, index_type), counts


def _first_occurrences(
    rewriter: Rewriter, words: Words, scratch: Sequence[SSAValue], half: SSAValue
) -> SSAValue:
    """For each position of the vector, the first position with an equal element."""
    order = words.order
    nothing = builders.constant(rewriter, 0, order.key)
    start = builders.constant(rewriter, 0, I64)

    def visit(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        target, previous, first = carried
        found = [load(inner, part, half, *indices) for part in scratch]
        key, position = words.key(inner, found[0]), words.position(inner, found)
        same = builders.compare(inner, "eq", key, previous)
        zero = builders.index_constant(inner, 0)
        same = both(inner, same, builders.compare(inner, "sgt", indices[0], zero))
        if order.is_float:
            false = builders.constant(inner, 0, I1)
            same = select(inner, order.is_nan(inner, key), false, same)
        first = inner.value(arith.SelectOp, (same, first, position), I64)
        place = inner.value(arith.IndexCastOp, (position,), INDEX)
        return inner.value(tensor.InsertOp, (first, target, place), target.type), key, first

    target = empty(rewriter, [words.length], I64)
    return loop_nest(rewriter, [words.length], [target, nothing, start], visit)[0]


def _number_groups(
    rewriter: Rewriter, firsts: SSAValue, sizes: Sequence[Any], element: Any
) -> tuple[SSAValue, SSAValue]:
    """The number of each position's group, in order of first occurrence, and the number of groups as `index`."""

    def visit(
        inner: Rewriter, indices: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        target, count = carried
        first = inner.value(tensor.ExtractOp, (firsts, *indices), I64)
        place = inner.value(arith.IndexCastOp, (first,), INDEX)
        is_new = builders.compare(inner, "eq", place, indices[0])
        own = inner.value(arith.IndexCastOp, (count,), element)
        known = inner.value(tensor.ExtractOp, (target, place), element)
        number = inner.value(arith.SelectOp, (is_new, own, known), element)
        one = builders.index_constant(inner, 1)
        more = builders.addi(inner, count, one)
        return (
            inner.value(tensor.InsertOp, (number, target, *indices), target.type),
            inner.value(arith.SelectOp, (is_new, more, count), INDEX),
        )

    zero = builders.index_constant(rewriter, 0)
    target, count = loop_nest(rewriter, sizes, [empty(rewriter, sizes, element), zero], visit)
    return target, count


RULES: dict[OpSpec, Rule] = {
    semantics.sort: _sort,
    semantics.argsort: _argsort,
    semantics.searchsorted: _searchsorted,
    semantics.nonzero: _nonzero,
    semantics.unique: _unique,
    semantics.repeat_indices: _repeat_indices,
}
