"""Staged loops: the body is interpreted until what it carries has settled.

The first guess is that assigned variables keep their types. When a body changes a type, or something that was not expected to
change, the join of both is carried and the body is interpreted again. A loop without exits is an `scf.for`; with `break` or
`return` it is an `scf.while` that carries the number of the signal with which an iteration ended.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Set
from typing import Any

import numpy as np
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.graph.control import CONSTANT, FOR, WHILE
from tfc.graph.nodes import Region, Value
from tfc.tracing import effects, messages
from tfc.tracing.containers import rows
from tfc.tracing.containers.growable import Grow
from tfc.tracing.containers.sharing import Origins as Sharings
from tfc.tracing.containers.sharing import Sharing, renamed
from tfc.tracing.frame import (
    RAISED,
    UNBOUND,
    Frame,
    Statement,
)
from tfc.tracing.inputs import AlreadyRaised, DeadPath, Internal
from tfc.tracing.iteration import iterables
from tfc.tracing.ndarrays import aliases
from tfc.tracing.paths import originals, signals, staging
from tfc.tracing.paths.carried import Carried, CarriedOwning, CarriedRow, State
from tfc.tracing.paths.journal import Place
from tfc.tracing.paths.leaving import Leaving, constants_in, note_names, parts_of_contents
from tfc.tracing.paths.originals import Owning
from tfc.tracing.trace import Trace
from tfc.tracing.values.abstract import Const, Number, abstract, is_number
from tfc.tracing.values.identity import containers_in, keeping, kept_in
from tfc.tracing.values.numbers import SymbolicNumber, fits_int64
from tfc.tracing.values.structures import is_record
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor, make_symbolic
from tfc.tracing.values.truth import truth

ATTEMPTS = 12
"""A body is interpreted at most this often; types that have not settled by then never will."""


class Loop:
    """What is known of a loop from its text."""

    __slots__ = ("names", "node", "temporaries", "updated")

    def __init__(
        self,
        node: ast.AST,
        names: tuple[str, ...],
        temporaries: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
        updated: tuple[str, ...] = (),
    ) -> None:
        self.node = node
        self.names = names
        """Local variables that its body assigns."""
        self.temporaries = temporaries
        """Those that need not be carried: where all exceptions pass through each `with`, and where one was caught."""
        self.updated = updated
        """Other ones, of which its body assigns items."""

    def is_temporary(self, frame: Frame, name: Any) -> bool:
        """Whether what an iteration leaves in a variable is never read."""
        return name in self.temporaries[frame.catches]


class Attempt:
    """Work that may have to be forgotten: ops recorded and state changed since it began."""

    __slots__ = ("frame", "last", "mark", "sharing")

    def __init__(self, frame: Frame) -> None:
        trace = frame.trace
        self.frame = frame
        self.last = trace.nodes[-1] if trace.nodes else None
        self.mark = trace.journal.open(*trace.open_frames(frame))
        self.sharing = trace.journal.sharing.copy()

    def keep(self) -> None:
        self.frame.trace.journal.close(self.mark, undo=False)

    def has_effects(self, source: Any) -> bool:
        """Whether more has happened since than that items were taken of `source`."""
        trace = self.frame.trace
        if any(
            place.owner is not source for _, place, _ in trace.journal.changed_places(self.mark)
        ):
            return True
        for node in reversed(trace.nodes):
            if node is self.last:
                break
            if node.has_effect():
                return True
        return False

    def forget(self) -> None:
        trace = self.frame.trace
        trace.journal.close(self.mark)
        trace.journal.sharing = self.sharing
        while trace.nodes and trace.nodes[-1] is not self.last:
            trace.nodes.pop()
        trace.frame = self.frame


def _guess(frame: Frame, loop: Loop) -> State:
    """Assigned variables that hold a tensor or number are expected to keep their type, tensors with assigned items also."""
    state: State = {}
    for name in loop.updated:
        value = frame.vars.get(name, UNBOUND)
        if isinstance(value, Tensor):
            place = Place("value", value)
            state[place.identity] = Carried(place, value.snapshot(), abstract(value))
    for name in loop.names:
        value = frame.vars.get(name, UNBOUND)
        if loop.is_temporary(frame, name):
            continue
        if isinstance(value, Tensor | SymbolicNumber):
            skeleton = abstract(value)
        elif is_number(value) and not isinstance(value, bool) and fits_int64(value):
            skeleton = Number(type(value))
        else:
            continue
        place = Place("variable", frame, name)
        state[place.identity] = Carried(place, value, skeleton)
    return state


class _HeldAsThemselves(Internal):
    """Objects that an iteration has made leave it in containers that hold them as the very objects that they are."""


class Recording:
    """One interpretation of the loop's parts with symbolic carried values."""

    def __init__(self, frame: Frame, loop: Loop, state: State) -> None:
        self.frame = frame
        self.trace = frame.trace
        self.loop = loop
        self.state = state
        self.settled = True
        self.assignments = self.trace.journal.aliases.assignments
        self.scope = self.trace.scope
        """The last region that was recorded."""
        self.named = aliases.met_by_name(frame)
        """The tensors from before the loop that cross as themselves."""
        self.mark: Any = None
        """Where the journal stood before this interpretation."""

    @property
    def sharing(self) -> Sharing:
        """Where objects are now."""
        return self.trace.journal.sharing

    def enter(self, region: Region, skip: int = 0) -> None:
        """Give every carried place the value that the region's arguments stand for."""
        tensors = iter(
            [make_symbolic(value, self.trace.scope) for value in region.arguments[skip:]]
        )
        self.scope = self.trace.scope
        for carried in self.state.values():
            self.trace.journal.touch_place(carried.place)
            carried.assign(self.trace, tensors, carried.origins(self.trace.journal.aliases))

    def leave(self) -> list[Any]:
        """The carried values at the end of a region, as graph values."""
        tensors: list[SymbolicTensor] = []
        for carried in self.state.values():
            carried.flatten(self.trace, carried.place.get(), tensors)
        return [self.trace.value_of(tensor) for tensor in tensors]

    def types(self) -> list[Any]:
        return [kind for carried in self.state.values() for kind in carried.skeleton.types()]

    def initial(self) -> list[SymbolicTensor]:
        """The values before the first iteration."""
        tensors: list[SymbolicTensor] = []
        for carried in self.state.values():
            carried.flatten(self.trace, carried.initial, tensors)
        return tensors

    def widen(self, mark: Any) -> bool:
        """Take what has changed since the mark into the state; whether it was all expected."""
        journal = self.trace.journal
        settled = self.widen_carried()
        self._note_ends()
        if self.trace.journal.aliases.assignments != self.assignments:
            settled = self._share_origins()
        for identity, place, before in journal.changed_places(mark):
            if identity in self.state or self._is_temporary(place):
                continue
            after = place.get()
            carried, owning = self._carry(place, before, after)
            carried.skeleton = carried.joined(self.trace, after)
            if isinstance(carried.skeleton, Const):
                continue
            self.state[identity] = carried
            if owning is not None:
                self.state[owning.identity] = CarriedOwning(carried, owning)
            settled = self.settled = False
        self._note_leaving()
        return self._carry_rows() and settled

    def _note_leaving(self) -> None:
        """What an iteration has made and containers hold as itself has to be a copy; what leaves by several names is known."""
        values: list[Any] = []
        for carried in self.state.values():
            if carried.place.kind == "row":
                continue  # its value is that of another place
            value = carried.place.get()
            is_contents = carried.place.kind == "contents"
            values.extend(parts_of_contents(value) if is_contents else (value,))
        journal = self.trace.journal
        leaving = Leaving(journal, self.mark.fresh, values)
        for item in leaving.themselves.values():
            if self.mark.copies:
                rows.refuse(self.frame, item)
            self.trace.copying.add(self.frame.unit.location(self.loop.node))
            raise _HeldAsThemselves
        for identity, item in leaving.several.items():
            if identity not in journal.sharing.rows:
                note_names(journal.sharing, item)

    def _carry_rows(self) -> bool:
        """Places whose values are rows of a container carry the number of the row; whether that was known."""
        journal, known = self.trace.journal, self.settled
        for (kind, owner, key), carried in tuple(self.state.items()):
            if kind in ("row", "value", "contents"):
                continue
            values = [carried.initial, carried.place.get()]
            parts = [part for value in values for part in rows.changing_parts(value)]
            origins = Sharings().union(*map(journal.sharing.of, parts))
            sharing = renamed(origins, self.mark.fresh.keys(), self.loop)
            if not sharing <= carried.sharing:
                carried.sharing |= sharing
                known = self.settled = False
            container = rows.common_owner(journal.sharing, values, [self, self])
            identity = ("row", owner, key)
            row = self.state.get(identity)
            if row is None and container is not None:
                self.state[identity] = CarriedRow(carried, container)
            elif isinstance(row, CarriedRow) and row.container not in (None, container):
                row.forget()
            else:
                continue
            known = self.settled = False
        return known

    def _older(self, value: Any, place: Place) -> set[int]:
        """What a value holds that another variable names from before the loop."""
        dead = self.loop.temporaries[self.frame.catches]
        named = staging.aliased(self.frame, [value], place, dead=dead)
        return named.difference(self.mark.fresh)

    def _named_in(self, value: Any) -> Set[int]:
        """The tensors in a value that were there before the loop and cross as themselves."""
        return self.named.keys() & [id(item) for item in aliases.tensors_in(value)]

    def _carry(self, place: Place, before: Any, after: Any) -> tuple[Carried, Owning | None]:
        """What carries a place, and whether its value is an object of the caller's, where it crosses as a copy."""
        common = containers_in(before).keys() & containers_in(after).keys()
        kept = common | self._older(after, place) | self._named_in(after)
        named = self._older(before, place) - kept
        location = self.frame.unit.location(self.loop.node)
        if location in self.trace.assumptions.shared_in:
            kept |= named
        owning = originals.crossing(self.trace, (before, after), place, kept, location)
        with keeping(kept):
            carried = Carried(place, before, abstract(before), kept)
        if named and location not in self.trace.assumptions.shared_in:
            carried.copied_by = location
            shared = containers_in(before)
            self.trace.journal.copies([shared[identity] for identity in named], location)
        return carried, owning

    def _note_ends(self) -> None:
        for carried in self.state.values():
            place = carried.place
            value = place.owner if place.kind == "value" else place.get()
            ends = [item for item in aliases.tensors_in(value) if id(item) not in carried.kept]
            carried.end = self.trace.journal.aliases.of(ends)

    def _share_origins(self) -> bool:
        """Places that may end with the same tensor begin the next iteration with it; whether that was known."""
        aliases = self.trace.journal.aliases
        ending: dict[int, list[Carried]] = {}
        for carried in self.state.values():
            for origin in carried.end:
                ending.setdefault(origin, []).append(carried)
        for group in ending.values():
            together = frozenset[int]().union(*[item.origins(aliases) for item in group])
            for carried in group:
                if carried.place.kind != "value" and not together <= carried.origins(aliases):
                    carried.shared |= together
                    self.settled = False
        return self.settled

    def _is_temporary(self, place: Place) -> bool:
        return place.owner is self.frame and self.loop.is_temporary(self.frame, place.key)

    def widen_carried(self) -> bool:
        """Widen the skeletons of carried places to their current values; whether they have always been wide enough."""
        for carried in self.state.values():
            value = carried.place.get()
            carried.kept |= self._older(value, carried.place) | self._named_in(value)
            carried.kept |= originals.met_later(self.trace, carried.initial, value)
            wider = carried.joined(self.trace, value)
            if wider != carried.skeleton:
                carried.skeleton = wider
                self.settled = False
        return self.settled

    def note_grown(self) -> None:
        """Items of lists that become ones that grow are rows of them from the beginning."""
        for carried in self.state.values():
            place, skeleton = carried.place, carried.skeleton
            if place.kind == "contents" and isinstance(skeleton, Grow):
                if not carried.is_noted:
                    with keeping(carried.kept):
                        self.trace.journal.hold_as_themselves(kept_in(carried.initial))
                    rows.note_grown(self.trace, place.owner, [carried.initial])
                carried.is_noted = True

    def finish(self, outputs: list[SymbolicTensor]) -> None:
        """Make the results of the loop the current state."""
        tensors = iter(outputs)
        for carried in self.state.values():
            origins = carried.origins(self.trace.journal.aliases) | carried.end
            carried.assign(self.trace, tensors, origins)


def _settle(frame: Frame, loop: Loop, record: Callable[[Recording], Any]) -> Any:
    """Interpret until the state fits; what `record` gives then."""
    trace = frame.trace
    refusal: CompileError | None = None
    state: State = {}
    states = [_guess(frame, loop), {}]
    for state in states:
        try:
            for _ in range(ATTEMPTS):
                recording = Recording(frame, loop, state)
                mark = recording.mark = trace.journal.open(*trace.open_frames(frame))
                mark.copies = frame.unit.location(loop.node) in trace.copying
                before = trace.journal.sharing
                trace.journal.sharing, lost = before.copy(), before.lost()
                try:
                    result = record(recording)
                    settled = recording.widen(mark)
                    changed = {id(item[1].owner) for item in trace.journal.changed_places(mark)}
                finally:
                    trace.journal.close(mark)
                    before.meet_iteration(trace.journal.sharing, mark.fresh.keys(), loop)
                    trace.journal.sharing = before
                    trace.frame = frame
                settled = settled and not changed & before.lost() - lost
                recording.note_grown()
                if settled:
                    return recording, result
        except _HeldAsThemselves:
            states[1:] = [_guess(frame, loop), {}]
            continue
        except CompileError as error:
            refusal = refusal or error
            continue
        break
    if refusal is not None and not (refusal.code == "TFC002" and _holds_objects(state)):
        raise refusal
    return _refuse_unsettled(frame, loop, state)


def _holds_objects(state: State) -> bool:
    """Whether objects are carried: those that iterations make, and that hold each other, never settle to one structure."""
    constants = [item for carried in state.values() for item in constants_in(carried.skeleton)]
    return any(is_record(type(item)) for item in constants)


def _refuse_unsettled(frame: Frame, loop: Loop, state: State) -> Any:
    frame.node = loop.node
    keys = dict.fromkeys(str(item.place.key) for item in state.values())
    names = [key for key in keys if key.isidentifier()][:4]
    facts = [
        fact
        for name in names
        for fact in messages.assignments(frame, name, f"{name} is assigned here")
    ]
    shown = " and ".join(repr(name) for name in names) or "a value"
    raise CompileError(
        "TFC012",
        f"{shown} {'have' if len(names) > 1 else 'has'} another structure after every iteration of this loop",
        "append to a list, or keep one structure: the same types, keys and number of items",
        messages.site_of_frame(frame, facts),
        "a loop over a tensor keeps each variable in one native form",
    )


# -- for ----------------------------------------------------------------------------------------


def stage_for(
    frame: Frame,
    loop: Loop,
    iterable: iterables.StagedIterable,
    step: Callable[[Frame, Any], Any],
    orelse: Statement | None,
) -> Any:
    """A loop over a staged iterable."""

    def iteration(index: Any) -> Any:
        return step(frame, iterable.item(frame, index))

    def of_known_number(index: Any) -> Any:
        length = iterable.current_length(frame)
        signal = iteration(index)
        if iterable.current_length(frame) is not length:
            raise HasExit
        return signal

    attempt = Attempt(frame)
    try:
        _counted(frame, loop, iterable.length, of_known_number)
    except HasExit:
        attempt.forget()
        return _counted_while(frame, loop, iterable, iteration, orelse)
    except BaseException:
        attempt.forget()
        raise
    attempt.keep()
    return orelse(frame) if orelse is not None else None


class HasExit(Internal):
    """The body leaves the loop on some path, or changes how long it is."""


def _counted(frame: Frame, loop: Loop, length: Any, iteration: Callable[[Any], Any]) -> None:
    trace = frame.trace

    def record(recording: Recording) -> Region:
        region = Region([_index_type(), *recording.types()])
        with trace.inside(region):
            recording.enter(region, skip=1)
            counter = SymbolicNumber(int, make_symbolic(region.arguments[0], trace.scope))
            signal, ends = _run_part(trace, lambda: iteration(counter))
            if signals.leaves_loop(signal):
                raise HasExit
            if ends:
                _leave_if_settled(recording, region)
            else:
                region.results = region.arguments[1:]
        return region

    recording, region = _settle(frame, loop, record)
    bounds = [_number(trace, 0), _number(trace, length), _number(trace, 1)]
    inputs = bounds + recording.initial()
    outputs = trace.emit_control(FOR, inputs, {}, recording.types(), [region])
    if length.__class__ is int and length > 0:
        ends = zip(outputs, region.results, strict=True)
        outputs = [_known_end(trace, output, end) for output, end in ends]
    recording.finish(outputs)


def _known_end(trace: Trace, output: SymbolicTensor, end: Value) -> SymbolicTensor:
    """What a loop that runs gives for what each iteration ends with: the constant, if it is one."""
    is_constant = end.node is not None and end.node.spec is CONSTANT
    return make_symbolic(end, trace.root_scope) if is_constant else output


def _run_part(trace: Trace, part: Callable[[], Any]) -> tuple[Any, bool]:
    """The value of a part of a loop, and whether its end is reached: a body that always raises does so only when it runs."""
    frame = trace.frame
    try:
        return part(), True
    except DeadPath:
        pass
    except AlreadyRaised:
        trace.frame = frame
        return RAISED, True
    except (Internal, CompileError):
        raise
    except BaseException as error:
        if trace.try_depth:
            trace.raise_later(error)
            trace.frame = frame
            return RAISED, True
        effects.emit_raise(trace, error)
    trace.frame = frame
    return None, False


def _leave_if_settled(recording: Recording, region: Region) -> None:
    """Yield the carried values, when they fit; otherwise the region is thrown away anyway."""
    if recording.widen_carried():
        region.results = recording.leave()


def _number(trace: Any, value: Any) -> SymbolicTensor:
    if isinstance(value, SymbolicNumber):
        return value.as_kind(int)
    return trace.constant(int(value), KIND_DTYPES[int])


def _index_type() -> Any:
    return Number(int).types()[0]


# -- while --------------------------------------------------------------------------------------


def stage_while(
    frame: Frame,
    loop: Loop,
    condition: Callable[[Frame], Any],
    body: Statement,
    orelse: Statement | None,
) -> Any:
    """A `while` loop with a staged condition or a staged exit."""
    return _while(frame, loop, lambda: condition(frame), lambda: body(frame), orelse)


_COUNTER = "loop counter"


def _counted_while(
    frame: Frame,
    loop: Loop,
    iterable: iterables.StagedIterable,
    iteration: Callable[[Any], Any],
    orelse: Statement | None,
) -> Any:
    """A counted loop with exits: the counter is one more variable, named as no variable can be."""
    name = f"{_COUNTER} {id(loop)}"
    frame.vars[name] = SymbolicNumber(int, _number(frame.trace, 0))

    def body() -> Any:
        counter = frame.vars[name]
        signal = iteration(counter)
        frame.vars[name] = counter + 1
        return signal

    inner = Loop(loop.node, (name, *loop.names), loop.temporaries, loop.updated)
    signal = _while(
        frame, inner, lambda: frame.vars[name] < iterable.current_length(frame), body, orelse
    )
    frame.vars.pop(name, None)
    return signal


_SIGNAL = "loop signal"


def _while(
    frame: Frame,
    loop: Loop,
    condition: Callable[[], Any],
    body: Callable[[], Any],
    orelse: Statement | None,
) -> Any:
    trace = frame.trace
    flag = f"{_SIGNAL} {id(loop)}"
    exits: set[int] = set()
    frame.vars[flag] = 0

    def goes_on() -> Any:
        code = frame.vars[flag]
        if isinstance(code, SymbolicNumber):
            return staging.branch(frame, frame.node, code == 0, condition, lambda: False)
        return condition() if code == 0 else False

    def record(recording: Recording) -> tuple[Region, Region]:
        before = Region(recording.types())
        with trace.inside(before):
            recording.enter(before)
            # What a `try` catches has to leave the loop: the test is made at least once.
            value, ends = (goes_on(), True) if trace.try_depth else _run_part(trace, goes_on)
            test = truth(frame, value) if ends else False
            if not isinstance(test, SymbolicNumber):
                test = SymbolicNumber(bool, trace.constant(bool(test), np.dtype(np.bool_)))
            test_value = trace.value_of(test.tensor)
            _leave_if_settled(recording, before)
            before.results = [test_value, *before.results]
        if not recording.widen(recording.mark):
            return before, before  # the test changes what was not known to be carried: again
        after = Region(recording.types())  # the test may have widened what is carried
        with trace.inside(after):
            recording.enter(after)
            signals.not_raised(trace)
            signal, ends = _run_part(trace, body)
            if ends:
                signals.set_flag(frame, flag, signal, exits)
                _leave_if_settled(recording, after)
            else:
                after.results = after.arguments
        return before, after

    recording, regions = _settle(frame, loop, record)
    outputs = trace.emit_control(WHILE, recording.initial(), {}, recording.types(), list(regions))
    recording.finish(outputs)
    code = frame.vars.pop(flag, 0)
    return signals.after_loop(frame, code, exits, orelse)
