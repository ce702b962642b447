"""Gradients of random numbers: none, since these do not depend smoothly on their parameters."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import random as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

RULES: dict[OpSpec, Rule | NotDifferentiable] = dict.fromkeys(
    semantics.FAMILY, NotDifferentiable("random numbers have no gradient")
)
