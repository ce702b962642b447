"""Maximum over a window, and the way back."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import pooling as semantics


class MaxPoolOp(TfcOp):
    """The largest element in each position of a window; nan where there is one.

    %y = tfc.max_pool %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
                          low = array<i64: 0>, high = array<i64: 0>} : (tensor<8xf32>) -> tensor<4xf32>
    """

    name = "tfc.max_pool"
    spec = semantics.max_pool


class MaxPoolTapsOp(TfcOp):
    """Which element of the window `tfc.max_pool` takes: its number in row-major order, the first one among equals.

    -1 where the whole window lies in the padding.
    """

    name = "tfc.max_pool_taps"
    spec = semantics.max_pool_taps


class MaxUnpoolOp(TfcOp):
    """The gradient of `tfc.max_pool`: each element of `grad` is added to the place that its window's maximum came from.

    Of `x`, the tensor that was pooled, only the shape is used; `taps` are those of `tfc.max_pool_taps`.

    %dx = tfc.max_unpool %x, %taps, %grad {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
        low = array<i64: 0>, high = array<i64: 0>} : (tensor<8xf32>, tensor<4xi32>, tensor<4xf32>) -> tensor<8xf32>
    """

    name = "tfc.max_unpool"
    spec = semantics.max_unpool


OPS = (MaxPoolOp, MaxPoolTapsOp, MaxUnpoolOp)
