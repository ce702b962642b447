"""Gradients of operations on bits: none."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import bitwise as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

_REASON = NotDifferentiable("the operands are integers")

RULES: dict[OpSpec, Rule | NotDifferentiable] = dict.fromkeys(semantics.FAMILY, _REASON)
