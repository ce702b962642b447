"""Objects that are items of lists and dicts at run time, and have other names: a change is seen by all of them."""

import tfc as tf

from python.harness import Table, t

table = Table("Objects in lists")
row = table.row


class Obj:
    def __init__(self, k):
        self.k = k

    def bump(self):
        self.k += 10


def mk(*ks):
    return [Obj(k) for k in ks]


@row((mk(1, 2), Obj(5), t(1)), (mk(1, 2), Obj(5), t(-1)), ([], Obj(5), t(1)), copies=True)
def append_then_change(xs, o, c):
    if c > 0:
        xs.append(o)
    if xs:
        xs[-1].k = 99
    return o.k, len(xs)


@row((mk(1, 2), Obj(5), t(1)), (mk(1, 2), Obj(5), t(-1)), copies=True)
def append_then_change_obj(xs, o, c):
    if c > 0:
        xs.append(o)
    o.k = 7
    return xs[-1].k, len(xs)


@row((mk(1, 2), t(1)), (mk(1, 2), t(-1)))
def pop_then_change(xs, c):
    o = None
    if c > 0:
        o = xs.pop()
    if o is not None:
        o.k = 50
    return xs


@row((mk(1, 2, 3), t(1)), (mk(1, 2, 3), t(2)))
def item_at_run_time(xs, i):
    o = xs[int(i)]
    o.k = 77
    return xs


@row((mk(1, 2, 3), t(1)), (mk(1, 2, 3), t(2)), (mk(1, 2, 3), t(0)))
def best_item(xs, lim):
    best = None
    for o in xs:
        if o.k > lim and (best is None or o.k < best.k):
            best = o
    if best is not None:
        best.bump()
    return xs, best is xs[0]


@row((mk(1, 2, 3), t(1)), (mk(1, 2, 3), t(9)))
def filtered_changed(xs, lim):
    ys = [o for o in xs if o.k > lim]
    for y in ys:
        y.bump()
    return xs, len(ys)


@row(([[1], [2]], [7], t(1)), ([[1], [2]], [7], t(-1)))
def append_list(xs, o, c):
    if c > 0:
        xs.append(o)
    xs[-1].append(3)
    return xs, o


@row((mk(3, 1, 2), t(1)), (mk(1, 5, 3), t(2)))
def sorted_changed(xs, n):
    ys = sorted(xs, key=lambda o: o.k)
    for y in ys[: int(n)]:
        y.bump()
    return xs


@row((mk(3, 1, 2), t(1)), (mk(1, 5, 3), t(2)))
def min_changed(xs, n):
    m = min(xs, key=lambda o: o.k)
    m.k += int(n)
    return xs


@row((mk(1, 2, 3), t(1)), (mk(1, 2, 3), t(0)))
def removed_changed(xs, i):
    o = xs.pop(int(i))
    o.k = -1
    xs.append(o)
    return xs


@row((mk(1, 2), t(3)), (mk(1, 2), t(0)))
def loop_append(xs, n):
    for i in tf.range(n):
        xs.append(Obj(int(i)))
    xs[0].k = 100
    if len(xs) > 3:
        xs[3].k = 200
    return xs


@row((mk(1, 2), t(3)), (mk(1, 2), t(0)))
def loop_append_change_all(xs, n):
    for i in tf.range(n):
        xs.append(Obj(int(i)))
    for x in xs:
        x.k *= 2
    return [x.k for x in xs]


@row((mk(1, 2), Obj(4), t(3)), (mk(1, 2), Obj(4), t(0)))
def dict_of_objs(xs, o, n):
    d = {}
    for x in xs:
        if x.k < n:
            d[x.k] = x
    for v in d.values():
        v.bump()
    return xs, len(d)


@row((mk(1, 2, 3), t(3)), (mk(1, 2), t(0)))
def queue(xs, n):
    q = list(xs)
    done = []
    i = 0
    while q and i < n:
        o = q.pop(0)
        o.k += 1
        if o.k < 4:
            q.append(o)
        else:
            done.append(o)
        i += 1
    return [o.k for o in xs], len(done)


@row((mk(1, 2, 3), t(3)), (mk(1, 2), t(0)))
def swap_objs(xs, n):
    i = int(n) % len(xs)
    xs[0], xs[i] = xs[i], xs[0]
    xs[0].k = 44
    return xs


@row((mk(1, 2, 3), t(2)), (mk(1, 2), t(0)))
def alive_filter(xs, n):
    for step in range(3):
        for o in xs:
            o.k -= 1
        xs[:] = [o for o in xs if o.k > -n]
    return xs


@row((Obj(mk(1, 2, 3)), t(2)), (Obj(mk(1, 2)), t(0)))
def owner_filter(w, n):
    w.k = [o for o in w.k if o.k > n]
    for o in w.k:
        o.bump()
    return len(w.k), w


@row((Obj(1), Obj(2), t(2)), (Obj(1), Obj(2), t(0)))
def list_of_two(a, b, n):
    sel = []
    if n > 1:
        sel.append(a)
    if n < 5:
        sel.append(b)
    for s in sel:
        s.bump()
    return a.k, b.k


@row((Obj(1), Obj(2), t(2)), (Obj(1), Obj(2), t(0)))
def choose(a, b, n):
    c = a if n > 1 else b
    c.bump()
    d = {True: a, False: b}[bool(n > 1)]
    d.bump()
    return a.k, b.k, c is d


@row((t(1), t(1)), (t(1), t(-1)), (t(-1), t(1)))
def nested_arm(c1, c2):
    out = []
    if c1 > 0:
        a, b = Obj(c1), Obj(2)
        sel = [b]
        if c2 > 0:
            sel.append(a)
        out = sel
    for o in out:
        o.k = o.k + 1
    return [o.k for o in out]


@row((t(1), t(1)), (t(1), t(-1)), (t(-1), t(1)))
def nested_arm_2(c1, c2):
    out = []
    keep = None
    if c1 > 0:
        a, b = Obj(c1), Obj(2)
        sel = [b]
        if c2 > 0:
            sel.append(a)
        out = sel
        keep = a
    for o in out:
        o.k = o.k + 1
    return [o.k for o in out], None if keep is None else keep.k


@row(t(3), t(0), t(1))
def loop_made(n):
    all_ = []
    for i in range(n):
        a, b = Obj(i), Obj(-i)
        sel = [a]
        if i % 2 == 1:
            sel.append(b)
        for s in sel:
            s.bump()
        all_.append(a.k + b.k + len(sel))
    return all_


@row(t(3), t(0), t(1))
def local_team(n):
    team = [Obj(5), Obj(3), Obj(9)]
    hurt = []
    for o in team:
        if o.k > 3 * n:
            hurt.append(o)
    for o in hurt:
        o.k -= 1
    return [o.k for o in team], len(hurt)


@row(t(3), t(0), t(1))
def local_rows(n):
    rows = [[1], [2], [3]]
    short = []
    for r in rows:
        if r[0] > n:
            short.append(r)
    for r in short:
        r.append(9)
    if short:
        short[0][0] = -5
        short.pop().append(7)
    return rows, short


@row((t([4, 0, 7]),), (t([1]),))
def while_alive(hp):
    es = [Obj(int(h)) for h in hp]
    turns = 0
    while es and turns < 5:
        for e in es:
            e.k -= 2
        es = [e for e in es if e.k > 0]
        turns += 1
    return turns, [e.k for e in es]


@row((t([4, 0, 7]), 3), (t([1]), 1))
def while_alive_known(hp, m):
    es = [Obj(int(h)) for h in hp]
    everyone = list(es)
    for _ in range(m):
        for e in es:
            e.k -= 2
        es = [e for e in es if e.k > 0]
    return [e.k for e in everyone], [e.k for e in es]


@row(t(3), t(0), t(1))
def dict_groups(n):
    people = [Obj(1), Obj(2), Obj(3), Obj(4)]
    groups = {}
    for p in people:
        groups.setdefault(p.k % (n + 1), []).append(p)
    for g, ps in groups.items():
        for p in ps:
            p.k = p.k * 10 + g
    return [p.k for p in people], {g: len(v) for g, v in groups.items()}


@row(t(3), t(0), t(1))
def graph_nodes(n):
    class Node:
        def __init__(self, i):
            self.i, self.next, self.seen = i, [], False

    nodes = [Node(i) for i in range(4)]
    for i in range(4):
        for j in range(4):
            if (i + n) % 4 == j or (i * 2) % 4 == j:
                nodes[i].next.append(nodes[j])
    order = []
    stack = [nodes[0]]
    while stack:
        x = stack.pop()
        if x.seen:
            continue
        x.seen = True
        order.append(x.i)
        stack.extend(x.next)
    return order


@row(t(3), t(0), t(1))
def particle_pool(n):
    pool = [Obj(i) for i in range(3)]
    free = list(pool)
    used = []
    for i in range(n):
        if free:
            p = free.pop()
            p.k = 100 + i
            used.append(p)
    return [p.k for p in pool], len(free), [p.k for p in used]


@row((mk(1, 2, 3), t(3)), (mk(1, 2), t(0)))
def is_same(xs, n):
    ys = [o for o in xs if o.k < n]
    return [any(o is y for y in ys) for o in xs], xs[0] in ys, len(ys)


@row((mk(1, 2, 3), t(3)), (mk(1, 2), t(0)), copies=True)
def return_filtered(xs, n):
    ys = [o for o in xs if o.k < n]
    return ys


@row((mk(1, 2, 3), t(3)), (mk(1, 2), t(0)))
def keep_filtered(xs, n):
    xs[:] = [o for o in xs if o.k < n]
    return xs


@row((Obj(mk(1, 2, 3)), t(3)), (Obj(mk(1, 2)), t(0)))
def keep_filtered_attr(w, n):
    w.k = [o for o in w.k if o.k < n]
    return len(w.k)


@row((mk(1, 2, 3), t(1)), (mk(1, 2), t(5)))
def remove_obj(xs, n):
    for o in list(xs):
        if o.k > n:
            xs.remove(o)
    for o in xs:
        o.bump()
    return len(xs)


@row(([[1], [2], [3]], t(1)), ([[1]], t(5)))
def move_between(rows, n):
    left, right = [], []
    for r in rows:
        if r[0] > n:
            left.append(r)
        else:
            right.append(r)
    if left:
        left[-1].append(n)
    for r in right:
        r.clear()
    return rows


@row(([{"a": 1}, {"a": 5}], t(3)), ([{"a": 9}], t(5)))
def dict_items_changed(ds, n):
    big = [d for d in ds if d["a"] > n]
    for d in big:
        d["a"] = 0
        d["big"] = True
    return ds, len(big)


@row((t([3, 1, 2]),), (t([5]),))
def heap_objs(xs):
    os_ = [Obj(int(x)) for x in xs]
    best = None
    for o in os_:
        if best is None or o.k > best.k:
            best = o
    best.k = 0
    os_.sort(key=lambda o: o.k)
    os_[-1].k = 77
    return [o.k for o in os_], best.k


@row(t(1), t(-1))
def two_names_made(c1):
    a = c = None
    if c1 > 0:
        a = Obj(1)
        c = a
    if c is not None:
        c.k = 5
    return None if a is None else a.k


@row(t(1), t(-1))
def two_names_list(c1):
    a = c = None
    if c1 > 0:
        a = Obj(1)
        c = [a, a]
    if c is not None:
        c[0].k = 5
        return a.k, c[1].k
    return None


@row(t(3), t(0), refused="TFC012")
def two_names_loop(n):
    last, best = None, None
    for i in range(n):
        o = Obj(i)
        last = o
        if best is None or o.k % 2:
            best = o
    if last is not None:
        last.k = 100
        return best.k
    return None


@row((t(3), t(2)), (t(0), t(1)), refused="TFC012")
def two_lists_loop(n, m):
    xs, ys = [], []
    for i in range(n):
        o = Obj(i)
        xs.append(o)
        if i > 0:
            ys.append(o)
    for y in ys:
        y.k = 100
    return [x.k for x in xs]


@row((t(3), t(2)), (t(0), t(1)), refused="TFC012")
def rows_two_lists_loop(n, m):
    xs, ys = [], []
    for i in range(n):
        o = [i]
        xs.append(o)
        if i > 0:
            ys.append(o)
    for y in ys:
        y.append(100)
    return xs, ys


@row(t(1), t(-1), t(3))
def merged_intervals(n):
    whole = [[0, 1]]
    for i in range(n + 2):
        if i * 2 <= whole[-1][1] + 1:
            whole[-1][1] = max(whole[-1][1], i * 2)
        else:
            whole.append([i * 2, i * 3])
    return whole


@row(([1, 2, 3], t(2)), ([1, 2, 3], t(9)))
def a_bound_that_may_be_missing(xs, k):
    place = next((i for i, x in enumerate(xs) if x == k), None)
    if place is None:
        return xs[place:]
    return xs[place:], xs[:place]


@row(t(3), t(0))
def extended_by_a_list_of_the_iteration(n):
    whole = []
    for i in range(n):
        part = [i]
        if i % 2 == 1:
            part.append(-i)
        whole.extend(part)
    return whole


@row((t(3), {"a": 1, "b": 5}), (t(0), {"a": t(1), "b": t(5)}), (2, {}))
def entries_under_a_condition(n, d):
    kept = {k: v for k, v in d.items() if v > n}
    return kept, {**{"x": 1}, **{k: -v for k, v in d.items() if v}}, len(kept)


@row((t(3), [1, 5, 4]), (t(0), []), (9, [1]))
def keys_under_a_condition(n, xs):
    places = {x: i for i, x in enumerate(xs) if x > n}
    return places, sorted({x % 3 for x in xs if x > n}), {i: [x] for i, x in enumerate(xs)}


@row((3, t(2.0)), (1, t(-1.0)))
def emitted_and_filtered(n, speed):
    alive = []
    for i in range(n):
        alive.append([0.0, speed * (i + 1), 3])
        for one in alive:
            one[0] += one[1] * 0.1
            one[2] -= 1
        alive = [one for one in alive if one[2] > 0]
    return [one[0] for one in alive], len(alive)


class TreeNode:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


@table.row(t([3, 1, 4]), refused="TFC012")
def tree_of_the_items_of_a_tensor(keys):
    root = None
    for k in keys:
        if root is None:
            root = TreeNode(k)
            continue
        cur = root
        while cur.key != k:
            if k < cur.key:
                if cur.left is None:
                    cur.left = TreeNode(k)
                cur = cur.left
            else:
                if cur.right is None:
                    cur.right = TreeNode(k)
                cur = cur.right
    return root.key
