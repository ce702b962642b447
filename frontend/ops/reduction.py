"""Reductions over axes: `tf.reduce_sum`, `tf.argmax`, `tf.norm` and their kin.

`axis` is None for all axes, an int, or a sequence of ints; negative ones count from the end. `keepdims` leaves size 1 in their
place. An axis out of range or named twice is a `ValueError` (TFC104).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import as_numpy_dtype, convert
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, user_error
from tfc.core.requirements import require_float
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import broadcast as broadcast_semantics
from tfc.dialects.tfc.semantics import reduction as semantics
from tfc.dialects.tfc.semantics.axes import normalize_axes
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.ops.applying import require_floats
from tfc.ops.arithmetic import abs, divide, maximum, pow, square, subtract, truncatediv
from tfc.ops.casting import cast, to_float
from tfc.ops.comparison import not_equal
from tfc.ops.shape import static_axis, static_ints
from tfc.ops.transcendental import sqrt

_ALL_AXES = tuple(tuple(range(rank)) for rank in range(8))
_ONE_AXIS = tuple((axis,) for axis in range(8))


def static_axes(op: str, axis: Any, rank: int) -> tuple[int, ...]:
    """`axis` as sorted, non-negative ints; raises `ValueError` (TFC104, or TFC107 when it is known only at run time)."""
    if axis is None:
        return _ALL_AXES[rank] if rank < len(_ALL_AXES) else tuple(range(rank))
    if axis.__class__ is int:
        if 0 <= axis < rank and axis < len(_ONE_AXIS):
            return _ONE_AXIS[axis]
        values: Any = (axis,)
    else:
        values = static_ints(axis, op.removeprefix("tfc.") + ": axis")
    try:
        return normalize_axes(op.removeprefix("tfc."), tuple(values), rank)
    except OpError as error:
        raise user_error(error) from None


def _reduce(spec: OpSpec, x: Any, axis: Any, keepdims: bool) -> Tensor:
    tensor = x if x.__class__ is Tensor else convert(x)
    axes = static_axes(spec.name, axis, tensor.type.rank)
    return apply(spec, tensor, axes=axes, keepdims=bool(keepdims))


def reduce_sum(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The sum over `axis` of a numeric tensor, in its dtype; 0 for no elements.

    Integers wrap around; 16-bit floats are accumulated in float32.

    >>> import tfc as tf
    >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy()
    array([4, 6], dtype=int32)
    """
    return _reduce(semantics.reduce_sum, input_tensor, axis, keepdims)


def reduce_prod(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The product over `axis` of a numeric tensor, in its dtype; 1 for no elements.

    >>> import tfc as tf
    >>> tf.reduce_prod([[1, 2], [3, 4]], axis=0).numpy()
    array([3, 8], dtype=int32)
    """
    return _reduce(semantics.reduce_prod, input_tensor, axis, keepdims)


def reduce_max(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The largest element over `axis` of a numeric tensor: nan if any is, -inf or the lowest integer for no elements.

    >>> import tfc as tf
    >>> tf.reduce_max([[1, 2], [3, 4]], axis=1).numpy()
    array([2, 4], dtype=int32)
    """
    return _reduce(semantics.reduce_max, input_tensor, axis, keepdims)


def reduce_min(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The smallest element over `axis` of a numeric tensor: nan if any is, inf or the highest integer for no elements.

    >>> import tfc as tf
    >>> tf.reduce_min([[1, 2], [3, 4]], axis=1).numpy()
    array([1, 3], dtype=int32)
    """
    return _reduce(semantics.reduce_min, input_tensor, axis, keepdims)


def reduce_any(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Whether any element over `axis` of a bool tensor is true (other dtypes: `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.reduce_any([True, False]).numpy()
    np.True_
    """
    return _reduce(semantics.reduce_any, input_tensor, axis, keepdims)


def reduce_all(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Whether all elements over `axis` of a bool tensor are true (other dtypes: `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.reduce_all([True, False]).numpy()
    np.False_
    """
    return _reduce(semantics.reduce_all, input_tensor, axis, keepdims)


def reduce_logsumexp(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """`log(sum(exp(x)))` over `axis` of floats, without overflow; -inf for no elements.

    >>> import tfc as tf
    >>> tf.reduce_logsumexp([1000.0, 1000.0]).numpy()
    np.float32(1000.6932)
    """
    return _reduce(semantics.reduce_logsumexp, input_tensor, axis, keepdims)


# -- means and moments --------------------------------------------------------------------------


def element_count(x: Tensor, axes: tuple[int, ...]) -> int | Tensor:
    """How many elements of `x` go into one element of its reduction: an int, or an int64 scalar where sizes are `?`."""
    shape = x.type.shape
    known, unknown = 1, list[int]()
    for axis in axes:
        size = shape[axis]
        if size is None:
            unknown.append(axis)
        else:
            known *= size
    if not unknown:
        return known
    from tfc.ops.sizes import dim

    total: Any = known
    for axis in unknown:
        size = dim(x, axis, np.dtype(np.int64))
        total = size if isinstance(total, int) and total == 1 else size * total
    return total


def reduce_mean(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean over `axis` of a numeric tensor, in its dtype: integers are cut towards zero. nan for no elements, 0 in integers.

    >>> import tfc as tf
    >>> tf.reduce_mean([[1.0, 2.0], [3.0, 5.0]], axis=1).numpy()
    array([1.5, 4. ], dtype=float32)
    """
    x = convert(input_tensor)
    dtype, shape = x.type
    axes = static_axes("reduce_mean", axis, len(shape))
    wide = cast(x, np.int64) if is_int(dtype) and dtype.itemsize < 8 else to_float(x)
    total = apply(semantics.reduce_sum, wide, axes=axes, keepdims=bool(keepdims))
    count = element_count(x, axes)
    count = cast(count, total.type.dtype) if isinstance(count, Tensor) else count
    if is_int(dtype):
        some = maximum(count, 1) if isinstance(count, Tensor) else max(count, 1)
        return cast(truncatediv(total, some), dtype)
    mean = divide(total, count)
    return mean if wide is x else cast(mean, dtype)


def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean of the squared differences from the mean over `axis`, for floats (else `TypeError`, TFC102).

    >>> import tfc as tf
    >>> tf.math.reduce_variance([1.0, 2.0, 3.0, 4.0]).numpy()
    np.float32(1.25)
    """
    x = require_floats("reduce_variance", convert(input_tensor))
    wide = to_float(x)
    differences = subtract(wide, reduce_mean(wide, axis, True))
    return cast(reduce_mean(square(differences), axis, keepdims), x.type.dtype)


def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of `tf.math.reduce_variance`.

    >>> import tfc as tf
    >>> tf.math.reduce_std([1.0, 3.0]).numpy()
    np.float32(1.0)
    """
    x = require_floats("reduce_std", convert(input_tensor))
    return cast(sqrt(reduce_variance(to_float(x), axis, keepdims)), x.type.dtype)


def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of squares over `axis`, in the dtype of the tensor.

    >>> import tfc as tf
    >>> tf.math.reduce_euclidean_norm([3.0, 4.0]).numpy()
    np.float32(5.0)
    """
    x = convert(input_tensor)
    dtype = x.type.dtype
    wide = cast(x, np.float64) if is_int(dtype) else to_float(x)
    return cast(sqrt(reduce_sum(square(wide), axis, keepdims)), dtype)


def count_nonzero(
    input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = dtypes.int64,
    name: str | None = None,
) -> Tensor:
    """How many elements over `axis` are not zero (or true), as `dtype`.

    >>> import tfc as tf
    >>> tf.math.count_nonzero([[0, 1], [2, 3]], axis=1).numpy()
    array([1, 2])
    """
    x = convert(input)
    if x.type.dtype.kind != "b":
        x = not_equal(x, 0)
    return reduce_sum(cast(x, dtype), axis, bool(keepdims))


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """The share of elements that are zero, as float32; nan for no elements.

    >>> import tfc as tf
    >>> tf.math.zero_fraction([0, 1, 0, 2]).numpy()
    np.float32(0.5)
    """
    x = convert(value)
    other = x if x.type.dtype.kind == "b" else not_equal(x, 0)
    return subtract(1.0, reduce_mean(cast(other, np.float32)))


# -- positions of extrema -----------------------------------------------------------------------


def _position(spec: OpSpec, input: Any, axis: Any, output_type: Any) -> Tensor:
    tensor = convert(input)
    position = static_axis(spec.name, 0 if axis is None else axis, tensor)
    return apply(spec, tensor, axis=position, dtype=as_numpy_dtype(output_type))


def argmax(
    input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """The index of the first largest element along `axis` (0 by default); the first nan counts as largest.

    Raises:
        ValueError: no elements along `axis` (TFC121), axis out of range (TFC104).

    >>> import tfc as tf
    >>> tf.argmax([[1, 5, 2], [7, 0, 7]], axis=1).numpy()
    array([1, 0])
    """
    return _position(semantics.argmax, input, axis, output_type)


def argmin(
    input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """The index of the first smallest element along `axis` (0 by default); the first nan counts as smallest.

    Raises:
        ValueError: no elements along `axis` (TFC121), axis out of range (TFC104).

    >>> import tfc as tf
    >>> tf.argmin([[1, 5, 2], [7, 0, 7]], axis=1).numpy()
    array([0, 1])
    """
    return _position(semantics.argmin, input, axis, output_type)


# -- norms --------------------------------------------------------------------------------------


def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """A norm of vectors along `axis`, of all elements as one vector (None), or of matrices (a pair of axes).

    Args:
        tensor: floats.
        ord: for vectors 'euclidean', 'fro', inf or any positive number; for matrices 'euclidean', 'fro',
            1 (largest column sum), 2 (largest singular value) and inf (largest row sum).

    Raises:
        ValueError: an `ord` that is not one of these (TFC107).

    >>> import tfc as tf
    >>> tf.norm([[3.0, 4.0], [6.0, 8.0]], axis=1).numpy()
    array([ 5., 10.], dtype=float32)
    """
    x = require_floats("norm", convert(tensor))
    keep = bool(keepdims)
    is_matrix = isinstance(axis, tuple | list) and len(axis) == 2
    if ord in ("euclidean", "fro") or (ord == 2 and not is_matrix):
        return reduce_euclidean_norm(x, axis, keep)
    if is_matrix and ord in (1, np.inf):
        row, column = (position % x.type.rank for position in axis)
        summed, kept = (row, column) if ord == 1 else (column, row)
        total = reduce_sum(abs(x), summed, True)
        return reduce_max(total, (summed, kept), keep)
    if is_matrix and ord == 2:
        row, column = axis
        return _largest_singular_value(x, row, column, keep)
    if is_matrix or isinstance(ord, str) or require_float("norm: ord", ord) <= 0:
        raise InvalidArgumentError(
            "TFC107",
            f"norm: ord {ord!r} is not supported {'for matrices' if is_matrix else 'for vectors'}",
            "use 'euclidean', 1 or inf",
        )
    if ord == np.inf:
        return reduce_max(abs(x), axis, keep)
    if ord == 1:
        return reduce_sum(abs(x), axis, keep)
    return pow(reduce_sum(pow(abs(x), ord), axis, keep), 1.0 / ord)


def _largest_singular_value(x: Tensor, row: int, column: int, keepdims: bool) -> Tensor:
    from tfc.ops.factorization import svd
    from tfc.ops.shape import expand_dims, transpose

    rank = x.type.rank
    own = [row % rank, column % rank]
    batch = [axis for axis in range(rank) if axis not in own]
    values: Any = svd(transpose(x, [*batch, *own]), compute_uv=False)
    largest = reduce_max(values, -1)
    for axis in sorted(own) if keepdims else ():
        largest = expand_dims(largest, axis)
    return largest


# -- for gradients ------------------------------------------------------------------------------


def sum_to_shape_of(x: Tensor, like: Tensor) -> Tensor:
    """`x` summed over the dims that broadcasting `like` to the shape of `x` repeats: the gradient of that broadcast."""
    return apply(broadcast_semantics.sum_to_shape_of, x, like)


def broadcast_to_shape_of(x: Tensor, like: Tensor) -> Tensor:
    """`x` repeated to the shape of `like`, whose values do not matter."""
    return apply(broadcast_semantics.broadcast_to_shape_of, x, like)


def lbeta(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the multivariate beta function along the last axis of floats.

    >>> import tfc as tf
    >>> tf.math.lbeta([1.0, 1.0]).numpy()
    np.float32(0.0)
    """
    from tfc.ops.transcendental import lgamma

    x = convert(x)
    return subtract(reduce_sum(lgamma(x), -1), lgamma(reduce_sum(x, -1)))


def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Tensor:
    """`x / sqrt(max(sum(x * x), epsilon))` over `axis`, for floats.

    >>> import tfc as tf
    >>> tf.math.l2_normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    from tfc.ops.transcendental import rsqrt

    x = convert(x)
    total = reduce_sum(square(x), axis if dim is None else dim, True)
    return x * rsqrt(maximum(total, epsilon))
