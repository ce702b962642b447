"""Functions of neural networks that are composed of several ops: against NumPy, compiled against eager."""

from typing import Any

import numpy as np
import pytest
import tfc as tf

RNG = np.random.default_rng(11)
LOGITS = RNG.standard_normal((4, 5)).astype("f4") * 3
LABELS = np.array([0, 4, 2, 2])
PROBABILITIES = RNG.dirichlet(np.ones(5), 4).astype("f4")
IMAGE = RNG.standard_normal((2, 3, 3, 4)).astype("f4")


def _log_softmax(x: np.ndarray) -> np.ndarray:
    wide = x.astype(np.float64)
    wide = wide - wide.max(-1, keepdims=True)
    return wide - np.log(np.exp(wide).sum(-1, keepdims=True))


def _sigmoid_loss(z: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x.astype(np.float64)) - x * z


def _lrn(x: np.ndarray) -> np.ndarray:
    squares = np.pad(x.astype(np.float64) ** 2, [(0, 0)] * 3 + [(1, 1)])
    total = squares[..., :-2] + squares[..., 1:-1] + squares[..., 2:]
    return x / (1 + total) ** 0.5


CASES: list[tuple[str, Any, Any, tuple[Any, ...]]] = [
    (
        "softmax_cross_entropy",
        tf.nn.softmax_cross_entropy_with_logits,
        lambda y, x: -(y * _log_softmax(x)).sum(-1),
        (PROBABILITIES, LOGITS),
    ),
    (
        "softmax_cross_entropy_axis",
        lambda y, x: tf.nn.softmax_cross_entropy_with_logits(y, x, axis=0),
        lambda y, x: -(y * _log_softmax(x.T).T).sum(0),
        (PROBABILITIES, LOGITS),
    ),
    (
        "sparse",
        tf.nn.sparse_softmax_cross_entropy_with_logits,
        lambda y, x: -_log_softmax(x)[np.arange(4), y],
        (LABELS, LOGITS),
    ),
    (
        "sigmoid",
        tf.nn.sigmoid_cross_entropy_with_logits,
        _sigmoid_loss,
        (PROBABILITIES, LOGITS),
    ),
    (
        "weighted",
        lambda z, x: tf.nn.weighted_cross_entropy_with_logits(z, x, 2.0),
        lambda z, x: 2 * z * np.logaddexp(0, -x) + (1 - z) * np.logaddexp(0, x),
        (PROBABILITIES, LOGITS),
    ),
    ("l2_loss", tf.nn.l2_loss, lambda x: (x.astype(np.float64) ** 2).sum() / 2, (IMAGE,)),
    ("moments_mean", lambda x: tf.nn.moments(x, [0, 1, 2])[0], lambda x: x.mean((0, 1, 2)), (IMAGE,)),
    ("moments_variance", lambda x: tf.nn.moments(x, [0, 1, 2])[1], lambda x: x.var((0, 1, 2)), (IMAGE,)),
    (
        "batch_normalization",
        lambda x: tf.nn.batch_normalization(x, [0.5, 1, 2, 3], [1.0, 2, 3, 4], [1.0, 1, 1, 1], 2.0, 0.1),
        lambda x: (x - np.array([0.5, 1, 2, 3])) / np.sqrt(np.array([1.1, 2.1, 3.1, 4.1])) * 2 + 1,
        (IMAGE,),
    ),
    ("bias_add", lambda x: tf.nn.bias_add(x, [1.0, 2, 3, 4]), lambda x: x + np.array([1.0, 2, 3, 4]), (IMAGE,)),
    (
        "bias_add_channels_first",
        lambda x: tf.nn.bias_add(x, [1.0, 2, 3], data_format="NCHW"),
        lambda x: x + np.array([1.0, 2, 3])[:, None, None],
        (IMAGE,),
    ),
    ("lrn", lambda x: tf.nn.local_response_normalization(x, 1), _lrn, (IMAGE,)),
    ("embedding", tf.nn.embedding_lookup, lambda t, i: t[i], (LOGITS, LABELS[:3] % 4)),
    (
        "in_top_k",
        lambda y, x: tf.math.in_top_k(y, x, 2),
        lambda y, x: (x > x[np.arange(4), y][:, None]).sum(-1) < 2,
        (LABELS, LOGITS),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "function", "oracle", "arrays"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_against_numpy(name: str, function: Any, oracle: Any, arrays: tuple[np.ndarray, ...]):
    expected = oracle(*arrays)
    eager = function(*[tf.constant(a, a.dtype) for a in arrays])
    np.testing.assert_allclose(eager, expected, rtol=2e-5, atol=2e-6)

    def outer(*tensors: Any) -> Any:
        return function(*tensors)

    np.testing.assert_allclose(tf.function(outer)(*arrays), expected, rtol=2e-5, atol=2e-6)


def test_losses_stay_finite_for_large_logits():
    logits = tf.constant([[1e4, 0.0, -1e4]])
    one_hot = tf.constant([[0.0, 1.0, 0.0]])
    assert tf.nn.softmax_cross_entropy_with_logits(one_hot, logits).numpy() == [1e4]
    assert tf.nn.sparse_softmax_cross_entropy_with_logits([1], logits).numpy() == [1e4]
    assert tf.nn.sigmoid_cross_entropy_with_logits([[0.0, 1.0, 1.0]], logits).numpy().tolist() == [
        [1e4, np.float32(np.log(2)), 1e4]
    ]


def test_a_label_that_is_no_class_gives_nan():
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits([-1, 3, 0], np.zeros((3, 3), "f4"))
    assert np.isnan(losses.numpy()).tolist() == [True, True, False]


@pytest.mark.parametrize("sparse", [False, True])
def test_gradient_of_cross_entropy_is_softmax_minus_labels(sparse: bool):
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        if sparse:
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, logits)
        else:
            loss = tf.nn.softmax_cross_entropy_with_logits(np.eye(5, dtype="f4")[LABELS], logits)
    expected = np.exp(_log_softmax(LOGITS)) - np.eye(5)[LABELS]
    np.testing.assert_allclose(tape.gradient(loss, logits), expected, atol=1e-6)


def test_dropout():
    tf.random.set_seed(3)
    x = tf.ones([4000])
    y = tf.nn.dropout(x, 0.25).numpy()
    assert set(y.tolist()) == {0.0, np.float32(1) / np.float32(0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.03
    rows = tf.nn.dropout(tf.ones([50, 4]), 0.5, noise_shape=[50, 1]).numpy()
    assert ((rows == 0).all(1) | (rows == 2).all(1)).all()
    assert tf.nn.dropout(x, 0) is x
    with pytest.raises(tf.errors.InvalidArgumentError, match="TFC107"):
        tf.nn.dropout(x, 1.0)
