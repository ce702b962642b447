"""`tf.function`: straight code, structures, specialisation."""

import numpy as np
import tfc as tf


def test_structured_results_and_positions():
    @tf.function
    def f(x, y):
        z = tf.add(x, y)
        for _ in range(3):
            z = tf.multiply(z, 2.0)
        return z, {"a": tf.negative(z)}

    x = tf.constant([1.0, 2.0])
    z, rest = f(x, x)
    np.testing.assert_array_equal(z.numpy(), [16.0, 32.0])
    np.testing.assert_array_equal(rest["a"].numpy(), [-16.0, -32.0])
    text = f.text(x, x)
    assert text.count("tfc.multiply") == 3
    nodes = [node for node in f.get_concrete_function(x, x).graph.body.walk() if node.inputs]
    first = f.python_function.__code__.co_firstlineno
    assert [node.location.line - first for node in nodes] == [2, 4, 4, 4, 5]


def test_the_second_size_of_a_dimension_becomes_unknown():
    @tf.function
    def f(x):
        return tf.add(x, x)

    for size in (2, 3, 4, 5):
        assert f(tf.constant(np.ones(size, np.float32))).shape == [size]
    assert f.trace_count == 2
    assert f(tf.constant([1.0])).shape == [1]
    assert f.trace_count == 3  # a size of one is always known


def test_python_numbers_are_run_time_values():
    @tf.function
    def f(x, k):
        return tf.multiply(x, k)

    for k in (1.0, 2.5, -3.0):
        np.testing.assert_array_equal(f(tf.constant([2.0]), k).numpy(), [2.0 * k])
    assert f.trace_count == 1
