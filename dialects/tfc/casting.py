"""Conversions between dtypes: by value and by bits."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import casting as semantics


class CastOp(TfcOp):
    """Elements converted by value: floats to integers cut the fraction, saturate, and make nan 0.

    %y = tfc.cast %x {dtype = i32} : (tensor<4xf32>) -> tensor<4xi32>
    """

    name = "tfc.cast"
    spec = semantics.cast


class BitcastOp(TfcOp):
    """The same bits as another dtype; a narrower one adds a last dimension, a wider one consumes it.

    %y = tfc.bitcast %x {dtype = i32} : (tensor<4xf32>) -> tensor<4xi32>
    """

    name = "tfc.bitcast"
    spec = semantics.bitcast


OPS = (
    CastOp,
    BitcastOp,
)
