"""Activation functions."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import activation as semantics


class ReluOp(TfcOp):
    """`max(x, 0)`; nan stays nan.

    %z = tfc.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.relu"
    spec = semantics.relu


class SigmoidOp(TfcOp):
    """`1 / (1 + exp(-x))`.

    %z = tfc.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.sigmoid"
    spec = semantics.sigmoid


class SoftplusOp(TfcOp):
    """`log(1 + exp(x))`, without overflow.

    %z = tfc.softplus %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.softplus"
    spec = semantics.softplus


class SoftmaxOp(TfcOp):
    """`exp(x) / sum(exp(x))` along an axis, without overflow.

    %y = tfc.softmax %x {axis = 1 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
    """

    name = "tfc.softmax"
    spec = semantics.softmax


class LogSoftmaxOp(TfcOp):
    """The logarithm of `softmax` along an axis.

    %y = tfc.log_softmax %x {axis = 1 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
    """

    name = "tfc.log_softmax"
    spec = semantics.log_softmax


OPS = (
    ReluOp,
    SigmoidOp,
    SoftplusOp,
    SoftmaxOp,
    LogSoftmaxOp,
)
