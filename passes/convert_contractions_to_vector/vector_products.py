"""Products of a matrix and a vector: every element of the matrix is used once, so only reading it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tfc.passes import builders
from tfc.passes.builders import INDEX, addi, index_constant, muli, subi, vector_type
from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.convert_contractions_to_vector.contraction import Contraction
from tfc.passes.convert_contractions_to_vector.kernel import (
    NeedKernel,
    panel_type,
    private_function,
    splat_zero,
)
from tfc.passes.convert_contractions_to_vector.loops import Loops
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, scf, vector
from xdsl.dialects.builtin import AnyFloat, SymbolRefAttr, i1
from xdsl.dialects.utils.fast_math import FastMathFlag
from xdsl.ir import Attribute, SSAValue

WORTH_THREADS = 1 << 18
"""Elements of a matrix that more than one thread should read."""

_ADD = vector.CombiningKindAttr(vector.CombiningKindFlag.ADD)
_IN_ANY_ORDER = arith.FastMathFlagsAttr([FastMathFlag.REASSOC])

HELD_VECTORS = 8
"""Vectors of a result that stay in registers while rows are added to it."""

ROWS_OF_A_PIECE = 64
COLUMNS_OF_A_PIECE = 4096
"""The result of a piece stays in the first-level cache, and each row is read for whole pages."""


@dataclass(frozen=True)
class VectorKernel:
    """A kernel that reads `rows` rows of a matrix at the same time, in vectors of `lanes` elements.

    `along_rows`: each row is multiplied with the vector and summed, with `sums` partial sums (`matvec`). Otherwise the rows,
    each times an element of the vector, are added to the result (`vecmat`); one of `held` elements stays in registers meanwhile.
    """

    element: Attribute
    rows: int
    lanes: int
    along_rows: bool
    sums: int = 1
    held: int = 0

    @property
    def name(self) -> str:
        shape = (
            f"{self.rows}x{self.sums}x{self.lanes}"
            if self.along_rows
            else f"{self.rows}x{self.lanes}"
        )
        held = f"_held_{self.held}" if self.held else ""
        return f"tfc_{'dot' if self.along_rows else 'axpy'}_{self.element}_{shape}{held}"

    def build(self, rewriter: Rewriter) -> None:
        """Emit the function here, for `%groups` times `rows` rows of `%length` elements:

        func.func private @tfc_dot_f32_4x2x8(%b: [rows, length], %a: [length], %c: [rows], %groups, %length, %accumulate: i1)
        func.func private @tfc_axpy_f32_8x8(%b: [rows, length], %a: [rows], %c: [length], %groups, %length, %accumulate: i1)
        """
        element = self.element
        inputs = [
            panel_type(element, 2, contiguous=True),
            panel_type(element, 1, contiguous=self.along_rows),
            panel_type(element, 1, contiguous=not self.along_rows),
            INDEX,
            INDEX,
            i1,
        ]
        block = private_function(rewriter, self.name, inputs, (2,), shared=True)
        point = rewriter.point()
        rewriter.at_end(block)
        _Body(rewriter, self, block.args).emit()
        rewriter.create(func.ReturnOp)
        rewriter.restore(point)


def is_vector_product(contraction: Contraction) -> bool:
    """Whether this is one, of a matrix whose rows or columns are contiguous."""
    a, b, c = contraction.a, contraction.b, contraction.c
    if contraction.m or len(contraction.n) != 1 or len(contraction.k) != 1:
        return False
    if a.widened is not None or b.widened is not None:
        return False
    (n,), (k,) = contraction.n, contraction.k
    if b.is_contiguous_along(k):
        return a.is_contiguous_along(k)
    return b.is_contiguous_along(n) and c.is_contiguous_along(n)


def runs_along_rows(contraction: Contraction) -> bool:
    """Whether sums run along the contiguous dimension of the matrix."""
    return contraction.b.is_contiguous_along(contraction.k[0])


class VectorProductNest:
    """Emits the loops around the kernels."""

    def __init__(
        self,
        rewriter: Rewriter,
        contraction: Contraction,
        lanes: int,
        *,
        accumulate: bool,
        need_kernel: NeedKernel,
    ) -> None:
        self.rewriter = rewriter
        self.contraction = contraction
        self.lanes = lanes
        self.accumulate = accumulate
        self.need_kernel = need_kernel
        self.at = Addressing(rewriter, contraction)
        sizes = [
            self.at.static_size(i) for i in (*contraction.batch, *contraction.n, *contraction.k)
        ]
        total = 1
        for size in sizes:
            total *= 1024 if size is None else size
        self.loops = Loops(rewriter, self.at, parallel=total >= WORTH_THREADS)

    def emit(self) -> None:
        """Emit everything; pieces of the result are independent."""
        piece = self._rows if runs_along_rows(self.contraction) else self._columns
        length = ROWS_OF_A_PIECE if runs_along_rows(self.contraction) else COLUMNS_OF_A_PIECE
        step = index_constant(self.rewriter, length)
        at, n = self.at, self.contraction.n[0]

        def pieces() -> None:
            self.loops.independent(at.zero, at.size(n), step, one_piece)

        def one_piece(start: SSAValue) -> None:
            left = subi(self.rewriter, at.size(n), start)
            piece(start, self.loops.minimum(step, left))

        self.loops.over(self.contraction.batch, pieces, independent=True)

    def _split(
        self, start: SSAValue, count: SSAValue, rows: int
    ) -> list[tuple[SSAValue, SSAValue, int]]:
        """`count` rows from `start` on as groups of `rows` and the rest one by one."""
        rewriter = self.rewriter
        unit = index_constant(rewriter, rows)
        groups = self.loops.divide(count, unit)
        whole = muli(rewriter, groups, unit)
        rest = subi(rewriter, count, whole)
        parts = [(start, groups, rows), (addi(rewriter, start, whole), rest, 1)]
        return [part for part in parts if builders.constant_int(part[1]) != 0]

    def _rows(self, start: SSAValue, count: SSAValue) -> None:
        at, c = self.at, self.contraction
        n, k = c.n[0], c.k[0]
        for row, groups, rows in self._split(start, count, 4):
            at.position[n] = row
            kernel = VectorKernel(c.element, rows, self.lanes, True, 2 if rows > 1 else 4)
            self._call(
                kernel,
                at.operand_view(c.b, at.step(c.b, n), at.one, contiguous=True),
                at.operand_view(c.a, at.one, contiguous=True),
                at.operand_view(c.c, at.step(c.c, n)),
                groups,
                at.size(k),
            )
            del at.position[n]

    def _columns(self, start: SSAValue, count: SSAValue) -> None:
        at, c = self.at, self.contraction
        n, k = c.n[0], c.k[0]
        length = builders.constant_int(count)
        held = length if length is not None and length <= HELD_VECTORS * self.lanes else 0
        at.position[n] = start
        for row, groups, rows in self._split(at.zero, at.size(k), 8):
            at.position[k] = row
            self._call(
                VectorKernel(c.element, rows, self.lanes, False, held=held),
                at.operand_view(c.b, at.step(c.b, k), at.one, contiguous=True),
                at.operand_view(c.a, at.step(c.a, k)),
                at.operand_view(c.c, at.one, contiguous=True),
                groups,
                count,
            )
            del at.position[k]
        del at.position[n]

    def _call(
        self,
        kernel: VectorKernel,
        b: SSAValue,
        a: SSAValue,
        c: SSAValue,
        groups: SSAValue,
        length: SSAValue,
    ) -> None:
        self.need_kernel(kernel.name, kernel.build)
        adds = builders.constant(self.rewriter, self.accumulate, i1)
        name = SymbolRefAttr(kernel.name)
        self.rewriter.create(func.CallOp, (b, a, c, groups, length, adds), (), {"callee": name})


class _Body:
    def __init__(
        self, rewriter: Rewriter, kernel: VectorKernel, arguments: Sequence[SSAValue]
    ) -> None:
        self.rewriter = rewriter
        self.kernel = kernel
        self.b, self.a, self.c, self.groups, self.length, self.accumulate = arguments
        self.vector = vector_type(kernel.element, kernel.lanes)
        self.zero = index_constant(rewriter, 0)
        self.one = index_constant(rewriter, 1)
        self.zeros = rewriter.value(
            arith.ConstantOp, (), self.vector, {"value": splat_zero(self.vector)}
        )
        self.lanes = index_constant(rewriter, kernel.lanes)

    def emit(self) -> None:
        if self.kernel.held:
            self._add_rows_to_held()
        else:
            self._for(self.zero, self.groups, self.one, (), self._group)

    def _for(
        self,
        lower: SSAValue,
        upper: SSAValue,
        step: SSAValue,
        carried: Sequence[SSAValue],
        body: Callable[[SSAValue, Sequence[SSAValue]], Sequence[SSAValue]],
    ) -> Sequence[SSAValue]:
        rewriter = self.rewriter
        loop, block = builders.for_loop(rewriter, lower, upper, step, carried)
        point = rewriter.point()
        rewriter.at_end(block)
        results = body(block.args[0], block.args[1:])
        rewriter.create(scf.YieldOp, tuple(results))
        rewriter.restore(point)
        return loop.results

    def _rows_of(self, group: SSAValue) -> list[SSAValue]:
        rewriter, rows = self.rewriter, self.kernel.rows
        first = muli(rewriter, group, index_constant(rewriter, rows))
        return [addi(rewriter, first, index_constant(rewriter, row)) for row in range(rows)]

    def _group(self, number: SSAValue, _: Sequence[SSAValue]) -> Sequence[SSAValue]:
        indices = self._rows_of(number)
        if self.kernel.along_rows:
            self._dots(indices)
        else:
            self._add_rows(indices)
        return ()

    # -- rows times the vector -------------------------------------------------------------------

    def _dots(self, rows: list[SSAValue]) -> None:
        rewriter, sums = self.rewriter, self.kernel.sums
        step = index_constant(rewriter, self.kernel.lanes * sums)
        whole = self._round_down(step)

        def several(column: SSAValue, totals: Sequence[SSAValue]) -> list[SSAValue]:
            columns = [
                addi(rewriter, column, index_constant(rewriter, self.kernel.lanes * part))
                for part in range(sums)
            ]
            return self._multiply_rows(rows, columns, totals, None)

        start = [self.zeros] * (len(rows) * sums)
        totals = list(self._for(self.zero, whole, step, start, several))
        firsts = [self._sum(totals[row * sums : (row + 1) * sums]) for row in range(len(rows))]

        def rest(column: SSAValue, totals: Sequence[SSAValue]) -> list[SSAValue]:
            return self._multiply_rows(rows, [column], totals, self._mask(column))

        finals = self._for(whole, self.length, self.lanes, firsts, rest)
        for row, total in zip(rows, finals, strict=True):
            self._finish(row, total)

    def _multiply_rows(
        self,
        rows: Sequence[SSAValue],
        columns: Sequence[SSAValue],
        totals: Sequence[SSAValue],
        mask: SSAValue | None,
    ) -> list[SSAValue]:
        factors = [self._load((self.a, column), mask) for column in columns]
        return [
            self._multiply_add(
                self._load((self.b, row, column), mask), factor, totals[i * len(columns) + j]
            )
            for i, row in enumerate(rows)
            for j, (column, factor) in enumerate(zip(columns, factors, strict=True))
        ]

    def _sum(self, parts: Sequence[SSAValue]) -> SSAValue:
        total, *others = parts
        for part in others:
            total = self._add(total, part, self.vector)
        return total

    def _finish(self, row: SSAValue, total: SSAValue) -> None:
        """Add up the lanes; the sum goes to `c`, on top of what is there when `%accumulate`."""
        rewriter, element = self.rewriter, self.kernel.element
        how = {"kind": _ADD, "fastmath": _IN_ANY_ORDER}
        number = rewriter.value(vector.ReductionOp, (total,), element, how)
        before = builders.load(rewriter, self.c, (row,))
        both = self._add(before, number, element)
        chosen = rewriter.value(arith.SelectOp, (self.accumulate, both, number), element)
        builders.store(rewriter, chosen, self.c, (row,))

    # -- rows times an element of the vector each, added up --------------------------------------

    def _factor(self, row: SSAValue) -> SSAValue:
        factor = builders.load(self.rewriter, self.a, (row,))
        return self.rewriter.value(vector.BroadcastOp, (factor,), self.vector)

    def _add_rows_to_held(self) -> None:
        """All rows, with the result in registers; sums have the order that they have in memory."""
        rewriter, kernel = self.rewriter, self.kernel
        starts = [index_constant(rewriter, start) for start in range(0, kernel.held, kernel.lanes)]
        masks: list[SSAValue | None] = [None] * len(starts)
        if kernel.held % kernel.lanes:
            masks[-1] = self._mask(starts[-1])
        columns = list(zip(starts, masks, strict=True))

        def one_group(group: SSAValue, totals: Sequence[SSAValue]) -> Sequence[SSAValue]:
            for row in self._rows_of(group):
                factor = self._factor(row)
                totals = [
                    self._multiply_add(self._load((self.b, row, column), mask), factor, total)
                    for (column, mask), total in zip(columns, totals, strict=True)
                ]
            return totals

        before = [self._load((self.c, column), mask) for column, mask in columns]
        after = self._for(self.zero, self.groups, self.one, before, one_group)
        for (column, mask), total in zip(columns, after, strict=True):
            self._store(total, column, mask)

    def _add_rows(self, rows: list[SSAValue]) -> None:
        factors = [self._factor(row) for row in rows]
        whole = self._round_down(self.lanes)

        def columns(column: SSAValue, mask: SSAValue | None) -> None:
            total = self._load((self.c, column), mask)
            for row, factor in zip(rows, factors, strict=True):
                total = self._multiply_add(self._load((self.b, row, column), mask), factor, total)
            self._store(total, column, mask)

        def full(column: SSAValue, _: Sequence[SSAValue]) -> Sequence[SSAValue]:
            columns(column, None)
            return ()

        def edge(column: SSAValue, _: Sequence[SSAValue]) -> Sequence[SSAValue]:
            columns(column, self._mask(column))
            return ()

        self._for(self.zero, whole, self.lanes, (), full)
        self._for(whole, self.length, self.lanes, (), edge)

    # -- both ------------------------------------------------------------------------------------

    def _round_down(self, step: SSAValue) -> SSAValue:
        count = self.rewriter.value(arith.DivUIOp, (self.length, step), INDEX)
        return muli(self.rewriter, count, step)

    def _mask(self, column: SSAValue) -> SSAValue:
        left = subi(self.rewriter, self.length, column)
        return self.rewriter.value(vector.CreateMaskOp, (left,), vector_type(i1, self.kernel.lanes))

    def _load(self, place: tuple[SSAValue, ...], mask: SSAValue | None) -> SSAValue:
        if mask is None:
            return self.rewriter.value(vector.LoadOp, place, self.vector)
        return self.rewriter.value(vector.MaskedLoadOp, (*place, mask, self.zeros), self.vector)

    def _store(self, value: SSAValue, column: SSAValue, mask: SSAValue | None) -> None:
        if mask is None:
            self.rewriter.create(vector.StoreOp, (value, self.c, column))
        else:
            self.rewriter.create(vector.MaskedStoreOp, (self.c, column, mask, value))

    def _multiply_add(self, x: SSAValue, y: SSAValue, total: SSAValue) -> SSAValue:
        if isinstance(self.kernel.element, AnyFloat):
            return self.rewriter.value(vector.FMAOp, (x, y, total), self.vector)
        product = self.rewriter.value(arith.MuliOp, (x, y), self.vector)
        return self.rewriter.value(arith.AddiOp, (product, total), self.vector)

    def _add(self, x: SSAValue, y: SSAValue, kind: Attribute) -> SSAValue:
        add = arith.AddfOp if isinstance(self.kernel.element, AnyFloat) else arith.AddiOp
        return self.rewriter.value(add, (x, y), kind)
