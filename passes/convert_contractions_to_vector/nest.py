"""The loops around the register tile: blocks that fit the caches, packed panels, edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tfc.passes import builders
from tfc.passes.builders import addi, index_constant, muli, subi
from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.convert_contractions_to_vector.contraction import Contraction
from tfc.passes.convert_contractions_to_vector.kernel import NeedKernel, Tile, TileKernel
from tfc.passes.convert_contractions_to_vector.loops import SHARED_LEAST, Loops
from tfc.passes.convert_contractions_to_vector.packing import Packing
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import SymbolRefAttr, i1
from xdsl.ir import SSAValue

WORTH_THREADS = 1 << 19
"""Products in a contraction that is worth waking threads for."""

ACCUMULATORS = 8
"""Sums that a tile needs to hide the latency of an FMA: latency times units."""

UNKNOWN = 4096
"""What an unknown size is taken for."""


@dataclass(frozen=True, slots=True)
class Blocking:
    """How many iterations are worked on at a time.

    `k`: a panel of `b` of that height fills the first-level cache; `m`: that many rows of `a` fill half of the second-level one.
    """

    m: int
    k: int


def blocking(tile: Tile, bytes_per_element: int, l1_bytes: int, l2_bytes: int) -> Blocking:
    """A panel of `b` in L1 (a longer one would be read from L2 again for each tile), a block of `a` in L2."""
    k = max(64, l1_bytes // (tile.columns * bytes_per_element))
    m = l2_bytes // 2 // (k * bytes_per_element) // tile.rows * tile.rows
    return Blocking(max(m, tile.rows), k)


class ContractionNest:
    """Emits one contraction as loops around calls of register tiles."""

    def __init__(
        self,
        rewriter: Rewriter,
        contraction: Contraction,
        tile: Tile,
        blocks: Blocking,
        *,
        accumulate: bool,
        packed_b: SSAValue | None = None,
        need_kernel: NeedKernel,
    ) -> None:
        self.rewriter = rewriter
        self.contraction = contraction
        self.tile = tile
        self.blocks = blocks
        self.accumulate = accumulate
        """Whether `c` already holds something to add to, rather than rubbish."""
        self.need_kernel = need_kernel
        self.at = at = Addressing(rewriter, contraction)
        self.zero, self.one = at.zero, at.one
        c = contraction
        size = self._product((*c.batch, *c.m, *c.n, *c.k))
        self.loops = Loops(rewriter, at, parallel=size >= WORTH_THREADS)
        self.packing = Packing(rewriter, at, self.loops, tile, need_kernel)
        self.packed_b = packed_b
        """The panels of `b`, packed by the caller or for the matrix at hand."""
        self.packed_a: SSAValue | None = None
        self.packs_a = False
        self.depth = self._block_depth()

    def _product(self, loops: Sequence[int]) -> int:
        """How many iterations loops have together, a guess where sizes are unknown."""
        total = 1
        for loop in loops:
            size = self.at.static_size(loop)
            total *= UNKNOWN if size is None else size
        return total

    @property
    def m(self) -> int:
        """The loop whose iterations are the rows of a tile: the longest of `m`, the last of equals."""
        return max(self.contraction.m, key=self._m_order)

    def _m_order(self, loop: int) -> tuple[int, int]:
        return self._product((loop,)), loop

    @property
    def n(self) -> int:
        return self.contraction.n[-1]

    @property
    def k(self) -> int:
        """The loop that a kernel runs: the last of `k`."""
        return self.contraction.k[-1]

    # -- outside in ------------------------------------------------------------------------------

    def emit(self) -> None:
        """Emit everything. The outermost loop that gives independent parts of the result is parallel."""
        c = self.contraction
        *outer_n, _ = c.n
        self.loops.over([*c.batch, *outer_n], self._matrix, independent=True)

    def _matrix(self) -> None:
        """Everything for one matrix `b`."""
        c = self.contraction
        packs = self.packed_b is None and self._should_pack()
        if packs:
            self.packed_b = self.packing.panels(self.n)
            self.packing.pack_b(self.packed_b, self.n)
        long = (
            self._product(c.m) >= 8 * self.tile.rows and self._product((*c.k, self.n)) > 32 * 1024
        )
        self.packs_a = c.a.widened is not None or (
            self.packed_b is not None and len(c.k) == 1 and long
        )
        *outer_m, _ = sorted(c.m, key=self._m_order)
        self.loops.over(outer_m, self._row_blocks, independent=True)
        if packs:
            assert self.packed_b is not None
            self.rewriter.create(memref.DeallocOp, (self.packed_b,))
            self.packed_b = None

    def _should_pack(self) -> bool:
        """Whether `b` is copied into panels first: it is strided or narrow, or too large to be walked through as it is."""
        c = self.contraction
        if c.b.widened is not None or not c.b.is_contiguous_along(self.n):
            return True
        size = self._product((*c.k, self.n))
        return size > 32 * 1024 and self._product(c.m) >= 8 * self.tile.rows

    def _row_blocks(self) -> None:
        """Depth outside when `a` and `b` are packed: then one slab of `b` at a time goes through the last-level cache."""
        if self.packed_b is not None and self.packs_a and len(self.contraction.k) == 1:
            self._over_depth(
                lambda count: self._over_rows(
                    lambda start, end, rows: self._row_block(start, end, rows, count)
                )
            )
        else:
            self._over_rows(self._rows_through_depth)

    def _over_rows(self, body: Callable[[SSAValue, SSAValue, int], None]) -> None:
        rewriter, size = self.rewriter, self.at.size(self.m)
        known = self.at.static_size(self.m)
        rows = self._block_rows(known)

        def one_block(start: SSAValue) -> None:
            end = self.loops.minimum(addi(rewriter, start, index_constant(rewriter, rows)), size)
            body(start, end, rows)

        if known is not None and known <= rows:
            body(self.zero, size, rows)
        else:
            self.loops.independent(self.zero, size, index_constant(rewriter, rows), one_block)

    def _over_depth(self, body: Callable[[SSAValue], None]) -> None:
        size, block = self.at.size(self.k), index_constant(self.rewriter, self.depth)

        def one_block(first: SSAValue) -> None:
            self.at.position[self.k] = first
            body(self.loops.minimum(subi(self.rewriter, size, first), block))
            del self.at.position[self.k]

        self.loops.serial(self.zero, size, block, one_block)

    def _rows_through_depth(self, start: SSAValue, end: SSAValue, rows: int) -> None:
        """All products of a block of rows, which stays near meanwhile."""
        self.loops.over(
            self.contraction.k[:-1],
            lambda: self._over_depth(lambda count: self._row_block(start, end, rows, count)),
        )

    def _block_rows(self, known: int | None) -> int:
        """The rows of a block: what the cache holds, in equal shares that two or four threads can divide."""
        height = self.tile.rows
        if known is None:
            return self.blocks.m
        count = -(-known // self.blocks.m)
        count = -(-count // SHARED_LEAST) * SHARED_LEAST
        if known < SHARED_LEAST * 4 * height:
            count = max(1, known // (16 * height))
        return -(-known // (count * height)) * height

    def _block_depth(self) -> int:
        """The products that a kernel adds up before it goes on to other tiles: equal shares of what the cache holds."""
        known, most = self.at.static_size(self.k), self.blocks.k
        if known is None:
            return most
        count = max(1, -(-known // most))
        return -(-known // count)

    def _row_block(self, start: SSAValue, end: SSAValue, rows: int, count: SSAValue) -> None:
        """Tiles of all columns for rows `start` to `end`, over `count` products from the open `k` on."""
        runs = self._runs(start, end)
        if self.packs_a:
            self.packed_a = self.packing.block(rows, self.depth)
            for run in runs:
                self.packing.pack_a(
                    self.packed_a,
                    self.m,
                    (run.row, run.inside),
                    (run.tiles, count),
                    run.height,
                    self.depth,
                )
        self._columns(runs, count)
        if self.packed_a is not None:
            self.rewriter.create(memref.DeallocOp, (self.packed_a,))
            self.packed_a = None

    def _columns(self, runs: Sequence[_Run], count: SSAValue) -> None:
        rewriter, at, loops = self.rewriter, self.at, self.loops
        size = at.size(self.n)
        width = index_constant(rewriter, self.tile.columns)
        whole = loops.round_down(size, width)
        rest = subi(rewriter, size, whole)

        def full(column: SSAValue) -> None:
            at.position[self.n] = column
            for run in runs:
                self._call(run, self.tile.vectors, count, None)
            del at.position[self.n]

        def edge(column: SSAValue) -> None:
            at.position[self.n] = column
            known = builders.constant_int(rest)
            vectors = self.tile.vectors if known is None else -(-known // self.tile.lanes)
            masked = known is None or known % self.tile.lanes != 0
            for run in runs:
                self._call(run, vectors, count, rest if masked else None)
            del at.position[self.n]

        loops.independent(self.zero, whole, width, full)
        loops.serial(whole, size, width, edge)

    # -- rows ------------------------------------------------------------------------------------

    def _runs(self, start: SSAValue, end: SSAValue) -> list[_Run]:
        """Rows `start` to `end` as runs of tiles of one height."""
        rewriter, loops, height = self.rewriter, self.loops, self.tile.rows
        known = self.at.static_size(self.m)
        if known is None:
            step = index_constant(rewriter, height)
            tiles = loops.divide(subi(rewriter, end, start), step)
            done = muli(rewriter, tiles, step)
            row = addi(rewriter, start, done)
            rest = subi(rewriter, end, row)
            return [
                _Run(start, self.zero, tiles, height),
                _Run(row, done, rest, 1),
            ]
        rows = self._block_rows(known)
        last = known - (known - 1) // rows * rows
        ends = _last_tiles(last, height, -(-ACCUMULATORS // self.tile.vectors))
        first = index_constant(rewriter, known - sum(ends))
        runs: list[_Run] = []
        whole = loops.minimum(end, first)
        tiles = loops.divide(subi(rewriter, whole, start), index_constant(rewriter, height))
        if builders.constant_int(tiles) != 0:
            runs.append(_Run(start, self.zero, tiles, height))
        # Only the last block has these: in the others no tiles are left.
        here = self._is_last(end)
        done = known - sum(ends)
        for size, same in groupby(ends):
            row, number = index_constant(rewriter, done), len(list(same))
            tiles = muli(rewriter, here, index_constant(rewriter, number))
            runs.append(_Run(row, subi(rewriter, row, start), tiles, size))
            done += number * size
        return runs

    def _is_last(self, end: SSAValue) -> SSAValue:
        """One in the last block of rows, else zero."""
        rewriter, size = self.rewriter, self.at.size(self.m)
        if builders.constant_int(end) is not None:
            return self.one
        is_last = builders.compare(rewriter, "eq", end, size)
        return rewriter.value(arith.SelectOp, (is_last, self.one, self.zero), self.one.type)

    def _rows_of_a(self, run: _Run) -> SSAValue:
        """Tiles of `a` where they are."""
        at, a = self.at, self.contraction.a
        at.position[self.m] = run.row
        step = at.step(a, self.m)
        tile = muli(self.rewriter, step, index_constant(self.rewriter, run.height))
        view = at.operand_view(a, tile, step, at.step(a, self.k))
        del at.position[self.m]
        return view

    def _call(self, run: _Run, vectors: int, count: SSAValue, columns: SSAValue | None) -> None:
        """Call the kernel for tiles that have a panel of `b` in common."""
        at, c = self.at, self.contraction
        tile = Tile(run.height, vectors, self.tile.lanes)
        masked = columns is not None
        kernel = TileKernel(c.element, tile, masked)
        self.need_kernel(kernel.name, kernel.build)
        accumulate = self._adds()
        if self.packed_a is None:
            a = self._rows_of_a(run)
        else:
            a = self.packing.tiles(self.packed_a, run.inside, run.height, self.depth)
        if self.packed_b is None:
            b = at.operand_view(c.b, at.step(c.b, self.k), at.one, contiguous=True)
        else:
            b = self.packing.panel(self.packed_b, at.position[self.n])
        at.position[self.m] = run.row
        out = at.operand_view(c.c, at.step(c.c, self.m), at.one, contiguous=True)
        del at.position[self.m]
        width = self.one if columns is None else columns
        self.rewriter.create(
            func.CallOp,
            (a, b, out, run.tiles, count, accumulate, width),
            (),
            {"callee": SymbolRefAttr(kernel.name)},
        )

    def _adds(self) -> SSAValue:
        """Whether tiles add to what is in `c`: always, or from the second step of the sum on."""
        rewriter = self.rewriter
        if self.accumulate:
            return builders.constant(rewriter, True, i1)
        later: SSAValue | None = None
        for loop in self.contraction.k:
            value = self.at.position[loop]
            if builders.constant_int(value) == 0:
                continue
            nonzero = builders.compare(rewriter, "ne", value, self.zero)
            later = nonzero if later is None else rewriter.value(arith.OrIOp, (later, nonzero), i1)
        return builders.constant(rewriter, False, i1) if later is None else later


@dataclass(frozen=True, slots=True)
class _Run:
    """`tiles` tiles of `height` rows from `row` on, which is row `inside` of its block."""

    row: SSAValue
    inside: SSAValue
    tiles: SSAValue
    height: int


def _last_tiles(rows: int, height: int, least: int) -> list[int]:
    """Heights of the tiles that end `rows` rows. A rest that is too low to keep the units busy shares with the tile before it."""
    rest = rows % height
    if not rest:
        return []
    if rest >= least or rows < height:
        return [rest]
    both = height + rest
    return [both - both // 2, both // 2]
