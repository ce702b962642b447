"""Which containers may be, or hold, the same object.

Items of a container that grows are copies, so it must be known who else has the object that a copy stands for. An object that was
put into such a container, or read from it, has it as an origin; what is made of objects where paths meet has their origins.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence, Set
from typing import Any

from tfc.core.tensor import Tensor
from tfc.tracing.values.symbolic import SymbolicTensor

Origins = frozenset[tuple[int, int]]
"""Containers, by identity, each with how deep an object is in it: 1 for its items, 2 for items of these.

Those of tensors have the identity with its sign changed: a tensor is no container, and they never meet.
"""

_NONE: Origins = frozenset()
_DEEPEST = 4
"""What is deeper counts as this deep."""

_NUMBERS = itertools.count(1)

NOWHERE = -1
"""`Row.moves` of an object that is not, or not only, in that row."""


class Row:
    """The row that an object stands for, or is part of."""

    __slots__ = ("index", "item", "may_be_missing", "moves", "owner", "part", "place", "taken")

    def __init__(
        self,
        part: Any,
        item: Any,
        owner: Any,
        place: Any,
        moves: int,
        may_be_missing: bool = False,
        taken: Any = None,
        index: Any = None,
    ) -> None:
        self.part = part
        self.item = item
        """What is in the row: `part`, or what holds it; None for the value of an entry whose key is in the row."""
        self.owner = owner
        self.place = place
        self.moves = moves
        """`Sharing.moves` of `owner` when it was there."""
        self.may_be_missing = may_be_missing
        """Whether `place` is -1 on paths on which the object is another one."""
        self.index = index
        """What the program has used as its index, where that is known."""
        self.taken = taken
        """The place and `moves` of the row that it was taken out of; None for an object that is in one."""

    @property
    def is_somewhere(self) -> bool:
        """Whether the object is in a row, known or not, and was not taken out of it."""
        return self.place is not None or self.owner is None


def is_alive(part: Any) -> bool:
    """Whether an object is none of a region that has ended."""
    return not isinstance(part, SymbolicTensor) or part._scope.alive


def renamed(origins: Origins, fresh: Set[int], loop: Any) -> Origins:
    """Origins with those that every iteration of a loop makes anew as one."""
    if not any(abs(owner) in fresh for owner, _ in origins):
        return origins
    return frozenset(
        (owner if abs(owner) not in fresh else id(loop) if owner > 0 else -id(loop), depth)
        for owner, depth in origins
    )


def of_kind(origins: Iterable[tuple[int, int]], of_tensors: bool) -> Origins:
    """Those of tensors, or of everything else."""
    return frozenset([origin for origin in origins if (origin[0] < 0) is of_tensors])


def _without(parts: dict[int, Any], names: Set[int]) -> dict[int, Any]:
    return {name: part for name, part in parts.items() if name not in names}


def _keys(parts: Sequence[dict[int, Any]]) -> set[int]:
    return set[int]().union(*parts)


def _common(rows: Sequence[Row | None]) -> Row:
    """The row of an object where paths meet."""
    found = next(row for row in rows if row is not None)
    if all(row is found for row in rows):
        return found
    return Row(found.part, found.item, found.owner, found.place, NOWHERE, taken=found.taken)


def _union(parts: Sequence[dict[int, Origins]]) -> dict[int, Origins]:
    return {name: _NONE.union(*[own.get(name, _NONE) for own in parts]) for name in _keys(parts)}


class Sharing:
    """Where objects are at one point of the program, as far as they are items of growing containers."""

    __slots__ = ("_extra", "_kept", "_origins", "doubled", "moves", "rows", "stores", "twice")

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        """Objects that stand for rows, by identity."""
        self.moves: dict[int, int] = {}
        """A number for the places of the items of a container, by its identity: another one when they may have others."""
        self.doubled: dict[int, Any] = {}
        """Containers, by identity, that hold an object twice."""
        self.stores: dict[int, list[tuple[int, Any]]] = {}
        """Of containers, by identity: the indices of items that were replaced, each with `moves` before."""
        self.twice: dict[int, set[Any]] = {}
        """Of containers, by identity: the indices of items that are in another place, too."""
        self._origins: dict[int, Origins] = {}
        self._extra: dict[int, Origins] = {}
        """Of containers: more origins of their items."""
        self._kept: dict[int, Any] = {}
        """What has been named by its identity."""

    def copy(self) -> Sharing:
        """The same, for one of several paths."""
        made = Sharing()
        made.rows, made.moves = dict(self.rows), dict(self.moves)
        made._origins, made._extra = dict(self._origins), dict(self._extra)
        made.doubled, made._kept, made.stores = self.doubled, self._kept, self.stores
        made.twice = {name: set(found) for name, found in self.twice.items()}
        return made

    def meet(self, ends: Sequence[Sharing]) -> None:
        """Become what holds where some paths meet."""
        rows = [end.rows for end in ends]
        self.rows = {name: _common([own.get(name) for own in rows]) for name in _keys(rows)}
        moves = [end.moves for end in ends]
        for owner in _keys(moves):
            numbers = {own.get(owner, 0) for own in moves}
            self.moves[owner] = next(_NUMBERS) if len(numbers) > 1 else numbers.pop()
        twice = [end.twice for end in ends]
        self.twice = {
            name: set().union(*[own.get(name, ()) for own in twice]) for name in _keys(twice)
        }
        self._origins = _union([end._origins for end in ends])
        self._extra = _union([end._extra for end in ends])

    def meet_iteration(self, end: Sharing, fresh: Set[int], loop: Any) -> None:
        """Become what holds before and after an iteration, which has made the `fresh` objects."""
        self._kept[id(loop)] = loop
        ended = {name for name, row in end.rows.items() if not is_alive(row.part)}
        end.rows = _without(end.rows, fresh | ended)
        end.moves = _without(end.moves, fresh)
        for parts in (end._origins, end._extra):
            for name in [*parts]:
                if abs(name) in fresh:
                    del parts[name]
                else:
                    parts[name] = renamed(parts[name], fresh, loop)
        self.meet([self, end])

    def note_replaced(self, container: Any, index: Any, moves: int, parts: Iterable[Any]) -> None:
        """The item at an index was replaced by one of some parts, when `moves` was that of the container."""
        name = id(container)
        twice, stores = self.twice.setdefault(name, set()), self.stores.setdefault(name, [])
        twice.discard(index)
        for part in parts:
            row = self.rows.get(id(part))
            if row is None or row.owner is not container:
                if (name, 1) in self.of(part):
                    twice.add(None)
            elif row.place is not None:
                gone = [other for before, other in stores if before >= row.moves]
                if row.index is None or (row.index != index and row.index not in gone):
                    twice.add(row.index)
        stores.append((moves, index))

    def lost(self) -> set[int]:
        """The objects, by identity, that are not known to be in their row any more."""
        moves = self.moves
        return {name for name, row in self.rows.items() if row.moves != moves.get(id(row.owner))}

    def moved(self, container: Any) -> None:
        """Items of a container may have other places from here on."""
        if id(container) in self.moves:
            self.moves[id(container)] = next(_NUMBERS)

    def of(self, part: Any) -> Origins:
        """The origins of an object."""
        return self._origins.get(id(part), _NONE)

    def of_items(self, container: Any, of_tensors: bool = False) -> Origins:
        """The origins of the items of a container: of the tensors among them, or of the others."""
        self._kept[id(container)] = container
        sign = -1 if of_tensors else 1
        found = of_kind(self.of(container), False)
        deeper = {(sign * owner, min(depth + 1, _DEEPEST)) for owner, depth in found}
        own = sign * id(container)
        return frozenset(((own, 1),)) | deeper | self._extra.get(own, _NONE)

    def of_all_items(self, container: Any) -> Origins:
        """The origins of all items of a container."""
        return self.of_items(container) | self.of_items(container, True)

    def add(self, part: Any, origins: Origins) -> None:
        """An object has more origins."""
        self._kept[id(part)] = part
        self._origins[id(part)] = self.of(part) | origins

    def add_to_items(self, container: Any, origins: Origins) -> None:
        """The items of a container have more origins."""
        self._kept[id(container)] = container
        for own, of_tensors in ((id(container), False), (-id(container), True)):
            more = of_kind(origins, of_tensors)
            if more:
                self._extra[own] = self._extra.get(own, _NONE) | more

    def stand_for(self, made: Any, parts: Iterable[tuple[Sharing, Any]], others: Origins) -> None:
        """An object may be any of some others, of which it is known where they were."""
        known = [(end, part) for end, part in parts if id(part) in self._kept]
        found = others.union(*[end.of(part) for end, part in known])
        origins = of_kind(found, isinstance(made, Tensor))
        if origins:
            self.add(made, origins)
        if known:
            inner = [end.of_all_items(part) | end.of(part) for end, part in known]
            self.add_to_items(made, _NONE.union(*inner))

    def has(self, holder: Any, origins: Origins) -> bool:
        """Whether something may be, or hold, an object of some origins."""
        if id(holder) not in self._kept:
            return False
        if not self.of(holder).isdisjoint(origins):
            return True
        deepest = dict(sorted(origins))
        held = self.of_items(holder, any(owner < 0 for owner in deepest))
        return any(deepest.get(owner, 0) >= depth for owner, depth in held)
