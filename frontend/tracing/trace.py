"""`Trace`: a program being recorded. It is the `Recorder` that `dispatch.apply` talks to."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import CellType
from typing import Any, NoReturn, cast

import numpy as np
from tfc.core import stack_depth
from tfc.core.dispatch import tell_tapes
from tfc.core.errors import CompileError, TFCError
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import shape, state
from tfc.dialects.tfc.semantics.spec import Effect, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType, VariableType
from tfc.graph import lifting, origins
from tfc.graph.control import CALL, CONSTANT, Function
from tfc.graph.nodes import UNKNOWN_LOCATION, Graph, Location, Node, Region, Value
from tfc.graph.simplify import simplify
from tfc.graph.sizes import VaryingSizes
from tfc.tracing import messages
from tfc.tracing.frame import Frame
from tfc.tracing.guards import Guards
from tfc.tracing.inputs import NO_ASSUMPTIONS, Assumptions, Drawn, HiddenInput, PlainPython, Restart
from tfc.tracing.iteration import outer_iterators
from tfc.tracing.ndarrays import outer_arrays
from tfc.tracing.paths import failing_ops, failing_state, host_errors
from tfc.tracing.paths.journal import Journal
from tfc.tracing.paths.raising import Raising
from tfc.tracing.values import identity
from tfc.tracing.values.symbolic import Scope, SymbolicTensor, make_symbolic

EMBEDDED_BYTES = 4096
"""Constants up to this size are written into the program; larger ones are passed at each call."""


MOST_CALLS = 1000
"""Interpreted calls that may be nested."""

FRAMES_PER_CALL = 40
"""Python frames that the interpreter takes for one of the user's, at most."""

_TAG = np.dtype(np.int64)

_MOVE_OUT = "compute with tensor ops, or move this call out of the compiled function"
_EDITS = {
    "numpy()": "use the tensor itself, as an operand of tf functions and operators",
    "a NumPy array": "use tensor ops, or tf.numpy_function",
    "a truth value": "select with tf.where, or write the test as 'if' in your own function",
    "a Python int": "make a tensor of that size (tf.zeros, tf.fill), or pass a Python int",
    "an index": "index a tensor, tf.stack(items)[i], or a list with items[i] in your own function",
    "the number of rows": "loop over it with 'for' in your own function",
    "the length": "use tf.shape(x)[0]",
}
"""What to write instead, by what was asked for."""


class Unrolling:
    """Which functions that call themselves are unrolled a few times before they are called natively."""

    __slots__ = ("called", "ends", "inlined", "needed")

    def __init__(self, called: frozenset[Location]) -> None:
        self.called = called
        """Those that call themselves several times, of which no call is unrolled, and the lines that call them first."""
        self.needed: set[Location] = set()
        """Those among them that cannot be called natively without that."""
        self.ends: dict[Location, int] = {}
        """In how many places the unrolling has ended."""
        self.inlined: dict[Any, CompileError] = {}
        """Functions that cannot be called natively, with the reason."""

    def is_over(self, place: Location) -> bool:
        """Whether none of the calls of a function is unrolled."""
        return place in self.called and place not in self.needed


class Trace(Raising):
    """Where interpreted code records ops: the graph, the region that is open, the frame that runs.

    `record` appends an op. `region` opens a nested region. `journal` notes what Python state changes.
    """

    refused: CompileError | None = None
    """The latest refusal to give a value."""
    calling = ""
    """The function of tfc that the interpreted code is calling."""
    checks: dict[tuple[str, int, int], list[Location]]
    """The calls that led to an op that may fail, by its position: compiled code knows the position only."""
    called: dict[tuple[str, int, int], str]
    """The function of tfc that was called at a position: messages of compiled code speak of it."""

    def __init__(
        self, name: str, assumptions: Assumptions = NO_ASSUMPTIONS, drawn: Drawn | None = None
    ) -> None:
        super().__init__()
        self.assumptions = assumptions
        self.guards = Guards(self)
        self.drawn = drawn or Drawn()
        self.graph = Graph(name)
        self.sizes = VaryingSizes(self.graph)
        self.chosen: set[Value] = set()
        """Values that are one of several others, by an op that the program did not ask for."""
        self.region = self.graph.body
        self.nodes = self.graph.body.nodes
        self.scope = Scope(self, self.region)
        self._scopes: list[Scope] = []
        self.frame: Frame | None = None
        self.entry: Frame | None = None
        """The frame of the traced function itself."""
        self.copying: set[Location] = set()
        """Loops whose iterations make objects that leave them in containers: these hold copies."""
        self.unrolling = Unrolling(assumptions.called)
        self.unfinished: dict[int, Frame] = {}
        """Frames of generators that may go on, by the identity of these."""
        self.depth, self.depth_limit = 0, MOST_CALLS
        self.natives: list[Any] = []
        """Functions that call themselves and are being recorded, innermost last."""
        self.hidden: dict[Any, HiddenInput] = {}
        self.checks, self.called = {}, {}
        self.failures: list[Any] = []
        """Exceptions that the compiled code may raise, by number."""
        self.variables: dict[int, tuple[Variable, Value]] = {}
        self.found_key: Any = None
        """The dict, key and scope of the last look-up by a key of run time that found one of the known keys."""
        self.created: dict[int, Variable] = {}
        """Variables that the function makes, by identity."""
        self.outer = failing_state.OuterState(assumptions.unites)
        self.identities = identity.Identities()
        self.is_certain = False
        """Whether what is recorded cannot fail: gradients use indices that have been checked."""
        self.scopes: dict[Region, Scope] = {}
        """Scopes of the regions that were recorded while a tape was active."""
        self.staged: dict[Node | str, Any] = {}
        """What is known of control flow that was recorded while a tape was active (`tfc.gradients.staged`), and of functions
        that call themselves, by name (`tfc.gradients.recursion`)."""
        self.outer_cells: dict[int, tuple[CellType, str]] = {}
        """Cells that were there before the trace, by identity, with where they are found: their contents are guarded."""
        self._iterators: dict[int, outer_iterators.OuterIterator] = {}
        self._constants: dict[int, tuple[Value, np.ndarray]] = {}
        self._embedded: dict[tuple[Any, ...], Value] = {}
        self._small: dict[tuple[Any, ...], SymbolicTensor] = {}
        self._prelude: list[Node] = []

    # -- recording --------------------------------------------------------------------------------

    def record(self, spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        """Append an op to the open region; its symbolic results. Raises `OpError`."""
        append = partial(self.append, spec, inputs, attributes, for_tapes=True)
        if self.try_depth and self.frame is not None:
            found = failing_ops.catchable(self, spec, inputs, attributes)
            if found is not None:
                return failing_ops.record_or_raise(self, *found, append)

            if host_errors.calls_host(spec):
                return host_errors.record_attempt(self, spec, inputs, attributes)
        elif spec.effect is Effect.FAIL and not self.is_certain and failing_state.has_state(self):
            return failing_ops.record_checked(self, spec, inputs, attributes, append)
        return append()

    def append(
        self,
        spec: OpSpec,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        *,
        for_tapes: bool = False,
    ) -> Any:
        """Append an op that no handler has to know of; tapes see it on the paths on which it is reached."""
        if self.try_depth and self.is_raising and not spec.effect.is_removable and self.frame:
            append = partial(self.append, spec, inputs, attributes, for_tapes=for_tapes)
            return failing_ops.record_unless_raised(self, append)
        if spec is shape.dim:
            known = self._known_dim(inputs[0], attributes)
            if known is not None:
                return make_symbolic(known, self.scope)
        values = [
            tensor._value
            if isinstance(tensor, SymbolicTensor) and tensor._scope.alive
            else self.value_of(tensor)
            for tensor in inputs
        ]
        inferred = spec.infer(*[value.type for value in values], **attributes)
        single = inferred.__class__ is ArrayType
        frame = self.frame
        location = UNKNOWN_LOCATION if frame is None else frame.unit.location(frame.node)
        node = Node(spec, values, attributes, (inferred,) if single else inferred, location)
        if spec.effect is Effect.FAIL:
            node.is_certain = self.is_certain
            self.checks.setdefault(location[:3], messages.frame_locations(frame))
        if self.calling:
            self.called.setdefault(location[:3], self.calling)
        self.nodes.append(node)
        scope = self.scope
        results: Any
        if single:
            results = make_symbolic(node.outputs[0], scope)
        else:
            results = tuple([make_symbolic(output, scope) for output in node.outputs])
        if for_tapes and STATE.tapes:
            tell_tapes(spec, inputs, attributes, results)
        return results

    def blame(self, error: TFCError, operands: tuple[Tensor, ...]) -> TFCError:
        """The error of an op with its line, and where its operands come from."""
        error.where = messages.site_of_frame(
            self.frame, messages.operand_facts(self.frame, operands)
        )
        return error

    def _known_dim(self, tensor: Any, attributes: dict[str, Any]) -> Value | None:
        """A size of a value of a finished region; the value itself need not be computed again for it."""
        if not isinstance(tensor, SymbolicTensor) or tensor._scope.alive:
            return None
        scope: Scope | None = self.scope
        while scope is not None:
            for instance in scope.instances:
                found = instance.find_dim(tensor._value, attributes)
                if found is not None:
                    return found
            scope = scope.parent
        return None

    def value_of(self, tensor: Tensor) -> Value:
        """The graph value of a tensor: a constant when it has values; an error when it is no longer valid here."""
        if isinstance(tensor, SymbolicTensor):
            if tensor._scope.trace is self:
                value = tensor._value if tensor._scope.alive else self.resolve(tensor._value)
                if value is not None:
                    return value
            from tfc.core.leaks import raise_leaked

            raise_leaked((tensor,))
        array = tensor._array  # which nobody writes to while it is held here
        found = self._constants.get(id(array))
        if found is None:
            if array.nbytes > EMBEDDED_BYTES:
                value = self.hidden_constant(array)
            else:
                value = self._constant_value(array)
            found = self._constants[id(array)] = (value, array)
        return found[0]

    def _constant_value(self, array: np.ndarray) -> Value:
        """An embedded constant; equal ones are one."""
        key = (array.dtype, array.shape, array.tobytes())
        found = self._embedded.get(key)
        if found is None:
            node = Node(CONSTANT, (), {"value": array}, [ArrayType(array.dtype, array.shape)])
            self._prelude.append(node)
            found = self._embedded[key] = node.outputs[0]
        return found

    def hidden_constant(self, array: np.ndarray) -> Value:
        """A large constant, passed at each call."""
        kind = ArrayType(array.dtype, array.shape)
        return self.hidden_input(("constant", id(array)), lambda: array, kind)._value

    def hidden_input(self, key: Any, read: Any, kind: ArrayType, name: str = "") -> SymbolicTensor:
        """A value that is read anew at each call by `read()`; one input per `key`."""
        found = self.hidden.get(key)
        if found is None:
            value = Value(kind, name=name)
            found = HiddenInput(key, read, make_symbolic(value, self.root_scope), kind)
            self.hidden[key] = found
        return found.tensor

    def add_cell(self, cell: CellType) -> None:
        """A cell was made by interpreted code."""
        self.outer.own_cells[id(cell)] = cell
        self.journal.created(cell)

    @property
    def running(self) -> Frame:
        """The frame whose code is being interpreted."""
        assert self.frame is not None
        return self.frame

    @property
    def root_scope(self) -> Scope:
        return self._scopes[0] if self._scopes else self.scope

    def constant(self, value: Any, dtype: np.dtype) -> SymbolicTensor:
        """A rank-0 constant."""
        key = (repr(value), dtype)  # the text tells -0.0 from 0.0, and True from 1
        found = self._small.get(key)
        if found is None:
            found = make_symbolic(
                self.value_of(Tensor._wrap(np.array(value, dtype))), self.root_scope
            )
            self._small[key] = found
        return found

    def constant_tag(self, index: int) -> SymbolicTensor:
        """The tag of an alternative of a `Choice`."""
        return self.constant(index, _TAG)

    def as_symbolic(self, tensor: Tensor) -> SymbolicTensor:
        """The tensor as a value of this trace."""
        if isinstance(tensor, SymbolicTensor):
            return tensor
        if tensor.__class__ is outer_arrays.OuterArray:
            return tensor.tensor  # pyright: ignore[reportAttributeAccessIssue]
        return make_symbolic(self.value_of(tensor), self.root_scope)

    def emit(
        self,
        spec: OpSpec,
        inputs: Sequence[Value],
        attributes: dict[str, Any],
        types: Sequence[ArrayType],
        regions: Sequence[Region] = (),
        location: Location | None = None,
    ) -> list[SymbolicTensor]:
        """Append a node whose types are known."""
        node = Node(spec, inputs, attributes, types, location or self.location, regions)
        self.nodes.append(node)
        return [make_symbolic(output, self.scope) for output in node.outputs]

    def emit_control(
        self,
        spec: OpSpec,
        inputs: Sequence[SymbolicTensor],
        attributes: dict[str, Any],
        types: Sequence[ArrayType],
        regions: Sequence[Region],
    ) -> list[SymbolicTensor]:
        """Append structured control flow; active tapes see it as one entry."""
        values = [self.value_of(tensor) for tensor in inputs]
        outputs = self.emit(spec, values, attributes, types, regions)
        if STATE.tapes and outputs:
            from tfc.gradients.assignment import held
            from tfc.gradients.staged import record_control

            record_control(self, self.nodes[-1], held(inputs), held(outputs))
        return outputs

    def emit_call(
        self,
        inputs: Sequence[SymbolicTensor],
        callee: Function,
        types: Sequence[ArrayType],
    ) -> list[SymbolicTensor]:
        """Append a call of one of the program's functions."""
        values = [self.value_of(tensor) for tensor in inputs]
        outputs = self.emit(CALL, values, {"callee": callee.name}, types)
        if STATE.tapes and outputs:
            from tfc.gradients.assignment import held
            from tfc.gradients.recursion import record_call

            record_call(self, callee, held(inputs), held(outputs))
        return outputs

    def live_frames(self, frame: Frame) -> list[Frame]:
        """The frames whose variables may be read later: `frame`, its callers, and generators."""
        return list(dict.fromkeys((*frame.stack(), *self.unfinished.values())))

    def open_frames(self, frame: Frame) -> list[Frame]:
        """The frames whose variables an arm run in `frame` may assign."""
        return [frame, *frame.linked]

    def outer_iterator(self, source: Iterator[Any], about: str) -> outer_iterators.OuterIterator:
        """What stands for an iterator from outside."""
        if self.outer.tape is not None:
            raise PlainPython(f"it takes items from '{about}'")
        found = self._iterators.get(id(source))
        if found is None:
            found = self._iterators[id(source)] = outer_iterators.OuterIterator(self, source, about)
            self.journal.created(found)
        return found

    @property
    def inside_arm(self) -> bool:
        """Whether the current code runs under a staged condition."""
        return bool(self._scopes)

    @property
    def staged_depth(self) -> int:
        """Staged conditions and loops around the current code."""
        return len(self._scopes)

    @property
    def location(self) -> Location:
        """Where the interpreted program stands."""
        return UNKNOWN_LOCATION if self.frame is None else self.frame.location

    # -- variables --------------------------------------------------------------------------------

    def handle(self, variable: Variable) -> Value:
        """The reference to a variable: an input of the program."""
        found = self.variables.get(id(variable))
        if found is None:
            value = Value(
                cast(Any, VariableType(variable.type)), name=variable.name.removesuffix(":0")
            )
            found = self.variables[id(variable)] = (variable, value)
        return found[1]

    def read_variable(self, variable: Variable) -> SymbolicTensor:
        """Append a read."""
        return self.emit(state.read, [self.handle(variable)], {}, [variable.type])[0]

    def assign_variable(self, variable: Variable, value: Tensor) -> None:
        """Append an assignment."""
        handle = self.handle(variable)
        if self.is_raising and self.frame is not None:
            before = self.emit(state.read, [handle], {}, [handle.type.content])[0]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
            value = failing_ops.unless_raised(self, value, before)
        content = self.value_of(value)
        self.outer.assigned[id(variable)] = variable
        state.assign.infer(handle.type, content.type)
        self.emit(state.assign, [handle, content], {}, [])

    def assign_tensor(self, tensor: Tensor, value: Tensor) -> None:
        """From here on a tensor, under all its names, has the values of another one."""
        if self.is_raising and self.frame is not None:
            value = failing_ops.unless_raised(self, value, tensor)
        self.journal.touch_value(tensor)
        tensor.become(value)

    def create_variable(self, variable: Variable, value: Tensor) -> None:
        """A new variable gets its initial value at each call: one that no one keeps starts anew."""
        self.created[id(variable)] = variable
        self.assign_variable(variable, value)

    def repeat(self, source: Callable[[], np.ndarray], kind: ArrayType) -> None:
        """Compiled code draws by ops."""

    def initial_array(self, value: Tensor) -> np.ndarray:
        """What a new variable holds until the compiled code assigns its initial value."""
        if not isinstance(value, SymbolicTensor):
            return value._array
        kind = value.type
        return np.zeros([size or 0 for size in kind.shape], kind.dtype)

    # -- regions ----------------------------------------------------------------------------------

    @contextmanager
    def inside(self, region: Region, scope: Scope | None = None) -> Generator[Scope]:
        """Record into `region`. Its values are dead afterwards, unless the given `scope` outlives it."""
        outer_region, outer_nodes, outer_scope = self.region, self.nodes, self.scope
        own = scope or Scope(self, region)
        own.set_alive(True)
        own.parent = outer_scope
        self._scopes.append(outer_scope)
        self.region, self.nodes, self.scope = region, region.nodes, own
        marks = self._open_tapes(region, own) if STATE.tapes else []
        try:
            yield own
        finally:
            self.region, self.nodes, self.scope = outer_region, outer_nodes, outer_scope
            self._scopes.pop()
            own.set_alive(False)
            if marks:
                self._close_tapes(region, own, marks)

    def _open_tapes(self, region: Region, scope: Scope) -> list[tuple[Any, Any]]:
        """Ops of a region are not on the tapes themselves: a tape sees the whole construct as one entry."""
        marks: list[tuple[Any, Any]] = []
        arguments = [make_symbolic(value, scope) for value in region.arguments]
        tapes: tuple[Any, ...] = STATE.tapes
        for tape in tapes:
            if tape.has_regions:
                marks.append((tape, tape.open_region(arguments)))
                known = scope.recorded.get(tape)
                if known is not None:  # the region is opened again
                    tape.track((), known)
        return marks

    def _close_tapes(self, region: Region, scope: Scope, marks: list[tuple[Any, Any]]) -> None:
        self.scopes[region] = scope
        for tape, mark in marks:
            record = tape.close_region(mark)
            known = scope.recorded.get(tape)
            if known is None:
                scope.recorded[tape] = record
            else:
                known.extend(record)

    def adopt(self, region: Region, scope: Scope) -> None:
        """Go on in straight line with the ops of a finished region."""
        self.nodes.extend(region.nodes)
        region.moved_to = self.region
        self.scope.adopt(scope)

    @contextmanager
    def reopened(self, scope: Scope, region: Region) -> Generator[None]:
        """Append to `region`, as if `scope` were still open."""
        outer_region, outer_nodes, outer_scope = self.region, self.nodes, self.scope
        revived: list[Scope] = []
        current: Scope | None = scope
        while current is not None and not current.alive:
            current.set_alive(True)
            revived.append(current)
            current = current.parent
        self.region, self.nodes, self.scope = region, region.nodes, scope
        self._scopes.append(outer_scope)
        try:
            yield
        finally:
            self._scopes.pop()
            self.region, self.nodes, self.scope = outer_region, outer_nodes, outer_scope
            for current in revived:
                current.set_alive(False)

    def resolve(self, value: Value) -> Value | None:
        """A value of a finished region, computed again in one of the open regions; None when it is not."""
        scope: Scope | None = self.scope
        while scope is not None:
            for instance in scope.instances:
                found = instance.find(value)
                if found is not None:
                    return found
            scope = scope.parent
        return None

    def finish(self) -> None:
        """Put the constants in front of the program, and drop what it does not need."""
        self.graph.body.nodes[:0] = self._prelude
        if self.graph.functions:
            lifting.lift(self.graph)
        simplify(self.graph)
        self.scope.set_alive(False)

    def release(self) -> None:
        """Keep what a finished program needs to run and to explain its errors, and nothing else of the world alive."""
        self.frame = self.entry = self.failed = None
        self.journal = Journal()
        self.guards.release()
        for held in (
            self.unrolling.inlined,
            self.outer_cells,
            self.outer.own_cells,
            self.scopes,
            self.staged,
            self.created,
            self.natives,
            self.outer.owners,
            self.outer.containers,
        ):
            held.clear()
        for failure in self.failures:
            failure.error.__traceback__ = None

    @contextmanager
    def active(self) -> Generator[None]:
        """Make this the trace that ops of this thread go to."""
        outer, outer_tapes = STATE.recorder, STATE.tapes
        STATE.recorder, STATE.tapes = self, ()
        self.depth_limit = min(stack_depth.limit_before(), MOST_CALLS)
        try:
            with stack_depth.at_least(FRAMES_PER_CALL * MOST_CALLS):
                yield
        finally:
            STATE.recorder, STATE.tapes = outer, outer_tapes

    # -- values that the trace would have to know --------------------------------------------------

    def known_value(self, tensor: SymbolicTensor, what: str) -> Any:
        """The value of a tensor that does not depend on run-time data; else an error.

        A number that comes from Python arguments alone makes the trace start again with those as constants.
        """
        known, value = origins.evaluate_constant(tensor._value)
        if known:
            return value
        self.restart_with(tensor, what)
        return self.refuse_value(tensor, what)

    def restart_with(self, tensor: SymbolicTensor, what: str) -> None:
        """Start again with Python's arguments as constants where a number comes from those alone."""
        numbers = origins.origins_of(tensor._value, self.graph)
        if numbers is not None:
            raise Restart(Assumptions(constants=numbers), self.location, what)

    def look(self, tensor: Tensor, ask: Callable[[np.ndarray], Any]) -> Any:
        """Nothing, unless a trace with outer values as constants can tell."""
        self.require_known(tensor, "a size")

    def require_known(self, tensor: Tensor, what: str) -> None:
        """Start again with outer values as constants where a tensor depends on nothing else."""
        found = origins.origins_of(cast(SymbolicTensor, tensor)._value, self.graph)
        if found and all(path[0] == "outer" for path in found):
            raise Restart(Assumptions(constants=found), self.location, what)

    def refuse_value(self, tensor: SymbolicTensor, what: str) -> NoReturn:
        """Raise the error for a tensor whose value is asked for while it is not known.

        What comes from outer arrays alone makes the trace start again with those as constants.
        """
        self.require_known(tensor, what)
        self.refused = CompileError(
            "TFC001",
            f"{what} of {messages.describe_value(self.frame, tensor)} is needed while compiling",
            _EDITS.get(what, _MOVE_OUT),
            messages.site_of_frame(self.frame, messages.operand_facts(self.frame, [tensor])),
            "tensors have values only when the compiled code runs",
        )
        raise self.refused
