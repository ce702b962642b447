"""Lists whose length or items are known at run time: methods, operators, printing, errors that a handler catches."""

import collections
import dataclasses

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


@row(t(40), t(0))
def list_append_in_arms(n):
    odd, even, rest = [], [0], []
    for i in tf.range(n):
        if i % 2 == 1:
            if i % 3 == 0:
                odd.append(i)
            elif i % 5 == 0:
                odd = [i]
        elif i % 4 == 0:
            even.append(i)
            rest = even
        else:
            rest = [*even, i]
    return odd, even, rest


@row(t(20), t(0))
def list_append_in_inner_loops(n):
    seen, frontier = [], [0]
    while len(frontier) > 0 and len(seen) < 60:
        nxt = []
        for i in frontier:
            for j in tf.range(i % 3 + 1):
                if i + j < n and i + j not in nxt:
                    nxt.append(i + j + 1)
            seen.append(i)
        frontier = nxt
    return seen, frontier


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


@row(t(4), t(7))
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


@row(t(4), t(7))
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


@row(t(0), t(1), t(4))
def last_two(n):
    window = [tf.constant(1)]
    for i in range(n):
        window.append(tf.constant(5) + i)
        if len(window) > 2:
            window = window[1:]
        window[0] = window[0] + 1
    return window


@row(t(0), t(1), t(4))
def shifted(n):
    queue = [tf.constant(1), tf.constant(2)]
    for i in range(n):
        queue.append(tf.constant(5) + i)
        queue = list(queue[1:])
    return queue


@row(t(0), t(1), t(4))
def cut_after_growing(n):
    seen = [tf.constant(1)]
    for i in range(n):
        seen = seen + [tf.constant(5) + i]
    if len(seen) > 2:
        seen = seen[1:]
    seen.append(tf.constant(0))
    return seen


@row(t(0), t(2), t(3), t(-3), t(-4))
def stored_or_not(i):
    items = [tf.constant(1), tf.constant(2), tf.constant(3)]
    try:
        items[i] = tf.constant(9)
        items.append(i)
    except IndexError:
        items[0] = items[0] - 1
    return items


@row(t(0), t(1), t(3))
def taken_or_not(n):
    items, taken = [], []
    for k in range(n):
        items.append(k * 2)
    try:
        taken.append(items.pop())
        taken.append(items.pop(1))
    except IndexError as error:
        print(error)
    items.append(7)
    return items, taken


@row(t(0), t(2), t(-3))
def stored_in_a_grown_list(i):
    items = []
    for k in range(tf.abs(i)):
        items.append(k)
    try:
        items[1] = 9
        items[i] = 5
    except IndexError:
        items.append(-1)
    return items


@row((t(7), t(1)), (t(7), t(0)), (t(7), t(9)))
def filtered_after_a_return(a, b):
    items = [a, b]
    if b > 5:
        return items
    items.append(b)
    items = [item for item in items if item > 0]
    return items


@row(t(3), t(0), t(-1))
def times_a_number_of_run_time(n):
    k = int(n)
    flags, text = [True] * (k + 1), "ab" * k
    for i in range(n):
        flags[i] = not flags[i]
    grid = [[0] * k for _ in range(n)]
    for i in range(n):
        grid[i][i] = 1
    pairs, more = k * [1, n], [n]
    more *= k
    return flags, text, grid, pairs * 2, more, len(pairs)


Pair = collections.namedtuple("Pair", "items number")


@row(t(1), t(0), t(-1))
def compared_inside_others(n):
    items, table, members = [0], {}, set()
    if n > 0:
        items.append(1)
    for k in range(n):
        table[k] = 1
        members.add(k)
    return (
        (items, 1) == ([0], 1), (items, 1) != ([0], 1), [items] == [[0]], ([0, 1],) == (items,),
        [table] == [{}], (table, 1) == ({}, 1), {"a": [table]} == {"a": [{0: 1}]},
        (members, 1) == (set(), 1), [members] == [{0}], {"a": (items, 2)} == {"a": ([0], 2)},
        collections.deque([items]) == collections.deque([[0]]), (items, members) == ([0, 1], 1),
        [items] == [1], [members] == [0], [table] == [[]], [items] == [(0,)], (items, n) == ([0], 0),
    )  # fmt: skip


@row(t(1), t(0), t(-1))
def searched_for_among_lists(n):
    items, table, members = [0], {}, set()
    if n > 0:
        items.append(1)
    for k in range(n):
        table[k] = 1
        members.add(k)
    rest = [[0], [0, 1], [0]]
    rest.remove(items)
    waiting = collections.deque([[0], [0, 1]])
    waiting.remove(items)
    return (
        items in [[0, 1]], [[0, 1]].count(items), [[0], [0, 1]].index(items), [([0],)].count((items,)),
        (items, 1) in [([0, 1], 1)], items not in ([0],), [items].count([0]), items in [1, [0], "a"],
        table in [{}, 2], [{0: 1}].count(table), members in [{0}], [{0}, set()].count(members),
        items in {"a": [0]}.values(), ("a", items) in {"a": [0]}.items(), rest, list(waiting),
    )  # fmt: skip


@dataclasses.dataclass
class Held:
    value: object


class Compared:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value


@row(t(1), t(0), t(-1))
def compared_inside_records(n):
    items = [0]
    pair, held, other = Pair(items, 1), Held(items), Compared(items)
    if n > 0:
        items.append(1)
    return (
        pair == Pair([0], 1), pair == ([0, 1], 1), held == Held([0]), held != Held([0]),
        held in [Held([0])], [pair].count(([0], 1)), [other] == [Compared([0])],
        [Compared([0]), Compared([0, 1])].index(other), Compared(n) in {"a": Compared(1)}.values(),
        other != Compared([0]), Compared(n) != Compared(0), Held(n) != Held(1), held != 1, 1 != held,
    )  # fmt: skip


@row(t(1), t(0), t(-1))
def searched_for_and_missed(n):
    items = [7]
    if n > 0:
        items.append(1)
    try:
        return [[7], [8]].index(items)
    except ValueError:
        return -1


@row(t(1), t(0), t(-1))
def texts_of_two_paths_inside_others(n):
    history, state = [(0, "idle")], "run" if n > 0 else "idle"
    other = "run" if n > 0 else 2
    for _ in range(2):
        history.append((1, state))
    return (
        (1, "run") in history, history.count((1, "run")), history.index((1, state)),
        (1, state) in [(1, "run")], [[other]].count([2]), "run" in {"a": other}.values(),
        history == [(0, "idle"), (1, "idle"), (1, "idle")],
    )  # fmt: skip


@row(t(1), t(0))
def list_grown_times_in_place(n):
    xs = [0]
    same = xs
    if n > 0:
        xs.append(1)
    xs *= 2
    same *= 2
    gone = xs[:]
    gone *= 0
    return xs, same is xs, sum(xs), gone, xs * 0


@row(t(0), t(1), t(4))
def replaced_by_itself_or_not(n):
    a, b, c = [1, 2, 3], [1, 2], [4]
    a[:] = [4, 5] if n > 0 else a
    b[1:2] = (7, 8) if n > 1 else [9]
    c[:] = c if n > 0 else []
    return a, b, c


@row(t(0), t(1), t(4))
def extended_by_itself_or_not(n):
    a, b = [1, 2, 3], collections.deque([1, 2])
    a.extend([1] if n > 0 else a)
    a += a if n > 1 else ()
    b.extend([1] if n > 0 else b)
    for i in range(n):
        a.extend(a if i > 1 else [i])
    return a, list(b)


@row(3)
@row(t(3))
@row(t(0))
def lists_that_swap_and_grow(n):
    a, b = [n], [0]
    pairs, others = [("n", n)], [("zero", 0)]
    for _ in range(n):
        a, b = b, a
        a.append(n)
        pairs, others = others, pairs
        pairs.append(("more", n))
    return a, b, pairs, others
