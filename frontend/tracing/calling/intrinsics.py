"""The functions and methods of which the interpreter has its own version: a table, filled at its first use."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any

from tfc.core.boundary import inside
from tfc.tracing.frame import Frame

Intrinsic = Callable[[Frame, tuple[Any, ...], dict[str, Any]], Any]
"""Called with the frame and the arguments."""

ContainerMethod = Callable[[Frame, Any, tuple[Any, ...], dict[str, Any]], Any]
"""Called with the frame, the container and the arguments."""

_FILLERS = [
    "calling.library",
    "iteration.zipping",
    "containers.container_methods",
    "calling.mathematics",
    "calling.pausing",
    "strings.printing",
    "calling.copies",
    "calling.standard_library",
    "syntax.contexts",
]
"""The modules that fill the table, until they have; versions in later ones use those in earlier ones."""

_TABLE: dict[int, tuple[Any, Intrinsic]] = {}

METHODS: dict[type, dict[str, ContainerMethod]] = {list: {}, dict: {}, set: {}}
"""The interpreter's versions of methods of containers."""


def intrinsic(function: Any) -> Intrinsic | None:
    """The interpreter's version of a function; None when it runs natively."""
    if _FILLERS:
        for name in tuple(_FILLERS):
            import_module(f"tfc.tracing.{name}")
        _FILLERS.clear()
    return known(function)


def known(function: Any) -> Intrinsic | None:
    """The version that has been registered so far."""
    found = _TABLE.get(id(function))
    return found[1] if found is not None else None


def define(function: Any, version: Intrinsic) -> None:
    """Register the interpreter's version of a function, under the handler around it too if it is public."""
    _TABLE[id(function)] = (function, version)
    if isinstance(function, FunctionType):
        function = inside(function)
        _TABLE[id(function)] = (function, version)


def defines(*functions: Any) -> Callable[[Intrinsic], Intrinsic]:
    """`define` as a decorator."""

    def register(version: Intrinsic) -> Intrinsic:
        for function in functions:
            define(function, version)
        return version

    return register


def container_method(owner: Any, name: str) -> ContainerMethod | None:
    """The interpreter's version of a method of a container; None when Python's own will do."""
    for kind, methods in METHODS.items():
        if isinstance(owner, kind):
            return methods.get(name)
    return None
