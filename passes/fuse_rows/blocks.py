"""Groups whose rows are matrices or images, worked on in blocks of their own rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from tfc.passes.builders import addi, index_constant
from tfc.passes.fuse_rows.group import Group, Place, carrying_loop, runs_over_rows
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import Structured, tensor_shape
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.dialects.linalg.ops import GenericOp, IndexOp
from xdsl.ir import Region, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

FEW_MATRICES = 4
"""So few that blocks of their rows are shared among threads, too."""


@dataclass(eq=False)
class Blocks(Group):
    """A group that works on a block of each of its matrices at a time, where a whole one does not fit the cache."""

    block: int = 0
    """How many rows of a matrix are worked on at a time; 0: all."""
    start: SSAValue | None = None
    """The first row of the block at hand."""

    def height(self) -> int:
        """How many rows a matrix has."""
        view = self.members[self.seed]
        (axis,) = self.axes_in_part(view.output_maps[0]) or (0,)
        return tensor_shape(self.seed.results[0])[axis]

    def axes_in_part(self, map: AffineMap) -> tuple[int, ...] | None:
        """The dims of an operand that the rows of a matrix run over, one at most; None when it mixes them with others."""
        found = [axis for axis, expr in enumerate(map.results) if self.rows in expr.used_dims()]
        if len(found) > 1 or not all(isinstance(map.results[at], AffineDimExpr) for at in found):
            return None
        return tuple(found)

    def has_windows(self, value: SSAValue) -> bool:
        """Whether a block reads rows of `value` that others read, too."""
        return False

    def can_be_cut(self) -> bool:
        """Whether the members can work on some rows of a matrix at a time."""
        height = self.height()
        for op, view in self.members.items():
            if view.rank == self.rows or not view.parallel[self.rows]:
                return False
            for value, map in zip(op.operands, view.maps, strict=True):
                if self.axes_in_part(map) is None and not self.has_windows(value):
                    return False
            for result, map in zip(op.results, view.output_maps, strict=True):
                (axis,) = self.axes_in_part(map) or (-1,)
                if axis < 0 or tensor_shape(result)[axis] != height:
                    return False
            if not all(runs_over_rows(map, self.rows + 1) for _, map in self.inside(view)):
                return False
        return True

    def inside(self, view: Structured) -> list[tuple[SSAValue, AffineMap]]:
        """What a member reads of other members."""
        reads = zip(view.inputs, view.input_maps, strict=True)
        return [(value, map) for value, map in reads if value.owner in self.members]

    def most_rows(self, least: int, fits: Callable[[int], bool]) -> int:
        """The most rows at a time that divide a matrix and fit; 0 when fewer than `least` do."""
        height = self.height()
        rows = range(height - 1, least - 1, -1)
        return next((count for count in rows if height % count == 0 and fits(count)), 0)

    def place(self, map: AffineMap) -> Place:
        fixed, _ = super().place(map)
        return fixed, (self.axes_in_part(map) or ()) if self.block else ()

    def part(self) -> tuple[SSAValue, int]:
        assert self.start is not None
        return self.start, self.block

    def _overwritten(self, outs: Sequence[tuple[GenericOp, int]]) -> dict[SSAValue, SSAValue]:
        # Other blocks may read all of what a block is made of.
        return {} if self.block else super()._overwritten(outs)

    def _row(
        self,
        rewriter: Rewriter,
        indices: Sequence[SSAValue],
        carried: Sequence[SSAValue],
        ordered: Sequence[GenericOp],
        outs: Sequence[tuple[GenericOp, int]],
    ) -> Sequence[SSAValue]:
        """A matrix, where it is cut as a loop over blocks of its rows."""
        if not self.block:
            return super()._row(rewriter, indices, carried, ordered, outs)
        self._extract_whole_matrices(rewriter, indices)

        def inside(start: SSAValue, carried: Sequence[SSAValue]) -> Sequence[SSAValue]:
            self.start = start
            return super(Blocks, self)._row(rewriter, indices, carried, ordered, outs)

        few = DYNAMIC_INDEX not in self.row_shape and prod(self.row_shape) < FEW_MATRICES
        size = index_constant(rewriter, self.height())
        return carrying_loop(rewriter, size, self.block, carried, inside, parallel=few)

    def _extract_whole_matrices(self, rewriter: Rewriter, indices: Sequence[SSAValue]) -> None:
        """Extract here what all blocks of rows need: it is packed once."""
        for view in self.members.values():
            for value, map in zip(view.inputs, view.input_maps, strict=True):
                fixed, in_part = place = self.place(map)
                if not fixed or in_part or self.has_windows(value):
                    continue
                if (value, place) not in self.extracted:
                    self.extracted[value, place] = self._extract(rewriter, value, place, indices)

    def _clone_body(
        self, rewriter: Rewriter, view: Structured, indices: Sequence[SSAValue]
    ) -> Region:
        region = super()._clone_body(rewriter, view, indices)
        if not self.block:
            return region
        point = rewriter.point()
        for op in list(region.block.ops):
            if isinstance(op, IndexOp) and op.dim.value.data == 0:
                uses = list(op.results[0].uses)
                rewriter.after(op)
                row = addi(rewriter, self.part()[0], op.results[0])
                for use in uses:
                    use.operation.operands[use.index] = row
        rewriter.restore(point)
        return region
