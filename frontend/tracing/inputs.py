"""What a trace takes in besides its arguments, and the wish to start it again with more known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.graph.nodes import Location
from tfc.tracing.values.symbolic import SymbolicTensor


class HiddenInput:
    """A value read at each call: a tensor that is closed over, a variable's buffer, a large constant."""

    __slots__ = ("key", "kind", "read", "tensor")

    def __init__(
        self, key: Any, read: Callable[[], np.ndarray], tensor: SymbolicTensor, kind: ArrayType
    ) -> None:
        self.key = key
        self.read = read
        self.tensor = tensor
        self.kind = kind


class Drawn:
    """The items that one call has taken from outer iterators: a trace that starts again sees the same ones."""

    def __init__(self) -> None:
        self._taken: dict[int, tuple[Iterator[Any], list[Any]]] = {}

    def items_of(self, source: Iterator[Any]) -> list[Any]:
        return self._taken.setdefault(id(source), (source, []))[1]


class Internal(BaseException):
    """Control flow of the interpreter itself: user code must not catch it."""


class Restart(Internal):
    """Trace again, with the values at `static` (keys of inputs) as constants."""

    def __init__(self, static: frozenset[Any], location: Location, reason: str) -> None:
        self.static = static
        self.location = location
        self.reason = reason
        super().__init__(reason)


class Unending(Internal):
    """A recursion does not end while tracing, whatever else is tried inside of it: `refusal` is raised where it begins."""

    def __init__(self, function: Any, refusal: Exception) -> None:
        self.function = function
        self.refusal = refusal
        super().__init__(function)


class DeadPath(Internal):
    """What follows is never reached: the path has ended in an error that is raised at run time."""


class AlreadyRaised(Internal):
    """An arm for the paths on which an exception is on its way to a handler: it has no value."""


class PlainPython(Internal):
    """A call under tapes is not recorded as one op: its ops are recorded one by one, while it runs as plain Python."""


SHARED = "shared"
"""Among what a trace can need: that a loop carries objects that have several names as themselves, not as copies."""

ORDERED = "keys"
"""Among what a trace can need: that dicts which get a new key at a line hold their entries natively, in an order of run time."""

CALLED = "called"
"""Among what a trace can need: that a function which calls itself several times is called natively, not unrolled first."""

ASSIGNED = "assigned"
"""Among what a trace can need: that an array from outside is one that the program may change."""

IDENTITIES = ("outer", "which tensors are the same object")
"""Among what a trace can need: tensors that are assigned, and passed in or found under several names, are one."""

NOT_RAISED = -1
"""The number in `Trace.raised` while no exception is on its way."""
