"""Which variables a loop really carries."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def assigned_names(nodes: list[ast.stmt]) -> list[str]:
    """The names that statements assign, in order, those in nested functions left out."""
    found: dict[str, None] = {}
    for node in _walk_scope(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.id)
    return list(found)


def updated_names(nodes: list[ast.stmt]) -> list[str]:
    """The names whose items statements assign, `x` for `x[i] = v`, those in nested functions left out."""
    found: dict[str, None] = {}
    for node in _walk_scope(nodes):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            name = node.value
            if isinstance(name, ast.Name):
                found.setdefault(name.id)
    return list(found)


def _walk_scope(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        pending.extend(reversed(list(ast.iter_child_nodes(node))))


def temporaries(loop: ast.For | ast.While, function: ast.AST) -> frozenset[str]:
    """Names that every iteration assigns before it reads them, and that nothing which runs later reads outside of the body.

    They need not be carried from one iteration to the next, nor out of the loop.
    """
    inside = {id(node) for statement in loop.body for node in ast.walk(statement)}
    start = (loop.lineno, loop.col_offset)
    again, others = _runs_again(loop, function), _parameters_inside(function)
    read_later = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
        and not isinstance(node.ctx, ast.Store)
        and id(node) not in inside
        and id(node) not in others
        and ((node.lineno, node.col_offset) >= start or id(node) in again)
    }
    return frozenset(_assigned_first(loop) - read_later)


def _runs_again(loop: ast.For | ast.While, function: ast.AST) -> set[int]:
    """What may run after a loop although it stands before it: nested functions, and the bodies of loops around it."""
    found: set[int] = set()
    for node in ast.walk(function):
        if node is function or node is loop:
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            found.update(id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.For | ast.While | ast.AsyncFor):
            inner = {id(item) for item in ast.walk(node)}
            if id(loop) in inner:
                found |= inner
    return found


def _parameters_inside(function: ast.AST) -> set[int]:
    """Names that stand for parameters of nested functions, which may be called like a variable of `function`."""
    found: set[int] = set()
    for node in ast.walk(function):
        if node is function or not isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        parameters = {item.arg for item in ast.walk(node.args) if isinstance(item, ast.arg)}
        body = node.body if isinstance(node.body, list) else [node.body]
        names = (item for part in body for item in ast.walk(part) if isinstance(item, ast.Name))
        found.update(id(name) for name in names if name.id in parameters)
    return found


def _assigned_first(loop: ast.For | ast.While) -> set[str]:
    """Names whose first use in the body, in source order, is an unconditional plain assignment."""
    first: set[str] = set()
    if isinstance(loop, ast.For):
        first.update(_target_names(loop.target))
    _note_assigned(loop.body, first, set())
    return first


def _note_assigned(body: list[ast.stmt], first: set[str], seen: set[str]) -> None:
    """Add to `first` what statements assign before they read it, to `seen` what they may read before."""
    for statement in body:
        if isinstance(statement, ast.With):
            for item in statement.items:
                seen |= _read_names(item.context_expr) - first
                if item.optional_vars is not None:
                    first |= _target_names(item.optional_vars) - seen
            _note_assigned(statement.body, first, seen)
            continue
        reads = _read_names(statement)
        if isinstance(statement, ast.AugAssign):
            reads |= _target_names(statement.target)
        seen |= reads - first
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                first |= _target_names(target) - seen
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            first |= _target_names(statement.target) - seen
        else:
            stores = {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
            }
            seen |= stores - first


def _read_names(tree: ast.AST) -> set[str]:
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _target_names(target: ast.expr) -> set[str]:
    return {
        node.id
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
