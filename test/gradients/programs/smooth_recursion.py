"""Functions that call themselves to a depth that is known at run time."""

import numpy as np
import tfc as tf

from gradients.harness import Smooth

table = Smooth()
row = table.row
S = np.array(0.6)
V = np.array([0.7, -1.2, 0.4, 1.9])


def power(x, n):
    return x if n <= 1 else x * power(tf.sin(x), n - 1)


@row(S)
def power_(x):
    return power(x, tf.constant(4))


def fold(x, i):
    if i >= 4:
        return tf.constant(0.0, tf.float64)
    return x[i] * x[i] + 0.5 * tf.sin(fold(x, i + 1)) * x[0]


@row(V)
def fold_(x):
    return fold(x, tf.constant(0))


def bisect(lo, hi, a, k):
    mid = 0.5 * (lo + hi)
    if k == 0:
        return mid - (mid * mid - a) / (2.0 * mid)
    if mid * mid > a:
        return bisect(lo, mid, a, k - 1)
    return bisect(mid, hi, a, k - 1)


@row(S)
def bisect_(a):
    return bisect(a * 0.1, a + 1.0, a, tf.constant(5))


def fib(a, n):
    if n < 2:
        return a * tf.cast(n, tf.float64) + 0.1
    return fib(a, n - 1) * a + tf.sin(fib(a, n - 2))


@row(S)
def fib_(a):
    return fib(a, tf.constant(6))


def tree(x, lo, hi):
    if hi - lo <= 1:
        return tf.exp(x[lo])
    m = (lo + hi) // 2
    return tree(x, lo, m) * tf.cos(tree(x, m, hi))


@row(V)
def tree_(x):
    return tree(x, tf.constant(0), tf.constant(4))


def simpson(f, a, b, depth):
    m = 0.5 * (a + b)
    whole = (b - a) / 6.0 * (f(a) + 4.0 * f(m) + f(b))
    l = (m - a) / 6.0 * (f(a) + 4.0 * f(0.5 * (a + m)) + f(m))
    r = (b - m) / 6.0 * (f(m) + 4.0 * f(0.5 * (m + b)) + f(b))
    if tf.abs(l + r - whole) < 1e-5 or depth > 8:
        return l + r
    return simpson(f, a, m, depth + 1) + simpson(f, m, b, depth + 1)


@row(S)
def adaptive_simpson(x):
    return simpson(
        lambda t: tf.sin(t * x * 3.0) * t, tf.constant(0.0, tf.float64), x + 1.0, tf.constant(0)
    )


def even(x, n):
    return x if n == 0 else odd(x * x, n - 1)


def odd(x, n):
    return tf.sin(x) if n == 0 else even(x + 1.0, n - 1)


@row(S)
def mutual(x):
    return even(x, tf.constant(3))


def with_loop(x, n):
    if n <= 0:
        return x
    y = x
    for _ in tf.range(n):
        y = tf.sin(y) + 0.1 * x
    return with_loop(y, n - 1) * x


@row(S)
def recursion_with_loop(x):
    return with_loop(x, tf.constant(3))


@row(V)
def closure_recursion(x):
    def walk(i, acc):
        if i == 4:
            return acc
        if x[i] > 0.0:
            return walk(i + 1, acc * x[i])
        return walk(i + 1, acc + tf.exp(x[i]))

    return walk(tf.constant(0), tf.constant(1.0, tf.float64))


def pair(x, n):
    if n == 0:
        return x, tf.cos(x)
    a, b = pair(x * 0.5, n - 1)
    return a * b, a + b * x


@row(S)
def pair_(x):
    a, b = pair(x, tf.constant(4))
    return a * b


def matpow(m, n):
    if n == 1:
        return m
    h = matpow(m, n // 2)
    s = tf.matmul(h, h)
    return tf.matmul(s, m) if n % 2 == 1 else s


@row(np.array([[0.3, -0.2], [0.9, 0.6]]))
def matrix_power(m):
    return tf.reduce_sum(matpow(m, tf.constant(5)))


@row(S)
def recursion_in_loop(x):
    s = x
    for i in tf.range(3):
        s = s + power(s * 0.3, i + 1)
    return s


def nestedf(x, n):
    return x if n == 0 else nestedf(tf.sin(nestedf(x * 0.7, n - 1)), n - 1) + x


@row(S)
def nested_calls(x):
    return nestedf(x, tf.constant(3))


def halves(v):
    if tf.shape(v)[0] <= 1:
        return tf.reduce_sum(v * v)
    m = tf.shape(v)[0] // 2
    return tf.sin(halves(v[:m])) + halves(v[m:]) * 0.5


@row(V)
def changing_shapes(x):
    return halves(x)


@row(S)
def gradient_inside_recursion(x):
    def descend(w, n):
        if n == 0:
            return w
        with tf.GradientTape() as t:
            t.watch(w)
            l = tf.sin(w) * w * x
        return descend(w - 0.2 * t.gradient(l, w), n - 1)

    return descend(x, tf.constant(3))
