"""Tensors and arrays of different sizes as items of containers that grow: chunks, runs, groups, partitions."""

import collections

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Items of different sizes")
row = table.row

X = t([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])


@row(X, t(3))
@row(X, t(7))
@row(t([]), t(2))
def chunks_of_a_run_time_size(x, size):
    out = []
    i = 0
    while i < len(x):
        out.append(x[i : i + size])
        i += size
    return out


@row(X, t(3))
@row(t([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), t(2))
def chunks_joined_backwards(x, size):
    out = []
    for i in range(0, x.shape[0], size):
        out.append(x[i : i + size])
    return tf.concat(out[::-1], 0), len(out), out[0].shape[0], out[-1]


@row(t([1, 1, 2, 2, 2, 3]))
@row(t([1, 1]))
def runs_of_equal_items(x):
    groups = []
    start = 0
    for i in range(1, len(x)):
        if x[i] != x[i - 1]:
            groups.append(x[start:i])
            start = i
    groups.append(x[start:])
    return groups


@row(X)
@row(t([1.0]))
def quicksort_by_a_stack_of_parts(x):
    stack = [x]
    out = []
    while stack:
        part = stack.pop()
        if len(part) <= 1:
            out.append(part)
            continue
        pivot = part[0]
        stack.append(part[part >= pivot][1:])
        stack.append(part[part < pivot])
    return tf.concat(out[::-1], 0) if out else x


@row(t(4))
@row(t(0))
def ranges_of_different_lengths(n):
    rows = [tf.range(2)]
    for i in tf.range(n):
        rows.append(tf.range(i))
    total = tf.constant(0)
    for r in rows:
        total += tf.reduce_sum(r)
    return total, rows[-1], len(rows)


def _merged(a, b):
    return tf.sort(tf.concat([a, b], 0))


@row(t([5, 2, 8, 1, 9, 3]))
@row(t([1]))
def merge_sort_from_below(x):
    parts = collections.deque()
    for v in x:
        parts.append(tf.reshape(v, [1]))
    while len(parts) > 1:
        a = parts.popleft()
        b = parts.popleft()
        parts.append(_merged(a, b))
    return parts[0]


@row(t([1, 2, 1, 3, 2, 1]), t(3))
@row(t([7, 7]), t(1))
def groups_by_key_with_masks(keys, n):
    where = {}
    for k in tf.unique(keys)[0]:
        where[int(k)] = tf.reshape(tf.where(keys == k), [-1])
    return where, len(where)


@row(X, t(2.5))
@row(X, t(100.0))
def parts_replaced_and_removed(x, limit):
    rows = []
    for i in tf.range(1, 4):
        rows.append(x[:i])
    rows[0] = x[x > limit]
    rows[1] = rows[1] * 2.0
    rows[2] += 1.0
    last = rows.pop()
    rows.insert(0, last[1:])
    return rows, last


@row(X, t(3))
@row(X, t(0))
def named_parts(x, n):
    found = []
    for i in tf.range(n):
        found.append((f"part {i}", x[: i + 1], {"rest": x[i:]}))
    for name, part, more in found:
        print(name, part, more["rest"])
    return found


@row(X, t(3))
def items_of_equal_sizes_stacked(x, n):
    rows = []
    for i in tf.range(n):
        rows.append(x[i : i + 2])
    return tf.stack(rows), tf.stack(rows, axis=1), tf.concat(rows, 0)


@row(X, t(3))
def items_of_different_sizes_stacked(x, n):
    rows = []
    for i in tf.range(n):
        rows.append(x[i:])
    try:
        return tf.stack(rows)
    except ValueError:
        return x * 0.0


@row(X, t(3))
def gradient_of_parts(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        parts = []
        for i in tf.range(n):
            parts.append(x[i : 2 * i + 1] * tf.cast(i + 1, tf.float32))
        y = tf.reduce_sum(tf.concat(parts, 0) ** 2)
        y += tf.reduce_sum(parts[-1] * x[:1])
    return tape.gradient(y, x)


@row(X, t(2))
def arrays_of_different_sizes(x, n):
    parts = []
    a = np.arange(6.0)
    for i in range(int(n)):
        parts.append(a[i : 2 * i + 1].copy())
    parts[0][:] = 7.0
    return parts, np.concatenate(parts), sum(len(p) for p in parts)


@row(t([1.0, -1.0, 2.0, -2.0]), t(True))
@row(t([1.0, -1.0, 2.0, -2.0]), t(False))
def parts_on_paths(x, both):
    parts = [x[x > 0]]
    if both:
        parts.append(x[1:])
    for p in parts:
        if tf.reduce_sum(p) > 100:
            parts = []
    return parts, [len(p) for p in parts], max(parts, key=len)


@row(X, t(4))
def sorted_by_length(x, n):
    rows = []
    for i in tf.range(n):
        rows.append(x[: (i * 3) % 5])
    rows.sort(key=len)
    return rows, [len(r) for r in rows if len(r) > 1]


@row(t([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), t(2))
def states_of_one_size(x, n):
    h = tf.zeros([tf.shape(x)[0], 2])
    states = []
    for i in tf.range(n):
        h = tf.tanh(h + x)
        states.append(h)
    return tf.stack(states), states[-1]


@row(t([4, 1, 3]), t(2))
def lists_of_parts(sizes, n):
    table = []
    for s in sizes:
        inner = []
        for i in tf.range(n):
            inner.append(tf.range(s - i))
        table.append(inner)
    return table, table[0][1], len(table[-1])


def _numbers(*values):
    return [t(value) for value in values]


@row(X, [1, 3, 2])
@row(X, [0, 2])
@row(X, _numbers(1, 3, 2))
@row(X, t([3, 1, 2]))
def parts_appended_under_conditions(x, ends):
    short, long, every = [], [], {"a": [], "b": []}
    for n in ends:
        if n < 3:
            short.append(x[:n])
        else:
            long.insert(0, (n, x[:n]))
        every["a" if n > 2 else "b"].append(x.numpy()[:n])
        if n == 2:
            continue
        (short if n > 2 else long).append(x[n:])
    return short, long, every, [sum(len(part) for part in parts) for parts in every.values()]


@row(X, [1, 3, 2])
@row(X, [0, 2])
@row(X, [])
def parts_by_keys_of_run_time(x, ends):
    groups, whole = {}, {0: [], 1: []}
    for n in ends:
        groups.setdefault(n % 2, []).append(x[:n])
        whole[n % 2] = whole[n % 2] + [tf.unique(x[:n])[0]]
    return groups, whole


@row(X, t([1, 3, 2]))
@row(X, t([0, 0]))
def the_longest_part_so_far(x, ends):
    best = x[:0]
    seen = [[]]
    for n in ends:
        part = x[:n]
        if len(part) > len(best):
            best = part
        if n == 3:
            seen.append([])
        seen[-1].append(best)
    return best, seen


@row(np.arange(8.0), t(3))
@row(np.arange(8.0).reshape(4, 2), t(2))
@row(np.arange(3.0), t(1))
def arrays_joined_by_numpy(x, n):
    parts = []
    i = 0
    while i < n:
        parts.append(x[i : 2 * i + 1])
        i += 1
    flat = np.concatenate(parts, axis=None)
    return np.concatenate(parts), flat, np.concatenate(parts[::-1]), [len(p) for p in parts]


@row(np.arange(8.0), t(2))
@row(np.arange(8.0), t(0))
def arrays_side_by_side(x, n):
    parts = []
    for i in range(int(n)):
        parts.append(x[i:])
    try:
        return np.hstack(parts)
    except ValueError as error:
        return str(error)
