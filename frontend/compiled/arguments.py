"""Arguments of a call: their key, which decides the specialisation, and the arrays that are passed to it.

Structures (lists, tuples, dicts, dataclasses) are walked; their leaves are

- tensors and arrays: inputs, keyed by dtype and shape;
- Python ints and floats: run-time numbers, keyed by their class (by their value where a trace needed it);
- variables: references, keyed by identity;
- anything else: part of the key, by value when it is a plain constant, else by identity.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum
from typing import Any, cast

import numpy as np
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.tracing.expressions import Expressions, kind_of_key
from tfc.tracing.values.numbers import INT64, is_run_time_number
from tfc.tracing.values.symbolic import SymbolicTensor

_CONSTANTS = (bool, str, bytes, complex, type(None))

Key = tuple[Any, ...]


class Leaf:
    """One leaf of the arguments: where it is, and what it is."""

    __slots__ = ("kind", "path", "value")

    def __init__(self, kind: str, path: tuple[Any, ...], value: Any) -> None:
        self.kind = kind
        """`tensor`, `number`, `variable`, `constant` or `object`."""
        self.path = path
        self.value = value


def argument_key(value: Any) -> Any:
    """The part of the key that one argument makes; hashable."""
    kind = value.__class__
    if kind is Tensor:
        array = value._array
        return (array.dtype, array.shape)
    if kind is float:
        return float
    if kind is int:
        return int if value in INT64 else ("big", value)
    if kind is np.ndarray:
        return (kind, (value.dtype, value.shape))
    if kind in _CONSTANTS:
        return (kind, value)
    if kind is tuple or kind is list:
        return (kind, *[argument_key(item) for item in value])
    if kind is dict:
        return (kind, *[(k, kind_of_key(k), argument_key(item)) for k, item in value.items()])
    return _other_key(value, kind)


def _other_key(value: Any, kind: type) -> Any:
    if isinstance(value, np.generic):
        return (np.ndarray, (value.dtype, ()))
    if isinstance(value, Enum):
        return (kind, value.name)
    if isinstance(value, tuple):
        return (kind, *[argument_key(item) for item in value])
    if isinstance(value, dict):
        return (kind, *[(k, kind_of_key(k), argument_key(item)) for k, item in value.items()])
    if is_plain_dataclass(value):
        return (
            kind,
            *[(name, argument_key(item)) for name, item in _dataclass_state(value).items()],
        )
    return ("object", id(value))


def is_plain_dataclass(value: Any) -> bool:
    """Whether a value is a dataclass instance that is walked by its fields."""
    return (
        dataclasses.is_dataclass(value)
        and not isinstance(value, type)
        and not hasattr(value, "__tf_tensor__")
    )


def replace_leaves(
    value: Any,
    path: tuple[Any, ...],
    leaf: Callable[[Leaf], Any],
    made: dict[int, Any] | None = None,
) -> Any:
    """A structure like `value` with `leaf(...)` for every leaf.

    With `made`, by the identity of containers what stands for them, one that is found twice is one in the new structure too.
    """
    if made is not None and id(value) in made:
        return made[id(value)]
    kind = value.__class__
    if isinstance(value, tuple):
        items = [replace_leaves(item, (*path, i), leaf, made) for i, item in enumerate(value)]
        return kind(*items) if hasattr(value, "_fields") else kind(items)
    if kind is list:
        new: Any = [replace_leaves(item, (*path, i), leaf, made) for i, item in enumerate(value)]
    elif isinstance(value, dict):
        new = _like_dict(
            value,
            {key: replace_leaves(item, (*path, key), leaf, made) for key, item in value.items()},
        )
    elif is_plain_dataclass(value):
        new = object.__new__(kind)
        for name, item in _dataclass_state(value).items():
            object.__setattr__(new, name, replace_leaves(item, (*path, name), leaf, made))
    else:
        return leaf(_leaf(value, path))
    if made is not None:
        made[id(value)] = new
    return new


def _dataclass_state(value: Any) -> dict[str, Any]:
    state = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return {**state, **getattr(value, "__dict__", {})}


def _like_dict(original: dict[Any, Any], items: dict[Any, Any]) -> dict[Any, Any]:
    kind = type(original)
    if kind is dict:
        return items
    factory = getattr(original, "default_factory", None)
    if factory is not None:
        return cast(Any, kind)(factory, items)
    return kind(items)


def _leaf(value: Any, path: tuple[Any, ...]) -> Leaf:
    if isinstance(value, SymbolicTensor):
        return Leaf("symbolic", path, value)
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return Leaf("tensor", path, value)
    if is_run_time_number(value):
        return Leaf("number", path, value)
    if isinstance(value, Variable):
        return Leaf("variable", path, value)
    if isinstance(value, (*_CONSTANTS, int, Enum)):
        return Leaf("constant", path, value)
    return Leaf("object", path, value)


def leaves_of(args: tuple[Any, ...]) -> list[Leaf]:
    """All leaves of the arguments."""
    found: list[Leaf] = []

    def note(leaf: Leaf) -> Any:
        found.append(leaf)
        return leaf.value

    for index, item in enumerate(args):
        replace_leaves(item, (index,), note)
    return found


def owners_among(args: tuple[Any, ...]) -> list[Any]:
    """The objects that a key names by their identity."""
    return [leaf.value for leaf in leaves_of(args) if leaf.kind == "object"]


def format_path(names: tuple[str, ...], path: tuple[Any, ...]) -> str:
    """A path as the user would write it: `x`, `state['h']`, `batch[0]`; outer values are named already."""
    if path[0] == "outer":
        return path[1]
    first = names[path[0]] if isinstance(path[0], int) and path[0] < len(names) else str(path[0])
    rest = "".join(f"[{key!r}]" for key in path[1:])
    return first + rest


def reader_of(path: tuple[Any, ...], root: Any, expressions: Expressions) -> str:
    """The Python expression that reads the leaf at `path` from the tuple `a` of arguments."""
    expression = "a"
    value: Any = root
    for key in path:
        if isinstance(value, list | tuple | dict):
            expression = expressions.item(expression, key)
            value = value[key]
        else:
            expression = expressions.attribute(expression, key)
            value = getattr(value, key)
    return expression
