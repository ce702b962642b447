"""Gradients of pooling: what comes in goes to where the largest element was."""

from __future__ import annotations

import numpy as np
from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import pooling as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.indexing import scatter_nd
from tfc.ops.shape import reshape, size
from tfc.ops.sizes import dims


def _max_pool(op: RecordedOp, grad: Tensor) -> Tensor:
    (x,) = op.inputs
    places = apply(semantics.max_pool_indices, x, **op.attributes)
    count = size(x, out_type=np.int64)
    flat = scatter_nd(reshape(places, [-1, 1]), reshape(grad, [-1]), [count])
    return reshape(flat, dims(x))


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.max_pool: _max_pool,
    semantics.max_pool_indices: NotDifferentiable("the result is integers"),
}
