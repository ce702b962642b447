"""The loops around the register tile: blocks that fit the caches, packed panels, edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tfc.passes import builders
from tfc.passes.builders import INDEX, addi, index_constant, muli
from tfc.passes.convert_contractions_to_vector.contraction import Contraction, Operand
from tfc.passes.convert_contractions_to_vector.kernel import Tile, kernel_name, panel_type
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, memref, scf, vector
from xdsl.dialects.builtin import DYNAMIC_INDEX, SymbolRefAttr, i1
from xdsl.ir import Block, Region, SSAValue

_ = vector


@dataclass(frozen=True, slots=True)
class Blocking:
    """How many iterations are worked on at a time.

    `k`: a panel of `b` of that height stays in the first-level cache; `m`: that many rows of `a` stay in the second-level one.
    """

    m: int
    k: int


def blocking(tile: Tile, bytes_per_element: int, l1_bytes: int, l2_bytes: int) -> Blocking:
    """Half of each cache for what is reused: a panel of `b` in L1, a block of `a` in L2."""
    k = max(64, l1_bytes // 2 // (tile.columns * bytes_per_element))
    m = max(tile.rows, l2_bytes // 2 // (k * bytes_per_element) // tile.rows * tile.rows)
    return Blocking(min(m, 32 * tile.rows), k)


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
        need_kernel: Callable[[Tile, bool], None],
    ) -> None:
        self.rewriter = rewriter
        self.contraction = contraction
        self.tile = tile
        self.blocks = blocks
        self.accumulate = accumulate
        """Whether `c` already holds something to add to, rather than rubbish."""
        self.need_kernel = need_kernel
        self.position: dict[int, SSAValue] = {}
        """The value of each loop that is open; what is not in it counts from zero."""
        self.zero = index_constant(rewriter, 0)
        self.one = index_constant(rewriter, 1)
        self.strides = {
            operand: self._strides(operand)
            for operand in (contraction.a, contraction.b, contraction.c)
        }
        self.packed_b: SSAValue | None = None
        self.packed_a: SSAValue | None = None
        self.packs_a = False
        self.is_parallel = False
        """Whether a parallel loop is open."""

    # -- sizes and addresses --------------------------------------------------------------------

    def size(self, loop: int) -> SSAValue:
        """How many iterations a loop has."""
        c = self.contraction
        for operand in (c.c, c.a, c.b):
            axis = operand.plain_axis(loop)
            if axis is not None:
                return builders.dim(self.rewriter, operand.value, axis)
        raise ValueError(f"no operand gives the size of loop {loop}")

    def static_size(self, loop: int) -> int | None:
        return builders.constant_int(self.size(loop))

    def _strides(self, operand: Operand) -> list[SSAValue]:
        """How many elements apart neighbours along each dimension are."""
        if operand.strides is not None:
            return [index_constant(self.rewriter, stride) for stride in operand.strides]
        strides: list[SSAValue] = []
        stride = self.one
        for axis in reversed(range(len(operand.shape))):
            strides.append(stride)
            if axis:
                stride = muli(
                    self.rewriter, stride, builders.dim(self.rewriter, operand.value, axis)
                )
        return strides[::-1]

    def step(self, operand: Operand, loop: int) -> SSAValue:
        """How many elements apart neighbouring iterations of `loop` are."""
        total = self.zero
        for row, stride in zip(operand.factors, self.strides[operand], strict=True):
            if row[loop]:
                factor = index_constant(self.rewriter, row[loop])
                total = addi(self.rewriter, total, muli(self.rewriter, factor, stride))
        return total

    def offset(self, operand: Operand) -> SSAValue:
        """The element that the open loops are at."""
        total = index_constant(self.rewriter, operand.start)
        for constant, stride in zip(operand.offsets, self.strides[operand], strict=True):
            if constant:
                factor = index_constant(self.rewriter, constant)
                total = addi(self.rewriter, total, muli(self.rewriter, factor, stride))
        for loop, value in self.position.items():
            if operand.uses(loop):
                step = self.step(operand, loop)
                total = addi(self.rewriter, total, muli(self.rewriter, value, step))
        return total

    def panel(
        self, base: SSAValue, offset: SSAValue, strides: tuple[SSAValue, SSAValue], contiguous: bool
    ) -> SSAValue:
        """A matrix view of `base` for a kernel; its sizes are not looked at."""
        element = builders.element_type(base.type)
        dynamic = DYNAMIC_INDEX
        values = [offset, strides[0]] if contiguous else [offset, *strides]
        return self.rewriter.value(
            memref.ReinterpretCastOp,
            (base, values[0], self.one, self.one, *values[1:]),
            panel_type(element, contiguous),
            {
                "static_offsets": builders.dense_i64((dynamic,)),
                "static_sizes": builders.dense_i64((dynamic, dynamic)),
                "static_strides": builders.dense_i64((dynamic, 1 if contiguous else dynamic)),
                "operandSegmentSizes": builders.segments(1, 1, 2, 1 if contiguous else 2),
            },
        )

    # -- loops ----------------------------------------------------------------------------------

    def loop(
        self, lower: SSAValue, upper: SSAValue, step: SSAValue, body: Callable[[SSAValue], None]
    ) -> None:
        """`scf.for` around what `body` emits."""
        rewriter = self.rewriter
        _, block = builders.for_loop(rewriter, lower, upper, step)
        point = rewriter.point()
        rewriter.at_end(block)
        body(block.args[0])
        rewriter.create(scf.YieldOp)
        rewriter.restore(point)

    def outermost(self, count: SSAValue, body: Callable[[SSAValue], None]) -> None:
        """`scf.parallel` over `count` independent iterations; inside another one, `scf.for`."""
        if self.is_parallel:
            self.loop(self.zero, count, self.one, body)
            return
        self.is_parallel = True
        rewriter = self.rewriter
        block = Block(arg_types=[INDEX])
        rewriter.create(
            scf.ParallelOp,
            (self.zero, count, self.one),
            (),
            {"operandSegmentSizes": builders.segments(1, 1, 1, 0)},
            regions=(Region(block),),
        )
        point = rewriter.point()
        rewriter.at_end(block)
        body(block.args[0])
        rewriter.create(scf.ReduceOp)
        rewriter.restore(point)

    def over(
        self, loops: Sequence[int], body: Callable[[], None], *, independent: bool = False
    ) -> None:
        """A nest over whole loops, outermost first."""
        if not loops:
            body()
            return
        first, *rest = loops

        def inner(index: SSAValue) -> None:
            self.position[first] = index
            self.over(rest, body, independent=independent)
            del self.position[first]

        if independent:
            self.outermost(self.size(first), inner)
        else:
            self.loop(self.zero, self.size(first), self.one, inner)

    def emit(self) -> None:
        """Emit everything. The outermost loop that gives independent parts of the result is parallel."""
        c = self.contraction
        *outer_n, _ = c.n
        self.over([*c.batch, *outer_n], self._matrix, independent=True)

    def _matrix(self) -> None:
        """Everything for one matrix `b`."""
        c = self.contraction
        packs = self._should_pack()
        if packs:
            self._pack_b()
        self.packs_a = packs and len(c.k) == 1
        *outer_m, _ = sorted(c.m, key=self._m_order)
        self.over(outer_m, self._row_blocks, independent=True)
        if self.packed_b is not None:
            self.rewriter.create(memref.DeallocOp, (self.packed_b,))
            self.packed_b = None

    @property
    def m(self) -> int:
        """The loop whose iterations are the rows of a tile: the longest of `m`, the last of equals."""
        return max(self.contraction.m, key=self._m_order)

    def _m_order(self, loop: int) -> tuple[int, int]:
        size = self.static_size(loop)
        return (1 << 62 if size is None else size, loop)

    @property
    def n(self) -> int:
        return self.contraction.n[-1]

    @property
    def k(self) -> int:
        """The loop that a kernel runs: the last of `k`."""
        return self.contraction.k[-1]

    def _row_blocks(self) -> None:
        rewriter, size = self.rewriter, self.size(self.m)
        known = self.static_size(self.m)
        rows = self._block_rows(known)
        block = index_constant(rewriter, rows)
        more = addi(rewriter, size, index_constant(rewriter, rows - 1))

        def one_block(number: SSAValue) -> None:
            start = muli(rewriter, number, block)
            end = self._minimum(addi(rewriter, start, block), size)
            self._row_block(start, end, rows)

        if known is not None and known <= rows:
            self._row_block(self.zero, size, rows)
        else:
            self.outermost(self._divide(more, block), one_block)

    def _block_rows(self, known: int | None) -> int:
        """The rows of a block: what the cache holds, less when that leaves nothing to share among threads."""
        height = self.tile.rows
        if known is None:
            return self.blocks.m
        share = -(-known // (8 * height)) * height
        return max(min(self.blocks.m, share), min(self.blocks.m, 4 * height))

    def _row_block(self, start: SSAValue, end: SSAValue, rows: int) -> None:
        if self.packs_a:
            shape = (rows // self.tile.rows, self.blocks.k * 3 // 2, self.tile.rows)
            kind = builders.memref_type(shape, self.contraction.a.element)
            self.packed_a = builders.alloc(self.rewriter, kind)
        self.over(self.contraction.k[:-1], lambda: self._depth_blocks(start, end))
        if self.packed_a is not None:
            self.rewriter.create(memref.DeallocOp, (self.packed_a,))
            self.packed_a = None

    def _depth_blocks(self, start: SSAValue, end: SSAValue) -> None:
        size = self.size(self.k)
        known = self.static_size(self.k)
        if known is not None and known <= self.blocks.k * 3 // 2:
            self._columns(start, end, self.zero, size)
            return
        block = index_constant(self.rewriter, self.blocks.k)

        def depth(first: SSAValue) -> None:
            left = self.rewriter.value(arith.SubiOp, (size, first), INDEX)
            self._columns(start, end, first, self._minimum(left, block))

        self.loop(self.zero, size, block, depth)

    def _columns(self, start: SSAValue, end: SSAValue, depth: SSAValue, count: SSAValue) -> None:
        """Tiles of all columns for rows `start` to `end`, over `count` products from `depth` on."""
        rewriter, tile = self.rewriter, self.tile
        if self.packed_a is not None:
            self._pack_a(start, end, depth, count)
        size = self.size(self.n)
        width = index_constant(rewriter, tile.columns)
        whole = muli(rewriter, self._divide(size, width), width)
        known = self.static_size(self.n)

        def full(column: SSAValue) -> None:
            self._rows(start, end, depth, count, column, None)

        if known is None or known >= tile.columns:
            self.loop(self.zero, whole, width, full)
        if known is None or known % tile.columns:
            rest = rewriter.value(arith.SubiOp, (size, whole), INDEX)

            def edge(column: SSAValue) -> None:
                self._rows(start, end, depth, count, column, rest)

            if known is None:
                self.loop(whole, size, width, edge)
            else:
                edge(whole)

    def _rows(
        self,
        start: SSAValue,
        end: SSAValue,
        depth: SSAValue,
        count: SSAValue,
        column: SSAValue,
        columns: SSAValue | None,
    ) -> None:
        rewriter, tile = self.rewriter, self.tile
        height = index_constant(rewriter, tile.rows)
        length = rewriter.value(arith.SubiOp, (end, start), INDEX)
        whole = addi(rewriter, start, muli(rewriter, self._divide(length, height), height))

        def tiles(shape: Tile, first: SSAValue, last: SSAValue, step: SSAValue) -> None:
            def one(row: SSAValue) -> None:
                self._tile(shape, start, row, depth, count, column, columns)

            self.loop(first, last, step, one)

        tiles(tile, start, whole, height)
        known = self.static_size(self.m)
        if known is None:
            tiles(Tile(1, tile.vectors, tile.lanes), whole, end, self.one)
        elif known % tile.rows:
            # All blocks but the last are whole tiles, so only the last has this rest.
            tiles(Tile(known % tile.rows, tile.vectors, tile.lanes), whole, end, height)

    def _tile(
        self,
        tile: Tile,
        start: SSAValue,
        row: SSAValue,
        depth: SSAValue,
        count: SSAValue,
        column: SSAValue,
        columns: SSAValue | None,
    ) -> None:
        """Call the kernel for the tile at (`row`, `column`)."""
        rewriter, c = self.rewriter, self.contraction
        masked = columns is not None
        self.need_kernel(tile, masked)
        accumulate = self._adds(depth)
        self.position |= {self.m: row, self.n: column, self.k: depth}
        if self.packed_a is None:
            steps = (self.step(c.a, self.m), self.step(c.a, self.k))
            a = self.panel(c.a.value, self.offset(c.a), steps, False)
        else:
            a = self._packed_rows(start, row)
        if self.packed_b is None:
            b = self.panel(c.b.value, self.offset(c.b), (self.step(c.b, self.k), self.one), True)
        else:
            b = self._packed_panel(column)
        out = self.panel(c.c.value, self.offset(c.c), (self.step(c.c, self.m), self.one), True)
        for loop in (self.m, self.n, self.k):
            del self.position[loop]
        name = SymbolRefAttr(kernel_name(c.element, tile, masked))
        width = self.one if columns is None else columns
        rewriter.create(func.CallOp, (a, b, out, count, accumulate, width), (), {"callee": name})

    def _adds(self, depth: SSAValue) -> SSAValue:
        """Whether this tile adds to what is in `c`: always, or from the second step of the sum on."""
        rewriter = self.rewriter
        if self.accumulate:
            return builders.constant(rewriter, True, i1)
        later = builders.constant(rewriter, False, i1)
        for value in (*(self.position[loop] for loop in self.contraction.k[:-1]), depth):
            if builders.constant_int(value) == 0:
                continue
            nonzero = builders.compare(rewriter, "ne", value, self.zero)
            later = rewriter.value(arith.OrIOp, (later, nonzero), i1)
        return later

    # -- packing --------------------------------------------------------------------------------

    def _should_pack(self) -> bool:
        """Whether `b` is copied into panels first: it is strided, or too large to be walked through as it is."""
        c = self.contraction
        if not c.b.is_contiguous_along(self.n):
            return True
        sizes = [self.static_size(loop) for loop in (*c.k, self.n)]
        rows = [self.static_size(loop) for loop in c.m]
        total = 1
        for size in sizes:
            total *= 4096 if size is None else size
        height = 1
        for size in rows:
            height *= 4096 if size is None else size
        return total > 32 * 1024 and height >= 8 * self.tile.rows and len(c.k) == 1

    def _pack_b(self) -> None:
        """Copy `b` into panels of `columns` columns, one row of the product after the other."""
        rewriter, tile, c = self.rewriter, self.tile, self.contraction
        width = index_constant(rewriter, tile.columns)
        size = self.size(self.n)
        panels = self._divide(
            addi(rewriter, size, index_constant(rewriter, tile.columns - 1)), width
        )
        depth = self._total_depth()
        known = builders.constant_int(panels), builders.constant_int(depth)
        shape = tuple(DYNAMIC_INDEX if value is None else value for value in known)
        kind = builders.memref_type((*shape, tile.columns), c.b.element)
        dynamic = [v for v, n in zip((panels, depth), known, strict=True) if n is None]
        self.packed_b = builders.alloc(rewriter, kind, dynamic)
        self._copy_panels(size, width, panels)

    def _total_depth(self) -> SSAValue:
        total = self.one
        for loop in self.contraction.k:
            total = muli(self.rewriter, total, self.size(loop))
        return total

    def _depth_index(self) -> SSAValue:
        """The number of the row of a panel that the open `k` loops are at."""
        total = self.zero
        for loop in self.contraction.k:
            total = addi(
                self.rewriter,
                muli(self.rewriter, total, self.size(loop)),
                self.position.get(loop, self.zero),
            )
        return total

    def _copy_panels(self, size: SSAValue, width: SSAValue, panels: SSAValue) -> None:
        rewriter, c = self.rewriter, self.contraction

        def one_panel(panel: SSAValue) -> None:
            first = muli(rewriter, panel, width)
            left = rewriter.value(arith.SubiOp, (size, first), INDEX)
            count = self._minimum(left, width)

            def one_row() -> None:
                row = self._depth_index()

                def element(column: SSAValue) -> None:
                    self.position[self.n] = addi(rewriter, first, column)
                    value = self._load(c.b)
                    del self.position[self.n]
                    assert self.packed_b is not None
                    builders.store(rewriter, value, self.packed_b, (panel, row, column))

                self.loop(self.zero, count, self.one, element)

            self.over(c.k, one_row)

        self.loop(self.zero, panels, self.one, one_panel)

    def _pack_a(self, start: SSAValue, end: SSAValue, depth: SSAValue, count: SSAValue) -> None:
        """Copy a block of `a`, so that the elements that a tile takes at each step lie together."""
        rewriter, c = self.rewriter, self.contraction
        height = index_constant(rewriter, self.tile.rows)

        def one_row(row: SSAValue) -> None:
            local = rewriter.value(arith.SubiOp, (row, start), INDEX)
            panel = self._divide(local, height)
            inside = rewriter.value(arith.RemUIOp, (local, height), INDEX)

            def element(step: SSAValue) -> None:
                self.position |= {self.m: row, self.k: addi(rewriter, depth, step)}
                value = self._load(c.a)
                del self.position[self.m], self.position[self.k]
                assert self.packed_a is not None
                builders.store(rewriter, value, self.packed_a, (panel, step, inside))

            self.loop(self.zero, count, self.one, element)

        self.loop(start, end, self.one, one_row)

    def _packed_rows(self, start: SSAValue, row: SSAValue) -> SSAValue:
        """The packed rows from `row` on: rows are neighbours, steps are `rows` apart."""
        rewriter = self.rewriter
        assert self.packed_a is not None
        local = rewriter.value(arith.SubiOp, (row, start), INDEX)
        rows = index_constant(rewriter, self.tile.rows)
        panel = index_constant(rewriter, self.tile.rows * (self.blocks.k * 3 // 2))
        inside = rewriter.value(arith.RemUIOp, (local, rows), INDEX)
        offset = addi(rewriter, muli(rewriter, self._divide(local, rows), panel), inside)
        return self.panel(self.packed_a, offset, (self.one, rows), False)

    def _load(self, operand: Operand) -> SSAValue:
        indices: list[SSAValue] = []
        for row, constant in zip(operand.factors, operand.offsets, strict=True):
            index = index_constant(self.rewriter, constant)
            for loop, value in self.position.items():
                if row[loop]:
                    factor = index_constant(self.rewriter, row[loop])
                    index = addi(self.rewriter, index, muli(self.rewriter, value, factor))
            indices.append(index)
        return builders.load(self.rewriter, operand.value, indices)

    def _packed_panel(self, column: SSAValue) -> SSAValue:
        """The packed columns from `column` on, from the row that the open `k` loops are at."""
        rewriter = self.rewriter
        assert self.packed_b is not None
        width = index_constant(rewriter, self.tile.columns)
        # column / width * depth * width is column * depth, since columns start panels
        start = muli(rewriter, column, self._total_depth())
        offset = addi(rewriter, start, muli(rewriter, self._depth_index(), width))
        return self.panel(self.packed_b, offset, (width, self.one), True)

    # -- arithmetic -----------------------------------------------------------------------------

    def _divide(self, value: SSAValue, divisor: SSAValue) -> SSAValue:
        a, b = builders.constant_int(value), builders.constant_int(divisor)
        if a is not None and b is not None:
            return index_constant(self.rewriter, a // b)
        return self.rewriter.value(arith.DivUIOp, (value, divisor), INDEX)

    def _minimum(self, a: SSAValue, b: SSAValue) -> SSAValue:
        return self.rewriter.value(arith.MinSIOp, (a, b), INDEX)
