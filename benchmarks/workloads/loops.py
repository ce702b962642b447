"""Loops: of small steps, over whole arrays, and until a condition on the data holds."""

import math

import numpy as np
from libraries import jnp, lax, prange, tf, torch
from workload import DIVIDE, SQRT, Workload, normal, uniform


def _plane(axis):
    x, y = np.linspace(-2, 1, 1024), np.linspace(-1.5, 1.5, 1024)
    return lambda rng: np.meshgrid(x, y)[axis].astype(np.float32)


class mandelbrot(Workload):
    """A hundred iterations of 1024 x 1024 points; Numba's loop stops early, as its users write it."""

    inputs = (_plane(0), _plane(1))
    flops = 1024 * 1024 * 100 * 8
    bytes = 3 * 4 * 1024 * 1024
    outliers = 0.01

    def numpy(cr, ci):
        zr, zi, count = np.zeros_like(cr), np.zeros_like(cr), np.zeros_like(cr)
        for _ in range(100):
            zr2, zi2 = zr * zr, zi * zi
            inside = zr2 + zi2 <= 4
            zi = np.where(inside, 2 * zr * zi + ci, zi)
            zr = np.where(inside, zr2 - zi2 + cr, zr)
            count += inside
        return count

    def tf(cr, ci):
        zr, zi, count = tf.zeros_like(cr), tf.zeros_like(cr), tf.zeros_like(cr)
        for _ in tf.range(100):
            zr2, zi2 = zr * zr, zi * zi
            inside = zr2 + zi2 <= 4.0
            zi = tf.where(inside, 2.0 * zr * zi + ci, zi)
            zr = tf.where(inside, zr2 - zi2 + cr, zr)
            count += tf.cast(inside, tf.float32)
        return count

    def jax(cr, ci):
        def step(_, state):
            zr, zi, count = state
            zr2, zi2 = zr * zr, zi * zi
            inside = zr2 + zi2 <= 4
            zi = jnp.where(inside, 2 * zr * zi + ci, zi)
            zr = jnp.where(inside, zr2 - zi2 + cr, zr)
            return zr, zi, count + inside

        zero = jnp.zeros_like(cr)
        return lax.fori_loop(0, 100, step, (zero, zero, zero))[2]

    def torch(cr, ci):
        zr, zi, count = torch.zeros_like(cr), torch.zeros_like(cr), torch.zeros_like(cr)
        for _ in range(100):
            zr2, zi2 = zr * zr, zi * zi
            inside = zr2 + zi2 <= 4
            zi = torch.where(inside, 2 * zr * zi + ci, zi)
            zr = torch.where(inside, zr2 - zi2 + cr, zr)
            count = count + inside
        return count

    def numba(cr, ci):
        result = np.empty_like(cr)
        for i in prange(cr.shape[0]):
            for j in range(cr.shape[1]):
                zr = zi = np.float32(0)
                count = 0
                while count < 100 and zr * zr + zi * zi <= np.float32(4):
                    zr, zi = zr * zr - zi * zi + cr[i, j], np.float32(2) * zr * zi + ci[i, j]
                    count += 1
                result[i, j] = count
        return result


class rnn_tanh(Workload):
    inputs = (
        normal(128, 32, 128),
        normal(32, 128),
        normal(128, 128, scale=0.05),
        normal(128, 128, scale=0.05),
        normal(128),
    )
    flops = 128 * 2 * 2 * 32 * 128 * 128
    bytes = 4 * 128 * 32 * 128

    def numpy(x, h, wx, wh, b):
        for row in x:
            h = np.tanh(row @ wx + h @ wh + b)
        return h

    def tf(x, h, wx, wh, b):
        for t in tf.range(128):
            h = tf.tanh(x[t] @ wx + h @ wh + b)
        return h

    def jax(x, h, wx, wh, b):
        def step(h, row):
            return jnp.tanh(row @ wx + h @ wh + b), None

        return lax.scan(step, h, x)[0]

    def torch(x, h, wx, wh, b):
        for row in x:
            h = torch.tanh(row @ wx + h @ wh + b)
        return h


class lstm(Workload):
    inputs = (
        normal(128, 32, 128),
        normal(32, 128),
        normal(32, 128),
        normal(128, 512, scale=0.05),
        normal(128, 512, scale=0.05),
        normal(512),
    )
    flops = 128 * 4 * 2 * 2 * 32 * 128 * 128
    bytes = 4 * 128 * 32 * 128

    def numpy(x, h, c, wx, wh, b):
        for row in x:
            i, f, g, o = np.split(row @ wx + h @ wh + b, 4, 1)
            c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            h = np.tanh(c) / (1 + np.exp(-o))
        return h

    def tf(x, h, c, wx, wh, b):
        for t in tf.range(128):
            i, f, g, o = tf.split(x[t] @ wx + h @ wh + b, 4, 1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
        return h

    def jax(x, h, c, wx, wh, b):
        def step(state, row):
            h, c = state
            i, f, g, o = jnp.split(row @ wx + h @ wh + b, 4, 1)
            c = lax.logistic(f) * c + lax.logistic(i) * jnp.tanh(g)
            return (lax.logistic(o) * jnp.tanh(c), c), None

        return lax.scan(step, (h, c), x)[0][0]

    def torch(x, h, c, wx, wh, b):
        for row in x:
            i, f, g, o = (row @ wx + h @ wh + b).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h


class jacobi_1024(Workload):
    """A hundred sweeps of the mean of four neighbours; the border is zero."""

    inputs = (normal(1024, 1024),)
    flops = 100 * 4 * 1024 * 1024
    bytes = 2 * 4 * 1024 * 1024

    def numpy(u):
        for _ in range(100):
            inner = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
            u = np.zeros_like(u)
            u[1:-1, 1:-1] = inner
        return u

    def tf(u):
        for _ in tf.range(100):
            inner = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
            u = tf.pad(inner, [[1, 1], [1, 1]])
        return u

    def jax(u):
        def step(_, u):
            inner = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
            return jnp.pad(inner, 1)

        return lax.fori_loop(0, 100, step, u)

    def torch(u):
        for _ in range(100):
            inner = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
            u = torch.nn.functional.pad(inner, (1, 1, 1, 1))
        return u

    def numba(u):
        u = u.copy()
        v = np.zeros_like(u)
        quarter = np.float32(0.25)
        for _ in range(100):
            for i in prange(1, u.shape[0] - 1):
                for j in range(1, u.shape[1] - 1):
                    v[i, j] = quarter * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
            u, v = v, u
            u[0] = u[-1] = u[:, 0] = u[:, -1] = 0
        return u


class nbody_1024(Workload):
    """The forces between all pairs of 1024 bodies."""

    inputs = (normal(1024, 3), uniform(1024))
    flops = 1024 * 1024 * (17 + SQRT + DIVIDE)
    bytes = 7 * 4 * 1024
    tolerance = 1e-4

    def numpy(p, mass):
        d = p[None, :, :] - p[:, None, :]
        r = np.square(d).sum(-1) + 1e-3
        return (d * (mass / (np.sqrt(r) * r))[:, :, None]).sum(1)

    def tf(p, mass):
        d = p[None, :, :] - p[:, None, :]
        r = tf.reduce_sum(tf.square(d), -1) + 1e-3
        return tf.reduce_sum(d * (mass / (tf.sqrt(r) * r))[:, :, None], 1)

    def jax(p, mass):
        d = p[None, :, :] - p[:, None, :]
        r = jnp.square(d).sum(-1) + 1e-3
        return (d * (mass / (jnp.sqrt(r) * r))[:, :, None]).sum(1)

    def torch(p, mass):
        d = p[None, :, :] - p[:, None, :]
        r = torch.square(d).sum(-1) + 1e-3
        return (d * (mass / (torch.sqrt(r) * r))[:, :, None]).sum(1)

    def numba(p, mass):
        force = np.empty_like(p)
        for i in prange(p.shape[0]):
            fx = fy = fz = np.float32(0)
            for j in range(p.shape[0]):
                dx, dy, dz = p[j, 0] - p[i, 0], p[j, 1] - p[i, 1], p[j, 2] - p[i, 2]
                r = dx * dx + dy * dy + dz * dz + np.float32(1e-3)
                pull = mass[j] / (np.float32(math.sqrt(r)) * r)
                fx += dx * pull
                fy += dy * pull
                fz += dz * pull
            force[i, 0], force[i, 1], force[i, 2] = fx, fy, fz
        return force


class newton_while(Workload):
    """Square roots by Newton's method, until all of them have converged: five rounds."""

    inputs = (uniform(65536, low=0.5, high=1.5),)
    flops = 5 * 65536 * (DIVIDE + 5)
    bytes = 2 * 4 * 65536
    tolerance = 1e-4

    def numpy(x):
        y = x
        while np.abs(y * y - x).max() > 1e-4:
            y = 0.5 * (y + x / y)
        return y

    def tf(x):
        y = x
        while tf.reduce_max(tf.abs(y * y - x)) > 1e-4:
            y = 0.5 * (y + x / y)
        return y

    def jax(x):
        return lax.while_loop(
            lambda y: jnp.abs(y * y - x).max() > 1e-4, lambda y: 0.5 * (y + x / y), x
        )

    def torch(x):
        y = x
        while torch.abs(y * y - x).max() > 1e-4:
            y = 0.5 * (y + x / y)
        return y

    def numba(x):
        y = x.copy()
        half = np.float32(0.5)
        while np.abs(y * y - x).max() > 1e-4:
            for i in prange(x.size):
                y[i] = half * (y[i] + x[i] / y[i])
        return y
