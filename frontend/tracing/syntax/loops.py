"""Loops: over known items they are unrolled, over symbolic ones staged."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any, cast

from tfc.core.errors import CompileError
from tfc.graph.control import WHILE
from tfc.tracing import operations
from tfc.tracing.containers import watching
from tfc.tracing.frame import BREAK, CONTINUE, UNBOUND, Frame, Mixed, Statement
from tfc.tracing.iteration import generators, iterables, iterators, producers
from tfc.tracing.paths import choices, loop_staging, rolling, signals
from tfc.tracing.paths.journal import Place
from tfc.tracing.syntax import liveness
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.values.symbolic import Choice, SymbolicTensor
from tfc.tracing.values.truth import truth

Step = Callable[[Frame, Any], Any]
"""One iteration: the body run for an item; gives a signal."""

UNROLLED_ROWS = 16
"""Rows of a tensor with a known number of rows are unrolled up to this many."""

UNROLLED_ITERATIONS = 64
"""A loop over a known range is unrolled up to this length, unless it does much on elements; a longer one is a loop if its
iterations are alike."""

UNROLLED_FOR_VALUES = 4096
"""The same where what loops compute is needed while tracing."""

NESTED_EXITS = 16
"""An unrolled loop with a staged exit nests a branch per iteration, up to this many."""


def _loop(compiler: ScopeCompiler, node: ast.For | ast.While) -> loop_staging.Loop:
    carried = [compiler.name(name) for name in liveness.assigned_names(node.body)]
    if isinstance(node, ast.For):
        targets = [
            compiler.name(item.id) for item in ast.walk(node.target) if isinstance(item, ast.Name)
        ]
        carried = [*targets, *carried]
    names = tuple(name for name in dict.fromkeys(carried) if name in compiler.locals)
    updated = [compiler.name(name) for name in liveness.updated_names(node.body)]
    always, caught = [known.temporaries(node, compiler.locals) for known in compiler.known_liveness]
    return loop_staging.Loop(
        node, names, (always, caught), tuple(name for name in updated if name not in names)
    )


def _body(compiler: ScopeCompiler, node: ast.For | ast.While) -> Statement:
    """The body, also of one statement: what it raises inside a `try` leaves the loop."""
    body = compiler.block(node.body)
    return lambda frame: signals.run_guarded(frame, body) if frame.trace.try_depth else body(frame)


def compile_While(compiler: ScopeCompiler, node: ast.While) -> Statement:
    test, body = compiler.expression(node.test), _body(compiler, node)
    orelse = compiler.block(node.orelse) if node.orelse else None
    loop = _loop(compiler, node)

    def condition(frame: Frame) -> Any:
        value = test(frame)
        frame.node = node.test
        return truth(frame, value)

    def iterate(frame: Frame, repetition: rolling.Repetition | None) -> Any:
        while True:
            if repetition is not None:
                repetition.note()
            attempt = loop_staging.Attempt(frame)
            known = condition(frame)
            if known is False:
                attempt.keep()
                return orelse(frame) if orelse is not None else None
            signal = body(frame) if known is True else Mixed(None, frozenset())
            if signal.__class__ is Mixed:
                # This iteration is forgotten: from here on the loop is staged.
                attempt.forget()
                return loop_staging.stage_while(frame, loop, condition, body, orelse)
            attempt.keep()
            if signal is BREAK:
                return None
            if signal is not None and signal is not CONTINUE:
                return signal

    def run(frame: Frame) -> Any:
        entry = loop_staging.Attempt(frame)
        repetition = rolling.Repetition(frame, _most_unrolled(frame))
        try:
            signal = iterate(frame, repetition)
        except rolling.Repeats:
            entry.forget()
        else:
            entry.keep()
            return signal
        attempt = loop_staging.Attempt(frame)
        try:
            signal = loop_staging.stage_while(frame, loop, condition, body, orelse)
        except CompileError:
            attempt.forget()
            return iterate(frame, None)
        if not repetition.is_kept_by(WHILE):
            attempt.forget()
            return iterate(frame, None)
        attempt.keep()
        return signal

    return run


def compile_For(compiler: ScopeCompiler, node: ast.For) -> Statement:
    source, body = compiler.expression(node.iter), _body(compiler, node)
    assign = compiler.assigner(node.target)
    orelse = compiler.block(node.orelse) if node.orelse else None
    loop = _loop(compiler, node)

    def step(frame: Frame, item: Any) -> Any:
        frame.node = node.target
        assign(frame, item)
        return body(frame)

    is_held = not isinstance(node.iter, ast.Call)

    def run(frame: Frame) -> Any:
        value = source(frame)
        frame.node = node.iter
        if value.__class__ is Choice:
            return choices.decode_over_choices(frame, value, lambda item: over(frame, item))
        return over(frame, value)

    def over(frame: Frame, value: Any) -> Any:
        before = {name: frame.vars.get(name, UNBOUND) for name in loop.names}
        signal = iterate(frame, value)
        # What is never read again must not keep the objects of the last iteration as themselves.
        for name, old in before.items():
            if loop.is_temporary(frame, name):
                Place("variable", frame, name).set(old)
        return signal

    def iterate(frame: Frame, value: Any) -> Any:
        if value.__class__ is iterators.EndlessIterator and not is_held:
            value = _counted(value)
        if not isinstance(value, generators.InterpretedGenerator):
            return run_for(frame, loop, value, step, orelse)
        if is_held:
            return _over_held(frame, value, step, orelse)
        is_own = generators.noted_alone(frame, node.iter, value).is_alone
        signal = run_for(frame, loop, value, step, orelse)
        if is_own and signal.__class__ is not Mixed:
            value.close()  # the loop was all that referred to it: its `finally` runs now
        return signal

    return run


def _counted(iterator: iterators.EndlessIterator) -> Any:
    """A new `itertools.count` as a range without an end in reach."""
    if not isinstance(iterator.source, itertools.count) or not iterator.is_new:
        return iterator
    start, step = (*cast(Any, iterator.source.__reduce__()[1]), 1)[:2]
    if start.__class__ is int and step.__class__ is int:
        return range(start, start + step * 2**62, step)
    return iterator


def run_for(
    frame: Frame, loop: loop_staging.Loop, value: Any, step: Step, orelse: Statement | None
) -> Any:
    """A loop over any iterable."""
    iterable = iterables.staged(frame, value)
    if iterable is not None:
        return loop_staging.stage_for(frame, loop, iterable, step, orelse)
    is_long = _is_long(value)
    if value.__class__ is iterables.KeptRange:
        value = value.items
    if is_long:
        attempt = loop_staging.Attempt(frame)
        try:
            result = loop_staging.stage_for(
                frame, loop, iterables.as_staged(frame, value), step, orelse
            )
        except CompileError:
            attempt.forget()
        else:
            attempt.keep()
            return result
    if isinstance(value, producers.Producer) and value.is_fresh:
        return producers.run_loop(frame, value, step, orelse)
    iterator = operations.iterator_of(frame, value)
    if iterator is not value:
        return run_for(frame, loop, iterator, step, orelse)
    items = operations.iterate(frame, value)
    if isinstance(items, range) and len(items) > rolling.COMPARED_ITERATIONS:
        return _unroll_or_stage(frame, loop, items, step, orelse)
    lists = watching.lists_in(value)
    if not lists:
        return unroll(frame, watching.items_of(frame, items), step, orelse)
    again = watching.maker(frame, value)
    attempt = loop_staging.Attempt(frame)
    try:
        signal = unroll(frame, iter(items), watching.until_grown(lists, step), orelse)
    except watching.Grown:
        attempt.forget()
        watching.grow(frame, lists)
        return run_for(frame, loop, again(), step, orelse)
    attempt.keep()
    return signal


def _over_held(
    frame: Frame, generator: generators.InterpretedGenerator, step: Step, orelse: Statement | None
) -> Any:
    """A loop over a generator that a variable holds: it may be left and go on later, so it runs step by step where it can."""
    if not generator.is_fresh:
        return unroll(frame, iter(generator), step, orelse, UNROLLED_ITERATIONS)
    attempt = loop_staging.Attempt(frame)
    try:
        result = unroll(frame, iter(generator), step, orelse, NESTED_EXITS)
    except CompileError:
        attempt.forget()
        return producers.run_loop(frame, generator, step, orelse)
    attempt.keep()
    return result


def _unroll_or_stage(
    frame: Frame, loop: loop_staging.Loop, items: range, step: Step, orelse: Statement | None
) -> Any:
    attempt = loop_staging.Attempt(frame)
    rolled = rolling.Rolling(
        frame, loop, attempt, len(items), is_long=len(items) > _most_unrolled(frame)
    )
    rest = iter(items)
    for item in rest:
        signal = step(frame, item)
        if signal.__class__ is Mixed:
            if len(items) <= NESTED_EXITS:
                attempt.keep()
                goes_on = functools.partial(unroll, frame, rest, step, orelse)
                return signals.after_mixed(frame, signal, goes_on)
            attempt.forget()
            return loop_staging.stage_for(
                frame, loop, iterables.as_staged(frame, items), step, orelse
            )
        if signal is not None and signal is not CONTINUE:
            attempt.keep()
            return None if signal is BREAK else signal
        rolled.note()
        if rolled.ends():
            attempt.forget()
            if rolled.stage(items, step):
                return orelse(frame) if orelse is not None else None
            return unroll(frame, iter(items), step, orelse)
    attempt.keep()
    return orelse(frame) if orelse is not None else None


def _is_long(value: Any) -> bool:
    if isinstance(value, SymbolicTensor):
        shape = value.type.shape
        return bool(shape) and (shape[0] or 0) > UNROLLED_ROWS
    return value.__class__ is iterables.KeptRange and len(value.items) > UNROLLED_ROWS


def unroll(
    frame: Frame,
    items: Iterator[Any],
    step: Step,
    orelse: Statement | None = None,
    exits: int | None = None,
) -> Any:
    """Run a loop over known items; after a staged exit the rest runs on the paths that go on.

    Where the items may have no end, `exits` is how many of them are staged before it is refused.
    """
    for item in items:
        signal = step(frame, item)
        if signal is None or signal is CONTINUE:
            continue
        if signal is BREAK:
            return None
        if signal.__class__ is not Mixed:
            return signal
        is_left = isinstance(items, generators.InterpretedGenerator) and items.ends_later
        if exits == 0 or (exits is None and is_left):  # its `finally` would run on some paths
            operations.refuse(frame, *iterators.UNKNOWN_POSITION)
        rest = functools.partial(
            unroll, frame, items, step, orelse, None if exits is None else exits - 1
        )
        return signals.after_mixed(frame, signal, rest)
    return orelse(frame) if orelse is not None else None


def _most_unrolled(frame: Frame) -> int:
    return UNROLLED_FOR_VALUES if frame.trace.assumptions.unrolled else UNROLLED_ITERATIONS
