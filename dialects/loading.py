"""Loading xDSL without the work that compiling never needs."""

from __future__ import annotations

import abc
import os
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tfc.dialects.late_dataclasses import late_dataclasses

if TYPE_CHECKING:
    from xdsl.ir import Attribute, Operation, OpTraits
    from xdsl.irdl import IRDLOperation
    from xdsl.irdl.constraints import BaseAttr

_LOCK = threading.RLock()
"""Held by whoever works with IR: definitions that are made meanwhile have one user."""


@contextmanager
def deferred_definitions() -> Generator[None]:
    """What is imported inside defines its ops and dataclasses in full when it first uses each of them.

    xDSL derives accessors and parsers, and `dataclasses` compiles methods, where a class is defined: half of the
    time that dialects and passes take to load, for hundreds of classes of which a program needs few.

    Example:
        with deferred_definitions():
            from xdsl.dialects import arith
    """
    with _LOCK, late_dataclasses():
        from xdsl.ir import core

        _simplify_checks(core)
        _load_dialects_package()
        from xdsl import irdl
        from xdsl.irdl.constraints import AnyOf

        definition, union = irdl.irdl_op_definition, AnyOf.get
        irdl.irdl_op_definition = _define_when_used
        AnyOf.get = staticmethod(_union_of(union))
        try:
            yield
        finally:
            irdl.irdl_op_definition = definition
            AnyOf.get = staticmethod(union)


def _load_dialects_package() -> None:
    """Import `xdsl.dialects` with a stand-in for what finds dialects in .irdl files."""
    loader = "xdsl.utils.dialect_loader"
    if "xdsl.dialects" in sys.modules or loader in sys.modules:
        return
    vars(sys.modules.setdefault(loader, ModuleType(loader)))["IRDLDialectFinder"] = _LateFinder
    try:
        import_module("xdsl.dialects")
    finally:
        del sys.modules[loader]


class _LateFinder:
    """Loads xDSL's finder when there is a file for it. It takes half of `importlib` and a tenth of the time to load xDSL."""

    def __init__(self, get_all_dialects: Any) -> None:
        self._get_all_dialects = get_all_dialects

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        file = fullname.rpartition(".")[2] + ".irdl"
        if not any(os.path.isfile(os.path.join(entry, file)) for entry in path or [os.getcwd()]):
            return None
        from xdsl.utils.dialect_loader import IRDLDialectFinder

        finder = IRDLDialectFinder(self._get_all_dialects)
        sys.meta_path[sys.meta_path.index(self)] = finder
        return finder.find_spec(fullname, path, target)


class _NominalMeta(abc.ABCMeta):
    """Classes with abstract methods of which nothing is registered: their instances are those of their subclasses."""

    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__

    def register(cls, subclass: type[Any]) -> type[Any]:
        """`ABCMeta.register`; from now on this class, and those that it is derived from, ask for what is registered."""
        nominal: list[Any] = [parent for parent in cls.__mro__ if type(parent) is _NominalMeta]
        for parent in nominal:
            parent.__class__ = abc.ABCMeta
        return abc.ABCMeta.register(cls, subclass)


def _simplify_checks(module: ModuleType) -> None:
    """Let `isinstance` look at base classes only, for the classes of a module and all that are derived from them later.

    `abc`'s own is Python code. Passes ask a hundred times for each op of a program what an op, an attribute or a value is.
    """
    for cls in vars(module).values():
        if type(cls) is abc.ABCMeta and cls.__module__ == module.__name__:
            cls.__class__ = _NominalMeta


def _union_of(union: Callable[..., Any]) -> Callable[..., Any]:
    """xDSL's own `union`, without comparing each pair where all are classes of attributes: `a | b | c` compares twice."""
    from xdsl.irdl import irdl_to_attr_constraint
    from xdsl.irdl.constraints import AnyOf, BaseAttr

    def get(*given: Any) -> Any:
        classes: dict[type, BaseAttr[Any]] = {}
        for constraint in map(irdl_to_attr_constraint, given):
            parts = constraint.attr_constrs if type(constraint) is AnyOf else (constraint,)
            for part in parts:
                if type(part) is not BaseAttr:
                    return union(*given)
                classes.setdefault(part.attr, part)
        return AnyOf(tuple(classes.values())) if len(classes) > 1 else union(*given)

    return get


def _deferred(make: Callable[..., Any]) -> Any:
    """`make` with an object as result that is made when it is first looked at."""
    return staticmethod(lambda *args: _Deferred(lambda: make(*args)))


class _Deferred:
    """Stands for an object until an attribute of it is asked for; then it is that object's equal."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        made = self._make()
        vars(self).update(vars(made))
        self.__class__ = type(made)
        return getattr(self, name)


def _define_when_used(cls: type[Any]) -> type[Any]:
    """`irdl_op_definition`, run when the class or an op is first asked for what it makes."""
    from xdsl.irdl import IRDLOperation
    from xdsl.irdl.operations import _OpDefField  # pyright: ignore[reportPrivateUsage]

    made = {"traits", "get_irdl_definition", "verify_"}
    if cls.assembly_format is not None:
        made |= {"parse", "print"}
    for parent in cls.__mro__[: cls.__mro__.index(IRDLOperation)]:
        made.update(name for name, value in vars(parent).items() if isinstance(value, _OpDefField))
    declared = dict(vars(cls))
    for name in made:
        setattr(cls, name, _Accessor(cls, declared, name))
    return cls


def default_properties(cls: type[IRDLOperation]) -> dict[str, Attribute]:
    """The properties that an op has when it is made without; a class that waits for its definition goes on waiting."""
    from xdsl.irdl import OptionalDef
    from xdsl.irdl.operations import _PropertyFieldDef  # pyright: ignore[reportPrivateUsage]

    if not isinstance(vars(cls).get("get_irdl_definition"), _Accessor):
        found = cls.get_irdl_definition().properties.items()
        return {
            name: field.default_value
            for name, field in found
            if field.default_value is not None and not isinstance(field, OptionalDef)
        }
    fields: dict[str, Any] = {}
    for parent in cls.__mro__:
        waiting = vars(parent).get("get_irdl_definition")
        declared = waiting.declared if isinstance(waiting, _Accessor) else vars(parent)
        fields = {
            name: field for name, field in declared.items() if isinstance(field, _PropertyFieldDef)
        } | fields
    return {
        field.ir_name or name: field.default_value
        for name, field in fields.items()
        if field.default_value is not None and not issubclass(field.cls, OptionalDef)
    }


class _Accessor:
    """Stands for an attribute that the definition of an op class makes; `declared` is the class as it was written."""

    def __init__(self, cls: type[Any], declared: dict[str, Any], name: str) -> None:
        self._class = cls
        self.declared = declared
        self._name = name

    def traits(self) -> OpTraits:
        """The traits of the class and of those that it is derived from: what passes ask most ops for, and nothing else."""
        from xdsl.ir import Operation, OpTraits

        parents = [p for p in self._class.__mro__[1:] if p not in Operation.__mro__]
        listed: list[OpTraits] = [p.traits for p in parents if "traits" in vars(p)]
        if own := self.declared.get("traits"):
            listed.insert(0, own)
        if len(listed) == 1:
            return listed[0]
        return OpTraits(lambda: tuple([t for traits in listed for t in traits.gen_traits()]))

    def define(self) -> None:
        """Put what the definition makes in the place of all accessors; a twin is defined, since other threads may look on."""
        from xdsl.irdl.declarative_assembly_format import FormatProgram
        from xdsl.irdl.operations import irdl_op_definition

        cls = self._class
        for parent in cls.__mro__[:0:-1]:
            if isinstance(waiting := vars(parent).get("get_irdl_definition"), _Accessor):
                waiting.define()
        body = {k: v for k, v in self.declared.items() if k not in ("__dict__", "__weakref__")}
        from_str = FormatProgram.from_str
        FormatProgram.from_str = _deferred(from_str)
        try:
            twin: Any = type(cls.__name__, cls.__bases__, body)
            irdl_op_definition(twin)
        finally:
            FormatProgram.from_str = staticmethod(from_str)
        for name, value in list(vars(cls).items()):
            if isinstance(value, _Accessor):
                setattr(cls, name, vars(twin)[name])

    def __get__(self, op: Operation | None, cls: type[Any]) -> Any:
        if self._name == "traits":
            self._class.traits = self.traits()
        else:
            self.define()
        return getattr(cls if op is None else op, self._name)

    def __set__(self, op: Operation, value: Any) -> None:
        self.define()
        setattr(op, self._name, value)
