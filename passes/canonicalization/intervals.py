"""Bounds of integers that follow from the loops around them, and the comparisons that these decide.

A bound is a number, or a number beyond another value: of `for i in range(1, n - 1)` it is known that `i + 1 < n`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from tfc.passes.builders import constant_int
from xdsl.dialects import arith, memref, scf, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, IntegerType, TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

Interval = tuple[int, int]
"""The least and the greatest value, both signed."""

LOOKED_AT = 64
"""How many values are looked at for one answer."""

_LARGEST_SIZE = 2**48
"""No dimension is larger."""


def _range_of(type: Attribute) -> Interval | None:
    """What an integer type holds, read as signed."""
    if isinstance(type, IndexType):
        return -(2**63), 2**63 - 1
    if not isinstance(type, IntegerType) or type.width.data == 1:
        return None
    half = 1 << (type.width.data - 1)
    return -half, half - 1


class Bounds:
    """The bounds of what is made of constants, sizes and counters of loops by arithmetic that does not wrap around."""

    def __init__(self) -> None:
        self._known: dict[SSAValue, Interval | None] = {}
        self._changes: dict[tuple[SSAValue, SSAValue], Interval | None] = {}

    def of(self, value: SSAValue) -> Interval | None:
        """The interval that holds a value; None where there is nothing to say."""
        known = constant_int(value)
        if known is not None:
            return known, known
        if value not in self._known and self._may_look():
            self._known[value] = None
            self._known[value] = self._find(value)
        return self._known.get(value)

    def _may_look(self) -> bool:
        return len(self._known) + len(self._changes) < LOOKED_AT

    def _find(self, value: SSAValue) -> Interval | None:
        limits = _range_of(value.type)
        owner = value.owner
        if limits is None:
            return None
        if isinstance(owner, Block):
            found = self._counter(value) or self._carried(value)
        elif isinstance(owner, scf.IfOp):
            found = _either(self.of(arm) for arm in _yielded(owner, value))
        elif isinstance(owner, scf.ForOp):
            found = self._after(owner, owner.results.index(value), 0)
        else:
            rule = _RULES.get(type(owner))
            found = None if rule is None else rule(self, owner)
        if found is None or found[0] < limits[0] or found[1] > limits[1]:
            return None
        return found

    def _counter(self, value: SSAValue) -> Interval | None:
        """A counter stops below the upper bound, so that it does not wrap around."""
        loop = counted_by(value)
        step = None if loop is None else constant_int(loop.step)
        if loop is None or step is None or step <= 0:
            return None
        first, last = self.of(loop.lb), self.of(loop.ub)
        if first is None:
            return None
        return first[0], max(first[0], last[1] - 1) if last is not None else 2**63 - 2

    def _carried(self, value: SSAValue) -> Interval | None:
        """What a loop carries has changed in each iteration but the one that it is seen in."""
        block = cast(Block, value.owner)
        loop = block.parent_op()
        if not isinstance(loop, scf.ForOp) or value is block.args[0]:
            return None
        return self._after(loop, block.args.index(value) - 1, 1)

    def _after(self, loop: scf.ForOp, index: int, missing: int) -> Interval | None:
        """What a loop carries after all of its iterations but the `missing` last ones, and before these."""
        start, change = self.of(loop.iter_args[index]), self._changes_of(loop, index, missing)
        if start is not None and change is not None:
            return _sum(start, change)
        return _either((start, self.of(_next(loop, index))))

    def _changes_of(self, loop: scf.ForOp, index: int, missing: int) -> Interval | None:
        """What all iterations but the `missing` last ones add to what a loop carries."""
        change = self._change(_next(loop, index), loop.body.block.args[index + 1])
        step, limits = constant_int(loop.step), _range_of(loop.lb.type)
        first, last = self.of(loop.lb) or limits, self.of(loop.ub) or limits
        if change is None or step is None or step <= 0 or first is None or last is None:
            return None
        times = max(0, -(-(last[1] - first[0]) // step) - missing)
        return min(0, change[0]) * times, max(0, change[1]) * times

    def _change(self, value: SSAValue, start: SSAValue) -> Interval | None:
        """What is added to `start` to give `value`."""
        if value is start:
            return 0, 0
        key = value, start
        if key not in self._changes and self._may_look():
            self._changes[key] = None
            self._changes[key] = self._find_change(value, start)
        return self._changes.get(key)

    def _find_change(self, value: SSAValue, start: SSAValue) -> Interval | None:
        owner = value.owner
        if isinstance(owner, scf.IfOp):
            return _either(self._change(arm, start) for arm in _yielded(owner, value))
        if isinstance(owner, arith.SelectOp):
            return _either(self._change(arm, start) for arm in owner.operands[1:])
        if isinstance(owner, arith.AddiOp | arith.SubiOp):
            change, other = self._change(owner.lhs, start), self.of(owner.rhs)
            if change is not None and other is not None:
                combine = _sum if isinstance(owner, arith.AddiOp) else _difference
                return combine(change, other)
        if isinstance(owner, scf.ForOp):
            index = owner.results.index(value)
            before = self._change(owner.iter_args[index], start)
            inside = self._changes_of(owner, index, 0)
            return None if before is None or inside is None else _sum(before, inside)
        return None


def _next(loop: scf.ForOp, index: int) -> SSAValue:
    """What a loop hands to its next iteration."""
    yielded = loop.body.block.last_op
    assert yielded is not None
    return yielded.operands[index]


def _yielded(op: scf.IfOp, result: SSAValue) -> list[SSAValue]:
    """What the arms of a branch give for one of its results."""
    index = op.results.index(result)
    return [
        region.block.last_op.operands[index]
        for region in op.regions
        if region.block.last_op is not None
    ]


def _either(intervals: Iterable[Interval | None]) -> Interval | None:
    """What holds the values of all intervals."""
    found = list(intervals)
    known = [interval for interval in found if interval is not None]
    if len(known) < len(found):
        return None
    return min(least for least, _ in known), max(greatest for _, greatest in known)


def counted_by(value: SSAValue) -> scf.ForOp | None:
    """The loop that a value is the counter of."""
    block = value.owner
    loop = block.parent_op() if isinstance(block, Block) else None
    return loop if isinstance(loop, scf.ForOp) and value is loop.body.block.args[0] else None


Rule = Callable[[Bounds, Operation], "Interval | None"]


def _of_both(combine: Callable[[Interval, Interval], Interval]) -> Rule:
    def rule(bounds: Bounds, op: Operation) -> Interval | None:
        left, right = bounds.of(op.operands[0]), bounds.of(op.operands[-1])
        return None if left is None or right is None else combine(left, right)

    return rule


def _product(a: Interval, b: Interval) -> Interval:
    corners = [x * y for x in a for y in b]
    return min(corners), max(corners)


def _chosen(bounds: Bounds, op: Operation) -> Interval | None:
    return _either(map(bounds.of, op.operands[1:]))


def _same(bounds: Bounds, op: Operation) -> Interval | None:
    return bounds.of(op.operands[0])


def _widened(bounds: Bounds, op: Operation) -> Interval | None:
    return bounds.of(op.operands[0]) or _range_of(op.operands[0].type)


def _unsigned(bounds: Bounds, op: Operation) -> Interval | None:
    found, kind = bounds.of(op.operands[0]), op.operands[0].type
    if found is not None and found[0] >= 0:
        return found
    return (0, 2**kind.width.data - 1) if isinstance(kind, IntegerType) else None


def _masked(bounds: Bounds, op: Operation) -> Interval | None:
    found = [bounds.of(value) for value in op.operands]
    masks = [one[1] for one in found if one is not None and one[0] >= 0]
    return (0, min(masks)) if masks else None


def _differences(a: Interval, b: Interval) -> Interval:
    """Of bits, where no operand is negative, both are, or it is not known."""
    bits = max(abs(bound) for bound in (*a, *b)).bit_length()
    if (a[0] >= 0 and b[0] >= 0) or (a[1] < 0 and b[1] < 0):
        return 0, 2**bits - 1
    return -(2**bits), 2**bits - 1


def _remainder(bounds: Bounds, op: Operation) -> Interval | None:
    divisor = constant_int(op.operands[1])
    if divisor is None or divisor <= 0:
        return None
    return 0 if isinstance(op, arith.RemUIOp) else 1 - divisor, divisor - 1


def _size(bounds: Bounds, op: Operation) -> Interval:
    return 0, _LARGEST_SIZE


def _sum(a: Interval, b: Interval) -> Interval:
    return a[0] + b[0], a[1] + b[1]


def _difference(a: Interval, b: Interval) -> Interval:
    return a[0] - b[1], a[1] - b[0]


_RULES: dict[type[Operation], Rule] = {
    arith.AddiOp: _of_both(_sum),
    arith.SubiOp: _of_both(_difference),
    arith.MuliOp: _of_both(_product),
    arith.MinSIOp: _of_both(lambda a, b: (min(a[0], b[0]), min(a[1], b[1]))),
    arith.MaxSIOp: _of_both(lambda a, b: (max(a[0], b[0]), max(a[1], b[1]))),
    arith.AndIOp: _masked,
    arith.XOrIOp: _of_both(_differences),
    arith.RemUIOp: _remainder,
    arith.RemSIOp: _remainder,
    arith.IndexCastOp: _same,
    arith.ExtSIOp: _widened,
    arith.ExtUIOp: _unsigned,
    arith.SelectOp: _chosen,
    tensor.DimOp: _size,
    memref.DimOp: _size,
}


# -- bounds relative to another value -----------------------------------------------------------

Beyond = tuple[SSAValue, int]
"""A value and what is added to it."""


def _base(bounds: Bounds, value: SSAValue) -> Beyond:
    """A value without the casts around it and the constants that are added to it."""
    offset = 0
    while True:
        owner = value.owner
        if isinstance(owner, arith.IndexCastOp):
            if isinstance(value.type, IntegerType) and value.type.width.data < 64:
                return value, offset  # it may lose bits
            value = owner.operands[0]
            continue
        if not isinstance(owner, arith.AddiOp | arith.SubiOp) or bounds.of(value) is None:
            return value, offset  # it may wrap around
        left, right = owner.operands
        known = constant_int(right)
        if known is not None:
            value, offset = left, offset + (known if isinstance(owner, arith.AddiOp) else -known)
        elif isinstance(owner, arith.AddiOp) and (known := constant_int(left)) is not None:
            value, offset = right, offset + known
        else:
            return value, offset


def _greatest(bounds: Bounds, value: SSAValue) -> Beyond | None:
    """What the counter of a loop, plus a constant, is at most."""
    value, offset = _base(bounds, value)
    loop = counted_by(value)
    if loop is None:
        return None
    last, beyond = _base(bounds, loop.ub)
    return last, offset + beyond - 1


def _is_size(value: SSAValue, source: SSAValue, axis: int | None) -> bool:
    owner = value.owner
    return (
        isinstance(owner, tensor.DimOp)
        and owner.operands[0] is source
        and axis is not None
        and constant_int(owner.operands[1]) == axis
    )


def _is_same(left: SSAValue, right: SSAValue) -> bool:
    """Whether two values are one, also a size that is asked for twice."""
    one = left.owner
    return left is right or (
        isinstance(one, tensor.DimOp)
        and _is_size(right, one.operands[0], constant_int(one.operands[1]))
    )


def _is_below(bounds: Bounds, lhs: SSAValue, rhs: SSAValue) -> bool:
    """Whether a counter is below a value because the bound of its loop is."""
    greatest = _greatest(bounds, lhs)
    if greatest is None:
        return False
    value, offset = _base(bounds, rhs)
    return _is_same(value, greatest[0]) and greatest[1] < offset


def is_inside(source: SSAValue, indices: Sequence[SSAValue]) -> bool:
    """Whether there is an element of a tensor at these indices, every time they are asked for."""
    bounds, sizes = Bounds(), cast("TensorType[Any]", source.type).get_shape()
    for axis, (size, index) in enumerate(zip(sizes, indices, strict=True)):
        found = bounds.of(index)
        if found is None or found[0] < 0:
            return False
        if size == DYNAMIC_INDEX:
            greatest = _greatest(bounds, index)
            if greatest is None or greatest[1] >= 0 or not _is_size(greatest[0], source, axis):
                return False
        elif found[1] >= size:
            return False
    return True


def decide(predicate: str, lhs: SSAValue, rhs: SSAValue) -> bool | None:
    """What a comparison (`slt`, `uge`, ...) gives every time it runs; None when that is not known."""
    if predicate in ("eq", "ne"):
        return None
    if predicate[-2:] in ("gt", "le"):
        lhs, rhs = rhs, lhs
    bounds = Bounds()
    a, b = bounds.of(lhs), bounds.of(rhs)
    if predicate[0] == "u" and (a is None or a[0] < 0 or (b is not None and b[0] < 0)):
        return None
    known: bool | None = None
    if a is not None and b is not None:
        known = True if a[1] < b[0] else False if a[0] >= b[1] else None
    if known is None and _is_below(bounds, lhs, rhs):
        known = True
    if known is None:
        return None
    return known if predicate[-2:] in ("lt", "gt") else not known
