"""Windows over images with a border: bands of an image that get their border in the cache give what eager code does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

Array = np.ndarray[Any, Any]
Function = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

# Beyond the second-level cache with their border, of a height that bands divide.
IMAGES = (4, 24, 40, 96)


def numbers(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def window(size: int, inputs: int, outputs: int) -> tf.Tensor:
    return tf.constant(numbers(size, size, inputs, outputs))


def convolution(size: int, **options: Any) -> Function:
    weights = window(size, 96, 20)
    return lambda x, b: tf.nn.conv2d(x, weights, padding="SAME", **options)


def depthwise(size: int, stride: int) -> Function:
    weights, strides = window(size, 96, 1), [1, stride, stride, 1]
    return lambda x, b: tf.nn.relu(tf.nn.depthwise_conv2d(x, weights, strides, "SAME") + b)


SQUARE, NARROW, ROWS = window(3, 96, 96), window(3, 96, 20), tf.constant(numbers(5, 96, 16))


def residual(x: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    y = tf.nn.relu(tf.nn.conv2d(x, SQUARE, 1, "SAME") + b)
    return tf.nn.conv2d(y, SQUARE, 1, "SAME") + x


def border_of_ones(x: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    wide = tf.pad(x, [[0, 0], [1, 1], [0, 0], [0, 0]], constant_values=1.0)
    return wide[:, :24] * b + wide[:, 1:25] + wide[:, 2:26]


CASES: dict[str, Function] = {
    "3x3": convolution(3, strides=1),
    "5x5, every other": convolution(5, strides=2),
    "dilated": convolution(3, strides=1, dilations=2),
    "depthwise": depthwise(3, 1),
    "depthwise, every other": depthwise(4, 2),
    "depthwise, large": depthwise(9, 1),
    "maximum": lambda x, b: tf.nn.max_pool2d(x, 3, 2, "SAME") * 2.0,
    "mean": lambda x, b: tf.nn.avg_pool2d(x, 3, 1, "SAME"),
    "residual": residual,
    "rows": lambda x, b: tf.nn.conv1d(tf.reshape(x, [8, 480, 96]), ROWS, 1, "SAME"),
    "border of ones": border_of_ones,
}


def close(result: Array, expected: Array) -> None:
    np.testing.assert_allclose(result, expected, rtol=2e-5, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    function = CASES[name]
    x, b = tf.constant(numbers(*IMAGES)), tf.constant(numbers(96))
    close(tf.function(function)(x, b).numpy(), function(x, b).numpy())


@pytest.mark.parametrize("name", ["3x3", "depthwise, every other", "maximum"])
def test_gradients(name: str) -> None:
    def gradients(x: tf.Tensor, b: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.sin(CASES[name](x, b)))
        return tape.gradient(y, [x])

    x, b = tf.constant(numbers(*IMAGES)), tf.constant(numbers(96))
    close(tf.function(gradients)(x, b)[0].numpy(), gradients(x, b)[0].numpy())


def test_the_border_is_made_band_by_band() -> None:
    x, b = tf.TensorSpec([4, 4096, 40, 96]), tf.TensorSpec([96])  # more than any machine's cache
    text = tf.function(CASES["depthwise"]).text(x, b, stage="loops")
    bands = {int(rows) for rows in re.findall(r"memref<(\d+)x42x96xf32>", text)}
    assert "4x4098x42x96" not in text
    assert bands and max(bands) < 4098


def test_what_others_read_keeps_its_border() -> None:
    def function(x: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        wide = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
        return tf.nn.conv2d(wide, NARROW, 1, "VALID"), tf.reduce_sum(wide, axis=0)

    x, b = tf.constant(numbers(*IMAGES)), tf.constant(numbers(96))
    for result, expected in zip(tf.function(function)(x, b), function(x, b), strict=True):
        close(result.numpy(), expected.numpy())
