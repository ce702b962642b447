"""Plans of backward passes: what `tape.gradient` did for one program is done again for the next one like it.

A training step that runs eagerly records the same ops on the same types at each iteration. The third time their rules are
recorded as a public function is (`tfc.core.plans`), and later passes run one Python function of arrays. A tape that
holds anything but ops, a rule that looks at values, and a pass that another tape or a trace sees have no plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from tfc.core.plan_table import NO_PLAN, NoPlan, PlanTable
from tfc.core.recording import STATE
from tfc.core.shortcuts import long_way
from tfc.core.tensor import Tensor
from tfc.core.variable import Variable
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.entries import Entry, pass_on
from tfc.gradients.folding import Folded

Results = list["Tensor | None"]

_MOST_KINDS = 64
_MOST_ENTRIES = 1000


class Pass(NamedTuple):
    """What a backward pass goes by. `targets` are those with a gradient, `seeds` theirs, None for ones."""

    entries: Sequence[Any]
    """Of a tape; `Folded` ones among them."""
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


Operand = Tensor | Folded
"""What a pass has arrays of: a tensor, or what a call of a plan computed in between."""


class _Plan(NamedTuple):
    run: Callable[..., list[Tensor]]
    has_result: list[bool]

    def results(self, operands: list[Operand]) -> Results:
        arrays: list[np.ndarray] = []
        for operand in operands:
            if operand.__class__ is Folded:
                arrays += operand.values  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
            else:
                arrays.append(operand._array)  # pyright: ignore[reportAttributeAccessIssue]
        results = self.run(*arrays)
        if len(results) == len(self.has_result):
            return results  # pyright: ignore[reportReturnType]
        given = iter(results)
        return [next(given) if has_result else None for has_result in self.has_result]


_TABLE: PlanTable[_Plan] = PlanTable(_MOST_KINDS)


def planned(
    backward: Pass, run: Callable[[Pass], Results], unfolded: Callable[[Pass], Pass]
) -> Results:
    """What `run` gives for a backward pass op by op, which is `unfolded`: the gradients of its sources."""
    operands: list[Operand] = []
    kind = None if STATE.recorder or STATE.tapes else _kind_of(backward, operands)
    try:
        plan = NO_PLAN if kind is None else _TABLE.known.get(kind)
    except TypeError:  # an attribute is an array
        plan = NO_PLAN
    if plan is None and _TABLE.is_due(kind):
        backward = unfolded(backward)
        plan = _TABLE.known[kind] = _make_plan(backward, run, operands)
    if not isinstance(plan, _Plan):
        return run(unfolded(backward))
    try:
        return plan.results(operands)
    except Exception as error:
        failure = error
    return long_way(failure, lambda: run(unfolded(backward)))


def _make_plan(
    backward: Pass, run: Callable[[Pass], Results], operands: list[Operand]
) -> _Plan | NoPlan:
    from tfc.tracing.plan import make_plan

    has_result: list[bool] = []
    tensors: list[Tensor] = []
    for operand in operands:
        tensors += operand.tensors if isinstance(operand, Folded) else (operand,)

    def gradients(*others: Tensor) -> list[Tensor]:
        names = {id(tensor): other for tensor, other in zip(tensors, others, strict=True)}
        results = run(backward.renamed(names))
        has_result[:] = [result is not None for result in results]
        return [result for result in results if result is not None]

    plan = make_plan(gradients, tuple(tensors), {})
    return NO_PLAN if plan is None or plan.looks else _Plan(plan.run, has_result)


def _kind_of(backward: Pass, operands: list[Operand]) -> tuple[Any, ...] | None:
    """What passes with one plan have in common, None for passes that have none. Collects the operands.

    Tensors are numbered as they come; where one comes first its dtype and shape are noted, and whether it is tracked.
    """
    if len(backward.entries) > _MOST_ENTRIES:
        return None
    numbers: dict[int, int] = {}
    tracked = backward.tracked
    parts: list[Any] = [backward.fills_zeros]

    def note(items: Sequence[Any]) -> bool:
        for item in items:
            identity = id(item)
            number = known(identity)
            if number is not None:
                add(number)
            elif item.__class__ is Tensor:
                numbers[identity] = len(numbers)
                operands.append(item)
                array = item._array
                more((array.dtype, array.shape, identity in tracked))
            elif item is None:
                add(None)
            else:
                return False
        return True

    known, add, more = numbers.get, parts.append, parts.extend
    for entry in backward.entries:
        if entry.__class__ is Folded:
            parts += entry.told, entry.flags
            operands.append(entry)
            if not note(entry.arguments + entry.results):
                return None
            continue
        if entry.__class__ is not Entry:
            return None
        spec, inputs, attributes, outputs = entry
        if spec.__class__ is not OpSpec and spec is not pass_on:
            return None
        add(spec)
        add(len(inputs))
        if attributes:
            parts += attributes.items()
        if not note(inputs):
            return None
        if spec.__class__ is OpSpec and spec.is_elementwise and id(outputs[0]) not in numbers:
            (output,) = outputs  # what it is, follows from the operands
            numbers[id(output)] = len(numbers)
            operands.append(output)
        elif not note(outputs):
            return None
    return tuple(parts) if _note_ends(backward, note, parts) else None


def _note_ends(backward: Pass, note: Callable[[Sequence[Any]], bool], parts: list[Any]) -> bool:
    """Note targets, seeds and sources, of variables what was read of them."""
    parts.append(len(backward.targets))
    if not (note(backward.targets) and note(backward.seeds)):
        return False
    if not backward.reads and Variable not in map(type, backward.sources):
        return note(backward.sources)
    reads: dict[int, list[Tensor]] = {}
    for variable, value in backward.reads:
        reads.setdefault(id(variable), []).append(value)
    for source in backward.sources:
        values = reads.get(id(source), ()) if isinstance(source, Variable) else (source,)
        parts.append(len(values))
        if not note(values):
            return False
    return True
