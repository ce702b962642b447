"""Diagonals of matrices, taken and put back."""

from __future__ import annotations

import numpy as np
from tfc.dialects.tfc.semantics.axes import normalize_axis
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("diagonal")


def _diagonal(x: np.ndarray, *, offset: int, axis1: int, axis2: int) -> np.ndarray:
    return np.diagonal(x, offset, axis1, axis2)


def _infer_diagonal(x: ArrayType, *, offset: int, axis1: int, axis2: int) -> ArrayType:
    if len(x.shape) < 2:
        raise OpError("TFC105", f"diagonal: expected a tensor of rank 2 or more, got {x}", "")
    first = normalize_axis("diagonal", axis1, len(x.shape))
    second = normalize_axis("diagonal", axis2, len(x.shape))
    if first == second:
        raise OpError(
            "TFC104", f"diagonal: axis1 and axis2 are both {first}", "name two different axes"
        )
    rows, columns = x.shape[first], x.shape[second]
    rest = tuple(size for axis, size in enumerate(x.shape) if axis not in (first, second))
    return ArrayType(x.dtype, (*rest, diagonal_size(rows, columns, offset)))


def diagonal_size(rows: int | None, columns: int | None, offset: int) -> int | None:
    """The length of the diagonal `offset` columns right of the main one; 0 when it is outside."""
    if rows is None or columns is None:
        return None
    return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))


diagonal = FAMILY.op("diagonal", _diagonal, _infer_diagonal, ("x",), ("offset", "axis1", "axis2"))


def _diagonal_matrix(x: np.ndarray, *, offset: int) -> np.ndarray:
    count = x.shape[-1]
    size = count + abs(offset)
    flat = np.zeros((*x.shape[:-1], size * size), x.dtype)
    first = offset if offset >= 0 else -offset * size
    flat[..., first : first + count * (size + 1) : size + 1] = x
    return flat.reshape((*x.shape[:-1], size, size))


def _infer_diagonal_matrix(x: ArrayType, *, offset: int) -> ArrayType:
    if not x.shape:
        raise OpError(
            "TFC105", f"diag: expected a vector or a batch of them, got {x}", "pass rank 1 or more"
        )
    count = x.shape[-1]
    size = None if count is None else count + abs(offset)
    return ArrayType(x.dtype, (*x.shape[:-1], size, size))


diagonal_matrix = FAMILY.op(
    "diagonal_matrix", _diagonal_matrix, _infer_diagonal_matrix, ("x",), ("offset",)
)
