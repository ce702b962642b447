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


def _accumulated(ufunc: np.ufunc) -> Callable[[Any, tuple[int, ...], bool], Any]:
    def reduce(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        wide = accumulator_dtype(x.dtype)
        result = ufunc.reduce(x, axis=axes, dtype=wide, keepdims=keepdims)
        return result if wide == x.dtype else result.astype(x.dtype)

    return reduce


accumulated_sum = _accumulated(np.add)
_accumulated_product = _accumulated(np.multiply)


def _max(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    return np.maximum.reduce(x, axis=axes, keepdims=keepdims, initial=lowest(x.dtype))


def _min(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    return np.minimum.reduce(x, axis=axes, keepdims=keepdims, initial=highest(x.dtype))


def _any(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    return np.logical_or.reduce(x, axis=axes, keepdims=keepdims)


def _all(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    return np.logical_and.reduce(x, axis=axes, keepdims=keepdims)


def _logsumexp(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    wide = x.astype(accumulator_dtype(x.dtype), copy=False)
    top = _max(wide, axes, True)
    top = np.where(np.isfinite(top), top, np.zeros((), wide.dtype))
    total = np.log(np.add.reduce(np.exp(wide - top), axis=axes, keepdims=True)) + top
    if not keepdims:
        total = total.squeeze(axes)
    return total.astype(x.dtype, copy=False)


def _infer(
    x: ArrayType, *, axes: tuple[int, ...], keepdims: bool, op: str, group: str
) -> ArrayType:
    require_group(op, group, x)
    return ArrayType(x.dtype, reduced_shape(x.shape, normalize_axes(op, axes, x.rank), keepdims))


def _reduction(mnemonic: str, evaluate: Callable[..., Any], group: str = "number") -> OpSpec:
    infer = functools.partial(_infer, op=mnemonic, group=group)
    return FAMILY.op(mnemonic, evaluate, infer, ("x",), ("axes", "keepdims"))


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


def _argmax(x: Any, *, axis: int, dtype: np.dtype) -> Any:
    return np.asarray(x.argmax(axis), dtype)  # a scalar of NumPy is slow to cast


def _argmin(x: Any, *, axis: int, dtype: np.dtype) -> Any:
    return np.asarray(x.argmin(axis), dtype)


def _arg(mnemonic: str, evaluate: Callable[..., Any]) -> OpSpec:
    infer = functools.partial(_infer_arg, op=mnemonic)
    return FAMILY.op(mnemonic, evaluate, infer, ("x",), ("axis", "dtype"))


reduce_sum = _reduction("reduce_sum", accumulated_sum)
reduce_prod = _reduction("reduce_prod", _accumulated_product)
reduce_max = _reduction("reduce_max", _max)
reduce_min = _reduction("reduce_min", _min)
reduce_any = _reduction("reduce_any", _any, "bool")
reduce_all = _reduction("reduce_all", _all, "bool")
reduce_logsumexp = _reduction("reduce_logsumexp", _logsumexp, "float")
argmax = _arg("argmax", _argmax)
argmin = _arg("argmin", _argmin)
