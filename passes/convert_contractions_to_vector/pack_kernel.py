"""Functions that copy an operand in the order in which a register tile reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tfc.dialects.vector import ExtractStridedSliceOp, TransposeOp
from tfc.passes import builders
from tfc.passes.builders import INDEX, addi, index_constant, muli, vector_type
from tfc.passes.convert_contractions_to_vector.kernel import (
    panel_type,
    private_function,
    splat_zero,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, func, vector
from xdsl.dialects.builtin import ArrayAttr, SymbolRefAttr, i64
from xdsl.ir import Attribute, Operation, SSAValue


@dataclass(frozen=True)
class PackKernel:
    """The function that copies columns of `width` elements, one for each product of a sum.

    The elements of a column are neighbours in the source (`across`), or each begins a row that runs along the products (`along`).
    Without either the source may have any strides, and the width is known at run time only. What is left of `room` elements
    in the target becomes zero. `widened` is the op that makes an `element` of a `source`.
    """

    source: Attribute
    element: Attribute
    lanes: int
    across: bool
    along: bool
    width: int
    room: int
    widened: type[Operation] | None

    @property
    def side(self) -> int:
        """The rows and columns that are transposed at once: whole vectors where they fit, else eight, for which LLVM takes
        3 ms and not the 10 of sixteen half of which are empty.
        """
        return min(self.lanes, 8) if self.width % self.lanes else self.lanes

    @property
    def name(self) -> str:
        kinds = f"{self.element}"
        if self.widened is not None:
            kinds = f"{self.source}_{self.widened.name.removeprefix('arith.')}_{self.element}"
        room = f"_in_{self.room}" if self.room else ""
        if not self.across and not self.along:
            return f"tfc_pack_{kinds}{room}"
        order = "across" if self.across else "along"
        return f"tfc_pack_{order}_{kinds}_{self.width}x{self.lanes}{room}"

    def call(
        self,
        rewriter: Rewriter,
        source: SSAValue,
        target: SSAValue,
        groups: SSAValue,
        count: SSAValue,
        width: SSAValue,
    ) -> None:
        """Copy `groups` times `count` columns of `width` elements."""
        rewriter.create(
            func.CallOp,
            (source, target, groups, count, width),
            (),
            {"callee": SymbolRefAttr(self.name)},
        )

    def build(self, rewriter: Rewriter) -> None:
        """Emit the function here, `%width` being looked at only where the width is not known:

        func.func private @tfc_pack_across_f32_6x8(%source: [groups, count, width], %target: [groups, count, width],
                                                   %groups: index, %count: index, %width: index)
        func.func private @tfc_pack_along_f32_6x8(%source: [groups, width, count], %target: [groups, count, width], ...)
        """
        fixed = self.across or self.along
        inputs = [
            panel_type(self.source, 3, contiguous=fixed),
            panel_type(self.element, 3, contiguous=True),
            *([INDEX] * 3),
        ]
        block = private_function(rewriter, self.name, inputs, range(2), shared=True)
        point = rewriter.point()
        rewriter.at_end(block)
        _Body(rewriter, self, *block.args).emit()
        rewriter.create(func.ReturnOp)
        rewriter.restore(point)


class _Body:
    def __init__(
        self,
        rewriter: Rewriter,
        kernel: PackKernel,
        source: SSAValue,
        target: SSAValue,
        groups: SSAValue,
        count: SSAValue,
        width: SSAValue,
    ) -> None:
        self.rewriter = rewriter
        self.kernel = kernel
        self.source = source
        self.target = target
        self.groups = groups
        self.count = count
        self.width = width
        self.zero = index_constant(rewriter, 0)
        self.one = index_constant(rewriter, 1)

    def emit(self) -> None:
        one_group = (
            self._neighbours
            if self.kernel.across
            else self._rows
            if self.kernel.along
            else self._elements
        )
        self._for(self.zero, self.groups, self.one, one_group)

    def _for(
        self, lower: SSAValue, upper: SSAValue, step: SSAValue, body: Callable[[SSAValue], None]
    ) -> None:
        builders.counted_loop(self.rewriter, lower, upper, step, body)

    def _pieces(self) -> list[tuple[int, int]]:
        """The width cut into pieces that fit a vector: where each begins, and its length."""
        width, lanes = self.kernel.width, self.kernel.lanes
        return [(start, min(lanes, width - start)) for start in range(0, width, lanes)]

    def _clear_rest(self, group: SSAValue, step: SSAValue) -> None:
        """Zeros into the vectors of a column of which something is left."""
        kernel = self.kernel
        first = kernel.width - kernel.width % kernel.lanes
        kind = vector_type(kernel.element, kernel.lanes)
        for start in range(first, kernel.room, kernel.lanes):
            zeros = self.rewriter.value(arith.ConstantOp, (), kind, {"value": splat_zero(kind)})
            self._store(zeros, (group, step, index_constant(self.rewriter, start)))

    def _neighbours(self, group: SSAValue) -> None:
        def one_column(step: SSAValue) -> None:
            self._clear_rest(group, step)
            for start, length in self._pieces():
                place = group, step, index_constant(self.rewriter, start)
                self._store(self._load(place, length), place)

        self._for(self.zero, self.count, self.one, one_column)

    def _rows(self, group: SSAValue) -> None:
        """Squares, then the columns that are left."""
        rewriter = self.rewriter
        side = index_constant(rewriter, self.kernel.side)
        squares = rewriter.value(arith.DivUIOp, (self.count, side), INDEX)
        whole = muli(rewriter, squares, side)

        rest = self.kernel.width % self.kernel.side
        last = index_constant(rewriter, self.kernel.width - rest)

        def square(step: SSAValue) -> None:
            def piece(start: SSAValue) -> None:
                self._transpose(group, step, start, self.kernel.side)

            for column in self._columns(step):
                self._clear_rest(group, column)
            if self.kernel.width > rest:  # a loop: LLVM takes long for many shuffles in a row
                self._for(self.zero, last, side, piece)
            if rest:
                self._transpose(group, step, last, rest)

        def one_column(step: SSAValue) -> None:
            self._clear_rest(group, step)

            def element(row: SSAValue) -> None:
                value = builders.load(rewriter, self.source, (group, row, step))
                value = self._widen(value, self.kernel.element)
                builders.store(rewriter, value, self.target, (group, step, row))

            self._for(self.zero, index_constant(rewriter, self.kernel.width), self.one, element)

        self._for(self.zero, whole, side, square)
        self._for(whole, self.count, self.one, one_column)

    def _columns(self, first: SSAValue) -> list[SSAValue]:
        """The columns of a square."""
        rewriter = self.rewriter
        return [addi(rewriter, first, index_constant(rewriter, i)) for i in range(self.kernel.side)]

    def _transpose(self, group: SSAValue, step: SSAValue, start: SSAValue, length: int) -> None:
        """A vector of each of `length` rows becomes a piece of each of the columns from `step` on."""
        rewriter, side, element = self.rewriter, self.kernel.side, self.kernel.element
        kind, square = vector_type(element, side), vector_type(element, side, side)
        matrix = rewriter.value(arith.ConstantOp, (), square, {"value": splat_zero(square)})
        for row in range(length):
            place = group, addi(rewriter, start, index_constant(rewriter, row)), step
            value = self._load(place, side)
            at = {"static_position": builders.dense_i64((row,))}
            matrix = rewriter.value(vector.InsertOp, (value, matrix), square, at)
        order = {"permutation": builders.dense_i64((1, 0))}
        matrix = rewriter.value(TransposeOp, (matrix,), square, order)
        for column, place in enumerate(self._columns(step)):
            at = {"static_position": builders.dense_i64((column,))}
            value = rewriter.value(vector.ExtractOp, (matrix,), kind, at)
            if length < side:
                value = self._first_lanes(value, length)
            self._store(value, (group, place, start))

    def _first_lanes(self, value: SSAValue, length: int) -> SSAValue:
        offset, size, stride = (ArrayAttr([builders.integer_attr(n, i64)]) for n in (0, length, 1))
        piece = vector_type(self.kernel.element, length)
        attributes = {"offsets": offset, "sizes": size, "strides": stride}
        return self.rewriter.value(ExtractStridedSliceOp, (value,), piece, attributes)

    def _elements(self, group: SSAValue) -> None:
        def one_column(step: SSAValue) -> None:
            self._clear_rest(group, step)

            def element(row: SSAValue) -> None:
                place = group, step, row
                value = builders.load(self.rewriter, self.source, place)
                value = self._widen(value, self.kernel.element)
                builders.store(self.rewriter, value, self.target, place)

            self._for(self.zero, self.width, self.one, element)

        self._for(self.zero, self.count, self.one, one_column)

    def _load(self, place: tuple[SSAValue, ...], length: int) -> SSAValue:
        kernel = self.kernel
        kind = vector_type(kernel.source, length)
        value = self.rewriter.value(vector.LoadOp, (self.source, *place), kind)
        return self._widen(value, vector_type(kernel.element, length))

    def _store(self, value: SSAValue, place: tuple[SSAValue, ...]) -> None:
        self.rewriter.create(vector.StoreOp, (value, self.target, *place))

    def _widen(self, value: SSAValue, kind: Attribute) -> SSAValue:
        widened = self.kernel.widened
        return value if widened is None else self.rewriter.value(widened, (value,), kind)
