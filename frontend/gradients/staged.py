"""Gradients of staged branches.

A tape sees a branch or loop as one entry. Its gradient is control flow of the same kind: the adjoint of `scf.if` is an `scf.if`
on the same condition, whose arms walk the arm's own entries backwards. What the arms need of the values that were computed is
computed again (`tfc.tracing.values.templates`).
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import state
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.gradients.accumulation import accumulate
from tfc.gradients.entries import Active, TapeEntry
from tfc.gradients.explanation import Edge, edges_of
from tfc.gradients.tape import GradientTape, stop_all_recording
from tfc.graph.control import FOR, IF, SWITCH
from tfc.graph.nodes import Node, Region, Value
from tfc.tracing.values.symbolic import Scope, SymbolicTensor, make_symbolic
from tfc.tracing.values.templates import (
    Instance,
    Template,
    assigned_handles,
    is_expensive,
    is_repeatable,
)

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace


def record_control(
    trace: Trace, node: Node, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> None:
    """Tell the active tapes about control flow that was just appended."""
    staged = _staged_class(node)(trace, node, inputs, outputs)
    trace.staged[node] = staged
    for tape in STATE.tapes:
        if isinstance(tape, GradientTape):
            staged.link_reads(tape)
            tape.record_control(staged.entry(tape))


def _staged_class(node: Node) -> type[Staged]:
    if node.spec in (IF, SWITCH):
        return Branch
    from tfc.gradients import staged_loops

    return staged_loops.CountedLoop if node.spec is FOR else staged_loops.ConditionalLoop


class Staged:
    """Control flow of a trace, as far as its gradient is concerned; shared by the tapes that saw it."""

    is_branch = False

    def __init__(
        self, trace: Trace, node: Node, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> None:
        self.trace = trace
        self.node = node
        self.parent = trace.region
        self.scope = trace.scope
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.templates = [
            Template(region, trace.scopes.get(region) or _closed_scope(trace, region))
            for region in node.regions
        ]
        self._reads: dict[Value, Value] = {}
        self._assigned: set[Value] | None = None

    def entry(self, tape: GradientTape) -> TapeEntry:
        """What `tape` records."""
        raise NotImplementedError

    def save(self, template: Template, value: Value) -> Any:
        """Make the node give a value of one of its regions as well, once."""
        raise NotImplementedError

    def edges(self) -> Iterator[Edge]:
        """Which values are handed on."""
        raise NotImplementedError

    # -- code in front of the node ----------------------------------------------------------------

    @contextmanager
    def before(self) -> Generator[None]:
        """Record in front of the node; no tape listens."""
        home = self.parent
        while home.moved_to is not None:
            home = home.moved_to
        self.parent = home
        inserted = Region()
        with stop_all_recording(), self.trace.reopened(self.scope, inserted):
            yield
        position = home.nodes.index(self.node)
        home.nodes[position:position] = inserted.nodes
        inserted.moved_to = home

    @contextmanager
    def appending(self, template: Template, *more: Value) -> Generator[None]:
        """Record at the end of one of the regions, seen by the tapes that saw it."""
        outer = STATE.tapes
        tapes = list(template.scope.recorded)
        STATE.tapes = tuple(tapes)
        marks = [(tape, tape.open_region(())) for tape in tapes]
        for tape in tapes:
            tensors = [*template.arguments(), *(template.tensor(value) for value in more)]
            tape.track(tensors, template.scope.recorded[tape])
        try:
            with self.trace.reopened(template.scope, template.region):
                yield
        finally:
            STATE.tapes = outer
            for tape, mark in marks:
                template.scope.recorded[tape].extend(tape.close_region(mark))

    def add_output(self, kind: ArrayType) -> SymbolicTensor:
        """One more result; the caller adds what gives it to the regions."""
        node = self.node
        value = Value(kind, node, len(node.outputs))
        node.outputs = (*node.outputs, value)
        tensor = make_symbolic(value, self.scope)
        self.outputs.append(tensor)
        if is_float(kind.dtype):
            for tape in self.tapes():
                tape.track_saved(tensor)
        return tensor

    def tapes(self) -> Iterable[GradientTape]:
        """The tapes that saw this."""
        return {tape: None for template in self.templates for tape in template.scope.recorded}

    # -- variables --------------------------------------------------------------------------------

    def read_before(self, handle: Value) -> Value:
        """What a variable held before."""
        found = self._reads.get(handle)
        if found is None:
            with self.before():
                kind = handle.type.content  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
                found = self.trace.emit(state.read, [handle], {}, [kind])[0]._value
            self._reads[handle] = found
        return found

    def assigns(self, handle: Value) -> bool:
        """Whether a variable is assigned inside."""
        if self._assigned is None:
            self._assigned = assigned_handles(self.trace, self.node)
        return handle in self._assigned

    def link_reads(self, tape: GradientTape) -> None:
        """The gradient of what was read inside goes to the variable by way of a read in front of the node."""
        outside: dict[int, tuple[Variable, Tensor]] = {}
        for template in self.templates:
            record = template.scope.recorded.get(tape)
            if record is None or not record.reads:
                continue
            known = tape.open_region(())
            for variable, value in record.reads:
                if id(variable) not in outside:
                    outside[id(variable)] = (variable, self._outside(variable))
                _, before = outside[id(variable)]
                tape.track_saved(before)
                tape.same(before, value)
            links = tape.close_region(known)
            record.entries[:0] = links.entries
            record.reads = []
        for variable, before in outside.values():  # once, also where several arms read it
            tape.read_variable(variable, before)

    def _outside(self, variable: Variable) -> Tensor:
        return make_symbolic(self.read_before(self.trace.handle(variable)), self.scope)

    # -- computing again --------------------------------------------------------------------------

    def instance(self, template: Template, region: Region, scope: Scope, load: Any) -> Instance:
        """The values of one of the regions, for a region that is being recorded."""

        def loaded(value: Value) -> SymbolicTensor:
            node = value.node
            if node is not None and node.spec is state.read and not self.assigns(node.inputs[0]):
                return make_symbolic(self.read_before(node.inputs[0]), self.scope)
            return load(value)

        return Instance(self.trace, template, region, scope, loaded, self._is_saved)

    def _is_saved(self, node: Node) -> bool:
        return is_expensive(node) or not is_repeatable(self.trace, node)


def _closed_scope(trace: Trace, region: Region) -> Scope:
    scope = Scope(trace, region)
    scope.alive = False
    return scope


class StagedEntry:
    """Control flow on one tape."""

    def __init__(self, staged: Staged, tape: GradientTape) -> None:
        self.staged = staged
        self.tape = tape

    @property
    def inputs(self) -> Sequence[Tensor]:
        return self.staged.inputs

    @property
    def outputs(self) -> Sequence[Tensor]:
        return self.staged.outputs

    def entries(self, template: Template) -> Sequence[TapeEntry]:
        """What the tape saw of a region."""
        record = template.scope.recorded.get(self.tape)
        return () if record is None else record.entries

    def edges(self) -> Iterator[Edge]:
        """What depends on what, for `explain`."""
        staged = self.staged
        inner = (edge for t in staged.templates for edge in edges_of(self.entries(t)))
        for edge in (*staged.edges(), *inner):
            yield edge._replace(in_arm=edge.in_arm or staged.is_branch)

    def result(self, value: Value) -> SymbolicTensor:
        """A result of a region as a tensor; where it is made inside, its key and its type."""
        return make_symbolic(value, self.staged.scope.home_of(value))


def activate_all(entries: Iterable[TapeEntry], active: Active) -> None:
    """Add everything that depends on what is in `active`."""
    for entry in entries:
        entry.activate(active)


def reach_all(
    entries: Sequence[TapeEntry], useful: dict[int, Tensor], active: Container[int]
) -> None:
    """Add everything that what is in `useful` depends on."""
    for entry in reversed(entries):
        entry.reach(useful, active)


def run_backward(
    entries: Sequence[TapeEntry], gradients: dict[int, Tensor], active: Container[int]
) -> None:
    """The gradients of a region's results become those of what it uses."""
    for entry in reversed(tuple(entries)):
        entry.backward(gradients, active, ())


def take_gradients(
    outputs: Sequence[Tensor], gradients: dict[int, Tensor], kept: Container[int]
) -> list[Tensor | None]:
    """The gradients of an entry's outputs, all of whose uses lie behind."""
    taken: list[Tensor | None] = []
    for tensor in outputs:
        key = tensor.key
        taken.append(gradients.get(key) if key in kept else gradients.pop(key, None))
    return taken


def zeros_for(tensor: Tensor) -> Tensor:
    """Zeros like a value, which itself need not be computed."""
    from tfc.ops.creation import zeros_like

    return zeros_like(tensor)


def accumulate_input(gradients: dict[int, Tensor], tensor: Tensor, gradient: Tensor) -> None:
    """Add to the gradient of what is handed in, of which less may be known inside: `tensor<1xf32>` as `tensor<?xf32>`."""
    from tfc.ops.shape import ensure_shape

    shape = tensor.type.shape
    if gradient.type.shape != shape:
        gradient = ensure_shape(gradient, shape)
    accumulate(gradients, tensor.key, gradient)


# -- branches -----------------------------------------------------------------------------------


class Branch(Staged):
    """`scf.if` and `scf.index_switch`."""

    is_branch = True

    def __init__(
        self, trace: Trace, node: Node, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> None:
        super().__init__(trace, node, inputs, outputs)
        self.saved: dict[Value, SymbolicTensor] = {}

    def entry(self, tape: GradientTape) -> TapeEntry:
        return BranchEntry(self, tape)

    def edges(self) -> Iterator[Edge]:
        for template in self.templates:
            for output, result in zip(self.outputs, template.region.results, strict=True):
                yield Edge((id(result),), (output.key,))

    def save(self, template: Template, value: Value) -> SymbolicTensor:
        """A value of one arm as a result; the other arms give zeros."""
        found = self.saved.get(value)
        if found is not None:
            return found
        kind = value.type
        for arm in self.templates:
            if arm is template:
                arm.region.results.append(value)
                continue
            with self.appending(arm):
                shape = tuple(0 if size is None else size for size in kind.shape)
                zeros = Tensor._wrap(np.zeros((), kind.dtype))
                if shape:
                    from tfc.ops.creation import zeros_of

                    zeros = zeros_of(shape, kind.dtype)
                arm.region.results.append(self.trace.value_of(zeros))
        found = self.saved[value] = self.add_output(kind)
        return found


class BranchEntry(StagedEntry):
    """A branch on one tape."""

    staged: Branch

    def _local(self, template: Template, active: Container[int]) -> Active:
        local = Active(active)
        activate_all(self.entries(template), local)
        return local

    def activate(self, active: Active) -> None:
        outputs = self.staged.outputs
        for template in self.staged.templates:
            local = self._local(template, active)
            results = template.region.results
            active.add_floats([t for t, r in zip(outputs, results, strict=True) if id(r) in local])

    def reach(self, useful: dict[int, Tensor], active: Container[int]) -> None:
        wanted = [tensor.key in useful for tensor in self.outputs]
        if any(wanted):
            for template in self.staged.templates:
                useful.update(self._captured(template, wanted, self._local(template, active)))

    def _captured(
        self, template: Template, wanted: Sequence[bool], local: Active
    ) -> dict[int, Tensor]:
        """What an arm uses of the values around it for the wanted results."""
        results = zip(template.region.results, wanted, strict=True)
        useful: dict[int, Tensor] = {
            id(value): self.result(value) for value, is_wanted in results if is_wanted
        }
        useful = {key: tensor for key, tensor in useful.items() if key in local}
        reach_all(self.entries(template), useful, local)
        return {key: tensor for key, tensor in useful.items() if key not in local.keys}

    def backward(
        self, gradients: dict[int, Tensor], active: Container[int], kept: Container[int]
    ) -> None:
        given = take_gradients(self.outputs, gradients, kept)
        if all(gradient is None for gradient in given):
            return
        staged, trace = self.staged, self.staged.trace
        wanted = [gradient is not None for gradient in given]
        captured: dict[int, Tensor] = {}
        locals_of = [self._local(template, active) for template in staged.templates]
        for template, local in zip(staged.templates, locals_of, strict=True):
            captured.update(self._captured(template, wanted, local))
        if not captured:
            return
        known = {key: gradients[key] for key in captured if key in gradients}
        regions = [
            self._adjoint(template, local, given, captured, known)
            for template, local in zip(staged.templates, locals_of, strict=True)
        ]
        types = [tensor.type for tensor in captured.values()]
        selector = [trace.as_symbolic(tensor) for tensor in staged.inputs]
        outputs = trace.emit_control(staged.node.spec, selector, {}, types, regions)
        gradients.update(zip(captured, outputs, strict=True))

    def _adjoint(
        self,
        template: Template,
        active: Active,
        given: Sequence[Tensor | None],
        captured: dict[int, Tensor],
        known: dict[int, Tensor],
    ) -> Region:
        """An arm of the adjoint: the known gradients of what is captured, with this arm's part added."""
        staged, trace = self.staged, self.staged.trace
        region = Region()
        with trace.inside(region) as scope:
            instance = staged.instance(
                template, region, scope, lambda value: staged.save(template, value)
            )
            gradients = dict(known)
            for value, gradient in zip(template.region.results, given, strict=False):
                if gradient is not None and id(value) in active:
                    accumulate(gradients, id(value), gradient)
            run_backward(self.entries(template), gradients, active)
            region.results = [
                trace.value_of(gradients[key] if key in gradients else zeros_for(tensor))
                for key, tensor in captured.items()
            ]
        instance.close()
        return region
