"""The record of a program, and what is done with it before it is IR. Knows nothing of Python that is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfc.dialects.late_modules import late_modules

if not TYPE_CHECKING:
    __getattr__ = late_modules(__name__)
