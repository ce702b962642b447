"""Freeing what a block owns: after its last use there, unless it was given away."""

from __future__ import annotations

from tfc.passes.aliasing import VIEWS
from tfc.passes.bufferize.state import State
from tfc.passes.rewriting import new_op
from xdsl.dialects import memref, scf
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, Operation, SSAValue


def insert_deallocations(state: State) -> None:
    """Put a `memref.dealloc` behind the last use of every buffer that still has a home."""
    numbers: dict[Block, dict[Operation, int]] = {}
    for buffer in state.owned:
        home = buffer.home
        if home is None:
            continue
        if home not in numbers:
            numbers[home] = {op: index for index, op in enumerate(home.ops)}
        value = buffer.memref
        last = _last_use(value, home, numbers[home])
        owner = value.owner
        if last is None:
            if isinstance(owner, memref.AllocOp):
                owner.detach()
                owner.erase()
                continue
            last = owner if isinstance(owner, Operation) else None
        dealloc = new_op(memref.DeallocOp, (value,))
        if last is None:
            assert home.first_op is not None
            dealloc.location = home.first_op.location
            home.insert_op_before(dealloc, home.first_op)
        else:
            dealloc.location = last.location
            home.insert_op_after(dealloc, last)


def _last_use(value: SSAValue, home: Block, numbers: dict[Operation, int]) -> Operation | None:
    """The last op of `home` that touches the memory, also through views and loops."""
    last: Operation | None = None
    best = -1
    seen = {value}
    pending = [value]
    while pending:
        for use in pending.pop().uses:
            user = use.operation
            if isinstance(user, memref.DeallocOp):
                continue
            for alias in _aliases(user):
                if alias not in seen:
                    seen.add(alias)
                    pending.append(alias)
            op = _ancestor_in(user, home)
            if op is not None and numbers[op] > best:
                last, best = op, numbers[op]
    return last


def _aliases(op: Operation) -> list[SSAValue]:
    """Values that show the same memory as an operand of `op`."""
    if isinstance(op, VIEWS):
        return list(op.results)
    if isinstance(op, scf.YieldOp | scf.ConditionOp):
        parent = op.parent_op()
        return [] if parent is None else _aliases(parent)
    if isinstance(op, scf.ForOp | scf.WhileOp):
        arguments = [a for region in op.regions for a in region.block.args]
        return [v for v in (*op.results, *arguments) if isinstance(v.type, MemRefType)]
    return []


def _ancestor_in(op: Operation, home: Block) -> Operation | None:
    """The op of `home` that is or contains `op`; None if `op` is not inside."""
    while op.parent is not home:
        parent = op.parent_op()
        if parent is None:
            return None
        op = parent
    return op
