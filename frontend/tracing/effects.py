"""What compiled code does besides computing: raise and print."""

from __future__ import annotations

import struct
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.core.errors import Site
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics import host
from tfc.graph.control import FAIL, REPORTED
from tfc.tracing import messages
from tfc.tracing.containers import growable, sets
from tfc.tracing.paths import failing_state
from tfc.tracing.paths.journal import attributes_of
from tfc.tracing.strings.text import ShownVariable, SymbolicText, Template, exception_template
from tfc.tracing.trace import Trace
from tfc.tracing.values import shapes, structures
from tfc.tracing.values.exceptions import fields_of
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice, SymbolicTensor


class Failure:
    """An exception that compiled code raises, with places for run-time values."""

    __slots__ = ("dtypes", "error", "handed", "template", "where")

    def __init__(self, error: BaseException, values: list[Any], where: Site) -> None:
        self.error = error
        self.template = exception_template(error, values)
        self.where = where
        self.handed = _Handed() if _are_too_many(values) else None
        """Values that native code does not report."""
        self.dtypes = [] if self.handed else [tensor.type.dtype for tensor in values]
        """Of those that it does."""

    def become(self, error: BaseException) -> None:
        """Raise another one, which has no values of run time."""
        self.error, self.template = error, exception_template(error, [])

    def raised(self, values: Sequence[np.ndarray]) -> BaseException:
        """The exception for these values, with the user's line as a note."""
        if self.handed is not None:
            values, self.handed.values = self.handed.values, ()
        error = self.template.fill(values)
        messages.add_site(error, self.where)
        return error

    def raised_words(self, words: Sequence[int]) -> BaseException:
        """The same from the 64-bit words that native code reports."""
        values = [
            np.array(struct.unpack("<d", struct.pack("<q", word))[0], dtype)
            if dtype.kind == "f"
            else np.array(word).astype(dtype)
            for word, dtype in zip(words, self.dtypes, strict=False)
        ]
        return self.raised(values)


class _Handed(threading.local):
    """What the code that raises in this thread has handed over."""

    values: Sequence[np.ndarray] = ()

    def take(self, *values: np.ndarray) -> tuple[()]:
        self.values = [value.copy() for value in values]
        return ()


def _are_too_many(values: Sequence[Any]) -> bool:
    """Native code hands over a few scalars only."""
    return len(values) > REPORTED or any(tensor.type.shape for tensor in values)


def emit_raise(trace: Trace, error: BaseException, where: Site | None = None) -> None:
    """Append code that raises `error` at run time; what the path has assigned stays assigned."""
    frame = trace.frame
    failing_state.keep_state(trace, error)
    values: list[Any] = []
    where = (
        where
        or trace.sites.get(id(error))
        or messages.site_of_frame(frame, messages.facts_of(error))
    )
    failure = Failure(error, values, where)
    trace.failures.append(failure)
    if failure.handed is not None:
        hand_over = failure.handed.take
        trace.outer.hand_overs.add(host.register(hand_over))
        emit_host_call(trace, hand_over, values)
        values = []
    false = trace.constant(False, np.dtype(np.bool_))
    inputs = [trace.value_of(tensor) for tensor in (false, *values)]
    name = type(error).__name__
    text = name if is_symbolic(error) else f"{name}: {error}"
    trace.emit(FAIL, inputs, {"failure": len(trace.failures) - 1, "text": text}, [])


def emit_host_call(trace: Trace, function: Callable[..., Any], inputs: Sequence[Tensor]) -> None:
    """Append a call of a Python function with the arrays of `inputs`, for its effect."""
    attributes = {"function": host.register(function), "result_types": ()}
    trace.append(host.host_call, tuple(inputs), attributes)


def is_symbolic(value: Any) -> bool:
    """Whether printing `value` has to wait for run time."""
    return _is_symbolic(value, set())


def _is_symbolic(value: Any, seen: set[int]) -> bool:
    """The same; containers and objects that were `seen` are not looked at again."""
    if isinstance(
        value,
        SymbolicTensor
        | SymbolicNumber
        | SymbolicText
        | ShownVariable
        | Variable
        | Choice
        | shapes.TracedShape,
    ):
        return True
    if growable.growable_of(value) is not None or growable.table_of(value) is not None:
        return True
    if sets.members_of(value) is not None:
        return True
    if isinstance(value, BaseException):
        parts: Any = (value.args, fields_of(value))
    elif isinstance(value, list | tuple | set | frozenset | deque):
        parts = value
    elif isinstance(value, dict):
        parts = dict.values(value)
    elif structures.is_record(type(value)):
        parts = attributes_of(value).values()
    else:
        return False
    if id(value) in seen:
        return False
    seen.add(id(value))
    return any(_is_symbolic(part, seen) for part in parts)


def staged_call(
    trace: Trace, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    """`function(*arguments, **keywords)` at each call, in order, for its effect."""
    values: list[Any] = []
    whole = Template.of((tuple(arguments), dict(keywords)), values)

    def run(*arrays: np.ndarray) -> tuple[()]:
        positional, named = whole.fill(arrays)
        function(*positional, **named)
        return ()

    emit_host_call(trace, run, values)
