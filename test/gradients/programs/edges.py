"""Custom gradients, gradients that stop, dtypes, recursion, and rules at their edges: ties, zeros, nan."""

import numpy as np
import tfc as tf

from gradients.harness import Programs

table = Programs()
f32 = np.float32
X = np.array([1.0, -2.0, 3.0], f32)
XP = np.array([1.0, 2.0, 3.0], f32)
M = np.arange(6, dtype=f32).reshape(2, 3) - 2.5


@table.row((X,))
def customkw(x):
    @tf.custom_gradient
    def g(x, *, scale=2.0):
        def grad(dy):
            return dy * scale

        return x * 1.0, grad

    with tf.GradientTape() as t:
        t.watch(x)
        y = g(x, scale=3.0)
    return t.gradient(y, x)


@table.row((X,))
def custom_multi(x):
    @tf.custom_gradient
    def g(a, b):
        def grad(da, db):
            return da * b, db * a * 2

        return (a * b, b + a), grad

    with tf.GradientTape() as t:
        t.watch(x)
        y, z = g(x, x * 2)
        s = y * 2 + z
    return t.gradient(s, x)


@table.row((X,))
def custom_none(x):
    @tf.custom_gradient
    def g(a, b):
        return a * b, lambda d: (d * b, None)

    with tf.GradientTape() as t:
        t.watch(x)
        w = x * 2
        y = g(x, w)
    return t.gradient(y, [x, w])


@table.row((X,))
def custom_nested(x):
    @tf.custom_gradient
    def inner(a):
        return a * a, lambda d: d * 7 * a

    @tf.custom_gradient
    def outer(a):
        y = inner(a) * 2

        def grad(d):
            with tf.GradientTape() as t:
                t.watch(a)
                z = inner(a)
            return d * t.gradient(z, a)

        return y, grad

    with tf.GradientTape() as t:
        t.watch(x)
        y = outer(x)
    return t.gradient(y, x)


@table.row((X,))
def revgrad_in_loop(x):
    @tf.custom_gradient
    def rev(a):
        return tf.identity(a), lambda d: -d

    with tf.GradientTape() as t:
        t.watch(x)
        y = x
        for i in tf.range(3):
            y = rev(y * x)
    return t.gradient(y, x)


@table.row((X,))
def custom_clip_staged_grad(x):
    @tf.custom_gradient
    def g(a):
        def grad(d):
            if tf.norm(d) > 1.0:
                return d / tf.norm(d)
            return d

        return a * 1.0, grad

    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.reduce_sum(g(x) ** 2)
    return t.gradient(y, x)


@table.row((X,))
def stopg(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * tf.stop_gradient(x * x) + tf.stop_gradient(x)
    return t.gradient(y, x)


@table.row((X,))
def straight_through(x):
    with tf.GradientTape() as t:
        t.watch(x)
        q = x + tf.stop_gradient(tf.round(x) - x)
        y = q * q
    return t.gradient(y, x)


@table.row((X,))
def gradpass(x):
    q = tf.grad_pass_through(tf.round)
    with tf.GradientTape() as t:
        t.watch(x)
        y = q(x) * x
    return t.gradient(y, x)


@table.row((X,))
def ints(x):
    i = tf.cast(x, tf.int32)
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * tf.cast(i, tf.float32)
    return t.gradient(y, x)


@table.row((X,))
def intsource(x):
    i = tf.constant([1, 2, 3])
    with tf.GradientTape() as t:
        t.watch(i)
        t.watch(x)
        y = x * tf.cast(i, tf.float32)
    return t.gradient(y, [x, i])


@table.row((X,))
def inttarget(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.cast(x * 2, tf.int32)
    return t.gradient(y, x)


@table.row((X,))
def boolmask_src(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.where(x > 0, x * x, -x)
    return t.gradient(y, x)


@table.row((X,))
def half(x):
    h = tf.cast(x, tf.float16)
    with tf.GradientTape() as t:
        t.watch(h)
        y = tf.sin(h) * h
    return t.gradient(y, h)


@table.row((X,))
def bf16(x):
    h = tf.cast(x, tf.bfloat16)
    with tf.GradientTape() as t:
        t.watch(h)
        y = tf.reduce_sum(h * h)
    return t.gradient(y, h)


@table.row((X,))
def mixedcast(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.cast(tf.cast(x, tf.float64) ** 2, tf.float16)
        z = tf.cast(y, tf.float32) * x
    return t.gradient(z, x)


@table.row((np.array([2.0, 2.0, 1.0, 2.0], f32),))
def maxties(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = tf.reduce_max(x)
        z = tf.maximum(x, 2.0)
        w = tf.minimum(x, x[::-1])
        r = tf.nn.relu(x - 2.0)
        a = tf.abs(x - 2.0)
        k = tf.math.top_k(x, 2).values
        s = tf.sort(x) * tf.constant([1.0, 2.0, 3.0, 4.0])
        c = tf.clip_by_value(x, 1.0, 2.0)
    return [t.gradient(q, x) for q in (y, z, w, r, a, k, s, c)]


@table.row((np.zeros(3, f32),))
def at_zero(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        a = tf.norm(x)
        b = tf.sqrt(x)
        c = x**2.0
        d = tf.math.divide_no_nan(x, x)
        e = tf.pow(x, 0.5)
        f = tf.math.xlogy(x, x)
        g = tf.nn.l2_normalize(x)
        h = tf.sign(x) * x
        i = x**0
        j = tf.math.multiply_no_nan(tf.math.log(x), x)
        k = tf.abs(x)
        loss = tf.math.reduce_std(x)
        m = tf.math.reduce_euclidean_norm(x)
    return [t.gradient(q, x) for q in (a, b, c, d, e, f, g, h, i, j, k, loss, m)]


@table.row((np.array([np.nan, np.inf, -np.inf, 0.0], f32),))
def nonfinite(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        a = tf.where(tf.math.is_finite(x), x * x, 0.0)
        b = tf.nn.relu(x)
        c = tf.exp(x)
        d = tf.nn.softplus(x)
        e = tf.tanh(x)
        f = tf.maximum(x, 0.0)
        g = tf.reduce_max(x)
        h = tf.sigmoid(x)
        i = tf.clip_by_value(x, -1.0, 1.0)
    return [t.gradient(q, x) for q in (a, b, c, d, e, f, g, h, i)]


@table.row((X,))
def npfun(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * tf.numpy_function(np.sin, [x], tf.float32)
    try:
        return t.gradient(y, x)
    except Exception as e:
        return x


@table.row((X, 3), (X, 0))
def recur_native(x, n):
    def f(y, k):
        if k <= 0:
            return y
        return f(tf.sin(y) * x, k - 1)

    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x, tf.constant(n) if isinstance(n, int) else n)
    return t.gradient(y, x)


@table.row((X, np.array(3, np.int32)), (X, np.array(0, np.int32)))
def recur_tensor(x, n):
    def f(y, k):
        if k <= 0:
            return y
        return f(tf.sin(y) * x, k - 1)

    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x, n)
    return t.gradient(y, x)


@table.row((X, np.array(5, np.int32)))
def recur_fib(x, n):
    def f(k):
        if k < 2:
            return x * tf.cast(k + 1, tf.float32)
        return f(k - 1) * tf.sin(x) + f(k - 2)

    with tf.GradientTape() as t:
        t.watch(x)
        y = f(n)
    return t.gradient(y, x)


@table.row((X, np.array(4, np.int32)))
def recur_in_loop(x, n):
    def p(b, k):
        if k == 0:
            return tf.ones_like(b)
        h = p(b, k // 2)
        return h * h if k % 2 == 0 else h * h * b

    with tf.GradientTape() as t:
        t.watch(x)
        y = x
        for i in tf.range(3):
            y = y + p(y, n) * 0.1
    return t.gradient(y, x)
