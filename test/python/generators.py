"""Generators, generator expressions, `filter`, `map` and `enumerate` over them: both sides of a loop may be staged."""

import tfc as tf

from python.harness import Table, t

table = Table("Generators")
row = table.row
COUNTS = (t(5), t(0), t(12))
ITEMS = (t([3, 1, 2]), t([5, 5, 0]))


class Log:
    def __init__(self, items):
        self.items = items

    def __enter__(self):
        self.items.append(1)
        return self

    def __exit__(self, *error):
        self.items.append(2)
        return False


@row(t(3.0), t(-2.0))
def left_early_runs_finally(x):
    log = []

    def numbers():
        try:
            yield x
            yield x + 1
        finally:
            log.append("closed")

    for number in numbers():
        log.append("taken")
        break
    log.append("after")
    return number, log


@row(*COUNTS)
def gen_fn(n):
    def g():
        for i in tf.range(n):
            yield i * 2

    return sum(g())


@row(*COUNTS)
def gen_loop(n):
    def g(k):
        i = 0
        while i < k:
            yield i
            i += 1

    s = 0
    for v in g(n):
        s += v
    return s


@row(*COUNTS)
def gen_break(n):
    def count():
        i = 0
        while True:
            yield i
            i += 1

    s = 0
    for v in count():
        if v >= n:
            break
        if v % 2 == 0:
            continue
        s += v
    else:
        s = -100
    return s, v


@row(*COUNTS)
def gen_return(n):
    def count():
        for i in tf.range(n):
            if i % 3 != 0:
                yield i
                yield i * i

    for v in count():
        if v > 10:
            return v
    return tf.constant(-1)


@row(*COUNTS)
def gen_else(n):
    def count():
        for i in tf.range(n):
            yield i

    for v in count():
        if v == 3:
            break
    else:
        return 100
    return 200


@row(*COUNTS)
def gen_from(n):
    def a(k):
        for i in tf.range(k):
            yield i

    def b():
        yield from a(n)
        yield 10
        yield from [1, 2, 3]

    return list(b())


@row(*COUNTS)
def gen_map(n):
    def a():
        for i in tf.range(n):
            yield i

    return sum(map(lambda v: v * v, filter(lambda v: v % 2 == 1, a())))


@row(*ITEMS)
def mapfilter(a):
    return sum(map(lambda v: v * 2, filter(lambda v: v > 1, a)))


@row(*ITEMS)
def for_filter(a):
    s = 0
    for v in filter(lambda v: v > 1, a):
        if s > 6:
            break
        s += v
    return s


@row(*ITEMS)
def for_genexp(a):
    s = 0
    for v in (2 * x for x in a if x > 1):
        if s > 6:
            return -s
        s += v
    return s


@row(*COUNTS)
def gen_enum(n):
    def a():
        for i in tf.range(n):
            if i != 2:
                yield i * 10

    s = 0
    for k, v in enumerate(a()):
        s += k * v
    return s


@row(*COUNTS)
def gen_zip(n):
    def a():
        for i in tf.range(n):
            if i != 2:
                yield i * 10

    s = 0
    for k, v in zip(a(), [1, 2, 3, 4, 5]):
        s += k * v
    return s


@row(*COUNTS)
def gen_any(n):
    def a():
        i = 0
        while i < n:
            yield i == 3
            i += 1

    return any(a()), all(a())


@row(*COUNTS)
def gen_listcomp(n):
    def a():
        i = 0
        while i < n:
            yield i
            i += 1

    return [v * 2 for v in a() if v % 2 == 0]


class Tree:
    def __init__(self, v, left=None, right=None):
        self.v = v
        self.left = left
        self.right = right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.v
        if self.right is not None:
            yield from self.right


@row(t(3.0), t(-2.0))
def tree(x):
    t = Tree(x, Tree(x + 1), Tree(x + 2, Tree(x * 2)))
    s = 0.0
    for i, v in enumerate(t):
        if v > 4:
            s += v * i
    return s, sum(t), max(t), list(t)


@row(*COUNTS)
def gen_state(n):
    log = []

    def g():
        log.append(0)
        for i in range(3):
            log.append(i)
            yield i * n
        log.append(99)

    s = 0
    for v in g():
        s += v
        if s > 4:
            break
    return s, len(log)


@row(t(3.0), t(-2.0))
def gen_held(x):
    def g():
        yield 1
        yield 2
        yield 3

    it = g()
    for v in it:
        if v == 2:
            break
    return next(it) * x


@row(*COUNTS)
def gen_held_staged(n):
    def g():
        i = 0
        while i < n:
            yield i
            i += 1

    it = g()
    s = 0
    for v in it:
        s += v
    return s


@row(*COUNTS)
def walrus_comp(n):
    l = [y for i in tf.range(n) if (y := i * 2) > 2]
    return len(l)


@row(*ITEMS)
def minmax_gen(a):
    return max(v * 2 for v in a), min(v for v in a if v > 0), sorted(v for v in a)


@row(*ITEMS)
def next_gen(a):
    return next(v for v in a if v > 1)


@row(*ITEMS)
def next_gen_default(a):
    return next((v for v in a if v > 9), -1)


@row(*ITEMS)
def dict_gen(a):
    return dict((i, v) for i, v in enumerate(a)), tuple(v for v in a), set(i for i in range(3))


@row(t(3.0), t(-2.0))
def gen_send(x):
    def g():
        t = 0
        while True:
            y = yield t
            t = t + y

    it = g()
    next(it)
    it.send(x)
    return it.send(x)


@row(t(3.0), t(-2.0))
def gen_with(x):
    log = []

    def g():
        with Log(log):
            yield x
            yield x + 1

    s = 0.0
    for v in g():
        if v > 3:
            break
        s += v
    return s


@row(*COUNTS, 3)
def summed_twice(n):
    numbers = (i * 2 for i in range(n))
    return sum(numbers), sum(numbers)


@row(t(3.0), t(-2.0))
def taken_in_both_arms(x):
    numbers = (i * i for i in range(4))
    if x > 0:
        total = sum(numbers)
    else:
        total = len(list(numbers))
    return total, list(numbers)


@row(t(3.0), t(-2.0), refused="TFC006")
def taken_in_one_arm(x):
    numbers = (i * i for i in range(4))
    total = sum(numbers) if x > 0 else 0
    return total, list(numbers)


@row(t(3.0), t(-2.0))
def left_alone_afterwards(x):
    def numbers():
        yield x
        yield x * 2

    items = numbers()
    return sum(items) if x > 0 else next(items)


@row(t(1), t(-1))
def a_suspended_generator_holds_the_list(x):
    def consumer(items):
        yield len(items)
        items.append(5)
        yield len(items)

    items = [1]
    steps = consumer(items)
    before = next(steps)
    if x > 0:
        items.append(2)
    else:
        items = [7, 8]
    return before, next(steps), items


VALUES = t([1.0, -1.0, 2.0, -2.0, 3.0])
ONE = t([-1.0])


def each(pools, chosen):
    if len(pools) == 0:
        yield chosen
        return
    for item in pools[0]:
        yield from each(pools[1:], (*chosen, item))


@row(VALUES, ONE)
def recursive_product(x):
    pos = [v for v in x if v > 0]
    neg = [v for v in x if v < 0]
    n = 0
    for p, q in each([pos, neg], ()):
        n += p * q
    return n


@row(VALUES, ONE, t([]))
def yield_from_returning(x):
    def h(item):
        if item > 1:
            yield item
            return
        yield item * 10

    def g(pos):
        for item in pos:
            yield from h(item)

    return [p for p in g(x)]


@row((VALUES, 1.5), (ONE, 0.0), (VALUES, -5.0))
def yield_from_left(x, lim):
    def h(item):
        yield item
        if item > 1:
            return
        yield item * 10

    def g(pos):
        for item in pos:
            yield from h(item)

    out = []
    for p in g(x):
        if p < -10 * lim:
            break
        out.append(p)
    else:
        return out, "all"
    return out, "left"


@row((VALUES, t(3)), (ONE, t(0)))
def value_of_yield_from(x, n):
    def inner(v):
        total = 0.0
        for i in range(n):
            yield v * i
            total += v
        return total

    def outer():
        s = 0.0
        for v in x:
            r = yield from inner(v)
            s += r
        yield s * 100

    return list(outer())


@row((VALUES, t(3)), (ONE, t(0)))
def returns_yield_from(x, n):
    def inner(v):
        for i in range(n):
            if v * i > 4:
                return "big"
            yield v * i
        return "small"

    def middle(v):
        return (yield from inner(v))

    def outer():
        for v in x:
            r = yield from middle(v)
            if r == "big":
                yield -1.0
            else:
                yield -2.0

    return list(outer())


@row((VALUES, t(3)), (ONE, t(0)))
def no_value(x, n):
    def inner(v):
        for i in range(n):
            if v * i > 4:
                return 5
            yield v * i

    def outer():
        for v in x:
            r = yield from inner(v)
            if r is not None:
                yield r

    return list(outer())


@row(VALUES, ONE)
def over_list(x):
    def outer():
        r = yield from [1.0, 2.0]
        yield 3.0 if r is None else 4.0
        yield from x

    return list(outer())


def limited(items, most):
    for v in items:
        if v > most:
            break
        yield v


@row(VALUES, ONE)
def left_by_a_condition_while_held(x):
    items = limited(x, 1.5)
    total = 0.0
    for v in items:
        total += v
    return total


@row((VALUES, 3), (ONE, 0))
def generators_of_generators(x, n):
    def scale(items, k):
        for v in items:
            yield v * k

    def until(items, most):
        for v in items:
            if v > most:
                return "hit"
            yield v

    items = iter([float(v) for v in x])
    for _ in range(n):
        items = scale(items, 2)
    kept = until(items, 10.0)
    return [v for v in kept]
