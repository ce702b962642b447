"""Gradients of rounding: none."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import rounding as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

_REASON = NotDifferentiable("piecewise constant: the gradient is 0 almost everywhere")

RULES: dict[OpSpec, Rule | NotDifferentiable] = dict.fromkeys(semantics.FAMILY, _REASON)
