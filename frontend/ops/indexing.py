"""Indexing by tensors: `tf.gather`, `tf.gather_nd`, `tf.scatter_nd`, `tf.tensor_scatter_nd_update` and their like."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import indexing as semantics
from tfc.dialects.tfc.semantics.dtypes import BOOL
from tfc.ops.applying import convert_like
from tfc.ops.casting import cast
from tfc.ops.comparison import greater_equal, less
from tfc.ops.creation import zeros_of
from tfc.ops.logical import logical_and
from tfc.ops.reduction import reduce_all
from tfc.ops.searching import positions_of
from tfc.ops.shape import shape as shape_of
from tfc.ops.shape import static_int
from tfc.ops.sizes import as_sizes, dims


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: Any = None,
    batch_dims: Any = 0,
    name: str | None = None,
) -> Tensor:
    """The entries of an axis of `params` that `indices` names.

    Args:
        params: a tensor with at least one axis.
        indices: integers from 0 to the size of the axis less one, of any shape.
        axis: the axis, `batch_dims` by default; negative ones count from the end.
        batch_dims: how many leading axes of `params` and `indices` go together; negative ones count from the rank of `indices`.

    Returns:
        A tensor of shape `params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]`.

    Raises:
        IndexError: an index is out of range (TFC201).
        TypeError: the indices are no integers (TFC102).
        ValueError: the axis is out of range (TFC104), the batch dims do not agree (TFC106, TFC107).

    >>> import tfc as tf
    >>> tf.gather([10, 20, 30], [2, 0]).numpy()
    array([30, 10], dtype=int32)
    """
    x, where = convert(params), convert(indices)
    batch = static_int(batch_dims, "gather: batch_dims")
    position = batch if axis is None else static_int(axis, "gather: axis")
    if batch < 0:
        batch += len(where.type.shape)
    return apply(semantics.gather, x, where, axis=position, batch_dims=batch, negative="error")


def gather_nd(
    params: Any,
    indices: Any,
    batch_dims: Any = 0,
    name: str | None = None,
    bad_indices_policy: str = "",
) -> Tensor:
    """The parts of `params` at the positions that the last axis of `indices` spells out.

    Args:
        bad_indices_policy: "IGNORE" gives zeros for an index that is out of range; "ERROR", the default, raises.

    Raises:
        IndexError: an index is out of range (TFC201).
        TypeError: the indices are no integers (TFC102).
        ValueError: an index has more entries than `params` has axes, or the batch dims do not agree (TFC106).

    >>> import tfc as tf
    >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
    array([2, 3], dtype=int32)
    """
    batch = static_int(batch_dims, "gather_nd: batch_dims")
    x, positions = convert(params), convert(indices)
    if _ignores("gather_nd", bad_indices_policy):
        if batch:
            raise InvalidArgumentError(
                "TFC107",
                "gather_nd: bad_indices_policy 'IGNORE' beside batch_dims",
                "leave one out",
            )
        places, inside = _in_range(x, positions)
        shape = [*dims(positions)[:-1], *dims(x)[inside.type.shape[-1] :]]
        return scatter_nd(places, gather_nd(x, inside), shape)
    return apply(semantics.gather_nd, x, positions, batch_dims=batch, negative="error")


def _ignores(function: str, policy: str) -> bool:
    """Whether indices that are out of range are to be left out."""
    if policy not in ("", "DEFAULT", "ERROR", "IGNORE"):
        raise InvalidArgumentError(
            "TFC107", f"{function}: bad_indices_policy {policy!r}", "use 'ERROR' or 'IGNORE'"
        )
    return policy == "IGNORE"


def _in_range(x: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Where in `indices` there are positions of `x`, and those positions."""
    depth = indices.type.shape[-1] or 0
    limits = shape_of(x, np.int64)[:depth]
    inside = logical_and(greater_equal(indices, 0), less(cast(indices, np.int64), limits))
    places = positions_of(reduce_all(inside, axis=-1))
    return places, gather_nd(indices, places)


def scatter_nd(
    indices: Any, updates: Any, shape: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Zeros of `shape` with each update added at the position that the last axis of `indices` spells out.

    Args:
        bad_indices_policy: "IGNORE" leaves out what is out of range; "ERROR", the default, raises.

    Raises:
        IndexError: an index is out of range (TFC201).
        ValueError: the updates are not of shape `indices.shape[:-1] + shape[indices.shape[-1]:]` (TFC106).

    >>> import tfc as tf
    >>> tf.scatter_nd([[1], [3], [1]], [1, 2, 3], [4]).numpy()
    array([0, 4, 0, 2], dtype=int32)
    """
    values = convert(updates)
    target = zeros_of(as_sizes(shape, "scatter_nd: shape"), values.type.dtype)
    combiner = "update" if values.type.dtype == BOOL else "add"
    return _scatter_nd("scatter_nd", target, indices, values, combiner, bad_indices_policy)


def _scatter_nd(
    function: str, tensor: Any, indices: Any, updates: Any, combiner: str, policy: str
) -> Tensor:
    x, positions = convert(tensor), convert(indices)
    values = convert_like(updates, x)
    if _ignores(function, policy):
        places, positions = _in_range(x, positions)
        values = gather_nd(values, places)
    return apply(semantics.scatter_nd, x, positions, values, combiner=combiner, negative="error")


def tensor_scatter_nd_update(
    tensor: Any, indices: Any, updates: Any, name: str | None = None
) -> Tensor:
    """`tensor` with the updates in the positions that the last axis of `indices` spells out; of several, the last one stays.

    Raises:
        IndexError: an index is out of range (TFC201).
        TypeError: the updates have another dtype (TFC101), or the indices are no integers (TFC102).
        ValueError: the updates are not of shape `indices.shape[:-1] + tensor.shape[indices.shape[-1]:]` (TFC106).

    >>> import tfc as tf
    >>> tf.tensor_scatter_nd_update([1, 2, 3], [[1]], [9]).numpy()
    array([1, 9, 3], dtype=int32)
    """
    return _scatter_nd("tensor_scatter_nd_update", tensor, indices, updates, "update", "")


def tensor_scatter_nd_add(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """`tensor` with the updates added in; arguments and errors as `tf.tensor_scatter_nd_update`.

    >>> import tfc as tf
    >>> tf.tensor_scatter_nd_add([1, 2, 3], [[1], [1]], [9, 1]).numpy()
    array([ 1, 12,  3], dtype=int32)
    """
    return _scatter_nd("tensor_scatter_nd_add", tensor, indices, updates, "add", bad_indices_policy)


def tensor_scatter_nd_sub(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """`tensor` with the updates subtracted; arguments and errors as `tf.tensor_scatter_nd_update`.

    >>> import tfc as tf
    >>> tf.tensor_scatter_nd_sub([1, 2, 3], [[1]], [9]).numpy()
    array([ 1, -7,  3], dtype=int32)
    """
    return _scatter_nd("tensor_scatter_nd_sub", tensor, indices, updates, "sub", bad_indices_policy)


def tensor_scatter_nd_min(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """`tensor` with the smaller of old and update; arguments and errors as `tf.tensor_scatter_nd_update`.

    >>> import tfc as tf
    >>> tf.tensor_scatter_nd_min([1, 2, 3], [[1], [0]], [0, 5]).numpy()
    array([1, 0, 3], dtype=int32)
    """
    return _scatter_nd("tensor_scatter_nd_min", tensor, indices, updates, "min", bad_indices_policy)


def tensor_scatter_nd_max(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """`tensor` with the larger of old and update; arguments and errors as `tf.tensor_scatter_nd_update`.

    >>> import tfc as tf
    >>> tf.tensor_scatter_nd_max([1, 2, 3], [[1], [0]], [0, 5]).numpy()
    array([5, 2, 3], dtype=int32)
    """
    return _scatter_nd("tensor_scatter_nd_max", tensor, indices, updates, "max", bad_indices_policy)


def scatter_along(
    x: Tensor,
    indices: Tensor,
    updates: Tensor,
    axis: int,
    batch_dims: int = 0,
    combiner: str = "add",
    negative: str = "error",
) -> Tensor:
    """`x` after combining each update into the entry of `axis` that its index names: the adjoint of `gather`."""
    return apply(
        semantics.scatter_along,
        x,
        indices,
        updates,
        axis=axis,
        batch_dims=batch_dims,
        combiner=combiner,
        negative=negative,
    )
