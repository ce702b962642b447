"""The form of errors about traced code: the user's lines with notes, the last with a caret, and the calls that led there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tfc.core.errors import Site, TFCError
from tfc.core.hints import hint
from tfc.core.tracebacks import is_own_file
from tfc.graph.locations import Fact, place, show_location
from tfc.graph.nodes import Location
from tfc.tracing.frame import RETURNED
from tfc.tracing.syntax.source import is_library_file
from tfc.tracing.values import symbolic

if TYPE_CHECKING:
    from tfc.core.tensor import Tensor
    from tfc.tracing.frame import Frame
    from tfc.tracing.values.symbolic import SymbolicTensor

FRAMES_SHOWN = 3


def frame_locations(frame: Frame | None) -> list[Location]:
    """Where the interpreted frames stand, outermost first."""
    found: list[Location] = []
    while frame is not None:
        found.append(frame.location)
        frame = frame.parent
    own = [item for item in found[::-1] if not _is_hidden(item.file)]
    return own or found[::-1]


def _is_hidden(file: str) -> bool:
    """Whether code is interpreted that is not the user's: that of tfc or the standard library which is written in Python."""
    return is_own_file(file) or is_library_file(file)


def site_of(locations: Sequence[Location], facts: Iterable[Fact] = ()) -> Site:
    """The last of `locations` with its caret, and the calls that led to it."""
    if not locations:
        return Site()
    calls = [place(*item[:2]) for item in locations]
    dots = ["..."] if len(calls) > FRAMES_SHOWN + 1 else []
    listed = " -> ".join(dots + calls[-FRAMES_SHOWN - 1 :]) if len(calls) > 1 else ""
    return Site(show_location(locations[-1], facts), listed)


def site_of_frame(frame: Frame | None, facts: Iterable[Fact] = ()) -> Site:
    """`site_of` where a stack of frames stands."""
    return site_of(frame_locations(frame), facts)


def with_facts(error: BaseException, facts: list[Fact]) -> BaseException:
    """`error`, with lines to be shown besides the one that raises it."""
    error.__dict__["_facts"] = facts
    return error


def facts_of(error: BaseException) -> list[Fact]:
    """The lines that `with_facts` gave."""
    return error.__dict__.get("_facts", [])


def add_site(error: BaseException, site: Site) -> None:
    """Show the user's lines with an exception: in the text of tfc's own, as a note of others."""
    if isinstance(error, TFCError):
        if not error.where.lines:
            error.where = site
    elif site.lines:
        error.add_note(f"{site.lines}\n  calls: {site.calls}" if site.calls else site.lines)
        fix = hint(error)
        if fix:
            error.add_note(f"  fix: {fix}")


# -- facts --------------------------------------------------------------------------------------


def describe_value(frame: Frame | None, tensor: SymbolicTensor) -> str:
    """A symbolic value in the user's terms: its name when it has one, and its type."""
    name = name_of_value(frame, tensor)
    return f"'{name}' ({tensor.type})" if name else f"a tensor {tensor.type}"


def name_of_value(frame: Frame | None, value: Any) -> str:
    """What the user calls a value: a variable of the frame that holds it, or the name of the argument that it is."""
    if frame is not None:
        for name, held in frame.vars.items():
            forms = held.alternatives if isinstance(held, symbolic.Choice) else (held,)
            is_it = any(form is value or getattr(form, "tensor", None) is value for form in forms)
            if is_it and name.isidentifier() and name != RETURNED:
                return name
    return value.name if isinstance(value, symbolic.SymbolicTensor) else ""


def operand_facts(frame: Frame | None, operands: Iterable[Tensor]) -> list[Fact]:
    """Where each operand was made, with its type."""
    notes: dict[Location, list[str]] = {}
    for operand in operands:
        name = name_of_value(frame, operand)
        location = _origin(frame, operand, name) if name else None
        if location is None:
            continue
        shown = f"{name}: {operand.type}"
        listed = notes.setdefault(location, [])
        if shown not in listed:
            listed.append(shown)
    return [Fact(location, ", ".join(listed)) for location, listed in notes.items()]


def _origin(frame: Frame | None, operand: Tensor, name: str) -> Location | None:
    """The line that a value comes from: an op, a parameter, or the assignment of a constant."""
    if isinstance(operand, symbolic.SymbolicTensor):
        made = operand.location
        if made is not None and is_own_file(made.file):
            return None
        return made or _parameter(frame, operand.name)
    if frame is None:
        return None
    here = frame.location.line
    found = [fact.location for fact in assignments(frame, name, "") if fact.location.line < here]
    return max(found, default=None)


def _parameter(frame: Frame | None, name: str) -> Location | None:
    """The `def` that an argument of the compiled function belongs to."""
    while frame is not None and frame.parent is not None:
        frame = frame.parent
    if frame is None:
        return None
    root = name.partition("[")[0].partition(".")[0]
    known = frame.unit.code.co_varnames[: frame.unit.code.co_argcount]
    return frame.unit.location(frame.unit.node) if root in known else None


def assignments(frame: Frame, name: str, note: str) -> list[Fact]:
    """The lines of the running function that assign a variable."""
    return [
        Fact(frame.unit.location(node), note)
        for node in ast.walk(frame.unit.node)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    ]


def appends(frame: Frame, name: str) -> list[Fact]:
    """The lines of the running function that append to a list."""
    return [
        Fact(frame.unit.location(node), f"{name} grows here")
        for node in ast.walk(frame.unit.node)
        if isinstance(node, ast.Attribute)
        and node.attr in ("append", "extend", "insert")
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    ]
