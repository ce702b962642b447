"""Exceptions on their way to a handler, while the program is recorded."""

from __future__ import annotations

from types import CellType
from typing import TYPE_CHECKING, Any, cast

from tfc.core.errors import Site
from tfc.graph.nodes import Location
from tfc.tracing import effects, messages
from tfc.tracing.inputs import NOT_RAISED
from tfc.tracing.paths import choices
from tfc.tracing.paths.journal import Journal
from tfc.tracing.values import primitives
from tfc.tracing.values.exceptions import fields_of, set_fields
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import KIND_DTYPES

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.trace import Trace

_VALUES = "values of an exception"


class Raising:
    """The part of a `Trace` that knows what its paths have raised: each exception has a number, held in a cell of the path."""

    frame: Frame | None

    def __init__(self) -> None:
        self.journal = Journal()
        self.try_depth = 0
        """How many `try` statements with handlers are running around the current statement."""
        self.exceptions: list[tuple[BaseException, CellType | None, Any]] = []
        """Exceptions that a handler may have to catch at run time, by number."""
        self.sites: dict[int, Site] = {}
        """Where each of them was raised, by its identity."""
        self.first_exception = 0
        """The first exception that belongs to the innermost `try`."""
        self.raised = CellType(NOT_RAISED)
        """The number of the exception that is on its way on the current path."""
        self.failed: tuple[BaseException, list[Location]] | None = None
        """The exception that passed last, with the calls that led to it."""

    @property
    def is_raising(self) -> bool:
        """Whether an exception is on its way on some paths of the current statement."""
        return self.raised.cell_contents.__class__ is not int

    def raise_later(self, error: BaseException) -> None:
        """On this path `error` is on its way to a handler."""
        contents, number, cell = (error.args, fields_of(error)), len(self.exceptions), None
        lines: Any = None
        if effects.is_symbolic(contents):  # these values have to leave the arm that raises
            passed = self.failed if self.failed is not None and self.failed[0] is error else None
            lines = (type(error), *(passed[1] if passed else messages.frame_locations(self.frame)))
            number, cell = self._raised_before(lines) or (number, CellType())
            self.journal.touch_cell(cell, _VALUES)
            cell.cell_contents = contents
        if number == len(self.exceptions):
            self.exceptions.append((error, cell, lines))
            if id(error) not in self.sites:
                self.sites[id(error)] = messages.site_of_frame(self.frame, messages.facts_of(error))
        earlier = self.raised.cell_contents
        self.journal.touch_cell(self.raised, "what is raised")
        if self.is_raising:  # what an operand before this one has raised is what the handler gets
            own = cast("Trace", self).constant(number, KIND_DTYPES[int])
            number = SymbolicNumber(
                int, primitives.select((earlier == NOT_RAISED).tensor, own, earlier.tensor)
            )
        self.raised.cell_contents = number

    def _raised_before(self, lines: Any) -> tuple[int, CellType] | None:
        """The number and cell of what the same lines have raised inside this `try`: a loop around them is recorded anew."""
        for number in range(self.first_exception, len(self.exceptions)):
            _, cell, known = self.exceptions[number]
            if cell is not None and known == lines:
                return number, cell
        return None

    def forget_raised(self, first: int) -> None:
        """The exceptions from number `first` on are handled, unless one is still on its way: no path carries their values."""
        if not self.is_raising:
            for _, cell, _ in self.exceptions[first:]:
                if cell is not None:
                    self.journal.forget_cell(cell, _VALUES)

    def exception(self, number: int) -> BaseException:
        """The exception of this number, where a handler gets it."""
        error, cell, _ = self.exceptions[number]
        if cell is not None:
            error.args, attributes = choices.drop_unbound(cell.cell_contents)
            set_fields(error, attributes)
        return error

    def note_error(self, error: BaseException, frame: Frame) -> None:
        """Remember where interpreted code raised: the innermost frame, the first time an error passes."""
        if self.failed is None or self.failed[0] is not error:
            self.failed = (error, messages.frame_locations(frame))
