"""Iterators that a program makes and keeps using: they keep the items taken so far, and a position that the journal can reset.

`zip`, `enumerate`, `iter` of a list and their like can be used on one path and not on another, or in a loop: their position
is then a number known at run time. A generator runs code of its own between items and cannot be reset: its `Progress` refuses.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeGuard

from tfc.core.errors import CompileError
from tfc.tracing import messages, operations
from tfc.tracing.paths import staging
from tfc.tracing.paths.journal import Place

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.iteration.producers import OneTime
    from tfc.tracing.trace import Trace

UNKNOWN_POSITION = (
    "TFC006",
    "how many items an iterator has given depends on a tensor",
    "make a list of its items first, and iterate over that: iter(list(items))",
)


class KeptIterator:
    """Stands for an iterator of Python's own."""

    __slots__ = ("_taken", "_trace", "position", "source")

    def __init__(self, trace: Trace, source: Iterator[Any]) -> None:
        self._trace = trace
        self._taken: list[Any] = []
        self.source = source
        self.position: Any = 0
        """How many of the items are used up."""

    @property
    def is_new(self) -> bool:
        """Whether no item has been taken."""
        return not self._taken

    def __iter__(self) -> KeptIterator:
        return self

    def __next__(self) -> Any:
        position = self.position
        if position.__class__ is not int:
            return self.item_of_run_time()
        if position == len(self._taken):
            self._taken.append(next(self.source))
        self._step()
        return self._taken[position]

    def _step(self) -> None:
        if self._trace.scope.alive:
            self._trace.journal.touch_attribute(self, "position")
        self.position = self.position + 1

    def item_of_run_time(self, *default: Any) -> Any:
        """`next(iterator, *default)` where it stands at a position of run time."""
        frame = self._trace.frame
        assert frame is not None
        if isinstance(self.source, itertools.count):
            raise CompileError(*UNKNOWN_POSITION, messages.site_of_frame(frame))
        self._taken.extend(self.source)

        def end() -> Any:
            if default:
                return default[0]
            raise StopIteration

        def following() -> Any:
            item = operations.load_item(frame, self._taken, self.position)
            self._step()
            return item

        is_over = self.position >= len(self._taken)
        return staging.branch(frame, frame.node, is_over, end, following)


class EndlessIterator(KeptIterator):
    """Stands for an iterator without an end whose items follow from their positions."""

    __slots__ = ("_item_at",)

    def __init__(
        self, trace: Trace, source: Iterator[Any], item_at: Callable[[Frame, Any], Any]
    ) -> None:
        super().__init__(trace, source)
        self._item_at = item_at

    @property
    def is_new(self) -> bool:
        return self.position.__class__ is int and self.position == 0

    def __next__(self) -> Any:
        return self.item_of_run_time()

    def item_of_run_time(self, *default: Any) -> Any:
        """`next(iterator)`: there is always one."""
        frame = self._trace.frame
        assert frame is not None
        item = self._item_at(frame, self.position)
        self._step()
        return item


def is_somewhere(value: Any) -> TypeGuard[KeptIterator]:
    """Whether a value is an iterator whose position is known at run time only: a loop over it is a staged one."""
    return isinstance(value, KeptIterator) and value.position.__class__ is not int


def kept(frame: Frame, made: Any) -> Any:
    """What the program goes on with for a value that a built-in has made."""
    kind = made.__class__
    if not hasattr(kind, "__next__") or kind.__module__ not in ("builtins", "itertools"):
        return made
    iterator = KeptIterator(frame.trace, made)
    frame.trace.journal.created(iterator)
    return iterator


def endless(
    frame: Frame, source: Iterator[Any], item_at: Callable[[Frame, Any], Any]
) -> EndlessIterator:
    """What the program goes on with for an iterator whose item at a position is `item_at` of it."""
    iterator = EndlessIterator(frame.trace, source, item_at)
    frame.trace.journal.created(iterator)
    return iterator


class Progress(Place):
    """Where a producer stands: it can start again or be at its end, but not go back."""

    __slots__ = ("position", "reached", "refusal", "trace")

    def __init__(self, trace: Trace, owner: OneTime) -> None:
        super().__init__("progress", owner)
        self.trace = trace
        self.position: Any = _START
        """On the path that is interpreted; something of run time where paths have met that differ in it."""
        self.reached = _START
        """Where the owner was left."""
        self.refusal: tuple[str, str, str] = UNKNOWN_POSITION
        """What to say where its owner would have to go back."""
        trace.journal.created(owner)

    @property
    def is_fresh(self) -> bool:
        return self.position.__class__ is int and self.position == _START

    def get(self) -> Any:
        return self.position

    def set(self, value: Any) -> None:
        self.position = value

    def step(self) -> None:
        """One more item is about to be given."""
        self._move(next(_POSITIONS))

    def finish(self) -> None:
        """No more items are given one by one."""
        self._move(_END)

    def _move(self, position: int) -> None:
        if self.is_fresh and self.reached != _START:
            self.owner.rewind()
        elif self.position.__class__ is not int or self.position not in (self.reached, _END):
            raise CompileError(*self.refusal, messages.site_of_frame(self.trace.frame))
        if self.position == _END:
            position = _END
            if self.reached != _END:
                self.owner.end(iter(()))
        if self.trace.scope.alive:
            self.trace.journal.touch_place(self)
        self.position = self.reached = position


_START, _END = 0, -1
_POSITIONS = itertools.count(1)
"""Each is another one: what a producer has done on one path is not what it would have done on another."""
