"""Smooth functions of one tensor made of single ops: elementwise, reductions, indexing, rearranging."""

import numpy as np
import tfc as tf

from gradients.harness import Smooth

table = Smooth()
RANDOM = np.random.default_rng(5)
V = np.array([0.7, -1.3, 2.1])
P = np.array([0.4, 1.5, 2.2, 0.9])
M = RANDOM.standard_normal((3, 4))
SQ = RANDOM.standard_normal((3, 3))
f64 = tf.float64


@table.row(V)
def cube(x):
    return tf.reduce_sum(x**3)


@table.row(V)
def softplus_chain(x):
    return tf.reduce_sum(tf.math.log(1 + tf.exp(x)))


@table.row(P, np.array([1.0, 0.0, 2.0, 0.0]), np.array([0.0, 3.0, 2.0, 1.0]))
def prod_zeros(x):
    return tf.reduce_prod(x)


@table.row(M)
def prod_axis(x):
    return tf.reduce_sum(tf.reduce_prod(x, axis=1) ** 2)


@table.row(V)
def logsumexp(x):
    return tf.reduce_logsumexp(2 * x)


@table.row(M)
def lse_axis(x):
    return tf.reduce_sum(tf.reduce_logsumexp(x, axis=0, keepdims=True) * x)


@table.row(M)
def std_var(x):
    return tf.reduce_sum(tf.math.reduce_std(x, 1)) + tf.reduce_sum(
        tf.math.reduce_variance(x, 0) ** 2
    )


@table.row(V)
def norm(x):
    return tf.norm(x) * tf.norm(x, ord=1) + tf.norm(x, ord=np.inf)


@table.row(V)
def l2norm(x):
    return tf.reduce_sum(tf.nn.l2_normalize(x) * tf.constant([1.0, 2.0, 3.0], f64))


@table.row(M)
def cumsums(x):
    return tf.reduce_sum(tf.cumsum(x, 1) * tf.cumsum(x, 0, exclusive=True, reverse=True))


@table.row(P, np.array([1.0, 0.0, 2.0, 3.0]))
def cumprods(x):
    return tf.reduce_sum(tf.math.cumprod(x) * tf.math.cumprod(x, exclusive=True, reverse=True))


@table.row(V)
def cumlse(x):
    return tf.reduce_sum(tf.math.cumulative_logsumexp(x) ** 2)


@table.row(V)
def sorts(x):
    return tf.reduce_sum(tf.sort(x) * tf.constant([1.0, 2.0, 3.0], f64) ** 2 * tf.sort(x))


@table.row(P)
def topk(x):
    v, i = tf.math.top_k(x, 2)
    return v[0] * v[1] + tf.reduce_sum(tf.gather(x, i) ** 3)


@table.row(M)
def topk_rows(x):
    return tf.reduce_sum(tf.math.top_k(x, 2).values ** 2)


@table.row(M)
def gathers(x):
    return tf.reduce_sum(tf.gather(x, [2, 0, 2, 2]) ** 2 * 2.0) + tf.reduce_sum(
        tf.gather(x, [1, 1], axis=1) ** 3
    )


@table.row(M)
def gather_nd(x):
    return tf.reduce_sum(tf.gather_nd(x, [[0, 1], [2, 3], [0, 1]]) ** 3)


@table.row(M)
def gather_batch(x):
    return tf.reduce_sum(tf.gather(x, [[0, 0], [1, 3], [2, 2]], batch_dims=1) ** 3)


@table.row(V)
def scatter(x):
    return tf.reduce_sum(tf.scatter_nd([[1], [3], [1]], x * x, [5]) ** 2)


@table.row(V)
def tscatter_upd(x):
    return tf.reduce_sum(tf.tensor_scatter_nd_update(x * x, [[0], [2]], tf.sin(x[:2])) * x)


@table.row(V)
def tscatter_add(x):
    return tf.reduce_sum(tf.tensor_scatter_nd_add(x * x, [[0], [2], [0]], tf.sin(x)) ** 2)


@table.row(V)
def tscatter_max(x):
    return tf.reduce_sum(tf.tensor_scatter_nd_max(x * x, [[0], [2]], tf.exp(x[:2])) ** 2)


@table.row(P)
def segsum(x):
    return tf.reduce_sum(tf.math.segment_sum(x * x, [0, 0, 1, 2]) ** 2)


@table.row(P)
def segmean(x):
    return tf.reduce_sum(tf.math.segment_mean(x * x, [0, 0, 1, 1]) ** 2)


@table.row(P)
def segmax(x):
    return tf.reduce_sum(tf.math.segment_max(x * x, [0, 0, 1, 1]) ** 2)


@table.row(P)
def unsorted(x):
    return (
        tf.reduce_sum(tf.math.unsorted_segment_sum(x**3, [1, 0, 1, -1], 3) ** 2)
        + tf.reduce_sum(tf.math.unsorted_segment_prod(x, [1, 0, 1, 0], 2) ** 2)
        + tf.reduce_sum(tf.math.unsorted_segment_max(x, [1, 0, 1, 0], 2) ** 3)
    )


@table.row(P)
def unsorted_mean(x):
    return tf.reduce_sum(tf.math.unsorted_segment_mean(x**2, [1, 0, 1, 1], 2) ** 2) + tf.reduce_sum(
        tf.math.unsorted_segment_sqrt_n(x**2, [1, 0, 1, 1], 2) ** 2
    )


@table.row(M)
def maxmin(x):
    return tf.reduce_sum(tf.reduce_max(x, 0) ** 2) + tf.reduce_sum(tf.reduce_min(x, 1) ** 3)


@table.row(V)
def where_nan(x):
    safe = tf.where(x > 0, x, tf.ones_like(x))
    return tf.reduce_sum(tf.where(x > 0, tf.sqrt(safe) * tf.math.log(safe), tf.zeros_like(x)))


@table.row(M)
def einsum(x):
    return tf.einsum("ij,kj,ik->", x, x, tf.constant(SQ))


@table.row(M)
def einsum2(x):
    return tf.reduce_sum(tf.einsum("ij,jk->ik", x, tf.transpose(x)) ** 2)


@table.row(SQ)
def einsum_diag(x):
    return tf.einsum("ii,ij->", x, x * x)


@table.row(P)
def special(x):
    return tf.reduce_sum(
        tf.math.lgamma(x)
        + tf.math.erf(x) * tf.math.erfc(x)
        + tf.math.digamma(x + 1)
        + tf.math.log1p(x) * tf.math.expm1(x)
        + tf.math.xlogy(x, x)
    )


@table.row(P * 0.3)
def trig(x):
    return tf.reduce_sum(
        tf.tan(x) * tf.asin(x * 0.5)
        + tf.acos(x * 0.5) * tf.atan(x)
        + tf.sinh(x) * tf.cosh(x)
        + tf.asinh(x) * tf.atanh(x)
        + tf.acosh(x + 1.5)
        + tf.atan2(x, 1 + x)
    )


@table.row(P)
def powers(x):
    return tf.reduce_sum(
        x**x
        + 2.0**x
        + tf.pow(x, 2.5)
        + tf.math.rsqrt(x)
        + tf.math.reciprocal(x)
        + tf.math.divide_no_nan(x, x + 1)
        + tf.math.squared_difference(x, 2 * x)
    )


@table.row(P)
def mods(x):
    return tf.reduce_sum((x % 0.7) * x + (x // 0.7) * x + tf.math.floormod(5.0 - x, x))


@table.row(V)
def clip(x):
    return tf.reduce_sum(tf.clip_by_value(x * x, 0.6, 3.0) * x) + tf.reduce_sum(
        tf.clip_by_norm(x, 1.0) ** 3
    )


@table.row(M)
def reshapes(x):
    return tf.reduce_sum(
        tf.reshape(tf.transpose(x), [2, 6])[:, ::2] ** 2 * tf.reshape(x, [2, -1])[:, 1::2]
    )


@table.row(M)
def slices(x):
    return (
        tf.reduce_sum(x[1:, ::-1] * x[:-1, :])
        + tf.reduce_sum(x[..., tf.newaxis, -1] ** 3)
        + tf.reduce_sum(x[::-2, 1:3] ** 2)
    )


@table.row(M)
def joins(x):
    a, b = tf.split(x, 2, axis=1)
    s = tf.stack([a, b * b], 1)
    u = tf.unstack(s, axis=0)
    return (
        tf.reduce_sum(tf.concat(u, 0) ** 3)
        + tf.reduce_sum(tf.tile(a, [2, 1]) ** 2)
        + tf.reduce_sum(tf.pad(b, [[1, 0], [0, 2]])[1:, :] ** 2)
        + tf.reduce_sum(tf.roll(a, 1, 0) * a)
        + tf.reduce_sum(tf.repeat(b, [1, 2, 3], axis=0) ** 2)
    )


@table.row(M)
def padreflect(x):
    return tf.reduce_sum(tf.pad(x, [[1, 1], [2, 2]], "REFLECT") ** 2 * 1.5) + tf.reduce_sum(
        tf.pad(x, [[1, 1], [2, 2]], "SYMMETRIC") ** 3
    )


@table.row(V)
def mesh(x):
    a, b = tf.meshgrid(x, x * x)
    return tf.reduce_sum(tf.sin(a * b))


@table.row(M)
def boolmask(x):
    return tf.reduce_sum(tf.boolean_mask(x, x > 0) ** 3)


@table.row(M)
def masked_item(x):
    return tf.reduce_sum(x[x > 0.2] ** 3)


@table.row(P)
def dynpart(x):
    a, b = tf.dynamic_partition(x, [0, 1, 0, 1], 2)
    return tf.reduce_sum(a**2) * tf.reduce_sum(b**3) + tf.reduce_sum(
        tf.dynamic_stitch([[0, 2], [1, 3]], [a, b * b]) ** 2
    )


@table.row(V)
def outer(x):
    return tf.reduce_sum(tf.tensordot(x, x * x, 0) ** 2) + tf.tensordot(x, tf.exp(x), 1)


@table.row(V)
def broadcastto(x):
    return tf.reduce_sum(
        tf.broadcast_to(x, [4, 3]) ** 2 * tf.constant(np.arange(12.0).reshape(4, 3))
    )


@table.row(np.array(1.7))
def scalar_poly(x):
    return x**4 - 3 * x**2 + tf.sin(x) / x


@table.row(np.zeros((0,)), np.zeros((1,)))
def empties(x):
    return tf.reduce_sum(x * x * 3)


@table.row(V)
def identity_pass(x):
    return (
        tf.reduce_sum(tf.grad_pass_through(lambda t: t)(x) * x)
        if hasattr(tf, "grad_pass_through")
        else tf.reduce_sum(x)
    )


@table.row(V)
def recompute(x):
    return tf.reduce_sum(tf.recompute_grad(lambda t: tf.sin(t) * t)(x) ** 2)


@table.row(V)
def customg(x):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)

        def grad(dy):
            return dy * (1 - 1 / (1 + e))

        return tf.math.log(1 + e), grad

    return tf.reduce_sum(log1pexp(x) * x)


@table.row(V)
def pyfun(x):
    return tf.reduce_sum(tf.py_function(lambda t: tf.sin(t) * t, [x], tf.float64) ** 2)
