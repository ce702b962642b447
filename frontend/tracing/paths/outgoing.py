"""Values that leave a program: its results, and the outside state that it has changed.

The caller's own containers, objects and arrays stay the same objects. An object of the program that is in several of these
values, or that a container which grows holds as itself, is one object outside as well: it is made once, and the values are built
around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tfc.tracing.containers import growable
from tfc.tracing.containers.columns import Growable
from tfc.tracing.ndarrays.arrays import SymbolicArray
from tfc.tracing.paths import leaving, originals
from tfc.tracing.values import abstract, structures
from tfc.tracing.values.identity import is_outer, keeping
from tfc.tracing.values.symbolic import SymbolicTensor

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace
    from tfc.tracing.values.abstract import Skeleton

FindOwn = Callable[[Any], Mapping[int, Any]]
"""Finds the caller's own objects among the arguments of a call, by the identity of what stands for them."""


class Common(NamedTuple):
    """An object in several places, with the skeleton of what it holds."""

    value: Any
    skeleton: Skeleton


class Outgoing(NamedTuple):
    """How some values leave, and what carries them: the tensors of each of them, and then those of what they have in common."""

    skeletons: list[Skeleton]
    common: list[Common]
    own: FindOwn | None
    tensors: list[SymbolicTensor]


def leave(trace: Trace, values: Sequence[Any]) -> Outgoing:
    """Flatten values that leave the program at one of its ends."""
    owners, made = _owners(trace), dict[int, Any]()
    values = [originals.resolved(trace, value, made) for value in values]
    several = _in_several_places(values, owners.keys())
    tensors: list[SymbolicTensor] = []
    with keeping(owners.keys() | several.keys()), trace.journal.as_copies():
        skeletons = [
            _flattened(trace, abstract.abstract(value), value, tensors) for value in values
        ]
        common = [
            Common(item, _flattened(trace, abstract.abstract_parts(item), item, tensors))
            for item in several.values()
        ]
    held = [*skeletons, *[item.skeleton for item in common]]
    return Outgoing(skeletons, common, _own_of(trace, owners, held), tensors)


def _flattened(
    trace: Trace, skeleton: Skeleton, value: Any, tensors: list[SymbolicTensor]
) -> Skeleton:
    skeleton.flatten(trace, value, tensors)
    return skeleton


def _owners(trace: Trace) -> dict[int, str]:
    """Where the caller's own containers, objects and arrays are, by the identity of what stands for them."""
    found = {name: path for name, (_, path) in trace.outer.owners.items()}
    for value, inner, path in trace.outer.tensors:
        if isinstance(value, np.ndarray) and value.ndim:
            found.setdefault(id(inner), path)
    return found


def _in_several_places(values: Iterable[Any], owners: Iterable[int]) -> dict[int, Any]:
    """The objects among and in some values that are there more than once, or that containers which grow hold as themselves."""
    seen = set(owners)
    several: dict[int, Any] = {}
    pending = list(values)
    while pending:
        value = pending.pop()
        inner = leaving.passed_through(value)
        if inner is not None:
            if isinstance(value, Growable):
                several.update((id(item), item) for item in inner if id(item) not in owners)
            pending.extend(inner)
        elif _has_identity(value):
            if id(value) not in seen:
                seen.add(id(value))
                pending.extend(structures.parts_of(value))
                pending.extend(value if value.__class__ is set else ())
            elif id(value) not in owners:
                several[id(value)] = value
    return several


def holds_itself(value: Any, outer: tuple[Any, ...] = ()) -> bool:
    """Whether an object holds itself, or what holds it."""
    if any(item is value for item in outer):
        return True
    if not leaving.holds_parts(value):
        return False
    return any(holds_itself(part, (*outer, value)) for part in structures.parts_of(value))


def _has_identity(value: Any) -> bool:
    """Whether a value is made anew outside, as an object that can change."""
    if isinstance(value, SymbolicArray):
        return bool(value.type.shape)
    if isinstance(value, np.ndarray):
        return abstract.is_made_by_each_call(value)
    if not leaving.is_object(value) or is_outer(value):
        return False
    is_grown = growable.growable_of(value) is not None or growable.table_of(value) is not None
    return is_grown or structures.struct_keys(value) is not None


def _own_of(
    trace: Trace, owners: Mapping[int, str], skeletons: Iterable[Skeleton]
) -> FindOwn | None:
    """What finds the caller's objects that skeletons hold; None when they hold none."""
    held = {id(item) for skeleton in skeletons for item in _constants_in(skeleton)}
    paths = ", ".join([f"{key}: {path}" for key, path in owners.items() if key in held])
    return trace.guards.compiled(f"{{{paths}}}", "a") if paths else None


def _constants_in(skeleton: Skeleton) -> Iterator[Any]:
    """What a skeleton has as it is."""
    if isinstance(skeleton, abstract.Const):
        yield skeleton.value
    elif isinstance(skeleton, abstract.Struct | abstract.Union):
        parts = skeleton.items if isinstance(skeleton, abstract.Struct) else skeleton.alternatives
        for part in parts:
            yield from _constants_in(part)
    elif isinstance(skeleton, growable.Grow) and skeleton.item is not None:
        yield from _constants_in(skeleton.item)
