"""Python's containers and records as keys and items: taken apart and put together again."""

from __future__ import annotations

import operator
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from enum import Enum
from types import SimpleNamespace
from typing import Any, cast

from tfc.core.tensor import Tensor
from tfc.tracing.containers import sets
from tfc.tracing.frame import UNBOUND
from tfc.tracing.paths.journal import attributes_of, fill, has_attributes, set_contents
from tfc.tracing.syntax.source import INTERPRETED
from tfc.tracing.values import shapes


class Record:
    """Base of this package's own values that are their attributes and nothing else."""


def struct_keys(value: Any) -> tuple[Any, ...] | None:
    """The keys of a container that can cross a region by its items; None when it is no such container."""
    kind = type(value)
    if kind in (list, tuple, deque) or (isinstance(value, tuple) and hasattr(kind, "_fields")):
        return tuple(range(len(value)))
    if kind is dict or (isinstance(value, dict) and kind in (OrderedDict, defaultdict, Counter)):
        return tuple(value)
    if kind in (set, frozenset):
        return tuple(_members_of(value)) or None
    if kind is shapes.TracedShape:
        return tuple(range(len(value)))
    if is_record(kind):
        return tuple(attributes_of(value)) if has_attributes(value) else None
    return None


def _members_of(value: Any) -> dict[Any, Any]:
    """The members of a set that differ from path to path; empty for other sets, which are constants."""
    return sets.members_of(value) or {}


def is_record(kind: type) -> bool:
    """Whether instances of a class are their attributes and nothing else: dataclasses and plain user classes."""
    if kind is SimpleNamespace or issubclass(kind, Record):
        return True
    if kind.__module__ in ("builtins", "collections") or issubclass(
        kind, Enum | BaseException | type | Tensor
    ):
        return False
    if kind.__module__.partition(".")[0] == "tfc" and kind.__module__ not in INTERPRETED:
        return False
    return kind.__new__ is object.__new__


def children_at(value: Any, keys: tuple[Any, ...]) -> list[Any]:
    """The items of a container at these keys; `UNBOUND` where it has none."""
    if struct_keys(value) == keys:
        return struct_children(value)
    entries = dict(zip(struct_keys(value) or (), struct_children(value), strict=True))
    return [entries.get(key, UNBOUND) for key in keys]


def struct_children(value: Any) -> list[Any]:
    if isinstance(value, list | tuple | deque | shapes.TracedShape):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, set | frozenset):
        return list(_members_of(value).values())
    return list(attributes_of(value).values())


def parts_of(value: Any) -> Iterable[Any]:
    """What a value holds, of known items: those of a list, tuple or deque, the values of a dict, the attributes of a record."""
    if isinstance(value, list | tuple | deque):
        return value
    if isinstance(value, dict):
        return value.values()
    return attributes_of(value).values() if is_record(type(value)) else ()


def make_struct(cls: type, keys: tuple[Any, ...], values: list[Any], factory: Any = None) -> Any:
    """A container of class `cls`."""
    if cls is list:
        return values
    if cls is tuple:
        return cls(values)
    if cls is deque:
        return deque(values, factory)
    if issubclass(cls, shapes.TracedShape):
        return shapes.shape_of_sizes(values)
    if issubclass(cls, tuple):
        return cls(*values)
    if cls is set or cls is frozenset:
        made: set[Any] = set()
        sets.fill_set(made, dict(zip(keys, values, strict=True)))
        return made if cls is set else frozenset(made)
    if issubclass(cls, dict):
        result = new_container(cls, factory)
        fill(result, zip(keys, values, strict=True))
        return result
    record: Any = cast(Any, cls).__new__(cls)
    set_contents(record, dict(zip(keys, values, strict=True)))
    return record


def new_container(cls: type, factory: Any = None) -> Any:
    """An empty container of class `cls`; `factory` is what `factory_of` gives for one like it."""
    if cls is deque:
        return deque(maxlen=factory)
    return cls(factory) if issubclass(cls, defaultdict) else cls()


def factory_of(value: Any) -> Any:
    """What a container is made with besides its items: what makes the missing values of a dict, the most items of a deque."""
    if isinstance(value, deque):
        return value.maxlen
    return value.default_factory if isinstance(value, defaultdict) else None


def with_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """A list, tuple or dict with `change` of what it holds, all the way in: the very object where nothing changes."""
    if value.__class__ is dict:
        values = [with_leaves(item, change) for item in value.values()]
        same = all(map(operator.is_, values, value.values()))
        return value if same else dict(zip(value, values, strict=True))
    if value.__class__ is list or isinstance(value, tuple):
        items = [with_leaves(item, change) for item in value]
        if all(map(operator.is_, items, value)):
            return value
        return cast(Any, value)._make(items) if hasattr(value, "_make") else value.__class__(items)
    return change(value)
