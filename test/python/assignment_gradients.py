"""Item assignment under tapes, eager and compiled, to second order."""

import tfc as tf

from python.harness import Table, t

table = Table("Gradients of item assignment")
row = table.row


# gradients
@row(t([1.0, 2.0]))
def gradient_of_what_is_computed_again(x):
    @tf.recompute_grad
    def cube(y):
        return y * y * y

    with tf.GradientTape() as tape:
        tape.watch(x)
        z = cube(x)
        x[0] = 100.0
    return tape.gradient(z, x)


@row((t([1.0, 2.0, 3.0]), t(2)), (t([1.0, 2.0, 3.0]), t(0)))
def gradient_through_a_loop(x, n):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        b = x * 2
        for i in range(n):
            b[i] = b[i] * x[0]
        x[0] = 50.0
        y = tf.reduce_sum(b * b) + x[1] * x[0]
    return tape.gradient(y, x), tape.gradient(y, b)


@row(t([1.0, 2.0, 3.0]))
def gradient_by_what_was_watched(x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        x[0] = 5.0
        z = x * x * x
    x[1] = 100.0
    return tape.gradient(y, x), tape.gradient(z, x), tape.gradient(y + z, x)


@row(t([1.0, 2.0, 3.0]))
def second_gradient(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            b = x * 2
            b[1] = x[0] ** 3
            b[2:] *= b[1]
            x[:] = b
            x[0] = 1.0
            y = tf.reduce_sum(b * b * x)
        g = inner.gradient(y, x)
    return g, outer.gradient(g, x)


@row((t([1.0, 2.0, 3.0]), t(1)), (t([1.0, 2.0, 3.0]), t(0)))
def gradient_through_arms(x, c):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 1
        if c > 0:
            y[0] = x[1] * x[1]
        else:
            y[1] = 0.0
        z = tf.reduce_sum(y * y)
    return tape.gradient(z, x)


@row(t([1.0, 2.0, 3.0]))
def gradient_with_a_constant(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        c = tf.constant([1.0, 2.0, 3.0])
        y = c * x
        c[0] = 100.0
        z = y * c
    return tape.gradient(z, x)


@row(t([1.0, 2.0, 3.0]), t([0.1, 0.2, 0.3]))
def gradient_by_mask(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x)
        y[y > 0.5] += y[0]
        y[[0, 2]] = y[[2, 0]] * 2
    return tape.gradient(y, x)
