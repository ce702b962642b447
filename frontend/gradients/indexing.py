"""Gradients of indexing: gather and scatter-add are each other's adjoint; others share it among the elements that they chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing as semantics
from tfc.dialects.tfc.semantics.dtypes import INT32
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule
from tfc.ops.arithmetic import divide_no_nan, negative
from tfc.ops.casting import cast
from tfc.ops.comparison import equal
from tfc.ops.creation import indices_of, ones_like, zeros_like, zeros_of
from tfc.ops.joining import concat
from tfc.ops.logical import select
from tfc.ops.shape import broadcast_to, reshape, size
from tfc.ops.sizes import Size, dims


class _Places(NamedTuple):
    """Where a scatter writes: how to read from there and how to combine into there."""

    read: Callable[[Tensor], Tensor]
    write: Callable[[Tensor, Tensor, str], Tensor]
    """`write(x, updates, combiner)`"""
    single: bool
    """Whether there is one index only, so that no place is written twice."""


def _gather(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    params, indices = op.inputs
    return _along(op, indices).write(zeros_like(params), grad, "add"), None


def _along(op: RecordedOp, indices: Tensor) -> _Places:
    given = op.attributes
    shared = {key: given[key] for key in ("axis", "batch_dims", "negative")}
    return _Places(
        lambda x: apply(semantics.gather, x, indices, **shared),
        lambda x, updates, combiner: apply(
            semantics.scatter_along, x, indices, updates, combiner=combiner, **shared
        ),
        not indices.type.shape,
    )


def _gather_nd(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    params, indices = op.inputs
    full = _with_batch_indices(indices, op.attributes["batch_dims"])
    treatment = op.attributes["negative"]
    return apply(
        semantics.scatter_nd,
        zeros_like(params),
        full,
        grad,
        combiner="add",
        negative=treatment,
    ), None


def _with_batch_indices(indices: Tensor, batch_dims: int) -> Tensor:
    """Indices without batch axes that address the same places."""
    if not batch_dims:
        return indices
    sizes = dims(indices)
    columns: list[Tensor] = []
    for axis in range(batch_dims):
        shape: list[Size] = [1] * len(sizes)
        shape[axis] = sizes[axis]
        column = reshape(indices_of(sizes[axis], indices.type.dtype), shape)
        columns.append(broadcast_to(column, [*sizes[:-1], 1]))
    return concat([*columns, indices], axis=-1)


def _nd(op: RecordedOp, indices: Tensor) -> _Places:
    treatment = op.attributes["negative"]
    return _Places(
        lambda x: apply(semantics.gather_nd, x, indices, batch_dims=0, negative=treatment),
        lambda x, updates, combiner: apply(
            semantics.scatter_nd, x, indices, updates, combiner=combiner, negative=treatment
        ),
        len(indices.type.shape) == 1,
    )


def _scatter(places: _Places, op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    x, _, updates = op.inputs
    combiner = op.attributes["combiner"]
    if combiner == "add":
        return grad, None, places.read(grad)
    if combiner == "sub":
        return grad, None, negative(places.read(grad))
    if combiner == "update":
        return _of_update(places, updates, grad)
    if combiner == "mul":
        return _of_product(places, x, updates, grad)
    return _of_extreme(places, x, updates, op.outputs[0], grad)


def _of_update(places: _Places, updates: Tensor, grad: Tensor) -> Sequence[Tensor | None]:
    outside = places.write(grad, zeros_like(updates), "update")
    inside = places.read(grad)
    if not places.single:
        # Of several updates of one place only the last one is in the result.
        number = reshape(indices_of(_count(updates), INT32), dims(updates))
        last = places.write(zeros_of(dims(grad), INT32), number, "update")
        inside = select(equal(places.read(last), number), inside, zeros_like(updates))
    return outside, None, inside


def _count(x: Tensor) -> Size:
    total = 1
    for extent in x.type.shape:
        if extent is None:
            return size(x)
        total *= extent
    return total


def _of_extreme(
    places: _Places, x: Tensor, updates: Tensor, result: Tensor, grad: Tensor
) -> Sequence[Tensor | None]:
    """Those that are equal to the result share its gradient."""
    dtype = grad.type.dtype
    from_x = cast(equal(x, result), dtype)
    from_updates = cast(equal(places.read(result), updates), dtype)
    share = divide_no_nan(grad, places.write(from_x, from_updates, "add"))
    return share * from_x, None, places.read(share) * from_updates


def _of_product(
    places: _Places, x: Tensor, updates: Tensor, grad: Tensor
) -> Sequence[Tensor | None]:
    """Each factor gets the product of the others, also where factors are zero."""
    one, nothing = ones_like(updates), zeros_like(updates)
    is_zero = equal(updates, nothing)
    zeros = places.read(places.write(zeros_like(x), select(is_zero, one, nothing), "add"))
    without_zeros = select(is_zero, one, updates)
    product = places.read(places.write(x, without_zeros, "mul"))
    others = select(
        is_zero,
        select(equal(zeros, one), product, nothing),
        select(equal(zeros, nothing), product / without_zeros, nothing),
    )
    return grad * places.write(ones_like(x), updates, "mul"), None, places.read(grad) * others


def _scatter_along(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    return _scatter(_along(op, op.inputs[1]), op, grad)


def _scatter_nd(op: RecordedOp, grad: Tensor) -> Sequence[Tensor | None]:
    return _scatter(_nd(op, op.inputs[1]), op, grad)


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.gather: _gather,
    semantics.gather_nd: _gather_nd,
    semantics.scatter_along: _scatter_along,
    semantics.scatter_nd: _scatter_nd,
}
