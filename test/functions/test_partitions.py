"""What is composed of several ops and has no row of its own: identity matrices, partitions, and segments over roots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
PARTS = np.array([2, 0, 2, 1, 0, 2], np.int32)
IDS = np.array([1, 0, 1, 3, -1, 1], np.int32)


def sqrt_n(x: np.ndarray) -> np.ndarray:
    result = np.zeros((4, 3), np.float32)
    for segment in range(4):
        rows = x[segment == IDS]
        if len(rows):
            result[segment] = rows.sum(0) / np.sqrt(len(rows))
    return result


CASES: list[tuple[str, Callable[[Any], Any], Callable[[np.ndarray], Any]]] = [
    ("eye", lambda x: tf.eye(3) * x[:3], lambda x: np.eye(3, dtype=x.dtype) * x[:3]),
    ("eye_wide", lambda x: tf.eye(2, 3) + x[:2], lambda x: np.eye(2, 3, dtype=x.dtype) + x[:2]),
    ("eye_batch", lambda x: tf.eye(3, batch_shape=[2]) @ x[:3], lambda x: np.stack([x[:3]] * 2)),
    ("partition", lambda x: tf.dynamic_partition(x, PARTS, 4), lambda x: [x[k == PARTS] for k in range(4)]),
    ("stitch", lambda x: tf.dynamic_stitch([[3, 0], [1, 2, 0]], [x[:2], x[3:]]), lambda x: x[[5, 3, 4, 0]]),
    ("sqrt_n", lambda x: tf.math.unsorted_segment_sqrt_n(x, IDS, 4), sqrt_n),
]  # fmt: skip


@pytest.mark.parametrize("way", [lambda f: f, tf.function], ids=["eager", "compiled"])
@pytest.mark.parametrize(("function", "oracle"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_numbers(function: Any, oracle: Any, way: Any):
    got, expected = way(function)(tf.constant(X)), oracle(X)
    if not isinstance(expected, list):
        got, expected = [got], [expected]
    for a, e in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, e, rtol=1e-6, atol=1e-6)


def test_partition_and_stitch_are_inverse_and_have_gradients():
    @tf.function
    def apart_and_together(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            places = tf.dynamic_partition(tf.range(6), PARTS, 3)
            y = tf.dynamic_stitch(places, tf.dynamic_partition(x, PARTS, 3))
            loss = tf.reduce_sum(y * y)
        return y, tape.gradient(loss, x)

    same, gradient = apart_and_together(tf.constant(X))
    np.testing.assert_array_equal(same, X)
    np.testing.assert_allclose(gradient, 2 * X)
