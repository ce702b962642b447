"""`PlanTable`: what is known of calls by kind: the plan, that there is none, or how often there were such calls."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

P = TypeVar("P")

CALLS_BEFORE = 2
"""Calls of one kind that are needed before the next one is recorded."""


class NoPlan:
    """Stands for the plan of calls that have none."""

    __slots__ = ()


NO_PLAN = NoPlan()


class PlanTable(Generic[P]):
    """Plans by kind of call. Raises `TypeError` for a kind that is not hashable.

    Example:
        plan = table.known.get(kind)
        if plan is None and table.is_due(kind):
            plan = table.known[kind] = record() or NO_PLAN
    """

    __slots__ = ("_counts", "_most", "known")

    def __init__(self, most: int) -> None:
        self.known: dict[Any, P | NoPlan] = {}
        self._counts: dict[Any, int] = {}
        self._most = most

    def is_new(self, kind: Any) -> bool:
        """Whether there was no such call."""
        return kind not in self._counts and kind not in self.known

    def is_due(self, kind: Any) -> bool:
        """Note one more call of a kind of which no plan is known; whether it is to be recorded."""
        calls = self._counts.get(kind, 0)
        if calls == CALLS_BEFORE:
            del self._counts[kind]
            return True
        if len(self.known) + len(self._counts) >= self._most:
            self.known.clear()
            self._counts.clear()
        self._counts[kind] = calls + 1
        return False
