"""Keys of dicts and sets that are known only at run time: what they can be, and how they are found."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.errors import CompileError
from tfc.tracing.containers import sets
from tfc.tracing.containers.columns import Growable
from tfc.tracing.containers.growable import table_of
from tfc.tracing.messages import site_of_frame
from tfc.tracing.ndarrays import arrays
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import Array, Const, Number, Skeleton, Struct, Union, equals_tag
from tfc.tracing.values.identity import same_constant
from tfc.tracing.values.numbers import SymbolicNumber, number_kind
from tfc.tracing.values.symbolic import KIND_DTYPES, Choice, SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.trace import Trace

Match = SymbolicTensor | bool
"""Whether keys are equal: for each of them, or for all of them alike."""

PLAIN = (str, bytes, type(None), type, FunctionType, Enum)
"""Constants that are equal to nothing of another kind."""


def is_run_time_key(key: Any) -> bool:
    """Whether a key is a number or scalar, or a tuple with something in it, that is known at run time only."""
    if isinstance(key, tuple):
        return any(item.__class__ is Choice or is_run_time_key(item) for item in key)
    if isinstance(key, frozenset):
        return table_of(key) is not None or sets.members_of(key) is not None
    return isinstance(key, SymbolicNumber | Growable) or is_scalar(key)


def is_scalar(value: Any) -> bool:
    """Whether a value is a scalar of NumPy that is known at run time only."""
    return value.__class__ is arrays.SymbolicArray and value.type.shape == ()


def require_comparable(frame: Frame, key: Skeleton) -> None:
    """Refuse keys that cannot be compared natively."""
    if not _is_comparable(key):
        raise CompileError(
            "TFC009",
            "a dict or set gets keys of different kinds, some of which are known only at run time",
            "use strings, numbers of one kind, or tuples of them, as keys",
            site_of_frame(frame),
        )


def _is_comparable(key: Skeleton) -> bool:
    if isinstance(key, Struct):
        return issubclass(key.cls, tuple) and all(map(_is_comparable, key.items))
    if isinstance(key, Union):
        # What is equal must be one alternative: a key that is stored again stays what it was.
        kinds = [item for item in key.alternatives if isinstance(item, Number | Array)]
        lengths = [len(item.keys) for item in key.alternatives if isinstance(item, Struct)]
        alone = len(kinds) <= 1 and len(set(lengths)) == len(lengths)
        return alone and all(map(_is_comparable, key.alternatives))
    if isinstance(key, Array):
        dtype = key.kind.dtype
        return key.is_numpy and key.kind.shape == () and dtype.kind in "biuf" and dtype != np.uint64
    return isinstance(key, Number) or (
        isinstance(key, Const)
        and (isinstance(key.value, PLAIN) or number_kind(key.value) is not None)
    )


def matches(trace: Trace, held: Skeleton, key: Any, columns: Sequence[SymbolicTensor]) -> Match:
    """Which of the keys of a skeleton, held by some columns, are equal to `key`."""
    if key.__class__ is Choice:
        return _any(
            [
                _both(equals_tag(trace, key.tag, number), matches(trace, held, item, columns))
                for number, item in enumerate(key.alternatives)
            ]
        )
    if isinstance(held, Union):
        tags, *rest = columns
        parts = _parts(trace, held.alternatives, [key] * len(held.alternatives), iter(rest))
        return _any(
            [_both(equals_tag(trace, tags, number), same) for number, same in enumerate(parts)]
        )
    if isinstance(held, Struct):
        if not isinstance(key, tuple) or len(key) != len(held.items):
            return False
        return functools.reduce(_both, _parts(trace, held.items, key, iter(columns)), True)
    number = _number(trace, key)
    if isinstance(held, Const):
        other = _number(trace, held.value)
        if number is None or other is None:
            return same_constant(held.value, key)
        return _equal(number, other)
    return False if number is None else _equal(columns[0], number)


def _parts(
    trace: Trace, held: Sequence[Skeleton], keys: Sequence[Any], columns: Iterator[SymbolicTensor]
) -> list[Match]:
    """`matches` of several skeletons, whose columns follow each other."""
    return [
        matches(trace, item, key, [next(columns) for _ in item.types()])
        for item, key in zip(held, keys, strict=True)
    ]


def _number(trace: Trace, key: Any) -> SymbolicTensor | None:
    """A key that is a number, as a tensor; None for any other."""
    if isinstance(key, SymbolicNumber):
        return key.tensor
    if is_scalar(key):
        return key
    kind = number_kind(key)
    return None if kind is None else trace.constant(key, KIND_DTYPES[kind])


def _equal(left: SymbolicTensor, right: SymbolicTensor) -> SymbolicTensor:
    has_float = "f" in (left.type.dtype.kind, right.type.dtype.kind)
    common = np.dtype(np.float64) if has_float else KIND_DTYPES[int]
    return primitives.apply_named(
        "equal", primitives.cast(left, common), primitives.cast(right, common)
    )


def _both(left: Match, right: Match) -> Match:
    if left is False or right is False:
        return False
    if left is True or right is True:
        return right if left is True else left
    return primitives.apply_named("logical_and", left, right)


def _any(found: Sequence[Match]) -> Match:
    result: Match = False
    for same in found:
        if same is True or result is True:
            return True
        if same is not False:
            result = same if result is False else primitives.apply_named("logical_or", result, same)
    return result
