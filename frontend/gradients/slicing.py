"""Gradients of slicing: reading a box and replacing it are each other's adjoint."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import slicing as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.creation import zeros_like
from tfc.ops.sizes import Size, dims
from tfc.ops.slicing import basic_slice, basic_slice_update


def _begin(op: RecordedOp, first: int) -> list[Size]:
    operands = iter(op.inputs[first:])
    return [next(operands) if size is None else size for size in op.attributes["begin"]]


def _slice(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, *bounds = op.inputs
    return basic_slice_update(zeros_like(x), grad, _begin(op, 1)), *[None] * len(bounds)


def _slice_update(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    _, value, *bounds = op.inputs
    begin = _begin(op, 2)
    outside = basic_slice_update(grad, zeros_like(value), begin)
    return outside, basic_slice(grad, begin, dims(value)), *[None] * len(bounds)


def _strided_slice(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, *bounds = op.inputs
    inside = apply(semantics.strided_slice_update, zeros_like(x), grad, *bounds, **op.attributes)
    return inside, *[None] * len(bounds)


def _strided_slice_update(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    _, value, *bounds = op.inputs
    outside = apply(
        semantics.strided_slice_update, grad, zeros_like(value), *bounds, **op.attributes
    )
    inside = apply(semantics.strided_slice, grad, *bounds, **op.attributes)
    return outside, inside, *[None] * len(bounds)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.slice_: _slice,
    semantics.slice_update: _slice_update,
    semantics.strided_slice: _strided_slice,
    semantics.strided_slice_update: _strided_slice_update,
}
