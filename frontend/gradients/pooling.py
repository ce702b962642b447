"""Gradients of pooling: they go to where the largest element was."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import pooling as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.indexing import gather
from tfc.ops.pooling import positions
from tfc.ops.shape import reshape


def _max_pool(op: RecordedOp, grad: Tensor) -> Tensor:
    (x,) = op.inputs
    taps = apply(semantics.max_pool_taps, x, **op.attributes)
    return apply(semantics.max_unpool, x, taps, grad, **op.attributes)


def _max_unpool(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, taps, _ = op.inputs
    places = positions(taps, x, op.attributes)
    return None, None, gather(reshape(grad, [-1]), places)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.max_pool: _max_pool,
    semantics.max_pool_taps: NotDifferentiable("the result is integers"),
    semantics.max_unpool: _max_unpool,
}
