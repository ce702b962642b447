"""Windows over images with a border: an image, or a band of it, gets its border in the cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from tfc.passes.builders import element_type
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.fuse_rows.blocks import FEW_MATRICES, Blocks
from tfc.passes.fuse_rows.group import Place, bytes_from, runs_over_rows
from tfc.passes.rewriting import Rewriter
from tfc.passes.structured import Structured, tensor_shape
from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseArrayBase, IntegerType
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Block, SSAValue
from xdsl.ir.affine import AffineExpr

MOST_OVERLAP = 3
"""How many times as many rows as are new may be copied for a band."""

Slice: TypeAlias = tensor.ExtractSliceOp | tensor.InsertSliceOp

_IMAGE = frozenset((0,))
"""The axis of images."""


@dataclass(frozen=True)
class _Piece:
    """Something that lies in a larger tensor."""

    source: SSAValue
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def fill(self) -> SSAValue | None:
        """What it is filled with, if it is."""
        owner = self.source.owner
        return owner.operands[0] if isinstance(owner, FillOp) else None


def reads_padded(view: Structured) -> int:
    """1, for the loop over images, where a window walks over images with a border; else 0."""
    if not view.rank or not view.parallel[0]:
        return 0
    reads = zip(view.inputs, view.input_maps, strict=True)
    return int(any(_pieces(_root(value)) and runs_over_rows(map, 1) for value, map in reads))


def _root(value: SSAValue) -> SSAValue:
    """What `value` is the beginning of."""
    op = value.owner
    while isinstance(op, tensor.ExtractSliceOp) and _is_beginning(op):
        value = op.operands[0]
        op = value.owner
    return value


def _is_beginning(op: tensor.ExtractSliceOp) -> bool:
    whole, part = tensor_shape(op.operands[0]), tensor_shape(op.results[0])
    at_start = not any(_numbers(op, "static_offsets")) and len(op.operands) == 1
    return at_start and _has_unit_steps(op) and len(whole) == len(part) and whole[0] == part[0]


def _pieces(root: SSAValue) -> list[_Piece]:
    """What `root` is put together from, in order; nothing where it is not, or not image by image."""
    pieces: list[_Piece] = []
    op = root.owner
    images = tensor_shape(root)[:1]
    while isinstance(op, tensor.InsertSliceOp):
        offsets, sizes = _numbers(op, "static_offsets"), _numbers(op, "static_sizes")
        known = len(op.operands) == 2 and _has_unit_steps(op)
        if not known or offsets[:1] != (0,) or sizes[:1] != images:
            return []
        if tensor_shape(op.operands[0]) != sizes:
            return []
        pieces.append(_Piece(op.operands[0], offsets, sizes))
        op = op.operands[1].owner
    border = [piece.fill for piece in pieces if piece.fill is not None]
    # The border is written before what lies inside it.
    if len(set(border)) != 1 or border != [piece.fill for piece in pieces[-len(border) :]]:
        return []
    return pieces[::-1] if isinstance(op, tensor.EmptyOp) else []


def _has_unit_steps(op: Slice) -> bool:
    return all(step == 1 for step in _numbers(op, "static_strides"))


def _numbers(op: Slice, name: str) -> tuple[int, ...]:
    return cast("DenseArrayBase[IntegerType]", op.properties[name]).get_values()


@dataclass(eq=False)
class Padded(Blocks):
    """Readers of images with a border, and what is made elementwise of their results.

    An image that does not fit the cache is cut into bands of rows; the rows that two bands have in common are copied for each.
    """

    roots: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """What operands with a border are the beginning of."""
    step: int = 1
    """How many rows apart windows are that are neighbours."""
    bands: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """The band at hand of each root."""

    def has_windows(self, value: SSAValue) -> bool:
        return value in self.roots

    def grow(self) -> None:
        self._find_roots(Structured(self.seed))
        super().grow()

    def _fits(self, op: GenericOp) -> bool:
        view = Structured(op)
        if not view.is_elementwise or view.rank <= self.rows + 1 or not super()._fits(op):
            return False
        in_order = [runs_over_rows(map, self.rows + 1) for map in view.maps]
        return None not in in_order and all(in_order[len(view.inputs) :])

    def _find_roots(self, view: Structured) -> None:
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            root = _root(value)
            if _pieces(root) and runs_over_rows(map, self.rows):
                self.roots[value] = root

    def obstacle(self, min_bytes: int, max_row_bytes: int) -> str | None:
        roots = set(self.roots.values())
        step = self._common_step()
        if step is None or not self._has_all_readers() or not self.can_be_cut():
            return "the images with their border cannot be cut into bands"
        if tensor_shape(self.seed.results[0])[0] < FEW_MATRICES:
            return "so few images leave threads to the loops inside"
        if any(
            element_type(root.type) != element_type(self.seed.results[0].type) for root in roots
        ):
            return "the other operand would be widened for each band"
        self.step = step
        total = sum(bytes_from(root, 0) for root in roots)
        if total <= 2 * max_row_bytes:
            return f"images of {total} bytes stay in the cache anyway (limit {2 * max_row_bytes})"
        if not self._fits_cache(self.height(), max_row_bytes):
            self.block = self.most_rows(1, lambda rows: self._fits_cache(rows, max_row_bytes))
            if not self.block:
                return "no band of an image fits the cache"
        return None

    def _fits_cache(self, rows: int, most: int) -> bool:
        """Whether images and what is made of them fit when this many rows of the result are made at a time."""
        images = overlap = between = 0
        for root in set(self.roots.values()):
            count = self._rows_of(root, rows)
            images += count * bytes_from(root, 2)
            overlap = max(overlap, count)
        for view in self.members.values():
            for value, _ in self.inside(view):
                between = max(between, rows * bytes_from(value, 2))
        return max(images, between) <= most and overlap <= MOST_OVERLAP * self.step * rows

    def _common_step(self) -> int | None:
        """How many rows apart windows are, if all are and rows do not depend on other dims of the result."""
        steps: set[int] = set()
        view = self.members[self.seed]
        for value, map in zip(view.inputs, view.input_maps, strict=True):
            if value not in self.roots:
                continue
            if any({*range(self.rows + 1)} & expr.used_dims() for expr in map.results[2:]):
                return None
            at = map.results[1]
            if any(dim > self.rows and view.parallel[dim] for dim in at.used_dims()):
                return None
            last = self.height() - 1
            places = [self._place_at(at, row, map.num_dims) for row in (0, 1, last)]
            step = places[1] - places[0]
            steps.add(step if places[2] - places[0] == step * last else 0)
        (step,) = steps if len(steps) == 1 else (0,)
        return step if step > 0 else None

    def _place_at(self, expr: AffineExpr, row: int, loops: int) -> int:
        """An index for a row of the result, where all other loops are at zero."""
        return expr.eval([row if loop == self.rows else 0 for loop in range(loops)], ())

    def _has_all_readers(self) -> bool:
        """Whether nobody else needs the images with their border, which are known by shape."""
        for root in {*self.roots, *self.roots.values()}:
            if DYNAMIC_INDEX in tensor_shape(root):
                return False
            users = {use.operation for use in root.uses} - {self.seed}
            if not all(set(user.results) & self.roots.keys() for user in users):
                return False
        return True

    def _rows_of(self, value: SSAValue, rows: int) -> int:
        """How many rows of an operand with a border are read for `rows` rows of the result."""
        return tensor_shape(value)[1] - self.step * (self.height() - rows)

    # -- building -------------------------------------------------------------------------------

    def build(self, rewriter: Rewriter) -> Block:
        inside = super().build(rewriter)
        for value in self.roots:
            rewriter.erase_dead(value)
        return inside

    def _extract(
        self, rewriter: Rewriter, value: SSAValue, place: Place, indices: Sequence[SSAValue]
    ) -> SSAValue:
        root = self.roots.get(value)
        if root is None:
            return super()._extract(rewriter, value, place, indices)
        rows = self.block or self.height()
        if root not in self.bands:
            self.bands[root] = self._band(rewriter, root, self._rows_of(root, rows), indices[0])
        band = self.bands[root]
        sizes = [self._rows_of(value, rows), *tensor_shape(value)[2:]]
        if tuple(sizes) == tensor_shape(band):
            return band
        return mixed.extract_slice(rewriter, band, [0] * len(sizes), sizes)

    def _band(self, rewriter: Rewriter, root: SSAValue, height: int, image: SSAValue) -> SSAValue:
        """`height` rows of an image with its border, put together here: of each piece as much as lies in the band."""
        top: Size = 0
        if self.start is not None:
            top = mixed.multiply(rewriter, self.start, self.step)
        last_top = tensor_shape(root)[1] - height
        band = mixed.empty(rewriter, [height, *tensor_shape(root)[2:]], element_type(root.type))

        def inside(row: Size) -> Size:
            return mixed.minimum(rewriter, mixed.maximum(rewriter, row, 0), height)

        for piece in _pieces(root):
            offset, length = piece.offsets[1], piece.sizes[1]
            columns = piece.sizes[2:]
            if piece.fill is not None:
                # Wherever the border may be in a band, so that its size is known; what is no border is written after it.
                first: Size = max(0, offset - last_top)
                count: Size = min(height, offset + length) - first
                part = mixed.fill(rewriter, piece.fill, [count, *columns])
            else:
                first = inside(mixed.subtract(rewriter, offset, top))
                end = inside(mixed.subtract(rewriter, offset + length, top))
                count = mixed.subtract(rewriter, end, first)
                before = mixed.maximum(rewriter, mixed.subtract(rewriter, top, offset), 0)
                before = mixed.minimum(rewriter, before, length)
                at = [image, before, *[0] * len(columns)]
                taken = [1, count, *columns]
                part = mixed.extract_slice(rewriter, piece.source, at, taken, None, _IMAGE)
            place = [first, *piece.offsets[2:]]
            band = mixed.insert_slice(rewriter, part, band, place, [count, *columns])
        return band
