"""Indexing by tensors of indices: gather and scatter."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import indexing as semantics


class GatherOp(TfcOp):
    """The entries of `axis` that the indices name, in their place; the first `batch_dims` axes of both go together.

    `negative` says what negative indices do: "error", "wrap" (count from the end) or "drop" (read as zero).

    %y = tfc.gather %x, %i {axis = 0 : i64, batch_dims = 0 : i64, negative = "error"}
        : (tensor<9x4xf32>, tensor<3xi32>) -> tensor<3x4xf32>
    """

    name = "tfc.gather"
    spec = semantics.gather


class GatherNdOp(TfcOp):
    """The parts of a tensor at the positions that the last axis of the indices spells out.

    %y = tfc.gather_nd %x, %i {batch_dims = 0 : i64, negative = "error"}
        : (tensor<9x4xf32>, tensor<3x2xi32>) -> tensor<3xf32>
    """

    name = "tfc.gather_nd"
    spec = semantics.gather_nd


class ScatterAlongOp(TfcOp):
    """The first operand after combining each update into the entry of `axis` that its index names: the adjoint of gather.

    `combiner` is "update", "add", "sub", "mul", "min" or "max"; updates are taken in row-major order.

    %y = tfc.scatter_along %x, %i, %u {axis = 0 : i64, batch_dims = 0 : i64, combiner = "add", negative = "error"}
        : (tensor<9x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<9x4xf32>
    """

    name = "tfc.scatter_along"
    spec = semantics.scatter_along


class ScatterNdOp(TfcOp):
    """The first operand after combining each update into the position that the last axis of the indices spells out.

    %y = tfc.scatter_nd %x, %i, %u {combiner = "update", negative = "error"}
        : (tensor<9x4xf32>, tensor<3x2xi32>, tensor<3xf32>) -> tensor<9x4xf32>
    """

    name = "tfc.scatter_nd"
    spec = semantics.scatter_nd


OPS = (GatherOp, GatherNdOp, ScatterAlongOp, ScatterNdOp)
