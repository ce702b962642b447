"""The record of a program, and what happens to it before it is IR. It knows nothing of tracing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfc.dialects.late_modules import late_modules

if not TYPE_CHECKING:
    __getattr__ = late_modules(__name__)
