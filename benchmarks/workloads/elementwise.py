"""Elementwise work, from four elements to sixteen million."""

import math

import numpy as np
from libraries import functional, inlined, jax, jnp, lax, prange, scipy_special, tf, torch
from workload import DIVIDE, ERF, EXP, LOG, SIGMOID, SQRT, TANH, Workload, normal, uniform

MEGA = 1024 * 1024


class overhead_add(Workload):
    """What a call costs: two vectors of four elements."""

    inputs = (normal(4), normal(4))

    def numpy(x, y):
        return x + y

    tf = jax = torch = numba = numpy


class overhead_mlp(Workload):
    """A network so small that calling it is most of the work."""

    inputs = (normal(1, 8), normal(8, 16), normal(16), normal(16, 4), normal(4))

    def numpy(x, w1, b1, w2, b2):
        return np.maximum(x @ w1 + b1, 0) @ w2 + b2

    def tf(x, w1, b1, w2, b2):
        return tf.nn.relu(x @ w1 + b1) @ w2 + b2

    def jax(x, w1, b1, w2, b2):
        return jax.nn.relu(x @ w1 + b1) @ w2 + b2

    def torch(x, w1, b1, w2, b2):
        return torch.relu(x @ w1 + b1) @ w2 + b2


class elementwise_chain(Workload):
    """Bound by the arithmetic of three exponentials an element."""

    inputs = (normal(4 * MEGA),)
    flops = 4 * MEGA * (TANH + SIGMOID + EXP + 5)
    bytes = 2 * 4 * 4 * MEGA

    def numpy(x):
        return np.tanh(x) * (1 / (1 + np.exp(-x))) + 0.5 * np.exp(-x * x)

    def tf(x):
        return tf.tanh(x) * tf.sigmoid(x) + 0.5 * tf.exp(-x * x)

    def jax(x):
        return jnp.tanh(x) * jax.nn.sigmoid(x) + 0.5 * jnp.exp(-x * x)

    def torch(x):
        return torch.tanh(x) * torch.sigmoid(x) + 0.5 * torch.exp(-x * x)

    def numba(x):
        y = np.empty_like(x)
        half = np.float32(0.5)
        one = np.float32(1)
        for i in prange(x.size):
            v = x[i]
            y[i] = math.tanh(v) * (one / (one + math.exp(-v))) + half * math.exp(-v * v)
        return y


class saxpy_16M(Workload):
    """Bound by memory."""

    inputs = (normal(16 * MEGA), normal(16 * MEGA))
    flops = 2 * 16 * MEGA
    bytes = 3 * 4 * 16 * MEGA

    def numpy(x, y):
        return 2.0 * x + y

    tf = jax = torch = numpy

    def numba(x, y):
        z = np.empty_like(x)
        a = np.float32(2.0)
        for i in prange(x.size):
            z[i] = a * x[i] + y[i]
        return z


class gelu_bias(Workload):
    """The usual end of a dense layer."""

    inputs = (normal(2048, 3072), normal(3072))
    flops = 2048 * 3072 * (ERF + 5)
    bytes = 2 * 4 * 2048 * 3072

    def numpy(x, b):
        y = x + b
        return 0.5 * y * (1 + scipy_special.erf(y * 0.7071067811865476))

    def tf(x, b):
        return tf.nn.gelu(x + b)

    def jax(x, b):
        return jax.nn.gelu(x + b, approximate=False)

    def torch(x, b):
        return functional.gelu(x + b)

    def numba(x, b):
        z = np.empty_like(x)
        half, one, root = np.float32(0.5), np.float32(1), np.float32(0.7071067811865476)
        for i in prange(x.shape[0]):
            for j in range(x.shape[1]):
                y = x[i, j] + b[j]
                z[i, j] = half * y * (one + math.erf(y * root))
        return z


class BlackScholes(Workload):
    """Prices of options; bound by logarithms, exponentials and error functions."""

    def numpy(s, k, t):
        d1 = (np.log(s / k) + 0.07 * t) / (0.2 * np.sqrt(t))
        d2 = d1 - 0.2 * np.sqrt(t)
        below1 = 0.5 * (1 + scipy_special.erf(d1 * 0.7071067811865476))
        below2 = 0.5 * (1 + scipy_special.erf(d2 * 0.7071067811865476))
        return s * below1 - k * np.exp(-0.05 * t) * below2

    def tf(s, k, t):
        d1 = (tf.math.log(s / k) + 0.07 * t) / (0.2 * tf.sqrt(t))
        d2 = d1 - 0.2 * tf.sqrt(t)
        below1 = 0.5 * (1 + tf.math.erf(d1 * 0.7071067811865476))
        below2 = 0.5 * (1 + tf.math.erf(d2 * 0.7071067811865476))
        return s * below1 - k * tf.exp(-0.05 * t) * below2

    def jax(s, k, t):
        d1 = (jnp.log(s / k) + 0.07 * t) / (0.2 * jnp.sqrt(t))
        d2 = d1 - 0.2 * jnp.sqrt(t)
        below1 = 0.5 * (1 + lax.erf(d1 * 0.7071067811865476))
        below2 = 0.5 * (1 + lax.erf(d2 * 0.7071067811865476))
        return s * below1 - k * jnp.exp(-0.05 * t) * below2

    def torch(s, k, t):
        d1 = (torch.log(s / k) + 0.07 * t) / (0.2 * torch.sqrt(t))
        d2 = d1 - 0.2 * torch.sqrt(t)
        below1 = 0.5 * (1 + torch.erf(d1 * 0.7071067811865476))
        below2 = 0.5 * (1 + torch.erf(d2 * 0.7071067811865476))
        return s * below1 - k * torch.exp(-0.05 * t) * below2

    def numba(s, k, t):
        price = np.empty_like(s)
        for i in prange(s.size):
            price[i] = option_price(s[i], k[i], t[i])
        return price


@inlined
def option_price(s, k, t):
    d1 = (math.log(s / k) + 0.07 * t) / (0.2 * math.sqrt(t))
    d2 = d1 - 0.2 * math.sqrt(t)
    below1 = 0.5 * (1 + math.erf(d1 * 0.7071067811865476))
    below2 = 0.5 * (1 + math.erf(d2 * 0.7071067811865476))
    return s * below1 - k * math.exp(-0.05 * t) * below2


class black_scholes_f32(BlackScholes):
    inputs = (uniform(4 * MEGA, low=0.5, high=1.5),) * 3
    flops = 4 * MEGA * (LOG + EXP + 2 * ERF + SQRT + 2 * DIVIDE + 13)
    bytes = 4 * 4 * 4 * MEGA


class black_scholes_f64(BlackScholes):
    inputs = (uniform(4 * MEGA, low=0.5, high=1.5, dtype=np.float64),) * 3
    flops = 4 * MEGA * 2 * (LOG + EXP + 2 * ERF + SQRT + 2 * DIVIDE + 13)  # half the lanes
    bytes = 4 * 8 * 4 * MEGA
    tolerance = 1e-12
