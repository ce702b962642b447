"""Callables that are no plain functions are compiled as calls of them. This module is interpreted like the user's own code."""

from __future__ import annotations

from typing import Any


def forward(target: Any, *args: Any, **kwargs: Any) -> Any:
    """Call `target`."""
    return target(*args, **kwargs)
