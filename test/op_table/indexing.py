"""Rows of indexing: gather and scatter."""

from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import indexing as semantics
from tfc.ops.indexing import scatter_along

from op_table.row import NUMBERS, Row, Sample, Wrong

ANY = (*NUMBERS, "bool")


def _loop_gather(params: Any, indices: Any, axis: int | None = None, batch_dims: int = 0) -> Any:
    axis = batch_dims if axis is None else axis % params.ndim
    if not batch_dims:
        return np.take(params, indices, axis)
    rows = [
        _loop_gather(p, i, axis - 1, batch_dims - 1) for p, i in zip(params, indices, strict=True)
    ]
    return np.stack(rows)


def _loop_gather_nd(params: Any, indices: Any, batch_dims: int = 0) -> Any:
    if batch_dims:
        pairs = zip(params, indices, strict=True)
        return np.stack([_loop_gather_nd(p, i, batch_dims - 1) for p, i in pairs])
    entries = indices.reshape((-1, indices.shape[-1]))
    found = [params[tuple(entry)] for entry in entries]
    inner = params.shape[indices.shape[-1] :]
    return np.array(found, params.dtype).reshape(indices.shape[:-1] + inner)


COMBINE = {
    "update": lambda old, new: new,
    "add": lambda old, new: old + new,
    "sub": lambda old, new: old - new,
    "mul": lambda old, new: old * new,
    "min": np.minimum,
    "max": np.maximum,
}


def _loop_scatter_nd(combiner: str) -> Any:
    def oracle(tensor: Any, indices: Any, updates: Any) -> Any:
        result = tensor.copy()
        for place in np.ndindex(indices.shape[:-1]):
            where = tuple(indices[place])
            result[where] = COMBINE[combiner](result[where], updates[place])
        return result

    return oracle


def _scatter_nd(updates: Any, indices: Any, shape: Any) -> Any:
    return _loop_scatter_nd("add")(np.zeros(shape, updates.dtype), indices, updates)


def _loop_scatter_along(
    x: Any, indices: Any, updates: Any, axis: int, batch_dims: int = 0, combiner: str = "add",
    negative: str = "error",
) -> Any:  # fmt: skip
    result = x.copy()
    axis %= x.ndim
    last = axis + indices.ndim - batch_dims
    for place in np.ndindex(updates.shape):
        index = int(indices[(*place[:batch_dims], *place[axis:last])])
        if index < 0 and negative == "drop":
            continue
        where = (*place[:axis], index, *place[last:])
        result[where] = COMBINE[combiner](result[where], updates[place])
    return result


def _pairs(*samples: Any) -> list[Sample]:
    return [
        Sample((shape, np.array(indices, np.int32), *rest), attributes)
        for shape, indices, *rest, attributes in samples
    ]


SCATTER_ND = _pairs(
    ((4, 3), [[1, 2], [0, 0], [1, 2]], (3,), {}),
    ((4, 3), [[1], [3], [1]], (3, 3), {}),
    ((4,), [[[1], [2]], [[0], [1]]], (2, 2), {}),
    ((4, 3), [1, 2], (), {}),
    ((4, 3), np.zeros((0, 1)), (0, 3), {}),
)
SCATTER_WRONG = (
    Wrong(
        (np.zeros(3), [[3]], [1.0]), {}, "TFC201", "index 3 is out of range for axis 0 of size 3"
    ),
    Wrong((np.zeros(3), [[-1]], [1.0]), {}, "TFC201", "index -1 is out of range"),
    Wrong((np.zeros(3), [[0.0]], [1.0]), {}, "TFC102", "expected integer indices, got float32"),
    Wrong((np.zeros(3), [[0]], tf.constant([1])), {}, "TFC101", "float64 and int32"),
    Wrong((np.zeros(3), [[0]], [1.0, 2.0]), {}, "TFC106", "updates of shape [1], got [2]"),
    Wrong((np.zeros(3), [[0, 0]], [1.0]), {}, "TFC106", "addresses 2 axes"),
    Wrong((np.zeros(3), 0, 1.0), {}, "TFC105", "last axis has a known size, got int32[]"),
)


def _spread(x: np.ndarray) -> np.ndarray:
    """Distinct numbers away from zero: nothing is equal, so that extremes and products are smooth."""
    return np.where(x < 0, x - 0.5, x + 0.5)


SEGMENT_IDS = np.array([2, 0, 2, -1, 0, 4], np.int32)
SORTED_IDS = np.array([0, 0, 1, 3, 3, 3], np.int32)
REDUCE = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "mean": np.mean}


def _segments(kind: str, ids: Any, empty: Any) -> Any:
    """Each segment reduced by itself; `empty` gives what a dtype has for a segment without entries."""

    def oracle(data: Any, *_: Any) -> Any:
        count = ids.max() + 2 if ids is SEGMENT_IDS else ids.max() + 1
        result = np.full((count, *data.shape[1:]), empty(data.dtype), data.dtype)
        for number in range(count):
            rows = data[ids == number]
            if len(rows):
                result[number] = REDUCE[kind](rows, axis=0)
        return result

    return oracle


def _limits(dtype: Any) -> Any:
    return np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(dtype)


EMPTY = {
    "sum": lambda dtype: 0,
    "prod": lambda dtype: 1,
    "mean": lambda dtype: 0,
    "max": lambda dtype: _limits(dtype).min,
    "min": lambda dtype: _limits(dtype).max,
}
SEGMENT_DTYPES = ["int32", "float32", "float64"]
SEGMENT_WRONG = (
    Wrong(([1, 2], [0.0, 1.0]), {}, "TFC102", "expected integer segment ids"),
    Wrong(([1, 2], [0]), {}, "TFC106", "does not begin with"),
    Wrong(([1, 2], [1, 0]), {}, "TFC107", "must ascend, got [1, 0]"),
    Wrong(([[1, 2]], [[0, 0]]), {}, "TFC105", "expected a vector of segment ids"),
)


def _segment_rows(kind: str) -> list[Row]:
    unsorted = getattr(tf.math, f"unsorted_segment_{kind}")
    by_order = getattr(tf.math, f"segment_{kind}")
    dtypes = SEGMENT_DTYPES if kind != "mean" else ["float32", "float64"]
    missing = EMPTY["sum"] if kind in ("max", "min") else EMPTY[kind]
    samples = [Sample(((6,),)), Sample(((6, 3),))]
    return [
        Row(
            semantics.scatter_along,
            lambda data: unsorted(data, SEGMENT_IDS, 6),
            _segments(kind, SEGMENT_IDS, EMPTY[kind]),
            samples,
            dtypes,
            gradient=kind not in ("max", "min"),  # empty segments hold the largest number
            domain=[_spread],
            special=False,
            oracle_ulp=2,
        ),
        Row(
            semantics.scatter_along,
            lambda data, ids=SORTED_IDS: by_order(data, ids),
            _segments(kind, SORTED_IDS, missing),
            samples,
            dtypes,
            domain=[_spread],
            special=False,
            oracle_ulp=2,
            wrong=SEGMENT_WRONG,
        ),
    ]


def _scatter_row(combiner: str, function: Any) -> Row:
    return Row(
        semantics.scatter_nd,
        function,
        _loop_scatter_nd(combiner),
        SCATTER_ND,
        ANY if combiner == "update" else NUMBERS,
        domain=[_spread, _spread, _spread],
        special=combiner not in ("min", "max"),
        operand_dtypes=[None, "int32", None],
        static_operands=[1],
        wrong=SCATTER_WRONG,
    )


ROWS = [
    Row(
        semantics.gather,
        tf.gather,
        _loop_gather,
        _pairs(
            ((9, 4), [1, 3, 8], {}),
            ((9, 4), [1, 3, 3], {"axis": 1}),
            ((9, 4), 5, {}),
            ((9,), 5, {"axis": -1}),
            ((2, 5, 4), [[1, 3, 4], [0, 0, 2]], {"batch_dims": 1}),
            ((2, 5, 4), [[1, 3, 2], [0, 0, 2]], {"batch_dims": 1, "axis": 2}),
            ((2, 3, 4), [[0, 1, 2], [3, 3, 0]], {"batch_dims": 2, "axis": 2}),
            ((0, 4), np.zeros((0,)), {}),
        ),
        ANY,
        operand_dtypes=[None, "int32"],
        wrong=(
            Wrong(([1, 2], [2]), {}, "TFC201", "index 2 is out of range for axis 0 of size 2"),
            Wrong(([1, 2], [0, -1]), {}, "TFC201", "index -1 is out of range"),
            Wrong(([1, 2], [0.0]), {}, "TFC102", "expected integer indices, got float32"),
            Wrong((1, [0]), {}, "TFC105", "expected a tensor with axes"),
            Wrong(([1, 2], [0]), {"axis": 1}, "TFC104", "axis 1 is out of range"),
            Wrong(([1, 2], [0]), {"batch_dims": 2}, "TFC104", "axis 2"),
            Wrong(([[1, 2]], [0]), {"axis": 0, "batch_dims": 1}, "TFC107", "batch_dims=1"),
            Wrong(([[1, 2]], [[0], [1]]), {"batch_dims": 1}, "TFC106", "is a batch axis of size 1"),
        ),
    ),
    Row(
        semantics.gather_nd,
        tf.gather_nd,
        _loop_gather_nd,
        _pairs(
            ((4, 3), [[1, 2], [0, 0]], {}),
            ((4, 3), [[1], [3]], {}),
            ((4, 3), [1, 2], {}),
            ((2, 4, 3), [[[1], [3]], [[0], [2]]], {"batch_dims": 1}),
            ((3, 2), np.zeros((0, 1)), {}),
        ),
        ANY,
        static_operands=[1],
        operand_dtypes=[None, "int32"],
        wrong=(
            Wrong(([1, 2], [[2]]), {}, "TFC201", "index 2 is out of range"),
            Wrong(([1, 2], [[0, 0]]), {}, "TFC106", "addresses 2 axes"),
            Wrong(([1, 2], [[0.0]]), {}, "TFC102", "expected integer indices"),
        ),
    ),
    _scatter_row("update", tf.tensor_scatter_nd_update),
    _scatter_row("add", tf.tensor_scatter_nd_add),
    _scatter_row("sub", tf.tensor_scatter_nd_sub),
    _scatter_row("min", tf.tensor_scatter_nd_min),
    _scatter_row("max", tf.tensor_scatter_nd_max),
    Row(
        semantics.scatter_nd,
        lambda updates, indices, shape: tf.scatter_nd(indices, updates, shape),
        _scatter_nd,
        _pairs(((3,), [[1], [3], [1]], {"shape": [4]}), ((2, 5), [[1], [1]], {"shape": [3, 5]})),
        NUMBERS,
        static_operands=[1],
        operand_dtypes=[None, "int32"],
    ),
    *(
        Row(
            semantics.scatter_along,
            scatter_along,
            _loop_scatter_along,
            _pairs(
                ((9, 4), [1, 3, 1], (3, 4), {"axis": 0, "combiner": combiner}),
                (
                    (2, 9),
                    [[1, 3, 1], [2, 2, 2]],
                    (2, 3),
                    {"axis": 1, "batch_dims": 1, "combiner": combiner},
                ),
                ((4, 9), [1, -1, 1], (4, 3), {"axis": 1, "combiner": combiner, "negative": "drop"}),
                ((5,), 3, (), {"axis": 0, "combiner": combiner}),
            ),
            NUMBERS,
            domain=[_spread, _spread, _spread],
            special=combiner not in ("min", "max"),
            operand_dtypes=[None, "int32", None],
        )
        for combiner in COMBINE
    ),
    *(row for kind in REDUCE for row in _segment_rows(kind)),
    Row(
        semantics.scatter_along,
        tf.math.bincount,
        lambda arr, minlength=0: np.bincount(arr.ravel(), minlength=minlength).astype(np.int32),
        [
            Sample((np.array([1, 1, 3, 0]),)),
            Sample((np.array([[1, 1], [2, 2]]),), {"minlength": 5}),
            Sample((np.zeros((0,)),)),
        ],
        ["int32"],
        gradient=False,
        operand_dtypes=["int32"],
        wrong=(
            Wrong(([1.0],), {}, "TFC102", "expected integers, got float32"),
            Wrong(([-1],), {}, "TFC201", "index -1 is out of range"),
            Wrong(([1],), {"axis": 2}, "TFC107", "unknown axis 2"),
            Wrong(([1],), {"weights": [1.0, 2.0]}, "TFC106", "got weights float32[2]"),
        ),
    ),
    Row(
        semantics.scatter_along,
        tf.histogram_fixed_width,
        lambda values, value_range, nbins: np.bincount(
            np.clip(np.floor(values * 5).astype(int) + 5, 0, nbins - 1), minlength=nbins
        ).astype(np.int32),
        [Sample((np.array([-0.95, -0.5, 0.5, 0.95, 3.0]),), {"value_range": [-1, 1], "nbins": 10})],
        ["float64"],
        gradient=False,
        special=False,
        wrong=(
            Wrong(([1.0],), {"value_range": [0.0]}, "TFC105", "expected [low, high]"),
            Wrong(([1.0],), {"value_range": [0, 1], "nbins": 0}, "TFC107", "expected nbins > 0"),
        ),
    ),
    Row(
        semantics.scatter_nd,
        tf.math.confusion_matrix,
        lambda labels, predictions, num_classes=3: np.array(
            [
                [np.sum((labels == i) & (predictions == j)) for j in range(num_classes)]
                for i in range(num_classes)
            ],
            np.int32,
        ),
        [
            Sample((np.array([1, 2, 1]), np.array([1, 2, 0]))),
            Sample((np.array([1, 2, 1]), np.array([1, 2, 0])), {"num_classes": 4}),
        ],
        ["int32"],
        gradient=False,
        operand_dtypes=["int32", "int32"],
        wrong=(Wrong(([2], [0]), {"num_classes": 2}, "TFC201", "index 2 is out of range"),),
    ),
]
