"""What a staged arm or loop body changes, so that it can be undone, compared and merged.

The interpreter sees every assignment. Local variables are compared with a copy taken at the mark; cells and the contents
of containers and objects are saved when they are first touched after it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from sys import getrefcount
from types import CellType, ModuleType
from typing import TYPE_CHECKING, Any

from tfc.core.tensor import Tensor
from tfc.graph.nodes import Location
from tfc.tracing.containers import growable, sets
from tfc.tracing.containers.sharing import Sharing
from tfc.tracing.frame import UNBOUND, Frame
from tfc.tracing.inputs import Assumptions, Restart
from tfc.tracing.ndarrays.aliases import Aliases
from tfc.tracing.values.symbolic import Choice, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.paths.originals import Original


class Place:
    """Something that holds a value and can be assigned.

    A `variable` of a frame, a `cell`, an `item` of a dict, an `attribute` of an object, the `contents` of a container, the
    `value` of a tensor, or the `progress` of an iterator.
    """

    __slots__ = ("key", "kind", "owner")

    def __init__(self, kind: str, owner: Any, key: str = "") -> None:
        self.kind = kind
        self.owner = owner
        self.key = key

    @property
    def identity(self) -> tuple[str, int, str]:
        return (self.kind, id(self.owner), self.key)

    def get(self) -> Any:
        if self.kind == "variable":
            return self.owner.vars.get(self.key, UNBOUND)
        if self.kind == "cell":
            try:
                return self.owner.cell_contents
            except ValueError:
                return UNBOUND
        if self.kind == "item":
            return self.owner.get(self.key, UNBOUND)
        if self.kind == "attribute":
            return attribute_of(self.owner, self.key)
        if self.kind == "value":
            return self.owner.snapshot()
        return contents_of(self.owner)

    def set(self, value: Any) -> None:
        if self.kind == "variable":
            if value is UNBOUND:
                self.owner.vars.pop(self.key, None)
            else:
                self.owner.vars[self.key] = value
        elif self.kind == "cell":
            if value is UNBOUND:
                if _is_filled(self.owner):
                    del self.owner.cell_contents
            else:
                self.owner.cell_contents = value
        elif self.kind == "item":
            if value is UNBOUND:
                self.owner.pop(self.key, None)
            else:
                self.owner[self.key] = value
        elif self.kind == "attribute":
            if value is not UNBOUND:
                _setter_of(self.owner)(self.owner, self.key, value)
            elif attribute_of(self.owner, self.key) is not UNBOUND:
                _deleter_of(self.owner)(self.owner, self.key)
        elif self.kind == "value":
            self.owner.become(value)
        else:
            set_contents(self.owner, value)

    def is_same(self, before: Any, after: Any) -> bool:
        """Whether two things that the place held are the very same."""
        if self.kind == "contents":
            return same_contents(before, after)
        if self.kind == "value":
            if isinstance(before, SymbolicTensor):
                return isinstance(after, SymbolicTensor) and before._value is after._value
            return after.__class__ is Tensor and before._array is after._array
        return before is after

    def outlives_regions(self, before: Any) -> bool:
        """Whether the place was there before the regions that have ended since it held `before`."""
        return not isinstance(before, SymbolicTensor) or self.kind != "value" or before._scope.alive

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key or type(self.owner).__name__}>"


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - raises when empty
    except ValueError:
        return False
    return True


def _setter_of(owner: Any) -> Any:
    """How an attribute is set whatever the class of the object says about it."""
    return setattr if isinstance(owner, type | ModuleType) else object.__setattr__


def _deleter_of(owner: Any) -> Any:
    return delattr if isinstance(owner, type | ModuleType) else object.__delattr__


def attribute_of(owner: Any, name: str) -> Any:
    """What the object itself, not its class, has as attribute `name`."""
    variables = getattr(owner, "__dict__", None)
    if variables is not None and name in variables:
        return variables[name]
    return getattr(owner, name, UNBOUND) if name in slots_of(type(owner)) else UNBOUND


def contents_of(owner: Any) -> Any:
    """What `owner` holds, copied."""
    if isinstance(owner, list | deque):
        return list(owner)
    if isinstance(owner, dict):
        return dict(owner)
    if isinstance(owner, set):
        return set(owner) if growable.table_of(owner) is not None else sets.set_entries(owner)
    if isinstance(owner, bytearray):
        return bytearray(owner)
    return dict(attributes_of(owner))


def has_attributes(owner: Any) -> bool:
    """Whether an object can have attributes of its own."""
    return hasattr(owner, "__dict__") or bool(slots_of(type(owner)))


def attributes_of(owner: Any) -> dict[str, Any]:
    """The attributes of the object itself, not its class."""
    variables = getattr(owner, "__dict__", {})
    names = slots_of(type(owner))
    if not names:
        return variables
    held = {name: attribute_of(owner, name) for name in names}
    return {**variables, **{name: item for name, item in held.items() if item is not UNBOUND}}


def set_contents(owner: Any, state: Any) -> None:
    """Make `owner` hold what `contents_of` gave."""
    if isinstance(owner, list | bytearray):
        owner[:] = state
    elif isinstance(owner, dict):
        fill(owner, state.items())
    elif isinstance(owner, set):
        sets.fill_set(owner, state)
    elif isinstance(owner, deque):
        owner.clear()
        owner.extend(state)
    else:
        names = slots_of(type(owner))
        variables = getattr(owner, "__dict__", None)
        if variables is not None:
            variables.clear()
            variables.update((k, v) for k, v in state.items() if k not in names)
        for name in names:
            if name in state:
                object.__setattr__(owner, name, state[name])
            elif hasattr(owner, name):
                object.__delattr__(owner, name)


def fill(owner: dict[Any, Any], entries: Iterable[tuple[Any, Any]]) -> None:
    """Make a dict hold `entries`, whatever its class says about it."""
    kind: Any = OrderedDict if isinstance(owner, OrderedDict) else dict  # it keeps its order apart
    kind.clear(owner)
    for key, value in entries:
        kind.__setitem__(owner, key, value)


_SLOTS: dict[type, tuple[str, ...]] = {}


def slots_of(cls: type) -> tuple[str, ...]:
    """The slots that hold the state of instances of a Python class."""
    found = _SLOTS.get(cls)
    if found is None:
        names: list[str] = []
        for base in cls.__mro__:
            declared = base.__dict__.get("__slots__", ())
            for name in (declared,) if isinstance(declared, str) else declared:
                if name not in ("__dict__", "__weakref__"):
                    private = name.startswith("__") and not name.endswith("__")
                    names.append(f"_{base.__name__.lstrip('_')}{name}" if private else name)
        found = _SLOTS[cls] = tuple(names)
    return found


def same_contents(left: Any, right: Any) -> bool:
    """Whether two copies made by `contents_of` hold the very same objects."""
    if len(left) != len(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(left[key] is right[key] for key in left)
    if isinstance(left, set):
        return left == right
    return all(a is b for a, b in zip(left, right, strict=True))


class Mark:
    """A point to go back to."""

    __slots__ = ("copies", "frames", "fresh", "saved")

    def __init__(self, frames: list[tuple[Frame, dict[str, Any]]]) -> None:
        self.frames = frames
        self.saved: dict[tuple[str, int, str], tuple[Place, Any]] = {}
        self.fresh: dict[int, Any] = {}
        """Objects made after the mark: nothing before it can see them change."""
        self.copies = False
        """Whether those of them that leave are copies: an iteration of a loop."""


class Changes:
    """What happened after a mark: places with the values they had and got, in order of first touch."""

    __slots__ = ("after", "before", "places")

    def __init__(self) -> None:
        self.places: dict[tuple[str, int, str], Place] = {}
        self.before: dict[tuple[str, int, str], Any] = {}
        self.after: dict[tuple[str, int, str], Any] = {}

    def add(self, place: Place, before: Any, after: Any) -> None:
        identity = place.identity
        self.places[identity] = place
        self.before[identity] = before
        self.after[identity] = after


def _references(value: Any) -> int:
    return getrefcount(value)


_ALONE = _references([])
"""The references to the argument of a function that nothing outside of it refers to."""


class Journal:
    """The marks that are open, innermost last."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.aliases = Aliases()
        self.sharing = Sharing()
        self.copied: dict[int, tuple[Any, Location]] = {}
        """Objects with several names before a loop that carries a copy of them, and the copies, by identity, with the loop."""
        self.originals: dict[int, Original] = {}
        """Copies that may stand for objects of the caller's, by identity."""
        self.rebuilt: dict[int, tuple[Any, ...]] = {}
        """Tuples, by identity, that stand for others: those of paths that met, or of rows."""
        self.themselves: dict[int, Any] = {}
        """Objects that containers which grow hold as the very objects that they are, by identity."""
        self.added: dict[int, tuple[Any, set[Location]]] = {}
        """Where dicts, by identity, get new keys."""
        self.cached: dict[Any, tuple[list[Mark], Any]] = {}
        """Results of functions with a cache, with the marks that were open: they hold until the last of these is closed."""

    def open(self, *frames: Frame) -> Mark:
        """Start to note changes; local variables of `frames` are among them."""
        mark = Mark([(frame, dict(frame.vars)) for frame in frames])
        self.marks.append(mark)
        return mark

    def created(self, made: Any) -> None:
        """A container or object was made by interpreted code."""
        if self.marks:
            self.marks[-1].fresh[id(made)] = made

    def received(self, value: Any) -> Any:
        """An expression gave a value: what nothing else refers to yet was made by it, on this path."""
        if self.marks and getrefcount(value) == _ALONE:
            self._note_new(value)
        return value

    def _note_new(self, value: Any) -> None:
        if value.__class__ is Choice:
            parts: Iterable[Any] = value.alternatives
        elif isinstance(value, list | tuple | set | deque):
            parts = value
        elif isinstance(value, dict):
            parts = value.values()
        elif has_attributes(value):
            parts = attributes_of(value).values()
        else:
            return
        self.created(value)
        for part in parts:
            if getrefcount(part) == _ALONE + 1:  # the container holds it as well
                self._note_new(part)

    def leaves_as_copy(self, identity: int) -> bool:
        """Whether an object was made by an iteration of a loop that it leaves as a copy."""
        depth = next((place for place, mark in enumerate(self.marks) if mark.copies), None)
        return depth is not None and any(identity in mark.fresh for mark in self.marks[depth:])

    def hold_as_themselves(self, objects: Iterable[Any]) -> None:
        """Containers that grow hold these as the very objects that they are."""
        self.themselves.update((id(item), item) for item in objects)

    @contextmanager
    def as_copies(self) -> Generator[None]:
        """A context in which no object is held as itself: what leaves the program is made of what each of them holds."""
        themselves, self.themselves = self.themselves, {}
        try:
            yield
        finally:
            self.themselves = themselves

    def is_fresh(self, made: Any) -> bool:
        """Whether an object was made on the innermost path."""
        return bool(self.marks) and id(made) in self.marks[-1].fresh

    def touch(self, owner: Any) -> None:
        """The contents of a container are about to change."""
        self.sharing.moved(owner)
        self.touch_place(Place("contents", owner))

    def touch_value(self, tensor: Tensor) -> None:
        """A tensor is about to be assigned."""
        self.touch_place(Place("value", tensor))

    def touch_attribute(self, owner: Any, name: str) -> None:
        """An attribute is about to change."""
        self.touch_place(Place("attribute", owner, name))

    def touch_cell(self, cell: CellType, name: str) -> None:
        """A shared variable is about to change."""
        self.touch_place(Place("cell", cell, name))

    def forget_cell(self, cell: CellType, name: str) -> None:
        """Nobody reads a shared variable that was made after the innermost mark any more."""
        if self.marks:
            self.marks[-1].saved.pop(Place("cell", cell, name).identity, None)

    def touch_item(self, owner: dict[str, Any], key: str) -> None:
        """One item of a dict that is too large to be saved, such as a module's globals, is about to change."""
        self.touch_place(Place("item", owner, key))

    def touch_place(self, place: Place) -> None:
        """What `place` holds is about to change."""
        if id(place.owner) in self.copied:
            self.require_identity(place.owner)
        if not self.marks or place.kind in ("variable", "row") or self.is_fresh(place.owner):
            return
        if place.identity not in self.marks[-1].saved:
            self.marks[-1].saved[place.identity] = (place, place.get())

    def copies(self, objects: Iterable[Any], loop: Location) -> None:
        """A loop carries copies of these objects, or has made these as copies."""
        for item in objects:
            self.copied[id(item)] = (item, loop)

    def require_identity(self, owner: Any) -> None:
        """An object is changed or compared by identity: a loop that has made copies of it must not do so."""
        _, loop = self.copied.get(id(owner), (None, None))
        if loop is not None:
            needed = Assumptions(shared_in=frozenset((loop,)))
            raise Restart(needed, loop, "which names are one object")

    def adopt(self, place: Place, value: Any) -> None:
        """Put what the trace holds in place of an outer value, for all of the trace."""
        self.marks[0].saved.setdefault(place.identity, (place, place.get()))
        place.set(value)

    def close(self, mark: Mark, undo: bool = True) -> Changes:
        """End a mark, and those inside it that an exception has left open: what changed since, undone unless `undo` is false."""
        while self.marks[-1] is not mark:
            self.close(self.marks[-1], undo=False)
        self.marks.pop()
        changes = Changes()
        for frame, before in mark.frames:
            after = frame.vars
            for name in {**before, **after}:
                old, new = before.get(name, UNBOUND), after.get(name, UNBOUND)
                if old is not new:
                    changes.add(Place("variable", frame, name), old, new)
        for place, old in mark.saved.values():
            if place.outlives_regions(old):
                new = place.get()
                if not place.is_same(old, new):
                    changes.add(place, old, new)
        if self.marks:
            self._hand_up(mark)
        if undo:
            for identity, place in changes.places.items():
                place.set(changes.before[identity])
        return changes

    def undo(self) -> None:
        """Undo everything since the outermost mark: the trace is given up."""
        for mark in reversed(self.marks):
            for place, before in mark.saved.values():
                place.set(before)
        self.marks.clear()

    def redo(self, changes: Changes, wanted: Callable[[Place], bool]) -> None:
        """Make changes again that were undone."""
        for identity, place in changes.places.items():
            if not wanted(place):
                continue
            self.touch_place(place)
            place.set(changes.after[identity])

    def changed_places(self, mark: Mark) -> list[tuple[tuple[str, int, str], Place, Any]]:
        """What has changed since a mark that is open, with the values from before."""
        found: list[tuple[tuple[str, int, str], Place, Any]] = []
        for frame, before in mark.frames:
            for name in {**before, **frame.vars}:
                old = before.get(name, UNBOUND)
                if old is not frame.vars.get(name, UNBOUND):
                    place = Place("variable", frame, name)
                    found.append((place.identity, place, old))
        for identity, (place, old) in mark.saved.items():
            if place.outlives_regions(old) and not place.is_same(old, place.get()):
                found.append((identity, place, old))
        return found

    def _hand_up(self, mark: Mark) -> None:
        """The enclosing mark has to know the first state of what this one touched."""
        outer = self.marks[-1]
        for identity, entry in mark.saved.items():
            if id(entry[0].owner) not in outer.fresh and entry[0].outlives_regions(entry[1]):
                outer.saved.setdefault(identity, entry)
        outer.fresh.update(mark.fresh)
