"""Convolution."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import convolution as semantics


class ConvolutionOp(TfcOp):
    """A contraction in which windows walk some dims of `x`; the module says what the attributes mean.

    A 1-D convolution with stride 2 and padding 1, `y` being kernel x in x out:

    %z = tfc.convolution %x, %y {
           x_labels = array<i64: 0, -1, 3>, y_labels = array<i64: 2, 3, 4>, out_labels = array<i64: 0, 1, 4>,
           windows = [array<i64: 1, 2, 2, 1, -1, 1>], window_sizes = array<i64: 4>}
         : (tensor<8x8x3xf32>, tensor<3x3x16xf32>) -> tensor<8x4x16xf32>
    """

    name = "tfc.convolution"
    spec = semantics.convolution


OPS = (ConvolutionOp,)
