"""A planned call is one entry of a tape.

A public function that has a plan (`tfc.core.plans`) is a dozen ops. A tape that is going to be asked for a gradient which has a
plan, too, needs none of them: it keeps the arrays, and is told the ops when something else asks for its entries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor


class Told:
    """What there is to tell of one plan."""

    __slots__ = ("has_cuts", "reach", "tell")

    def __init__(
        self, tell: Callable[..., None], reach: Sequence[frozenset[int]], has_cuts: bool
    ) -> None:
        self.tell = tell
        """`tell(tape, arguments, values, results)` records the ops, one by one."""
        self.reach = reach
        """For each result the numbers of the arguments whose gradient it has a part in."""
        self.has_cuts = has_cuts

    def tell_tapes(
        self,
        arguments: tuple[Tensor, ...],
        values: tuple[np.ndarray, ...],
        results: tuple[Tensor, ...],
    ) -> None:
        """The active tapes see what the plan did; `values` are those in between.

        Several tapes see the ops: what one computes from a value in between is for another one to differentiate.
        """
        tapes = STATE.tapes
        if len(tapes) == 1:
            tapes[0].record_plan(self, arguments, values, results)
            return
        tensors = [Tensor._wrap(value) for value in values]
        for tape in tapes:
            self.tell(tape, arguments, tensors, results)


class Folded:
    """One call of a plan on a tape."""

    __slots__ = ("arguments", "flags", "position", "results", "tensors", "told", "values")

    def __init__(
        self,
        told: Told,
        arguments: tuple[Tensor, ...],
        flags: tuple[bool, ...],
        values: tuple[np.ndarray, ...],
        results: tuple[Tensor, ...],
        position: str,
    ) -> None:
        self.told, self.arguments, self.values, self.results = told, arguments, values, results
        self.flags = flags
        """Which arguments the tape followed."""
        self.position = position
        """The user's line, where it may be asked for."""
        self.tensors: list[Tensor] = []
        """Those of the values, once the tape has been told."""

    def unfold(self, tape: Any, tracked: dict[int, Any]) -> None:
        """Tell the tape the ops, which goes by what it followed at the time."""
        self.tensors = [Tensor._wrap(value) for value in self.values]
        later = {
            argument.key: tracked.pop(argument.key)
            for argument, was_followed in zip(self.arguments, self.flags, strict=True)
            if not was_followed and argument.key in tracked
        }
        self.told.tell(tape, self.arguments, self.tensors, self.results)
        tracked.update(later)
