"""Lists of lists, dicts of lists, sets and dicts, and deeper ones, whose rows grow to lengths of their own."""

import collections
import dataclasses

import tfc as tf

from python.harness import Table, t

table = Table("Rows of different lengths")
row = table.row

SIZES = (t(0), t(1), t(5))


@row(*SIZES)
def groups_by_key(n):
    groups = collections.defaultdict(list)
    for i in tf.range(n):
        groups[int(i) % 2].append(tf.cast(i, tf.float32))
    return groups


@row(*SIZES)
def groups_by_setdefault(n):
    d = {}
    for i in tf.range(n):
        d.setdefault(int(i) % 3, []).append(int(i))
    return d, [k * 100 + sum(v) for k, v in d.items()]


@row(*SIZES)
def groups_by_test(n):
    d = {}
    for i in tf.range(n):
        k = int(i) % 3
        if k not in d:
            d[k] = []
        d[k].append((int(i), 0.5))
    return d


@row((t([[0, 1], [0, 2], [1, 3], [2, 3], [3, 4]]), t(5)), (t([[0, 1]]), t(2)))
def breadth_first(edges, n):
    neighbours = [[] for _ in range(n)]
    for u, v in edges:
        neighbours[int(u)].append(int(v))
        neighbours[int(v)].append(int(u))
    seen, order, queue = {0}, [], collections.deque([0])
    while queue:
        u = queue.popleft()
        order.append(u)
        for v in neighbours[u]:
            if v not in seen:
                seen.add(v)
                queue.append(v)
    return order, neighbours


@row(*SIZES)
def many_known_rows(n):
    rows = [[] for _ in range(20)]
    for i in tf.range(n):
        rows[int(i) * 3 % 20].append(int(i))
    return rows


@row(*SIZES)
def pascals_triangle(n):
    rows = [[1]]
    for _ in tf.range(n):
        last = rows[-1]
        rows.append([1] + [last[j] + last[j + 1] for j in range(len(last) - 1)] + [1])
    return rows


def _triangle(n):
    return [[int(j) for j in tf.range(i)] for i in tf.range(n)]


@row(*SIZES)
def lengths_and_sums(n):
    rows = _triangle(n)
    flat = 0
    for r in rows:
        for v in r:
            flat = flat * 3 + v
    return [len(r) for r in rows], [sum(r) for r in rows], flat, [v for r in rows for v in r]


@row(*SIZES, copies=True)
def rows_taken_and_replaced(n):
    rows = _triangle(n)
    first, last = rows.pop(0), rows.pop()
    rows[1] = [5, 5, 5, 5]
    rows.insert(1, [8])
    rows[-1][0] = 9
    rows.reverse()
    return first, last, rows, rows[1:], rows == _triangle(n), [8] in rows


@row(*SIZES, copies=True)
def rows_in_order(n):
    rows = [[int(j) for j in tf.range((i * 3) % 5)] for i in tf.range(n)]
    return sorted(rows, key=len), sum(rows, []), max(rows, key=len, default=None)


@row(*SIZES)
def rows_extended(n):
    rows = [[] for _ in range(3)]
    for i in tf.range(n):
        rows[int(i) % 3].extend([int(i), 1])
        rows[int(i) % 2] += [7]
    return rows


@row(*SIZES)
def rows_changed_in_a_loop(n):
    rows = _triangle(n)
    for r in rows:
        r.append(-1)
    return rows


@row(t(1), t(3))
def paths_on_a_stack(n):
    stack, found = [[0]], []
    while stack:
        path = stack.pop()
        found.append(path)
        if len(path) < n:
            stack.append(path + [1])
            stack.append(path + [2])
    return found


@row(*SIZES)
def subsets(n):
    out = [[]]
    for i in tf.range(n):
        out = out + [s + [int(i)] for s in out]
    return out


@row(*SIZES)
def dict_of_sets(n):
    d = collections.defaultdict(set)
    for i in tf.range(n):
        d[int(i) % 2].add(int(i) % 3)
    return {k: sorted(v) for k, v in d.items()}, len(d), 4 in d


@row(*SIZES)
def dict_of_dicts(n):
    d, counts = {}, collections.defaultdict(lambda: collections.defaultdict(int))
    for i in tf.range(n):
        d.setdefault(int(i) % 2, {})[int(i)] = int(i) * 2
        counts[int(i) % 2][int(i) % 3] += 1
    return d, counts


@row(*SIZES)
def three_deep(n):
    out = []
    for i in tf.range(n):
        middle = []
        for j in tf.range(i):
            middle.append([int(k) for k in tf.range(j)])
        out.append(middle)
    out[-1].append([7])
    out[-1][-1].append(8)
    return out


@row(*SIZES)
def a_name_for_a_row(n):
    rows = [[] for _ in range(n)]
    for i in tf.range(n):
        r = rows[int(i)]
        r.append(1)
        r.append(int(i))
    return rows


@dataclasses.dataclass
class Node:
    value: int
    children: list


@row(t(1), t(5))
def objects_with_lists(n):
    nodes = [Node(int(i), []) for i in tf.range(n)]
    for i in tf.range(1, n):
        nodes[int(i) // 2].children.append(int(i))
    return nodes, [(node.value, len(node.children)) for node in nodes]


@row(t(2), t(5))
def a_key_that_is_missing(n):
    d = collections.defaultdict(list)
    for i in tf.range(n):
        d[int(i) % 3].append(int(i))
    return dict(d)[2]


@row(t(1), t(5))
def an_index_beyond_a_row(n):
    return _triangle(n)[-1][3]


@row(*SIZES)
def a_triangle_that_is_printed(n):
    print(_triangle(n))


@row(t([1.0, 2.0, 3.0, 4.0]), t([1.0]))
def gradient_through_groups(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            groups = collections.defaultdict(list)
            for i in tf.range(len(x)):
                groups[int(i) % 2].append(x[i] * x[i] * x[i])
            total = tf.zeros([])
            for key, group in groups.items():
                total += tf.cast(key + 1, tf.float32) * sum(group)
        slope = tape.gradient(total, x)
    return slope, outer.gradient(slope, x)


@row((t([1.0] * 6), t(0)), (t([1.0] * 6), t(3)))
def a_tensor_cut_in_some_iterations(x, n):
    for i in tf.range(n):
        if i % 2 == 1:
            x = x[: 3 - i]
        x = x + 1.0
    return x
