"""Counting: `tf.math.bincount`, `tf.histogram_fixed_width`, `tf.math.confusion_matrix`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import convert
from tfc.core.errors import InvalidArgumentError, TFCTypeError
from tfc.core.plans import planned
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.ops.applying import convert_like
from tfc.ops.arithmetic import maximum, minimum
from tfc.ops.casting import cast
from tfc.ops.clipping import clip_by_value
from tfc.ops.comparison import greater
from tfc.ops.creation import ones_like, zeros_of
from tfc.ops.indexing import scatter_along, scatter_nd
from tfc.ops.joining import stack
from tfc.ops.reduction import reduce_max
from tfc.ops.rounding import floor
from tfc.ops.shape import reshape, static_int
from tfc.ops.sizes import Size, as_size, dims, looked_at


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    axis: Any = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each of 0, 1, 2, ... occurs in `arr`, or the sum of the weights where it does.

    Args:
        arr: non-negative integers.
        weights: a number for each entry of `arr`; the result has their dtype.
        minlength, maxlength: bounds for the length of the result, which is one more than the largest value; larger values
            are left out.
        dtype: the dtype of the counts.
        axis: None counts all of `arr`; -1 each row of a matrix.
        binary_output: whether instead of how often.

    Raises:
        IndexError: a value is negative (TFC201).
        TypeError: `arr` is not of integers (TFC102).
        ValueError: the axis is neither None, 0 nor -1 (TFC107), or `weights` has another shape (TFC106).

    >>> import tfc as tf
    >>> tf.math.bincount([1, 1, 3]).numpy()
    array([0, 2, 0, 1], dtype=int32)
    """
    values = convert(arr)
    if not is_int(values.type.dtype):
        raise TFCTypeError(
            "TFC102", f"bincount: expected integers, got {values.type.dtype.name}", "use tf.cast"
        )
    position = 0 if axis is None else static_int(axis, "bincount: axis")
    if position not in (0, -1):
        raise InvalidArgumentError(
            "TFC107", f"bincount: unknown axis {position}", "use None, 0 or -1"
        )
    kind = dtypes.as_dtype(dtype)
    amounts = None if weights is None else convert(weights)
    if (
        amounts is not None
        and amounts.type.shape != values.type.shape
        and amounts.type.is_static
        and values.type.is_static
    ):
        raise InvalidArgumentError(
            "TFC106",
            f"bincount: got weights {amounts.type} for {values.type}",
            "give one weight for each value",
        )
    rows = position == -1 and len(values.type.shape) == 2
    length = _length(values, minlength, maxlength)
    return _counted(values, amounts, length, rows, maxlength is not None, binary_output, kind)


@planned  # the length may be that of the values
def _counted(
    values: Tensor,
    weights: Tensor | None,
    length: Size,
    rows: bool,
    is_cut: bool,
    binary_output: bool,
    kind: dtypes.DType,
) -> Tensor:
    """How often each number below `length` occurs; with `is_cut` there may be others."""
    amounts = ones_like(values, kind) if weights is None else weights
    if not rows and len(values.type.shape) != 1:
        values, amounts = reshape(values, [-1]), reshape(amounts, [-1])
    bins = length
    if is_cut:  # what is too large is counted in a bin of its own, which is cut off
        fits = isinstance(length, int) and length <= np.iinfo(values.type.dtype).max
        values = values if fits else cast(values, dtypes.int64)
        values, bins = minimum(values, cast(length, values.type.dtype)), length + 1
    start = zeros_of([dims(values)[0], bins] if rows else [bins], amounts.type.dtype)
    counts = scatter_along(start, values, amounts, int(rows), batch_dims=int(rows))
    if is_cut:
        counts = counts[..., :length]
    return cast(greater(counts, 0), counts.type.dtype) if binary_output else counts


def _end_of(values: np.ndarray) -> int:
    """One more than the largest of integers, 0 for none."""
    return values.item(values.argmax()) + 1 if values.size else 0


def _length(values: Tensor, minlength: Any, maxlength: Any) -> Size:
    """One more than the largest value, within the bounds."""
    least = None if minlength is None else as_size(minlength, "bincount: minlength")
    most = None if maxlength is None else as_size(maxlength, "bincount: maxlength")
    if isinstance(least, int) and least == most:
        return least
    known = looked_at(values, _end_of)
    if known is not None and isinstance(least, int | None) and isinstance(most, int | None):
        length = max(known, least or 0)
        return length if most is None else min(length, most)
    largest: Tensor = maximum(cast(reduce_max(values), dtypes.int64) + 1, 0)
    if least is not None:
        largest = maximum(largest, cast(least, dtypes.int64))
    if most is not None:
        largest = minimum(largest, cast(most, dtypes.int64))
    return largest


def histogram_fixed_width_bins(
    values: Any,
    value_range: Any,
    nbins: Any = 100,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """For each value the number of its bin among `nbins` equal ones; values outside the range go to the first or last.

    >>> import tfc as tf
    >>> tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([0, 0, 1, 2, 4, 4], dtype=int32)
    """
    x = convert(values)
    bounds = convert_like(value_range, x)
    if bounds.type.shape != (2,):
        raise InvalidArgumentError(
            "TFC105",
            f"histogram_fixed_width: expected [low, high] as value_range, got {bounds.type}",
            "give two numbers",
        )
    count = as_size(nbins, "histogram_fixed_width: nbins")
    if isinstance(count, int) and count <= 0:
        raise InvalidArgumentError(
            "TFC107", f"histogram_fixed_width: expected nbins > 0, got {count}", "use nbins=100"
        )
    low, high = bounds[0], bounds[1]
    scaled = (x - low) / (high - low)
    bins = floor(scaled * cast(count, scaled.type.dtype))
    limit = cast(count, scaled.type.dtype) - 1
    return cast(clip_by_value(bins, 0, limit), dtype)


def histogram_fixed_width(
    values: Any,
    value_range: Any,
    nbins: Any = 100,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How many values fall into each of `nbins` equal bins; those outside the range count in the first or the last.

    Raises:
        ValueError: `value_range` is not [low, high] (TFC105), or `nbins` is not positive (TFC107).

    >>> import tfc as tf
    >>> tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    bins = reshape(histogram_fixed_width_bins(values, value_range, nbins), [-1])
    count = as_size(nbins, "histogram_fixed_width: nbins")
    target = dtypes.as_dtype(dtype).numpy
    return scatter_along(zeros_of([count], target), bins, ones_like(bins, target), 0)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How often label i (rows) was predicted as j (columns), or the sum of the weights where it was.

    Args:
        labels, predictions: class numbers from 0, vectors of the same length.
        num_classes: the number of classes, by default one more than the largest in both.

    Raises:
        IndexError: a class number is out of range (TFC201).

    >>> import tfc as tf
    >>> tf.math.confusion_matrix([1, 2, 1], [1, 2, 0]).numpy()
    array([[0, 0, 0],
           [1, 1, 0],
           [0, 0, 1]], dtype=int32)
    """
    given = convert(labels), convert(predictions)
    truth, guess = (cast(reshape(tensor, [-1]), dtypes.int64) for tensor in given)
    size = (
        _classes(given, truth, guess)
        if num_classes is None
        else as_size(num_classes, "confusion_matrix: num_classes")
    )
    target = dtypes.as_dtype(dtype).numpy
    amounts = ones_like(truth, target) if weights is None else cast(reshape(weights, [-1]), target)
    return scatter_nd(stack([truth, guess], axis=1), amounts, [size, size])


def _classes(given: Sequence[Tensor], truth: Tensor, guess: Tensor) -> Size:
    """One more than the largest class number."""
    if all(is_int(tensor.type.dtype) for tensor in given):
        ends = [looked_at(tensor, _end_of) for tensor in given]
        if None not in ends:
            return max([end for end in ends if end is not None])
    return _length(stack([truth, guess]), None, None)
