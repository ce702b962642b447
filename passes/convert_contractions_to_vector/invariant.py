"""Loop-invariant operands: packed once, before the loop that multiplies with them again and again."""

from __future__ import annotations

from tfc.passes.aliasing import VIEWS, root_of
from tfc.passes.convert_contractions_to_vector.contraction import Contraction
from tfc.passes.structured import output_count
from xdsl.dialects import func, memref, scf
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block, Operation, SSAValue

CONTRACTION = "tfc_contraction_"
"""How the names of functions begin that write their third argument and read the others."""


def outermost_reader(op: Operation, contraction: Contraction) -> Operation | None:
    """The outermost loop around `op` that reads operand `b`, which it gets from outside, and never writes it."""
    b = contraction.b.value
    root = root_of(b)
    if not _is_memory_of_its_own(root):
        return None
    best: Operation | None = None
    around = op.parent_op()
    while isinstance(around, scf.ForOp | scf.ParallelOp | scf.WhileOp | scf.IfOp):
        if not _is_outside(b, around) or not _is_only_read(root, around):
            break
        if not isinstance(around, scf.IfOp):
            best = around
        around = around.parent_op()
    return best


def _is_memory_of_its_own(root: SSAValue) -> bool:
    """Whether a buffer can be reached through its own name and views of it only."""
    owner = root.owner
    if isinstance(owner, Block):
        function = owner.parent_op()
        return isinstance(function, func.FuncOp) and function.sym_name.data == "main"
    return isinstance(owner, memref.AllocOp | memref.GetGlobalOp)


def _is_outside(value: SSAValue, loop: Operation) -> bool:
    return not loop.is_ancestor(value.owner)


def _is_only_read(root: SSAValue, loop: Operation) -> bool:
    """Whether nothing in the loop changes the buffer `root`, through itself or a view."""
    pending = [root]
    while pending:
        value = pending.pop()
        for use in value.uses:
            user = use.operation
            if isinstance(user, VIEWS):
                pending.append(user.results[0])
            elif (loop.is_ancestor(user) and not _only_reads(user, use.index)) or _renames(user):
                return False
    return True


def _renames(user: Operation) -> bool:
    """Whether what an op is given may go on under another name."""
    if isinstance(user, scf.ForOp | scf.WhileOp | scf.YieldOp | scf.ConditionOp):
        return True
    return any(isinstance(kind, MemRefType) for kind in user.result_types)


def _only_reads(user: Operation, index: int) -> bool:
    if isinstance(user, LinalgStructuredOperation):
        return index < len(user.operands) - output_count(user)
    if isinstance(user, func.CallOp):
        return user.callee.string_value().startswith(CONTRACTION) and index != 2
    if isinstance(user, memref.CopyOp):
        return index == 0
    return isinstance(user, memref.LoadOp | memref.DimOp)
