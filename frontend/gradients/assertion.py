"""Gradients of assertions: none, since they have no results."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import assertion as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.assert_: NotDifferentiable("an assertion has no result"),
}
