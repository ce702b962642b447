"""Using a choice between values: an operation on it applies to the alternative that its path has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc.core.variable import Variable
from tfc.tracing import messages
from tfc.tracing.calling.intrinsics import Intrinsic
from tfc.tracing.frame import UNBOUND, Frame
from tfc.tracing.paths import signals, staging
from tfc.tracing.values import primitives
from tfc.tracing.values.abstract import (
    equals_tag,
    map_tag,
)
from tfc.tracing.values.numbers import SymbolicNumber
from tfc.tracing.values.symbolic import Choice


def drop_unbound(value: Any) -> Any:
    """A value that is bound on every path that gets here."""
    if isinstance(value, Choice) and value.index_of(UNBOUND) >= 0:
        return without(value, UNBOUND)
    return value


def without(value: Choice, alternative: Any) -> Any:
    """A choice that is known not to be one of its alternatives."""
    left = [item for item in value.alternatives if item is not alternative]
    if len(left) == 1:
        return left[0]
    slots: list[int] = []
    position = 0
    for item in value.alternatives:
        slots.append(0 if item is alternative else position)
        position += item is not alternative
    return Choice(map_tag(value.tag._scope.trace, value.tag, slots), left)


def over_choices(frame: Frame, operation: Callable[..., Any], *values: Any) -> Any:
    """Apply an operation to values some of which are choices: a branch per alternative."""
    first: Choice | None = next((value for value in values if value.__class__ is Choice), None)
    if first is None:
        return operation(*values)
    tag = first.tag
    arms = [
        lambda number=number: over_choices(
            frame, operation, *[_decided(value, tag, number) for value in values]
        )
        for number in range(len(first.alternatives))
    ]
    return staging.switch(frame, tag, arms)


def of_each(version: Intrinsic) -> Intrinsic:
    """A function of numbers as one of choices between numbers, too, and of what variables hold."""

    def of_values(frame: Frame, given: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        values = [item.value() if isinstance(item, Variable) else item for item in given]
        return version(frame, tuple(values), keywords)

    def run(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return over_choices(frame, lambda *given: of_values(frame, given, keywords), *arguments)

    return run


def _decided(value: Any, tag: Any, number: int) -> Any:
    """A value where `tag` is known: choices by the same tag are all decided by it."""
    if value.__class__ is Choice and value.tag is tag:
        return value.alternatives[number]
    return value


def require_bound(frame: Frame, value: Choice, name: str) -> Any:
    """The value of a variable that may be unbound: the check raises `UnboundLocalError` at run time."""
    index = value.index_of(UNBOUND)
    if index < 0:
        return value

    def fail() -> Any:
        error = UnboundLocalError(
            f"cannot access local variable '{name}' where it is not associated with a value"
        )
        note = f"{name} is assigned on this path only"
        raise messages.with_facts(error, messages.assignments(frame, name, note))

    condition = equals_tag(frame.trace, value.tag, index)
    staging.branch(frame, frame.node, condition, fail, lambda: None)
    bound = drop_unbound(value)
    if frame.vars.get(name) is value:
        frame.vars[name] = bound
    return bound


def require_attribute(frame: Frame, value: Choice, owner: Any, name: str) -> Any:
    """The value of an attribute that may be unbound: the check raises `AttributeError` at run time."""

    def fail() -> Any:
        raise AttributeError(f"'{type(owner).__name__}' object has no attribute '{name}'")

    condition = equals_tag(frame.trace, value.tag, value.index_of(UNBOUND))
    staging.branch(frame, frame.node, condition, fail, lambda: None)
    return drop_unbound(value)


def is_alternative(frame: Frame, value: Choice, matches: Callable[[Any], bool]) -> Any:
    """Whether the value of a choice is one of the alternatives that `matches`: a bool, known or symbolic."""
    hits = [index for index, item in enumerate(value.alternatives) if matches(item)]
    if not hits:
        return False
    if len(hits) == len(value.alternatives):
        return True
    result: Any = None
    for index in hits:
        this = equals_tag(frame.trace, value.tag, index)
        result = this if result is None else primitives.apply_named("logical_or", result, this)
    return SymbolicNumber(bool, result)


def decode_over_choices(frame: Frame, value: Choice, statement: Callable[[Any], Any]) -> Any:
    """Run a statement for whichever alternative a value is; its signal."""
    seen: set[int] = set()
    arms = [
        signals.encoded(frame, lambda item=item: statement(item), seen)
        for item in value.alternatives
    ]
    return signals.decode(staging.switch(frame, value.tag, arms), seen)
