"""Rows of shape."""

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import shape as semantics

from op_table.row import NUMBERS, Row, Sample, Wrong

ANY = (*NUMBERS, "bool")


def _squeeze(x, axis=None):
    return np.squeeze(x, None if axis is None else tuple(np.atleast_1d(axis)))


ROWS = [
    Row(
        semantics.identity,
        tf.identity,
        lambda input: input,
        [Sample(((3, 4),)), Sample(((),)), Sample(((0,),))],
        ANY,
    ),
    Row(
        semantics.reshape,
        tf.reshape,
        np.reshape,
        [
            Sample(((4, 6),), {"shape": [24]}),
            Sample(((4, 6),), {"shape": [2, -1, 3]}),
            Sample(((2, 3, 4),), {"shape": (6, 4)}),
            Sample(((1, 1),), {"shape": []}),
            Sample(((),), {"shape": [1, 1]}),
            Sample(((0, 3),), {"shape": [3, 0]}),
            Sample(((0, 3),), {"shape": [-1, 3]}),
            Sample(((5, 1, 2),), {"shape": [1, 5, 2, 1]}),
        ],
        ANY,
        wrong=(
            Wrong(([1, 2, 3],), {"shape": [2, 2]}, "TFC106", "int32[3] has 3 elements"),
            Wrong(([1, 2, 3],), {"shape": [-1, 2]}, "TFC106", "do not fill shape [-1, 2]"),
            Wrong(([1, 2],), {"shape": [-1, -1]}, "TFC107", "only one size can be -1"),
            Wrong(([1, 2],), {"shape": [-2, -1]}, "TFC107", ">= 0"),
            Wrong(([1, 2],), {"shape": [1.5]}, "TFC108", "expected integers, got 1.5"),
            Wrong(([1, 2],), {"shape": np.array([1.0])}, "TFC102", "integer tensor, got float64"),
            Wrong(([1, 2],), {"shape": [[2]]}, "TFC108", "expected integers"),
        ),
    ),
    Row(
        semantics.transpose,
        tf.transpose,
        lambda a, perm=None: np.transpose(a, perm),
        [
            Sample(((3, 4),)),
            Sample(((2, 3, 4),), {"perm": [2, 0, 1]}),
            Sample(((2, 3, 4, 5),), {"perm": [0, 2, 1, 3]}),
            Sample(((2, 3),), {"perm": [-1, 0]}),
            Sample(((),)),
            Sample(((0, 4),)),
        ],
        ANY,
        wrong=(
            Wrong(([[1, 2]],), {"perm": [0, 0]}, "TFC104", "a permutation of the axes 0..1"),
            Wrong(([[1, 2]],), {"perm": [0]}, "TFC104", "got [0]"),
        ),
    ),
    Row(
        semantics.expand_dims,
        tf.expand_dims,
        np.expand_dims,
        [
            Sample(((3,),), {"axis": 0}),
            Sample(((3, 4),), {"axis": -1}),
            Sample(((3, 4),), {"axis": 1}),
            Sample(((),), {"axis": 0}),
        ],
        ANY,
        wrong=(Wrong(([1, 2],), {"axis": 3}, "TFC104", "axis 3 is out of range"),),
    ),
    Row(
        semantics.squeeze,
        tf.squeeze,
        lambda input, axis=None: _squeeze(input, axis),
        [
            Sample(((3, 1, 4, 1),)),
            Sample(((3, 1, 4, 1),), {"axis": 1}),
            Sample(((1, 3, 1),), {"axis": [-1, 0]}),
            Sample(((1, 1),)),
            Sample(((3,),)),
        ],
        ANY,
        wrong=(
            Wrong(([[1, 2]],), {"axis": 1}, "TFC106", "axis 1 has size 2, expected 1"),
            Wrong(([[1, 2]],), {"axis": 2}, "TFC104", "axis 2 is out of range"),
        ),
    ),
    Row(
        semantics.broadcast_to,
        tf.broadcast_to,
        lambda input, shape: np.broadcast_to(input, shape).copy(),
        [
            Sample(((4,),), {"shape": [3, 4]}),
            Sample(((4, 1),), {"shape": [2, 4, 5]}),
            Sample(((),), {"shape": [2, 2]}),
            Sample(((1,),), {"shape": [0]}),
            Sample(((4,),), {"shape": [4]}),
        ],
        ANY,
        wrong=(
            Wrong(([1, 2],), {"shape": [3]}, "TFC103", "int32[2] does not broadcast to shape [3]"),
            Wrong(([1, 2],), {"shape": []}, "TFC103", "does not broadcast"),
            Wrong(([1],), {"shape": [-1]}, "TFC107", ">= 0"),
        ),
    ),
    Row(
        semantics.reverse,
        tf.reverse,
        np.flip,
        [
            Sample(((4,),), {"axis": [0]}),
            Sample(((4, 5),), {"axis": [1]}),
            Sample(((4, 5),), {"axis": [0, -1]}),
            Sample(((0, 5),), {"axis": [0]}),
        ],
        ANY,
        wrong=(
            Wrong(([1, 2],), {"axis": [1]}, "TFC104", "axis 1 is out of range"),
            Wrong(([1, 2],), {"axis": [0, 0]}, "TFC104", "duplicate axis"),
        ),
    ),
    Row(
        semantics.dim,
        tf.shape,
        lambda input, out_type=tf.int32: np.array(np.shape(input), out_type.as_numpy_dtype),
        [
            Sample(((4, 5),)),
            Sample(((),)),
            Sample(((4, 0),), {"out_type": tf.int64}),
        ],
        ["float32", "bool"],
        gradient=False,
        special=False,
    ),
    Row(
        semantics.dim,
        tf.size,
        lambda input: np.array(np.size(input), np.int32),
        [Sample(((4, 5),)), Sample(((),)), Sample(((0, 2),))],
        ["float32"],
        gradient=False,
        special=False,
    ),
    Row(
        semantics.ensure_shape,
        tf.ensure_shape,
        lambda x, shape: x,
        [Sample(((4, 5),), {"shape": [None, 5]}), Sample(((3,),), {"shape": [3]})],
        ANY,
        wrong=(
            Wrong(([1, 2],), {"shape": [3]}, "TFC106", "expected shape [3], got int32[2]"),
            Wrong(([1, 2],), {"shape": [None, 2]}, "TFC106", "expected shape [?, 2]"),
        ),
    ),
]
