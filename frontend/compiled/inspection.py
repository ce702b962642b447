"""Looking into a compiled function: running it op by op, and comparing how it is executed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.compiled import function as compiled_function
from tfc.compiled.execution import native_executor
from tfc.compiled.specialization import TracedProgram, pack_function
from tfc.core.errors import FailedPreconditionError, Site
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.control import CONSTANT
from tfc.graph.evaluate import Evaluator
from tfc.graph.locations import show_location
from tfc.graph.nodes import Node, Value

if TYPE_CHECKING:
    from tfc.compiled.function import Function


def inputs_of(program: TracedProgram, arguments: tuple[Any, ...]) -> list[Any]:
    """The arrays that a call passes, variables left out."""
    return [*pack_function(program)(arguments), *[read() for read in program.hidden]]


def run_observed(
    program: TracedProgram, arguments: tuple[Any, ...], observe: Callable[[Node, Any], None]
) -> list[Any]:
    """Run the program op by op; variables keep their values."""
    cells = [[variable.array()] for variable in program.variables]
    body, functions = program.graph.body, program.graph.functions
    with np.errstate(all="ignore"):
        return Evaluator(observe, functions).run(body, [*inputs_of(program, arguments), *cells])


def debug(function: Function, *args: Any, **kwargs: Any) -> Any:
    """Run the tensor stage op by op and stop at the first nan or infinity that is made of finite values.

    Constants are what they are: the infinities of a mask are none that were made, and a nan counts where an op gives it.

    Raises:
        RuntimeError: TFC026 with the op and its line.
    """
    values = function._bound(args, kwargs)
    program = function._program_for(args, kwargs)
    given = inputs_of(program, values)
    known: dict[Value, Any] = dict(zip(program.graph.body.arguments, given, strict=False))

    def observe(node: Node, results: tuple[Any, ...]) -> None:
        if node.spec is CONSTANT:
            known.update(
                (v, r) for v, r in zip(node.outputs, results, strict=True) if not _is_nan(r)
            )
            return
        known.update(zip(node.outputs, results, strict=True))
        for result in results:
            if _is_broken(result) and not any(_is_broken(known.get(v)) for v in node.inputs):
                operands = [known.get(value) for value in node.inputs]
                raise FailedPreconditionError(
                    "TFC026",
                    _describe_broken(node, result, operands),
                    "keep its operands in the op's domain, for example with tf.maximum or tf.clip_by_value",
                    Site(show_location(node.location)),
                )

    run_observed(program, values, observe)
    return function(*args, **kwargs)


def _describe_broken(node: Node, result: np.ndarray, operands: list[Any]) -> str:
    """The first nan or infinity of a result, and what an elementwise op had there."""
    index = tuple(map(int, np.argwhere(~np.isfinite(result))[0]))
    place = f" at {list(index)}" if index else ""
    text = f"gives {_broken_kind(result)}{place}"
    try:
        there = [float(np.broadcast_to(item, result.shape)[index]) for item in operands]
    except (TypeError, ValueError):  # its operands have other shapes
        there = []
    given = f" of {' and '.join(f'{value:.6g}' for value in there)}" if there else ""
    return f"{node.spec.name}{given} {text}"


def _is_broken(value: Any) -> bool:
    return (
        isinstance(value, np.ndarray) and value.dtype.kind == "f" and not np.isfinite(value).all()
    )


def _is_nan(value: np.ndarray) -> bool:
    return bool(value.dtype.kind == "f" and np.isnan(value).any())


def _broken_kind(value: np.ndarray) -> str:
    return "nan" if _is_nan(value) else "an infinity"


def verify(function: Function, *args: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Compare native code with the meaning of each op, op by op at the top level.

    Raises:
        RuntimeError: TFC027 with the first op whose results differ, its line, and both values.

    >>> import tfc as tf
    >>> tf.verify(tf.function(lambda x: x * 2.0), tf.constant([1.0]))
    """
    is_compiled = isinstance(function, compiled_function.Function)
    compiled = function if is_compiled else compiled_function.Function(function)
    values = compiled._bound(args, {})
    program = compiled._program_for(args, {})
    expected: dict[Value, Any] = {}
    run_observed(
        program,
        values,
        lambda node, results: expected.update(zip(node.outputs, results, strict=True)),
    )
    wanted = [
        (node, output)
        for node in program.graph.body.nodes
        for output in node.outputs
        if isinstance(output.type, ArrayType)
    ]
    actual = _all_values(program, values, [output for _, output in wanted])
    for (node, output), got in zip(wanted, actual, strict=True):
        want = np.asarray(expected[output])
        if not _close(want, np.asarray(got), rtol, atol):
            raise FailedPreconditionError(
                "TFC027",
                f"{node.spec.name} differs: {_short(got)} compiled, {_short(want)} by its meaning",
                "report it with this line and the operands",
                Site(show_location(node.location)),
            )


def _all_values(program: TracedProgram, values: tuple[Any, ...], outputs: list[Value]) -> list[Any]:
    """The values of `outputs` in native code; variables are left as they were."""
    probe = copy.copy(program)
    probe.graph = copy.copy(program.graph)
    probe.graph.body = copy.copy(program.graph.body)
    probe.graph.body.results, probe.graph.updates = outputs, {}
    before = [variable.array().copy() for variable in program.variables]
    try:
        return native_executor(probe).execute(inputs_of(program, values))
    finally:
        for variable, array in zip(program.variables, before, strict=True):
            variable._array = array


def _close(want: np.ndarray, got: np.ndarray, rtol: float, atol: float) -> bool:
    if want.shape != got.shape:
        return False
    if want.dtype.kind in "biu":
        return bool(np.array_equal(want, got))
    return bool(np.allclose(got, want, rtol, atol, equal_nan=True))


def _short(value: Any) -> str:
    text = np.array2string(np.asarray(value), threshold=6, separator=", ").replace("\n", "")
    return text if len(text) <= 40 else text[:37] + "..."
