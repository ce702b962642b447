"""What is done to memory that the caches do not hold changes no number: several streams, stores past the caches."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.backend.target import Target


def rows_in_turn(x: Any) -> Any:
    total = tf.zeros_like(x[0])
    for i in tf.range(x.shape[0]):
        total = total * 0.5 + x[i]
    return total


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sum of rows": lambda x: tf.reduce_sum(x, 1),
    "sum of columns": lambda x: tf.reduce_sum(x, 0),
    "sum and maximum": lambda x: (tf.reduce_sum(x, 1), tf.reduce_max(x, 1)),
    "variance": lambda x: tf.math.reduce_variance(x, 0),
    "argmax": lambda x: tf.argmax(x, 1),
    "count": lambda x: tf.math.count_nonzero(x > 0, 1),
    "elementwise": lambda x: x * 2.5 + x[0],
    "matrix and its sums": lambda x: (x + 1.0, tf.reduce_sum(x, 1)),
    "parts": lambda x: (tf.concat([x, x * 2], 1), tf.pad(x, [[1, 2], [3, 0]]), tf.transpose(x) + 1),
    "rows in turn": rows_in_turn,
}


VIEWS: dict[str, Callable[[Any], Any]] = {
    "inside": lambda base: base[1:-1, 1:-2],
    "backwards": lambda base: base[::-1, ::-1],
    "every other": lambda base: base[::2, ::3],
    "no line's beginning": lambda base: base.ravel()[1 : 1 + base.size // 2 * 2 - 2].reshape(2, -1),
    "columns": lambda base: base.T,
}


def results(function: Callable[[Any], Any], x: Any, l3_bytes: int, **options: Any) -> list[Any]:
    """What a function gives, compiled for a machine with a last cache of this size."""
    facts = Target.facts
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFC_CACHE", "0")
        patch.setattr(Target, "facts", lambda target: {**facts(target), "l3_bytes": l3_bytes})
        return tf.nest.flatten(tf.function(function, **options)(x))


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("shape", [(1, 600), (3, 1024), (8, 1030), (19, 777), (512, 768)], ids=str)
def test_same_numbers(function: Callable[[Any], Any], shape: tuple[int, int]):
    x = tf.constant(np.random.default_rng(0).standard_normal(shape).astype(np.float32))
    small, large = results(function, x, 1 << 10), results(function, x, 1 << 30)
    for one, other in zip(small, large, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("dtype", [np.float64, np.int16])
def test_views_of_arrays(view: Callable[[Any], Any], dtype: Any):
    base = (np.random.default_rng(1).standard_normal((520, 1050)) * 100).astype(dtype)

    def function(x: Any) -> Any:
        return x + x, tf.reduce_max(x, 1), tf.argmax(x, 0), x > 0

    x = view(base)
    for one, other in zip(results(function, x, 1 << 10), function(tf.constant(x)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("rows", [2, 5, 9, 23])
def test_rows_of_run_time(rows: int):
    """Also one compiled program for any number of rows."""

    def sums(x: Any) -> Any:
        return tf.reduce_sum(x, 0), tf.reduce_max(x, 1), x + x[0]

    x = np.random.default_rng(2).integers(-9, 9, (rows, 1024)).astype(np.float64)
    signature = [tf.TensorSpec([None, 1024], tf.float64)]
    found = results(sums, x, 1 << 10, input_signature=signature)
    for one, other in zip(found, (x.sum(0), x.max(1), x + x[0]), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.float64])
def test_large_tensors_begin_at_a_cache_line(dtype: Any):
    array = np.zeros((1 << 10, 1 << 10), dtype)
    assert tf.constant(array).numpy().ctypes.data % 64 == 0
    assert tf.constant(array[:, ::-1]).numpy().flags.c_contiguous
