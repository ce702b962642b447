"""Strings that get longer in a loop: Python holds them, and the compiled code carries their tickets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics import host
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.tracing.containers import growable
from tfc.tracing.containers.columns import Growable
from tfc.tracing.strings.text import HELD, Piece, SymbolicText, Template, flat_pieces, is_text
from tfc.tracing.trace import Trace
from tfc.tracing.values import tickets
from tfc.tracing.values.abstract import TAG, Const, Skeleton, Union
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import SymbolicTensor

MOST_HELD, MOST_CHARACTERS = 200_000, 2**25
"""Strings that a thread holds, and characters in them: the latest of running programs."""

MOST_FORMS = 5
"""How often the form of a string in a loop may change before the string is held."""

MOST_ALTERNATIVES = 16
"""Forms of a string where paths meet, each of which has several."""

MOST_VALUES = 32
"""Run-time values in the forms of such a string."""


_held = tickets.Tickets[str](MOST_HELD, MOST_CHARACTERS, len)


def held(ticket: int) -> str:
    """The string of a ticket; nothing for 0, which stands for a string of another path."""
    text = _held.find(ticket) if ticket else ""
    if text is None:
        raise RuntimeError("too many strings are in use at run time")
    return text


class HeldText(Skeleton):
    """The skeleton of any string."""

    @property
    def runs_python(self) -> bool:
        return True

    def leaves(self) -> list[Any]:
        return [ArrayType(TAG, ())]

    def flatten(self, trace: Trace, value: Any, out: list[SymbolicTensor]) -> None:
        ticket = _ticket_of(value)
        if ticket is not None:
            out.append(ticket)
            return
        values: list[Any] = []
        whole = Template.of(value, values)

        def run(*arrays: np.ndarray) -> np.ndarray:
            return np.array(_held.keep(whole.fill(arrays)), TAG)

        attributes = {"function": host.register(run), "result_types": ((TAG, ()),)}
        out.append(trace.append(host.pure_host_call, tuple(values), attributes))

    def rebuild(self, tensors: Iterator[SymbolicTensor]) -> Any:
        return SymbolicText([Piece(SymbolicNumber(int, next(tensors)), HELD, "")])


def _ticket_of(value: Any) -> SymbolicTensor | None:
    """The ticket of a string that is held and nothing else."""
    pieces = flat_pieces(value) if value.__class__ is SymbolicText else []
    if len(pieces) != 1 or pieces[0].__class__ is not Piece or pieces[0].conversion != HELD:
        return None
    return pieces[0].value.tensor


def merged(left: Skeleton, right: Skeleton) -> Skeleton | None:
    """The skeleton for a string that is held and any other one; None for anything else."""
    if not (isinstance(left, HeldText) or isinstance(right, HeldText)):
        return None
    return HeldText() if is_text(left) and is_text(right) else None


def without_many_forms(left: Skeleton, right: Skeleton, union: Skeleton) -> Skeleton:
    """The union of two skeletons; strings in it that have many forms on both sides, as where both get longer, are held."""
    alternatives = union.alternatives if isinstance(union, Union) else ()
    texts = [item for item in alternatives if is_text(item)]
    is_held = any(isinstance(item, HeldText) for item in texts)
    grows = union != left and not isinstance(left, Const) and not isinstance(right, Const)
    values = sum(len(item.leaves()) for item in texts)
    is_long = len(texts) > MOST_ALTERNATIVES or values > MOST_VALUES
    if len(texts) < 2 or not (is_held or (grows and is_long)):
        return union
    others = [item for item in alternatives if not is_text(item)]
    return Union((*others, HeldText())) if others else HeldText()


def joined_in_loop(wider: Skeleton, widened: int) -> Skeleton:
    """What a loop carries for a value that needs the skeleton `wider`: strings that go on changing are held."""
    return HeldText() if widened > MOST_FORMS and is_text(wider) else wider


def as_column(
    trace: Trace, item: Skeleton, columns: list[SymbolicTensor], length: SymbolicNumber
) -> SymbolicTensor:
    """The column of a container that grows for its strings of another skeleton."""
    values: list[Any] = []
    whole = Template.of(growable.holding(list, Growable(item, columns, length)), values)

    def run(*arrays: np.ndarray) -> np.ndarray:
        made = np.zeros(len(arrays[1]), TAG)
        found = whole.fill(arrays)
        made[: len(found)] = [_held.keep(text) for text in found]
        return made

    attributes = {"function": host.register(run), "result_types": ((TAG, (None,)),)}
    return trace.append(host.pure_host_call, tuple(values), attributes)
