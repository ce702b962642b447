"""`if-conversion`: short branches in loops become selections."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tfc.passes import builders
from tfc.passes.canonicalization.intervals import is_inside
from tfc.passes.effects import is_speculatable
from tfc.passes.rewriting import Rewriter, insert_before, walk
from xdsl.context import Context
from xdsl.dialects import arith, cf, scf, tensor
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass

MOST_OPS = 16
"""What both arms may compute together: a branch that is predicted wrongly costs as much."""

_SLOW = ("math.", "arith.div", "arith.rem", "linalg.", "vector.", "tensor.extract_slice", "tfc.")
_LOOPS = (scf.ForOp, scf.WhileOp)


class IfConversionPass(ModulePass):
    """Compute both arms of short branches in loops, and select.

    Before:
        %r = scf.if %equal -> (tensor<9xi64>) {
          %a = tensor.extract %t[%i]
          %b = arith.addi %a, %one
          %t1 = tensor.insert %b into %t[%j]
          scf.yield %t1
        } else {
          cf.assert %ok, "..."
          %t2 = tensor.insert %x into %t[%j]
          scf.yield %t2
        }
    After:
        %a = tensor.extract %t[%i]
        %b = arith.addi %a, %one
        %fine = arith.ori %ok, %equal
        cf.assert %fine, "..."
        %v = arith.select %equal, %b, %x
        %r = tensor.insert %v into %t[%j]

    The arms have cheap ops that may run at any time, reads whose indices are known to be inside, and checks, which get the
    branch's condition as a reason to hold. What they give are scalars, or a tensor that both insert into at the same place.

    Pre-condition: linalg stage; tensors of rank 0 are scalars. Linear in the number of ops.
    """

    name = "if-conversion"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        branches = [inner for inner in walk(op) if isinstance(inner, scf.IfOp)]
        for branch in reversed(branches):  # inner ones first
            if branch.results and _is_in_loop(branch):
                conversion = _Conversion(branch)
                if conversion.is_possible():
                    conversion.run()


def _is_in_loop(op: Operation) -> bool:
    parent = op.parent_op()
    while parent is not None and not isinstance(parent, _LOOPS):
        parent = parent.parent_op()
    return parent is not None


class _Conversion:
    """One branch: its arms, and which of their values are the same."""

    def __init__(self, op: scf.IfOp) -> None:
        self.op = op
        self.arms: tuple[Block, Block] = (op.true_region.block, op.false_region.block)
        self.inserts: set[Operation] = set()
        """The insertions that the arms end with."""
        self.numbers: dict[Hashable, int] = {}
        self.number_of: dict[SSAValue, int] = {}

    def yielded(self) -> Iterator[tuple[SSAValue, SSAValue]]:
        """What the arms give for each result."""
        first, second = (arm.last_op for arm in self.arms)
        assert first is not None
        assert second is not None
        return zip(first.operands, second.operands, strict=True)

    def is_possible(self) -> bool:
        """Whether the branch is short, and nothing in it has to wait for the condition."""
        ops = [op for arm in self.arms for op in arm.ops if op.next_op is not None]
        if sum(not isinstance(op, arith.ConstantOp) for op in ops) > MOST_OPS:
            return False
        self.inserts = {op for pair in self.yielded() for v in pair if (op := self._insert(v))}
        if not all(op in self.inserts or _is_check(op) or _may_always_run(op) for op in ops):
            return False
        for op in ops:
            for result in op.results:
                self.number_of[result] = self._number(op)
        return all(self._can_select(*pair) for pair in self.yielded())

    def _insert(self, value: SSAValue) -> tensor.InsertOp | None:
        """The insertion that gives a value, when only the arm's end uses it."""
        owner = value.owner
        if isinstance(owner, tensor.InsertOp) and owner.parent in self.arms:
            return owner if value.has_one_use() else None
        return None

    def _number(self, op: Operation) -> int:
        """Equal for ops of both arms that compute the same."""
        key = (
            type(op),
            tuple([self.number_of.get(value, value) for value in op.operands]),
            tuple(sorted(op.properties.items(), key=lambda item: item[0])),
            op.results[0].type,
        )
        return self.numbers.setdefault(key, len(self.numbers))

    def _same(self, one: SSAValue, other: SSAValue) -> bool:
        return self.number_of.get(one, one) == self.number_of.get(other, other)

    def _can_select(self, one: SSAValue, other: SSAValue) -> bool:
        if not isinstance(one.type, TensorType) or self._same(one, other):
            return True
        first, second = self._insert(one), self._insert(other)
        return (
            first is not None
            and second is not None
            and all(map(self._same, first.operands[1:], second.operands[1:]))
        )

    def run(self) -> None:
        """Move everything in front of the branch, and put selections in its place."""
        op, rewriter = self.op, Rewriter()
        condition = op.operands[0]
        rewriter.before(op)
        checks = any(_is_check(inner) for arm in self.arms for inner in arm.ops)
        otherwise = _negated(rewriter, condition) if checks else condition
        kept: dict[int, SSAValue] = {}
        for arm, taken, skipped in zip(
            self.arms, (condition, otherwise), (otherwise, condition), strict=True
        ):
            for inner in list(arm.ops)[:-1]:
                if inner in self.inserts:
                    continue
                number = self.number_of[inner.results[0]] if inner.results else None
                if number in kept:
                    rewriter.replace(inner, kept[number])
                    continue
                if number is not None:
                    kept[number] = inner.results[0]
                inner.detach()
                insert_before(inner, op)
                if _is_check(inner):
                    _guard(rewriter, inner, taken, skipped)
        rewriter.before(op)
        values = [self._selected(rewriter, condition, *pair) for pair in self.yielded()]
        rewriter.replace(op, values)

    def _selected(
        self, rewriter: Rewriter, condition: SSAValue, one: SSAValue, other: SSAValue
    ) -> SSAValue:
        if self._same(one, other):
            return one
        first, second = self._insert(one), self._insert(other)
        if first is None or second is None:
            return rewriter.value(arith.SelectOp, (condition, one, other), one.type)
        value = self._selected(rewriter, condition, first.operands[0], second.operands[0])
        return rewriter.value(tensor.InsertOp, (value, *first.operands[1:]), one.type)


def _may_always_run(op: Operation) -> bool:
    if isinstance(op, tensor.ExtractOp):
        return is_inside(op.operands[0], op.operands[1:])
    if any(isinstance(result.type, TensorType) for result in op.results):
        return False
    return is_speculatable(op) and not op.name.startswith(_SLOW)


def _is_check(op: Operation) -> bool:
    """Whether an op gives nothing: an assertion, or a branch with one arm."""
    if isinstance(op, scf.IfOp):
        return not op.results and sum(map(_has_ops, op.regions)) == 1
    return isinstance(op, cf.AssertOp)


def _has_ops(region: Region) -> bool:
    return bool(region.blocks) and region.block.first_op is not region.block.last_op


def _guard(rewriter: Rewriter, check: Operation, taken: SSAValue, skipped: SSAValue) -> None:
    """Make a check hold where its arm is not taken."""
    rewriter.before(check)
    runs_if_true = isinstance(check, scf.IfOp) and _has_ops(check.regions[0])
    cls, reason = (arith.AndIOp, taken) if runs_if_true else (arith.OrIOp, skipped)
    check.operands[0] = rewriter.value(cls, (check.operands[0], reason), builders.I1)


def _negated(rewriter: Rewriter, condition: SSAValue) -> SSAValue:
    true = builders.constant(rewriter, 1, builders.I1)
    return rewriter.value(arith.XOrIOp, (condition, true), builders.I1)
