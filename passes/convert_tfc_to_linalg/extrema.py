"""Positions of extrema: the first of the equal ones, and the first nan before all numbers, as in NumPy.

Along the last axis each lane of some vectors keeps the best of the elements that come by and where it was, then the lanes are
compared. Rows that do not divide into lanes are read twice: for the extremum, then for the first element that equals it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import reduction as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, orders_as_unsigned
from tfc.dialects.tfc.semantics.reduction import highest, lowest
from tfc.passes import builders
from tfc.passes.builders import I32, I64
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.mapping import map_elements
from tfc.passes.convert_tfc_to_linalg.reducing import (
    Combine,
    initial,
    iterators,
    maximum,
    minimum,
    reduce,
    reduce_many,
    shape_of,
    without_axes,
)
from tfc.passes.convert_tfc_to_linalg.scalars import (
    apply,
    bit_width,
    both,
    compare_floats,
    either,
    scalar_type,
    select,
)
from tfc.passes.convert_tfc_to_linalg.sizes import empty, fill
from tfc.passes.convert_tfc_to_linalg.windows import loop_index
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import AffineMapAttr, IntegerType
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

LANE_BYTES = 64
"""What lanes have together: whole vectors everywhere, and more comparisons under way would not stay in registers."""

LEAST_PER_LANE = 8
"""Elements that each lane sees at least, or comparing the lanes takes longer than finding the best of each."""

PIECE = 1 << 16
"""Elements of a piece of a long row: pieces are searched at the same time."""

ENOUGH_ROWS = 8
"""So many rows need no pieces."""


def position_of_extremum(is_maximum: bool) -> Rule:
    """The rule of `argmax` or `argmin`."""

    def rule(lowering: Lowering, op: TfcOp) -> SSAValue:
        """Positions are found in 32 bits where they fit: twice as many at a time."""
        rewriter = lowering.rewriter
        (source,) = lowering.operands(op)
        attributes = op.python_attributes()
        shape = shape_of(source)
        axis = attributes["axis"] % len(shape)
        _check_not_empty(lowering, op, source, axis)
        wanted = scalar_type(attributes["dtype"])
        kind = I32 if 0 <= shape[axis] < 2**31 else I64
        search = _Search(lowering.dtype(op.operands[0]), kind, is_maximum)
        position = search.along(rewriter, source, axis)

        def convert(inner: Rewriter, x: SSAValue) -> SSAValue:
            cls = arith.ExtUIOp if bit_width(wanted) > bit_width(kind) else arith.TruncIOp
            return inner.value(cls, (x,), wanted)

        return position if wanted == kind else map_elements(rewriter, (position,), convert, wanted)

    return rule


class _Search(NamedTuple):
    dtype: np.dtype
    kind: IntegerType
    """The type of positions."""
    is_maximum: bool

    def along(self, rewriter: Rewriter, source: SSAValue, axis: int) -> SSAValue:
        shape = shape_of(source)
        if axis < len(shape) - 1:
            return self._best_so_far(rewriter, source, axis)
        lanes = LANE_BYTES // max(4, self.dtype.itemsize)
        if shape[axis] >= lanes * LEAST_PER_LANE and shape[axis] % lanes == 0:
            return self._by_lanes(rewriter, source, lanes)
        return self._first_best(
            rewriter, [source], (axis,), lambda inner, _: self._loop(inner, axis)
        )

    def _by_lanes(self, rewriter: Rewriter, source: SSAValue, lanes: int) -> SSAValue:
        """The best and where it is in each lane, of each piece of each row; then the first of these that is best."""
        *outer, length = shape_of(source)
        rows = len(outer)
        pieces = 1
        if min(outer, default=1) >= 0 and prod(outer) < ENOUGH_ROWS:
            pieces = next(n for n in range(-(-length // PIECE), 0, -1) if length % (n * lanes) == 0)
        steps = length // (pieces * lanes)
        piece, lane, step = map(AffineDimExpr, range(rows, rows + 3))
        kept = tuple(map(AffineDimExpr, range(rows)))
        along = (piece * steps + step) * lanes + lane
        sizes = [builders.dim(rewriter, source, a) if n < 0 else n for a, n in enumerate(outer)]
        held = [*sizes, pieces, lanes]
        starts = [fill(rewriter, start, held) for start in self._starts(rewriter)]
        maps = [(*kept, along), (step,), *[(*kept, piece, lane)] * 2]
        best, where = builders.generic(
            rewriter,
            [source, empty(rewriter, [steps], builders.I1)],
            starts,
            [AffineMapAttr(AffineMap(rows + 3, 0, each)) for each in maps],
            iterators(rows + 3, (rows + 2,)),
            body=lambda inner, arguments: self._better_of(
                inner, (arguments[0], *arguments[2:]), self._loop(inner, rows + 2)
            ),
        ).results

        def place(inner: Rewriter, found: Sequence[SSAValue]) -> SSAValue:
            first = _scaled(inner, self._loop(inner, rows), steps)
            row = _scaled(inner, apply(arith.AddiOp, inner, first, found[0]), lanes)
            return apply(arith.AddiOp, inner, row, self._loop(inner, rows + 1))

        return self._first_best(rewriter, [best, where], (rows, rows + 1), place)

    def _first_best(
        self,
        rewriter: Rewriter,
        sources: Sequence[SSAValue],
        axes: tuple[int, ...],
        place: Callable[[Rewriter, Sequence[SSAValue]], SSAValue],
    ) -> SSAValue:
        """The extremum of the first source, then the least of the places of what equals it: two reductions in vectors.

        `place` is told the elements of the other sources. `fuse-rows` brings the reductions together.
        """
        source = sources[0]
        nowhere = builders.constant(rewriter, 2 ** (bit_width(self.kind) - 1) - 1, self.kind)
        start = self._starts(rewriter)[0]
        extremum = reduce(rewriter, source, axes, start, self._extremum)
        rank = len(shape_of(source))

        def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> Sequence[SSAValue]:
            x, *others, best, least = arguments
            if is_float(self.dtype):
                found = either(
                    inner, compare_floats(inner, "oeq", x, best), compare_floats(inner, "uno", x, x)
                )
            else:
                found = builders.compare(inner, "eq", x, best)
            here = select(inner, found, place(inner, others), nowhere)
            return (inner.value(arith.MinSIOp, (least, here), self.kind),)

        kept = without_axes(rank, axes)
        return builders.generic(
            rewriter,
            (*sources, extremum),
            (initial(rewriter, source, axes, nowhere),),
            (*[builders.identity_map(rank)] * len(sources), kept, kept),
            iterators(rank, axes),
            body=body,
        ).results[0]

    def _best_so_far(self, rewriter: Rewriter, source: SSAValue, axis: int) -> SSAValue:
        """Value and position carried together through a loop that other dims are vectorised in.

        Neither is a select of what it was before: LLVM would store it under a mask, which takes some machines 20 cycles.
        Positions grow, so the later one is the larger one.
        """
        starts = self._starts(rewriter)

        def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> Sequence[SSAValue]:
            x, best, position = arguments
            better = self._is_better(inner, x, best)
            here = select(inner, better, self._loop(inner, axis), starts[1])
            return self._extremum(inner, x, best), inner.value(
                arith.MaxSIOp, (position, here), self.kind
            )

        return reduce_many(rewriter, (source,), (axis,), starts, body)[1]

    @property
    def _extremum(self) -> Combine:
        return (maximum if self.is_maximum else minimum)(self.dtype)

    def _starts(self, rewriter: Rewriter) -> tuple[SSAValue, SSAValue]:
        """An element that none is worse than, and the first position."""
        worst = lowest(self.dtype) if self.is_maximum else highest(self.dtype)
        return (
            builders.constant(rewriter, worst, scalar_type(self.dtype)),
            builders.constant(rewriter, 0, self.kind),
        )

    def _better_of(
        self, rewriter: Rewriter, arguments: Sequence[SSAValue], here: SSAValue
    ) -> Sequence[SSAValue]:
        """The better of an element and the best so far, and its position; the first of equals stays."""
        x, best, position = arguments
        better = self._is_better(rewriter, x, best)
        return select(rewriter, better, x, best), select(rewriter, better, here, position)

    def _is_better(self, rewriter: Rewriter, x: SSAValue, best: SSAValue) -> SSAValue:
        """Whether `x` is beyond `best`, or the first nan."""
        if not is_float(self.dtype):
            sign = "u" if orders_as_unsigned(self.dtype) else "s"
            return builders.compare(rewriter, sign + ("gt" if self.is_maximum else "lt"), x, best)
        beyond = compare_floats(rewriter, "ugt" if self.is_maximum else "ult", x, best)
        return both(rewriter, beyond, compare_floats(rewriter, "ord", best, best))

    def _loop(self, rewriter: Rewriter, loop: int) -> SSAValue:
        """The iteration of a loop, as a position."""
        return rewriter.value(arith.IndexCastOp, (loop_index(rewriter, loop),), self.kind)


def _scaled(rewriter: Rewriter, number: SSAValue, by: int) -> SSAValue:
    return apply(arith.MuliOp, rewriter, number, builders.constant(rewriter, by, number.type))


def _check_not_empty(lowering: Lowering, op: TfcOp, source: SSAValue, axis: int) -> None:
    if shape_of(source)[axis] >= 0:
        return
    rewriter = lowering.rewriter
    size = builders.dim(rewriter, source, axis)
    ok = builders.compare(rewriter, "ne", size, builders.index_constant(rewriter, 0))
    error = semantics.empty_axis(op.spec.name.removeprefix("tfc."), axis)
    fail_unless(lowering, ok, error.code, error.message)
