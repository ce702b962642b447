"""Rounding to integral values."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import rounding as semantics


class FloorOp(TfcOp):
    """The largest integral value that is not larger.

    %z = tfc.floor %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.floor"
    spec = semantics.floor


class CeilOp(TfcOp):
    """The smallest integral value that is not smaller.

    %z = tfc.ceil %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.ceil"
    spec = semantics.ceil


class RoundOp(TfcOp):
    """The nearest integral value, ties to even.

    %z = tfc.round %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.round"
    spec = semantics.round


class TruncOp(TfcOp):
    """The integral value next towards zero.

    %z = tfc.trunc %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.trunc"
    spec = semantics.trunc


OPS = (
    FloorOp,
    CeilOp,
    RoundOp,
    TruncOp,
)
