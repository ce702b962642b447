"""What convolutions and pools have in common: layouts, strides, dilations and padding as TensorFlow gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.ops.sizes import Size


def per_axis(function: str, name: str, value: Any, count: int, channels_first: bool) -> list[int]:
    """`value` as one int for each of `count` spatial dimensions.

    It may be one int, one for each, or one for each dimension of the layout with 1 for batch and channels. Raises TFC107.
    """
    if value is None:
        return [1] * count
    items = np.asarray(value).reshape(-1).tolist()
    if len(items) == count + 2:
        batch, channels = items[0], items[1 if channels_first else -1]
        if batch != 1 or channels != 1:
            raise InvalidArgumentError(
                "TFC107",
                f"{function}: {name}={value!r} has another entry than 1 for batch or channels",
                f"give {name} for the spatial dimensions only",
            )
        items = items[2:] if channels_first else items[1:-1]
    if len(items) == 1:
        items = items * count
    if len(items) != count or not all(isinstance(item, int) and item > 0 for item in items):
        raise InvalidArgumentError(
            "TFC107",
            f"{function}: {name} must be one positive int or {count} of them, got {value!r}",
            f"write {name}=1 or {name}={[1] * count}",
        )
    return items


def is_channels_first(function: str, data_format: str | None, count: int) -> bool:
    """Whether `data_format` puts channels before the `count` spatial dimensions. Raises TFC107."""
    spatial = {1: "W", 2: "HW", 3: "DHW"}.get(count)
    if data_format is None:
        return False
    if spatial is not None and data_format == f"N{spatial}C":
        return False
    if spatial is not None and data_format == f"NC{spatial}":
        return True
    raise InvalidArgumentError(
        "TFC107",
        f"{function}: unknown data_format {data_format!r}",
        f"use 'N{spatial}C' or 'NC{spatial}'",
    )


class Pads(NamedTuple):
    """Elements of padding before and after one dimension."""

    low: Size
    high: Size


def paddings(
    function: str,
    padding: Any,
    sizes: Sequence[Size],
    kernel: Sequence[Size],
    strides: Sequence[int],
    dilations: Sequence[int],
    channels_first: bool = False,
) -> list[Pads]:
    """The padding of each spatial dimension for "SAME", "VALID" or explicit amounts.

    Explicit: a pair for each dimension of the layout (batch and channels `[0, 0]`), or for each spatial one. Raises TFC107.
    """
    if isinstance(padding, str):
        word = padding.upper()
        if word == "VALID":
            return [Pads(0, 0) for _ in sizes]
        if word == "SAME":
            return [_same(*each) for each in zip(sizes, kernel, strides, dilations, strict=True)]
    elif isinstance(padding, list | tuple | np.ndarray):
        pairs = np.asarray(padding).tolist()
        if len(pairs) == len(sizes) + 2:
            pairs = pairs[2:] if channels_first else pairs[1:-1]
        if len(pairs) == len(sizes) and all(
            isinstance(pair, list) and len(pair) == 2 and min(pair) >= 0 for pair in pairs
        ):
            return [Pads(*pair) for pair in pairs]
    raise InvalidArgumentError(
        "TFC107",
        f"{function}: unknown padding {padding!r}",
        'use "SAME", "VALID" or a list of [before, after] for each dimension',
    )


def _same(size: Size, kernel: Size, stride: int, dilation: int) -> Pads:
    """TensorFlow's rule: ceil(size / stride) results; of an odd amount the larger half comes after."""
    reach = (kernel - 1) * dilation + 1
    if stride == 1:
        total = reach - 1
    elif isinstance(size, int) and isinstance(reach, int):
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    else:
        from tfc.ops.arithmetic import maximum

        total = maximum(((size + stride - 1) // stride - 1) * stride + reach - size, 0)
    return Pads(total // 2, total - total // 2)


def fitted(size: Size, kernel: Size, stride: int, dilation: int, pads: Pads) -> Size:
    """How often the window fits into the padded dimension."""
    room = size + pads.low + pads.high - (kernel - 1) * dilation - 1
    if isinstance(room, Tensor):
        return room // stride + 1 if stride != 1 else room + 1
    return max(0, room // stride + 1)
