"""Gradients of functions that call themselves to a depth that is known at run time.

The adjoint of a function is a function that calls itself where the function does. Nothing is kept of a call: the adjoint computes
its values again, those of the calls inside as well.

    func @f(%x, %n) { ... %y = call @f(%u, %m) ... return %r }
    ->  func @f_gradient(%x, %n, %dr) { ... %du = call @f_gradient(%u, %m, %dy) ... return %dx, gradients of values around @f }

Which arguments and results matter is the same for all calls of one adjoint: the least set that each call inside leads to again.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfc.core.errors import CompileError, Site
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import state
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.gradients.accumulation import accumulate
from tfc.gradients.entries import Active
from tfc.gradients.explanation import Edge, edges_of
from tfc.gradients.staged import (
    Staged,
    accumulate_input,
    activate_all,
    reach_all,
    run_backward,
    take_gradients,
    zeros_for,
)
from tfc.gradients.tape import GradientTape
from tfc.graph.control import Function
from tfc.graph.lifting import lift_early
from tfc.graph.nodes import Node, Region, Value
from tfc.tracing.messages import site_of_frame
from tfc.tracing.values.symbolic import SymbolicTensor, make_symbolic
from tfc.tracing.values.templates import Template, assigned_handles, is_repeatable, visible

if TYPE_CHECKING:
    from tfc.gradients.entries import TapeEntry
    from tfc.tracing.trace import Trace


def record_call(
    trace: Trace, function: Function, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> None:
    """Tell the active tapes about a call that was just appended. The first one of a complete function comes from outside."""
    recursion: Recursion | None = None
    if function.recorded is not None:
        recursion = Recursion(trace, function, inputs, outputs)
        function.recursion = recursion
    node, where = trace.nodes[-1], site_of_frame(trace.frame)
    for tape in STATE.tapes:
        if isinstance(tape, GradientTape):
            if recursion is not None:
                recursion.link_reads(tape)
            tape.record_control(RecursiveCall(function, tape, node, inputs, outputs, where))


class Flow:
    """What matters of a function's arguments and results, by their numbers, for one tape."""

    def __init__(self, arguments: set[int]) -> None:
        self.arguments = arguments
        """Those that depend on what is differentiated by."""
        self.results: set[int] = set()
        self.local = Active(())
        """The same for all values of the body."""
        self.wanted: set[int] | None = None
        """The results that gradients arrive at."""
        self.useful: set[int] = set()
        """The arguments that those depend on."""
        self.captured: dict[int, Tensor] = {}
        """The values around the function that they depend on."""
        self.adjoint: Function | None = None


class Outside:
    """What is active around a function: keys of its own values are those of another call."""

    def __init__(self, outer: Container[int], own: Container[int]) -> None:
        self.outer = outer
        self.own = own

    def __contains__(self, key: int) -> bool:
        return key not in self.own and key in self.outer


class Recursion(Staged):
    """A function that calls itself; shared by its calls and the tapes that saw them. The node is the call from outside."""

    def __init__(
        self, trace: Trace, function: Function, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> None:
        super().__init__(trace, trace.nodes[-1], inputs, outputs)
        assert function.recorded is not None
        self.function = function
        self.template = Template(function.region, trace.scopes[function.recorded])
        self.templates = [self.template]
        self._assigned = assigned_handles(trace, self.node)
        self._flows: dict[GradientTape, Flow] = {}
        self._use_reads_before()
        trace.staged[function.name] = self
        for name, arguments in lift_early(trace.graph, self.node).items():
            if name in trace.staged:
                trace.staged[name].link_arguments(arguments)

    def _use_reads_before(self) -> None:
        """What is not assigned inside is read once, in front of the call from outside: computed again, it is the same."""
        same: dict[Value, Value] = {}
        region = self.function.region
        for node in region.walk():
            if node.spec is state.read and not self.assigns(node.inputs[0]):
                same[node.outputs[0]] = self.read_before(node.inputs[0])
        region.replace(same)

    def link_arguments(self, arguments: dict[Value, Value]) -> None:
        """The gradient of an argument that stands for a value around the function goes to that value."""
        for tape, record in self.template.scope.recorded.items():
            mark = tape.open_region(())
            for value, argument in arguments.items():
                tape.same(make_symbolic(value, self.scope), self.template.tensor(argument))
            record.entries[:0] = tape.close_region(mark).entries

    def _is_saved(self, node: Node) -> bool:
        return not is_repeatable(self.trace, node)

    def entries(self, tape: GradientTape) -> Sequence[TapeEntry]:
        """What a tape saw of the body."""
        record = self.template.scope.recorded.get(tape)
        return () if record is None else record.entries

    def edges(self) -> Iterator[Edge]:
        region = self.function.region
        for tensor, value in zip(self.inputs, region.arguments, strict=False):
            yield Edge((tensor.key,), (id(value),))
        for output, result in zip(self.outputs, region.results, strict=True):
            yield Edge((id(result),), (output.key,))

    # -- which values matter ------------------------------------------------------------------------

    @contextmanager
    def flow(self, call: RecursiveCall, active: Container[int]) -> Generator[Flow]:
        """What matters for a call, and for those that it makes in turn."""
        given = {i for i, t in enumerate(call.inputs) if is_float(t.type.dtype) and t.key in active}
        flow = self._flows.get(call.tape)
        if flow is not None:
            flow.arguments |= given
            yield flow
            return
        flow = self._flows[call.tape] = Flow(given)
        try:
            self._activate(flow, call.tape, active)
            yield flow
        finally:
            del self._flows[call.tape]

    def _activate(self, flow: Flow, tape: GradientTape, active: Container[int]) -> None:
        region = self.function.region
        outside = Outside(active, _own_keys(self.template, set()))
        before = None
        while before != (len(flow.arguments), len(flow.results)):
            before = len(flow.arguments), len(flow.results)
            flow.local = Active(outside, [id(region.arguments[i]) for i in flow.arguments])
            activate_all(self.entries(tape), flow.local)
            flow.results = {i for i, value in enumerate(region.results) if id(value) in flow.local}

    def demand(self, flow: Flow, tape: GradientTape, wanted: set[int]) -> None:
        """Complete `flow` with what the wanted results depend on."""
        if flow.wanted is not None:  # that is being found out, for this call as well
            flow.wanted |= wanted
            return
        flow.wanted = wanted
        region = self.function.region
        before = None
        while before != (len(flow.wanted), len(flow.useful), len(flow.captured)):
            before = len(flow.wanted), len(flow.useful), len(flow.captured)
            useful: dict[int, Tensor] = {
                id(region.results[i]): self.template.tensor(region.results[i])
                for i in flow.wanted & flow.results
            }
            reach_all(self.entries(tape), useful, flow.local)
            flow.useful = {i for i in flow.arguments if id(region.arguments[i]) in useful}
            flow.captured = {k: t for k, t in useful.items() if k not in flow.local.keys}

    # -- the adjoint --------------------------------------------------------------------------------

    def pull_back(
        self, flow: Flow, call: RecursiveCall, given: Sequence[Tensor | None]
    ) -> tuple[dict[int, Tensor], dict[int, Tensor]]:
        """Call the adjoint: the gradients of a call's useful inputs, by number, and those of captured values, by key."""
        if not flow.useful and not flow.captured:
            return {}, {}
        if flow.adjoint is None:
            self._define_adjoint(flow, call)
        assert flow.adjoint is not None
        assert flow.wanted is not None
        trace, region = self.trace, self.function.region
        inputs = [trace.as_symbolic(tensor) for tensor in call.inputs]
        inputs += [visible(trace, value) for value in call.node.inputs[len(inputs) :]]
        for i in sorted(flow.wanted):
            seed = given[i]
            inputs.append(trace.as_symbolic(zeros_for(call.outputs[i]) if seed is None else seed))
        types = [region.arguments[i].type for i in sorted(flow.useful)]
        types += [tensor.type for tensor in flow.captured.values()]
        results = trace.emit_call(inputs, flow.adjoint, types)
        trace.nodes[-1].is_certain = True  # what it computes again has not failed
        found = iter(results)
        return dict(zip(sorted(flow.useful), found, strict=False)), dict(
            zip(flow.captured, found, strict=True)
        )

    def _define_adjoint(self, flow: Flow, call: RecursiveCall) -> None:
        """The function that is called for the gradients of this flow, also by itself."""
        trace, body = self.trace, self.function.region
        base = self.function.name.rpartition("_")[0]
        adjoint = Function(f"{base}_gradient_{len(trace.graph.functions)}")
        flow.adjoint = adjoint
        trace.graph.functions[adjoint.name] = adjoint.region
        assert flow.wanted is not None
        seeded = [body.results[i] for i in sorted(flow.wanted)]
        region = Region([value.type for value in (*body.arguments, *seeded)])
        with trace.inside(region) as scope:
            tensors = iter([make_symbolic(value, scope) for value in region.arguments])
            arguments = dict(zip(body.arguments, tensors, strict=False))

            def load(value: Value) -> SymbolicTensor:
                if value in arguments:
                    return arguments[value]
                raise _not_repeatable(call)

            instance = self.instance(self.template, region, scope, load)
            gradients: dict[int, Tensor] = {}
            for value, seed in zip(seeded, tensors, strict=True):
                accumulate(gradients, id(value), seed)
            run_backward(self.entries(call.tape), gradients, flow.local)
            leaving: list[tuple[int, Tensor]] = [
                (id(body.arguments[i]), self.template.tensor(body.arguments[i]))
                for i in sorted(flow.useful)
            ]
            leaving += list(flow.captured.items())
            region.results = [
                trace.value_of(gradients[key] if key in gradients else zeros_for(tensor))
                for key, tensor in leaving
            ]
        instance.close()
        adjoint.complete(region)


class RecursiveCall:
    """A call on one tape."""

    def __init__(
        self,
        function: Function,
        tape: GradientTape,
        node: Node,
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        where: Site,
    ) -> None:
        self.function = function
        self.tape = tape
        self.node = node
        self.inputs = inputs
        self.outputs = outputs
        self.where = where

    def activate(self, active: Active) -> None:
        """Mark the results that depend on active values."""
        recursion: Recursion | None = self.function.recursion
        if recursion is None:  # the body is being recorded
            active.add_floats(self.outputs)
            return
        with recursion.flow(self, active) as flow:
            active.add_floats([self.outputs[i] for i in flow.results])

    def reach(self, useful: dict[int, Tensor], active: Container[int]) -> None:
        """Mark the active values that a call whose results are used depends on."""
        wanted = {i for i, tensor in enumerate(self.outputs) if tensor.key in useful}
        recursion: Recursion | None = self.function.recursion
        if not wanted or recursion is None:
            return
        with recursion.flow(self, active) as flow:
            recursion.demand(flow, self.tape, wanted)
            useful.update(flow.captured)
            for tensor in (self.inputs[i] for i in flow.useful):
                if tensor.key in active:
                    useful[tensor.key] = tensor

    def backward(
        self, gradients: dict[int, Tensor], active: Container[int], kept: Container[int]
    ) -> None:
        """Call the adjoint."""
        given = take_gradients(self.outputs, gradients, kept)
        wanted = {i for i, gradient in enumerate(given) if gradient is not None}
        if not wanted:
            return
        recursion: Recursion | None = self.function.recursion
        if recursion is None:
            raise CompileError(
                "TFC014",
                "the gradient of a function that calls itself to a depth that depends on a tensor is taken in the function",
                "take it outside of the function",
                self.where,
            )
        with recursion.flow(self, active) as flow:
            recursion.demand(flow, self.tape, wanted & flow.results)
            of_inputs, of_captured = recursion.pull_back(flow, self, given)
        for i, gradient in of_inputs.items():
            if self.inputs[i].key in active:
                accumulate_input(gradients, self.inputs[i], gradient)
        for key, gradient in of_captured.items():
            accumulate(gradients, key, gradient)

    def edges(self) -> Iterator[Edge]:
        """What depends on what; the calls inside are the call from outside again."""
        yield Edge([t.key for t in self.inputs], [t.key for t in self.outputs])
        recursion: Recursion | None = self.function.recursion
        if recursion is not None and self.outputs[0].key == recursion.outputs[0].key:
            yield from recursion.edges()
            yield from edges_of(recursion.entries(self.tape))


def _own_keys(template: Template, found: set[int]) -> set[int]:
    """The keys of the values of a function, and of those that it computes again."""
    region = template.region
    found.update(map(id, region.arguments))
    for node in region.walk():
        found.update(map(id, node.outputs))
        for inner in node.regions:
            found.update(map(id, inner.arguments))
    for instance in template.scope.instances:
        _own_keys(instance.template, found)
    return found


def _not_repeatable(call: RecursiveCall) -> CompileError:
    return CompileError(
        "TFC014",
        "the gradient of a function that calls itself has to call it again, and it has effects",
        "draw random numbers, assign variables and call Python outside of it, or write it as a loop",
        call.where,
    )
