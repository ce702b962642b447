"""`match`: each pattern is a chain of tests, staged where what it tests is symbolic."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from tfc.core.tensor import Tensor
from tfc.tracing import attributes, membership, operations
from tfc.tracing.calling import intrinsics
from tfc.tracing.frame import Frame, Statement
from tfc.tracing.paths import choices, signals, staging
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.values.symbolic import Choice
from tfc.tracing.values.truth import truth

Matcher = Callable[[Frame, Any], Any]
"""Whether a subject matches: a bool, known or symbolic. Binds names on the way, as Python does."""

_SELF_MATCHING = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


def compile_Match(compiler: ScopeCompiler, node: ast.Match) -> Statement:
    subject = compiler.expression(node.subject)
    cases = [
        (
            pattern(compiler, case.pattern),
            compiler.expression(case.guard) if case.guard is not None else None,
            compiler.block(case.body),
            case.pattern,
        )
        for case in node.cases
    ]

    def attempt(frame: Frame, value: Any, index: int) -> Any:
        if index == len(cases):
            return None
        matcher, guard, body, pattern = cases[index]
        frame.node = pattern
        condition = matcher(frame, value)
        if condition is not False and guard is not None:
            condition = _both(frame, condition, lambda: truth(frame, guard(frame)))
        if condition is True:
            return body(frame)
        if condition is False:
            return attempt(frame, value, index + 1)
        return signals.branch_statements(
            frame,
            pattern,
            condition,
            lambda: body(frame),
            lambda: attempt(frame, value, index + 1),
        )

    def run(frame: Frame) -> Any:
        value = subject(frame)
        if value.__class__ is Choice:
            return choices.decode_over_choices(frame, value, lambda item: attempt(frame, item, 0))
        return attempt(frame, value, 0)

    return run


def pattern(compiler: ScopeCompiler, node: ast.pattern) -> Matcher:
    """The matcher of a pattern."""
    return globals()["match_" + node.__class__.__name__](compiler, node)


def match_MatchValue(compiler: ScopeCompiler, node: ast.MatchValue) -> Matcher:
    expected = compiler.expression(node.value)

    def test(frame: Frame, value: Any) -> Any:
        other = expected(frame)
        return truth(frame, operations.binary(frame, operator.eq, value, other))

    return test


def match_MatchSingleton(compiler: ScopeCompiler, node: ast.MatchSingleton) -> Matcher:
    return lambda frame, value: membership.is_same(frame, value, node.value)


def match_MatchAs(compiler: ScopeCompiler, node: ast.MatchAs) -> Matcher:
    inner = pattern(compiler, node.pattern) if node.pattern is not None else None
    assign = _binder(compiler, node.name, node)

    def test(frame: Frame, value: Any) -> Any:
        matched = True if inner is None else inner(frame, value)
        if matched is not False and assign is not None:
            assign(frame, value)
        return matched

    return test


def _binder(
    compiler: ScopeCompiler, name: str | None, node: ast.AST
) -> Callable[[Frame, Any], None] | None:
    if name is None:
        return None
    return compiler.assigner(ast.copy_location(ast.Name(name, ast.Store()), node))


def match_MatchOr(compiler: ScopeCompiler, node: ast.MatchOr) -> Matcher:
    options = [pattern(compiler, item) for item in node.patterns]

    def test(frame: Frame, value: Any, index: int = 0) -> Any:
        matched = options[index](frame, value)
        if matched is True or index + 1 == len(options):
            return matched
        if matched is False:
            return test(frame, value, index + 1)
        return staging.branch(
            frame, node, matched, lambda: True, lambda: test(frame, value, index + 1)
        )

    return test


def match_MatchSequence(compiler: ScopeCompiler, node: ast.MatchSequence) -> Matcher:
    stars = [i for i, item in enumerate(node.patterns) if isinstance(item, ast.MatchStar)]
    star = stars[0] if stars else None
    parts = [pattern(compiler, item) for item in node.patterns]
    count = len(parts)

    def test(frame: Frame, value: Any) -> Any:
        if not isinstance(value, list | tuple | range) or isinstance(value, Tensor):
            return False
        size = operations.length(frame, value)
        if star is None:
            if size != count:
                return False
        elif size < count - 1:
            return False
        items = operations.unpack(frame, value, count, star)
        return _all(frame, parts, items, 0)

    return test


def match_MatchStar(compiler: ScopeCompiler, node: ast.MatchStar) -> Matcher:
    assign = _binder(compiler, node.name, node)

    def test(frame: Frame, value: Any) -> Any:
        if assign is not None:
            assign(frame, value)
        return True

    return test


def match_MatchMapping(compiler: ScopeCompiler, node: ast.MatchMapping) -> Matcher:
    keys = compiler.expressions(node.keys)
    parts = [pattern(compiler, item) for item in node.patterns]
    rest = _binder(compiler, node.rest, node)

    def test(frame: Frame, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return False
        names = [key(frame) for key in keys]
        if any(name not in value for name in names):
            return False
        items = [operations.load_item(frame, value, name) for name in names]
        matched = _all(frame, parts, items, 0)
        if matched is not False and rest is not None:
            rest(frame, {k: v for k, v in value.items() if k not in names})
        return matched

    return test


def match_MatchClass(compiler: ScopeCompiler, node: ast.MatchClass) -> Matcher:
    kind = compiler.expression(node.cls)
    positional = [pattern(compiler, item) for item in node.patterns]
    named = [
        (compiler.name(name), pattern(compiler, item))
        for name, item in zip(node.kwd_attrs, node.kwd_patterns, strict=True)
    ]

    def test(frame: Frame, value: Any) -> Any:
        cls = kind(frame)
        is_instance = intrinsics.intrinsic(isinstance)
        assert is_instance is not None
        if is_instance(frame, (value, cls), {}) is not True:
            return False
        parts, items = _class_items(frame, cls, value, positional, named)
        if items is None:
            return False
        return _all(frame, parts, items, 0)

    return test


def _class_items(
    frame: Frame, cls: type, value: Any, positional: list[Matcher], named: list[tuple[str, Matcher]]
) -> tuple[list[Matcher], list[Any] | None]:
    """The sub-patterns of a class pattern with the attributes that they match."""
    parts = [*positional, *[part for _, part in named]]
    if positional and cls in _SELF_MATCHING:
        return parts, [value]
    names = list(getattr(cls, "__match_args__", ()))[: len(positional)]
    if len(names) < len(positional):
        raise TypeError(
            f"{cls.__name__}() accepts {len(names)} positional sub-patterns"
            f" ({len(positional)} given)"
        )
    items: list[Any] = []
    for name in (*names, *[name for name, _ in named]):
        try:
            items.append(attributes.load_attribute(frame, value, name))
        except AttributeError:
            return parts, None
    return parts, items


def _all(frame: Frame, parts: list[Matcher], items: list[Any], index: int) -> Any:
    """Whether all sub-patterns from number `index` on match; the later ones only where the earlier do."""
    if index == len(parts):
        return True
    matched = parts[index](frame, items[index])
    return _both(frame, matched, lambda: _all(frame, parts, items, index + 1))


def _both(frame: Frame, first: Any, second: Callable[[], Any]) -> Any:
    if first is False:
        return False
    if first is True:
        return second()
    return truth(frame, staging.branch(frame, frame.node, first, second, lambda: False))
