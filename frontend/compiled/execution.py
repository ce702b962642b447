"""Running a traced program: by the reference executor, or natively."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.compiled import compilation
from tfc.core.errors import ResourceExhaustedError, Site, user_error
from tfc.core.settings import SETTINGS
from tfc.core.tensor import Tensor
from tfc.core.tracebacks import speak_of
from tfc.dialects.tfc.semantics import state
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph import evaluate, locations, nodes
from tfc.tracing import messages

if TYPE_CHECKING:
    from tfc.compiled.specialization import TracedProgram
    from tfc.tracing.trace import Trace

Execute = Callable[[list[np.ndarray]], list[np.ndarray]]


def contiguous(array: np.ndarray) -> np.ndarray:
    """The array, or a copy in C order and native bytes (`np.ascontiguousarray` would make rank 1 of rank 0)."""
    if array.flags.c_contiguous and array.dtype.isnative:
        return array
    return np.array(array, array.dtype.newbyteorder("="), order="C")


class Executor:
    """How a program runs: `execute` takes a list of arrays."""

    __slots__ = ("can_fail", "execute", "failed", "on_tensors", "updated")

    def __init__(
        self,
        execute: Execute,
        on_tensors: Callable[..., Callable[..., Any] | None] | None = None,
        failed: Callable[[BaseException], BaseException] | None = None,
        updated: frozenset[int] = frozenset(),
        can_fail: bool = True,
    ) -> None:
        self.execute = execute
        self.on_tensors = on_tensors
        """Makes native functions of tensors, of the form, argument types and fallback that it is given."""
        self.failed = failed
        """What to raise for an exception of such a function."""
        self.updated = updated
        """The variables, by position, that it writes to: nothing else may share their arrays."""
        self.can_fail = can_fail
        """Whether a call may end before it has written all that it writes."""


def executor(program: TracedProgram) -> Executor:
    """The executor that the settings ask for."""
    if SETTINGS.execution == "reference":
        return Executor(reference_executor(program))
    return native_executor(program)


def reference_executor(program: TracedProgram) -> Execute:
    """Run node by node; variables are read and assigned as they stand."""
    trace, variables = program.trace, program.variables

    def execute(arrays: list[np.ndarray]) -> list[np.ndarray]:
        cells = [[variable.array()] for variable in variables]
        evaluator = evaluate.Evaluator(functions=program.graph.functions)
        try:
            with np.errstate(all="ignore"):
                results = evaluator.run(program.graph.body, [*arrays, *cells])
        except evaluate.RunTimeFailure as failure:
            error = trace.failures[failure.failure].raised(failure.values)
            raise error from error.__cause__
        finally:
            for variable, cell in zip(variables, cells, strict=True):
                variable._array = cell[0]
        apart: list[np.ndarray] = []
        for result in results:  # the caller may change each of them
            apart.append(_apart(result, [*arrays, *apart]))
        return apart

    return execute


def _apart(result: np.ndarray, arrays: list[np.ndarray]) -> np.ndarray:
    """A result that shares no memory with these arrays."""
    return result.copy() if any(np.may_share_memory(result, x) for x in arrays) else result


def native_executor(program: TracedProgram) -> Executor:
    """Compile, or take from the disk cache, and load."""
    from tfc.backend import ExecutionFailed, load
    from tfc.backend.fastcall import Holder

    trace, variables = program.trace, program.variables
    kinds, updates = [value.type for value in program.graph.body.results], program.graph.updates
    dtypes = [kind.dtype for number, kind in enumerate(kinds) if number not in updates]
    artifact = compilation.artifact_of(program.graph)
    native = load(artifact, dtypes if len(artifact.entry.results) == len(dtypes) else None)
    call = native.call
    count = len(dtypes)
    updated = _assigned(program)

    def execute(arrays: list[np.ndarray]) -> list[np.ndarray]:
        arrays = [contiguous(array) for array in arrays]
        arrays += [
            variable.exclusive_array() if place in updated else contiguous(variable.array())
            for place, variable in enumerate(variables)
        ]
        try:
            results = call(*arrays)
        except (ExecutionFailed, OpError, MemoryError) as failure:
            error = failed(failure)
            raise error from error.__cause__
        if not updates:
            return results[:count]
        own = iter(results)
        return [
            arrays[updates[number]] if number in updates else next(own)
            for number in range(len(kinds))
        ]

    def failed(error: BaseException) -> BaseException:
        if isinstance(error, OpError):  # an op that runs on the host, such as a factorisation
            return user_error(error, _site_of_op(trace, error))
        if type(error) is MemoryError:
            return _out_of_memory(program)
        return _translated(trace, error) if isinstance(error, ExecutionFailed) else error

    def on_tensors(
        form: int,
        classes: Sequence[Any],
        dtypes: Sequence[Any],
        patterns: Sequence[Any],
        otherwise: Callable[..., Any],
    ) -> Callable[..., Any] | None:
        return native.call_on(
            Holder(Tensor, Tensor.__dict__["_array"], form, classes, dtypes, patterns), otherwise
        )

    fits = len(artifact.entry.results) == count
    can_fail = bool(artifact.asserts or artifact.host_calls)
    return Executor(execute, on_tensors if fits else None, failed, updated, can_fail)


def _assigned(program: TracedProgram) -> frozenset[int]:
    """The variables, by position, that a program may assign."""
    body, count = program.graph.body, len(program.variables)
    if program.graph.functions:  # which get them as arguments
        return frozenset(range(count))
    targets = {node.inputs[0] for node in body.walk() if node.spec is state.assign}
    handles = body.arguments[len(body.arguments) - count :]
    return frozenset(place for place, handle in enumerate(handles) if handle in targets)


def _translated(trace: Trace, failure: Any) -> BaseException:
    """The user's exception for a failed check of native code."""
    code, where, message = failure.text.split("|", 2)
    if code == "RAISE":
        return trace.failures[int(message)].raised_words(failure.values)

    file, line, column = where.rsplit(":", 2)
    here = nodes.Location(file, int(line), int(column))
    site = messages.site_of(trace.checks.get(here[:3], [here]))
    error = user_error(OpError(code, message.format(*failure.values)), site)
    speak_of(error, trace.called.get(here[:3], ""))
    return error


def _out_of_memory(program: TracedProgram) -> BaseException:
    """What to say of a call that found no memory: the largest value that it makes, as far as sizes are known."""
    made = [(value.type, node) for node in program.graph.body.walk() for value in node.outputs]
    arrays = [(kind, node) for kind, node in made if isinstance(kind, ArrayType)]
    sizes = [math.prod(n or 1 for n in kind.shape) * kind.dtype.itemsize for kind, _ in arrays]
    largest = max(
        range(len(sizes)), key=lambda k: (None in arrays[k][0].shape, sizes[k]), default=-1
    )
    if largest < 0:
        return ResourceExhaustedError("TFC208", "the call found no memory")
    kind, node = arrays[largest]
    is_known = None not in kind.shape
    size = f" ({sizes[largest]:.3g} bytes)" if is_known else ""
    return ResourceExhaustedError(
        "TFC208",
        f"the call found no memory; the largest value that it makes is {node.spec.name.removeprefix('tfc.')}'s {kind}{size}",
        "make less at once; f.memory(...) tells what a call needs",
        messages.site_of([node.location]),
    )


def _site_of_op(trace: Trace, error: OpError) -> Site:
    """Where the op is that failed on the host; with several of its kind, all of them are shown."""
    name = f"tfc.{error.message.partition(':')[0]}"
    found = [node.location for node in trace.graph.body.walk() if node.spec.name == name]
    facts = (
        [locations.Fact(location, "one of these") for location in found] if len(found) > 1 else []
    )
    return messages.site_of(found[-1:], facts)
