"""Products of batches of matrices with what lies between them, as in attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from tfc.passes.builders import addi, index_constant
from tfc.passes.fuse_rows.group import (
    Axes,
    Group,
    Place,
    bytes_from,
    carrying_loop,
    misfit,
    row_axes,
    runs_over_rows,
)
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import Structured, tensor_shape
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.dialects.linalg.ops import GenericOp, IndexOp
from xdsl.ir import Operation, Region, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

LEAST_ROWS = 16
"""Fewer rows of a matrix at a time are not worth reading all of the other one again."""

FEW_MATRICES = 4
"""So few that blocks of their rows are shared among threads, too."""


def batch_count(view: Structured) -> int:
    """How many leading loops of a contraction are matrices, each with operands of its own; 0 when it is none."""
    if not view.is_contraction:
        return 0
    rows = 0
    while view.parallel[rows] and all(
        len(row_axes(map, rows + 1) or ()) == rows + 1 for map in view.maps
    ):
        rows += 1
    return rows


@dataclass(eq=False)
class Chain(Group):
    """Products of batches of matrices with what lies between them (attention): matrix by matrix.

    A matrix that does not fit the cache is cut into blocks of its rows.
    """

    block: int = 0
    """How many rows of a matrix are worked on at a time; 0: all."""
    start: SSAValue | None = None
    """The first row of the block at hand."""

    def axes(self, map: AffineMap) -> Axes | None:
        axes = row_axes(map, self.rows)
        # What lies next to each other in memory is part of a matrix.
        return None if axes and len(map.results) - 1 in (axis for _, axis in axes) else axes

    def takes_contraction(self, view: Structured) -> bool:
        return all(len(self.axes(map) or ()) == self.rows for map in view.input_maps)

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
                    between += bytes_from(result, 0)
                    rows = max(rows, bytes_from(result, self.rows))
        if rows > max_row_bytes:
            self.block = self._block(max_row_bytes)
            rows = rows // self._height() * self.block if self.block else rows
        return misfit(between, rows, min_bytes, max_row_bytes)

    # -- blocks of rows -------------------------------------------------------------------------

    def _height(self) -> int:
        """How many rows a matrix has."""
        view = self.members[self.seed]
        (axis,) = self._axes_in_part(view.output_maps[0]) or (0,)
        return tensor_shape(self.seed.results[0])[axis]

    def _axes_in_part(self, map: AffineMap) -> tuple[int, ...] | None:
        """The dims of an operand that the rows of a matrix run over, one at most; None when it mixes them with others."""
        found = [axis for axis, expr in enumerate(map.results) if self.rows in expr.used_dims()]
        if len(found) > 1 or not all(isinstance(map.results[at], AffineDimExpr) for at in found):
            return None
        return tuple(found)

    def _block(self, most: int) -> int:
        """The most rows at a time that fit `most` bytes and divide the matrices; 0 when they cannot be cut."""
        height = self._height()
        between: list[SSAValue] = []
        for op, view in self.members.items():
            if view.rank == self.rows or not view.parallel[self.rows]:
                return 0
            if any(self._axes_in_part(map) is None for map in view.maps):
                return 0
            for result, map in zip(op.results, view.output_maps, strict=True):
                (axis,) = self._axes_in_part(map) or (-1,)
                if axis < 0 or tensor_shape(result)[axis] != height:
                    return 0
            inside = [
                (value, map)
                for value, map in zip(view.inputs, view.input_maps, strict=True)
                if value.owner in self.members
            ]
            if not all(runs_over_rows(map, self.rows + 1) for _, map in inside):
                return 0
            between += [value for value, _ in inside]
        per_row = max(bytes_from(value, self.rows + 1) for value in between)
        fitting = range(min(height - 1, most // per_row), LEAST_ROWS - 1, -1)
        return next((rows for rows in fitting if height % rows == 0), 0)

    def place(self, map: AffineMap) -> Place:
        fixed, _ = super().place(map)
        return fixed, (self._axes_in_part(map) or ()) if self.block else ()

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
            return super(Chain, self)._row(rewriter, indices, carried, ordered, outs)

        few = DYNAMIC_INDEX not in self.row_shape and prod(self.row_shape) < FEW_MATRICES
        size = index_constant(rewriter, self._height())
        return carrying_loop(rewriter, size, self.block, carried, inside, parallel=few)

    def _extract_whole_matrices(self, rewriter: Rewriter, indices: Sequence[SSAValue]) -> None:
        """Extract here what all blocks of rows need: it is packed once."""
        for view in self.members.values():
            for value, map in zip(view.inputs, view.input_maps, strict=True):
                fixed, in_part = place = self.place(map)
                if fixed and not in_part and (value, place) not in self.extracted:
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
