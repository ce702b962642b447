"""Why a gradient is None: `GradientTape.explain`.

Besides its entries a tape notes where values stop being differentiable (`Cut`) and what is computed from them. The explanation
looks for a path of entries. If there is none, it looks for the cuts on the paths that remain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, rule_of


class Cut(NamedTuple):
    """An op that ends differentiability (`reason`), or one that goes on computing behind such an op (no reason)."""

    name: str
    reason: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    where: str


class Edge(NamedTuple):
    """That values depend on others; by way of `cut`, or differentiably."""

    inputs: Sequence[int]
    outputs: Sequence[int]
    cut: Cut | None = None
    in_arm: bool = False
    """Whether this holds in one arm of a branch on a tensor only."""


IS_CUT: dict[OpSpec, bool] = {}
"""What `is_cut` has found."""


def is_cut(spec: OpSpec) -> bool:
    """Whether an op has no gradient."""
    found = IS_CUT.get(spec)
    if found is None:
        found = IS_CUT[spec] = isinstance(rule_of(spec), NotDifferentiable)
    return found


def cut_reason(spec: Any, outputs: Iterable[Tensor]) -> str:
    """Why no gradient passes an op."""
    if isinstance(spec, OpSpec):
        rule = rule_of(spec)
        if isinstance(rule, NotDifferentiable):
            return rule.reason
    kinds = sorted(
        {tensor.type.dtype.name for tensor in outputs if not is_float(tensor.type.dtype)}
    )
    return f"{' and '.join(kinds)} values have no gradient"


def position_of(outputs: Sequence[Tensor]) -> str:
    """The user's line that made these values."""
    for tensor in outputs:
        location = getattr(tensor, "location", None)
        if location is not None:
            return f"{location.file}:{location.line}"
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name[:4] != "tfc." and name != "tfc":
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


_WARNED: dict[Any, Any] = {}


def warn_of_integers(item: Any) -> None:
    """Warn, once for each line, of a source that cannot have a gradient, as TensorFlow does."""
    import warnings

    message = f"only floats have gradients, the watched tensor is {item.dtype.name}: its gradient will be None"
    where, _, line = position_of(()).rpartition(":")
    warnings.warn_explicit(
        message, RuntimeWarning, where or "<unknown>", int(line or 1), registry=_WARNED
    )


def explain(tape: Any, targets: Sequence[Tensor], sources: Sequence[Any]) -> str:
    """The text of `GradientTape.explain`."""
    edges = [*edges_of(tape._entries), *tape._links]
    edges += [
        Edge(_keys(cut.inputs), _keys(cut.outputs), cut if cut.reason else None)
        for cut in tape._cuts
    ]
    start = {key for source in sources for key in _source_keys(tape, source)}
    end = set(_keys(targets))
    smooth = [edge for edge in edges if edge.cut is None]
    watched = {key for key in start if key in tape._tracked}
    if not watched:
        integers = [
            str(item.dtype.name) for item in sources if item.dtype.is_integer or item.dtype.is_bool
        ]
        if integers:
            return f"no gradient: the source is {integers[0]}, and only floats have gradients; make it a float"
        return "no gradient: the source is not watched by this tape; call tape.watch(x) before it is used"
    # What is behind a cut carries on, but not differentiably.
    if reach(smooth, watched) & end:
        found = (
            "there is a gradient: a path of differentiable ops leads from the source to the target"
        )
        if reach([edge for edge in smooth if not edge.in_arm], watched) & end:
            return found
        return f"{found},\nthrough a branch on a tensor: zero where the arm that runs does not use the source (eagerly None)"
    behind = reach(edges, watched)
    if not behind & end:
        return "no gradient: the target does not depend on the source, or was not computed while the tape recorded"
    needed = reach([Edge(e.outputs, e.inputs) for e in edges], end)
    before = reach(smooth, watched)
    lines = ["no gradient: every path from the source to the target is cut"]
    for edge in edges:
        cut = edge.cut
        if cut and before.intersection(edge.inputs) and needed.intersection(edge.outputs):
            line = f"  {cut.where}: {cut.name}: {cut.reason}"
            if line not in lines:
                lines.append(line)
    return "\n".join(lines)


def _keys(tensors: Iterable[Tensor]) -> list[int]:
    return [tensor.key for tensor in tensors]


def _source_keys(tape: Any, source: Any) -> list[int]:
    if isinstance(source, Tensor):
        return [source.key]
    return [value.key for variable, value in tape._reads if variable is source]


def edges_of(entries: Iterable[Any]) -> Iterator[Edge]:
    """What depends on what, with the regions of branches and loops taken apart."""
    for entry in entries:
        yield from entry.edges()


def reach(edges: Sequence[Edge], start: Iterable[int]) -> set[int]:
    """Everything that depends on `start`."""
    found = set(start)
    after: dict[int, list[Edge]] = {}
    for edge in edges:
        for key in edge.inputs:
            after.setdefault(key, []).append(edge)
    pending = list(found)
    while pending:
        for edge in after.get(pending.pop(), ()):
            for key in edge.outputs:
                if key not in found:
                    found.add(key)
                    pending.append(key)
    return found
