"""Python's recursion limit: the whole process has one, which is raised while some thread needs more."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Generator

_lock = threading.Lock()


class _Raised:
    count = 0
    """How many raise it now, in all threads."""
    before: int | None = None
    """What it was before the first of them."""
    last = 0
    """What the last of them has set."""


def limit_before() -> int:
    """The limit as the user knows it."""
    with _lock:
        return sys.getrecursionlimit() if _Raised.before is None else _Raised.before


@contextlib.contextmanager
def at_least(frames: int) -> Generator[None]:
    """Allow calls that deep. The last of those that overlap, in whatever threads, puts the limit back."""
    with _lock:
        now = sys.getrecursionlimit()
        if _Raised.before is None or now != _Raised.last:  # somebody else has set it meanwhile
            _Raised.before = now
        _Raised.count += 1
        _Raised.last = max(now, frames)
        sys.setrecursionlimit(_Raised.last)
    try:
        yield
    finally:
        with _lock:
            _Raised.count -= 1
            if not _Raised.count:
                _restore()


def _restore() -> None:
    assert _Raised.before is not None
    if sys.getrecursionlimit() == _Raised.last:
        # This thread may itself be deeper than that by now: then the next one puts it back.
        with contextlib.suppress(RecursionError):
            sys.setrecursionlimit(_Raised.before)
            _Raised.before = None
    else:
        _Raised.before = None
