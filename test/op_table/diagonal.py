"""Rows of diagonals."""

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import diagonal as semantics

from op_table.row import Row, Sample, Wrong


def _diag(x: np.ndarray, k: int = 0) -> np.ndarray:
    flat = x.reshape(-1, x.shape[-1])
    size = x.shape[-1] + abs(k)
    return np.array([np.diag(row, k) for row in flat], x.dtype).reshape(*x.shape[:-1], size, size)


def _diag_part(x: np.ndarray, k: int = 0) -> np.ndarray:
    return np.diagonal(x, k, -2, -1)


ROWS = [
    Row(
        semantics.diagonal_matrix,
        tf.linalg.diag,
        _diag,
        (Sample(((3,),)), Sample(((2, 3),), {"k": 1}), Sample(((2, 3),), {"k": -2})),
        wrong=(
            Wrong((1.0,), {}, "TFC105", "expected a vector"),
            Wrong(([1.0],), {"k": (0, 1)}, "TFC107", "k must be one int"),
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
        ),
        wrong=(Wrong(([1.0],), {}, "TFC105", "rank 2 or more"),),
    ),
]
