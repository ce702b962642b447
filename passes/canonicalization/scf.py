"""Branches that are decided, loops that run once or never, and values that loops carry in vain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tfc.passes.builders import constant_int
from tfc.passes.rewriting import Pattern, Rewriter
from xdsl.dialects import cf, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

# -- decided ------------------------------------------------------------------------------------


def _inline(op: Operation, block: Block, rewriter: Rewriter, values: Sequence[SSAValue]) -> None:
    """Put the ops of `block` in the place of `op`, whose results are what the block yields."""
    terminator = block.last_op
    assert terminator is not None
    rewriter.before(op)
    location = rewriter.location
    yielded = list(terminator.operands)
    for argument, value in zip(block.args, values, strict=True):
        yielded = [value if y is argument else y for y in yielded]
    rewriter.erase(terminator)
    rewriter.inline_block(block, values)
    rewriter.location = location
    rewriter.replace(op, yielded)


def branch(op: Operation, rewriter: Rewriter) -> bool:
    """`scf.if` on a constant -> the arm that runs."""
    known = constant_int(op.operands[0])
    if known is None:
        return False
    region = op.regions[0 if known else 1]
    if region.blocks:
        _inline(op, region.block, rewriter, ())
    else:
        rewriter.erase(op)
    return True


def switch(op: Operation, rewriter: Rewriter) -> bool:
    """`scf.index_switch` on a constant -> the region that runs."""
    known = constant_int(op.operands[0])
    if known is None:
        return False
    cases = list(cast(Any, op.properties["cases"]).get_values())
    index = 1 + cases.index(known) if known in cases else 0
    _inline(op, op.regions[index].block, rewriter, ())
    return True


def same_results(op: Operation, rewriter: Rewriter) -> bool:
    """A result that every arm yields the same outer value for -> that value."""
    changed = False
    yields = [r.block.last_op for r in op.regions if r.blocks]
    for index, result in enumerate(op.results):
        if not result.uses:
            continue
        values = [cast(Operation, terminator).operands[index] for terminator in yields]
        first = values[0]
        if all(value is first for value in values) and _is_outside(first, op):
            rewriter.replace_value(result, first)
            changed = True
    return changed


def _is_outside(value: SSAValue, op: Operation) -> bool:
    owner = value.owner
    return not op.is_ancestor(owner)


def trip_count(op: Operation, rewriter: Rewriter) -> bool:
    """A loop that never runs -> its initial values; one that runs once -> its body."""
    lower, upper, step = (constant_int(value) for value in op.operands[:3])
    if lower is None or upper is None:
        if op.operands[0] is not op.operands[1]:
            return False
        lower = upper = 0
    if lower >= upper:
        rewriter.replace(op, list(op.operands[3:]))
        return True
    if step is not None and lower + step >= upper:
        _inline(op, op.regions[0].block, rewriter, (op.operands[0], *op.operands[3:]))
        return True
    return False


def assertion(op: Operation, rewriter: Rewriter) -> bool:
    """An assertion of `true` goes."""
    if constant_int(op.operands[0]):
        rewriter.erase(op)
        return True
    return False


# -- carried values -----------------------------------------------------------------------------


def invariant(op: Operation, rewriter: Rewriter) -> bool:
    """What a `scf.for` carries without changing it, or without anybody reading it, is not carried."""
    block = op.regions[0].block
    terminator = block.last_op
    assert terminator is not None
    dropped: set[int] = set()
    for index, (init, argument) in enumerate(zip(op.operands[3:], block.args[1:], strict=True)):
        result, value = op.results[index], terminator.operands[index]
        if value is argument or value is init:
            rewriter.replace_value(argument, init)
            rewriter.replace_value(result, init)
            dropped.add(index)
        elif not result.uses and not argument.uses:
            dropped.add(index)
    if not dropped:
        return False
    kept = [i for i in range(len(op.results)) if i not in dropped]
    rewriter.before(op)
    for index in sorted(dropped, reverse=True):
        block.erase_arg(block.args[1 + index])
    rewriter.replace_terminator(terminator, [terminator.operands[i] for i in kept])
    operands = [*op.operands[:3], *(op.operands[3 + i] for i in kept)]
    new = rewriter.rebuild(op, operands, [op.results[i].type for i in kept])
    for index, result in zip(kept, new.results, strict=True):
        rewriter.replace_value(op.results[index], result)
    rewriter.erase(op)
    return True


# -- scalars ------------------------------------------------------------------------------------


def _boxed(types: Sequence[Attribute]) -> list[int]:
    """Which of these types are tensors of rank 0."""
    return [i for i, t in enumerate(types) if isinstance(t, TensorType) and not t.shape.data]


def _unbox(rewriter: Rewriter, values: Sequence[SSAValue], where: Sequence[int]) -> list[SSAValue]:
    """The values with the tensors at `where` replaced by their element."""
    result = list(values)
    for index in where:
        type = cast("TensorType[Any]", result[index].type)
        result[index] = rewriter.value(tensor.ExtractOp, (result[index],), type.element_type)
    return result


def _box_arguments(rewriter: Rewriter, block: Block, where: Sequence[int]) -> None:
    """Make the arguments at `where` scalars, boxed at the start of the block."""
    rewriter.at_start(block)
    for index in where:
        old = block.args[index]
        type = cast("TensorType[Any]", old.type)
        new = block.insert_arg(type.element_type, index, old.location)
        new.name_hint = old.name_hint
        rewriter.replace_value(old, rewriter.value(tensor.FromElementsOp, (new,), type))
        block.erase_arg(old)


def _unbox_terminator(rewriter: Rewriter, block: Block, where: Sequence[int]) -> None:
    terminator = block.last_op
    assert terminator is not None
    rewriter.before(terminator)
    operands = _unbox(rewriter, terminator.operands, where)
    rewriter.create(type(terminator), operands)
    rewriter.erase(terminator)


def _rebox(
    op: Operation, rewriter: Rewriter, operands: Sequence[SSAValue], where: Sequence[int]
) -> None:
    """Rebuild `op` with scalars for the results at `where`, boxed behind it."""
    types = [result.type for result in op.results]
    for index in where:
        types[index] = cast("TensorType[Any]", types[index]).element_type
    new = rewriter.before(op).rebuild(op, operands, types)
    values: list[SSAValue] = list(new.results)
    for index in where:
        boxed = rewriter.value(tensor.FromElementsOp, (values[index],), op.results[index].type)
        values[index] = boxed
    rewriter.replace(op, values)


def scalar_for(op: Operation, rewriter: Rewriter) -> bool:
    """Tensors of rank 0 are carried as scalars."""
    where = _boxed([result.type for result in op.results])
    if not where:
        return False
    block = op.regions[0].block
    _box_arguments(rewriter, block, [1 + i for i in where])
    _unbox_terminator(rewriter, block, where)
    rewriter.before(op)
    operands = _unbox(rewriter, op.operands, [3 + i for i in where])
    _rebox(op, rewriter, operands, where)
    return True


def scalar_while(op: Operation, rewriter: Rewriter) -> bool:
    """Tensors of rank 0 are carried and forwarded as scalars."""
    carried = _boxed([value.type for value in op.operands])
    forwarded = _boxed([result.type for result in op.results])
    if not carried and not forwarded:
        return False
    before, after = (region.block for region in op.regions)
    _box_arguments(rewriter, before, carried)
    _unbox_terminator(rewriter, before, [1 + i for i in forwarded])
    _box_arguments(rewriter, after, forwarded)
    _unbox_terminator(rewriter, after, carried)
    rewriter.before(op)
    operands = _unbox(rewriter, op.operands, carried)
    _rebox(op, rewriter, operands, forwarded)
    return True


def scalar_branch(op: Operation, rewriter: Rewriter) -> bool:
    """Tensors of rank 0 leave a branch as scalars."""
    where = _boxed([result.type for result in op.results])
    if not where:
        return False
    for region in op.regions:
        _unbox_terminator(rewriter, region.block, where)
    _rebox(op, rewriter, list(op.operands), where)
    return True


PATTERNS: dict[type[Operation], tuple[Pattern, ...]] = {
    scf.IfOp: (branch, same_results, scalar_branch),
    scf.IndexSwitchOp: (switch, same_results, scalar_branch),
    scf.ForOp: (trip_count, invariant, scalar_for),
    scf.WhileOp: (scalar_while,),
    cf.AssertOp: (assertion,),
}
