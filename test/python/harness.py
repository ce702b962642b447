"""Rows of the conformance table: a function, the inputs to try, and the code of the refusal where it is refused."""

from __future__ import annotations

import collections
import contextlib
import copy
import io
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import tfc as tf


class Row(NamedTuple):
    """One function of the table."""

    function: Callable[..., Any]
    inputs: tuple[tuple[Any, ...], ...]
    refused: str | None
    makes: bool = False
    """Whether `function` makes the function to run, which has state that must not be shared."""
    copies: bool = False
    """Whether it gives items of a container that grows, or views, beside the container: outside they are objects of their own."""

    def instance(self) -> Callable[..., Any]:
        """The function to run, with state of its own."""
        return self.function() if self.makes else self.function


class Table:
    """Rows under a heading; `@table.row(inputs...)` adds one."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.rows: list[Row] = []

    def row(
        self, *inputs: Any, refused: str | None = None, makes: bool = False, copies: bool = False
    ) -> Callable[..., Any]:
        """Each input is a tuple of arguments, or a single one."""
        given = tuple(item if isinstance(item, tuple) else (item,) for item in inputs)

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.rows.append(Row(function, given, refused, makes, copies))
            return function

        return add

    def maker(self, *inputs: Any) -> Callable[..., Any]:
        """The decorated function makes the function of the row."""
        return self.row(*inputs, makes=True)


class Outcome(NamedTuple):
    """What a call did."""

    value: Any
    error: type[BaseException] | None
    message: str | None
    """What the error says; None for one with a code, which is put differently where it is compiled."""
    cause: str
    """What the error was raised from."""
    printed: str
    arguments: tuple[Any, ...]
    """What the call has made of them."""


def t(value: Any, dtype: Any = None) -> Any:
    """A tensor."""
    return tf.constant(value, dtype)


def run(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """Call a function with its own copy of the arguments."""
    out = io.StringIO()
    given = copy.deepcopy(arguments)
    error: type[BaseException] | None = None
    value, message, cause = None, None, ""
    with contextlib.redirect_stdout(out):
        try:
            value = function(*given)
        except tf.errors.CompileError:
            raise
        except Exception as caught:
            error, cause = type(caught), repr(caught.__cause__)
            message = None if hasattr(caught, "code") else str(caught)
    return Outcome(value, error, message, cause, out.getvalue(), given)


def same(
    left: Any, right: Any, where: str = "result", seen: set[tuple[int, int]] | None = None
) -> None:
    """Assert that an eager and a compiled result are equal, numbers to some digits. What has been `seen` may come again."""
    seen = set() if seen is None else seen
    if (id(left), id(right)) in seen:
        return
    seen.add((id(left), id(right)))
    arrays = tf.Tensor | np.ndarray
    if isinstance(left, arrays) or isinstance(right, arrays):
        assert isinstance(left, tf.Tensor) is isinstance(right, tf.Tensor), (
            f"{where}: {left!r} against {right!r}"
        )
        assert isinstance(left, np.ndarray) is isinstance(right, np.ndarray), where
        a, b = np.asarray(left), np.asarray(right)
        assert a.shape == b.shape, f"{where}: {left!r} against {right!r}"
        assert a.dtype == b.dtype, f"{where}: {a.dtype} against {b.dtype}"
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-6, err_msg=where)
        return
    assert type(left) is type(right), f"{where}: {left!r} against {right!r}"
    if isinstance(left, float | complex | np.inexact):
        assert left == right or abs(left - right) <= 1e-6 * abs(left) or left != left, (
            f"{where}: {left!r} against {right!r}"
        )
    elif isinstance(left, list | tuple):
        assert len(left) == len(right), f"{where}: {left!r} against {right!r}"
        for index, (a, b) in enumerate(zip(left, right, strict=True)):
            same(a, b, f"{where}[{index}]", seen)
    elif isinstance(left, dict):
        same(list(left), list(right), f"the keys of {where}")
        for key, a, b in zip(left, left.values(), right.values(), strict=True):
            same(a, b, f"{where}[{key!r}]", seen)
    elif hasattr(left, "__dict__") and not isinstance(left, type | FunctionType):
        same(vars(left), vars(right), where, seen)
    else:
        assert left == right, f"{where}: {left!r} against {right!r}"


def identities(value: Any) -> list[int]:
    """For each object that can change in a value, and in what it holds, the number of the first one that is the same."""
    first: dict[int, int] = {}
    found: list[int] = []

    def visit(item: Any) -> None:
        is_record = hasattr(item, "__dict__") and not isinstance(item, type | FunctionType)
        if isinstance(item, list | dict | set | collections.deque | np.ndarray) or is_record:
            is_new = id(item) not in first
            found.append(first.setdefault(id(item), len(first)))
            if not is_new:
                return
        if isinstance(item, dict):
            item = list(item.values())
        elif is_record:
            item = list(vars(item).values())
        if isinstance(item, list | tuple | set | collections.deque):
            for part in item:
                visit(part)

    visit(value)
    return found


def check(row: Row) -> None:
    """Run a row eagerly and compiled, each input twice, and compare."""
    plain, compiled = row.instance(), tf.function(row.instance())
    for arguments in (*row.inputs, *row.inputs):
        if row.refused is not None:
            try:
                compiled(*copy.deepcopy(arguments))
            except tf.errors.CompileError as error:
                assert error.code == row.refused, error
                continue
            raise AssertionError(f"not refused with {row.refused}")
        eager, fast = run(plain, arguments), run(compiled, arguments)
        assert eager.error is fast.error, f"{eager} against {fast}"
        is_told = eager.message is not None and fast.message is not None
        assert not is_told or eager.message == fast.message, f"{eager.message} | {fast.message}"
        assert eager.cause == fast.cause, f"{eager.cause} against {fast.cause}"
        assert eager.printed == fast.printed, f"{eager.printed!r} against {fast.printed!r}"
        same(eager.value, fast.value)
        same(eager.arguments, fast.arguments, "arguments")
        given = [identities((outcome.value, outcome.arguments)) for outcome in (eager, fast)]
        assert row.copies or given[0] == given[1], "which objects are one"
