"""`convert-scf-to-cf`: structured control flow becomes branches between blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tfc.passes.builders import INDEX, compare, integer_attr, segments
from tfc.passes.rewriting import Rewriter, append, new_op, walk
from xdsl.dialects import arith, cf, scf
from xdsl.dialects.builtin import (
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    LocationAttr,
    VectorType,
    i32,
    i64,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

if TYPE_CHECKING:
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp

UNROLLED = 4
"""Iterations of a short loop that follow each other without a jump."""

SHORT = 64
"""The ops of a loop up to which it is short."""


class ConvertScfToCfPass(ModulePass):
    """Turn structured control flow into branches between blocks.

    Pre-condition: none on types; `scf.parallel` must not reduce.

        %r = scf.for %i = %lb to %ub step %s iter_args(%x = %init) -> (f32) {
          %y = arith.addf %x, %x : f32
          scf.yield %y : f32
        }

    becomes

          cf.br ^head(%lb, %init : index, f32)
        ^head(%i: index, %r: f32):
          %more = arith.cmpi slt, %i, %ub : index
          cf.cond_br %more, ^body, ^exit
        ^body:
          %y = arith.addf %r, %r : f32
          %next = arith.addi %i, %s : index
          cf.br ^head(%next, %y : index, f32)
        ^exit:

    The attributes of a loop go to the branch that closes it, those of an `scf.if` to its branch. Short loops with branches in
    them, which LLVM hardly vectorises, are marked to be unrolled (`tfc.unroll`). Linear in the number of ops: each is moved
    once. Post-condition: no `scf` ops in functions.
    """

    name = "convert-scf-to-cf"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in op.body.block.ops:
            if isinstance(function, FuncOp) and function.body.blocks:
                if len(function.body.blocks) == 1:
                    _Flattener(function.body).run()
                elif any(inner.name.startswith("scf.") for inner in walk(function)):
                    _flatten_blocks(function.body)


def _flatten_blocks(region: Region) -> None:
    """Flatten each block of a region that has several already."""
    blocks = list(region.blocks)
    for block in blocks:
        _Flattener(region).run_block(block)


class _Flattener:
    """Moves the ops of nested blocks into blocks of one region."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.rewriter = Rewriter()

    def run(self) -> None:
        self.run_block(self.region.block)

    def run_block(self, block: Block) -> None:
        ops = _take_ops(block)
        last, terminator = self.emit(ops, block)
        append(terminator, last)

    def emit(self, ops: Sequence[Operation], block: Block) -> tuple[Block, Operation]:
        """Put ops at the end of `block`; give the block where they end, and their terminator."""
        for op in ops[:-1]:
            lower = _LOWERINGS.get(type(op))
            if lower is not None:
                block = lower(self, op, block)
            elif op.name.startswith("scf."):
                raise PassFailedException(f"convert-scf-to-cf: '{op.name}' is not supported")
            else:
                append(op, block)
        return block, ops[-1]

    # -- pieces ---------------------------------------------------------------------------------

    def new_block(self, arguments: Sequence[SSAValue] = ()) -> Block:
        """A block with arguments for values like these; it is not in the region yet."""
        block = Block(arg_types=[value.type for value in arguments])
        for argument, value in zip(block.args, arguments, strict=True):
            argument.name_hint = value.name_hint
        return block

    def add(self, block: Block) -> Block:
        """Put a block at the end of the region."""
        self.region.add_block(block)
        return block

    def branch(
        self, block: Block, target: Block, values: Sequence[SSAValue], location: LocationAttr
    ) -> Operation:
        """End `block` with a jump."""
        op = new_op(cf.BranchOp, values, successors=(target,), location=location)
        append(op, block)
        return op

    def branch_if(
        self,
        block: Block,
        condition: SSAValue,
        targets: tuple[Block, Block],
        location: LocationAttr,
        attributes: dict[str, Attribute] | None = None,
    ) -> None:
        """End `block` with a jump to one of two blocks."""
        properties = {"operandSegmentSizes": segments(1, 0, 0)}
        op = new_op(
            cf.ConditionalBranchOp,
            (condition,),
            (),
            properties,
            attributes=attributes,
            successors=targets,
            location=location,
        )
        append(op, block)

    # -- ops ------------------------------------------------------------------------------------

    def lower_if(self, op: Operation, block: Block) -> Block:
        """`scf.if`."""
        exit_block = self.new_block(op.results)
        arms: list[Block] = []
        for region in op.regions:
            if region.blocks:
                arms.append(self._arm(region, exit_block, op.location))
            else:
                arms.append(exit_block)
        self.branch_if(block, op.operands[0], (arms[0], arms[1]), op.location, op.attributes)
        self.add(exit_block)
        _erase(op, exit_block.args)
        return exit_block

    def lower_switch(self, op: Operation, block: Block) -> Block:
        """`scf.index_switch`; its first region is the default."""
        exit_block = self.new_block(op.results)
        arms = [self._arm(region, exit_block, op.location) for region in op.regions]
        cases = op.properties["cases"]
        assert isinstance(cases, DenseArrayBase)
        values = [int(v) for v in cases.get_values()]
        self.rewriter.at_end(block, op.location)
        flag = self.rewriter.value(arith.IndexCastOp, (op.operands[0],), i64)
        properties: dict[str, Attribute] = {
            "operandSegmentSizes": segments(1, 0, 0),
            "case_operand_segments": DenseArrayBase.from_list(i32, [0] * len(values)),
        }
        if values:
            type = VectorType(i64, (len(values),))
            properties["case_values"] = DenseIntOrFPElementsAttr.from_list(type, values)
        switch = new_op(cf.SwitchOp, (flag,), (), properties, successors=arms, location=op.location)
        append(switch, block)
        self.add(exit_block)
        _erase(op, exit_block.args)
        return exit_block

    def _arm(self, region: Region, exit_block: Block, location: LocationAttr) -> Block:
        first = self.add(self.new_block())
        last, terminator = self.emit(_take_ops(region.block), first)
        self.branch(last, exit_block, terminator.operands, location)
        terminator.erase()
        return first

    def lower_for(self, op: Operation, block: Block) -> Block:
        """`scf.for`."""
        attributes = _hints(op)
        lower, upper, step, *initial = op.operands
        body = op.regions[0].block
        head = self.add(self.new_block(body.args))
        self.branch(block, head, (lower, *initial), op.location)
        first, exit_block = self.add(self.new_block()), self.new_block()
        self.rewriter.at_end(head, op.location)
        more = compare(self.rewriter, "slt", head.args[0], upper)
        self.branch_if(head, more, (first, exit_block), op.location)
        _rename(body.args, head.args)
        last, terminator = self.emit(_take_ops(body), first)
        self.rewriter.at_end(last, op.location)
        following = self.rewriter.value(arith.AddiOp, (head.args[0], step), head.args[0].type)
        latch = self.branch(last, head, (following, *terminator.operands), op.location)
        latch.attributes.update(attributes)
        terminator.erase()
        self.add(exit_block)
        _erase(op, head.args[1:])
        return exit_block

    def lower_while(self, op: Operation, block: Block) -> Block:
        """`scf.while`."""
        attributes = _hints(op)
        before, after = (region.block for region in op.regions)
        head = self.add(self.new_block(before.args))
        self.branch(block, head, op.operands, op.location)
        _rename(before.args, head.args)
        tested, condition = self.emit(_take_ops(before), head)
        forwarded = tuple(condition.operands[1:])
        first, exit_block = self.add(self.new_block()), self.new_block()
        self.branch_if(tested, condition.operands[0], (first, exit_block), op.location)
        condition.erase()
        _rename(after.args, forwarded)
        last, terminator = self.emit(_take_ops(after), first)
        latch = self.branch(last, head, terminator.operands, op.location)
        latch.attributes.update(attributes)
        terminator.erase()
        self.add(exit_block)
        _erase(op, forwarded)
        return exit_block

    def lower_parallel(self, op: Operation, block: Block) -> Block:
        """`scf.parallel` without reductions: one loop after the other."""
        if op.results:
            raise PassFailedException("convert-scf-to-cf: 'scf.parallel' that reduces")
        body = op.regions[0].block
        count = len(body.args)
        lower, upper, step = (op.operands[i * count : (i + 1) * count] for i in range(3))
        heads: list[Block] = []
        exits: list[Block] = []
        for low, high in zip(lower, upper, strict=True):
            head = self.add(Block(arg_types=[INDEX]))
            self.branch(block, head, (low,), op.location)
            block, exit_block = self.add(self.new_block()), self.new_block()
            self.rewriter.at_end(head, op.location)
            more = compare(self.rewriter, "slt", head.args[0], high)
            self.branch_if(head, more, (block, exit_block), op.location)
            heads.append(head)
            exits.append(exit_block)
        _rename(body.args, [head.args[0] for head in heads])
        last, terminator = self.emit(_take_ops(body), block)
        terminator.erase()
        for head, exit_block, by in zip(heads[::-1], exits[::-1], step[::-1], strict=True):
            self.rewriter.at_end(last, op.location)
            following = self.rewriter.value(arith.AddiOp, (head.args[0], by), INDEX)
            latch = self.branch(last, head, (following,), op.location)
            if head is heads[-1]:
                latch.attributes.update(op.attributes)
            last = self.add(exit_block)
        _erase(op, ())
        return last


def _hints(loop: Operation) -> dict[str, Attribute]:
    """The attributes for the branch that closes a loop."""
    inside = walk(loop)[1:]
    if (
        len(inside) > SHORT
        or any(isinstance(op, _LOOPS) for op in inside)
        or not (isinstance(loop, scf.WhileOp) or any(op.regions for op in inside))
    ):
        return loop.attributes
    return {"tfc.unroll": integer_attr(UNROLLED, i64), **loop.attributes}


_LOOPS = (scf.ForOp, scf.WhileOp, scf.ParallelOp)


def _take_ops(block: Block) -> list[Operation]:
    """Detach all ops of a block."""
    ops = list(block.ops)
    for op in ops:
        op.detach()
    return ops


def _rename(old: Sequence[SSAValue], new: Sequence[SSAValue]) -> None:
    for before, after in zip(old, new, strict=True):
        before.replace_all_uses_with(after)


def _erase(op: Operation, values: Sequence[SSAValue]) -> None:
    _rename(op.results, values)
    op.erase()


_LOWERINGS: dict[type[Operation], Callable[[_Flattener, Operation, Block], Block]] = {
    scf.IfOp: _Flattener.lower_if,
    scf.IndexSwitchOp: _Flattener.lower_switch,
    scf.ForOp: _Flattener.lower_for,
    scf.WhileOp: _Flattener.lower_while,
    scf.ParallelOp: _Flattener.lower_parallel,
}
