"""Strings that get longer in a loop: Python holds them, and the compiled code carries their tickets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics import host
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.strings.text import HELD, Piece, SymbolicText, Template, is_text
from tfc.tracing.trace import Trace
from tfc.tracing.values import tickets
from tfc.tracing.values.abstract import TAG, Skeleton, abstract
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor

MOST_HELD = 10_000
"""Strings that a thread holds: the latest of running programs."""


MOST_FORMS = 5
"""How often the form of a string in a loop may change before the string is held."""


_held = tickets.Tickets[str](MOST_HELD)


def held(ticket: int) -> str:
    """The string of a ticket."""
    text = _held.find(ticket)
    if text is None:
        raise RuntimeError(f"more than {MOST_HELD} strings are in use at run time")
    return text


class HeldText(Skeleton):
    """The skeleton of any string."""

    def types(self) -> list[ArrayType]:
        return [ArrayType(TAG, ())]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        values: list[Any] = []
        whole = Template.of(value, values)

        def run(*arrays: np.ndarray) -> np.ndarray:
            return np.array(_held.keep(whole.fill(arrays)), TAG)

        attributes = {"function": host.register(run), "result_types": ((TAG, ()),)}
        out.append(trace.append(host.pure_host_call, tuple(values), attributes))

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return SymbolicText([Piece(SymbolicNumber(int, next(tensors)), HELD, "")])


def joined_in_loop(skeleton: Skeleton, value: Any, wider: Skeleton, widened: int) -> Skeleton:
    """What a loop carries for a value that has had `skeleton` and needs `wider`: strings that go on changing are held."""
    if isinstance(skeleton, HeldText):
        return skeleton if is_text(abstract(value)) else wider
    return HeldText() if widened > MOST_FORMS and is_text(wider) else wider
