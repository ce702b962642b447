"""Loops that carry tensors.

Each carried tensor has a buffer of its own for the whole loop. While the body is rewritten it is a
block argument that stands for memory not yet decided upon; afterwards

- when the new value was computed in place, the buffer is the one outside and nothing is carried;
- with a static shape, a second buffer is allocated before the loop and the two change roles at
  each iteration: the memrefs are carried and nothing is copied or allocated inside;
- with a `?`, the body hands its new memory to the next iteration, which frees it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc.passes.bufferize.buffers import (
    Buffer,
    Place,
    buffer_type,
    is_static,
)
from tfc.passes.bufferize.rotation import (
    Carried,
    CarriedSlot,
    HandOver,
    Handover,
    NestedBlock,
    Pool,
    SpareSlot,
    decide_start,
    group_of,
    is_written,
    own,
    retire,
    rotate,
    start_of,
)
from tfc.passes.bufferize.state import State
from xdsl.dialects.builtin import TensorType
from xdsl.ir import BlockArgument, Operation, SSAValue


def for_loop(state: State, op: Operation, nested_block: NestedBlock, hand_over: HandOver) -> None:
    """`scf.for` with carried tensors."""
    block = op.regions[0].block
    terminator = block.last_op
    assert terminator is not None
    pool = Pool(state, op, block, state.block)
    tensors = [i for i, r in enumerate(op.results) if isinstance(r.type, TensorType)]
    arguments = {i: block.args[1 + i] for i in tensors}
    for i in tensors:
        init = op.operands[3 + i]
        carried = pool.add(buffer_type(init.type), init, start_of(state, op, init, op.results[i]))
        state.hold(arguments[i], carried.place)
        state.hints.setdefault(terminator.operands[i], CarriedSlot(pool, carried))
    decided: list[Handover] = []

    def finish() -> None:
        values = [terminator.operands[i] for i in tensors]
        decided.append(rotate(state, pool, values, hand_over))

    dead = nested_block(state, block, finish)
    handover = decided[0]
    kept = [i for i in range(len(op.results)) if i not in tensors]
    carried_on = _settle(state, pool, handover)
    following = [terminator.operands[i] for i in kept]
    following += [_next_memref(handover, carried) for carried in carried_on]
    state.rewriter.replace_terminator(terminator, following)
    state.erase(dead)
    for argument in arguments.values():
        block.erase_arg(argument)
    operands = [*op.operands[:3], *(op.operands[3 + i] for i in kept)]
    operands += [_start_memref(carried) for carried in carried_on]
    types = [carried.type for carried in carried_on]
    new = state.rebuild(op, operands, [op.results[i] for i in kept], types)
    results = [(op.results[i], c) for i, c in zip(tensors, pool.tensors, strict=True)]
    _publish(state, results, carried_on, new.results[len(kept) :], handover)


def _next_memref(handover: Handover, carried: Carried) -> SSAValue:
    moved = handover.moved.get(carried)
    return handover.next[carried].memref if moved is None else moved


def _start_memref(carried: Carried) -> SSAValue:
    assert carried.start is not None
    return carried.start.memref


def _settle(state: State, pool: Pool, handover: Handover) -> list[Carried]:
    """Decide the memory outside; give the buffers that keep their role, list those that move."""
    carried_on: list[Carried] = []
    for carried in pool.tensors:
        start = decide_start(state, pool, carried)
        if carried in handover.moved:
            # The body frees what it gets, so it must be memory of its own.
            if start.memref is not start.buffer.memref or not state.can_take(start.buffer):
                init = carried.init
                assert init is not None
                carried.start = start = pool.outside(lambda v=init: state.copied(v))
            state.take(start.buffer)
            carried_on.append(carried)
    for carried in (*pool.tensors, *pool.spares):
        if carried in handover.moved:
            continue
        if handover.next[carried].buffer is carried.buffer:
            _drop_argument(carried, _start_memref(carried))
        else:
            carried_on.append(carried)
    return sorted(carried_on, key=lambda carried: carried.argument.index)


def _drop_argument(carried: Carried, memref: SSAValue) -> None:
    """Use the memory outside instead of a block argument."""
    for each in (carried, carried.twin):
        if each is not None:
            each.argument.replace_all_uses_with(memref)
            each.argument.block.erase_arg(each.argument)


def _publish(
    state: State,
    results: Sequence[tuple[SSAValue, Carried]],
    carried_on: Sequence[Carried],
    memrefs: Sequence[SSAValue],
    handover: Handover,
) -> None:
    """Say where the results of the loop are."""
    after = dict(zip(carried_on, memrefs, strict=False))
    group = group_of(carried_on, handover)
    for carried in carried_on:
        retire(carried)
    for result, carried in results:
        start = carried.start
        assert start is not None
        memref = after.get(carried)
        if memref is None:
            start.buffer.written |= is_written(carried)
            state.hold(result, start)
        elif carried in handover.moved:
            state.write(result, state.adopt(memref, state.block))
        else:
            buffer = Buffer(memref, writable=True, scratch=True, aliases=group)
            state.write(result, Place(buffer, memref))


def while_loop(state: State, op: Operation, nested_block: NestedBlock, hand_over: HandOver) -> None:
    """`scf.while` with carried tensors: the buffers go through both regions."""
    _While(state, op, nested_block, hand_over).run()


class _While:
    def __init__(
        self, state: State, op: Operation, nested_block: NestedBlock, hand_over: HandOver
    ) -> None:
        self.state, self.op = state, op
        self.nested_block, self.hand_over = nested_block, hand_over
        first, second = (region.block for region in op.regions)
        condition, terminator = first.last_op, second.last_op
        assert condition is not None
        assert terminator is not None
        self.condition, self.terminator = condition, terminator
        self.after = Pool(state, op, second, state.block)
        self.before = Pool(state, op, first, state.block, after=self.after)
        self.after.before = self.before
        self.carried = _tensor_indices(op.operands)
        self.forwarded = _tensor_indices(op.results)
        self.inputs = list(first.args)
        self.outputs = list(second.args)
        self.linked: dict[int, Carried] = {}
        """For a result, the buffer of the first region that it is forwarded in."""
        self.given: dict[int, SSAValue] = {}
        """For a result, new memory that the first region hands on."""
        self.received: dict[int, BlockArgument] = {}
        """The argument of the second region for what is in `given`."""

    def run(self) -> None:
        state, op = self.state, self.op
        for i in self.carried:
            init = op.operands[i]
            start = start_of(state, op, init, self._result_of(self.inputs[i]))
            state.hold(self.inputs[i], self.before.add(buffer_type(init.type), init, start).place)
        for k in self.forwarded:
            value = self.condition.operands[1 + k]
            state.hints.setdefault(value, SpareSlot(self.before))
        dead = self.nested_block(state, self.before.block, self._finish_condition)
        for k in self.forwarded:
            twin = self.linked[k].twin if k in self.linked else None
            if twin is not None:
                state.hold(self.outputs[k], twin.place)
            else:
                argument = self.after.block.insert_arg(
                    self.given[k].type, len(self.after.block.args), op.location
                )
                self.received[k] = argument
                state.hold(self.outputs[k], state.adopt(argument, self.after.block))
        for i, carried in zip(self.carried, self.after.tensors, strict=True):
            value = self.terminator.operands[i]
            state.hints.setdefault(value, CarriedSlot(self.after, carried))
        handovers: list[Handover] = []
        dead += self.nested_block(
            state, self.after.block, lambda: handovers.append(self._finish_iteration())
        )
        self._rebuild(handovers[0], dead)

    def _result_of(self, argument: SSAValue) -> SSAValue | None:
        """The result that a carried tensor leaves the loop as, if it is forwarded unchanged."""
        for k in self.forwarded:
            if self.condition.operands[1 + k] is argument:
                return self.op.results[k]
        return None

    def _finish_condition(self) -> None:
        """Bring each forwarded tensor into a buffer of its own."""
        state = self.state
        pool = {c.buffer: c for c in (*self.before.tensors, *self.before.spares)}
        loose: list[int] = []
        values = {k: self.condition.operands[1 + k] for k in self.forwarded}
        places = {k: state.places[value] for k, value in values.items()}
        for k, place in places.items():
            carried = pool.get(place.buffer) if isinstance(place, Place) else None
            if (
                carried is not None
                and isinstance(place, Place)
                and place.type == carried.type == buffer_type(values[k].type)
                and carried not in self.linked.values()
            ):
                self.linked[k] = carried
            else:
                loose.append(k)
        for k in loose:
            if is_static(values[k].type):
                carried = self.before.spare(buffer_type(values[k].type))
                state.fill_from(values[k], carried.place.memref)
                carried.buffer.written = True
                self.linked[k] = carried
            else:
                self.given[k] = self.hand_over(state, values[k])

    def _finish_iteration(self) -> Handover:
        values = [self.terminator.operands[i] for i in self.carried]
        linked = [carried.twin for carried in self.linked.values()]
        return rotate(
            self.state, self.after, values, self.hand_over, lambda carried: carried in linked
        )

    def _rebuild(self, decided: Handover, dead: Sequence[Operation]) -> None:
        """Settle what is carried and put the loop on buffers."""
        state, op = self.state, self.op
        handover = Handover(
            {_twin(c): place for c, place in decided.next.items()},
            {_twin(c): memref for c, memref in decided.moved.items()},
        )
        for carried in self.before.tensors:
            carried.in_place = _twin(carried).in_place
        links = list(self.linked.values())
        for carried in handover.moved:
            if carried not in links:
                own(state, self.before, carried)
        rotating = {
            c: place for c, place in handover.next.items() if place.buffer is not _twin(c).buffer
        }
        kept_place = {c: c.place for c in handover.next if c not in rotating}
        carried_on = _settle(
            state, self.before, Handover({**rotating, **kept_place}, handover.moved)
        )
        passed = [c for c in carried_on if c not in handover.moved or c in links]
        for carried in carried_on:
            if carried not in passed:
                twin = _twin(carried)
                twin.argument.block.erase_arg(twin.argument)
        kept = [i for i in range(len(op.operands)) if i not in self.carried]
        kept_results = [k for k in range(len(op.results)) if k not in self.forwarded]
        given = list(self.given)
        following = [self.terminator.operands[i] for i in kept]
        following += [_next_memref(handover, carried) for carried in carried_on]
        state.rewriter.replace_terminator(self.terminator, following)
        goes_on, *values = self.condition.operands
        given_on = [goes_on, *(values[k] for k in kept_results)]
        given_on += [*(c.argument for c in passed), *(self.given[k] for k in given)]
        state.rewriter.replace_terminator(self.condition, given_on)
        state.erase(dead)
        self._order_arguments(passed, given)
        operands = [*(op.operands[i] for i in kept), *(_start_memref(c) for c in carried_on)]
        types = [*(c.type for c in passed), *(self.given[k].type for k in given)]
        new = state.rebuild(op, operands, [op.results[k] for k in kept_results], types)
        memrefs = new.results[len(kept_results) :]
        results = [(op.results[k], self.linked[k]) for k in self.linked]
        _publish(state, results, passed, memrefs, handover)
        for carried in carried_on:
            retire(carried)
        for k, memref in zip(given, memrefs[len(passed) :], strict=True):
            state.write(op.results[k], state.adopt(memref, state.block))

    def _order_arguments(self, passed: Sequence[Carried], given: Sequence[int]) -> None:
        """Drop the tensor arguments; the second region's go into the order of the results."""
        for i in self.carried:
            self.before.block.erase_arg(self.inputs[i])
        block = self.after.block
        for k in self.forwarded:
            block.erase_arg(self.outputs[k])
        wanted = [_twin(c).argument for c in passed] + [self.received[k] for k in given]
        for argument in wanted:
            moved = block.insert_arg(argument.type, len(block.args), argument.location)
            argument.replace_all_uses_with(moved)
            _redirect(self.state, argument, moved)
            block.erase_arg(argument)


def _redirect(state: State, old: SSAValue, new: SSAValue) -> None:
    """An argument that a region owns has been replaced."""
    for buffer in state.owned:
        if buffer.memref is old:
            buffer.memref = new


def _tensor_indices(values: Sequence[SSAValue]) -> list[int]:
    return [i for i, value in enumerate(values) if isinstance(value.type, TensorType)]


def _twin(carried: Carried) -> Carried:
    assert carried.twin is not None
    return carried.twin
