"""Rows of pooling."""

import itertools
from typing import Any

import numpy as np
import tfc as tf
from tfc.dialects.tfc.semantics import convolution
from tfc.dialects.tfc.semantics import pooling as semantics

from op_table.convolution import geometry
from op_table.row import FLOATS, Row, Sample, Wrong


def _pool(x: np.ndarray, ksize: Any, strides: Any, padding: Any, reduce: Any) -> np.ndarray:
    count = x.ndim - 2
    kernel = (ksize,) * count if isinstance(ksize, int) else tuple(ksize)
    step, _, low, results = geometry(x.shape[1:-1], kernel, strides, padding, None)
    out = np.zeros((x.shape[0], *results, x.shape[-1]), x.dtype)
    for place in itertools.product(*map(range, results)):
        window = tuple(
            slice(max(p * s - lo, 0), min(p * s - lo + k, n))
            for p, s, lo, k, n in zip(place, step, low, kernel, x.shape[1:-1], strict=True)
        )
        inside = x[(slice(None), *window)].reshape(x.shape[0], -1, x.shape[-1])
        out[(slice(None), *place)] = reduce(inside)
    return out


def _max_pool(x: np.ndarray, ksize: Any, strides: Any, padding: Any) -> np.ndarray:
    return _pool(x, ksize, strides, padding, lambda inside: np.max(inside, axis=1))


def _avg_pool(x: np.ndarray, ksize: Any, strides: Any, padding: Any) -> np.ndarray:
    def mean(inside: np.ndarray) -> np.ndarray:
        total = inside.astype(np.float64).sum(axis=1)
        if x.dtype.itemsize == 2:  # the sum is rounded before it is divided
            return (total.astype(x.dtype) / np.array(inside.shape[1]).astype(x.dtype)).astype(
                x.dtype
            )
        return total / inside.shape[1]

    return _pool(x, ksize, strides, padding, mean)


def _indices(x: Any, **attributes: Any) -> Any:
    return tf.nn.max_pool_with_argmax(x, include_batch_in_index=True, **attributes)[1]


def _oracle_indices(x: np.ndarray, **attributes: Any) -> np.ndarray:
    """Where each maximum is: the positions of all elements, pooled by the values'."""
    flat = np.arange(x.size).reshape(x.shape)
    values = _max_pool(x, **attributes)
    kernel, strides, padding = attributes["ksize"], attributes["strides"], attributes["padding"]
    step, _, low, results = geometry(x.shape[1:-1], (kernel, kernel), strides, padding, None)
    out = np.zeros(values.shape, np.int64)
    for place in itertools.product(range(x.shape[0]), *map(range, results), range(x.shape[-1])):
        n, *spatial, c = place
        window = tuple(
            slice(max(p * s - lo, 0), p * s - lo + kernel)
            for p, s, lo in zip(spatial, step, low, strict=True)
        )
        inside, at = x[(n, *window, c)].reshape(-1), flat[(n, *window, c)].reshape(-1)
        out[place] = at[np.flatnonzero(inside == values[place])[0]]
    return out


def _sent_back(x: Any, grad: Any, **attributes: Any) -> Any:
    """The gradient of `max_pool`."""
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.max_pool(x, **attributes)
    return tape.gradient(y, x, output_gradients=grad)


def _oracle_sent_back(x: np.ndarray, grad: np.ndarray, **attributes: Any) -> np.ndarray:
    out = np.zeros(x.size, x.dtype)
    np.add.at(out, _oracle_indices(x, **attributes).reshape(-1), grad.reshape(-1))
    return out.reshape(x.shape)


SAMPLES = (
    Sample(((1, 4, 6, 2),), {"ksize": 2, "strides": 2, "padding": "VALID"}),
    Sample(((2, 5, 4, 1),), {"ksize": [3, 2], "strides": [2, 1], "padding": "SAME"}),
    Sample(((1, 5, 3),), {"ksize": 2, "strides": 2, "padding": "SAME"}),
    Sample(((1, 3, 3, 3, 1),), {"ksize": 2, "strides": 1, "padding": "VALID"}),
)
SQUARE = (
    Sample(((1, 4, 6, 2),), {"ksize": 2, "strides": 2, "padding": "VALID"}),
    Sample(((2, 5, 4, 1),), {"ksize": 3, "strides": 2, "padding": "SAME"}),
)
WRONG = (
    Wrong(
        (np.ones((1, 4, 4, 1)),),
        {"ksize": [2, 2, 2], "strides": 2, "padding": "SAME"},
        "TFC107",
        "ksize must be one positive int",
    ),
    Wrong(
        (np.ones((1, 4, 4, 1)),),
        {"ksize": 2, "strides": 2, "padding": "x"},
        "TFC107",
        "padding 'x'",
    ),
    Wrong(
        (np.ones((1, 4, 4, 1), bool),),
        {"ksize": 2, "strides": 2, "padding": "SAME"},
        "TFC102",
        "got bool",
    ),
)

ROWS = [
    Row(
        semantics.max_pool, tf.nn.max_pool, _max_pool, SAMPLES, ulp=0.5, oracle_ulp=0.5, wrong=WRONG
    ),
    Row(
        semantics.max_pool_taps,
        _indices,
        _oracle_indices,
        SQUARE,
        dtypes=("float32", "float64", "int32", "uint8"),
        gradient=False,
        special=False,
    ),
    Row(
        semantics.max_unpool,
        _sent_back,
        _oracle_sent_back,
        (
            Sample(((1, 4, 6, 2), (1, 2, 3, 2)), {"ksize": 2, "strides": 2, "padding": "VALID"}),
            Sample(((2, 5, 4, 1), (2, 3, 2, 1)), {"ksize": 3, "strides": 2, "padding": "SAME"}),
            Sample(((1, 5, 5, 3), (1, 5, 5, 3)), {"ksize": 3, "strides": 1, "padding": "SAME"}),
            Sample(((1, 4, 4, 1), (1, 2, 2, 1)), {"ksize": 1, "strides": 2, "padding": "SAME"}),
            Sample(((1, 9, 9, 1), (1, 1, 1, 1)), {"ksize": 9, "strides": 1, "padding": "VALID"}),
        ),
        dtypes=("float32", "float64"),
        gradient=False,
        domain=(lambda u: u, lambda u: u + 2),
        special=False,
        oracle_ulp=4,
    ),
    Row(
        convolution.convolution,
        tf.nn.avg_pool,
        _avg_pool,
        SAMPLES,
        dtypes=FLOATS,
        special=False,
        ulp=8,
        oracle_ulp=8,
    ),
]
