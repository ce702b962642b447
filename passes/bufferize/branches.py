"""Blocks, branches, calls and returns: where control flow meets, buffers must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tfc.passes.bufferize import loops
from tfc.passes.bufferize.buffers import (
    Buffer,
    Place,
    Undefined,
    buffer_type,
    is_contiguous,
    is_static,
)
from tfc.passes.bufferize.state import FixedSlot, State, parallel_copies
from tfc.passes.bufferize.values import (
    VALUE_OPS,
    spread_hint,
    structured,
    unsupported,
)
from tfc.passes.structured import output_count, reads_output
from xdsl.dialects import func, memref, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block, Operation, SSAValue

# -- blocks -------------------------------------------------------------------------------------


def rewrite_block(state: State, block: Block) -> None:
    """Rewrite everything in `block` but its terminator. `finish_block` must follow."""
    state.block = block
    state.dead = []
    ops = list(block.ops)
    for op in reversed(ops):
        spread_hint(state, op)
    for op in ops[:-1]:
        state.rewriter.before(op)
        _rewrite(state, op)


def nested_block(state: State, block: Block, finish: Callable[[], None]) -> list[Operation]:
    """Rewrite a block of a nested region; `finish` copies what the terminator passes on.

    Gives the ops on tensors that are to be erased once the terminator has been replaced.
    """
    outer_block, outer_dead, point = state.block, state.dead, state.rewriter.point()
    rewrite_block(state, block)
    assert block.last_op is not None
    state.rewriter.before(block.last_op)
    finish()
    dead = state.dead
    state.block, state.dead = outer_block, outer_dead
    state.rewriter.restore(point)
    return dead


def _rewrite(state: State, op: Operation) -> None:
    if not any(isinstance(v.type, TensorType) for v in (*op.operands, *op.results)):
        if not isinstance(op, LinalgStructuredOperation):
            _without_tensors(state, op)
        return
    handler = VALUE_OPS.get(type(op)) or CONTROL_OPS.get(type(op))
    if handler is None and isinstance(op, LinalgStructuredOperation):
        handler = structured
    if handler is None:
        raise unsupported(op)
    handler(state, op)
    state.dead.append(op)


def _without_tensors(state: State, op: Operation) -> None:
    """An op that tensors neither enter nor leave by name; arms free what only others of them take."""
    blocks = [block for region in op.regions for block in region.blocks]
    taken: list[list[Buffer]] = []
    for block in blocks:
        with state.taking() as of_arm:
            state.erase(nested_block(state, block, _nothing))
        taken.append(of_arm)
    gone = dict.fromkeys(buffer for arm in taken for buffer in arm)
    point = state.rewriter.point()
    for block, of_arm in zip(blocks, taken, strict=True):
        assert block.last_op is not None
        state.rewriter.before(block.last_op)
        for buffer in gone:
            if buffer not in of_arm:
                state.rewriter.create(memref.DeallocOp, (buffer.memref,))
    state.rewriter.restore(point)
    for buffer in gone:
        state.take(buffer)


def _nothing() -> None:
    """The terminator needs nothing."""


# -- branches -----------------------------------------------------------------------------------


def branch(state: State, op: Operation) -> None:
    """`scf.if` and `scf.index_switch`.

    A result with a static shape is written by every arm into one place, chosen before: the memory
    of an outer tensor that an arm passes on, the slot that the result is wanted in, or new memory.
    One with a `?` is new memory that each arm hands out, unless all arms have it in one place. An arm
    that passes on a tensor which nothing reads any more hands out its memory; the others free it. Branches
    and loops in an arm may do so too (`State.take`): then the arm has handed it out.
    """
    blocks = [region.block for region in op.regions if region.blocks]
    yields: list[Operation] = []
    for block in blocks:
        assert block.last_op is not None
        yields.append(block.last_op)
    tensors = [i for i, r in enumerate(op.results) if isinstance(r.type, TensorType)]
    targets = _targets(state, op, yields, tensors)
    dynamic = [i for i in tensors if i not in targets]
    arms, taken, dead = _rewrite_arms(state, blocks, yields, targets, dynamic)
    shared: dict[int, Place] = {}
    for n, i in enumerate(dynamic):
        place = state.places[yields[0].operands[i]]
        if isinstance(place, Place) and all(arm[n] is place.memref for arm in arms):
            shared[i] = place
    moved = [i for i in dynamic if i not in shared]
    passed_on = _passed_on(state, op, yields, moved)
    gone = dict.fromkeys((*passed_on.values(), *(buffer for arm in taken for buffer in arm)))
    for block, terminator, of_arm in zip(blocks, yields, taken, strict=True):
        freed = [buffer.memref for buffer in gone if buffer not in of_arm]
        _finish_yield(state, block, terminator, tensors, moved, passed_on, freed)
    for buffer in gone:
        state.take(buffer)
    state.erase(dead)
    kept = [r for i, r in enumerate(op.results) if i not in tensors]
    types = [buffer_type(op.results[i].type) for i in moved]
    new = state.rebuild(op, op.operands, kept, types)
    for i in tensors:
        result = op.results[i]
        if i in targets:
            state.write(result, targets[i])
        elif i in shared:
            state.hold(result, shared[i])
        else:
            position = len(op.results) - len(tensors) + moved.index(i)
            state.write(result, state.adopt(new.results[position], state.block))


def _targets(
    state: State, op: Operation, yields: Sequence[Operation], tensors: Sequence[int]
) -> dict[int, Place]:
    """The places of the results with static shapes, by number, which all arms write into."""
    targets: dict[int, Place] = {}
    for i in tensors:
        if is_static(op.results[i].type):
            passed = [terminator.operands[i] for terminator in yields]
            targets[i] = _branch_target(state, op, op.results[i], passed, targets)
            for value in passed:
                state.hints.setdefault(value, FixedSlot(state, targets[i]))
    return targets


def _rewrite_arms(
    state: State,
    blocks: Sequence[Block],
    yields: Sequence[Operation],
    targets: dict[int, Place],
    dynamic: list[int],
) -> tuple[list[list[SSAValue | None]], list[list[Buffer]], list[Operation]]:
    """For each arm the memory of its dynamic results and the buffers that it takes; and the ops that are dead then."""
    arms: list[list[SSAValue | None]] = []
    taken: list[list[Buffer]] = []
    dead: list[Operation] = []
    flags = {t.buffer: (t.buffer.writable, t.buffer.pinned_until) for t in targets.values()}
    for block, terminator in zip(blocks, yields, strict=True):
        with state.taking() as of_arm:
            dead += nested_block(
                state, block, lambda t=terminator: _finish_arm(state, t, targets, dynamic)
            )
        taken.append(of_arm)
        arms.append([_memref(state.places[terminator.operands[i]]) for i in dynamic])
        for target in targets.values():
            # A loop in the arm may have used it among its rotating buffers: that is over.
            target.buffer.writable, target.buffer.pinned_until = flags[target.buffer]
    return arms, taken, dead


def _branch_target(
    state: State,
    op: Operation,
    result: SSAValue,
    passed: Sequence[SSAValue],
    others: dict[int, Place],
) -> Place:
    type = buffer_type(result.type)
    taken = [place.buffer for place in others.values()]
    for value in passed:
        place = state.places.get(_origin(value, op))
        if (
            isinstance(place, Place)
            and place.type == type
            and place.buffer not in taken
            and _dies_in(state, place.buffer, op)
        ):
            return place
    slot = state.hints.get(result)
    if slot is not None:
        for place in slot.candidates(op, type):
            if place.buffer not in taken:
                return place
    return state.allocate(type)


def _dies_in(state: State, buffer: Buffer, op: Operation) -> bool:
    """Whether nothing reads the buffer's content after the branch `op` and it may be changed."""
    end = state.liveness.end(op)
    if not buffer.writable or buffer.pinned_until > end:
        return False
    return not any(state.liveness.is_read_past(value, op) for value in buffer.holders)


def _origin(value: SSAValue, branch_op: Operation) -> SSAValue:
    """The tensor from outside the branch that `value` is an update of, or some inner value."""
    while True:
        owner = value.owner
        if not isinstance(owner, Operation) or not branch_op.is_ancestor(owner):
            return value
        if isinstance(owner, tensor.InsertOp | tensor.InsertSliceOp):
            value = owner.operands[1]
        elif isinstance(owner, LinalgStructuredOperation):
            index = owner.results.index(value)  # pyright: ignore[reportArgumentType]
            if not reads_output(owner, index):
                return value
            value = owner.operands[len(owner.operands) - output_count(owner) + index]
        elif isinstance(owner, scf.ForOp):
            value = owner.operands[3 + owner.results.index(value)]  # pyright: ignore[reportArgumentType]
        else:
            return value


def _memref(place: Place | Undefined) -> SSAValue | None:
    return place.memref if isinstance(place, Place) else None


def _finish_arm(
    state: State, terminator: Operation, targets: dict[int, Place], dynamic: Sequence[int]
) -> None:
    """Bring what the arm yields to the places agreed upon."""
    buffers = [target.buffer for target in targets.values()]
    for i in dynamic:
        value = terminator.operands[i]
        place = state.places[value]
        if isinstance(place, Place) and place.buffer in buffers:
            state.places[value] = state.copied(value)
    moves: list[tuple[Place, Place]] = []
    for i, target in targets.items():
        place = state.places[terminator.operands[i]]
        if isinstance(place, Place):
            moves.append((place, target))
        target.buffer.written = True
    parallel_copies(state, moves)


def _passed_on(
    state: State, op: Operation, yields: Sequence[Operation], moved: Sequence[int]
) -> dict[int, Buffer]:
    """For a result, the buffer of this block that it takes over, in the arms that pass it on unchanged."""
    found: dict[int, Buffer] = {}
    for i in moved:
        type = buffer_type(op.results[i].type)
        for terminator in yields:
            place = state.places[terminator.operands[i]]
            if (
                isinstance(place, Place)
                and place.memref is place.buffer.memref
                and place.type == type
                and is_contiguous(type)
                and place.buffer not in found.values()
                and state.can_take(place.buffer)
                and _dies_in(state, place.buffer, op)
                and not _is_in_others(state, place.buffer, i, yields)
            ):
                found[i] = place.buffer
                break
    return found


def _is_in_others(state: State, buffer: Buffer, index: int, yields: Sequence[Operation]) -> bool:
    """Whether an arm yields a buffer as any other result too."""
    for terminator in yields:
        for i, value in enumerate(terminator.operands):
            place = state.places.get(value) if i != index else None
            if isinstance(place, Place) and place.buffer is buffer:
                return True
    return False


def _finish_yield(
    state: State,
    block: Block,
    terminator: Operation,
    tensors: list[int],
    moved: list[int],
    passed_on: dict[int, Buffer],
    freed: list[SSAValue],
) -> None:
    """A yield of the scalars and of the buffers that the arm hands out; it frees the rest of what is gone behind the branch."""
    outer_block, point = state.block, state.rewriter.point()
    state.block = block
    state.rewriter.before(terminator)
    given: dict[int, SSAValue] = {}
    for i in moved:
        value = terminator.operands[i]
        buffer = passed_on.get(i)
        place = state.places[value]
        if buffer is not None and isinstance(place, Place) and place.memref is buffer.memref:
            given[i] = buffer.memref  # whole: a view of it is copied before it is freed
            freed.remove(buffer.memref)
        else:
            given[i] = hand_over(state, value)
    for memory in freed:
        state.rewriter.create(memref.DeallocOp, (memory,))
    scalars = [v for i, v in enumerate(terminator.operands) if i not in tensors]
    state.rewriter.create(scf.YieldOp, (*scalars, *given.values()))
    state.rewriter.erase(terminator)
    state.block = outer_block
    state.rewriter.restore(point)


def hand_over(state: State, value: SSAValue) -> SSAValue:
    """The memref of `value` as memory that this block owns and gives away: a copy if need be."""
    place = state.places[value]
    if (
        isinstance(place, Place)
        and place.buffer.home is state.block
        and is_contiguous(place.type)
        and place.type == buffer_type(value.type)
    ):
        place.buffer.home = None
        return place.memref
    copy = state.copied(value)
    copy.buffer.home = None
    return copy.memref


# -- calls --------------------------------------------------------------------------------------


def call(state: State, op: Operation) -> None:
    """`func.call`: static results are written by the callee into memory that is passed along."""
    assert isinstance(op, func.CallOp)
    updates = state.updates_of(op.callee.string_value())
    results = {argument: result for result, argument in updates.items()}
    operands: list[SSAValue] = []
    used: list[Buffer] = []
    places: dict[int, Place] = {}
    for n, value in enumerate(op.operands):
        if not isinstance(value.type, TensorType):
            operands.append(value)
            continue
        place = state.contiguous(value)
        if n in results:
            shared = any(state.places[v] is state.places[value] for v in _others(op, n))
            if shared or not place.buffer.can_overwrite(state.liveness, op):
                place = state.copied(value)
            places[results[n]] = place
        used.append(place.buffer)
        operands.append(place.memref)
    returned: list[int] = []
    for i, result in enumerate(op.results):
        if i in places:
            continue
        if isinstance(result.type, TensorType) and is_static(result.type):
            state.places[result] = Undefined(result.type, ())
            places[i] = state.destination(
                op, result, result, reads_init=False, fits=lambda p: p.buffer not in used
            )
            used.append(places[i].buffer)
            operands.append(places[i].memref)
        else:
            returned.append(i)
    new = state.rewriter.create(
        func.CallOp,
        operands,
        [
            buffer_type(t) if isinstance(t := op.results[i].type, TensorType) else t
            for i in returned
        ],
        dict(op.properties),
        attributes=op.attributes,
    )
    for i, place in places.items():
        state.write(op.results[i], place)
    for i, result in zip(returned, new.results, strict=True):
        old = op.results[i]
        if isinstance(old.type, TensorType):
            state.write(old, state.adopt(result, state.block))
        else:
            state.rewriter.replace_value(old, result)


def _others(op: Operation, index: int) -> list[SSAValue]:
    """The tensor operands of a call but one."""
    return [v for i, v in enumerate(op.operands) if i != index and isinstance(v.type, TensorType)]


def return_(state: State, op: Operation, targets: Sequence[Place | None]) -> None:
    """`func.return`: values go to their result arguments; `?` results are handed to the caller."""
    moves: list[tuple[Place, Place]] = []
    kept: list[SSAValue] = []
    for value, target in zip(op.operands, targets, strict=True):
        if not isinstance(value.type, TensorType):
            kept.append(value)
        elif target is None:
            kept.append(hand_over(state, value))
        elif isinstance(place := state.places[value], Place):
            moves.append((place, target))
    parallel_copies(state, moves)
    state.rewriter.create(func.ReturnOp, kept)
    state.rewriter.erase(op)


def _while(state: State, op: Operation) -> None:
    loops.while_loop(state, op, nested_block, hand_over)


def _for(state: State, op: Operation) -> None:
    loops.for_loop(state, op, nested_block, hand_over)


CONTROL_OPS: dict[type[Operation], Callable[[State, Operation], None]] = {
    scf.IfOp: branch,
    scf.IndexSwitchOp: branch,
    scf.ForOp: _for,
    scf.WhileOp: _while,
    func.CallOp: call,
}
"""Ops that are always rebuilt."""
