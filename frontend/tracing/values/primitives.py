"""The ops that the interpreter itself records: arithmetic and comparisons of numbers, casts, selection."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.core.tensor import Tensor

_PLACES = ("tfc", "tfc.math", "tfc.bitwise")


@functools.cache
def function_named(name: str) -> Callable[..., Any]:
    """The public function `tf.<name>`, `tf.math.<name>` or `tf.bitwise.<name>`."""
    import importlib

    for place in _PLACES:
        try:
            found = getattr(importlib.import_module(place), name, None)
        except ModuleNotFoundError:
            continue
        if found is not None:
            return found
    raise AttributeError(f"tfc has no op called {name}")


def apply_named(name: str, *inputs: Tensor) -> Any:
    """Apply the op behind the public function `name`."""
    return function_named(name)(*inputs)


def cast(tensor: Tensor, dtype: np.dtype) -> Any:
    """`tensor` in another dtype, as a tensor of its own; nothing is recorded when it has it already."""
    if tensor.type.dtype == dtype:
        return tensor.snapshot()
    return function_named("cast")(tensor, dtype)


def select(condition: Tensor, x: Tensor, y: Tensor) -> Any:
    """`x` where `condition` holds, else `y`."""
    from tfc.ops.logical import select as apply_select

    return chosen(apply_select(condition, x, y))


def chosen(tensor: Any) -> Any:
    """A tensor that is eagerly one of those that it was made of; nothing is noted of a known one."""
    scope = getattr(tensor, "_scope", None)
    if scope is not None:
        scope.trace.chosen.add(tensor._value)
    return tensor
