"""Shape: the same elements under other sizes, in another order, or repeated by broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axes, normalize_axis
from tfc.dialects.tfc.semantics.dtypes import is_int
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.sizes import (
    broadcasts_to,
    check_not_negative,
    check_size_operands,
    fill_sizes,
    known_product,
    shown,
    total,
)
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("shape")


def _evaluate_identity(x: np.ndarray) -> np.ndarray:
    return x


def _infer_identity(x: ArrayType) -> ArrayType:
    return x


def _evaluate_reshape(
    x: np.ndarray, *sizes: np.ndarray, shape: tuple[int | None, ...]
) -> np.ndarray:
    wanted = fill_sizes(shape, sizes)
    if sizes:
        wanted = _infer_reshape(ArrayType(x.dtype, x.shape), shape=wanted).shape
    return x.reshape(wanted)  # pyright: ignore[reportCallIssue, reportArgumentType]


def _infer_reshape(x: ArrayType, *sizes: ArrayType, shape: tuple[int | None, ...]) -> ArrayType:
    if sizes or None in shape:
        check_size_operands("reshape", sizes, shape)
    free = [axis for axis, size in enumerate(shape) if size == -1]
    if len(free) > 1:
        raise OpError(
            "TFC107",
            f"reshape: only one size can be -1, got {shown(shape)}",
            "leave one -1 and give the other sizes",
        )
    if free:
        return ArrayType(x.dtype, _with_free_size(x, shape, free[0]))
    check_not_negative("reshape", "sizes", shape)
    have, want = total(x.shape), total(shape)
    if have is not None and want is not None and have != want:
        raise _reshape_mismatch(x, have, shape)
    return ArrayType(x.dtype, shape)


def _with_free_size(x: ArrayType, shape: Shape, axis: int) -> Shape:
    others = (*shape[:axis], *shape[axis + 1 :])
    check_not_negative("reshape", "sizes other than one -1", others)
    have, known = total(x.shape), known_product(others)
    if 0 in others:
        raise OpError(
            "TFC106",
            f"reshape: beside a size of 0 the -1 of shape {shown(shape)} could be anything",
            "write the size instead of -1",
        )
    if have is None or None in others:
        return (*shape[:axis], None, *shape[axis + 1 :])
    if have % known:
        raise _reshape_mismatch(x, have, shape)
    return (*shape[:axis], have // known, *shape[axis + 1 :])


def _reshape_mismatch(x: ArrayType, have: int, shape: Shape) -> OpError:
    return OpError(
        "TFC106",
        f"reshape: {x} has {have} elements, which do not fill shape {shown(shape)}",
        "make the product of the sizes equal, or use -1 for one of them",
    )


def _evaluate_transpose(x: np.ndarray, *, permutation: tuple[int, ...]) -> np.ndarray:
    return x.transpose(permutation)


def _infer_transpose(x: ArrayType, *, permutation: tuple[int, ...]) -> ArrayType:
    if sorted(permutation) != list(range(x.rank)):
        raise OpError(
            "TFC104",
            f"transpose: expected a permutation of the axes 0..{x.rank - 1} of {x}, got {list(permutation)}",
            "name each axis once",
        )
    return ArrayType(x.dtype, tuple(x.shape[axis] for axis in permutation))


def _infer_expand_dims(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
    if normalize_axes("expand_dims", axes, x.rank + len(axes)) != tuple(axes):
        raise OpError("TFC104", f"expand_dims: axes must ascend, got {list(axes)}", "sort the axes")
    shape = list(x.shape)
    for axis in axes:
        shape.insert(axis, 1)
    return ArrayType(x.dtype, tuple(shape))


def _infer_squeeze(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
    dropped = normalize_axes("squeeze", axes, x.rank)
    for axis in dropped:
        if x.shape[axis] not in (1, None):
            raise OpError(
                "TFC106",
                f"squeeze: axis {axis} has size {x.shape[axis]}, expected 1, in {x}",
                "squeeze only axes of size 1",
            )
    return ArrayType(
        x.dtype, tuple(size for axis, size in enumerate(x.shape) if axis not in dropped)
    )


def _evaluate_broadcast_to(
    x: np.ndarray, *sizes: np.ndarray, shape: tuple[int | None, ...]
) -> np.ndarray:
    wanted = fill_sizes(shape, sizes)
    if sizes:
        _infer_broadcast_to(ArrayType(x.dtype, x.shape), shape=wanted)
    result = np.empty(wanted, x.dtype)
    result[...] = x
    return result


def _infer_broadcast_to(
    x: ArrayType, *sizes: ArrayType, shape: tuple[int | None, ...]
) -> ArrayType:
    if sizes or None in shape:
        check_size_operands("broadcast_to", sizes, shape)
    check_not_negative("broadcast_to", "sizes", shape)
    offset = len(shape) - x.rank
    if offset < 0 or not all(map(broadcasts_to, x.shape, shape[offset:])):
        raise OpError(
            "TFC103",
            f"broadcast_to: {x} does not broadcast to shape {shown(shape)}",
            "sizes must be equal or 1, aligned from the last dimension",
        )
    return ArrayType(x.dtype, shape)


def _prepare_reverse(x: ArrayType, *, axes: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    turned = normalize_axes("reverse", axes, x.rank)
    key = tuple([slice(None, None, -1 if axis in turned else 1) for axis in range(x.rank)])
    return lambda x: x[key]


def _infer_reverse(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
    normalize_axes("reverse", axes, x.rank)
    return x


def _evaluate_dim(x: np.ndarray, *, axis: int, dtype: np.dtype) -> np.ndarray:
    return np.array(x.shape[axis], dtype)


def _infer_dim(x: ArrayType, *, axis: int, dtype: np.dtype) -> ArrayType:
    normalize_axis("shape", axis, x.rank)
    if not is_int(dtype):
        raise OpError(
            "TFC102",
            f"shape: expected an integer dtype, got {dtype.name}",
            "use out_type=tf.int32 or tf.int64",
        )
    return ArrayType(dtype, ())


def _evaluate_ensure_shape(x: np.ndarray, *, shape: tuple[int | None, ...]) -> np.ndarray:
    return x


def _infer_ensure_shape(x: ArrayType, *, shape: tuple[int | None, ...]) -> ArrayType:
    if len(shape) != x.rank or any(
        a is not None and b is not None and a != b for a, b in zip(x.shape, shape, strict=True)
    ):
        raise OpError(
            "TFC106",
            f"ensure_shape: expected shape {shown(shape)}, got {x}",
            "pass a tensor of the shape you ask for",
        )
    return ArrayType(
        x.dtype, tuple(b if a is None else a for a, b in zip(x.shape, shape, strict=True))
    )


def _reshaping(infer: Callable[..., ArrayType]) -> Callable[..., Callable[..., np.ndarray]]:
    """`prepare` of an op whose result has the elements of `x` in the shape that inference gives."""

    def prepare(x: ArrayType, **attributes: Any) -> Callable[[np.ndarray], np.ndarray]:
        shape: Any = infer(x, **attributes).shape
        return lambda x: x.reshape(shape)

    return prepare


def _prepare_reshape(x: ArrayType, *sizes: ArrayType, shape: Shape) -> Callable[..., np.ndarray]:
    if sizes:
        return partial(_evaluate_reshape, shape=shape)
    return _reshaping(_infer_reshape)(x, shape=shape)


identity = FAMILY.op("identity", _evaluate_identity, _infer_identity, ("x",))
reshape = FAMILY.op(
    "reshape",
    _evaluate_reshape,
    _infer_reshape,
    ("x", "*sizes"),
    ("shape",),
    prepare=_prepare_reshape,
)
transpose = FAMILY.op("transpose", _evaluate_transpose, _infer_transpose, ("x",), ("permutation",))
expand_dims = FAMILY.op(
    "expand_dims",
    None,
    _infer_expand_dims,
    ("x",),
    ("axes",),
    prepare=_reshaping(_infer_expand_dims),
)
squeeze = FAMILY.op(
    "squeeze", None, _infer_squeeze, ("x",), ("axes",), prepare=_reshaping(_infer_squeeze)
)
broadcast_to = FAMILY.op(
    "broadcast_to", _evaluate_broadcast_to, _infer_broadcast_to, ("x", "*sizes"), ("shape",)
)
reverse = FAMILY.op("reverse", None, _infer_reverse, ("x",), ("axes",), prepare=_prepare_reverse)
dim = FAMILY.op("dim", _evaluate_dim, _infer_dim, ("x",), ("axis", "dtype"))
ensure_shape = FAMILY.op(
    "ensure_shape", _evaluate_ensure_shape, _infer_ensure_shape, ("x",), ("shape",), Effect.FAIL
)
