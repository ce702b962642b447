"""Slicing: a box of a tensor, read or replaced."""

from __future__ import annotations

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import slicing as semantics


class SliceOp(TfcOp):
    """The box of `size` that starts at `begin` and must lie inside the tensor; bounds that are `none` are operands.

    %y = tfc.slice %x, %i {begin = [none], size = array<i64: 2>} : (tensor<9xf32>, tensor<i32>) -> tensor<2xf32>
    """

    name = "tfc.slice"
    spec = semantics.slice_


class SliceUpdateOp(TfcOp):
    """The first operand with the box that starts at `begin` replaced by the second.

    %y = tfc.slice_update %x, %v {begin = array<i64: 3>} : (tensor<9xf32>, tensor<2xf32>) -> tensor<9xf32>
    """

    name = "tfc.slice_update"
    spec = semantics.slice_update


class StridedSliceOp(TfcOp):
    """`x[begin:end:strides]` as Python has it: bounds are clamped, negative ones count from the end; axes in `shrink` are
    indexed by `begin` and dropped.

    %y = tfc.strided_slice %x {begin = array<i64: 0>, end = array<i64: 9>, strides = array<i64: 2>, shrink = array<i64>}
        : (tensor<9xf32>) -> tensor<5xf32>
    """

    name = "tfc.strided_slice"
    spec = semantics.strided_slice


class StridedSliceUpdateOp(TfcOp):
    """The first operand with the elements that `tfc.strided_slice` would select replaced by the second.

    %y = tfc.strided_slice_update %x, %v
        {begin = array<i64: 2>, end = array<i64: 3>, strides = array<i64: 1>, shrink = array<i64: 0>}
        : (tensor<9xf32>, tensor<f32>) -> tensor<9xf32>
    """

    name = "tfc.strided_slice_update"
    spec = semantics.strided_slice_update


OPS = (SliceOp, SliceUpdateOp, StridedSliceOp, StridedSliceUpdateOp)
