"""Calls of compiled functions under tapes from outside: one op on the tape, whose gradient is compiled, too.

    with tf.GradientTape() as tape:
        loss = loss_of(model(x), y)          # model is compiled, loss_of plain Python
    tape.gradient(loss, variables)           # the gradient of model is compiled

`joint.py` has the two programs of a call. A gradient that another tape records is that of a compiled function, which calls the
function again under a tape of its own: so orders of derivative nest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from tfc.compiled.execution import executor
from tfc.compiled.fastpath import missed
from tfc.compiled.function import SPECIALIZATIONS, Function
from tfc.compiled.results import with_common
from tfc.compiled.specialization import Specialization, TracedProgram
from tfc.core import nest
from tfc.core.errors import CompileError, TFCTypeError
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.gradients.calls import CallTape
from tfc.gradients.explanation import cut_reason
from tfc.gradients.tape import GradientTape, stop_all_recording
from tfc.tracing.inputs import Assumptions, PlainPython
from tfc.tracing.values.number_checks import effects_of

if TYPE_CHECKING:
    from tfc.compiled.execution import Execute


def tapes_around() -> list[GradientTape]:
    """The tapes that record."""
    return [tape for tape in STATE.tapes if isinstance(tape, GradientTape)]


class Taped(Function):
    """A compiled function as it is called under tapes. Raises `PlainPython` for calls that are not recorded as one."""

    def __init__(self, function: Function) -> None:
        super().__init__(function.python_function, function.input_signature)
        self._unsigned = function._unsigned
        self._assume(function._assumptions)
        self._refused: dict[Any, str] = {}
        """Why calls with these keys of arguments are plain Python."""
        self._gradients: dict[tuple[int, ...], Function] = {}

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call and record."""
        return self._call(args, kwargs)

    def _new_tape(self) -> CallTape:
        return CallTape(tapes_around())

    def _make(self, program: TracedProgram) -> Specialization:
        return TapedSpecialization(self, program)

    def _add_fast_path(self, item: Specialization, args: tuple[Any, ...]) -> None:
        item.fast = missed

    def _miss(self, key: Any, args: tuple[Any, ...]) -> Specialization:
        if key not in self._refused:
            try:
                return super()._miss(key, args)
            except (CompileError, PlainPython) as reason:
                if len(self._refused) >= SPECIALIZATIONS:
                    self._refused.clear()
                self._refused[key] = str(reason)
        raise PlainPython(self._refused[key])

    def gradient(
        self,
        args: tuple[Any, ...],
        sources: list[Tensor | Variable],
        numbers: tuple[int, ...],
        seeds: Sequence[Tensor | None],
    ) -> Sequence[Tensor | None]:
        """The gradients of a call's results `numbers` by the sources, computed as an op that tapes see."""
        found = self._gradients.get(numbers)
        if found is None:
            found = self._gradients[numbers] = Function(_gradient_of(self._target, numbers))
            found._assume(Assumptions(unites=True))
        return found(*self._unit().call_form(args), sources, list(seeds))


def _gradient_of(function: Callable[..., Any], numbers: tuple[int, ...]) -> Callable[..., Any]:
    def gradient(positional: Any, keywords: Any, sources: Any, seeds: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(sources)
            result = function(*positional, **keywords)
        flat = nest.flatten(result)
        return tape.gradient([flat[number] for number in numbers], sources, seeds)

    return gradient


class TapedSpecialization(Specialization):
    """A program with its gradient, for calls in which tapes follow the same of what it uses."""

    def __init__(self, function: Taped, program: TracedProgram) -> None:
        super().__init__(program, executor(program))
        assert program.joint is not None
        assert program.backward is not None
        self.function = function
        self.joint = program.joint
        self.saved = program.backward.saved
        self.numbers = self._find_outputs()
        self._backward: dict[bool, Execute] = {}
        self._unknown = [
            (number, axis)
            for number, value in enumerate(program.backward.graph.body.arguments)
            for axis, size in enumerate(value.type.shape)
            if size is None
        ]

    def _find_outputs(self) -> tuple[int, ...] | None:
        """The places of the outputs among the results; None when a second call would repeat effects, or would not have them."""
        program = self.program
        effects = effects_of(program.graph, program.trace.outer.hand_overs)
        if program.write_backs or Effect.HOST in effects:
            return None
        blank = np.zeros((), np.int64)
        made = [Tensor._wrap(blank) if kept else blank for kept in self.joint.kept]
        try:
            own = with_common(program.common, made[self.result_count :], {})
            leaves = nest.flatten(self.rebuild(made[: self.result_count], own))
        except TFCTypeError:  # keys without an order
            return None
        places = {id(leaf): place for place, leaf in enumerate(leaves)}
        found = [places.get(id(made[number])) for number in self.joint.outputs]
        return None if None in found else cast("tuple[int, ...]", tuple(found))

    def holds(self, arguments: tuple[Any, ...]) -> bool:
        if not super().holds(arguments):
            return False
        tapes = tapes_around()
        used = [(find(arguments), is_source) for find, is_source in self.joint.tensors]
        return all(
            any(tape.follows(value) for tape in tapes) == is_source
            for value, is_source in (*used, *self.joint.variables)
        )

    def __call__(self, arguments: tuple[Any, ...]) -> Any:
        tapes = tapes_around()
        if self.numbers is None and (len(tapes) > 1 or any(tape.is_persistent for tape in tapes)):
            raise PlainPython("a tape may record its gradient, and it does more than to compute")
        call = Call(self, arguments)
        with stop_all_recording():
            arrays = self.pack(arguments)
            results = self.run(arguments, arrays)
        made = [
            Tensor._wrap(array) if kept else array
            for array, kept in zip(results, self.joint.kept, strict=False)
        ]
        outputs = [cast(Tensor, made[number]) for number in self.joint.outputs]
        others = [
            item for item in made if isinstance(item, Tensor) and not is_float(item.type.dtype)
        ]
        call.finish(arrays, results, outputs, others)
        return self.complete(arguments, made)

    def backward(self, arrays: list[np.ndarray]) -> list[np.ndarray]:
        """Run the second program, which is compiled when it is first needed."""
        assert self.program.backward is not None
        graph = self.program.backward.graph
        has_one = any(arrays[number].shape[axis] == 1 for number, axis in self._unknown)
        execute = self._backward.get(has_one)
        if execute is None:
            program = TracedProgram(self.program.trace)
            program.graph = graph.with_any_sizes() if has_one else graph
            execute = self._backward[has_one] = executor(program).execute
        return execute(arrays)


class Call:
    """One call as tapes keep it; calling it gives the gradients of what it has used."""

    def __init__(self, item: TapedSpecialization, arguments: tuple[Any, ...]) -> None:
        joint = item.joint
        self.item = item
        self.arguments = arguments
        self.tensors = [find(arguments) for find, is_source in joint.tensors if is_source]
        self.reads = [(variable, Tensor._wrap(variable.array())) for variable, _ in joint.variables]
        self.values = [
            value
            for (_, value), (_, is_source) in zip(self.reads, joint.variables, strict=True)
            if is_source
        ]
        self.before = [(variable, variable.array()) for variable in item.program.variables]
        """What the variables held when the call began."""
        self.saved: list[np.ndarray] = []
        self.outputs: list[Tensor] = []

    def finish(
        self,
        arrays: list[np.ndarray],
        results: list[np.ndarray],
        outputs: list[Tensor],
        others: list[Tensor],
    ) -> None:
        """Keep what the gradient uses, and tell the tapes."""
        given = [*arrays, *[variable.array() for variable in self.item.program.variables]]
        for kind, number in self.item.saved:
            array = (results if kind == "result" else given)[number]
            self.saved.append(array.copy() if kind == "copied" else array)
        self.outputs = outputs
        inputs = (*self.tensors, *self.values)
        for tape in STATE.tapes:
            for variable, value in self.reads:
                tape.read_variable(variable, value)
            tape.record(self, inputs, {}, tuple(outputs))
            if others and isinstance(tape, GradientTape):
                tape.note_cut(str(self), cut_reason(None, others), inputs, tuple(others))

    def __call__(self, *seeds: Tensor | None) -> Sequence[Tensor | None]:
        """The gradients of the sources for those of the outputs."""
        item, joint = self.item, self.item.joint
        used = (*self.tensors, *self.values, *[seed for seed in seeds if seed is not None])
        if any(tape.follows(tensor) for tape in tapes_around() for tensor in used):
            return self._recorded(seeds)
        arrays = [
            np.zeros_like(output._array) if seed is None else seed._array
            for seed, output in zip(seeds, self.outputs, strict=True)
        ]
        with stop_all_recording():
            results = iter(item.backward([*arrays, *self.saved]))
        found = [None if value is None else next(results) for value in joint.gradients]
        given = [
            reached for seed, reached in zip(seeds, joint.reaching, strict=True) if seed is not None
        ]
        reached = set[int]().union(*given)
        return [
            Tensor._wrap(array) if array is not None and number in reached else None
            for number, array in enumerate(found)
        ]

    def _recorded(self, seeds: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
        item = self.item
        if item.numbers is None:
            raise CompileError(
                "TFC014",
                f"the gradient of '{item.function.__name__}' is differentiated in turn by a tape that did not record the call",
                "let that tape record the call, too",
            )
        variables = [variable for variable, is_source in item.joint.variables if is_source]
        sources = [*self.tensors, *variables]
        unique = {id(source): source for source in sources}
        with self._variables_as_before():
            gradients = item.function.gradient(
                self.arguments, [*unique.values()], item.numbers, seeds
            )
        found = dict(
            zip(unique, gradients, strict=True)
        )  # that of a source found twice counts once
        return [found.pop(id(source), None) for source in sources]

    @contextmanager
    def _variables_as_before(self) -> Generator[None]:
        """What is computed again finds variables as the call found them."""
        now = [variable.array() for variable, _ in self.before]
        for variable, array in self.before:
            variable._array = array
        try:
            yield
        finally:
            for (variable, _), array in zip(self.before, now, strict=True):
                variable._array = array

    def __str__(self) -> str:
        return f"the compiled function '{self.item.function.__name__}'"
