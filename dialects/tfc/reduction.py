"""Reductions over axes."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import reduction as semantics


class ReduceSumOp(TfcOp):
    """Sum over axes; 16-bit floats are accumulated in float32.

    %y = tfc.reduce_sum %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
    """

    name = "tfc.reduce_sum"
    spec = semantics.reduce_sum


class ReduceProdOp(TfcOp):
    """Product over axes; 16-bit floats are accumulated in float32.

    %y = tfc.reduce_prod %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
    """

    name = "tfc.reduce_prod"
    spec = semantics.reduce_prod


class ReduceMaxOp(TfcOp):
    """Largest element over axes; nan if any is, the lowest value if there is none.

    %y = tfc.reduce_max %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
    """

    name = "tfc.reduce_max"
    spec = semantics.reduce_max


class ReduceMinOp(TfcOp):
    """Smallest element over axes; nan if any is, the highest value if there is none.

    %y = tfc.reduce_min %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
    """

    name = "tfc.reduce_min"
    spec = semantics.reduce_min


class ReduceAnyOp(TfcOp):
    """Whether any element over axes is true.

    %y = tfc.reduce_any %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xi1>) -> tensor<3xi1>
    """

    name = "tfc.reduce_any"
    spec = semantics.reduce_any


class ReduceAllOp(TfcOp):
    """Whether all elements over axes are true.

    %y = tfc.reduce_all %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xi1>) -> tensor<3xi1>
    """

    name = "tfc.reduce_all"
    spec = semantics.reduce_all


class ReduceLogsumexpOp(TfcOp):
    """`log(sum(exp(x)))` over axes, without overflow.

    %y = tfc.reduce_logsumexp %x {axes = array<i64: 1>, keepdims = false} : (tensor<3x4xf32>) -> tensor<3xf32>
    """

    name = "tfc.reduce_logsumexp"
    spec = semantics.reduce_logsumexp


class ArgmaxOp(TfcOp):
    """The index of the first largest element along an axis.

    %y = tfc.argmax %x {axis = 1 : i64, dtype = i64} : (tensor<3x4xf32>) -> tensor<3xi64>
    """

    name = "tfc.argmax"
    spec = semantics.argmax


class ArgminOp(TfcOp):
    """The index of the first smallest element along an axis.

    %y = tfc.argmin %x {axis = 1 : i64, dtype = i64} : (tensor<3x4xf32>) -> tensor<3xi64>
    """

    name = "tfc.argmin"
    spec = semantics.argmin


OPS = (
    ReduceSumOp,
    ReduceProdOp,
    ReduceMaxOp,
    ReduceMinOp,
    ReduceAnyOp,
    ReduceAllOp,
    ReduceLogsumexpOp,
    ArgmaxOp,
    ArgminOp,
)
