"""Sets whose members are Python's own values, some of which are there on some paths only.

Such a set has a `Members` as its only item: a dict from member to None, or to a choice between None and `UNBOUND`, as the
entries of a dict are (`mappings`). Members that are known at run time only are in `tables`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfc.tracing import operations
from tfc.tracing.containers import mappings, tables
from tfc.tracing.containers.growable import SETS, table_of
from tfc.tracing.frame import UNBOUND, Frame

if TYPE_CHECKING:
    from tfc.tracing.containers.mappings import Entries


class Members:
    """What a set holds whose members differ from path to path; the only item of that set."""

    __slots__ = ("entries",)

    def __init__(self, entries: Entries) -> None:
        self.entries = entries


def members_of(owner: Any) -> Entries | None:
    """The members of a set that differ from path to path; None for any other value."""
    if owner.__class__ in SETS and len(owner) == 1:
        (item,) = owner
        if item.__class__ is Members:
            return item.entries
    return None


def set_entries(owner: set[Any] | frozenset[Any]) -> Entries:
    """The members of a set, in an order that does not depend on how it was made."""
    members = members_of(owner)
    if members is None:
        return dict.fromkeys(sorted(owner, key=lambda item: (type(item).__name__, repr(item))))
    return dict(members)


def fill_set(owner: set[Any], entries: Entries | set[Any]) -> None:
    """Make a set have these members."""
    owner.clear()
    if isinstance(entries, set):  # known at run time only
        owner.update(entries)
    elif any(map(mappings.is_partial, entries.values())):
        owner.add(Members(entries))
    else:
        owner.update(entries)


def frozen(made: Any) -> Any:
    """What an operator on sets has given, for one whose left operand is a `frozenset`."""
    return frozenset(made) if isinstance(made, set) else made


def change_set(frame: Frame, owner: set[Any], name: str, arguments: tuple[Any, ...]) -> Any:
    """A method of a set with partial members."""
    if tables.involves(owner, *arguments) or any(map(table_of, arguments)):
        return tables.change_set(frame, owner, name, arguments)

    if name in ("update", "difference_update"):
        for source in arguments:
            _change_by_members(frame, owner, source, name == "update")
        return None
    entries = dict(mappings.entries_of(frame, owner))
    if name in ("add", "discard", "remove"):
        (item,) = arguments
        if name == "add":
            entries[item] = None
        else:
            if name == "remove":
                mappings.load(frame, entries, item)
            entries.pop(item, None)
    elif name == "clear":
        entries.clear()
    else:
        mappings.refuse(frame, f"'{name}' of a set whose members differ from path to path")
    operations.touch(frame, owner)
    fill_set(owner, entries)
    return None


def _change_by_members(frame: Frame, owner: set[Any], source: Any, adds: bool) -> None:
    """Add what is in `source` to a set, or take it out."""
    if not isinstance(source, set | frozenset):
        name = "add" if adds else "discard"
        tables.visit(frame, source, lambda item: change_set(frame, owner, name, (item,)))
        return
    entries = dict(mappings.entries_of(frame, owner))
    for item, value in mappings.entries_of(frame, source).items():
        _combine_member(frame, entries, item, value, adds)
    operations.touch(frame, owner)
    fill_set(owner, entries)


def _members(frame: Frame, source: Any) -> Entries:
    if isinstance(source, set | frozenset):
        return mappings.entries_of(frame, source)
    return dict.fromkeys(operations.iterate(frame, source))


def _combine_member(frame: Frame, entries: Entries, item: Any, value: Any, adds: bool) -> None:
    """Add a member that may be partial itself to a set, or take it out."""
    old = entries.get(item, UNBOUND)
    if adds:
        merged = mappings.either(frame, mappings.presence(frame, value), lambda: None, lambda: old)
    else:
        merged = mappings.either(
            frame, mappings.presence(frame, value), lambda: UNBOUND, lambda: old
        )
    if merged is UNBOUND:
        entries.pop(item, None)
    else:
        entries[item] = merged


def _is_subset(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """`x <= y` and the like."""
    if apply in (operator.ge, operator.gt):
        x, y = y, x
    entries, other = _members(frame, x), _members(frame, y)
    inside = [
        mappings.either(
            frame,
            mappings.presence(frame, value),
            lambda item=item: mappings.presence(frame, other.get(item, UNBOUND)),
            lambda: True,
        )
        for item, value in entries.items()
    ]
    if apply in (operator.lt, operator.gt):
        inside.append(operations.logical_not(mappings.equal(frame, x, y)))
    return mappings.quantified(frame, inside, stops_at=False)


def combine_sets(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """An operator on two sets one of which has partial members."""
    if table_of(x) is not None or table_of(y) is not None:
        return tables.combine_sets(frame, apply, x, y)
    if apply in (operator.eq, operator.ne):
        same = mappings.equal(frame, x, y)
        return same if apply is operator.eq else operations.logical_not(same)
    if apply in (operator.le, operator.lt, operator.ge, operator.gt):
        return _is_subset(frame, apply, x, y)
    entries, other = dict(_members(frame, x)), _members(frame, y)
    if apply in (operator.or_, operator.sub):
        for item, value in other.items():
            _combine_member(frame, entries, item, value, apply is operator.or_)
    elif apply is operator.and_:
        for item in list(entries):
            inside = mappings.presence(frame, other.get(item, UNBOUND))
            old = entries.pop(item)
            merged = mappings.either(frame, inside, lambda old=old: old, lambda: UNBOUND)
            if merged is not UNBOUND:
                entries[item] = merged
    else:
        mappings.refuse(frame, "an operator on sets whose members differ from path to path")
    made: set[Any] = set()
    frame.trace.journal.created(made)
    fill_set(made, entries)
    return made
