"""Gradients of reductions."""

from __future__ import annotations

import math

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import reduction as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.casting import cast
from tfc.ops.comparison import equal
from tfc.ops.logical import select
from tfc.ops.reduction import broadcast_to_shape_of, reduce_prod, reduce_sum
from tfc.ops.scan import cumprod
from tfc.ops.transcendental import exp


def keep_axes(value: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """A reduced `value` with size 1 at `axes`, whether the reduction kept them or not."""
    if keepdims:
        return value
    from tfc.ops.shape import expand_dims

    for axis in axes:
        value = expand_dims(value, axis)
    return value


def _kept(op: RecordedOp, value: Tensor) -> Tensor:
    return keep_axes(value, op.attributes["axes"], op.attributes["keepdims"])


def _sum(op: RecordedOp, grad: Tensor) -> Tensor:
    return broadcast_to_shape_of(_kept(op, grad), op.inputs[0])


def _prod(op: RecordedOp, grad: Tensor) -> Tensor:
    return _prod_along(op.inputs[0], op.attributes["axes"], _kept(op, grad))


def _prod_along(x: Tensor, axes: tuple[int, ...], grad: Tensor) -> Tensor:
    """One axis after the other; the product of the others is that of those before and those after, so zeros do no harm."""
    if not axes:
        return grad
    first, rest = axes[0], axes[1:]
    outer = _prod_along(reduce_prod(x, first, True), rest, grad)
    before = cumprod(x, first, exclusive=True)
    after = cumprod(x, first, exclusive=True, reverse=True)
    return outer * (before * after)


def _extremum(op: RecordedOp, grad: Tensor) -> Tensor:
    """Shared evenly by the elements that are equal to the result."""
    x = op.inputs[0]
    chosen = cast(equal(x, _kept(op, op.outputs[0])), x.type.dtype)
    count = reduce_sum(chosen, op.attributes["axes"], True)
    return chosen / count * _kept(op, grad)


def _logsumexp(op: RecordedOp, grad: Tensor) -> Tensor:
    """The gradient times softmax; 0 where all elements are -inf, and nan for the largest ones where those are inf."""
    total = _kept(op, op.outputs[0])
    return _kept(op, grad) * exp(op.inputs[0] - select(equal(total, -math.inf), 0, total))


_POSITION = NotDifferentiable("the result is an index")
_LOGICAL = NotDifferentiable("the operand is bool")

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.reduce_sum: _sum,
    semantics.reduce_prod: _prod,
    semantics.reduce_max: _extremum,
    semantics.reduce_min: _extremum,
    semantics.reduce_any: _LOGICAL,
    semantics.reduce_all: _LOGICAL,
    semantics.reduce_logsumexp: _logsumexp,
    semantics.argmax: _POSITION,
    semantics.argmin: _POSITION,
}
