"""Where an iteration of a contraction finds its operands: sizes, strides, views for kernels."""

from __future__ import annotations

from tfc.passes import builders
from tfc.passes.builders import INDEX, addi, index_constant, muli
from tfc.passes.convert_contractions_to_vector.contraction import Contraction, Operand
from tfc.passes.convert_contractions_to_vector.kernel import panel_type
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import memref
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import Attribute, SSAValue


class Addressing:
    """Emits the arithmetic that leads to elements. Everything is folded where sizes are known."""

    def __init__(self, rewriter: Rewriter, contraction: Contraction) -> None:
        self.rewriter = rewriter
        self.contraction = contraction
        self.position: dict[int, SSAValue] = {}
        """The value of each loop that is open; what is not in it counts from zero."""
        self.zero = index_constant(rewriter, 0)
        self.one = index_constant(rewriter, 1)
        self._bases: dict[Operand, tuple[SSAValue, SSAValue, list[SSAValue]]] = {
            operand: self._base(operand)
            for operand in (contraction.a, contraction.b, contraction.c)
        }
        self._sizes: dict[int, SSAValue] = {}
        for loop in (*contraction.batch, *contraction.m, *contraction.n, *contraction.k):
            total = self._size(loop)
            for other in contraction.merged.get(loop, ()):
                total = muli(rewriter, total, self._size(other))
            self._sizes[loop] = total

    def size(self, loop: int) -> SSAValue:
        """How many iterations a loop has."""
        return self._sizes[loop]

    def static_size(self, loop: int) -> int | None:
        """The same when it is known."""
        return builders.constant_int(self._sizes[loop])

    def _size(self, loop: int) -> SSAValue:
        c = self.contraction
        for operand in (c.c, c.a, c.b):
            axis = operand.plain_axis(loop)
            if axis is not None:
                return builders.dim(self.rewriter, operand.value, axis)
        raise ValueError(f"no operand gives the size of loop {loop}")

    def _base(self, operand: Operand) -> tuple[SSAValue, SSAValue, list[SSAValue]]:
        """The buffer that an operand is a view of, the view's offset in it, and how far apart neighbours along each axis are."""
        rewriter = self.rewriter
        if not operand.strides:
            strides: list[SSAValue] = []
            stride = self.one
            for axis in reversed(range(len(operand.shape))):
                strides.append(stride)
                if axis:
                    size = builders.dim(rewriter, operand.value, axis)
                    stride = muli(rewriter, stride, size)
            return operand.value, self.zero, strides[::-1]
        rank = len(operand.shape)
        kinds: list[Attribute] = [builders.memref_type((), operand.element)]
        metadata = rewriter.create(
            memref.ExtractStridedMetaDataOp, (operand.value,), kinds + [INDEX] * (1 + 2 * rank)
        ).results
        strides = [
            dynamic if static is None else index_constant(rewriter, static)
            for static, dynamic in zip(operand.strides, metadata[2 + rank :], strict=True)
        ]
        return metadata[0], metadata[1], strides

    def step(self, operand: Operand, loop: int) -> SSAValue:
        """How many elements apart neighbouring iterations of `loop` are."""
        total = self.zero
        for row, stride in zip(operand.factors, self._bases[operand][2], strict=True):
            if row[loop]:
                factor = index_constant(self.rewriter, row[loop])
                total = addi(self.rewriter, total, muli(self.rewriter, factor, stride))
        return total

    def offset(self, operand: Operand) -> SSAValue:
        """The element of the base that the open loops are at."""
        _, total, strides = self._bases[operand]
        for constant, stride in zip(operand.offsets, strides, strict=True):
            if constant:
                factor = index_constant(self.rewriter, constant)
                total = addi(self.rewriter, total, muli(self.rewriter, factor, stride))
        for loop, value in self.position.items():
            if operand.uses(loop):
                step = self.step(operand, loop)
                total = addi(self.rewriter, total, muli(self.rewriter, value, step))
        return total

    def operand_view(
        self, operand: Operand, *strides: SSAValue, contiguous: bool = False
    ) -> SSAValue:
        """A view of an operand from where the open loops are."""
        offset = self.offset(operand)
        return self.view(self._bases[operand][0], offset, *strides, contiguous=contiguous)

    def view(
        self, base: SSAValue, offset: SSAValue, *strides: SSAValue, contiguous: bool = False
    ) -> SSAValue:
        """A view of `base` for a kernel, which does not look at sizes. `contiguous`: its type says that the last stride is 1."""
        rank, dynamic = len(strides), DYNAMIC_INDEX
        values = strides[:-1] if contiguous else strides
        kinds = (dynamic,) * (rank - 1) + (1 if contiguous else dynamic,)
        return self.rewriter.value(
            memref.ReinterpretCastOp,
            (base, offset, *([self.one] * rank), *values),
            panel_type(builders.element_type(base.type), rank, contiguous=contiguous),
            {
                "static_offsets": builders.dense_i64((dynamic,)),
                "static_sizes": builders.dense_i64((dynamic,) * rank),
                "static_strides": builders.dense_i64(kinds),
                "operandSegmentSizes": builders.segments(1, 1, rank, len(values)),
            },
        )
