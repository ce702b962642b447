"""Windows over tensors: the border around a tensor, and sums or maxima over the elements of a window.

Small windows are spelled out: a `linalg.generic` without reductions, with an operand for each element of the window. It fuses
and vectorises along the result's last dimension as every elementwise op does. Larger ones are reductions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

from tfc.passes import builders
from tfc.passes.builders import I1
from tfc.passes.convert_tfc_to_linalg import sizes as mixed
from tfc.passes.convert_tfc_to_linalg.contraction import iterators
from tfc.passes.convert_tfc_to_linalg.sizes import Size
from tfc.passes.rewriting import Rewriter
from xdsl.dialects.builtin import AffineMapAttr, i64
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

MAX_SPELLED_OUT = 64
"""Windows up to this many elements have an operand for each."""

Exprs = Sequence[AffineExpr]
Read = tuple[SSAValue, Callable[[Exprs, Exprs], Exprs]]
"""A tensor, and where an element of the result reads it: a function of the result's indices and the place in the window."""

Step = Callable[
    [Rewriter, Sequence[Size], Sequence[SSAValue], Sequence[SSAValue]], Sequence[SSAValue]
]
"""From the place in the window, what is read there and the values so far to the new values."""


def surround(
    rewriter: Rewriter, x: SSAValue, low: Sequence[Size], high: Sequence[Size], outside: SSAValue
) -> SSAValue:
    """`x` with `low` and `high` elements of `outside` around it along each dimension.

    Only the border is filled; what is in the middle is written once.
    """
    if all(amount == 0 for amount in (*low, *high)):
        return x
    source = mixed.sizes_of(rewriter, x)
    sizes = [
        mixed.add(rewriter, mixed.add(rewriter, size, before), after)
        for size, before, after in zip(source, low, high, strict=True)
    ]
    result = mixed.empty(rewriter, sizes, mixed.element_of(x))
    offsets: list[Size] = [0] * len(sizes)
    part = list(sizes)
    for axis, (before, after) in enumerate(zip(low, high, strict=True)):
        for start, amount in ((0, before), (mixed.add(rewriter, before, source[axis]), after)):
            if amount != 0:
                offsets[axis], part[axis] = start, amount
                strip = mixed.fill(rewriter, outside, part)
                result = mixed.insert_slice(rewriter, strip, result, offsets, part)
        offsets[axis], part[axis] = before, source[axis]
    return mixed.insert_slice(rewriter, x, result, offsets, part)


def cropped(rewriter: Rewriter, x: SSAValue, exprs: Exprs, loops: Sequence[Size]) -> SSAValue:
    """The part of `x` that loops of these sizes read: an index that is a loop itself has the loop's size."""
    sizes = mixed.sizes_of(rewriter, x)
    part = [
        loops[expr.position] if isinstance(expr, AffineDimExpr) else size
        for expr, size in zip(exprs, sizes, strict=True)
    ]
    if all(map(mixed.same_size, part, sizes)):
        return x
    return mixed.extract_slice(rewriter, x, [0] * len(sizes), part)


def over_window(
    rewriter: Rewriter,
    reads: Sequence[Read],
    sizes: Sequence[Size],
    window: Sequence[int],
    starts: Sequence[tuple[float, Attribute]],
    step: Step,
) -> Sequence[SSAValue]:
    """Results of `sizes`: for each element the values after `step` ran for each element of the window, from `starts` on.

    A start is a number and its type, which is the element type of that result.
    """
    rank = len(sizes)
    dims = [AffineDimExpr(axis) for axis in range(rank)]
    if math.prod(window) <= MAX_SPELLED_OUT:
        return _spelled_out(rewriter, reads, sizes, window, starts, step)
    taps = [AffineDimExpr(rank + axis) for axis in range(len(window))]
    count = len(reads)
    exprs = [at(dims, taps) for _, at in reads]
    maps = [
        AffineMapAttr(AffineMap(rank + len(window), 0, tuple(each)))
        for each in (*exprs, taps, *[dims] * len(starts))
    ]
    loops = [*sizes, *window]
    operands = [
        cropped(rewriter, value, each, loops) for (value, _), each in zip(reads, exprs, strict=True)
    ]

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        place = [loop_index(inner, rank + axis) for axis in range(len(window))]
        return step(inner, place, arguments[:count], arguments[count + 1 :])

    filled = [
        mixed.fill(rewriter, builders.constant(rewriter, number, element), sizes)
        for number, element in starts
    ]
    spans = mixed.empty(rewriter, window, I1)
    every = iterators(rank, len(window))
    return builders.generic(rewriter, [*operands, spans], filled, maps, every, body=body).results


def _spelled_out(
    rewriter: Rewriter,
    reads: Sequence[Read],
    sizes: Sequence[Size],
    window: Sequence[int],
    starts: Sequence[tuple[float, Attribute]],
    step: Step,
) -> Sequence[SSAValue]:
    rank = len(sizes)
    dims = [AffineDimExpr(axis) for axis in range(rank)]
    places = list(product(*map(range, window)))
    exprs: list[Exprs] = []
    inputs: list[SSAValue] = []
    for place in places:
        for value, at in reads:
            exprs.append(at(dims, list(map(AffineConstantExpr, place))))
            inputs.append(cropped(rewriter, value, exprs[-1], sizes))
    maps = [AffineMapAttr(AffineMap(rank, 0, tuple(each))) for each in exprs]
    maps += [builders.identity_map(rank)] * len(starts)
    count = len(reads)

    def body(inner: Rewriter, arguments: Sequence[SSAValue]) -> Sequence[SSAValue]:
        values: Sequence[SSAValue] = [
            builders.constant(inner, number, element) for number, element in starts
        ]
        for number, place in enumerate(places):
            read = arguments[number * count : (number + 1) * count]
            values = step(inner, place, read, values)
        return values

    outputs = [mixed.empty(rewriter, sizes, element) for _, element in starts]
    every = builders.parallel_iterators(rank)
    return builders.generic(rewriter, inputs, outputs, maps, every, body=body).results


def loop_index(rewriter: Rewriter, loop: int) -> SSAValue:
    """The iteration of a loop of the generic whose body is being built."""
    return rewriter.value(IndexOp, (), builders.INDEX, {"dim": builders.integer_attr(loop, i64)})
