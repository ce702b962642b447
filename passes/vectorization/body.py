"""The body of a loop, worked on for several elements at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from tfc.dialects.vector import FromElementsOp, GatherOp, ToElementsOp
from tfc.passes import builders
from tfc.passes.builders import INDEX, vector_type
from tfc.passes.expand_math.emitter import constant_attribute, kind_of
from tfc.passes.rewriting import Rewriter
from tfc.passes.vectorization.shape import Shape
from xdsl.dialects import arith, memref, scf, vector
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    VectorType,
    i1,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue


def hoist_uniform(rewriter: Rewriter, shape: Shape) -> None:
    """Compute before a loop that runs at all, here, what is the same in all of its iterations."""
    block = shape.loop.body.block

    def is_outside(value: SSAValue) -> bool:
        owner = value.owner
        return owner is not block and (isinstance(owner, Block) or owner.parent is not block)

    for op in block.ops:
        if op.results and not op.regions and all(map(is_outside, op.operands)):
            op.detach()
            rewriter.insert(op)


class VectorBody:
    """A body for `lanes` elements from `scalars[shape.index]` on; of an incomplete vector, the first `left` ones."""

    def __init__(
        self,
        rewriter: Rewriter,
        shape: Shape,
        lanes: int,
        scalars: Mapping[SSAValue, SSAValue],
        left: SSAValue | None = None,
    ) -> None:
        self.rewriter = rewriter
        self.shape = shape
        self.lanes = lanes
        self.left = left
        self.mask: SSAValue | None = None
        if left is not None:
            kind = cast("VectorType[IntegerType]", vector_type(i1, lanes))
            self.mask = rewriter.value(vector.CreateMaskOp, (left,), kind)
        self.scalars = dict(scalars)
        """What stands for a value that is the same for all elements, or for a linear one at the first element."""
        self.vectors: dict[SSAValue, SSAValue] = {}
        self.constants: dict[tuple[Block, Attribute], SSAValue] = {}

    def emit(self, block: Block) -> None:
        """The ops of a block, here; what they give is in `scalars` and `vectors`."""
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
                [self.vector(value) for value in op.operands],
                [vector_type(result.type, self.lanes) for result in op.results],
                dict(op.properties),
            )
            self.vectors.update(zip(op.results, copy.results, strict=True))
        else:
            copy = op.clone(self.scalars)
            rewriter.insert(copy)
            copy.location = op.location

    def scalar(self, value: SSAValue) -> SSAValue:
        return self.scalars.get(value, value)

    def vector(self, value: SSAValue) -> SSAValue:
        """A value as one number for each element."""
        found = self.vectors.get(value)
        if found is not None:
            return found
        rewriter = self.rewriter
        kind = vector_type(value.type, self.lanes)
        if isinstance(value.owner, arith.ConstantOp):
            return self._constant(value.owner.value, kind)
        result = rewriter.value(vector.BroadcastOp, (self.scalar(value),), kind)
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
            if isinstance(kind.element_type, IndexType):
                attribute = DenseIntOrFPElementsAttr.from_list(cast(Any, kind), [value])
            else:
                attribute = constant_attribute(value, kind_of(kind.element_type, (self.lanes,)))
            found = self.rewriter.value(arith.ConstantOp, (), kind, {"value": attribute})
            self.constants[block, number] = found
        return found

    def _load(self, op: memref.LoadOp) -> SSAValue:
        rewriter = self.rewriter
        place = [self.scalar(value) for value in op.operands]
        kind = vector_type(op.results[0].type, self.lanes)
        if op in self.shape.scattered:
            elements = [
                builders.load(rewriter, place[0], self._indices(op.operands[1:], lane))
                for lane in self._lanes_inside()
            ]
            return rewriter.value(FromElementsOp, elements, kind)
        if op in self.shape.gathered:
            return self._gather(op, kind)
        if self.mask is None:
            return rewriter.value(vector.LoadOp, place, kind)
        nothing = builders.constant(rewriter, 0, op.results[0].type)
        other = rewriter.value(vector.BroadcastOp, (nothing,), kind)
        return rewriter.value(vector.MaskedLoadOp, (*place, self.mask, other), kind)

    def _gather(self, op: memref.LoadOp, kind: VectorType[Attribute]) -> SSAValue:
        rewriter = self.rewriter
        buffer, *outer = map(self.scalar, op.operands[:-1])
        zero = builders.index_constant(rewriter, 0)
        nothing = builders.constant(rewriter, 0, op.results[0].type)
        other = rewriter.value(vector.BroadcastOp, (nothing,), kind)
        mask = self.mask
        if mask is None:
            every = builders.constant(rewriter, 1, i1)
            mask = rewriter.value(vector.BroadcastOp, (every,), vector_type(i1, self.lanes))
        places = self.vector(op.operands[-1])
        return rewriter.value(GatherOp, (buffer, *outer, zero, places, mask, other), kind)

    def _store(self, op: memref.StoreOp) -> None:
        value = self.vector(op.operands[0])
        if op in self.shape.scattered:
            self._scatter(value, op.operands[1], op.operands[2:])
            return
        place = [self.scalar(value) for value in op.operands[1:]]
        if self.mask is None:
            self.rewriter.create(vector.StoreOp, (value, *place))
        else:
            self.rewriter.create(vector.MaskedStoreOp, (*place, self.mask, value))

    def _scatter(self, value: SSAValue, buffer: SSAValue, indices: Sequence[SSAValue]) -> None:
        """A store for each element; what an incomplete vector lacks is its last one, again."""
        rewriter = self.rewriter
        kinds = [cast("VectorType[Attribute]", value.type).element_type] * self.lanes
        elements: Sequence[SSAValue] = rewriter.create(ToElementsOp, (value,), kinds).results
        lanes = self._lanes_inside()
        last = elements[0]
        for number, (lane, element) in enumerate(zip(lanes, elements, strict=True)):
            if self.left is None:
                last = element
            else:
                own = builders.index_constant(rewriter, number)
                inside = builders.compare(rewriter, "eq", lane, own)
                last = rewriter.value(arith.SelectOp, (inside, element, last), element.type)
            place = self._indices(indices, lane)
            rewriter.create(memref.StoreOp, (last, self.scalar(buffer), *place))

    def _lanes_inside(self) -> list[SSAValue]:
        """The number of each lane; of those that an incomplete vector lacks, that of its last one."""
        rewriter = self.rewriter
        numbers = [builders.index_constant(rewriter, lane) for lane in range(self.lanes)]
        if self.left is None:
            return numbers
        last = builders.subi(rewriter, self.left, builders.index_constant(rewriter, 1))
        return [rewriter.value(arith.MinUIOp, (number, last), INDEX) for number in numbers]

    def _indices(self, indices: Sequence[SSAValue], lane: SSAValue) -> list[SSAValue]:
        """Where the element of a lane is."""
        first = self.scalar(indices[-1])
        return [*map(self.scalar, indices[:-1]), builders.addi(self.rewriter, first, lane)]

    def _for(self, op: scf.ForOp) -> None:
        rewriter = self.rewriter
        block = op.body.block
        varying = [argument in self.shape.varying for argument in block.args[1:]]
        carried = [
            self.vector(value) if is_vector else self.scalar(value)
            for value, is_vector in zip(op.iter_args, varying, strict=True)
        ]
        bounds = [self.scalar(value) for value in (op.lb, op.ub, op.step)]
        loop, body = builders.for_loop(rewriter, bounds[0], bounds[1], bounds[2], carried)
        loop.attributes.update(op.attributes)
        self.scalars[block.args[0]] = body.args[0]
        for old, new, is_vector in zip(block.args[1:], body.args[1:], varying, strict=True):
            (self.vectors if is_vector else self.scalars)[old] = new
        rewriter.at_end(body)
        self.emit(block)
        left = cast(Operation, block.last_op).operands
        rewriter.create(
            scf.YieldOp,
            [
                self.vector(value) if is_vector else self.scalar(value)
                for value, is_vector in zip(left, varying, strict=True)
            ],
        )
        rewriter.after(loop)
        for old, new, is_vector in zip(op.results, loop.results, varying, strict=True):
            (self.vectors if is_vector else self.scalars)[old] = new


@lru_cache(64)
def _iota(lanes: int) -> Attribute:
    return DenseIntOrFPElementsAttr.from_list(
        cast("VectorType[IndexType]", vector_type(INDEX, lanes)), list(range(lanes))
    )
