"""`convert-contractions-to-vector`: matrix products and convolutions become vector code."""

from __future__ import annotations

from dataclasses import dataclass

from tfc.passes.convert_contractions_to_vector.contraction import Contraction, match_contraction
from tfc.passes.convert_contractions_to_vector.kernel import (
    Tile,
    build_kernel,
    kernel_name,
    register_tile,
)
from tfc.passes.convert_contractions_to_vector.nest import ContractionNest, blocking
from tfc.passes.rewriting import Rewriter
from xdsl.context import Context
from xdsl.dialects import arith, linalg
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, ModuleOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import FillOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass

_ = linalg


@dataclass(frozen=True)
class ConvertContractionsToVectorPass(ModulePass):
    """Turn sums of products on buffers into loops around calls of a register tile.

    Before:
        linalg.matmul ins(%a, %b : memref<64x256xf32>, memref<256x128xf32>) outs(%c : memref<64x128xf32>)
    After:
        scf.for rows, columns {
          func.call @tfc_tile_f32_6x2x8(%a_panel, %b_panel, %c_tile, %k, %accumulate, %columns)
        }

    Everything that is a contraction takes this way: products of matrices, batches of them, `einsum`, convolutions (their
    outer sums are loops around the kernel, so nothing is copied to make a matrix). A tile keeps its sums in registers and runs
    along k with `vector.fma`; k is cut so that a panel of `b` stays in the first-level cache, m so that a block of `a` stays in
    the second-level one; `b` is copied into panels when it is strided or large. Products with a vector, and sums where the
    result does not run along an operand, are left to `convert-linalg-to-loops`.

    A `linalg.fill` of zeros into the result just before is taken in.

    Options: `vector-bits`, `vector-registers`, `l1-bytes`, `l2-bytes` of the target.

    Pre-condition: no tensors (after `one-shot-bufferize`).
    """

    name = "convert-contractions-to-vector"

    vector_bits: int = 256
    vector_registers: int = 16
    l1_bytes: int = 32 * 1024
    l2_bytes: int = 512 * 1024

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        kernels: dict[str, tuple[Attribute, Tile, bool]] = {}
        for inner in list(op.walk()):
            if isinstance(inner, LinalgStructuredOperation) and not isinstance(inner, FillOp):
                contraction = match_contraction(inner)
                if contraction is not None and _is_worth_it(contraction):
                    self._convert(rewriter, inner, contraction, kernels)
        rewriter.at_end(op.body.block)
        for element, tile, masked in kernels.values():
            build_kernel(rewriter, element, tile, masked)

    def _convert(
        self,
        rewriter: Rewriter,
        op: LinalgStructuredOperation,
        contraction: Contraction,
        kernels: dict[str, tuple[Attribute, Tile, bool]],
    ) -> None:
        element = contraction.element
        bits = element.bitwidth  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        tile = register_tile(bits, self.vector_bits, self.vector_registers)  # pyright: ignore[reportUnknownArgumentType]
        blocks = blocking(tile, bits // 8, self.l1_bytes, self.l2_bytes)  # pyright: ignore[reportUnknownArgumentType]

        def need(shape: Tile, masked: bool) -> None:
            kernels.setdefault(kernel_name(element, shape, masked), (element, shape, masked))

        fill = _zero_fill(op, contraction.c.value) if _depth_is_known(contraction) else None
        rewriter.before(op)
        nest = ContractionNest(
            rewriter, contraction, tile, blocks, accumulate=fill is None, need_kernel=need
        )
        nest.emit()
        rewriter.erase(op)
        if fill is not None:
            rewriter.erase(fill)


def _is_worth_it(contraction: Contraction) -> bool:
    """Whether there are several rows and columns of one floating-point or 32-bit type."""
    element = contraction.element
    if not isinstance(element, AnyFloat) and str(element) != "i32":
        return False
    if str(element) not in ("f32", "f64", "i32"):
        return False
    if {contraction.a.element, contraction.b.element} != {element}:
        return False
    c = contraction.c
    inner = c.plain_axis(contraction.n[-1])
    assert inner is not None
    rows = [c.plain_axis(loop) for loop in contraction.m]
    tall = any(axis is not None and c.shape[axis] != 1 for axis in rows)
    return tall and c.shape[inner] not in (1, 2, 3) and 0 not in c.shape


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
