"""Rows of running totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import scan as semantics

from op_table.domains import nonzero
from op_table.row import FLOATS, Row, Sample, Wrong

SAMPLES = (
    Sample(((5,),)),
    Sample(((3, 4),), {"axis": 1}),
    Sample(((3, 4),), {"axis": 0, "exclusive": True}),
    Sample(((3, 4),), {"axis": -1, "reverse": True}),
    Sample(((2, 3, 4),), {"axis": 1, "exclusive": True, "reverse": True}),
    Sample(((0, 3),)),
    Sample(((3, 0),), {"axis": 1, "exclusive": True}),
    Sample(((1,),), {"exclusive": True}),
)
WRONG = (
    Wrong(([1.0],), {"axis": 1}, "TFC104", "axis 1 is out of range for a tensor of rank 1"),
    Wrong((1.0,), {}, "TFC104", "a tensor of rank 0"),
    Wrong(([True],), {}, "TFC102", "got bool"),
)


def _oracle(step: Callable[[Any, Any], Any], start: float) -> Callable[..., Any]:
    """One row after the other, in Python."""

    def oracle(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> Any:
        rows = list(np.moveaxis(x, axis, 0))
        rows = rows[::-1] if reverse else rows
        total = np.full(np.moveaxis(x, axis, 0).shape[1:], start, x.dtype)
        results = []
        for row in rows:
            updated = step(total, row).astype(x.dtype)
            results.append(total if exclusive else updated)
            total = updated
        results = results[::-1] if reverse else results
        stacked = np.stack(results) if results else np.empty_like(np.moveaxis(x, axis, 0))
        return np.moveaxis(stacked, 0, axis)

    return oracle


ROWS = [
    Row(semantics.cumsum, tf.cumsum, _oracle(np.add, 0), SAMPLES, oracle_ulp=1e-9, wrong=WRONG),
    Row(
        semantics.cumprod,
        tf.math.cumprod,
        _oracle(np.multiply, 1),
        SAMPLES,
        domain=(nonzero,),
        wrong=WRONG,
    ),
    Row(
        semantics.cumulative_logsumexp,
        tf.math.cumulative_logsumexp,
        _oracle(np.logaddexp, -np.inf),
        [sample for sample in SAMPLES if "exclusive" not in sample.attributes],
        FLOATS,
        ulp=8,
        oracle_ulp=1,
        special=False,
        wrong=WRONG[:2],
    ),
    Row(  # -inf where nothing comes before
        semantics.cumulative_logsumexp,
        tf.math.cumulative_logsumexp,
        _oracle(np.logaddexp, -np.inf),
        [sample for sample in SAMPLES if "exclusive" in sample.attributes],
        FLOATS,
        gradient=False,
        ulp=8,
        oracle_ulp=1,
        special=False,
    ),
]
