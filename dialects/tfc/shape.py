"""Shape: the same elements under other sizes, in another order, or repeated by broadcasting."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import shape as semantics


class IdentityOp(TfcOp):
    """The operand itself, as a value of its own.

    %y = tfc.identity %x : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.identity"
    spec = semantics.identity


class ReshapeOp(TfcOp):
    """The same elements in row-major order under another shape; one size may be -1, sizes that are `none` are operands.

    %y = tfc.reshape %x, %n {shape = [none, 4]} : (tensor<?xf32>, tensor<i32>) -> tensor<?x4xf32>
    """

    name = "tfc.reshape"
    spec = semantics.reshape


class TransposeOp(TfcOp):
    """The axes in another order: axis k of the result is axis `permutation[k]` of the operand.

    %y = tfc.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
    """

    name = "tfc.transpose"
    spec = semantics.transpose


class ExpandDimsOp(TfcOp):
    """Axes of size 1 inserted at the ascending positions `axes` of the result.

    %y = tfc.expand_dims %x {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<1x4xf32>
    """

    name = "tfc.expand_dims"
    spec = semantics.expand_dims


class SqueezeOp(TfcOp):
    """The axes `axes`, which have size 1, removed.

    %y = tfc.squeeze %x {axes = array<i64: 0>} : (tensor<1x4xf32>) -> tensor<4xf32>
    """

    name = "tfc.squeeze"
    spec = semantics.squeeze


class BroadcastToOp(TfcOp):
    """Repeated along axes of size 1 and new leading ones up to `shape`; sizes that are `none` are operands.

    %y = tfc.broadcast_to %x {shape = array<i64: 3, 4>} : (tensor<4xf32>) -> tensor<3x4xf32>
    """

    name = "tfc.broadcast_to"
    spec = semantics.broadcast_to


class ReverseOp(TfcOp):
    """The order of elements turned round along `axes`.

    %y = tfc.reverse %x {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
    """

    name = "tfc.reverse"
    spec = semantics.reverse


class DimOp(TfcOp):
    """The size of one axis, as a scalar of `dtype`.

    %n = tfc.dim %x {axis = 0 : i64, dtype = i32} : (tensor<?xf32>) -> tensor<i32>
    """

    name = "tfc.dim"
    spec = semantics.dim


class EnsureShapeOp(TfcOp):
    """The operand, after a check that its sizes are those of `shape` where they are not `none`.

    %y = tfc.ensure_shape %x {shape = [none, 4]} : (tensor<?x?xf32>) -> tensor<?x4xf32>
    """

    name = "tfc.ensure_shape"
    spec = semantics.ensure_shape


OPS = (
    IdentityOp,
    ReshapeOp,
    TransposeOp,
    ExpandDimsOp,
    SqueezeOp,
    BroadcastToOp,
    ReverseOp,
    DimOp,
    EnsureShapeOp,
)
