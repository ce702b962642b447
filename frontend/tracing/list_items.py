"""Items of lists in compiled code: read, written, added and taken out, at places known now or at run time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from tfc.core.errors import CompileError
from tfc.tracing import primitives, rows, staging
from tfc.tracing.abstract import (
    Const,
    Skeleton,
    Union,
    abstract,
    describe,
)
from tfc.tracing.columns import Growable, rearranged
from tfc.tracing.failing_ops import after_operands
from tfc.tracing.frame import Frame
from tfc.tracing.growable import (
    append,
    from_items,
    growable_of,
    hold,
    item_at,
    join_items,
    replace,
    without_row,
)
from tfc.tracing.messages import appends, name_of_value, site_of_frame
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import KIND_DTYPES, SymbolicTensor


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

    before = frame.trace.raised.cell_contents
    staging.branch(frame, frame.node, condition, lambda: None, fail)
    return after_operands(frame.trace, before, lambda: use(place))


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
            return _slice(frame, buffer, key)
        return at_checked_place(
            frame,
            buffer.length,
            key if index is None else index,
            "list index out of range",
            lambda place: rows.item_of(frame, owner, buffer, place),
        )
    if isinstance(key, slice) and any(
        isinstance(part, SymbolicNumber | SymbolicTensor)
        for part in (key.start, key.stop, key.step)
    ):
        return _slice(frame, made_growable(frame, owner), key)
    if index is None:
        if isinstance(key, slice):
            return frame.trace.guards.load_all(owner)[key]
        value = owner[key]
        return frame.trace.guards.load_item(owner, key, value)
    known = frame.trace.guards.load_all(owner)
    return _pick(frame, known, index, f"{type(owner).__name__} index out of range")


def load_character(frame: Frame, owner: str, key: Any) -> Any:
    """`owner[key]` for a string."""
    index = index_of(frame, key)
    if index is None:
        return owner[key]
    return _pick(frame, list(owner), index, "string index out of range")


def _hold_long(frame: Frame, owner: Any, index: SymbolicNumber | None) -> None:
    """A long list of containers that is asked for one of run time is held natively, instead of a branch for each."""
    if index is None or owner.__class__ is not list or len(owner) <= _BRANCHES:
        return
    if all(isinstance(item, _CHANGING) for item in owner):
        frame.trace.guards.take(owner)
        hold(owner, made_growable(frame, owner))


_BRANCHES = 8
"""Up to as many containers in a list a run-time index is a branch for each."""


def made_growable(frame: Frame, owner: Any) -> Growable:
    """A list of known items as one of run time."""
    values = frame.trace.guards.load_all(owner)
    skeleton: Skeleton | None = None
    for value in values:
        skeleton = join_items(skeleton, abstract(value))
    return from_items(frame.trace, list(values), skeleton or Const(None))


def _slice(frame: Frame, buffer: Growable, key: slice) -> list[Any]:
    """`items[a:b]` as a list of run time; a step other than 1 only over all of them."""
    if key.step not in (None, 1):
        return _strided(frame, buffer, key)
    length = buffer.length

    def bound(value: Any, default: Any) -> Any:
        if value is None:
            return default
        number = number_of(frame, value)
        place = staging.branch(
            frame, frame.node, number < 0, lambda: number + length, lambda: number
        )
        zero = as_number(frame, 0)
        place = staging.branch(frame, frame.node, place < 0, lambda: zero, lambda: place)
        return staging.branch(frame, frame.node, place > length, lambda: length, lambda: place)

    start, stop = bound(key.start, as_number(frame, 0)), bound(key.stop, length)
    stop = staging.branch(frame, frame.node, stop < start, lambda: start, lambda: stop)
    return [rearranged(buffer, lambda rows: rows[start.tensor : stop.tensor], stop - start)]


def _strided(frame: Frame, buffer: Growable, key: slice) -> list[Any]:
    """`items[::step]`."""
    if key.start is not None or key.stop is not None or key.step.__class__ is not int:
        return known_items(frame, buffer)
    if key.step == 0:
        raise ValueError("slice step cannot be zero")
    stride, end = abs(key.step), buffer.length.tensor
    length = (buffer.length + (stride - 1)) // stride
    return [rearranged(buffer, lambda rows: rows[:end][key], length)]


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
    index = index_of(frame, key)
    frame.trace.guards.take(owner)
    buffer = growable_of(owner)
    if buffer is not None:
        if isinstance(key, slice):
            known_items(frame, owner)

        def put(place: SymbolicNumber) -> None:
            frame.trace.journal.touch(owner)
            hold(owner, replace(frame, buffer, place, value))
            rows.note(frame.trace, value, owner, growable_of(owner), place)

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


def extend(frame: Frame, owner: list[Any], source: Any) -> None:
    """`owner += items`."""
    from tfc.tracing import operations, producers

    if not producers.is_staged(frame, source):
        source = list(operations.iterate(frame, source))
    producers.visit(frame, source, lambda item: call_method(frame, owner, "append", (item,)))


def known_items(frame: Frame, value: Any) -> Any:
    """Refuse what needs to know the number of items of a growable list."""
    name = name_of_value(frame, value)
    raise CompileError(
        "TFC010",
        f"{repr(name) if name else 'a list'} has a number of items that is known only at run time",
        "iterate over it with 'for', or stack it: tf.stack(items)",
        site_of_frame(frame, appends(frame, name)),
        "it grows in a loop over a tensor",
    )


def pop(frame: Frame, owner: list[Any], buffer: Growable, arguments: tuple[Any, ...]) -> Any:
    """`list.pop()` or `list.pop(i)`."""
    index = arguments[0] if arguments else -1
    journal = frame.trace.journal

    def from_end(last: SymbolicNumber) -> Any:
        journal.touch(owner)
        value = item_at(frame, buffer, last)
        hold(owner, buffer.of_length(last))
        return value

    def from_anywhere(place: SymbolicNumber) -> Any:
        journal.touch(owner)
        value = item_at(frame, buffer, place)
        hold(owner, without_row(frame, buffer, place))
        return value

    def from_some(last: SymbolicNumber) -> Any:
        if index.__class__ is int and index == -1:
            return from_end(last)
        return at_checked_place(
            frame, buffer.length, index, "pop index out of range", from_anywhere
        )

    last = buffer.length - 1
    return _where(frame, last >= 0, "pop from empty list", from_some, last)


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


def stacked(frame: Frame, buffer: Growable) -> Any:
    """The items as one tensor."""
    if buffer.item is None or len(buffer.buffers) != 1:
        return _refuse_mixed(frame, buffer)
    return buffer.buffers[0][: buffer.length.tensor]


def _refuse_mixed(frame: Frame, buffer: Growable) -> Any:
    """Items without a common type cannot be one tensor."""
    name = next((key for key, held in frame.vars.items() if growable_of(held) is buffer), "")
    item = buffer.item
    kinds = [item] if item is None else item.alternatives if isinstance(item, Union) else [item]
    shown = " and ".join("nothing" if kind is None else describe(kind) for kind in kinds)
    raise CompileError(
        "TFC012",
        f"{repr(name) if name else 'the list'} holds {shown}, which are no rows of one tensor",
        "append tensors of one dtype and shape: tf.cast, tf.reshape",
        site_of_frame(frame, appends(frame, name)),
    )


_STACKING = ("stack", "convert_to_tensor", "constant", "concat", "add_n")


def call_library(
    frame: Frame, callee: Any, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A library function called with a list that grows at run time: those of tfc that join tensors take it as one."""
    name = getattr(callee, "__name__", "")
    if name not in _STACKING or not str(getattr(callee, "__module__", "")).startswith("tfc"):
        return known_items(frame, owner)
    buffer = growable_of(owner)
    assert buffer is not None
    whole = stacked(frame, buffer)
    axis = keywords.get("axis", arguments[1] if len(arguments) > 1 else 0)
    if name == "add_n":
        return primitives.function_named("reduce_sum")(whole, 0)
    if name in ("constant", "convert_to_tensor"):
        return callee(whole, *arguments[1:], **keywords)
    if axis != 0:
        rank = len(whole.type.shape)
        order = [*range(1, axis % rank + 1), 0, *range(axis % rank + 1, rank)]
        whole = primitives.function_named("transpose")(whole, order)
    if name == "stack":
        return whole
    shape = primitives.function_named("shape")(whole)
    if axis != 0:
        return known_items(frame, owner)
    merged = primitives.function_named("concat")([[-1], shape[2:]], 0)
    return primitives.function_named("reshape")(whole, merged)


def _drop_beyond(frame: Frame, owner: Any, end: int) -> None:
    """A deque with a `maxlen` loses the item at its other end."""
    limit = getattr(owner, "maxlen", None)
    buffer = growable_of(owner)
    if limit is None or buffer is None:
        return

    def drop() -> None:
        frame.trace.journal.touch(owner)
        pop(frame, owner, buffer, (end,))

    staging.branch(frame, frame.node, buffer.length > limit, drop, lambda: None)


def call_method(frame: Frame, owner: list[Any], name: str, arguments: tuple[Any, ...]) -> Any:
    """A method of a list that changes it."""
    frame.trace.guards.take(owner)
    buffer = growable_of(owner)
    if buffer is None:
        if name in ("pop", "insert") and arguments and index_of(frame, arguments[0]) is not None:
            skeleton: Skeleton | None = None
            for value in owner:
                skeleton = join_items(skeleton, abstract(value))
            if skeleton is not None:
                hold(owner, from_items(frame.trace, owner, skeleton))
                return call_method(frame, owner, name, arguments)
        return getattr(owner, name)(*arguments)
    if name == "append":
        hold(owner, append(frame, buffer, *arguments))
        rows.note(frame.trace, arguments[0], owner, growable_of(owner), buffer.length)
        return _drop_beyond(frame, owner, 0)
    if name == "appendleft":
        hold(owner, insert(frame, buffer, 0, *arguments))
        rows.note(frame.trace, arguments[0])
        return _drop_beyond(frame, owner, -1)
    if name == "popleft":
        name, arguments = "pop", (0,)
    if name == "pop":
        return pop(frame, owner, buffer, arguments)
    if name == "insert":
        hold(owner, insert(frame, buffer, *arguments))
        rows.note(frame.trace, arguments[1])
        return None
    if name == "clear":
        owner.clear()
        return None
    return known_items(frame, owner)
