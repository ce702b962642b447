"""Shapes of arguments by path, and the patterns with unknown sizes that a specialisation stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.compiled.arguments import argument_key, leaves_of
from tfc.core.tensor import Tensor

Path = tuple[Any, ...]
Patterns = dict[Path, tuple[int | None, ...]]
"""Shapes by path; an unknown size is None."""


def tensor_shapes(args: tuple[Any, ...]) -> Patterns:
    """The shapes of all tensors and arrays among the arguments, by path."""
    return {
        leaf.path: leaf.value._array.shape
        if isinstance(leaf.value, Tensor)
        else np.shape(leaf.value)
        for leaf in leaves_of(args)
        if leaf.kind == "tensor"
    }


def number_paths(args: tuple[Any, ...]) -> frozenset[Path]:
    """Where the Python numbers among the arguments are."""
    return frozenset(leaf.path for leaf in leaves_of(args) if leaf.kind == "number")


def rank_key(args: tuple[Any, ...]) -> Any:
    """The key of the arguments with ranks instead of shapes."""

    def strip(part: Any) -> Any:
        if isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], np.dtype):
            return (part[0].name, len(part[1]))  # a dtype equals a class: np.dtype(bool) == bool
        return tuple(map(strip, part)) if isinstance(part, tuple) else part

    return tuple([strip(argument_key(item)) for item in args])


def generalize(
    before: tuple[int | None, ...], now: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    """The pattern for a second shape: sizes that differ are unknown; a size of 1 is always known."""
    return tuple(
        b if b == 1 else (a if a == b else None) if a != 1 else b
        for a, b in zip(before, now, strict=True)
    )


def fits(
    pattern: tuple[int | None, ...], shape: tuple[int | None, ...], exact_one: bool = True
) -> bool:
    """Whether a shape fits a pattern: an unknown size stands for any but 1."""
    return len(pattern) == len(shape) and all(
        a == b or (a is None and (b != 1 or not exact_one))
        for a, b in zip(pattern, shape, strict=True)
    )
