"""Reductions, and what is made of them: softmax, norms, log-sum-exp."""

import math

import numpy as np
from libraries import functional, jax, prange, tf, torch
from workload import EXP, Workload, normal


class Softmax(Workload):
    def numpy(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    def tf(x):
        return tf.nn.softmax(x)

    def jax(x):
        return jax.nn.softmax(x)

    def torch(x):
        return torch.softmax(x, -1)

    def numba(x):
        y = np.empty_like(x)
        for i in prange(x.shape[0]):
            largest = x[i, 0]
            for j in range(1, x.shape[1]):
                largest = max(largest, x[i, j])
            total = np.float32(0)
            for j in range(x.shape[1]):
                e = math.exp(x[i, j] - largest)
                y[i, j] = e
                total += e
            scale = np.float32(1) / total
            for j in range(x.shape[1]):
                y[i, j] *= scale
        return y


class softmax_4096x1024(Softmax):
    inputs = (normal(4096, 1024),)
    flops = 4096 * 1024 * (EXP + 4)
    bytes = 2 * 4 * 4096 * 1024


class softmax_64x32000(Softmax):
    inputs = (normal(64, 32000),)
    flops = 64 * 32000 * (EXP + 4)
    bytes = 2 * 4 * 64 * 32000


class layernorm_4096x1024(Workload):
    inputs = (normal(4096, 1024), normal(1024), normal(1024))
    flops = 4096 * 1024 * 7
    bytes = 2 * 4 * 4096 * 1024

    def numpy(x, scale, offset):
        mean = x.mean(-1, keepdims=True)
        variance = np.square(x - mean).mean(-1, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-5) * scale + offset

    def tf(x, scale, offset):
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return (x - mean) * tf.math.rsqrt(variance + 1e-5) * scale + offset

    def jax(x, scale, offset):
        mean = x.mean(-1, keepdims=True)
        variance = x.var(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + offset

    def torch(x, scale, offset):
        return functional.layer_norm(x, (1024,), scale, offset)

    def numba(x, scale, offset):
        y = np.empty_like(x)
        n = x.shape[1]
        for i in prange(x.shape[0]):
            total = 0.0
            for j in range(n):
                total += x[i, j]
            mean = np.float32(total / n)
            total = 0.0
            for j in range(n):
                total += (x[i, j] - mean) ** 2
            inverse = np.float32(1 / math.sqrt(total / n + 1e-5))
            for j in range(n):
                y[i, j] = (x[i, j] - mean) * inverse * scale[j] + offset[j]
        return y


MATRIX = (normal(4096, 4096),)


class OverMatrix(Workload):
    flops = 4096 * 4096
    bytes = 4 * 4096 * 4096


class sum_axis0(OverMatrix):
    inputs = MATRIX

    def numpy(x):
        return x.sum(0)

    jax = torch = numpy

    def tf(x):
        return tf.reduce_sum(x, 0)

    def numba(x):
        total = np.zeros(x.shape[1], np.float32)
        for i in range(x.shape[0]):
            total += x[i]
        return total


class sum_axis1(OverMatrix):
    inputs = MATRIX

    def numpy(x):
        return x.sum(1)

    jax = torch = numpy

    def tf(x):
        return tf.reduce_sum(x, 1)

    def numba(x):
        total = np.empty(x.shape[0], np.float32)
        for i in prange(x.shape[0]):
            total[i] = x[i].sum()
        return total


class sum_all(OverMatrix):
    inputs = MATRIX
    tolerance = 1e-3  # terms of both signs nearly cancel

    def numpy(x):
        return x.sum()

    jax = torch = numba = numpy

    def tf(x):
        return tf.reduce_sum(x)


class argmax_axis1(OverMatrix):
    inputs = MATRIX

    def numpy(x):
        return x.argmax(1)

    jax = torch = numpy

    def tf(x):
        return tf.argmax(x, 1)

    def numba(x):
        where = np.empty(x.shape[0], np.int64)
        for i in prange(x.shape[0]):
            where[i] = x[i].argmax()
        return where


class logsumexp_axis1(OverMatrix):
    inputs = MATRIX
    flops = 4096 * 4096 * (EXP + 3)

    def numpy(x):
        largest = x.max(1)
        return largest + np.log(np.exp(x - largest[:, None]).sum(1))

    def tf(x):
        return tf.reduce_logsumexp(x, 1)

    def jax(x):
        return jax.nn.logsumexp(x, 1)

    def torch(x):
        return torch.logsumexp(x, 1)

    def numba(x):
        result = np.empty(x.shape[0], np.float32)
        for i in prange(x.shape[0]):
            largest = x[i].max()
            total = 0.0
            for j in range(x.shape[1]):
                total += math.exp(x[i, j] - largest)
            result[i] = largest + math.log(total)
        return result
