"""Methods of lists whose items, or number of items, are known at run time: `index`, `count`, `remove`, `reverse`, `sort`."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable
from typing import Any

from tfc.core.variable import Variable
from tfc.tracing import operations
from tfc.tracing.calling import algorithms
from tfc.tracing.containers import growable, list_items, rows
from tfc.tracing.containers.columns import Growable, View, flat, rearranged
from tfc.tracing.containers.growable import SEQUENCES, growable_of
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import producers
from tfc.tracing.paths import comprehension_staging, staging
from tfc.tracing.strings import characters, text
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import Array, Const, Number, Skeleton, Struct, Union, map_tag
from tfc.tracing.values.identity import containers_in
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor
from tfc.tracing.values.truth import truth, user_method


def _equals(frame: Frame, value: Any) -> Any:
    return lambda item: truth(frame, operations.binary(frame, operator.eq, item, value))


def index(frame: Frame, owner: Any, value: Any, *bounds: Any, message: str | None = None) -> Any:
    """`owner.index(value)`; `message` is that of the `ValueError`."""
    if isinstance(owner, tuple):
        message = "tuple.index(x): x not in tuple"
    if bounds:
        owner = list_items.load_item(frame, owner, slice(*bounds))
    equal = _equals(frame, value)
    pairs = producers.Filtered(
        frame, producers.Enumerated(frame, owner, 0), lambda pair: equal(pair[1])
    )

    def missing() -> Any:
        raise ValueError(
            message or text.SymbolicText([text.Piece(value, "r", ""), " is not in list"])
        )

    found = producers.first(frame, pairs, missing)[0]
    return found + bounds[0] if bounds else found


def combine(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """An operator on two lists or tuples, or on one and a number."""
    grows = growable_of(x) is not None or growable_of(y) is not None
    if apply is operator.eq or apply is operator.ne:
        same = _equal_items(frame, x, y, grows)
        return same if apply is operator.eq else operations.logical_not(same)
    if apply in _ORDER:
        if grows:
            return operations.call(frame, algorithms.ordered, (apply, x, y), {})
        return _ordered(frame, apply, x, y, 0)
    if apply is operator.add and grows and x.__class__ is y.__class__:
        return _joined(frame, x.__class__, [x, y])
    if apply is operator.mul and grows:
        items, times = (x, y) if growable_of(x) is not None else (y, x)
        return _joined(frame, items.__class__, [items] * times)
    if grows:
        return list_items.known_items(frame, x)
    return apply(x, y)


def repeated(frame: Frame, items: list[Any] | tuple[Any, ...] | str, times: SymbolicNumber) -> Any:
    """`items * times`; a known list where the number comes from Python's arguments alone."""
    if times.kind is float:
        raise TypeError("can't multiply sequence by non-int of type 'float'")
    frame.trace.restart_with(times.tensor, "a number of items")
    if isinstance(items, str):
        return characters.derived(items, "__mul__", times)
    if any(map(containers_in, items)):
        return items * times  # the same object many times
    result = operations.call(frame, algorithms.repeated, (items, times), {})
    return operations.call(frame, tuple, (result,), {}) if isinstance(items, tuple) else result


_ORDER = (operator.lt, operator.le, operator.gt, operator.ge)


def call_with(frame: Frame, callee: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A call with as many arguments as are known at run time: of `zip` with rows of one length, `max`, `min` and `print`."""
    held = growable_of(arguments)
    assert held is not None
    item = held.item
    if callee in (max, min):
        return operations.call(frame, callee, (list(arguments),), named)
    if callee is print:
        return operations.call(frame, algorithms.print_items, (list(arguments),), named)
    if callee is not zip or not isinstance(item, Struct) or item.cls not in (tuple, list):
        return list_items.known_items(frame, arguments)

    def turned() -> list[Any]:
        rest, columns = iter(held.columns), list[Any]()
        for part in item.items:
            tensors = flat([next(rest) for _ in part.leaves()])
            columns.append((Growable(part, tensors, held.length),))
            rows.note_same(frame.trace, columns[-1], arguments)
        return columns

    return staging.branch(frame, frame.node, held.length > 0, turned, list)


def rotate(frame: Frame, owner: Any, steps: Any = 1) -> None:
    """`owner.rotate(steps)` for a deque."""
    if growable_of(owner) is None and steps.__class__ is int:
        owner.rotate(steps)
        return
    held = list_items.grow(frame, owner)
    count = list_items.number_of(frame, steps)
    length, function = held.length, primitives.function_named
    zero, one = (frame.trace.constant(number, KIND_DTYPES[int]) for number in (0, 1))
    places = function("range")(zero, length.tensor, one) - count.tensor
    order = function("floormod")(places, function("maximum")(length.tensor, one))
    growable.hold(owner, rearranged(held, lambda rows: function("gather")(rows, order), length))


def _joined(frame: Frame, kind: type, parts: list[Any]) -> Any:
    joined: list[Any] = []
    frame.trace.journal.created(joined)
    for part in parts:
        list_items.extend(frame, joined, part)
    if kind is list:
        return joined
    if kind is not tuple:
        return list_items.known_items(frame, parts)
    whole = tuple(joined)
    rows.note_same(frame.trace, whole, joined)
    return whole


def _equal_items(frame: Frame, x: Any, y: Any, grows: bool) -> Any:
    if [isinstance(x, kind) for kind in SEQUENCES] != [isinstance(y, kind) for kind in SEQUENCES]:
        return False
    binary, length = operations.binary, operations.length

    def items() -> Any:
        # a list: `search` may look at the items again
        pairs = producers.side_by_side(frame, [x, y]) if grows else list(zip(x, y, strict=True))
        same = producers.Mapped(
            frame, pairs, lambda pair: truth(frame, _same(binary, frame, *pair))
        )
        return comprehension_staging.search(frame, same, False)

    same_length = binary(frame, operator.eq, length(frame, x), length(frame, y))
    if same_length.__class__ is bool:
        return same_length and items()
    return staging.branch(frame, frame.node, same_length, items, lambda: False)


def _same(binary: Any, frame: Frame, x: Any, y: Any) -> Any:
    return x is y or binary(frame, operator.eq, x, y)


def _ordered(frame: Frame, apply: Callable[[Any, Any], Any], x: Any, y: Any, position: int) -> Any:
    """`x < y` and the like from an item on: the first items that differ decide."""
    if position >= min(len(x), len(y)):
        return apply(len(x), len(y))
    a, b = x[position], y[position]
    binary = operations.binary
    same = truth(frame, _same(binary, frame, a, b))

    def rest() -> Any:
        return _ordered(frame, apply, x, y, position + 1)

    def decided() -> Any:
        return binary(frame, apply, a, b)

    if same.__class__ is bool:
        return rest() if same else decided()
    return staging.branch(frame, frame.node, same, rest, decided)


def contains(frame: Frame, source: Any, value: Any) -> Any:
    """`value in source` for items that are visited at run time."""
    return comprehension_staging.search(
        frame, producers.Mapped(frame, source, _equals(frame, value)), True
    )


def count(frame: Frame, owner: list[Any], value: Any) -> Any:
    """`owner.count(value)`."""
    hits = producers.Mapped(frame, owner, _equals(frame, value))
    return comprehension_staging.fold(
        frame, hits, 0, lambda total, hit: operations.binary(frame, operator.add, total, hit)
    )


def remove(frame: Frame, owner: list[Any], value: Any) -> None:
    """`owner.remove(value)`."""
    kind = type(owner).__name__
    message = f"{kind}.remove(x): x not in {kind}"
    list_items.call_method(frame, owner, "pop", (index(frame, owner, value, message=message),))


def reversed_rows(frame: Frame, buffer: Growable) -> Growable:
    """The items of a list that grows at run time, last first."""
    reverse = primitives.function_named("reverse")
    end = buffer.length.tensor
    return rearranged(buffer, lambda rows: reverse(rows[:end], [0]), buffer.length)


def sorted_rows(frame: Frame, source: Growable, keys: Growable, descending: bool) -> Growable:
    """The items of a list that grows at run time in the order of their keys: numbers, or tuples of them."""
    columns = _compared_columns(frame, keys)
    if columns is None:
        return list_items.known_items(frame, [source])
    function, end = primitives.function_named, source.length.tensor
    direction = "DESCENDING" if descending else "ASCENDING"
    order: Any = None
    for column in reversed(columns):
        values = column[:end] if order is None else function("gather")(column[:end], order)
        if values.type.dtype.kind == "b":
            values = primitives.cast(values, KIND_DTYPES[int])
        step = function("argsort")(values, 0, direction, stable=True)
        order = step if order is None else function("gather")(order, step)
    if order is None:
        return source
    return rearranged(source, lambda rows: function("gather")(rows, order), source.length)


def _compared_columns(frame: Frame, keys: Growable) -> list[SymbolicTensor] | None:
    """The numbers that decide the order of some keys, most important first; None when something else does."""
    item = keys.item
    if isinstance(keys, View) and keys.has_pairs and isinstance(item, Struct):
        item = item.items[0]  # of the entries of a dict no two have the same key
    return [] if item is None else _ordering(item, keys.buffers)


def _ordering(key: Skeleton, columns: list[SymbolicTensor]) -> list[SymbolicTensor] | None:
    """Those of the columns of keys that decide their order; None when something else does."""
    if isinstance(key, Struct) and key.cls in (tuple, list):
        found: list[SymbolicTensor] = []
        rest = columns
        for item in key.items:
            own = _ordering(item, rest)
            if own is None:
                return None
            found += own
            rest = rest[len(item.leaves()) :]
        return found
    if isinstance(key, Union) and key.widest >= 0:
        before = key.alternatives[: key.widest]
        return columns[1 + sum(len(item.leaves()) for item in before) :][:1]
    if isinstance(key, Union):
        texts = [item.value for item in key.alternatives if isinstance(item, Const)]
        if len(texts) < len(key.alternatives) or not all(isinstance(item, str) for item in texts):
            return None
        ranks = list(map(sorted(texts).index, texts))
        return [map_tag(columns[0]._scope.trace, columns[0], ranks)]
    if isinstance(key, Const):
        return []
    is_scalar = isinstance(key, Number) or (isinstance(key, Array) and not key.kind.shape)
    return columns[:1] if is_scalar else None


def reverse(frame: Frame, owner: list[Any]) -> None:
    """`owner.reverse()`."""
    buffer = growable_of(owner)
    if buffer is None:
        owner.reverse()
    else:
        growable.hold(owner, reversed_rows(frame, buffer))


def is_run_time(*values: Any) -> bool:
    """Whether it takes the interpreter to compare one of some values: something in it is known at run time only."""
    seen: set[int] = set()
    pending: list[Any] = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, _RUN_TIME):
            return True
        if id(value) in seen:
            continue
        if isinstance(value, list | tuple | deque | set | frozenset):
            seen.add(id(value))
            pending += value
        elif isinstance(value, dict):
            seen.add(id(value))
            pending += dict.values(value)
        elif user_method(value, "__eq__") is not None:
            return True
    return False


_RUN_TIME = (SymbolicTensor, Variable, SymbolicNumber, text.SymbolicText, Choice, Growable)
