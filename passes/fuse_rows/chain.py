"""Products of batches of matrices and the ops between them, as in attention."""

from __future__ import annotations

from dataclasses import dataclass

from tfc.passes.fuse_rows.blocks import Blocks
from tfc.passes.fuse_rows.group import Axes, bytes_from, misfit, row_axes
from tfc.passes.structured import Structured, tensor_shape
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import Operation
from xdsl.ir.affine import AffineMap

LEAST_ROWS = 16
"""Fewer rows of a matrix at a time are not worth reading all of the other one again."""


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
class Chain(Blocks):
    """Products of batches of matrices with what lies between them (attention): matrix by matrix.

    A matrix that does not fit the cache is cut into blocks of its rows.
    """

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
        self._drop_misplaced()

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
            rows = rows // self.height() * self.block if self.block else rows
        return misfit(between, rows, min_bytes, max_row_bytes)

    def _block(self, most: int) -> int:
        """The most rows at a time that fit `most` bytes and divide the matrices; 0 when they cannot be cut."""
        if not self.can_be_cut():
            return 0
        between = [value for view in self.members.values() for value, _ in self.inside(view)]
        per_row = max(bytes_from(value, self.rows + 1) for value in between)
        return self.most_rows(LEAST_ROWS, lambda rows: rows * per_row <= most)
