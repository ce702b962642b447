"""A loop over a long known range is kept a loop when its iterations are alike.

    for i in range(1000):
        x = tf.sin(x) * 1.01

Three iterations are interpreted as they are. When the second and the third have recorded the same ops, and tensors that keep
their types are all that changes, the loop is interpreted again over a counter of run time. The result is taken when its body has
no more branches than an iteration, so that nothing was chosen by the counter; otherwise the loop is unrolled.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.tracing import loop_staging
from tfc.tracing.control import CONTROL, FOR
from tfc.tracing.iterables import as_staged
from tfc.tracing.loop_staging import Attempt, Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tfc.tracing.frame import Frame
    from tfc.tracing.graph import Node

COMPARED_ITERATIONS = 3


class Rolling:
    """The first iterations of an unrolled loop, compared."""

    def __init__(self, frame: Frame, loop: Loop, attempt: Attempt) -> None:
        self.frame = frame
        self.loop = loop
        target = loop.node.target if isinstance(loop.node, ast.For) else None
        self.target = target.id if isinstance(target, ast.Name) else ""
        """The loop variable, where it is a single one."""
        self.mark = attempt.mark
        self.starts = [len(frame.trace.nodes)]
        self.types: list[dict[Any, Any] | None] = []
        self.branches = 0
        """Branches and loops in one iteration."""

    @property
    def iterations(self) -> int:
        return len(self.types)

    def note(self) -> None:
        """An iteration has ended."""
        self.starts.append(len(self.frame.trace.nodes))
        self.types.append(self._changed_types())

    def _changed_types(self) -> dict[Any, Any] | None:
        """The types of the tensors that the loop has changed; None when it has changed anything else."""
        types: dict[Any, Any] = {}
        for identity, place, _ in self.frame.trace.journal.changed_places(self.mark):
            value = place.get()
            if isinstance(value, Tensor):
                types[identity] = value.type
            elif place.owner is not self.frame or place.key != self.target:
                return None
        return types

    def is_uniform(self) -> bool:
        """Whether the second and the third iteration did the same."""
        if self.iterations < COMPARED_ITERATIONS:
            return False
        second, third = self._nodes(1), self._nodes(2)
        self.branches = _count_branches(third)
        types = self.types[-1]
        return types is not None and types == self.types[-2] and _are_alike(second, third)

    def _nodes(self, iteration: int) -> list[Node]:
        return self.frame.trace.nodes[self.starts[iteration] : self.starts[iteration + 1]]

    def stage(self, items: range, step: Callable[[Frame, Any], Any]) -> bool:
        """Interpret the loop over a counter of run time; False, with nothing done, when it is better unrolled."""
        frame = self.frame
        trace = frame.trace
        attempt = Attempt(frame)
        try:
            loop_staging.stage_for(frame, self.loop, as_staged(frame, items), step, None)
        except CompileError:
            attempt.forget()
            return False
        made = next((node for node in reversed(trace.nodes) if node.spec is FOR), None)
        if made is None or _count_branches(made.regions[0].nodes) > self.branches or _grows(made):
            attempt.forget()
            return False
        attempt.keep()
        if self.target in frame.vars:
            frame.vars[self.target] = items[-1]
        return True


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
        (node.spec in CONTROL) + sum(_count_branches(region.nodes) for region in node.regions)
        for node in nodes
    )


def _grows(node: Node) -> bool:
    """Whether a loop carries something whose size is not known."""
    return any(None in value.type.shape for value in node.outputs)
