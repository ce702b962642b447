"""`tf.scan`, `tf.map_fn` and `tf.TensorArray` over many rows: loops stay loops, and results have known sizes."""

from __future__ import annotations

import numpy as np
import pytest
import tfc as tf

X = np.random.default_rng(0).standard_normal((40, 3))


def close(function, *arguments, has_known_sizes=True):
    """A function gives the same compiled, in few ops; its result."""
    given = [tf.constant(item) for item in arguments]
    compiled = tf.function(function)
    expected = [leaf.numpy() for leaf in tf.nest.flatten(function(*given))]
    found = tf.nest.flatten(compiled(*given))
    for one, other in zip(expected, found, strict=True):
        assert one.dtype == other.numpy().dtype
        np.testing.assert_allclose(other.numpy(), one, rtol=1e-12, atol=1e-12)
    text = compiled.text(*given, stage="tensor")
    assert text.count("tfc.") < 150
    assert has_known_sizes != ("?" in text.split("{", 2)[1])
    return expected


def gradient(function):
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.sin(function(x)))
        return tape.gradient(y, x)

    return run


def running(x):
    return tf.scan(lambda c, v: 0.9 * c + v * v, x)


def backwards(x):
    return tf.scan(lambda c, v: 0.9 * c + v * v, x, tf.zeros([3], tf.float64), reverse=True)


def mapped(x):
    return tf.map_fn(lambda v: v * tf.reduce_sum(v), x)


@pytest.mark.parametrize("function", [running, backwards, mapped])
def test_loops_over_rows(function):
    close(function, X)
    close(gradient(function), X)


def test_nested_structures():
    def states(x):
        def step(state, row):
            a, parts = state
            return (a + row["x"], {"n": parts["n"] + 1, "m": tf.maximum(parts["m"], row["y"])})

        start = (
            tf.zeros([3], tf.float64),
            {"n": tf.constant(0), "m": tf.constant(0.0, tf.float64)},
        )
        return tf.scan(step, {"x": x, "y": x[:, 0]}, start)

    a, m, n = close(states, X)
    assert (a.shape, m.shape, n.tolist()) == ((40, 3), (40,), list(range(1, 41)))

    def of_other_dtypes(x):
        return tf.map_fn(
            lambda pair: {"k": tf.argmax(pair[0]), "r": [pair[1] > 0, pair[0][:, None]]},
            (x, x[:, 1]),
            fn_output_signature=None,
        )

    close(of_other_dtypes, X)


def test_loops_that_cannot_be_one_are_unrolled():
    def longer(x):
        return tf.foldl(lambda c, v: tf.concat([c, v[:1]], 0), x, tf.zeros([0], tf.float64))

    found = tf.function(longer)(tf.constant(X)).numpy()
    assert found.tolist() == X[:, 0].tolist()


def written_before(x):
    items = tf.TensorArray(tf.float64, size=41).write(0, x[0] * 2)
    for i in tf.range(40):
        items = items.write(i + 1, x[i] + items.read(i))
    return items.stack(), items.read(3), items.gather([1, 2])


def from_the_end(x):
    items = tf.TensorArray(tf.float64, size=40).write(39, x[0])
    for i in tf.range(39, 0, -1):
        items = items.write(i - 1, x[i] - items.read(i))
    return items.stack()


def on_some_paths(x):
    items = tf.TensorArray(tf.float64, size=40)
    for i in tf.range(40):
        if x[i, 0] > 0:
            items = items.write(i, x[i])
    return items.stack()


def of_numbers(x):
    items = tf.TensorArray(tf.float64, size=tf.shape(x)[0])
    total = tf.constant(0.0, tf.float64)
    for i in tf.range(tf.shape(x)[0]):
        total = total + x[i, 0]
        items = items.write(i, total)
    return items.stack()


@pytest.mark.parametrize("function", [written_before, from_the_end, on_some_paths, of_numbers])
def test_arrays_of_known_size(function):
    close(function, X)
    if function is not written_before:
        close(gradient(function), X)


def test_one_place_of_run_time():
    def run(x, k):
        items = tf.TensorArray(tf.float64, size=3).write(1, x[1]).write(k, x[2])
        return items.stack(), items.concat(), items.size()

    for k in range(3):
        close(run, X, k)
    for k in (-1, 3):
        with pytest.raises(IndexError, match="out of range for 3 elements"):
            tf.function(run)(tf.constant(X), tf.constant(k))


def test_rows_of_another_shape():
    def run(x):
        items = tf.TensorArray(tf.float64, size=40)
        for i in tf.range(20):
            items = items.write(2 * i, x[i])
            items = items.write(2 * i + 1, x[i, :2])
        return items.stack()

    with pytest.raises(ValueError):
        tf.function(run)(tf.constant(X))


def test_rows_that_are_numbers():
    ones = np.ones(17, np.float32)
    close(lambda x: tf.map_fn(lambda _: 1.0, x), ones, has_known_sizes=False)
    close(lambda x: tf.scan(lambda *_: 2.5, x, initializer=1.0), ones, has_known_sizes=False)


def test_rows_of_sizes_of_run_time():
    def run(x, n):
        return tf.map_fn(lambda i: tf.range(n) + tf.cast(i, tf.int32), x, tf.int32)

    close(run, np.ones(17, np.float32), 2, has_known_sizes=False)

    def write(x, n):
        items = tf.TensorArray(tf.float32, 3)
        for k in tf.range(n):
            items = items.write(k, tf.boolean_mask(x, x > 2)[:2])
        return items.stack()

    x = tf.constant([1.0, 2.0, 3.0, 4.0])
    found = tf.function(write)(x, tf.constant(2))
    assert found.numpy().tolist() == write(x, 2).numpy().tolist()
