"""Joining: tensors put side by side, stacked, padded and repeated."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import joining as semantics


class ConcatOp(TfcOp):
    """The operands one after the other along `axis`.

    %z = tfc.concat %x, %y {axis = 0 : i64} : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
    """

    name = "tfc.concat"
    spec = semantics.concat


class StackOp(TfcOp):
    """The operands as the entries of a new axis.

    %z = tfc.stack %x, %y {axis = 0 : i64} : (tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
    """

    name = "tfc.stack"
    spec = semantics.stack


class PadOp(TfcOp):
    """`low` and `high` more elements before and after each axis: `value`, or the tensor's own, mirrored.

    `mode` is "constant", "reflect" (the edge is not repeated) or "symmetric" (it is); sizes that are `none` are operands.

    %z = tfc.pad %x, %v {low = array<i64: 1>, high = array<i64: 0>, mode = "constant"}
        : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
    """

    name = "tfc.pad"
    spec = semantics.pad


class TileOp(TfcOp):
    """The whole operand repeated `multiples` times along each axis; multiples that are `none` are operands.

    %z = tfc.tile %x {multiples = array<i64: 2>} : (tensor<3xf32>) -> tensor<6xf32>
    """

    name = "tfc.tile"
    spec = semantics.tile


OPS = (ConcatOp, StackOp, PadOp, TileOp)
