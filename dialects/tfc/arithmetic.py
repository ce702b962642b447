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
    """Elementwise difference, with broadcasting."""

    name = "tfc.subtract"
    spec = semantics.subtract


class MultiplyOp(TfcOp):
    """Elementwise product, with broadcasting."""

    name = "tfc.multiply"
    spec = semantics.multiply


class NegativeOp(TfcOp):
    """Elementwise negation."""

    name = "tfc.negative"
    spec = semantics.negative


OPS = (AddOp, SubtractOp, MultiplyOp, NegativeOp)
