"""Contractions."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import contraction as semantics


class MatmulOp(TfcOp):
    """Matrix product of the last two dims; the dims before them are a batch and broadcast.

    %z = tfc.matmul %x, %y {transpose_x = false, transpose_y = true}
         : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
    """

    name = "tfc.matmul"
    spec = semantics.matmul


class ContractOp(TfcOp):
    """Sum of products over the labels that both operands have and the result does not.

    %z = tfc.contract %x, %y {x_labels = array<i64: 0, 1>, y_labels = array<i64: 1, 2>, out_labels = array<i64: 2, 0>}
         : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4x2xf32>
    """

    name = "tfc.contract"
    spec = semantics.contract


OPS = (MatmulOp, ContractOp)
