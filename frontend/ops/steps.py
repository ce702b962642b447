"""Slices whose step is known only when a compiled function runs: `x[::n]`."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.tensor import Tensor
from tfc.ops.applying import is_tensor_like
from tfc.ops.assertion import require
from tfc.ops.casting import cast
from tfc.ops.clipping import clip_by_value
from tfc.ops.comparison import greater, not_equal
from tfc.ops.creation import range as tf_range
from tfc.ops.indexing import gather
from tfc.ops.logical import select
from tfc.ops.sizes import Size, as_size, dim


def walked(x: Tensor, items: list[Any]) -> tuple[Tensor, list[Any]]:
    """`x` with its slices of open step carried out, and the items without them.

    Pre-condition: `items` has all axes and no `...`.
    """
    axis = 0
    rest: list[Any] = []
    for item in items:
        left = item
        if item.__class__ is slice and is_tensor_like(item.step):
            step = as_size(item.step, "slice step")
            if isinstance(step, int):
                left = slice(item.start, item.stop, step)
            else:
                x, left = gather(x, _positions(item, step, dim(x, axis)), axis=axis), slice(None)
        rest.append(left)
        if item is not None:
            is_mask = isinstance(item, Tensor) and item.type.dtype.kind == "b"
            axis += len(item.type.shape) if is_mask else 1
    return x, rest


def _positions(item: slice, step: Tensor, size: Size) -> Tensor:
    """What a slice of an axis selects, as `slice.indices` has it."""
    n, by = _wide(size), _wide(step)
    require(not_equal(by, 0), "the step of a slice is 0; use another step")
    ascends = greater(by, 0)
    low = select(ascends, _wide(0), _wide(-1))
    high = low + n

    def placed(bound: Any) -> Tensor:
        """A bound, which counts from the end when it is negative, moved into the axis."""
        value = _wide(as_size(bound, "slice bound"))
        return clip_by_value(select(greater(_wide(0), value), value + n, value), low, high)

    start = select(ascends, low, high) if item.start is None else placed(item.start)
    stop = select(ascends, high, low) if item.stop is None else placed(item.stop)
    return tf_range(start, stop, by)


def _wide(size: Size) -> Tensor:
    return convert(size, np.dtype(np.int64)) if isinstance(size, int) else cast(size, np.int64)
