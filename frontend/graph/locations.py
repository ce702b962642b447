"""Positions in the user's source, shown: lines with notes, the last with a caret."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tfc.graph.nodes import Location

FACTS_SHOWN = 4


class Fact(NamedTuple):
    """What is to be said of one line."""

    location: Location
    note: str


def show_location(location: Location, facts: Iterable[Fact] = ()) -> str:
    """The source lines of facts with their notes, then one line with a caret under its columns.

    train.py:15      s = 0        <- int here
    train.py:17          s = "x"
                         ^^^^^^^
    """
    notes: dict[tuple[str, int], str] = {}
    for fact in sorted(facts)[:FACTS_SHOWN]:
        if fact.location.line:
            notes.setdefault(fact.location[:2], fact.note)
    own = notes.pop(location[:2], "")
    rows = [(place(*line), _source(*line), note) for line, note in notes.items()]
    text = _source(*location[:2])
    rows.append((place(*location[:2]), text, own))
    places = max(len(place) for place, _, _ in rows)
    common = min((_indent(text) for _, text, _ in rows if text), default=0)
    shown = _show_rows(rows, places, common)
    if text:
        start = len(text.encode()[: location.column].decode(errors="ignore"))
        end = len(text.encode()[: location.end_column].decode(errors="ignore"))
        width = max(1, (end if end > start else len(text)) - start)
        shown.append(f"{' ' * (4 + places - common + start)}{'^' * width}")
    return "\n".join(shown)


def _show_rows(rows: Sequence[tuple[str, str, str]], places: int, common: int) -> list[str]:
    """Lines below each other, `common` columns of indentation less, notes in one column."""
    width = max((len(text) - common for _, text, note in rows if note), default=0)
    shown: list[str] = []
    for place, text, note in rows:
        line = f"  {place:{places}}  {text[common:]}"
        shown.append(f"{line:{places + width + 4}}  <- {note}" if note else line.rstrip())
    return shown


def _source(file: str, line: int) -> str:
    return linecache.getline(file, line).rstrip("\n")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def place(file: str, line: int) -> str:
    """File and line, without folders."""
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{name}:{line}"
