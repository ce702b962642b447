"""Which tensors have sizes known only at run time that may differ from one iteration to the next.

A list that grows holds tensors of one shape as the rows of a buffer, and others one behind the other. `?` alone does not tell:
the states of a batch of unknown size have one shape, but the slices `x[start:i]` of a loop do not.
"""

from __future__ import annotations

from typing import NamedTuple

from tfc.dialects.tfc.semantics import host, searching, shape, slicing
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.control import CONTROL
from tfc.graph.nodes import Graph, Node, Value

_BY_ELEMENTS = frozenset(
    (
        searching.nonzero,
        searching.unique,
        searching.repeat_indices,
        host.host_call,
        host.pure_host_call,
    )
)
"""Ops whose results have sizes that follow from elements."""


class _Question(NamedTuple):
    """Whether the sizes of a tensor may differ or, `of_elements`, its elements."""

    value: Value
    of_elements: bool = False


class VaryingSizes:
    """What is known of the tensors of one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[_Question, bool] = {}

    def note(self, value: Value) -> None:
        """Paths or iterations meet in a tensor, with different sizes."""
        self._known[_Question(value)] = True

    def vary(self, value: Value) -> bool:
        """Whether the sizes of a tensor may differ each time that its op runs."""
        if not _has_unknown_sizes(value):
            return False
        asked = _Question(value)
        pending = [asked]
        while pending:
            question = pending[-1]
            if question not in self._known:
                needed = _needed(question)
                unknown = [item for item in needed if item not in self._known]
                if unknown:
                    pending += unknown
                    continue
                self._known[question] = self._answer(question, needed)
            pending.pop()
        return self._known[asked]

    def _answer(self, question: _Question, needed: list[_Question]) -> bool:
        value, of_elements = question
        node = value.node
        if node is None:
            return of_elements and value not in self._graph.body.arguments
        if node.spec in CONTROL:
            return of_elements
        answers = [self._known[item] for item in needed]
        if node.spec.is_elementwise and not of_elements:
            return all(answers)  # it has the sizes of an operand whose sizes are always the same
        return any(answers) or (not of_elements and _has_sizes_by_elements(node))


def _has_unknown_sizes(value: Value) -> bool:
    return isinstance(value.type, ArrayType) and None in value.type.shape


def _needed(question: _Question) -> list[_Question]:
    """The questions that an answer follows from."""
    node = question.value.node
    if node is None or node.spec in CONTROL:
        return []
    if question.of_elements and node.spec is not shape.dim:
        return [_Question(value, True) for value in node.inputs]
    sized = [_Question(value) for value in node.inputs if _has_unknown_sizes(value)]
    return sized if question.of_elements else [*sized, *_size_operands(node)]


def _size_operands(node: Node) -> list[_Question]:
    """Of the operands that are sizes of the result, whether they may differ."""
    names, values = node.spec.operands, node.inputs
    if node.spec is slicing.slice_:
        begin = node.attributes["begin"]
        return [_Question(value, True) for value in values[1 + begin.count(None) :]]
    if names and names[-1] == "*sizes":
        return [_Question(value, True) for value in values[len(names) - 1 :]]
    return []


def _has_sizes_by_elements(node: Node) -> bool:
    """Whether an op decides on sizes by values other than those operands: `x[start:stop]` does."""
    if node.spec is not slicing.strided_slice:
        return node.spec in _BY_ELEMENTS
    bounds = [node.attributes[name] for name in ("begin", "end", "strides")]
    kept = [axis for axis in range(len(bounds[0])) if axis not in node.attributes["shrink"]]
    return any(
        size is None and tuple(bound[axis] for bound in bounds) != (0, slicing.OPEN, 1)
        for axis, size in zip(kept, node.outputs[0].type.shape, strict=True)
    )
