"""Loops over long known ranges, which stay loops where their iterations are alike."""

import math

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Long ranges")
row = table.row
X = (t(1.0), t(-1.0))
V = (t([1.0, 2.0, 3.0]), t([0.5, 0.1, -3.0]))


@row(*V)
def plain(x):
    for i in range(200):
        x = tf.sin(x) * 1.01
    return x, i


@row(*V)
def uses_counter(x):
    for i in range(100):
        x = x * 0.9 + i
    return x


@row(*V)
def counter_division(x):
    for i in range(1, 100):
        x = x + 1 / i
    return x


@row(*V)
def indexes(x):
    s = 0.0
    w = tf.range(100.0)
    for i in range(100):
        s = s + w[i] * x[i % 3]
    return s


@row(*V)
def list_of_weights(x):
    ws = [float(k) for k in range(100)]
    for i in range(100):
        x = x + ws[i]
    return x


@row(*V)
def appends(x):
    out = []
    for i in range(100):
        x = x + 1
        out.append(x)
    return len(out), out[-1], tf.stack(out)


@row(*V)
def static_branch(x):
    for i in range(100):
        if i % 2 == 0:
            x = x + 1
        else:
            x = x * 0.5
    return x


@row(*V)
def static_branch_late(x):
    for i in range(100):
        x = x + 1
        if i == 90:
            x = x * 0.5
    return x


@row(*V)
def static_break(x):
    for i in range(100):
        x = x + 1
        if i == 70:
            break
    else:
        x = x * 0
    return x, i


@row(*V)
def growing(x):
    for i in range(70):
        x = tf.concat([x, [1.0]], 0)
    return x


@row(*V)
def counters(x):
    k = 0
    f = 0.5
    for i in range(100):
        k += 1
        f = f * 1.01
        x = x + k * f
    return x, k, f


@row(*V)
def for_else(x):
    for i in range(100):
        x = x * 0.99
    else:
        x = x + 1
    return x


@row(*V)
def staged_branch_in(x):
    for i in range(100):
        if tf.reduce_sum(x) > 3:
            x = x * 0.9
        else:
            x = x + 0.1
    return x


@row(*V)
def shape_use(x):
    for i in range(100):
        y = tf.zeros([i + 1])
        x = x + tf.reduce_sum(y) + tf.cast(tf.shape(y)[0], tf.float32)
    return x


@row(*V)
def nested(x):
    for i in range(70):
        for j in range(70):
            x = x * 0.999 + 0.001 * j
    return x


@row(*V)
def prints(x):
    for i in range(70):
        x = x + 1
        if i > 67:
            print(i)
    return x


@row(*V)
def prints_all(x):
    for i in range(70):
        x = x + 1
        print(i, x[0])
    return x


@row(*V)
def dict_state(x):
    d = {"a": x}
    for i in range(70):
        d["a"] = d["a"] * 0.9
    return d["a"]


@row(*V)
def gradient(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for i in range(100):
            y = tf.sin(y) * 1.01
        z = tf.reduce_sum(y)
    return z, tape.gradient(z, x)


v = tf.Variable(0.0)


@row(*X)
def variable(x):
    v.assign(0.0)
    for i in range(100):
        v.assign_add(x)
    return v + 0.0


@row(*X)
def uses_after(x):
    for i in range(100):
        x = x + 1
    return tf.zeros([i]).shape[0], x


@row(*X)
def while_over_numbers(x):
    i, rate = 0, 1.0
    while i < 300:
        x = x - rate * 0.01
        rate *= 0.99
        i += 1
    return x, i, rate


@row(*X)
def while_that_alternates(x):
    i = 0
    while i < 150:
        x = x + 1.0 if i % 2 == 0 else x * 0.5
        i += 1
    return x


@row(*X)
def while_without_tensors(x):
    k = 0
    while k < 1000:
        k += 3
    return x + k


@row(*V)
def count_in_a_range(x):
    hits = 0
    for i in range(200):
        x = x * 0.99
        if x[0] > 0.5:
            hits += 1
    return hits, x


@row((t([math.sin(i) for i in range(80)]),))
def bubble_sort(x):
    n = len(x)
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                held = x[j]
                x[j] = x[j + 1]
                x[j + 1] = held
    return x


@row((t([math.sin(i) for i in range(200)]),))
def binary_indexed_tree(x):
    n = len(x)
    tree = tf.zeros([n + 1])
    for i in range(n):
        k = i + 1
        while k <= n:
            tree[k] += x[i]
            k += k & -k
    total = 0.0
    for i in range(n):
        if i % 7 == 3:
            k = i + 1
            while k > 0:
                total += tree[k]
                k -= k & -k
    return total, i


@row((t([math.sin(i) * 40 for i in range(100)]),))
def counts_of_rounded(x):
    counts = tf.zeros([16], tf.int32)
    for i in range(len(x)):
        counts[int(x[i] / 8) + 8] += 1
    return counts


WAVE = np.array([math.sin(i) for i in range(100)])


@row(np.arange(90) % 7, np.arange(80) % 5)
def rows_of_a_table(a, b):
    n, m = len(a), len(b)
    before = np.zeros(m + 1, dtype=np.int64)
    best = 0
    for i in range(n):
        row = np.zeros(m + 1, dtype=np.int64)
        for j in range(m):
            score = 2 if a[i] == b[j] else -1
            row[j + 1] = max(0, before[j] + score, before[j + 1] - 1, row[j] - 1)
            if row[j + 1] > best:
                best = row[j + 1]
        before = row
    return best, before


@row(np.array([[math.sin(i * j + i) + 20 * (i == j) for j in range(14)] for i in range(14)]))
def elimination(a):
    a = a.copy()
    n = len(a)
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] = a[i, k] / a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    return a


@row(WAVE)
def arrays_that_follow_each_other(x):
    before = np.zeros(3)
    older = before
    for i in range(100):
        now = np.zeros(3)
        now[0] = before[0] + x[i]
        before[1] = 7
        older = before
        before = now
    return before, older


@row(WAVE)
def arrays_in_a_list(x):
    rows = []
    for i in range(100):
        now = np.zeros(3)
        rows.append(now)
        now[0] = x[i]
    return rows[0], rows[99], len(rows)


@row(WAVE)
def first_of_the_arrays(x):
    first = None
    for _ in range(100):
        now = np.zeros(2)
        for j in range(80):
            now[0] += x[j]
            if x[j] > 0.9:
                now[1] += 1
        if first is None:
            first = now
        now[1] += 100
    return first, now


@row(WAVE, t(4))
@row(WAVE, t(0))
def last_of_the_arrays(x, n):
    last = np.zeros(2)
    named = {0: last}
    for i in tf.range(n):
        now = np.zeros(2)
        named[0] = now
        now[0] = last[0] + x[i]
        named[0][1] += 1
        last = now
    return last, named[0]


@row((3, 70), (2, 62), (-2, 63), (10, 0), (10, 1))
def large_numbers(a, n):
    p = 1
    for _ in range(n):
        p *= a
    return p, p % 1000, a**n, len(str(p)), p > 10**9, p // (a * a)


@row((3, 70), (2, 100), (5, 1))
def size_that_a_long_loop_computes(a, n):
    p, i = 1, 0
    for _ in range(n):
        p = p * a % 1009
    while i < n:
        i += 1
        p += a
    return tf.zeros([p % 7])


@row(2, 1, 0)
def number_of_keys_of_known_words(top):
    seen = {}
    for word in ["a", "b", "a"][:top]:
        seen[word] = 1
    return tf.zeros([len(seen)])


@row(10000, refused="TFC022")
def size_that_a_very_long_loop_computes(n):
    p = 1
    for _ in range(n):
        p = p * 3 % 1009
    return tf.zeros([p % 7])
