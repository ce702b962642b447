"""The caller's own containers where paths meet, after one path has given their name another object.

After `if c: p = [...]`, or `p = [x - 1 for x in p]` in a loop, for an argument `p`, only the caller still names what `p` was.
So it crosses as a copy, whose use costs no branch, with a bool beside it that says whether it is the caller's own; that is
what leaves the program then. A change of either, or `is`, starts the trace again, and then the object crosses as itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.graph.nodes import Location
from tfc.tracing.paths import choices
from tfc.tracing.paths.journal import Place
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import Number, Skeleton
from tfc.tracing.values.identity import containers_in
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace

_WHOLE = ("variable", "cell", "attribute")
"""The kinds of places that hold an object itself."""


def lent(trace: Trace, value: Any) -> dict[int, Any]:
    """The caller's own containers and objects in a value, by identity."""
    owners = trace.outer.owners
    return {name: item for name, item in containers_in(value).items() if name in owners}


def alternatives(value: Any) -> Sequence[Any]:
    """What a value may be."""
    return value.alternatives if value.__class__ is Choice else (value,)


def crossing(
    trace: Trace, values: Sequence[Any], place: Place | None, kept: set[int], location: Location
) -> Owning | None:
    """Which object of the caller's the value of a place may be, where it crosses as a copy from here on.

    Others of the caller's objects in `values` are added to those that are `kept`.
    """
    journal, owners = trace.journal, trace.outer.owners
    if not owners:
        return None
    tops = [item for value in values for item in alternatives(value)] if _holds_whole(place) else []
    whole = [item for item in tops if id(item) in owners or id(item) in journal.originals]
    _keep_inner(trace, [item for item in tops or values if not _is_in(item, whole)], kept)
    if location in trace.assumptions.shared_in:
        for item in whole:
            kept.update(lent(trace, item))
    copies = {id(item): item for item in whole if id(item) in journal.originals}
    found = {id(item): item for item in whole if id(item) in owners and id(item) not in kept}
    for item in found.values():
        inner = lent(trace, item)
        journal.copies([inner[name] for name in inner.keys() - kept], location)
    found.update(
        (id(known.original), known.original) for known in map(journal.originals.__getitem__, copies)
    )
    if not found:
        return None
    places = [journal.copied[name][1] for name in copies]
    if len(found) > 1:
        for item in (*copies.values(), *found.values()):
            journal.require_identity(item)
    return Owning(place, next(iter(found.values())), (*places, location)[0])


def met_later(trace: Trace, initial: Any, value: Any) -> Set[int]:
    """The caller's objects that a later value of a place is or holds, and the initial one does not."""
    return lent(trace, value).keys() - lent(trace, initial).keys() if trace.outer.owners else set()


def _keep_inner(trace: Trace, values: Iterable[Any], kept: set[int]) -> None:
    """The caller's objects inside of values cross as themselves."""
    for value in values:
        for name, item in containers_in(value).items():
            if name in trace.outer.owners:
                kept.add(name)
            elif name in trace.journal.originals:
                trace.journal.require_identity(item)


def _is_in(value: Any, items: Iterable[Any]) -> bool:
    return any(value is item for item in items)


class Original:
    """A copy, and whether it stands for the caller's own object."""

    __slots__ = ("copy", "is_own", "original")

    def __init__(self, copy: Any, original: Any, is_own: SymbolicNumber) -> None:
        self.copy = copy
        self.original = original
        self.is_own = is_own


class IsOwn(Skeleton):
    """The skeleton of whether a value is one of the caller's own objects."""

    original: int
    """That object, by identity."""

    def leaves(self) -> list[Any]:
        return Number(bool).leaves()

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        frame = trace.frame or trace.entry
        assert frame is not None
        is_own = choices.over_choices(frame, lambda item: self._is_own(trace, item), value)
        out.append(is_own.tensor)

    def _is_own(self, trace: Trace, item: Any) -> SymbolicNumber:
        known = trace.journal.originals.get(id(item))
        if known is not None and id(known.original) == self.original:
            return known.is_own
        return SymbolicNumber(bool, trace.constant(id(item) == self.original, np.dtype(np.bool_)))

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return SymbolicNumber(bool, next(tensors))


class Owning(Place):
    """Whether the value of a place is an object of the caller's."""

    __slots__ = ("location", "original", "place")

    def __init__(self, place: Place | None, original: Any, location: Location) -> None:
        name = "" if place is None else place.key
        super().__init__("row", None if place is None else place.owner, f"{name} is the caller's")
        self.place = place
        self.original = original
        self.location = location
        """What makes the copies."""

    @property
    def skeleton(self) -> IsOwn:
        return IsOwn(id(self.original))

    def get(self) -> Any:
        return None if self.place is None else self.place.get()

    def note(self, trace: Trace, made: Any, values: Sequence[Any], is_own: Any, *_: Any) -> None:
        """`made` stands for one of `values`."""
        self.note_copies(trace, made, set[int]().union(*map(containers_in, values)), is_own)

    def note_copies(
        self, trace: Trace, made: Any, crossed: Set[int], is_own: SymbolicNumber
    ) -> None:
        """What in `made` has not crossed as itself is a copy."""
        for item in alternatives(made):
            parts = containers_in(item)
            if id(item) in parts and id(item) not in crossed:
                trace.journal.originals[id(item)] = Original(item, self.original, is_own)
            copies = [part for name, part in parts.items() if name not in crossed]
            trace.journal.copies(copies, self.location)


def _holds_whole(place: Place | None) -> bool:
    """Whether the value of a place is an object, not what one holds."""
    return place is None or place.kind in _WHOLE


# -- leaving the program ------------------------------------------------------------------------


def resolved(trace: Trace, value: Any, made: dict[int, Any]) -> Any:
    """A value that leaves the program, with the caller's own objects where copies stand for them; `made` are those met before."""
    known: Mapping[int, Original] = trace.journal.originals
    if not known:
        return value
    if value.__class__ is Choice:
        parts = [resolved(trace, item, made) for item in value.alternatives]
        return (
            _flat_choice(trace, value.tag, parts)
            if any(map(_differs, parts, value.alternatives))
            else value
        )
    if id(value) in made:
        return made[id(value)]
    if id(value) in known:
        original = known[id(value)]
        tag = primitives.select(
            original.is_own.tensor, trace.constant_tag(0), trace.constant_tag(1)
        )
        made[id(value)] = Choice(tag, [original.original, value])
        return made[id(value)]
    if value.__class__ is dict and id(value) not in trace.outer.owners:
        items = {key: resolved(trace, item, made) for key, item in value.items()}
        made[id(value)] = items if any(items[key] is not value[key] for key in value) else value
        return made[id(value)]
    if value.__class__ in (list, tuple) and id(value) not in trace.outer.owners:
        parts = [resolved(trace, item, made) for item in value]
        made[id(value)] = value.__class__(parts) if any(map(_differs, parts, value)) else value
        return made[id(value)]
    return value


def _differs(one: Any, other: Any) -> bool:
    return one is not other


def _flat_choice(trace: Trace, tag: SymbolicTensor, parts: list[Any]) -> Choice:
    """A choice between values some of which are choices."""
    found: list[Any] = []
    number = trace.constant_tag(0)
    for index, part in enumerate(parts):
        start = trace.constant_tag(len(found))
        own = start
        if part.__class__ is Choice:
            own = primitives.apply_named("add", start, part.tag)
        found += alternatives(part)
        here = primitives.apply_named("equal", tag, trace.constant_tag(index))
        number = primitives.select(here, own, number)
    return Choice(number, found)
