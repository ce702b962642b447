"""Shape: `tf.reshape`, `tf.transpose`, `tf.broadcast_to`, `tf.shape` and their like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core import dtypes
from tfc.core.convert import convert, convert_to_tensor
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, raise_op_error, user_error
from tfc.core.recording import ACTIVE, STATE
from tfc.core.requirements import require_list
from tfc.core.shape import TensorShape
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import joining
from tfc.dialects.tfc.semantics import shape as semantics
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.ops.sizes import Size, as_sizes, dim, elements, is_dim_of, split_sizes


def _tensor(x: Any) -> Tensor:
    return x if x.__class__ is Tensor else convert(x)


def identity(input: Any, name: str | None = None) -> Tensor:
    """A tensor with the values of `input`, as a value of its own on gradient tapes.

    >>> import tfc as tf
    >>> tf.identity([1, 2]).numpy()
    array([1, 2], dtype=int32)
    """
    return apply(semantics.identity, _tensor(input))


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The elements of `tensor` in row-major order under another shape.

    Args:
        tensor: a tensor of any dtype and shape.
        shape: the sizes, one of which may be -1: ints, an integer vector, or a list that mixes ints and scalar tensors.

    Raises:
        ValueError: the numbers of elements differ (TFC106), or two sizes are -1 or one is below that (TFC107).

    >>> import tfc as tf
    >>> tf.reshape([[1, 2], [3, 4]], [-1]).numpy()
    array([1, 2, 3, 4], dtype=int32)
    """
    x = _tensor(tensor)
    if shape.__class__ is tuple or shape.__class__ is list:
        for size in shape:
            if size.__class__ is not int:
                break
        else:
            if (
                x.__class__ is Tensor
                and not (ACTIVE and STATE.tapes)
                and min(shape, default=0) >= -1
            ):
                try:
                    return Tensor._wrap(x._array.reshape(shape))
                except ValueError:
                    pass  # what follows says what is wrong
            return apply(semantics.reshape, x, shape=tuple(shape))
    sizes = as_sizes(shape, "reshape")
    static, operands = split_sizes(
        _with_known_free_size(x, sizes) if x.__class__ is not Tensor else sizes
    )
    return apply(semantics.reshape, x, *operands, shape=static)


def _with_known_free_size(x: Tensor, sizes: list[Size]) -> list[Size]:
    """Replace -1 where the run-time sizes that are asked for are those of `x` itself, so that they cancel."""
    free = [position for position, size in enumerate(sizes) if isinstance(size, int) and size == -1]
    if len(free) != 1:
        return sizes
    product, unknown = 1, list[int]()
    for axis, size in enumerate(x.type.shape):
        if size is None:
            unknown.append(axis)
        else:
            product *= size
    divisor = 1
    for size in sizes:
        if isinstance(size, int):
            divisor *= 1 if size == -1 else size
            continue
        axis = next((axis for axis in unknown if is_dim_of(size, x, axis)), None)
        if axis is None:
            return sizes
        unknown.remove(axis)
    if unknown or divisor <= 0 or product % divisor:
        return sizes
    return [product // divisor if index == free[0] else size for index, size in enumerate(sizes)]


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Tensor:
    """The axes of `a` in the order `perm`, reversed by default.

    Raises:
        ValueError: `perm` is not a permutation of the axes (TFC104).

    >>> import tfc as tf
    >>> tf.transpose([[1, 2, 3], [4, 5, 6]]).shape
    TensorShape([3, 2])
    """
    x = _tensor(a)
    rank = len(x.type.shape)
    if perm is None:
        permutation = tuple(range(rank - 1, -1, -1))
    else:
        permutation = static_ints(perm, "transpose: perm")
        permutation = tuple([axis + rank if axis < 0 else axis for axis in permutation])
    return apply(semantics.transpose, x, permutation=permutation)


def static_ints(value: Any, what: str) -> tuple[int, ...]:
    """Integers that must be known when the function is traced, such as axes."""
    if value.__class__ is int:
        return (value,)
    sizes = as_sizes(value, what)
    if not all(isinstance(size, int) for size in sizes):
        raise InvalidArgumentError(
            "TFC107",
            f"{what} must be known when the function is compiled",
            "pass Python ints",
        )
    return tuple(sizes)  # pyright: ignore[reportReturnType]


def static_int(value: Any, what: str) -> int:
    """One integer that must be known when the function is traced."""
    if value.__class__ is int:
        return value
    values = static_ints(value, what)
    if len(values) != 1:
        raise InvalidArgumentError("TFC107", f"{what}: expected one integer, got {list(values)}")
    return values[0]


def static_axis(op: str, axis: Any, x: Tensor) -> int:
    """One axis of `x`, not negative, that must be known when the function is traced; raises `ValueError` (TFC104, TFC107)."""
    rank = x._array.ndim if x.__class__ is Tensor else len(x.type.shape)
    if axis.__class__ is int and 0 <= axis < rank:
        return axis
    op = op.removeprefix("tfc.")
    try:
        return normalize_axis(op, static_int(axis, f"{op}: axis"), rank)
    except OpError as error:
        raise user_error(error) from None


def expand_dims(input: Any, axis: Any, name: str | None = None) -> Tensor:
    """`input` with an axis of size 1 at position `axis` of the result; negative positions count from its end.

    Raises:
        ValueError: `axis` is out of range (TFC104).

    >>> import tfc as tf
    >>> tf.expand_dims([1, 2], 0).shape
    TensorShape([1, 2])
    """
    x = _tensor(input)
    rank = len(x.type.shape)
    position = static_int(axis, "expand_dims: axis")
    if not -rank - 1 <= position <= rank:
        raise InvalidArgumentError(
            "TFC104",
            f"expand_dims: axis {position} is out of range for a tensor of rank {rank}",
            f"use an axis from {-rank - 1} to {rank}",
        )
    return apply(semantics.expand_dims, x, axes=(position % (rank + 1),))


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """`input` without its axes of size 1, or without those in `axis`.

    Raises:
        ValueError: an axis in `axis` is not of size 1 (TFC106) or is out of range (TFC104).

    >>> import tfc as tf
    >>> tf.squeeze([[[1], [2]]]).shape
    TensorShape([2])
    """
    x = _tensor(input)
    shape = x.type.shape
    axes = () if axis is None else static_ints(axis, "squeeze: axis")
    if not axes:
        axes = tuple([position for position, size in enumerate(shape) if size == 1])
        for position, size in enumerate(shape):
            if size is None:
                _require_not_one(x, position)
    elif any(position < 0 for position in axes):
        axes = tuple(
            sorted(position + len(shape) if position < 0 else position for position in axes)
        )
    else:
        axes = tuple(sorted(axes))
    return apply(semantics.squeeze, x, axes=axes)


def _require_not_one(x: Tensor, axis: int) -> None:
    """The rank of the result has been decided."""
    from tfc.ops.assertion import require
    from tfc.ops.comparison import not_equal

    message = f"squeeze: the size of axis {axis} is known at run time only, and is 1; give the axes: axis=[{axis}]"
    require(not_equal(dim(x, axis), 1), message)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input` repeated along axes of size 1 and along new leading axes until it has `shape`.

    Raises:
        ValueError: the shapes do not broadcast (TFC103).

    >>> import tfc as tf
    >>> tf.broadcast_to([1, 2], [2, 2]).numpy()
    array([[1, 2],
           [1, 2]], dtype=int32)
    """
    static, operands = split_sizes(as_sizes(shape, "broadcast_to"))
    return apply(semantics.broadcast_to, _tensor(input), *operands, shape=static)


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The shape that two known shapes broadcast to. Raises `ValueError` TFC103.

    >>> import tfc as tf
    >>> tf.broadcast_static_shape(tf.TensorShape([2, 1]), tf.TensorShape([3]))
    TensorShape([2, 3])
    """
    nothing = np.dtype(np.bool_)
    kinds = [ArrayType(nothing, TensorShape(shape).as_tuple()) for shape in (shape_x, shape_y)]
    try:
        return TensorShape(broadcast_shapes("broadcast_static_shape", *kinds))
    except OpError as error:
        raise_op_error(error)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """`tensor` with the order of its elements turned round along the axes in `axis`.

    Raises:
        ValueError: an axis is out of range or named twice (TFC104).

    >>> import tfc as tf
    >>> tf.reverse([1, 2, 3], axis=[0]).numpy()
    array([3, 2, 1], dtype=int32)
    """
    return apply(semantics.reverse, _tensor(tensor), axes=static_ints(axis, "reverse: axis"))


def _size_dtype(out_type: Any) -> np.dtype:
    return dtypes.as_dtype(dtypes.int32 if out_type is None else out_type).numpy


def shape(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """The sizes of `input` as a vector: a constant when they are known.

    >>> import tfc as tf
    >>> tf.shape([[1, 2, 3]]).numpy()
    array([1, 3], dtype=int32)
    """
    x = _tensor(input)
    dtype = _size_dtype(out_type)
    kind = x.type
    if kind.is_static:
        return Tensor._wrap(np.array(kind.shape, dtype))
    parts = [
        apply(semantics.dim, x, axis=axis, dtype=dtype)
        if size is None
        else Tensor._wrap(np.array(size, dtype))
        for axis, size in enumerate(kind.shape)
    ]
    return apply(joining.stack, *parts, axis=0)


def shape_n(
    input: Sequence[Any], out_type: Any = dtypes.int32, name: str | None = None
) -> list[Tensor]:
    """`tf.shape` of each tensor in a list.

    >>> import tfc as tf
    >>> [size.numpy().tolist() for size in tf.shape_n([tf.zeros([2, 3]), tf.zeros([4])])]
    [[2, 3], [4]]
    """
    return [shape(item, out_type) for item in require_list("shape_n: input", input)]


def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes of `input`, as an int32 scalar.

    >>> import tfc as tf
    >>> int(tf.rank([[1, 2]]))
    2
    """
    return Tensor._wrap(np.array(len(_tensor(input).type.shape), np.int32))


def size(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """The number of elements of `input`, as a scalar.

    >>> import tfc as tf
    >>> int(tf.size([[1, 2]]))
    2
    """
    x = _tensor(input)
    dtype = _size_dtype(out_type)
    known = 1
    unknown: list[Tensor] = []
    for axis, extent in enumerate(x.type.shape):
        if extent is None:
            unknown.append(apply(semantics.dim, x, axis=axis, dtype=dtype))
        else:
            known *= extent
    result = Tensor._wrap(np.array(known, dtype))
    for extent in unknown:
        result = result * extent
    return result


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """`x`, after a check that it has `shape`; sizes that are None may be anything.

    Raises:
        ValueError: it has another shape (TFC106).

    >>> import tfc as tf
    >>> tf.ensure_shape([[1, 2]], [None, 2]).shape
    TensorShape([1, 2])
    """
    tensor = _tensor(x)
    wanted = TensorShape(shape)
    if wanted.rank is None:
        return tensor
    return apply(semantics.ensure_shape, tensor, shape=wanted.as_tuple())


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape that two shapes, given as integer vectors, broadcast to, as a vector.

    >>> import tfc as tf
    >>> tf.broadcast_dynamic_shape([2, 1], [3]).numpy()
    array([2, 3], dtype=int32)
    """
    left, right = (convert_to_tensor(item, dtype_hint=np.int32) for item in (shape_x, shape_y))
    dtype = left.type.dtype
    result = broadcast_dynamic_sizes(
        elements(left, "broadcast_dynamic_shape"), elements(right, "broadcast_dynamic_shape")
    )
    if all(isinstance(size, int) for size in result):
        return Tensor._wrap(np.array(result, dtype))
    return apply(joining.stack, *[convert(size, dtype) for size in result], axis=0)


def broadcast_dynamic_sizes(left: list[Size], right: list[Size]) -> list[Size]:
    """The sizes that two lists of sizes broadcast to."""
    rank = max(len(left), len(right))
    left = [*[1] * (rank - len(left)), *left]
    right = [*[1] * (rank - len(right)), *right]
    return [_broadcast_size(a, b) for a, b in zip(left, right, strict=True)]


def _broadcast_size(a: Size, b: Size) -> Size:
    if isinstance(a, int) and isinstance(b, int):
        return broadcast_static_shape([a], [b])[0]  # pyright: ignore[reportReturnType]
    if isinstance(a, int) and a == 1:
        return b
    if a is b or (isinstance(b, int) and b == 1):
        return a
    from tfc.ops.arithmetic import maximum

    return maximum(a, b)
