"""Gradient rules by op. A rule takes the recorded op and the gradients of its outputs, in public ops only.

So one rule serves eager mode, tracing and higher orders: a tape that is still recording sees what the rule computes.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.spec import OpSpec


class RecordedOp(NamedTuple):
    """An op that a tape saw."""

    spec: OpSpec
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any]
    outputs: tuple[Tensor, ...]


Rule = Callable[..., "Tensor | Sequence[Tensor | None] | None"]
"""`rule(op, *output_gradients)` gives one gradient per input, None where there is none.

An output that nothing depends on gets None as gradient when the op has several outputs."""


class NotDifferentiable:
    """The rule of an op without a gradient; says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"NOT_DIFFERENTIABLE({self.reason!r})"


NOT_DIFFERENTIABLE = NotDifferentiable


@functools.cache
def family_rules(family: str) -> dict[OpSpec, Rule | NotDifferentiable]:
    """The table `RULES` of `tfc.gradients.<family>`."""
    return importlib.import_module(f"tfc.gradients.{family}").RULES


def rule_of(spec: OpSpec) -> Rule | NotDifferentiable:
    """The rule of `spec`; every op has one (a test walks the dialect)."""
    return family_rules(spec.family)[spec]
