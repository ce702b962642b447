"""Lists in compiled code: with items known one by one, or grown at run time.

A list whose length is known is a Python list of values. One that grows under staged control flow holds a single `Growable`:
a buffer per tensor of an item, and the length.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tfc.core.errors import CompileError
from tfc.tracing import staging
from tfc.tracing.frame import Frame
from tfc.tracing.messages import show_frames
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import KIND_DTYPES, SymbolicTensor


class Growable:
    """The items of a list that grows at run time; the only item of that list."""

    __slots__ = ("buffers", "item", "length")

    def __init__(self, item: Any, buffers: list[SymbolicTensor], length: SymbolicNumber) -> None:
        self.item = item
        self.buffers = buffers
        self.length = length


def growable_of(value: Any) -> Growable | None:
    """What a list that grows at run time holds; None for any other value."""
    if value.__class__ is list and len(value) == 1 and value[0].__class__ is Growable:
        return value[0]
    return None


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
        from tfc.tracing import primitives

        return SymbolicNumber(int, primitives.cast(key, KIND_DTYPES[int]))
    return None


def load_item(frame: Frame, owner: Any, key: Any) -> Any:
    """`owner[key]` for a list or tuple."""
    index = index_of(frame, key)
    if index is None:
        value = owner[key]
        if isinstance(key, slice):
            frame.trace.guards.load_all(owner)
            return value
        return frame.trace.guards.load_item(owner, key, value)
    items = frame.trace.guards.load_all(owner)
    return _pick(frame, items, index, f"{type(owner).__name__} index out of range")


def _pick(frame: Frame, items: Any, index: SymbolicNumber, message: str) -> Any:
    """The item at a run-time index: a branch per item."""
    place = _checked_index(frame, index, len(items), message)
    arms = [lambda item=item: item for item in items]
    return staging.switch(frame, place.tensor, arms)


def _checked_index(frame: Frame, index: SymbolicNumber, count: int, message: str) -> SymbolicNumber:
    """The index from 0, after a check that raises `IndexError` at run time."""

    def fail() -> Any:
        raise IndexError(message)

    if count == 0:
        fail()
    inside = (index >= -count) & (index < count)
    staging.branch(frame, frame.node, inside, lambda: None, fail)
    return index % count


def store_item(frame: Frame, owner: list[Any], key: Any, value: Any) -> None:
    """`owner[key] = value` for a list."""
    index = index_of(frame, key)
    frame.trace.journal.touch(owner)
    frame.trace.guards.writing(owner)
    if index is None:
        owner[key] = value
        return
    place = _checked_index(frame, index, len(owner), "list assignment index out of range")
    for position in range(len(owner)):
        old = owner[position]
        owner[position] = staging.branch(
            frame, frame.node, place == position, lambda: value, lambda old=old: old
        )


def load_keyed(frame: Frame, owner: dict[Any, Any], key: Any) -> Any:
    """`owner[key]` for a dict and a run-time key."""
    values = frame.trace.guards.load_all(owner)

    def fail() -> Any:
        raise KeyError(key)

    result: Callable[[], Any] = fail
    for name, value in reversed(list(values.items())):
        result = _keyed_arm(frame, key, name, value, result)
    return result()


def _keyed_arm(
    frame: Frame, key: Any, name: Any, value: Any, otherwise: Callable[[], Any]
) -> Callable[[], Any]:
    def run() -> Any:
        same = key == name
        if isinstance(same, SymbolicTensor):
            same = SymbolicNumber(bool, same)
        if not isinstance(same, SymbolicNumber):
            return value if same else otherwise()
        return staging.branch(frame, frame.node, same, lambda: value, otherwise)

    return run


def store_keyed(frame: Frame, owner: dict[Any, Any], key: Any, value: Any) -> None:
    """`owner[key] = value` for a dict and a run-time key, which must be one of its keys."""

    def fail() -> Any:
        raise CompileError(
            "TFC009",
            "a dict gets a key that is known only at run time",
            "make all keys before, or use a tensor indexed by the key",
            show_frames(frame),
        )

    def assign(name: Any) -> None:
        frame.trace.journal.touch(owner)
        frame.trace.guards.writing(owner)
        owner[name] = value

    names = list(frame.trace.guards.load_all(owner))
    if not names:
        fail()
    arm: Callable[[], Any] = lambda: _raise(KeyError(key))  # noqa: E731
    for name in reversed(names):
        arm = _store_arm(frame, key, name, lambda name=name: assign(name), arm)
    arm()


def _raise(error: BaseException) -> Any:
    raise error


def _store_arm(
    frame: Frame, key: Any, name: Any, then: Callable[[], Any], otherwise: Callable[[], Any]
) -> Callable[[], Any]:
    def run() -> Any:
        same = key == name
        if isinstance(same, SymbolicTensor):
            same = SymbolicNumber(bool, same)
        if not isinstance(same, SymbolicNumber):
            return then() if same else otherwise()
        return staging.branch(frame, frame.node, same, then, otherwise)

    return run


def extend(frame: Frame, owner: list[Any], items: Any) -> None:
    """`owner += items`."""
    from tfc.tracing import operations

    new = list(operations.iterate(frame, items))
    frame.trace.journal.touch(owner)
    frame.trace.guards.load_all(owner)
    frame.trace.guards.writing(owner)
    owner.extend(new)


def combine(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """An operator on two lists or tuples: concatenation, or a comparison of their items."""
    if apply is operator.add or not (apply is operator.eq or apply is operator.ne):
        return apply(x, y)
    same = _equal(frame, x, y)
    from tfc.tracing import operations

    return same if apply is operator.eq else operations.logical_not(same)


def _equal(frame: Frame, x: Any, y: Any) -> Any:
    from tfc.tracing import operations
    from tfc.tracing.truth import truth

    if isinstance(x, list) != isinstance(y, list) or len(x) != len(y):
        return False
    result: Any = True
    for a, b in zip(x, y, strict=True):
        if a is b:
            continue
        same = truth(frame, operations.binary(frame, operator.eq, a, b))
        if same is False:
            return False
        if same is not True:
            result = same if result is True else result & same
    return result


def known_items(frame: Frame, value: Any) -> Any:
    """The items of a growable list where their number must be known."""
    raise CompileError(
        "TFC010",
        "the items of a list that grows at run time are needed one by one here",
        "iterate over it with 'for', or stack it: tf.stack(items)",
        show_frames(frame),
    )


def contains(frame: Frame, buffer: Growable, item: Any) -> Any:
    """`item in list` for a list that grows at run time."""
    return known_items(frame, buffer)


def call_method(frame: Frame, owner: list[Any], name: str, arguments: tuple[Any, ...]) -> Any:
    """A method of a list."""
    frame.trace.journal.touch(owner)
    frame.trace.guards.load_all(owner)
    frame.trace.guards.writing(owner)
    return getattr(owner, name)(*arguments)
