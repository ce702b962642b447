"""Rows of joining."""

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import joining as semantics
from tfc.dialects.tfc.semantics import slicing

from op_table.row import NUMBERS, Row, Sample, Wrong

ANY = (*NUMBERS, "bool")


def concat(*values, axis):
    return tf.concat(values, axis)


def stack(*values, axis=0):
    return tf.stack(values, axis)


def _pad(tensor, paddings, mode="CONSTANT", constant_values=0):
    kind = mode.lower()
    more = {"constant_values": constant_values} if kind == "constant" else {}
    return np.pad(tensor, paddings, kind, **more)


def _tile(input, multiples):
    return np.tile(input, multiples)


def _split(value, num_or_size_splits, axis=0):
    if isinstance(num_or_size_splits, int):
        return np.split(value, num_or_size_splits, axis)
    sizes = list(num_or_size_splits)
    rest = value.shape[axis] - sum(size for size in sizes if size != -1)
    sizes = [rest if size == -1 else size for size in sizes]
    return np.split(value, np.cumsum(sizes)[:-1], axis)


def _unstack(value, axis=0):
    return [np.take(value, index, axis) for index in range(value.shape[axis])]


ROWS = [
    Row(
        semantics.concat,
        concat,
        lambda *values, axis: np.concatenate(values, axis),
        [
            Sample(((4, 6), (4, 2)), {"axis": 1}),
            Sample(((4,), (3,), (0,), (1,)), {"axis": 0}),
            Sample(((2, 3, 4), (1, 3, 4)), {"axis": -3}),
            Sample(((0, 2), (0, 2)), {"axis": 0}),
            Sample(((3,),), {"axis": 0}),
        ],
        ANY,
        wrong=(
            Wrong(
                (tf.constant([1]), tf.constant([1.0])), {"axis": 0}, "TFC101", "int32 and float32"
            ),
            Wrong(([[1, 2]], [[1]]), {"axis": 0}, "TFC106", "got int32[1, 2], int32[1, 1]"),
            Wrong(([1], [[1]]), {"axis": 0}, "TFC106", "all of one rank"),
            Wrong(([1], [1]), {"axis": 1}, "TFC104", "axis 1 is out of range"),
            Wrong((1, 2), {"axis": 0}, "TFC105", "got a scalar"),
            Wrong((), {"axis": 0}, "TFC107", "the list of tensors is empty"),
        ),
    ),
    Row(
        semantics.stack,
        stack,
        lambda *values, axis=0: np.stack(values, axis),
        [
            Sample(((4,), (4,))),
            Sample(((), (), ())),
            Sample(((4,), (4,), (4,)), {"axis": -1}),
            Sample(((2, 3), (2, 3)), {"axis": 1}),
            Sample(((0,),)),
        ],
        ANY,
        wrong=(
            Wrong((tf.constant([1]), tf.constant([1.0])), {}, "TFC101", "int32 and float32"),
            Wrong(([1, 2], [1]), {}, "TFC106", "expected equal shapes, got int32[2], int32[1]"),
            Wrong(([1], [1]), {"axis": 2}, "TFC104", "axis 2 is out of range"),
            Wrong((), {}, "TFC107", "the list of tensors is empty"),
        ),
    ),
    Row(
        semantics.pad,
        tf.pad,
        _pad,
        [
            Sample(((4,),), {"paddings": [[1, 2]]}),
            Sample(((4, 3),), {"paddings": [[1, 0], [0, 2]]}),
            Sample(((4, 3),), {"paddings": [[1, 2], [3, 1]][::-1], "mode": "SYMMETRIC"}),
            Sample(((4, 5),), {"paddings": [[3, 1], [0, 4]], "mode": "REFLECT"}),
            Sample(((0, 3),), {"paddings": [[2, 0], [1, 0]]}),
        ],
        ANY,
        wrong=(
            Wrong(([1, 2],), {"paddings": [[1, -1]]}, "TFC107", ">= 0, got [1, -1]"),
            Wrong(([1, 2],), {"paddings": [[1, 1], [0, 0]]}, "TFC105", "shape [1, 2]"),
            Wrong(([1, 2],), {"paddings": [[1]]}, "TFC105", "a pair for each axis"),
            Wrong(([1, 2],), {"paddings": [[0, 2]], "mode": "REFLECT"}, "TFC106", "at most 1"),
            Wrong(([1, 2],), {"paddings": [[0, 2]], "mode": "wrap"}, "TFC107", "unknown mode"),
            Wrong(([1],), {"paddings": [[0, 1]], "constant_values": 0.5}, "TFC108", "int32"),
        ),
    ),
    Row(
        semantics.tile,
        tf.tile,
        _tile,
        [
            Sample(((4,),), {"multiples": [3]}),
            Sample(((4, 2),), {"multiples": [3, 2]}),
            Sample(((4, 2),), {"multiples": [0, 1]}),
            Sample(((1, 2),), {"multiples": [3, 1]}),
            Sample(((),), {"multiples": []}),
        ],
        ANY,
        wrong=(
            Wrong(([1, 2],), {"multiples": [1, 1]}, "TFC105", "expected 1 multiples"),
            Wrong(([1, 2],), {"multiples": [-1]}, "TFC107", ">= 0"),
        ),
    ),
    Row(
        slicing.slice_,
        tf.split,
        _split,
        [
            Sample(((4, 6),), {"num_or_size_splits": 2, "axis": 1}),
            Sample(((5,),), {"num_or_size_splits": [2, -1]}),
            Sample(((5, 2),), {"num_or_size_splits": [0, 4, 1]}),
        ],
        ["float32", "float64", "int32"],
        wrong=(
            Wrong(([1, 2, 3],), {"num_or_size_splits": 2}, "TFC106", "into 2 equal parts"),
            Wrong(([1, 2, 3],), {"num_or_size_splits": [1, 1]}, "TFC106", "add up to 2"),
            Wrong(([1, 2],), {"num_or_size_splits": [-1, -1]}, "TFC107", "only one size"),
            Wrong(([1, 2],), {"num_or_size_splits": 0}, "TFC107", "a positive number"),
            Wrong(([1, 2],), {"num_or_size_splits": 2, "axis": 1}, "TFC104", "axis 1"),
        ),
    ),
    Row(
        slicing.strided_slice,
        lambda value, axis=0: tf.unstack(value, 3, axis),
        _unstack,
        [Sample(((3, 2),)), Sample(((2, 3),), {"axis": -1})],
        ["float32", "float64", "int32"],
        wrong=(
            Wrong((1,), {"axis": 0}, "TFC104", "axis 0 is out of range"),
            Wrong(([1, 2],), {}, "TFC106", "axis 0 has size 2, not num=3"),
        ),
    ),
]
