"""Checks of arguments that are not tensors; `what` names function and argument, as in "cond: true_fn"."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import numpy as np
from tfc.core.errors import TFCTypeError


def require_callable(what: str, value: Any) -> Callable[..., Any]:
    """`value`, after raising TFC107 unless it can be called."""
    if callable(value):
        return value
    raise TFCTypeError(
        "TFC107",
        f"{what}: expected a function, got {reprlib.repr(value)}",
        "pass a function, or lambda: x",
    )


def require_iterable(what: str, value: Any) -> Iterable[Any]:
    """`value`, after raising TFC107 unless it is a list, a tuple or the like: no text, no mapping, no scalar."""
    is_scalar = isinstance(value, np.ndarray) and not value.ndim
    if (
        isinstance(value, Iterable)
        and not isinstance(value, str | bytes | Mapping)
        and not is_scalar
    ):
        return cast("Iterable[Any]", value)
    raise TFCTypeError(
        "TFC107", f"{what}: expected a list, got {reprlib.repr(value)}", "pass a list or a tuple"
    )


def require_list(what: str, value: Any) -> list[Any]:
    """The items of `require_iterable`."""
    return list(require_iterable(what, value))


def require_pair(what: str, value: Any) -> tuple[Any, Any]:
    """The two items of a pair; TFC107 for anything else."""
    if isinstance(value, list | tuple) and len(cast("list[Any]", value)) == 2:
        first, second = cast("list[Any]", value)
        return first, second
    raise TFCTypeError(
        "TFC107", f"{what}: expected pairs, got {reprlib.repr(value)}", "pass a list of pairs"
    )


def require_int(what: str, value: Any) -> int:
    """An int, a whole float, or an array or tensor that holds one such number; TFC107 for anything else."""
    try:
        number = np.asarray(value).item()
        if not isinstance(number, str | bytes) and int(number) == number:
            return int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise TFCTypeError(
        "TFC107", f"{what}: expected an integer, got {reprlib.repr(value)}", "pass an int"
    )


def require_float(what: str, value: Any) -> float:
    """A number as a float; TFC107 for anything else."""
    try:
        if not isinstance(value, str | bytes):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise TFCTypeError(
        "TFC107", f"{what}: expected a number, got {reprlib.repr(value)}", "pass a float"
    )
