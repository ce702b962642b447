"""A loop over a long known range is kept a loop when its iterations are alike.

    for i in range(1000):
        x = tf.sin(x) * 1.01

Three iterations are interpreted as they are. When the second and the third have recorded the same ops, and tensors and numbers
that keep their types are all that changes, the loop is interpreted again over a counter of run time. The result is taken when
its body has no more branches than an iteration, so that nothing was chosen by the counter; otherwise the loop is unrolled. One
that would record more ops than anybody waits for is kept a loop whatever its counter chooses, if it can be one.

Nobody knows how long a `while` loop over Python's numbers is: it is compared again and again while it is unrolled.
"""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.graph.control import CONTROL, FOR, IF
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

    from tfc.graph.nodes import Node
    from tfc.tracing.frame import Frame

COMPARED_ITERATIONS = 3

MOST_UNROLLED = 4_000
"""Ops that a loop may record unrolled."""


class Rolling:
    """The first iterations of an unrolled loop, compared."""

    def __init__(
        self, frame: Frame, loop: loop_staging.Loop, attempt: loop_staging.Attempt
    ) -> None:
        self.frame = frame
        self.loop = loop
        target = loop.node.target if isinstance(loop.node, ast.For) else None
        self.target = target.id if isinstance(target, ast.Name) else ""
        """The loop variable, where it is a single one."""
        self.mark = attempt.mark
        self.starts = [len(frame.trace.nodes)]
        self.types: list[dict[Any, Any] | None] = []
        self.iterations = 0
        self.recorded = 0
        """Ops of all iterations."""
        self.branches: float = 0
        """Branches and loops in one iteration."""

    def note(self) -> None:
        """An iteration has ended."""
        self.starts.append(len(self.frame.trace.nodes))
        self.recorded += _count(self._nodes(self.iterations))
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

    def is_uniform(self) -> bool:
        """Whether the second and the third iteration did the same; asked after the third."""
        if self.iterations != COMPARED_ITERATIONS:
            return False
        second, third = self._nodes(1), self._nodes(2)
        self.branches = _count_branches(third)
        types = self.types[-1]
        return types is not None and types == self.types[-2] and _are_alike(second, third)

    def is_too_long(self, count: int) -> bool:
        """Whether so many iterations like those until now are too many to be unrolled."""
        if self.iterations < COMPARED_ITERATIONS:
            return False
        if self.recorded * count < MOST_UNROLLED * self.iterations:
            return False
        self.branches = math.inf
        return True

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
        if not _is_simple(trace.nodes, FOR, self.branches):
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
        self.branches = 0

    def note(self) -> None:
        """An iteration begins; raises `Repeats` when the last two of `limit` more recorded the same."""
        self.starts.append(len(self.nodes))
        if len(self.starts) % self.limit:
            return
        first, middle, last = self.starts[-3:]
        nodes = self.nodes[middle:last]
        if nodes and _are_alike(self.nodes[first:middle], nodes):
            self.branches = _count_branches(nodes)
            raise Repeats

    def is_kept_by(self, spec: Any) -> bool:
        """Whether the loop of this kind that was made instead chooses nothing that the iterations did not."""
        return _is_simple(self.nodes, spec, self.branches)


def _is_simple(nodes: Sequence[Node], spec: Any, branches: float) -> bool:
    """Whether the last loop has no more branches in its body, and carries nothing of unknown size."""
    made = next((node for node in reversed(nodes) if node.spec is spec), None)
    return (
        made is not None
        and _count_branches(made.regions[-1].nodes) <= branches
        and not _grows(made)
    )


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
