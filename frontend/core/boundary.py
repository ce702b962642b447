"""Where the library ends: exceptions leave public functions and methods without its frames.

`tfc.core.tracebacks` says which frames; here public names get the handler that takes them out, when `tfc` is imported.
Names that the library itself imports, as in `from tfc.ops.reduction import reduce_sum`, have no handler. Nor have methods that
only the library calls, which a class names in `_inner`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any, TypeVar, cast

from tfc.core import plans
from tfc.core.tracebacks import PUBLIC, speak_of, trim

F = TypeVar("F", bound=Callable[..., Any])

_VARIADIC = 0x0C
"""The flags of code with `*args` or `**kwargs`."""

_HANDLERS = (globals(), vars(plans))
"""The namespaces of the handlers."""
_LEFT_ALONE = frozenset(("__new__", "__init_subclass__", "__class_getitem__", "__del__"))


def bounded(function: F) -> F:
    """`function`, with tfc's frames taken out of the exceptions that leave it."""
    name = function.__name__

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            trim(error)
            speak_of(error, name)
            raise

    def call_one(x: Any) -> Any:
        try:
            return function(x)
        except Exception as error:
            trim(error)
            speak_of(error, name)
            raise

    def call_two(x: Any, y: Any) -> Any:
        try:
            return function(x, y)
        except Exception as error:
            trim(error)
            speak_of(error, name)
            raise

    by_count: dict[int, Callable[..., Any]] = {1: call_one, 2: call_two}
    code = function.__code__
    chosen: Callable[..., Any] = call
    if function.__name__.startswith("__") and not (
        function.__defaults__ or code.co_kwonlyargcount or code.co_flags & _VARIADIC
    ):  # Python itself calls those, without keywords
        chosen = by_count.get(code.co_argcount, call)
    return cast(F, functools.update_wrapper(chosen, function))


def inside(function: FunctionType) -> FunctionType:
    """The function that a handler is around; any other one is itself."""
    own = function.__globals__
    for namespace in _HANDLERS:
        if own is namespace:
            return function.__wrapped__  # pyright: ignore[reportFunctionMemberAccess]
    return function


def _close(module: ModuleType) -> None:
    """Let a public module show its public names only, and say what was meant by one that it does not have.

    Done here, and not in its source, so that tools that read the source know which names there are.
    """
    values = vars(module)

    def listed() -> list[str]:
        public = values.get("__all__", ())
        return [name for name in values if name in public or name[:2] == "__"]

    def missing(name: str) -> Any:
        from tfc.core.hints import missing_name

        raise missing_name(module, name)

    values["__dir__"] = listed
    values.setdefault("__getattr__", missing)


class Boundary:
    """Puts the handler around public names; a function that has several names gets one handler."""

    def __init__(self) -> None:
        self._done: dict[int, Any] = {}

    def cover(self, module: Any) -> None:
        """What a public module has, and the public modules in it."""
        self._cover(module, module.__name__, "")

    def _cover(self, module: Any, path: str, prefix: str) -> None:
        self._done[id(module)] = module
        values = vars(module)
        for name in values.get("__all__") or list(values):
            value = values[name]
            if isinstance(value, FunctionType):
                values[name] = self._function(value, path, prefix + name)
            elif id(value) in self._done:
                continue
            elif isinstance(value, type) and not issubclass(value, BaseException):
                for kind in value.__mro__:
                    if kind.__module__.startswith("tfc."):
                        self._cover_class(kind)
            elif isinstance(value, ModuleType) and value.__name__.startswith("tfc."):
                self.cover(value)
            elif isinstance(value, SimpleNamespace):
                self._cover(value, path, f"{prefix}{name}.")
        if isinstance(module, ModuleType):
            _close(module)

    def _function(self, function: FunctionType, module: str, name: str) -> Any:
        made = self._done.get(id(function))
        if made is None:
            PUBLIC.add(function.__name__)
            has_plans = function in plans.PLANNED
            made: Any = bounded(function) if has_plans else plans.planned(function)
            made.__module__, made.__qualname__ = module, name  # where pickle finds it
            self._done[id(function)] = self._done[id(made)] = made
        return made

    def _cover_class(self, kind: type) -> None:
        if id(kind) in self._done:
            return
        self._done[id(kind)] = kind
        inner = vars(kind).get("_inner", ())
        for name, value in list(vars(kind).items()):
            if name in _LEFT_ALONE or name in inner or (name[0] == "_" and name[:2] != "__"):
                continue
            if isinstance(value, FunctionType):
                setattr(kind, name, bounded(value))
            elif isinstance(value, classmethod | staticmethod):
                setattr(kind, name, type(value)(bounded(value.__func__)))
