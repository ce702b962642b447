"""`hoist-destinations`: the destination of a result is moved before the op that computes the result."""

from __future__ import annotations

from tfc.passes.rewriting import insert_before, walk
from xdsl.context import Context
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Block, Operation, OpResult
from xdsl.passes import ModulePass

_ = linalg  # its sub-modules need the package first

_MOVABLE = (
    arith.ConstantOp, arith.AddiOp, arith.SubiOp, arith.MuliOp, tensor.DimOp, tensor.EmptyOp, FillOp, tensor.InsertSliceOp,
)  # fmt: skip


class HoistDestinationsPass(ModulePass):
    """Move what an op's result is inserted into before that op, so that the op can write into its place at once.

    Before (a sum, padded by zeros):
        %s = linalg.generic {add} ins(%x, %y) outs(%empty)
        %zeros = linalg.fill ins(%zero) outs(%large)
        %p = tensor.insert_slice %s into %zeros[1, 1] [62, 62] [1, 1]
    After:
        %zeros = linalg.fill ins(%zero) outs(%large)
        %s = linalg.generic {add} ins(%x, %y) outs(%empty)
        %p = tensor.insert_slice %s into %zeros[1, 1] [62, 62] [1, 1]

    Then `one-shot-bufferize` gives `%s` a view of `%zeros`, where it would have to copy `%s` had the zeros not been there. What
    moves is made of fills, empty tensors and slices of these; it moves when it does not depend on the op.

    Pre-condition: linalg stage, after fusion. Numbers do not change.
    """

    name = "hoist-destinations"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for inner in walk(op):
            if isinstance(inner, GenericOp):
                continue
            for region in inner.regions:
                for block in region.blocks:
                    _hoist_in(block)


def _hoist_in(block: Block) -> None:
    inserts = [op for op in block.ops if isinstance(op, tensor.InsertSliceOp)]
    if not inserts:
        return
    positions = {op: index for index, op in enumerate(block.ops)}
    for insert in inserts:
        producer = insert.source.owner
        if isinstance(producer, GenericOp) and producer.parent is block:
            needed: dict[Operation, None] = {}
            if _collect(insert.dest.owner, producer, positions, needed):
                for op in sorted(needed, key=positions.__getitem__):
                    op.detach()
                    insert_before(op, producer)
                    positions[op] = positions[producer]


def _collect(
    op: Operation | Block,
    anchor: Operation,
    positions: dict[Operation, int],
    needed: dict[Operation, None],
) -> bool:
    """Put `op` and what it needs of the ops after `anchor` into `needed`, in order; False when one of them must stay."""
    if not isinstance(op, Operation) or positions.get(op, -1) <= positions[anchor]:
        return op is not anchor
    if op in needed:
        return True
    if not isinstance(op, _MOVABLE):
        return False
    for value in op.operands:
        if isinstance(value, OpResult) and not _collect(value.op, anchor, positions, needed):
            return False
    needed[op] = None
    return True
