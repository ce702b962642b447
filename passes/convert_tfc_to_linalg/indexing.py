"""Indexing: a gather reads at computed positions, a scatter is a loop nest that carries the destination."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import indexing as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import INDEX
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.indices import check_indices, component, position
from tfc.passes.convert_tfc_to_linalg.loops import loop_nest
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.segments import (
    Combine,
    is_worth_tables,
    neutral,
    scatter_in_tables,
)
from tfc.passes.convert_tfc_to_linalg.shape import loop_index
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    as_size,
    as_value,
    compare,
    element_of,
    empty,
    extract_slice,
    fit,
    insert_slice,
    only_element,
    same_size,
    shape_of,
    size_of,
    sizes_of,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import AffineMapAttr
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap


def _gather(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    params, indices = lowering.operands(op)
    dtype = lowering.dtype(op.operands[1])
    attributes = op.python_attributes()
    rank = len(shape_of(params))
    axis, batch, negative = (
        attributes["axis"] % rank,
        attributes["batch_dims"],
        attributes["negative"],
    )
    size = size_of(rewriter, params, axis)
    _check_batch(lowering, "gather", params, indices, batch)
    check_indices(lowering, indices, op.operands[1], size, axis, negative)
    kind = lowering.result_type(op)
    index_rank = len(shape_of(indices))
    if not index_rank and negative != "drop":
        index = position(rewriter, lowering.scalar(indices), dtype, size, negative)
        return fit(rewriter, _select_one(lowering, params, axis, as_size(index)), kind)
    source = sizes_of(rewriter, params)
    sizes = [*source[:axis], *sizes_of(rewriter, indices)[batch:], *source[axis + 1 :]]
    # Dims of the result: batch, params before the axis, indices, params after the axis.
    last = axis + index_rank - batch
    index_dims = [*range(batch), *range(axis, last)]
    output = empty(rewriter, sizes, kind.element_type)

    def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> tuple[SSAValue]:
        found = position(inner, arguments[0], dtype, size, negative)
        where = [loop_index(inner, dim) for dim in range(len(sizes))]
        if negative == "drop":
            return (_read_or_zero(inner, params, [*where[:axis], found, *where[last:]], axis),)
        operands = (params, *where[:axis], found, *where[last:])
        return (inner.value(tensor.ExtractOp, operands, kind.element_type),)

    generic = builders.generic(
        rewriter,
        [indices],
        [output],
        [_projection(len(sizes), index_dims), builders.identity_map(len(sizes))],
        builders.parallel_iterators(len(sizes)),
        body=body,
    )
    return fit(rewriter, generic.results[0], kind)


def _projection(rank: int, dims: Sequence[int]) -> AffineMapAttr:
    return AffineMapAttr(AffineMap(rank, 0, tuple(AffineDimExpr(dim) for dim in dims)))


def _read_or_zero(
    rewriter: Rewriter, params: SSAValue, where: list[SSAValue], axis: int
) -> SSAValue:
    """The element at `where`, or zero where the index along `axis` is negative."""
    zero_index = builders.index_constant(rewriter, 0)
    dropped = builders.compare(rewriter, "slt", where[axis], zero_index)
    where[axis] = rewriter.value(arith.MaxSIOp, (where[axis], zero_index), INDEX)
    element = element_of(params)
    found = rewriter.value(tensor.ExtractOp, (params, *where), element)
    zero = builders.constant(rewriter, 0, element)
    return rewriter.value(arith.SelectOp, (dropped, zero, found), element)


def _select_one(lowering: Lowering, params: SSAValue, axis: int, index: Size) -> SSAValue:
    """The entry `index` of `axis`, without that axis: a view."""
    rewriter = lowering.rewriter
    if len(shape_of(params)) == 1:
        operands = (params, as_value(rewriter, index))
        return lowering.from_scalar(rewriter.value(tensor.ExtractOp, operands, element_of(params)))
    sizes = sizes_of(rewriter, params)
    offsets: list[Size] = [0] * len(sizes)
    offsets[axis], sizes[axis] = index, 1
    return extract_slice(rewriter, params, offsets, sizes, dropped=frozenset((axis,)))


def _check_batch(
    lowering: Lowering, op: str, x: SSAValue, indices: SSAValue, batch_dims: int
) -> None:
    """Fail at run time where batch sizes differ."""
    rewriter = lowering.rewriter
    for axis in range(batch_dims):
        left, right = size_of(rewriter, x, axis), size_of(rewriter, indices, axis)
        if not same_size(left, right):
            message = (
                f"{op}: batch axis {axis} has size {{0}} in the tensor and {{1}} in the indices"
            )
            values = [as_value(rewriter, left), as_value(rewriter, right)]
            ok = compare(rewriter, "eq", left, right)
            fail_unless(lowering, ok, "TFC106", message, values)


def _gather_nd(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    params, indices = lowering.operands(op)
    dtype = lowering.dtype(op.operands[1])
    attributes = op.python_attributes()
    batch, negative = attributes["batch_dims"], attributes["negative"]
    kind = lowering.result_type(op)
    depth = shape_of(indices)[-1]
    _check_batch(lowering, "gather_nd", params, indices, batch)
    extents = [size_of(rewriter, params, batch + number) for number in range(depth)]
    parts = _checked_components(lowering, indices, op.operands[1], extents, batch, negative)
    entry = len(shape_of(indices)) - 1
    sizes = [*sizes_of(rewriter, indices)[:entry], *sizes_of(rewriter, params)[batch + depth :]]
    if not sizes:
        where = [
            position(rewriter, only_element(lowering, part), dtype, extent, negative)
            for part, extent in zip(parts, extents, strict=True)
        ]
        element = rewriter.value(tensor.ExtractOp, (params, *where), kind.element_type)
        return lowering.from_scalar(element)
    output = empty(rewriter, sizes, kind.element_type)

    def body(inner: Rewriter, arguments: tuple[SSAValue, ...]) -> tuple[SSAValue]:
        found = [
            position(inner, scalar, dtype, extent, negative)
            for scalar, extent in zip(arguments, extents, strict=False)
        ]
        loops = [loop_index(inner, dim) for dim in range(len(sizes))]
        where = (*loops[:batch], *found, *loops[entry:])
        return (inner.value(tensor.ExtractOp, (params, *where), kind.element_type),)

    part_map = _projection(len(sizes), range(entry))
    generic = builders.generic(
        rewriter,
        parts,
        [output],
        [*[part_map] * len(parts), builders.identity_map(len(sizes))],
        builders.parallel_iterators(len(sizes)),
        body=body,
    )
    return fit(rewriter, generic.results[0], kind)


def _checked_components(
    lowering: Lowering,
    indices: SSAValue,
    given: SSAValue,
    extents: Sequence[Size],
    first_axis: int,
    negative: str,
) -> list[SSAValue]:
    """The last axis of `indices` taken apart, each part checked against the size of its axis.

    `given` is the operand before lowering.
    """
    sources = [given] * len(extents)
    op = given.owner
    if isinstance(op, TfcOp) and op.name == "tfc.stack":
        is_last = op.python_attributes()["axis"] in (-1, len(shape_of(indices)) - 1)
        sources = list(op.operands) if is_last else sources
    parts = [component(lowering, indices, number) for number in range(len(extents))]
    for number, (part, source) in enumerate(zip(parts, sources, strict=True)):
        check_indices(lowering, part, source, extents[number], first_axis + number, negative)
    return parts


# -- scatter ------------------------------------------------------------------------------------


def _combiner(name: str, dtype: np.dtype) -> Combine:
    """What the combiner does to one element: (old, update) to new."""
    if name == "update":
        return lambda rewriter, old, new: new
    floats = is_float(dtype)
    unsigned = is_unsigned_int(dtype)
    cls = {
        "add": arith.AddfOp if floats else arith.AddiOp,
        "sub": arith.SubfOp if floats else arith.SubiOp,
        "mul": arith.MulfOp if floats else arith.MuliOp,
        "min": arith.MinimumfOp if floats else arith.MinUIOp if unsigned else arith.MinSIOp,
        "max": arith.MaximumfOp if floats else arith.MaxUIOp if unsigned else arith.MaxSIOp,
    }[name]
    return lambda rewriter, old, new: rewriter.value(cls, (old, new), old.type)


def _scatter_along(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    x, indices, updates = lowering.operands(op)
    dtype = lowering.dtype(op.operands[1])
    attributes = op.python_attributes()
    rank = len(shape_of(x))
    axis, batch = attributes["axis"] % rank, attributes["batch_dims"]
    negative, combiner = attributes["negative"], attributes["combiner"]
    size = size_of(rewriter, x, axis)
    index_rank = len(shape_of(indices))
    last = axis + index_rank - batch
    _check_batch(lowering, "scatter_along", x, indices, batch)
    source = sizes_of(rewriter, x)
    wanted = [*source[:axis], *sizes_of(rewriter, indices)[batch:], *source[axis + 1 :]]
    _check_updates(lowering, "scatter_along", updates, wanted)
    check_indices(lowering, indices, op.operands[1], size, axis, negative)
    if size == 0:
        return x
    if not index_rank and combiner == "update" and negative != "drop":
        index = position(rewriter, lowering.scalar(indices), dtype, size, negative)
        return _replace_one(lowering, x, updates, axis, as_size(index))
    combine = _combiner(combiner, lowering.dtype(op.operands[0]))
    element = element_of(x)
    index_element = element_of(indices)
    scalar = None if index_rank else lowering.scalar(indices)
    start = neutral(combiner, lowering.dtype(op.operands[0]))
    if rank == index_rank == 1 and start is not None:
        entries = sizes_of(rewriter, indices)[0]
        if is_worth_tables(size, entries):

            def locate(inner: Rewriter, index: SSAValue) -> SSAValue:
                return position(inner, index, dtype, size, negative)

            return scatter_in_tables(rewriter, x, indices, updates, locate, combine, start)

    def body(
        inner: Rewriter, loops: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        (target,) = carried
        entry = [*loops[:batch], *loops[axis:last]]
        index = scalar or inner.value(tensor.ExtractOp, (indices, *entry), index_element)
        found = position(inner, index, dtype, size, negative)
        update = inner.value(tensor.ExtractOp, (updates, *loops), element)
        dropped: SSAValue | None = None
        if negative == "drop":
            zero = builders.index_constant(inner, 0)
            dropped = builders.compare(inner, "slt", found, zero)
            found = inner.value(arith.MaxSIOp, (found, zero), INDEX)
        where = (*loops[:axis], found, *loops[last:])
        if combiner != "update" or dropped is not None:
            old = inner.value(tensor.ExtractOp, (target, *where), element)
            update = _combined(inner, old, update, dropped, combine, start)
        return [inner.value(tensor.InsertOp, (update, target, *where), target.type)]

    sizes = sizes_of(rewriter, updates)
    if negative == "drop" and not isinstance(size, int):
        sizes[0] = _none_of_nothing(rewriter, size, sizes[0])
    return loop_nest(rewriter, sizes, [x], body)[0]


def _none_of_nothing(rewriter: Rewriter, size: SSAValue, updates: Size) -> SSAValue:
    """How many updates are made of an axis of `size`: with no entries at all every index is dropped, and nothing may be read."""
    none = compare(rewriter, "eq", size, 0)
    operands = (none, builders.index_constant(rewriter, 0), as_value(rewriter, updates))
    return rewriter.value(arith.SelectOp, operands, INDEX)


def _combined(
    rewriter: Rewriter,
    old: SSAValue,
    update: SSAValue,
    dropped: SSAValue | None,
    combine: Combine,
    nothing: float | None,
) -> SSAValue:
    """An entry with an update combined into it, unless that is `dropped`; `nothing` changes no entry."""
    if dropped is None:
        return combine(rewriter, old, update)
    if nothing is None:
        new = combine(rewriter, old, update)
        return rewriter.value(arith.SelectOp, (dropped, old, new), old.type)
    # What is combined is chosen, not the result: nothing more waits for the entry before.
    neutral = builders.constant(rewriter, nothing, old.type)
    update = rewriter.value(arith.SelectOp, (dropped, neutral, update), old.type)
    return combine(rewriter, old, update)


def _replace_one(
    lowering: Lowering, x: SSAValue, update: SSAValue, axis: int, index: Size
) -> SSAValue:
    """`x` with the entry `index` of `axis` replaced."""
    rewriter = lowering.rewriter
    if len(shape_of(x)) == 1:
        operands = (lowering.scalar(update), x, as_value(rewriter, index))
        return rewriter.value(tensor.InsertOp, operands, x.type)
    sizes = sizes_of(rewriter, x)
    kept = [size for dim, size in enumerate(sizes) if dim != axis]
    shape = tuple(size if isinstance(size, int) else builders.DYNAMIC_INDEX for size in kept)
    update = fit(rewriter, update, builders.tensor_type(shape, element_of(x)))
    offsets: list[Size] = [0] * len(sizes)
    offsets[axis], sizes[axis] = index, 1
    return insert_slice(rewriter, update, x, offsets, sizes)


def _check_updates(lowering: Lowering, op: str, updates: SSAValue, wanted: Sequence[Size]) -> None:
    rewriter = lowering.rewriter
    for axis, want in enumerate(wanted):
        have = size_of(rewriter, updates, axis)
        if not same_size(have, want):
            message = f"{op}: the updates have size {{0}} along axis {axis}, expected {{1}}"
            values = [as_value(rewriter, have), as_value(rewriter, want)]
            ok = compare(rewriter, "eq", have, want)
            fail_unless(lowering, ok, "TFC106", message, values)


def _scatter_nd(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    x, indices, updates = lowering.operands(op)
    dtype = lowering.dtype(op.operands[1])
    attributes = op.python_attributes()
    negative, combiner = attributes["negative"], attributes["combiner"]
    entry = len(shape_of(indices)) - 1
    depth = shape_of(indices)[-1]
    extents = [size_of(rewriter, x, number) for number in range(depth)]
    _checked_components(lowering, indices, op.operands[1], extents, 0, negative)
    wanted = [*sizes_of(rewriter, indices)[:entry], *sizes_of(rewriter, x)[depth:]]
    _check_updates(lowering, "scatter_nd", updates, wanted)
    if 0 in extents:
        return x
    combine = _combiner(combiner, lowering.dtype(op.operands[0]))
    element = element_of(x)

    def body(
        inner: Rewriter, loops: list[SSAValue], carried: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        (target,) = carried
        where: list[SSAValue] = []
        for number, extent in enumerate(extents):
            operands = (indices, *loops[:entry], builders.index_constant(inner, number))
            index = inner.value(tensor.ExtractOp, operands, element_of(indices))
            where.append(position(inner, index, dtype, extent, negative))
        where += loops[entry:]
        update = inner.value(tensor.ExtractOp, (updates, *loops), element)
        if combiner != "update":
            old = inner.value(tensor.ExtractOp, (target, *where), element)
            update = combine(inner, old, update)
        return [inner.value(tensor.InsertOp, (update, target, *where), target.type)]

    return loop_nest(rewriter, sizes_of(rewriter, updates), [x], body)[0]


RULES: dict[OpSpec, Rule] = {
    semantics.gather: _gather,
    semantics.gather_nd: _gather_nd,
    semantics.scatter_along: _scatter_along,
    semantics.scatter_nd: _scatter_nd,
}
