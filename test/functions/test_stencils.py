"""Slices of neighbours and padding: results are written into their place, margins apart, and buffers change roles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf

Array = np.ndarray[Any, Any]


def jacobi(u: Any, n: Any) -> Any:
    for _ in tf.range(n):
        inner = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
        u = tf.pad(inner, [[1, 1], [1, 1]])
    return u


def jacobi_in_numpy(u: Array, n: int) -> Array:
    for _ in range(n):
        inner = np.float32(0.25) * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
        u = np.pad(inner, 1)
    return u


@pytest.mark.parametrize("shape", [(3, 3), (4, 7), (2, 5), (300, 257)])
def test_jacobi(shape: tuple[int, int]):
    u = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    function = tf.function(jacobi)
    for n in (0, 1, 2, 5):
        result = function(tf.constant(u), n).numpy()
        np.testing.assert_allclose(result, jacobi_in_numpy(u, n), rtol=1e-6, atol=1e-7)


def test_an_iteration_copies_nothing():
    text = tf.function(jacobi).text(tf.zeros([300, 300]), 10, stage="loops")
    loop = text[text.index("scf.for") :]
    assert "memref<298x298xf32>" not in loop, "the sum is in memory of its own"


@pytest.mark.parametrize("low, high", [((0, 3), (2, 0)), ((1, 1), (1, 1)), ((5, 0), (0, 0))])
def test_margins_of_a_large_tensor(low: tuple[int, int], high: tuple[int, int]):
    x = np.arange(300 * 301, dtype=np.float32).reshape(300, 301)
    paddings = list(zip(low, high, strict=True))

    @tf.function
    def f(x: Any) -> Any:
        return tf.pad(x, paddings, constant_values=7.0), tf.pad(x * 2.0, paddings)

    plain, doubled = f(tf.constant(x))
    np.testing.assert_array_equal(plain.numpy(), np.pad(x, paddings, constant_values=7))
    np.testing.assert_array_equal(doubled.numpy(), np.pad(x * 2, paddings))


def test_joined_results_are_computed_in_place():
    @tf.function
    def f(x: Any, y: Any) -> Any:
        return tf.concat([x * 2.0, y + 1.0], 1)

    x, y = np.ones((5, 3), np.float32), np.ones((5, 4), np.float32)
    expected = np.concatenate([x * 2, y + 1], 1)
    np.testing.assert_array_equal(f(tf.constant(x), tf.constant(y)).numpy(), expected)
    text = f.text(tf.constant(x), tf.constant(y), stage="loops")
    assert "memref.alloc" not in text
    assert "memref.copy" not in text


def test_a_variable_joined_from_its_own_parts():
    variable = tf.Variable(np.arange(6, dtype=np.float32))

    @tf.function
    def rotate() -> None:
        variable.assign(tf.concat([variable[2:] * 2.0, variable[:2] + 1.0], 0))

    expected = np.arange(6, dtype=np.float32)
    for _ in range(3):
        rotate()
        expected = np.concatenate([expected[2:] * 2, expected[:2] + 1])
        np.testing.assert_array_equal(variable.numpy(), expected)
