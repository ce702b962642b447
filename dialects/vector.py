"""MLIR's `vector` dialect: xDSL's, and the ops of MLIR 22 that it lacks, printed in generic form.

The constraints here are the ones that keep translation safe; `mlir-opt` has all of them.
"""

from __future__ import annotations

from math import prod
from typing import Any, cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    IndexType,
    IntegerAttr,
    MemRefType,
    VectorType,
    i1,
    i64,
)
from xdsl.dialects.vector import Vector as _Upstream
from xdsl.ir import Dialect
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException


def _vector(type_: Any) -> VectorType[Any]:
    return cast("VectorType[Any]", type_)


def _integers(array: ArrayAttr[IntegerAttr]) -> list[int]:
    return [entry.value.data for entry in array.data]


@irdl_op_definition
class FromElementsOp(IRDLOperation):
    """A vector of scalars, the last dimension first.

    Example:
        %v = "vector.from_elements"(%a, %b) : (f32, f32) -> vector<2xf32>
    """

    name = "vector.from_elements"
    elements = var_operand_def()
    dest = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        type_ = _vector(self.dest.type)
        if len(self.elements) != prod(type_.get_shape()):
            raise VerifyException(f"{len(self.elements)} elements do not fill {type_}")
        if any(element.type != type_.element_type for element in self.elements):
            raise VerifyException("all elements must have the vector's element type")


@irdl_op_definition
class ToElementsOp(IRDLOperation):
    """The scalars of a vector.

    Example:
        %a, %b = "vector.to_elements"(%v) : (vector<2xf32>) -> (f32, f32)
    """

    name = "vector.to_elements"
    source = operand_def(VectorType)
    elements = var_result_def()
    traits = traits_def(Pure())

    def verify_(self) -> None:
        type_ = _vector(self.source.type)
        if len(self.elements) != prod(type_.get_shape()):
            raise VerifyException(f"{type_} does not have {len(self.elements)} elements")


@irdl_op_definition
class ConstantMaskOp(IRDLOperation):
    """A mask that is set in a corner of known size.

    Example:
        %m = "vector.constant_mask"() <{mask_dim_sizes = array<i64: 3>}> : () -> vector<8xi1>
    """

    name = "vector.constant_mask"
    mask_dim_sizes = prop_def(DenseArrayBase.constr(i64))
    mask = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        type_ = _vector(self.mask.type)
        if type_.element_type != i1:
            raise VerifyException("a mask has elements of type i1")
        if len(self.mask_dim_sizes) != max(1, type_.get_num_dims()):
            raise VerifyException("must specify a size for each dimension of the mask")


@irdl_op_definition
class TransposeOp(IRDLOperation):
    """Dimension `d` of the result is dimension `permutation[d]` of the source.

    Example:
        %t = "vector.transpose"(%v) <{permutation = array<i64: 1, 0>}>
            : (vector<4x8xf32>) -> vector<8x4xf32>
    """

    name = "vector.transpose"
    vector = operand_def(VectorType)
    permutation = prop_def(DenseArrayBase.constr(i64))
    result = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        source = _vector(self.vector.type).get_shape()
        order = self.permutation.get_values()
        if sorted(order) != list(range(len(source))):
            raise VerifyException(f"{order} is not a permutation of the dimensions")
        if _vector(self.result.type).get_shape() != tuple(source[d] for d in order):
            raise VerifyException("the result's shape is not the permuted shape")


@irdl_op_definition
class ExtractStridedSliceOp(IRDLOperation):
    """A box of a vector; dimensions behind the given ones are taken whole.

    Example:
        %s = "vector.extract_strided_slice"(%v) <{offsets = [0, 2], sizes = [2, 4], strides = [1, 1]}>
            : (vector<4x8xf32>) -> vector<2x4xf32>
    """

    name = "vector.extract_strided_slice"
    source = operand_def(VectorType)
    offsets = prop_def(ArrayAttr[IntegerAttr])
    sizes = prop_def(ArrayAttr[IntegerAttr])
    strides = prop_def(ArrayAttr[IntegerAttr])
    result = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        shape = _vector(self.source.type).get_shape()
        offsets, sizes = _integers(self.offsets), _integers(self.sizes)
        if len(offsets) != len(sizes) or len(sizes) != len(self.strides.data):
            raise VerifyException("offsets, sizes and strides must have the same length")
        if any(o < 0 or o + s > n for o, s, n in zip(offsets, sizes, shape, strict=False)):
            raise VerifyException("the slice reaches out of the vector")
        if any(stride != 1 for stride in _integers(self.strides)):
            raise VerifyException("strides must be 1")
        if _vector(self.result.type).get_shape() != (*sizes, *shape[len(sizes) :]):
            raise VerifyException("the result's shape is not the slice's")


@irdl_op_definition
class InsertStridedSliceOp(IRDLOperation):
    """A vector with a box of it replaced; the box lies in the last dimensions at the last offsets.

    Example:
        %r = "vector.insert_strided_slice"(%s, %v) <{offsets = [0, 2], strides = [1, 1]}>
            : (vector<2x4xf32>, vector<4x8xf32>) -> vector<4x8xf32>
    """

    name = "vector.insert_strided_slice"
    value_to_store = operand_def(VectorType)
    dest = operand_def(VectorType)
    offsets = prop_def(ArrayAttr[IntegerAttr])
    strides = prop_def(ArrayAttr[IntegerAttr])
    result = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        shape = _vector(self.dest.type).get_shape()
        inner = _vector(self.value_to_store.type).get_shape()
        offsets = _integers(self.offsets)
        if len(offsets) != len(shape):
            raise VerifyException("expected an offset for each dimension of the destination")
        full = (1,) * (len(shape) - len(inner)) + tuple(inner)
        if any(o < 0 or o + s > n for o, s, n in zip(offsets, full, shape, strict=True)):
            raise VerifyException("the slice reaches out of the vector")
        if self.result.type != self.dest.type:
            raise VerifyException("the result's type is the destination's")


@irdl_op_definition
class ShapeCastOp(IRDLOperation):
    """The same elements in the same order under another shape.

    Example:
        %f = "vector.shape_cast"(%v) : (vector<4x8xf32>) -> vector<32xf32>
    """

    name = "vector.shape_cast"
    source = operand_def(VectorType)
    result = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        source, result = _vector(self.source.type), _vector(self.result.type)
        if prod(source.get_shape()) != prod(result.get_shape()):
            raise VerifyException("source and result must have the same number of elements")
        if source.element_type != result.element_type:
            raise VerifyException("source and result must have the same element type")


def _verify_indexed(op: GatherOp | ScatterOp, value: VectorType[Any]) -> None:
    for other in (op.index_vec.type, op.mask.type):
        if _vector(other).get_shape() != value.get_shape():
            raise VerifyException("indices, mask and values must have the same shape")
    if len(op.indices) != cast("MemRefType", op.base.type).get_num_dims():
        raise VerifyException("expected an index for each dimension of the memref")


@irdl_op_definition
class GatherOp(IRDLOperation):
    """Elements at an offset (in elements, along the last dimension) each, where the mask is set.

    Example:
        %g = "vector.gather"(%m, %i, %offsets, %mask, %other) : (memref<?xf32>, index,
            vector<8xi32>, vector<8xi1>, vector<8xf32>) -> vector<8xf32>
    """

    name = "vector.gather"
    base = operand_def(MemRefType)
    indices = var_operand_def(IndexType)
    index_vec = operand_def(VectorType)
    mask = operand_def(VectorType)
    pass_thru = operand_def(VectorType)
    result = result_def(VectorType)

    def verify_(self) -> None:
        _verify_indexed(self, _vector(self.result.type))


@irdl_op_definition
class ScatterOp(IRDLOperation):
    """Stores lane by lane at an offset each, where the mask is set; later lanes win.

    Example:
        "vector.scatter"(%m, %i, %offsets, %mask, %value) : (memref<?xf32>, index,
            vector<8xi32>, vector<8xi1>, vector<8xf32>) -> ()
    """

    name = "vector.scatter"
    base = operand_def(MemRefType)
    indices = var_operand_def(IndexType)
    index_vec = operand_def(VectorType)
    mask = operand_def(VectorType)
    value_to_store = operand_def(VectorType)

    def verify_(self) -> None:
        _verify_indexed(self, _vector(self.value_to_store.type))


@irdl_op_definition
class StepOp(IRDLOperation):
    """0, 1, 2, ...

    Example:
        %s = "vector.step"() : () -> vector<8xindex>
    """

    name = "vector.step"
    result = result_def(VectorType)
    traits = traits_def(Pure())


@irdl_op_definition
class InterleaveOp(IRDLOperation):
    """The elements of two vectors by turns.

    Example:
        %r = "vector.interleave"(%a, %b) : (vector<4xf32>, vector<4xf32>) -> vector<8xf32>
    """

    name = "vector.interleave"
    lhs = operand_def(VectorType)
    rhs = operand_def(VectorType)
    result = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        shape = _vector(self.lhs.type).get_shape()
        if self.lhs.type != self.rhs.type:
            raise VerifyException("both operands must have the same type")
        if _vector(self.result.type).get_shape() != (*shape[:-1], 2 * shape[-1]):
            raise VerifyException("the result has twice the elements in the last dimension")


@irdl_op_definition
class DeinterleaveOp(IRDLOperation):
    """The even and the odd elements of a vector.

    Example:
        %even, %odd = "vector.deinterleave"(%v) : (vector<8xf32>) -> (vector<4xf32>, vector<4xf32>)
    """

    name = "vector.deinterleave"
    source = operand_def(VectorType)
    res1 = result_def(VectorType)
    res2 = result_def(VectorType)
    traits = traits_def(Pure())

    def verify_(self) -> None:
        shape = _vector(self.source.type).get_shape()
        half = (*shape[:-1], shape[-1] // 2)
        if shape[-1] % 2 or any(_vector(r.type).get_shape() != half for r in self.results):
            raise VerifyException("the results have half the elements in the last dimension")


Vector = Dialect(
    "vector",
    [
        *_Upstream.operations,
        ConstantMaskOp,
        DeinterleaveOp,
        ExtractStridedSliceOp,
        FromElementsOp,
        GatherOp,
        InsertStridedSliceOp,
        InterleaveOp,
        ScatterOp,
        ShapeCastOp,
        StepOp,
        ToElementsOp,
        TransposeOp,
    ],
    [*_Upstream.attributes],
)
"""The whole dialect, in place of xDSL's."""
