"""Gradients of comparisons: none."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import comparison as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

_REASON = NotDifferentiable("the result is bool")

RULES: dict[OpSpec, Rule | NotDifferentiable] = dict.fromkeys(semantics.FAMILY, _REASON)
