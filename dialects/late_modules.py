"""Modules that are loaded when they are first used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def late_modules(package: str) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose modules are loaded late.

    `from package import module` then loads nothing, and the module is there when something of it is first used, as with
    `lazy import` of Python 3.15: what no program has met takes no time, and modules may need each other.
    `from package.module import name` loads it at once.

    Example:
        if not TYPE_CHECKING:
            __getattr__ = late_modules(__name__)
    """
    names = {name for folder in sys.modules[package].__path__ for name in _modules_in(folder)}

    def module_named(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return _LateModule(f"{package}.{name}")

    return module_named


def _modules_in(folder: str) -> list[str]:
    try:
        return [file.partition(".")[0] for file in os.listdir(folder)]
    except NotADirectoryError:  # inside a zip file
        from pkgutil import iter_modules

        return [module.name for module in iter_modules([folder])]


class _LateModule:
    """Stands for a module in the globals of others until they use it. All that is asked of it or set is the module's."""

    __slots__ = ("_name",)  # and no `__dict__` but that of the module

    _name: str

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(_loaded(self, sys._getframe(1).f_globals), attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        setattr(_loaded(self, sys._getframe(1).f_globals), attribute, value)

    def __delattr__(self, attribute: str) -> None:
        delattr(_loaded(self, sys._getframe(1).f_globals), attribute)


def _loaded(late: _LateModule, user: dict[str, Any]) -> Any:
    """The module, which takes the place of what stands for it in the globals of its user."""
    module = import_module(late._name)
    for name, value in list(user.items()):
        if value is late:
            user[name] = module
            break
    return module
