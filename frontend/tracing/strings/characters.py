"""Questions about run-time strings, which Python answers when the code runs."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.recording import STATE
from tfc.dialects.tfc.semantics import host
from tfc.tracing.strings import text as strings
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES

if TYPE_CHECKING:
    from tfc.tracing.strings.text import SymbolicText

_QUESTIONS = frozenset(
    ("startswith", "endswith", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "islower", "isnumeric",
     "isspace", "istitle", "isupper")
)  # fmt: skip
"""Methods of strings that give a bool."""

_COUNTS = frozenset(("count", "find", "index", "rfind", "rindex"))
"""Methods of strings that give an int."""

_TEXTS = frozenset(
    ("capitalize", "casefold", "center", "expandtabs", "ljust", "lower", "lstrip", "removeprefix", "removesuffix",
     "replace", "rjust", "rstrip", "strip", "swapcase", "title", "upper", "zfill")
)  # fmt: skip
"""Methods of strings that give a string."""


def answer(kind: type, question: Callable[..., Any], text: SymbolicText | str, *others: Any) -> Any:
    """`question(text, *others)`, a number of class `kind`."""
    values: list[Any] = []
    whole = strings.Template.of((text, *others), values)

    def ask(*arrays: np.ndarray) -> np.ndarray:
        return np.array(question(*whole.fill(arrays)), KIND_DTYPES[kind])

    attributes = {"function": host.register(ask), "result_types": ((KIND_DTYPES[kind], ()),)}
    trace: Any = STATE.recorder
    return SymbolicNumber(kind, trace.record(host.pure_host_call, tuple(values), attributes))


def derived(text: SymbolicText | str, name: str, *others: Any) -> SymbolicText:
    """What the method `name` of the string gives, another string."""
    return strings.SymbolicText([strings.Piece((text, *others), strings.METHOD, name)])


def count(text: SymbolicText) -> Any:
    """`len(text)`."""
    text.require_numbers()
    return answer(int, len, text)


def _join(text: SymbolicText, items: Any) -> Any:
    trace: Any = STATE.recorder
    return strings.join_strings(trace.frame, text, items)


def method_of(text: SymbolicText, name: str) -> Any:
    """The bound method `name`; None for one that gives something else than a number or a string."""
    if name in _QUESTIONS or name in _COUNTS:
        kind, question = bool if name in _QUESTIONS else int, getattr(str, name)
        return MethodType(lambda text, *others: answer(kind, question, text, *others), text)
    if name in _TEXTS:
        return MethodType(lambda text, *others: derived(text, name, *others), text)
    if name == "join":
        return MethodType(_join, text)
    return None
