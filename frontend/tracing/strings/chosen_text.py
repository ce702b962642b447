"""Strings that differ from path to path: a few are a choice, many are one string known at run time."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tfc.tracing.operators import COMPARISONS
from tfc.tracing.strings.text import Piece, SymbolicText
from tfc.tracing.values import primitives
from tfc.tracing.values.symbolic import Choice

MOST_COMBINATIONS = 16
"""Up to as many combinations of the alternatives of two operands are a choice again."""

_OPERATORS = frozenset((operator.add, operator.contains, *COMPARISONS.values()))


def is_string(value: Any) -> bool:
    """Whether a value is a string on every path."""
    if value.__class__ is Choice:
        return all(map(is_string, value.alternatives))
    return isinstance(value, str | SymbolicText)


def operands(apply: Callable[[Any, Any], Any], x: Any, y: Any) -> tuple[Any, Any]:
    """Two operands, one of them a choice: as strings of run time where a branch per combination would be too many."""
    if apply not in _OPERATORS or not (is_string(x) and is_string(y)):
        return x, y
    choices = [item for item in (x, y) if item.__class__ is Choice]
    combinations = 1
    if len(choices) == 2 and x.tag is not y.tag:
        combinations = len(x.alternatives) * len(y.alternatives)
    known = all(type(item) is str for choice in choices for item in choice.alternatives)
    is_few = combinations <= MOST_COMBINATIONS and (known or apply is not operator.add)
    if is_few and SymbolicText not in (x.__class__, y.__class__):
        return x, y
    return _as_text(x), _as_text(y)


def _as_text(value: Any) -> Any:
    return SymbolicText([Piece(value, "", "")]) if value.__class__ is Choice else value


def concatenated(x: Any, y: Any) -> Choice | None:
    """`x + y` for known strings and choices between such, without a branch; None for anything else."""
    parts = [item.alternatives if item.__class__ is Choice else [item] for item in (x, y)]
    if any(type(item) is not str for part in parts for item in part):
        return None
    left, right = parts
    if x.__class__ is not Choice or y.__class__ is not Choice:
        tag = x.tag if x.__class__ is Choice else y.tag
        return Choice(tag, [a + b for a in left for b in right])
    if x.tag is y.tag:
        return Choice(x.tag, [a + b for a, b in zip(left, right, strict=True)])
    rows = primitives.apply_named("multiply", x.tag, x.tag._scope.trace.constant_tag(len(right)))
    tag = primitives.apply_named("add", rows, y.tag)
    return Choice(tag, [a + b for a in left for b in right])
