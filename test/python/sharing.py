"""Items of containers that grow are the objects that they are in Python: a change is seen through every name."""

from collections import deque

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Objects that are items of containers that grow")
row = table.row

SIZES = (t(0), t(1), t(2), t(5))
KEYS = (t([3, 1, 2, 3, 1]), t([7]), t(np.zeros([0], np.int32)))


class Point:
    def __init__(self, v):
        self.v = v


def _rows(n):
    return [[int(k)] for k in tf.range(n + 2)]


def _points(n):
    made = []
    for i in tf.range(n + 2):
        made.append(Point(int(i)))
    return made


@row(*SIZES, refused="TFC012")
def slice_in_branch(n):
    rows = _rows(n)
    if n > 2:
        part = rows[1:]
    else:
        part = rows[:1]
    part[0].append(7)
    return rows, part


@row(*SIZES, copies=True)
def item_in_branch(n):
    rows = _rows(n)
    if n > 2:
        r = rows[1]
    else:
        r = rows[0]
    r.append(7)
    return rows, r


@row(*SIZES, copies=True)
def item_carried(n):
    rows = _rows(n)
    r = rows[0]
    for i in tf.range(n):
        r.append(int(i))
        r = rows[1]
    return rows, r


@row(*SIZES, copies=True)
def slice_then_grow_other(n):
    rows = _rows(n)
    part = rows[:]
    rows.append([99])
    part.append([98])
    return rows, part


@row(*SIZES, refused="TFC012")
def slice_then_owner_item(n):
    rows = _rows(n)
    part = rows[:]
    rows[0].append(3)
    return rows, part


@row(*SIZES)
def slice_dead_then_change(n):
    rows = _rows(n)
    total = sum(len(r) for r in rows[1:])
    for r in rows[1:]:
        total += len(r)
    rows[0].append(3)
    return rows, total


@row(*SIZES)
def slice_rebind_then_change(n):
    rows = _rows(n)
    rows = rows[1:]
    rows[0].append(3)
    return rows


@row(*SIZES)
def same_in_two_places(n):
    a = []
    d = {"x": a, "y": [a, 1]}
    for i in tf.range(n):
        d["x"].append(int(i))
    d["y"][0].append(5)
    return d, a


@row(*SIZES)
def row_in_helper(n):
    rows = [[] for _ in range(3)]

    def add(r, v):
        r.append(v)

    for i in tf.range(n):
        add(rows[int(i) % 3], int(i))
    return rows


@row(*SIZES, copies=True)
def loop_var_kept(n):
    rows = _rows(n)
    for r in rows:
        r.append(1)
    r.append(2)
    return rows, r


@row(*SIZES)
def best_row(n):
    rows = _rows(n)
    best = rows[0]
    for r in rows:
        if sum(r) > sum(best):
            best = r
    best.append(100)
    return rows


@row(*SIZES, copies=True)
def best_row_read(n):
    rows = _rows(n)
    best = rows[0]
    for r in rows:
        if sum(r) > sum(best):
            best = r
    rows.append([1])
    return rows, best


@row(*SIZES, copies=True)
def row_of_row(n):
    m = [[[int(i)], [2]] for i in tf.range(n + 1)]
    a = m[0]
    b = a[1]
    b.append(3)
    return m, a, b


@row(*SIZES)
def append_row_then_change(n):
    rows = _rows(n)
    r = [5]
    rows.append(r)
    r.append(6)
    return rows, r


@row(*SIZES)
def append_row_in_loop_then_change(n):
    rows = []
    for i in tf.range(n):
        r = []
        rows.append(r)
        for j in tf.range(i):
            r.append(int(j))
    return rows


@row(*SIZES)
def append_same_row_in_loop(n):
    rows = []
    r = [0]
    for i in tf.range(n):
        rows.append(r)
    r.append(1)
    return rows


@row(*SIZES, copies=True)
def dict_row_alias(n):
    d = {}
    for i in tf.range(n + 1):
        d[int(i)] = []
    a = d[0]
    a.append(1)
    d[0].append(2)
    a.append(3)
    return d, a


@row(*SIZES, copies=True)
def tuple_items(n):
    rows = _rows(n)
    pair = (rows[0], rows[1])
    pair[0].append(4)
    return rows, pair


@row(*KEYS)
def get_append_store(x):
    d = {}
    for k in x:
        v = d.get(int(k), [])
        v.append(1)
        d[int(k)] = v
    return d


@row(*KEYS)
def if_in_append_store(x):
    d = {}
    for k in x:
        key = int(k)
        if key in d:
            v = d[key]
        else:
            v = []
        v.append(1)
        d[key] = v
    return d


@row(*KEYS)
def get_no_store(x):
    d = {}
    for k in x:
        d[int(k)] = [0]
    v = d.get(3, None)
    if v is not None:
        v.append(1)
    return d


@row(*KEYS, copies=True)
def get_default_change(x):
    d = {}
    for k in x:
        d[int(k)] = [0]
    v = d.get(3, [])
    v.append(1)
    return d, v


@row(*KEYS)
def walrus(x):
    d = {}
    for k in x:
        if (v := d.get(int(k))) is None:
            v = d[int(k)] = []
        v.append(int(k))
    return d


@row(*KEYS)
def try_key(x):
    d = {}
    for k in x:
        try:
            v = d[int(k)]
        except KeyError:
            v = d[int(k)] = []
        v.append(int(k))
    return d


@row(*SIZES)
def swap_then_change(n):
    m = [[int(i), 2 * int(i) + 1] for i in tf.range(n + 2)]
    for i in range(2):
        m[i], m[1 - i] = m[1 - i], m[i]
        for c in range(2):
            m[i][c] += 10 * m[1 - i][c]
    return m


@row(*SIZES)
def put_twice_read(n):
    rows = _rows(n)
    r = [8]
    rows.append(r)
    rows.append(r)
    rows[-1].append(1)
    return rows


@row(*SIZES)
def put_after_append(n):
    rows = _rows(n)
    r = rows[0]
    rows.append([3])
    r.append(4)
    return rows


@row(*SIZES, copies=True)
def put_in_if(n):
    rows = _rows(n)
    r = rows[0]
    if n > 1:
        r.append(1)
    r.append(2)
    return rows, r


@row(*SIZES, copies=True)
def row_changed_in_loop(n):
    rows = _rows(n)
    r = rows[-1]
    for i in tf.range(n):
        r.append(int(i))
    r.append(100)
    return rows, r


@row(*SIZES)
def known_becomes(n):
    a, b = [1], [2]
    rows = [a, b]
    for i in tf.range(n):
        rows.append([int(i)])
    return rows


@row(*SIZES)
def known_becomes_changed(n):
    a, b = [1], [2]
    rows = [a, b]
    for i in tf.range(n):
        rows.append([int(i)])
    a.append(4)
    return rows


@row(*SIZES, copies=True)
def popped_changed(n):
    rows = _rows(n)
    r = rows.pop()
    r.append(1)
    s = rows.pop(0)
    s.append(2)
    rows.append(r)
    rows.insert(0, s)
    return rows, r, s


@row(*SIZES, copies=True)
def popped_put_back_changed(n):
    rows = _rows(n)
    r = rows.pop()
    rows.append(r)
    r.append(1)
    return rows, r


@row(*SIZES)
def bfs_paths(n):
    q = deque([[0]])
    out = []
    while q:
        path = q.popleft()
        out.append(len(path))
        if path[-1] < n:
            new = list(path)
            new.append(path[-1] + 1)
            q.append(new)
    return out


@row(*SIZES)
def objects_two(n):
    ps = _points(n)
    a = ps[0]
    b = ps[1]
    a.v += 1
    b.v += 10
    a.v += 100
    return [q.v for q in ps], a.v, b.v


@row(*SIZES)
def objects_best(n):
    ps = _points(n)
    best = ps[0]
    for q in ps:
        if q.v % 3 > best.v % 3:
            best = q
    best.v = 1000
    return [q.v for q in ps]


@row(*SIZES)
def objects_next(n):
    ps = _points(n)
    hit = next((q for q in ps if q.v == 2), None)
    if hit is not None:
        hit.v = 1000
    return [q.v for q in ps]


@row(*SIZES)
def sort_then_change(n):
    rows = _rows(n)
    rows.sort(key=lambda r: -r[0])
    rows[0].append(5)
    rows.reverse()
    rows[0].append(6)
    return rows


@row(*SIZES)
def filter_then_change(n):
    rows = _rows(n)
    rows = [r for r in rows if r[0] != 1]
    rows[0].append(5)
    return rows


@row(*SIZES, refused="TFC012")
def filter_alias_change(n):
    rows = _rows(n)
    odd = [r for r in rows if r[0] % 2]
    odd[0].append(5)
    return rows, odd


@row(*SIZES, refused="TFC012")
def for_slice_change(n):
    rows = _rows(n)
    for r in rows[1:]:
        r.append(9)
    return rows


@row(*SIZES)
def for_enum_zip_change(n):
    rows = _rows(n)
    for i, r in enumerate(rows):
        r.append(i)
    for r, v in zip(rows, range(100)):
        r.append(v)
    for r in reversed(rows):
        r.append(0)
    return rows


@row(*SIZES)
def while_index(n):
    rows = _rows(n)
    i = 0
    while i < len(rows):
        r = rows[i]
        while len(r) < 3:
            r.append(i)
        i += 1
    return rows


@row(*SIZES)
def linked_row(n):
    rows = _rows(n)
    cur = rows[0]
    for i in tf.range(n):
        cur.append(int(i))
        cur = rows[(int(i) + 1) % len(rows)]
    cur.append(50)
    return rows


@row(*SIZES)
def flush_group(n):
    groups = []
    cur = []
    for i in tf.range(n):
        cur.append(int(i))
        if len(cur) == 2:
            groups.append(cur)
            cur = []
    if cur:
        groups.append(cur)
    return groups


@row(*SIZES)
def flush_clear(n):
    groups = []
    cur = []
    for i in tf.range(n):
        cur.append(int(i))
        if len(cur) == 2:
            groups.append(cur[:])
            cur.clear()
    return groups, cur


@row(*SIZES, refused="TFC012")
def one_row_in_two_places(n):
    rows = _rows(n)
    rows[0] = rows[1]
    rows[1].append(7)
    return rows


@row(*SIZES)
def rows_exchanged(n):
    rows = _rows(n)
    for i in tf.range(n):
        a, b = int(i), (int(i) * 2 + 1) % len(rows)
        rows[a], rows[b] = rows[b], rows[a]
        rows[a].append(int(i))
    return rows
