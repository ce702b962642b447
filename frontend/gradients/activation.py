"""Gradients of activation functions."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import activation as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.activation import sigmoid
from tfc.ops.comparison import greater
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_sum
from tfc.ops.transcendental import exp


def _relu(op: RecordedOp, grad: Tensor) -> Tensor:
    return select(greater(op.outputs[0], 0), grad, 0)


def _sigmoid(op: RecordedOp, grad: Tensor) -> Tensor:
    y = op.outputs[0]
    return grad * (y * (1 - y))


def _softplus(op: RecordedOp, grad: Tensor) -> Tensor:
    return grad * sigmoid(op.inputs[0])


def _softmax(op: RecordedOp, grad: Tensor) -> Tensor:
    y = op.outputs[0]
    return (grad - reduce_sum(grad * y, op.attributes["axis"], True)) * y


def _log_softmax(op: RecordedOp, grad: Tensor) -> Tensor:
    total = reduce_sum(grad, op.attributes["axis"], True)
    return grad - total * exp(op.outputs[0])


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.relu: _relu,
    semantics.sigmoid: _sigmoid,
    semantics.softplus: _softplus,
    semantics.softmax: _softmax,
    semantics.log_softmax: _log_softmax,
}
