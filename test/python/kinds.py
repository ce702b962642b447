"""Numbers whose kind depends on the path, and values that are numbers on one path and tensors on the other."""

import bisect
import heapq
import math
from collections import defaultdict, namedtuple

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Kinds of numbers")
row = table.row

SIGNS = (t(1), t(-1), t(0), t(4))
F32 = tf.float32
Pair = namedtuple("Pair", "a b")


def _either(c):
    return 2 if c > 0 else 0.5


def _number_or_tensor(c, number):
    return number if c > 0 else tf.cast(c, F32)


# how it is shown
@row(*SIGNS)
def printed(c):
    x = _either(c)
    print(x, [x], (x, 1), {"k": x}, sep="|")
    return f"{x!r} {x:6.2f}", "%.1f|%s|%r" % (x, x, x), str([x]) + repr({x: 1}), str(c > 0 and x)


@row(*SIGNS)
def printed_sums(c):
    total, n = 0, 0
    for i in tf.range(c + 1):
        total += i
        n += 0.5 if i % 2 else 1
        print(total, n)
    return total, n


@row(*SIGNS)
def asked_for(c):
    x, y = _either(c), 3 if c > 0 else c
    return isinstance(x, int), type(x), type(y) is int, isinstance(y, tf.Tensor), x.is_integer()


@row(*SIGNS)
def bool_or_int(c):
    x = True if c > 0 else 2
    return x + 1, -x, x and 3, x or 4, x & 1, x == 1, x is True, [10, 20, 30][x], "ab" * x, f"{x}"


@row(*SIGNS)
def matched(c):
    match _either(c):
        case int(x):
            return "int", x
        case float(x):
            return "float", x


# arithmetic
@row(*SIGNS)
def arithmetic(c):
    x = 3 if c > 0 else 2.5
    return x // 2, x / 2, x % 2, x**2, 2**x, divmod(7, x), -x, abs(-x), round(x), x == 3, x < c


@row(*SIGNS)
def functions(c):
    x = _either(c)
    return (
        math.sqrt(x),
        math.floor(x),
        pow(x, 2),
        int(x),
        bool(x),
        min(x, 1),
        max(x, 1, c),
        math.pow(x, 2),
        math.prod([x, 3]),
    )


@row(*SIGNS)
def several(c):
    x, y, z = _either(c), 3 if c > 0 else 0.5, 2 if c > 1 else 1.5
    return x + y, x * z, (x + y) * z, x < y, max(x, y, z), [x, y, z]


@row(*SIGNS)
def bisection(c):
    low, high = 0, 10
    while high - low > 1e-2:
        middle = (low + high) / 2
        if middle * middle > c + 2.0:
            high = middle
        else:
            low = middle
    return low, high


@row(*SIGNS)
def halves(c):
    total = 0
    for i in range(int(c) + 3):
        total = total + 0.5 if i % 2 else total + 1
    return total, total // 1, total == 2, {total: 1}


@row(*SIGNS)
def product(c):
    x = y = 3 if c > 0 else 2.5
    for _ in range(int(c) + 2):
        y = y * x
    return y


@row(*SIGNS)
def in_a_cell(c):
    total = 0

    def add(v):
        nonlocal total
        total += v

    for i in range(int(c) + 3):
        add(i / 2 if i % 2 else i)
    return total


# as an index, a size or a key
@row(*SIGNS)
def as_index(c):
    x = 2 if c > 0 else 0.5
    try:
        return [1, 2, 3][x], list(range(x)), [1] * x
    except TypeError as error:
        return str(error)


@row(*SIGNS)
def as_key(c):
    x = _either(c)
    d = {1: "a", 2: "b", 0.5: "c"}
    return d[x], d.get(x), x in d, {**d, x: "z"}, d.pop(x), len(d), {x: 1}


@row(*SIGNS, refused="TFC009")
def keys_of_two_kinds(c):
    return len({_either(c), 2})


@row(*SIGNS)
def size_or_tensor(c):
    x = 5
    if c > 0:
        x = c
    return tf.range(x), tf.ones([x]), tf.fill([2], x)


# in containers
@row(*SIGNS)
def in_displays(c):
    x = _either(c)
    return (
        [x] == [2],
        (x, 2) < (2, 1),
        1 in [x, 3],
        [x, 3].index(3),
        [2, 0.5, 2].count(x),
        {2: x} == {2: 2},
    )


@row(*SIGNS)
def sorted_numbers(c):
    x = _either(c)
    items = [3, x, 2]
    items.remove(x)
    heap = []
    heapq.heappush(heap, x)
    heapq.heappush(heap, 1)
    return items, sorted([x, 0, 1], key=lambda v: -v), heap, bisect.bisect([0, 1, 2, 3], x)


@row(*SIGNS)
def growing(c):
    items = []
    for i in range(int(c) + 3):
        items.append(i if i % 2 == 0 else i / 2)
    print(items)
    return items, tf.constant(items), max(items), sorted(items), sum(items)


@row(*SIGNS)
def growing_with_tensors(c):
    items, small = [], []
    for i in range(int(c) + 3):
        items.append(0 if i % 2 == 0 else tf.cast(c, F32) + i)
        small.append(0.0 if i % 2 else tf.cast(c, F32))
    return tf.stack(items), items, tf.stack(small), small, sorted(small)


@row(*SIGNS)
def replaced(c):
    items, table = [0] * 4, defaultdict(int)
    items[int(c) % 4] = tf.cast(c, F32)
    items[1] = 0.5
    for i in range(int(c) + 3):
        table[i % 2] += i
    return items, sum(items), max(items), dict(table)


@row(*SIGNS)
def in_records(c):
    pair = Pair(_either(c), c)
    return pair, pair._replace(b=pair.a), pair == (2, c)


# next to tensors
@row(*SIGNS)
def beside_tensors(c):
    x, y = _number_or_tensor(c, 1.0), _number_or_tensor(c, 1)
    return (
        tf.sqrt(x * x), tf.stack([x, x]), tf.stack([[x, 1.0], [2.0, x]]), tf.reduce_sum([x, 1.0]),
        tf.stack([y, y]), tf.stack([y, 2.0]), tf.constant([[y, 1], [2, y]]), y / 2, y + tf.ones([2]), x,
    )  # fmt: skip


@row(*SIGNS)
def many_in_a_list(c):
    items = []
    for i in range(12):
        items.append(tf.cast(c, F32) * i if c * i > 2 else 0)
    return tf.stack(items), tf.reduce_max(items), tf.concat([items, items], 0)


@row(*SIGNS)
def by_dtype(c):
    x = _either(c)
    v = tf.zeros([3])
    v[0] = x
    v[1] += x
    a = np.zeros(3)
    a[1:] = x * 2
    return v, a, np.sqrt(x), np.maximum(x, a), tf.constant(x), tf.fill([2], x), tf.maximum(x, 1.0)


@row(*SIGNS)
def without_iterations(c):
    total, product = 0, 1.0
    for i in tf.range(c):
        total += tf.cast(i, F32)
        product *= tf.cast(i + 1, tf.float64)
    return total, product, total * 2, tf.cast(product, F32)


@row(*SIGNS)
def best_so_far(c):
    best, where = 0.0, -1
    for i in range(int(c) + 3):
        value = tf.cast(i * c, F32)
        if value > best:
            best, where = value, i
    return best, where


@row(*SIGNS)
def added_recursively(c):
    def total(n):
        return 0 if n <= 0 else total(n - 1) + tf.cast(c, F32)

    return total(int(c) + 2)


@row(*SIGNS)
def gradients(c):
    w = tf.cast(c, F32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(w)
        total, other = 0.0, 1.0
        for i in range(int(c) + 3):
            total += w * w * i
        if c >= 0:
            other = w * w
        y = other * w + total
    return tape.gradient(y, w), tape.gradient(total, w)
