"""List, set and dict comprehensions and generator expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CellType
from typing import Any

from tfc.tracing import operations
from tfc.tracing.frame import Expression, Frame
from tfc.tracing.paths import comprehension_staging
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.syntax.unit import Unit, find_nested_code, nested_unit
from tfc.tracing.values.truth import truth

_NAMES = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}

_KINDS: dict[type, type] = {ast.ListComp: list, ast.SetComp: set, ast.DictComp: dict}

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Clause:
    """One `for target in source if ...` of a comprehension, compiled."""

    __slots__ = ("assign", "conditions", "node", "source")

    def __init__(
        self,
        node: ast.comprehension,
        source: Expression | None,
        assign: Callable[[Frame, Any], None],
        conditions: tuple[Expression, ...],
    ) -> None:
        self.node = node
        self.source = source
        self.assign = assign
        self.conditions = conditions


def compile_ListComp(compiler: ScopeCompiler, node: ast.ListComp) -> Expression:
    return _comprehension(compiler, node, node.elt)


def compile_SetComp(compiler: ScopeCompiler, node: ast.SetComp) -> Expression:
    return _comprehension(compiler, node, node.elt)


def compile_GeneratorExp(compiler: ScopeCompiler, node: ast.GeneratorExp) -> Expression:
    return _comprehension(compiler, node, node.elt)


def compile_DictComp(compiler: ScopeCompiler, node: ast.DictComp) -> Expression:
    return _comprehension(compiler, node, ast.Tuple([node.key, node.value], ast.Load()))


def _comprehension(compiler: ScopeCompiler, node: Comprehension, element: ast.expr) -> Expression:
    code = find_nested_code(compiler.unit.code, _NAMES[type(node)], node)
    unit = nested_unit(compiler.unit, node, code)
    inner = type(compiler)(unit)
    first = compiler.expression(node.generators[0].iter)
    clauses = [
        Clause(
            item,
            None if index == 0 else inner.expression(item.iter),
            inner.assigner(item.target),
            inner.expressions(item.ifs),
        )
        for index, item in enumerate(node.generators)
    ]
    value = inner.expression(element)

    def run(frame: Frame) -> Any:
        source = first(frame)
        frame.node = node
        own = _inner_frame(frame, unit)
        if isinstance(node, ast.GeneratorExp):
            return comprehension_staging.LazyElements(own, clauses, source, value)
        return comprehension_staging.collect(own, _KINDS[type(node)], clauses, source, value)

    return run


def _inner_frame(frame: Frame, unit: Unit) -> Frame:
    own = Frame(frame.trace, unit, None, {}, {}, frame.globals, frame)
    own.linked = (frame, *frame.linked)  # `:=` assigns there
    code = unit.code
    for name in code.co_cellvars:
        own.cells[name] = CellType()
        frame.trace.add_cell(own.cells[name])
    for name in code.co_freevars:
        own.cells[name] = frame.cells[name]
    return own


def visit(
    frame: Frame, clauses: list[Clause], index: int, source: Any, value: Expression
) -> Iterator[Any]:
    """The elements, one by one, where all that is iterated over is known."""
    clause = clauses[index]
    frame.node = clause.node.iter
    for item in operations.iterate(frame, source):
        clause.assign(frame, item)
        keeps = True
        for condition in clause.conditions:
            test = condition(frame)
            frame.node = clause.node.iter
            if not truth(frame, test):
                keeps = False
                break
        if not keeps:
            continue
        if index + 1 == len(clauses):
            yield value(frame)
        else:
            following = clauses[index + 1].source
            assert following is not None
            yield from visit(frame, clauses, index + 1, following(frame), value)
