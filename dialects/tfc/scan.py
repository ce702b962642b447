"""Running totals along one axis."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import scan as semantics


class CumsumOp(TfcOp):
    """Running sum along an axis.

    %y = tfc.cumsum %x {axis = 0 : i64, exclusive = false, reverse = false} : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.cumsum"
    spec = semantics.cumsum


class CumprodOp(TfcOp):
    """Running product along an axis.

    %y = tfc.cumprod %x {axis = 0 : i64, exclusive = false, reverse = false} : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.cumprod"
    spec = semantics.cumprod


class CumulativeLogsumexpOp(TfcOp):
    """Running `log(sum(exp(x)))` along an axis.

    %y = tfc.cumulative_logsumexp %x {axis = 0 : i64, exclusive = false, reverse = false} : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.cumulative_logsumexp"
    spec = semantics.cumulative_logsumexp


OPS = (
    CumsumOp,
    CumprodOp,
    CumulativeLogsumexpOp,
)
