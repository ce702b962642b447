"""Copies of operands in the order in which kernels read them, in the type that is summed."""

from __future__ import annotations

from dataclasses import dataclass

from tfc.passes import builders
from tfc.passes.builders import addi, index_constant, muli, subi
from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.convert_contractions_to_vector.contraction import Operand
from tfc.passes.convert_contractions_to_vector.kernel import NeedKernel, Tile
from tfc.passes.convert_contractions_to_vector.loops import Loops
from tfc.passes.convert_contractions_to_vector.pack_kernel import PackKernel
from tfc.passes.rewriting import Rewriter
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import SSAValue

STRIPE = 8
"""Rows of `b` that are copied into all panels before the next ones: whole pages are read, and what is written stays near."""


@dataclass(frozen=True)
class PackedTiles:
    """The shape of packed tiles: `height` rows each, and room for `runs` of `depth` products."""

    height: int
    runs: int
    depth: int


class Packing:
    """Packs blocks of `a` and all of `b`."""

    def __init__(
        self,
        rewriter: Rewriter,
        at: Addressing,
        loops: Loops,
        tile: Tile,
        need_kernel: NeedKernel,
    ) -> None:
        self.rewriter = rewriter
        self.need_kernel = need_kernel
        self.at = at
        self.loops = loops
        self.tile = tile
        self.contraction = at.contraction
        self.element = at.contraction.element
        self.slab: tuple[SSAValue, int] | None = None
        """The first row of `b` and how many, where that much is packed at a time."""
        self.first = at.zero
        """The first column of `b` that is packed."""

    # -- b: panels of `columns` columns, one row of the product after the other ------------------

    def panels(self, n: int) -> SSAValue:
        """A buffer for `b`, from the first column that is packed on."""
        rewriter, tile = self.rewriter, self.tile
        columns = subi(rewriter, self.at.size(n), self.first)
        more = addi(rewriter, columns, index_constant(rewriter, tile.columns - 1))
        panels = self.loops.divide(more, index_constant(rewriter, tile.columns))
        depth = self.depth()
        known = builders.constant_int(panels), builders.constant_int(depth)
        shape = tuple(DYNAMIC_INDEX if value is None else value for value in known)
        kind = builders.memref_type((*shape, tile.columns), self.element)
        dynamic = [v for v, size in zip((panels, depth), known, strict=True) if size is None]
        return builders.alloc(rewriter, kind, dynamic)

    def depth(self) -> SSAValue:
        """How many rows a panel has: the products of a sum, or of the slab of it that is being worked on."""
        if self.slab is not None:
            return index_constant(self.rewriter, self.slab[1])
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
        return total if self.slab is None else subi(self.rewriter, total, self.slab[0])

    def panel(self, packed: SSAValue, column: SSAValue) -> SSAValue:
        """The packed columns from `column` on, from the row that the open loops are at, as a kernel wants them: [runs, k, n]."""
        rewriter, at = self.rewriter, self.at
        width = index_constant(rewriter, self.tile.columns)
        run = muli(rewriter, at.size(self.contraction.k[-1]), width)
        return at.view(packed, self._panel_offset(column), run, width, at.one, contiguous=True)

    def _panel_offset(self, column: SSAValue) -> SSAValue:
        # column / width * depth * width is column * depth, since columns start panels
        start = muli(self.rewriter, subi(self.rewriter, column, self.first), self.depth())
        width = index_constant(self.rewriter, self.tile.columns)
        return addi(self.rewriter, start, muli(self.rewriter, self.row(), width))

    def pack_b(self, packed: SSAValue, n: int, slab: SSAValue | None = None) -> None:
        """Copy all of `b`, or as many rows as `slab` says of the slab that is being worked on."""
        at, loops, rewriter = self.at, self.loops, self.rewriter
        *outer, k = self.contraction.k
        b, columns = self.contraction.b, self.tile.columns
        width, stripe = index_constant(rewriter, columns), index_constant(rewriter, STRIPE)
        size = subi(rewriter, at.size(n), self.first)
        whole = loops.divide(size, width)
        inside = muli(rewriter, whole, width)
        rest, edge = subi(rewriter, size, inside), addi(rewriter, self.first, inside)
        kernel = self._kernel(b, n, columns)
        rest_kernel = self._kernel(b, n, builders.constant_int(rest), room=columns)

        def panels(first: SSAValue, count: SSAValue, panel: SSAValue, number: SSAValue) -> None:
            column = addi(rewriter, self.first, muli(rewriter, panel, width))
            self._pack_panels(kernel, packed, n, (first, column), (number, count, width))

        def last_panel(first: SSAValue, count: SSAValue) -> None:
            sizes = at.one, count, rest
            loops.serial(
                edge,
                at.size(n),
                width,
                lambda column: self._pack_panels(rest_kernel, packed, n, (first, column), sizes),
            )

        low = at.zero if self.slab is None else self.slab[0]
        high = at.size(k) if slab is None else addi(rewriter, low, slab)

        def one_stripe(first: SSAValue) -> None:
            count = loops.minimum(stripe, subi(rewriter, high, first))
            if builders.constant_int(whole) != 0:
                panels(first, count, at.zero, whole)
            last_panel(first, count)

        def all_rows() -> None:
            if kernel.across:
                loops.independent(low, high, stripe, one_stripe)
                return
            rows = subi(rewriter, high, low)
            loops.independent(
                at.zero, whole, at.one, lambda panel: panels(low, rows, panel, at.one)
            )
            last_panel(low, rows)

        loops.over(outer, all_rows)

    def _pack_panels(
        self,
        kernel: PackKernel,
        packed: SSAValue,
        n: int,
        start: tuple[SSAValue, SSAValue],
        sizes: tuple[SSAValue, SSAValue, SSAValue],
    ) -> None:
        """Copy `sizes` panels, rows and columns of `b` from row and column `start` on."""
        at, rewriter, b = self.at, self.rewriter, self.contraction.b
        k, width = self.contraction.k[-1], index_constant(rewriter, self.tile.columns)
        at.position |= {k: start[0], n: start[1]}
        across = at.step(b, n)
        steps = muli(rewriter, width, across), across, at.step(b, k)
        source = self._source(kernel, b, *steps)
        offset = self._panel_offset(start[1])
        one_panel = muli(rewriter, self.depth(), width)
        target = at.view(packed, offset, one_panel, width, at.one, contiguous=True)
        self.need_kernel(kernel.name, kernel.build)
        kernel.call(rewriter, source, target, *sizes)
        del at.position[k], at.position[n]

    def _kernel(
        self, operand: Operand, across: int, width: int | None, room: int = 0
    ) -> PackKernel:
        """The kernel for columns of `width` elements along loop `across`; None: of as many as it is told."""
        known = 0 if width is None or width == 1 else width
        neighbours = known > 0 and operand.is_contiguous_along(across)
        in_rows = known > 0 and operand.is_contiguous_along(self.contraction.k[-1])
        return PackKernel(
            operand.element,
            self.element,
            self.tile.lanes,
            neighbours,
            in_rows and not neighbours,
            known if neighbours or in_rows else 0,
            room,
            operand.widened,
        )

    def _source(
        self,
        kernel: PackKernel,
        operand: Operand,
        group: SSAValue,
        across: SSAValue,
        along: SSAValue,
    ) -> SSAValue:
        """A view of an operand as a kernel wants it, from where the open loops are; given how far apart its neighbours are."""
        if kernel.along:
            return self.at.operand_view(operand, group, across, along, contiguous=True)
        return self.at.operand_view(operand, group, along, across, contiguous=kernel.across)

    # -- a: tiles, the elements that a tile takes at each step together --------------------------

    def block(self, rows: int, depth: int) -> SSAValue:
        """A buffer for `rows` rows of `a`."""
        kind = builders.memref_type((rows * depth,), self.element)
        return builders.alloc(self.rewriter, kind)

    def tiles(self, packed: SSAValue, row: SSAValue, shape: PackedTiles) -> SSAValue:
        """The packed tiles from `row` of the block on, as a kernel wants them: [tiles, rows, runs, k]."""
        rewriter, at = self.rewriter, self.at
        per_run = shape.height * shape.depth
        sizes = (per_run * shape.runs, per_run, shape.height)
        tile, run, step = (index_constant(rewriter, size) for size in sizes)
        offset = muli(rewriter, row, index_constant(rewriter, shape.runs * shape.depth))
        return at.view(packed, offset, tile, at.one, run, step)

    def pack_a(
        self,
        packed: SSAValue,
        m: int,
        place: tuple[SSAValue, SSAValue],
        sizes: tuple[SSAValue, SSAValue, SSAValue],
        shape: PackedTiles,
    ) -> None:
        """Copy tiles: `place` is the first row in `a` and in the block, `sizes` how many tiles, runs and steps."""
        rewriter, at, a = self.rewriter, self.at, self.contraction.a
        row, inside = place
        tiles, runs, count = sizes
        *outer, k = self.contraction.k
        rows = index_constant(rewriter, shape.height)
        per_run, depth = shape.height * shape.depth, shape.runs * shape.depth
        one_tile = index_constant(rewriter, shape.runs * per_run)
        first_tile = muli(rewriter, inside, index_constant(rewriter, depth))
        # Lower tiles only end the rows: they are not worth a kernel of their own.
        kernel = self._kernel(a, m, shape.height if shape.height == self.tile.rows else None)
        self.need_kernel(kernel.name, kernel.build)
        first_run = at.position[outer[-1]] if outer else at.zero

        def one_run(run: SSAValue) -> None:
            at.position[m] = row
            if outer:
                at.position[outer[-1]] = addi(rewriter, first_run, run)
            across = at.step(a, m)
            source = self._source(kernel, a, muli(rewriter, across, rows), across, at.step(a, k))
            del at.position[m]
            at_run = muli(rewriter, run, index_constant(rewriter, per_run))
            offset = addi(rewriter, first_tile, at_run)
            target = at.view(packed, offset, one_tile, rows, at.one, contiguous=True)
            kernel.call(rewriter, source, target, tiles, count, rows)

        self.loops.serial(at.zero, runs, at.one, one_run)
        if outer:
            at.position[outer[-1]] = first_run
