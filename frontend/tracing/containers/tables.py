"""Dicts and sets whose keys are known only at run time: their entries are rows of buffers, in order of insertion.

A key is found by comparing it with all keys that there are.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.tracing import membership, operations
from tfc.tracing.containers import growable, mappings, rows, sets
from tfc.tracing.containers.columns import Growable, View, column_types, empty
from tfc.tracing.containers.growable import SETS, hold, item_at, join_items, put, table_of
from tfc.tracing.containers.run_time_keys import is_run_time_key, matches, require_comparable
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import producers
from tfc.tracing.iteration.producers import Mapped
from tfc.tracing.messages import site_of_frame
from tfc.tracing.paths import choices, comprehension_staging, staging
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import Const, Skeleton, Struct, abstract, abstract_key
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.shapes import dynamic_size
from tfc.tracing.values.structures import (
    factory_of,
    new_container,
)
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice
from tfc.tracing.values.truth import truth

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace


def involves(owner: Any, *keys: Any) -> bool:
    """Whether a dict or set, or one of some keys of it, is known at run time only."""
    return table_of(owner) is not None or any(map(is_run_time_key, keys))


def make_table(frame: Frame, owner: Any) -> Growable:
    """What a dict or set holds, which becomes one with keys of run time."""
    found = table_of(owner)
    if found is None:
        entries = mappings.entries_of(frame, owner)
        operations.touch(frame, owner)
        found = from_entries(frame.trace, entries, isinstance(owner, dict), None)
        hold(owner, found)
    return found


def from_entries(trace: Trace, entries: Any, are_pairs: bool, item: Skeleton | None) -> Growable:
    """Entries with known keys as entered; those that are there on some paths only are added on these."""
    frame = trace.frame or trace.entry
    assert frame is not None
    if isinstance(entries, set | frozenset):
        entries = sets.set_entries(entries)
    entered = [
        ((key, choices.drop_unbound(value)) if are_pairs else key, mappings.presence(frame, value))
        for key, value in entries.items()
    ]
    for row, _ in entered:
        item = join_items(item, _abstract_row(row, are_pairs))
    if item is not None:
        require_comparable(frame, item.items[0] if are_pairs else item)  # pyright: ignore[reportAttributeAccessIssue]
    first = next((i for i, (_, present) in enumerate(entered) if present is not True), len(entered))
    growable.note_items(trace, [row for row, _ in entered])
    whole = [row for row, _ in entered[:first]]
    found = growable.from_items(trace, whole, item or Const(None)) if whole else empty(trace, item)
    for row, present in entered[first:]:
        if present is True:
            found = growable.append(frame, found, row)
        elif present is not False:
            (found,) = staging.branch(
                frame,
                frame.node,
                present,
                lambda row=row, found=found: [growable.append(frame, found, row)],
                lambda found=found: [found],
            )
    return found


def _abstract_row(row: Any, is_pair: bool) -> Skeleton:
    if not is_pair:
        return abstract_key(row)
    key, value = row
    return Struct(tuple, (0, 1), (abstract_key(key), abstract(value)))


# -- finding ------------------------------------------------------------------------------------


def place_of(frame: Frame, owner: Any, table: Growable, key: Any) -> SymbolicNumber | None:
    """The number of the row that has a key, -1 when none has; None when none can have."""
    item = table.item
    if item is None:
        return None
    hash(None if key.__class__ is Choice or is_run_time_key(key) else key)  # raises the `TypeError`
    held = item.items[0] if isinstance(owner, dict) else item  # pyright: ignore[reportAttributeAccessIssue]
    require_comparable(frame, held)
    trace = frame.trace
    same = matches(trace, held, key, table.buffers[: len(held.types())])
    if same is False:
        return None
    rows = dynamic_size(table.buffers[0], 0) if table.buffers else table.length
    numbers = primitives.function_named("range")(
        trace.constant(0, KIND_DTYPES[int]), rows.tensor, trace.constant(1, KIND_DTYPES[int])
    )
    hit = primitives.apply_named("less", numbers, table.length.tensor)
    if same is not True:
        hit = primitives.apply_named("logical_and", hit, same)
    missing = trace.constant(-1, KIND_DTYPES[int])
    places = primitives.function_named("where")(hit, numbers, missing)
    return SymbolicNumber(int, primitives.apply_named("reduce_max", places))


def _at(frame: Frame, place: SymbolicNumber | None, found: Any, missing: Callable[[], Any]) -> Any:
    """`found(place)` where a key was found, else `missing()`."""
    if place is None:
        return missing()
    return staging.branch(frame, frame.node, place >= 0, lambda: found(place), missing)


def contains(frame: Frame, owner: Any, key: Any) -> Any:
    """`key in owner`."""
    place = place_of(frame, owner, make_table(frame, owner), key)
    return False if place is None else place >= 0


# -- dicts --------------------------------------------------------------------------------------


def load(frame: Frame, owner: dict[Any, Any], key: Any) -> Any:
    """`owner[key]`."""
    table = make_table(frame, owner)
    factory = factory_of(owner)

    if factory is not None:
        return _load_or_add(frame, owner, key, lambda: operations.call(frame, factory, (), {}))

    def missing() -> Any:
        if isinstance(owner, Counter):
            return 0
        raise KeyError(key)

    return _at(
        frame,
        place_of(frame, owner, table, key),
        lambda at: _value(frame, owner, table, at, key),
        missing,
    )


def _load_or_add(frame: Frame, owner: Any, key: Any, make: Callable[[], Any]) -> Any:
    """`owner[key]`, which is added with the value that `make` gives where it is missing."""
    table = make_table(frame, owner)
    place = place_of(frame, owner, table, key)

    def add() -> None:
        store(frame, owner, key, make())

    if place is None:
        add()
        place = table.length
    else:
        is_there = place >= 0
        staging.branch(frame, frame.node, is_there, lambda: None, add)
        chosen = primitives.select(is_there.tensor, place.tensor, table.length.tensor)
        place = SymbolicNumber(int, chosen)
    return _value(frame, owner, make_table(frame, owner), place, key)


def _value(frame: Frame, owner: Any, table: Growable, place: SymbolicNumber, key: Any) -> Any:
    return rows.item_of(frame, owner, table, place, key)[1]


def store(frame: Frame, owner: dict[Any, Any], key: Any, value: Any) -> None:
    """`owner[key] = value`."""
    with rows.putting(frame, value):
        _put(frame, owner, key, (key, value))


def _put(frame: Frame, owner: Any, key: Any, row: Any) -> None:
    """Replace the row that has a key, or add it behind the others."""
    table = make_table(frame, owner)
    skeleton = _abstract_row(row, isinstance(owner, dict))
    item = join_items(table.item, skeleton)
    require_comparable(frame, item.items[0] if isinstance(owner, dict) else item)  # pyright: ignore[reportAttributeAccessIssue]
    found = place_of(frame, owner, table, key)
    moves = frame.trace.journal.sharing.moves.get(id(owner), 0)
    operations.touch(frame, owner)
    length = place = table.length
    if found is None:
        written = growable.append(frame, table, row, skeleton)
    else:
        chosen = primitives.select((found >= 0).tensor, found.tensor, length.tensor)
        place = SymbolicNumber(int, chosen)
        longer = primitives.apply_named("maximum", length.tensor, (place + 1).tensor)
        written = put(frame, table, place, row, skeleton).of_length(SymbolicNumber(int, longer))
    hold(owner, written)
    rows.note_stored(frame.trace, row, owner, place, key, moves)


def get(frame: Frame, owner: dict[Any, Any], key: Any, default: Any) -> Any:
    """`owner.get(key, default)`."""
    table = make_table(frame, owner)
    place = place_of(frame, owner, table, key)
    return _at(frame, place, lambda at: _value(frame, owner, table, at, key), lambda: default)


def set_default(frame: Frame, owner: dict[Any, Any], key: Any, default: Any) -> Any:
    """`owner.setdefault(key, default)`."""
    return _load_or_add(frame, owner, key, lambda: default)


def pop(frame: Frame, owner: dict[Any, Any], key: Any, missing: Callable[[], Any]) -> Any:
    """`owner.pop(key)`, or what `missing` gives."""
    table = make_table(frame, owner)

    def take(place: SymbolicNumber) -> Any:
        value = item_at(frame, table, place)[1]
        rows.note_taken(frame.trace, value, owner, place)
        _take_out(frame, owner, table, place)
        return value

    return _at(frame, place_of(frame, owner, table, key), take, missing)


def remove(frame: Frame, owner: Any, key: Any, missing: Callable[[], Any]) -> None:
    """Take out a key; `missing` is called where it is not there."""
    table = make_table(frame, owner)
    place = place_of(frame, owner, table, key)
    _at(frame, place, lambda at: _take_out(frame, owner, table, at), missing)


def pop_item(frame: Frame, owner: dict[Any, Any], last: bool, message: str) -> Any:
    """`owner.popitem(last)`."""
    table = make_table(frame, owner)
    end = table.length - 1

    def take(_: SymbolicNumber) -> Any:
        place = end if last else SymbolicNumber(int, frame.trace.constant(0, KIND_DTYPES[int]))
        entry = item_at(frame, table, place)
        rows.note_taken(frame.trace, entry, owner, place)
        operations.touch(frame, owner)
        hold(owner, table.of_length(end) if last else growable.without_row(frame, table, place))
        return entry

    def missing() -> Any:
        raise KeyError(message)

    return _at(frame, end, take, missing)


def _take_out(frame: Frame, owner: Any, table: Growable, place: SymbolicNumber) -> None:
    operations.touch(frame, owner)
    hold(owner, growable.without_row(frame, table, place))


def view(owner: Any, name: str) -> list[Any]:
    """The keys, values or items of a dict, or the members of a set (as its keys), as a list."""
    table = table_of(owner)
    assert table is not None
    item, buffers = table.item, table.buffers
    if name != "items" and isinstance(owner, dict) and item is not None:
        key, value = item.items  # pyright: ignore[reportAttributeAccessIssue]
        count = len(column_types(key))
        is_keys = name == "keys"
        item, buffers = (key, buffers[:count]) if is_keys else (value, buffers[count:])
    shown = Growable(item, buffers, table.length)
    return [View(shown, owner, name == "items" and isinstance(owner, dict))]


def equal(frame: Frame, x: Any, y: Any) -> Any:
    """`x == y` for two dicts or two sets."""

    def same_entry(entry: Any) -> Any:
        if not isinstance(x, dict):
            return contains(frame, y, entry)
        key, value = entry

        def same(place: SymbolicNumber) -> Any:
            other = item_at(frame, make_table(frame, y), place)[1]
            return truth(frame, operations.binary(frame, operator.eq, value, other))

        place = place_of(frame, y, make_table(frame, y), key)
        return _at(frame, place, same, lambda: False)

    make_table(frame, x)
    same_length = make_table(frame, x).length == make_table(frame, y).length
    same = Mapped(frame, view(x, "items"), same_entry)
    return same_length & comprehension_staging.search(frame, same, False)


# -- sets ---------------------------------------------------------------------------------------


def unordered(source: Any) -> Any:
    """The members of a set as a list, for functions that do not depend on their order; other values as they are."""
    return view(source, "keys") if source.__class__ in SETS and table_of(source) else source


def refuse_order(frame: Frame) -> Any:
    """The order of the members of a set."""
    raise CompileError(
        "TFC010",
        "the order of a set whose items are known only at run time",
        "iterate over sorted(items)",
        site_of_frame(frame),
    )


def add(frame: Frame, owner: set[Any], item: Any) -> None:
    """`owner.add(item)`."""
    _put(frame, owner, item, item)


def make(frame: Frame, cls: type, items: Any) -> Any:
    """A set of some items, a dict of some pairs of key and value, or a `Counter` of some items."""
    made = new_container(cls)
    frame.trace.journal.created(made)
    visit(frame, items, lambda item: add_item(frame, made, item))
    return made


def add_item(frame: Frame, owner: Any, item: Any) -> None:
    """Give a set one more item, a dict one more pair of key and value, or count an item."""
    if item.__class__ is Choice and not isinstance(owner, dict):
        choices.over_choices(frame, lambda item: add_item(frame, owner, item), item)
    elif isinstance(owner, Counter):
        count = operations.load_item(frame, owner, item)
        operations.store_item(frame, owner, item, count + 1)
    elif isinstance(owner, dict):
        key, value = operations.unpack(frame, item, 2, None)
        operations.store_item(frame, owner, key, value)
    elif involves(owner, item) or _is_partial_set(owner):
        add(frame, owner, item)
    else:
        operations.touch(frame, owner)
        owner.add(item)


def _is_partial_set(owner: set[Any]) -> bool:
    return sets.members_of(owner) is not None


def visit(frame: Frame, source: Any, act: Callable[[Any], Any]) -> None:
    """Call `act` for each member of a set or any other iterable."""
    producers.for_each(frame, unordered(source), act)


def change_set(frame: Frame, owner: set[Any], name: str, arguments: tuple[Any, ...]) -> None:
    """A method that changes a set."""
    if name == "add":
        add(frame, owner, *arguments)
    elif name == "discard":
        remove(frame, owner, arguments[0], lambda: None)
    elif name == "remove":

        def missing() -> Any:
            raise KeyError(arguments[0])

        remove(frame, owner, arguments[0], missing)
    elif name == "update":
        for source in arguments:
            visit(frame, source, lambda item: add_item(frame, owner, item))
    elif name == "difference_update":
        for source in arguments:
            visit(frame, source, lambda item: remove(frame, owner, item, lambda: None))
    elif name == "clear":
        operations.touch(frame, owner)
        owner.clear()
    else:
        refuse_order(frame)


def combine_sets(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """An operator on two sets."""
    if apply is operator.eq or apply is operator.ne:
        same = equal(frame, x, y)
        return same if apply is operator.eq else operations.logical_not(same)
    if apply in (operator.le, operator.lt):
        inside = _all_in(frame, x, y)
        return inside if apply is operator.le else inside & (length(frame, x) < length(frame, y))
    if apply in (operator.ge, operator.gt):
        return combine_sets(frame, operator.le if apply is operator.ge else operator.lt, y, x)
    made: set[Any] = set()
    frame.trace.journal.created(made)
    make_table(frame, made)
    if apply is operator.and_:
        _add_where(frame, made, x, lambda item: contains_item(frame, y, item))
        return made
    wanted = None if apply is operator.or_ else lambda item: _not_in(frame, y, item)
    _add_where(frame, made, x, wanted)
    if apply is operator.or_:
        _add_where(frame, made, y, None)
    elif apply is operator.xor:
        _add_where(frame, made, y, lambda item: _not_in(frame, x, item))
    return made


def contains_item(frame: Frame, source: Any, item: Any) -> Any:
    """`item in source`."""
    return truth(frame, membership.contains(frame, source, item))


def _not_in(frame: Frame, source: Any, item: Any) -> Any:
    return operations.logical_not(contains_item(frame, source, item))


def _all_in(frame: Frame, x: Any, y: Any) -> Any:
    inside = Mapped(frame, unordered(x), lambda item: contains_item(frame, y, item))
    return comprehension_staging.search(frame, inside, False)


def _add_where(frame: Frame, made: set[Any], source: Any, wanted: Any) -> None:
    """Add those members of a set for which `wanted` holds, or all."""

    def consider(item: Any) -> None:
        keep = True if wanted is None else wanted(item)
        if keep is True:
            add_item(frame, made, item)
        elif keep is not False:
            staging.branch(
                frame, frame.node, keep, lambda: add_item(frame, made, item), lambda: None
            )

    visit(frame, source, consider)


def length(frame: Frame, owner: Any) -> Any:
    """`len(owner)`."""
    return make_table(frame, owner).length
