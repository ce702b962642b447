"""How a value differs between the elements of a loop: not at all, by one from each to the next, or in any way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tfc.dialects.arith import Arith
from tfc.passes.expand_math import EXPANSIONS, is_branching
from xdsl.dialects import arith, math, memref, scf
from xdsl.dialects.builtin import (
    AnyFloat,
    BFloat16Type,
    Float16Type,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    i1,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue

MAX_UNROLL = 4
"""The most vectors that are worked on side by side, which hides the latency of arithmetic."""

FUNCTION_REGISTERS = 6
"""Vectors that the polynomial of a function holds."""

_NO_VECTOR_INSTRUCTION = (
    arith.DivSIOp, arith.DivUIOp, arith.RemSIOp, arith.RemUIOp, arith.FloorDivSIOp, arith.CeilDivSIOp,
    arith.CeilDivUIOp, arith.MulSIExtendedOp, arith.MulUIExtendedOp, arith.AddUIExtendedOp,
)  # fmt: skip
_INSTRUCTIONS = (math.SqrtOp, math.AbsFOp, math.FmaOp, math.FloorOp, math.CeilOp, math.TruncOp, math.RoundEvenOp,
                 math.CopySignOp, math.AbsIOp)  # fmt: skip
_ELEMENTWISE = (
    (frozenset(Arith.operations) - frozenset(_NO_VECTOR_INSTRUCTION))
    | frozenset(EXPANSIONS)
    | frozenset(_INSTRUCTIONS)
)


@dataclass
class Shape:
    """What the values of a loop over elements look like; its index grows by one from element to element.

    A value that is neither in `varying` nor in `linear` is the same for all elements.
    """

    loop: scf.ParallelOp | scf.ForOp
    index: SSAValue
    size: int | None
    """How many elements there are, where that is known."""
    varying: set[SSAValue] = field(default_factory=set[SSAValue])
    """Values with one number for each element."""
    linear: set[SSAValue] = field(default_factory=set[SSAValue])
    """Indices that grow by one from element to element."""
    scattered: set[Operation] = field(default_factory=set[Operation])
    """Reads and writes of elements that are not next to their neighbours'."""
    can_gather: bool = False
    """Whether the machine reads a vector of elements from anywhere at once."""
    gathered: set[Operation] = field(default_factory=set[Operation])
    """Reads of elements from anywhere in the last dimension of a buffer."""

    def is_vectorizable(self) -> bool:
        """Whether all elements can be worked on at once: what the other questions rely on."""
        self.linear.add(self.index)
        # LLVM reads and writes what is scattered better than element by element, but makes no vectors of loops with branches.
        return self._visit(self.loop.body.block) and (
            not self.scattered or any(map(is_branching, self.loop.body.block.walk()))
        )

    def _visit(self, block: Block) -> bool:
        return all(self._visit_op(op) for op in block.ops)

    def _visit_op(self, op: Operation) -> bool:
        if isinstance(op, memref.LoadOp):
            return self._visit_access(op, op.operands[0], op.operands[1:])
        if isinstance(op, memref.StoreOp):
            _, buffer, *indices = op.operands
            # Two elements must not write to one place.
            return (
                self._visit_access(op, buffer, indices)
                and indices[-1:] != []
                and indices[-1] in self.linear
            )
        if isinstance(op, scf.ForOp):
            return self._visit_loop(op)
        if isinstance(op, scf.YieldOp | scf.ReduceOp):
            return True
        mixed = [value for value in op.operands if value in self.varying or value in self.linear]
        if not mixed:
            return type(op) in _ELEMENTWISE or isinstance(
                op, memref.DimOp | memref.SubviewOp | memref.CollapseShapeOp
            )
        if self._stays_linear(op):
            self.linear.update(op.results)
            return True
        self.varying.update(op.results)
        self.linear.difference_update(op.results)  # another look at a loop's body may find more
        return type(op) in _ELEMENTWISE and all(_is_number(value.type) for value in op.results)

    def _stays_linear(self, op: Operation) -> bool:
        if isinstance(op, arith.AddiOp):
            lhs, rhs = op.operands
            return (lhs in self.linear and self.is_uniform(rhs)) or (
                rhs in self.linear and self.is_uniform(lhs)
            )
        if isinstance(op, arith.SubiOp):
            return op.operands[0] in self.linear and self.is_uniform(op.operands[1])
        return False

    def is_uniform(self, value: SSAValue) -> bool:
        """Whether a value is the same for all elements."""
        return value not in self.varying and value not in self.linear

    def _visit_access(self, op: Operation, buffer: SSAValue, indices: Sequence[SSAValue]) -> bool:
        if not self.is_uniform(buffer) or not all(map(self.is_uniform, indices[:-1])):
            return False
        if not indices or self.is_uniform(indices[-1]):
            return True
        self.varying.update(op.results)
        contiguous = _is_contiguous(cast("MemRefType[Any]", buffer.type))
        if indices[-1] in self.varying and self.can_gather and contiguous:
            self.gathered.add(op)
            return isinstance(op, memref.LoadOp) and _bits(op.results[0].type) in (32, 64)
        if not contiguous:
            self.scattered.add(op)
        return indices[-1] in self.linear

    def _visit_loop(self, loop: scf.ForOp) -> bool:
        if not all(map(self.is_uniform, (loop.lb, loop.ub, loop.step))):
            return False
        block = loop.body.block
        yielded = cast(Operation, block.last_op).operands
        arguments = block.args[1:]
        for argument, initial in zip(arguments, loop.iter_args, strict=True):
            if not self.is_uniform(initial):
                self.varying.add(argument)
        while True:
            if not self._visit(block):
                return False
            new = [
                argument
                for argument, value in zip(arguments, yielded, strict=True)
                if not self.is_uniform(value) and argument not in self.varying
            ]
            if not new:
                break
            self.varying.update(new)
        for argument, result in zip(arguments, loop.results, strict=True):
            if argument in self.varying:
                self.varying.add(result)
        return all(_is_number(a.type) for a in arguments if a in self.varying)

    # -- how wide -------------------------------------------------------------------------------

    def lanes(self, vector_bits: int, registers: int) -> int:
        """How many elements are worked on at once: as many vectors as stay in registers."""
        widths = [_bits(value.type) for value in self.varying if value.type != i1]
        width = vector_bits // max(widths, default=32)
        loops = self.loops()
        live = 2 + (max(map(self._live_across, loops)) if loops else self._live_at_once())
        unroll = MAX_UNROLL
        least = 1 if loops else self._least_interleaved()
        while unroll > least and unroll * live > registers:
            unroll //= 2
        size = self.size
        while size is not None and unroll > 1 and unroll * width > size:
            unroll //= 2
        if size is not None and size < width:
            # A loop inside runs once for all of them, however few there are.
            whole = 1 << (size - 1).bit_length()
            return whole if loops or (size > 2 and size == whole) else 1
        return unroll * width

    def _least_interleaved(self) -> int:
        """Without a loop inside nothing lives long: some vectors are worth it even where values have to leave their registers.

        What is carried from element to element is worth more of them, unless a function has enough to do for itself.
        """
        hint = self.loop.attributes.get("tfc.interleave")
        least = hint.value.data if isinstance(hint, IntegerAttr) else 2
        block = self.loop.body.block
        if len(block.args) > 1 and isinstance(self.loop, scf.ForOp):
            least = 2 if any(type(op) in EXPANSIONS for op in block.ops) else MAX_UNROLL
        return least

    def loops(self) -> list[scf.ForOp]:
        """The sequential loops inside."""
        return [op for op in self.loop.body.block.ops if isinstance(op, scf.ForOp)]

    def _live_at_once(self) -> int:
        """How many vectors a body without loops holds at most, what its functions need among them."""
        last: dict[SSAValue, Operation] = {}
        for op in self.loop.body.block.ops:
            last.update((value, op) for value in op.operands if value in self.varying)
        live = most = 0
        for op in self.loop.body.block.ops:
            inside = FUNCTION_REGISTERS if type(op) in EXPANSIONS else 0
            live += sum(result in last for result in op.results)
            most = max(most, live + inside)
            live -= sum(last.get(value) is op for value in set(op.operands))
        return most

    def _live_across(self, loop: scf.ForOp) -> int:
        """How many vectors an inner loop holds at least: what it carries and what it reads from outside."""
        outside = {
            value
            for op in loop.body.block.walk()
            for value in op.operands
            if value in self.varying and not loop.is_ancestor(value.owner)
        }
        return len(outside) + sum(argument in self.varying for argument in loop.body.block.args)


def _is_number(kind: Attribute) -> bool:
    return isinstance(kind, AnyFloat | IntegerType | IndexType)


def _bits(kind: Attribute) -> int:
    if isinstance(kind, IntegerType):
        return max(8, kind.width.data)
    if isinstance(kind, Float16Type | BFloat16Type):
        return 32  # computed in f32
    return kind.bitwidth if isinstance(kind, AnyFloat) else 64


def _is_contiguous(kind: MemRefType[Any]) -> bool:
    """Whether neighbours along the last dimension are neighbours in memory."""
    layout = kind.layout
    if isinstance(layout, NoneAttr):
        return True
    if not isinstance(layout, StridedLayoutAttr) or not layout.strides.data:
        return False
    last = layout.strides.data[-1]
    return not isinstance(last, NoneAttr) and last.data == 1
