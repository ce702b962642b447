"""Pooling: `tf.nn.max_pool`, `tf.nn.avg_pool` and their like."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import pooling as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.ops.casting import cast, wide_size
from tfc.ops.convolution import convolve
from tfc.ops.creation import range as tf_range
from tfc.ops.reduction import reduce_sum
from tfc.ops.selection import where
from tfc.ops.shape import reshape
from tfc.ops.sizes import Size, dim, dims
from tfc.ops.windows import (
    Geometry,
    geometry,
    is_channels_first,
    per_axis,
    spatial_axes,
)


def _geometry(
    function: str,
    x: Tensor,
    count: int | None,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any = None,
) -> Geometry:
    """The windows of a pool over `count` spatial dimensions of `x`, all but two by default."""
    rank = len(x.type.shape)
    count = rank - 2 if count is None else count
    first = is_channels_first(function, data_format, count)
    if rank != count + 2:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: the input must have rank {count + 2}, got {x.type}",
            "batch and channels are dimensions of their own; add them with tf.expand_dims",
        )
    window = per_axis(function, "ksize", ksize, count, first)
    sizes = [dim(x, axis) for axis in spatial_axes(rank, count, first)]
    return geometry(function, rank, sizes, window, strides, padding, data_format, dilations)


def _attributes(walk: Geometry) -> dict[str, tuple[int, ...]]:
    """The attributes of `tfc.max_pool`: an entry for each dimension."""
    low = [pads.low for pads in walk.pads]
    high = [pads.high for pads in walk.pads]
    given = (walk.window, walk.strides, walk.dilations, low, high)
    return {
        name: walk.for_all(values, default)
        for name, values, default in zip(semantics.ATTRIBUTES, given, (1, 1, 1, 0, 0), strict=True)
    }


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
    walk = _geometry(function, x, count, ksize, strides, padding, data_format, dilations)
    x, walk = walk.with_known_pads(x, semantics.lowest(x.type.dtype))
    return apply(semantics.max_pool, x, **_attributes(walk))


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
    walk = _geometry(function, x, count, ksize, strides, padding, data_format, dilations)
    if not walk.is_padded:
        taps = math.prod(_sizes(walk))
        return _window_sum(x, walk) / convert(float(taps), x.type.dtype)
    known = walk.has_known_pads and all(isinstance(size, int) for size in walk.sizes)
    inside = (_inside_of_known if known else _inside)(walk, x.type.dtype)
    x, walk = walk.with_known_pads(x)
    return _window_sum(x, walk) / inside


def _window_sum(x: Tensor, walk: Geometry, channels: bool = True) -> Tensor:
    """The sum over each window; without `channels`, `x` has the spatial dimensions only."""
    kernel_of_ones = convert(np.ones(_sizes(walk), x.type.dtype))
    walked, free = walk.walked, walk.free
    if channels:
        walked, free = walk.layout(walked, [1]), walk.layout(free, [1])
    return convolve(x, kernel_of_ones, walked, walk.kernel, free, walk.windows, walk.results)


def _inside(walk: Geometry, dtype: np.dtype) -> Tensor:
    """How many elements each window has inside: the product of how many it has along each dimension."""
    total = convert(np.ones((), dtype))
    for size, window, step, gap, pads, count in zip(
        walk.sizes, _sizes(walk), walk.strides, walk.dilations, walk.pads, walk.results, strict=True
    ):
        number: Any = np.arange(count) if isinstance(count, int) else tf_range(wide_size(count))
        low: Any = pads.low if isinstance(pads.low, int) else wide_size(pads.low)
        places = (number * step - low)[:, None] + np.arange(window) * gap
        limit: Any = size if isinstance(size, int) else wide_size(size)
        along = reduce_sum(cast((places >= 0) & (places < limit), dtype), -1)
        total = total[..., None] * along
    return total if walk.channels_first else total[..., None]


_inside_of_known = functools.lru_cache(256)(_inside)


def _sizes(walk: Geometry) -> list[int]:
    """The sizes of the window, which a pool always knows."""
    return [size for size in walk.window if isinstance(size, int)]


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
    """`tf.nn.max_pool` over one spatial dimension: `[batch, width, channels]`, with "NCW" channels first.

    Arguments and errors as `tf.nn.max_pool`; an input of another rank is a ValueError (TFC105).

    >>> import tfc as tf
    >>> tf.nn.max_pool1d(tf.reshape(tf.range(4.0), [1, 4, 1]), 2, 2, "VALID")[0, :, 0].numpy()
    array([1., 3.], dtype=float32)
    """
    return _max_pool("max_pool1d", input, 1, ksize, strides, padding, data_format)


def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.max_pool` over two spatial dimensions: `[batch, height, width, channels]`, with "NCHW" channels first.

    Arguments and errors as `tf.nn.max_pool`; an input of another rank is a ValueError (TFC105).

    >>> import tfc as tf
    >>> tf.nn.max_pool2d(tf.reshape(tf.range(8.0), [1, 2, 4, 1]), 2, 2, "VALID")[0, 0, :, 0].numpy()
    array([5., 7.], dtype=float32)
    """
    return _max_pool("max_pool2d", input, 2, ksize, strides, padding, data_format)


def max_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.max_pool` over three spatial dimensions: `[batch, depth, height, width, channels]`, with "NCDHW" channels first.

    Arguments and errors as `tf.nn.max_pool`; an input of another rank is a ValueError (TFC105).

    >>> import tfc as tf
    >>> tf.nn.max_pool3d(tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1]), 2, 2, "VALID")[0, 0, 0, :, 0].numpy()
    array([7.], dtype=float32)
    """
    return _max_pool("max_pool3d", input, 3, ksize, strides, padding, data_format)


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    output_dtype: Any = np.int64,
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
    walk = _geometry("max_pool_with_argmax", x, 2, ksize, strides, padding, data_format)
    low = walk.for_all([low for low, _ in walk.pads], 0)
    padded, walk = walk.with_known_pads(x, semantics.lowest(x.type.dtype))
    attributes = _attributes(walk)
    values = apply(semantics.max_pool, padded, **attributes)
    taps = apply(semantics.max_pool_taps, padded, **attributes)
    places = positions(taps, x, attributes, low)
    if not include_batch_in_index:
        _, *sizes = (wide_size(n) for n in dims(x))
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
    rest, flat, step = cast(taps, np.int64), wide_size(0), wide_size(1)
    for axis in reversed(range(rank)):
        steps = tf_range(wide_size(dim(taps, axis))) * attributes["strides"][axis]
        index = reshape(steps, [1] * axis + [-1] + [1] * (rank - 1 - axis)) - wide_size(
            before[axis]
        )
        window = attributes["window"][axis]
        if window > 1:
            index = index + rest % window * attributes["dilations"][axis]
            rest = rest // window
        flat = flat + index * step
        step = step * wide_size(dim(x, axis))
    return where(taps < 0, wide_size(-1), flat)


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
    """`tf.nn.avg_pool` over one spatial dimension: `[batch, width, channels]`, with "NCW" channels first.

    Arguments and errors as `tf.nn.avg_pool`; an input of another rank is a ValueError (TFC105).

    >>> import tfc as tf
    >>> tf.nn.avg_pool1d(tf.reshape(tf.range(4.0), [1, 4, 1]), 2, 2, "VALID")[0, :, 0].numpy()
    array([0.5, 2.5], dtype=float32)
    """
    return _avg_pool("avg_pool1d", input, 1, ksize, strides, padding, data_format)


def avg_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.avg_pool` over two spatial dimensions: `[batch, height, width, channels]`, with "NCHW" channels first.

    Arguments and errors as `tf.nn.avg_pool`; an input of another rank is a ValueError (TFC105).

    >>> import tfc as tf
    >>> tf.nn.avg_pool2d(tf.reshape(tf.range(8.0), [1, 2, 4, 1]), 2, 2, "VALID")[0, 0, :, 0].numpy()
    array([2.5, 4.5], dtype=float32)
    """
    return _avg_pool("avg_pool2d", input, 2, ksize, strides, padding, data_format)


def avg_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """`tf.nn.avg_pool` over three spatial dimensions: `[batch, depth, height, width, channels]`, with "NCDHW" channels first.

    Arguments and errors as `tf.nn.avg_pool`; an input of another rank is a ValueError (TFC105).

    >>> import tfc as tf
    >>> tf.nn.avg_pool3d(tf.reshape(tf.range(8.0), [1, 2, 2, 2, 1]), 2, 2, "VALID")[0, 0, 0, :, 0].numpy()
    array([3.5], dtype=float32)
    """
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
    if not isinstance(pooling_type, str) or pooling_type not in functions:
        raise InvalidArgumentError(
            "TFC107", f"pool: unknown pooling_type {pooling_type!r}", "use 'MAX' or 'AVG'"
        )
    run = functions[pooling_type]
    return run("pool", input, None, window_shape, strides, padding, data_format, dilations)
