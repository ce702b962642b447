"""Pooling: `tf.nn.max_pool`, `tf.nn.avg_pool` and their like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import pooling as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.ops.casting import cast
from tfc.ops.convolution import convolve
from tfc.ops.creation import ones
from tfc.ops.creation import range as tf_range
from tfc.ops.joining import pad
from tfc.ops.selection import where
from tfc.ops.shape import expand_dims, reshape
from tfc.ops.sizes import Size, dim, dims
from tfc.ops.windows import Pads, fitted, is_channels_first, paddings, per_axis


class Geometry:
    """The windows of a pool over `count` spatial dimensions of `x`."""

    def __init__(
        self,
        function: str,
        x: Tensor,
        count: int,
        ksize: Any,
        strides: Any,
        padding: Any,
        data_format: str | None,
        dilations: Any = None,
    ) -> None:
        rank = len(x.type.shape)
        self.channels_first = is_channels_first(function, data_format, count)
        if rank != count + 2:
            raise InvalidArgumentError(
                "TFC105",
                f"{function}: the input must have rank {count + 2}, got {x.type}",
                "batch and channels are dimensions of their own; add them with tf.expand_dims",
            )
        first = self.channels_first
        self.axes = list(range(2, rank)) if first else list(range(1, rank - 1))
        self.window = per_axis(function, "ksize", ksize, count, first)
        self.strides = per_axis(function, "strides", strides, count, first)
        self.dilations = per_axis(function, "dilations", dilations, count, first)
        self.sizes: list[Size] = [dim(x, axis) for axis in self.axes]
        self.pads = paddings(
            function, padding, self.sizes, self.window, self.strides, self.dilations, first
        )

    @property
    def is_padded(self) -> bool:
        """Whether some window may reach over the edge."""
        return any(
            amount != 0 for pads in self.pads for amount in pads if isinstance(amount, int)
        ) or any(not isinstance(amount, int) for pads in self.pads for amount in pads)

    def results(self) -> list[Size]:
        """How many windows there are along each spatial dimension."""
        return [
            fitted(*each)
            for each in zip(
                self.sizes, self.window, self.strides, self.dilations, self.pads, strict=True
            )
        ]

    def made_static(self, x: Tensor, outside: float) -> Tensor:
        """`x` with padding put around it whose amount is known only at run time; `pads` are zero then."""
        if all(isinstance(amount, int) for pads in self.pads for amount in pads):
            return x
        amounts: list[list[Any]] = [[0, 0] for _ in x.type.shape]
        for axis, (low, high) in zip(self.axes, self.pads, strict=True):
            amounts[axis] = [low, high]
        padded = pad(x, amounts, constant_values=outside)
        self.pads = [Pads(0, 0) for _ in self.pads]
        self.sizes = [dim(padded, axis) for axis in self.axes]
        return padded

    def attributes(self) -> dict[str, tuple[int, ...]]:
        """The attributes of `tfc.max_pool`: an entry for each dimension."""
        low = [pads.low for pads in self.pads]
        high = [pads.high for pads in self.pads]
        given = (self.window, self.strides, self.dilations, low, high)
        rest = (1, 1, 1, 0, 0)
        return {
            name: self.for_all(values, default)
            for name, values, default in zip(semantics.ATTRIBUTES, given, rest, strict=True)
        }

    def for_all(self, values: Sequence[Any], default: int) -> tuple[Any, ...]:
        """An entry for each dimension of the input: `values` along the spatial ones."""
        entries = [default] * (len(self.axes) + 2)
        for axis, value in zip(self.axes, values, strict=True):
            entries[axis] = value
        return tuple(entries)


def _max_pool(
    function: str,
    input: Any,
    count: int | None,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any = None,
) -> Tensor:
    x = convert(input)
    count = len(x.type.shape) - 2 if count is None else count
    geometry = Geometry(function, x, count, ksize, strides, padding, data_format, dilations)
    x = geometry.made_static(x, semantics.lowest(x.type.dtype))
    return apply(semantics.max_pool, x, **geometry.attributes())


def _avg_pool(
    function: str,
    input: Any,
    count: int | None,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any = None,
) -> Tensor:
    """A convolution with ones, divided by how many elements each window has inside."""
    x = convert(input)
    if not is_float(x.type.dtype):
        raise TFCTypeError(
            "TFC102",
            f"{function}: expected a floating-point dtype, got {x.type.dtype.name}",
            "convert with tf.cast(x, tf.float32)",
        )
    count = len(x.type.shape) - 2 if count is None else count
    geometry = Geometry(function, x, count, ksize, strides, padding, data_format, dilations)
    taps = int(np.prod(geometry.window))
    if not geometry.is_padded:
        return _window_sum(x, geometry) / convert(float(taps), x.type.dtype)
    counted = _padded_spatial(_ones_like_spatial(x, geometry), geometry)
    x = geometry.made_static(x, 0)
    inside = _window_sum(counted, geometry, channels=False)
    if not geometry.channels_first:
        inside = expand_dims(inside, -1)
    return _window_sum(x, geometry) / inside


def _window_sum(x: Tensor, geometry: Geometry, channels: bool = True) -> Tensor:
    """The sum over each window; without `channels`, `x` has the spatial dimensions only."""
    count = len(geometry.axes)
    kernel_of_ones = convert(np.ones(geometry.window, x.type.dtype))
    windows: list[tuple[int, ...]] = []
    for number, (stride, dilation, pads) in enumerate(
        zip(geometry.strides, geometry.dilations, geometry.pads, strict=True)
    ):
        low = pads.low
        assert isinstance(low, int)
        windows.append((10 + number, 20 + number, stride, dilation, -low, 1))
    walked, free = [-1 - n for n in range(count)], [10 + n for n in range(count)]
    if channels:
        batch, channel = ([0, 1], []) if geometry.channels_first else ([0], [1])
        walked, free = [*batch, *walked, *channel], [*batch, *free, *channel]
    kernel = [20 + n for n in range(count)]
    return convolve(x, kernel_of_ones, walked, kernel, free, windows, geometry.results())


def _ones_like_spatial(x: Tensor, geometry: Geometry) -> Tensor:
    """Ones over the spatial dimensions of `x`: what a window of them sums to is how many elements it has inside."""
    return ones(geometry.sizes, x.type.dtype)


def _padded_spatial(x: Tensor, geometry: Geometry) -> Tensor:
    """As `Geometry.made_static`, for a tensor of the spatial dimensions only."""
    if all(isinstance(amount, int) for pads in geometry.pads for amount in pads):
        return x
    return pad(x, [list(pads) for pads in geometry.pads])


def max_pool(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The largest element in each position of a window, over one, two or three spatial dimensions.

    Args:
        input: numeric `[batch, spatial..., channels]`, or channels first with a `data_format` such as "NCHW".
        ksize: the size of the window: one int, or one for each spatial dimension.
        strides: how far the window moves, as `ksize`.
        padding: "VALID", "SAME", or `[before, after]` for each dimension. Padding never wins.
        data_format: the order of dimensions; channels come last by default.

    The gradient goes to the first of equal elements. nan wins.

    Raises:
        TypeError: the dtype is not numeric (TFC102).
        ValueError: the rank does not fit (TFC105); ksize, strides, ... malformed (TFC107).

    >>> import tfc as tf
    >>> tf.nn.max_pool(tf.reshape(tf.range(4.0), [1, 4, 1]), 2, 2, "VALID")[0, :, 0].numpy()
    array([1., 3.], dtype=float32)
    """
    return _max_pool("max_pool", input, None, ksize, strides, padding, data_format)


def max_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.max_pool` over one spatial dimension."""
    return _max_pool("max_pool1d", input, 1, ksize, strides, padding, data_format)


def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.max_pool` over two spatial dimensions."""
    return _max_pool("max_pool2d", input, 2, ksize, strides, padding, data_format)


def max_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.max_pool` over three spatial dimensions."""
    return _max_pool("max_pool3d", input, 3, ksize, strides, padding, data_format)


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """`tf.nn.max_pool2d`, and where each element was: `(y * width + x) * channels + channel`.

    Args:
        output_dtype: of the indices, int64 by default.
        include_batch_in_index: count through the batch too.

    Other arguments and errors as `tf.nn.max_pool`.

    >>> import tfc as tf
    >>> values, places = tf.nn.max_pool_with_argmax(tf.reshape(tf.range(4.0), [1, 2, 2, 1]), 2, 2, "VALID")
    >>> places.numpy().item()
    3
    """
    x = convert(input)
    geometry = Geometry("max_pool_with_argmax", x, 2, ksize, strides, padding, data_format)
    pads = geometry.pads
    padded = geometry.made_static(x, semantics.lowest(x.type.dtype))
    attributes = geometry.attributes()
    values = apply(semantics.max_pool, padded, **attributes)
    taps = apply(semantics.max_pool_taps, padded, **attributes)
    places = positions(taps, x, attributes, low=geometry.for_all([low for low, _ in pads], 0))
    if not include_batch_in_index:
        _, *sizes = (_wide(n) for n in dims(x))
        places = places % (sizes[0] * sizes[1] * sizes[2])
    dtype = as_numpy_dtype(output_dtype)
    return values, places if dtype is None else cast(places, dtype)


def positions(
    taps: Tensor, x: Tensor, attributes: dict[str, Any], low: Sequence[Size] | None = None
) -> Tensor:
    """Where the elements that `tfc.max_pool_taps` names lie in the flattened `x`, as int64; -1 where there is none.

    `low` is the padding before each dimension, of the attributes by default.
    """
    before: Sequence[Size] = attributes["low"] if low is None else low
    rank = len(x.type.shape)
    rest, flat, step = cast(taps, np.int64), _wide(0), _wide(1)
    for axis in reversed(range(rank)):
        steps = tf_range(_wide(dim(taps, axis))) * attributes["strides"][axis]
        index = reshape(steps, [1] * axis + [-1] + [1] * (rank - 1 - axis)) - _wide(before[axis])
        window = attributes["window"][axis]
        if window > 1:
            index = index + rest % window * attributes["dilations"][axis]
            rest = rest // window
        flat = flat + index * step
        step = step * _wide(dim(x, axis))
    return where(taps < 0, _wide(-1), flat)


def _wide(size: Size) -> Tensor:
    """A size as int64."""
    return convert(size, np.dtype(np.int64)) if isinstance(size, int) else cast(size, np.int64)


def avg_pool(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The mean in each position of a window; padding does not count.

    Arguments and errors as `tf.nn.max_pool`, for floating-point dtypes.

    >>> import tfc as tf
    >>> tf.nn.avg_pool(tf.reshape(tf.range(3.0), [1, 3, 1]), 2, 2, "SAME")[0, :, 0].numpy()
    array([0.5, 2. ], dtype=float32)
    """
    return _avg_pool("avg_pool", input, None, ksize, strides, padding, data_format)


def avg_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.avg_pool` over one spatial dimension."""
    return _avg_pool("avg_pool1d", input, 1, ksize, strides, padding, data_format)


def avg_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.avg_pool` over two spatial dimensions."""
    return _avg_pool("avg_pool2d", input, 2, ksize, strides, padding, data_format)


def avg_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.avg_pool` over three spatial dimensions."""
    return _avg_pool("avg_pool3d", input, 3, ksize, strides, padding, data_format)


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.max_pool` or `tf.nn.avg_pool` by name ("MAX", "AVG"), with dilations.

    >>> import tfc as tf
    >>> tf.nn.pool(tf.reshape(tf.range(4.0), [1, 4, 1]), [2], "MAX", dilations=[2])[0, :, 0].numpy()
    array([2., 3.], dtype=float32)
    """
    functions = {"MAX": _max_pool, "AVG": _avg_pool}
    if pooling_type not in functions:
        raise InvalidArgumentError(
            "TFC107", f"pool: unknown pooling_type {pooling_type!r}", "use 'MAX' or 'AVG'"
        )
    run = functions[pooling_type]
    return run("pool", input, None, window_shape, strides, padding, data_format, dilations)
