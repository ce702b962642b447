"""Rows of a known number that are written one by one, as one tensor: what is written in a loop that is kept one."""

from __future__ import annotations

from typing import Any

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.core.unwritten import Unwritten
from tfc.dialects.tfc.semantics.slicing import slice_update
from tfc.ops.casting import cast
from tfc.ops.creation import zeros
from tfc.ops.joining import concat, stack
from tfc.ops.shape import ensure_shape, expand_dims


def has_known_shape(value: Any) -> bool:
    """Whether rows like this one can be a tensor before they are written."""
    return isinstance(value, Tensor) and None not in value.type.shape


def with_row(rows: Any, count: int, index: Any, value: Any) -> Any:
    """The `count` rows with number `index`, which is in range, replaced."""
    if isinstance(rows, Unwritten):
        rest = zeros([count - len(rows.items), *value.shape], value.dtype)
        rows = rest if len(rows.items) == 0 else concat([stack(rows.items), rest], 0)
    else:
        value = ensure_shape(value, rows.shape[1:])
    place = cast(index, "int64")
    begin = (None, *[0] * len(value.shape))
    return apply(slice_update, rows, expand_dims(value, 0), place, begin=begin)
