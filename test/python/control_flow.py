"""TensorFlow's functions for control flow."""

import tfc as tf
from tfc.ops import control_flow as cf

from python.harness import Table, t

table = Table("Control flow functions")
row = table.row
X = (t(1.0), t(-1.0))


@row(*X)
def cond(x):
    return cf.cond(x > 0, lambda: x * 2, lambda: x - 1)


@row((t(5),), (t(0),))
def while_loop(n):
    return cf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), (0, 0))


@row((t(5),), (t(2),))
def while_loop_with_limit(n):
    return cf.while_loop(lambda i: i < n, lambda i: [i + 1], [0], maximum_iterations=3)


@row(*X)
def case(x):
    return cf.case([(x > 0, lambda: 1), (x < -5, lambda: 2)], default=lambda: 3)


@row((t(0),), (t(1),), (t(7),))
def switch_case(i):
    return cf.switch_case(i, [lambda: 10, lambda: 20, lambda: 30])


@row(t([1.0, -2.0, 3.0]))
def map_fn(x):
    return cf.map_fn(lambda v: v * 2 if v > 0 else v, x)


@row(t([1.0, -2.0, 3.0]))
def folds(x):
    return cf.foldl(lambda a, v: a * 2 + v, x), cf.foldr(lambda a, v: a * 2 + v, x, 1.0)


@row(t([1.0, -2.0, 3.0]))
def scan(x):
    return cf.scan(lambda a, v: a + v, x), cf.scan(lambda a, v: a + v, x, 0.0, reverse=True)


@row((t(4),), (t(1),))
def tensor_array(n):
    a = cf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in range(n):
        a = a.write(i, i * 2.0)
    return a.stack(), a.read(0)
