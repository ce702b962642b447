"""Gradients of creation: there are none."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import creation as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.range_: NotDifferentiable("the number of elements depends on the bounds"),
}
