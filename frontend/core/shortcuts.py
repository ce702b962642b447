"""Shortcuts: where one fails, the general way is taken, which says what is wrong.

So a mistake in a shorter way would only cost time, and nobody would see it. The tests set `SETTINGS.strict`, where it is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tfc.core.errors import TFCError
from tfc.core.settings import SETTINGS

T = TypeVar("T")


def long_way(failure: Exception, way: Callable[[], T]) -> T:
    """What the longer way gives after `failure` of the shorter one, or its own error. Not to be called while that is handled."""
    if not SETTINGS.strict:
        failure.__traceback__ = None  # which has the frame that has the failure
        return way()
    result = way()
    note(failure)
    return result


def note(failure: Exception) -> None:
    """A shorter way has failed: nothing, if it may."""
    if SETTINGS.strict and not isinstance(failure, TFCError):
        raise failure
