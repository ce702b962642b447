"""Rows of broadcasting to a shape and summing back."""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics import broadcast as semantics
from tfc.ops.reduction import broadcast_to_shape_of, sum_to_shape_of

from op_table.row import Row, Sample


def _sum(x: Any, like: Any) -> Any:
    wide = np.float32 if x.dtype.itemsize == 2 and x.dtype.kind not in "iu" else x.dtype
    rank = x.ndim - like.ndim
    total = x.astype(wide)
    for axis in range(x.ndim):
        repeated = axis < rank or like.shape[axis - rank] == 1
        if repeated and x.shape[axis] != 1:
            total = total.sum(axis, dtype=wide, keepdims=True)
    return total.reshape(like.shape).astype(x.dtype)


ROWS = [
    Row(
        semantics.broadcast_to_shape_of,
        broadcast_to_shape_of,
        lambda x, like: np.broadcast_to(x, like.shape),
        (
            Sample(((4,), (3, 4))),
            Sample(((3, 1), (3, 4))),
            Sample(((), (2, 3))),
            Sample(((4,), (4,))),
            Sample(((), ())),
            Sample(((1,), (0,))),
        ),
    ),
    Row(
        semantics.sum_to_shape_of,
        sum_to_shape_of,
        _sum,
        (
            Sample(((3, 4), (4,))),
            Sample(((3, 4), (3, 1))),
            Sample(((2, 3), ())),
            Sample(((4,), (4,))),
            Sample(((2, 3, 4), (3, 1))),
            Sample(((0, 3), (3,))),
        ),
        special=False,
        ulp=4,
        oracle_ulp=4,
    ),
]
