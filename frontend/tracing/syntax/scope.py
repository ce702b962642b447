"""Base of the compiler's mixins: names of one code object, and dispatch to what compiles a node."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Sequence
from typing import Any

from tfc.tracing.frame import Expression, Frame, Statement
from tfc.tracing.syntax import (
    comprehensions,
    contexts,
    definitions,
    exceptions,
    liveness,
    loops,
    patterns,
)
from tfc.tracing.syntax.source import mangle
from tfc.tracing.syntax.unit import Unit

_MODULES: dict[type[ast.AST], Any] = {
    kind: module
    for module, kinds in (
        (comprehensions, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)),
        (contexts, (ast.With,)),
        (definitions, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)),
        (exceptions, (ast.Try, ast.TryStar)),
        (loops, (ast.For, ast.While)),
        (patterns, (ast.Match,)),
    )
    for kind in kinds
}
"""What the mixins have no methods for: the modules with the functions, of the compiler and the node, for these kinds."""

_FUNCTIONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {}
"""The methods and functions, by kind of node, that have been used."""


class ScopeCompiler:
    """What every mixin needs: the unit, and how each of its names is stored."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        code = unit.code
        self.cells = frozenset(code.co_cellvars + code.co_freevars)
        self.locals = frozenset(code.co_varnames)

    @functools.cached_property
    def known_liveness(self) -> tuple[liveness.Liveness, liveness.Liveness]:
        """What is live where: where all exceptions pass through each `with`, and where one may be caught."""
        node = self.unit.node
        passing = liveness.Liveness(node, self.name)
        if any(isinstance(item, ast.With) for item in ast.walk(node)):
            return passing, liveness.Liveness(node, self.name, catching=True)
        return passing, passing

    def expression(self, node: ast.AST) -> Expression:
        """The closure that evaluates an expression."""
        kind = node.__class__
        function = _FUNCTIONS.get(kind)
        if function is None:
            owner = _MODULES.get(kind, self.__class__)
            function = _FUNCTIONS[kind] = getattr(owner, f"compile_{kind.__name__}")
        return function(self, node)

    statement = expression
    """The closure that runs a statement."""

    def expressions(self, nodes: Sequence[ast.expr]) -> tuple[Expression, ...]:
        return tuple([self.expression(node) for node in nodes])

    def name(self, name: str) -> str:
        class_name = self.unit.class_name
        return mangle(name, class_name) if class_name else name

    # Provided by the mixins that own them.
    block: Callable[..., Statement]
    assigner: Callable[[ast.expr], Callable[[Frame, Any], None]]
    deleter: Callable[[ast.expr], Statement]
    items: Callable[[list[ast.expr]], Expression]
    loader: Callable[[str, ast.AST], Expression]
