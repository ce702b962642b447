"""Uses of tapes: what they follow, what they are asked."""

import math

import numpy as np
import tfc as tf

from gradients.harness import Programs

table = Programs()
f32 = np.float32
X = np.array([1.0, -2.0, 3.0], f32)
XP = np.array([1.0, 2.0, 3.0], f32)
M = np.arange(6, dtype=f32).reshape(2, 3) - 2.5


@table.row((X,))
def persistent(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = x * x
        z = y * y
    a = t.gradient(z, x)
    b = t.gradient(y, x)
    c = t.gradient(z, y)
    del t
    return a, b, c


@table.row((X,))
def nested2(x):
    with tf.GradientTape() as a:
        a.watch(x)
        with tf.GradientTape() as b:
            b.watch(x)
            y = x * x * x
        d = b.gradient(y, x)
    return d, a.gradient(d, x)


@table.row((X,))
def third(x):
    with tf.GradientTape() as c:
        c.watch(x)
        with tf.GradientTape() as a:
            a.watch(x)
            with tf.GradientTape() as b:
                b.watch(x)
                y = tf.sin(x) * x
            d = b.gradient(y, x)
        e = a.gradient(d, x)
    return c.gradient(e, x)


@table.row((X,))
def stoprec(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        with t.stop_recording():
            z = y * x
        w = y + z
    return t.gradient(w, x)


@table.row((X,))
def reset(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        t.reset()
        t.watch(x)
        z = x * 3 + y
    return t.gradient(z, x)


@table.row((X,), refused="TFC015")
def reset_then(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        if tf.reduce_sum(y) > 4.0:
            t.reset()
            t.watch(x)
        z = x * 3 + y
    return t.gradient(z, x)


@table.row((X,))
def unconnected(x):
    w = x * 2
    with tf.GradientTape() as t:
        t.watch([x, w])
        y = x * x
    return t.gradient(y, [x, w], unconnected_gradients=tf.UnconnectedGradients.ZERO)


@table.row((X,))
def unconnected_none(x):
    w = x * 2
    with tf.GradientTape() as t:
        t.watch([x, w])
        y = x * x
    g = t.gradient(y, {"x": x, "w": [w, (x,)]})
    return g["x"], g["w"][0] is None, g["w"][1][0]


@table.row((X,))
def outgrads(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        z = tf.reduce_sum(y)
    return t.gradient([y, z], x, output_gradients=[tf.constant([1.0, 2.0, 3.0]), tf.constant(0.5)])


@table.row((X,))
def outgrads_none(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        z = tf.reduce_sum(y)
    return t.gradient([y, z], x, output_gradients=[None, tf.constant(0.5)])


@table.row((X,))
def manytargets(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = {"a": x * x, "b": (x**3,)}
    return t.gradient(y, x)


@table.row((X,))
def target_is_source(x):
    with tf.GradientTape() as t:
        t.watch(x)
    return t.gradient(x, x)


@table.row((X,))
def intermediate(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        z = tf.sin(y) * x
    return t.gradient(z, [x, y])


@table.row((X,))
def jac(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.stack([x[0] * x[1], tf.reduce_sum(x**2)])
    return t.jacobian(y, x)


@table.row((X,))
def jac_many(x):
    a = x[:2]
    with tf.GradientTape() as t:
        t.watch([x, a])
        y = tf.reshape(tf.concat([x * 2, a * a, a[:1]], 0), [2, 3])
    return t.jacobian(y, {"x": x, "a": a, "n": [x]})


@table.row((M,))
def batchjac(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.stack([x[:, 0] * x[:, 1], tf.reduce_sum(x**2, 1)], 1)
    return t.batch_jacobian(y, x)


@table.row((X,))
def hessian_jac(x):
    with tf.GradientTape() as a:
        a.watch(x)
        with tf.GradientTape() as b:
            b.watch(x)
            y = tf.reduce_sum(tf.sin(x) * x[0])
        g = b.gradient(y, x)
    return a.jacobian(g, x)


@table.row((X, XP))
def hvp_three(x, v):
    f = lambda x: tf.reduce_sum(tf.sin(x) * x[0] * x)
    with tf.GradientTape() as a:
        a.watch(x)
        with tf.GradientTape() as b:
            b.watch(x)
            y = f(x)
        g = b.gradient(y, x)
    one = a.gradient(g, x, output_gradients=v)
    with tf.GradientTape() as a:
        a.watch(x)
        with tf.GradientTape() as b:
            b.watch(x)
            y = f(x)
        s = tf.reduce_sum(b.gradient(y, x) * v)
    two = a.gradient(s, x)
    with tf.GradientTape() as a:
        a.watch(v)
        with tf.GradientTape() as b:
            b.watch(x)
            y = f(x)
        g = b.gradient(y, x)
    return one, two


@table.row((X,))
def tape_across_branch(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
    if tf.reduce_sum(x) > 0:
        return t.gradient(y, x)
    return x


@table.row((X,))
def gradient_in_arms(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        if tf.reduce_sum(x) > 0:
            z = y * x
        else:
            z = y
    if x[0] > 0:
        g = t.gradient(z, x)
    else:
        g = t.gradient(y, x)
    return g


@table.row((X,), (-X,), refused="TFC015")
def watch_in_arm(x):
    with tf.GradientTape() as t:
        if tf.reduce_sum(x) > 0:
            t.watch(x)
        y = x * x
    return t.gradient(y, x, unconnected_gradients="zero")


@table.row((X,))
def gather_grads(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.gather(x, [0, 0, 2]) * tf.constant([1.0, 2.0, 3.0])
    return t.gradient(y, x)


@table.row((X,))
def print_in_tape(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        tf.print("y", y)
    g = t.gradient(y, x)
    tf.print("g", g)
    return g


@table.row((X,))
def explain_none(x):
    w = x * 2
    with tf.GradientTape() as t:
        t.watch(w)
        y = x * x
    g = t.gradient(y, w)
    return x if g is None else g


@table.row((X,), (-X,))
def if_g_none(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.cast(tf.argmax(x), tf.float32)
    g = t.gradient(y, x)
    if g is not None:
        return g
    return x * 0 - 1


@table.row((X,))
def tape_as_obj(x):
    t = tf.GradientTape()
    t.__enter__()
    t.watch(x)
    y = x * x
    t.__exit__(None, None, None)
    return t.gradient(y, x)


@table.row((X,))
def tape_in_class(x):
    class Step:
        def __init__(self):
            self.t = None

        def run(self, x):
            with tf.GradientTape() as self.t:
                self.t.watch(x)
                y = x * x
            return self.t.gradient(y, x)

    return Step().run(x)


@table.row((X,))
def grad_of_grad_sum_vars(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = tf.reduce_sum(x**3)
        g = t.gradient(y, x)
        s = tf.reduce_sum(g * g)
    return t.gradient(s, x)


@table.row((X,))
def watched_vars(x):
    v = tf.constant(2.0)
    with tf.GradientTape() as t:
        t.watch(v)
        y = v * x
    return len(t.watched_variables()), t.gradient(y, v)


@table.row((X,))
def valuegrad_helper(x):
    def value_and_grad(f):
        def g(*a):
            with tf.GradientTape() as t:
                t.watch(a)
                y = f(*a)
            return y, t.gradient(y, a)

        return g

    y, (a, b) = value_and_grad(lambda p, q: tf.reduce_sum(p * q * q))(x, x * 2)
    return y, a, b


@table.row((X,))
def newton2(x):
    f = lambda x: x**4 - 3 * x + 1
    z = x
    for _ in tf.range(5):
        with tf.GradientTape() as o:
            o.watch(z)
            with tf.GradientTape() as t:
                t.watch(z)
                y = f(z)
            d = t.gradient(y, z)
        d2 = o.gradient(d, z)
        z = z - d / (d2 + 1e-3)
    return z


LONG = np.linspace(-1.0, 1.5, 12).astype(f32)


@table.row((LONG,))
def jacobian_of_many(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = tf.sin(x) * tf.reduce_sum(x * x)
        z = tf.boolean_mask(x, x > 0.0) ** 2 * x[0]
    return t.jacobian(y, {"x": x, "y": y}), t.jacobian(z, x), t.jacobian(tf.constant(LONG), x)


@table.row((LONG.reshape(2, 6), np.float32(1.0)), (LONG.reshape(1, 12), np.float32(2.0)))
def batch_jacobian_of_many(x, scale):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.concat([tf.nn.softmax(x), x * x], 1) * scale
    return t.batch_jacobian(y, x)


@table.row((LONG,))
def hessian_of_many(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as t:
            t.watch(x)
            y = x
            for _ in tf.range(3):
                y = tf.sin(y) * tf.reverse(x, [0])
        j = t.jacobian(y, x)
    return j, outer.jacobian(j, x)


@table.row((np.array(2.0, f32),))
def through_python_numbers(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * float(x) + x * math.sin(x) + x * int(x)
        for _ in tf.range(3):
            y = y * float(x) + x
        if x > 1:
            y = y * round(float(y), 1)
    return t.gradient(y, x)
