"""`scf-for-to-parallel`: loops over rows become parallel loops."""

from __future__ import annotations

from tfc.passes import builders
from tfc.passes.rewriting import Rewriter, walk
from xdsl.context import Context
from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass


class ScfForToParallelPass(ModulePass):
    """Turn loops that are marked as independent into `scf.parallel`, once they carry nothing.

    Before:
        scf.for %i = %c0 to %n step %c1 { ... } {tfc.parallel}
    After:
        scf.parallel (%i) = (%c0) to (%n) step (%c1) { ... }

    On tensors such a loop carries its result from row to row (`fuse-rows`); in buffers the rows are places of their own. A
    loop that still carries something stays.

    Pre-condition: no tensors (after `one-shot-bufferize`).
    """

    name = "scf-for-to-parallel"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if isinstance(inner, scf.ForOp) and "tfc.parallel" in inner.attributes:
                if inner.results:
                    del inner.attributes["tfc.parallel"]
                else:
                    _convert(inner, rewriter)


def _convert(loop: scf.ForOp, rewriter: Rewriter) -> None:
    rewriter.before(loop)
    region = loop.detach_region(loop.body)
    terminator = region.block.last_op
    assert terminator is not None
    rewriter.create(
        scf.ParallelOp,
        tuple(loop.operands),
        (),
        {"operandSegmentSizes": builders.segments(1, 1, 1, 0)},
        regions=(region,),
    )
    rewriter.before(terminator)
    rewriter.create(scf.ReduceOp)
    rewriter.erase(terminator)
    rewriter.erase(loop)
