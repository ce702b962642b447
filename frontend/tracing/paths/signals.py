"""Statements after those that leave on some paths, by `return`, `break`, `continue` or an exception."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from tfc.core.errors import CompileError
from tfc.tracing.frame import (
    BREAK,
    CONTINUE,
    RAISED,
    RETURN,
    RETURNED,
    SIGNALS,
    UNBOUND,
    Frame,
    Mixed,
    Statement,
)
from tfc.tracing.inputs import NOT_RAISED, AlreadyRaised, Internal
from tfc.tracing.paths import choices, staging
from tfc.tracing.paths.journal import Changes
from tfc.tracing.trace import Trace
from tfc.tracing.values.numbers import SymbolicNumber

Thunk = Callable[[], Any]

EXITS = (BREAK.code, RETURN.code, RAISED.code)


def branch_statements(
    frame: Frame, node: ast.AST, condition: Any, then: Thunk, otherwise: Thunk
) -> Any:
    """The signal of a staged `if` statement: that of both arms, or a mixed one."""
    seen: set[int] = set()
    code = staging.branch(
        frame, node, condition, encoded(frame, then, seen), encoded(frame, otherwise, seen)
    )
    return decode(code, seen)


def encoded(frame: Frame, thunk: Thunk, seen: set[int]) -> Thunk:
    """A statement as an arm whose value is the number of its signal; possible numbers are added to `seen`."""

    def run() -> Any:
        signal = run_guarded(frame, lambda frame: thunk()) if frame.trace.try_depth else thunk()
        if signal is None:
            seen.add(0)
            return 0
        if signal.__class__ is Mixed:
            seen.update(signal.possible)
        else:
            seen.add(signal.code)
        return signal.code

    return run


def decode(code: Any, seen: set[int]) -> Any:
    """The signal that the merged number of an arm stands for."""
    if isinstance(code, SymbolicNumber):
        return Mixed(code, frozenset(seen))
    return SIGNALS.get(code)


def run_guarded(frame: Frame, statement: Callable[[Frame], Any]) -> Any:
    """Run a statement inside a `try`: an exception under a staged condition becomes part of the signal.

    What raised may have been an expression in the middle of the statement: then its assignments hold only on the paths that
    did not raise.
    """
    trace = frame.trace
    mark = trace.journal.open(*trace.open_frames(frame))
    before = trace.raised.cell_contents
    try:
        signal = statement(frame)
    except AlreadyRaised:
        trace.journal.close(mark, undo=False)
        return RAISED
    except (Internal, CompileError):
        trace.journal.close(mark, undo=False)
        raise
    except BaseException as error:
        trace.journal.close(mark, undo=False)
        if not trace.inside_arm and not trace.is_raising:
            raise
        trace.raise_later(error)  # on some paths an operand before may have raised something else
        return RAISED
    code = trace.raised.cell_contents
    if code is before or (code.__class__ is int and code == NOT_RAISED):
        # What was on its way before belongs to the statement around this one.
        trace.journal.close(mark, undo=False)
        return signal
    if signal is RAISED or (signal.__class__ is Mixed and RAISED.code in signal.possible):
        trace.journal.close(mark, undo=False)
        return signal
    return _split(frame, trace.journal.close(mark), code, signal)


def _split(frame: Frame, changes: Changes, code: Any, signal: Any) -> Any:
    """After a statement some of whose paths raised."""
    trace = frame.trace

    def failed() -> Any:
        trace.journal.redo(changes, lambda place: place.kind != "variable")
        trace.journal.touch_cell(trace.raised, "what is raised")
        trace.raised.cell_contents = code
        return RAISED

    def went_on() -> Any:
        trace.journal.redo(changes, lambda place: place.owner is not trace.raised)
        return signal

    if code.__class__ is int:
        return failed()
    return branch_statements(frame, frame.node, code != NOT_RAISED, failed, went_on)


def on_raise(
    frame: Frame,
    signal: Any,
    handle: Callable[[BaseException], Any],
    otherwise: Callable[[Any], Any],
) -> Any:
    """The signal after `handle` on the paths where an exception is on its way, `otherwise` on the others."""
    trace = frame.trace

    def handled() -> Any:
        code = trace.raised.cell_contents
        possible = range(len(trace.exceptions)) if code.__class__ is not int else [code]
        return dispatch(code, [number for number in possible if number >= trace.first_exception])

    def dispatch(code: Any, numbers: list[int]) -> Any:
        number = numbers[0]

        def this() -> Any:
            trace.journal.touch_cell(trace.raised, "what is raised")
            trace.raised.cell_contents = NOT_RAISED
            return handle(trace.exception(number))

        if len(numbers) == 1:
            return this()
        return branch_statements(
            frame, frame.node, code == number, this, lambda: dispatch(code, numbers[1:])
        )

    def not_handled() -> Any:
        not_raised(trace)
        return otherwise(_without(signal, RAISED.code))

    if signal is RAISED:
        return handled()
    if signal.__class__ is not Mixed or RAISED.code not in signal.possible:
        return otherwise(signal)
    return branch_statements(
        frame,
        frame.node,
        signal.code == RAISED.code,
        handled,
        not_handled,
    )


def continue_block(frame: Frame, signal: Mixed, rest: Thunk) -> Any:
    """Run the rest of a block on the paths that are still in the normal flow."""
    if 0 not in signal.possible:
        return signal

    def go_on() -> Any:
        not_raised(frame.trace)
        return rest()

    return branch_statements(
        frame, frame.node, signal.code == 0, go_on, lambda: _without(signal, 0)
    )


def not_raised(trace: Trace) -> None:
    """On the current path no exception is on its way."""
    if trace.raised.cell_contents is not NOT_RAISED:
        trace.journal.touch_cell(trace.raised, "what is raised")
        trace.raised.cell_contents = NOT_RAISED


def _without(signal: Mixed, code: int) -> Any:
    """The signal when `code` has been ruled out."""
    left = signal.possible - {code}
    if len(left) == 1:
        return SIGNALS.get(next(iter(left)))
    return Mixed(signal.code, left)


def run_finally(frame: Frame, signal: Any, final: Thunk) -> Any:
    """Run a `finally` block after a body that ended with `signal`; its own signal wins."""
    trace = frame.trace
    returned, raised = frame.vars.get(RETURNED, UNBOUND), trace.raised.cell_contents
    not_raised(trace)
    override = run_guarded(frame, lambda _: final()) if trace.try_depth else final()

    def ended() -> Any:
        if returned is UNBOUND:
            frame.vars.pop(RETURNED, None)
        else:
            frame.vars[RETURNED] = returned
        if raised.__class__ is not int or raised != NOT_RAISED:
            trace.journal.touch_cell(trace.raised, "what is raised")
            trace.raised.cell_contents = raised
        return signal

    return overriding(frame, override, ended)


def overriding(frame: Frame, override: Any, ended: Thunk) -> Any:
    """The signal of a `finally` block; on the paths on which it has none, what `ended` gives."""
    if override is None:
        return ended()
    if override.__class__ is not Mixed or 0 not in override.possible:
        return override
    return branch_statements(
        frame, frame.node, override.code == 0, ended, lambda: _without(override, 0)
    )


def function_result(frame: Frame, signal: Any) -> Any:
    """The value that a function returns after its body ended with `signal`."""
    if signal is None:
        return None
    if signal is RAISED:
        code = frame.trace.raised.cell_contents
        if code.__class__ is int and not frame.trace.inside_arm:
            frame.trace.raised.cell_contents = NOT_RAISED
            raise frame.trace.exception(code)
        raise AlreadyRaised
    if signal.__class__ is Mixed and RAISED.code in signal.possible:
        # The caller's statement finds the exception in `Trace.raised`.
        return function_result(frame, _without(signal, RAISED.code))
    value = frame.vars.get(RETURNED)
    if signal.__class__ is Mixed and 0 in signal.possible:
        ended = frame.vars.get(RETURNED, UNBOUND)

        def returned() -> Any:
            return choices.drop_unbound(ended)

        return staging.branch(frame, frame.node, signal.code == 0, lambda: None, returned)
    return choices.drop_unbound(value)


def leaves_loop(signal: Any) -> bool:
    """Whether an iteration that ended so leaves the loop on some path."""
    if signal is None or signal is CONTINUE:
        return False
    return signal.__class__ is not Mixed or bool(signal.possible & set(EXITS))


def set_flag(frame: Frame, flag: str, signal: Any, exits: set[int]) -> None:
    """Note in `flag` how an iteration that ended with `signal` left the loop, if it did."""
    if signal is None or signal is CONTINUE:
        return
    if signal.__class__ is not Mixed:
        exits.add(signal.code)
        frame.vars[flag] = signal.code
        return
    exits.update(signal.possible & set(EXITS))
    code = signal.code
    if CONTINUE.code in signal.possible:
        code = staging.branch(
            frame, frame.node, code == CONTINUE.code, lambda: 0, lambda: signal.code
        )
    frame.vars[flag] = code


def after_loop(frame: Frame, code: Any, exits: set[int], orelse: Statement | None) -> Any:
    """The signal of a whole loop: `break` ends here, `return` goes on."""
    if not isinstance(code, SymbolicNumber):
        if code == 0:
            return orelse(frame) if orelse is not None else None
        return None if code == BREAK.code else SIGNALS[code]
    if orelse is not None:

        def ended() -> Any:
            return _after_exit(code, exits, False)

        return branch_statements(frame, frame.node, code == 0, lambda: orelse(frame), ended)
    return _after_exit(code, exits, True)


def _after_exit(code: SymbolicNumber, exits: set[int], normal: bool) -> Any:
    """The signal after an exit with one of `exits`."""
    left = {0 if item == BREAK.code else item for item in exits} | ({0} if normal else set())
    if left == {0}:
        return None
    if len(left) == 1:
        return SIGNALS[left.pop()]
    return _masked(code, left) if BREAK.code in exits else Mixed(code, frozenset(left))


def _masked(code: SymbolicNumber, left: set[int]) -> Mixed:
    """A mixed signal with the number of `break` turned into the normal one."""
    frame = code.tensor._scope.trace.frame
    assert frame is not None
    masked = staging.branch(frame, frame.node, code == BREAK.code, lambda: 0, lambda: code)
    return Mixed(masked, frozenset(left))


def after_mixed(frame: Frame, signal: Mixed, rest: Callable[[], Any]) -> Any:
    """In an unrolled loop: run the remaining iterations on the paths that go on."""
    code, possible = signal.code, signal.possible
    goes_on = code == 0
    if CONTINUE.code in possible:
        goes_on = goes_on | (code == CONTINUE.code)
    left = set(possible) - {0, CONTINUE.code}

    def ended() -> Any:
        return _after_exit(code, left, False)

    if not possible & {0, CONTINUE.code}:
        return ended()

    def go_on() -> Any:
        not_raised(frame.trace)
        return rest()

    return branch_statements(frame, frame.node, goes_on, go_on, ended)
