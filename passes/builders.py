"""Constructors for the upstream ops that passes emit most, with cached types and attributes.

Every function takes the `Rewriter` first and inserts at its insertion point. Nothing is verified:
the caller gives operands of the right types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias, cast

from tfc.passes.rewriting import Rewriter, append, new_op
from xdsl.dialects import (
    arith,
    linalg,  # noqa: F401  # pyright: ignore[reportUnusedImport]
    memref,
    scf,
    tensor,
)
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    AnyFloat,
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntAttr,
    IntegerAttr,
    IntegerType,
    MemRefType,
    StridedLayoutAttr,
    TensorType,
    VectorType,
    i64,
)
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.linalg.ops import FillOp, GenericOp, YieldOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)

INDEX = IndexType()
I1 = IntegerType(1)
I32 = IntegerType(32)
I64 = i64
PARALLEL = IteratorTypeAttr.parallel()
REDUCTION = IteratorTypeAttr.reduction()
ALIGNMENT = IntegerAttr(64, i64)
"""Alignment of everything that compiled code allocates."""

# -- cached attributes --------------------------------------------------------------------------


@lru_cache(4096)
def integer_attr(value: int, type: IntegerType | IndexType) -> IntegerAttr:
    """`value : type`."""
    return IntegerAttr(value, type)


@lru_cache(4096)
def dense_i64(values: tuple[int, ...]) -> DenseArrayBase[IntegerType]:
    """`array<i64: values>`, as offsets, sizes, strides and segment sizes want it."""
    return DenseArrayBase.from_list(i64, values)


@lru_cache(1024)
def segments(*sizes: int) -> DenseArrayBase[IntegerType]:
    """The `operandSegmentSizes` property."""
    return DenseArrayBase.from_list(IntegerType(32), sizes)


@lru_cache(1024)
def tensor_type(shape: tuple[int, ...], element: Attribute) -> TensorType:
    """`tensor<shape x element>`; `DYNAMIC_INDEX` is `?`."""
    return TensorType(element, shape)


@lru_cache(1024)
def memref_type(shape: tuple[int, ...], element: Attribute) -> MemRefType:
    """`memref<shape x element>` with identity layout; `DYNAMIC_INDEX` is `?`."""
    return MemRefType(element, shape)


@lru_cache(1024)
def vector_type(element: Attribute, *shape: int) -> VectorType[Attribute]:
    """`vector<shape x element>`."""
    return VectorType(element, shape)


@lru_cache(1024)
def strided_memref_type(
    shape: tuple[int, ...],
    element: Attribute,
    strides: tuple[int | None, ...],
    offset: int | None,
) -> MemRefType:
    """`memref<shape x element, strided<strides, offset>>`; None is `?`."""
    return MemRefType(element, shape, StridedLayoutAttr(strides, offset))


@lru_cache(256)
def identity_map(rank: int) -> AffineMapAttr:
    """`affine_map<(d0, ...) -> (d0, ...)>`."""
    return AffineMapAttr(AffineMap.identity(rank))


@lru_cache(1024)
def map_attr(map: AffineMap) -> AffineMapAttr:
    """The attribute of an affine map."""
    return AffineMapAttr(map)


_MAPS: dict[tuple[int, ...], ArrayAttr[AffineMapAttr]] = {}
_MOST_MAPS = 4096


def array_of_maps(maps: Sequence[AffineMapAttr]) -> ArrayAttr[AffineMapAttr]:
    """The indexing maps of a structured op; one attribute for the same maps, told by identity: hashing is slow."""
    key = tuple(map(id, maps))
    found = _MAPS.get(key)
    if found is None:
        if len(_MAPS) >= _MOST_MAPS:
            _MAPS.clear()
        found = _MAPS[key] = ArrayAttr(
            maps
        )  # keeps them, so that no other map gets their identities
    return found


@lru_cache(256)
def parallel_iterators(count: int) -> ArrayAttr[IteratorTypeAttr]:
    """The iterator types of a purely parallel op with `count` loops."""
    return ArrayAttr([PARALLEL] * count)


# -- arith --------------------------------------------------------------------------------------


def constant(
    rewriter: Rewriter, value: float | bool, type: Attribute
) -> SSAValue:  # bool and int are floats to the type checker
    """`arith.constant value : type` for an integer, index or float type."""
    attr: Attribute
    if isinstance(type, IntegerType | IndexType):
        attr = integer_attr(int(value), type)
    else:
        attr = FloatAttr(float(value), cast(AnyFloat, type))
    return rewriter.value(arith.ConstantOp, (), type, {"value": attr})


def index_constant(rewriter: Rewriter, value: int) -> SSAValue:
    """`arith.constant value : index`."""
    result = rewriter.value(arith.ConstantOp, (), INDEX, {"value": integer_attr(value, INDEX)})
    if value >= 0:
        # The setter would look for a number to cut off.
        result._name = f"c{value}"  # pyright: ignore[reportPrivateUsage]
    return result


def splat_element(rewriter: Rewriter, splat: DenseIntOrFPElementsAttr) -> SSAValue:
    """The scalar that all elements of a dense constant are, as an `arith.constant`."""
    element = next(iter(splat.iter_attrs()))
    return rewriter.value(arith.ConstantOp, (), element.get_type(), {"value": element})


def constant_int(value: SSAValue) -> int | None:
    """The integer that a value is known to be, or None."""
    op = value.owner
    if isinstance(op, arith.ConstantOp):
        attr = op.properties["value"]
        if isinstance(attr, IntegerAttr):
            return attr.value.data
    return None


def addi(rewriter: Rewriter, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """`arith.addi`, folded where an operand is a constant zero or both are constants."""
    a, b = constant_int(lhs), constant_int(rhs)
    if a == 0:
        return rhs
    if b == 0:
        return lhs
    if a is not None and b is not None and isinstance(lhs.type, IndexType):
        return index_constant(rewriter, a + b)
    return rewriter.value(arith.AddiOp, (lhs, rhs), lhs.type)


def subi(rewriter: Rewriter, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """`arith.subi`, folded where the right operand is zero or both are constants."""
    a, b = constant_int(lhs), constant_int(rhs)
    if b == 0:
        return lhs
    if a is not None and b is not None and isinstance(lhs.type, IndexType):
        return index_constant(rewriter, a - b)
    return rewriter.value(arith.SubiOp, (lhs, rhs), lhs.type)


def muli(rewriter: Rewriter, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """`arith.muli`, folded where an operand is one or both are constants."""
    a, b = constant_int(lhs), constant_int(rhs)
    if a == 1:
        return rhs
    if b == 1:
        return lhs
    if a is not None and b is not None and isinstance(lhs.type, IndexType):
        return index_constant(rewriter, a * b)
    return rewriter.value(arith.MuliOp, (lhs, rhs), lhs.type)


def affine_value(
    rewriter: Rewriter,
    expr: AffineExpr,
    dim: Callable[[int], SSAValue],
    constant: Callable[[int], SSAValue],
) -> SSAValue:
    """The value of an affine expression; `dim` and `constant` give those of its leaves. What is divided is never negative."""
    if isinstance(expr, AffineDimExpr):
        return dim(expr.position)
    if isinstance(expr, AffineConstantExpr):
        return constant(expr.value)
    assert isinstance(expr, AffineBinaryOpExpr)  # indexing maps have no symbols
    lhs = affine_value(rewriter, expr.lhs, dim, constant)
    rhs = affine_value(rewriter, expr.rhs, dim, constant)
    match expr.kind:
        case AffineBinaryOpKind.Add:
            return addi(rewriter, lhs, rhs)
        case AffineBinaryOpKind.Mul:
            return muli(rewriter, lhs, rhs)
        case AffineBinaryOpKind.FloorDiv:
            return rewriter.value(arith.DivUIOp, (lhs, rhs), INDEX)
        case AffineBinaryOpKind.Mod:
            return rewriter.value(arith.RemUIOp, (lhs, rhs), INDEX)
        case AffineBinaryOpKind.CeilDiv:
            return rewriter.value(arith.CeilDivUIOp, (lhs, rhs), INDEX)


def compare(rewriter: Rewriter, predicate: str, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """`arith.cmpi predicate`, with the predicate by name: eq ne slt sle sgt sge ult ule ugt uge; folded on constants."""
    a, b = constant_int(lhs), constant_int(rhs)
    if a is not None and b is not None:
        return constant(rewriter, _holds(predicate, a, b, lhs.type), I1)
    number = arith.CMPI_COMPARISON_OPERATIONS.index(predicate)
    return rewriter.value(arith.CmpiOp, (lhs, rhs), I1, {"predicate": integer_attr(number, i64)})


def _holds(predicate: str, a: int, b: int, type: Attribute) -> bool:
    if predicate[0] == "u":
        bits = type.width.data if isinstance(type, IntegerType) else 64
        a, b = a % (1 << bits), b % (1 << bits)
    compared = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}
    return compared[predicate[-2:]]


# -- memref and tensor --------------------------------------------------------------------------


def load(rewriter: Rewriter, buffer: SSAValue, indices: Sequence[SSAValue]) -> SSAValue:
    """`memref.load`."""
    element = buffer.type.element_type  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    return rewriter.value(memref.LoadOp, (buffer, *indices), element)  # pyright: ignore[reportUnknownArgumentType]


def store(
    rewriter: Rewriter, value: SSAValue, buffer: SSAValue, indices: Sequence[SSAValue]
) -> None:
    """`memref.store`."""
    rewriter.create(memref.StoreOp, (value, buffer, *indices))


def alloc(rewriter: Rewriter, type: MemRefType, dynamic_sizes: Sequence[SSAValue] = ()) -> SSAValue:
    """`memref.alloc`, aligned to 64 bytes."""
    properties = {"operandSegmentSizes": segments(len(dynamic_sizes), 0), "alignment": ALIGNMENT}
    return rewriter.value(memref.AllocOp, dynamic_sizes, type, properties)


def dim(rewriter: Rewriter, source: SSAValue, axis: int) -> SSAValue:
    """The size of one dimension of a tensor or memref: a constant when it is static."""
    type = source.type
    assert isinstance(type, TensorType | MemRefType)
    size = type.shape.data[axis].data
    if size != DYNAMIC_INDEX:
        return index_constant(rewriter, size)
    cls = tensor.DimOp if isinstance(type, TensorType) else memref.DimOp
    return rewriter.value(cls, (source, index_constant(rewriter, axis)), INDEX)


def empty(rewriter: Rewriter, type: TensorType, dynamic_sizes: Sequence[SSAValue] = ()) -> SSAValue:
    """`tensor.empty`."""
    return rewriter.value(tensor.EmptyOp, dynamic_sizes, type)


Ranges: TypeAlias = Mapping[int, tuple[SSAValue, int]]
"""For some axes, where a part of them begins and how long it is."""


def extract_at(
    rewriter: Rewriter,
    value: SSAValue,
    fixed: Mapping[int, SSAValue | int],
    ranges: Ranges = MappingProxyType({}),
) -> SSAValue:
    """`tensor.extract_slice`: what is at the given indices of some axes, without these axes, and in ranges of others."""
    sizes, offsets, properties = _slice(rewriter, value, fixed, ranges, 1)
    kept = [
        ranges[axis][1] if axis in ranges else size.data
        for axis, size in enumerate(_shape(value))
        if axis not in fixed
    ]
    result = tensor_type(tuple(kept), element_type(value.type))
    return rewriter.value(tensor.ExtractSliceOp, (value, *offsets, *sizes), result, properties)


def insert_at(
    rewriter: Rewriter,
    part: SSAValue,
    whole: SSAValue,
    fixed: Mapping[int, SSAValue | int],
    ranges: Ranges = MappingProxyType({}),
) -> SSAValue:
    """`tensor.insert_slice`: `whole` with `part` where `extract_at` would find it."""
    sizes, offsets, properties = _slice(rewriter, whole, fixed, ranges, 2)
    operands = (part, whole, *offsets, *sizes)
    return rewriter.value(tensor.InsertSliceOp, operands, whole.type, properties)


def _shape(value: SSAValue) -> tuple[IntAttr, ...]:
    return cast("TensorType[Attribute]", value.type).shape.data


def _slice(
    rewriter: Rewriter,
    value: SSAValue,
    fixed: Mapping[int, SSAValue | int],
    ranges: Ranges,
    leading: int,
) -> tuple[list[SSAValue], list[SSAValue], dict[str, Attribute]]:
    """Sizes and offsets that are values, and the properties of a slice op with `leading` operands before them."""
    shape = [size.data for size in _shape(value)]
    for axis, (_, length) in ranges.items():
        shape[axis] = length
    begins = {axis: start for axis, (start, _) in ranges.items()} | dict(fixed)
    unknown = [a for a, size in enumerate(shape) if size == DYNAMIC_INDEX and a not in fixed]
    sizes = [dim(rewriter, value, axis) for axis in unknown]
    starts = [begins.get(axis, 0) for axis in range(len(shape))]
    offsets = [start for start in starts if isinstance(start, SSAValue)]
    static = tuple(DYNAMIC_INDEX if isinstance(start, SSAValue) else start for start in starts)
    extents = tuple(1 if axis in fixed else size for axis, size in enumerate(shape))
    return (
        sizes,
        offsets,
        {
            "static_offsets": dense_i64(static),
            "static_sizes": dense_i64(extents),
            "static_strides": dense_i64((1,) * len(shape)),
            "operandSegmentSizes": segments(*(1,) * leading, len(offsets), len(sizes), 0),
        },
    )


# -- structured ---------------------------------------------------------------------------------


def fill(rewriter: Rewriter, scalar: SSAValue, target: SSAValue) -> SSAValue:
    """`linalg.fill`: gives the filled tensor; a buffer is filled in place."""
    block = Block(arg_types=[scalar.type, scalar.type])
    append(new_op(YieldOp, (block.args[0],), location=rewriter.location), block)
    results = (target.type,) if isinstance(target.type, TensorType) else ()
    properties = {"operandSegmentSizes": segments(1, 1)}
    region = Region(block)
    op = rewriter.create(FillOp, (scalar, target), results, properties, regions=(region,))
    return op.results[0] if results else target


def generic(
    rewriter: Rewriter,
    inputs: Sequence[SSAValue],
    outputs: Sequence[SSAValue],
    maps: Sequence[AffineMapAttr],
    iterators: ArrayAttr[IteratorTypeAttr],
    *,
    body: Callable[[Rewriter, tuple[SSAValue, ...]], Sequence[SSAValue]],
) -> Operation:
    """`linalg.generic` whose scalar body is built by `body(rewriter, arguments)`.

    On tensors its results have the types of `outputs`; on memrefs it has none.
    """
    operands = (*inputs, *outputs)
    block = Block(arg_types=[element_type(value.type) for value in operands])
    point = rewriter.point()
    rewriter.at_end(block)
    rewriter.create(YieldOp, body(rewriter, block.args))
    rewriter.restore(point)
    on_tensors = outputs and isinstance(outputs[0].type, TensorType)
    return rewriter.create(
        GenericOp,
        operands,
        [value.type for value in outputs] if on_tensors else (),
        {
            "indexing_maps": array_of_maps(maps),
            "iterator_types": iterators,
            "operandSegmentSizes": segments(len(inputs), len(outputs)),
        },
        regions=(Region(block),),
    )


def element_type(type: Attribute) -> Attribute:
    """The element type of a tensor or memref; a scalar type is its own."""
    return type.element_type if isinstance(type, TensorType | MemRefType) else type


def for_loop(
    rewriter: Rewriter,
    lower: SSAValue,
    upper: SSAValue,
    step: SSAValue,
    carried: Sequence[SSAValue] = (),
) -> tuple[scf.ForOp, Block]:
    """`scf.for` with an empty body; the caller fills the block and ends it with `scf.yield`."""
    types = [value.type for value in carried]
    block = Block(arg_types=[lower.type, *types])
    loop = rewriter.create(
        scf.ForOp, (lower, upper, step, *carried), types, regions=(Region(block),)
    )
    return loop, block


def counted_loop(
    rewriter: Rewriter,
    lower: SSAValue,
    upper: SSAValue,
    step: SSAValue,
    body: Callable[[SSAValue], None],
) -> None:
    """`scf.for` that carries nothing around what `body` emits for the counter; the rewriter goes on behind it."""
    _, block = for_loop(rewriter, lower, upper, step)
    behind = rewriter.point()
    rewriter.at_end(block)
    body(block.args[0])
    rewriter.create(scf.YieldOp)
    rewriter.restore(behind)


def if_else(
    rewriter: Rewriter, condition: SSAValue, result_types: Sequence[Attribute] = ()
) -> tuple[Block, Block]:
    """`scf.if` without results and with two empty arms, or with results and unfinished arms."""
    arms = (Block(), Block())
    rewriter.create(
        scf.IfOp, (condition,), result_types, regions=(Region(arms[0]), Region(arms[1]))
    )
    if not result_types:
        for arm in arms:
            append(new_op(scf.YieldOp, location=rewriter.location), arm)
    return arms
