"""Modules of the standard library that compare the user's values or call the user's code."""

import bisect
import collections
import collections.abc
import contextlib
import dataclasses
import functools
import heapq
import itertools
import math
import statistics
import types
from typing import Any

import tfc as tf

from python.harness import Table, t

table = Table("The standard library")
row = table.row
SIGNS = (t(3.0), t(-2.0))


@row(t([5.0, 1.0, 4.0, 2.0]), t([3.0]))
def heap(xs):
    items = []
    for x in xs:
        heapq.heappush(items, x)
    return [heapq.heappop(items) for _ in range(len(items))]


@row((t([5.0, 1.0, 4.0, 2.0]), t(0.5)), (t([3.0, 1.0]), t(9.0)))
def heap_in_place(xs, x):
    items = list(xs)
    heapq.heapify(items)
    least = heapq.heappushpop(items, x)
    return least, heapq.heapreplace(items, x), items, heapq.nsmallest(2, items)


@row(t([5.0, 1.0, 4.0]), t([2.0, 2.0]))
def heap_of_pairs(xs):
    items = []
    for i, x in enumerate(xs):
        heapq.heappush(items, (-x, i))
        if len(items) > 2:
            heapq.heappop(items)
    return sorted(items), heapq.nlargest(1, items)


@row((t([1.0, 3.0, 5.0]), t(4.0)), (t([1.0, 3.0]), t(0.0)), (t([2.0]), t(2.0)))
def sorted_list(xs, v):
    items = list(xs)
    bisect.insort(items, v)
    return items, bisect.bisect_left(items, v), bisect.bisect(items, v), bisect.bisect_left(xs, v)


@row(t(2.0), t(-1.0))
def cached_recursion(x):
    calls = []

    @functools.cache
    def fib(n):
        calls.append(n)
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    return x * fib(20), len(calls)


@functools.singledispatch
def describe(value):
    return 0.0


@describe.register
def _(value: int):
    return value + 0.5


@describe.register(list)
def _(value):
    return float(len(value))


@describe.register
def _(value: tf.Tensor):
    return value * 2


class Described:
    @functools.singledispatchmethod
    def of(self, value):
        return -1.0

    @of.register
    def _(self, value: float):
        return value * 100


@row((t(1.0), 3), (t(1.0), [1, 2]), (t(2.0), "s"), (t(2.0), t(4.0)), (t(1.0), 2.5))
def chosen_by_class(x, value):
    return x * describe(value), x * Described().of(value), value.__class__ is int


@row(*SIGNS)
def suppressed(x):
    y = x
    with contextlib.suppress(ValueError):
        if x < 0:
            raise ValueError("negative")
        y = y * 2
    return y


@row(*SIGNS)
def ordered(x):
    entries = collections.OrderedDict(a=x, b=x * 2)
    entries.move_to_end("a")
    entries["c"] = x if x > 0 else -x
    return entries, list(entries)


class Mapping(collections.abc.Mapping):
    def __init__(self, **entries):
        self.entries = entries

    def __getitem__(self, key):
        value = self.entries[key]
        return value if value > 0 else -value

    def __iter__(self):
        return iter(self.entries)

    def __len__(self):
        return len(self.entries)


@row(*SIGNS)
def abstract_mapping(x):
    m = Mapping(a=x, b=x * 2)
    return m.get("b"), m.get("z", 1.0), "a" in m, list(m), list(m.values()), dict(m), {**m}


class Doubled(collections.UserDict):
    def __getitem__(self, key):
        return super().__getitem__(key) * 2


@row(*SIGNS)
def user_dict(x):
    entries = Doubled(a=x)
    entries["b"] = x + 1
    if x > 0:
        entries["a"] = entries["b"] + 1
    return entries["a"], entries.get("b"), "c" in entries, len(entries), entries.data


@row(*SIGNS)
def namespace(x):
    made = types.SimpleNamespace(a=x, n=0)
    for i in range(3):
        if x > i:
            made.n += 1
        else:
            made.a = made.a - 1
    return made, made.n


@row((t(3.0), t(4.0)), (t(-1.5), t(2.0)), (t(0.0), t(1.0)))
def exact_numbers(x, y):
    return (
        math.ldexp(x, 3),
        math.dist([x, y], [0, 1]),
        math.fsum([x, y, 0.1]),
        math.modf(x),
        math.frexp(y),
    )


@row((t(3), t(4), t(5)), (t(2), t(100), t(7)), (t(0), t(0), t(1)))
def ints(a, b, c):
    n = int(a)
    return pow(n, int(b), int(c)), n.bit_length(), n.real, n.conjugate(), float(a).is_integer()


@row((t([3, 1]), t(3)), (t([1, 2, 2]), t(9)))
def frozen_sets(xs, v):
    found, known = {int(x) for x in xs}, frozenset([1, 2])
    return len(found | known), len(known & found), known == found, int(v) in frozenset(found)


@dataclasses.dataclass(order=True)
class Entry:
    key: Any
    tag: Any = dataclasses.field(default="", compare=False)


@row((t(1.0), t(2.0)), (t(2.0), t(2.0)), (t(3.0), t(2.0)))
def compared_records(a, b):
    x, y = Entry(a, "x"), Entry(b, "y")
    return x == y, x < y, x >= y, max(x, y).tag, x == 3


@dataclasses.dataclass
class Clipped:
    low: Any
    items: list = dataclasses.field(default_factory=list)
    scale: dataclasses.InitVar[Any] = 2

    def __post_init__(self, scale):
        if self.low < 0:
            self.low = -self.low
        self.items.append(self.low * scale)


@row(*SIGNS)
def finished_records(x):
    return Clipped(x), Clipped(x, scale=5).items


@row((t(3.0), 2), (t(-1.0), 4))
def text_of_choices(x, n):
    print(f"{'yes' if x > 0 else 'no'} {x:{8}.{n}f} {'a' if x > 5 else x}")
    return x


VALUES = t([1.0, -1.0, 2.0, -2.0, 3.0])
ONE = t([-1.0])


@row(VALUES, ONE)
def combos(x):
    pos = [v for v in x if v > 0]
    return (
        [a * b for a, b in itertools.combinations(pos, 2)],
        [a - b for a, b in itertools.permutations(pos, 2)],
        [a + b for a, b in itertools.combinations_with_replacement(pos, 2)],
        [a + b for a, b in itertools.product(pos, repeat=2)],
        [(a or 0) + (b or 0) for a, b in itertools.zip_longest(pos, [1.0])],
    )


@row((VALUES, 2), (ONE, 1), (VALUES, 0))
def sliced(x, n):
    vals = [float(v) for v in x]
    it = iter(vals)
    first = list(itertools.islice(it, n))
    return first, sum(it), list(itertools.islice([v for v in x if v > 0], 1, None))


@row(VALUES, ONE, t([]), t([2.0, 2.0, 4.0]))
def stats(x):
    vals = [float(v) for v in x if 0 < v < 100]
    try:
        return (
            statistics.mean(vals),
            statistics.fmean(vals),
            statistics.median(vals),
            statistics.pvariance(vals),
            statistics.pstdev(vals),
            statistics.median_low(vals),
            statistics.median_high(vals),
            statistics.stdev(vals),
            statistics.variance(vals),
        )
    except statistics.StatisticsError as e:
        return str(e)


@row((t([1, 2, 4, 4]),), (t([3]),), (t([2, 2]),))
def stats_int(x):
    vals = [int(v) for v in x]
    return (
        statistics.mean(vals),
        statistics.median(vals),
        statistics.mode(vals),
        statistics.pvariance(vals),
        statistics.mean(vals + [1]),
    )
