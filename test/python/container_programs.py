"""Small programs with containers whose size or keys are known at run time only, and gradients through them."""

import bisect
import dataclasses
import functools
import heapq
import itertools
from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Programs with containers that grow")
row = table.row

SIZES = (t(0), t(1), t(2), t(5))
KEYS = (t([3, 1, 2, 3, 1]), t([7]), t(np.zeros([0], np.int32)))
VECTORS = (t([1.0, -2.0, 0.5]), t([3.0]))


def _numbers(n):
    return [int(i) * int(i) - 3 * int(i) for i in tf.range(n)]


def _derivatives(body, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = body(x)
        slope = tape.gradient(y, x)
    return y, slope, outer.gradient(slope, x)


@row(*KEYS)
def most_common(x):
    c = Counter()
    for v in x:
        c[int(v)] += 1
    return c.most_common(), c.most_common(2), c.most_common(0)


@row((t(5), 2), (t(5), 0), (t(1), 3))
def a_limit_that_is_an_argument(n, w):
    q = deque(maxlen=w)
    for i in tf.range(n):
        q.append(int(i))
    return list(q), len(q)


@row((t([1.0, 2.0, 3.0, 4.0]), 2), (t([1.0]), 3))
def moving_average(x, w):
    q = deque(maxlen=w)
    out = []
    for v in x:
        q.append(v)
        out.append(sum(q) / len(q))
    return tf.stack(out)


@row(*SIZES)
def starred_arguments(n):
    xs = [1] + _numbers(n)
    return max(*xs, 3)


@row(*SIZES)
def lists_as_tensors(n):
    xs = [float(v) for v in _numbers(n)] + [1.0]
    return (
        tf.stack(xs),
        tf.reduce_max(xs),
        tf.constant(xs) * 2,
        tf.concat([xs, xs], 0),
        tf.cast(xs, tf.int32),
    )


@row(*SIZES)
def lists_joined(n):
    rows = [[int(i), 1] for i in tf.range(n)]
    return sum(rows, []), [v for r in rows for v in r], list(itertools.chain.from_iterable(rows))


@row(*SIZES)
def enumerated_and_reversed(n):
    a = _numbers(n)
    return [(i, v) for i, v in enumerate(a)], list(reversed(a)), a[::-1], list(enumerate(a, 3))


@row(*SIZES)
def accumulated(n):
    a = _numbers(n)
    return list(itertools.accumulate(a)), functools.reduce(lambda x, y: x * 2 + y, a, 1)


@row(*SIZES)
def unpacked(n):
    first, *rest = _numbers(n + 1)
    *init, last = _numbers(n + 2)
    return first, rest, init, last


@row(*SIZES)
def two_of_them(n):
    a, b = _numbers(n)
    return a, b


@row(*SIZES)
def bisected(n):
    a = sorted(_numbers(n))
    i = bisect.bisect_left(a, 2)
    bisect.insort(a, 1)
    return i, a


@row(*SIZES)
def heaps(n):
    h = _numbers(n)
    heapq.heapify(h)
    heapq.heappush(h, 3)
    return (
        [heapq.heappop(h) for _ in range(1)],
        heapq.nsmallest(2, h),
        heapq.nlargest(2, h),
        heapq.heappushpop(h, 0),
    )


@row(*SIZES)
def operators_of_sets(n):
    s = set(_numbers(n))
    r = {int(i) for i in tf.range(n)}
    return s | r, s & r, s - r, s ^ r, len(s), 4 in s, s == r, s <= r, sorted(s)


@row(*SIZES)
def a_member_that_is_missing(n):
    s = set(_numbers(n))
    s.remove(-2)
    return s


@row(*SIZES)
def dicts(n):
    d = {v: i for i, v in enumerate(_numbers(n))}
    e = dict(d)
    e[100] = 1
    return (
        d,
        e,
        d == e,
        d != e,
        4 in d,
        list(d),
        list(d.values()),
        list(d.items()),
        d.get(4, -1),
        len(d),
    )


@row(*SIZES)
def a_key_that_is_missing(n):
    d = {v: i for i, v in enumerate(_numbers(n))}
    return d[-2]


@row(*SIZES)
def entries_taken(n):
    d = {v: i for i, v in enumerate(_numbers(n))}
    a = d.pop(-2, None)
    b = d.pop(50, 7)
    d.update({1: 2})
    d |= {3: 4}
    del d[1]
    return a, b, d, d.setdefault(9, 1), d


@row(*SIZES)
def nested_dicts(n):
    d = {}
    for i in tf.range(n):
        d.setdefault(int(i) % 2, {})[int(i)] = int(i) * 2
    return d, {k: sum(v.values()) for k, v in d.items()}


@row(*SIZES)
def counts_of_counts(n):
    d = defaultdict(lambda: defaultdict(int))
    for i in tf.range(n):
        d[int(i) % 2][int(i) % 3] += 1
    return d


@row(*SIZES)
def a_memo(n):
    memo = {}

    def fib(k):
        if k < 2:
            return k
        if k in memo:
            return memo[k]
        memo[k] = fib(k - 1) + fib(k - 2)
        return memo[k]

    return fib(int(n))


@row(*SIZES, copies=True)
def list_of_dicts(n):
    out = []
    for i in tf.range(n):
        out.append({"a": int(i), "b": float(i)})
    for d in out:
        d["a"] += 1
    return out, [d["a"] for d in out], max(out, key=lambda d: -d["a"], default=None)


@row(*SIZES)
def dataclass_items(n):
    @dataclasses.dataclass
    class Q:
        a: int
        b: float

    out = []
    for i in tf.range(n):
        out.append(Q(int(i), float(i)))
    for q in out:
        q.a *= 2
    return [(q.a, q.b) for q in out]


@row(*SIZES)
def a_registry(n):
    class S:
        seen = []

        def __init__(self, v):
            S.seen.append(v)

    for i in tf.range(n):
        S(int(i))
    return len(S.seen), S.seen[:]


@row(*SIZES)
def grid(n):
    g = [[0] * 3 for _ in range(3)]
    for i in tf.range(n):
        g[int(i) % 3][int(i) // 3 % 3] += int(i)
    return g


@row(*SIZES)
def a_table_of_a_size_of_run_time(n):
    best = [0] * (int(n) + 1)
    for i in tf.range(1, n + 1):
        best[int(i)] = best[int(i) - 1] + int(i) % 3
    return best[-1], best


@row(*SIZES)
def sieve(n):
    m = int(n) * 3 + 3
    p_ = [True] * m
    p_[0] = p_[1] = False
    for i in range(2, m):
        if p_[i]:
            for j in range(i * i, m, i):
                p_[j] = False
    return [i for i in range(m) if p_[i]], sum(p_)


@row(*SIZES)
def taken_until_empty(n):
    a = _numbers(n)
    out = []
    for _ in range(3):
        try:
            out.append(a.pop())
        except IndexError:
            out.append(-100)
    return out


@row(*SIZES)
def deleted_on_the_way(n):
    a = _numbers(n)
    i = 0
    while i < len(a):
        if a[i] < 0:
            del a[i]
        else:
            i += 1
    return a


@row(*SIZES)
def lists_repeated(n):
    return [1, 2] * int(n), [0] * int(n), (1,) * int(n)


@row(*SIZES)
def counter_ops(n):
    c = Counter(v % 3 for v in _numbers(n))
    d = Counter({0: 1})
    c.update([0, 1])
    c[2] -= 1
    return c, c + d, c - d, +c, sum(c.values()), c[77], max(c, key=c.get), c.total()


@row(*SIZES)
def ordered(n):
    o = OrderedDict((v, i) for i, v in enumerate(_numbers(n)))
    if -2 in o:
        o.move_to_end(-2)
    if o:
        o.popitem(last=False)
    return list(o.items()), list(reversed(o))


@row(*VECTORS)
def stacked_items_have_gradients(x):
    def body(x):
        out = []
        for v in x:
            out.append(v * v * v)
        return tf.reduce_sum(tf.stack(out))

    return _derivatives(body, x)


@row(*VECTORS)
def rows_have_gradients(x):
    def body(x):
        rows = [[] for _ in range(2)]
        for i, v in enumerate(x):
            rows[int(i) % 2].append(v * v * v)
        total = tf.zeros([])
        for r in rows:
            for v in r:
                total += v
        return total

    return _derivatives(body, x)


@row(*VECTORS)
def rows_of_a_dict_have_gradients(x):
    def body(x):
        d = defaultdict(list)
        for v in x:
            d[int(v)].append(v**3)
        total = tf.zeros([])
        for k, vs in d.items():
            for v in vs:
                total += v * float(k)
        return total

    return _derivatives(body, x)


@row(*VECTORS)
def slices_have_gradients(x):
    def body(x):
        a = [v * v * v for v in x]
        b = a[::-1] + a[:2]
        b[0:1] = [x[0] ** 4]
        return tf.reduce_sum(tf.stack(b) * tf.cast(tf.range(len(b)), tf.float32))

    return _derivatives(body, x)


@row(*VECTORS)
def a_deque_has_gradients(x):
    def body(x):
        q = deque(maxlen=2)
        total = tf.zeros([])
        for v in x:
            q.append(v * v)
            total += sum(q) * v
        return total

    return _derivatives(body, x)


@row(*VECTORS)
def rows_by_name_have_gradients(x):
    def body(x):
        rows = [[v] for v in x]
        r = rows[0]
        for v in x:
            r.append(v * v * v)
        return tf.add_n([sum(q) for q in rows])

    return _derivatives(body, x)


@row(*VECTORS)
def rows_put_back_have_gradients(x):
    def body(x):
        d = {}
        for v in x:
            k = int(v > 0)
            vs = d.get(k, [])
            vs.append(v**3)
            d[k] = vs
        total = tf.zeros([])
        for vs in d.values():
            total += sum(vs)
        return total

    return _derivatives(body, x)


@row(*VECTORS)
def sorted_items_have_gradients(x):
    def body(x):
        a = sorted([(v * v, v) for v in x], key=lambda q: -q[0])
        total = tf.zeros([])
        for i, (s, v) in enumerate(a):
            total += s * v * float(i + 1)
        return total

    return _derivatives(body, x)


@row(*VECTORS)
def repeated_items_have_gradients(x):
    def body(x):
        a = [x[0] * x[0]] * x.shape[0]
        n = tf.size(x)
        b = [x[0] ** 3] * int(n)
        for i in tf.range(n):
            b[int(i)] = b[int(i)] * x[i]
        return tf.reduce_sum(tf.stack(b)) + tf.add_n(a)

    return _derivatives(body, x)


@row(*VECTORS)
def a_stack_has_gradients(x):
    def body(x):
        st = []
        for v in x:
            st.append(v * v * v)
        total = tf.zeros([])
        while st:
            total = total * 0.5 + st.pop()
        return total

    return _derivatives(body, x)


@row(*VECTORS)
def zipped_items_have_gradients(x):
    def body(x):
        a = [v * v for v in x]
        b = [v * 3.0 for v in x]
        return sum(u * w for u, w in zip(a, b))

    return _derivatives(body, x)
