"""Comprehensions over symbolic iterables, or with symbolic conditions: their elements go into a list that grows at run time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CellType
from typing import TYPE_CHECKING, Any

from tfc.tracing import growable, loop_staging, operations, staging
from tfc.tracing.frame import Expression, Frame
from tfc.tracing.iterables import as_staged, staged
from tfc.tracing.loop_staging import Loop
from tfc.tracing.numbers import SymbolicNumber
from tfc.tracing.symbolic import KIND_DTYPES
from tfc.tracing.truth import truth

if TYPE_CHECKING:
    from tfc.tracing.comprehensions import Clause


def collect(frame: Frame, clauses: list[Clause], source: Any, value: Expression) -> list[Any]:
    """The elements as a list, which grows at run time where a condition or iterable is symbolic."""
    out: list[Any] = []
    frame.trace.journal.created(out)
    trace = frame.trace

    def emit(item: Any) -> None:
        growable.call_method(frame, out, "append", (item,))

    outer = trace.frame
    trace.frame = frame
    try:
        each(frame, clauses, 0, source, lambda: emit(value(frame)))
    finally:
        trace.frame = outer
    return out


def each(
    frame: Frame, clauses: list[Clause], index: int, source: Any, emit: Callable[[], None]
) -> None:
    """Run `emit` for every combination of items for which the conditions hold."""
    clause = clauses[index]
    frame.node = clause.node.iter

    def step(inner: Frame, item: Any) -> None:
        clause.assign(frame, item)
        _tested(frame, clause, 0, proceed)

    def proceed() -> None:
        if index + 1 == len(clauses):
            emit()
            return
        following = clauses[index + 1].source
        assert following is not None
        each(frame, clauses, index + 1, following(frame), emit)

    iterable = staged(frame, source)
    if iterable is None:
        for item in operations.iterate(frame, source):
            step(frame, item)
        return
    loop = Loop(_as_loop(clause.node), _targets(clause.node), frozenset(_targets(clause.node)))
    loop_staging.stage_for(frame, loop, iterable, step, None)


def _as_loop(node: ast.comprehension) -> ast.For:
    loop = ast.For(node.target, node.iter, [], [])
    return ast.copy_location(loop, node.iter)


def _targets(node: ast.comprehension) -> tuple[str, ...]:
    return tuple(item.id for item in ast.walk(node.target) if isinstance(item, ast.Name))


def _tested(frame: Frame, clause: Clause, index: int, proceed: Callable[[], None]) -> None:
    """Run `proceed` when the conditions from number `index` on hold."""
    if index == len(clause.conditions):
        proceed()
        return
    test = clause.conditions[index](frame)
    frame.node = clause.node.iter
    condition = truth(frame, test)
    if condition is True:
        _tested(frame, clause, index + 1, proceed)
    elif condition is not False:
        staging.branch(
            frame,
            frame.node,
            condition,
            lambda: _tested(frame, clause, index + 1, proceed),
            lambda: None,
        )


def visit_items(frame: Frame, source: Any, emit: Callable[[Any], None]) -> None:
    """Run `emit` for every item of a staged iterable or generator expression."""
    if isinstance(source, LazyElements | FilteredItems):
        source.each(emit)
        return
    iterable = as_staged(frame, source)
    loop = Loop(frame.node, (), frozenset())
    loop_staging.stage_for(frame, loop, iterable, lambda inner, item: emit(item), None)


def fold(frame: Frame, source: Any, start: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """`combine` all items of a staged iterable into one value."""
    cell = CellType(start)

    def add(item: Any) -> None:
        new = combine(cell.cell_contents, item)
        frame.trace.journal.touch_cell(cell, "total")
        cell.cell_contents = new

    visit_items(frame, source, add)
    return cell.cell_contents


def search(frame: Frame, source: Any, stops_at: bool) -> Any:
    """`any` (stops at True) or `all` (stops at False) of a staged iterable."""
    start = SymbolicNumber(bool, frame.trace.constant(not stops_at, KIND_DTYPES[bool]))

    def test(found: Any, item: Any) -> Any:
        value = truth(frame, item)
        return found | value if stops_at else found & value

    return fold(frame, source, start, test)


def collect_items(frame: Frame, source: Any) -> list[Any]:
    """The items of a staged iterable as a list that grows at run time."""
    out: list[Any] = []
    frame.trace.journal.created(out)
    visit_items(frame, source, lambda item: growable.call_method(frame, out, "append", (item,)))
    return out


class FilteredItems:
    """`filter` over known items; conditions may be symbolic where the interpreter collects them."""

    def __init__(self, frame: Frame, source: Any, keeps: Callable[[Any], Any]) -> None:
        self.frame = frame
        self.items = iter(operations.iterate(frame, source))
        self.keeps = keeps

    def __iter__(self) -> FilteredItems:
        return self

    def __next__(self) -> Any:
        for item in self.items:
            if self.keeps(item):
                return item
        raise StopIteration

    def each(self, emit: Callable[[Any], None]) -> None:
        """Run `emit` for every item that is kept."""
        for item in self.items:
            kept = self.keeps(item)
            if kept is True:
                emit(item)
            elif kept is not False:
                staging.branch(
                    self.frame,
                    self.frame.node,
                    kept,
                    lambda item=item: emit(item),
                    lambda: None,
                )


class LazyElements:
    """A generator expression: iterated over natively, or collected by the interpreter's own `sum`, `any`, `list`, ..."""

    __slots__ = ("_iterator", "clauses", "frame", "source", "value")

    def __init__(self, frame: Frame, clauses: list[Clause], source: Any, value: Expression) -> None:
        self.frame = frame
        self.clauses = clauses
        self.source = source
        self.value = value
        self._iterator: Iterator[Any] | None = None

    def __iter__(self) -> LazyElements:
        return self

    def __next__(self) -> Any:
        if self._iterator is None:
            from tfc.tracing.comprehensions import visit

            self._iterator = visit(self.frame, self.clauses, 0, self.source, self.value)
        trace = self.frame.trace
        outer = trace.frame
        trace.frame = self.frame
        try:
            return next(self._iterator)
        finally:
            trace.frame = outer

    def is_staged(self, frame: Frame) -> bool:
        """Whether its elements have to be visited by `each`: it runs over something staged, or has conditions."""
        if self._iterator is not None:
            return False
        return staged(frame, self.source) is not None or any(
            clause.conditions or clause.source is not None for clause in self.clauses
        )

    def each(self, emit: Callable[[Any], None]) -> None:
        """Run `emit` for every element, in a staged loop where needed."""
        trace = self.frame.trace
        outer = trace.frame
        trace.frame = self.frame
        try:
            each(self.frame, self.clauses, 0, self.source, lambda: emit(self.value(self.frame)))
        finally:
            trace.frame = outer
