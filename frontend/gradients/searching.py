"""Gradients of searching: a sort is a permutation; everything else gives positions."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import searching as semantics
from tfc.dialects.tfc.semantics.dtypes import INT64
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.creation import zeros_like
from tfc.ops.indexing import scatter_along
from tfc.ops.searching import order_of


def _sort(op: RecordedOp, grad: Tensor) -> Tensor:
    (x,) = op.inputs
    last = len(x.type.shape) - 1
    order = order_of(x, -1, op.attributes["descending"], INT64)
    return scatter_along(zeros_like(x), order, grad, last, batch_dims=last)


_POSITIONS = NotDifferentiable("positions and counts are integers")

RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.sort: _sort,
    semantics.argsort: _POSITIONS,
    semantics.searchsorted: _POSITIONS,
    semantics.nonzero: _POSITIONS,
    semantics.unique: NotDifferentiable("which elements are equal changes abruptly"),
    semantics.repeat_indices: _POSITIONS,
}
