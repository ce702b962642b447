"""Functions, lambdas and classes made while interpreting.

A nested function is a real Python function over real cells, so it can be returned, stored and called by native code;
interpreted code that calls it interprets it.
"""

from __future__ import annotations

import ast
from types import CellType, FunctionType
from typing import Any

from tfc.tracing.calling.calls import call_value
from tfc.tracing.frame import Expression, Frame, Statement
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.syntax.unit import find_nested_code, nested_unit


def compile_FunctionDef(compiler: ScopeCompiler, node: ast.FunctionDef) -> Statement:
    make = _function_maker(compiler, node, node.name)
    return _decorated(compiler, node, make)


def compile_AsyncFunctionDef(compiler: ScopeCompiler, node: ast.AsyncFunctionDef) -> Statement:
    return _decorated(compiler, node, _function_maker(compiler, node, node.name))


def compile_Lambda(compiler: ScopeCompiler, node: ast.Lambda) -> Expression:
    return _function_maker(compiler, node, "<lambda>")


def _decorated(
    compiler: ScopeCompiler,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    make: Expression,
) -> Statement:
    decorators = list(
        zip(node.decorator_list, compiler.expressions(node.decorator_list), strict=True)
    )
    assign = compiler.assigner(ast.copy_location(ast.Name(node.name, ast.Store()), node))

    def run(frame: Frame) -> None:
        wrappers = [(item, decorator(frame)) for item, decorator in decorators]
        value = make(frame)
        for item, wrapper in reversed(wrappers):
            frame.node = item
            value = call_value(frame, wrapper, (value,), {})
        assign(frame, value)

    return run


def _function_maker(
    compiler: ScopeCompiler, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str
) -> Expression:
    code = find_nested_code(compiler.unit.code, compiler.name(name), node)
    nested_unit(compiler.unit, node, code)
    arguments = node.args
    defaults = compiler.expressions(arguments.defaults)
    keyword_defaults = [
        (compiler.name(argument.arg), compiler.expression(default))
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    ]
    annotations = _annotations(compiler, node)
    documentation = None if isinstance(node, ast.Lambda) else ast.get_docstring(node, clean=False)

    def make(frame: Frame) -> FunctionType:
        values = tuple([default(frame) for default in defaults]) or None
        named = {key: default(frame) for key, default in keyword_defaults}
        closure = tuple([frame.cells[free] for free in code.co_freevars])
        function = FunctionType(code, frame.globals, code.co_name, values, closure)
        function.__qualname__ = code.co_qualname
        function.__kwdefaults__ = named or None
        function.__doc__ = documentation
        if annotations:
            function.__annotations__ = {key: item(frame) for key, item in annotations}
        return function

    return make


def _annotations(
    compiler: ScopeCompiler, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
) -> list[tuple[str, Expression]]:
    if isinstance(node, ast.Lambda):
        return []
    import __future__

    if compiler.unit.code.co_flags & __future__.annotations.compiler_flag:
        return []
    arguments = node.args
    everything = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    everything += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
    found = [
        (compiler.name(item.arg), compiler.expression(item.annotation))
        for item in everything
        if item.annotation is not None
    ]
    if node.returns is not None:
        found.append(("return", compiler.expression(node.returns)))
    return found


def compile_ClassDef(compiler: ScopeCompiler, node: ast.ClassDef) -> Statement:
    """The body of a class runs natively, over the same cells."""
    code = find_nested_code(compiler.unit.code, compiler.name(node.name), node)
    bases = compiler.items(node.bases)
    keywords = [(item.arg, compiler.expression(item.value)) for item in node.keywords]

    def make(frame: Frame) -> Any:
        closure: tuple[CellType, ...] = tuple([frame.cells[free] for free in code.co_freevars])
        body = FunctionType(code, frame.globals, node.name, None, closure)
        named: dict[str, Any] = {}
        for name, value in keywords:
            if name is None:
                named.update(value(frame))
            else:
                named[name] = value(frame)
        build = frame.builtins["__build_class__"]
        made = build(body, node.name, *bases(frame), **named)
        if isinstance(made, type):
            frame.trace.guards.made[id(made)] = made
        return made

    return _decorated(compiler, node, make)
