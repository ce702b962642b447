"""Gradients of conversions between dtypes."""

from __future__ import annotations

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import casting as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.casting import cast


def _cast(op: RecordedOp, grad: Tensor) -> Tensor | None:
    source = op.inputs[0].type.dtype
    return cast(grad, source) if is_float(source) and is_float(grad.type.dtype) else None


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.cast: _cast,
    semantics.bitcast: NotDifferentiable("the bits of a number are not a smooth function of it"),
}
