"""Why a function is traced again, in the user's words: which argument or outer value changed, from what to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tfc.compiled.arguments import format_path, leaves_of
from tfc.compiled.shape_patterns import Patterns
from tfc.core.tensor import Tensor
from tfc.graph import locations
from tfc.graph.nodes import Location
from tfc.tracing.inputs import Assumptions

SHOWN = 3
"""Differences that are listed."""


class TraceEvent(NamedTuple):
    """Why a trace was made, for `explain`."""

    reason: str
    signature: str
    leaves: dict[str, str]
    """What each part of the arguments was, by its name."""


class Reason(NamedTuple):
    """Why a trace takes something for granted."""

    what: str
    location: Location


def describe(value: Any, shape: tuple[int | None, ...] | None = None) -> str:
    """One argument, briefly: the type of a tensor (with the sizes of `shape`), the value of anything else."""
    if isinstance(value, Tensor | np.ndarray):
        dtype = value.dtype.name
        sizes = ", ".join("?" if n is None else str(n) for n in shape or np.shape(value))
        return f"{dtype}[{sizes}]"
    text = repr(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def describe_leaves(
    args: tuple[Any, ...], names: tuple[str, ...], patterns: Patterns
) -> dict[str, str]:
    """Every part of the arguments by its name; `patterns` are shapes that a signature asks for."""
    return {
        format_path(names, leaf.path): describe(leaf.value, patterns.get(leaf.path))
        for leaf in leaves_of(args)
    }


def describe_assumptions(
    reasons: Mapping[Assumptions, Reason], names: tuple[str, ...]
) -> list[str]:
    """What traces take for granted, each with the line that needed it first."""
    first: dict[str, Reason] = {}
    for needed, reason in reasons.items():
        for path in needed.constants:
            claim = f"'{format_path(names, path)}' is a constant"
            first.setdefault(claim, reason._replace(what=f"{reason.what} is needed"))
        for name in needed.changed_arrays:
            claim = f"'{name}' is changed by each call"
            first.setdefault(claim, reason._replace(what="it is assigned to"))
        for place in needed.native_arrays:
            first.setdefault(f"the array made in line {place.line} is made by each call", reason)
        for place in needed.shared_in:
            claim = f"line {place.line} copies no objects"
            first.setdefault(claim, reason._replace(what="several names are one object"))
        for place in needed.ordered_in:
            claim = f"the keys added in line {place.line} are in the order of each call"
            first.setdefault(claim, reason._replace(what="they are added"))
        if needed.called:
            claim = "a function that calls itself several times is not unrolled"
            first.setdefault(claim, reason._replace(what="it is defined"))
        if needed.unites:
            claim = "arguments that are the same object are one"
            first.setdefault(claim, reason._replace(what="one of them is assigned to"))
        if needed.keeps_tensors:
            claim = "tensors with several names are not copied where paths meet"
            first.setdefault(claim, reason._replace(what="one of them is assigned to"))
        if needed.unrolled:
            claim = "loops with a known number of iterations are unrolled"
            first.setdefault(claim, reason._replace(what=f"{reason.what} is needed"))
    lines: list[str] = []
    for claim, (what, location) in first.items():
        lines.append(f"  {claim}: {what}{' at' * bool(location.line)}")
        if location.line:
            lines.append(locations.show_location(location))
    return lines


def count_of_traces(count: int) -> str:
    """How many traces, in words."""
    return "1 trace" if count == 1 else f"{count} traces"


def difference(events: Sequence[TraceEvent], leaves: dict[str, str]) -> str:
    """What is different from the most similar trace so far."""
    best: list[str] | None = None
    for event in reversed(events):
        changes = [
            _change(name, event.leaves.get(name), leaves.get(name))
            for name in {**event.leaves, **leaves}
            if event.leaves.get(name) != leaves.get(name)
        ]
        if best is None or len(changes) < len(best):
            best = changes
    if not best:
        return "another structure of arguments"
    more = f" and {len(best) - SHOWN} more" if len(best) > SHOWN else ""
    return ", ".join(best[:SHOWN]) + more


def _change(name: str, before: str | None, now: str | None) -> str:
    if before is None:
        return f"{name} is new: {now}"
    return f"{name} is gone" if now is None else f"{name} was {before}, is {now}"
