"""The contents of exceptions: arguments, attributes, and the fields of classes such as `OSError`, which are neither."""

from __future__ import annotations

from collections.abc import Mapping
from types import MemberDescriptorType
from typing import Any

_NOT_KEPT = frozenset(("obj", "print_file_and_line"))
"""Fields that only tracebacks and suggestions go by."""


def fields_of(error: BaseException) -> dict[str, Any]:
    """The attributes and fields of an exception besides its arguments, by name."""
    found = {name: value for name, value in vars(error).items() if name != "__notes__"}
    for base in type(error).__mro__:
        for name, member in vars(base).items():
            if isinstance(member, MemberDescriptorType) and name not in _NOT_KEPT:
                value = getattr(error, name, None)
                if value is not None:
                    found.setdefault(name, value)
    return found


def set_fields(error: BaseException, fields: Mapping[str, Any]) -> None:
    """Give an exception the fields that `fields_of` has found in another one of its class."""
    for name, value in fields.items():
        object.__setattr__(error, name, value)
