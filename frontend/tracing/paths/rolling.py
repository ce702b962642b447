"""A loop over a long known range is kept a loop when its iterations are alike.

    for i in range(1000):
        x = tf.sin(x) * 1.01

Three iterations are interpreted as they are. When the second and the third have recorded the same ops, and tensors and numbers
that keep their types are all that changes, the loop is interpreted again over a counter of run time. The result is taken when
its body has no more branches than an iteration, so that nothing depends on a choice by the counter; otherwise the loop is
unrolled. If unrolling would record more ops than anybody waits for, it is kept a loop whatever its counter chooses, where that
is possible; so is a loop of many ops on numbers and elements of arrays.

A loop over a shorter range is kept a loop only when it works on elements and would record more than a hundred ops: nested
ranges of 64 would be a quarter of a million. Steps on whole tensors stay unrolled, since constants and shapes may depend on
the counter.

The length of a `while` loop over Python's numbers is unknown, so iterations are compared again and again while it is unrolled.
"""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.indexing import scatter_along, scatter_nd
from tfc.dialects.tfc.semantics.slicing import strided_slice_update
from tfc.graph.control import CONSTANT, CONTROL, FOR, IF
from tfc.tracing.inputs import Internal
from tfc.tracing.iteration import iterables
from tfc.tracing.paths import loop_staging
from tfc.tracing.values.abstract import (
    abstract,
    is_number,
)
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tfc.dialects.tfc.semantics.types import ArrayType
    from tfc.graph.nodes import Node
    from tfc.tracing.frame import Frame

COMPARED_ITERATIONS = 3

MOST_UNROLLED = 4_000
"""Ops that a loop may record unrolled."""

MOST_OF_ELEMENTS = 128
"""Ops that a loop may record unrolled when all of them give numbers or replace elements."""

_REPLACING = frozenset((scatter_along, scatter_nd, strided_slice_update))


class Rolling:
    """The first iterations of an unrolled loop, compared."""

    def __init__(
        self,
        frame: Frame,
        loop: loop_staging.Loop,
        attempt: loop_staging.Attempt,
        count: int,
        *,
        is_long: bool,
    ) -> None:
        self.frame = frame
        self.loop = loop
        self.count = count
        self.is_long = is_long
        """Whether the loop is kept whatever it works on."""
        target = loop.node.target if isinstance(loop.node, ast.For) else None
        self.target = target.id if isinstance(target, ast.Name) else ""
        """The loop variable, where it is a single one."""
        self.mark = attempt.mark
        self.starts = [len(frame.trace.nodes)]
        self.types: list[dict[Any, Any] | None] = []
        self.iterations = 0
        self.recorded = 0
        """Ops of all iterations."""
        self.on_elements = True
        """Whether they work on numbers and elements of arrays only."""
        self.branches: float = 0
        """Branches and loops in one iteration."""

    def note(self) -> None:
        """An iteration has ended."""
        self.starts.append(len(self.frame.trace.nodes))
        nodes = self._nodes(self.iterations)
        self.recorded += _count(nodes)
        self.on_elements = self.on_elements and _are_on_elements(nodes)
        self.iterations += 1
        if self.iterations <= COMPARED_ITERATIONS:
            self.types.append(self._changed_types())

    def _changed_types(self) -> dict[Any, Any] | None:
        """The types of the tensors and numbers that the loop has changed; None when it has changed anything else."""
        types: dict[Any, Any] = {}
        for identity, place, _ in self.frame.trace.journal.changed_places(self.mark):
            value = place.get()
            if isinstance(value, Tensor):
                types[identity] = value.type
            elif isinstance(value, SymbolicNumber):
                types[identity] = value.kind
            elif is_number(value):
                types[identity] = type(value)
            elif isinstance(value, Choice):
                types[identity] = abstract(value)
            elif place.owner is not self.frame or place.key != self.target:
                return None
        return types

    def ends(self) -> bool:
        """Whether the loop is better not unrolled to its end; asked after each iteration."""
        if self.iterations < COMPARED_ITERATIONS or not (self.is_long or self.on_elements):
            return False
        return self._is_too_long(MOST_UNROLLED) or (
            self.iterations == COMPARED_ITERATIONS
            and (self.is_long or self._is_too_long(MOST_OF_ELEMENTS))
            and self._is_uniform()
        )

    def _is_uniform(self) -> bool:
        """Whether the second and the third iteration did the same."""
        second, third = self._nodes(1), self._nodes(2)
        self.branches = _count_branches(third)
        return _change_alike(*self.types[-2:]) and _are_alike(second, third)

    def _is_too_long(self, most: int) -> bool:
        """Whether iterations like those until now come to more than `most` ops."""
        return self.recorded * self.count >= most * self.iterations

    def _nodes(self, iteration: int) -> list[Node]:
        return self.frame.trace.nodes[self.starts[iteration] : self.starts[iteration + 1]]

    def stage(self, items: range, step: Callable[[Frame, Any], Any]) -> bool:
        """Interpret the loop over a counter of run time; False, with nothing done, when it is better unrolled."""
        frame = self.frame
        trace = frame.trace
        attempt = loop_staging.Attempt(frame)
        try:
            loop_staging.stage_for(frame, self.loop, iterables.as_staged(frame, items), step, None)
        except CompileError:
            attempt.forget()
            return False
        is_free = self._is_too_long(MOST_OF_ELEMENTS if self.on_elements else MOST_UNROLLED)
        branches = math.inf if is_free else self.branches
        if not _is_simple(trace.nodes, FOR, branches):
            attempt.forget()
            return False
        attempt.keep()
        if self.target in frame.vars:
            frame.vars[self.target] = items[-1]
        return True


class Repeats(Internal):
    """A `while` loop does the same over and over."""


class Repetition:
    """The iterations of a `while` loop whose condition is known: after many that are alike, it is better kept a loop."""

    def __init__(self, frame: Frame, limit: int) -> None:
        self.nodes = frame.trace.nodes
        self.limit = limit
        self.starts: list[int] = []
        self.recorded = 0
        self.on_elements = True
        self.branches = 0

    def note(self) -> None:
        """An iteration begins; raises `Repeats` when the last two of `limit` more recorded the same, or many ops on elements."""
        if self.starts and self.on_elements:
            last = self.nodes[self.starts[-1] :]
            self.recorded += _count(last)
            self.on_elements = _are_on_elements(last)
        self.starts.append(len(self.nodes))
        if len(self.starts) < COMPARED_ITERATIONS:
            return
        if len(self.starts) % self.limit and not self._is_many():
            return
        first, middle, last = self.starts[-3:]
        nodes = self.nodes[middle:last]
        if nodes and _are_alike(self.nodes[first:middle], nodes):
            self.branches = _count_branches(nodes)
            raise Repeats

    def _is_many(self) -> bool:
        return self.on_elements and self.recorded >= MOST_OF_ELEMENTS

    def is_kept_by(self, spec: Any) -> bool:
        """Whether the loop of this kind that was made instead chooses nothing that the iterations did not."""
        return _is_simple(self.nodes, spec, math.inf if self._is_many() else self.branches)


def _is_simple(nodes: Sequence[Node], spec: Any, branches: float) -> bool:
    """Whether the last loop has no more branches in its body, and carries nothing of unknown size."""
    made = next((node for node in reversed(nodes) if node.spec is spec), None)
    return (
        made is not None
        and _count_branches(made.regions[-1].nodes) <= branches
        and not _grows(made)
    )


def _change_alike(before: dict[Any, Any] | None, after: dict[Any, Any] | None) -> bool:
    """Whether an iteration left what is changed with the same types; an array that it made itself is changed by no other one."""
    if before is None or after is None:
        return False
    own = {identity for identity in after if identity not in before and identity[0] == "value"}
    return {identity: after[identity] for identity in after if identity not in own} == before


def _are_alike(left: Sequence[Node], right: Sequence[Node]) -> bool:
    return len(left) == len(right) and all(map(_is_like, left, right))


def _is_like(left: Node, right: Node) -> bool:
    return (
        left.spec is right.spec
        and [value.type for value in left.outputs] == [value.type for value in right.outputs]
        and len(left.regions) == len(right.regions)
        and all(
            _are_alike(a.nodes, b.nodes) for a, b in zip(left.regions, right.regions, strict=True)
        )
    )


def _count_branches(nodes: Sequence[Node]) -> int:
    return sum(
        _chooses(node) + sum(_count_branches(region.nodes) for region in node.regions)
        for node in nodes
    )


def _count(nodes: Sequence[Node]) -> int:
    return sum(1 + sum(_count(region.nodes) for region in node.regions) for node in nodes)


def _are_on_elements(nodes: Sequence[Node]) -> bool:
    return all(map(_is_on_elements, nodes))


def _is_on_elements(node: Node) -> bool:
    """Whether an op gives numbers, indices, or an array with one element replaced; control flow, whether all in it does."""
    if node.spec in CONTROL:
        return all(_are_on_elements(region.nodes) for region in node.regions)
    if node.spec in _REPLACING:
        update = node.inputs[1 if node.spec is strided_slice_update else 2]
        return not update.type.shape
    return node.spec is CONSTANT or all(_is_element(output.type) for output in node.outputs)


def _is_element(type: ArrayType) -> bool:
    """Whether a value is a number, or the index of one."""
    return not type.shape or (type.dtype.kind == "i" and len(type.shape) == 1)


def _chooses(node: Node) -> bool:
    """Whether an op goes several ways; a check, which gives nothing, does not."""
    return node.spec in CONTROL and (node.spec is not IF or bool(node.outputs))


def _grows(node: Node) -> bool:
    """Whether a loop carries something whose size was known before it."""
    before = node.inputs[len(node.inputs) - len(node.outputs) :]
    return any(
        output.type != value.type and None in output.type.shape
        for output, value in zip(node.outputs, before, strict=True)
    )
