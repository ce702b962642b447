"""Contractions: products of two arrays summed over shared dimensions.

Accumulation: float16 and bfloat16 accumulate in float32 and round once at the end (as TensorFlow does, more accurate than
NumPy's bfloat16), float32 and float64 accumulate in their own type, integers wrap around in their own type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from tfc.dialects.tfc.semantics.broadcasting import broadcast_shapes
from tfc.dialects.tfc.semantics.dtypes import (
    FLOAT32,
    is_bfloat16,
    require_group,
    require_same_dtype,
)
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("contraction")

Labels = tuple[int, ...]
"""The loop that walks each dimension of an operand, as in `np.einsum(x, [0, 1], y, [1, 2], [0, 2])`."""


def is_narrow(dtype: np.dtype) -> bool:
    """Whether sums of `dtype` are kept in float32."""
    return dtype.itemsize == 2 and (dtype.kind == "f" or is_bfloat16(dtype))


def _narrow_product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.matmul(x.astype(FLOAT32), y.astype(FLOAT32)).astype(x.dtype)


def _product_of(dtype: np.dtype) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return _narrow_product if is_narrow(dtype) else np.matmul


def _prepare_matmul(
    x: ArrayType, y: ArrayType, *, transpose_x: bool, transpose_y: bool
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    product = _product_of(x.dtype)
    if transpose_x and transpose_y:
        return lambda x, y: product(x.swapaxes(-1, -2), y.swapaxes(-1, -2))
    if transpose_x:
        return lambda x, y: product(x.swapaxes(-1, -2), y)
    if transpose_y:
        return lambda x, y: product(x, y.swapaxes(-1, -2))
    return product


def _infer_matmul(x: ArrayType, y: ArrayType, *, transpose_x: bool, transpose_y: bool) -> ArrayType:
    dtype = require_same_dtype("matmul", x, y)
    require_group("matmul", "number", x)
    if len(x.shape) < 2 or len(y.shape) < 2:
        raise OpError(
            "TFC105",
            f"matmul: operands must have rank 2 or more, got {x} and {y}",
            "add a dimension with tf.expand_dims, or use tf.linalg.matvec or tf.tensordot for a vector",
        )
    rows, inner_x = x.shape[-2:]
    inner_y, columns = y.shape[-2:]
    if transpose_x:
        rows, inner_x = inner_x, rows
    if transpose_y:
        inner_y, columns = columns, inner_y
    if inner_x != inner_y and inner_x is not None and inner_y is not None:
        flags = "".join(
            f", {name}=True"
            for name, flag in (("transpose_a", transpose_x), ("transpose_b", transpose_y))
            if flag
        )
        raise OpError(
            "TFC106",
            f"matmul: inner sizes differ: {inner_x} and {inner_y} in {x} @ {y}{flags}",
            "make them equal; transpose_a=True and transpose_b=True swap the last two dimensions",
        )
    if len(x.shape) == len(y.shape) == 2:
        return ArrayType(dtype, (rows, columns))
    batch_x, batch_y = ArrayType(dtype, x.shape[:-2]), ArrayType(dtype, y.shape[:-2])
    batch = broadcast_shapes("matmul (batch dimensions)", batch_x, batch_y)
    return ArrayType(dtype, (*batch, rows, columns))


matmul = FAMILY.op(
    "matmul",
    None,
    _infer_matmul,
    ("x", "y"),
    ("transpose_x", "transpose_y"),
    prepare=_prepare_matmul,
)


def _prepare_contract(
    x: ArrayType, y: ArrayType, *, x_labels: Labels, y_labels: Labels, out_labels: Labels
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """One `np.matmul` on operands whose dimensions are grouped as batch, free and summed."""
    in_x, in_y, in_out = set(x_labels), set(y_labels), set(out_labels)
    batch = [label for label in out_labels if label in in_x and label in in_y]
    free_x = [label for label in out_labels if label not in in_y]
    free_y = [label for label in out_labels if label not in in_x]
    summed = [label for label in x_labels if label not in in_out]
    left = tuple([x_labels.index(label) for label in (*batch, *free_x, *summed)])
    right = tuple([y_labels.index(label) for label in (*batch, *summed, *free_y)])
    sizes: dict[int, Any] = dict(zip((*x_labels, *y_labels), (*x.shape, *y.shape), strict=True))

    def extent(labels: list[int]) -> int:
        return math.prod(sizes[label] for label in labels)

    outer, inner = [sizes[label] for label in batch], extent(summed)
    left_shape = (*outer, extent(free_x), inner)
    right_shape = (*outer, inner, extent(free_y))
    grouped = (*batch, *free_x, *free_y)
    shape = tuple([sizes[label] for label in grouped])
    order = tuple([grouped.index(label) for label in out_labels])
    product = _product_of(x.dtype)

    first = _arranged(x.shape, left, left_shape)
    second = _arranged(y.shape, right, right_shape)
    last = _arranged((*outer, extent(free_x), extent(free_y)), tuple(range(len(outer) + 2)), shape)
    turned = order != tuple(range(len(order)))

    def evaluate(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        result = last(product(first(x), second(y)))
        return result.transpose(order) if turned else result

    return evaluate


def _arranged(
    given: Any, order: tuple[int, ...], shape: tuple[int, ...]
) -> Callable[[np.ndarray], np.ndarray]:
    """`x.transpose(order).reshape(shape)` for arrays of the shape `given`; what changes nothing is left out."""
    turned, reshaped = order != tuple(range(len(order))), shape != tuple([given[k] for k in order])
    if not turned:
        return (lambda x: x.reshape(shape)) if reshaped else (lambda x: x)
    if not reshaped:
        return lambda x: x.transpose(order)
    return lambda x: x.transpose(order).reshape(shape)


def _infer_contract(
    x: ArrayType, y: ArrayType, *, x_labels: Labels, y_labels: Labels, out_labels: Labels
) -> ArrayType:
    dtype = require_same_dtype("contract", x, y)
    require_group("contract", "number", x)
    sizes: dict[int, int | None] = {}
    for kind, labels in ((x, x_labels), (y, y_labels)):
        if len(labels) != len(kind.shape):
            raise OpError("TFC105", f"contract: {len(labels)} labels for {kind}")
        if len(set(labels)) != len(labels):
            raise OpError("TFC107", f"contract: label repeated in {labels}")
        for label, size in zip(labels, kind.shape, strict=True):
            known = sizes.get(label)
            if known is not None and size is not None and known != size:
                raise OpError(
                    "TFC106",
                    f"contract: sizes of a shared dimension differ: {known} and {size} in {x} and {y}",
                )
            sizes[label] = size if known is None else known
    shared = set(x_labels) & set(y_labels)
    missing = set(sizes) - shared - set(out_labels)
    if missing or len(set(out_labels)) != len(out_labels) or not set(out_labels) <= set(sizes):
        raise OpError(
            "TFC107",
            f"contract: invalid result labels {out_labels} for {x_labels} and {y_labels}",
            "name each dimension that is not summed once; only shared dimensions are summed",
        )
    return ArrayType(dtype, tuple(sizes[label] for label in out_labels))


contract = FAMILY.op(
    "contract",
    None,
    _infer_contract,
    ("x", "y"),
    ("x_labels", "y_labels", "out_labels"),
    prepare=_prepare_contract,
)
