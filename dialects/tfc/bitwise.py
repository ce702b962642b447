"""Operations on the bits of integers."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import bitwise as semantics


class BitwiseAndOp(TfcOp):
    """Bitwise and.

    %z = tfc.bitwise_and %x, %y : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
    """

    name = "tfc.bitwise_and"
    spec = semantics.bitwise_and


class BitwiseOrOp(TfcOp):
    """Bitwise or.

    %z = tfc.bitwise_or %x, %y : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
    """

    name = "tfc.bitwise_or"
    spec = semantics.bitwise_or


class BitwiseXorOp(TfcOp):
    """Bitwise exclusive or.

    %z = tfc.bitwise_xor %x, %y : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
    """

    name = "tfc.bitwise_xor"
    spec = semantics.bitwise_xor


class LeftShiftOp(TfcOp):
    """Shift to the left; by the width of the type or more it leaves 0.

    %z = tfc.left_shift %x, %y : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
    """

    name = "tfc.left_shift"
    spec = semantics.left_shift


class RightShiftOp(TfcOp):
    """Shift to the right, copying the sign of signed integers.

    %z = tfc.right_shift %x, %y : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
    """

    name = "tfc.right_shift"
    spec = semantics.right_shift


class InvertOp(TfcOp):
    """All bits inverted.

    %z = tfc.invert %x : (tensor<4xi32>) -> tensor<4xi32>
    """

    name = "tfc.invert"
    spec = semantics.invert


class PopulationCountOp(TfcOp):
    """The number of bits that are set.

    %z = tfc.population_count %x : (tensor<4xi32>) -> tensor<4xui8>
    """

    name = "tfc.population_count"
    spec = semantics.population_count


OPS = (
    BitwiseAndOp,
    BitwiseOrOp,
    BitwiseXorOp,
    LeftShiftOp,
    RightShiftOp,
    InvertOp,
    PopulationCountOp,
)
