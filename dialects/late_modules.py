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
    """Stands for a module in the globals of others until they use it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        module = import_module(self._name)
        user = sys._getframe(1).f_globals
        for name, value in list(user.items()):
            if value is self:
                user[name] = module
                break
        return getattr(module, attribute)
