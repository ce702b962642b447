"""Recursion to a depth that is known at run time: a function of the program that calls itself.

    def fact(n):
        if n <= 1:
            return 1
        return n * fact(n - 1)

A call of a function that is running already, under a condition on a tensor, with arguments of the same kinds, will not end while
tracing. Its body is recorded into a region of its own, in `Graph.functions`, and the calls inside become calls of that. At first
these calls are assumed never to return, so that the other arms say what the function returns. Then the body is recorded again
until its arguments, its result and the state that it changes have settled. Calls with other constants, such as a counter, are
unrolled a few times before the constants become run-time values. Where such calls end in more than one place, the trace starts
again and unrolls none, as their number would grow exponentially. Functions in between are inlined, so mutual recursion needs
nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.graph.control import DEEPEST_CALLS, Function
from tfc.graph.nodes import Region
from tfc.tracing.inputs import Assumptions, DeadPath, Restart, Unending
from tfc.tracing.messages import site_of_frame
from tfc.tracing.paths import staging
from tfc.tracing.paths.carried import Carried, State
from tfc.tracing.paths.journal import Place
from tfc.tracing.paths.loop_staging import ATTEMPTS, Attempt
from tfc.tracing.strings import held_text
from tfc.tracing.strings.text import is_text
from tfc.tracing.trace import Trace
from tfc.tracing.values.abstract import Const, Skeleton, Struct, Union, abstract, is_number, join
from tfc.tracing.values.identity import keeping
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.structures import (
    is_record,
)
from tfc.tracing.values.symbolic import KIND_DTYPES, SymbolicTensor, make_symbolic

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.syntax.unit import Unit

UNROLLED_CALLS = 4
"""Calls with ever new constants are unrolled this often under staged conditions."""

INLINED_CALLS = 24
"""Calls of a function that cannot be called natively may be nested this deep, each under one more staged condition."""

NOT_NATIVE = object()
"""What `call_again` gives when the call is to be inlined."""

Run = Callable[[dict[str, Any]], Any]
"""Interprets the function's body with its variables."""


class NativeFunction(Function):
    """A function of the program while it is being recorded."""

    __slots__ = ("arguments", "depth", "kept", "key", "result", "settled", "state", "widened")

    def __init__(self, name: str, key: Any, arguments: dict[str, Skeleton], kept: set[int]) -> None:
        super().__init__(name)
        self.key = key
        self.arguments = arguments
        self.kept = kept
        """Containers and objects that every call hands on as they are."""
        self.result: Skeleton | None = None
        self.state: State = {}
        """What the body changes besides its own variables."""
        self.depth: Any = None
        self.settled = True
        self.widened = 0
        """How often what it returns has changed."""

    def types(self) -> list[Any]:
        """The types of what goes in and comes out besides depth, arguments and result."""
        return [kind for carried in self.state.values() for kind in carried.skeleton.types()]

    def widen_arguments(self, joined: dict[str, Skeleton]) -> None:
        if joined != self.arguments:
            self.arguments = joined
            self.settled = False

    def widen_result(self, skeleton: Skeleton) -> None:
        wider = skeleton if self.result is None else join(self.result, skeleton)
        if wider != self.result:
            self.widened += 1
            self.result = held_text.joined_in_loop(wider, self.widened)
            self.settled = False

    def widen_state(self, identity: Any, place: Place, before: Any, after: Any) -> None:
        """`place` held `before` when the function was entered and `after` at its end."""
        known = self.state.get(identity)
        skeleton = join(abstract(before) if known is None else known.skeleton, abstract(after))
        if known is None and not isinstance(skeleton, Const):
            self.state[identity] = Carried(place, before, skeleton)
            self.settled = False
        elif known is not None and skeleton != known.skeleton:
            known.widened += 1
            known.skeleton = held_text.joined_in_loop(skeleton, known.widened)
            self.settled = False


def key_of(unit: Unit, function: FunctionType) -> Any:
    """What tells functions apart: their code and the cells that they close over."""
    return (unit, *[id(cell) for cell in function.__closure__ or ()])


def call_again(
    trace: Trace,
    parent: Frame | None,
    unit: Unit,
    function: FunctionType,
    variables: dict[str, Any],
    run: Run,
) -> Any:
    """The result of a call of the program's own function; `NOT_NATIVE` when the call is to be inlined."""
    key = key_of(unit, function)
    if parent is None:
        return NOT_NATIVE
    if key in trace.unrolling.inlined:
        if len({frame.staged_depth for frame in _running(parent, unit, key)}) > INLINED_CALLS:
            raise Unending(unit, trace.unrolling.inlined[key])
        return NOT_NATIVE
    for native in reversed(trace.natives):
        if native.key == key:
            return _call_open(trace, native, variables)
    running = _running(parent, unit, key)
    if not running and _calls_at_once(trace, parent, unit, variables):
        given = _skeletons(variables, set())
        return _record(trace, parent, _new(trace, unit, key, given, set()), variables, run)
    if not running or trace.staged_depth == running[0].staged_depth:
        return NOT_NATIVE
    before = running[0].arguments
    kept = {id(item) for name, item in variables.items() if _is_shared(item, before.get(name))}
    given, known = _skeletons(variables, kept), _skeletons(before, kept)
    if given != known:
        given = {name: _joined(known[name], skeleton) for name, skeleton in given.items()}
        is_over = trace.unrolling.is_over(unit.location(unit.node))
        if not all(map(_is_native, given.values())):
            return NOT_NATIVE
        if not is_over and len(running) < UNROLLED_CALLS:
            return NOT_NATIVE
    result = _record(trace, parent, _new(trace, unit, key, given, kept), variables, run)
    if given != known and result is not NOT_NATIVE:
        _count_end(trace, unit, running[-1])
    return result


def _new(
    trace: Trace, unit: Unit, key: Any, given: dict[str, Skeleton], kept: set[int]
) -> NativeFunction:
    return NativeFunction(f"{unit.name}_{len(trace.graph.functions)}", key, given, kept)


def _calls_at_once(trace: Trace, parent: Frame, unit: Unit, variables: dict[str, Any]) -> bool:
    """Whether a first call is native: calls from this line have ended in several, and no object has to stay itself."""
    return (
        trace.unrolling.is_over(unit.location(unit.node))
        and parent.location in trace.unrolling.called
        and all(isinstance(value, int | float | SymbolicNumber) for value in variables.values())
    )


def _count_end(trace: Trace, unit: Unit, first: Frame) -> None:
    """The unrolling of calls has ended in a native one: there is one such place, or the trace starts again."""
    place = unit.location(unit.node)
    ends = trace.unrolling.ends
    ends[place] = ends.get(place, 0) + 1
    if ends[place] > 1 and place not in trace.unrolling.called:
        places = {place} if first.parent is None else {place, first.parent.location}
        needed = Assumptions(called=frozenset(places))
        raise Restart(needed, place, "how a function calls itself")


def _running(parent: Frame, unit: Unit, key: Any) -> list[Frame]:
    """The calls of a function that are being interpreted, innermost first."""
    return [
        frame
        for frame in parent.stack()
        if frame.unit is unit and frame.function and key_of(unit, frame.function) == key
    ]


def begins(parent: Frame | None, unit: Unit, end: Unending) -> bool:
    """Whether a call of `unit` is the first of those that do not end."""
    frames = parent.stack() if parent is not None else ()
    return end.function is unit and all(frame.unit is not unit for frame in frames)


def _is_shared(item: Any, before: Any) -> bool:
    return item is before and (isinstance(item, list | dict | set) or is_record(type(item)))


def _skeletons(variables: dict[str, Any], kept: set[int]) -> dict[str, Skeleton]:
    with keeping(kept):
        return {name: abstract(value) for name, value in variables.items()}


def _joined(left: Skeleton, right: Skeleton) -> Skeleton:
    """The skeleton of an argument in two calls: strings that differ are held."""
    joined = join(left, right)
    return held_text.HeldText() if joined != left and is_text(joined) else joined


def _is_native(skeleton: Skeleton) -> bool:
    """Whether arguments of this kind are not told apart by ever new constants."""
    if isinstance(skeleton, Union):
        return all(
            item.value is None or is_number(item.value)
            if isinstance(item, Const)
            else _is_native(item)
            for item in skeleton.alternatives
        )
    return not isinstance(skeleton, Struct) or all(map(_is_native, skeleton.items))


def _call_open(trace: Trace, native: NativeFunction, variables: dict[str, Any]) -> Any:
    """A call of a function from inside it."""
    given = _skeletons(variables, native.kept)
    joined = {name: _joined(native.arguments[name], skeleton) for name, skeleton in given.items()}
    if not all(map(_is_native, joined.values())) and joined != native.arguments:
        return NOT_NATIVE
    native.widen_arguments(joined)
    if native.result is None:
        raise DeadPath  # what the function returns is not known yet
    for identity, carried in native.state.items():
        native.widen_state(identity, carried.place, None, carried.place.get())
    return _emit(trace, native, variables, native.depth + 1)


def _emit(trace: Trace, native: NativeFunction, variables: dict[str, Any], depth: Any) -> Any:
    """Append a call; the state after it becomes the current one."""
    assert native.result is not None
    tensors: list[SymbolicTensor] = [depth.tensor]
    with keeping(native.kept):
        for name, skeleton in native.arguments.items():
            skeleton.flatten(trace, variables[name], tensors)
    for carried in native.state.values():
        carried.skeleton.flatten(trace, carried.place.get(), tensors)
    types = [*native.result.types(), *native.types()]
    outputs = iter(trace.emit_call(tensors, native, types))
    result = native.result.rebuild(outputs)
    for carried in native.state.values():
        trace.journal.touch_place(carried.place)
        staging.assign_place(trace, carried.place, carried.skeleton.rebuild(outputs))
    return result


def _record(
    trace: Trace, parent: Frame, native: NativeFunction, variables: dict[str, Any], run: Run
) -> Any:
    """Record the function until it has settled, and call it."""
    attempt = Attempt(parent)
    trace.natives.append(native)
    trace.graph.functions[native.name] = native.region  # takes the name
    try:
        _settle(trace, parent, native, run)
    except CompileError as error:
        attempt.forget()
        place = native.key[0].location(native.key[0].node)
        if trace.unrolling.is_over(place):
            trace.unrolling.needed.add(place)
        else:
            trace.unrolling.inlined[native.key] = error
        return NOT_NATIVE
    except BaseException:
        attempt.forget()
        raise
    finally:
        trace.natives.pop()
    attempt.keep()
    start = SymbolicNumber(int, trace.constant(0, KIND_DTYPES[int]))
    return _emit(trace, native, variables, start)


def _settle(trace: Trace, parent: Frame, native: NativeFunction, run: Run) -> None:
    for _ in range(ATTEMPTS):
        native.settled = True
        outcome = _interpret(trace, parent, native, run)
        ends = not outcome.dead and not outcome.missing
        if ends:
            with keeping(native.kept):
                native.widen_result(abstract(outcome.value))
        elif native.result is None:
            native.result = Const(None)  # every path calls the function again
            native.settled = False
        for identity, place in outcome.changes.places.items():
            changes = outcome.changes
            native.widen_state(identity, place, changes.before[identity], changes.after[identity])
        if native.settled:
            _finish(trace, native, outcome, ends)
            return
    raise CompileError(
        "TFC014",
        f"'{native.key[0].name}' calls itself with arguments of a new structure each time",
        "keep the structure of the arguments and of the result the same in every call",
        site_of_frame(parent),
    )


def _interpret(trace: Trace, parent: Frame, native: NativeFunction, run: Run) -> staging.Outcome:
    """Interpret the body once, into a new region."""
    kinds = [kind for skeleton in native.arguments.values() for kind in skeleton.types()]
    depth = KIND_DTYPES[int]
    region = Region([trace.constant(0, depth).type, *kinds, *native.types()])
    made: dict[int, Any] = {}

    def body() -> Any:
        tensors = iter([make_symbolic(value, trace.scope) for value in region.arguments])
        native.depth = SymbolicNumber(int, next(tensors))
        given = {name: item.rebuild(tensors) for name, item in native.arguments.items()}
        made.update({id(item): item for item in given.values()})
        trace.journal.aliases.pin(list(given.values()))
        for carried in native.state.values():
            trace.journal.touch_place(carried.place)
            carried.place.set(carried.skeleton.rebuild(tensors))
        _require_depth(trace, parent, native.depth)
        return run(given)

    outcome = staging.run_arm(parent, body, region)
    for place in outcome.changes.places.values():
        if (
            place.kind in ("contents", "attribute")
            and id(place.owner) in made
            and id(place.owner) not in native.kept
        ):
            raise CompileError(
                "TFC014",
                f"'{native.key[0].name}' calls itself to a depth that depends on a tensor, and changes"
                f" a {type(place.owner).__name__} that it was given",
                "return a new one, or keep it in a variable around the function",
                site_of_frame(parent),
            )
    return outcome


def _require_depth(trace: Trace, parent: Frame, depth: SymbolicNumber) -> None:
    def fail() -> Any:
        raise RecursionError("maximum recursion depth exceeded")

    outer, trace.try_depth = trace.try_depth, 0  # nothing may go on after it
    limit = min(trace.depth_limit, DEEPEST_CALLS)
    staging.branch(parent, parent.node, depth < limit, lambda: None, fail)
    trace.try_depth = outer


def _finish(trace: Trace, native: NativeFunction, outcome: staging.Outcome, ends: bool) -> None:
    """Give the region its results."""
    assert native.result is not None
    region, scope = outcome.region, outcome.scope
    with trace.inside(region, scope), keeping(native.kept):
        tensors: list[SymbolicTensor] = []
        if ends:
            native.result.flatten(trace, outcome.value, tensors)
        else:
            native.result.zeros(trace, tensors)
        for identity, carried in native.state.items():
            if outcome.dead:
                carried.skeleton.zeros(trace, tensors)
            else:
                value = outcome.at(identity, carried.place)
                carried.skeleton.flatten(trace, value, tensors)
        region.results = [trace.value_of(tensor) for tensor in tensors]
    native.complete(region)
