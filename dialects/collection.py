"""Python's cycle collector, while much is made that stays."""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Generator[None]:
    """Keep the cycle collector from walking a growing program, or libraries that are being loaded, again and again."""
    enabled, modules = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if len(sys.modules) > modules and not gc.get_freeze_count():
                # What libraries made stays: it counts as old, else all of it is walked when the next object is made.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
