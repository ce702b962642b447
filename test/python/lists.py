"""Lists whose length or items are known at run time: methods, operators, printing, errors that a handler catches."""

import collections

import numpy as np
import tfc as tf

from python.harness import Table, t

table = Table("Lists")
row = table.row


@row(t(4), t(1))
def list_rev(n):
    out = []
    for i in tf.range(n):
        out.append(i)
    out.reverse()
    return out, out[::-1], out[::2]


@row(t(4), t(1))
def list_ops(n):
    out = []
    for i in tf.range(n):
        out.append(i * 2)
    return len(out), out[0], out[-1], sum(out), max(out), 4 in out, out.index(0), out.count(0)


@row(t(4), t(1))
def list_index_missing(n):
    out = []
    for i in tf.range(n):
        out.append(i * 2)
    return out.index(6)


@row(t(4), t(7))
def list_remove(n):
    out = []
    for i in tf.range(n):
        out.append((i * 5) % 7)
    out.remove(3)
    out.sort()
    return out, sorted(out, reverse=True)


@row(t(4), t(7))
def list_known_search(n):
    l = [n, n + 1, 4, 9]
    return l.index(4), l.count(4), 4 in l


@row(t(4), t(7))
def list_known_remove(n):
    l = [1, 4, 9]
    l.remove(n)
    return l


@row(t(4), t(7))
def list_eq(n):
    a = []
    b = []
    for i in tf.range(n):
        a.append(i)
        b.append(i)
    return a == b, a != b


@row(t(4), t(7), t(1))
def list_join(n):
    a = []
    for i in tf.range(n):
        a.append(str(i))
    return ",".join(a)


@row(t(4), t(7))
def list_nparr(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    return np.array(a)


@row(t(4), t(7))
def set_grow(n):
    s = set()
    for i in tf.range(n):
        s.add(int(i) % 3)
    return len(s)


@row(t(4), t(7))
def dict_grow(n):
    s = {}
    for i in tf.range(n):
        s[int(i) % 3] = i
    return len(s)


@row(t(4), t(7), refused="TFC010")
def tuple_of_list(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    return tuple(a)


@row(t(4), t(7), t(1))
def unpack_list(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    x, y, *z = a
    return x + y


@row(t(4), t(7))
def list_in_tuple(n):
    def g(p):
        return len(p[0]) + p[1]

    a = []
    for i in tf.range(n):
        a.append(i)
    return g((a, 1))


@row(t(4), t(7))
def list_print(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    print(a)
    return n


@row(t(4), t(7))
def list_fstr(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    print(f"{a} {len(a)}")
    return n


@row(t(4), t(7))
def list_del(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    del a[0]
    return a


@row(t(4), t(7), refused="TFC010")
def list_slice_assign(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    a[1:3] = [9]
    return a


@row(t(4), t(7))
def list_mul_grow(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    return a * 2


@row(t(4), t(7))
def list_zip_self(n):
    a = []
    for i in tf.range(n):
        a.append(i)
    return [y - x for x, y in zip(a, a[1:])]


@row(t(4), t(7))
def list_nested_append(n):
    rows = [[], []]
    for i in tf.range(n):
        rows[0].append(i)
        rows[1].append(i * 2)
    return rows


@row(t(4), t(7))
def list_dict_append(n):
    d = {"a": [], "b": []}
    for i in tf.range(n):
        d["a"].append(i)
        if i % 2 == 0:
            d["b"].append(i)
    return d


@row(t(4), t(7))
def list_while_pop(n):
    a = [1, 2, 3]
    while len(a) > 0 and n > 0:
        a.pop()
        n -= 1
    return a, n


@row(t(4), t(7))
def list_extend_gen(n):
    a = []
    a.extend(i * 2 for i in tf.range(n))
    a += [1, 2]
    a.extend((n,))
    return a


@row(t(4), t(7))
def list_cmp(n):
    a = [n, n + 1]
    return a < [5, 0], a == [4, 5], (n, 1) < (5, 2)


@row(t(4), t(7))
def max_default(n):
    return max([i for i in tf.range(n) if i > 5], default=-1)


@row(t(4), t(7))
def range_obj(n):
    r = range(n)
    return len(r), 1 in r, sum(r), list(r), r[1], r[-1]


@row(t(4), t(0))
def zerodiv_try(n):
    try:
        return 10 // n
    except ZeroDivisionError:
        return -1


@row(t(4), t(0))
def index_try(n):
    x = tf.constant([1, 2, 3])
    try:
        return x[n]
    except IndexError:
        return tf.constant(-1)


@row(t(4), t(0))
def dict_try(n):
    d = {0: 1, 1: 2}
    try:
        return d[int(n)]
    except KeyError:
        return -1


@row(t(4), t(0))
def assert_try(n):
    try:
        assert n > 2
        return 1
    except AssertionError:
        return -1


@row(t(4), t(0))
def pop_try(n):
    l = [1, 2]
    c = 0
    try:
        for i in tf.range(n):
            l.pop()
            c += 1
    except IndexError:
        return -c
    return c


@row(t(4), t(0))
def fn_raises_try(n):
    def f(v):
        if v > 3:
            raise ValueError("big")
        return v

    try:
        return f(n)
    except ValueError as e:
        return -1


@row(t(4), t(0))
def while_raise(n):
    i = 0
    while True:
        if i > n:
            raise StopIteration if False else ValueError("x")
        if i == 2:
            break
        i += 1
    return i


@row(t(4), t(7), t(0))
def deque_grow(n):
    a = collections.deque()
    for i in tf.range(n):
        a.append(i)
    return len(a), a


@row(t(4), t(7), t(0))
def deque_bfs(n):
    q = collections.deque([n])
    c = 0
    while q:
        v = q.popleft()
        c += 1
        if v > 1:
            q.append(v - 2)
        if v > 2:
            q.appendleft(v - 1)
    return c


@row(t(4), t(7), t(0))
def deque_sum(n):
    q = collections.deque([1, 2])
    for i in tf.range(n):
        q.extend([i, i * 2])
    s = 0
    for v in q:
        s += v
    return s, q[0], q[-1], sum(q), 3 in q


@row(t(4), t(7), t(0))
def deque_print(n):
    q = collections.deque([1, 2])
    for i in tf.range(n):
        q.append(3)
    print(q)
    return list(q)


@row(t(4), t(7), t(0))
def deque_empty_pop(n):
    q = collections.deque()
    for i in tf.range(n):
        q.append(i)
    return q.popleft()


@row(t(4), t(7), t(0))
def deque_branch(n):
    q = collections.deque([n])
    if n > 2:
        q.append(n + 1)
    else:
        q.pop()
    return len(q), q


@row(t(4), t(7), t(0))
def deque_maxlen(n):
    q = collections.deque([1, 2, 3], maxlen=2)
    q.append(n)
    return list(q)


@row(t(4), t(7), t(0))
def deque_obj(n):
    class Q:
        def __init__(self):
            self.q = collections.deque()

        def put(self, v):
            self.q.append(v)

        def get(self):
            return self.q.popleft()

        def __len__(self):
            return len(self.q)

    q = Q()
    for i in tf.range(n):
        q.put(i * i)
    s = 0
    while len(q) > 1:
        s += q.get() * q.get()
    return s


@table.row((t([1.0, 2.0]), t(2)), (t([1.0, 2.0, 3.0]), t(3)), (t([1.0, 2.0, 3.0, 4.0]), t(6)))
def rows_of_a_size_of_run_time(x, n):
    rows = []
    for i in tf.range(n):
        rows.append(x * tf.cast(i, tf.float32))
    return tf.stack(rows)


@table.row((t([1.0, 2.0]), t(2)), (t([1.0, 2.0, 3.0]), t(3)))
def rows_of_a_size_of_run_time_behind_a_first_one(x, n):
    rows = [x]
    for i in tf.range(n):
        rows.append(x * tf.cast(i, tf.float32))
    return tf.stack(rows)


@table.row(t(3), refused="TFC001")
def comparing_a_text_of_run_time(x):
    return f"{x}" == "3"


@table.row(t(3), refused="TFC001")
def searching_a_text_of_run_time(x):
    return "3" in f"{x}"


@row(t(3))
def lists_in_a_list(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    out[n - 1][0] = 7
    out[0][1] += 5
    out[-1].reverse()
    return out


@row(t(3), refused="TFC012")
def grow_inner(n):
    out = []
    for i in range(n):
        out.append([i])
    out[n - 1].append(5)
    return out


@row(t(3))
def after_append(n):
    out = []
    for i in range(n):
        row = [i, 0]
        out.append(row)
        row[1] = i * 2
    return out


@row(t(3), refused="TFC012")
def one_object_many_times(n):
    out = []
    row = [0, 0]
    for i in range(n):
        row[1] = i
        out.append(row)
    return out


@row(t(3), refused="TFC012")
def change_items_in_a_loop(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    for r in out:
        r[0] = 5
    return out


@row(t(3))
def change_items_by_index(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    for i in range(n):
        out[i][0] = 5 * i
    return out


@row(t(3))
def change_a_named_row(n):
    out = []
    for i in range(n):
        out.append({"a": i})
    r = out[1]
    r["a"] = 9
    r["a"] += 1
    return out


@row(t(3))
def nested_rows(n):
    out = []
    for i in range(n):
        out.append([[i, 1], [2, i]])
    out[1][0][1] = 8
    return out


class Particle:
    def __init__(self, x):
        self.x = x
        self.v = 0

    def bump(self):
        self.x += 1


@row(t(3))
def objects_in_a_list(n):
    ps = []
    for i in range(n):
        ps.append(Particle(i))
    ps[1].bump()
    ps[0].x = 10
    return [p.x for p in ps]


@row(t(3))
def dict_rows(n):
    d = {}
    for i in range(n):
        d[i] = [i, 0]
    d[int(n) - 1][1] = 4
    return d


@row(t([1, 2, 1]), refused="TFC012")
def groups_of_items(x):
    d = collections.defaultdict(list)
    for i in range(len(x)):
        d[int(x[i])].append(i)
    return d


@row(t(3))
def copies_of_rows(n):
    out = []
    for i in range(n):
        out.append([i, 2])
    b = out[1]
    e = list(b)
    e[0] = 3
    q = out.pop()
    q.append(1)
    return out, e, q, [r[0] for r in out]


@row(t(3), refused="TFC012")
def known_then_grows(n):
    a = [1, 2]
    out = [a]
    for i in range(n):
        out.append([i, 2])
    a[0] = 7
    return out


@row(t(2))
def known_not_grown(n):
    a = [1, 2]
    out = [a]
    if n > 1:
        a[0] = 5
    return out


@row(t(3), t(1))
def swap_in_rows(n):
    m = []
    for i in range(n):
        m.append([i, i + 1])
    for i in range(n):
        m[i][0], m[i][1] = m[i][1], m[i][0]
    return m


@row(t(5), t(1), t(2))
def unpack_ends(n):
    first, *rest, last = tf.range(n)
    return first + last, rest


@row(t(3), t(2), t(1))
def unpack_pair(n):
    out = []
    for i in tf.range(n):
        out.append(i)
    a, b = out
    return a - b


@row(t(3), t(1))
def unpack_star(n):
    out = []
    for i in range(n):
        out.append(i)
    a, *b = out
    *d, e = out
    return a, b, d, e, len(b)


@row(t(3), t(2))
def unpack_generator(n):
    a, b = (i for i in range(n) if i > 0)
    return a, b


@row(t(3), t(0))
def join_numbers(n):
    out = []
    for i in range(n):
        out.append(str(i))
    print(",".join(out))
    return "-".join(str(i * 2) for i in range(n))


@row(t(3), 2)
def join_known(n):
    return ",".join([str(n), f"{n + 1}", "x"]) + "!"


@row(t(3))
def join_of_no_strings(n):
    out = []
    for i in range(n):
        out.append(i)
    return ",".join(out)


@row(t(3), t(1))
def fizz(n):
    out = []
    for i in range(1, n + 1):
        out.append("Fizz" if i % 3 == 0 else str(i))
    return " ".join(out)


@row(t([1.0, -2.0, 3.0]), refused="TFC012")
def the_last_list_changes_or_one_more_comes(values):
    runs = [[0.0, 0.0]]
    for value in values:
        if value > 0:
            runs[-1][0] += value
        else:
            runs.append([0.0, value])
    return runs
