"""`Lowering`: what a family's rules work with, and the elementwise rule that most of them share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
from tfc.dialects.tfc.attributes import dtype_of, is_splat
from tfc.dialects.tfc.base import TfcOp
from tfc.passes import builders
from tfc.passes.convert_tfc_to_linalg.broadcasting import Plan, plan_broadcast, read_repeated
from tfc.passes.dimensions import Dimensions
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    Signedness,
    TensorType,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

Scalars = tuple[SSAValue, ...]
ScalarBody = Callable[[Rewriter, Scalars, tuple[np.dtype, ...]], SSAValue]
"""Builds one element of the result: rewriter, the operands' elements, the dtypes of operands then result."""


@cache
def signless(kind: Attribute) -> Attribute:
    """`kind` with its element type signless, as everything from linalg down has it."""
    if isinstance(kind, TensorType):
        element = cast("TensorType[Any]", kind).element_type
        return TensorType(signless(element), kind.shape)  # pyright: ignore[reportArgumentType]
    if isinstance(kind, IntegerType) and kind.signedness.data is not Signedness.SIGNLESS:
        return IntegerType(kind.width.data)
    return kind


class Lowering:
    """The conversion of one module: a rewriter placed before the op at hand, and questions about it."""

    def __init__(self, rewriter: Rewriter) -> None:
        self.rewriter = rewriter
        self.values: dict[SSAValue, SSAValue] = {}
        """From results of tfc ops to what replaces them."""
        self.dimensions = Dimensions()
        self.unsigned: dict[SSAValue, np.dtype] = {}
        """Arguments and results of structural ops that were unsigned before they were retyped."""
        self.host_numbers: dict[str, int] = {}
        """The number of each host call that was declared, by its key and type."""
        self.is_certain = False
        """Whether the op at hand is known not to fail (`tfc.certain`): the values of its operands are not checked."""

    def operands(self, op: Operation) -> list[SSAValue]:
        """The operands of `op` in the linalg stage."""
        return [self.values.get(value, value) for value in op.operands]

    def dtype(self, value: SSAValue) -> np.dtype:
        """The dtype of an operand or result of a tfc op; unlike in the linalg stage, unsigned types tell."""
        known = self.unsigned.get(value)
        if known is not None:
            return known
        return dtype_of(cast("TensorType[Any]", value.type).element_type)

    def result_type(self, op: Operation, index: int = 0) -> TensorType[Any]:
        """The type of a result of `op` in the linalg stage."""
        return cast("TensorType[Any]", signless(op.results[index].type))

    def scalar(self, value: SSAValue) -> SSAValue:
        """The element of a rank-0 tensor, or of a splat constant of any rank."""
        owner = value.owner
        if isinstance(owner, tensor.FromElementsOp) and len(owner.operands) == 1:
            return owner.operands[0]
        if isinstance(owner, arith.ConstantOp):
            constant = splat_value(owner)
            if constant is not None:
                return self.rewriter.value(arith.ConstantOp, (), constant.type, {"value": constant})
        element = cast("TensorType[Any]", value.type).element_type
        return self.rewriter.value(tensor.ExtractOp, (value,), element)

    def from_scalar(self, scalar: SSAValue) -> SSAValue:
        """The rank-0 tensor that holds `scalar`."""
        kind = builders.tensor_type((), scalar.type)
        return self.rewriter.value(tensor.FromElementsOp, (scalar,), kind)

    def empty_like(self, kind: TensorType[Any], sizes: Sequence[SSAValue | None]) -> SSAValue:
        """`tensor.empty` of `kind`; `sizes` gives the size of each `?` dim at its position."""
        dynamic = [
            cast(SSAValue, size)
            for size, dim in zip(sizes, kind.get_shape(), strict=True)
            if dim == DYNAMIC_INDEX
        ]
        return builders.empty(self.rewriter, kind, dynamic)


def splat_value(op: arith.ConstantOp) -> IntegerAttr[Any] | FloatAttr[Any] | None:
    """The one element of a constant that is a scalar, or a tensor whose elements are all the same."""
    attribute = op.properties["value"]
    if not isinstance(attribute, DenseIntOrFPElementsAttr):
        return attribute if isinstance(attribute, IntegerAttr | FloatAttr) else None
    if not is_splat(attribute):
        return None
    element = attribute.get_element_type()
    value = attribute.get_values()[0]
    if isinstance(element, IntegerType):
        return IntegerAttr(int(value), element)
    return FloatAttr(float(value), element)  # pyright: ignore[reportArgumentType, reportUnknownVariableType]


@cache
def broadcast_map(shape: tuple[int, ...], result: tuple[int, ...]) -> AffineMapAttr:
    """The indexing map of an operand of `shape` in a loop nest over `result`, sizes aligned from the last dim."""
    rank = len(result)
    first = rank - len(shape)
    exprs: list[AffineExpr] = [
        AffineConstantExpr(0) if size == 1 and result[first + i] != 1 else AffineDimExpr(first + i)
        for i, size in enumerate(shape)
    ]
    return AffineMapAttr(AffineMap(rank, 0, tuple(exprs)))


def elementwise(lowering: Lowering, op: TfcOp, body: ScalarBody) -> SSAValue:
    """Lower an op with NumPy broadcasting: a `linalg.generic` over the result, scalar ops for rank 0.

    Rank-0 and splat operands are captured as scalars. `?` dims are compared at run time where they must be
    (`broadcasting.plan_broadcast`); an operand that may be repeated there is captured and read by index.
    """
    rewriter = lowering.rewriter
    kind = lowering.result_type(op)
    shape = kind.get_shape()
    dtypes = tuple(lowering.dtype(value) for value in (*op.operands, op.results[0]))
    is_dynamic = any(DYNAMIC_INDEX in _shape_of(value) for value in op.operands)
    plan = plan_broadcast(lowering, op) if is_dynamic else Plan([None] * len(shape))
    captured: dict[int, SSAValue] = {}
    read: dict[int, SSAValue] = {}
    inputs: list[SSAValue] = []
    for position, value in enumerate(lowering.operands(op)):
        if position in plan.repeated:
            read[position] = value
        elif is_scalar_like(value, shape):
            captured[position] = lowering.scalar(value)
        else:
            inputs.append(value)
    if not shape:
        scalars = tuple(captured[position] for position in range(len(op.operands)))
        return lowering.from_scalar(body(rewriter, scalars, dtypes))
    output = lowering.empty_like(kind, plan.sizes)
    maps = [broadcast_map(_shape_of(value), shape) for value in inputs]
    maps.append(builders.identity_map(len(shape)))

    def build(inner: Rewriter, arguments: Scalars) -> Sequence[SSAValue]:
        given = iter(arguments)
        scalars: list[SSAValue] = []
        for position in range(len(op.operands)):
            if position in read:
                repeated = plan.repeated[position]
                scalars.append(read_repeated(inner, read[position], len(shape), repeated))
            else:
                scalars.append(captured[position] if position in captured else next(given))
        return (body(inner, tuple(scalars), dtypes),)

    generic = builders.generic(
        rewriter, inputs, [output], maps, builders.parallel_iterators(len(shape)), body=build
    )
    return generic.results[0]


def is_scalar_like(value: SSAValue, result: tuple[int, ...]) -> bool:
    """Whether an operand is better captured as a scalar: rank 0, or a splat that does not set the size."""
    shape = _shape_of(value)
    if not shape:
        return True
    owner = value.owner
    if not isinstance(owner, arith.ConstantOp) or splat_value(owner) is None:
        return False
    return DYNAMIC_INDEX not in result


def _shape_of(value: SSAValue) -> tuple[int, ...]:
    return cast("TensorType[Any]", value.type).get_shape()
