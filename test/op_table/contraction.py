"""Rows of contractions."""

from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import contraction as semantics

from op_table.row import Row, Sample, Wrong


def _matmul(
    a: np.ndarray, b: np.ndarray, transpose_a: bool = False, transpose_b: bool = False
) -> Any:
    a = np.swapaxes(a, -1, -2) if transpose_a else a
    b = np.swapaxes(b, -1, -2) if transpose_b else b
    wide = np.float64 if a.dtype.kind not in "iu" else a.dtype
    return np.einsum("...ij,...jk->...ik", a.astype(wide), b.astype(wide)).astype(a.dtype)


def _tensordot(a: np.ndarray, b: np.ndarray, axes: Any) -> Any:
    wide = np.float64 if a.dtype.kind not in "iu" else a.dtype
    return np.tensordot(a.astype(wide), b.astype(wide), axes).astype(a.dtype)


MATMUL = (
    Sample(((3, 4), (4, 5))),
    Sample(((4, 3), (4, 5)), {"transpose_a": True}),
    Sample(((3, 4), (5, 4)), {"transpose_b": True}),
    Sample(((4, 3), (5, 4)), {"transpose_a": True, "transpose_b": True}),
    Sample(((2, 3, 4), (2, 4, 5))),
    Sample(((2, 3, 4), (4, 5))),
    Sample(((2, 1, 3, 4), (5, 4, 2))),
    Sample(((1, 1), (1, 1))),
    Sample(((3, 0), (0, 2))),
    Sample(((0, 3), (3, 2))),
)
TENSORDOT = (
    Sample(((3, 4), (4, 5)), {"axes": 1}),
    Sample(((3,), (4,)), {"axes": 0}),
    Sample(((3, 4, 5), (5, 3, 2)), {"axes": [[2, 0], [0, 1]]}),
    Sample(((3, 4, 5), (4,)), {"axes": [[1], [0]]}),
    Sample(((3, 4), (3, 4)), {"axes": 2}),
)
WRONG = (
    Wrong(([[1.0]], [[1]]), {}, "TFC101", "different dtypes: float32 and int32"),
    Wrong(([[True]], [[True]]), {}, "TFC102", "expected a numeric dtype, got bool"),
    Wrong(([1.0], [[1.0]]), {}, "TFC105", "rank 2 or more"),
    Wrong(([[1.0, 2.0]], [[1.0]]), {}, "TFC106", "inner sizes differ: 2 and 1"),
    Wrong((np.ones((2, 1, 1)), np.ones((3, 1, 1))), {}, "TFC103", "do not broadcast"),
)
WRONG_TENSORDOT = (
    Wrong(([1.0], [1.0]), {"axes": 2}, "TFC104", "axes=2"),
    Wrong(([1.0], [1.0]), {"axes": [1, 2, 3]}, "TFC107", "an int or a pair"),
    Wrong(([1.0], [1.0]), {"axes": [[0], []]}, "TFC107", "1 axes of a but 0 of b"),
    Wrong(([1.0, 2.0], [1.0]), {"axes": 1}, "TFC106", "differ in size: 2 and 1"),
)

ROWS = [
    Row(
        semantics.matmul,
        tf.matmul,
        _matmul,
        MATMUL,
        special=False,
        ulp=8,
        oracle_ulp=8,
        wrong=WRONG,
    ),
    Row(
        semantics.contract,
        tf.tensordot,
        _tensordot,
        TENSORDOT,
        special=False,
        ulp=8,
        oracle_ulp=8,
        wrong=WRONG_TENSORDOT,
    ),
]
