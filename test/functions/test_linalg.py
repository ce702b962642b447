"""Functions of linear algebra that are composed of several ops: against NumPy, compiled against eager, gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tfc as tf

RNG = np.random.default_rng(7)

EINSUMS = [
    ("ij,jk->ki", (2, 3), (3, 4)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    ("bhqd,bhkd->bhqk", (1, 2, 2, 3), (1, 2, 4, 3)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
    ("iij,jk->ik", (3, 3, 2), (2, 2)),
    ("i,j->ij", (2,), (3,)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ij,k->i", (2, 3), (4,)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->", (2, 3)),
    ("ij->ji", (2, 3)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("ab,b,ca->c", (2, 3), (3,), (2, 2)),
]


@pytest.mark.parametrize("case", EINSUMS, ids=lambda case: case[0])
def test_einsum(case: tuple[Any, ...]):
    equation, *shapes = case
    arrays = [RNG.standard_normal(shape) for shape in shapes]
    expected = np.einsum(equation, *arrays)
    np.testing.assert_allclose(tf.einsum(equation, *arrays), expected, rtol=1e-12, atol=1e-13)

    def gradients(*tensors: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            result = tf.reduce_sum(tf.einsum(equation, *tensors) ** 2.0)
        return tape.gradient(result, tensors)

    direction = [RNG.standard_normal(shape) for shape in shapes]
    tensors = [tf.constant(array) for array in arrays]
    slope = sum(np.sum(g * d) for g, d in zip(gradients(*tensors), direction, strict=True))
    step = 1e-6
    ends = [
        np.sum(np.einsum(equation, *[a + sign * step * d for a, d in zip(arrays, direction, strict=True)]) ** 2)
        for sign in (1, -1)
    ]  # fmt: skip
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("equation", "shapes", "code"),
    [
        ("ij,jk", ((2, 3),), "TFC107"),
        ("i%->i", ((2, 3),), "TFC107"),
        ("ij,jk->iz", ((2, 3), (3, 2)), "TFC107"),
        ("ij->ii", ((2, 3),), "TFC107"),
        ("i...->i", ((2, 3),), "TFC107"),
        ("ijk,jk->ik", ((2, 3), (3, 2)), "TFC105"),
        ("ij,jk->ik", ((2, 3), (2, 3)), "TFC106"),
    ],
)
def test_einsum_says_what_is_wrong(equation: str, shapes: Any, code: str):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.einsum(equation, *[np.ones(shape) for shape in shapes])
    assert caught.value.code == code
    assert equation in str(caught.value)


def test_einsum_without_an_equation():
    with pytest.raises(tf.errors.OpError, match="the equation is 5") as caught:
        tf.einsum(5, np.ones(3))
    assert caught.value.code == "TFC108"


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    def outer(x: Any) -> Any:
        return function(x)

    return tf.function(outer)


TALL = RNG.standard_normal((2, 4, 3))
FUNCTIONS: list[tuple[str, Callable[[Any], Any], Callable[[np.ndarray], Any], np.ndarray]] = [
    ("band_part", lambda x: tf.linalg.band_part(x, 1, 0), lambda x: np.triu(np.tril(x), -1), TALL),
    ("band_part_all", lambda x: tf.linalg.band_part(x, -1, 1), lambda x: np.tril(x, 1), TALL),
    ("trace", tf.linalg.trace, lambda x: np.trace(x, axis1=-2, axis2=-1), TALL),
    ("pinv", tf.linalg.pinv, np.linalg.pinv, TALL),
    ("matrix_rank", tf.linalg.matrix_rank, lambda x: np.array([3, 3], np.int32), TALL),
    ("matrix_transpose", tf.linalg.matrix_transpose, lambda x: np.swapaxes(x, -1, -2), TALL),
    (
        "logdet",
        lambda x: tf.linalg.logdet(tf.matmul(x, x, transpose_a=True)),
        lambda x: np.linalg.slogdet(np.swapaxes(x, -1, -2) @ x)[1],
        TALL,
    ),
    (
        "set_diag",
        lambda x: tf.linalg.set_diag(x, tf.zeros([2, 3], tf.float64)),
        lambda x: x * (np.arange(4)[:, None] != np.arange(3)),
        TALL,
    ),
    ("matvec", lambda x: tf.linalg.matvec(x, [[1.0, 2, 3]]), lambda x: x @ np.array([1.0, 2, 3]), TALL),
    (
        "lstsq",
        lambda x: tf.linalg.lstsq(x, x[..., :1] + 1.0),
        lambda x: np.linalg.pinv(x) @ (x[..., :1] + 1.0),
        TALL,
    ),
    (
        "lstsq_wide",
        lambda x: tf.linalg.lstsq(x, x[..., :1] + 1.0),
        lambda x: np.linalg.pinv(x) @ (x[..., :1] + 1.0),
        np.swapaxes(TALL, -1, -2),
    ),
    (
        "lstsq_slow",
        lambda x: tf.linalg.lstsq(x, x[..., :1] + 1.0, fast=False),
        lambda x: np.linalg.pinv(x) @ (x[..., :1] + 1.0),
        TALL,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "function", "oracle", "x"), FUNCTIONS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_composed(name: str, function: Any, oracle: Any, x: np.ndarray):
    expected = oracle(x)
    got = function(tf.constant(x))
    assert got.numpy().dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(compiled(function)(tf.constant(x)), expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "compiled"])
def test_what_is_made_of_matrices(wrap: Callable[[Any], Any]):
    a, b = RNG.standard_normal((2, 4, 3)), RNG.standard_normal((2, 4, 3))
    np.testing.assert_allclose(wrap(tf.linalg.cross)(a, b), np.cross(a, b), rtol=1e-12, atol=1e-13)
    unit, length = wrap(lambda x: tf.linalg.normalize(x, axis=-1))(a)
    np.testing.assert_allclose(length[..., 0], np.linalg.norm(a, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(unit * length, a, rtol=1e-12)
    x = RNG.standard_normal((2, 5, 5))
    factors, order = wrap(tf.linalg.lu)(x)
    np.testing.assert_allclose(wrap(tf.linalg.lu_reconstruct)(factors, order), x, atol=1e-13)
    inverse = wrap(tf.linalg.lu_matrix_inverse)(factors, order)
    np.testing.assert_allclose(inverse @ x, np.broadcast_to(np.eye(5), x.shape), atol=1e-11)
    spread = wrap(tf.linalg.tensor_diag)(a[0])
    assert spread.shape == (4, 3, 4, 3)
    np.testing.assert_array_equal(wrap(tf.linalg.tensor_diag_part)(spread), a[0])


def test_wrong_vectors_and_halves():
    with pytest.raises(ValueError, match="vectors of 3 elements"):
        tf.linalg.cross([1.0, 2.0], [3.0, 4.0])
    with pytest.raises(ValueError, match="halves"):
        tf.linalg.tensor_diag_part(tf.zeros([2, 3]))
