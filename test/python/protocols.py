"""Objects and their protocols, generators, formatting, `itertools`, `operator`."""

import dataclasses
import enum
import functools
import itertools
import operator
import sys
import typing

import tfc as tf

from python.harness import Table, t

table = Table("Protocols")
row = table.row
X = (t(1.0), t(-1.0))
N = ((t(4),), (t(1),), (t(0),))
V = (t([1.0, 2.0, 3.0]), t([-1.0, 5.0, 0.0]))


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, o):
        return Point(self.x + o.x, self.y + o.y)

    def __eq__(self, o):
        return self.x == o.x

    def __call__(self, k):
        return self.x * k

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.x
        yield self.y

    def __bool__(self):
        return bool(self.x > 0)

    def __neg__(self):
        return Point(-self.x, -self.y)

    def __contains__(self, v):
        return self.x == v or self.y == v

    def __lt__(self, o):
        return self.x < o.x

    def __repr__(self):
        return f"P({self.x},{self.y})"


@row(*X)
def objects_created_in_arm(x):
    if x > 0:
        p = Point(x, 1.0)
    else:
        p = Point(1.0, x)
    return p.x + p.y


@row(*N)
def objects_created_in_loop(n):
    p = Point(0.0, 1.0)
    for i in range(n):
        p = p + Point(p.y, float(i))
    return p.x, p.y


@row(*X)
def object_truth(x):
    p = Point(x, x)
    if p:
        return 1
    return 2


@row(*X)
def object_protocols(x):
    p = Point(x, x + 1)
    a, b = p
    return p(3), p[0], p[1], len(p), a, b, -1.0 in p, (-p).x


@row(*X)
def object_sort(x):
    l = [Point(x, 0.0), Point(0.5, 1.0), Point(-0.5, 2.0)]
    l.sort()
    return [p.y for p in l]


@row(*X)
def object_min(x):
    l = [Point(x, 0.0), Point(0.5, 1.0), Point(-0.5, 2.0)]
    return min(l).y, max(l, key=lambda p: -p.x).y


@row(*N)
def aliasing_in_loop(n):
    a = [0]
    b = a
    for i in range(n):
        a[0] = a[0] + i
    b[0] += 100
    return a, b, a is b


@row(*N)
def aliasing_grown(n):
    a = []
    b = a
    for i in range(n):
        b.append(i)
    return a, len(b)


@row(*N)
def aliasing_in_arm(n):
    a = [1]
    b = [2]
    c = a if n > 2 else b
    c.append(5)
    return a, b, c


@row(*N)
def alias_object(n):
    p = Point(1.0, 2.0)
    q = p
    for i in range(n):
        q.x = q.x + 1
    return p.x


def gen(n, x):
    for i in range(n):
        if x > 0:
            yield x * i
        else:
            yield x - i


@row(*X)
def generator_staged_condition(x):
    s = 0.0
    for v in gen(3, x):
        s = s + v
    return s


@row(*X)
def generator_list_staged(x):
    return list(gen(3, x))


def gen_only_positive(xs):
    for x in xs:
        if x > 0:
            yield x


@row(*V)
def generator_filter(v):
    s = 0.0
    for x in gen_only_positive(v):
        s = s + x
    return s


@row(*V)
def generator_filter_list(v):
    return len(list(gen_only_positive(v)))


@row(*V)
def generator_filter_sum(v):
    return sum(gen_only_positive(v))


def count_gen(n):
    i = 0
    while i < n:
        yield i
        i += 1


@row(*N)
def generator_while_tensor(n):
    s = 0
    for v in count_gen(n):
        s += v * v
    return s


@row(*N)
def generator_range_tensor(n):
    def g():
        for i in range(n):
            yield i * 2

    s = 0
    for v in g():
        if v > 4:
            break
        s += v
    return s


@row(*V)
def next_iter(v):
    return next(iter(v)), next(iter([v, 1])), next(iter({"a": v}))


@row(*V)
def next_default(v):
    it = iter([v[0], v[1]])
    a = next(it)
    b = next(it)
    c = next(it, 7.0)
    return a, b, c


@row(*X)
def percent(x):
    print("%.2f" % x)
    print("%s and %d" % (x, 3))
    return x


@row((1.5,), (2.5,))
def percent_number(x):
    print("%.3f|%5.1f|%s" % (x, x * 2, "k"))
    return "%.2f" % (x + 1)


@row(*X)
def fspec(x):
    print(f"{x:.3f} {x:>10.2f} {x!r:>20}")
    print("{:.2f} {a:.1f}".format(x, a=x * 2))
    return x


@row(*X)
def print_sep(x):
    print(x, x + 1, sep="; ", end="!\n")
    print("a", x, sep="")
    return x


@row(*X)
def print_stderr(x):
    print(x, file=sys.stdout, flush=True)
    return x


@row(*V)
def sorted_key(v):
    return sorted(v, key=lambda a: -a), sorted([3, 1, 2], key=lambda a: v[0] * a)


@row(*V)
def zip_strict(v):
    return [a * b for a, b in zip(v, [1, 2, 3], strict=True)]


@row(*V)
def zip_strict_bad(v):
    return [a * b for a, b in zip(v, [1, 2], strict=True)]


@row(*V)
def star_unpack(v):
    a, *b = v
    *c, d = v
    return a, b, c, d, tf.stack([*v, *v])


@row(*N)
def del_item(n):
    l = [1, 2, 3, 4, 5]
    if n > 1:
        del l[0]
    return l


@row(*N)
def del_slice(n):
    l = [n, n + 1, n + 2, 4, 5]
    del l[1:3]
    return l


@row(*N)
def del_grown(n):
    l = [9]
    for i in range(n):
        l.append(i)
    del l[0]
    return l


@row(*N)
def slices(n):
    l = [n, n + 1, n + 2, 4, 5]
    l[1:3] = [7, 8, 9]
    return l, l[::2], l[::-1], l[-2:]


@row(*X)
def in_tensors(x):
    return x in [t(1.0), t(2.0)], x in (1.0, 3.0), x not in [t(5.0)]


@row((t(0), t(0)), (t(0), t(3)), (t(4), t(0)), (t(4), t(4)))
def match_tuple_of_tensors(a, b):
    match (a, b):
        case (0, 0):
            return "origin"
        case (0, y):
            return y
        case (x, 0):
            return x
        case (x, y) if x == y:
            return -x
        case _:
            return 0


@row(*V)
def walrus_comp(v):
    return [y for x in v if (y := x * 2) > 1]


@row(*V)
def walrus_comp_last(v):
    l = [(y := x * 2) for x in v]
    return l, y


@row(*X)
def chained_effects(x):
    calls = []

    def f(a):
        calls.append(a)
        return a

    r = f(x) < f(t(0.0)) < f(t(5.0))
    return r, len(calls)


@row(*X)
def try_finally_return(x):
    log = []

    def f():
        try:
            if x > 0:
                return x
            log.append(1)
        finally:
            log.append(2)
        return -x

    return f(), log


@row(*N)
def nonlocal_loop(n):
    total = 0

    def add(v):
        nonlocal total
        total += v
        return total

    last = 0
    for i in range(n):
        last = add(i) if i % 2 == 0 else last
    return total, last


class Context:
    def __init__(self):
        self.log = []

    def __enter__(self):
        self.log.append("in")
        return self

    def __exit__(self, *a):
        self.log.append("out")
        return False


@row(*X)
def with_staged(x):
    c = Context()
    with c as d:
        if x > 0:
            d.log.append("pos")
        y = x * 2
    return y, c.log


@row(*X)
def with_return(x):
    c = Context()

    def f():
        with c:
            if x > 0:
                return x
            return x * 3

    return f(), c.log


@functools.lru_cache
def cached(k):
    return k * 2


@row(*N)
def lru(n):
    return cached(3) + n


class Prop:
    def __init__(self):
        self._v = t(1.0)

    @property
    def v(self):
        return self._v

    @v.setter
    def v(self, new):
        if new > 0:
            self._v = new
        else:
            self._v = -new * 10


@row(*X)
def property_set(x):
    p = Prop()
    p.v = x
    p.v += 1
    return p.v


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: typing.Any
    b: typing.Any = 2.0


@row(*X)
def dc_replace(x):
    f = Frozen(x)
    if x > 0:
        f = dataclasses.replace(f, b=x * 3)
    return f


class NT(typing.NamedTuple):
    a: typing.Any
    b: typing.Any = 1


@row(*X)
def nt_replace(x):
    n = NT(x)
    if x > 0:
        n = n._replace(b=5)
    return n, n._asdict(), n[0], n.b


@row(*N)
def nt_loop(n):
    s = NT(0, 1)
    for i in range(n):
        s = s._replace(a=s.b, b=s.a + s.b)
    return s


class Color(enum.Enum):
    RED = 1
    GREEN = 2


@row(*X)
def enum_members(x):
    c = Color.RED if x > 0 else Color.GREEN
    r = []
    for m in Color:
        r.append(m.value * x)
    return c is Color.RED, c == Color.GREEN, r, c.value


@row(*V)
def reduce_(v):
    return functools.reduce(lambda a, b: a * 2 + b, v), functools.reduce(
        operator.add, [v, v, v], t(0.0)
    )


@row(*V)
def iters(v):
    r = [a for a in itertools.chain(v, [1.0])]
    p = [a * b for a, b in itertools.product(v, [1, 2])]
    s = list(itertools.islice(v, 2))
    acc = list(itertools.accumulate(v))
    z = [(a, b) for a, b in itertools.zip_longest(v, [1.0], fillvalue=0.0)]
    pw = [b - a for a, b in itertools.pairwise(v)]
    return r, p, s, acc, z, pw


@row(*V)
def iters2(v):
    c = list(itertools.combinations(v, 2))
    pm = [a - b for a, b in itertools.permutations([v[0], v[1]], 2)]
    r = list(itertools.repeat(v[0], 2))
    tw = list(itertools.takewhile(lambda a: a < 3, [1, 2, 5]))
    cy = [a for a, _ in zip(itertools.cycle([1, 2]), range(3))]
    co = [a for a, _ in zip(itertools.count(1), range(3))]
    acc = list(itertools.accumulate(v, lambda a, b: a * b, initial=2.0))
    sm = list(itertools.starmap(lambda a, b: a * b, [(v[0], 2), (v[1], 3)]))
    return c, pm, r, tw, cy, co, acc, sm


@row(*V)
def takewhile_staged(v):
    return sum(itertools.takewhile(lambda a: a > 0, v)), list(
        itertools.takewhile(lambda a: a > 0, v)
    )


@row(*V)
def groupby_static(v):
    return [(k, sum(g)) for k, g in itertools.groupby([1, 1, 2], key=lambda a: a)], v


@row(*V)
def operators_(v):
    g = operator.itemgetter(1)
    a = operator.attrgetter("x")
    m = operator.methodcaller("__len__")
    return (
        g(v),
        a(Point(v, 1)),
        operator.mul(v, 2),
        operator.neg(v),
        operator.getitem(v, 0),
        operator.lt(v[0], 1),
        operator.truth(v[0]),
        operator.not_(v[0]),
    )


@row(*X)
def operator_truth_staged(x):
    return (
        operator.truth(x),
        operator.not_(x),
        operator.contains([1.0, 2.0], x),
        operator.is_(x, None),
    )


@row((t([1, 2, 3]), 2), (t([4]), t(2)), ([], 1))
def in_what_is_only_iterated(items, x):
    class Chain:
        def __iter__(self):
            yield from items

    class Same:
        def __contains__(self, item):
            return item == x

    return x in Chain(), 3 in Chain(), x in Same(), 7 in Same(), x in (item + 1 for item in items)
