"""Convolutions with the channels before what windows walk give what those with channels last do; sums of every length."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf

Array = np.ndarray[Any, Any]

# Channels in and out, window, stride, dilation. The shorter sums stay as they are, the longer ones move the channels.
CASES = [
    (2, 5, 3, 1, 1),
    (12, 7, 3, 1, 1),
    (12, 16, 3, 2, 1),
    (3, 8, 7, 2, 1),
    (9, 8, 5, 1, 2),
    (100, 4, 1, 2, 1),
]


def numbers(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def to_last(x: Array) -> Array:
    return np.moveaxis(x, 1, -1)


def with_gradients(x: tf.Tensor, window: tf.Tensor, **options: Any) -> tuple[tf.Tensor, ...]:
    with tf.GradientTape() as tape:
        tape.watch([x, window])
        y = tf.nn.conv2d(x, window, **options)
        total = tf.reduce_sum(tf.square(y))
    return y, *tape.gradient(total, [x, window])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_conv2d_and_its_gradients(case: tuple[int, ...], padding: str) -> None:
    inputs, outputs, size, stride, dilation = case
    x, window = numbers(2, inputs, 13, 15), numbers(size, size, inputs, outputs)
    options = {"strides": stride, "padding": padding, "dilations": dilation}

    @tf.function
    def first(x: tf.Tensor, window: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return with_gradients(x, window, data_format="NCHW", **options)

    @tf.function
    def last(x: tf.Tensor, window: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return with_gradients(x, window, data_format="NHWC", **options)

    y, dx, dw = (part.numpy() for part in first(x, window))
    expected = [part.numpy() for part in last(np.ascontiguousarray(to_last(x)), window)]
    for result, wanted in zip((to_last(y), to_last(dx), dw), expected, strict=True):
        np.testing.assert_allclose(result, wanted, rtol=2e-5, atol=2e-5 * np.abs(wanted).max())


def test_one_and_three_dimensions() -> None:
    line = tf.function(lambda x, w, f: tf.nn.conv1d(x, w, 1, "SAME", data_format=f))
    x, window = numbers(2, 40, 21), numbers(3, 40, 8)
    wanted = line(np.ascontiguousarray(to_last(x)), window, "NWC").numpy()
    np.testing.assert_allclose(
        to_last(line(x, window, "NCW").numpy()), wanted, rtol=1e-5, atol=1e-4
    )

    def space(x: Array, window: Array, layout: str) -> tf.Tensor:
        return tf.nn.conv3d(x, window, [1] * 5, "VALID", data_format=layout)

    x, window = numbers(2, 4, 6, 7, 8), numbers(3, 3, 3, 4, 8)
    wanted = tf.function(space)(np.ascontiguousarray(to_last(x)), window, "NDHWC").numpy()
    result = tf.function(space)(x, window, "NCDHW").numpy()
    np.testing.assert_allclose(to_last(result), wanted, rtol=1e-5, atol=1e-4)


def test_sizes_that_are_unknown() -> None:
    function = tf.function(lambda x, w: tf.nn.conv2d(x, w, 1, "SAME", data_format="NCHW"))
    window = numbers(3, 3, 16, 8)
    for batch, height in ((2, 9), (3, 12), (5, 7)):
        x = numbers(batch, 16, height, 10)
        wanted = tf.nn.conv2d(np.ascontiguousarray(to_last(x)), window, 1, "SAME").numpy()
        result = to_last(function(x, window).numpy())
        np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=1e-4)
