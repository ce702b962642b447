"""`sink-index-wraps`: negative indices are counted from the end only where one occurs."""

from __future__ import annotations

from typing import NamedTuple

from tfc.passes.builders import compare, constant_int, if_else
from tfc.passes.rewriting import Rewriter, append, new_op, walk
from xdsl.context import Context
from xdsl.dialects import arith, cf, scf
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass

LIKELY = "tfc.likely"
"""On a branch: its first arm is nearly always taken."""


class SinkIndexWrapsPass(ModulePass):
    """Count an index from the end, and check it, only where it is not inside as it is.

    Before:
        %negative = arith.cmpi slt, %i, %c0
        %from_end = arith.addi %i, %n
        %j = arith.select %negative, %from_end, %i
        %ok = arith.cmpi ult, %j, %n
        cf.assert %ok, "..."
        %x = memref.load %t[%j]
    After:
        %inside = arith.cmpi ult, %i, %n
        %k = scf.if %inside -> (index) {
          scf.yield %i
        } else {
          cf.assert %ok, "..."
          scf.yield %j
        } {tfc.likely}
        %x = memref.load %t[%k]

    One comparison and one jump are left where the index is inside. What else computes `%j` is used in the second arm alone,
    and LLVM moves it there. Later checks of the same condition go.

    Pre-condition: none; meant for the end of the loops stage, since it hides reads behind branches. Linear in the number of ops.
    """

    name = "sink-index-wraps"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        places: dict[Block, dict[Operation, int]] = {}
        for inner in walk(op):
            if isinstance(inner, cf.AssertOp) and inner.parent is not None:
                wrap = _wrap_of(inner)
                if wrap is not None:
                    block = inner.parent
                    if block not in places:
                        places[block] = {other: place for place, other in enumerate(block.ops)}
                    _Sinking(rewriter, inner, wrap, places[block]).run()


class _Wrap(NamedTuple):
    """`wrapped` is `given`, or `given + size` where that is negative."""

    given: SSAValue
    wrapped: SSAValue
    size: SSAValue


def _wrap_of(check: cf.AssertOp) -> _Wrap | None:
    inside = _compared(check.operands[0], "ult")
    if inside is None:
        return None
    wrapped, size = inside
    choice = wrapped.owner
    if not isinstance(choice, arith.SelectOp):
        return None
    negative, from_end, index = choice.operands
    sign, total = _compared(negative, "slt"), from_end.owner
    if sign is None or not isinstance(total, arith.AddiOp):
        return None
    is_wrap = (
        sign[0] is index
        and constant_int(sign[1]) == 0
        and total.lhs is index
        and _are_equal(total.rhs, size)
    )
    return _Wrap(index, wrapped, size) if is_wrap else None


def _compared(value: SSAValue, predicate: str) -> tuple[SSAValue, SSAValue] | None:
    """What is compared by a predicate; None where the value is anything else."""
    op = value.owner
    if not isinstance(op, arith.CmpiOp):
        return None
    found = arith.CMPI_COMPARISON_OPERATIONS[op.predicate.value.data]
    return (op.lhs, op.rhs) if found == predicate else None


def _are_equal(one: SSAValue, other: SSAValue) -> bool:
    known = constant_int(one)
    return one is other or (known is not None and known == constant_int(other))


class _Sinking:
    def __init__(
        self, rewriter: Rewriter, check: cf.AssertOp, wrap: _Wrap, places: dict[Operation, int]
    ) -> None:
        self.rewriter = rewriter
        self.check = check
        self.wrap = wrap
        self.places = places
        """Where the ops of the check's block are in it."""
        self.place = places[check]

    def run(self) -> None:
        ok = self.check.operands[0]
        for use in tuple(ok.uses):
            if isinstance(use.operation, cf.AssertOp) and self._is_behind(use.operation):
                self._erase(use.operation)
        later = [use for use in tuple(self.wrap.wrapped.uses) if self._is_behind(use.operation)]
        aside = _report_of(self.check), self.check
        first = aside[0] or self.check
        self.rewriter.before(first)
        inside = compare(self.rewriter, "ult", self.wrap.given, self.wrap.size)
        here, there = if_else(self.rewriter, inside, (self.wrap.given.type,))
        branch = here.parent_op()
        assert branch is not None
        branch.attributes[LIKELY] = UnitAttr()
        self.places[branch] = self.place
        for op in aside:
            if op is not None:
                op.detach()
                append(op, there)
        for block, value in ((here, self.wrap.given), (there, self.wrap.wrapped)):
            append(new_op(scf.YieldOp, (value,), location=self.check.location), block)
        for use in later:
            use.operation.operands[use.index] = branch.results[0]

    def _is_behind(self, op: Operation) -> bool:
        """Whether an op runs after the check, in its block or inside of an op there."""
        around: Operation | None = op
        while around is not None and around.parent is not self.check.parent:
            around = around.parent_op()
        return around is not None and self.places.get(around, -1) > self.place

    def _erase(self, check: cf.AssertOp) -> None:
        report = _report_of(check)
        self.rewriter.erase(check)
        if report is not None:
            self.rewriter.erase(report)


def _report_of(check: cf.AssertOp) -> scf.IfOp | None:
    """The branch in front of a check that says what is wrong when it is."""
    report = check.prev_op
    if not isinstance(report, scf.IfOp) or report.results:
        return None
    failed = report.operands[0].owner
    is_negation = isinstance(failed, arith.XOrIOp) and failed.operands[0] is check.operands[0]
    return report if is_negation else None
