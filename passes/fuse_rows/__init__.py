"""`fuse-rows`: softmax, norms and their like become one loop over rows."""

from __future__ import annotations

from dataclasses import dataclass

from tfc.passes.fuse_rows.chain import Chain, batch_count
from tfc.passes.fuse_rows.group import Group
from tfc.passes.fuse_rows.padded import Padded, reads_padded
from tfc.passes.remarks import listener
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import Structured
from xdsl.context import Context
from xdsl.dialects import linalg
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import Block
from xdsl.passes import ModulePass

_ = linalg  # its sub-modules need the package first


@dataclass(frozen=True)
class FuseRowsPass(ModulePass):
    """Make one loop over rows of the ops that share them, so that what lies between them stays in the first-level cache.

    Before (softmax):
        %m = linalg.generic {max over j} ins(%x)             // reads x from memory
        %e = linalg.generic {exp(x - m)} ins(%x, %m)         // reads x, writes e
        %s = linalg.generic {sum over j} ins(%e)             // reads e
        %y = linalg.generic {e / s} ins(%e, %s)              // reads e, writes y
    After:
        %y = scf.for %i iter_args(%out) {
          %row = tensor.extract_slice %x[%i, 0]
          ... the same four on one row ...
          tensor.insert_slice %y_row into %out[%i, 0]
        } {tfc.parallel}

    A group starts at a reduction whose leading loops are parallel, the rows, and takes in producers and consumers that run over
    the same rows in the same way. It is built when it holds two passes over rows or more, those that `fuse-elementwise` makes one
    counted once, and what lies between them is more than `min-bytes`, since small tensors stay in the cache anyway, and a row is
    at most half of `l2-bytes`.

    Likewise products of batches of matrices with what lies between them, as in attention: a loop over the matrices, so that
    the scores of one stay in the second-level cache. There a matrix is the row; the loops over its own rows are inside. The batch
    may be any dims of what comes in and goes out but the last. A matrix that is too long for the cache is cut into blocks of its
    rows, if it has a known number of them.

    Likewise windows over images with a border (convolutions, pooling): image by image, in bands of rows that fit the cache, with
    the elementwise ops behind them. The border of a band is made in the cache. That takes at least four images that are larger
    than the cache together, of a height that bands divide.

    A row of the result takes the place of the row that it is made of, where nothing else reads that.

    Pre-condition: `fold-unit-reshapes`. Then `fuse-elementwise` fuses inside the rows. Numbers do not change.
    """

    name = "fuse-rows"

    min_bytes: int = 128 * 1024
    l2_bytes: int = 512 * 1024

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if isinstance(inner, GenericOp):
                continue
            for region in inner.regions:
                for block in region.blocks:
                    self._fuse_block(block, rewriter)

    def _fuse_block(self, block: Block, rewriter: Rewriter) -> None:
        positions = {op: index for index, op in enumerate(block.ops)}
        for kind, count_rows in ((Chain, batch_count), (Group, row_count), (Padded, reads_padded)):
            for op in list(block.ops):
                if op.parent is not block or not isinstance(op, GenericOp):
                    continue
                rows = count_rows(Structured(op))
                if rows:
                    inside = self._fuse(kind(op, rows, positions), rewriter)
                    if inside is not None and kind is Chain:
                        self._fuse_block(inside, rewriter)

    def _fuse(self, group: Group, rewriter: Rewriter) -> Block | None:
        """Make a loop of what `group` grows to, if it is worth it; gives the body of the loop."""
        group.grow()
        if not group.is_closed():
            return None
        obstacle = group.obstacle(self.min_bytes, self.l2_bytes // 2)
        remarks = listener()
        if remarks is not None and len(group.members) > 1:
            remarks.append(group.account(obstacle))
        return group.build(rewriter) if obstacle is None else None


def row_count(view: Structured) -> int:
    """How many leading loops of a reduction are rows; 0 when it is none or has none."""
    if all(view.parallel) or view.is_contraction:
        return 0
    return view.parallel.index(False)
