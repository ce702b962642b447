"""`try`: what Python raises while tracing is caught then; what a staged path raises is caught at run time."""

from __future__ import annotations

import ast
import contextlib
from functools import partial
from typing import Any

from tfc.core.errors import CompileError
from tfc.tracing import operations
from tfc.tracing.frame import RAISED, Frame, Mixed, Statement
from tfc.tracing.inputs import Internal
from tfc.tracing.paths import signals
from tfc.tracing.paths.host_errors import is_instance
from tfc.tracing.syntax.scope import ScopeCompiler


def compile_Try(compiler: ScopeCompiler, node: ast.Try) -> Statement:
    """The closure of a `try` statement."""
    body = compiler.block(node.body)
    orelse = compiler.block(node.orelse) if node.orelse else None
    handlers = [_compile_handler(compiler, handler) for handler in node.handlers]
    guarded = _guarded(body, orelse, handlers) if handlers else body
    if not node.finalbody:
        return guarded
    return _with_finally(guarded, compiler.block(node.finalbody))


def compile_TryStar(compiler: ScopeCompiler, node: ast.TryStar) -> Statement:
    """`except*` is refused when it is run."""
    return lambda frame: operations.refuse_exception_groups(frame, node)


def _compile_handler(compiler: ScopeCompiler, handler: ast.ExceptHandler) -> Any:
    kind = compiler.expression(handler.type) if handler.type is not None else None
    body = compiler.block(handler.body)
    if handler.name is None:
        return kind, body, None, None
    name = ast.copy_location(ast.Name(handler.name, ast.Store()), handler)
    return kind, body, compiler.assigner(name), compiler.deleter(name)


def _guarded(body: Statement, orelse: Statement | None, handlers: list[Any]) -> Statement:
    def run(frame: Frame) -> Any:
        trace = frame.trace
        first = trace.first_exception
        mine = trace.first_exception = len(trace.exceptions)
        trace.try_depth += 1
        try:
            signal = signals.run_guarded(frame, body)
        except (Internal, CompileError):
            raise
        except BaseException as error:
            trace.note_error(error, frame)
            trace.try_depth -= 1
            try:
                return _handle(frame, handlers, error)
            finally:
                trace.try_depth += 1
        finally:
            trace.try_depth -= 1
        signal = signals.on_raise(
            frame,
            signal,
            lambda error: _handle(frame, handlers, error),
            lambda signal: _otherwise(frame, signal, orelse),
        )
        trace.first_exception = first
        trace.forget_raised(mine)
        return signal

    return run


def _otherwise(frame: Frame, signal: Any, orelse: Statement | None) -> Any:
    """The `else` of a `try`, on the paths that reached its end."""
    if orelse is None:
        return signal
    if signal is None:
        return orelse(frame)
    if signal.__class__ is Mixed:
        return signals.continue_block(frame, signal, lambda: orelse(frame))
    return signal


def _handle(frame: Frame, handlers: list[Any], error: BaseException) -> Any:
    for number, handler in enumerate(handlers):
        kind = handler[0]
        matches = kind is None or is_instance(frame, error, kind(frame))
        if matches is True:
            return _run_handler(frame, handler, error)
        if matches is not False:
            return signals.branch_statements(
                frame,
                frame.node,
                matches,
                lambda handler=handler: _run_handler(frame, handler, error),
                lambda number=number: _handle(frame, handlers[number + 1 :], error),
            )
    raise error


def _run_handler(frame: Frame, handler: Any, error: BaseException) -> Any:
    _, body, assign, forget = handler
    if assign is not None:
        assign(frame, error)
    frame.caught.append(error)
    try:
        return body(frame)
    finally:
        frame.caught.pop()
        if forget is not None:
            _forget(frame, forget)


def _forget(frame: Frame, forget: Statement) -> None:
    with contextlib.suppress(UnboundLocalError, ValueError):  # the handler may have deleted it
        forget(frame)


def _with_finally(guarded: Statement, final: Statement) -> Statement:
    def run(frame: Frame) -> Any:
        trace = frame.trace
        first = trace.first_exception
        mine = trace.first_exception = len(trace.exceptions)
        trace.try_depth += 1
        try:
            signal = signals.run_guarded(frame, guarded)
        except (Internal, CompileError):
            raise
        except BaseException as error:
            trace.note_error(error, frame)
            if trace.try_depth == 1:
                trace.try_depth = 0
                try:
                    return signals.overriding(frame, final(frame), partial(_raise_again, error))
                finally:
                    trace.try_depth = 1
            trace.raise_later(error)  # the handler around may get what `final` raises instead
            signal = RAISED
        finally:
            trace.try_depth -= 1
        signal = signals.run_finally(frame, signal, lambda: final(frame))
        if not trace.try_depth:
            signal = signals.on_raise(frame, signal, _raise_again, lambda signal: signal)
            trace.forget_raised(mine)
        trace.first_exception = first
        return signal

    return run


def _raise_again(error: BaseException) -> Any:
    raise error
