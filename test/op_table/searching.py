"""Rows of searching: sorting, looking up, results whose size depends on the data."""

from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import indexing
from tfc.dialects.tfc.semantics import searching as semantics

from op_table.row import NUMBERS, Row, Sample, Wrong

ANY = (*NUMBERS, "bool")
MOST = [name for name in NUMBERS if name != "bfloat16"]


def _order(x: Any, axis: int, direction: str) -> Any:
    """The stable order by comparing pairs: NaNs last, equal elements as they come."""
    x = np.moveaxis(np.asarray(x), axis, -1)
    result = np.empty(x.shape, np.int32)
    sign = -1 if direction == "DESCENDING" else 1
    for place in np.ndindex(x.shape[:-1]):
        row = [float(value) for value in x[place]]
        keys = [(1, 0.0, i) if v != v else (0, sign * v, i) for i, v in enumerate(row)]  # noqa: PLR0124
        result[place] = [i for _, _, i in sorted(keys)]
    return np.moveaxis(result, -1, axis)


def _argsort(values: Any, axis: int = -1, direction: str = "ASCENDING") -> Any:
    return _order(values, axis, direction)


def _sort(values: Any, axis: int = -1, direction: str = "ASCENDING") -> Any:
    """By comparing, except that -0.0 is less than 0.0."""
    ordered = np.take_along_axis(values, _order(values, axis, direction), axis)
    if ordered.dtype.kind not in "fV":
        return ordered
    rows = np.moveaxis(ordered, axis, -1).copy()
    for place in np.ndindex(rows.shape[:-1]):
        zeros = rows[place] == 0
        negative = np.sort(np.signbit(rows[place][zeros]))
        signs = negative if direction == "DESCENDING" else negative[::-1]
        rows[place][zeros] = np.where(signs, -0.0, 0.0).astype(rows.dtype)
    return np.moveaxis(rows, -1, axis)


def _top_k(input: Any, k: int) -> Any:
    indices = _order(input, -1, "DESCENDING")[..., :k]
    return [np.take_along_axis(input, indices, -1), indices]


def _unique(x: Any) -> Any:
    seen: list[Any] = []
    index = np.empty(x.shape, np.int32)
    for place, value in enumerate(x):
        found = [i for i, other in enumerate(seen) if other == value]
        index[place] = found[0] if found else len(seen)
        if not found:
            seen.append(value)
    counts = np.array([np.sum(index == i) for i in range(len(seen))], np.int32)
    return [np.array(seen, x.dtype), index, counts]


def _where(condition: Any) -> Any:
    found = [place for place in np.ndindex(condition.shape) if condition[place]]
    return np.array(found, np.int64).reshape((len(found), condition.ndim))


def _roll(input: Any, shift: Any, axis: Any) -> Any:
    return np.roll(input, shift, axis)


def _apart(x: np.ndarray) -> np.ndarray:
    """Numbers far enough from each other that a small change does not change their order."""
    return np.argsort(np.argsort(x, axis=None)).reshape(x.shape) / 8.0


def _searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    sequence = np.sort(sorted_sequence, axis=-1)
    if sequence.ndim == 1:
        return np.searchsorted(sequence, values, side).astype(np.int32)
    rows = [_searchsorted(s, v, side) for s, v in zip(sequence, values, strict=True)]
    return np.stack(rows)


SORTS = [
    Sample(((9,),)),
    Sample(((3, 8),), {"direction": "DESCENDING"}),
    Sample(((3, 8, 2),), {"axis": 1}),
    Sample(((5, 3),), {"axis": 0, "direction": "DESCENDING"}),
    Sample(((1,),)),
    Sample(((0,),)),
    Sample(((65,),)),
    Sample(((11, 20),), {"direction": "DESCENDING"}),
    Sample(((2, 300),)),
]
SORT_WRONG = (
    Wrong(([1, 2],), {"direction": "UP"}, "TFC107", "unknown direction 'UP'"),
    Wrong((1,), {}, "TFC105", "expected a tensor with axes, got a scalar"),
    Wrong(([1, 2],), {"axis": 1}, "TFC104", "axis 1 is out of range"),
)

ROWS = [
    Row(semantics.sort, tf.sort, _sort, SORTS, MOST, domain=[_apart], wrong=SORT_WRONG),
    Row(semantics.argsort, tf.argsort, _argsort, SORTS, MOST, gradient=False, wrong=SORT_WRONG),
    Row(
        indexing.gather,
        lambda input, k: list(tf.math.top_k(input, k)),
        _top_k,
        [Sample(((9,),), {"k": 3}), Sample(((3, 8),), {"k": 1}), Sample(((2, 3, 4),), {"k": 4})],
        MOST,
        domain=[_apart],
        wrong=(Wrong(([1, 2],), {"k": 3}, "TFC201", "k=3 is more than the 2 elements of a row"),),
    ),
    Row(
        semantics.searchsorted,
        lambda sorted_sequence, values, side="left": tf.searchsorted(
            tf.sort(sorted_sequence), values, side
        ),
        _searchsorted,
        [
            Sample(((9,), (5,))),
            Sample(((9,), (5,)), {"side": "right"}),
            Sample(((2, 5), (2, 3))),
            Sample(((4,), (2, 3)), {"side": "right"}),
            Sample(((0,), (2,))),
        ],
        MOST,
        gradient=False,
        wrong=(
            Wrong((tf.constant([1]), tf.constant([1.0])), {}, "TFC101", "int32 and float32"),
            Wrong(([1, 2], [1]), {"side": "middle"}, "TFC107", "unknown side 'middle'"),
            Wrong(([[1, 2]], [[1], [2]]), {}, "TFC106", "differ in other axes"),
        ),
    ),
    Row(
        semantics.unique,
        lambda x: list(tf.unique_with_counts(x)),
        _unique,
        [Sample(((9,),)), Sample((np.array([3, 1, 3, 2, 1]),)), Sample(((0,),)), Sample(((40,),))],
        MOST,
        gradient=False,
        wrong=(Wrong(([[1]],), {}, "TFC105", "expected a vector, got int32[1, 1]"),),
    ),
    Row(
        semantics.nonzero,
        tf.where,
        _where,
        [
            Sample(((4, 3),)),
            Sample(((7,),)),
            Sample(((),)),
            Sample(((0, 2),)),
            Sample(((2, 2, 3),)),
        ],
        ANY,
        gradient=False,
    ),
    Row(
        indexing.gather,
        tf.boolean_mask,
        lambda tensor, mask, axis=0: tensor[(*[slice(None)] * axis, mask)],
        [
            Sample(((4, 3), np.array([True, False, True, True]))),
            Sample(((4, 3), np.arange(12).reshape(4, 3) % 2 > 0)),
            Sample(((2, 4), np.array([True, False, False, True])), {"axis": 1}),
            Sample(((3,), np.array([False, False, False]))),
        ],
        ["float32", "float64", "int32"],
        operand_dtypes=[None, "bool"],
        wrong=(
            Wrong(([1, 2], [1, 0]), {}, "TFC102", "expected a bool mask, got int32"),
            Wrong(([1, 2], True), {}, "TFC105", "the mask is a scalar"),
            Wrong(([1, 2], [True]), {}, "TFC207", "the mask has size 1"),
            Wrong(([1, 2], [[True]]), {}, "TFC106", "does not fit"),
        ),
    ),
    Row(
        semantics.repeat_indices,
        lambda repeats: tf.repeat(np.arange(4), repeats),
        lambda repeats: np.repeat(np.arange(4), repeats),
        [Sample((np.array([2, 0, 3, 1]),))],
        ["int32"],
        gradient=False,
        operand_dtypes=["int32"],
    ),
    Row(
        indexing.gather,
        tf.repeat,
        lambda input, repeats, axis=None: np.repeat(input, repeats, axis),
        [
            Sample(((3,), np.array([2, 0, 3]))),
            Sample(((2, 3), np.array([1, 2])), {"axis": 0}),
            Sample(((2, 3), np.array([1, 0, 2])), {"axis": -1}),
            Sample(((2, 2), np.array(3))),
            Sample(((2, 2), np.array(2)), {"axis": 0}),
        ],
        ["float32", "float64", "int32"],
        operand_dtypes=[None, "int32"],
        wrong=(
            Wrong(([1, 2], [1, -1]), {}, "TFC107", ">= 0, got -1"),
            Wrong(([1, 2], [1, 1, 1]), {}, "TFC106", "expected 2 counts"),
            Wrong(([1, 2], 2), {"axis": 1}, "TFC104", "axis 1 is out of range"),
        ),
    ),
    Row(
        indexing.gather,
        tf.roll,
        _roll,
        [
            Sample(((5,),), {"shift": 2, "axis": 0}),
            Sample(((3, 4),), {"shift": [1, -5], "axis": [0, 1]}),
            Sample(((3, 4),), {"shift": 0, "axis": -1}),
            Sample(((0,),), {"shift": 3, "axis": 0}),
        ],
        ["float32", "float64", "int32"],
        wrong=(
            Wrong(([1, 2],), {"shift": [1, 2], "axis": 0}, "TFC106", "got 2 shifts for 1 axes"),
            Wrong(([1, 2],), {"shift": 1, "axis": 1}, "TFC104", "axis 1 is out of range"),
        ),
    ),
]
