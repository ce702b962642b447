"""Base of the compiler's mixins: names of one code object, and dispatch to the method of a node."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from tfc.tracing.frame import Expression, Frame, Statement
from tfc.tracing.source import mangle
from tfc.tracing.unit import Unit


class ScopeCompiler:
    """What every mixin needs: the unit, and how each of its names is stored."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        code = unit.code
        self.cells = frozenset(code.co_cellvars + code.co_freevars)
        self.locals = frozenset(code.co_varnames)

    def expression(self, node: ast.expr) -> Expression:
        """The closure that evaluates an expression."""
        return getattr(self, "compile_" + node.__class__.__name__)(node)

    def statement(self, node: ast.stmt) -> Statement:
        """The closure that runs a statement."""
        return getattr(self, "compile_" + node.__class__.__name__)(node)

    def expressions(self, nodes: Sequence[ast.expr]) -> tuple[Expression, ...]:
        return tuple([self.expression(node) for node in nodes])

    def name(self, name: str) -> str:
        return mangle(name, self.unit.class_name)

    # Provided by the mixins that own them.
    block: Callable[..., Statement]
    assigner: Callable[[ast.expr], Callable[[Frame, Any], None]]
    emitting: Callable[[ast.Yield | ast.YieldFrom], Statement]
    loader: Callable[[str, ast.AST], Expression]
