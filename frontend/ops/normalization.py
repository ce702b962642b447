"""Moments, batch normalisation, dropout and biases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError
from tfc.core.requirements import require_float
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.contraction import is_narrow
from tfc.dialects.tfc.semantics.dtypes import FLOAT32
from tfc.ops.applying import is_tensor_like
from tfc.ops.arithmetic import squared_difference
from tfc.ops.assertion import require_size
from tfc.ops.casting import cast
from tfc.ops.creation import zeros_like
from tfc.ops.generator import global_stream
from tfc.ops.logical import select
from tfc.ops.reduction import reduce_mean, reduce_sum
from tfc.ops.sampling import FixedState, Sampler, planned_by_seed
from tfc.ops.shape import reshape, squeeze
from tfc.ops.sizes import dim, dims
from tfc.ops.transcendental import rsqrt


def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes`. float16 and bfloat16 are summed in float32.

    Args:
        x: a floating-point tensor.
        axes: ints.
        shift: not used, as in TensorFlow.
        keepdims: keep the reduced dimensions with size 1.

    Raises:
        ValueError: an axis out of range (TFC104).

    >>> import tfc as tf
    >>> mean, variance = tf.nn.moments(tf.constant([1.0, 3.0]), [0])
    >>> mean.numpy(), variance.numpy()
    (np.float32(2.0), np.float32(1.0))
    """
    given = convert(x)
    dtype = given.type.dtype
    y = cast(given, FLOAT32) if is_narrow(dtype) else given
    mean = reduce_mean(y, axis=axes, keepdims=True)
    variance = reduce_mean(squared_difference(y, mean), axis=axes, keepdims=True)
    if not keepdims:
        mean, variance = squeeze(mean, axes), squeeze(variance, axes)
    return (cast(mean, dtype), cast(variance, dtype)) if is_narrow(dtype) else (mean, variance)


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """As `tf.nn.moments`, each element counted `frequency_weights` times (which broadcast to `x`).

    >>> import tfc as tf
    >>> mean, variance = tf.nn.weighted_moments(tf.constant([1.0, 3.0]), [0], tf.constant([3.0, 1.0]))
    >>> mean.numpy(), variance.numpy()
    (np.float32(1.5), np.float32(0.75))
    """
    given = convert(x)
    dtype = given.type.dtype
    weights = convert(frequency_weights)
    wide = FLOAT32 if is_narrow(dtype) else dtype
    y, w = cast(given, wide), cast(weights, wide)
    w = w + zeros_like(y)
    total = reduce_sum(w, axis=axes, keepdims=True)
    mean = reduce_sum(w * y, axis=axes, keepdims=True) / total
    variance = reduce_sum(w * squared_difference(y, mean), axis=axes, keepdims=True) / total
    if not keepdims:
        mean, variance = squeeze(mean, axes), squeeze(variance, axes)
    return cast(mean, dtype), cast(variance, dtype)


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Count, sum, sum of squares and shift over `axes`, for `tf.nn.normalize_moments`.

    >>> import tfc as tf
    >>> [t.numpy().item() for t in tf.nn.sufficient_statistics(tf.constant([1.0, 3.0]), [0])[:3]]
    [2.0, 4.0, 10.0]
    """
    y = convert(x)
    offset = None if shift is None else convert(shift, y.type.dtype)
    count = reduce_sum(zeros_like(y) + 1.0, axis=axes, keepdims=keepdims)
    count = reshape(count, [-1])[0] if count.type.shape else count  # pyright: ignore[reportIndexIssue, reportUnknownVariableType]
    shifted = y if offset is None else y - offset
    first = reduce_sum(shifted, axis=axes, keepdims=keepdims)
    second = reduce_sum(shifted * shifted, axis=axes, keepdims=keepdims)
    return count, first, second, offset


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance from the results of `tf.nn.sufficient_statistics`.

    >>> import tfc as tf
    >>> mean, variance = tf.nn.normalize_moments(2.0, 4.0, 10.0, None)
    >>> mean.numpy(), variance.numpy()
    (np.float32(2.0), np.float32(1.0))
    """
    count, first, second = convert(counts), convert(mean_ss), convert(variance_ss)
    shifted = first / count
    variance = second / count - shifted * shifted
    return shifted if shift is None else shifted + shift, variance


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: Any,
    name: str | None = None,
) -> Tensor:
    """`(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`.

    Args:
        x: a floating-point tensor.
        mean, variance: of shapes that broadcast to `x`.
        offset, scale: the same, or None.
        variance_epsilon: a small number that keeps the root from zero.

    >>> import tfc as tf
    >>> tf.nn.batch_normalization(tf.constant([1.0, 3.0]), 2.0, 1.0, None, None, 0.0).numpy()
    array([-1.,  1.], dtype=float32)
    """
    y = convert(x)
    dtype = y.type.dtype
    factor = rsqrt(convert(variance, dtype) + convert(variance_epsilon, dtype))
    if scale is not None:
        factor = factor * convert(scale, dtype)
    # One multiplication and one addition for each element: the rest has the size of the parameters.
    constant = -convert(mean, dtype) * factor
    if offset is not None:
        constant = convert(offset, dtype) + constant
    return y * factor + constant


def bias_add(
    value: Any, bias: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """`value` plus one number for each channel.

    Args:
        value: numeric, of rank 2 or more; channels last, or second for a `data_format` that starts with "NC".
        bias: `[channels]` of the same dtype.

    Raises:
        TypeError: dtypes differ (TFC101).
        ValueError: ranks (TFC105) or sizes (TFC106) do not fit, unknown data_format (TFC107).

    >>> import tfc as tf
    >>> tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy()
    array([[11., 22.]], dtype=float32)
    """
    from tfc.ops.applying import convert_pair

    x, b = convert_pair(value, bias)
    rank = len(x.type.shape)
    if rank < 2 or len(b.type.shape) != 1:
        raise InvalidArgumentError(
            "TFC105",
            f"bias_add: expected a value of rank 2 or more and a vector, got {x.type} and {b.type}",
            "write x + b for other shapes",
        )
    named = "N...C" if data_format is None else data_format
    channels_second = named.startswith("NC")
    if not channels_second and not (named.startswith("N") and named.endswith("C")):
        raise InvalidArgumentError(
            "TFC107", f"bias_add: unknown data_format {data_format!r}", "use 'NHWC' or 'NCHW'"
        )
    axis = 1 if channels_second else rank - 1
    have, want = b.type.shape[0], x.type.shape[axis]
    if have is not None and want is not None and have != want:
        raise InvalidArgumentError(
            "TFC106",
            f"bias_add: {have} biases for {want} channels of {x.type}",
            "give one bias for each channel",
        )
    if have is None or want is None:
        message = f"bias_add: not one bias for each channel of {x.type}"
        require_size(dim(b, 0), dim(x, axis), message)
    if axis != rank - 1:
        b = reshape(b, [*dims(b), *[1] * (rank - 1 - axis)])
    return x + b


def dropout(
    x: Any,
    rate: Any,
    noise_shape: Any = None,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """`x` with elements set to zero at random; the others are divided by `1 - rate`, so that the mean stays.

    Args:
        x: a floating-point tensor.
        rate: the probability of zero, from 0 up to but not including 1.
        noise_shape: a shape that broadcasts to that of `x`: elements along a size of 1 share their fate.
        seed: an int, to draw from a stream of its own; see `tf.random.set_seed`.

    Raises:
        TypeError: `x` is not floating-point (TFC102).
        ValueError: `rate` out of range (TFC107).

    >>> import tfc as tf
    >>> y = tf.nn.dropout(tf.ones([1000]), 0.5)
    >>> sorted(set(y.numpy().tolist()))
    [0.0, 2.0]
    """
    return _dropped(x, rate, noise_shape, lambda: global_stream(seed))


@planned_by_seed
def stateless_dropout(
    x: Any,
    rate: Any,
    seed: Any,
    rng_alg: Any = "auto_select",
    noise_shape: Any = None,
    name: str | None = None,
) -> Tensor:
    """As `tf.nn.dropout`, a function of `seed`, two integers; exported as `tf.nn.experimental.stateless_dropout`."""
    return _dropped(x, rate, noise_shape, lambda: FixedState(seed))


def _dropped(x: Any, rate: Any, noise_shape: Any, source: Any) -> Tensor:
    y = convert(x)
    dtype = y.type.dtype
    if not is_tensor_like(rate):
        rate = require_float("dropout: rate", rate)
        if not 0 <= rate < 1:
            raise InvalidArgumentError(
                "TFC107",
                f"dropout: rate must be at least 0 and less than 1, got {rate}",
                "rate is the part that is set to zero",
            )
        if rate == 0:
            return y
    sampler: Sampler = source()
    shape: Sequence[Any] = dims(y) if noise_shape is None else _filled_shape(noise_shape, y)
    limit = cast(convert(rate), dtype) if is_tensor_like(rate) else convert(float(rate), dtype)
    keep = sampler.uniform(shape, dtype=dtype) >= limit
    one = convert(1.0, dtype)
    scaled = y * (one / (one - limit))
    return select(keep, scaled, zeros_like(scaled))


def _filled_shape(noise_shape: Any, x: Tensor) -> Sequence[Any]:
    """`noise_shape`, with the sizes of `x` for None."""
    if not isinstance(noise_shape, list | tuple):
        return noise_shape
    sizes = dims(x)
    return [sizes[axis] if size is None else size for axis, size in enumerate(noise_shape)]


def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """`input / (bias + alpha * sum of squares of the nearest 2 * depth_radius + 1 channels) ** beta`.

    Args:
        input: floating-point `[batch, height, width, channels]`.

    >>> import tfc as tf
    >>> tf.nn.local_response_normalization(tf.ones([1, 1, 1, 3]), 1).numpy().round(3)[0, 0, 0]
    array([0.577, 0.5  , 0.577], dtype=float32)
    """
    from tfc.ops.arithmetic import pow
    from tfc.ops.convolution import convolve

    x = convert(input)
    rank = len(x.type.shape)
    if rank != 4:
        raise InvalidArgumentError(
            "TFC105", f"local_response_normalization: expected rank 4, got {x.type}", ""
        )
    ones = convert(np.ones(2 * depth_radius + 1, x.type.dtype))
    window = (10, 20, 1, 1, -depth_radius, 1)
    squares = convolve(x * x, ones, [0, 1, 2, -1], [20], [0, 1, 2, 10], [window], [dims(x)[3]])
    return x / pow(squares * float(alpha) + float(bias), float(beta))
