"""Mixtures: staged control flow with assignments of items, growing lists, state in objects, exceptions and tapes inside."""

import numpy as np
import tfc as tf

from gradients.harness import Smooth

table = Smooth()
row = table.row

S = 0.8
V = np.array([0.7, -1.3, 2.1, 0.4])
M = np.array([[0.3, -0.8, 1.1], [0.9, 0.2, -0.5]])
IMAGE = np.random.default_rng(3).standard_normal((1, 6, 6, 2))


@row(V)
def items_in_branches(x):
    y = x * 1.0
    for i in tf.range(4):
        if y[i] > 0:
            y[i] = tf.sin(y[i]) * y[(i + 1) % 4]
        else:
            y[(i + 2) % 4] = y[i] ** 2
    return tf.reduce_sum(y)


@row(V)
def list_from_behind(x):
    out = []
    for i in tf.range(4):
        if x[i] > 0:
            out.append(x[i] * x)
    s = tf.zeros_like(x)
    for o in reversed(out):
        s = tf.tanh(s + o)
    return tf.reduce_sum(s)


@row(V)
def loop_until_it_changes_little(x):
    a = tf.reduce_sum(x**2)
    y = a
    for _ in tf.range(50):
        n = 0.5 * (y + a / y)
        if abs(n - y) < 1e-13:
            break
        y = n
    return y * tf.reduce_sum(x)


@row(V)
def loops_in_loops(x):
    s = x[0] * 0
    i = tf.constant(0)
    while i < 3:
        j = tf.constant(0)
        while j <= i:
            s = s + tf.sin(x[i] * x[j]) * s + x[j]
            j += 1
        i += 1
    return s


@row(V)
def descent_in_a_loop(x):
    y = x
    for _ in tf.range(3):
        with tf.GradientTape() as t:
            t.watch(y)
            l = tf.reduce_sum(tf.cos(y) * y)
        y = y - 0.2 * t.gradient(l, y)
    return tf.reduce_sum(y**2)


@row(IMAGE)
def pools_until_one_is_left(x):
    y = x
    while tf.shape(y)[1] > 1:
        y = tf.nn.max_pool2d(tf.sin(y) * y, 2, 2, "SAME")
    return tf.reduce_sum(y**2)


@row(V)
def methods_in_a_loop(x):

    class Acc:
        def __init__(self):
            self.t = x[0]
            self.n = 0

        def add(self, v):
            self.t = self.t * v + v
            self.n += 1
            return self

    a = Acc()
    for i in tf.range(4):
        a.add(x[i])
    return a.t * a.n


@row(V)
def list_as_a_stack(x):
    f = [x[0], x[1], x[2]]
    while len(f) > 1:
        a, b = (f.pop(), f.pop())
        f.append(tf.sin(a) * b + b)
    return f[0]


@row(V)
def slices_in_a_loop(x):
    y = x * 1.0
    for i in tf.range(1, 4):
        y[i:] = y[i:] * y[i - 1] + 0.1
    return tf.reduce_sum(tf.sin(y))


@row(M)
def rows_and_columns(x):
    y = x * 1.0
    for i in tf.range(2):
        y[i] = y[i] / tf.norm(y[i])
        y[:, i] += x[i, 0]
    return tf.reduce_sum(y[0] * y[1]) + tf.reduce_sum(y)


@row(V)
def array_of_kept_items(x):
    ta = tf.TensorArray(tf.float64, size=0, dynamic_size=True)
    for i in tf.range(4):
        if x[i] > 0:
            ta = ta.write(ta.size(), x[i] * tf.reduce_sum(x))
    return tf.reduce_sum(tf.sin(ta.stack()))


@row(S)
def handlers_in_a_loop(x):
    y = x
    for i in tf.range(4):
        try:
            if y > 1.5:
                raise ValueError
            y = y * 1.7
        except ValueError:
            y = tf.sin(y)
        finally:
            y = y + x
    return y


@row(V)
def closed_over_in_a_loop(x):
    total = x[0]

    def add(v):
        nonlocal total
        total = total * 0.5 + v * total

    for i in tf.range(4):
        add(x[i])
    return total


@row(V)
def lists_by_sign(x):
    g = {0: [], 1: []}
    for i in tf.range(4):
        if x[i] > 0:
            g[0].append(x[i])
        else:
            g[1].append(x[i] * x[0])
    return tf.reduce_sum(tf.stack(g[0]) ** 2) * tf.reduce_sum(tf.stack(g[1]))


@row(V)
def aliases_of_an_assigned_tensor(x):
    a = x * 1.0
    b = a
    c = [a, b]
    c[0][1] = x[0] * x[2]
    for i in tf.range(2):
        b[i] += c[1][i + 1] ** 2
    return tf.reduce_sum(a * x)


@row(V)
def return_from_a_loop(x):
    for i in tf.range(4):
        if x[i] > 1.0:
            return x[i] ** 3 * x[0]
    return tf.reduce_sum(x)


@row([[2.0, 0.3], [0.3, 1.0]], [[-2.0, 0.3], [0.3, 1.0]])
def factor_or_itself(x):
    y = (x + tf.transpose(x)) * 0.5
    try:
        y = tf.linalg.cholesky(y) * x
    except tf.errors.InvalidArgumentError:
        y = y * y
    return tf.reduce_sum(y)


@row([1.4, 2.0, -0.3], [7.4, 2.0, -0.3])
def item_or_square(x):
    i = tf.cast(x[0], tf.int32)
    try:
        return x[i] * tf.reduce_sum(x**2)
    except IndexError:
        return x[0] ** 2


@row([1.4, 0.3, -1.6])
def quotients_where_there_are_any(x):
    y = x[0]
    for i in tf.range(3):
        n = tf.cast(x[i], tf.int32)
        try:
            y = y * x[i] + tf.cast(7 // n, tf.float64) * y
            y = tf.sin(y)
        except ZeroDivisionError:
            y = y * y * x[i]
    return y


@row([1.5, -0.7])
def python_that_raises(x):
    def root(v):
        if v < 0:
            raise ValueError
        return v**0.5 * v

    y = x[1]
    for i in tf.range(2):
        try:
            y += tf.py_function(root, [x[i]], tf.float64) * x[0]
        except ValueError:
            y *= x[i]
    return y


@row([1.4, 2.0, -0.3], [7.4, 2.0, -0.3])
def item_in_a_branch(x):
    i = tf.cast(x[0], tf.int32)
    if i < 3:
        return x[i] * x[1]
    return x[0] ** 2


@row(V)
def two_handlers_and_a_list(x):
    out = []
    for i in tf.range(4):
        try:
            if x[i] > 1.0:
                raise KeyError
            out.append(x[tf.cast(x[i] * 9, tf.int32)] * x[i])
        except KeyError:
            out.append(x[i] * x[0])
        except IndexError:
            out.append(x[i] ** 3)
    return tf.reduce_sum(tf.stack(out) ** 2)


@row([1.4, 2.0, -0.3], [7.4, 2.0, -0.3])
def quotient_by_an_item(x):
    try:
        return tf.reduce_sum(tf.math.log(x**2 / x[tf.cast(x[0], tf.int32)] ** 2))
    except IndexError:
        return tf.reduce_sum(x**3)
