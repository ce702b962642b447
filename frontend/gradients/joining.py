"""Gradients of joining: each operand gets its part back, summed where it was repeated."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import joining as semantics
from tfc.dialects.tfc.semantics.dtypes import INT32
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.comparison import greater_equal, less
from tfc.ops.creation import indices_of, zeros_of
from tfc.ops.indexing import scatter_along
from tfc.ops.joining import cut
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_sum
from tfc.ops.shape import reshape
from tfc.ops.sizes import Size, dim, dims
from tfc.ops.slicing import basic_slice, entry


def _concat(op: RecordedOp, grad: Tensor) -> Sequence[Tensor]:
    axis = op.attributes["axis"] % len(grad.type.shape)
    return cut(grad, axis, [dim(x, axis) for x in op.inputs])


def _stack(op: RecordedOp, grad: Tensor) -> Sequence[Tensor]:
    axis = op.attributes["axis"] % len(grad.type.shape)
    return [entry(grad, axis, index) for index in range(len(op.inputs))]


def _filled(sizes: tuple[int | None, ...], operands: list[Tensor]) -> list[Size]:
    """Sizes of an attribute with the next operands for the `None`s; uses those up."""
    return [operands.pop(0) if size is None else size for size in sizes]


def _pad(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, value, *sizes = op.inputs
    left = list(sizes)
    low = _filled(op.attributes["low"], left)
    high = _filled(op.attributes["high"], left)
    nothing = [None] * len(sizes)
    if op.attributes["mode"] == "constant":
        inner = basic_slice(grad, low, dims(x))
        return inner, reduce_sum(grad) - reduce_sum(inner), *nothing
    skip = 1 if op.attributes["mode"] == "reflect" else 0
    for axis, (before, after) in enumerate(zip(low, high, strict=True)):
        if not (_is_zero(before) and _is_zero(after)):
            grad = _fold_mirrored(grad, x, axis, before, skip)
    return grad, zeros_of((), value.type.dtype), *nothing


def _is_zero(size: Size) -> bool:
    return isinstance(size, int) and size == 0


def _fold_mirrored(grad: Tensor, x: Tensor, axis: int, low: Size, skip: int) -> Tensor:
    """Add what was read through the mirror to where it came from, along one axis."""
    size = dim(x, axis)
    place = indices_of(dim(grad, axis), INT32) - low
    left = skip - 1 - place
    right = (size * 2 - 1 - skip) - place
    source = select(less(place, 0), left, select(greater_equal(place, size), right, place))
    sizes = dims(grad)
    sizes[axis] = size
    return scatter_along(zeros_of(sizes, grad.type.dtype), source, grad, axis)


def _tile(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, *sizes = op.inputs
    multiples = _filled(op.attributes["multiples"], list(sizes))
    shape: list[Size] = []
    for times, size in zip(multiples, dims(x), strict=True):
        shape += [times, size]
    summed = reduce_sum(reshape(grad, shape), axis=list(range(0, len(shape), 2))) if shape else grad
    return summed, *[None] * len(sizes)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.concat: _concat,
    semantics.stack: _stack,
    semantics.pad: _pad,
    semantics.tile: _tile,
}
