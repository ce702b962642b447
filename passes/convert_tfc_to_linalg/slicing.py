"""Slicing: `tensor.extract_slice` and `tensor.insert_slice`; a negative step is a positive one and a reversal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import slicing as semantics
from tfc.dialects.tfc.semantics.slicing import OPEN
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import DYNAMIC_INDEX
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.shape import reverse, size_operands
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    add,
    as_value,
    compare,
    divide,
    element_of,
    extract_slice,
    fill_sizes,
    fit,
    insert_slice,
    maximum,
    minimum,
    multiply,
    only_element,
    same_size,
    size_of,
    sizes_of,
    subtract,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.ir import SSAValue


def _slice(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    attributes = op.python_attributes()
    x = lowering.operands(op)[0]
    operands = iter(size_operands(lowering, op, 1))
    begin = fill_sizes(attributes["begin"], operands)
    size = fill_sizes(attributes["size"], operands)
    if not begin:
        return x
    check_box(lowering, "slice", x, begin, size)
    return fit(rewriter, extract_slice(rewriter, x, begin, size), lowering.result_type(op))


def check_box(
    lowering: Lowering, op: str, x: SSAValue, begin: Sequence[Size], size: Sequence[Size]
) -> None:
    """Fail at run time unless `begin >= 0`, `size >= 0` and `begin + size` is inside `x`, where that is open."""
    rewriter = lowering.rewriter
    for axis, (first, count) in enumerate(zip(begin, size, strict=True)):
        have = size_of(rewriter, x, axis)
        if isinstance(first, int) and isinstance(count, int) and isinstance(have, int):
            continue  # inference has checked it
        if first == 0 and same_size(count, have):
            continue
        ok = compare(rewriter, "sle", add(rewriter, first, count), have)
        for bound in (first, count):
            if not isinstance(bound, int):
                sign = compare(rewriter, "sge", bound, 0)
                ok = rewriter.value(arith.AndIOp, (ok, sign), builders.I1)
        message = f"{op}: begin {{0}} + size {{1}} is outside axis {axis}"
        values = [as_value(rewriter, first), as_value(rewriter, count)]
        fail_unless(lowering, ok, "TFC201", message, values)


def _slice_update(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    x, value, *_ = lowering.operands(op)
    begin = fill_sizes(op.python_attributes()["begin"], iter(size_operands(lowering, op, 2)))
    if not begin:
        return value
    size = sizes_of(rewriter, value)
    check_box(lowering, "slice_update", x, begin, size)
    return insert_slice(rewriter, value, x, begin, size)


class _Box(NamedTuple):
    """A Python slice of a tensor in terms of `tensor.extract_slice`."""

    offsets: list[Size]
    sizes: list[Size]
    strides: list[int]
    reversed: set[int]
    """Axes, counted without the dropped ones, whose order is turned round."""
    dropped: frozenset[int]


def _box(lowering: Lowering, op: TfcOp, x: SSAValue, first_operand: int) -> _Box:
    rewriter = lowering.rewriter
    attributes = op.python_attributes()
    operands = iter(size_operands(lowering, op, first_operand))
    begin = fill_sizes(attributes["begin"], operands)
    end = fill_sizes(attributes["end"], operands)
    shrink = attributes["shrink"]
    box = _Box([], [], [], set(), frozenset(shrink))
    for axis, step in enumerate(attributes["strides"]):
        extent = size_of(rewriter, x, axis)
        if axis in shrink:
            first = begin[axis]
            box.offsets.append(first + extent if isinstance(first, int) and first < 0 else first)  # pyright: ignore[reportOperatorIssue]
            box.sizes.append(1)
            box.strides.append(1)
            continue
        offset, size = _range(rewriter, extent, begin[axis], end[axis], step)
        if step < 0:
            box.reversed.add(len(box.sizes) - len([a for a in shrink if a < axis]))
        box.offsets.append(0 if size == 0 else offset)
        box.sizes.append(size)
        box.strides.append(abs(step))
    return box


def _range(
    rewriter: Rewriter, extent: Size, first: Size, last: Size, step: int
) -> tuple[Size, Size]:
    """The lowest index and the number of elements of `first:last:step` on an axis of size `extent`."""
    low, high = (0, extent) if step > 0 else (-1, subtract(rewriter, extent, 1))
    start = _clamp(rewriter, first, extent, low, high)
    stop = low if step < 0 and last == -OPEN else _clamp(rewriter, last, extent, low, high)
    if step > 0:
        return start, _count(rewriter, start, stop, step)
    size = _count(rewriter, stop, start, -step)
    if isinstance(start, int) and isinstance(size, int):
        return start - max(size - 1, 0) * -step, size
    steps = maximum(rewriter, subtract(rewriter, size, 1), 0)
    lowest = subtract(rewriter, start, multiply(rewriter, steps, -step))
    return maximum(rewriter, lowest, 0), size


def _clamp(rewriter: Rewriter, bound: Size, extent: Size, low: Size, high: Size) -> Size:
    """A bound as Python means it: from the end when negative, then moved into `low..high`."""
    if isinstance(bound, int):
        if bound >= OPEN:
            return high
        if bound == 0:
            return minimum(rewriter, 0, high) if low == -1 else 0
        if bound < 0:
            return maximum(rewriter, add(rewriter, extent, bound), low)
        return minimum(rewriter, bound, high)
    negative = compare(rewriter, "slt", bound, 0)
    from_end = as_value(rewriter, add(rewriter, bound, extent))
    index = rewriter.value(arith.SelectOp, (negative, from_end, bound), builders.INDEX)
    return minimum(rewriter, maximum(rewriter, index, low), high)


def _count(rewriter: Rewriter, start: Size, stop: Size, step: int) -> Size:
    """`max(0, ceil((stop - start) / step))` for a positive step."""
    span = maximum(rewriter, subtract(rewriter, stop, start), 0)
    return divide(rewriter, add(rewriter, span, step - 1), step)


def _strided_slice(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    x = lowering.operands(op)[0]
    kind = lowering.result_type(op)
    box = _box(lowering, op, x, 1)
    if len(box.dropped) == len(box.offsets):
        indices = [as_value(rewriter, offset) for offset in box.offsets]
        if isinstance(x.owner, tensor.FromElementsOp) and len(indices) == 1:
            element = x.owner.operands[box.offsets[0]]  # pyright: ignore[reportArgumentType, reportCallIssue]
        else:
            element = rewriter.value(tensor.ExtractOp, (x, *indices), element_of(x))
        return lowering.from_scalar(element)
    if _is_whole(rewriter, x, box):
        return fit(rewriter, reverse(rewriter, x, box.reversed), kind)
    part = extract_slice(rewriter, x, box.offsets, box.sizes, box.strides, box.dropped)
    return fit(rewriter, reverse(rewriter, part, box.reversed), kind)


def _is_whole(rewriter: Rewriter, x: SSAValue, box: _Box) -> bool:
    """Whether a box is all of the tensor."""
    if box.dropped or any(step != 1 for step in box.strides):
        return False
    return all(
        offset == 0 and same_size(size, size_of(rewriter, x, axis))
        for axis, (offset, size) in enumerate(zip(box.offsets, box.sizes, strict=True))
    )


def _strided_slice_update(lowering: Lowering, op: TfcOp) -> SSAValue:
    rewriter = lowering.rewriter
    x, value, *_ = lowering.operands(op)
    box = _box(lowering, op, x, 2)
    if len(box.dropped) == len(box.offsets):
        indices = [as_value(rewriter, offset) for offset in box.offsets]
        operands = (only_element(lowering, value), x, *indices)
        return rewriter.value(tensor.InsertOp, operands, x.type)
    kept = [size for axis, size in enumerate(box.sizes) if axis not in box.dropped]
    for axis, want in enumerate(kept):
        have = size_of(rewriter, value, axis)
        if not same_size(have, want):
            reported = [as_value(rewriter, have), as_value(rewriter, want)]
            message = (
                f"the value has size {{0}} along axis {axis}, the slice it is assigned to {{1}}"
            )
            fail_unless(lowering, compare(rewriter, "eq", have, want), "TFC106", message, reported)
    shape = tuple(size if isinstance(size, int) else DYNAMIC_INDEX for size in kept)
    value = fit(rewriter, value, builders.tensor_type(shape, element_of(value)))
    value = reverse(rewriter, value, box.reversed)
    if _is_whole(rewriter, x, box):
        return fit(rewriter, value, lowering.result_type(op))
    return insert_slice(rewriter, value, x, box.offsets, box.sizes, box.strides)


RULES: dict[OpSpec, Rule] = {
    semantics.slice_: _slice,
    semantics.slice_update: _slice_update,
    semantics.strided_slice: _strided_slice,
    semantics.strided_slice_update: _strided_slice_update,
}
