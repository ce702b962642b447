"""`vectorize-inner-loops`: sequential loops over independent elements, also those that reduce them, become loops over vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from tfc.passes import builders
from tfc.passes.builders import INDEX, addi, constant_int, index_constant, muli, subi, vector_type
from tfc.passes.expand_math.emitter import constant_attribute, kind_of
from tfc.passes.loop_costs import trip_count
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import body_cost
from tfc.passes.vectorization.body import VectorBody, hoist_uniform
from tfc.passes.vectorization.shape import Shape
from xdsl.context import Context
from xdsl.dialects import arith, memref, scf, vector
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.utils.fast_math import FastMathFlag
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass

SHORT_REST = 32
"""The cost of what is left of a loop in ever smaller vectors, up to which that is less than storing a part of a vector."""

KINDS: dict[type[Operation], tuple[str, float | None]] = {
    arith.AddfOp: ("add", -0.0),
    arith.MulfOp: ("mul", 1.0),
    arith.MaximumfOp: ("maximumf", None),
    arith.MinimumfOp: ("minimumf", None),
    arith.MaxnumfOp: ("maxnumf", None),
    arith.MinnumfOp: ("minnumf", None),
    arith.AddiOp: ("add", 0),
    arith.MuliOp: ("mul", 1),
    arith.AndIOp: ("and", None),
    arith.OrIOp: ("or", None),
    arith.XOrIOp: ("xor", 0),
    arith.MaxSIOp: ("maxsi", None),
    arith.MinSIOp: ("minsi", None),
    arith.MaxUIOp: ("maxui", None),
    arith.MinUIOp: ("minui", None),
}
"""What elements are combined with: its name in `vector.reduction`, and the number that changes nothing (None where a value that
is combined with itself stays what it is)."""


@dataclass(frozen=True)
class VectorizeInnerLoopsPass(ModulePass):
    """Turn innermost loops that are marked as independent (`tfc.parallel`) into loops over vectors.

    Before:
        %s = scf.for %i = %c0 to %c100 step %c1 iter_args(%t = %first) -> (f32) {
          %x = memref.load %a[%i]
          %u = arith.addf %t, %x fastmath<reassoc>
          scf.yield %u
        } {tfc.parallel}
    After:
        %v = scf.for %i = %c0 to %c96 step %c32 iter_args(%t = %zeros) -> (vector<32xf32>) {
          %x = vector.load %a[%i]
          %u = arith.addf %t, %x fastmath<reassoc>
          scf.yield %u
        }
        %w = vector.reduction <add>, %v, %first
        %x = vector.load %a[%c96] : vector<4xf32>
        %s = vector.reduction <add>, %x, %w

    What such a loop carries is combined from its elements in any order: integers, minima and maxima, and what is marked
    `reassoc`. What is the same for all elements is computed before the loop. A rest of known length is done in ever smaller
    vectors, another one in a vector of which only a part is read and written.

    Columns are read and written element by element, around functions with branches (`arith.remf`; sin, cos and tan of f64); other
    loops over columns are LLVM's.

    Vectors are as wide as in `vectorize-outer-loops`, which goes first: it takes what is parallel around such loops. LLVM
    makes the same vectors in ten times the time.

    Options: `vector-bits`, `vector-registers`.

    Pre-condition: `convert-linalg-to-loops`. Sums marked `reassoc` are regrouped, no other number changes.
    """

    name = "vectorize-inner-loops"

    vector_bits: int = 256
    vector_registers: int = 16

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if isinstance(inner, scf.ForOp) and "tfc.parallel" in inner.attributes:
                size = trip_count(inner.lb, inner.ub, inner.step)
                shape = Shape(inner, inner.body.block.args[0], size)
                kinds = _reductions(inner)
                if kinds is None or constant_int(inner.step) != 1:
                    continue
                shape.varying.update(inner.body.block.args[1:])
                if shape.is_vectorizable() and not shape.loops():
                    lanes = shape.lanes(self.vector_bits, self.vector_registers)
                    if lanes > 1:
                        _Loop(rewriter, inner, shape, kinds).vectorize(lanes)


def _reductions(loop: scf.ForOp) -> list[Operation] | None:
    """The op that combines each value that a loop carries with an element, if nothing else is done with that value."""
    block = loop.body.block
    found: list[Operation] = []
    for argument, value in zip(
        block.args[1:], cast(Operation, block.last_op).operands, strict=True
    ):
        op = value.owner
        if not isinstance(op, Operation) or type(op) not in KINDS or op.parent is not block:
            return None
        if not (argument.has_one_use() and value.has_one_use() and argument in op.operands):
            return None
        is_sum = isinstance(op, arith.AddfOp | arith.MulfOp)
        if is_sum and FastMathFlag.REASSOC not in op.fastmath.data:
            return None
        found.append(op)
    return found


class _Loop:
    """One loop on its way into vectors."""

    def __init__(
        self, rewriter: Rewriter, loop: scf.ForOp, shape: Shape, combining: Sequence[Operation]
    ) -> None:
        self.rewriter = rewriter
        self.loop = loop
        self.block = loop.body.block
        self.shape = shape
        self.combining = combining

    def vectorize(self, lanes: int) -> None:
        """Replace the loop by one over `lanes` elements at a time and what does the rest."""
        rewriter, size = self.rewriter, self.shape.size
        rewriter.before(self.loop)
        totals: Sequence[SSAValue] = self.loop.iter_args
        if size is None:
            totals = self._unknown(lanes, totals)
        else:
            if size > 0:
                hoist_uniform(rewriter, self.shape)
            totals = self._known(size, lanes, totals)
        rewriter.replace(self.loop, totals)

    def _known(self, size: int, lanes: int, totals: Sequence[SSAValue]) -> Sequence[SSAValue]:
        rewriter = self.rewriter
        done = 0
        while done < size:
            rest = (size - done) % lanes
            count = size - done - rest
            if count == 0:
                lanes //= 2
                continue
            start = addi(rewriter, self.loop.lb, index_constant(rewriter, done))
            partial = self._start(lanes, totals)
            if count == lanes:
                partial = self._elements(self._body(lanes), start, partial)
            else:
                end = addi(rewriter, start, index_constant(rewriter, count))
                partial = self._counted(start, end, lanes, partial)
            done += count
            if rest and rest.bit_count() * body_cost(self.block.ops) > SHORT_REST:
                start = addi(rewriter, self.loop.lb, index_constant(rewriter, done))
                left = index_constant(rewriter, rest)
                partial = self._elements(self._body(lanes, left), start, partial)
                done = size
            totals = self._total(partial, totals)
        return totals

    def _unknown(self, lanes: int, totals: Sequence[SSAValue]) -> Sequence[SSAValue]:
        rewriter, loop = self.rewriter, self.loop
        length = index_constant(rewriter, lanes)
        size = subi(rewriter, loop.ub, loop.lb)
        whole = muli(rewriter, rewriter.value(arith.DivSIOp, (size, length), INDEX), length)
        end = addi(rewriter, loop.lb, whole)
        partial = self._counted(loop.lb, end, lanes, self._start(lanes, totals))
        left = subi(rewriter, size, whole)
        is_left = builders.compare(rewriter, "sgt", left, index_constant(rewriter, 0))
        choice = rewriter.create(
            scf.IfOp,
            (is_left,),
            [value.type for value in partial],
            regions=(Region(Block()), Region(Block())),
        )
        behind = rewriter.point()
        rewriter.at_end(choice.true_region.block)
        rewriter.create(scf.YieldOp, self._elements(self._body(lanes, left), end, partial))
        rewriter.at_end(choice.false_region.block)
        rewriter.create(scf.YieldOp, partial)
        rewriter.restore(behind)
        return self._total(choice.results, totals)

    # -- elements -------------------------------------------------------------------------------

    def _body(self, lanes: int, left: SSAValue | None = None) -> VectorBody:
        """The body for vectors; numbers from outside are spread here, once."""
        body = VectorBody(self.rewriter, self.shape, lanes, {}, left)
        for op in self.block.ops:
            for value in self._numbers(op):
                if self.shape.is_uniform(value) and not self.block.is_ancestor(value.owner):
                    body.vectors[value] = body.vector(value)
        return body

    def _numbers(self, op: Operation) -> Sequence[SSAValue]:
        """The operands of an op of which there is one for each element."""
        if isinstance(op, memref.StoreOp):
            return op.operands[:1]
        is_computed = op.results and op.results[0] in self.shape.varying
        return op.operands if is_computed and not isinstance(op, memref.LoadOp) else ()

    def _counted(
        self, start: SSAValue, end: SSAValue, lanes: int, partial: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        rewriter = self.rewriter
        body = self._body(lanes)
        step = index_constant(rewriter, lanes)
        loop, block = builders.for_loop(rewriter, start, end, step, partial)
        rewriter.at_end(block)
        rewriter.create(scf.YieldOp, self._elements(body, block.args[0], block.args[1:]))
        rewriter.after(loop)
        return loop.results

    def _elements(
        self, body: VectorBody, first: SSAValue, partial: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        """Combine the elements of a vector from `first` on with what there is so far."""
        body.scalars[self.shape.index] = first
        body.vectors.update(zip(self.block.args[1:], partial, strict=True))
        body.emit(self.block)
        new = [body.vector(op.results[0]) for op in self.combining]
        if body.mask is None:
            return new
        return [
            self.rewriter.value(arith.SelectOp, (body.mask, value, old), value.type)
            for value, old in zip(new, partial, strict=True)
        ]

    # -- reductions -----------------------------------------------------------------------------

    def _start(self, lanes: int, totals: Sequence[SSAValue]) -> list[SSAValue]:
        """What each lane starts from."""
        result: list[SSAValue] = []
        for op, total in zip(self.combining, totals, strict=True):
            kind = vector_type(total.type, lanes)
            neutral = KINDS[type(op)][1]
            if neutral is None:
                result.append(self.rewriter.value(vector.BroadcastOp, (total,), kind))
            else:
                number = constant_attribute(neutral, kind_of(total.type, (lanes,)))
                result.append(self.rewriter.value(arith.ConstantOp, (), kind, {"value": number}))
        return result

    def _total(self, partial: Sequence[SSAValue], totals: Sequence[SSAValue]) -> list[SSAValue]:
        """The lanes combined with each other and with what came before, unless they started from that."""
        result: list[SSAValue] = []
        for op, value, total in zip(self.combining, partial, totals, strict=True):
            name, neutral = KINDS[type(op)]
            kind = vector.CombiningKindAttr(vector.CombiningKindFlag(name))
            properties: dict[str, Attribute] = {"kind": kind}
            if "fastmath" in op.properties:
                properties["fastmath"] = op.properties["fastmath"]
            operands = (value,) if neutral is None else (value, total)
            result.append(self.rewriter.value(vector.ReductionOp, operands, total.type, properties))
        return result
