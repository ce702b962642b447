"""Arithmetic on numbers."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import arithmetic as semantics


class AddOp(TfcOp):
    """Elementwise sum, with broadcasting.

    %z = tfc.add %x, %y : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    """

    name = "tfc.add"
    spec = semantics.add


class SubtractOp(TfcOp):
    """Elementwise difference, with broadcasting.

    %z = tfc.subtract %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.subtract"
    spec = semantics.subtract


class MultiplyOp(TfcOp):
    """Elementwise product, with broadcasting.

    %z = tfc.multiply %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.multiply"
    spec = semantics.multiply


class DivideOp(TfcOp):
    """Elementwise quotient of floats, with broadcasting.

    %z = tfc.divide %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.divide"
    spec = semantics.divide


class FloordivOp(TfcOp):
    """Elementwise quotient rounded towards minus infinity; an integer divided by zero ends the program.

    %z = tfc.floordiv %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.floordiv"
    spec = semantics.floordiv


class FloormodOp(TfcOp):
    """Elementwise remainder with the sign of the divisor; an integer divisor of zero ends the program.

    %z = tfc.floormod %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.floormod"
    spec = semantics.floormod


class TruncatedivOp(TfcOp):
    """Elementwise quotient rounded towards zero; an integer divided by zero ends the program.

    %z = tfc.truncatediv %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.truncatediv"
    spec = semantics.truncatediv


class TruncatemodOp(TfcOp):
    """Elementwise remainder with the sign of the dividend; an integer divisor of zero ends the program.

    %z = tfc.truncatemod %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.truncatemod"
    spec = semantics.truncatemod


class PowOp(TfcOp):
    """Elementwise power; an integer with a negative exponent ends the program.

    %z = tfc.pow %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.pow"
    spec = semantics.pow


class MaximumOp(TfcOp):
    """Elementwise larger value; nan where either is.

    %z = tfc.maximum %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.maximum"
    spec = semantics.maximum


class MinimumOp(TfcOp):
    """Elementwise smaller value; nan where either is.

    %z = tfc.minimum %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.minimum"
    spec = semantics.minimum


class MultiplyNoNanOp(TfcOp):
    """Elementwise product, 0 where the second operand is 0 even if the first is not finite.

    %z = tfc.multiply_no_nan %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.multiply_no_nan"
    spec = semantics.multiply_no_nan


class DivideNoNanOp(TfcOp):
    """Elementwise quotient, 0 where the divisor is 0.

    %z = tfc.divide_no_nan %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.divide_no_nan"
    spec = semantics.divide_no_nan


class NegativeOp(TfcOp):
    """Elementwise negation.

    %z = tfc.negative %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.negative"
    spec = semantics.negative


class AbsOp(TfcOp):
    """Elementwise absolute value; the lowest integer stays itself.

    %z = tfc.abs %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.abs"
    spec = semantics.abs


class SignOp(TfcOp):
    """Elementwise sign: -1, 0 or 1, and nan for nan.

    %z = tfc.sign %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.sign"
    spec = semantics.sign


OPS = (
    AddOp,
    SubtractOp,
    MultiplyOp,
    DivideOp,
    FloordivOp,
    FloormodOp,
    TruncatedivOp,
    TruncatemodOp,
    PowOp,
    MaximumOp,
    MinimumOp,
    MultiplyNoNanOp,
    DivideNoNanOp,
    NegativeOp,
    AbsOp,
    SignOp,
)
