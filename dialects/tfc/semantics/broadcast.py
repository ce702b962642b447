"""Broadcasting to the shape of another tensor, and back: each is the gradient of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.dtypes import require_group
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.reduction import reduce_sum
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("broadcast")

_FEW = 1024
"""Elements that are copied faster than NumPy makes a view."""


def _infer_broadcast(x: ArrayType, like: ArrayType) -> ArrayType:
    if broadcast_shapes("broadcast_to_shape_of", x, like) != like.shape and like.is_static:
        raise OpError("TFC103", f"broadcast_to_shape_of: {x} does not broadcast to {like}")
    return ArrayType(x.dtype, like.shape)


def _broadcast(x: Any, like: Any) -> Any:
    if like.size > _FEW:
        return np.broadcast_to(x, like.shape)
    result = np.empty(like.shape, x.dtype)
    result[...] = x
    return result


def _infer_sum(x: ArrayType, like: ArrayType) -> ArrayType:
    require_group("sum_to_shape_of", "number", x)
    if broadcast_shapes("sum_to_shape_of", like, x) != x.shape and x.is_static:
        raise OpError("TFC103", f"sum_to_shape_of: {like} does not broadcast to {x}")
    return ArrayType(x.dtype, like.shape)


def summed_axes(source: Shape, target: Shape) -> tuple[int, ...]:
    """The axes of `source` that were repeated to make it out of `target`, as far as the static sizes tell."""
    lead = len(source) - len(target)
    return tuple(range(lead)) + tuple(
        lead + axis for axis, size in enumerate(target) if size == 1 and source[lead + axis] != 1
    )


def _sum(x: Any, like: Any) -> Any:
    axes = summed_axes(x.shape, like.shape)
    return reduce_sum.evaluate(x, axes=axes, keepdims=False).reshape(like.shape) if axes else x


broadcast_to_shape_of = FAMILY.op(
    "broadcast_to_shape_of", _broadcast, _infer_broadcast, ("x", "like")
)
sum_to_shape_of = FAMILY.op("sum_to_shape_of", _sum, _infer_sum, ("x", "like"))
