"""`with`: context managers, and those that `contextlib.contextmanager` makes of a generator.

The body of a `with` over such a generator runs where the generator yields, so that its `try` sees what the body raises on some
paths. In an `ExitStack` the generator goes on step by step, where conditions must be known.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable
from typing import Any

from tfc.tracing import attributes, operations
from tfc.tracing.calling.intrinsics import defines, intrinsic
from tfc.tracing.frame import RAISED, Frame, Mixed, Statement
from tfc.tracing.inputs import Internal
from tfc.tracing.iteration import generators, producers
from tfc.tracing.paths import choices, host_errors, signals, staging
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.values.symbolic import Choice
from tfc.tracing.values.truth import truth, user_method

_Made = contextlib._GeneratorContextManager  # pyright: ignore[reportPrivateUsage]

_TWO_WAYS = (
    "TFC004",
    "an exception under a condition on a tensor leaves a context manager made of a generator",
    "enter it with a 'with' of its own, or make it a class with __enter__ and __exit__",
)

_NOT_YIELDED = -1
"""Instead of the number of the body's signal: the generator has not come to its `yield`."""

Assign = Callable[[Frame, Any], None]


@defines(_Made)
def _make_generator_context(
    frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A context manager whose generator is interpreted if it is the user's."""
    made = _Made.__new__(_Made)
    frame.trace.journal.created(made)
    made.func, made.args, made.kwds = arguments
    made.gen = operations.call(frame, made.func, made.args, made.kwds)
    if isinstance(made.gen, generators.InterpretedGenerator):
        made.gen.progress.refusal = _TWO_WAYS
    return made


def compile_With(compiler: ScopeCompiler, node: ast.With) -> Statement:
    """The closure of a `with` statement."""
    body = compiler.block(node.body)
    for item in reversed(node.items):
        body = _with_item(compiler, item, body)
    return body


def _with_item(compiler: ScopeCompiler, item: ast.withitem, body: Statement) -> Statement:
    manager = compiler.expression(item.context_expr)
    assign = compiler.assigner(item.optional_vars) if item.optional_vars is not None else None
    node = item.context_expr

    def run(frame: Frame) -> Any:
        context = manager(frame)
        frame.node = node
        if context.__class__ is Choice:
            return choices.decode_over_choices(
                frame, context, lambda item: run_with(frame, item, assign, body)
            )
        return run_with(frame, context, assign, body)

    return run


def run_with(frame: Frame, context: Any, assign: Assign | None, body: Statement) -> Any:
    """The signal of `with context as target: body`."""
    if context.__class__ is _Made and "func" in vars(context):
        if not isinstance(context.gen, generators.InterpretedGenerator):  # it was made outside
            arguments = (context.func, context.args, context.kwds)
            context = _make_generator_context(frame, arguments, {})
        generator: Any = context.gen
        if generator.__class__ is generators.InterpretedGenerator and generator.is_context:
            return _run_inside(frame, generator, assign, body)
    enter, leave = attributes.context_methods(frame, context)
    node, trace = frame.node, frame.trace
    value = operations.call(frame, enter, (), {})
    first = trace.first_exception
    is_interpreted = intrinsic(getattr(leave, "__func__", leave)) is not None
    catches = is_interpreted or user_method(context, "__exit__") is not None

    def left(error: BaseException) -> Any:
        def go_on() -> Any:
            raise error

        frame.node = node
        details = (host_errors.class_of(error), error, error.__traceback__)
        is_handled = truth(frame, operations.call(frame, leave, details, {}))
        if is_handled is False:
            go_on()
        frame.catches = True
        if is_handled is True:
            return None
        return signals.branch_statements(frame, node, is_handled, lambda: None, go_on)

    if catches:
        trace.first_exception = len(trace.exceptions)
    try:
        if assign is not None:
            assign(frame, value)
        trace.try_depth += catches
        try:
            signal = signals.run_guarded(frame, body) if trace.try_depth else body(frame)
        finally:
            trace.try_depth -= catches
    except Internal:
        if not catches:
            operations.call(frame, leave, (None, None, None), {})
        raise
    except BaseException as error:
        trace.note_error(error, frame)
        return left(error)

    def ended(signal: Any) -> Any:
        frame.node = node
        operations.call(frame, leave, (None, None, None), {})
        return signal

    signal = signals.on_raise(frame, signal, left, ended)
    trace.first_exception = first
    return signal


def _run_inside(
    frame: Frame, generator: generators.InterpretedGenerator, assign: Assign | None, body: Statement
) -> Any:
    """Run the body at the generator's `yield`; how it has left is kept in a variable of the frame until the generator ends."""
    trace = frame.trace
    flag = f"with signal {id(generator)}"
    possible: set[int] = set()
    frame.vars[flag] = _NOT_YIELDED
    node = frame.node

    def emit(value: Any) -> Any:
        outer = trace.frame
        trace.frame = frame
        try:
            _fail_where(frame, frame.vars[flag] != _NOT_YIELDED, "generator didn't stop")
            frame.vars[flag] = 0
            if assign is not None:
                assign(frame, value)
            signal = signals.run_guarded(frame, body) if trace.try_depth else body(frame)
            if signal is RAISED:
                frame.catches = True  # the generator may do so
            if signal is None or signal is RAISED:
                return signal
            if signal.__class__ is not Mixed or RAISED.code not in signal.possible:
                return keep(signal)
            frame.catches = True  # the generator may do so
            code = signal.code
            return signals.branch_statements(
                frame, node, code == RAISED.code, lambda: RAISED, lambda: keep(signal)
            )
        except Exception:
            frame.catches = True
            raise
        finally:
            trace.frame = outer

    def keep(signal: Any) -> None:
        signals.not_raised(trace)
        possible.update(signal.possible if signal.__class__ is Mixed else (signal.code,))
        frame.vars[flag] = signal.code

    def ended() -> Any:
        _fail_where(frame, code == _NOT_YIELDED, "generator didn't yield")
        left = possible - {RAISED.code}
        return signals.decode(code, left | {0}) if left - {0} else None

    try:
        signal = generator.produce(frame, emit)
    finally:
        code = frame.vars.pop(flag, 0)
    return producers.unless_raising(frame, signal, ended)


def _fail_where(frame: Frame, condition: Any, text: str) -> None:
    """Raise `RuntimeError(text)` on the paths on which `condition`, known or symbolic, holds."""

    def fail() -> Any:
        raise RuntimeError(text)

    if condition is True:
        fail()
    elif condition is not False:
        staging.branch(frame, frame.node, condition, fail, lambda: None)
