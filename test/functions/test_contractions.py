"""Contractions of every shape class and layout against float64; the number of threads does not show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tfc as tf
from hypothesis import given, settings
from hypothesis import strategies as st

Array = np.ndarray[Any, Any]

SIZES = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 17, 31, 37, 64, 97])
DTYPES = {"float32": 2e-6, "float64": 1e-14, "float16": 2e-3, "bfloat16": 1.6e-2, "int32": 0.0}
SMALLEST = {"float16": 2.0**-24}
"""Below the normal numbers, a result is as far from the sum as these are apart."""


def numbers(shape: tuple[int, ...], dtype: str, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    if dtype.startswith("int"):
        return rng.integers(-9, 9, shape).astype(dtype)
    return tf.cast(tf.constant(rng.standard_normal(shape)), dtype).numpy()


def check(result: Array, a: Array, b: Array, dtype: str) -> None:
    """The error of a sum may be as large as its terms make it."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    exact, bound = a @ b, np.abs(a) @ np.abs(b)
    assert result.shape == exact.shape
    bound = DTYPES[dtype] * bound + SMALLEST.get(dtype, 0.0)
    assert (np.abs(result.astype(np.float64) - exact) <= bound).all()


@settings(max_examples=25, deadline=None)
@given(
    m=SIZES,
    n=SIZES,
    k=st.sampled_from([0, 1, 2, 5, 16, 33, 600]),
    transposed=st.tuples(st.booleans(), st.booleans()),
    dtype=st.sampled_from(list(DTYPES)),
)
def test_matmul(m: int, n: int, k: int, transposed: tuple[bool, bool], dtype: str) -> None:
    left, right = transposed
    a = numbers((k, m) if left else (m, k), dtype, 1)
    b = numbers((n, k) if right else (k, n), dtype, 2)

    @tf.function
    def product(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, y, transpose_a=left, transpose_b=right)

    result = product(a, b).numpy()
    check(result, a.T if left else a, b.T if right else b, dtype)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_unknown_sizes(dtype: str) -> None:
    product = tf.function(lambda x, y: x @ y)
    for m, k, n in [(9, 4, 5), (3, 7, 8), (7, 9, 20), (64, 600, 48), (1, 1, 1), (300, 2, 17)]:
        a, b = numbers((m, k), dtype, m), numbers((k, n), dtype, n)
        check(np.asarray(product(a, b)), a, b, dtype)


@pytest.mark.parametrize("shape", [(130, 200, 90), (8, 1100, 300), (257, 530, 33), (512, 64, 512)])
@pytest.mark.parametrize("layout", ["nn", "nt", "tn"])
def test_blocks_and_threads(shape: tuple[int, int, int], layout: str) -> None:
    """Several blocks of rows, columns and products; the same bits from any number of threads."""
    m, k, n = shape
    left, right = (side == "t" for side in layout)
    a = numbers((k, m) if left else (m, k), "float32", 3)
    b = numbers((n, k) if right else (k, n), "float32", 4)
    before = tf.config.threading.get_intra_op_parallelism_threads()
    product = tf.function(lambda x, y: tf.matmul(x, y, transpose_a=left, transpose_b=right))
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        alone = product(a, b).numpy()
        tf.config.threading.set_intra_op_parallelism_threads(2)
        together = product(a, b).numpy()
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(before)
    check(alone, a.T if left else a, b.T if right else b, "float32")
    assert alone.tobytes() == together.tobytes()


@pytest.mark.parametrize(
    "shape", [(16, 16), (17, 33), (70, 19), (70, 40), (300, 1100), (1100, 300), (40, 9000)]
)
@pytest.mark.parametrize("equation", ["mk,k->m", "m,mk->k", "bmk,bk->bm", "bmk,bm->bk"])
@pytest.mark.parametrize("unknown", [False, True])
def test_vectors(shape: tuple[int, int], equation: str, unknown: bool) -> None:
    """A matrix and a vector, from either side."""
    sizes = {"m": shape[0], "k": shape[1], "b": 3}
    left, right = equation.split("->", maxsplit=1)[0].split(",")
    product = tf.function(lambda x, y: tf.einsum(equation, x, y))
    if unknown:
        product(*(np.ones([sizes[label] + 2 for label in labels]) for labels in (left, right)))
    a = numbers(tuple(sizes[label] for label in left), "float64", 12)
    b = numbers(tuple(sizes[label] for label in right), "float64", 13)
    np.testing.assert_allclose(
        product(a, b).numpy(), np.einsum(equation, a, b), rtol=1e-11, atol=1e-11
    )


def test_slices_are_read_where_they_are() -> None:
    """An operand that is a part of a larger array is not copied."""

    @tf.function
    def steps(x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
        total = tf.zeros((8, 24))
        for t in tf.range(5):
            total = total + x[t] @ w
        return total

    x, w = numbers((5, 8, 32), "float32", 5), numbers((32, 24), "float32", 6)
    check(steps(x, w).numpy(), np.concatenate(list(x), 1), np.concatenate([w] * 5), "float32")
    assert "@tfc_contraction_0(" in steps.text(x, w, stage="loops")


@pytest.mark.parametrize(
    "equation", ["bqhd,bkhd->bhqk", "bhqk,bkhd->bqhd", "ab,cb->ca", "abk,kn->abn"]
)
def test_einsum_layouts(equation: str) -> None:
    sizes = dict(zip("abqkhdcn", (5, 3, 17, 19, 2, 24, 33, 21), strict=True))
    left, right = equation.split("->", maxsplit=1)[0].split(",")
    a = numbers(tuple(sizes[label] for label in left), "float32", 7)
    b = numbers(tuple(sizes[label] for label in right), "float32", 8)
    result = tf.function(lambda x, y: tf.einsum(equation, x, y))(a, b).numpy()
    exact = np.einsum(equation, a.astype(np.float64), b.astype(np.float64))
    np.testing.assert_allclose(result, exact, rtol=1e-5, atol=1e-5)


def test_weights_that_a_loop_changes() -> None:
    """Packed before the loop only what the loop leaves alone."""

    @tf.function
    def steps(x: tf.Tensor, fixed: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
        for _ in tf.range(3):
            x = x @ fixed @ w
            w = w * 0.5
        return x

    x, fixed, w = (numbers((24, 24), "float64", seed) for seed in (9, 10, 11))
    expected = x
    for t in range(3):
        expected = expected @ fixed @ (w * 0.5**t)
    np.testing.assert_allclose(steps(x, fixed, w), expected, rtol=1e-12, atol=1e-12)
