"""Which values are the same: constants that may stand for each other, and objects that keep their identity."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Generator, Set
from types import FunctionType, MethodType
from typing import Any, cast

import numpy as np
from tfc.core.recording import STATE
from tfc.tracing.values import shapes, structures
from tfc.tracing.values.symbolic import Choice


class Identities:
    """Objects that a trace treats specially where it is now, by identity."""

    __slots__ = ("kept", "open")

    def __init__(self) -> None:
        self.kept: set[int] = set()
        """Containers that other variables name too: merged values keep their identity."""
        self.open: set[int] = set()
        """Containers and objects that `abstract` is inside of."""


def same_constant(left: Any, right: Any) -> bool:
    """Whether two Python values may stand for each other: the same object, or equal immutable values of one type."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return left == right and str(left) == str(right)
    if isinstance(left, bool | int | str | bytes | complex | range | slice | np.dtype | np.generic):
        return bool(left == right)
    if isinstance(left, MethodType):
        return left.__func__ is right.__func__ and left.__self__ is right.__self__
    return isinstance(left, FunctionType) and _same_function(left, right)


def _same_function(left: FunctionType, right: FunctionType) -> bool:
    """Whether two functions came from one `def` or `lambda` and see the same variables and defaults."""
    if left.__code__ is not right.__code__ or left.__dict__ or right.__dict__:
        return False
    seen = [
        (item.__closure__ or (), item.__defaults__ or (), item.__kwdefaults__ or {})
        for item in (left, right)
    ]
    (cells, defaults, named), (other_cells, other_defaults, other_named) = seen
    return (
        all(map(operator.is_, cells, other_cells))
        and len(defaults) == len(other_defaults)
        and all(map(same_constant, defaults, other_defaults))
        and named.keys() == other_named.keys()
        and all(same_constant(named[key], other_named[key]) for key in named)
    )


def containers_in(value: Any) -> dict[int, Any]:
    """The containers that can change, in a value and what it holds, by identity."""
    found: dict[int, Any] = {}
    pending = [value]
    while pending:
        item = pending.pop()
        if item.__class__ is Choice:
            pending.extend(item.alternatives)
            continue
        if id(item) in found or structures.struct_keys(item) is None:
            continue
        if not isinstance(item, tuple | shapes.TracedShape):
            found[id(item)] = item
        pending.extend(structures.struct_children(item))
    return found


@contextlib.contextmanager
def keeping(objects: Set[int]) -> Generator[None]:
    """Treat these containers, by identity, as the very objects that they are."""
    kept: set[int] = cast(Any, STATE.recorder).identities.kept
    added = objects - kept
    kept.update(added)
    try:
        yield
    finally:
        kept.difference_update(added)


def kept_in(value: Any) -> list[Any]:
    """The containers in a value that are treated as the very objects that they are, here."""
    kept: set[int] = cast(Any, STATE.recorder).identities.kept
    return [item for identity, item in containers_in(value).items() if identity in kept]


def is_kept(value: Any) -> bool:
    """Whether an object is treated as the very object that it is, here."""
    recorder: Any = STATE.recorder
    return recorder is not None and id(value) in recorder.identities.kept


def is_itself(value: Any) -> bool:
    """Whether an object stays the very object that it is: one from outside of the trace, or that a container holds so."""
    recorder: Any = STATE.recorder
    if is_kept(value) or is_outer(value):
        return True
    return recorder is not None and id(value) in recorder.journal.themselves


def is_outer(value: Any) -> bool:
    """Whether an object is one from outside of the trace, other than those that stand for arguments."""
    recorder: Any = STATE.recorder
    return recorder is not None and id(value) in recorder.guards.paths
