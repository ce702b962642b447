"""Gradients of running totals."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import scan as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.comparison import greater, less
from tfc.ops.logical import select
from tfc.ops.scan import cumsum, cumulative_logsumexp
from tfc.ops.transcendental import exp, log


def _backwards(attributes: dict[str, Any]) -> dict[str, Any]:
    return attributes | {"reverse": not attributes["reverse"]}


def _cumsum(op: RecordedOp, grad: Tensor) -> Tensor:
    return cumsum(grad, **_backwards(op.attributes))


def _cumprod(op: RecordedOp, grad: Tensor) -> Tensor:
    """As TensorFlow's: the products that an element is in, divided by it, so nan where an element is 0."""
    return cumsum(grad * op.outputs[0], **_backwards(op.attributes)) / op.inputs[0]


def _cumulative_logsumexp(op: RecordedOp, grad: Tensor) -> Tensor:
    """The sum of `grad * exp(x - total)` over the totals an element is in, taken in logarithms by sign of `grad`."""
    (x,), (total,) = op.inputs, op.outputs
    attributes = _backwards(op.attributes)

    def part(chosen: Tensor, size: Tensor) -> Tensor:
        logarithm = select(chosen, log(select(chosen, size, 1)) - total, float("-inf"))
        return exp(cumulative_logsumexp(logarithm, **attributes) + x)

    return part(greater(grad, 0), grad) - part(less(grad, 0), -grad)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.cumsum: _cumsum,
    semantics.cumprod: _cumprod,
    semantics.cumulative_logsumexp: _cumulative_logsumexp,
}
