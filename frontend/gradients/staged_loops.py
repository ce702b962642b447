"""Gradients of staged loops.

The adjoint of `scf.for` is an `scf.for` that runs the iterations in the opposite order:

    %y = for %i = 0 to %n iter (%c = %x) { yield body(%i, %c, %w) }
    ->  %y, %saved = for %i = 0 to %n iter (%c = %x, %s = empty) { yield body(%i, %c, %w), update(%s, %i, %c) }
        %dx, %dw = for %j = 0 to %n iter (%dc = %dy, %acc = 0) {
            yield adjoint(body) at (%n - 1 - %j, %saved[%n - 1 - %j], %w), added to %acc for %w }

A value is saved when the adjoint asks for it, so that a body that is linear in what it carries saves nothing. An `scf.while`
counts its iterations; its adjoint is an `scf.for`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.gradients.accumulation import accumulate
from tfc.gradients.entries import Active, TapeEntry
from tfc.gradients.explanation import Edge
from tfc.gradients.stacks import Following, RowStack, Stack, stack_for
from tfc.gradients.staged import (
    Staged,
    StagedEntry,
    accumulate_input,
    activate_all,
    reach_all,
    run_backward,
    take_gradients,
    zeros_for,
)
from tfc.gradients.tape import GradientTape
from tfc.graph.control import FOR
from tfc.graph.nodes import Node, Region, Value
from tfc.tracing.values.symbolic import Scope, SymbolicTensor, make_symbolic
from tfc.tracing.values.templates import Template

if TYPE_CHECKING:
    from tfc.tracing.trace import Trace

INT64 = np.dtype(np.int64)
_COUNTER = ArrayType(INT64, ())


class Loop(Staged):
    """What both kinds of loop share. A body may have two templates, which run one after the other."""

    is_counted = False
    first_input = 0
    first_argument = 0

    def __init__(
        self, trace: Trace, node: Node, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> None:
        super().__init__(trace, node, inputs, outputs)
        self.saved: dict[Value, Stack] = {}

    def entry(self, tape: GradientTape) -> TapeEntry:
        return LoopEntry(self, tape)

    def edges(self) -> Iterator[Edge]:
        first = self.templates[0]
        for tensor, value in zip(
            self.inputs[self.first_input :], self.arguments(first), strict=True
        ):
            yield Edge((tensor.key,), (id(value),))
        for template, following in zip(self.templates, [*self.templates[1:], first], strict=True):
            for result, value in zip(
                self.results(template), self.arguments(following), strict=True
            ):
                yield Edge((id(result),), (id(value),))
        for output, result in zip(self.outputs, self.results(first), strict=True):
            yield Edge((id(result),), (output.key,))

    def arguments(self, template: Template) -> list[Value]:
        """The carried values at the start of a template."""
        return template.region.arguments[self.first_argument :]

    def results(self, template: Template) -> list[Value]:
        """The carried values at its end."""
        raise NotImplementedError

    def count(self) -> Tensor:
        """The number of iterations."""
        raise NotImplementedError

    def capacity(self) -> Tensor | int:
        """The number of iterations of a counted loop, before it runs."""
        raise NotImplementedError

    def static_capacity(self) -> int | None:
        """The same, where it is known while compiling."""
        return None

    def position(self, template: Template) -> Tensor:
        """The number of the iteration, inside."""
        raise NotImplementedError

    def known(self, template: Template, value: Value, position: Tensor) -> Tensor | None:
        """A value that need not be saved, in an iteration."""
        raise NotImplementedError

    def carry(
        self,
        template: Template,
        initial: Callable[[], Tensor],
        kind: ArrayType,
        update: Callable[[SymbolicTensor], Tensor],
    ) -> SymbolicTensor:
        """Carry one more value, which `template` updates; the loop's result for it."""
        trace = self.trace
        with self.before():
            first = trace.as_symbolic(initial())
            first_value = trace.value_of(first)
        argument = Value(kind)
        with self.appending(template, argument):  # which may carry other values in turn
            result = trace.value_of(update(template.tensor(argument)))
        self.inputs.append(first)
        self.node.inputs.append(first_value)
        for part in self.templates:
            own = argument if part is template else Value(kind)
            part.region.arguments.append(own)
            part.region.results.append(result if part is template else own)
        return self.add_output(kind)

    def save(self, template: Template, value: Value) -> Stack:
        found = self.saved.get(value)
        if found is None:
            found = self.saved[value] = stack_for(self, template, value)
        return found


class CountedLoop(Loop):
    """`scf.for`"""

    is_counted = True
    first_input = 3
    first_argument = 1

    def results(self, template: Template) -> list[Value]:
        return template.region.results

    def save(self, template: Template, value: Value) -> Stack:
        argument = self._next(value)
        if argument is not None and not self.saved.keys() & {argument, value}:
            self.saved[argument] = RowStack(self, template, argument, following=value)
            self.saved[value] = Following(self.saved[argument])
        return super().save(template, value)

    def _next(self, value: Value) -> Value | None:
        """What a result is called in the next iteration, where it has one static shape."""
        region = self.node.regions[0]
        for result, argument in zip(region.results, region.arguments[1:], strict=True):
            if result is value and value.type == argument.type and None not in value.type.shape:
                return argument
        return None

    def _is_saved(self, node: Node) -> bool:
        """What is carried shares a stack with what it was, where computing it again would take another one."""
        return super()._is_saved(node) or (
            len(node.outputs) == 1
            and self._next(node.outputs[0]) is not None
            and self._takes_saved(node)
        )

    def _takes_saved(self, node: Node) -> bool:
        pending, seen = [node], {node}
        while pending:
            for value in pending.pop().inputs:
                before = value.node
                if before is None or before in seen or not self.templates[0].owns(value):
                    continue
                if super()._is_saved(before):
                    return True
                seen.add(before)
                pending.append(before)
        return False

    def _starts_at_zero(self) -> bool:
        from tfc.graph.origins import evaluate_constant

        lower, step = (
            evaluate_constant(value) for value in (self.node.inputs[0], self.node.inputs[2])
        )
        return lower[0] and step[0] and int(lower[1]) == 0 and int(step[1]) == 1

    def count(self) -> Tensor:
        lower, upper, step = self.inputs[:3]
        return upper if self._starts_at_zero() else (upper - lower + step - 1) // step

    def static_capacity(self) -> int | None:
        from tfc.graph.origins import evaluate_constant

        known, upper = evaluate_constant(self.node.inputs[1])
        return max(int(upper), 0) if known and self._starts_at_zero() else None

    def capacity(self) -> Tensor | int:
        known = self.static_capacity()
        if known is not None:
            return known
        from tfc.ops.arithmetic import maximum

        return maximum(self.count(), Tensor._wrap(np.zeros((), INT64)))

    def position(self, template: Template) -> Tensor:
        counter = template.tensor(template.region.arguments[0])
        if self._starts_at_zero():
            return counter
        return (counter - self.inputs[0]) // self.inputs[2]

    def known(self, template: Template, value: Value, position: Tensor) -> Tensor | None:
        if value is not template.region.arguments[0]:
            return None
        if self._starts_at_zero():
            return position
        return self.inputs[0] + position * self.inputs[2]


class ConditionalLoop(Loop):
    """`scf.while`: it counts its iterations when a gradient needs to know."""

    def __init__(
        self, trace: Trace, node: Node, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> None:
        super().__init__(trace, node, inputs, outputs)
        self._counter: tuple[int, SymbolicTensor] | None = None

    def results(self, template: Template) -> list[Value]:
        results = template.region.results
        return results[1:] if template is self.templates[0] else results

    def _count(self) -> tuple[int, SymbolicTensor]:
        """The counter: its number among the carried values, and its last value."""
        if self._counter is None:
            zero, one = (Tensor._wrap(np.array(number, INT64)) for number in (0, 1))
            number = len(self.outputs)
            last = self.carry(self.templates[1], lambda: zero, _COUNTER, lambda count: count + one)
            self._counter = (number, last)
        return self._counter

    def count(self) -> Tensor:
        return self._count()[1]

    def position(self, template: Template) -> Tensor:
        return template.tensor(template.region.arguments[self._count()[0]])

    def known(self, template: Template, value: Value, position: Tensor) -> Tensor | None:
        is_count = value is template.region.arguments[self._count()[0]]
        return position if is_count else None


class LoopEntry(StagedEntry):
    """A loop on one tape."""

    staged: Loop

    # -- which values matter ------------------------------------------------------------------------

    def _local(self, active: Container[int]) -> list[Active]:
        """For each template, what depends on something active."""
        loop = self.staged
        templates = loop.templates
        locals_of = [Active(active) for _ in templates]
        inputs = loop.inputs[loop.first_input :]
        for tensor, value in zip(inputs, loop.arguments(templates[0]), strict=True):
            if tensor.key in active and is_float(value.type.dtype):
                locals_of[0].keys.add(id(value))
        grown = True
        while grown:
            grown = False
            for index, template in enumerate(templates):
                here = locals_of[index]
                activate_all(self.entries(template), here)
                following = (index + 1) % len(templates)
                there = locals_of[following]
                arguments = loop.arguments(templates[following])
                for result, argument in zip(loop.results(template), arguments, strict=True):
                    key = id(argument)
                    if id(result) in here and key not in there.keys and is_float(result.type.dtype):
                        there.keys.add(key)
                        grown = True
        return locals_of

    def activate(self, active: Active) -> None:
        loop = self.staged
        local = self._local(active)[0]
        first = loop.templates[0]
        values = zip(self.outputs, loop.arguments(first), loop.results(first), strict=True)
        active.add_floats([t for t, a, r in values if id(r) in local or id(a) in local.keys])

    def _useful(
        self, wanted: Sequence[bool], locals_of: list[Active]
    ) -> tuple[list[bool], list[bool], dict[int, Tensor]]:
        """What the wanted results depend on: results, values at the start of an iteration, values around the loop."""
        loop = self.staged
        steps = list(zip(loop.templates, locals_of, strict=True))
        captured: dict[int, Tensor] = {}
        flags = list(wanted)
        while True:
            current, start = flags, flags
            for number, (template, local) in enumerate([steps[0], *reversed(steps[1:])]):
                results = zip(loop.results(template), current, strict=True)
                useful: dict[int, Tensor] = {
                    id(value): self.result(value)
                    for value, flag in results
                    if flag and id(value) in local
                }
                reach_all(self.entries(template), useful, local)
                captured.update((k, t) for k, t in useful.items() if k not in local.keys)
                current = [id(value) in useful for value in loop.arguments(template)]
                start = start if number else current
            merged = [a or b for a, b in zip(flags, current, strict=True)]
            if merged == flags:
                return flags, start, captured
            flags = merged

    def reach(self, useful: dict[int, Tensor], active: Container[int]) -> None:
        wanted = [tensor.key in useful for tensor in self.outputs]
        if not any(wanted):
            return
        _, start, captured = self._useful(wanted, self._local(active))
        useful.update(captured)
        inputs = self.staged.inputs[self.staged.first_input :]
        for tensor, flag in zip(inputs, start, strict=True):
            if flag and tensor.key in active:
                useful[tensor.key] = tensor
        first = self.staged.first_input  # a loop without iterations hands on what it was given
        for tensor, flag in zip(self.staged.inputs[first:], wanted, strict=True):
            if flag and tensor.key in active:
                useful[tensor.key] = tensor

    # -- the adjoint --------------------------------------------------------------------------------

    def backward(
        self, gradients: dict[int, Tensor], active: Container[int], kept: Container[int]
    ) -> None:
        if all(tensor.key not in gradients for tensor in self.outputs):
            return
        loop = self.staged
        count = loop.count()
        given = take_gradients(self.outputs, gradients, kept)
        locals_of = self._local(active)
        useful, at_start, captured = self._useful([g is not None for g in given], locals_of)
        steps = list(zip(loop.templates, locals_of, strict=True))
        found = given
        if len(steps) > 1:  # the last test of a while loop is no part of an iteration
            found = self._last_test(steps[0], count, found, captured, gradients)
            useful = at_start
        arguments = loop.arguments(steps[0][0])
        carried = [
            flag and (gradient is not None or id(value) in locals_of[0].keys)
            for flag, gradient, value in zip(useful, found, arguments, strict=False)
        ]
        found = self._reversed(
            list(reversed(steps)),
            count,
            lambda j: count - 1 - j,
            found,
            carried,
            captured,
            gradients,
        )
        for tensor, gradient in zip(loop.inputs[loop.first_input :], found, strict=False):
            if gradient is not None and tensor.key in active:
                accumulate_input(gradients, tensor, gradient)

    def _last_test(
        self,
        step: tuple[Template, Active],
        count: Tensor,
        given: Sequence[Tensor | None],
        captured: dict[int, Tensor],
        gradients: dict[int, Tensor],
    ) -> list[Tensor | None]:
        """The adjoint of the test that ended the loop."""
        loop = self.staged
        results, arguments = loop.results(step[0]), loop.arguments(step[0])
        if all(r in arguments for r, g in zip(results, given, strict=False) if g is not None):
            passed: dict[int, Tensor] = {}
            for result, gradient in zip(results, given, strict=False):
                if gradient is not None:
                    accumulate(passed, id(result), gradient)
            return [passed.get(id(value)) for value in arguments]
        carried = [
            gradient is not None or id(value) in step[1].keys
            for value, gradient in zip(arguments, given, strict=False)
        ]
        one = Tensor._wrap(np.ones((), INT64))
        return self._reversed([step], one, lambda _: count, given, carried, captured, gradients)

    def _reversed(
        self,
        steps: list[tuple[Template, Active]],
        trips: Tensor,
        position_at: Callable[[Tensor], Tensor],
        given: Sequence[Tensor | None],
        carried: Sequence[bool],
        captured: dict[int, Tensor],
        gradients: dict[int, Tensor],
    ) -> list[Tensor | None]:
        """A loop of the adjoints of `steps`: from the gradients at the end to those at the start.

        The gradients of what is captured are added to `gradients`.
        """
        loop, trace = self.staged, self.staged.trace
        outputs = [t for t, flag in zip(self.outputs, carried, strict=False) if flag]
        initial = [
            zeros_for(tensor) if gradient is None else gradient
            for tensor, gradient, flag in zip(self.outputs, given, carried, strict=False)
            if flag
        ]
        initial += [
            gradients[key] if key in gradients else zeros_for(tensor)
            for key, tensor in captured.items()
        ]
        types = [tensor.type for tensor in (*outputs, *captured.values())]
        region = Region([_COUNTER, *types])
        with trace.inside(region) as scope:
            arguments = [make_symbolic(value, scope) for value in region.arguments]
            position = trace.as_symbolic(position_at(arguments[0]))
            instances = [self._instance(template, region, scope, position) for template, _ in steps]
            tensors = iter(arguments[1:])
            state: list[Tensor | None] = [next(tensors) if flag else None for flag in carried]
            local: dict[int, Tensor] = dict(zip(captured, tensors, strict=True))
            for template, active in steps:
                for value, gradient in zip(loop.results(template), state, strict=False):
                    if gradient is not None and id(value) in active:
                        accumulate(local, id(value), gradient)
                run_backward(self.entries(template), local, active)
                state = [local.pop(id(value), None) for value in loop.arguments(template)]
            first = steps[-1][0]
            leaving = [
                zeros_for(first.tensor(value)) if gradient is None else gradient
                for value, gradient, flag in zip(
                    loop.arguments(first), state, carried, strict=False
                )
                if flag
            ]
            leaving += [local[key] for key in captured]
            region.results = [trace.value_of(tensor) for tensor in leaving]
        for instance in instances:
            instance.close()
        zero, one = (Tensor._wrap(np.array(number, INT64)) for number in (0, 1))
        inputs = [trace.as_symbolic(tensor) for tensor in (zero, trips, one, *initial)]
        results = iter(trace.emit_control(FOR, inputs, {}, types, [region]))
        found: list[Tensor | None] = [next(results) if flag else None for flag in carried]
        gradients.update(zip(captured, results, strict=True))
        return found

    def _instance(
        self, template: Template, region: Region, scope: Scope, position: SymbolicTensor
    ) -> Any:
        loop = self.staged

        def load(value: Value) -> Any:
            known = loop.known(template, value, position)
            return known if known is not None else loop.save(template, value).load(position)

        return loop.instance(template, region, scope, load)
