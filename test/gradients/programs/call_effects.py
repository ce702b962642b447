"""Compiled functions under tapes that do more than to compute: state, effects, rules of their own, other tapes."""

import contextlib
import io

import numpy as np
import tfc as tf

from gradients.programs.calls import Case, X

rows: list[Case] = []

AS_PLAIN_PYTHON = {"setitem_arg", "growing", "uses_outer_tape", "gradient_that_raises"}
"""Cases whose calls are not recorded as one."""


def row(case: Case) -> Case:
    rows.append(case)
    return case


@row
def state(function):
    v = tf.Variable(2.0)
    n = tf.Variable(0)

    def g(x):
        n.assign_add(1)
        a = v * x
        v.assign(v * 3.0)
        return a + v * x * x

    f = function(g)
    x = tf.constant(3.0)
    out = []
    for _ in range(2):
        with tf.GradientTape() as t:
            t.watch(x)
            a = f(x)
        out.append((t.gradient(a, [x, v]), v.numpy(), n.numpy()))
    return out


@row
def later_assign(function):
    v = tf.Variable([2.0, 3.0, 4.0])
    f = function(lambda x: v * v * x)
    x = tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        a = f(x)
    v.assign_add([1.0, 1.0, 1.0])
    upd = function(lambda: v.assign_sub([5.0, 5.0, 5.0]))
    upd()
    return t.gradient(a, [x, v]), v.numpy()


@row
def nested_assign(function):
    v = tf.Variable(2.0)
    n = tf.Variable(1.0, trainable=False)

    def g(x):
        n.assign_add(1.0)
        return v * v * x * x * n

    f = function(g)
    x = tf.constant(3.0)
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            a = f(x)
        v.assign(10.0)
        d = t1.gradient(a, [x, v])
        s = d[0] * 2 + d[1]
    return d, t2.gradient(s, [x]), n.numpy(), v.numpy()


@row
def custom(function):
    @tf.custom_gradient
    def cg(x):
        return tf.exp(x), lambda dy: dy * 0.5 * x

    f = function(lambda x: cg(x) * 2.0)
    x = tf.constant(X)
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x)
        g = t1.gradient(y, x)
    return g, t2.gradient(g, x)


@row
def custom_var(function):
    v = tf.Variable(2.0)

    @tf.custom_gradient
    def cg(x):
        r = v.read_value()

        def grad(dy, variables=None):
            return dy * 0.5 * r, [tf.reduce_sum(dy) * 3.0]

        return tf.exp(x) * r, grad

    f = function(lambda x: cg(x) * 2.0)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
    return t1.gradient(y, [x, v])


@row
def recompute(function):
    v = tf.Variable(2.0)
    f = function(tf.recompute_grad(lambda x: tf.sin(x * v) * x))
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
    return t1.gradient(y, [x, v])


@row
def recompute_outside(function):
    v = tf.Variable(2.0)
    g = function(lambda x: tf.sin(x * v) * x)
    f = tf.recompute_grad(lambda x: g(x) * x)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
    return t1.gradient(y, [x, v])


@row
def custom_outside(function):
    v = tf.Variable(2.0)
    g = function(lambda x: tf.sin(x * v) * x)

    @tf.custom_gradient
    def f(x):
        y = g(x)

        def grad(dy, variables=None):
            return dy * 2.0, [dy * 0 + 5.0] * len(variables)

        return y, grad

    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
    return t1.gradient(y, [x, v])


@row
def method(function):
    class M:
        def __init__(self):
            self.w = tf.Variable([1.0, 2.0, 3.0])
            self.n = 0
            self.last = None

        def __call__(self, x):
            self.n += 1
            self.last = x * self.w
            return self.last * self.w

    M.__call__ = function(M.__call__)
    m = M()
    x = tf.constant(X)
    out = []
    for _ in range(2):
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = m(x)
            z = y + m.last
        out.append((t1.gradient(z, [x, m.w]), m.n))
    return out


@row
def appends(function):
    L = []

    def g(x):
        L.append(x * x)
        return x * 2.0

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
        z = L[0] * y
    return t1.gradient(z, x), len(L)


@row
def printing(function):
    def g(x):
        print("hello", tf.reduce_sum(x))
        return x * x

    f = function(g)
    x = tf.constant(X)
    b = io.StringIO()
    with contextlib.redirect_stdout(b):
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x)
        d = t1.gradient(y, x)
    return d, b.getvalue()


@row
def numpy_arg(function):
    f = function(lambda x, k: x * k)
    x = tf.constant(X)
    k = np.ones(3, np.float32) * 2
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x, k)
    k[:] = 100.0
    return t1.gradient(y, x)


@row
def numpy_closed(function):
    k = np.ones(3, np.float32) * 2
    f = function(lambda x: x * k)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
    k[:] = 100.0
    return t1.gradient(y, x)


@row
def setitem_after(function):
    f = function(lambda x: x * x)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        h = x * 1.0
        y = f(h)
        y[0] = 5.0
        h[1] = 7.0
        z = y * h
    return t1.gradient(z, x)


@row
def setitem_inside(function):
    def g(x):
        y = x * 2.0
        y[0] = x[1] * x[2]
        return y

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        z = f(x)
    return t1.gradient(z, x)


@row
def setitem_arg(function):
    def g(x, y):
        y[0] = x[1] * x[2]
        return y * 1.0

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = x * 3.0
        z = f(x, y)
        w = z * y
    return t1.gradient(w, x)


@row
def growing(function):
    def g(x):
        L = []
        for i in tf.range(tf.cast(x[2], tf.int32)):
            L.append(x * tf.cast(i, tf.float32))
        return L

    f = function(g)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        z = f(x)
        w = tf.reduce_sum(tf.stack(z) ** 2)
    return t1.gradient(w, x)


@row
def uses_outer_tape(function):
    x = tf.constant(X)
    with tf.GradientTape() as t1:

        def g(x):
            h = x * 2.0
            t1.watch(h)
            with t1.stop_recording():
                k = h * h
            return h * h + k

        f = function(g)
        t1.watch(x)
        z = f(x)
    return t1.gradient(z, x)


@row
def raises(function):
    def g(x):
        if tf.reduce_sum(x) > 100.0:
            raise ValueError("no")
        return x * x

    f = function(g)
    x = tf.constant(X)
    out = []
    with tf.GradientTape() as t1:
        t1.watch(x)
        try:
            f(x * 100.0)
        except ValueError as e:
            out.append(str(e))
        y = f(x)
    return out, t1.gradient(y, x)


@row
def watch_no_vars(function):
    v = tf.Variable(2.0)
    u = tf.Variable(3.0, trainable=False)
    f = function(lambda x: x * v * u)
    x = tf.constant(X)
    out = []
    with tf.GradientTape(watch_accessed_variables=False) as t1:
        t1.watch(u)
        y = f(x)
    out.append((t1.gradient(y, [x, v, u]), len(t1.watched_variables())))
    with tf.GradientTape() as t1:
        y = f(x)
    out.append((t1.gradient(y, [x, v, u]), len(t1.watched_variables())))
    with tf.GradientTape(watch_accessed_variables=False) as t1:
        y = f(x)
    out.append((t1.gradient(y, [x, v, u]), len(t1.watched_variables())))
    return out


@row
def rng(function):
    g = tf.random.Generator.from_seed(3)

    def h(x):
        return x * g.normal([3])

    f = function(h)
    x = tf.constant(X)
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = f(x) * x
        d = t1.gradient(y, x)
    return d, t2.gradient(d, x), g.normal([2])


@row
def explain_(function):
    f = function(lambda x: (x * x, tf.argmax(x)))
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y, i = f(x)
        z = y * tf.cast(i, tf.float32)
    return [t1.explain(z, x).splitlines()[0]]


@row
def explain_cut(function):
    f = function(lambda x: (x * x, tf.argmax(x)))
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y, i = f(x)
        z = 2.0 * tf.cast(i, tf.float32)
    return [t1.explain(z, x).splitlines()[0]], t1.gradient(z, x)


@row
def pyfunc(function):
    f = function(lambda x: tf.py_function(lambda t: t * t, [x], tf.float32) * x)
    x = tf.constant(X)
    with tf.GradientTape() as t1:
        t1.watch(x)
        y = f(x)
    return t1.gradient(y, x)


@row
def two_tapes(function):
    g = tf.Variable(2.0)
    d = tf.Variable(3.0)
    G = function(lambda z: z * g)
    D = function(lambda x: tf.sin(x * d))
    z = tf.constant(X)
    with tf.GradientTape() as gt, tf.GradientTape() as dt:
        fake = G(z)
        a = tf.reduce_sum(D(fake))
        b = tf.reduce_sum(D(z)) - a
    return gt.gradient(a, g), dt.gradient(b, d)


@row
def loss_is_call(function):
    v = tf.Variable(X)
    f = function(lambda: tf.reduce_sum(v * v))
    out = []
    for i in range(3):
        with tf.GradientTape() as t:
            l = f()
        g = t.gradient(l, v)
        v.assign_sub(0.1 * g)
        out.append(l)
    return out, v.numpy()


@row
def gradient_that_raises(function):
    @tf.custom_gradient
    def double(x):
        def gradient(dy):
            raise ValueError("no gradient")

        return x * 2.0, gradient

    f, x = function(lambda x: double(x) + 1.0), tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    try:
        t.gradient(y, x)
    except ValueError as error:
        return y, str(error)


@row
def keys_without_an_order(function):
    f, x = function(lambda x: {"a": x * x, 1: x}), tf.constant(X)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)["a"]
    return t.gradient(y, x)
