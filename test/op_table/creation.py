"""Rows of creation."""

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import creation as semantics
from tfc.dialects.tfc.semantics import logical, shape

from op_table.row import NUMBERS, Row, Sample, Wrong

ANY = (*NUMBERS, "bool")


def _one_hot(indices, depth, axis=-1):
    hot = np.expand_dims(indices, axis) == np.expand_dims(
        np.arange(depth),
        [a for a in range(np.ndim(indices) + 1) if a != axis % (np.ndim(indices) + 1)],
    )
    return hot.astype(np.float32)


def _sequence_mask(lengths, maxlen=None):
    size = np.max(lengths, initial=0) if maxlen is None else maxlen
    return np.arange(size) < np.expand_dims(lengths, -1).astype(np.int64)


ROWS = [
    Row(
        shape.broadcast_to,
        tf.zeros_like,
        np.zeros_like,
        [Sample(((3, 4),)), Sample(((),)), Sample(((0, 2),)), Sample(((50,),))],
        ANY,
        gradient=False,
    ),
    Row(
        shape.broadcast_to,
        tf.ones_like,
        np.ones_like,
        [Sample(((3, 4),)), Sample(((),)), Sample(((50,),))],
        ANY,
        gradient=False,
    ),
    Row(
        shape.broadcast_to,
        lambda value, dims: tf.fill(dims, value),
        lambda value, dims: np.full(dims, value),
        [
            Sample(((),), {"dims": [2, 3]}),
            Sample(((),), {"dims": []}),
            Sample(((),), {"dims": [30]}),
        ],
        ANY,
        wrong=(
            Wrong(([1],), {"dims": [2]}, "TFC105", "expected a scalar as value"),
            Wrong((1,), {"dims": [-2]}, "TFC107", ">= 0, got [-2]"),
        ),
    ),
    Row(
        semantics.range_,
        tf.range,
        lambda start, limit, delta: np.arange(start, limit, delta).astype(start.dtype),
        [
            Sample(tuple(np.array(v) for v in values))
            for values in ((0, 5, 1), (2, 20, 3), (5, -4, -2), (5, 5, 1), (7, 2, 1))
        ],
        ["int32"],
        gradient=False,
        special=False,
        operand_dtypes=["int32"] * 3,
        wrong=(
            Wrong((0, 5, 0), {}, "TFC107", "delta is 0"),
            Wrong(([0], 5, 1), {}, "TFC105", "expected scalars"),
        ),
    ),
    Row(
        semantics.range_,
        tf.range,
        lambda start, limit, delta: (
            start + np.arange(int(np.ceil((limit - start) / delta))).astype(start.dtype) * delta
        ),
        [
            Sample(tuple(np.array(v) for v in values))
            for values in ((0.0, 5.0, 1.0), (0.5, 3.0, 0.3), (1.0, -1.0, -0.25), (2.0, 2.0, 1.0))
        ],
        ["float32", "float64"],
        gradient=False,
        special=False,
    ),
    Row(
        semantics.range_,
        tf.one_hot,
        _one_hot,
        [
            Sample((np.array([0, 2, -1, 5]),), {"depth": 3}),
            Sample((np.array([[1, 0], [2, 2]]),), {"depth": 3, "axis": 1}),
            Sample((np.array([[1, 0], [2, 2]]),), {"depth": 4, "axis": 0}),
            Sample((np.array(2),), {"depth": 20}),
        ],
        ["int32"],
        gradient=False,
        operand_dtypes=["int32"],
        wrong=(Wrong(([1.0],), {"depth": 2}, "TFC102", "expected integer indices"),),
    ),
    Row(
        semantics.range_,
        tf.sequence_mask,
        _sequence_mask,
        [
            Sample((np.array([1, 3, 0]),), {"maxlen": 4}),
            Sample((np.array([[1, 3], [0, 2]]),)),
            Sample((np.array(2),), {"maxlen": 20}),
        ],
        ["int32"],
        gradient=False,
        operand_dtypes=["int32"],
    ),
    Row(
        logical.select,
        tf.linspace,
        lambda start, stop, num: np.linspace(start, stop, num).astype(start.dtype),
        [
            Sample(((), ()), {"num": 5}),
            Sample(((3,), (3,)), {"num": 30}),
            Sample(((), ()), {"num": 1}),
        ],
        ["float32", "float64"],
        special=False,
        oracle_ulp=4,
        ulp=1,
        wrong=(Wrong((0.0, 1.0), {"num": -1}, "TFC107", "expected num >= 0"),),
    ),
    Row(
        shape.broadcast_to,
        lambda x, y, indexing: tf.meshgrid(x, y, indexing=indexing),
        lambda x, y, indexing: list(np.meshgrid(x, y, indexing=indexing)),
        [Sample(((3,), (4,)), {"indexing": "xy"}), Sample(((3,), (4,)), {"indexing": "ij"})],
        ANY,
        wrong=(Wrong(([1], [2]), {"indexing": "yx"}, "TFC107", "unknown indexing 'yx'"),),
    ),
]
