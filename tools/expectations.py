"""`--verify-diagnostics`: errors that a file announces itself, as in MLIR's own tests.

// expected-error@+1 {{part of the message}}      on the next line; also @-1, @above, @below, or nothing for this line
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tfc.tools.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tfc.tools.source import Source

EXPECTED = re.compile(r"//\s*expected-error\s*(@\S+)?\s*\{\{(.*?)\}\}")


def expected_errors(source: Source) -> list[tuple[int, str]]:
    """Line (0: anywhere) and text of each error that `source` announces."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(source.text.split("\n"), source.first_line + 1):
        for match in EXPECTED.finditer(line):
            found.append((_line_of(match[1] or "", number), match[2]))
    return found


def _line_of(where: str, here: int) -> int:
    named = {"": here, "@above": here - 1, "@below": here + 1, "@unknown": 0}
    return named[where] if where in named else here + int(where[1:])


def check_expectations(pieces: Sequence[Source], process: Callable[[Source], object]) -> int:
    """Process each piece and compare its error with what it announces; prints differences and gives 0 or 1."""
    wrong = 0
    for piece in pieces:
        expected = expected_errors(piece)
        try:
            process(piece)
        except Diagnostic as error:
            match = next((e for e in expected if _matches(e, error)), None)
            if match is None:
                print(f"unexpected error:\n{error}", file=sys.stderr)
                wrong = 1
            else:
                expected.remove(match)
        for line, text in expected:
            print(f"{piece.file}:{line}: expected error was not produced: {text}", file=sys.stderr)
            wrong = 1
    return wrong


def _matches(expected: tuple[int, str], error: Diagnostic) -> bool:
    line, text = expected
    return line in (0, error.line) and text in error.message
