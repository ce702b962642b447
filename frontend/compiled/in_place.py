"""Arguments that a program assigns are written in place, when nobody can tell the difference from a copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.backend.arrays import POOLED_BYTES, pooled_empty
from tfc.core.recording import STATE, living_tapes
from tfc.core.tensor import Tensor, unshared
from tfc.core.variable import Variable
from tfc.tracing.values import number_checks

Saved = list[tuple[np.ndarray, np.ndarray]]
"""Arrays of the caller with what was in them."""


class InPlace:
    """The arrays that a call hands to the program for the arguments which it assigns.

    An array of the caller's is handed over itself when it can be written to, that of a tensor when nothing else refers to it.
    A call with one that shares memory with another is plain Python: native code takes arrays to be distinct. What may fail
    keeps a copy: a call that is done again, or that ends before Python would have come to an assignment, leaves everything as
    it was.
    """

    __slots__ = ("can_fail", "targets", "variables")

    def __init__(
        self, targets: dict[int, Callable[[Any], Any]], variables: list[Variable], can_fail: bool
    ) -> None:
        self.targets = targets
        """What finds the assigned object among the arguments of a call, by the number of its array."""
        self.variables = variables
        self.can_fail = can_fail

    def prepare(self, arguments: Any, arrays: list[np.ndarray]) -> Saved:
        """Replace arrays that must not be written to by copies; the others with their content, where a failure would show."""
        saved: Saved = []
        for number, find in self.targets.items():
            target = find(arguments)
            given = arrays.pop(number)
            if isinstance(target, Tensor):
                is_own = not STATE.tapes and not any(t.knows(target) for t in living_tapes())
                if is_own:
                    del given  # which would share it
                    given = target._array = unshared(target)
            else:
                is_own = self._is_writable(target, arrays)
            given = given if is_own else np.array(given, order="C")
            arrays.insert(number, given)
            if self.can_fail and is_own:
                saved.append((given, _copied(given)))
        return saved

    def _is_writable(self, target: np.ndarray, others: list[np.ndarray]) -> bool:
        """Whether the program may write to an array of the caller's."""
        if any(np.shares_memory(target, other) for other in others):
            raise number_checks.BeyondNativeError(
                "an array that is assigned shares memory with another one"
            )
        variables = [variable.array() for variable in self.variables]
        return (
            target.flags.carray
            and target.dtype.isnative
            and not any(np.may_share_memory(target, other) for other in variables)
        )


def _copied(array: np.ndarray) -> np.ndarray:
    """A copy; one that is large is in memory that is used again."""
    if array.nbytes < POOLED_BYTES:
        return array.copy()
    copy = pooled_empty(array.shape, array.dtype, array.nbytes)
    np.copyto(copy, array)
    return copy


def restore(saved: Saved) -> None:
    """Give the arrays of a call that has failed the content that they had."""
    for array, content in saved:
        np.copyto(array, content)
