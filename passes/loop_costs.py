"""How often loops run and what they cost, where that is known."""

from __future__ import annotations

from math import prod

from tfc.passes.builders import constant_int
from tfc.passes.structured import body_cost
from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import VectorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue

UNKNOWN_TRIPS = 64
"""The trip count assumed for an inner loop whose own is not known."""

Functions = dict[str, FuncOp]

Known = dict[SSAValue, int]
"""Arguments of a function that the call at hand gives as constants."""

Costs = dict[tuple[str, tuple[int | None, ...]], int]
"""What a call of a function costs, by the arguments that are constants."""


def trip_count(
    lower: SSAValue, upper: SSAValue, step: SSAValue, known: Known | None = None
) -> int | None:
    """How often a loop runs; one that ends a known length after where it starts may start anywhere."""

    def number(value: SSAValue) -> int | None:
        return constant_int(value) if known is None or value not in known else known[value]

    first, last, by = number(lower), number(upper), number(step)
    if isinstance(upper.owner, arith.AddiOp) and upper.owner.lhs is lower:
        first, last = 0, number(upper.owner.rhs)
    return None if first is None or last is None or not by else max(0, -(-(last - first) // by))


def likely_trip_count(
    lower: SSAValue, upper: SSAValue, step: SSAValue, known: Known | None = None
) -> int | None:
    """The same, where a block of a longer loop, which ends at `min(lower + length, ...)`, counts as a whole one."""
    if isinstance(upper.owner, arith.MinUIOp | arith.MinSIOp):
        for end in upper.owner.operands:
            if isinstance(end.owner, arith.AddiOp) and end.owner.lhs is lower:
                return trip_count(lower, end, step, known)
    return trip_count(lower, upper, step, known)


def cost_of(
    block: Block, functions: Functions, known: Known | None = None, called: Costs | None = None
) -> int:
    """The cost of one run of a block, in additions; `called` remembers what calls cost."""
    total = 0
    called = {} if called is None else called
    for op in block.ops:
        if isinstance(op, func.CallOp):
            name = op.callee.string_value()
            callee = functions.get(name)
            if callee is not None and callee.body.blocks:
                constants = tuple(map(constant_int, op.operands))
                if (name, constants) not in called:
                    called[name, constants] = 0  # of a function that calls itself
                    given = zip(callee.body.block.args, constants, strict=True)
                    inside: Known = {a: value for a, value in given if value is not None}
                    called[name, constants] = cost_of(callee.body.block, functions, inside, called)
                total += called[name, constants]
            continue
        if not op.regions:
            total += body_cost((op,)) * lanes_of(op)
            continue
        blocks = [block for region in op.regions for block in region.blocks]
        inner = max((cost_of(inside, functions, known, called) for inside in blocks), default=0)
        if isinstance(op, scf.ForOp):
            trips = likely_trip_count(op.lb, op.ub, op.step, known)
            inner *= UNKNOWN_TRIPS if trips is None else trips
        elif isinstance(op, scf.WhileOp):
            inner *= UNKNOWN_TRIPS
        total += inner
    return total


def lanes_of(op: Operation) -> int:
    """How many elements an op works on at once."""
    for value in (*op.results, *op.operands[:1]):
        if isinstance(value.type, VectorType):
            return prod(value.type.get_shape())
    return 1
