"""Inputs of a trace besides its arguments, and the request to trace again with more values known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from tfc.dialects.records import Record
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


class Assumptions(Record):
    """What a trace takes for granted, since an earlier one has needed it."""

    constants: frozenset[tuple[Any, ...]] = frozenset()
    """The numbers and arrays whose values the program knows: paths of arguments, or "outer" and what the user calls it."""
    changed_arrays: frozenset[str] = frozenset()
    """Arrays from outside, in the user's words, that the program may change."""
    native_arrays: frozenset[Location] = frozenset()
    """Calls that make an array which is held natively, not computed while tracing."""
    shared_in: frozenset[Location] = frozenset()
    """Loops that carry objects with several names as themselves, not as copies."""
    ordered_in: frozenset[Location] = frozenset()
    """Where dicts that get a new key hold their entries natively, in an order of run time."""
    called: frozenset[Location] = frozenset()
    """Functions that call themselves several times, of which no call is unrolled, and the lines that call them first."""
    unites: bool = False
    """Whether the same tensor under two names is one: it is assigned somewhere."""
    keeps_tensors: bool = False
    """Whether tensors that have a name cross from path to path as themselves: one of several that may be the same is assigned."""
    unrolled: bool = False
    """Whether loops of some thousand iterations are unrolled: what they compute is needed while tracing."""

    def __or__(self, other: Assumptions) -> Assumptions:
        return Assumptions(*map(operator.or_, self._values(), other._values()))

    @property
    def constant_arguments(self) -> frozenset[tuple[Any, ...]]:
        """The paths of the constants among the arguments."""
        return frozenset([path for path in self.constants if path[0].__class__ is int])

    @property
    def constants_outside(self) -> frozenset[str]:
        """The constants that are no arguments, in the user's words."""
        return frozenset([path[1] for path in self.constants if path[0] == "outer"])


NO_ASSUMPTIONS = Assumptions()


class Restart(Internal):
    """Trace again, and assume this, too."""

    def __init__(self, needed: Assumptions, location: Location, reason: str) -> None:
        self.needed = needed
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


NOT_RAISED = -1
"""The number in `Trace.raised` while no exception is on its way."""
