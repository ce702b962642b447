"""Broadcasting of sizes that are known only at run time: what is checked, what is repeated, how large the result is.

A `?` dim that cannot be 1 must be equal to what it meets: that is checked once, and known from then on. One that may be 1 (its
size comes from data) is compared with 1 at run time, and its operand is read at index 0 there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tfc.dialects.tfc.base import TfcOp
from tfc.passes import builders
from tfc.passes.builders import I1, INDEX, integer_attr
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.dimensions import Size, Symbol, holds_everywhere_after, shape_of
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import SSAValue

if TYPE_CHECKING:
    from tfc.passes.convert_tfc_to_linalg.lowering import Lowering


@dataclass
class Plan:
    """How the operands of one op broadcast."""

    sizes: list[SSAValue | None]
    """For each `?` of the result, its size."""
    repeated: dict[int, dict[int, SSAValue]] = field(default_factory=dict[int, dict[int, SSAValue]])
    """For each operand that may be repeated at run time, by position: its axes where, and whether it is (i1)."""


@dataclass
class _Candidate:
    """A `?` dim of an operand that meets dim `axis` of the result."""

    position: int
    axis: int
    size: Size
    value: SSAValue
    """The operand in the linalg stage."""

    def dim(self, rewriter: Rewriter) -> SSAValue:
        return builders.dim(rewriter, self.value, self.axis)


class Planner:
    """Makes the plan of one elementwise op; emits its checks."""

    def __init__(self, lowering: Lowering, op: TfcOp) -> None:
        self.lowering = lowering
        self.op = op
        self.dimensions = lowering.dimensions
        self.shape = shape_of(op.results[0])
        self.plan = Plan([None] * len(self.shape))

    def make(self) -> Plan:
        for axis, size in enumerate(self.shape):
            candidates = self._candidates(axis)
            if not candidates:
                continue
            if size == DYNAMIC_INDEX:
                self._unknown(axis, candidates)
            else:
                self._known(axis, size, candidates)
        return self.plan

    def _candidates(self, axis: int) -> list[_Candidate]:
        found: list[_Candidate] = []
        lowered = self.lowering.operands(self.op)
        for position, operand in enumerate(self.op.operands):
            own = axis - (len(self.shape) - len(shape_of(operand)))
            if own >= 0 and shape_of(operand)[own] == DYNAMIC_INDEX:
                size = self.dimensions.size(operand, own)
                found.append(_Candidate(position, own, size, lowered[position]))
        return found

    def _known(self, axis: int, size: int, candidates: list[_Candidate]) -> None:
        """The result is static: a `?` is as large, or 1 where that can be."""
        wanted = builders.index_constant(self.lowering.rewriter, size)
        for candidate in candidates:
            self._meet(axis, candidate, size, wanted)

    def _unknown(self, axis: int, candidates: list[_Candidate]) -> None:
        rewriter = self.lowering.rewriter
        size = self.dimensions.size(self.op.results[0], axis)
        firm = [c for c in candidates if self.dimensions.are_same(c.size, size)]
        wanted = (firm or candidates)[0].dim(rewriter)
        if not firm:
            one = builders.index_constant(rewriter, 1)
            for other in candidates[1:]:
                is_one = builders.compare(rewriter, "eq", wanted, one)
                wanted = rewriter.value(
                    arith.SelectOp, (is_one, other.dim(rewriter), wanted), INDEX
                )
        self.plan.sizes[axis] = wanted
        for candidate in candidates:
            self._meet(axis, candidate, size, wanted)

    def _meet(self, axis: int, candidate: _Candidate, size: Size, wanted: SSAValue) -> None:
        """Check that a dim is `wanted`, or 1 where it can be; note what the check teaches."""
        if self.dimensions.are_same(candidate.size, size):
            return
        rewriter = self.lowering.rewriter
        own = candidate.dim(rewriter)
        ok = builders.compare(rewriter, "eq", own, wanted)
        if self.dimensions.may_be_one(candidate.size):
            one = builders.index_constant(rewriter, 1)
            is_one = builders.compare(rewriter, "eq", own, one)
            self.plan.repeated.setdefault(candidate.position, {})[candidate.axis] = is_one
            ok = rewriter.value(arith.OrIOp, (ok, is_one), I1)
        name = self.op.name.removeprefix("tfc.")
        message = f"{name}: shapes do not broadcast: size {{0}} against {{1}} in dimension {axis}"
        fail_unless(self.lowering, ok, "TFC103", message, (own, wanted))
        firm = isinstance(candidate.size, Symbol) and not candidate.size.may_be_one
        if firm and holds_everywhere_after(self.op):
            assert isinstance(candidate.size, Symbol)
            candidate.size.equate(size)


def plan_broadcast(lowering: Lowering, op: TfcOp) -> Plan:
    """How the operands of `op` broadcast to its result; emits the checks that only run time can make."""
    return Planner(lowering, op).make()


def read_repeated(
    rewriter: Rewriter, value: SSAValue, rank: int, repeated: dict[int, SSAValue]
) -> SSAValue:
    """In the body of a generic of `rank` loops: the element of `value`, at index 0 of dims that are repeated."""
    shape = shape_of(value)
    zero = builders.index_constant(rewriter, 0)
    indices: list[SSAValue] = []
    for axis, size in enumerate(shape):
        if size == 1:
            indices.append(zero)
            continue
        loop = rank - len(shape) + axis
        index = rewriter.value(IndexOp, (), INDEX, {"dim": integer_attr(loop, i64)})
        if axis in repeated:
            index = rewriter.value(arith.SelectOp, (repeated[axis], zero, index), INDEX)
        indices.append(index)
    element = builders.element_type(value.type)
    return rewriter.value(tensor.ExtractOp, (value, *indices), element)
