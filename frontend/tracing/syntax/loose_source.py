"""Source of code that has no file: text given to `exec`, to `python -c`, through standard input, or typed at the prompt.

Python does not keep such text. It is looked for among the strings of the functions that are running, on the command line, in the
script on standard input and in the lines typed last. What is found is the right text: compiled again, it gives the same code.
"""

from __future__ import annotations

import functools
import linecache
import os
import stat
import sys
import textwrap
from collections.abc import Iterable, Iterator
from types import CodeType

from tfc.core.tracebacks import is_own_file
from tfc.tracing.syntax.source import codes_in, compiled_text, is_same_code

MOST_TEXTS = 256
MOST_CHARACTERS = 1_000_000
MOST_TYPED = 500
"""Lines of the prompt's history that are looked at."""

_FOUND: dict[str, tuple[CodeType, ...]] = {}
"""The codes in texts by the names that `linecache` has these under, in the order in which they were found."""

_number = 0


def note(code: CodeType) -> None:
    """Find the text of a function that is defined now, which may not be at hand any more when it is called."""
    if code.co_filename.startswith("<") and not linecache.getlines(code.co_filename):
        file_of(code)


def file_of(code: CodeType) -> str | None:
    """The name under which `linecache` has the text that `code` was compiled from; None where the text is not at hand."""
    word = "lambda" if code.co_name == "<lambda>" else code.co_name
    for file, codes in _FOUND.items():
        if _is_among(code, codes):
            return file
    seen: set[str] = set()
    for text in _at_hand():
        if word not in text or text in seen or len(text) > MOST_CHARACTERS:
            continue
        seen.add(text)
        for form in dict.fromkeys((text, textwrap.dedent(text))):
            codes = _codes_of(form)
            if _is_among(code, codes):
                return _keep(form, codes, code.co_filename)
    return None


@functools.lru_cache(maxsize=64)
def _codes_of(text: str) -> tuple[CodeType, ...]:
    """The codes of all functions in a text; none when it is no Python."""
    module = compiled_text("<string>", text)
    return () if module is None else tuple(codes_in(module))


def _is_among(code: CodeType, codes: Iterable[CodeType]) -> bool:
    """Whether `code` is one of some codes, each instruction from the same place."""
    return any(
        code.co_linetable == other.co_linetable and is_same_code(code, other) for other in codes
    )


def _keep(text: str, codes: tuple[CodeType, ...], filename: str) -> str:
    """Give a text a name that `linecache` knows, for messages."""
    global _number  # noqa: PLW0603 - names are used once
    _number += 1
    file = f"<{filename.strip('<>')} {_number}>"
    if len(_FOUND) >= MOST_TEXTS:
        oldest = next(iter(_FOUND))
        del _FOUND[oldest]
        linecache.cache.pop(oldest, None)
    _FOUND[file] = codes
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return file


def _at_hand() -> Iterator[str]:
    yield from sys.orig_argv[1:]  # after -c
    yield from _strings_of_callers()
    yield from _on_standard_input()
    yield from _typed()


def _strings_of_callers() -> Iterator[str]:
    """The constants, variables and globals of the functions that are running that are strings."""
    frame = sys._getframe(1)
    seen: set[int] = set()
    while frame is not None:
        if not is_own_file(frame.f_code.co_filename):
            yield from _strings(frame.f_code.co_consts)
            for names in (frame.f_locals, frame.f_globals):
                if id(names) not in seen:
                    seen.add(id(names))
                    yield from _strings(list(names.values()))
        frame = frame.f_back


def _strings(values: Iterable[object]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _on_standard_input() -> Iterator[str]:
    """The script of `python < script.py`, where it is a file."""
    try:
        status = os.fstat(0)
        if stat.S_ISREG(status.st_mode) and status.st_size <= MOST_CHARACTERS:
            yield os.pread(0, status.st_size, 0).decode()
    except (OSError, ValueError):
        return


def _typed() -> Iterator[str]:
    """The statements typed at the prompt, the last one first."""
    readline = sys.modules.get("readline")
    if readline is None:
        return
    last = readline.get_current_history_length()
    first = max(1, last - MOST_TYPED)
    lines = [readline.get_history_item(place) or "" for place in range(first, last + 1)]
    for start in reversed(range(len(lines))):
        if not lines[start] or lines[start][0].isspace():
            continue
        end = start + 1
        is_decorated = lines[start].startswith("@")
        while end < len(lines) and (not lines[end] or lines[end][0].isspace() or is_decorated):
            is_decorated = is_decorated and not lines[end].startswith(("def ", "class ", "async "))
            end += 1
        yield "\n".join(lines[start:end]) + "\n"
