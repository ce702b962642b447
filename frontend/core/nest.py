"""Structures of values: lists, tuples, named tuples, dicts, dataclasses, nested.

`flatten` gives the leaves, `pack_sequence_as` puts leaves back. Dicts are walked in sorted key order, as in TensorFlow.
None is a leaf.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any, cast

from tfc.core.errors import InvalidArgumentError, TFCTypeError


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a list, tuple, dict or dataclass instance, and not a leaf.

    >>> import tfc as tf
    >>> tf.nest.is_nested([1, 2]), tf.nest.is_nested(tf.constant([1, 2]))
    (True, False)
    """
    return _is_nested_kind(type(seq))


@functools.lru_cache(256)
def _is_nested_kind(kind: type) -> bool:
    """Whether instances of a class are nested."""
    known = issubclass(kind, list | tuple | Mapping) or dataclasses.is_dataclass(kind)
    return known and not hasattr(kind, "__tf_tensor__")


def children(structure: Any) -> list[tuple[Any, Any]]:
    """Key and child of each entry of a nested structure: index, dict key or field name."""
    if isinstance(structure, Mapping):
        mapping = cast("Mapping[Any, Any]", structure)
        return [(key, mapping[key]) for key in _sorted_keys(mapping)]
    if isinstance(structure, list | tuple):
        return list(enumerate(cast("list[Any]", structure)))
    fields = dataclasses.fields(structure)
    return [(field.name, getattr(structure, field.name)) for field in fields]


def _sorted_keys(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        raise TFCTypeError(
            "TFC116",
            f"the keys of a dict in a structure must be sortable, got {list(mapping)}",
            "use keys of one type",
        ) from None


def rebuild(structure: Any, values: list[Any]) -> Any:
    """A structure like `structure` with `values` for its children, in the order of `children`."""
    if isinstance(structure, Mapping):
        mapping = cast("Mapping[Any, Any]", structure)
        given = dict(zip(_sorted_keys(mapping), values, strict=True))
        ordered = {key: given[key] for key in mapping}
        if type(mapping) is dict:
            return ordered
        if hasattr(mapping, "default_factory"):
            return cast(Any, type(mapping))(cast(Any, mapping).default_factory, ordered)
        return cast(Any, type(mapping))(ordered)
    if isinstance(structure, tuple):
        kind = type(cast("tuple[Any, ...]", structure))
        return kind(*values) if hasattr(kind, "_fields") else kind(values)
    if isinstance(structure, list):
        return type(cast("list[Any]", structure))(values)
    names = [field.name for field in dataclasses.fields(structure)]
    return dataclasses.replace(structure, **dict(zip(names, values, strict=True)))


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of `structure`, depth first; a leaf gives a list of itself.

    >>> import tfc as tf
    >>> tf.nest.flatten({"b": (1, 2), "a": [3]})
    [3, 1, 2]
    """
    kind = type(structure)
    if not _is_nested_kind(kind):
        return [structure]
    leaves: list[Any] = []
    _flatten_into(structure, leaves)
    return leaves


def _flatten_into(structure: Any, leaves: list[Any]) -> None:
    kind = type(structure)
    if kind is list or kind is tuple:
        for item in structure:
            _flatten_into(item, leaves)
    elif kind is dict:
        for key in _sorted_keys(structure):
            _flatten_into(structure[key], leaves)
    elif _is_nested_kind(kind):
        for _, child in children(structure):
            _flatten_into(child, leaves)
    else:
        leaves.append(structure)


def flatten_with_paths(structure: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The leaves with their key paths: `((), x)` for a leaf, `(("a", 0), x)` for `{"a": [x]}`."""
    if not is_nested(structure):
        yield (), structure
        return
    for key, child in children(structure):
        for path, leaf in flatten_with_paths(child):
            yield (key, *path), leaf


def format_path(path: tuple[Any, ...]) -> str:
    """A key path as Python would write it: `['a'][0]`."""
    return "".join(f"[{key!r}]" for key in path)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """`structure` with its leaves replaced by `flat_sequence`; raises `ValueError` when the counts differ.

    >>> import tfc as tf
    >>> tf.nest.pack_sequence_as({"a": 0, "b": [0]}, [1, 2])
    {'a': 1, 'b': [2]}
    """
    leaves = list(flat_sequence) if is_nested(flat_sequence) else [flat_sequence]
    if len(leaves) == 1 and not is_nested(structure):
        return leaves[0]
    expected = len(flatten(structure))
    if len(leaves) != expected:
        raise InvalidArgumentError(
            "TFC117", f"the structure has {expected} leaves, the sequence {len(leaves)}"
        )
    remaining = iter(leaves)

    def pack(part: Any) -> Any:
        kind = type(part)
        if kind is list:
            return [pack(child) for child in part]
        if kind is tuple:
            return tuple([pack(child) for child in part])
        if kind is dict:
            packed = {key: pack(part[key]) for key in _sorted_keys(part)}
            return {key: packed[key] for key in part}
        if not _is_nested_kind(kind):
            return next(remaining)
        return rebuild(part, [pack(child) for _, child in children(part)])

    return pack(structure)


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise `ValueError` when the structures differ in nesting or keys, `TypeError` when in container types.

    The message has a line per place where they differ, with its key path.

    >>> import tfc as tf
    >>> tf.nest.assert_same_structure([1, (2, 3)], [4, (5, 6)])
    >>> tf.nest.assert_same_structure([1, (2, 3)], [4, 5])
    Traceback (most recent call last):
        ...
    tfc.errors.InvalidArgumentError[TFC117]: the structures differ:
      [1]: a tuple of 2 against a leaf (int)...
    """
    differences = list(_differences(nest1, nest2, check_types, ()))
    if differences:
        wrong_type = all(kind == "type" for kind, _ in differences)
        error = TFCTypeError if wrong_type else InvalidArgumentError
        listed = "\n".join(f"  {line}" for _, line in differences[:8])
        raise error("TFC117", f"the structures differ:\n{listed}")


def _differences(
    left: Any, right: Any, check_types: bool, path: tuple[Any, ...]
) -> Iterator[tuple[str, str]]:
    where = format_path(path) or "the whole"
    if is_nested(left) != is_nested(right):
        yield "value", f"{where}: {_describe(left)} against {_describe(right)}"
        return
    if not is_nested(left):
        return
    if check_types and type(left) is not type(right):
        both_dicts = isinstance(left, Mapping) and isinstance(right, Mapping)
        if not both_dicts:
            yield "type", f"{where}: {_describe(left)} against {_describe(right)}"
            return
    ours, theirs = children(left), children(right)
    if [key for key, _ in ours] != [key for key, _ in theirs]:
        yield "value", f"{where}: {_describe(left)} against {_describe(right)}"
        return
    for (key, a), (_, b) in zip(ours, theirs, strict=True):
        yield from _differences(a, b, check_types, (*path, key))


def _describe(value: Any) -> str:
    if not is_nested(value):
        return f"a leaf ({type(value).__name__})"
    if isinstance(value, Mapping):
        return f"a dict with keys {list(cast('Mapping[Any, Any]', value))}"
    return f"a {type(value).__name__} of {len(children(value))}"


class Structure:
    """The structure that several values share, as the first of them showed it."""

    def __init__(self) -> None:
        self.count = 0
        self._example: Any = None

    def flatten(self, value: Any) -> list[Any]:
        """The leaves of `value`; raises as `assert_same_structure` when it is built otherwise than the first."""
        leaves = flatten(value)
        if self.count == 1 and self._example is None and leaves[0] is value:
            return leaves  # a leaf, as the first was
        if not self.count:
            self.count = len(leaves)
            self._example = pack_sequence_as(value, [None] * self.count)
        assert_same_structure(self._example, value)
        return leaves

    def pack(self, leaves: list[Any]) -> Any:
        return pack_sequence_as(self._example, leaves)
