"""Calls: what is interpreted, what runs natively, what the interpreter runs in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfc.dialects.late_modules import late_modules

if not TYPE_CHECKING:
    __getattr__ = late_modules(__name__)
