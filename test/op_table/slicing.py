"""Rows of slicing: `x[...]`, `tf.slice`, and replacing what they select."""

from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import indexing
from tfc.dialects.tfc.semantics import slicing as semantics
from tfc.ops.items import set_item
from tfc.ops.slicing import basic_slice_update

from op_table.row import NUMBERS, Row, Sample, Wrong

ANY = (*NUMBERS, "bool")
SOME = ("float32", "float64", "int32", "uint8", "bool")
FEW = ("float32", "float64", "int32")


def _slice(input_: Any, begin: Any, size: Any) -> Any:
    return input_[
        tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begin, size, strict=True))
    ]


def _updated(x: Any, value: Any, begin: Any) -> Any:
    result = x.copy()
    result[tuple(slice(b, b + n) for b, n in zip(begin, value.shape, strict=True))] = value
    return result


def item(x: Any, key: Any) -> Any:
    return x[key]


def assigned(x: Any, value: Any, key: Any) -> Any:
    return set_item(tf.convert_to_tensor(x), key, value)


def _assigned(x: Any, value: Any, key: Any) -> Any:
    result = x.copy()
    result[key] = value
    return result


def _key(*items: Any) -> dict[str, Any]:
    return {"key": items if len(items) != 1 else items[0]}


def _keys(shape: tuple[int, ...], *keys: Any) -> list[Sample]:
    return [Sample((shape,), _key(*(k if isinstance(k, tuple) else (k,)))) for k in keys]


def _pairs(shape: tuple[int, ...], *keys: Any) -> list[Sample]:
    """Keys with values of exactly the shape they select."""
    return [Sample((shape, np.empty(shape)[key].shape), {"key": key}) for key in keys]


s = slice
BASIC = [
    *_keys((9,), s(None), s(1, -1), s(None, None, 2), s(None, None, -1), s(7, 1, -3), s(20, 30)),
    *_keys((9,), s(-2, 0, -2), s(100, -100, -4), s(-100, 3), ..., None),
    *_keys((4, 6), (s(1, 3), s(None, None, -2)), (..., None), (None, s(2), ..., s(1, None))),
    *_keys((0,), s(None, None, -1)),
    *_keys((2, 3, 4), (..., s(1, 3)), (s(None), None, s(1), None)),
]
INDEXED = [
    *_keys((4, 6), 2, -1, (1, -2), (s(None, None, -1), 3), (..., 0), (None, 3)),
    *_keys((2, 3, 4), (1, s(1, 3), 0), (..., -1, None)),
]
VECTOR, MATRIX = np.array([2, 0, -1]), np.array([[0, 1], [2, -2]])
MASK, ROWS_MASK = np.arange(12).reshape(4, 3) % 3 > 0, np.array([True, False, True, True])
BY_TENSOR = [
    *_keys((4, 3), VECTOR, MATRIX, (s(None), VECTOR), (VECTOR, VECTOR), (MATRIX, 1), (1, VECTOR)),
    *_keys((4, 3), (s(1, 3), VECTOR), (None, VECTOR), (VECTOR, None), (..., VECTOR)),
    *_keys((4, 3, 5), (VECTOR, s(None), VECTOR), (s(None), VECTOR, VECTOR), (0, s(None), VECTOR)),
    *_keys((4, 3, 5), (VECTOR, VECTOR[:, None]), (s(None, None, -1), VECTOR, s(1, 3))),
    *_keys((4, 3), [0, 2], ([0, 1], [2, 0])),
]
BY_MASK = [
    *_keys((4, 3), MASK, ROWS_MASK, (s(None), MASK[1]), (ROWS_MASK, 1), (ROWS_MASK, s(1, None))),
    *_keys((4, 3, 2), MASK, (ROWS_MASK, ..., 0)),
]

ROWS = [
    Row(
        semantics.slice_,
        tf.slice,
        _slice,
        [
            Sample(((4, 6),), {"begin": [1, 0], "size": [2, 3]}),
            Sample(((4, 6),), {"begin": [1, 2], "size": [-1, -1]}),
            Sample(((4,),), {"begin": [4], "size": [0]}),
        ],
        ANY,
        wrong=(
            Wrong(([1, 2],), {"begin": [1], "size": [2]}, "TFC201", "1 + 2 is beyond the end"),
            Wrong(([1, 2],), {"begin": [-1], "size": [1]}, "TFC201", "begin and size >= 0"),
            Wrong(([1, 2],), {"begin": [0, 0], "size": [1, 1]}, "TFC105", "expected 1 bounds"),
        ),
    ),
    Row(
        semantics.slice_update,
        basic_slice_update,
        _updated,
        [
            Sample(((4, 6), (2, 3)), {"begin": [1, 0]}),
            Sample(((4,), (0,)), {"begin": [2]}),
            Sample(((4,), (4,)), {"begin": [0]}),
        ],
        ANY,
    ),
    Row(
        semantics.strided_slice,
        tf.strided_slice,
        lambda input_, begin, end, strides=None: input_[
            tuple(
                slice(b, e, t)
                for b, e, t in zip(begin, end, strides or [1] * len(begin), strict=True)
            )
        ],
        [
            Sample(((4, 6),), {"begin": [1, 5], "end": [3, 0], "strides": [1, -2]}),
            Sample(((9,),), {"begin": [-3], "end": [-1]}),
        ],
        ANY,
        wrong=(
            Wrong(
                ([1, 2],), {"begin": [0], "end": [1], "strides": [0]}, "TFC107", "step of axis 0"
            ),
            Wrong(([1, 2],), {"begin": [0], "end": [1, 2]}, "TFC105", "lengths 1, 2 and 1"),
        ),
    ),
    Row(semantics.strided_slice, item, item, BASIC, SOME),
    Row(
        semantics.strided_slice,
        lambda x, key: tf.constant(x)[key],
        item,
        INDEXED,
        SOME,
        wrong=(
            Wrong(([1, 2],), {"key": 2}, "TFC201", "index 2 is out of range for axis 0 of size 2"),
            Wrong(([1, 2],), {"key": (0, 0)}, "TFC201", "too many indices: 2"),
            Wrong(([1, 2],), {"key": (..., ...)}, "TFC201", "one '...' only"),
            Wrong(([1, 2],), {"key": 1.5}, "TFC112", "got 1.5"),
            Wrong(([1, 2],), {"key": np.array([0.5])}, "TFC112", "got float64[1]"),
            Wrong(([1, 2],), {"key": slice(0.5, None)}, "TFC112", "as a slice bound, got 0.5"),
            Wrong(([1, 2],), {"key": slice(0, 1, 0)}, "TFC107", "the step of axis 0 is 0"),
            Wrong(([1, 2],), {"key": np.array([True])}, "TFC207", "the mask has size 1"),
            Wrong(([1, 2],), {"key": np.array([5, 0])}, "TFC201", "index 5 is out of range"),
        ),
    ),
    Row(indexing.gather, item, item, BY_TENSOR, FEW),
    Row(indexing.gather_nd, item, item, BY_MASK, FEW),
    Row(
        semantics.strided_slice_update,
        assigned,
        _assigned,
        [
            *_pairs((9,), s(None), s(1, -1), s(None, None, -2), s(5, 2), 3, -1),
            *_pairs((4, 6), (s(1, 3), s(None, None, -2)), (2, s(None)), (1, -2), (None, 3)),
            Sample(((4, 6), (6,)), {"key": s(1, 3)}),
            Sample(((4, 6), ()), {"key": (s(None), 2)}),
            Sample(((4, 6), (1,)), {"key": (1, None, s(2))}),
        ],
        SOME,
        wrong=(
            Wrong((np.zeros(3), 1.0), {"key": 3}, "TFC201", "index 3 is out of range"),
            Wrong((np.zeros(3), np.zeros(2)), {"key": s(None)}, "TFC103", "does not broadcast"),
            Wrong((np.zeros(3), tf.constant(1)), {"key": 0}, "TFC101", "float64 and int32"),
        ),
    ),
    Row(
        indexing.scatter_along,
        assigned,
        _assigned,
        [
            *_pairs(
                (4, 3), VECTOR, (s(None), VECTOR[:2]), (VECTOR, VECTOR), (1, VECTOR), (VECTOR, 2)
            ),
            *_pairs((4, 3, 5), (VECTOR, s(None), VECTOR), (VECTOR, s(1, 3), VECTOR)),
            Sample(((4, 3), ()), {"key": VECTOR}),
            Sample(((4, 3), (3,)), {"key": VECTOR}),
        ],
        FEW,
    ),
    Row(
        indexing.scatter_nd,
        assigned,
        _assigned,
        [
            *_pairs((4, 3), MASK, ROWS_MASK, (s(None), MASK[1]), (ROWS_MASK, 1)),
            Sample(((4, 3), ()), {"key": MASK}),
            Sample(((4, 3), (3,)), {"key": ROWS_MASK}),
            Sample(((4, 3, 2), (2,)), {"key": MASK}),
        ],
        FEW,
    ),
]
