"""`fuse-rows`: softmax, norms and their like become one loop over rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from tfc.passes import builders
from tfc.passes.builders import index_constant
from tfc.passes.remarks import Remark, list_ops, listener, place_of
from tfc.passes.rewriting import Rewriter, walk
from tfc.passes.structured import Structured, input_count, map_attribute, tensor_shape
from xdsl.context import Context
from xdsl.dialects import linalg, scf
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, ModuleOp, UnitAttr, i64
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass

_ = linalg  # its sub-modules need the package first

ASSUMED_SIZE = 256
"""What an unknown size is taken for when memory is estimated."""


@dataclass(frozen=True)
class FuseRowsPass(ModulePass):
    """Make one loop over rows of the ops that share them, so that what lies between them stays in the first-level cache.

    Before (softmax):
        %m = linalg.generic {max over j} ins(%x)             // reads x from memory
        %e = linalg.generic {exp(x - m)} ins(%x, %m)         // reads x, writes e
        %s = linalg.generic {sum over j} ins(%e)             // reads e
        %y = linalg.generic {e / s} ins(%e, %s)              // reads e, writes y
    After:
        %y = scf.for %i iter_args(%out) {
          %row = tensor.extract_slice %x[%i, 0]
          ... the same four on one row ...
          tensor.insert_slice %y_row into %out[%i, 0]
        } {tfc.parallel}

    A group starts at a reduction whose leading loops are parallel, the rows, and takes in producers and consumers that run over
    the same rows in the same way. It is built when it holds two passes over rows or more, those that `fuse-elementwise` makes one
    counted once, and what lies between them is more than `min-bytes`, since small tensors stay in the cache anyway, and a row is
    at most half of `l2-bytes`.

    Likewise products of batches of matrices with what lies between them, as in attention: a loop over the matrices, so that
    the scores of one stay in the second-level cache. There a matrix is the row; the loops over its own rows are inside.

    A row of the result takes the place of the row that it is made of, where nothing else reads that.

    Pre-condition: `fold-unit-reshapes`. Then `fuse-elementwise` fuses inside the rows. Numbers do not change.
    """

    name = "fuse-rows"

    min_bytes: int = 128 * 1024
    l2_bytes: int = 512 * 1024

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        rewriter = Rewriter()
        for inner in walk(op):
            if isinstance(inner, GenericOp):
                continue
            for region in inner.regions:
                for block in region.blocks:
                    self._fuse_block(block, rewriter)

    def _fuse_block(self, block: Block, rewriter: Rewriter) -> None:
        positions = {op: index for index, op in enumerate(block.ops)}
        for kind, count_rows in ((_Chain, _batch_count), (_Group, _row_count)):
            for op in list(block.ops):
                if op.parent is not block or not isinstance(op, GenericOp):
                    continue
                rows = count_rows(Structured(op))
                if rows:
                    inside = self._fuse(kind(op, rows, positions), rewriter)
                    if inside is not None and kind is _Chain:
                        self._fuse_block(inside, rewriter)

    def _fuse(self, group: _Group, rewriter: Rewriter) -> Block | None:
        """Make a loop of what `group` grows to, if it is worth it; gives the body of the loop."""
        group.grow()
        if not group.is_closed():
            return None
        obstacle = group.obstacle(self.min_bytes, self.l2_bytes // 2)
        remarks = listener()
        if remarks is not None and len(group.members) > 1:
            remarks.append(group.account(obstacle))
        return group.build(rewriter) if obstacle is None else None


def _row_count(view: Structured) -> int:
    """How many leading loops of a reduction are rows; 0 when it is none or has none."""
    if all(view.parallel) or view.is_contraction:
        return 0
    return view.parallel.index(False)


def _batch_count(view: Structured) -> int:
    """How many leading loops of a contraction are matrices, each with operands of its own; 0 when it is none."""
    if not view.is_contraction:
        return 0
    rows = 0
    while view.parallel[rows] and all(_runs_over_rows(map, rows + 1) for map in view.maps):
        rows += 1
    return rows


def _runs_over_rows(map: AffineMap, rows: int) -> bool | None:
    """Whether an operand has the rows as its first dims; False when it does not know them, None when it mixes them up."""
    used = {dim for expr in map.results for dim in expr.used_dims()}
    if not any(dim < rows for dim in used):
        return False
    if len(map.results) < rows:
        return None
    for row, expr in enumerate(map.results[:rows]):
        if not (isinstance(expr, AffineDimExpr) and expr.position == row):
            return None
    if any(dim < rows for expr in map.results[rows:] for dim in expr.used_dims()):
        return None
    return True


@dataclass(eq=False)
class _Group:
    seed: GenericOp
    rows: int
    positions: dict[Operation, int]
    members: dict[GenericOp, Structured] = field(default_factory=dict[GenericOp, Structured])
    overwritten: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """For some results, the value whose rows they take the place of."""

    @property
    def row_shape(self) -> tuple[int, ...]:
        view = self.members[self.seed]
        return tensor_shape(view.op.results[0])[: self.rows]

    # -- growing --------------------------------------------------------------------------------

    def grow(self) -> None:
        self.members[self.seed] = Structured(self.seed)
        pending: list[GenericOp] = [self.seed]
        while pending:
            op = pending.pop()
            for other in self._neighbours(op):
                if other not in self.members and self._fits(other):
                    self.members[other] = Structured(other)
                    pending.append(other)
        while self.members and self._drop_misplaced():
            pass

    def _neighbours(self, op: GenericOp) -> Iterator[GenericOp]:
        view = self.members[op]
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            if isinstance(value.owner, GenericOp) and _runs_over_rows(map, self.rows):
                yield value.owner
        for result in op.results:
            for use in result.uses:
                if isinstance(use.operation, GenericOp):
                    yield use.operation

    def _fits(self, op: GenericOp) -> bool:
        """Whether an op can run row by row in this group."""
        if op.parent is not self.seed.parent or op not in self.positions:
            return False
        view = Structured(op)
        if view.rank < self.rows or not all(view.parallel[: self.rows]):
            return False
        if view.is_contraction and not self.takes_contraction(view):
            return False
        for map in view.output_maps:
            if not _runs_over_rows(map, self.rows):
                return False
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            aligned = _runs_over_rows(map, self.rows)
            if aligned is None or (not aligned and value.owner in self.members):
                return False
        for result in op.results:
            for use in result.uses:
                if use.operation in self.members and not self._reads_rows(use.operation, use.index):
                    return False
        # Unknown sizes are the same too: ops that are connected through a value over these rows have as many of them.
        return tensor_shape(op.results[0])[: self.rows] == self.row_shape

    def takes_contraction(self, view: Structured) -> bool:
        """Whether a contraction can be a member."""
        return False

    def _reads_rows(self, op: Operation, index: int) -> bool:
        view = self.members[cast(GenericOp, op)]
        return index < len(view.inputs) and bool(_runs_over_rows(view.maps[index], self.rows))

    def _drop_misplaced(self) -> bool:
        """Drop a member whose result is needed before the last member has run; True when one was dropped."""
        last = max(self.positions[op] for op in self.members)
        for op in self.members:
            if any(position < last for position in self._outside_positions(op)):
                del self.members[op]
                if op is self.seed:
                    self.members.clear()
                return True
        return False

    def _outside_positions(self, op: GenericOp) -> Iterator[int]:
        for result in op.results:
            for use in result.uses:
                user: Operation | None = use.operation
                if user in self.members:
                    # As something other than an input over rows, it would have to be whole.
                    if not self._reads_rows(user, use.index):
                        yield -1
                    continue
                while user is not None and user.parent is not self.seed.parent:
                    user = user.parent_op()
                # A member whose body reads it by index would need it whole, too.
                inside = user is None or user in self.members
                yield -1 if inside else self.positions.get(cast(Operation, user), -1)

    def is_closed(self) -> bool:
        """Whether every member still reaches the seed after some were dropped."""
        if self.seed not in self.members:
            return False
        reached = {self.seed}
        pending = [self.seed]
        while pending:
            for other in self._neighbours(pending.pop()):
                if other in self.members and other not in reached:
                    reached.add(other)
                    pending.append(other)
        for op in [op for op in self.members if op not in reached]:
            del self.members[op]
        return not self._drop_misplaced() and self.seed in self.members

    # -- deciding -------------------------------------------------------------------------------

    def account(self, obstacle: str | None) -> Remark:
        """What shares its rows, and why it does not become a loop over them if it does not."""
        what = list_ops(sorted(self.members, key=self.positions.__getitem__))
        if obstacle is None:
            return Remark("fuse-rows", place_of(self.seed), f"{what} row by row")
        return Remark("fuse-rows", place_of(self.seed), "nothing", [f"{what}: {obstacle}"])

    def obstacle(self, min_bytes: int, max_row_bytes: int) -> str | None:
        """Why the group is not worth a loop over rows; None when it is."""
        homes = self._homes()
        passes = sum(view.rank > self.rows and homes[op] is op for op, view in self.members.items())
        reductions = sum(not all(view.parallel) for view in self.members.values())
        if passes < 2 or not reductions or len(self.members) < 2:
            return "fusion of elementwise ops leaves one pass over the rows"
        between = rows = 0
        for op in self.members:
            if homes[op] is not op:
                continue
            for result in op.results:
                size = _bytes(result, 0)
                rows = max(rows, _bytes(result, self.rows))
                if any(use.operation in self.members for use in result.uses):
                    between += size
        for value in self._shared_inputs(homes):
            between += _bytes(value, 0)
            rows = max(rows, _bytes(value, self.rows))
        return _misfit(between, rows, min_bytes, max_row_bytes)

    def _homes(self) -> dict[GenericOp, GenericOp]:
        """The member that each one becomes a part of: an elementwise op goes where all its readers go."""
        homes: dict[GenericOp, GenericOp] = {}
        for op in sorted(self.members, key=self.positions.__getitem__, reverse=True):
            readers = {use.operation for result in op.results for use in result.uses}
            found = {homes.get(cast(GenericOp, reader)) for reader in readers}
            only = found.pop() if self.members[op].is_elementwise and len(found) == 1 else None
            homes[op] = op if only is None else only
        return homes

    def _shared_inputs(self, homes: dict[GenericOp, GenericOp]) -> Iterator[SSAValue]:
        """Values from outside that more than one pass reads row by row."""
        seen: dict[SSAValue, GenericOp] = {}
        for op, view in self.members.items():
            for value, map in zip(view.inputs, view.input_maps, strict=True):
                if value.owner in self.members or not _runs_over_rows(map, self.rows):
                    continue
                if seen.setdefault(value, homes[op]) is not homes[op]:
                    yield value

    # -- building -------------------------------------------------------------------------------

    def build(self, rewriter: Rewriter) -> Block:
        """Replace the members by a loop over rows, where the last of them stands; gives the block that does a row."""
        ordered = sorted(self.members, key=lambda op: self.positions[op])
        last = ordered[-1]
        rewriter.before(last)
        outs = [
            (op, index)
            for op in ordered
            for index, result in enumerate(op.results)
            if any(use.operation not in self.members for use in result.uses)
        ]
        self.overwritten = self._overwritten(outs)
        initial = [
            self.overwritten.get(op.results[index]) or _unfilled(self.members[op].outputs[index])
            for op, index in outs
        ]
        sizes = self._sizes(rewriter)
        final = self._nest(rewriter, sizes, [], initial, ordered, outs)
        self.positions[cast(Operation, final[0].owner)] = self.positions[last]
        for (op, index), value in zip(outs, final, strict=True):
            rewriter.replace_value(op.results[index], value)
        for op in reversed(ordered):
            outputs = self.members[op].outputs
            rewriter.erase(op)
            for value in outputs:
                rewriter.erase_dead(value)
        return _innermost(cast(scf.ForOp, final[0].owner), self.rows)

    def _overwritten(self, outs: Sequence[tuple[GenericOp, int]]) -> dict[SSAValue, SSAValue]:
        """For results what is read row by row for the last time here, so that each row takes the place of what it is made of."""
        taken: dict[SSAValue, SSAValue] = {}
        for op, index in outs:
            for view in self.members.values():
                for value in view.inputs:
                    if value in taken.values() or not self._dies_here(value):
                        continue
                    if value.type == op.results[index].type:
                        taken.setdefault(op.results[index], value)
        return taken

    def _dies_here(self, value: SSAValue) -> bool:
        """Whether a structured op outside has made `value`, and only rows of it are read, here."""
        owner = value.owner
        if not isinstance(owner, LinalgStructuredOperation) or owner in self.members:
            return False
        return all(
            use.operation in self.members and self._reads_rows(use.operation, use.index)
            for use in value.uses
        )

    def _sizes(self, rewriter: Rewriter) -> list[SSAValue]:
        view = self.members[self.seed]
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            if _runs_over_rows(map, self.rows) and value.owner not in self.members:
                return [builders.dim(rewriter, value, row) for row in range(self.rows)]
        output = view.outputs[0]
        return [builders.dim(rewriter, output, row) for row in range(self.rows)]

    def _nest(
        self,
        rewriter: Rewriter,
        sizes: Sequence[SSAValue],
        indices: list[SSAValue],
        carried: Sequence[SSAValue],
        ordered: Sequence[GenericOp],
        outs: Sequence[tuple[GenericOp, int]],
    ) -> Sequence[SSAValue]:
        """The loops over the rows from `len(indices)` on; gives what they leave in `carried`."""
        if len(indices) == self.rows:
            return self._row(rewriter, indices, carried, ordered, outs)
        zero, one = index_constant(rewriter, 0), index_constant(rewriter, 1)
        loop, block = builders.for_loop(rewriter, zero, sizes[len(indices)], one, carried)
        loop.attributes["tfc.parallel"] = UnitAttr()
        point = rewriter.point()
        rewriter.at_end(block)
        index, *inside = block.args
        left = self._nest(rewriter, sizes, [*indices, index], inside, ordered, outs)
        rewriter.create(scf.YieldOp, left)
        rewriter.restore(point)
        return loop.results

    def _row(
        self,
        rewriter: Rewriter,
        indices: Sequence[SSAValue],
        carried: Sequence[SSAValue],
        ordered: Sequence[GenericOp],
        outs: Sequence[tuple[GenericOp, int]],
    ) -> Sequence[SSAValue]:
        values: dict[SSAValue, SSAValue] = {
            old: builders.extract_at(rewriter, whole, dict(enumerate(indices)))
            for (op, index), whole in zip(outs, carried, strict=True)
            if (old := self.overwritten.get(op.results[index])) is not None
        }
        for op in ordered:
            self._member(rewriter, op, indices, values)
        result: list[SSAValue] = []
        for (op, index), whole in zip(outs, carried, strict=True):
            row = values[op.results[index]]
            result.append(builders.insert_at(rewriter, row, whole, dict(enumerate(indices))))
        return result

    def _member(
        self,
        rewriter: Rewriter,
        op: GenericOp,
        indices: Sequence[SSAValue],
        values: dict[SSAValue, SSAValue],
    ) -> None:
        """Emit one member for the row at hand."""
        view = self.members[op]
        rows = self.rows
        operands: list[SSAValue] = []
        maps: list[AffineMap] = []
        for position, (value, map) in enumerate(zip(op.operands, view.maps, strict=True)):
            aligned = bool(_runs_over_rows(map, rows))
            maps.append(_inner_map(map, rows, aligned))
            if position >= len(view.inputs):
                operands.append(self._row_of_output(rewriter, value, view, indices))
            elif not aligned:
                operands.append(value)
            else:
                if value not in values:
                    values[value] = builders.extract_at(rewriter, value, dict(enumerate(indices)))
                operands.append(values[value])
        region = _clone_body(view, rows, indices, rewriter)
        inner = rewriter.create(
            GenericOp,
            operands,
            [value.type for value in operands[len(view.inputs) :]],
            {
                "indexing_maps": ArrayAttr([map_attribute(map) for map in maps]),
                "iterator_types": ArrayAttr(view.iterators.data[rows:]),
                "operandSegmentSizes": builders.segments(
                    input_count(op), len(operands) - input_count(op)
                ),
            },
            regions=(region,),
        )
        for result, value in zip(op.results, inner.results, strict=True):
            values[result] = value
            value.name_hint = result.name_hint

    def _row_of_output(
        self, rewriter: Rewriter, value: SSAValue, view: Structured, indices: Sequence[SSAValue]
    ) -> SSAValue:
        """Where a member puts a row: a fresh row, filled when the whole was filled."""
        source = value.owner
        shape = tensor_shape(value)[self.rows :]
        element = builders.element_type(value.type)
        if not view.reads_outputs or isinstance(source, FillOp):
            sizes = [
                builders.dim(rewriter, value, self.rows + axis)
                for axis, size in enumerate(shape)
                if size == DYNAMIC_INDEX
            ]
            row = builders.empty(rewriter, builders.tensor_type(shape, element), sizes)
            if not view.reads_outputs:
                return row
            fill = cast(FillOp, source)
            return builders.fill(rewriter, fill.operands[0], row)
        return builders.extract_at(rewriter, value, dict(enumerate(indices)))


@dataclass(eq=False)
class _Chain(_Group):
    """Products of batches of matrices with what lies between them (attention): matrix by matrix."""

    def takes_contraction(self, view: Structured) -> bool:
        return all(_runs_over_rows(map, self.rows) for map in view.input_maps)

    def grow(self) -> None:
        super().grow()
        between = self._reached(forwards=True) & self._reached(forwards=False)
        self.members = {op: view for op, view in self.members.items() if op in between}
        while self.members and self._drop_misplaced():
            pass

    def _reached(self, *, forwards: bool) -> set[Operation]:
        """Contractions, and what gets to one along results, or operands."""
        found: set[Operation] = set()
        ordered = sorted(self.members, key=self.positions.__getitem__, reverse=not forwards)
        for op in ordered:
            if forwards:
                near = {value.owner for value in op.operands}
            else:
                near = {use.operation for result in op.results for use in result.uses}
            if self.members[op].is_contraction or not found.isdisjoint(near):
                found.add(op)
        return found

    def obstacle(self, min_bytes: int, max_row_bytes: int) -> str | None:
        if sum(view.is_contraction for view in self.members.values()) < 2:
            return "there is one product of matrices"
        between = rows = 0
        for op in self.members:
            for result in op.results:
                if any(use.operation in self.members for use in result.uses):
                    if DYNAMIC_INDEX in tensor_shape(result)[self.rows :]:
                        return "matrices of unknown size"
                    between += _bytes(result, 0)
                    rows = max(rows, _bytes(result, self.rows))
        return _misfit(between, rows, min_bytes, max_row_bytes)


def _misfit(between: int, row: int, least: int, most: int) -> str | None:
    """What is wrong with this many bytes between passes, and in a row."""
    if between < least:
        return f"{between} bytes between the passes stay in the cache anyway (limit {least})"
    if row > most:
        return f"a row of {row} bytes is too long for the cache (limit {most})"
    return None


def _innermost(loop: scf.ForOp, depth: int) -> Block:
    """The body of the innermost of `depth` loops that are in each other."""
    for _ in range(depth - 1):
        loop = next(op for op in loop.body.block.ops if isinstance(op, scf.ForOp))
    return loop.body.block


def _unfilled(value: SSAValue) -> SSAValue:
    """Where results go: what a fill put there does not matter, every row is written."""
    return value.owner.operands[1] if isinstance(value.owner, FillOp) else value


def _bytes(value: SSAValue, first: int) -> int:
    """The memory of a tensor's dims from `first` on, with unknown sizes assumed."""
    total = 4
    for size in tensor_shape(value)[first:]:
        total *= ASSUMED_SIZE if size == DYNAMIC_INDEX else size
    return total


def _inner_map(map: AffineMap, rows: int, aligned: bool) -> AffineMap:
    """A map without the row loops, and without the row dims when the operand has them."""
    dims: list[AffineExpr] = [AffineDimExpr(max(0, dim - rows)) for dim in range(map.num_dims)]
    results = map.results[rows:] if aligned else map.results
    kept = tuple(expr.replace_dims_and_symbols(dims, ()) for expr in results)
    return AffineMap(map.num_dims - rows, 0, kept)


def _clone_body(
    view: Structured, rows: int, indices: Sequence[SSAValue], rewriter: Rewriter
) -> Region:
    """The body of a member; `linalg.index` of a row loop becomes the row's index."""
    region = view.op.regions[0].clone()
    for op in list(region.block.ops):
        if isinstance(op, IndexOp):
            dim = op.dim.value.data
            if dim < rows:
                op.results[0].replace_all_uses_with(indices[dim])
                rewriter.erase(op)
            else:
                op.properties["dim"] = builders.integer_attr(dim - rows, i64)
    return region
