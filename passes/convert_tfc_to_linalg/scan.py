"""Running totals, in NumPy's order along the axis and so with its bits.

An addition waits for the one before it, so several run side by side: along the last axis those of some rows, along another axis
those of a block of columns, in vectors. Groups of rows and blocks of columns are independent of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import scan as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.loops import load, loop_nest, store
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.reducing import ADD, MULTIPLY
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    compare_floats,
    float_to,
    select,
    wide_type,
)
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    collapse_shape,
    divide,
    element_of,
    empty,
    expand_shape,
    fill,
    fit,
    minimum,
    product,
    shape_of,
    sizes_of,
    subtract,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, math
from xdsl.ir import Operation, SSAValue

Step = Callable[[Rewriter, SSAValue, SSAValue], SSAValue]
Classes = tuple[type[Operation], type[Operation]]


def _scan(start: float, classes: Classes | None) -> Rule:
    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        (source,) = lowering.operands(op)
        if classes is None:
            return _loops(lowering, op, source, start, logaddexp)
        cls = classes[0] if is_float(lowering.dtype(op.operands[0])) else classes[1]

        def step(rewriter: Rewriter, total: SSAValue, item: SSAValue) -> SSAValue:
            return apply(cls, rewriter, total, item)

        return _loops(lowering, op, source, start, step)

    return rule


def logaddexp(rewriter: Rewriter, x: SSAValue, y: SSAValue) -> SSAValue:
    """`log(exp(x) + exp(y))` as NumPy has it: exact for equal infinities."""
    kind = x.type
    x, y = (float_to(rewriter, value, wide_type(kind)) for value in (x, y))
    top = apply(arith.MaximumfOp, rewriter, x, y)
    gap = apply(math.AbsFOp, rewriter, apply(arith.SubfOp, rewriter, x, y))
    power = apply(math.ExpOp, rewriter, apply(arith.NegfOp, rewriter, gap))
    total = apply(arith.AddfOp, rewriter, top, apply(math.Log1pOp, rewriter, power))
    equal = compare_floats(rewriter, "oeq", x, y)
    two = builders.constant(rewriter, 0.6931471805599453, x.type)
    result = select(rewriter, equal, apply(arith.AddfOp, rewriter, x, two), total)
    return float_to(rewriter, result, kind)


ROWS = 4
"""Rows that are added up side by side: an addition takes three or four cycles."""

COLUMNS = 1024
"""Columns of a block: their totals stay in the first-level cache."""


def _loops(lowering: Lowering, op: TfcOp, source: SSAValue, start: float, step: Step) -> SSAValue:
    rewriter = lowering.rewriter
    attributes = op.python_attributes()
    kind = lowering.result_type(op)
    sizes = sizes_of(rewriter, source)
    axis = attributes["axis"] % len(sizes)
    groups = [range(axis), [axis], range(axis + 1, len(sizes))]
    kept = [group for group in groups if group]
    flat = source if len(kept) == len(sizes) else collapse_shape(rewriter, source, kept)
    scan = _Scan(attributes["exclusive"], attributes["reverse"], start, step)
    outer, length = product(rewriter, sizes[:axis]), sizes[axis]
    if axis == len(sizes) - 1:
        result = scan.rows(rewriter, flat, outer, length)
    else:
        inner = product(rewriter, sizes[axis + 1 :])
        result = scan.columns(rewriter, flat, outer, length, inner)
    if len(kept) != len(sizes):
        result = expand_shape(rewriter, result, kept, sizes)
    return fit(rewriter, result, kind)


class _Scan(NamedTuple):
    exclusive: bool
    reverse: bool
    start: float
    step: Step

    def rows(self, rewriter: Rewriter, x: SSAValue, count: Size, length: Size) -> SSAValue:
        """Along the last axis of a vector or matrix; the last row is repeated where there are not `ROWS` left."""
        together = min(count, ROWS) if isinstance(count, int) else ROWS
        groups = divide(rewriter, add(rewriter, count, together - 1), max(together, 1))
        last = subtract(rewriter, count, 1)
        start = builders.constant(rewriter, self.start, element_of(x))

        def group(
            inner: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            places: list[list[SSAValue]] = [[]]
            if len(shape_of(x)) > 1:
                first = builders.muli(inner, number[0], builders.index_constant(inner, together))
                places = [
                    [as_value(inner, minimum(inner, add(inner, first, row), last))]
                    for row in range(together)
                ]

            def one(
                innermost: Rewriter, counter: list[SSAValue], held: Sequence[SSAValue]
            ) -> Sequence[SSAValue]:
                target, *totals = held
                along = self._along(innermost, counter[0], length)
                items = [load(innermost, x, *place, along) for place in places]
                after: list[SSAValue] = []
                for place, total, item in zip(places, totals, items, strict=True):
                    after.append(self.step(innermost, total, item))
                    stored = total if self.exclusive else after[-1]
                    target = store(innermost, stored, target, *place, along)
                return [target, *after]

            totals = [start] * len(places)
            return loop_nest(inner, [length], [carried[0], *totals], one)[:1]

        target = empty(rewriter, sizes_of(rewriter, x), element_of(x))
        if len(shape_of(x)) == 1:
            return group(rewriter, [], [target])[0]
        return loop_nest(rewriter, [groups], [target], group, independent=True)[0]

    def columns(
        self, rewriter: Rewriter, x: SSAValue, outer: Size, length: Size, inner: Size
    ) -> SSAValue:
        """Along the last axis but one, a block of the last at a time."""
        width = min(inner, COLUMNS) if isinstance(inner, int) else COLUMNS
        blocks = divide(rewriter, add(rewriter, inner, width - 1), max(width, 1))
        start = builders.constant(rewriter, self.start, element_of(x))

        def block(
            within: Rewriter, number: list[SSAValue], carried: Sequence[SSAValue]
        ) -> Sequence[SSAValue]:
            first = builders.muli(within, number[-1], builders.index_constant(within, width))
            count = minimum(within, subtract(within, inner, first), width)
            totals = fill(within, start, [width])

            def one(
                innermost: Rewriter, place: list[SSAValue], held: Sequence[SSAValue]
            ) -> Sequence[SSAValue]:
                counter, column = place
                along = self._along(innermost, counter, length)
                where = (*number[:-1], along, builders.addi(innermost, first, column))
                total = load(innermost, held[1], column)
                after = self.step(innermost, total, load(innermost, x, *where))
                stored = total if self.exclusive else after
                return [
                    store(innermost, stored, held[0], *where),
                    store(innermost, after, held[1], column),
                ]

            return loop_nest(within, [length, count], [carried[0], totals], one)[:1]

        target = empty(rewriter, sizes_of(rewriter, x), element_of(x))
        sizes = [outer, blocks] if len(shape_of(x)) > 2 else [blocks]
        return loop_nest(rewriter, sizes, [target], block, independent=True)[0]

    def _along(self, rewriter: Rewriter, counter: SSAValue, length: Size) -> SSAValue:
        """Where on the axis step `counter` is."""
        if not self.reverse:
            return counter
        last = as_value(rewriter, subtract(rewriter, length, 1))
        return builders.subi(rewriter, last, counter)


RULES: dict[OpSpec, Rule] = {
    semantics.cumsum: _scan(0, ADD),
    semantics.cumprod: _scan(1, MULTIPLY),
    semantics.cumulative_logsumexp: _scan(float("-inf"), None),
}
