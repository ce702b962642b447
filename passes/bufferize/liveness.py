"""When a tensor value is read for the last time, over structured control flow.

Ops get numbers in program order. A read inside a loop of a value from outside counts as a read at
the end of the outermost such loop, since the next iteration reads again. What one arm of an `if`
reads does not concern the other arms.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from tfc.passes.structured import output_count
from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block, Operation, SSAValue

LOOPS = (scf.ForOp, scf.WhileOp)
BRANCHES = (scf.IfOp, scf.IndexSwitchOp)


@dataclass(frozen=True)
class Read:
    """One read: when it happens at the latest, and the op (or loop) that it happens in."""

    position: int
    op: Operation


def is_destination(op: Operation, index: int) -> bool:
    """Whether operand `index` of `op` would be overwritten in place."""
    if isinstance(op, tensor.InsertOp | tensor.InsertSliceOp):
        return index == 1
    if isinstance(op, LinalgStructuredOperation):
        return index >= len(op.operands) - output_count(op)
    return isinstance(op, scf.ForOp | scf.WhileOp)


class Liveness:
    """Positions of the ops of one function and the reads of its tensor values.

    Computed once, before anything is rewritten. Structured ops are leaves: what their bodies
    capture they read themselves.
    """

    def __init__(self, function: FuncOp) -> None:
        self._start: dict[Operation, int] = {}
        self._end: dict[Operation, int] = {}
        self._reads: dict[SSAValue, list[Read]] = {}
        self._last: dict[SSAValue, int] = {}
        self._writes: dict[SSAValue, list[int]] = {}
        self._count = 0
        for block in function.body.blocks:
            self._number_block(block)
        for block in function.body.blocks:
            self._collect_block(block)

    def position(self, op: Operation) -> int:
        """The number of an op of the original function."""
        return self._start[op]

    def end(self, op: Operation) -> int:
        """The number after everything nested in `op`."""
        return self._end[op]

    def reads(self, value: SSAValue) -> list[Read]:
        """All reads of a tensor value."""
        return self._reads.get(value, [])

    def is_read_after(self, value: SSAValue, op: Operation) -> bool:
        """Whether `value` may be read after `op` has run, `op`'s own operands not counted."""
        position = self._start[op]
        if self._last.get(value, -1) <= position:
            return False
        return any(
            read.position > position and not _in_other_branch(read.op, op)
            for read in self._reads[value]
        )

    def is_read_past(self, value: SSAValue, op: Operation) -> bool:
        """Whether `value` may be read after `op` and everything nested in it has run."""
        end = self._end[op]
        if self._last.get(value, -1) <= end:
            return False
        return any(
            read.position > end and not _in_other_branch(read.op, op) for read in self._reads[value]
        )

    def is_written_between(self, value: SSAValue, start: int, end: int) -> bool:
        """Whether an op between two positions wants to overwrite a tensor value in place."""
        writes = self._writes.get(value, [])
        index = bisect_right(writes, start)
        return index < len(writes) and writes[index] < end

    def is_known_at(self, value: SSAValue, op: Operation) -> bool:
        """Whether a scalar is computed before `op`, which stands in a block that sees it."""
        owner = value.owner
        return isinstance(owner, Block) or self._start.get(owner, -1) < self._start[op]

    # -- construction ---------------------------------------------------------------------------

    def _number_block(self, block: Block) -> None:
        for op in block.ops:
            self._start[op] = self._count
            self._count += 1
            if op.regions and not isinstance(op, LinalgStructuredOperation):
                for region in op.regions:
                    for inner in region.blocks:
                        self._number_block(inner)
                self._count += 1
            self._end[op] = self._count - 1

    def _collect_block(self, block: Block) -> None:
        for argument in block.args:
            self._collect(argument, block)
        for op in block.ops:
            for result in op.results:
                self._collect(result, block)
            if not isinstance(op, LinalgStructuredOperation):
                for region in op.regions:
                    for inner in region.blocks:
                        self._collect_block(inner)

    def _collect(self, value: SSAValue, home: Block) -> None:
        if not isinstance(value.type, TensorType):
            return
        reads: list[Read] = []
        writes: list[int] = []
        last = -1
        for use in value.uses:
            read = self._read(use.operation, home)
            last = max(last, read.position)
            reads.append(read)
            if is_destination(use.operation, use.index):
                writes.append(self._start[use.operation])
        if writes:
            self._writes[value] = sorted(writes)
        self._reads[value] = reads
        self._last[value] = last

    def _read(self, user: Operation, home: Block) -> Read:
        op = user
        loop: Operation | None = None
        block = op.parent
        while block is not None and block is not home:
            parent = block.parent_op()
            assert parent is not None
            op = parent
            if isinstance(op, LOOPS):
                loop = op
            elif isinstance(op, LinalgStructuredOperation):
                user = op
            block = op.parent
        if loop is not None:
            return Read(self._end[loop], loop)
        return Read(self._start[user], user)


def _ancestors(op: Operation) -> dict[Operation, object]:
    """The ops around `op`, each with the region that `op` is in."""
    result: dict[Operation, object] = {}
    region = op.parent_region()
    while region is not None and region.parent is not None:
        result[region.parent] = region
        region = region.parent.parent_region()
    return result


def _in_other_branch(read: Operation, op: Operation) -> bool:
    """Whether `read` and `op` are in different arms of one branch."""
    around_read = _ancestors(read)
    for parent, region in _ancestors(op).items():
        other = around_read.get(parent)
        if other is not None:
            # The innermost op around both decides.
            return other is not region and isinstance(parent, BRANCHES)
    return False
