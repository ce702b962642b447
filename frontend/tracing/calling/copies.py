"""`copy` and `dataclasses.asdict` of what is known at run time: items, and how many there are."""

from __future__ import annotations

import copy
import dataclasses
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.tracing import attributes, operations
from tfc.tracing.calling.calls import call_native
from tfc.tracing.calling.intrinsics import define, defines
from tfc.tracing.containers import list_items, mappings, rows
from tfc.tracing.containers.growable import growable_of, table_of
from tfc.tracing.frame import UNBOUND, Frame
from tfc.tracing.ndarrays import arrays
from tfc.tracing.operators import PLAIN
from tfc.tracing.paths import choices
from tfc.tracing.paths.journal import attributes_of, contents_of, has_attributes, set_contents
from tfc.tracing.paths.leaving import constants_in
from tfc.tracing.strings.text import SymbolicText
from tfc.tracing.values import structures
from tfc.tracing.values.symbolic import Choice, SymbolicTensor
from tfc.tracing.values.truth import user_method

_OWN_WAYS = ("__reduce_ex__", "__reduce__", "__getstate__", "__setstate__", "__getnewargs__")


def _is_container(value: Any) -> bool:
    """Whether a value is one of Python's containers that hold items of run time."""
    kind: Any = type(value)
    return kind in (list, set, deque) or (
        isinstance(value, dict) and structures.struct_keys(value) is not None
    )


def _is_plain_object(value: Any) -> bool:
    """Whether an object is copied by its attributes."""
    return (
        structures.is_record(type(value))
        and has_attributes(value)
        and all(user_method(value, name) is None for name in _OWN_WAYS)
    )


def _like(frame: Frame, value: Any) -> Any:
    """An empty container or object of the same class."""
    kind: Any = type(value)
    if _is_container(value):
        made = structures.new_container(kind, structures.factory_of(value))
    else:
        made = kind.__new__(kind)
    frame.trace.journal.created(made)
    return made


def _attributes(frame: Frame, value: Any) -> dict[str, Any]:
    """The attributes of an object; those that it has on some paths only as choices."""
    frame.trace.guards.require_attributes(value)
    return {
        name: item if mappings.is_partial(item) else attributes.load_attribute(frame, value, name)
        for name, item in attributes_of(value).items()
    }


def _contents(frame: Frame, value: Any) -> Any:
    """What a container holds, as `journal.contents_of` gives it."""
    loaded = frame.trace.guards.load_all(value)
    return contents_of(value if loaded is value else loaded)


@defines(copy.copy)
def _copy(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) != 1 or keywords:
        return call_native(frame, copy.copy, arguments, keywords)
    (value,) = arguments
    if value.__class__ is Choice:
        return choices.over_choices(frame, lambda item: _copy(frame, (item,), {}), value)
    if value.__class__ is frozenset:
        return value
    method = user_method(value, "__copy__")
    if method is not None:
        return operations.call(frame, method, (value,), {})
    if _is_container(value):
        made = _like(frame, value)
        set_contents(made, _contents(frame, value))
        rows.note_same(frame.trace, made, value)
        return made
    if isinstance(value, SymbolicTensor | np.ndarray):
        return _tensor(frame, value, {})
    if _is_plain_object(value):
        made = _like(frame, value)
        set_contents(made, _attributes(frame, value))
        return made
    return call_native(frame, copy.copy, arguments, keywords)


@defines(copy.deepcopy)
def _deepcopy(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    if len(arguments) != 1 or keywords:
        return call_native(frame, copy.deepcopy, arguments, keywords)
    return _deep(frame, arguments[0], {})


def _deep(frame: Frame, value: Any, made: dict[int, Any]) -> Any:
    """A copy with copies of all that it holds; `made` has them by the identity of what they are copies of."""
    kind = value.__class__
    if isinstance(value, SymbolicTensor):
        return _tensor(frame, value, made)
    if kind in PLAIN or kind is SymbolicText or kind is frozenset:
        return value
    if kind is Choice:
        return _one_of(frame, value, made)
    if id(value) in made:
        return made[id(value)]
    if kind is tuple or (isinstance(value, tuple) and hasattr(kind, "_fields")):
        return _tuple(frame, value, made)
    method = user_method(value, "__deepcopy__")
    if method is not None:
        return operations.call(frame, method, (value, {}), {})
    if not (_is_container(value) or _is_plain_object(value)):
        if isinstance(value, np.ndarray):
            return _tensor(frame, value, made)
        found = made[id(value)] = call_native(frame, copy.deepcopy, (value,), {})
        return found
    held = growable_of(value) or table_of(value)
    if held is not None and constants_in(held.item):
        return list_items.known_items(frame, value)
    copied = made[id(value)] = _like(frame, value)
    if held is not None:
        set_contents(copied, contents_of(value))  # the items are values: nothing shares them
        return copied
    contents = _contents(frame, value) if _is_container(value) else _attributes(frame, value)
    if isinstance(contents, dict):
        contents = {key: _deep(frame, item, made) for key, item in contents.items()}
    elif isinstance(contents, list):
        contents = [_deep(frame, item, made) for item in contents]
    set_contents(copied, contents)
    return copied


def _tensor(frame: Frame, value: Any, made: dict[int, Any]) -> Any:
    """A tensor or array of its own."""
    if id(value) not in made:
        is_array = isinstance(value, arrays.SymbolicArray | np.ndarray)
        copied = operations.call(frame, np.copy, (value,), {}) if is_array else value.snapshot()
        made[id(value)] = copied
    return made[id(value)]


def _tuple(frame: Frame, value: Any, made: dict[int, Any]) -> Any:
    """A tuple of copies; the tuple itself where none is another object."""
    if growable_of(value) is not None:
        return list_items.known_items(frame, value) if constants_in(value[0].item) else tuple(value)
    loaded = frame.trace.guards.load_all(value)
    items = [_deep(frame, item, made) for item in loaded]
    if all(copied is item for copied, item in zip(items, loaded, strict=True)):
        return loaded
    return type(value)(*items) if hasattr(type(value), "_fields") else tuple(items)


def _one_of(frame: Frame, value: Choice, made: dict[int, Any]) -> Any:
    """Copies of all alternatives: nothing is computed for them, so that it takes no branch."""
    return Choice(value.tag, [_deep_or_none(frame, item, made) for item in value.alternatives])


def _deep_or_none(frame: Frame, item: Any, made: dict[int, Any]) -> Any:
    return item if item is UNBOUND else _deep(frame, item, made)


# -- dataclasses --------------------------------------------------------------------------------

Whole = Callable[[list[tuple[str, Any]]], Any]
"""Makes something of the fields of a dataclass."""


def _fields(frame: Frame, value: Any, whole: Whole) -> Any:
    """A deep copy of a value, with `whole` of its fields for each dataclass."""
    if dataclasses.is_dataclass(value):
        found = [
            (field.name, attributes.load_attribute(frame, value, field.name))
            for field in dataclasses.fields(value)
        ]
        return whole([(name, _fields(frame, item, whole)) for name, item in found])
    kind = type(value)
    if kind is Choice:
        items = [
            item if item is UNBOUND else _fields(frame, item, whole) for item in value.alternatives
        ]
        return Choice(value.tag, items)
    if growable_of(value) is not None or table_of(value) is not None:
        return _deep(frame, value, {})
    if isinstance(value, list | tuple):
        items = [_fields(frame, item, whole) for item in frame.trace.guards.load_all(value)]
        if isinstance(value, list):
            frame.trace.journal.created(items)
        return kind(*items) if hasattr(kind, "_fields") else kind(items)
    if not isinstance(value, dict) or not _is_container(value):
        return _deep(frame, value, {})
    made = _like(frame, value)
    contents = _contents(frame, value)
    set_contents(made, {key: _fields(frame, item, whole) for key, item in contents.items()})
    return made


def _of_dataclass(function: Any, whole: Callable[[Frame, list[tuple[str, Any]]], Any]) -> None:
    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if len(arguments) != 1 or keywords or not _is_instance(arguments[0]):
            return call_native(frame, function, arguments, keywords)
        return _fields(frame, arguments[0], lambda fields: whole(frame, fields))

    define(function, run)


def _is_instance(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _dict_of(frame: Frame, fields: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(fields)
    frame.trace.journal.created(made)
    return made


_of_dataclass(dataclasses.asdict, _dict_of)
_of_dataclass(dataclasses.astuple, lambda _, fields: tuple([item for _, item in fields]))
