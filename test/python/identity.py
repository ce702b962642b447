"""Objects with several names, and objects made on one path: a change by one name is seen by the others, and only there."""

import collections
import copy
import functools
import json

import tfc as tf

from python.harness import Table, t

table = Table("Identity")
row = table.row
COUNTS = ((t(-2), t(0)), (t(3), t(2)), (t(0), t(1)), (t(0), t(4)))


class Box:
    def __init__(self, item):
        self.item = item


def rest(items):
    _, *others = items
    return others


@row(*COUNTS)
def changed_after_a_cut(a, b):
    xs = [a, b]
    if b > 3:
        return xs
    xs = xs[1:]
    xs.append(b)
    return xs


@row(*COUNTS)
def changed_by_a_closure(a, b):
    xs = [a, b]

    def add(item):
        xs.append(item)

    if b > 3:
        return xs
    xs = xs + [b]
    add(a)
    return xs


@row(*COUNTS)
def made_on_one_path(a, b):
    xs = [a, b]
    made = []
    if b > 1:
        made = [
            xs[1:], xs + [a], xs * 2, sorted(xs), copy.copy(xs), copy.deepcopy(xs), xs[::-1], rest(xs),
            xs.copy(), list.copy(xs), tf.unstack(tf.stack(xs)), tf.nest.flatten([xs, b]), [0] * 2,
            "a b".split(), json.loads("[1, 2]"), collections.OrderedDict(x=xs[:])["x"], sum([[a], [b]], []),
        ]  # fmt: skip
        for one in made:
            one.append(b)
    return made, xs


@row(*COUNTS)
def returned_in_a_with(a, b):
    xs = [a, b]
    try:
        for _ in range(b):
            return xs
    finally:
        xs.pop()
    return a


@row(*COUNTS)
def named_in_a_loop(a, b):
    best, xs = None, [a]
    for i in range(b):
        if best is None:
            best = xs
        xs.append(i)
    return best, xs, best is xs


@row(*COUNTS)
def one_of_two_objects(a, b):
    first, second = Box(a), Box(b)
    best = first
    for i in range(b):
        if i % 2 == 0:
            best = second
        else:
            best = first
        best.item += 1
    return first.item, second.item, best.item, best is first


@row(*COUNTS)
def one_of_two_rows(a, b):
    rows = [[a], [b]]
    current = rows[0]
    for i in range(b):
        current[0] += 1
        current = rows[1] if i > 1 else rows[0]
    return rows, current


@row(*COUNTS)
def entry_of_a_dict(a, b):
    entries, current = {"x": [a]}, None
    i = 0
    while i < b:
        i += 1
        current = entries["x"]
        current[0] = current[0] + i
        if current[0] > 5:
            break
    return entries, current


@row(*COUNTS)
def returned_by_a_helper(a, b):
    xs = [a, a]

    def get(i):
        for k in range(b):
            if k == i:
                return xs
        return [0, 0]

    found = get(1)
    found[0] += 7
    return found, xs


@row(*COUNTS)
def returned_after_a_change(a, b):
    log = []

    def add(items, item):
        for k in range(b):
            items.append(item)
            if k > 1:
                return items
        return items

    found = add(log, a)
    found.append(9)
    return log, found


@row(*COUNTS)
def swapped(a, b):
    xs, ys = [a, a], [b, b]
    for i in range(b):
        xs, ys = ys, xs
        xs[0] += i
    return xs, ys


@row(*COUNTS)
def the_one_before(a, b):
    before = [0]
    for i in range(b):
        current = [i]
        if i > 1:
            before.append(i)
        before = current
        current[0] += a
    return before


@row(*COUNTS)
def kept_of_many(a, b):
    best = None
    for i in range(b):
        candidate = [a, i]
        if best is None or i % 2:
            best = candidate
        candidate[0] = candidate[0] + 10
    return best


@row(*COUNTS)
def either_of_two_lists(a, b):
    xs = [a, b]
    first = xs
    if b > 1:
        xs = list(xs)
    if a > -1:
        found = xs
    else:
        found = [1]
    xs.append(5)
    found.append(6)
    return xs, found, first


@row(*COUNTS)
def either_returned_in_a_try(a, b):
    xs = [a, b]
    first = xs
    if b > 1:
        xs = list(xs)
    try:
        if a > -1:
            return xs
    finally:
        xs.pop()
    return first


@row(*COUNTS)
def put_into_a_list(a, b):
    xs = [a, b]
    rows = [xs, [a]]
    for i in range(b):
        rows[i % 2] = xs
    rows[1].append(6)
    return xs, rows


@row(*COUNTS)
def replaced_in_a_loop(a, b):
    xs = [a, b]
    first = xs
    for _ in range(b):
        xs = list(xs)
    xs.append(7)
    return xs, first


@row(*COUNTS)
def replaced_in_a_loop_by_another_name(a, b):
    xs = [a, b]
    other, pair = xs, (xs, b)
    for i in range(b):
        other, pair = [i], ([i], i)
    xs.append(7)
    return xs, other, pair


@row(*COUNTS)
def changed_before_it_is_replaced(a, b):
    xs = [a, b]
    other = xs
    for i in range(b):
        other[0] += 1
        other = [i, i]
    return xs, other, xs is other


@row(*COUNTS)
def argument_that_a_helper_replaces(a, b):
    def run(state):
        for i in range(b):
            state = [item + i for item in state]
        state[0] = state[0] + 1
        return state

    given = [a, a]
    return run(given), given


@row(*COUNTS)
def object_that_is_replaced(a, b):
    box = Box(a)
    other = box
    for _ in range(b):
        other = Box(other.item + 1)
    other.item = other.item + 5
    return box.item, other.item


@row(*COUNTS)
def none_or_a_list(a, b):
    log, found, number = [1], None, b
    for _ in range(b):
        found = log
        number = log
    if found is not None:
        found.append(a)
        number.append(b)
    return log, found is log


@row(*COUNTS)
def parts_of_a_growing_list(a, b):
    items = [a, b]
    if b > 3:
        return items
    items = [item for item in items if item > 0]
    items = items[1:]
    items.append(tf.constant(3))
    ordered = sorted(items)
    ordered.append(a)
    return items, ordered


@row(*COUNTS)
def changed_or_replaced(a, b):
    box, items = Box(a), [a]
    if b > 1:
        box.item = box.item + 1
        items[0] = items[0] + 1
    else:
        box, items = Box(b), [b]
    return box.item, items


@row(*COUNTS)
def best_of_a_display(a, b):
    items, count = [a, b], 0
    while count < 3 and b > a:
        count += 1
        b = max([count, *items], key=lambda item: -item)
    return b


@row(*COUNTS)
def parts_assigned_in_a_loop(a, b):
    items = [a, b]
    for i in range(b):
        items[i % 2 :] = [i, *items[:1]]
        del items[3:]
    return items


def nested():
    """Containers of the caller's, in one another: each of them is changed by its own name."""
    return {"rows": [[t(1.0)], [t(2.0)]], "last": [t(3.0)]}


@row((nested(), t(1)), (nested(), t(-1)))
def rows_swapped_and_changed(tree, n):
    rows = tree["rows"]
    rows[0], rows[1] = rows[1], rows[0]
    rows[0].append(t(4.0))
    if n > 0:
        rows[1].append(t(5.0))
    return rows[0]


@row((nested(), t(1)), (nested(), t(-1)))
def changed_after_it_was_replaced(tree, n):
    last = tree["last"]
    tree["last"] = []
    if n > 0:
        last.append(t(6.0))
    tree["rows"].insert(0, last)
    return last, tree["last"]


@row((nested(), t(1)), (nested(), t(-1)))
def taken_out_and_changed(tree, n):
    row = tree["rows"].pop()
    row.append(t(7.0))
    tree["last"], tree["first"] = row, tree["last"]
    return row if n > 0 else tree["rows"]


@row((nested(), t(1)), (nested(), t(-1)))
def changed_before_it_fails(tree, n):
    row = tree["rows"].pop(0)
    row.append(t(8.0))
    tree["kept"] = row
    assert n > 0, "negative"
    return tree["kept"]


class Obj:
    def __init__(self, k):
        self.k = k


@row((t([1.0, 2.0]), t(1)), (t([1.0, 2.0]), t(-1)))
def grads(x, c):
    a, b = Obj(x * 2), Obj(x * 3)
    sel = [a]
    with tf.GradientTape() as tape:
        tape.watch(x)
        a.k = x * x
        b.k = x * 5
        if c > 0:
            sel.append(b)
        for s in sel:
            s.k = s.k * 2
        loss = sum(tf.reduce_sum(s.k) for s in sel)
    return tape.gradient(loss, x), tf.reduce_sum(a.k)


@row((t(1), t(2)), (t(-1), t(2)), (t(-1), t(-2)))
def arm_in_arm(c, d):
    best = None
    pool = []
    if c > 0:
        if d > 0:
            best = Obj(c)
            pool.append(best)
        other = Obj(d)
        pool.append(other)
        other.k = other.k + 1
    elif d > 0:
        best = Obj(d * 10)
        pool = [best, best]
    if best is not None:
        best.k = best.k * 2
    return [p.k for p in pool], None if best is None else best.k


@row((t(1), t(2)), (t(-1), t(2)))
def raise_in_arm(c, d):
    log = []
    try:
        if c > 0:
            o = Obj(d)
            log.append(o)
            o.k = o.k + 1
            raise ValueError("x")
        log.append(Obj(0))
    except ValueError:
        log.append(Obj(7))
    return [l.k for l in log]


@row((t(1), t(2)), (t(-1), t(2)))
def raise_after(c, d):
    o = Obj(1)
    log = []
    if c > 0:
        log.append(o)
    o.k = d
    if log:
        raise KeyError(log[0].k)
    return o.k


@row(([1], t(1)), ([1], t(-1)))
def caller_list(xs, c):
    inner = [5]
    if c > 0:
        xs.append(inner)
        inner.append(6)
    inner.append(7)
    return xs, inner


@row(([], {}, t(1)), ([], {}, t(-1)))
def caller_dict(xs, d, c):
    o = Obj(1)
    if c > 0:
        d["o"] = o
        xs.append(o)
    o.k = 9
    return xs, d


@row((t(3), t(1)), (t(0), t(1)))
def loop_arm_names(n, c):
    total = 0
    for i in range(n):
        a = b = None
        if i % 2 == 0:
            a = Obj(i)
            b = a
        else:
            b = Obj(-i)
        b.k = b.k + 1
        total += b.k + (0 if a is None else a.k)
    return total


@row((t(3), t(1)), (t(0), t(1)))
def sets_and_dicts(n, c):
    d = {"x": [1]}
    e = d
    if c > 0:
        f = {"x": d["x"], "y": [2]}
        d = f
        e = f
    d["x"].append(3)
    e["z"] = 4
    return d, e


@row((t(3), t(1)), (t(2), t(-1)))
def self_ref(n, c):
    class N:
        pass

    root = None
    if c > 0:
        root = N()
        root.v = n
        root.next = root
    if root is None:
        return -1
    root.next.v = root.v + 1
    return root.v, root.next is root


ARMS = ((t(0), t(5)), (t(1), t(5)), (t(2), t(5)))


@row(*ARMS)
def another_arm_makes_a_new_list(which, x):
    out, other = [x], []
    if which == 0:
        out.append(x)
    elif which == 1:
        out = [x * 2]
    else:
        other = out
    out.append(x * 3)
    return other, out


@row(*ARMS)
def another_arm_makes_a_new_object(which, x):
    box, other = Box(x), Box(x + 1)
    if which == 0:
        box, other = other, box
    elif which == 1:
        box = Box(x * 2)
    else:
        other = box
    box.item = box.item + 3
    return box.item, other.item, box is other


@row(*ARMS)
def another_iteration_makes_a_new_list(which, x):
    out, other = [x], []
    for i in tf.range(4):
        if i == which:
            other = out
        elif i == which + 1:
            out = [x]
        out.append(i)
    return other, out


@row(*ARMS)
def lists_that_change_places(which, x):
    out, other = [x], [x + 1]
    for i in tf.range(5):
        if i % 3 == which:
            out.append(i)
        elif i > which:
            out, other = other, out
        else:
            other = out
    return other, out, out is other


@row(*ARMS)
def a_closure_names_what_an_arm_gave_it(which, x):
    kept = []

    def keep(items):
        nonlocal kept
        kept = items

    out = [x]
    if which == 0:
        keep(out)
    elif which == 1:
        out = [x * 2]
    out.append(x * 3)
    return kept, out


@row(*COUNTS)
def put_by_setdefault(a, b):
    made, old = {}, {"x": [a]}
    made.setdefault("x" if b > 1 else "y", []).append(b)
    taken = old.setdefault("x" if b > 1 else "y", [])
    taken.append(b)
    other = (made if b > 3 else old).setdefault("z", [])
    other.append(a)
    return made, old, taken


class Named:
    def __getattr__(self, name):
        if name == "missing":
            raise AttributeError(name)
        return len(name)


class Kept:
    @functools.cached_property
    def item(self):
        return [1]


@row(*COUNTS)
def an_attribute_over_that_of_the_class(a, b):
    named, kept = Named(), Kept()
    if b > 1:
        named.item = named.missing = kept.item = b
    seen = kept.item
    if b < 2:
        seen.append(3)
    return named.item, getattr(named, "missing", -1), hasattr(named, "missing"), kept.item


class Steps:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return self

    def __next__(self):
        if self.count <= 0:
            raise StopIteration
        self.count = self.count - 1
        return self.count


@row(*COUNTS)
def next_of_a_class_with_a_default(a, b):
    known, steps = Steps(1), Steps(b)
    first = next(known)
    return first, next(known, "end"), next(steps, -1), next(steps, -1), steps.count
