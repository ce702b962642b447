"""Dicts and sets whose keys are known at run time only."""

from collections import Counter, defaultdict

import tfc as tf

from python.harness import Table, t

table = Table("Keys known at run time")
row = table.row


@row(t(3), t(0))
def squares(n):
    table = {}
    for i in tf.range(n):
        table[int(i)] = i * i
    return table


@row(2, 5)
def insert_new(k):
    d = {1: 10, 2: 20}
    d[k] = 7
    return d, len(d), k in d, d.get(9, -1), sum(d.values()), list(d)


@row(2, 5)
def known_update(k):
    d = {1: 10, 2: 20}
    d[k] += 1
    return d


@row(t([1, 2, 1, 3, 1]))
def count(x):
    c = {}
    for v in x:
        c[int(v)] = c.get(int(v), 0) + 1
    return c


@row(t([1, 2, 1, 3, 1]))
def counter(x):
    c = Counter()
    for v in x:
        c[int(v)] += 1
    return c


@row(t([1, 2, 1, 3, 1]))
def counter2(x):
    return Counter(int(v) for v in x), Counter([int(v) for v in x])[1]


@row(t([1, 2, 1, 3, 1]))
def dd(x):
    c = defaultdict(int)
    for v in x:
        c[int(v)] += 1
    return c, c[7], len(c)


@row(t([1, 2, 1, 3, 1]))
def uniq(x):
    s = set()
    for v in x:
        s.add(int(v))
    return s, len(s), 2 in s, 5 in s, sorted(s), max(s)


@row(t([1, 2, 1, 3, 1]))
def seen_twice(x):
    seen = set()
    for v in x:
        k = int(v)
        if k in seen:
            return k
        seen.add(k)
    return -1


@row(1, 3)
def removing(k):
    s = {1, 2}
    s.remove(k)
    return s


@row(1, 3)
def discarding(k):
    s = {1, 2}
    s.discard(k)
    s.add(k + 1)
    return s


@row(1, 3)
def deleting(k):
    d = {1: 1, 2: 3}
    del d[k]
    return d


@row(1, 3)
def popping(k):
    d = {1: 1, 2: 3}
    a = d.pop(k, -1)
    b = d.pop(k)
    return d, a, b


@row(1, 3)
def setdef(k):
    d = {1: 1, 2: 3}
    a = d.setdefault(k, 9)
    return d, a


@row(1, 3)
def union(k):
    a = {1, 2}
    b = {k, 5}
    return a | b, a & b, a - b, a ^ b, a <= b, {k} <= a, a == b, {1, 2, k} == {1, 2}


@row(t(5), t(1))
def fibo(n):
    memo = {0: 0, 1: 1}
    for i in range(2, n + 1):
        memo[i] = memo[i - 1] + memo[i - 2]
    return memo[int(n)]


@row(t(3))
def tuplekey(n):
    d = {}
    for i in range(n):
        for j in range(n):
            d[i, j] = i * j
    return d, d[1, 2], (2, 2) in d, (3, 3) in d


@row(t(3))
def dcomp(n):
    d = {int(i): i * 2 for i in tf.range(n)}
    return d


@row(t(3))
def scomp(n):
    return {int(i) % 2 for i in tf.range(n)}


@row(t([3.5, 1.0]))
def floatkeys(x):
    d = {}
    for v in x:
        d[float(v)] = v
    return d


@row(2)
def prints(k):
    d = {1: k}
    d[k] = k + 1
    print(d, f"{d}")
    s = {k}
    print(s)


@row(2)
def items(k):
    d = {1: 5}
    d[k] = k + 1
    out = []
    for a, b in d.items():
        out.append(a * b)
    for q in d:
        out.append(q)
    return out, list(d.values()), {a: b + 1 for a, b in d.items()}


@row(({1: 2.0}, 4))
def argument(d, k):
    d[k] = 3.0
    return d


@row(1, 4)
def equal(k):
    a = {1: 2}
    b = {1: 2}
    b[k] = 2
    return a == b, b == a, a != b


@row(1, 4)
def copy(k):
    a = {1: 2}
    a[k] = 5
    b = a.copy()
    b[k] = 6
    e = dict(a)
    e[k + 1] = 1
    a.clear()
    return a, b, e


@row(1, 4)
def upd(k):
    a = {1: 2}
    a.update({k: 5, 7: k})
    a |= {k: 9}
    return a, {**a, 1: 0}


@row(1, 5, t(1))
def isin(n):
    return n in {1, 2}, n in {1: 2}


@row(1, 3)
def partial(k):
    d = {}
    if k > 2:
        d[5] = 1
    d[k] = 2
    return d


@row(1, 3)
def partialset(k):
    d = set()
    if k > 2:
        d.add(5)
    d.add(k)
    return d


@row(1, 3)
def branchy(k):
    d = {1: 1}
    if k > 2:
        d[k] = 5
    else:
        d[2] = 6
    return d, sorted(d)


@row(1, 3)
def keyerr(k):
    d = {1: 1}
    d[k + 1] = 2
    try:
        return d[3]
    except KeyError:
        return -1


@row(1, 3)
def mixed(k):
    d = {"a": 1}
    d[k] = 2
    return d


@row(t(1))
def mixed_at_run_time(k):
    d = {"a": 1}
    d[int(k)] = 2
    return d


@row(([1, 2, 3, 4, 5],), ([],), ([3, 6],))
def grouped(numbers):
    groups = {}
    for number in numbers:
        groups.setdefault(number % 3, []).append(number)
    return {key: len(group) for key, group in sorted(groups.items())}


@row(([1.0, 2.0, 3.0], 3))
def lists_changed_in_a_list(x, n):
    boxes = [[x[i]] for i in range(n)]
    for box in boxes:
        box.append(box[0] * 2)
    return [sum(box) for box in boxes]


@row(t([1.0, 2.0]))
def maxkey(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i]
    return max(d, key=d.get), max(d.values()), min(d)


@row(t([2, 1]), refused="TFC010")
def order_of_a_set(x):
    found = set()
    for v in x:
        found.add(int(v))
    return list(found)


def _lists(n):
    return {i: [i] for i in range(n)}


@row((t(4), 1, 2), (t(6), 2, 1), refused="TFC012")
def value_under_two_keys(n, a, b):
    lists = _lists(n)
    lists[a] = lists[b]
    lists[a].append(7)
    return lists


@row((t(4), 1, 2), (t(6), 2, 1), refused="TFC012")
def value_under_two_keys_by_update(n, a, b):
    lists = _lists(n)
    lists.update({a: lists[b]})
    lists[b].append(7)
    return lists


@row((t(4), 1, 2), (t(6), 2, 1), refused="TFC012")
def part_of_a_value_under_two_keys(n, a, b):
    pairs = {i: (i, [i]) for i in range(n)}
    pairs[a] = (b, pairs[b][1])
    pairs[b][1].append(7)
    return pairs


@row((t(4), 1, 2), (t(5), 0, 0), (t(6), 2, 1))
def values_exchanged(n, a, b):
    lists = _lists(n)
    lists[a], lists[b] = lists[b], lists[a]
    lists[a].append(7)
    lists[a] = lists.pop(b)
    lists[a].append(8)
    return lists


@row(t(0), t(4), t(7))
def value_put_back(n):
    groups = {}
    for i in range(n):
        group = groups.get((i % 3, 0), [])
        group.append(i)
        groups[i % 3, 0] = group
    for key, group in groups.items():
        group.append(key[0])
        groups[key] = group
    return groups
