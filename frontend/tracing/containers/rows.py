"""Items of growing containers that can be changed themselves: lists of lists, dicts of objects.

A growing container holds copies: such an item is made anew where it is read. A change of it is written back to its row, as long
as it is known to be there still, and other names for rows of the container are read again. Where paths meet, the number of the
row is merged with the item. A change is refused where something in use may have the same object, and it is not known where.
"""

from __future__ import annotations

import itertools
import operator
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.graph.nodes import Value
from tfc.ops.item_assignment import replace_value
from tfc.tracing.containers import growable
from tfc.tracing.containers.columns import Growable, View
from tfc.tracing.containers.growable import Grow, growable_of, table_of
from tfc.tracing.containers.sharing import NOWHERE, Row, Sharing
from tfc.tracing.messages import site_of_frame
from tfc.tracing.ndarrays.aliases import reachable
from tfc.tracing.paths import choices, staging
from tfc.tracing.paths.journal import Place, attributes_of, contents_of, set_contents
from tfc.tracing.values.abstract import Array, Number, Skeleton, Struct, Union
from tfc.tracing.values.identity import is_itself, keeping, kept_in
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.structures import is_record, parts_of
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, Scope, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.trace import Trace


class PathEnd(Protocol):
    """The end of a path that was recorded."""

    scope: Scope

    @property
    def sharing(self) -> Sharing: ...


_CHANGES = ("contents", "attribute", "value")
"""The kinds of places of objects that are items."""


def note_put(trace: Trace, item: Any, owner: Any = None, place: Any = None) -> None:
    """`item` was put into row `place` of `owner`; without a place it is not known where."""
    sharing = trace.journal.sharing
    for part in copied_parts(item):
        old = sharing.rows.get(id(part))
        is_twice = old is not None and old.part is part and old.is_somewhere
        if owner is not None:
            before = sharing.of(part)
            for other in (part, *_others(trace, part)):
                sharing.add(other, sharing.of_items(owner, isinstance(part, Tensor)))
            sharing.add_to_items(owner, before)
        moves = NOWHERE if is_twice else sharing.moves.setdefault(id(owner), 0)
        sharing.rows[id(part)] = Row(part, item, None if place is None else owner, place, moves)


def _others(trace: Trace, part: Any) -> Iterable[Tensor]:
    """What else may be the same object as a tensor that paths have given."""
    return trace.journal.aliases.others(part).values() if isinstance(part, Tensor) else ()


def note_stored(trace: Trace, item: Any, owner: Any, place: Any, index: Any, moves: int) -> None:
    """`item` has replaced the one in row `place`: where it was in another row it is in two, until that one is replaced."""
    sharing = trace.journal.sharing
    parts = list(copied_parts(item))
    if parts:
        sharing.note_replaced(owner, _name_of(index), moves, parts)
    note_put(trace, item, owner, place)


def _name_of(index: Any) -> Any:
    """What two indices or keys have in common that are equal."""
    if isinstance(index, tuple):
        return tuple(map(_name_of, index))
    if isinstance(index, SymbolicTensor):
        return _name_of_value(index._value, 4)
    if index.__class__ is Choice:
        return _name_of_value(index.tag._value, 4), *map(_name_of, index.alternatives)
    return _name_of_value(index.tensor._value, 4) if isinstance(index, SymbolicNumber) else index


def _name_of_value(value: Value, depth: int) -> Any:
    node = value.node
    if node is None or node.regions or depth == 0:
        return value
    attributes = tuple([(name, repr(item)) for name, item in sorted(node.attributes.items())])
    inputs = [_name_of_value(item, depth - 1) for item in node.inputs]
    return (node.spec.name, value.index, value.type, attributes, *inputs)


def note_added(trace: Trace, item: Any, owner: Any, place: Any) -> None:
    """As `note_put`, for a row that is new: an object that has another row in `owner` is then in it twice."""
    sharing = trace.journal.sharing
    for part in copied_parts(item):
        old = sharing.rows.get(id(part))
        if old is not None and old.part is part and old.owner is owner and old.place is not None:
            sharing.doubled[id(owner)] = owner
    note_put(trace, item, owner, place)


def item_of(
    frame: Frame,
    owner: Any,
    buffer: Growable,
    place: Any,
    index: Any = None,
) -> Any:
    """Item number `place`, in range, that an `index` or key may have asked for; a change of it is one of `owner`."""
    if not can_change(buffer):
        return growable.item_at(frame, buffer, place)
    if isinstance(buffer, View):
        table = table_of(buffer.source)
        if table is not None:
            entry = item_of(frame, buffer.source, table, place)
            return entry if buffer.has_pairs else entry[1]
    item = growable.item_at(frame, buffer, place)
    if index is None:
        index = item[0] if isinstance(owner, dict) else place
    _note_read(frame.trace, item, owner, place, _name_of(index))
    for part in copied_parts(item):
        frame.trace.journal.created(part)
    return item


def _note_read(
    trace: Trace, item: Any, owner: Any, place: Any, index: Any, may_be_missing: bool = False
) -> None:
    sharing = trace.journal.sharing
    moves = sharing.moves.setdefault(id(owner), 0)
    origins = [sharing.of_items(owner, of_tensors) for of_tensors in (False, True)]
    for part in copied_parts(item):
        sharing.rows[id(part)] = Row(part, item, owner, place, moves, may_be_missing, index=index)
        sharing.add(part, origins[isinstance(part, Tensor)])


def note_lost(trace: Trace, item: Any) -> None:
    """`item` was put into a container that is not known."""
    sharing = trace.journal.sharing
    for part in copied_parts(item):
        if id(part) not in sharing.rows:
            sharing.rows[id(part)] = Row(part, item, None, None, NOWHERE)


def note_grown(trace: Trace, owner: Any, contents: Sequence[Any]) -> None:
    """`owner` has become a container that grows: where it is a list of the known `contents` on some paths, they are its rows."""
    for items in contents:
        note_held(trace, owner, items.values() if isinstance(items, dict) else items)
    if isinstance(owner, dict | set):
        return
    for place, items in enumerate(zip(*contents, strict=False)):
        if all(item is items[0] for item in items):
            note_put(trace, items[0], owner, place)


def note_held(trace: Trace, owner: Any, items: Iterable[Any]) -> None:
    """`owner` is a container that grows, and holds copies of the tensors in some items. (Others are held as themselves.)"""
    sharing = trace.journal.sharing
    origins = sharing.of_items(owner, True)
    for item in items:
        for part in copied_parts(item):
            if isinstance(part, Tensor):
                for other in (part, *_others(trace, part)):
                    sharing.add(other, origins)


def note_held_in(trace: Trace, made: Any, values: Sequence[Any], name: Any = None) -> None:
    """Containers that grow in `made`, which stands for one of some values, hold what is in theirs.

    With a `name`, that is what all of them are known by.
    """
    sharing = trace.journal.sharing
    for container in changing_parts(made):
        if growable_of(container) is None:
            continue
        if name is not None:
            sharing.add_to_items(container, sharing.of_all_items(name))
        for part in itertools.chain.from_iterable(map(changing_parts, values)):
            note_held(trace, container if name is None else name, parts_of(part))


def note_taken(trace: Trace, item: Any, owner: Any, place: SymbolicNumber) -> None:
    """`item` is taken out of row `place` of `owner`: others may have it still."""
    sharing = trace.journal.sharing
    moves = sharing.moves.setdefault(id(owner), 0)
    for part in copied_parts(item):
        sharing.add(part, sharing.of_items(owner, isinstance(part, Tensor)))
        sharing.rows[id(part)] = Row(part, item, owner, None, NOWHERE, taken=(place, moves))
        trace.journal.created(part)


def note_same(trace: Trace, made: Any, *sources: Any) -> None:
    """`made` is a new container of items that some others hold."""
    held, sharing = growable_of(made), trace.journal.sharing
    if held is None or not can_change(held):
        return
    for source in sources:
        other = growable_of(source)
        owner = other.source if isinstance(other, View) else source
        if isinstance(owner, list | deque | dict | tuple):
            sharing.add_to_items(made, sharing.of_all_items(owner))


@contextmanager
def places_kept(trace: Trace, owner: Any) -> Generator[None]:
    """A context in which `owner` changes, but its items stay where they are."""
    moves = trace.journal.sharing.moves.get(id(owner))
    yield
    if moves is not None:
        trace.journal.sharing.moves[id(owner)] = moves


# -- changes ------------------------------------------------------------------------------------


def changed(frame: Frame, part: Any, seen: Sequence[Any] = ()) -> None:
    """An object was changed: if it stands for a row, that row changes, and other names for it; it is known to be `seen`."""
    sharing = frame.trace.journal.sharing
    origins, row = sharing.of(part), sharing.rows.get(id(part))
    row = row if row is not None and row.part is part else None
    if row is None and not origins:
        return
    held = None if row is None else _current(sharing, row)
    if row is not None and held is None and (row.owner is None or isinstance(part, Tensor)):
        refuse(frame, part)
    if row is not None and held is not None:
        _write(frame, row, held)
    if origins:
        sharing = frame.trace.journal.sharing
        own = {id(item) for item in (part, *seen, *_own_parts(sharing, row, held is not None))}
        for item in reachable(frame):
            if id(item) in own or not sharing.has(item, origins):
                continue
            if isinstance(item, Tensor) and not isinstance(part, Tensor):
                continue  # it neither is nor holds the object
            if row is not None and _are_different(sharing, row, sharing.rows.get(id(item))):
                continue
            if row is None or not _read_again(frame, item, row, held is not None):
                refuse(frame, part)
    if row is not None and held is not None:
        changed(frame, row.owner, (part, *seen))


def _current(sharing: Sharing, row: Row, end: PathEnd | None = None) -> Growable | None:
    """What holds a row, whose number can be used here or at the end of a path; None when it is not known to be there."""
    place = row.place.tensor if isinstance(row.place, SymbolicNumber) else row.place
    scope = place._scope if isinstance(place, SymbolicTensor) else None
    ended = () if end is None else end.scope.with_adopted
    if scope is not None and not scope.alive and scope not in ended:
        return None
    held = growable_of(row.owner) or table_of(row.owner)
    if held is None or row.place is None or isinstance(row.owner, tuple):
        return None
    is_there = row.moves == sharing.moves.get(id(row.owner)) and not sharing.twice.get(
        id(row.owner)
    )
    own = held.length.tensor._scope
    is_alive = own.alive or own in ended
    return held if is_there and is_alive and id(row.owner) not in sharing.doubled else None


def _own_parts(sharing: Sharing, row: Row | None, is_there: bool) -> Iterator[Any]:
    """What a change of a row is seen by anyway: what holds it, and what is in the same item."""
    while row is not None:
        yield from changing_parts(row.item)
        if is_there or row.place is None:
            yield row.owner
        row = sharing.rows.get(id(row.owner)) if is_there else None


def _are_different(sharing: Sharing, row: Row, other: Row | None) -> bool:
    """Whether two objects are known to be different: one was taken out of a container, and the other one was not in its place."""
    if other is None or row.owner is not other.owner or id(row.owner) in sharing.doubled:
        return False
    taken = [item.place is None and item.owner is not None for item in (row, other)]
    there = [_current(sharing, item) is not None for item in (row, other)]
    if all(there) and row.place.__class__ is int and other.place.__class__ is int:
        return row.place != other.place
    return any(taken) and all(map(operator.or_, taken, there))


def may_be_one(sharing: Sharing, one: Any, other: Any) -> bool:
    """Whether two objects may be the same item of a container that grows."""
    if sharing.of(one).isdisjoint(sharing.of(other)):
        return False
    row = sharing.rows.get(id(one))
    return row is None or not _are_different(sharing, row, sharing.rows.get(id(other)))


def _write(frame: Frame, row: Row, held: Growable) -> None:
    """Put what has changed into its row."""
    place = _number_of(frame.trace, row)

    def written() -> list[Growable]:
        item = row.item
        if item is None:
            item = (growable.item_at(frame, held, place)[0], row.part)
        return [growable.replace(frame, held, place, item)]

    with places_kept(frame.trace, row.owner):
        frame.trace.guards.take(row.owner)
        (new,) = _where_it_is(frame, row, written, [held])
        growable.hold(row.owner, new)


def _number_of(trace: Trace, row: Row) -> SymbolicNumber:
    """The number of a row."""
    place = row.place
    if isinstance(place, SymbolicNumber):
        return place
    tensor = trace.constant(place, KIND_DTYPES[int]) if place.__class__ is int else place
    return SymbolicNumber(int, trace.as_symbolic(tensor))


def _where_it_is(frame: Frame, row: Row, there: Callable[[], Any], otherwise: Any) -> Any:
    """What `there` gives, on the paths on which an object is in a row."""
    if not row.may_be_missing:
        return there()
    return staging.branch(frame, frame.node, row.place >= 0, there, lambda: otherwise)


def _read_again(frame: Frame, item: Any, changed_row: Row, is_there: bool) -> bool:
    """Another name for a row of a container one of whose rows has changed; False when it is not known which it is."""
    journal = frame.trace.journal
    row = journal.sharing.rows.get(id(item))
    if row is None or row.owner is not changed_row.owner or row.place is None:
        return False
    if not _is_value(row) or len(list(changing_parts(item))) > 1:
        return False
    place = _number_of(frame.trace, row)
    if is_there:
        held = _current(journal.sharing, row)
        if held is None:
            return False

        def read() -> Any:
            new = growable.item_at(frame, held, place)
            return new[1] if isinstance(row.owner, dict) else new

        new = _where_it_is(frame, row, read, item)
    else:
        if changed_row.taken is None or changed_row.taken[1] != row.moves:
            return False
        same, part = place == changed_row.taken[0], changed_row.part
        new = staging.branch(frame, frame.node, same, lambda: part, lambda: item)
    if new.__class__ is not item.__class__:
        return False
    if isinstance(item, Tensor):
        replace_value(item, new)
        return True
    if is_record(type(item)):
        for name, value in attributes_of(new).items():
            journal.touch_attribute(item, name)
            object.__setattr__(item, name, value)
        return True
    journal.touch(item)
    set_contents(item, contents_of(new))
    return True


# -- where paths meet ---------------------------------------------------------------------------


class RowNumber(Skeleton):
    """The skeleton of the number of the row of a container that a value is; -1 for what is in none."""

    owner: int
    """The container, by identity."""

    def leaves(self) -> list[Any]:
        return Number(int).leaves()

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        frame = trace.frame or trace.entry
        assert frame is not None
        number = choices.over_choices(frame, lambda item: self._number(trace, item), value)
        out.append(number.tensor)

    def _number(self, trace: Trace, item: Any) -> SymbolicNumber:
        row = trace.journal.sharing.rows.get(id(item))
        if row is None or row.part is not item or row.place is None:
            return SymbolicNumber(int, trace.constant(-1, KIND_DTYPES[int]))
        return _number_of(trace, row)

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return SymbolicNumber(int, next(tensors))


class Standing(Place):
    """Which row of `container` the value of a place stands for."""

    __slots__ = ("container", "place")

    def __init__(self, place: Place | None, container: Any) -> None:
        super().__init__(
            "row", None if place is None else place.owner, "" if place is None else place.key
        )
        self.place = place
        self.container = container

    def get(self) -> Any:
        return None if self.place is None else self.place.get()

    def note(
        self,
        trace: Trace,
        made: Any,
        values: Sequence[Any],
        number: SymbolicNumber,
        ends: Sequence[Sharing] = (),
    ) -> None:
        """`made` stands for one of `values`."""
        stand(trace, made, values, self.container, number, ends)


def stand(
    trace: Trace,
    value: Any,
    values: Sequence[Any],
    owner: Any,
    number: SymbolicNumber,
    ends: Sequence[Sharing] = (),
) -> None:
    """`value`, which stands for one of `values` at the `ends` of some paths, is in that row of `owner`, or in none."""
    index = _common_index(values, ends)
    crossed = {id(item) for value in values for item in _alternatives(value)}
    for item in _alternatives(value):
        if _is_changing(item) and id(item) not in crossed:
            _note_read(trace, item, owner, number, index, True)
            if isinstance(owner, dict):
                trace.journal.sharing.rows[id(item)].item = None


def _common_index(values: Sequence[Any], ends: Sequence[Sharing]) -> Any:
    """What the program has used as the index of those of some values that are rows, where that is the same."""
    indices: set[Any] = set()
    for value, end in zip(values, ends, strict=False):
        found = [end.rows.get(id(item)) for item in _alternatives(value)]
        indices |= {row.index for row in found if row is not None and row.place is not None}
    return indices.pop() if len(indices) == 1 else None


def common_owner(
    sharing: Sharing, values: Sequence[Any], ends: Sequence[PathEnd | None] = ()
) -> Any:
    """The container of which some values are rows, other than new objects; None if there is no such, or several.

    `ends` are the paths that the values are from, for those that have ended.
    """
    owner: Any = None
    for value, end in itertools.zip_longest(values, ends):
        own = sharing if end is None else end.sharing
        for item in _alternatives(value):
            row = own.rows.get(id(item)) if _is_changing(item) else None
            if row is None and not (_is_changing(item) and own.of(item)):
                continue
            if row is None or row.part is not item or not _is_value(row):
                return None
            if _current(own, row, end) is None or (owner is not None and owner is not row.owner):
                return None
            owner = row.owner
    return owner


def _is_value(row: Row) -> bool:
    """Whether a part is all of an item, or the value of an entry."""
    if row.item is row.part or row.item is None:
        return True
    return isinstance(row.owner, dict) and row.item[1] is row.part


def _alternatives(value: Any) -> Sequence[Any]:
    return value.alternatives if value.__class__ is Choice else (value,)


def _is_changing(item: Any) -> bool:
    return isinstance(item, list | deque | dict | set) or is_record(type(item))


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
        if id(part) in changing and not is_itself(part):
            refuse(frame, part)


def refuse(frame: Frame, part: Any) -> Any:
    """Refuse a change of an item that is held natively."""
    kind = type(part).__name__
    if any(depth == 0 for _, depth in frame.trace.journal.sharing.of(part)):
        raise CompileError(
            "TFC012",
            f"a {kind} is changed that a loop has made, and that has several names after it",
            "change it by the name that it is used by, or keep its number: rows[i].append(x)",
            site_of_frame(frame),
            "what the iterations of a loop make are copies by each name, held natively",
        )
    fix = "change it where it is, items[i].append(x), or put a copy into the container"
    if isinstance(part, Tensor):
        fix = "put a copy into the container, x.copy() or tf.identity(x), or assign it before"
    raise CompileError(
        "TFC012",
        f"a {kind} is changed that is an item of a container that grows at run time",
        fix,
        site_of_frame(frame),
        "the items of such a container are copies, held natively",
    )


def can_change(held: Growable) -> bool:
    """Whether items are, or hold, objects that can be changed."""
    return held.item is not None and can_change_item(held.item)


def can_change_item(skeleton: Skeleton) -> bool:
    """Whether values of a skeleton are, or hold, objects that can be changed."""
    if isinstance(skeleton, Struct):
        return not issubclass(skeleton.cls, tuple) or any(map(can_change_item, skeleton.items))
    if isinstance(skeleton, Union):
        return any(map(can_change_item, skeleton.alternatives))
    return isinstance(skeleton, Grow | Array)


def copied_parts(value: Any) -> Iterator[Any]:
    """The `changing_parts` of an item of a growing container that are copies there, not the very objects that they are."""
    return _walk([value], is_itself)


@contextmanager
def putting(frame: Frame, value: Any) -> Generator[None]:
    """A context in which a growing container gets a value: what variables name in it is held as the very object that it is."""
    trace = frame.trace
    with keeping(staging.aliased(frame, [value], None)):
        trace.journal.hold_as_themselves(kept_in(value))
        yield


def changing_parts(value: Any) -> Iterator[Any]:
    """A value and what it holds, as far as they are objects that can be changed."""
    return _walk([value])


def _changing_items(value: Any) -> Iterator[Any]:
    """What a value holds, as far as it can be changed."""
    if value.__class__ is Choice:
        return itertools.chain.from_iterable(map(_changing_items, value.alternatives))
    return _walk([*parts_of(value)][::-1])


def _walk(
    pending: list[Any], is_left_out: Callable[[Any], bool] = lambda value: False
) -> Iterator[Any]:
    """Some values, last one first, and what they hold. What is held twice comes twice, what it holds once.

    Objects that `is_left_out` says are not among them, nor is what they hold.
    """
    seen: set[int] = set()
    while pending:
        value = pending.pop()
        if value.__class__ is Choice:
            pending.extend(reversed(value.alternatives))
            continue
        is_object = isinstance(value, Tensor | list | deque | dict | set) or is_record(type(value))
        if is_object and not isinstance(value, Tensor) and is_left_out(value):
            continue
        if is_object:
            yield value
        if (is_object or isinstance(value, tuple)) and id(value) not in seen:
            seen.add(id(value))
            pending.extend([*parts_of(value)][::-1])
