"""Sizes that are ints where known and `index` values where not, and the tensor ops that take them mixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from tfc.dialects.tfc.semantics.dtypes import is_unsigned_int
from tfc.passes import builders
from tfc.passes.builders import DYNAMIC_INDEX, INDEX, tensor_type
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import ArrayAttr, IndexType, TensorType, i64
from xdsl.ir import Attribute, SSAValue

Size = int | SSAValue
"""A size, offset or count: an int, or a value of type `index`."""


# -- values -------------------------------------------------------------------------------------


def as_value(rewriter: Rewriter, size: Size) -> SSAValue:
    """`size` as an `index` value."""
    return builders.index_constant(rewriter, size) if isinstance(size, int) else size


def as_size(value: SSAValue) -> Size:
    """An `index` value, as an int where it is a constant."""
    known = builders.constant_int(value)
    return value if known is None else known


def scalar_index(lowering: Lowering, original: SSAValue, value: SSAValue) -> Size:
    """The rank-0 integer tensor `value` as a size; `original` is the operand before lowering, whose dtype tells the sign."""
    scalar = lowering.scalar(value)
    known = builders.constant_int(scalar)
    if known is not None:
        return known
    return index_of(lowering.rewriter, scalar, is_unsigned_int(lowering.dtype(original)))


def index_of(rewriter: Rewriter, scalar: SSAValue, unsigned: bool = False) -> SSAValue:
    """An integer as an `index`; a size that became an integer is found again."""
    owner = scalar.owner
    if isinstance(owner, arith.IndexCastOp) and isinstance(owner.operands[0].type, IndexType):
        return owner.operands[0]
    if unsigned and scalar.type != i64:
        scalar = rewriter.value(arith.ExtUIOp, (scalar,), i64)
    return rewriter.value(arith.IndexCastOp, (scalar,), INDEX)


def fill_sizes(sizes: Sequence[int | None], operands: Iterator[Size]) -> list[Size]:
    """`sizes` with the next of `operands` for each `None`."""
    return [next(operands) if size is None else size for size in sizes]


def add(rewriter: Rewriter, a: Size, b: Size) -> Size:
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    return as_size(builders.addi(rewriter, as_value(rewriter, a), as_value(rewriter, b)))


def subtract(rewriter: Rewriter, a: Size, b: Size) -> Size:
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    if a is b:
        return 0
    return as_size(builders.subi(rewriter, as_value(rewriter, a), as_value(rewriter, b)))


def multiply(rewriter: Rewriter, a: Size, b: Size) -> Size:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return as_size(builders.muli(rewriter, as_value(rewriter, a), as_value(rewriter, b)))


def minimum(rewriter: Rewriter, a: Size, b: Size) -> Size:
    """The smaller one, as signed numbers."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return rewriter.value(arith.MinSIOp, (as_value(rewriter, a), as_value(rewriter, b)), INDEX)


def maximum(rewriter: Rewriter, a: Size, b: Size) -> Size:
    """The larger one, as signed numbers."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return rewriter.value(arith.MaxSIOp, (as_value(rewriter, a), as_value(rewriter, b)), INDEX)


def divide(rewriter: Rewriter, a: Size, b: Size) -> Size:
    """`a / b` for non-negative `a` and positive `b`."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    if b == 1:
        return a
    return rewriter.value(arith.DivUIOp, (as_value(rewriter, a), as_value(rewriter, b)), INDEX)


def product(rewriter: Rewriter, sizes: Sequence[Size]) -> Size:
    """The product of the sizes, the known ones multiplied first."""
    known = 1
    unknown: list[Size] = []
    for size in sizes:
        if isinstance(size, int):
            known *= size
        else:
            unknown.append(size)
    result: Size = known
    for size in unknown:
        result = multiply(rewriter, result, size)
    return result


def compare(rewriter: Rewriter, predicate: str, a: Size, b: Size) -> SSAValue:
    """`arith.cmpi`, folded where both sizes are known."""
    if isinstance(a, int) and isinstance(b, int):
        holds = {
            "eq": a == b, "ne": a != b, "slt": a < b, "sle": a <= b, "sgt": a > b, "sge": a >= b,
        }[predicate]  # fmt: skip
        return builders.constant(rewriter, holds, builders.I1)
    return builders.compare(rewriter, predicate, as_value(rewriter, a), as_value(rewriter, b))


# -- tensors ------------------------------------------------------------------------------------


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor, `DYNAMIC_INDEX` where a size is unknown."""
    return cast("TensorType[Any]", value.type).get_shape()


def element_of(value: SSAValue) -> Attribute:
    """The element type of a tensor."""
    return cast("TensorType[Any]", value.type).element_type


def size_of(rewriter: Rewriter, value: SSAValue, axis: int) -> Size:
    """The size of one dim of a tensor."""
    size = shape_of(value)[axis]
    return builders.dim(rewriter, value, axis) if size == DYNAMIC_INDEX else size


def sizes_of(rewriter: Rewriter, value: SSAValue) -> list[Size]:
    """The sizes of all dims of a tensor."""
    return [size_of(rewriter, value, axis) for axis in range(len(shape_of(value)))]


def split_sizes(sizes: Sequence[Size]) -> tuple[tuple[int, ...], list[SSAValue]]:
    """The static part, with `DYNAMIC_INDEX` where a value is needed, and those values."""
    static = tuple(size if isinstance(size, int) else DYNAMIC_INDEX for size in sizes)
    return static, [size for size in sizes if not isinstance(size, int)]


def empty(rewriter: Rewriter, sizes: Sequence[Size], element: Attribute) -> SSAValue:
    """`tensor.empty` of mixed sizes."""
    static, dynamic = split_sizes(sizes)
    return builders.empty(rewriter, tensor_type(static, element), dynamic)


def fill(rewriter: Rewriter, scalar: SSAValue, sizes: Sequence[Size]) -> SSAValue:
    """A tensor of mixed sizes with `scalar` everywhere: `linalg.fill`, or `tensor.from_elements` for rank 0."""
    if not sizes:
        kind = tensor_type((), scalar.type)
        return rewriter.value(tensor.FromElementsOp, (scalar,), kind)
    output = empty(rewriter, sizes, scalar.type)
    return builders.fill(rewriter, scalar, output)


def only_element(lowering: Lowering, value: SSAValue) -> SSAValue:
    """The element of a tensor whose sizes are all 1."""
    rank = len(shape_of(value))
    if not rank:
        return lowering.scalar(value)
    owner = value.owner
    if isinstance(owner, tensor.FromElementsOp):
        return owner.operands[0]
    zero = builders.index_constant(lowering.rewriter, 0)
    return lowering.rewriter.value(tensor.ExtractOp, (value, *[zero] * rank), element_of(value))


def single_element(rewriter: Rewriter, scalar: SSAValue, rank: int) -> SSAValue:
    """The tensor of shape (1, ..., 1) that holds `scalar`."""
    kind = tensor_type((1,) * rank, scalar.type)
    return rewriter.value(tensor.FromElementsOp, (scalar,), kind)


def same_size(a: Size, b: Size) -> bool:
    """Whether two sizes are known to be equal: the same int or value, or the same dim of the same tensor."""
    if a is b or isinstance(a, int) or isinstance(b, int):
        return a == b
    left, right = a.owner, b.owner
    return (
        isinstance(left, tensor.DimOp)
        and isinstance(right, tensor.DimOp)
        and left.operands[0] is right.operands[0]
        and builders.constant_int(left.operands[1]) == builders.constant_int(right.operands[1])
    )


def fit(rewriter: Rewriter, value: SSAValue, kind: TensorType[Any]) -> SSAValue:
    """`value`, cast where its type knows more or less of the shape than `kind`."""
    return value if value.type == kind else rewriter.value(tensor.CastOp, (value,), kind)


def extract_slice(
    rewriter: Rewriter,
    source: SSAValue,
    offsets: Sequence[Size],
    sizes: Sequence[Size],
    strides: Sequence[int] | None = None,
    dropped: frozenset[int] = frozenset(),
) -> SSAValue:
    """`tensor.extract_slice`; the axes in `dropped` have size 1 and are left out of the result."""
    strides = strides or (1,) * len(offsets)
    kept = [size for axis, size in enumerate(sizes) if axis not in dropped]
    shape = split_sizes(kept)[0]
    if 0 in shape:  # upstream refuses a slice of an empty tensor
        return empty(rewriter, kept, element_of(source))
    operands, properties = _slice_operands((source,), offsets, sizes, strides)
    return rewriter.value(
        tensor.ExtractSliceOp, operands, tensor_type(shape, element_of(source)), properties
    )


def insert_slice(
    rewriter: Rewriter,
    source: SSAValue,
    target: SSAValue,
    offsets: Sequence[Size],
    sizes: Sequence[Size],
    strides: Sequence[int] | None = None,
) -> SSAValue:
    """`tensor.insert_slice`; `source` may lack axes of size 1."""
    strides = strides or (1,) * len(offsets)
    if 0 in split_sizes(sizes)[0]:  # upstream refuses a slice of an empty tensor
        return target
    operands, properties = _slice_operands((source, target), offsets, sizes, strides)
    return rewriter.value(tensor.InsertSliceOp, operands, target.type, properties)


def _slice_operands(
    tensors: tuple[SSAValue, ...],
    offsets: Sequence[Size],
    sizes: Sequence[Size],
    strides: Sequence[int],
) -> tuple[tuple[SSAValue, ...], dict[str, Attribute]]:
    static_offsets, dynamic_offsets = split_sizes(offsets)
    static_sizes, dynamic_sizes = split_sizes(sizes)
    return (*tensors, *dynamic_offsets, *dynamic_sizes), {
        "static_offsets": builders.dense_i64(static_offsets),
        "static_sizes": builders.dense_i64(static_sizes),
        "static_strides": builders.dense_i64(tuple(strides)),
        "operandSegmentSizes": builders.segments(
            *(1 for _ in tensors), len(dynamic_offsets), len(dynamic_sizes), 0
        ),
    }


Groups = Sequence[Sequence[int]]
"""Reassociation: for each dim of the shorter shape, the dims of the longer one."""


def collapse_shape(rewriter: Rewriter, source: SSAValue, groups: Groups) -> SSAValue:
    """`tensor.collapse_shape`."""
    shape = shape_of(source)
    result: list[int] = []
    for group in groups:
        size = 1
        for axis in group:
            size = DYNAMIC_INDEX if DYNAMIC_INDEX in (size, shape[axis]) else size * shape[axis]
        result.append(size)
    kind = tensor_type(tuple(result), element_of(source))
    return rewriter.value(
        tensor.CollapseShapeOp, (source,), kind, {"reassociation": _reassociation(groups)}
    )


def expand_shape(
    rewriter: Rewriter, source: SSAValue, groups: Groups, sizes: Sequence[Size]
) -> SSAValue:
    """`tensor.expand_shape` to mixed sizes."""
    static, dynamic = split_sizes(sizes)
    return rewriter.value(
        tensor.ExpandShapeOp,
        (source, *dynamic),
        tensor_type(static, element_of(source)),
        {
            "reassociation": _reassociation(groups),
            "static_output_shape": builders.dense_i64(static),
        },
    )


def _reassociation(groups: Groups) -> ArrayAttr[Any]:
    return ArrayAttr(
        [ArrayAttr([builders.integer_attr(axis, i64) for axis in group]) for group in groups]
    )
