"""Gradients of shape ops: the same rearrangement backwards."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import shape as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.broadcasting import unbroadcast
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.shape import reshape
from tfc.ops.sizes import dims


def _same(op: RecordedOp, grad: Tensor) -> Tensor:
    return grad


def _reshape(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, *sizes = op.inputs
    return reshape(grad, dims(x)), *[None] * len(sizes)


def _transpose(op: RecordedOp, grad: Tensor) -> Tensor:
    permutation = op.attributes["permutation"]
    inverse = tuple(permutation.index(axis) for axis in range(len(permutation)))
    return apply(semantics.transpose, grad, permutation=inverse)


def _expand_dims(op: RecordedOp, grad: Tensor) -> Tensor:
    return apply(semantics.squeeze, grad, axes=op.attributes["axes"])


def _squeeze(op: RecordedOp, grad: Tensor) -> Tensor:
    rank = len(op.inputs[0].type.shape)
    axes = tuple(sorted(axis % rank for axis in op.attributes["axes"]))
    return apply(semantics.expand_dims, grad, axes=axes)


def _broadcast_to(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, *sizes = op.inputs
    return unbroadcast(grad, x), *[None] * len(sizes)


def _reverse(op: RecordedOp, grad: Tensor) -> Tensor:
    return apply(semantics.reverse, grad, axes=op.attributes["axes"])


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.identity: _same,
    semantics.reshape: _reshape,
    semantics.transpose: _transpose,
    semantics.expand_dims: _expand_dims,
    semantics.squeeze: _squeeze,
    semantics.broadcast_to: _broadcast_to,
    semantics.reverse: _reverse,
    semantics.dim: NotDifferentiable("a size is an integer"),
    semantics.ensure_shape: _same,
}
