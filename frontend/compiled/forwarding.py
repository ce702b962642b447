"""Callables that are not plain functions: a function that calls them is compiled, and interpreted like the user's own code."""

from __future__ import annotations

from typing import Any


def forward(target: Any, *args: Any, **kwargs: Any) -> Any:
    """Call `target`."""
    return target(*args, **kwargs)
