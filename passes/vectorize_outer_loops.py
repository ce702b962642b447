"""`vectorize-outer-loops`: parallel loops, also those around sequential ones, become loops over vectors."""

from __future__ import annotations

from dataclasses import dataclass

from tfc.passes import builders
from tfc.passes.builders import INDEX, constant_int, index_constant
from tfc.passes.rewriting import Rewriter, append, new_op, walk
from tfc.passes.structured import body_cost
from tfc.passes.vectorization.body import VectorBody, hoist_uniform
from tfc.passes.vectorization.shape import Shape
from xdsl.context import Context
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.passes import ModulePass

LEAST_WHOLE = 4
"""Whole vectors that there have to be for each incomplete one."""

GATHERING_BITS = 256
"""Machines with vectors of this width read their elements from anywhere at once (AVX2); others one by one."""


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

    LLVM's vectoriser takes only innermost loops, which are not the parallel ones where there are loops inside. Of other loops
    it makes the same vectors, but takes ten times as long. A vector is as wide as several of the machine's, as many as fit its
    registers beside all that is live. What is the same for all elements stays scalar.

    Elements of 32 and 64 bits that are read from anywhere in the last dimension of a buffer, as in a table, are gathered where
    `vector-bits` says that the machine can. A loop is left alone when another element is read or written that is not next to its
    neighbour's (unless in a column, and the body has a function with branches, of which LLVM makes no vectors: then element by
    element), an op has no vector instruction (integer division), or rows are so short that a large part of their vectors would
    be incomplete (unless LLVM would have more than `long` additions to look at).

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
            shape = _shape(inner, can_gather=self.vector_bits >= GATHERING_BITS)
            if shape is not None and shape.is_vectorizable():
                lanes = shape.lanes(self.vector_bits, self.vector_registers)
                needed = shape.loops() or body_cost(inner.body.block.ops) > self.long
                if lanes > 1 and (needed or _is_mostly_whole(shape.size, lanes)):
                    _vectorize(rewriter, inner, shape, lanes)


def _shape(loop: scf.ParallelOp, *, can_gather: bool) -> Shape | None:
    """The last dimension of a loop, if that counts from zero."""
    count = len(loop.body.block.args)
    if constant_int(loop.operands[count - 1]) != 0 or constant_int(loop.operands[-1]) != 1:
        return None
    size = constant_int(loop.operands[2 * count - 1])
    return Shape(loop, loop.body.block.args[-1], size, can_gather=can_gather)


def _is_mostly_whole(size: int | None, lanes: int) -> bool:
    """Whether few of the vectors are incomplete: storing a part of one takes longer than storing its elements."""
    return size is None or size % lanes == 0 or size >= LEAST_WHOLE * lanes


def _vectorize(rewriter: Rewriter, loop: scf.ParallelOp, shape: Shape, lanes: int) -> None:
    rewriter.before(loop)
    old = loop.body.block
    count = len(old.args)
    if all(constant_int(size) for size in loop.operands[count : 2 * count]):
        hoist_uniform(rewriter, shape)
    length = index_constant(rewriter, lanes)
    size = loop.operands[2 * count - 1]
    operands = list(loop.operands)
    if shape.size is None:
        rest = index_constant(rewriter, lanes - 1)
        operands[2 * count - 1] = rewriter.value(
            arith.DivUIOp, (builders.addi(rewriter, size, rest), length), INDEX
        )
    else:
        operands[2 * count - 1] = index_constant(rewriter, -(-shape.size // lanes))
    if count == 1 and shape.size == lanes:
        first = index_constant(rewriter, 0)
        VectorBody(rewriter, shape, lanes, {old.args[0]: first}).emit(old)
        rewriter.erase(loop)
        return
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
    start = builders.muli(rewriter, block.args[-1], length)
    outer: dict[SSAValue, SSAValue] = dict(zip(old.args, (*block.args[:-1], start), strict=True))
    if shape.size is not None and shape.size % lanes == 0:
        VectorBody(rewriter, shape, lanes, outer).emit(old)
    else:
        left = rewriter.value(arith.SubiOp, (size, start), INDEX)
        full, partial = builders.if_else(rewriter, builders.compare(rewriter, "sge", left, length))
        rewriter.at_start(full)
        VectorBody(rewriter, shape, lanes, outer).emit(old)
        rewriter.at_start(partial)
        VectorBody(rewriter, shape, lanes, outer, left).emit(old)
    rewriter.erase(loop)
