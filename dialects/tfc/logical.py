"""Logic on bools, and the choice between two tensors."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import logical as semantics


class LogicalAndOp(TfcOp):
    """Elementwise and.

    %z = tfc.logical_and %x, %y : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
    """

    name = "tfc.logical_and"
    spec = semantics.logical_and


class LogicalOrOp(TfcOp):
    """Elementwise or.

    %z = tfc.logical_or %x, %y : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
    """

    name = "tfc.logical_or"
    spec = semantics.logical_or


class LogicalXorOp(TfcOp):
    """Elementwise exclusive or.

    %z = tfc.logical_xor %x, %y : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
    """

    name = "tfc.logical_xor"
    spec = semantics.logical_xor


class LogicalNotOp(TfcOp):
    """Elementwise not.

    %z = tfc.logical_not %x : (tensor<4xi1>) -> tensor<4xi1>
    """

    name = "tfc.logical_not"
    spec = semantics.logical_not


class SelectOp(TfcOp):
    """Elements of the second operand where the first is true, of the third elsewhere.

    %r = tfc.select %c, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    """

    name = "tfc.select"
    spec = semantics.select


OPS = (
    LogicalAndOp,
    LogicalOrOp,
    LogicalXorOp,
    LogicalNotOp,
    SelectOp,
)
