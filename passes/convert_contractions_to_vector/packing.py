"""Copies of operands in the order in which kernels read them, in the type that is summed."""

from __future__ import annotations

from collections.abc import Callable

from tfc.dialects.vector import TransposeOp
from tfc.passes import builders
from tfc.passes.builders import addi, index_constant, muli, subi
from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.convert_contractions_to_vector.contraction import Operand
from tfc.passes.convert_contractions_to_vector.kernel import Tile, splat_zero
from tfc.passes.convert_contractions_to_vector.loops import Loops
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, vector
from xdsl.dialects.builtin import DYNAMIC_INDEX, VectorType
from xdsl.ir import Attribute, SSAValue

STRIPE = 16
"""Rows of `b` that are copied into all panels before the next ones: whole pages are read, and what is written stays near."""


class Packing:
    """Packs blocks of `a` and all of `b`."""

    def __init__(self, rewriter: Rewriter, at: Addressing, loops: Loops, tile: Tile) -> None:
        self.rewriter = rewriter
        self.at = at
        self.loops = loops
        self.tile = tile
        self.contraction = at.contraction
        self.element = at.contraction.element

    # -- b: panels of `columns` columns, one row of the product after the other ------------------

    def panels(self, n: int) -> SSAValue:
        """A buffer for `b`."""
        rewriter, tile = self.rewriter, self.tile
        more = addi(rewriter, self.at.size(n), index_constant(rewriter, tile.columns - 1))
        panels = self.loops.divide(more, index_constant(rewriter, tile.columns))
        depth = self.depth()
        known = builders.constant_int(panels), builders.constant_int(depth)
        shape = tuple(DYNAMIC_INDEX if value is None else value for value in known)
        kind = builders.memref_type((*shape, tile.columns), self.element)
        dynamic = [v for v, size in zip((panels, depth), known, strict=True) if size is None]
        return builders.alloc(rewriter, kind, dynamic)

    def depth(self) -> SSAValue:
        """How many products each sum has."""
        total = self.at.one
        for loop in self.contraction.k:
            total = muli(self.rewriter, total, self.at.size(loop))
        return total

    def row(self) -> SSAValue:
        """The row of a panel that the open loops over `k` are at."""
        total = self.at.zero
        for loop in self.contraction.k:
            total = muli(self.rewriter, total, self.at.size(loop))
            total = addi(self.rewriter, total, self.at.position.get(loop, self.at.zero))
        return total

    def panel(self, packed: SSAValue, column: SSAValue) -> SSAValue:
        """The packed columns from `column` on, from the row that the open loops are at."""
        rewriter, at = self.rewriter, self.at
        width = index_constant(rewriter, self.tile.columns)
        # column / width * depth * width is column * depth, since columns start panels
        start = muli(rewriter, column, self.depth())
        offset = addi(rewriter, start, muli(rewriter, self.row(), width))
        return at.view(packed, offset, width, at.one, contiguous=True)

    def pack_b(self, packed: SSAValue, n: int) -> None:
        """Copy all of `b`."""
        at, loops, rewriter = self.at, self.loops, self.rewriter
        *outer, k = self.contraction.k
        width = index_constant(rewriter, self.tile.columns)
        stripe = index_constant(rewriter, STRIPE)
        by_rows = self.contraction.b.is_contiguous_along(n)
        by_columns = self.contraction.b.is_contiguous_along(k)
        lanes = index_constant(rewriter, self.tile.lanes)

        def all_columns(first: SSAValue, last: SSAValue) -> None:
            whole = loops.round_down(at.size(n), width)
            columns = loops.serial if by_rows else loops.independent

            def panel(column: SSAValue, count: SSAValue | None) -> None:
                start = first
                if count is None and by_columns:
                    start = loops.round_down(last, lanes)
                    loops.serial(first, start, lanes, lambda row: square(column, row))
                loops.serial(start, last, at.one, lambda row: one_row(column, count, row))

            columns(at.zero, whole, width, lambda column: panel(column, None))
            rest = subi(rewriter, at.size(n), whole)
            loops.serial(whole, at.size(n), width, lambda column: panel(column, rest))

        def square(column: SSAValue, row: SSAValue) -> None:
            at.position |= {k: row, n: column}
            b = self.contraction.b
            source = at.operand_view(b, at.step(b, n), at.one, contiguous=True)
            self._transpose(source, self.panel(packed, column))
            del at.position[k], at.position[n]

        def one_row(column: SSAValue, count: SSAValue | None, row: SSAValue) -> None:
            at.position |= {k: row, n: column}
            target = self.panel(packed, column)
            steps = at.zero, at.step(self.contraction.b, n)
            source = at.operand_view(self.contraction.b, *steps, contiguous=by_rows)
            if by_rows and count is None:
                self._copy_vectors(source, target)
            else:
                self._copy_elements(source, target, width if count is None else count)
            del at.position[k], at.position[n]

        def stripes() -> None:
            if not by_rows:
                all_columns(at.zero, at.size(k))
                return

            def one_stripe(first: SSAValue) -> None:
                end = loops.minimum(addi(rewriter, first, stripe), at.size(k))
                all_columns(first, end)

            loops.independent(at.zero, at.size(k), stripe, one_stripe)

        loops.over(outer, stripes)

    def _copy_vectors(self, source: SSAValue, target: SSAValue) -> None:
        lanes, zero = self.tile.lanes, self.at.zero
        b = self.contraction.b
        for index in range(self.tile.vectors):
            offset = index_constant(self.rewriter, index * lanes)
            kind = VectorType(b.element, (lanes,))
            value = self.rewriter.value(vector.LoadOp, (source, zero, offset), kind)
            value = self._widen(b, value, VectorType(self.element, (lanes,)))
            self.rewriter.create(vector.StoreOp, (value, target, zero, offset))

    def _transpose(self, source: SSAValue, target: SSAValue) -> None:
        """Copy as many rows as a vector has lanes, of a matrix whose columns are contiguous."""
        rewriter, lanes, b = self.rewriter, self.tile.lanes, self.contraction.b
        kind = VectorType(self.element, (lanes,))
        square = VectorType(self.element, (lanes, lanes))
        order = {"permutation": builders.dense_i64((1, 0))}
        for index in range(self.tile.vectors):
            matrix = rewriter.value(arith.ConstantOp, (), square, {"value": splat_zero(square)})
            for lane in range(lanes):
                column = index_constant(rewriter, index * lanes + lane)
                place = (source, column, self.at.zero)
                value = rewriter.value(vector.LoadOp, place, VectorType(b.element, (lanes,)))
                value = self._widen(b, value, kind)
                at = {"static_position": builders.dense_i64((lane,))}
                matrix = rewriter.value(vector.InsertOp, (value, matrix), square, at)
            matrix = rewriter.value(TransposeOp, (matrix,), square, order)
            offset = index_constant(rewriter, index * lanes)
            for lane in range(lanes):
                at = {"static_position": builders.dense_i64((lane,))}
                value = rewriter.value(vector.ExtractOp, (matrix,), kind, at)
                row = index_constant(rewriter, lane)
                rewriter.create(vector.StoreOp, (value, target, row, offset))

    def _copy_elements(self, source: SSAValue, target: SSAValue, count: SSAValue) -> None:
        rewriter, at, b = self.rewriter, self.at, self.contraction.b

        def element(column: SSAValue) -> None:
            value = builders.load(rewriter, source, (at.zero, column))
            value = self._widen(b, value, self.element)
            builders.store(rewriter, value, target, (at.zero, column))

        self.loops.serial(at.zero, count, at.one, element)

    # -- a: tiles, the elements that a tile takes at each step together --------------------------

    def block(self, rows: int, depth: int) -> SSAValue:
        """A buffer for `rows` rows of `a`."""
        kind = builders.memref_type((rows * depth,), self.element)
        return builders.alloc(self.rewriter, kind)

    def tiles(self, packed: SSAValue, row: SSAValue, height: int, depth: int) -> SSAValue:
        """The packed tiles of `height` rows from `row` of the block on, as a kernel wants them."""
        rewriter, at = self.rewriter, self.at
        step = index_constant(rewriter, height)
        offset = muli(rewriter, row, index_constant(rewriter, depth))
        return at.view(packed, offset, index_constant(rewriter, height * depth), at.one, step)

    def pack_a(
        self, source: SSAValue, target: SSAValue, tiles: SSAValue, height: int, count: SSAValue
    ) -> None:
        """Copy `tiles` tiles of `height` rows and `count` steps; `source` and `target` are views as a kernel wants them."""
        rewriter, at = self.rewriter, self.at
        inside = [index_constant(rewriter, row) for row in range(height)]

        def one_step(tile: SSAValue) -> Callable[[SSAValue], None]:
            def copy(step: SSAValue) -> None:
                for row in inside:
                    value = builders.load(rewriter, source, (tile, row, step))
                    value = self._widen(self.contraction.a, value, self.element)
                    builders.store(rewriter, value, target, (tile, row, step))

            return copy

        self.loops.serial(
            at.zero,
            tiles,
            at.one,
            lambda tile: self.loops.serial(at.zero, count, at.one, one_step(tile)),
        )

    def _widen(self, operand: Operand, value: SSAValue, kind: Attribute) -> SSAValue:
        if operand.widened is None:
            return value
        return self.rewriter.value(operand.widened, (value,), kind)
