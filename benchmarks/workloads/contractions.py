"""Products of matrices, and sums over differences that need no product."""

import math

import numpy as np
from libraries import jnp, prange, tf, torch
from workload import SQRT, Workload, normal


class MatMul(Workload):
    def __init_subclass__(cls):
        m, k, n = cls.sizes
        cls.inputs = (normal(m, k), normal(k, n))
        cls.flops = 2 * m * k * n
        cls.bytes = 4 * (m * k + k * n + m * n)
        super().__init_subclass__()

    def numpy(a, b):
        return a @ b

    tf = jax = torch = numpy

    def numba(a, b):
        c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
        for i in prange(a.shape[0]):
            for k in range(a.shape[1]):
                for j in range(b.shape[1]):
                    c[i, j] += a[i, k] * b[k, j]
        return c


class matmul_64(MatMul):
    sizes = (64, 64, 64)


class matmul_256(MatMul):
    sizes = (256, 256, 256)


class matmul_1024(MatMul):
    sizes = (1024, 1024, 1024)


class matmul_2048(MatMul):
    sizes = (2048, 2048, 2048)


class matmul_16384x64x64(MatMul):
    sizes = (16384, 64, 64)


class matvec_4096(Workload):
    inputs = (normal(4096, 4096), normal(4096))
    flops = 2 * 4096 * 4096
    bytes = 4 * 4096 * 4096

    def numpy(a, x):
        return a @ x

    jax = torch = numpy

    def tf(a, x):
        return tf.linalg.matvec(a, x)

    def numba(a, x):
        y = np.empty(a.shape[0], a.dtype)
        for i in prange(a.shape[0]):
            y[i] = (a[i] * x).sum()
        return y


class bmm_64x128x128(Workload):
    inputs = (normal(64, 128, 128), normal(64, 128, 128))
    flops = 64 * 2 * 128**3
    bytes = 3 * 4 * 64 * 128 * 128

    def numpy(a, b):
        return a @ b

    tf = jax = torch = numpy

    def numba(a, b):
        c = np.zeros(a.shape, a.dtype)
        for batch in prange(a.shape[0]):
            for i in range(a.shape[1]):
                for k in range(a.shape[2]):
                    for j in range(b.shape[2]):
                        c[batch, i, j] += a[batch, i, k] * b[batch, k, j]
        return c


class pairwise_dist(Workload):
    """As a user writes it: differences, squares, a sum. As a product of matrices it loses digits."""

    inputs = (normal(1024, 32), normal(1024, 32))
    flops = 1024 * 1024 * (3 * 32 + SQRT)
    bytes = 4 * 1024 * 1024

    def numpy(a, b):
        return np.sqrt(np.square(a[:, None, :] - b[None, :, :]).sum(-1))

    def tf(a, b):
        return tf.sqrt(tf.reduce_sum(tf.square(a[:, None, :] - b[None, :, :]), -1))

    def jax(a, b):
        return jnp.sqrt(jnp.square(a[:, None, :] - b[None, :, :]).sum(-1))

    def torch(a, b):
        return torch.sqrt(torch.square(a[:, None, :] - b[None, :, :]).sum(-1))

    def numba(a, b):
        distance = np.empty((a.shape[0], b.shape[0]), np.float32)
        for i in prange(a.shape[0]):
            for j in range(b.shape[0]):
                total = np.float32(0)
                for k in range(a.shape[1]):
                    total += (a[i, k] - b[j, k]) ** 2
                distance[i, j] = math.sqrt(total)
        return distance
