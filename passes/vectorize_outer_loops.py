"""`vectorize-outer-loops`: parallel loops, also those around sequential ones, become loops over vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from tfc.passes import builders
from tfc.passes.builders import INDEX, constant_int, index_constant
from tfc.passes.expand_math import EXPANSIONS
from tfc.passes.expand_math.emitter import constant_attribute, kind_of
from tfc.passes.rewriting import Rewriter, append, new_op, walk
from tfc.passes.structured import body_cost
from xdsl.context import Context
from xdsl.dialects import arith, math, memref, scf, vector
from xdsl.dialects.builtin import (
    AnyFloat,
    BFloat16Type,
    DenseIntOrFPElementsAttr,
    Float16Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
    ModuleOp,
    NoneAttr,
    StridedLayoutAttr,
    VectorType,
    i1,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass

MAX_UNROLL = 4
"""The most vectors that are worked on side by side, which hides the latency of arithmetic."""

LEAST_WHOLE = 4
"""Whole vectors that there have to be for each incomplete one."""

FUNCTION_REGISTERS = 6
"""Vectors that the polynomial of a function holds."""

_NO_VECTOR_INSTRUCTION = (
    arith.DivSIOp, arith.DivUIOp, arith.RemSIOp, arith.RemUIOp, arith.FloorDivSIOp, arith.CeilDivSIOp,
    arith.CeilDivUIOp, arith.MulSIExtendedOp, arith.MulUIExtendedOp, arith.AddUIExtendedOp,
)  # fmt: skip
_INSTRUCTIONS = (math.SqrtOp, math.AbsFOp, math.FmaOp, math.FloorOp, math.CeilOp, math.TruncOp, math.RoundEvenOp,
                 math.CopySignOp, math.AbsIOp)  # fmt: skip
_ELEMENTWISE = (
    (frozenset(arith.Arith.operations) - frozenset(_NO_VECTOR_INSTRUCTION))
    | frozenset(EXPANSIONS)
    | frozenset(_INSTRUCTIONS)
)


@dataclass(frozen=True)
class VectorizeOuterLoopsPass(ModulePass):
    """Turn parallel loops over elements into loops over vectors of their last dimension.

    Before:
        scf.parallel (%i) = (%c0) to (%n) step (%c1) {
          %x = memref.load %a[%i]
          %y = scf.for ... iter_args(%t = %x) -> (f32) { ... }
          memref.store %y, %b[%i]
        }
    After:
        scf.parallel (%p) = (%c0) to (%blocks) step (%c1) {
          %i = arith.muli %p, %c16
          %left = arith.subi %n, %i
          %whole = arith.cmpi sge, %left, %c16
          scf.if %whole {
            %x = vector.load %a[%i] : vector<16xf32>
            %y = scf.for ... iter_args(%t = %x) -> (vector<16xf32>) { ... }
            vector.store %y, %b[%i]
          } else { the same with masked loads and stores }
        }

    LLVM's vectoriser takes innermost loops only, which where loops are inside are not the parallel ones; of all others it makes
    the same vectors in ten times the time. A vector is as wide as the machine's times how many of them fit its registers beside
    all that is live. What is the same for all elements stays scalar.

    A loop is left alone when an element is read or written that is not next to its neighbour's, an op has no vector
    instruction (integer division), or rows are so short that a large part of their vectors would be incomplete (unless LLVM would
    have more than `long` additions to look at).

    Options: `vector-bits`, `vector-registers`, `long`.

    Pre-condition: `convert-linalg-to-loops`. Numbers do not change.
    """

    name = "vectorize-outer-loops"

    vector_bits: int = 256
    vector_registers: int = 16
    long: int = 300

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if not isinstance(inner, scf.ParallelOp) or inner.results:
                continue
            shape = _Shape(inner)
            if shape.is_vectorizable():
                lanes = shape.lanes(self.vector_bits, self.vector_registers)
                needed = shape.loops() or body_cost(inner.body.block.ops) > self.long
                if lanes > 1 and (needed or shape.is_mostly_whole(lanes)):
                    _Vectorizer(rewriter, inner, shape, lanes).emit()


@dataclass
class _Shape:
    """What a loop's values look like over its last dimension.

    A value that is neither in `varying` nor in `linear` is the same for all elements.
    """

    loop: scf.ParallelOp
    varying: set[SSAValue] = field(default_factory=set[SSAValue])
    """Values with one number for each element."""
    linear: set[SSAValue] = field(default_factory=set[SSAValue])
    """Indices that grow by one from element to element."""

    def is_vectorizable(self) -> bool:
        block = self.loop.body.block
        count = len(block.args)
        if constant_int(self.loop.operands[count - 1]) != 0:
            return False
        if constant_int(self.loop.operands[3 * count - 1]) != 1:
            return False
        self.linear.add(block.args[-1])
        return self._visit(block)

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
            return (lhs in self.linear and self._is_uniform(rhs)) or (
                rhs in self.linear and self._is_uniform(lhs)
            )
        if isinstance(op, arith.SubiOp):
            return op.operands[0] in self.linear and self._is_uniform(op.operands[1])
        return False

    def _is_uniform(self, value: SSAValue) -> bool:
        return value not in self.varying and value not in self.linear

    def _visit_access(self, op: Operation, buffer: SSAValue, indices: Sequence[SSAValue]) -> bool:
        if not self._is_uniform(buffer) or not all(map(self._is_uniform, indices[:-1])):
            return False
        if not indices or self._is_uniform(indices[-1]):
            return True
        self.varying.update(op.results)
        return indices[-1] in self.linear and _is_contiguous(cast("MemRefType[Any]", buffer.type))

    def _visit_loop(self, loop: scf.ForOp) -> bool:
        if not all(map(self._is_uniform, (loop.lb, loop.ub, loop.step))):
            return False
        block = loop.body.block
        yielded = cast(Operation, block.last_op).operands
        arguments = block.args[1:]
        for argument, initial in zip(arguments, loop.iter_args, strict=True):
            if not self._is_uniform(initial):
                self.varying.add(argument)
        while True:
            if not self._visit(block):
                return False
            new = [
                argument
                for argument, value in zip(arguments, yielded, strict=True)
                if not self._is_uniform(value) and argument not in self.varying
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
        count = len(self.loop.body.block.args)
        loops = self.loops()
        live = 2 + (max(map(self._live_across, loops)) if loops else self._live_at_once())
        unroll = MAX_UNROLL
        least = 1 if loops else self._least_interleaved()
        while unroll > least and unroll * live > registers:
            unroll //= 2
        size = constant_int(self.loop.operands[2 * count - 1])
        while size is not None and unroll > 1 and unroll * width > size:
            unroll //= 2
        if size is not None and size < width:
            # A loop inside runs once for all of them, however few there are.
            return 1 << (size - 1).bit_length() if loops else 1
        return unroll * width

    def _least_interleaved(self) -> int:
        """Without a loop inside nothing lives long: some vectors are worth it even where values have to leave their registers."""
        hint = self.loop.attributes.get("tfc.interleave")
        return max(2, hint.value.data) if isinstance(hint, IntegerAttr) else 2

    def is_mostly_whole(self, lanes: int) -> bool:
        """Whether few of the vectors are incomplete: storing a part of one takes longer than storing its elements."""
        size = constant_int(self.loop.operands[2 * len(self.loop.body.block.args) - 1])
        return size is None or size % lanes == 0 or size >= LEAST_WHOLE * lanes

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


@lru_cache(256)
def _vector_type(element: Attribute, lanes: int) -> VectorType[Attribute]:
    return VectorType(element, (lanes,))


class _Vectorizer:
    """Rewrites one loop."""

    def __init__(self, rewriter: Rewriter, loop: scf.ParallelOp, shape: _Shape, lanes: int) -> None:
        self.rewriter = rewriter
        self.loop = loop
        self.shape = shape
        self.lanes = lanes
        self.mask: SSAValue | None = None
        self.scalars: dict[SSAValue, SSAValue] = {}
        """What stands for a value that is the same for all elements, or for a linear one at the first element."""
        self.vectors: dict[SSAValue, SSAValue] = {}
        self.constants: dict[tuple[Block, Attribute], SSAValue] = {}

    def emit(self) -> None:
        """Replace the loop."""
        loop, rewriter = self.loop, self.rewriter
        rewriter.before(loop)
        old = loop.body.block
        count = len(old.args)
        lanes = index_constant(rewriter, self.lanes)
        size = loop.operands[2 * count - 1]
        known = constant_int(size)
        if known is None:
            rest = index_constant(rewriter, self.lanes - 1)
            blocks = rewriter.value(
                arith.DivUIOp, (builders.addi(rewriter, size, rest), lanes), INDEX
            )
        else:
            blocks = index_constant(rewriter, -(-known // self.lanes))
        operands = list(loop.operands)
        operands[2 * count - 1] = blocks
        block = Block(arg_types=[INDEX] * count)
        rewriter.create(
            scf.ParallelOp,
            operands,
            (),
            {"operandSegmentSizes": builders.segments(count, count, count, 0)},
            regions=(Region(block),),
        )
        append(new_op(scf.ReduceOp, location=loop.location), block)
        rewriter.at_start(block, loop.location)
        start = builders.muli(rewriter, block.args[-1], lanes)
        outer: dict[SSAValue, SSAValue] = dict(
            zip(old.args, (*block.args[:-1], start), strict=True)
        )
        if known is not None and known % self.lanes == 0:
            self._body(outer, None)
        else:
            left = rewriter.value(arith.SubiOp, (size, start), INDEX)
            whole = builders.compare(rewriter, "sge", left, lanes)
            full, partial = builders.if_else(rewriter, whole)
            rewriter.at_start(full)
            self._body(outer, None)
            rewriter.at_start(partial)
            kind = cast("VectorType[IntegerType]", _vector_type(i1, self.lanes))
            mask = rewriter.value(vector.CreateMaskOp, (left,), kind)
            self._body(outer, mask)
        rewriter.erase(loop)

    def _body(self, outer: dict[SSAValue, SSAValue], mask: SSAValue | None) -> None:
        self.scalars, self.vectors, self.mask = dict(outer), {}, mask
        self._block(self.loop.body.block)

    def _block(self, block: Block) -> None:
        for op in block.ops:
            self._op(op)

    def _op(self, op: Operation) -> None:
        rewriter = self.rewriter
        rewriter.location = op.location
        if isinstance(op, memref.LoadOp) and op.results[0] in self.shape.varying:
            self.vectors[op.results[0]] = self._load(op)
        elif isinstance(op, memref.StoreOp):
            self._store(op)
        elif isinstance(op, scf.ForOp):
            self._for(op)
        elif isinstance(op, scf.YieldOp | scf.ReduceOp):
            pass
        elif op.results and op.results[0] in self.shape.varying:
            copy = rewriter.create(
                type(op),
                [self._vector(value) for value in op.operands],
                [_vector_type(result.type, self.lanes) for result in op.results],
                dict(op.properties),
            )
            self.vectors.update(zip(op.results, copy.results, strict=True))
        else:
            copy = op.clone(self.scalars)
            rewriter.insert(copy)
            copy.location = op.location

    def _scalar(self, value: SSAValue) -> SSAValue:
        return self.scalars.get(value, value)

    def _vector(self, value: SSAValue) -> SSAValue:
        """A value as one number for each element."""
        found = self.vectors.get(value)
        if found is not None:
            return found
        rewriter = self.rewriter
        kind = _vector_type(value.type, self.lanes)
        if isinstance(value.owner, arith.ConstantOp):
            return self._constant(value.owner.value, kind)
        result = rewriter.value(vector.BroadcastOp, (self._scalar(value),), kind)
        if value in self.shape.linear:
            steps = rewriter.value(arith.ConstantOp, (), kind, {"value": _iota(self.lanes)})
            result = rewriter.value(arith.AddiOp, (result, steps), kind)
        return result

    def _constant(self, number: Attribute, kind: VectorType[Attribute]) -> SSAValue:
        """A constant for all elements, once in a block."""
        block = self.rewriter.point()[0]
        assert block is not None
        found = self.constants.get((block, number))
        if found is None:
            value = cast("IntegerAttr[Any] | FloatAttr[Any]", number).value.data
            attribute = constant_attribute(value, kind_of(kind.element_type, (self.lanes,)))
            found = self.rewriter.value(arith.ConstantOp, (), kind, {"value": attribute})
            self.constants[block, number] = found
        return found

    def _load(self, op: memref.LoadOp) -> SSAValue:
        rewriter = self.rewriter
        place = [self._scalar(value) for value in op.operands]
        kind = _vector_type(op.results[0].type, self.lanes)
        if self.mask is None:
            return rewriter.value(vector.LoadOp, place, kind)
        nothing = builders.constant(rewriter, 0, op.results[0].type)
        other = rewriter.value(vector.BroadcastOp, (nothing,), kind)
        return rewriter.value(vector.MaskedLoadOp, (*place, self.mask, other), kind)

    def _store(self, op: memref.StoreOp) -> None:
        value = self._vector(op.operands[0])
        place = [self._scalar(value) for value in op.operands[1:]]
        if self.mask is None:
            self.rewriter.create(vector.StoreOp, (value, *place))
        else:
            self.rewriter.create(vector.MaskedStoreOp, (*place, self.mask, value))

    def _for(self, op: scf.ForOp) -> None:
        rewriter = self.rewriter
        block = op.body.block
        varying = [argument in self.shape.varying for argument in block.args[1:]]
        carried = [
            self._vector(value) if is_vector else self._scalar(value)
            for value, is_vector in zip(op.iter_args, varying, strict=True)
        ]
        bounds = [self._scalar(value) for value in (op.lb, op.ub, op.step)]
        loop, body = builders.for_loop(rewriter, bounds[0], bounds[1], bounds[2], carried)
        loop.attributes.update(op.attributes)
        self.scalars[block.args[0]] = body.args[0]
        for old, new, is_vector in zip(block.args[1:], body.args[1:], varying, strict=True):
            (self.vectors if is_vector else self.scalars)[old] = new
        rewriter.at_end(body)
        self._block(block)
        left = cast(Operation, block.last_op).operands
        rewriter.create(
            scf.YieldOp,
            [
                self._vector(value) if is_vector else self._scalar(value)
                for value, is_vector in zip(left, varying, strict=True)
            ],
        )
        rewriter.after(loop)
        for old, new, is_vector in zip(op.results, loop.results, varying, strict=True):
            (self.vectors if is_vector else self.scalars)[old] = new


@lru_cache(64)
def _iota(lanes: int) -> Attribute:
    return DenseIntOrFPElementsAttr.from_list(
        cast("VectorType[IndexType]", _vector_type(INDEX, lanes)), list(range(lanes))
    )
