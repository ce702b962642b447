"""Sorting, searching, scans and segments on random data: compiled as eager, for many shapes, ties and special values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf
from hypothesis import given, settings
from hypothesis import strategies as st

COMMON = settings(max_examples=30, deadline=None, derandomize=True)

FLOATS = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, 1e-40, -1e-40, 3.5]


def data(draw: Any, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Numbers of which many are equal, and the special ones among floats."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if np.dtype(dtype).kind == "f":
        values = np.where(
            rng.random(shape) < 0.5, rng.choice(FLOATS, shape), rng.standard_normal(shape)
        )
        return values.astype(dtype)
    info = np.iinfo(dtype)
    span = draw(st.sampled_from([3, 100, None]))
    low, high = (info.min, info.max) if span is None else (max(info.min, -span), span)
    return rng.integers(low, high, shape, dtype, endpoint=True)


def same(got: Any, expected: Any) -> None:
    """Equal in every bit but those of NaNs."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
    if got.dtype.kind == "f":
        numbers = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(got[numbers]), np.signbit(expected[numbers]))


DTYPES = ["float32", "float64", "int32", "int64", "uint8", "float16", "uint32", "bool"]


@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [1, 5, 24, 97, None])
def test_sort_and_argsort(dtype: str, width: int | None, direction: str):
    """By a network of known width and, where the width is not known, by digits."""

    @tf.function(input_signature=[tf.TensorSpec([None, width], dtype)])
    def compiled(x):
        return tf.sort(x, direction=direction), tf.argsort(x, direction=direction)

    @settings(COMMON, max_examples=8)
    @given(st.data())
    def check(drawn):
        rows = drawn.draw(st.integers(2, 19))
        x = data(drawn.draw, (rows, width or drawn.draw(st.integers(2, 700))), dtype)
        for got, expected in zip(compiled(x), compiled.python_function(x), strict=True):
            same(got, expected)

    check()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("k", [1, 7, 70])
@pytest.mark.parametrize("width", [300, None])
def test_the_first_in_order(dtype: str, k: int, width: int | None):
    """Few kept in order, many in a buffer that is sorted; rows with fewer are refused."""

    @tf.function(input_signature=[tf.TensorSpec([None, width], dtype)])
    def compiled(x):
        return tf.math.top_k(x, k)

    @settings(COMMON, max_examples=8)
    @given(st.data())
    def check(drawn):
        x = data(drawn.draw, (3, width or drawn.draw(st.integers(k, 2000))), dtype)
        for got, expected in zip(compiled(x), compiled.python_function(x), strict=True):
            same(got, expected)

    check()
    if width is None and k > 1:
        with pytest.raises(tf.errors.InvalidArgumentError, match="TFC201"):
            compiled(np.zeros((2, k - 1), dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", [tf.argmax, tf.argmin])
def test_positions_of_extrema(dtype: str, function: Any):
    """The first of equal ones, and the first NaN over all, along every axis."""

    @tf.function(input_signature=[tf.TensorSpec([None, None, None], dtype)])
    def compiled(x):
        return [function(x, axis, output_type=tf.int64) for axis in range(3)]

    def both(x):
        return [function(x, axis) for axis in range(2)]

    shapes = [(3, 70), (3, 128)]
    fixed = [tf.function(both, input_signature=[tf.TensorSpec(s, dtype)]) for s in shapes]
    reference = getattr(np, function.__name__)

    @settings(COMMON, max_examples=12)
    @given(st.data())
    def check(drawn):
        shape = tuple(drawn.draw(st.integers(2, 40)) for _ in range(3))
        x = data(drawn.draw, shape, dtype)
        for axis, got in enumerate(compiled(x)):
            same(got, reference(x, axis))
        for shape, of_shape in zip(shapes, fixed, strict=True):
            y = data(drawn.draw, shape, dtype)
            for axis, got in enumerate(of_shape(y)):
                same(got, reference(y, axis).astype(got.dtype.as_numpy_dtype))

    check()


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_places_of_nonzero_elements(dtype: str, rank: int):
    """None, all and some; rows that end in zeros."""

    @tf.function(input_signature=[tf.TensorSpec([None] * rank, dtype)])
    def compiled(x):
        return tf.where(x)

    @COMMON
    @given(st.data())
    def check(drawn):
        shape = tuple(drawn.draw(st.integers(2, 150 if rank == 1 else 12)) for _ in range(rank))
        x = data(drawn.draw, shape, dtype)
        share = drawn.draw(st.sampled_from([0.0, 0.1, 0.9, 1.0]))
        x = np.where(np.random.default_rng(1).random(shape) < share, x, np.zeros_like(x))
        same(compiled(x), np.argwhere(x))

    check()


def test_places_of_nonzero_elements_of_a_long_vector():
    x = np.arange(200_000) % 7 > 4
    same(tf.function(tf.where)(x), np.argwhere(x))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_running_sums(axis: int, exclusive: bool, reverse: bool):
    """In NumPy's order, so to the bit."""

    def scan(x):
        return tf.cumsum(x, axis, exclusive, reverse)

    open_shape = tf.function(scan, input_signature=[tf.TensorSpec([None, None, None])])
    fixed = tf.function(scan, input_signature=[tf.TensorSpec([3, 5, 1300])])
    rng = np.random.default_rng(axis)

    @settings(COMMON, max_examples=10)
    @given(st.tuples(*[st.integers(2, 11)] * 3))
    def check(shape):
        x = rng.standard_normal(shape).astype(np.float32)
        same(open_shape(x), scan(tf.constant(x)))

    check()
    x = rng.standard_normal((3, 5, 1300)).astype(np.float32)
    same(fixed(x), scan(tf.constant(x)))


@pytest.mark.parametrize("name", ["sum", "min", "max", "prod"])
@pytest.mark.parametrize("order", ["sorted", "random", "same"])
def test_segments_with_many_entries(name: str, order: str):
    """In tables of their own; negative ids are left out, special values arrive, and empty segments stay as they start."""
    rng = np.random.default_rng(3)
    count = 6003
    ids = rng.integers(-1, 19, count).astype(np.int32)
    ids = {"sorted": np.sort(ids), "random": ids, "same": np.full(count, 7, np.int32)}[order]
    function = getattr(tf.math, f"unsorted_segment_{name}")
    whole = rng.integers(-3, 3, count).astype(np.int64)
    near_one = rng.uniform(0.99, 1.01, count).astype(np.float32)
    near_one[-1] = np.inf
    for values in (whole, near_one):
        got = tf.function(lambda x, i: function(x, i, 20))(values, ids)
        np.testing.assert_allclose(got, function(values, ids, 20), rtol=1e-4)


def test_segment_ids_are_checked_where_entries_are_many():
    ids = np.zeros(4096, np.int32)
    ids[1234] = 20
    with pytest.raises(IndexError, match="index 20 is out of range"):
        tf.function(lambda i: tf.math.unsorted_segment_sum(tf.ones(4096), i, 20))(ids)


@pytest.mark.parametrize("shape", [(1 << 20,), (1022, 1030), (3, 1 << 19)])
def test_long_reductions(shape: tuple[int, ...]):
    """Split into pieces: the same for any number of threads, nan and the first of equal positions included."""

    @tf.function
    def reduced(x, i):
        return [
            tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_max(x), tf.reduce_min(x, 0), tf.argmax(x, 0),
            tf.argmin(tf.reshape(x, [-1])), tf.reduce_sum(i), tf.reduce_max(i, 0), tf.math.count_nonzero(i),
        ]  # fmt: skip

    rng = np.random.default_rng(5)
    x = np.round(rng.standard_normal(shape), 1).astype(np.float32)
    i = rng.integers(-(2**30), 2**30, shape, dtype=np.int32)
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    try:
        for last in (x.flat[-1], np.nan):
            x.flat[-1] = last
            results = []
            for count in (1, 2):
                tf.config.threading.set_intra_op_parallelism_threads(count)
                results.append(reduced(x, i))
            expected = reduced.python_function(x, i)
            for one, two, right in zip(*results, expected, strict=True):
                same(two, one)
                np.testing.assert_allclose(one, right, rtol=1e-5, atol=1e-2)
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(threads)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", [(1,), (6, 1), (2, 3, 2), (0, 2), (9, 3)])
def test_bad_indices_ignored(shape: tuple[int, ...], compiled: bool):
    rng = np.random.default_rng(7)
    x = rng.standard_normal((3, 2, 2)).astype(np.float32)
    indices = rng.integers(-1, 4, shape)
    inside = ((indices >= 0) & (indices < x.shape[: indices.shape[-1]])).all(-1)
    taken = np.zeros((*inside.shape, *x.shape[indices.shape[-1] :]), np.float32)
    added = x.copy()
    for place in map(tuple, np.argwhere(inside)):
        where = tuple(indices[place])
        taken[place] = x[where]
        added[where] += x[where]

    def f(x, indices):
        taken = tf.gather_nd(x, indices, bad_indices_policy="IGNORE")
        return taken, tf.tensor_scatter_nd_add(x, indices, taken, bad_indices_policy="IGNORE")

    got = (tf.function(f) if compiled else f)(tf.constant(x), tf.constant(indices))
    np.testing.assert_array_equal(got[0], taken)
    np.testing.assert_allclose(got[1], added, rtol=1e-6)
