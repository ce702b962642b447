"""A function and its gradient, recorded as one program and cut in two where the gradient begins.

    forward:   (arguments)            -> results, what the gradient uses of them
    backward:  (saved, d results)     -> d arguments, d closed-over tensors, d variables

So whatever the function does happens once, and the gradient finds the values that it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tfc.dialects.tfc.semantics import state
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph import lifting
from tfc.graph.control import CONSTANT
from tfc.graph.nodes import Graph, Node, Region, Value
from tfc.graph.simplify import simplify
from tfc.tracing.containers import growable
from tfc.tracing.inputs import PlainPython
from tfc.tracing.values import abstract
from tfc.tracing.values.symbolic import SymbolicTensor, make_symbolic

if TYPE_CHECKING:
    from tfc.gradients.calls import CallTape
    from tfc.tracing.trace import Trace


class Saved(NamedTuple):
    """Where a value that the backward program uses is after a call: the number of a result, or of an argument or variable."""

    kind: str
    """`result`, `argument`, or `copied`: an argument that Python may write to."""
    number: int


class Joint:
    """The gradient of a program that is being traced, recorded behind it."""

    def __init__(
        self,
        trace: Trace,
        tape: CallTape,
        skeletons: Sequence[abstract.Skeleton],
        results: Sequence[SymbolicTensor],
    ) -> None:
        self.kept = [is_tensor for skeleton in skeletons for is_tensor in _tensors_of(skeleton)]
        """For each result whether it becomes a tensor of its own."""
        self.outputs = [
            number
            for number, result in enumerate(results)
            if self.kept[number] and is_float(result.type.dtype) and tape.follows(result)
        ]
        """The results, by number, that depend on a source."""
        self.tensors = [
            (trace.guards.compiled(path, "a"), is_source) for _, path, is_source in tape.tensors
        ]
        """What finds each tensor from outside among the arguments of a call or elsewhere, and whether it is a source."""
        self.variables = [
            (variable, tape.is_source(variable)) for variable in tape.used_variables.values()
        ]
        """The variables that it reads, and whether they are sources, too."""
        sources: list[Any] = [tensor for tensor, _, is_source in tape.tensors if is_source]
        sources += [variable for variable, is_source in self.variables if is_source]
        targets = [results[number] for number in self.outputs]
        self.reaching = [tape.reaching(target, sources) for target in targets]
        """For each output the sources that it depends on."""
        self.seeds = [Value(target.type) for target in targets]
        arrays = {outer.tensor._value for outer in trace.guards.arrays.values()}
        self._changing = arrays | tape.arrays
        body = trace.graph.body
        last = body.nodes[-1] if body.nodes else None
        seeds = [make_symbolic(value, trace.root_scope) for value in self.seeds]
        trace.frame = trace.entry
        try:
            gradients = tape.gradient(targets, sources, seeds) if targets else [None] * len(sources)
        except Exception as error:
            raise PlainPython(f"its gradient raises {type(error).__name__}") from error
        self.gradients = [None if item is None else trace.value_of(item) for item in gradients]
        trace.frame = None
        start = 0 if last is None else body.nodes.index(last) + 1
        self._nodes = set(body.nodes[start:])

    def results(self) -> list[Value]:
        """What the gradient adds to the results of the program."""
        return [value for value in self.gradients if value is not None]

    def cut(self, graph: Graph) -> Backward:
        """Take the gradient, and what belongs to it, out of a finished program."""
        body, count = graph.body, len(self.results())
        assigned = {node.inputs[0] for node in body.walk() if node.spec is state.assign}
        backward = Graph(f"{graph.name}_gradient")
        region = backward.body
        region.nodes = [node for node in body.nodes if node in self._nodes]
        region.arguments = list(self.seeds)
        region.results = body.results[len(body.results) - count :]
        body.nodes = [node for node in body.nodes if node not in self._nodes]
        body.results = body.results[: len(body.results) - count]
        handles = _without_reads(region)
        saved: list[Saved] = []
        numbers = {value: number for number, value in reversed(list(enumerate(body.results)))}
        places = {value: number for number, value in enumerate(body.arguments)}
        for value in lifting.close(region):
            if not isinstance(value.type, ArrayType):
                raise PlainPython("its gradient changes a variable")
            node, handle = value.node, handles.get(value)
            if node is not None and node.spec is CONSTANT:
                continue
            if node is not None and node.spec is state.read and node.inputs[0] not in assigned:
                handle = node.inputs[0]
            if handle is not None:
                saved.append(Saved("argument", places[handle]))
            elif value in places:
                kind = "copied" if value in self._changing else "argument"
                saved.append(Saved(kind, places[value]))
            else:
                if value not in numbers:
                    numbers[value] = len(body.results)
                    body.results.append(value)
                saved.append(Saved("result", numbers[value]))
        functions = graph.functions
        for part in (graph, backward):
            part.functions = functions
            part.functions = {name: functions[name] for name in lifting.called(part)}
        simplify(graph)
        return Backward(backward, saved)


class Backward(NamedTuple):
    """The second program. Its arguments are the gradients of the outputs and then what is saved."""

    graph: Graph
    saved: list[Saved]


def _tensors_of(skeleton: abstract.Skeleton) -> list[bool]:
    """For each array that carries such a value whether it becomes a tensor."""
    if isinstance(skeleton, abstract.Array):
        return [not skeleton.is_numpy]
    if isinstance(skeleton, abstract.Struct):
        return [found for item in skeleton.items for found in _tensors_of(item)]
    if isinstance(skeleton, abstract.Union):
        return [False, *[found for item in skeleton.alternatives for found in _tensors_of(item)]]
    if isinstance(skeleton, growable.Grow) and any(
        is_float(kind.dtype) for kind in skeleton.types()
    ):
        raise PlainPython("it gives a list whose length is known at run time")
    return [False] * len(skeleton.types())


def _without_reads(region: Region) -> dict[Value, Value]:
    """Take reads of variables out: a gradient uses what they hold after the call. What stands for that, with its handle."""
    content: dict[Value, Value] = {}
    same: dict[Value, Value] = {}
    pending = [region]
    while pending:
        inner = pending.pop()
        kept: list[Node] = []
        for node in inner.nodes:
            pending += node.regions
            if node.spec is state.read:
                handle = node.inputs[0]
                same[node.outputs[0]] = content.setdefault(handle, Value(node.outputs[0].type))
            else:
                kept.append(node)
        inner.nodes = kept
    region.replace(same)
    return {value: handle for handle, value in content.items()}
