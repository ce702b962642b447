"""The loops around the register tile: blocks that fit the caches, packed panels, edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import gcd

from tfc.passes import builders
from tfc.passes.builders import addi, index_constant, muli, subi
from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.convert_contractions_to_vector.contraction import UNKNOWN, Contraction, Operand
from tfc.passes.convert_contractions_to_vector.kernel import NeedKernel, Tile, TileKernel
from tfc.passes.convert_contractions_to_vector.loops import SHARED_LEAST, Loops
from tfc.passes.convert_contractions_to_vector.packing import PackedTiles, Packing
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import SymbolRefAttr, i1
from xdsl.ir import SSAValue

WORTH_THREADS = 1 << 19
"""Products in a contraction that is worth waking threads for."""

ACCUMULATORS = 8
"""Sums that a tile needs to hide the latency of an FMA: latency times units."""

LINE_BYTES = 64
WAYS = 8
"""Of the caches: of a line, and how many lines of a set they hold. So it is on nearly every machine."""

LOW_TILES = (8, 4, 2, 1)
"""Heights of the tiles for the rows that are left when their number is known at run time only."""

Depth = tuple[SSAValue, SSAValue]
"""What a kernel adds up: runs of products, and the products in each."""


@dataclass(frozen=True)
class Blocking:
    """How many iterations are worked on at a time.

    `k`: a panel of `b` of that height fills the first-level cache; `m`: that many rows of `a` fill half of the second-level one.
    """

    m: int
    k: int
    element_bytes: int
    l1_bytes: int
    l2_bytes: int


def blocking(tile: Tile, bytes_per_element: int, l1_bytes: int, l2_bytes: int) -> Blocking:
    """A panel of `b` in L1 (a longer one would be read from L2 again for each tile), a block of `a` in L2."""
    k = max(64, l1_bytes // (tile.columns * bytes_per_element))
    m = l2_bytes // 2 // (k * bytes_per_element) // tile.rows * tile.rows
    return Blocking(max(m, tile.rows), k, bytes_per_element, l1_bytes, l2_bytes)


def equal_shares(size: int, most: int) -> int:
    """The share of `size` in as few equal ones as there can be of at most `most`."""
    count = max(1, -(-size // most))
    return -(-size // count)


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
        """The panels of `b`, packed by the caller or for the matrix at hand; perhaps only those of the edge."""
        self.packed_a: SSAValue | None = None
        self.packs_a = False
        self.depth = self._block_depth()
        self.runs = self._runs_at_once(c.k[-2]) if len(c.k) > 1 else 1
        if packed_b is None and not self._should_pack() and self._rows_collide(blocks.l2_bytes):
            self.depth = min(self.depth, self._sets(blocks.l2_bytes))

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
        *outer_m, _ = sorted(c.m, key=self._m_order)
        long = self._product(c.m) >= 8 * self.tile.rows and self._is_large()
        packs = self.packed_b is None and self._should_pack()
        in_place = len(c.k) > 1 and c.a.is_contiguous_along(self.k)
        self.packs_a = c.a.widened is not None or (
            (packs or self.packed_b is not None) and long and not in_place
        )
        has_slabs = len(c.k) == 1
        if packs and has_slabs and not outer_m and self._is_large():
            self._over_slabs()
            return
        by_slabs = has_slabs and self.packs_a and (packs or self.packed_b is not None)
        if not packs and self.packed_b is None and self._has_masked_edge():
            packs, self.packing.first = True, self._whole_columns()
        if packs:
            self.packed_b = self.packing.panels(self.n)
            self.packing.pack_b(self.packed_b, self.n)
        self.loops.over(
            outer_m,
            self._slabs if by_slabs else lambda: self._over_rows(self._rows_through_depth),
            independent=True,
        )
        if packs:
            self._drop_panels()

    def _drop_panels(self) -> None:
        assert self.packed_b is not None
        self.rewriter.create(memref.DeallocOp, (self.packed_b,))
        self.packed_b, self.packing.first = None, self.zero

    def _whole_columns(self) -> SSAValue:
        """The columns that fill panels."""
        width = index_constant(self.rewriter, self.tile.columns)
        return self.loops.round_down(self.at.size(self.n), width)

    def _has_masked_edge(self) -> bool:
        """Whether the last vector of a row may be partly beyond the end. Kernels read all of it, from a panel."""
        known = self.at.static_size(self.n)
        return known is None or known % self.tile.lanes != 0

    def _should_pack(self) -> bool:
        """Whether `b` is copied into panels first: it is strided or narrow, or it cannot be walked through well as it is."""
        c = self.contraction
        if c.b.widened is not None or not c.b.is_contiguous_along(self.n):
            return True
        rows = self._product(c.m)
        if self._is_large():
            return rows > self.tile.rows
        return rows >= 8 * self.tile.rows and self._rows_collide(self.blocks.l1_bytes)

    def _is_large(self) -> bool:
        """Whether a matrix `b` takes so much room that other data drives it out of the nearest caches."""
        return self._product((*self.contraction.k, self.n)) > 32 * 1024

    def _rows_collide(self, cache: int) -> bool:
        """Whether the rows of a panel of `b` fall into so few sets of a cache of so many bytes that they drive each other out."""
        depth = self.at.static_size(self.k)
        if depth is None:
            return False
        return self.runs * min(depth, self.depth) > WAYS * self._sets(cache)

    def _sets(self, cache: int) -> int:
        """Into how many sets of a cache the rows of a panel of `b` fall; a guess where their distance is unknown."""
        step = builders.constant_int(self.at.step(self.contraction.b, self.k))
        sets = cache // (LINE_BYTES * WAYS)
        if step is None:
            return sets
        lines, rest = divmod(step * self.blocks.element_bytes, LINE_BYTES)
        return sets if rest else sets // gcd(lines, sets)

    def _over_slabs(self) -> None:
        """One slab of `b` after the other is packed and goes through the last-level cache."""
        packing = self.packing
        packing.slab = self.zero, self.depth
        self.packed_b = packing.panels(self.n)

        def one_slab(count: SSAValue) -> None:
            assert self.packed_b is not None
            first = self.at.position.pop(self.k)
            packing.slab = first, self.depth
            packing.pack_b(self.packed_b, self.n, count)
            self.at.position[self.k] = first
            self._slab(count)

        self._over_depth(one_slab)
        packing.slab = None
        self._drop_panels()

    def _slabs(self) -> None:
        self._over_depth(self._slab)

    def _slab(self, count: SSAValue) -> None:
        self._over_rows(
            lambda start, end, rows: self._row_block(start, end, rows, (self.one, count))
        )

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
        *outer, _ = self.contraction.k

        def with_runs(runs: SSAValue) -> None:
            self._over_depth(lambda count: self._row_block(start, end, rows, (runs, count)))

        if not outer:
            with_runs(self.one)
            return
        at, last = self.at, outer.pop()
        most = index_constant(self.rewriter, self.runs)

        def one_block(first: SSAValue) -> None:
            at.position[last] = first
            with_runs(self.loops.minimum(subi(self.rewriter, at.size(last), first), most))
            del at.position[last]

        self.loops.over(outer, lambda: self.loops.serial(self.zero, at.size(last), most, one_block))

    def _runs_at_once(self, loop: int) -> int:
        """How many iterations of the second innermost sum a kernel adds up as well, if those inside are few."""
        known, inner = self.at.static_size(loop), self.at.static_size(self.k)
        if inner is None or inner > self.blocks.k:
            return 1
        most = max(1, self.blocks.k // max(1, inner))
        return most if known is None else equal_shares(known, most)

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
        return most if known is None else equal_shares(known, most)

    def _row_block(self, start: SSAValue, end: SSAValue, rows: int, depth: Depth) -> None:
        """Tiles of all columns for rows `start` to `end`, over `depth` products from the open `k` on."""
        runs = self._runs(start, end)
        if self.packs_a:
            self.packed_a = self.packing.block(rows, self.runs * self.depth)
            for run in runs:
                shape = PackedTiles(run.height, self.runs, self.depth)
                place, sizes = (run.row, run.inside), (run.tiles, *depth)
                self.packing.pack_a(self.packed_a, self.m, place, sizes, shape)
        self._columns(runs, depth)
        if self.packed_a is not None:
            self.rewriter.create(memref.DeallocOp, (self.packed_a,))
            self.packed_a = None

    def _columns(self, runs: Sequence[_Run], depth: Depth) -> None:
        rewriter, at, loops = self.rewriter, self.at, self.loops
        size = at.size(self.n)
        width = index_constant(rewriter, self.tile.columns)
        whole = self._whole_columns()
        rest = subi(rewriter, size, whole)

        def full(column: SSAValue) -> None:
            at.position[self.n] = column
            for run in runs:
                self._call(run, self.tile.vectors, depth, None, packed=self._packs_whole())
            del at.position[self.n]

        def edge(column: SSAValue) -> None:
            at.position[self.n] = column
            known = builders.constant_int(rest)
            vectors = self.tile.vectors if known is None else -(-known // self.tile.lanes)
            width = rest if self._has_masked_edge() else None
            for run in runs:
                self._call(run, vectors, depth, width, packed=self.packed_b is not None)
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
            runs = [_Run(start, self.zero, tiles, height)]
            for low in LOW_TILES:
                if low < height:
                    tiles = loops.divide(subi(rewriter, end, row), index_constant(rewriter, low))
                    runs.append(_Run(row, done, tiles, low))
                    more = muli(rewriter, tiles, index_constant(rewriter, low))
                    row, done = addi(rewriter, row, more), addi(rewriter, done, more)
            return runs
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
        """Tiles of `a` where they are: [tiles, rows, runs, k]."""
        at, a = self.at, self.contraction.a
        at.position[self.m] = run.row
        row = at.step(a, self.m)
        tile = muli(self.rewriter, row, index_constant(self.rewriter, run.height))
        view = at.operand_view(a, tile, row, self._step_of_runs(a), at.step(a, self.k))
        del at.position[self.m]
        return view

    def _step_of_runs(self, operand: Operand) -> SSAValue:
        """How far apart runs of products are."""
        loops = self.contraction.k
        return self.at.step(operand, loops[-2]) if len(loops) > 1 else self.zero

    def _packs_whole(self) -> bool:
        """Whether panels hold all columns of `b`."""
        return self.packed_b is not None and self.packing.first is self.zero

    def _call(
        self, run: _Run, vectors: int, depth: Depth, columns: SSAValue | None, *, packed: bool
    ) -> None:
        """Call the kernel for tiles that have a panel of `b` in common, which is where it was or packed."""
        at, c = self.at, self.contraction
        tile = Tile(run.height, vectors, self.tile.lanes)
        masked = columns is not None
        kernel = TileKernel(c.element, tile, masked)
        self.need_kernel(kernel.name, kernel.build)
        accumulate = self._adds()
        if self.packed_a is None:
            a = self._rows_of_a(run)
        else:
            shape = PackedTiles(run.height, self.runs, self.depth)
            a = self.packing.tiles(self.packed_a, run.inside, shape)
        if packed:
            assert self.packed_b is not None
            b = self.packing.panel(self.packed_b, at.position[self.n])
        else:
            steps = self._step_of_runs(c.b), at.step(c.b, self.k)
            b = at.operand_view(c.b, *steps, at.one, contiguous=True)
        at.position[self.m] = run.row
        out = at.operand_view(c.c, at.step(c.c, self.m), at.one, contiguous=True)
        del at.position[self.m]
        width = self.one if columns is None else columns
        self.rewriter.create(
            func.CallOp,
            (a, b, out, run.tiles, *depth, accumulate, width),
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


@dataclass(frozen=True)
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
