"""`io.StringIO`, written as Python: text that is written piece by piece, also on some paths or in loops."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def unsupported(name: str) -> Any:
    """Refuse what is not here; the interpreter has its own version."""
    raise AttributeError(name)


class StringIO:
    """`io.StringIO`, written from the beginning and read as a whole."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def write(self, text: str, /) -> int:
        """Append a string; its length."""
        self._parts.append(text)
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        """Append strings."""
        for line in lines:
            self._parts.append(line)

    def getvalue(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> StringIO:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return unsupported(name)


def print_to(
    file: StringIO,
    *values: object,
    sep: str | None = " ",
    end: str | None = "\n",
    flush: bool = False,
) -> None:
    """`print` with `file`."""
    between, last = " " if sep is None else sep, "\n" if end is None else end
    file.write(between.join([str(value) for value in values]) + last)
