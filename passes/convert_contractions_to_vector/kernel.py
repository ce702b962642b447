"""The register tile: a function that computes columns of `rows` x `vectors` tiles of a matrix product in vector registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from tfc.dialects.memref import PrefetchOp
from tfc.passes import builders
from tfc.passes.builders import INDEX, vector_type
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, scf, vector
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    ArrayAttr,
    BoolAttr,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    FunctionType,
    MemRefType,
    StridedLayoutAttr,
    StringAttr,
    UnitAttr,
    VectorType,
    i1,
    i32,
)
from xdsl.ir import Attribute, Block, Region, SSAValue


@dataclass(frozen=True)
class Tile:
    """The shape of a register tile: `rows` rows of `vectors` vectors of `lanes` elements."""

    rows: int
    vectors: int
    lanes: int

    @property
    def columns(self) -> int:
        return self.vectors * self.lanes


def register_tile(bits: int, vector_bits: int, vector_registers: int) -> Tile:
    """The tile that keeps the FMA units busy: two vectors a row, as many rows as 16 registers allow, or as hide their latency.

    Each step loads `vectors` vectors and `rows` broadcast scalars for `rows * vectors` FMAs; the accumulators, the loaded vectors
    and one broadcast fill 16 registers as 6x2. Of 32, 14x2 would be no faster than 8x2, which most sizes are a multiple of: a
    program has fewer tiles, and LLVM takes half as long for each.
    """
    return Tile(8 if vector_registers >= 32 else 6, 2, vector_bits // bits)


@lru_cache(64)
def panel_type(element: Attribute, rank: int, *, contiguous: bool) -> MemRefType:
    """A matrix (or a row of matrices) somewhere in memory: any strides, or a last dimension that is contiguous."""
    strides = (None,) * (rank - 1) + (1 if contiguous else None,)
    return MemRefType(element, (DYNAMIC_INDEX,) * rank, StridedLayoutAttr(strides, None))


def private_function(
    rewriter: Rewriter,
    name: str,
    inputs: Sequence[Attribute],
    distinct: Iterable[int],
    *,
    shared: bool = False,
) -> Block:
    """Emit a private function without results here; gives its empty body.

    `distinct` arguments overlap no other one. `shared`: LLVM makes no copies of it in its callers.
    """
    block = Block(arg_types=inputs)
    marked = set(distinct)
    rewriter.create(
        func.FuncOp,
        (),
        (),
        {
            "sym_name": StringAttr(name),
            "function_type": FunctionType.from_lists(list(inputs), []),
            "sym_visibility": StringAttr("private"),
            "arg_attrs": ArrayAttr(
                [
                    DictionaryAttr({"llvm.noalias": UnitAttr()} if index in marked else {})
                    for index in range(len(inputs))
                ]
            ),
        },
        attributes={"passthrough": ArrayAttr([StringAttr("noinline")])} if shared else {},
        regions=(Region(block),),
    )
    return block


NeedKernel: TypeAlias = Callable[[str, Callable[[Rewriter], None]], object]
"""Told the name of a function that is called and how to emit it; equal names are equal functions."""


@dataclass(frozen=True)
class TileKernel:
    """The function for a register tile. A masked one touches only the first `%columns` columns of `c`, but all of `b`."""

    element: Attribute
    tile: Tile
    masked: bool

    @property
    def name(self) -> str:
        tile = self.tile
        shape = f"{tile.rows}x{tile.vectors}x{tile.lanes}"
        return f"tfc_tile_{self.element}_{shape}{'_masked' if self.masked else ''}"

    def build(self, rewriter: Rewriter) -> None:
        """Emit the function here:

            func.func private @tfc_tile_f32_6x2x8(%a: [tiles, rows, runs, k], %b: [runs, k, n], %c: [m, n],
                                                  %tiles: index, %runs: index, %k: index, %accumulate: i1, %columns: index)

        computes `c = a @ b`, or `c += a @ b` when `%accumulate`, for `%tiles` times `rows` rows, all with the same panel of `b`.
        Sums have `%runs` times `%k` products.
        """
        a, b, c = (panel_type(self.element, rank, contiguous=rank < 4) for rank in (4, 3, 2))
        inputs = [a, b, c, INDEX, INDEX, INDEX, i1, INDEX]
        block = private_function(rewriter, self.name, inputs, range(3), shared=True)
        point = rewriter.point()
        rewriter.at_end(block)
        _Kernel(rewriter, self.element, self.tile, block, self.masked).emit()
        rewriter.restore(point)


class _Kernel:
    def __init__(
        self, rewriter: Rewriter, element: Attribute, tile: Tile, block: Block, masked: bool
    ) -> None:
        self.rewriter = rewriter
        self.element = element
        self.tile = tile
        self.vector = vector_type(element, tile.lanes)
        self.a, self.b, self.c, self.tiles, self.runs, self.k, self.accumulate, self.columns = (
            block.args
        )
        self.zero = builders.index_constant(rewriter, 0)
        self.one = builders.index_constant(rewriter, 1)
        self.offsets = [
            builders.index_constant(rewriter, i * tile.lanes) for i in range(tile.vectors)
        ]
        self.zeros = rewriter.value(
            arith.ConstantOp, (), self.vector, {"value": splat_zero(self.vector)}
        )
        self.masked = masked

    def _mask(self, offset: SSAValue) -> SSAValue:
        """Which lanes of the vector at `offset` are inside the first `%columns` columns."""
        left = self.rewriter.value(arith.SubiOp, (self.columns, offset), INDEX)
        kind = vector_type(i1, self.tile.lanes)
        return self.rewriter.value(vector.CreateMaskOp, (left,), kind)

    def emit(self) -> None:
        builders.counted_loop(self.rewriter, self.zero, self.tiles, self.one, self._tile)
        self.rewriter.create(func.ReturnOp)

    def _tile(self, number: SSAValue) -> None:
        rewriter, tile = self.rewriter, self.tile
        first = builders.muli(rewriter, number, builders.index_constant(rewriter, tile.rows))
        inside = [builders.index_constant(rewriter, i) for i in range(tile.rows)]
        rows = [builders.addi(rewriter, first, i) for i in inside]
        self._prefetch(rows)
        initial = [self.zeros] * (tile.rows * tile.vectors)
        loop, body = builders.for_loop(rewriter, self.zero, self.runs, self.one, initial)
        after = rewriter.point()
        rewriter.at_end(body)
        run, *sums = body.args
        rewriter.create(scf.YieldOp, self._run(number, inside, run, sums))
        rewriter.restore(after)
        self._store_all(loop.results, rows)

    def _run(
        self,
        number: SSAValue,
        inside: Sequence[SSAValue],
        run: SSAValue,
        initial: Sequence[SSAValue],
    ) -> Sequence[SSAValue]:
        """The sums of tile `number` after one run of products."""
        rewriter, tile = self.rewriter, self.tile
        loop, body = builders.for_loop(rewriter, self.zero, self.k, self.one, initial)
        after = rewriter.point()
        rewriter.at_end(body)
        step, *sums = body.args
        columns = [
            rewriter.value(vector.LoadOp, (self.b, run, step, offset), self.vector)
            for offset in self.offsets
        ]
        results: list[SSAValue] = []
        for row in range(tile.rows):
            scalar = builders.load(rewriter, self.a, (number, inside[row], run, step))
            spread = rewriter.value(vector.BroadcastOp, (scalar,), self.vector)
            for index in range(tile.vectors):
                total = sums[row * tile.vectors + index]
                results.append(self._multiply_add(spread, columns[index], total))
        rewriter.create(scf.YieldOp, results)
        rewriter.restore(after)
        return loop.results

    def _prefetch(self, rows: Sequence[SSAValue]) -> None:
        """Ask for the tile of `c`: its rows are far apart, so that the machine does not see them coming."""
        hints = {
            "isWrite": BoolAttr.from_bool(True),
            "localityHint": builders.integer_attr(3, i32),
            "isDataCache": BoolAttr.from_bool(True),
        }
        last = builders.index_constant(self.rewriter, self.tile.columns - 1)
        for row in rows:
            for column in (self.zero,) if self.masked else (self.zero, last):
                self.rewriter.create(PrefetchOp, (self.c, row, column), (), hints)

    def _multiply_add(self, x: SSAValue, y: SSAValue, total: SSAValue) -> SSAValue:
        if isinstance(self.element, AnyFloat):
            return self.rewriter.value(vector.FMAOp, (x, y, total), self.vector)
        product = self.rewriter.value(arith.MuliOp, (x, y), self.vector)
        return self.rewriter.value(arith.AddiOp, (product, total), self.vector)

    def _store_all(self, sums: Sequence[SSAValue], rows: Sequence[SSAValue]) -> None:
        rewriter, tile = self.rewriter, self.tile
        masks = [self._mask(offset) if self.masked else None for offset in self.offsets]
        adding, setting = builders.if_else(rewriter, self.accumulate)
        after = rewriter.point()
        add = arith.AddfOp if isinstance(self.element, AnyFloat) else arith.AddiOp
        for block, accumulate in ((adding, True), (setting, False)):
            rewriter.at_start(block)
            for row in range(tile.rows):
                for index in range(tile.vectors):
                    total = sums[row * tile.vectors + index]
                    if accumulate:
                        before = self._load(rows[row], index, masks[index])
                        total = rewriter.value(add, (before, total), self.vector)
                    self._store(total, rows[row], index, masks[index])
        rewriter.restore(after)

    def _load(self, row: SSAValue, index: int, mask: SSAValue | None) -> SSAValue:
        place = (self.c, row, self.offsets[index])
        if mask is None:
            return self.rewriter.value(vector.LoadOp, place, self.vector)
        return self.rewriter.value(vector.MaskedLoadOp, (*place, mask, self.zeros), self.vector)

    def _store(self, value: SSAValue, row: SSAValue, index: int, mask: SSAValue | None) -> None:
        place = (self.c, row, self.offsets[index])
        if mask is None:
            self.rewriter.create(vector.StoreOp, (value, *place))
        else:
            self.rewriter.create(vector.MaskedStoreOp, (*place, mask, value))


@lru_cache(64)
def splat_zero(kind: VectorType[Attribute]) -> DenseIntOrFPElementsAttr:
    """Zero in every lane."""
    bits: int = kind.element_type.bitwidth  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    return DenseIntOrFPElementsAttr(kind, BytesAttr(bytes(bits // 8)))  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]
