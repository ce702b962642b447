"""`Contraction`: a sum of products on buffers, with its loops sorted by what they run over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from tfc.passes.structured import body, indexing_maps, linear_form, output_count, reduction_flags
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    IntegerType,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
)
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Attribute, Block, Operation, OpResult, SSAValue
from xdsl.ir.affine import (
    AffineMap,
)

UNKNOWN = 4096
"""What an unknown size is taken for."""


@dataclass(frozen=True)
class Operand:
    """A buffer, and at which index an iteration reads it: one row of factors per dimension.

    `factors[r][d]` is what loop `d` adds to index `r`, `offsets[r]` what is added always. `strides` are those of a view into a
    larger buffer, None where they are known at run time only; the empty tuple means identity layout.
    """

    value: SSAValue
    shape: tuple[int, ...]
    element: Attribute
    factors: tuple[tuple[int, ...], ...]
    offsets: tuple[int, ...]
    strides: tuple[int | None, ...]
    widened: type[Operation] | None
    """The op that makes the type of the sum of an element."""

    def uses(self, loop: int) -> bool:
        return any(row[loop] for row in self.factors)

    def is_contiguous_along(self, loop: int) -> bool:
        """Whether one step of `loop` goes to the next element in memory."""
        if not self.factors or (self.strides and self.strides[-1] != 1):
            return False
        *outer, last = self.factors
        return last[loop] == 1 and not any(row[loop] for row in outer)

    def is_in_step(self, outer: int, inner: int, size: int | None) -> bool:
        """Whether one step of `outer` is as long as `size` steps of `inner`, those that it has; also if neither is used."""
        outer_axes = [axis for axis, row in enumerate(self.factors) if row[outer]]
        inner_axes = [axis for axis, row in enumerate(self.factors) if row[inner]]
        if not outer_axes and not inner_axes:
            return True
        if len(outer_axes) != 1 or inner_axes != [outer_axes[0] + 1]:
            return False
        at, below = outer_axes[0], inner_axes[0]
        factors = self.factors[at][outer], self.factors[below][inner]
        if not self.strides:
            if self.plain_axis(inner) == below:
                return factors[0] == 1
            return size is not None and factors[0] * self.shape[below] == size * factors[1]
        strides = self.strides[at], self.strides[below]
        if size is None or strides[0] is None or strides[1] is None:
            return False
        return factors[0] * strides[0] == size * factors[1] * strides[1]

    def stride(self, loop: int) -> int:
        """How many elements apart neighbouring iterations of `loop` are, a guess where sizes are unknown."""
        total, step = 0, 1
        for axis in reversed(range(len(self.shape))):
            known = self.strides[axis] if self.strides else None
            step = step if known is None else known
            total += abs(self.factors[axis][loop]) * step
            step *= UNKNOWN if self.shape[axis] == DYNAMIC_INDEX else self.shape[axis]
        return total

    def plain_axis(self, loop: int) -> int | None:
        """The dimension whose index is `loop` itself, so that its size bounds the loop."""
        for axis, row in enumerate(self.factors):
            if row[loop] == 1 and sum(map(abs, row)) == 1 and self.offsets[axis] == 0:
                return axis
        return None


@dataclass(frozen=True)
class Contraction:
    """`c[batch, m, n] += a[batch, m, k] * b[batch, k, n]`, where each group may be several loops.

    `a` is the operand that does not run along the innermost dimension of `c`; `n` ends with that dimension. Without `m`, `a` is a
    vector.
    """

    a: Operand
    b: Operand
    c: Operand
    batch: tuple[int, ...]
    m: tuple[int, ...]
    n: tuple[int, ...]
    k: tuple[int, ...]
    merged: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """The loops that have become one with another one, by that one."""

    @property
    def element(self) -> Attribute:
        """The type that products are summed in."""
        return self.c.element

    def size(self, loop: int) -> int | None:
        """The size of a loop where it is known."""
        for operand in (self.c, self.a, self.b):
            axis = operand.plain_axis(loop)
            if axis is not None and operand.shape[axis] != DYNAMIC_INDEX:
                return operand.shape[axis]
        return None

    def with_merged_loops(self) -> Contraction:
        """The same with one loop for neighbours that every operand walks through in equal steps.

        A batch in front of rows is more rows; the channels of all columns of a window are one stretch of memory. Sums are
        brought into the order of memory first.
        """
        merged: dict[int, tuple[int, ...]] = {}
        groups: list[tuple[int, ...]] = []
        in_order = sorted(self.k, key=lambda loop: -self.a.stride(loop) - self.b.stride(loop))
        for loops in (self.m, self.n, tuple(in_order)):
            kept: list[int] = []
            outer: tuple[int, ...] = ()
            for loop, inner in pairwise((*loops, None)):
                assert loop is not None
                if inner is not None and self._are_in_step(loop, inner):
                    outer = (*outer, loop)
                    continue
                kept.append(loop)
                if outer:
                    merged[loop] = outer
                outer = ()
            groups.append(tuple(kept))
        m, n, k = groups
        return replace(self, m=m, n=n, k=k, merged=merged)

    def columns(self) -> int | None:
        """How many columns a matrix of the result has, if that is known and the result is no vector."""
        if not self.m or self.n[-1] in self.merged:
            return None
        return self.size(self.n[-1])

    def _are_in_step(self, outer: int, inner: int) -> bool:
        """Whether a step of `outer` leads everywhere to where the last of `inner` was, and one step on."""
        size = self.size(inner)
        return all(operand.is_in_step(outer, inner, size) for operand in (self.a, self.b, self.c))


def match_contraction(op: LinalgStructuredOperation) -> Contraction | None:
    """`op` as a contraction that vectors of `n` can compute, or None."""
    if output_count(op) != 1 or len(op.operands) != 3 or not _is_multiply_add(body(op)):
        return None
    maps = indexing_maps(op)
    operands = [
        _operand(value, map, _widening(op, index))
        for index, (value, map) in enumerate(zip(op.operands, maps, strict=True))
    ]
    if any(operand is None for operand in operands):
        return None
    first, second, c = (operand for operand in operands if operand is not None)
    reductions = reduction_flags(op)
    loops = range(len(reductions))
    k = tuple(loop for loop in loops if reductions[loop])
    parallel = [loop for loop in loops if not reductions[loop]]
    if not k or any(not (first.uses(loop) and second.uses(loop)) for loop in k):
        return None
    batch = tuple(loop for loop in parallel if first.uses(loop) and second.uses(loop))
    left = tuple(loop for loop in parallel if first.uses(loop) and loop not in batch)
    right = tuple(loop for loop in parallel if second.uses(loop) and loop not in batch)
    if len(batch) + len(left) + len(right) != len(parallel) or not (left or right):
        return None
    if any(c.plain_axis(loop) is None for loop in parallel):
        return None
    if not left:
        return Contraction(first, second, c, batch, (), right, k)
    if not right:
        return Contraction(second, first, c, batch, (), left, k)
    inner = next((loop for loop in parallel if c.is_contiguous_along(loop)), None)
    if inner in right:
        return Contraction(first, second, c, batch, left, _last(right, inner), k)
    if inner in left:
        return Contraction(second, first, c, batch, right, _last(left, inner), k)
    return None


def _last(loops: tuple[int, ...], inner: int | None) -> tuple[int, ...]:
    return (*(loop for loop in loops if loop != inner), *(() if inner is None else (inner,)))


def _operand(value: SSAValue, map: AffineMap, widened: type[Operation] | None) -> Operand | None:
    kind = value.type
    if not isinstance(kind, MemRefType) or not isinstance(
        kind.layout, NoneAttr | StridedLayoutAttr
    ):
        return None
    if not isinstance(kind.element_type, AnyFloat | IntegerType):
        return None
    factors: list[tuple[int, ...]] = []
    offsets: list[int] = []
    for expr in map.results:
        found = linear_form(expr, map.num_dims)
        if found is None:
            return None
        factors.append(tuple(found[:-1]))
        offsets.append(found[-1])
    shape = tuple(size.data for size in kind.shape.data)
    strides = kind.layout.get_strides() if isinstance(kind.layout, StridedLayoutAttr) else ()
    return Operand(
        value,
        shape,
        kind.element_type,
        tuple(factors),
        tuple(offsets),
        tuple(strides or ()),
        widened,
    )


_WIDENING = (arith.ExtFOp, arith.ExtSIOp, arith.ExtUIOp)


def _is_multiply_add(block: Block) -> bool:
    """Whether a body yields the output plus the product of its two inputs, which may be widened first."""
    yielded = block.last_op.operands[0] if block.last_op is not None else None
    add = _defined_by(yielded, (arith.AddfOp, arith.AddiOp))
    if add is None:
        return False
    x, y, total = block.args
    product = next((value for value in add.operands if value is not total), None)
    if total not in add.operands:
        return False
    multiply = _defined_by(product, (arith.MulfOp, arith.MuliOp))
    return multiply is not None and {*map(_unwidened, multiply.operands)} == {x, y}


def _unwidened(value: SSAValue) -> SSAValue:
    widening = _defined_by(value, _WIDENING)
    return value if widening is None else widening.operands[0]


def _widening(op: LinalgStructuredOperation, index: int) -> type[Operation] | None:
    """How a contraction converts the elements of input `index` before it multiplies them."""
    for use in body(op).args[index].uses:
        if isinstance(use.operation, _WIDENING):
            return type(use.operation)
    return None


def _defined_by(value: SSAValue | None, kinds: tuple[type[Operation], ...]) -> Operation | None:
    return value.op if isinstance(value, OpResult) and isinstance(value.op, kinds) else None
