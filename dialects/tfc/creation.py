"""Creation: values made from sizes alone."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import creation as semantics


class RangeOp(TfcOp):
    """`start + i * delta` for i from 0 to `size - 1`, computed in the dtype of `start`; a size that is `none` is an operand.

    %r = tfc.range %start, %delta {size = array<i64: 4>} : (tensor<i32>, tensor<i32>) -> tensor<4xi32>
    """

    name = "tfc.range"
    spec = semantics.range_


OPS = (RangeOp,)
