"""`convert-linalg-to-loops`: structured ops on buffers become loops over elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfc.passes.loop_nests.nest import IndexConstants, lower
from tfc.passes.rewriting import Rewriter, walk
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.passes import ModulePass

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp


@dataclass(frozen=True)
class ConvertLinalgToLoopsPass(ModulePass):
    """Turn structured ops on buffers into loops with loads, scalar arithmetic and stores.

    Pre-condition: no tensors (after `one-shot-bufferize`).

        linalg.generic {maps = [(i, k) -> (i, k), (i, k) -> (i)],
                        iterator_types = ["parallel", "reduction"]}
            ins(%a : memref<8x64xf32>) outs(%s : memref<8xf32>) { out + in }

    becomes

        scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
          %first = memref.load %s[%i]
          %sum = scf.for %k = %c0 to %c64 step %c1 iter_args(%acc = %first) {
            %x = memref.load %a[%i, %k]
            %next = arith.addf %acc, %x
            scf.yield %next
          } {tfc.parallel}
          memref.store %sum, %s[%i]
        }

    The innermost loop is the one along which most operands are contiguous; it is sequential, but marked as independent
    (`tfc.parallel`), since threads are worth it only further out. If its body has loops of its own it is parallel, since
    `vectorize-outer-loops` makes vectors of those. Loops that run once disappear. A reduction that ends up innermost keeps
    its value in a register, another one accumulates in memory row by row. Sums longer than `block` elements are summed in
    blocks whose totals are added in higher precision, which is at least as accurate as pairwise summation. Loops whose body
    is a long chain of arithmetic (`tfc.interleave`) have several vectors worked on side by side. Elementwise ops with
    operands for the elements of a window are made for several places at once, as many as share most of what they read and
    keep it in `vector-registers`.

    Post-condition: no `linalg` ops.
    """

    name = "convert-linalg-to-loops"

    block: int = 512
    vector_registers: int = 16

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for function in op.body.block.ops:
            structured = [f for f in walk(function) if isinstance(f, LinalgStructuredOperation)]
            if structured:
                constants = IndexConstants(function.regions[0].blocks[0])
                for inner in structured:
                    lower(inner, rewriter, constants, self.block, self.vector_registers)
