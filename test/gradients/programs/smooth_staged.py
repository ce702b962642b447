"""Loops of a length that is known at run time only, and checks: what goes on after them, in them and around them."""

import numpy as np
import tfc as tf

from gradients.harness import Smooth

table = Smooth()
V = np.array([0.7, -1.2, 0.4, 1.9])
ZERO = tf.Variable(0, trainable=False)


def counted(start, stop):
    return tf.range(start, stop + ZERO)


@table.row(V)
def growing_tensor(x):
    y = x[:1]
    for i in counted(1, 4):
        y = tf.concat([y, tf.sin(y) * x[i]], 0)
    return tf.reduce_sum(y * y)


@table.row(V)
def optional_value(x):
    best = None
    for v in x[: 4 + ZERO]:
        if best is None:
            best = v * v
        elif v > best:
            best = v * best
    return best * x[0]


@table.row(V)
def keys_of_run_time(x):
    sums = {}
    for i in counted(0, 4):
        key = int(i) % 2
        sums[key] = sums.get(key, 0.0) + x[i] * x[i]
    return sums[0] * sums[1]


def required(x):
    y = x * x
    if y[0] > 100.0:
        raise ValueError("too large")
    return y[0] * y[1]


@table.row(V)
def goes_on_after_a_check(x):
    return required(x) * x[3]


@table.row(V)
def checks_in_a_loop(x):
    total = x[0]
    for i in counted(0, 3):
        if x[i] > 0.0:
            total = total * required(x) + x[i]
    return total


class NegativeError(Exception):
    def __init__(self, size):
        self.size = size


def root(v):
    if v < 0.0:
        raise NegativeError(v * v)
    return tf.sqrt(v)


@table.row(V)
def values_of_exceptions(x):
    total = tf.constant(0.0, tf.float64)
    for i in counted(0, 4):
        try:
            total += root(x[i])
        except NegativeError as error:
            total = total * 0.5 + error.size * x[i]
    return total


def watched(tape, x):
    if x[0] > 100.0:
        raise ValueError("too large")
    tape.watch(x)
    return tf.sin(x) * x


@table.row(V)
def watches_after_a_check(x):
    with tf.GradientTape() as tape:
        y = watched(tape, x)
    return tf.reduce_sum(tape.gradient(y, x) ** 2)


@table.row(V)
def recomputed(x):
    block = tf.recompute_grad(lambda y: tf.sin(y) * x + y)
    y = x
    for _ in counted(0, 4):
        y = block(y)
    return tf.reduce_sum(y * y)


@table.row(V)
def meta_learning(x):
    def loss(w, t):
        return tf.reduce_sum((tf.sin(w * t) - t) ** 2)

    total = tf.constant(0.0, tf.float64)
    for task in tf.constant([0.5, 1.0, 1.5], tf.float64):
        w = x
        for _ in counted(0, 2):
            with tf.GradientTape() as t:
                t.watch(w)
                error = loss(w, task)
            w = w - 0.1 * t.gradient(error, w)
        total += loss(w, task + 0.1)
    return total


@table.row(V)
def newton(x):
    y = x[:2]
    for _ in counted(0, 2):
        with tf.GradientTape() as tape:
            tape.watch(y)
            r = tf.stack([y[0] * y[1] - x[2], tf.sin(y[0]) + y[1] * y[1]])
        y = y - 0.2 * tf.linalg.matvec(tape.jacobian(r, y), r)
    return tf.reduce_sum(y * y)


@table.row(V)
def dynamic_time_warping(x):
    cost = tf.fill([3, 4], tf.constant(1e6, tf.float64))
    cost[0, 0] = tf.constant(0.0, tf.float64)
    series = tf.constant([0.2, 0.9, -0.3], tf.float64)
    for i in counted(1, 3):
        for j in counted(1, 4):
            before = tf.stack([cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1]])
            cost[i, j] = (x[i - 1] * x[2] - series[j - 1]) ** 2 - tf.reduce_logsumexp(-before)
    return cost[2, 3] * x[3]


@table.row(np.array([[0.3, -0.2, 0.9], [1.1, 0.5, -0.7], [0.2, 0.8, 0.4]]))
def cholesky(x):
    a = tf.matmul(x, x, transpose_b=True) + 2.0 * tf.eye(3, dtype=tf.float64)
    factor = tf.zeros([3, 3], tf.float64)
    for i in counted(0, 3):
        for j in counted(0, i + 1):
            rest = a[i, j] - tf.reduce_sum(factor[i] * factor[j])
            factor[i, j] = tf.sqrt(rest) if i == j else rest / factor[j, j]
    return tf.reduce_sum(tf.math.log(tf.linalg.diag_part(factor))) + tf.reduce_sum(factor)
