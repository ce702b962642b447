"""Shape: reshapes are collapse and expand, the rest are generics whose input map says where an element comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import cast

from tfc.dialects.tfc.base import TfcOp
from tfc.dialects.tfc.semantics import shape as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes import builders
from tfc.passes.builders import DYNAMIC_INDEX, INDEX
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.failing import fail_unless
from tfc.passes.convert_tfc_to_linalg.lowering import Lowering
from tfc.passes.convert_tfc_to_linalg.reshaping import lower_reshape
from tfc.passes.convert_tfc_to_linalg.sizes import (
    Size,
    as_size,
    as_value,
    collapse_shape,
    compare,
    element_of,
    empty,
    expand_shape,
    fill,
    fill_sizes,
    fit,
    only_element,
    same_size,
    scalar_index,
    shape_of,
    single_element,
    size_of,
    sizes_of,
    subtract,
)
from tfc.passes.rewriting import Rewriter
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import AffineMapAttr, IndexType
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap


def size_operands(lowering: Lowering, op: TfcOp, first: int) -> list[Size]:
    """The rank-0 integer operands from number `first` on, as sizes."""
    lowered = lowering.operands(op)
    return [
        scalar_index(lowering, original, value)
        for original, value in zip(op.operands[first:], lowered[first:], strict=True)
    ]


def copy_elements(
    rewriter: Rewriter, source: SSAValue, sizes: Sequence[Size], map: AffineMapAttr
) -> SSAValue:
    """A tensor of `sizes` whose elements are those of `source` at `map`."""
    output = empty(rewriter, sizes, element_of(source))
    rank = len(sizes)
    generic = builders.generic(
        rewriter,
        [source],
        [output],
        [map, builders.identity_map(rank)],
        builders.parallel_iterators(rank),
        body=lambda _, arguments: (arguments[0],),
    )
    return generic.results[0]


def read_elements(
    rewriter: Rewriter,
    source: SSAValue,
    sizes: Sequence[Size],
    position: Callable[[Rewriter, list[SSAValue]], list[SSAValue]],
) -> SSAValue:
    """A tensor of `sizes` whose element at `indices` is `source[position(indices)]`, for what no map can say."""
    output = empty(rewriter, sizes, element_of(source))
    rank = len(sizes)

    def body(inner: Rewriter, _: tuple[SSAValue, ...]) -> tuple[SSAValue]:
        indices = [loop_index(inner, axis) for axis in range(rank)]
        operands = (source, *position(inner, indices))
        return (inner.value(tensor.ExtractOp, operands, element_of(source)),)

    generic = builders.generic(
        rewriter,
        [],
        [output],
        [builders.identity_map(rank)],
        builders.parallel_iterators(rank),
        body=body,
    )
    return generic.results[0]


def loop_index(rewriter: Rewriter, axis: int) -> SSAValue:
    """`linalg.index axis`."""
    return rewriter.value(IndexOp, (), INDEX, {"dim": builders.integer_attr(axis, builders.I64)})


def _identity(lowering: Lowering, op: TfcOp) -> SSAValue:
    return lowering.operands(op)[0]


def _reshape(lowering: Lowering, op: TfcOp) -> SSAValue:
    shape = op.python_attributes()["shape"]
    sizes = fill_sizes(shape, iter(size_operands(lowering, op, 1)))
    return lower_reshape(lowering, lowering.operands(op)[0], sizes, lowering.result_type(op))


@cache
def _permutation_map(permutation: tuple[int, ...]) -> AffineMapAttr:
    """For `result[i, j] = x[j, i]`: axis `permutation[k]` of x is loop `k`."""
    exprs: list[AffineExpr] = [AffineDimExpr(0)] * len(permutation)
    for loop, axis in enumerate(permutation):
        exprs[axis] = AffineDimExpr(loop)
    return AffineMapAttr(AffineMap(len(permutation), 0, tuple(exprs)))


def transpose(rewriter: Rewriter, x: SSAValue, permutation: tuple[int, ...]) -> SSAValue:
    """`x` with its axes in the order of `permutation`."""
    if permutation == tuple(range(len(permutation))):
        return x
    sizes = [size_of(rewriter, x, axis) for axis in permutation]
    return copy_elements(rewriter, x, sizes, _permutation_map(permutation))


def _transpose(lowering: Lowering, op: TfcOp) -> SSAValue:
    permutation = op.python_attributes()["permutation"]
    return transpose(lowering.rewriter, lowering.operands(op)[0], permutation)


def unit_groups(rank: int, units: Sequence[int]) -> list[list[int]]:
    """Reassociation of a shape of `rank` with axes `units`, of size 1, to the shape without them."""
    groups: list[list[int]] = []
    leading: list[int] = []
    for axis in range(rank):
        if axis in units:
            (groups[-1] if groups else leading).append(axis)
        else:
            groups.append([axis])
    if groups:
        groups[0] = leading + groups[0]
    return groups


def _expand_dims(lowering: Lowering, op: TfcOp) -> SSAValue:
    axes = op.python_attributes()["axes"]
    (x,) = lowering.operands(op)
    if not shape_of(x):
        return single_element(lowering.rewriter, lowering.scalar(x), len(axes))
    return expand_dims(lowering.rewriter, x, axes)


def expand_dims(rewriter: Rewriter, x: SSAValue, axes: Sequence[int]) -> SSAValue:
    """`x`, which is not rank 0, with axes of size 1 at the ascending positions `axes` of the result."""
    if not axes:
        return x
    sizes = sizes_of(rewriter, x)
    for axis in axes:
        sizes.insert(axis, 1)
    return expand_shape(rewriter, x, unit_groups(len(sizes), axes), sizes)


def _squeeze(lowering: Lowering, op: TfcOp) -> SSAValue:
    axes = op.python_attributes()["axes"]
    rewriter = lowering.rewriter
    (x,) = lowering.operands(op)
    known = list(shape_of(x))
    for axis in axes:
        if known[axis] == DYNAMIC_INDEX:
            size = as_value(rewriter, size_of(rewriter, x, axis))
            message = f"squeeze: axis {axis} has size {{0}}, expected 1"
            fail_unless(lowering, compare(rewriter, "eq", size, 1), "TFC106", message, [size])
            known[axis] = 1
    x = fit(rewriter, x, builders.tensor_type(tuple(known), element_of(x)))
    if len(axes) == len(known):
        return single_element(rewriter, only_element(lowering, x), 0)
    return collapse_shape(rewriter, x, unit_groups(len(known), axes)) if axes else x


def _broadcast_to(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x, *_) = lowering.operands(op)
    shape = op.python_attributes()["shape"]
    sizes = fill_sizes(shape, iter(size_operands(lowering, op, 1)))
    require_not_negative(lowering, "broadcast_to", sizes)
    return fit(lowering.rewriter, broadcast(lowering, x, sizes), lowering.result_type(op))


def require_not_negative(lowering: Lowering, op: str, sizes: Sequence[Size]) -> None:
    """Fail for sizes of run time that are negative, with the words of inference."""
    rewriter = lowering.rewriter
    for axis, size in enumerate(sizes):
        if isinstance(size, int) or _is_extent(size):
            continue
        names = [
            "{0}" if k == axis else "?" if not isinstance(n, int) else str(n)
            for k, n in enumerate(sizes)
        ]
        message = f"{op}: expected sizes >= 0, got [{', '.join(names)}]"
        fail_unless(lowering, compare(rewriter, "sge", size, 0), "TFC107", message, [size])


def _is_extent(size: SSAValue) -> bool:
    """Whether an index is seen to be no less than 0: the size of a dimension, or a product, sum or maximum with one."""
    owner = size.owner
    if isinstance(owner, tensor.DimOp):
        return True
    if isinstance(owner, arith.ConstantOp):
        return (builders.constant_int(size) or 0) >= 0
    if isinstance(owner, arith.MuliOp | arith.AddiOp):
        return all(map(_is_extent, owner.operands))
    return isinstance(owner, arith.MaxSIOp) and any(map(_is_extent, owner.operands))


def broadcast(lowering: Lowering, x: SSAValue, sizes: Sequence[Size]) -> SSAValue:
    """`x` broadcast to `sizes`; a size that is only known at run time may be 1 or equal, anything else fails."""
    rewriter = lowering.rewriter
    own = shape_of(x)
    if not own or all(size == 1 for size in own):
        return fill(rewriter, only_element(lowering, x), sizes)
    offset = len(sizes) - len(own)
    exprs: list[AffineExpr] = []
    unclear: dict[int, SSAValue] = {}
    for axis, size in enumerate(own):
        target = sizes[offset + axis]
        if size == 1 and target != 1:
            exprs.append(AffineConstantExpr(0))
            continue
        exprs.append(AffineDimExpr(offset + axis))
        have = size_of(rewriter, x, axis)
        if not same_size(have, target):
            unclear[axis] = _check_broadcast(lowering, axis, have, target)
    if not unclear:
        if not offset and all(isinstance(expr, AffineDimExpr) for expr in exprs):
            return x
        map = AffineMapAttr(AffineMap(len(sizes), 0, tuple(exprs)))
        return copy_elements(rewriter, x, sizes, map)

    def position(inner: Rewriter, indices: list[SSAValue]) -> list[SSAValue]:
        zero = builders.index_constant(inner, 0)
        result: list[SSAValue] = []
        for axis, size in enumerate(own):
            index = zero if size == 1 else indices[offset + axis]
            if axis in unclear:
                index = inner.value(arith.SelectOp, (unclear[axis], zero, index), INDEX)
            result.append(index)
        return result

    return read_elements(rewriter, x, sizes, position)


def _check_broadcast(lowering: Lowering, axis: int, have: Size, target: Size) -> SSAValue:
    """Fail unless `have` is 1 or `target`; gives whether it is 1."""
    rewriter = lowering.rewriter
    one = compare(rewriter, "eq", have, 1)
    equal = compare(rewriter, "eq", have, target)
    ok = rewriter.value(arith.OrIOp, (one, equal), builders.I1)
    message = f"broadcast_to: axis {axis} has size {{0}}, which does not broadcast to {{1}}"
    values = [as_value(rewriter, have), as_value(rewriter, target)]
    fail_unless(lowering, ok, "TFC103", message, values)
    return one


def _reverse(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    rank = len(shape_of(x))
    axes = {axis % rank for axis in op.python_attributes()["axes"]} if rank else set[int]()
    return reverse(lowering.rewriter, x, axes)


def reverse(rewriter: Rewriter, x: SSAValue, axes: set[int]) -> SSAValue:
    """`x` with the order of elements along `axes` turned round."""
    sizes = sizes_of(rewriter, x)
    if not axes or any(sizes[axis] == 0 for axis in axes):
        return x
    if all(isinstance(sizes[axis], int) for axis in axes):
        exprs = [
            AffineDimExpr(axis) * -1 + (cast(int, size) - 1)
            if axis in axes
            else AffineDimExpr(axis)
            for axis, size in enumerate(sizes)
        ]
        map = AffineMapAttr(AffineMap(len(sizes), 0, tuple(exprs)))
        return copy_elements(rewriter, x, sizes, map)
    last = {axis: subtract(rewriter, sizes[axis], 1) for axis in axes}

    def position(inner: Rewriter, indices: list[SSAValue]) -> list[SSAValue]:
        return [
            as_value(inner, subtract(inner, last[axis], index)) if axis in axes else index
            for axis, index in enumerate(indices)
        ]

    return read_elements(rewriter, x, sizes, position)


def _dim(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    axis = op.python_attributes()["axis"] % len(shape_of(x))
    element = lowering.result_type(op).element_type
    size = builders.dim(lowering.rewriter, x, axis)
    known = as_size(size)
    if isinstance(known, int):
        return lowering.from_scalar(builders.constant(lowering.rewriter, known, element))
    if not isinstance(element, IndexType):
        size = lowering.rewriter.value(arith.IndexCastOp, (size,), element)
    return lowering.from_scalar(size)


def _ensure_shape(lowering: Lowering, op: TfcOp) -> SSAValue:
    (x,) = lowering.operands(op)
    rewriter = lowering.rewriter
    for axis, wanted in enumerate(op.python_attributes()["shape"]):
        if wanted is not None and shape_of(x)[axis] == DYNAMIC_INDEX:
            size = as_value(rewriter, size_of(rewriter, x, axis))
            message = f"ensure_shape: axis {axis} has size {{0}}, expected {wanted}"
            fail_unless(lowering, compare(rewriter, "eq", size, wanted), "TFC106", message, [size])
    return fit(rewriter, x, lowering.result_type(op))


RULES: dict[OpSpec, Rule] = {
    semantics.identity: _identity,
    semantics.reshape: _reshape,
    semantics.transpose: _transpose,
    semantics.expand_dims: _expand_dims,
    semantics.squeeze: _squeeze,
    semantics.broadcast_to: _broadcast_to,
    semantics.reverse: _reverse,
    semantics.dim: _dim,
    semantics.ensure_shape: _ensure_shape,
}
