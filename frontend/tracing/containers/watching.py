"""Containers that change while a loop over them is unrolled.

Python's own iterators go on with the list's current items, and refuse a dict or set whose size has changed. A list whose length
becomes known only at run time is such a list from the beginning of the loop, and the loop is staged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Set, ValuesView
from typing import TYPE_CHECKING, Any

from tfc.tracing import operations
from tfc.tracing.containers.growable import growable_of
from tfc.tracing.containers.list_items import grow as grow_list
from tfc.tracing.inputs import Internal
from tfc.tracing.iteration import iterators
from tfc.tracing.paths import staging

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame

_LIST_ITERATOR, _REVERSED = type(iter([])), type(reversed([]))


class Grown(Internal):
    """A list that is iterated over has got a length of run time."""


def lists_in(value: Any) -> list[list[Any]]:
    """The lists that a loop over a value reads: itself, or those under a new `enumerate`, `zip` or `iter`."""
    if value.__class__ is list:
        return [value]
    if value.__class__ is iterators.KeptIterator:
        return lists_in(value.source) if value.is_new else []
    if value.__class__ in (enumerate, zip, _LIST_ITERATOR, _REVERSED):
        return [item for part in value.__reduce__()[1] for item in lists_in(part)]
    return []


def until_grown(
    lists: list[list[Any]], step: Callable[[Frame, Any], Any]
) -> Callable[[Frame, Any], Any]:
    """`step`, which ends in `Grown` when it makes one of some lists grow at run time."""

    def run(frame: Frame, item: Any) -> Any:
        signal = step(frame, item)
        if any(growable_of(owner) is not None for owner in lists):
            raise Grown
        return signal

    return run


def grow(frame: Frame, lists: list[list[Any]]) -> None:
    """Make lists ones that grow at run time."""
    for owner in lists:
        frame.trace.guards.take(owner)
        grow_list(frame, owner)


def maker(frame: Frame, value: Any) -> Callable[[], Any]:
    """What makes an iterable again that is about to be used up, and whose `lists_in` may be others by then."""
    if value.__class__ is iterators.KeptIterator:
        return maker(frame, value.source)
    if value.__class__ is _LIST_ITERATOR:
        owner = value.__reduce__()[1][0]
        return lambda: owner
    if value.__class__ in (enumerate, zip, _REVERSED):
        made, arguments, *_ = value.__reduce__()
        parts = [maker(frame, part) for part in arguments]
        return lambda: operations.call(frame, made, tuple([part() for part in parts]), {})
    return lambda: value


def items_of(frame: Frame, source: Iterable[Any]) -> Iterator[Any]:
    """The items of what is no list; a dict or set whose size has changed when the next one is asked for raises."""
    if isinstance(source, KeysView | ValuesView | Set) and hasattr(source, "mapping"):
        return _unless_resized(frame, source, lambda: dict(source.mapping))  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(source, dict | set):
        return _unless_resized(frame, source, lambda: source)
    return iter(source)


def _unless_resized(
    frame: Frame, source: Iterable[Any], entries: Callable[[], Mapping[Any, Any] | Set[Any]]
) -> Iterator[Any]:
    kind = "Set" if isinstance(source, set) else "dictionary"
    size = len(entries())

    def fail() -> Any:
        raise RuntimeError(f"{kind} changed size during iteration")

    def check() -> None:
        now = operations.length(frame, entries())
        if now.__class__ is not int:
            staging.branch(frame, frame.node, now == size, lambda: None, fail)
        elif now != size:
            fail()

    for item in list(source):
        check()
        yield item
    check()
