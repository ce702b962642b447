"""Reading what was just made, sizes, and casts of tensors and memrefs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tfc.dialects.tfc.attributes import is_splat
from tfc.passes import builders
from tfc.passes.builders import constant_int, index_constant
from tfc.passes.rewriting import Pattern, Rewriter
from tfc.passes.structured import (
    CHEAP,
    Structured,
    body_cost,
    is_permutation,
    output_count,
)
from xdsl.dialects import arith, memref, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseIntOrFPElementsAttr,
    MemRefType,
    TensorType,
)
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp, YieldOp
from xdsl.ir import Operation, OpResult, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr


def extract(op: Operation, rewriter: Rewriter) -> bool:
    """An element of a constant, of `tensor.from_elements` or of `linalg.fill`; through `tensor.cast`."""
    source, *indices = op.operands
    owner = source.owner
    if isinstance(owner, tensor.CastOp):
        inner = owner.operands[0]
        rewriter.before(op)
        rewriter.replace(
            op, rewriter.value(tensor.ExtractOp, (inner, *indices), op.results[0].type)
        )
        return True
    if isinstance(owner, arith.ConstantOp):
        attr = owner.properties["value"]
        position = _linear(source, indices)
        if isinstance(attr, DenseIntOrFPElementsAttr) and is_splat(attr):
            position = 0
        if position is None or not isinstance(attr, DenseIntOrFPElementsAttr):
            return False
        element = attr.get_attrs()[position]
        rewriter.before(op)
        new = rewriter.value(arith.ConstantOp, (), op.results[0].type, {"value": element})
        rewriter.replace(op, new)
        return True
    if isinstance(owner, tensor.FromElementsOp):
        position = _linear(source, indices)
        if position is not None:
            rewriter.replace(op, owner.operands[position])
            return True
    if isinstance(owner, FillOp) or (
        isinstance(owner, tensor.InsertOp) and list(owner.operands[2:]) == indices
    ):
        rewriter.replace(op, owner.operands[0])
        return True
    return False


def extract_of_insert(op: Operation, rewriter: Rewriter) -> bool:
    """An element of what was put together, where it surely is in a piece, or surely is not."""
    source, *indices = op.operands
    owner = source.owner
    place = _place(owner) if isinstance(owner, tensor.InsertSliceOp) else None
    if place is None or not isinstance(owner, tensor.InsertSliceOp):
        return False
    inside = True
    at: SSAValue = owner.operands[0]
    for size, (begin, end), index in zip(shape(source), place, indices, strict=True):
        known = constant_int(index)
        if known is not None and not begin <= known < end:
            inside, at = True, owner.operands[1]
            break
        inside = inside and (known is not None or (begin, end) == (0, size))
    if not inside:
        return False
    rewriter.before(op)
    if at is owner.operands[0]:
        lengths = [end - begin for begin, end in place]
        kept = _kept_axes(lengths, len(shape(at)))
        if kept is None:
            return False
        begins = [index_constant(rewriter, place[axis][0]) for axis in kept]
        pairs = zip(kept, begins, strict=True)
        indices = [builders.subi(rewriter, indices[axis], begin) for axis, begin in pairs]
    rewriter.replace(op, rewriter.value(tensor.ExtractOp, (at, *indices), op.results[0].type))
    return True


def _kept_axes(sizes: Sequence[int], rank: int) -> list[int] | None:
    """The axes of a slice that its value of this rank has; None where that may be one or the other axis of size 1."""
    if rank == len(sizes):
        return list(range(rank))
    kept = [axis for axis, size in enumerate(sizes) if size != 1]
    return kept if len(kept) == rank else None


def extract_of_elementwise(op: Operation, rewriter: Rewriter) -> bool:
    """An element of what costs next to nothing to compute from another one, or from its place: a cast, a copy, a range."""
    source, *indices = op.operands
    owner = source.owner
    if not isinstance(owner, GenericOp) or len(owner.results) != 1:
        return False
    view = Structured(owner)
    (written,), body = view.output_maps, view.block.ops
    if (
        len(view.inputs) > 1
        or not view.is_elementwise
        or not is_permutation(written)
        or body_cost(body) > CHEAP
        or any(inner.regions for inner in body)
    ):
        return False
    loops = {
        cast(AffineDimExpr, expr).position: index
        for expr, index in zip(written.results, indices, strict=True)
    }
    reads = [expr for map in view.input_maps for expr in map.results]
    if not all(isinstance(expr, AffineDimExpr | AffineConstantExpr) for expr in reads):
        return False
    rewriter.before(op)
    mapping: dict[SSAValue, SSAValue] = {}
    for value, argument in zip(view.inputs, view.block.args, strict=False):
        places = [
            loops[expr.position]
            if isinstance(expr, AffineDimExpr)
            else index_constant(rewriter, cast(AffineConstantExpr, expr).value)
            for expr in reads
        ]
        kind = builders.element_type(value.type)
        mapping[argument] = rewriter.value(tensor.ExtractOp, (value, *places), kind)
    for inner in body:
        if isinstance(inner, YieldOp):
            rewriter.replace(op, mapping.get(inner.operands[0], inner.operands[0]))
        elif isinstance(inner, IndexOp):
            mapping[inner.results[0]] = loops[inner.dim.value.data]
        else:
            rewriter.insert(inner.clone(mapping))
    return True


def _linear(source: SSAValue, indices: list[SSAValue]) -> int | None:
    """The row-major position of an element, when all indices are known and inside."""
    position = 0
    for size, index in zip(shape(source), indices, strict=True):
        known = constant_int(index)
        if known is None or size == DYNAMIC_INDEX or not 0 <= known < size:
            return None
        position = position * size + known
    return position


def shape(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor or memref value."""
    return tuple(size.data for size in cast("TensorType[Any]", value.type).shape.data)


def from_elements(op: Operation, rewriter: Rewriter) -> bool:
    """`from_elements(extract %x[])` of rank 0 -> `%x`."""
    if len(op.operands) != 1:
        return False
    owner = op.operands[0].owner
    if (
        isinstance(owner, tensor.ExtractOp)
        and len(owner.operands) == 1
        and owner.operands[0].type == op.results[0].type
    ):
        rewriter.replace(op, owner.operands[0])
        return True
    return False


def dim(op: Operation, rewriter: Rewriter) -> bool:
    """A size that is in the type, or that the op which made the tensor was given."""
    source, index = op.operands
    axis = constant_int(index)
    if axis is None or not isinstance(source.type, TensorType | MemRefType):
        return False
    sizes = shape(source)
    if not 0 <= axis < len(sizes):
        return False
    rewriter.before(op)
    if sizes[axis] != DYNAMIC_INDEX:
        rewriter.replace(op, index_constant(rewriter, sizes[axis]))
        return True
    value = _known_size(source, axis)
    if value is not None:
        rewriter.replace(op, value)
        return True
    origin = _same_shape(source)
    if origin is None:
        return False
    rewriter.replace(op, builders.dim(rewriter, origin, axis))
    return True


def _known_size(source: SSAValue, axis: int) -> SSAValue | None:
    """The value that an op was given as the size of a dynamic dimension."""
    owner = source.owner
    if isinstance(owner, tensor.EmptyOp | memref.AllocOp | memref.AllocaOp):
        return owner.operands[_dynamic_before(shape(source), axis)]
    if isinstance(owner, tensor.ExpandShapeOp):
        sizes = cast(Any, owner.properties["static_output_shape"]).get_values()
        return owner.operands[1 + _dynamic_before(sizes, axis)]
    if isinstance(owner, tensor.ExtractSliceOp):
        sizes = cast(Any, owner.properties["static_sizes"]).get_values()
        if len(sizes) != len(shape(source)):
            return None  # a rank-reducing slice: which axis is which is another question
        offsets = cast(Any, owner.properties["static_offsets"]).get_values()
        first = 1 + sum(1 for value in offsets if value == DYNAMIC_INDEX)
        return owner.operands[first + _dynamic_before(sizes, axis)]
    return None


def _dynamic_before(sizes: tuple[int, ...], axis: int) -> int:
    return sum(1 for size in sizes[:axis] if size == DYNAMIC_INDEX)


def _same_shape(source: SSAValue) -> SSAValue | None:
    """An older tensor that is known to have the same shape."""
    owner = source.owner
    if not isinstance(source, OpResult) or not isinstance(owner, Operation):
        return None
    if isinstance(owner, LinalgStructuredOperation):
        return owner.operands[len(owner.operands) - output_count(owner) + source.index]
    if isinstance(owner, tensor.InsertOp | tensor.InsertSliceOp):
        return owner.operands[1]
    if isinstance(owner, tensor.CastOp | memref.CastOp):
        return owner.operands[0]
    return None


def cast_(op: Operation, rewriter: Rewriter) -> bool:
    """A cast to the same type goes; of two casts in a row only the second stays."""
    source = op.operands[0]
    if source.type == op.results[0].type:
        rewriter.replace(op, source)
        return True
    owner = source.owner
    if isinstance(owner, Operation) and type(owner) is type(op):
        inner = owner.operands[0]
        if any(
            a != b and DYNAMIC_INDEX not in (a, b)
            for a, b in zip(shape(inner), shape(op.results[0]), strict=True)
        ):
            return False  # a cast that can only fail
        rewriter.before(op)
        if inner.type == op.results[0].type:
            rewriter.replace(op, inner)
        else:
            rewriter.replace(op, rewriter.value(type(op), (inner,), op.results[0].type))
        return True
    return False


def reshape_pair(op: Operation, rewriter: Rewriter) -> bool:
    """An expansion that undoes a collapse, or the other way round; a reshape to the same type."""
    source = op.operands[0]
    type = op.results[0].type
    if source.type == type and DYNAMIC_INDEX not in shape(source):
        rewriter.replace(op, source)
        return True
    owner = source.owner
    if isinstance(owner, tensor.CollapseShapeOp | tensor.ExpandShapeOp | tensor.ReshapeOp):
        inner = owner.operands[0]
        if inner.type == type and DYNAMIC_INDEX not in shape(inner):
            rewriter.replace(op, inner)
            return True
    return False


def whole_slice(op: Operation, rewriter: Rewriter) -> bool:
    """A slice of a whole tensor of static shape, or one put over such a tensor -> its source."""
    source = op.operands[0]
    if source.type != op.results[0].type or DYNAMIC_INDEX in shape(source):
        return False
    steps = cast(Any, op.properties["static_strides"]).get_values()
    if any(step != 1 for step in steps):
        return False
    rewriter.replace(op, source)
    return True


def slice_of_elements(op: Operation, rewriter: Rewriter) -> bool:
    """One element of `tensor.from_elements`, as a tensor."""
    owner = op.operands[0].owner
    result = op.results[0].type
    if not isinstance(owner, tensor.FromElementsOp) or len(shape(op.operands[0])) != 1:
        return False
    offset, size = (
        cast(Any, op.properties[name]).get_values()[0]
        for name in ("static_offsets", "static_sizes")
    )
    if size != 1 or not 0 <= offset < len(owner.operands):
        return False
    rewriter.before(op)
    rewriter.replace(op, rewriter.value(tensor.FromElementsOp, (owner.operands[offset],), result))
    return True


def slice_of_insert(op: Operation, rewriter: Rewriter) -> bool:
    """A slice of what was put together, where it is one of the pieces."""
    place = _place(op)
    owner = op.operands[0].owner
    while place is not None and isinstance(owner, tensor.InsertSliceOp):
        other = _place(owner)
        if other == place and owner.operands[0].type == op.results[0].type:
            rewriter.replace(op, owner.operands[0])
            return True
        if other is None or not _are_apart(place, other):
            return False
        owner = owner.operands[1].owner
    return False


def _place(op: Operation) -> tuple[tuple[int, int], ...] | None:
    """Where a slice begins and ends along each axis, if that is known and it has no gaps."""
    starts, sizes, steps = (
        cast(Any, op.properties[name]).get_values()
        for name in ("static_offsets", "static_sizes", "static_strides")
    )
    if DYNAMIC_INDEX in (*starts, *sizes) or any(step != 1 for step in steps):
        return None
    return tuple((start, start + size) for start, size in zip(starts, sizes, strict=True))


def _are_apart(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> bool:
    """Whether two slices of a tensor have no element in common."""
    return any(
        end <= begin or stop <= start for (start, end), (begin, stop) in zip(a, b, strict=True)
    )


PATTERNS: dict[type[Operation], tuple[Pattern, ...]] = {
    tensor.ExtractOp: (extract, extract_of_insert, extract_of_elementwise),
    tensor.FromElementsOp: (from_elements,),
    tensor.DimOp: (dim,),
    tensor.CastOp: (cast_,),
    tensor.CollapseShapeOp: (reshape_pair,),
    tensor.ExpandShapeOp: (reshape_pair,),
    tensor.ReshapeOp: (reshape_pair,),
    tensor.InsertSliceOp: (whole_slice,),
    tensor.ExtractSliceOp: (whole_slice, slice_of_elements, slice_of_insert),
    memref.DimOp: (dim,),
    memref.CastOp: (cast_,),
}
