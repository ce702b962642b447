"""`Unit`: one code object, compiled for the interpreter, shared by all functions that have this code."""

from __future__ import annotations

import ast
import builtins
import inspect
from types import CodeType, FunctionType
from typing import Any

from tfc.graph.nodes import Location
from tfc.tracing.frame import Statement
from tfc.tracing.iteration import generators
from tfc.tracing.syntax import compiler
from tfc.tracing.syntax.source import NoSource, class_of_method, function_node, location_of

_UNITS: dict[tuple[CodeType, str], Unit | NoSource] = {}
"""By code and file: equal functions of different files are equal code."""


class Unit:
    """A function's code and tree, and its body compiled on first use."""

    __slots__ = (
        "_bodies",
        "_locations",
        "binder",
        "builtins",
        "class_name",
        "code",
        "file",
        "is_async",
        "is_generator",
        "node",
    )

    def __init__(self, code: CodeType, node: ast.AST, file: str) -> None:
        self.code = code
        self.file = file
        """Where the lines are that it was compiled from, for messages."""
        self.node = node
        self.class_name = class_of_method(code.co_qualname)
        self.builtins = vars(builtins)
        self.is_generator = bool(code.co_flags & inspect.CO_GENERATOR)
        self.is_async = bool(
            code.co_flags
            & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE)
        )
        self.binder = _binder_code(code)
        self._bodies: dict[str, Any] = {}
        self._locations: dict[int, Location] = {}

    @property
    def name(self) -> str:
        return self.code.co_name

    @property
    def body(self) -> Statement:
        """The compiled body of a plain function."""
        body = self._bodies.get("plain")
        if body is None:
            body = self._bodies["plain"] = compiler.compile_function(self)
        return body

    @property
    def generator_body(self) -> Any:
        """The compiled body of a generator: called with a frame it gives a Python generator."""
        body = self._bodies.get("generator")
        if body is None:
            body = self._bodies["generator"] = compiler.compile_generator(self)
        return body

    def inlines(self, is_context: bool = False, is_alone: bool = False) -> bool:
        """Whether a loop over this generator function's items, or a `with`, can run its body at each `yield`."""
        key = "inlines a with" if is_context else "inlines alone" if is_alone else "inlines"
        found = self._bodies.get(key)
        if found is None:
            found = self._bodies[key] = generators.is_inlinable(self.node, is_context, is_alone)
        return found

    def location(self, node: ast.AST) -> Location:
        """The position of one of this unit's nodes."""
        found = self._locations.get(id(node))
        if found is None:
            found = location_of(node, self.file, self.code.co_name)
            self._locations[id(node)] = found
        return found

    def bind(
        self, function: FunctionType, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> dict[str, Any]:
        """The variables that a call starts with; raises Python's own `TypeError` on a mismatch."""
        binder = FunctionType(self.binder, {}, function.__name__, function.__defaults__)
        binder.__kwdefaults__ = function.__kwdefaults__
        binder.__qualname__ = function.__qualname__
        return binder(*arguments, **keywords)

    def call_form(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The values of all parameters, in the order of `bind`, as positional and keyword arguments."""
        code = self.code
        after = code.co_argcount + code.co_kwonlyargcount
        positional = list(values[: code.co_argcount])
        keywords = dict(
            zip(
                code.co_varnames[code.co_argcount : after],
                values[code.co_argcount : after],
                strict=True,
            )
        )
        extra = list(values[after:])
        if code.co_flags & inspect.CO_VARARGS:
            positional += extra.pop(0)
        if code.co_flags & inspect.CO_VARKEYWORDS:
            keywords |= extra.pop(0)
        return tuple(positional), keywords


def unit_of(function: FunctionType) -> Unit:
    """The unit of a function; raises `NoSource`."""
    code = function.__code__
    found = _UNITS.get((code, code.co_filename))
    if found is None:
        try:
            found = Unit(code, *function_node(code, function.__globals__))
        except NoSource as error:
            if code.co_filename.startswith("<"):
                raise  # its text may be at hand the next time
            found = error
        _UNITS[code, code.co_filename] = found
    if isinstance(found, NoSource):
        raise found
    return found


def nested_unit(outer: Unit, node: ast.AST, code: CodeType) -> Unit:
    """The unit of a function, lambda or comprehension inside `outer`, whose tree is known already."""
    found = _UNITS.get((code, code.co_filename))
    if not isinstance(found, Unit):
        found = _UNITS[code, code.co_filename] = Unit(code, node, outer.file)
    return found


def _binder_code(code: CodeType) -> CodeType:
    """A function with the parameters of `code` that returns them as a dict: Python's own binding and error messages."""
    names = code.co_varnames
    positional = code.co_argcount
    parts: list[str] = list(names[:positional])
    if code.co_posonlyargcount:
        parts.insert(code.co_posonlyargcount, "/")
    after = positional + code.co_kwonlyargcount
    has_star = bool(code.co_flags & inspect.CO_VARARGS)
    if has_star:
        parts.append("*" + names[after])
    elif code.co_kwonlyargcount:
        parts.append("*")
    parts.extend(names[positional:after])
    if code.co_flags & inspect.CO_VARKEYWORDS:
        parts.append("**" + names[after + has_star])
    # The only parameter of a comprehension, its first iterator, is called ".0" and never bound here.
    text = ", ".join("_0" if name == ".0" else name for name in parts)
    namespace: dict[str, Any] = {}
    exec(f"def bind({text}): return locals()", namespace)
    return namespace["bind"].__code__.replace(
        co_name=code.co_name, co_qualname=code.co_qualname, co_filename=code.co_filename
    )


def find_nested_code(outer: CodeType, name: str, node: ast.expr | ast.stmt) -> CodeType:
    """The code object in `outer` that the compiler made for `node`.

    Several may share name and line: the one whose instructions lie inside the node and reach widest is it.
    """
    first = node.lineno
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    candidates = [
        item
        for item in outer.co_consts
        if isinstance(item, CodeType) and item.co_name == name and item.co_firstlineno == first
    ]
    if len(candidates) == 1:
        return candidates[0]
    low = (node.lineno, node.col_offset)
    high = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    best: CodeType | None = None
    best_extent = ((0, 0), (0, 0))
    for item in candidates:
        spans = [
            ((line, column), (end, end_column))
            for line, end, column, end_column in item.co_positions()
            if line and end and column is not None and end_column
        ]
        if not spans or min(spans)[0] < low or max(s[1] for s in spans) > high:
            continue
        extent = (min(spans)[0], max(s[1] for s in spans))
        if best is None or extent[0] <= best_extent[0]:
            best, best_extent = item, extent
    if best is None:
        raise NoSource(f"{outer.co_filename} was changed after {outer.co_name!r} was loaded")
    return best
