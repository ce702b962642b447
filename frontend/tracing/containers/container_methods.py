"""Methods of lists, dicts and sets whose items or keys are known only at run time."""

from __future__ import annotations

import operator
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import tfc.tracing.calling.library  # noqa: F401  # pyright: ignore[reportUnusedImport] - has `sorted`
from tfc.tracing import operations
from tfc.tracing.calling import algorithms
from tfc.tracing.calling.intrinsics import METHODS, ContainerMethod, Intrinsic, known
from tfc.tracing.containers import (
    list_items,
    list_methods,
    mappings,
    rows,
    run_time_keys,
    sets,
    tables,
)
from tfc.tracing.containers.growable import table_of
from tfc.tracing.frame import Frame
from tfc.tracing.iteration import producers
from tfc.tracing.paths import choices, staging
from tfc.tracing.values.symbolic import Choice
from tfc.tracing.values.truth import truth


def _intrinsic(function: Any) -> Intrinsic:
    version = known(function)
    assert version is not None
    return version


_sorted = _intrinsic(sorted)


def _list_method(name: str) -> ContainerMethod:
    def run(frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if name == "extend":
            return list_items.extend(frame, owner, *arguments)
        return list_items.call_method(frame, owner, name, arguments)

    return run


def _list_sort(
    frame: Frame, owner: list[Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    ordered = _sorted(frame, (owner,), keywords)
    operations.touch(frame, owner)
    owner[:] = ordered


def _search(name: str) -> ContainerMethod:
    staged = getattr(list_methods, name)

    def run(frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if name == "remove":
            operations.touch(frame, owner)
        known = frame.trace.guards.load_all(owner)
        if list_methods.is_run_time(known, *arguments):
            return staged(frame, owner, *arguments)
        return getattr(owner, name)(*arguments)

    return run


def _list_reverse(
    frame: Frame, owner: list[Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    operations.touch(frame, owner)
    list_methods.reverse(frame, owner)


def _list_copy(
    frame: Frame, owner: list[Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> list[Any]:
    made = list(frame.trace.guards.load_all(owner))
    frame.trace.journal.created(made)
    rows.note_same(frame.trace, made, owner)
    return made


METHODS[list] = {
    "copy": _list_copy,
    "append": _list_method("append"),
    "extend": _list_method("extend"),
    "insert": _list_method("insert"),
    "pop": _list_method("pop"),
    "sort": _list_sort,
    "reverse": _list_reverse,
    "index": _search("index"),
    "count": _search("count"),
    "remove": _search("remove"),
}


METHODS[tuple] = {"index": _search("index"), "count": _search("count")}


def _deque_extendleft(
    frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    tables.visit(
        frame,
        arguments[0],
        lambda item: list_items.call_method(frame, owner, "appendleft", (item,)),
    )


def _deque_rotate(
    frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    operations.touch(frame, owner)
    list_methods.rotate(frame, owner, *arguments)


METHODS[deque] = {
    **{
        name: _list_method(name)
        for name in ("append", "appendleft", "pop", "popleft", "extend", "insert")
    },
    **{name: METHODS[list][name] for name in ("reverse", "index", "count", "remove")},
    "extendleft": _deque_extendleft,
    "rotate": _deque_rotate,
}


def _dict_method(version: Callable[..., Any]) -> ContainerMethod:
    def run(frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        def of_first(*first: Any) -> Any:
            return version(frame, owner, *first, *arguments[1:], **keywords)

        if arguments and mappings.splits(frame, owner, arguments[0]):
            return choices.over_choices(frame, of_first, arguments[0])
        return of_first(*arguments[:1])

    return run


def _dict_view(name: str) -> ContainerMethod:
    return lambda frame, owner, arguments, keywords: mappings.view(frame, owner, name)


def _popitem(frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if table_of(owner) is None and not mappings.has_partial(owner):
        operations.touch(frame, owner)
        return owner.popitem(*arguments, **keywords)
    is_ordered = isinstance(owner, OrderedDict)
    last = bool(keywords.get("last", arguments[0] if arguments else True))
    message = "dictionary is empty" if is_ordered else "popitem(): dictionary is empty"
    if table_of(owner) is not None:
        return tables.pop_item(frame, owner, last, message)
    entries = mappings.entries_of(frame, owner)

    def pop_first(keys: list[Any]) -> Any:
        if not keys:
            raise KeyError(message)
        key, *rest = keys
        present = mappings.presence(frame, entries[key])
        if present is True:
            return key, mappings.pop(frame, owner, key)
        return staging.branch(
            frame,
            frame.node,
            present,
            lambda: (key, mappings.pop(frame, owner, key)),
            lambda: pop_first(rest),
        )

    return pop_first(list(reversed(entries)) if last else list(entries))


def _move_to_end(
    frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    return operations.call(frame, algorithms.move_to_end, (owner, *arguments), keywords)


METHODS[dict] = {
    "popitem": _popitem,
    "move_to_end": _move_to_end,
    "get": _dict_method(mappings.get),
    "setdefault": _dict_method(mappings.set_default),
    "pop": _dict_method(mappings.pop),
    "update": _dict_method(mappings.update),
    "items": _dict_view("items"),
    "values": _dict_view("values"),
    "keys": _dict_view("keys"),
}


def _set_method(
    name: str, partial: Callable[[Frame, Any, tuple[Any, ...]], Any]
) -> ContainerMethod:
    """A method of a set: Python's own unless members differ from path to path."""

    def run(frame: Frame, owner: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if any(item.__class__ is Choice for item in arguments):
            return choices.over_choices(
                frame, lambda *given: run(frame, owner, given, keywords), *arguments
            )
        if any(map(operations.is_staged_set, (owner, *arguments))) or (
            any(
                run_time_keys.is_run_time_key(item) or producers.is_staged(frame, item)
                for item in arguments
            )
        ):
            return partial(frame, owner, arguments)
        frame.trace.guards.load_all(owner)
        if name in _SET_CHANGES:
            operations.touch(frame, owner)
        return getattr(owner, name)(*arguments)

    return run


_SET_CHANGES = ("add", "discard", "remove", "update", "difference_update", "clear", "pop")
_SET_OPERATORS = {
    "union": operator.or_,
    "intersection": operator.and_,
    "difference": operator.sub,
    "symmetric_difference": operator.xor,
    "issubset": operator.le,
    "issuperset": operator.ge,
}


def _set_change(name: str) -> ContainerMethod:
    return _set_method(
        name, lambda frame, owner, arguments: sets.change_set(frame, owner, name, arguments)
    )


def _set_operator(name: str) -> ContainerMethod:
    apply = _SET_OPERATORS[name]
    return _set_method(
        name,
        lambda frame, owner, arguments: sets.combine_sets(frame, apply, owner, *arguments),
    )


def _is_disjoint(frame: Frame, owner: Any, arguments: tuple[Any, ...]) -> Any:
    common = sets.combine_sets(frame, operator.and_, owner, set(*arguments))
    return operations.logical_not(truth(frame, common))


def _frozen_operator(name: str) -> ContainerMethod:
    run = METHODS[set][name]
    return lambda frame, owner, arguments, keywords: sets.frozen(
        run(frame, set(owner), arguments, keywords)
    )


METHODS[set] = (
    {"isdisjoint": _set_method("isdisjoint", _is_disjoint)}
    | {name: _set_change(name) for name in _SET_CHANGES}
    | {name: _set_operator(name) for name in _SET_OPERATORS}
)
METHODS[frozenset] = {name: _frozen_operator(name) for name in ("isdisjoint", *_SET_OPERATORS)}
