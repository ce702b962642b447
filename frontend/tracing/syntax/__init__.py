"""A function's syntax tree as closures: a function or method per kind of node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfc.dialects.late_modules import late_modules

if not TYPE_CHECKING:
    __getattr__ = late_modules(__name__)
