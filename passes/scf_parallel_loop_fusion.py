"""`scf-parallel-loop-fusion`: neighbouring loops over the rows of one buffer become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tfc.passes.aliasing import are_distinct, root_of
from tfc.passes.builders import constant_int
from tfc.passes.effects import is_pure
from tfc.passes.rewriting import Rewriter, walk
from xdsl.context import Context
from xdsl.dialects import memref, scf
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.ir import Block, SSAValue
from xdsl.passes import ModulePass


class ScfParallelLoopFusionPass(ModulePass):
    """Fuse neighbouring parallel loops that write into rows of the same buffer.

    Before:
        scf.parallel (%i) = (%c0) to (%n) step (%c1) { memref.store %zero, %border[%i, %c0] }
        scf.parallel (%i) = (%c0) to (%n) step (%c1) { ... memref.store %x, %inner[%i, %j] }
    After:
        scf.parallel (%i) = (%c0) to (%n) step (%c1) {
          memref.store %zero, %border[%i, %c0]
          ... memref.store %x, %inner[%i, %j]
        }

    A row is then in the cache once, and written by one thread. The loops have one dimension and the same range; what either
    of them writes is accessed in the row of the iteration alone, and is known to be different memory from all else they access.

    Pre-condition: `convert-linalg-to-loops`.
    """

    name = "scf-parallel-loop-fusion"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for inner in walk(op):
            for region in inner.regions:
                for block in region.blocks:
                    _fuse_block(block)


def _fuse_block(block: Block) -> None:
    last: scf.ParallelOp | None = None
    before: _Loop | None = None
    for op in list(block.ops):
        if isinstance(op, scf.ParallelOp):
            loop = None
            if last is not None and _same_range(last, op):
                before, loop = before or _Loop(last), _Loop(op)
                if before.fuses_with(loop):
                    before.move_into(loop)
            last, before = op, loop
        elif last is not None and not is_pure(op):
            last = before = None


def _same_range(one: scf.ParallelOp, other: scf.ParallelOp) -> bool:
    """Whether two loops have one dimension and the same bounds and step."""
    return len(one.operands) == len(other.operands) == 3 and all(
        a is b or (constant_int(a) is not None and constant_int(a) == constant_int(b))
        for a, b in zip(one.operands, other.operands, strict=True)
    )


Row = tuple[int, int]
"""Offset and stride of rows: iteration i accesses row `offset + i * stride` of a buffer."""


@dataclass
class _Loop:
    """A parallel loop, and where it accesses memory."""

    op: scf.ParallelOp
    rows: dict[SSAValue, set[Row | None]] = field(default_factory=dict[SSAValue, "set[Row | None]"])
    """By buffer; None stands for any row."""
    written: set[SSAValue] = field(default_factory=set[SSAValue])
    simple: bool = True
    """Whether it accesses memory by loads and stores alone."""

    def __post_init__(self) -> None:
        for op in self.op.body.block.walk():
            if isinstance(op, memref.LoadOp):
                self._access(op.operands[0], op.operands[1:])
            elif isinstance(op, memref.StoreOp):
                self.written.add(self._access(op.operands[1], op.operands[2:]))
            elif not isinstance(op, scf.ForOp | scf.YieldOp | scf.ReduceOp) and not is_pure(op):
                self.simple = False

    def _access(self, buffer: SSAValue, indices: Sequence[SSAValue]) -> SSAValue:
        root = root_of(buffer)
        own = bool(indices) and indices[0] is self.op.body.block.args[0]
        self.rows.setdefault(root, set()).add(_row(buffer, root) if own else None)
        return root

    def fuses_with(self, other: _Loop) -> bool:
        """Whether `other`, the next loop, may run after this one row by row, and has rows in common."""
        if not self.simple or not other.simple or not self.written & other.written:
            return False
        for root in self.written | other.written:
            rows = self.rows.get(root, set()) | other.rows.get(root, set())
            if len(rows) != 1 or None in rows:
                return False
        return are_distinct({*self.rows, *other.rows})

    def move_into(self, other: _Loop) -> None:
        """Put the body of this loop before that of `other`."""
        mine, theirs = self.op.body.block, other.op.body.block
        rewriter = Rewriter().at_start(theirs)
        assert mine.last_op is not None
        rewriter.erase(mine.last_op)
        rewriter.inline_block(mine, (theirs.args[0],))
        rewriter.erase(self.op)
        other.written |= self.written
        for root, rows in self.rows.items():
            other.rows.setdefault(root, set()).update(rows)


def _row(buffer: SSAValue, root: SSAValue) -> Row | None:
    """Where the first dimension of a buffer lies in that of its root, where that is known."""
    if buffer is root:
        return 0, 1
    view = buffer.owner
    if not isinstance(view, memref.SubviewOp) or view.operands[0] is not root:
        return None
    kinds = [value.type for value in (buffer, root)]
    ranks = {len(kind.shape.data) for kind in kinds if isinstance(kind, MemRefType)}
    offset, stride = view.static_offsets.get_values()[0], view.static_strides.get_values()[0]
    return None if len(ranks) > 1 or offset < 0 or stride < 0 else (offset, stride)
