"""Smooth functions of one tensor: linear algebra and the layers of networks."""

import numpy as np
import tfc as tf

from gradients.harness import Smooth

table = Smooth()
RANDOM = np.random.default_rng(5)
V = np.array([0.7, -1.3, 2.1])
P = np.array([0.4, 1.5, 2.2, 0.9])
M = RANDOM.standard_normal((3, 4))
SQ = RANDOM.standard_normal((3, 3))
SPD = SQ @ SQ.T + 3 * np.eye(3)
KC = RANDOM.standard_normal((3, 3, 2, 2))
IM = RANDOM.standard_normal((1, 5, 5, 2))
f64 = tf.float64


@table.row(SPD)
def chol(x):
    s = (x + tf.transpose(x)) / 2
    return tf.reduce_sum(tf.linalg.cholesky(s) ** 3)


@table.row(SPD)
def logdet(x):
    return tf.linalg.logdet((x + tf.transpose(x)) / 2)


@table.row(SPD)
def slogdet(x):
    s, loss = tf.linalg.slogdet(x)
    return loss * s * loss


@table.row(SPD)
def det(x):
    return tf.linalg.det(x)


@table.row(SPD)
def inv(x):
    return tf.reduce_sum(tf.linalg.inv(x) ** 2)


@table.row(SPD)
def solve(x):
    return tf.reduce_sum(tf.linalg.solve(x, tf.constant(M)) ** 2) + tf.reduce_sum(
        tf.linalg.solve(x, x, adjoint=True)
    )


@table.row(SPD)
def trisolve(x):
    return tf.reduce_sum(tf.linalg.triangular_solve(x, tf.constant(M), lower=True) ** 2)


@table.row(SPD)
def cholsolve(x):
    s = (x + tf.transpose(x)) / 2
    return tf.reduce_sum(tf.linalg.cholesky_solve(tf.linalg.cholesky(s), tf.constant(M)) ** 2)


@table.row(RANDOM.standard_normal((4, 3)), order=1)
def svd(x):
    s, u, v = tf.linalg.svd(x)
    return tf.reduce_sum(s**3) + tf.reduce_sum(
        tf.matmul(u, tf.linalg.diag(s**2) @ tf.transpose(v))
        * tf.constant(np.arange(12.0).reshape(4, 3))
    )


@table.row(RANDOM.standard_normal((4, 3)))
def svdvals(x):
    return tf.reduce_sum(tf.linalg.svd(x, compute_uv=False) ** 3)


@table.row(RANDOM.standard_normal((4, 3)))
def qr(x):
    q, r = tf.linalg.qr(x)
    return tf.reduce_sum(tf.sin(q)) + tf.reduce_sum(r**2 * r)


@table.row(SPD)
def eigh(x):
    e, v = tf.linalg.eigh((x + tf.transpose(x)) / 2)
    return tf.reduce_sum(e**2 * tf.constant([1.0, 2.0, 3.0], f64)) + tf.reduce_sum(
        tf.abs(v) * tf.constant(M[:, :3])
    )


@table.row(SPD * 0.2)
def expm(x):
    return tf.reduce_sum(tf.linalg.expm(x) ** 2)


@table.row(SPD)
def trace_diag(x):
    return (
        tf.linalg.trace(x @ x)
        + tf.reduce_sum(tf.linalg.diag_part(x) ** 3)
        + tf.reduce_sum(tf.linalg.band_part(x, 1, 0) ** 2)
        + tf.reduce_sum(tf.linalg.set_diag(x, tf.linalg.diag_part(x) ** 2) ** 2)
    )


@table.row(RANDOM.standard_normal((4, 2)))
def lstsq(x):
    return tf.reduce_sum(tf.linalg.lstsq(x, tf.constant([[0.0], [1.0], [2.0], [3.0]], f64)) ** 2)


@table.row(RANDOM.standard_normal((1, 5, 5, 2)))
def conv(x):
    return tf.reduce_sum(tf.nn.conv2d(x, tf.constant(KC), 1, "SAME") ** 2)


@table.row(KC)
def conv_k(k):
    return tf.reduce_sum(tf.tanh(tf.nn.conv2d(tf.constant(IM), k, 2, "VALID")))


@table.row(IM)
def pool(x):
    return tf.reduce_sum(tf.nn.max_pool2d(x, 2, 2, "SAME") ** 2) + tf.reduce_sum(
        tf.nn.avg_pool2d(x, 3, 2, "SAME") ** 3
    )


@table.row(IM)
def depthwise(x):
    return tf.reduce_sum(tf.nn.depthwise_conv2d(x, tf.constant(KC), [1, 1, 1, 1], "SAME") ** 2)


@table.row(RANDOM.standard_normal((1, 3, 3, 2)))
def conv_transposed(x):
    return tf.reduce_sum(tf.nn.conv2d_transpose(x, tf.constant(KC), [1, 6, 6, 2], 2, "SAME") ** 2)


@table.row(M)
def layernorm(x):
    m, v = tf.nn.moments(x, [1], keepdims=True)
    return tf.reduce_sum(tf.sin((x - m) * tf.math.rsqrt(v + 1e-3)))


@table.row(M)
def batchnorm(x):
    m, v = tf.nn.moments(x, [0])
    return tf.reduce_sum(tf.nn.batch_normalization(x, m, v, None, tf.constant(P), 1e-3) ** 3)


@table.row(RANDOM.standard_normal((4, 3)))
def attention(x):
    q, k, v = x, x * 0.5, tf.sin(x)
    return tf.reduce_sum((tf.nn.softmax(q @ tf.transpose(k)) @ v) ** 2)


@table.row(RANDOM.standard_normal((4, 3)))
def masked_attention(x):
    n = 4
    mask = tf.linalg.band_part(tf.ones([n, n], f64), -1, 0)
    s = tf.where(mask > 0, x @ tf.transpose(x), tf.constant(-1e9, f64))
    return tf.reduce_sum((tf.nn.softmax(s) @ x) ** 2)


@table.row(M)
def xent(x):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits([0, 3, 1], x))


@table.row(M)
def xent2(x):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x * 2), x))


@table.row(V)
def sigxent(x):
    return tf.reduce_mean(
        tf.nn.sigmoid_cross_entropy_with_logits(
            labels=tf.constant([0.0, 1.0, 0.5], f64), logits=x * x
        )
    )


@table.row(V)
def acts(x):
    return tf.reduce_sum(
        tf.nn.gelu(x)
        + tf.nn.silu(x) * tf.nn.elu(x)
        + tf.nn.selu(x)
        + tf.nn.leaky_relu(x) ** 2
        + tf.nn.softsign(x)
        + tf.nn.softplus(x)
        + tf.nn.relu6(x)
        + tf.math.mish(x)
        if hasattr(tf.math, "mish")
        else tf.nn.gelu(x, approximate=True) * x
    )
