"""Diagonals of matrices."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import diagonal as semantics


class DiagonalOp(TfcOp):
    """The elements where the index on `axis2` is the index on `axis1` plus `offset`, as a new last dim.

    %d = tfc.diagonal %x {offset = 0 : i64, axis1 = 0 : i64, axis2 = 1 : i64} : (tensor<3x4xf32>) -> tensor<3xf32>
    """

    name = "tfc.diagonal"
    spec = semantics.diagonal


class DiagonalMatrixOp(TfcOp):
    """Square matrices that have the last dim of `x` on the diagonal `offset` and zeros elsewhere.

    %m = tfc.diagonal_matrix %x {offset = 1 : i64} : (tensor<3xf32>) -> tensor<4x4xf32>
    """

    name = "tfc.diagonal_matrix"
    spec = semantics.diagonal_matrix


OPS = (DiagonalOp, DiagonalMatrixOp)
