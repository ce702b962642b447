"""The form of errors about traced code: the user's lines with a caret, innermost last, at most a handful."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

from tfc.tracing.graph import Location

if TYPE_CHECKING:
    from tfc.tracing.frame import Frame
    from tfc.tracing.symbolic import SymbolicTensor

FRAMES_SHOWN = 3


def show_location(location: Location) -> str:
    """One source line with a caret under its columns.

    train.py:17      s = "x"
                     ^^^^^^^
    """
    text = linecache.getline(location.file, location.line).rstrip("\n")
    prefix = f"  {_short(location.file)}:{location.line}  "
    if not text:
        return prefix.rstrip()
    start = len(text.encode()[: location.column].decode(errors="ignore"))
    end = len(text.encode()[: location.end_column].decode(errors="ignore"))
    width = max(1, (end if end > start else len(text)) - start)
    stripped = text.lstrip()
    indent = min(len(text) - len(stripped), start)
    return f"{prefix}{text[indent:]}\n{' ' * (len(prefix) + start - indent)}{'^' * width}"


def _short(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def frame_locations(frame: Frame | None) -> list[Location]:
    """Where the interpreted frames stand, outermost first."""
    found: list[Location] = []
    while frame is not None:
        found.append(frame.location)
        frame = frame.parent
    return found[::-1]


def show_locations(locations: list[Location]) -> str:
    """The calls that led to a line in one line, then the line itself with its caret."""
    if not locations:
        return ""
    shown = show_location(locations[-1])
    if len(locations) > 1:
        calls = locations[:-1]
        listed = [f"{_short(item.file)}:{item.line}" for item in calls[-FRAMES_SHOWN:]]
        dots = ["..."] if len(calls) > FRAMES_SHOWN else []
        shown += "\n  calls: " + " -> ".join(dots + listed)
    return shown


def show_frames(frame: Frame | None) -> str:
    """`show_locations` of a stack of frames."""
    return show_locations(frame_locations(frame))


def describe_value(tensor: SymbolicTensor) -> str:
    """A symbolic value in the user's terms: its name when it has one, its type, and where it was made."""
    named = f"'{tensor.name}'" if tensor.name else "a tensor"
    location = tensor.location
    made = "" if location is None or not location.line else f" (made at line {location.line})"
    return f"{named} of type {tensor.type}{made}"
