"""What convolutions and pools have in common: layouts, strides, dilations and padding as TensorFlow gives them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.records import Record
from tfc.ops.applying import is_array
from tfc.ops.joining import pad
from tfc.ops.shape import static_ints
from tfc.ops.sizes import Size, dim


def per_axis(function: str, name: str, value: Any, count: int, channels_first: bool) -> list[int]:
    """`value` as one int for each of `count` spatial dimensions.

    It may be one int, one for each, or one for each dimension of the layout with 1 for batch and channels. Raises TFC107.
    """
    if count < 1:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: there are no spatial dimensions",
            "pass [batch, spatial..., channels]",
        )
    if value is None:
        return [1] * count
    items = static_ints(value, f"{function}: {name}")
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
    if len(items) != count or min(items) <= 0:
        raise InvalidArgumentError(
            "TFC107",
            f"{function}: {name} must be one positive int or {count} of them, got {value!r}",
            f"write {name}=1 or {name}={[1] * count}",
        )
    return list(items)


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


def _paddings(
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
    elif isinstance(padding, list | tuple) or is_array(padding):
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


def _fitted(size: Size, kernel: Size, stride: int, dilation: int, pads: Pads) -> Size:
    """How often the window fits into the padded dimension."""
    room = size + pads.low + pads.high - (kernel - 1) * dilation - 1
    if not isinstance(room, Tensor):
        return max(0, room // stride + 1)
    fits = room // stride + 1 if stride != 1 else room + 1
    beyond = (kernel - 1) * dilation - pads.low - pads.high
    is_same = isinstance(pads.low, Tensor)  # what is given is known
    if is_same or (isinstance(beyond, int) and beyond <= 0):
        return fits
    from tfc.ops.arithmetic import maximum

    return maximum(fits, 0)


FREE, KERNEL = 100, 200
"""The labels of the first spatial dimension of a result and of a window, in `tfc.convolution`; the others follow."""


class Geometry(Record):
    """How windows walk over the spatial dimensions of a tensor: an entry for each of those."""

    rank: int
    channels_first: bool
    axes: tuple[int, ...]
    sizes: tuple[Size, ...]
    window: tuple[Size, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[Pads, ...]
    results: tuple[Size, ...]
    """How many windows there are."""

    @cached_property
    def has_known_pads(self) -> bool:
        return all(isinstance(amount, int) for pads in self.pads for amount in pads)

    @cached_property
    def is_padded(self) -> bool:
        """Whether some window may reach over the edge."""
        return any(not isinstance(n, int) or n != 0 for pads in self.pads for n in pads)

    def with_known_pads(self, x: Tensor, outside: float = 0) -> tuple[Tensor, Geometry]:
        """Where the padding is known only at run time, `x` with it put around, and the geometry of that."""
        if self.has_known_pads:
            return x, self
        padded = pad(
            x, list(self.for_all([list(p) for p in self.pads], [0, 0])), constant_values=outside
        )
        sizes = tuple([dim(padded, axis) for axis in self.axes])
        return padded, self.replace(sizes=sizes, pads=(Pads(0, 0),) * len(self.pads))

    def for_all(self, values: Sequence[Any], default: Any) -> tuple[Any, ...]:
        """An entry for each dimension of the tensor: `values` for the spatial ones."""
        entries = [default] * self.rank
        for axis, value in zip(self.axes, values, strict=True):
            entries[axis] = value
        return tuple(entries)

    def layout(self, spatial: Sequence[int], channels: Sequence[int]) -> list[int]:
        """Labels in the order of dimensions: the batch's are 0, 1, ..."""
        batch = range(self.rank - len(self.axes) - 1)
        return (
            [*batch, *channels, *spatial] if self.channels_first else [*batch, *spatial, *channels]
        )

    @cached_property
    def walked(self) -> list[int]:
        """The labels of dimensions that windows walk."""
        return [-1 - number for number in range(len(self.axes))]

    @cached_property
    def free(self) -> list[int]:
        return [FREE + number for number in range(len(self.axes))]

    @cached_property
    def kernel(self) -> list[int]:
        return [KERNEL + number for number in range(len(self.axes))]

    @cached_property
    def windows(self) -> list[tuple[int, ...]]:
        """The windows of a `tfc.convolution` that walks the tensor."""
        every = zip(self.free, self.kernel, self.strides, self.dilations, self.pads, strict=True)
        return [
            (free, k, stride, gap, -_known(pads.low), 1) for free, k, stride, gap, pads in every
        ]

    def windows_back(self) -> list[tuple[int, ...]]:
        """The windows of its transpose, which walks what has the size of the results."""
        every = zip(self.free, self.kernel, self.strides, self.dilations, self.pads, strict=True)
        return [
            (free, k, 1, -gap, _known(pads.low), stride) for free, k, stride, gap, pads in every
        ]


def _known(low: Size) -> int:
    assert isinstance(low, int)
    return low


_GEOMETRIES: dict[Any, Geometry] = {}
"""What was found out for arguments that are known: small convolutions are quicker than that."""
_GEOMETRIES_LIMIT = 4096


def geometry(
    function: str,
    rank: int,
    sizes: Sequence[Size],
    window: Sequence[Size],
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any,
) -> Geometry:
    """The geometry of windows over dimensions of these sizes of a tensor of that rank. Raises TFC107."""
    every = (sizes, window, strides, padding, data_format, dilations)
    key = (function, rank, _key(every))
    try:
        found = _GEOMETRIES.get(key)
    except TypeError:  # an argument is a tensor, or is not hashable
        return _geometry(function, rank, *every)
    if found is None:
        found = _geometry(function, rank, *every)
        if len(_GEOMETRIES) >= _GEOMETRIES_LIMIT:
            _GEOMETRIES.clear()
        if found.has_known_pads and all(isinstance(n, int) for n in (*found.sizes, *found.window)):
            _GEOMETRIES[key] = found
    return found


def _key(value: Any) -> Any:
    """What tells arguments apart, lists by their items: 1, 1.0 and True are different."""
    if isinstance(value, list | tuple):
        return tuple([_key(item) for item in value])  # pyright: ignore[reportUnknownVariableType]
    return value if value.__class__ is int or value.__class__ is str else (value.__class__, value)


def _geometry(
    function: str,
    rank: int,
    sizes: Sequence[Size],
    window: Sequence[Size],
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any,
) -> Geometry:
    count = len(sizes)
    first = is_channels_first(function, data_format, count)
    steps = per_axis(function, "strides", strides, count, first)
    gaps = per_axis(function, "dilations", dilations, count, first)
    pads = _paddings(function, padding, sizes, window, steps, gaps, first)
    results = [_fitted(*each) for each in zip(sizes, window, steps, gaps, pads, strict=True)]
    return Geometry(
        rank,
        first,
        spatial_axes(rank, count, first),
        tuple(sizes),
        tuple(window),
        tuple(steps),
        tuple(gaps),
        tuple(pads),
        tuple(results),
    )


def spatial_axes(rank: int, count: int, channels_first: bool) -> tuple[int, ...]:
    """The last `count` dimensions, without the channels where those come after them."""
    last = rank if channels_first else rank - 1
    return tuple(range(last - count, last))
