"""`convert-contractions-to-vector`: matrix products and convolutions become vector code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tfc.passes.convert_contractions_to_vector.addressing import Addressing
from tfc.passes.convert_contractions_to_vector.contraction import Contraction, match_contraction
from tfc.passes.convert_contractions_to_vector.invariant import CONTRACTION, outermost_reader
from tfc.passes.convert_contractions_to_vector.kernel import (
    Tile,
    private_function,
    register_tile,
)
from tfc.passes.convert_contractions_to_vector.loops import Loops
from tfc.passes.convert_contractions_to_vector.nest import Blocking, ContractionNest, blocking
from tfc.passes.convert_contractions_to_vector.packing import Packing
from tfc.passes.convert_contractions_to_vector.vector_products import (
    VectorProductNest,
    is_vector_product,
    runs_along_rows,
)
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import indexing_maps, reduction_flags
from xdsl.context import Context
from xdsl.dialects import arith, func, linalg, memref
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    FloatAttr,
    IntegerAttr,
    ModuleOp,
    SymbolRefAttr,
)
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import FillOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

_ = linalg

NARROW = (128, 256)
"""Bits of rows that fill a vector of their own: writing a part of a wide one, under a mask, takes ten times as long."""


@dataclass(frozen=True)
class ConvertContractionsToVectorPass(ModulePass):
    """Turn sums of products on buffers into loops around calls of a register tile.

    Before:
        linalg.matmul ins(%a, %b : memref<64x256xf32>, memref<256x128xf32>) outs(%c : memref<64x128xf32>)
    After:
        scf.for rows, columns {
          func.call @tfc_tile_f32_6x2x8(%a_rows, %b_panel, %c_columns, %tiles, %k, %accumulate, %columns)
        }
    in a function @tfc_contraction_0(%a, %b, %c) that is called in place of the product.

    All contractions are handled in this way: products of matrices, batches of them, `einsum`, convolutions (their
    outer sums are loops around the kernel, so nothing is copied to make a matrix). Loops that every operand walks through in
    equal steps are one: rows of a batch, channels of all columns of a window. A tile keeps its sums in registers and runs
    along k with `vector.fma`; k is cut so that a panel of `b` stays in the first-level cache, m so that a block of `a` stays in
    the second-level one; `b` is copied into panels when it is strided or large. Products of a matrix and a vector
    have kernels that read several rows at the same time. Sums where the result does not run along an operand are left to
    `convert-linalg-to-loops`.

    A matrix that a loop around the product only reads (the weights of a recurrent network, those of a convolution in bands) is
    packed once, before the loop.
    A `linalg.fill` of zeros into the result just before is taken in. Contractions of the same shape share one private function.

    Options: `vector-bits`, `vector-registers`, `l1-bytes`, `l2-bytes` of the target.

    Pre-condition: no tensors (after `one-shot-bufferize`).
    """

    name = "convert-contractions-to-vector"

    vector_bits: int = 256
    vector_registers: int = 16
    l1_bytes: int = 32 * 1024
    l2_bytes: int = 512 * 1024

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        conversion = _Conversion(self, op)
        for inner in walk(op):
            if isinstance(inner, LinalgStructuredOperation) and not isinstance(inner, FillOp):
                contraction = match_contraction(inner)
                if contraction is not None and _is_worth_it(contraction):
                    conversion.convert(inner, contraction)
        conversion.add_kernels()


class _Conversion:
    """The conversion of one module: contractions of the same shape share a function, tiles of the same shape a kernel."""

    def __init__(self, options: ConvertContractionsToVectorPass, module: ModuleOp) -> None:
        self.options = options
        self.module = module
        self.rewriter = Rewriter()
        self.functions: dict[tuple[object, ...], SymbolRefAttr] = {}
        self.kernels: dict[str, Callable[[Rewriter], None]] = {}
        self.packed: dict[tuple[object, ...], SSAValue] = {}
        """Panels by matrix and the loop they were packed for."""

    def convert(self, op: LinalgStructuredOperation, contraction: Contraction) -> None:
        """Replace `op` by a call of the function for its shape."""
        fill = _zero_fill(op, contraction.c.value) if _overwrites(contraction) else None
        packed = self._packed_before_loop(op, contraction)
        key = (
            tuple(indexing_maps(op)),
            tuple(reduction_flags(op)),
            tuple(value.type for value in op.operands),
            (contraction.a.widened, contraction.b.widened),
            fill is None,
            packed is None,
        )
        operands = tuple(op.operands) if packed is None else (*op.operands, packed)
        name = self.functions.get(key)
        if name is None:
            name = self._outline(op, operands, accumulate=fill is None)
            self.functions[key] = name
        self.rewriter.before(op)
        self.rewriter.create(func.CallOp, operands, (), {"callee": name})
        self.rewriter.erase(op)
        if fill is not None:
            self.rewriter.erase(fill)

    def _outline(
        self, op: LinalgStructuredOperation, operands: Sequence[SSAValue], *, accumulate: bool
    ) -> SymbolRefAttr:
        """A function that does what `op` does, on its operands as arguments. LLVM compiles it once."""
        rewriter = self.rewriter
        name = f"{CONTRACTION}{len(self.functions)}"
        block = private_function(
            rewriter.at_end(self.module.body.block, op.location),
            name,
            [value.type for value in operands],
            distinct=(len(op.operands) - 1,),
        )
        arguments = block.args[: len(op.operands)]
        inner = op.clone(dict(zip(op.operands, arguments, strict=True)))
        # Twice the same value is two arguments.
        inner.operands = arguments
        rewriter.at_end(block, op.location)
        rewriter.insert(inner)
        contraction = match_contraction(inner)
        assert contraction is not None
        rewriter.before(inner)
        if not contraction.m:
            self._emit_vector_product(contraction, accumulate=accumulate)
        else:
            packed = block.args[-1] if len(operands) > len(op.operands) else None
            self._emit(contraction, packed, accumulate=accumulate)
        rewriter.erase(inner)
        rewriter.at_end(block)
        rewriter.create(func.ReturnOp)
        return SymbolRefAttr(name)

    def _emit_vector_product(self, contraction: Contraction, *, accumulate: bool) -> None:
        lanes = self._shape(contraction)[0].lanes
        VectorProductNest(
            self.rewriter,
            contraction,
            lanes,
            accumulate=accumulate,
            need_kernel=self.kernels.setdefault,
        ).emit()

    def _emit(self, contraction: Contraction, packed: SSAValue | None, *, accumulate: bool) -> None:
        merged = contraction.with_merged_loops()
        tile, blocks = self._shape(merged)
        ContractionNest(
            self.rewriter,
            merged,
            tile,
            blocks,
            accumulate=accumulate,
            packed_b=packed,
            need_kernel=self.kernels.setdefault,
        ).emit()

    def _shape(self, contraction: Contraction) -> tuple[Tile, Blocking]:
        options = self.options
        bits: int = contraction.element.bitwidth  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        width = options.vector_bits
        row = bits * (contraction.columns() or 0)
        if row in NARROW and row < width:
            width = row
        tile = register_tile(bits, width, options.vector_registers)
        return tile, blocking(tile, bits // 8, options.l1_bytes, options.l2_bytes)

    def _packed_before_loop(
        self, op: LinalgStructuredOperation, contraction: Contraction
    ) -> SSAValue | None:
        """The panels of `b` when a loop around `op` multiplies with it again and again: packed before it, freed behind it."""
        b, tile = contraction.b, self._shape(contraction)[0]
        if not _is_plain_matrix(contraction) or not _is_tall(contraction, tile.rows):
            return None
        loop = outermost_reader(op, contraction)
        if loop is None:
            return None
        merged = contraction.with_merged_loops()
        key = (b.value, b.factors, merged.k, loop)
        packed = self.packed.get(key)
        if packed is None:
            rewriter = self.rewriter
            alone = replace(merged, a=b, c=b, m=())
            rewriter.before(loop)
            at = Addressing(rewriter, alone)
            loops = Loops(rewriter, at, parallel=False)
            packing = Packing(rewriter, at, loops, tile, self.kernels.setdefault)
            packed = packing.panels(merged.n[-1])
            packing.pack_b(packed, merged.n[-1])
            rewriter.after(loop)
            rewriter.create(memref.DeallocOp, (packed,))
            self.packed[key] = packed
        return packed

    def add_kernels(self) -> None:
        """Put the kernels that were called at the end of the module."""
        self.rewriter.at_end(self.module.body.block)
        for build in self.kernels.values():
            build(self.rewriter)


def _is_plain_matrix(contraction: Contraction) -> bool:
    """Whether `b` is one matrix of known size, of the type that is summed; sums may have several loops."""
    b = contraction.b
    if b.widened is not None or contraction.batch or len(contraction.n) != 1:
        return False
    return all(b.plain_axis(loop) is not None for loop in (*contraction.n, *contraction.k)) and all(
        size > 0 for size in b.shape
    )


def _is_tall(contraction: Contraction, rows: int) -> bool:
    """Whether there are enough rows that packing pays when it is done once."""
    sizes = [
        contraction.c.shape[axis]
        for loop in contraction.m
        if (axis := contraction.c.plain_axis(loop)) is not None
    ]
    return any(size >= rows or size == DYNAMIC_INDEX for size in sizes)


def _is_worth_it(contraction: Contraction) -> bool:
    """Whether there are several rows and columns of one floating-point or 32-bit type."""
    element = contraction.element
    if not isinstance(element, AnyFloat) and str(element) != "i32":
        return False
    if str(element) not in ("f32", "f64", "i32"):
        return False
    if not contraction.m:
        return is_vector_product(contraction) and _is_long(contraction)
    c = contraction.c
    inner = c.plain_axis(contraction.n[-1])
    assert inner is not None
    rows = [c.plain_axis(loop) for loop in contraction.m]
    tall = any(axis is not None and c.shape[axis] != 1 for axis in rows)
    return tall and c.shape[inner] not in (1, 2, 3) and 0 not in c.shape


def _is_long(contraction: Contraction) -> bool:
    """Whether a product with a vector has rows that are worth vectors."""
    b = contraction.b
    sizes = [size for size in b.shape if size != DYNAMIC_INDEX]
    return all(size >= 16 for size in sizes[-2:]) and 0 not in sizes


def _overwrites(contraction: Contraction) -> bool:
    """Whether the result can be written without looking at what is there, if that is zero."""
    if not contraction.m and not runs_along_rows(contraction):
        return False
    return _depth_is_known(contraction)


def _depth_is_known(contraction: Contraction) -> bool:
    """Whether the sum surely has terms, so that the first of them can overwrite what is in the result."""
    sizes = [
        operand.shape[axis]
        for loop in contraction.k
        for operand in (contraction.a, contraction.b)
        if (axis := operand.plain_axis(loop)) is not None
    ]
    return len(sizes) >= len(contraction.k) and all(size > 0 for size in sizes)


def _zero_fill(op: Operation, buffer: SSAValue) -> Operation | None:
    """The fill of zeros that comes right before `op` as far as `buffer` is concerned."""
    previous = op.prev_op
    while previous is not None:
        if buffer in previous.operands or previous.regions:
            if isinstance(previous, FillOp) and previous.operands[1] is buffer:
                return previous if _is_zero(previous.operands[0]) else None
            if not isinstance(previous, FillOp):
                return None
        previous = previous.prev_op
    return None


def _is_zero(value: SSAValue) -> bool:
    op = value.owner
    if not isinstance(op, arith.ConstantOp):
        return False
    attribute = op.properties["value"]
    if isinstance(attribute, FloatAttr):
        number = attribute.value.data
        return number == 0 and str(number) == "0.0"
    return isinstance(attribute, IntegerAttr) and attribute.value.data == 0
