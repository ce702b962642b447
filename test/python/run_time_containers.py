"""Methods and operators of lists, tuples, deques, dicts, counters and sets whose size or keys are known at run time only."""

import collections
import heapq

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Containers of a size or keys of run time")
row = table.row

SIZES = (t(0), t(1), t(5))
KEYS = (t([3, 1, 2, 3, 1]), t([7]), t(np.zeros([0], np.int32)))


def _numbers(n):
    return [int(i) * int(i) - 3 * int(i) for i in tf.range(n)]


@row(*SIZES)
def tuples(n):
    x = tuple(_numbers(n))
    doubled = x * 2 + (1,)
    return x, doubled, x[1:], sum(x), 4 in x, len(x), doubled.count(0), x == x[:], sorted(x)


@row(*SIZES)
def a_tuple_that_is_too_short(n):
    return tuple(_numbers(n))[3]


@row(*SIZES)
def an_item_that_is_not_in_a_tuple(n):
    return tuple(_numbers(n)).index(4)


@row(*SIZES)
def rows_turned_to_columns(n):
    pairs = [(int(i), float(i) / 2) for i in tf.range(n)]
    return [list(column) for column in zip(*pairs)]


@row(*SIZES)
def columns_of_no_rows(n):
    a, b = zip(*[(int(i), -int(i)) for i in tf.range(n)])
    return a, b


@row(*SIZES)
def displays_with_stars(n):
    x = _numbers(n)
    return [0, *x, 1, *x], (*x, 2)


@row(*SIZES)
def sorting_by_a_key(n):
    x = _numbers(n)
    y = x.copy()
    y.sort(key=lambda v: (v % 2, -v))
    pairs = [(-int(i) % 3, int(i)) for i in tf.range(n)]
    return sorted(x, key=abs), y, sorted(pairs), sorted(pairs, key=lambda p: p[0], reverse=True)


@row(*SIZES)
def slices_with_steps(n):
    x = _numbers(n)
    return x[1::2], x[::-1], x[3:0:-1], x[-2:], x[:-1], x[1:100], x[::-2]


@row(*SIZES)
def slices_assigned(n):
    x, y, z = _numbers(n), _numbers(n), [1, 2, 3, 4]
    x[1:3] = [7]
    y[:] = [v + 1 for v in y]
    z[int(n) :] = [8, 9]
    return x, y, z


@row(*SIZES)
def slices_deleted(n):
    x, y = _numbers(n), [1, 2, 3, 4]
    del x[1:3]
    del y[: int(n)]
    return x, y


@row(*SIZES)
def an_item_deleted(n):
    x = _numbers(n)
    del x[2]
    return x


@row(*SIZES)
def an_item_removed(n):
    x = _numbers(n)
    x.remove(-2)
    return x


@row(*SIZES)
def order_of_lists(n):
    x = _numbers(n)
    return x < [0, -1], x >= [0], tuple(x) < (0, 4), x == [0, -2]


@row(t(1), t(5))
def tensors_of_lists(n):
    rows = [[float(i), 1.0] for i in tf.range(n)]
    return tf.stack(rows), tf.constant(_numbers(n)), tf.reduce_sum(_numbers(n)), tf.stack(rows[0])


@row(*SIZES)
def deque_rotated(n):
    known, grown = collections.deque([1, 2, 3, 4]), collections.deque()
    known.rotate(int(n))
    for i in tf.range(n):
        grown.append(int(i))
        grown.rotate(1)
    grown.extendleft([7, 8])
    grown.reverse()
    return known, grown, grown.count(7), grown[0]


@row(*SIZES)
def an_empty_deque(n):
    q = collections.deque()
    for i in tf.range(n):
        q.append(int(i))
    return q.popleft(), q.pop(), q


@row((t([[0, 1, 4], [0, 2, 1], [2, 1, 2], [1, 3, 5]]), t(4)))
def shortest_paths(edges, n):
    neighbours = collections.defaultdict(list)
    for u, v, length in edges:
        neighbours[int(u)].append((int(v), int(length)))
    best, heap = [1000] * 4, [(0, 0)]
    best[0] = 0
    while heap:
        far, u = heapq.heappop(heap)
        if far > best[u]:
            continue
        for v, length in neighbours[u]:
            if far + length < best[v]:
                best[v] = far + length
                heapq.heappush(heap, (best[v], v))
    return best


@row(*KEYS)
def counters(x):
    c = collections.Counter(int(v) for v in x)
    d = collections.Counter({1: 1, 3: 5})
    return c + d, c - d, d - c, c & d, c | d, c.most_common(), c.most_common(1), c.total(), c == d


@row(*KEYS)
def counters_updated(x):
    c = collections.Counter()
    c.update([int(v) for v in x])
    c.update({3: 5})
    c.subtract([1, 2])
    c += collections.Counter({2: 4})
    return c, sorted(c.elements())


@row(*KEYS)
def least_recently_used(x):
    kept, hits = collections.OrderedDict(), 0
    for v in x:
        key = int(v)
        if key in kept:
            hits += 1
            kept.move_to_end(key)
        else:
            kept[key] = hits
            if len(kept) > 2:
                kept.popitem(last=False)
    return hits, kept


@row(*KEYS)
def last_entry_taken(x):
    d = dict.fromkeys([int(v) for v in x], 0)
    return d.popitem(), d


@row(*KEYS)
def sets_compared(x):
    s = {int(v) for v in x}
    r = s.copy()
    r |= {5}
    r -= {3}
    return s <= {1, 2, 3, 7}, s.isdisjoint({7}), sum(s), max(s, default=0), sorted(r), s


@row(*KEYS)
def entries_in_order(x):
    d = {}
    for v in x:
        d[int(v)] = d.get(int(v), 0) + 1
    return (
        sorted(d.items(), key=lambda entry: (-entry[1], entry[0])),
        list(reversed(d)),
        {**d, 5: 6},
    )


@row(*KEYS)
def a_list_that_shrinks_while_it_is_read_backwards(x):
    items, out = [int(v) for v in x], []
    for v in reversed(items):
        out.append(v)
        if v == 3:
            items.pop()
    return out, items


@row(t([3.0, 1.0, 2.0]), t([1.0, -1.0, 0.5]))
def gradient_through_sorted_items(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            ordered = sorted([v * v * v for v in x])
            total = tf.zeros([])
            for place, v in enumerate(tuple(ordered)):
                total += tf.cast(place, tf.float32) * v
        slope = tape.gradient(total, x)
    return slope, outer.gradient(slope, x)


@row(*SIZES)
def shown_items(n):
    items = [i * 0.5 for i in range(n)]
    print(*items)
    print("a", *items, sep=",", end="!")
    print(*_numbers(n), "end", sep="-")


@row(t(1), t(2), t(5))
def largest_of_arguments(n):
    items = _numbers(n)
    return max(0, *items, key=lambda v: -v), min(7, *items), max(*items, 3)


@row(*SIZES)
def limited_deques(n):
    items = [int(i) for i in tf.range(n)]
    kept = collections.deque([1, 2, 3], maxlen=2)
    kept.extend(items)
    return (
        list(collections.deque(items, 2)),
        list(kept),
        list(collections.deque(range(n), maxlen=3)),
    )


@row(t(0), t(4), t(-2), t(5))
def items_of_ranges(n):
    return range(5)[n], range(1, 20, 2)[int(n)]


@row((t(2), 2), (t(5), 3))
def sizes(n, step):
    k = int(n)
    x = tf.range(k * 2)
    return (
        tf.ones([k, 2]), tf.zeros(len(x)), tf.reshape(x, (2, k)), tf.broadcast_to(1.0, [k]), tf.fill([k], k),
        tf.one_hot([0, 1], k), tf.eye(k), tf.linspace(0.0, 1.0, k), tf.tile([1, 2], [k]), tf.roll(x, k, 0),
        tf.slice(x, [1], [n - 1]), x[::step], x[1:k:step],
    )  # fmt: skip


@row(t(1), t(-1), t(0), t(4))
def slices_to_the_end(n):
    return tf.slice(tf.range(6), [1], [n]), tf.slice(tf.range(6), [n % 3], tf.cast([-1], tf.int64))


@row(t(3), t(0), t(-1), 3)
def frozen_sets_of_what_is_known_at_run_time(t):
    n = int(t)
    f = frozenset([1, n])
    some = f & {n}, f | {7}, f - {1}, f ^ {n, 9}, {1, 2} & f, {1, 2} | f
    methods = f.union([2]), f.intersection({n}), f.issubset({1, n}), f.isdisjoint({8}), f.copy()
    kinds = type(f) is frozenset, isinstance(f, set), hasattr(f, "add"), type(f & {1}) is frozenset
    same = f == {n, 1}, f != frozenset([n]), f <= {1, n, 2}, {1, n} == f, n in f, 5 in f, len(f)
    g = f
    g |= {4}
    members = {n}
    members |= frozenset([n + 1])
    return f, some, methods, kinds, same, g, g is f, members, set(f), sorted(f), sum(f), bool(f)


@row(t(3), t(-1), 2, -2)
def frozen_sets_that_differ_from_path_to_path(n):
    s = {1}
    if n > 0:
        s.add(7)
    f = frozenset(s)
    s.add(9)
    kinds = type(f) is frozenset, isinstance(f, set), hasattr(f, "add"), str(f), f"{f}"
    either = frozenset([1]) if n > 0 else frozenset([1, 2])
    return f, s, f & {7}, f | {3}, f <= s, f.union({2}), len(f), 7 in f, f == s, kinds, either


@row(t(3), t(0), 2)
def frozen_sets_in_containers(t):
    n = int(t)
    items, f = [], frozenset(x for x in [1, n])
    for i in range(n):
        items.append(frozenset([i, 1]))
        f = f | {i}
    return items, f, {"a": f}, (f, n), str([f]), frozenset(range(n)), any(x > 1 for x in sorted(f))


@row(t(3), refused="TFC009")
def frozen_set_of_run_time_as_a_key(t):
    return {frozenset([int(t)]): 1}
