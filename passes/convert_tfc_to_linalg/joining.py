"""Joining: each operand is inserted into its place of one destination; mirrored padding reads at computed indices."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import joining as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import INDEX
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.shape import copy_elements, read_elements, size_operands
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    collapse_shape,
    compare,
    element_of,
    empty,
    fill,
    fill_sizes,
    fit,
    insert_slice,
    multiply,
    same_size,
    shape_of,
    size_of,
    sizes_of,
    subtract,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import AffineMapAttr
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap


def _concat(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    kind = lowering.result_type(op)
    axis = op.python_attributes()["axis"] % kind.get_num_dims()
    values = lowering.operands(op)
    _check_equal_sizes(lowering, "concat", values, axis)
    sizes = _known_sizes(rewriter, values)
    sizes[axis] = 0
    for value in values:
        sizes[axis] = add(rewriter, sizes[axis], size_of(rewriter, value, axis))
    result = empty(rewriter, sizes, kind.element_type)
    offsets: list[Size] = [0] * len(sizes)
    for value in values:
        part: list[Size] = list(sizes)
        part[axis] = size_of(rewriter, value, axis)
        piece = _as_part(rewriter, value, part)
        result = insert_slice(rewriter, piece, result, offsets, part)
        offsets[axis] = add(rewriter, offsets[axis], part[axis])
    return fit(rewriter, result, kind)


def _as_part(rewriter: Rewriter, value: SSAValue, sizes: Sequence[Size]) -> SSAValue:
    """`value` with the static sizes that its place has."""
    kind = builders.tensor_type(
        tuple(size if isinstance(size, int) else builders.DYNAMIC_INDEX for size in sizes),
        element_of(value),
    )
    return fit(rewriter, value, kind)


def _known_sizes(rewriter: Rewriter, values: Sequence[SSAValue]) -> list[Size]:
    """For each dim, the size from the operand that knows it best."""
    sizes = sizes_of(rewriter, values[0])
    for value in values[1:]:
        for axis, size in enumerate(shape_of(value)):
            if size != builders.DYNAMIC_INDEX:
                sizes[axis] = size
    return sizes


def _check_equal_sizes(
    lowering: Lowering, op: str, values: Sequence[SSAValue], skipped: int | None
) -> None:
    """Fail at run time where the operands' sizes differ along an axis other than `skipped`."""
    rewriter = lowering.rewriter
    wanted = _known_sizes(rewriter, values)
    for value in values:
        for axis, want in enumerate(wanted):
            have = size_of(rewriter, value, axis)
            if axis != skipped and not same_size(have, want):
                reported = [as_value(rewriter, have), as_value(rewriter, want)]
                message = f"{op}: sizes {{0}} and {{1}} of axis {axis} differ"
                fail_unless(
                    lowering, compare(rewriter, "eq", have, want), "TFC106", message, reported
                )


def _stack(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    kind = lowering.result_type(op)
    rank = kind.get_num_dims()
    axis = op.python_attributes()["axis"] % rank
    values = lowering.operands(op)
    if rank == 1:
        scalars = [lowering.scalar(value) for value in values]
        return rewriter.value(tensor.FromElementsOp, scalars, kind)
    _check_equal_sizes(lowering, "stack", values, None)
    inner = _known_sizes(rewriter, values)
    sizes = [*inner[:axis], len(values), *inner[axis:]]
    result = empty(rewriter, sizes, kind.element_type)
    part = [*inner[:axis], 1, *inner[axis:]]
    for position, value in enumerate(values):
        offsets: list[Size] = [0] * rank
        offsets[axis] = position
        piece = _as_part(rewriter, value, inner)
        result = insert_slice(rewriter, piece, result, offsets, part)
    return fit(rewriter, result, kind)


def _pad(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    attributes = op.python_attributes()
    x, value, *_ = lowering.operands(op)
    operands = iter(size_operands(lowering, op, 2))
    low = fill_sizes(attributes["low"], operands)
    high = fill_sizes(attributes["high"], operands)
    source = sizes_of(rewriter, x)
    if not source:
        return x
    mode = attributes["mode"]
    _check_paddings(lowering, mode, source, low, high)
    sizes = [
        add(rewriter, add(rewriter, size, before), after)
        for size, before, after in zip(source, low, high, strict=True)
    ]
    if mode == "constant":
        result = _margins(rewriter, lowering.scalar(value), sizes, low, source)
        result = insert_slice(rewriter, x, result, low, source)
    else:
        result = _mirror(rewriter, x, sizes, low, 1 if mode == "reflect" else 0)
    return fit(rewriter, result, lowering.result_type(op))


LARGE = 1 << 16
"""Elements of a tensor whose margins are filled alone; smaller ones are filled as a whole, which is less code."""


def _margins(
    rewriter: Rewriter, scalar: SSAValue, sizes: list[Size], low: list[Size], source: list[Size]
) -> SSAValue:
    """A tensor with `scalar` in what is around the place of `source`; inside it there may be anything."""
    known = [size for size in (*sizes, *low, *source) if isinstance(size, int)]
    if len(known) < 3 * len(sizes) or prod(known[: len(sizes)]) < LARGE:
        return fill(rewriter, scalar, sizes)
    result = empty(rewriter, sizes, scalar.type)
    offsets: list[Size] = [0] * len(sizes)
    part = list(sizes)
    for axis, (before, inside) in enumerate(zip(low, source, strict=True)):
        end = add(rewriter, before, inside)
        for start, size in ((0, before), (end, subtract(rewriter, sizes[axis], end))):
            if size != 0:
                offsets[axis], part[axis] = start, size
                margin = fill(rewriter, scalar, part)
                result = insert_slice(rewriter, margin, result, offsets, part)
        offsets[axis], part[axis] = before, inside
    return result


def _check_paddings(
    lowering: Lowering, mode: str, source: list[Size], low: list[Size], high: list[Size]
) -> None:
    rewriter = lowering.rewriter
    for axis, size in enumerate(source):
        for padding in (low[axis], high[axis]):
            if not isinstance(padding, int):
                message = f"pad: expected paddings >= 0, got {{0}} for axis {axis}"
                ok = compare(rewriter, "sge", padding, 0)
                fail_unless(lowering, ok, "TFC107", message, [padding])
            if mode == "constant" or padding == 0:
                continue
            if isinstance(padding, int) and isinstance(size, int):
                continue  # inference has checked it
            limit = subtract(rewriter, size, 1) if mode == "reflect" else size
            message = f"pad: {mode} padding of axis {axis} is at most {{1}}, got {{0}}"
            values = [as_value(rewriter, padding), as_value(rewriter, limit)]
            ok = compare(rewriter, "sle", padding, limit)
            fail_unless(lowering, ok, "TFC106", message, values)


def _mirror(
    rewriter: Rewriter, x: SSAValue, sizes: list[Size], low: list[Size], skip: int
) -> SSAValue:
    """`x` continued on both sides by its mirror image, without the first `skip` elements of that."""
    source = sizes_of(rewriter, x)

    def position(inner: Rewriter, indices: list[SSAValue]) -> list[SSAValue]:
        return [
            _mirrored(inner, index, low[axis], source[axis], skip)
            if not same_size(sizes[axis], source[axis])
            else index
            for axis, index in enumerate(indices)
        ]

    return read_elements(rewriter, x, sizes, position)


def _mirrored(rewriter: Rewriter, index: SSAValue, low: Size, size: Size, skip: int) -> SSAValue:
    """Where the element at `index` of the padded axis comes from.

    With i = index - low that is i itself, skip - 1 - i to the left of the tensor, 2 size - 1 - skip - i to the right of it.
    """
    i = as_value(rewriter, subtract(rewriter, index, low))
    left = as_value(rewriter, subtract(rewriter, skip - 1, i))
    twice = add(rewriter, multiply(rewriter, size, 2), -1 - skip)
    right = as_value(rewriter, subtract(rewriter, twice, i))
    is_left = compare(rewriter, "slt", i, 0)
    is_right = compare(rewriter, "sge", i, size)
    inside = rewriter.value(arith.SelectOp, (is_right, right, i), INDEX)
    return rewriter.value(arith.SelectOp, (is_left, left, inside), INDEX)


def _tile(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    x = lowering.operands(op)[0]
    multiples = fill_sizes(
        op.python_attributes()["multiples"], iter(size_operands(lowering, op, 1))
    )
    source = sizes_of(rewriter, x)
    sizes: list[Size] = []
    groups: list[list[int]] = []
    exprs: list[AffineDimExpr] = []
    for axis, (size, times) in enumerate(zip(source, multiples, strict=True)):
        if not isinstance(times, int):
            message = f"tile: expected multiples >= 0, got {{0}} for axis {axis}"
            fail_unless(lowering, compare(rewriter, "sge", times, 0), "TFC107", message, [times])
        group = [len(sizes)]
        if times != 1:
            sizes.append(times)
            group.append(len(sizes))
        exprs.append(AffineDimExpr(len(sizes)))
        sizes.append(size)
        groups.append(group)
    if len(sizes) == len(source):
        return x
    if 0 in multiples:
        sizes = [
            0 if times == 0 else multiply(rewriter, size, times)
            for size, times in zip(source, multiples, strict=True)
        ]
        return fit(rewriter, empty(rewriter, sizes, element_of(x)), lowering.result_type(op))
    map = AffineMapAttr(AffineMap(len(sizes), 0, tuple(exprs)))
    result = collapse_shape(rewriter, copy_elements(rewriter, x, sizes, map), groups)
    return fit(rewriter, result, lowering.result_type(op))


RULES: dict[OpSpec, Rule] = {
    semantics.concat: _concat,
    semantics.stack: _stack,
    semantics.pad: _pad,
    semantics.tile: _tile,
}
