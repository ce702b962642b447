"""The buffers that a loop carries tensors in, and how they change roles from one iteration to the next.

Each carried tensor has a buffer of its own for the whole loop; spares take its role in turn. `loops` says what becomes of
them in the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tfc.passes.bufferize.buffers import (
    FOREVER,
    Buffer,
    Place,
    buffer_type,
    is_static,
)
from tfc.passes.bufferize.state import State
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

NestedBlock = Callable[[State, Block, Callable[[], None]], list[Operation]]
HandOver = Callable[[State, SSAValue], SSAValue]


@dataclass(eq=False)
class Carried:
    """A carried tensor, or (without `init`) a spare buffer that can take its role."""

    type: MemRefType
    argument: BlockArgument
    place: Place
    """The buffer inside the body."""
    init: SSAValue | None = None
    start: Place | None = None
    """The memory before the loop; None while it is not decided."""
    in_place: bool = False
    twin: Carried | None = None
    """In a `while`, the same buffer as an argument of the other region."""

    @property
    def buffer(self) -> Buffer:
        """The buffer inside the body."""
        return self.place.buffer


@dataclass(eq=False)
class Pool:
    """The buffers of a loop: one for each carried tensor, and the spares.

    A `while` has a pool for each region, twins of one another; memory before the loop is noted in
    the first.
    """

    state: State
    op: Operation
    block: Block
    home: Block
    tensors: list[Carried] = field(default_factory=list[Carried])
    spares: list[Carried] = field(default_factory=list[Carried])
    before: Pool | None = None
    """For the second pool of a `while`, the first."""
    after: Pool | None = None
    """For the first pool of a `while`, the second."""

    def add(self, type: MemRefType, init: SSAValue | None, start: Place | None) -> Carried:
        """A new buffer; its memref is an argument of the body for now."""
        argument = self.block.insert_arg(type, len(self.block.args), self.op.location)
        place = Place(Buffer(argument, writable=True), argument)
        carried = Carried(type, argument, place, init, start)
        (self.spares if init is None else self.tensors).append(carried)
        if self.after is not None:
            twin = self.after.add(type, init, start)
            carried.twin, twin.twin = twin, carried
        return carried

    def spare(self, type: MemRefType) -> Carried:
        """A new static buffer, allocated before the loop."""
        if self.before is not None:
            twin = self.before.spare(type).twin
            assert twin is not None
            return twin
        return self.add(type, None, self.outside(lambda: self.state.allocate(type)))

    def outside(self, make: Callable[[], Place]) -> Place:
        """Make a place before the loop."""
        state = self.state
        point, block = state.rewriter.point(), state.block
        state.rewriter.before(self.op)
        state.block = self.home
        place = make()
        state.block = block
        state.rewriter.restore(point)
        return place

    def everything(self) -> list[Carried]:
        """All buffers in the order of their arguments."""
        return sorted((*self.tensors, *self.spares), key=lambda carried: carried.argument.index)


@dataclass(frozen=True)
class CarriedSlot:
    """Where the next value of a carried tensor should go: its buffer, else a spare one."""

    pool: Pool
    carried: Carried

    def candidates(self, op: Operation, type: MemRefType) -> Iterator[Place]:
        if type != self.carried.type:
            return
        liveness = self.pool.state.liveness
        if self.carried.buffer.can_overwrite(liveness, op):
            yield self.carried.place
        for spare in self.pool.spares:
            if spare.type == type and spare.buffer.can_overwrite(liveness, op):
                yield spare.place
        yield self.pool.spare(type).place

    def wants(self, buffer: Buffer) -> bool:
        return buffer is self.carried.buffer


def start_of(state: State, op: Operation, init: SSAValue, result: SSAValue | None) -> Place | None:
    """Memory before the loop that holds the initial value and may be changed, if there is any."""
    type = buffer_type(init.type)
    place = state.places[init]
    end = state.liveness.end(op)
    if isinstance(place, Place):
        buffer = place.buffer
        if (
            place.type == type
            and buffer.pinned_until < end
            and buffer.can_overwrite(state.liveness, op)
        ):
            buffer.pinned_until = end
            return place
        slot = None if result is None else state.hints.get(result)
        if slot is not None and is_static(type):
            for target in slot.candidates(op, type):
                if target.buffer.pinned_until < end and target.buffer is not buffer:
                    state.fill_from(init, target.memref)
                    target.buffer.pinned_until = end
                    target.buffer.written = True
                    return target
        # The buffer may turn out to be only read, and is then shared.
        buffer.pinned_until = max(buffer.pinned_until, end)
        return None
    slot = None if result is None else state.hints.get(result)
    if slot is not None and is_static(type):
        for target in slot.candidates(op, type):
            if target.buffer.pinned_until < end:
                target.buffer.pinned_until = end
                return target
    start = state.allocate_like(type, place)
    start.buffer.pinned_until = end
    return start


def decide_start(state: State, pool: Pool, carried: Carried) -> Place:
    """The memory before the loop, now that it is known how the body uses it."""
    if carried.start is None:
        init = carried.init
        assert init is not None
        place = state.places[init]
        assert isinstance(place, Place)
        shareable = place.type == carried.type and not _taken(pool, place.buffer)
        if carried.in_place and not is_written(carried) and shareable:
            carried.start = place
        else:
            carried.start = pool.outside(lambda: state.copied(init))
    return carried.start


def _taken(pool: Pool, buffer: Buffer) -> bool:
    """Whether a carried tensor that the body changes has this buffer."""
    return any(
        other.start is not None
        and other.start.buffer is buffer
        and (is_written(other) or not other.in_place)
        for other in pool.tensors
    )


def is_written(carried: Carried) -> bool:
    """Whether the loop writes into the buffer."""
    twin = carried.twin
    return carried.buffer.written or (twin is not None and twin.buffer.written)


@dataclass(eq=False)
class Handover:
    """What becomes of the buffers at the end of an iteration."""

    next: dict[Carried, Place]
    """The place that takes each buffer's role; the buffer itself where nothing is carried."""
    moved: dict[Carried, SSAValue]
    """New memory that takes the role of a `?` buffer."""


def rotate(
    state: State,
    pool: Pool,
    values: Sequence[SSAValue],
    hand_over: HandOver,
    received: Callable[[Carried], bool] = lambda carried: True,
) -> Handover:
    """Decide, at the end of the body, which buffer holds the next value of each carried tensor.

    `received` says which buffers this region gets when they are new memory at each iteration.
    """
    next_place: dict[Carried, Place] = {}
    places = [state.places[value] for value in values]
    held: list[Buffer] = []
    for place in places:
        if isinstance(place, Place):
            held += (place.buffer, *place.buffer.aliases)
    assigned: list[Buffer] = []
    for carried, place in zip(pool.tensors, places, strict=True):
        if (
            isinstance(place, Place)
            and place.buffer is carried.buffer
            and place.type == carried.type
        ):
            carried.in_place = True
            assigned.append(carried.buffer)
            next_place[carried] = carried.place
    movable = {carried.buffer: carried for carried in (*pool.tensors, *pool.spares)}
    moved: dict[Carried, SSAValue] = {}
    copies: list[tuple[SSAValue, Place]] = []
    for carried, place, value in zip(pool.tensors, places, values, strict=True):
        if carried.in_place:
            continue
        buffer = place.buffer if isinstance(place, Place) else None
        if not is_static(carried.type):
            moved[carried] = value
        elif (
            isinstance(place, Place)
            and buffer in movable
            and buffer not in assigned
            and place.type == carried.type
        ):
            assigned.append(place.buffer)
            next_place[carried] = movable[place.buffer].place
        else:
            target = _unused(pool, carried, (*held, *assigned))
            assigned.append(target.buffer)
            next_place[carried] = target
            copies.append((value, target))
    for value, target in copies:
        state.fill_from(value, target.memref)
        target.buffer.written = True
    for carried in moved:
        if received(carried):
            own(state, pool, carried)
    given = {carried: hand_over(state, value) for carried, value in moved.items()}
    _rotate_spares(pool, next_place, assigned)
    return Handover(next_place, given)


def own(state: State, pool: Pool, carried: Carried) -> None:
    """Make the region responsible for a buffer that it is handed."""
    if carried.buffer.given:
        return
    carried.buffer.home = pool.block
    state.owned.append(carried.buffer)


def _unused(pool: Pool, carried: Carried, busy: Sequence[Buffer]) -> Place:
    """A buffer of the pool that holds nothing that is still needed."""
    for candidate in (carried, *pool.spares):
        if candidate.type == carried.type and candidate.buffer not in busy:
            return candidate.place
    return pool.spare(carried.type).place


def _rotate_spares(pool: Pool, next_place: dict[Carried, Place], assigned: list[Buffer]) -> None:
    """Give each spare role a buffer that is left over, its own if possible."""
    static = [c for c in (*pool.tensors, *pool.spares) if is_static(c.type)]
    left = [c for c in static if c.buffer not in assigned]
    for spare in pool.spares:
        if spare in left:
            left.remove(spare)
            next_place[spare] = spare.place
    for spare in pool.spares:
        if spare not in next_place:
            other = next(c for c in left if c.type == spare.type)
            left.remove(other)
            next_place[spare] = other.place


@dataclass(frozen=True)
class SpareSlot:
    """Where a tensor that the condition region computes should go: a buffer of its own."""

    pool: Pool

    def candidates(self, op: Operation, type: MemRefType) -> Iterator[Place]:
        liveness = self.pool.state.liveness
        for spare in self.pool.spares:
            if spare.type == type and spare.buffer.can_overwrite(liveness, op):
                yield spare.place
        yield self.pool.spare(type).place

    def wants(self, buffer: Buffer) -> bool:
        return any(spare.buffer is buffer for spare in self.pool.spares)


def group_of(carried_on: Sequence[Carried], handover: Handover) -> frozenset[Buffer]:
    """The memory outside that the rotating buffers are, in whatever order."""
    group: set[Buffer] = set()
    for carried in carried_on:
        if carried not in handover.moved and carried.start is not None:
            group.add(carried.start.buffer)
            group |= carried.start.buffer.aliases
    return frozenset(group)


def retire(carried: Carried) -> None:
    """Which of the rotating buffers has which content is not known after the loop."""
    assert carried.start is not None
    carried.start.buffer.writable = False
    carried.start.buffer.pinned_until = FOREVER
