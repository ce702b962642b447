"""Clipping by value and by norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.requirements import require_list
from tfc.core.tensor import Tensor
from tfc.ops.applying import convert_like
from tfc.ops.arithmetic import divide, maximum, minimum, multiply, square
from tfc.ops.comparison import greater, is_finite
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_sum
from tfc.ops.transcendental import sqrt


def clip_by_value(
    t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None
) -> Tensor:
    """`t` with values below `clip_value_min` or above `clip_value_max` replaced by those; all of one dtype, broadcasting.

    nan stays nan. Errors as `tf.add`.

    >>> import tfc as tf
    >>> tf.clip_by_value([-5, 2, 9], 0, 4).numpy()
    array([0, 2, 4], dtype=int32)
    """
    return maximum(minimum(t, clip_value_max), clip_value_min)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """`t * clip_norm / max(norm(t), clip_norm)`, with the Euclidean norm over `axes` (all by default), for floats.

    >>> import tfc as tf
    >>> tf.clip_by_norm([3.0, 4.0], 1.0).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    x = convert(t)
    total = reduce_sum(square(x), axes, True)
    positive = greater(total, 0)
    # The square root has no gradient at 0: it is taken of 1 there.
    size = select(positive, sqrt(select(positive, total, 1)), total)
    limit = convert_like(clip_norm, x)
    return divide(multiply(x, limit), maximum(size, limit))


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The square root of the sum of all squared elements of a list of tensors; entries that are None are left out.

    >>> import tfc as tf
    >>> tf.linalg.global_norm([[3.0], None, [4.0]]).numpy()
    np.float32(5.0)
    """
    totals = [
        reduce_sum(square(_values(t)))
        for t in require_list("global_norm: t_list", t_list)
        if t is not None
    ]
    if not totals:
        return convert(0.0)
    result = totals[0]
    for total in totals[1:]:
        result = result + total
    return sqrt(result)


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """A list of tensors scaled together so that `tf.linalg.global_norm` of them is at most `clip_norm`, and what it was.

    Entries that are None stay None. When the norm is infinite or nan the results are nan.

    >>> import tfc as tf
    >>> clipped, size = tf.clip_by_global_norm([[3.0], [4.0]], 1.0)
    >>> [t.numpy() for t in clipped], size.numpy()
    ([array([0.6], dtype=float32), array([0.8], dtype=float32)], np.float32(5.0))
    """
    tensors = require_list("clip_by_global_norm: t_list", t_list)
    size = global_norm(tensors) if use_norm is None else convert(use_norm)
    limit = convert_like(clip_norm, size)
    scale = multiply(limit, minimum(divide(1.0, size), divide(1.0, limit)))
    scale = select(is_finite(size), scale, np.nan)
    return [None if t is None else multiply(_values(t), scale) for t in tensors], size


def _values(t: Any) -> Tensor:
    return convert(getattr(t, "values", t)) if not isinstance(t, Tensor) else t
