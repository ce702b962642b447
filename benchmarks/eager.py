"""What eager calls cost on 4 floats, above the NumPy call that computes the same.

    python benchmarks/eager.py [part of an expression ...]

One process, both by turns, CPU time, the best of many short runs. Those beyond the limit of `figures.py` are marked.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import timeit

LIMIT = 2.0
"""Microseconds that an eager call may take above NumPy's."""

SETUP = """
import math, numpy as np, tfc as tf
a = np.array([0.5, 0.25, 0.75, 0.125], np.float32)
b = np.array([1.5, 0.75, 2.25, 1.125], np.float32)
m = a.reshape(2, 2); n = b.reshape(2, 2); s = np.float32(0.5)
i = np.array([0, 2], np.int32); k = np.array([3, 1, 2, 5], np.int32)
l = a < 0.5; g = np.random.default_rng(0); at = np.array([0, 0, 1, 1], np.int32)
image = np.ones((1, 2, 2, 1), np.float32); kernel = np.ones((1, 1, 1, 1), np.float32); spd = m @ m.T + np.eye(2, dtype=np.float32)
A, B, M, N, S, I, K, L, AT, IMAGE, KERNEL, SPD = map(tf.constant, (a, b, m, n, s, i, k, l, at, image, kernel, spd))
v = tf.Variable(a); w = a.copy(); generator = tf.random.Generator.from_seed(1)
def philox():
    return np.random.Generator(np.random.Philox(key=1, counter=2))
def gradient():
    with tf.GradientTape() as tape:
        tape.watch(A)
        y = tf.sin(A * B) + B
    return tape.gradient(y, A)
c = np.array([True, False, True, True]); C = tf.constant(c)
t3 = np.ones((2, 3, 4), np.float32); T3 = tf.constant(t3)
seq = np.ones((1, 4, 1), np.float32); SEQ = tf.constant(seq)
mv = tf.Variable(m); mw = m.copy()
labels = np.array([1, 0], np.int32); LABELS = tf.constant(labels)
one = tf.constant(1)
nest = {'a': A, 'b': [B, M]}
def tape1():
    with tf.GradientTape() as tape:
        tape.watch(A)
        y = A * A
    return tape.gradient(y, A)
def tapev():
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(v * v)
    return tape.gradient(y, v)
def tape_dense():
    with tf.GradientTape() as tape:
        y = tf.reduce_mean(tf.square(tf.matmul(M, mv) - N))
    return tape.gradient(y, mv)
def tape_dense_np():
    d = m @ mw - n
    (d * d).mean()
    return m.T @ (2 * d / 4)
def while_np():
    i = np.int32(0)
    while i < 3: i += np.int32(1)
    return i
def scale(x): return x * 2.0
def shifted(x): return x - x.max(-1, keepdims=True)
def cross_entropy(x, at):
    s = shifted(x)
    return -(s - np.log(np.exp(s).sum(1, keepdims=True)))[np.arange(2), at]
def tensorarray():
    ta = tf.TensorArray(tf.float32, size=2)
    ta = ta.write(0, A); ta = ta.write(1, B)
    return ta.stack()
class Dense:
    def __init__(self): self.w = tf.Variable(m); self.b = tf.Variable(m[0])
    def __call__(self, x): return tf.nn.relu(x @ self.w + self.b)
class DenseN:
    def __init__(self): self.w = m.copy(); self.b = m[0].copy()
    def __call__(self, x): return np.maximum(x @ self.w + self.b, 0)
dense, densen = Dense(), DenseN()
mean_, var_ = np.zeros(2, np.float32), np.ones(2, np.float32); MEAN, VAR = tf.constant(mean_), tf.constant(var_)
counter = [0]
def seeded():
    counter[0] += 1
    return tf.random.stateless_normal([4], [counter[0], 7])
def seeded_np():
    counter[0] += 1
    return np.random.Generator(np.random.Philox(key=counter[0], counter=7)).standard_normal(4, np.float32)
SEED = tf.constant([1, 2]); zero = np.zeros_like(a); ZERO = tf.constant(zero)
"""

#: tfc's expression and NumPy's. Where NumPy has no call for it, what one writes instead.
CALLS = {
    # operators and methods
    "A + B": "a + b",
    "A * 2.0": "a * 2.0",
    "2.0 / A": "2.0 / a",
    "A ** 2.0": "a ** 2.0",
    "A // B": "a // b",
    "A % B": "a % b",
    "-A": "-a",
    "abs(A)": "abs(a)",
    "M @ N": "m @ n",
    "A < B": "a < b",
    "A == B": "a == b",
    "L & L": "l & l",
    "~L": "~l",
    "K << 1": "k << 1",
    "A[1:3]": "a[1:3]",
    "A[1]": "a[1]",
    "A[-1]": "a[-1]",
    "A[::2]": "a[::2]",
    "A[None]": "a[None]",
    "A[..., 1]": "a[..., 1]",
    "M[0, 1]": "m[0, 1]",
    "M[:, 0]": "m[:, 0]",
    "A[L]": "a[l]",
    "A[I]": "a[i]",
    "float(S)": "float(s)",
    "int(K[0])": "int(k[0])",
    "bool(L[0])": "bool(l[0])",
    "len(A)": "len(a)",
    "list(A)": "list(a)",
    "A.numpy()": "a.view()",
    "A.shape": "a.shape",
    "A.dtype": "a.dtype",
    "np.asarray(A)": "np.asarray(a)",
    # creation and conversion
    "tf.constant([1.0, 2.0, 3.0, 4.0])": "np.array([1.0, 2.0, 3.0, 4.0], np.float32)",
    "tf.constant(a)": "np.array(a)",
    "tf.constant(2.0)": "np.array(2.0, np.float32)",
    "tf.constant(1, tf.int32, [4])": "np.full([4], 1, np.int32)",
    "tf.convert_to_tensor(a)": "np.array(a)",
    "tf.convert_to_tensor([1, 2])": "np.array([1, 2], np.int32)",
    "tf.zeros([4])": "np.zeros([4], np.float32)",
    "tf.ones([2, 2])": "np.ones([2, 2], np.float32)",
    "tf.fill([4], 1.5)": "np.full([4], 1.5, np.float32)",
    "tf.eye(2)": "np.eye(2, dtype=np.float32)",
    "tf.range(4)": "np.arange(4, dtype=np.int32)",
    "tf.range(1.0, 5.0)": "np.arange(1.0, 5.0, dtype=np.float32)",
    "tf.linspace(0.0, 1.0, 4)": "np.linspace(0.0, 1.0, 4, dtype=np.float32)",
    "tf.zeros_like(A)": "np.zeros_like(a)",
    "tf.ones_like(A)": "np.ones_like(a)",
    "tf.one_hot(I, 4)": "np.eye(4, dtype=np.float32)[i]",
    "tf.cast(A, tf.float64)": "a.astype(np.float64)",
    "tf.cast(A, tf.int32)": "a.astype(np.int32)",
    "tf.bitcast(A, tf.int32)": "a.view(np.int32)",
    "tf.identity(A)": "a.copy()",
    # elementwise
    "tf.sin(A)": "np.sin(a)",
    "tf.exp(A)": "np.exp(a)",
    "tf.tanh(A)": "np.tanh(a)",
    "tf.sqrt(A)": "np.sqrt(a)",
    "tf.square(A)": "np.square(a)",
    "tf.abs(A)": "np.abs(a)",
    "tf.sign(A)": "np.sign(a)",
    "tf.floor(A)": "np.floor(a)",
    "tf.round(A)": "np.round(a)",
    "tf.math.rsqrt(A)": "1 / np.sqrt(a)",
    "tf.math.log(A)": "np.log(a)",
    "tf.math.log1p(A)": "np.log1p(a)",
    "tf.sigmoid(A)": "1 / (1 + np.exp(-a))",
    "tf.nn.relu(A)": "np.maximum(a, 0)",
    "tf.nn.softmax(A)": "np.exp(a - a.max()) / np.exp(a - a.max()).sum()",
    "tf.nn.log_softmax(A)": "a - a.max() - np.log(np.exp(a - a.max()).sum())",
    "tf.nn.gelu(A)": "0.5 * a * (1 + np.array([math.erf(x) for x in (0.7071 * a).tolist()], np.float32))",
    "tf.nn.softplus(A)": "np.log1p(np.exp(a))",
    "tf.nn.leaky_relu(A)": "np.where(a > 0, a, 0.2 * a)",
    "tf.nn.elu(A)": "np.where(a > 0, a, np.expm1(a))",
    "tf.nn.silu(A)": "a / (1 + np.exp(-a))",
    "tf.maximum(A, B)": "np.maximum(a, b)",
    "tf.pow(A, B)": "np.power(a, b)",
    "tf.atan2(A, B)": "np.arctan2(a, b)",
    "tf.math.mod(A, B)": "np.mod(a, b)",
    "tf.math.divide_no_nan(A, B)": "np.divide(a, b, out=np.zeros_like(a), where=b != 0)",
    "tf.math.squared_difference(A, B)": "np.square(a - b)",
    "tf.add_n([A, B, A])": "a + b + a",
    "tf.equal(A, B)": "np.equal(a, b)",
    "tf.logical_and(L, L)": "np.logical_and(l, l)",
    "tf.logical_not(L)": "np.logical_not(l)",
    "tf.math.is_nan(A)": "np.isnan(a)",
    "tf.clip_by_value(A, 0.2, 0.6)": "np.clip(a, 0.2, 0.6)",
    "tf.where(L, A, B)": "np.where(l, a, b)",
    "tf.where(L)": "np.argwhere(l)",
    "tf.where(A < B, A, B)": "np.where(a < b, a, b)",
    "tf.bitwise.bitwise_and(K, K)": "np.bitwise_and(k, k)",
    # reductions and scans
    "tf.reduce_sum(A)": "a.sum()",
    "tf.reduce_sum(M, axis=1)": "m.sum(axis=1)",
    "tf.reduce_sum(M, axis=[0, 1])": "m.sum(axis=(0, 1))",
    "tf.reduce_mean(A)": "a.mean()",
    "tf.reduce_max(A)": "a.max()",
    "tf.reduce_prod(A)": "a.prod()",
    "tf.reduce_any(L)": "l.any()",
    "tf.reduce_logsumexp(A)": "np.log(np.exp(a - a.max()).sum()) + a.max()",
    "tf.math.reduce_std(A)": "a.std()",
    "tf.math.reduce_variance(A)": "a.var()",
    "tf.norm(A)": "np.linalg.norm(a)",
    "tf.argmax(A)": "a.argmax()",
    "tf.cumsum(A)": "a.cumsum()",
    "tf.math.cumprod(A)": "a.cumprod()",
    "tf.math.count_nonzero(A)": "np.count_nonzero(a)",
    "tf.nn.moments(A, [0])": "(a.mean(0), a.var(0))",
    "tf.nn.l2_normalize(A, 0)": "a / np.sqrt(np.maximum((a * a).sum(0), 1e-12))",
    "tf.nn.l2_loss(A)": "(a * a).sum() / 2",
    # shape
    "tf.reshape(A, [2, 2])": "a.reshape([2, 2])",
    "tf.reshape(M, [-1])": "m.reshape([-1])",
    "tf.transpose(M)": "m.transpose().copy()",
    "tf.expand_dims(A, 0)": "np.expand_dims(a, 0)",
    "tf.squeeze(A[None])": "np.squeeze(a[None])",
    "tf.broadcast_to(A, [2, 4])": "np.broadcast_to(a, [2, 4])",
    "tf.shape(A)": "np.shape(a)",
    "tf.size(A)": "np.size(a)",
    "tf.rank(A)": "np.ndim(a)",
    "tf.concat([A, B], 0)": "np.concatenate([a, b], 0)",
    "tf.stack([A, B])": "np.stack([a, b])",
    "tf.unstack(A)": "np.unstack(a)",
    "tf.split(A, 2)": "np.split(a, 2)",
    "tf.tile(A, [2])": "np.tile(a, [2])",
    "tf.pad(A, [[1, 1]])": "np.pad(a, [[1, 1]])",
    "tf.reverse(A, [0])": "np.flip(a, [0])",
    "tf.repeat(A, 2)": "np.repeat(a, 2)",
    "tf.roll(A, 1, 0)": "np.roll(a, 1, 0)",
    "tf.slice(A, [1], [2])": "a[1:3]",
    "tf.strided_slice(A, [0], [4], [2])": "a[0:4:2]",
    "tf.meshgrid(A, B)": "np.meshgrid(a, b)",
    # indexing
    "tf.gather(A, [0, 2])": "a.take([0, 2])",
    "tf.gather(A, I)": "a.take(i)",
    "tf.gather(M, [0], axis=1)": "m.take([0], axis=1)",
    "tf.gather_nd(M, [[0, 1]])": "m[(np.array([0]), np.array([1]))]",
    "tf.boolean_mask(A, L)": "a[l]",
    "tf.scatter_nd([[1]], [2.0], [4])": "np.add.at(np.zeros(4, np.float32), [1], [2.0])",
    "tf.tensor_scatter_nd_update(A, [[1]], [2.0])": "np.put(a.copy(), [1], [2.0])",
    "tf.math.segment_sum(A, AT)": "np.bincount(at, a)",
    "tf.math.unsorted_segment_sum(A, AT, 2)": "np.bincount(at, a, 2)",
    "tf.math.bincount(K)": "np.bincount(k)",
    # searching
    "tf.sort(A)": "np.sort(a)",
    "tf.argsort(A)": "np.argsort(a)",
    "tf.math.top_k(A, 2)": "(np.argsort(-a)[:2], a[np.argsort(-a)[:2]])",
    "tf.searchsorted(A, B)": "np.searchsorted(a, b)",
    "tf.unique(K)": "np.unique(k, return_index=True, return_inverse=True)",
    # contractions
    "tf.matmul(M, N)": "np.matmul(m, n)",
    "tf.matmul(M, N, transpose_b=True)": "np.matmul(m, n.T)",
    "tf.linalg.matvec(M, M[0])": "np.matvec(m, m[0])",
    "tf.tensordot(A, B, 1)": "np.tensordot(a, b, 1)",
    "tf.einsum('i,j->ij', A, B)": "np.einsum('i,j->ij', a, b)",
    "tf.einsum('ij,jk->ik', M, N)": "np.einsum('ij,jk->ik', m, n)",
    "tf.linalg.diag(A)": "np.diag(a)",
    "tf.linalg.diag_part(M)": "np.diag(m)",
    "tf.linalg.trace(M)": "np.trace(m)",
    "tf.linalg.inv(M)": "np.linalg.inv(m)",
    "tf.linalg.det(M)": "np.linalg.det(m)",
    "tf.linalg.solve(M, N)": "np.linalg.solve(m, n)",
    "tf.linalg.cholesky(SPD)": "np.linalg.cholesky(spd)",
    "tf.linalg.svd(M, compute_uv=False)": "np.linalg.svd(m, compute_uv=False)",
    # networks
    "tf.nn.bias_add(M, M[0])": "m + m[0]",
    "tf.nn.conv2d(IMAGE, KERNEL, 1, 'SAME')": "np.einsum('nhwi,ijkc->nhwc', image, kernel)",
    "tf.nn.max_pool2d(IMAGE, 2, 2, 'VALID')": "image.reshape(1, 1, 2, 1, 2, 1).max((2, 4))",
    "tf.nn.softmax_cross_entropy_with_logits(A, B)": "-(a * (b - b.max() - np.log(np.exp(b - b.max()).sum()))).sum()",
    "tf.nn.sigmoid_cross_entropy_with_logits(A, B)": "np.maximum(b, 0) - a * b + np.log1p(np.exp(-np.abs(b)))",
    "tf.nn.dropout(A, 0.5)": "a * (g.random(4) >= 0.5) * 2",
    "tf.nn.embedding_lookup(M, I * 0)": "m[i * 0]",
    # random numbers: NumPy makes a generator of its own where tfc's function starts one
    "tf.random.normal([4])": "g.standard_normal(4, np.float32)",
    "tf.random.uniform([4])": "g.random(4, np.float32)",
    "generator.normal([4])": "g.standard_normal(4, np.float32)",
    "generator.uniform([4])": "g.random(4, np.float32)",
    "tf.random.stateless_normal([4], [1, 2])": "philox().standard_normal(4, np.float32)",
    "tf.random.stateless_uniform([4], [1, 2])": "philox().random(4, np.float32)",
    "tf.random.shuffle(A)": "g.permutation(a)",
    # state and gradients
    "tf.Variable(A)": "np.array(a)",
    "v + A": "w + a",
    "v.assign(A)": "np.copyto(w, a)",
    "v.assign_add(A)": "w.__iadd__(a)",
    "v[1].assign(2.0)": "w.__setitem__(1, 2.0)",
    "v.read_value()": "w.copy()",
    "gradient()": "(np.sin(a * b) + b, np.cos(a * b) * b, np.ones_like(a))",
    "tf.stop_gradient(A)": "a",
    # of everyday programs
    "1.0 - A": "1.0 - a",
    "A - B": "a - b",
    "A / B": "a / b",
    "A * A * A": "a * a * a",
    "K + 1": "k + 1",
    "K // 2": "k // 2",
    "K % 2": "k % 2",
    "A + a": "a + a",
    "a + A": "a + a",
    "A + [1.0, 2.0, 3.0, 4.0]": "a + np.array([1.0, 2.0, 3.0, 4.0], np.float32)",
    "divmod(A, B)": "divmod(a, b)",
    "round(A)": "np.round(a)",
    "A[0].numpy()": "a[0]",
    "[x for x in M]": "[x for x in m]",
    "A[one]": "a[1]",
    "A[1:]": "a[1:]",
    "A[:-1]": "a[:-1]",
    "A[::-1]": "a[::-1]",
    "M[0]": "m[0]",
    "M[:, None]": "m[:, None]",
    "M[-1, -1]": "m[-1, -1]",
    "T3[:, 1]": "t3[:, 1]",
    "A[[0, 2]]": "a[[0, 2]]",
    "A[i]": "a[i]",
    "M[I * 0, I * 0]": "m[i * 0, i * 0]",
    "M[M > 0.3]": "m[m > 0.3]",
    "A[one:]": "a[1:]",
    "v.numpy()": "w.copy()",
    "v.assign_sub(ZERO)": "w.__isub__(zero)",
    "v * 2.0": "w * 2.0",
    "v[0]": "w[0]",
    "v[1:3].assign([0.5, 0.25])": "w.__setitem__(slice(1, 3), [0.5, 0.25])",
    "v.scatter_nd_update([[1]], [0.5])": "w.__setitem__([1], [0.5])",
    "v.scatter_nd_add([[1]], [0.0])": "np.add.at(w, [1], [0.0])",
    "v.value()": "w.copy()",
    "tf.convert_to_tensor(v)": "w.copy()",
    "v.shape": "w.shape",
    "mv[0].assign(M[0])": "mw.__setitem__(0, m[0])",
    "tf.gather(mv, [0])": "mw.take([0], 0)",
    "v.assign(a)": "np.copyto(w, a)",
    "v.assign([0.5, 0.25, 0.75, 0.125])": "np.copyto(w, [0.5, 0.25, 0.75, 0.125])",
    "tf.Variable([1.0, 2.0])": "np.array([1.0, 2.0], np.float32)",
    "tf.constant([[1.0, 2.0], [3.0, 4.0]])": "np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)",
    "tf.constant([True, False])": "np.array([True, False])",
    "tf.constant(a, tf.float64)": "a.astype(np.float64)",
    "tf.sequence_mask([1, 3], 4)": "np.arange(4) < np.array([1, 3])[:, None]",
    "tf.zeros(tf.shape(A))": "np.zeros(a.shape, np.float32)",
    "tf.ones([2], tf.int32)": "np.ones([2], np.int32)",
    "tf.fill([2], A[0])": "np.full([2], a[0])",
    "tf.range(0, 10, 3)": "np.arange(0, 10, 3, dtype=np.int32)",
    "tf.range(one + 3)": "np.arange(4)",
    "tf.one_hot(2, 4)": "np.eye(4, dtype=np.float32)[2]",
    "tf.reshape(T3, [2, -1])": "t3.reshape([2, -1])",
    "tf.reshape(T3, [tf.shape(T3)[0], -1])": "t3.reshape([t3.shape[0], -1])",
    "tf.transpose(T3, [0, 2, 1])": "t3.transpose(0, 2, 1).copy()",
    "tf.concat([M, N], axis=1)": "np.concatenate([m, n], axis=1)",
    "tf.concat([M, N, M], axis=-1)": "np.concatenate([m, n, m], axis=-1)",
    "tf.stack([M, N], axis=-1)": "np.stack([m, n], axis=-1)",
    "tf.unstack(M, axis=1)": "np.unstack(m, axis=1)",
    "tf.split(A, [1, 3])": "np.split(a, [1])",
    "tf.pad(M, [[0, 1], [1, 0]], 'REFLECT')": "np.pad(m, [[0, 1], [1, 0]], 'reflect')",
    "tf.reverse(M, axis=[1])": "np.flip(m, [1])",
    "tf.tile(M, [1, 2])": "np.tile(m, [1, 2])",
    "tf.squeeze(T3[:1], 0)": "np.squeeze(t3[:1], 0)",
    "tf.broadcast_to(A, tf.constant([2, 4]))": "np.broadcast_to(a, [2, 4])",
    "tf.linalg.band_part(M, 0, -1)": "np.triu(m)",
    "tf.tensor_scatter_nd_add(A, [[1]], [2.0])": "np.add.at(a.copy(), [1], [2.0])",
    "tf.unique_with_counts(K)": "np.unique(k, return_inverse=True, return_counts=True)",
    "tf.dynamic_partition(A, AT, 2)": "(a[at == 0], a[at == 1])",
    "tf.argsort(A, direction='DESCENDING')": "np.argsort(-a)",
    "tf.sort(A, direction='DESCENDING')": "np.sort(a)[::-1]",
    "tf.gather(M, LABELS, batch_dims=1)": "m[np.arange(2), labels]",
    "tf.gather(T3, 1, axis=2)": "t3.take(1, axis=2)",
    "tf.reduce_sum(A, keepdims=True)": "a.sum(keepdims=True)",
    "tf.reduce_mean(M, axis=-1)": "m.mean(axis=-1)",
    "tf.reduce_max(M, axis=0)": "m.max(axis=0)",
    "tf.reduce_min(A)": "a.min()",
    "tf.reduce_all(C)": "c.all()",
    "tf.argmin(M, axis=1)": "m.argmin(axis=1)",
    "tf.argmax(M, -1)": "m.argmax(-1)",
    "tf.reduce_mean(tf.square(A - B))": "np.square(a - b).mean()",
    "tf.reduce_mean(tf.cast(A > 0.3, tf.float32))": "(a > 0.3).astype(np.float32).mean()",
    "tf.math.segment_mean(A, AT)": "np.bincount(at, a) / np.bincount(at)",
    "tf.math.segment_max(A, AT)": "np.maximum.reduceat(a, [0, 2])",
    "tf.math.unsorted_segment_mean(A, AT, 2)": "np.bincount(at, a, 2) / np.bincount(at, None, 2)",
    "tf.math.cumulative_logsumexp(A)": "np.logaddexp.accumulate(a)",
    "tf.linalg.norm(M, axis=1)": "np.linalg.norm(m, axis=1)",
    "tf.math.bincount(K, weights=A)": "np.bincount(k, a)",
    "tf.math.confusion_matrix(LABELS, LABELS)": "np.bincount(labels * 2 + labels, minlength=4).reshape(2, 2)",
    "tf.math.erf(A)": "np.array([math.erf(x) for x in a.tolist()], np.float32)",
    "tf.math.xlogy(A, B)": "a * np.log(b)",
    "tf.clip_by_norm(A, 1.0)": "a * min(1.0, 1.0 / np.sqrt((a * a).sum()))",
    "tf.clip_by_global_norm([A, B], 1.0)": "[x * min(1.0, 1.0 / np.sqrt((a * a).sum() + (b * b).sum())) for x in (a, b)]",
    "tf.where(A > 0.3, A, 0.0)": "np.where(a > 0.3, a, np.float32(0))",
    "tf.math.reciprocal_no_nan(A)": "np.divide(1, a, out=np.zeros_like(a), where=a != 0)",
    "tf.math.is_finite(A)": "np.isfinite(a)",
    "tf.math.floordiv(K, 2)": "k // 2",
    "tf.math.logical_xor(L, C)": "np.logical_xor(l, c)",
    "tf.cast(K, tf.float32)": "k.astype(np.float32)",
    "tf.cast(L, tf.int32)": "l.astype(np.int32)",
    "tf.cast(2, tf.float32)": "np.float32(2)",
    "tf.saturate_cast(A, tf.uint8)": "np.clip(a, 0, 255).astype(np.uint8)",
    "tf.maximum(A, 0.3)": "np.maximum(a, 0.3)",
    "tf.pow(A, 3.0)": "np.power(a, 3.0)",
    "tf.add(A, B)": "np.add(a, b)",
    "tf.linalg.matmul(M, N, transpose_a=True)": "m.T @ n",
    "tf.linalg.qr(M)": "np.linalg.qr(m)",
    "tf.linalg.eigh(SPD)": "np.linalg.eigh(spd)",
    "tf.linalg.lstsq(M, N)": "np.linalg.lstsq(m, n)[0]",
    "tf.linalg.slogdet(SPD)": "np.linalg.slogdet(spd)",
    "tf.tensordot(M, N, [[1], [0]])": "np.tensordot(m, n, [[1], [0]])",
    "tf.einsum('bij,bj->bi', T3, T3[:, 0])": "np.einsum('bij,bj->bi', t3, t3[:, 0])",
    "tf.matmul(T3, T3, transpose_b=True)": "t3 @ t3.swapaxes(1, 2)",
    "tf.linalg.set_diag(M, A[:2])": "np.fill_diagonal(m.copy(), a[:2])",
    "tf.linalg.cross(A[:3], B[:3])": "np.cross(a[:3], b[:3])",
    "tf.linalg.adjoint(M)": "m.T.copy()",
    "tf.nn.conv1d(SEQ, SEQ[0, :2, :, None], 1, 'SAME')": "np.convolve(seq[0, :, 0], seq[0, :2, 0], 'same')",
    "tf.nn.avg_pool2d(IMAGE, 2, 2, 'VALID')": "image.reshape(1, 1, 2, 1, 2, 1).mean((2, 4))",
    "tf.nn.depthwise_conv2d(IMAGE, KERNEL, [1, 1, 1, 1], 'SAME')": "image * kernel[0, 0, 0]",
    "tf.nn.batch_normalization(M, MEAN, VAR, MEAN, VAR, 1e-3)": "(m - mean_) / np.sqrt(var_ + 1e-3) * var_ + mean_",
    "tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, M)": "cross_entropy(m, labels)",
    "tf.nn.in_top_k(LABELS, M, 1)": "m.argmax(1) == labels",
    "tf.nn.softsign(A)": "a / (1 + np.abs(a))",
    "tf.nn.selu(A)": "1.05 * np.where(a > 0, a, 1.67 * np.expm1(a))",
    "tf.nn.relu6(A)": "np.minimum(np.maximum(a, 0), 6)",
    "tf.nn.softmax(M, axis=-1)": "np.exp(shifted(m)) / np.exp(shifted(m)).sum(-1, keepdims=True)",
    "tf.nn.l2_normalize(M, axis=-1)": "m / np.sqrt(np.maximum((m * m).sum(-1, keepdims=True), 1e-12))",
    "tf.nn.embedding_lookup(mv, LABELS)": "mw[labels]",
    "tf.nn.conv2d_transpose(IMAGE, KERNEL, [1, 2, 2, 1], 1)": "image * kernel[0, 0, 0]",
    "dense(M)": "densen(m)",
    "seeded()": "seeded_np()",
    "tf.random.stateless_uniform([4], SEED)": "philox().random(4, np.float32)",
    "tf.random.truncated_normal([4])": "g.standard_normal(4, np.float32)",
    "tf.random.categorical(M, 2)": "(np.cumsum(np.exp(m), 1)[:, None] > g.random((2, 2, 1))).argmax(-1)",
    "tf.random.uniform([4], 0, 10, tf.int32)": "g.integers(0, 10, 4, np.int32)",
    "tf.random.normal([2, 2], 1.0, 2.0)": "g.normal(1.0, 2.0, [2, 2])",
    "tf.random.gamma([2], 1.5)": "g.gamma(1.5, 1.0, 2)",
    "tf.random.poisson([2], 1.5)": "g.poisson(1.5, 2)",
    "tf.random.uniform([])": "g.random()",
    "tf.nest.flatten(nest)": "[a, b, m]",
    "tf.nest.map_structure(tf.abs, nest)": "{'a': np.abs(a), 'b': [np.abs(b), np.abs(m)]}",
    "tf.cond(A[0] < 1.0, lambda: A, lambda: B)": "a if a[0] < 1.0 else b",
    "tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [one])": "while_np()",
    "tf.map_fn(scale, A)": "np.stack([scale(x) for x in a])",
    "tf.scan(lambda x, y: x + y, A)": "np.add.accumulate(a)",
    "tensorarray()": "np.stack([a, b])",
    "tf.debugging.assert_equal(A, A)": "np.all(a == a)",
    "tf.debugging.check_numerics(A, 'x')": "np.all(np.isfinite(a))",
    "tf.switch_case(one, [lambda: A, lambda: B])": "[a, b][1]",
    "tape1()": "2 * a",
    "tapev()": "((w * w).sum(), 2 * w)",
    "tape_dense()": "tape_dense_np()",
}


class Timed:
    """An expression, and the shortest time that it has taken so far."""

    def __init__(self, expression: str, names: dict[str, object]) -> None:
        self.timer = timeit.Timer(expression, timer=time.process_time, globals=names)
        self.timer.timeit(100)  # the first calls say nothing of later ones
        self.count = max(20, int(0.001 / max(self.timer.timeit(20) / 20, 1e-7)))
        self.microseconds = math.inf

    def run(self) -> None:
        self.timer.timeit(100)  # after other calls it is slower at first
        once = 1e6 * self.timer.timeit(self.count) / self.count
        self.microseconds = min(self.microseconds, once)


def measure(parts: list[str], repeat: int = 15) -> list[tuple[str, float, float]]:
    """Expression, microseconds in tfc, microseconds in NumPy.

    All are measured by turns, `repeat` times: so a time when the machine is slow is not that of a few of them.
    """
    names: dict[str, object] = {}
    exec(SETUP, names)
    rows = [
        (ours, Timed(ours, names), Timed(numpys, names))
        for ours, numpys in CALLS.items()
        if not parts or any(part in ours for part in parts)
    ]
    for _ in range(repeat):
        for _, ours, numpys in rows:
            ours.run()
            numpys.run()
    return [(name, ours.microseconds, numpys.microseconds) for name, ours, numpys in rows]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parts", nargs="*", help="measure calls that contain one of these")
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args()
    rows = sorted(measure(options.parts, options.repeat), key=lambda row: row[2] - row[1])
    for name, ours, numpys in rows:
        mark = "   NOT MET" if ours - numpys > LIMIT else ""
        print(f"{name:52}{ours:9.2f}{numpys:9.2f}{ours - numpys:9.2f} us{mark}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
