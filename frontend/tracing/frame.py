"""What the interpreter knows of one activation of a user's function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any

from tfc.graph.nodes import Location

if TYPE_CHECKING:
    from tfc.tracing.syntax.unit import Unit
    from tfc.tracing.trace import Trace

Expression = Callable[["Frame"], Any]
"""A compiled expression: its value in a frame."""

Statement = Callable[["Frame"], Any]
"""A compiled statement: None, or the `Signal` with which it left the normal flow."""


class Signal:
    """How a statement ends when it does not simply fall through to the next one."""

    __slots__ = ("code", "name")

    def __init__(self, name: str, code: int) -> None:
        self.name = name
        self.code = code

    def __repr__(self) -> str:
        return f"<{self.name}>"


BREAK = Signal("break", 1)
CONTINUE = Signal("continue", 2)
RETURN = Signal("return", 3)
DEAD = Signal("dead", 4)
"""The path ended in an error that is raised at run time: nothing after it runs."""

RAISED = Signal("raise", 5)
"""An exception is on its way to a handler, chosen at run time: `Trace.raised` has its number."""

SIGNALS = {signal.code: signal for signal in (BREAK, CONTINUE, RETURN, DEAD, RAISED)}


class Mixed:
    """Different signals on different paths: `code` is a run-time number, 0 for the normal flow."""

    __slots__ = ("code", "possible")

    def __init__(self, code: Any, possible: frozenset[int]) -> None:
        self.code = code
        self.possible = possible


class Unbound:
    """The value of a variable that has none."""

    def __repr__(self) -> str:
        return "<unbound>"


UNBOUND = Unbound()

RETURNED = "return"
"""Where a frame keeps the value of its `return`: no variable can have this name."""


def _no_consumer(item: Any) -> Any:
    raise AssertionError("a generator runs without a loop over it")


class Frame:
    """The variables of one activation, and where it stands.

    `vars` holds plain locals, `cells` the variables that nested functions share (real cells, so that functions made here
    also run natively).
    """

    __slots__ = (
        "arguments",
        "builtins",
        "catches",
        "caught",
        "cells",
        "consumer",
        "function",
        "globals",
        "linked",
        "node",
        "parent",
        "staged_depth",
        "trace",
        "unit",
        "vars",
    )

    def __init__(
        self,
        trace: Trace,
        unit: Unit,
        function: FunctionType | None,
        variables: dict[str, Any],
        cells: dict[str, CellType],
        namespace: dict[str, Any],
        parent: Frame | None,
    ) -> None:
        self.trace = trace
        self.unit = unit
        self.function = function
        self.vars = variables
        self.arguments = variables.copy()
        """The variables that the call began with."""
        self.staged_depth = trace.staged_depth
        """Staged conditions and loops around the call."""
        self.cells = cells
        self.globals = namespace
        self.builtins = unit.builtins
        self.node: ast.AST = unit.node
        self.parent = parent
        self.linked: tuple[Frame, ...] = ()
        """Other frames that statements run here may assign to: the consumer of an inlined generator."""
        self.consumer: Callable[[Any], Any] = _no_consumer
        """What a generator that runs inside a loop over it does with an item; gives a signal."""
        self.catches = False
        """Whether a `with` has caught an exception of its body."""
        self.caught: list[BaseException] = []
        """Exceptions whose handlers are running, for a bare `raise`."""

    @property
    def location(self) -> Location:
        return self.unit.location(self.node)

    def stack(self) -> Iterator[Frame]:
        """This frame and those that called it, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent
