"""Arrays of objects, containers and closures that compiled functions change in place."""

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Arrays from outside")
row = table.row

X = np.array([1.0, -2.0, 3.0, -4.0])


class Holder:
    def __init__(self):
        self.w = np.array([1.0, 2.0])
        self.b = 0.0


@row((Holder(), X))
def items_of_an_attribute(o, x):
    o.w[0] = 5.0
    o.w[1] += x[0]
    o.b = o.w[0] + x[1]
    return o.w.sum()


@row((Holder(), X))
def an_attribute_by_another_name(o, x):
    w = o.w
    o.w += x[:2]
    return w


@row((Holder(), t(1.0, tf.float64)))
def an_attribute_that_becomes_a_tensor(o, x):
    w = o.w
    o.w += x
    return w


@row((Holder(), X))
def an_attribute_that_is_replaced_and_changed(o, x):
    o.w = o.w * 2
    o.w[0] = x[0]
    return o.w


@row((Holder(), t(1.0)), (Holder(), t(-1.0)))
def changed_or_replaced(o, x):
    if x > 0:
        o.w[1] = 7.0
    else:
        o.w = np.zeros(2)
    return o.w


@row((Holder(), t(1.0)), (Holder(), t(-1.0)))
def replaced_on_a_path(o, x):
    if x > 0:
        o.w = np.zeros(2)
    return o.b


@row((Holder(), t(3)), (Holder(), t(0)))
def changed_in_a_loop(o, n):
    for i in range(n):
        o.w[i % 2] += i
    return o.w


@row((Holder(), X))
def by_methods_and_functions(o, x):
    o.w.sort()
    np.add.at(o.w, np.array([0, 0]), x[0])
    o.w[::-1] += 1
    return o.w.mean()


@row((Holder(), t(0)), (Holder(), t(1)))
def where_an_exception_follows(o, i):
    o.w[i] = 5.0
    if i > 0:
        raise ValueError("too far")
    return o.w


class Momentum:
    def __init__(self, size):
        self.w, self.velocity = np.zeros(size), np.zeros(size)
        self.steps = 0

    def step(self, x, y, rate):
        self.velocity *= 0.9
        self.velocity += (x @ self.w - y) * x
        self.w -= rate * self.velocity
        self.steps += 1
        return float(self.w.sum())


@row((Momentum(4), X, 1.0), (Momentum(4), X, 2.0))
def gradient_descent(model, x, y):
    for _ in range(3):
        model.step(x, y, 0.1)
    return model.w, model.steps


class Ring:
    def __init__(self):
        self.items, self.place = np.zeros(4), 0

    def push(self, value):
        self.items[self.place] = value
        self.place = (self.place + 1) % len(self.items)


@row((Ring(), X))
def a_ring(ring, x):
    for v in x:
        ring.push(v)
    ring.push(9.0)
    return ring.items.mean(), ring.place


class Grid:
    def __init__(self):
        self.cells, self.marked = np.zeros((3, 3)), 0


@row((Grid(), t(1), t(2)), (Grid(), t(0), t(0)))
def marks(grid, i, j):
    for place in ((i, j), (0, 0)):
        if grid.cells[place] == 0:
            grid.cells[place] = 1
            grid.marked += 1
    return grid.marked, grid.cells.sum()


@table.maker(X)
def a_closure():
    counts = np.zeros(5, int)

    def count(x):
        for v in x:
            counts[int(v) % 5] += 1
        return counts.copy()

    return count


@table.maker(t(2.0, tf.float64))
def a_closure_by_two_names():
    first = np.zeros(3)
    second = first

    def change(x):
        second[0] += 1
        return first.sum() + x

    return change


@table.maker(t(2.0, tf.float64))
def a_closure_and_a_view_of_it():
    whole = np.zeros(3)
    part = whole[1:]

    def change(x):
        part[0] += 1
        return whole * x

    return change


@table.maker(X)
def a_closure_that_is_assigned():
    total = np.zeros(2)

    def add(x):
        nonlocal total
        before = total
        total += x[:2]
        return total * x[0], before

    return add


@table.maker(t(1))
def a_closure_that_is_read():
    values = np.arange(3.0)

    def read(i):
        return values[i], values * float(i), values > i

    return read


@row((np.zeros(2), t(1.0)), (np.zeros(2), t(-1.0)), copies=True)
def an_argument_that_is_changed_or_replaced(a, x):
    if x > 0:
        a[1] = 7.0
    else:
        a = np.zeros(2)
    return a


@row((np.zeros(2), t(1.0, tf.float64)))
def an_argument_beside_a_tensor(a, x):
    before = a
    a += x
    return a, before
