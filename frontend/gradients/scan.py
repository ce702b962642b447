"""Gradients of running totals."""

from __future__ import annotations

from typing import Any

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import scan as semantics
from tfc.dialects.tfc.semantics.dtypes import INT32
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.casting import cast
from tfc.ops.comparison import equal, greater, less
from tfc.ops.logical import logical_and, select
from tfc.ops.scan import cumprod, cumsum, cumulative_logsumexp
from tfc.ops.transcendental import exp, log


def _backwards(attributes: dict[str, Any]) -> dict[str, Any]:
    return attributes | {"reverse": not attributes["reverse"]}


def _cumsum(op: RecordedOp, grad: Tensor) -> Tensor:
    return cumsum(grad, **_backwards(op.attributes))


def _cumprod(op: RecordedOp, grad: Tensor) -> Tensor:
    """The products that an element is in, divided by it.

    At the first 0 of a row they are taken without it; at other zeros they are 0.
    """
    (x,), (product,) = op.inputs, op.outputs
    is_zero = equal(x, 0)
    direction = {key: op.attributes[key] for key in ("axis", "reverse")}
    number = cumsum(cast(is_zero, INT32), **direction)
    first = logical_and(is_zero, equal(number, 1))
    without = cumprod(select(first, 1, x), **op.attributes)
    backwards = _backwards(op.attributes)
    through = cumsum(grad * product, **backwards) / select(is_zero, 1, x)
    return select(first, cumsum(grad * without, **backwards), select(is_zero, 0, through))


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
