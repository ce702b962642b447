"""`hoist-updates`: variables are updated as soon as their gradients are there."""

from __future__ import annotations

from tfc.passes.effects import is_noticed, is_speculatable
from tfc.passes.one_shot_bufferize import updates_of
from tfc.passes.rewriting import insert_before, walk
from xdsl.context import Context
from xdsl.dialects import linalg, tensor
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass

_ = linalg  # its sub-modules need the package first

_VIEWS = (tensor.ExtractSliceOp, tensor.CollapseShapeOp, tensor.ExpandShapeOp, tensor.CastOp)


class HoistUpdatesPass(ModulePass):
    """Move the op that updates a variable behind what it needs, so that a gradient dies before the next one is computed.

    Before:
        %g = linalg.matmul ins(%a, %b)
        %h = linalg.matmul ins(%c, %d)
        %v1 = linalg.generic {subf} ins(%v, %g)
        %w1 = linalg.generic {subf} ins(%w, %h)
        return %v1, %w1      // tfc.updates = 0, tfc.updates = 1
    After:
        %g = linalg.matmul ins(%a, %b)
        %v1 = linalg.generic {subf} ins(%v, %g)
        %h = linalg.matmul ins(%c, %d)
        %w1 = linalg.generic {subf} ins(%w, %h)

    An update stays behind the last use of the variable's old value, which it overwrites, and behind ops with effects: when one
    of these ends the call, the variable must not have changed. Linear in the number of ops.

    Pre-condition: linalg stage, after fusion. Numbers do not change.
    """

    name = "hoist-updates"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in op.ops:
            if isinstance(function, FuncOp) and function.body.blocks:
                updates = updates_of(function)
                if updates:
                    _hoist_in(function.body.block, updates)


def _hoist_in(block: Block, updates: dict[int, int]) -> None:
    returned = block.last_op
    assert returned is not None
    written: dict[Operation, list[SSAValue]] = {}
    for result, argument in updates.items():
        op = returned.operands[result].owner
        if isinstance(op, GenericOp) and op.parent is block:
            written.setdefault(op, []).append(block.args[argument])
    order = list(block.ops)
    numbers = {op: index for index, op in enumerate(order)}
    places = dict(numbers)
    """The place of an op that moves is that of the op which it follows."""
    ends = dict(enumerate(order))
    """What comes last of an op and those that follow it."""
    barrier = -1
    for op in order[:-1]:
        if op in written:
            _hoist(op, written[op], barrier, places, ends, numbers)
        elif is_noticed(op):
            barrier = places[op]


def _hoist(
    op: Operation,
    variables: list[SSAValue],
    barrier: int,
    places: dict[Operation, int],
    ends: dict[int, Operation],
    numbers: dict[Operation, int],
) -> None:
    """Move `op`, and what is made for it alone, behind the last op that it must follow."""
    along: dict[Operation, int] = {}
    last = max(
        barrier,
        *[_last_use(variable, op, places) for variable in variables],
        *[_needed(value, along, places) for inner in walk(op) for value in inner.operands],
    )
    if not 0 <= last < places[op]:
        return
    anchor = ends[last].next_op
    assert anchor is not None
    for moved in (*sorted(along, key=numbers.__getitem__), op):
        if places[moved] > last:
            if moved is anchor:
                anchor = moved.next_op
                assert anchor is not None
            moved.detach()
            insert_before(moved, anchor)
            places[moved] = last
    ends[last] = op


def _needed(value: SSAValue, along: dict[Operation, int], places: dict[Operation, int]) -> int:
    """The place of the op that gives a value. Constants and memory to write to come along instead."""
    op = value.owner
    if not isinstance(op, Operation) or op not in places:
        return -1  # an argument, or made inside of the op
    is_scalar = not isinstance(value.type, TensorType) and is_speculatable(op)
    if not is_scalar and not isinstance(op, tensor.EmptyOp | FillOp):
        return places[op]
    if op not in along:
        needs = [_needed(operand, along, places) for operand in op.operands]
        along[op] = max(needs, default=-1)
    return along[op]


def _last_use(value: SSAValue, update: Operation, places: dict[Operation, int]) -> int:
    """The place of the last use of a value, or of a view of it, besides its update."""
    last = -1
    for use in value.uses:
        op: Operation | None = use.operation
        while op is not None and op not in places:
            op = op.parent_op()
        if op is None or op is update:
            continue
        last = max(last, places[op])
        if isinstance(op, _VIEWS):
            last = max(last, _last_use(op.results[0], update, places))
    return last
