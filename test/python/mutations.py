"""Changed inputs for the rows of the conformance table: other values, dtypes, kinds of number, sizes and ranks."""

from __future__ import annotations

import dataclasses
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tfc as tf

Change = Callable[[Any], Any]
"""Of an array, a Python number or a list; gives anything else back as it is."""

_WIDER = {"float32": "float64", "int32": "int64", "uint8": "uint32", "int64": "float64"}
_NARROWER = {"float32": "float16", "int32": "int8", "float64": "float32", "int64": "int32"}


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float)


def negated(value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, np.ndarray) and value.dtype.kind == "b"):
        return value ^ True
    return -value if _is_number(value) or isinstance(value, np.ndarray) else value


def zeros(value: Any) -> Any:
    return type(value)(0) if _is_number(value) else _times(value, 0)


def ones(value: Any) -> Any:
    return type(value)(1) if _is_number(value) else _times(value, 0, 1)


def one_more(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + 1
    return _times(value, 1, 1)


def halves(value: Any) -> Any:
    if isinstance(value, float):
        return value / 2
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return (value / 2).astype(value.dtype)
    return value


def _times(value: Any, factor: int, plus: int = 0) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
        return value
    return (value * value.dtype.type(factor) + value.dtype.type(plus)).astype(value.dtype)


def not_a_number(value: Any) -> Any:
    return _filled(value, float("nan"))


def infinite(value: Any) -> Any:
    return _filled(value, float("inf"))


def _filled(value: Any, number: float) -> Any:
    if isinstance(value, float):
        return number
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.full_like(value, number)
    return value


def wider(value: Any) -> Any:
    if isinstance(value, int):
        return int(value) if isinstance(value, bool) else float(value)
    return _in_dtype(value, _WIDER)


def narrower(value: Any) -> Any:
    if isinstance(value, int | float):
        return int(value) if isinstance(value, float) and value == value else bool(value)
    return _in_dtype(value, _NARROWER)


def _in_dtype(value: Any, table: dict[str, str]) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(table.get(value.dtype.name, value.dtype.name))
    return value


def empty(value: Any) -> Any:
    return value[:0] if _has_items(value) else value


def single(value: Any) -> Any:
    return value[:1] if _has_items(value) else value


def doubled(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return np.concatenate([value, value])
    return value + value if isinstance(value, list) else value


def _has_items(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim > 0)


def row_of_one(value: Any) -> Any:
    return value[None] if isinstance(value, np.ndarray) else value


CHANGES: tuple[Change, ...] = (
    negated, zeros, ones, one_more, halves, not_a_number, infinite, wider, narrower, empty, single, doubled, row_of_one,
)  # fmt: skip


def changed(value: Any, change: Change) -> Any:
    """A structure like `value` with `change` made to its tensors, numbers and lists."""
    if isinstance(value, tf.Tensor):
        new = change(value.numpy())
        return tf.constant(new) if isinstance(new, np.ndarray | np.generic) else value
    if isinstance(value, np.ndarray) or _is_number(value):
        return change(value)
    if isinstance(value, tuple):
        items = [changed(item, change) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, list):
        return change([changed(item, change) for item in value])
    if isinstance(value, dict):
        return {key: changed(item, change) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        fields = {name: changed(getattr(value, name), change) for name in names}
        return dataclasses.replace(value, **fields)
    return value


class TooLongError(BaseException):
    """A program did not end: with changed inputs that is no finding."""


@contextmanager
def limited(seconds: float) -> Generator[None]:
    """Raise `TooLongError` in what takes more processor time than this, again and again where it is swallowed."""

    def stop(*_: Any) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
