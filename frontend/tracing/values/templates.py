"""Values of a finished region, computed again in another one.

The gradient of a branch or loop runs its body again, with the values that the iteration had. Tensors of the body then mean their
counterparts in the region that is being recorded: an `Instance` computes these when they are asked for, so that no more is
computed, and no more has been saved, than the gradient needs.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tfc.core.recording import STATE
from tfc.dialects.tfc.semantics import shape, state
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.graph.control import CALL, CONTROL, IF, SWITCH
from tfc.graph.nodes import Node, Region, Value
from tfc.tracing.values.symbolic import Scope, SymbolicTensor, make_symbolic

if TYPE_CHECKING:
    from tfc.gradients.entries import RegionRecord
    from tfc.tracing.trace import Trace


class Template:
    """A finished region whose values may be asked for elsewhere."""

    __slots__ = ("_count", "_dims", "_nodes", "region", "scope")

    def __init__(self, region: Region, scope: Scope) -> None:
        self.region = region
        self.scope = scope
        self._count = -1
        self._nodes: set[Node] = set()
        self._dims: dict[tuple[Any, ...], Value] = {}

    def owns(self, value: Value) -> bool:
        """Whether a value is made in this region, not around it or deeper inside."""
        if value.node is None:
            return value in self.region.arguments
        nodes = self.region.nodes
        if len(nodes) != self._count:  # some were added for gradients
            self._nodes = set(nodes)
            self._count = len(nodes)
        return value.node in self._nodes

    def tensor(self, value: Value) -> SymbolicTensor:
        """The tensor of one of its values."""
        return make_symbolic(value, self.scope)

    def arguments(self) -> list[SymbolicTensor]:
        """The tensors of the arguments."""
        return [self.tensor(value) for value in self.region.arguments]

    def dim(self, trace: Trace, value: Value, attributes: dict[str, Any]) -> Value:
        """The size of a value, as a value of this region."""
        key = (value, attributes["axis"], attributes["dtype"])
        found = self._dims.get(key)
        if found is None:
            kind = shape.dim.infer(value.type, **attributes)
            node = Node(shape.dim, [value], dict(attributes), [kind], trace.location)
            self.region.nodes.append(node)
            found = self._dims[key] = node.outputs[0]
        return found


Load = Callable[[Value], SymbolicTensor]
"""Records how a value that a region saved is read back."""


class Instance:
    """The values of a template in the region whose scope this instance belongs to.

    `load` is asked for arguments and for what cannot be computed again; everything else is recorded again from these.
    """

    def __init__(
        self,
        trace: Trace,
        template: Template,
        region: Region,
        scope: Scope,
        load: Load,
        is_saved: Callable[[Node], bool],
    ) -> None:
        self.trace = trace
        self.template = template
        self.region = region
        self.scope = scope
        self.load = load
        self.is_saved = is_saved
        self.values: dict[Value, Value] = {}
        self.loaded: set[int] = set()
        """Keys of the values that were loaded."""
        self.pending: dict[Any, RegionRecord] = {}
        self._copies: dict[Node, Node] = {}
        scope.instances.append(self)
        tapes: tuple[Any, ...] = STATE.tapes
        for tape in tapes:
            seen = template.scope.recorded.get(tape)
            if seen is not None:
                tape.track(template.arguments(), seen)

    def move(self, scope: Scope) -> None:
        """The home region has become part of another one."""
        self.scope, self.region = scope, scope.region

    def find(self, value: Value) -> Value | None:
        """The counterpart of a value; None when it is not one of the template's."""
        found = self.values.get(value)
        if found is not None:
            return found
        template = self.template
        if not template.owns(value):
            return self._find_inner(lambda inner: inner.find(value))
        node = value.node
        if node is None or self.is_saved(node) or self._is_unknown_dim(node):
            self._load(value)
        elif node in self._copies:
            self._renew(node)
        else:
            self._copy(node)
        return self.values[value]

    def find_dim(self, value: Value, attributes: dict[str, Any]) -> Value | None:
        """The counterpart of a size of a value."""
        template = self.template
        if not template.owns(value):
            return self._find_inner(lambda inner: inner.find_dim(value, attributes))
        if value in self.values:
            return None  # what is there can be asked itself
        return self.find(template.dim(self.trace, value, attributes))

    def _find_inner(self, look: Callable[[Instance], Value | None]) -> Value | None:
        """The template may itself have instances: of the region that it is the gradient of."""
        for inner in self.template.scope.instances:
            local = look(inner)
            if local is not None:
                return self._outer(local)
        return None

    def _is_unknown_dim(self, node: Node) -> bool:
        if node.spec is not shape.dim:
            return False
        return node.inputs[0] not in self.values and self.template.owns(node.inputs[0])

    def _outer(self, value: Value) -> Value:
        """The counterpart of an input of a copied node."""
        found = self.find(value)
        if found is None:
            with self.trace.reopened(self.scope, self.region):
                found = self.trace.resolve(value)
        return value if found is None else found

    # -- loading ----------------------------------------------------------------------------------

    def _load(self, value: Value) -> None:
        original = self.template.tensor(value)
        with self._noted() as tapes:
            loaded = self.load(value)
            for tape in tapes:
                tape.same(loaded, original)
        own = loaded._scope is self.scope
        self.values[value] = loaded._value if own else self._outer(loaded._value)
        self.loaded.add(id(value))

    @contextmanager
    def _noted(self) -> Generator[list[Any]]:
        """Record into the home region; its tapes get the entries in front of everything else."""
        closed = not self.scope.alive
        outer = STATE.tapes
        listening: list[Any] = list(self.scope.recorded) if closed else list(outer)
        tapes = [tape for tape in listening if tape.has_regions]
        STATE.tapes = tuple(tapes)
        marks = [(tape, tape.open_region(())) for tape in tapes]
        try:
            with self.trace.reopened(self.scope, self.region):
                yield tapes
        finally:
            STATE.tapes = outer
            for tape, mark in marks:
                record = tape.close_region(mark)
                if closed:
                    self.scope.recorded[tape].entries[:0] = record.entries
                elif tape in self.pending:
                    self.pending[tape].extend(record)
                else:
                    self.pending[tape] = record

    def close(self) -> None:
        """The home region is complete: its tapes see what the template's saw, and what was loaded for it, too."""
        for tape, record in self.scope.recorded.items():
            seen = self.template.scope.recorded.get(tape)
            again = [] if seen is None else [e for e in seen.entries if not self._is_loaded(e)]
            pending = self.pending.get(tape)
            record.entries[:0] = [*(pending.entries if pending else ()), *again]

    def _is_loaded(self, entry: Any) -> bool:
        return all(tensor.key in self.loaded for tensor in entry.outputs)

    # -- computing again --------------------------------------------------------------------------

    def _copy(self, node: Node) -> None:
        inputs = [self._outer(value) for value in node.inputs]
        regions = self._copy_regions(node)
        types = [value.type for value in node.outputs]
        copy = Node(node.spec, inputs, node.attributes, types, node.location, regions)
        copy.is_certain = True
        if regions:
            self._copies[node] = copy
        self.region.nodes.append(copy)
        self.values.update(zip(node.outputs, copy.outputs, strict=True))

    def _renew(self, node: Node) -> None:
        """Control flow that gives more than when it was copied."""
        copy = self._copies[node]
        home, self.region = self.region, Region()
        try:
            copy.inputs = [self._outer(value) for value in node.inputs]
            copy.regions = tuple(self._copy_regions(node))
            known = copy.outputs
            more = [
                Value(value.type, copy, len(known) + index)
                for index, value in enumerate(node.outputs[len(known) :])
            ]
            copy.outputs = (*known, *more)
            position = home.nodes.index(copy)
            home.nodes[position:position] = self.region.nodes
        finally:
            self.region = home
        self.values.update(zip(node.outputs, copy.outputs, strict=True))

    def _copy_regions(self, node: Node) -> list[Region]:
        if not node.regions:
            return []
        known: dict[Value, Value] = {}
        staged = self.trace.staged.get(node)
        for region in node.regions:
            for inner in region.walk():
                if inner.spec is state.read and staged is not None:
                    known[inner.outputs[0]] = self._outer(staged.read_before(inner.inputs[0]))
        return [self._copy_region(region, known) for region in node.regions]

    def _copy_region(self, region: Region, known: dict[Value, Value]) -> Region:
        """A copy of a nested region, without its effects."""
        copy = Region([value.type for value in region.arguments])
        known = {**known, **dict(zip(region.arguments, copy.arguments, strict=True))}

        def local(value: Value) -> Value:
            found = known.get(value)
            return self._outer(value) if found is None else found

        for node in region.nodes:
            if not node.outputs or node.outputs[0] in known:
                continue  # checks and assignments have been made
            inputs = [local(value) for value in node.inputs]
            regions = [self._copy_region(inner, known) for inner in node.regions]
            types = [value.type for value in node.outputs]
            made = Node(node.spec, inputs, node.attributes, types, node.location, regions)
            made.is_certain = True
            copy.nodes.append(made)
            known.update(zip(node.outputs, made.outputs, strict=True))
        copy.results = [local(value) for value in region.results]
        return copy


def visible(trace: Trace, value: Value) -> SymbolicTensor:
    """The tensor of a value of the open regions, or of one that is computed again in them."""
    value = trace.resolve(value) or value
    scope = trace.scope
    while scope.parent is not None and not scope.region.owns(value):
        scope = scope.parent
    return make_symbolic(value, scope)


def nodes_inside(trace: Trace, node: Node) -> Iterator[Node]:
    """The nodes that control flow or a call runs, each once."""
    pending, called = list(node.regions), set[str]()

    def follow(node: Node) -> None:
        name = node.attributes["callee"] if node.spec is CALL else None
        if name is not None and name not in called:
            called.add(name)
            pending.append(trace.graph.functions[name])

    follow(node)
    while pending:
        for inner in pending.pop().walk():
            yield inner
            follow(inner)


def assigned_handles(trace: Trace, node: Node) -> set[Value]:
    """The variables that control flow or a call assigns."""
    return {inner.inputs[0] for inner in nodes_inside(trace, node) if inner.spec is state.assign}


_STRUCTURE = CONTROL | {CALL}
_EXPENSIVE = frozenset(("contraction", "convolution", "factorization"))


def is_expensive(node: Node) -> bool:
    """Whether keeping the result costs less than computing it again. Loops are run again: they would be kept step by step."""
    if node.spec in (IF, SWITCH):
        return any(is_expensive(inner) for region in node.regions for inner in region.nodes)
    return node.spec.family in _EXPENSIVE


def is_repeatable(trace: Trace, node: Node) -> bool:
    """Whether a node gives the same again: it neither calls Python nor reads variables that have been assigned since."""
    if node.spec is CALL:
        return _is_repeatable_call(trace, node)
    if node.spec not in CONTROL:
        return node.spec.effect in (Effect.NONE, Effect.FAIL)
    assigned: set[Value] | None = None
    for region in node.regions:
        for inner in region.walk():
            if not inner.outputs or inner.spec in CONTROL:
                continue
            if inner.spec is state.read:
                assigned = assigned_handles(trace, node) if assigned is None else assigned
                if inner.inputs[0] in assigned or node not in trace.staged:
                    return False
            elif inner.spec is CALL:
                if not _is_repeatable_call(trace, inner):
                    return False
            elif inner.spec.effect not in (Effect.NONE, Effect.FAIL):
                return False
    return True


def _is_repeatable_call(trace: Trace, node: Node) -> bool:
    """Whether a call may be made again. What it reads is read in front of the first one (`tfc.gradients.recursion`)."""
    return trace.graph.functions[node.attributes["callee"]].results != [] and all(
        inner.spec in _STRUCTURE or inner.spec.effect in (Effect.NONE, Effect.FAIL, Effect.READ)
        for inner in nodes_inside(trace, node)
    )
