"""Rows of diagonals."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import diagonal as semantics

from op_table.row import Row, Sample, Wrong


def _band(k: Any) -> range:
    """The diagonals from the highest to the lowest."""
    low, high = (k, k) if isinstance(k, int) else k
    return range(high, low - 1, -1)


def _entries(rows: int, columns: int, k: Any, align: str) -> Iterator[tuple[int, int, int, int]]:
    """Row and column in a matrix, row and column among its diagonals."""
    above, below = align.split("_")
    length = {d: len(np.diagonal(np.zeros((rows, columns)), d)) for d in _band(k)}
    for number, d in enumerate(_band(k)):
        right = (d >= 0 and above == "RIGHT") or (d <= 0 and below == "RIGHT")
        moved = max(length.values()) - length[d] if right else 0
        for n in range(length[d]):
            yield n + max(-d, 0), n + max(d, 0), number, n + moved


def _diag(x: np.ndarray, k: Any = 0, align: str = "RIGHT_LEFT", padding_value: int = 0) -> Any:
    band = _band(k)
    bands = x if len(band) > 1 else x[..., None, :]
    size = x.shape[-1] + min(abs(d) for d in band)
    result = np.full((*bands.shape[:-2], size, size), padding_value, x.dtype)
    for row, column, number, n in _entries(size, size, k, align):
        result[..., row, column] = bands[..., number, n]
    return result


def _diag_part(x: np.ndarray, k: Any = 0, align: str = "RIGHT_LEFT", padding_value: int = 0) -> Any:
    entries = list(_entries(*x.shape[-2:], k, align))
    longest = 1 + max((n for *_, n in entries), default=-1)
    result = np.full((*x.shape[:-2], len(_band(k)), longest), padding_value, x.dtype)
    for row, column, number, n in entries:
        result[..., number, n] = x[..., row, column]
    return result if len(_band(k)) > 1 else result[..., 0, :]


ROWS = [
    Row(
        semantics.diagonal_matrix,
        tf.linalg.diag,
        _diag,
        (
            Sample(((3,),)),
            Sample(((2, 3),), {"k": 1}),
            Sample(((2, 3),), {"k": -2}),
            Sample(((3, 4),), {"k": (-1, 1)}),
            Sample(((2, 2, 3),), {"k": (1, 2), "align": "LEFT_RIGHT", "padding_value": 3}),
            Sample(((2, 3),), {"k": (-2, -1), "align": "LEFT_RIGHT"}),
        ),
        wrong=(
            Wrong((1.0,), {}, "TFC105", "expected a vector"),
            Wrong(([1.0],), {"k": (0, 1)}, "TFC105", "expected rank 2 or more"),
            Wrong(([[1.0]],), {"k": (0, 1)}, "TFC106", "has 2 diagonals"),
            Wrong(([1.0],), {"k": (1, 0)}, "TFC107", "an int or (low, high)"),
            Wrong(([1.0],), {"num_rows": 3, "num_cols": 4}, "TFC106", "too short"),
            Wrong(([1.0, 2.0],), {"num_rows": 1}, "TFC106", "no room"),
            Wrong(([1.0],), {"align": "LEFT"}, "TFC107", "unknown align"),
        ),
    ),
    Row(
        semantics.diagonal,
        tf.linalg.diag_part,
        _diag_part,
        (
            Sample(((3, 3),)),
            Sample(((2, 3, 5),), {"k": 2}),
            Sample(((4, 3),), {"k": -1}),
            Sample(((0, 0),)),
            Sample(((2, 3, 4),), {"k": (-1, 2), "padding_value": 2}),
            Sample(((4, 3),), {"k": (-2, 1), "align": "LEFT_RIGHT"}),
        ),
        wrong=(Wrong(([1.0],), {}, "TFC105", "rank 2 or more"),),
    ),
]
