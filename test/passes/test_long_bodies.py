"""Long elementwise bodies: loops over vectors with masked ends, functions that are shared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tfc as tf

Body = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def waves(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    z = x
    for _ in range(20):
        z = tf.sin(z) * 0.5 + y - 0.25
    return z


def choices(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    count = tf.zeros_like(x)
    z = x
    for k in range(30):
        inside = z * z + y * y <= 4.0
        z = tf.where(inside, z * z - y, z)
        count = count + tf.cast(inside, x.dtype) * k
    return count + z


def integers(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    n, m = tf.cast(x * 100, tf.int32), tf.cast(y * 10, tf.int64)
    for k in range(60):
        n = tf.maximum(n * 3 - k, n + 7)
        m = tf.bitwise.bitwise_xor(m, tf.cast(n, tf.int64))
    return tf.cast(n, x.dtype) + tf.cast(m, x.dtype)


@pytest.mark.parametrize("body", [waves, choices, integers])
@pytest.mark.parametrize("shape", [(0,), (1,), (5,), (64,), (77,), (3, 41)])
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_equals_eager(body: Body, shape: tuple[int, ...], dtype: tf.DType) -> None:
    rng = np.random.default_rng(3)
    x, y = (tf.constant(rng.uniform(-1, 1, shape), dtype) for _ in range(2))
    expected = body(x, y)
    got = tf.function(body)(x, y)
    tolerance = 1e-4 if dtype == tf.float32 else 1e-10
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


def test_sizes_of_run_time_and_special_values() -> None:
    compiled = tf.function(waves)
    rng = np.random.default_rng(4)
    for size in (3, 9, 16, 33, 100):
        data = rng.uniform(-1, 1, size)
        data[:3] = [np.nan, np.inf, -0.0]
        x, y = tf.constant(data), tf.constant(data[::-1].copy())
        np.testing.assert_allclose(compiled(x, y), waves(x, y), rtol=1e-10)


def test_is_a_loop_over_vectors_that_calls_one_sine() -> None:
    x = tf.ones([1001])
    text = tf.function(waves).text(x, x, stage="cf")
    assert "vector.maskedstore" in text
    assert text.count("func.func private @tfc_sin_") == 1
    assert text.count("call @tfc_sin_") == 2 * 20  # whole vectors, and the end


def test_long_loops_are_shared_by_threads() -> None:
    """Calls of functions that cannot fail keep a loop parallel."""
    x = tf.ones([1 << 20])
    assert "tfc.parallel_grain" in tf.function(waves).text(x, x, stage="cf")
