"""Attention in the layouts that people write, against float64; matrices of scores that are cut into blocks of rows or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

Array = np.ndarray[Any, Any]


def heads_first(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    scores = tf.matmul(q, k, transpose_b=True) * 0.25
    return tf.nn.softmax(tf.where(mask, scores, -1e9)) @ v


def transposed(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    def swap(x: tf.Tensor) -> tf.Tensor:
        return tf.transpose(x, [0, 2, 1, 3])

    return swap(heads_first(swap(q), swap(k), swap(v), mask))


def heads_inside(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    scores = tf.einsum("bqhd,bkhd->bhqk", q, k) * 0.25
    return tf.einsum("bhqk,bkhd->bqhd", tf.nn.softmax(tf.where(mask, scores, -1e9)), v)


LAYOUTS: dict[str, Callable[..., tf.Tensor]] = {
    "heads_first": heads_first,
    "transposed": transposed,
    "heads_inside": heads_inside,
}


def swapped(x: Array, layout: str) -> Array:
    return x if layout == "heads_first" else x.transpose(0, 2, 1, 3)


def reference(q: Array, k: Array, v: Array, mask: Array, layout: str) -> Array:
    q, k, v = (swapped(x.astype(np.float64), layout) for x in (q, k, v))
    scores = np.where(mask, q @ k.swapaxes(-1, -2) * 0.25, -1e9)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return swapped(weights / weights.sum(-1, keepdims=True) @ v, layout)


# Batch, heads, queries, keys: 300 x 300 is cut in two, 257 (a prime) cannot be, one matrix is shared among threads.
SIZES = [(2, 3, 300, 300), (1, 2, 257, 300), (1, 1, 320, 500), (2, 2, 40, 24), (3, 1, 1, 300)]


@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("sizes", SIZES)
def test_layouts(layout: str, sizes: tuple[int, int, int, int]) -> None:
    batch, heads, queries, keys = sizes
    rng = np.random.default_rng(0)
    q, k, v = (
        swapped(rng.standard_normal((batch, heads, n, 16)), layout).astype(np.float32).copy()
        for n in (queries, keys, keys)
    )
    mask = np.tril(np.ones((queries, keys), bool))
    function = tf.function(LAYOUTS[layout])
    results: list[bytes] = []
    before = tf.config.threading.get_intra_op_parallelism_threads()
    try:
        for threads in (1, 2):
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            result = function(q, k, v, mask).numpy()
            np.testing.assert_allclose(result, reference(q, k, v, mask, layout), atol=2e-6)
            results.append(result.tobytes())
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(before)
    assert results[0] == results[1]


def test_one_tensor_is_everything() -> None:
    """The result's blocks do not overwrite what later blocks read."""
    x = np.random.default_rng(1).standard_normal((2, 2, 300, 16)).astype(np.float32)
    mask = np.ones((300, 300), bool)

    @tf.function
    def attend(x: tf.Tensor) -> tf.Tensor:
        y = x * 2.0
        return heads_first(y, y, y, mask)

    expected = reference(2 * x, 2 * x, 2 * x, mask, "heads_first")
    np.testing.assert_allclose(attend(x).numpy(), expected, atol=3e-5)


def test_rows_know_their_number() -> None:
    """A mask that is computed from indices, over blocks of rows."""
    rng = np.random.default_rng(2)
    q, k, v = (rng.standard_normal((2, 2, 300, 16)).astype(np.float32) for _ in range(3))

    @tf.function
    def causal(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
        return heads_first(q, k, v, tf.range(300)[:, None] >= tf.range(300)[None, :])

    expected = reference(q, k, v, np.tril(np.ones((300, 300), bool)), "heads_first")
    np.testing.assert_allclose(causal(q, k, v).numpy(), expected, atol=2e-6)


@pytest.mark.parametrize("shape", [(3, 1, 1, 300), (1, 2, 300, 1), (2, 300, 300), (3, 1, 300, 300)])
def test_masks_that_heads_share(shape: tuple[int, ...]) -> None:
    """A mask with one row, or one matrix, for all heads or all batches."""
    rng = np.random.default_rng(3)
    q, k, v = (rng.standard_normal((3, 2, 300, 16)).astype(np.float32) for _ in range(3))
    mask = rng.random(shape) < 0.7
    result = tf.function(heads_first)(q, k, v, mask).numpy()
    expected = reference(q, k, v, np.broadcast_to(mask, (3, 2, 300, 300)), "heads_first")
    np.testing.assert_allclose(result, expected, atol=2e-6)
