"""`loop-invariant-code-motion`: reductions of what a loop does not change run once, before it."""

from __future__ import annotations

from tfc.passes.effects import is_speculatable
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import reduction_flags
from xdsl.context import Context
from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import IndexOp, YieldOp
from xdsl.ir import Block, Operation, OpResult, SSAValue
from xdsl.passes import ModulePass

_OF_KNOWN_SIZES = (
    tensor.ExtractOp,  # of rank 0
    tensor.ExtractSliceOp,
    tensor.ExpandShapeOp,
    tensor.CollapseShapeOp,
)
"""Ops that read one tensor, and nothing outside of it unless a size or place of run time says so."""


class LoopInvariantCodeMotionPass(ModulePass):
    """Move sums, products of matrices and searches for the worst index before loops that do not change their operands.

    Before:
        scf.for %i = %c0 to %n step %c1 {
          %worst = linalg.generic {max, a reduction} ins(%indices)
          ...
    After:
        %worst = linalg.generic {max, a reduction} ins(%indices)
        scf.for %i = %c0 to %n step %c1 {
          ...

    Elementwise ops that such a reduction reads are cloned there. They stay in the loop where it needs them, too: they fuse with
    what reads them, and their results are not kept in memory. What could fail is not moved: the loop may not run. A check of
    what was moved stays where it was.

    Pre-condition: none; on tensors.
    """

    name = "loop-invariant-code-motion"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in reversed(walk(op)):
            if isinstance(inner, scf.ForOp | scf.WhileOp):
                _Motion(rewriter, inner).run()


class _Motion:
    """One loop, and what of its body was moved before it."""

    def __init__(self, rewriter: Rewriter, loop: Operation) -> None:
        self.rewriter = rewriter
        self.loop = loop
        self.blocks: set[Block | None] = {region.block for region in loop.regions}
        self.copies: dict[SSAValue, SSAValue] = {}
        self.known: dict[Operation, bool] = {}
        """Whether an op of the body can run before the loop."""

    def run(self) -> None:
        for region in self.loop.regions:
            for op in tuple(region.block.ops):
                if _is_reduction(op) and self.can_move(op):
                    self.move(op)

    def can_move(self, op: Operation) -> bool:
        """Whether an op of the body depends on nothing that the loop changes, and cannot fail."""
        found = self.known.get(op)
        if found is None:
            found = _is_safe(op) and all(map(self.is_before, _operands(op)))
            self.known[op] = found
        return found

    def is_before(self, value: SSAValue) -> bool:
        """Whether a value is there before the loop, or can be."""
        if isinstance(value, OpResult):
            if value.op.parent in self.blocks:
                return self.can_move(value.op)
            return not self._is_inside(value.op.parent)
        return not self._is_inside(value.owner if isinstance(value.owner, Block) else None)

    def _is_inside(self, block: Block | None) -> bool:
        while block is not None:
            if block in self.blocks:
                return True
            block = block.parent_block()
        return False

    def move(self, op: Operation) -> None:
        operands = [self.copy_of(value) for value in _operands(op)]
        mapping = dict(zip(_operands(op), operands, strict=True))
        moved = op.clone(mapping)
        moved.location = op.location
        self.rewriter.before(self.loop)
        self.rewriter.insert(moved)
        self.rewriter.replace(op, list(moved.results))

    def copy_of(self, value: SSAValue) -> SSAValue:
        """A value as it is before the loop."""
        if not (isinstance(value, OpResult) and value.op.parent in self.blocks):
            return value
        if value not in self.copies:
            op = value.op
            mapping = {operand: self.copy_of(operand) for operand in _operands(op)}
            copy = op.clone(mapping)
            copy.location = op.location
            self.rewriter.before(self.loop)
            self.rewriter.insert(copy)
            self.copies.update(zip(op.results, copy.results, strict=True))
        return self.copies[value]


def _is_reduction(op: Operation) -> bool:
    return isinstance(op, LinalgStructuredOperation) and any(reduction_flags(op))


def _is_safe(op: Operation) -> bool:
    """Whether an op may run where it did not before."""
    if isinstance(op, LinalgStructuredOperation):
        return all(
            isinstance(inner, YieldOp | IndexOp) or (not inner.regions and _is_safe(inner))
            for inner in op.regions[0].block.ops
        )
    if isinstance(op, _OF_KNOWN_SIZES):
        return len(op.operands) == 1
    if isinstance(op, tensor.EmptyOp):
        return all(isinstance(size.owner, tensor.DimOp) for size in op.operands)
    is_plain = op.dialect_name() in ("arith", "math") or isinstance(op, tensor.FromElementsOp)
    if isinstance(op, tensor.DimOp):
        return True
    return is_plain and is_speculatable(op)


def _operands(op: Operation) -> list[SSAValue]:
    """What an op reads, in its body too."""
    found = list(op.operands)
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                found += [
                    value
                    for value in inner.operands
                    if not (
                        value in block.args
                        or (isinstance(value, OpResult) and value.op.parent is block)
                    )
                ]
    return list(dict.fromkeys(found))
