"""Devices, names and the order of effects: blocks that have nothing to do, and those that have."""

from __future__ import annotations

import pytest
import tfc as tf


def test_blocks_of_a_compiled_function() -> None:
    @tf.function
    def f(x: tf.Tensor) -> tuple[tf.Tensor, bool, bool]:
        with tf.init_scope():
            outside = tf.executing_eagerly()
            two = tf.constant(1.0) + 1.0
        with (
            tf.device("/CPU:0"),
            tf.name_scope("block") as name,
            tf.control_dependencies([x]),
        ):
            assert name == "block/"
            y = x * two
        tf.group(x, y)
        tf.no_op()
        return y, outside, tf.executing_eagerly()

    y, outside, inside = f(tf.constant(3.0))
    assert y.numpy() == 6
    assert outside is True
    assert inside is False


def test_init_scope_leaves_the_trace_as_it_was() -> None:
    @tf.function
    def f(x: tf.Tensor) -> tf.Tensor:
        try:
            with tf.init_scope():
                raise KeyError
        except KeyError:
            return x + 1.0
        return x

    assert f(tf.constant(1.0)).numpy() == 2
    assert tf.executing_eagerly()


def test_the_only_device() -> None:
    with pytest.raises(ValueError, match="there is no '/GPU:0'"):
        tf.device("/GPU:0")


def test_is_tensor() -> None:
    assert tf.is_tensor(tf.constant(1))
    assert tf.is_tensor(tf.Variable(1.0))
    assert not tf.is_tensor([1])
