"""`fuse-elementwise`: producers move into the loops of their consumers."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from tfc.dialects.tfc.attributes import is_splat
from tfc.passes import builders
from tfc.passes.remarks import Remark, list_ops, listener, place_of
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import (
    CHEAP,
    Structured,
    body_cost,
    compose,
    identity,
    input_count,
    is_permutation,
    loops_from_result,
    map_array,
    plain_dims,
    used_dims,
)
from xdsl.context import Context
from xdsl.dialects import arith, linalg
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp, i64
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp, YieldOp
from xdsl.ir import Block, Operation, OpResult, Region, SSAValue
from xdsl.ir.affine import (
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)
from xdsl.passes import ModulePass

_ = linalg  # its sub-modules need the package first

_JOINS = ("inside", "result", "again")


@dataclass(frozen=True)
class FuseElementwisePass(ModulePass):
    """Move elementwise producers into the loops of the generics that read them.

    Before:
        %a = linalg.generic {exp} ins(%x)
        %b = linalg.generic {add} ins(%a, %y)
    After:
        %b = linalg.generic {exp, add} ins(%x, %y)

    A group grows from a consumer, last op first, and takes in a producer
    - when all its readers are in the group and it runs once for each of the group's iterations;
    - when it is read elsewhere too, but later: then the group has it as one more result;
    - when it costs next to nothing (a transpose, a broadcast, a cast): then it may be computed twice, unless others
      need it in memory.

    The consumer may be elementwise or a reduction; into contractions only moves of elements are folded (transposes become
    indexing maps). Sibling reductions over the same input become one generic.

    Options: `max-inputs`, the most operands that a group may read.

    Pre-condition: sizes of results are taken from `outs` operands (`canonicalize`). Numbers do not change.
    """

    name = "fuse-elementwise"

    max_inputs: int = 32

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            for region in inner.regions:
                for block in region.blocks:
                    if not isinstance(inner, GenericOp):
                        _fuse_block(block, rewriter, self.max_inputs)


def _fuse_block(block: Block, rewriter: Rewriter, max_inputs: int) -> None:
    ops = list(block.ops)
    positions = {op: index for index, op in enumerate(ops)}
    if not any(isinstance(op, GenericOp) for op in ops):
        return
    remarks = listener()
    for op in reversed(ops):
        if isinstance(op, GenericOp) and op.parent is block:
            group = _Group(op, positions, max_inputs)
            group.grow()
            if remarks is not None and (len(group.members) > 1 or group.missed):
                remarks.append(group.account())
            if len(group.members) > 1 or group.scalars:
                group.build(rewriter)
    fuse_siblings(block, rewriter)


def _splat(op: arith.ConstantOp) -> bool:
    value = op.properties["value"]
    return isinstance(value, DenseIntOrFPElementsAttr) and is_splat(value)


@dataclass(eq=False)
class _Member:
    """A generic in a group: `loops` gives its loops in terms of the group's."""

    view: Structured
    loops: AffineMap
    position: int
    shared: bool
    """Whether the op stays, or is computed more than once, so that its body is cloned."""


class _Group:
    """The generic `root` and the producers that move into its loops."""

    def __init__(self, root: GenericOp, positions: dict[Operation, int], max_inputs: int) -> None:
        self.root = Structured(root)
        self.positions = positions
        self.max_inputs = max_inputs
        self.position = positions[root]
        member = _Member(self.root, identity(self.root.rank), self.position, shared=False)
        self.members: list[_Member] = [member]
        self.instances: dict[tuple[SSAValue, AffineMap], tuple[_Member, int]] = {}
        """What a read of a value at an index resolves to: a member's result."""
        self.scalars: dict[SSAValue, SSAValue] = {}
        """Inputs that are the same everywhere, and that scalar, or where it is the element of a constant, that."""
        self.extra: list[_Member] = []
        """Members whose results are read elsewhere and become results of the group."""
        self.missed: list[tuple[GenericOp, str]] = []
        """Producers that stay outside, and why."""
        self._ops: set[Operation] = {root}
        self._wanted: dict[int, tuple[GenericOp, list[tuple[SSAValue, AffineMap]]]] = {}
        """Candidates by position, and where the group reads them."""
        self._heap: list[int] = []
        self._inputs: dict[tuple[SSAValue, AffineMap], None] = {}

    # -- growing --------------------------------------------------------------------------------

    def grow(self) -> None:
        """Take in producers, the latest in the block first: by then all readers of one are decided."""
        self._want_inputs(self.members[0])
        while self._heap:
            self._consider(*self._wanted[-heapq.heappop(self._heap)])

    def _want_inputs(self, member: _Member) -> None:
        for value, map in zip(member.view.inputs, member.view.input_maps, strict=True):
            access = compose(map, member.loops)
            key = (value, access)
            if key in self._inputs or key in self.instances:
                continue
            self._inputs[key] = None
            op = value.owner
            if isinstance(op, FillOp) and all(self.root.parallel):
                self.scalars[value] = op.operands[0]
            elif isinstance(op, arith.ConstantOp) and _splat(op) and all(self.root.parallel):
                self.scalars[value] = value
            elif (
                isinstance(op, GenericOp)
                and op in self.positions
                and op.parent is self.root.op.parent
            ):
                position = self.positions[op]
                if position not in self._wanted:
                    self._wanted[position] = (op, [])
                    heapq.heappush(self._heap, -position)
                self._wanted[position][1].append(key)

    def _consider(self, op: GenericOp, keys: list[tuple[SSAValue, AffineMap]]) -> None:
        view = Structured(op)
        if not view.is_elementwise or not all(is_permutation(map) for map in view.output_maps):
            return
        loops = {
            loops_from_result(access, view.output_maps[cast(OpResult, value).index])
            for value, access in keys
        }
        verdict = self._verdict(view, loops)
        if len(self._inputs) + len(view.inputs) - len(keys) > self.max_inputs:
            verdict = f"the group would read more than {self.max_inputs} tensors"
        if verdict not in _JOINS:
            self.missed.append((op, verdict))
            return
        shared = verdict == "again" or len(loops) > 1
        if verdict != "again":
            self._ops.add(op)  # it will be gone, so what it reads is read by the group alone
        made: dict[AffineMap, _Member] = {}
        for key in keys:
            value, access = key
            index = cast(OpResult, value).index
            own = loops_from_result(access, view.output_maps[index])
            if own not in made:
                made[own] = _Member(view, own, self.positions[op], shared)
                self.members.append(made[own])
                self._want_inputs(made[own])
            self.instances[key] = (made[own], index)
            del self._inputs[key]
        if verdict == "result":
            self.extra.append(next(iter(made.values())))

    def _verdict(self, view: Structured, loops: set[AffineMap]) -> str:
        """How `view` joins: `inside`, as a `result` too, computed `again`; or why it does not."""
        cost = body_cost(view.block.ops)
        if self.root.is_contraction:
            if view.is_copy and self._keeps_projection(view, loops):
                return "again"
            return "it is read by a contraction, into which only moves of elements are folded"
        if not all(self._covers(view, own) for own in loops):
            return "the reduction that reads it has its sizes from it alone"
        once = len(loops) == 1 and all(len(used_dims(own)) == self.root.rank for own in loops)
        elsewhere = [
            use.operation
            for result in view.op.results
            for use in result.uses
            if use.operation not in self._ops or use.index >= input_count(use.operation)
        ]
        if not elsewhere:
            if once or cost <= CHEAP:
                return "inside"
            return f"it would run more than once for each of its elements, at a cost of {cost} (limit {CHEAP})"
        if cost == 0 or (cost <= CHEAP and len(view.inputs) <= 1):
            if cost and self._is_in_memory(view, loops, elsewhere):
                return "it is in memory anyway, for other readers"
            return "again"
        if once and self._can_be_result(loops, elsewhere):
            return "result"
        return f"it is read elsewhere too, and computing it again costs {cost} (limit {CHEAP} and one input)"

    def _is_in_memory(
        self, view: Structured, loops: set[AffineMap], elsewhere: Sequence[Operation]
    ) -> bool:
        """Whether others need the result as it is, so that reading it costs no more than reading the input again.

        The input may then go: of a layer `relu(x @ w + b)` only the result is kept for the gradient.
        """
        source = view.inputs[0] if view.inputs else None
        if source is None or source.type != view.op.results[0].type:
            return False
        if any((source, compose(view.input_maps[0], own)) in self._inputs for own in loops):
            return False
        return any(
            not isinstance(user, GenericOp) or Structured(user).is_contraction for user in elsewhere
        )

    def _keeps_projection(self, view: Structured, loops: set[AffineMap]) -> bool:
        return all(
            all(isinstance(expr, AffineDimExpr) for expr in compose(map, own).results)
            for own in loops
            for map in view.input_maps
        )

    def _covers(self, view: Structured, own: AffineMap) -> bool:
        """Whether the loops of a reduction that `view`'s result gave the bounds of still have them from its inputs."""
        if all(self.root.parallel):
            return True
        reduced = {dim for dim in plain_dims(own) if not self.root.parallel[dim]}
        given: set[int] = set()
        for map in view.input_maps:
            given |= plain_dims(compose(map, own))
        return reduced <= given

    def _can_be_result(self, loops: set[AffineMap], elsewhere: Sequence[Operation]) -> bool:
        if next(iter(loops)) != identity(self.root.rank):
            return False
        return all(self._is_after_root(user) for user in elsewhere)

    def _is_after_root(self, user: Operation) -> bool:
        ancestor: Operation | None = user
        while ancestor is not None and ancestor.parent is not self.root.op.parent:
            ancestor = ancestor.parent_op()
        # Groups that were built replace ops without a position of their own; they stand where their root stood, after ours.
        return (
            ancestor is not None and self.positions.get(ancestor, self.position + 1) > self.position
        )

    def account(self) -> Remark:
        """What is about to be fused, and what is not."""
        ops = list(dict.fromkeys(member.view.op for member in self.members))[::-1]
        cost = sum(body_cost(member.view.block.ops) for member in self.members)
        reads = len({value for value, _ in self._inputs} - self.scalars.keys())
        writes = len(self.root.outputs) + sum(len(member.view.outputs) for member in self.extra)
        text = (
            f"{list_ops(ops)} in one loop nest: reads {reads} and writes {writes} tensors, "
            f"costs {cost} an element"
        )
        missed = [f"{list_ops([op])}: {reason}" for op, reason in self.missed]
        return Remark("fuse-elementwise", place_of(self.root.op), text, missed)

    # -- building -------------------------------------------------------------------------------

    def build(self, rewriter: Rewriter) -> None:
        """Replace the root by one generic that does the work of all members."""
        root = self.root
        rewriter.before(root.op)
        for value, scalar in self.scalars.items():
            if scalar is value:
                splat = cast(OpResult, value).op.properties["value"]
                self.scalars[value] = builders.splat_element(
                    rewriter, cast(DenseIntOrFPElementsAttr, splat)
                )
        inputs = [key for key in self._inputs if key[0] not in self.scalars]
        extra_outputs = [value for member in self.extra for value in member.view.outputs]
        outputs = [*root.outputs, *extra_outputs]
        values = [*(value for value, _ in inputs), *outputs]
        block = Block(arg_types=[builders.element_type(value.type) for value in values])
        arguments: dict[tuple[SSAValue, AffineMap], SSAValue] = dict(
            zip(inputs, block.args, strict=False)
        )
        scalars: dict[tuple[_Member, int], SSAValue] = {}
        members = sorted(self.members, key=lambda member: member.position)
        for member in members:
            own_inputs = [
                self._scalar(member, i, arguments, scalars) for i in range(len(member.view.inputs))
            ]
            is_root = member.view is root
            own_outputs = (
                block.args[len(inputs) : len(inputs) + len(root.outputs)] if is_root else ()
            )
            yielded = _inline(member, (*own_inputs, *own_outputs), block, rewriter)
            for index, value in enumerate(yielded):
                scalars[member, index] = value
        kept = [(members[-1], i) for i in range(len(root.outputs))]
        kept += [(member, i) for member in self.extra for i in range(len(member.view.outputs))]
        rewriter.at_end(block)
        rewriter.create(YieldOp, [scalars[key] for key in kept])
        maps = [*(map for _, map in inputs), *root.output_maps]
        for member in self.extra:
            maps += [compose(map, member.loops) for map in member.view.output_maps]
        self._replace(rewriter, [value for value, _ in inputs], outputs, maps, block)

    def _scalar(
        self,
        member: _Member,
        index: int,
        arguments: dict[tuple[SSAValue, AffineMap], SSAValue],
        scalars: dict[tuple[_Member, int], SSAValue],
    ) -> SSAValue:
        value = member.view.inputs[index]
        if value in self.scalars:
            return self.scalars[value]
        key = (value, compose(member.view.maps[index], member.loops))
        instance = self.instances.get(key)
        return arguments[key] if instance is None else scalars[instance]

    def _replace(
        self,
        rewriter: Rewriter,
        inputs: Sequence[SSAValue],
        outputs: Sequence[SSAValue],
        maps: Sequence[AffineMap],
        block: Block,
    ) -> None:
        root = self.root
        rewriter.before(root.op)
        fused = rewriter.create(
            GenericOp,
            (*inputs, *outputs),
            [value.type for value in outputs],
            {
                "indexing_maps": map_array(maps),
                "iterator_types": root.iterators,
                "operandSegmentSizes": builders.segments(len(inputs), len(outputs)),
            },
            regions=(Region(block),),
        )
        self.positions[fused] = self.position
        results = iter(fused.results)
        for member in (self.members[0], *self.extra):
            for old in member.view.op.results:
                new = next(results)
                new.name_hint = old.name_hint
                rewriter.replace_value(old, new)
        dropped = {member.view.op: None for member in self.members}
        for op in sorted(dropped, key=lambda op: -self.positions[op]):
            if all(result.first_use is None for result in op.results):
                rewriter.erase(op)
        for value in self.scalars:
            rewriter.erase_dead(value)


def _inline(
    member: _Member, arguments: Sequence[SSAValue], block: Block, rewriter: Rewriter
) -> list[SSAValue]:
    """Put the body of `member` at the end of `block` and give what it yields."""
    body = member.view.block
    mapping: dict[SSAValue, SSAValue] = dict(zip(body.args, arguments, strict=False))
    if not member.shared:
        for old, new in mapping.items():
            old.replace_all_uses_with(new)
    yielded: list[SSAValue] = []
    for op in tuple(body.ops):
        if isinstance(op, YieldOp):
            yielded = [mapping.get(value, value) for value in op.operands]
            if not member.shared:
                rewriter.erase(op)
        elif isinstance(op, IndexOp):
            rewriter.at_end(block, op.location)
            index = _affine_value(rewriter, member.loops.results[op.dim.value.data])
            mapping[op.results[0]] = index
            if not member.shared:
                op.results[0].replace_all_uses_with(index)
                rewriter.erase(op)
        elif member.shared:
            copy = op.clone(mapping)
            copy.location = op.location
            rewriter.at_end(block)
            rewriter.insert(copy)
        else:
            op.detach()
            rewriter.at_end(block)
            rewriter.insert(op)
    return yielded


def _affine_value(rewriter: Rewriter, expr: AffineExpr) -> SSAValue:
    """The value of an affine expression of the loops around the insertion point."""

    def index(position: int) -> SSAValue:
        dim = builders.integer_attr(position, i64)
        return rewriter.value(IndexOp, (), builders.INDEX, {"dim": dim})

    return builders.affine_value(
        rewriter, expr, index, lambda value: builders.index_constant(rewriter, value)
    )


def fuse_siblings(block: Block, rewriter: Rewriter) -> None:
    """Make one generic of two reductions with the same loops that read the same input and do not depend on each other."""
    ops = list(block.ops)
    positions = {op: index for index, op in enumerate(ops)}
    readers: dict[tuple[SSAValue, AffineMap, object], GenericOp] = {}
    for op in ops:
        if not isinstance(op, GenericOp):
            continue
        view = Structured(op)
        if all(view.parallel) or view.is_contraction:
            continue
        keys = [
            (value, map, view.iterators)
            for value, map in zip(view.inputs, view.input_maps, strict=True)
            if len(used_dims(map)) == view.rank
        ]
        merged = op
        for key in keys:
            other = readers.get(key)
            if other is not None and other.parent is block and _independent(other, op, positions):
                merged = _merge(other, op, rewriter)
                positions[merged] = positions[op]
                break
        for key in keys:
            readers[key] = merged


def _independent(first: GenericOp, second: GenericOp, positions: dict[Operation, int]) -> bool:
    """Whether everything that uses `first` comes after `second`, so that both can stand where `second` does."""
    limit = positions[second]
    for result in first.results:
        for use in result.uses:
            ancestor: Operation | None = use.operation
            while ancestor is not None and ancestor.parent is not first.parent:
                ancestor = ancestor.parent_op()
            if ancestor is None or positions.get(ancestor, -1) <= limit:
                return False
    return True


def _merge(first: GenericOp, second: GenericOp, rewriter: Rewriter) -> GenericOp:
    views = (Structured(first), Structured(second))
    inputs: dict[tuple[SSAValue, AffineMap], None] = {}
    for view in views:
        inputs.update(dict.fromkeys(zip(view.inputs, view.input_maps, strict=True)))
    outputs = [value for view in views for value in view.outputs]
    values = [*(value for value, _ in inputs), *outputs]
    block = Block(arg_types=[builders.element_type(value.type) for value in values])
    arguments = dict(zip(inputs, block.args, strict=False))
    offset = len(inputs)
    yielded: list[SSAValue] = []
    loops = identity(views[0].rank)
    for view in views:
        own = [arguments[key] for key in zip(view.inputs, view.input_maps, strict=True)]
        own += block.args[offset : offset + len(view.outputs)]
        offset += len(view.outputs)
        yielded += _inline(_Member(view, loops, 0, shared=False), own, block, rewriter)
    rewriter.at_end(block)
    rewriter.create(YieldOp, yielded)
    rewriter.before(second)
    maps = [*(map for _, map in inputs), *(map for view in views for map in view.output_maps)]
    merged = rewriter.create(
        GenericOp,
        values,
        [value.type for value in outputs],
        {
            "indexing_maps": map_array(maps),
            "iterator_types": views[0].iterators,
            "operandSegmentSizes": builders.segments(len(inputs), len(outputs)),
        },
        regions=(Region(block),),
    )
    results = iter(merged.results)
    for view in views:
        rewriter.replace(view.op, [next(results) for _ in view.outputs])
    return merged
