"""Objects and calls."""

import dataclasses
import enum
import functools
import operator
from typing import Any, NamedTuple

import tfc as tf

from python.harness import Table, t

table = Table("Objects and calls")
row = table.row
maker = table.maker


@row((5, -1), (8, 70), (-8, 70), (0, 70), (1, 62))
def shr(a, b):
    return a >> b


@row((2, 5), (0, 3), (3, 0))
def pow_runtime(a, b):
    s = 0
    for i in range(b):
        s += a**i
    return s


@row((3.14159,), (-2.5,), (0.0,))
def round_loop_float(x):
    out = []
    for i in range(3):
        x = x * 1.7
        out.append(round(x, 2))
    return out


@row((t([1.0, 2.0, 3.0]),), (t([0.1]),))
def round_float_of_tensor(v):
    loss = float(tf.reduce_sum(v)) / 3
    print("loss", round(loss, 3))
    return round(loss, 2)


@row(5, 0, 1)
def min_search(n):
    best = float("inf")
    arg = -1
    for i in range(n):
        v = (i * 7) % 5 - 2
        if v < best:
            best, arg = v, i
    return best, arg


@row(5, 0, 1)
def min_search_big(n):
    best = 10**20
    for i in range(n):
        best = min(best, (i - 2) ** 2)
    return best


@row((t([3, 1, 2]),), (t([9]),), (tf.zeros([0], tf.int32),))
def maxsize_min(v):
    import sys

    best = sys.maxsize
    for x in v:
        if x < best:
            best = int(x)
    return best


# -- classes ------------------------------------------------------------------------------------
class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __radd__(self, o):
        return self if o == 0 else self.__add__(o)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __iter__(self):
        yield self.x
        yield self.y

    def __len__(self):
        return 2

    def __eq__(self, o):
        return isinstance(o, Vec) and self.x == o.x and self.y == o.y

    def __lt__(self, o):
        return self.x < o.x

    def __bool__(self):
        return bool(self.x != 0)

    def __call__(self, z):
        return self.x * z + self.y

    def __contains__(self, v):
        return v == self.x or v == self.y

    def __repr__(self):
        return f"Vec({self.x}, {self.y})"

    __hash__ = None

    @property
    def norm2(self):
        return self.x**2 + self.y**2

    @classmethod
    def unit(cls):
        return cls(1.0, 0.0)

    @staticmethod
    def dot(a, b):
        return a.x * b.x + a.y * b.y


@row((1.0, 2.0), (0.0, -1.0), (t(3.0), t(4.0)))
def vec_ops(a, b):
    v = Vec(a, b)
    w = v * 2 + Vec.unit()
    u = sum([v, w, -v])
    return u, v.norm2, Vec.dot(v, w), list(w), len(v), v[1], w(3.0), v == v, v < w


@row((1.0, 3), (0.0, 0), (t(3.0), 2))
def vec_loop(a, n):
    v = Vec(a, a)
    for i in range(n):
        if v:
            v = v + Vec(i, 1)
        else:
            v = -v
    return v


@row((1.0, 2.0), (2.0, 1.0))
def vec_max(a, b):
    return max([Vec(a, 1), Vec(b, 2)]), sorted([Vec(a, 1), Vec(b, 2)])


@row((1.0, 2.0), (2.0, 1.0))
def vec_in(a, b):
    v = Vec(a, b)
    if 1.0 in v:
        return str(v)
    return f"{v!r} no"


@row(3, 0)
def vec_print(n):
    for i in range(n):
        print(Vec(i, i * 2), end=";")


@dataclasses.dataclass
class State:
    pos: Any
    vel: Any = 0.0
    log: list = dataclasses.field(default_factory=list)

    def step(self, dt):
        self.vel += -self.pos * dt
        self.pos += self.vel * dt
        self.log.append(self.pos)
        return self


@row((1.0, 3), (2.0, 0), (t(1.0), 2))
def dc_step(x, n):
    s = State(x)
    for _ in range(n):
        s.step(0.1)
    return s


@row((State(1.0), 2), (State(t(1.0), t(2.0)), 1))
def dc_arg(s, n):
    for _ in range(n):
        s.step(0.5)
    return s.pos, len(s.log)


@row((1.0, 3), (2.0, 0))
def dc_replace(x, n):
    s = State(x)
    for i in range(n):
        s = dataclasses.replace(s, pos=s.pos + i)
    return s.pos, dataclasses.asdict(s)


class P3(NamedTuple):
    x: Any
    y: Any
    z: Any = 0


@row((1, 2), (0, 0))
def nt_ops(a, b):
    p = P3(a, b)
    for i in range(b):
        p = p._replace(z=p.z + i, x=p.x * 2)
    x, *r = p
    return p, x, r, p._asdict(), p.z


@row((t(1), 3), (t(5), 0))
def nt_loop(a, n):
    p = P3(a, a, a)
    i = 0
    while i < n:
        p = P3(p.y, p.z, p.x + p.y)
        i += 1
    return p


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


@row(1, 2, 3, 4)
def enum_lookup(n):
    if n == 1:
        c = Color.RED
    elif n == 2:
        c = Color.GREEN
    else:
        c = Color.BLUE
    return c.name, c.value, c is Color.RED, c


@row(1, 2, 4)
def enum_ctor(n):
    return Color(n).name


class Base:
    scale = 2

    def __init__(self, w):
        self.w = w
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return self.forward(x) * self.scale

    def forward(self, x):
        return x * self.w


class Derived(Base):
    scale = 3

    def __init__(self, w, b):
        super().__init__(w)
        self.b = b

    def forward(self, x):
        return super().forward(x) + self.b


@row((2.0, 5.0), (t(2.0), t(1.0)))
def inherit(w, x):
    l = Derived(w, 1.0)
    y = l(l(x))
    return y, l.calls


@maker((t(1.0),), (t(2.0),), (t(-1.0),))
def obj_state():
    l = Base(2.0)

    def f(x):
        y = l(x)
        if x > 0:
            l.w = l.w + 1
        return y, l.w, l.calls

    return f


@maker((t(1.0),), (t(-2.0),), (t(3.0),))
def var_init_once():
    class M:
        def __init__(self):
            self.v = None

        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(10.0)
            self.v.assign_add(x)
            return self.v * 2, self.v.read_value()

    return M()


@maker((t(1.0),), (t(-2.0),), (t(3.0),))
def var_cond():
    v = tf.Variable(1.0)
    n = tf.Variable(0)

    def f(x):
        if x > 0:
            v.assign(v * 2)
            n.assign_add(1)
        else:
            v.assign_sub(x)
        for i in tf.range(n):
            v.assign_add(tf.cast(i, tf.float32))
        return v + x, n.read_value()

    return f


@maker((3,), (0,), (2,))
def var_in_while():
    v = tf.Variable([0.0, 1.0])

    def f(n):
        while n > 0:
            v.assign(tf.stack([v[1], v[0] + v[1]]))
            n -= 1
        return v.numpy() if False else v + 0

    return f


@maker((1,), (2,), (3,))
def mutable_default():
    def f(x, acc=[]):
        acc.append(x)
        return sum(acc), len(acc)

    return f


@maker((1,), (2,), (5,))
def closure_counter():
    n = 0

    def f(x):
        nonlocal n
        n += 1
        if x > 1:
            n += 10
        return n * x

    return f


@row((3,), (0,))
def closures_in_loop(n):
    fs = []
    for i in range(3):
        fs.append(lambda x, i=i: x + i)
    gs = [lambda x: x + i for i in range(3)]
    return [f(n) for f in fs], [g(n) for g in gs]


@row((3,), (0,), (7,))
def closures_staged_loop(n):
    f = lambda x: x
    for i in range(n):
        if i % 2:
            f = lambda x: x + 100
        else:
            f = lambda x: x - 1
    return f(n)


def scaled(k, *, bias=0):
    def deco(fn):
        @functools.wraps(fn)
        def wrapper(*a, **kw):
            return fn(*a, **kw) * k + bias

        return wrapper

    return deco


@scaled(3, bias=1)
def _inner(x, y=2):
    return x + y


@row((3,), (t(2.5),))
def deco_args(x):
    return _inner(x), _inner(x, y=5), _inner(y=1, x=x)


@row((3,), (0,), (6,))
def rec_fact(n):
    def fact(k):
        return 1 if k <= 1 else k * fact(k - 1)

    return fact(n)


@row((10,), (1,), (0,))
def rec_fib(n):
    def fib(k):
        if k < 2:
            return k
        return fib(k - 1) + fib(k - 2)

    return fib(n)


@row((48, 18), (7, 0), (0, 5))
def rec_gcd(a, b):
    def g(a, b):
        return a if b == 0 else g(b, a % b)

    return g(a, b)


@row((3,), (0,), (4,))
def hanoi(n):
    def h(k):
        return 0 if k == 0 else 2 * h(k - 1) + 1

    return h(n)


@row((5,), (0,))
def mutual(n):
    def even(k):
        return True if k == 0 else odd(k - 1)

    def odd(k):
        return False if k == 0 else even(k - 1)

    return even(n), odd(n)


@row((2, 3), (1, 1))
def ackermann(m, n):
    def ack(m, n):
        if m == 0:
            return n + 1
        if n == 0:
            return ack(m - 1, 1)
        return ack(m - 1, ack(m, n - 1))

    return ack(m, n)


@row((t(2.0), 10), (t(-1.5), 3), (t(3.0), 0))
def rec_pow(x, n):
    def p(n):
        if n == 0:
            return tf.ones_like(x)
        h = p(n // 2)
        return h * h * x if n % 2 else h * h

    return p(n)


@row((3, 4), (0, 0))
def kwargs_all(a, b):
    def f(p, /, q, *args, r=3, **kw):
        return p + q + r + sum(args) + sum(kw.values()), sorted(kw)

    return f(a, b), f(a, q=b, r=b), f(a, b, 1, 2, z=a, y=b), f(*[a, b], **{"k": a})


@row((3,), (0,))
def partials(n):
    f = functools.partial(lambda a, b, c=1: a * 100 + b * 10 + c, n)
    g = functools.partial(f, c=n)
    return f(2), g(5), functools.reduce(lambda a, b: a * 2 + b, [n, 1, n])


@row((t([1.0, 2.0]),), (t([0.0]),))
def operator_mod(v):
    return (
        operator.add(v, v),
        operator.itemgetter(0)(v),
        operator.mul(v, 2),
        operator.neg(v),
        operator.attrgetter("shape")(v),
    )
