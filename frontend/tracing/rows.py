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
from tfc.tracing.columns import Growable
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
        noted[id(part)] = Row(part, item, owner, buffer, place)


def item_of(frame: Frame, owner: Any, buffer: Growable, place: Any) -> Any:
    """Item number `place`, which is in range; a change of it is one of `owner`."""
    item = growable.item_at(frame, buffer, place)
    if buffer.item is not None and _can_change(buffer.item):
        note(frame.trace, item, owner, buffer, place)
        for part in _changing_parts(item):
            frame.trace.journal.created(part)
    return item


def changed(frame: Frame, part: Any) -> Any:
    """An object was changed: if it stands for a row, that row changes."""
    row = frame.trace.journal.rows.get(id(part))
    if row is None or row.part is not part:
        return None
    held = growable_of(row.owner) or table_of(row.owner)
    if held is None or held is not row.buffer:
        return _refuse(frame, part)
    frame.trace.guards.take(row.owner)
    written = growable.replace(frame, held, row.place, row.item)
    row.buffer = written
    growable.hold(row.owner, written)
    return changed(frame, row.owner)


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
    if not isinstance(skeleton, Grow) or skeleton.item is None or not _can_change(skeleton.item):
        return
    changing = {id(place.owner) for place in places if place is not None and place.kind in _CHANGES}
    for part in itertools.chain.from_iterable(map(_changing_parts, values)):
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


def _can_change(skeleton: Skeleton) -> bool:
    """Whether values of a skeleton are, or hold, objects that can be changed."""
    if isinstance(skeleton, Struct):
        return not issubclass(skeleton.cls, tuple) or any(map(_can_change, skeleton.items))
    if isinstance(skeleton, Union):
        return any(map(_can_change, skeleton.alternatives))
    return isinstance(skeleton, Grow | Array)


def _changing_parts(value: Any) -> Iterator[Any]:
    """A value and what it holds, as far as they are objects that can be changed."""
    if isinstance(value, Tensor):
        yield value
        return
    if value.__class__ is Choice:
        inner = value.alternatives
    elif isinstance(value, tuple):
        inner = value
    elif isinstance(value, list | deque):
        yield value
        inner = value
    elif isinstance(value, dict):
        yield value
        inner = value.values()
    elif isinstance(value, set):
        yield value
        return
    elif is_record(type(value)) and hasattr(value, "__dict__"):
        yield value
        inner = vars(value).values()
    else:
        return
    for item in inner:
        yield from _changing_parts(item)
