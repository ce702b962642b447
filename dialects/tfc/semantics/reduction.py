"""Reductions over axes. `axes` are sorted, unique and not negative; the public functions make them so."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axes, normalize_axis
from tfc.dialects.tfc.semantics.dtypes import BOOL, is_float, is_int, require_group
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family, OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

FAMILY = Family("reduction")


def reduced_shape(shape: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    """`shape` without `axes`, or with size 1 there."""
    if keepdims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


@functools.cache
def accumulator_dtype(dtype: np.dtype) -> np.dtype:
    """What a sum or product of `dtype` is accumulated in: 16-bit floats in float32, all others in themselves."""
    return np.dtype(np.float32) if is_float(dtype) and dtype.itemsize == 2 else dtype


def lowest(dtype: np.dtype) -> Any:
    """What the maximum of no elements is."""
    return dtype.type(-np.inf) if is_float(dtype) else _limit(dtype, "min")


def highest(dtype: np.dtype) -> Any:
    """What the minimum of no elements is."""
    return dtype.type(np.inf) if is_float(dtype) else _limit(dtype, "max")


def _limit(dtype: np.dtype, which: str) -> Any:
    if dtype == BOOL:
        return which == "max"
    return getattr(np.iinfo(dtype), which)


Reduce = Callable[[Any], Any]


def _accumulated(ufunc: np.ufunc) -> Callable[..., Reduce]:
    reduce: Callable[..., Any] = ufunc.reduce

    def prepare(x: ArrayType, *, axes: tuple[int, ...], keepdims: bool) -> Reduce:
        dtype, wide = x.dtype, accumulator_dtype(x.dtype)
        if wide == dtype:
            return lambda x: reduce(x, axes, wide, None, keepdims)
        return lambda x: reduce(x, axes, wide, None, keepdims).astype(dtype)

    return prepare


def _extremum(ufunc: np.ufunc, identity: Callable[[np.dtype], Any]) -> Callable[..., Reduce]:
    reduce: Callable[..., Any] = ufunc.reduce

    def prepare(x: ArrayType, *, axes: tuple[int, ...], keepdims: bool) -> Reduce:
        initial = identity(x.dtype)
        return lambda x: reduce(x, axes, None, None, keepdims, initial)

    return prepare


def _logical(ufunc: np.ufunc) -> Callable[..., Reduce]:
    reduce: Callable[..., Any] = ufunc.reduce

    def prepare(x: ArrayType, *, axes: tuple[int, ...], keepdims: bool) -> Reduce:
        return lambda x: reduce(x, axes, None, None, keepdims)

    return prepare


def _prepare_logsumexp(x: ArrayType, *, axes: tuple[int, ...], keepdims: bool) -> Reduce:
    dtype, wide = x.dtype, accumulator_dtype(x.dtype)
    highest_of: Callable[..., Any] = np.maximum.reduce
    sum_of: Callable[..., Any] = np.add.reduce
    zero, is_narrow = np.zeros((), wide), wide != dtype

    def evaluate(x: Any) -> Any:
        if is_narrow:
            x = x.astype(wide)
        top = highest_of(x, axes, None, None, True, -np.inf)
        known = np.isfinite(top)
        if np.count_nonzero(known) != top.size:
            top = np.where(known, top, zero)
        total = np.log(sum_of(np.exp(x - top), axes, None, None, True)) + top
        if not keepdims:
            total = total.squeeze(axes)
        return total.astype(dtype) if is_narrow else total

    return evaluate


def _infer(
    x: ArrayType, *, axes: tuple[int, ...], keepdims: bool, op: str, group: str
) -> ArrayType:
    require_group(op, group, x)
    return ArrayType(x.dtype, reduced_shape(x.shape, normalize_axes(op, axes, x.rank), keepdims))


def _reduction(
    mnemonic: str,
    prepare: Callable[..., Reduce],
    group: str = "number",
) -> OpSpec:
    infer = functools.partial(_infer, op=mnemonic, group=group)
    return FAMILY.op(mnemonic, None, infer, ("x",), ("axes", "keepdims"), prepare=prepare)


def empty_axis(op: str, axis: int) -> OpError:
    """The error for the position of an extremum among no elements."""
    return OpError(
        "TFC121",
        f"{op}: axis {axis} has no elements",
        "the tensor must have at least one element along that axis",
    )


def _infer_arg(x: ArrayType, *, axis: int, dtype: np.dtype, op: str) -> ArrayType:
    require_group(op, "any", x)
    position = normalize_axis(op, axis, x.rank)
    if not is_int(dtype):
        raise OpError(
            "TFC107",
            f"{op}: output_type must be an integer dtype, got {dtype.name}",
            "use tf.int64",
        )
    if x.shape[position] == 0:
        raise empty_axis(op, position)
    return ArrayType(dtype, reduced_shape(x.shape, (position,), False))


def _arg(mnemonic: str) -> OpSpec:
    method = getattr(np.ndarray, mnemonic)

    def prepare(x: ArrayType, *, axis: int, dtype: np.dtype) -> Reduce:
        if dtype == np.intp:
            return lambda x: method(x, axis)
        return lambda x: np.asarray(method(x, axis), dtype)  # a scalar of NumPy is slow to cast

    infer = functools.partial(_infer_arg, op=mnemonic)
    return FAMILY.op(mnemonic, None, infer, ("x",), ("axis", "dtype"), prepare=prepare)


reduce_sum = _reduction("reduce_sum", _accumulated(np.add))
reduce_prod = _reduction("reduce_prod", _accumulated(np.multiply))
reduce_max = _reduction("reduce_max", _extremum(np.maximum, lowest))
reduce_min = _reduction("reduce_min", _extremum(np.minimum, highest))
reduce_any = _reduction("reduce_any", _logical(np.logical_or), "bool")
reduce_all = _reduction("reduce_all", _logical(np.logical_and), "bool")
reduce_logsumexp = _reduction("reduce_logsumexp", _prepare_logsumexp, "float")
argmax = _arg("argmax")
argmin = _arg("argmin")
