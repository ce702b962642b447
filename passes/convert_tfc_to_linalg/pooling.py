"""Maximum over a window, its position in the window, and the scatter back to that position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import pooling as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float, is_unsigned_int
from tfc.dialects.tfc.semantics.pooling import lowest
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import I1
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.contraction import REASSOC
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.convert_tfc_to_linalg.windows import Exprs, loop_index, over_window, surround
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith
from xdsl.dialects.builtin import i32, i64
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineExpr


class Pool:
    """The windows of one pooling op, and the sizes on both sides of it."""

    def __init__(self, lowering: Lowering, op: TfcOp) -> None:
        self.rewriter = lowering.rewriter
        self.x = lowering.operands(op)[0]
        self.dtype = lowering.dtype(op.operands[0])
        self.element = mixed.element_of(self.x)
        attributes: dict[str, Any] = op.python_attributes()
        self.window: Sequence[int] = attributes["window"]
        self.strides: Sequence[int] = attributes["strides"]
        self.dilations: Sequence[int] = attributes["dilations"]
        self.low: Sequence[int] = attributes["low"]
        self.high: Sequence[int] = attributes["high"]
        self.rank = len(self.window)
        self.axes = [axis for axis, size in enumerate(self.window) if size > 1]
        self.taps = [self.window[axis] for axis in self.axes]
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
        """The input with padding that never wins."""
        outside = builders.constant(self.rewriter, lowest(self.dtype), self.element)
        return surround(self.rewriter, self.x, self.low, self.high, outside)

    def places(self, dims: Exprs, taps: Exprs) -> list[AffineExpr]:
        """Where the padded input is read for an element of the result and of the window."""
        read: list[AffineExpr] = []
        for axis, dim in enumerate(dims):
            at = dim * self.strides[axis] if self.strides[axis] != 1 else dim
            if axis in self.axes:
                tap = taps[self.axes.index(axis)]
                at = at + (tap * self.dilations[axis] if self.dilations[axis] != 1 else tap)
            read.append(at)
        return read

    def number(self, rewriter: Rewriter, taps: Sequence[Size]) -> SSAValue:
        """The number of an element of the window."""
        total: Size = 0
        for size, tap in zip(self.taps, taps, strict=True):
            total = mixed.add(rewriter, mixed.multiply(rewriter, total, size), tap)
        if isinstance(total, int):
            return builders.constant(rewriter, total, i32)
        return rewriter.value(arith.IndexCastOp, (total,), i32)


def _max_pool(lowering: Lowering, op: TfcOp) -> SSAValue:
    pool = Pool(lowering, op)
    cls = _maximum(pool.dtype)
    properties = {"fastmath": REASSOC} if is_float(pool.dtype) else None

    def step(
        rewriter: Rewriter, _: Sequence[Size], read: Sequence[SSAValue], so_far: Sequence[SSAValue]
    ) -> Sequence[SSAValue]:
        return (rewriter.value(cls, (*so_far, *read), pool.element, properties),)

    starts = [(lowest(pool.dtype), pool.element)]
    reads = [(pool.padded(), pool.places)]
    (result,) = over_window(pool.rewriter, reads, pool.sizes, pool.taps, starts, step)
    return mixed.fit(pool.rewriter, result, lowering.result_type(op))


def _maximum(dtype: np.dtype) -> type[Operation]:
    if is_float(dtype):
        return arith.MaximumfOp
    return arith.MaxUIOp if is_unsigned_int(dtype) else arith.MaxSIOp


def _max_pool_taps(lowering: Lowering, op: TfcOp) -> SSAValue:
    pool = Pool(lowering, op)
    rewriter = pool.rewriter
    is_padded = any((*pool.low, *pool.high))

    def step(
        inner: Rewriter,
        taps: Sequence[Size],
        read: Sequence[SSAValue],
        so_far: Sequence[SSAValue],
    ) -> Sequence[SSAValue]:
        (x,), (best, where) = read, so_far
        better = _is_better(inner, pool.dtype, x, best)
        number = pool.number(inner, taps)
        return (
            inner.value(arith.SelectOp, (better, x, best), x.type),
            inner.value(arith.SelectOp, (better, number, where), i32),
        )

    starts = [(lowest(pool.dtype), pool.element), (-1 if is_padded else 0, i32)]
    reads = [(pool.padded(), pool.places)]
    _, where = over_window(rewriter, reads, pool.sizes, pool.taps, starts, step)
    if is_padded:
        where = _first_inside(rewriter, pool, where)
    return mixed.fit(rewriter, where, lowering.result_type(op))


def _first_inside(rewriter: Rewriter, pool: Pool, where: SSAValue) -> SSAValue:
    """`where`, with the first element of the window that is no padding where none is above the lowest number."""

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        found = arguments[0]
        taps: list[Size] = []
        exists = builders.constant(inner, True, I1)
        for axis in range(pool.rank):
            start = mixed.multiply(inner, loop_index(inner, axis), pool.strides[axis])
            start = mixed.subtract(inner, start, pool.low[axis])
            step = pool.dilations[axis]
            missing = mixed.maximum(inner, mixed.subtract(inner, step - 1, start), 0)
            tap = mixed.divide(inner, missing, step)
            place = mixed.add(inner, start, mixed.multiply(inner, tap, step))
            if pool.low[axis] or pool.high[axis]:
                for value, limit in ((tap, pool.window[axis]), (place, pool.input_sizes[axis])):
                    inside = mixed.compare(inner, "slt", value, limit)
                    exists = inner.value(arith.AndIOp, (exists, inside), I1)
            if axis in pool.axes:
                taps.append(tap)
        first = pool.number(inner, taps)
        nowhere = builders.constant(inner, -1, i32)
        first = inner.value(arith.SelectOp, (exists, first, nowhere), i32)
        none = builders.compare(inner, "eq", found, nowhere)
        return (inner.value(arith.SelectOp, (none, first, found), i32),)

    return builders.generic(
        rewriter,
        [where],
        [mixed.empty(rewriter, pool.sizes, i32)],
        [builders.identity_map(pool.rank)] * 2,
        builders.parallel_iterators(pool.rank),
        body=body,
    ).results[0]


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


# -- the way back -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sources:
    """The windows along one axis that reach element p of the input: `count` candidates, the nearest first.

    With dilation 1, candidate a is window (p + low) floordiv stride - a, which p enters as its element
    (p + low) mod stride + stride * a. With a larger one it is the window that p would enter as its element a.
    """

    window: int
    stride: int
    dilation: int
    low: int

    @property
    def count(self) -> int:
        return -(-self.window // self.stride) if self.dilation == 1 else self.window

    @property
    def shift(self) -> int:
        """Windows to the left of the first one that are counted too, so that nothing negative is divided."""
        return 0 if self.dilation == 1 else -(-(self.window - 1) * self.dilation // self.stride)

    @property
    def before(self) -> int:
        """How many windows that do not exist lie before the first one, of those that are candidates."""
        back = self.count - 1 if self.dilation == 1 else 0
        reach = 0 if self.dilation == 1 else (self.window - 1) * self.dilation
        return max(0, back - (self.low - reach) // self.stride)

    def after(self, rewriter: Rewriter, size: Size, windows: Size) -> Size:
        """As `before`, after the last of `windows`, for an input of `size`."""
        end = mixed.add(rewriter, mixed.maximum(rewriter, size, 1), self.low - 1)
        last = mixed.divide(rewriter, end, self.stride)
        missing = mixed.subtract(rewriter, mixed.add(rewriter, last, 1), windows)
        return mixed.maximum(rewriter, missing, 0)

    def place(self, p: AffineExpr, candidate: AffineExpr) -> AffineExpr:
        """Which window candidate `candidate` is, counting those before the first one."""
        start = p + (self.low + self.stride * self.shift)
        if self.dilation != 1:
            start = start + candidate * -self.dilation
        window = start // self.stride if self.stride != 1 else start
        window = window + (self.before - self.shift)
        return window + candidate * -1 if self.dilation == 1 else window

    def tap(self, rewriter: Rewriter, p: SSAValue, candidate: Size) -> tuple[Size, SSAValue | None]:
        """As which element of the window p is in it, and whether it is."""
        stride = self.stride
        if stride == 1:
            return candidate, None
        start = mixed.add(rewriter, p, self.low + stride * self.shift)
        if self.dilation != 1:
            reach = mixed.multiply(rewriter, candidate, self.dilation)
            start = mixed.subtract(rewriter, start, reach)
        operands = (mixed.as_value(rewriter, start), builders.index_constant(rewriter, stride))
        rest = rewriter.value(arith.RemUIOp, operands, builders.INDEX)
        if self.dilation != 1:
            return candidate, mixed.compare(rewriter, "eq", rest, 0)
        tap = mixed.add(rewriter, rest, mixed.multiply(rewriter, candidate, stride))
        is_part = not isinstance(candidate, int) or stride * (candidate + 1) > self.window
        return tap, mixed.compare(rewriter, "slt", tap, self.window) if is_part else None


def _max_unpool(lowering: Lowering, op: TfcOp) -> SSAValue:
    """For each element of the input, the sum over the windows that hold it of what those send to it."""
    pool = Pool(lowering, op)
    rewriter = pool.rewriter
    _, taps, grad = lowering.operands(op)
    geometry = zip(pool.window, pool.strides, pool.dilations, pool.low, strict=True)
    sources = [_Sources(*each) for each in geometry]
    before = [source.before for source in sources]
    after = [
        0 if source == _Sources(1, 1, 1, 0) else source.after(rewriter, size, count)
        for source, size, count in zip(sources, pool.input_sizes, pool.sizes, strict=True)
    ]
    taps = surround(rewriter, taps, before, after, builders.constant(rewriter, -1, i32))
    zero = builders.constant(rewriter, 0, pool.element)
    grad = surround(rewriter, grad, before, after, zero)

    def places(dims: Exprs, candidates: Exprs) -> list[AffineExpr]:
        return [s.place(p, a) for s, p, a in zip(sources, dims, candidates, strict=True)]

    def step(
        inner: Rewriter,
        candidates: Sequence[Size],
        read: Sequence[SSAValue],
        so_far: Sequence[SSAValue],
    ) -> Sequence[SSAValue]:
        (tap, sent), (total,) = read, so_far
        own: list[Size] = []
        conditions: list[SSAValue] = []
        for axis, (source, candidate) in enumerate(zip(sources, candidates, strict=True)):
            place, holds = source.tap(inner, loop_index(inner, axis), candidate)
            conditions += [] if holds is None else [holds]
            if axis in pool.axes:
                own.append(place)
        number = pool.number(inner, own)
        for holds in conditions:  # these are the same along the last dimension
            never = builders.constant(inner, -2, i32)
            number = inner.value(arith.SelectOp, (holds, number, never), i32)
        chosen = builders.compare(inner, "eq", tap, number)
        nothing = builders.constant(inner, 0, pool.element)
        term = inner.value(arith.SelectOp, (chosen, sent, nothing), pool.element)
        cls = arith.AddfOp if is_float(pool.dtype) else arith.AddiOp
        return (inner.value(cls, (total, term), pool.element),)

    (result,) = over_window(
        rewriter,
        [(taps, places), (grad, places)],
        pool.input_sizes,
        [source.count for source in sources],
        [(0, pool.element)],
        step,
    )
    return mixed.fit(rewriter, result, lowering.result_type(op))


RULES: dict[OpSpec, Rule] = {
    semantics.max_pool: _max_pool,
    semantics.max_pool_taps: _max_pool_taps,
    semantics.max_unpool: _max_unpool,
}
