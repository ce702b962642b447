"""Small classes, records and their operators under staged control flow; functions of tfc that stage."""

import dataclasses
import functools
from typing import Any

import tfc as tf

from python.harness import Table, t

table = Table("Objects")
row = table.row


@dataclasses.dataclass
class Pt:
    x: Any
    y: Any


@row(t(3), t(0))
def strjoin(n):
    return ",".join(["a"] * 2) + f"{n}"


@row(t(2), t(0))
def list_mul(n):
    return [1] * n


@row(t(2), t(0))
def range_obj(n):
    r = range(n)
    return len(r), 1 in r, sum(r), list(r)


@row(t(2), t(0))
def zip_range(n):
    return [a * b for a, b in zip(range(n), range(1, n + 1))]


@row(t(3), t(0))
def rev_range(n):
    return [i for i in reversed(range(n))], [i for i in range(n, 0, -1)]


@row(t(3), t(0))
def enumerate_grow(n):
    l = []
    for i in tf.range(n):
        l.append(i * 3)
    s = 0
    for k, v in enumerate(l):
        s += k * v
    for v in reversed(l):
        s += v
    return s


@row(t(3), t(0))
def matrix_list(n):
    m = [[0, 0], [0, 0]]
    for i in tf.range(n):
        m[0][1] += i
        m[1][0] -= 1
    return m


@row(t(3), t(0))
def alias_list(n):
    a = [0]
    b = a
    for i in tf.range(n):
        a[0] += i
    return b, a is b


@row(t(3), t(0))
def alias_obj(n):
    p = Pt(0, 0)
    q = p
    for i in tf.range(n):
        q.x += 1
    return p


@row(t(3), t(0))
def obj_list(n):
    ps = [Pt(0, 0), Pt(1, 1)]
    for i in tf.range(n):
        for p in ps:
            p.x += i
    return ps


@row(t(3), t(0))
def new_obj_loop(n):
    p = None
    for i in tf.range(n):
        p = Pt(i, p.x if p is not None else 0)
    return p


class Stack:
    def __init__(self):
        self.items = []

    def push(self, v):
        self.items.append(v)

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def __contains__(self, v):
        return v in self.items

    def __bool__(self):
        return len(self.items) > 0

    def __iter__(self):
        return iter(self.items)


@row(t(3), t(0))
def stack_obj(n):
    s = Stack()
    for i in tf.range(n):
        s.push(i)
    if s:
        s.pop()
    return len(s)


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __eq__(self, o):
        return self.x == o.x and self.y == o.y

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __abs__(self):
        return (self.x**2 + self.y**2) ** 0.5

    def __lt__(self, o):
        return abs(self) < abs(o)

    def __iter__(self):
        yield self.x
        yield self.y

    def __call__(self, k):
        return self.x * k

    def __repr__(self):
        return f"Vec({self.x}, {self.y})"


@row(t(3.0), t(0.0))
def vec_ops(x):
    a = Vec(x, 1.0)
    b = 2 * a + (-a) * 0.5
    u, v = b
    return b, abs(b), a == b, a < b, u + v, a(3), max(a, b)


@row(t(3), t(0))
def vec_loop(n):
    v = Vec(0.0, 1.0)
    for i in tf.range(n):
        v = v + Vec(1.0, 2.0)
    return v


@row(t(3.0), t(0.0))
def print_obj(x):
    print(Vec(x, 1.0))
    return x


@row(t(3), t(0))
def lru(n):
    @functools.lru_cache(None)
    def f(k):
        return k * 2

    return f(3) + n


@row(t(3), t(0))
def staticish(n):
    class A:
        k = 5

        @staticmethod
        def s(v):
            return v * 2

        @classmethod
        def c(cls, v):
            return v * cls.k

        @property
        def p(self):
            return n + 1

    a = A()
    return A.s(n), a.c(n), a.p


@row(t(3), t(0))
def super_call(n):
    class A:
        def f(self, v):
            return v + 1

    class B(A):
        def f(self, v):
            return super().f(v) * 2

    return B().f(n)


@row(t(3), t(0))
def match_seq(n):
    t = [n, n + 1]
    match t:
        case [0, y]:
            return y
        case [x, *rest]:
            return x + len(rest)


@row(t(3), t(0))
def match_map(n):
    match {"k": n, "t": "a"}:
        case {"t": "a", "k": 0}:
            return 1
        case {"t": "a", "k": v} if v > 2:
            return v
        case _:
            return 9


@row(t(3), t(0))
def match_cls(n):
    match Pt(n, 1):
        case Pt(x=0, y=y):
            return y + 50
        case Pt(x=v):
            return v


@row(t(3.0))
def ta(n):
    a = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in tf.range(3):
        a = a.write(i, n * tf.cast(i, tf.float32))
    return a.stack(), a.size()


@row(t(3), t(0))
def while_loop_tf(n):
    return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), (0, tf.constant(0)))


@row(t(3), t(0))
def cond_tf(n):
    return tf.cond(n > 0, lambda: n * 2, lambda: n - 1)


@row(t(1), t(0), t(7))
def switch_tf(n):
    return tf.switch_case(n, [lambda: 10, lambda: 20])


@row(t([1.0, -2.0, 3.0]))
def map_fn(x):
    return tf.map_fn(lambda v: v * 2, x)


@row(t([1.0, -2.0, 3.0]))
def scan_fn(x):
    return tf.scan(lambda a, v: a + v, x)


@row(t([1.0, -2.0, 3.0]))
def vec_map(x):
    return tf.vectorized_map(lambda v: v * 2, x)


@row(t([1.0, -2.0, 3.0]))
def foldl(x):
    return tf.foldl(lambda a, v: a + v, x)
