"""What tools say about bad input: `file:line:column: error: [code] message`, the line, a caret. Never a traceback."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Diagnostic(Exception):  # noqa: N818  (MLIR's word for it)
    """One thing that is wrong with the input of a tool.

    `line` and `column` count from 1; 0 means that the whole file is meant. `source` is the line itself.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    source: str = ""
    width: int = 1
    notes: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where += f":{self.line}:{self.column}"
        lines = [f"{where or 'tfc'}: error: [{self.code}] {self.message}"]
        if self.source.strip():
            shown, start = _window(self.source, self.column - 1)
            marks = "^" + "~" * max(0, min(self.width, len(shown) - start) - 1)
            lines += [shown, " " * start + marks]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)


def _window(source: str, position: int, size: int = 120) -> tuple[str, int]:
    """At most `size` characters of a line around `position`, printable, and where `position` is in them."""
    clean = "".join(c if c.isprintable() else " " for c in source)
    if len(clean) <= size:
        return clean, max(0, min(position, len(clean)))
    first = max(0, min(position - size // 2, len(clean) - size))
    return clean[first : first + size], position - first


def report(diagnostic: Diagnostic, stream: TextIO) -> None:
    """Print `diagnostic`."""
    print(diagnostic, file=stream)
