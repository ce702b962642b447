"""Compiled functions that are called under tapes: whatever is asked of the tape, the answer is the eager one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tfc as tf

Case = Callable[[Callable[..., Any]], Any]
"""Takes what makes functions compiled, or leaves them as they are."""

rows: list[Case] = []
X = np.array([1.0, -2.0, 3.0], np.float32)


def row(case: Case) -> Case:
    rows.append(case)
    return case


@row
def unconnected(function):
    f = function(lambda x, y: (x * x, y * 3.0, 7.0))
    x, y = tf.constant(X), tf.constant(X)
    with tf.GradientTape(persistent=True) as t:
        t.watch([x, y])
        a, b, c = f(x, y)
    return t.gradient(a, [x, y]), t.gradient(b, [x, y]), t.gradient([a, b], [x, y])


@row
def ints(function):
    f = function(lambda x, i: (tf.gather(x, i) * 2.0, i + 1))
    x, i = tf.constant(X), tf.constant([0, 2])
    with tf.GradientTape() as t:
        t.watch(x)
        a, b = f(x, i)
        l = tf.reduce_sum(a) * tf.cast(tf.reduce_sum(b), tf.float32)
    return t.gradient(l, [x, i]), a, b


@row
def same_arg(function):
    f = function(lambda x, y: x * y + x)
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        a = f(x, x)
    return t.gradient(a, x)


@row
def returns_arg(function):
    f = function(lambda x: (x, {"x": x * 2}, [x]))
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        a, d, l = f(x)
        z = a * d["x"] + l[0]
    return t.gradient(z, x)


@row
def closed_over(function):
    k = tf.constant(X)
    f = function(lambda x: x * k)
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(k)
        a = f(x)
    r = t.gradient(a, [x, k])
    with tf.GradientTape() as t:
        t.watch(x)
        a = f(x)
    return r, t.gradient(a, [x, k])


@row
def intermediate(function):
    f = function(lambda x: x * x)
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        h = tf.sin(x)
        a = f(h)
        b = f(a)
    return t.gradient(b, [x, h, a])


@row
def gp(function):
    w = tf.Variable(np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32))
    critic = function(lambda x: tf.reduce_sum(tf.tanh(x @ w) ** 2, 1))
    x = tf.constant(np.ones((4, 3), np.float32))
    with tf.GradientTape() as t:
        with tf.GradientTape() as gt:
            gt.watch(x)
            y = critic(x)
        g = gt.gradient(y, x)
        loss = tf.reduce_mean((tf.norm(g, axis=1) - 1.0) ** 2) + tf.reduce_mean(critic(x))
    return t.gradient(loss, w), loss


@row
def maml(function):
    w = tf.Variable([1.0, 2.0, 3.0])
    f = function(lambda x, w: tf.reduce_sum(tf.sin(x * w)))
    x = tf.constant(X)
    with tf.GradientTape() as t:
        w0 = w * 1.0
        with tf.GradientTape() as t1:
            t1.watch(w0)
            l = f(x, w0)
        w1 = w0 - 0.1 * t1.gradient(l, w0)
        l2 = f(x, w1)
    return t.gradient(l2, w)


@row
def jac(function):
    f = function(lambda x: tf.stack([x * x, tf.sin(x)]))
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    j = t.jacobian(y, x)
    g = function(lambda x: tf.tanh(x) * tf.reduce_sum(x, 1, keepdims=True))
    m = tf.constant(np.arange(6, dtype=np.float32).reshape(2, 3) / 7)
    with tf.GradientTape() as t:
        t.watch(m)
        y = g(m)
    return j, t.batch_jacobian(y, m)


@row
def hess(function):
    f = function(lambda x: tf.reduce_sum(x**3) * tf.reduce_sum(x))
    x = tf.constant(X)
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x)
        g = t1.gradient(y, x)
    return t2.jacobian(g, x)


@row
def persistent_inside(function):
    f = function(lambda x: x**3)
    x = tf.constant(X)
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = f(x)
        g = t.gradient(y, x)
        z = f(g)
    return t.gradient(g, x), t.gradient(z, x)


@row
def stop(function):
    f = function(lambda x: tf.stop_gradient(x) * x)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
        with t1.stop_recording():
            z = f(x)
        w = y + z
    return t1.gradient(w, x)


@row
def sig(function):
    f = function(lambda x: x * x, input_signature=[tf.TensorSpec([None], tf.float32)])
    out = []
    for n in (3, 1, 2):
        x = tf.constant(X[:n])
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x)
        out.append(t1.gradient(y, x))
    return out


@row
def shapes(function):
    f = function(lambda x: tf.boolean_mask(x, x > 0.0) * tf.reduce_sum(x))
    out = []
    for n in (3, 1, 2, 3):
        x = tf.constant(X[:n])
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x)
        out.append(t1.gradient(y, x))
    return out


@row
def mask1(function):
    def g(x):
        y = tf.boolean_mask(x, x > 1.5)
        return tf.exp(y) * y + tf.reduce_sum(y * tf.ones_like(y))

    f = function(g)
    out = []
    for v in ([2.0, 3.0, 1.0], [2.0, 1.0, 1.0], [1.0, 1.0, 1.0]):
        x = tf.constant(v)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x)
        out.append(t1.gradient(y, x))
    return out


@row
def inner_tape(function):
    def g(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = x**3
        return t.gradient(y, x)

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        z = f(x)
    return t1.gradient(z, x)


@row
def number_result(function):
    def g(x):
        return float(tf.reduce_sum(x)), x * 2.0

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        n, y = f(x)
        z = y * n
    return t1.gradient(z, x)


@row
def untaken(function):
    def g(x, y):
        if tf.reduce_sum(x) > 0.0:
            return x * x
        return y * y

    f = function(g)
    x = tf.constant(X)
    y = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch([x, y])
        r = f(x, y)
    return t1.gradient(r, [x, y], unconnected_gradients="zero")


@row
def kwargs(function):
    def g(x, *rest, k=2.0, **more):
        return x * k + rest[0] * more["q"]

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            r = f(x, x * 2.0, k=3.0, q=x)
        d = t1.gradient(r, x)
    return d, t2.gradient(d, x)


@row
def partial_reset(function):
    f = function(lambda x: x * x)
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
        t.reset()
        t.watch(x)
        z = f(x)
    return t.gradient(z, x)


@row
def list_arg(function):
    f = function(lambda xs, d: xs[0] * xs[1] + d["a"])
    x = tf.constant(X)
    y = tf.constant(X * 2)
    with tf.GradientTape() as t:
        t.watch(y)
        z = f([x, y], {"a": y * 3.0})
    return t.gradient(z, [x, y])


@row
def f64(function):
    f = function(lambda x: tf.cast(x, tf.float64) ** 2)
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        z = f(x)
    return t.gradient(z, x)


@row
def noargs(function):
    v = tf.Variable(X)
    f = function(lambda: v * v)
    with tf.GradientTape() as t:
        z = f()
    return t.gradient(z, v)
