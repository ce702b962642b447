"""Staged loops of elementwise work give the numbers of the same loop in NumPy, for sizes that vectors do not divide."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf

Array = np.ndarray[Any, Any]

SHAPES = [(0,), (1,), (7,), (8,), (33,), (3, 5), (64, 32), (17, 1), (0, 4)]
DTYPES = [np.float32, np.float64, np.int32, np.int8]


def array(shape: tuple[int, ...], dtype: Any, seed: int) -> Array:
    numbers = np.random.default_rng(seed).uniform(-2, 2, shape)
    return numbers.astype(dtype)


def mandelbrot(cr: Any, ci: Any, n: Any) -> Any:
    zr, zi, count = tf.zeros_like(cr), tf.zeros_like(ci), tf.zeros_like(cr)
    for _ in tf.range(n):
        inside = zr * zr + zi * zi <= 4
        following = zr * zr - zi * zi + cr
        zi = tf.where(inside, 2 * zr * zi + ci, zi)
        zr = tf.where(inside, following, zr)
        count = count + tf.cast(inside, cr.dtype)
    return count, zr


def mandelbrot_in_numpy(cr: Array, ci: Array, n: int) -> tuple[Array, Array]:
    zr, zi, count = np.zeros_like(cr), np.zeros_like(ci), np.zeros_like(cr)
    two = cr.dtype.type(2)
    for _ in range(n):
        inside = zr * zr + zi * zi <= 4
        following = zr * zr - zi * zi + cr
        zi = np.where(inside, two * zr * zi + ci, zi)
        zr = np.where(inside, following, zr)
        count = count + inside.astype(cr.dtype)
    return count, zr


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("known", [True, False])
def test_escape_times(dtype: Any, known: bool):
    function = tf.function(mandelbrot)
    for shape in SHAPES:
        cr, ci = array(shape, dtype, 1), array(shape, dtype, 2)
        for steps in (0, 1, 6):
            n = steps if known else tf.constant(steps)
            count, zr = function(tf.constant(cr), tf.constant(ci), n)
            expected = mandelbrot_in_numpy(cr, ci, steps)
            np.testing.assert_array_equal(count.numpy(), expected[0])
            np.testing.assert_allclose(zr.numpy(), expected[1], rtol=1e-5, equal_nan=True)


def test_what_the_counter_gives_and_what_is_broadcast():
    @tf.function
    def f(x: Any, scale: Any) -> Any:
        for i in tf.range(5):
            x = tf.sin(x) * scale + tf.cast(i, tf.float32)
        return x

    for shape in [(4, 7), (9, 7), (1, 7)]:
        x, scale = array(shape, np.float32, 3), array((7,), np.float32, 4)
        expected = x
        for i in range(5):
            expected = np.sin(expected) * scale + np.float32(i)
        result = f(tf.constant(x), tf.constant(scale))
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_special_values_stay():
    @tf.function
    def f(x: Any, n: Any) -> Any:
        for _ in tf.range(n):
            x = x * 2.0
        return x

    x = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, 3e38] * 3, np.float32)
    with np.errstate(over="ignore"):
        expected = x * np.float32(2) * np.float32(2)
    result = f(tf.constant(x), tf.constant(2)).numpy()
    np.testing.assert_array_equal(result.view(np.int32), expected.view(np.int32))


def test_the_loop_runs_at_each_element():
    x = tf.zeros([1000])
    text = tf.function(mandelbrot).text(x, x, 10, stage="loops")
    assert text.count("scf.parallel") == 1
    assert "vector.store" in text
    assert "memref.alloc" not in text
