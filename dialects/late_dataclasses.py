"""Dataclasses that are made when they are first used, and their methods when they are first called."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Any

_LIBRARY: Any = dataclasses
_process: Callable[..., type] = _LIBRARY._process_class
_EXPECTED = (
    *("cls", "init", "repr", "eq", "order", "unsafe_hash", "frozen"),
    *("match_args", "kw_only", "slots", "weakref_slot"),
)
"""The parameters of that function of Python's own which is replaced; with others, dataclasses are made at once."""
_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
_OTHERS = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")


@contextmanager
def late_dataclasses() -> Generator[None]:
    """Dataclasses that are defined inside become dataclasses when they are first used as such.

    Example:
        with late_dataclasses():
            from xdsl.dialects import arith
    """
    code = getattr(_process, "__code__", None)
    if code is None or code.co_varnames[: code.co_argcount] != _EXPECTED:
        yield
        return
    outer = _LIBRARY._process_class, getattr(_LIBRARY, "exec", exec)
    _LIBRARY._process_class, _LIBRARY.exec = _process_later, _exec_when_called
    try:
        yield
    finally:
        _LIBRARY._process_class, _LIBRARY.exec = outer


def _process_later(cls: type, *options: Any) -> type:
    slots = options[_EXPECTED.index("slots") - 1]
    if slots or any(isinstance(item, dataclasses.Field) for item in vars(cls).values()):
        return _process(cls, *options)  # gives another class, or other values of its attributes
    _Waiting(cls, options)
    return cls


class _Waiting:
    """A class that is to be processed; `places` stand for the attributes that it will have then."""

    def __init__(self, cls: type, options: tuple[Any, ...]) -> None:
        self.cls = cls
        self.options = options
        own = vars(cls)
        self.is_unhashable = "__hash__" in own and own["__hash__"] is None
        init, shown, eq, order, unsafe_hash, frozen, *_ = options
        methods = ["__init__"] * init + ["__repr__"] * shown + ["__eq__"] * eq
        methods += [*_ORDER] * order + ["__setattr__", "__delattr__"] * frozen
        if (eq or unsafe_hash) and own.get("__hash__") is None:
            methods.append("__hash__")
        self.places: dict[str, Any] = {
            name: self.method(name) for name in methods if own.get(name) is None
        }
        self.places |= {name: _Place(self, name) for name in _OTHERS if name not in own}
        for name, place in self.places.items():
            setattr(cls, name, place)
        abc.update_abstractmethods(cls)

    def method(self, name: str) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            self.finish()
            return getattr(self.cls, name)(*args, **kwargs)

        return method

    def finish(self) -> None:
        """Process the class, once."""
        places, self.places = self.places, {}
        if not places:
            return
        for name, place in places.items():
            if vars(self.cls).get(name) is place:
                delattr(self.cls, name)
        if self.is_unhashable:
            setattr(self.cls, "__hash__", None)  # noqa: B010 - a class without
        if self.cls.__doc__ is None:
            self.cls.__doc__ = (
                self.cls.__name__
            )  # else it is made from the signature, which takes longer than the class
        _process(self.cls, *self.options)


class _Place:
    """Stands for an attribute that is not a method."""

    def __init__(self, waiting: _Waiting, name: str) -> None:
        self.waiting = waiting
        self.name = name

    def __get__(self, item: Any, cls: type) -> Any:
        self.waiting.finish()
        return getattr(self.waiting.cls, self.name)


@cache
def _compiled(text: str) -> CodeType:
    """Many classes have methods of one text."""
    return compile(text, "<string>", "exec")


def _exec_when_called(text: str, globals: dict[str, Any], namespace: dict[str, Any]) -> None:
    """The `exec` of `dataclasses`: a method that is compiled by its first call, which puts it into its class."""
    name = text.rpartition("\n return ")[2]
    if not name.isidentifier():  # from Python 3.13 on all methods of a class are one text
        exec(_compiled(text), globals, namespace)
        return

    def create(**values: Any) -> Callable[..., Any]:
        made: Any = None

        def method(*args: Any, **kwargs: Any) -> Any:
            nonlocal made
            function = made
            if function is None:
                exec(_compiled(text), globals, namespace)
                made = function = namespace["__create_fn__"](**values)
                function.__qualname__ = method.__qualname__
            for cls in type(args[0]).__mro__:
                if vars(cls).get(name) is method:
                    setattr(cls, name, function)
            return function(*args, **kwargs)

        method.__name__ = name
        return method

    namespace["__create_fn__"] = create
