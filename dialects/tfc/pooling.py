"""Maximum over a window."""

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


class MaxPoolIndicesOp(TfcOp):
    """Where `tfc.max_pool` finds its elements: indices into the flattened input, of the first one among equals."""

    name = "tfc.max_pool_indices"
    spec = semantics.max_pool_indices


OPS = (MaxPoolOp, MaxPoolIndicesOp)
