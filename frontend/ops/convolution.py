"""Convolutions: `tf.nn.conv2d` and its like, all of them one op, `tfc.convolution`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfc.core.convert import convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import convolution as semantics
from tfc.ops.applying import convert_pair
from tfc.ops.assertion import require_size
from tfc.ops.shape import reshape
from tfc.ops.sizes import Size, as_sizes, dim, dims, split_sizes
from tfc.ops.slicing import slice as tf_slice
from tfc.ops.windows import Geometry, Pads, geometry, is_channels_first, spatial_axes


def convolve(
    x: Tensor,
    y: Tensor,
    x_labels: Sequence[int],
    y_labels: Sequence[int],
    out_labels: Sequence[int],
    windows: Sequence[tuple[int, ...]],
    window_sizes: Sequence[Size],
) -> Tensor:
    """The op `tfc.convolution`; `tfc.dialects.tfc.semantics.convolution` says what the labels and windows mean."""
    static, operands = split_sizes(window_sizes)
    return apply(
        semantics.convolution,
        x,
        y,
        *operands,
        x_labels=tuple(x_labels),
        y_labels=tuple(y_labels),
        out_labels=tuple(out_labels),
        windows=tuple(tuple(window) for window in windows),
        window_sizes=static,
    )


# -- the general case ---------------------------------------------------------------------------


def _forward(
    function: str,
    input: Any,
    filters: Any,
    count: int | None,
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any,
    depthwise: bool = False,
) -> Tensor:
    """A convolution over `count` spatial dimensions (as many as the filters have when None)."""
    x, y = convert_pair(input, filters)
    count = len(y.type.shape) - 2 if count is None else count
    channels_first = is_channels_first(function, data_format, count)
    _check_ranks(function, x, y, count, channels_first)
    groups = _groups(function, x, y, channels_first, depthwise)
    axes = spatial_axes(len(x.type.shape), count, channels_first)
    walk = geometry(
        function,
        len(x.type.shape),
        [dim(x, axis) for axis in axes],
        [dim(y, axis) for axis in range(count)],
        strides,
        padding,
        data_format,
        dilations,
    )
    x, walk = walk.with_known_pads(x)
    return _depthwise(x, y, walk) if depthwise else _grouped(x, y, groups, walk)


def _grouped(x: Tensor, y: Tensor, groups: Size, walk: Geometry) -> Tensor:
    """The op on `x` and filters `[kernel..., in / groups, out]`, channels split into groups where there are several."""
    group, taken, made = 300, 301, 302
    x_channels, y_channels, z_channels = [taken], [taken, made], [made]
    grouped = not isinstance(groups, int) or groups > 1
    if grouped:
        x = _split_channels(x, groups, dim(y, len(walk.axes)), walk)
        y = _split_outputs(y, groups)
        x_channels, y_channels, z_channels = [group, taken], [taken, group, made], [group, made]
    result = convolve(
        x,
        y,
        walk.layout(walk.walked, x_channels),
        [*walk.kernel, *y_channels],
        walk.layout(walk.free, z_channels),
        walk.windows,
        walk.results,
    )
    return _join_channels(result, walk) if grouped else result


def _depthwise(x: Tensor, y: Tensor, walk: Geometry) -> Tensor:
    """The op on `x` and filters `[kernel..., in, multiplier]`."""
    channel, made = 300, 301
    result = convolve(
        x,
        y,
        walk.layout(walk.walked, [channel]),
        [*walk.kernel, channel, made],
        walk.layout(walk.free, [channel, made]),
        walk.windows,
        walk.results,
    )
    return _join_channels(result, walk)


def _check_ranks(function: str, x: Tensor, y: Tensor, count: int, channels_first: bool) -> None:
    rank = len(x.type.shape)
    if count < 1:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: the filters must have rank 3 or more, got {y.type}",
            "filters are [..., in_channels, out_channels]",
        )
    if rank < count + 2:
        layout = "[batch, channels, ...]" if channels_first else "[batch, ..., channels]"
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: the input must have rank {count + 2}, {layout}, got {x.type}",
            "add the missing dimensions with tf.expand_dims",
        )
    if len(y.type.shape) != count + 2:
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: the filters must have rank {count + 2}, got {y.type}",
            "filters are [..., in_channels, out_channels]",
        )


def _groups(function: str, x: Tensor, y: Tensor, channels_first: bool, depthwise: bool) -> Size:
    """Into how many groups the channels of `x` fall; raises TFC106 when the filters do not fit them."""
    axis = len(x.type.shape) - 1 - (len(y.type.shape) - 2 if channels_first else 0)
    channels = x.type.shape[axis]
    taken, made = y.type.shape[-2:]
    if channels is None or taken is None or made is None:
        return dim(x, axis) // dim(y, len(y.type.shape) - 2)
    fits = channels == taken if depthwise else taken and channels % taken == 0
    if not fits:
        raise InvalidArgumentError(
            "TFC106",
            f"{function}: the input has {channels} channels, the filters take {taken}, in {x.type} and {y.type}",
            "make the last but one size of the filters the number of channels",
        )
    groups = channels if depthwise else channels // taken
    if not depthwise and made % groups:
        raise InvalidArgumentError(
            "TFC106",
            f"{function}: {made} output channels do not split into {groups} groups",
            "make the number of output channels a multiple of the number of groups",
        )
    return groups


def _split_channels(x: Tensor, groups: Size, each: Size, walk: Geometry) -> Tensor:
    sizes = dims(x)
    axis = walk.axes[0] - 1 if walk.channels_first else walk.axes[-1] + 1
    return reshape(x, [*sizes[:axis], groups, each, *sizes[axis + 1 :]])


def _split_outputs(y: Tensor, groups: Size) -> Tensor:
    sizes = dims(y)
    return reshape(y, [*sizes[:-1], groups, sizes[-1] // groups])


def _join_channels(x: Tensor, walk: Geometry) -> Tensor:
    """The two dimensions of channels made one."""
    sizes = dims(x)
    axis = walk.axes[0] - 1 if walk.channels_first else len(sizes) - 2
    return reshape(x, [*sizes[:axis], sizes[axis] * sizes[axis + 1], *sizes[axis + 2 :]])


# -- public -------------------------------------------------------------------------------------


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A convolution (without flipping the filters) over one, two or three spatial dimensions.

    Args:
        input: `[batch, spatial..., in]`, or `[batch, in, spatial...]` for a `data_format` such as "NCHW"; further batch
            dimensions may come first.
        filters: `[spatial..., in / groups, out]` of the same dtype. The number of groups follows from the sizes.
        strides: how far the window moves; one int, or one for each spatial dimension.
        padding: "VALID"; "SAME" for ceil(size / stride) results; or `[before, after]` for each dimension.
        data_format: the order of dimensions; channels come last by default.
        dilations: the distance of the elements of the window, as `strides`.

    Raises:
        TypeError: dtypes differ (TFC101) or are not numeric (TFC102).
        ValueError: ranks (TFC105) or channels (TFC106) do not fit; strides, padding, ... malformed (TFC107).

    >>> import tfc as tf
    >>> tf.nn.convolution(tf.ones([1, 4, 1]), tf.ones([2, 1, 1]))[0, :, 0].numpy()
    array([2., 2., 2.], dtype=float32)
    """
    return _forward("convolution", input, filters, None, strides, padding, data_format, dilations)


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A 1-D convolution: `[batch, width, in]` with `[kernel, in, out]`; arguments and errors as `tf.nn.convolution`.

    >>> import tfc as tf
    >>> tf.nn.conv1d(tf.ones([1, 4, 1]), tf.ones([2, 1, 1]), 2, "VALID")[0, :, 0].numpy()
    array([2., 2.], dtype=float32)
    """
    return _forward("conv1d", input, filters, 1, stride, padding, data_format, dilations)


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A 2-D convolution: `[batch, height, width, in]` with `[height, width, in, out]`.

    Arguments and errors as `tf.nn.convolution`.

    >>> import tfc as tf
    >>> tf.nn.conv2d(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), 1, "SAME")[0, :, :, 0].numpy()
    array([[4., 4., 2.],
           [4., 4., 2.],
           [2., 2., 1.]], dtype=float32)
    """
    return _forward("conv2d", input, filters, 2, strides, padding, data_format, dilations)


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A 3-D convolution: `[batch, depth, height, width, in]` with `[depth, height, width, in, out]`.

    Arguments and errors as `tf.nn.convolution`.

    >>> import tfc as tf
    >>> tf.nn.conv3d(tf.ones([1, 2, 2, 2, 1]), tf.ones([2, 2, 2, 1, 1]), 1, "VALID").shape
    TensorShape([1, 1, 1, 1, 1])
    """
    return _forward("conv3d", input, filters, 3, strides, padding, data_format, dilations)


def atrous_conv2d(
    value: Any, filters: Any, rate: int, padding: Any, name: str | None = None
) -> Tensor:
    """`tf.nn.conv2d` with stride 1 and `dilations=rate`: the elements of a filter are `rate` apart. Errors as `tf.nn.conv2d`.

    >>> import tfc as tf
    >>> tf.nn.atrous_conv2d(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 1]), rate=2, padding="VALID").numpy()
    array([[[[9.]]]], dtype=float32)
    """
    return _forward("atrous_conv2d", value, filters, 2, 1, padding, "NHWC", rate)


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A 2-D convolution of each channel with filters of its own: `[height, width, in, multiplier]`.

    The result has in * multiplier channels. Arguments and errors as `tf.nn.convolution`.

    >>> import tfc as tf
    >>> tf.nn.depthwise_conv2d(tf.ones([1, 2, 2, 3]), tf.ones([2, 2, 3, 2]), [1, 1, 1, 1], "VALID").shape
    TensorShape([1, 1, 1, 6])
    """
    return _forward(
        "depthwise_conv2d", input, filter, 2, strides, padding, data_format, dilations, depthwise=True
    )  # fmt: skip


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.depthwise_conv2d`, then a 1 x 1 convolution that mixes the channels.

    Args:
        depthwise_filter: `[height, width, in, multiplier]`.
        pointwise_filter: `[1, 1, in * multiplier, out]`.

    Other arguments and errors as `tf.nn.convolution`.

    >>> import tfc as tf
    >>> tf.nn.separable_conv2d(
    ...     tf.ones([1, 2, 2, 3]), tf.ones([2, 2, 3, 1]), tf.ones([1, 1, 3, 4]), [1, 1, 1, 1], "VALID").shape
    TensorShape([1, 1, 1, 4])
    """
    each = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return conv2d(each, pointwise_filter, 1, "VALID", data_format or "NHWC")


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution: what the gradient of `tf.nn.convolution` with respect to its input computes.

    Args:
        input: `[batch, spatial..., in]`, or channels first with a `data_format` such as "NCHW".
        filters: `[spatial..., out, in]` of the same dtype.
        output_shape: the shape of the result: ints, or an integer tensor.
        strides, padding, dilations: of the convolution that this transposes.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: ranks (TFC105), channels or sizes (TFC106) do not fit; strides, padding, ... malformed (TFC107).

    >>> import tfc as tf
    >>> tf.nn.conv_transpose(tf.ones([1, 2, 1]), tf.ones([2, 1, 1]), [1, 4, 1], 2)[0, :, 0].numpy()
    array([1., 1., 1., 1.], dtype=float32)
    """
    count = len(convert(filters).type.shape) - 2
    return _transposed(
        "conv_transpose", input, filters, count, output_shape, strides, padding, data_format, dilations
    )  # fmt: skip


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.conv_transpose` over one spatial dimension: filters are `[width, out, in]`.

    Arguments and errors as `tf.nn.conv_transpose`.

    >>> import tfc as tf
    >>> tf.nn.conv1d_transpose(tf.ones([1, 2, 1]), tf.ones([2, 3, 1]), [1, 4, 3], 2).shape
    TensorShape([1, 4, 3])
    """
    return _transposed(
        "conv1d_transpose", input, filters, 1, output_shape, strides, padding, data_format, dilations
    )  # fmt: skip


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.conv_transpose` over two spatial dimensions: filters are `[height, width, out, in]`.

    >>> import tfc as tf
    >>> tf.nn.conv2d_transpose(tf.ones([1, 2, 2, 1]), tf.ones([2, 2, 3, 1]), [1, 4, 4, 3], 2).shape
    TensorShape([1, 4, 4, 3])
    """
    return _transposed(
        "conv2d_transpose", input, filters, 2, output_shape, strides, padding, data_format, dilations
    )  # fmt: skip


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.conv_transpose` over three spatial dimensions: filters are `[depth, height, width, out, in]`.

    Arguments and errors as `tf.nn.conv_transpose`.

    >>> import tfc as tf
    >>> tf.nn.conv3d_transpose(tf.ones([1, 1, 2, 2, 1]), tf.ones([2, 2, 2, 3, 1]), [1, 2, 4, 4, 3], 2).shape
    TensorShape([1, 2, 4, 4, 3])
    """
    return _transposed(
        "conv3d_transpose", input, filters, 3, output_shape, strides, padding, data_format, dilations
    )  # fmt: skip


def _transposed(
    function: str,
    input: Any,
    filters: Any,
    count: int,
    output_shape: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any,
) -> Tensor:
    x, y = convert_pair(input, filters)
    channels_first = is_channels_first(function, data_format, count)
    _check_ranks(function, x, y, count, channels_first)
    wanted = as_sizes(output_shape, f"{function}: output_shape")
    if len(wanted) not in (count, count + 2):
        raise InvalidArgumentError(
            "TFC105",
            f"{function}: output_shape has {len(wanted)} entries, expected {count + 2}",
            "give the whole shape of the result, batch and channels too",
        )
    if len(wanted) == count + 2:
        wanted = wanted[2:] if channels_first else wanted[1:-1]
    rank = len(x.type.shape)
    kernel = [dim(y, axis) for axis in range(count)]
    walk = geometry(function, rank, wanted, kernel, strides, padding, data_format, dilations)
    for axis, back in zip(walk.axes, walk.results, strict=True):
        size = dim(x, axis)
        if not (isinstance(size, int) and isinstance(back, int)):
            message = f"{function}: output_shape would be made from another size of axis {axis} than the input has"
            require_size(back, size, message)
        elif size != back:
            raise InvalidArgumentError(
                "TFC106",
                f"{function}: output_shape {wanted} would be made from a size of {back}, the input has {size}",
                'with "SAME" the output is at most strides times the input',
            )
    if walk.has_known_pads:
        return _transposed_into(x, y, walk)
    # The padding is known only at run time: computed with it, then cut off.
    wide = [size + low + high for size, (low, high) in zip(wanted, walk.pads, strict=True)]
    result = _transposed_into(x, y, walk.replace(sizes=tuple(wide), pads=(Pads(0, 0),) * count))
    begin = walk.for_all([low for low, _ in walk.pads], 0)
    sizes = dims(result)
    for axis, size in zip(walk.axes, wanted, strict=True):
        sizes[axis] = size
    return tf_slice(result, begin, sizes)


def _transposed_into(x: Tensor, y: Tensor, walk: Geometry) -> Tensor:
    """The transposed convolution to the sizes that `walk` is over."""
    made, taken = 300, 301
    return convolve(
        x,
        y,
        walk.layout(walk.walked, [taken]),
        [*walk.kernel, made, taken],
        walk.layout(walk.free, [made]),
        walk.windows_back(),
        walk.sizes,
    )
