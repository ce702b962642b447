"""Iterables that run code of their own between items: generators, generator expressions, `filter`, `map`, `enumerate` over them.

A loop over one runs its body where the item comes out, so both sides may have staged control flow. The body's `break` and
`return` end the producer like a `return` of its own; a flag in the frame of the loop says which of them it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from tfc.tracing import operations
from tfc.tracing.containers import mappings
from tfc.tracing.frame import BREAK, RAISED, RETURN, UNBOUND, Frame, Mixed, Statement
from tfc.tracing.iteration import iterables, iterators
from tfc.tracing.paths import (
    choices,
    comprehension_staging,
    failing_ops,
    loop_staging,
    signals,
    staging,
)
from tfc.tracing.syntax import loops
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace

Emit = Callable[[Any], Any]
"""What is done with an item: None, or the signal that ends the producer."""


class Producer:
    """Base: items that come out while the interpreter runs the producer's own code."""

    def produce(self, frame: Frame, emit: Emit) -> Any:
        """Run to the end with `emit` called for every item; the signal with which the code ended."""
        raise NotImplementedError

    @property
    def is_fresh(self) -> bool:
        """Whether no item has been taken yet, so that `produce` may still be used."""
        raise NotImplementedError

    def end(self, items: Iterator[Any]) -> None:
        """What `next` gives after `produce`."""


class OneTime(Producer):
    """Items that come out once: what was taken is gone, on the paths where it was taken."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.progress = iterators.Progress(frame.trace, self)
        self._items: Any = None

    def items(self) -> Iterator[Any]:
        """The items one by one, where all conditions are known."""
        raise NotImplementedError

    def run(self, frame: Frame, emit: Emit) -> Any:
        """What `produce` does, once."""
        raise NotImplementedError

    @property
    def is_fresh(self) -> bool:
        return self.progress.is_fresh

    def rewind(self) -> None:
        """Be fresh again: the items taken so far were forgotten."""
        self._items = None

    def end(self, items: Iterator[Any]) -> None:
        self._items = items

    def finished(self) -> None:
        """No item comes any more."""

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        self.progress.step()
        if self._items is None:
            self._items = self.items()
        try:
            return next(self._items)
        except BaseException:
            self.progress.finish()
            self.finished()
            raise

    def produce(self, frame: Frame, emit: Emit) -> Any:
        self.progress.finish()
        self.end(_left_in_the_middle(frame))
        outer = frame.trace.frame
        try:
            return self.run(frame, emit)
        finally:
            frame.trace.frame = outer
            self.end(iter(()))
            self.finished()


def visit(frame: Frame, source: Any, emit: Emit) -> Any:
    """Call `emit` for every item of any iterable, in a staged loop where needed; the signal of the whole."""
    source = producer_of(frame, source) or source
    if isinstance(source, Producer) and source.is_fresh:
        return source.produce(frame, emit)
    iterable = iterables.staged(frame, source)
    if iterable is None:
        return loops.unroll(
            frame, iter(operations.iterate(frame, source)), lambda _, item: emit(item)
        )
    loop = loop_staging.Loop(frame.node, ())
    return loop_staging.stage_for(frame, loop, iterable, lambda _, item: emit(item), None)


def for_each(frame: Frame, source: Any, act: Callable[[Any], Any]) -> None:
    """Call `act` for every item of any iterable, on the paths on which none before it nor the item itself has raised."""

    def run(item: Any) -> None:
        failing_ops.after_operands(frame.trace, lambda: act(item))

    if is_staged(frame, source):
        visit(frame, source, run)
        return
    for item in operations.iterate(frame, source):
        run(item)


def producer_of(frame: Frame, value: Any) -> Producer | None:
    """The value as a producer, when it is one, iterates by the user's own code, or differs from path to path."""
    if isinstance(value, Producer):
        return value
    if value.__class__ is Choice:
        return _AnyOf(frame, value)
    if is_user_iterable(value):
        return _UserItems(frame, value)
    if isinstance(value, dict | set | frozenset) and mappings.has_partial(value):
        return cast(Producer, mappings.view(frame, value, "keys"))
    return None


def is_user_iterable(value: Any) -> bool:
    """Whether a class of the user's says how to iterate, or each item follows from the position."""
    names = ("__iter__", "__next__")
    if any(operations.user_method(value, name) is not None for name in names):
        return True
    is_stepwise = iterators.is_somewhere(value) or value.__class__ is iterators.EndlessIterator
    return is_stepwise or operations.is_numbered(value)


def is_staged(frame: Frame, value: Any) -> bool:
    """Whether the items of a value have to be visited by `visit`."""
    value = producer_of(frame, value) or value
    if isinstance(value, Producer):
        return value.is_fresh
    return iterables.staged(frame, value) is not None


def run_loop(
    frame: Frame,
    producer: Producer,
    step: Callable[[Frame, Any], Any],
    orelse: Statement | None,
) -> Any:
    """A `for` loop over a producer."""
    trace = frame.trace
    flag = f"loop signal {id(producer)}"
    exits: set[int] = set()
    frame.vars[flag] = 0

    def emit(item: Any) -> Any:
        outer = trace.frame
        trace.frame = frame
        frame.vars[flag] = 0  # on a path that gets here no earlier item has ended the loop
        try:
            signals.set_flag(frame, flag, step(frame, item), exits)
        finally:
            trace.frame = outer
        return _as_return(trace, frame.vars[flag])

    signal = producer.produce(frame, emit)
    producer.end(_left_in_the_middle(frame) if exits else iter(()))
    code = frame.vars.pop(flag, 0)

    def ended() -> Any:
        return signals.after_loop(frame, code, exits, orelse)

    return unless_raising(frame, signal, ended)


def unless_raising(frame: Frame, signal: Any, ended: Callable[[], Any]) -> Any:
    """The signal of `ended` on the paths on which a producer that ended with `signal` has not raised."""
    if signal is RAISED:
        return signal
    if signal.__class__ is Mixed and RAISED.code in signal.possible:
        return signals.branch_statements(
            frame, frame.node, signal.code == RAISED.code, lambda: RAISED, ended
        )
    return ended()


def _left_in_the_middle(frame: Frame) -> Iterator[Any]:
    """The items after a loop that ended early on some path: where the producer stands is not known."""
    operations.refuse(
        frame,
        "TFC006",
        "an iterator goes on after a loop over it that may have been left early",
        "take all items in one loop, or collect them in a list first",
    )
    yield


def first(frame: Frame, producer: Producer, otherwise: Callable[[], Any]) -> Any:
    """The first item, or what `otherwise` gives."""
    name = f"first item {id(producer)}"

    def keep(frame: Frame, item: Any) -> Any:
        frame.vars[name] = item
        return BREAK

    def missing(frame: Frame) -> None:
        frame.vars[name] = otherwise()

    frame.vars[name] = UNBOUND
    run_loop(frame, producer, keep, missing)
    return choices.drop_unbound(frame.vars.pop(name))


def _as_return(trace: Trace, code: Any) -> Any:
    """The producer's signal after an item: a `return` on the paths where the loop's body has left the loop."""
    if not isinstance(code, SymbolicNumber):
        return None if code == 0 else RETURN
    frame = trace.frame
    assert frame is not None
    left = staging.branch(frame, frame.node, code == 0, lambda: 0, lambda: RETURN.code)
    return Mixed(left, frozenset((0, RETURN.code)))


class _Iterated(OneTime):
    """The items of a source, each of them made into something else."""

    def __init__(self, frame: Frame, source: Any) -> None:
        super().__init__(frame)
        self.source = source

    def items(self) -> Iterator[Any]:
        return self.changed(operations.iterate(self.frame, self.source))

    def changed(self, source: Any) -> Iterator[Any]:
        """The items for those of a known source."""
        return iter(source)


class Filtered(_Iterated):
    """`filter(keeps, source)`."""

    def __init__(self, frame: Frame, source: Any, keeps: Callable[[Any], Any]) -> None:
        super().__init__(frame, source)
        self.keeps = keeps

    def changed(self, source: Any) -> Iterator[Any]:
        return filter(self.keeps, source)

    def run(self, frame: Frame, emit: Emit) -> Any:
        def test(item: Any) -> Any:
            kept = self.keeps(item)
            if kept is True:
                return emit(item)
            if kept is False:
                return None
            return signals.branch_statements(
                frame, frame.node, kept, lambda: emit(item), lambda: None
            )

        return visit(frame, self.source, test)


class Mapped(_Iterated):
    """`map(function, source)`."""

    def __init__(self, frame: Frame, source: Any, function: Callable[[Any], Any]) -> None:
        super().__init__(frame, source)
        self.function = function

    def changed(self, source: Any) -> Iterator[Any]:
        return map(self.function, source)

    def run(self, frame: Frame, emit: Emit) -> Any:
        return visit(frame, self.source, lambda item: emit(self.function(item)))


class Enumerated(_Iterated):
    """`enumerate(source, start)` over a producer."""

    def __init__(self, frame: Frame, source: Any, start: Any) -> None:
        super().__init__(frame, source)
        self.start = start

    def changed(self, source: Any) -> Iterator[Any]:
        return iter(enumerate(source, self.start))

    def run(self, frame: Frame, emit: Emit) -> Any:
        name = f"item number {id(self)}"
        frame.vars[name] = self.start

        def count(item: Any) -> Any:
            number = frame.vars[name]
            frame.vars[name] = number + 1
            return emit((number, item))

        signal = visit(frame, self.source, count)
        frame.vars.pop(name, None)
        return signal


def side_by_side(frame: Frame, sources: list[Any]) -> iterables.StagedIterable:
    """`zip` of iterables some of which are staged."""
    parts = [indexed(frame, item) for item in sources]
    length = iterables.shortest(frame, [part.length for part in parts])

    def item(frame: Frame, index: Any) -> Any:
        return tuple([part.item(frame, index) for part in parts])

    return iterables.Combined(parts, length, item)


class _Items(_Iterated):
    """`iter(source)` of something staged."""

    def run(self, frame: Frame, emit: Emit) -> Any:
        return visit(frame, self.source, emit)


class _UserItems(_Iterated):
    """The items of an object whose class is the user's."""

    def run(self, frame: Frame, emit: Emit) -> Any:
        return visit(frame, operations.iterator_of(frame, self.source), emit)


class _AnyOf(_Iterated):
    """The items of whichever of several iterables a value is."""

    def run(self, frame: Frame, emit: Emit) -> Any:
        return choices.decode_over_choices(
            frame, self.source, lambda items: visit(frame, items, emit)
        )


def iterator(frame: Frame, source: Any) -> Producer:
    """`iter(source)` where the items are visited at run time."""
    return source if isinstance(source, OneTime) else _Items(frame, source)


def indexed(frame: Frame, value: Any) -> Any:
    """Any iterable as a staged iterable with a length; what a producer makes is collected first."""
    value = producer_of(frame, value) or value
    if isinstance(value, Producer) and value.is_fresh:
        value = comprehension_staging.collect_items(frame, value)
    return iterables.as_staged(frame, value)
