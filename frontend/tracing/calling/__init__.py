"""Calls: which are interpreted, which run natively, and which have a version of the interpreter's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfc.dialects.late_modules import late_modules

if not TYPE_CHECKING:
    __getattr__ = late_modules(__name__)
