"""Searching: sorting, looking up, and results whose size depends on the data.

NaNs are last in every order, as in NumPy, whichever the direction. Positions of equal elements keep their order; where only the
elements themselves are asked for, -0.0 is before 0.0 (after it when descending).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from tfc.dialects.tfc.semantics.dtypes import (
    BOOL,
    INT64,
    is_bfloat16,
    is_float,
    is_int,
    require_same_dtype,
)
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.spec import Effect, Family
from tfc.dialects.tfc.semantics.types import ArrayType

FAMILY = Family("searching")


# -- order --------------------------------------------------------------------------------------


def _with_order(x: np.ndarray) -> np.ndarray:
    """`x`, in a dtype in which NumPy sorts NaNs last: its extension by bfloat16 does not."""
    return x.astype(np.float32) if is_bfloat16(x.dtype) else x


def _order(x: np.ndarray, descending: bool) -> np.ndarray:
    """The stable permutation that sorts the last axis, NaNs last."""
    x = _with_order(x)
    if not descending:
        return x.argsort(-1, "stable")
    if is_float(x.dtype):
        return (-x).argsort(-1, "stable")
    # Turned round before and after, so that equal elements keep their order.
    backwards = np.flip(x, -1).argsort(-1, "stable")
    return x.shape[-1] - 1 - np.flip(backwards, -1)


def _prepare_argsort(
    x: ArrayType, *, descending: bool, dtype: np.dtype, most: int | None = None
) -> Callable[[np.ndarray], np.ndarray]:
    if not descending and most is None and not is_bfloat16(x.dtype):
        return lambda x: x.argsort(-1, "stable").astype(dtype, copy=False)

    def evaluate(x: np.ndarray) -> np.ndarray:
        order = _order(x, descending).astype(dtype)
        return order if most is None else order[..., :most]

    return evaluate


def _prepare_sort(x: ArrayType, *, descending: bool) -> Callable[[np.ndarray], np.ndarray]:
    if is_float(x.dtype):
        sort = _sort_row if x.rank == 1 and x.shape[0] and x.dtype.char in "fd" else _sort_floats
        return (lambda x: -sort(-x)) if descending else sort
    return (lambda x: np.flip(np.sort(x), -1)) if descending else np.sort


_AS_INTEGERS = {
    np.dtype(kind).itemsize: (
        np.dtype(kind),
        np.array(np.iinfo(kind).max, kind),
        np.array(8 * np.dtype(kind).itemsize - 1, kind),
    )
    for kind in (np.int16, np.int32, np.int64)
}
"""By the size of a float: integers of that size, all their bits but the sign's, and how far that is from the lowest."""


def _sort_floats(x: np.ndarray) -> np.ndarray:
    """-0.0 is before 0.0 whatever their order was; a NaN loses its sign."""
    values = x.copy()
    values.sort(-1)
    if x.dtype.char in "fd" and np.count_nonzero(values) == values.size:
        flat = values.reshape(-1)
        if not math.isnan(flat.dot(flat)):
            return values
    return _sort_by_bits(x)


def _sort_row(x: np.ndarray) -> np.ndarray:
    """`_sort_floats` of at least one number in a row: the last one tells of NaNs."""
    values = x.copy()
    values.sort()
    if np.count_nonzero(values) == values.size and not math.isnan(values[-1]):
        return values
    return _sort_by_bits(x)


def _sort_by_bits(x: np.ndarray) -> np.ndarray:
    """Floats in the order of their bits as integers."""
    whole, ones, shift = _AS_INTEGERS[x.dtype.itemsize]
    is_nan = np.isnan(x)
    if is_nan.any():
        x = np.where(is_nan, np.array(np.nan, x.dtype), x)
    bits = x.view(whole)
    keys = bits ^ (bits >> shift & ones)
    keys.sort(axis=-1)
    return (keys ^ (keys >> shift & ones)).view(x.dtype)


def _require_axis(op: str, x: ArrayType) -> None:
    if not x.rank:
        raise OpError(
            "TFC105", f"{op}: expected a tensor with axes, got a scalar", "use tf.reshape(x, [1])"
        )


def _require_index_dtype(op: str, dtype: np.dtype) -> None:
    if not is_int(dtype):
        raise OpError(
            "TFC102", f"{op}: expected an integer dtype for indices, got {dtype.name}", "tf.int32"
        )


def _infer_sort(x: ArrayType, *, descending: bool) -> ArrayType:
    _require_axis("sort", x)
    return x


def _infer_argsort(
    x: ArrayType, *, descending: bool, dtype: np.dtype, most: int | None = None
) -> ArrayType:
    _require_axis("argsort", x)
    _require_index_dtype("argsort", dtype)
    *rows, length = x.shape
    if most is not None:
        length = None if length is None else min(length, most)
    return ArrayType(dtype, (*rows, length))


def _evaluate_searchsorted(
    sorted_sequence: np.ndarray, values: np.ndarray, *, side: str, dtype: np.dtype
) -> np.ndarray:
    if sorted_sequence.ndim == 1:
        found = _with_order(sorted_sequence).searchsorted(_with_order(values), side)  # pyright: ignore[reportCallIssue, reportArgumentType]
        return found.astype(dtype)
    count = math.prod(sorted_sequence.shape[:-1])
    rows = _with_order(sorted_sequence).reshape((count, sorted_sequence.shape[-1]))
    wanted = _with_order(values).reshape((count, values.size // max(count, 1)))
    result = np.empty(wanted.shape, dtype)
    for number, (row, keys) in enumerate(zip(rows, wanted, strict=True)):
        result[number] = np.searchsorted(row, keys, side)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return result.reshape(values.shape)


def _infer_searchsorted(
    sorted_sequence: ArrayType, values: ArrayType, *, side: str, dtype: np.dtype
) -> ArrayType:
    op = "searchsorted"
    require_same_dtype(op, sorted_sequence, values)
    _require_axis(op, sorted_sequence)
    _require_axis(op, values)
    _require_index_dtype(op, dtype)
    if side not in ("left", "right"):
        raise OpError("TFC107", f"{op}: unknown side {side!r}", "use 'left' or 'right'")
    left, right = sorted_sequence.shape[:-1], values.shape[:-1]
    if len(left) != len(right) or any(
        a is not None and b is not None and a != b for a, b in zip(left, right, strict=True)
    ):
        raise OpError(
            "TFC106",
            f"{op}: {sorted_sequence} and {values} differ in other axes than the last",
            "look up each row of values in the same row of the sequence",
        )
    return ArrayType(dtype, values.shape)


# -- results whose size depends on the data -----------------------------------------------------


def _evaluate_nonzero(x: np.ndarray) -> np.ndarray:
    return x.nonzero()[0].reshape(-1, 1) if x.ndim == 1 else np.argwhere(x)


def _infer_nonzero(x: ArrayType) -> ArrayType:
    return ArrayType(INT64, (None, x.rank))


def _evaluate_unique(x: np.ndarray, *, dtype: np.dtype) -> tuple[np.ndarray, ...]:
    """Groups of equal elements in order of first occurrence; NaNs equal nothing, not even themselves."""
    order = _with_order(x).argsort(kind="stable")
    values = x[order]
    starts = np.empty(x.shape, BOOL)
    starts[:1] = True
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    firsts = order[starts]  # of each group, in order of value: the sort is stable
    by_occurrence = firsts.argsort(kind="stable")
    number = np.empty(firsts.shape, np.int64)
    number[by_occurrence] = np.arange(firsts.size)
    index = np.empty(x.shape, dtype)
    index[order] = number[starts.cumsum() - 1]
    counts = np.bincount(index, minlength=firsts.size).astype(dtype)
    return x[firsts[by_occurrence]], index, counts


def _infer_unique(x: ArrayType, *, dtype: np.dtype) -> tuple[ArrayType, ...]:
    if x.rank != 1:
        raise OpError("TFC105", f"unique: expected a vector, got {x}", "use tf.reshape(x, [-1])")
    _require_index_dtype("unique", dtype)
    return ArrayType(x.dtype, (None,)), ArrayType(dtype, x.shape), ArrayType(dtype, (None,))


def _evaluate_repeat_indices(repeats: np.ndarray) -> np.ndarray:
    if repeats.size and int(repeats.min()) < 0:
        raise OpError(
            "TFC107", f"repeat: expected repeats >= 0, got {int(repeats.min())}", "check the counts"
        )
    return np.repeat(np.arange(repeats.size, dtype=np.int64), repeats)


def _infer_repeat_indices(repeats: ArrayType) -> ArrayType:
    if repeats.rank != 1 or not is_int(repeats.dtype):
        raise OpError(
            "TFC105",
            f"repeat: expected one count, or a vector of integers, got {repeats}",
            "convert with tf.cast(repeats, tf.int32)"
            if repeats.rank == 1
            else "give one for each entry",
        )
    return ArrayType(INT64, (None,))


sort = FAMILY.op("sort", None, _infer_sort, ("x",), ("descending",), prepare=_prepare_sort)
argsort = FAMILY.op(
    "argsort",
    None,
    _infer_argsort,
    ("x",),
    ("descending", "dtype", "most"),
    prepare=_prepare_argsort,
)
searchsorted = FAMILY.op(
    "searchsorted",
    _evaluate_searchsorted,
    _infer_searchsorted,
    ("sorted_sequence", "values"),
    ("side", "dtype"),
)
nonzero = FAMILY.op("nonzero", _evaluate_nonzero, _infer_nonzero, ("x",))
unique = FAMILY.op("unique", _evaluate_unique, _infer_unique, ("x",), ("dtype",))
repeat_indices = FAMILY.op(
    "repeat_indices",
    _evaluate_repeat_indices,
    _infer_repeat_indices,
    ("repeats",),
    (),
    Effect.FAIL,
)
