"""Tables read and written by indices, compiled like eager: vectors of elements from anywhere, checks, ids that are left out."""

from __future__ import annotations

import numpy as np
import pytest
import tfc as tf

R = np.random.default_rng(3)
INSIDE = R.integers(0, 100, 1001)


def same(function, *arguments):
    given = [tf.constant(item) for item in arguments]
    expected = tf.nest.flatten(function(*given))
    for one, other in zip(expected, tf.nest.flatten(tf.function(function)(*given)), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(other.numpy(), one.numpy(), rtol=1e-6)
    return expected


@pytest.mark.parametrize("table", ["f4", "f8", "i4", "i8", "i1", "?", "f2"])
@pytest.mark.parametrize("index", ["i4", "i8", "u1"])
def test_elements_from_a_table(table, index):
    values = (R.standard_normal(100) * 50).astype(table)
    same(
        lambda x, i: (tf.gather(x, i), tf.cast(tf.gather(x, i), tf.float64) + 1),
        values,
        INSIDE.astype(index),
    )


@pytest.mark.parametrize("count", [1, 3, 8, 31, 64, 65])
def test_incomplete_vectors(count):
    def mix(x, i, y):
        return tf.minimum(y, tf.gather(x, tf.clip_by_value(i - 3, 0, 99)) * 2)

    same(mix, R.standard_normal(100), INSIDE[:count], R.standard_normal(count))


def test_columns_and_both_axes():
    x = R.standard_normal((70, 100))
    same(lambda x, i: tf.gather(x, i, axis=1) * 2, x, INSIDE)
    same(lambda x, i: tf.gather(x, i % 70, axis=0) * 2, x, INSIDE)
    same(lambda x, i: tf.gather_nd(x, tf.stack([i % 70, i], -1)) * 2, x, INSIDE)
    same(lambda x, i: tf.gather(x, tf.reshape(i[:980], [70, 14]), axis=1, batch_dims=1), x, INSIDE)


def test_indices_that_what_they_come_from_keeps_inside_are_not_checked():
    def text(function, dtype="i4"):
        given = tf.constant(R.standard_normal(256)), tf.constant(INSIDE.astype(dtype))
        return tf.function(function).text(*given, stage="linalg")

    assert "cf.assert" in text(tf.gather)
    assert "cf.assert" not in text(lambda x, i: tf.gather(x, tf.clip_by_value(i, 0, 255)))
    assert "cf.assert" in text(lambda x, i: tf.gather(x, tf.clip_by_value(i, 0, 256)))
    assert "cf.assert" in text(lambda x, i: tf.gather(x, tf.clip_by_value(i, -1, 255)))
    assert "cf.assert" not in text(lambda x, i: tf.gather(x, i % 256))
    assert "cf.assert" not in text(lambda x, i: tf.gather(x, tf.cast(i, tf.int32)), "u1")
    assert "cf.assert" in text(lambda x, i: tf.gather(x, tf.cast(i, tf.int32) + 1), "u1")
    assert "cf.assert" in text(lambda x, i: tf.gather(x, i * 2 % 300))


def test_a_check_of_what_a_loop_does_not_change_still_fails():
    @tf.function
    def run(x, i, n):
        for _ in tf.range(n):
            x = x + tf.gather(x, i)
        return x

    x, i = tf.constant(R.standard_normal(50)), tf.constant(np.arange(50))
    np.testing.assert_allclose(run(x, i, tf.constant(3)).numpy(), x.numpy() * 8)
    with pytest.raises(IndexError, match="index 50 is out of range"):
        run(x, i + 1, tf.constant(3))
    assert run(x, i + 1, tf.constant(0)).numpy().tolist() == x.numpy().tolist()


@pytest.mark.parametrize("name", ["sum", "prod", "min", "max", "mean"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4"])
def test_ids_that_are_left_out(name, dtype):
    ids = R.integers(-2, 300, 1000)
    values = (R.standard_normal(1000) * 3).astype(dtype)
    if dtype != "i4":
        values[ids < 0] = R.choice([np.nan, np.inf, -0.0], int((ids < 0).sum()))
    reduce = getattr(tf.math, f"unsorted_segment_{name}")
    same(lambda x, i: reduce(x, i, 300), values, ids)
    same(lambda x, i: reduce(x, i, 300), np.stack([values, values], 1), ids)
