"""Between which bounds an integer lies, where the loop around it says so: comparisons that are decided then."""

from __future__ import annotations

import math

from tfc.passes.builders import constant_int
from xdsl.dialects import arith, scf
from xdsl.ir import Block, SSAValue

Interval = tuple[float, float]
"""The least and the greatest value; infinite where not known."""


def interval(value: SSAValue) -> Interval | None:
    """The bounds of a constant, of the counter of an `scf.for`, and of what is made of one by casts and constant offsets.

    The counter of a loop does not wrap around: it stops below the upper bound.
    """
    known = constant_int(value)
    if known is not None:
        return known, known
    owner = value.owner
    if isinstance(owner, Block):
        return _counter(value, owner)
    if isinstance(owner, arith.IndexCastOp):
        return interval(owner.operands[0])
    if isinstance(owner, arith.AddiOp):
        offset = constant_int(owner.operands[1])
        inner = interval(owner.operands[0]) if offset is not None else None
        if inner is not None and offset is not None and max(map(abs, inner)) < math.inf:
            return inner[0] + offset, inner[1] + offset
    return None


def _counter(value: SSAValue, block: Block) -> Interval | None:
    loop = block.parent_op()
    if not isinstance(loop, scf.ForOp) or value is not block.args[0]:
        return None
    first, step = constant_int(loop.lb), constant_int(loop.step)
    if first is None or step is None or step <= 0:
        return None
    last = constant_int(loop.ub)
    return first, math.inf if last is None else max(first, last - 1)


def is_below_bound(value: SSAValue, other: SSAValue) -> bool:
    """Whether `other` is the upper bound of the loop that counts `value`, from zero or above."""
    while isinstance(value.owner, arith.IndexCastOp) and isinstance(other.owner, arith.IndexCastOp):
        value, other = value.owner.operands[0], other.owner.operands[0]
    block = value.owner
    if not isinstance(block, Block) or value is not block.args[0]:
        return False
    loop = block.parent_op()
    if not isinstance(loop, scf.ForOp) or loop.ub is not other:
        return False
    first = constant_int(loop.lb)
    return first is not None and first >= 0


def decide(predicate: str, lhs: SSAValue, rhs: SSAValue) -> bool | None:
    """What a comparison (`slt`, `uge`, ...) gives every time it runs; None when that is not known."""
    if predicate in ("slt", "ult", "sge", "uge") and is_below_bound(lhs, rhs):
        return predicate[1:] == "lt"
    a, b = interval(lhs), interval(rhs)
    if a is None or b is None or (predicate[0] == "u" and (a[0] < 0 or b[0] < 0)):
        return None
    match predicate[-2:]:
        case "lt":
            return _ordered(a, b)
        case "ge":
            return _negated(_ordered(a, b))
        case "gt":
            return _ordered(b, a)
        case "le":
            return _negated(_ordered(b, a))
        case _:
            return None


def _ordered(a: Interval, b: Interval) -> bool | None:
    """Whether all of `a` is below all of `b`; None when some is and some is not."""
    if a[1] < b[0]:
        return True
    return False if a[0] >= b[1] else None


def _negated(known: bool | None) -> bool | None:
    return None if known is None else not known
