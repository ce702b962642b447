"""Gradients of arithmetic."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import arithmetic as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.arithmetic import negative


def _add(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    x, y = op.inputs
    return unbroadcast(grad, x), unbroadcast(grad, y)


def _subtract(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    x, y = op.inputs
    return unbroadcast(grad, x), unbroadcast(negative(grad), y)


def _multiply(op: RecordedOp, grad: Tensor) -> tuple[Tensor, Tensor]:
    x, y = op.inputs
    return unbroadcast(grad * y, x), unbroadcast(grad * x, y)


def _negative(op: RecordedOp, grad: Tensor) -> Tensor:
    return negative(grad)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.add: _add,
    semantics.subtract: _subtract,
    semantics.multiply: _multiply,
    semantics.negative: _negative,
}
