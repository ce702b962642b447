"""One specialisation: a function traced for one kind of arguments, and the way to call it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.compiled import joint
from tfc.compiled.arguments import Leaf, format_path, reader_of, replace_leaves
from tfc.compiled.execution import Executor
from tfc.compiled.in_place import InPlace, restore
from tfc.compiled.results import rebuilder, with_common
from tfc.core.dtypes import from_numpy
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.nodes import Graph, Value
from tfc.ops.item_assignment import replace_value
from tfc.tracing import effects, messages
from tfc.tracing.calling import calls
from tfc.tracing.frame import Frame
from tfc.tracing.guards import GONE
from tfc.tracing.inputs import Assumptions, DeadPath, Drawn, PlainPython, Restart
from tfc.tracing.iteration import outer_iterators
from tfc.tracing.ndarrays.arrays import array_of_its_own
from tfc.tracing.paths import failing_state, outgoing
from tfc.tracing.paths.journal import (
    Place,
    attributes_of,
    contents_of,
    has_attributes,
    same_contents,
)
from tfc.tracing.syntax.source import NoSource, is_user_function
from tfc.tracing.syntax.unit import Unit, unit_of
from tfc.tracing.trace import Trace
from tfc.tracing.values import abstract, number_checks
from tfc.tracing.values.abstract import Skeleton
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, make_symbolic

if TYPE_CHECKING:
    from tfc.gradients.calls import CallTape


class WriteBack:
    """Python state outside of the function that a call changes: set to its new value after each call."""

    __slots__ = ("count", "place", "rebuild", "target")

    def __init__(
        self, place: Place, target: Callable[[Any], Any] | None, skeleton: Skeleton
    ) -> None:
        self.place = place if target is None else Place(place.kind, None, place.key)
        self.target = target
        """Finds the object that changes, among the arguments or outside; None when `place` has it."""
        self.count = len(skeleton.types())
        self.rebuild = rebuilder(skeleton)

    def apply(self, target: Any, arrays: Sequence[Any], own: Mapping[int, Any]) -> None:
        place, value = self.place, self.rebuild(arrays, own)
        if self.target is None:
            place.set(value)
        elif place.kind != "value":
            Place(place.kind, target, place.key).set(value)
        elif isinstance(target, Tensor):
            replace_value(target, value)
        elif target is not value._array:
            np.copyto(target, value._array)


def write_back(
    items: Sequence[WriteBack],
    common: Sequence[outgoing.Common],
    find_own: outgoing.FindOwn | None,
    arguments: Any,
    arrays: Sequence[Any],
) -> Mapping[int, Any]:
    """Make changes real; the objects that other values are made around.

    What changes is found before anything does: one may be found through another.
    """
    found = find_own(arguments) if find_own else {}
    targets = [item.target and item.target(arguments) for item in items]
    own = with_common(common, arrays[sum([item.count for item in items]) :], found)
    position = 0
    for item, target in zip(items, targets, strict=True):
        item.apply(target, arrays[position : position + item.count], own)
        position += item.count
    return own


class TracedProgram:
    """What tracing gives: the graph, and how Python values go in and come out."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.graph: Graph = trace.graph
        self.readers: list[str] = []
        """Python expressions over the tuple `a` of arguments, one per array that is passed."""
        self.hidden: list[Callable[[], np.ndarray]] = []
        self.variables: list[Variable] = []
        self.result: Skeleton | None = None
        self.outputs: Skeleton | None = None
        """`result` with what the caller's own containers in it hold."""
        self.write_backs: list[WriteBack] = []
        self.common: list[outgoing.Common] = []
        """The objects that are in several places of what a call gives or changes."""
        self.own: outgoing.FindOwn | None = None
        """Finds the caller's containers and objects that are part of what a call gives or changes."""
        self.assigned: dict[int, Callable[[Any], Any]] = {}
        """What finds the objects that are assigned where they are (`Graph.updates`), by the number of their array."""
        self.joint: joint.Joint | None = None
        """Of a call under tapes: what it is differentiated by, and its gradient (`backward`)."""
        self.backward: joint.Backward | None = None
        self.objects: Callable[[Any], list[Any]] | None = None
        """Finds the tensors outside of a program that assigns some of them."""
        self.pattern: tuple[int, ...] = ()
        """Which of these are the same (`repetitions`)."""

    @property
    def has_objects(self) -> bool:
        """Whether what a call gives is made around other objects."""
        return self.own is not None or bool(self.common)

    @property
    def keeps_outer_state(self) -> bool:
        """Whether a call may change Python state outside of the function."""
        return bool(self.write_backs) or bool(self.trace.outer.hand_overs)


def trace_program(
    function: FunctionType,
    unit: Unit,
    arguments: tuple[Any, ...],
    *,
    patterns: dict[tuple[Any, ...], tuple[int | None, ...]],
    assumptions: Assumptions,
    names: tuple[str, ...],
    dynamic: frozenset[str] = frozenset(),
    drawn: Drawn | None = None,
    tape: CallTape | None = None,
) -> TracedProgram:
    """Interpret `function` for arguments like these.

    `patterns` gives the shapes, with unknown sizes, of tensor arguments by path.
    `drawn` are the items that earlier attempts took from outer iterators. With a `tape`, the program gets a backward program.
    Raises `Restart` when more has to be assumed.
    """
    trace = Trace(function.__name__, assumptions, drawn)
    trace.guards.dynamic = dynamic - trace.guards.constant
    trace.outer.tape = tape
    program = TracedProgram(trace)
    inputs: list[Value] = []

    def make(leaf: Leaf) -> Any:
        return _make_input(trace, program, inputs, leaf, patterns, names, arguments)

    root_mark = trace.journal.open()
    with trace.active(), tape or nullcontext():
        made: dict[int, Any] = {}
        given = tuple([replace_leaves(item, (i,), make, made) for i, item in enumerate(arguments)])
        for index, (old, new) in enumerate(zip(arguments, given, strict=True)):
            _note_owners(old, new, f"a[{index}]", trace)
        try:
            positional, keywords = unit.call_form(given)
            if isinstance(unit.node, ast.Module):
                trace.frame = Frame(trace, unit, function, {}, {}, function.__globals__, None)
                result = _run_natively(trace, function, positional, keywords)
            else:
                result = calls.run_function(trace, None, unit, function, positional, keywords)
        except DeadPath:
            result = None
        except Exception as error:
            result = _raised(trace, error)
        except BaseException:
            trace.journal.undo()
            raise
        _finish(trace, program, inputs, result, root_mark)
    trace.release()
    return program


def _raised(trace: Trace, error: Exception) -> None:
    """The function always raises: a program that does so, where there is more to do at each call; else the exception."""
    if isinstance(error, CompileError) or not (
        failing_state.has_state(trace) or _has_effects(trace) or effects.is_symbolic(error)
    ):
        trace.journal.undo()
        _add_position(trace, error)
        raise error
    while len(trace.journal.marks) > 1:  # of the loops that it has left
        trace.journal.close(trace.journal.marks[-1], undo=False)
    site = None
    if trace.failed is not None and trace.failed[0] is error:
        site = messages.site_of(trace.failed[1], messages.facts_of(error))
    effects.emit_raise(trace, error, site)


def _has_effects(trace: Trace) -> bool:
    """Whether anything has been recorded that shows outside, or that may raise first."""
    if trace.failures:
        return True
    return any(node.has_effect() for node in trace.graph.body.nodes)


def _run_natively(
    trace: Trace, function: FunctionType, positional: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Trace a function without source: it runs as it is, and must neither branch on tensors nor change objects."""
    _guard_names(trace, function, set())
    given = [(owner, contents_of(owner)) for owner, _ in trace.outer.owners.values()]
    why = ""
    try:
        result = function(*positional, **keywords)
    except CompileError as error:
        if error.code != "TFC001":
            raise
        why = error.message
    else:
        unchanged = all(same_contents(contents_of(owner), before) for owner, before in given)
        if unchanged and not trace.guards.changed():
            return result
        why = "an object from outside is changed"
    because = ""
    try:
        unit_of(function)
    except NoSource as error:
        because = str(error)
    raise CompileError(
        "TFC013",
        f"{why}, and {function.__name__!r} has no source that could be interpreted",
        "load the module again" if "loaded" in because else "define the function in a file",
        because=because,
    )


def _guard_names(trace: Trace, function: FunctionType, seen: set[int]) -> None:
    """Guard the globals and cells that a function without source names, and those of the functions among them."""
    guards, code = trace.guards, function.__code__
    seen.add(id(function))
    namespace = guards.name_of(function.__globals__, "G")
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    found = {
        guards.item(namespace, name): (name, function.__globals__[name])
        for name in code.co_names
        if name in function.__globals__
    } | {
        f"{guards.name_of(cell, 'C')}.cell_contents": (name, cell.cell_contents)
        for name, cell in cells
    }
    for path, (name, value) in found.items():
        guards.admit_natively(value, path, name)
        _guard_attributes(trace, value, path, name, code.co_names)
        if isinstance(value, FunctionType) and is_user_function(value) and id(value) not in seen:
            _guard_names(trace, value, seen)


def _guard_attributes(
    trace: Trace, owner: Any, path: str, about: str, names: tuple[str, ...], depth: int = 3
) -> None:
    """Guard the attributes of an outer object that have one of the names in the code."""
    if isinstance(owner, FunctionType | type | ModuleType) or not depth:
        return
    for name in names:
        if name in getattr(owner, "__dict__", ()):
            inner = trace.guards.attribute(path, name), f"{about}.{name}"
            trace.guards.admit_natively(getattr(owner, name), *inner)
            _guard_attributes(trace, getattr(owner, name), *inner, names, depth - 1)


def _make_input(
    trace: Trace,
    program: TracedProgram,
    inputs: list[Value],
    leaf: Leaf,
    patterns: dict[tuple[Any, ...], tuple[int | None, ...]],
    names: tuple[str, ...],
    arguments: tuple[Any, ...],
) -> Any:
    if leaf.kind == "tensor":
        reader = reader_of(leaf.path, arguments, trace.guards)
        united = trace.outer.united(leaf.value)
        if united is not None:
            trace.outer.add_tensor(leaf.value, united, reader)
            return united
        array = leaf.value._array if isinstance(leaf.value, Tensor) else np.asarray(leaf.value)
        native = from_numpy(array.dtype).numpy
        kind = ArrayType(native, patterns.get(leaf.path, array.shape))
        value = Value(kind, name=format_path(names, leaf.path))
        inputs.append(value)
        program.readers.append(f"array_of({reader})")
        tensor = make_symbolic(value, trace.scope)
        if not isinstance(leaf.value, Tensor):
            tensor = array_of_its_own(tensor)
        trace.outer.add_tensor(leaf.value, tensor, reader)
        return tensor
    if leaf.kind == "number" and leaf.path not in trace.assumptions.constants:
        kind = type(leaf.value)
        value = Value(ArrayType(KIND_DTYPES[kind], ()), name=format_path(names, leaf.path))
        inputs.append(value)
        trace.graph.number_keys[value] = leaf.path
        reader = reader_of(leaf.path, arguments, trace.guards)
        program.readers.append(f"array({reader}, {'int64' if kind is int else 'float64'})")
        return SymbolicNumber(kind, make_symbolic(value, trace.scope))
    if leaf.kind == "object" and outer_iterators.is_outer_iterator(leaf.value):
        return trace.outer_iterator(leaf.value, format_path(names, leaf.path))
    if leaf.kind == "object" and not isinstance(leaf.value, FunctionType | type):
        trace.guards.root(leaf.value, format_path(names, leaf.path))
    return leaf.value


def _note_owners(old: Any, new: Any, path: str, trace: Trace) -> None:
    """Mutable containers among the arguments: changes of the traced copy are made to the caller's own."""
    item, attribute = trace.guards.item, trace.guards.attribute
    if isinstance(old, list | tuple):
        parts = [(a, b, item(path, i)) for i, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, dict):
        parts = [(value, new[key], item(path, key)) for key, value in old.items()]
    elif old is not new and has_attributes(new):
        state = attributes_of(new)
        parts = [(a, state.get(k), attribute(path, k)) for k, a in attributes_of(old).items()]
    else:
        return
    if not isinstance(old, tuple):
        trace.outer.owners[id(new)] = (new, path)
        trace.outer.containers.append((old, path))
    for a, b, inner in parts:
        _note_owners(a, b, inner, trace)


def _finish(
    trace: Trace,
    program: TracedProgram,
    inputs: list[Value],
    result: Any,
    root_mark: Any,
) -> None:
    """Flatten what the program gives and complete its signature."""
    body = trace.graph.body
    found = [place for _, place, _ in trace.journal.changed_places(root_mark)]
    targets = [(place, failing_state.target_of(trace, place)) for place in found]
    places = [(place, target[0]) for place, target in targets if target is not None]
    changed = [place.get() for place, _ in places]
    out = outgoing.leave(trace, [result, *changed])
    tensors = out.tensors
    program.result, *skeletons = out.skeletons
    program.common, program.own = out.common, out.own
    assigned: dict[int, Any] = {}
    number = len(program.result.types())
    for (place, target), skeleton in zip(places, skeletons, strict=True):
        if place.kind == "value":
            assigned[number] = place.owner, target
        number += len(skeleton.types())
        program.write_backs.append(WriteBack(place, target, skeleton))
    if program.has_objects and not outgoing.holds_itself(result):
        program.outputs = abstract.abstract(result)
    else:
        program.outputs = program.result
    if trace.outer.tape is not None:
        if assigned:
            raise PlainPython("it assigns a tensor from outside")
        skeletons = [*out.skeletons, *[item.skeleton for item in out.common]]
        program.joint = joint.Joint(trace, trace.outer.tape, skeletons, tensors)
    if _is_kept(trace.created, [result, *changed]):
        trace.guards.require("False", "the variables that it makes")  # others at each call
    trace.journal.close(root_mark)
    _note_identities(trace, program)
    failing_state.keep_variables(trace)
    body.results = [trace.value_of(tensor) for tensor in tensors]
    program.hidden = [item.read for item in trace.hidden.values()]
    hidden = [item.tensor._value for item in trace.hidden.values()]
    program.variables = [variable for variable, _ in trace.variables.values()]
    handles = [value for _, value in trace.variables.values()]
    body.arguments = [*inputs, *hidden, *handles]
    for number, (owner, find) in assigned.items():
        before = owner._value
        if before in body.arguments and before.type == body.results[number].type:
            argument = trace.graph.updates[number] = body.arguments.index(before)
            program.assigned[argument] = find
    if program.joint is not None:
        body.results += program.joint.results()
    trace.finish()
    if program.joint is not None:
        program.backward = program.joint.cut(trace.graph)
    _settle_failures(trace)


def _note_identities(trace: Trace, program: TracedProgram) -> None:
    """A program that assigns tensors from outside or changes containers holds while the same ones are one object."""
    outer = trace.outer
    found: list[tuple[Any, str]] = []
    if outer.unites or any(item.place.kind == "value" for item in program.write_backs):
        found = [(value, path) for value, _, path in outer.tensors]
        is_plain = len({id(value) for value, _ in found}) == len(found)
        if not is_plain and not outer.unites:
            raise Restart(Assumptions(unites=True), trace.location, "an assignment")
    is_changed = any(item.place.kind != "value" and item.target for item in program.write_backs)
    if (is_changed or outer.compares) and len(outer.containers) > 1:
        found += outer.containers
    if found:
        program.pattern = repetitions([value for value, _ in found])
        paths = ", ".join([path for _, path in found])
        program.objects = trace.guards.compiled(f"[{paths}]", "a")


def repetitions(objects: list[Any]) -> tuple[int, ...]:
    """For each object the number of the first one that is the same."""
    first: dict[int, int] = {}
    return tuple([first.setdefault(id(item), number) for number, item in enumerate(objects)])


def _settle_failures(trace: Trace) -> None:
    """What has effects cannot be done again: there a number that does not fit is an error of the user's."""
    beyond = [
        item for item in trace.failures if isinstance(item.error, number_checks.BeyondNativeError)
    ]
    if beyond and not number_checks.is_repeatable(trace.graph, trace.outer.hand_overs):
        for item in beyond:
            item.become(OverflowError(*item.error.args))


def _is_kept(created: dict[int, Variable], values: list[Any]) -> bool:
    """Whether variables that the function made outlive the call: they are part of what it gives or stores."""
    seen: dict[int, Any] = {}
    pending = values if created else []
    while pending:
        value = pending.pop()
        if id(value) in created:
            return True
        if id(value) in seen or isinstance(value, (Tensor, type, FunctionType, ModuleType)):
            continue
        seen[id(value)] = value
        if isinstance(value, tuple):
            pending.extend(value)
        else:
            held = contents_of(value)
            pending.extend(held.values() if isinstance(held, dict) else held)
    return False


def _add_position(trace: Trace, error: Exception) -> None:
    """Show the user's lines with an exception of the function that is traced."""
    if trace.failed is not None and trace.failed[0] is error:
        messages.add_site(error, messages.site_of(trace.failed[1], messages.facts_of(error)))


def array_of(value: Any) -> np.ndarray:
    """The array of a tensor, an array or a scalar of NumPy: they have one specialisation."""
    return value._array if value.__class__ is Tensor else np.asarray(value)


def pack_function(program: TracedProgram) -> Callable[[Any], list[np.ndarray]]:
    """The function that reads all argument arrays of a call."""
    guards = program.trace.guards
    guards.environment |= {
        "array_of": array_of,
        "array": np.array,
        "int64": np.int64,
        "float64": np.float64,
    }
    return guards.compiled(f"[{', '.join(program.readers)}]", "a")


def _write_kept(arguments: Any) -> None:
    """Make real what a call assigned before it failed."""
    kept = failing_state.take_kept()
    if kept is None:
        return
    items = [WriteBack(item.place, item.target, item.skeleton) for item in kept.kept]
    write_back(items, kept.common, kept.own, arguments, kept.arrays)


Execute = Callable[[Sequence[np.ndarray]], list[np.ndarray]]


class Specialization:
    """A traced program with its guards and the executor that runs it."""

    def __init__(self, program: TracedProgram, executor: Executor) -> None:
        self.program = program
        self.failed = executor.failed
        self.patterns: dict[tuple[Any, ...], tuple[int | None, ...]] = {}
        self.ranks: Any = None
        self.static_values: Any = None
        self.held: list[Any] = []
        """References to the objects that the key names by identity."""
        self.fast: Any = None
        self.test = program.trace.guards.test()
        self.on_tensors = executor.on_tensors
        self.updated = executor.updated
        self.pack = pack_function(program)
        self.execute = executor.execute
        assert program.result is not None
        self.rebuild = rebuilder(program.result)
        self.result_count = len(program.result.types())
        self.in_place = InPlace(program.assigned, program.variables, executor.can_fail)
        self.simple = not (program.hidden or program.keeps_outer_state or program.has_objects)

    def holds(self, arguments: tuple[Any, ...]) -> bool:
        """Whether what the trace read of the world is still so, in a call with arguments of its key."""
        objects = self.program.objects
        try:
            if objects is not None and repetitions(objects(arguments)) != self.program.pattern:
                return False
            return self.test is None or bool(self.test())
        except GONE:
            return False

    def __call__(self, arguments: tuple[Any, ...]) -> Any:
        """Run for arguments that this specialisation fits."""
        arrays = self.pack(arguments)
        if self.simple:
            return self.rebuild(self.execute(arrays))
        return self.complete(arguments, self.run(arguments, arrays))

    def run(self, arguments: tuple[Any, ...], arrays: list[np.ndarray]) -> list[np.ndarray]:
        """The results for the arrays of the arguments, to which those that are read elsewhere are appended."""
        for read in self.program.hidden:
            arrays.append(read())
        kept = self.in_place.prepare(arguments, arrays)
        try:
            return self.execute(arrays)
        except BaseException:
            restore(kept)
            _write_kept(arguments)
            raise

    def complete(self, arguments: tuple[Any, ...], results: Sequence[Any]) -> Any:
        """Make real what the program changes of the world outside; the value of the call."""
        program, count = self.program, self.result_count
        own = write_back(
            program.write_backs, program.common, program.own, arguments, results[count:]
        )
        return self.rebuild(results[:count], own)
