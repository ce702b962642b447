"""Broadcasting to the shape of another tensor, and back."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import broadcast as semantics


class BroadcastToShapeOfOp(TfcOp):
    """The first operand repeated to the shape of the second, whose values do not matter.

    %z = tfc.broadcast_to_shape_of %x, %y : (tensor<4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    """

    name = "tfc.broadcast_to_shape_of"
    spec = semantics.broadcast_to_shape_of


class SumToShapeOfOp(TfcOp):
    """The first operand summed over the dims that broadcasting the second to its shape would repeat.

    %z = tfc.sum_to_shape_of %x, %y : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.sum_to_shape_of"
    spec = semantics.sum_to_shape_of


OPS = (
    BroadcastToShapeOfOp,
    SumToShapeOfOp,
)
