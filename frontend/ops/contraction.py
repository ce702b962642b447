"""Contractions: `tf.matmul`, `x @ y`, `tf.tensordot`, `tf.linalg.matvec`. `tf.einsum` is in `tfc.ops.einsum`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tfc.core.dispatch import apply
from tfc.core.errors import InvalidArgumentError, raise_op_error
from tfc.core.recording import ACTIVE, STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import contraction as semantics
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.ops.applying import convert_pair


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product of the last two dimensions: `[..., m, k] @ [..., k, n]` gives `[..., m, n]`.

    Args:
        a, b: numeric tensors of one dtype and rank 2 or more; the dimensions before the last two broadcast.
        transpose_a, transpose_b: swap the last two dimensions of an operand first (nothing is copied).
        adjoint_a, adjoint_b: the same for real numbers.
        a_is_sparse, b_is_sparse, grad_a, grad_b: hints of TensorFlow's; without effect.
        output_type: dtype of products, sums and result, if wider than that of the operands.

    float16 and bfloat16 are summed in float32 and rounded once; integers wrap around.

    Raises:
        TypeError: dtypes differ (TFC101) or are not numeric (TFC102).
        ValueError: a rank below 2 (TFC105), inner sizes that differ (TFC106), batches that do not broadcast (TFC103).

    >>> import tfc as tf
    >>> tf.matmul([[1, 2], [3, 4]], [[1], [1]]).numpy()
    array([[3],
           [7]], dtype=int32)
    """
    if a.__class__ is not Tensor or b.__class__ is not Tensor:
        a, b = convert_pair(a, b)
    elif not (
        transpose_a
        or transpose_b
        or adjoint_a
        or adjoint_b
        or output_type
        or (ACTIVE and STATE.tapes)
    ):
        quick = _quick_product(a._array, b._array)
        if quick is not None:
            return quick
    if output_type is not None:
        from tfc.ops.casting import cast

        a, b = cast(a, output_type), cast(b, output_type)
    return apply(
        semantics.matmul,
        a,
        b,
        transpose_x=bool(transpose_a or adjoint_a),
        transpose_y=bool(transpose_b or adjoint_b),
    )


def _quick_product(x: np.ndarray, y: np.ndarray) -> Tensor | None:
    """`x @ y` where nothing but the shapes is left to check, which NumPy does; None when it objects."""
    if x.dtype is not y.dtype or x.dtype.char not in "fd" or x.ndim < 2 or y.ndim < 2:
        return None
    try:
        return Tensor._wrap(np.matmul(x, y))
    except ValueError:  # inference has the message
        return None


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of matrices and vectors: `[..., m, k]` times `[..., k]` gives `[..., m]`.

    Arguments and errors as `tf.matmul`, with `b` a vector or a batch of them.

    >>> import tfc as tf
    >>> tf.linalg.matvec([[1, 2], [3, 4]], [1, 1]).numpy()
    array([3, 7], dtype=int32)
    """
    from tfc.ops.shape import expand_dims, squeeze

    a, b = convert_pair(a, b)
    column = expand_dims(b, -1)
    return squeeze(matmul(a, column, transpose_a=transpose_a or adjoint_a), axis=[-1])


def contract(
    x: Tensor, y: Tensor, x_labels: Sequence[int], y_labels: Sequence[int], out: Sequence[int]
) -> Tensor:
    """The sum of products over labels that `x` and `y` share and `out` does not name, as the op `tfc.contract`."""
    return apply(
        semantics.contract,
        x,
        y,
        x_labels=tuple(x_labels),
        y_labels=tuple(y_labels),
        out_labels=tuple(out),
    )


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products over chosen axes of `a` and `b`; what is left of `a` comes first.

    Args:
        a, b: numeric tensors of one dtype.
        axes: an int n: the last n axes of `a` with the first n of `b`; or a pair of axes or of lists of axes.

    Raises:
        TypeError: dtypes differ (TFC101) or are not numeric (TFC102).
        ValueError: an axis out of range (TFC104), `axes` malformed (TFC107), sizes that differ (TFC106).

    >>> import tfc as tf
    >>> tf.tensordot([[1, 2], [3, 4]], [10, 1], axes=1).numpy()
    array([12, 34], dtype=int32)
    """
    a, b = convert_pair(a, b)
    try:
        left, right = _tensordot_axes(axes, a, b)
    except OpError as error:
        raise_op_error(error)
    rank = len(a.type.shape)
    x_labels = list(range(rank))
    y_labels = [rank + axis for axis in range(len(b.type.shape))]
    for i, j in zip(left, right, strict=True):
        y_labels[j] = x_labels[i]
        sizes = a.type.shape[i], b.type.shape[j]
        if sizes[0] != sizes[1] and None not in sizes:
            raise InvalidArgumentError(
                "TFC106",
                f"tensordot: axis {i} of {a.type} and axis {j} of {b.type} differ in size: {sizes[0]} and {sizes[1]}",
                "choose axes of equal sizes",
            )
    out = [label for label in x_labels if label not in y_labels]
    out += [label for label in y_labels if label not in x_labels]
    return contract(a, b, x_labels, y_labels, out)


def _tensordot_axes(axes: Any, a: Tensor, b: Tensor) -> tuple[list[int], list[int]]:
    """The axes of each operand, in 0..rank-1."""
    rank_a, rank_b = len(a.type.shape), len(b.type.shape)
    axes = axes.tolist() if hasattr(axes, "tolist") else axes
    if isinstance(axes, Tensor):
        axes = axes.numpy().tolist()
    if isinstance(axes, int):
        if not 0 <= axes <= min(rank_a, rank_b):
            raise OpError(
                "TFC104",
                f"tensordot: axes={axes} for {a.type} and {b.type}",
                f"use 0 to {min(rank_a, rank_b)}, or a pair of lists of axes",
            )
        return list(range(rank_a - axes, rank_a)), list(range(axes))
    pair = list(axes) if isinstance(axes, list | tuple) else []
    if len(pair) != 2:
        raise OpError(
            "TFC107",
            f"tensordot: axes must be an int or a pair, got {axes!r}",
            "write axes=1 or axes=[[axes of a], [axes of b]]",
        )
    left, right = ([side] if isinstance(side, int) else list(side) for side in pair)
    if len(left) != len(right):
        raise OpError(
            "TFC107",
            f"tensordot: {len(left)} axes of a but {len(right)} of b in {axes!r}",
            "name as many axes of a as of b",
        )
    return (
        [normalize_axis("tensordot", axis, rank_a) for axis in left],
        [normalize_axis("tensordot", axis, rank_b) for axis in right],
    )
