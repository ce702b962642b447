"""Ops that share rows, and the loop over rows that they become."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, cast

from tfc.passes import builders
from tfc.passes.builders import index_constant
from tfc.passes.remarks import Remark, list_ops, place_of
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import Structured, input_count, map_array, tensor_shape
from xdsl.dialects import scf
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, UnitAttr, i64
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

ASSUMED_SIZE = 256
"""What an unknown size is taken for when memory is estimated."""


Axes: TypeAlias = tuple[tuple[int, int], ...]
"""Dims of an operand that are rows: which row, and which dim."""


@lru_cache(4096)
def row_axes(map: AffineMap, rows: int) -> Axes | None:
    """The dims of an operand that are some of the rows, or all; None when it mixes them up."""
    axes: list[tuple[int, int]] = []
    for row in range(rows):
        found = [axis for axis, expr in enumerate(map.results) if row in expr.used_dims()]
        if len(found) > 1 or (found and not isinstance(map.results[found[0]], AffineDimExpr)):
            return None
        axes += [(row, axis) for axis in found]
    return tuple(axes)


@lru_cache(4096)
def runs_over_rows(map: AffineMap, rows: int) -> bool | None:
    """Whether an operand has the rows as its first dims; False when it does not know them, None when it has them elsewhere."""
    axes = row_axes(map, rows)
    if not axes:
        return None if axes is None else False
    return True if axes == tuple((row, row) for row in range(rows)) else None


Place: TypeAlias = tuple[Axes, tuple[int, ...]]
"""The dims of an operand that are rows, and those of which only a part is worked on."""


@dataclass(eq=False)
class Group:
    seed: GenericOp
    rows: int
    positions: dict[Operation, int]
    members: dict[GenericOp, Structured] = field(default_factory=dict[GenericOp, Structured])
    overwritten: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """For some results, the value whose rows they take the place of."""
    extracted: dict[tuple[SSAValue, Place], SSAValue] = field(
        default_factory=dict[tuple[SSAValue, "Place"], SSAValue]
    )
    """What was extracted before the innermost loop."""

    @property
    def row_shape(self) -> tuple[int, ...]:
        return self._row_shape(self.members[self.seed])

    def _row_shape(self, view: Structured) -> tuple[int, ...]:
        shape = tensor_shape(view.op.results[0])
        return tuple(shape[axis] for _, axis in self.axes(view.output_maps[0]) or ())

    def axes(self, map: AffineMap) -> Axes | None:
        """The dims of an operand that are rows; None when it cannot be read row by row."""
        return row_axes(map, self.rows) if runs_over_rows(map, self.rows) is not None else None

    # -- growing --------------------------------------------------------------------------------

    def grow(self) -> None:
        self.members[self.seed] = Structured(self.seed)
        pending: list[GenericOp] = [self.seed]
        refused: set[GenericOp] = set()  # for good: a member more is one more to agree with
        while pending:
            for other in self._neighbours(pending.pop()):
                if other in self.members or other in refused:
                    continue
                if self._fits(other):
                    self.members[other] = Structured(other)
                    pending.append(other)
                else:
                    refused.add(other)
        self._drop_misplaced()

    def _neighbours(self, op: GenericOp) -> Iterator[GenericOp]:
        view = self.members[op]
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            if isinstance(value.owner, GenericOp) and runs_over_rows(map, self.rows):
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
        if any(len(self.axes(map) or ()) < self.rows for map in view.output_maps):
            return False
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            producer = self.members.get(cast(GenericOp, value.owner))
            if self.axes(map) is None:
                return False
            if producer is not None and not (
                self._gives_rows(producer) and runs_over_rows(map, self.rows)
            ):
                return False
        for result in op.results:
            for use in result.uses:
                if use.operation in self.members and not (
                    self._gives_rows(view) and self._reads_rows(use.operation, use.index)
                ):
                    return False
        # Unknown sizes are the same too: ops that are connected through a value over these rows have as many of them.
        return self._row_shape(view) == self.row_shape

    def takes_contraction(self, view: Structured) -> bool:
        """Whether a contraction can be a member."""
        return False

    def _reads_rows(self, op: Operation, index: int) -> bool:
        view = self.members[cast(GenericOp, op)]
        return index < len(view.inputs) and bool(runs_over_rows(view.maps[index], self.rows))

    def _gives_rows(self, view: Structured) -> bool:
        """Whether results have the rows as their first dims, so that other members may read them."""
        return all(runs_over_rows(map, self.rows) for map in view.output_maps)

    def _drop_misplaced(self) -> bool:
        """Drop members whose results are needed before the last member has run; True when there were any."""
        placed: set[Operation] = set()
        before = len(self.members)
        while (op := self._misplaced(placed)) is not None:
            del self.members[op]
            if op is self.seed:
                self.members.clear()
            # What it reads has a reader outside of the group now.
            placed.difference_update(
                cast(Operation, value.owner) for inner in op.walk() for value in inner.operands
            )
        return len(self.members) < before

    def _misplaced(self, placed: set[Operation]) -> GenericOp | None:
        """The first member whose result is needed too early; those in front of it are added to `placed`, which are skipped."""
        last = max([self.positions[op] for op in self.members], default=0)
        for op in self.members:
            if op not in placed:
                if any(position < last for position in self._outside_positions(op)):
                    return op
                placed.add(op)
        return None

    def _outside_positions(self, op: GenericOp) -> Iterator[int]:
        view = self.members[op]
        for result in op.results:
            for use in result.uses:
                user: Operation | None = use.operation
                if user in self.members:
                    # As something other than an input over rows, it would have to be whole.
                    if not self._reads_rows(user, use.index) or not self._gives_rows(view):
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
                size = bytes_from(result, 0)
                rows = max(rows, bytes_from(result, self.rows))
                if any(use.operation in self.members for use in result.uses):
                    between += size
        for value in self._shared_inputs(homes):
            between += bytes_from(value, 0)
            rows = max(rows, bytes_from(value, self.rows))
        return misfit(between, rows, min_bytes, max_row_bytes)

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
                if value.owner in self.members or not runs_over_rows(map, self.rows):
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
        return _innermost(cast(scf.ForOp, final[0].owner))

    def _overwritten(self, outs: Sequence[tuple[GenericOp, int]]) -> dict[SSAValue, SSAValue]:
        """For results what is read row by row for the last time here, so that each row takes the place of what it is made of."""
        taken: dict[SSAValue, SSAValue] = {}
        for op, index in outs:
            if not self._gives_rows(self.members[op]):
                continue
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
        sources = [
            (value, axes)
            for value, map in zip(view.op.operands, view.maps, strict=True)
            if value.owner not in self.members
            and (axes := self.axes(map))
            and len(axes) == self.rows
        ]
        value, axes = sources[0]
        return [builders.dim(rewriter, value, axis) for _, axis in axes]

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

        def inside(index: SSAValue, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            return self._nest(rewriter, sizes, [*indices, index], carried, ordered, outs)

        return carrying_loop(rewriter, sizes[len(indices)], 1, carried, inside, parallel=True)

    def _row(
        self,
        rewriter: Rewriter,
        indices: Sequence[SSAValue],
        carried: Sequence[SSAValue],
        ordered: Sequence[GenericOp],
        outs: Sequence[tuple[GenericOp, int]],
    ) -> Sequence[SSAValue]:
        values = dict(self.extracted)
        for (op, index), whole in zip(outs, carried, strict=True):
            old = self.overwritten.get(op.results[index])
            if old is not None:
                place = self.place(self.members[op].output_maps[index])
                values[old, place] = self._extract(rewriter, whole, place, indices)
        for op in ordered:
            self._member(rewriter, op, indices, values)
        result: list[SSAValue] = []
        for (op, index), whole in zip(outs, carried, strict=True):
            place = self.place(self.members[op].output_maps[index])
            at = self._at(place, indices)
            result.append(
                builders.insert_at(rewriter, values[op.results[index], place], whole, *at)
            )
        return result

    def place(self, map: AffineMap) -> Place:
        """The dims of an operand that a row has at one index, and those of which it has a part."""
        return self.axes(map) or (), ()

    def part(self) -> tuple[SSAValue, int]:
        """Where the part begins that is worked on, and how long it is."""
        raise NotImplementedError

    def _at(
        self, place: Place, indices: Sequence[SSAValue]
    ) -> tuple[dict[int, SSAValue], dict[int, tuple[SSAValue, int]]]:
        """The arguments of `extract_at` that give what a row needs."""
        fixed, in_part = place
        at = {axis: indices[row] for row, axis in fixed}
        return at, {axis: self.part() for axis in in_part}

    def _extract(
        self, rewriter: Rewriter, value: SSAValue, place: Place, indices: Sequence[SSAValue]
    ) -> SSAValue:
        """What a row needs of `value`: all of it where it knows no rows."""
        if place == ((), ()):
            return value
        return builders.extract_at(rewriter, value, *self._at(place, indices))

    def _member(
        self,
        rewriter: Rewriter,
        op: GenericOp,
        indices: Sequence[SSAValue],
        values: dict[tuple[SSAValue, Place], SSAValue],
    ) -> None:
        """Emit one member for the row at hand."""
        view = self.members[op]
        rows = self.rows
        operands: list[SSAValue] = []
        maps: list[AffineMap] = []
        for position, (value, map) in enumerate(zip(op.operands, view.maps, strict=True)):
            place = self.place(map)
            maps.append(_inner_map(map, rows, [axis for _, axis in place[0]]))
            if position >= len(view.inputs):
                operands.append(self._row_of_output(rewriter, value, view, place, indices))
                continue
            if (value, place) not in values:
                values[value, place] = self._extract(rewriter, value, place, indices)
            operands.append(values[value, place])
        region = self._clone_body(rewriter, view, indices)
        inner = rewriter.create(
            GenericOp,
            operands,
            [value.type for value in operands[len(view.inputs) :]],
            {
                "indexing_maps": map_array(maps),
                "iterator_types": ArrayAttr(view.iterators.data[rows:]),
                "operandSegmentSizes": builders.segments(
                    input_count(op), len(operands) - input_count(op)
                ),
            },
            regions=(region,),
        )
        for result, map, value in zip(op.results, view.output_maps, inner.results, strict=True):
            values[result, self.place(map)] = value
            value.name_hint = result.name_hint

    def _row_of_output(
        self,
        rewriter: Rewriter,
        value: SSAValue,
        view: Structured,
        place: Place,
        indices: Sequence[SSAValue],
    ) -> SSAValue:
        """Where a member puts a row: a fresh row, filled when the whole was filled."""
        source = value.owner
        fixed, in_part = {axis for _, axis in place[0]}, place[1]
        element = builders.element_type(value.type)
        if not view.reads_outputs or isinstance(source, FillOp):
            shape: list[int] = []
            sizes: list[SSAValue] = []
            for axis, size in enumerate(tensor_shape(value)):
                if axis not in fixed:
                    shape.append(self.part()[1] if axis in in_part else size)
                    if shape[-1] == DYNAMIC_INDEX:
                        sizes.append(builders.dim(rewriter, value, axis))
            row = builders.empty(rewriter, builders.tensor_type(tuple(shape), element), sizes)
            if not view.reads_outputs:
                return row
            fill = cast(FillOp, source)
            return builders.fill(rewriter, fill.operands[0], row)
        return self._extract(rewriter, value, place, indices)

    def _clone_body(
        self, rewriter: Rewriter, view: Structured, indices: Sequence[SSAValue]
    ) -> Region:
        """The body of a member; `linalg.index` of a row loop becomes the row's index."""
        region = view.op.regions[0].clone()
        for op in list(region.block.ops):
            if isinstance(op, IndexOp):
                dim = op.dim.value.data
                if dim < self.rows:
                    op.results[0].replace_all_uses_with(indices[dim])
                    rewriter.erase(op)
                else:
                    op.properties["dim"] = builders.integer_attr(dim - self.rows, i64)
        return region


def carrying_loop(
    rewriter: Rewriter,
    size: SSAValue,
    step: int,
    carried: Sequence[SSAValue],
    body: Callable[[SSAValue, Sequence[SSAValue]], Sequence[SSAValue]],
    *,
    parallel: bool,
) -> Sequence[SSAValue]:
    """A loop from zero to `size` around what `body` emits; gives what it leaves in `carried`."""
    zero, by = index_constant(rewriter, 0), index_constant(rewriter, step)
    loop, block = builders.for_loop(rewriter, zero, size, by, carried)
    if parallel:
        loop.attributes["tfc.parallel"] = UnitAttr()
    point = rewriter.point()
    rewriter.at_end(block)
    rewriter.create(scf.YieldOp, body(block.args[0], block.args[1:]))
    rewriter.restore(point)
    return loop.results


def misfit(between: int, row: int, least: int, most: int) -> str | None:
    """What is wrong with this many bytes between passes, and in a row."""
    if between < least:
        return f"{between} bytes between the passes stay in the cache anyway (limit {least})"
    if row > most:
        return f"a row of {row} bytes is too long for the cache (limit {most})"
    return None


def _innermost(loop: scf.ForOp) -> Block:
    """The body of the innermost of loops that are in each other."""
    block = loop.body.block
    inner = next((op for op in block.ops if isinstance(op, scf.ForOp)), None)
    return block if inner is None else _innermost(inner)


def _unfilled(value: SSAValue) -> SSAValue:
    """Where results go: what a fill put there does not matter, every row is written."""
    return value.owner.operands[1] if isinstance(value.owner, FillOp) else value


def bytes_from(value: SSAValue, first: int) -> int:
    """The memory of a tensor's dims from `first` on, with unknown sizes assumed."""
    total = 4
    for size in tensor_shape(value)[first:]:
        total *= ASSUMED_SIZE if size == DYNAMIC_INDEX else size
    return total


def _inner_map(map: AffineMap, rows: int, axes: Sequence[int]) -> AffineMap:
    """A map without the row loops, and without the dims `axes` of the operand, which are the rows."""
    dims: list[AffineExpr] = [AffineDimExpr(max(0, dim - rows)) for dim in range(map.num_dims)]
    kept = tuple(
        expr.replace_dims_and_symbols(dims, ())
        for axis, expr in enumerate(map.results)
        if axis not in axes
    )
    return AffineMap(map.num_dims - rows, 0, kept)
