"""Between which numbers the elements of an integer tensor lie, by the tfc ops that it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from tfc.dialects.tfc.attributes import dense_array
from tfc.dialects.tfc.base import TfcOp
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from xdsl.dialects import arith
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseIntOrFPElementsAttr
from xdsl.ir import SSAValue

Range = tuple[int, int]
"""The least and the greatest number, both included."""

DEEPEST = 12
"""Ops that are looked through."""


def range_of(lowering: Lowering, value: SSAValue, depth: int = DEEPEST) -> Range:
    """What is known of the elements of an integer tensor, an operand of a tfc op; at worst the range of its dtype."""
    dtype = lowering.dtype(value)
    info = np.iinfo(dtype) if dtype.kind in "iu" else np.iinfo(np.int64)
    whole = int(info.min), int(info.max)
    op = value.owner
    if isinstance(op, arith.ConstantOp):
        return _of_constant(op) or whole
    rule = _RULES.get(op.name) if isinstance(op, TfcOp) and depth else None
    found = rule(lowering, op, depth - 1) if rule is not None else None
    # What does not fit has wrapped around.
    inside = found is not None and whole[0] <= found[0] and found[1] <= whole[1]
    return cast(Range, found) if inside else whole


def _of_constant(op: arith.ConstantOp) -> Range | None:
    attribute = op.properties["value"]
    if not isinstance(attribute, DenseIntOrFPElementsAttr):
        return None
    array = dense_array(attribute)
    if array.dtype.kind not in "iu" or not array.size:
        return None
    return int(array.min()), int(array.max())


def _of_operands(lowering: Lowering, op: Any, depth: int) -> list[Range]:
    return [range_of(lowering, operand, depth) for operand in op.operands]


def _same(lowering: Lowering, op: Any, depth: int) -> Range | None:
    """The elements of the first operand, elsewhere."""
    return range_of(lowering, op.operands[0], depth)


def _joined(lowering: Lowering, op: Any, depth: int) -> Range | None:
    ranges = _of_operands(lowering, op, depth)
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _selected(lowering: Lowering, op: Any, depth: int) -> Range | None:
    (a, b), (c, d) = [range_of(lowering, operand, depth) for operand in op.operands[1:3]]
    return min(a, c), max(b, d)


def _cast(lowering: Lowering, op: Any, depth: int) -> Range | None:
    kind = lowering.dtype(op.operands[0]).kind
    if kind == "b":
        return 0, 1
    return range_of(lowering, op.operands[0], depth) if kind in "iu" else None


def _of_two(combine: Callable[[Range, Range], Range | None]) -> Any:
    def rule(lowering: Lowering, op: Any, depth: int) -> Range | None:
        left, right = _of_operands(lowering, op, depth)
        return combine(left, right)

    return rule


def _multiply(left: Range, right: Range) -> Range:
    products = [a * b for a in left for b in right]
    return min(products), max(products)


def _remainder(left: Range, right: Range) -> Range | None:
    return (0, right[1] - 1) if right[0] > 0 else None


def _bits(left: Range, right: Range) -> Range | None:
    """`x & m`: not greater than either that is not negative."""
    highs = [high for low, high in (left, right) if low >= 0]
    return (0, min(highs)) if highs else None


def _place_on_axis(lowering: Lowering, op: Any, depth: int) -> Range | None:
    """A position on an axis of the operand, which has elements."""
    sizes = op.operands[0].type.get_shape()
    if DYNAMIC_INDEX in sizes or not sizes:
        return None
    axis = op.python_attributes().get("axis", -1)
    size = max(sizes) if axis is None else sizes[axis]
    return (0, size - 1) if size else None


def _rank_among(lowering: Lowering, op: Any, depth: int) -> Range | None:
    size = op.operands[0].type.get_shape()[-1]
    return None if size == DYNAMIC_INDEX else (0, size)


_RULES: dict[str, Callable[[Lowering, Any, int], Range | None]] = {
    "tfc.maximum": _of_two(lambda a, b: (max(a[0], b[0]), max(a[1], b[1]))),
    "tfc.minimum": _of_two(lambda a, b: (min(a[0], b[0]), min(a[1], b[1]))),
    "tfc.add": _of_two(lambda a, b: (a[0] + b[0], a[1] + b[1])),
    "tfc.subtract": _of_two(lambda a, b: (a[0] - b[1], a[1] - b[0])),
    "tfc.multiply": _of_two(_multiply),
    "tfc.floormod": _of_two(_remainder),
    "tfc.bitwise_and": _of_two(_bits),
    "tfc.cast": _cast,
    "tfc.select": _selected,
    "tfc.concat": _joined,
    "tfc.stack": _joined,
    "tfc.argmax": _place_on_axis,
    "tfc.argmin": _place_on_axis,
    "tfc.argsort": _place_on_axis,
    "tfc.searchsorted": _rank_among,
    **dict.fromkeys(
        (
            "tfc.reshape",
            "tfc.transpose",
            "tfc.expand_dims",
            "tfc.squeeze",
            "tfc.broadcast_to",
            "tfc.broadcast_to_shape_of",
            "tfc.reverse",
            "tfc.ensure_shape",
            "tfc.identity",
            "tfc.slice",
            "tfc.strided_slice",
            "tfc.tile",
            "tfc.sort",
        ),
        _same,
    ),
}
