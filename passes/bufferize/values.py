"""How the ops on tensor values are rewritten: structured ops, and `tensor.*`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tfc.passes import builders
from tfc.passes.bufferize.buffers import (
    Buffer,
    Place,
    Undefined,
    buffer_type,
    is_contiguous,
    shape_of,
)
from tfc.passes.bufferize.state import ReshapedSlot, State
from tfc.passes.builders import INDEX, dense_i64, segments
from tfc.passes.rewriting import new_op
from tfc.passes.structured import indexing_maps, output_count, reads_output
from xdsl.dialects import arith, bufferization, memref, scf, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseIntOrFPElementsAttr,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    TensorType,
)
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.utils.exceptions import PassFailedException

# -- structured ops -----------------------------------------------------------------------------


def structured(state: State, op: Operation) -> None:
    """A `linalg` op: the same op on memrefs, without results."""
    assert isinstance(op, LinalgStructuredOperation)
    outputs = output_count(op)
    first = len(op.operands) - outputs
    maps = indexing_maps(op)
    captures = _captured(op)
    reads: list[tuple[SSAValue, AffineMap | None]] = [
        (value, maps[i])
        for i, value in enumerate(op.operands)
        if isinstance(value.type, TensorType) and (i < first or reads_output(op, i - first))
    ]
    reads += [(value, None) for value in captures]
    chosen: list[Place] = []
    for index in range(outputs):
        chosen.append(_output_place(state, op, index, first, maps, reads, chosen))
    _rewrite_captures(state, op, captures)
    operands = [
        state.memref(v) if isinstance(v.type, TensorType) else v for v in op.operands[:first]
    ]
    operands += [place.memref for place in chosen]
    region = op.detach_region(0)
    state.rewriter.insert(
        new_op(
            type(op),
            operands,
            (),
            dict(op.properties),
            attributes=op.attributes,
            regions=(region,),
            location=op.location,
        )
    )
    for result, place in zip(op.results, chosen, strict=True):
        state.write(result, place)


def _output_place(
    state: State,
    op: Operation,
    index: int,
    first: int,
    maps: Sequence[AffineMap],
    reads: Sequence[tuple[SSAValue, AffineMap | None]],
    chosen: Sequence[Place],
) -> Place:
    out_map = maps[first + index]
    init = op.operands[first + index]
    in_order = _is_permutation(out_map)

    def fits(place: Place) -> bool:
        if any(place.buffer is other.buffer for other in chosen):
            return False
        for value, map in reads:
            if value is init and map == out_map:
                continue
            read = state.places[value]
            if isinstance(read, Place) and read.buffer is place.buffer:
                # Element by element in the same order is the only reading that may go on.
                same = read.memref is place.memref or (
                    read.type == place.type and is_contiguous(read.type)
                )
                if not (same and in_order and map == out_map):
                    return False
        return True

    reusable = [
        place
        for value, map in reads
        if map == out_map and isinstance(place := state.places[value], Place)
    ]
    return state.destination(
        op,
        op.results[index],
        init,
        reads_init=reads_output(op, index),
        fits=fits,
        reusable=reusable if in_order else (),
    )


def _is_permutation(map: AffineMap) -> bool:
    """Whether every loop is one dimension of the operand: each element is visited once."""
    dims = {expr.position for expr in map.results if isinstance(expr, AffineDimExpr)}
    return len(dims) == map.num_dims == len(map.results)


def _captured(op: Operation) -> list[SSAValue]:
    """The tensors that the body reads by index."""
    found: dict[SSAValue, None] = {}
    for inner in op.regions[0].walk():
        for value in inner.operands:
            if isinstance(value.type, TensorType):
                found[value] = None
    return list(found)


def _rewrite_captures(state: State, op: Operation, captures: Sequence[SSAValue]) -> None:
    if not captures:
        return
    point = state.rewriter.point()
    memrefs = {value: state.memref(value) for value in captures}
    for inner in tuple(op.regions[0].walk()):
        if not inner.operands or inner.operands[0] not in memrefs:
            continue
        source = memrefs[inner.operands[0]]
        state.rewriter.before(inner)
        if isinstance(inner, tensor.ExtractOp):
            new = builders.load(state.rewriter, source, inner.operands[1:])
        elif isinstance(inner, tensor.DimOp):
            new = state.rewriter.value(memref.DimOp, (source, inner.operands[1]), INDEX)
        else:
            raise unsupported(inner)
        state.rewriter.replace(inner, new)
    state.rewriter.restore(point)


# -- elements -----------------------------------------------------------------------------------


def extract(state: State, op: Operation) -> None:
    """`tensor.extract` -> `memref.load`."""
    value = builders.load(state.rewriter, state.memref(op.operands[0]), op.operands[1:])
    state.rewriter.replace_value(op.results[0], value)


def dim(state: State, op: Operation) -> None:
    """`tensor.dim` -> `memref.dim`, or the size that is known."""
    source, axis = op.operands
    place = state.places[source]
    number = builders.constant_int(axis)
    if number is None:
        value = state.rewriter.value(memref.DimOp, (state.memref(source), axis), INDEX)
    elif isinstance(place, Undefined):
        shape = shape_of(place.type)
        unknown = sum(1 for size in shape[:number] if size == DYNAMIC_INDEX)
        if shape[number] == DYNAMIC_INDEX:
            value = place.sizes[unknown]
        else:
            value = builders.index_constant(state.rewriter, shape[number])
    else:
        value = builders.dim(state.rewriter, place.memref, number)
    state.rewriter.replace_value(op.results[0], value)


def insert(state: State, op: Operation) -> None:
    """`tensor.insert` -> `memref.store`, in place where the old tensor is dead."""
    scalar, dest, *indices = op.operands
    place = state.destination(op, op.results[0], dest, reads_init=True)
    builders.store(state.rewriter, scalar, place.memref, indices)
    state.write(op.results[0], place)


def from_elements(state: State, op: Operation) -> None:
    """`tensor.from_elements` -> one store an element."""
    type = op.results[0].type
    assert isinstance(type, TensorType)
    state.places[op.results[0]] = Undefined(type, ())
    place = state.destination(op, op.results[0], op.results[0], reads_init=False)
    shape = shape_of(type)
    for number, value in enumerate(op.operands):
        index: list[int] = []
        for size in reversed(shape):
            number, position = divmod(number, size)  # noqa: PLW2901
            index.append(position)
        indices = [builders.index_constant(state.rewriter, i) for i in reversed(index)]
        builders.store(state.rewriter, value, place.memref, indices)
    state.write(op.results[0], place)


def empty(state: State, op: Operation) -> None:
    """`tensor.empty`: memory comes with the first write."""
    type = op.results[0].type
    assert isinstance(type, TensorType)
    state.places[op.results[0]] = Undefined(type, tuple(op.operands))


def constant(state: State, op: Operation) -> None:
    """A constant tensor -> `memref.get_global`."""
    type = op.results[0].type
    attr = op.properties["value"]
    assert isinstance(type, TensorType)
    assert isinstance(attr, DenseIntOrFPElementsAttr)
    state.hold(op.results[0], state.constant(attr, type))


def select(state: State, op: Operation) -> None:
    """`arith.select` of whole tensors: a branch that copies one of them."""
    result = op.results[0]
    rewriter = state.rewriter
    condition, *choices = op.operands
    slot = state.hints.get(result)
    type = buffer_type(result.type)
    target = next(slot.candidates(op, type), None) if slot is not None else None
    target = target or state.allocate_like(type, state.places[choices[0]])
    regions = builders.if_else(rewriter, condition)
    point = rewriter.point()
    for block, choice in zip(regions, choices, strict=True):
        assert block.last_op is not None
        rewriter.before(block.last_op)
        rewriter.create(memref.CopyOp, (state.memref(choice), target.memref))
    rewriter.restore(point)
    state.write(result, target)


# -- shapes -------------------------------------------------------------------------------------


def cast_(state: State, op: Operation) -> None:
    """`tensor.cast` -> `memref.cast`."""
    source = state.contiguous(op.operands[0])
    type = buffer_type(op.results[0].type)
    memref_value = source.memref
    if source.type != type:
        memref_value = state.rewriter.value(memref.CastOp, (memref_value,), type)
    state.hold(op.results[0], Place(source.buffer, memref_value))


def collapse_shape(state: State, op: Operation) -> None:
    """`tensor.collapse_shape` -> `memref.collapse_shape`."""
    source = state.contiguous(op.operands[0])
    value = state.rewriter.value(
        memref.CollapseShapeOp,
        (source.memref,),
        buffer_type(op.results[0].type),
        {"reassociation": op.properties["reassociation"]},
    )
    state.hold(op.results[0], Place(source.buffer, value))


def expand_shape(state: State, op: Operation) -> None:
    """`tensor.expand_shape` -> `memref.expand_shape`."""
    source = state.contiguous(op.operands[0])
    value = state.rewriter.value(
        memref.ExpandShapeOp,
        (source.memref, *op.operands[1:]),
        buffer_type(op.results[0].type),
        {
            "reassociation": op.properties["reassociation"],
            "static_output_shape": op.properties["static_output_shape"],
        },
    )
    state.hold(op.results[0], Place(source.buffer, value))


def reshape(state: State, op: Operation) -> None:
    """`tensor.reshape` -> `memref.reinterpret_cast` with the sizes read from the shape."""
    source = state.contiguous(op.operands[0])
    type = buffer_type(op.results[0].type)
    shape = shape_of(type)
    sizes: list[SSAValue] = []
    for axis, size in enumerate(shape):
        if size == DYNAMIC_INDEX:
            sizes.append(_shape_element(state, op.operands[1], axis))
    value = state.reinterpret(source.memref, type, shape, sizes)
    state.hold(op.results[0], Place(source.buffer, value))


def _shape_element(state: State, shape: SSAValue, axis: int) -> SSAValue:
    if isinstance(shape.owner, tensor.FromElementsOp):
        value = shape.owner.operands[axis]
    else:
        index = builders.index_constant(state.rewriter, axis)
        value = builders.load(state.rewriter, state.memref(shape), (index,))
    if value.type == INDEX:
        return value
    return state.rewriter.value(arith.IndexCastOp, (value,), INDEX)


# -- slices -------------------------------------------------------------------------------------


def extract_slice(state: State, op: Operation) -> None:
    """`tensor.extract_slice` -> a view, or a copy when the source changes while it is needed."""
    source = state.place(op.operands[0])
    result = op.results[0]
    view = _subview(state, source.memref, op, 1, shape_of(result.type))
    if not _changes_before_last_read(state, op):
        state.hold(result, Place(source.buffer, view))
        return
    slot = state.hints.get(result)
    type = buffer_type(result.type)
    target = next(slot.candidates(op, type), None) if slot is not None else None
    if target is None:
        shown = Place(source.buffer, view)
        target = state.allocate_like(type, shown)
    state.rewriter.create(memref.CopyOp, (view, target.memref))
    state.write(result, target)


def _changes_before_last_read(state: State, op: Operation) -> bool:
    """Whether another use of the sliced tensor will want to write it while the slice lives."""
    liveness = state.liveness
    last = max((read.position for read in liveness.reads(op.results[0])), default=-1)
    return liveness.is_written_between(op.operands[0], liveness.position(op), last)


def insert_slice(state: State, op: Operation) -> None:
    """`tensor.insert_slice` -> `memref.copy` into a view of the destination."""
    source, dest = op.operands[:2]
    read = state.places[source]
    place = state.destination(op, op.results[0], dest, reads_init=True)
    slot = state.slices.get(op)
    there = slot is not None and isinstance(read, Place) and slot.holds(read, place)
    if isinstance(read, Place) and not there:
        view = _subview(state, place.memref, op, 2, shape_of(source.type))
        memref_value = read.memref
        if read.buffer is place.buffer:
            # The slices may overlap: go through a copy.
            saved = state.allocate_like(buffer_type(source.type), read)
            state.rewriter.create(memref.CopyOp, (read.memref, saved.memref))
            memref_value = saved.memref
        state.rewriter.create(memref.CopyOp, (memref_value, view))
    state.write(op.results[0], place)


@dataclass(eq=False)
class SliceSlot:
    """Where a value is wanted that is inserted into a larger tensor: in its place there."""

    state: State
    insert: Operation
    view: SSAValue | None = None
    """The view that was given out."""

    def candidates(self, op: Operation, type: MemRefType) -> Iterator[Place]:
        state, whole = self.state, self.insert.operands[1]
        dest = state.places.get(whole)
        if not isinstance(op, LinalgStructuredOperation):
            return
        if self.view is not None:  # a fill has it; `op` goes on with what is there
            if isinstance(dest, Place) and self._is_free(dest, op, updates=True):
                yield Place(dest.buffer, self.view)
            return
        if isinstance(dest, Undefined) and whole.has_one_use() and op.parent is self.insert.parent:
            dest = state.define(op, whole)
        if isinstance(dest, Place) and self._is_free(dest, op):
            self.view = _subview(state, dest.memref, self.insert, 2, shape_of(type))
            state.slices[self.insert] = self
            yield Place(dest.buffer, self.view)

    def _is_free(self, dest: Place, op: Operation, *, updates: bool = False) -> bool:
        """Whether `op` may write there already, with nobody but the insertion to look at the tensor before it does; or `op`
        itself, which `updates` what it finds there.
        """
        liveness, buffer = self.state.liveness, dest.buffer
        position = liveness.position(op)
        if op.parent is not self.insert.parent:
            return False
        if not buffer.writable or buffer.pinned_until > position:
            return False
        if not all(liveness.is_known_at(index, op) for index in self.insert.operands[2:]):
            return False
        return all(
            read.op is self.insert or read.position < position or (updates and read.op is op)
            for value in buffer.holders
            for read in liveness.reads(value)
        )

    def wants(self, buffer: Buffer) -> bool:
        return False

    def holds(self, read: Place, dest: Place) -> bool:
        """Whether the value lies in its place in `dest` already."""
        return read.memref is self.view and read.buffer is dest.buffer


def _subview(
    state: State, source: SSAValue, op: Operation, first: int, shape: tuple[int, ...]
) -> SSAValue:
    """`memref.subview` of `source` with the offsets, sizes and strides of a slicing op."""
    offsets, sizes, strides = (
        cast("tuple[int, ...]", cast(Any, op.properties[name]).get_values())
        for name in ("static_offsets", "static_sizes", "static_strides")
    )
    type = _subview_type(source.type, offsets, sizes, strides, shape)
    counts = [sum(1 for v in part if v == DYNAMIC_INDEX) for part in (offsets, sizes, strides)]
    properties = {
        "static_offsets": dense_i64(tuple(offsets)),
        "static_sizes": dense_i64(tuple(sizes)),
        "static_strides": dense_i64(tuple(strides)),
        "operandSegmentSizes": segments(1, *counts),
    }
    return state.rewriter.value(memref.SubviewOp, (source, *op.operands[first:]), type, properties)


def _subview_type(
    source: object,
    offsets: Sequence[int],
    sizes: Sequence[int],
    strides: Sequence[int],
    shape: tuple[int, ...],
) -> MemRefType:
    assert isinstance(source, MemRefType)
    base_strides, offset = _strides(source)
    known: int | None = offset
    for position, stride in zip(offsets, base_strides, strict=True):
        if position == 0:
            continue
        if known is None or position == DYNAMIC_INDEX or stride is None:
            known = None
            break
        known += position * stride
    steps = [
        None if base is None or step == DYNAMIC_INDEX else base * step
        for base, step in zip(base_strides, strides, strict=True)
    ]
    kept = _kept_axes(sizes, shape)
    return builders.strided_memref_type(
        shape, source.element_type, tuple(steps[axis] for axis in kept), known
    )


def _kept_axes(sizes: Sequence[int], shape: tuple[int, ...]) -> list[int]:
    """Which axes of a slice its (maybe rank-reduced) result keeps: size-1 axes may go."""
    kept: list[int] = []
    wanted = list(shape)
    spare = len(sizes) - len(shape)
    for axis, size in enumerate(sizes):
        if spare and size == 1 and (not wanted or wanted[0] != 1):
            spare -= 1
            continue
        kept.append(axis)
        wanted.pop(0)
    return kept


def _strides(type: MemRefType) -> tuple[list[int | None], int | None]:
    """The strides and the offset of a memref type; None where they are not known."""
    layout = type.layout
    if isinstance(layout, StridedLayoutAttr):
        strides = [None if isinstance(s, NoneAttr) else s.data for s in layout.strides.data]
        return strides, None if isinstance(layout.offset, NoneAttr) else layout.offset.data
    strides = []
    step: int | None = 1
    for size in reversed(shape_of(type)):
        strides.append(step)
        step = None if step is None or size == DYNAMIC_INDEX else step * size
    return strides[::-1], 0


# -- table --------------------------------------------------------------------------------------


def unsupported(op: Operation) -> PassFailedException:
    """The error for an op that the linalg stage does not have."""
    return PassFailedException(
        f"one-shot-bufferize: '{op.name}' on tensors is not an op of the linalg stage"
    )


def materialize(state: State, op: Operation) -> None:
    """`bufferization.materialize_in_destination`: the value goes into the destination's memory."""
    source, dest = op.operands
    if not op.results:
        state.fill_from(source, dest)
        return
    read = state.places[source]
    place = state.place(dest)
    if not (isinstance(read, Place) and read.memref is place.memref):
        if not place.buffer.can_overwrite(state.liveness, op):
            raise PassFailedException(
                "one-shot-bufferize: the destination of "
                "'bufferization.materialize_in_destination' is read again"
            )
        state.fill_from(source, place.memref)
    state.write(op.results[0], place)


VALUE_OPS: dict[type[Operation], Callable[[State, Operation], None]] = {
    tensor.ExtractOp: extract,
    tensor.DimOp: dim,
    tensor.InsertOp: insert,
    tensor.FromElementsOp: from_elements,
    tensor.EmptyOp: empty,
    tensor.CastOp: cast_,
    tensor.CollapseShapeOp: collapse_shape,
    tensor.ExpandShapeOp: expand_shape,
    tensor.ReshapeOp: reshape,
    tensor.ExtractSliceOp: extract_slice,
    tensor.InsertSliceOp: insert_slice,
    arith.ConstantOp: constant,
    arith.SelectOp: select,
    bufferization.MaterializeInDestinationOp: materialize,
}


# -- hints --------------------------------------------------------------------------------------


def spread_hint(state: State, op: Operation) -> None:
    """Pass the slots that the results of `op` are wanted in on to what they are made from."""
    if isinstance(op, LinalgStructuredOperation):
        first = len(op.operands) - output_count(op)
        for index, result in enumerate(op.results):
            slot = state.hints.get(result)
            if slot is not None and reads_output(op, index):
                state.hints.setdefault(op.operands[first + index], slot)
        return
    slot = state.hints.get(op.results[0]) if op.results else None
    if isinstance(op, tensor.InsertSliceOp):
        state.hints.setdefault(op.operands[0], SliceSlot(state, op))
    if isinstance(op, tensor.InsertOp | tensor.InsertSliceOp) and slot is not None:
        state.hints.setdefault(op.operands[1], slot)
    elif isinstance(op, tensor.CastOp) and slot is not None:
        state.hints.setdefault(op.operands[0], slot)
    elif (
        isinstance(op, tensor.CollapseShapeOp | tensor.ExpandShapeOp | tensor.ReshapeOp)
        and slot is not None
    ):
        type = buffer_type(op.results[0].type)
        state.hints.setdefault(op.operands[0], ReshapedSlot(state, slot, type))
    elif isinstance(op, scf.ForOp):
        for result, init in zip(op.results, op.operands[3:], strict=True):
            if result in state.hints:
                state.hints.setdefault(init, state.hints[result])
