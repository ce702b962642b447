"""Indexing by tensors of indices: gather and scatter.

`negative` says what a negative index means: "error", "wrap" (counts from the end, as in Python) or "drop" (reads zero,
writes nothing). Scatters go through the updates in row-major order, so that what they compute is fully determined.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.dtypes import is_int, require_group, require_same_dtype
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import shown
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("indexing")

NEGATIVE = ("error", "wrap", "drop")


def _update_at(target: np.ndarray, where: Any, updates: np.ndarray) -> None:
    target[where] = updates


COMBINERS: dict[str, Callable[[np.ndarray, Any, np.ndarray], None]] = {
    "update": _update_at,
    "add": np.add.at,
    "sub": np.subtract.at,
    "mul": np.multiply.at,
    "min": np.minimum.at,
    "max": np.maximum.at,
}


# -- checks -------------------------------------------------------------------------------------


def _check_range(indices: np.ndarray, size: int, axis: int, negative: str) -> None:
    """Raise `OpError` TFC201 unless all indices are valid for an axis of `size`."""
    if not indices.size:
        return
    low = -size if negative == "wrap" else 0
    # `argmin` takes a fifth of the time of `min` on a few numbers.
    is_checked = negative != "drop" and indices.dtype.kind != "u"
    smallest = indices.item(indices.argmin()) if is_checked else 0
    largest = indices.item(indices.argmax())
    if smallest < low or largest >= size:
        raise index_error(smallest if smallest < low else largest, axis, size)


def index_error(index: int, axis: int, size: int) -> OpError:
    """The error for one index that is out of range."""
    return OpError(
        "TFC201",
        f"index {index} is out of range for axis {axis} of size {size}",
        f"use indices from 0 to {size - 1}" if size else "the axis is empty",
    )


def _require_indices(op: str, indices: ArrayType, negative: str) -> None:
    if not is_int(indices.dtype):
        raise OpError(
            "TFC102",
            f"{op}: expected integer indices, got {indices.dtype.name}",
            "convert with tf.cast(indices, tf.int32)",
        )
    if negative not in NEGATIVE:
        raise OpError("TFC107", f"{op}: unknown treatment {negative!r} of negative indices")


def _require_combiner(op: str, combiner: str, x: ArrayType) -> None:
    if combiner not in COMBINERS:
        raise OpError("TFC107", f"{op}: unknown combiner {combiner!r}")
    if combiner != "update":
        require_group(op, "number", x)


def _require_shape(op: str, updates: ArrayType, wanted: Shape) -> None:
    got = updates.shape
    if len(got) != len(wanted) or any(
        a is not None and b is not None and a != b for a, b in zip(got, wanted, strict=True)
    ):
        raise OpError(
            "TFC106",
            f"{op}: expected updates of shape {shown(wanted)}, got {shown(got)}",
            "one update for each index",
        )


# -- along one axis -----------------------------------------------------------------------------


def gathered_shape(
    op: str, x: ArrayType, indices: ArrayType, axis: int, batch_dims: int
) -> tuple[int | None, ...]:
    """The shape of `x` with `axis` replaced by the axes of `indices` after the first `batch_dims`."""
    if not x.rank:
        raise OpError("TFC105", f"{op}: expected a tensor with axes, got {x}", "use tf.expand_dims")
    axis = normalize_axis(op, axis, x.rank)
    if not 0 <= batch_dims <= min(axis, indices.rank):
        raise OpError(
            "TFC107",
            f"{op}: batch_dims={batch_dims} must be at most axis={axis} and the rank {indices.rank} of indices",
            "use fewer batch_dims",
        )
    batch: list[int | None] = []
    for position in range(batch_dims):
        left, right = x.shape[position], indices.shape[position]
        if left is not None and right is not None and left != right:
            raise OpError(
                "TFC106",
                f"{op}: axis {position} is a batch axis of size {left} in {x} and of size {right} in {indices}",
                "make the batch sizes equal",
            )
        batch.append(right if left is None else left)
    return (*batch, *x.shape[batch_dims:axis], *indices.shape[batch_dims:], *x.shape[axis + 1 :])


def _grids(indices: np.ndarray, batch_dims: int) -> list[np.ndarray]:
    """Index arrays that pair each batch entry of `indices` with itself."""
    return [
        np.arange(indices.shape[axis]).reshape((-1,) + (1,) * (indices.ndim - axis - 1))
        for axis in range(batch_dims)
    ]


def _evaluate_gather(
    params: np.ndarray, indices: np.ndarray, *, axis: int, batch_dims: int, negative: str
) -> np.ndarray:
    axis %= params.ndim
    size = params.shape[axis]
    _check_range(indices, size, axis, negative)
    dropped = indices < 0 if negative == "drop" else None
    if dropped is not None:
        if not size:
            shape = _static(
                gathered_shape("gather", _type(params), _type(indices), axis, batch_dims)
            )
            return np.zeros(shape, params.dtype)
        indices = np.where(dropped, 0, indices)
    if not batch_dims:
        result = np.asarray(np.take(params, indices, axis))
    else:
        moved = np.moveaxis(params, axis, batch_dims)
        found = moved[(*_grids(indices, batch_dims), indices)]
        result = _index_axes_to(found, indices.ndim, axis, batch_dims)
    if dropped is not None:
        kept = ~dropped
        shape = (
            *kept.shape[:batch_dims],
            *(1,) * (axis - batch_dims),
            *kept.shape[batch_dims:],
            *(1,) * (params.ndim - axis - 1),
        )
        result = np.where(kept.reshape(shape), result, np.zeros((), params.dtype))
    return result


def _prepare_gather(
    params: ArrayType, indices: ArrayType, *, axis: int, batch_dims: int, negative: str
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    as_positions = _positions(indices.dtype, params.shape, negative)
    general = partial(_evaluate_gather, axis=axis, batch_dims=batch_dims, negative=negative)
    if as_positions is None or (batch_dims and axis % params.rank != batch_dims):
        return general
    if batch_dims:
        grids = _grids(np.broadcast_to(0, _static(indices.shape)), batch_dims)

        def evaluate_batch(params: np.ndarray, indices: np.ndarray) -> np.ndarray:
            try:
                return params[(*grids, as_positions(indices))]
            except IndexError:
                return general(params, indices)

        return evaluate_batch

    def evaluate(params: np.ndarray, indices: np.ndarray) -> np.ndarray:
        try:
            return params.take(as_positions(indices), axis)
        except IndexError:
            _check_range(indices, params.shape[axis], axis, negative)
            raise

    return evaluate


def _positions(
    kind: np.dtype, shape: Shape, negative: str
) -> Callable[[np.ndarray], np.ndarray] | None:
    """Indices of dtype `kind` as such that NumPy refuses where they are out of range for axes of `shape`.

    None where NumPy is no help.
    """
    if kind.itemsize == 8 and kind.kind == "u":
        return None  # it does not take them
    if negative == "wrap":
        return lambda indices: indices
    if negative == "drop" or max((size or 0 for size in shape), default=0) > np.iinfo(kind).max:
        return None
    if kind.itemsize == 8:
        return _not_negative
    if kind.kind == "u":
        return lambda indices: indices
    unsigned = np.dtype(f"u{kind.itemsize}")
    return lambda indices: indices.view(unsigned)  # so negative ones are too large


def _not_negative(indices: np.ndarray) -> np.ndarray:
    if indices.size and indices.item(indices.argmin()) < 0:
        raise IndexError
    return indices


def _type(array: np.ndarray) -> ArrayType:
    return ArrayType(array.dtype, array.shape)


def _static(shape: Shape) -> tuple[int, ...]:
    return shape  # pyright: ignore[reportReturnType]


def _index_axes_to(found: np.ndarray, rank: int, axis: int, batch_dims: int) -> np.ndarray:
    """Move the axes of the indices from behind the batch axes to position `axis`."""
    count = rank - batch_dims
    source = list(range(batch_dims, batch_dims + count))
    return np.moveaxis(found, source, list(range(axis, axis + count)))


def _infer_gather(
    params: ArrayType, indices: ArrayType, *, axis: int, batch_dims: int, negative: str
) -> ArrayType:
    _require_indices("gather", indices, negative)
    return ArrayType(params.dtype, gathered_shape("gather", params, indices, axis, batch_dims))


def _evaluate_scatter_along(
    x: np.ndarray,
    indices: np.ndarray,
    updates: np.ndarray,
    *,
    axis: int,
    batch_dims: int,
    combiner: str,
    negative: str,
) -> np.ndarray:
    axis %= x.ndim
    _check_range(indices, x.shape[axis], axis, negative)
    result = x.copy()
    target = np.moveaxis(result, axis, batch_dims)
    count = indices.ndim - batch_dims
    moved = np.moveaxis(
        updates, list(range(axis, axis + count)), list(range(batch_dims, batch_dims + count))
    )
    where: tuple[Any, ...] = (*_grids(indices, batch_dims), indices)
    if negative == "drop":
        kept = indices >= 0
        where = tuple(np.broadcast_to(item, indices.shape)[kept] for item in where)
        moved = moved[kept]
    COMBINERS[combiner](target, where, moved)
    return result


def _prepare_scatter_along(
    x: ArrayType,
    indices: ArrayType,
    updates: ArrayType,
    *,
    axis: int,
    batch_dims: int,
    combiner: str,
    negative: str,
) -> Callable[..., np.ndarray]:
    combine = COMBINERS[combiner]
    # Those that are dropped are gone when NumPy looks.
    as_positions = _positions(indices.dtype, x.shape, "wrap" if negative == "drop" else negative)
    if axis or batch_dims or as_positions is None:
        attributes = {"axis": axis, "batch_dims": batch_dims, "combiner": combiner}
        return partial(_evaluate_scatter_along, **attributes, negative=negative)

    def evaluate(x: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
        result = x.copy()
        if negative == "drop" and indices.size and indices.item(indices.argmin()) < 0:
            kept = indices >= 0
            indices, updates = indices[kept], updates[kept]
        try:
            combine(result, as_positions(indices), updates)
        except IndexError:
            _check_range(indices, x.shape[0], 0, negative)
            raise
        return result

    return evaluate


def _infer_scatter_along(
    x: ArrayType,
    indices: ArrayType,
    updates: ArrayType,
    *,
    axis: int,
    batch_dims: int,
    combiner: str,
    negative: str,
) -> ArrayType:
    op = "scatter_along"
    require_same_dtype(op, x, updates)
    _require_indices(op, indices, negative)
    _require_combiner(op, combiner, x)
    _require_shape(op, updates, gathered_shape(op, x, indices, axis, batch_dims))
    return x


# -- along several axes -------------------------------------------------------------------------


def _depth(op: str, x: ArrayType, indices: ArrayType, batch_dims: int) -> int:
    """How many axes of `x` an entry of `indices` addresses."""
    if not indices.rank or indices.shape[-1] is None:
        raise OpError(
            "TFC105",
            f"{op}: expected indices whose last axis has a known size, got {indices}",
            "the last axis holds one index for each axis of the tensor",
        )
    depth = indices.shape[-1]
    if not 0 <= batch_dims < indices.rank or batch_dims + depth > x.rank:
        raise OpError(
            "TFC106",
            f"{op}: {indices} addresses {depth} axes after {batch_dims} batch axes, {x} has {x.rank}",
            "make the last axis of indices shorter",
        )
    for position in range(batch_dims):
        left, right = x.shape[position], indices.shape[position]
        if left is not None and right is not None and left != right:
            raise OpError(
                "TFC106",
                f"{op}: axis {position} is a batch axis of size {left} in {x} and of size {right} in {indices}",
                "make the batch sizes equal",
            )
    return depth


def _components(
    x: np.ndarray, indices: np.ndarray, batch_dims: int, negative: str
) -> tuple[np.ndarray, ...]:
    """The index arrays of `x[...]` that the entries of `indices` stand for."""
    parts = _along_last(indices, indices.shape[-1])
    for position, part in enumerate(parts):
        axis = batch_dims + position
        _check_range(part, x.shape[axis], axis, negative)
    entry = np.broadcast_to(0, indices.shape[:-1])
    return (*_grids(entry, batch_dims), *parts)


def _evaluate_gather_nd(
    params: np.ndarray, indices: np.ndarray, *, batch_dims: int, negative: str
) -> np.ndarray:
    where = _components(params, indices, batch_dims, negative)
    if not where:
        return np.broadcast_to(params, (*indices.shape[:-1], *params.shape)).copy()
    if not indices.shape[-1]:
        shape = (*indices.shape[:-1], *params.shape[batch_dims:])
        middle = (1,) * (indices.ndim - 1 - batch_dims)
        folded = params.reshape((*params.shape[:batch_dims], *middle, *params.shape[batch_dims:]))
        return np.broadcast_to(folded, shape).copy()
    return np.asarray(params[where])


def _prepare_gather_nd(
    params: ArrayType, indices: ArrayType, *, batch_dims: int, negative: str
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    general = partial(_evaluate_gather_nd, batch_dims=batch_dims, negative=negative)
    as_positions, depth = _positions(indices.dtype, params.shape, negative), indices.shape[-1]
    if batch_dims or not depth or as_positions is None:
        return general

    def evaluate(params: np.ndarray, indices: np.ndarray) -> np.ndarray:
        try:
            return params[_along_last(as_positions(indices), depth)]
        except IndexError:
            return general(params, indices)

    return evaluate


def _along_last(indices: np.ndarray, depth: int) -> tuple[np.ndarray, ...]:
    return tuple([indices[..., position] for position in range(depth)])


def _infer_gather_nd(
    params: ArrayType, indices: ArrayType, *, batch_dims: int, negative: str
) -> ArrayType:
    _require_indices("gather_nd", indices, negative)
    depth = _depth("gather_nd", params, indices, batch_dims)
    return ArrayType(params.dtype, (*indices.shape[:-1], *params.shape[batch_dims + depth :]))


def _evaluate_scatter_nd(
    x: np.ndarray, indices: np.ndarray, updates: np.ndarray, *, combiner: str, negative: str
) -> np.ndarray:
    result = x.copy()
    where = _components(x, indices, 0, negative)
    if where:
        COMBINERS[combiner](result, where, updates)
        return result
    for update in updates.reshape((-1, *x.shape)):
        COMBINERS[combiner](result, ..., update)
    return result


def _prepare_scatter_nd(
    x: ArrayType, indices: ArrayType, updates: ArrayType, *, combiner: str, negative: str
) -> Callable[..., np.ndarray]:
    general = partial(_evaluate_scatter_nd, combiner=combiner, negative=negative)
    as_positions, depth = _positions(indices.dtype, x.shape, negative), indices.shape[-1]
    if not depth or as_positions is None:
        return general
    combine = COMBINERS[combiner]

    def evaluate(x: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
        result = x.copy()
        try:
            combine(result, _along_last(as_positions(indices), depth), updates)
        except IndexError:
            return general(x, indices, updates)
        return result

    return evaluate


def _infer_scatter_nd(
    x: ArrayType, indices: ArrayType, updates: ArrayType, *, combiner: str, negative: str
) -> ArrayType:
    op = "scatter_nd"
    require_same_dtype(op, x, updates)
    _require_indices(op, indices, negative)
    if negative == "drop":
        raise OpError(
            "TFC107", f"{op}: negative indices cannot be dropped", "use 'error' or 'wrap'"
        )
    _require_combiner(op, combiner, x)
    depth = _depth(op, x, indices, 0)
    _require_shape(op, updates, (*indices.shape[:-1], *x.shape[depth:]))
    return x


gather = FAMILY.op(
    "gather",
    None,
    _infer_gather,
    ("params", "indices"),
    ("axis", "batch_dims", "negative"),
    Effect.FAIL,
    prepare=_prepare_gather,
)
gather_nd = FAMILY.op(
    "gather_nd",
    None,
    _infer_gather_nd,
    ("params", "indices"),
    ("batch_dims", "negative"),
    Effect.FAIL,
    prepare=_prepare_gather_nd,
)
scatter_along = FAMILY.op(
    "scatter_along",
    _evaluate_scatter_along,
    _infer_scatter_along,
    ("x", "indices", "updates"),
    ("axis", "batch_dims", "combiner", "negative"),
    Effect.FAIL,
    prepare=_prepare_scatter_along,
)
scatter_nd = FAMILY.op(
    "scatter_nd",
    None,
    _infer_scatter_nd,
    ("x", "indices", "updates"),
    ("combiner", "negative"),
    Effect.FAIL,
    prepare=_prepare_scatter_nd,
)
