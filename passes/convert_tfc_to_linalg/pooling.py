"""Maximum over a window: a reduction over the window's positions, which an operand without values spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import pooling as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.dialects.tfc.semantics.pooling import lowest
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I1, INDEX
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.contraction import REASSOC, iterators
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.convert_tfc_to_linalg.windows import surround
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import AffineMapAttr, i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

Body = Callable[[Rewriter, Sequence[SSAValue]], Sequence[SSAValue]]


class Pool:
    """The loops of one pooling op: result dimensions, then the axes on which the window is larger than 1."""

    def __init__(self, lowering: Lowering, op: TfcOp) -> None:
        self.rewriter = lowering.rewriter
        (self.x,) = lowering.operands(op)
        self.dtype = lowering.dtype(op.operands[0])
        attributes: dict[str, Any] = op.python_attributes()
        self.window: Sequence[int] = attributes["window"]
        self.strides: Sequence[int] = attributes["strides"]
        self.dilations: Sequence[int] = attributes["dilations"]
        self.low: Sequence[int] = attributes["low"]
        self.high: Sequence[int] = attributes["high"]
        self.rank = len(self.window)
        self.axes = [axis for axis, size in enumerate(self.window) if size > 1]
        self.input_sizes = mixed.sizes_of(self.rewriter, self.x)
        self.sizes = [self._pooled(axis) for axis in range(self.rank)]

    def _pooled(self, axis: int) -> Size:
        rewriter = self.rewriter
        reach = (self.window[axis] - 1) * self.dilations[axis] + 1
        room = self.low[axis] + self.high[axis] - reach + self.strides[axis]
        if (self.window[axis], self.strides[axis], room) == (1, 1, 0):
            return self.input_sizes[axis]
        total = mixed.maximum(rewriter, mixed.add(rewriter, self.input_sizes[axis], room), 0)
        return mixed.divide(rewriter, total, self.strides[axis])

    def padded(self) -> SSAValue:
        """The input with padding that never wins, and without what no window reaches."""
        outside = builders.constant(self.rewriter, lowest(self.dtype), mixed.element_of(self.x))
        return surround(self.rewriter, self.x, self.low, self.high, outside)

    def reduce(self, value: SSAValue, starts: Sequence[SSAValue], body: Body) -> Sequence[SSAValue]:
        """Reduce over the window into tensors that begin as `starts`."""
        rewriter = self.rewriter
        loops = self.rank + len(self.axes)
        spans = mixed.empty(rewriter, [self.window[axis] for axis in self.axes], I1)
        read: list[AffineExpr] = []
        for axis in range(self.rank):
            at: AffineExpr = AffineDimExpr(axis)
            if self.strides[axis] != 1:
                at = at * self.strides[axis]
            if axis in self.axes:
                tap: AffineExpr = AffineDimExpr(self.rank + self.axes.index(axis))
                step = self.dilations[axis]
                at = at + (tap * step if step != 1 else tap)
            read.append(at)
        taps = [AffineDimExpr(self.rank + position) for position in range(len(self.axes))]
        write = [AffineDimExpr(axis) for axis in range(self.rank)]
        maps = [
            AffineMapAttr(AffineMap(loops, 0, tuple(exprs)))
            for exprs in (read, taps, *[write] * len(starts))
        ]
        return builders.generic(
            rewriter, [value, spans], starts, maps, iterators(self.rank, len(self.axes)), body=body
        ).results

    def start(self) -> SSAValue:
        scalar = builders.constant(self.rewriter, lowest(self.dtype), mixed.element_of(self.x))
        return mixed.fill(self.rewriter, scalar, self.sizes)


def _max_pool(lowering: Lowering, op: TfcOp) -> SSAValue:
    pool = Pool(lowering, op)
    cls = _maximum(pool.dtype)
    properties = {"fastmath": REASSOC} if is_float(pool.dtype) else None

    def body(rewriter: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        x, _, best = arguments
        return (rewriter.value(cls, (best, x), x.type, properties),)

    (result,) = pool.reduce(pool.padded(), [pool.start()], body)
    return mixed.fit(pool.rewriter, result, lowering.result_type(op))


def _maximum(dtype: np.dtype) -> type[Operation]:
    if is_float(dtype):
        return arith.MaximumfOp
    return arith.MaxUIOp if is_unsigned_int(dtype) else arith.MaxSIOp


def _max_pool_indices(lowering: Lowering, op: TfcOp) -> SSAValue:
    pool = Pool(lowering, op)
    rewriter = pool.rewriter
    nowhere = builders.constant(rewriter, -1, i64)
    starts = [mixed.fill(rewriter, nowhere, pool.sizes), pool.start()]

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        x, _, where, best = arguments
        flat, valid = _position(inner, pool)
        better = _is_better(inner, pool.dtype, x, best)
        none = builders.compare(inner, "slt", where, builders.constant(inner, 0, i64))
        better = inner.value(arith.OrIOp, (better, none), I1)
        if valid is not None:
            better = inner.value(arith.AndIOp, (better, valid), I1)
        at = inner.value(arith.IndexCastOp, (flat,), i64)
        return (
            inner.value(arith.SelectOp, (better, at, where), i64),
            inner.value(arith.SelectOp, (better, x, best), x.type),
        )

    where = pool.reduce(pool.padded(), starts, body)[0]
    return mixed.fit(rewriter, where, lowering.result_type(op))


def _position(rewriter: Rewriter, pool: Pool) -> tuple[SSAValue, SSAValue | None]:
    """The flat index that this iteration reads, and whether it is inside (None: always)."""
    flat: SSAValue = builders.index_constant(rewriter, 0)
    valid: SSAValue | None = None
    for axis in range(pool.rank):
        index = _index(rewriter, axis)
        index = builders.muli(
            rewriter, index, builders.index_constant(rewriter, pool.strides[axis])
        )
        if axis in pool.axes:
            tap = _index(rewriter, pool.rank + pool.axes.index(axis))
            step = builders.index_constant(rewriter, pool.dilations[axis])
            index = builders.addi(rewriter, index, builders.muli(rewriter, tap, step))
        index = builders.subi(rewriter, index, builders.index_constant(rewriter, pool.low[axis]))
        size = mixed.as_value(rewriter, pool.input_sizes[axis])
        if pool.low[axis] or pool.high[axis]:
            inside = builders.compare(rewriter, "ult", index, size)
            valid = inside if valid is None else rewriter.value(arith.AndIOp, (valid, inside), I1)
        flat = builders.addi(rewriter, builders.muli(rewriter, flat, size), index)
    return flat, valid


def _index(rewriter: Rewriter, loop: int) -> SSAValue:
    return rewriter.value(IndexOp, (), INDEX, {"dim": builders.integer_attr(loop, i64)})


def _is_better(rewriter: Rewriter, dtype: np.dtype, x: SSAValue, best: SSAValue) -> SSAValue:
    if not is_float(dtype):
        predicate = "ugt" if is_unsigned_int(dtype) else "sgt"
        return builders.compare(rewriter, predicate, x, best)
    # Greater, or the first nan: x is unordered or greater, and the best so far is not nan.
    greater = _compare_floats(rewriter, "ugt", x, best)
    ordered = _compare_floats(rewriter, "ord", best, best)
    return rewriter.value(arith.AndIOp, (greater, ordered), I1)


def _compare_floats(rewriter: Rewriter, predicate: str, x: SSAValue, y: SSAValue) -> SSAValue:
    number = arith.CMPF_COMPARISON_OPERATIONS.index(predicate)
    return rewriter.value(
        arith.CmpfOp, (x, y), I1, {"predicate": builders.integer_attr(number, i64)}
    )


RULES: dict[OpSpec, Rule] = {
    semantics.max_pool: _max_pool,
    semantics.max_pool_indices: _max_pool_indices,
}
