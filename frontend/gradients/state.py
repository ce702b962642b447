"""Variables: tapes follow reads themselves (`Tape.read_variable`), so the ops have no rule."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import state as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, Rule

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.read: NotDifferentiable("a tape connects reads with their variable itself"),
    semantics.assign: NotDifferentiable(
        "a variable is a boundary: gradients do not pass assignment"
    ),
}
