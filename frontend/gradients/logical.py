"""Gradients of logic and of the choice between two tensors."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import logical as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.logical import select


def _select(op: RecordedOp, grad: Tensor) -> tuple[None, Tensor, Tensor]:
    condition, x, y = op.inputs
    to_x, to_y = select(condition, grad, 0), select(condition, 0, grad)
    return None, unbroadcast(to_x, x), unbroadcast(to_y, y)


_REASON = NotDifferentiable("the operands are bools")

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.logical_and: _REASON,
    semantics.logical_or: _REASON,
    semantics.logical_xor: _REASON,
    semantics.logical_not: _REASON,
    semantics.select: _select,
}
