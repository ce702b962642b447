"""Cutting a program into units that LLVM compiles apart.

Functions differ in what LLVM can do for them (`Work`): those with a loop that it may vectorise go through its standard pipeline,
those that are vectors already through a shorter one, and those that only call others (entries, the nests around the kernels of a
contraction) are translated as they stand. A kernel, or a long function of vectors, is a unit of its own and needs nothing but the
code generator at its best: its code depends on its text alone, so that it is kept and compiled once for all programs.

A function that another unit calls is `hidden` instead of `internal`; the loader puts the units together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

#: What LLVM has to do: `calls` are where time is not spent, `kernels` are written as they should run, `vectors` want moved out of
#: loops what stays the same, `loops` may be vectorised.
Work: TypeAlias = Literal["calls", "kernels", "vectors", "loops"]

#: Lines from which on a function of vectors is a unit of its own; for kernels, which many programs use.
ALONE = 100
KERNEL_ALONE = 40
#: Lines up to which a program is one unit: each further one costs LLVM two milliseconds.
TOGETHER = 150

#: Lines of loops from which on LLVM's vectoriser is not asked: it and the code that it makes take two seconds for so many.
TOO_MANY = 4000

_SYMBOL = re.compile(r'@("[^"]+"|tfc_\w+)')
_NODE = re.compile(r"!(\d+)")


@dataclass(frozen=True)
class Definition:
    """A function or a constant of an LLVM module.

    `inline`: it is to be inlined, and so belongs to every unit that calls it. `kernel`: it is called by
    name everywhere, and written as it should run.
    """

    symbol: str
    text: str
    work: Work = "calls"
    inline: bool = False
    kernel: bool = False

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def declaration(self) -> str:
        """How another unit speaks of it."""
        head = self.text.split("\n", 1)[0]
        if head.startswith("define"):
            return head.replace("define internal", "declare hidden", 1).removesuffix(" {")
        kind = head.split(" = internal ", 1)[1]  # constant [8 x i8] c"...", align 64
        return f"{self.symbol} = external hidden {kind[: kind.index(']') + 1]}"

    @property
    def shared(self) -> str:
        """The definition for a unit whose symbol others use."""
        return self.text.replace(" internal ", " hidden ", 1)


@dataclass(frozen=True)
class Unit:
    """The text of an LLVM module, and what it wants of LLVM.

    `alone`: it is one function whose code other programs may use as well.
    """

    text: str
    work: Work
    alone: bool = False


def whole(definitions: Iterable[Definition], metadata: Sequence[str]) -> str:
    """All of a program as one module."""
    return "\n".join(d.text for d in definitions) + "\n" + "\n".join(metadata) + "\n"


def cut(definitions: Sequence[Definition], metadata: Sequence[str]) -> tuple[Unit, ...]:
    """The units of a program; `metadata[n]` defines `!n`."""
    definitions = merged(definitions, metadata)
    if sum(d.lines for d in definitions if d.work == "loops") > TOO_MANY:
        definitions = [replace(d, work="vectors") if d.work == "loops" else d for d in definitions]
    if sum(d.lines for d in definitions) <= TOGETHER:
        return (Unit(whole(definitions, metadata), _most(definitions)),)
    known = {d.symbol: d for d in definitions}
    uses = {d.symbol: _uses(d, known) for d in definitions}
    common: dict[Work, list[Definition]] = {"calls": [], "vectors": [], "loops": []}
    alone: list[list[Definition]] = []
    for definition in definitions:
        if definition.inline:
            continue
        inlined = [known[symbol] for symbol in _needs([definition], known, uses)]
        work = _most([definition, *(d for d in inlined if d.inline)])
        if work == "calls" and _recurs(definition, uses):
            work = "vectors"
        if definition.lines >= (KERNEL_ALONE if definition.kernel else ALONE) and work == "vectors":
            alone.append([definition])
        else:
            common[work].append(definition)
    groups = [*common.values(), *alone]
    works: list[Work] = [*common, *("kernels" for _ in alone)]
    needs = [_needs(group, known, uses) for group in groups]
    home = {d.symbol: k for k, group in enumerate(groups) for d in group}
    visible = {s for k, symbols in enumerate(needs) for s in symbols if home.get(s, k) != k}
    units: list[Unit] = []
    for k, group in enumerate(groups):
        if group:
            parts = [d.shared if d.symbol in visible else d.text for d in group]
            others = (known[symbol] for symbol in needs[k] if home.get(symbol) != k)
            parts += [other.text if other.inline else other.declaration for other in others]
            text = _with_metadata("\n".join(parts) + "\n", metadata)
            units.append(Unit(text, works[k], k >= len(common)))
    return tuple(units)


def merged(definitions: Sequence[Definition], metadata: Sequence[str]) -> Sequence[Definition]:
    """The definitions, where those that differ in nothing but their names are one: layers of a network often do."""
    while True:
        first: dict[str, str] = {}
        others: dict[str, str] = {}
        for definition in definitions:
            text = definition.text.replace(definition.symbol, "@")
            known = first.setdefault(_with_metadata(text, metadata), definition.symbol)
            if known != definition.symbol:
                others[definition.symbol] = known
        if not others:
            return definitions
        definitions = [
            replace(definition, text=_renamed(definition.text, others))
            for definition in definitions
            if definition.symbol not in others
        ]


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return _SYMBOL.sub(lambda match: names.get(match[0], match[0]), text)


def _most(definitions: Iterable[Definition]) -> Work:
    """The most that any of them wants of LLVM."""
    works = {d.work for d in definitions}
    return "loops" if "loops" in works else "vectors" if "vectors" in works else "calls"


def _recurs(definition: Definition, uses: dict[str, list[str]]) -> bool:
    """Whether a function may end up calling itself: then its time counts, though it only calls."""
    if definition.text.count(definition.symbol) > 1:
        return True
    seen: set[str] = set()
    pending = list(uses[definition.symbol])
    while pending:
        other = pending.pop()
        if other == definition.symbol:
            return True
        if other not in seen:
            seen.add(other)
            pending += uses[other]
    return False


def _uses(definition: Definition, known: dict[str, Definition]) -> list[str]:
    """What a definition refers to, each once."""
    found = dict.fromkeys("@" + name for name in _SYMBOL.findall(definition.text))
    return [symbol for symbol in found if symbol in known and symbol != definition.symbol]


def _needs(
    group: Sequence[Definition], known: dict[str, Definition], uses: dict[str, list[str]]
) -> dict[str, None]:
    """The symbols that a unit uses; also what the functions use that are inlined into it."""
    found: dict[str, None] = {}
    pending = [d.symbol for d in group]
    while pending:
        for symbol in uses[pending.pop()]:
            if symbol not in found:
                found[symbol] = None
                if known[symbol].inline:
                    pending.append(symbol)
    return found


def _with_metadata(text: str, metadata: Sequence[str]) -> str:
    """A text with the metadata it uses, numbered by first use: equal functions have equal texts."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"!{numbers.setdefault(match[1], len(numbers))}"

    text = _NODE.sub(number, text)
    nodes: list[str] = []
    while len(nodes) < len(numbers):  # nodes refer to others
        old = list(numbers)[len(nodes) :]
        nodes += [_NODE.sub(number, metadata[int(which)]) for which in old]
    return text + "\n".join(nodes) + "\n"
