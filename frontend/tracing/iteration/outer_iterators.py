"""Iterators from outside the trace: each call takes the next items, so each call is traced."""

from __future__ import annotations

import io
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.tracing import messages
from tfc.tracing.iteration import iterators

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace


class OuterIterator(iterators.KeptIterator):
    """Stands for an outer iterator while a function is traced."""

    __slots__ = ("_about",)

    def __init__(self, trace: Trace, source: Iterator[Any], about: str) -> None:
        super().__init__(trace, source)
        self._taken = trace.drawn.items_of(source)
        self._about = about

    def __next__(self) -> Any:
        trace = self._trace
        if not trace.scope.alive:
            return next(self.source)
        if trace.inside_arm or self.position.__class__ is not int:
            raise CompileError(
                "TFC011",
                f"'{self._about}' is an iterator from outside, and how often it is asked depends on a tensor",
                "take its items outside, and pass them in as a list or tensor",
                messages.site_of_frame(trace.frame),
            )
        trace.guards.require("False", f"the next item of {self._about}")
        return super().__next__()


def is_outer_iterator(value: Any) -> bool:
    """Whether a value from outside gives its items one after the other, by code that is not the user's."""
    return (
        isinstance(value, Iterator)
        and not isinstance(type(value).__next__, types.FunctionType)
        and not isinstance(value, io.IOBase)
    )
