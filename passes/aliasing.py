"""Which buffers are known to be different memory."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.dialects import memref, scf
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue

VIEWS = (
    memref.SubviewOp,
    memref.CastOp,
    memref.CollapseShapeOp,
    memref.ExpandShapeOp,
    memref.ReinterpretCastOp,
)
"""The ops that give other names to the memory of their first operand."""


def root_of(buffer: SSAValue) -> SSAValue:
    """What a buffer is a view of, or the buffer itself."""
    while isinstance(buffer.owner, VIEWS):
        buffer = buffer.owner.operands[0]
    return buffer


def are_distinct(roots: Iterable[SSAValue]) -> bool:
    """Whether all of `roots`, of which none is there twice, are known to be different memory.

    Different are the arguments of `@main`, allocations, constants, and places in the arena: two of those that are used at the
    same time do not overlap. Buffers that a loop rotates are different from each other and from all but what it starts with.
    """
    owners: dict[SSAValue, object] = {}
    for root in roots:
        loop = _rotating(root)
        places, owner = ([root], root) if loop is None else (_buffers(loop.iter_args), loop)
        for place in places:
            if not _is_known(place) or owners.setdefault(place, owner) is not owner:
                return False
    return True


def _is_known(root: SSAValue) -> bool:
    owner = root.owner
    if isinstance(owner, Block):
        function = owner.parent_op()
        return isinstance(function, FuncOp) and function.sym_name.data == "main"
    return isinstance(owner, memref.AllocOp | memref.AllocaOp | memref.ViewOp | memref.GetGlobalOp)


def _rotating(root: SSAValue) -> scf.ForOp | None:
    """The loop of which `root` is a buffer that takes another's role at each iteration."""
    block = root.owner
    loop = block.parent_op() if isinstance(block, Block) else None
    if not isinstance(loop, scf.ForOp) or not isinstance(block, Block):
        return None
    assert isinstance(block.last_op, Operation)
    passed, started = _buffers(block.last_op.operands), _buffers(loop.iter_args)
    rotates = len(set(passed)) == len(passed) and all(value.owner is block for value in passed)
    return loop if rotates and len(set(started)) == len(started) else None


def _buffers(values: Iterable[SSAValue]) -> list[SSAValue]:
    return [root_of(value) for value in values if isinstance(value.type, MemRefType)]
