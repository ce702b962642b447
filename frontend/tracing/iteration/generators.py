"""Generators. A loop over all of a generator runs the loop's body at each `yield`, so both may have staged control flow; any
other use (`next`, `send`, a generator that a variable still holds) runs it step by step, where its conditions must be known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from tfc.tracing import inputs, operations
from tfc.tracing.frame import (
    BREAK,
    CONTINUE,
    DEAD,
    RETURN,
    RETURNED,
    UNBOUND,
    Expression,
    Frame,
    Mixed,
    Statement,
)
from tfc.tracing.iteration import iterators, producers
from tfc.tracing.paths import choices
from tfc.tracing.syntax.scope import ScopeCompiler
from tfc.tracing.values.truth import truth

SENT = "value of yield"
"""Where a frame keeps the value of its last `yield` or `yield from`: no variable can have this name."""

Steps = Callable[[Frame], Generator[Any, Any, Any]]
"""A statement that may yield: a Python generator whose return value is the signal."""


def yields(node: ast.AST) -> bool:
    """Whether a node has a `yield` of its own function in it."""
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return False
    return any(yields(child) for child in ast.iter_child_nodes(node))


def emitting(compiler: ScopeCompiler, node: ast.Yield | ast.YieldFrom) -> Statement:
    """The statement `yield x` or `yield from x` of a generator that runs inside a loop over it."""
    if isinstance(node, ast.YieldFrom):
        source = compiler.expression(node.value)
        return lambda frame: _emit_from(frame, noted_alone(frame, node.value, source(frame)))
    if node.value is None:
        return lambda frame: frame.consumer(None)
    value = compiler.expression(node.value)
    return lambda frame: frame.consumer(value(frame))


def value_sent(frame: Frame) -> Any:
    """The value of the `yield` or `yield from` that was just passed: a loop over a generator sends None."""
    return frame.vars.pop(SENT, None)


def _emit_from(frame: Frame, source: Any) -> Any:
    """Emit every item of a source; afterwards `SENT` is what a generator has returned."""
    source = producers.producer_of(frame, source) or source
    if isinstance(source, producers.Producer) and source.is_fresh:
        # A loop: that the source has ended by a `return` of its own is not that the loop over both has been left.
        signal = producers.run_loop(frame, source, lambda own, item: own.consumer(item), None)
    else:
        signal = producers.visit(frame, source, frame.consumer)
    frame.vars[SENT] = _returned(frame, source)
    return signal


def _returned(frame: Frame, source: Any) -> Any:
    """What a generator that is at its end has returned; None on the paths on which it has no `return`."""
    if not isinstance(source, InterpretedGenerator):
        return None
    value = source.frame.vars.get(RETURNED)
    return choices.over_choices(frame, lambda item: None if item is UNBOUND else item, value)


def generator_block(compiler: ScopeCompiler, body: Sequence[ast.stmt]) -> Steps:
    """The steps of a block."""
    parts = [steps(compiler, node) for node in body]

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        for part in parts:
            signal = yield from part(frame)
            if signal is not None:
                return signal
        return None

    return run


def steps(compiler: ScopeCompiler, node: ast.stmt) -> Steps:
    """The steps of a statement."""
    if not yields(node):
        return _plain(compiler.statement(node))
    make = globals().get("steps_" + node.__class__.__name__)
    return _plain(operations.refuse_nested_yield(node)) if make is None else make(compiler, node)


def steps_Expr(compiler: ScopeCompiler, node: ast.Expr) -> Steps:
    value = _yielding(compiler, node.value)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        yield from value(frame)
        return None

    return run


def steps_Assign(compiler: ScopeCompiler, node: ast.Assign) -> Steps:
    value = _yielding(compiler, node.value)
    assigners = [compiler.assigner(target) for target in node.targets]

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        result = yield from value(frame)
        for assign in assigners:
            assign(frame, result)
        return None

    return run


def steps_Return(compiler: ScopeCompiler, node: ast.Return) -> Steps:
    assert node.value is not None
    value = _yielding(compiler, node.value)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        frame.vars[RETURNED] = yield from value(frame)
        return RETURN

    return run


def _yielding(compiler: ScopeCompiler, node: ast.expr) -> Steps:
    """`yield x`, `yield from x` as a whole expression; anything deeper is refused."""
    if isinstance(node, ast.YieldFrom):
        source = compiler.expression(node.value)

        def run_from(frame: Frame) -> Generator[Any, Any, Any]:
            items = operations.iterate(frame, source(frame))
            return (yield from items)

        return run_from
    if isinstance(node, ast.Yield):
        value: Expression = (
            compiler.expression(node.value) if node.value is not None else lambda frame: None
        )

        def run(frame: Frame) -> Generator[Any, Any, Any]:
            return (yield value(frame))

        return run
    return _plain(operations.refuse_nested_yield(node))


def steps_If(compiler: ScopeCompiler, node: ast.If) -> Steps:
    test = compiler.expression(node.test)
    body, orelse = generator_block(compiler, node.body), generator_block(compiler, node.orelse)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        value = test(frame)
        frame.node = node.test
        arm = body if truth(frame, value) else orelse
        return (yield from arm(frame))

    return run


def steps_While(compiler: ScopeCompiler, node: ast.While) -> Steps:
    test, body = compiler.expression(node.test), generator_block(compiler, node.body)
    orelse = generator_block(compiler, node.orelse)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        while True:
            value = test(frame)
            frame.node = node.test
            if not truth(frame, value):
                return (yield from orelse(frame))
            signal = yield from body(frame)
            if signal is BREAK:
                return None
            if signal is not None and signal is not CONTINUE:
                return signal

    return run


def steps_For(compiler: ScopeCompiler, node: ast.For) -> Steps:
    source, body = compiler.expression(node.iter), generator_block(compiler, node.body)
    assign, orelse = compiler.assigner(node.target), generator_block(compiler, node.orelse)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        values = source(frame)
        frame.node = node.iter
        for item in operations.iterate(frame, values):
            assign(frame, item)
            signal = yield from body(frame)
            if signal is BREAK:
                return None
            if signal is not None and signal is not CONTINUE:
                return signal
        return (yield from orelse(frame))

    return run


def steps_With(compiler: ScopeCompiler, node: ast.With) -> Steps:
    items = [
        (
            compiler.expression(item.context_expr),
            compiler.assigner(item.optional_vars) if item.optional_vars is not None else None,
        )
        for item in node.items
    ]
    body = generator_block(compiler, node.body)

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        import contextlib

        with contextlib.ExitStack() as stack:
            for manager, assign in items:
                value = stack.enter_context(manager(frame))
                if assign is not None:
                    assign(frame, value)
            return (yield from body(frame))

    return run


def steps_Try(compiler: ScopeCompiler, node: ast.Try) -> Steps:
    body, final = generator_block(compiler, node.body), generator_block(compiler, node.finalbody)
    orelse = generator_block(compiler, node.orelse)
    handlers = [
        (
            compiler.expression(item.type) if item.type is not None else None,
            compiler.assigner(ast.copy_location(ast.Name(item.name, ast.Store()), item))
            if item.name
            else None,
            generator_block(compiler, item.body),
        )
        for item in node.handlers
    ]

    def guarded(frame: Frame) -> Generator[Any, Any, Any]:
        from tfc.core.errors import CompileError

        try:
            signal = yield from body(frame)
        except (inputs.Internal, CompileError, GeneratorExit):
            raise
        except BaseException as error:
            for kind, assign, handler in handlers:
                if kind is None or isinstance(error, kind(frame)):
                    if assign is not None:
                        assign(frame, error)
                    return (yield from handler(frame))
            raise
        if signal is None:
            return (yield from orelse(frame))
        return signal

    def run(frame: Frame) -> Generator[Any, Any, Any]:
        try:
            signal = yield from guarded(frame)
        except BaseException:
            override = yield from final(frame)
            if override is not None:
                return override
            raise
        override = yield from final(frame)
        return signal if override is None else override

    return run


def _plain(statement: Statement) -> Steps:
    def run(frame: Frame) -> Generator[Any, Any, Any]:
        signal = statement(frame)
        if signal.__class__ is Mixed and not signal.possible <= {0, DEAD.code}:
            # Where the generator stands depends on the path: steps know one place only.
            operations.refuse(frame, *iterators.UNKNOWN_POSITION)
        return None if signal.__class__ is Mixed else signal
        yield

    return run


def is_inlinable(node: ast.AST, is_context: bool = False, is_alone: bool = False) -> bool:
    """Whether other code can run at each `yield` of a generator function, whose value is not used.

    That of a loop must not run inside a `try` of the generator; that of a `with` does, in Python too. A loop that alone has the
    generator ends it when it is left, so that its `finally` runs then.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Yield | ast.YieldFrom):
            plain = isinstance(node, ast.Expr | ast.Assign) or (
                isinstance(node, ast.Return) and isinstance(child, ast.YieldFrom)
            )
            if not plain or (is_context and isinstance(child, ast.YieldFrom)):
                return False
        elif (
            not is_context
            and isinstance(child, ast.Try | ast.TryStar)
            and yields(child)
            and not (is_alone and _only_ends(child))
        ):
            return False
        if not is_inlinable(child, is_context, is_alone):
            return False
    return True


def _only_ends(node: ast.Try | ast.TryStar) -> bool:
    """Whether a `try` has nothing but a `finally`, which goes on with what has left the body."""
    leaves = ast.Return | ast.Break | ast.Continue | ast.Yield | ast.YieldFrom
    final = (item for statement in node.finalbody for item in ast.walk(statement))
    return (
        not node.handlers
        and not node.orelse
        and not any(isinstance(item, leaves) for item in final)
    )


class InterpretedGenerator(producers.OneTime):
    """A generator object whose body is interpreted."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._first = dict(frame.vars)
        self.is_alone = False
        """Whether a loop over it is all that refers to it."""
        frame.trace.unfinished[id(self)] = frame

    def finished(self) -> None:
        self.frame.trace.unfinished.pop(id(self), None)

    def __next__(self) -> Any:
        return self.send(None)

    def _resume(self, step: Callable[[Generator[Any, Any, Any]], Any]) -> Any:
        self.progress.step()
        if self._items is None:
            self._items = self.items()
        trace = self.frame.trace
        outer = trace.frame
        self.frame.parent = outer
        trace.frame = self.frame
        try:
            return step(self._items)
        except BaseException:
            self.progress.finish()
            self.finished()
            raise
        finally:
            trace.frame = outer

    def items(self) -> Generator[Any, Any, Any]:
        yield from self.frame.unit.generator_body(self.frame)
        return self.frame.vars.get(RETURNED)

    def send(self, value: Any) -> Any:
        """Resume with the value of the `yield`."""
        return self._resume(lambda steps: steps.send(value))

    def throw(self, *error: Any) -> Any:
        """Raise at the `yield`."""
        return self._resume(lambda steps: steps.throw(*error))

    def close(self) -> None:
        """End the generator."""
        if self._items is not None:
            self._resume(lambda steps: steps.close())
            self.progress.finish()
            self.finished()

    def end(self, items: Iterator[Any]) -> None:
        self._items = _steps_of(items)

    def rewind(self) -> None:
        super().rewind()
        self.frame.vars = dict(self._first)
        self.frame.trace.unfinished[id(self)] = self.frame

    @property
    def is_fresh(self) -> bool:
        return super().is_fresh and self.frame.unit.inlines(is_alone=self.is_alone)

    @property
    def ends_later(self) -> bool:
        """Whether a `finally` runs when the generator is left before its end."""
        unit = self.frame.unit
        return unit.inlines(is_alone=True) and not unit.inlines()

    @property
    def is_context(self) -> bool:
        """Whether the body of a `with` can run at the `yield`."""
        return super().is_fresh and self.frame.unit.inlines(is_context=True)

    def run(self, frame: Frame, emit: Callable[[Any], Any]) -> Any:
        own = self.frame
        own.parent, own.linked = own.trace.frame, (frame, *frame.linked)
        own.consumer = emit
        own.trace.frame = own
        return own.unit.body(own)


def noted_alone(frame: Frame, node: ast.AST, value: Any) -> Any:
    """What a loop goes over; a generator that a call there has just made is alone."""
    if isinstance(value, InterpretedGenerator) and isinstance(node, ast.Call):
        value.is_alone = value.frame.parent is frame and value.progress.is_fresh
    return value


def _steps_of(items: Iterable[Any]) -> Generator[Any, Any, Any]:
    yield from items
