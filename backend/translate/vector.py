"""`vector`, on rows of rank 1."""

from __future__ import annotations

from tfc.backend.translate.memref import Handler

HANDLERS: dict[str, Handler] = {}
