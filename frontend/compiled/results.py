"""From the arrays that a program returns to the Python value that its function returns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from tfc.core.tensor import Tensor
from tfc.tracing.containers import columns, growable, ragged
from tfc.tracing.frame import UNBOUND
from tfc.tracing.ndarrays import complex_arrays
from tfc.tracing.paths.journal import contents_of, fill, set_contents
from tfc.tracing.paths.outgoing import Common
from tfc.tracing.strings import held_text, text
from tfc.tracing.values import abstract, structures

_NONE: Mapping[int, Any] = {}
_new = object.__new__


class Rebuild(Protocol):
    """Takes arrays; where one becomes a tensor, that tensor may be given.

    `own` are the caller's containers and objects, by the identity of what stands for them in the trace.
    """

    def __call__(self, arrays: Sequence[Any], own: Mapping[int, Any] = _NONE) -> Any: ...


def rebuilder(skeleton: abstract.Skeleton) -> Rebuild:
    """The function that makes the value of a skeleton from its arrays."""
    if is_tensor(skeleton):
        return _single_tensor
    if (
        isinstance(skeleton, abstract.Struct)
        and skeleton.cls is tuple
        and all(map(is_tensor, skeleton.items))
    ):
        return _tensors
    return lambda arrays, own=_NONE: _bound(_build(skeleton, iter(arrays), own))


def with_common(
    common: Sequence[Common], arrays: Sequence[Any], own: Mapping[int, Any]
) -> Mapping[int, Any]:
    """`own` with the objects that what a call gives has in several places: all of them are there before one is filled."""
    if not common:
        return own
    made, position, filled = dict(own), 0, list[tuple[Any, abstract.Skeleton, Sequence[Any]]]()
    for value, skeleton in common:
        count = len(skeleton.types())
        given = arrays[position : position + count]
        position += count
        if getattr(skeleton, "cls", complex_arrays.ComplexArray) is complex_arrays.ComplexArray:
            made[id(value)] = _build(skeleton, iter(given), own)
            continue
        assert isinstance(skeleton, abstract.Struct | growable.Grow)
        made[id(value)] = item = _empty(skeleton)
        filled.append((item, skeleton, given))
    for item, skeleton, given in filled:
        value = _build(skeleton, iter(given), made)
        if isinstance(item, set):
            item.update(value)
        else:
            set_contents(item, contents_of(value))
    return made


def _empty(skeleton: abstract.Struct | growable.Grow) -> Any:
    if issubclass(skeleton.cls, list | dict | set | deque):
        return structures.new_container(skeleton.cls, skeleton.factory)
    kind: Any = skeleton.cls
    return kind.__new__(kind)


def is_tensor(skeleton: abstract.Skeleton | None) -> bool:
    """Whether what is returned is a tensor, and not an array or scalar of NumPy."""
    return isinstance(skeleton, abstract.Array) and not skeleton.is_numpy


def _bound(value: Any) -> Any:
    return None if value is UNBOUND else value


def _struct(skeleton: abstract.Struct, values: list[Any]) -> Any:
    """A container; entries and attributes that are not there on the path that was taken are left out."""
    keys = skeleton.keys
    if any(value is UNBOUND for value in values):
        found = [pair for pair in zip(keys, values, strict=True) if pair[1] is not UNBOUND]
        if not issubclass(skeleton.cls, list | tuple):
            keys, values = tuple(key for key, _ in found), [value for _, value in found]
    bound = [_bound(value) for value in values]
    if skeleton.cls is complex_arrays.ComplexArray:
        return complex_arrays.joined(bound[0])
    return structures.make_struct(skeleton.cls, keys, bound, skeleton.factory)


def _tensor_of(array: Any) -> Tensor:
    if array.__class__ is Tensor:
        return array
    tensor = _new(Tensor)
    tensor._array = array
    return tensor


def _single_tensor(arrays: Sequence[Any], own: Mapping[int, Any] = _NONE) -> Tensor:
    return _tensor_of(arrays[0])


def _tensors(arrays: Sequence[Any], own: Mapping[int, Any] = _NONE) -> tuple[Tensor, ...]:
    return tuple([_tensor_of(array) for array in arrays])


def _build(skeleton: abstract.Skeleton, arrays: Iterator[Any], own: Mapping[int, Any]) -> Any:
    if isinstance(skeleton, abstract.Const):
        return own.get(id(skeleton.value), skeleton.value)
    if isinstance(skeleton, abstract.Array):
        array = next(arrays)
        if not skeleton.is_numpy:
            return _tensor_of(array)
        return array if skeleton.kind.shape else array[()]
    if isinstance(skeleton, abstract.Number):
        return skeleton.kind(next(arrays)[()])
    if isinstance(skeleton, abstract.Struct):
        values = [_build(item, arrays, own) for item in skeleton.items]
        return _struct(skeleton, values)
    if isinstance(skeleton, ragged.Ragged):
        length = int(next(arrays)[()])
        return _build(skeleton.array, iter([next(arrays)[:length]]), own)
    if isinstance(skeleton, growable.Grow):
        return _build_growing(skeleton, arrays, own)
    if isinstance(skeleton, text.TextSkeleton):
        return _build_text(skeleton, arrays)
    if isinstance(skeleton, held_text.HeldText):
        return held_text.held(int(next(arrays)[()]))
    assert isinstance(skeleton, abstract.Union)
    return _build_one_of(skeleton, arrays, own)


def _build_one_of(skeleton: abstract.Union, arrays: Iterator[Any], own: Mapping[int, Any]) -> Any:
    """The alternative that the first array says; the values of the others, which text cannot be made of, are passed over."""
    tag, built = int(next(arrays)[()]), None
    for number, item in enumerate(skeleton.alternatives):
        if number == tag:
            built = _build(item, arrays, own)
        else:
            for _ in item.types():
                next(arrays)
    return built


def _build_growing(
    skeleton: growable.Grow, arrays: Iterator[np.ndarray], own: Mapping[int, Any]
) -> Any:
    """A container that grew at run time."""
    length = int(next(arrays)[()])
    buffers = [next(arrays) for _ in skeleton.types()[1:]]
    made = structures.new_container(skeleton.cls, skeleton.factory)
    if skeleton.item is None:
        return made
    items = [
        _build(skeleton.item, columns.row_of(skeleton.item, buffers, index), own)
        for index in range(length)
    ]
    if isinstance(made, dict):
        fill(made, items)
        return made
    if isinstance(made, deque):
        made.extend(items)
        return made
    return skeleton.cls(items)


def _build_text(skeleton: text.TextSkeleton, arrays: Iterator[np.ndarray]) -> str:
    """A string with its run-time values formatted."""
    parts: list[str] = []
    for piece in skeleton.pieces:
        if isinstance(piece, str):
            parts.append(piece)
        else:
            kind, conversion, style = piece
            parts.append(text.format_piece(_build(kind, arrays, _NONE), conversion, style))
    return "".join(parts)
