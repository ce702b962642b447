"""Staged branches: every arm is interpreted on its own copy of the state, then the states are merged.

An arm that ends in an error becomes code that raises it at run time. When only one arm is left, what it did goes on in
straight line after the check.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Iterable, Sequence, Set
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from tfc.core.errors import CompileError
from tfc.graph.control import IF, SWITCH
from tfc.graph.nodes import Region
from tfc.tracing import effects, messages
from tfc.tracing.containers import growable, mappings, rows
from tfc.tracing.containers.sharing import Origins, Sharing
from tfc.tracing.frame import Frame
from tfc.tracing.inputs import AlreadyRaised, DeadPath, Internal
from tfc.tracing.ndarrays import aliases
from tfc.tracing.paths import leaving, originals
from tfc.tracing.paths.journal import Changes, Place
from tfc.tracing.trace import Trace
from tfc.tracing.values import number_checks, structures
from tfc.tracing.values.abstract import Skeleton, Union, abstract, equals_tag, join
from tfc.tracing.values.identity import containers_in, keeping
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice, Scope, SymbolicTensor

Thunk = Callable[[], Any]

_RESULT = ("result", 0, "")
"""The place of the value of a staged expression among the places that an arm changes."""


_NO_VALUE, _NO_PATH = object(), object()

_OBJECTS = ("value", "contents", "attribute")
"""The kinds of places that belong to an object."""


class Outcome:
    """What one arm did: its ops, its value, its changes of state."""

    __slots__ = ("changes", "dead", "fresh", "missing", "region", "scope", "sharing", "value")

    def __init__(self, region: Region, scope: Scope) -> None:
        self.region = region
        self.scope = scope
        self.value: Any = None
        self.changes = Changes()
        self.sharing = Sharing()
        """Where objects are at its end."""
        self.fresh: dict[int, Any] = {}
        """The objects that it has made."""
        self.dead = False
        self.missing = False
        """It has no value: an exception is on its way to a handler."""

    @contextmanager
    def assigned(self, trace: Trace) -> Generator[None]:
        """A context in which tensors have the values that the arm gave them, and objects are where and what it left."""
        changes, sharing = self.changes, trace.journal.sharing
        trace.journal.sharing = self.sharing
        places = [(key, place) for key, place in changes.places.items() if place.kind in _OBJECTS]
        for key, place in places:
            place.set(changes.after[key])
        try:
            yield
        finally:
            for key, place in places:
                place.set(changes.before[key])
            trace.journal.sharing = sharing

    def at(self, identity: tuple[str, int, str], place: Place | None) -> Any:
        """The value of a place at the end of the arm."""
        if place is None:
            return self.value
        after = self.changes.after
        return after[identity] if identity in after else place.get()


def run_arm(frame: Frame, thunk: Thunk, region: Region | None = None) -> Outcome:
    """Interpret an arm into a region of its own and undo its changes of state."""
    trace = frame.trace
    region = region or Region()
    mark, sharing = trace.journal.open(*trace.open_frames(frame)), trace.journal.sharing
    trace.journal.sharing = sharing.copy()
    with trace.inside(region) as scope:
        outcome = Outcome(region, scope)
        node = frame.node
        try:
            outcome.value = thunk()
        except DeadPath:
            outcome.dead = True
        except AlreadyRaised:
            outcome.missing = True
        except (Internal, CompileError):
            trace.journal.close(mark)
            trace.frame = frame
            raise
        except BaseException as error:
            if trace.try_depth and not isinstance(error, number_checks.BeyondNativeError):
                trace.raise_later(error)
                outcome.missing = True
            else:
                effects.emit_raise(trace, error)
                outcome.dead = True
        trace.frame = frame
        frame.node = node
    outcome.changes, outcome.fresh = trace.journal.close(mark), mark.fresh
    outcome.sharing, trace.journal.sharing = trace.journal.sharing, sharing
    return outcome


def branch(frame: Frame, node: ast.AST, condition: Any, then: Thunk, otherwise: Thunk) -> Any:
    """The value of a two-way branch on a symbolic bool."""
    trace = frame.trace
    tensor = condition.tensor if isinstance(condition, SymbolicNumber) else condition
    frame.node = node
    outcomes = [run_arm(frame, then), run_arm(frame, otherwise)]
    return _merge(frame, IF, trace.as_symbolic(tensor), outcomes)


def switch(frame: Frame, tag: SymbolicTensor, arms: Sequence[Thunk]) -> Any:
    """The value of the arm number `tag`."""
    if len(arms) == 1:
        return arms[0]()
    if len(arms) == 2:
        condition = equals_tag(frame.trace, tag, 0)
        return branch(frame, frame.node, condition, *arms)
    outcomes = [run_arm(frame, arm) for arm in arms]
    return _merge(frame, SWITCH, tag, outcomes)


def _merge(frame: Frame, spec: Any, selector: SymbolicTensor, outcomes: list[Outcome]) -> Any:
    """Append the branch to the program and make the merged state the current one."""
    trace = frame.trace
    live = [outcome for outcome in outcomes if not outcome.dead]
    if len(live) <= 1:
        return _merge_single(trace, spec, selector, outcomes, live)
    places: dict[tuple[str, int, str], Place | None] = {_RESULT: None}
    for outcome in live:
        places.update(outcome.changes.places)
    named = aliases.met_by_name(frame)
    lasting = leaving.lasting(trace.journal, live, places)
    plans: list[tuple[Place | None, Skeleton | None, Any]] = []
    values_of: list[list[Any]] = []
    kept_of: list[set[int]] = []
    for identity, place in places.items():
        values: list[Any] = [
            _NO_VALUE
            if leaving.is_nowhere(outcome, place, lasting)
            else outcome.at(identity, place)
            for outcome in live
        ]
        given = [
            (outcome, value)
            for outcome, value in zip(live, values, strict=True)
            if value is not _NO_VALUE
        ]
        there = [value for _, value in given]
        if not there or (len(there) == len(values) and all(value is there[0] for value in there)):
            plans.append((place, None, there[0] if there else None))
            continue
        kept = aliased(frame, there, place, live) | lasting.keys()
        kept.update(id(item) for item in aliases.tensors_in(tuple(there)) if id(item) in named)
        own = originals.crossing(trace, there, place, kept, frame.location)
        with keeping(kept):
            skeleton = _join_values(trace, given, place)
            rows.require_unchanged_items(frame, skeleton, there, places.values())
        crossing: list[tuple[Place | None, Skeleton]] = [(place, skeleton)]
        owner = rows.common_owner(trace.journal.sharing, values, live)
        if owner is not None:
            crossing.append((rows.Standing(place, owner), rows.RowNumber(id(owner))))
        if own is not None:
            crossing.append((own, own.skeleton))
        plans += [(at, held, None) for at, held in crossing]
        values_of += [values] * len(crossing)
        kept_of += [kept] * len(crossing)
    skeletons = [skeleton for _, skeleton, _ in plans if skeleton is not None]
    types = [kind for skeleton in skeletons for kind in skeleton.types()]
    for outcome in outcomes:
        position = live.index(outcome) if not outcome.dead else -1
        carried = [
            (skeleton, _NO_PATH if position < 0 else values[position], kept)
            for skeleton, values, kept in zip(skeletons, values_of, kept_of, strict=True)
        ]
        _give(trace, outcome, carried)
    regions = [outcome.region for outcome in outcomes]
    outputs = trace.emit_control(spec, [selector], {}, types, regions)
    ends = [outcome.sharing for outcome in live]
    trace.journal.sharing.meet(ends)
    value = _apply(trace, plans, values_of, iter(outputs), ends)
    return _going_on(live, value)


def _give(trace: Trace, outcome: Outcome, carried: list[tuple[Skeleton, Any, set[int]]]) -> None:
    """Make the region of an arm give its values, each as its skeleton has it."""
    with trace.inside(outcome.region, outcome.scope), outcome.assigned(trace):
        tensors: list[SymbolicTensor] = []
        for skeleton, value, kept in carried:
            if value is _NO_PATH:
                skeleton.zeros(trace, tensors)
            elif value is _NO_VALUE:
                skeleton.ones(trace, tensors)
            else:
                with keeping(kept):
                    skeleton.flatten(trace, value, tensors)
        outcome.region.results = [trace.value_of(tensor) for tensor in tensors]


def _going_on(live: list[Outcome], value: Any) -> Any:
    """What a branch gives where it goes on: not when all its arms have raised, for a handler to see."""
    if all(outcome.missing for outcome in live):
        raise AlreadyRaised
    return value


def aliased(
    frame: Frame,
    values: list[Any],
    place: Place | None,
    ends: Sequence[Outcome] = (),
    dead: Set[str] = frozenset(),
) -> set[int]:
    """The containers among some values that a variable other than `place` names: changes of them are seen elsewhere.

    Also those that another variable has at the end of one of the arms that meet, which did not make them. Variables of the frame
    that are `dead` are never read again.
    """
    wanted: set[int] = set()
    journal = frame.trace.journal
    for value in values:
        wanted |= containers_in(value).keys() - journal.sharing.rows.keys()
    wanted = {identity for identity in wanted if not journal.leaves_as_copy(identity)}
    found: set[int] = set()
    for step in frame.trace.live_frames(frame) if wanted else ():
        for name, value in step.vars.items():
            if step is frame and name in dead:
                continue
            if place is None or place.owner is not step or place.key != name:
                _note_containers(value, wanted, found, 3)
        for name, cell in step.cells.items():
            if place is None or place.owner is not cell:
                value = Place("cell", cell, name).get()
                _note_containers(value, wanted, found, 3)
    for end in ends if wanted else ():
        older = wanted - end.fresh.keys()
        if place is not None:
            _note_containers(end.value, older, found, 3)
        for identity, other in end.changes.places.items():
            names = (
                ("variable", "cell", "contents", "attribute")
                if place is None
                else ("variable", "cell")
            )
            if other.kind in names and (place is None or identity != place.identity):
                _note_containers(end.changes.after[identity], older, found, 3)
    return found


def _note_containers(value: Any, wanted: set[int], found: set[int], depth: int) -> None:
    if id(value) in wanted:
        found.add(id(value))
    if value.__class__ is Choice:
        for item in value.alternatives:
            _note_containers(item, wanted, found, depth)
    for item in (*structures.parts_of(value), *_held_by_callable(value)) if depth else ():
        _note_containers(item, wanted, found, depth - 1)


def _held_by_callable(value: Any) -> Iterable[Any]:
    """What the program gets at by calling a function, a method or a `partial`."""
    if isinstance(value, FunctionType):
        cells = [Place("cell", cell).get() for cell in value.__closure__ or ()]
        return [*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    if isinstance(value, MethodType):
        return (value.__self__,)
    if isinstance(value, partial):
        return (value.func, *value.args, *value.keywords.values())
    return ()


def _apply(
    trace: Trace,
    plans: list[tuple[Place | None, Skeleton | None, Any]],
    values_of: list[list[Any]],
    outputs: Any,
    ends: list[Sharing],
) -> Any:
    result, values = None, list[Any]()
    given = iter(values_of)
    for place, skeleton, value in plans:
        merged = value
        if skeleton is not None:
            merged, values = trace.journal.received(skeleton.rebuild(outputs)), next(given)
            trace.journal.hold_as_themselves(leaving.held_by_growing(skeleton))
            note_made(trace, merged, values, ends)
            if place is None or place.kind not in ("value", "row"):
                trace.journal.aliases.met(merged, values)
        if place is None:
            result = merged
            rows.note_held_in(trace, merged, values)
        elif place.kind == "row":
            assert isinstance(place, rows.Standing | originals.Owning)
            made = result if place.place is None else place.get()
            place.note(trace, made, values, merged, ends)
        else:
            assign_place(trace, place, merged)
            is_contents = place.kind == "contents"
            made = tuple(leaving.parts_of_contents(merged)) if is_contents else merged
            rows.note_held_in(trace, made, values)
            if place.kind == "contents" and isinstance(skeleton, growable.Grow):
                there = [value for value in values if value is not _NO_VALUE]
                rows.note_grown(trace, place.owner, there)
    return result


def note_made(
    trace: Trace,
    made: Any,
    values: Sequence[Any],
    ends: Sequence[Sharing],
    others: Origins = frozenset(),
    kept: Set[int] = frozenset(),
) -> None:
    """Containers in `made` that are in none of the `values` it stands for, nor `kept`, may be theirs."""
    pairs = zip(ends, values, strict=True)
    crossed = [(end, part) for end, value in pairs for part in rows.changing_parts(value)]
    known = {id(part) for _, part in crossed} | kept
    for container in rows.changing_parts(made):
        if id(container) not in known:
            trace.journal.sharing.stand_for(container, crossed, others)


def _merge_single(
    trace: Trace,
    spec: Any,
    selector: SymbolicTensor,
    outcomes: list[Outcome],
    live: list[Outcome],
) -> Any:
    """At most one arm goes on: the others are checks, and its ops follow in straight line."""
    regions = [outcome.region if outcome.dead else Region() for outcome in outcomes]
    trace.emit_control(spec, [selector], {}, [], regions)
    if not live:
        raise DeadPath
    outcome = live[0]
    trace.journal.sharing = outcome.sharing
    trace.adopt(outcome.region, outcome.scope)
    for identity, place in outcome.changes.places.items():
        place.set(outcome.changes.after[identity])
    return _going_on(live, outcome.value)


def join_at(trace: Trace, place: Place | None, left: Skeleton, right: Skeleton) -> Skeleton:
    """The skeleton for the values of a place on two paths."""
    joined = join(left, right)
    owner = place.owner if place is not None and place.kind == "contents" else None
    if isinstance(joined, Union) and isinstance(owner, dict):
        mappings.require_order_of_run_time(trace, owner)
    return joined


def assign_place(trace: Trace, place: Place, value: Any) -> None:
    """Give a place its merged value; the contents of one object cannot be a choice between structures."""
    if place.kind == "contents" and isinstance(value, Choice):
        raise CompileError(
            "TFC012",
            f"a {type(place.owner).__name__} has different structures on the paths that meet here",
            "give it the same keys, attributes and length on every path",
            messages.site_of_frame(trace.frame),
        )
    place.set(value)


def _join_values(trace: Trace, given: list[tuple[Outcome, Any]], place: Place | None) -> Skeleton:
    """The skeleton for the values of a place at the ends of some arms."""
    skeleton: Skeleton | None = None
    for outcome, value in given:
        if containers_in(value):
            with outcome.assigned(trace):
                this = abstract(value)
        else:
            this = abstract(value)
        skeleton = this if skeleton is None else join_at(trace, place, skeleton, this)
    assert skeleton is not None
    return skeleton
