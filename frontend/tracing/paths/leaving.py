"""What becomes of objects made in an arm or iteration when it ends.

One that leaves by one name crosses as a copy. One with several names, or that a container which grows holds as itself, leaves an
arm as the same object: its contents are a place of their own. The iterations of a loop make one object each, so from
there it is a copy by each of its names; changes of these are refused while another one is in use.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tfc.tracing.containers.columns import Growable
from tfc.tracing.containers.growable import Grow
from tfc.tracing.paths.journal import Place
from tfc.tracing.values.abstract import Const, Struct, Union
from tfc.tracing.values.structures import is_record, parts_of
from tfc.tracing.values.symbolic import Choice

if TYPE_CHECKING:
    from tfc.tracing.containers.sharing import Sharing
    from tfc.tracing.paths.journal import Changes, Journal
    from tfc.tracing.values.abstract import Skeleton


class Leaving:
    """The objects among those made on a path that some values hold where it ends."""

    def __init__(self, journal: Journal, fresh: dict[int, Any], values: Iterable[Any]) -> None:
        self.themselves: dict[int, Any] = {}
        """Those that a container holds as themselves."""
        self.several: dict[int, Any] = {}
        """Those with several names."""
        seen: set[int] = set()
        pending = list(values)
        while pending:
            value = pending.pop()
            inner = passed_through(value)
            if inner is not None:
                pending.extend(inner)
            elif is_object(value) and id(value) in fresh:
                if id(value) in seen:
                    self.several[id(value)] = value
                    continue
                seen.add(id(value))
                if id(value) in journal.themselves:
                    self.themselves[id(value)] = value
                pending.extend(parts_of(value))
                if value.__class__ is set:
                    pending.extend([item for item in value if isinstance(item, Growable)])


class End(Protocol):
    """The end of an arm."""

    fresh: dict[int, Any]
    changes: Changes
    sharing: Sharing

    @property
    def missing(self) -> bool: ...

    def at(self, identity: tuple[str, int, str], place: Place | None) -> Any: ...


def lasting(
    journal: Journal, ends: Sequence[End], places: dict[tuple[str, int, str], Place | None]
) -> dict[int, tuple[End, Any]]:
    """The objects that leave arms as the very objects that they are, each with the arm that made it; added to `places`.

    Where an iteration of a loop has made them, they are noted as one object with several names.
    """
    found: dict[int, tuple[End, Any]] = {}
    for end in ends:
        if not end.fresh:
            continue
        values: list[Any] = []
        for identity, place in places.items():
            if place is None or identity in end.changes.after:
                value = end.at(identity, place)
                is_contents = place is not None and place.kind == "contents"
                values.extend(parts_of_contents(value) if is_contents else (value,))
        held = Leaving(journal, end.fresh, values)
        for identity, item in held.several.items():
            if journal.leaves_as_copy(identity):
                note_names(end.sharing, item)
            elif identity not in end.sharing.rows:
                found[identity] = end, item
        found.update((name, (end, item)) for name, item in held.themselves.items())
    for _, item in found.values():
        place = Place("contents", item)
        places.setdefault(place.identity, place)
    return found


def note_names(sharing: Sharing, item: Any) -> None:
    """Copies of an object that leaves by several names are known to be one."""
    sharing.add(item, frozenset(((id(item), 0),)))


def is_nowhere(end: End, place: Place | None, lasting: dict[int, tuple[End, Any]]) -> bool:
    """Whether a place has no value at the end of an arm."""
    if place is None:
        return end.missing
    maker = lasting.get(id(place.owner)) if place.kind == "contents" else None
    return maker is not None and maker[0] is not end


def parts_of_contents(contents: Any) -> Iterable[Any]:
    """What `journal.contents_of` has found in an object."""
    return contents.values() if isinstance(contents, dict) else contents


def passed_through(value: Any) -> Iterable[Any] | None:
    """What may be objects behind a value that is none itself: alternatives, items of tuples, what containers hold as itself."""
    if value.__class__ is Choice:
        return value.alternatives
    if isinstance(value, Growable):
        return constants_in(value.item)
    return value if isinstance(value, tuple) else None


def holds_parts(value: Any) -> bool:
    """Whether a value is made of others."""
    return isinstance(value, tuple) or is_object(value)


def is_object(value: Any) -> bool:
    """Whether a value can change, and is not a tensor."""
    return isinstance(value, list | dict | set | deque) or is_record(type(value))


def held_by_growing(skeleton: Skeleton) -> list[Any]:
    """The objects that the containers which grow, among values of a skeleton, hold as the very objects that they are."""
    return [
        item for leaf in skeleton.leaves() if isinstance(leaf, Grow) for item in constants_in(leaf)
    ]


def constants_in(skeleton: Skeleton | None) -> list[Any]:
    """The objects that values of a skeleton are or hold as the very objects that they are."""
    found: list[Any] = []
    pending = [skeleton]
    while pending:
        item = pending.pop()
        if isinstance(item, Const):
            if is_object(item.value):
                found.append(item.value)
        elif isinstance(item, Struct):
            pending += item.items
        elif isinstance(item, Union):
            pending += item.alternatives
        elif isinstance(item, Grow):
            pending.append(item.item)
    return found
