"""Targets that paths chose, or a list gave, after the tape had stopped recording.

Eagerly `y if n > 0 else z` and `states[-1]` are tensors that the tape has seen. In a trace they are new values, made by a
branch or a read of a buffer that it has not seen. Those are put on the tape when its gradient is asked for; what else the
program has computed since stays unknown to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.gradients.entries import Entry, RegionRecord, TapeEntry
from tfc.graph.control import FOR, IF, SWITCH, WHILE
from tfc.graph.nodes import Node, Value
from tfc.tracing.values.symbolic import Scope, SymbolicTensor, make_symbolic

if TYPE_CHECKING:
    from tfc.gradients.tape import GradientTape


def follow(tape: GradientTape, targets: Iterable[Tensor]) -> None:
    """Have the tape know those targets that are one of several values that it knows."""
    for target in targets:
        if isinstance(target, SymbolicTensor) and not tape.knows(target):
            entries: list[TapeEntry] = []
            search = _Search(tape, target)
            if search.add(target._value, entries, search.trace.scope):
                tape.put(entries)


def require_known(tape: GradientTape, sources: Iterable[Any]) -> None:
    """Refuse a source that is one of several values that the tape knows: which of them is known only at run time."""
    for source in sources:
        if isinstance(source, SymbolicTensor) and not tape.knows(source):
            search = _Search(tape, source)
            if any(search.reaches(value) for value in search.parts(source._value)):
                raise _chosen(
                    "a source that is one of several tensors, by the path",
                    "gradients for each of them, and choose one of these",
                )


def _chosen(what: str, edit: str) -> CompileError:
    return CompileError("TFC015", f"tape.gradient is asked for {what}", f"ask for the {edit}")


class _Search:
    """What one value may be."""

    def __init__(self, tape: GradientTape, tensor: SymbolicTensor) -> None:
        self.tape = tape
        self.trace = tensor._scope.trace
        self.tracked = {key for key, _ in tape.tracked()}
        self.seen: dict[Value, bool] = {}
        self.added: set[Node] = set()

    def is_known(self, value: Value) -> bool:
        return id(value) in self.tracked

    def parts(self, value: Value) -> Iterator[Value]:
        """The values that this one may be, where it was made by the interpreter, not by an op of the program."""
        node = value.node
        if node is None:
            return
        if node.spec in (IF, SWITCH):
            yield from (region.results[value.index] for region in node.regions)
        elif node.spec is FOR:
            yield node.inputs[3 + value.index]
            yield node.regions[0].results[value.index]
        elif node.spec is WHILE:
            yield node.inputs[value.index]
            yield node.regions[1].results[value.index]
        elif value in self.trace.chosen:
            yield from node.inputs

    def reaches(self, value: Value) -> bool:
        """Whether a value is, or may be, one that the tape knows."""
        pending, seen = [value], set[Value]()
        while pending:
            item = pending.pop()
            if self.is_known(item):
                return True
            if item not in seen:
                seen.add(item)
                pending += self.parts(item)
        return False

    def add(self, value: Value, entries: list[TapeEntry], scope: Scope) -> bool:
        """Whether a value that is used in `scope` may be one that the tape knows; what it is made by is added to `entries`."""
        if self.is_known(value):
            return True
        found = self.seen.get(value)
        if found is None:
            self.seen[value] = False
            found = self.seen[value] = self._add(value, entries, scope)
        return found

    def _add(self, value: Value, entries: list[TapeEntry], scope: Scope) -> bool:
        node = value.node
        if node is None:
            return False
        if node.spec in (FOR, WHILE) and self.reaches(value):
            raise _chosen(
                "a target that a loop has chosen after the tape had stopped recording",
                "gradient of what is chosen inside of the 'with' block of the tape",
            )
        if node.spec in (IF, SWITCH):
            return self._add_branch(node, value, entries, scope)
        if value not in self.trace.chosen:
            return False
        are_known = [self.add(item, entries, scope) for item in node.inputs]
        if any(are_known):
            inputs, outputs = (_tensors(values, scope) for values in (node.inputs, node.outputs))
            self._add_once(node, entries, Entry(node.spec, inputs, node.attributes, outputs))
        return any(are_known)

    def _add_branch(self, node: Node, value: Value, entries: list[TapeEntry], scope: Scope) -> bool:
        from tfc.gradients.staged import Branch

        staged = self.trace.staged.get(node)
        if staged is None:
            inputs, outputs = (_tensors(values, scope) for values in (node.inputs, node.outputs))
            staged = self.trace.staged[node] = Branch(self.trace, node, inputs, outputs)
            staged.scope = scope.home_of(value)
            staged.parent = staged.scope.region
        found = False
        for template in staged.templates:
            inner: list[TapeEntry] = []
            template.scope.parent = staged.scope
            found |= self.add(template.region.results[value.index], inner, template.scope)
            if inner:
                record = template.scope.recorded.setdefault(self.tape, RegionRecord([], [], {}))
                record.entries += inner
        if found:
            self._add_once(node, entries, staged.entry(self.tape))
        return found

    def _add_once(self, node: Node, entries: list[TapeEntry], entry: TapeEntry) -> None:
        if node not in self.added:
            self.added.add(node)
            entries.append(entry)


def _tensors(values: Iterable[Value], scope: Scope) -> tuple[SymbolicTensor, ...]:
    return tuple([make_symbolic(value, scope.home_of(value)) for value in values])
