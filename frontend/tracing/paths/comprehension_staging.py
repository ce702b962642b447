"""Comprehensions over symbolic iterables, or with symbolic conditions: their elements go into a list that grows at run time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CellType
from typing import TYPE_CHECKING, Any

from tfc.core.errors import CompileError
from tfc.tracing import operations
from tfc.tracing.calling import iterating
from tfc.tracing.containers import list_items, tables
from tfc.tracing.frame import UNBOUND, Expression, Frame
from tfc.tracing.inputs import AlreadyRaised, DeadPath, Restart
from tfc.tracing.iteration import producers
from tfc.tracing.iteration.iterables import staged
from tfc.tracing.iteration.producers import OneTime
from tfc.tracing.paths import choices, loop_staging, signals
from tfc.tracing.paths.journal import Place
from tfc.tracing.paths.loop_staging import Loop
from tfc.tracing.syntax import comprehensions
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES
from tfc.tracing.values.truth import truth

if TYPE_CHECKING:
    from tfc.tracing.syntax.comprehensions import Clause


def collect(frame: Frame, cls: type, clauses: list[Clause], source: Any, value: Expression) -> Any:
    """The elements as a list, set or dict, which grows at run time where a condition or iterable is symbolic."""
    out: Any = cls()
    frame.trace.journal.created(out)
    trace = frame.trace

    def emit(item: Any) -> None:
        if cls is list:
            list_items.call_method(frame, out, "append", (item,))
        else:
            tables.add_item(frame, out, item)

    outer = trace.frame
    trace.frame = frame
    try:
        each(frame, clauses, 0, source, lambda: emit(value(frame)))
    finally:
        trace.frame = outer
    return out


def each(
    frame: Frame, clauses: list[Clause], index: int, source: Any, emit: Callable[[], Any]
) -> Any:
    """Run `emit` for every combination of items for which the conditions hold; the signal of the whole."""
    clause = clauses[index]
    frame.node = clause.node.iter

    def step(inner: Frame, item: Any) -> Any:
        clause.assign(frame, item)
        return _tested(frame, clause, 0, proceed)

    def proceed() -> Any:
        if index + 1 == len(clauses):
            return emit()
        following = clauses[index + 1].source
        assert following is not None
        return each(frame, clauses, index + 1, following(frame), emit)

    iterable = staged(frame, source)
    if iterable is None:
        return producers.visit(frame, source, lambda item: step(frame, item))
    names = _targets(clause.node)
    loop = Loop(_as_loop(clause.node), names, (frozenset(names), frozenset(names)))
    return loop_staging.stage_for(frame, loop, iterable, step, None)


def _as_loop(node: ast.comprehension) -> ast.For:
    loop = ast.For(node.target, node.iter, [], [])
    return ast.copy_location(loop, node.iter)


def _targets(node: ast.comprehension) -> tuple[str, ...]:
    return tuple(item.id for item in ast.walk(node.target) if isinstance(item, ast.Name))


def _tested(frame: Frame, clause: Clause, index: int, proceed: Callable[[], Any]) -> Any:
    """Run `proceed` when the conditions from number `index` on hold; its signal."""
    if index == len(clause.conditions):
        return proceed()
    test = clause.conditions[index](frame)
    frame.node = clause.node.iter
    condition = truth(frame, test)
    if condition is True:
        return _tested(frame, clause, index + 1, proceed)
    if condition is False:
        return None
    return signals.branch_statements(
        frame,
        frame.node,
        condition,
        lambda: _tested(frame, clause, index + 1, proceed),
        lambda: None,
    )


def fold(frame: Frame, source: Any, start: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """`combine` all items of a staged iterable into one value."""
    total = Place("cell", CellType(start))
    journal = frame.trace.journal
    journal.created(total.owner)

    def add(item: Any) -> None:
        new = combine(total.get(), item)
        journal.touch_place(total)
        total.set(new)

    producers.visit(frame, source, add)
    return total.get()


def search(frame: Frame, source: Any, stops_at: bool) -> Any:
    """`any` (stops at True) or `all` (stops at False) of a staged iterable."""
    attempt = loop_staging.Attempt(frame)
    try:
        found = _search_all(frame, source, stops_at)
    except (CompileError, Restart):
        attempt.keep()
        raise
    except (Exception, DeadPath, AlreadyRaised):  # where it stops before, nothing may be raised
        found = None
    if found is not None and not attempt.has_effects(source):
        attempt.keep()
        return found
    attempt.forget()
    return operations.call(
        frame, iterating.find_any if stops_at else iterating.find_all, (source,), {}
    )


def _search_all(frame: Frame, source: Any, stops_at: bool) -> Any:
    """`search` that looks at every item."""
    start = SymbolicNumber(bool, frame.trace.constant(not stops_at, KIND_DTYPES[bool]))

    def test(found: Any, item: Any) -> Any:
        value = truth(frame, item)
        return found | value if stops_at else found & value

    return fold(frame, source, start, test)


def extreme(frame: Frame, source: Any, choose: Callable[[Any, Any], Any]) -> Any:
    """The one of all items that `choose` prefers; `UNBOUND` on the paths where there is none."""

    def combine(best: Any, item: Any) -> Any:
        return choices.over_choices(
            frame, lambda best: item if best is UNBOUND else choose(best, item), best
        )

    return fold(frame, source, UNBOUND, combine)


def collect_items(frame: Frame, source: Any) -> list[Any]:
    """The items of a staged iterable as a list that grows at run time."""
    out: list[Any] = []
    frame.trace.journal.created(out)
    producers.visit(
        frame, source, lambda item: list_items.call_method(frame, out, "append", (item,))
    )
    return out


class LazyElements(OneTime):
    """A generator expression: iterated over natively, or collected by the interpreter's own `sum`, `any`, `list`, ..."""

    def __init__(self, frame: Frame, clauses: list[Clause], source: Any, value: Expression) -> None:
        super().__init__(frame)
        self.clauses = clauses
        self.source = source
        self.value = value

    def items(self) -> Iterator[Any]:
        trace = self.frame.trace
        elements = comprehensions.visit(self.frame, self.clauses, 0, self.source, self.value)
        while True:
            outer, trace.frame = trace.frame, self.frame
            try:
                element = next(elements)
            except StopIteration:
                return
            finally:
                trace.frame = outer
            yield element

    def run(self, frame: Frame, emit: Callable[[Any], Any]) -> Any:
        own = self.frame
        own.trace.frame = own
        own.linked = tuple(dict.fromkeys((*own.linked, frame, *frame.linked)))
        return each(own, self.clauses, 0, self.source, lambda: emit(self.value(own)))
