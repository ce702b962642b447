"""Reductions over rows of a few elements beside longer ones, as over the channels of a group: exact, also with nan and inf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf

Array = np.ndarray[Any, Any]
SHAPES = [(1, 1 << 17, 2, 4), (1, 4096, 3, 32), (3, 521, 5, 7), (2, 16, 2, 2)]


def numbers(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).random(shape, np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_are_as_accurate_as_pairwise_ones(shape: tuple[int, ...]) -> None:
    x = numbers(*shape)
    got = tf.function(lambda x: tf.reduce_sum(x, [1, 3]))(tf.constant(x)).numpy()
    np.testing.assert_allclose(got, x.astype(np.float64).sum((1, 3)), rtol=8e-7)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_group_normalisation(shape: tuple[int, ...]) -> None:
    x, scale = numbers(*shape), numbers(shape[-1])

    @tf.function
    def normalise(x: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        mean, variance = tf.nn.moments(x, [1, 3], keepdims=True)
        return (x - mean) * tf.math.rsqrt(variance + 1e-5) * scale

    wide = x.astype(np.float64)
    centred = wide - wide.mean((1, 3), keepdims=True)
    want = centred / np.sqrt(np.square(centred).mean((1, 3), keepdims=True) + 1e-5) * scale
    got = normalise(tf.constant(x), tf.constant(scale)).numpy()
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_extremes_and_counts_keep_nan_and_infinities() -> None:
    x = numbers(2, 600, 3, 4)
    x[0, 5, 1, 2], x[1, 599, 2, 3], x[0, 0, 0, 0] = np.nan, np.inf, -np.inf

    @tf.function
    def reduce(x: tf.Tensor) -> tuple[tf.Tensor, ...]:
        counts = tf.reduce_sum(tf.cast(x > 0.5, tf.int32), [1, 3])
        return tf.reduce_max(x, [1, 3]), tf.reduce_min(x, [1, 3]), tf.reduce_sum(x, [1, 3]), counts

    want = x.max((1, 3)), x.min((1, 3)), x.sum((1, 3)), (x > 0.5).sum((1, 3))
    for got, expected in zip(reduce(tf.constant(x)), want, strict=True):
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-5)
