"""What is done to memory that the caches do not hold changes no number: several streams, stores past the caches."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.backend.target import Target

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sum of rows": lambda x: tf.reduce_sum(x, 1),
    "sum of columns": lambda x: tf.reduce_sum(x, 0),
    "sum and maximum": lambda x: (tf.reduce_sum(x, 1), tf.reduce_max(x, 1)),
    "variance": lambda x: tf.math.reduce_variance(x, 0),
    "argmax": lambda x: tf.argmax(x, 1),
    "count": lambda x: tf.math.count_nonzero(x > 0, 1),
    "elementwise": lambda x: x * 2.5 + x[0],
    "matrix and its sums": lambda x: (x + 1.0, tf.reduce_sum(x, 1)),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("shape", [(1, 600), (3, 1024), (8, 1030), (19, 777), (512, 768)], ids=str)
def test_same_numbers(
    function: Callable[[Any], Any], shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
):
    facts = Target.facts
    x = tf.constant(np.random.default_rng(0).standard_normal(shape).astype(np.float32))
    monkeypatch.setenv("TFC_CACHE", "0")

    def results(l3_bytes: int) -> list[Any]:
        monkeypatch.setattr(Target, "facts", lambda target: {**facts(target), "l3_bytes": l3_bytes})
        return tf.nest.flatten(tf.function(function)(x))

    for one, other in zip(results(1 << 10), results(1 << 30), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.float64])
def test_large_tensors_begin_at_a_cache_line(dtype: Any):
    array = np.zeros((1 << 10, 1 << 10), dtype)
    assert tf.constant(array).numpy().ctypes.data % 64 == 0
    assert tf.constant(array[:, ::-1]).numpy().flags.c_contiguous
