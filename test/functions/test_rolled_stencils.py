"""Elementwise work on rolled and shifted tensors, whose parts are read where they are: compiled like eager."""

from __future__ import annotations

import numpy as np
import pytest
import tfc as tf


def ring(x):
    return 2 * x + tf.roll(x, 1, 0) - tf.roll(x, -2, 0)


def square(x):
    s = tf.roll(x, 1, 0) * x + tf.roll(x, -1, 0)
    return tf.roll(s, 3, 1) - s + tf.roll(s, -1, 1)


def both_axes(x):
    return x + tf.roll(x, [1, -1], [0, 1]) * tf.roll(x, 1, 1)


def turned(x):
    return tf.transpose(tf.roll(x, 1, 0)) + tf.reduce_sum(x, 1)[None, :]


def shifted(x):
    return x - tf.concat([x[:1], x[:-1]], 0)


def steps(x):
    p = x
    for _ in tf.range(20):
        n = x + 0.1 * (tf.roll(x, 1, 0) - p + tf.roll(x, -1, 0))
        p, x = x, n
    return x, p


def in_place(x):
    for _ in tf.range(20):
        x = 0.5 * x + 0.5 * tf.roll(x, 1, 0)
    return x


def rolled_too(x):
    r = tf.roll(x, 1, 0)
    return x + r, tf.reduce_max(r, 0), tf.where(x > 0, r, x)


@pytest.mark.parametrize(
    "function", [ring, square, both_axes, turned, shifted, steps, in_place, rolled_too]
)
@pytest.mark.parametrize("shape", [(33, 65), (64, 64), (3000, 1), (7, 5)])
def test_compiled_like_eager(function, shape):
    x = tf.constant(np.random.default_rng(1).standard_normal(shape))
    expected = tf.nest.flatten(function(x))
    for one, other in zip(expected, tf.nest.flatten(tf.function(function)(x)), strict=True):
        np.testing.assert_allclose(other.numpy(), one.numpy(), rtol=1e-12, atol=1e-12)
