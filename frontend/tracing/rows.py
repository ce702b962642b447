"""Items of growing containers that can be changed themselves: lists of lists, dicts of objects.

A growing container holds copies: such an item is made anew where it is read. A change of it is written back to its row, as long
as the container still holds what it held when the item was read or put in; else it is refused.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.tracing import growable
from tfc.tracing.abstract import (
    Array,
    Skeleton,
    Struct,
    Union,
)
from tfc.tracing.columns import Growable, View
from tfc.tracing.growable import Grow, growable_of, table_of
from tfc.tracing.messages import site_of_frame
from tfc.tracing.structures import (
    is_record,
)
from tfc.tracing.symbolic import Choice

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.journal import Mark, Place
    from tfc.tracing.numbers import SymbolicNumber
    from tfc.tracing.trace import Trace


class Row:
    """The row that an object stands for, or is part of."""

    __slots__ = ("buffer", "item", "owner", "part", "place")

    def __init__(
        self, part: Any, item: Any, owner: Any, buffer: Growable | None, place: Any
    ) -> None:
        self.part = part
        self.item = item
        """What is in the row: `part`, or what holds it."""
        self.owner = owner
        self.buffer = buffer
        """What `owner` holds when `item` is what the row says."""
        self.place = place


_CHANGES = ("contents", "attribute", "value")
"""The kinds of places of objects that are items."""


def note(
    trace: Trace,
    item: Any,
    owner: Any = None,
    buffer: Growable | None = None,
    place: SymbolicNumber | None = None,
) -> None:
    """`item` was read from, or put into, row `place` of `owner`; without an owner it must not change any more."""
    noted = trace.journal.rows
    for part in _changing_parts(item):
        if isinstance(part, Tensor) and id(part) in noted:
            owner = buffer = None  # it is an item twice
        old = noted.get(id(part))
        if owner is not None and old is not None and old.owner is not owner:
            share(trace, owner, old.owner)
        noted[id(part)] = Row(part, item, owner, buffer, place)


def item_of(frame: Frame, owner: Any, buffer: Growable, place: Any) -> Any:
    """Item number `place`, which is in range; a change of it is one of `owner`."""
    item = growable.item_at(frame, buffer, place)
    if can_change(buffer):
        note(frame.trace, item, None if isinstance(buffer, View) else owner, buffer, place)
        for part in _changing_parts(item):
            frame.trace.journal.created(part)
    return item


def changed(frame: Frame, part: Any) -> Any:
    """An object was changed: if it stands for a row, that row changes."""
    row = frame.trace.journal.rows.get(id(part))
    if row is None or row.part is not part:
        return None
    held = growable_of(row.owner) or table_of(row.owner)
    is_shared = id(row.owner) in frame.trace.journal.shared or isinstance(row.owner, tuple)
    if held is None or held is not row.buffer or is_shared:
        return _refuse(frame, part)
    frame.trace.guards.take(row.owner)
    written = growable.replace(frame, held, row.place, row.item)
    row.buffer = written
    growable.hold(row.owner, written)
    _read_again(frame, row, held)
    return changed(frame, row.owner)


def _read_again(frame: Frame, changed_row: Row, before: Growable) -> None:
    """Other variables that name rows of the container may name the one that has changed."""
    journal, written = frame.trace.journal, changed_row.buffer
    assert written is not None
    for step in frame.trace.open_frames(frame):
        for value in list(step.vars.values()):
            row = journal.rows.get(id(value))
            if (
                row is None
                or row is changed_row
                or row.item is not value
                or row.buffer is not before
            ):
                continue
            if row.owner is changed_row.owner and value.__class__ is list:
                journal.touch(value)
                value[:] = growable.item_at(frame, written, row.place)
                row.buffer = written


def require_fresh_items(frame: Frame, mark: Mark) -> None:
    """Refuse a loop whose body changes an object from before the loop and puts it into a growing container."""
    changed_objects = {
        identity[1]
        for identity, place, _ in frame.trace.journal.changed_places(mark)
        if place.kind in _CHANGES
    }
    for row in frame.trace.journal.rows.values():
        both = id(row.part) in changed_objects and id(row.owner) in changed_objects
        if both and id(row.part) not in mark.fresh:
            _refuse(frame, row.part)


def require_unchanged_items(
    frame: Frame, skeleton: Skeleton, values: list[Any], places: Iterable[Place | None]
) -> None:
    """Refuse that a container starts to grow on one path while an item of it changes on another."""
    if (
        not isinstance(skeleton, Grow)
        or skeleton.item is None
        or not can_change_item(skeleton.item)
    ):
        return
    changing = {id(place.owner) for place in places if place is not None and place.kind in _CHANGES}
    for part in itertools.chain.from_iterable(map(_changing_items, values)):
        if id(part) in changing:
            _refuse(frame, part)


def _refuse(frame: Frame, part: Any) -> Any:
    raise CompileError(
        "TFC012",
        f"a {type(part).__name__} is changed that is an item of a container that grows at run time",
        "change it where it is, items[i].append(x), or put a copy into the container",
        site_of_frame(frame),
        "the items of such a container are copies, held natively",
    )


def can_change(held: Growable) -> bool:
    """Whether items are, or hold, objects that can be changed."""
    return held.item is not None and can_change_item(held.item)


def share(trace: Trace, *containers: Any) -> None:
    """Some containers hold the same items: those that could be changed are refused to, as they are copies of each other."""
    for owner in containers:
        held = growable_of(owner)
        if held is not None and can_change(held):
            trace.journal.shared[id(owner)] = owner


def can_change_item(skeleton: Skeleton) -> bool:
    """Whether values of a skeleton are, or hold, objects that can be changed."""
    if isinstance(skeleton, Struct):
        return not issubclass(skeleton.cls, tuple) or any(map(can_change_item, skeleton.items))
    if isinstance(skeleton, Union):
        return any(map(can_change_item, skeleton.alternatives))
    return isinstance(skeleton, Grow | Array)


def _changing_parts(value: Any) -> Iterator[Any]:
    """A value and what it holds, as far as they are objects that can be changed."""
    if value.__class__ is Choice:
        for item in value.alternatives:
            yield from _changing_parts(item)
        return
    if isinstance(value, Tensor | list | deque | dict | set) or is_record(type(value)):
        yield value
    yield from _changing_items(value)


def _changing_items(value: Any) -> Iterator[Any]:
    """What a value holds, as far as it can be changed."""
    if value.__class__ is Choice:
        for item in value.alternatives:
            yield from _changing_items(item)
        return
    if isinstance(value, tuple | list | deque):
        inner = value
    elif isinstance(value, dict):
        inner = value.values()
    elif is_record(type(value)) and hasattr(value, "__dict__"):
        inner = vars(value).values()
    else:
        return
    for item in inner:
        yield from _changing_parts(item)
