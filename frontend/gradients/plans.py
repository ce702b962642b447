"""Plans of backward passes: what `tape.gradient` came down to for one program, to do it again for the next one like it.

A training step that runs eagerly records the same ops on the same types at each iteration. The third time their rules are
recorded as a public function is (`tfc.core.plans`), and later passes run one Python function of arrays. A tape that
holds anything but ops, a rule that looks at values, and a pass that another tape or a trace sees have no plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.entries import Entry, TapeEntry, pass_on

Results = list["Tensor | None"]

_PASSES_BEFORE = 2
"""Passes of one kind that are needed before the next one is recorded."""
_MOST_KINDS = 64
_MOST_ENTRIES = 1000

_KNOWN: dict[tuple[Any, ...], Any] = {}
"""By kind of pass: its plan, how often there was one without a plan, or None when there is none to be had."""


class Pass(NamedTuple):
    """What a backward pass goes by. `targets` are those with a gradient, `seeds` theirs, None for ones."""

    entries: Sequence[TapeEntry]
    tracked: dict[int, Tensor]
    reads: Sequence[tuple[Variable, Tensor]]
    targets: Sequence[Tensor]
    seeds: Sequence[Tensor | None]
    sources: Sequence[Tensor | Variable]
    fills_zeros: bool

    def renamed(self, names: dict[int, Tensor]) -> Pass:
        """The same pass over other tensors, by identity. Pre-condition: all entries are ops."""

        def other(item: Any) -> Any:
            return names.get(id(item), item)

        entries = [entry.renamed(names) for entry in self.entries if isinstance(entry, Entry)]
        tracked = [names[key] for key in self.tracked if key in names]
        return Pass(
            entries,
            {tensor.key: tensor for tensor in tracked},
            [(variable, other(value)) for variable, value in self.reads],
            *[
                [other(item) for item in items]
                for items in (self.targets, self.seeds, self.sources)
            ],
            fills_zeros=self.fills_zeros,
        )


class _Plan(NamedTuple):
    run: Callable[..., list[Tensor]]
    has_result: list[bool]

    def results(self, tensors: list[Tensor]) -> Results:
        given = iter(self.run(*[tensor._array for tensor in tensors]))
        return [next(given) if has_result else None for has_result in self.has_result]


def planned(backward: Pass, run: Callable[[Pass], Results]) -> Results:
    """What `run` gives for a backward pass: the gradients of its sources."""
    tensors: list[Tensor] = []
    kind = None if STATE.recorder or STATE.tapes else _kind_of(backward, tensors)
    try:
        plan = None if kind is None else _KNOWN.get(kind, 0)
    except TypeError:  # an attribute is an array
        return run(backward)
    if not isinstance(plan, _Plan):
        if plan is None or kind is None:
            return run(backward)
        if len(_KNOWN) >= _MOST_KINDS:
            _KNOWN.clear()
        if plan < _PASSES_BEFORE:
            _KNOWN[kind] = plan + 1
            return run(backward)
        plan = _KNOWN[kind] = _make_plan(backward, run, tensors)
        if plan is None:
            return run(backward)
    try:
        return plan.results(tensors)
    except Exception:  # the rules themselves say what is wrong
        return run(backward)


def _make_plan(
    backward: Pass, run: Callable[[Pass], Results], tensors: list[Tensor]
) -> _Plan | None:
    from tfc.tracing.plan import make_plan

    has_result: list[bool] = []

    def gradients(*others: Tensor) -> list[Tensor]:
        names = {id(tensor): other for tensor, other in zip(tensors, others, strict=True)}
        results = run(backward.renamed(names))
        has_result[:] = [result is not None for result in results]
        return [result for result in results if result is not None]

    plan, _ = make_plan(gradients, tuple(tensors), {})
    return None if plan is None else _Plan(plan, has_result)


def _kind_of(backward: Pass, tensors: list[Tensor]) -> tuple[Any, ...] | None:
    """What passes with one plan have in common, None for passes that have none. Collects the tensors.

    Tensors are numbered as they come; where one comes first its dtype and shape are noted, and whether it is tracked.
    """
    if len(backward.entries) > _MOST_ENTRIES:
        return None
    numbers: dict[int, int] = {}
    tracked = backward.tracked
    parts: list[Any] = [backward.fills_zeros]
    for entry in backward.entries:
        if entry.__class__ is not Entry:
            return None
        spec, inputs, attributes, outputs = entry  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        if spec.__class__ is not OpSpec and spec is not pass_on:
            return None
        parts.append(spec)
        parts.append(len(inputs))
        if attributes:
            parts += attributes.items()
        for item in inputs + outputs:
            identity = id(item)
            number = numbers.get(identity)
            if number is None:
                if item.__class__ is not Tensor:
                    return None
                numbers[identity] = len(tensors)
                tensors.append(item)
                array = item._array
                parts += array.dtype, array.shape, identity in tracked
            else:
                parts.append(number)

    def note(items: Sequence[Any]) -> bool:
        """Number items behind the entries."""
        for item in items:
            if item is None:
                parts.append(None)
                continue
            number = numbers.get(id(item))
            if number is None:
                if item.__class__ is not Tensor:
                    return False
                number = numbers[id(item)] = len(tensors)
                tensors.append(item)
                parts.extend((item._array.dtype, item._array.shape, id(item) in tracked))
            else:
                parts.append(number)
        return True

    if not _note_reads(backward, note, parts):
        return None
    return tuple(parts)


def _note_reads(backward: Pass, note: Callable[[Sequence[Any]], bool], parts: list[Any]) -> bool:
    """Note targets, seeds and sources, of variables what was read of them."""
    reads: dict[int, list[Tensor]] = {}
    for variable, value in backward.reads:
        reads.setdefault(id(variable), []).append(value)
    for items in (backward.targets, backward.seeds):
        parts.append(len(items))
        if not note(items):
            return False
    for source in backward.sources:
        values = reads.get(id(source), ()) if isinstance(source, Variable) else (source,)
        parts.append(len(values))
        if not note(values):
            return False
    return True
