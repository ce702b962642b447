"""Gradients of broadcasting to a shape and of summing back: each is the other's adjoint."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import broadcast as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.reduction import broadcast_to_shape_of, sum_to_shape_of


def _broadcast(op: RecordedOp, grad: Tensor) -> tuple[Tensor, None]:
    return sum_to_shape_of(grad, op.inputs[0]), None


def _sum(op: RecordedOp, grad: Tensor) -> tuple[Tensor, None]:
    return broadcast_to_shape_of(grad, op.inputs[0]), None


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.broadcast_to_shape_of: _broadcast,
    semantics.sum_to_shape_of: _sum,
}
