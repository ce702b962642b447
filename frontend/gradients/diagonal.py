"""Gradients of diagonals."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import diagonal as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.diagonal import diagonal, embed_diagonal


def _diagonal(op: RecordedOp, grad: Tensor) -> Tensor:
    attributes = op.attributes
    return embed_diagonal(
        grad, op.inputs[0], attributes["offset"], attributes["axis1"], attributes["axis2"]
    )


def _diagonal_matrix(op: RecordedOp, grad: Tensor) -> Tensor:
    return diagonal(grad, op.attributes["offset"])


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.diagonal: _diagonal,
    semantics.diagonal_matrix: _diagonal_matrix,
}
