"""Items of lists in compiled code: read, written, added and removed, at places known now or at run time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.core.errors import CompileError
from tfc.core.tensor import Tensor
from tfc.tracing import messages, operations
from tfc.tracing.containers import rows, widening
from tfc.tracing.containers.columns import Growable, joined, rearranged
from tfc.tracing.containers.growable import (
    append,
    from_items,
    growable_of,
    hold,
    holding,
    item_at,
    join_items,
    replace,
    trace_value,
    without_row,
    without_rows,
)
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import producers
from tfc.tracing.ndarrays import outer_arrays
from tfc.tracing.paths import choices, staging
from tfc.tracing.paths.failing_ops import after_operands
from tfc.tracing.values import primitives, shapes
from tfc.tracing.values.abstract import (
    TAG,
    Const,
    Skeleton,
    abstract,
)
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor


def index_of(frame: Frame, key: Any) -> SymbolicNumber | None:
    """A run-time index as a Python int; None when the key is an ordinary one."""
    if isinstance(key, SymbolicNumber):
        if key.kind is float:
            raise TypeError("list indices must be integers or slices, not float")
        return key
    if isinstance(key, SymbolicTensor):
        kind = key.type
        if kind.shape or kind.dtype.kind not in "iu":
            raise TypeError(f"list indices must be integers or slices, not {kind}")
        return SymbolicNumber(int, primitives.cast(key, KIND_DTYPES[int]))
    return None


def _where(
    frame: Frame, condition: Any, message: str, use: Callable[[SymbolicNumber], Any], place: Any
) -> Any:
    """`use(place)` where a condition of run time holds; `IndexError` where it does not."""

    def fail() -> Any:
        raise IndexError(message)

    staging.branch(frame, frame.node, condition, lambda: None, fail)
    return after_operands(frame.trace, lambda: use(place))


def at_checked_place(
    frame: Frame, length: Any, index: Any, message: str, use: Callable[[SymbolicNumber], Any]
) -> Any:
    """What `use` gives for the place of an index that may be negative, after a check at run time."""
    index = number_of(frame, index)
    place = staging.branch(frame, frame.node, index < 0, lambda: index + length, lambda: index)
    return _where(frame, (place >= 0) & (place < length), message, use, place)


def number_of(frame: Frame, index: Any) -> SymbolicNumber:
    """An index, known or not, as a number of run time."""
    found = index_of(frame, index)
    return as_number(frame, index) if found is None else found


def as_number(frame: Frame, value: int) -> SymbolicNumber:
    """A known int as one of run time."""
    return SymbolicNumber(int, frame.trace.constant(value, KIND_DTYPES[int]))


def load_item(frame: Frame, owner: Any, key: Any) -> Any:
    """`owner[key]` for a list or tuple."""
    index = index_of(frame, key)
    _hold_long(frame, owner, index)
    buffer = growable_of(owner)
    if buffer is not None:
        if isinstance(key, slice):
            return _slice(frame, owner, buffer, key)
        return at_checked_place(
            frame,
            buffer.length,
            key if index is None else index,
            f"{type(owner).__name__} index out of range",
            lambda place: rows.item_of(
                frame, owner, buffer, place, key if index is None else index
            ),
        )
    if isinstance(key, slice) and any(
        isinstance(part, SymbolicNumber | SymbolicTensor)
        for part in (key.start, key.stop, key.step)
    ):
        return _slice(frame, owner, made_growable(frame, owner), key)
    if index is None:
        if isinstance(key, slice):
            return frame.trace.guards.load_all(owner)[key]
        value = owner[key]
        return frame.trace.guards.load_item(owner, key, value)
    known = frame.trace.guards.load_all(owner)
    pick = _pick_string if all(type(item) is str for item in known) else _pick
    return pick(frame, known, index, f"{type(owner).__name__} index out of range")


def load_character(frame: Frame, owner: str, key: Any) -> Any:
    """`owner[key]` for a string."""
    index = index_of(frame, key)
    if index is None:
        return owner[key]
    return _pick_string(frame, owner, index, "string index out of range")


def _hold_long(frame: Frame, owner: Any, index: SymbolicNumber | None) -> None:
    """A long list of containers that is asked for one of run time is held natively, instead of a branch for each."""
    if index is None or owner.__class__ is not list or len(owner) <= _BRANCHES:
        return
    if all(isinstance(item, _CHANGING) for item in owner):
        frame.trace.guards.take(owner)
        grow(frame, owner)


_BRANCHES = 8
"""Up to as many containers in a list a run-time index is a branch for each."""


def made_growable(frame: Frame, owner: Any) -> Growable:
    """A list as one of run time."""
    held = growable_of(owner)
    if held is not None:
        return held
    values = frame.trace.guards.load_all(owner)
    skeleton: Skeleton | None = None
    for value in values:
        skeleton = join_items(skeleton, abstract(value))
    return from_items(frame.trace, list(values), skeleton or Const(None))


def grow(frame: Frame, owner: Any) -> Growable:
    """Make a list one of run time."""
    held = growable_of(owner)
    if held is not None:
        return held
    values, made = list(frame.trace.guards.load_all(owner)), made_growable(frame, owner)
    hold(owner, made)
    for place, value in enumerate(values):
        rows.note_put(frame.trace, value, owner, place)
    return made


def _places(frame: Frame, length: SymbolicNumber, key: slice) -> tuple[SymbolicNumber, ...]:
    """Where a slice begins, and behind which place it ends, which is not before; its step is known."""
    step = 1 if key.step is None else key.step
    if step.__class__ is not int:
        return known_items(frame, key)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    function = primitives.function_named
    zero, one = (frame.trace.constant(number, KIND_DTYPES[int]) for number in (0, 1))
    low, high = (zero, length.tensor) if step > 0 else (-one, length.tensor - one)

    def bound(value: Any, default: Any) -> Any:
        if value is None:
            return default
        number = number_of(frame, value).tensor
        place = function("where")(number < 0, number + length.tensor, number)
        return function("minimum")(function("maximum")(place, low), high)

    start, stop = (
        bound(key.start, low if step > 0 else high),
        bound(key.stop, high if step > 0 else low),
    )
    limit = function("maximum" if step > 0 else "minimum")
    ends = (start, limit(start, stop))
    return tuple([SymbolicNumber(int, trace_value(frame, end)) for end in ends])


def _slice(frame: Frame, owner: Any, buffer: Growable, key: slice) -> Any:
    """`items[a:b:step]`."""
    start, stop = _places(frame, buffer.length, key)
    step = 1 if key.step is None else key.step
    if step == 1:
        length = SymbolicNumber(int, trace_value(frame, stop.tensor - start.tensor))
        part = rearranged(buffer, lambda rows: rows[start.tensor : stop.tensor], length)
    else:
        function, by = primitives.function_named, frame.trace.constant(step, KIND_DTYPES[int])
        places = function("range")(start.tensor, stop.tensor, by)
        length = shapes.dynamic_size(places, 0)
        part = rearranged(buffer, lambda rows: function("gather")(rows, places), length)
    made = holding(tuple if isinstance(owner, tuple) else list, part)
    frame.trace.journal.created(made)
    rows.note_same(frame.trace, made, owner)
    return made


def _store_slice(frame: Frame, owner: list[Any], key: slice, value: Any) -> None:
    """`items[a:b] = value`."""
    if key.step not in (None, 1):
        known_items(frame, owner)
    given: list[Any] = []
    frame.trace.journal.created(given)
    extend(frame, given, value)
    new, held = grow(frame, given), grow(frame, owner)
    start, stop = _places(frame, held.length, key)
    item = new.item if held.item is None else join_items(held.item, new.item or Const(None))
    if item is None:
        return
    new, held = widening.widen(frame.trace, new, item), widening.widen(frame.trace, held, item)
    rest = SymbolicNumber(int, trace_value(frame, held.length.tensor - stop.tensor))
    end = held.length.tensor
    tail = rearranged(held, lambda rows: rows[stop.tensor : end], rest)
    hold(owner, joined(frame.trace, item, [held.of_length(start), new, tail]))
    rows.note_same(frame.trace, owner, given)


def delete_item(frame: Frame, owner: list[Any], key: Any) -> None:
    """`del items[key]`."""
    frame.trace.guards.take(owner)
    held = grow(frame, owner)
    if isinstance(key, slice):
        if key.step not in (None, 1):
            known_items(frame, owner)
        hold(owner, without_rows(held, *_places(frame, held.length, key)))
        return

    def take_out(place: SymbolicNumber) -> None:
        frame.trace.journal.touch(owner)
        hold(owner, without_row(frame, held, place))

    message = "list assignment index out of range"
    index = index_of(frame, key)
    at_checked_place(frame, held.length, key if index is None else index, message, take_out)


def _pick(
    frame: Frame,
    known: Any,
    index: SymbolicNumber,
    message: str,
    use: Callable[[Any], Any] = lambda item: item,
) -> Any:
    """What `use` gives for the item at a run-time index: a branch per item."""
    arms = [lambda item=item: use(item) for item in known]
    return _at_index(
        frame,
        index,
        len(known),
        message,
        lambda place: staging.switch(frame, place.tensor, arms),
    )


def _pick_string(frame: Frame, known: Sequence[str], index: SymbolicNumber, message: str) -> Any:
    """The string at a run-time index among known ones: a choice without a branch."""
    distinct = list(dict.fromkeys(known))
    numbers = {item: number for number, item in enumerate(distinct)}

    def choose(place: SymbolicNumber) -> Any:
        if len(distinct) == 1:
            return distinct[0]
        tag = frame.trace.as_symbolic(place.tensor)
        if len(distinct) < len(known):
            tags = np.array([numbers[item] for item in known], TAG)
            tag = frame.trace.as_symbolic(frame.trace.as_symbolic(Tensor._wrap(tags))[tag])
        return Choice(tag, list(distinct))

    return _at_index(frame, index, len(known), message, choose)


def change_item(frame: Frame, owner: Any, key: Any, change: Callable[[Any], Any]) -> bool:
    """`change(owner[key])`, where that is one of several known items; False, with nothing done, for anything else."""
    index = None if isinstance(key, slice) else index_of(frame, key)
    _hold_long(frame, owner, index)
    if not isinstance(owner, list | tuple) or growable_of(owner) is not None:
        return False
    if index is None:
        return False
    known = frame.trace.guards.load_all(owner)
    _pick(frame, known, index, f"{type(owner).__name__} index out of range", change)
    return True


def at_known_places(frame: Frame, owner: Any, key: Any, change: Callable[[int], Any]) -> bool:
    """`change(place)` in a branch per item, where `owner[key]` is one of several known items that can be changed themselves."""
    if owner.__class__ is not list or not any(isinstance(item, _CHANGING) for item in owner):
        return False
    index = None if isinstance(key, slice) else index_of(frame, key)
    if index is None or growable_of(owner) is not None:
        return False
    message = "list index out of range"
    _pick(frame, range(len(owner)), index, message, change)
    return True


_CHANGING = (list, dict, set, deque)


def _at_index(
    frame: Frame,
    index: SymbolicNumber,
    count: int,
    message: str,
    use: Callable[[SymbolicNumber], Any],
) -> Any:
    """What `use` gives for an index from 0 into `count` items, after a check at run time."""
    if count == 0:
        raise IndexError(message)
    return _where(frame, (index >= -count) & (index < count), message, use, index % count)


def store_item(frame: Frame, owner: list[Any], key: Any, value: Any) -> None:
    """`owner[key] = value` for a list."""
    if isinstance(key, slice) and value.__class__ is Choice:
        choices.over_choices(frame, lambda item: store_item(frame, owner, key, item), value)
        return
    index = index_of(frame, key)
    moves = frame.trace.journal.sharing.moves.get(id(owner), 0)
    frame.trace.guards.take(owner)
    buffer = growable_of(owner)
    if isinstance(key, slice) and (buffer is not None or outer_arrays.has_tensor(key)):
        _store_slice(frame, owner, key, value)
        return
    if buffer is not None:

        def put(place: SymbolicNumber) -> None:
            frame.trace.journal.touch(owner)
            with rows.putting(frame, value):
                hold(owner, replace(frame, buffer, place, value))
            rows.note_stored(
                frame.trace, value, owner, place, key if index is None else index, moves
            )

        at_checked_place(
            frame,
            buffer.length,
            key if index is None else index,
            "list assignment index out of range",
            put,
        )
        return
    if index is None:
        owner[key] = value
        return

    def choose(place: SymbolicNumber) -> None:
        frame.trace.journal.touch(owner)
        for position in range(len(owner)):
            old = owner[position]
            owner[position] = staging.branch(
                frame, frame.node, place == position, lambda: value, lambda old=old: old
            )

    _at_index(frame, index, len(owner), "list assignment index out of range", choose)


def extend(frame: Frame, owner: Any, source: Any) -> None:
    """`owner += items`."""
    if source.__class__ is Choice:  # which may be the list itself on some paths
        choices.over_choices(frame, lambda item: extend(frame, owner, item), source)
        return
    held = growable_of(source)
    is_limited = getattr(owner, "maxlen", None) is not None
    if held is not None and not owner and not is_limited and not rows.can_change(held):
        frame.trace.guards.take(owner)
        hold(owner, held)
        return
    if source is owner and held is not None:  # what it held before
        source = holding(list, held)
        rows.note_same(frame.trace, source, owner)
    elif source is owner:
        source = list(operations.iterate(frame, source))
    producers.for_each(frame, source, lambda item: call_method(frame, owner, "append", (item,)))


def known_items(frame: Frame, value: Any) -> Any:
    """Refuse what needs to know the number of items of a growable list."""
    name = messages.name_of_value(frame, value)
    raise CompileError(
        "TFC010",
        f"{repr(name) if name else 'a list'} has a number of items that is known only at run time",
        "iterate over it with 'for', or stack it: tf.stack(items)",
        messages.site_of_frame(frame, messages.appends(frame, name)),
        "it grows in a loop over a tensor",
    )


def pop(frame: Frame, owner: list[Any], buffer: Growable, arguments: tuple[Any, ...]) -> Any:
    """`list.pop()` or `list.pop(i)`."""
    index = arguments[0] if arguments else -1
    journal = frame.trace.journal

    def from_end(last: SymbolicNumber) -> Any:
        value = item_at(frame, buffer, last)
        rows.note_taken(frame.trace, value, owner, last)
        journal.touch(owner)
        hold(owner, buffer.of_length(last))
        return value

    def from_anywhere(place: SymbolicNumber) -> Any:
        value = item_at(frame, buffer, place)
        rows.note_taken(frame.trace, value, owner, place)
        journal.touch(owner)
        hold(owner, without_row(frame, buffer, place))
        return value

    def from_some(last: SymbolicNumber) -> Any:
        if index.__class__ is int and index == -1:
            return from_end(last)
        return at_checked_place(
            frame, buffer.length, index, "pop index out of range", from_anywhere
        )

    last = buffer.length - 1
    empty = "an empty deque" if isinstance(owner, deque) else "empty list"
    return _where(frame, last >= 0, f"pop from {empty}", from_some, last)


def insert(frame: Frame, buffer: Growable, index: Any, value: Any) -> Growable:
    """The list with an item put in before `index`."""
    length = buffer.length
    number = number_of(frame, index)
    place = staging.branch(frame, frame.node, number < 0, lambda: number + length, lambda: number)
    place = staging.branch(frame, frame.node, place < 0, lambda: as_number(frame, 0), lambda: place)
    place = staging.branch(frame, frame.node, place > length, lambda: length, lambda: place)
    longer = append(frame, buffer, value)
    concat = primitives.function_named("concat")

    def moved(rows: SymbolicTensor) -> Any:
        parts = [
            rows[: place.tensor],
            rows[length.tensor : longer.length.tensor],
            rows[place.tensor : length.tensor],
        ]
        return concat(parts, 0)

    return rearranged(longer, moved, longer.length)


def _drop_beyond(frame: Frame, owner: Any, end: int) -> None:
    """A deque with a `maxlen` loses the item at its other end."""
    limit = getattr(owner, "maxlen", None)
    buffer = growable_of(owner)
    if limit is None or buffer is None:
        return

    def drop() -> None:
        pop(frame, owner, buffer, (end,))

    staging.branch(frame, frame.node, buffer.length > limit, drop, lambda: None)


def call_method(frame: Frame, owner: list[Any], name: str, arguments: tuple[Any, ...]) -> Any:
    """A method of a list that changes it."""
    with rows.places_kept(frame.trace, owner):
        frame.trace.guards.take(owner)
    buffer = growable_of(owner)
    if buffer is None:
        index = index_of(frame, arguments[0]) if name in ("pop", "insert") and arguments else None
        if index is not None and owner:
            with rows.putting(frame, list(owner)):
                grow(frame, owner)
            return call_method(frame, owner, name, arguments)
        return getattr(owner, name)(*arguments)
    if name in ("append", "appendleft", "insert"):
        with rows.putting(frame, arguments):
            return _add(frame, owner, buffer, name, arguments)
    if name == "popleft":
        name, arguments = "pop", (0,)
    if name == "pop":
        return pop(frame, owner, buffer, arguments)
    return known_items(frame, owner)


def _add(
    frame: Frame, owner: list[Any], buffer: Growable, name: str, arguments: tuple[Any, ...]
) -> None:
    """A method that adds an item."""
    if name == "append":
        hold(owner, append(frame, buffer, *arguments))
        rows.note_added(frame.trace, arguments[0], owner, buffer.length)
        _drop_beyond(frame, owner, 0)
        return
    frame.trace.journal.touch(owner)
    if name == "appendleft":
        hold(owner, insert(frame, buffer, 0, *arguments))
        rows.note_added(frame.trace, arguments[0], owner, 0)
        _drop_beyond(frame, owner, -1)
        return
    hold(owner, insert(frame, buffer, *arguments))
    rows.note_put(frame.trace, arguments[1], owner)
