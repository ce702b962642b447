"""Work whose addresses depend on the data, scans, and sorting."""

import numpy as np
from libraries import jax, jnp, prange, tf, torch
from workload import Workload, integers, normal


class kmeans_step(Workload):
    """65,536 points of 8 numbers, 16 centres: assign each point, then the mean of each cluster."""

    inputs = (normal(65536, 8), normal(16, 8))
    flops = 65536 * 16 * 8 * 3
    bytes = 4 * 65536 * 8
    tolerance = 1e-3

    def numpy(x, centres):
        distance = np.square(x[:, None, :] - centres[None, :, :]).sum(-1)
        nearest = distance.argmin(1)
        total = np.zeros_like(centres)
        np.add.at(total, nearest, x)
        count = np.bincount(nearest, minlength=16).astype(x.dtype)
        return total / np.maximum(count, 1)[:, None]

    def tf(x, centres):
        distance = tf.reduce_sum(tf.square(x[:, None, :] - centres[None, :, :]), -1)
        nearest = tf.argmin(distance, 1)
        total = tf.math.unsorted_segment_sum(x, nearest, 16)
        count = tf.math.unsorted_segment_sum(tf.ones([65536]), nearest, 16)
        return total / tf.maximum(count, 1.0)[:, None]

    def jax(x, centres):
        distance = jnp.square(x[:, None, :] - centres[None, :, :]).sum(-1)
        nearest = distance.argmin(1)
        total = jax.ops.segment_sum(x, nearest, 16)
        count = jax.ops.segment_sum(jnp.ones(65536), nearest, 16)
        return total / jnp.maximum(count, 1)[:, None]

    def torch(x, centres):
        distance = torch.square(x[:, None, :] - centres[None, :, :]).sum(-1)
        nearest = distance.argmin(1)
        total = torch.zeros_like(centres).index_add_(0, nearest, x)
        count = torch.zeros(16).index_add_(0, nearest, torch.ones(65536))
        return total / count.clamp(min=1)[:, None]

    def numba(x, centres):
        nearest = np.empty(x.shape[0], np.int64)
        for i in prange(x.shape[0]):
            best = np.float32(np.inf)
            for c in range(centres.shape[0]):
                distance = np.float32(0)
                for k in range(x.shape[1]):
                    distance += (x[i, k] - centres[c, k]) ** 2
                if distance < best:
                    best = distance
                    nearest[i] = c
        total = np.zeros_like(centres)
        count = np.zeros(centres.shape[0], np.float32)
        for i in range(x.shape[0]):
            total[nearest[i]] += x[i]
            count[nearest[i]] += 1
        return total / np.maximum(count, np.float32(1)).reshape(-1, 1)


class gather_rows(Workload):
    inputs = (normal(100000, 64), integers(65536, high=100000))
    bytes = 2 * 4 * 65536 * 64

    def numpy(table, rows):
        return table[rows]

    torch = numpy

    def tf(table, rows):
        return tf.gather(table, rows)

    def jax(table, rows):
        return table.at[rows].get(mode="promise_in_bounds")

    def numba(table, rows):
        result = np.empty((rows.size, table.shape[1]), table.dtype)
        for i in prange(rows.size):
            result[i] = table[rows[i]]
        return result


def _sorted_segments(rng):
    return np.sort(rng.integers(0, 1000, 1 << 20)).astype(np.int32)


class segment_sum_1M(Workload):
    inputs = (normal(1 << 20), _sorted_segments)
    flops = 1 << 20
    bytes = 2 * 4 * (1 << 20)
    tolerance = 1e-4

    def numpy(x, segments):
        return np.bincount(segments, x, 1000).astype(x.dtype)

    def tf(x, segments):
        return tf.math.unsorted_segment_sum(x, segments, 1000)

    def jax(x, segments):
        return jax.ops.segment_sum(x, segments, 1000)

    def torch(x, segments):
        return torch.zeros(1000).index_add_(0, segments, x)

    def numba(x, segments):
        total = np.zeros(1000, np.float32)
        for i in range(x.size):
            total[segments[i]] += x[i]
        return total


class cumsum_axis1(Workload):
    inputs = (normal(4096, 4096),)
    flops = 4096 * 4096
    bytes = 2 * 4 * 4096 * 4096

    def numpy(x):
        return x.cumsum(1)

    jax = torch = numpy

    def tf(x):
        return tf.cumsum(x, 1)

    def numba(x):
        y = np.empty_like(x)
        for i in prange(x.shape[0]):
            total = np.float32(0)
            for j in range(x.shape[1]):
                total += x[i, j]
                y[i, j] = total
        return y


class sort_axis1(Workload):
    inputs = (normal(1024, 1024),)
    bytes = 2 * 4 * 1024 * 1024

    def numpy(x):
        return np.sort(x, 1)

    def tf(x):
        return tf.sort(x, 1)

    def jax(x):
        return jnp.sort(x, 1)

    def torch(x):
        return torch.sort(x, 1).values

    def numba(x):
        y = x.copy()
        for i in prange(x.shape[0]):
            y[i].sort()
        return y


class where_count_16M(Workload):
    """The positions of what is large: their number depends on the data."""

    inputs = (integers(1 << 24, high=10),)
    bytes = 4 * (1 << 24) + 8 * 0.4 * (1 << 24)
    uncompiled = ("jax",)

    def numpy(x):
        return np.flatnonzero(x > 5)

    def tf(x):
        return tf.where(x > 5)[:, 0]

    def jax(x):
        return jnp.flatnonzero(x > 5)

    def torch(x):
        return torch.nonzero(x > 5)[:, 0]

    def numba(x):
        return np.flatnonzero(x > 5)


class count_nonzero_16M(Workload):
    inputs = (integers(1 << 24, high=10),)
    bytes = 4 * (1 << 24)

    def numpy(x):
        return np.count_nonzero(x)

    def tf(x):
        return tf.math.count_nonzero(x)

    def jax(x):
        return jnp.count_nonzero(x)

    def torch(x):
        return torch.count_nonzero(x)

    def numba(x):
        count = 0
        for i in prange(x.size):
            count += x[i] != 0
        return count
